"""Ed25519 as RFC 8032 verifies it, more strictly than libraries do: one signature, one meaning, for every verifier.

Cofactorless; S is below the order of the group; neither the key nor R is of small order or written in another than the
canonical form.
"""

from __future__ import annotations

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
"""The order of the base point, named L in RFC 8032."""

_D = -121665 * pow(121666, -1, PRIME) % PRIME
_SIGN = 1 << 255
_POINT_BYTES = 32
_SIGNATURE_BYTES = 64


def _y(encoding: bytes) -> int:
    return int.from_bytes(encoding, "little") & ~_SIGN


def _small_order_ys() -> frozenset[int]:
    """The y of the eight points whose order divides 8.

    Orders 1 and 2 have y = 1 and -1, order 4 has y = 0. A point of order 8 doubles to y = 0, so x^2 = -y^2, and the
    equation of the curve becomes d y^4 + 2 y^2 - 1 = 0.
    """
    ys = {1, PRIME - 1, 0}
    root = _square_root(1 + _D)
    for square in ((-1 + root) * pow(_D, -1, PRIME) % PRIME, (-1 - root) * pow(_D, -1, PRIME) % PRIME):
        if pow(square, (PRIME - 1) // 2, PRIME) == 1:
            y = _square_root(square)
            ys |= {y, PRIME - y}
    return frozenset(ys)


def _square_root(square: int) -> int:
    root = pow(square, (PRIME + 3) // 8, PRIME)
    return root if root * root % PRIME == square % PRIME else root * pow(2, (PRIME - 1) // 4, PRIME) % PRIME


_SMALL_ORDER_YS = _small_order_ys()


def _is_canonical_of_large_order(encoding: bytes) -> bool:
    # Every y of small order falls with both its signs, so the one encoding whose sign alone is off (x = 0) does too.
    y = _y(encoding)
    return len(encoding) == _POINT_BYTES and y < PRIME and y not in _SMALL_ORDER_YS


@lru_cache(maxsize=4096)
def is_sound_point(public: bytes) -> bool:
    """Whether 32 bytes are the canonical encoding of a point of the curve that is not of small order."""
    if not _is_canonical_of_large_order(public):
        return False
    y2 = _y(public) ** 2 % PRIME
    # x^2 = (y^2 - 1) / (d y^2 + 1) has a root exactly if the product of both sides is a square; y = 1 is gone already.
    return pow((y2 - 1) * (_D * y2 + 1) % PRIME, (PRIME - 1) // 2, PRIME) == 1


def verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `signature` is one by `public` over `message`, judged strictly."""
    if len(signature) != _SIGNATURE_BYTES or not is_sound_point(public):
        return False
    point, scalar = signature[:_POINT_BYTES], signature[_POINT_BYTES:]
    if not _is_canonical_of_large_order(point) or int.from_bytes(scalar, "little") >= ORDER:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True
