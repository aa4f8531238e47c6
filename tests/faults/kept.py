"""R8: what is kept beside a book or made from it, and goes bad: pins, seen heads, backups, packs, proofs, vouchers."""

from __future__ import annotations

import io
import random
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from struct import error as structures
from tempfile import TemporaryDirectory
from typing import Final

from tests.faults import rot
from tests.faults.bench import Bench
from tests.faults.trials import Tally
from tests.faults.verbs import VERBS
from tests.store.posted_book import PostedBook
from tests.tools import second_verifier

from cloudbooks.books.backing_up import read_manifest
from cloudbooks.books.proving import check_proof
from cloudbooks.books.restoring import BackupSigner
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.note import Vkey
from cloudbooks.errors import Refusal, sentence
from cloudbooks.store import keeping_log, reading
from cloudbooks.store.opening_book import open_book
from cloudbooks.system import backup_file, files, pins, seen_heads
from cloudbooks.system.clock import SystemClock
from cloudbooks.system.seen_heads import SeenHead

BOOK: Final = "01a201a2-244a-7db3-b667-0406fbaf0fb3"
_VOUCHER_BYTES: Final = 40_000


class Unzipped(Refusal):
    """What unzips files refuses a pack."""

    code = "unzipped"

    def __init__(self, error: Exception) -> None:
        super().__init__(sentence("{why}", why=str(error)))


def judge_pin(folder: Path, bits: int, seed: int) -> Tally:
    """The first key that a machine trusts: another key, or none, would be trusted unasked."""
    folder.mkdir()
    key = Vkey.of(
        f"cloudbooks/{BOOK}", bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    )
    pins.pin(folder, BOOK, str(key))
    path = folder / "pins" / BOOK
    whole = path.read_bytes()

    def read(data: bytes) -> str:
        files.replace_whole(path, data)
        return pins.pinned(folder, BOOK)

    return rot.judge_text(whole, read, rot.some_bits(whole, bits, seed))


def judge_seen_head(folder: Path, bits: int, seed: int) -> Tally:
    """What a witness has seen: whatever it forgot it would contradict."""
    folder.mkdir()
    path = folder / "head"
    seen_heads.keep(path, SeenHead(f"cloudbooks/{BOOK}", 12, "ab" * 32, "2026-11-22T08:00:00Z", "the signed head"))
    whole = path.read_bytes()

    def read(data: bytes) -> object:
        path.write_bytes(data)
        return seen_heads.read(path)

    return rot.judge_text(whole, read, rot.some_bits(whole, bits, seed))


def made_by(bench: Bench, verb: str, name: str) -> Path:
    """A file that a command makes in the box."""
    bench.start(VERBS[verb])
    assert bench.run(VERBS[verb]).status == 0
    return bench.box / name


def judge_backup(bench: Bench, count: int, seed: int) -> Tally:
    """A backup: a bit flipped, cut off anywhere, its manifest or its book that of another."""
    path = made_by(bench, "backup", "new.cbk-backup")
    with open_book(bench.box / "acme.cbk", state=bench.box / "state", clock=SystemClock()) as book:
        keys = [Vkey.parse(one.key) for one in reading.members(book)]
    whole = path.read_bytes()
    changed = path.with_name("changed")

    def read(data: bytes) -> object:
        changed.write_bytes(data)
        manifest, note = read_manifest(changed)
        try:
            note.verified_by(keys)
        except FormFault as fault:
            raise BackupSigner(changed) from fault
        with TemporaryDirectory() as folder:
            target = Path(folder) / "book.cbk"
            backup_file.extract(changed, target, b3=manifest.b3, size=manifest.size)
            return manifest, target.read_bytes()

    chance = random.Random(seed)
    ends = [chance.randrange(len(whole)) for _ in range(max(count // 10, 1))]
    tally = rot.judge_text(whole, read, rot.some_bits(whole, count, seed), ends)
    older = made_by(bench, "restore", "kept.cbk-backup").read_bytes()
    tally += rot.judge_changed(whole, read, exchanged(whole, older))
    return tally


def exchanged(one: bytes, other: bytes) -> Iterator[tuple[str, bytes]]:
    """Two backups with their parts exchanged, doubled, or left out."""
    parts = [{name: archive.read(name) for name in archive.namelist()}
             for archive in map(zipfile.ZipFile, map(io.BytesIO, (one, other)))]  # fmt: skip
    mine, theirs = parts
    manifest, book = mine
    made = {
        "its manifest is another one's": [(manifest, theirs[manifest]), (book, mine[book])],
        "its book is another one's": [(manifest, mine[manifest]), (book, theirs[book])],
        "the book comes first": [(book, mine[book]), (manifest, mine[manifest])],
        "it has no manifest": [(book, mine[book])],
        "it has no book": [(manifest, mine[manifest])],
        "another book follows": [*mine.items(), ("other.cbk", theirs[book])],
    }
    for what, members in made.items():
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in members:
                archive.writestr(name, data)
        yield what, buffer.getvalue()


def judge_pack(bench: Bench, count: int, seed: int) -> Tally:
    """An audit pack: any bit of it as it is sent, then any bit of any file of it where it was unzipped."""
    whole = made_by(bench, "pack", "pack.zip").read_bytes()
    tally = rot.judge_text(whole, unzipped, rot.some_bits(whole, count, seed), range(0, len(whole), 97))
    folder = bench.box / "unzipped"
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        archive.extractall(folder)
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    assert is_sound_to_a_stranger(folder)
    chance = random.Random(seed)
    for _ in range(count):
        path = chance.choice(paths)
        kept = path.read_bytes()
        what, data = next(rot.flipped(kept, [chance.randrange(len(kept) * 8)]))
        path.write_bytes(data)
        tally.counts["changes"] += 1
        if is_sound_to_a_stranger(folder):
            tally.broken.append(f"{path.relative_to(folder)}: {what}, and the stranger did not see it")
        tally.counts["found"] += 1
        path.write_bytes(kept)
    return tally


def unzipped(data: bytes) -> dict[str, bytes]:
    """What a pack holds, as `unzip` sees it: that says so, too, where a pack counts more files than it lists."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = {name: archive.read(name) for name in archive.namelist()}
    except (ValueError, OSError, EOFError, RuntimeError, zlib.error, structures, zipfile.BadZipFile) as error:
        raise Unzipped(error) from error
    if len(found) != int.from_bytes(data[-12:-10], "little"):
        raise Unzipped(ValueError("files are missing"))
    return found


def is_sound_to_a_stranger(folder: Path) -> bool:
    """Whether the second verifier finds nothing in a pack."""
    stranger = second_verifier.load()
    found: list[object] = stranger.Pack(folder, stranger.Policy()).verdict()["findings"]
    return not found


def judge_proof(bench: Bench, count: int, seed: int) -> Tally:
    """A proof: any bit of it, every length."""
    whole = made_by(bench, "prove", "x.proof").read_bytes()
    return rot.judge_text(whole, lambda data: check_proof(data, "x.proof"), rot.some_bits(whole, count, seed))


def judge_voucher(folder: Path, count: int, seed: int) -> Tally:
    """A voucher that is kept in the book: every bit of it counts."""
    folder.mkdir()
    posted, chance = PostedBook(folder), random.Random(seed)
    voucher = chance.randbytes(_VOUCHER_BYTES)
    with posted.open() as book:
        keeping_log.keep_file(book, voucher)
    whole = posted.path.read_bytes()
    bits: list[int] = []
    while len(bits) < count:
        at = chance.randrange(_VOUCHER_BYTES - 16)
        place = whole.find(voucher[at : at + 16])
        if place >= 0:
            bits.append(place * 8 + chance.randrange(128))
    tally = rot.judge_books(posted.path, rot.flipped(whole, bits), folder / "flipped.cbk")
    if tally.counts["inert"]:
        tally.broken.append(f"{tally.counts['inert']} flipped bits of a voucher were not seen")
    return tally
