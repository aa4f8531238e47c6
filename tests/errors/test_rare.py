"""Codes that no plain command provokes: each is brought about here where the program meets it, and is said by it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.books.small_book import small_book
from tests.cli.conftest import Outcome, Run
from tests.store.posted_book import another_program, without_triggers

from cloudbooks.books import templates
from cloudbooks.books.templates import TemplateEmpty
from cloudbooks.chain.canonical import FormFault
from cloudbooks.cli import asking
from cloudbooks.cli.face import Face
from cloudbooks.cli.settings import Sources
from cloudbooks.core.draft import Draft, DraftLine
from cloudbooks.errors import sentence
from cloudbooks.importers import decoding
from cloudbooks.store import reading, sqlite
from cloudbooks.system import files, keyfile
from cloudbooks.system.locale import ENGLISH

BOOK = Path("acme.cbk")


@pytest.fixture
def book(run: Run) -> None:
    """A book with one posted entry, one attachment of a draft, and one ready draft."""
    run("init", "acme", "--base", "CNY", "--chart", "generic", "--no-passphrase", "--as", "Lina")
    run("add", "2026-10-20", "Paper", "6400", "300", "1010")
    run("post", "--all", "--yes")
    run("add", "2026-10-21", "Paper", "6400", "300", "1010")
    Path("receipt.txt").write_text("300", encoding="utf-8")
    run("draft", "attach", "D-2", "receipt.txt")


def _code(outcome: Outcome) -> str:
    return outcome.err.partition("[")[2].partition("]")[0]


@pytest.mark.usefixtures("book")
def test_a_batch_that_would_break_a_law_stays_drafts(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """law-broken: the drafts are there as before."""

    def refuse(*_args: object, **_facts: object) -> None:
        raise FormFault("law.balance", sentence("it does not balance."))

    monkeypatch.setattr("cloudbooks.books.posting.commits.commit", refuse)
    outcome = run("post", "--all", "--yes")
    assert (outcome.status, _code(outcome)) == (3, "law-broken")
    assert len(run("draft", "list", "--json").json["data"]["drafts"]) == 1


@pytest.mark.usefixtures("book")
def test_of_several_members_one_must_be_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """member-ambiguous where keys of two members are here."""
    members = reading.members
    monkeypatch.setattr(
        reading,
        "members",
        lambda opened: [one for known in members(opened) for one in (known, known._replace(id="x", name="Wang Wei"))],
    )
    monkeypatch.setattr(keyfile, "exists", lambda *_args: True)
    outcome = run("add", "2026-10-20", "Paper", "6400", "300", "1010")
    assert (outcome.status, _code(outcome)) == (3, "member-ambiguous")
    assert "Lina, Wang Wei" in outcome.err


@pytest.mark.usefixtures("book")
def test_a_library_that_is_too_old_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """sqlite-too-old before the book is touched."""
    monkeypatch.setattr("cloudbooks.store.sqlite.sqlite.sqlite_version_info", (3, 8, 0))
    assert _code(run("status")) == "sqlite-too-old"


@pytest.mark.usefixtures("book")
def test_a_setting_that_sqlite_does_not_take_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """sqlite-setting: what was set is read back."""
    monkeypatch.setattr(sqlite, "_SEEING", (("synchronous", "OFF", 3),))
    assert _code(run("status")) == "sqlite-setting"


@pytest.mark.usefixtures("book")
def test_a_book_of_another_user_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """book-of-another, whoever may read it."""
    owner = BOOK.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 12345)
    assert _code(run("status")) == "book-of-another"


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    ("statement", "code", "status"),
    [
        ("UPDATE meta SET value = 'x' WHERE key = 'last_write'", "meta-damaged", 4),
        ("UPDATE attachment SET bytes = x'00'", "attachment-damaged", 4),
        ("UPDATE checkpoint SET digest = x'00'", "signature-damaged", 4),
        ("UPDATE draft SET state = CAST(x'ff' AS TEXT)", "working-rows-unreadable", 1),
        ("UPDATE log_block SET bytes = x'00' WHERE number = 1", "block-unreadable", 4),
        ("PRAGMA ignore_check_constraints = ON; UPDATE checkpoint SET one = 2", "file-damaged", 4),
    ],
)
def test_what_another_program_changed_is_named(run: Run, statement: str, code: str, status: int) -> None:
    """Verifying names what is not what was kept: 4 where it is posted, 1 where it is a draft."""
    with another_program(BOOK) as connection:
        without_triggers(connection, *statement.split("; "))
    outcome = run("verify")
    assert outcome.status == status
    assert f"[{code}]" in outcome.err


def test_a_name_that_is_not_the_one_meant_does_nothing() -> None:
    """confirm-differs: --confirm must be the name of what is meant."""
    face = Face(locale=ENGLISH, sources=Sources(), confirm="2026-09")
    with pytest.raises(asking.NameDiffers) as refusal:
        asking.named(face, sentence("Which period?"), "2026-10")
    assert refusal.value.code == "confirm-differs"
    asking.named(face._replace(confirm="2026-10"), sentence("Which period?"), "2026-10")


def test_a_statement_has_a_size_beyond_which_it_is_none() -> None:
    """file-too-large is said before anything is decoded."""
    with pytest.raises(decoding.FileTooLarge) as refusal:
        decoding.decode(bytes(decoding.BYTES_MAX + 1), "bank.csv")
    assert refusal.value.code == "file-too-large"


def test_a_pipe_is_not_read_where_a_file_is_meant(tmp_path: Path) -> None:
    """file-unfit: a pipe would be waited for, for ever."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(files.FileUnfit) as refusal:
        files.read_regular(tmp_path / "pipe", 100)
    assert refusal.value.code == "file-unfit"


def test_a_key_file_is_never_overwritten_and_a_newer_one_not_guessed_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """key-there where a key is, key-newer where its format is not ours."""
    keyfile.create(tmp_path, "book", "member", None)
    with pytest.raises(keyfile.KeyThere) as there:
        keyfile.create(tmp_path, "book", "member", None)
    assert there.value.code == "key-there"
    monkeypatch.setattr(keyfile, "VERSION", 2)
    with pytest.raises(keyfile.KeyNewer) as newer:
        keyfile.load(tmp_path, "book", "member", bytes)
    assert newer.value.code == "key-newer"


def test_a_voucher_without_accounts_is_no_template(tmp_path: Path) -> None:
    """template-empty: on screens a voucher is typed before its accounts are known."""
    desk = small_book(tmp_path)
    with pytest.raises(TemplateEmpty) as refused:
        templates.save(desk, "rent", Draft(None, "", "Rent", (DraftLine("", "CNY", 100, 100),)))
    assert refused.value.code == "template-empty"
    assert templates.templates(desk) == ()
