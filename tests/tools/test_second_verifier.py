"""The second verifier, one file that uses nothing of ours, judges every vector as we do."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.chain.folder_source import FolderSource
from tests.chain.strategies import vectors
from tests.chain.test_format1 import MUTANTS, POLICY, VECTORS, valid
from tests.chain.test_note import SMALL_ORDER, WYCHEPROOF
from tests.tools.second_verifier import PROGRAM, load, ours, strangers, write

from cloudbooks.chain.verifying import Policy


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The program, run as a stranger runs it: by itself, isolated from everything of ours."""
    command = [sys.executable, "-I", str(PROGRAM), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_it_is_one_file_that_uses_nothing_of_ours() -> None:
    """Beside the standard library it imports blake3 and cryptography alone."""
    text = PROGRAM.read_text("utf-8")
    tree = ast.parse(text)
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names) == {"blake3", "cryptography"}


def test_the_valid_book_has_the_facts_that_its_maker_states() -> None:
    """Of the valid book it says what we say, with a pin and without."""
    for policy in (POLICY, Policy()):
        assert strangers(VECTORS / "valid", policy) == ours(VECTORS / "valid", policy)
    assert strangers(VECTORS / "valid", POLICY)["findings"] == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: str(mutant["name"]))
def test_both_verifiers_agree_on_every_mutant(mutant: dict[str, Any], tmp_path: Path) -> None:
    """Validity, every fact, and code, block and record of every finding are the same."""
    files = FolderSource(valid().files).mutated(VECTORS / "mutants" / f"{mutant['name']}.json").files
    folder = write(tmp_path, files)
    assert strangers(folder, POLICY) == ours(folder, POLICY)


def test_it_is_run_with_a_path_and_a_key() -> None:
    """The command prints the facts as text or JSON, and its exit status says how it went."""
    pin = ("--pin", str(POLICY.pin))
    said = run(str(VECTORS / "valid"), *pin)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.splitlines()[:3] == ["Valid.", "consistent  13 of 13 blocks", "signed      13 of 13 blocks"]
    data = json.loads(run(str(VECTORS / "valid"), *pin, "--json").stdout)
    assert data["signed"] == 13
    assert run(str(VECTORS / "nowhere"), *pin).returncode == 2
    assert run(str(VECTORS / "valid"), "--pin", "cloudbooks").returncode == 2


def test_a_broken_book_is_named_and_ends_in_status_4(tmp_path: Path) -> None:
    """The first bad block and record are in the text, with the code."""
    folder = write(tmp_path, valid().mutated(VECTORS / "mutants" / "value-missing.json").files)
    said = run(str(folder), "--pin", str(POLICY.pin))
    assert said.returncode == 4
    assert said.stdout.startswith("INVALID: see the findings.\n")
    assert "finding[schema]: block 12, record 8: " in said.stdout


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the program openssl is not here")
def test_openssl_judges_signatures_as_the_package_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where `cryptography` is not installed, the program openssl takes its place."""
    program = load()
    key = program.key_of(str(POLICY.pin))
    _, text, signature = program.read_block(valid().files["block/00000000"])
    for package in (program.Ed25519PublicKey, None):
        monkeypatch.setattr(program, "Ed25519PublicKey", package)
        assert program.verifies(key.public, signature.blob, text.encode())
        assert not program.verifies(key.public, signature.blob, text.encode() + b" ")


@pytest.mark.parametrize(("public", "case"), WYCHEPROOF, ids=[str(case["tcId"]) for _, case in WYCHEPROOF])
def test_it_judges_each_signature_of_wycheproof(public: str, case: dict[str, str]) -> None:
    """As Wycheproof does."""
    verified = load().verifies(bytes.fromhex(public), bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
    assert verified is (case["result"] == "valid")


def test_no_point_of_small_order_and_no_second_form_is_a_key() -> None:
    """Every encoding that FORMAT refuses is refused."""
    assert not any(load().is_sound_point(point) for point in SMALL_ORDER)


def test_it_reads_the_golden_vectors() -> None:
    """Batch, block, note, checkpoint and records of the format, each with the values that stand beside them."""
    program = load()
    golden_batch, golden_block = vectors("golden-batch.json"), vectors("golden-block.json")
    batch, records, root = program.read_batch(golden_batch["file"].encode())
    header, text, _ = program.read_block(golden_block["file"].encode())
    assert (header["record_root"], header["batch"]) == (root, program.b3(golden_batch["file"].encode()))
    assert (len(records), batch["book"]) == (header["records"], header["book"])
    note = vectors("golden-note.json")
    said, (signature,) = program.read_note(note["file"].encode())
    assert said == note["text"] == text
    program.check_signature(program.key_of(note["vkey"]), said, signature)
    checkpoint = vectors("golden-checkpoint.json")
    assert program.read_checkpoint(checkpoint["file"].encode()).text == checkpoint["text"]
    for golden in vectors("golden-records.json"):
        assert program.read_record(golden["line"].encode(), header["book"])["type"] == golden["type"]


def test_a_gap_between_blocks_is_found_by_both(tmp_path: Path) -> None:
    """Without a checkpoint too."""
    files = {name: data for name, data in valid().files.items() if name not in ("checkpoint", "block/00000009")}
    folder = write(tmp_path, files)
    assert strangers(folder, POLICY) == ours(folder, POLICY)
    assert ("block-missing", 9, None) in strangers(folder, POLICY)["findings"]
    assert not strangers(folder, POLICY)["valid"]
