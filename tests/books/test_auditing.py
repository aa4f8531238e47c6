"""An audit pack: what is in it, that it is the same each time, and that a stranger's verifier accepts all of it."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.books.program import Program

from cloudbooks.chain.canonical import b3


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """A book of three entries in two months; one of them has a file."""
    run = Program(tmp_path)
    run("init", "acme", "--base", "CNY", "--chart", "generic", "--no-passphrase", "--as", "Lina")
    (tmp_path / "invoice.txt").write_bytes(b"Paper, 300.00\n")
    for day, summary in (("2026-10-20", "Paper"), ("2026-10-21", "Ink / blue"), ("2026-11-02", "Tea")):
        run("add", day, summary, "6400", "300", "1010")
    run("draft", "attach", "D-1", "invoice.txt")
    run("post", "--all", "--yes")
    return run


def names(data: bytes) -> list[str]:
    """The files of a pack."""
    return sorted(zipfile.ZipFile(io.BytesIO(data)).namelist())


def test_a_pack_holds_what_was_chosen_and_nothing_else(program: Program) -> None:
    """Proofs of the month's entries, the file that one names, the page, the table, the head and the verifier."""
    told = program("book", "export", "audit", "-p", "2026-10", "-o", "pack.zip")
    assert (told["entries"], told["statements"], told["attachments"]) == (2, 0, 1)
    data = (program.folder / "pack.zip").read_bytes()
    assert names(data) == [
        "README.txt",
        f"attachment/{b3(b'Paper, 300.00' + bytes([10]))[3:]}",
        "entries.csv",
        "head.json",
        "proofs/2026-10_J-0001.proof",
        "proofs/2026-10_J-0002.proof",
        "verify.py",
    ]
    program("book", "export", "audit", "paper", "-o", "other.zip")
    assert [name for name in names((program.folder / "other.zip").read_bytes()) if name.startswith("proofs/")] == [
        "proofs/2026-10_J-0001.proof"
    ]


def test_the_same_pack_has_the_same_bytes_and_replaces_none(program: Program) -> None:
    """A pack can be compared by its hash; a file that is there is kept unless --force says otherwise."""
    program("book", "export", "audit", "-o", "one.zip")
    program("book", "export", "audit", "-o", "two.zip")
    one, two = ((program.folder / name).read_bytes() for name in ("one.zip", "two.zip"))
    assert one == two
    assert program.run("book", "export", "audit", "-o", "one.zip").returncode == 3
    assert program.run("book", "export", "audit", "-o", "three.zip", "-n").returncode != 0
    assert not (program.folder / "three.zip").exists()
    assert program.run("book", "export", "audit", "-o", "one.zip", "--force").returncode == 0


def test_a_stranger_accepts_the_pack_and_finds_what_is_changed_in_it(program: Program) -> None:
    """The verifier inside, run alone: 0 for the pack, 4 for a changed proof, 1 for a file that is gone."""
    first = program("book", "export", "audit", "-o", "pack.zip")["first_key"]
    folder = program.folder / "pack"
    zipfile.ZipFile(program.folder / "pack.zip").extractall(folder)

    def status(*more: str) -> int:
        command = [sys.executable, "-I", str(folder / "verify.py"), str(folder), *more]
        return subprocess.run(command, capture_output=True, check=False).returncode

    assert status("--pin", first) == 0
    assert status("--pin", first[: first.index("+")] + "+58dc2fa9+" + first[-44:]) in (2, 4)
    (file,) = (folder / "attachment").iterdir()
    data = file.read_bytes()
    file.unlink()
    assert status("--pin", first) == 1
    file.write_bytes(data + b"x")
    assert status("--pin", first) == 4
    file.write_bytes(data)
    proof = folder / "proofs" / "2026-10_J-0002.proof"
    proof.write_bytes(proof.read_bytes().replace(b"300.00", b"900.00"))
    assert status("--pin", first) == 4
