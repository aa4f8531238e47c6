"""The passphrase of the member's key, asked for on the screen by whoever signs in the writer's thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Event
from typing import Final

from cloudbooks.errors import Refusal, sentence

LOOK_SECONDS: Final = 0.2
"""How often the thread that waits looks whether the screens are still there."""


class PassphraseNotGiven(Refusal):
    """A key has a passphrase, and the question for it was left without an answer."""

    code = "passphrase-not-given"

    def __init__(self) -> None:
        super().__init__(
            sentence("this member's key has a passphrase, and none was given; nothing was written."),
            hint=sentence("CLOUDBOOKS_PASSPHRASE_FILE names a file that holds it"),
        )


class Secret:
    """A passphrase that is asked for once and kept while the screens are there.

    `question` is called in the writer's thread; it has the screen ask, and the answer put into the future: an empty one
    is none. `leaving` tells that the screens are being left: nobody answers any more.
    """

    def __init__(self, question: Callable[[Future[str]], object], leaving: Event) -> None:
        self._question = question
        self._leaving = leaving
        self._known: bytes | None = None

    def ask(self) -> bytes:
        """The passphrase; raises `PassphraseNotGiven`. To be called in the writer's thread."""
        if self._known is None:
            answered: Future[str] = Future()
            self._question(answered)
            self._known = self._answer(answered).encode()
        return self._known

    def _answer(self, answered: Future[str]) -> str:
        while not self._leaving.is_set():
            try:
                said = answered.result(timeout=LOOK_SECONDS)
            except TimeoutError:
                continue
            if said:
                return said
            break
        raise PassphraseNotGiven

    @property
    def known(self) -> bool:
        """Whether it was given, so that nobody is asked."""
        return self._known is not None

    def forget(self) -> None:
        """Ask again the next time: what was given opened no key."""
        self._known = None
