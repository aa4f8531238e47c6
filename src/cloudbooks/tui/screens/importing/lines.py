"""Lines of a statement as rows: what the bank says, and at the right what becomes of it, and why."""

from __future__ import annotations

from collections.abc import Sequence

from cloudbooks.books.reviewing import ReviewLine
from cloudbooks.books.rule_writing import words_of
from cloudbooks.core.draft import DraftState
from cloudbooks.core.entry import SourceKind
from cloudbooks.core.statement import Fate
from cloudbooks.errors import Sentence, sentence
from cloudbooks.reports.table import Amount
from cloudbooks.tui.showing import Voice, Words
from cloudbooks.tui.table_layout import Column, amount
from cloudbooks.tui.table_window import Row, Tone


def columns() -> tuple[Column, ...]:
    """Day, bank's text and amount; fate, target and reason."""
    return (
        Column("date", sentence("Date"), least=5, most=10),
        Column("text", sentence("Bank text"), least=12, most=60, grows=True),
        amount("amount", sentence("Amount")),
        Column("fate", sentence("Fate"), least=9, most=12),
        Column("to", sentence("To"), least=6, most=24),
        Column("why", sentence("Why"), least=17, most=30),
    )


def row_of(line: ReviewLine, scale: int, voice: Voice) -> Row:
    """A line as a row; its id is its place in the statement."""
    staged = line.staged
    bank = staged.line
    text = " ".join(part for part in (bank.party, bank.kind, bank.text) if part)
    cells = (
        bank.date.isoformat()[5:],
        text,
        Amount(bank.amount, scale, bank.commodity),
        _fate(line, voice),
        _target(line),
        _why(line),
    )
    return Row(str(staged.place), cells, staged.place, _tone(line), about=line)


def _fate(line: ReviewLine, voice: Voice) -> Words:
    staged, draft = line.staged, line.draft
    mark, word = "", sentence("to decide")
    if staged.entry:
        mark, word = voice.glyph("posted"), sentence("posted")
    elif staged.fate is Fate.SEEN:
        mark, word = voice.glyph("dash"), sentence("seen")
    elif draft is None and staged.reason:
        mark, word = voice.glyph("dash"), sentence("ignored")
    elif draft is not None and draft.state is DraftState.READY:
        mark = voice.glyph("pair" if _is_pair(line) else "good")
        word = sentence("pair") if _is_pair(line) else sentence("ready")
    elif draft is not None and draft.state in {DraftState.HELD, DraftState.RETURNED}:
        mark, word = "?", sentence("held")
    elif line.sure:
        mark, word = "+", sentence("draft")
    elif draft is not None and draft.state is DraftState.PROPOSED:
        mark, word = "?", sentence("draft")
    return f"{mark} {voice.say(word)}".strip()


def _is_pair(line: ReviewLine) -> bool:
    """Whether the draft answers two lines: both sides of a transfer."""
    names = [name for part in (line.draft.lines if line.draft else ()) for name in part.settles]
    return len(names) > 1


def _target(line: ReviewLine) -> Words:
    if len(line.others) > 1:
        return f"{line.others[0].code} +{len(line.others) - 1}"
    return str(line.others[0]) if line.others else ""


def _why(line: ReviewLine) -> Words:
    staged, draft = line.staged, line.draft
    if staged.entry or staged.fate is Fate.SEEN:
        return "" if staged.entry else sentence("imported before")
    told = staged.reason if draft is None else draft.reason
    if told:
        return told
    if draft is not None and draft.source.kind is SourceKind.RULE:
        return sentence("rule {rule}", rule=draft.source.rule)
    chosen = draft is not None and draft.state is not DraftState.INCOMPLETE
    if line.others and not chosen:
        return sentence("incomplete, a opens it")
    return _twin(line) or (sentence("by hand") if chosen else sentence("choose: e a x s i"))


def _twin(line: ReviewLine) -> Sentence | None:
    """A line that equals one before it is kept, and says which of them it is."""
    return sentence("twin {n}", n=line.staged.occurrence) if line.staged.fate is Fate.TWIN else None


def _tone(line: ReviewLine) -> Tone:
    if line.open:
        return Tone.ALERT
    if line.draft is None or line.staged.entry or line.staged.fate is Fate.SEEN:
        return Tone.DIM
    return Tone.PLAIN


def grouped(lines: Sequence[ReviewLine]) -> list[ReviewLine]:
    """Lines by their target, those without one first and by their words; in each group as the bank has them."""
    return sorted(lines, key=lambda line: (bool(line.others), _code(line), words_of(line.staged.line).casefold(),
                                           line.staged.line.amount < 0, line.staged.place))  # fmt: skip


def _code(line: ReviewLine) -> str:
    return line.others[0].code if line.others else ""
