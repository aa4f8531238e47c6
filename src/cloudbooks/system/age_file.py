"""Files encrypted with age (age-encryption.org/v1), through the extra `age`; `age` and `rage` read and write the same.

pyrage is told to read and write files that were opened here, never paths: `pyrage.encrypt_file` loses the last bytes
without a word where the disk is full (1.4.0).
"""

from __future__ import annotations

import errno
import io
import os
import re
import stat
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Final

from cloudbooks.core.text import shell_word
from cloudbooks.errors import Finding, Refusal, sentence

MAGIC: Final = b"age-encryption.org/v1\n"
PASSPHRASE_BYTES_MAX: Final = 1 << 30
"""What is encrypted with a passphrase is in memory as a whole, so there is a most of it."""

_HEAD_MAX = 1 << 16
_KEYS_MAX = 1 << 16
_CHUNK, _TAG, _NONCE = 1 << 16, 16, 16
_RECIPIENT = re.compile(r"age1[02-9ac-hj-np-z]{58}", re.ASCII)
_SECRET = re.compile(r"AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}", re.ASCII)
_OTHERS_MAY = stat.S_IRWXG | stat.S_IRWXO
_ERRNO = re.compile(r"\[Errno (\d+)\]", re.ASCII)


class AgeMissing(Refusal):
    """The extra `age` is not installed, without which nothing is encrypted or decrypted."""

    code = "age-missing"

    def __init__(self) -> None:
        super().__init__(
            sentence("what encrypts with age is not installed here; nothing was written."),
            hint=sentence('pip install "cloudbooks[age]"'),
        )


class RecipientUnreadable(Refusal):
    """What a backup is to be encrypted to is neither an age public key nor a file of such keys."""

    code = "age-recipient"

    def __init__(self, words: str) -> None:
        super().__init__(
            sentence('"{words}" is no age public key, and no file with one a line.', words=words),
            hint=sentence("age-keygen -o FILE makes a key, and prints its public half: age1…"),
        )


class SecretGiven(Refusal):
    """A secret key of age was given where a public one belongs; the command line is no place for it."""

    code = "age-secret-given"

    def __init__(self) -> None:
        super().__init__(
            sentence("a secret key was given in place of a public one; the shell's history may have it now."),
            hint=sentence("age-keygen -y FILE prints the public half; a new key is safer"),
        )


class IdentityUnreadable(Refusal):
    """An identity file of age cannot be read, or holds no secret key of the kind `AGE-SECRET-KEY-1…`."""

    code = "age-identity"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("{path} holds no age secret key that can be read.", path=str(path)),
            hint=sentence("age-keygen -o FILE writes such a file: AGE-SECRET-KEY-1… on a line of its own"),
        )


class KeyWrong(Refusal):
    """Neither the passphrase nor any key that was given opens a file encrypted with age, or its head was changed."""

    code = "age-key-wrong"

    def __init__(self, path: Path, *, passphrase: bool) -> None:
        message = sentence("no key that was given opens {path}; nothing was written.", path=str(path))
        hint = sentence("--identity FILE with another key; if it is the right one, the file was changed")
        if passphrase:
            message = sentence("the passphrase does not open {path}; nothing was written.", path=str(path))
            hint = sentence("type it again; if it is the right one, the file was changed")
        super().__init__(message, hint=hint)


class PassphraseTooMuch(Refusal):
    """More is to be encrypted with a passphrase than is ever done so, since it takes twice as much memory."""

    code = "age-too-large"

    def __init__(self, size: int) -> None:
        super().__init__(
            sentence("{size} bytes are too many to encrypt with a passphrase.", size=f"{size:,}"),
            hint=sentence("cloudbooks book backup FILE --age RECIPIENT, which takes any size"),
        )


class NotWhole(Exception):
    """The bytes of an age file are cut off, changed, or not such a file; whoever reads it says which file it was."""


class Form(Enum):
    """What opens an age file: an identity of one of its recipients, or its passphrase."""

    RECIPIENTS = "recipients"
    PASSPHRASE = "passphrase"  # noqa: S105 - the name of a kind, not a secret


@dataclass(frozen=True, slots=True)
class Recipients:
    """The public keys that a file is encrypted to, as texts `age1…`."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Passphrase:
    """A passphrase; it never shows itself."""

    text: str


@dataclass(frozen=True, slots=True, repr=False)
class Identities:
    """The secret keys of an identity file, with what is to be said about the file; it never shows them."""

    path: Path
    keys: tuple[str, ...]
    findings: tuple[Finding, ...] = ()

    def public(self) -> frozenset[str]:
        """Their public halves."""
        pyrage = _pyrage()
        return frozenset(str(pyrage.x25519.Identity.from_str(key).to_public()) for key in self.keys)


def demand() -> None:
    """Raise `AgeMissing` where the extra is not installed."""
    _pyrage()


def form_of(path: Path) -> Form | None:
    """What opens a file, by its first bytes; `None` for one that is not encrypted with age. Raises `OSError`."""
    with path.open("rb") as file:
        start = file.read(_HEAD_MAX)
    if not start.startswith(MAGIC):
        return None
    return Form.PASSPHRASE if start[len(MAGIC) :].startswith(b"-> scrypt ") else Form.RECIPIENTS


def recipients(words: tuple[str, ...]) -> Recipients:
    """The public keys of what was given: each a key, or a file with one a line, `#` beginning a comment.

    Raises `RecipientUnreadable`, `SecretGiven`, `AgeMissing`.
    """
    pyrage = _pyrage()
    found: dict[str, None] = {}
    for word in words:
        # Before anything else is done with it: no message repeats a secret.
        if "AGE-SECRET-KEY-" in word.upper():
            raise SecretGiven
        for key in [word] if word.startswith("age1") else _lines(Path(word), RecipientUnreadable(word)):
            if "AGE-SECRET-KEY-" in key.upper():
                raise SecretGiven
            try:
                pyrage.x25519.Recipient.from_str(key)
            except pyrage.RecipientError as error:
                raise RecipientUnreadable(word) from error
            if not _RECIPIENT.fullmatch(key):
                raise RecipientUnreadable(word)
            found[key] = None
    if not found:
        raise RecipientUnreadable(" ".join(words))
    return Recipients(tuple(found))


def identities(path: Path) -> Identities:
    """The secret keys of an identity file, as `age-keygen` writes it; a finding where others may read it.

    Raises `IdentityUnreadable`, `AgeMissing`.
    """
    pyrage = _pyrage()
    keys = tuple(_lines(path, IdentityUnreadable(path)))
    try:
        for key in keys:
            pyrage.x25519.Identity.from_str(key)
    except pyrage.IdentityError:
        # Without its cause, since that may repeat what it was given.
        raise IdentityUnreadable(path) from None
    if not keys or not all(_SECRET.fullmatch(key) for key in keys):
        raise IdentityUnreadable(path)
    findings: tuple[Finding, ...] = ()
    if os.name != "nt" and path.stat().st_mode & _OTHERS_MAY:
        message = sentence("others may read this file of secret keys.")
        hint = sentence("chmod 600 {path}", path=shell_word(str(path)))
        findings = (Finding("identity-open", path.name, message, hint, warning=True),)
    return Identities(path, keys, findings)


def encrypt(source: Path, target: IO[bytes], key: Recipients | Passphrase) -> None:
    """Write a file, encrypted, to one that was opened; raises `OSError`, `PassphraseTooMuch`, `AgeMissing`."""
    pyrage = _pyrage()
    with source.open("rb") as opened:
        if isinstance(key, Passphrase):
            size = source.stat().st_size
            if size > PASSPHRASE_BYTES_MAX:
                raise PassphraseTooMuch(size)
            target.write(pyrage.passphrase.encrypt(opened.read(), key.text))
            return
        try:
            pyrage.encrypt_io(opened, target, [pyrage.x25519.Recipient.from_str(one) for one in key.keys])
        except pyrage.EncryptError as error:
            # The system's reason is in the text only.
            said = _ERRNO.search(str(error))
            raise OSError(int(said[1]) if said else errno.EIO, str(error)) from error


def decrypt(source: Path, target: IO[bytes], key: Identities | Passphrase, shown: Path) -> None:
    """Write what is in an age file to one that was opened; what is there after a failure is to be thrown away.

    Raises `KeyWrong`, which calls the file `shown`, `NotWhole`, `AgeMissing`, and `OSError` for the disk.
    """
    pyrage = _pyrage()
    with source.open("rb") as opened:
        _demand_whole_head(opened)
        try:
            if isinstance(key, Passphrase):
                if source.stat().st_size > PASSPHRASE_BYTES_MAX + _HEAD_MAX:
                    raise PassphraseTooMuch(source.stat().st_size)
                target.write(pyrage.passphrase.decrypt(opened.read(), key.text))
            else:
                pyrage.decrypt_io(opened, target, [pyrage.x25519.Identity.from_str(one) for one in key.keys])
        except pyrage.DecryptError as error:
            if str(error).startswith(_KEY_WRONG):
                raise KeyWrong(shown, passphrase=isinstance(key, Passphrase)) from error
            raise NotWhole from error
        except OSError as error:
            # "decryption error" of a chunk comes as one without a number; the disk's own have theirs.
            if error.errno is None and not _ERRNO.search(str(error)):
                raise NotWhole from error
            raise


_KEY_WRONG: Final = ("No matching keys found", "Decryption failed")


def demand_length(path: Path, inside: int) -> None:
    """Raise `NotWhole` unless an age file is as long as one around `inside` bytes is, by the form of its payload."""
    with path.open("rb") as file:
        head = _demand_whole_head(file)
    chunks = max(1, -(-inside // _CHUNK))
    if path.stat().st_size != head + _NONCE + inside + chunks * _TAG:
        raise NotWhole


def _demand_whole_head(file: IO[bytes]) -> int:
    """The length of the head, which ends with a line of three dashes and a code; `NotWhole` where it does not end."""
    start = file.read(_HEAD_MAX)
    file.seek(0)
    begins = start.find(b"\n--- ")
    ends = start.find(b"\n", begins + 1)
    if not start.startswith(MAGIC) or begins < 0 or ends < 0:
        raise NotWhole
    return ends + 1


def _lines(path: Path, unreadable: Refusal) -> list[str]:
    """The lines of a file of keys, without comments and empty ones."""
    try:
        with path.open("rb") as file:
            data = file.read(_KEYS_MAX + 1)
        if len(data) > _KEYS_MAX:
            raise unreadable
        text = io.StringIO(data.decode("ascii", "replace"))
    except OSError as error:
        raise unreadable from error
    lines = (line.strip() for line in text)
    return [line for line in lines if line and not line.startswith("#")]


def _pyrage() -> Any:
    try:
        return import_module("pyrage")
    except ImportError as error:
        raise AgeMissing from error
