"""A small firm's book in a folder of its own, with two bank accounts, and statements of as many lines as are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cloudbooks.books.desk import Desk
from cloudbooks.books.founding import Founding, found
from cloudbooks.books.importing import Imported, ImportRequest, import_statement
from cloudbooks.core.period import Month
from cloudbooks.importers.options import Options

ICBC, CMB = "1002.01", "1002.02"

RULES = 'rules:\n- name: paper\n  when: {party: STAPLES}\n  then: {account: "5602"}\n'
LINES = [
    ("2026-10-03", "STAPLES", "order 0042", "-300.00"),
    ("2026-10-05", "CMB", "transfer", "-5000.00"),
    ("2026-10-05", "COFFEE", "flat white", "-28.00"),
    ("2026-10-05", "COFFEE", "flat white", "-28.00"),
    ("2026-10-09", "ACME", "INV-77", "28000.00"),
]
"""Five lines of October, two of them twins, and the rules that decide the first of them."""


@dataclass
class Seconds:
    """A clock on which each look is a second later, from a morning in October on."""

    at: datetime = datetime(2026, 10, 21, 8, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """A second later than last time."""
        self.at += timedelta(seconds=1)
        return self.at


def small_book(folder: Path, *, zh: bool = False, rules: str = "") -> Desk:
    """The desk of a new book with the small Chinese chart, two bank accounts and one member."""
    folder.mkdir(parents=True, exist_ok=True)
    desk = Desk(folder / "acme.cbk", folder / "home", Seconds(), "test", lambda: b"")
    founding = Founding(
        name="杭州云图科技" if zh else "Acme Ltd",
        base="CNY",
        chart="cn-small",
        start=Month(2026, 10),
        member="李娜" if zh else "Li Na",
        zh=zh,
        banks=((ICBC, "工行" if zh else "ICBC"), (CMB, "招行" if zh else "CMB")),
        opening=b"code,amount\n1002.01,120000.00\n1002.02,5000.00\n3001,-125000.00\n",
    )
    found(desk, founding, passphrase=None)
    if rules:
        (folder / "rules.yaml").write_text(rules, encoding="utf-8")
    return desk


def statement_file(lines: Sequence[tuple[str, str, str, str]]) -> bytes:
    """A file of a bank whose layout nobody knows: day, party, text, amount."""
    rows = ["交易日期,对方户名,摘要,收入金额,支出金额,币种"]
    for day, party, text, amount in lines:
        sides = ("", amount[1:]) if amount.startswith("-") else (amount, "")
        rows.append(",".join([day, party, text, *sides, "CNY"]))
    return ("\n".join(rows) + "\n").encode()


def import_lines(
    desk: Desk, lines: Sequence[tuple[str, str, str, str]], account: str = ICBC, name: str = "icbc-10.csv"
) -> Imported:
    """Import such a file into an account."""
    return import_statement(desk, ImportRequest(statement_file(lines), name, account, Options(name=name)))
