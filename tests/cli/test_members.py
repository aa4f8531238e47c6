"""Members from the command line: keys that follow each other, and entries that two people answer for."""

from __future__ import annotations

import os
import secrets
from base64 import b64encode
from pathlib import Path

import pytest
from tests.cli.conftest import Run

PASSPHRASE = "a canary of a passphrase"


@pytest.fixture
def book(run: Run) -> None:
    """A book that separates duties, with Lina, Bob (approve, post) and Eve (post), all at one desk."""
    run("init", "acme", "--base", "CNY", "--chart", "generic", "--no-passphrase", "--separate-duties", "--as", "Lina")
    for name, rights in (("Bob", "approve,post"), ("Eve", "post")):
        run("member", "add", name, "--here", "--no-passphrase", "--rights", rights, "--yes", "--as", "Lina")


def _state(run: Run, name: str = "D-1") -> str:
    drafts = run("draft", "list", "--json").json["data"]["drafts"]
    return next(str(one["state"]) for one in drafts if one["id"] == name)


@pytest.mark.usefixtures("book")
def test_a_change_takes_the_approval_away(run: Run) -> None:
    """Whatever is changed in an approved draft, by whomever, it waits again; undo of the change approves it again."""
    run("add", "2026-10-20", "Paper", "6400", "300", "1010", "--as", "Eve")
    assert _state(run) == "waiting"
    assert run("draft", "approve", "D-1", "--as", "Bob").status == 0
    assert _state(run) == "ready"
    run("draft", "edit", "D-1", "--line", "1", "--amount", "301", "--as", "Eve")
    assert _state(run) == "incomplete"
    run("undo", "--as", "Eve")
    assert _state(run) == "ready"
    Path("paper.txt").write_text("300", encoding="utf-8")
    run("draft", "attach", "D-1", "paper.txt", "--as", "Lina")
    assert _state(run) == "waiting"
    assert run("post", "--all", "--yes", "--as", "Lina").err.startswith("error[nothing-ready]")


@pytest.mark.usefixtures("book")
def test_who_changes_a_draft_has_made_it(run: Run) -> None:
    """Bob edits what Eve made: from then on Bob cannot approve it, and Lina can."""
    run("add", "2026-10-20", "Paper", "6400", "300", "1010", "--as", "Eve")
    run("draft", "edit", "D-1", "--summary", "Pens", "--as", "Bob")
    assert run("draft", "approve", "D-1", "--as", "Bob").err.startswith("error[approval-self]")
    assert run("draft", "approve", "D-1", "--as", "Lina").status == 0
    assert run("post", "D-1", "--yes", "--as", "Lina").err.startswith("error[draft-not-ready]")
    assert run("post", "D-1", "--yes", "--as", "Eve").status == 0
    assert run("verify").status == 0


@pytest.mark.usefixtures("book")
def test_a_held_draft_and_a_returned_one_wait_again(run: Run) -> None:
    """Accepting a draft that was held or returned asks for approval anew; an approval that held stays."""
    run("add", "2026-10-20", "Paper", "6400", "300", "1010", "--as", "Eve")
    run("draft", "approve", "D-1", "--as", "Bob")
    run("draft", "hold", "D-1", "--reason", "later", "--as", "Lina")
    run("draft", "accept", "D-1", "--as", "Lina")
    assert _state(run) == "ready"
    run("draft", "return", "D-1", "-m", "no receipt", "--as", "Bob")
    run("draft", "accept", "D-1", "--as", "Eve")
    assert _state(run) == "waiting"


@pytest.mark.usefixtures("book")
def test_a_member_without_admin_takes_the_promised_key(run: Run) -> None:
    """The key is another afterwards, the rights are the same, and the next one after it is promised."""
    before = {one["name"]: one for one in run("member", "list", "--json").json["data"]["members"]}
    first = run("member", "rotate", "--confirm", "Bob", "--no-passphrase", "--as", "Bob", "--json").json["data"]
    assert (first["rights"], first["key"] != before["Bob"]["key"]) == (["approve", "post"], True)
    second = run("member", "rotate", "--confirm", "Bob", "--no-passphrase", "--as", "Bob", "--json").json["data"]
    assert len({before["Bob"]["key"], first["key"], second["key"]}) == 3
    run("add", "2026-10-20", "Paper", "6400", "300", "1010", "--as", "Eve")
    run("draft", "approve", "D-1", "--as", "Lina")
    assert run("post", "D-1", "--yes", "--as", "Bob").status == 0
    assert run("verify").status == 0


@pytest.mark.usefixtures("book")
def test_a_revoked_member_does_nothing_more(run: Run) -> None:
    """Neither posting nor approving; an approval given before does not count any more, and says so."""
    run("add", "2026-10-20", "Paper", "6400", "300", "1010", "--as", "Eve")
    run("draft", "approve", "D-1", "--as", "Bob")
    assert run("member", "revoke", "Bob", "--confirm", "Bob", "--as", "Lina", "--json").json["data"]["revoked"] is True
    refused = run("post", "D-1", "--yes", "--as", "Lina")
    assert "may not approve any more" in refused.err
    assert run("draft", "approve", "D-1", "--as", "Bob").err.startswith("error[member-revoked]")
    members = run("member", "list", "--json").json["data"]["members"]
    assert [one["revoked"] for one in members] == [False, True, False]


@pytest.mark.usefixtures("book")
def test_a_digest_of_the_next_key_is_one(run: Run) -> None:
    """What is no s256 is refused before anything is written."""
    other = run("member", "list", "--json").json["data"]["members"][1]["key"]
    assert run("member", "add", "Max", "--key", other, "--yes", "--as", "Lina").err.startswith("error[key-known]")
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - one fresh key

    from cloudbooks.chain.note import Vkey  # noqa: PLC0415 - the same

    fresh = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    key = str(Vkey.of(other.partition("+")[0], fresh))
    refused = run("member", "add", "Max", "--key", key, "--next-key", "s256:1", "--yes", "--as", "Lina")
    assert (refused.status, refused.err.partition(":")[0]) == (2, "error[next-key-unfit]")
    given = run("member", "rotate", "Eve", "--key", key, "--confirm", "Eve", "--as", "Lina", "--json")
    assert given.json["data"]["key"] == key


def test_opening_balances_wait_where_duties_are_separated(run: Run) -> None:
    """They are a draft of whoever made the book, for another member to approve."""
    Path("open.csv").write_text("code,amount\n1010,100.00\n3000,-100.00\n", encoding="utf-8")
    run("init", "acme", "--base", "CNY", "--chart", "generic", "--no-passphrase", "--separate-duties", "--as", "Lina",
        "--start", "2026-01", "--opening", "open.csv")  # fmt: skip
    assert _state(run) == "waiting"
    run("member", "add", "Bob", "--here", "--no-passphrase", "--rights", "approve", "--yes", "--as", "Lina")
    run("draft", "approve", "D-1", "--as", "Bob")
    assert run("post", "--all", "--yes", "--as", "Lina").status == 0
    assert run("verify").status == 0


def test_no_secret_lies_in_any_file(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keys are wrapped: neither the passphrase nor a seed is in any file but the one that gave it, in no answer."""
    seeds: list[bytes] = []
    whole = secrets.token_bytes

    def watched(count: int) -> bytes:
        made = whole(count)
        if count == 32:
            seeds.append(made)
        return made

    monkeypatch.setattr(secrets, "token_bytes", watched)
    given = tmp_path / "given"
    given.write_text(PASSPHRASE + "\n", encoding="utf-8")
    monkeypatch.setenv("CLOUDBOOKS_PASSPHRASE_FILE", str(given))
    said = run("init", "acme", "--base", "CNY", "--chart", "generic", "--as", "Lina")
    turned = run("member", "rotate", "--confirm", "Lina", "-v")
    assert (said.status, turned.status, len(seeds)) == (0, 0, 3)
    spoken = (said.out + said.err + turned.out + turned.err).encode()
    hidden = [PASSPHRASE.encode(), *(form for seed in seeds for form in (seed, seed.hex().encode(), b64encode(seed)))]
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path != given]
    assert len(files) > 4
    for secret in hidden:
        assert secret not in spoken
        assert [path.name for path in files if secret in path.read_bytes()] == []


def _keys() -> set[Path]:
    return {*Path(os.environ["CLOUDBOOKS_HOME"]).glob("keys/*/*.key")}


@pytest.mark.usefixtures("book")
def test_a_key_that_was_replaced_signs_nothing(run: Run) -> None:
    """Bob's first key is still there and the one that signs now is lost: nothing is signed, and the loss is named."""
    run("add", "2026-10-20", "Paper", "6400", "300", "1010", "--as", "Eve")
    before = _keys()
    run("member", "rotate", "--no-passphrase", "--confirm", "Bob", "--as", "Bob")
    assert run("doctor").out.count("of Lina, Bob, Eve") == 1
    now = next(one["key"] for one in run("member", "list", "--json").json["data"]["members"] if one["name"] == "Bob")
    (lost,) = (path for path in before if f'"vkey":"{now}"' in path.read_text("utf-8"))
    lost.unlink()
    for command in (("draft", "approve", "D-1"), ("member", "rotate", "--no-passphrase", "--confirm", "Bob")):
        refused = run(*command, "--as", "Bob")
        assert (refused.status, refused.err.splitlines()[0]) == (
            3,
            "error[key-replaced]: the key of Bob on this machine was replaced by another, which is not here.",
        )
    assert run("draft", "show", "D-1", "--json").json["data"]["approvals"] == []
    assert run("doctor").out.count("of Lina, Eve") == 1


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize("how", ["revoke", "rotate"])
def test_an_approval_that_counts_no_more_gives_way_to_another(run: Run, how: str) -> None:
    """Bob approves, and is revoked or takes another key: the draft waits, says why, and is approved by Lina."""
    run("add", "2026-10-20", "Paper", "6400", "300", "1010", "--as", "Eve")
    run("draft", "approve", "D-1", "--as", "Bob")
    by = ("--as", "Bob", "--no-passphrase") if how == "rotate" else ("Bob", "--as", "Lina")
    assert run("member", how, *by, "--confirm", "Bob").status == 0
    (shown,) = run("draft", "list", "--json").json["data"]["drafts"]
    assert (shown["approvals"][0]["by"], shown["approvals"][0]["stands"]) == ("Bob", False)
    assert shown["obstacle"].startswith("Bob approved it")
    refused = run("post", "D-1", "--yes", "--as", "Eve")
    assert refused.err.startswith("error[draft-not-ready]: D-1 is not ready: Bob approved it")
    assert 'hint: cloudbooks draft approve D-1 --as "Lina"' in refused.err
    assert run("draft", "approve", "D-1", "--as", "Lina").status == 0
    assert run("post", "D-1", "--yes", "--as", "Eve").status == 0
    assert run("verify").status == 0


@pytest.mark.usefixtures("book")
def test_a_draft_says_who_made_it_who_approved_it_and_whom_it_waits_for(run: Run) -> None:
    """In the list, where it is shown, and in the answer to whoever made it."""
    added = run("add", "2026-10-20", "Paper", "6400", "300", "1010", "--as", "Eve")
    assert "Not to be posted: it waits for approval by Lina, Bob." in added.out
    assert 'Next: cloudbooks draft approve D-1 --as "Lina"' in added.err
    assert "it waits for approval by Lina, Bob." in run("draft", "list").out
    run("draft", "approve", "D-1", "--as", "Bob")
    shown = run("draft", "show", "D-1")
    assert "Made by Eve\nApproved by Bob, " in shown.out
    refused = run("post", "D-1", "--yes", "--as", "Bob")
    assert "Bob approved it, and whoever approves does not post." in refused.err
    assert 'cloudbooks post D-1 --as "Eve"' in refused.err


@pytest.mark.usefixtures("book")
def test_who_is_revoked_is_told_so(run: Run) -> None:
    """Revoked twice, or working as one who is revoked: not that nobody has the name."""
    assert run("member", "revoke", "Bob", "--confirm", "Bob", "--as", "Lina").status == 0
    for command in (("member", "revoke", "Bob", "--confirm", "Bob", "--as", "Lina"), ("draft", "list", "--as", "Bob")):
        said = run(*command)
        assert said.status == 0 or said.err.startswith('error[member-revoked]: "Bob" is revoked')
    assert run("add", "2026-10-20", "Ink", "6400", "5", "1010", "--as", "Bob").status == 3
