from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.chain import strategies
from tests.chain.building import uid
from tests.chain.strategies import AUTHOR, BOOK, made, vectors

from cloudbooks.chain import batch, canonical, decoding, merkle, record
from cloudbooks.chain.batch import Base, Batch
from cloudbooks.chain.canonical import FormFault

GOLDEN: dict[str, str] = vectors("golden-batch.json")
HEADER, *LINES = (json.loads(line) for line in GOLDEN["file"].splitlines())
BY_TYPE: dict[str, dict[str, Any]] = {line["type"]: line for line in reversed(LINES)}
"""One record of each type, as JSON; of the two entries the first."""

REMOVED = object()


def _file(lines: list[bytes], **header: object) -> bytes:
    fields = {**HEADER, "records": len(lines), **header}
    said = {key: value for key, value in fields.items() if value is not REMOVED}
    return b"".join(line + b"\n" for line in (_json(said), *lines))


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _fault(data: bytes) -> FormFault:
    with pytest.raises(FormFault) as caught:
        batch.read(data)
    return caught.value


def test_golden_batch() -> None:
    """The batch that was fixed once is read, hashed and written in the same bytes."""
    data = GOLDEN["file"].encode()
    read = batch.read(data)
    assert (read.hash, read.record_root) == (GOLDEN["hash"], GOLDEN["record_root"])
    assert {type(item) for item in read.records} == set(record.AnyRecord.__args__)
    again = batch.make(
        author=read.header.author,
        base=read.header.base,
        book=read.header.book,
        id=read.header.id,
        made_at=read.header.made_at,
        program=read.header.program,
        records=[*read.records],
    )
    assert again == read
    assert again.data == data


@given(strategies.batches)
def test_reading_undoes_writing(written: Batch) -> None:
    """A batch of records of any type is read back from its file as it was made."""
    assert batch.read(written.data) == written


@given(st.lists(strategies.records, min_size=1, max_size=4))
def test_hashes_are_over_the_bytes(records: list[record.AnyRecord]) -> None:
    """The hash is over the whole file, the record root over its record lines without LF, in their order."""
    written = made(records)
    lines = written.data.split(b"\n")[1:-1]
    assert written.hash == canonical.b3(written.data)
    assert written.record_root == f"s256:{merkle.root(merkle.leaf_hashes(lines)).hex()}"
    assert written.header.records == len(records)


@given(st.lists(strategies.records, min_size=1, max_size=9), st.integers(1, 2000))
def test_lines_are_read_in_parts_as_if_in_one(records: list[record.AnyRecord], size: int) -> None:
    """However few bytes are looked at together: the same records, the same root, and the fault of the same line."""
    whole = made(records)
    before = decoding._PART_BYTES
    decoding._PART_BYTES = size
    try:
        again = batch.read(whole.data)
        assert again == whole
        assert [*again.records] == [again.records[at] for at in range(len(records))]
        spoilt = whole.data[:-3] + b" " + whole.data[-3:]
        assert _fault(spoilt).record == len(records)
    finally:
        decoding._PART_BYTES = before


def test_few_records_of_a_batch_are_in_memory_at_once() -> None:
    """Reading a batch, and going through its records, takes less than half of the memory that its bytes take."""
    notes = [record.Note(uid(number), "2026-10-31T08:15:30Z", "x" * 400) for number in range(1, 5001)]
    data = made([*notes]).data
    tracemalloc.start()
    try:
        assert sum(1 for _ in batch.read(data).records) == len(notes)
        assert tracemalloc.get_traced_memory()[1] < len(data) / 2
    finally:
        tracemalloc.stop()


def _accepts(read: Callable[[], object]) -> bool:
    try:
        return read() is not None
    except FormFault:
        return False


@given(strategies.batches, st.data())
def test_a_changed_byte_is_refused_or_changes_the_hash(written: Batch, data: st.DataObject) -> None:
    """Any other byte anywhere breaks the form or gives another hash; reading in bulk and one by one agree on which."""
    raw = bytearray(written.data)
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] = data.draw(st.sampled_from(b'"\\ ,:{}[]01\n\x7f') | st.integers(0, 255))
    changed = bytes(raw)
    if changed == written.data:
        return
    try:
        assert batch.read(changed).hash != written.hash
    except FormFault as fault:
        assert fault.code in {"canonical", "limit", "schema", "not-understood"}  # noqa: PT017 - the other claim
    body = changed.partition(b"\n")[2]
    *lines, rest = body.split(b"\n")
    if not rest:
        one_by_one = _accepts(lambda: decoding._one_by_one(lines, BOOK))
        assert _accepts(lambda: decoding._in_bulk(body, lines, BOOK)) is one_by_one


@given(st.binary())
def test_hostile_bytes_are_refused_in_one_way(noise: bytes) -> None:
    """Whatever follows a good header, and whatever stands for a batch, is refused as a fault of form."""
    for data in (noise, _file([noise]), _file([noise.replace(b"\n", b"")])):
        assert isinstance(_fault(data), FormFault)


def test_note_text() -> None:
    """What the author signs names the book, the batch's hash and the record root, one a line."""
    written = batch.read(GOLDEN["file"].encode())
    assert batch.note_text(written) == (f"cloudbooks/batch/v1\n{BOOK}\n{GOLDEN['hash']}\n{GOLDEN['record_root']}\n")


def test_writing_normalises() -> None:
    """What is written is NFC, and the batch holds the records as written."""
    written = made([record.Note(BOOK, "2026-10-31T08:15:30Z", "e\N{COMBINING ACUTE ACCENT}")])
    assert tuple(written.records) == (record.Note(BOOK, "2026-10-31T08:15:30Z", "é"),)


def test_reading_takes_other_normal_forms() -> None:
    """A reader takes the bytes as they are: text that is not NFC is read and kept."""
    line = _json({**BY_TYPE["note"], "text": "e\N{COMBINING ACUTE ACCENT}"})
    read = batch.read(_file([line]))
    assert canonical.encode_lines(list(read.records)) == line + b"\n"
    assert read.data.endswith(b"\n" + line + b"\n")


def test_writing_refuses_what_reading_refuses() -> None:
    """No batch is made that a reader would refuse."""
    faulty: list[record.AnyRecord] = [
        record.Note(BOOK, "yesterday", "text"),
        record.Note(BOOK, "2026-10-31T08:15:30Z", ""),
        record.Note(BOOK, "2026-10-31T08:15:30Z", "bell\a"),
        record.Note(BOOK, "2026-10-31T08:15:30Z", "\ud800"),
    ]
    for item in faulty:
        with pytest.raises(FormFault):
            made([item])
    with pytest.raises(FormFault):
        made([])


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({"version": 2}, "not-understood"),
        ({"version": 0}, "not-understood"),
        ({"version": 2, "colour": "red"}, "not-understood"),
        ({"version": "1"}, "schema"),
        ({"version": True}, "schema"),
        ({"version": REMOVED}, "schema"),
        ({"type": "block"}, "schema"),
        ({"type": "block", "version": 2}, "schema"),
        ({"type": REMOVED}, "schema"),
        ({"records": 2}, "schema"),
        ({"records": 0}, "schema"),
        ({"records": -1}, "schema"),
        ({"records": "1"}, "schema"),
        ({"colour": "red"}, "schema"),
        ({"author": REMOVED}, "schema"),
        ({"author": AUTHOR.upper()}, "schema"),
        ({"book": "019a9c3e-7b00-4000-8000-000000000001"}, "schema"),
        ({"id": "019a9c3e7b0070008000000000000001"}, "schema"),
        ({"made_at": "2026-10-31T08:15:30"}, "schema"),
        ({"made_at": "2026-10-31T08:15:30.5Z"}, "schema"),
        ({"program": ""}, "canonical"),
        ({"base": {"root": GOLDEN["hash"], "size": 1}}, "schema"),
        ({"base": {"root": GOLDEN["record_root"], "size": -1}}, "schema"),
        ({"base": {"root": GOLDEN["record_root"]}}, "schema"),
        ({"base": {"root": GOLDEN["record_root"], "size": 1, "x": 1}}, "schema"),
        ({"base": None}, "canonical"),
        ({"made_at": "x" * 4097}, "limit"),
    ],
)
def test_headers(header: dict[str, object], code: str) -> None:
    """A header that breaks the form is refused as such, a later version is not understood; neither is a record's."""
    fault = _fault(_file([_json(BY_TYPE["note"])], **header))
    assert (fault.code, fault.record) == (code, None)


def test_the_first_batch_has_no_base() -> None:
    """A batch without base is in good form; only the log can say whether it must have one."""
    assert batch.read(_file([_json(BY_TYPE["note"])], base=REMOVED)).header.base is None
    assert made([record.Close(BOOK, "2026-10")], Base(GOLDEN["record_root"], 3)).header.base is not None


def test_the_first_fault_is_named() -> None:
    """Records are counted from 1, and the first one at fault is named, whatever its fault is."""
    good, shape, form = _json(BY_TYPE["note"]), _json({**BY_TYPE["note"], "at": "now"}), b'{"type": "note"}'
    fault = _fault(_file([good, good, shape, form]))
    assert (fault.code, fault.record) == ("schema", 3)
    fault = _fault(_file([good, form, shape]))
    assert (fault.code, fault.record) == ("canonical", 2)


@pytest.mark.parametrize(
    "line",
    [b"", b" ", b"{}", b"[]", b"\xff", b'{"type":"note"}', b'{"type":1}', b"{" * 5000, b'{"id":1,"type":"note"}'],
)
def test_lines_that_are_no_records(line: bytes) -> None:
    """A line that is no record is refused with its number, not raised as another error."""
    fault = _fault(_file([_json(BY_TYPE["note"]), line]))
    assert fault.code in {"canonical", "schema"}
    assert fault.record == 2


def test_an_unknown_type_is_not_understood() -> None:
    """A type that format 1 does not have ends what is understood, if the line is canonical."""
    fault = _fault(_file([_json({"id": BOOK, "type": "wish"})]))
    assert (fault.code, fault.record) == ("not-understood", 1)
    assert _fault(_file([b'{"type":"wish","id":1}'])).code == "canonical"


def test_ends_of_lines() -> None:
    """Every line ends in one LF: none may lack, and none may follow."""
    data = GOLDEN["file"].encode()
    for changed in (data[:-1], data + b"\n", data.replace(b"\n", b"\r\n"), data.replace(b"\n", b"\n\n", 1), b"", b"\n"):
        assert _fault(changed).code in {"canonical", "schema"}
    assert _fault(data.partition(b"\n")[0]).code == "schema"


def test_the_longest_record() -> None:
    """A record line may have one MiB with its LF, and no byte more."""
    entry = {**BY_TYPE["entry"], "tags": ["x" * 4090] * 255}
    room = (1 << 20) - 1 - len(_json({**entry, "summary": ""}))
    line = _json({**entry, "summary": "y" * room})
    assert len(line) + 1 == 1 << 20
    assert canonical.encode_lines(list(batch.read(_file([line])).records)) == line + b"\n"
    fault = _fault(_file([_json({**entry, "summary": "y" * (room + 1)})]))
    assert (fault.code, fault.record) == ("limit", 1)


def test_the_longest_header() -> None:
    """A header is no longer than a record may be, and a longer one is not even parsed."""
    assert _fault(b"[" * (1 << 20)).code == "limit"


def test_the_largest_batch() -> None:
    """A batch of more than 64 MiB or of more than a million records is refused before it is read."""
    assert _fault(_file([_json(BY_TYPE["note"])]) + bytes(64 << 20)).code == "limit"
    assert _fault(_file([], records=1_000_001) + b"\n" * 1_000_001).code == "limit"
