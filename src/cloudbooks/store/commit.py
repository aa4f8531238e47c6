"""The commit of a batch: the one step that makes entries posted, in the order that faults cannot break.

Everything before it may be repeated, everything after it may be made up later. An entry is acknowledged when the call
returns, which is after the receipt was written, or was found impossible to write and said so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cloudbooks.chain.batch import Batch
from cloudbooks.chain.block import Block
from cloudbooks.chain.canonical import b3
from cloudbooks.chain.rows import Admitted
from cloudbooks.chain.sealing import Sealed
from cloudbooks.chain.state import State
from cloudbooks.core.uncollected import uncollected
from cloudbooks.errors import ChainFault, Finding, counted, sentence
from cloudbooks.store import attachments, guard, keeping, log_bytes, posted, sqlite, trusting
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.deriving import Deriving
from cloudbooks.store.kept_state import KeptState
from cloudbooks.store.opening import Head
from cloudbooks.store.unit import Title, Unit
from cloudbooks.store.writing import writing
from cloudbooks.system.clock import instant

Seal = Callable[[State], Sealed]
"""Chain's pure function from a place in the log to a block; raises `FormFault` for a batch that may not stand there."""


class ReadBackDiffers(ChainFault):
    """What was written does not read back as it was written; it was rolled back."""

    code = "read-back"

    def __init__(self, number: int) -> None:
        super().__init__(
            sentence("block {number} did not read back as it was written; nothing was posted.", number=number),
            hint=sentence("cloudbooks doctor; cloudbooks verify"),
        )


@dataclass(frozen=True, slots=True)
class Committed:
    """A batch in its place. `repeated` says that it stood there already and nothing was written.

    `findings` may say that the receipt could not be written (`receipt-not-written`), or that the clock went back.
    """

    block: Block
    admitted: Admitted
    repeated: bool
    findings: tuple[Finding, ...]


def commit(
    book: BookFile,
    batch: Batch,
    seal: Seal,
    *,
    also: Callable[[Unit], object] | None = None,
    command: str = "",
) -> Committed:
    """Make `batch` the next block of the book, and write the receipt.

    `also` writes working state in the same transaction: what becomes of the drafts that are posted here. A batch that
    stands in the log already gives what it gave then. Raises what `writing` raises, `PostedChanged` if the book was
    touched and is not what was posted, and `FormFault` for a batch that breaks a law; then nothing was written.
    """
    connection = book.connection
    number = None if book.barred else _place(connection, batch)
    if number is not None:
        return Committed(*posted.block(book, number), repeated=True, findings=())
    with writing(book, command, landed=lambda: _place(book.connection, batch) is not None):
        number = _place(book.connection, batch)
        if number is None:
            state = guard.guarded_state(book)
            with uncollected():
                sealed = seal(state)
                guard.require_sums(book, state, sealed.admitted.number)
                keep_block(book.connection, batch, sealed)
            read_back(book.connection, sealed, state)
            _settle(book, batch, sealed, also, command)
            counter = book.header.change_counter()
    if number is not None:
        return Committed(*posted.block(book, number), repeated=True, findings=())
    # From here on the batch is posted: a crash now loses only the receipt, which the next command writes.
    if book.connection is connection:
        book.kept = KeptState((counter + 1) % 2**32, state)
    return _acknowledged(book, sealed)


def begin(connection: sqlite.Connection, batch: Batch, seal: Seal, files: Mapping[str, bytes], state: State) -> Sealed:
    """Keep the first batch, and the files that it names, in a book that is being made; the caller commits."""
    sealed = seal(state)
    for data in files.values():
        attachments.keep(connection, data)
    keep_block(connection, batch, sealed)
    read_back(connection, sealed, state)
    return sealed


def _place(connection: sqlite.Connection, batch: Batch) -> int | None:
    """The number of the block that holds this very batch; another one under its id is for the laws to refuse."""
    row = connection.execute(
        "SELECT number FROM block WHERE batch_hash = ?", (bytes.fromhex(batch.hash.removeprefix("b3:")),)
    ).fetchone()
    return None if row is None else int(row[0])


def keep_block(connection: sqlite.Connection, batch: Batch, sealed: Sealed) -> None:
    """Keep a block, its batch and the rows that follow from it, in the caller's transaction."""
    number = sealed.admitted.number
    connection.execute("INSERT INTO log_block (number, bytes) VALUES (?, ?)", (number, sealed.block.data))
    log_bytes.keep_batch(connection, number, batch.data)
    keeping.keep(connection, Deriving(connection, resumed=number > 0).rows(sealed.block, batch, sealed.admitted))


def read_back(connection: sqlite.Connection, sealed: Sealed, state: State) -> None:
    """Pair what was written with what is read: the block's hash is the head to be, and balances sum to zero.

    Raises `ReadBackDiffers`.
    """
    number = sealed.admitted.number
    stored = log_bytes.block_bytes(connection, number)
    row = connection.execute("SELECT hash FROM block WHERE number = ?", (number,)).fetchone()
    balanced = sum(leaf.debit_value - leaf.credit_value for leaf in state.leaves) == 0
    if stored is None or b3(stored) != state.head or row != (bytes.fromhex(state.head[3:]),) or not balanced:
        raise ReadBackDiffers(number)


def _settle(book: BookFile, batch: Batch, sealed: Sealed, also: Callable[[Unit], object] | None, command: str) -> None:
    entries, numbers = len(sealed.admitted.entries), sealed.admitted.numbers
    summary = counted("post {n} entry", "post {n} entries", entries)
    title = Title(command or book.command, summary, batch.header.author, sealed.block.header.committed_at)
    first = numbers[0] if numbers else None
    voucher = f"{first.period}/{first.series}-{first.first}" if first else ""
    unit = Unit(book.connection, title, block=sealed.admitted.number, voucher=voucher)
    if also is not None:
        also(unit)
    unit.finish()


def _acknowledged(book: BookFile, sealed: Sealed) -> Committed:
    block = sealed.block
    book.head = Head(block.header.number, block.hash, block.header.committed_at)
    findings = trusting.acknowledge(book)
    # The time of a batch is taken before it waits for the lock, and those who came first may have a later one.
    if sealed.clock_went_back and instant(book.clock.now()) < block.header.committed_at:
        message = sentence("the clock went back; block {number} has the time of the one before it, {at}.",
                           number=block.header.number, at=block.header.committed_at)  # fmt: skip
        findings.append(Finding("clock-back", f"block {block.header.number}", message, sentence("date -u")))
    return Committed(block, sealed.admitted, repeated=False, findings=tuple(findings))
