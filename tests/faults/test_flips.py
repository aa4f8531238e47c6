"""R6 to R9: whatever bit flips or page goes wrong, it is found, or the whole content is what it was."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest
from tests.faults import kept, rot
from tests.faults.bench import Bench
from tests.faults.children import Nursery
from tests.faults.trials import Tally
from tests.faults.verbs import VERBS
from tests.store.posted_book import format1_book

FLIPS = int(os.environ.get("CLOUDBOOKS_FLIPS", "5000"))
"""How many bits of a book are flipped, one at a time; a release flips every one (0 says so)."""

PARTS = 8
"""The flips are as many tests, so that whoever runs tests beside each other can share them out."""

SEED = 20261122


@pytest.fixture(scope="module")
def dense(ram_folder: Path) -> Path:
    """The smallest book with rows in nearly every table."""
    return rot.dense_book(ram_folder)


def require_seen(tally: Tally) -> None:
    """No change went unseen."""
    assert not tally.broken, "\n".join(tally.broken)


def test_an_untouched_book_has_the_findings_of_its_making(dense: Path) -> None:
    """What the flipped copies are compared with: a file that was never at hand, and a file that VACUUM touched."""
    clean = rot.found(dense)
    assert clean is not None
    assert {said.split()[0] for said in clean} == {"attachment-missing", "file-touched"}


@pytest.mark.parametrize("part", range(PARTS))
def test_a_flipped_bit_is_found_or_inert(dense: Path, tmp_path: Path, part: int) -> None:
    """Bits at random places, every region of the file among them."""
    whole = dense.read_bytes()
    bits = islice(rot.some_bits(whole, FLIPS, SEED), part, None, PARTS)
    tally = rot.judge_books(dense, rot.flipped(whole, bits), tmp_path / "flipped.cbk")
    require_seen(tally)
    assert tally.counts["found"] > tally.counts["changes"] // 3


def test_a_flipped_bit_of_every_type_of_record_is_found_or_inert(tmp_path: Path) -> None:
    """The same in a book with every type of record."""
    path, _ = format1_book(tmp_path)
    whole = path.read_bytes()
    tally = rot.judge_books(path, rot.flipped(whole, rot.some_bits(whole, 100, SEED)), tmp_path / "flipped.cbk")
    require_seen(tally)
    assert tally.counts["found"] > 10


def test_a_page_gone_wrong_is_found_or_inert(tmp_path: Path) -> None:
    """Pages exchanged, zeroed, replaced by old ones, cut off; something appended."""
    tally = rot.judge_pages(tmp_path, 60, SEED)
    require_seen(tally)
    assert tally.counts["found"] > tally.counts["inert"] * 10


def test_any_bit_of_a_receipt_is_seen(tmp_path: Path) -> None:
    """Every bit, and every length that it may be cut off at."""
    tally = rot.judge_receipt(tmp_path, 0, SEED)
    require_seen(tally)
    assert tally.counts["found"] == tally.counts["changes"]


def test_any_bit_of_a_key_is_seen(tmp_path: Path) -> None:
    """A sample of bits, and every length; a key under a passphrase is no other."""
    require_seen(rot.judge_key(tmp_path / "plain", 200, SEED))
    tally = rot.judge_key(tmp_path / "wrapped", 100, SEED, b"secret")
    require_seen(tally)
    assert tally.counts["found"] == tally.counts["changes"]


@pytest.mark.parametrize("name", ["export", "push"])
def test_a_flipped_bit_of_an_exported_chain_is_found(bench: Bench, name: str) -> None:
    """An export and a folder peer: any bit of any file, and files that were cut off."""
    bench.start(VERBS[name])
    assert bench.run(VERBS[name]).status == 0
    require_seen(rot.judge_export(bench.box / ("folder" if name == "export" else "shared"), 60, SEED))


@pytest.mark.parametrize("judge", [kept.judge_pin, kept.judge_seen_head])
def test_any_bit_of_what_is_trusted_is_seen(tmp_path: Path, judge: Callable[[Path, int, int], Tally]) -> None:
    """The pin of a first key, and the head that a witness saw: every bit, and every length, the empty one too."""
    tally = judge(tmp_path / "kept", 0, SEED)
    require_seen(tally)
    assert tally.counts["found"] == tally.counts["changes"]


@pytest.mark.parametrize("judge", [kept.judge_backup, kept.judge_pack, kept.judge_proof])
def test_a_flipped_bit_of_what_is_handed_out_is_found_or_inert(
    bench: Bench, judge: Callable[[Bench, int, int], Tally]
) -> None:
    """A backup, an audit pack, a proof; backups whose parts were exchanged; packs that were unzipped first."""
    tally = judge(bench, 100, SEED)
    require_seen(tally)
    assert tally.counts["found"] > tally.counts["inert"] * 10


def test_a_flipped_bit_of_a_voucher_is_found(tmp_path: Path) -> None:
    """The bytes of a file that is kept in the book: every one counts."""
    tally = kept.judge_voucher(tmp_path / "book", 100, SEED)
    require_seen(tally)
    assert tally.counts["found"] == tally.counts["changes"]


def test_a_hot_journal_gone_wrong_is_found_or_nothing(nursery: Nursery, tmp_path: Path) -> None:
    """Removed, exchanged for another book's, cut off, zeroed in places, longer than it was."""
    tally = rot.judge_hot_journal(nursery, tmp_path, 12, SEED, gone_wrong=True)
    require_seen(tally)
    assert tally.counts["found"] > 12


def test_a_flipped_bit_of_a_hot_journal_is_found_or_nothing(nursery: Nursery, tmp_path: Path) -> None:
    """SQLite samples its journal only; verifying after each recovery sees what it did not."""
    tally = rot.judge_hot_journal(nursery, tmp_path, 60, SEED)
    require_seen(tally)
    assert tally.counts["found"] > 10
