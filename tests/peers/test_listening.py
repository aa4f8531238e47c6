"""A listener lets every stranger speak, and none for long: sizes, slowness, numbers, and words that are no HTTP."""

from __future__ import annotations

import os
import resource
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from tests.peers.listeners import connected, head, listening, rest, said, status

from cloudbooks.peers import listening as module
from cloudbooks.peers.listening import BODY_BYTES_MAX, Answer, Listener, ListenTaken, ListenUnfit


@pytest.fixture
def url() -> Iterator[str]:
    """A listener that gives back what it was sent."""
    with listening(lambda body: Answer(200, body)) as made:
        yield made


def test_a_body_is_answered(url: str) -> None:
    """Status, length and body, and the connection is closed after it."""
    answer = said(url, head(b"hello") + b"hello")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Content-Length: 5\r\nConnection: close\r\n\r\nhello" in answer


def test_three_hundred_half_sent_heads_keep_nobody_out(url: str) -> None:
    """More connections than are kept wait with half a head, and an honest request is answered."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 2048), hard), hard))
    with ExitStack() as held:
        for _ in range(300):
            held.enter_context(connected(url)).sendall(b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\n")
        for _ in range(20):
            assert status(said(url, head(b"hello") + b"hello")) == 200


def test_whoever_waits_longest_is_let_go_for_others(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the number reached, the first half-sent head is cut, and the newest is not."""
    monkeypatch.setattr(module, "CONNECTIONS_MAX", 3)
    with ExitStack() as held:
        waiting = [held.enter_context(connected(url)) for _ in range(3)]
        for one in waiting:
            one.sendall(b"POST ")
            time.sleep(0.05)
        assert status(said(url, head(b"hello") + b"hello")) == 200
        assert rest(waiting[0]) == b""
        waiting[2].sendall(head(b"still")[5:] + b"still")
        assert rest(waiting[2]).endswith(b"still")


def test_whole_requests_that_nobody_reads_keep_nobody_out(url: str) -> None:
    """Answers that wait to be taken are let go for others too."""
    with ExitStack() as held:
        for _ in range(250):
            held.enter_context(connected(url)).sendall(head(b"x", "/other") + b"x")
        assert status(said(url, head(b"hello") + b"hello")) == 200


@pytest.mark.parametrize("sent", [b"", b"POST ", head(b"hello"), head(b"hello") + b"hel"])
def test_half_a_request_is_cut_after_its_seconds(url: str, monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    """Head and body share one deadline, which no byte in between puts off."""
    monkeypatch.setattr(module, "REQUEST_SECONDS", 0.3)
    with connected(url) as one:
        one.sendall(sent)
        assert rest(one) == b""


def test_a_byte_now_and_then_puts_nothing_off(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A head that drips is cut at the deadline."""
    monkeypatch.setattr(module, "REQUEST_SECONDS", 0.5)
    with connected(url) as one, pytest.raises(OSError, match=r"."):
        _drip(one, head(b"hello") * 100)


def _drip(one: socket.socket, data: bytes) -> None:
    for byte in data:
        one.sendall(bytes([byte]))
        time.sleep(0.02)


def test_a_body_is_refused_by_its_length(url: str) -> None:
    """Two gigabytes are refused when the head is read, and one byte more than the limit too."""
    for length in (2 << 30, BODY_BYTES_MAX + 1, 10**12 - 1):
        asked = head(b"").replace(b"Content-Length: 0", b"Content-Length: %d" % length)
        assert status(said(url, asked + b"x" * 70000)) == 413
    body = os.urandom(BODY_BYTES_MAX)
    assert said(url, head(body) + body).endswith(body)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (head(b"x", "/other"), 404),
        (head(b"x", "/add-checkpoint?x"), 404),
        (head(b"", method="GET"), 405),
        (head(b"", method="PUT"), 405),
        (b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\n\r\n", 411),
        (head(b"x", "/add-checkpoint", "Transfer-Encoding: chunked"), 411),
        (head(b"x", "/add-checkpoint", "Content-Length: 2"), 400),
        (head(b"").replace(b": 0", b": +1"), 400),
        (head(b"").replace(b": 0", b": 0x1"), 400),
        (head(b"").replace(b": 0", b": " + b"9" * 30), 400),
        (head(b"").replace(b"Host: x", b"Host : x"), 400),
        (head(b"").replace(b"Host: x", b"Host: x\ny: z"), 400),
        (head(b"").replace(b"HTTP/1.1", b"HTTP/2.0"), 400),
        (head(b"").replace(b"POST ", b"POST  "), 400),
        (head(b"").replace(b"/add", b"http://x/add"), 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (head(b"", "/add-checkpoint", *["X: y"] * 200), 400),
        (head(b"", "/add-checkpoint", *["X: y"] * 10_000), 431),
        (head(b"", "/add-checkpoint", "X: " + "y" * 65_000), 431),
    ],
)
def test_other_words_have_their_status(url: str, asked: bytes, expected: int) -> None:
    """What is not one POST of a known length to the one place is refused, and the next request is answered."""
    assert status(said(url, asked)) == expected
    assert status(said(url, head(b"hello") + b"hello")) == 200


def test_whoever_asks_first_is_told_to_go_on(url: str) -> None:
    """`Expect: 100-continue` is answered before the body is sent."""
    with connected(url) as one:
        one.sendall(head(b"hello", "/add-checkpoint", "Expect: 100-continue"))
        assert one.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        one.sendall(b"hello")
        assert rest(one).endswith(b"hello")


def test_a_second_request_behind_the_first_is_not_answered(url: str) -> None:
    """A connection carries one request."""
    assert said(url, (head(b"one") + b"one") * 50).count(b"HTTP/1.1") == 1


def test_one_request_is_judged_at_a_time() -> None:
    """However many come at once, and each has its own answer."""
    at_work = 0
    most = 0

    def act(body: bytes) -> Answer:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        time.sleep(0.01)
        at_work -= 1
        return Answer(200, body)

    found: list[bool] = []
    with listening(act) as url:

        def ask(word: bytes) -> None:
            found.append(said(url, head(word) + word).endswith(b"\r\n\r\n" + word))

        threads = [threading.Thread(target=ask, args=[b"w%d" % number]) for number in range(20)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    assert (most, found) == (1, [True] * 20)


def test_a_request_that_is_whole_is_answered_when_the_listener_ends() -> None:
    """What is judged when the end is asked for is answered; a half-sent head is cut."""
    begun, go_on = threading.Event(), threading.Event()

    def act(body: bytes) -> Answer:
        begun.set()
        go_on.wait(5)
        return Answer(200, body)

    with ExitStack() as held:
        with listening(act) as url:
            whole, half = (held.enter_context(connected(url)) for _ in range(2))
            half.sendall(b"POST ")
            whole.sendall(head(b"hello") + b"hello")
            begun.wait(5)
            threading.Timer(0.2, go_on.set).start()
        assert rest(whole).endswith(b"hello")
        assert rest(half) == b""


@pytest.mark.parametrize("word", ["0.0.0.0:1", "192.0.2.1:80", "example.org:80", "127.0.0.1", ":80", "127.0.0.1:99999",
                                  "127.0.0.1:x", "[::]:80", "127.0.0.1:+1"])  # fmt: skip
def test_only_this_machine_is_listened_to(word: str) -> None:
    """An address that others reach, or none, is refused before a socket is made."""
    with pytest.raises(ListenUnfit):
        Listener(word, "/", lambda _: Answer(200))


def test_an_address_that_is_taken_is_told() -> None:
    """By name, with what the system says."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ListenTaken, match=str(port)):
            Listener(f"127.0.0.1:{port}", "/", lambda _: Answer(200))
