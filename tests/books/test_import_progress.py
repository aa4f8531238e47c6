"""Whoever watches an import is told how far it has come, and can end it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from tests.books.small_book import ICBC, small_book, statement_file

from cloudbooks.books.importing import ImportRequest, import_statement
from cloudbooks.importers.options import Options
from cloudbooks.store import working

LINES = 1_700


class Stopped(BaseException):
    """What a watcher raises who wants no more."""


def request(commodities: tuple[str, ...] = ("CNY",)) -> ImportRequest:
    """A file of many lines, in one currency or several by turns."""
    text = statement_file([("2026-10-03", "SHOP", f"order {number}", "-1.00") for number in range(LINES)]).decode()
    header, *rows = text.splitlines()
    told = [row.removesuffix("CNY") + commodities[place % len(commodities)] for place, row in enumerate(rows)]
    return ImportRequest("\n".join([header, *told, ""]).encode(), "many.csv", ICBC, Options(name="many.csv"))


@pytest.mark.parametrize("commodities", [("CNY",), ("CNY", "USD", "EUR")])
def test_an_import_tells_of_every_line(tmp_path: Path, commodities: tuple[str, ...]) -> None:
    """First the rows that were read, of nobody knows how many; then the lines decided, up to the last of them."""
    told: list[tuple[int, int | None]] = []
    desk = small_book(tmp_path)
    done = import_statement(desk, request(commodities), dry_run=True, progress=lambda *counted: told.append(counted))
    reading = [count for count, total in told if total is None]
    deciding = [count for count, total in told if total == LINES]
    assert done.lines == LINES
    assert [*((count, None) for count in reading), *((count, LINES) for count in deciding)] == told
    assert all(before <= after for part in (reading, deciding) for before, after in pairwise(part))
    assert len(reading) > 2
    assert deciding[-1] == LINES
    assert len(deciding) > 2


@pytest.mark.parametrize("at", [(500, None), (500, LINES), (LINES, LINES)])
def test_an_import_that_its_watcher_ends_leaves_nothing(tmp_path: Path, at: tuple[int, int | None]) -> None:
    """Wherever it is ended, no statement, no line and no draft stays."""

    def watch(*counted: int | None) -> None:
        if counted == at:
            raise Stopped

    desk = small_book(tmp_path)
    with pytest.raises(Stopped):
        import_statement(desk, request(), progress=watch)
    with desk.open() as book:
        assert not working.statements(book)
        assert not working.drafts(book)
