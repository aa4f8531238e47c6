"""Verifying a book: its log by the laws, every derived row against the log, and all else that the file holds.

The log's bytes are the truth. Rows are folded from them once more and compared in ranges, as tuples: no row is believed
because it is there, and none is missed because it is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from cloudbooks.chain.batch import Batch
from cloudbooks.chain.block import Block
from cloudbooks.chain.rows import Admitted
from cloudbooks.chain.verdict import FINDINGS_MAX, Policy, Verdict
from cloudbooks.chain.verifying import verify
from cloudbooks.errors import Finding, sentence
from cloudbooks.store.checking_file import check_file
from cloudbooks.store.checking_working import check_working
from cloudbooks.store.comparing_rows import Comparison
from cloudbooks.store.log import StoredLog
from cloudbooks.store.uncollected import uncollected
from cloudbooks.store.writing import end_doubt

if TYPE_CHECKING:
    from cloudbooks.store.book_file import BookFile


_NEVER_IN_A_BOOK = frozenset({"batch-missing", "stray"})
"""A log elsewhere may be incomplete or have files beside it; a book has exactly what was posted."""


class _LiveLog(StoredLog):
    """The log of a book that others may write to meanwhile.

    Blocks up to the head are never changed, so they are read without holding anybody up. Whoever asks for the block
    after the last gets it from inside a read transaction, in which all that can change is then compared.
    """

    def __init__(self, book: BookFile) -> None:
        super().__init__(book)
        self._book = book
        self._size = book.head.number + 1 if book.head else 0
        self.files: set[str] = set()

    def block(self, number: int) -> bytes | None:
        """See `StoredLog`."""
        if number >= self._size:
            self.hold()
        return super().block(number)

    def hold(self) -> None:
        """Let nothing change from here on that is read through this connection."""
        if not self._book.connection.in_transaction:
            self._book.connection.execute("BEGIN")

    def attachment(self, b3: str) -> bytes | None:
        """See `StoredLog`; what was read well is remembered."""
        found = super().attachment(b3)
        if found is not None:
            self.files.add(b3)
        return found


def verify_book(book: BookFile, policy: Policy, watch: Callable[[], None] | None = None) -> Verdict:
    """Verify everything that the book's file holds. Nothing is raised: whatever goes wrong is a finding.

    `watch` is called after each block that the laws admit.

    The verdict is the log's. It is made invalid, too, by a row that is not what was posted, by a batch that is gone or
    too many, by a file that SQLite finds damaged, and by a head that does not fit the receipt. Damaged drafts and
    settings are findings only. A doubt that opening left (`BookFile.unsure`) ends here if all is well; that alone is
    written.
    """
    outer = book.connection.in_transaction
    log = _LiveLog(book)
    comparison = Comparison(book.connection)
    posted: list[Finding] = []

    def observe(block: Block, batch: Batch, admitted: Admitted) -> Iterable[Finding]:
        posted.extend(_all(lambda: comparison.compare(block, batch, admitted)))
        if watch is not None:
            watch()
        return ()

    try:
        with uncollected():
            verdict = verify(log, policy, observe)
        posted += _all(lambda: _held(log))
        posted += _all(lambda: comparison.finish(whole=verdict.consistent == verdict.blocks))
        posted += _all(lambda: check_file(book, log.files))
        working = _all(lambda: check_working(book.connection))
        counter = book.header.change_counter()
    finally:
        if not outer and book.connection.in_transaction:
            book.connection.execute("ROLLBACK")
    if book.barred:
        posted.append(Finding(book.barred.code, book.path.name, book.barred.message, book.barred.hint))
    foreign = any(finding.code in _NEVER_IN_A_BOOK for finding in verdict.findings)
    valid = verdict.valid and not foreign and all(finding.warning for finding in posted)
    if valid and book.unsure and verdict.consistent == verdict.blocks:
        end_doubt(book, counter)
    return replace(verdict, valid=valid, findings=(*verdict.findings, *posted, *working)[:FINDINGS_MAX])


def _held(log: _LiveLog) -> Iterator[Finding]:
    log.hold()
    return iter(())


def _all(act: Callable[[], Iterator[Finding]]) -> list[Finding]:
    """Everything that is found, an exception included: a broken file raises anything."""
    found: list[Finding] = []
    try:
        for finding in act():
            found.append(finding)
            if len(found) >= FINDINGS_MAX:
                break
    except Exception as error:  # noqa: BLE001 - see above
        message = sentence("the file cannot be read further: {kind}: {why}.", kind=type(error).__name__, why=str(error))
        found.append(
            Finding("file-unreadable", "file", message, sentence("cp COPY BOOK puts a good copy of the book back"))
        )
    return found
