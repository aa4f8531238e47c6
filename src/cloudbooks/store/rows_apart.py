"""The process beside a verification: it compares the rows of a book with its log, while the other judges the laws.

It is told what to do by lines of JSON on its standard input, and answers by others on its standard output. It opens
the book by a connection of its own, which only reads, and ends when its input does: whoever started it is gone then.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, NoReturn

from cloudbooks.chain import batch as batches
from cloudbooks.chain import block as blocks
from cloudbooks.chain.canonical import b3
from cloudbooks.chain.presuming import presumed
from cloudbooks.chain.verdict import FINDINGS_MAX
from cloudbooks.core.uncollected import uncollected
from cloudbooks.errors import Finding
from cloudbooks.store import log_bytes, sqlite
from cloudbooks.store.comparing import everything
from cloudbooks.store.comparing_rows import Comparison
from cloudbooks.store.sentence_text import kept_finding

Orders = SimpleQueue[dict[str, Any]]


class AnotherFile(Exception):
    """The file under the book's name is not the one that the other process has open."""


class Comparer:
    """One comparison of the rows of a book, block by block, on a connection of its own."""

    def __init__(self, connection: sqlite.Connection) -> None:
        self._connection = connection
        self._comparison = Comparison(connection)
        self._done = 0
        self.findings: list[Finding] = []

    def compare(self, size: int) -> None:
        """Compare the rows of the blocks up to `size`."""
        for number in range(self._done, size):
            # In a call of its own, so that nothing of a block is left in memory when the next one is read.
            self._compare_block(number)
        self._done = size

    def _compare_block(self, number: int) -> None:
        block = blocks.read(log_bytes.block_bytes(self._connection, number) or b"")
        data = log_bytes.batch_bytes(self._connection, number) or b""
        batch = batches.presumed(data, block.header.batch)
        admitted = presumed(block, batch)
        self._find(everything(lambda: self._comparison.compare(block, batch, admitted)))

    def hold(self) -> int:
        """Let nothing change from here on that is read here; gives the last block's number."""
        self._connection.execute("BEGIN")
        last = log_bytes.last_block(self._connection)
        return -1 if last is None else last[0]

    def release(self) -> None:
        """Let others write again."""
        self._connection.execute("ROLLBACK")

    def finish(self, size: int) -> None:
        """Compare what is left, and the rows that later blocks change."""
        self.compare(size)
        self._find(everything(lambda: self._comparison.finish(whole=True)))

    def _find(self, found: list[Finding]) -> None:
        self.findings += found[: FINDINGS_MAX - len(self.findings)]


def connected(path: Path, told: dict[str, Any]) -> sqlite.Connection:
    """A connection that only reads, to the file that the other process has open; raises `AnotherFile`."""
    connection = sqlite.connect(path, writable=not told["read_only"])
    sqlite.settle(connection)
    sqlite.read_only(connection)
    status = path.lstat()
    data = log_bytes.block_bytes(connection, told["size"] - 1)
    if [status.st_dev, status.st_ino] != told["file"] or data is None or b3(data) != told["head"]:
        raise AnotherFile
    return connection


def _answer(**said: object) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def _listen(orders: Orders) -> NoReturn:
    for line in sys.stdin:
        orders.put(json.loads(line))
    # Nobody waits for an answer any more.
    os._exit(1)


def work(orders: Orders) -> None:
    """Do what is ordered, until `finish` is done."""
    first = orders.get()
    comparer = Comparer(connected(Path(os.fsdecode(bytes.fromhex(first["path"]))), first))
    comparer.compare(first["size"])
    _answer(ready=first["size"])
    while True:
        order = orders.get()
        if order["do"] == "hold":
            _answer(held=comparer.hold())
        elif order["do"] == "release":
            comparer.release()
            _answer(released=True)
        else:
            comparer.finish(order["size"])
            _answer(findings=[kept_finding(finding) for finding in comparer.findings])
            return


def main() -> None:
    """The process: an interrupt from the keyboard is for the other one, which ends this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    orders: Orders = SimpleQueue()
    Thread(target=_listen, args=(orders,), daemon=True).start()
    try:
        with uncollected():
            work(orders)
    except Exception as error:  # noqa: BLE001 - the other process says what came of it
        _answer(error=f"{type(error).__name__}: {error}"[:500])
