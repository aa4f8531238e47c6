"""Verifying a book: its log by the laws, every derived row against the log, and all else that the file holds.

The log's bytes are the truth. Rows are folded from them once more and compared in ranges, as tuples: no row is believed
because it is there, and none is missed because it is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from cloudbooks.chain.batch import Batch
from cloudbooks.chain.block import Block
from cloudbooks.chain.rows import Admitted
from cloudbooks.chain.verdict import FINDINGS_MAX, Policy, Verdict
from cloudbooks.chain.verifying import verify
from cloudbooks.errors import Finding, Refusal, sentence
from cloudbooks.store import attested
from cloudbooks.store.attested import Attested
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.checking_file import check_contents, check_pages
from cloudbooks.store.checking_working import check_working
from cloudbooks.store.comparing_apart import Apart, LogForTwo
from cloudbooks.store.comparing_rows import Comparison
from cloudbooks.store.doubt import end_doubt
from cloudbooks.store.live_log import LiveLog
from cloudbooks.store.log import StoredLog
from cloudbooks.store.reading import data_version
from cloudbooks.system import files

NEVER_IN_A_BOOK = frozenset({"batch-missing", "stray"})
"""A log elsewhere may be incomplete or have files beside it; a book has exactly what was posted."""


def verify_book(
    book: BookFile,
    policy: Policy,
    watch: Callable[[], None] | None = None,
    *,
    attest: bool = False,
    processes: int = 1,
) -> Verdict:
    """Verify everything that the book's file holds. Nothing is raised: whatever goes wrong is a finding.

    `watch` is called after each block that the laws admit. `attest` has this machine keep that all is well, for a
    later verification to go on from. With two `processes` the rows are compared in another one, which finds the same;
    should that one be lost, `ComparerLost` is raised.

    The verdict is the log's. It is made invalid, too, by a row that is not what was posted, by a batch that is gone or
    too many, by a file that SQLite finds damaged, and by a head that does not fit the receipt. Damaged drafts and
    settings are findings only. A doubt that opening left (`BookFile.unsure`) ends here if all is well; that alone is
    written.
    """
    outer = book.connection.in_transaction
    try:
        found = None
        if processes > 1 and not outer and book.head is not None:
            found = _in_two(book, policy, watch)
        found = found or _in_one(book, policy, watch)
        counter = book.header.change_counter()
        kept = _attested(book, found, counter) if attest and all_well(found.verdict, found.posted) else None
    finally:
        if not outer:
            release(book)
    verdict, posted = found.verdict, found.posted
    if book.barred:
        posted.append(Finding(book.barred.code, book.path.name, book.barred.message, book.barred.hint))
    valid = all_well(verdict, posted)
    if valid and book.unsure and verdict.consistent == verdict.blocks:
        end_doubt(book, counter)
    if valid and kept is not None:
        posted += _kept(book, kept)
    return replace(verdict, valid=valid, findings=(*verdict.findings, *posted, *found.working)[:FINDINGS_MAX])


class _Found(NamedTuple):
    """What was found of the log, of what is posted, and of the working state, while nobody could write."""

    verdict: Verdict
    posted: list[Finding]
    working: list[Finding]


def _in_one(book: BookFile, policy: Policy, watch: Callable[[], None] | None) -> _Found:
    """Verify in this process alone."""
    log = LiveLog(book)
    comparison = Comparison(book.connection)
    posted: list[Finding] = []

    def observe(block: Block, batch: Batch, admitted: Admitted) -> Iterable[Finding]:
        posted.extend(everything(lambda: comparison.compare(block, batch, admitted)))
        if watch is not None:
            watch()
        return ()

    verdict = verify(log, policy, observe)
    posted += everything(lambda: held(log))
    posted += everything(lambda: comparison.finish(whole=verdict.consistent == verdict.blocks))
    posted += everything(lambda: check_pages(book.connection))
    posted += everything(lambda: check_contents(book, log.files))
    return _Found(verdict, posted, everything(lambda: check_working(book.connection)))


def _in_two(book: BookFile, policy: Policy, watch: Callable[[], None] | None) -> _Found | None:
    """Judge the laws here, and have the rows compared by another process; `None` where a law ends the comparing."""
    with Apart(book) as apart:
        pages = _Pages(book)
        log = LogForTwo(book, apart, pages.findings)

        def observe(*_admitted: object) -> Iterable[Finding]:
            log.admitted += 1
            if watch is not None:
                watch()
            return ()

        verdict = verify(log, policy, observe)
        if log.lost is not None:
            raise log.lost
        if verdict.consistent < verdict.blocks or not book.connection.in_transaction:
            # What rows are compared then depends on where the laws end: that is found out in one process.
            release(book)
            return None
        apart.finish(verdict.blocks)
        beside = pages.findings() + everything(lambda: check_contents(book, log.files))
        working = everything(lambda: check_working(book.connection))
        return _Found(verdict, [*apart.findings(), *beside], working)


class _Pages:
    """What SQLite finds in the file, looked for again only where somebody has written since it was."""

    def __init__(self, book: BookFile) -> None:
        self._book = book
        self._version = -1
        self._found: list[Finding] = []

    def findings(self) -> list[Finding]:
        """All of it, as the file is now."""
        version = data_version(self._book)
        if version != self._version:
            self._found = everything(lambda: check_pages(self._book.connection))
            self._version = version
        return self._found


def release(book: BookFile) -> None:
    """End the read transaction, if one is open: others may write again."""
    if book.connection.in_transaction:
        book.connection.execute("ROLLBACK")


def all_well(verdict: Verdict, posted: Iterable[Finding]) -> bool:
    """Whether a log is valid, as a book's own has to be, and nothing was found that differs from it."""
    foreign = any(finding.code in NEVER_IN_A_BOOK for finding in verdict.findings)
    return verdict.valid and not foreign and all(finding.warning for finding in posted)


def _attested(book: BookFile, found: _Found, counter: int) -> Attested | None:
    """What is to be kept of a verification that found all well, if it came to the end of the log."""
    whole = found.verdict.consistent == found.verdict.blocks
    return attested.of(book, found.verdict, StoredLog(book).checkpoint(), counter) if whole else None


def _kept(book: BookFile, kept: Attested) -> Iterator[Finding]:
    try:
        attested.keep(book.state, kept)
    except (OSError, Refusal) as error:
        why = error.message if isinstance(error, Refusal) else files.reason(error)
        folder = str(book.state)
        message = sentence("the book is verified, but the state folder did not take note of it: {why}.", why=why)
        hint = sentence("ls -ld {folder}; then cloudbooks verify again, which --since goes on from", folder=folder)
        yield Finding("verification-not-kept", book.path.name, message, hint, warning=True)


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
