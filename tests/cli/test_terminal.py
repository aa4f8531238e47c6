"""What only a terminal shows: questions, colours, widths, the pager. Each test talks to a real pseudo-terminal."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.cli.terminal import INTERRUPT, terminal

from cloudbooks.core.text import cells


@pytest.fixture
def book(run: Run) -> None:
    """A book with one posted entry and one ready draft."""
    run("init", "acme", "--base", "CNY", "--chart", "cn-small", "--bank", "1002.01=ICBC", "--no-passphrase")
    run("add", "2026-10-20", "Paper", "5602", "300", "1002.01")
    run("post", "--all", "--yes")
    run("add", "2026-10-21", "More paper", "5602", "1300", "1002.01")


@pytest.mark.usefixtures("book")
def test_post_asks_and_a_no_writes_nothing(run: Run) -> None:
    """The question names number, sum, block and consequence; Enter is no."""
    with terminal("post", "--all") as screen:
        screen.wait_for("Post 1 entry, 1,300.00 CNY, as block 2? From then on it is corrected, not changed. [y/N] ")
        screen.type("\n")
        assert screen.finish() == 3
        assert "error[declined]" in screen.screen
    assert run("chain", "head", "--json").json["data"]["head"]["number"] == 1


@pytest.mark.usefixtures("book")
def test_post_goes_on_after_a_yes() -> None:
    """`y` posts, and the answer names the voucher numbers and the block."""
    with terminal("post", "--all") as screen:
        screen.wait_for("[y/N] ")
        screen.type("y\n")
        assert screen.finish() == 0
        assert "Posted 1 entry, 2026-10/记-0002, as block 2" in screen.screen


@pytest.mark.usefixtures("book")
def test_no_input_never_asks() -> None:
    """--no-input on a terminal is exit 2 with the flag to give."""
    with terminal("post", "--all", "--no-input") as screen:
        assert screen.finish() == 2
        assert "add --yes to post 1 entry" in screen.screen


@pytest.mark.usefixtures("book")
def test_an_ambiguous_account_is_picked(run: Run) -> None:
    """Several accounts fit: a numbered list, and the number decides; a number that is not there asks again."""
    several = [one for one in run("account", "list", "--json").json["data"]["accounts"] if "100" in one["code"]]
    question = f'Which account is "100"? [1-{len(several)}] '
    with terminal("account", "show", "100") as screen:
        screen.wait_for(question)
        screen.type("99\n")
        screen.wait_for(question)
        screen.type("2\n")
        assert screen.finish() == 0
        assert f"{several[1]['code']} {several[1]['name']}, asset" in screen.screen


def test_init_asks_what_it_needs(run: Run) -> None:
    """Five questions with defaults; the passphrase is asked for twice and never shown."""
    answers = [
        ("Base currency, such as CNY:", "eur"),
        ("The firm's name: [beta]", "Beta GmbH"),
        ("Chart of accounts, cn-small or generic: [generic]", ""),
        ("The first month:", "2026-01"),
        ("Your name:", "Li Na"),
        ("A passphrase for your key: ", "s3cret"),
        ("The same again: ", "s3cret"),
    ]
    with terminal("init", "beta") as screen:
        for question, reply in answers:
            screen.wait_for(question)
            screen.type(reply + "\n")
        assert screen.finish() == 0
        assert "Beta GmbH, base EUR, chart generic" in screen.screen
        assert "s3cret" not in screen.screen
    assert run("book", "show", "--json").json["data"]["base"] == "EUR"


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_tables_fit_the_terminal_and_amounts_are_whole(columns: int) -> None:
    """Columns are dropped and text is wrapped; no line is wider than the screen, no amount is cut."""
    with terminal("report", "ledger", "1002.01", columns=columns, environment={"NO_COLOR": "1"}) as screen:
        assert screen.finish() == 0
        table = screen.screen.split("\n")[1:-2]
        assert max(cells(line) for line in table) <= columns
        assert "300.00" in screen.screen


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    ("words", "variable", "colored"),
    [
        ((), "", True),
        ((), "NO_COLOR=1", False),
        ((), "TERM=dumb", False),
        (("--color", "never"), "", False),
        (("--color", "always"), "NO_COLOR=1", True),
        (("--json",), "", False),
    ],
)
def test_colours_are_for_terminals_and_can_be_switched_off(
    words: tuple[str, ...], variable: str, *, colored: bool
) -> None:
    """Bold heads on a terminal; none with NO_COLOR, --color never or TERM=dumb, and never in JSON."""
    name, _, value = variable.partition("=")
    with terminal("balance", *words, environment={name: value} if name else {}) as screen:
        assert screen.finish() == 0
        assert ("\x1b" in screen.screen) is colored


@pytest.mark.usefixtures("book")
def test_without_a_terminal_nothing_is_coloured_or_wrapped(run: Run) -> None:
    """A pipe gets plain lines as long as they need to be."""
    said = run("report", "ledger", "1002.01").out
    assert "\x1b" not in said
    assert "Administrative expenses" in run("balance").out


@pytest.mark.usefixtures("book")
def test_ascii_draws_with_ascii(run: Run) -> None:
    """--ascii: no line or bar of block characters."""
    assert not set(run("balance", "--chart", "--ascii").out) & set("─│█▏▎▍▌▋▊▉")
    assert set(run("balance", "--chart").out) & set("─│█")


@pytest.mark.usefixtures("book")
def test_a_long_answer_goes_through_the_pager(tmp_path: Path) -> None:
    """More lines than the screen has: the pager gets them, without a shell; --no-pager prints them."""
    pager = tmp_path / "pager"
    pager.write_text(f"#!{sys.executable}\nimport sys\nprint('paged', len(sys.stdin.readlines()))\n", encoding="utf-8")
    pager.chmod(0o755)
    with terminal("account", "list", environment={"PAGER": f"{pager} --flag"}) as screen:
        assert screen.finish() == 0
        assert screen.screen.startswith("paged ")
    with terminal("account", "list", "--no-pager", environment={"PAGER": str(pager)}) as screen:
        assert screen.finish() == 0
        assert "paged" not in screen.screen


@pytest.mark.usefixtures("book")
def test_an_interrupt_at_a_question_ends_with_130(run: Run) -> None:
    """Ctrl-C while a question stands: nothing is written, and the status is 130."""
    with terminal("post", "--all") as screen:
        screen.wait_for("[y/N] ")
        screen.type(INTERRUPT)
        assert screen.finish() == 130
    assert run("chain", "head", "--json").json["data"]["head"]["number"] == 1
