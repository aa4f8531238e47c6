"""Signed notes and verifier keys, as C2SP signed-note has them (C2SP.md section 1)."""

from __future__ import annotations

import binascii
import hashlib
import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from cloudbooks.chain import ed25519
from cloudbooks.chain.canonical import SHOWN, FormFault
from cloudbooks.core.text import cut
from cloudbooks.errors import sentence

ED25519 = 0x01
COSIGNATURE = 0x04
MLDSA44 = 0x06
_PUBLIC_BYTES = {ED25519: 32, COSIGNATURE: 32, MLDSA44: 1312}
_KEY_ID_BYTES = 4

COSIGNATURE_BLOB_BYTES = (8 + 64, 8 + 2420)
"""What follows the key id in a cosignature: a time, and a signature by Ed25519 or ML-DSA-44."""

BYTES_MAX = 1 << 20
LINES_MAX = 64

_CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f]")
_SIGNATURE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_KEY_ID = re.compile(r"[0-9a-f]{8}", re.ASCII)
_NAME = re.compile(r"[^\s+]+")


def base64_strictly(text: str) -> bytes | None:
    """The bytes of padded standard base64; `None` for any other text, stray bits and missing padding included."""
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        return None
    return data if b64encode(data).decode() == text else None


def key_id(name: str, type_: int, public: bytes) -> bytes:
    """The four bytes by which signatures name a key: a label, not a proof."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([type_]) + public).digest()[:_KEY_ID_BYTES]


@dataclass(frozen=True, slots=True)
class Vkey:
    """A verifier key: the public half of a key with the name it signs under. `type` is one of C2SP's signature types.

    Whether `public` is a point of the curve is asked by `ed25519.is_sound_point`, not here.
    """

    name: str
    key_id: bytes
    type: int
    public: bytes

    @classmethod
    def of(cls, name: str, public: bytes, type_: int = ED25519) -> Vkey:
        """The verifier key of a public key; its id is computed."""
        return cls(name, key_id(name, type_, public), type_, public)

    @classmethod
    def parse(cls, text: str) -> Vkey:
        """The key that a C2SP vkey text describes; raises `FormFault` (`schema`) for every other text."""
        name, _, rest = text.partition("+")
        digits, _, coded = rest.partition("+")
        blob = base64_strictly(coded) or b"\0"
        key = cls.of(name, blob[1:], blob[0]) if _encodable(name) else None
        fits = key and _PUBLIC_BYTES.get(key.type) == len(key.public) and digits == key.key_id.hex()
        if key is None or not fits or not _NAME.fullmatch(name) or not _KEY_ID.fullmatch(digits):
            raise FormFault("schema", sentence('"{text}" is no verifier key.', text=cut(text, SHOWN)))
        return key

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{b64encode(bytes([self.type]) + self.public).decode()}"


class Signer(Protocol):
    """Whoever can sign: a member's key, wherever its secret half is kept."""

    @property
    def vkey(self) -> Vkey:
        """The public half, by which signatures are verified."""

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature over `message`: 64 bytes."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line of a note: who says to have signed, and `blob`, the bytes after the key id."""

    name: str
    key_id: bytes
    blob: bytes

    @classmethod
    def parse(cls, line: str) -> Signature:
        """A signature line without its LF; raises `FormFault` (`note`)."""
        found = _SIGNATURE_LINE.fullmatch(line)
        data = base64_strictly(found[2]) if found else None
        if not found or data is None or len(data) <= _KEY_ID_BYTES:
            raise FormFault("note", sentence('"{line}" is no signature line.', line=cut(line, SHOWN)))
        return cls(found[1], data[:_KEY_ID_BYTES], data[_KEY_ID_BYTES:])

    def is_by(self, key: Vkey) -> bool:
        """Whether name and key id are those of `key`; nothing is verified by that."""
        return self.name == key.name and self.key_id == key.key_id

    def __str__(self) -> str:
        return f"— {self.name} {b64encode(self.key_id + self.blob).decode()}\n"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A text and signatures over it. Nothing of the text may be believed before one of them has been verified."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, data: bytes) -> SignedNote:
        """The note that `data` is; raises `FormFault` (`note`) where one byte is off."""
        text, gap, lines = data.rpartition(b"\n\n")
        if len(data) > BYTES_MAX or not gap or not lines.endswith(b"\n") or _CONTROL.search(data):
            raise FormFault("note", sentence("A note is not a text, an empty line and signature lines."))
        try:
            decoded, signed = text.decode(), lines.decode()
        except UnicodeDecodeError:
            raise FormFault("note", sentence("A note is not written in UTF-8.")) from None
        parts = signed[:-1].split("\n")
        if len(parts) > LINES_MAX:
            raise FormFault("note", sentence("A note has more than {max} signature lines.", max=LINES_MAX))
        return cls(decoded + "\n", tuple(Signature.parse(line) for line in parts))

    def __str__(self) -> str:
        return self.text + "\n" + "".join(map(str, self.signatures))

    def verified_by(self, keys: Iterable[Vkey]) -> tuple[Vkey, ...]:
        """The keys out of `keys` (type 01; others are skipped) that signed, each once; unknown signers are skipped.

        None means that the note is to be refused. Raises `FormFault` (`signature`) where a signature by one of the
        keys does not verify.
        """
        known = {(key.name, key.key_id): key for key in keys if key.type == ED25519}
        found: dict[Vkey, None] = {}
        for signature in self.signatures:
            key = known.get((signature.name, signature.key_id))
            if key is not None:
                verify(self.text, signature, key)
                found[key] = None
        return tuple(found)


def sign(text: str, name: str, signer: Signer) -> str:
    """The signature line, with its LF, by `signer` under `name` over a text that ends in LF.

    Raises `FormFault` (`note`) for a text or name that no note can hold.
    """
    if not text.endswith("\n") or not _encodable(text + name) or _CONTROL.search(text.encode()):
        raise FormFault("note", sentence("A text that is signed ends in a line end and holds no control characters."))
    if not _NAME.fullmatch(name):
        raise FormFault("note", sentence('"{name}" cannot be the name of a key.', name=cut(name, SHOWN)))
    public = signer.vkey.public
    return str(Signature(name, key_id(name, ED25519, public), signer.sign(text.encode())))


def verify(text: str, signature: Signature, key: Vkey) -> None:
    """Verify a signature of type 01 over a note's text; raises `FormFault` (`signature`)."""
    if not signature.is_by(key) or not ed25519.verifies(key.public, signature.blob, text.encode()):
        raise FormFault(
            "signature", sentence('A signature of "{name}" does not verify.', name=cut(signature.name, SHOWN))
        )


def check_author(note: SignedNote, text: str) -> None:
    """Refuse (`note`) an author's note that says something else than `text`, or has not exactly one signature."""
    if note.text != text:
        raise FormFault("note", sentence("The author's note speaks of another batch."))
    if len(note.signatures) != 1:
        count = len(note.signatures)
        raise FormFault("note", sentence("The author's note has {count} signatures; one belongs there.", count=count))


def verify_author(note: SignedNote, text: str, key: Vkey) -> None:
    """Verify an author's note: exactly `text`, with exactly one signature, by `key`.

    Raises `FormFault`: `note` for another text or another number of signatures, `signature` for another or bad one.
    """
    check_author(note, text)
    verify(text, note.signatures[0], key)


def _encodable(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)
