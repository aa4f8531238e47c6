"""Bank statements of generated lines under many rules, beside hledger's reader of CSV with as many."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import count
from pathlib import Path

from benchmarks.building import Built
from benchmarks.generating import SEED
from benchmarks.goal import Goal
from benchmarks.measuring import Measured, command
from benchmarks.peers import peer

ROWS = 20_000
MANY, FEW = 200, 20
_IMPORT = ("import", "--account", "1000", "--amount", "Amount")
_numbers = count(1)


def merchants(rules: int) -> list[str]:
    """A name for each rule, none part of another."""
    chance = random.Random(SEED)
    return [f"{''.join(chance.choices('BCDFGHKLMNPRSTVW', k=7))} {place:03d}" for place in range(rules)]


def write_statement(path: Path, rows: int, rules: int) -> None:
    """A statement of one account, oldest line first, each line with its own reference, which no other file has."""
    chance = random.Random(SEED)
    names, file_number = merchants(rules), next(_numbers)
    with path.open("w", encoding="utf-8") as file:
        file.write("Date,Description,Amount\n")
        for place in range(rows):
            day = date(2026, 1, 1) + timedelta(days=place * 300 // rows)
            amount = chance.randrange(100, 900_000) / 100
            file.write(f"{day.isoformat()},{chance.choice(names)} REF{file_number:03d}{place:06d},-{amount:.2f}\n")


def write_rules(path: Path, rules: int) -> None:
    """One rule a merchant, each to an expense account of the book."""
    lines = ["rules:"]
    for place, name in enumerate(merchants(rules)):
        code = f"95{place % 30:03d}"
        lines.append(f'- name: "rule {place}"\n  when: {{text: {{contains: "{name}"}}}}\n  then: {{account: "{code}"}}')
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_hledger_rules(path: Path, rules: int) -> None:
    """The same for hledger."""
    lines = ["skip 1", "fields date, description, amount", "currency CNY ", "account1 assets:1000 asset 0"]
    for place, name in enumerate(merchants(rules)):
        lines.append(f"if {name}\n account2 expenses:5{place % 30:03d}\n")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def goals(built: Built, folder: Path, ours: Callable[..., Measured]) -> Iterator[Goal]:
    """P5 and P6: rows a second of a whole import, process included, with many rules and with few."""
    taken: dict[int, float] = {}
    for rules in (MANY, FEW):
        taken[rules] = min(_imported(built, folder, rules, ours) for _ in range(2))
    hledger = peer("hledger")
    for rules in (MANY, FEW) if hledger is not None else ():
        csv, told = folder / "bench.csv", folder / "bench.csv.rules"
        write_statement(csv, ROWS, rules)
        write_hledger_rules(told, rules)
        theirs = command(["hledger", "-f", f"csv:{csv}", "--rules-file", str(told), "print"], runs=1).cpu
        what = f"rows/s of an import, {rules} rules / hledger's ({ROWS / taken[rules]:,.0f} / {ROWS / theirs:,.0f} /s)"
        yield Goal("P5", what, theirs / taken[rules], 15, least=True)
    what = f"time of an import of {ROWS:,} rows, {MANY} rules / {FEW} rules"
    yield Goal("P6", what, taken[MANY] / taken[FEW], 1.3)


def _imported(built: Built, folder: Path, rules: int, ours: Callable[..., Measured]) -> float:
    """CPU seconds of an import; its statement is withdrawn, so that the next one meets the same book."""
    csv, told = folder / "bench.csv", folder / "bench.yaml"
    write_statement(csv, ROWS, rules)
    write_rules(told, rules)
    spent = ours(built.entries, [*_IMPORT, str(csv), "--rules", str(told)]).cpu
    ours(built.entries, ["undo"])
    return spent


def thousand_lines(folder: Path, ours: Callable[[Sequence[str]], Measured]) -> Measured:
    """An import of 1 000 lines."""
    csv, told = folder / "thousand.csv", folder / "bench.yaml"
    write_statement(csv, 1000, MANY)
    write_rules(told, MANY)
    measured = ours([*_IMPORT, str(csv), "--rules", str(told)])
    ours(["undo"])
    return measured
