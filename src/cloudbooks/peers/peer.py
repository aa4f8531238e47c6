"""What a peer is: a store of another copy of a chain, with slots that are filled once.

The contract, which every engine keeps and the simulator plays against:

- **Slots.** A block's number, a batch's and an attachment's hash, and the size that a timestamp covers name a slot. A
  slot is empty or holds bytes that never change again; nobody overwrites or removes them. Only the checkpoint is
  replaced, and it is never believed: how many blocks a peer has follows from its blocks.
- **`append(number, block, expected)` is compare-and-swap.** The block is created under its number only where nothing
  stands there and the one before it is the expected one. Of two copies that append the same number one wins, and the
  other is told. Appending what stands there already is winning again, so that a call whose answer was lost is simply
  repeated.
- **Durable when it returns.** What `keep_batch`, `keep_attachment`, `append` and `keep_checkpoint` were given is on the
  peer's disk when they return, and was read back and compared. Whoever appends a block has kept its batch before, and
  the files that it names, so that a block never names what is not there.
- **Nothing is trusted.** A peer orders and keeps. Every byte that it gives is judged by hash, signature and law; no
  name that it gives becomes a path; nothing larger than the format allows is read.
- **A peer may be cut off at any byte.** Then `PeerLost` is raised, and whether the last write took place is unknown:
  the same call again is the answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from cloudbooks.chain.verdict import LogSource
from cloudbooks.errors import Sentence, sentence
from cloudbooks.system import files

BLOCK_BYTES_MAX = 32 << 10
BATCH_BYTES_MAX = 64 << 20
ATTACHMENT_BYTES_MAX = 64 << 20
CHECKPOINT_BYTES_MAX = 1 << 20


class PeerLost(Exception):
    """A peer is not there, or was cut off; `why` says what the system said. Whoever knows its name tells the user."""

    def __init__(self, why: Sentence) -> None:
        super().__init__(str(why))
        self.why = why


class KeptNothing(Exception):
    """A peer took `file` and does not give it back as it was given."""

    def __init__(self, file: str) -> None:
        super().__init__(file)
        self.file = file


class CutOff(Exception):
    """What a peer holds as `file` is cut off or half copied; `why` says how that was seen."""

    def __init__(self, file: str, why: Sentence) -> None:
        super().__init__(f"{file}: {why}")
        self.file = file
        self.why = why


class Peer(LogSource, Protocol):
    """Another copy of a log, as this module's text says. What is read may be called again and again.

    Every method raises `PeerLost`; the writing ones raise `KeptNothing` where reading back gives something else.
    """

    def has_block(self, number: int) -> bool:
        """Whether something stands under a block's number; costs no byte of the block."""

    def stamped(self) -> Iterable[int]:
        """The sizes over which it keeps timestamps, rising; costs no byte of them."""

    def timestamp(self, size: int) -> bytes | None:
        """The token of a timestamp over so many blocks; `None` where there is none."""

    def keep_attachment(self, b3: str, data: bytes) -> int:
        """Fill the slot of a file named `b3:…`; gives the bytes that were sent, 0 where it stood there."""

    def keep_batch(self, hash_: str, data: bytes) -> int:
        """Fill the slot of a batch named `b3:…`; gives the bytes that were sent, 0 where it stood there."""

    def keep_timestamp(self, size: int, token: bytes) -> int:
        """Fill the slot of a timestamp over so many blocks; gives the bytes that were sent, 0 where one stood there."""

    def append(self, number: int, data: bytes, expected: str) -> bool:
        """Take the place `number` of the log, which ends in the block of hash `expected` (`b3:…`) so far.

        `expected` is empty for the first block. False where the place is another's, or the log does not end so.
        """

    def keep_checkpoint(self, data: bytes) -> None:
        """Put a checkpoint in the place of the one that is there."""


def is_start_of(there: bytes | None, block: bytes) -> bool:
    """Whether `there` is the beginning of `block` and of no other: it reaches beyond the hash of the batch."""
    named = block.find(b'"book":')
    return there is not None and named < len(there) < len(block) and block.startswith(there)


def system_said(error: OSError, place: str) -> Sentence:
    """What the system said of a place that could not be reached."""
    return sentence("{place}: {why}", place=place, why=files.reason(error))
