"""Members' keys: kept privately, opened by their passphrase alone, and refused when anything about them is off."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from blake3 import blake3

from cloudbooks.chain import ed25519
from cloudbooks.chain.note import Signer
from cloudbooks.errors import Refusal
from cloudbooks.system import files, keyfile

BOOK = "019a9c3e-7b00-7000-8000-000000000001"
ANN = "019a9c3e-7b00-7000-8000-000000000002"


def never() -> bytes:
    """Whoever asks for a passphrase here is wrong."""
    raise AssertionError


def signs(signer: Signer) -> bool:
    """Whether the key signs what its public half verifies."""
    return ed25519.verifies(signer.vkey.public, signer.sign(b"message"), b"message")


def test_a_plain_key_loads_without_a_passphrase(tmp_path: Path) -> None:
    """The same key comes back, under the book's name, from a file that is the owner's alone."""
    made = keyfile.create(tmp_path, BOOK, ANN, None)
    loaded = keyfile.load(tmp_path, BOOK, ANN, never)
    assert loaded.vkey == made.vkey
    assert loaded.vkey.name == f"cloudbooks/{BOOK}"
    assert signs(made)
    assert signs(loaded)
    path = keyfile.path_of(tmp_path, BOOK, ANN)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("gcm_siv", [True, False])
def test_a_wrapped_key_needs_its_passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, gcm_siv: bool) -> None:
    """With a passphrase the secret half is in no file; another passphrase is refused by name. Either cipher does."""
    if not gcm_siv:
        monkeypatch.setattr(keyfile, "GCM_SIV", keyfile.GCM)
    made = keyfile.create(tmp_path, BOOK, ANN, b"correct horse")
    assert keyfile.load(tmp_path, BOOK, ANN, lambda: b"correct horse").vkey == made.vkey
    with pytest.raises(keyfile.PassphraseWrong):
        keyfile.load(tmp_path, BOOK, ANN, lambda: b"correct house")
    assert "correct" not in repr(made)
    assert str(made.vkey) in repr(made)


def test_keys_differ(tmp_path: Path) -> None:
    """Two members never have one key."""
    other = ANN[:-1] + "3"
    keys = {keyfile.create(tmp_path, BOOK, member, None).vkey for member in (ANN, other)}
    assert len(keys) == 2


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    """A second key for the same member is refused, and the first one stays."""
    made = keyfile.create(tmp_path, BOOK, ANN, None)
    with pytest.raises(keyfile.KeyThere):
        keyfile.create(tmp_path, BOOK, ANN, None)
    assert keyfile.load(tmp_path, BOOK, ANN, never).vkey == made.vkey


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    """The refusal says whose key is missing, and where it was looked for."""
    assert not keyfile.exists(tmp_path, BOOK, ANN)
    with pytest.raises(keyfile.KeyMissing, match=ANN):
        keyfile.load(tmp_path, BOOK, ANN, never)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o602])
def test_a_key_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    """A key that was open to others is not used until its owner has seen to it."""
    keyfile.create(tmp_path, BOOK, ANN, None)
    path = keyfile.path_of(tmp_path, BOOK, ANN)
    path.chmod(mode)
    with pytest.raises(keyfile.KeyExposed, match=f"{mode:04o}"):
        keyfile.load(tmp_path, BOOK, ANN, never)
    path.chmod(0o400)
    assert signs(keyfile.load(tmp_path, BOOK, ANN, never))


def test_every_changed_byte_of_a_key_file_is_seen(tmp_path: Path) -> None:
    """Whichever byte is another, the key is refused; nothing is signed with half a key."""
    keyfile.create(tmp_path, BOOK, ANN, None)
    path = keyfile.path_of(tmp_path, BOOK, ANN)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(keyfile.KeyDamaged):
            keyfile.load(tmp_path, BOOK, ANN, never)


def rewritten(path: Path, before: bytes, after: bytes) -> None:
    """Change a key file as a program would that makes its checksum anew."""
    line = path.read_bytes().splitlines(keepends=True)[0].replace(before, after)
    path.write_bytes(line + f"b3:{blake3(line).hexdigest()}\n".encode())


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (b'"version":1', b'"version":2', keyfile.KeyNewer),
        (b'"type":"key"', b'"type":"kay"', keyfile.KeyDamaged),
        (BOOK.encode(), ANN.encode(), keyfile.KeyDamaged),
        (ANN.encode(), BOOK.encode(), keyfile.KeyDamaged),
        (b'"cipher":"none"', b'"cipher":"rot13"', keyfile.KeyDamaged),
        (b'"secret":"', b'"secret":"AAAA', keyfile.KeyDamaged),
        (b'"secret":"', b'"sacred":"', keyfile.KeyDamaged),
        (b"{", b"[", keyfile.KeyDamaged),
    ],
)
def test_a_key_file_of_another_kind_is_refused(
    tmp_path: Path, before: bytes, after: bytes, kind: type[Refusal]
) -> None:
    """A good checksum is not enough: version, names, cipher and the public half must fit."""
    keyfile.create(tmp_path, BOOK, ANN, None)
    rewritten(keyfile.path_of(tmp_path, BOOK, ANN), before, after)
    with pytest.raises(kind):
        keyfile.load(tmp_path, BOOK, ANN, lambda: b"")


def test_a_wrapped_key_cannot_be_given_another_name(tmp_path: Path) -> None:
    """The names of book and member are authenticated with the secret."""
    keyfile.create(tmp_path, BOOK, ANN, b"word")
    path = keyfile.path_of(tmp_path, BOOK, ANN)
    rewritten(path, ANN.encode(), BOOK.encode())
    other = keyfile.path_of(tmp_path, BOOK, BOOK)
    path.rename(other)
    with pytest.raises(keyfile.PassphraseWrong):
        keyfile.load(tmp_path, BOOK, BOOK, lambda: b"word")


def test_links_and_pipes_are_no_keys(tmp_path: Path) -> None:
    """A key is a regular file in its place."""
    keyfile.create(tmp_path, BOOK, ANN, None)
    path = keyfile.path_of(tmp_path, BOOK, ANN)
    moved = path.rename(tmp_path / "elsewhere")
    path.symlink_to(moved)
    with pytest.raises((keyfile.KeyDamaged, keyfile.KeyExposed)):
        keyfile.load(tmp_path, BOOK, ANN, never)
    path.unlink()
    os.mkfifo(path, 0o600)
    with pytest.raises((keyfile.KeyDamaged, files.FileUnfit)):
        keyfile.load(tmp_path, BOOK, ANN, never)


def test_a_key_that_cannot_be_kept_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk leaves no half of a key."""

    def full(_: int, __: bytes) -> None:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patch:
        patch.setattr(files, "write", full)
        with pytest.raises(files.FileNotWritten):
            keyfile.create(tmp_path, BOOK, ANN, None)
    assert not keyfile.exists(tmp_path, BOOK, ANN)
    keyfile.create(tmp_path, BOOK, ANN, None)
    keyfile.forget(tmp_path, BOOK, ANN)
    assert not keyfile.path_of(tmp_path, BOOK, ANN).parent.exists()
