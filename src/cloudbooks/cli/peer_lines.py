"""How peers and what two copies have apart are shown, for people and for scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from cloudbooks.cli.face import Face
from cloudbooks.cli.formats import money
from cloudbooks.cli.showing import column, listed
from cloudbooks.errors import Sentence, counted, sentence
from cloudbooks.reports.table import Amount

if TYPE_CHECKING:
    from cloudbooks.books.differing import Difference, OneSided
    from cloudbooks.books.syncing import Renumbered, Standing, Synced

_SHOWN = 200
"""Entries of one side that people are shown; scripts get all."""


def standing_lines(one: Standing) -> Iterator[Sentence]:
    """How a peer relates to this copy, in one sentence, and what waits."""
    name, ours, theirs = one.peer.name, one.ours - one.common, one.theirs - one.common
    relation = one.relation.value
    if relation == "same":
        yield counted("{name}: same, {n} block.", "{name}: same, {n} blocks.", one.theirs, name=name)
    elif relation == "ahead":
        yield counted(
            "{name}: ahead, this copy has {n} block that is not there.",
            "{name}: ahead, this copy has {n} blocks that are not there.",
            ours,
            name=name,
        )
    elif relation == "behind":
        yield counted(
            "{name}: behind, {n} block is there that this copy has not.",
            "{name}: behind, {n} blocks are there that this copy has not.",
            theirs,
            name=name,
        )
    elif relation == "diverged":
        yield sentence(
            "{name}: diverged after {common} blocks: {ours} here, {theirs} there.",
            name=name,
            common=one.common,
            ours=ours,
            theirs=theirs,
        )
    elif relation == "rolled-back":
        yield counted("{name}: rolled back to {n} block.", "{name}: rolled back to {n} blocks.", one.theirs, name=name)
    else:
        yield sentence("{name}: unreachable.", name=name)


def standing_facts(one: Standing) -> dict[str, object]:
    """How a peer relates to this copy, for scripts; sizes count blocks."""
    reached = one.relation.value != "unreachable"
    return {
        "name": one.peer.name,
        "relation": one.relation.value,
        "ours": {"blocks": one.ours, "signed": one.signed_ours, "head": one.head, "waiting": one.waiting},
        "theirs": {"blocks": one.theirs, "signed": one.signed_theirs} if reached else None,
        "common": one.common if reached else None,
        "fork": one.fault is not None and one.fault.code == "forked",
    }


def synced_lines(one: Synced) -> Iterator[Sentence]:
    """What was done with a peer; what stands elsewhere now, and what returned."""
    name = one.peer.name
    if one.taken:
        entries = counted("{n} entry", "{n} entries", one.entries)
        yield counted(
            "{name}: took {n} block with {entries}.",
            "{name}: took {n} blocks with {entries}.",
            one.taken,
            name=name,
            entries=entries,
        )
    for moved in one.moved:
        if moved.before != moved.after:
            yield sentence(
                "Block {before} of this copy is block {after} now: others posted first.",
                before=moved.before,
                after=moved.after,
            )
        yield from _renumbered(moved)
    if one.returned and not one.drafts:
        yield counted(
            "{n} batch lost its place and a law with it: what it stated waits for the next one.",
            "{n} batches lost their places and a law with them: what they stated waits for the next one.",
            one.returned,
        )
    if one.drafts:
        yield counted(
            "{n} entry returned to the drafts: it no longer keeps all laws after what others posted.",
            "{n} entries returned to the drafts: they no longer keep all laws after what others posted.",
            len(one.drafts),
        )
        for draft in one.drafts:
            yield sentence("  {draft}  {summary}: {reason}", draft=draft.name, summary=draft.summary,
                           reason=draft.reason)  # fmt: skip
    if one.discarded:
        yield counted(
            "{n} draft was discarded: another copy has posted its line.",
            "{n} drafts were discarded: another copy has posted their lines.",
            len(one.discarded),
        )
    if one.sent:
        yield counted("{name}: sent {n} block.", "{name}: sent {n} blocks.", one.sent, name=name)
    yield from _stamp_lines(one)
    if not one.taken and not one.sent and not one.stamps_taken + one.stamps_sent and one.fault is None:
        yield sentence("{name}: nothing new.", name=name)


def _renumbered(moved: Renumbered) -> Iterator[Sentence]:
    for series, period, before, after, count in moved.numbers:
        if before != after:
            yield sentence(
                "  {period}/{before} is {after} now.",
                period=period,
                before=_span(series, before, count),
                after=_span(series, after, count),
            )


def _span(series: str, first: int, count: int) -> str:
    last = f" … {series}-{first + count - 1:04d}" if count > 1 else ""
    return f"{series}-{first:04d}{last}"


def _stamp_lines(one: Synced) -> Iterator[Sentence]:
    """Timestamps that went either way."""
    name = one.peer.name
    if one.stamps_taken:
        yield counted("{name}: took {n} timestamp.", "{name}: took {n} timestamps.", one.stamps_taken, name=name)
    if one.stamps_sent:
        yield counted("{name}: sent {n} timestamp.", "{name}: sent {n} timestamps.", one.stamps_sent, name=name)


def synced_facts(face: Face, one: Synced) -> dict[str, object]:
    """What was done with a peer, for scripts; `taken` and `sent` count blocks."""
    return {
        "name": one.peer.name,
        "relation": one.relation.value,
        "taken": one.taken,
        "entries": one.entries,
        "sent": one.sent,
        "timestamps_taken": one.stamps_taken,
        "timestamps_sent": one.stamps_sent,
        "moved": [
            {
                "before": moved.before,
                "after": moved.after,
                "numbers": [
                    {"series": series, "period": period, "before": before, "after": after, "entries": count}
                    for series, period, before, after, count in moved.numbers
                ],
            }
            for moved in one.moved
        ],
        "discarded": [draft.name for draft in one.discarded],
        "returned": [{"draft": draft.name, "reason": face.locale.say(draft.reason)} for draft in one.drafts],
    }


def difference_lines(face: Face, found: Difference, name: str) -> list[str]:
    """Both sides as entries, then what the accounts have by each side alone."""
    compared = found.compared
    lines = [
        face.locale.say(
            sentence(
                "{name}: {relation}, {common} blocks in common, {ours} only here, {theirs} only there.",
                name=name,
                relation=compared.relation.value,
                common=compared.common,
                ours=compared.ours - compared.common,
                theirs=compared.theirs - compared.common,
            )
        )
    ]
    if found.fork:
        lines.append(face.locale.say(sentence("It is a fork: both sides are signed. Both heads are kept as evidence.")))
    for title, side in ((sentence("Only here"), found.ours), (sentence("Only there"), found.theirs)):
        if side:
            lines += ["", face.locale.say(title), *_entry_lines(face, side, found)]
    if found.balances:
        lines += ["", face.locale.say(sentence("By account")), *_balance_lines(face, found)]
    return lines


def _entry_lines(face: Face, side: Sequence[OneSided], found: Difference) -> list[str]:
    columns = (
        column("block", sentence("Block"), right=True),
        column("date", sentence("Date")),
        column("number", sentence("Number")),
        column("summary", sentence("Summary")),
        column("amount", sentence("Amount"), right=True),
    )
    scale = found.scales[found.base]
    rows = [
        (str(one.block), one.date, one.number, one.summary, Amount(_debit(one), scale, found.base))
        for one in side[:_SHOWN]
    ]
    lines = listed(face, columns, rows, sentence("No entries."))
    if len(side) > _SHOWN:
        lines.append(face.locale.say(sentence("{n} more: --json has all of them.", n=len(side) - _SHOWN)))
    return lines


def _debit(one: OneSided) -> int:
    return sum(value for _, _, _, value in one.lines if value > 0)


def _balance_lines(face: Face, found: Difference) -> list[str]:
    columns = (
        column("account", sentence("Account")),
        column("ours", sentence("Only here"), right=True),
        column("theirs", sentence("Only there"), right=True),
    )
    rows = []
    for one in found.balances:
        scale = found.scales[one.commodity]
        named = one.commodity != found.base
        rows.append(
            (
                _account(found, one.account),
                Amount(one.ours, scale, one.commodity, named=named),
                Amount(one.theirs, scale, one.commodity, named=named),
            )
        )
    return listed(face, columns, rows, sentence("No entries."))


def _account(found: Difference, account: str) -> str:
    return " ".join(found.accounts[account])


def difference_facts(found: Difference, name: str) -> dict[str, object]:
    """Two copies compared, for scripts."""
    compared = found.compared
    return {
        "name": name,
        "relation": compared.relation.value,
        "ours": {"blocks": compared.ours},
        "theirs": {"blocks": compared.theirs, "signed": compared.signed},
        "common": compared.common,
        "fork": found.fork,
        "entries_only_ours": list(_entry_facts(found.ours, found)),
        "entries_only_theirs": list(_entry_facts(found.theirs, found)),
        "balances": [
            {
                "account": one.account,
                "code": found.accounts[one.account][0],
                "ours": _money(one.ours, one.commodity, found),
                "theirs": _money(one.theirs, one.commodity, found),
            }
            for one in found.balances
        ],
    }


def _entry_facts(side: Iterable[OneSided], found: Difference) -> Iterator[dict[str, object]]:
    for one in side:
        yield {
            "id": one.id,
            "number": one.number,
            "date": one.date,
            "summary": one.summary,
            "batch": one.block,
            "postings": [
                {
                    "account": account,
                    "code": found.accounts[account][0],
                    "amount": _money(amount, commodity, found),
                }
                for account, commodity, amount, _ in one.lines
            ],
        }


def _money(minor: int, code: str, found: Difference) -> Mapping[str, str]:
    return money(minor, found.scales[code], code)
