"""What is refused of a bank's file is answered by the command of the hint: as it stands, from where it was typed."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from tests.cli.conftest import Outcome, Run

FILE = "in box/bank (1).csv"


@pytest.fixture
def book(run: Run) -> Path:
    """A fresh book, and a folder whose name has a blank."""
    run("init", "acme", "--base", "CNY", "--start", "2026-01", "--bank", "1002.01=ICBC", "--no-passphrase")
    Path("in box").mkdir()
    return Path("acme.cbk")


def _hinted(refused: Outcome) -> list[str]:
    hint = refused.err.rpartition("hint: ")[2].strip()
    return shlex.split(hint[hint.index("cloudbooks ") :].removeprefix("cloudbooks "))


def _refused(run: Run, text: str, code: str) -> Outcome:
    Path(FILE).write_text(text, encoding="utf-8")
    before = Path("acme.cbk").read_bytes()
    refused = run("import", FILE, "--account", "1002.01")
    assert (refused.status, refused.err.partition(":")[0]) == (3, f"error[{code}]")
    assert Path("acme.cbk").read_bytes() == before
    return refused


@pytest.mark.usefixtures("book")
def test_the_amount_column_of_the_hint(run: Run) -> None:
    """Two columns look like the amount, one of them with a blank in its name."""
    refused = _refused(run, "date,description,amount,Amount CNY\n2026-10-01,X,-1.00,-1.00\n", "column-unsure")
    words = [word for word in _hinted(refused) if not word.startswith("(")][:4]
    assert words[:2] == ["import", FILE]
    imported = run(*words, "--account", "1002.01")
    assert imported.status == 0 or "column-unsure" not in imported.err


@pytest.mark.usefixtures("book")
def test_rows_that_cannot_be_read(run: Run) -> None:
    """The rows are named by the path that was typed; --keep-unreadable takes the others, and says so with status 1."""
    text = "date,description,in,out\n2026-10-01,X,,1.00\n2026-10-02,Y,,lots\n"
    refused = _refused(run, text, "rows-unreadable")
    assert f"finding[row-unreadable]: {FILE}:3 " in refused.err
    words = shlex.split(refused.err.partition("hint: cloudbooks ")[2].partition(" takes ")[0])
    assert words == ["import", FILE, "--keep-unreadable"]
    kept = run(*words, "--account", "1002.01", "--json")
    assert kept.status == 1
    facts = kept.json["data"]
    assert (facts["lines"], facts["new"], len(facts["unreadable"])) == (2, 1, 1)


@pytest.mark.usefixtures("book")
def test_standard_input_is_named_as_it_was_typed(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The hint of a refusal about standard input reads standard input."""
    (tmp_path / "given").write_text("date,description,amount,amount2\n2026-10-01,X,-1.00,-1.00\n", encoding="utf-8")
    with (tmp_path / "given").open(encoding="utf-8") as given:
        monkeypatch.setattr("sys.stdin", given)
        refused = run("import", "-", "--account", "1002.01")
    assert refused.status == 3
    assert "cloudbooks import - " in refused.err


@pytest.mark.usefixtures("book")
def test_the_statement_keeps_the_name_of_the_file_only(run: Run) -> None:
    """A folder of this machine is nobody's business in the chain."""
    Path(FILE).write_text("date,description,in,out\n2026-10-01,X,,1.00\n", encoding="utf-8")
    imported = run("import", FILE, "--account", "1002.01")
    assert imported.out.startswith("bank (1).csv  1 line")
    assert run("statement", "list", "--json").json["data"]["statements"][0]["file"] in ("bank (1).csv", {})
