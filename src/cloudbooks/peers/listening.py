"""One way in for strangers: a small HTTP/1.1 server that takes one kind of POST, on this machine's own address.

Whoever connects is nobody yet, so everything has an end: the request its bytes and its seconds from the first byte to
the last, the answer its seconds, the connections their number. Where that number is reached, the connection that has
waited longest with half a request is let go, so that half-sent heads keep nobody out. A connection carries one request.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import signal
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from types import FrameType

from cloudbooks.errors import Refusal, UsageError, sentence
from cloudbooks.system import files

HEAD_BYTES_MAX = 16 << 10
BODY_BYTES_MAX = 256 << 10
REQUEST_SECONDS = 10.0
ANSWER_SECONDS = 5.0
CONNECTIONS_MAX = 200

_PORT_MAX = 65535
_HEADERS_MAX = 100
_LINGER_BYTES = 1 << 20
_LINGER_SECONDS = 1.0
_REQUEST_LINE = re.compile(rb"([A-Z]+) (/[!-~]*) HTTP/1\.[01]")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([ -~\t\x80-\xff]*)")
_LENGTH = re.compile(rb"[0-9]{1,12}")
_REASONS = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    411: "Length Required",
    413: "Content Too Large",
    422: "Unprocessable Content",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


class ListenUnfit(UsageError):
    """What was given with --listen is no address of this machine alone."""

    code = "listen-unfit"

    def __init__(self, word: str) -> None:
        super().__init__(
            sentence('"{word}" is no address that only this machine reaches, with a port.', word=word),
            hint=sentence("127.0.0.1:8041; a web server in front of it adds TLS and passes requests on"),
        )


class ListenTaken(Refusal):
    """The system does not give the address to listen at: another program has it, most likely."""

    code = "listen-taken"

    def __init__(self, word: str, error: OSError) -> None:
        super().__init__(
            sentence("{word} cannot be listened at: {why}.", word=word, why=files.reason(error)),
            hint=sentence("choose another port; port 0 takes one that is free"),
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: its status, its body, and what kind of text that is."""

    status: int
    body: bytes = b""
    type: str = "text/plain; charset=utf-8"

    @property
    def wire(self) -> bytes:
        """The bytes that are sent."""
        allow = "Allow: POST\r\n" if self.status == HTTPStatus.METHOD_NOT_ALLOWED else ""
        return (
            f"HTTP/1.1 {self.status} {_REASONS[self.status]}\r\nContent-Type: {self.type}\r\n{allow}"
            f"Content-Length: {len(self.body)}\r\nConnection: close\r\n\r\n"
        ).encode() + self.body


class _Ended(Exception):
    """A request is answered before it is judged."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.answer = Answer(status)


class Listener:
    """A listening socket. `serve` answers what comes to `path` by `act`, one request after the other, until it ends."""

    def __init__(self, word: str, path: str, act: Callable[[bytes], Answer]) -> None:
        """Listen at `word` (127.0.0.1:8041, [::1]:8041, port 0 for any). Raises `ListenUnfit`, `ListenTaken`."""
        host, port = _address(word)
        try:
            self._socket = socket.create_server(
                (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=CONNECTIONS_MAX
            )
        except OSError as error:
            raise ListenTaken(word, error) from error
        self._path = path.encode()
        self._act = act
        self._waiting: dict[asyncio.Task[None], None] = {}
        self._judged: set[asyncio.Task[None]] = set()
        self._open: set[asyncio.Task[None]] = set()
        taken = self._socket.getsockname()[1]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{taken}"

    def close(self) -> None:
        """Let go of the address."""
        self._socket.close()

    def serve(self) -> None:
        """Answer until SIGINT or SIGTERM comes; then requests that are whole are answered still, and no other is."""
        asyncio.run(self._until_signalled())

    async def _until_signalled(self) -> None:
        stop = asyncio.Event()
        with _signals_that_set(stop):
            await self.listen(stop)

    async def listen(self, stop: asyncio.Event) -> None:
        """Answer until `stop` is set, as `serve` does."""
        with ThreadPoolExecutor(max_workers=1) as self._judge:
            server = await asyncio.start_server(self._connected, sock=self._socket, limit=HEAD_BYTES_MAX)
            await stop.wait()
            server.close()
            for one in self._waiting:
                one.cancel()
            if self._open:
                await asyncio.wait(self._open, timeout=ANSWER_SECONDS)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        this = asyncio.current_task()
        assert this is not None
        if len(self._waiting) >= CONNECTIONS_MAX:
            longest = next(iter(self._waiting))
            del self._waiting[longest]
            longest.cancel()
        self._waiting[this] = None
        self._open.add(this)
        try:
            answer = await self._answer(this, reader, writer)
            async with asyncio.timeout(ANSWER_SECONDS):
                await _send(answer, reader, writer)
        except (OSError, TimeoutError, EOFError, asyncio.CancelledError):
            # Too slow, gone, or let go for others: nobody waits for an answer there.
            pass
        finally:
            self._waiting.pop(this, None)
            self._judged.discard(this)
            self._open.discard(this)
            writer.transport.abort()

    async def _answer(
        self, this: asyncio.Task[None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> Answer:
        """The answer to one request. While it is judged its connection is not let go for others."""
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                body = await self._request(reader, writer)
        except _Ended as ended:
            return ended.answer
        if len(self._judged) >= CONNECTIONS_MAX:
            return Answer(503)
        self._waiting.pop(this, None)
        self._judged.add(this)
        answer = await asyncio.get_running_loop().run_in_executor(self._judge, self._act, body)
        self._waiting[this] = None
        return answer

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            raise _Ended(431) from None
        length, asks_first = _length(head[:-4], self._path)
        if asks_first:
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            await writer.drain()
        return await reader.readexactly(length)


def _length(head: bytes, path: bytes) -> tuple[int, bool]:
    """How long the body is that follows a head, and whether it waits for a word; raises `_Ended` for any other head."""
    first, *rest = head.split(b"\r\n")
    asked = _REQUEST_LINE.fullmatch(first)
    lines = [_HEADER.fullmatch(line) for line in rest]
    if asked is None or len(lines) > _HEADERS_MAX or not all(lines):
        raise _Ended(400)
    headers = [(line[1].lower(), line[2].strip()) for line in lines if line]
    lengths = [value for name, value in headers if name == b"content-length"]
    named = dict(headers)
    if asked[2] != path:
        raise _Ended(404)
    if asked[1] != b"POST":
        raise _Ended(405)
    if b"transfer-encoding" in named or not lengths:
        raise _Ended(411)
    if len(lengths) > 1 or not _LENGTH.fullmatch(lengths[0]):
        raise _Ended(400)
    if int(lengths[0]) > BODY_BYTES_MAX:
        raise _Ended(413)
    return int(lengths[0]), named.get(b"expect", b"").lower() == b"100-continue"


async def _send(answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send an answer, and read away what still comes: a system that closes over unread bytes takes the answer back."""
    writer.write(answer.wire)
    await writer.drain()
    writer.write_eof()
    left = _LINGER_BYTES
    async with asyncio.timeout(_LINGER_SECONDS):
        while left > 0 and (data := await reader.read(HEAD_BYTES_MAX)):
            left -= len(data)


@contextmanager
def _signals_that_set(stop: asyncio.Event) -> Iterator[None]:
    """Set `stop` when the system asks the process to end, in the way that every system knows."""
    loop = asyncio.get_running_loop()

    def told(_number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stop.set)

    before = {one: signal.signal(one, told) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _address(word: str) -> tuple[str, int]:
    host, _, port = word.rpartition(":")
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host.strip("[]"))
        number = int(port) if port.isascii() and port.isdigit() else _PORT_MAX + 1
    except ValueError:
        raise ListenUnfit(word) from None
    if not address.is_loopback or number > _PORT_MAX:
        raise ListenUnfit(word)
    return str(address), number
