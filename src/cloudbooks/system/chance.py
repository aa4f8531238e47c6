"""Chance: ids and salts. The one place that draws random bytes for records."""

from __future__ import annotations

import secrets
from threading import Lock

from cloudbooks.system.clock import Clock

_RANDOM_BYTES = 10
_VARIANT = 0x80
_lock = Lock()
_last_millisecond = 0


def new_id(clock: Clock) -> str:
    """A new UUIDv7 (RFC 9562) in lower case with hyphens; within a process each is greater than the one before.

    Each draws all its 74 random bits anew, so that no id helps to guess another (a hash over a record with an unknown
    id cannot be searched). What makes them increase is the time alone, which is moved on by a millisecond for each.
    """
    global _last_millisecond  # noqa: PLW0603 - that ids increase is a promise of the process, not of a caller
    with _lock:
        _last_millisecond = max(int(clock.now().timestamp()) * 1000, _last_millisecond + 1)
        time = _last_millisecond
    drawn = secrets.token_bytes(_RANDOM_BYTES)
    digits = f"{time:012x}7{drawn[:2].hex()[1:]}{_VARIANT | drawn[2] & 0x3F:02x}{drawn[3:].hex()}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def new_salt() -> str:
    """A salt as state records carry it: 32 lower-case hex digits."""
    return secrets.token_hex(16)
