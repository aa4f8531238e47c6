"""Bad input, one kind after the other: a clear error with its place and what to do, and nothing written.

Each is tried in three faces: in English, in Chinese, and as `cloudbooks.error/1` for scripts. The book is compared byte
for byte before and after.
"""

from __future__ import annotations

import errno
import re
import shutil
from pathlib import Path

import pytest
from tests.cli.conftest import REPOSITORY, Outcome, Run
from tests.limits import files_no_larger_than

from cloudbooks.system import files

SAMPLES = REPOSITORY / "tests" / "samples" / "bank-cn"
HEAD = "date,description,in,out\n"
GOOD = HEAD + "2026-10-01,CHARGES,,15.00\n2026-10-02,ACME PAYS,500.00,\n"
IMPORT = ("import", "bank.csv", "--account", "1002.01")
_ENGLISH = re.compile(r"\b(?:the|is|are|of|not|no|cannot|was|there|and|to|it|has|with)\b")


@pytest.fixture
def book(run: Run) -> Path:
    """A book with one posted entry, and rules beside it."""
    Path("rules.yaml").write_text(
        "rules:\n- name: all\n  when: {text: {regex: .}}\n  then: {account: '5602'}\n", encoding="utf-8"
    )
    run("init", "acme", "--base", "CNY", "--start", "2026-01", "--bank", "1002.01=ICBC", "--no-passphrase")
    run("add", "2026-10-20", "Paper", "5602", "300", "1002.01")
    assert run("post", "--all", "--yes").status == 0
    return Path("acme.cbk")


def _refused(run: Run, book: Path, words: tuple[str, ...], code: str, status: int = 3) -> Outcome:
    """The refusal of a command in English, after it was the same in Chinese and for scripts, and wrote nothing."""
    before = {path: path.read_bytes() for path in Path().iterdir() if path.is_file()}
    english, chinese, scripted = run(*words), run(*words, "--lang", "zh"), run(*words, "--json")
    assert (english.status, chinese.status, scripted.status) == (status,) * 3
    assert english.err.startswith(f"error[{code}]: ")
    assert chinese.err.startswith(f"错误[{code}]：")
    assert "\nhint: " in english.err
    assert "\n提示：" in chinese.err
    said = re.sub(r"\S*[/_]\S*", "", chinese.err)  # a path of this machine may hold any word
    prose = [line for line in said.splitlines() if not line.startswith(("   ", "提示：cloudbooks", "提示：是不是"))]
    assert [line for line in prose if _ENGLISH.search(line)] == []
    assert (english.out, chinese.out, scripted.err) == ("", "", "")
    record = scripted.json
    assert set(record) == {"schema", "code", "message", "hint", "findings"}
    assert (record["schema"], record["code"]) == ("cloudbooks.error/1", code)
    assert record["message"] in english.err
    assert {path: path.read_bytes() for path in Path().iterdir() if path.is_file()} == before
    assert book in before
    return english


def _given(data: bytes | str) -> None:
    Path("bank.csv").write_bytes(data.encode() if isinstance(data, str) else data)


# A truncated or binary file


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_a_truncated_file(run: Run, book: Path, kept: int) -> None:
    """A statement that ends in the middle of a row, or before the line that ends every file of its bank."""
    whole = (SAMPLES / "icbc-debit-v2.csv").read_bytes()
    cut = [whole[: len(whole) // 2], whole[: whole.rindex(b"\n", 0, len(whole) - 30)], whole[:40]][kept]
    _given(cut)
    refused = run(*IMPORT)
    code = refused.err.partition("[")[2].partition("]")[0]
    assert code in (
        "file-cut-off",
        "header-unknown",
        "rows-unreadable",
        "text-corrupted",
        "quote-open",
        "statement-empty",
    )
    assert "bank.csv" in _refused(run, book, IMPORT, code).err


def test_a_file_cut_inside_quotes(run: Run, book: Path) -> None:
    """A quotation mark that is never closed is named with its row."""
    _given(HEAD + '2026-10-01,"CHARGES,,15.00\n2026-10-02,X,,1.00\n')
    assert "bank.csv:2" in _refused(run, book, IMPORT, "quote-open").err


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"PK\x03\x04\x14\x00\x06\x00",
        b"%PDF-1.7\n%\xe2\xe3",
        bytes(range(256)) * 8,
    ],
    ids=["png", "xlsx", "pdf", "bytes"],
)
def test_a_binary_file(run: Run, book: Path, data: bytes) -> None:
    """What is no text is refused by its name, with what it is where that is known."""
    _given(data)
    assert "bank.csv" in _refused(run, book, IMPORT, "file-binary").err


def test_an_empty_file(run: Run, book: Path) -> None:
    """Nothing is no statement."""
    _given("")
    assert "bank.csv is empty" in _refused(run, book, IMPORT, "file-empty").err


@pytest.mark.parametrize("name", ["nosuch.csv", "home", ""])
def test_a_file_that_is_not_there(run: Run, book: Path, name: str) -> None:
    """A missing file, a folder, and no name at all."""
    Path("home").mkdir()
    words = ("import", name, "--account", "1002.01")
    assert f'"{name}"' in _refused(run, book, words, "file-unreadable").err


# Wrong encoding


def test_bytes_of_no_encoding(run: Run, book: Path) -> None:
    """Bytes that are neither UTF-8 nor GB18030 are named with their row."""
    _given(HEAD.encode() + b"2026-10-01,\xff\xff\xff,,1.00\n")
    assert "bank.csv:2" in _refused(run, book, IMPORT, "text-corrupted").err


def test_a_wrong_encoding_that_was_named(run: Run, book: Path) -> None:
    """--encoding utf-8 for a file in GB18030, and an encoding that does not exist."""
    _given(GOOD.replace("CHARGES", "手续费").encode("gb18030"))
    assert "bank.csv:2" in _refused(run, book, (*IMPORT, "--encoding", "utf-8"), "text-corrupted").err
    assert '"klingon"' in _refused(run, book, (*IMPORT, "--encoding", "klingon"), "encoding-unknown").err
    assert run(*IMPORT).status == 0


# Ragged rows, amounts and dates


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2026-10-03,SHORT", "bank.csv:4"),
        ("2026-10-03,LONG,,1.00,2.00,3.00", "bank.csv:4"),
        ("2026-10-03,WORD,,fifteen", 'bank.csv:4 "fifteen" is not an amount'),
        ("2026-10-03,EXPONENT,,1e3", 'bank.csv:4 "1e3" is not an amount'),
        ("2026-10-03,DECIMALS,,1.005", 'bank.csv:4 "1.005" is not an amount'),
        ("2026-10-03,NAN,,NaN", 'bank.csv:4 "NaN" is not an amount'),
        ("2026-10-03,BOTH,1.00,2.00", "bank.csv:4"),
        ("2026-13-03,MONTH,,1.00", 'bank.csv:4 "2026-13-03"'),
        ("2026-02-30,DAY,,1.00", 'bank.csv:4 "2026-02-30"'),
        (",NO DATE,,1.00", "bank.csv:4"),
    ],
    ids=lambda value: value.split(",")[1] if "," in value else "",
)
def test_a_row_that_is_not_one(run: Run, book: Path, row: str, said: str) -> None:
    """The row is shown as it came, with its number and what is wrong; the whole file waits for a decision."""
    _given(GOOD + row + "\n")
    refused = _refused(run, book, IMPORT, "rows-unreadable")
    assert f"finding[row-unreadable]: {said}" in refused.err
    assert row.strip(",") in refused.err
    assert "cloudbooks import bank.csv --keep-unreadable" in refused.err
    assert refused.err.endswith("1 finding.\n")
    kept = run(*IMPORT, "--keep-unreadable", "--json")
    assert (kept.status, kept.json["data"]["new"], len(kept.json["data"]["unreadable"])) == (1, 2, 1)


def test_ragged_rows_that_a_layout_allows_are_read(run: Run, book: Path) -> None:
    """ABC leaves out the time of some rows and the text of others: all five are lines."""
    shutil.copy(SAMPLES / "abc-debit.csv", "bank.csv")
    imported = run(*IMPORT, "--json")
    assert imported.json["data"]["profile"].startswith("abc-debit@")
    assert (imported.json["data"]["lines"], imported.json["data"]["unreadable"]) == (5, [])
    assert book.exists()


def test_a_date_that_may_be_two(run: Run, book: Path) -> None:
    """MESSAGES.md, date-ambiguous: the first row at fault, both readings, and the flag that decides."""
    _given("date,description,in,out\n03/04/2026,A,,1.00\n05/06/2026,B,,2.00\n")
    refused = _refused(run, book, IMPORT, "date-ambiguous")
    assert refused.err == (
        'error[date-ambiguous]: bank.csv:2 line 2 "03/04/2026" may be 3 April or 4 March; '
        "no line of the file decides.\n"
        "hint: --date-order dmy or mdy\n"
    )
    assert run(*IMPORT, "--date-order", "dmy").status == 0
    assert run("statement", "show", "S-1", "--json").json["data"]["lines"][0]["date"] == "2026-04-03"


@pytest.mark.parametrize("text", ["03/04/26", "2026-02-30", "soon", "2026-10", "20261020x", ""])
def test_a_date_that_is_none_on_the_command_line(run: Run, book: Path, text: str) -> None:
    """CLI.md: `03/04/26` is refused, and so is what no calendar has."""
    words = ("add", text, "Paper", "5602", "1", "1002.01")
    assert f'"{text}"' in _refused(run, book, words, "date-unreadable").err


@pytest.mark.parametrize("text", ["lots", "1e3", "1.005", "1,00", "1.00.0", "", "９９.９９９", "1" * 19])
def test_an_amount_that_is_not_one(run: Run, book: Path, text: str) -> None:
    """What was typed stands in the message; nothing is rounded."""
    words = ("add", "2026-10-20", "Paper", "5602", text, "1002.01")
    assert f'"{text}" is not an amount' in _refused(run, book, words, "amount-unreadable").err


# An unknown account, unbalanced postings


@pytest.mark.parametrize(
    "words",
    [
        ("import", "bank.csv", "--account", "5620"),
        ("add", "2026-10-20", "Paper", "5620", "1", "1002.01"),
        ("draft", "edit", "D-2", "--line", "1", "--account", "5620"),
        ("balance", "5620"),
        ("report", "ledger", "5620"),
        ("entry", "list", "--account", "5620"),
        ("account", "show", "5620"),
        ("account", "rename", "5620", "x"),
        ("account", "close", "5620"),
    ],
    ids=" ".join,
)
def test_an_unknown_account(run: Run, book: Path, words: tuple[str, ...]) -> None:
    """MESSAGES.md, account-unknown: the word that was typed, and near ones; never a zero, never a guess."""
    _given(GOOD)
    run("add", "2026-10-21", "Ink", "5602", "1", "1002.01")
    refused = _refused(run, book, words, "account-unknown")
    assert refused.err.startswith('error[account-unknown]: no account matches "5620".\nhint: did you mean 56')
    assert refused.err.endswith("? cloudbooks account list\n")


def test_unbalanced_postings(run: Run, book: Path) -> None:
    """MESSAGES.md, entry-unbalanced: what it is off by, and both sums."""
    run("add", "2026-10-21", "Ink", "5602", "11300", "1002.01")
    run("draft", "edit", "D-2", "--line", "2", "--amount", "-10000")
    for words in (("post", "D-2", "--yes"), ("draft", "accept", "D-2")):
        refused = _refused(run, book, words, "entry-unbalanced")
        assert "D-2 is off by 1,300.00 CNY (debit 11,300.00, credit 10,000.00)." in refused.err
    assert "debit and credit differ by 1,300.00 CNY" in run("draft", "list").out


# A rules file with a typo


@pytest.mark.parametrize(
    ("rules", "place", "said"),
    [
        ("rules:\n- name: a\n  when: {text: {contain: X}}\n  then: {account: '5602'}\n", "rules.yaml:3:17", "contains"),
        ("rules:\n- name: a\n  when: {text: {contains: X}}\n  then: {acount: '5602'}\n", "rules.yaml:4:10", "account"),
        ("rules:\n- name: a\n  wen: {text: {contains: X}}\n  then: {account: '5602'}\n", "rules.yaml:3:3", "when"),
        ("rules:\n- name: a\n  when: {text: {regex: '('}}\n  then: {account: '5602'}\n", "rules.yaml:3:24", ""),
        ("rules:\n- name: a\n  when: {text: {contains: X}\n  then: {account: '5602'}\n", "rules.yaml:", ""),
    ],
    ids=["condition", "action", "key", "regex", "brackets"],
)
def test_a_rules_file_with_a_typo(run: Run, book: Path, rules: str, place: str, said: str) -> None:
    """Exit 3 where rules are applied, 1 where they are checked; line, column, the line itself and a near word."""
    _given(GOOD)
    Path("rules.yaml").write_text(rules, encoding="utf-8")
    code = run(*IMPORT).err.partition("[")[2].partition("]")[0]
    assert code in ("rule-syntax", "yaml-syntax")
    refused = _refused(run, book, IMPORT, code) if said else run(*IMPORT)
    assert refused.status == 3
    assert place in refused.err
    assert "^" in refused.err
    assert said in refused.err
    assert run("rule", "check").status == 1
    assert place in run("rule", "check").err


def test_rules_that_name_an_account_that_is_not_there(run: Run, book: Path) -> None:
    """The account is named at its place, with near ones."""
    _given(GOOD)
    text = Path("rules.yaml").read_text(encoding="utf-8").replace("5602", "5620")
    Path("rules.yaml").write_text(text, encoding="utf-8")
    assert "rules.yaml:4:" in _refused(run, book, IMPORT, "rule-account").err


# A read-only or full disk


def test_a_read_only_book(run: Run, book: Path) -> None:
    """Reading goes on; every write is refused with what would let it be written."""
    _given(GOOD)
    run("add", "2026-10-21", "Ink", "5602", "1", "1002.01")
    book.chmod(0o400)
    for words in (IMPORT, ("post", "--all", "--yes"), ("undo",), ("account", "add", "1002.02", "CMB")):
        assert f"chmod 600 {book.absolute()}" in _refused(run, book, words, "book-read-only").err
    assert run("balance").status == 0
    assert run("verify").status == 0


def test_a_full_disk(run: Run, book: Path) -> None:
    """Where the system takes no more, the command is refused, and the book is as it was and still answers."""
    _given(HEAD + "".join(f"2026-10-01,{'X' * 90} {n},,1.00\n" for n in range(4000)))
    before = book.read_bytes()
    with files_no_larger_than(len(before)):
        refused = run(*IMPORT)
        assert run("balance").status == 0
    assert refused.status == 3
    assert refused.err.partition(":")[0] in ("error[disk-full]", "error[disk-error]")
    assert "nothing was written" in refused.err
    assert "hint: df -h " in refused.err
    assert book.read_bytes() == before
    assert run("verify").status == 0


@pytest.mark.usefixtures("book")
def test_a_full_disk_under_an_answer(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """-o on a full disk leaves no half of a file."""

    def full(_descriptor: int, _data: bytes) -> None:
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(files, "write", full)
    refused = run("balance", "-o", "o.txt")
    assert (refused.status, refused.err.partition(":")[0]) == (3, "error[file-not-written]")
    assert "the disk is full" in refused.err
    assert not Path("o.txt").exists()


# A file that is no book, a book of a newer version


def test_a_file_that_is_no_book(run: Run, book: Path) -> None:
    """A text, a spreadsheet, another program's database and an empty file, by every command; they stay as they are."""
    other = Path("other.cbk")
    for data in (b"hello\n", b"PK\x03\x04" + bytes(4096), b"SQLite format 3\x00" + bytes(4080), book.read_bytes()[:50]):
        other.write_bytes(data)
        other.chmod(0o600)
        for words in (("status",), ("balance",), ("verify",), ("add", "2026-10-20", "x", "5602", "1", "1002.01")):
            refused = run(*words, "-b", "other.cbk")
            assert refused.status in (3, 4)
            assert refused.err.partition(":")[0] in ("error[not-a-book]", "error[book-damaged]")
            assert str(other.absolute()) in refused.err
            assert other.read_bytes() == data
    other.write_bytes(b"")
    assert run("status", "-b", "other.cbk").err.startswith("error[book-empty]")
    assert run("status", "-b", "nosuch.cbk").err.startswith("error[book-missing]")


def test_a_book_of_a_newer_version(run: Run, book: Path) -> None:
    """The version of the file and the one that is known, and nothing is tried; verifying included."""
    newer = Path("newer.cbk")
    data = bytearray(book.read_bytes())
    data[60:64] = (999).to_bytes(4, "big")
    newer.write_bytes(data)
    newer.chmod(0o600)
    for words in (("status",), ("balance",), ("verify",), ("post", "--all", "--yes"), IMPORT):
        refused = run(*words, "-b", "newer.cbk")
        assert (refused.status, refused.err.partition(":")[0]) == (3, "error[book-newer]")
        assert "999" in refused.err
        assert refused.err.endswith("hint: pip install --upgrade cloudbooks\n")
    assert newer.read_bytes() == bytes(data)


def test_several_books_and_none_named(run: Run, book: Path) -> None:
    """The books are listed, and the flag is named; none is chosen."""
    run("init", "bravo", "--base", "CNY", "--no-passphrase")
    refused = _refused(run, book, ("status",), "book-ambiguous")
    assert "acme.cbk, bravo.cbk" in refused.err
    assert refused.err.endswith("hint: add -b acme.cbk\n")
