"""Hostile peers: whatever they give is refused with a name, and the book stays byte for byte as it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tests.chain.strategies import SeedSigner
from tests.peers.machines import Two, holds, two
from tests.peers.slots import Slots

from cloudbooks.books import exchanging
from cloudbooks.books.own_copy import OwnCopy
from cloudbooks.chain import checkpoint, merkle, note
from cloudbooks.chain.canonical import b3
from cloudbooks.peers.peer import BLOCK_BYTES_MAX

Files = dict[str, bytes]
THIRD, FOURTH = "block/00000003", "block/00000004"


pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
def pair(tmp_path: Path) -> Two:
    """Two machines alike, then two blocks at the folder that the office has not taken yet."""
    made = two(tmp_path)
    made.laptop.posts("three")
    made.laptop.posts("four")
    made.laptop.syncs()
    return made


def replaced(name: str, old: bytes, new: bytes) -> Callable[[Files], None]:
    """Change the bytes of one file."""

    def change(held: Files) -> None:
        assert old in held[name]
        held[name] = held[name].replace(old, new, 1)

    return change


def flipped_signature(held: Files) -> None:
    """The author's note of block 3 has one bit off."""
    text, _, signature = held[THIRD].rpartition(b" ")
    at = len(signature) // 2
    other = b"A" if signature[at : at + 1] != b"A" else b"B"
    held[THIRD] = text + b" " + signature[:at] + other + signature[at + 1 :]


def another_author(held: Files) -> None:
    """The note of block 4 stands under block 3."""
    held[THIRD] = held[THIRD].partition(b"\n")[0] + b"\n" + held[FOURTH].partition(b"\n")[2]


def swapped(held: Files) -> None:
    """Blocks 3 and 4 change places."""
    held[THIRD], held[FOURTH] = held[FOURTH], held[THIRD]


def twice(held: Files) -> None:
    """Block 4 is block 3 again."""
    held[FOURTH] = held[THIRD]


def _batch(held: Files) -> str:
    header = held[THIRD]
    at = header.index(b'"batch":"b3:') + len(b'"batch":"b3:')
    return "batch/" + header[at : at + 64].decode()


def other_batch(held: Files) -> None:
    """The batch of block 3 has other content under its name."""
    name = _batch(held)
    held[name] = held[name].replace(b"three", b"tree!", 1)


def renamed_batch(held: Files) -> None:
    """The batch of block 3 has other content, and block 3 names it by its true hash."""
    name = _batch(held)
    data = held[name].replace(b"three", b"tree!", 1)
    held["batch/" + b3(data).removeprefix("b3:")] = data
    held[THIRD] = held[THIRD].replace(name.removeprefix("batch/").encode(), b3(data).removeprefix("b3:").encode())


def missing_batch(held: Files) -> None:
    """The batch of block 3 is gone."""
    del held[_batch(held)]


def missing_middle(held: Files) -> None:
    """Block 3 is gone, and both ends are right."""
    del held[THIRD]


def huge(held: Files) -> None:
    """Block 3 is longer than a block can be."""
    held[THIRD] += b"x" * BLOCK_BYTES_MAX + b"\n"


def signed_by(held: Files, size: int, root: bytes, key: int) -> bytes:
    """A checkpoint of this book by a key that nobody in it has."""
    origin = held["checkpoint"].partition(b"\n")[0].decode()
    text = checkpoint.text(origin, size, root)
    return f"{text}\n{note.sign(text, origin, SeedSigner(key))}".encode()


def _roots(held: Files, size: int) -> bytes:
    return merkle.root(merkle.leaf_hashes(held[f"block/{number:08d}"] for number in range(size)))


def stranger(held: Files) -> None:
    """The checkpoint has the right root and a stranger's signature."""
    held["checkpoint"] = signed_by(held, 5, _roots(held, 5), 0x77)


def wrong_root(held: Files) -> None:
    """The checkpoint has another root than the blocks."""
    held["checkpoint"] = signed_by(held, 5, b"\7" * 32, 0x77)


def wrong_root_below(held: Files) -> None:
    """The checkpoint of an earlier size has another root than we know."""
    held["checkpoint"] = signed_by(held, 2, b"\7" * 32, 0x77)


def too_large(held: Files) -> None:
    """The checkpoint speaks of more blocks than there are."""
    held["checkpoint"] = signed_by(held, 2**62, b"\7" * 32, 0x77)


def other_book(held: Files) -> None:
    """The checkpoint is of another book."""
    held["checkpoint"] = b"cloudbooks/0190b3f1-7e1c-7f2a-8d7e-2f60c0aa1c55\n" + held["checkpoint"].partition(b"\n")[2]


ATTACKS: Mapping[str, tuple[Callable[[Files], None], str]] = {
    "wrong signature": (flipped_signature, "peer-invalid"),
    "another batch's signature": (another_author, "peer-invalid"),
    "reordered": (swapped, "peer-invalid"),
    "the same batch twice": (twice, "peer-invalid"),
    "other content under a hash": (other_batch, "peer-cut-off"),
    "other content with right hashes": (renamed_batch, "peer-invalid"),
    "missing batch": (missing_batch, "peer-cut-off"),
    "missing middle": (missing_middle, "peer-cut-off"),
    "too long": (huge, "peer-invalid"),
    "lower version": (replaced(THIRD, b'"version":1', b'"version":0'), "peer-invalid"),
    "newer version": (replaced(THIRD, b'"version":1', b'"version":2'), "peer-invalid"),
    "unknown field": (replaced(THIRD, b'"version":1', b'"version":1,"zeal":1'), "peer-invalid"),
    "not canonical": (replaced(THIRD, b'"version":1', b'"version": 1'), "peer-invalid"),
    "another number": (replaced(THIRD, b'"number":3', b'"number":4'), "peer-invalid"),
    "voucher numbers with a gap": (replaced(THIRD, b'"first":2', b'"first":3'), "peer-invalid"),
    "signed by a stranger": (stranger, "peer-invalid"),
    "another root": (wrong_root, "peer-invalid"),
    "another root below": (wrong_root_below, "peer-invalid"),
    "a size that is not there": (too_large, "peer-cut-off"),
    "another book": (other_book, "peer-other-book"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_refused_and_the_book_stays_as_it_was(
    attack: str, pair: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is told by its code, and neither the book nor receipt nor pins change by a byte."""
    change, code = ATTACKS[attack]
    held = holds(pair.folder)
    change(held)
    monkeypatch.setattr(exchanging, "reach", lambda _: Slots(held))
    state = pair.office.desk.state
    kept = [pair.office.desk.book, *(state / "receipts").glob("*-*"), *(state / "pins").iterdir()]
    before = [path.read_bytes() for path in kept]
    done = pair.office.syncs()
    assert done.fault is not None
    assert done.fault.code == code
    assert [path.read_bytes() for path in kept] == before
    assert len(before) == 3


def test_an_old_checkpoint_put_back_hides_nothing(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many blocks there are follows from the blocks: a replayed checkpoint is replaced by the next sync."""
    held = holds(pair.folder)
    with pair.office.desk.open() as book:
        old = OwnCopy(book).checkpoint()
    assert old is not None
    newest, held["checkpoint"] = held["checkpoint"], old
    slots = Slots(held)
    monkeypatch.setattr(exchanging, "reach", lambda _: slots)
    assert pair.office.syncs().taken == 2
    assert slots.files["checkpoint"].split(b"\n")[:3] == newest.split(b"\n")[:3]


def test_whoever_takes_and_keeps_nothing_is_found_out(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """A push is read back: a peer that says yes and has nothing is told."""
    pair.office.syncs()
    pair.office.posts("five")

    class Forgetful(Slots):
        """Says yes and keeps nothing."""

        def append(self, number: int, data: bytes, expected: str) -> bool:
            """See `Peer`."""
            del number, data, expected
            return True

        def keep_batch(self, hash_: str, data: bytes) -> int:
            """See `Peer`."""
            del hash_
            return len(data)

    monkeypatch.setattr(exchanging, "reach", lambda _: Forgetful(holds(pair.folder)))
    done = pair.office.syncs()
    assert (done.relation.value, done.fault is None) != ("same", True)
