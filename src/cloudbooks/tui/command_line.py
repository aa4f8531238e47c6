"""The `:` line: any command of the command line, run as its own program on this book, its answer in a page."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import shlex
import sys
from collections.abc import AsyncIterator
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widgets import Static

from cloudbooks.core.text import show
from cloudbooks.errors import Sentence, sentence
from cloudbooks.tui.guard import work_on
from cloudbooks.tui.line_input import LineInput
from cloudbooks.tui.page import Page
from cloudbooks.tui.showing import Words

OUTPUT_MAX = 1 << 20
LINES_MAX = 5000
HISTORY_MAX = 50


class CommandLine(Horizontal):
    """The field of a command. Enter runs it, Esc leaves, Tab completes, up and down walk through what was run."""

    DEFAULT_CSS = """
    CommandLine { height: 1; background: $surface; display: none; }
    CommandLine Static { width: 2; color: $accent; text-style: bold; }
    CommandLine Input, CommandLine Input:focus {
        width: 1fr; height: 1; border: none; background: $surface; color: $foreground;
        padding: 0; }
    """

    class Run(Message):
        """Enter: these words."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    class Left(Message):
        """Esc."""

    def __init__(self) -> None:
        super().__init__(id="command")
        self.field = LineInput("", select_on_focus=False)
        self.history: list[str] = []
        self._back = 0
        self._cycle: tuple[str, list[str], int] | None = None

    def compose(self) -> ComposeResult:
        """The sign, and the field."""
        yield Static(":", markup=False)
        yield self.field

    def begin(self, words: str) -> None:
        """Show the line with some words."""
        self.display = True
        self._back = 0
        self._cycle = None
        self.field.value = words
        self.field.cursor_position = len(words)
        self.field.focus()

    async def on_key(self, event: events.Key) -> None:
        """The keys that are the line's own."""
        if event.key == "tab":
            await self._complete()
        elif event.key == "enter":
            words = self.field.value.strip()
            if words:
                self.history = [*[one for one in self.history if one != words], words][-HISTORY_MAX:]
                self.post_message(self.Run(words))
        elif event.key == "escape":
            self.post_message(self.Left())
        elif event.key in {"up", "down"}:
            self._recall(1 if event.key == "up" else -1)
        else:
            self._cycle = None
            return
        event.stop()
        event.prevent_default()

    def _recall(self, step: int) -> None:
        self._back = max(0, min(len(self.history), self._back + step))
        self.field.value = self.history[-self._back] if self._back else ""
        self.field.cursor_position = len(self.field.value)

    async def _complete(self) -> None:
        """Put the next candidate that the shells' own completion gives."""
        if self._cycle is None:
            head, _, begun = self.field.value.rpartition(" ")
            before = head.split()
            output = await _output([*PROGRAM, "completion-words", "bash", str(len(before)), *before, begun])
            fits = [line for line in output.splitlines() if line and not line.startswith("@")]
            if not fits:
                self.app.bell()
                return
            self._cycle = (f"{head} " if head else "", fits, 0)
        head, fits, number = self._cycle
        self.field.value = head + show(fits[number])
        self.field.cursor_position = len(self.field.value)
        self._cycle = (head, fits, (number + 1) % len(fits))


PROGRAM = (sys.executable, "-m", "cloudbooks")
"""How this very program is run beside the screens."""


async def _output(words: list[str]) -> str:
    process = await asyncio.create_subprocess_exec(
        *words, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    out, _ = await process.communicate()
    return out.decode("utf-8", errors="replace")


async def decoded(stream: asyncio.StreamReader) -> AsyncIterator[str]:
    """What a stream of UTF-8 says, piece by piece; a character that arrives in two pieces stays whole."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    while some := await stream.read(1 << 14):
        yield decoder.decode(some)
    yield decoder.decode(b"", final=True)


class Output(Page):
    """What a command said; it stays until it is left."""

    title = sentence("Command")
    offers: ClassVar[tuple[str, ...]] = ("back", "reload", "copy", "command", "help")
    with_period = False
    DEFAULT_CSS = """
    Output VerticalScroll { height: 1fr; }
    Output Static { height: auto; padding: 0 1; }
    """

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words
        self.process: asyncio.subprocess.Process | None = None
        self.said = ""
        self.status: int | None = None

    def compose(self) -> ComposeResult:
        """The words, then the answer."""
        self.answer = Static("", markup=False)
        with VerticalScroll():
            yield self.answer

    def crumbs(self) -> tuple[Words, ...]:
        """What was run."""
        return (f": {self.words}",)

    def tally(self) -> Words:
        """How it ended."""
        if self.status is None:
            return sentence("running; Esc stops it")
        return sentence("exit status {status}", status=self.status)

    def focus_first(self) -> None:
        """The answer can be scrolled."""
        self.query_one(VerticalScroll).focus()

    def on_mount(self) -> None:
        """Run it once, when the page comes up."""
        super().on_mount()
        self._begin()

    def _begin(self) -> None:
        self.said, self.status = "", None
        work_on(self, self._run, group="command", exclusive=True)

    async def _run(self) -> None:
        try:
            words = shlex.split(self.words)
        except ValueError as error:
            self._draw(sentence("The words cannot be read: {why}.", why=str(error)))
            self.status = 2
            return
        house = self.house
        flags = ("--book", str(house.desk.book), "--lang", house.voice.locale.language, "--color", "never")
        wide = ("--width", str(max(40, self.size.width - 4)))
        plain = ("--ascii",) if house.voice.ascii_only else ()
        member = ("--as", house.desk.member) if house.desk.member else ()
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
        self.process = await asyncio.create_subprocess_exec(
            *PROGRAM, *flags, *wide, *plain, *member, *words,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            env=environment,
        )  # fmt: skip
        try:
            await self._read(self.process)
            self.status = await self.process.wait()
        finally:
            # Whoever has left the page reads no more: a command that waited for that would hold the book.
            self._terminate()
        self._draw()
        house.book_changed()
        house.draw_frame()

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for some in decoded(process.stdout):
            if len(self.said) < OUTPUT_MAX:
                self.said += some
                self._draw()

    def _terminate(self) -> None:
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.terminate()

    def _draw(self, also: Sentence | None = None) -> None:
        lines = [Text(show(line.expandtabs(4))) for line in self.said.split("\n")[:LINES_MAX]]
        if len(self.said) >= OUTPUT_MAX or len(lines) == LINES_MAX:
            lines.append(self.voice.text(sentence("There is more: run it in a shell, or with -o FILE."), "bold"))
        if also is not None:
            lines.append(self.voice.text(also))
        self.answer.update(Text("\n").join(lines))

    async def act_back(self, step: int) -> None:
        """Stop what runs; then leave."""
        if self.status is None and self.process is not None:
            self._terminate()
        else:
            await self.house.act_back(step)

    def act_reload(self, _step: int) -> None:
        """Run it again."""
        if self.status is not None:
            self._begin()

    def act_copy(self, _step: int) -> None:
        """The answer to the clipboard."""
        self.house.copy_to_clipboard("\n".join(show(line) for line in self.said.split("\n")))
        self.house.tell(sentence("Copied."))
