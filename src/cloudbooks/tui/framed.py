"""The drawing of the lines around the pages: where one is, what is wrong, and which keys come next."""

from __future__ import annotations

from rich.text import Text

from cloudbooks.books.desk import Desk
from cloudbooks.errors import sentence
from cloudbooks.tui import frame
from cloudbooks.tui.beginning import Start
from cloudbooks.tui.busy import Busy
from cloudbooks.tui.keymap import key_shown
from cloudbooks.tui.page import Page
from cloudbooks.tui.showing import Words
from cloudbooks.tui.watch import Watch

SMALLEST = (60, 18)


class Framed(Watch):
    """The lines around the page that is shown. `House` says which page that is."""

    def __init__(self, desk: Desk, start: Start) -> None:
        super().__init__(desk)
        self.start_with = start
        self.voice = start.voice
        self.keymap = start.keymap
        self.with_drafts = False
        self.number = ""
        self.stacks: dict[str, list[Page]] = {}
        self.said: Words = ""
        self.busy = Busy()
        self._offered: tuple[tuple[str, str, bool], ...] = ()

    @property
    def page(self) -> Page | None:
        """The page that is shown."""
        stack = self.stacks.get(self.number)
        return stack[-1] if stack else None

    def draw_frame(self) -> None:
        """Draw the lines around the page."""
        page = self.page
        if page is None or not self.is_running:
            return
        width = self.size.width
        if self._too_small():
            return
        self.query_one("#header", frame.Line).update(
            frame.header(self.voice, width, self._crumbs(page), self._middle(page), self._right(page))
        )
        self._offered = self._offers(page)
        self.query_one("#footer", frame.Line).update(frame.footer(self.voice, width, self._offered, self.said))
        self._draw_alarm()

    def _too_small(self) -> bool:
        """Below a size there is one sentence, and nothing that is cut."""
        small = self.size.width < SMALLEST[0] or self.size.height < SMALLEST[1]
        self.query_one("#body").display = not small
        if small:
            words = sentence(
                "{width} x {height} is too small: make it {least_width} x {least_height}.",
                width=self.size.width, height=self.size.height, least_width=SMALLEST[0], least_height=SMALLEST[1],
            )  # fmt: skip
            self.query_one("#header", frame.Line).update(self.voice.text(words))
            self.query_one("#footer", frame.Line).update(Text(""))
        return small

    def _crumbs(self, page: Page) -> tuple[Words, ...]:
        book: Words = self.standing.facts.name if self.standing else self.desk.book.stem
        above = self.stacks[self.number]
        return (book, *(words for one in above[: above.index(page) + 1] for words in one.crumbs()))

    def _middle(self, page: Page) -> tuple[Words, ...]:
        period = f"[ {self.period} ]" if page.with_period else ""
        drafts = "~" if self.with_drafts and page.with_drafts else ""
        return (period, drafts, *page.chips())

    def _right(self, page: Page) -> Words:
        if self.busy.shown and (self.busy.dims or self.busy.writing or not page.tally()):
            return self.busy.words()
        return page.tally() or frame.verdict(self.voice, self.standing, self.fault, self.checked)

    def _offers(self, page: Page) -> tuple[tuple[str, str, bool], ...]:
        found = []
        for action in page.offers:
            binding = self.keymap.by_id(action)
            keys = binding.keys[:2] if len(binding.keys) in {2, 4} else binding.keys[:1]
            if action == "screen":
                keys = ("1..9",)
            named = " ".join(
                key_shown(key, chinese=self.voice.chinese, ascii_only=self.voice.ascii_only) for key in keys
            )
            found.append((named, self.label(action), page.why_not(action) is None))
        return tuple(found)

    def _draw_alarm(self) -> None:
        alarm = self.query_one("#alarm", frame.Alarm)
        stopped = self.fault
        alarm.display = stopped is not None
        if stopped is not None:
            alarm.update(frame.alarm(self.voice, stopped))

    def label(self, action: str) -> str:
        """What an action is called in the reader's language."""
        return self.keymap.by_id(action).label(chinese=self.voice.chinese)

    def offers_changed(self) -> bool:
        """Whether other keys are possible now than those that are drawn."""
        return self.page is not None and self._offers(self.page) != self._offered
