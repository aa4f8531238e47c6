"""docs/threats.md names tests; they are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.tampering.mutants_of_files import tamperings
from tests.tampering.mutants_of_records import all_mutants

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "threats.md").read_text("utf-8")


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`(tests/[\w/]+\.py::\w+)`", PAGE))))
def test_a_test_that_the_page_names_is_there(named: str) -> None:
    """Each file has the function."""
    file, _, function = named.partition("::")
    assert f"def {function}(" in (ROOT / file).read_text("utf-8")


def test_the_mutants_that_the_page_names_and_counts_are_there() -> None:
    """Names after "the same:" are those of mutants, and the number of changed logs is that of the suite."""
    names = {one.name for one in (*all_mutants(), *tamperings())}
    said = [word for row in re.findall(r"the same: (.+?) \|", PAGE) for word in re.findall(r"`([\w-]+)`", row)]
    assert said
    assert set(said) <= names
    assert f"{len(all_mutants()) + len(list(tamperings()))} changed logs" in PAGE
