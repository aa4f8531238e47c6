"""What stands where a program would: it asks the process that has the program loaded, and ends as the child did.

It is run by itself, without the tests' path and without `site`, and imports next to nothing: it stands in for hundreds
of starts. What it hands over is its folder, its words, its environment and its three streams.
"""

from __future__ import annotations

import _socket
import marshal
import os
import signal
import sys

STREAMS = b"".join(stream.to_bytes(4, sys.byteorder) for stream in (0, 1, 2))


def main(address: str) -> int:
    """Ask at the address of a socket; the exit status of the child, or the end by a signal that it had."""
    with_streams = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, STREAMS)]
    there = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    there.connect(address)
    order = marshal.dumps((os.getcwd(), sys.argv[2:], dict(os.environ)))  # noqa: PTH109 - pathlib takes as long to load as all of this takes
    sent = there.sendmsg([order], with_streams)
    while sent < len(order):
        sent += there.send(order[sent:])
    there.shutdown(_socket.SHUT_WR)
    child = int.from_bytes(there.recv(4), "big")
    passed_on: list[int] = []

    def pass_on(number: int, _: object) -> None:
        passed_on.append(number)
        os.kill(child, number)

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, pass_on)
    if ended := there.recv(1):
        return ended[0]
    # The child was killed: by what this process was told to end with, or by somebody else.
    end = passed_on[0] if passed_on else signal.SIGKILL
    if passed_on:
        signal.signal(end, signal.SIG_DFL)
    os.kill(os.getpid(), end)
    return 128 + end


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
