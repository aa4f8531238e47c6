"""What the laws need to know: the fold of all batches admitted so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cloudbooks.chain.leaves import Leaf, Leaves, leaf_text
from cloudbooks.chain.memory_past import MemoryPast
from cloudbooks.chain.merkle import Frontier
from cloudbooks.chain.past import PartyFacts, Past, Standing, StatementFacts
from cloudbooks.chain.record import Account, Book, Commodity, Member, Record

__all__ = ["MemoryPast", "PartyFacts", "Past", "Standing", "State", "StatementFacts"]


class State:
    """A book at a place in its log. Admitting changes it; after a `LawBroken` it must be dropped.

    `commodities` are by code, `members` and `accounts` by id, all as last stated; parties, and all else that grows with
    the log, are asked from `past`. `closed` are the periods that `close` named and `reopen` did not take back, rising.
    `numbers` are the last voucher numbers by series and period. `head` is the hash of the last block, empty before the
    first; `size` counts the blocks, and `committed_at` is the time of the last.
    """

    __slots__ = (
        "accounts", "book", "closed", "codes", "committed_at", "commodities", "frontier", "head", "kinds",
        "leaves", "members", "numbers", "past",
    )  # fmt: skip

    def __init__(  # noqa: PLR0913 - what a book is made of
        self,
        past: Past,
        *,
        book: Book | None = None,
        members: Iterable[Member] = (),
        commodities: Iterable[Commodity] = (),
        accounts: Iterable[Account] = (),
        closed: Iterable[str] = (),
        numbers: Mapping[tuple[str, str], int] | None = None,
        leaves: Iterable[Leaf] = (),
        frontier: Frontier | None = None,
        head: str = "",
        committed_at: str = "",
    ) -> None:
        self.past = past
        self.book: Book | None = None
        self.members: dict[str, Member] = {}
        self.commodities: dict[str, Commodity] = {}
        self.accounts: dict[str, Account] = {}
        self.codes: dict[str, str] = {}
        self.kinds: dict[str, type[Record]] = {}
        stated: list[Book | Member | Commodity | Account] = [book] if book else []
        for record in (*stated, *members, *commodities, *accounts):
            self.put(record)
        self.closed = list(closed)
        self.numbers = dict(numbers or {})
        self.leaves = Leaves(leaves)
        self.frontier = frontier or Frontier()
        self.head = head
        self.committed_at = committed_at

    @property
    def size(self) -> int:
        """How many blocks the log has; the number of the next."""
        return self.frontier.size

    @property
    def root(self) -> str:
        """The root of the log's tree, as texts write it: `s256:` and 64 hex digits."""
        return "s256:" + self.frontier.root.hex()

    @property
    def base_scale(self) -> int:
        """The scale of values; the book stands."""
        assert self.book
        return self.commodities[self.book.base].scale

    def put(self, record: Book | Member | Commodity | Account) -> None:
        """Take a state record, judged before, for what its id is now; `codes` holds those of open accounts."""
        self.kinds[record.id] = type(record)
        if isinstance(record, Account):
            before = self.accounts.get(record.id)
            if before and not before.closed:
                del self.codes[before.code]
            if not record.closed:
                self.codes[record.code] = record.id
            self.accounts[record.id] = record
        elif isinstance(record, Commodity):
            self.commodities[record.code] = record
        elif isinstance(record, Member):
            self.members[record.id] = record
        else:
            self.book = record

    def balances_root(self) -> str:
        """The root over all balance leaves, as a block has it; of no leaf before there is a book."""
        if self.book is None:
            return "s256:" + self.leaves.root(lambda _: b"").hex()
        blind = bytes.fromhex(self.book.blind)
        base_scale = self.base_scale
        commodities = self.commodities
        root = self.leaves.root(lambda leaf: leaf_text(leaf, commodities[leaf.commodity].scale, base_scale, blind))
        return "s256:" + root.hex()

    def grow(self, leaf: bytes, head: str, committed_at: str) -> None:
        """A block stands in the log: its leaf hash, its own hash, and its time."""
        self.frontier.append(leaf)
        self.past.grow(self.frontier.root)
        self.head = head
        self.committed_at = committed_at
