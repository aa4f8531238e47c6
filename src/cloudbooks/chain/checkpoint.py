"""Checkpoints of the log and cosignatures over them (C2SP.md sections 2 and 3)."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass

from cloudbooks.chain import ed25519
from cloudbooks.chain.canonical import SHOWN, FormFault
from cloudbooks.chain.merkle import EMPTY_ROOT, SIZE_MAX
from cloudbooks.chain.note import COSIGNATURE, Signature, SignedNote, Vkey, base64_strictly
from cloudbooks.core.text import cut
from cloudbooks.errors import sentence

_ROOT_BYTES = 32
_TIME_BYTES = 8
_TIME_MAX = 2**63 - 1
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


def origin(book: str) -> str:
    """The origin of a book's log, which is also the name of its members' keys."""
    return f"cloudbooks/{book}"


def text(origin: str, size: int, root: bytes) -> str:
    """The text of a checkpoint, without signatures."""
    return f"{origin}\n{size}\n{b64encode(root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself: `root` over its first `size` blocks; `note` is the signed note that says so."""

    origin: str
    size: int
    root: bytes
    note: SignedNote

    @classmethod
    def read(cls, data: bytes, origin: str) -> Checkpoint:
        """The checkpoint that a file holds; signatures are parsed, not verified.

        Raises `FormFault` (`checkpoint`) where it does not parse, has extension lines, or another origin.
        """
        try:
            note = SignedNote.parse(data)
        except FormFault as fault:
            raise FormFault("checkpoint", fault.message) from fault
        lines = note.text[:-1].split("\n")
        if len(lines) != len(("origin", "size", "root")) or not _DECIMAL.fullmatch(lines[1]):
            raise FormFault("checkpoint", sentence("A checkpoint is not an origin, a size and a root."))
        size, root = int(lines[1]), base64_strictly(lines[2])
        if size > SIZE_MAX or root is None or len(root) != _ROOT_BYTES or (size == 0 and root != EMPTY_ROOT):
            raise FormFault("checkpoint", sentence("A checkpoint is not an origin, a size and a root."))
        if lines[0] != origin:
            raise FormFault("checkpoint", sentence('A checkpoint is of "{origin}".', origin=cut(lines[0], SHOWN)))
        return cls(lines[0], size, root, note)


@dataclass(frozen=True, slots=True)
class Cosignature:
    """What a witness signed: that at `time` (POSIX seconds) this was the largest consistent tree it had seen."""

    key: Vkey
    time: int


def cosigned(checkpoint_text: str, time: int) -> bytes:
    """The message that a witness with a key of type 04 signs over a checkpoint's text at a POSIX time."""
    return f"cosignature/v1\ntime {time}\n{checkpoint_text}".encode()


def verify_cosignature(checkpoint_text: str, signature: Signature, key: Vkey) -> Cosignature:
    """Verify a cosignature by `key`, which must be of type 04; raises `FormFault` (`cosignature`)."""
    time = int.from_bytes(signature.blob[:_TIME_BYTES])
    message = cosigned(checkpoint_text, time)
    fits = key.type == COSIGNATURE and signature.is_by(key) and time <= _TIME_MAX
    if not fits or not ed25519.verifies(key.public, signature.blob[_TIME_BYTES:], message):
        raise FormFault(
            "cosignature", sentence('A cosignature of "{name}" does not verify.', name=cut(signature.name, SHOWN))
        )
    return Cosignature(key, time)
