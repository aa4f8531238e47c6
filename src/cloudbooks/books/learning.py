"""What a copy learns from bank statements that others imported: their lines, so that none of them is booked twice.

A statement's record names its file, which came with it; read again with the same layout it gives the same lines, and
the same fingerprints, since accounts have the same ids in every copy. So a file that is imported here later finds its
lines seen, and drafts that were made here from the same lines before are discarded, by an operation that can be undone.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from cloudbooks.books.desk import Desk
from cloudbooks.books.layouts import shipped_layouts
from cloudbooks.chain import record
from cloudbooks.chain.sealing import Sealed
from cloudbooks.core.draft import Draft, DraftState
from cloudbooks.core.entry import Attachment
from cloudbooks.core.statement import Fate, Fingerprinted, Statement, fingerprints
from cloudbooks.errors import Finding, Refusal, Sentence, counted, sentence
from cloudbooks.importers.statement_reading import Options, read_statement
from cloudbooks.store import log, reading, working
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.staged import Mark, StagedLine, StagedStatement
from cloudbooks.store.unit import Unit, operation
from cloudbooks.system.clock import instant


@dataclass(frozen=True, slots=True)
class Learned:
    """Drafts that were discarded because others have posted their lines, and what could not be learned."""

    discarded: tuple[Draft, ...]
    findings: tuple[Finding, ...]


def learn(desk: Desk, book: BookFile, taken: Sequence[Sealed], by: str) -> Learned:
    """Keep the lines of the statements in blocks that were taken in, and what became of them; `by` is who works here.

    Raises what bars writing.
    """
    records = [one for sealed in taken for _, one in sealed.admitted.others if isinstance(one, record.Statement)]
    settled = dict(_settled(taken))
    there = {one.id: one.number for one in working.statements(book)}
    fresh = [one for one in records if one.id not in there]
    known = {name: entry for name, entry in settled.items() if name.partition("/")[0] in there}
    if not fresh and not known:
        return Learned((), ())
    findings: list[Finding] = []
    discarded: list[Draft] = []
    summary = counted("learn {n} statement of another copy", "learn {n} statements of another copy", len(fresh))
    with operation(book, verb="sync", summary=summary, by=by) as unit:
        discarded += _posted_elsewhere(book, unit, known, there, findings)
        for one in fresh:
            try:
                discarded += _learned(desk, book, unit, one, settled, findings)
            except Refusal as refusal:
                findings.append(_unknown(one, refusal.message))
    return Learned(tuple(discarded), tuple(findings))


def _settled(taken: Sequence[Sealed]) -> Iterator[tuple[str, str]]:
    """Names of statement lines that entries of these blocks settle, with the entries' ids."""
    for sealed in taken:
        for row in sealed.admitted.entries:
            for line in row.entry.lines:
                yield from ((name, row.id) for name in line.settles)


def _posted_elsewhere(
    book: BookFile, unit: Unit, known: Mapping[str, str], there: Mapping[str, int], findings: list[Finding]
) -> Iterator[Draft]:
    """Let lines that are known here name the entries that others posted for them; gives their discarded drafts.

    A draft that returned from the chain stays: it was acknowledged, and says why it came back.
    """
    entries: dict[tuple[int, int], str] = {}
    for name, entry in known.items():
        statement, _, place = name.partition("/")
        entries[there[statement], int(place)] = entry
    lines = {place: working.line(book, *place) for place in entries}
    drafts = {line.draft: working.draft(book, line.draft) for line in lines.values() if line.draft}
    gone = {number: draft for number, draft in drafts.items() if draft.state is not DraftState.RETURNED}
    unit.discard_drafts(gone)
    held = working.holding(book, [line.fingerprint for line in lines.values()])
    other = [line for line in held if (line.statement, line.place) not in lines]
    for number in sorted({statement for statement, _ in entries}):
        unit.mark_lines(number, {place: Mark(entry=entry) for (of, place), entry in entries.items() if of == number})
        mine = {line.fingerprint for (of, _), line in lines.items() if of == number}
        twice = sum(1 for one in other if one.entry and one.fingerprint in mine)
        findings.extend(_twice(twice, working.statement(book, number).file.name))
    yield from gone.values()


def _learned(
    desk: Desk,
    book: BookFile,
    unit: Unit,
    stated: record.Statement,
    settled: Mapping[str, str],
    findings: list[Finding],
) -> list[Draft]:
    """Stage a statement that is in the chain already; gives the drafts that were discarded for its lines.

    Lines that were imported here too are seen ones from now on, there or here: what was posted here is not offered
    again, and of what was not the drafts are discarded.
    """
    read, encoding = _read_again(book, stated)
    marked = list(fingerprints(read.lines, stated.account))
    held = working.holding(book, [one.fingerprint for one in marked])
    drafts = {line.draft: working.draft(book, line.draft) for line in held if line.draft and not line.entry}
    posted_here = {line.fingerprint for line in held if line.entry}
    lines = [
        StagedLine(place, one.line, one.fingerprint, one.occurrence, _fate(one, entry, posted_here), entry=entry)
        for place, one in enumerate(marked, start=1)
        for entry in [settled.get(f"{stated.id}/{place}", "")]
    ]
    unit.stage(_statement(desk, stated, read, encoding), lines)
    unit.discard_drafts(drafts)
    for number in {line.statement for line in held if not line.entry}:
        places = [line.place for line in held if line.statement == number and not line.entry]
        unit.mark_lines(number, {place: Mark(fate=Fate.SEEN) for place in places})
    twice = sum(1 for line in lines if line.entry and line.fingerprint in posted_here)
    findings.extend(_twice(twice, stated.file.name))
    return list(drafts.values())


def _fate(line: Fingerprinted, entry: str, posted_here: Container[bytes]) -> Fate:
    if not entry and line.fingerprint in posted_here:
        return Fate.SEEN
    return Fate.TWIN if line.occurrence > 1 else Fate.NEW


def _twice(count: int, file: str) -> Iterator[Finding]:
    """That lines of a file were posted by another copy, and by this one."""
    if count:
        message = counted(
            "{n} line of {file} is posted twice: by another copy, and here.",
            "{n} lines of {file} are posted twice: by another copy, and here.",
            count, file=file,
        )  # fmt: skip
        hint = sentence("cloudbooks entry list, then cloudbooks entry reverse NUMBER for each")
        yield Finding("lines-twice", file, message, hint)


def _read_again(book: BookFile, stated: record.Statement) -> tuple[Statement, str]:
    """The lines of a statement by its own file; raises a refusal where they are not those that the record counts."""
    data = log.attachment(book, stated.file.b3)
    if data is None:
        raise LinesUnknown(sentence("its file did not come with it."))
    scales = {code: one.scale for code, one in reading.commodities(book).items()}
    layouts = shipped_layouts()
    # What was mapped by its columns alone is mapped so again.
    named = any(stated.profile in {one.name, one.profile} for one in layouts.layouts)
    profile = stated.profile if named else ""
    options = Options(name=stated.file.name, commodity=stated.commodity, profile=profile, keep_unreadable=True)
    found = read_statement(data, layouts, options, scales)
    read = found.statements.get(stated.commodity)
    wanted = (stated.profile, stated.lines, stated.first, stated.last)
    if read is None or (found.profile, len(read.lines), read.first.isoformat(), read.last.isoformat()) != wanted:
        raise LinesUnknown(sentence("read again, the file gives other lines."))
    return read, found.encoding


class LinesUnknown(Refusal):
    """The lines of a statement that another copy imported cannot be had from its file."""

    code = "lines-unknown"

    def __init__(self, why: Sentence) -> None:
        super().__init__(why)


def _unknown(stated: record.Statement, why: Sentence) -> Finding:
    message = sentence(
        "the lines of {file}, which another copy imported, are not known here: {why}", file=stated.file.name, why=why
    )
    hint = sentence("import this file on that copy only")
    return Finding(LinesUnknown.code, stated.file.name, message, hint, warning=True)


def _statement(desk: Desk, stated: record.Statement, read: Statement, encoding: str) -> StagedStatement:
    file = stated.file
    return StagedStatement(
        id=stated.id,
        account=stated.account,
        commodity=stated.commodity,
        file=Attachment(file.b3, file.s256, file.bytes, file.media, file.name),
        profile=stated.profile,
        encoding=encoding,
        imported_at=instant(desk.clock.now()),
        first=date.fromisoformat(stated.first),
        last=date.fromisoformat(stated.last),
        lines=stated.lines,
        opening=read.opening,
        closing=read.closing,
        state="posted",
    )
