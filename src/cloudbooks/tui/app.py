"""The frame of `cloudbooks tui`: one book, its screens by number, the lines around them, and who gets a key."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.containers import Container
from textual.screen import ModalScreen
from textual.widgets import Input

from cloudbooks.books import correcting, undoing
from cloudbooks.books.browsing import Browser, Standing
from cloudbooks.books.correcting import Correction
from cloudbooks.books.desk import Desk
from cloudbooks.core.period import Month, Period
from cloudbooks.errors import CloudBooksError, Sentence, counted, sentence
from cloudbooks.system.locale import locale
from cloudbooks.tui import frame, periods
from cloudbooks.tui.clerk import Clerk
from cloudbooks.tui.keymap import Keymap, key_shown
from cloudbooks.tui.page import Page
from cloudbooks.tui.question import Refused, question
from cloudbooks.tui.screens.table import screen_of
from cloudbooks.tui.showing import Voice, Words
from cloudbooks.tui.table import HouseTable
from cloudbooks.tui.themes import THEMES

POLL_SECONDS = 1.0
SMALLEST = (60, 18)


@dataclass(frozen=True, slots=True)
class Start:
    """How the screens begin: voice, theme, keys, and which screen comes first."""

    voice: Voice = field(default_factory=Voice)
    theme: str = "dark"
    keymap: Keymap = field(default_factory=Keymap)
    screen: str = "1"
    poll: bool = True


class BooksApp(App[None]):
    """The screens of one book."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar = []
    CSS = """
    Screen { background: $background; color: $foreground; layers: base over; }
    #header { height: 1; background: $surface; color: $foreground; }
    #alarm { height: auto; background: $error; color: $background; text-style: bold; display: none; }
    #body { height: 1fr; }
    #footer { height: 1; background: $surface; color: $foreground; dock: bottom; }
    Page { height: 1fr; width: 1fr; }
    Static { background: transparent; }
    """

    def __init__(self, desk: Desk, start: Start | None = None) -> None:
        super().__init__()
        self.start_with = start or Start()
        self.voice = self.start_with.voice
        self.keymap = self.start_with.keymap
        self.desk = desk
        self.clerk = Clerk(desk)
        self.standing: Standing | None = None
        self.period: Period = Period(Month.of(desk.today), Month.of(desk.today))
        self.with_drafts = False
        self.number = ""
        self.stacks: dict[str, list[Page]] = {}
        self.said: Words = ""
        self.seen_blocks = -1
        self.verified = ""
        self.animation_level = "none"

    # Beginning and end

    def compose(self) -> ComposeResult:
        """The lines of the frame, and the place of the pages."""
        yield frame.Line(id="header")
        yield frame.Line(id="alarm")
        yield Container(id="body")
        yield frame.Line(id="footer")

    async def on_mount(self) -> None:
        """Ask where the book stands, and show the first screen."""
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = self.start_with.theme
        await self._first_reading()
        await self.switch(self.start_with.screen)
        if self.start_with.poll:
            self.set_interval(POLL_SECONDS, self._poll)

    async def _first_reading(self) -> None:
        try:
            standing, self.period = await self.clerk.read(lambda one: (one.standing(), one.last_period()))
        except CloudBooksError as error:
            self.refused(error)
        else:
            self.standing, self.seen_blocks = standing, standing.blocks

    async def on_unmount(self) -> None:
        """Let go of the book."""
        self.clerk.close()

    # Screens

    @property
    def page(self) -> Page | None:
        """The page that is shown."""
        stack = self.stacks.get(self.number)
        return stack[-1] if stack else None

    async def switch(self, number: str) -> None:
        """Show the screen of a number, as it was left."""
        if number == self.number and len(self.stacks[number]) > 1:
            while len(self.stacks[number]) > 1:
                await self.pop()
            return
        self.number = number
        if number not in self.stacks:
            self.stacks[number] = [await self._mounted(screen_of(number))]
        self._show_top()

    async def go(self, number: str, filter_: str = "", *, everywhere: bool = False) -> None:
        """Show a screen with a filter of its own; `everywhere` takes the period of the whole book."""
        if number not in self.stacks or self.number != number or len(self.stacks[number]) > 1:
            await self.switch(number)
        if everywhere and self.standing is not None and self.standing.months:
            self.period = Period(self.standing.months[0], self.standing.months[-1])
        narrow = getattr(self.page, "set_filter", None)
        if filter_ and narrow is not None:
            narrow(filter_)
        self.draw_frame()

    async def push(self, page: Page) -> None:
        """Show a page below the shown one; Esc comes back."""
        self.stacks[self.number].append(await self._mounted(page))
        self._show_top()

    async def pop(self) -> None:
        """Leave the shown page for the one above it."""
        stack = self.stacks[self.number]
        if len(stack) > 1:
            await stack.pop().remove()
        self._show_top()

    async def _mounted(self, page: Page) -> Page:
        page.display = False
        await self.query_one("#body").mount(page)
        page.read()
        return page

    def _show_top(self) -> None:
        shown = self.page
        for stack in self.stacks.values():
            for page in stack:
                page.display = page is shown
        if shown is not None:
            shown.focus_first()
        self.said = ""
        self.draw_frame()

    # The frame

    def draw_frame(self) -> None:
        """Draw the lines around the page."""
        page = self.page
        if page is None or not self.is_running:
            return
        width = self.size.width
        self.query_one("#header", frame.Line).update(
            frame.header(self.voice, width, self._crumbs(page), self._middle(page), page.tally() or self._verdict())
        )
        self.query_one("#footer", frame.Line).update(frame.footer(self.voice, width, self._offers(page), self.said))
        self._draw_alarm()

    def _crumbs(self, page: Page) -> tuple[Words, ...]:
        book: Words = self.standing.facts.name if self.standing else self.desk.book.stem
        above = self.stacks[self.number]
        return (book, *(words for one in above[: above.index(page) + 1] for words in one.crumbs()))

    def _middle(self, page: Page) -> tuple[Words, ...]:
        period = f"[ {self.period} ]" if page.with_period else ""
        drafts = "~" if self.with_drafts else ""
        return (period, drafts, *page.chips())

    def _verdict(self) -> Words:
        if self.standing is None:
            return ""
        mark = self.voice.glyph("good" if self.standing.stopped is None else "bad")
        if self.verified:
            return counted(
                "{n} block, verified {mark} {at}", "{n} blocks, verified {mark} {at}", self.standing.blocks,
                mark=mark, at=self.verified,
            )  # fmt: skip
        return counted("{n} block, receipt {mark}", "{n} blocks, receipt {mark}", self.standing.blocks, mark=mark)

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
        alarm = self.query_one("#alarm", frame.Line)
        stopped = self.standing.stopped if self.standing else None
        alarm.display = stopped is not None
        if stopped is not None:
            alarm.update(frame.alarm(self.voice, stopped))

    def label(self, action: str) -> str:
        """What an action is called in the reader's language."""
        return self.keymap.by_id(action).label(chinese=self.voice.chinese)

    def tell(self, words: Words) -> None:
        """Say something in the last line, until the next key."""
        self.said = words
        self.draw_frame()

    def refused(self, error: CloudBooksError) -> None:
        """Show a refusal in a dialog."""
        self.push_screen(Refused(self.voice, error, self.copy_to_clipboard))

    def question(self, lines: tuple[Words, ...], verb: Sentence, then: Callable[[], Any]) -> None:
        """Ask; `then` is called if Enter answers."""

        async def answered(yes: bool | None) -> None:  # noqa: FBT001 - Textual's own signature
            if yes:
                result = then()
                if isinstance(result, Awaitable):
                    await result

        self.push_screen(question(self.voice, lines, verb), answered)

    # The book has changed

    def book_changed(self) -> None:
        """Read everything anew that is shown: this program wrote the book, or the reader asked for it."""

        def anew(browser: Browser) -> Standing:
            browser.changed()
            return browser.standing()

        async def known() -> None:
            with suppress(CloudBooksError):
                self.standing = await self.clerk.read(anew)
                self.seen_blocks = self.standing.blocks
            self._read_again()

        self.run_worker(known(), group="standing", exclusive=True)

    def _read_again(self) -> None:
        for stack in self.stacks.values():
            for page in stack:
                page.read()
        self.draw_frame()

    def _poll(self) -> None:
        self.run_worker(self._polled(), group="poll", exclusive=True)

    async def _polled(self) -> None:
        """Look whether another program wrote the book. New blocks wait for `r`; everything else is read at once."""
        try:
            changed, standing = await self.clerk.read(lambda one: (one.changed(), one.standing()))
        except CloudBooksError:
            # What is wrong will be said by the next question that a page asks.
            return
        if not changed:
            return
        self.standing = standing
        arrived = standing.blocks - self.seen_blocks
        if arrived > 0:
            self.tell(sentence("{n} new blocks: r loads them.", n=arrived))
        else:
            self._read_again()

    # Keys

    def arrow(self, key: str) -> str:
        """A key, with the letters of the preset `vim` as the arrows that they stand for."""
        return self.keymap.arrows.get(key, key)

    async def on_key(self, event: events.Key) -> None:
        """Give a key to the page that is shown, or do it here; dialogs have their own."""
        if isinstance(self.screen, ModalScreen):
            return
        typing = isinstance(self.focused, Input) or bool(getattr(self.focused, "typing", False))
        pressed = self.keymap.meant(event.key, event.character, typing=typing)
        if pressed is None or (typing and pressed.binding.id in {"open", "next", "previous", "fold"}):
            return
        event.stop()
        event.prevent_default()
        self.said = ""
        await self.act(pressed.binding.id, pressed.step)

    def handler(self, action: str) -> Callable[[int], Awaitable[None] | None] | None:
        """The method that does an action on every screen."""
        found: Callable[[int], Awaitable[None] | None] | None = getattr(self, f"act_{action.replace('-', '_')}", None)
        return found

    async def act(self, action: str, step: int = 0) -> None:
        """Do an action: the page's way if it has one, else the app's; what is not possible says why."""
        page = self.page
        if page is not None and (why := page.why_not(action)) is not None:
            self.tell(why)
            return
        handler = (page.handler(action) if page is not None else None) or self.handler(action)
        if handler is not None:
            result = handler(step)
            if inspect.isawaitable(result):
                await result
        self.draw_frame()

    async def act_screen(self, step: int) -> None:
        """The screen of a digit."""
        await self.switch("1234567890"[step])

    async def act_back(self, _step: int) -> None:
        """One level up."""
        if len(self.stacks.get(self.number, ())) > 1:
            await self.pop()

    def act_next(self, _step: int) -> None:
        """The next pane."""
        self.screen.focus_next()

    def act_previous(self, _step: int) -> None:
        """The pane before."""
        self.screen.focus_previous()

    def act_open(self, _step: int) -> None:
        """Open the row of the table that has the focus."""
        if isinstance(self.focused, HouseTable):
            self.focused.open_current()

    async def act_quit(self, _step: int) -> None:
        """Leave."""
        self.exit()

    def act_period(self, step: int) -> None:
        """Another period."""
        with suppress(ValueError):
            self.change_period(periods.stepped(self.period, step))

    def act_today(self, _step: int) -> None:
        """The current month."""
        month = Month.of(self.desk.today)
        self.change_period(Period(month, month))

    def change_period(self, period: Period) -> None:
        """Have every page show another period."""
        self.period = period
        for stack in self.stacks.values():
            for page in stack:
                if page.with_period:
                    page.period_changed()
        self.draw_frame()

    def act_drafts(self, _step: int) -> None:
        """Numbers with or without drafts."""
        self.with_drafts = not self.with_drafts
        self._read_again()

    def act_reload(self, _step: int) -> None:
        """Read again."""
        self.book_changed()

    def act_undo(self, _step: int) -> None:
        """Take back the last operation."""
        self._undone(undoing.undo, "undo")

    def act_redo(self, _step: int) -> None:
        """Do again what was undone."""
        self._undone(undoing.redo, "redo")

    def _undone(self, operation: Callable[[Desk], Any], verb: str) -> None:
        said = {"undo": sentence("Undone: {what}"), "redo": sentence("Done again: {what}")}[verb]

        def then(done: Any) -> None:
            self.tell(replace(said, facts={"what": done.summary}))

        if self.page is not None:
            self.page.do(operation, then)

    def correct(self, entry: str) -> None:
        """Draft the reversal and the replacement of a posted entry (an id)."""

        def then(done: Correction) -> None:
            self.with_drafts = True
            self.tell(
                sentence("{red} takes it back, {black} is its replacement; both are drafts. u undoes it.",
                         red=done.reversal.name, black=done.replacement.name if done.replacement else "-")
            )  # fmt: skip

        if self.page is not None:
            self.page.do(lambda desk: correcting.correct(desk, entry, None), then)

    def act_language(self, _step: int) -> None:
        """The other language, at once."""
        other = "en" if self.voice.chinese else "zh"
        self.voice = Voice(locale(other), self.voice.ascii_only)
        for stack in self.stacks.values():
            for page in stack:
                page.voice_changed()
        self.draw_frame()

    def act_theme(self, _step: int) -> None:
        """The next theme."""
        names = list(THEMES)
        self.theme = names[(names.index(self.theme) + 1) % len(names)]

    def on_resize(self, _event: events.Resize) -> None:
        """Fit the frame."""
        self.call_after_refresh(self.draw_frame)

    async def on_house_table_opened(self, message: HouseTable.Opened) -> None:
        """A row was opened: its page knows what that means."""
        page = self.page
        opened = getattr(page, "row_opened", None)
        if opened is not None:
            result = opened(message.row)
            if inspect.isawaitable(result):
                await result
