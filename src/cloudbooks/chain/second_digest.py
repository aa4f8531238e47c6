"""A second digest of a log's files: SM3 (GB/T 32905-2016), where the platform offers it; no fact depends on it.

Hashes of the chain are BLAKE3 and SHA-256 (FORMAT.md section 1). Who is bound to national cryptography finds the same
bytes digested with SM3 beside them (section 6.1).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Final

from cloudbooks.chain.canonical import FormFault
from cloudbooks.errors import Refusal, sentence

FILE: Final = "sm3"
"""The name of the file in a folder, or in a pack, that lists the digests of all others."""

_LINE = re.compile(r"([0-9a-f]{64})  ([!-~]{1,400})", re.ASCII)


class SecondDigestMissing(Refusal):
    """The platform's cryptographic library offers no SM3."""

    code = "sm3-not-offered"

    def __init__(self) -> None:
        super().__init__(
            sentence("OpenSSL of this Python offers no SM3; nothing was written."),
            hint=sentence("openssl list -digest-algorithms | grep -i sm3"),
        )


def offered() -> bool:
    """Whether the platform offers SM3."""
    try:
        hashlib.new("sm3")
    except ValueError:
        return False
    return True


def demand() -> None:
    """Raise `SecondDigestMissing` where the platform offers no SM3."""
    if not offered():
        raise SecondDigestMissing


def sm3(data: bytes) -> str:
    """The SM3 of bytes: 64 hexadecimal digits. The platform must offer it."""
    return hashlib.new("sm3", data).hexdigest()


def listing(digests: Iterable[tuple[str, str]]) -> bytes:
    """The lines of names and their digests, in the order of the names; as UTF-8."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(digests)).encode()


def read_listing(data: bytes) -> dict[str, str]:
    """The digests by name; raises `FormFault` with the number of the line that is none, or is not in its order."""
    found: dict[str, str] = {}
    last = ""
    lines = data.decode("latin-1").split("\n")
    for number, line in enumerate(lines, start=1):
        if not line and number == len(lines):
            break
        fits = _LINE.fullmatch(line)
        if fits is None or fits[2] <= last or number == len(lines):
            raise FormFault("sm3-unreadable", sentence("line {line} of sm3 is none of its form.", line=number), number)
        last = fits[2]
        found[last] = fits[1]
    return found
