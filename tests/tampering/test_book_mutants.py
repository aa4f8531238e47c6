"""Every mutant of a book's file is found: the log inside it rewritten, or tables that tell another story than it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.chain.strategies import BOOK
from tests.store.posted_book import Ticking, another_program, without_triggers
from tests.tampering.forging import specimen
from tests.tampering.kept_books import STORIES, transplanted, written
from tests.tampering.mutants_of_records import Added, Mutant, all_mutants, forged

from cloudbooks.chain.verdict import Policy, Verdict
from cloudbooks.errors import sentence
from cloudbooks.store import receipt
from cloudbooks.store.book_file import open_book
from cloudbooks.store.comparing import verify_book

BESIDE = {"file-touched", "receipt-new"}
"""What is found too, whatever was done: that another program wrote, or that the receipt is another's."""


@pytest.fixture(scope="module")
def whole(ram_folder: Path) -> tuple[Path, dict[Path, bytes]]:
    """The file, and the bytes of it and of its receipt, to be put back."""
    path = written(ram_folder)
    held = receipt.path_of(ram_folder / "state", BOOK)
    return path, {one: one.read_bytes() for one in (path, held)}


@pytest.fixture
def path(whole: tuple[Path, dict[Path, bytes]]) -> Path:
    """The same file as it was made."""
    for name, data in whole[1].items():
        name.write_bytes(data)
    return whole[0]


def as_told(verdict: Verdict) -> tuple[object, ...]:
    """A verdict as it is told: findings that came from another process hold the same words in other facts."""
    said = [one._replace(message=sentence(str(one.message)), hint=one.hint and sentence(str(one.hint)))
            for one in verdict.findings]  # fmt: skip
    return replace(verdict, findings=()), said


def judged(path: Path) -> tuple[Verdict, list[tuple[str, int | None, int | None]]]:
    """What is said of the file, and the findings of the log and its tables; the same from two processes as from one."""
    policy = Policy(specimen().signers["ann"].vkey)
    with open_book(path, state=path.parent / "state", clock=Ticking()) as book:
        verdict = verify_book(book, policy)
        beside = verify_book(book, policy, processes=2)
    assert as_told(verdict) == as_told(beside)
    found = [(finding.code, finding.block, finding.record) for finding in verdict.findings]
    return verdict, [one for one in found if one[0] not in BESIDE]


def test_the_file_of_the_specimen_is_sound(path: Path) -> None:
    """Nothing is found in the file that the mutants are made of."""
    verdict, found = judged(path)
    assert (verdict.valid, found) == (True, [])


@pytest.mark.parametrize("mutant", all_mutants(), ids=lambda mutant: mutant.name)
def test_a_log_that_was_rewritten_inside_a_book_is_found(mutant: Mutant | Added, path: Path) -> None:
    """With every hash and signature made anew, the same first record is named with the same code as outside."""
    files, block, record = forged(mutant)
    transplanted(path, files)
    verdict, found = judged(path)
    assert not verdict.valid
    assert (mutant.code, block, record) in found


@pytest.mark.parametrize("name", STORIES)
def test_tables_that_tell_another_story_are_found(path: Path, name: str) -> None:
    """However well the changed rows fit each other: posted data was changed, and of an entry block and record."""
    statements, place = STORIES[name]
    with another_program(path) as connection:
        without_triggers(connection, *statements)
    verdict, found = judged(path)
    assert not verdict.valid
    assert {code for code, _, _ in found} == {"posted-changed"}
    if place is not None:
        assert ("posted-changed", *place) in found
        assert min((block, record or 0) for _, block, record in found if block is not None) == place
