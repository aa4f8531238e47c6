"""Forms for scripts and spreadsheets: JSON that loses nothing, CSV that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping

from cloudbooks.core.money import canonical
from cloudbooks.core.text import show

_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?", re.ASCII)
_LIVE = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def money(minor: int, scale: int, commodity: str) -> dict[str, str]:
    """An amount as scripts read it: exact text with its commodity."""
    return {"amount": canonical(minor, scale), "commodity": commodity}


def json_text(value: object) -> str:
    """`value` as one line of JSON. Every character is kept; what a terminal could obey is written as an escape."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return text if text.isprintable() else "".join(map(_escaped, text))


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    return json.dumps(character)[1:-1]


def csv_lines(records: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """Records as CSV with one line of heads; nested values get columns of their own (`amount`, `amount.commodity`)."""
    flat = [dict(_flat("", record)) for record in records]
    heads = list(dict.fromkeys(head for record in flat for head in record))
    yield _line(heads)
    for record in flat:
        yield _line([record.get(head, "") for head in heads])


def _flat(prefix: str, record: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for key, value in record.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and set(value) == {"amount", "commodity"}:
            yield name, value["amount"]
            yield f"{name}.commodity", value["commodity"]
        elif isinstance(value, Mapping):
            yield from _flat(f"{name}.", value)
        elif isinstance(value, list | tuple):
            yield name, " ".join(json_text(one) if isinstance(one, Mapping) else str(one) for one in value)
        else:
            yield name, "" if value is None else value


def _line(values: Iterable[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow([cell(value) for value in values])
    return buffer.getvalue()


def cell(value: object) -> str:
    """One cell: text that a spreadsheet would run gets an apostrophe in front, numbers stay numbers."""
    text = ("true" if value else "false") if isinstance(value, bool) else show(str(value))
    if text.startswith(_LIVE) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text
