"""What nobody expected, on screens: a page that says what to do, or an end that leaves the terminal as it was."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, cast

from textual.app import App
from textual.dom import DOMNode
from textual.worker import WorkerFailed

from cloudbooks.errors import CloudBooksError, sentence
from cloudbooks.system.bugs import Bug, logged

COMMAND = "tui"
BUG_STATUS = 70


class ScreenBug(Bug):
    """The screens met a case that their authors did not think of; they go on."""

    code = "bug"

    def __init__(self, kind: str, log: Path | None) -> None:
        super().__init__(kind, log)
        self.hint = sentence("Esc goes back; what was drafted and posted before stands. cloudbooks doctor looks at all")
        if log is not None:
            self.hint = sentence("Esc goes back; what was drafted and posted before stands. Report it with that file")


def work_on(
    node: DOMNode, work: Callable[[], Coroutine[Any, Any, None]], *, group: str, exclusive: bool = False
) -> None:
    """Do something beside everything else, as long as a part of the screen is there.

    A function is given, not what it returns: what is cancelled before it began has then left nothing unawaited.
    """
    node.run_worker(cast("Any", work), group=group, exclusive=exclusive)


class Guarded(App[None]):
    """An app in which a bug is said with the path of its log.

    What an answer, an operation or a key ran into is said on the screen, and kept in `bugs`. What ends the app itself
    is kept in `crash`, for whoever started it to say once the terminal is as it was.
    """

    def __init__(self) -> None:
        super().__init__()
        self.bugs: list[Exception] = []
        self.crash: Exception | None = None

    def refused(self, error: CloudBooksError) -> None:
        """Show a refusal in a dialog."""

    def bug(self, error: Exception) -> Bug:
        """Keep a log of what nobody expected; what is to be said of it."""
        self.bugs.append(error)
        return ScreenBug(type(error).__name__, logged(error, COMMAND))

    async def guarded(self, work: Awaitable[None]) -> None:
        """Do something; a bug in it is said in a dialog, and the screens go on."""
        try:
            await work
        except CloudBooksError as error:
            self.refused(error)
        except Exception as error:  # noqa: BLE001 - what nobody expected is said and logged, like at the door
            self.refused(self.bug(error))

    def _handle_exception(self, error: Exception) -> None:
        """Textual's last resort: end the app, without its own page of a traceback with everybody's amounts."""
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        if self.crash is None:
            within = error.error if isinstance(error, WorkerFailed) else error
            self.crash = within if isinstance(within, Exception) else error
        self._return_code = BUG_STATUS
        self._close_messages_no_wait()
