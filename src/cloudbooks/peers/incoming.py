"""What a peer sends: blocks with their batches and files, read one after the other and checked by hash and form.

Whether they keep the laws is judged where they are taken in; here it is seen that they are whole, that each names the
other by its true hash, and that nothing is larger than the format allows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from cloudbooks.chain import batch as batches
from cloudbooks.chain import block as blocks
from cloudbooks.chain.attached import named_files
from cloudbooks.chain.batch import Batch
from cloudbooks.chain.block import Block
from cloudbooks.chain.canonical import FormFault, b3, s256
from cloudbooks.errors import Finding, sentence
from cloudbooks.peers.peer import CutOff


class Giver(Protocol):
    """The part of a peer from which blocks are taken."""

    def block(self, number: int) -> bytes | None:
        """See `LogSource`."""

    def batch(self, hash_: str) -> bytes | None:
        """See `LogSource`."""

    def attachment(self, b3: str) -> bytes | None:
        """See `LogSource`."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """A block that a peer gave, with its batch and the files that its records name, by `b3:…`.

    `findings` tell of files that the peer does not have.
    """

    block: Block
    batch: Batch
    files: dict[str, bytes]
    findings: tuple[Finding, ...]


class Broken(Exception):
    """What a peer gave for block `number` is no block of a log; nothing of it was taken."""

    def __init__(self, number: int, fault: FormFault) -> None:
        super().__init__(f"block {number}: {fault.message}")
        self.number = number
        self.fault = fault


def incoming(peer: Giver, first: int, end: int, has_file: Callable[[str], bool]) -> Iterator[Foreign]:
    """The blocks from `first` up to `end`, which is not one of them; files that `has_file` knows are not fetched.

    Raises `Broken`, `CutOff`, `PeerLost`.
    """
    for number in range(first, end):
        try:
            yield _foreign(peer, number, has_file)
        except FormFault as fault:
            raise Broken(number, fault) from fault


def _foreign(peer: Giver, number: int, has_file: Callable[[str], bool]) -> Foreign:
    data = peer.block(number)
    if data is None:
        raise CutOff(f"block {number}", sentence("the block was there and is not any more."))
    if b"\n\n" not in data or not data.endswith(b"\n"):
        raise CutOff(f"block {number}", sentence("the file is cut off: it has no signature."))
    block = blocks.read(data)
    batch = _batch(peer, block, number)
    files: dict[str, bytes] = {}
    findings: list[Finding] = []
    for place, record in enumerate(batch.records, start=1):
        for file in named_files(record):
            if file.b3 in files or has_file(file.b3):
                continue
            found = peer.attachment(file.b3)
            where = f"block {number}, record {place}"
            if found is None:
                message = sentence('The file "{name}" ({b3}) is missing.', name=file.name, b3=file.b3)
                findings.append(Finding("attachment-missing", where, message, block=number, record=place))
            elif b3(found) != file.b3:
                raise CutOff(f"attachment {file.b3}", sentence("the file does not have the hash that it is named by."))
            elif len(found) != file.bytes or file.s256 not in ("", s256(found)):
                raise FormFault(
                    "attachment", sentence('The file "{name}" is not what the record says of it.', name=file.name)
                )
            else:
                files[file.b3] = found
    return Foreign(block, batch, files, tuple(findings))


def _batch(peer: Giver, block: Block, number: int) -> Batch:
    name = block.header.batch
    data = peer.batch(name)
    if data is None:
        raise CutOff(f"batch {name}", sentence("block {number} names it, and it is not there.", number=number))
    if b3(data) != name:
        raise CutOff(f"batch {name}", sentence("the file does not have the hash that it is named by."))
    return batches.read(data)
