"""Reading record lines and header lines strictly: parse, schema, encode again, the same bytes.

Lines in bulk are taken in one pass of msgspec; only if that pass finds anything are they examined one by one, to say
which line is at fault and how. Both ways accept the same bytes.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TypeVar, get_args

import msgspec
from msgspec import Struct

from cloudbooks.chain import canonical, shape
from cloudbooks.chain.canonical import NOT_JSON, SHOWN, STRING_BYTES_MAX, FormFault
from cloudbooks.chain.merkle import leaf_hashes
from cloudbooks.chain.record import AnyRecord, Entry, Rules, Statement
from cloudbooks.core.text import cut
from cloudbooks.errors import sentence

VERSION = 1
_PART_BYTES = 64 << 10
"""Lines that are decoded at once: what is made of them still lies in the processor's cache when it is looked at."""

_records: msgspec.json.Decoder[AnyRecord] = msgspec.json.Decoder(AnyRecord)
_TYPES = frozenset(str(kind.__struct_config__.tag) for kind in get_args(AnyRecord))
_FILED = (Rules, Statement)
_UNKNOWN_FIELD = re.compile(r"unknown field `([^`]*)`")
_MISSING_FIELD = re.compile(r"missing required field `([^`]*)`")
_PLACE = re.compile(r"at `\$\.?([^`]*)`")

Typed = TypeVar("Typed", bound=Struct)


class Records:
    """The records of lines, some of them in memory at a time: they are decoded anew each time that they are asked for.

    Raises what msgspec does for lines that `read_records` would refuse.
    """

    __slots__ = ("_data", "_ends", "_firsts")

    def __init__(self, data: bytes, start: int) -> None:
        """The lines of `data` from byte `start` on."""
        self._data = data
        self._firsts = [0]
        self._ends = [start]
        while start < len(data):
            end = data.find(b"\n", min(start + _PART_BYTES, len(data)) - 1) + 1 or len(data)
            self._firsts.append(self._firsts[-1] + data.count(b"\n", start, end))
            self._ends.append(end)
            start = end

    def __len__(self) -> int:
        return self._firsts[-1]

    def __eq__(self, other: object) -> bool:
        """Whether these are the same records in the same order."""
        return isinstance(other, Records) and self._data[self._ends[0] :] == other._data[other._ends[0] :]

    __hash__ = None  # type: ignore[assignment] # they are compared, and never looked up

    def __iter__(self) -> Iterator[AnyRecord]:
        for part in self.parts():
            yield from _records.decode_lines(part)

    def __getitem__(self, index: int) -> AnyRecord:
        """The record of the line `index`, from 0; costs the reading of some lines around it."""
        at = bisect_right(self._firsts, index) - 1
        part = self._data[self._ends[at] : self._ends[at + 1]]
        return _records.decode(part.split(b"\n")[index - self._firsts[at]])

    def parts(self) -> Iterator[bytes]:
        """All lines, some at a time, so that what is made of them to check them stays small beside them."""
        for start, end in pairwise(self._ends):
            yield self._data[start:end]


def read_records(data: bytes, book: str, start: int = 0) -> tuple[Records, list[bytes], list[tuple[int, AnyRecord]]]:
    """The records of the lines of `data` from byte `start` on, and the leaf hash of each, in the log of `book`.

    Each line ends in LF, which is not hashed. With them come the records that name files, each after its number.
    Raises `FormFault` for the first line that breaks the form, with its number in `record`: `canonical`, `limit`,
    `schema`, or `not-understood` for a type that format 1 does not have.
    """
    if len(data) <= start or not data.endswith(b"\n"):
        raise FormFault("canonical", sentence("The last record does not end in a line end."))
    records = Records(data, start)
    hashes: list[bytes] = []
    filed: list[tuple[int, AnyRecord]] = []
    for part in records.parts():
        lines = part.split(b"\n")[:-1]
        some = _in_bulk(part, lines, book)
        if some is None:
            lines = data[start:].split(b"\n")[:-1]
            return records, leaf_hashes(lines), list(_filed(_one_by_one(lines, book), 1))
        filed += _filed(some, len(hashes) + 1)
        hashes += leaf_hashes(lines)
    return records, hashes, filed


def _filed(records: Iterable[AnyRecord], first: int) -> Iterator[tuple[int, AnyRecord]]:
    for place, record in enumerate(records, first):
        if record.attachments if type(record) is Entry else type(record) in _FILED:
            yield place, record


def _in_bulk(body: bytes, lines: list[bytes], book: str) -> list[AnyRecord] | None:
    """All records of lines in one pass, or `None` if they must be looked at one by one."""
    checks = shape.checks(book)
    try:
        records: list[AnyRecord] = _records.decode_lines(body)
        if canonical.encode_lines(records) != body or not canonical.plain(body):
            return None
        for line in lines:
            # A string can be too long only where its line is; `parse` measures them all.
            if len(line) > STRING_BYTES_MAX:
                canonical.parse(line)
        entries: list[Entry] = []
        for record in records:
            if type(record) is Entry:
                entries.append(record)
            else:
                checks[type(record)](record)
        if not shape.entries_are_in_shape(entries):
            return None
    except (*NOT_JSON, FormFault):
        return None
    return records


def _one_by_one(lines: list[bytes], book: str) -> list[AnyRecord]:
    checks = shape.checks(book)
    records = []
    for number, line in enumerate(lines, 1):
        try:
            record = _examined(line)
            checks[type(record)](record)
        except FormFault as fault:
            fault.record = number
            raise
        records.append(record)
    return records


def _examined(line: bytes) -> AnyRecord:
    fields = canonical.parse(line)
    word = fields.get("type")
    if isinstance(word, str) and word not in _TYPES:
        raise FormFault("not-understood", sentence('Format 1 has no records of type "{word}".', word=cut(word, SHOWN)))
    return _typed(line, _records)


def read_header(line: bytes, decoder: msgspec.json.Decoder[Typed], word: str) -> Typed:
    """The header of a file whose `type` is `word`, from its line without LF.

    Raises `FormFault`: `not-understood` for another version than 1, else `canonical`, `limit` or `schema`.
    """
    canonical.check_length(line)
    version = _version(line, word)
    if version not in (None, VERSION):
        raise FormFault("not-understood", sentence('A header of type "{word}" has version {n}.', word=word, n=version))
    if canonical.parse(line).get("type") != word:
        raise FormFault("schema", sentence('A header is not of type "{word}".', word=word))
    return _typed(line, decoder)


def _typed(line: bytes, decoder: msgspec.json.Decoder[Typed]) -> Typed:
    try:
        value = decoder.decode(line)
    except NOT_JSON as error:
        raise _off_schema(error) from error
    if canonical.encode_lines([value]) != line + b"\n":
        raise FormFault("canonical", sentence("A line differs from the canonical text of what it says."))
    return value


def _version(line: bytes, word: str) -> int | None:
    # A later version may write its headers in other ways, so it is looked for before the form of version 1 is asked.
    try:
        fields = msgspec.json.decode(line)
    except NOT_JSON:
        return None
    if not isinstance(fields, dict) or fields.get("type") != word:
        return None
    version = fields.get("version")
    return version if isinstance(version, int) and not isinstance(version, bool) else None


def _off_schema(error: Exception) -> FormFault:
    said = str(error)
    if found := _UNKNOWN_FIELD.search(said):
        return FormFault("schema", sentence('Format 1 has no field "{field}" there.', field=cut(found[1], SHOWN)))
    if found := _MISSING_FIELD.search(said):
        return FormFault("schema", sentence('The field "{field}" is missing.', field=found[1]))
    found = _PLACE.search(said)
    place = found[1] if found else ""
    return FormFault("schema", sentence('"{field}" does not hold what format 1 puts there.', field=place or "type"))
