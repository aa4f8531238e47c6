"""How refusals and findings are said: the lines of MESSAGES.md, and the same facts for scripts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cloudbooks.books.finding_words import placed, where
from cloudbooks.core.text import cut, show
from cloudbooks.errors import CloudBooksError, Finding, Sentence, counted, sentence
from cloudbooks.system.locale import Locale

EXCERPT_CELLS = 200
"""How much of a line of somebody's file is shown: a row of a binary file may be a megabyte. JSON has it whole."""


def refusal_lines(error: CloudBooksError, locale: Locale) -> Iterator[str]:
    """`error[code]: place message`, its excerpt, its hint, then the findings behind it and their count."""
    head = sentence("error[{code}]: {message}", code=error.code, message=placed(error.place, error.message))
    yield locale.say(head)
    yield from _excerpt(error.excerpt)
    yield from _hint(error.hint, locale)
    behind = [finding for finding in error.findings if finding.message != error.message]
    if behind:
        yield from findings_lines(behind, locale, said=error.hint)


def findings_lines(findings: Sequence[Finding], locale: Locale, said: Sentence | None = None) -> Iterator[str]:
    """Every finding and warning with its excerpt and hint; where there are findings, their count last.

    A hint that several share stands once, after the last of them; one that was `said` before is not said again.
    """
    before = "" if said is None else locale.say(said)
    hints = ["" if one.hint is None else locale.say(one.hint) for one in findings]
    last = {hint: place for place, hint in enumerate(hints)}
    for place, (finding, hint) in enumerate(zip(findings, hints, strict=True)):
        message = placed(where(finding), finding.message)
        if finding.warning:
            yield locale.say(sentence("warning[{code}]: {message}", code=finding.code, message=message))
        else:
            yield locale.say(sentence("finding[{code}]: {message}", code=finding.code, message=message))
        yield from _excerpt(finding.excerpt)
        if hint not in {"", before} and last[hint] == place:
            yield from _hint(finding.hint, locale)
    faults = sum(not finding.warning for finding in findings)
    if faults:
        yield locale.say(counted("{n} finding.", "{n} findings.", faults))


def _excerpt(excerpt: str) -> Iterator[str]:
    # The excerpt keeps its line breaks; all else in it passes the output filter like any text from outside.
    for line in excerpt.split("\n") if excerpt else ():
        yield cut(show(line), EXCERPT_CELLS)


def _hint(hint: Sentence | None, locale: Locale) -> Iterator[str]:
    if hint is not None:
        yield locale.say(sentence("hint: {hint}", hint=hint))


def refusal_record(error: CloudBooksError, locale: Locale, beside: Sequence[Finding] = ()) -> dict[str, object]:
    """The refusal as `cloudbooks.error/1`: code, message, hint, the findings behind it and those found `beside` it."""
    message = locale.say(error.message)
    return {
        "schema": "cloudbooks.error/1",
        "code": error.code,
        "message": f"{error.place} {message}" if error.place else message,
        "hint": None if error.hint is None else locale.say(error.hint),
        "findings": [finding_record(finding, locale) for finding in (*error.findings, *beside)],
    }


def finding_record(finding: Finding, locale: Locale) -> Mapping[str, object]:
    """A finding for scripts; block and record stand in it where the verifier set them, `warning` where it is one."""
    facts: dict[str, object] = {
        "code": finding.code,
        "where": finding.where,
        "message": locale.say(finding.message),
        "hint": None if finding.hint is None else locale.say(finding.hint),
    }
    if finding.block is not None:
        facts["block"] = finding.block
    if finding.record is not None:
        facts["record"] = finding.record
    if finding.warning:
        facts["warning"] = True
    return facts
