"""Places that take no file: each is refused by name, with the reason in the reader's language, and leaves nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import Run


@pytest.fixture
def book(run: Run) -> Path:
    """A fresh book."""
    run("init", "acme", "--base", "CNY", "--start", "2026-01", "--bank", "1002.01=ICBC", "--no-passphrase")
    return Path("acme.cbk")


def test_a_chain_is_exported_to_a_folder_only(run: Run, book: Path) -> None:
    """A path that goes through a file is refused with that path and the reason."""
    refused = run("chain", "export", f"{book}/out")
    assert refused.status == 3
    assert refused.err.startswith(f"error[file-not-written]: {book}/out was not written: a part of its path is")
    chinese = run("chain", "export", f"{book}/out", "--lang", "zh")
    assert chinese.err.startswith(f"错误[file-not-written]：{book}/out 没有写成：路径中有一段不是文件夹。")


def test_the_hint_names_a_folder_that_is_there(run: Run, book: Path) -> None:
    """Where folders would have been made, the hint looks at the first one that exists."""
    refused = run("chain", "export", f"{book}/a/b/c")
    assert refused.err.endswith("hint: df -h .; ls -ld .\n")


def test_an_answer_is_not_written_into_a_folder(run: Run, book: Path) -> None:
    """-o with the name of a folder, with --force too, is a refusal."""
    Path("out.json").mkdir()
    for words in (("-o", "out.json"), ("-o", "out.json", "--force"), ("-o", f"{book}/x.json")):
        refused = run("balance", *words)
        assert refused.status == 3
        assert refused.out == ""
        assert refused.err.startswith(("error[file-exists]", "error[file-not-written]"))
        assert list(Path("out.json").iterdir()) == []


def test_a_demo_that_cannot_be_made_leaves_no_folder(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever refuses the demo, nothing of it stays."""
    Path("file").write_text("", encoding="utf-8")
    monkeypatch.setenv("CLOUDBOOKS_HOME", str(Path("file/state").absolute()))
    refused = run("demo")
    assert (refused.status, refused.err.partition(":")[0]) == (3, "error[file-not-written]")
    assert not Path("cloudbooks-demo").exists()
    assert run("demo", "file/demo").status == 3


def test_a_book_without_a_place_for_its_key_is_not_made(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state folder takes no key: no book is made."""
    Path("file").write_text("", encoding="utf-8")
    monkeypatch.setenv("CLOUDBOOKS_HOME", str(Path("file/state").absolute()))
    refused = run("init", "acme", "--base", "CNY", "--no-passphrase", "--lang", "zh")
    assert refused.status == 3
    assert "路径中有一段不是文件夹" in refused.err
    assert [path.name for path in Path().iterdir()] == ["file"]


def test_a_setting_that_cannot_be_kept_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """`config set` where the state folder takes no file."""
    Path("file").write_text("", encoding="utf-8")
    monkeypatch.setenv("CLOUDBOOKS_HOME", str(Path("file/state").absolute()))
    refused = run("config", "set", "lang", "zh")
    assert (refused.status, refused.err.partition(":")[0]) == (3, "error[file-not-written]")


def test_an_attachment_says_in_the_readers_language_why_not(run: Run, book: Path) -> None:
    """The system's reasons are translated too."""
    run("add", "2026-10-20", "Paper", "5602", "300", "1002.01")
    before = book.read_bytes()
    assert "没有这个文件" in run("draft", "attach", "D-1", "nosuch.pdf", "--lang", "zh").err
    assert "这是文件夹" in run("draft", "attach", "D-1", "..", "--lang", "zh").err
    assert book.read_bytes() == before
