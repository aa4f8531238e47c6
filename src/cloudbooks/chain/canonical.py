"""Canonical text: the one way to write what is hashed (FORMAT.md section 1), and the hashes over it.

Whoever writes calls `encode`, which normalises to NFC and refuses what a reader would refuse. Whoever reads calls
`parse`, which takes the bytes as they are. Records in bulk are read by `decoding`, by the same rules.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence

import msgspec
from blake3 import blake3

from cloudbooks.core.text import cut
from cloudbooks.errors import Sentence, sentence

INTEGER_MAX = 2**53 - 1
DEPTH_MAX = 6
SERIES_BYTES_MAX = 32
STRING_BYTES_MAX = 4096
SHOWN = 120
"""Cells of a text under test that a sentence about it shows."""

RECORD_BYTES_MAX = 1 << 20
"""A record line with its LF."""

NOT_JSON = (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for hostile bytes; everything that decodes catches all four."""

_KEY = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_EMPTY_STRING = re.compile(rb'(?<!\\)""')
_PLAIN_ASCII = bytes(range(0x20, 0x7F)) + b"\n"
_FORBIDDEN_RANGES = (
    (0x0000, 0x0009), (0x000B, 0x001F), (0x007F, 0x009F), (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C),
    (0x115F, 0x1160), (0x180E, 0x180E), (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x2069), (0x3164, 0x3164),
    (0xD800, 0xDFFF), (0xFDD0, 0xFDEF), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB), (0xE0000, 0xE007F),
    *((plane + 0xFFFE, plane + 0xFFFF) for plane in range(0, 0x110000, 0x10000)),
)  # fmt: skip
_FORBIDDEN = re.compile("[" + "".join(f"{chr(low)}-{chr(high)}" for low, high in _FORBIDDEN_RANGES) + "]")
"""Every forbidden code point but LF, which ends lines and cannot stand in a string that was split from one."""

_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder()


class FormFault(Exception):
    """Bytes under test break the form or a law of format 1.

    `code` is the family of the fault (`canonical limit schema hash note signature not-understood` and more), `record`
    the record line of the batch that holds it, from 1, or `None` where it is no record's.
    """

    def __init__(self, code: str, message: Sentence, record: int | None = None) -> None:
        super().__init__(str(message))
        self.code = code
        self.message = message
        self.record = record


def b3(data: bytes) -> str:
    """Plain BLAKE3-256 of `data`, as `b3:` and 64 hex digits; `b3sum` prints the same digits."""
    return "b3:" + blake3(data).hexdigest()


def s256(data: bytes) -> str:
    """SHA-256 of `data`, as `s256:` and 64 hex digits; `sha256sum` prints the same digits."""
    return "s256:" + hashlib.sha256(data).hexdigest()


def encode(value: msgspec.Struct | Mapping[str, object]) -> bytes:
    """The canonical text of an object, its strings normalised to NFC, without a line end.

    Raises `FormFault` (`canonical` or `limit`) for a value that has no canonical text.
    """
    try:
        text = _normalised(_encoder.encode(value))
    except (UnicodeEncodeError, OverflowError, RecursionError) as error:
        raise _no_text() from error
    parse(text)
    return text


def _normalised(text: bytes) -> bytes:
    # A quotation mark composes with nothing, so normalising the whole text normalises each of its strings alone.
    return text if text.isascii() else unicodedata.normalize("NFC", text.decode()).encode()


def _no_text() -> FormFault:
    return FormFault("canonical", sentence("A value cannot be written as canonical text."))


def encode_lines(values: Sequence[msgspec.Struct]) -> bytes:
    """The lines of many objects, each with its LF, neither checked nor normalised.

    Of records that were read these are the bytes they were read from: what a reader hashes goes through here.
    """
    return _encoder.encode_lines(values)


def normalised_lines(values: Sequence[msgspec.Struct]) -> bytes:
    """The lines of many objects, their strings normalised to NFC; what a reader would refuse is not looked for."""
    try:
        return _normalised(_encoder.encode_lines(values))
    except (UnicodeEncodeError, OverflowError, RecursionError) as error:
        raise _no_text() from error


def parse(line: bytes) -> dict[str, object]:
    """The object that a line (without its LF) holds, of whatever schema.

    Raises `FormFault`: `limit` for a string or line that is too long, `canonical` for all else that section 1 forbids.
    """
    check_length(line)
    try:
        value = _decoder.decode(line)
    except NOT_JSON as error:
        raise FormFault("canonical", sentence("A line cannot be read as JSON.")) from error
    if not isinstance(value, dict):
        raise FormFault("canonical", sentence("A line holds something else than one object."))
    _check_object(value, 1)
    if _encoder.encode(value) != line:
        raise FormFault("canonical", sentence("A line differs from the canonical text of what it says."))
    return value


def check_length(line: bytes) -> None:
    """Refuse a line (without its LF) that is longer than format 1 takes."""
    if len(line) >= RECORD_BYTES_MAX:
        raise FormFault(
            "limit", sentence("A line has {n} bytes, more than {max}.", n=len(line) + 1, max=RECORD_BYTES_MAX)
        )


def plain(lines: bytes) -> bool:
    """Whether lines hold no forbidden character, no escape but of quotation mark and backslash, and no empty string.

    Exact for lines that are otherwise canonical; made for many lines at once.
    """
    rest = lines.translate(None, _PLAIN_ASCII)
    if rest and _FORBIDDEN.search("".join(set(rest.decode()))):
        return False
    if b"\\" in lines and b"\\" in lines.replace(rb"\\", b"").replace(rb"\"", b""):
        return False
    return b'""' not in lines or not _EMPTY_STRING.search(lines)


def _check_object(value: dict[str, object], depth: int) -> None:
    for key, item in value.items():
        if not _KEY.fullmatch(key):
            raise FormFault("canonical", sentence('"{key}" cannot be the name of a field.', key=cut(key, SHOWN)))
        _check_value(key, item, depth)


def _check_value(key: str, value: object, depth: int) -> None:
    if isinstance(value, str):
        _check_string(key, value)
    elif isinstance(value, dict | list):
        _check_nested(key, value, depth + 1)
    elif value is False or not isinstance(value, int) or abs(value) > INTEGER_MAX:
        raise FormFault(
            "canonical", sentence('"{key}" holds {value}, which is never written.', key=key, value=_shown(value))
        )


def _shown(value: object) -> str:
    return cut(_encoder.encode(value).decode(), SHOWN)


def _check_nested(key: str, value: dict[str, object] | list[object], depth: int) -> None:
    if depth > DEPTH_MAX:
        raise FormFault("canonical", sentence('"{key}" lies deeper than {max} levels.', key=key, max=DEPTH_MAX))
    if not value:
        raise FormFault("canonical", sentence('"{key}" is empty; what is empty is left out.', key=key))
    if isinstance(value, dict):
        _check_object(value, depth)
    else:
        for item in value:
            _check_value(key, item, depth)


def _check_string(key: str, text: str) -> None:
    if not text:
        raise FormFault("canonical", sentence('"{key}" is empty; what is empty is left out.', key=key))
    found = _FORBIDDEN.search(text)
    if found or "\n" in text:
        point = f"U+{ord(found[0] if found else chr(10)):04X}"
        raise FormFault("canonical", sentence('"{key}" holds the character {point}.', key=key, point=point))
    size = len(text.encode())
    most = SERIES_BYTES_MAX if key == "series" else STRING_BYTES_MAX
    if size > most:
        raise FormFault("limit", sentence('"{key}" has {n} bytes, more than {max}.', key=key, n=size, max=most))
