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
from cloudbooks.errors import Finding, Refusal, sentence
from cloudbooks.store import attested
from cloudbooks.store.attested import Attested
from cloudbooks.store.checking_file import check_file
from cloudbooks.store.checking_working import check_working
from cloudbooks.store.comparing_rows import Comparison
from cloudbooks.store.log import StoredLog
from cloudbooks.store.uncollected import uncollected
from cloudbooks.store.writing import end_doubt
from cloudbooks.system import files

if TYPE_CHECKING:
    from cloudbooks.store.book_file import BookFile


NEVER_IN_A_BOOK = frozenset({"batch-missing", "stray"})
"""A log elsewhere may be incomplete or have files beside it; a book has exactly what was posted."""


class LiveLog(StoredLog):
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


def verify_book(
    book: BookFile, policy: Policy, watch: Callable[[], None] | None = None, *, attest: bool = False
) -> Verdict:
    """Verify everything that the book's file holds. Nothing is raised: whatever goes wrong is a finding.

    `watch` is called after each block that the laws admit. `attest` has this machine keep that all is well, for a
    later verification to go on from.

    The verdict is the log's. It is made invalid, too, by a row that is not what was posted, by a batch that is gone or
    too many, by a file that SQLite finds damaged, and by a head that does not fit the receipt. Damaged drafts and
    settings are findings only. A doubt that opening left (`BookFile.unsure`) ends here if all is well; that alone is
    written.
    """
    outer = book.connection.in_transaction
    log = LiveLog(book)
    comparison = Comparison(book.connection)
    posted: list[Finding] = []

    def observe(block: Block, batch: Batch, admitted: Admitted) -> Iterable[Finding]:
        posted.extend(everything(lambda: comparison.compare(block, batch, admitted)))
        if watch is not None:
            watch()
        return ()

    try:
        with uncollected():
            verdict = verify(log, policy, observe)
        posted += everything(lambda: held(log))
        posted += everything(lambda: comparison.finish(whole=verdict.consistent == verdict.blocks))
        posted += everything(lambda: check_file(book, log.files))
        working = everything(lambda: check_working(book.connection))
        counter = book.header.change_counter()
        kept = _attested(book, verdict, log, counter) if attest and all_well(verdict, posted) else None
    finally:
        if not outer and book.connection.in_transaction:
            book.connection.execute("ROLLBACK")
    if book.barred:
        posted.append(Finding(book.barred.code, book.path.name, book.barred.message, book.barred.hint))
    valid = all_well(verdict, posted)
    if valid and book.unsure and verdict.consistent == verdict.blocks:
        end_doubt(book, counter)
    if valid and kept is not None:
        posted += _kept(book, kept)
    return replace(verdict, valid=valid, findings=(*verdict.findings, *posted, *working)[:FINDINGS_MAX])


def all_well(verdict: Verdict, posted: Iterable[Finding]) -> bool:
    """Whether a log is valid, as a book's own has to be, and nothing was found that differs from it."""
    foreign = any(finding.code in NEVER_IN_A_BOOK for finding in verdict.findings)
    return verdict.valid and not foreign and all(finding.warning for finding in posted)


def _attested(book: BookFile, verdict: Verdict, log: LiveLog, counter: int) -> Attested | None:
    """What is to be kept of a verification that found all well, if it came to the end of the log."""
    whole = verdict.consistent == verdict.blocks
    return attested.of(book, verdict, log.checkpoint(), counter) if whole else None


def _kept(book: BookFile, kept: Attested) -> Iterator[Finding]:
    try:
        attested.keep(book.state, kept)
    except (OSError, Refusal) as error:
        why = error.message if isinstance(error, Refusal) else files.reason(error)
        message = sentence("the book is verified, but the state folder did not take note of it: {why}.", why=why)
        yield Finding(
            "verification-not-kept",
            book.path.name,
            message,
            sentence("ls -ld {folder}; --since then goes on from an earlier one", folder=str(book.state)),
            warning=True,
        )


def held(log: LiveLog) -> Iterator[Finding]:
    """Hold the log; nothing is found by that, but a broken file may raise."""
    log.hold()
    return iter(())


def everything(act: Callable[[], Iterator[Finding]]) -> list[Finding]:
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
