"""The same bank's file on two copies: no line of it is booked twice in silence, whoever is quicker."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from tests.books.small_book import import_lines
from tests.peers.machines import Machine, Ticking, Two

from cloudbooks.books import drafting, learning, reviewing, undoing
from cloudbooks.books import posting as posts
from cloudbooks.books.drafting import DraftChange, LineChange
from cloudbooks.books.syncing import Synced
from cloudbooks.core.statement import Fate
from cloudbooks.store import reading, working
from cloudbooks.store.exclusive import BookBusy

LINES = [
    ("2026-10-08", "Acme", "sale", "300.00"),
    ("2026-10-09", "Staples", "paper", "-12.00"),
    ("2026-10-09", "Staples", "paper", "-12.00"),
]
LATER = [*LINES[1:], ("2026-10-12", "Acme", "sale", "45.00")]
BANK = "1000"


def books(machine: Machine, most: int | None = None) -> None:
    """Answer drafts with an account, all or the first ones, and post those."""
    drafts = drafting.drafts(machine.desk)[:most]
    for draft in drafts:
        lacks = next(place for place, line in enumerate(draft.lines, start=1) if not line.account)
        change = DraftChange(lines=(LineChange(lacks, account="5000"),))
        drafting.edit(machine.desk, draft.number, change)
    drafting.accept(machine.desk, [draft.number for draft in drafts], sure=False)
    posts.post(machine.desk, (), everything=True)


def fates(machine: Machine, number: int) -> list[Fate]:
    """What became of the lines of a statement."""
    with machine.desk.open() as book:
        return [line.fate for line in working.lines(book, number)]


def booked(machine: Machine) -> list[tuple[date, int]]:
    """Day and bank's amount of every posted entry of the file."""
    with machine.desk.open() as book:
        (bank,) = [one.id for one in reading.accounts(book) if one.code == BANK]
        return sorted(
            (entry.date, line.amount)
            for entry in reading.entries(book)
            for line in entry.postings
            if line.account == bank and line.settles
        )


def learned(done: Synced) -> tuple[int, list[str]]:
    """How many drafts were discarded, and the codes of what was found."""
    assert done.fault is None
    return len(done.discarded), [finding.code for finding in done.findings]


def test_a_file_that_another_copy_imported_is_seen(pair: Two) -> None:
    """Imported and posted on the laptop; the office imports a later file that overlaps: only what is new is new."""
    import_lines(pair.laptop.desk, LINES, BANK)
    books(pair.laptop)
    pair.laptop.syncs()
    assert learned(pair.office.syncs()) == (0, [])
    imported = import_lines(pair.office.desk, LATER, BANK, "later.csv")
    assert (imported.fates[Fate.NEW], imported.fates[Fate.SEEN], imported.drafts) == (1, 2, 1)
    books(pair.office)
    pair.office.syncs()
    pair.laptop.syncs()
    assert Counter(amount for _, amount in booked(pair.laptop)) == {30000: 1, -1200: 2, 4500: 1}
    assert pair.laptop.head == pair.office.head
    for machine in (pair.laptop, pair.office):
        assert machine.verify().valid


def test_drafts_of_lines_that_another_copy_posted_are_discarded_and_can_be_had_back(pair: Two) -> None:
    """Both imported, the laptop posted first: the office's drafts go, its lines are seen, and undo brings them back."""
    import_lines(pair.laptop.desk, LINES, BANK)
    import_lines(pair.office.desk, LINES, BANK)
    books(pair.laptop)
    pair.laptop.syncs()
    assert learned(pair.office.syncs()) == (3, [])
    assert pair.office.drafts == []
    assert fates(pair.office, 1) == [Fate.SEEN] * 3
    undoing.undo(pair.office.desk)
    assert len(pair.office.drafts) == 3


def test_lines_that_both_posted_are_told(pair: Two) -> None:
    """A lost race keeps what keeps the laws; that the same lines stand twice is a finding that names the file."""
    for machine in (pair.laptop, pair.office):
        import_lines(machine.desk, LINES, BANK)
        books(machine)
    pair.laptop.syncs()
    done = pair.office.syncs()
    assert len(done.moved) == 1
    assert learned(done) == (0, ["lines-twice"])
    assert "3 lines of icbc-10.csv" in str(done.findings[0].message)


def test_a_draft_of_a_line_that_another_copy_posts_later_is_discarded(pair: Two) -> None:
    """The laptop posted one line of three; the office, which learned of the others, books them: no draft is left."""
    import_lines(pair.laptop.desk, LINES, BANK)
    books(pair.laptop, 1)
    pair.laptop.syncs()
    pair.office.syncs()
    reviewing.take_up(pair.office.desk, 1, [2, 3])
    books(pair.office)
    pair.office.syncs()
    assert learned(pair.laptop.syncs()) == (2, [])
    assert pair.laptop.drafts == []
    undoing.undo(pair.laptop.desk)
    assert len(pair.laptop.drafts) == 2


def test_lines_that_only_this_copy_posted_are_seen_and_not_told_as_twice(pair: Two) -> None:
    """The laptop posted one line of three, the office all: one is told, and the others are not offered again."""
    for machine, most in ((pair.laptop, 1), (pair.office, 3)):
        import_lines(machine.desk, LINES, BANK)
        books(machine, most)
    pair.laptop.syncs()
    done = pair.office.syncs()
    assert learned(done) == (0, ["lines-twice"])
    assert "1 line of icbc-10.csv" in str(done.findings[0].message)
    assert fates(pair.office, 2) == [Fate.NEW, Fate.SEEN, Fate.SEEN]


def test_a_line_that_another_copy_posts_after_it_was_posted_here_is_told(pair: Two) -> None:
    """The laptop posts its line while the office, which has posted the same one by its own file, is not yet heard."""
    import_lines(pair.laptop.desk, LINES, BANK)
    import_lines(pair.office.desk, LINES, BANK)
    books(pair.laptop, 1)
    pair.laptop.syncs()
    books(pair.office)
    pair.office.syncs()
    # The laptop has not synced since: to it, its second line is not booked.
    books(pair.laptop)
    assert learned(pair.laptop.syncs()) == (0, ["lines-twice"])
    done = pair.office.syncs()
    assert learned(done) == (0, ["lines-twice"])
    assert "2 lines of icbc-10.csv" in str(done.findings[0].message)


def test_a_clone_knows_the_lines_of_all_statements(pair: Two, tmp_path: Path) -> None:
    """A copy that is made later sees the same lines as seen, with the entries that book them."""
    import_lines(pair.laptop.desk, LINES, BANK)
    books(pair.laptop)
    pair.laptop.syncs()
    third = Machine.at(tmp_path, "third", Ticking())
    third.clones(pair.folder)
    with third.desk.open() as book:
        lines = working.lines(book, 1)
    assert [bool(line.entry) for line in lines] == [True] * 3
    assert [line.fate for line in lines] == [Fate.NEW, Fate.NEW, Fate.TWIN]


def test_a_statement_whose_file_is_not_there_is_told(pair: Two) -> None:
    """The lines cannot be known then: the finding says where the file may be imported."""
    import_lines(pair.laptop.desk, LINES, BANK)
    books(pair.laptop)
    pair.laptop.syncs()
    for path in (pair.folder / "attachment").iterdir():
        path.unlink()
    assert learned(pair.office.syncs()) == (0, ["attachment-missing", "lines-unknown"])


def test_blocks_stand_though_their_lines_could_not_be_kept(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program holds the book just then: the blocks are taken in, and that is told as a warning."""
    import_lines(pair.laptop.desk, LINES, BANK)
    books(pair.laptop)
    pair.laptop.syncs()

    def busy(*_: object, **__: object) -> None:
        raise BookBusy(pair.office.desk.book, None, pair.office.desk.clock, 10)

    monkeypatch.setattr(learning, "operation", busy)
    done = pair.office.syncs()
    assert learned(done) == (0, ["lines-unknown"])
    assert done.findings[0].warning
    assert pair.office.head == pair.laptop.head
