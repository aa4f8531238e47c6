"""Speaking with one peer: taking its blocks, sending ours, and giving way where somebody else was quicker.

Each step may be cut off anywhere and repeated: what was taken stands in the book with its receipt, what was sent stands
in slots that are filled once. A checkpoint is signed when all blocks that it speaks of stand at the peer that orders,
and is sent last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field

from cloudbooks.books.desk import Desk, MemberAmbiguous, MemberRevoked, MemberUnknown, NoMemberHere
from cloudbooks.books.forking import keep_fork, signs_another_history
from cloudbooks.books.known_peers import PeerRow
from cloudbooks.books.learning import learn
from cloudbooks.books.ordering import orderer
from cloudbooks.books.own_copy import OwnCopy
from cloudbooks.books.peer_telling import telling
from cloudbooks.books.peering import PeerDiverged, PeerRewritten, PeerRolledBack, reach
from cloudbooks.books.progress import Progress
from cloudbooks.books.returning import acts_lost, giving_back
from cloudbooks.books.signing import sign_checkpoint
from cloudbooks.chain import batch as batches
from cloudbooks.chain import block as blocks
from cloudbooks.chain.attached import named_files
from cloudbooks.chain.canonical import b3
from cloudbooks.chain.sealing import Sealed
from cloudbooks.core.draft import Draft
from cloudbooks.errors import Finding, PeerFault, Refusal, Sentence, UsageError, counted, sentence
from cloudbooks.peers import seen
from cloudbooks.peers.incoming import Foreign, incoming
from cloudbooks.peers.metered import Metered
from cloudbooks.peers.peer import Peer
from cloudbooks.peers.relation import Compared, Contradicted, Look, Relation, compare
from cloudbooks.peers.seen import Seen
from cloudbooks.peers.spool import Spool
from cloudbooks.store import adopting, log, rebasing
from cloudbooks.store.adopting import Given, Overtaken
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.exclusive import OutcomeUnknown
from cloudbooks.store.rebasing import Moved, Returned, SignedPlace
from cloudbooks.store.trusting import BookBehind
from cloudbooks.system.clock import instant, local_time


@dataclass(slots=True)
class Exchange:
    """One book and one peer, and what was done between them so far.

    `relation` is how the two related when they were compared last. `confirmed` says that the user gives up the places
    of blocks that stood at the peer once and are signed by nobody.
    """

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
    discarded: list[Draft] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    told: set[tuple[str, str, str]] = field(default_factory=set)
    confirmed: bool = False
    relation: Relation = Relation.UNREACHABLE

    @classmethod
    def of(cls, desk: Desk, book: BookFile, row: PeerRow, progress: Progress) -> Exchange:
        """A new exchange; nothing is contacted yet."""
        return cls(desk, book, row, Metered(reach(row.url)), progress)

    @property
    def copy(self) -> OwnCopy:
        """Our side."""
        return OwnCopy(self.book)

    def compare(self, look: Look = Look.QUICK) -> Compared:
        """How the peer relates to us now; raises a `PeerFault` where that cannot be told, or is a fork at sight."""
        with self.telling():
            try:
                compared = compare(self.copy, self.peer, self.seen(), look)
            except Contradicted as wrong:
                if signs_another_history(self.book, wrong.claimed):
                    keep_fork(self.book, self.peer, self.row.name, wrong.common, wrong.claimed, self.desk.clock)
                if self.book.forked is not None:
                    raise self.book.forked from wrong
                raise
        self._tell(compared.findings)
        self.relation = compared.relation
        return compared

    def _tell(self, findings: Iterable[Finding]) -> None:
        """Keep findings for whoever asked; two looks in one exchange find the same things, and each is told once."""
        for finding in findings:
            known = (finding.code, finding.where, str(finding.message))
            if known not in self.told:
                self.told.add(known)
                self.findings.append(finding)

    def remember(self, compared: Compared) -> None:
        """Keep what was seen, where it is certain: as far as the peer's blocks are ours too."""
        self._remember(compared.common if compared.common == compared.theirs else 0)

    def _remember(self, size: int) -> None:
        if size:
            root = f"s256:{log.root_at(self.book, size).hex()}"
            now = Seen(size, root, instant(self.desk.clock.now()))
            with suppress(OSError):
                # The memory is a help against rollbacks; the exchange stands without it.
                seen.remember(self.book.state, self.book.id, self.row.name, now)

    def seen(self) -> Seen | None:
        """What this machine remembers of the peer now: an exchange itself may have added to it."""
        return seen.recall(self.book.state, self.book.id, self.row.name)

    def pushed(self) -> int:
        """How many of our blocks this machine remembers to have stood at the peer."""
        before = self.seen()
        return before.size if before else 0

    # Taking

    def take(self, compared: Compared, *, new: bool = False) -> None:
        """Take in the peer's blocks that follow ours; nothing where another program has posted here meanwhile.

        A `new` book is being filled: what this machine remembers of one that was lost is no loss of it.
        """
        lost = self.book.stopped
        with self.telling(), Spool(self.peer) as spool:
            self._fetch(compared, spool)
            try:
                given = self._given(compared, spool)
                adopted = adopting.adopt(self.book, given, compared.claimed, after=compared.common)
            except Overtaken:
                return
        self.taken.extend(adopted.sealed)
        self.findings.extend(adopted.findings)
        if isinstance(lost, BookBehind) and self.book.stopped is None and not new:
            self._tell_mended(lost)
        self._learn(adopted.sealed)

    def _tell_mended(self, lost: BookBehind) -> None:
        """What the book had lost is there again: say it once, as what it is, in place of what opening it told."""
        name, kept, head = self.book.path.name, lost.kept, self.book.head
        assert head is not None
        message = sentence(
            "it ended at block {lost}, and block {kept} was posted here on {at} (receipt): an old copy had been put"
            " back, or the end was lost. {peer} has given back what was missing; the book ends at block {number}"
            " again.",
            lost=lost.number, kept=kept.number, at=local_time(kept.written_at), peer=self.row.name, number=head.number,
        )  # fmt: skip
        hint = sentence("drafts that were made after that copy are not in it: cloudbooks draft list")
        self.desk.noticed.mended(lost, name)
        self.findings.append(Finding("book-mended", name, message, hint))

    def give_way(self, compared: Compared) -> None:
        """Take in the peer's blocks in the places that ours had, and commit ours again behind them."""
        drafts: list[Draft] = []
        with self.telling(), Spool(self.peer) as spool:
            self._fetch(compared, spool)
            try:
                done = rebasing.rebase(
                    self.book,
                    compared.common,
                    self._given(compared, spool),
                    compared.claimed,
                    by=self._who(),
                    give_back=giving_back(self.book, drafts),
                )
            except SignedPlace:
                # Another sync of this book came first, and signed: the two are compared again.
                return
        self.taken.extend(done.sealed)
        if self.confirmed:
            # What was seen there before is history by the user's word.
            seen.forget(self.book.state, self.book.id, self.row.name)
        self.moved = [*_last_places(self.moved, done.moved)]
        self.returned.extend(done.returned)
        self.drafts.extend(drafts)
        self.findings.extend((*done.findings, *acts_lost(done.returned)))
        self._learn(done.sealed)

    def _learn(self, sealed: Sequence[Sealed]) -> None:
        """Know the lines of bank statements that came in, so that none is booked here again."""
        try:
            learned = learn(self.desk, self.book, sealed, self._who())
        except Refusal as refusal:
            # What was taken in stands; that another program held the book meanwhile is told beside it.
            self.findings.append(Finding("lines-unknown", self.row.name, refusal.message, refusal.hint, warning=True))
            return
        self.discarded.extend(learned.discarded)
        self.findings.extend(learned.findings)

    def _fetch(self, compared: Compared, spool: Spool) -> None:
        """Have all that is to be taken on this machine before the book is locked for writing."""
        for done, foreign in enumerate(self._incoming(compared, spool), start=1):
            self._tell(foreign.findings)
            self.progress("pull", done, compared.theirs - compared.common)

    def _given(self, compared: Compared, spool: Spool) -> Iterator[Given]:
        for done, foreign in enumerate(self._incoming(compared, spool), start=1):
            yield Given(foreign.block, foreign.batch, foreign.files)
            self.progress("take", done, compared.theirs - compared.common)

    def _incoming(self, compared: Compared, spool: Spool) -> Iterator[Foreign]:
        return incoming(spool, compared.common, compared.theirs, lambda b3: log.has_file(self.book, b3))

    def _who(self) -> str:
        """Who takes in what others made; empty where it is nobody of the book, who may do it too."""
        try:
            return self.desk.who(self.book).id
        except (MemberAmbiguous, MemberRevoked, MemberUnknown, NoMemberHere):
            return ""

    # Sending

    def sendable(self) -> int:
        """How many of our blocks a peer may have: all where it orders, else those that have won their places."""
        return log.size(self.book) if self.row.orders else log.signed_size(self.book)

    def send(self, compared: Compared) -> int | None:
        """Send our blocks that the peer lacks, one after the other; `None` if one of them lost its place.

        Gives how many of our blocks the peer has then. They are remembered before anything is signed: a block that
        stood there once is never moved, even if the folder is rolled back the next moment.
        """
        copy, last = self.copy, self.sendable()
        sent = compared.common
        try:
            with self.telling():
                for number in range(compared.common, last):
                    if not self._send_block(copy, number):
                        return None
                    sent = number + 1
                    self.sent.append(number)
                    self.progress("push", sent - compared.common, last - compared.common)
        finally:
            if sent > compared.common:
                self._remember(sent)
        return sent

    def mend(self, compared: Compared) -> None:
        """Send anew what both sides had and the peer has lost or holds damaged; it reads all that the peer holds."""
        copy, last = self.copy, min(compared.common, self.sendable())
        with self.telling():
            for number in range(last):
                if not self._is_whole(copy, number) and self._send_block(copy, number):
                    self.sent.append(number)
                self.progress("verify", number + 1, last)

    def _is_whole(self, copy: OwnCopy, number: int) -> bool:
        """Whether the peer holds a block of ours with its batch and files, each under its true hash."""
        name = copy.batch_of(number)
        if self.peer.block(number) != copy.block(number) or b3(self.peer.batch(name) or b"") != name:
            return False
        return all(b3(self.peer.attachment(file) or b"") == file for file in self._files(copy, name))

    def _files(self, copy: OwnCopy, batch: str) -> dict[str, bytes]:
        """The files that a batch of ours names and that are at hand, by their hashes."""
        named = {file.b3 for one in batches.read(copy.batch(batch) or b"").records for file in named_files(one)}
        found = {name: copy.attachment(name) for name in sorted(named)}
        return {name: data for name, data in found.items() if data is not None}

    def _send_block(self, copy: OwnCopy, number: int) -> bool:
        block = copy.block(number)
        name = copy.batch_of(number)
        batch = copy.batch(name)
        assert block is not None
        assert batch is not None
        for file, data in self._files(copy, name).items():
            self.peer.keep_attachment(file, data)
        self.peer.keep_batch(name, batch)
        return self.peer.append(number, block, blocks.read(block).header.previous)

    def sign(self, compared: Compared, size: int) -> None:
        """Sign our first `size` blocks, which stand at the peer, and put the checkpoint there.

        Nothing is done where nobody may sign. What another program posts here meanwhile has not won its place and is
        not signed.
        """
        if self.row.orders and log.signed_size(self.book) < size:
            self._sign(size)
        mine = self.copy.checkpoint()
        if mine is not None and compared.signed < log.signed_size(self.book) <= size:
            with self.telling():
                self.peer.keep_checkpoint(mine)

    def _sign(self, size: int) -> None:
        try:
            _, signer = self.desk.signer(self.book)
        except NoMemberHere:
            return  # a clone that is no member yet has nothing of its own to sign for
        except (Refusal, UsageError) as refusal:
            self._tell_unsigned(size, refusal.message, refusal.hint)
            return
        try:
            sign_checkpoint(self.book, signer, size)
        except OutcomeUnknown:
            raise  # the book cannot be read either as it is now, so nothing more can be said of it
        except Refusal as refusal:
            # Not its own words: they say that nothing was written, and the peer has what was sent.
            self._tell_unsigned(size, sentence("the signed head could not be kept here."), refusal.hint)

    def _tell_unsigned(self, size: int, why: Sentence, hint: Sentence | None) -> None:
        """What was exchanged stands; that nobody signed for it is told beside it, and the next sync signs."""
        left = size - log.signed_size(self.book)
        message = counted("{n} block is not signed yet: {why}", "{n} blocks are not signed yet: {why}", left, why=why)
        self.findings.append(Finding("not-signed", self.row.name, message, hint))

    # Faults

    def rolled_back(self, compared: Compared) -> PeerRolledBack:
        """That the peer has fewer blocks than were seen there."""
        before = self.seen()
        assert before is not None
        return PeerRolledBack(self.row, before, compared.theirs)

    def diverged(self, compared: Compared) -> PeerFault:
        """That both posted: neither side can give way, or a sync is to do it."""
        if self.pushed() > compared.common:
            movable = log.signed_size(self.book) <= compared.common
            return PeerRewritten(self.row, compared.common, self.pushed(), movable=movable)
        ours, theirs = compared.ours - compared.common, compared.theirs - compared.common
        return PeerDiverged(self.row, compared.common, ours, theirs, by_sync=may_give_way(self, compared))

    def telling(self) -> AbstractContextManager[None]:
        """Make what an engine raises a fault that names the peer; see `telling`."""
        return telling(self.row, lambda: waiting(self.book))


def waiting(book: BookFile) -> int:
    """How many blocks wait to be sent to the peer that orders; 0 where none does."""
    return log.size(book) - log.signed_size(book) if orderer(book) is not None else 0


def may_give_way(exchange: Exchange, compared: Compared) -> bool:
    """Whether our blocks after the last common one may be moved.

    They may where nobody signed them, none of them ever stood at the peer, where others may have taken them, and the
    peer decides of places.
    """
    fixed = max(log.signed_size(exchange.book), 0 if exchange.confirmed else exchange.pushed())
    return fixed <= compared.common and (exchange.row.orders or compared.signed == compared.theirs)


def is_new(compared: Compared) -> bool:
    """Whether the peer has something that we lack."""
    return compared.relation in (Relation.BEHIND, Relation.DIVERGED)


def _last_places(before: list[Moved], now: tuple[Moved, ...]) -> Iterator[Moved]:
    """Own batches that were moved, each from its first place to its last."""
    first = {one.batch.hash: one.before for one in before}
    again = {one.batch.hash for one in now}
    yield from (one for one in before if one.batch.hash not in again)
    yield from (Moved(one.batch, first.get(one.batch.hash, one.before), one.after) for one in now)
