"""`book backup`: a verified copy of the book in one file, with a manifest that a member signed."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cloudbooks.books.desk import Desk
from cloudbooks.books.encrypting import Lock, encrypt
from cloudbooks.books.signing import signed
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.note import SignedNote
from cloudbooks.errors import ChainFault, Finding, Refusal, Sentence, sentence
from cloudbooks.store.book_file import Head
from cloudbooks.store.duplicating import duplicate
from cloudbooks.store.sentence_text import finding_of
from cloudbooks.system import backup_file, files, own_process, pins
from cloudbooks.system.clock import instant
from cloudbooks.system.private_copy import left_behind, private_folder

FORM = "cloudbooks/backup/v1"
SUFFIX = ".cbk-backup"
AGE_SUFFIX = ".age"
BACKUP_DAYS = 7
"""After so many days a backup is an old one."""

_LINES = 6


class CopyInvalid(ChainFault):
    """A copy of a book, made for a backup or taken out of one, does not verify; it was thrown away."""

    code = "copy-invalid"

    def __init__(self, name: str, findings: tuple[Finding, ...], *, restoring: bool = False) -> None:
        message = sentence("the copy of {name} does not verify; nothing was kept.", name=name)
        hint = sentence("cloudbooks verify")
        if restoring:
            message = sentence("the book in {name} does not verify; nothing was restored.", name=name)
            hint = sentence("another backup, or a peer: cloudbooks init NAME --from URL")
        super().__init__(message, hint=hint, findings=findings)


class CopyUnverified(Refusal):
    """The process that was to verify a copy of a book ended before it was done; the copy was thrown away."""

    code = "copy-unverified"

    def __init__(self, name: str, why: Sentence) -> None:
        super().__init__(
            sentence(
                "the process that verified the copy of {name} ended before it was done ({why}); nothing was kept.",
                name=name, why=why,
            ),
            hint=sentence("df -h and free -h show what may have run out; the same command again"),
        )  # fmt: skip


class BackupThere(Refusal):
    """The file that a backup was to be written to exists."""

    code = "backup-there"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("{path} exists; a backup never replaces another file.", path=str(path)),
            hint=sentence("cloudbooks book backup FILE with another name"),
        )


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself: the book's id, the `b3` and size of its file, its last block, and when it was made.

    The last block has this `number` and `hash`.
    """

    book: str
    b3: str
    size: int
    number: int
    hash: str
    made_at: str

    def text(self) -> str:
        """The lines that are signed."""
        return f"{FORM}\n{self.book}\n{self.b3}\n{self.size}\n{self.number} {self.hash}\n{self.made_at}\n"

    @classmethod
    def read(cls, note: SignedNote) -> Manifest:
        """The manifest of a signed note; raises `ValueError`."""
        lines = note.text.splitlines()
        number, hash_ = lines[4].split(" ")
        if len(lines) != _LINES or lines[0] != FORM:
            raise ValueError(note.text)
        found = cls(lines[1], lines[2], int(lines[3]), int(number), hash_, lines[5])
        if found.text() != note.text:
            raise ValueError(note.text)
        return found


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A backup: its file and size, what it says of itself, and whether this machine could note that it was made.

    `opened` says of an encrypted one whether it was decrypted again here; it is `None` for one in clear.
    """

    path: Path
    size: int
    manifest: Manifest
    opened: bool | None = None
    findings: tuple[Finding, ...] = ()


def backup(desk: Desk, target: Path | None, lock: Lock | None = None) -> BackedUp:
    """Copy the book, verify the copy in a process of its own, sign what it is, and write one file; never over another.

    Without a target it lies beside the book, named after its day and head. With a lock the file is encrypted, after
    the manifest was signed; what is in clear then never leaves the book's own folder. Raises `BackupThere`,
    `CopyInvalid`, `EncryptionUnsound`, `FileNotWritten`, and what opening, signing, age and the disk refuse; then
    nothing is left.
    """
    if lock is not None:
        lock.demand()
    with desk.open() as book:
        if book.stopped is not None:
            raise book.stopped
        assert book.head is not None
        pin = pins.pinned(desk.state, book.id)
        path = (target or _beside(desk, book.head, lock)).absolute()
        if path.exists():
            raise BackupThere(path)
        _, signer = desk.signer(book)
        here = desk.book.absolute().parent
        with _writing(path), private_folder(here if lock else path.parent) as own:
            copy = own / backup_file.BOOK
            duplicate(book, copy)
            number, hash_ = verified(copy, desk.book.name, pin)
            b3, size = backup_file.digest(copy)
            manifest = Manifest(book.id, b3, size, number, hash_, instant(desk.clock.now()))
            with backup_file.appearing(path) as draft:
                opened = _fill(draft, signed(manifest.text(), signer), copy, lock, path)
    said = (*_remembered(desk, path, manifest), *left_behind(here))
    said += lock.identities.findings if lock and lock.identities else ()
    return BackedUp(path, path.stat().st_size, manifest, opened, said)


def _beside(desk: Desk, head: Head, lock: Lock | None) -> Path:
    name = f"{desk.book.stem}-{desk.today.isoformat()}-{head.number}{SUFFIX}{AGE_SUFFIX if lock else ''}"
    return desk.book.with_name(name)


def _fill(draft: Path, note: bytes, copy: Path, lock: Lock | None, shown: Path) -> bool | None:
    """Write the backup: in clear, or encrypted by way of a private file beside the copy."""
    if lock is None:
        with backup_file.new_file(draft) as file:
            backup_file.write(file, note, copy)
        return None
    plain = copy.with_name("backup")
    with backup_file.new_file(plain) as file:
        backup_file.write(file, note, copy)
    # The disk need not hold the book once more while it is encrypted.
    files.unlink(copy)
    return encrypt(plain, draft, lock, shown)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise BackupThere(path) from None
    except OSError as error:
        raise files.FileNotWritten(path, error) from error


def verified(copy: Path, name: str, pin: str, *, restoring: bool = False) -> tuple[int, str]:
    """Verify a book file in a process of its own, as one would who has only that; gives number and hash of its end.

    That process keeps its state beside the copy, in a folder that goes with it. Raises `CopyInvalid` with what was
    found, in words for a backup or for `restoring`, and `CopyUnverified`.
    """
    # Nothing of the settings of this process.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CLOUDBOOKS_")}
    words = own_process.command("cloudbooks.books.verifying_alone", str(copy), str(copy.with_name("verifying")), pin)
    done = subprocess.run(  # noqa: S603 - our own module, and a path that was made here
        words, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    try:
        said = json.loads(done.stdout)
    except ValueError:
        raise CopyUnverified(name, _ended(done)) from None
    if said["whole"]:
        return int(said["number"]), str(said["hash"])
    # Their hints would mend the copy, which is gone.
    findings = tuple(finding_of(one)._replace(hint=None) for one in said["findings"])
    raise CopyInvalid(name, findings, restoring=restoring)


def _ended(done: subprocess.CompletedProcess[bytes]) -> Sentence:
    """How a process ended that gave no answer."""
    if done.returncode < 0:
        return sentence("signal {number}", number=-done.returncode)
    last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
    return sentence("{what}", what=last or str(done.returncode))


def read_manifest(path: Path) -> tuple[Manifest, SignedNote]:
    """The manifest of a backup, whose signature is yet to be verified; raises `BackupUnreadable`."""
    try:
        note = SignedNote.parse(backup_file.manifest_of(path))
        return Manifest.read(note), note
    except (FormFault, ValueError, IndexError) as error:
        raise backup_file.BackupUnreadable(path) from error


def _remembered(desk: Desk, path: Path, manifest: Manifest) -> tuple[Finding, ...]:
    """Keep, in the state folder, which backup of a book was verified last; a finding where that takes nothing."""
    try:
        remember(desk.state, manifest.book, LastBackup(manifest.made_at, manifest.number, str(path)))
    except OSError as error:
        message = sentence("the backup is whole, but it could not be noted here: {why}.", why=files.reason(error))
        return (Finding("backup-not-noted", path.name, message, warning=True),)
    return ()


@dataclass(frozen=True, slots=True)
class LastBackup:
    """A verified backup of a book: when it was made, or restored (UTC), its last block, and where it was written."""

    made_at: str
    number: int
    path: str


_RESTORED = ".restored"


def remember(state: Path, book: str, last: LastBackup, *, restored: bool = False) -> None:
    """Keep, in the state folder, the last backup that was made, or restored from; raises `OSError`."""
    line = {"made_at": last.made_at, "number": last.number, "path": last.path}
    folder = files.private_folder(state / "backups")
    with files.locked(folder / "backups.lock"):
        files.replace_whole(folder / (book + _RESTORED * restored), json.dumps(line).encode() + b"\n")


def last_backup(state: Path, book: str, *, restored: bool = False) -> LastBackup | None:
    """The last backup that was verified on this machine, or the last one whose book came out of it and verified.

    `None` where there is none, or nothing that can be read.
    """
    try:
        path = state / "backups" / (book + _RESTORED * restored)
        kept = json.loads(files.read_regular(path, backup_file.MANIFEST_BYTES_MAX))
        return LastBackup(str(kept["made_at"]), int(kept["number"]), str(kept["path"]))
    except (OSError, ValueError, KeyError, TypeError, files.FileUnfit):
        return None
