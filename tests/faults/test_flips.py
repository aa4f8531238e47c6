"""R6: whatever bit of a book flips, it is found, or the whole content of the book is what it was."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.store.posted_book import PostedBook, Ticking, another_program, format1_book

from cloudbooks.chain.verdict import Policy
from cloudbooks.errors import CloudBooksError
from cloudbooks.store import log, opening, sqlite
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.comparing import verify_book
from cloudbooks.store.header import Header
from cloudbooks.store.unit import operation

FLIPS = int(os.environ.get("CLOUDBOOKS_FLIPS", "5000"))
"""How many bits are flipped, one at a time; a release flips every one (0 says so)."""

CHANGES = 200
_PAGE_BYTES = 512


@pytest.fixture(scope="module")
def dense(ram_folder: Path) -> Path:
    """The smallest book with rows in nearly every table, packed into small pages so that little of it is empty."""
    posted = PostedBook(ram_folder)
    posted.fill()
    with posted.open() as book:
        log.keep_file(book, b"a voucher that no entry names yet")
        log.keep_cosignature(book, 3, b"\xe2\x80\x94 witness MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=\n")
        with operation(book, verb="set", summary="set a word", by=posted.members["ann"]) as unit:
            unit.put_setting("word", "value")
    with another_program(posted.path) as connection:
        connection.execute(f"PRAGMA page_size={_PAGE_BYTES}")
        connection.set_authorizer(None)
        connection.execute("VACUUM")
    return posted.path


def found(path: Path) -> list[str] | None:
    """What is said of a file that is looked at as it lies, `None` where it is not opened at all."""
    try:
        connection = sqlite.connect(path, writable=False, immutable=True)
        try:
            opening.examine(connection, path)
            head, identity = opening.head_and_id(connection, path)
            header = Header(path)
        except BaseException:
            connection.close()
            raise
    except (CloudBooksError, sqlite.Error, UnicodeDecodeError, OSError):
        return None
    nowhere = Path(os.devnull) / "state"
    book = BookFile(path, identity, connection, header, nowhere, Ticking(), "test", head, read_only=True)
    with book:
        return [f"{finding.code} {finding.where} {finding.message}" for finding in verify_book(book, Policy()).findings]


def content(path: Path) -> list[object] | str:
    """Everything that SQLite reads from a file, table by table in the order in which it lies; or why it does not."""
    connection = sqlite.connect(path, writable=False, immutable=True)
    try:
        everything: list[object] = [
            connection.execute(f"PRAGMA {name}").fetchall() for name in ("application_id", "user_version", "encoding")
        ]
        schema = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall()
        everything.append(schema)
        for kind, name, *_ in schema:
            if kind == "table":
                everything.append(connection.execute(f"SELECT * FROM {name} NOT INDEXED").fetchall())
    except Exception as error:  # noqa: BLE001 - a damaged file raises anything
        return repr(error)
    else:
        return everything
    finally:
        connection.close()


def judge(whole: bytes, changed: bytes, path: Path, clean: list[str], same: list[object] | str) -> str:
    """Whether a changed file is `found` or `inert`; fails where it is neither."""
    path.write_bytes(changed)
    said = found(path)
    if said is None or said != clean:
        return "found"
    place = next(at for at, (ours, theirs) in enumerate(zip(whole, changed, strict=True)) if ours != theirs)
    assert content(path) == same, f"byte {place} was changed from {whole[place]} to {changed[place]}, and nobody saw"
    return "inert"


def test_a_flipped_bit_is_found_or_inert(dense: Path, tmp_path: Path) -> None:
    """Bits at random places, every region of the file among them; most of what is found is found by more than one."""
    whole = dense.read_bytes()
    clean, same = found(dense), content(dense)
    assert clean is not None
    assert {said.split()[0] for said in clean} == {"attachment-missing", "file-touched"}
    chance = random.Random(20261122)
    bits = range(len(whole) * 8) if not FLIPS else (chance.randrange(len(whole) * 8) for _ in range(FLIPS))
    outcomes: Counter[str] = Counter()
    for bit in bits:
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        outcomes[judge(whole, bytes(changed), tmp_path / "flipped.cbk", clean, same)] += 1
    assert outcomes["found"] > outcomes.total() // 3


def test_a_changed_byte_is_found_or_inert(tmp_path: Path) -> None:
    """The same for bytes of a book with every type of record, changed to any other value."""
    path, _ = format1_book(tmp_path)
    whole = path.read_bytes()
    clean, same = found(path), content(path)
    assert clean == []
    chance = random.Random(20261123)
    outcomes: Counter[str] = Counter()
    for _ in range(CHANGES):
        changed = bytearray(whole)
        place = chance.randrange(len(whole))
        changed[place] = (changed[place] + chance.randrange(1, 256)) % 256
        outcomes[judge(whole, bytes(changed), tmp_path / "changed.cbk", clean, same)] += 1
    assert outcomes["found"] > CHANGES // 10


def pages_gone_wrong(old: bytes, whole: bytes, chance: random.Random) -> Iterator[bytes]:
    """The file with two pages exchanged, a page of zeros, a page as it once was, its end cut off, or more after it."""

    def with_page(at: int, page: bytes) -> bytes:
        return whole[: at * _PAGE_BYTES] + page + whole[(at + 1) * _PAGE_BYTES :]

    def page(data: bytes, at: int) -> bytes:
        return data[at * _PAGE_BYTES : (at + 1) * _PAGE_BYTES]

    count = len(whole) // _PAGE_BYTES
    for _ in range(60):
        one, other = sorted(chance.sample(range(count), 2))
        swapped = bytearray(with_page(one, page(whole, other)))
        swapped[other * _PAGE_BYTES : (other + 1) * _PAGE_BYTES] = page(whole, one)
        yield bytes(swapped)
    for at in chance.sample(range(count), 60):
        yield with_page(at, bytes(_PAGE_BYTES))
    for at in range(min(count, len(old) // _PAGE_BYTES)):
        if page(old, at) != page(whole, at):
            yield with_page(at, page(old, at))
    for at in chance.sample(range(1, count), 60):
        yield whole[: at * _PAGE_BYTES]
    yield whole + bytes(700)


def test_a_page_gone_wrong_is_found_or_inert(tmp_path: Path) -> None:
    """R9: disks mix up pages, lose them, and give back what they held before; all of it is found."""
    posted = PostedBook(tmp_path)
    posted.fill()
    with another_program(posted.path) as connection:
        connection.execute(f"PRAGMA page_size={_PAGE_BYTES}")
        connection.set_authorizer(None)
        connection.execute("VACUUM")
    old = posted.path.read_bytes()
    posted.block(posted.entry(), posted.entry())
    posted.sign_head()
    whole, clean, same = posted.path.read_bytes(), found(posted.path), content(posted.path)
    outcomes: Counter[str] = Counter()
    for changed in pages_gone_wrong(old, whole, random.Random(20261124)):
        (tmp_path / "wrong.cbk").write_bytes(changed)
        said = found(tmp_path / "wrong.cbk")
        outcomes["found" if said is None or said != clean else "inert"] += 1
        assert said != clean or content(tmp_path / "wrong.cbk") == same
    assert outcomes["found"] > outcomes["inert"] * 10
