"""What leaves a book is checked by others: b3sum, a verifier of files, hledger."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
from tests.books.program import Program

VECTORS = Path(__file__).parent.parent / "chain" / "vectors" / "format1"


def tool(name: str) -> str:
    """The path of a program that a test needs; where it is missing the test is skipped, but never in CI."""
    path = shutil.which(name)
    if path is None and os.environ.get("CI"):
        pytest.fail(f"{name} is not installed; in CI it must be")
    if path is None:
        pytest.skip(f"{name} is not installed here")
    return path


@pytest.fixture(scope="module", name="demo")
def fixture_demo(tmp_path_factory: pytest.TempPathFactory, loaded_program: tuple[str, ...]) -> Program:
    """The demo book, and the program in its folder."""
    program = Program(tmp_path_factory.mktemp("demo"), loaded_program)
    program("demo", "firm")
    program.folder = program.folder / "firm"
    return program


def test_b3sum_by_hand_reproduces_names_and_previous(demo: Program) -> None:
    """`b3sum` over exported files gives the names of batches and attachments, and each block's `previous`."""
    demo("chain", "export", "out")
    out = demo.folder / "out"
    program = tool("b3sum")

    def b3sum(path: Path) -> str:
        return subprocess.run([program, str(path)], capture_output=True, text=True, check=True).stdout.split()[0]

    named = [*out.glob("batch/*"), *out.glob("attachment/*")]
    assert [b3sum(path) for path in named] == [path.name for path in named]
    blocks = sorted(out.glob("block/*"))
    previous = [json.loads(path.read_bytes().partition(b"\n")[0]).get("previous") for path in blocks]
    assert previous == [None, *(f"b3:{b3sum(path)}" for path in blocks[:-1])]
    assert demo("chain", "head")["head"]["hash"] == f"b3:{b3sum(blocks[-1])}"


def test_an_export_verifies_with_nothing_but_its_files(demo: Program) -> None:
    """A verifier of the folder states the same facts as the book itself; without a pin the key is self-declared."""
    demo("chain", "export", "alone")
    of_book = demo("verify")
    stranger = Program(demo.folder)
    stranger.env["CLOUDBOOKS_HOME"] = str(demo.folder / "nobody")
    of_folder = stranger("verify", "alone")
    for fact in ("valid", "consistent", "signed", "blocks", "records", "entries", "head"):
        assert of_folder[fact] == of_book[fact]
    assert of_folder["self_declared"] is True


def test_an_export_is_written_again_without_a_change_and_never_over_something_else(demo: Program) -> None:
    """Exporting twice keeps the files; a file with other bytes in its place is a refusal that changes nothing."""
    demo("chain", "export", "twice")
    demo("chain", "export", "twice")
    block = demo.folder / "twice" / "block" / "00000000"
    block.chmod(0o600)
    block.write_bytes(b"something else")
    done = demo.run("chain", "export", "twice", "--json")
    assert (done.returncode, json.loads(done.stdout)["code"]) == (3, "folder-taken")
    assert block.read_bytes() == b"something else"


def test_the_folder_of_another_implementation_verifies(tmp_path: Path) -> None:
    """The example book that another implementation of the format wrote is accepted, with the facts that it states."""
    told = json.loads((VECTORS / "balances.json").read_text(encoding="utf-8"))
    verified = Program(tmp_path)("verify", str(VECTORS / "valid"), "--pin", told["pin"])
    for fact in ("valid", "consistent", "signed", "blocks", "records", "entries", "head"):
        assert verified[fact] == told["facts"][fact]


def test_hledger_reads_the_same_balances_to_the_last_digit(demo: Program) -> None:
    """`hledger balance` of the exported journal equals `report balance`, account by account."""
    program = tool("hledger")
    journal = demo.folder / "demo.journal"
    journal.write_text(demo.run("book", "export", "hledger").stdout, encoding="utf-8")
    told = subprocess.run(
        [program, "-f", str(journal), "balance", "--flat", "-N", "-B"], capture_output=True, text=True, check=True,
        env={**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"},
    ).stdout  # fmt: skip
    theirs: dict[str, Decimal] = {}
    for line in told.splitlines():
        found = re.fullmatch(r"\s*(-?[0-9,.]+) CNY\s+(\S.*)", line)
        assert found, line
        code = re.search(r"[0-9][0-9.]*", found[2].rpartition(":")[2])
        assert code, line
        theirs[code[0]] = Decimal(found[1].replace(",", ""))
    ours = {
        row["code"]: Decimal(row["closing"]["amount"])
        for row in demo("report", "balance")["accounts"]
        if Decimal(row["closing"]["amount"])
    }
    assert ours == theirs
