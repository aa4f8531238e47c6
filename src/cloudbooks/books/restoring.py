"""`book restore`: the book of a backup, verified before it has a name, and never over another file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cloudbooks.books.backing_up import LastBackup, Manifest, read_manifest, remember, verified
from cloudbooks.books.desk import Desk
from cloudbooks.books.encrypting import decrypt
from cloudbooks.books.fitting import fit_name
from cloudbooks.chain import record
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.note import SignedNote, Vkey
from cloudbooks.core.text import shell_word
from cloudbooks.errors import ChainFault, Finding, Noticed, Refusal, sentence
from cloudbooks.store import log, migrating, moving, reading, receipt, schema, trusting
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.place import resolved
from cloudbooks.store.receipt import Receipt
from cloudbooks.store.unit import operation
from cloudbooks.system import backup_file, files, pins
from cloudbooks.system.age_file import Form, Identities, Passphrase, form_of
from cloudbooks.system.chance import new_id
from cloudbooks.system.clock import instant, local_time
from cloudbooks.system.private_copy import left_behind, private_folder


class BackupSigner(ChainFault):
    """The manifest of a backup bears no good signature of a member of the book in it, or speaks of another book."""

    code = "backup-signature"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("{path}: no member of the book signed what it holds; nothing was restored.", path=str(path)),
            hint=sentence("another backup, or a peer: cloudbooks init NAME --from URL"),
        )


class RestoreThere(Refusal):
    """The file that a book was to be restored to exists."""

    code = "restore-there"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("{path} exists; a book is never restored over another file.", path=str(path)),
            hint=sentence(
                "mv {path} {path}.old, or another name: cloudbooks book restore BACKUP NAME", path=shell_word(str(path))
            ),
        )


class RestoreBehind(Refusal):
    """A backup ends before the last block that was acknowledged on this machine."""

    code = "restore-behind"

    def __init__(self, manifest: Manifest, kept: Receipt) -> None:
        super().__init__(
            sentence(
                "the backup of {day} ends at block {number}; block {kept} was posted here on {at}.",
                day=manifest.made_at[:10], number=manifest.number, kept=kept.number, at=local_time(kept.written_at),
            ),
            hint=sentence(
                "a newer backup or a peer; or accept the loss, which the chain will say: --accept-loss REASON"
            ),
        )  # fmt: skip


class RestoreContradicts(ChainFault):
    """A backup holds another block than the one that was acknowledged on this machine under its number."""

    code = "restore-contradicts"

    def __init__(self, manifest: Manifest, kept: Receipt) -> None:
        super().__init__(
            sentence(
                "block {number} of the backup of {day} is not the one that was posted here on {at}; nothing was"
                " restored.",
                number=kept.number, day=manifest.made_at[:10], at=local_time(kept.written_at),
            ),
            hint=sentence("cloudbooks help book-contradicts-receipt"),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did, or would do: where the book is, its head, and the blocks lost by it (first, last).

    `migrated` is from which schema version to which the book was brought, `None` where it has this program's.
    """

    path: Path
    backup: Path
    manifest: Manifest
    name: str
    lost: tuple[int, int] | None
    findings: tuple[Finding, ...]
    migrated: tuple[int, int] | None = None


class KeyNeeded(Refusal):
    """A backup is encrypted with age, and nothing was given that opens it."""

    code = "age-key-needed"

    def __init__(self, path: Path, form: Form) -> None:
        message = sentence("{path} is encrypted to age recipients; nothing was written.", path=str(path))
        hint = sentence("--identity FILE with the secret key of one of them")
        if form is Form.PASSPHRASE:
            message = sentence("{path} is encrypted with a passphrase; nothing was written.", path=str(path))
            hint = sentence("--age-passphrase-file FILE, or a terminal to ask at")
        super().__init__(message, hint=hint)


Unlock = Callable[[Path, Form | None], Identities | Passphrase | None]
"""Gives what opens a backup of this form, and `None` for one that is in clear."""


def _without_key(backup: Path, form: Form | None) -> None:
    if form is not None:
        raise KeyNeeded(backup, form)


def restore(
    desk: Desk,
    backup: Path,
    *,
    unlock: Unlock = _without_key,
    pin: str = "",
    accept_loss: str = "",
    dry_run: bool = False,
) -> Restored:
    """Take the book out of a backup, verify it, and give it the name of the desk's book, which must be free.

    `pin` is the first member's key, else the one pinned on this machine. `accept_loss` is the reason for going on from
    a backup that is older than what was posted here: the receipt is set aside, and the next batch begins with a note of
    the lost blocks. What an encrypted one holds is in clear in a private folder beside the book only, until it is
    verified. A book of an earlier schema is brought to this one's. Raises `BackupMissing`, `BookNoBackup`,
    `BackupUnreadable`, `BackupSigner`, `CopyInvalid`, `CopyUnverified`, `KeyNeeded`, `KeyWrong`, `RestoreBehind`,
    `RestoreContradicts`, `RestoreThere`, `FileNotWritten`; then nothing was written.
    """
    backup_file.require_file(backup)
    _demand_room(desk.book)
    key = _key(backup, unlock)
    here = desk.book.absolute().parent
    try:
        with private_folder(here) as own:
            plain = backup
            if key is not None:
                plain = own / "backup"
                decrypt(backup, plain, key)
            restored = _restored(desk, _Source(backup, plain, own), pin, accept_loss, dry_run=dry_run)
    except OSError as error:
        raise files.FileNotWritten(desk.book, error) from error
    said = (*(key.findings if isinstance(key, Identities) else ()), *left_behind(here), *_remembered(desk, restored))
    return replace(restored, findings=(*said, *(() if dry_run else _acknowledged(desk))))


@dataclass(frozen=True, slots=True)
class _Source:
    """A backup: the file that was named, the one that holds it in clear, and the private folder to work in."""

    named: Path
    plain: Path
    own: Path


def _key(backup: Path, unlock: Unlock) -> Identities | Passphrase | None:
    try:
        form = form_of(backup)
    except OSError as error:
        raise backup_file.BackupUnreadable(backup, files.reason(error)) from error
    return unlock(backup, form)


def _restored(desk: Desk, source: _Source, pin: str, accept_loss: str, *, dry_run: bool) -> Restored:
    """Verify the book of a backup in the private folder, and give it its name."""
    copy = source.own / backup_file.BOOK
    try:
        manifest, note = read_manifest(source.plain)
        kept = _receipt(desk, manifest.book)
        backup_file.extract(source.plain, copy, b3=manifest.b3, size=manifest.size)
    except backup_file.BackupUnreadable as error:
        # It is the file that was named which is not whole, not what came out of it.
        raise backup_file.BackupUnreadable(source.named) from error
    known = pin or pins.pinned(desk.state, manifest.book)
    head = verified(copy, source.named.name, known, restoring=True)
    looking = replace(desk, book=copy, state=source.own / "state", writes=False, noticed=Noticed())
    with looking.open() as book:
        _require_signed(source.named, book, manifest, note, head)
        lost = _lost(desk, book, manifest, kept, accept_loss)
        name = reading.facts(book).name
        first_key = _first_key(book)
        migrated = None if book.older is None else (book.version, schema.VERSION)
        if not dry_run:
            # The backup stays as it is, so that it is the copy that a migration keeps.
            migrating.migrate(book)
        if lost and accept_loss and not dry_run:
            _note_loss(looking, book, lost, accept_loss)
    restored = Restored(desk.book, source.named, manifest, name, lost, (), migrated)
    if dry_run:
        return restored
    with _loss(desk, manifest, kept if lost and accept_loss else None):
        _name(desk, copy, manifest.book, pin or first_key)
    return restored


def _remembered(desk: Desk, restored: Restored) -> tuple[Finding, ...]:
    """Keep, in the state folder, which backup was last seen to hold a book that verifies: a trial counts too."""
    last = LastBackup(instant(desk.clock.now()), restored.manifest.number, str(restored.backup.absolute()))
    try:
        remember(desk.state, restored.manifest.book, last, restored=True)
    except OSError as error:
        message = sentence("the book is whole, but that could not be noted here: {why}.", why=files.reason(error))
        return (Finding("backup-not-noted", restored.backup.name, message, warning=True),)
    return ()


@contextmanager
def _loss(desk: Desk, manifest: Manifest, kept: Receipt | None) -> Iterator[None]:
    """Announce that the receipt `kept` will be older than it was, and keep a copy of it; taken back by a failure.

    A process that is killed once the book has its name leaves a book that opens: whoever opens it finishes the move.
    """
    if kept is None:
        yield
        return
    path = receipt.path_of(desk.state, manifest.book)
    aside = receipt.copy_aside(path, f"lost-{instant(desk.clock.now())[:10]}")
    try:
        moving.announce(desk.state, manifest.book, moving.Move(kept.hash, manifest.hash))
        yield
    except BaseException:
        if not _stands(desk.book):
            moving.withdraw(desk.state, manifest.book)
            files.unlink(aside)
        raise


def _acknowledged(desk: Desk) -> tuple[Finding, ...]:
    """Write the receipt where there is none: every byte was verified just now. Else what opening says."""
    with replace(desk, noticed=Noticed()).open() as book:
        if book.unsure != trusting.RECEIPT_NEW:
            return book.faults
        return tuple(trusting.acknowledge(book))


def _receipt(desk: Desk, book: str) -> Receipt | None:
    try:
        return receipt.read(desk.state, book)
    except receipt.Unreadable:
        return None


def _require_signed(backup: Path, book: BookFile, manifest: Manifest, note: SignedNote, head: tuple[int, str]) -> None:
    keys = [Vkey.parse(one.key) for one in reading.members(book) if not one.revoked]
    try:
        signers = note.verified_by(keys)
    except FormFault as fault:
        raise BackupSigner(backup) from fault
    if not signers or (manifest.book, manifest.number, manifest.hash) != (book.id, *head):
        raise BackupSigner(backup)


def _lost(
    desk: Desk, book: BookFile, manifest: Manifest, kept: Receipt | None, accept_loss: str
) -> tuple[int, int] | None:
    """The blocks that were acknowledged here and are not in the backup, if any."""
    if kept is None:
        return None
    number = manifest.number
    if kept.number <= number:
        rows = log.blocks(book)
        if rows[kept.number].hash != kept.hash:
            raise RestoreContradicts(manifest, kept)
        return None
    if not accept_loss and kept.path == str(resolved(desk.book)):
        raise RestoreBehind(manifest, kept)
    return number + 1, kept.number


def _first_key(book: BookFile) -> str:
    """The key of the first member as it was first stated: what is pinned where nothing was."""
    from cloudbooks.chain import batch as batches  # noqa: PLC0415 - only for a book that is new here

    stored = log.StoredLog(book)
    data = stored.batch(stored.batch_of(0))
    records = batches.read(data).records if data else ()
    return next((one.key for one in records if isinstance(one, record.Member)), "")


def _note_loss(looking: Desk, book: BookFile, lost: tuple[int, int], reason: str) -> None:
    """Let the next batch begin with a note that names what is gone."""
    why = fit_name(sentence("the reason"), reason)
    gone = f"block {lost[0]} is" if lost[0] == lost[1] else f"blocks {lost[0]} to {lost[1]} are"
    text = f"restored from a backup; {gone} lost: {why}"
    note = record.Note(new_id(looking.clock), instant(looking.clock.now()), text, "restore")
    with operation(book, verb="book restore", summary=sentence("book restore"), by="") as unit:
        unit.put_pending(note)


def _demand_room(path: Path) -> None:
    """Refuse a name that is taken; one with nothing in it was taken by a restore that was stopped."""
    if _stands(path):
        raise RestoreThere(path)


def _stands(path: Path) -> bool:
    return path.is_symlink() or (path.exists() and not (path.is_file() and path.stat().st_size == 0))


def _name(desk: Desk, copy: Path, book: str, first_key: str) -> None:
    """Pin the first member's key, where none is pinned, and give the copy its name: both, or neither."""
    known = pins.pinned(desk.state, book)
    try:
        if not known:
            pins.pin(desk.state, book, first_key)
        _place(copy, desk.book)
    except BaseException:
        if not known and not _stands(desk.book):
            pins.forget(desk.state, book)
        raise


def _place(copy: Path, path: Path) -> None:
    try:
        # The name is taken with nothing in it first, so that a file of another program is never replaced.
        os.close(files.open_new(path))
    except FileExistsError:
        _demand_room(path)
    files.replace(copy, path)
    try:
        files.fsync_folder(path.parent)
    except OSError:
        # What is said not to be written is not there: the backup is, and can be restored again.
        files.unlink(path)
        raise
