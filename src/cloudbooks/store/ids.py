"""Ids as tables keep them: 16 bytes."""

from __future__ import annotations


def packed(id_: str) -> bytes:
    """The 16 bytes of a UUID text."""
    return bytes.fromhex(id_.replace("-", ""))


def unpacked(small: bytes) -> str:
    """The UUID text of 16 bytes."""
    digits = small.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
