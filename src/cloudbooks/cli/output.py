"""The answer of a command: one value with the facts for scripts and the lines for people, and the one way out of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from cloudbooks.cli.face import Face, Form
from cloudbooks.cli.speaking import finding_record, findings_lines
from cloudbooks.errors import Finding, Refusal, Sentence, UsageError, sentence

if TYPE_CHECKING:
    from subprocess import Popen

STOPPED = 4
"""The exit status of an answer from a book whose head contradicts its receipt."""

SEVERITY = (70, 4, 5, 3, 2, 1)
"""Exit statuses, the gravest first: of several the first decides."""

Facts = Mapping[str, object]
Mark = tuple["HeadLike | None", str]
"""The head that an answer was computed at, and the id of its book."""


class HeadLike(Protocol):
    """The head of a chain: the number of its last block and that block's hash."""

    @property
    def number(self) -> int:
        """The block's number."""

    @property
    def hash(self) -> str:
        """`b3:` and the block's hash."""


class FileThere(Refusal):
    """The file given with -o exists already."""

    code = "file-exists"

    def __init__(self, file: Path) -> None:
        super().__init__(
            sentence("{file} is there already; nothing was written.", file=str(file)),
            hint=sentence("choose another name, or add --force to replace it"),
        )


class FormNotOffered(UsageError):
    """The answer of this command has no rows, so that it cannot be CSV."""

    code = "form-not-offered"

    def __init__(self, form: str) -> None:
        super().__init__(
            sentence("this answer has no rows, so that it has no form {form}.", form=form),
            hint=sentence("--json has all of it"),
        )


class Answer(NamedTuple):
    """What a command answers.

    `name` is `report.balance` of `cloudbooks.report.balance/1`. `data` gives the facts for scripts, `lines` the lines
    for people; only the one that is wanted is called. `rows` names the list in `data` that `--jsonl` streams and
    `--csv` shows, unless `records` gives other records for CSV, or `csv` its lines. `after` (next step, how to undo)
    goes to standard error. `mark` gives head and book for scripts. `said` holds lines about findings that were said
    before, by a command that is repeated. `status` is set where findings alone do not decide it.
    """

    name: str
    data: Callable[[], Facts]
    lines: Callable[[], Iterable[str]]
    rows: str = ""
    records: Callable[[], Iterable[Facts]] | None = None
    csv: Callable[[], Iterable[str]] | None = None
    mark: Callable[[], Mark] | None = None
    findings: Sequence[Finding] = ()
    finding_records: Callable[[], Sequence[Facts]] | None = None
    after: Sequence[Sentence | str] = ()
    said: Sequence[str] = ()
    status: int | None = None


def emit(face: Face, answer: Answer) -> int:
    """Give the answer in the form that was asked for; the exit status.

    Raises `FileThere`, `FormNotOffered`; `BrokenPipeError` where nobody reads.
    """
    lines = _lines(face, answer)
    if face.output is not None:
        _into_file(face, face.output, "".join(f"{line}\n" for line in lines))
    elif face.pager:
        _paged(list(lines))
    else:
        for line in lines:
            sys.stdout.write(line + "\n")
    _say_beside(face, answer)
    return gravest([STOPPED if face.noticed.stopped else 0, exit_status(answer)])


def gravest(statuses: Iterable[int]) -> int:
    """The one exit status of several outcomes."""
    given = set(statuses)
    return next((status for status in SEVERITY if status in given), 0)


def exit_status(answer: Answer) -> int:
    """The exit status of an answer: its own, else 1 where it has findings that are no warnings."""
    if answer.status is not None:
        return answer.status
    return 1 if any(not finding.warning for finding in answer.findings) else 0


def _lines(face: Face, answer: Answer) -> Iterable[str]:
    if face.form is Form.TEXT:
        return answer.lines()
    from cloudbooks.cli.formats import csv_lines, json_text  # noqa: PLC0415 - people need neither json nor csv

    if face.form is Form.JSON:
        return [json_text(_envelope(face, answer, dict(answer.data())))]
    if face.form is Form.JSONL:
        return _json_lines(face, answer)
    return answer.csv() if answer.csv is not None else csv_lines(_records(answer))


def _json_lines(face: Face, answer: Answer) -> Iterator[str]:
    facts = dict(answer.data())
    from cloudbooks.cli.formats import json_text  # noqa: PLC0415 - people need no json

    rows = facts.pop(answer.rows, ()) if answer.rows else ()
    for row in rows if isinstance(rows, Iterable) else ():
        yield json_text(row)
    yield json_text(_envelope(face, answer, facts))


def _records(answer: Answer) -> Iterable[Facts]:
    if answer.records is not None:
        return answer.records()
    if not answer.rows:
        raise FormNotOffered("CSV")
    rows = answer.data().get(answer.rows, ())
    listed = rows if isinstance(rows, Iterable) else ()
    return [row if isinstance(row, Mapping) else {answer.rows: row} for row in listed]


def _envelope(face: Face, answer: Answer, facts: Facts) -> Facts:
    head, book = answer.mark() if answer.mark is not None else (None, "")
    if answer.finding_records is not None:
        findings = list(answer.finding_records())
    else:
        findings = [finding_record(finding, face.locale) for finding in answer.findings]
    findings += [finding_record(finding, face.locale) for finding in _noticed(face, answer)]
    return {
        "schema": f"cloudbooks.{answer.name}/1",
        "book": book or None,
        "head": None if head is None else {"number": head.number, "hash": head.hash},
        "data": facts,
        "findings": findings,
    }


def _noticed(face: Face, answer: Answer) -> list[Finding]:
    """What is amiss with the book that was opened, unless the answer says it itself."""
    own = {(finding.code, finding.where) for finding in answer.findings}
    return [finding for key, finding in face.noticed.findings.items() if key not in own]


def _into_file(face: Face, file: Path, text: str) -> None:
    from cloudbooks.system import files  # noqa: PLC0415 - only where a file was asked for

    data = text.encode("utf-8", errors="backslashreplace")
    try:
        if face.force:
            files.replace_whole(file, data)
        else:
            files.create(file, data)
    except FileExistsError as error:
        raise FileThere(file) from error
    except OSError as error:
        raise files.FileNotWritten(file, error) from error


def _paged(lines: list[str]) -> None:
    """Lines that do not fit the screen go through the user's pager, started without a shell."""
    if len(lines) < os.get_terminal_size(sys.stdout.fileno()).lines:
        sys.stdout.writelines(line + "\n" for line in lines)
        return
    pager = _pager()
    if pager is None:
        sys.stdout.writelines(line + "\n" for line in lines)
        return
    with pager:
        assert pager.stdin is not None
        try:
            for line in lines:
                pager.stdin.write(line.encode("utf-8", errors="backslashreplace") + b"\n")
        except BrokenPipeError:
            return  # the reader has seen enough


def _pager() -> Popen[bytes] | None:
    import shlex  # noqa: PLC0415 - only on a terminal, for a long answer
    import subprocess  # noqa: PLC0415 - the same

    words = shlex.split(os.environ.get("PAGER", "")) or ["less"]
    environment = {"LESS": "FRX", "LESSCHARSET": "utf-8", **os.environ}
    try:
        return subprocess.Popen(words, stdin=subprocess.PIPE, env=environment)  # noqa: S603 - the user's own words
    except OSError:
        return None


def _say_beside(face: Face, answer: Answer) -> None:
    """What is said beside the answer, on standard error: findings (scripts find them in it), next step, undo."""
    sys.stdout.flush()
    said = [*answer.said, *findings_lines([*answer.findings, *_noticed(face, answer)], face.locale)]
    for line in said if face.form in (Form.TEXT, Form.CSV) else ():
        sys.stderr.write(line + "\n")
    if face.locale.missing is not None and not face.quiet:
        missing = Finding(
            face.locale.missing.code, "", face.locale.missing.message, face.locale.missing.hint, warning=True
        )
        for line in findings_lines([missing], face.locale):
            sys.stderr.write(line + "\n")
    if answer.after and not face.quiet and face.form in (Form.TEXT, Form.CSV):
        sys.stderr.write("    ".join(face.locale.say(step) for step in answer.after) + "\n")
    sys.stderr.flush()


def next_step(command: Sentence | str) -> Sentence:
    """`Next: cloudbooks post D-118`."""
    return sentence("Next: {command}", command=command)


def undo_step(command: Sentence | str) -> Sentence:
    """`Undo: cloudbooks undo`."""
    return sentence("Undo: {command}", command=command)
