"""Making a book: the file appears under its name with its first block in it, or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cloudbooks.chain.batch import Batch
from cloudbooks.chain.sealing import Sealed
from cloudbooks.chain.state import MemoryPast, State
from cloudbooks.errors import Refusal, sentence
from cloudbooks.store import commit as commits
from cloudbooks.store import meta, sqlite, trusting
from cloudbooks.store.commit import Committed, Seal
from cloudbooks.store.disk_faults import translated
from cloudbooks.store.header import Header
from cloudbooks.store.migrations import migrate
from cloudbooks.store.opening import Head
from cloudbooks.store.place import ALLOW_NETWORK, BookOnNetwork, has_journal, network_type, resolved
from cloudbooks.system import files
from cloudbooks.system.clock import Clock


class BookThere(Refusal):
    """There is a file of this name, and a book is never made over one."""

    code = "book-there"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("{path} exists; a book is never made over another file.", path=str(path)),
            hint=sentence("choose another name: cloudbooks init NAME"),
        )


class JournalThere(Refusal):
    """The journal of a book that was here lies where a new book is to be made; SQLite would roll it back into that."""

    code = "journal-there"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("{path}-journal is left of a book that is gone; a new book would be taken for that one.",
                     path=str(path)),
            hint=sentence("mv {path}-journal {path}-journal.old, or put that book back beside it", path=str(path)),
        )  # fmt: skip


class FolderMissing(Refusal):
    """The folder in which a book is to be made does not exist."""

    code = "folder-missing"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            sentence("there is no folder {folder}.", folder=str(folder)),
            hint=sentence("mkdir -p {folder}", folder=str(folder)),
        )


def create_book(
    path: Path,
    *,
    state: Path,
    clock: Clock,
    batch: Batch,
    seal: Seal,
    attachments: Mapping[str, bytes] | None = None,
) -> Committed:
    """Make a book file of mode 0600 with its first batch, and its receipt; `attachments` are bytes by their `b3:`.

    The file appears under its name whole, or not at all. Raises `BookThere` where something is.
    """
    path = resolved(path)
    try:
        _demand_room(path)
        files.private_folder(state)
        # One process makes a book at a time, so what lies there as a draft was left by one that was stopped.
        with files.locked(state / "making.lock"):
            sealed = _made(path, batch, seal, attachments or {})
    except OSError as error:
        raise files.FileNotWritten(path, error) from error
    header = sealed.block.header
    head = Head(header.number, sealed.block.hash, header.committed_at)
    findings = trusting.acknowledge_head(state, header.book, path, head, clock)
    return Committed(sealed.block, sealed.admitted, repeated=False, findings=tuple(findings))


def _made(path: Path, batch: Batch, seal: Seal, files_named: Mapping[str, bytes]) -> Sealed:
    draft = path.with_name(f".{path.name}.new")
    _clear(draft)
    try:
        os.close(files.open_new(draft))
        sealed = _write(draft, path, batch, seal, files_named)
        # The name is taken with nothing in it first, so that a file of another program is never replaced.
        _take_name(path)
        files.replace(draft, path)
        try:
            files.fsync_folder(path.parent)
        except BaseException:
            # Whoever asked is told that there is no book, so none may stand there, which the next one would find.
            _clear(path)
            raise
    finally:
        _clear(draft)
    return sealed


def _demand_room(path: Path) -> None:
    if not path.parent.is_dir():
        raise FolderMissing(path.parent)
    kind = network_type(path)
    if kind and not os.environ.get(ALLOW_NETWORK):
        raise BookOnNetwork(path, kind)
    # An empty file is what the making of a book leaves if it is stopped between taking the name and filling it.
    if path.is_symlink() or (path.exists() and not (path.is_file() and path.stat().st_size == 0)):
        raise BookThere(path)
    if has_journal(path):
        raise JournalThere(path)


def _clear(draft: Path) -> None:
    for path in (draft, draft.with_name(f"{draft.name}-journal")):
        with suppress(OSError):
            files.unlink(path)


def _take_name(path: Path) -> None:
    try:
        os.close(files.open_new(path))
    except FileExistsError:
        _demand_room(path)


def _write(draft: Path, path: Path, batch: Batch, seal: Seal, files_named: Mapping[str, bytes]) -> Sealed:
    header = Header(draft)
    try:
        connection = sqlite.connect(draft)
        try:
            sqlite.settle(connection)
            connection.execute("BEGIN IMMEDIATE")
            migrate(connection)
            for key in (meta.UNVERIFIED, meta.LAST_WRITE):
                meta.write(connection, key, "")
            meta.write(connection, meta.MIGRATIONS, meta.migrations_digest(connection))
            meta.write(connection, meta.COUNTER, str(header.change_counter() + 1))
            sealed = commits.begin(connection, batch, seal, files_named, State(MemoryPast(_no_batch)))
            connection.execute("COMMIT")
        finally:
            connection.close()
    except sqlite.Error as error:
        raise translated(error, path) or error from error
    finally:
        header.close()
    return sealed


def _no_batch(_: str) -> bytes | None:
    return None
