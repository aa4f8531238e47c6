"""A book in memory that has the whole schema and no log, for tests of the working state; and what to put into it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import cast

from cloudbooks.chain import record
from cloudbooks.core.draft import Draft, DraftLine, DraftState
from cloudbooks.core.entry import Attachment
from cloudbooks.core.statement import Fate, StatementLine, fingerprints
from cloudbooks.store import meta, sqlite
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.header import Header
from cloudbooks.store.row_text import Row
from cloudbooks.store.schema import STATEMENTS
from cloudbooks.store.staged import StagedLine, StagedStatement
from cloudbooks.store.unit import Title, Unit
from cloudbooks.store.working_rows import STATE_TABLES, TALLY
from cloudbooks.store.writing import writing
from cloudbooks.system.clock import instant

BANK, OFFICE, SALES = (f"019a9c3e-7b00-7000-8000-0000000001{number:02d}" for number in range(3))
ANN = "019a9c3e-7b00-7000-8000-000000000002"


class Minutes:
    """A clock on which each look is a minute later."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """A minute later than last time."""
        self.at += timedelta(minutes=1)
        return self.at


def working_book() -> BookFile:
    """A book with nothing in it; its state folder takes no file, so that tests leave none."""
    connection = sqlite.memory()
    for statement in STATEMENTS:
        connection.execute(statement)
    for key in (meta.COUNTER, meta.LAST_WRITE):
        meta.write(connection, key, "0")
    nowhere = Path(os.devnull) / "state"
    no_file = cast("Header", None)
    return BookFile(Path("test.cbk"), "book", connection, no_file, nowhere, Minutes(), "test", None, read_only=False)


@contextmanager
def post(book: BookFile, block: int = 1, voucher: str = "记-0001") -> Iterator[Unit]:
    """What a commit does with a unit, without a chain."""
    with writing(book):
        title = Title("post", "post", ANN, instant(book.clock.now()))
        unit = Unit(book.connection, title, block=block, voucher=voucher)
        yield unit
        unit.finish()


def dump(book: BookFile) -> dict[str, list[Row]]:
    """Every byte of the working state but the log of operations, with the tallies of its tables."""
    content = {table.name: sorted(book.connection.execute(table.every).fetchall()) for table in STATE_TABLES}
    tallies = book.connection.execute(TALLY.every).fetchall()
    content[TALLY.name] = sorted(row for row in tallies if row[0] in content)
    return content


def draft(summary: str = "Staples paper", amount: int = 30000, day: date | None = date(2026, 11, 20)) -> Draft:
    """A complete draft, without a number."""
    lines = (DraftLine(OFFICE, "CNY", amount, amount), DraftLine(BANK, "CNY", -amount, -amount))
    return Draft(date=day, series="记", summary=summary, lines=lines, state=DraftState.PROPOSED, made_by=ANN)


def settling(name: str, amount: int = 30000) -> Draft:
    """A draft that settles the statement line of this name."""
    lines = (DraftLine(OFFICE, "CNY", amount, amount), DraftLine(BANK, "CNY", -amount, -amount, settles=(name,)))
    return Draft(date=date(2026, 11, 20), series="记", summary=name, lines=lines, state=DraftState.READY)


def statement_id(number: int) -> str:
    """The id reserved for the n-th statement."""
    return f"019a9c3e-7b00-7000-8000-0000000002{number:02d}"


def statement(number: int, lines: int, name: str = "icbc.csv") -> StagedStatement:
    """A statement of so many lines."""
    return StagedStatement(
        id=statement_id(number),
        account=BANK,
        commodity="CNY",
        file=Attachment("b3:" + "0" * 64, "s256:" + "0" * 64, 4096, "text/csv", name),
        profile="icbc-debit@1",
        encoding="GB18030",
        imported_at="2026-11-21T08:00:00Z",
        first=date(2026, 10, 1),
        last=date(2026, 10, 31),
        lines=lines,
        opening=12000000,
        closing=15124050,
        skipped=(("a total, not a movement", 1),),
    )


def movement(row: int, amount: int, text: str = "coffee", reference: str = "") -> StatementLine:
    """A line of a bank's file."""
    day = date(2026, 10, 1 + row % 31)
    return StatementLine(row, day, amount, "CNY", text, reference=reference, raw=f"{day},{text},{amount}")


def staged(*movements: StatementLine, fate: Fate = Fate.NEW) -> list[StagedLine]:
    """Movements as lines of a statement on the bank account, all of one fate."""
    return [
        StagedLine(place, one.line, one.fingerprint, one.occurrence, fate)
        for place, one in enumerate(fingerprints(movements, BANK), start=1)
    ]


def account(code: str, name: str, salt: int) -> record.Account:
    """An account to be stated; the same code is the same account."""
    id_ = f"019a9c3e-7b00-7000-8000-00000000{int(code):04d}"
    return record.Account(id=id_, salt=f"{salt:032x}", code=code, name=name, kind="expense")
