"""What stands over a page until it is answered: questions, refusals, lists to choose from, the help."""

from __future__ import annotations

from typing import TypeVar

from textual.screen import ModalScreen

Answer = TypeVar("Answer")


class Overlay(ModalScreen[Answer]):
    """A screen over the page that is answered once, however fast the keys come.

    Keys that were typed while it goes away still reach it; a second answer would close what lies below it.
    """

    answered = False

    def answer(self, answer: Answer) -> None:
        """Go away with an answer; a second one is dropped."""
        if not self.answered:
            self.answered = True
            self.dismiss(answer)
