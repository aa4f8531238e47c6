"""The shape of values inside records: what FORMAT.md sections 1 and 2 say of a field by itself, type by type.

Here are checked: every id that is given, dates, instants, periods, hashes, salts, codes, rates, verifier keys,
signatures' encoding, the text of every amount and value (`schema`, `-0` included), list minimums and orders, ranges,
and a series' length (`limit`).
Left to `admitting`, which looks them up or needs the state: ids, codes and names that refer to something, the scale and
the number of digits of amounts (`amount`), whether a value must be there, and that salts and ids are fresh.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import lru_cache, partial
from typing import Any

from cloudbooks.chain import ed25519
from cloudbooks.chain.canonical import INTEGER_MAX, SERIES_BYTES_MAX, SHOWN, FormFault
from cloudbooks.chain.note import ED25519, Vkey, base64_strictly
from cloudbooks.chain.record import (
    Account,
    Approval,
    Attachment,
    Book,
    Close,
    Commodity,
    Entry,
    Line,
    Member,
    Note,
    Party,
    Price,
    Record,
    Reopen,
    Rules,
    Statement,
)
from cloudbooks.core.commodity import CODE, SCALE_MAX
from cloudbooks.core.text import cut
from cloudbooks.errors import sentence

MONTHS = 12
_SIGNATURE_BYTES = 64

_ID = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_AMOUNT = r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|-(?:[1-9][0-9]*(?:\.[0-9]+)?|0\.0*[1-9][0-9]*)"

_is_id = re.compile(_ID).fullmatch
_are_ids = re.compile(rf"(?:{_ID}\n)*+").fullmatch
_is_amount = re.compile(_AMOUNT).fullmatch
_are_amounts = re.compile(rf"(?:(?:{_AMOUNT})\n)*+").fullmatch
_is_rate = re.compile(r"(?!0\Z)(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{0,11}[1-9])?").fullmatch
_is_salt = re.compile(r"[0-9a-f]{32}").fullmatch
_is_b3 = re.compile(r"b3:[0-9a-f]{64}").fullmatch
_is_s256 = re.compile(r"s256:[0-9a-f]{64}").fullmatch
_is_day = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
_is_period = re.compile(r"(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])").fullmatch
_is_time = re.compile(r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z").fullmatch


def off(field: str, value: str | int) -> FormFault:
    """The fault of a field that does not hold what format 1 puts there."""
    return FormFault("schema", sentence('"{field}" cannot be "{value}".', field=field, value=cut(str(value), SHOWN)))


@lru_cache(maxsize=8192)
def is_date(text: str) -> bool:
    """Whether `text` is a day of the calendar, years 0001 to 9999."""
    if not _is_day(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_instant(text: str) -> bool:
    """Whether `text` is a second of the calendar in UTC: 2026-11-21T08:15:30Z."""
    return is_date(text[:10]) and _is_time(text[10:]) is not None


def is_id(text: str) -> bool:
    """Whether `text` is a UUIDv7 in lower case."""
    return _is_id(text) is not None


def is_amount(text: str) -> bool:
    """Whether `text` is a canonical decimal of some scale; digits are not counted."""
    return _is_amount(text) is not None


def is_period(text: str) -> bool:
    """Whether `text` is a month: 2026-10."""
    return _is_period(text) is not None


def is_code(text: str) -> bool:
    """Whether `text` is a commodity code."""
    return CODE.fullmatch(text) is not None


def is_rate(text: str) -> bool:
    """Whether `text` is a canonical rate, above zero."""
    return _is_rate(text) is not None


def is_salt(text: str) -> bool:
    """Whether `text` is 32 hex digits."""
    return _is_salt(text) is not None


def is_b3(text: str) -> bool:
    """Whether `text` names a BLAKE3 hash."""
    return _is_b3(text) is not None


def is_s256(text: str) -> bool:
    """Whether `text` names a SHA-256 hash."""
    return _is_s256(text) is not None


def demand(test: Callable[[str], bool], field: str, text: str) -> None:
    """Refuse a field whose text does not pass."""
    if not test(text):
        raise off(field, text)


def demand_range(field: str, number: int, low: int, high: int = INTEGER_MAX) -> None:
    """Refuse a number that is not between two bounds, both included."""
    if not low <= number <= high:
        raise off(field, number)


def demand_series(series: str) -> None:
    """Refuse a series of more than 32 bytes (`limit`) or none."""
    if not series:
        raise off("series", series)
    if len(series) * 4 > SERIES_BYTES_MAX and (size := len(series.encode())) > SERIES_BYTES_MAX:
        raise FormFault(
            "limit", sentence('"{key}" has {n} bytes, more than {max}.', key="series", n=size, max=SERIES_BYTES_MAX)
        )


def _ascending(field: str, words: Iterable[str]) -> None:
    before = ""
    for word in words:
        # Code points order as their UTF-8 bytes do, and no word is empty.
        if word <= before:
            raise FormFault("schema", sentence('"{field}" is not in strictly ascending order.', field=field))
        before = word


def _book(record: Book) -> None:
    demand(is_id, "id", record.id)
    demand(is_salt, "salt", record.salt)
    demand(is_salt, "blind", record.blind)
    demand(is_code, "base", record.base)
    demand(is_instant, "created_at", record.created_at)
    demand_range("fiscal_year_start", record.fiscal_year_start, 1, MONTHS)


def _member(record: Member, book: str) -> None:
    demand(is_id, "id", record.id)
    demand(is_salt, "salt", record.salt)
    key = Vkey.parse(record.key)
    if key.type != ED25519 or key.name != f"cloudbooks/{book}" or not ed25519.is_sound_point(key.public):
        raise off("key", record.key)
    if not record.rights:
        raise off("rights", "")
    _ascending("rights", record.rights)
    if record.next_key:
        demand(is_s256, "next_key", record.next_key)


def _commodity(record: Commodity) -> None:
    demand(is_id, "id", record.id)
    demand(is_salt, "salt", record.salt)
    demand(is_code, "code", record.code)
    demand_range("scale", record.scale, 0, SCALE_MAX)


def _account(record: Account) -> None:
    demand(is_id, "id", record.id)
    demand(is_salt, "salt", record.salt)
    _ascending("dimensions", record.dimensions)


def _party(record: Party) -> None:
    demand(is_id, "id", record.id)
    demand(is_salt, "salt", record.salt)


def _rules(record: Rules) -> None:
    demand(is_id, "id", record.id)
    demand(is_b3, "digest", record.digest)
    demand_range("bytes", record.bytes, 0)


def _attachment(attached: Attachment) -> None:
    demand(is_b3, "b3", attached.b3)
    demand(is_s256, "s256", attached.s256)
    demand_range("bytes", attached.bytes, 0)


def _statement(record: Statement) -> None:
    demand(is_id, "id", record.id)
    _attachment(record.file)
    demand(is_date, "first", record.first)
    demand(is_date, "last", record.last)
    if record.last < record.first:
        raise off("last", record.last)
    demand_range("lines", record.lines, 1)
    for field, amount in (("opening", record.opening), ("closing", record.closing)):
        if amount:
            demand(is_amount, field, amount)


def _approvals(approvals: tuple[Approval, ...]) -> None:
    for approval in approvals:
        demand(is_instant, "at", approval.at)
        signature = base64_strictly(approval.signature)
        if signature is None or len(signature) != _SIGNATURE_BYTES:
            raise off("signature", approval.signature)
    _ascending("approvals", (approval.by for approval in approvals))


def _entry(record: Entry) -> None:
    # This is run for every entry of a log, so the common fields are looked at without a call each.
    if not _is_id(record.id):
        raise off("id", record.id)
    if not is_date(record.date):
        raise off("date", record.date)
    demand_series(record.series)
    if not record.lines:
        raise off("lines", "")
    for line in record.lines:
        _line(line)
    for attached in record.attachments:
        _attachment(attached)
    if record.approvals:
        _approvals(record.approvals)


def _line(line: Line) -> None:
    if not _is_amount(line.amount):
        raise off("amount", line.amount)
    if line.value and not _is_amount(line.value):
        raise off("value", line.value)
    if line.dimensions:
        _ascending("dimensions", (dimension.name for dimension in line.dimensions))


def _price(record: Price) -> None:
    demand(is_id, "id", record.id)
    demand(is_date, "date", record.date)
    demand(is_code, "commodity", record.commodity)
    demand(is_code, "base", record.base)
    demand(is_rate, "rate", record.rate)


def _note(record: Note) -> None:
    demand(is_id, "id", record.id)
    demand(is_instant, "at", record.at)


def _close(record: Close | Reopen) -> None:
    demand(is_id, "id", record.id)
    demand(is_period, "period", record.period)


def entries_are_in_shape(entries: Sequence[Entry]) -> bool:
    """Whether every one of many entries passes its check; all that they share is looked at once.

    Their texts hold no line end, as no text of a canonical line does.
    """
    lines = [line for entry in entries for line in entry.lines]
    amounts = [line.amount for line in lines]
    amounts += [line.value for line in lines if line.value]
    if not (
        all(entry.lines for entry in entries)
        and _are_ids("\n".join([*(entry.id for entry in entries), ""]))
        and _are_amounts("\n".join([*amounts, ""]))
        and all(map(is_date, {entry.date for entry in entries}))
    ):
        return False
    try:
        for series in {entry.series for entry in entries}:
            demand_series(series)
        for entry in entries:
            if entry.attachments or entry.approvals:
                _entry(entry)
        for line in lines:
            if line.dimensions:
                _line(line)
    except FormFault:
        return False
    return True


def checks(book: str) -> dict[type[Record], Callable[[Any], None]]:
    """What checks a record of each type, in the log of `book`; a check raises `FormFault` (`schema` or `limit`)."""
    return {
        Book: _book,
        Member: partial(_member, book=book),
        Commodity: _commodity,
        Account: _account,
        Party: _party,
        Rules: _rules,
        Statement: _statement,
        Entry: _entry,
        Price: _price,
        Note: _note,
        Close: _close,
        Reopen: _close,
    }
