"""Every mutant of an exported log is found: with its code, its first bad record named, by both verifiers alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.chain.building import BookBuilder
from tests.chain.strategies import SeedSigner
from tests.tampering.forging import Forger, specimen
from tests.tampering.mutants_of_files import Tampering, tamperings
from tests.tampering.mutants_of_records import Added, Mutant, all_mutants, forged
from tests.tools.second_verifier import ours, strangers, write

from cloudbooks.chain import canonical
from cloudbooks.chain.verifying import Policy

VALID = {"attachment-missing", "not-understood"}
"""What leaves a log valid: it is said, and the exit status is 1."""


def judged(folder: Path, files: dict[str, bytes]) -> dict[str, Any]:
    """What both verifiers say of a log, which must be the same."""
    policy = Policy(specimen().signers["ann"].vkey)
    verdict = ours(write(folder, files), policy)
    assert strangers(folder, policy) == verdict
    return verdict


def test_the_specimen_is_sound(tmp_path: Path) -> None:
    """Nothing is found in the book that the mutants are made of, as the forger writes it."""
    verdict = judged(tmp_path, Forger().files())
    assert (verdict["valid"], verdict["findings"]) == (True, [])
    assert verdict["signed"] == verdict["blocks"] == 9


@pytest.mark.parametrize("mutant", all_mutants(), ids=lambda mutant: mutant.name)
def test_a_record_that_breaks_a_rule_is_named(mutant: Mutant | Added, tmp_path: Path) -> None:
    """With all hashes and signatures made anew by the true keys, the first finding is that record with that code."""
    files, block, record = forged(mutant)
    verdict = judged(tmp_path, files)
    assert verdict["findings"][0] == (mutant.code, block, record)
    assert verdict["valid"] == ({code for code, _, _ in verdict["findings"]} <= VALID)
    if mutant.code not in ("attachment", "attachment-missing"):
        assert verdict["consistent"] == block


@pytest.mark.parametrize("tampering", list(tamperings()), ids=lambda one: one.name)
def test_a_file_that_was_tampered_with_is_named(tampering: Tampering, tmp_path: Path) -> None:
    """The first finding is the first block that is off, with its code; what was signed before it stays so."""
    verdict = judged(tmp_path, tampering.files())
    assert verdict["findings"][0] == tampering.found


def test_there_are_many_mutants_and_no_two_of_a_name() -> None:
    """At least 200, each of its own."""
    names = [mutant.name for mutant in all_mutants()] + [f"file {one.name}" for one in tamperings()]
    assert len(names) == len(set(names)) >= 200


def test_another_book_under_the_pin_is_another(tmp_path: Path) -> None:
    """A whole log by somebody else, sound in itself, is refused by whoever pinned the first key."""
    policy = Policy(SeedSigner(0x63).vkey)
    folder = write(tmp_path, Forger().files())
    assert ours(folder, policy) == strangers(folder, policy)
    assert ours(folder, policy)["findings"][0] == ("key-not-pinned", 0, 3)
    assert (ours(folder, policy)["valid"], ours(folder, policy)["signed"]) == (False, 0)


def test_history_rewritten_whole_with_the_key_is_sound_and_not_the_one_that_was_signed(tmp_path: Path) -> None:
    """Who has the first key can write another book: only what others kept of the old one, a head, shows it."""
    rewritten = BookBuilder()
    rewritten.block(rewritten.entry(summary="another rent"))
    verdict = judged(tmp_path, rewritten.source().files)
    assert (verdict["valid"], verdict["signed"], verdict["findings"]) == (True, 2, [])
    heads = {canonical.b3(specimen().files[f"block/{number:08d}"]) for number in range(9)}
    assert verdict["head"]["hash"] not in heads


@given(st.data())
def test_both_verifiers_agree_on_whatever_is_done_to_a_line(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Bytes of a batch replaced anywhere, with hashes and signatures made anew: one verdict, finding by finding."""
    forger = Forger()
    block = data.draw(st.integers(0, 8))
    line = data.draw(st.integers(0, len(forger.lines[block]) - 1))
    said = forger.lines[block][line]
    at = data.draw(st.integers(0, len(said)))
    put = data.draw(
        st.sampled_from([b"", b'"', b"\\", b"{", b"}", b"[", b",", b":", b"0", b"9", b"-", b".", b"e", b"a"])
    )
    forger.lines[block][line] = said[:at] + put + said[at + data.draw(st.integers(0, 3)) :]
    judged(tmp_path_factory.mktemp("log"), forger.files())
