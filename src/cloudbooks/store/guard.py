"""The guard: whether another program touched the book, looked for at each post at a cost that does not grow with it.

SQLite counts the transactions that change a file; this program keeps what its own last one left. With it go the digest
of the schema, the last block's bytes, the root over all balance leaves, and the monthly sums of the accounts that a
post adds to. Whatever differs has the whole book verified before anything is posted.
"""

from __future__ import annotations

from cloudbooks.chain import block as blocks
from cloudbooks.chain.merkle import leaf_hash
from cloudbooks.chain.state import State
from cloudbooks.store import deriving_tree, log_bytes, meta, past, schema, sqlite, whole
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.ids import packed

_MONTHS = """
SELECT commodity, sum(debit), sum(credit), sum(debit_value), sum(credit_value), sum(postings) FROM balance
WHERE account = ? GROUP BY commodity ORDER BY commodity
"""
_LEAVES = """
SELECT commodity, debit, credit, debit_value, credit_value, postings FROM leaf WHERE account = ? ORDER BY commodity
"""


def guarded_state(book: BookFile) -> State:
    """The state of a book that nobody else has touched, inside the open write transaction.

    The state after this process's last post is taken where nobody has written since; it is no longer kept then, because
    admitting changes it.

    Raises `PostedChanged` where the whole book, verified because something differed, is not what was posted.
    """
    kept, book.kept = book.kept, None
    if kept is not None and kept.counter == book.header.change_counter():
        return kept.state
    state = _untouched(book)
    if state is None:
        whole.require_whole(book)
        state = past.load_state(book)
    return state


def _untouched(book: BookFile) -> State | None:
    """The state, or `None` if anything differs from what this program left."""
    connection = book.connection
    try:
        if int(meta.read(connection, meta.COUNTER)) != book.header.change_counter():
            return None
        if not schema.is_whole(connection, book.version):
            return None
        state = past.load_state(book)
        return state if _fits_last_block(connection, state) else None
    except Exception:  # noqa: BLE001 - whatever a touched table causes, verifying the whole book says what it is
        return None


def _fits_last_block(connection: sqlite.Connection, state: State) -> bool:
    last = log_bytes.last_block(connection)
    if last is None or last[0] != state.size - 1:
        return False
    block = blocks.read(last[1])
    row = connection.execute("SELECT hash, committed_at FROM block WHERE number = ?", last[:1]).fetchone()
    node = connection.execute("SELECT hash FROM node WHERE level = 0 AND place = ?", last[:1]).fetchone()
    return (
        row == (bytes.fromhex(block.hash[3:]), block.header.committed_at)
        and node == (leaf_hash(block.data),)
        and block.header.balances_root == state.balances_root()
        and state.frontier.root == deriving_tree.root_at(connection, state.size)
    )


def require_sums(book: BookFile, state: State, number: int) -> None:
    """Compare the months of every account that block `number` adds to with its leaves, before they are added to.

    Raises `PostedChanged` where they differ and the whole book is not what was posted.
    """
    touched = {leaf.account for leaf in state.leaves if leaf.block == number}
    if not all(_months_fit(book.connection, account) for account in touched):
        whole.require_whole(book)


def _months_fit(connection: sqlite.Connection, account: str) -> bool:
    row = connection.execute("SELECT key FROM identity WHERE id = ?", (packed(account),)).fetchone()
    if row is None:
        # An account that is stated in the very batch has neither months nor leaves yet.
        return True
    return connection.execute(_MONTHS, row).fetchall() == connection.execute(_LEAVES, row).fetchall()
