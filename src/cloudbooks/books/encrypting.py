"""Backups that only a key or a passphrase opens: the signed backup inside an age file, looked at before it counts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cloudbooks.errors import Refusal, sentence
from cloudbooks.system import age_file, backup_file
from cloudbooks.system.age_file import Identities, Passphrase, Recipients


class EncryptionUnsound(Refusal):
    """What was encrypted does not come out again as it went in, or is not as long as it must be; it was thrown away."""

    code = "backup-encryption"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("{path} was encrypted, but not so that it opens again; nothing was kept.", path=str(path)),
            hint=sentence("the same command again, to another disk; df -h {folder}", folder=str(path.parent)),
        )


class IdentityOther(Refusal):
    """The identity that is to show that a backup opens is that of none of its recipients."""

    code = "age-identity-other"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("no key in {path} is that of a recipient; it could not open the backup.", path=str(path)),
            hint=sentence("age-keygen -y {path} prints the recipient to add: --age age1…", path=str(path)),
        )


@dataclass(frozen=True, slots=True)
class Lock:
    """What a backup is encrypted with, and what shows that it opens again: the passphrase, or an own identity.

    Without an identity the writer has only public keys, and nobody here can open what was written.
    """

    key: Recipients | Passphrase
    identities: Identities | None = None

    @property
    def opener(self) -> Identities | Passphrase | None:
        """What opens the file again; `None` where only others can."""
        return self.key if isinstance(self.key, Passphrase) else self.identities

    @property
    def recipients(self) -> tuple[str, ...] | None:
        """The public keys that it is encrypted to; `None` where a passphrase opens it."""
        return self.key.keys if isinstance(self.key, Recipients) else None

    def demand(self) -> None:
        """Raise `AgeMissing`, or `IdentityOther`, before anything is done."""
        age_file.demand()
        own = self.identities
        if isinstance(self.key, Recipients) and own is not None and not own.public() & set(self.key.keys):
            raise IdentityOther(own.path)


def encrypt(plain: Path, draft: Path, lock: Lock, shown: Path) -> bool:
    """Encrypt a file into a new one, and look whether it opens again; whether that could be tried.

    Where it cannot, its head and its length are looked at. Raises `EncryptionUnsound`, which calls it `shown`,
    `PassphraseTooMuch`, `OSError`.
    """
    with backup_file.new_file(draft) as file:
        age_file.encrypt(plain, file, lock.key)
    again = plain.with_name("again")
    try:
        age_file.demand_length(draft, plain.stat().st_size)
        if lock.opener is None:
            return False
        with backup_file.new_file(again) as file:
            age_file.decrypt(draft, file, lock.opener, shown)
    except (age_file.NotWhole, age_file.KeyWrong) as error:
        raise EncryptionUnsound(shown) from error
    if backup_file.digest(again) != backup_file.digest(plain):
        raise EncryptionUnsound(shown)
    return True


def decrypt(backup: Path, plain: Path, key: Identities | Passphrase) -> None:
    """Write what is in an encrypted backup to a new file; raises `BackupUnreadable`, `KeyWrong`, `OSError`."""
    try:
        with backup_file.new_file(plain) as file:
            age_file.decrypt(backup, file, key, backup)
    except age_file.NotWhole as error:
        raise backup_file.BackupUnreadable(backup) from error
