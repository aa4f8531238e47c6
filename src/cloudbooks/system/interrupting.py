"""Signals that end a program, unwound in order: what is open is closed, and what lies in clear is removed."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Final, TypeVar

INTERRUPT: Final = ("SIGINT",)
END: Final = ("SIGINT", "SIGTERM", "SIGHUP")
_LATER_SECONDS = 0.01
_called_back: set[CodeType] = set()
Called = TypeVar("Called", bound=Callable[..., object])


def called_back(function: Called) -> Called:
    """Mark a function that a library in C calls: what is raised in it the library would take for an answer.

    SQLite takes an interrupt in its authorizer for "not authorized", and a verification would find damage there.
    """
    _called_back.add(function.__code__)
    return function


@contextmanager
def ended_in_order(names: tuple[str, ...] = END) -> Iterator[None]:
    """Let these signals unwind the program: Ctrl-C as `KeyboardInterrupt`, the others as `SystemExit`.

    One that comes in a function that is `called_back` comes again a moment later. Nothing changes in a thread that is
    not the main one, where no signal arrives.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    kinds = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = [(kind, signal.signal(kind, _end)) for kind in kinds]
    try:
        yield
    finally:
        for kind, handler in before:
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
    # What a shell shows for a program that ended by this signal.
    raise SystemExit(128 + number)


def _in_callback(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code in _called_back:
            return True
        frame = frame.f_back
    return False
