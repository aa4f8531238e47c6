"""The state of a book, as the laws ask for it, read from the tables at a cost that does not grow with the book."""

from __future__ import annotations

import msgspec

from cloudbooks.chain.leaves import Leaf
from cloudbooks.chain.merkle import Frontier
from cloudbooks.chain.past import PartyFacts, Past, Standing, StatementFacts
from cloudbooks.chain.record import Account, AnyRecord, Book, Commodity, Entry, Member, Right
from cloudbooks.chain.state import State
from cloudbooks.store import deriving_tree, log_bytes, sqlite
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.ids import packed, unpacked
from cloudbooks.store.opening import Head, head_of
from cloudbooks.store.tables import KIND

_records = msgspec.json.Decoder(AnyRecord)


class StoredPast:
    """A `Past` that answers from the tables. What a batch adds is kept by whoever commits it."""

    def __init__(self, connection: sqlite.Connection) -> None:
        self._connection = connection
        self._lines = log_bytes.Lines(connection)
        self._greatest: bytes | None = connection.execute("SELECT max(id) FROM identity").fetchone()[0]

    def has_id(self, id_: str) -> bool:
        """See `Past`."""
        return self._find(id_) is not None

    def _find(self, id_: str) -> tuple[int, int] | None:
        """The kind and key of what has this id."""
        small = packed(id_)
        # Ids rise with time, so most that are new are greater than all that are known.
        if self._greatest is None or small > self._greatest:
            return None
        found = self._connection.execute("SELECT kind, key FROM identity WHERE id = ?", (small,)).fetchone()
        return None if found is None else (int(found[0]), int(found[1]))

    def _key(self, kind: str, id_: str) -> int | None:
        found = self._find(id_)
        return found[1] if found and found[0] == KIND[kind] else None

    def has_salt(self, salt: str) -> bool:
        """See `Past`."""
        query = "SELECT 1 FROM salt WHERE salt = ?"
        return self._connection.execute(query, (bytes.fromhex(salt),)).fetchone() is not None

    def party(self, id_: str) -> PartyFacts | None:
        """See `Past`."""
        key = self._key("party", id_)
        row = self._connection.execute("SELECT name, closed FROM party WHERE key = ?", (key,)).fetchone()
        return None if row is None else PartyFacts(row[0], bool(row[1]))

    def key_holder(self, key_id: bytes) -> str:
        """See `Past`."""
        row = self._connection.execute(
            "SELECT member.id FROM member_key JOIN member ON member.key = member_key.member WHERE key_id = ?",
            (key_id,),
        ).fetchone()
        return "" if row is None else unpacked(row[0])

    def has_rules(self, id_: str) -> bool:
        """See `Past`."""
        return self._key("rules", id_) is not None

    def statement(self, id_: str) -> StatementFacts | None:
        """See `Past`."""
        row = self._connection.execute(
            "SELECT account.id, commodity.code, statement.lines FROM statement"
            " JOIN account ON account.key = statement.account JOIN commodity ON commodity.key = statement.commodity"
            " WHERE statement.key = ?",
            (self._key("statement", id_),),
        ).fetchone()
        return None if row is None else StatementFacts(unpacked(row[0]), row[1], row[2])

    def settled(self, name: str) -> bool:
        """See `Past`."""
        statement, _, place = name.partition("/")
        row = self._connection.execute(
            "SELECT 1 FROM settled WHERE statement = ? AND place = ?"
            " AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.reverses = settled.entry) LIMIT 1",
            (self._key("statement", statement), int(place)),
        ).fetchone()
        return row is not None

    def entry(self, id_: str) -> Entry | None:
        """See `Past`. Raises `BytesDamaged` where the log has lost its record."""
        row = self._connection.execute(
            "SELECT block, record FROM entry WHERE key = ?", (self._key("entry", id_),)
        ).fetchone()
        if row is None:
            return None
        record = _records.decode(self._lines.line(row[0], row[1]))
        if not isinstance(record, Entry) or record.id != id_:
            raise log_bytes.BytesDamaged
        return record

    def reversed_by(self, id_: str) -> str:
        """See `Past`."""
        row = self._connection.execute("SELECT id FROM entry WHERE reverses = ?", (self._key("entry", id_),)).fetchone()
        return "" if row is None else unpacked(row[0])

    def root_at(self, size: int) -> bytes:
        """See `Past`."""
        return deriving_tree.root_at(self._connection, size)

    def learn(self, standing: Standing) -> None:
        """See `Past`: the rows are kept from what admitting gives."""
        self._greatest = max(self._greatest or b"", packed(max(standing.ids)))

    def grow(self, root: bytes) -> None:
        """See `Past`: the tree is kept from the block."""


def load_state(book: BookFile) -> State:
    """The state of the book at its head, for making a batch on it; whoever admits one asks the guard for it."""
    kept = book.kept
    if kept is not None and kept.counter == book.header.change_counter():
        return kept.state
    return state_of(book.connection)


def state_of(connection: sqlite.Connection) -> State:
    """The state that the tables hold."""
    size = deriving_tree.size_of(connection)
    frontier = Frontier.of(size, deriving_tree.subtrees(connection, size))
    return standing_state(connection, StoredPast(connection), frontier, head_of(connection))


def standing_state(connection: sqlite.Connection, past: Past, frontier: Frontier, head: Head | None) -> State:
    """The state that the rows of states and sums tell, at a place in the log that the other three tell."""
    return State(
        past,
        book=book_record(connection),
        members=_members(connection),
        commodities=_commodities(connection),
        accounts=_accounts(connection),
        closed=_closed(connection),
        numbers=_numbers(connection),
        leaves=leaves_of(connection),
        frontier=frontier,
        head=head.hash if head else "",
        committed_at=head.committed_at if head else "",
    )


def book_record(connection: sqlite.Connection) -> Book | None:
    """The book as it states itself; `None` before its first block."""
    row = connection.execute(
        "SELECT id, salt, name, base, created_at, blind, fiscal_year_start, jurisdiction, chart, tax_id,"
        " separate_duties FROM book"
    ).fetchone()
    if row is None:
        return None
    id_, salt, name, base, created_at, blind, start, jurisdiction, chart, tax_id, separate = row
    return Book(
        id=unpacked(id_), salt=salt.hex(), name=name, base=base, created_at=created_at, blind=blind.hex(),
        fiscal_year_start=start, jurisdiction=jurisdiction, chart=chart, tax_id=tax_id, separate_duties=bool(separate),
    )  # fmt: skip


def _members(connection: sqlite.Connection) -> list[Member]:
    rows = connection.execute("SELECT id, salt, name, vkey, rights, next_key, revoked FROM member").fetchall()
    return [
        Member(unpacked(id_), salt.hex(), name, vkey, _rights(rights), next_key, bool(revoked))
        for id_, salt, name, vkey, rights, next_key, revoked in rows
    ]


def _rights(text: str) -> tuple[Right, ...]:
    return msgspec.convert(text.split("\n"), tuple[Right, ...])


def _commodities(connection: sqlite.Connection) -> list[Commodity]:
    rows = connection.execute("SELECT id, salt, code, scale, name FROM commodity").fetchall()
    return [Commodity(unpacked(id_), salt.hex(), code, scale, name) for id_, salt, code, scale, name in rows]


def _accounts(connection: sqlite.Connection) -> list[Account]:
    rows = connection.execute(
        "SELECT id, salt, code, name, kind, class, parent, commodity, dimensions, closed FROM account"
    ).fetchall()
    return [
        Account(
            unpacked(id_), salt.hex(), code, name, kind, class_, parent, commodity, _listed(dimensions), bool(closed)
        )
        for id_, salt, code, name, kind, class_, parent, commodity, dimensions, closed in rows
    ]


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n")) if text else ()


def _closed(connection: sqlite.Connection) -> list[str]:
    closed: list[str] = []
    for closes, month in connection.execute("SELECT closes, month FROM lock ORDER BY key").fetchall():
        if closes:
            closed.append(_period(month))
        else:
            closed.pop()
    return closed


def _period(month: int) -> str:
    return f"{month // 100:04d}-{month % 100:02d}"


def _numbers(connection: sqlite.Connection) -> dict[tuple[str, str], int]:
    rows = connection.execute("SELECT series, month, number FROM last_number").fetchall()
    return {(series, _period(month)): number for series, month, number in rows}


def leaves_of(connection: sqlite.Connection) -> list[Leaf]:
    """All balance leaves as they stand now."""
    rows = connection.execute(
        "SELECT account.id, commodity.code, debit, credit, debit_value, credit_value, postings, leaf.block FROM leaf"
        " JOIN account ON account.key = leaf.account JOIN commodity ON commodity.key = leaf.commodity"
    ).fetchall()
    return [Leaf(unpacked(id_), *cells) for id_, *cells in rows]
