"""A listener at work in a thread of its own, and raw requests to it."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Queue
from urllib.parse import urlsplit

from cloudbooks.peers.listening import Answer, Listener

SECONDS = 10


@contextmanager
def listening(act: Callable[[bytes], Answer], path: str = "/add-checkpoint") -> Iterator[str]:
    """The URL of a listener that answers by `act` until the block ends."""
    listener = Listener("127.0.0.1:0", path, act)
    began: Queue[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Queue()

    async def serve() -> None:
        stop = asyncio.Event()
        began.put((asyncio.get_running_loop(), stop))
        await listener.listen(stop)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    loop, stop = began.get()
    try:
        yield listener.url
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(SECONDS)
        assert not thread.is_alive()
        listener.close()


def connected(url: str) -> socket.socket:
    """A connection to a listener."""
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    return socket.create_connection((parts.hostname, parts.port), timeout=SECONDS)


def head(body: bytes, path: str = "/add-checkpoint", *more: str, method: str = "POST") -> bytes:
    """The head of a request for a body."""
    lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *more]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode()


def said(url: str, data: bytes) -> bytes:
    """All that comes back for what is sent, until the other side closes."""
    with connected(url) as one:
        one.sendall(data)
        return rest(one)


def rest(one: socket.socket) -> bytes:
    """What still comes, until the other side closes or cuts."""
    found = b""
    try:
        while data := one.recv(65536):
            found += data
    except ConnectionResetError:
        pass
    return found


def status(answer: bytes) -> int:
    """The status of an answer."""
    return int(answer.split(b" ", 2)[1]) if answer else 0
