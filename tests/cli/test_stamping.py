"""`chain timestamp` and what `verify` says of it, on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.books.tsa import Reply, Tsa, serving
from tests.cli.conftest import Run

from cloudbooks.system.clock import local_time


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Tsa:
    """One authority for all tests: making keys takes a while."""
    return Tsa(tmp_path_factory.mktemp("authority") / "tsa")


@pytest.fixture
def policy(run: Run, tsa: Tsa) -> str:
    """A book with two blocks, and a policy file that trusts the authority."""
    run("init", "acme", "--base", "CNY", "--chart", "generic", "--no-passphrase", "--as", "Lina")
    run("add", "2026-10-20", "Paper", "6400", "300", "1010")
    run("post", "--all", "--yes")
    Path("policy").write_text(f"authority house {tsa.certificates}\nquorum none\n", encoding="utf-8")
    return "policy"


def _stamp(run: Run, tsa: Tsa, *words: str) -> tuple[int, str, str]:
    with serving(lambda request: Reply(tsa.reply(request))) as url:
        outcome = run("chain", "timestamp", "--tsa", url, *words)
    return outcome.status, outcome.out, outcome.err


def test_a_timestamp_is_told_and_the_facts_say_since_when(run: Run, tsa: Tsa, policy: str) -> None:
    """By size, local and UTC time and the authority's name; what is missing for it is said where it was required."""
    before = run("verify", "--policy", policy, "--require", "anchored")
    assert before.status == 4
    assert "  a timestamp over all blocks by one of them: cloudbooks chain timestamp --tsa URL\n" in before.out
    status, out, err = _stamp(run, tsa, "--policy", policy)
    assert status == 0
    assert "house vouches for it." in out
    assert "Next: cloudbooks verify --policy FILE" in err
    data = run("verify", "--policy", policy, "--require", "anchored", "--json").json["data"]
    at = data["anchored_at"]
    assert (data["anchored"], data["anchored_by"], data["missing"]) == (2, "house", [])
    assert f"Stamped 2 blocks at {local_time(at)} ({at})." in out
    said = run("verify", "--policy", policy)
    assert f"anchored    2 of 2 blocks, at {local_time(at)} ({at}) by house\n" in said.out
    chinese = run("verify", "--policy", policy, "--lang", "zh")
    assert f"已锚定  2/2 个区块，{local_time(at)}（{at}），house\n" in chinese.out


def test_a_policy_of_the_settings_judges_where_no_other_is_given(
    run: Run, tsa: Tsa, policy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user's own, from the environment or their settings: never from beside a book."""
    monkeypatch.setenv("CLOUDBOOKS_POLICY", policy)
    status, out, _ = _stamp(run, tsa, "--json")
    assert status == 0
    assert '"by":"house"' in out
    assert run("verify", "--require", "anchored").status == 0
    run("chain", "export", "log")
    assert run("verify", "log", "--require", "anchored").status == 0
    monkeypatch.delenv("CLOUDBOOKS_POLICY")
    judged = run("verify", "--json").json["data"]
    assert judged["anchored"] is None
    assert "anchored_at" not in judged
    assert "1 timestamp is kept, and no authority judges it: --policy FILE" in run("verify").out


def test_a_second_stamp_over_the_same_head_is_refused(run: Run, tsa: Tsa, policy: str) -> None:
    """Nobody is asked; unjudged is said in so many words."""
    status, out, _ = _stamp(run, tsa)
    assert (status, "Its signature was not judged" in out) == (0, True)
    again = run("chain", "timestamp", "--tsa", "http://127.0.0.1:1", "--policy", policy)
    assert (again.status, again.err.partition("]")[0]) == (3, "error[stamped-already")


def test_a_restored_backup_and_a_rebuilt_book_keep_their_timestamps(run: Run, tsa: Tsa, policy: str) -> None:
    """Tokens are the log's, not tables made from it."""
    _stamp(run, tsa)
    assert run("book", "rebuild", "--yes").status == 0
    run("book", "backup", "copy.cbb")
    assert run("verify", "--policy", policy, "--json").json["data"]["anchored"] == 2
    Path("acme.cbk").unlink()
    restored = run("book", "restore", "copy.cbb", "-b", "acme.cbk", "--yes")
    assert restored.status == 0, restored.err
    assert run("verify", "--policy", policy, "--json").json["data"]["anchored"] == 2
