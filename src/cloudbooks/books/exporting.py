"""`chain export` and `book export hledger`: the chain as files, and the entries as another tool's journal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from cloudbooks.books.desk import Desk
from cloudbooks.books.progress import Progress, quiet, size_of
from cloudbooks.chain import batch as batches
from cloudbooks.chain import record
from cloudbooks.core.chart import Chart
from cloudbooks.core.entry import PostedEntry
from cloudbooks.journals import hledger
from cloudbooks.peers.folder import Exported, export
from cloudbooks.store import reading
from cloudbooks.store.log import StoredLog


def export_chain(desk: Desk, folder: Path, progress: Progress = quiet) -> Exported:
    """Write the whole chain of a book as files in `folder`; raises `FolderTaken` for a folder with anything else."""
    with desk.open() as book:
        log = StoredLog(book)
        size = size_of(book)

        def told(what: str) -> Iterator[int]:
            for number in range(size):
                progress(what, number, size)
                yield number

        blocks = ((number, data) for number in told("export-blocks") if (data := log.block(number)) is not None)
        return export(
            folder,
            blocks=blocks,
            batches=_batches(log, told("export-batches")),
            attachments=_attachments(log, told("export-search")),
            checkpoint=log.checkpoint(),
            cosignatures=log.cosignatures(),
            timestamps=((one, token) for one in log.stamped() if (token := log.timestamp(one)) is not None),
        )


def _batches(log: StoredLog, numbers: Iterable[int]) -> Iterator[tuple[str, bytes]]:
    for number in numbers:
        name = log.batch_of(number)
        data = log.batch(name)
        if data is not None:
            yield name, data


def _attachments(log: StoredLog, numbers: Iterable[int]) -> Iterator[tuple[str, bytes]]:
    """Every file that a record names and that is at hand."""
    named: dict[str, None] = {}
    for _, data in _batches(log, numbers):
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


def hledger_journal(desk: Desk, progress: Progress = quiet) -> Iterator[str]:
    """The posted entries as lines of an hledger journal, with the same balances to the last digit."""
    with desk.open() as book:
        entries = reading.entries(book)

        def told() -> Iterator[PostedEntry]:
            for done, entry in enumerate(entries):
                progress("journal", done, len(entries))
                yield entry

        yield from hledger.export(
            reading.facts(book),
            Chart(reading.accounts(book)),
            reading.commodities(book),
            told(),
            reading.prices(book),
        )
