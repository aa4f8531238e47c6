"""An audit pack: what is in it, that it is the same each time, and that a stranger's verifier accepts all of it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.books.program import Program

from cloudbooks.books.proving import check_proof
from cloudbooks.chain.canonical import b3
from cloudbooks.core.text import cells


@pytest.fixture
def program(tmp_path: Path, loaded_program: tuple[str, ...]) -> Program:
    """A book of three entries in two months; one of them has a file."""
    run = Program(tmp_path, loaded_program)
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
        "README.zh.txt",
        f"attachment/{b3(b'Paper, 300.00' + bytes([10]))[3:]}",
        "b3",
        "balances.csv",
        "balances/1010.proof",
        "balances/6400.proof",
        "entries.csv",
        "files.csv",
        "head.json",
        "heads/1.proof",
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
    """The verifier inside, run alone: 0 for the pack, 4 for a changed proof, and for a file that changed or is gone."""
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
    assert status("--pin", first) == 4
    file.write_bytes(data + b"x")
    assert status("--pin", first) == 4
    file.write_bytes(data)
    proof = folder / "proofs" / "2026-10_J-0002.proof"
    proof.write_bytes(proof.read_bytes().replace(b"300.00", b"900.00"))
    assert status("--pin", first) == 4


def test_a_head_on_paper_is_held_against_the_pack(program: Program) -> None:
    """The head after each close has a proof of its hash under the head of the pack, whatever was posted since."""
    program("period", "close", "2026-10", "--yes")
    printed = program("chain", "head")["head"]
    program("add", "2026-11-03", "More tea", "6400", "300", "1010")
    program("post", "--all", "--yes")
    first = program("book", "export", "audit", "-p", "2026-10", "-o", "pack.zip")["first_key"]
    folder = program.folder / "pack"
    zipfile.ZipFile(program.folder / "pack.zip").extractall(folder)
    proof = str(folder / "heads" / f"{printed['number']}.proof")
    done = subprocess.run(
        [sys.executable, "-I", str(folder / "verify.py"), proof, "--pin", first, "--json"],
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["block"]["hash"] == printed["hash"]


def test_the_tables_lead_a_stranger_to_names_and_proofs(program: Program) -> None:
    """Every file that is attached has its name, every account its totals: of all that was posted, not of the month."""
    program("book", "export", "audit", "-p", "2026-10", "-o", "pack.zip")
    pack = zipfile.ZipFile(program.folder / "pack.zip")
    tables = {
        name: list(csv.DictReader(io.StringIO(pack.read(name).decode("utf-8-sig"))))
        for name in ("files.csv", "balances.csv", "entries.csv")
    }
    (file,) = tables["files.csv"]
    assert (file["name"], pack.read(file["file"])) == ("invoice.txt", b"Paper, 300.00\n")
    assert [(row["code"], row["debit"], row["postings"]) for row in tables["balances.csv"]] == [
        ("1010", "0.00", "3"),
        ("6400", "900.00", "3"),
    ]
    for row in [row for table in tables.values() for row in table]:
        assert row["proof"] in pack.namelist()
    assert b"Office" in pack.read("proofs/2026-10_J-0001.proof")


@pytest.mark.parametrize("page", ["README.txt", "README.zh.txt"])
def test_the_page_fits_a_terminal_and_names_every_file(program: Program, page: str) -> None:
    """No line but those of keys and hashes is wider than 80 columns; nothing in the pack is left unexplained."""
    program("book", "export", "audit", "-o", "pack.zip")
    pack = zipfile.ZipFile(program.folder / "pack.zip")
    text = pack.read(page).decode()
    assert [line for line in text.splitlines() if cells(line) > 80 and "+" not in line] == []
    tops = {name.partition("/")[0] for name in pack.namelist()} - {"README.txt", "README.zh.txt"}
    assert [top for top in tops if top not in text] == []
    assert "{" not in text


def test_codes_that_no_file_may_have_get_files_of_their_own(program: Program) -> None:
    """Where only such characters, or capitals, tell two accounts apart, each has its proof wherever it is unzipped."""
    codes = ("x/y", "x:y", "X?Y")
    for code in codes:
        program("account", "add", code, "Other", "--kind", "expense")
        program("add", "2026-11-05", f"To {code}", code, "1", "1010")
    program("post", "--all", "--yes")
    first = program("book", "export", "audit", "-o", "pack.zip")["first_key"]
    with zipfile.ZipFile(program.folder / "pack.zip") as pack:
        table = list(csv.DictReader(io.StringIO(pack.read("balances.csv").decode("utf-8-sig"))))
        proofs = {row["code"]: row["proof"] for row in table if row["code"] in codes}
        assert len({name.casefold() for name in proofs.values()}) == len(codes)
        assert not set("".join(pack.namelist())) & set('\\:<>|"?*')
        for code, name in proofs.items():
            proven = check_proof(pack.read(name), name, pin=first)
            assert [one.code for one in proven.accounts] == [code]
