"""Keys in the order in which they were typed: each waits until the one before has done what it does.

A key goes through the queues of the widgets from the one that has the focus up to the app, and what it does may open a
dialog, or leave one. The next key is sent when that has come to its end, so that it reaches the dialog that is coming,
however fast it was typed.
"""

from __future__ import annotations

import asyncio
import inspect
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from textual import events
from textual.message_pump import MessagePump

from cloudbooks.tui.guard import Guarded
from cloudbooks.tui.overlay import Overlay

Answer = TypeVar("Answer")

PATIENCE_SECONDS: Final = 0.5
"""After this long a key whose way was lost, with a widget that went away under it, holds up no other."""

ROUNDS: Final = 2
"""How often a key's way is gone behind it: the second time, what the first one sent on its way has been done too."""


class TypeAhead(Guarded):
    """An app that gives keys and pasted text one after the other to whoever they are for by then."""

    def __init__(self) -> None:
        super().__init__()
        self._typed: deque[events.Key | events.Paste] = deque()
        self._turn = 0
        self._under_way = False
        self._patience: asyncio.TimerHandle | None = None
        self._open: set[Overlay[Any]] = set()

    @property
    def typed_ahead(self) -> bool:
        """Whether keys wait, or one is still being done."""
        return bool(self._typed) or self._under_way

    @property
    def between(self) -> bool:
        """Whether a dialog is coming, or has gone and its answer is still being done."""
        return any((one.answered or not one.drawn) and not one.covered for one in self._open)

    def keys_wait(self) -> bool:
        """Whether something is coming or going that the next key is for, or behind which it is to come."""
        return self.between

    def keys_go_on(self) -> None:
        """What keys may have waited for has come."""
        if self._typed:
            self.call_later(self._send_next)

    def aim(self) -> None:
        """Called before a key is sent: the last moment to say who has the focus."""

    def at_once(self, event: events.Key) -> bool:
        """Whether a key waits for nothing; those that were typed before it are dropped then."""
        del event
        return False

    def show_over(self, overlay: Overlay[Answer], then: Callable[[Answer | None], Any] | None = None) -> None:
        """Show a dialog over the page; `then` gets its answer. Keys that are typed from here on are for the dialog.

        Those that are typed after its answer wait until `then` has done with it.
        """

        async def answered(answer: Answer | None) -> None:
            try:
                result = then(answer) if then is not None else None
                if inspect.isawaitable(result):
                    await result
            finally:
                self._open.discard(overlay)
                self.keys_go_on()

        overlay.when_drawn = self.keys_go_on
        self._open.add(overlay)
        # In the app's own turn, whoever asks: a page that goes away must not take the answer with it.
        self.call_later(self.push_screen, overlay, answered)

    async def on_event(self, event: events.Event) -> None:
        """Keep what is typed until it is its turn."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        if isinstance(event, events.Key) and self.keys_wait() and self.at_once(event):
            self._typed.clear()
            await super().on_event(event)
            return
        self._typed.append(event)
        await self._send_next()

    async def _send_next(self) -> None:
        if self._under_way or not self._typed or self.keys_wait():
            return
        self._under_way = True
        self._turn += 1
        event = self._typed.popleft()
        self.aim()
        target = self.focused or self.screen
        try:
            await super().on_event(event)
        finally:
            self._follow((target, *(one for one in target.ancestors if one is not self), self))

    def _follow(self, way: Sequence[MessagePump]) -> None:
        """Go the way of the key that was sent, behind it."""
        turn = self._turn
        self._patience = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self._lost, turn)
        self._step(way, 0, turn, ROUNDS)

    def _step(self, way: Sequence[MessagePump], place: int, turn: int, rounds: int) -> None:
        for at in range(place, len(way)):
            # A part that has gone away takes nothing any more; the way goes on above it.
            if way[at].call_later(self._step, way, at + 1, turn, rounds):
                return
        if rounds > 1:
            self._step(way, 0, turn, rounds - 1)
        else:
            self.call_later(self._arrived, turn)

    def _lost(self, turn: int) -> None:
        """A widget that went away took the way with it, or it is long: what the app itself does is waited for."""
        if self._under_way and turn == self._turn:
            self._step((self,), 0, turn, ROUNDS)

    async def _arrived(self, turn: int) -> None:
        if self._under_way and turn == self._turn:
            if self._patience is not None:
                self._patience.cancel()
            self._under_way = False
            await self._send_next()
