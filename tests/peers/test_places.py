"""Places: nobody signs one that is not won, nobody gives up one that was, and nobody waits for a slow peer."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from tests.books.small_book import import_lines
from tests.peers.machines import Machine, Ticking, Two, holds, through
from tests.peers.slots import Slots

from cloudbooks.books import exchanging, syncing
from cloudbooks.books import posting as posts
from cloudbooks.books.desk import Desk
from cloudbooks.books.exchanging import Exchange
from cloudbooks.books.syncing import Synced
from cloudbooks.chain.checkpoint import Checkpoint
from cloudbooks.peers.relation import Compared, Look
from cloudbooks.store import adopting, log
from cloudbooks.store.adopting import Adopted, Given
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.exclusive import BookBusy
from cloudbooks.store.forks import BookForked
from cloudbooks.system import keyfile

pytestmark = pytest.mark.usefixtures("quick")


def once(what: str, act: Callable[[], object]) -> Callable[[str], None]:
    """A step that acts the first time that the slots are asked for something that begins so."""
    done = False

    def step(asked: str) -> None:
        nonlocal done
        if not done and asked.startswith(what):
            done = True
            act()

    return step


def told(done: Synced) -> str:
    """The code of the fault, empty for none."""
    return "" if done.fault is None else done.fault.code


def signed_size(machine: Machine) -> int:
    """The size that the checkpoint on a machine speaks of."""
    with machine.desk.open() as book:
        return log.signed_size(book)


def test_what_is_posted_while_a_sync_runs_is_not_signed_by_it(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program posts between the last append and the signature: that block has not won its place."""
    slots = Slots(holds(pair.folder))
    through(monkeypatch, slots)
    pair.laptop.posts("sent")
    slots.step = once("after append 3", lambda: pair.laptop.posts("meanwhile"))
    assert told(pair.laptop.syncs()) == ""
    assert slots.files["checkpoint"].split(b"\n")[1] == b"4"
    assert signed_size(pair.laptop) == 4
    assert max(name for name in slots.files if name.startswith("block/")) == "block/00000003"


def test_nobody_waits_to_write_for_a_peer_that_is_read(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a peer gives its blocks the book can be posted to; the sync then starts again from where it stands."""
    pair.laptop.posts("there")
    pair.laptop.syncs()
    slots = Slots(holds(pair.folder))
    through(monkeypatch, slots)
    slots.step = once("before read batch/", lambda: pair.office.posts("here"))
    assert told(pair.office.syncs()) == ""
    assert pair.office.entries == ["first", "there", "here"]
    assert pair.office.verify().valid


def test_a_block_that_stood_at_the_peer_is_never_moved(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pushed, but not signed because the machine stopped; the folder is rolled back and others post there.

    Somebody may have taken the block in the meantime, so its place is not given up: the user is told.
    """
    old = pair.folder.with_name("old")
    shutil.copytree(pair.folder, old)
    pair.laptop.posts("pushed")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(exchanging, "sign_checkpoint", stop)
        with pytest.raises(KeyboardInterrupt):
            pair.laptop.syncs()
    assert signed_size(pair.laptop) == 3
    head = pair.laptop.head
    shutil.rmtree(pair.folder)
    shutil.copytree(old, pair.folder)
    assert told(pair.laptop.syncs()) == "peer-rolled-back"
    pair.office.posts("in its place")
    assert told(pair.office.syncs()) == ""
    assert told(pair.laptop.syncs()) == "peer-rewritten"
    assert told(syncing.pull(pair.laptop.desk, "office")) == "peer-rewritten"
    assert told(syncing.push(pair.laptop.desk, "office")) == "peer-rewritten"
    assert pair.laptop.head == head
    assert pair.laptop.entries[-1] == "pushed"


def test_another_book_is_told_with_and_without_its_checkpoint(pair: Two, tmp_path: Path) -> None:
    """The folder of another book: nothing is taken, nothing is sent, and it is not called a race."""
    stranger = Machine.at(tmp_path, "stranger", Ticking())
    stranger.found()
    stranger.knows(tmp_path / "elsewhere")
    stranger.syncs()
    before = holds(tmp_path / "elsewhere")
    shutil.rmtree(pair.folder)
    shutil.copytree(tmp_path / "elsewhere", pair.folder)
    assert told(pair.laptop.syncs()) == "peer-other-book"
    (pair.folder / "checkpoint").unlink()
    assert told(pair.laptop.syncs()) == "peer-other-book"
    assert told(syncing.push(pair.laptop.desk, "office")) == "peer-other-book"
    assert {name: data for name, data in before.items() if name != "checkpoint"} == holds(pair.folder)


def test_a_signature_over_another_history_beside_our_blocks_is_a_fork(pair: Two) -> None:
    """A copying program mixes two sides: our blocks, and the others' checkpoint of the same size. Both are signed."""
    old = pair.folder.with_name("old")
    shutil.copytree(pair.folder, old)
    pair.laptop.posts("ours")
    pair.laptop.syncs()
    ours = pair.folder.with_name("ours")
    pair.folder.rename(ours)
    shutil.copytree(old, pair.folder)
    pair.office.posts("theirs")
    pair.office.syncs()
    theirs = (pair.folder / "checkpoint").read_bytes()
    shutil.rmtree(pair.folder)
    ours.rename(pair.folder)
    (pair.folder / "checkpoint").write_bytes(theirs)
    assert told(pair.laptop.syncs()) == "forked"
    with pytest.raises(BookForked):
        pair.laptop.posts("no more")
    kept = {path.name for path in (pair.laptop.desk.state / "forks").rglob("*") if path.is_file()}
    assert {"about.json", "ours.checkpoint", "theirs.checkpoint"} <= kept


def test_a_wrong_passphrase_is_told_beside_what_was_exchanged(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks that were sent stay sent; that nobody signed for them is a finding, and the next sync signs."""
    pair.laptop.posts("sent")
    with monkeypatch.context() as patch:

        def refuse(*_: object) -> None:
            raise keyfile.PassphraseWrong(Path("key"))

        patch.setattr(keyfile, "load", refuse)
        done = pair.laptop.syncs()
    assert (done.sent, told(done)) == (1, "")
    assert [finding.code for finding in done.findings] == ["not-signed"]
    assert signed_size(pair.laptop) == 3
    pair.laptop.syncs()
    assert signed_size(pair.laptop) == 4


def test_a_push_to_a_peer_that_is_ahead_sends_nothing_and_says_so(pair: Two) -> None:
    """There is nothing to send: that is no divergence."""
    pair.office.posts("theirs")
    pair.office.syncs()
    done = syncing.push(pair.laptop.desk, "office")
    assert (done.sent, done.relation.value, told(done)) == (0, "behind", "")


def test_a_push_makes_a_peer_whole_again(pair: Two) -> None:
    """Blocks, batches and files that both sides had and the folder lost or holds damaged: each is sent anew."""
    import_lines(pair.laptop.desk, [("2026-10-08", "Acme", "sale", "300.00")], "1000")
    posts.post(pair.laptop.desk, (), everything=True)
    pair.laptop.syncs()
    before = holds(pair.folder)
    damaged = [path for path in pair.folder.rglob("*") if path.is_file() and path.name != "checkpoint"]
    assert {path.parent.name for path in damaged} == {"block", "batch", "attachment"}
    for path in damaged:
        data = path.read_bytes()
        path.unlink()
        assert syncing.push(pair.laptop.desk, "office").fault is None, path.name
        if path.parent.name != "block":
            path.write_bytes(data[:-1])
            assert syncing.push(pair.laptop.desk, "office").fault is None, path.name
        assert holds(pair.folder) == before, path.name


def busy(desk: Desk) -> Callable[..., None]:
    """What refuses because another program writes the book."""

    def refuse(*_: object, **__: object) -> None:
        raise BookBusy(desk.book, None, desk.clock, 10)

    return refuse


def test_a_book_that_is_busy_when_it_is_signed_keeps_what_was_exchanged(
    pair: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocks that were sent are told as sent, and the next sync signs."""
    pair.laptop.posts("sent")
    with monkeypatch.context() as patch:
        patch.setattr(exchanging, "sign_checkpoint", busy(pair.laptop.desk))
        done = pair.laptop.syncs()
    assert (done.sent, told(done)) == (1, "")
    assert [finding.code for finding in done.findings] == ["not-signed"]
    pair.laptop.syncs()
    assert signed_size(pair.laptop) == 4


def test_what_was_done_is_told_though_the_book_is_busy_then(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sent to one peer, refused at the next: both stand in the answer; a refusal before anything is raised."""
    stick = pair.folder.with_name("stick")
    stick.mkdir()
    pair.laptop.knows(stick, "stick")
    pair.laptop.posts("sent")
    compare = exchanging.Exchange.compare

    def refusing(exchange: Exchange, look: Look = Look.QUICK) -> Compared:
        if exchange.row.name == "stick":
            busy(exchange.desk)()
        return compare(exchange, look)

    monkeypatch.setattr(exchanging.Exchange, "compare", refusing)
    first, second = syncing.sync(pair.laptop.desk)
    assert (first.sent, told(first)) == (1, "")
    assert told(second) == "book-busy"
    with pytest.raises(BookBusy):
        syncing.sync(pair.laptop.desk)


def test_a_pull_that_was_overtaken_looks_again(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program posts here between the look and the taking: the peer's block is taken in all the same."""
    pair.laptop.posts("theirs")
    pair.laptop.syncs()
    adopt = adopting.adopt

    def late(book: BookFile, given: Iterable[Given], claimed: Checkpoint | None, *, after: int) -> Adopted:
        pair.office.posts("meanwhile")
        return adopt(book, given, claimed, after=after)

    monkeypatch.setattr(adopting, "adopt", late)
    done = syncing.pull(pair.office.desk, "shared")
    assert (told(done), done.taken, len(done.moved)) == ("", 1, 1)
    assert pair.office.entries[-2:] == ["theirs", "meanwhile"]
