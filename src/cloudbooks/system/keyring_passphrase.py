"""The passphrase of a key, from the keyring of the desktop: there only where the extra `keyring` is installed.

`keyring set cloudbooks NAME` puts one there, NAME being what `--as` says, else the name of the user's account.
"""

from __future__ import annotations

from importlib import import_module

SERVICE = "cloudbooks"


def kept_passphrase(name: str) -> bytes | None:
    """The passphrase that the keyring keeps under a name; `None` where there is no keyring, or it has none."""
    try:
        keyring = import_module("keyring")
        kept = keyring.get_password(SERVICE, name)
    except Exception:  # noqa: BLE001 - a desktop without a keyring, or one that is locked, has many ways to say so
        return None
    return kept.encode() if kept else None
