"""Statements that were imported, with their lines, as they are kept for review and reconciling."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, cast

from cloudbooks.core.entry import Attachment
from cloudbooks.core.statement import Fate, StatementLine, Unreadable
from cloudbooks.errors import Refusal, sentence
from cloudbooks.store.days import day_number, day_of
from cloudbooks.store.draft_text import attachment_cells, attachment_of
from cloudbooks.store.row_text import Encode, Row
from cloudbooks.store.sentence_text import kept_sentence, sentence_of
from cloudbooks.store.working_rows import SHARE_BITS

LINES_MAX = (1 << SHARE_BITS) - 1
"""Lines that one statement may have."""

_STATEMENTS_MAX = (1 << 40) - 1

HOLDING = frozenset({Fate.NEW, Fate.TWIN, Fate.CHANGED})
"""Fates of lines that are known from then on; the others repeat a known line, or are none."""


class StatementTooLong(Refusal):
    """A statement has more lines than the book numbers in one."""

    code = "statement-too-long"

    def __init__(self, name: str) -> None:
        super().__init__(
            sentence("{name} has more than {most} lines.", name=name, most=f"{LINES_MAX:,}"),
            hint=sentence("split the file by month"),
        )


class StatementUnknown(Refusal):
    """There is no statement of this number, or no such line of it."""

    code = "statement-unknown"

    def __init__(self, number: int, place: int | None = None) -> None:
        line = sentence("statement S-{number} has no line {line}.", number=number, line=place or 0)
        none = sentence("there is no statement S-{number}.", number=number)
        lines = sentence("cloudbooks statement show S-{number}", number=number)
        listed = sentence("cloudbooks statement list")
        super().__init__(none if place is None else line, hint=listed if place is None else lines)


StatementState = Literal["staged", "posted", "withdrawn"]
"""Where a statement stands: its record waits for a batch, is in the chain, or it was taken back."""


@dataclass(frozen=True, slots=True)
class StagedStatement:
    """One imported file in one commodity, shown as `S-7`; `number` is 0 before it is staged.

    `id` is reserved for its record in the chain, so that line n is named `<id>/<n>` from the beginning. `account` is
    an account id; `opening` and `closing` are minor units where the file states them; `unreadable` are the rows of
    the file that gave no line, `skipped` how many were left out for which reason.
    """

    id: str
    account: str
    commodity: str
    file: Attachment
    profile: str
    encoding: str
    imported_at: str
    first: date
    last: date
    lines: int
    opening: int | None = None
    closing: int | None = None
    state: StatementState = "staged"
    unreadable: tuple[Unreadable, ...] = ()
    skipped: tuple[tuple[str, int], ...] = ()
    number: int = 0

    @property
    def name(self) -> str:
        """The statement as people write it: S-7."""
        return f"S-{self.number}"


@dataclass(frozen=True, slots=True)
class StagedLine:
    """A line at its place in its statement, from 1, with its fate and what became of it since.

    `draft` is the number of the draft made from it, 0 for none; `entry` the id of the entry that settles it.
    `statement` is set when a line is read.
    """

    place: int
    line: StatementLine
    fingerprint: bytes
    occurrence: int
    fate: Fate
    reason: str = ""
    draft: int = 0
    entry: str = ""
    statement: int = 0

    def drafted(self, draft: int | None) -> StagedLine:
        """This line with the number of its draft."""
        return replace(self, draft=draft or 0)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a line is from now on; `None` leaves its fate or reason as it is."""

    draft: int = 0
    entry: str = ""
    fate: Fate | None = None
    reason: str | None = None


def line_key(statement: int, place: int) -> int:
    """The key of a line's row. Raises `StatementUnknown` for numbers that no line has."""
    if not (0 <= statement <= _STATEMENTS_MAX and 0 <= place <= LINES_MAX):
        raise StatementUnknown(statement, place)
    return statement << SHARE_BITS | place


def statement_row(statement: StagedStatement, encode: Encode) -> Row:
    """The cells of a statement, without their digest."""
    body = {
        "closing": statement.closing,
        "commodity": statement.commodity,
        "encoding": statement.encoding,
        "file": attachment_cells(statement.file),
        "first": statement.first.isoformat(),
        "imported_at": statement.imported_at,
        "last": statement.last.isoformat(),
        "lines": statement.lines,
        "opening": statement.opening,
        "profile": statement.profile,
        "skipped": statement.skipped,
        "unreadable": [[row.row, row.raw, kept_sentence(row.why)] for row in statement.unreadable],
    }
    return (statement.number, statement.id, statement.account, statement.state, encode(body).decode())


def statement_of(row: Row) -> StagedStatement:
    """The statement of a row whose digest agrees."""
    number, id_, account, state, body = row[:5]
    assert isinstance(number, int)
    kept: dict[str, Any] = json.loads(str(body))
    return StagedStatement(
        id=str(id_),
        account=str(account),
        commodity=kept["commodity"],
        file=attachment_of(kept["file"]),
        profile=kept["profile"],
        encoding=kept["encoding"],
        imported_at=kept["imported_at"],
        first=date.fromisoformat(kept["first"]),
        last=date.fromisoformat(kept["last"]),
        lines=kept["lines"],
        opening=kept["opening"],
        closing=kept["closing"],
        state=cast("StatementState", state),
        unreadable=tuple(Unreadable(row, raw, sentence_of(why)) for row, raw, why in kept["unreadable"]),
        skipped=tuple((why, rows) for why, rows in kept["skipped"]),
        number=number,
    )


def line_row(statement: int, staged: StagedLine, encode: Encode) -> Row:
    """The cells of a line, without their digest; `holds` says that a line like it is known from now on."""
    line = staged.line
    body = (
        *(line.row, line.commodity, line.text, line.party, line.kind, line.time, line.balance, line.raw),
        staged.occurrence,
        *((True,) if line.undecided else ()),
    )
    return (
        line_key(statement, staged.place),
        day_number(line.date),
        line.amount,
        staged.fate.value,
        int(staged.fate in HOLDING),
        staged.fingerprint,
        line.reference,
        staged.draft,
        staged.entry,
        staged.reason,
        encode(body).decode(),
    )


def line_of(cells: Row) -> StagedLine:
    """The line of a row whose digest agrees."""
    key, day, amount, fate, _, fingerprint, reference, draft, entry, reason, body = cells[:11]
    assert isinstance(key, int)
    assert isinstance(day, int)
    assert isinstance(amount, int)
    assert isinstance(draft, int)
    assert isinstance(fingerprint, bytes)
    row, commodity, text, party, kind, time, balance, raw, occurrence, *undecided = json.loads(str(body))
    line = StatementLine(
        row=row,
        date=day_of(day) or date.min,
        amount=amount,
        commodity=commodity,
        text=text,
        party=party,
        reference=str(reference),
        kind=kind,
        time=time,
        balance=balance,
        raw=raw,
        undecided=bool(undecided),
    )
    return StagedLine(
        place=key & LINES_MAX,
        line=line,
        fingerprint=fingerprint,
        occurrence=occurrence,
        fate=Fate(str(fate)),
        reason=str(reason),
        draft=draft,
        entry=str(entry),
        statement=key >> SHARE_BITS,
    )
