"""A timestamp authority in memory, which lies wherever a test wants it to: certificates and tokens, made by hand."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cloudbooks.chain.der import INTEGER, OCTETS, OID, SEQUENCE, SET, TIME, read, write

AT = datetime(2026, 11, 21, 8, 15, 30, tzinfo=UTC)
SHA_1, SHA_256 = "1.3.14.3.2.26", "2.16.840.1.101.3.4.2.1"
STAMPS = (ExtendedKeyUsageOID.TIME_STAMPING,)
_ECDSA = "1.2.840.10045.4.3.2"
_SIGNED_DATA, _TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
_CONTENT_TYPE, _DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
_NAMED = {"v1": "1.2.840.113549.1.9.16.2.12", "v2": "1.2.840.113549.1.9.16.2.47"}


@dataclass(frozen=True)
class Holder:
    """Whoever holds a key and a certificate for it."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @cached_property
    def der(self) -> bytes:
        """The certificate."""
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        """The certificate as text."""
        return self.certificate.public_bytes(Encoding.PEM)


def holder(  # noqa: PLR0913 - each is a lie that a test tells
    name: str,
    by: Holder | None = None,
    *,
    ca: bool = False,
    purposes: tuple[x509.ObjectIdentifier, ...] = (),
    critical: bool = True,
    since: datetime = AT - timedelta(days=30),
    until: datetime = AT + timedelta(days=30),
    key: ec.EllipticCurvePrivateKey | None = None,
    serial: int | None = None,
) -> Holder:
    """A new key with a certificate, self-signed where nobody else signs it."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if purposes:
        made = made.add_extension(x509.ExtendedKeyUsage(purposes), critical=critical)
    return Holder(key, made.sign((by.key if by else key), hashes.SHA256()))


def oid(text: str) -> bytes:
    """An object identifier as DER."""
    first, second, *rest = (int(arc) for arc in text.split("."))
    content = bytearray()
    for arc in (first * 40 + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(arc & 0x7F | 0x80)
        content += bytes(reversed(groups))
    return write(OID, bytes(content))


def integer(number: int) -> bytes:
    """An integer as DER."""
    return write(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, signed=True))


def token(  # noqa: PLR0913 - each is a lie that an authority tells
    signer: Holder,
    stamped: bytes,
    *,
    at: str = AT.strftime("%Y%m%d%H%M%SZ"),
    brings: tuple[Holder, ...] | None = None,
    named: str = "v2",
    names: Holder | None = None,
    imprint: tuple[str, bytes] | None = None,
    version: int = 1,
    signers: int = 1,
    nonce: int | None = 7,
) -> bytes:
    """A token over `stamped`, bringing the signer's certificate along where nothing else is said."""
    algorithm, hashed = imprint or (SHA_256, hashlib.sha256(stamped).digest())
    info = write(
        SEQUENCE,
        integer(version),
        oid("1.2.3.4"),
        write(SEQUENCE, write(SEQUENCE, oid(algorithm)), write(OCTETS, hashed)),
        integer(41),
        write(TIME, at.encode()),
        b"" if nonce is None else integer(nonce),
    )
    brought = sorted(one.der for one in (brings if brings is not None else (signer,)))
    signed = write(
        SEQUENCE,
        integer(3),
        write(SET, write(SEQUENCE, oid(SHA_256))),
        write(SEQUENCE, oid(_TST_INFO), write(0xA0, write(OCTETS, info))),
        write(0xA0, *brought) if brought else b"",
        write(SET, *[_signer(signer, info, named, names or signer)] * signers),
    )
    return write(SEQUENCE, oid(_SIGNED_DATA), write(0xA0, signed))


def _signer(signer: Holder, info: bytes, named: str, names: Holder) -> bytes:
    attributes = [
        _attribute(_CONTENT_TYPE, oid(_TST_INFO)),
        _attribute(_DIGEST, write(OCTETS, hashlib.sha256(info).digest())),
    ]
    if named in _NAMED:
        digest = hashlib.sha1(names.der) if named == "v1" else hashlib.sha256(names.der)
        one = write(SEQUENCE, write(OCTETS, digest.digest()))
        attributes.append(_attribute(_NAMED[named], write(SEQUENCE, write(SEQUENCE, one))))
    held = b"".join(sorted(attributes))
    signature = signer.key.sign(write(SET, held), ec.ECDSA(hashes.SHA256()))
    issuer = signer.certificate.issuer.public_bytes()
    return write(
        SEQUENCE,
        integer(1),
        write(SEQUENCE, issuer, integer(signer.certificate.serial_number)),
        write(SEQUENCE, oid(SHA_256)),
        write(0xA0, held),
        write(SEQUENCE, oid(_ECDSA)),
        write(OCTETS, signature),
    )


def _attribute(kind: str, value: bytes) -> bytes:
    return write(SEQUENCE, oid(kind), write(SET, value))


def answer(token_: bytes = b"", status: int = 0, words: str = "") -> bytes:
    """An authority's answer (TimeStampResp)."""
    said = write(SEQUENCE, write(0x0C, words.encode())) if words else b""
    return write(SEQUENCE, write(SEQUENCE, integer(status), said), token_)


def asked(request: bytes) -> tuple[bytes, int]:
    """The digest and the nonce of a request (TimeStampReq)."""
    parts = read(request).parts(SEQUENCE)
    parts.next()
    hashed = list(parts.next().parts(SEQUENCE))[1].content
    return hashed, parts.next().integer()
