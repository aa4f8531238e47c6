"""A folder as a peer keeps the contract: create-only, compare-and-swap, whole files, names from hashes alone."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from cloudbooks.chain.canonical import b3
from cloudbooks.peers import layout
from cloudbooks.peers.folder import FolderPeer
from cloudbooks.peers.layout import block_file
from cloudbooks.peers.peer import BLOCK_BYTES_MAX, KeptNothing, PeerLost
from cloudbooks.system import files

FIRST = b'{"balances_root":"s256:00","batch":"b3:aa","book":"x"}\nnote\n\nsigned\n'
OTHER = b'{"balances_root":"s256:01","batch":"b3:bb","book":"x"}\nnote\n\nsigned\n'
SECOND = b'{"balances_root":"s256:02","batch":"b3:cc","book":"x"}\nnote\n\nsigned\n'


@pytest.fixture
def peer(tmp_path: Path) -> FolderPeer:
    """An empty folder."""
    folder = tmp_path / "office"
    folder.mkdir(mode=0o700)
    return FolderPeer(folder)


def test_of_two_that_take_a_place_one_wins(peer: FolderPeer) -> None:
    """The first stays, the second is told, and repeating the first is winning again."""
    assert peer.append(0, FIRST, "")
    assert not peer.append(0, OTHER, "")
    assert peer.append(0, FIRST, "")
    assert peer.block(0) == FIRST


def test_a_block_is_appended_to_the_log_that_it_follows_only(peer: FolderPeer) -> None:
    """Compare-and-swap: after another block, or after none, nothing is created."""
    assert peer.append(0, FIRST, "")
    assert not peer.append(1, SECOND, b3(OTHER))
    assert not peer.append(2, SECOND, b3(FIRST))
    assert not peer.has_block(1)
    assert peer.append(1, SECOND, b3(FIRST))


def test_a_batch_that_was_cut_off_is_made_whole(peer: FolderPeer) -> None:
    """The name says what belongs there, so that a half copy is replaced by the whole."""
    data = b"header\nrecord\n"
    assert peer.keep_batch(b3(data), data) == len(data)
    place = peer.folder / "batch" / b3(data).removeprefix("b3:")
    place.write_bytes(data[:5])
    assert peer.keep_batch(b3(data), data) == len(data)
    assert peer.keep_batch(b3(data), data) == 0
    assert peer.batch(b3(data)) == data


def test_an_own_block_that_was_cut_off_is_made_whole_and_no_other(peer: FolderPeer) -> None:
    """Only a beginning that names our own batch is ours; a shorter one may be anybody's and is left."""
    (peer.folder / "block").mkdir()
    place = peer.folder / block_file(0)
    place.write_bytes(FIRST[:-4])
    assert peer.append(0, FIRST, "")
    assert place.read_bytes() == FIRST
    place.write_bytes(FIRST[:10])
    assert not peer.append(0, FIRST, "")
    assert place.read_bytes() == FIRST[:10]


def test_a_place_is_won_where_there_are_no_links_too(peer: FolderPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sticks and some network drives know no hard links: there the name itself is taken."""

    def no_link(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", no_link)
    assert peer.append(0, FIRST, "")
    assert not peer.append(0, OTHER, "")
    assert peer.block(0) == FIRST
    assert [place.name for place in (peer.folder / "block").iterdir()] == ["00000000"]


def test_what_a_folder_does_not_give_back_is_told(peer: FolderPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A push is read back: whoever takes it and keeps nothing is found out."""
    monkeypatch.setattr(files, "create_whole", lambda *_: True)
    with pytest.raises(KeptNothing):
        peer.append(0, FIRST, "")
    with pytest.raises(KeptNothing):
        peer.keep_batch(b3(b"x\n"), b"x\n")


def test_a_folder_that_is_not_there_is_no_empty_one(tmp_path: Path) -> None:
    """A stick that is not plugged in is lost, and no folder of its name is made."""
    peer = FolderPeer(tmp_path / "stick")
    with pytest.raises(PeerLost):
        peer.checkpoint()
    with pytest.raises(PeerLost):
        peer.append(0, FIRST, "")
    assert not (tmp_path / "stick").exists()


def test_a_name_is_made_from_a_hash_or_not_at_all(peer: FolderPeer) -> None:
    """Nothing that a peer or a record says leads out of the folder."""
    for name in ("../../secret", "b3:" + "0" * 63, "b3:" + "g" * 64, "/etc/passwd", "b3:\0"):
        with pytest.raises(ValueError, match=r".*"):
            peer.batch(name)
        with pytest.raises(ValueError, match=r".*"):
            peer.attachment(name)


def test_a_link_is_no_file_of_a_log(peer: FolderPeer, tmp_path: Path) -> None:
    """What a folder holds as a link is not followed."""
    (tmp_path / "secret").write_bytes(FIRST)
    (peer.folder / "block").mkdir()
    (peer.folder / block_file(0)).symlink_to(tmp_path / "secret")
    assert peer.block(0) is None
    assert not peer.has_block(0)


def test_no_more_is_read_than_a_block_can_have(peer: FolderPeer) -> None:
    """A file without an end costs one byte more than the limit."""
    (peer.folder / "block").mkdir()
    (peer.folder / block_file(0)).write_bytes(b"x" * (4 * BLOCK_BYTES_MAX))
    assert len(peer.block(0) or b"") == BLOCK_BYTES_MAX + 1


def test_conflicted_copies_are_told_and_drafts_are_passed_over(peer: FolderPeer) -> None:
    """What a copying program leaves is named; what is being written is not."""
    peer.append(0, FIRST, "")
    (peer.folder / "block" / "00000000 (conflicted copy 2026-11-21)").write_bytes(OTHER)
    (peer.folder / "block" / ".00000001.77-1.new").write_bytes(b"")
    (peer.folder / "Thumbs.db").write_bytes(b"")
    assert list(peer.stray()) == ["Thumbs.db", "block/00000000 (conflicted copy 2026-11-21)"]


@pytest.mark.skipif(os.name == "nt", reason="modes are of other systems")
@pytest.mark.parametrize(("folder_mode", "file_mode"), [(0o700, 0o600), (0o770, 0o660)])
def test_files_take_the_mode_of_the_folder(peer: FolderPeer, folder_mode: int, file_mode: int) -> None:
    """Whoever may work in the folder may read its files, and nobody else."""
    peer.folder.chmod(folder_mode)
    peer.append(0, FIRST, "")
    peer.keep_checkpoint(b"checkpoint\n")
    for name in (block_file(0), "checkpoint"):
        assert stat.S_IMODE((peer.folder / name).stat().st_mode) == file_mode
    assert stat.S_IMODE((peer.folder / "block").stat().st_mode) == folder_mode


def test_without_links_a_file_is_renamed_to_a_name_that_is_free(tmp_path: Path) -> None:
    """The name is taken or not at all, and what stands there is never replaced."""
    source, target = tmp_path / "draft", tmp_path / "name"
    source.write_bytes(FIRST)
    won = files.renamed_new(source, target)
    if won is None:
        pytest.skip("this system knows no such call")
    assert (won, target.read_bytes(), source.exists()) == (True, FIRST, False)
    source.write_bytes(OTHER)
    assert files.renamed_new(source, target) is False
    assert target.read_bytes() == FIRST


def test_a_place_is_won_where_there_is_neither(peer: FolderPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last resort takes the name first: one wins, and files take the mode of the folder there too."""
    peer.folder.chmod(0o770)
    monkeypatch.delattr(os, "link")
    monkeypatch.setattr(files, "renamed_new", lambda *_: None)
    assert peer.append(0, FIRST, "")
    assert not peer.append(0, OTHER, "")
    assert peer.block(0) == FIRST
    assert stat.S_IMODE((peer.folder / block_file(0)).stat().st_mode) == 0o660


def test_what_stands_there_already_is_on_the_disk_when_the_call_returns(
    peer: FolderPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever put a file there may have been stopped before the disk had it: the repeat waits for the disk."""
    data = b"header\nrecord\n"
    peer.keep_batch(b3(data), data)
    peer.append(0, FIRST, "")
    waited: list[Path] = []
    monkeypatch.setattr(files, "fsync_there", waited.append)
    peer.keep_batch(b3(data), data)
    peer.append(0, FIRST, "")
    assert [path.parent.name for path in waited] == ["batch", "block"]


def test_a_drive_that_cannot_wait_for_folders_is_written_to(peer: FolderPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some network drives know no fsync of a folder; a disk that fails is another thing."""
    real = os.fsync

    def knows_files_only(descriptor: int, error: int = errno.EINVAL) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(error, "no")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", knows_files_only)
    assert peer.append(0, FIRST, "")
    monkeypatch.setattr(os, "fsync", lambda descriptor: knows_files_only(descriptor, errno.EIO))
    with pytest.raises(PeerLost):
        peer.append(1, SECOND, b3(FIRST))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are of other systems")
def test_a_pipe_or_a_folder_is_no_file_of_a_log(peer: FolderPeer) -> None:
    """Nobody waits for a pipe, and what stands in a place without being a file is told when it is to be filled."""
    data = b"header\nrecord\n"
    for make in (os.mkfifo, os.mkdir):
        for name in ("block/00000000", "batch/" + b3(data).removeprefix("b3:"), "checkpoint"):
            place = peer.folder / name
            place.parent.mkdir(exist_ok=True)
            if place.exists():
                place.unlink()
            make(place)
        assert peer.block(0) is peer.batch(b3(data)) is peer.checkpoint() is None
        assert not peer.has_block(0)
        with pytest.raises(KeptNothing):
            peer.append(0, FIRST, "")
        with pytest.raises(KeptNothing):
            peer.keep_batch(b3(data), data)


def test_a_link_inside_the_folder_leads_nowhere(peer: FolderPeer, tmp_path: Path) -> None:
    """Neither is read through it nor written; the folder itself may be a link."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "00000000").write_bytes(FIRST)
    (peer.folder / "block").symlink_to(outside)
    assert peer.block(0) is None
    assert list(peer.stray()) == []
    with pytest.raises(PeerLost, match="link"):
        peer.append(0, FIRST, "")
    assert [path.name for path in outside.iterdir()] == ["00000000"]
    (tmp_path / "alias").symlink_to(peer.folder)
    (peer.folder / "block").unlink()
    assert FolderPeer(tmp_path / "alias").append(0, FIRST, "")


def test_a_claim_of_a_terabyte_costs_the_limit(peer: FolderPeer) -> None:
    """A file that says it is a terabyte long is read up to one byte more than a block can have."""
    (peer.folder / "block").mkdir()
    with (peer.folder / block_file(0)).open("wb") as file:
        file.truncate(1 << 40)
    assert len(peer.block(0) or b"") == BLOCK_BYTES_MAX + 1


def test_a_listing_without_an_end_is_left(peer: FolderPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    """More names than any chain has are not looked at."""
    monkeypatch.setattr(layout, "NAMES_MAX", 3)
    (peer.folder / "batch").mkdir()
    for name in "abcd":
        (peer.folder / "batch" / name).touch()
    with pytest.raises(layout.EndlessListing):
        list(peer.stray())


def test_a_checkpoint_that_is_not_given_back_is_told(peer: FolderPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another machine's checkpoint of the same book may stand there a moment later, and nothing else."""
    peer.keep_checkpoint(b"cloudbooks/a\n3\nroot\n")
    monkeypatch.setattr(files, "replace_shared", lambda *_: None)
    peer.keep_checkpoint(b"cloudbooks/a\n4\nroot\n")
    with pytest.raises(KeptNothing):
        peer.keep_checkpoint(b"cloudbooks/b\n4\nroot\n")


def test_a_gap_and_a_batch_of_no_block_are_named(peer: FolderPeer) -> None:
    """Blocks after a gap make a log invalid, so that they are found; a number has one name only."""
    peer.append(0, FIRST, "")
    for name in ("00000002", "000000001"):
        (peer.folder / "block" / name).write_bytes(SECOND)
    asked, other = b3(b"asked"), b3(b"other")
    peer.keep_batch(asked, b"asked")
    peer.keep_batch(other, b"other")
    fresh = FolderPeer(peer.folder)
    fresh.batch(asked)
    assert list(fresh.stray()) == ["block/000000001", "block/00000002", f"batch/{other.removeprefix('b3:')}"]
