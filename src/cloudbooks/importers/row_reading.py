"""Rows of a table become statement lines, as a layout says. This is the hot path: positions are bound once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cloudbooks.core.commodity import CODE
from cloudbooks.core.statement import StatementLine
from cloudbooks.errors import Sentence, sentence
from cloudbooks.importers.cells import RowUnread, masked, minor, said, words
from cloudbooks.importers.dates import Dates, clock
from cloudbooks.importers.layout import Column, Condition, Layout, Role, SkipReason, header_key
from cloudbooks.importers.table import CELL_MAX

_REQUIRED = (Role.DATE, Role.AMOUNT, Role.IN, Role.OUT, Role.DIRECTION)
_ABSENT = -1
_LONG_LINE = CELL_MAX
_WORDS_KEPT = 16_384


class RowSkipped(Exception):
    """A row is no movement."""

    def __init__(self, reason: SkipReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class RowReader:
    """Reads the rows of one file; `scales` gives the decimals of the commodities that may occur.

    The currency of a row is that of its column, else the word `told` beside the table, else the layout's, else
    `commodity`.
    """

    def __init__(self, layout: Layout, commodity: str, scales: Mapping[str, int], told: str = "") -> None:
        self.layout = layout
        self._width = len(layout.header)
        self._dates = Dates(layout.date_order)
        self._writing = layout.writing
        self._scales = scales
        self._currencies = dict(layout.currencies)
        self._default = self._code(told) or layout.commodity or commodity
        self._commodities: dict[str, tuple[str, int]] = {}
        self._words: dict[str, str] = {}
        self._sayings: dict[str, str] = {}
        self._bind()

    def _bind(self) -> None:
        place = self._place
        self._date, self._time = place(Role.DATE), place(Role.TIME)
        self._amount, self._in, self._out = place(Role.AMOUNT), place(Role.IN), place(Role.OUT)
        self._direction, self._currency = place(Role.DIRECTION), place(Role.CURRENCY)
        self._balance = place(Role.BALANCE) if self.layout.balance_real else _ABSENT
        self._balance_currency = place(Role.BALANCE_CURRENCY)
        self._reference, self._kind, self._party = place(Role.REFERENCE), place(Role.KIND), place(Role.PARTY)
        self._texts = tuple(column.place for column in self.layout.columns if column.role is Role.TEXT)
        self._needed = max(place(role) for role in _REQUIRED) + 1
        self._skips = tuple(
            (rule.reason, tuple((self._condition_place(one), one) for one in rule.conditions))
            for rule in self.layout.skips
        )

    def _place(self, role: Role) -> int:
        column = self.layout.column(role)
        return column.place if column else _ABSENT

    def _condition_place(self, condition: Condition) -> int:
        return self._place(condition.role) if condition.role else _ABSENT

    def line(self, row: int, cells: list[str], raw: str) -> StatementLine:
        """The line of a row; raises `RowSkipped` for what is no movement and `RowUnread` for what cannot be read."""
        if len(cells) != self._width:
            cells = self._fitted(cells)
        if len(raw) > _LONG_LINE and any(len(cell) > CELL_MAX for cell in cells):
            raise RowUnread(sentence("a cell is longer than {most} characters.", most=CELL_MAX))
        if self._skips:
            self._refuse_skipped(cells)
        try:
            day, time = self._dates.read(cells[self._date])
        except RowUnread:
            self._refuse_other_rows(cells)
            raise
        commodity, scale = self._commodity(cells)
        amount, undecided = self._moved(cells, scale)
        return StatementLine(
            row=row,
            date=day,
            amount=amount,
            commodity=commodity,
            text=self._text(cells),
            party=self._said(cells[self._party]) if self._party >= 0 else "",
            reference=said(cells[self._reference]) if self._reference >= 0 else "",
            kind=self._said(cells[self._kind]) if self._kind >= 0 else "",
            time=time or (clock(cells[self._time]) if self._time >= 0 else ""),
            balance=self._running(cells, commodity, scale) if self._balance >= 0 else None,
            raw=raw,
            undecided=undecided,
        )

    def cell(self, cells: Sequence[str], role: Role) -> str:
        """The cleaned cell of a role; nothing where the layout or the row has none."""
        place = self._place(role)
        return words(cells[place]) if 0 <= place < len(cells) else ""

    def is_row(self, line_cells: Sequence[str]) -> bool:
        """Whether the cells of one physical line are a row by themselves: enough of them, and a date."""
        if len(line_cells) < self._needed:
            return False
        try:
            self._dates.read(line_cells[self._date])
        except RowUnread:
            return False
        return True

    def _fitted(self, cells: list[str]) -> list[str]:
        """The row as wide as the header: blank cells may be missing or added at its end, others only if allowed."""
        if len(cells) > self._width:
            if not self.layout.spare and any(cell.strip() for cell in cells[self._width :]):
                raise self._ragged(cells)
            return cells[: self._width]
        if len(cells) < self._needed and any(cell.strip() for cell in cells):
            self._refuse_other_rows(cells)
            raise self._ragged(cells)
        return cells + [""] * (self._width - len(cells))

    def _ragged(self, cells: list[str]) -> RowUnread:
        return RowUnread(
            sentence("the row has {cells} cells, the header {header}.", cells=len(cells), header=self._width)
        )

    def _refuse_skipped(self, cells: Sequence[str]) -> None:
        for reason, conditions in self._skips:
            if all(one.holds(self._tested(cells, place)) for place, one in conditions):
                raise RowSkipped(reason)

    def _tested(self, cells: Sequence[str], place: int) -> str:
        return self._word(cells[place]) if place >= 0 else _first_cell(cells)

    def _refuse_other_rows(self, cells: Sequence[str]) -> None:
        """Rows without a date that are blank, a line of totals, or the header once more."""
        first = _first_cell(cells)
        if not first and not any(cell.strip() for cell in cells):
            raise RowSkipped(SkipReason.BLANK)
        footer = self.layout.footer
        if footer and footer.condition.holds(first):
            raise RowSkipped(SkipReason.TOTAL)
        if not self.layout.shape and header_key(cells) == header_key(self.layout.header):
            raise RowSkipped(SkipReason.HEADER)

    def _commodity(self, cells: Sequence[str]) -> tuple[str, int]:
        said_here = cells[self._currency] if self._currency >= 0 else ""
        known = self._commodities.get(said_here)
        if known is None:
            known = self._new_commodity(said(said_here))
            self._commodities[said_here] = known
        return known

    def _new_commodity(self, word: str) -> tuple[str, int]:
        code = self._code(word) or self._default
        if not CODE.fullmatch(code) or code not in self._scales:
            if not word:
                raise RowUnread(sentence("nothing tells the currency of this row."))
            raise RowUnread(sentence('the currency "{word}" is not known.', word=word))
        return code, self._scales[code]

    def _code(self, word: str) -> str:
        return self._currencies.get(word.casefold(), word.upper())

    def _moved(self, cells: Sequence[str], scale: int) -> tuple[int, bool]:
        """The signed amount, and whether a person decides its direction."""
        if self._amount < 0:
            return self._paid_in_or_out(cells, scale), False
        amount = minor(cells[self._amount], scale, self._writing)
        if amount is None:
            raise self._no_amount(Role.AMOUNT)
        if self._direction < 0:
            return -amount if self._writing.inverted else amount, False
        inward = self._inward(cells)
        return amount if inward else -amount, inward is None

    def _inward(self, cells: Sequence[str]) -> bool | None:
        """Whether money comes in, by the direction column and, for its neutral words, by the layout's rules."""
        directions = self.layout.directions
        word = self._word(cells[self._direction])
        if word in directions.outward:
            return False
        if word in directions.inward:
            return True
        if word in directions.neutral:
            for rule in directions.rules:
                if all(one.holds(self._tested(cells, self._condition_place(one))) for one in rule.conditions):
                    return rule.inward
        return None

    def _paid_in_or_out(self, cells: Sequence[str], scale: int) -> int:
        paid_in = minor(cells[self._in], scale, self._writing) if self._in >= 0 else None
        paid_out = minor(cells[self._out], scale, self._writing) if self._out >= 0 else None
        if paid_out and self._writing.minus:
            paid_out = abs(paid_out)
        if paid_in and paid_out:
            raise RowUnread(sentence("the row has both money in and money out."))
        if paid_in is None and paid_out is None:
            raise self._no_amount(Role.IN, Role.OUT)
        return (paid_in or 0) - (paid_out or 0)

    def _no_amount(self, *roles: Role) -> RowUnread:
        columns: list[Column | None] = [self.layout.column(role) for role in roles]
        names = ", ".join(column.name for column in columns if column)
        return RowUnread(sentence("the row has no amount in {columns}.", columns=names))

    def _running(self, cells: Sequence[str], commodity: str, scale: int) -> int | None:
        cell = cells[self._balance]
        if masked(cell):
            return None
        if self._balance_currency >= 0:
            other = said(cells[self._balance_currency])
            if other and self._new_commodity(other)[0] != commodity:
                return None
        return minor(cell, scale, self._writing)

    def _text(self, cells: Sequence[str]) -> str:
        if len(self._texts) == 1:
            return self._said(cells[self._texts[0]])
        return " ".join([text for place in self._texts if (text := self._said(cells[place]))])

    def _said(self, cell: str) -> str:
        """`said` with a memory, because parties, kinds and methods repeat."""
        known = self._sayings.get(cell)
        if known is None:
            known = said(cell)
            if len(self._sayings) < _WORDS_KEPT:
                self._sayings[cell] = known
        return known

    def _word(self, cell: str) -> str:
        """`words` with a memory, for columns of few different words."""
        known = self._words.get(cell)
        if known is None:
            known = words(cell)
            if len(self._words) < _WORDS_KEPT:
                self._words[cell] = known
        return known


def _first_cell(cells: Sequence[str]) -> str:
    return next((text for cell in cells if (text := words(cell))), "")


def skip_sentence(reason: SkipReason) -> Sentence:
    """Why a row is no movement, in words."""
    match reason:
        case SkipReason.BLANK:
            return sentence("a blank line")
        case SkipReason.HEADER:
            return sentence("the header once more")
        case SkipReason.TOTAL:
            return sentence("a line of totals")
        case SkipReason.CLOSED:
            return sentence("closed: no money moved")
        case SkipReason.FAILED:
            return sentence("not carried out: no money moved")
