"""What readers of rows promise: a row that holds what no writer put there ends in a fault that names the book."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from cloudbooks.store.book_file import BookFile
from cloudbooks.store.disk_faults import BookDamaged

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

_NOT_A_ROW_OF_OURS = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What turning a damaged row into a value raises: another kind of cell, a text out of no list, a date of no month."""


def reads(
    reader: Callable[Concatenate[BookFile, Parameters], Result],
) -> Callable[Concatenate[BookFile, Parameters], Result]:
    """A reader that raises `BookDamaged` for rows that it cannot turn into values."""

    @wraps(reader)
    def read(book: BookFile, /, *positional: Parameters.args, **named: Parameters.kwargs) -> Result:
        try:
            return reader(book, *positional, **named)
        except _NOT_A_ROW_OF_OURS as error:
            raise BookDamaged(book.path, f"{type(error).__name__}: {error}") from error

    return read
