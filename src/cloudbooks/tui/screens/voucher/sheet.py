"""A voucher as a sheet of cells, without a screen: what stands where, where Enter goes, what is out of balance."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from enum import StrEnum

from cloudbooks.books.vouchers import VoucherFacts
from cloudbooks.core.account import Account
from cloudbooks.core.draft import Draft, DraftLine, DraftState


class Cell(StrEnum):
    """What is typed in: the head's day and series, then the cells of a row; `STRIP` is what an account demands."""

    DATE = "date"
    SERIES = "series"
    SUMMARY = "summary"
    ACCOUNT = "account"
    STRIP = "strip"
    DEBIT = "debit"
    CREDIT = "credit"


AMOUNTS = frozenset({Cell.DEBIT, Cell.CREDIT})
HEAD = frozenset({Cell.DATE, Cell.SERIES})


@dataclass(frozen=True, slots=True)
class Line:
    """A row. `amount` is what stands in its column, below zero where it is red; `credit` says which column that is.

    `kept` is the line as the draft has it, with what the sheet does not show.
    """

    summary: str = ""
    account: str = ""
    amount: int | None = None
    credit: bool = False
    commodity: str = ""
    party: str = ""
    dimensions: tuple[tuple[str, str], ...] = ()
    kept: DraftLine | None = None

    @property
    def signed(self) -> int | None:
        """The amount as an entry has it: debit above zero."""
        return None if self.amount is None else -self.amount if self.credit else self.amount

    @property
    def blank(self) -> bool:
        """Whether neither account nor amount is known."""
        return not self.account and self.amount is None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A draft being typed; `row`, `cell` and `strip` say where the cursor stands. It always has a row."""

    draft: Draft
    facts: VoucherFacts
    date: dt.date | None
    series: str
    rows: tuple[Line, ...] = field(default=(Line(),))
    row: int = 0
    cell: Cell = Cell.SUMMARY
    strip: int = 0

    @classmethod
    def of(cls, draft: Draft, facts: VoucherFacts) -> Sheet:
        """The sheet of a draft; the cursor stands in the first cell that lacks something."""
        rows = tuple(_line(draft, place, line) for place, line in enumerate(draft.lines)) or (Line(),)
        sheet = cls(draft, facts, draft.date, draft.series or facts.series, rows)
        for place, line in enumerate(rows):
            if not line.account and draft.lines:
                return replace(sheet, row=place, cell=Cell.ACCOUNT)
        return sheet

    @classmethod
    def new(cls, facts: VoucherFacts, day: dt.date | None = None) -> Sheet:
        """An empty voucher."""
        draft = Draft(date=day or facts.day, series=facts.series, summary="", lines=())
        return cls(draft, facts, draft.date, draft.series)

    @property
    def line(self) -> Line:
        """The row under the cursor."""
        return self.rows[self.row]

    @property
    def base(self) -> str:
        """The base currency."""
        return self.facts.names.base

    def scale(self, line: Line) -> int:
        """Decimals of a row's amounts."""
        return self.facts.names.commodities[line.commodity or self.base].scale

    def account(self, line: Line) -> Account | None:
        """The account of a row."""
        chart = self.facts.names.chart
        if line.account not in chart:
            return None
        return chart[line.account]

    def demands(self, line: Line) -> tuple[str, ...]:
        """The dimensions that a row's account demands."""
        account = self.account(line)
        return account.dimensions if account is not None else ()

    def unanswered_demand(self) -> tuple[int, int, str] | None:
        """The first row whose account demands what it does not say: row, place in the strip, and what."""
        for row in self.included():
            said = dict(self.rows[row].dimensions)
            for place, name in enumerate(self.demands(self.rows[row])):
                if not said.get(name):
                    return row, place, name
        return None

    def shown_summary(self, place: int) -> str:
        """The summary of a row; of one that has none that of the row above, which it will take."""
        while place > 0 and not self.rows[place].summary:
            place -= 1
        return self.rows[place].summary

    def with_line(self, **changes: object) -> Sheet:
        """This sheet with the row under the cursor changed."""
        line = replace(self.line, **changes)  # type: ignore[arg-type] # the fields are checked where they are named
        return replace(self, rows=(*self.rows[: self.row], line, *self.rows[self.row + 1 :]))

    def at(self, row: int, cell: Cell, strip: int = 0) -> Sheet:
        """This sheet with the cursor elsewhere."""
        return replace(self, row=max(0, min(row, len(self.rows) - 1)), cell=cell, strip=strip)

    # Rows

    def inserted(self) -> Sheet:
        """A new row above the cursor."""
        rows = (*self.rows[: self.row], Line(), *self.rows[self.row :])
        return replace(self, rows=rows, cell=Cell.SUMMARY)

    def removed(self) -> Sheet:
        """Without the row under the cursor; one always stays."""
        rows = (*self.rows[: self.row], *self.rows[self.row + 1 :]) or (Line(),)
        return replace(self, rows=rows).at(
            min(self.row, len(rows) - 1), self.cell if self.cell not in HEAD else Cell.SUMMARY
        )

    def appended(self) -> Sheet:
        """With the cursor in a blank row at the end: the one that is there, or a new one."""
        rows = self.rows if self.rows[-1].blank else (*self.rows, Line())
        return replace(self, rows=rows, row=len(rows) - 1, cell=Cell.ACCOUNT)

    def included(self) -> list[int]:
        """The rows that belong to the draft: all but blank ones that say nothing of their own."""
        return [
            place
            for place, line in enumerate(self.rows)
            if not line.blank or (line.summary and (place == 0 or line.summary != self.shown_summary(place - 1)))
        ]

    # The balance

    def value(self, line: Line) -> int | None:
        """What a row is worth in the base, debit above zero; `None` where that is not known."""
        signed = line.signed
        if signed is None or line.commodity in {"", self.base}:
            return signed
        kept = line.kept
        known = kept is not None and (kept.amount, kept.commodity) == (signed, line.commodity)
        return kept.value if known and kept is not None else None

    def sides(self) -> tuple[int, int]:
        """The sums of both columns in the base, as far as they are known."""
        debit = credit = 0
        for line in self.rows:
            value = self.value(line) or 0
            if line.credit:
                credit -= value
            else:
                debit += value
        return debit, credit

    @property
    def unvalued(self) -> bool:
        """Whether a row has an amount whose value in the base is not known."""
        return any(line.amount is not None and self.value(line) is None for line in self.rows)

    @property
    def balanced(self) -> bool:
        """Whether both columns are the same, and something stands in them."""
        debit, credit = self.sides()
        return debit == credit and not self.unvalued and any(line.amount for line in self.rows)

    def wanted(self) -> int | None:
        """What would balance the sheet in the row under the cursor, debit above zero; `None` where it is not known."""
        others = [line for place, line in enumerate(self.rows) if place != self.row and line.amount is not None]
        mine = self.line.commodity or self.base
        if all((line.commodity or self.base) == mine for line in others):
            return -sum(line.signed or 0 for line in others)
        values = [self.value(line) for line in others]
        if mine != self.base or None in values:
            return None
        return -sum(value or 0 for value in values)

    def swapped(self) -> Sheet:
        """With the amount of the row in the other column, and the cursor there."""
        credit = not self.line.credit if self.line.amount is not None else self.cell is Cell.DEBIT
        return self.with_line(credit=credit).at(self.row, Cell.CREDIT if credit else Cell.DEBIT)

    # Where the cursor goes

    def _stops(self, row: int) -> list[tuple[Cell, int]]:
        """The cells of a row in which Enter stops; the amount cell of the other side is none where one is filled."""
        line = self.rows[row]
        strip = [(Cell.STRIP, place) for place in range(len(self.demands(line)))]
        amounts = [Cell.DEBIT, Cell.CREDIT]
        if line.amount is not None:
            amounts = [Cell.CREDIT if line.credit else Cell.DEBIT]
        return [(Cell.SUMMARY, 0), (Cell.ACCOUNT, 0), *strip, *((cell, 0) for cell in amounts)]

    def after(self) -> Sheet:
        """Enter: summary, account, what it demands, debit, credit, next row; the last filled row makes the next."""
        if self.cell is Cell.DATE:
            return self.at(self.row, Cell.SERIES)
        if self.cell is Cell.SERIES:
            return self.at(0, Cell.SUMMARY)
        later = [stop for stop in self._stops(self.row) if _order(stop) > _order((self.cell, self.strip))]
        if later:
            return self.at(self.row, *later[0])
        if self.row + 1 < len(self.rows):
            return self.at(self.row + 1, Cell.SUMMARY)
        if self.line.blank:
            return self.at(self.row, Cell.SUMMARY)
        return replace(self, rows=(*self.rows, Line())).at(self.row + 1, Cell.SUMMARY)

    def before(self) -> Sheet:
        """Shift+Tab: the same way back."""
        if self.cell in HEAD:
            return self.at(self.row, Cell.DATE)
        earlier = [stop for stop in self._stops(self.row) if _order(stop) < _order((self.cell, self.strip))]
        if earlier:
            return self.at(self.row, *earlier[-1])
        if self.row:
            return self.at(self.row - 1, *self._stops(self.row - 1)[-1])
        return self.at(0, Cell.SERIES)

    def above(self) -> Sheet:
        """The same cell a row up; from the first row into the head."""
        if self.cell in HEAD:
            return self
        if self.row == 0:
            return self.at(0, Cell.DATE)
        return self.at(self.row - 1, Cell.ACCOUNT if self.cell is Cell.STRIP else self.cell)

    def below(self) -> Sheet:
        """The same cell a row down; from the head into the first row."""
        if self.cell in HEAD:
            return self.at(0, Cell.SUMMARY)
        if self.row + 1 < len(self.rows):
            return self.at(self.row + 1, Cell.ACCOUNT if self.cell is Cell.STRIP else self.cell)
        return self

    # The draft

    def to_draft(self, state: DraftState) -> Draft:
        """The draft that the sheet describes."""
        places = self.included()
        summary = self.shown_summary(places[0]) if places else ""
        lines = tuple(self._draft_line(place, summary, first=place == places[0]) for place in places)
        return replace(
            self.draft,
            date=self.date,
            series=self.series,
            summary=summary,
            lines=lines,
            state=state,
            sure=False,
            reason="",
        )

    def _draft_line(self, place: int, summary: str, *, first: bool) -> DraftLine:
        line = self.rows[place]
        kept = line.kept or DraftLine("", "", None, None)
        commodity = line.commodity or self.base
        text = self.shown_summary(place)
        moved = self.date != self.draft.date
        return replace(
            kept,
            account=line.account,
            commodity=commodity,
            amount=line.signed,
            value=line.signed if commodity == self.base else None if moved else self.value(line),
            party=line.party,
            text=kept.text if first else "" if text == summary else text,
            dimensions=line.dimensions,
            settles=kept.settles if kept.account == line.account else (),
            red=line.amount is not None and line.amount < 0,
        )

    def absorbed(self, draft: Draft) -> Sheet:
        """This sheet after a draft was kept: its number, and the values that prices gave."""
        rows = list(self.rows)
        for place, kept in zip(self.included(), draft.lines, strict=False):
            if (rows[place].account, rows[place].signed) == (kept.account, kept.amount):
                rows[place] = replace(rows[place], kept=kept)
        return replace(self, draft=draft, rows=tuple(rows))


def _order(stop: tuple[Cell, int]) -> tuple[int, int]:
    """How far to the right a cell stands."""
    return list(Cell).index(stop[0]), stop[1]


def _line(draft: Draft, place: int, line: DraftLine) -> Line:
    signed = line.amount
    credit = signed is not None and (signed < 0) != line.red
    return Line(
        summary=draft.summary if place == 0 else line.text,
        account=line.account,
        amount=None if signed is None else -signed if credit else signed,
        credit=credit,
        commodity=line.commodity,
        party=line.party,
        dimensions=line.dimensions,
        kept=line,
    )
