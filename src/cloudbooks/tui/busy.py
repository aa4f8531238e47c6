"""What takes a while: said from 0.2 s on, with a mark that turns and the seconds; from 2 s on Esc stops what it can."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cloudbooks.errors import Sentence, sentence

TICK_SECONDS: Final = 0.2
SHOWN_SECONDS: Final = 0.2
LONG_SECONDS: Final = 2.0
FRAMES: Final = "|/-\\"


@dataclass(frozen=True, slots=True)
class Busy:
    """For how many seconds a page has been waited for, a count of it, and an operation that writes; 0 for none."""

    reading: float = 0.0
    counting: float = 0.0
    writing: float = 0.0
    turn: int = 0

    @property
    def shown(self) -> bool:
        """Whether it is worth a word."""
        return max(self.reading, self.counting, self.writing) >= SHOWN_SECONDS

    @property
    def dims(self) -> bool:
        """Whether what stands on the page is what was read before."""
        return self.reading >= SHOWN_SECONDS

    @property
    def stoppable(self) -> bool:
        """Whether Esc stops it: reading that takes long."""
        return self.reading >= LONG_SECONDS

    @property
    def held(self) -> bool:
        """Whether Esc can do nothing: a write that takes long."""
        return self.writing >= LONG_SECONDS and not self.stoppable

    def words(self) -> Sentence:
        """What is said at the right of the first line."""
        mark = FRAMES[self.turn % len(FRAMES)]
        if self.stoppable:
            return sentence("{mark} reading, {n} s; Esc stops it", mark=mark, n=int(self.reading))
        if self.dims:
            return sentence("{mark} reading", mark=mark)
        if self.writing >= SHOWN_SECONDS:
            return sentence("{mark} writing, {n} s", mark=mark, n=int(self.writing))
        return sentence("{mark} counting, {n} s", mark=mark, n=int(self.counting))
