"""The house of the screens: one book, its pages by number, the lines around them, and who gets a key."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import replace
from time import monotonic
from typing import Any, ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import ModalScreen
from textual.widgets import Input

from cloudbooks.books.desk import Desk
from cloudbooks.core.period import Period
from cloudbooks.errors import CloudBooksError, Sentence, sentence
from cloudbooks.tui import frame
from cloudbooks.tui.beginning import Start
from cloudbooks.tui.busy import TICK_SECONDS, Busy
from cloudbooks.tui.command_line import CommandLine
from cloudbooks.tui.framed import Framed
from cloudbooks.tui.notice import error_lines
from cloudbooks.tui.page import Page
from cloudbooks.tui.prompt import Prompt
from cloudbooks.tui.question import Refused, question
from cloudbooks.tui.screens.table import screen_of
from cloudbooks.tui.secret import Secret
from cloudbooks.tui.showing import Words
from cloudbooks.tui.table import HouseTable
from cloudbooks.tui.themes import THEMES
from cloudbooks.tui.watch import POLL_SECONDS

T = TypeVar("T")


class House(Framed):
    """The frame of one book's screens; `BooksApp` adds what the keys do on all of them."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar = []
    CSS = """
    Screen { background: $background; color: $foreground; }
    ModalScreen { background: $background 55%; }
    #header { height: 1; background: $surface; color: $foreground; }
    #alarm { height: auto; background: $error; color: $background; text-style: bold; display: none; }
    #body { height: 1fr; }
    #footer { height: 1; background: $surface; color: $foreground; dock: bottom; }
    Page { height: 1fr; width: 1fr; }
    Static { background: transparent; }
    .-busy .table--row, .-busy .table--total, .-busy .table--red, .-busy .table--alert, .-busy .table--marked {
        color: $foreground; text-style: dim; }
    .-ascii Home #right, .-ascii #side { border-left: ascii $secondary; }
    .-ascii #red { border-bottom: ascii $secondary; }
    .-ascii #trace { border-top: ascii $secondary; }
    .-ascii .pane, .-ascii .pane:focus-within, .-ascii #result { border: ascii $secondary; }
    .-ascii Overlay > Vertical, .-ascii Overlay > VerticalScroll { border: ascii $primary; }
    .-ascii VerticalScroll { scrollbar-size: 0 0; }
    """

    def __init__(self, desk: Desk, start: Start | None = None) -> None:
        super().__init__(desk, start or Start())
        self.jumps: dict[str, tuple[HouseTable, str]] = {}
        self.signing = 0
        self.animation_level = "none"
        for theme in THEMES.values():  # before anything is drawn: a change of theme styles every widget anew
            self.register_theme(theme)
        self.theme = self.start_with.theme
        self.secret = Secret(self._ask_secret, self.clerk.leaving)
        if self.start_with.asks:
            self.desk = self.clerk.desk = replace(desk, passphrase=self.secret.ask)

    # Beginning and end

    def compose(self) -> ComposeResult:
        """The lines of the frame, and the place of the pages."""
        yield frame.Line(id="header")
        yield frame.Alarm(id="alarm")
        yield Container(id="body")
        yield CommandLine()
        yield frame.Line(id="footer")

    async def on_mount(self) -> None:
        """Ask where the book stands, and show the first screen."""
        self.set_class(self.voice.ascii_only, "-ascii")
        await self.first_reading()
        await self.switch(self.start_with.screen)
        if self.start_with.poll:
            self.set_interval(POLL_SECONDS, self.poll)
            self.set_interval(TICK_SECONDS, self._tick)
        self.doubt(unasked=self.start_with.poll)
        if self.start_with.word:
            self.tell(self.start_with.word)

    async def on_unmount(self) -> None:
        """Let go of the book."""
        self.clerk.close()

    # Screens

    async def switch(self, number: str) -> None:
        """Show the screen of a number, as it was left."""
        if number == self.number and len(self.stacks[number]) > 1:
            while len(self.stacks[number]) > 1:
                await self.pop()
            return
        if number not in self.stacks:
            # What else is under way sees either the screen before or this one, never a number without a page.
            page = await self._mounted(screen_of(number))
            if self.stacks.setdefault(number, [page])[0] is not page:
                await page.remove()
        self.number = number
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
        above = self.stacks[self.number]
        above.append(await self._mounted(page))
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
        self.keys_go_on()

    # Words

    def tell(self, words: Words) -> None:
        """Say something in the last line, until the next key."""
        self.said = words
        self.draw_frame()

    def refused(self, error: CloudBooksError) -> None:
        """Show a refusal in a dialog."""
        if error.code == "passphrase-wrong":
            self.secret.forget()
        self.show_over(Refused(self.voice, error, self.copy_to_clipboard))

    def _ask_secret(self, answered: Future[str]) -> None:
        """Called in the writer's thread: have the screen ask for the passphrase."""
        asked = (sentence("The passphrase of your key, to sign what is posted:"),)

        def ask() -> None:
            prompt = Prompt(self.voice, asked, sentence("go on"), secret=True)
            self.show_over(prompt, lambda said: answered.set_result(said or ""))

        self.call_later(ask)

    async def signed(self, work: Awaitable[T]) -> T:
        """The result of an operation; while it may ask for the passphrase, keys that are typed wait for that."""
        if not self.start_with.asks or self.secret.known:
            return await work
        self.signing += 1
        try:
            return await work
        finally:
            self.signing -= 1
            self.keys_go_on()

    def question(self, lines: tuple[Words, ...], verb: Sentence, then: Callable[[], Any]) -> None:
        """Ask; `then` is called if Enter answers."""

        async def answered(yes: bool | None) -> None:  # noqa: FBT001 - Textual's own signature
            if yes:
                result = then()
                if isinstance(result, Awaitable):
                    await result

        self.show_over(question(self.voice, lines, verb), answered)

    def read_again(self) -> None:
        """Let every page read what it shows."""
        for stack in self.stacks.values():
            for page in stack:
                page.read()
        self.draw_frame()

    def _tick(self) -> None:
        """Say that something takes a while, that Esc stops it once it takes long, and dim what was read before."""
        page, since, before = self.page, self.clerk.writing_since, self.busy
        self.busy = Busy(
            page.busy_seconds if page is not None else 0.0,
            page.counting_seconds if page is not None else 0.0,
            monotonic() - since if since is not None else 0.0,
            before.turn + 1,
        )
        if page is not None:
            page.set_class(self.busy.dims, "-busy")
        if self.busy.shown or before.shown:
            self.draw_frame()

    def stop_reading(self) -> None:
        """Break off what is being read for long, and say what state that leaves."""
        if self.busy.stoppable:
            self.clerk.interrupt()
            self.tell(sentence("Stopped: reading changes nothing. r reads again."))
        else:
            self.tell(sentence("A write ends whole, so Esc does not stop it; it goes on."))

    # Keys

    def keys_wait(self) -> bool:
        """Besides dialogs: a page asks for what it opens, or an operation may ask for the passphrase of the key."""
        if super().keys_wait():
            return True
        if isinstance(self.screen, ModalScreen):
            return False
        return self.signing > 0 or (self.page is not None and bool(self.page.opening))

    def at_once(self, event: events.Key) -> bool:
        """Esc stops what takes long, and is not kept for what comes after it."""
        return event.key == "escape" and (self.busy.stoppable or self.busy.held)

    def arrow(self, key: str) -> str:
        """A key, with the letters of the preset `vim` as the arrows that they stand for."""
        return self.keymap.arrows.get(key, key)

    async def on_key(self, event: events.Key) -> None:
        """Give a key to the page that is shown, or do it here; dialogs have their own."""
        if isinstance(self.screen, ModalScreen):
            return
        if self.jumps:
            event.stop()
            event.prevent_default()
            self.jump_to(event.character or "")
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
        if action == "back" and (self.busy.stoppable or self.busy.held):
            self.stop_reading()
        elif action == "copy" and page is not None and page.trouble is not None:
            self.copy_error(page.trouble)
        elif handler is not None:
            await self.guarded(_called(handler, step))
        self.draw_frame()

    def copy_error(self, error: CloudBooksError) -> None:
        """An error to the clipboard, as it is shown."""
        self.copy_to_clipboard("\n".join(line.plain for line in error_lines(self.voice, error)))
        self.tell(sentence("Copied."))

    def jump_to(self, letter: str) -> None:
        """Put the cursor on the row of a letter; any other key only takes the letters away."""
        target = self.jumps.get(letter)
        for table, _ in self.jumps.values():
            table.label({})
        self.jumps = {}
        self.said = ""
        if target is not None:
            target[0].focus()
            target[0].go_to(target[1])
        self.draw_frame()

    def on_resize(self, _event: events.Resize) -> None:
        """Fit the frame."""
        self.call_after_refresh(self.draw_frame)

    def on_house_table_moved(self, _message: HouseTable.Moved) -> None:
        """Another row may allow other actions."""
        if self.offers_changed():
            self.draw_frame()

    def on_house_table_filled(self, _message: HouseTable.Filled) -> None:
        """So may the first one."""
        if self.offers_changed():
            self.draw_frame()

    async def on_house_table_opened(self, message: HouseTable.Opened) -> None:
        """A row was opened: its page knows what that means. Of a page that was left meanwhile nothing is opened."""
        if self.page not in message.table.ancestors:
            return
        opened = getattr(self.page, "row_opened", None)
        if opened is None or message.row.about is None:
            self.tell(sentence("There is nothing to open in this row."))
        else:
            await self.guarded(_called(opened, message.row))


async def _called(handler: Callable[[Any], Any], argument: object) -> None:
    result = handler(argument)
    if inspect.isawaitable(result):
        await result
