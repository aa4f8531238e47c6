"""Fingerprints of statement lines: a file read twice adds nothing, and no line is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudbooks.core.statement import Statement, StatementLine, fingerprints

COFFEE = StatementLine(7, date(2026, 10, 5), -2800, "CNY", "COFFEE", party="Luckin", kind="消费")

some_lines = st.lists(
    st.builds(
        StatementLine,
        row=st.integers(1, 99),
        date=st.sampled_from([date(2026, 10, 5), date(2026, 10, 6)]),
        amount=st.sampled_from([-2800, 100]),
        commodity=st.sampled_from(["CNY", "USD"]),
        text=st.sampled_from(["COFFEE", "coffee ", "TEA"]),
        reference=st.sampled_from(["", "1001", "1002"]),
    ),
    max_size=12,
)


@given(st.integers(1, 30))
def test_equal_lines_have_different_fingerprints(count: int) -> None:
    """Equal coffees get as many fingerprints, numbered from 1 in the order of the file."""
    found = list(fingerprints([COFFEE] * count, "1002.01"))
    assert count == len({one.fingerprint for one in found})
    assert list(range(1, count + 1)) == [one.occurrence for one in found]
    assert all(len(one.fingerprint) == 16 for one in found)


@given(some_lines, st.randoms(use_true_random=False))
def test_the_order_of_a_file_does_not_matter(lines: list[StatementLine], chance: Random) -> None:
    """A file with its lines in another order gives the same fingerprints, each as often."""
    shuffled = list(lines)
    chance.shuffle(shuffled)
    before = sorted(one.fingerprint for one in fingerprints(lines, "1002.01"))
    assert before == sorted(one.fingerprint for one in fingerprints(shuffled, "1002.01"))


@given(some_lines)
def test_no_two_lines_of_a_file_share_a_fingerprint(lines: list[StatementLine]) -> None:
    """Every line of a file has a fingerprint of its own."""
    assert len(lines) == len({one.fingerprint for one in fingerprints(lines, "1002.01")})


@given(some_lines, st.integers(0, 12))
def test_a_part_of_a_file_gives_a_part_of_its_fingerprints(lines: list[StatementLine], count: int) -> None:
    """An overlapping download of fewer lines has no fingerprint that the longer one lacks."""
    whole = {one.fingerprint for one in fingerprints(lines, "1002.01")}
    assert whole >= {one.fingerprint for one in fingerprints(lines[:count], "1002.01")}


@pytest.mark.parametrize(
    "other",
    [
        replace(COFFEE, amount=-2801),
        replace(COFFEE, date=date(2026, 10, 6)),
        replace(COFFEE, commodity="USD"),
        replace(COFFEE, text="TEA"),
        replace(COFFEE, party="Costa"),
        replace(COFFEE, reference="1001"),
    ],
)
def test_what_makes_two_lines_different(other: StatementLine) -> None:
    """Day, amount, commodity and words, or the provider's id, make another movement of a line."""
    assert COFFEE.identity("a") != other.identity("a")
    assert COFFEE.identity("a") != COFFEE.identity("b")


@pytest.mark.parametrize(
    "same",
    [
        replace(COFFEE, row=99),
        replace(COFFEE, text=" coffee "),
        replace(COFFEE, raw="another row", time="10:00", balance=5),
    ],
)
def test_what_does_not(same: StatementLine) -> None:
    """Place in the file, blanks, capitals and the running balance do not."""
    assert COFFEE.identity("a") == same.identity("a")


def test_a_provider_id_outweighs_the_words() -> None:
    """Where the provider numbers its movements, changed words are the same movement."""
    one = replace(COFFEE, reference="1001")
    assert one.identity("a") == replace(one, text="renamed").identity("a")


@pytest.mark.parametrize(
    ("opening", "closing", "agrees"), [(10000, 4400, True), (10000, 4401, False), (None, 4400, None), (1, None, None)]
)
def test_a_statement_agrees_where_the_file_says_both_balances(
    opening: int | None,
    closing: int | None,
    agrees: bool | None,  # noqa: FBT001 - a table
) -> None:
    """Opening + lines = closing is judged only where the file states both."""
    statement = Statement("x@1", "CNY", (COFFEE, COFFEE), opening, closing)
    assert agrees is statement.agrees
    assert (statement.first, statement.last) == (COFFEE.date, COFFEE.date)
