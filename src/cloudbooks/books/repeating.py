"""Idempotency keys: a command repeated with the same `--key` gives its first result and does nothing again."""

from __future__ import annotations

from collections.abc import Callable

from cloudbooks.books.desk import Desk
from cloudbooks.errors import sentence
from cloudbooks.store import working
from cloudbooks.store.unit import operation


def first_result(desk: Desk) -> str | None:
    """What the first command with this desk's key answered, as JSON text; `None` if there was none."""
    if not desk.key or not desk.book.exists():
        return None
    with desk.open() as book:
        return working.remembered(book, desk.key)


def keep_result(desk: Desk, verb: str, result: str) -> None:
    """Remember the answer of a command under this desk's key."""
    with desk.open() as book:
        summary = sentence("keep the result of {verb} under a key", verb=verb)
        with operation(book, verb=verb, summary=summary, by=desk.who(book).id) as unit:
            unit.remember(desk.key, result)


def once(desk: Desk, verb: str, act: Callable[[], str]) -> str:
    """The JSON text that `act` answers, or what it answered when it was first done under this key."""
    done = first_result(desk)
    if done is not None:
        return done
    result = act()
    if desk.key:
        keep_result(desk, verb, result)
    return result
