"""How entries, drafts and tables look on a terminal and in JSON: shared by the commands that show them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from cloudbooks.cli.face import Face
from cloudbooks.core.text import cells, pad, pad_left
from cloudbooks.errors import Sentence, joined, sentence
from cloudbooks.reports.layout import lay_out
from cloudbooks.reports.table import Align, Amount, Cell, Column, Row, Table
from cloudbooks.system.clock import local_time

if TYPE_CHECKING:
    from cloudbooks.books.standing import Standing
    from cloudbooks.core.draft import Draft, DraftLine
    from cloudbooks.core.entry import Attachment, PostedEntry
    from cloudbooks.reports.names import Names

STATES: Mapping[str, Sentence] = {
    "incomplete": sentence("incomplete"),
    "proposed": sentence("proposed"),
    "ready": sentence("ready"),
    "waiting": sentence("waiting"),
    "returned": sentence("returned"),
    "held": sentence("held"),
}
KINDS: Mapping[str, Sentence] = {
    "asset": sentence("asset"),
    "liability": sentence("liability"),
    "equity": sentence("equity"),
    "income": sentence("income"),
    "expense": sentence("expense"),
}


def column(key: str, name: Sentence | str, *, right: bool = False, priority: int = 0) -> Column:
    """A column of a plain list."""
    return Column(key, name, Align.RIGHT if right else Align.LEFT, priority)


def listed(face: Face, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], empty: Sentence) -> list[str]:
    """A plain list as lines, or the sentence that says that it is empty."""
    built = tuple(Row(tuple(row)) for row in rows)
    if not built:
        return [face.locale.say(empty)]
    return table_lines(face, Table("", tuple(columns), built))


def table_lines(face: Face, table: Table) -> list[str]:
    """A table in the width and language of the face, its head in bold where there are colours."""
    lines = [line.rstrip() for line in lay_out(table, face.width or None, ascii_only=face.ascii, say=face.locale.say)]
    if face.color:
        lines[0] = f"\x1b[1m{lines[0]}\x1b[0m"
    return lines


def line_amount(line: DraftLine, names: Names) -> Amount | None:
    """The amount of a draft's line, `None` where it is not known yet."""
    if line.amount is None:
        return None
    return Amount(line.amount, names.commodities[line.commodity].scale, line.commodity, named=_foreign(line, names))


def _foreign(line: DraftLine, names: Names) -> bool:
    return line.commodity != names.base


def draft_total(draft: Draft, names: Names) -> Amount | None:
    """The sum of a draft's debits in the base, `None` while a value is not known."""
    total = 0
    for line in draft.lines:
        value = line.amount if line.commodity == names.base else line.value
        if value is None:
            return None
        total += value if _debit_side(line) else 0
    return Amount(total, names.commodities[names.base].scale, names.base)


def draft_lines(
    face: Face, draft: Draft, names: Names, *, detailed: bool = False, stands: Standing | None = None
) -> Iterator[str]:
    """A draft as people read it: a head, then its lines with debit and credit; `detailed` adds all else it holds."""
    title = sentence("Draft {name}", name=draft.name)
    day = draft.date.isoformat() if draft.date else sentence("no date")
    yield "   ".join(face.locale.say(one) for one in (title, day, draft.summary))
    yield from side_lines(face, [_side(line, names) for line in draft.lines], numbered=detailed)
    if not detailed:
        return
    yield face.locale.say(sentence("State: {state}", state=state_of(draft)))
    if draft.reason:
        yield face.locale.say(sentence("Reason: {reason}", reason=draft.reason))
    if stands is not None:
        yield from _standing_lines(face, stands)
    base = names.base
    for lack in draft.lacks(base, names.commodities[base].scale):
        yield face.locale.say(sentence("Missing: {what}", what=lack))
    if draft.tags:
        yield face.locale.say(sentence("Tags: {tags}", tags=joined(draft.tags)))
    for attachment in draft.attachments:
        yield face.locale.say(attached(attachment))
    for step in draft.trace:
        yield face.locale.say(sentence("Why: {step}", step=step))


def template_lines(face: Face, draft: Draft, names: Names) -> Iterator[str]:
    """The lines of a draft alone, with debit and credit."""
    yield from side_lines(face, [_side(line, names) for line in draft.lines])


def _standing_lines(face: Face, stands: Standing) -> Iterator[str]:
    """Who made a draft, who approved it, and what is in its way."""
    if stands.obstacle is not None:
        yield face.locale.say(sentence("Not to be posted: {why}", why=stands.obstacle))
    if stands.maker:
        yield face.locale.say(sentence("Made by {name}", name=stands.maker))
    for one in stands.approvals:
        said = sentence("Approved by {name}, {at}", name=one.name, at=local_time(one.at))
        if not one.stands:
            said = sentence("Approved by {name}, {at}, which counts no more", name=one.name, at=local_time(one.at))
        yield face.locale.say(said)


def attached(attachment: Attachment) -> Sentence:
    """An attachment by its name, size and digest."""
    return sentence(
        "Attached: {file}, {size} bytes, {b3}", file=attachment.name, size=attachment.size, b3=attachment.b3
    )


def state_of(draft: Draft) -> Sentence:
    """A draft's state in words; a proposal that a rule decided alone is sure."""
    if draft.state == "proposed" and draft.sure:
        return sentence("proposed, sure")
    return STATES[draft.state]


def _side(line: DraftLine, names: Names) -> tuple[bool, str, str]:
    account = str(names.chart[line.account]) if line.account else "?"
    amount = line_amount(line, names)
    debit = _debit_side(line)
    return debit, account, "?" if amount is None else _unsigned(amount, debit=debit)


def _debit_side(line: DraftLine) -> bool:
    return ((line.amount or line.value or 0) >= 0) != line.red


def entry_lines(face: Face, entry: PostedEntry, names: Names) -> Iterator[str]:
    """A posted entry as people read it: a head, then its lines with debit and credit."""
    block = sentence("block {number}", number=entry.block)
    yield "   ".join(
        face.locale.say(one) for one in (entry.dated_voucher, entry.date.isoformat(), entry.summary, block)
    )
    sides = []
    for posting in entry.postings:
        amount = names.amount(posting)
        shown = Amount(amount.minor, amount.scale, amount.commodity, named=posting.commodity != names.base)
        sides.append(
            (posting.debit_side, str(names.chart[posting.account]), _unsigned(shown, debit=posting.debit_side))
        )
    yield from side_lines(face, sides)


def _unsigned(amount: Amount, *, debit: bool) -> str:
    """The amount in its own column: a minus there is a red one."""
    return Amount(amount.minor if debit else -amount.minor, amount.scale, amount.commodity, amount.named).shown()


def side_lines(face: Face, sides: Sequence[tuple[bool, str, str]], *, numbered: bool = False) -> Iterator[str]:
    """Lines of an entry: `Dr` or `Cr`, the account, and the amount in the column of its side.

    Debits come first, as in every voucher; `numbered` keeps the order of the draft and shows each line's number.
    """
    words = {True: face.locale.say(sentence("Dr")), False: face.locale.say(sentence("Cr"))}
    accounts = max((cells(face.locale.say(account)) for _, account, _ in sides), default=0)
    debits = max((cells(amount) for debit, _, amount in sides if debit), default=0)
    credits_ = max((cells(amount) for debit, _, amount in sides if not debit), default=0)
    order = enumerate(sides, start=1) if numbered else enumerate(sorted(sides, key=lambda side: not side[0]), start=1)
    for number, (debit, account, amount) in order:
        left = pad_left(amount, debits) if debit else " " * debits
        right = "" if debit else "  " + pad_left(amount, credits_)
        mark = f"  {number}" if numbered else ""
        yield f"{mark}  {words[debit]} {pad(face.locale.say(account), accounts)}  {left}{right}".rstrip()


def draft_facts(face: Face, draft: Draft, names: Names, stands: Standing | None = None) -> dict[str, object]:
    """A draft for scripts."""
    said: dict[str, object] = {}
    if stands is not None:
        said["made_by"] = stands.maker or None
        said["approvals"] = [{"by": one.name, "at": one.at, "stands": one.stands} for one in stands.approvals]
        said["obstacle"] = None if stands.obstacle is None else face.locale.say(stands.obstacle)
    return said | {
        "id": draft.name,
        "number": draft.number,
        "state": draft.state.value,
        "sure": draft.sure,
        "date": draft.date.isoformat() if draft.date else None,
        "series": draft.series,
        "summary": draft.summary,
        "tags": list(draft.tags),
        "reason": face.locale.say(draft.reason),
        "lines": [_line_facts(line, names) for line in draft.lines],
        "source": {"kind": draft.source.kind.value, "ref": draft.source.ref, "rule": draft.source.rule},
        "reverses": draft.reverses or None,
        "replaces": draft.replaces or None,
        "attachments": [{"name": one.name, "size": one.size, "b3": one.b3} for one in draft.attachments],
        "trace": list(draft.trace),
    }


def _line_facts(line: DraftLine, names: Names) -> dict[str, object]:
    amount = line_amount(line, names)
    facts: dict[str, object] = {
        "account": line.account or None,
        "code": names.chart[line.account].code if line.account else None,
        "amount": None if amount is None else amount.json(),
    }
    if line.commodity != names.base:
        scale = names.commodities[names.base].scale
        facts["value"] = None if line.value is None else Amount(line.value, scale, names.base).json()
    if line.party:
        known = names.parties.get(line.party)
        facts["party"] = known.name if known else line.party
    if line.text:
        facts["text"] = line.text
    return facts
