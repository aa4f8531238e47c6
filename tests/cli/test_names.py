"""Names and words that hold nothing the chain keeps are refused where they are typed, never found at the post."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import Run

NOTHING = ("", "  ", "\u202e", "\u2028", "\x1b\x07")
INIT = ("--base", "CNY", "--start", "2026-01", "--bank", "1002.01=ICBC", "--no-passphrase")


@pytest.fixture
def book(run: Run) -> Path:
    """A book with a draft that is ready."""
    run("init", "acme", *INIT)
    run("add", "2026-10-20", "Paper", "5602", "300", "1002.01")
    return Path("acme.cbk")


@pytest.mark.parametrize("nothing", NOTHING, ids=ascii)
@pytest.mark.parametrize(
    "words",
    [
        ("account", "add", "NOTHING", "x", "--kind", "asset"),
        ("account", "add", "1002.77", "NOTHING"),
        ("account", "rename", "1001", "NOTHING"),
        ("party", "add", "NOTHING"),
        ("init", "n2", *INIT, "--name", "NOTHING"),
        ("init", "n3", *INIT, "--as", "NOTHING"),
    ],
    ids=lambda words: " ".join(words[:3]),
)
def test_a_name_of_nothing_is_refused(run: Run, book: Path, words: tuple[str, ...], nothing: str) -> None:
    """Exit 3, what it is the name of, and nothing is written; an empty answer to init is its default."""
    before = book.read_bytes()
    said = run(*[nothing if word == "NOTHING" else word for word in words])
    if words[0] == "init" and (nothing == "" or (words[1] == "n3" and nothing.isspace())):
        assert said.status == 0
        return
    assert (said.status, said.err.partition(":")[0]) == (3, "error[name-empty]")
    assert "hint: " in said.err
    assert book.read_bytes() == before
    assert sorted(path.name for path in Path().iterdir()) == ["acme.cbk"]


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize("name", ["", "  ", "/", ".cbk", "here/", "\u2028"], ids=ascii)
def test_a_book_has_a_name(run: Run, name: str) -> None:
    """`init` refuses a file name without a name in it."""
    refused = run("init", name, *INIT)
    assert (refused.status, refused.err.partition(":")[0]) == (2, "error[book-name]")


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize("name", ["n" * 300, "名" * 200])
def test_a_name_that_no_disk_takes_is_refused(run: Run, name: str) -> None:
    """A file name beyond what the system allows is a refusal everywhere, not a bug."""
    for words in (("init", name, *INIT), ("status", "-b", name), ("verify", name), ("import", name), ("demo", name)):
        refused = run(*words)
        assert refused.status in (2, 3)
        assert "error[bug]" not in refused.err
    assert run("status", "-b", "/").err.startswith("error[book-missing]")


@pytest.mark.parametrize("nothing", NOTHING, ids=ascii)
def test_a_draft_keeps_only_what_the_chain_takes(run: Run, book: Path, nothing: str) -> None:
    """A summary of nothing is missing, a tag of nothing is none; a voucher series of nothing is refused."""
    run("draft", "edit", "D-1", "--tag", nothing, "--tag", "office", "--tag", "office")
    shown = run("draft", "show", "D-1", "--json").json["data"]
    assert (shown["tags"], shown["state"]) == (["office"], "ready")
    edited = run("draft", "edit", "D-1", "--summary", nothing, "--json").json["data"]
    assert (edited["summary"], edited["state"]) == ("", "incomplete")
    before = book.read_bytes()
    if nothing:
        refused = run("draft", "edit", "D-1", "--series", nothing)
        assert (refused.status, refused.err.partition(":")[0]) == (3, "error[series-unfit]")
    assert run("draft", "edit", "D-1", "--series", "记" * 11).err.startswith("error[series-unfit]")
    assert book.read_bytes() == before
    run("draft", "edit", "D-1", "--summary", f"{nothing}Paper{nothing}", "--series", "转")
    assert run("post", "D-1", "--yes", "--json").json["data"]["numbers"] == ["2026-10/转-0001"]
    assert run("verify").status == 0


@pytest.mark.usefixtures("book")
def test_a_banks_text_of_nothing_is_no_summary(run: Run) -> None:
    """A line whose text is invisible becomes a draft that lacks its summary, and is never a bug at the post."""
    Path("bank.csv").write_text("date,description,in,out\n2026-10-01,\u202e\u200b,,1.00\n", encoding="utf-8")
    Path("rules.yaml").write_text(
        "rules:\n- name: all\n  when: {amount: {below: 0}}\n  then: {account: '5602'}\n", encoding="utf-8"
    )
    assert run("import", "bank.csv", "--account", "1002.01", "--json").json["data"]["drafts"] == 1
    posted = run("post", "--all", "--yes", "--json")
    assert posted.status == 0
    assert "no summary" in str(posted.json["data"]["left"])


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize("kind", ["", "x", "客户", "\x1b[31m"])
def test_a_party_is_of_a_known_kind(run: Run, kind: str) -> None:
    """Customer, supplier or employee, said in the reader's language in the list."""
    refused = run("party", "add", "Acme", "--kind", kind)
    assert (refused.status, refused.err.partition(":")[0]) == (2, "error[choice-unknown]")
    run("party", "add", "Acme", "--kind", "supplier", "--kind", "customer", "--kind", "customer")
    assert run("party", "list", "--json").json["data"]["parties"][0]["kinds"] == ["customer", "supplier"]
    assert "客户、供应商" in run("party", "list", "--lang", "zh").out


@pytest.mark.usefixtures("book")
def test_an_account_is_of_the_kind_of_those_above_it(run: Run) -> None:
    """An expense below a bank account would be counted on both sides of the balance sheet."""
    refused = run("account", "add", "1002.05", "Fees", "--kind", "expense")
    assert (refused.status, refused.err.partition(":")[0]) == (3, "error[account-kind-differs]")
    assert run("account", "add", "1002.05", "CMB", "--kind", "asset").status == 0
    assert run("account", "add", "99 01", "x", "--kind", "asset").err.startswith("error[account-code-unfit]")
