"""The verification of a copy in a process of its own, as one would verify it who has only that file.

It is told by its arguments which file, which state folder of its own, and the pin, and answers with one line of JSON.
"""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

from cloudbooks.books.desk import Desk
from cloudbooks.books.verifying import verify_this_book
from cloudbooks.errors import CloudBooksError, Finding
from cloudbooks.store.sentence_text import kept_finding
from cloudbooks.system.clock import SystemClock

INCOMPLETE = frozenset({"attachment-missing", "checkpoint-behind", "checkpoint-missing"})
"""What a peer has yet to place is not signed for, and a file that was never kept is missing: neither is damage."""


def answer(copy: Path, state: Path, pin: str) -> dict[str, object]:
    """Whether a copy is whole, where it ends, and what was found in it."""
    desk = Desk(copy, state, SystemClock(), "cloudbooks verify", lambda: b"")
    try:
        verdict = verify_this_book(desk, pin=pin).verdict
    except CloudBooksError as error:
        behind = [finding for finding in error.findings if finding.message != error.message]
        found = [Finding(error.code, "", error.message), *behind]
        return {"whole": False, "findings": [kept_finding(finding) for finding in found]}
    damage = [finding for finding in verdict.findings if not finding.warning and finding.code not in INCOMPLETE]
    return {
        "whole": verdict.valid and verdict.consistent == verdict.blocks and not damage,
        "number": verdict.blocks - 1,
        "hash": verdict.head,
        "findings": [kept_finding(finding) for finding in verdict.findings],
    }


def main() -> None:
    """The process: an interrupt from the keyboard is for the other one, which ends this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    copy, state, pin = sys.argv[1:]
    sys.stdout.write(json.dumps(answer(Path(copy), Path(state), pin)) + "\n")
