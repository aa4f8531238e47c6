"""DER as ITU-T X.690 has it, as far as timestamps need it: one value read strictly, its parts, and values written.

Nothing is guessed: a length that is not the shortest, an indefinite one, or a byte too many is no DER.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

INTEGER, OCTETS, OID, SEQUENCE, SET, TIME = 0x02, 0x04, 0x06, 0x30, 0x31, 0x18
_HIGH_TAG = 0x1F
_LONG = 0x80
_LENGTH_BYTES_MAX = 4
_SEVEN_BITS = 0x7F


class NotDer(Exception):
    """Bytes are not DER, or hold something else than was asked for."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value: its tag, its bytes whole (`raw`), and those of its content."""

    tag: int
    raw: bytes
    content: bytes

    def parts(self, tag: int) -> Parts:
        """What stands in this value, which must have `tag`; raises `NotDer`."""
        return Parts(values(self.of(tag)))

    def of(self, tag: int) -> bytes:
        """The content of this value, which must have `tag`; raises `NotDer`."""
        if self.tag != tag:
            raise NotDer
        return self.content

    def integer(self) -> int:
        """The number that this value is, which may be negative; raises `NotDer`."""
        content = self.of(INTEGER)
        # Eight zeros or eight ones and then the same bit again say nothing.
        if not content or (len(content) > 1 and content[0] in (0, 0xFF) and content[0] >> 7 == content[1] >> 7):
            raise NotDer
        return int.from_bytes(content, signed=True)

    def oid(self) -> str:
        """The object identifier that this value is, with full stops; raises `NotDer`."""
        content = self.of(OID)
        if not content or content[-1] & _LONG:
            raise NotDer
        arcs, arc, begun = [], 0, False
        for byte in content:
            if byte == _LONG and not begun:
                raise NotDer  # a group of zeros in front
            arc, begun = arc << 7 | byte & _SEVEN_BITS, bool(byte & _LONG)
            if not begun:
                arcs.append(arc)
                arc = 0
        first = min(arcs[0] // 40, 2)
        return ".".join(str(one) for one in (first, arcs[0] - first * 40, *arcs[1:]))


class Parts:
    """The parts of a value in their order, taken one by one."""

    def __init__(self, parts: Iterable[Value]) -> None:
        self._left = list(parts)

    def __iter__(self) -> Iterator[Value]:
        left, self._left = self._left, []
        return iter(left)

    def next(self) -> Value:
        """The next part; raises `NotDer` where none is left."""
        if not self._left:
            raise NotDer
        return self._left.pop(0)

    def option(self, *tags: int) -> Value | None:
        """The next part if it has one of the tags; such a part may be missing."""
        return self._left.pop(0) if self._left and self._left[0].tag in tags else None

    def end(self) -> None:
        """Nothing may be left; raises `NotDer`."""
        if self._left:
            raise NotDer


def read(data: bytes) -> Value:
    """The one value that `data` is; raises `NotDer`."""
    value, end = _value(data, 0)
    if end != len(data):
        raise NotDer
    return value


def values(data: bytes) -> list[Value]:
    """The values that `data` is a row of; raises `NotDer`."""
    found, at = [], 0
    while at < len(data):
        value, at = _value(data, at)
        found.append(value)
    return found


def _value(data: bytes, start: int) -> tuple[Value, int]:
    """The value that begins at `start`, and where it ends."""
    head = data[start : start + 2]
    if len(head) < len(b"tl") or head[0] & _HIGH_TAG == _HIGH_TAG:
        raise NotDer
    at, length = start + 2, head[1]
    if length & _LONG:
        count = length & _SEVEN_BITS
        written = data[at : at + count]
        length, at = int.from_bytes(written), at + count
        shortest = length >= _LONG and written[:1] != b"\0"
        if not 0 < count <= _LENGTH_BYTES_MAX or len(written) != count or not shortest:
            raise NotDer
    end = at + length
    if end > len(data):
        raise NotDer
    return Value(head[0], data[start:end], data[at:end]), end


def write(tag: int, *parts: bytes) -> bytes:
    """The value of a tag whose content is made of `parts`."""
    content = b"".join(parts)
    length = len(content)
    if length < _LONG:
        return bytes((tag, length)) + content
    count = (length.bit_length() + 7) // 8
    return bytes((tag, _LONG | count)) + length.to_bytes(count) + content
