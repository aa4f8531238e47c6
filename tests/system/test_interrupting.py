"""Signals unwind the program, and never come where a library would take them for an answer."""

from __future__ import annotations

import signal
import sys
import threading
import time
from types import FrameType

import pytest

from cloudbooks.store import sqlite
from cloudbooks.system.interrupting import Ended, ended_in_order

SECONDS = 5.0


@pytest.mark.parametrize(("name", "raised"), [("SIGINT", KeyboardInterrupt), ("SIGTERM", Ended)])
def test_a_signal_unwinds(name: str, raised: type[BaseException]) -> None:
    """Ctrl-C, and an orderly end with the status that a shell shows; afterwards the handler is what it was."""
    kind = getattr(signal, name)
    before = signal.getsignal(kind)
    with pytest.raises(raised) as caught, ended_in_order():
        signal.raise_signal(kind)
    assert signal.getsignal(kind) is before
    assert getattr(caught.value, "status", None) == (128 + kind if raised is Ended else None)


def test_an_interrupt_is_never_taken_for_a_refusal_of_sqlite() -> None:
    """Ctrl-C while SQLite asks whether a statement is allowed: the statement goes on, and the interrupt comes then.

    Raised there it would be "not authorized": a bug to the program, and damage to a verification.
    """
    connection = sqlite.memory()
    asked = sqlite._authorize.__code__
    sent = threading.Event()

    def interrupt(frame: FrameType, event: str, _: object) -> None:
        if frame.f_code is asked and event == "call" and not sent.is_set():
            sent.set()
            signal.raise_signal(signal.SIGINT)

    answers: list[tuple[int, ...]] = []

    def ask_and_wait() -> None:
        sys.setprofile(interrupt)
        try:
            answers.extend(connection.execute("SELECT 1").fetchall())
        finally:
            sys.setprofile(None)
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            time.sleep(0.01)

    with pytest.raises(KeyboardInterrupt), ended_in_order():
        ask_and_wait()
    assert sent.is_set()
    assert answers == [(1,)]


def test_a_thread_changes_nothing() -> None:
    """Only the main thread may set handlers; elsewhere the block runs as it is."""
    ran = []

    def work() -> None:
        with ended_in_order():
            ran.append(signal.getsignal(signal.SIGTERM))

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ran == [before]
