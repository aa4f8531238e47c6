"""Screen 9: what proves the book: blocks, a verification with its progress, and the log of operations."""

from __future__ import annotations

import threading
from functools import partial

from rich.text import Text
from textual.app import ComposeResult
from textual.timer import Timer
from textual.widgets import Static

from cloudbooks.books import listing, verified_words
from cloudbooks.books.browsing import Browser
from cloudbooks.books.finding_words import where
from cloudbooks.books.listing import Cosigned, Operation
from cloudbooks.books.verifying import Verified
from cloudbooks.books.verifying_watched import verify_watched
from cloudbooks.core.digest import short
from cloudbooks.core.listing import Ask
from cloudbooks.errors import CloudBooksError, Finding, counted, sentence
from cloudbooks.system.clock import local_time
from cloudbooks.tui.guard import work_on
from cloudbooks.tui.notice import error_lines
from cloudbooks.tui.page import Page
from cloudbooks.tui.screens.entry import EntryPage
from cloudbooks.tui.showing import Value, Voice, Words
from cloudbooks.tui.table import HouseTable
from cloudbooks.tui.table_layout import Column
from cloudbooks.tui.table_window import Row, Rows, Tone

PROGRESS_SECONDS = 0.2
FINDINGS_LINES = 8


class Chain(Page):
    """Blocks and log, under the verdict."""

    title = sentence("Chain")
    offers = ("open", "verify", "next", "sync", "help")
    with_period = False
    DEFAULT_CSS = """
    Chain #verdict { height: auto; padding: 0 1; }
    Chain #witnesses { height: auto; padding: 0 1; }
    Chain .title { height: 1; color: $primary; text-style: bold; padding: 0 1; }
    Chain #blocks { height: 1fr; }
    Chain #log { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.running = False
        self.stop = threading.Event()
        self.verified: Verified | None = None
        self.done = 0

    def compose(self) -> ComposeResult:
        """The verdict first, then blocks, then the log."""
        self.verdict = Static("", markup=False, id="verdict")
        self.witnesses = Static("", markup=False, id="witnesses")
        self.witnesses.display = False
        self.findings = HouseTable(_finding_columns(), id="findings")
        self.findings.display = False
        self.blocks_title = Static("", markup=False, classes="title")
        self.log_title = Static("", markup=False, classes="title")
        self.blocks = HouseTable(_block_columns(), id="blocks")
        self.operations = HouseTable(_log_columns(), id="log")
        yield self.verdict
        yield self.witnesses
        yield self.findings
        yield self.blocks_title
        yield self.blocks
        yield self.log_title
        yield self.operations

    def read(self) -> None:
        """Ask for blocks and log."""
        self.blocks_title.update(self.voice.text(sentence("Blocks")))
        self.log_title.update(self.voice.text(sentence("Log")))
        self.blocks.change_columns(_block_columns())
        self.operations.change_columns(_log_columns())
        voice = self.voice
        self.blocks.fill(self, lambda browser, ask: _blocks(browser, ask, voice))
        self.ask("log", listing.log, self._show_log)
        self.ask("witnesses", listing.cosigned, self._show_witnesses)
        self._show_verdict()
        self._show_findings()

    def _show_findings(self) -> None:
        """What a verification found, each line leading to its entry."""
        found = self.house.findings
        self.put_away(self.findings, away=not found)
        self.findings.styles.height = min(FINDINGS_LINES, len(found) + 1)
        self.findings.change_columns(_finding_columns())
        self.findings.show_rows([_finding(place, one) for place, one in enumerate(found)])

    def _show_witnesses(self, found: Cosigned) -> None:
        """Who cosigned, where anybody did: a fact beside the verdict, which no policy has judged here."""
        self.put_away(self.witnesses, away=not found.keys or self.verified is not None)
        words = counted(
            "{n} witness cosigned, up to {size} blocks; your policy judges it: cloudbooks verify --policy FILE",
            "{n} witnesses cosigned, up to {size} blocks; your policy judges them: cloudbooks verify --policy FILE",
            found.keys, size=f"{found.size:,}",
        )  # fmt: skip
        self.witnesses.update(self.voice.text(words))

    def _show_log(self, operations: tuple[tuple[Operation, str], ...]) -> None:
        self.operations.show_rows([_operation(one, by) for one, by in operations])

    def focus_first(self) -> None:
        """The findings first, where there are any, else the blocks."""
        (self.findings if self.house.findings else self.blocks).focus()

    def _show_verdict(self) -> None:
        standing, voice = self.house.standing, self.voice
        if self.verified is not None:
            # The facts say who cosigned, and what that is worth.
            self.put_away(self.witnesses, away=True)
            self.verdict.update(Text("\n").join(verdict_lines(voice, self.verified)))
        elif standing is not None and (fault := standing.stopped or standing.older) is not None:
            self.verdict.update(Text("\n").join(error_lines(voice, fault)))
        elif standing is not None:
            words = sentence(
                "{blocks} blocks, {entries} entries. Each opening checks the head; V verifies every byte.",
                blocks=standing.blocks, entries=standing.entries,
            )  # fmt: skip
            self.verdict.update(voice.text(words))

    def export_words(self) -> str:
        """The command that writes the list of blocks."""
        return "batch list -o blocks.csv"

    def act_verify(self, _step: int) -> None:
        """Verify the whole book; it only reads, so it starts at once."""
        if self.running:
            return
        self.running = True
        self.stop.clear()
        self._progress(0)
        self.done = 0
        ticking = self.set_interval(PROGRESS_SECONDS, lambda: self._progress(self.done))
        work_on(self, partial(self._verify, ticking), group="verify", exclusive=True)

    def _watch(self, done: int) -> bool:
        """Called in the thread that verifies."""
        self.done = done
        return not self.stop.is_set()

    async def _verify(self, ticking: Timer) -> None:
        try:
            self.verified = await self.house.clerk.long(
                lambda desk, on: verify_watched(desk, lambda done: self._watch(done) and on())
            )
        except CloudBooksError as error:
            self.verified = None
            self.verdict.update(Text("\n").join(error_lines(self.voice, error)))
        else:
            self.house.judged(self.verified)
            self._show_verdict()
            self._show_findings()
        finally:
            ticking.stop()
            self.running = False

    def _progress(self, done: int) -> None:
        of = self.house.standing.blocks if self.house.standing else 0
        words = sentence("Verifying: {done} of {of} blocks. Esc stops it.", done=f"{done:,}", of=f"{of:,}")
        self.verdict.update(self.voice.text(words, "bold"))

    async def act_back(self, step: int) -> None:
        """Stop a verification that runs."""
        if self.running:
            self.stop.set()
        else:
            await self.house.act_back(step)

    def needs(self, row: Row) -> bool:
        """A finding needs somebody, or a block that is about one."""
        return isinstance(row.about, Finding) or super().needs(row)

    async def row_opened(self, row: Row) -> None:
        """Into a block's entries, or into the entry of a finding."""
        if isinstance(row.about, Finding):
            self.open_finding(row.about)
        elif isinstance(row.about, int):
            await self.house.go("2", f"batch:{row.about}", everywhere=True)

    def open_finding(self, finding: Finding) -> None:
        """Show the entry that a finding is about."""
        block, record = finding.block, finding.record
        if block is not None and record is not None:
            self.ask("entry", lambda browser: listing.entry_at(browser, block, record), self._open_entry)
        else:
            self.house.tell(sentence("This finding is about the book as a whole, not about one entry."))

    async def _open_entry(self, entry: str) -> None:
        if entry:
            await self.house.push(EntryPage(entry))
        else:
            self.house.tell(sentence("That record is no entry; cloudbooks verify says more."))


def _finding_columns() -> tuple[Column, ...]:
    return (
        Column("code", sentence("Finding"), least=8, most=18),
        Column("where", sentence("Where"), least=10, most=24),
        Column("what", sentence("What differs"), least=20, most=200, grows=True),
    )


def _finding(place: int, one: Finding) -> Row:
    return Row(f"finding-{place}", (one.code, where(one), one.message), tone=Tone.ALERT, about=one)


def _block_columns() -> tuple[Column, ...]:
    return (
        Column("number", sentence("Block"), least=4, most=9, right=True),
        Column("at", sentence("Posted"), least=16, most=16),
        Column("author", sentence("By"), least=8, most=24, grows=True),
        Column("entries", sentence("Entries"), least=5, most=9, right=True),
        Column("records", sentence("Records"), least=5, most=9, right=True, priority=2),
        Column("hash", sentence("Hash"), least=14, most=20, priority=1),
    )


def _blocks(browser: Browser, ask: Ask, voice: Voice) -> Rows:
    found = listing.blocks(browser, ask)
    rows = []
    for block, author in found.rows:
        cells: tuple[Value, ...] = (
            str(block.number),
            local_time(block.committed_at),
            author,
            f"{block.entries:,}",
            f"{block.records:,}",
            short(block.hash).replace("…", voice.cut_mark),
        )
        rows.append(Row(f"block-{block.number}", cells, block.number, about=block.number))
    return Rows(tuple(rows), found.more_before, found.more_after, found.at)


def _log_columns() -> tuple[Column, ...]:
    return (
        Column("at", sentence("Time"), least=16, most=16),
        Column("by", sentence("By"), least=6, most=16),
        Column("what", sentence("Done"), least=20, most=80, grows=True),
        Column("state", "", least=1, most=12),
    )


def _operation(one: Operation, by: str) -> Row:
    state: Words = ""
    if one.undone:
        state = sentence("undone")
    elif one.block is not None:
        state = sentence("block {number}", number=one.block)
    cells = (local_time(one.at), by, one.summary, state)
    return Row(f"operation-{one.number}", cells, tone=Tone.DIM if one.undone else Tone.PLAIN)


def verdict_lines(voice: Voice, found: Verified) -> list[Text]:
    """A verification as `cloudbooks verify` says it: whether all is well, then each fact."""
    return [voice.text(verified_words.standing(found), "bold"), *map(voice.text, verified_words.facts(found))]
