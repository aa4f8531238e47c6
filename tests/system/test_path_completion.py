"""What a begun path may go on to."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cloudbooks.system.path_completion import completions, path_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files and folders, one of them hidden, names in Chinese, with blanks, and with what cannot be seen."""
    for name in ("icbc-10.csv", "icbc-11.csv", "Cmb.csv", ".hidden.csv", "工行 10.csv", "gnp\u202efdp.csv"):
        (tmp_path / name).write_text("x")
    (tmp_path / "statements").mkdir()
    (tmp_path / "statements" / "one.csv").write_text("x")
    return tmp_path


def names(folder: Path, begun: str) -> list[str]:
    """The names that fit."""
    return [one.name for one in completions(f"{folder}/{begun}").fits]


def test_files_and_folders_that_begin_so_fit(folder: Path) -> None:
    """In the order of their names, a folder with its separator; hidden ones only to who begins with a full stop."""
    assert names(folder, "") == [
        "Cmb.csv",
        "gnp\\u202Efdp.csv",
        "icbc-10.csv",
        "icbc-11.csv",
        "statements/",
        "工行 10.csv",
    ]
    assert names(folder, ".") == [".hidden.csv"]
    assert names(folder, "ic") == ["icbc-10.csv", "icbc-11.csv"]
    assert names(folder, "工") == ["工行 10.csv"]
    assert names(folder, "statements/") == ["one.csv"]
    assert names(folder, "nothing") == []


def test_what_all_share_is_begun(folder: Path) -> None:
    """As far as they agree; what was typed is never cut."""
    assert completions(f"{folder}/i").begun == f"{folder}/icbc-1"
    assert completions(f"{folder}/").begun == f"{folder}/"
    assert completions(f"{folder}/s").begun == f"{folder}/statements/"
    assert completions(f"{folder}/nothing").begun == f"{folder}/nothing"


def test_capital_letters_count_only_where_something_fits_with_them(folder: Path) -> None:
    """`cmb` finds `Cmb.csv`; where names differ in nothing else, the exact one alone fits."""
    assert names(folder, "cmb") == ["Cmb.csv"]
    (folder / "cmb-2.csv").write_text("x")
    assert names(folder, "cmb") == ["cmb-2.csv"]
    assert names(folder, "C") == ["Cmb.csv"]


def test_a_hidden_sign_is_typed_as_its_code_and_means_the_file(folder: Path) -> None:
    """What is shown can be gone on with, and leads to the file; two names that look the same lead to neither."""
    (fit,) = completions(f"{folder}/gnp").fits
    assert fit.typed == f"{folder}/gnp\\u202Efdp.csv"
    assert Path(path_of(fit.typed, {fit.typed: fit.path})).read_text() == "x"
    assert names(folder, "gnp\\u202E") == ["gnp\\u202Efdp.csv"]
    (folder / "gnp\\u202Efdp.csv").write_text("another")
    assert names(folder, "gnp") == []


def test_inside_a_folder_with_a_hidden_sign_paths_go_on(tmp_path: Path) -> None:
    """The folder that was completed is remembered by what was typed for it."""
    (tmp_path / "a\u200bb").mkdir()
    (tmp_path / "a\u200bb" / "file.csv").write_text("x")
    (within,) = completions(f"{tmp_path}/a").fits
    assert within.folder
    (fit,) = completions(within.typed + "fi", {within.typed: within.path}).fits
    assert Path(fit.path).read_text() == "x"
    assert Path(path_of(within.typed + "file.csv", {within.typed: within.path})).read_text() == "x"


@pytest.mark.skipif(sys.platform == "win32", reason="HOME names the home folder on other systems")
def test_a_tilde_is_the_home_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`~` becomes `~/`, which is gone on with as it is typed; nobody's home is a name like any other."""
    monkeypatch.setenv("HOME", str(folder))
    assert [one.typed for one in completions("~").fits] == ["~/"]
    (fit,) = completions("~/icbc-11").fits
    assert fit.typed == "~/icbc-11.csv"
    assert fit.path == str(folder / "icbc-11.csv")
    assert path_of("~/Cmb.csv") == str(folder / "Cmb.csv")
    assert path_of("~nobody-has-this/x") == "~nobody-has-this/x"


def test_a_relative_path_begins_where_one_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a folder the names of the current one fit, and stay without."""
    monkeypatch.chdir(folder)
    assert [one.typed for one in completions("st").fits] == ["statements/"]
    assert [one.typed for one in completions("statements/o").fits] == ["statements/one.csv"]


def test_a_folder_that_cannot_be_read_says_so(folder: Path) -> None:
    """A folder that is not there, or a file in the place of one, is no empty folder."""
    for typed in (f"{folder}/gone/x", f"{folder}/Cmb.csv/x"):
        with pytest.raises(OSError, match=r"No such file|Not a directory"):
            completions(typed)


def test_a_link_that_leads_nowhere_is_a_file(folder: Path) -> None:
    """It is named, and nobody is led into it."""
    (folder / "link").symlink_to(folder / "gone")
    assert names(folder, "link") == ["link"]
