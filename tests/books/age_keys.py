"""Keys of age for tests of encrypted backups."""

from __future__ import annotations

from pathlib import Path

import pyrage

from cloudbooks.system.age_file import Identities, Recipients

OWN = "AGE-SECRET-KEY-1D3EGA9G3PMVU6FRWQAMZ8QKDKJZJ9ASPH78DMR5U2QQVX7E89WTS2GEEJ9"
"""A secret key that is known to everybody who reads this."""

IN_CLEAR = (b"PK\x03\x04", b"SQLite format 3")
"""With what a backup or a book in clear begins."""


def key_file(path: Path, key: str = "") -> Path:
    """An identity file as `age-keygen` writes it, of a new key where none is given."""
    own = pyrage.x25519.Identity.from_str(key) if key else pyrage.x25519.Identity.generate()
    path.write_text(f"# public key: {own.to_public()}\n{own}\n")
    path.chmod(0o600)
    return path


def public(identities: Identities) -> Recipients:
    """The public halves of identities, to encrypt to."""
    return Recipients(tuple(identities.public()))
