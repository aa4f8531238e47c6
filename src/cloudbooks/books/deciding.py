"""What a file's lines become before anything is written: each its fate, and each new one a draft."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, replace

from cloudbooks.books.desk import Desk
from cloudbooks.books.proposing import Proposer
from cloudbooks.core.draft import Draft, DraftState
from cloudbooks.core.entry import Attachment
from cloudbooks.core.statement import Fate, Fingerprinted, Statement, fingerprints
from cloudbooks.importers.statement_reading import WATCHED_EACH, Reading
from cloudbooks.rules.applying import Decision
from cloudbooks.store import working
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.working import StagedLine, StagedStatement
from cloudbooks.system.chance import new_id
from cloudbooks.system.clock import instant

Progress = Callable[[int, int | None], None]
"""Told how many lines are done, of how many: of `None` while the file is read, of all when each is decided."""


def silent(_done: int, _total: int | None) -> None:
    """The progress that nobody hears of."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """One statement ready to be kept: its lines with their fates, and the drafts by line number."""

    staged: StagedStatement
    lines: tuple[StagedLine, ...]
    drafts: tuple[tuple[int, Draft], ...]
    ignored: int

    @property
    def fresh(self) -> bool:
        """Whether any line was not seen before."""
        return any(line.fate is not Fate.SEEN for line in self.lines)


_SEEN_OTHERWISE = {
    True: "银行流水号 {reference} 以前见过，但日期或金额不同",
    False: "the bank's id {reference} was seen before with another day or amount",
}
"""Why such a draft is held, in the language of the book: it is kept with the draft."""


def propose_all(
    desk: Desk, book: BookFile, proposer: Proposer, file: Attachment, found: Reading, progress: Progress
) -> list[Proposed]:
    """The statements of a file, ready to be kept; `progress` is told of the lines of all of them."""
    proposed: list[Proposed] = []
    before = 0
    for statement in found.statements.values():

        def tell(place: int, before: int = before) -> None:
            progress(before + place, found.lines)

        proposed.append(_propose(desk, book, statement, proposer, (file, found), tell))
        before += len(statement.lines)
        progress(before, found.lines)
    return proposed


def _propose(
    desk: Desk,
    book: BookFile,
    statement: Statement,
    proposer: Proposer,
    read: tuple[Attachment, Reading],
    tell: Callable[[int], None],
) -> Proposed:
    file, found = read
    statement_id = new_id(desk.clock)
    marked = list(fingerprints(statement.lines, proposer.account.id))
    known = working.known(book, [one.fingerprint for one in marked])
    references = working.known_references(
        book, proposer.account.id, {one.line.reference for one in marked if one.line.reference}
    )
    lines: list[StagedLine] = []
    drafts: list[tuple[int, Draft]] = []
    ignored = 0
    for place, one in enumerate(marked, start=1):
        if not place % WATCHED_EACH:
            tell(place)
        fate = _fate(one, known, references)
        reason = ""
        if fate is not Fate.SEEN:
            decision = proposer.decide(one.line)
            if decision.rule and decision.rule.action.ignore:
                ignored += 1
                reason = f"rule {decision.rule.name}: {decision.rule.action.ignore}"
            else:
                drafts.append((place, _drafted(proposer, one, fate, f"{statement_id}/{place}", decision)))
        lines.append(StagedLine(place, one.line, one.fingerprint, one.occurrence, fate, reason))
    staged = StagedStatement(
        id=statement_id,
        account=proposer.account.id,
        commodity=statement.commodity,
        file=file,
        profile=found.profile,
        encoding=found.encoding,
        imported_at=instant(desk.clock.now()),
        first=statement.first,
        last=statement.last,
        opening=statement.opening,
        closing=statement.closing,
        lines=len(lines),
        unreadable=found.unreadable,
        skipped=tuple((reason.value, count) for reason, count in sorted(found.skipped_by_reason.items())),
    )
    return Proposed(staged, tuple(lines), tuple(drafts), ignored)


def _drafted(proposer: Proposer, one: Fingerprinted, fate: Fate, name: str, decision: Decision) -> Draft:
    draft = proposer.draft(one.line, name, decision)
    if fate is not Fate.CHANGED:
        return draft
    # A line whose id was seen with another day or amount may be a second booking of one movement: a person decides.
    reason = _SEEN_OTHERWISE[proposer.zh].format(reference=one.line.reference)
    held = DraftState.HELD if draft.state is not DraftState.INCOMPLETE else draft.state
    return replace(draft, state=held, sure=False, reason=reason)


def _fate(one: Fingerprinted, known: set[bytes], references: Container[str]) -> Fate:
    if one.fingerprint in known:
        return Fate.SEEN
    if one.line.reference in references:
        return Fate.CHANGED
    return Fate.TWIN if one.occurrence > 1 else Fate.NEW
