"""Blocks: the place of a batch in the chain (FORMAT.md section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import msgspec
from msgspec import Struct

from cloudbooks.chain import canonical, decoding, shape
from cloudbooks.chain.batch import Batch, author_text
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.note import SignedNote, check_author
from cloudbooks.errors import sentence

BLOCK_BYTES_MAX = 32 << 10
NUMBERS_MAX = 200


class Number(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """The first voucher number, from 1, that a batch takes in a series and period."""

    series: str
    period: str
    first: int


class BlockHeader(
    Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="type", tag="block", gc=False
):
    """The first line of a block; `previous` is absent in block 0, `numbers` where the batch holds no entry."""

    balances_root: str
    batch: str
    book: str
    committed_at: str
    number: int
    record_root: str
    records: int
    version: int
    numbers: tuple[Number, ...] = ()
    previous: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A block in good form, which speaks of one batch in header and note.

    `data` is the file, `note` the author's note in it, byte for byte, `hash` "b3:…" over the file: the head, if it is
    the last block.
    """

    header: BlockHeader
    note: bytes
    data: bytes
    hash: str

    @property
    def signed(self) -> SignedNote:
        """The author's note, parsed; its signature is not verified."""
        return SignedNote.parse(self.note)

    @property
    def note_text(self) -> str:
        """The text that the author of the batch signed."""
        return author_text(self.header.book, self.header.batch, self.header.record_root)


_headers = msgspec.json.Decoder(BlockHeader)


def make(
    *,
    batch: Batch,
    note: bytes,
    number: int,
    previous: str,
    committed_at: str,
    numbers: tuple[Number, ...],
    balances_root: str,
) -> Block:
    """The block that puts `batch`, signed by the author's `note`, at place `number`; `previous` is empty for block 0.

    Raises `FormFault` for everything that a reader would refuse.
    """
    header = BlockHeader(
        balances_root=balances_root,
        batch=batch.hash,
        book=batch.header.book,
        committed_at=committed_at,
        number=number,
        numbers=numbers,
        previous=previous,
        record_root=batch.record_root,
        records=len(batch.records),
        version=1,
    )
    return read(canonical.encode_lines([header]) + note)


def read(data: bytes) -> Block:
    """The block that a file holds; the note's text must be that of the header's batch, its signature is not verified.

    Raises `FormFault` (`canonical`, `limit`, `schema`, `not-understood`, `chain`, `note`).
    """
    if len(data) > BLOCK_BYTES_MAX:
        raise FormFault("limit", sentence("A block has {n} bytes, more than {max}.", n=len(data), max=BLOCK_BYTES_MAX))
    line, _, note = data.partition(b"\n")
    header = decoding.read_header(line, _headers, "block")
    _check_header(header)
    block = Block(header, note, data, canonical.b3(data))
    check_author(block.signed, block.note_text)
    return block


def restored(header: bytes, signature: str) -> Block:
    """The block of a header line and its author's signature line, both without LF: all else follows from them.

    Raises `FormFault` as `read` does.
    """
    said = decoding.read_header(header, _headers, "block")
    text = author_text(said.book, said.batch, said.record_root)
    return read(b"%b\n%b\n%b\n" % (header, text.encode(), signature.encode()))


def check_batch(block: Block, batch: Batch) -> None:
    """Refuse a batch that is not the block's: `hash` for another hash, `chain` for another book, root or count."""
    header = block.header
    if header.batch != batch.hash:
        raise FormFault("hash", sentence("A batch has another hash than its block says."))
    told = (header.book, header.record_root, header.records)
    if told != (batch.header.book, batch.record_root, len(batch.records)):
        raise FormFault("chain", sentence("A block and its batch differ in book, records or record root."))


def _check_header(header: BlockHeader) -> None:
    shape.demand(shape.is_s256, "balances_root", header.balances_root)
    shape.demand(shape.is_b3, "batch", header.batch)
    shape.demand(shape.is_id, "book", header.book)
    shape.demand(shape.is_instant, "committed_at", header.committed_at)
    shape.demand(shape.is_s256, "record_root", header.record_root)
    shape.demand_range("number", header.number, 0)
    shape.demand_range("records", header.records, 1)
    if header.previous:
        shape.demand(shape.is_b3, "previous", header.previous)
    if bool(header.previous) != bool(header.number):
        raise FormFault("chain", sentence("Block 0 alone has no previous block."))
    _check_numbers(header.numbers)


def _check_numbers(numbers: tuple[Number, ...]) -> None:
    if len(numbers) > NUMBERS_MAX:
        raise FormFault(
            "limit", sentence("A block gives {n} first numbers, more than {max}.", n=len(numbers), max=NUMBERS_MAX)
        )
    for number in numbers:
        shape.demand_series(number.series)
        shape.demand(shape.is_period, "period", number.period)
        shape.demand_range("first", number.first, 1)
    for before, after in pairwise(numbers):
        if (before.series, before.period) >= (after.series, after.period):
            raise FormFault("schema", sentence('"{field}" is not in strictly ascending order.', field="numbers"))
