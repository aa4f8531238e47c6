"""Idempotency: with `--key`, a repeated command gives its first answer and does nothing again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from cloudbooks.books.desk import Desk
from cloudbooks.cli.face import Face
from cloudbooks.cli.formats import json_text
from cloudbooks.cli.output import Answer, emit, exit_status
from cloudbooks.cli.speaking import finding_record, findings_lines


def once(face: Face, desk: Desk, act: Callable[[], Answer]) -> int:
    """Do a writing command and give its answer, or give the answer that it had when its key was first used."""
    if not face.key:
        return emit(face, act())
    from cloudbooks.books import repeating  # noqa: PLC0415 - only where a key was given

    kept = repeating.first_result(desk)
    if kept is not None:
        return emit(face, _answer(json.loads(kept)))
    answer = act()
    repeating.keep_result(desk, json_text(_kept(face, answer)))
    return emit(face, answer)


def _kept(face: Face, answer: Answer) -> Mapping[str, object]:
    """An answer as text: everything that its forms need, in the language in which it was first given."""
    head, book = answer.mark() if answer.mark is not None else (None, "")
    return {
        "name": answer.name,
        "data": answer.data(),
        "lines": list(answer.lines()),
        "rows": answer.rows,
        "book": book,
        "head": None if head is None else [head.number, head.hash],
        "findings": [finding_record(finding, face.locale) for finding in answer.findings],
        "said": list(findings_lines(answer.findings, face.locale)),
        "after": [face.locale.say(step) for step in answer.after],
        "status": exit_status(answer),
    }


class _Head:
    def __init__(self, number: int, digest: str) -> None:
        self.number = number
        self.hash = digest


def _answer(kept: dict[str, Any]) -> Answer:
    head = None if kept["head"] is None else _Head(*kept["head"])
    return Answer(
        name=kept["name"],
        data=lambda: kept["data"],
        lines=lambda: kept["lines"],
        rows=kept["rows"],
        mark=lambda: (head, kept["book"]),
        finding_records=lambda: kept["findings"],
        after=kept["after"],
        said=kept["said"],
        status=kept["status"],
    )
