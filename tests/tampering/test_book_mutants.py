"""Every mutant of a book's file is found: the log inside it rewritten, or tables that tell another story than it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.chain.strategies import BOOK
from tests.store.posted_book import Ticking, another_program, without_triggers
from tests.tampering.forging import FILES, specimen
from tests.tampering.kept_books import STORIES, transplanted, written
from tests.tampering.mutants_of_records import Added, Mutant, all_mutants, forged

from cloudbooks.chain.canonical import b3
from cloudbooks.chain.verdict import Policy, Verdict
from cloudbooks.errors import sentence
from cloudbooks.store import log_bytes, receipt
from cloudbooks.store.comparing import verify_book
from cloudbooks.store.kept_digest import kept_digest
from cloudbooks.store.opening_book import open_book

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


NAMED = {
    "account-called-otherwise": "account 5602 differs from what was posted (name).",
    "member-with-more-rights": 'member "eve" differs from what was posted (rights).',
    "duties-no-longer-separate": "what the book says of itself differs from what was posted (separate_duties).",
    "month-reopened": "the close of 2026-09 is missing.",
    "rule-of-another-digest": 'the rules "r.yaml" differs from what was posted (digest).',
}


@pytest.mark.parametrize("name", NAMED)
def test_a_row_is_told_by_the_name_that_people_know(path: Path, name: str) -> None:
    """With the place of the record that stated it; never by the number of a row."""
    with another_program(path) as connection:
        without_triggers(connection, *STORIES[name][0])
    verdict, _ = judged(path)
    first = next(one for one in verdict.findings if one.code == "posted-changed")
    assert str(first.message) == NAMED[name]
    assert first.block is not None
    assert first.record is not None


def test_a_checkpoint_under_another_key_is_found(path: Path) -> None:
    """The next one would stand beside it, and not in its place."""
    with another_program(path) as connection:
        without_triggers(connection, "PRAGMA ignore_check_constraints=ON", "UPDATE checkpoint SET one = 3")
    assert ("signature-damaged", None, None) in judged(path)[1]


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


def kept(name: str, data: bytes) -> str:
    """The statement that puts other bytes in the place of an attached file, its size and digest made to fit."""
    stored = log_bytes.deflated(data)
    size, digest = len(data), kept_digest(stored).hex()
    return f"UPDATE attachment SET bytes = x'{stored.hex()}', size = {size}, digest = x'{digest}' WHERE {file(name)}"


def file(name: str) -> str:
    """The condition that finds an attached file."""
    return f"b3 = x'{b3(FILES[name]).removeprefix('b3:')}'"


LOGS: dict[str, tuple[tuple[str, ...], Any]] = {
    "attachment-damaged": ((f"UPDATE attachment SET bytes = zeroblob(8) WHERE {file('invoice')}",),
        ("attachment", 1, 3)),
    "attachments-swapped": ((kept("invoice", FILES["statement"]), kept("statement", FILES["invoice"])),
        ("attachment", 1, 2)),
    "attachment-gone": ((f"DELETE FROM attachment WHERE {file('invoice')}",), ("attachment-missing", 1, 3)),
    "text-of-the-rules-changed": ((kept("rules", b"rules: [free]\n"),), ("attachment", 1, 1)),
    "statement-cut-off": ((kept("statement", FILES["statement"][:-3]),), ("attachment", 1, 2)),
    "batch-damaged": (("UPDATE log_batch SET bytes = zeroblob(8) WHERE block = 2",), ("unreadable", 2, None)),
    "batch-gone": (("DELETE FROM log_batch WHERE block = 3",), ("batch-missing", 3, None)),
    "batches-swapped": (
        ("UPDATE log_batch SET block = 107 - block WHERE block IN (3, 4)",
         "UPDATE log_batch SET block = block - 100 WHERE block > 100"), ("hash", 3, None)),
    "block-gone": (("DELETE FROM log_block WHERE number = 4",), ("block-missing", None, None)),
    "last-block-gone": (("DELETE FROM log_batch WHERE block = 8", "DELETE FROM log_block WHERE number = 8"),
        ("block-missing", None, None)),
    "block-replayed": (
        ("INSERT INTO log_block SELECT 9, bytes FROM log_block WHERE number = 4",
         "INSERT INTO log_batch SELECT 9, part, first, size, digest, bytes FROM log_batch WHERE block = 4"),
        ("chain", 9, None)),
    "blocks-in-another-order": (
        ("UPDATE log_block SET number = 107 - number WHERE number IN (3, 4)",
         "UPDATE log_block SET number = number - 100 WHERE number > 100"), ("chain", 3, None)),
    "block-in-the-place-of-another": (
        ("UPDATE log_block SET bytes = (SELECT bytes FROM log_block WHERE number = 2) WHERE number = 3",),
        ("chain", 3, None)),
    "block-of-an-earlier-day": (
        (("UPDATE log_block SET bytes = CAST(replace(CAST(bytes AS TEXT), '2026-11', '2026-10') AS BLOB)"
          " WHERE number = 8"),), ("time", 8, None)),
    "checkpoint-changed": (("UPDATE checkpoint SET text = CAST(replace(CAST(text AS TEXT), '9', '8') AS BLOB)",),
        ("checkpoint", None, None)),
    "checkpoint-gone": (("DELETE FROM checkpoint",), ("checkpoint-missing", None, None)),
}  # fmt: skip


@pytest.mark.parametrize("name", LOGS)
def test_what_is_kept_of_the_log_and_its_files_was_changed(path: Path, name: str) -> None:
    """The first finding names block and record that are off, and what stands before it is read and judged."""
    statements, first = LOGS[name]
    with another_program(path) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        without_triggers(connection, *statements)
    verdict, found = judged(path)
    assert found[0] == first
    assert verdict.valid == (first[0] in ("attachment-missing", "checkpoint-missing"))
    before = first[1] if first[1] is not None and not first[0].startswith("attachment") else 0
    assert verdict.consistent >= (before or 4)
