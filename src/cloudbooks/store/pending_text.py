"""Records that wait for the next batch, as the canonical text that will be hashed."""

from __future__ import annotations

import msgspec

from cloudbooks.chain import canonical
from cloudbooks.chain.record import AnyRecord

_decoder = msgspec.json.Decoder(AnyRecord)


def pending_cells(record: AnyRecord) -> tuple[str, str]:
    """The type of a record and its canonical text; raises `FormFault` for one that has none."""
    return str(record.__struct_config__.tag), canonical.encode(record).decode()


def record_of(body: str) -> AnyRecord:
    """The record of such a text."""
    record: AnyRecord = _decoder.decode(body)
    return record
