"""The reader and matcher of transcripts themselves: a transcript that says something else must not pass."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.transcripts.transcript import Command, Given, Session, matches, steps

DOCUMENT = """\
# A document

<!-- samples: bank-cn/a.csv -->

```file rules.yaml
rules: []
```

```console
$ echo one \\
> two
one two
$ false
[exit 1]
```

```
$ not run
```
"""


def test_a_document_is_read_in_order(tmp_path: Path) -> None:
    """Samples, files and commands come in the order of the document, with lines and statuses."""
    document = tmp_path / "document.md"
    document.write_text(DOCUMENT, encoding="utf-8")
    assert list(steps(document)) == [
        Given("bank-cn/a.csv", None),
        Given("rules.yaml", "rules: []\n"),
        Command(10, "echo one \\\ntwo", ("one two",), 0),
        Command(13, "false", (), 1),
    ]


@pytest.mark.parametrize(
    ("expected", "printed", "fits"),
    [
        (["a"], ["a"], True),
        (["a"], ["b"], False),
        (["a"], ["a", "b"], False),
        (["a", "..."], ["a", "b", "c"], True),
        (["...", "c"], ["a", "b", "c"], True),
        (["...", "d"], ["a", "b", "c"], False),
        (["a ... c"], ["a b c"], True),
        (["a ... c"], ["a b d"], False),
        (["..."], [], True),
        ([], ["a"], False),
    ],
)
def test_dots_stand_for_anything_and_nothing_else_does(expected: list[str], printed: list[str], *, fits: bool) -> None:
    """Only `...` is a wildcard; a line more or less is a difference."""
    assert matches(expected, printed) is fits


def test_what_differs_from_run_to_run_is_a_placeholder(tmp_path: Path) -> None:
    """Hashes, ids, instants, versions and folders are compared by what they are, not by their value."""
    session = Session.fresh(tmp_path)
    ids = f"b3:{'0a' * 32} 0190b3f1-7e1c-7f2a-8d7e-2f60c0aa1c55"
    assert (
        session.plain(f"{ids} 2026-11-21T08:15:30Z cloudbooks 1.2.3 {session.folder}/acme.cbk")
        == "b3:HASH ID INSTANT cloudbooks VERSION FOLDER/acme.cbk"
    )


def test_both_streams_are_seen_in_the_order_of_writing(tmp_path: Path) -> None:
    """Standard error stands among standard output, as on a terminal."""
    session = Session.fresh(tmp_path)
    printed, status = session.run(Command(1, "echo a; echo b >&2; echo c; exit 3", (), 3))
    assert (printed, status) == (["a", "b", "c"], 3)
