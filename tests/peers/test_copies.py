"""Copies: of a file that was lost, after a fork, from an export; and what a copy that fails takes away (nothing)."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tests.peers.machines import Machine, Ticking, Two

from cloudbooks.books import exporting, syncing
from cloudbooks.books.membership import keys_not_added
from cloudbooks.books.rotating import rotate
from cloudbooks.books.verifying import verify_folder
from cloudbooks.chain import batch as batches
from cloudbooks.chain import record
from cloudbooks.errors import CloudBooksError, PeerFault
from cloudbooks.store import log, receipt
from cloudbooks.store.adopting import NotTheLostEnd
from cloudbooks.store.log import StoredLog
from cloudbooks.system import keyfile

pytestmark = pytest.mark.usefixtures("quick")


def forked(pair: Two) -> Path:
    """Make the laptop and the folder two signed histories; gives a folder with the laptop's side."""
    old = pair.folder.with_name("old")
    shutil.copytree(pair.folder, old)
    pair.laptop.posts("ours", "20")
    pair.laptop.syncs()
    ours = pair.folder.with_name("ours")
    pair.folder.rename(ours)
    shutil.copytree(old, pair.folder)
    pair.office.posts("theirs", "30")
    pair.office.syncs()
    done = pair.laptop.syncs()
    assert done.fault is not None
    assert done.fault.code == "forked"
    return ours


def another_file(machine: Machine, name: str) -> Machine:
    """The same machine at work on another file."""
    return replace(machine, desk=replace(machine.desk, book=machine.folder / name))


def test_a_lost_file_comes_back_with_the_key_that_is_here(pair: Two) -> None:
    """The disk lost the file, the state folder stands: a copy under the old name or another one posts at once."""
    pair.laptop.posts("later")
    pair.laptop.syncs()
    for name in ("acme.cbk", "again.cbk"):
        pair.laptop.desk.book.unlink()
        machine = another_file(pair.laptop, name)
        cloned = machine.clones(pair.folder)
        assert (cloned.known, cloned.member, cloned.blocks) == (True, "laptop", 4 if name == "acme.cbk" else 5)
        machine.posts(f"from {name}")
        assert machine.syncs().fault is None
        pair = replace(pair, laptop=machine)
    assert len(keyfile.begun(pair.laptop.desk.state, _book(pair.laptop))) == 1


def _book(machine: Machine) -> str:
    with machine.desk.open() as book:
        return book.id


def test_a_copy_that_lacks_what_was_posted_here_is_refused(pair: Two) -> None:
    """The file is lost and its last block was never sent: the receipt says so, and nothing is taken away."""
    pair.laptop.posts("never sent")
    book, state = _book(pair.laptop), pair.laptop.desk.state
    before = receipt.read(state, book), keyfile.held(state, book)
    pair.laptop.desk.book.unlink()
    for name in ("acme.cbk", "again.cbk"):
        with pytest.raises(NotTheLostEnd):
            another_file(pair.laptop, name).clones(pair.folder)
        assert (receipt.read(state, book), keyfile.held(state, book)) == before
        assert not (pair.laptop.folder / name).exists()


def test_a_copy_that_fails_leaves_the_keys_that_were_here(pair: Two) -> None:
    """The peer holds a broken block: the key and the receipt of this machine are what they were."""
    book, state = _book(pair.laptop), pair.laptop.desk.state
    before = receipt.read(state, book), keyfile.held(state, book)
    last = max((pair.folder / "block").iterdir())
    last.write_bytes(last.read_bytes().replace(b'"number":2', b'"number":3'))
    pair.laptop.desk.book.unlink()
    with pytest.raises(PeerFault):
        pair.laptop.clones(pair.folder)
    assert (receipt.read(state, book), keyfile.held(state, book)) == before


def test_a_key_that_waits_to_be_added_is_used_again(pair: Two, tmp_path: Path) -> None:
    """A copy that was made, removed and made again has the key that the admin was told."""
    third = Machine.at(tmp_path, "third", Ticking())
    first = third.clones(pair.folder)
    third.desk.book.unlink()
    again = third.clones(pair.folder)
    assert (again.vkey, again.next_key, again.known) == (first.vkey, first.next_key, False)


@pytest.mark.parametrize("side", ["theirs", "ours"])
def test_after_a_fork_a_copy_of_one_side_goes_on(pair: Two, side: str) -> None:
    """The way out: the chosen side in a new file, with the member's own key; the other file stays, read-only."""
    ours = forked(pair)
    chosen = pair.folder if side == "theirs" else ours
    machine = another_file(pair.laptop, "chosen.cbk")
    cloned = machine.clones(chosen)
    assert cloned.known
    assert cloned.left is not None
    assert (cloned.left / "about.json").is_file()
    assert machine.entries[-1] == side
    machine.posts("the lost entry, entered again")
    assert machine.syncs().fault is None
    with machine.desk.open() as book:
        assert book.forked is None
        assert any("choice between two" in text for text in _notes(machine))
    assert pair.laptop.entries[-1] == "ours"
    with pytest.raises(CloudBooksError):
        pair.laptop.posts("no more")
    with pair.laptop.desk.open() as book:
        assert book.barred is not None
    syncing.status(pair.laptop.desk)
    with machine.desk.open() as book:
        assert book.forked is None, "looking at the other file does not bring the fork back"
    assert machine.verify().valid


def _notes(machine: Machine) -> list[str]:
    """The texts of the notes in the log."""
    with machine.desk.open() as book:
        stored = StoredLog(book)
        found = [batches.read(stored.batch(stored.batch_of(number)) or b"") for number in range(log.size(book))]
    return [one.text for batch in found for one in batch.records if isinstance(one, record.Note)]


def test_a_copy_after_a_fork_that_fails_leaves_the_fork(pair: Two) -> None:
    """The chosen side does not hold: the book is forked as before, and its evidence where it was."""
    forked(pair)
    last = max((pair.folder / "block").iterdir())
    data = last.read_bytes()
    last.write_bytes(data[:-1])
    machine = another_file(pair.laptop, "chosen.cbk")
    with pytest.raises(PeerFault):
        machine.clones(pair.folder)
    with pair.laptop.desk.open() as book:
        assert book.forked is not None
        assert book.barred is None
    assert not machine.desk.book.exists()
    assert [path.name for path in (pair.laptop.desk.state / "forks").iterdir()] == [_book(pair.laptop)]


def test_an_export_is_cloned_and_a_folder_is_exported_over(pair: Two, tmp_path: Path) -> None:
    """One layout: a copy is made from an export, an export goes on in a folder, a push goes on in an export."""
    export = tmp_path / "export"
    exporting.export_chain(pair.laptop.desk, export)
    third = Machine.at(tmp_path, "third", Ticking())
    assert third.clones(export).blocks == 3
    assert third.head == pair.laptop.head
    pair.laptop.posts("more")
    pair.laptop.syncs()
    pair.laptop.knows(export, "export")
    office, pushed = syncing.sync(pair.laptop.desk)
    assert (office.fault, pushed.fault, pushed.sent) == (None, None, 1)
    assert exporting.export_chain(pair.laptop.desk, pair.folder).kept == _count(pair.folder) - 1
    assert _files(export) == _files(pair.folder)
    for folder in (export, pair.folder):
        verdict = verify_folder(folder).verdict
        assert (verdict.valid, verdict.signed, verdict.blocks, verdict.findings) == (True, 4, 4, ())


def _count(folder: Path) -> int:
    return len(_files(folder))


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_with_a_gap_is_invalid_though_nothing_is_signed(pair: Two) -> None:
    """A block in the middle and the checkpoint are taken away: what stands after the gap gives it away."""
    pair.laptop.posts("more")
    pair.laptop.syncs()
    (pair.folder / "checkpoint").unlink()
    (pair.folder / "block" / "00000002").unlink()
    verdict = verify_folder(pair.folder).verdict
    assert not verdict.valid
    assert "block-missing" in {finding.code for finding in verdict.findings}


def test_only_the_key_of_a_copy_waits_to_be_added(pair: Two, tmp_path: Path) -> None:
    """What follows a key, and what was replaced, waits for nobody: an admin is told one key, with its next one."""
    third = Machine.at(tmp_path, "third", Ticking())
    made = third.clones(pair.folder)
    assert keys_not_added(third.desk) == ((made.vkey, made.next_key),)
    pair.laptop.adds(made)
    pair.laptop.syncs()
    third.syncs()
    assert keys_not_added(third.desk) == ()
    rotate(third.desk, lambda: None)
    third.syncs()
    assert keys_not_added(third.desk) == keys_not_added(pair.laptop.desk) == ()
