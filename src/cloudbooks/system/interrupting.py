"""Signals that end a program, unwound in order: what is open is closed, and what lies in clear is removed."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Final, TypeVar

_SIGNALS: Final = ("SIGINT", "SIGTERM", "SIGHUP")
_LATER_SECONDS = 0.01
_called_back: set[CodeType] = set()
_Handler = Callable[[int, FrameType | None], object] | int | None
Called = TypeVar("Called", bound=Callable[..., object])


class Ended(KeyboardInterrupt):
    """The program was told to end: as with Ctrl-C, but for its exit status, which is what a shell shows for it."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.status = 128 + number


def called_back(function: Called) -> Called:
    """Mark a function that a library in C calls: what is raised in it the library would take for an answer.

    SQLite takes an interrupt in its authorizer for "not authorized", and a verification would find damage there.
    """
    _called_back.add(function.__code__)
    return function


@contextmanager
def ended_in_order() -> Iterator[None]:
    """Let Ctrl-C, an order to end and a closed terminal unwind the program, as `KeyboardInterrupt` or `Ended`.

    One that comes in a function that is `called_back` comes again a moment later. Nothing changes in a thread that is
    not the main one, where no signal arrives.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    kinds = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    before = [(kind, signal.signal(kind, _end)) for kind in kinds]
    try:
        yield
    finally:
        _put_back(before)


@contextmanager
def ended_by_the_loop() -> Iterator[None]:
    """While asyncio runs, it takes Ctrl-C by itself and cancels what runs; an order to end goes the same way.

    An exception that is raised anywhere in its loop would leave threads waiting, and the terminal as it is. Raises
    `Ended` once everything was cancelled for an order to end.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked: list[int] = []

    def interrupt(number: int, _: FrameType | None) -> None:
        asked.append(number)
        signal.raise_signal(signal.SIGINT)

    kinds = [getattr(signal, name) for name in _SIGNALS[1:] if hasattr(signal, name)]
    before = [(kind, signal.signal(kind, interrupt)) for kind in kinds]
    # With its own handler, and no other, asyncio knows that it may set one that cancels.
    before.append((signal.SIGINT, signal.signal(signal.SIGINT, signal.default_int_handler)))
    try:
        yield
    except KeyboardInterrupt:
        if not asked:
            raise
    finally:
        _put_back(before)
    if asked:
        raise Ended(asked[0])


def _put_back(handlers: Iterable[tuple[signal.Signals, _Handler]]) -> None:
    for kind, handler in handlers:
        # `None` where a library in C had set its own, which cannot be put back from here.
        if handler is not None:
            signal.signal(kind, handler)


def _end(number: int, frame: FrameType | None) -> None:
    if _in_callback(frame):
        later = threading.Timer(_LATER_SECONDS, signal.raise_signal, (number,))
        later.daemon = True
        later.start()
        return
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise Ended(number)


def _in_callback(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code in _called_back:
            return True
        frame = frame.f_back
    return False
