"""Idempotency: with `--key`, a repeated command gives its first answer and does nothing again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from cloudbooks.books.desk import Desk
from cloudbooks.cli.face import Face
from cloudbooks.cli.formats import json_text
from cloudbooks.cli.output import Answer, emit, exit_status, next_step
from cloudbooks.cli.speaking import finding_record, findings_lines
from cloudbooks.errors import Finding, Refusal, sentence


class KeyOfAnother(Refusal):
    """The idempotency key was used before, by another command or for something else."""

    code = "key-taken"

    def __init__(self, key: str, command: str, *, same: bool) -> None:
        message = sentence('the key "{key}" was used before, by {command}.', key=key, command=command)
        if same:
            message = sentence(
                'the key "{key}" was used before, by another {command} than this.', key=key, command=command
            )
        super().__init__(message, hint=sentence("another act takes another key: --key K"))


def once(face: Face, desk: Desk, act: Callable[[], Answer]) -> int:
    """Do a writing command and give its answer, or give the answer that it had when its key was first used.

    Raises `KeyOfAnother` where the key was used for anything else.
    """
    if not face.key:
        return emit(face, act())
    from cloudbooks.books import repeating  # noqa: PLC0415 - only where a key was given

    kept = repeating.first_result(desk)
    if kept is not None:
        before = json.loads(kept)
        if (before["command"], before["asked"]) != (desk.command, face.asked):
            raise KeyOfAnother(face.key, before["command"], same=before["command"] == desk.command)
        return emit(face, _answer(before) if "name" in before else _done(face, desk))
    answer = act()
    by = {"command": desk.command, "asked": face.asked}
    try:
        repeating.keep_result(desk, json_text(by | _kept(face, answer)))
    except Refusal as refusal:
        # The act is done, and a repeat knows that; only its answer would be another one.
        message = sentence(
            'what was done stands; only its answer could not be kept under the key "{key}".', key=face.key
        )
        left = Finding("answer-not-kept", desk.book.name, message, refusal.hint, warning=True)
        answer = answer._replace(findings=(*answer.findings, left))
    return emit(face, answer)


def _done(face: Face, desk: Desk) -> Answer:
    """The answer of a repeat where the first answer was never kept: its command was stopped after the act."""
    said = sentence('{command} was done under the key "{key}" before, and stopped before it answered.', key=face.key,
                    command=desk.command)  # fmt: skip
    return Answer(
        "repeated",
        data=lambda: {"command": desk.command, "key": face.key},
        lines=lambda: [face.locale.say(said)],
        after=(next_step("cloudbooks status"),),
    )


def _kept(face: Face, answer: Answer) -> dict[str, object]:
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
