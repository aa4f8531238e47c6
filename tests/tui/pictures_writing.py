"""Pictures of the screens that write: a voucher, the look-up, an import, its review, the post, the rules.

They are drawn and kept as `pictures` says, each in every look, from a small firm's book of its own;
`python -m tests.tui.pictures_writing` draws them anew.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.books.small_book import import_lines, small_book, statement_file
from tests.tui.driving import Hands, drive
from tests.tui.pictures import LOOKS, UPDATE, Look, compared, stripped

from cloudbooks.books.desk import Desk
from cloudbooks.system.locale import locale
from cloudbooks.tui.app import Start
from cloudbooks.tui.showing import Voice

WORDS = {
    "zh": ("得力集团", "办公用品", "滴滴出行", "打车", "陈立", "往来款", "招行", "转账", "云图科技", "货款", "收货款"),
    "en": ("Staples", "paper", "Didi", "taxi", "Chen Li", "loan", "CMB", "transfer", "Acme Ltd", "INV-77", "Sale"),
}


Take = Callable[[str], None]


def book_of(folder: Path, language: str) -> Desk:
    """A book with rules, a statement of each bank, and a file that is not imported yet."""
    shop, paper, cab, ride, man, loan, bank, moved, firm, invoice, _ = WORDS[language]
    rules = (
        f'rules:\n# {paper}\n- name: {paper}\n  when: {{party: {shop}}}\n  then: {{account: "5602"}}\n'
        f'- name: {ride}\n  when: {{party: {cab}, amount: {{below: 0}}}}\n  then: {{account: "5602"}}\n'
    )
    desk = small_book(folder, zh=language == "zh", rules=rules)
    lines = [
        ("2026-10-03", shop, f"{paper} 0042", "-300.00"),
        ("2026-10-05", bank, moved, "-5000.00"),
        ("2026-10-05", cab, ride, "-28.00"),
        ("2026-10-05", cab, ride, "-28.00"),
        ("2026-10-09", firm, invoice, "28000.00"),
        ("2026-10-12", man, loan, "3000.00"),
        ("2026-10-31", "", "", "-150.00"),
    ]
    import_lines(desk, [("2026-10-06", "ICBC", moved, "5000.00")], account="1002.02", name="cmb-10.csv")
    import_lines(desk, lines)
    (folder / "icbc-11.csv").write_bytes(
        statement_file([*lines[:2], *(("2026-11-03", shop, f"{paper} {number}", "-12.00") for number in range(9))])
    )
    return desk


def taken(folder: Path, look: Look) -> dict[str, str]:
    """Every screen that writes, in one look, as SVG by name."""
    folder.mkdir(parents=True)
    desk = book_of(folder, look.language)
    pictures: dict[str, str] = {}

    async def walk(hands: Hands) -> None:
        def take(name: str) -> None:
            pictures[name] = stripped(hands.app)

        await _answered(hands, take, look.language)
        await _posted(hands, take)
        await _typed(hands, take, folder / "icbc-11.csv", WORDS[look.language][-1])

    start = Start(voice=Voice(locale(look.language)), theme=look.theme, poll=False)
    drive(desk, walk, size=look.size, start=start)
    return pictures


async def _answered(hands: Hands, take: Take, language: str) -> None:
    await hands.press("4")
    take("review")
    await hands.press("e")
    await hands.type("yh" if language == "zh" else "ex")
    take("lookup")
    await hands.press("escape", "x")
    take("transfer")
    await hands.press("enter", "i")
    take("ignore")
    await hands.press("escape", "home", "w")
    take("why")
    await hands.press("escape", "down", "down", "down", "down", "s")
    await hands.type("2221")
    await hands.press("enter", "enter")
    await hands.type("3000")
    take("split")
    await hands.press("escape", "home", "end", "e")
    await hands.type("5603")
    await hands.press("enter", "home", "R")
    take("rule")
    await hands.press("escape", "A")
    take("accept-all")
    await hands.press("enter")


async def _posted(hands: Hands, take: Take) -> None:
    await hands.press("5")
    take("post")
    await hands.press("P")
    take("post-question")
    await hands.press("escape", "8", "tab", "down", "down")
    take("rules")
    await hands.press("4", "escape")
    take("statements")


async def _completed(hands: Hands, take: Take, folder: Path) -> None:
    """A path that several files fit, below a home folder whose name is the same each time."""
    home = folder / "lina"
    (home / "icbc-2025").mkdir(parents=True)
    for name in ("icbc-11.csv", "icbc-10.csv", "icbc 工行.csv", "letter.txt"):
        (home / name).touch()
    before, os.environ["HOME"] = os.environ.get("HOME", ""), str(home)
    try:
        await hands.type("~/i")
        await hands.press("tab", "tab")
        take("import-path")
    finally:
        os.environ["HOME"] = before
    await hands.press("ctrl+u")


async def _typed(hands: Hands, take: Take, file: Path, sale: str) -> None:
    await hands.press("a")
    await _completed(hands, take, file.parent)
    await hands.type(str(file))
    await hands.press("enter", "enter")
    take("import-preview")
    await hands.press("escape", "2", "a")
    await hands.type(sale)
    await hands.press("enter")
    await hands.type("1002.01")
    await hands.press("enter")
    await hands.type("11300")
    await hands.press("enter", "enter")
    await hands.type("5001")
    await hands.press("enter", "enter")
    await hands.type("10000")
    await hands.press("enter")
    take("voucher")
    await hands.press("f4")
    take("templates")
    await hands.press("escape", "f2")
    take("voucher-lacks")


def main() -> int:
    """Draw all of them anew."""
    os.environ[UPDATE] = "1"
    for look in LOOKS:
        for name, svg in taken(Path(tempfile.mkdtemp()) / "book", look).items():
            compared(name, look, svg)
    return 0


if __name__ == "__main__":
    sys.exit(main())
