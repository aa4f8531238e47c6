"""What becomes of own batches that lost their place and break a law at the next: their records wait again.

Entries become drafts that are returned, with the law as the reason; statements are staged again, and accounts, parties,
prices and the like wait for the next batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cloudbooks.books.posting import WAITING
from cloudbooks.chain import record
from cloudbooks.core.draft import Draft, DraftLine, DraftState
from cloudbooks.core.entry import PostedEntry
from cloudbooks.errors import Finding, Sentence, sentence
from cloudbooks.store import working
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.rebasing import GiveBack, Returned
from cloudbooks.store.staged import Mark
from cloudbooks.store.unit import Unit


def giving_back(book: BookFile, drafts: list[Draft]) -> GiveBack:
    """What `rebase` calls for batches that return; the drafts that it makes are added to `drafts`."""

    def give_back(unit: Unit, returned: Sequence[Returned]) -> None:
        staged = {statement.id: statement.number for statement in working.statements(book)}
        waits = {one.id for one in working.pending(book)}
        for one in returned:
            for each in one.batch.records:
                if isinstance(each, record.Statement) and each.id in staged:
                    unit.mark_statement(staged[each.id], "staged")
                elif isinstance(each, WAITING) and each.id not in waits:
                    # What was stated anew since waits already, and is later than this.
                    unit.put_pending(each)
            entries = [one.entries[each.id] for each in one.batch.records if isinstance(each, record.Entry)]
            for entry in entries:
                _free_lines(unit, entry, staged)
            drafts.extend(unit.keep_drafts([_draft(entry, reason_of(one)) for entry in entries]))

    return give_back


def acts_lost(returned: Sequence[Returned]) -> Iterator[Finding]:
    """What cannot wait for another batch: a close or a reopen that lost its place is done again, or not."""
    for one in returned:
        for each in one.batch.records:
            if isinstance(each, record.Close | record.Reopen):
                what = sentence("close") if isinstance(each, record.Close) else sentence("reopen")
                message = sentence(
                    "to {what} {period} lost its place and does not stand: {why}", what=what, period=each.period,
                    why=one.fault.message,
                )  # fmt: skip
                yield Finding("act-lost", each.period, message, sentence("cloudbooks period list"))


def reason_of(returned: Returned) -> Sentence:
    """Why a batch returned, as its drafts say it."""
    return sentence("others posted first, and now: {why}", why=returned.fault.message)


def _free_lines(unit: Unit, entry: PostedEntry, staged: Mapping[str, int]) -> None:
    """Let the statement lines that an entry settled be free, for its draft to settle them."""
    for posting in entry.postings:
        for name in posting.settles:
            statement, _, place = name.partition("/")
            if statement in staged:
                unit.mark_lines(staged[statement], {int(place): Mark()})


def _draft(entry: PostedEntry, reason: Sentence) -> Draft:
    return Draft(
        date=entry.date,
        series=entry.series,
        summary=entry.summary,
        lines=tuple(DraftLine.of(posting) for posting in entry.postings),
        state=DraftState.RETURNED,
        reason=reason,
        tags=entry.tags,
        attachments=entry.attachments,
        source=entry.source,
        reverses=entry.reverses,
        replaces=entry.replaces,
        kind=entry.kind,
        made_by=entry.made_by,
    )
