"""Timestamp authorities that a verifier trusts, and what they vouch for (docs/format.md section 7.1).

Chains of certificates and the token's signature are judged by OpenSSL, through `rfc3161-client`, the extra
`timestamp`; what that library passes over is judged here.
"""

from __future__ import annotations

import re
import warnings
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from cloudbooks.chain import der
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.timestamp import Token
from cloudbooks.errors import Sentence, sentence

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

PEM_BYTES_MAX = 1 << 20
_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----\s*([A-Za-z0-9+/=\s]*?)-----END \1-----")
_BEGIN = b"-----BEGIN "
_KEPT = 64
"""Certificates that are read once: the tokens of a book mostly bring the same ones along."""
_CERTIFICATES = 0xA0
_GRANTED = bytes.fromhex("3003020100")
"""A PKIStatusInfo that says `granted`: a token stands in an answer before the library reads it."""


class Unjudged(Exception):
    """The library that judges signatures of timestamps is not installed."""


@dataclass(frozen=True, slots=True)
class Authority:
    """A timestamp authority by a name of the verifier's own, and the certificates (DER) by which it is known.

    `file` says where they stand, as the policy's line `line` has it; a policy is read before its files are.
    """

    name: str
    certificates: tuple[bytes, ...] = ()
    file: str = ""
    line: int = 0

    def knows(self, token: Token) -> bool:
        """Whether the signer's certificate, or a row of certificates from it, leads to one of this authority's."""
        signer = self._signer(token)
        own = frozenset(self.certificates)
        if signer is None:
            return False
        reached, left = [signer], {*token.certificates, *own} - {signer}
        while reached:
            one = reached.pop()
            if one in own:
                return True
            above = [other for other in left if _issued(other, one)]
            reached += above
            left.difference_update(above)
        return False

    def vouches(self, token: Token) -> bool:
        """Whether a token is good by this authority; raises `Unjudged`."""
        signer = self._signer(token)
        return signer is not None and token.names(signer) and _stamps_alone(signer) and self._verifies(token, signer)

    def _signer(self, token: Token) -> bytes | None:
        """The certificate that the token's signer names: the token's own, or ours where it brings none."""
        return next((one for one in token.certificates or self.certificates if token.is_by(one)), None)

    def _verifies(self, token: Token, signer: bytes) -> bool:
        """Whether the signatures of the token, and of a chain to a root of ours, verify at the token's time."""
        try:
            import rfc3161_client  # noqa: PLC0415 - the extra `timestamp`
        except ImportError as missing:
            raise Unjudged from missing
        ours = [one for one in map(_certificate, self.certificates) if one is not None]
        verifier = rfc3161_client.VerifierBuilder(
            tsa_certificate=None if token.certificates else _certificate(signer),
            roots=[one for one in ours if one.issuer == one.subject],
            intermediates=[one for one in ours if one.issuer != one.subject],
        ).build()
        try:
            answer = rfc3161_client.decode_timestamp_response(der.write(der.SEQUENCE, _GRANTED, _sorted(token.data)))
            stated = answer.tst_info
            same = (stated.gen_time.replace(microsecond=0), stated.nonce) == (token.at, token.nonce)
            with _quietly():
                return same and verifier.verify(answer, token.imprint)
        except Exception:  # noqa: BLE001 - whatever keeps the library from saying yes is a no
            return False
        except BaseException as error:
            # What the library's Rust did not expect of hostile bytes comes as a panic, which is no `Exception`.
            if type(error).__name__ == "PanicException":
                return False
            raise


def read_authority(name: str, data: bytes, file: str = "", line: int = 0) -> Authority:
    """The authority whose certificates a PEM file holds; raises `FormFault` (`policy`)."""
    found = list(_BLOCK.finditer(data))
    if len(data) > PEM_BYTES_MAX or not found or len(found) != data.count(_BEGIN):
        _refuse(sentence("A file of certificates holds PEM blocks, and no more than 1 MiB."))
    certificates = []
    for block in found:
        if block[1] != b"CERTIFICATE":
            _refuse(sentence('A file of certificates holds a block "{word}".', word=block[1].decode()))
        try:
            certificates.append(b64decode(b"".join(block[2].split()), validate=True))
        except ValueError:
            _refuse(sentence("A certificate is not written in base64."))
    read = [_certificate(one) for one in certificates]
    if None in read:
        _refuse(sentence("A certificate is none of X.509."))
    if not any(one is not None and one.issuer == one.subject for one in read):
        _refuse(sentence("A file of certificates holds no self-signed one, which is the root."))
    return Authority(name, tuple(certificates), file, line)


@contextmanager
def _quietly() -> Iterator[None]:
    """What the libraries would tell a programmer of a certificate (a serial number of 0, say) tells a user nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _refuse(message: Sentence) -> None:
    raise FormFault("policy", message)


@lru_cache(maxsize=_KEPT)
def _certificate(data: bytes) -> Certificate | None:
    """A certificate from its DER; `None` for what is none."""
    from cryptography import x509  # noqa: PLC0415 - only where certificates are judged

    try:
        with _quietly():
            return x509.load_der_x509_certificate(data)
    except Exception:  # noqa: BLE001 - hostile bytes have many ways to be no certificate, and all say the same
        return None


@lru_cache(maxsize=_KEPT)
def _issued(issuer: bytes, subject: bytes) -> bool:
    """Whether one certificate signs another: names and signature, whatever dates and purposes say."""
    above, below = _certificate(issuer), _certificate(subject)
    if above is None or below is None:
        return False
    try:
        below.verify_directly_issued_by(above)
    except Exception:  # noqa: BLE001 - the same: other names, another signature, an unknown key
        return False
    return True


@lru_cache(maxsize=_KEPT)
def _stamps_alone(signer: bytes) -> bool:
    """Whether a certificate's one critical purpose is to stamp times (RFC 3161 section 2.3)."""
    from cryptography.x509 import ExtendedKeyUsage, oid  # noqa: PLC0415 - the same

    certificate = _certificate(signer)
    try:
        found = certificate and certificate.extensions.get_extension_for_class(ExtendedKeyUsage)
    except Exception:  # noqa: BLE001 - the same: no such extension, or extensions that are none
        return False
    return bool(found and found.critical and list(found.value) == [oid.ExtendedKeyUsageOID.TIME_STAMPING])


def _sorted(token: bytes) -> bytes:
    """A token with its certificates in the order of DER, which authorities often do not keep and the library demands.

    They stand outside of what is signed. The token has been read before.
    """
    info = der.read(token).parts(der.SEQUENCE)
    kind, held = info.next().raw, info.next()
    parts = list(held.parts(held.tag).next().parts(der.SEQUENCE))
    for place, part in enumerate(parts):
        if part.tag == _CERTIFICATES:
            inner = sorted(one.raw for one in der.values(part.content))
            parts[place] = der.read(der.write(_CERTIFICATES, *inner))
    signed = der.write(der.SEQUENCE, *(one.raw for one in parts))
    return der.write(der.SEQUENCE, kind, der.write(held.tag, signed))
