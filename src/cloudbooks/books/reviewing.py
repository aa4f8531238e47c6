"""Reviewing a statement: what each line became, and the answers that a person gives to lines.

Every answer is one operation, of one line or of many, and is undone as one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from cloudbooks.books.desk import Desk
from cloudbooks.books.importing import proposer_for
from cloudbooks.books.next_batch import all_commodities, chart_of, valuation
from cloudbooks.books.proposing import Proposer
from cloudbooks.core.account import Account
from cloudbooks.core.draft import Draft, DraftState
from cloudbooks.core.entry import Source, SourceKind
from cloudbooks.core.statement import Fate
from cloudbooks.errors import Refusal, Sentence, counted, sentence
from cloudbooks.rules.applying import Decision
from cloudbooks.store import reviewing as lines_store
from cloudbooks.store import working
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.reviewing import Counts
from cloudbooks.store.staged import Mark
from cloudbooks.store.unit import Unit, operation
from cloudbooks.store.working import StagedLine, StagedStatement

TRANSFER_DAYS = 3
"""How many days the two sides of a transfer may lie apart."""


class LineSettled(Refusal):
    """A statement line was answered by a posted entry, or repeats a line that was imported before."""

    code = "line-settled"

    def __init__(self, statement: int, line: StagedLine) -> None:
        message = sentence("line {line} of S-{statement} is posted; it does not change.", line=line.place,
                           statement=statement)  # fmt: skip
        if line.fate is Fate.SEEN:
            message = sentence("line {line} of S-{statement} was imported before; its draft is made from that one.",
                               line=line.place, statement=statement)  # fmt: skip
        super().__init__(
            message,
            hint=sentence("cloudbooks statement explain S-{statement} {line}", statement=statement, line=line.place),
        )


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """A line, the draft that it has, if any, and the accounts that the draft names on the other side."""

    staged: StagedLine
    draft: Draft | None
    others: tuple[Account, ...]

    @property
    def open(self) -> bool:
        """Whether a person has to answer."""
        if self.staged.fate in {Fate.SEEN, Fate.UNREADABLE} or self.staged.entry:
            return False
        if self.draft is None:
            return not self.staged.reason
        return self.draft.state is not DraftState.READY and not self.sure

    @property
    def sure(self) -> bool:
        """Whether a rule decided alone and nobody accepted it yet."""
        return self.draft is not None and self.draft.state is DraftState.PROPOSED and self.draft.sure


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A statement under review: its account, its counts, the scale of its amounts, and what its lines sum to."""

    statement: StagedStatement
    account: Account
    counts: Counts
    scale: int


def reviewed_in(book: BookFile, number: int) -> Reviewed:
    """A statement with its counts; raises `StatementUnknown`."""
    statement = working.statement(book, number)
    return Reviewed(
        statement,
        chart_of(book)[statement.account],
        lines_store.counts(book, number),
        all_commodities(book)[statement.commodity].scale,
    )


def lines_in(book: BookFile, number: int, first: int, last: int) -> list[ReviewLine]:
    """The lines from one place to another, both included."""
    chart = chart_of(book)
    account = working.statement(book, number).account
    found = []
    for staged in working.lines(book, number, first=max(1, first), last=last):
        draft = working.draft(book, staged.draft) if staged.draft else None
        ids = (
            dict.fromkeys(line.account for line in draft.lines if line.account and line.account != account)
            if draft
            else ()
        )
        found.append(ReviewLine(staged, draft, tuple(chart[one] for one in ids)))
    return found


def sure_in(book: BookFile, number: int) -> list[ReviewLine]:
    """The lines that a rule decided alone and nobody accepted yet."""
    drafts = set(lines_store.sure_drafts(book, number))
    last = working.statement(book, number).lines
    return [line for line in lines_in(book, number, 1, last) if line.draft is not None and line.draft.number in drafts]


def open_after(book: BookFile, number: int, place: int, *, back: bool = False) -> int | None:
    """The place of the next line (or of the last one before) that wants a person."""
    return lines_store.next_open(book, number, place, back=back)


def line_name_in(book: BookFile, name: str) -> str:
    """A line as people name it, `S-2/3`, for the name that drafts and entries keep; else that itself."""
    statement, _, place = name.rpartition("/")
    number = next((one.number for one in working.statements(book) if one.id == statement), 0) if statement else 0
    return f"S-{number}/{place}" if number else name


def own_accounts_in(book: BookFile, but: str) -> tuple[Account, ...]:
    """The accounts that have statements, but one (an id), and those beside it in the chart: where transfers go."""
    chart = chart_of(book)
    with_statements = dict.fromkeys(one.account for one in working.statements(book))
    beside = [one.id for one in chart.children(chart[but].parent) if chart[but].parent and not one.closed]
    return tuple(chart[one] for one in dict.fromkeys([*with_statements, *beside]) if one != but)


# Answers


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer did: the drafts that it made or changed, and the lines of other accounts that it took along."""

    drafts: tuple[Draft, ...]
    paired: tuple[tuple[int, int], ...] = ()


def decide(desk: Desk, number: int, places: Sequence[int], account: str) -> Answered:
    """Book lines to one account (a word as people type it), each in its draft, which is ready after it."""
    return _book(desk, number, places, account, transfer=False)


def transfer(desk: Desk, number: int, places: Sequence[int], account: str) -> Answered:
    """Book lines as transfers to another own account, each with the one line there that is its other side, if any.

    The other side has the opposite amount within three days; its own draft is discarded, so that nothing counts twice.
    """
    return _book(desk, number, places, account, transfer=True)


def _book(desk: Desk, number: int, places: Sequence[int], word: str, *, transfer: bool) -> Answered:
    with desk.open() as book:
        answer = _Answer.of(desk, book, number, places)
        account = chart_of(book).find(word)
        verb = "match transfer" if transfer else "statement decide"
        summary = counted(
            "book {n} line of S-{statement} to {account}",
            "book {n} lines of S-{statement} to {account}",
            len(answer.lines),
            statement=number,
            account=str(account),
        )
        paired: list[tuple[int, int]] = []
        kept: list[Draft] = []
        with operation(book, verb=verb, summary=summary, by=desk.who(book).id) as unit:
            for line in answer.lines:
                other = _other_side(book, account, line, paired) if transfer else None
                settles: tuple[str, ...] = ()
                if other is not None:
                    paired.append(other)
                    settles = (_freed(book, unit, other),)
                kept.append(unit.keep_draft(answer.booked(line, account, settles)))
        return Answered(tuple(kept), tuple(paired))


def _other_side(
    book: BookFile, account: Account, line: StagedLine, taken: Sequence[tuple[int, int]]
) -> tuple[int, int] | None:
    """The one line of an account that is the other side of a transfer; `None` for none and for a tie."""
    days = timedelta(days=TRANSFER_DAYS)
    when = line.line.date
    found = [
        one
        for one in lines_store.opposite(book, account.id, -line.line.amount, when - days, when + days)
        if one not in taken and working.line(book, *one).line.commodity == line.line.commodity
    ]
    return found[0] if len(found) == 1 else None


def _freed(book: BookFile, unit: Unit, other: tuple[int, int]) -> str:
    """The name of a line whose draft, if it has one, is discarded."""
    staged = working.line(book, *other)
    if staged.draft:
        unit.discard_draft(staged.draft)
    return f"{working.statement(book, other[0]).id}/{other[1]}"


@dataclass(frozen=True, slots=True)
class _Answer:
    """Lines that may be answered, with what it takes to make drafts of them."""

    book: BookFile
    statement: StagedStatement
    lines: tuple[StagedLine, ...]
    proposer: Proposer

    @classmethod
    def of(cls, desk: Desk, book: BookFile, number: int, places: Sequence[int]) -> _Answer:
        statement = working.statement(book, number)
        lines = tuple(working.line(book, number, place) for place in places)
        for line in lines:
            if line.entry or line.fate in {Fate.SEEN, Fate.UNREADABLE}:
                raise LineSettled(number, line)
        proposer = proposer_for(desk, book, chart_of(book)[statement.account], statement.profile)
        return cls(book, statement, lines, proposer)

    def draft(self, line: StagedLine, decide: Callable[[StagedLine], Decision] | None = None) -> Draft:
        """The draft of a line, or a new one as the rules of today make it."""
        if line.draft:
            return working.draft(self.book, line.draft)
        decision = Decision(None) if decide is None else decide(line)
        return self.proposer.draft(line.line, f"{self.statement.id}/{line.place}", decision)

    def booked(self, line: StagedLine, account: Account, settles: tuple[str, ...]) -> Draft:
        """The draft of a line with one line on the other side, ready."""
        before = self.draft(line)
        plain = self.proposer.draft(line.line, f"{self.statement.id}/{line.place}", Decision(None))
        bank, other = plain.lines
        kept = next((one for one in before.lines if one.account not in {"", self.statement.account}), other)
        other = replace(other, account=account.id, settles=settles, party=kept.party, text=kept.text)
        prices = self.proposer.valuation
        return prices.valued(
            replace(
                before,
                # A bank may say nothing of a line; an entry says at least where it goes.
                summary=before.summary or account.name,
                lines=(bank, other),
                state=DraftState.READY,
                sure=False,
                reason="",
                source=Source(SourceKind.STATEMENT, before.source.ref),
                trace=(),
            )
        ).judged(prices.base, prices.base_scale)


def ignore(desk: Desk, number: int, places: Sequence[int], reason: str) -> int:
    """Book nothing for lines: their drafts are discarded, the lines stay with the reason. Gives how many there are."""
    with desk.open() as book:
        answer = _Answer.of(desk, book, number, places)
        summary = counted(
            "ignore {n} line of S-{statement}: {reason}",
            "ignore {n} lines of S-{statement}: {reason}",
            len(answer.lines),
            statement=number,
            reason=reason,
        )
        with operation(book, verb="statement ignore", summary=summary, by=desk.who(book).id) as unit:
            unit.discard_drafts({line.draft for line in answer.lines if line.draft})
            unit.mark_lines(number, {line.place: Mark(reason=reason) for line in answer.lines})
        return len(answer.lines)


def take_up(desk: Desk, number: int, places: Sequence[int]) -> Answered:
    """Draft lines that have no draft, as the rules of today do it: those ignored, and those whose draft is gone."""
    with desk.open() as book:
        answer = _Answer.of(desk, book, number, places)
        free = [line for line in answer.lines if not line.draft]
        summary = counted(
            "draft {n} line of S-{statement}", "draft {n} lines of S-{statement}", len(free), statement=number
        )
        with operation(book, verb="statement draft", summary=summary, by=desk.who(book).id) as unit:
            unit.mark_lines(number, {line.place: Mark(reason="") for line in free})
            drafts = unit.keep_drafts(
                [answer.draft(line, lambda one: answer.proposer.decide(one.line)) for line in free]
            )
        return Answered(tuple(drafts))


def answer(desk: Desk, number: int, places: Sequence[int]) -> Answered:
    """Yes to lines: what is proposed becomes ready; what is ready is a proposal again.

    If any of the lines is not ready yet, all of them become so. Raises `DraftIncomplete` or `EntryUnbalanced`.
    """
    with desk.open() as book:
        answered = _Answer.of(desk, book, number, places)
        prices = valuation(book)
        drafts = [answered.draft(line) for line in answered.lines if line.draft]
        back = all(one.state is DraftState.READY for one in drafts)
        changed = [_back(one) if back else one.accepted(prices.base, prices.base_scale) for one in drafts]
        if not changed:
            return Answered(())
        with operation(
            book, verb="draft accept", summary=_answered(len(changed), back=back), by=desk.who(book).id
        ) as unit:
            return Answered(tuple(unit.keep_drafts(changed)))


def _answered(count: int, *, back: bool) -> Sentence:
    if back:
        return counted("take back {n} draft", "take back {n} drafts", count)
    return counted("accept {n} draft", "accept {n} drafts", count)


def _back(draft: Draft) -> Draft:
    return replace(draft, state=DraftState.PROPOSED, sure=bool(draft.source.rule))
