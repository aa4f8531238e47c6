"""What a verification says of each fact: one wording, for commands and screens."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cloudbooks.books.verified_words import facts, standing, verified_lines
from cloudbooks.books.verifying import Verified
from cloudbooks.chain.verdict import Verdict
from cloudbooks.store.attested import Attested

VERDICT = Verdict(
    valid=True, consistent=3, signed=3, self_declared=False, witnessed=0, blocks=3, records=9, entries=2,
    head="b3:00", root="s256:00", findings=(),
)  # fmt: skip


@pytest.mark.parametrize(
    ("verdict", "judges", "said"),
    [
        ({"anchored": 2, "anchored_at": "2026-11-22T08:15:30Z", "anchored_by": "house", "stamped": 1}, 1, "by house"),
        ({"stamped": 1}, 0, "1 timestamp is kept, and no authority judges it: --policy FILE"),
        ({"stamped": 3}, 0, "3 timestamps are kept, and no authority judges them: --policy FILE"),
        ({"stamped": 3}, 1, "anchored    0 of 3 blocks"),
        ({}, 0, "no timestamp is kept: cloudbooks chain timestamp --tsa URL"),
    ],
)
def test_a_log_says_since_when_it_is_there(verdict: dict[str, Any], judges: int, said: str) -> None:
    """By whose word, or what keeps that from being said."""
    found = Verified(replace(VERDICT, **verdict), (), "", authorities=judges)
    (line,) = [str(line) for line in facts(found) if str(line).startswith("anchored")]
    assert line.startswith(f"anchored    {found.verdict.anchored} of 3 blocks")
    assert line.endswith(said)


def test_whether_all_is_well_comes_first() -> None:
    """Valid, incomplete or INVALID, each in one sentence, before the facts."""
    for verdict, said in (
        (VERDICT, "Valid."),
        (replace(VERDICT, consistent=2), "Incomplete: blocks are missing or not understood."),
        (replace(VERDICT, valid=False, consistent=2), "INVALID: see the findings."),
    ):
        found = Verified(verdict, (), "")
        assert str(standing(found)) == str(next(verified_lines(found))) == said


@pytest.mark.parametrize(
    ("number", "valid", "left"),
    [
        (0, "Valid from block 1 on, if block 0 still stands ", "Not read again: block 0, the rows of its entries, "),
        (1, "Valid from block 2 on, if blocks 0 to 1 still stand ", "Not read again: blocks 0 to 1, the rows of "),
    ],
)
def test_one_block_that_was_not_read_again_is_told_as_one(number: int, valid: str, left: str) -> None:
    """What a verification from a block on believes."""
    since = Attested(
        book="", number=number, hash="b3:00", root="", path="", counter=0, drift=0, verified_at="2026-11-22T08:15:30Z",
        first_key="", checkpoint="", schema="", counts={}, rows={},
    )  # fmt: skip
    lines = [str(line) for line in verified_lines(Verified(replace(VERDICT, since=number + 1), (), "", since=since))]
    assert lines[0].startswith(valid)
    assert lines[-1].startswith(left)
