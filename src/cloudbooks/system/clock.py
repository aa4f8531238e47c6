"""The clock: the one place that asks what time it is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Whoever tells the time: the system, or a test."""

    def now(self) -> datetime:
        """This instant in UTC, in whole seconds."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """This instant in UTC, in whole seconds."""
        return datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - this module is the one door to the clock


def instant(moment: datetime) -> str:
    """An instant as the chain writes it (FORMAT section 1): `2026-11-21T08:15:30Z`. `moment` knows its zone."""
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def posix(seconds: int) -> str:
    """The instant of a POSIX time as the chain writes it; the number itself where no calendar reaches so far."""
    try:
        return instant(datetime.fromtimestamp(seconds, UTC))
    except (ValueError, OverflowError, OSError):
        return str(seconds)


def local_time(at: str) -> str:
    """An instant of the chain on the reader's clock, to the minute; any other text as it stands."""
    try:
        return moment(at).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return at


def moment(text: str) -> datetime:
    """The instant that a text of the chain names; `ValueError` for every other text."""
    read = datetime.fromisoformat(text)
    if instant(read) != text:
        raise ValueError(text)
    return read
