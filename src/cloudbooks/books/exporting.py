"""`chain export` and `book export hledger`: the chain as files, and the entries as another tool's journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cloudbooks.books.desk import Desk
from cloudbooks.chain import batch as batches
from cloudbooks.chain import record
from cloudbooks.core.chart import Chart
from cloudbooks.journals import hledger
from cloudbooks.peers.folder import Exported, export
from cloudbooks.store import reading
from cloudbooks.store.log import StoredLog


def export_chain(desk: Desk, folder: Path) -> Exported:
    """Write the whole chain of a book as files in `folder`; raises `FolderTaken` for a folder with anything else."""
    with desk.open() as book:
        log = StoredLog(book)
        size = book.head.number + 1 if book.head else 0
        return export(
            folder,
            blocks=((number, data) for number in range(size) if (data := log.block(number)) is not None),
            batches=_batches(log, size),
            attachments=_attachments(log, size),
            checkpoint=log.checkpoint(),
            cosignatures=log.cosignatures(),
        )


def _batches(log: StoredLog, size: int) -> Iterator[tuple[str, bytes]]:
    for number in range(size):
        name = log.batch_of(number)
        data = log.batch(name)
        if data is not None:
            yield name, data


def _attachments(log: StoredLog, size: int) -> Iterator[tuple[str, bytes]]:
    """Every file that a record names and that is at hand."""
    named: dict[str, None] = {}
    for _, data in _batches(log, size):
        for one in batches.read(data).records:
            named |= dict.fromkeys(_named(one))
    for name in named:
        found = log.attachment(name)
        if found is not None:
            yield name, found


def _named(one: record.AnyRecord) -> list[str]:
    if isinstance(one, record.Entry):
        return [attachment.b3 for attachment in one.attachments]
    if isinstance(one, record.Statement):
        return [one.file.b3]
    if isinstance(one, record.Rules):
        return [one.digest]
    return []


def hledger_journal(desk: Desk) -> Iterator[str]:
    """The posted entries as lines of an hledger journal, with the same balances to the last digit."""
    with desk.open() as book:
        yield from hledger.export(
            reading.facts(book),
            Chart(reading.accounts(book)),
            reading.commodities(book),
            reading.entries(book),
            reading.prices(book),
        )
