"""`chain check --policy`: whose cosignatures in a proof count is the verifier's own choice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.tools.second_verifier import PROGRAM

from cloudbooks.chain.note import Signature

OTHER = "witness.example/w2+bfff2874+BO1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR"
OTHER_LOG = "cloudbooks/019a9c3e-7b00-7000-8000-000000000001+a0672222+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"


@pytest.fixture
def keys(run: Run) -> dict[str, str]:
    """A book whose head a witness cosigned, its proofs from before and after that, and the keys to be trusted."""
    run("init", "acme", "--base", "CNY", "--chart", "generic", "--no-passphrase", "--as", "Lina")
    run("add", "2026-10-20", "Paper", "6400", "300", "1010")
    run("post", "--all", "--yes")
    run("chain", "prove", "2026-10/J-0001", "-o", "plain.proof")
    witness = run("chain", "cosign", "--no-passphrase", "--json").json["data"]["key"]
    run("chain", "prove", "2026-10/J-0001", "-o", "x.proof")
    (member,) = run("member", "list", "--json").json["data"]["members"]
    return {"WITNESS": witness, "PIN": member["key"], "OTHER": OTHER}


def _policy(keys: dict[str, str], lines: str) -> str:
    for name, key in keys.items():
        lines = lines.replace(name, key)
    Path("policy").write_text(lines, encoding="utf-8")
    return "policy"


def _stranger(*words: str) -> int:
    command = [sys.executable, "-I", str(PROGRAM), *words]
    return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode


@pytest.mark.parametrize(
    ("lines", "witnessed", "status"),
    [
        ("witness a WITNESS\nquorum a\n", 2, 0),
        ("log PIN\nwitness a WITNESS\nwitness b OTHER\ngroup g any a b\nquorum g\n", 2, 0),
        ("witness a WITNESS\nwitness b OTHER\ngroup g all a b\nquorum g\n", None, 1),
        ("witness b OTHER\nquorum b\n", None, 1),
        ("witness a WITNESS\nquorum none\n", None, 0),
    ],
)
def test_the_quorum_is_the_verifiers_own(
    run: Run, keys: dict[str, str], lines: str, witnessed: int | None, status: int
) -> None:
    """The checkpoint counts as witnessed where the policy's quorum cosigned it; both verifiers say the same."""
    words = ("x.proof", "--pin", keys["PIN"], "--policy", _policy(keys, lines))
    said = run("chain", "check", *words, "--json")
    assert (said.status, said.json["data"]["witnessed"]) == (status, witnessed)
    assert [found["code"] for found in said.json["findings"]] == ["not-witnessed"] * status
    assert _stranger(*words) == status


def test_each_answer_says_who_cosigned(run: Run, keys: dict[str, str]) -> None:
    """By whom, whether that is enough, and that a key counts for nothing where no policy judges it; also in Chinese."""
    name = keys["WITNESS"].partition("+")[0]
    reached = _policy(keys, "witness a WITNESS\nquorum a\n")
    said = run("chain", "check", "x.proof", "--pin", keys["PIN"], "--policy", reached)
    assert f"\nwitnessed   2 blocks, by the quorum of your policy: {name}\n" in said.out
    facts = run("chain", "check", "x.proof", "--policy", reached, "--json").json["data"]
    assert [one["name"] for one in facts["cosigned"]] == [name]
    alone = run("chain", "check", "x.proof", "--pin", keys["PIN"])
    assert "\ncosigned    by 1 key that no policy judges: --policy FILE\n" in alone.out
    both = _policy(keys, "witness a WITNESS\nwitness b OTHER\ngroup g all a b\nquorum g\n")
    short = run("chain", "check", "x.proof", "--pin", keys["PIN"], "--policy", both)
    assert f"\ncosigned    by {name}, which is no quorum of your policy\n" in short.out
    chinese = run("chain", "check", "x.proof", "--pin", keys["PIN"], "--policy", both, "--lang", "zh")
    assert "未达到策略要求的数量" in chinese.out
    assert "问题[not-witnessed]" in chinese.err
    plain = run("chain", "check", "plain.proof", "--pin", keys["PIN"], "--policy", both)
    assert (plain.status, "cosigned  " in plain.out) == (1, False)


def test_a_policy_may_pin_the_first_key(run: Run, keys: dict[str, str]) -> None:
    """Then nothing is self-declared; where it pins another key than --pin, that is said and nothing is judged."""
    pinned = _policy(keys, "log PIN\nquorum none\n")
    assert run("chain", "check", "x.proof", "--policy", pinned, "--json").json["data"]["self_declared"] is False
    for words in (["chain", "check", "x.proof"], ["verify"]):
        done = run(*words, "--pin", OTHER_LOG, "--policy", pinned)
        assert (done.status, "It pins another key than --pin." in done.err) == (2, True)
    assert _stranger("x.proof", "--pin", OTHER_LOG, "--policy", pinned) == 2


def test_a_cosignature_that_does_not_verify_spoils_the_proof(run: Run, keys: dict[str, str]) -> None:
    """Where it is by a witness of the policy; to others it is a signer whom they do not know."""
    *lines, last = Path("x.proof").read_text("utf-8").splitlines()
    was = Signature.parse(last)
    forged = str(Signature(was.name, was.key_id, was.blob[:-1] + bytes([was.blob[-1] ^ 1])))
    Path("x.proof").write_text("\n".join(lines) + "\n" + forged, encoding="utf-8")
    trusted = _policy(keys, "witness a WITNESS\nquorum a\n")
    done = run("chain", "check", "x.proof", "--pin", keys["PIN"], "--policy", trusted)
    assert (done.status, done.err.partition("]")[0]) == (4, "error[proof-refused")
    assert _stranger("x.proof", "--pin", keys["PIN"], "--policy", trusted) == 4
    assert run("chain", "check", "x.proof", "--pin", keys["PIN"]).status == 0
    assert _stranger("x.proof", "--pin", keys["PIN"]) == 0


def test_a_policy_of_the_settings_judges_proofs_too(
    run: Run, keys: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it judges logs."""
    monkeypatch.setenv("CLOUDBOOKS_POLICY", _policy(keys, "witness b OTHER\nquorum b\n"))
    assert run("chain", "check", "x.proof", "--pin", keys["PIN"]).status == 1
