"""Batches: a header line and the record lines that are posted together (FORMAT.md section 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from msgspec import Struct

from cloudbooks.chain import canonical, decoding, merkle, shape
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.decoding import Records
from cloudbooks.chain.record import AnyRecord
from cloudbooks.errors import sentence

BATCH_BYTES_MAX = 64 << 20
RECORDS_MAX = 1_000_000


class Base(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """The state of the log that a batch was made on: the log's root ("s256:…") over its first `size` blocks."""

    root: str
    size: int


class BatchHeader(
    Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="type", tag="batch", gc=False
):
    """The first line of a batch; `base` is absent in the first batch of a log."""

    author: str
    book: str
    id: str
    made_at: str
    program: str
    records: int
    version: int
    base: Base | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch in good form.

    `data` is the file, from which its `records` are decoded whenever they are asked for, `hash` "b3:…" over it,
    `record_root` "s256:…", the root of the tree over its record lines without LF. `filed` are those of its records that
    name files, with their places.
    """

    header: BatchHeader
    records: Records
    data: bytes
    hash: str
    record_root: str
    filed: Sequence[tuple[int, AnyRecord]] = ()


_headers = msgspec.json.Decoder(BatchHeader)


def make(
    *,
    author: str,
    base: Base | None,
    book: str,
    id: str,  # noqa: A002 - the header's own word
    made_at: str,
    program: str,
    records: Sequence[AnyRecord],
) -> Batch:
    """The batch of these records, its strings normalised to NFC.

    Raises `FormFault` for everything that a reader would refuse.
    """
    header = BatchHeader(
        author=author, base=base, book=book, id=id, made_at=made_at, program=program, records=len(records), version=1
    )
    return read(canonical.encode(header) + b"\n" + canonical.normalised_lines(records))


def require_size(data: bytes) -> None:
    """Refuse more bytes than a batch may have, before anything else of them is looked at; raises `FormFault`."""
    if len(data) > BATCH_BYTES_MAX:
        raise FormFault("limit", sentence("A batch has {n} bytes, more than {max}.", n=len(data), max=BATCH_BYTES_MAX))


def read(data: bytes) -> Batch:
    """The batch that a file holds; nothing is looked up and no signature verified.

    Raises `FormFault` (`canonical`, `limit`, `schema`, `not-understood`); its `record` is `None` for the header.
    """
    require_size(data)
    start = data.find(b"\n") + 1 or len(data)
    header = decoding.read_header(data[:start].removesuffix(b"\n"), _headers, "batch")
    _check_header(header)
    count = data.count(b"\n", start)
    if count > RECORDS_MAX:
        raise FormFault("limit", sentence("A batch has {n} records, more than {max}.", n=count, max=RECORDS_MAX))
    if count != header.records:
        raise FormFault("schema", sentence("A batch says {said} records and has {n}.", said=header.records, n=count))
    records, hashes, filed = decoding.read_records(data, header.book, start)
    return Batch(header, records, data, canonical.b3(data), f"s256:{merkle.root(hashes).hex()}", filed)


def presumed(data: bytes, block_hash: str) -> Batch:
    """The batch of a file that is read by somebody else with all care: no form is judged, no tree made.

    `block_hash` is the hash ("b3:…") by which its block names it. Raises whatever comes of a file in another form.
    """
    start = data.index(b"\n") + 1
    return Batch(_headers.decode(data[:start]), Records(data, start), data, block_hash, "")


def note_text(batch: Batch) -> str:
    """The text that the author of a batch signs, as a note."""
    return author_text(batch.header.book, batch.hash, batch.record_root)


def author_text(book: str, batch_hash: str, record_root: str) -> str:
    """The text of an author's note over a batch of which only these are known."""
    return f"cloudbooks/batch/v1\n{book}\n{batch_hash}\n{record_root}\n"


def _check_header(header: BatchHeader) -> None:
    shape.demand(shape.is_id, "author", header.author)
    shape.demand(shape.is_id, "book", header.book)
    shape.demand(shape.is_id, "id", header.id)
    shape.demand(shape.is_instant, "made_at", header.made_at)
    shape.demand_range("records", header.records, 1)
    if header.base is not None:
        shape.demand(shape.is_s256, "root", header.base.root)
        shape.demand_range("size", header.base.size, 0)
