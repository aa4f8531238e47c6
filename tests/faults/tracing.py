"""A child under strace: what it asks of the system in order, and faults planted at one of its calls.

The program is the one that users run; nothing in it knows that it is watched.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from tests.faults.children import Child, Ending

STRACE = shutil.which("strace")
needs_strace = pytest.mark.skipif(STRACE is None, reason="strace is not installed; it plants faults at system calls")

WRITING: Final = (
    "pwrite64", "write", "pwritev", "writev", "fsync", "fdatasync", "ftruncate", "fallocate", "unlink", "unlinkat",
    "rmdir", "rename", "renameat", "renameat2", "link", "linkat", "mkdir", "mkdirat", "openat",
)  # fmt: skip
"""Calls that change what lies on a disk. An `openat` counts only where it creates."""
BY_DESCRIPTOR: Final = frozenset(
    {"pwrite64", "write", "pwritev", "writev", "fsync", "fdatasync", "ftruncate", "fallocate", "sendto", "lseek"}
)
"""Those that name an open file, not a path."""
_ALL_BYTES = str(1 << 24)
_LINE = re.compile(rb"(?P<name>\w+)\((?P<given>.*)\) += (?P<result>-?\d+|\?)(?P<rest>.*)")
_HEX = re.compile(rb"\\x([0-9a-f]{2})")
_QUOTED = re.compile(rb'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
_OF_DESCRIPTOR = re.compile(rb"(?:^|, )-?(?:\d+|AT_FDCWD)<([^>]*)>")


class Call(NamedTuple):
    """A system call that changes files: its name, its `k`-th of that name in the process, and what it was given.

    `paths` are those that it names, that of its descriptor first; `texts` the bytes that it was given; `numbers` is its
    arguments as strace printed them. `ok` is false where the system refused, `planted` true where strace made it do so.
    """

    name: str
    k: int
    paths: tuple[str, ...]
    texts: tuple[bytes, ...]
    given: bytes
    result: int
    ok: bool
    planted: bool

    @property
    def place(self) -> str:
        """The file that is changed."""
        return self.paths[-1] if self.paths else ""


def watched(child: Child, fault: str = "", *, bytes_too: bool = False) -> tuple[Ending, list[Call]]:
    """Release a child under strace; how it ended, and the calls with which it changed files, in order.

    `fault` is what strace is to inject, such as `fsync:error=EIO:when=3`. With `bytes_too` the calls hold all
    bytes, and what the child said is among them (`sendto`), and where it moved to in a file (`lseek`).
    """
    assert STRACE is not None
    with tempfile.NamedTemporaryFile(prefix="trace") as log:
        # Programs that the child starts itself are not followed: a fault at its k-th call is to meet none of theirs.
        words = [STRACE, "-y", "-xx", "-s", _ALL_BYTES if bytes_too else "256", "-o", log.name]
        traced = (*WRITING, "sendto", "lseek") if bytes_too else WRITING
        words += ["-e", "trace=" + ",".join(traced), *(["-e", "inject=" + fault] if fault else []), "-p"]
        with subprocess.Popen([*words, str(child.pid)], stderr=subprocess.PIPE) as tracer:
            assert tracer.stderr is not None
            said = tracer.stderr.readline()
            assert b"attached" in said, said
            child.release()
            ending = child.finish()
        return ending, _calls(Path(log.name).read_bytes(), child.folder)


def _calls(log: bytes, folder: Path) -> list[Call]:
    counts: Counter[str] = Counter()
    found = []
    for line in log.splitlines():
        match = _LINE.match(line)
        if match is None:
            # "+++ exited", "--- SIG…", or the call in which the process was killed.
            continue
        name = match["name"].decode()
        counts[name] += 1
        given = match["given"]
        if name == "openat" and b"O_CREAT" not in given:
            continue
        own = [_plain(text).decode() for text in _OF_DESCRIPTOR.findall(given)]
        texts = [_plain(text) for text, _ in _QUOTED.findall(given)]
        if name not in BY_DESCRIPTOR:
            # Names of the calls that end in "at" are below the folder that is given before each.
            below = own if name.rstrip("2").endswith("at") else [str(folder)] * len(texts)
            own, texts = [str(Path(place) / text.decode()) for place, text in zip(below, texts, strict=True)], []
        result = int(match["result"]) if match["result"] != b"?" else -1
        planted = b"INJECTED" in match["rest"]
        found.append(Call(name, counts[name], tuple(own), tuple(texts), given, result, result >= 0, planted))
    return found


def _plain(text: bytes) -> bytes:
    return _HEX.sub(lambda match: bytes([int(match[1], 16)]), text)


def points(calls: list[Call], folder: Path) -> list[Call]:
    """Those calls that change what lies below a folder."""
    return [call for call in calls if any(path.startswith(str(folder)) for path in call.paths)]
