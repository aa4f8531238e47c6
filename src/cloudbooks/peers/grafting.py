"""A peer's branch, judged without writing anything: our own blocks up to where the two part, then the peer's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from cloudbooks.chain.batch import Batch
from cloudbooks.chain.block import Block
from cloudbooks.chain.record import Account, Commodity
from cloudbooks.chain.rows import Admitted, EntryRow
from cloudbooks.chain.verdict import LogSource, Policy, Verdict
from cloudbooks.chain.verifying import verify
from cloudbooks.errors import Finding
from cloudbooks.peers.metered import Metered
from cloudbooks.peers.peer import Peer


class Grafted(LogSource):
    """The log that a peer has, of which the first `common` blocks are read from our own copy."""

    def __init__(self, ours: LogSource, peer: LogSource, common: int) -> None:
        self._ours = ours
        self._peer = peer
        self._common = common

    def block(self, number: int) -> bytes | None:
        """See `LogSource`."""
        if number < self._common:
            return self._ours.block(number)
        return self._peer.block(number)

    def batch(self, hash_: str) -> bytes | None:
        """See `LogSource`."""
        found = self._ours.batch(hash_)
        return self._peer.batch(hash_) if found is None else found

    def attachment(self, b3: str) -> bytes | None:
        """See `LogSource`."""
        found = self._ours.attachment(b3)
        return self._peer.attachment(b3) if found is None else found

    def checkpoint(self) -> bytes | None:
        """See `LogSource`: the peer's."""
        return self._peer.checkpoint()

    def cosignatures(self) -> Iterator[tuple[int, str, bytes]]:
        """See `LogSource`: none are judged here."""
        return iter(())

    def timestamps(self) -> Iterator[tuple[int, bytes]]:
        """See `LogSource`: none are judged here."""
        return iter(())

    def stray(self) -> Iterator[str]:
        """See `LogSource`: `verify --peer` names them."""
        return iter(())


@dataclass(frozen=True, slots=True)
class Branch:
    """What holds of a peer's log, and what its blocks from the parting on hold that keeps the laws.

    `entries` come with the numbers of their blocks; `accounts` (by id) and `commodities` (by code) are those that the
    branch states.
    """

    verdict: Verdict
    entries: tuple[tuple[int, EntryRow], ...]
    accounts: Mapping[str, Account]
    commodities: Mapping[str, Commodity]


def judge(
    ours: LogSource, peer: Peer, common: int, policy: Policy, watch: Callable[[int], None] = lambda _: None
) -> Branch:
    """Judge a peer's log, of which the first `common` blocks are ours too; `watch` is told how many are done.

    Costs the reading of the whole log; raises `PeerLost`, `TooMuch`.
    """
    entries: list[tuple[int, EntryRow]] = []
    accounts: dict[str, Account] = {}
    commodities: dict[str, Commodity] = {}

    def observe(block: Block, _: Batch, admitted: Admitted) -> Iterable[Finding]:
        watch(block.header.number + 1)
        if block.header.number >= common:
            entries.extend((block.header.number, row) for row in admitted.entries)
            for _place, record in admitted.others:
                if isinstance(record, Account):
                    accounts[record.id] = record
                elif isinstance(record, Commodity):
                    commodities[record.code] = record
        return ()

    metered = Metered(peer)
    verdict = verify(Grafted(ours, metered, common), policy, observe)
    if metered.lost is not None:
        raise metered.lost
    return Branch(verdict, tuple(entries), accounts, commodities)


def whole_log(peer: Peer, policy: Policy, watch: Callable[[int], None]) -> Verdict:
    """Judge all that a peer holds by its own bytes; `watch` is told how many blocks are done.

    Raises `PeerLost`, `TooMuch`: what a peer could not give says nothing of the log.
    """

    def observe(block: Block, _: Batch, __: Admitted) -> Iterable[Finding]:
        watch(block.header.number + 1)
        return ()

    metered = Metered(peer)
    metered.checkpoint()
    verdict = verify(metered, policy, observe)
    if metered.lost is not None:
        raise metered.lost
    return verdict
