"""The past kept in memory, for whoever reads a log from its beginning: verifying and rebuilding."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from cloudbooks.chain.canonical import FormFault, b3
from cloudbooks.chain.id_table import IdTable
from cloudbooks.chain.merkle import EMPTY_ROOT
from cloudbooks.chain.past import PartyFacts, Standing, StatementFacts
from cloudbooks.chain.record import AnyRecord, Entry
from cloudbooks.errors import sentence

_HASH = 32
_CHUNK = 8
"""A statement's settled lines are kept as whole numbers of 2**8 bits, so that a count that lies takes no memory."""

_decoder = msgspec.json.Decoder(AnyRecord)


class MemoryPast:
    """A `Past` that learns every batch, in some 16 bytes an entry and 64 a block.

    Entries are not kept: one that a reversal or replacement needs is read again from its batch, which `batch_of` gives
    by its hash (`None` if it is gone) and whose bytes are hashed again. The first batch that it learns is that of block
    `first`, before which the log's tree had the root `root`.
    """

    def __init__(self, batch_of: Callable[[str], bytes | None], first: int = 0, root: bytes = EMPTY_ROOT) -> None:
        self._batch_of = batch_of
        self._first = first
        self._ids = IdTable()
        self._batches = bytearray()
        self._roots = bytearray(root)
        self._salts: set[bytes] = set()
        self._parties: dict[str, PartyFacts] = {}
        self._keys: dict[bytes, str] = {}
        self._rules: set[str] = set()
        self._statements: dict[str, StatementFacts] = {}
        self._settled: dict[tuple[str, int], int] = {}
        self._reversed: dict[bytes, bytes] = {}
        self._opened = ("", b"")

    def has_id(self, id_: str) -> bool:
        """See `Past`."""
        return id_ in self._ids

    def has_salt(self, salt: str) -> bool:
        """See `Past`."""
        return bytes.fromhex(salt) in self._salts

    def party(self, id_: str) -> PartyFacts | None:
        """See `Past`."""
        return self._parties.get(id_)

    def key_holder(self, key_id: bytes) -> str:
        """See `Past`."""
        return self._keys.get(key_id, "")

    def has_rules(self, id_: str) -> bool:
        """See `Past`."""
        return id_ in self._rules

    def statement(self, id_: str) -> StatementFacts | None:
        """See `Past`."""
        return self._statements.get(id_)

    def settled(self, name: str) -> bool:
        """See `Past`."""
        key, bit = _bit(name)
        return bool(self._settled.get(key, 0) & bit)

    def entry(self, id_: str) -> Entry | None:
        """See `Past`. Raises `FormFault` (`hash`) where the batch is no longer what was admitted."""
        block = self._ids.block_of(id_)
        if block is None:
            return None
        at = _HASH * (block - self._first)
        hash_ = "b3:" + self._batches[at : at + _HASH].hex()
        if self._opened[0] != hash_:
            self._opened = (hash_, _unchanged(hash_, self._batch_of(hash_)))
        line = _line_of(self._opened[1], id_)
        record = _decoder.decode(line) if line else None
        return record if isinstance(record, Entry) else None

    def reversed_by(self, id_: str) -> str:
        """See `Past`."""
        found = self._reversed.get(_packed(id_))
        return _unpacked(found) if found else ""

    def root_at(self, size: int) -> bytes:
        """See `Past`; any size from the first block's up to the present one is answered."""
        at = _HASH * (size - self._first)
        return bytes(self._roots[at : at + _HASH])

    def learn(self, standing: Standing) -> None:
        """See `Past`."""
        self._ids.add(standing.number, standing.ids)
        self._batches += bytes.fromhex(standing.batch.hash.removeprefix("b3:"))
        self._salts.update(map(bytes.fromhex, standing.salts))
        self._parties |= standing.parties
        self._keys |= standing.keys
        self._rules |= standing.rules
        self._statements |= standing.statements
        self._reversed |= {_packed(id_): _packed(by) for id_, by in standing.reversed.items()}
        for name, settled in standing.settled.items():
            key, bit = _bit(name)
            bits = self._settled.get(key, 0)
            self._settled[key] = bits | bit if settled else bits & ~bit

    def grow(self, root: bytes) -> None:
        """See `Past`."""
        self._roots += root


def _unchanged(hash_: str, data: bytes | None) -> bytes:
    if data is None or b3(data) != hash_:
        raise FormFault("hash", sentence("The batch {hash} changed while the log was being read.", hash=hash_))
    return data


def _line_of(batch: bytes, id_: str) -> bytes:
    """The record of an id in a batch, nothing for the id of the batch itself.

    Quotation marks in strings are escaped, so that only the key of a record can look like one.
    """
    at = batch.find(f'"id":"{id_}"'.encode(), batch.index(b"\n"))
    return batch[batch.rindex(b"\n", 0, at) + 1 : batch.index(b"\n", at)] if at >= 0 else b""


def _packed(id_: str) -> bytes:
    return bytes.fromhex(id_.replace("-", ""))


def _unpacked(packed: bytes) -> str:
    digits = packed.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _bit(name: str) -> tuple[tuple[str, int], int]:
    """Where the bit of a statement line `<id>/<n>` is kept, and the bit."""
    statement, _, line = name.partition("/")
    chunk, bit = divmod(int(line), 1 << _CHUNK)
    return (statement, chunk), 1 << bit
