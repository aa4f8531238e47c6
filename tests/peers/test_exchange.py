"""Two machines and a folder: taking, sending, races, rollbacks, forks, and what a machine is told."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tests.peers.machines import DAY, Machine, Ticking, Two
from tests.peers.slots import Slots

from cloudbooks.books import drafting, exchanging, exporting, syncing
from cloudbooks.books import posting as posts
from cloudbooks.books.cloning import CloneHere, PeerEmpty, PinDiffers, clone
from cloudbooks.books.desk import MemberRevoked, MemberUnknown, NoMemberHere
from cloudbooks.books.membership import KeyKnown, KeyUnfit, NotAdmin, add_member, revoke_member
from cloudbooks.books.peering import PeerUnreachable, peers
from cloudbooks.books.syncing import Synced
from cloudbooks.books.verifying import verify_folder
from cloudbooks.core.draft import DraftState
from cloudbooks.errors import PeerFault, Refusal
from cloudbooks.peers.peer import Peer
from cloudbooks.store import log, receipt, working
from cloudbooks.store.forks import BookForked
from cloudbooks.store.trusting import BookBehind
from cloudbooks.system import files
from cloudbooks.system.locale import locale

pytestmark = pytest.mark.usefixtures("quick")


def told(done: Synced | syncing.Standing) -> str:
    """The code of the fault, empty for none."""
    return "" if done.fault is None else done.fault.code


def test_what_one_posts_the_other_has(pair: Two) -> None:
    """Back and forth: both logs end in one head, and every block is signed."""
    pair.laptop.posts("from the laptop")
    assert pair.laptop.syncs().sent == 1
    assert pair.office.syncs().taken == 1
    pair.office.posts("from the office")
    assert pair.office.syncs().sent == 1
    assert pair.laptop.syncs().entries == 1
    assert pair.laptop.head == pair.office.head
    verdict = pair.office.verify()
    assert (verdict.valid, verdict.signed) == (True, verdict.blocks)


def test_a_second_sync_finds_nothing_and_reads_less_than_a_kilobyte(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """When nothing is new the checkpoint alone is read."""
    held = {path.relative_to(pair.folder).as_posix(): path.read_bytes() for path in pair.folder.rglob("*") if
            path.is_file()}  # fmt: skip
    slots = Slots(held)

    def reach(_: str) -> Peer:
        return slots

    monkeypatch.setattr(exchanging, "reach", reach)
    done = pair.office.syncs()
    assert (done.taken, done.sent, done.relation.value) == (0, 0, "same")
    per_look = slots.counted // 2
    assert 0 < per_look <= 1024


def test_a_block_that_was_not_sent_is_not_signed(pair: Two) -> None:
    """Nobody signs a place that is not won: the checkpoint follows the sync."""
    with pair.office.desk.open() as book:
        before = log.signed_size(book)
    pair.office.posts("waits")
    with pair.office.desk.open() as book:
        assert log.signed_size(book) == before
        assert log.size(book) == before + 1
    assert pair.office.status().waiting == 1
    pair.office.syncs()
    with pair.office.desk.open() as book:
        assert log.signed_size(book) == log.size(book)


def test_a_lost_race_gives_the_entries_later_numbers_and_loses_none(pair: Two) -> None:
    """The slower copy's batches stand behind the winner's, unchanged, with the next voucher numbers."""
    pair.laptop.posts("quick")
    pair.office.posts("slow 1")
    pair.office.posts("slow 2")
    pair.laptop.syncs()
    done = pair.office.syncs()
    assert [(one.before, one.after) for one in done.moved] == [(3, 4), (4, 5)]
    assert [one.numbers for one in done.moved] == [(("J", "2026-10", 2, 3, 1),), (("J", "2026-10", 3, 4, 1),)]
    pair.laptop.syncs()
    assert pair.laptop.entries == pair.office.entries == ["first", "quick", "slow 1", "slow 2"]
    assert pair.laptop.head == pair.office.head
    assert pair.office.verify().valid


def test_what_breaks_a_law_after_a_lost_race_is_a_draft_again(pair: Two) -> None:
    """Both reverse the same entry: the slower reversal returns with the reason, and what can stand stands."""
    pair.laptop.reverses("2026-10/J-1")
    pair.office.reverses("2026-10/J-1")
    pair.office.posts("stands")
    pair.laptop.syncs()
    done = pair.office.syncs()
    assert (len(done.moved), done.returned) == (1, 1)
    (draft,) = done.drafts
    assert draft.state is DraftState.RETURNED
    assert "reversed already" in str(draft.reason)
    assert pair.office.entries[-1] == "stands"
    assert len(pair.office.drafts) == 1
    pair.laptop.syncs()
    assert pair.laptop.head == pair.office.head
    assert pair.office.verify().valid


def test_the_receipt_follows_a_lost_race_also_after_a_crash(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash between the commit and the receipt is no contradiction: the next opening finishes the move."""
    pair.laptop.posts("quick")
    pair.office.posts("slow")
    pair.laptop.syncs()

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(receipt, "move", crash)
        with pytest.raises(KeyboardInterrupt):
            pair.office.syncs()
    with pair.office.desk.open() as book:
        assert book.stopped is None
        assert book.head is not None
        kept = receipt.read(book.state, book.id)
        assert kept is not None
        assert (kept.number, kept.hash) == (book.head.number, book.head.hash)
    assert pair.office.syncs().fault is None


def test_a_rolled_back_folder_is_told_and_filled_by_hand_only(pair: Two) -> None:
    """An old copy of the folder is not silently made new: sync says so, push sends the blocks again."""
    old = pair.folder.with_name("old")
    shutil.copytree(pair.folder, old)
    pair.laptop.posts("later")
    pair.laptop.syncs()
    shutil.rmtree(pair.folder)
    shutil.copytree(old, pair.folder)
    assert pair.laptop.status().relation.value == "rolled-back"
    assert told(pair.laptop.syncs()) == "peer-rolled-back"
    done = syncing.push(pair.laptop.desk, "office")
    assert (done.sent, done.fault) == (1, None)
    assert pair.office.syncs().taken == 1


def test_an_image_of_a_machine_that_was_put_back_is_behind(pair: Two, tmp_path: Path) -> None:
    """Book and receipt of yesterday agree; only the peer knows more, and gives it."""
    image = pair.laptop.copied(tmp_path / "image")
    pair.laptop.posts("later")
    pair.laptop.syncs()
    assert image.status().relation.value == "behind"
    assert image.syncs().taken == 1
    assert image.head == pair.laptop.head


def test_a_book_behind_its_receipt_gets_its_end_back_from_a_peer(pair: Two, tmp_path: Path) -> None:
    """The way out of a lost tail: a pull of blocks that end in the receipt's, and of no others."""
    before = tmp_path / "before.cbk"
    shutil.copyfile(pair.laptop.desk.book, before)
    pair.laptop.posts("later")
    pair.laptop.syncs()
    head = pair.laptop.head
    shutil.copyfile(before, pair.laptop.desk.book)
    with pair.laptop.desk.open() as book:
        assert isinstance(book.stopped, BookBehind)
    assert syncing.pull(pair.laptop.desk, "office").taken == 1
    with pair.laptop.desk.open() as book:
        assert book.stopped is None
    assert pair.laptop.head == head


def test_a_fork_stops_writing_and_keeps_both_heads(pair: Two, tmp_path: Path) -> None:
    """Two signed histories: both are shown to the entry, evidence is kept, nothing is deleted, nothing is written."""
    old = pair.folder.with_name("old")
    shutil.copytree(pair.folder, old)
    pair.laptop.posts("ours", "20")
    pair.laptop.syncs()
    head = pair.laptop.head
    shutil.rmtree(pair.folder)
    shutil.copytree(old, pair.folder)
    pair.office.posts("theirs", "30")
    assert told(pair.office.syncs()) == ""
    assert told(pair.laptop.syncs()) == "forked"
    with pytest.raises(BookForked):
        pair.laptop.posts("no more")
    found = syncing.diff(pair.laptop.desk, "office")
    assert found.fork
    assert [one.summary for one in found.ours] == ["ours"]
    assert [one.summary for one in found.theirs] == ["theirs"]
    assert sorted((one.ours, one.theirs) for one in found.balances) == [(-2000, -3000), (2000, 3000)]
    kept = {path.name for path in (tmp_path / "laptop" / "state" / "forks").rglob("*") if path.is_file()}
    assert kept == {"about.json", "ours.block", "ours.checkpoint", "theirs.block", "theirs.checkpoint"}
    assert pair.laptop.head == head
    assert pair.laptop.entries[-1] == "ours"


def test_a_copy_that_keeps_gets_only_what_has_won_its_place(pair: Two, tmp_path: Path) -> None:
    """The first peer orders; a second one is sent what is signed, and nothing that may still move."""
    pair.laptop.knows(tmp_path / "stick", "stick")
    assert [(row.name, row.orders) for row in peers(pair.laptop.desk)] == [("office", True), ("stick", False)]
    office, stick = syncing.sync(pair.laptop.desk)
    assert (office.sent, stick.sent) == (0, 3)
    pair.laptop.posts("waits")
    assert syncing.push(pair.laptop.desk, "stick").sent == 0
    office, stick = syncing.sync(pair.laptop.desk)
    assert (office.sent, stick.sent) == (1, 1)
    assert verify_folder(tmp_path / "stick").verdict.signed == 4


def test_a_peer_that_is_not_there_is_told_with_what_waits(pair: Two) -> None:
    """Posting goes on without the peer; the blocks that wait are counted."""
    pair.laptop.posts("alone")
    pair.folder.rename(pair.folder.with_name("unplugged"))
    done = pair.laptop.syncs()
    assert isinstance(done.fault, PeerUnreachable)
    assert "1 block waits" in str(done.fault)
    pair.folder.with_name("unplugged").rename(pair.folder)
    assert pair.laptop.syncs().sent == 1


def test_a_half_copied_folder_is_told_and_taken_when_it_is_whole(pair: Two) -> None:
    """A block, a batch or a checkpoint that is cut off: nothing is taken, and later everything."""
    pair.laptop.posts("whole")
    pair.laptop.syncs()
    last = max((pair.folder / "block").iterdir())
    batches = {path: path.read_bytes() for path in (pair.folder / "batch").iterdir()}
    head = pair.office.head
    for place in (last, *(path for path in batches if b"whole" in batches[path])):
        data = place.read_bytes()
        for cut in (0, 1, len(data) // 2, len(data) - 1):
            place.write_bytes(data[:cut])
            assert told(pair.office.syncs()) in ("peer-cut-off", "peer-invalid")
            assert pair.office.head == head
        place.write_bytes(data)
    (pair.folder / "checkpoint").write_bytes(b"cloudbooks/")
    assert pair.office.syncs().taken == 1


def test_the_export_and_the_folder_are_the_same(pair: Two, tmp_path: Path) -> None:
    """`chain export` and a folder peer hold the same files with the same bytes, and both verify."""
    exporting.export_chain(pair.laptop.desk, tmp_path / "export")

    def files_of(folder: Path) -> dict[str, bytes]:
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    assert files_of(tmp_path / "export") == files_of(pair.folder)
    for folder in (tmp_path / "export", pair.folder):
        verdict = verify_folder(folder).verdict
        assert (verdict.valid, verdict.signed, verdict.blocks) == (True, 3, 3)


def test_a_clone_posts_only_once_it_was_added(tmp_path: Path) -> None:
    """A copy has a key of its own; before the admin adds it, it reads and nothing else."""
    clock = Ticking()
    laptop, office = Machine.at(tmp_path, "laptop", clock), Machine.at(tmp_path, "office", clock)
    laptop.found()
    laptop.knows(tmp_path / "shared")
    laptop.syncs()
    cloned = office.clones(tmp_path / "shared")
    assert (cloned.blocks, cloned.pinned_before) == (1, False)
    with pytest.raises(NoMemberHere):
        office.posts("too early")
    laptop.adds(cloned)
    with pytest.raises(KeyKnown):
        laptop.adds(replace(cloned, member="another name"))
    laptop.syncs()
    office.syncs()
    office.posts("now")
    with pytest.raises(NotAdmin):
        add_member(office.desk, "third", _other_key(cloned.vkey, tmp_path, clock), ("post",))


def test_the_machine_of_a_revoked_member_is_told_who_is_revoked(pair: Two) -> None:
    """Not that no key is there: its sync goes on reading, and whoever acts hears the name."""
    revoke_member(pair.laptop.desk, "office")
    pair.laptop.syncs()
    done = pair.office.syncs()
    assert (done.taken, done.findings, done.fault) == (1, (), None)
    with pytest.raises(
        MemberRevoked, match='"office" is revoked and signs nothing more; the book knows laptop'
    ) as told:
        pair.office.posts("too late")
    assert not isinstance(told.value, MemberUnknown)


@pytest.mark.parametrize(("member", "why"), [("nobody", 'no member is called "nobody"'), ("", "keys of 2 members")])
def test_a_sync_in_which_nobody_is_known_to_sign_says_so(pair: Two, member: str, why: str) -> None:
    """A name that nobody has, or two keys and no name: what is sent is sent, and is said not to be signed."""
    for path in (pair.office.desk.state / "keys").rglob("*.key"):
        shutil.copy(path, next((pair.laptop.desk.state / "keys").iterdir()))
    drafting.add(replace(pair.laptop.desk, member="laptop"), DAY, "sent", "5000", "10", "1000")
    posts.post(replace(pair.laptop.desk, member="laptop"), (), everything=True)
    (done,) = syncing.sync(replace(pair.laptop.desk, member=member))
    assert (done.sent, done.fault) == (1, None)
    assert [(one.code, why in str(one.message)) for one in done.findings] == [("not-signed", True)]
    (done,) = syncing.sync(replace(pair.laptop.desk, member="laptop"))
    assert (done.findings, done.fault) == ((), None)


def _other_key(like: str, root: Path, clock: Ticking) -> str:
    """A key of the same book that nobody has."""
    third = Machine.at(root, "third", clock)
    made = third.clones(root / "shared")
    assert made.vkey != like
    return made.vkey


def test_a_key_of_another_book_is_no_member(pair: Two, tmp_path: Path) -> None:
    """A verifier key is named after its book; another's, or nonsense, is refused."""
    other = Machine.at(tmp_path, "stranger", Ticking())
    other.found()
    other.knows(tmp_path / "elsewhere")
    other.syncs()
    third = Machine.at(tmp_path, "third", Ticking())
    foreign = third.clones(tmp_path / "elsewhere").vkey
    for key in (foreign, "nonsense", ""):
        with pytest.raises(KeyUnfit):
            add_member(pair.laptop.desk, "eve", key, ("post",))


def test_a_clone_is_made_once_on_a_machine_and_of_the_trusted_book_only(pair: Two, tmp_path: Path) -> None:
    """A second copy would share receipt and keys; a first key that is not the trusted one is refused."""
    beside = replace(pair.laptop.desk, book=tmp_path / "laptop" / "beside.cbk")
    with pytest.raises(CloneHere):
        clone(beside, str(pair.folder), member="x", passphrase=lambda: None)
    third = Machine.at(tmp_path, "third", Ticking())
    wrong = third.desk.state.parent.name
    with pytest.raises(PinDiffers):
        clone(third.desk, str(pair.folder), member=wrong, passphrase=lambda: None, pin="cloudbooks/x+00000000+AA==")
    (tmp_path / "nothing").mkdir()
    with pytest.raises(PeerEmpty):
        third.clones(tmp_path / "nothing")
    assert not third.desk.book.exists()


def test_a_clone_of_a_broken_book_leaves_nothing_behind(pair: Two, tmp_path: Path) -> None:
    """Everything is verified before anything is kept: no file, no key, no pin."""
    last = max((pair.folder / "block").iterdir())
    data = last.read_bytes()
    last.write_bytes(data.replace(b'"number":2', b'"number":3'))
    third = Machine.at(tmp_path, "third", Ticking())
    with pytest.raises(PeerFault):
        third.clones(pair.folder)
    left = [path for path in third.folder.rglob("*") if path.is_file() and path.suffix != ".lock"]
    assert left == []
    last.write_bytes(data)
    assert third.clones(pair.folder).blocks == 3


def test_what_was_seen_only_grows(pair: Two) -> None:
    """An older view of a peer does not lower what is known of it."""
    (row,) = peers(pair.laptop.desk)
    assert row.seen is not None
    pair.laptop.posts("more")
    pair.laptop.syncs()
    (later,) = peers(pair.laptop.desk)
    assert later.seen is not None
    assert later.seen.size == row.seen.size + 1
    place = next((pair.laptop.desk.state / "peers").rglob("*/*"))
    facts = json.loads(place.read_bytes().split(b"\n")[0])
    files.replace_whole(place, place.read_bytes().replace(str(facts["size"]).encode(), b"9", 1))
    (forged,) = peers(pair.laptop.desk)
    assert forged.seen is None, "a note that does not have its hash is no memory"


def test_statement_lines_of_a_returned_entry_are_settled_by_its_draft(pair: Two) -> None:
    """A draft that came back stands where it stood: nothing about it is lost for whoever edits it."""
    pair.laptop.reverses("2026-10/J-1")
    pair.office.reverses("2026-10/J-1")
    pair.laptop.syncs()
    (draft,) = pair.office.syncs().drafts
    with pair.office.desk.open() as book:
        kept = working.draft(book, draft.number)
    assert kept.reverses
    assert [line.amount for line in kept.lines] == [-1000, 1000]
    assert all(line.red for line in kept.lines)


def test_a_refusal_names_peers_that_are_known(pair: Two) -> None:
    """A near name is offered, never guessed."""
    with pytest.raises(Refusal, match="office"):
        syncing.pull(pair.laptop.desk, "offices")


@pytest.mark.usefixtures("catalogues")
def test_the_reason_of_a_returned_draft_is_kept_for_every_language(pair: Two) -> None:
    """The reason is kept as template and facts, so that each reader gets it in their own language."""
    pair.laptop.reverses("2026-10/J-1")
    pair.office.reverses("2026-10/J-1")
    pair.laptop.syncs()
    pair.office.syncs()
    with pair.office.desk.open() as book:
        (draft,) = working.drafts(book)
    said = locale("zh").say(draft.reason)
    assert "他人先记账" in said
    assert "reversed" not in said
