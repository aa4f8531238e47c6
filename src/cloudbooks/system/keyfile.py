"""Members' keys: Ed25519 secrets in 0600 files of the state folder, plain or wrapped with a passphrase.

A key file is one canonical line and a second with its `b3:` hash, as a receipt is. Version 1 wraps the 32-byte seed
with Argon2id (3 passes, 4 lanes, 64 MiB) and AES-256-GCM-SIV, or AES-256-GCM where the library lacks the former; the
rest of the line is authenticated with it. Cryptography is loaded when a key is made or used, not to see whether one is
there.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from blake3 import blake3

from cloudbooks.errors import Refusal, sentence
from cloudbooks.system import files

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV

    from cloudbooks.chain.note import Signer, Vkey

VERSION: Final = 1
KDF: Final = "argon2id-3-4-65536"
PLAIN: Final = "none"
GCM_SIV: Final = "aes-256-gcm-siv"
GCM: Final = "aes-256-gcm"
_SEED_BYTES = 32
_SALT_BYTES = 16
_NONCE_BYTES = 12
_BYTES_MAX = 4096
_LINES = 2
_OTHERS = 0o077


class KeyMissing(Refusal):
    """The member's key is not on this machine."""

    code = "key-missing"

    def __init__(self, member: str, path: Path) -> None:
        super().__init__(
            sentence("the key of member {member} is not at {path}.", member=member, path=str(path)),
            hint=sentence(
                "copy the file there from the machine that has it, or use --as with a member whose key is here"
            ),
        )


class KeyThere(Refusal):
    """A key file of this name exists; a key is never overwritten."""

    code = "key-there"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("{path} exists, and a key is never overwritten.", path=str(path)),
            hint=sentence("mv {path} {path}.old", path=str(path)),
        )


class KeyExposed(Refusal):
    """Others than its owner may read or change a key file."""

    code = "key-exposed"

    def __init__(self, path: Path, mode: int) -> None:
        super().__init__(
            sentence("{path} has mode {mode}: others may read this key.", path=str(path), mode=f"{mode:04o}"),
            hint=sentence("chmod 600 {path}", path=str(path)),
        )


class KeyDamaged(Refusal):
    """A key file does not hold what its checksum says, or is no key file."""

    code = "key-damaged"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("{path} is not the key file that was written there.", path=str(path)),
            hint=sentence("put a copy of the key file back in its place"),
        )


class KeyNewer(Refusal):
    """A key file was written by a newer program."""

    code = "key-newer"

    def __init__(self, path: Path, version: object) -> None:
        super().__init__(
            sentence("{path} has key format {version}; this program reads 1.", path=str(path), version=version),
            hint=sentence("pip install --upgrade cloudbooks"),
        )


class PassphraseWrong(Refusal):
    """The passphrase does not open the key."""

    code = "passphrase-wrong"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("the passphrase does not open {path}.", path=str(path)),
            hint=sentence("export CLOUDBOOKS_PASSPHRASE_FILE=FILE, or type it again"),
        )


@dataclass(frozen=True, slots=True)
class MemberKey:
    """A member's key, ready to sign; it never shows its secret half."""

    vkey: Vkey
    _private: Ed25519PrivateKey

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature over `message`: 64 bytes."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        return f"MemberKey({self.vkey})"


def path_of(folder: Path, book: str, member: str) -> Path:
    """Where the key of a member of a book is kept in the state folder `folder`; ids name it."""
    return folder / "keys" / book / f"{member}.key"


def exists(folder: Path, book: str, member: str) -> bool:
    """Whether a key file of this member is here; nothing is said about what it holds."""
    return path_of(folder, book, member).exists()


def held(folder: Path, book: str) -> dict[str, str]:
    """The keys of a book that are here: the id that each file is named by, under its verifier key.

    A clone makes its key before anybody knows it as a member, so that its file may have another name than the member.
    Files that cannot be read are passed over; `load` says what is wrong with one.
    """
    return {str(facts["vkey"]): named for named, facts in _readable(folder, book)}


def begun(folder: Path, book: str) -> dict[str, str]:
    """The keys of a book that are here and follow no other: under each the key that was made to follow it, or empty."""
    every = [facts for _, facts in _readable(folder, book)]
    following = {str(facts["follows"]): str(facts["vkey"]) for facts in every if "follows" in facts}
    first = [str(facts["vkey"]) for facts in every if "follows" not in facts]
    return {key: following.get(key, "") for key in first}


def _readable(folder: Path, book: str) -> Iterator[tuple[str, dict[str, object]]]:
    """The name and the facts of each key file of a book that can be read, the oldest first."""
    places = path_of(folder, book, "").parent
    for path in sorted(places.glob("*.key")) if places.is_dir() else ():
        try:
            facts = _read(path, path.stem)
        except Refusal:
            continue
        if "vkey" in facts:
            yield path.stem, facts


def forget(folder: Path, book: str, member: str) -> None:
    """Remove the key of a member whose book was never made."""
    path = path_of(folder, book, member)
    with suppress(OSError):
        # Where the disk does not even do that, a key is left that no book has.
        files.unlink(path)
        if path.parent.is_dir() and not any(path.parent.iterdir()):
            path.parent.rmdir()


def create(folder: Path, book: str, member: str, passphrase: bytes | None, *, follows: Vkey | None = None) -> Signer:
    """Make a member's key and keep it, wrapped if there is a passphrase; raises `KeyThere` or `FileNotWritten`.

    `follows` is the key in whose place this one is to come; the file says it, so that nobody takes it for a first one.
    """
    path = path_of(folder, book, member)
    seed = secrets.token_bytes(_SEED_BYTES)
    key = _key(book, seed)
    facts: dict[str, object] = {
        "book": book,
        "member": member,
        "type": "key",
        "version": VERSION,
        "vkey": str(key.vkey),
    }
    facts |= {} if follows is None else {"follows": str(follows)}
    facts |= {"cipher": PLAIN} if passphrase is None else _wrapping()
    secret = seed if passphrase is None else _cipher(facts, passphrase).encrypt(_nonce(facts), seed, _line(facts))
    line = _line(facts | {"secret": b64encode(secret).decode()})
    try:
        files.private_folder(path.parent)
        files.create(path, line + f"b3:{blake3(line).hexdigest()}\n".encode())
    except FileExistsError:
        raise KeyThere(path) from None
    except OSError as error:
        raise files.FileNotWritten(path, error) from error
    return key


def promise(vkey: Vkey) -> str:
    """What a member states of the key that is to follow: the `s256:` of its text (FORMAT.md section 2)."""
    return f"s256:{hashlib.sha256(str(vkey).encode()).hexdigest()}"


def load(folder: Path, book: str, member: str, passphrase: Callable[[], bytes]) -> Signer:
    """A member's key; `passphrase` is asked only if it is wrapped.

    Raises `KeyMissing`, `KeyExposed`, `KeyDamaged`, `KeyNewer`, `PassphraseWrong`.
    """
    path = path_of(folder, book, member)
    facts = _read(path, member)
    try:
        secret = b64decode(str(facts.pop("secret")), validate=True)
        if facts["cipher"] != PLAIN:
            secret = _unwrapped(path, facts, secret, passphrase())
        key = _key(book, secret)
    except (KeyError, ValueError):
        raise KeyDamaged(path) from None
    if (facts.get("book"), facts.get("member"), facts.get("vkey")) != (book, member, str(key.vkey)):
        raise KeyDamaged(path)
    return key


def _read(path: Path, member: str) -> dict[str, object]:
    try:
        mode = path.lstat().st_mode & 0o7777
        if os.name != "nt" and mode & _OTHERS:
            raise KeyExposed(path, mode)
        data = files.read_regular(path, _BYTES_MAX)
    except FileNotFoundError:
        raise KeyMissing(member, path) from None
    except OSError:
        raise KeyDamaged(path) from None
    lines = data.splitlines(keepends=True)
    if len(lines) != _LINES or lines[1] != f"b3:{blake3(lines[0]).hexdigest()}\n".encode():
        raise KeyDamaged(path)
    try:
        facts = json.loads(lines[0])
    except ValueError:
        raise KeyDamaged(path) from None
    if not isinstance(facts, dict) or facts.get("type") != "key":
        raise KeyDamaged(path)
    if facts.get("version") != VERSION:
        raise KeyNewer(path, facts.get("version"))
    return facts


def _key(book: str, seed: bytes) -> MemberKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - cryptography is loaded only to sign

    from cloudbooks.chain.note import Vkey  # noqa: PLC0415 - the same

    private = Ed25519PrivateKey.from_private_bytes(seed)
    return MemberKey(Vkey.of(f"cloudbooks/{book}", private.public_key().public_bytes_raw()), private)


def _wrapping() -> dict[str, object]:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - cryptography is loaded only to sign
    from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV  # noqa: PLC0415 - the same

    try:
        AESGCMSIV(bytes(32))
        cipher = GCM_SIV
    except UnsupportedAlgorithm:
        cipher = GCM
    salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
    return {"cipher": cipher, "kdf": KDF, "nonce": nonce.hex(), "salt": salt.hex()}


def _unwrapped(path: Path, facts: dict[str, object], secret: bytes, passphrase: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - cryptography is loaded only to sign

    try:
        return _cipher(facts, passphrase).decrypt(_nonce(facts), secret, _line(facts))
    except InvalidTag:
        raise PassphraseWrong(path) from None


def _cipher(facts: dict[str, object], passphrase: bytes) -> AESGCM | AESGCMSIV:
    """The cipher under the key that the passphrase gives; `ValueError` or `KeyError` for facts that name none."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV  # noqa: PLC0415 - cryptography is loaded only to sign
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id  # noqa: PLC0415 - the same

    if facts["kdf"] != KDF:
        raise ValueError(facts["kdf"])
    salt = bytes.fromhex(str(facts["salt"]))
    derived = Argon2id(salt=salt, length=32, iterations=3, lanes=4, memory_cost=65536).derive(passphrase)
    if facts["cipher"] == GCM_SIV:
        return AESGCMSIV(derived)
    if facts["cipher"] == GCM:
        return AESGCM(derived)
    raise ValueError(facts["cipher"])


def _nonce(facts: dict[str, object]) -> bytes:
    return bytes.fromhex(str(facts["nonce"]))


def _line(facts: dict[str, object]) -> bytes:
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
