"""`verify` for somebody who watches: how far it has come, and a way to stop it."""

from __future__ import annotations

from collections.abc import Callable

from cloudbooks.books.desk import Desk
from cloudbooks.books.verifying import Verified, policy_of, verified
from cloudbooks.chain.checkpoint import origin
from cloudbooks.errors import Refusal, sentence
from cloudbooks.store.comparing import verify_book
from cloudbooks.system import pins


class VerificationStopped(Refusal):
    """The reader stopped a verification."""

    code = "verification-stopped"

    def __init__(self, done: int) -> None:
        super().__init__(
            sentence("stopped after {done} blocks; a verification writes nothing.", done=done),
            hint=sentence("cloudbooks verify begins anew"),
        )


class _Stop(BaseException):
    """Ends a verification from inside: it takes every ordinary exception for a fault of the log."""


def verify_watched(desk: Desk, watch: Callable[[int], bool]) -> Verified:
    """Verify a book as `verify_this_book` does; `watch` is told the blocks done after each, and ends it by `False`.

    Raises `VerificationStopped`, `PolicyUnreadable`, and the fault of a book that is stopped.
    """
    done = 0

    def observed() -> None:
        nonlocal done
        done += 1
        if not watch(done):
            raise _Stop

    with desk.open() as book:
        judged = policy_of(desk.policy, origin(book.id), known=pins.pinned(desk.state, book.id))
        try:
            verdict = verify_book(book, judged, observed, attest=True)
        except _Stop:
            raise VerificationStopped(done) from None
        stopped, identity = book.stopped, book.id
    if stopped is not None:
        raise stopped
    return verified(verdict, (), identity, judged)
