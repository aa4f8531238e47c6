"""The unit: one write transaction on the working state, of which every step can be undone until the next post."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cloudbooks.core.draft import Draft
from cloudbooks.errors import Refusal, Sentence, sentence
from cloudbooks.store import approvals, attachments, operation_log, staging, waiting
from cloudbooks.store.draft_text import SETTLES, DraftChanged, DraftUnknown, draft_of, draft_row
from cloudbooks.store.images import UndoableRows, forget, swap
from cloudbooks.store.operation_log import Operation, OperationKind
from cloudbooks.store.row_text import Cell, Encode, Row, encoder
from cloudbooks.store.sentence_text import as_sentence
from cloudbooks.store.sqlite import Connection
from cloudbooks.store.staged import Mark, StagedLine, StagedStatement, StatementState
from cloudbooks.store.working_rows import (
    DRAFT,
    PENDING,
    REMEMBERED,
    SETTING,
    TABLES,
    TALLY,
    agrees,
    checked,
    read_one,
    sealed,
)
from cloudbooks.store.writing import writing
from cloudbooks.system.clock import instant

if TYPE_CHECKING:
    from cloudbooks.chain.record import AnyRecord
    from cloudbooks.store.book_file import BookFile


class KeyTaken(Refusal):
    """A command with this key was done before; `result` is what it gave."""

    code = "key-taken"

    def __init__(self, key: str, result: str) -> None:
        super().__init__(
            sentence('the key "{key}" was used before, and what it did stands.', key=key),
            hint=sentence("another act takes another key: --key K"),
        )
        self.result = result


@dataclass(frozen=True, slots=True)
class Title:
    """How an operation stands in the log: a command's word, what it does, the member's id, and when (UTC)."""

    verb: str
    summary: Sentence | str
    by: str
    at: str


class Unit:
    """What one operation writes. All of it is kept for undo, unless it is part of a post, which is not undone.

    The transaction is the caller's; `finish` must be called once, before it is committed. `block` makes it a post,
    `voucher` being the first voucher number that the block gave, if any. `continuing` adds to an operation that is the
    last row of the log, so that both are undone as one; where something else was done since, a new one begins.
    """

    def __init__(
        self, connection: Connection, title: Title, *, block: int | None = None, voucher: str = "", continuing: int = 0
    ) -> None:
        self.connection = connection
        self.title = title
        self._continues = operation_log.is_last(connection, continuing)
        self.number = continuing if self._continues else operation_log.next_number(connection)
        self._rows = UndoableRows(connection, self.number if block is None else None)
        self._block = block
        self._voucher = voucher
        self._kind = OperationKind.DO
        self._target = 0

    # Drafts

    def keep_draft(self, draft: Draft, *, over: Draft | None = None) -> Draft:
        """Keep a draft; a new one gets its number. With `over`, refuse if what is kept is another than that.

        Raises `DraftUnknown`, `DraftChanged`.
        """
        if over is not None:
            row = read_one(self.connection, DRAFT, over.number)
            if row is None:
                raise DraftUnknown(over.number)
            if draft_of(row) != over:
                raise DraftChanged(over.number)
        return self.keep_drafts([draft])[0]

    def keep_drafts(self, drafts: Sequence[Draft]) -> list[Draft]:
        """Keep many drafts; new ones get numbers in the order given. Raises `DraftUnknown`.

        Staged lines that they settle name them from now on, and lines that they settle no longer are free.
        """
        drafts = approvals.judged(self.connection, drafts)
        encode = encoder(len(drafts))
        numbers = iter(waiting.numbers(self._rows, "draft", sum(1 for draft in drafts if not draft.number)))
        kept = [draft if draft.number else replace(draft, number=next(numbers)) for draft in drafts]
        fresh = [new for new, old in zip(kept, drafts, strict=True) if not old.number]
        self._rows.append(DRAFT, (draft_row(draft, encode) for draft in fresh), encode)
        claimed = {name: draft.number for draft in fresh for line in draft.lines for name in line.settles}
        staging.mark_claimed(self._rows, claimed)
        self._rewrite_drafts({draft.number: draft for draft in drafts if draft.number}, encode)
        return kept

    def _rewrite_drafts(self, drafts: Mapping[int, Draft], encode: Encode) -> None:
        for span in staging.spans(drafts):
            rows = {number: draft_row(drafts[number], encode) for number in span}
            before = self._rows.existing(DRAFT, span, encode)
            for number in span:
                if number not in before:
                    raise DraftUnknown(number)
            self._rows.rewrite(DRAFT, before, rows.values(), encode)
            others = [number for number in span if before[number][SETTLES] != rows[number][SETTLES]]
            was = _settled([before[number] for number in others])
            is_now = _settled([rows[number] for number in others])
            staging.mark_settled(self._rows, {name: was[name] for name in was if is_now.get(name) != was[name]}, {})
            staging.mark_claimed(self._rows, is_now)

    def discard_draft(self, number: int) -> None:
        """Drop a draft, even a damaged one; the statement lines it was made from are free again.

        Raises `DraftUnknown`.
        """
        self.discard_drafts([number])

    def discard_drafts(self, numbers: Iterable[int]) -> None:
        """Drop drafts, as `discard_draft` does. Raises `DraftUnknown`."""
        for span in staging.spans(numbers):
            there = self._rows.stored(DRAFT, span)
            self._remove_drafts(span, there)
            if not all(agrees(DRAFT, row) for row in there.values()):
                # What a damaged row took from the tally cannot be known, so the table is counted again without it.
                self._rows.recount(DRAFT)
            staging.mark_settled(self._rows, _settled(there.values()), {})

    def posted(
        self, entries: Sequence[tuple[Draft, str]], records: Iterable[AnyRecord], by: str, summary: Sentence
    ) -> None:
        """A batch holds `records`; drafts, as they were read, became entries of these ids.

        The drafts are gone, lines that they settle name the entry, waiting records and statements of the batch wait no
        longer; a record that was put anew since goes on waiting. Raises `DraftUnknown`, `DraftChanged`.
        """
        encode = encoder(len(entries))
        ids = {draft.number: entry for draft, entry in entries}
        read = {draft.number: draft for draft, _ in entries}
        for span in staging.spans(ids):
            there = self._rows.stored(DRAFT, span)
            self._remove_drafts(span, there)
            for number in span:
                if there[number] != sealed(DRAFT, draft_row(read[number], encode), encode):
                    checked(DRAFT, there[number])
                    raise DraftChanged(number)
            staging.mark_settled(self._rows, _settled(there.values()), ids)
        waiting.posted(self._rows, records)
        self.entitle(verb="post", summary=summary, by=by)

    # Statements

    def stage(self, statement: StagedStatement, lines: Iterable[StagedLine]) -> int:
        """Keep a statement with its lines, whose places count from 1, and give it its number.

        Raises `StatementTooLong`; `ValueError` if places or their count are not those of the statement.
        """
        (number,) = waiting.numbers(self._rows, "statement", 1)
        staging.stage(self._rows, replace(statement, number=number), lines)
        return number

    def mark_lines(self, statement: int, marks: Mapping[int, Mark]) -> None:
        """Say what became of lines, by place. Raises `StatementUnknown`."""
        staging.mark_lines(self._rows, statement, marks)

    def mark_statement(self, number: int, state: StatementState) -> None:
        """Say where a statement stands now. Raises `StatementUnknown`."""
        staging.mark_statement(self._rows, number, state)

    def withdraw(self, number: int) -> tuple[int, ...]:
        """Take a statement back: its lines are known no longer, its drafts are discarded; gives their numbers.

        Raises `StatementUnknown`.
        """
        self.mark_statement(number, "withdrawn")
        drafts = staging.drafts_of(self._rows, number)
        self.discard_drafts(drafts)
        return drafts

    # Waiting records, settings, keys

    def put_pending(self, record: AnyRecord) -> None:
        """Let a record wait for the next batch; one that waits already under its id is replaced at its place."""
        waiting.put(self._rows, record)

    def drop_pending(self, *ids: str) -> None:
        """Let records wait no longer; an id that does not wait is no matter."""
        self._rows.drop(PENDING, ids)

    def put_setting(self, key: str, value: str) -> None:
        """Set a setting of this book."""
        self._rows.put(SETTING, [(key, value)])

    def drop_setting(self, key: str) -> None:
        """Unset a setting of this book."""
        self._rows.drop(SETTING, [key])

    def remember(self, key: str, result: str) -> None:
        """Keep the result (JSON) of a command under its idempotency key. Raises `KeyTaken`."""
        row = read_one(self.connection, REMEMBERED, key)
        if row is not None:
            raise KeyTaken(key, str(row[1]))
        self._rows.put(REMEMBERED, [(key, result)])

    def keep_claim(self, key: str, text: str) -> None:
        """Keep that a key is used, with the act itself, unless this command said so in an operation before.

        Raises `KeyTaken`. An operation that changed nothing claims nothing.
        """
        row = read_one(self.connection, REMEMBERED, key)
        if row is not None and row[1] != text:
            raise KeyTaken(key, str(row[1]))
        if row is None and (self._rows.changed or self._block is not None):
            self._rows.put(REMEMBERED, [(key, text)])

    # The operation itself

    def attach(self, data: bytes) -> str:
        """Keep the bytes of a file, for ever, and give their `b3:`; undo leaves them, since nothing names them then."""
        return attachments.keep(self.connection, data)

    def entitle(self, *, verb: str, summary: Sentence | str, by: str) -> None:
        """Change how this operation stands in the log."""
        self.title = Title(verb, summary, by, self.title.at)

    def exchange(self, kind: OperationKind, operation: Operation) -> None:
        """Make this unit the undo, or the redo, of another operation, and nothing else."""
        self._kind, self._target = kind, operation.number
        swap(self._rows, operation.number)

    def recount(self) -> None:
        """Take the working rows as they now stand for what should be there, after `verify` said what is not."""
        for table in TABLES.values():
            if table is not TALLY:
                self._rows.recount(table)

    def finish(self) -> Operation | None:
        """Write the row of the log and the tallies. An operation that changed nothing leaves no trace (`None`)."""
        if self._block is None and not self._rows.changed:
            return None
        if self._continues:
            self._rows.finish()
            return None
        if self._block is not None:
            self._rows.clear_images()
        elif self._kind is OperationKind.DO:
            for undone in operation_log.undone_since_last(self.connection):
                forget(self._rows, undone)
        done = Operation(
            number=self.number,
            at=self.title.at,
            by=self.title.by,
            verb=self.title.verb,
            summary=as_sentence(self.title.summary),
            block=self._block,
            voucher=self._voucher,
            kind=self._kind,
            target=self._target,
        )
        operation_log.append(self._rows, done)
        self._rows.finish()
        return done

    def _remove_drafts(self, numbers: Sequence[int], there: Mapping[Cell, Row]) -> None:
        for number in numbers:
            if number not in there:
                raise DraftUnknown(number)
        self._rows.replace(DRAFT, numbers, there, [], encoder(len(numbers)))


def _settled(drafts: Iterable[Row]) -> dict[str, int]:
    """The names of the statement lines that drafts settle, each with its draft."""
    return {name: row[0] for row in drafts if isinstance(row[0], int) for name in str(row[SETTLES]).split()}


@contextmanager
def operation(book: BookFile, *, verb: str, summary: Sentence | str, by: str, continuing: int = 0) -> Iterator[Unit]:
    """A unit in a transaction of its own: kept whole when the block ends, nothing of it if the block raises.

    `by` is the id of the member at work, `continuing` the number of an operation that this one goes on with. Raises
    what `writing` raises: what stops the book from being written, and `BookBusy` if another program does not end within
    10 seconds.
    """
    with writing(book):
        unit = Unit(book.connection, Title(verb, summary, by, instant(book.clock.now())), continuing=continuing)
        yield unit
        if book.claim is not None:
            unit.keep_claim(*book.claim)
        unit.finish()
