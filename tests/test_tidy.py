"""House rules that no linter knows: sizes, words, and who may import what. Each message names what to do instead."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "cloudbooks"
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60

BANNED_WORDS = {
    r"\btransaction(s)?\b": "entry (accounting), operation or commit (the store)",
    r"\bledger file\b": "book",
    r"\bcategory\b": "account",
    r"\btamper-proof\b": "tamper-evident",
    r"\bTODO\b|\bFIXME\b|\bXXX\b": "do it, or leave it out",
    r"\bhelpers?\b|\butils?\b": "a name for what it does",
}
OWN_WORDS = {r"\btransaction(s)?\b": {"store", "importers"}, r"\bcategory\b": {"core"}}
"""Rooms where a banned word is somebody else's own: SQLite's and the bank's transaction, Unicode's category."""
BANNED_FILES = {"utils.py", "helpers.py", "common.py", "manager.py", "info.py", "misc.py", "data.py"}


def modules(folder: Path = SOURCE) -> list[Path]:
    """All Python files of a folder."""
    return sorted(folder.rglob("*.py"))


def named(path: Path) -> str:
    """A file's name as messages say it."""
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """All functions of a file, methods and inner ones included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("path", modules(), ids=named)
def test_a_file_is_short_enough_to_be_read_at_once(path: Path) -> None:
    """No source file has more than 400 lines."""
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= FILE_LINES_MAX, f"{named(path)} has {lines} lines: it wants to be two files"


@pytest.mark.parametrize("path", modules(), ids=named)
def test_a_function_is_short_enough_to_be_seen_at_once(path: Path) -> None:
    """No function has more than 60 lines."""
    long = [f.name for f in functions(path) if (f.end_lineno or f.lineno) - f.lineno + 1 > FUNCTION_LINES_MAX]
    assert not long, f"{named(path)}: {', '.join(long)} want to be two functions"


@pytest.mark.parametrize("path", [*modules(SOURCE / "core"), *modules(SOURCE / "chain")], ids=named)
def test_no_float_in_core_and_chain(path: Path) -> None:
    """Money and proofs never see a float: no float literal, no name `float`, no true division."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        is_float = isinstance(node, ast.Constant) and isinstance(node.value, float)
        is_name = isinstance(node, ast.Name) and node.id == "float"
        is_division = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
        place = f"{named(path)}:{getattr(node, 'lineno', 0)}"
        assert not is_float, f"{place}: write it with int minor units"
        assert not is_name, f"{place}: write it with int minor units"
        assert not is_division, f"{place}: divide with //"


@pytest.mark.parametrize("path", modules(), ids=named)
def test_the_words_of_the_house(path: Path) -> None:
    """Source uses the words of docs and glossary, one word for one thing."""
    text = re.sub(r"sqlite[-_]utils|importlib\.util", "", path.read_text(encoding="utf-8"))
    for number, line in enumerate(text.splitlines(), start=1):
        for pattern, instead in BANNED_WORDS.items():
            if path.parent.name in OWN_WORDS.get(pattern, ()) or "unicodedata.category" in line:
                continue
            found = re.search(pattern, line)
            assert not found, f"{named(path)}:{number}: say {instead}, not {found[0] if found else ''!r}"


def test_no_file_is_named_after_nothing() -> None:
    """No module is called utils, helpers, common, manager, data or info."""
    assert not [named(path) for path in modules() if path.name in BANNED_FILES]


@pytest.mark.parametrize("path", [*modules(), *modules(ROOT / "tests"), *modules(ROOT / "benchmarks")], ids=named)
def test_one_sqlite_library(path: Path) -> None:
    """Only store/sqlite.py imports a SQLite library: two in one process drop each other's locks."""
    if path == SOURCE / "store" / "sqlite.py":
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        wrong = [name for name in names if name.partition(".")[0] in {"sqlite3", "pysqlite3", "apsw"}]
        assert not wrong, f"{named(path)}: import cloudbooks.store.sqlite instead of {wrong[0]}"


@pytest.mark.parametrize("path", modules(), ids=named)
def test_sql_stays_in_the_store(path: Path) -> None:
    """No text that looks like SQL stands outside store/."""
    if path.is_relative_to(SOURCE / "store"):
        return
    pattern = re.compile(r"\b(SELECT .+ FROM|INSERT INTO|UPDATE .+ SET|DELETE FROM|PRAGMA )\b")
    found = pattern.search(path.read_text(encoding="utf-8"))
    assert not found, f"{named(path)}: SQL belongs in store/: {found[0] if found else ''}"


@pytest.mark.parametrize("path", modules(), ids=named)
def test_no_bare_except(path: Path) -> None:
    """Nothing is caught without a name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"{named(path)}:{node.lineno}: name what you catch"


@pytest.mark.parametrize("path", [*modules(), *modules(ROOT / "tests")], ids=named)
def test_an_exception_to_a_rule_has_its_reason(path: Path) -> None:
    """Whoever tells a linter to look away says why: rule, dash, reason, at the end of the line."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        bare = re.search(r"# (noqa(?!: [A-Z0-9, ]+ - \w)|type: ignore(?!\[[a-z-, ]+\] +# ))", line)
        assert not bare, f"{named(path)}:{number}: {line.strip()}"


def test_every_public_thing_has_a_docstring() -> None:
    """Modules, public classes and public functions say what they promise."""
    missing: list[str] = []
    for path in modules():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not ast.get_docstring(tree):
            missing.append(named(path))
        for node in tree.body:
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if public and isinstance(node, ast.FunctionDef | ast.ClassDef) and not ast.get_docstring(node):
                missing.append(f"{named(path)}: {node.name}")
    assert not missing


def test_the_tree_speaks_of_itself_alone() -> None:
    """No tracked text names a machine's path or a package index."""
    git = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    pattern = re.compile(r"/work/(main|shared)|/root/|/opt/pypi|--index-url|--find-links https?:|extra-index-url")
    wrong: list[str] = []
    for name in git.stdout.split("\n"):
        path = ROOT / name
        if not name or name == "tests/test_tidy.py" or not path.is_file() or path.suffix in {".png", ".cbk"}:
            continue
        if pattern.search(path.read_bytes().decode("utf-8", errors="replace")):
            wrong.append(name)
    assert not wrong
