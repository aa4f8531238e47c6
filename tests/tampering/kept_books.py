"""The specimen as a book's file, another log put in the place of its own, and tables that tell another story."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.store.posted_book import Ticking, another_program
from tests.tampering.forging import FILES, Forger, specimen

from cloudbooks.chain import batch as batches
from cloudbooks.chain import block as blocks
from cloudbooks.chain import sealing
from cloudbooks.store import keeping_log, log_bytes
from cloudbooks.store.commit import commit
from cloudbooks.store.creating import create_book
from cloudbooks.store.opening_book import open_book

Files = dict[str, bytes]


def written(folder: Path, after: Callable[[Path, int], object] = lambda _path, _number: None) -> Path:
    """The specimen as a book's file; `after` is called when each of its blocks stands."""
    files, path, clock = Forger().files(), folder / "specimen.cbk", Ticking()
    for number in range(specimen().state.size):
        block = blocks.read(files[f"block/{number:08d}"])
        batch = batches.read(files["batch/" + block.header.batch[3:]])
        seal = sealing.seal(batch, block.note, block.header.committed_at)
        if number:
            with open_book(path, state=folder / "state", clock=clock) as book:
                commit(book, batch, seal)
        else:
            create_book(path, state=folder / "state", clock=clock, batch=batch, seal=seal)
            with open_book(path, state=folder / "state", clock=clock) as book:
                for data in FILES.values():
                    keeping_log.keep_file(book, data)
        after(path, number)
    with open_book(path, state=folder / "state", clock=clock) as book:
        keeping_log.keep_checkpoint(book, files["checkpoint"])
    return path


def transplanted(path: Path, files: Files) -> None:
    """Another log in the place of the book's own, every digest made anew; tables and schema stay as they are."""
    with another_program(path) as connection:
        connection.execute("BEGIN")
        triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("DELETE FROM log_batch")
        number = 0
        while (data := files.get(f"block/{number:08d}")) is not None:
            connection.execute("UPDATE log_block SET bytes = ? WHERE number = ?", (data, number))
            batch = files["batch/" + json.loads(data.partition(b"\n")[0])["batch"][3:]]
            log_bytes.keep_batch(connection, number, batch)
            number += 1
        for _, text in triggers:
            connection.execute(text)
        connection.execute("COMMIT")


STORIES: dict[str, tuple[tuple[str, ...], Any]] = {
    "amount-on-both-sides": (
        ("UPDATE posting SET amount = amount * 3, value = value * 3 WHERE entry = 3",), (2, 4)),
    "amount-and-all-sums": (
        ("UPDATE posting SET amount = amount * 3, value = value * 3 WHERE entry = 3",
         "UPDATE leaf SET debit = debit + 60000, debit_value = debit_value + 60000 WHERE account = 4",
         "UPDATE balance SET debit = debit + 60000, debit_value = debit_value + 60000 WHERE account = 4",
         "UPDATE leaf SET credit = credit + 60000, credit_value = credit_value + 60000 WHERE account = 1",
         "UPDATE balance SET credit = credit + 60000, credit_value = credit_value + 60000 WHERE account = 1"), (2, 4)),
    "posting-on-another-account": (("UPDATE posting SET account = 3 WHERE entry = 3 AND line = 1",), (2, 4)),
    "posting-on-the-other-side": (("UPDATE posting SET red = 1 - red WHERE entry = 3",), (2, 4)),
    "posting-of-another-party": (("UPDATE posting SET party = 2 WHERE entry = 1 AND party = 1",), (1, 3)),
    "entry-on-another-day": (("UPDATE entry SET date = 20261001 WHERE key = 3",), (2, 4)),
    "entry-in-another-month": (
        ("UPDATE entry SET date = 20261101 WHERE key = 3", "UPDATE posting SET date = 20261101 WHERE entry = 3",
         "UPDATE balance SET month = 202611"), (2, 4)),
    "entry-with-another-summary": (("UPDATE entry SET summary = 'a gift' WHERE key = 3",), (2, 4)),
    "entry-by-another-maker": (("UPDATE entry SET made_by = 2 WHERE key = 3",), (2, 4)),
    "numbers-of-two-entries-swapped": (
        ("UPDATE entry SET number = 5 - number WHERE key IN (2, 3)",), (2, 3)),
    "entry-gone-with-its-postings": (
        ("DELETE FROM posting WHERE entry = 3", "DELETE FROM identity WHERE kind = 8 AND key = 3",
         "DELETE FROM entry WHERE key = 3"), (2, 4)),
    "reversal-without-its-original": (("UPDATE entry SET reverses = NULL WHERE reverses IS NOT NULL",), (3, 1)),
    "line-not-settled": (("DELETE FROM settled",), None),
    "month-reopened": (("DELETE FROM lock WHERE key = 2",), None),
    "member-with-more-rights": (("UPDATE member SET rights = 'admin' WHERE name = 'eve'",), None),
    "member-with-another-key": (("UPDATE member SET vkey = replace(vkey, '+', '-') WHERE name = 'eve'",), None),
    "member-no-longer-one": (("UPDATE member SET revoked = 1 WHERE name = 'eve'",), None),
    "duties-no-longer-separate": (("UPDATE book SET separate_duties = 0",), None),
    "account-called-otherwise": (("UPDATE account SET name = 'office' WHERE code = '5602'",), None),
    "codes-of-two-accounts-swapped": (
        ("UPDATE account SET code = CASE code WHEN '1002' THEN '5001' ELSE '1002' END WHERE code IN ('1002', '5001')",),
        None),
    "scale-of-a-commodity": (("UPDATE commodity SET scale = 0 WHERE code = 'USD'",), None),
    "price-doubled": (("UPDATE price SET rate = '14.4'",), None),
    "last-number-back": (("UPDATE last_number SET number = number - 1",), None),
    "balance-of-a-month": (("UPDATE balance SET debit = debit + 100, credit = credit + 100",), None),
    "root-of-a-subtree": (("UPDATE node SET hash = zeroblob(32) WHERE level = 1",), None),
    "author-of-a-block": (("UPDATE block SET author = 2 WHERE number = 4",), None),
    "time-of-a-block": (("UPDATE block SET committed_at = '2020-01-01T00:00:00Z' WHERE number = 4",), None),
    "rule-of-another-digest": (("UPDATE rules SET digest = zeroblob(32)",), None),
    "key-holder-another": (("UPDATE member_key SET member = 1",), None),
    "salt-forgotten": (("DELETE FROM salt WHERE block = 7",), None),
}  # fmt: skip
