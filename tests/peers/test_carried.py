"""Cosignatures go from copy to copy: a witness who signed at one is counted by all, and a peer's garbage by none."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.peers.machines import Machine, Ticking, Two, holds, through
from tests.peers.slots import Slots
from tests.peers.witnesses import SlotWitness

from cloudbooks.books import carrying_cosignatures, syncing
from cloudbooks.books.cosigning import cosign_book, cosign_folder
from cloudbooks.books.exporting import export_chain
from cloudbooks.books.verifying import verify_folder, verify_this_book
from cloudbooks.chain.checkpoint import Checkpoint, origin
from cloudbooks.peers import layout
from cloudbooks.peers.folder import FolderPeer
from cloudbooks.peers.layout import FolderLog, cosignature_file
from cloudbooks.store import keeping_log, log

pytestmark = pytest.mark.usefixtures("quick")

PLAIN: tuple[Callable[[], None], Callable[[], bytes]] = (lambda: None, lambda: b"")


def _kept(machine: Machine) -> dict[tuple[int, str], bytes]:
    with machine.desk.open() as book:
        return {(size, id_): line for size, id_, line in log.StoredLog(book).cosignatures()}


def _checkpoint(held: dict[str, bytes]) -> Checkpoint:
    return Checkpoint.read(held["checkpoint"], held["checkpoint"].partition(b"\n")[0].decode())


def _policy(folder: Path, key: object) -> Path:
    file = folder / "policy"
    file.write_text(f"witness A {key}\nquorum A\n", encoding="utf-8")
    return file


def test_a_witness_at_the_folder_is_counted_by_everybody_after_a_sync(pair: Two, tmp_path: Path) -> None:
    """Each copy takes the line once; a new clone, an export and the peer's own bytes count it too."""
    done = cosign_folder(tmp_path / "w", Ticking(), pair.folder, PLAIN, "")
    policy, asked = _policy(tmp_path, done.key), ("witnessed",)
    for machine in (pair.laptop, pair.office):
        assert verify_this_book(machine.desk, policy=policy, require=asked).missing == asked
        synced = machine.syncs()
        assert (synced.cosignatures_taken, synced.cosignatures_sent, synced.findings) == (1, 0, ())
        assert synced.changed
        assert verify_this_book(machine.desk, policy=policy, require=asked).missing == ()
        assert not machine.syncs().changed
    assert syncing.verify_peer(pair.laptop.desk, "office", policy=policy, require=asked).missing == ()
    clone = Machine.at(tmp_path, "clone", Ticking())
    clone.clones(pair.folder)
    assert _kept(clone) == _kept(pair.laptop)
    exported = export_chain(clone.desk, tmp_path / "export").folder
    assert verify_folder(exported, policy=policy, require=asked).missing == ()
    cosign_folder(tmp_path / "w", Ticking(), exported, PLAIN, "")
    assert export_chain(clone.desk, exported).kept == len(holds(exported)) - 1


def test_what_a_book_had_cosigned_reaches_the_others(pair: Two) -> None:
    """A line that is kept in one book goes to the folder and to the other book, and is read back alike."""
    done = cosign_book(pair.laptop.desk, "")
    synced = pair.laptop.syncs()
    assert (synced.cosignatures_taken, synced.cosignatures_sent) == (0, 1)
    assert (pair.folder / cosignature_file(done.size, done.key.key_id.hex())).read_bytes() == done.line.encode()
    assert pair.office.syncs().cosignatures_taken == 1
    assert _kept(pair.office) == _kept(pair.laptop)


def test_pull_takes_and_push_gives(pair: Two, tmp_path: Path) -> None:
    """A pull sends nothing and a push takes nothing, of cosignatures as of blocks."""
    cosign_folder(tmp_path / "w", Ticking(), pair.folder, PLAIN, "")
    cosign_book(pair.laptop.desk, "")
    pushed = syncing.push(pair.laptop.desk, "office")
    assert (pushed.cosignatures_taken, pushed.cosignatures_sent) == (0, 1)
    pulled = syncing.pull(pair.laptop.desk, "office")
    assert (pulled.cosignatures_taken, pulled.cosignatures_sent) == (1, 0)
    cosign_book(pair.office.desk, "")
    assert syncing.pull(pair.office.desk, "shared").cosignatures_sent == 0


def test_where_nothing_is_new_no_cosignature_is_read(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a hundred that both have the names are looked at, and less than a kilobyte is read."""
    held = holds(pair.folder)
    for seed in range(100, 200):
        assert SlotWitness(seed).signs(held)
    slots = Slots(held)
    through(monkeypatch, slots)
    assert pair.office.syncs().cosignatures_taken == 100
    slots.counted = 0
    assert not pair.office.syncs().changed
    assert 0 < slots.counted <= 1024


def test_nothing_is_taken_over_blocks_that_are_not_signed_here(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line over more blocks than are signed here waits until they are."""
    held = holds(pair.folder)
    pair.laptop.posts("three")
    through(monkeypatch, Slots(held))
    pair.laptop.syncs()
    witness = SlotWitness(9)
    name = witness.signs(held)
    older = {key: data for key, data in held.items() if key not in ("block/00000003", "checkpoint")}
    older["checkpoint"] = holds(pair.folder)["checkpoint"]
    assert name in older
    through(monkeypatch, Slots(older))
    assert pair.office.syncs().cosignatures_taken == 0
    through(monkeypatch, Slots(held))
    assert pair.office.syncs().cosignatures_taken == 1


def _by_member(pair: Two) -> tuple[str, str]:
    """Name and key id of the first member's key for cosignatures."""
    with pair.laptop.desk.open() as book:
        name = origin(book.id)
    done = cosign_book(pair.laptop.desk, "")
    return name, done.key.key_id.hex()


def _blob(line: bytes) -> bytes:
    return line.split(b" ")[-1]


HOSTILE: dict[str, Callable[[bytes], bytes]] = {
    "cut off": lambda line: line[:-1],
    "empty": lambda _: b"",
    "two lines": lambda line: line + line,
    "not in UTF-8": lambda line: line.replace(b"witness", b"w\xfftness"),
    "of another key": lambda line: SlotWitness(8).line(
        Checkpoint.read(b"x\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n" + line, "x")
    ),
    "longer than any": lambda line: line.replace(b"witness", b"w" * 5000),
    "no cosignature": lambda line: line.replace(_blob(line), b64encode(SlotWitness(9).key.key_id + b"x" * 64) + b"\n"),
    "a control character": lambda line: line.replace(b"witness", b"w\x1btness"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_garbage_is_told_and_not_kept(what: str, pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is no line of a witness over this log is named in a warning; the true ones beside it are taken."""
    held = holds(pair.folder)
    good, bad = SlotWitness(7), SlotWitness(9)
    good.signs(held)
    name = bad.signs(held)
    held[name] = HOSTILE[what](held[name])
    through(monkeypatch, Slots(held))
    before = pair.office.head
    done = pair.office.syncs()
    assert (done.cosignatures_taken, done.fault) == (1, None)
    assert [(one.code, one.warning) for one in done.findings] == [("peer-cosignature", True)]
    assert name in str(done.findings[0].message)
    assert [id_ for _, id_ in _kept(pair.office)] == [good.key_id]
    assert pair.office.head == before


def test_a_line_that_a_known_key_did_not_sign_is_not_kept(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of members, and of this machine as a witness, the key is known: what is not over this very root is refused."""
    name, key_id = _by_member(pair)
    held = holds(pair.folder)
    forged = SlotWitness(9).line(_checkpoint(held)).decode().split(" ")
    blob = bytes.fromhex(key_id) + b"\0" * 72
    held[cosignature_file(2, key_id)] = f"{forged[0]} {name} {b64encode(blob).decode()}\n".encode()
    through(monkeypatch, Slots(held))
    done = pair.office.syncs()
    assert (done.cosignatures_taken, len(done.findings)) == (0, 1)
    assert "does not verify" in str(done.findings[0].message)


def test_names_lead_nowhere_else(pair: Two) -> None:
    """Sizes of nothing and of more than there is, odd names, links and folders are passed over."""
    held = holds(pair.folder)
    witness = SlotWitness(9)
    line = held[witness.signs(held)]
    root = pair.folder / "cosignature"
    for place in ("0", "99999999999999999999", "9223372036854775807", "-1", "02", "x"):
        (root / place).mkdir(parents=True)
        (root / place / witness.key_id).write_bytes(line)
    (root / "2" / "aaaaaaaa").mkdir(parents=True)
    (root / "2" / "..x").write_bytes(line)
    (root / "2" / "BBBBBBBB").write_bytes(line)
    (root / "2" / "cccccccc").symlink_to(root / "0" / witness.key_id)
    (root / "1").symlink_to(root / "0")
    done = pair.office.syncs()
    assert (done.cosignatures_taken, done.fault, done.findings) == (0, None, ())


def test_a_peer_with_endless_names_is_not_followed(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks are exchanged, no cosignature is, and one warning says why."""
    monkeypatch.setattr(layout, "COSIGNATURES_MAX", 50)
    for size in range(60):
        (pair.folder / "cosignature" / str(size)).mkdir(parents=True)
    pair.laptop.posts("three")
    cosign_book(pair.laptop.desk, "")
    done = pair.laptop.syncs()
    assert (done.sent, done.cosignatures_sent, done.fault) == (1, 0, None)
    assert {one.code for one in done.findings} == {"peer-cosignature"}


def test_one_session_and_one_book_take_so_many(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session reads no more files than its bound, and a book keeps no more than its own; both go on by themselves."""
    held = holds(pair.folder)
    for seed in range(100, 120):
        SlotWitness(seed).signs(held)
    through(monkeypatch, Slots(held))
    monkeypatch.setattr(carrying_cosignatures, "READ_MAX", 8)
    monkeypatch.setattr(keeping_log, "COSIGNATURES_MAX", 18)
    assert [pair.office.syncs().cosignatures_taken for _ in range(4)] == [8, 8, 2, 0]
    done = pair.office.syncs()
    assert [one.code for one in done.findings] == ["peer-cosignature"]
    assert len(_kept(pair.office)) == 18


def test_made_up_names_do_not_keep_a_known_witness_out(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """A witness of whom something is kept comes before names of larger sizes that nobody has heard of."""
    witness = SlotWitness(9)
    held = holds(pair.folder)
    line = held[witness.signs(held)]
    through(monkeypatch, Slots(held))
    assert pair.laptop.syncs().cosignatures_taken == 1
    pair.laptop.posts("three")
    pair.laptop.posts("four")
    assert pair.laptop.syncs().fault is None
    held[cosignature_file(1, witness.key_id)] = line
    for number in range(20):
        held[cosignature_file(4, f"{number:08x}")] = b"junk\n"
    monkeypatch.setattr(carrying_cosignatures, "READ_MAX", 8)
    done = pair.laptop.syncs()
    assert (done.cosignatures_taken, [one.code for one in done.findings]) == (1, ["peer-cosignature"])
    assert (1, witness.key_id) in _kept(pair.laptop)


def test_a_slot_that_is_filled_stays_as_it_is(pair: Two) -> None:
    """What somebody put first in a witness's place is not overwritten by a sync; a beginning of the line is mended."""
    done = cosign_book(pair.laptop.desk, "")
    name = cosignature_file(done.size, done.key.key_id.hex())
    place = pair.folder / name
    place.parent.mkdir(parents=True)
    for there, sent, after in ((b"junk\n", 0, b"junk\n"), (done.line.encode()[:40], 1, done.line.encode())):
        place.write_bytes(there)
        peer = FolderPeer(pair.folder)
        assert bool(peer.keep_cosignature(done.size, done.key.key_id.hex(), done.line.encode())) == bool(sent)
        assert place.read_bytes() == after


def test_a_witness_puts_its_line_in_the_place_of_what_it_did_not_sign(pair: Two, tmp_path: Path) -> None:
    """Whoever fills the slot of a witness first does not keep the witness out of it."""
    done = cosign_folder(tmp_path / "w", Ticking(), pair.folder, PLAIN, "")
    place = pair.folder / cosignature_file(done.size, done.key.key_id.hex())
    policy = _policy(tmp_path, done.key)
    for junk in (b"junk\n", done.line.encode()[:40], SlotWitness(9).line(_checkpoint(holds(pair.folder)))):
        place.write_bytes(junk)
        cosign_folder(tmp_path / "w", Ticking(), pair.folder, PLAIN, "")
        assert verify_folder(pair.folder, policy=policy, require=("witnessed",)).missing == ()
    kept = place.read_bytes()
    cosign_folder(tmp_path / "w", Ticking(), pair.folder, PLAIN, "")
    assert place.read_bytes() == kept


def test_a_folder_gives_lines_up_to_their_length(tmp_path: Path) -> None:
    """A line of megabytes is not read to its end, and what is no key id makes no path."""
    place = tmp_path / "cosignature" / "3" / "0a0b0c0d"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"x" * 10_000_000)
    ((_, _, data),) = FolderLog(tmp_path).cosignatures()
    assert len(data) == 4097
    for unfit in ("../../x", "0A0B0C0D", "", "0a0b0c0"):
        with pytest.raises(ValueError, match=r"^"):
            cosignature_file(3, unfit)
