"""What the terminal is like: whether it takes UTF-8, and how many cells it gives a character of ambiguous width.

Box drawings, quotes and dashes take one cell in most terminals and two in many Chinese ones (East Asian Width `A`). No
table of the system knows which; the terminal does: it is shown one and asked where its cursor stands then.
"""

from __future__ import annotations

import os
import re
import select
import sys
import time
from collections.abc import Mapping
from typing import Final

SHOWN: Final = "─"
ASKED: Final = f"\r{SHOWN}\x1b[6n"
ERASED: Final = "\r\x1b[K"
PATIENCE: Final = 1.0
"""Seconds that an answer may take, over a slow line; only a terminal that never answers is waited for that long."""

CELLS: Final = (1, 2)
"""Cells that the sign may take. More of them are its bytes, one by one: that terminal takes no UTF-8."""

_REPORT = re.compile(rb"\x1b\[(\d+);(\d+)R")
_UTF8 = re.compile(r"utf-?8", re.IGNORECASE)
_COERCED: Final = frozenset({"C.UTF-8", "C.utf8", "UTF-8"})
"""What Python itself puts into LC_CTYPE where the locale is C."""


def names_utf8(environment: Mapping[str, str]) -> bool | None:
    """Whether the locale of an environment has UTF-8; `None` where it names no locale at all."""
    kind = environment.get("LC_CTYPE", "")
    named = environment.get("LC_ALL") or ("" if kind in _COERCED else kind) or environment.get("LANG", "")
    return bool(_UTF8.search(named)) if named else None


def ambiguous_cells(environment: Mapping[str, str]) -> int | None:
    """How many cells the terminal on standard input and error gives `─`; `None` where it does not say.

    What was typed before the answer is lost. Nothing is asked of a terminal that calls itself dumb.
    """
    if environment.get("TERM", "dumb") == "dumb" or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    try:
        import termios  # noqa: PLC0415 - not on every system
        import tty  # noqa: PLC0415 - the same
    except ImportError:
        return None
    source, target = sys.stdin.fileno(), sys.stderr.fileno()
    try:
        before = termios.tcgetattr(source)
    except termios.error:
        return None
    try:
        tty.setcbreak(source, termios.TCSANOW)
        os.write(target, ASKED.encode())
        said = _answer(source)
        os.write(target, ERASED.encode())
    except OSError:
        return None
    finally:
        termios.tcsetattr(source, termios.TCSANOW, before)
    return column_of(said)


def _answer(source: int) -> bytes:
    """What the terminal sends until its report is whole, or until patience ends."""
    until, said = time.monotonic() + PATIENCE, b""
    while not _REPORT.search(said) and (left := until - time.monotonic()) > 0:
        ready, _, _ = select.select([source], [], [], left)
        if not ready:
            break
        some = os.read(source, 256)
        if not some:
            break
        said += some
    return said


def column_of(said: bytes) -> int | None:
    """The cells before the cursor that a report tells, `None` where there is none."""
    found = _REPORT.search(said)
    return int(found[2]) - 1 if found else None
