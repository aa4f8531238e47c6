"""An open book: one file, one connection, and what was found when it was opened.

Nothing here imports the chain: reading reports must stay quick.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

from cloudbooks.errors import ChainFault, Finding, PeerFault, sentence
from cloudbooks.store import opening, schema, sqlite
from cloudbooks.store.disk_faults import BookDamaged, translated
from cloudbooks.store.header import Header
from cloudbooks.store.log_bytes import BytesDamaged
from cloudbooks.store.opening import Head
from cloudbooks.store.place import has_journal
from cloudbooks.system.clock import Clock

if TYPE_CHECKING:
    from cloudbooks.store.kept_state import KeptState

__all__ = ["BookFile", "Claim", "Head"]


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
