"""An open book: one file, one connection, and what was found when it was opened.

Opening follows one order: look at the file, recover what a stopped writer left, compare format and schema, set and read
back the settings, compare the head with the receipt. Nothing here imports the chain: reading reports must stay quick.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

from cloudbooks.errors import ChainFault, Finding, PeerFault, sentence
from cloudbooks.store import opening, schema, sqlite, trusting
from cloudbooks.store.disk_faults import BookDamaged, translated
from cloudbooks.store.header import Header
from cloudbooks.store.log_bytes import BytesDamaged
from cloudbooks.store.opening import Head
from cloudbooks.store.place import Place, has_journal, look
from cloudbooks.system.clock import Clock

if TYPE_CHECKING:
    from cloudbooks.chain.batch import Batch
    from cloudbooks.store.commit import Committed, Seal
    from cloudbooks.store.past import KeptState

__all__ = ["BookFile", "Claim", "Head", "create_book", "open_book"]


class Claim(NamedTuple):
    """An idempotency key, and what is remembered under it from the act itself until its answer is."""

    key: str
    text: str


@dataclass(slots=True)
class BookFile:
    """One open book on one connection, which belongs to the thread that opened it. A context manager closes it.

    `faults` are warnings to tell. `stopped` is raised by every write, and said with every answer. `barred` is raised by
    every write and by verifying: it is `stopped`, or that the file is an older copy. `unsure` says why the whole book
    is verified before the first write, empty where it need not be. `forked` says that two signed heads were seen that
    cannot both be; every write raises it. `kept` is the state after the last own post. `claim` is kept with the next
    operation, in its own transaction. `version` is that of the schema in the file.
    """

    path: Path
    id: str
    connection: sqlite.Connection
    header: Header
    state: Path
    clock: Clock
    command: str
    head: Head | None
    read_only: bool
    faults: tuple[Finding, ...] = ()
    stopped: ChainFault | None = None
    barred: ChainFault | None = None
    forked: PeerFault | None = None
    unsure: str = ""
    kept: KeptState | None = None
    claim: Claim | None = None
    version: int = schema.VERSION

    @property
    def older(self) -> opening.BookOlder | None:
        """What every write raises, but for migrating, where an earlier program made the book."""
        return None if self.version == schema.VERSION else opening.BookOlder(self.version)

    def refresh(self) -> Head | None:
        """Read the head anew: another program may have posted."""
        self.head = opening.head_of(self.connection)
        return self.head

    def reopen(self) -> None:
        """Drop the connection, whose last write had an unknown outcome, and open another on the same file."""
        self.kept = None
        self.connection.close()
        self.connection = sqlite.connect(self.path, writable=not self.read_only)
        if has_journal(self.path) and opening.recover(self.connection, self.path, self.header, read_only=False):
            self.unsure = opening.RECOVERED
        opening.settle(self.connection, self.path)
        self.version = opening.examine(self.connection, self.path)
        opening.stand_in(self.connection, self.version)
        sqlite.read_only(self.connection)

    def close(self) -> None:
        """Close the connection, then let go of the file."""
        self.connection.close()
        self.header.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close; what a damaged file or a failing disk made a reader raise is raised as what it means."""
        self.close()
        if isinstance(error, sqlite.Error) and (meaning := translated(error, self.path)):
            raise meaning from error
        if isinstance(error, BytesDamaged):
            raise BookDamaged(self.path, sentence("bytes of the log are not those that were kept")) from error


def open_book(path: Path, *, state: Path, clock: Clock, command: str = "cloudbooks") -> BookFile:
    """Open a book. `state` is this machine's state folder, `command` what others are told while it writes.

    Raises a refusal for everything that is not opened as a book, and a `ChainFault` for a schema that another program
    changed. A head that does not fit the receipt is not raised: see `BookFile.stopped`.
    """
    place = look(path)
    header = opening.hold(place)
    try:
        return _connected(place, header, state, clock, command)
    except BaseException:
        header.close()
        raise


def _connected(place: Place, header: Header, state: Path, clock: Clock, command: str) -> BookFile:
    connection = sqlite.connect(place.path, writable=not place.read_only)
    try:
        if place.journal:
            opening.recover(connection, place.path, header, read_only=place.read_only)
        opening.settle(connection, place.path)
        version = opening.examine(connection, place.path)
        opening.stand_in(connection, version)
        sqlite.read_only(connection)
        head, book_id = opening.head_and_id(connection, place.path)
        book = BookFile(
            place.path, book_id, connection, header, state, clock, command, head, place.read_only, place.findings,
            version=version,
        )  # fmt: skip
        if book.older is not None:
            book.faults += (
                Finding(book.older.code, place.path.name, book.older.message, book.older.hint, warning=True),
            )
        trusting.judge(book)
    except BaseException as error:
        connection.close()
        if isinstance(error, sqlite.Error) and (meaning := translated(error, place.path)):
            raise meaning from error
        if isinstance(error, UnicodeDecodeError):
            # SQLite quotes damaged text of the schema in its own message, which is then no text either.
            raise opening.SchemaChanged(place.path) from error
        raise
    return book


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
    from cloudbooks.store import creating  # noqa: PLC0415 - loads migrations and the chain, which reading does without

    return creating.create(path, state, clock, batch, seal, attachments or {})
