"""A process that has everything loaded and makes children: they post, make books, or do one command, until they end.

Loading the program takes longer than what it does, so children are forked from here, before any book is open. Orders
come over the socket that is standard input, each with the descriptors that the child is to have: a pipe that it waits
at before it begins, and its standard output and error.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import pkgutil
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.chain.building import BookBuilder, uid
from tests.chain.strategies import BOOK

import cloudbooks
from cloudbooks.chain import batch, sealing
from cloudbooks.chain import block as blocks
from cloudbooks.chain.batch import Base
from cloudbooks.cli import door
from cloudbooks.store import past, sqlite
from cloudbooks.store.commit import commit
from cloudbooks.store.creating import create_book
from cloudbooks.store.opening_book import open_book
from cloudbooks.system import files
from cloudbooks.system.chance import new_id
from cloudbooks.system.clock import SystemClock, instant

CLOCK = SystemClock()
_ORDER_BYTES_MAX = 1 << 16


def say(words: bytes) -> None:
    """Say something at once."""
    sys.stdout.buffer.write(words)
    sys.stdout.flush()


def post_for_ever(words: list[str]) -> int:
    """Post batches of 1 to 40 entries; say the number of each block when its post has returned."""
    builder = BookBuilder()
    count = int(words[0]) if words else sys.maxsize
    with open_book(Path("acme.cbk"), state=Path("state"), clock=CLOCK) as book:
        for _ in range(count):
            state = past.load_state(book)
            entries = [
                builder.entry(id=new_id(CLOCK), summary=f"rent of house {state.size}.{number}" + "x" * number)
                for number in range(1 + state.size * 7 % 40)
            ]
            made = batch.make(
                author=uid(2),
                base=Base(state.root, state.size),
                book=BOOK,
                id=new_id(CLOCK),
                made_at=instant(CLOCK.now()),
                program="test/1",
                records=entries,
            )
            done = commit(book, made, sealing.seal(made, builder.signed(made), instant(CLOCK.now())))
            say(b"%d\n" % done.block.header.number)
    return 0


def make_for_ever(words: list[str]) -> int:
    """Make book after book; say the number of each when its making has returned."""
    builder = BookBuilder()
    data = builder.files["block/00000000"]
    first = blocks.read(data)
    made = batch.read(builder.files["batch/" + first.header.batch[3:]])
    count = int(words[0]) if words else sys.maxsize
    for number in range(1, count + 1):
        seal = sealing.seal(made, first.note, first.header.committed_at)
        create_book(Path(f"{number}.cbk"), state=Path(f"state-{number}"), clock=CLOCK, batch=made, seal=seal)
        say(b"%d\n" % number)
    return 0


def spill_for_ever(words: list[str]) -> int:
    """Change much of a book in one transaction that spills into the file, and stay there, with the journal hot."""
    connection = sqlite.connect(Path(words[0]))
    connection.execute("PRAGMA cache_size=5")
    connection.execute("BEGIN IMMEDIATE")
    for table, other in (
        ("log_batch", "bytes = CAST(bytes || randomblob(400) AS BLOB)"),
        ("log_block", "bytes = CAST(bytes || randomblob(400) AS BLOB)"),
        ("entry", "summary = summary || hex(randomblob(200))"),
        ("posting", "amount = amount + 1"),
    ):
        connection.execute(f"DROP TRIGGER {table}_no_update")
        connection.execute(f"UPDATE {table} SET {other}")
    say(b"hot\n")
    while True:
        signal.pause()


ORDERS: dict[str, Callable[[list[str]], int]] = {
    "run": door.run,
    "post": post_for_ever,
    "make": make_for_ever,
    "spill": spill_for_ever,
}


def without_the_journals_fsync() -> None:
    """Let SQLite wait for nothing: what the control arm is to be seen to lose data with."""
    seeing: Any = tuple(("synchronous", "OFF", 0) if name == "synchronous" else (name, setting, wanted)
                        for name, setting, wanted in sqlite._SEEING)  # fmt: skip
    sqlite._SEEING = seeing


def without_our_fsync() -> None:
    """Let our own files be renamed into place before their bytes are on the disk."""
    files.fsync = lambda descriptor: None  # noqa: ARG005 - it has the name that callers may use
    files.fsync_folder = lambda folder: None  # noqa: ARG005 - the same


SABOTAGE = {"journal": without_the_journals_fsync, "files": without_our_fsync}


def load_everything() -> None:
    """Import what commands import when they need it, so that a child's system calls are the command's own."""
    for module in pkgutil.walk_packages(cloudbooks.__path__, "cloudbooks."):
        if not module.name.startswith("cloudbooks.tui") and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    with tempfile.TemporaryDirectory() as folder:
        here = Path.cwd()
        os.chdir(folder)
        os.environ["CLOUDBOOKS_HOME"] = folder
        spoken = sys.stdout, sys.stderr
        sys.stdout = sys.stderr = io.TextIOWrapper(io.BytesIO())
        for words in (
            "init warm --base CNY --chart generic --start 2026-01 --no-passphrase --yes",
            "add 2026-10-05 Rent 5000 1 1000",
            "post --all --yes",
        ):
            door.run(words.split())
        sys.stdout, sys.stderr = spoken
        os.chdir(here)


class Said(io.RawIOBase):
    """A stream of words over a socket: sent, not written, so that faults of writing are faults of files alone."""

    def __init__(self, number: int) -> None:
        self._socket = socket.socket(fileno=number)

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: Any) -> int:
        """Send; how many bytes were."""
        return self._socket.send(data)


def be_a_child(order: dict[str, Any], descriptors: list[int]) -> int:
    """Wait until the gate is opened, then carry the order out; its exit status."""
    gate, out, err = descriptors
    os.dup2(out, 1)
    os.dup2(err, 2)
    sys.stdout, sys.stderr = (io.TextIOWrapper(io.BufferedWriter(Said(number)), "utf-8") for number in (1, 2))
    os.chdir(order["folder"])
    os.environ.update(order["environment"])
    os.environ["CLOUDBOOKS_HOME"] = str(Path(order["folder"]) / "state")
    for name in order["sabotage"]:
        SABOTAGE[name]()
    os.read(gate, 1)
    return ORDERS[order["order"]](order["words"])


def main() -> None:
    """Obey until the socket is closed: fork a child and tell its process id, or wait for one and tell its status."""
    control = socket.socket(fileno=sys.stdin.fileno())
    load_everything()
    control.send(b"ready")
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, _ORDER_BYTES_MAX, 3)
        if not data:
            return
        order = json.loads(data)
        if "wait" in order:
            _, waited = os.waitpid(order["wait"], 0)
            control.send(b"%d" % os.waitstatus_to_exitcode(waited))
            continue
        child = os.fork()
        if child == 0:
            control.close()
            status = 99
            try:
                status = be_a_child(order, descriptors)
            except BaseException:  # noqa: BLE001 - the child must not go on as a second nursery
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(status)
        for descriptor in descriptors:
            os.close(descriptor)
        control.send(b"%d" % child)


if __name__ == "__main__":
    main()
