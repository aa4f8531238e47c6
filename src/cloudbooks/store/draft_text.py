"""A draft as a row: what is listed and counted in columns, the rest as one JSON object without empty members.

`settles` holds the names of all statement lines that the draft settles, parted by blanks, so that posting and
discarding find them without reading the rest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from cloudbooks.core.draft import Draft, DraftApproval, DraftLine, DraftState
from cloudbooks.core.entry import Attachment, EntryKind, Source, SourceKind
from cloudbooks.errors import Refusal, Sentence, sentence
from cloudbooks.store.days import day_number, day_of
from cloudbooks.store.row_text import Encode, Row
from cloudbooks.store.sentence_text import kept_sentence, sentence_of


class DraftUnknown(Refusal):
    """There is no draft of this number: it was never made, was discarded, or is posted."""

    code = "draft-unknown"

    def __init__(self, number: int) -> None:
        super().__init__(
            sentence("there is no draft D-{number}.", number=number),
            hint=sentence("cloudbooks draft list"),
        )


class DraftChanged(Refusal):
    """A draft is another than the one that was read and worked on."""

    code = "draft-changed"

    def __init__(self, number: int) -> None:
        super().__init__(
            sentence("D-{number} was changed since it was read.", number=number),
            hint=sentence("cloudbooks draft show D-{number}", number=number),
        )


SETTLES = 4
"""The place in a row of `draft` of the names that the draft settles."""

_MANUAL = Source(SourceKind.MANUAL)


def draft_row(draft: Draft, encode: Encode) -> Row:
    """The cells of a draft, without their digest."""
    return (
        draft.number,
        draft.state.value,
        day_number(draft.date),
        int(draft.sure),
        " ".join(dict.fromkeys(name for line in draft.lines for name in line.settles)),
        encode(_body(draft)).decode(),
    )


def draft_of(row: Row) -> Draft:
    """The draft of a row whose digest agrees."""
    number, state, day, sure, _, body = row[:6]
    assert isinstance(number, int)
    assert isinstance(day, int)
    kept: dict[str, Any] = json.loads(str(body))
    return Draft(
        date=day_of(day),
        series=kept.get("series", ""),
        summary=kept.get("summary", ""),
        lines=tuple(_line(line) for line in kept.get("lines", ())),
        number=number,
        state=DraftState(str(state)),
        sure=bool(sure),
        reason=_reason(kept.get("reason", "")),
        tags=tuple(kept.get("tags", ())),
        attachments=tuple(attachment_of(cells) for cells in kept.get("attachments", ())),
        source=_source(kept["source"]) if "source" in kept else _MANUAL,
        reverses=kept.get("reverses", ""),
        replaces=kept.get("replaces", ""),
        kind=EntryKind(kept["kind"]) if "kind" in kept else None,
        made_by=kept.get("made_by", ""),
        trace=tuple(kept.get("trace", ())),
        approvals=tuple(DraftApproval(*cells) for cells in kept.get("approvals", ())),
        entry_id=kept.get("entry_id", ""),
    )


def attachment_cells(attachment: Attachment) -> list[object]:
    """An attachment as a JSON array."""
    return [attachment.b3, attachment.s256, attachment.size, attachment.media, attachment.name]


def attachment_of(cells: Iterable[Any]) -> Attachment:
    """The attachment of such an array."""
    return Attachment(*cells)


def _reason(kept: str | list[Any]) -> Sentence | str:
    return kept if isinstance(kept, str) else sentence_of(kept)


def _body(draft: Draft) -> dict[str, object]:
    members: dict[str, object] = {
        "approvals": [[one.by, one.at, one.signature, one.key] for one in draft.approvals],
        "attachments": [attachment_cells(one) for one in draft.attachments],
        "entry_id": draft.entry_id,
        "kind": draft.kind.value if draft.kind else "",
        "lines": [_line_body(line) for line in draft.lines],
        "made_by": draft.made_by,
        "reason": draft.reason if isinstance(draft.reason, str) else kept_sentence(draft.reason),
        "replaces": draft.replaces,
        "reverses": draft.reverses,
        "series": draft.series,
        "source": None if draft.source == _MANUAL else _source_body(draft.source),
        "summary": draft.summary,
        "tags": draft.tags,
        "trace": draft.trace,
    }
    return {name: member for name, member in members.items() if member}


def _line_body(line: DraftLine) -> dict[str, object]:
    kept: dict[str, object] = {"account": line.account, "amount": line.amount, "commodity": line.commodity}
    if line.dimensions:
        kept["dimensions"] = line.dimensions
    if line.party:
        kept["party"] = line.party
    if line.red:
        kept["red"] = True
    if line.settles:
        kept["settles"] = line.settles
    if line.tax:
        kept["tax"] = line.tax
    if line.text:
        kept["text"] = line.text
    kept["value"] = line.value
    return kept


def _line(kept: dict[str, Any]) -> DraftLine:
    return DraftLine(
        account=kept["account"],
        commodity=kept["commodity"],
        amount=kept["amount"],
        value=kept["value"],
        party=kept.get("party", ""),
        text=kept.get("text", ""),
        tax=kept.get("tax", ""),
        dimensions=tuple((name, value) for name, value in kept.get("dimensions", ())),
        settles=tuple(kept.get("settles", ())),
        red=kept.get("red", False),
    )


def _source_body(source: Source) -> list[str]:
    return [source.kind.value, source.ref, source.rule, source.rules]


def _source(cells: Iterable[str]) -> Source:
    kind, ref, rule, rules = cells
    return Source(SourceKind(kind), ref, rule, rules)
