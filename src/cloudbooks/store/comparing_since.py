"""Verifying what came after a block that this machine verified before, at a cost that does not grow with the book.

The log is read from that block on; the laws judge it on the state that the earlier verification kept outside the book
(`attested`). The rows of new records are compared, and so are all states, balances, leaves and last numbers. What lies
before is believed as it was found then: its bytes and the rows of its entries are not read again, and the file itself
is not examined. So whatever hints that somebody else wrote to the file since has the whole of it verified instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cloudbooks.chain.batch import Batch
from cloudbooks.chain.block import Block
from cloudbooks.chain.canonical import b3
from cloudbooks.chain.merkle import Frontier
from cloudbooks.chain.rows import Admitted
from cloudbooks.chain.verdict import FINDINGS_MAX, Policy, Verdict
from cloudbooks.chain.verifying import Start, verify
from cloudbooks.core.digest import short
from cloudbooks.errors import ChainFault, Finding, Refusal, Sentence, sentence
from cloudbooks.store import deriving_tree, log_bytes, schema_posted, sqlite, tables
from cloudbooks.store.attested import COUNTER_END, TABLES, Attested, drift_of
from cloudbooks.store.checking_file import check_kept
from cloudbooks.store.comparing import all_well, everything, held, release
from cloudbooks.store.comparing_rows import Comparison, posted_changed
from cloudbooks.store.deriving import Deriving
from cloudbooks.store.live_log import LiveLog
from cloudbooks.store.opening import Head, block_head
from cloudbooks.store.past import standing_state
from cloudbooks.store.past_since import PastBefore, PastSince
from cloudbooks.store.tables import KIND, Row, Table
from cloudbooks.system.clock import local_time

if TYPE_CHECKING:
    from cloudbooks.chain.state import State
    from cloudbooks.store.book_file import BookFile


class VerifyWhole(Refusal):
    """Something hints that the file is not as it was verified, so only a whole verification says anything."""

    code = "verify-whole"

    def __init__(self, path: Path, at: str, why: Sentence) -> None:
        super().__init__(
            sentence("{path} may not be as it was verified on {at}: {why}.", path=str(path), at=local_time(at),
                     why=why),
            hint=sentence("cloudbooks verify reads all of it"),
        )  # fmt: skip


class VerifiedContradicted(ChainFault):
    """A block that this machine verified is another one in the book, or is gone: its history was rewritten."""

    code = "verified-contradicted"

    def __init__(self, number: int, hash_: str, kept: Attested) -> None:
        gone = sentence("block {number} is not in this file, but {kept} was verified here on {at}.", number=number,
                        kept=short(kept.hash), at=local_time(kept.verified_at))  # fmt: skip
        other = sentence("block {number} is {hash} in this file, but {kept} was verified here on {at}.", number=number,
                         hash=short(hash_), kept=short(kept.hash), at=local_time(kept.verified_at))  # fmt: skip
        super().__init__(
            other if hash_ else gone,
            hint=sentence("cp COPY {path} puts a copy back that holds the verified block", path=kept.path),
        )


class _LogSince(LiveLog):
    """The log from a block on. What lies before is not looked through for what belongs to no place."""

    def __init__(self, book: BookFile) -> None:
        super().__init__(book)
        self._end = 0

    def block(self, number: int) -> bytes | None:
        """See `StoredLog`."""
        self._end = number
        return super().block(number)

    def stray(self) -> Iterator[str]:
        """See `StoredLog`: blocks after a gap at the end, and batches of no block there."""
        execute = self._book.connection.execute
        beyond = "SELECT number FROM log_block WHERE number >= ? ORDER BY number"
        for (number,) in execute(beyond, (self._end,)).fetchall():
            yield f"block/{number:08d}"
        orphans = "SELECT DISTINCT block FROM log_batch WHERE block >= ? ORDER BY block"
        for (number,) in execute(orphans, (self._end,)).fetchall():
            yield f"batch of block {number}"


def verify_since(
    book: BookFile, policy: Policy, attested: Attested, watch: Callable[[], None] | None = None
) -> Verdict:
    """Verify the blocks after the one with which `attested` ended; `watch` is called after each that the laws admit.

    The sizes in the verdict hold if what was verified then still stands; its `since` says so. Nothing is written. For
    what is found of the new blocks nothing is raised. Raises `VerifyWhole` where the file may not be as it was then,
    and `VerifiedContradicted` where it holds another history.
    """
    _require_untouched(book, attested)
    head = _verified_head(book, attested)
    outer = book.connection.in_transaction
    log = _LogSince(book)
    posted: list[Finding] = []
    with closing(sqlite.memory()) as standing:
        state, comparison = _resumed(book, log, standing, attested, head)

        def observe(block: Block, batch: Batch, admitted: Admitted) -> Iterable[Finding]:
            posted.extend(everything(lambda: comparison.compare(block, batch, admitted)))
            if watch is not None:
                watch()
            return ()

        start = Start(state, book.id, attested.first_key, attested.checkpoint)
        try:
            verdict = verify(log, policy, observe, start)
            posted += everything(lambda: held(log))
            posted += everything(lambda: comparison.finish(whole=verdict.consistent == verdict.blocks))
            posted += everything(lambda: check_kept(book))
        finally:
            if not outer:
                release(book)
    findings = (*verdict.findings, *posted)[:FINDINGS_MAX]
    return replace(verdict, valid=all_well(verdict, posted), since=attested.number + 1, findings=findings)


def _require_untouched(book: BookFile, attested: Attested) -> None:
    """Refuse a file that another program wrote to, that an older copy was put over, or that is in doubt."""

    def refuse(why: Sentence) -> VerifyWhole:
        return VerifyWhole(book.path, attested.verified_at, why)

    if book.barred:
        raise book.barred
    if book.unsure:
        raise refuse(sentence("a writer was stopped, or its tables were rebuilt"))
    counter = book.header.change_counter()
    if drift_of(book, counter) != attested.drift:
        raise refuse(sentence("another program wrote to it"))
    # A counter that seems to be further on than half of all it can count went back.
    if (counter - attested.counter) % COUNTER_END >= COUNTER_END // 2:
        raise refuse(sentence("an older copy was put in its place"))


def _verified_head(book: BookFile, attested: Attested) -> Head:
    """The block with which the earlier verification ended; raises `VerifiedContradicted`."""
    data = log_bytes.block_bytes(book.connection, attested.number)
    if data is None:
        raise VerifiedContradicted(attested.number, "", attested)
    if b3(data) != attested.hash:
        raise VerifiedContradicted(attested.number, b3(data), attested)
    return block_head(attested.number, data)


def _resumed(
    book: BookFile, log: _LogSince, standing: sqlite.Connection, attested: Attested, head: Head
) -> tuple[State, ComparisonSince]:
    """State and fold as they were at the end of the earlier verification."""
    for statement in schema_posted.DERIVED:
        standing.execute(statement)
    for table in TABLES:
        if table is not tables.BALANCE:
            standing.executemany(table.insert, attested.rows[table.name])
    connection, size = book.connection, attested.number + 1
    frontier = Frontier.of(size, deriving_tree.subtrees(connection, size))
    if frontier.root.hex() != attested.root:
        message = sentence("the tree of the first {n} blocks is not what was verified", n=size)
        raise VerifyWhole(book.path, attested.verified_at, message)
    before = PastBefore(connection, standing, attested.counts, size)
    state = standing_state(standing, PastSince(before, size, frontier.root, log.batch), frontier, head)
    deriving = Deriving.since(connection, standing, attested.counts, size)
    return state, ComparisonSince(connection, deriving, attested)


class ComparisonSince(Comparison):
    """A comparison that goes on from an earlier one: rows that were compared then are not read again."""

    def __init__(self, connection: sqlite.Connection, deriving: Deriving, attested: Attested) -> None:
        super().__init__(connection, deriving)
        rows = {table: attested.rows[table.name] for table in TABLES}
        for table in tables.STATES:
            self._states[table] = {row[0]: row for row in rows[table]}
        for row in rows[tables.BALANCE]:
            self._balances[row[:4]] = list(row[4:])  # type: ignore[index, arg-type] # a strict table held numbers
        self._leaf_blocks = {row[:2]: row[-1] for row in rows[tables.LEAF]}  # type: ignore[misc] # the same
        self._numbers = {row[:2]: row[2] for row in rows[tables.LAST_NUMBER]}  # type: ignore[misc] # the same
        self._before: Mapping[str, int] = attested.counts
        self._size = attested.number + 1

    def _count(self) -> Iterator[Finding]:
        """Rows were found one by one; that there are not more of them after the first ones is counted."""
        last = self._before["entry"]
        named = (
            "SELECT count(*) FROM entry JOIN identity ON identity.id = entry.id AND identity.kind = ?"
            " AND identity.key = entry.key WHERE entry.key > ?"
        )
        yield from self._counted(named, (KIND["entry"], last), tables.ENTRY)
        for table in (*tables.EVENTS, tables.ENTRY):
            yield from self._beyond(table, "key", self._before[table.name])
        yield from self._beyond(tables.POSTING, "entry", last)
        yield from self._beyond(tables.BLOCK, "number", self._size - 1)

    def _beyond(self, table: Table, column: str, last: int) -> Iterator[Finding]:
        query = f"SELECT count(*) FROM {table.name} WHERE {column} > ?"  # noqa: S608 - names from our own tables
        yield from self._counted(query, (last,), table)

    def _counted(self, query: str, values: Row, table: Table) -> Iterator[Finding]:
        (there,) = self._connection.execute(query, values).fetchone()
        if there != self._counts[table.name]:
            message = sentence(
                'the table "{table}" has {there} rows since then; the log makes {expected}.',
                table=table.name, there=there, expected=self._counts[table.name],
            )  # fmt: skip
            yield posted_changed(table, message)
