"""The vectors of format 1, which another implementation made: what it accepts, refuses and states, ours does too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.chain.folder_source import FolderSource

from cloudbooks.chain.batch import Batch
from cloudbooks.chain.block import Block
from cloudbooks.chain.note import Vkey
from cloudbooks.chain.record import Account, Commodity
from cloudbooks.chain.rows import Admitted
from cloudbooks.chain.verifying import Policy, Verdict, verify
from cloudbooks.core.money import from_canonical
from cloudbooks.errors import Finding

VECTORS = Path(__file__).parent / "vectors" / "format1"
BALANCES = json.loads((VECTORS / "balances.json").read_text("utf-8"))
MUTANTS: list[dict[str, Any]] = json.loads((VECTORS / "mutants" / "index.json").read_text("utf-8"))

POLICY = Policy(Vkey.parse(BALANCES["pin"]), tuple(map(Vkey.parse, BALANCES["witnesses"])), 1)


@cache
def valid() -> FolderSource:
    """The valid book."""
    return FolderSource.read(VECTORS / "valid")


def judged(name: str) -> Verdict:
    """What is said of a mutant."""
    return verify(valid().mutated(VECTORS / "mutants" / f"{name}.json"), POLICY)


def test_the_example_book_verifies_with_the_facts_that_its_maker_states() -> None:
    """The valid book has no findings, and every fact of balances.json is ours."""
    verdict = verify(FolderSource(valid().files), POLICY)
    facts = BALANCES["facts"]
    assert verdict.findings == ()
    assert {
        "book": verdict.book,
        "blocks": verdict.blocks,
        "valid": verdict.valid,
        "consistent": verdict.consistent,
        "signed": verdict.signed,
        "witnessed": verdict.witnessed,
        "entries": verdict.entries,
        "records": verdict.records,
        "head": {"number": verdict.blocks - 1, "hash": verdict.head},
        "root": verdict.root,
    } == facts
    assert not verdict.self_declared
    assert verdict.first_key == BALANCES["pin"]


def test_the_totals_of_the_example_book_are_those_that_its_maker_states() -> None:
    """Postings that are observed, summed by side per account code and commodity, give balances.json's totals."""
    sums: dict[tuple[str, str], list[int]] = {}
    codes: dict[str, str] = {}
    scales: dict[str, int] = {}

    def observe(_block: Block, _batch: Batch, admitted: Admitted) -> Iterator[Finding]:
        for _, record in admitted.others:
            if isinstance(record, Account):
                codes[record.id] = record.code
            elif isinstance(record, Commodity):
                scales[record.code] = record.scale
        for posting in (posting for row in admitted.entries for posting in row.postings):
            total = sums.setdefault((codes[posting.account], posting.commodity), [0, 0, 0, 0, 0])
            side = 0 if posting.debit else 1
            total[side] += posting.amount if posting.debit else -posting.amount
            total[2 + side] += posting.value if posting.debit else -posting.value
            total[4] += 1
        return iter(())

    verify(FolderSource(valid().files), POLICY, observe)
    base = scales["CNY"]
    assert sums == {
        (total["account"], total["commodity"]): [
            from_canonical(total["debit"], scales[total["commodity"]]),
            from_canonical(total["credit"], scales[total["commodity"]]),
            from_canonical(total["debit_value"], base),
            from_canonical(total["credit_value"], base),
            total["postings"],
        ]
        for total in BALANCES["totals"]
    }


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: str(mutant["name"]))
def test_a_mutant_is_judged_as_its_index_says(mutant: dict[str, Any]) -> None:
    """Each broken copy gets the judgement, facts, place and kind of reason that its maker states."""
    verdict = judged(mutant["name"])
    assert verdict.valid == (mutant["expect"] != "invalid")
    assert bool(verdict.findings) == (mutant["expect"] != "valid")
    for fact in ("consistent", "signed", "witnessed"):
        assert getattr(verdict, fact) == mutant[fact], fact
    if mutant["expect"] == "incomplete":
        assert min(verdict.consistent, verdict.signed) < verdict.blocks
    if verdict.findings:
        assert {finding.code for finding in verdict.findings} & set(mutant["codes"])
        for place in ("block", "record"):
            if place in mutant:
                assert getattr(verdict.findings[0], place) == mutant[place], place


def test_without_a_pin_the_first_key_is_self_declared() -> None:
    """A verifier who pins no key is told so; all else holds."""
    verdict = verify(FolderSource(valid().files), Policy())
    assert (verdict.valid, verdict.self_declared, verdict.signed) == (True, True, 13)
    assert verdict.witnessed == 0


def test_another_first_key_than_the_pinned_one_is_invalid() -> None:
    """Nothing counts as signed in a log whose first key is not the pinned one."""
    policy = Policy(Vkey.of(POLICY.pin.name if POLICY.pin else "", bytes(32)))
    verdict = verify(FolderSource(valid().files), policy)
    assert (verdict.valid, verdict.signed) == (False, 0)
    assert [(finding.code, finding.block, finding.record) for finding in verdict.findings] == [("key-not-pinned", 0, 3)]


def test_a_gap_between_blocks_is_invalid_and_an_unknown_file_is_only_said() -> None:
    """A block after a gap makes the log invalid; a file that belongs nowhere does not."""
    source = FolderSource(valid().files)
    del source.files["checkpoint"], source.files["block/00000009"]
    verdict = verify(source, POLICY)
    assert (verdict.valid, verdict.blocks) == (False, 9)
    assert "block-missing" in {finding.code for finding in verdict.findings}

    source = FolderSource({**valid().files, "batch/" + "0" * 64: b"?"})
    verdict = verify(source, POLICY)
    assert (verdict.valid, verdict.signed) == (True, 13)
    assert [(finding.code, finding.warning) for finding in verdict.findings] == [("stray", True)]
