"""What the mapper refuses to guess, each refusal with the flag that answers it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from cloudbooks.core.text import shell_word
from cloudbooks.errors import Refusal, counted, joined, sentence
from cloudbooks.importers.dates import named_day
from cloudbooks.importers.layout import NEAR_NAMES_MAX

_TWO = 2
_SHOWN_COLUMNS = 40


class HeaderUnknown(Refusal):
    """No line of a file names a date and an amount, and its rows have the shape of no known layout."""

    code = "header-unknown"

    def __init__(self, name: str, looked_at: int) -> None:
        super().__init__(
            counted(
                "{name} fits no layout, and no header stands in its {n} line.",
                "{name} fits no layout, and no header stands in its first {n} lines.",
                looked_at,
                name=name,
            ),
            hint=sentence("write a header such as date,description,in,out,balance above the rows"),
        )


class AmountUnknown(Refusal):
    """A header names a date, but no column that is known to hold an amount."""

    code = "amount-unknown"

    def __init__(self, name: str, columns: Sequence[str]) -> None:
        super().__init__(
            sentence(
                "{name}: no column is known to hold the amount; its columns are {columns}.",
                name=name,
                columns=joined(columns[:_SHOWN_COLUMNS]),
            ),
            hint=sentence("cloudbooks import {name} --amount COLUMN", name=shell_word(name)),
        )
        self.columns = tuple(columns)


class ColumnUnknown(Refusal):
    """A file has no column of the name that the user gave."""

    code = "column-unknown"

    def __init__(self, name: str, column: str, columns: Sequence[str]) -> None:
        near = difflib.get_close_matches(column, columns, NEAR_NAMES_MAX) or list(columns[:_SHOWN_COLUMNS])
        super().__init__(
            sentence('{name} has no column "{column}".', name=name, column=column),
            hint=sentence("did you mean {names}?", names=joined(near)),
        )


class ColumnUnsure(Refusal):
    """Nothing in a file decides which of its columns is the amount, or which way the sign of the only one goes."""

    code = "column-unsure"

    def __init__(self, name: str, columns: Sequence[str]) -> None:
        first = columns[0]
        hint = sentence(
            "cloudbooks import {name} --amount {column} (remembered for this layout)",
            name=shell_word(name),
            column=shell_word(first),
        )
        if len(columns) == 1:
            message = sentence(
                "{name}: nothing tells whether a positive {column} is money in or money out.", name=name, column=first
            )
            hint = sentence(
                "cloudbooks import {name} --amount {column} if it is money in, --amount=-{column} if it is money out",
                name=shell_word(name),
                column=shell_word(first),
            )
        elif len(columns) == _TWO:
            message = sentence(
                "{name}: two columns look like the amount, {one} and {other}.", name=name, one=first, other=columns[1]
            )
        else:
            message = sentence(
                "{name}: {count} columns look like the amount: {columns}.",
                name=name,
                count=len(columns),
                columns=joined(columns[:_SHOWN_COLUMNS]),
            )
        super().__init__(message, hint=hint)
        self.columns = tuple(columns)


class DateAmbiguous(Refusal):
    """The dates of a file may be read in two ways, and no row decides."""

    code = "date-ambiguous"

    def __init__(self, name: str, row: int, text: str, numbers: tuple[int, int]) -> None:
        first, second = numbers
        super().__init__(
            sentence(
                'line {row} "{text}" may be {one} or {other}; no line of the file decides.',
                row=row,
                text=text,
                one=named_day(first, second),
                other=named_day(second, first),
            ),
            hint=sentence("--date-order dmy or mdy"),
            place=f"{name}:{row}",
        )
