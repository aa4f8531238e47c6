"""What a text means in a cell of a voucher: summaries, accounts, parties, amounts that are computed."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from cloudbooks.core.arithmetic import computed
from cloudbooks.core.initials import initials
from cloudbooks.core.money import canonical
from cloudbooks.core.party import Party
from cloudbooks.core.period import day
from cloudbooks.errors import Refusal, joined, sentence
from cloudbooks.tui.screens.voucher.sheet import AMOUNTS, Cell, Sheet

PARTY_NAMES = frozenset({"party", "customer", "supplier", "employee", "往来单位", "客户", "供应商", "职员"})
"""Dimensions whose value is a party of the book."""

_NEAR_MAX = 5


class PartyUnclear(Refusal):
    """No party of the book, or several, fit what was typed."""

    code = "party-unclear"

    def __init__(self, word: str, near: tuple[str, ...]) -> None:
        message = sentence('no party is called "{word}".', word=word)
        if near:
            message = sentence('"{word}" fits {names}.', word=word, names=joined(near))
        super().__init__(message, hint=sentence("cloudbooks party add NAME"))


class DifferenceUnknown(Refusal):
    """The difference cannot be taken, since a foreign amount has no value yet."""

    code = "difference-unknown"

    def __init__(self) -> None:
        super().__init__(
            sentence("the difference is not known: a line in another currency has no price on this day."),
            hint=sentence("cloudbooks price add USD 7.12 --date 2026-10-01"),
        )


def plain(text: str) -> str:
    """A text with full-width signs as their ASCII ones, and Chinese full stops as dots."""
    return unicodedata.normalize("NFKC", text).replace("。", ".").strip()


def cell_text(sheet: Sheet) -> str:
    """What stands in the cell under the cursor, as it would be typed."""
    line = sheet.line
    match sheet.cell:
        case Cell.DATE:
            return sheet.date.isoformat() if sheet.date else ""
        case Cell.SERIES:
            return sheet.series
        case Cell.SUMMARY:
            return line.summary
        case Cell.ACCOUNT:
            account = sheet.account(line)
            return account.code if account else ""
        case Cell.STRIP:
            return strip_text(sheet)
        case _:
            here = line.amount is not None and line.credit == (sheet.cell is Cell.CREDIT)
            return canonical(line.amount, sheet.scale(line)) if here and line.amount is not None else ""


def strip_text(sheet: Sheet, strip: int | None = None) -> str:
    """What stands in a cell of the strip."""
    demands = sheet.demands(sheet.line)
    place = sheet.strip if strip is None else strip
    return dict(sheet.line.dimensions).get(demands[place], "") if place < len(demands) else ""


def put(sheet: Sheet, text: str) -> Sheet:
    """The sheet with a text in the cell under the cursor.

    Raises what the text is refused with: `AccountUnknown`, `AccountAmbiguous`, `NotAnAmount`, `DateUnreadable`,
    `PartyUnclear`, `DifferenceUnknown`.
    """
    match sheet.cell:
        case Cell.DATE:
            return replace(sheet, date=day(text, sheet.facts.today) if text.strip() else sheet.date)
        case Cell.SERIES:
            return replace(sheet, series=text.strip() or sheet.series)
        case Cell.SUMMARY:
            return sheet.with_line(summary=_summary(sheet, text))
        case Cell.ACCOUNT:
            return _with_account(sheet, text)
        case Cell.STRIP:
            return _with_strip(sheet, text)
        case _:
            return _with_amount(sheet, text)


def _summary(sheet: Sheet, text: str) -> str:
    word = plain(text)
    if word == "//":
        return sheet.rows[0].summary
    if word in {"..", ""} and sheet.row > 0:
        return sheet.shown_summary(sheet.row - 1)
    return text.strip()


def _with_account(sheet: Sheet, text: str) -> Sheet:
    word = plain(text)
    if not word:
        return sheet
    return chosen(sheet, sheet.facts.names.chart.find(word).id)


def chosen(sheet: Sheet, account_id: str) -> Sheet:
    """The sheet with an account in the row under the cursor; what another account demanded is forgotten."""
    account = sheet.facts.names.chart[account_id]
    kept = sheet.line.kept
    commodity = account.commodity or (kept.commodity if kept is not None and kept.commodity else sheet.base)
    same = account_id == sheet.line.account
    return sheet.with_line(
        account=account_id,
        commodity=commodity,
        party=sheet.line.party if same or not account.dimensions else "",
        dimensions=sheet.line.dimensions if same else (),
    )


def _with_strip(sheet: Sheet, text: str) -> Sheet:
    name = sheet.demands(sheet.line)[sheet.strip]
    others = tuple(pair for pair in sheet.line.dimensions if pair[0] != name)
    word = text.strip()
    if not word:
        return sheet
    if name.casefold() not in PARTY_NAMES:
        return sheet.with_line(dimensions=tuple(sorted((*others, (name, word)))))
    party = _party(sheet, word)
    return sheet.with_line(party=party.id, dimensions=tuple(sorted((*others, (name, party.name)))))


def _party(sheet: Sheet, word: str) -> Party:
    parties = [one for one in sheet.facts.names.parties.values() if not one.closed]
    meant = plain(word).casefold()
    exact = [one for one in parties if one.name.casefold() == meant]
    near = [one for one in parties if meant in one.name.casefold() or initials(one.name) == meant]
    found = exact or near
    if len(found) != 1:
        raise PartyUnclear(word, tuple(one.name for one in found[:_NEAR_MAX]))
    return found[0]


def _with_amount(sheet: Sheet, text: str) -> Sheet:
    assert sheet.cell in AMOUNTS
    credit = sheet.cell is Cell.CREDIT
    word = plain(text)
    if word == "=":
        return balanced(sheet)
    if not word:
        return sheet.with_line(amount=None, credit=False) if sheet.line.credit == credit else sheet
    return sheet.with_line(amount=computed(word, sheet.scale(sheet.line)) or None, credit=credit)


def balanced(sheet: Sheet) -> Sheet:
    """The sheet with the difference in the row under the cursor, on the side that wants it."""
    wanted = sheet.wanted()
    if wanted is None:
        raise DifferenceUnknown
    credit = wanted < 0
    cell = sheet.cell if not wanted else Cell.CREDIT if credit else Cell.DEBIT
    return sheet.with_line(amount=abs(wanted) or None, credit=credit).at(sheet.row, cell)
