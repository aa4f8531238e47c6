"""`peer status|pull|push|diff`, `sync` and `verify --peer`: keeping copies of a book alike.

Sync speaks with each peer in turn, the one that orders first: it takes what is new there, sends what is new here, and
where both sides posted after the same block it gives way. What was acknowledged here is never lost by that: it stands
at a later place, with other voucher numbers, or waits as a returned draft with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from cloudbooks.books.carrying_cosignatures import send_cosignatures, take_cosignatures
from cloudbooks.books.carrying_timestamps import send_timestamps, take_timestamps
from cloudbooks.books.desk import Desk
from cloudbooks.books.differing import Difference, differ, is_fork
from cloudbooks.books.exchanging import Exchange, is_new, may_give_way, waiting
from cloudbooks.books.known_peers import PeerRow, chosen, peer_of
from cloudbooks.books.peering import PeerRolledBack
from cloudbooks.books.progress import Progress, quiet
from cloudbooks.books.verifying import Verified, policy_of, verified
from cloudbooks.chain.checkpoint import origin
from cloudbooks.core.draft import Draft
from cloudbooks.errors import ChainFault, CloudBooksError, Finding, PeerFault, Refusal, sentence
from cloudbooks.peers.grafting import whole_log
from cloudbooks.peers.relation import Compared, Look, Relation
from cloudbooks.store import log
from cloudbooks.store.rebasing import Moved
from cloudbooks.system import pins

ROUNDS_MAX = 8
"""How often a sync gives way to others who are quicker before it says so."""


class PeerBusy(PeerFault):
    """Others were quicker at a peer each time that this copy tried."""

    code = "peer-busy"

    def __init__(self, row: PeerRow) -> None:
        super().__init__(
            sentence('others posted at "{name}" each time that this book tried; nothing was lost.', name=row.name),
            hint=sentence("cloudbooks sync"),
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """How a peer relates to this copy now. `fault` is set where that could not be told, or is grave.

    Sizes count blocks: `ours`, `theirs`, and those that both have, `common`. `signed_ours` and `signed_theirs` are what
    the checkpoints speak of; `waiting` blocks have not won a place at the peer that orders.
    """

    peer: PeerRow
    relation: Relation
    ours: int
    theirs: int
    common: int
    head: str
    signed_ours: int
    signed_theirs: int
    waiting: int
    findings: tuple[Finding, ...] = ()
    fault: PeerFault | None = None


@dataclass(frozen=True, slots=True)
class Renumbered:
    """An own batch that stands at another place than it had: the blocks, and its voucher numbers then and now."""

    before: int
    after: int
    numbers: tuple[tuple[str, str, int, int, int], ...]
    """Series, period, first number before, first number now, how many."""


@dataclass(frozen=True, slots=True)
class Synced:
    """What was done with one peer. `taken` and `sent` count blocks and `entries` those that came in.

    `moved` own batches stand at later places, `returned` ones are drafts again (`drafts`); `discarded` drafts were of
    lines that others have posted. `cosignatures_…` count witnesses' lines, `stamps_…` timestamps. `fault` says why it
    ended.
    """

    peer: PeerRow
    relation: Relation
    taken: int = 0
    entries: int = 0
    sent: int = 0
    moved: tuple[Renumbered, ...] = ()
    returned: int = 0
    drafts: tuple[Draft, ...] = ()
    discarded: tuple[Draft, ...] = ()
    findings: tuple[Finding, ...] = ()
    fault: CloudBooksError | None = None
    stamps_taken: int = 0
    stamps_sent: int = 0
    cosignatures_taken: int = 0
    cosignatures_sent: int = 0

    @property
    def changed(self) -> bool:
        """Whether anything was done, here or at the peer."""
        carried = self.stamps_taken or self.stamps_sent or self.cosignatures_taken or self.cosignatures_sent
        return bool(self.taken or self.sent or self.moved or self.returned or self.discarded or carried)


def status(desk: Desk, name: str = "") -> tuple[Standing, ...]:
    """How each peer, or the one named, relates to this copy; writes nothing but what was seen, and evidence of a fork.

    Raises `PeerUnknown`, `PeerNone`; a peer that is not reached or forked is told by its `fault`.
    """
    with desk.open() as book:
        return tuple(_standing(Exchange.of(desk, book, row, quiet)) for row in chosen(book, name))


def _standing(exchange: Exchange) -> Standing:
    book, row = exchange.book, exchange.row
    ours, signed = log.size(book), log.signed_size(book)
    head = book.head.hash if book.head else ""
    try:
        compared = exchange.compare()
    except PeerFault as fault:
        return Standing(row, Relation.UNREACHABLE, ours, 0, 0, head, signed, 0, waiting(book), fault=fault)
    grave = _grave(exchange, compared)
    if compared.relation is not Relation.ROLLED_BACK:
        exchange.remember(compared)
    return Standing(
        row, compared.relation, ours, compared.theirs, compared.common, head, signed, compared.signed, waiting(book),
        tuple(exchange.findings), grave,
    )  # fmt: skip


def _grave(exchange: Exchange, compared: Compared) -> PeerFault | None:
    """What keeps the two from being made alike by a sync, if anything does."""
    try:
        if is_fork(exchange, compared):
            return exchange.book.forked or exchange.diverged(compared)
    except PeerFault as fault:
        return fault
    if compared.relation is Relation.ROLLED_BACK:
        return exchange.rolled_back(compared)
    if compared.relation is Relation.DIVERGED:
        return exchange.diverged(compared)
    return None


def diff(desk: Desk, name: str, progress: Progress = quiet) -> Difference:
    """What a peer and this copy have apart, entry by entry; keeps the evidence of a fork.

    Raises `PeerUnknown`, or a `PeerFault` where the peer is not reached or what it holds is refused.
    """
    with desk.open() as book:
        exchange = Exchange.of(desk, book, peer_of(book, name), progress)
        return differ(exchange, exchange.compare())


def pull(desk: Desk, name: str, progress: Progress = quiet, *, confirmed: bool = False) -> Synced:
    """Take what a peer has and we have not; give way where both posted and our place is not signed.

    `confirmed`: give way with blocks too that stood there once (`peer-rewritten`). Raises `PeerUnknown`; other faults
    are in the answer.
    """

    def act(exchange: Exchange) -> Relation:
        exchange.confirmed = confirmed
        return _pull(exchange)

    return _one(desk, name, act, progress, gives=False)


def push(desk: Desk, name: str, progress: Progress = quiet) -> Synced:
    """Send what we have and a peer has not, after a rollback there too; nothing is taken.

    Raises `PeerUnknown`; other faults are in the answer.
    """
    return _one(desk, name, send_missing, progress, takes=False)


def sync(desk: Desk, progress: Progress = quiet) -> tuple[Synced, ...]:
    """Pull from each peer and push to it, the one that orders first. Raises `PeerNone`; faults are in the answers."""
    with desk.open() as book:
        rows = chosen(book, "")
    found: list[Synced] = []
    for row in rows:
        told = any(one.changed for one in found)
        found.append(_one(desk, row.name, bring_together, progress, after_others=told))
    return tuple(found)


def verify_peer(
    desk: Desk,
    name: str,
    *,
    pin: str = "",
    require: tuple[str, ...] = (),
    policy: Path | None = None,
    progress: Progress = quiet,
) -> Verified:
    """Verify all that a peer holds by its own bytes, the first member's key pinned by `pin` or this machine's record.

    Raises `PeerUnknown`, `PeerUnreachable`, `PinUnreadable`.
    """
    with desk.open() as book:
        exchange = Exchange.of(desk, book, peer_of(book, name), progress)
        judged = policy_of(policy or desk.policy, origin(book.id), pin, pins.pinned(desk.state, book.id))
        with exchange.telling():
            verdict = whole_log(exchange.peer, judged, lambda done: progress("verify", done, 0))
    return verified(verdict, require, verdict.book, judged)


def _one(
    desk: Desk,
    name: str,
    act: Callable[[Exchange], Relation],
    progress: Progress,
    *,
    after_others: bool = False,
    takes: bool = True,
    gives: bool = True,
) -> Synced:
    """What was done with a peer, cosignatures and timestamps last (which it `takes` and `gives`), and the fault.

    What is refused on this side is raised, unless something was done before, here or with others: that must be told.
    """
    with desk.open() as book:
        if book.older is not None:
            raise book.older
        exchange = Exchange.of(desk, book, peer_of(book, name), progress)
        try:
            relation = act(exchange)
            return _carried(exchange, _told(exchange, relation, None), takes=takes, gives=gives)
        except PeerFault as fault:
            return _told(exchange, _relation_of(fault), fault)
        except (Refusal, ChainFault) as fault:
            done = _told(exchange, exchange.relation, fault)
            if not done.changed and not after_others:
                raise
            return done


def _carried(exchange: Exchange, told: Synced, *, takes: bool, gives: bool) -> Synced:
    """What was told, and the cosignatures and timestamps that went either way; raises a `PeerFault`."""
    return replace(
        told,
        cosignatures_taken=take_cosignatures(exchange) if takes else 0,
        cosignatures_sent=send_cosignatures(exchange) if gives else 0,
        stamps_taken=take_timestamps(exchange) if takes else 0,
        stamps_sent=send_timestamps(exchange) if gives else 0,
        findings=tuple(exchange.findings),
    )


def _relation_of(fault: PeerFault) -> Relation:
    if isinstance(fault, PeerRolledBack):
        return Relation.ROLLED_BACK
    return Relation.DIVERGED if fault.code in ("peer-diverged", "forked") else Relation.UNREACHABLE


def _told(exchange: Exchange, relation: Relation, fault: CloudBooksError | None) -> Synced:
    return Synced(
        exchange.row,
        relation,
        len(exchange.taken),
        sum(len(sealed.admitted.entries) for sealed in exchange.taken),
        len(exchange.sent),
        tuple(_renumbered(one) for one in exchange.moved),
        len(exchange.returned),
        tuple(exchange.drafts),
        tuple(exchange.discarded),
        tuple(exchange.findings),
        fault,
    )


def _renumbered(moved: Moved) -> Renumbered:
    before = {(one.series, one.period): one.first for one in moved.before.header.numbers}
    return Renumbered(
        moved.before.header.number,
        moved.after.admitted.number,
        tuple(
            (row.series, row.period, before[row.series, row.period], row.first, row.last - row.first + 1)
            for row in moved.after.admitted.numbers
        ),
    )


def bring_together(exchange: Exchange) -> Relation:
    """Pull, give way where that is due, push and sign, until the two are alike; gives how they relate then.

    Raises a `PeerFault` where they cannot be made alike.
    """
    look = Look.QUICK
    for _ in range(ROUNDS_MAX):
        compared = exchange.compare(look)
        _require_together(exchange, compared)
        if compared.relation is Relation.BEHIND:
            exchange.take(compared)
        elif compared.relation is Relation.DIVERGED:
            exchange.give_way(compared)
        elif compared.relation is Relation.SAME and compared.signed == compared.ours == log.signed_size(exchange.book):
            exchange.remember(compared)
            return compared.relation
        elif _all_sent(exchange, compared):
            return _done(exchange)
        else:
            # The checkpoint there said less than the blocks: from now on those are asked.
            look = Look.BLOCKS
    raise PeerBusy(exchange.row)


def _all_sent(exchange: Exchange, compared: Compared) -> bool:
    """Send what the peer lacks and sign for it; false where somebody else was quicker."""
    size = exchange.send(compared) if exchange.sendable() > compared.theirs else compared.common
    if size is None:
        return False
    exchange.sign(compared, size)
    return True


def _pull(exchange: Exchange) -> Relation:
    for _ in range(ROUNDS_MAX):
        compared = exchange.compare()
        _require_together(exchange, compared)
        if not is_new(compared):
            exchange.remember(compared)
            return compared.relation
        if compared.relation is Relation.BEHIND:
            exchange.take(compared)
        else:
            exchange.give_way(compared)
    raise PeerBusy(exchange.row)


def send_missing(exchange: Exchange) -> Relation:
    """Send what the peer lacks, after a rollback or a loss there too, and sign; gives how the two relate then.

    Raises a `PeerFault` where the peer has something that we lack, or has forked.
    """
    compared = exchange.compare(Look.SLOTS)
    _require_no_fork(exchange, compared)
    exchange.mend(compared)
    if compared.relation is not Relation.BEHIND and (
        compared.relation is Relation.DIVERGED or not _all_sent(exchange, compared)
    ):
        raise exchange.diverged(exchange.compare(Look.BLOCKS))
    return _done(exchange)


def _done(exchange: Exchange) -> Relation:
    """How the two relate after all was done, remembered for the next time."""
    compared = exchange.compare()
    exchange.remember(compared)
    return compared.relation


def _require_no_fork(exchange: Exchange, compared: Compared) -> None:
    """Refuse a fork, or what bars a copy that is not the one at work here any more."""
    if is_fork(exchange, compared):
        fault = exchange.book.forked or exchange.book.barred
        assert fault is not None
        raise fault


def _require_together(exchange: Exchange, compared: Compared) -> None:
    """Refuse what a sync does not mend: a rollback, a fork, and blocks that neither side may give up."""
    if compared.relation is Relation.ROLLED_BACK:
        raise exchange.rolled_back(compared)
    _require_no_fork(exchange, compared)
    if compared.relation is Relation.DIVERGED and not may_give_way(exchange, compared):
        raise exchange.diverged(compared)
