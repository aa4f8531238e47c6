from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.chain.strategies import BOOK, SeedSigner, batches, made, vectors

from cloudbooks.chain import batch, block, canonical, note
from cloudbooks.chain.batch import Batch
from cloudbooks.chain.block import Block, Number
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.note import Vkey
from cloudbooks.chain.record import Close

GOLDEN: dict[str, str] = vectors("golden-block.json")
HEADER: dict[str, Any] = json.loads(GOLDEN["file"].partition("\n")[0])
NOTE = GOLDEN["file"].partition("\n")[2]
AUTHOR_KEY = SeedSigner(1)
B3, S256 = f"b3:{'0' * 64}", f"s256:{'0' * 64}"
REMOVED = object()


def _file(**header: object) -> bytes:
    fields = {**HEADER, **header}
    said = {key: value for key, value in fields.items() if value is not REMOVED}
    line = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"{line}\n{NOTE}".encode()


def _fault(data: bytes) -> FormFault:
    with pytest.raises(FormFault) as caught:
        block.read(data)
    return caught.value


def _placed(of: Batch, number: int = 0, numbers: tuple[Number, ...] = ()) -> Block:
    text = batch.note_text(of)
    return block.make(
        batch=of,
        note=f"{text}\n{note.sign(text, AUTHOR_KEY.vkey.name, AUTHOR_KEY)}".encode(),
        number=number,
        previous=B3 if number else "",
        committed_at="2026-10-31T08:15:31Z",
        numbers=numbers,
        balances_root=S256,
    )


def test_golden_block() -> None:
    """The block that was fixed once is read, hashed and written in the same bytes, and its author's note verifies."""
    read = block.read(GOLDEN["file"].encode())
    assert read.hash == GOLDEN["hash"]
    assert read.note.decode() == NOTE
    assert read.header.numbers == (Number("记", "2026-10", 13),)
    of = batch.read(vectors("golden-batch.json")["file"].encode())
    block.check_batch(read, of)
    note.verify_author(read.signed, read.note_text, Vkey.parse(vectors("golden-note.json")["vkey"]))
    again = block.make(
        batch=of,
        note=NOTE.encode(),
        number=read.header.number,
        previous=read.header.previous,
        committed_at=read.header.committed_at,
        numbers=read.header.numbers,
        balances_root=read.header.balances_root,
    )
    assert again == read


@given(batches, st.integers(0, 2**53 - 1))
def test_reading_undoes_writing(of: Batch, number: int) -> None:
    """A block is read back from its file as it was made, and it is the block of its batch."""
    written = _placed(of, number)
    assert block.read(written.data) == written
    assert written.hash == canonical.b3(written.data)
    block.check_batch(written, of)


@given(st.data())
def test_a_changed_byte_is_refused_or_changes_the_hash(data: st.DataObject) -> None:
    """Any other byte anywhere in a block breaks its form or gives another hash."""
    raw = bytearray(GOLDEN["file"].encode())
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != raw[at]))
    try:
        assert block.read(bytes(raw)).hash != GOLDEN["hash"]
    except FormFault as fault:
        assert fault.code in {"canonical", "schema", "not-understood", "note", "chain"}  # noqa: PT017 - the other claim


@given(st.binary())
def test_hostile_bytes_are_refused_in_one_way(noise: bytes) -> None:
    """Whatever stands for a block, or follows a good header, is refused as a fault of form."""
    header = GOLDEN["file"].partition("\n")[0].encode()
    for data in (noise, header + noise, header + b"\n" + noise):
        assert isinstance(_fault(data), FormFault)


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({"version": 2}, "not-understood"),
        ({"version": REMOVED}, "schema"),
        ({"type": "batch"}, "schema"),
        ({"colour": "red"}, "schema"),
        ({"batch": S256}, "schema"),
        ({"batch": B3}, "note"),
        ({"record_root": S256}, "note"),
        ({"book": "019a9c3e-7b00-7000-8000-00000000000f"}, "note"),
        ({"book": "x"}, "schema"),
        ({"record_root": B3}, "schema"),
        ({"balances_root": B3}, "schema"),
        ({"balances_root": REMOVED}, "schema"),
        ({"committed_at": "2026-10-31"}, "schema"),
        ({"number": -1}, "schema"),
        ({"number": 2**53}, "canonical"),
        ({"number": 0}, "chain"),
        ({"previous": REMOVED}, "chain"),
        ({"previous": S256}, "schema"),
        ({"records": 0}, "schema"),
        ({"numbers": []}, "canonical"),
        ({"numbers": [{"first": 0, "period": "2026-10", "series": "记"}]}, "schema"),
        ({"numbers": [{"first": 1, "period": "2026-13", "series": "记"}]}, "schema"),
        ({"numbers": [{"first": 1, "period": "2026-10"}]}, "schema"),
        ({"numbers": [{"first": 1, "period": "2026-10", "series": "记" * 11}]}, "limit"),
        ({"numbers": [{"first": 1, "period": "2026-10", "series": "a"}] * 2}, "schema"),
        ({"numbers": [{"first": 1, "period": p, "series": "a"} for p in ("2026-10", "2026-09")]}, "schema"),
        ({"numbers": [{"first": 1, "period": "2026-10", "series": s} for s in ("记", "a")]}, "schema"),
        ({"numbers": [{"first": 1, "period": "2026-10", "series": f"{n:03}"} for n in range(201)]}, "limit"),
    ],
)
def test_headers(header: dict[str, object], code: str) -> None:
    """A header that breaks the form is refused as such, and a later version is not understood."""
    fault = _fault(_file(**header))
    assert (fault.code, fault.record) == (code, None)


def test_two_hundred_numbers() -> None:
    """A block gives up to 200 first numbers, sorted by series and then period."""
    numbers = tuple(Number(f"{n:03}", period, 1) for n in range(100) for period in ("2026-09", "2026-10"))
    assert _placed(made([Close(BOOK, "2026-10")]), numbers=numbers).header.numbers == numbers


def test_the_longest_block() -> None:
    """A block of more than 32 KiB is refused for its length."""
    long = _file() + b"x" * ((32 << 10) - len(_file()))
    assert _fault(long).code == "note"
    assert _fault(long + b"x").code == "limit"


def test_the_authors_note_is_kept_whole() -> None:
    """A note that does not parse, has no or two signatures, or speaks of another batch makes no block."""
    header = GOLDEN["file"].partition("\n")[0]
    line = NOTE[NOTE.index("— ") :]
    for changed in ("", NOTE[:-1], NOTE + line, NOTE.replace(line, ""), NOTE.replace("v1", "v2"), "\n" + NOTE):
        assert _fault(f"{header}\n{changed}".encode()).code == "note"


def test_a_batch_of_another_block() -> None:
    """A batch with another hash is not the block's, nor is one whose book or count the block has otherwise."""
    of = made([Close(BOOK, "2026-10")])
    placed = _placed(of)
    with pytest.raises(FormFault) as caught:
        block.check_batch(placed, made([Close(BOOK, "2026-11")]))
    assert caught.value.code == "hash"
    told = json.loads(placed.data.partition(b"\n")[0]) | {"records": 2}
    line = json.dumps(told, sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(FormFault) as caught:
        block.check_batch(block.read(line + b"\n" + placed.note), of)
    assert caught.value.code == "chain"


def test_writing_refuses_what_reading_refuses() -> None:
    """No block is made that a reader would refuse."""
    of = made([Close(BOOK, "2026-10")])
    with pytest.raises(FormFault) as caught:
        _placed(of, numbers=(Number("b", "2026-10", 1), Number("a", "2026-10", 1)))
    assert caught.value.code == "schema"
