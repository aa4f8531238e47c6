"""`peer diff`: what two copies have that the other has not, as entries and balances; and the evidence of a fork.

The peer's side is judged in memory by the same fold as a verification, our own blocks up to where the two part and then
the peer's, so that nothing is written and nothing is shown that does not keep the laws.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cloudbooks.books.exchanging import Exchange
from cloudbooks.books.forking import keep_fork
from cloudbooks.books.peering import PeerInvalid
from cloudbooks.chain.note import Vkey
from cloudbooks.chain.rows import EntryRow
from cloudbooks.chain.verdict import Policy
from cloudbooks.errors import sentence
from cloudbooks.peers import grafting
from cloudbooks.peers.grafting import Branch
from cloudbooks.peers.relation import Compared, Relation
from cloudbooks.store import log, reading
from cloudbooks.store.book_file import BookFile
from cloudbooks.system import pins


@dataclass(frozen=True, slots=True)
class OneSided:
    """An entry that one side has and the other has not; `lines` are account id, commodity, amount, value."""

    id: str
    number: str
    date: str
    summary: str
    block: int
    lines: tuple[tuple[str, str, int, int], ...]


@dataclass(frozen=True, slots=True)
class BalanceApart:
    """What an account has in a commodity by the entries of one side alone; amounts, debit positive."""

    account: str
    commodity: str
    ours: int
    theirs: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Two copies compared to the entry. `fork` says that both sides are signed beyond the last common block.

    `accounts` are codes and names by id, `scales` decimals by commodity, both as either side states them.
    """

    compared: Compared
    ours: tuple[OneSided, ...]
    theirs: tuple[OneSided, ...]
    balances: tuple[BalanceApart, ...]
    fork: bool
    accounts: Mapping[str, tuple[str, str]]
    scales: Mapping[str, int]
    base: str


def differ(exchange: Exchange, compared: Compared) -> Difference:
    """What the two sides have apart; a fork is kept as evidence.

    Raises `PeerInvalid` where the peer's side breaks a law or a signature, `PeerUnreachable`.
    """
    book = exchange.book
    branch = _branch(exchange, compared) if compared.theirs > compared.common else None
    signed = branch.verdict.signed if branch else 0
    fork = compared.relation is Relation.DIVERGED and min(signed, log.signed_size(book)) > compared.common
    if fork and compared.claimed is not None:
        with exchange.telling():
            keep_fork(book, exchange.peer, exchange.row.name, compared.common, compared.claimed, exchange.desk.clock)
    accounts = {one.id: (one.code, one.name) for one in reading.accounts(book)}
    scales = {code: one.scale for code, one in reading.commodities(book).items()}
    if branch:
        accounts = {key: (one.code, one.name) for key, one in branch.accounts.items()} | accounts
        scales |= {code: one.scale for code, one in branch.commodities.items()}
    ours = tuple(_our_side(book, compared.common))
    theirs = tuple(_theirs(number, row) for number, row in branch.entries) if branch else ()
    base = reading.facts(book).base
    return Difference(compared, ours, theirs, tuple(_balances(ours, theirs)), fork, accounts, scales, base)


def is_fork(exchange: Exchange, compared: Compared) -> bool:
    """Whether both sides are signed beyond the last common block; then it is kept as evidence.

    Costs the judging of the whole log, and only where both checkpoints say so. Raises what `differ` raises.
    """
    if compared.relation is not Relation.DIVERGED:
        return False
    if min(compared.signed, log.signed_size(exchange.book)) <= compared.common:
        return False
    return differ(exchange, compared).fork


def _branch(exchange: Exchange, compared: Compared) -> Branch:
    pin = pins.pinned(exchange.book.state, exchange.book.id)
    policy = Policy(Vkey.parse(pin) if pin else None)
    with exchange.telling():
        branch = grafting.judge(
            exchange.copy,
            exchange.peer,
            compared.common,
            policy,
            lambda done: exchange.progress("verify", done, compared.theirs),
        )
    verdict = branch.verdict
    if not verdict.valid:
        faults = [finding for finding in verdict.findings if not finding.warning]
        why = faults[0].message if faults else sentence("it is not valid.")
        raise PeerInvalid(exchange.row, faults[0].block if faults else None, why, verdict.findings)
    return branch


def _theirs(block: int, row: EntryRow) -> OneSided:
    entry = row.entry
    lines = tuple((one.account, one.commodity, one.amount, one.value) for one in row.postings)
    return OneSided(row.id, f"{entry.series}-{row.number:04d}", entry.date, entry.summary, block, lines)


def _our_side(book: BookFile, common: int) -> Iterable[OneSided]:
    for number in range(common, log.size(book)):
        for entry in reading.entries_of_block(book, number):
            lines = tuple((one.account, one.commodity, one.amount, one.value) for one in entry.postings)
            yield OneSided(entry.id, entry.voucher, entry.date.isoformat(), entry.summary, number, lines)


def _balances(ours: Iterable[OneSided], theirs: Iterable[OneSided]) -> Iterable[BalanceApart]:
    sums: dict[tuple[str, str], list[int]] = {}
    for side, entries in enumerate((ours, theirs)):
        for entry in entries:
            for account, commodity, amount, _ in entry.lines:
                sums.setdefault((account, commodity), [0, 0])[side] += amount
    return (BalanceApart(*key, *both) for key, both in sorted(sums.items()))
