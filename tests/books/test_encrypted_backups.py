"""Backups encrypted with age: signed first, opened again before they count, and never in clear where they are kept."""

from __future__ import annotations

import errno
import random
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.books.age_keys import IN_CLEAR, OWN, key_file, public
from tests.books.small_book import small_book
from tests.books.test_backups import _content, _elsewhere, _flip, _post, _rewritten

from cloudbooks.books import backing_up
from cloudbooks.books.backing_up import BackedUp, CopyInvalid, backup
from cloudbooks.books.desk import Desk
from cloudbooks.books.encrypting import EncryptionUnsound, IdentityOther, Lock
from cloudbooks.books.restoring import BackupSigner, KeyNeeded, RestoreBehind, RestoreThere, Unlock, restore
from cloudbooks.errors import CloudBooksError
from cloudbooks.system import age_file, files, keyfile, private_copy
from cloudbooks.system.age_file import (
    AgeMissing,
    Form,
    Identities,
    KeyWrong,
    Passphrase,
    Recipients,
)
from cloudbooks.system.backup_file import BackupUnreadable
from cloudbooks.system.files import FileNotWritten

FORMS = ("clear", "recipient", "identity", "passphrase")


def _with(key: Identities | Passphrase | None) -> Unlock:
    return lambda _path, _form: key


@dataclass(frozen=True)
class Kept:
    """A book with a post after its backups, the backup of each form, and what opens and does not open it."""

    desk: Desk
    made: dict[str, BackedUp]
    right: dict[str, Identities | Passphrase | None]
    wrong: dict[str, Identities | Passphrase | None]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Made once, since a passphrase takes seconds on purpose."""
    folder = tmp_path_factory.mktemp("kept")
    own = age_file.identities(key_file(folder / "own.key", OWN))
    other = age_file.identities(key_file(folder / "other.key"))
    desk = small_book(folder / "a")
    _post(desk, "before the backups")
    words = Passphrase("correct horse")
    locks = {
        "clear": None,
        "recipient": Lock(public(own)),
        "identity": Lock(Recipients((*public(other).keys, *public(own).keys)), own),
        "passphrase": Lock(words),
    }
    made = {form: backup(desk, folder / f"{form}.backup", lock) for form, lock in locks.items()}
    _post(desk, "after the backups")
    return Kept(
        desk,
        made,
        {"clear": None, "recipient": own, "identity": own, "passphrase": words},
        {"clear": None, "recipient": other, "identity": age_file.identities(key_file(folder / "third.key")),
         "passphrase": Passphrase("correct house")},
    )  # fmt: skip


def test_what_is_said_of_it_was_shown(kept: Kept) -> None:
    """`opened`: what the passphrase or an own identity opened again; a recipient's public key shows nothing of that."""
    assert {form: made.opened for form, made in kept.made.items()} == {
        "clear": None, "recipient": False, "identity": True, "passphrase": True,
    }  # fmt: skip
    assert [age_file.form_of(kept.made[form].path) for form in FORMS] == [
        None, Form.RECIPIENTS, Form.RECIPIENTS, Form.PASSPHRASE,
    ]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_each_form_gives_the_book_back(kept: Kept, tmp_path: Path, form: str) -> None:
    """R13, ok: it verifies to the head that was signed."""
    other = _elsewhere(kept.desk, tmp_path / "b")
    restore(other, kept.made[form].path, unlock=_with(kept.right[form]))
    with other.open() as book:
        assert book.head is not None
        assert (book.head.number, book.head.hash) == (1, kept.made[form].manifest.hash)
    assert sorted(path.name for path in other.book.parent.iterdir()) == ["back.cbk", "state"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_each_form_is_refused_when_it_is_damaged(kept: Kept, tmp_path: Path, form: str, damage: str) -> None:
    """R13, cut and flipped: refused with the name that was given, and nothing is left where it was to be restored."""
    data = kept.made[form].path.read_bytes()
    half = len(data) // 2
    file = tmp_path / "damaged.backup"
    file.write_bytes(data[:-1] if damage == "cut" else _flip(data, half * 8))
    other = _elsewhere(kept.desk, tmp_path / "b")
    with pytest.raises(BackupUnreadable, match=r"damaged\.backup"):
        restore(other, file, unlock=_with(kept.right[form]))
    assert list(other.book.parent.iterdir()) == []


@pytest.mark.parametrize("form", FORMS)
def test_each_form_says_that_it_is_old(kept: Kept, form: str) -> None:
    """R13, old: in the book's own place it is refused, since more was posted here."""
    aside = kept.desk.book.with_name("aside")
    kept.desk.book.rename(aside)
    try:
        with pytest.raises(RestoreBehind):
            restore(kept.desk, kept.made[form].path, unlock=_with(kept.right[form]))
        assert not kept.desk.book.exists()
    finally:
        aside.rename(kept.desk.book)


@pytest.mark.parametrize("form", FORMS)
def test_each_form_takes_the_right_key(kept: Kept, tmp_path: Path, form: str) -> None:
    """R13, wrong key: another identity, another passphrase, none at all, or another firm's pin; nothing is written."""
    other = _elsewhere(kept.desk, tmp_path / "b")
    path = kept.made[form].path
    stranger = str(keyfile.create(tmp_path / "keys", kept.made[form].manifest.book, "x", None).vkey)
    if form == "clear":
        with pytest.raises(CopyInvalid):
            restore(other, path, pin=stranger)
    else:
        with pytest.raises(KeyWrong, match=path.name):
            restore(other, path, unlock=_with(kept.wrong[form]))
        with pytest.raises(KeyNeeded, match=path.name):
            restore(other, path)
    assert list(other.book.parent.iterdir()) == []


@pytest.mark.parametrize("form", FORMS)
def test_each_form_never_replaces_a_book(kept: Kept, form: str) -> None:
    """R13, over a live book: refused before anything is asked or opened, and the book is the same bytes."""
    before = kept.desk.book.read_bytes()

    def ask(_path: Path, _form: Form | None) -> None:
        pytest.fail("a key was asked for")

    with pytest.raises(RestoreThere):
        restore(kept.desk, kept.made[form].path, unlock=ask)
    assert kept.desk.book.read_bytes() == before


def test_any_damage_is_refused(kept: Kept, tmp_path: Path) -> None:
    """Cut anywhere or with any bit flipped, head and body: never the book, never something else, never left behind."""
    data = kept.made["recipient"].path.read_bytes()
    chance = random.Random(8)
    cuts = [data[: chance.randrange(len(data))] for _ in range(40)]
    flips = [_flip(data, chance.randrange(360 * 8)) for _ in range(100)]
    flips += [_flip(data, chance.randrange(len(data) * 8)) for _ in range(60)]
    other = _elsewhere(kept.desk, tmp_path / "b")
    file = tmp_path / "damaged"
    for damaged in [b"", data + b"x", age_file.MAGIC, *cuts, *flips]:
        file.write_bytes(damaged)
        with pytest.raises((BackupUnreadable, KeyWrong)):
            restore(other, file, unlock=_with(kept.right["recipient"]))
        assert list(other.book.parent.iterdir()) == []


def test_what_others_encrypted_is_still_judged(kept: Kept, tmp_path: Path) -> None:
    """An age file says nothing of its writer: what a stranger put into one for us must bear a member's signature."""
    own = kept.right["recipient"]
    assert isinstance(own, Identities)
    other = _elsewhere(kept.desk, tmp_path / "b")
    for name, inside, refusal in (
        ("letter", b"no backup at all", BackupUnreadable),
        ("forged", _forged(kept, tmp_path), BackupSigner),
    ):
        (tmp_path / name).write_bytes(inside)
        with (tmp_path / f"{name}.age").open("wb") as file:
            age_file.encrypt(tmp_path / name, file, public(own))
        with pytest.raises(refusal, match=f"{name}.age"):
            restore(other, tmp_path / f"{name}.age", unlock=_with(own))
    assert list(other.book.parent.iterdir()) == []


def _forged(kept: Kept, folder: Path) -> bytes:
    made = kept.made["clear"].path
    with zipfile.ZipFile(made) as archive:
        book = archive.read("book.cbk")
    stranger = keyfile.create(folder / "keys", kept.made["clear"].manifest.book, "x", None)
    return _rewritten(made, folder / "made", lambda text: text, stranger, book).read_bytes()


def test_nothing_in_clear_leaves_the_books_folder(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the copy is verified, signed and encrypted, the folder of the backup holds nothing in clear."""
    seen: list[set[str]] = []
    real_verified, real_encrypt = backing_up.verified, age_file.encrypt

    def look(act: Callable[..., object]) -> Callable[..., object]:
        def looking(*words: object) -> object:
            done = act(*words)
            seen.append({path.name[:9] for path in tmp_path.iterdir()})
            assert not [path for path in tmp_path.rglob("*") if path.read_bytes().startswith(IN_CLEAR)]
            return done

        return looking

    monkeypatch.setattr(backing_up, "verified", look(real_verified))
    monkeypatch.setattr(age_file, "encrypt", look(real_encrypt))
    own = kept.right["recipient"]
    assert isinstance(own, Identities)
    made = backup(kept.desk, tmp_path / "away.age", Lock(public(own), own))
    assert seen == [set(), {".away.age"}]
    assert [path.name for path in tmp_path.iterdir()] == ["away.age"]
    assert made.path.stat().st_mode & 0o777 == 0o600
    assert not list(kept.desk.book.parent.glob(private_copy.PREFIX + "*"))


@pytest.mark.parametrize("call", ["open_new", "fsync", "named_new", "fsync_folder"])
def test_a_disk_that_refuses_leaves_nothing(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """Whichever call fails, however late: a named refusal, and neither half a backup nor anything in clear."""
    own = kept.right["recipient"]
    assert isinstance(own, Identities)
    monkeypatch.setattr(backing_up, "verified", lambda *_: (2, "b3:" + "0" * 64))
    real, failures = getattr(files, call), 0
    for place in range(30):
        left = place

        def failing(*args: object) -> object:
            nonlocal left
            left -= 1
            if left == -1:
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(*args)

        target = tmp_path / f"t{place}"
        with monkeypatch.context() as patch:
            patch.setattr(files, call, failing)
            try:
                made = backup(kept.desk, target, Lock(public(own), own))
            except CloudBooksError:
                failures += 1
                # The name may be taken by then, with nothing in it: the next backup takes another.
                assert not target.exists() or not target.read_bytes() or target.read_bytes().startswith(age_file.MAGIC)
            else:
                assert left >= 0 or made.findings
                if left >= 0:
                    break
        assert not list(kept.desk.book.parent.glob(private_copy.PREFIX + "*"))
        assert not list(tmp_path.glob(".*"))
    assert failures


def test_what_does_not_open_again_is_not_kept(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that keeps other bytes than it was given: found by the length where that is all, else by opening it."""
    own = kept.right["recipient"]
    assert isinstance(own, Identities)
    monkeypatch.setattr(backing_up, "verified", lambda *_: (2, "b3:" + "0" * 64))
    real = age_file.encrypt

    def cutting(source: Path, target: object, key: Recipients | Passphrase) -> None:
        real(source, target, key)  # type: ignore[arg-type]  # a file
        target.truncate(target.tell() - 1)  # type: ignore[attr-defined]  # the same

    def flipping(source: Path, target: object, key: Recipients | Passphrase) -> None:
        real(source, target, key)  # type: ignore[arg-type]  # a file
        target.seek(1000)  # type: ignore[attr-defined]  # the same
        target.write(b"\0\0\0\0")  # type: ignore[attr-defined]  # the same

    for bad, lock in ((cutting, Lock(public(own))), (flipping, Lock(public(own), own))):
        monkeypatch.setattr(age_file, "encrypt", bad)
        with pytest.raises(EncryptionUnsound):
            backup(kept.desk, tmp_path / "bad.age", lock)
        assert list(tmp_path.iterdir()) == []


def test_an_identity_that_opens_nothing_is_said_first(kept: Kept, tmp_path: Path) -> None:
    """Before anything is copied: it is the identity of none of the recipients."""
    other = kept.wrong["recipient"]
    assert isinstance(other, Identities)
    own = kept.right["recipient"]
    assert isinstance(own, Identities)
    with pytest.raises(IdentityOther, match=other.path.name):
        backup(kept.desk, tmp_path / "x.age", Lock(public(own), other))
    assert list(tmp_path.iterdir()) == []


def test_without_the_extra_it_is_said_how_to_have_it(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is done, and nothing is kept in clear in its place."""
    own = kept.right["recipient"]
    assert isinstance(own, Identities)
    lock = Lock(public(own))
    monkeypatch.setitem(sys.modules, "pyrage", None)
    with pytest.raises(AgeMissing):
        backup(kept.desk, tmp_path / "x.age", lock)
    with pytest.raises(AgeMissing):
        restore(_elsewhere(kept.desk, tmp_path / "b"), kept.made["recipient"].path, unlock=_with(own))
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
    assert list((tmp_path / "b").iterdir()) == []


def test_a_full_disk_is_said_by_name(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's reason comes through age: `file-not-written`, with the name of the backup."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    own = kept.right["recipient"]
    assert isinstance(own, Identities)
    monkeypatch.setattr(backing_up, "verified", lambda *_: (2, "b3:" + "0" * 64))
    monkeypatch.setattr(age_file, "encrypt", full)
    with pytest.raises(FileNotWritten, match=r"x\.age"):
        backup(kept.desk, tmp_path / "x.age", Lock(public(own)))
    assert list(tmp_path.iterdir()) == []


def test_a_content_is_the_same_in_each_form(kept: Kept, tmp_path: Path) -> None:
    """Entries and drafts, not only the head: what came out of the age file is what came out of the one in clear."""
    found = []
    for form in ("clear", "recipient"):
        other = _elsewhere(kept.desk, tmp_path / form)
        restore(other, kept.made[form].path, unlock=_with(kept.right[form]))
        found.append(_content(other))
    assert found[0] == found[1]
