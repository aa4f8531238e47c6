"""Backups: verified before they are one, never a copy of a live file, and restored whole or not at all."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.books.program import Program
from tests.books.small_book import ICBC, Seconds, import_lines, small_book
from tests.store.posted_book import without_triggers

from cloudbooks.books import backing_up, drafting, posting, restoring
from cloudbooks.books.backing_up import BackupThere, CopyInvalid, CopyUnverified, backup
from cloudbooks.books.desk import Desk
from cloudbooks.books.doctoring import diagnose
from cloudbooks.books.peering import add_peer
from cloudbooks.books.restoring import BackupSigner, RestoreBehind, RestoreContradicts, RestoreThere, restore
from cloudbooks.books.signing import signed
from cloudbooks.books.verifying import verify_this_book
from cloudbooks.chain.note import Signer
from cloudbooks.errors import CloudBooksError
from cloudbooks.store import log, reading
from cloudbooks.store.duplicating import duplicate
from cloudbooks.store.sqlite import connect, settle
from cloudbooks.system import backup_file, files, keyfile, own_process
from cloudbooks.system.backup_file import BackupUnreadable

KILLS = int(os.environ.get("CLOUDBOOKS_KILLS", "200")) // 50
"""How often a backup, and a restore, is killed; a release is tortured with more."""


def _book(folder: Path) -> Desk:
    """A book with posted entries, an imported statement and drafts."""
    desk = small_book(folder)
    _post(desk, "paper")
    import_lines(desk, [("2026-10-05", "shop", "ink", "-7.00")])
    return desk


def _post(desk: Desk, summary: str) -> None:
    drafting.add(desk, date(2026, 10, 20), summary, "5602", "5", ICBC)
    number = next(one.number for one in drafting.drafts(desk) if one.summary == summary)
    posting.post(desk, [number], everything=False)


def _content(desk: Desk) -> tuple[object, ...]:
    """Everything that a person sees of a book."""
    with desk.open() as book:
        blocks = [row.hash for row in log.blocks(book)]
        return blocks, list(reading.entries(book)), drafting.drafts(desk)


def _elsewhere(desk: Desk, folder: Path) -> Desk:
    """A desk of another machine."""
    folder.mkdir(parents=True, exist_ok=True)
    return replace(desk, book=folder / "back.cbk", state=folder / "state")


def test_a_restored_book_is_the_book(tmp_path: Path) -> None:
    """Blocks, entries and drafts are those of the backup; it verifies, and the original is as it was."""
    desk = _book(tmp_path / "a")
    before = _content(desk)
    done = backup(desk, None)
    assert (done.path.parent, done.path.stat().st_mode & 0o777) == (desk.book.parent, 0o600)
    other = _elsewhere(desk, tmp_path / "b")
    restored = restore(other, done.path)
    assert (restored.lost, restored.findings) == (None, ())
    assert _content(other) == _content(desk) == before
    assert verify_this_book(other).verdict.findings == ()
    assert other.book.stat().st_mode & 0o777 == 0o600


def test_a_backup_of_a_book_that_is_being_written_is_one_moment(tmp_path: Path) -> None:
    """It is made by SQLite, under its locks: a writer in another process leaves it whole, at one of its own heads."""
    desk = _book(tmp_path / "a")
    program = (
        "import sys; from pathlib import Path; from tests.books.test_backups import _post, _reopened\n"
        "desk = _reopened(Path(sys.argv[1]))\n"
        "for n in range(12): _post(desk, f'n{n}'); print(n, flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "a")], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        made = [backup(desk, tmp_path / f"{n}.cbk-backup") for n in range(2)]
        writer.stdout.read()
    with desk.open() as book:
        hashes = [row.hash for row in log.blocks(book)]
    assert len(hashes) == 14
    for one in made:
        assert hashes[one.manifest.number] == one.manifest.hash
        restore(_elsewhere(desk, tmp_path / str(one.manifest.number) / one.path.stem), one.path)


def _reopened(folder: Path) -> Desk:
    return Desk(folder / "acme.cbk", folder / "home", Seconds(), "test", lambda: b"")


def test_nothing_is_ever_replaced(tmp_path: Path) -> None:
    """Neither a file where the backup was to be, nor a book where it is to be restored."""
    desk = _book(tmp_path / "a")
    made = backup(desk, None)
    bytes_before = made.path.read_bytes(), desk.book.read_bytes()
    with pytest.raises(BackupThere):
        backup(desk, made.path)
    with pytest.raises(RestoreThere):
        restore(desk, made.path)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "back.cbk").symlink_to(tmp_path / "nowhere")
    with pytest.raises(RestoreThere):
        restore(_elsewhere(desk, tmp_path / "b"), made.path)
    assert (made.path.read_bytes(), desk.book.read_bytes()) == bytes_before


def test_a_book_that_does_not_verify_is_not_backed_up(tmp_path: Path) -> None:
    """A row changed behind our back: no file is written, and what was found is said."""
    desk = _book(tmp_path / "a")
    _changed(desk)
    with pytest.raises(CopyInvalid):
        backup(desk, None)
    assert sorted(path.name for path in desk.book.parent.iterdir()) == ["acme.cbk", "home"]


def _flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_a_damaged_backup_is_refused_or_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut anywhere or with any bit flipped: refused, and nothing left; or what is in it is byte for byte the book."""
    desk = _book(tmp_path / "a")
    made = backup(desk, None)
    data = made.path.read_bytes()
    # What the manifest's hash covers is the same book, so that its verification says the same again.
    monkeypatch.setattr(restoring, "verified", lambda *_, **__: (made.manifest.number, made.manifest.hash))
    chance = random.Random(5)
    cuts = [data[: chance.randrange(len(data))] for _ in range(30)]
    flips = [_flip(data, chance.randrange(len(data) * 8)) for _ in range(150)]
    refused = 0
    for place, damaged in enumerate([b"", *cuts, *flips]):
        file = tmp_path / "damaged"
        file.write_bytes(damaged)
        other = _elsewhere(desk, tmp_path / "b" / str(place))
        try:
            restore(other, file)
        except (BackupUnreadable, BackupSigner):
            refused += 1
            assert not other.book.exists()
        else:
            b3, size = made.manifest.b3, made.manifest.size
            backup_file.extract(file, tmp_path / f"same-{place}", b3=b3, size=size)
    assert refused > 150


def test_a_bomb_is_cut_off(tmp_path: Path) -> None:
    """A member larger than the manifest says is read no further than that."""
    desk = _book(tmp_path / "a")
    made = backup(desk, None)
    file = tmp_path / "bomb"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest", backup_file.manifest_of(made.path))
        archive.writestr("book.cbk", bytes(50_000_000))
    with pytest.raises(BackupUnreadable):
        restore(_elsewhere(desk, tmp_path / "b"), file)
    assert [path.name for path in (tmp_path / "b").iterdir()] == []


def _rewritten(made: Path, target: Path, text: Callable[[str], str], signer: Signer, book: bytes) -> Path:
    manifest, _ = backing_up.read_manifest(made)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest", signed(text(manifest.text()), signer))
        archive.writestr("book.cbk", book)
    return target


def test_a_manifest_by_a_stranger_is_refused(tmp_path: Path) -> None:
    """Signed again by a key that no member has, or by the member over another head: neither restores anything."""
    desk = _book(tmp_path / "a")
    made = backup(desk, None)
    with zipfile.ZipFile(made.path) as archive:
        book = archive.read("book.cbk")
    stranger = keyfile.create(tmp_path / "keys", made.manifest.book, "x", None)
    with desk.open() as opened:
        member = desk.signer(opened)[1]
    other = _elsewhere(desk, tmp_path / "b")
    forged = _rewritten(made.path, tmp_path / "forged", lambda text: text, stranger, book)
    with pytest.raises(BackupSigner):
        restore(other, forged)
    head = f"{made.manifest.number} "
    lying = _rewritten(made.path, tmp_path / "lying", lambda text: text.replace(head, "9 "), member, book)
    with pytest.raises(BackupSigner):
        restore(other, lying)
    with pytest.raises(CopyInvalid):
        restore(other, made.path, pin=str(stranger.vkey))
    assert not other.book.exists()


def test_an_older_backup_is_a_loss_that_is_said(tmp_path: Path) -> None:
    """In the book's own place it needs a reason; then the next batch begins with a note of the lost blocks."""
    desk = _book(tmp_path / "a")
    made = backup(desk, None)
    _post(desk, "after the backup")
    desk.book.rename(desk.book.with_name("broken"))
    with pytest.raises(RestoreBehind):
        restore(desk, made.path)
    assert not desk.book.exists()
    restored = restore(desk, made.path, accept_loss="the disk died")
    assert restored.lost == (2, 2)
    _post(desk, "again")
    with desk.open() as book:
        (noted,) = book.connection.execute("SELECT text FROM note").fetchall()
        assert noted == ("restored from a backup; block 2 is lost: the disk died",)
        assert [one.summary for one in reading.entries(book)][1:] == ["paper", "again"]
    receipts = sorted(path.name for path in (desk.state / "receipts").iterdir())
    assert any(".lost-" in name for name in receipts)
    assert verify_this_book(desk).verdict.valid


def test_a_loss_that_was_accepted_is_finished_by_whoever_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped once the older book has its name: it opens, goes on, and the receipt of what was lost is kept."""
    desk = _book(tmp_path / "a")
    made = backup(desk, None)
    _post(desk, "after the backup")
    desk.book.unlink()
    real = restoring._place

    def stopped(copy: Path, path: Path) -> None:
        real(copy, path)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(restoring, "_place", stopped)
        with pytest.raises(KeyboardInterrupt):
            restore(desk, made.path, accept_loss="the disk died")
    with desk.open() as book:
        assert (book.stopped, book.barred) == (None, None)
    _post(desk, "again")
    assert verify_this_book(desk).verdict.valid
    assert any(".lost-" in path.name for path in (desk.state / "receipts").iterdir())


def test_a_loss_that_did_not_come_about_excuses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the older book does not get its name, the newer one that is put back is no other than it was."""
    desk = _book(tmp_path / "a")
    made = backup(desk, None)
    _post(desk, "after the backup")
    kept = desk.book.read_bytes()
    desk.book.unlink()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(restoring, "_place", full)
        with pytest.raises(files.FileNotWritten):
            restore(desk, made.path, accept_loss="the disk died")
    names = {path.name for path in (desk.state / "receipts").iterdir()}
    assert not any(".lost-" in name or ".moving" in name for name in names)
    with pytest.raises(RestoreBehind):
        restore(desk, made.path)
    desk.book.write_bytes(kept)
    with desk.open() as book:
        assert (book.stopped, book.barred) == (None, None)


def test_an_older_backup_may_be_looked_at_elsewhere(tmp_path: Path) -> None:
    """Beside the newer book it is read with a warning, and nothing is written to it."""
    desk = _book(tmp_path / "a")
    made = backup(desk, None)
    _post(desk, "after the backup")
    beside = replace(desk, book=desk.book.with_name("old.cbk"))
    assert restore(beside, made.path).findings[0].code == "older-copy"
    with pytest.raises(CloudBooksError, match="older copy"):
        _post(beside, "no")


def test_a_backup_of_another_history_is_refused(tmp_path: Path) -> None:
    """A block that was posted here has another hash in it: no reason lets it pass."""
    desk = _book(tmp_path / "a")
    shutil.copytree(desk.book.parent, tmp_path / "twin")
    twin = _reopened(tmp_path / "twin")
    _post(twin, "there")
    theirs = backup(twin, None)
    _post(desk, "here")
    desk.book.unlink()
    with pytest.raises(RestoreContradicts):
        restore(desk, theirs.path, accept_loss="as it is")


@pytest.mark.parametrize("call", ["open_new", "fsync", "replace", "fsync_folder", "private_folder"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_refuses_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    """Whichever call fails, however late: a named refusal, the book untouched, no half of a backup or of a book."""
    desk = _book(tmp_path / "a")
    before = _content(desk)
    head = (1, before[0][1])  # type: ignore[index]  # the hash of block 1
    for module in (backing_up, restoring):
        monkeypatch.setattr(module, "verified", lambda *_, **__: head)
    made = backup(desk, tmp_path / "good")
    real = getattr(files, call)
    for place in range(30):
        left = place

        def failing(*args: object) -> object:
            nonlocal left
            left -= 1
            if left == -1:
                raise OSError(code, os.strerror(code))
            return real(*args)

        target, other = tmp_path / f"t{place}", _elsewhere(desk, tmp_path / f"r{place}")
        monkeypatch.setattr(files, call, failing)
        failures = 0
        for act in (lambda: backup(desk, target), lambda: restore(other, made.path)):  # noqa: B023 - called at once
            left = place
            try:
                act()
            except CloudBooksError:
                failures += 1
        monkeypatch.setattr(files, call, real)
        assert _content(desk) == before
        assert not list(tmp_path.glob(".cloudbooks-*"))
        if target.exists() and target.stat().st_size:
            manifest, _ = backing_up.read_manifest(target)
            backup_file.extract(target, tmp_path / f"x{place}", b3=manifest.b3, size=manifest.size)
        if other.book.exists() and other.book.stat().st_size:
            assert _content(other) == before
        if not failures:
            break
    else:
        pytest.fail("the call never ran out")


def _killed(program: Program, delay: float, *words: str) -> bool:
    """Run a command and kill it after a while; whether it had acknowledged."""
    child = subprocess.Popen(
        [sys.executable, "-m", "cloudbooks", *words], cwd=program.folder, env=program.env, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    time.sleep(delay)
    os.killpg(child.pid, signal.SIGKILL)
    assert child.stdout is not None
    said = child.stdout.read()
    child.wait()
    child.stdout.close()
    return b"verified" in said


def test_killed_at_any_time_it_is_whole_or_not_there(tmp_path: Path, loaded_program: tuple[str, ...]) -> None:
    """A backup or a restore that is killed acknowledged nothing that is not whole, and can be done again."""
    program = Program(tmp_path, loaded_program)
    program("init", "acme", "--base", "CNY", "--start", "2026-01", "--bank", "1002.01=ICBC", "--no-passphrase")
    program("add", "2026-10-20", "Paper", "5602", "300", "1002.01")
    program("post", "--all", "--yes")
    began = time.monotonic()
    program("book", "backup", "good.cbk-backup")
    lasts = time.monotonic() - began
    chance, acknowledged = random.Random(11), 0
    for number in range(KILLS):
        said = _killed(program, chance.uniform(0.2, 1.1) * lasts, "-b", "acme", "book", "backup", f"{number}.b")
        made = tmp_path / f"{number}.b"
        assert not said or made.exists()
        if made.exists():
            program("book", "restore", f"{number}.b", f"b{number}", "--dry-run")
        said = _killed(program, chance.uniform(0.2, 1.1) * lasts, "book", "restore", "good.cbk-backup", f"r{number}")
        restored = tmp_path / f"r{number}.cbk"
        acknowledged += said
        if said or (restored.exists() and restored.stat().st_size):
            assert program("-b", f"r{number}", "verify")["consistent"] == 2
        else:
            program("book", "restore", "good.cbk-backup", f"r{number}")
    assert program("-b", "acme", "verify")["consistent"] == 2


def test_the_last_backup_is_remembered(tmp_path: Path) -> None:
    """The state folder names it, for `doctor` to say how old it is."""
    desk = _book(tmp_path / "a")
    with desk.open() as book:
        assert backing_up.last_backup(desk.state, book.id) is None
        made = backup(desk, None)
        kept = backing_up.last_backup(desk.state, book.id)
    assert kept is not None
    assert (kept.number, kept.path) == (1, str(made.path))


def test_an_old_backup_is_said(tmp_path: Path) -> None:
    """`backup-old`: a week after the last one, or after the book began, `doctor` warns."""
    desk = _book(tmp_path / "a")
    backup(desk, None)
    assert _codes(desk) == set()
    later = replace(desk, clock=Seconds(at=desk.clock.now() + timedelta(days=8)))
    assert _codes(later) == {"backup-old"}


def _codes(desk: Desk) -> set[str]:
    return {one.code for one in diagnose(desk).findings} & {"backup-old"}


def test_a_backup_that_cannot_be_noted_is_still_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`backup-not-noted`: the state folder is full; the file is whole and is restored."""
    desk = _book(tmp_path / "a")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(files, "replace_whole", full)
        made = backup(desk, None)
    assert [finding.code for finding in made.findings] == ["backup-not-noted"]
    restore(_elsewhere(desk, tmp_path / "b"), made.path)


def test_the_last_trial_is_remembered(tmp_path: Path) -> None:
    """`doctor` says when a book last came out of a backup here and verified; a dry run is such a trial."""
    (tmp_path / "a").mkdir()
    desk = small_book(tmp_path / "a")
    made = backup(desk, None)
    with desk.open() as book:
        identity = book.id
    seen = {check.name: str(check.seen) for check in diagnose(desk).checks if check.name == "restore"}
    assert "never" in seen["restore"]
    restore(replace(desk, book=tmp_path / "a" / "trial.cbk"), made.path, dry_run=True)
    last = backing_up.last_backup(desk.state, identity, restored=True)
    assert last is not None
    assert (last.number, last.path) == (0, str(made.path))
    assert backing_up.last_backup(desk.state, identity) == backing_up.LastBackup(
        made.manifest.made_at, 0, str(made.path)
    )
    (check,) = [check for check in diagnose(desk).checks if check.name == "restore"]
    assert check.seen.facts["number"] == 0


def _changed(desk: Desk) -> None:
    """Let another program double what was posted, behind the back of the book."""
    connection = connect(desk.book)
    settle(connection)
    without_triggers(connection, "UPDATE posting SET amount = amount * 2 WHERE line = 1")
    connection.close()


def _touched_copy(desk: Desk, copy: Path) -> Path:
    """A copy of a book that another program has written to, without changing anything."""
    with desk.open() as book:
        duplicate(book, copy)
        version = book.version
    connection = connect(copy)
    settle(connection)
    for number in (version + 1, version):
        connection.execute(f"PRAGMA user_version = {number}")
    connection.close()
    return copy


def test_a_copy_that_does_not_verify_says_what_was_found_as_a_verification_says_it(tmp_path: Path) -> None:
    """Findings with their block and record, in words for every language, and warnings are warnings."""
    desk = _book(tmp_path / "a")
    _changed(desk)
    copy = _touched_copy(desk, tmp_path / "copy")
    with pytest.raises(CopyInvalid) as refused:
        backing_up.verified(copy, "acme.cbk", "")
    found = verify_this_book(replace(desk, book=copy, state=tmp_path / "state")).verdict.findings
    assert refused.value.findings == tuple(one._replace(hint=None) for one in found)
    assert {one.code: one.warning for one in found} == {"posted-changed": False, "file-touched": True}
    assert str(refused.value.hint) == "cloudbooks verify"


def test_a_warning_beside_what_is_no_damage_bars_no_copy(tmp_path: Path) -> None:
    """Blocks that a peer has yet to place are not signed for, another program has touched the file: it is whole."""
    desk = _book(tmp_path / "a")
    (tmp_path / "office").mkdir()
    add_peer(desk, "office", str(tmp_path / "office"))
    _post(desk, "not sent")
    copy = _touched_copy(desk, tmp_path / "copy")
    found = verify_this_book(replace(desk, book=copy, state=tmp_path / "state")).verdict.findings
    assert {one.code: one.warning for one in found} == {"checkpoint-behind": False, "file-touched": True}
    assert backing_up.verified(copy, "acme.cbk", "")[0] == 2


def test_a_process_that_ends_before_its_answer_is_no_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed, or out of memory: that is said, nothing is kept, and the book is not called damaged."""
    desk = _book(tmp_path / "a")
    monkeypatch.setattr(own_process, "command", lambda *_: ["sh", "-c", "kill -9 $$"])
    with pytest.raises(CopyUnverified, match=r"the copy of acme\.cbk ended before it was done \(signal 9\)") as refused:
        backup(desk, None)
    assert refused.value.exit_status == 3
    monkeypatch.setattr(own_process, "command", lambda *_: ["sh", "-c", "echo MemoryError >&2; exit 1"])
    with pytest.raises(CopyUnverified, match="MemoryError"):
        backup(desk, None)
    assert sorted(path.name for path in desk.book.parent.iterdir()) == ["acme.cbk", "home"]


@pytest.mark.parametrize("act", ["backup", "restore"])
def test_the_systems_folder_for_temporary_files_stays_empty(tmp_path: Path, act: str) -> None:
    """Done, or stopped or killed at any time, nothing of a book or of its state is left there."""
    program = Program(tmp_path / "firm")
    program.folder.mkdir()
    (tmp_path / "tmp").mkdir()
    program.env["TMPDIR"] = str(tmp_path / "tmp")
    program("init", "acme", "--base", "CNY", "--chart", "generic", "--no-passphrase")
    words = ["book", "backup", "made"]
    if act == "restore":
        program(*words)
        words = ["book", "restore", "made", "back.cbk"]
    for kind in (signal.SIGTERM, signal.SIGKILL):
        child = subprocess.Popen(
            [sys.executable, "-m", "cloudbooks", *words], cwd=program.folder, env=program.env,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while child.poll() is None and not list(program.folder.glob(".cloudbooks-*/verifying")):
            time.sleep(0.002)
        child.send_signal(kind)
        if child.wait(60) == 0:
            # On a busy machine it may be done before it is stopped.
            (program.folder / words[-1]).unlink()
            continue
        assert child.returncode == (143 if kind is signal.SIGTERM else -kind)
    program(*words)
    assert list((tmp_path / "tmp").iterdir()) == []
