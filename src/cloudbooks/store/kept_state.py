"""The state of a book that a process keeps after its own post, so that the next one need not load it."""

from __future__ import annotations

from dataclasses import dataclass

from cloudbooks.chain.state import State


@dataclass(frozen=True, slots=True)
class KeptState:
    """The state after this process's last post, which holds as long as the file's change counter is this one."""

    counter: int
    state: State
