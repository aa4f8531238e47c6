"""What becomes of own batches that lost their place and break a law now: nothing of them is dropped in silence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tests.peers.machines import Machine, Ticking, without_fsync

from cloudbooks.books.membership import add_member
from cloudbooks.books.ordering import base_of
from cloudbooks.books.signing import signed
from cloudbooks.chain import batch as batches
from cloudbooks.chain import record, sealing
from cloudbooks.store import commit as commits
from cloudbooks.store import working
from cloudbooks.system.chance import new_id, new_salt
from cloudbooks.system.clock import instant


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Machine, Machine]]:
    """Two machines whose members may close and post."""
    clock = Ticking()
    laptop, office = Machine.at(tmp_path, "laptop", clock), Machine.at(tmp_path, "office", clock)
    with without_fsync():
        laptop.found()
        laptop.knows(tmp_path / "shared")
        laptop.syncs()
        cloned = office.clones(tmp_path / "shared")
        add_member(laptop.desk, cloned.member, cloned.vkey, ("close", "post"))
        laptop.syncs()
        office.syncs()
        yield laptop, office


def commits_records(machine: Machine, records: Sequence[record.AnyRecord]) -> None:
    """Make a block of records on a machine."""
    desk = machine.desk
    with desk.open() as book:
        member, signer = desk.signer(book)
        now = instant(desk.clock.now())
        batch = batches.make(
            author=member.id, base=base_of(book), book=book.id, id=new_id(desk.clock), made_at=now,
            program="cloudbooks/test", records=records,
        )  # fmt: skip
        commits.commit(book, batch, sealing.seal(batch, signed(batches.note_text(batch), signer), now))


def test_a_close_that_somebody_else_did_first_is_told(pair: tuple[Machine, Machine]) -> None:
    """A close does not wait for another batch: that it does not stand is a finding with the reason."""
    for machine in pair:
        commits_records(machine, [record.Close(new_id(machine.desk.clock), "2026-10")])
    laptop, office = pair
    laptop.syncs()
    done = office.syncs()
    assert (done.returned, done.drafts) == (1, ())
    assert [(finding.code, finding.where) for finding in done.findings] == [("act-lost", "2026-10")]
    laptop.syncs()
    assert laptop.head == office.head


def test_what_waits_again_is_in_the_next_batch(pair: tuple[Machine, Machine]) -> None:
    """A batch that breaks a law with one record gives the others back: parties and notes wait, and are posted later."""
    laptop, office = pair
    for machine in pair:
        clock = machine.desk.clock
        commits_records(
            machine,
            [
                record.Party(new_id(clock), new_salt(), f"Party of {machine.name}"),
                record.Note(new_id(clock), instant(clock.now()), f"note of {machine.name}"),
                record.Close(new_id(clock), "2026-10"),
            ],
        )
    laptop.syncs()
    office.syncs()
    with office.desk.open() as book:
        assert {type(one) for one in working.pending(book)} == {record.Party, record.Note}
