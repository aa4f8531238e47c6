"""SM3 beside a log: the same bytes digested a second time, for those who must; nothing rests on it."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.books.program import Program
from tests.tools.second_verifier import strangers

from cloudbooks.chain import second_digest
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.second_digest import listing, read_listing, sm3
from cloudbooks.chain.verdict import Policy
from cloudbooks.peers import second_digests
from cloudbooks.peers.layout import FolderLog

pytestmark = pytest.mark.skipif(not second_digest.offered(), reason="OpenSSL of this Python offers no SM3")

ABC = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
"""SM3 of "abc": GB/T 32905-2016, appendix A.1."""


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory, loaded_program: tuple[str, ...]) -> tuple[Program, Path]:
    """A book with a posted entry, and its chain in `log`, with the second digest."""
    program = Program(tmp_path_factory.mktemp("firm"), loaded_program)
    program("init", "acme", "--base", "CNY", "--start", "2026-01", "--bank", "1002.01=ICBC", "--no-passphrase")
    program("add", "2026-10-20", "Paper", "5602", "300", "1002.01")
    program("post", "--all", "--yes")
    program("chain", "export", "log", "--sm3")
    return program, program.folder / "log"


def test_it_is_the_digest_of_the_standard() -> None:
    """The example of the standard itself."""
    assert sm3(b"abc") == ABC


def test_each_file_of_the_log_has_its_line(exported: tuple[Program, Path]) -> None:
    """In the order of names, as other programs digest them, and as `docs/format.md` says how the line looks."""
    _, log = exported
    lines = (log / "sm3").read_text("ascii").splitlines()
    there = sorted(
        path.relative_to(log).as_posix() for kind in ("attachment", "batch", "block") for path in (log / kind).iterdir()
    )
    assert [line[66:] for line in lines] == there
    for line in lines:
        assert re.fullmatch(r"[0-9a-f]{64}  [a-z]+/[0-9a-f]+", line)
        assert line[:64] == hashlib.new("sm3", (log / line[66:]).read_bytes()).hexdigest()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl program here")
def test_openssl_says_the_same(exported: tuple[Program, Path]) -> None:
    """By hand, with a program that is not ours."""
    program, log = exported
    lines = (log / "sm3").read_text("ascii").splitlines()
    said = subprocess.run(
        ["openssl", "dgst", "-sm3", "-r", *(line[66:] for line in lines)],
        cwd=log, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert [line.replace(" *", "  ") for line in said.splitlines()] == lines
    head = program("chain", "head", "--sm3")
    assert head["sm3"] == "sm3:" + lines[-1][:64]


def test_a_verifier_says_that_they_agree(exported: tuple[Program, Path]) -> None:
    """Ours says how many; the other one, which knows no SM3, does not call the file a stranger."""
    program, log = exported
    count = len((log / "sm3").read_text("ascii").splitlines())
    verified = program("verify", str(log))
    assert verified["sm3"] == {"offered": True, "agree": count}
    assert f"sm3  {count} files agree\n" in program.run("verify", str(log)).stdout
    theirs = strangers(log, Policy(None))
    assert [one["code"] for one in theirs["findings"] if one["code"] == "stray"] == []


def _swap_digest(log: Path) -> str:
    lines = (log / "sm3").read_text("ascii").splitlines()
    lines[0] = "0" * 64 + lines[0][64:]
    (log / "sm3").write_text("\n".join(lines) + "\n")
    return lines[0][66:]


def _drop_line(log: Path) -> str:
    lines = (log / "sm3").read_text("ascii").splitlines()
    (log / "sm3").write_text("\n".join(lines[:-1]) + "\n")
    return lines[-1][66:]


def _add_line(log: Path) -> str:
    with (log / "sm3").open("a") as file:
        file.write("0" * 64 + "  block/00000099\n")
    return "block/00000099"


def _cut(log: Path) -> str:
    data = (log / "sm3").read_bytes()
    (log / "sm3").write_bytes(data[:-1])
    return "sm3"


def _swap_order(log: Path) -> str:
    lines = (log / "sm3").read_text("ascii").splitlines()
    (log / "sm3").write_text("\n".join([lines[1], lines[0], *lines[2:]]) + "\n")
    return "sm3"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_swap_digest, "sm3-differs"),
        (_drop_line, "sm3-missing"),
        (_add_line, "sm3-missing"),
        (_cut, "sm3-unreadable"),
        (_swap_order, "sm3-unreadable"),
    ],
)
def test_what_does_not_agree_is_a_finding(
    exported: tuple[Program, Path], tmp_path: Path, change: Callable[[Path], str], code: str
) -> None:
    """By its name, and the log is as valid as it was: exit status 1, never 4."""
    program, log = exported
    shutil.copytree(log, tmp_path / "log")
    where = change(tmp_path / "log")
    verified = program("verify", str(tmp_path / "log"), status=1)
    assert verified["valid"] is True
    assert [(one["code"], one["where"]) for one in verified["findings"]] == [(code, where)]


def test_a_changed_file_is_found_by_both_digests(exported: tuple[Program, Path], tmp_path: Path) -> None:
    """The chain finds it, and the SM3 differs; what SM3 says changes nothing of what the chain says."""
    program, log = exported
    shutil.copytree(log, tmp_path / "log")
    block = tmp_path / "log" / "block" / "00000001"
    block.write_bytes(block.read_bytes().replace(b'"number":1', b'"number":2'))
    verified = program("verify", str(tmp_path / "log"), status=4)
    assert ("sm3-differs", "block/00000001") in [(one["code"], one["where"]) for one in verified["findings"]]
    (tmp_path / "log" / "sm3").unlink()
    assert program("verify", str(tmp_path / "log"), status=4)["sm3"] is None


def test_a_folder_that_has_it_keeps_it(exported: tuple[Program, Path], tmp_path: Path) -> None:
    """An export over an older one renews it, asked for or not; a first one writes it only where it is asked for."""
    program, log = exported
    shutil.copytree(log, tmp_path / "log")
    for name in ("block/00000001", "checkpoint"):
        (tmp_path / "log" / name).unlink()
    program("chain", "export", str(tmp_path / "log"))
    assert (tmp_path / "log" / "sm3").read_bytes() == (log / "sm3").read_bytes()
    program("chain", "export", str(tmp_path / "plain"))
    assert not (tmp_path / "plain" / "sm3").exists()


def test_where_the_platform_lacks_it_that_is_said(
    exported: tuple[Program, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`sm3-not-offered` before anything is written, and of a folder that has the file: not looked at."""
    _, log = exported
    real = hashlib.new

    def lacking(name: str, data: bytes = b"") -> object:
        if name == "sm3":
            raise ValueError("unsupported hash type sm3")
        return real(name, data)

    monkeypatch.setattr(hashlib, "new", lacking)
    checked = second_digests.check(FolderLog(log))
    assert checked == second_digests.SecondDigests(offered=False)
    with pytest.raises(second_digest.SecondDigestMissing):
        second_digests.write(FolderLog(log))


def test_a_printed_head_is_found_by_its_sm3(exported: tuple[Program, Path]) -> None:
    """`chain head --sm3` on paper is held against the book with `chain seen`; another digest is no block of it."""
    program, _ = exported
    head = program("chain", "head", "--sm3")
    assert program("chain", "seen", head["sm3"].upper())["hash"] == head["head"]["hash"]
    done = program.run("chain", "seen", "sm3:" + ABC)
    assert done.returncode == 4
    assert "error[head-not-here]" in done.stderr


def test_a_pack_lists_its_files(exported: tuple[Program, Path], tmp_path: Path) -> None:
    """With --sm3 an audit pack has a line for each of its files but the lists; without, it has no such list."""
    program, _ = exported
    for name, words in (("with.zip", ["--sm3"]), ("without.zip", [])):
        program("book", "export", "audit", *words, "-o", str(tmp_path / name))
    with zipfile.ZipFile(tmp_path / "with.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    lines, listed = files.pop("sm3"), files.pop("b3")
    assert lines == listing((name, sm3(data)) for name, data in files.items())
    assert b"  sm3\n" in listed
    with zipfile.ZipFile(tmp_path / "without.zip") as archive:
        assert archive.namelist() == sorted([*files, "b3"])


def test_only_the_form_is_read() -> None:
    """Two spaces, small digits, each name once and in order, a line feed at the end of each line."""
    whole = listing([("b", "0" * 64), ("a", "1" * 64)])
    assert read_listing(whole) == {"a": "1" * 64, "b": "0" * 64}
    assert read_listing(b"") == {}
    for data in (
        whole + whole, whole[:-1], whole + b"\n", b"\n" + whole, whole.replace(b"  ", b" "),
        whole.replace(b"  ", b" *"), whole.replace(b"\n", b"\r\n"), whole.replace(b"0", b"A"), b"?", b"\xff" + whole,
    ):  # fmt: skip
        with pytest.raises(FormFault, match="sm3"):
            read_listing(data)
