"""Hashes as people read them."""

from __future__ import annotations

_HEAD, _TAIL = 4, 2


def short(digest: str) -> str:
    """A hash (`b3:` or `s256:`, then hexadecimal digits) as people read it: `b3:9d04…c7`."""
    kind, _, body = digest.partition(":")
    return f"{kind}:{body[:_HEAD]}…{body[-_TAIL:]}"
