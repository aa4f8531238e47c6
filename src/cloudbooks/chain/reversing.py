"""The laws of reversals and replacements: once, mirrored, and linked (FORMAT.md section 2.1, law 4)."""

from __future__ import annotations

from cloudbooks.chain.law import LawBroken
from cloudbooks.chain.past import Standing
from cloudbooks.chain.record import Entry, Line
from cloudbooks.errors import Sentence, sentence


def require_reversal(standing: Standing, entry: Entry, place: int) -> None:
    """Refuse a reversal that is not the mirror of an entry that stands; free what that entry settled.

    Raises `LawBroken` (`law.reference`, `law.once`).
    """
    original = _named(standing, entry.reverses, place)
    if original.reverses:
        raise _twice(sentence('It reverses the entry of {date} "{summary}", which is a reversal.', **_facts(original)))
    if standing.reversed_by(original.id):
        raise _twice(
            sentence('It reverses the entry of {date} "{summary}", which is reversed already.', **_facts(original))
        )
    if len(entry.lines) != len(original.lines):
        raise _twice(
            sentence('It has another number of lines than the entry of {date} "{summary}".', **_facts(original))
        )
    for number, (line, mirrored) in enumerate(zip(entry.lines, original.lines, strict=True), start=1):
        if line.settles or _image(line) != _negated(mirrored):
            raise _twice(
                sentence('Line {line} does not mirror the entry of {date} "{summary}".', line=number,
                         **_facts(original))
            )  # fmt: skip
    standing.reversed[original.id] = entry.id
    for mirrored in original.lines:
        standing.settled.update(dict.fromkeys(mirrored.settles, False))


def require_replacement(standing: Standing, entry: Entry, place: int) -> None:
    """Refuse an entry that replaces one that stands; raises `LawBroken` (`law.reference`, `law.once`)."""
    original = _named(standing, entry.replaces, place)
    if not standing.reversed_by(original.id):
        raise _twice(
            sentence('It replaces the entry of {date} "{summary}", which is not reversed.', **_facts(original))
        )


def _named(standing: Standing, id_: str, place: int) -> Entry:
    found = standing.entry(id_, place)
    if found is None:
        raise LawBroken("law.reference", sentence('There is no entry with the id "{id}".', id=id_))
    return found


def _twice(message: Sentence) -> LawBroken:
    return LawBroken("law.once", message)


def _facts(entry: Entry) -> dict[str, str]:
    return {"date": entry.date, "summary": entry.summary}


def _image(line: Line) -> tuple[object, ...]:
    return (line.account, line.commodity, line.amount, line.value, line.party, line.tax, line.dimensions)


def _negated(line: Line) -> tuple[object, ...]:
    amount, value = _opposite(line.amount), _opposite(line.value)
    return (line.account, line.commodity, amount, value, line.party, line.tax, line.dimensions)


def _opposite(text: str) -> str:
    """The canonical text of the negated amount; an amount that is absent stays so, and zero has no sign."""
    if text.startswith("-"):
        return text[1:]
    return f"-{text}" if text.strip("0.") else text
