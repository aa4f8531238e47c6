"""`period list|check|close|reopen`: months that are locked by a record of the chain, and unlocked by another."""

from __future__ import annotations

from dataclasses import dataclass

from cloudbooks.books.at_once import AtOnce, post_at_once, require_right
from cloudbooks.books.backing_up import BACKUP_DAYS, last_backup
from cloudbooks.books.close_checks import Check, CheckState, checks
from cloudbooks.books.desk import Desk
from cloudbooks.books.fitting import fit_name
from cloudbooks.chain import record
from cloudbooks.core.period import Month
from cloudbooks.errors import Refusal, sentence
from cloudbooks.store import locks, reading
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.locks import LockRow
from cloudbooks.system.chance import new_id
from cloudbooks.system.clock import moment


class PeriodNotReady(Refusal):
    """The checklist of a period has open points."""

    code = "period-not-ready"

    def __init__(self, checklist: Checklist) -> None:
        month = str(checklist.month)
        hint = sentence(
            "what is known and accepted is closed over with a reason, which stays in the chain: --reason TEXT"
        )
        if checklist.barred:
            hint = sentence("cloudbooks period check {month}", month=month)
        super().__init__(
            sentence("{month} is not ready to be closed.", month=month),
            hint=hint,
            findings=tuple(one.finding(checklist.month) for one in checklist.open),
        )


class PeriodClosedBefore(Refusal):
    """The period that is to be closed is closed."""

    code = "period-closed-before"

    def __init__(self, month: Month, lock: LockRow) -> None:
        super().__init__(
            sentence(
                "{month} is closed: {name} closed {closed} on {day} (block {block}).",
                month=str(month),
                name=lock.by,
                closed=str(Month.from_key(lock.month)),
                day=lock.at[:10],
                block=lock.block,
            ),
            hint=sentence("cloudbooks period list"),
        )


class PeriodNotLast(Refusal):
    """Only the last closed period can be reopened, and this is another, or none is closed."""

    code = "period-not-last"

    def __init__(self, month: Month, last: LockRow | None) -> None:
        if last is None:
            message = sentence("{month} is open; no period is closed.", month=str(month))
            hint = sentence("cloudbooks period list")
        else:
            closed = str(Month.from_key(last.month))
            message = sentence("{month} is not the last closed period; {closed} is.", month=str(month), closed=closed)
            hint = sentence("cloudbooks period reopen {closed}", closed=closed)
        super().__init__(message, hint=hint)


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A month that has entries or was closed or reopened: `lock` is the close that locks it, `None` while it is open.

    `reopened` is the last reopen that unlocked it, where it is open again.
    """

    month: Month
    entries: int
    lock: LockRow | None
    reopened: LockRow | None


@dataclass(frozen=True, slots=True)
class Checklist:
    """The checks of a month; `closes` are the open months that its close would lock, itself the last."""

    month: Month
    closes: tuple[Month, ...]
    checks: tuple[Check, ...]

    @property
    def open(self) -> tuple[Check, ...]:
        """What is not done and more than a warning."""
        return tuple(one for one in self.checks if one.state in (CheckState.BLOCKS, CheckState.BARS))

    @property
    def barred(self) -> bool:
        """Whether no reason helps."""
        return any(one.state is CheckState.BARS for one in self.checks)


@dataclass(frozen=True, slots=True)
class Locked:
    """A period that was closed or reopened; `through` is the last closed month after it, `None` for none."""

    month: Month
    through: Month | None
    reason: str
    done: AtOnce


def periods(desk: Desk) -> tuple[PeriodRow, ...]:
    """Every month with entries, and every one that was ever locked by name, in order."""
    with desk.open() as book:
        counts = reading.entries_by_month(book)
        rows = locks.locks(book)
        stand = locks.standing(rows)
        months = sorted({*counts, *(row.month for row in rows)})
        return tuple(
            PeriodRow(
                Month.from_key(key),
                counts.get(key, 0),
                lock := next((row for row in stand if row.month >= key), None),
                None if lock else next((row for row in reversed(rows) if not row.closes and row.month >= key), None),
            )
            for key in months
        )


def next_to_close(book: BookFile) -> Month | None:
    """The first open month that has entries; `None` where there is none."""
    closed = reading.closed_through(book) or 0
    return next((Month.from_key(key) for key in reading.months(book) if key > closed), None)


def checklist(desk: Desk, month: Month | None = None) -> Checklist:
    """The checklist of a month, or of the first open one that has entries; raises `PeriodClosedBefore`."""
    with desk.open() as book:
        return _checklist(desk, book, month or next_to_close(book) or Month.of(desk.today).shifted(-1))


@dataclass(frozen=True, slots=True)
class Outlook:
    """What stands on the desk to be closed, `None` where nothing is open, and the month that can be reopened."""

    checklist: Checklist | None
    last: Month | None


def outlook(desk: Desk, book: BookFile) -> Outlook:
    """The checklist of the first open month with entries, and the month that was closed last."""
    stand = locks.standing(locks.locks(book))
    month = next_to_close(book)
    return Outlook(_checklist(desk, book, month) if month else None, Month.from_key(stand[-1].month) if stand else None)


def _checklist(desk: Desk, book: BookFile, month: Month) -> Checklist:
    lock = locks.closing_of(book, month.key)
    if lock is not None:
        raise PeriodClosedBefore(month, lock)
    closed = reading.closed_through(book) or 0
    before = (Month.from_key(key) for key in reading.months(book) if closed < key < month.key)
    return Checklist(month, (*before, month), (*checks(book, month, desk.today), _backup(desk, book)))


def _backup(desk: Desk, book: BookFile) -> Check:
    """A verified copy lies somewhere: the last one is a week old at most."""
    last = last_backup(desk.state, book.id)
    if last is not None and (desk.clock.now() - moment(last.made_at)).days < BACKUP_DAYS:
        said = sentence("A backup was verified on {day}, to block {number}.", day=last.made_at[:10], number=last.number)
        return Check("backup", CheckState.DONE, said)
    message = sentence("No backup was verified in the last {days} days.", days=BACKUP_DAYS)
    return Check("backup", CheckState.WARNS, message, sentence("cloudbooks book backup"))


def close(desk: Desk, month: Month, reason: str = "") -> Locked:
    """Lock a month, and all before it, by a record in a block of its own.

    Raises `PeriodClosedBefore`, `RightMissing`, `PeriodNotReady` (a `reason` lets what only blocks pass, and stays in
    the chain), and what the store refuses; then nothing was written.
    """
    with desk.open() as book:
        who = desk.who(book)
        require_right(book, who, "close")
        found = _checklist(desk, book, month)
        if found.barred or (found.open and not reason):
            raise PeriodNotReady(found)
        why = fit_name(sentence("the reason"), reason) if reason else ""
        locking = record.Close(new_id(desk.clock), str(month), why)
        summary = sentence("close {month}", month=str(month))
        done = post_at_once(desk, book, desk.signer(book), [locking], verb="period close", summary=summary)
        return Locked(month, month, why, done)


def require_last_closed(desk: Desk, month: Month) -> None:
    """Refuse a month that cannot be reopened; raises `PeriodNotLast`, `RightMissing`."""
    with desk.open() as book:
        _require_last_closed(desk, book, month)


def _require_last_closed(desk: Desk, book: BookFile, month: Month) -> list[LockRow]:
    require_right(book, desk.who(book), "close")
    stand = locks.standing(locks.locks(book))
    if not stand or stand[-1].month != month.key:
        raise PeriodNotLast(month, stand[-1] if stand else None)
    return stand


def reopen(desk: Desk, month: Month, reason: str) -> Locked:
    """Unlock the last closed month by a record with its reason; what was closed before it stays so.

    Raises `PeriodNotLast`, `RightMissing`, `NameEmpty` without a reason, and what the store refuses.
    """
    with desk.open() as book:
        stand = _require_last_closed(desk, book, month)
        why = fit_name(sentence("the reason"), reason)
        opening = record.Reopen(new_id(desk.clock), str(month), why)
        summary = sentence("reopen {month}: {reason}", month=str(month), reason=why)
        done = post_at_once(desk, book, desk.signer(book), [opening], verb="period reopen", summary=summary)
        through = Month.from_key(stand[-2].month) if len(stand) > 1 else None
        return Locked(month, through, why, done)
