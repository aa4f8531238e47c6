"""How a face says where a finding is: a place in the book in the reader's language, a file as it is called."""

from __future__ import annotations

import re

from cloudbooks.errors import Finding, Sentence, sentence

_LINE_OF_FILE = re.compile(r":[0-9]+$", re.ASCII)
_TABLE = "table "
_PARTS = {
    "checkpoint": sentence("the checkpoint"),
    "file": sentence("the file"),
    "log": sentence("the log"),
}


def where(finding: Finding) -> Sentence | str:
    """Where a finding is, for people; a script reads `Finding.where`."""
    if finding.block is not None and finding.record is not None:
        return sentence("block {block}, record {record}", block=finding.block, record=finding.record)
    if finding.block is not None:
        return sentence("block {block}", block=finding.block)
    if finding.where.startswith(_TABLE):
        return sentence("table {name}", name=finding.where.removeprefix(_TABLE))
    return _PARTS.get(finding.where, finding.where)


def placed(place: Sentence | str, message: Sentence) -> Sentence:
    """A message behind its place: `rules.yaml:7:5 no account …`, and a name with a colon, `acme.cbk: this file …`."""
    if isinstance(place, str) and (not place or _LINE_OF_FILE.search(place)):
        return sentence("{place} {message}", place=place, message=message) if place else message
    return sentence("{place}: {message}", place=place, message=message)
