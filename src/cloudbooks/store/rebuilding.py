"""Rebuilding: every derived table dropped and made again from the log's bytes, in one transaction."""

from __future__ import annotations

from collections.abc import Callable

from cloudbooks.chain import batch as batches
from cloudbooks.chain import block as blocks
from cloudbooks.chain import rights
from cloudbooks.chain.admitting import LawBroken, admit
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.merkle import leaf_hash
from cloudbooks.chain.state import MemoryPast, State
from cloudbooks.core.uncollected import uncollected
from cloudbooks.errors import ChainFault, sentence
from cloudbooks.store import keeping, log_bytes, meta, opening, schema, sqlite
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.deriving import Deriving
from cloudbooks.store.exclusive import rebuilding
from cloudbooks.store.log import StoredLog
from cloudbooks.store.schema_posted import DERIVED, DERIVED_TABLES, TRIGGERS


class LogBroken(ChainFault):
    """The log itself is not what was posted, so nothing can be made from it."""

    code = "chain-broken"

    def __init__(self, number: int, fault: Exception) -> None:
        why = fault.message if isinstance(fault, FormFault) else sentence("{why}.", why=str(fault))
        super().__init__(
            sentence("block {number} cannot be folded: {why} Nothing was rebuilt.", number=number, why=why),
            hint=sentence("cloudbooks verify; then cp COPY BOOK puts a good copy of the book back"),
        )


def rebuild(book: BookFile, watch: Callable[[int], None] = lambda _blocks: None) -> int:
    """Drop the derived tables and fold the log into new ones; gives the number of blocks.

    `watch` is told the blocks done after each; what it raises leaves the tables as they were.

    The log, drafts and settings, and the receipt stay as they are. Raises `LogBroken`, or what bars writing.
    """
    with rebuilding(book):
        connection = book.connection
        with uncollected():
            count = remake(book, watch)
        # That the rest of the file is well is for the next write to see.
        meta.write(connection, meta.UNVERIFIED, "rebuilt")
        meta.write(connection, meta.MIGRATIONS, meta.migrations_digest(connection))
        meta.write(connection, meta.COUNTER, str(book.header.change_counter()))
    book.kept = None
    book.head = opening.head_of(book.connection)
    return count


def remake(book: BookFile, watch: Callable[[int], None] = lambda _blocks: None) -> int:
    """Drop the derived tables and fold the log into new ones, in the caller's transaction; raises `LogBroken`.

    A book of an earlier version is given the tables and triggers of its own version.
    """
    connection = book.connection
    for table in reversed(DERIVED_TABLES):
        connection.execute(f"DROP TABLE IF EXISTS main.{table}")
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema").fetchall()}
    own = schema.statements(book.version)
    for statement in DERIVED:
        if statement in own:
            connection.execute(statement)
    for statement in TRIGGERS:
        if statement in own and statement.split()[2] not in names:
            connection.execute(statement)
    return _fold(book, watch)


def _fold(book: BookFile, watch: Callable[[int], None]) -> int:
    log = StoredLog(book)
    state = State(MemoryPast(log.batch))
    deriving = Deriving(book.connection, resumed=False)
    while (data := log.block(state.size)) is not None:
        try:
            _fold_block(book.connection, log, state, deriving, data)
        except (FormFault, log_bytes.BytesDamaged) as fault:
            raise LogBroken(state.size, fault) from fault
        watch(state.size)
    return state.size


def _fold_block(connection: sqlite.Connection, log: StoredLog, state: State, deriving: Deriving, data: bytes) -> None:
    block = blocks.read(data)
    stored = log.batch(block.header.batch)
    if stored is None:
        raise log_bytes.BytesDamaged
    batch = batches.read(stored)
    blocks.check_batch(block, batch)
    if block.header.previous != state.head:
        raise LawBroken("chain", sentence("The block does not name the one before it, {hash}.", hash=state.head))
    rights.verify_author(batch, block.note, rights.author(state, batch))
    admitted = admit(state, batch, state.size, block.header.committed_at)
    if admitted.balances_root != block.header.balances_root:
        raise LawBroken("balances", sentence("The block's balances are not those of the entries up to it."))
    state.grow(leaf_hash(data), block.hash, block.header.committed_at)
    keeping.keep(connection, deriving.rows(block, batch, admitted))
