"""How a voucher is drawn: head, heads of columns, rows, and the line under them, each in exactly the room there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cloudbooks.core.money import grouped
from cloudbooks.errors import Sentence, sentence
from cloudbooks.reports.table import Amount
from cloudbooks.tui.screens.voucher.cells import strip_text
from cloudbooks.tui.screens.voucher.sheet import Cell, Line, Sheet
from cloudbooks.tui.showing import Voice, cells, fitted

_NUMBER: Final = 4
_AMOUNT_LEAST: Final = 14


@dataclass(frozen=True, slots=True)
class Widths:
    """How wide the columns are; between them stands one blank cell."""

    summary: int
    account: int
    amount: int

    def start(self, cell: Cell) -> int:
        """The cell of the screen at which a column begins."""
        summary = _NUMBER + 1
        account = summary + self.summary + 1
        debit = account + self.account + 1
        return {Cell.SUMMARY: summary, Cell.ACCOUNT: account, Cell.DEBIT: debit, Cell.CREDIT: debit + self.amount + 1}[
            cell
        ]

    def room(self, cell: Cell) -> int:
        """How many cells a column has."""
        return {Cell.SUMMARY: self.summary, Cell.ACCOUNT: self.account}.get(cell, self.amount)


def widths(sheet: Sheet, width: int) -> Widths:
    """Amounts have the room they need, summary and account share the rest."""
    needed = [cells(amount_words(sheet, line)) for line in sheet.rows]
    needed += [cells(grouped(side, sheet.facts.base_scale)) for side in sheet.sides()]
    amount = max(_AMOUNT_LEAST, *needed)
    rest = max(16, width - _NUMBER - 4 - 2 * amount)
    account = rest * 55 // 100
    return Widths(rest - account, account, amount)


def amount_words(sheet: Sheet, line: Line) -> str:
    """The amount of a row as it is shown, with its currency where that is not the base."""
    if line.amount is None:
        return ""
    foreign = line.commodity not in {"", sheet.base}
    return Amount(line.amount, sheet.scale(line), line.commodity, named=foreign).shown()


def title(sheet: Sheet, forecast: str, voice: Voice) -> list[tuple[Cell | None, str]]:
    """The head in parts, of which day and series can be typed in."""
    draft = sheet.draft
    name = voice.say(sentence("Voucher, draft {name}", name=draft.name) if draft.number else sentence("New voucher"))
    maker = sheet.facts.members.get(draft.made_by or sheet.facts.me, "")
    number = voice.say(sentence("(about {number})", number=forecast)) if forecast else ""
    parts: list[tuple[Cell | None, str]] = [
        (None, name),
        (Cell.DATE, sheet.date.isoformat() if sheet.date else "-"),
        (Cell.SERIES, sheet.series or "-"),
        (None, number),
        (None, voice.say(sentence("{n} attachments", n=len(draft.attachments))) if draft.attachments else ""),
        (None, voice.say(sentence("made by {name}", name=maker)) if maker else ""),
    ]
    return [(cell, voice.say(words)) for cell, words in parts if words]


def heads(columns: Widths, voice: Voice) -> str:
    """The heads of the columns."""
    mark = voice.cut_mark
    return " ".join(
        [
            fitted(voice.say(sentence("Line")), _NUMBER, mark=mark),
            fitted(voice.say(sentence("Summary")), columns.summary, mark=mark),
            fitted(voice.say(sentence("Account")), columns.account, mark=mark),
            fitted(voice.say(sentence("Debit")), columns.amount, right=True, mark=mark),
            fitted(voice.say(sentence("Credit")), columns.amount, right=True, mark=mark),
        ]
    )


def row_cells(sheet: Sheet, place: int, columns: Widths, voice: Voice) -> list[tuple[Cell, str, bool]]:
    """The cells of a row: column, text in its room, and whether it is grey since it is only taken from above."""
    line = sheet.rows[place]
    mark = voice.cut_mark
    account = sheet.account(line)
    words = voice.say(sheet.shown_summary(place))
    amount = voice.say(amount_words(sheet, line))
    sides = ("", amount) if line.credit else (amount, "")
    return [
        (Cell.SUMMARY, fitted(words, columns.summary, mark=mark), not line.summary),
        (Cell.ACCOUNT, fitted(voice.say(str(account)) if account else "", columns.account, mark=mark), False),
        (Cell.DEBIT, fitted(sides[0], columns.amount, right=True), False),
        (Cell.CREDIT, fitted(sides[1], columns.amount, right=True), False),
    ]


def number_words(place: int, *, here: bool) -> str:
    """The number of a row, with the mark of the cursor."""
    return fitted((">" if here else " ") + fitted(str(place + 1), 3, right=True), _NUMBER)


def balance(sheet: Sheet) -> Sentence:
    """The line under the rows: both sums and their difference, or that they are the same."""
    debit, credit = sheet.sides()
    scale = sheet.facts.base_scale
    if sheet.unvalued:
        return sentence("A foreign amount has no price on this day.")
    if sheet.balanced:
        return sentence("{sum} on both sides, balanced", sum=grouped(debit, scale))
    return sentence(
        "Dr {debit} - Cr {credit} = {difference}",
        debit=grouped(debit, scale),
        credit=grouped(credit, scale),
        difference=grouped(debit - credit, scale),
    )


def strip(sheet: Sheet, voice: Voice) -> list[tuple[int, str, str]]:
    """What the account of the row demands: place, label and value."""
    demands = sheet.demands(sheet.line)
    return [(place, voice.say(name), voice.say(strip_text(sheet, place))) for place, name in enumerate(demands)]
