"""What the tests of the importers share: the layouts that are shipped, the samples, and short ways to read."""

from __future__ import annotations

from pathlib import Path

import cloudbooks
from cloudbooks.importers.layout import Layouts
from cloudbooks.importers.options import Options
from cloudbooks.importers.reading_layout import layouts_from
from cloudbooks.importers.statement_reading import Reading, read_statement
from cloudbooks.notation.strict_yaml import read

BANKS = Path(cloudbooks.__file__).parent / "packs" / "banks"
SAMPLES = Path(__file__).parents[1] / "samples"
SCALES = {"CNY": 2, "USD": 2, "HKD": 2, "CAD": 2, "EUR": 2, "JPY": 0, "BHD": 3}


def shipped() -> Layouts:
    """The layouts that come with the program."""
    return layouts_from(read(path.read_bytes(), path.name) for path in sorted(BANKS.glob("*.yaml")))


LAYOUTS = shipped()


def sample(name: str) -> bytes:
    """The bytes of a sample."""
    return (SAMPLES / name).read_bytes()


def reading(text: str | bytes, options: Options | None = None, layouts: Layouts = LAYOUTS) -> Reading:
    """A file read with all shipped layouts, in CNY where it does not tell its currency."""
    written = text.encode() if isinstance(text, str) else text
    return read_statement(written, layouts, options or Options(name="bank.csv", commodity="CNY"), SCALES)


def amounts(read_in: Reading, commodity: str = "CNY") -> list[int]:
    """The amounts of a statement in the bank's order."""
    return [line.amount for line in read_in.statements[commodity].lines]
