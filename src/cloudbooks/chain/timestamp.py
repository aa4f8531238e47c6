"""RFC 3161 tokens over checkpoints: what one says, read strictly (docs/format.md section 7.1).

Whoever signed it, and whether that is believed, is judged in `authority`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from cloudbooks.chain import checkpoint, der
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.der import NotDer, Parts, Value
from cloudbooks.core.text import cut
from cloudbooks.errors import Sentence, sentence

TOKEN_BYTES_MAX = 1 << 16
SHA_256 = "2.16.840.1.101.3.4.2.1"

_SIGNED_DATA = "1.2.840.113549.1.7.2"
_TST_INFO = "1.2.840.113549.1.9.16.1.4"
_SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12"
_SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
_HASHES = {SHA_256: "sha256", "2.16.840.1.101.3.4.2.2": "sha384", "2.16.840.1.101.3.4.2.3": "sha512"}
_EXPLICIT_0, _EXPLICIT_1 = 0xA0, 0xA1
_BOOLEAN, _BITS, _UTF8 = 0x01, 0x03, 0x0C
_TIME = re.compile(r"([0-9]{14})(?:\.[0-9]*[1-9])?Z", re.ASCII)
_GRANTED = (0, 1)
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says: `imprint` is SHA-256 of what was stamped, `at` the time, in whole seconds.

    `certificates` (DER) are those that it brings along; `issuer` (a DER Name) and `serial` say which certificate is
    the signer's, and `named` holds the digests, each with its algorithm's name, by which signed attributes name it.
    """

    data: bytes
    imprint: bytes
    at: datetime
    nonce: int | None
    certificates: tuple[bytes, ...]
    issuer: bytes
    serial: int
    named: tuple[tuple[str, bytes], ...]

    def is_by(self, certificate: bytes) -> bool:
        """Whether a certificate (DER) is the one of the signer; one that cannot be read is not."""
        try:
            parts = der.read(certificate).parts(der.SEQUENCE).next().parts(der.SEQUENCE)
            parts.option(_EXPLICIT_0)
            serial = parts.next().integer()
            parts.next()
            return (serial, parts.next().raw) == (self.serial, self.issuer)
        except NotDer:
            return False

    def names(self, certificate: bytes) -> bool:
        """Whether the signed attributes name this certificate as the signer's, by its hash."""
        return bool(self.named) and all(
            hashlib.new(algorithm, certificate, usedforsecurity=False).digest() == digest
            for algorithm, digest in self.named
        )


def token_file(size: int) -> str:
    """The name of the token over `size` blocks in the layout of FORMAT.md section 6."""
    return f"timestamp/{size}.tsr"


def stamped_text(origin: str, size: int, root: bytes) -> bytes:
    """What a timestamp of a log's first `size` blocks covers: the text of that checkpoint, without signatures."""
    return checkpoint.text(origin, size, root).encode()


def imprint(origin: str, size: int, root: bytes) -> bytes:
    """SHA-256 of what is stamped."""
    return hashlib.sha256(stamped_text(origin, size, root)).digest()


def read(data: bytes) -> Token:
    """The token that a file holds; raises `FormFault` (`timestamp`) for everything else."""
    if len(data) > TOKEN_BYTES_MAX:
        raise FormFault("timestamp", sentence("A timestamp is longer than {n} bytes.", n=TOKEN_BYTES_MAX))
    try:
        return _token(data)
    except (NotDer, ValueError):
        raise FormFault("timestamp", sentence("This is no timestamp token as RFC 3161 has it.")) from None


def _token(data: bytes) -> Token:
    info = der.read(data).parts(der.SEQUENCE)
    _require(info.next().oid() == _SIGNED_DATA)
    signed = _only(info.next().parts(_EXPLICIT_0)).parts(der.SEQUENCE)
    info.end()
    signed.next().integer()
    list(signed.next().parts(der.SET))
    content = signed.next().parts(der.SEQUENCE)
    _require(content.next().oid() == _TST_INFO)
    stated = _only(content.next().parts(_EXPLICIT_0)).of(der.OCTETS)
    content.end()
    certificates = signed.option(_EXPLICIT_0)
    signed.option(_EXPLICIT_1)
    signer = _only(signed.next().parts(der.SET)).parts(der.SEQUENCE)
    signed.end()
    brought = () if certificates is None else tuple(one.raw for one in der.values(certificates.content))
    hashed, at, nonce = _stated(der.read(stated).parts(der.SEQUENCE))
    issuer, serial, named = _signer(signer)
    return Token(data, hashed, at, nonce, brought, issuer, serial, named)


def _stated(info: Parts) -> tuple[bytes, datetime, int | None]:
    """The imprint, time and nonce of a TSTInfo."""
    _require(info.next().integer() == 1)
    info.next().oid()
    imprinted = info.next().parts(der.SEQUENCE)
    algorithm = imprinted.next().parts(der.SEQUENCE).next().oid()
    hashed = imprinted.next().of(der.OCTETS)
    imprinted.end()
    if algorithm != SHA_256:
        raise FormFault("timestamp", sentence("A timestamp is over a digest of another kind than SHA-256."))
    _require(len(hashed) == hashlib.sha256().digest_size)
    info.next().integer()
    at = _time(info.next().of(der.TIME).decode("ascii"))
    info.option(der.SEQUENCE)
    info.option(_BOOLEAN)
    nonce = info.option(der.INTEGER)
    info.option(_EXPLICIT_0)
    info.option(_EXPLICIT_1)
    info.end()
    return hashed, at, None if nonce is None else nonce.integer()


def _signer(signer: Parts) -> tuple[bytes, int, tuple[tuple[str, bytes], ...]]:
    """Issuer and serial number of the signer's certificate, and the digests that name it in what is signed."""
    signer.next().integer()
    identity = signer.next().parts(der.SEQUENCE)
    issuer, serial = identity.next().raw, identity.next().integer()
    identity.end()
    signer.next()
    attributes = signer.next().parts(_EXPLICIT_0)
    named = []
    for attribute in attributes:
        parts = attribute.parts(der.SEQUENCE)
        kind, held = parts.next().oid(), parts.next()
        if kind in (_SIGNING_CERTIFICATE, _SIGNING_CERTIFICATE_V2):
            named.append(_named(_only(held.parts(der.SET)), kind))
    return issuer, serial, tuple(named)


def _named(attribute: Value, kind: str) -> tuple[str, bytes]:
    """The first certificate that RFC 2634's or RFC 5035's attribute names: an algorithm and a digest."""
    first = attribute.parts(der.SEQUENCE).next().parts(der.SEQUENCE).next().parts(der.SEQUENCE)
    if kind == _SIGNING_CERTIFICATE:
        # RFC 2634 knows SHA-1 alone. It only names a certificate; what vouches is the signature.
        return "sha1", first.next().of(der.OCTETS)
    algorithm = first.option(der.SEQUENCE)
    word = SHA_256 if algorithm is None else algorithm.parts(der.SEQUENCE).next().oid()
    _require(word in _HASHES)
    return _HASHES[word], first.next().of(der.OCTETS)


def _time(text: str) -> datetime:
    """A GeneralizedTime of DER; fractions of a second are cut off."""
    found = _TIME.fullmatch(text)
    _require(found is not None)
    assert found is not None
    return datetime.strptime(found[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def _only(parts: Parts) -> Value:
    one = parts.next()
    parts.end()
    return one


def _require(holds: bool) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise NotDer


class NotGranted(Exception):
    """An authority answered that it gives no token; `why` are its own words."""

    def __init__(self, why: Sentence) -> None:
        super().__init__(str(why))
        self.why = why


def token_of(answer: bytes) -> bytes:
    """The token in an authority's answer (TimeStampResp); raises `NotGranted`, and `FormFault` (`timestamp`)."""
    try:
        parts = der.read(answer).parts(der.SEQUENCE)
        status = parts.next().parts(der.SEQUENCE)
        number = status.next().integer()
        words = status.option(der.SEQUENCE)
        status.option(_BITS)
        status.end()
        if number not in _GRANTED:
            raise NotGranted(_said(number, words))
        token = parts.next().raw
        parts.end()
    except NotDer:
        raise FormFault("timestamp", sentence("This is no answer of a timestamp authority.")) from None
    return token


def _said(number: int, words: Value | None) -> Sentence:
    lines = [] if words is None else [one.of(_UTF8).decode(errors="replace") for one in der.values(words.content)]
    said = cut(" ".join(lines), _SHOWN)
    if said:
        return sentence('status {number}, "{words}"', number=number, words=said)
    return sentence("status {number}", number=number)
