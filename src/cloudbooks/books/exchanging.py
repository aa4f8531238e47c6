"""Speaking with one peer: taking its blocks, sending ours, and giving way where somebody else was quicker.

Each step may be cut off anywhere and repeated: what was taken stands in the book with its receipt, what was sent stands
in slots that are filled once. A checkpoint is signed when all blocks that it speaks of stand at the peer that orders,
and is sent last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from cloudbooks.books.desk import Desk, MemberAmbiguous, MemberUnknown
from cloudbooks.books.ordering import orderer
from cloudbooks.books.peering import (
    PeerCutOff,
    PeerDiverged,
    PeerInvalid,
    PeerKeptNothing,
    PeerRow,
    PeerUnreachable,
    reach,
)
from cloudbooks.books.returning import giving_back
from cloudbooks.books.signing import head_not_signed, sign_checkpoint
from cloudbooks.chain import batch as batches
from cloudbooks.chain import block as blocks
from cloudbooks.chain.attached import named_files
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.sealing import Sealed
from cloudbooks.core.draft import Draft
from cloudbooks.errors import Finding, Refusal, sentence
from cloudbooks.peers import seen
from cloudbooks.peers.incoming import Broken, incoming
from cloudbooks.peers.peer import CutOff, KeptNothing, Peer, PeerLost
from cloudbooks.peers.relation import Compared, Contradicted, Look, Relation, compare
from cloudbooks.peers.seen import Seen
from cloudbooks.store import adopting, log, rebasing
from cloudbooks.store.adopting import Given, Unlawful
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.log import StoredLog
from cloudbooks.store.rebasing import Moved, Returned
from cloudbooks.store.writing import OutcomeUnknown
from cloudbooks.system.clock import instant

Progress = Callable[[str, int, int], None]
"""Told of long work: `pull` or `push`, how many blocks are done, and of how many."""


class OwnCopy(StoredLog):
    """Our own log as `relation.OwnLog` asks for it."""

    def __init__(self, book: BookFile) -> None:
        super().__init__(book)
        self._book = book

    @property
    def book(self) -> str:
        """See `OwnLog`."""
        return self._book.id

    @property
    def size(self) -> int:
        """See `OwnLog`."""
        return log.size(self._book)

    @property
    def signed(self) -> int:
        """See `OwnLog`."""
        return log.signed_size(self._book)

    def root_at(self, size: int) -> bytes:
        """See `OwnLog`."""
        return log.root_at(self._book, size)


@dataclass(slots=True)
class Exchange:
    """One book and one peer, and what was done between them so far."""

    desk: Desk
    book: BookFile
    row: PeerRow
    peer: Peer
    progress: Progress
    taken: list[Sealed] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    returned: list[Returned] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @classmethod
    def of(cls, desk: Desk, book: BookFile, row: PeerRow, progress: Progress) -> Exchange:
        """A new exchange; nothing is contacted yet."""
        return cls(desk, book, row, reach(row.url), progress)

    @property
    def copy(self) -> OwnCopy:
        """Our side."""
        return OwnCopy(self.book)

    def compare(self, look: Look = Look.QUICK) -> Compared:
        """How the peer relates to us now; raises a `PeerFault` where that cannot be told."""
        with self.telling():
            before = seen.recall(self.book.state, self.book.id, self.row.name)
            compared = compare(self.copy, self.peer, before, look)
        # Two looks in one exchange find the same things; each is told once.
        self.findings.extend(finding for finding in compared.findings if finding not in self.findings)
        return compared

    def remember(self, compared: Compared) -> None:
        """Keep what was seen, where it is certain: as far as the peer's blocks are ours too."""
        size = compared.common if compared.common == compared.theirs else 0
        if size:
            root = f"s256:{log.root_at(self.book, size).hex()}"
            now = Seen(size, root, instant(self.desk.clock.now()))
            with suppress(OSError):
                # The memory is a help against rollbacks; the exchange stands without it.
                seen.remember(self.book.state, self.book.id, self.row.name, now)

    # Taking

    def take(self, compared: Compared) -> None:
        """Take in the peer's blocks that follow ours."""
        with self.telling():
            adopted = adopting.adopt(self.book, self._given(compared), compared.claimed)
        self.taken.extend(adopted.sealed)
        self.findings.extend(adopted.findings)

    def give_way(self, compared: Compared) -> None:
        """Take in the peer's blocks in the places that ours had, and commit ours again behind them."""
        drafts: list[Draft] = []
        with self.telling():
            done = rebasing.rebase(
                self.book,
                compared.common,
                self._given(compared),
                compared.claimed,
                by=self._who(),
                give_back=giving_back(self.book, drafts),
            )
        self.taken.extend(done.sealed)
        self.moved = [*_last_places(self.moved, done.moved)]
        self.returned.extend(done.returned)
        self.drafts.extend(drafts)
        self.findings.extend(done.findings)

    def _given(self, compared: Compared) -> Iterator[Given]:
        count = compared.theirs - compared.common
        found = incoming(self.peer, compared.common, compared.theirs, lambda b3: log.has_file(self.book, b3))
        for done, foreign in enumerate(found, start=1):
            self.findings.extend(foreign.findings)
            yield Given(foreign.block, foreign.batch, foreign.files)
            self.progress("pull", done, count)

    def _who(self) -> str:
        try:
            return self.desk.who(self.book).id
        except (MemberUnknown, MemberAmbiguous):
            return ""

    # Sending

    def sendable(self) -> int:
        """How many of our blocks a peer may have: all where it orders, else those that have won their places."""
        return log.size(self.book) if self.row.orders else log.signed_size(self.book)

    def send(self, compared: Compared) -> bool:
        """Send our blocks that the peer lacks, one after the other; false if one of them lost its place."""
        copy, last = self.copy, self.sendable()
        with self.telling():
            for number in range(compared.common, last):
                if not self._send_block(copy, number):
                    return False
                self.sent.append(number)
                self.progress("push", number + 1 - compared.common, last - compared.common)
        return True

    def mend(self, compared: Compared) -> None:
        """Send blocks anew that both sides had and the peer has lost in the middle; it costs one look at each."""
        copy = self.copy
        with self.telling():
            for number in range(min(compared.common, self.sendable())):
                if not self.peer.has_block(number) and self._send_block(copy, number):
                    self.sent.append(number)

    def _send_block(self, copy: OwnCopy, number: int) -> bool:
        block = copy.block(number)
        name = copy.batch_of(number)
        batch = copy.batch(name)
        assert block is not None
        assert batch is not None
        files = {file.b3 for one in batches.read(batch).records for file in named_files(one)}
        for b3 in sorted(files):
            data = copy.attachment(b3)
            if data is not None:
                self.peer.keep_attachment(b3, data)
        self.peer.keep_batch(name, batch)
        return self.peer.append(number, block, blocks.read(block).header.previous)

    def sign(self, compared: Compared) -> None:
        """Sign what has won its place, and put the checkpoint at the peer; nothing is done where nobody may sign.

        To be called when all blocks that may be sent stand there.
        """
        size = self.sendable()
        mine = self.copy.checkpoint()
        if self.row.orders and (mine is None or log.signed_size(self.book) < size):
            try:
                _, signer = self.desk.signer(self.book)
            except (MemberUnknown, MemberAmbiguous):
                # A clone that is no member yet has nothing of its own to sign for.
                return
            try:
                mine = sign_checkpoint(self.book, signer, size)
            except OutcomeUnknown:
                # The book cannot be read either as it is now, so nothing more can be said of it.
                raise
            except Refusal as refusal:
                # The blocks stand where they are; the next sync signs for them.
                self.findings.append(head_not_signed(self.book.path.name, refusal))
                return
        if mine is not None and compared.signed < log.signed_size(self.book):
            with self.telling():
                self.peer.keep_checkpoint(mine)

    # Faults

    def diverged(self, compared: Compared) -> PeerDiverged:
        """That neither side can give way."""
        ours, theirs = compared.ours - compared.common, compared.theirs - compared.common
        return PeerDiverged(self.row, compared.common, ours, theirs)

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Make what an engine raises a fault that names the peer."""
        try:
            yield
        except PeerLost as lost:
            raise PeerUnreachable(self.row, lost.why, waiting(self.book)) from lost
        except CutOff as cut:
            raise PeerCutOff(self.row, cut) from cut
        except KeptNothing as kept:
            raise PeerKeptNothing(self.row, kept.file) from kept
        except (Broken, Unlawful) as broken:
            raise PeerInvalid(self.row, broken.number, broken.fault.message) from broken
        except FormFault as fault:
            raise PeerInvalid(self.row, None, fault.message) from fault
        except Contradicted as wrong:
            why = sentence("it has another root than the blocks beside it.")
            raise PeerInvalid(self.row, None, why) from wrong


def waiting(book: BookFile) -> int:
    """How many blocks wait to be sent to the peer that orders; 0 where none does."""
    return log.size(book) - log.signed_size(book) if orderer(book) is not None else 0


def may_give_way(exchange: Exchange, compared: Compared) -> bool:
    """Whether our blocks after the last common one may be moved: nobody signed them, and the peer decides of places."""
    ours_signed = log.signed_size(exchange.book) > compared.common
    return not ours_signed and (exchange.row.orders or compared.signed == compared.theirs)


def is_new(compared: Compared) -> bool:
    """Whether the peer has something that we lack."""
    return compared.relation in (Relation.BEHIND, Relation.DIVERGED)


def _last_places(before: list[Moved], now: tuple[Moved, ...]) -> Iterator[Moved]:
    """Own batches that were moved, each from its first place to its last."""
    first = {one.batch.hash: one.before for one in before}
    again = {one.batch.hash for one in now}
    yield from (one for one in before if one.batch.hash not in again)
    yield from (Moved(one.batch, first.get(one.batch.hash, one.before), one.after) for one in now)
