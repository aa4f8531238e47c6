"""R6 to R9: bits that flip and pages that go wrong, in every file that the program keeps or reads.

A change is `found` if the program says by name that something is wrong, or refuses the file. It is `inert` if all that
can be read is what it was. A change that is neither breaks the promise.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Final

from tests.chain.stamping import STAMPS, holder, token
from tests.faults.children import Nursery
from tests.faults.trials import Tally
from tests.store.posted_book import PostedBook, Ticking, another_program

from cloudbooks.chain.checkpoint import origin
from cloudbooks.chain.timestamp import stamped_text
from cloudbooks.chain.verdict import Policy
from cloudbooks.chain.verifying import verify
from cloudbooks.errors import CloudBooksError
from cloudbooks.peers.layout import FolderLog
from cloudbooks.store import keeping_log, log, opening, place, receipt, sqlite
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.comparing import verify_book
from cloudbooks.store.header import Header
from cloudbooks.store.opening_book import open_book
from cloudbooks.store.unit import operation
from cloudbooks.system import files, keyfile

PAGE_BYTES: Final = 512
LARGE_PAGE_BYTES: Final = 4096
Content = list[object] | str


def dense_book(folder: Path) -> Path:
    """The smallest book with rows in nearly every table, packed into small pages so that little of it is empty."""
    posted = PostedBook(folder)
    posted.fill()
    with posted.open() as book:
        keeping_log.keep_file(book, b"a voucher that no entry names yet")
        keeping_log.keep_cosignature(book, 3, b"\xe2\x80\x94 witness MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=\n")
        root = log.root_at(book, 3)
        stamped = token(holder("Stamps", purposes=STAMPS), stamped_text(origin(book.id), 3, root))
        assert keeping_log.keep_timestamp(book, 3, stamped, root)
        with operation(book, verb="set", summary="set a word", by=posted.members["ann"]) as unit:
            unit.put_setting("word", "value")
    pack(posted.path)
    return posted.path


def pack(path: Path) -> None:
    """Write a book anew in small pages."""
    with another_program(path) as connection:
        connection.execute(f"PRAGMA page_size={PAGE_BYTES}")
        connection.set_authorizer(None)
        connection.execute("VACUUM")


def large_book(folder: Path, batches: int = 40) -> Path:
    """A book of about a megabyte, in pages of the usual size."""
    posted = PostedBook(folder)
    posted.fill()
    for number in range(batches):
        posted.block(*(posted.entry(summary=f"rent {number}.{one} " + "x" * 60) for one in range(40)))
    posted.sign_head()
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


def content(path: Path) -> Content:
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


def judge_books(path: Path, changed: Iterable[tuple[str, bytes]], scratch: Path) -> Tally:
    """Look at changed copies of a book, each with a word for what was changed."""
    tally = Tally()
    clean, same = found(path), content(path)
    assert clean is not None
    for what, data in changed:
        tally.counts["changes"] += 1
        scratch.write_bytes(data)
        try:
            said = found(scratch)
            outcome = "found" if said is None or said != clean else "inert"
            if outcome == "inert" and content(scratch) != same:
                tally.broken.append(f"{path.name}: {what}, and nobody saw")
            tally.counts[outcome] += 1
        except Exception as error:  # noqa: BLE001 - nothing may be raised but what is caught above
            tally.broken.append(f"{path.name}: {what}: {error!r}")
    return tally


def flipped(whole: bytes, bits: Iterable[int]) -> Iterator[tuple[str, bytes]]:
    """Copies with one bit flipped."""
    for bit in bits:
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        yield f"bit {bit % 8} of byte {bit // 8} was flipped", bytes(changed)


def some_bits(whole: bytes, count: int, seed: int) -> Iterable[int]:
    """The numbers of so many bits, drawn; of all of them where `count` is 0."""
    if not count:
        return range(len(whole) * 8)
    chance = random.Random(seed)
    return [chance.randrange(len(whole) * 8) for _ in range(count)]


def bits_of_pages(whole: bytes, seed: int, entries: bytes = b"rent ") -> Iterator[int]:
    """A bit of each byte of the first page of a large book, and of three pages that hold `entries`."""
    chance = random.Random(seed)
    starts = range(LARGE_PAGE_BYTES, len(whole), LARGE_PAGE_BYTES)
    held = [start for start in starts if whole.count(entries, start, start + LARGE_PAGE_BYTES) > 1]
    for start in (0, *sorted(chance.sample(held, 3))):
        yield from ((start + at) * 8 + chance.randrange(8) for at in range(LARGE_PAGE_BYTES))


def pages_gone_wrong(old: bytes, whole: bytes, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """The file with two pages exchanged, a page of zeros, a page as it once was, its end cut off, or more after it."""
    chance = random.Random(seed)

    def with_page(at: int, page: bytes) -> bytes:
        return whole[: at * PAGE_BYTES] + page + whole[(at + 1) * PAGE_BYTES :]

    def page(data: bytes, at: int) -> bytes:
        return data[at * PAGE_BYTES : (at + 1) * PAGE_BYTES]

    pages = len(whole) // PAGE_BYTES
    for _ in range(count):
        one, other = sorted(chance.sample(range(pages), 2))
        swapped = bytearray(with_page(one, page(whole, other)))
        swapped[other * PAGE_BYTES : (other + 1) * PAGE_BYTES] = page(whole, one)
        yield f"pages {one} and {other} were exchanged", bytes(swapped)
    for at in chance.sample(range(pages), min(count, pages)):
        yield f"page {at} was zeroed", with_page(at, bytes(PAGE_BYTES))
    for at in range(min(pages, len(old) // PAGE_BYTES)):
        if page(old, at) != page(whole, at):
            yield f"page {at} is an old one", with_page(at, page(old, at))
    for at in chance.sample(range(1, pages), min(count, pages - 1)):
        yield f"it was cut off after page {at}", whole[: at * PAGE_BYTES]
    yield "something was appended", whole + bytes(700)


def judge_pages(folder: Path, count: int, seed: int) -> Tally:
    """R9: disks mix up pages, lose them, and give back what they held before."""
    posted = PostedBook(folder)
    posted.fill()
    pack(posted.path)
    old = posted.path.read_bytes()
    posted.block(posted.entry(), posted.entry())
    posted.sign_head()
    return judge_books(posted.path, pages_gone_wrong(old, posted.path.read_bytes(), count, seed), folder / "wrong.cbk")


def judge_text(
    whole: bytes, read: Callable[[bytes], object], bits: Iterable[int], cuts: Iterable[int] | None = None
) -> Tally:
    """Flip bits of a small file, then cut it off at each byte, or where `cuts` says: it is refused, or reads so."""
    ends = range(len(whole)) if cuts is None else cuts
    shortened = ((f"it was cut off after byte {at}", whole[:at]) for at in ends)
    return judge_changed(whole, read, chain(flipped(whole, bits), shortened))


def judge_changed(whole: bytes, read: Callable[[bytes], object], changed: Iterable[tuple[str, bytes]]) -> Tally:
    """Read changed copies of a file: each is refused by name, or reads as the whole one does."""
    tally = Tally()
    same = read(whole)
    for what, data in changed:
        tally.counts["changes"] += 1
        try:
            if read(data) != same:
                tally.broken.append(f"{what}, and nobody saw")
            tally.counts["inert"] += 1
        except (CloudBooksError, receipt.Unreadable):
            tally.counts["found"] += 1
        except Exception as error:  # noqa: BLE001 - nothing may be raised but refusals
            tally.broken.append(f"{what}: {error!r}")
    return tally


def judge_receipt(folder: Path, bits: int, seed: int) -> Tally:
    """R8: the receipt."""
    posted = PostedBook(folder)
    (path,) = [one for one in (posted.home / "receipts").iterdir() if one.name != "receipt.lock"]
    whole = path.read_bytes()
    return judge_text(whole, receipt.parse, some_bits(whole, bits, seed))


def judge_key(folder: Path, bits: int, seed: int, passphrase: bytes | None = None) -> Tally:
    """R8: a member's key, plain or under a passphrase."""
    book, member = "01a201a2-244a-7db3-b667-0406fbaf0fb3", "01a201a2-244b-71c7-a368-e50fdb82e20c"
    keyfile.create(folder, book, member, passphrase)
    path = keyfile.path_of(folder, book, member)
    whole = path.read_bytes()

    def read(data: bytes) -> object:
        files.replace_whole(path, data)
        return keyfile.load(folder, book, member, lambda: passphrase or b"").sign(b"text")

    return judge_text(whole, read, some_bits(whole, bits, seed))


def judge_export(folder: Path, count: int, seed: int) -> Tally:
    """R8: a chain as files, exported or at a peer: any bit of any file, a file that is gone or cut off."""
    tally, chance = Tally(), random.Random(seed)
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    clean = verify(FolderLog(folder), Policy())
    for _ in range(count):
        path = chance.choice(paths)
        whole = path.read_bytes()
        what, data = next(iter(flipped(whole, some_bits(whole, 1, chance.randrange(1 << 30)))))
        if chance.random() < 0.1:
            what, data = "its end was cut off", whole[: chance.randrange(len(whole))]
        path.write_bytes(data)
        tally.counts["changes"] += 1
        verdict = verify(FolderLog(folder), Policy())
        if verdict.valid and verdict.findings == clean.findings and verdict.signed == clean.signed:
            tally.broken.append(f"{path.relative_to(folder)}: {what}, and nobody saw")
        tally.counts["found"] += 1
        path.write_bytes(whole)
    return tally


def journals_gone_wrong(hot: bytes, other: bytes, count: int, seed: int) -> Iterator[tuple[str, bytes | None]]:
    """A hot journal that is gone, another book's, cut off, zeroed in places, or longer than it was."""
    chance = random.Random(seed)
    yield "it was removed", None
    yield "it is that of another book", other
    yield "that of another book follows it", hot + other
    yield "something was appended", hot + bytes(700)
    sectors = len(hot) // PAGE_BYTES
    for at in chance.sample(range(sectors), min(count, sectors)):
        yield f"it was cut off after sector {at}", hot[: at * PAGE_BYTES]
        yield f"sector {at} was zeroed", hot[: at * PAGE_BYTES] + bytes(PAGE_BYTES) + hot[(at + 1) * PAGE_BYTES :]


def another_hot_journal(nursery: Nursery, folder: Path) -> bytes:
    """The journal of a writer of another book that was killed."""
    folder.mkdir()
    posted = PostedBook(folder)
    posted.fill()
    return left_hot(nursery, posted).read_bytes()


def left_hot(nursery: Nursery, posted: PostedBook) -> Path:
    """Kill a writer in the middle of a large transaction; the journal that it leaves."""
    child = nursery.start("spill", posted.path.parent, [posted.path.name])
    child.release()
    child.first_words()
    child.kill()
    child.finish()
    assert place.has_journal(posted.path)
    return posted.path.with_name(f"{posted.path.name}-journal")


def judge_hot_journal(nursery: Nursery, folder: Path, count: int, seed: int, *, gone_wrong: bool = False) -> Tally:
    """R8, R9: the journal of a writer that was killed, with a bit flipped, or `gone_wrong` as a whole.

    It is found, or rolled back to what was there.
    """
    posted = PostedBook(folder)
    posted.fill()
    posted.block(*(posted.entry(summary=f"rent {number} " + "x" * 100) for number in range(200)))
    same = content(posted.path)
    journal = left_hot(nursery, posted)
    shutil.copytree(folder, folder / "hot")
    book, hot = posted.path.read_bytes(), journal.read_bytes()
    changed: Iterable[tuple[str, bytes | None]] = flipped(hot, some_bits(hot, count, seed))
    if gone_wrong:
        changed = journals_gone_wrong(hot, another_hot_journal(nursery, folder / "other"), count, seed)
    tally = Tally()
    for what, data in changed:
        tally.counts["changes"] += 1
        shutil.rmtree(posted.home)
        shutil.copytree(folder / "hot" / "state", posted.home)
        posted.path.write_bytes(book)
        journal.unlink(missing_ok=True) if data is None else journal.write_bytes(data)
        try:
            with open_book(posted.path, state=posted.home, clock=Ticking()) as opened:
                valid = verify_book(opened, Policy()).valid
        except CloudBooksError:
            valid = False
        if valid and not _rows_alike(content(posted.path), same):
            tally.broken.append(f"the journal: {what}, and nobody saw")
        tally.counts["rolled back" if valid else "found"] += 1
    return tally


def _rows_alike(one: Content, other: Content) -> bool:
    """Whether two contents differ in nothing but what opening writes: the table of the file's own marks."""
    if isinstance(one, str) or isinstance(other, str) or len(one) != len(other):
        return False
    return sum(mine != theirs for mine, theirs in zip(one, other, strict=True)) <= 1
