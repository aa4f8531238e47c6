"""One entry, or one draft: its lines, where it came from, who made it, what corrects it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from cloudbooks.books import inspecting
from cloudbooks.books.browsing import Browser
from cloudbooks.books.inspecting import ShownEntry
from cloudbooks.core.draft import Draft
from cloudbooks.core.entry import PostedEntry, Posting, Source, SourceKind
from cloudbooks.core.listing import EntryRow
from cloudbooks.core.period import Month
from cloudbooks.errors import Sentence, sentence
from cloudbooks.reports.names import Names
from cloudbooks.reports.table import Amount
from cloudbooks.tui.page import Page
from cloudbooks.tui.rows import base_amount, draft_state, fact
from cloudbooks.tui.showing import Voice, Words, fitted
from cloudbooks.tui.table import HouseTable
from cloudbooks.tui.table_layout import Column, amount
from cloudbooks.tui.table_window import Row, Tone


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of an entry or a draft: its name, facts with their labels, lines, and where links lead."""

    name: str
    facts: tuple[tuple[Words, Words], ...]
    lines: tuple[Row, ...]
    trace: tuple[str, ...] = ()


class EntryPage(Page):
    """An entry or a draft as a page."""

    title = sentence("Entry")
    offers = ("open", "why", "correct", "copy", "back", "help")
    with_period = False
    DEFAULT_CSS = "EntryPage Static { height: auto; padding: 0 1; } EntryPage HouseTable { height: 1fr; }"

    def __init__(self, about: EntryRow | Draft | str) -> None:
        super().__init__()
        self.about = about
        self.shown: Shown | None = None
        self.with_trace = False

    def compose(self) -> ComposeResult:
        """Facts above, lines below."""
        self.facts = Static("", markup=False)
        self.table = HouseTable(_columns(), id="lines")
        self.story = Static("", markup=False)
        yield self.facts
        yield self.table
        yield self.story

    def crumbs(self) -> tuple[Words, ...]:
        """Its name."""
        return (self.shown.name if self.shown else self.title,)

    def read(self) -> None:
        """Ask for it as it stands now."""
        about = self.about
        self.ask("entry", lambda browser: shown(browser, about), self._show)

    def _show(self, found: Shown) -> None:
        self.shown = found
        lines = [fact(self.voice, label, value) for label, value in found.facts]
        self.facts.update(Text("\n").join(lines))
        self.table.change_columns(_columns())
        self.table.show_rows(found.lines)
        self._tell_story()
        self.house.draw_frame()

    def _tell_story(self) -> None:
        found = self.shown
        self.story.display = bool(self.with_trace and found is not None and found.trace)
        if found is not None and self.story.display:
            self.story.update(Text("\n").join(self.voice.text(step) for step in found.trace))

    def why_not(self, action: str) -> Sentence | None:
        """Only what is posted is corrected."""
        if action == "correct" and isinstance(self.about, Draft):
            return sentence("{name} is a draft; e changes it.", name=self.about.name)
        if action == "edit" and not isinstance(self.about, Draft):
            return sentence("What is posted does not change; c corrects it.")
        if action in {"next-open", "previous-open"}:
            return sentence("These are the lines of one entry.")
        return super().why_not(action)

    def act_why(self, _step: int) -> None:
        """The steps that led to it."""
        self.with_trace = not self.with_trace
        if self.shown is not None and not self.shown.trace:
            self.house.tell(sentence("It was made by hand; nothing else led to it."))
        self._tell_story()

    def act_correct(self, _step: int) -> None:
        """Its reversal and replacement as drafts."""
        self.house.correct(self.about if isinstance(self.about, str) else getattr(self.about, "id", ""))

    def act_copy(self, _step: int) -> None:
        """Its name to the clipboard."""
        if self.shown is not None:
            self.house.copy_to_clipboard(self.shown.name)
            self.house.tell(sentence("Copied."))

    async def row_opened(self, row: Row) -> None:
        """Into the register of the line's account."""
        from cloudbooks.tui.screens.register import Register  # noqa: PLC0415 - a register opens entries

        if isinstance(row.about, str) and row.about:
            await self.house.push(Register(row.about))
        else:
            self.house.tell(sentence("This line has no account yet."))


def _columns() -> tuple[Column, ...]:
    return (
        Column("line", "#", least=1, most=4, right=True),
        Column("account", sentence("Account"), least=16, most=40, grows=True),
        Column("words", sentence("Summary"), least=6, most=30, priority=2),
        Column("party", sentence("Party"), least=6, most=20, priority=1),
        amount("debit", sentence("Debit")),
        amount("credit", sentence("Credit")),
    )


def shown(browser: Browser, about: EntryRow | Draft | str) -> Shown:
    """An entry by its row or id, or a draft, as it stands now."""
    if isinstance(about, Draft):
        from cloudbooks.books import drafting  # noqa: PLC0415 - only drafts need it

        draft = drafting.draft(browser.desk, about.number)
        return _of_draft(replace(draft, source=_told(browser, draft.source)), browser.names)
    found = inspecting.entry(browser.desk, about.id if isinstance(about, EntryRow) else about)
    return _of_entry(found, browser.names, _told(browser, found.entry.source))


def _told(browser: Browser, source: Source) -> Source:
    """A source whose statement line is named as people name it."""
    if source.kind is not SourceKind.STATEMENT:
        return source
    from cloudbooks.books.reviewing import line_name_in  # noqa: PLC0415 - only what a statement brought needs it

    return replace(source, ref=line_name_in(browser.book, source.ref))


def _of_entry(found: ShownEntry, names: Names, source: Source) -> Shown:
    one = found.entry
    facts: list[tuple[Words, Words]] = [
        (sentence("Date"), one.date.isoformat()),
        (sentence("Summary"), one.summary),
        (sentence("Block"), str(one.block)),
        (sentence("Made by"), found.maker),
        (sentence("Source"), source_words(source)),
    ]
    links = (
        (sentence("Reverses"), one.reverses),
        (sentence("Replaces"), one.replaces),
        (sentence("Reversed by"), one.reversed_by),
    )
    facts += [(label, _name_of(found.linked[id_])) for label, id_ in links if id_ in found.linked]
    if one.attachments:
        facts.append((sentence("Attachments"), ", ".join(item.name for item in one.attachments)))
    lines = [_line(place, posting, names) for place, posting in enumerate(one.postings, start=1)]
    return Shown(_name_of(one), tuple(facts), (*lines, _total(one.postings, names)))


def _name_of(entry: PostedEntry) -> str:
    return f"{Month.of(entry.date)}/{entry.voucher}"


def _of_draft(draft: Draft, names: Names) -> Shown:
    scale = names.commodities[names.base].scale
    facts: list[tuple[Words, Words]] = [
        (sentence("Date"), draft.date.isoformat() if draft.date else sentence("no date")),
        (sentence("Summary"), draft.summary),
        (sentence("State"), draft_state(draft)),
        (sentence("Source"), source_words(draft.source)),
    ]
    if draft.reason:
        facts.append((sentence("Reason"), draft.reason))
    facts += [(sentence("Missing"), lack) for lack in draft.lacks(names.base, scale)]
    postings = tuple(
        Posting(
            line.account, line.commodity, line.amount or 0, line.value if line.value is not None else line.amount or 0,
            line.party, line.text, red=line.red,
        )
        for line in draft.lines
    )  # fmt: skip
    lines = [_line(place, posting, names) for place, posting in enumerate(postings, start=1)]
    return Shown(draft.name, tuple(facts), (*lines, _total(postings, names)), draft.trace)


def _line(place: int, posting: Posting, names: Names) -> Row:
    account: Words = str(names.chart[posting.account]) if posting.account in names.chart else "?"
    number = Amount(
        posting.amount if posting.debit_side else -posting.amount,
        names.commodities[posting.commodity].scale if posting.commodity in names.commodities else 0,
        posting.commodity,
        named=posting.commodity != names.base,
    )
    sides: tuple[Words | Amount, Words | Amount] = (number, "") if posting.debit_side else ("", number)
    cells = (str(place), account, posting.text, names.party(posting), *sides)
    return Row(f"line-{place}", cells, tone=Tone.RED if posting.red else Tone.PLAIN, about=posting.account)


def _total(postings: tuple[Posting, ...], names: Names) -> Row:
    debit = sum(one.value for one in postings if one.debit_side)
    credit = -sum(one.value for one in postings if not one.debit_side)
    cells = ("", sentence("Total"), "", "", base_amount(debit, names), base_amount(credit, names))
    return Row("total", cells, tone=Tone.TOTAL)


def source_words(source: Source) -> Words:
    """Where an entry came from, in words."""
    kinds = {
        "close": sentence("period close"),
        "manual": sentence("by hand"),
        "migration": sentence("opening or migration"),
        "reversal": sentence("reversal"),
        "rule": sentence("rule {rule}", rule=source.rule),
        "statement": sentence("statement line {ref}", ref=source.ref),
    }
    return kinds.get(source.kind.value, source.kind.value)


def beside(browser: Browser, about: EntryRow | Draft | str, voice: Voice) -> list[Text]:
    """An entry or a draft in a narrow pane: its facts and its lines."""
    found = shown(browser, about)
    lines = [voice.text(found.name, "bold"), *(fact(voice, label, value, 10) for label, value in found.facts), Text("")]
    for row in sorted(found.lines, key=lambda one: not voice.cell(one.cells[4])):
        account, debit, credit = (voice.cell(row.cells[place]) for place in (1, 4, 5))
        side = voice.say(sentence("Dr")) if debit else voice.say(sentence("Cr"))
        if row.tone is not Tone.TOTAL:
            lines.append(
                Text(f"{side} {fitted(account, 22, mark=voice.cut_mark)} {fitted(debit or credit, 14, right=True)}")
            )
    return lines
