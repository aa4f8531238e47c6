"""The second verifier, one file that uses nothing of ours, judges every vector as we do."""

from __future__ import annotations

import ast
import hashlib
import json
import shutil
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.chain.folder_source import FolderSource
from tests.chain.strategies import vectors
from tests.chain.test_format1 import MUTANTS, POLICY, VECTORS, valid
from tests.chain.test_note import SMALL_ORDER, WYCHEPROOF
from tests.store.posted_book import PostedBook
from tests.tools.second_verifier import PROGRAM, load, ours, strangers, write

from cloudbooks.chain.batch import BATCH_BYTES_MAX
from cloudbooks.chain.canonical import FormFault, encode
from cloudbooks.chain.note import Vkey
from cloudbooks.chain.proof import Proof
from cloudbooks.chain.proof_checking import check
from cloudbooks.chain.verifying import Policy
from cloudbooks.store.proving import Prover


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
    assert said.stdout.splitlines()[:3] == ["Valid.", "consistent    13 of 13 blocks", "signed        13 of 13 blocks"]
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
    header, (_, _, signature) = program.read_block(valid().files["block/00000000"])
    text = program.author_text(header)
    for package in (program.Ed25519PublicKey, None):
        monkeypatch.setattr(program, "Ed25519PublicKey", package)
        assert program.verifies(key.public, signature, text.encode())
        assert not program.verifies(key.public, signature, text.encode() + b" ")


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
    batch, records, root = program.Ledger().read_batch(golden_batch["file"].encode())
    header, _ = program.read_block(golden_block["file"].encode())
    assert (header["record_root"], header["batch"]) == (root, program.b3(golden_batch["file"].encode()))
    assert (len(records), batch["book"]) == (header["records"], header["book"])
    note = vectors("golden-note.json")
    said, (signature,) = program.read_note(note["file"].encode())
    assert said == note["text"] == program.author_text(header)
    assert program.signers(said, [signature], [program.key_of(note["vkey"])])
    checkpoint = vectors("golden-checkpoint.json")
    assert program.read_checkpoint(checkpoint["file"].encode())[3] == checkpoint["text"]
    for golden in vectors("golden-records.json"):
        assert program.read_record(golden["line"].encode(), header["book"])["type"] == golden["type"]


def test_a_gap_between_blocks_is_found_by_both(tmp_path: Path) -> None:
    """Without a checkpoint too."""
    files = {name: data for name, data in valid().files.items() if name not in ("checkpoint", "block/00000009")}
    folder = write(tmp_path, files)
    assert strangers(folder, POLICY) == ours(folder, POLICY)
    assert ("block-missing", 9, None) in strangers(folder, POLICY)["findings"]
    assert not strangers(folder, POLICY)["valid"]


def test_a_cosignature_of_a_kind_that_neither_verifies_is_passed_over_by_both(tmp_path: Path) -> None:
    """A witness with a key of type 06 may stand in a policy: its lines count for nothing, and are no findings."""
    blob = b"\x06" + bytes(1312)
    id_ = hashlib.sha256(b"witness.example\n" + blob).digest()[:4]
    witness = Vkey.parse(f"witness.example+{id_.hex()}+{b64encode(blob).decode()}")
    line = f"\u2014 witness.example {b64encode(id_ + bytes(8 + 2420)).decode()}\n".encode()
    folder = write(tmp_path, dict(valid().files) | {f"cosignature/13/{id_.hex()}": line})
    policy = Policy(POLICY.pin, (*POLICY.witnesses, witness), POLICY.quorum)
    assert strangers(folder, policy) == ours(folder, policy) == ours(VECTORS / "valid", POLICY)


@pytest.mark.parametrize(
    "name", ["cosignature/x", "cosignature/03/00000000", "cosignature/3/0000000g", "timestamp/03.tsr"]
)
def test_a_name_of_another_form_is_stray_to_both(name: str, tmp_path: Path) -> None:
    """Whatever stands in it; it is neither a cosignature nor a timestamp."""
    folder = write(tmp_path, dict(valid().files) | {name: b"anything\n"})
    assert strangers(folder, POLICY) == ours(folder, POLICY)
    assert ("stray", None, None) in ours(folder, POLICY)["findings"]


def test_a_batch_that_is_too_long_is_found_by_its_length(tmp_path: Path) -> None:
    """Before its hash: a reader may stop at the limit."""
    files = dict(valid().files)
    name = next(name for name in files if name.startswith("batch/"))
    folder = write(tmp_path, files)
    with (folder / name).open("r+b") as file:
        file.truncate(BATCH_BYTES_MAX + 1)
    assert strangers(folder, POLICY) == ours(folder, POLICY)
    assert ours(folder, POLICY)["findings"][0][0] == "limit"


def proofs(folder: Path) -> tuple[tuple[bytes, ...], str]:
    """A proof of every kind out of one book, and its first member's key."""
    book = PostedBook(folder)
    book.fill()
    book.block(book.entry(), book.entry(summary="by eve"), by="eve")
    for _ in range(6):
        book.block(book.entry())
    book.sign_head()
    with book.open() as opened:
        prover = Prover(opened)
        accounts = (book.RENT, book.BANK)
        made = (
            *(prover.record(4, 2), prover.record(4, 2, accounts), prover.record(0, 3), prover.growth(3)),
            *(prover.record(block, record) for block, record in ((1, 2), (2, 1), (2, 2), (3, 2))),
            *(prover.growth(11), prover.balances(book.RENT, "5602", 6), prover.balances(book.SALES, "5001", 3)),
        )
    return made, str(book.signers["ann"].vkey)


def test_it_shows_what_a_proof_shows(tmp_path: Path) -> None:
    """Of every kind of proof both say the same: claim, block, author, checkpoint, record, totals."""
    made, pin = proofs(tmp_path)
    for data in made:
        facts, proven = load().Proof(data, load().Policy(pin)).facts, check(Proof.read(data), Vkey.parse(pin))
        assert facts["proves"] == str(proven.claim)
        assert facts["block"]["hash"] == proven.head
        assert (facts["book"], facts["author"]) == (proven.book, proven.author.name)
        assert facts["checkpoint"] == {
            "size": proven.size, "root": proven.root, "signers": [one.name for one in proven.signers],
        }  # fmt: skip
        assert facts["record"] == (None if proven.record is None else json.loads(encode(proven.record)))
        assert [total["debit"] for total in facts["totals"]] == [total.debit for total in proven.totals]
        assert [one["code"] for one in facts["accounts"]] == [one.code for one in proven.accounts]
        assert facts.get("old_root", "") == proven.old_root


def test_both_refuse_a_proof_of_which_a_byte_was_changed(tmp_path: Path) -> None:
    """At places all over each kind of proof, one flipped bit is refused by both or changes nothing for either."""
    made, pin = proofs(tmp_path)
    for data in made:
        facts = load().Proof(data, load().Policy(pin)).facts
        for place in range(0, len(data), 23):
            changed = bytearray(data)
            changed[place] ^= 1 << place % 7
            assert shown_by_stranger(bytes(changed), pin) in (None, facts)
            assert (shown_by_stranger(bytes(changed), pin) is None) == (shown_by_us(bytes(changed), pin) is None)


def shown_by_stranger(data: bytes, pin: str) -> Any:
    """What the second verifier sees in a proof, `None` where it refuses it."""
    program = load()
    try:
        return program.Proof(data, program.Policy(pin)).facts
    except program.Fault:
        return None


def shown_by_us(data: bytes, pin: str) -> Any:
    """What we see in a proof, `None` where it is refused."""
    try:
        return check(Proof.read(data), Vkey.parse(pin))
    except FormFault:
        return None


def test_a_proof_file_is_checked_by_the_command(tmp_path: Path) -> None:
    """Status 0 and what it shows; 4 for another key; JSON has the record."""
    made, pin = proofs(tmp_path)
    file = tmp_path / "x.proof"
    file.write_bytes(made[0])
    said = run(str(file), "--pin", pin)
    assert said.returncode == 0
    assert "by eve" in said.stdout
    assert json.loads(run(str(file), "--json").stdout)["record"]["summary"] == "by eve"
    file.write_bytes(made[0].replace(b"300.00", b"900.00"))
    assert run(str(file), "--pin", pin).returncode == 4


def test_a_text_from_outside_does_not_move_the_terminal(tmp_path: Path) -> None:
    """A file's name with an escape in it is shown with the escape written out."""
    folder = write(tmp_path, {**valid().files, "block/\x1b[31m\u202ered": b"?"})
    said = run(str(folder), "--pin", str(POLICY.pin)).stdout
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert r"block/\x1b[31m\u202ered" in said


def accepts(act: Callable[[], object]) -> bool:
    """Whether the program takes something; a fault is a no."""
    try:
        return act() is not False
    except load().Fault:
        return False


@pytest.mark.parametrize("case", vectors("merkle/inclusion.json"), ids=lambda case: str(case["case"]))
def test_it_judges_each_published_inclusion_proof(case: dict[str, Any]) -> None:
    """As its publisher does."""
    path, root = [b64decode(step) for step in case["proof"] or ()], b64decode(case["root"])
    place = (case["leafIdx"], case["treeSize"])
    taken = accepts(lambda: load().root_of_path(b64decode(case["leafHash"]), *place, path) == root)
    assert taken is not case["wantErr"]


@pytest.mark.parametrize("case", vectors("merkle/consistency.json"), ids=lambda case: str(case["case"]))
def test_it_judges_each_published_consistency_proof(case: dict[str, Any]) -> None:
    """As its publisher does."""
    proof = [b64decode(step) for step in case["proof"] or ()]
    old, new = b64decode(case["root1"]), b64decode(case["root2"])
    taken = accepts(lambda: load().roots_of_growth(case["size1"], case["size2"], proof, old) == (old, new))
    assert taken is not case["wantErr"]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the program openssl is not here")
def test_a_whole_book_is_judged_with_openssl_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without `cryptography` the facts of the valid book are the same, and a bad approval is found at its place."""
    monkeypatch.setattr(load(), "Ed25519PublicKey", None)
    assert strangers(VECTORS / "valid", POLICY) == ours(VECTORS / "valid", POLICY)
    folder = write(tmp_path, valid().mutated(VECTORS / "mutants" / "approval-at-changed.json").files)
    assert strangers(folder, POLICY) == ours(folder, POLICY)


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ("log PIN\nwitness w WITNESS\ngroup g any w\nquorum g\n", 0),
        ("# the same\n\n \twitness w WITNESS https://witness.example/ \nquorum w\n", 0),
        ("witness w WITNESS\nwitness x OTHER\ngroup g all w x\nquorum g\n", 1),
        ("witness w WITNESS\ngroup g 2 w\nquorum g\n", 2),
        ("witness w WITNESS\nwitness x WITNESS\nquorum w\n", 2),
        ("witness w PIN\nquorum w\n", 2),
        ("log PIN\nlog PIN\nquorum none\n", 2),
        ("log PIN\nquorum none\n", 0),
        ("log OTHER\nquorum none\n", 2),
        ("group g any none\nquorum g\n", 2),
        ("quorum none\nquorum none\n", 2),
        ("log PIN\n", 2),
        ("quorum none\r\n", 2),
        ("authority a nowhere.pem\nquorum none\n", 2),
    ],
)
def test_a_policy_file_says_whom_to_trust(tmp_path: Path, lines: str, status: int) -> None:
    """Witnesses, groups and their quorum are judged as c2sp.md section 7 says; what is no policy is wrong usage."""
    other = str(Vkey.of("witness.example/other", bytes(Vkey.parse(str(POLICY.pin)).public), 4))
    for name, key in (("PIN", str(POLICY.pin)), ("WITNESS", str(POLICY.witnesses[0])), ("OTHER", other)):
        lines = lines.replace(name, key)
    (tmp_path / "policy").write_bytes(lines.encode())
    said = run(str(VECTORS / "valid"), "--pin", str(POLICY.pin), "--policy", str(tmp_path / "policy"))
    assert said.returncode == status, said
    assert ("witnessed     13 of 13" in said.stdout) == ("quorum none" not in lines and status == 0)


@given(data=st.data())
@settings(max_examples=60)
def test_whatever_is_damaged_ends_in_a_verdict(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Bytes of a file replaced anywhere by anything: a fault is found or nothing was changed, and nothing breaks."""
    name = data.draw(st.sampled_from(sorted(valid().files)))
    was = valid().files[name]
    at = data.draw(st.integers(0, len(was)))
    now = was[:at] + data.draw(st.binary(max_size=8)) + was[at + data.draw(st.integers(0, 40)) :]
    folder = write(tmp_path_factory.mktemp("log"), dict(valid().files) | {name: now})
    assert (strangers(folder, POLICY)["findings"] == []) == (now == was)
    assert accepts(lambda: load().Proof(now, load().Policy())) is False
