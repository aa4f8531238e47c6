"""What stands over a page until it is answered: questions, refusals, lists to choose from, the help."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from textual import events
from textual.message import Message
from textual.screen import ModalScreen

Answer = TypeVar("Answer")


class Overlay(ModalScreen[Answer]):
    """A screen over the page that is answered once, however fast the keys come.

    Keys that were typed while it goes away still reach it; a second answer would close what lies below it. It is shown
    by the app's `show_over`.
    """

    answered = False
    when_drawn: Callable[[], object] | None = None
    """Told once it stands on the terminal; set by `show_over`."""
    drawn_at: float | None = None
    """When it stood on the terminal, in the time of events; `None` before that."""

    @property
    def covered(self) -> bool:
        """Whether another one stands over it, which keys are for until that is answered."""
        return self in self.app.screen_stack[:-1]

    @property
    def drawn(self) -> bool:
        """Whether it stands on the terminal: keys reach it from then on."""
        return self.drawn_at is not None

    def seen(self, event: events.Key) -> bool:
        """Whether a key was pressed after this had been drawn: before that nobody can have read what it says."""
        return self.drawn_at is not None and event.time >= self.drawn_at

    def on_mount(self) -> None:
        """From the first paint on, keys count."""
        self.call_after_refresh(self._painted)

    def _painted(self) -> None:
        self.drawn_at = Message().time
        if self.when_drawn is not None:
            self.when_drawn()

    def answer(self, answer: Answer) -> None:
        """Go away with an answer; a second one is dropped. What is covered goes when what covers it has gone."""
        if not self.answered:
            self.answered = True
            self._given = answer
            self._leave()

    def on_screen_resume(self) -> None:
        """What covered it has gone."""
        self._leave()

    def _leave(self) -> None:
        # The library takes away what lies on top, whoever asks for it.
        if self.answered and self.app.screen is self:
            self.dismiss(self._given)
