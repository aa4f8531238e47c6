"""Pushes and pulls that are killed at each write and at each call: the next one ends where an undisturbed one ends."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.peers.machines import Machine, Two, two, without_fsync
from tests.peers.slots import Slots

from cloudbooks.books import exchanging
from cloudbooks.books.cosigning import cosign_book
from cloudbooks.errors import sentence
from cloudbooks.peers.peer import PeerLost
from cloudbooks.store.log import StoredLog
from cloudbooks.system import files

CALLS = ("open_new", "write", "replace", "unlink", "fsync_folder")
KILLED, ENDED = 9, 0

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="a killed process is made by a fork")


@pytest.fixture
def ready(tmp_path: Path) -> Iterator[Two]:
    """Two machines alike, then a cosignature and two blocks on the laptop that wait to be sent."""
    with without_fsync():
        pair = two(tmp_path / "start")
        cosign_book(pair.laptop.desk, "")
        pair.laptop.posts("one")
        pair.laptop.posts("two")
        yield pair


def holds(folder: Path) -> dict[str, bytes]:
    """The files of a folder; what was being written when a process was killed is no part of it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def cosigned(machine: Machine) -> list[tuple[int, str]]:
    """Which cosignatures a machine's book keeps."""
    with machine.desk.open() as book:
        return StoredLog(book).cosigned()


@contextmanager
def killing_at(k: int, *, torn: bool) -> Iterator[None]:
    """End the process at its k-th call that writes a file, after half of the bytes if it is `torn`."""
    count = 0

    def dying(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            nonlocal count
            count += 1
            if count == k:
                if torn and name == "write":
                    real(given[0], given[1][: len(given[1]) // 2])
                os._exit(KILLED)
            return real(*given, **named)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            patch.setattr(files, name, dying(name, getattr(files, name)))
        if hasattr(os, "link"):
            patch.setattr(os, "link", dying("link", os.link))
        yield


@contextmanager
def without_links() -> Iterator[None]:
    """A file system that knows neither hard links nor a rename that replaces nothing: names are taken first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(os, "link")
        patch.setattr(files, "renamed_new", lambda *_: None)
        yield


def in_a_process(act: Callable[[], object], k: int, *, torn: bool) -> int:
    """Do something in a process that is killed at its k-th write; how it ended."""
    child = os.fork()
    if child == 0:
        status = 3
        try:
            with killing_at(k, torn=torn):
                act()
            status = ENDED
        finally:
            os._exit(status)
    _, waited = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(waited)


def moved(pair: Two, root: Path) -> Machine:
    """The laptop as it is now with a folder of its own to send to, in another place; the peer's path stays."""
    shutil.rmtree(pair.folder)
    shutil.copytree(root / "folder", pair.folder)
    shutil.rmtree(pair.laptop.folder)
    shutil.copytree(root / "laptop", pair.laptop.folder)
    return pair.laptop


@pytest.mark.parametrize("torn", [False, True])
def test_a_push_that_is_killed_at_any_write_is_finished_by_the_next(ready: Two, tmp_path: Path, *, torn: bool) -> None:
    """For each k: a sync is killed at its k-th write; the next makes the folder what it would have been."""
    start = tmp_path / "kept"
    shutil.copytree(ready.folder, start / "folder")
    shutil.copytree(ready.laptop.folder, start / "laptop")
    assert ready.laptop.syncs().fault is None
    wanted = holds(ready.folder)
    assert any(name.startswith("cosignature/") for name in wanted)
    k = 0
    while True:
        k += 1
        laptop = moved(ready, start)
        status = in_a_process(laptop.syncs, k, torn=torn)
        assert laptop.syncs().fault is None, f"after a kill at write {k}"
        assert holds(ready.folder) == wanted, f"after a kill at write {k}"
        if status == ENDED:
            break
        assert status == KILLED
    assert k > 15, "the sync wrote too little for this to prove anything"


@pytest.mark.parametrize("torn", [False, True])
def test_a_push_that_is_killed_without_links_is_finished_or_named(ready: Two, tmp_path: Path, *, torn: bool) -> None:
    """Where names are taken first a kill may leave a file cut off: one of ours is made whole by the next push.

    A block of which nothing is known may be another machine's that is being written: it is named, and the push goes on
    when the user has taken it away.
    """
    start = tmp_path / "kept"
    shutil.copytree(ready.folder, start / "folder")
    shutil.copytree(ready.laptop.folder, start / "laptop")
    assert ready.laptop.syncs().fault is None
    wanted = holds(ready.folder)
    status, k, named = KILLED, 0, 0
    with without_links():
        while status == KILLED:
            k += 1
            laptop = moved(ready, start)
            status = in_a_process(laptop.syncs, k, torn=torn)
            fault = laptop.syncs().fault
            if fault is not None:
                named += 1
                (empty,) = [path for path in (ready.folder / "block").iterdir() if path.stat().st_size == 0]
                assert f"block {int(empty.name)}" in str(fault)
                empty.unlink()
                assert laptop.syncs().fault is None, f"after a kill at write {k}"
            assert holds(ready.folder) == wanted, f"after a kill at write {k}"
    assert status == ENDED
    assert named == (0 if torn else 2), "an empty file may be anybody's, a beginning of ours is ours"


def test_a_pull_that_is_killed_at_any_write_is_finished_by_the_next(ready: Two, tmp_path: Path) -> None:
    """For each k: a pull is killed at its k-th write of a file; the next ends in the same head."""
    ready.laptop.syncs()
    start = tmp_path / "office"
    shutil.copytree(ready.office.folder, start)
    k = 0
    while True:
        k += 1
        shutil.rmtree(ready.office.folder)
        shutil.copytree(start, ready.office.folder)
        status = in_a_process(ready.office.syncs, k, torn=False)
        assert ready.office.syncs().fault is None, f"after a kill at write {k}"
        assert ready.office.head == ready.laptop.head
        assert cosigned(ready.office) == cosigned(ready.laptop) != []
        if status == ENDED:
            break
        assert status == KILLED
    assert ready.office.verify().valid


def test_a_pull_that_loses_its_peer_at_any_call_takes_all_or_nothing(
    ready: Two, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For each k: the peer is lost at its k-th call; the book is as it was, or whole, and the next sync ends well."""
    ready.laptop.syncs()
    slots = Slots(holds(ready.folder))
    monkeypatch.setattr(exchanging, "reach", lambda _: slots)
    start = tmp_path / "office"
    shutil.copytree(ready.office.folder, start)
    before, after = ready.office.head, ready.laptop.head
    k = 0
    done = False
    while not done:
        k += 1
        calls = 0

        def cut(_: str, at: int = k) -> None:
            nonlocal calls
            calls += 1
            if calls == at:
                raise PeerLost(sentence("the line is dead"))

        shutil.rmtree(ready.office.folder)
        shutil.copytree(start, ready.office.folder)
        slots.step = cut
        done = ready.office.syncs().fault is None
        assert ready.office.head in (before, after)
        slots.step = lambda _: None
        assert ready.office.syncs().fault is None
        assert ready.office.head == after
        assert cosigned(ready.office) == cosigned(ready.laptop) != []
    assert k > 5, "the pull asked too little for this to prove anything"
