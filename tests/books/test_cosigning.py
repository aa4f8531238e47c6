"""A witness on another machine: it signs what grew, and tells what did not."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from tests.books.small_book import ICBC, Seconds, small_book

from cloudbooks.books import drafting, posting
from cloudbooks.books.cosigning import (
    CosignatureNotKept,
    Cosigned,
    HeadInconsistent,
    HeadStale,
    HeadUnfit,
    cosign_book,
    cosign_folder,
)
from cloudbooks.books.desk import Desk
from cloudbooks.books.exporting import export_chain
from cloudbooks.books.verifying import PolicyUnreadable, verify_folder, verify_this_book
from cloudbooks.peers.layout import FolderLog
from cloudbooks.store import keeping_log
from cloudbooks.store.disk_faults import DiskFull
from cloudbooks.system import files
from cloudbooks.system.files import FileNotWritten
from cloudbooks.system.seen_heads import WitnessStateDamaged


def _post(desk: Desk, summary: str) -> None:
    drafting.add(desk, date(2026, 10, 20), summary, "5602", "5", ICBC)
    posting.post(desk, [], everything=True)


def _cosign(state: Path, folder: Path, pin: str = "") -> Cosigned:
    return cosign_folder(state, Seconds(), folder, (lambda: None, lambda: b""), pin)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A book with two blocks."""
    made = small_book(tmp_path / "a")
    _post(made, "paper")
    return made


def _policy(folder: Path, *witnesses: Cosigned, quorum: str = "all") -> Path:
    names = [f"w{place}" for place in range(len(witnesses))]
    lines = [f"witness {name} {one.key}" for name, one in zip(names, witnesses, strict=True)]
    file = folder / "policy"
    file.write_text("\n".join([*lines, f"group g {quorum} {' '.join(names)}", "quorum g", ""]), encoding="utf-8")
    return file


def test_a_log_is_witnessed_as_far_as_the_quorum_saw_it(desk: Desk, tmp_path: Path) -> None:
    """Two witnesses, two machines: one of them sees less, and all that both saw is witnessed by both."""
    folder = export_chain(desk, tmp_path / "log").folder
    first, second = _cosign(tmp_path / "w1", folder), _cosign(tmp_path / "w2", folder)
    assert (first.size, first.before, first.key != second.key) == (2, 0, True)
    _post(desk, "ink")
    export_chain(desk, folder)
    again = _cosign(tmp_path / "w1", folder)
    assert (again.size, again.before, again.key) == (3, 2, first.key)
    both, one = _policy(tmp_path, first, second), ("witnessed",)
    verified = verify_folder(folder, policy=both, require=one)
    assert (verified.verdict.witnessed, verified.missing, verified.exit_status) == (2, one, 4)
    alone = verify_folder(folder, policy=_policy(tmp_path, first, second, quorum="any"), require=one)
    assert (alone.verdict.witnessed, alone.missing, alone.exit_status) == (3, (), 0)
    assert verify_folder(folder).verdict.witnessed == 0


def test_nothing_in_the_files_chooses_the_judge(desk: Desk, tmp_path: Path) -> None:
    """A cosignature by a key that the policy does not name counts for nothing; a forged one is a finding."""
    folder = export_chain(desk, tmp_path / "log").folder
    trusted, other = _cosign(tmp_path / "w1", folder), _cosign(tmp_path / "w2", folder)
    policy = _policy(tmp_path, trusted)
    place = folder / "cosignature" / "2" / trusted.key.key_id.hex()
    place.unlink()
    assert verify_folder(folder, policy=policy).verdict.witnessed == 0
    stolen = other.line.split()[-1]
    place.write_text(f"— {trusted.key.name} {stolen}\n", encoding="utf-8")
    found = verify_folder(folder, policy=policy).verdict
    assert (found.valid, found.witnessed) == (True, 0)


def test_a_log_that_went_back_is_stale(desk: Desk, tmp_path: Path) -> None:
    """An old copy put back is refused, and nothing is signed or forgotten."""
    old = export_chain(desk, tmp_path / "old").folder
    _post(desk, "ink")
    new = export_chain(desk, tmp_path / "new").folder
    state = tmp_path / "w"
    _cosign(state, new)
    with pytest.raises(HeadStale, match="2 blocks; one of 3"):
        _cosign(state, old)
    assert not (old / "cosignature").exists()
    assert _cosign(state, new).before == 3


def test_two_histories_are_not_both_signed(desk: Desk, tmp_path: Path) -> None:
    """Two copies that went apart verify each by itself; whoever signed one refuses the other, longer or not."""
    shutil.copytree(desk.book.parent, tmp_path / "twin")
    twin = Desk(tmp_path / "twin" / "acme.cbk", tmp_path / "twin" / "home", Seconds(), "test", lambda: b"")
    _post(desk, "here")
    _post(twin, "there")
    _post(twin, "there too")
    ours, theirs = export_chain(desk, tmp_path / "ours").folder, export_chain(twin, tmp_path / "theirs").folder
    state = tmp_path / "w"
    _cosign(state, ours)
    assert verify_folder(theirs).verdict.valid
    with pytest.raises(HeadInconsistent):
        _cosign(state, theirs)
    assert _cosign(state, ours).before == 3


def test_a_log_that_does_not_verify_is_not_signed(desk: Desk, tmp_path: Path) -> None:
    """A changed batch, a missing checkpoint, another first key than the pinned one."""
    folder = export_chain(desk, tmp_path / "log").folder
    other = verify_folder(export_chain(small_book(tmp_path / "b"), tmp_path / "other").folder).verdict.first_key
    with pytest.raises(HeadUnfit):
        _cosign(tmp_path / "w", folder, pin=other)
    checkpoint = (folder / "checkpoint").read_bytes()
    (folder / "checkpoint").unlink()
    with pytest.raises(HeadUnfit):
        _cosign(tmp_path / "w", folder)
    (folder / "checkpoint").write_bytes(checkpoint)
    batch = next(iter((folder / "batch").iterdir()))
    batch.write_bytes(batch.read_bytes().replace(b"CNY", b"USD"))
    with pytest.raises(HeadUnfit):
        _cosign(tmp_path / "w", folder)
    assert not (folder / "cosignature").exists()


def test_what_was_seen_is_kept_before_anything_is_signed(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the state folder takes nothing there is no signature; a signature that is lost can be made again."""
    folder = export_chain(desk, tmp_path / "log").folder
    state = tmp_path / "w"

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(files, "replace_whole", full)
        with pytest.raises(FileNotWritten):
            _cosign(state, folder)
    assert not (folder / "cosignature").exists()
    with monkeypatch.context() as patch:
        patch.setattr(files, "create_whole", full)
        with pytest.raises(FileNotWritten):
            _cosign(state, folder)
    assert _cosign(state, folder).before == 2


def test_a_state_folder_that_takes_no_lock_is_told(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`file-not-written`, not a bug, where a witness cannot even begin to remember."""
    folder = export_chain(desk, tmp_path / "log").folder

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    _cosign(tmp_path / "w", folder)
    monkeypatch.setattr(files, "locked", full)
    with pytest.raises(FileNotWritten):
        _cosign(tmp_path / "w", folder)


def test_a_cosignature_that_the_book_does_not_take_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """`cosignature-not-kept`, and not that nothing was written: the head is noted as seen. The next time it is kept."""

    def full(*_: object) -> None:
        raise DiskFull(desk.book)

    with monkeypatch.context() as patch:
        patch.setattr(keeping_log, "keep_cosignature", full)
        with pytest.raises(CosignatureNotKept) as caught:
            cosign_book(desk, "")
    assert caught.value.code == "cosignature-not-kept"
    assert cosign_book(desk, "").before == caught.value.message.facts["size"]


def test_a_damaged_memory_signs_nothing(desk: Desk, tmp_path: Path) -> None:
    """Any changed byte of what was seen is a refusal, never a fresh start."""
    folder = export_chain(desk, tmp_path / "log").folder
    state = tmp_path / "w"
    _cosign(state, folder)
    (kept,) = [path for path in (state / "witness").iterdir() if not path.name.endswith(".lock")]
    data = kept.read_bytes()
    for place in range(0, len(data), 7):
        kept.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        with pytest.raises(WitnessStateDamaged):
            _cosign(state, folder)
    kept.write_bytes(data)
    assert _cosign(state, folder).before == 2


def test_a_member_cosigns_the_copy_that_is_at_hand(desk: Desk, tmp_path: Path) -> None:
    """The line is kept in the book, verified with it, exported with it, and does not make the tables differ."""
    done = cosign_book(desk, "")
    policy = _policy(tmp_path, done)
    verified = verify_this_book(desk, policy=policy, require=("signed", "witnessed"))
    assert (verified.verdict.witnessed, verified.missing, verified.verdict.findings) == (2, (), ())
    folder = export_chain(desk, tmp_path / "log").folder
    assert list(FolderLog(folder).cosignatures()) == [(2, done.key.key_id.hex(), done.line.encode())]
    assert verify_folder(folder, policy=policy).verdict.witnessed == 2


def test_a_head_that_was_cosigned_again_is_exported_again(desk: Desk, tmp_path: Path) -> None:
    """The line in the folder stays: both say the same of the same head, at two times."""
    first = cosign_book(desk, "")
    folder = export_chain(desk, tmp_path / "log").folder
    assert cosign_book(desk, "").line != first.line
    export_chain(desk, folder)
    assert [line.decode() for _, _, line in FolderLog(folder).cosignatures()] == [first.line]


def test_a_policy_of_another_log_is_no_policy(desk: Desk, tmp_path: Path) -> None:
    """Its pin belongs to another book: nothing is judged by it."""
    folder = export_chain(desk, tmp_path / "log").folder
    other = verify_folder(export_chain(small_book(tmp_path / "b"), tmp_path / "other").folder).verdict.first_key
    file = tmp_path / "policy"
    file.write_text(f"log {other}\nquorum none\n", encoding="utf-8")
    with pytest.raises(PolicyUnreadable, match="other logs"):
        verify_folder(folder, policy=file)
    own = verify_folder(folder).verdict.first_key
    file.write_text(f"log {own}\nquorum none\n", encoding="utf-8")
    assert verify_folder(folder, policy=file).verdict.self_declared is False
