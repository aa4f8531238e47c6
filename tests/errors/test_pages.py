"""Every code has a page: here, where it is provoked, and in `cloudbooks help`, where its meaning stands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from tests.cli.conftest import Run

from cloudbooks.cli.codes import Code, codes

HERE = Path(__file__).parent
TESTS = HERE.parent
SOURCE = TESTS.parent / "src" / "cloudbooks"
MAKERS = re.compile(r"(?:.*\.)?(?:Finding|finding|FormFault|LawBroken)|.*judgement\.(?:find|invalid)|self\.invalid")
"""What makes a finding: its first argument is the code."""
FAMILIES = {"usage", "chain-broken", "peer-unreachable"}
"""Codes of whole families: what is raised always has a code of its own."""


@cache
def known() -> dict[str, Code]:
    """All codes of the program."""
    return dict(codes())


@cache
def provoked() -> frozenset[str]:
    """The codes that documents of this folder and the transcripts show as printed by the program."""
    documents = [*HERE.glob("*.md"), *(TESTS / "transcripts").glob("*.md")]
    text = "\n".join(document.read_text(encoding="utf-8") for document in documents)
    printed = re.findall(r"^(?:error|finding|warning|错误|问题|注意)\[([a-z.-]+)\]", text, re.MULTILINE)
    return frozenset([*printed, *re.findall(r'"code":"([a-z.-]+)"', text)])


@cache
def other_tests() -> str:
    """The text of all tests but this one: what no document can provoke is provoked in a test that names it."""
    files = [file for file in TESTS.rglob("*.py") if file != Path(__file__)]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def finding_codes() -> Iterator[tuple[str, str]]:
    """The codes with which findings are made, with their places."""
    for file in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and MAKERS.fullmatch(ast.unparse(node.func)):
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    yield str(first.value), f"{file.relative_to(SOURCE)}:{node.lineno}"


def test_every_code_is_provoked() -> None:
    """A code is printed in a document of this folder, or named by a test that provokes it where no command can."""
    elsewhere = {*re.findall(r"[\w.-]+", other_tests()), *re.findall(r"\w+", other_tests())}
    lacking = [
        code.code
        for code in known().values()
        if code.code not in FAMILIES | provoked() | elsewhere and not elsewhere.intersection(code.classes)
    ]
    assert lacking == []


def test_every_code_of_a_finding_has_a_meaning() -> None:
    """What a finding is called stands in the table of meanings, so that `cloudbooks help CODE` knows it."""
    assert {code: place for code, place in finding_codes() if code not in known()} == {}


def test_every_meaning_is_one_sentence() -> None:
    """A meaning is a sentence with a full stop, not the docstring of a base class."""
    assert [code.code for code in known().values() if not code.meaning.endswith((".", ")"))] == []


@pytest.mark.parametrize("word", ["account-unknown", "error[period-closed]:", "law.balance"])
def test_help_explains_a_code_as_it_is_printed(run: Run, word: str) -> None:
    """`cloudbooks help CODE` takes the code alone, or as the message shows it, in both languages."""
    english, chinese = run("help", word), run("help", word, "--lang", "zh")
    assert english.status == chinese.status == 0
    assert len(english.out.splitlines()) == len(chinese.out.splitlines()) == 2
    assert chinese.out.isascii() is False
