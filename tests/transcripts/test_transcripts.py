"""Documents are tests: every console block of the transcripts, the README and the docs prints what it says.

The commands of the README start the program, as its readers do. Those of the other documents, hundreds, are done by
children of a process that has it loaded; with CLOUDBOOKS_START=1, as `make torture` has it, they start it too.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.loaded.program import STARTED
from tests.transcripts.transcript import REPOSITORY, Command, Given, Session, matches, steps

START = (REPOSITORY / "README.md",)
"""Documents whose commands always start the program."""

DOCUMENTS = sorted(
    document
    for document in (
        *(REPOSITORY / "tests" / "transcripts").glob("*.md"),
        *(REPOSITORY / "tests" / "errors").glob("*.md"),
        *(REPOSITORY / "docs").glob("*.md"),
        REPOSITORY / "README.md",
    )
    if document.exists() and any(isinstance(step, Command) for step in steps(document))
)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_a_document_says_what_the_program_prints(
    document: Path, loaded_program: tuple[str, ...], tmp_path: Path
) -> None:
    """Each command of the document prints what stands below it and ends with the status that stands there."""
    started = document in START or "CLOUDBOOKS_START" in os.environ
    session = Session.fresh(tmp_path, STARTED if started else loaded_program)
    for step in steps(document):
        if isinstance(step, Given):
            session.give(step)
            continue
        printed, status = session.run(step)
        place = f"{document.name}:{step.line}: $ {step.words}"
        expected = [session.plain(line) for line in step.expected]
        plain = [session.plain(line) for line in printed]
        assert matches(expected, plain), f"{place}\nexpected:\n{_text(expected)}\nprinted:\n{_text(plain)}"
        assert status == step.status, f"{place}\nexit status {status}, the document says {step.status}\n{_text(plain)}"


def _text(lines: list[str]) -> str:
    return "\n".join(lines)
