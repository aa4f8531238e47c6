"""`demo`: a small firm's quarter in a fresh folder, imported, booked by rules, posted."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from importlib.resources import files as package_files
from pathlib import Path

from cloudbooks.books.desk import Desk
from cloudbooks.books.founding import Founded, Founding, found
from cloudbooks.books.importing import Imported, ImportRequest, import_statement
from cloudbooks.books.posting import Posted, post
from cloudbooks.core.period import Month
from cloudbooks.errors import Refusal, sentence
from cloudbooks.importers.statement_reading import Options
from cloudbooks.system import files

STATEMENT = "icbc-2026-q3.csv"
INPUTS = (STATEMENT, "opening.csv", "rules.yaml")
BOOK = "demo.cbk"


class DemoFolderTaken(Refusal):
    """The folder for the demo is there already."""

    code = "demo-folder-taken"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            sentence('"{folder}" is there already.', folder=str(folder)),
            hint=sentence("cloudbooks demo another-folder"),
        )


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo made: a book with opening balances, one imported statement, and what rules could decide posted."""

    folder: Path
    book: Path
    founded: Founded
    imported: Imported
    posted: Posted


def demo(desk: Desk, folder: Path, *, zh: bool) -> Demo:
    """Make the demo in `folder`, which must not exist; its member's key has no passphrase. `desk.book` is not used.

    Raises `DemoFolderTaken`, `FileNotWritten`, or what the operations refuse; then the folder is not there.
    """
    try:
        taken = folder.exists()
    except OSError as error:
        raise files.FileNotWritten(folder, error) from error
    if taken:
        raise DemoFolderTaken(folder)
    try:
        _lay_out(folder)
        return _made(replace(desk, book=folder / BOOK), folder, zh=zh)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _lay_out(folder: Path) -> None:
    inputs = package_files("cloudbooks.packs") / "demo"
    try:
        folder.mkdir(mode=0o700, parents=True)
        for name in INPUTS:
            files.create(folder / name, (inputs / name).read_bytes())
    except OSError as error:
        raise files.FileNotWritten(folder, error) from error


def _made(desk: Desk, folder: Path, *, zh: bool) -> Demo:
    founded = found(
        desk,
        Founding(
            name="宁波青禾文具有限公司" if zh else "Qinghe Stationery, Ningbo",
            base="CNY",
            chart="cn-small",
            start=Month(2026, 8),
            member="李娜" if zh else "Li Na",
            zh=zh,
            banks=(("1002.01", "工行基本户" if zh else "ICBC main account"),),
            opening=(folder / "opening.csv").read_bytes(),
        ),
        passphrase=None,
    )
    data = (folder / STATEMENT).read_bytes()
    imported = import_statement(desk, ImportRequest(data, STATEMENT, "1002.01", Options(name=STATEMENT)))
    return Demo(folder, desk.book, founded, imported, post(desk, (), everything=True))
