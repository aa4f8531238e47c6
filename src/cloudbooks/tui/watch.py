"""The watch over the book: where it stands, what another program does to it, and whether it is what was posted."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from cloudbooks.books.browsing import Browser, Standing
from cloudbooks.books.desk import Desk
from cloudbooks.core.period import Month, Period
from cloudbooks.errors import ChainFault, CloudBooksError, Finding, sentence
from cloudbooks.tui.clerk import Clerk
from cloudbooks.tui.guard import work_on
from cloudbooks.tui.showing import Words
from cloudbooks.tui.type_ahead import TypeAhead

if TYPE_CHECKING:
    from cloudbooks.books.verifying import Verified

POLL_SECONDS = 1.0
VERIFIED_UNASKED = 20_000
"""Entries up to which a verification takes about a second."""


_LEAVE_VALID = frozenset(
    {"attachment-missing", "checkpoint-behind", "checkpoint-missing", "findings-not-listed", "not-understood"}
)
"""What is found beside that which makes a book invalid, and is not why it is."""


class Checked(NamedTuple):
    """A verification that found nothing wrong: its time of day, and how many blocks there were."""

    at: str
    blocks: int


class BookInvalid(ChainFault):
    """A verification found that posted data is not what was posted; the first finding is told."""

    code = "chain-broken"

    def __init__(self, finding: Finding | None) -> None:
        what: Words = finding.message if finding else sentence("the chain does not hold.")
        said = sentence("{where}: {what} The book is read-only.", where=finding.where if finding else "", what=what)
        if finding is not None and finding.block is not None:
            said = sentence("block {block}: {what} The book is read-only.", block=finding.block, what=what)
        super().__init__(
            said,
            hint=sentence("9 shows all findings; cloudbooks peer diff NAME shows the posted values"),
        )


class Watch(TypeAhead):
    """What the frame knows of the book. `House` draws it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.clerk = Clerk(desk)
        self.standing: Standing | None = None
        self.period: Period = Period(Month.of(desk.today), Month.of(desk.today))
        self.seen_blocks = -1
        self.checked: Checked | None = None
        self.found: ChainFault | None = None
        self.findings: tuple[Finding, ...] = ()

    def draw_frame(self) -> None:
        """Draw the lines around the page."""

    def read_again(self) -> None:
        """Let every page read what it shows."""

    def tell(self, words: Words) -> None:
        """Say something in the last line."""

    async def first_reading(self) -> None:
        """Ask where the book stands, and in which period the work is."""
        try:
            standing, self.period = await self.clerk.read(lambda one: (one.standing(), one.last_period()))
        except CloudBooksError as error:
            self.refused(error)
        else:
            self.standing, self.seen_blocks = standing, standing.blocks

    @property
    def fault(self) -> CloudBooksError | None:
        """Why the book is read-only on every screen: it was stopped when it was opened, or a verification found it.

        Or it is well, and an earlier program made it.
        """
        if self.found is not None or self.standing is None:
            return self.found
        return self.standing.stopped or self.standing.older

    def doubt(self, *, unasked: bool) -> None:
        """Verify in the background what is in doubt: a red bar must not wait for somebody to ask.

        A book that is not as it was left is always verified; with `unasked` a small one is at every start.
        """
        standing = self.standing
        if standing is not None and (standing.unsure or (unasked and standing.entries <= VERIFIED_UNASKED)):
            work_on(self, self._verified_whole, group="doubt", exclusive=True)

    async def _verified_whole(self) -> None:
        from cloudbooks.books.verifying_watched import verify_watched  # noqa: PLC0415 - the first frame needs no chain

        with suppress(CloudBooksError):
            self.judged(await self.clerk.long(lambda desk, on: verify_watched(desk, lambda _: on())))

    def judged(self, found: Verified) -> None:
        """A verification has ended: an invalid book is read-only from here on, and every screen says why."""
        faults = [one for one in found.verdict.findings if not one.warning]
        self.findings = tuple(faults)
        if found.verdict.valid:
            self.found = None
            self.checked = Checked(f"{self.desk.clock.now().astimezone():%H:%M}", found.verdict.blocks)
        else:
            broken = next((one for one in faults if one.code not in _LEAVE_VALID), None)
            self.found = BookInvalid(broken or next(iter(faults), None))
        self.draw_frame()

    def book_changed(self) -> None:
        """Read everything anew that is shown: this program wrote the book, or the reader asked for it."""

        def anew(browser: Browser) -> Standing:
            browser.changed()
            return browser.standing()

        async def known() -> None:
            if self.standing is None:
                # It could not be read before: where the work is, is asked again too.
                with suppress(CloudBooksError):
                    self.period = await self.clerk.read(lambda browser: browser.last_period())
            with suppress(CloudBooksError):
                self.standing = await self.clerk.read(anew)
                self.seen_blocks = self.standing.blocks
            self.read_again()

        work_on(self, known, group="standing", exclusive=True)

    def poll(self) -> None:
        """Look after the book once."""
        work_on(self, self.polled, group="poll", exclusive=True)

    async def polled(self) -> None:
        """Look whether another program wrote the book. New blocks wait for `r`; everything else is read at once."""
        try:
            standing = await self.clerk.read(lambda one: one.standing() if one.changed() else None)
        except CloudBooksError:
            # What is wrong will be said by the next question that a page asks.
            return
        if standing is None:
            return
        self.standing = standing
        arrived = standing.blocks - self.seen_blocks
        if arrived > 0:
            self.tell(sentence("{n} new blocks: r loads them.", n=arrived))
        else:
            self.read_again()
