"""Units on a real book: beside other processes, and inside a commit."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.chain.building import BookBuilder
from tests.store.working_book import Minutes, draft, dump

from cloudbooks.chain import batch as batches
from cloudbooks.chain import block as blocks
from cloudbooks.chain import sealing
from cloudbooks.chain.record import AnyRecord
from cloudbooks.chain.verifying import Policy
from cloudbooks.core.draft import Draft
from cloudbooks.errors import counted
from cloudbooks.store import operations, sqlite, working
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.commit import Committed, commit
from cloudbooks.store.comparing import verify_book
from cloudbooks.store.creating import create_book
from cloudbooks.store.draft_text import DraftChanged
from cloudbooks.store.opening_book import open_book
from cloudbooks.store.unit import Unit, operation


class Firm:
    """A book file with its first block, and who makes the next ones."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "acme.cbk"
        self.state = folder / "state"
        self.builder = BookBuilder()
        first = blocks.read(self.builder.files["block/00000000"])
        made = batches.read(self.builder.files["batch/" + first.header.batch.removeprefix("b3:")])
        seal = sealing.seal(made, first.note, first.header.committed_at)
        create_book(self.path, state=self.state, clock=Minutes(), batch=made, seal=seal)

    @property
    def ann(self) -> str:
        """The member at work."""
        return self.builder.members["ann"]

    def open(self) -> BookFile:
        """The book, on a connection of its own."""
        return open_book(self.path, state=self.state, clock=Minutes())

    def add(self, book: BookFile, summary: str) -> Draft:
        """Keep a draft in an operation of its own."""
        with operation(book, verb="add", summary=f"add {summary}", by=self.ann) as unit:
            return unit.keep_draft(draft(summary))

    def post(self, book: BookFile, *drafts: Draft) -> Committed:
        """Post an entry for each draft."""
        entries = [self.builder.entry(summary=one.summary) for one in drafts]
        records: list[AnyRecord] = [*entries]
        made = self.builder.batch(*records)
        seal = sealing.seal(made, self.builder.signed(made), "2026-11-21T08:15:30Z")
        origins = [(one, entry.id) for one, entry in zip(drafts, entries, strict=True)]
        summary = counted("post {n} entry", "post {n} entries", len(drafts))

        def also(unit: Unit) -> None:
            unit.posted(origins, records, self.ann, summary)

        return commit(book, made, seal, also=also)


def found(book: BookFile) -> list[str]:
    """The codes of all that a whole verification says; no checkpoint was ever signed here."""
    return [finding.code for finding in verify_book(book, Policy(None, (), 0)).findings]


@pytest.fixture
def firm(tmp_path: Path) -> Firm:
    """A fresh firm in a folder of its own."""
    return Firm(tmp_path)


def test_what_another_process_did_is_undone_in_turn(firm: Firm) -> None:
    """The log is the book's: undo takes back the last operation, whoever made it on whichever connection."""
    with firm.open() as ours, firm.open() as theirs:
        first = firm.add(ours, "first")
        start = dump(ours)
        firm.add(theirs, "second")
        assert str(operations.undo(ours, by=firm.ann).summary) == "add second"
        assert dump(theirs) == start
        assert [str(one.summary) for one in operations.operations(theirs, 9)] == [
            "undo: add second",
            "add second",
            "add first",
        ]
        assert operations.redo(theirs, by=firm.ann).number == 2
        assert [one.summary for one in working.drafts(ours)] == [first.summary, "second"]


def test_a_commit_takes_its_drafts_along(firm: Firm) -> None:
    """A block and what becomes of its drafts are one step, which undo refuses to take back, naming who and what."""
    with firm.open() as book:
        made = [firm.add(book, "first"), firm.add(book, "second")]
        firm.add(book, "third")
        firm.post(book, *made)
        assert [one.summary for one in working.drafts(book)] == ["third"]
        last = operations.operations(book, 1)[0]
        assert (last.verb, last.block, str(last.summary)) == ("post", 1, "post 2 entries")
        with pytest.raises(operations.UndoPosted, match=r'"post 2 entries" \(ann, ') as refused:
            operations.undo(book, by=firm.ann)
        assert str(refused.value.hint).startswith("cloudbooks entry correct ")
        assert str(refused.value.hint).endswith("-1")
        assert found(book) == ["checkpoint-missing"]


def test_a_commit_with_an_outdated_draft_is_no_commit(firm: Firm) -> None:
    """Where a draft was changed between reading and commit, neither block nor working state is written."""
    with firm.open() as book:
        read = firm.add(book, "first")
        with operation(book, verb="edit", summary="edit", by=firm.ann) as unit:
            unit.keep_draft(replace(read, summary="other"))
        before, head = dump(book), book.head
        with pytest.raises(DraftChanged):
            firm.post(book, read)
        assert (dump(book), book.refresh()) == (before, head)


def test_verify_tells_of_damaged_working_rows(firm: Firm) -> None:
    """The check of the working state is part of the verification of a book."""
    with firm.open() as book:
        firm.add(book, "first")
        sqlite.let_write(book.connection)
        book.connection.execute("UPDATE draft SET sure = 1")
        assert "working-row-damaged" in found(book)


def test_a_barred_book_is_not_written(firm: Firm) -> None:
    """What stops a book stops every operation, and nothing of it is kept."""
    with firm.open() as book:
        book.barred = fault = operations.NothingToUndo()  # type: ignore[assignment]  # any error will do
        with pytest.raises(operations.NothingToUndo) as raised:
            firm.add(book, "first")
        assert raised.value is fault
        assert working.drafts(book) == []


def test_attached_bytes_outlive_undo(firm: Firm) -> None:
    """A file attached in an operation stays in the book when the operation is undone: nothing names it then."""
    with firm.open() as book:
        with operation(book, verb="attach", summary="attach", by=firm.ann) as unit:
            name = unit.attach(b"receipt")
            unit.keep_draft(draft())
        operations.undo(book, by=firm.ann)
        assert name.startswith("b3:")
        assert found(book) == ["checkpoint-missing"]


def test_reading_drafts_loads_no_chain() -> None:
    """Lists of drafts and statements start without what costs time to load."""
    heavy = "{'msgspec', 'cryptography', 'sqlite_utils', 'yaml', 'cloudbooks.chain'}"
    code = f"import sys, cloudbooks.store.working, cloudbooks.store.operations; print({heavy} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
