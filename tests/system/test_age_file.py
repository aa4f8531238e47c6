"""Files encrypted with age: keys are judged before use, secrets shown to nobody, and no file passes that is cut off."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.books.age_keys import OWN, key_file, public
from tests.limits import files_no_larger_than

from cloudbooks.system import age_file
from cloudbooks.system.age_file import (
    Identities,
    IdentityUnreadable,
    NotWhole,
    Passphrase,
    PassphraseTooMuch,
    RecipientUnreadable,
    SecretGiven,
)


def test_recipients_are_keys_or_files_of_keys(tmp_path: Path) -> None:
    """As `age -R` reads them; everything else is refused by name, and a secret key without being repeated."""
    own, third = key_file(tmp_path / "own"), key_file(tmp_path / "third")
    keys = [*age_file.identities(own).public(), *age_file.identities(third).public()]
    (tmp_path / "list").write_text(f"# ours\n\n{keys[0]}\n  {keys[1]}  \n")
    assert age_file.recipients((str(tmp_path / "list"), keys[0])).keys == tuple(keys)
    for words in ("nobody", "age1qqqq", keys[0][:-1] + "q", str(tmp_path), "age1pq1" + "q" * 60, ""):
        with pytest.raises(RecipientUnreadable):
            age_file.recipients((words,))
    (tmp_path / "empty").write_text("# nobody\n")
    with pytest.raises(RecipientUnreadable):
        age_file.recipients((str(tmp_path / "empty"),))
    for given in (OWN, OWN.lower(), str(own)):
        with pytest.raises(SecretGiven) as raised:
            age_file.recipients((given,))
        assert OWN[16:].lower() not in repr(raised.value).lower()
        assert OWN[16:].lower() not in str(raised.value).lower()


@pytest.mark.parametrize("text", ["", "# nothing\n", OWN[:-1], "AGE-SECRET-KEY-1QQ", "hello", OWN + "\nhello\n"])
def test_an_identity_file_holds_secret_keys_and_nothing_else(tmp_path: Path, text: str) -> None:
    """What is not one is refused with its name, never with what stands in it."""
    path = tmp_path / "id"
    path.write_text(text)
    with pytest.raises(IdentityUnreadable) as raised:
        age_file.identities(path)
    assert raised.value.__cause__ is None
    with pytest.raises(IdentityUnreadable):
        age_file.identities(tmp_path / "nowhere")


def test_an_identity_file_that_others_may_read_is_said(tmp_path: Path) -> None:
    """`identity-open`: it is used, with a warning; one of mode 0600 is used without."""
    path = key_file(tmp_path / "id")
    assert age_file.identities(path).findings == ()
    path.chmod(0o640)
    assert [one.code for one in age_file.identities(path).findings] == ["identity-open"]


def test_secrets_do_not_show_themselves(tmp_path: Path) -> None:
    """Neither a passphrase nor an identity stands in what Python writes of them, as in a traceback."""
    assert "horse" not in repr(Passphrase("horse"))
    assert "AGE-SECRET" not in repr(age_file.identities(key_file(tmp_path / "id"))).upper()


def test_more_than_memory_takes_recipients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a passphrase all of it is in memory, so there is a most; it is said before anything is read."""
    monkeypatch.setattr(age_file, "PASSPHRASE_BYTES_MAX", 100)
    (tmp_path / "plain").write_bytes(bytes(101))
    with (tmp_path / "x").open("wb") as file, pytest.raises(PassphraseTooMuch):
        age_file.encrypt(tmp_path / "plain", file, Passphrase("horse"))
    assert (tmp_path / "x").read_bytes() == b""


def test_a_length_that_cannot_be_is_found(tmp_path: Path) -> None:
    """Of an age file that nobody here can open, head and length are known: each other length is refused."""
    own = age_file.identities(key_file(tmp_path / "own"))
    for inside in (0, 1, 65_535, 65_536, 65_537, 200_000):
        (tmp_path / "plain").write_bytes(bytes(inside))
        with (tmp_path / "x").open("wb") as file:
            age_file.encrypt(tmp_path / "plain", file, public(own))
        age_file.demand_length(tmp_path / "x", inside)
        for other in {inside + 1, max(0, inside - 1)} - {inside}:
            with pytest.raises(NotWhole):
                age_file.demand_length(tmp_path / "x", other)


def _encrypting(own: Identities, source: Path, target: Path) -> None:
    with target.open("wb") as file:
        age_file.encrypt(source, file, public(own))


def _decrypting(own: Identities, source: Path, target: Path) -> None:
    with target.open("wb") as file:
        age_file.decrypt(source, file, own, source)


@pytest.mark.parametrize("limit", [0, 1, 200, 65_536, 131_000, 262_500, 299_000, 299_999])
@pytest.mark.parametrize("act", [_encrypting, _decrypting])
def test_a_full_disk_never_passes_for_a_file(
    tmp_path: Path, act: Callable[[Identities, Path, Path], None], limit: int
) -> None:
    """At whatever size the disk is full, it is said with the system's number: no file that is cut off is taken."""
    own = age_file.identities(key_file(tmp_path / "own"))
    source = tmp_path / "plain"
    source.write_bytes(os.urandom(300_000))
    if act is _decrypting:
        _encrypting(own, source, tmp_path / "whole")
        source = tmp_path / "whole"
    with files_no_larger_than(limit), pytest.raises(OSError, match="File too large") as raised:
        act(own, source, tmp_path / "cut")
    assert raised.value.errno == errno.EFBIG
