"""A process that has everything loaded and makes children which post, or make books, until they are killed.

Loading the program takes longer than posting, so children are forked from here, before any book is open. Orders come
over the socket that is standard input: a word, a folder, and the pipe that acknowledgements go to.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from tests.chain.building import BookBuilder, uid
from tests.chain.strategies import BOOK

from cloudbooks.chain import batch, sealing
from cloudbooks.chain import block as blocks
from cloudbooks.chain.batch import Base
from cloudbooks.store import past
from cloudbooks.store.book_file import create_book, open_book
from cloudbooks.store.commit import commit
from cloudbooks.system.chance import new_id
from cloudbooks.system.clock import SystemClock, instant

CLOCK = SystemClock()


def post_for_ever(folder: Path, acks: int) -> None:
    """Post batches of 1 to 40 entries; write the number of each block to `acks` when its post has returned."""
    builder = BookBuilder()
    with open_book(folder / "acme.cbk", state=folder / "state", clock=CLOCK) as book:
        while True:
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
            os.write(acks, b"%d\n" % done.block.header.number)


def make_for_ever(folder: Path, acks: int) -> None:
    """Make book after book; write the number of each when its making has returned."""
    builder = BookBuilder()
    data = builder.files["block/00000000"]
    first = blocks.read(data)
    made = batch.read(builder.files["batch/" + first.header.batch[3:]])
    number = 0
    while True:
        number += 1
        seal = sealing.seal(made, first.note, first.header.committed_at)
        create_book(folder / f"{number}.cbk", state=folder / f"state-{number}", clock=CLOCK, batch=made, seal=seal)
        os.write(acks, b"%d\n" % number)


ORDERS = {b"post": post_for_ever, b"make": make_for_ever}


def main() -> None:
    """Obey until the socket is closed: fork a child, tell its process id, wait for its end, tell that."""
    control = socket.socket(fileno=sys.stdin.fileno())
    control.sendall(b"ready")
    while True:
        order, pipes, _, _ = socket.recv_fds(control, 4096, 1)
        if not order:
            return
        word, _, folder = order.partition(b" ")
        child = os.fork()
        if child == 0:
            control.close()
            try:
                ORDERS[word](Path(os.fsdecode(folder)), pipes[0])
            finally:
                os._exit(1)
        os.close(pipes[0])
        control.sendall(b"%d" % child)
        os.waitpid(child, 0)
        control.sendall(b"ended")


if __name__ == "__main__":
    main()
