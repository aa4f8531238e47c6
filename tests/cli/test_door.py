"""The one door from errors to what is printed and to the exit status."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Never

import pytest
from tests.cli.conftest import Run

from cloudbooks.cli import config
from cloudbooks.cli.output import gravest
from cloudbooks.errors import ChainFault, Finding, PeerFault, Refusal, counted, sentence


class _Refused(Refusal):
    """A refusal for these tests."""

    code = "test-refused"


def _raising(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def get(*_args: object, **_facts: object) -> Never:
        raise error

    monkeypatch.setattr(config, "decide", get)


def test_a_refusal_is_one_sentence_with_place_excerpt_and_hint(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """MESSAGES.md: `error[code]: place message`, the excerpt as it is, then `hint:`; data stays empty; exit 3."""
    error = _Refused(
        sentence('unknown condition "{word}".', word="contain"),
        place="icbc.yaml:12:9",
        excerpt="   12 |   when: {text: {contain: STAPLES}}\n      |                 ^^^^^^^",
        hint=sentence("did you mean {names}?", names="contains"),
    )
    _raising(monkeypatch, error)
    outcome = run("config", "get", "lang")
    assert outcome.status == 3
    assert outcome.out == ""
    assert outcome.err == (
        'error[test-refused]: icbc.yaml:12:9 unknown condition "contain".\n'
        "   12 |   when: {text: {contain: STAPLES}}\n"
        "      |                 ^^^^^^^\n"
        "hint: did you mean contains?\n"
    )


def test_a_refusal_speaks_chinese_with_full_width_marks(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The frame of a refusal is Chinese where Chinese is asked for; code and command stay English."""
    _raising(monkeypatch, _Refused(sentence("{path} needs {name}.", path="cloudbooks", name="X")))
    assert run("config", "get", "lang", "--lang", "zh").err == "错误[test-refused]：cloudbooks 需要 X。\n"


def test_a_refusal_for_scripts_is_one_object_on_standard_output(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """CLI.md: with --json a refusal is `cloudbooks.error/1` on standard output, and nothing is on standard error."""
    _raising(monkeypatch, _Refused(sentence("no."), hint=sentence("yes"), place="here"))
    outcome = run("config", "get", "lang", "--json")
    assert outcome.status == 3
    assert outcome.err == ""
    assert outcome.json == {
        "schema": "cloudbooks.error/1",
        "code": "test-refused",
        "message": "here no.",
        "hint": "yes",
        "findings": [],
    }


def test_findings_behind_a_refusal_are_all_said_with_their_count_last(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MESSAGES.md: findings come all at once, warnings among them are not counted."""
    findings = (
        Finding("a-fault", "x.csv:1", sentence("one.")),
        Finding("b-fault", "x.csv:2", sentence("two.")),
        Finding("c-warning", "", sentence("three."), warning=True),
    )
    _raising(monkeypatch, _Refused(sentence("x.csv has faults."), findings=findings))
    assert run("config", "get", "lang").err == (
        "error[test-refused]: x.csv has faults.\n"
        "finding[a-fault]: x.csv:1 one.\n"
        "finding[b-fault]: x.csv:2 two.\n"
        "warning[c-warning]: three.\n"
        "2 findings.\n"
    )


@pytest.mark.parametrize(("error", "status"), [(ChainFault(sentence("x.")), 4), (PeerFault(sentence("x.")), 5)])
def test_each_family_of_errors_has_its_exit_status(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    """CLI.md: 4 for the chain, 5 for a peer."""
    _raising(monkeypatch, error)
    assert run("config", "get", "lang").status == status


def test_a_bug_is_one_sentence_and_a_log_without_arguments(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 70, no traceback on the screen, and a log of mode 0600 that holds no argument of the command."""
    _raising(monkeypatch, ZeroDivisionError("nobody thought of it"))
    outcome = run("config", "get", "secret-word")
    assert outcome.status == 70
    assert outcome.err.startswith("error[bug]: CloudBooks has a bug here (ZeroDivisionError); the log is ")
    assert "Traceback" not in outcome.err
    (log,) = (Path(os.environ["CLOUDBOOKS_HOME"]) / "logs").iterdir()
    assert str(log) in outcome.err
    assert log.stat().st_mode & 0o777 == 0o600
    text = log.read_text(encoding="utf-8")
    assert "command: config get\n" in text
    assert "ZeroDivisionError: nobody thought of it" in text
    assert "secret-word" not in text.split("Traceback")[0]


def test_debug_shows_the_traceback_of_a_bug(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """--debug, and only it, puts the traceback on standard error."""
    _raising(monkeypatch, ZeroDivisionError("x"))
    assert "Traceback" in run("config", "get", "lang", "--debug").err


def test_an_interrupt_ends_with_130_and_says_what_was_done(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operation that stops with its own sentence has it said."""
    _raising(monkeypatch, KeyboardInterrupt(counted("Stopped. {n} line.", "Stopped. {n} lines.", 4)))
    outcome = run("config", "get", "lang")
    assert (outcome.status, outcome.err) == (130, "Stopped. 4 lines.\n")


def test_a_closed_pipe_ends_in_silence() -> None:
    """`cloudbooks … | head -0` says nothing on standard error."""
    program = f'"{sys.executable}" -m cloudbooks help posting'
    script = f"set -o pipefail; ({program}; echo status $? >&2) | head -c 0"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert done.stderr in ("status 141\n", "status 0\n")


@pytest.mark.parametrize(
    ("statuses", "expected"), [((), 0), ((0, 1), 1), ((1, 3), 3), ((3, 5), 5), ((5, 4, 1), 4), ((4, 70), 70)]
)
def test_the_gravest_of_several_exit_statuses_decides(statuses: tuple[int, ...], expected: int) -> None:
    """MESSAGES.md: several at once: 70, 4, 5, 3, 1, in that order."""
    assert gravest(statuses) == expected


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("confg",), "command-unknown"),
        (("config", "gte"), "command-unknown"),
        (("config",), "command-missing"),
        (("config", "get"), "argument-missing"),
        (("config", "get", "lang", "zh"), "arguments-left"),
        (("config", "get", "lang", "--nowhere"), "option-unknown"),
        (("config", "get", "lang", "--lang"), "option-value"),
        (("config", "get", "lang", "--jsonl", "--csv"), "forms-twice"),
        (("config", "get", "lang", "-o", "x.doc"), "suffix-unknown"),
        (("config", "get", "lang", "--lang", "fr"), "language-unknown"),
        (("books",), "command-not-built"),
    ],
)
def test_words_that_do_not_fit_are_said_in_our_own_form(run: Run, words: tuple[str, ...], code: str) -> None:
    """Exit 2 with a code and a hint, never typer's English."""
    outcome = run(*words)
    assert outcome.status == 2
    if "--jsonl" in words:
        assert outcome.json["code"] == code
        return
    assert outcome.err.startswith(f"error[{code}]: ")
    assert "\nhint: " in outcome.err


def test_a_misspelt_command_gets_near_names(run: Run) -> None:
    """A near name is offered as a command that runs."""
    assert "hint: did you mean cloudbooks config?" in run("confg").err


def test_global_flags_stand_before_or_after_the_command(run: Run) -> None:
    """`--json` counts wherever it stands."""
    first, middle, last = (
        run("--json", "config", "get", "lang"),
        run("config", "--json", "get", "lang"),
        run("config", "get", "lang", "--json"),
    )
    assert first == middle == last
    assert first.json["schema"] == "cloudbooks.config.get/1"


def test_the_program_alone_shows_what_it_can(run: Run) -> None:
    """No words: the page of the program, as an answer."""
    outcome = run()
    assert outcome.status == 0
    assert outcome.out.startswith("Usage: cloudbooks COMMAND\n")
    assert outcome.err == ""


def test_version_is_answered_without_typer() -> None:
    """`--version` loads nothing of typer (PERFORMANCE.md, P12)."""
    script = "import sys; from cloudbooks.cli import door; door.run(['--version']); print('typer' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1] == "False"
