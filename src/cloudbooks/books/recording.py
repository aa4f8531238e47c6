"""From values to wire records: amounts become canonical text, words become text that the chain takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cloudbooks.books.fitting import fit, fit_tags
from cloudbooks.chain import record
from cloudbooks.core.account import Account
from cloudbooks.core.draft import DraftApproval
from cloudbooks.core.entry import Attachment, Entry, Posting, Source
from cloudbooks.core.money import canonical
from cloudbooks.system.chance import new_salt


def entry_record(
    entry: Entry, entry_id: str, scales: Mapping[str, int], approvals: Sequence[DraftApproval] = ()
) -> record.Entry:
    """The wire record of an entry; `scales` holds the scale of every commodity in it, the base's included."""
    return record.Entry(
        id=entry_id,
        date=entry.date.isoformat(),
        series=fit(entry.series),
        summary=fit(entry.summary),
        lines=tuple(_line(posting, entry.base, scales) for posting in entry.postings),
        made_by=entry.made_by,
        tags=fit_tags(entry.tags),
        attachments=tuple(attachment_part(attachment) for attachment in entry.attachments),
        source=_source(entry.source),
        reverses=entry.reverses,
        replaces=entry.replaces,
        kind=entry.kind.value if entry.kind else "",
        approvals=tuple(record.Approval(one.by, one.at, one.signature) for one in approvals),
    )


def _line(posting: Posting, base: str, scales: Mapping[str, int]) -> record.Line:
    foreign = posting.commodity != base
    return record.Line(
        account=posting.account,
        commodity=posting.commodity,
        amount=canonical(posting.amount, scales[posting.commodity]),
        value=canonical(posting.value, scales[base]) if foreign else "",
        red=posting.red,
        party=posting.party,
        text=fit(posting.text),
        tax=fit(posting.tax),
        dimensions=tuple(record.Dimension(fit(name), fit(value)) for name, value in sorted(posting.dimensions)),
        settles=posting.settles,
    )


def _source(source: Source) -> record.Source:
    return record.Source(source.kind.value, fit(source.ref), fit(source.rule), source.rules)


def attachment_part(attachment: Attachment) -> record.Attachment:
    """The wire form of an attached file."""
    return record.Attachment(
        attachment.b3, attachment.s256, attachment.size, fit(attachment.media), fit(attachment.name)
    )


def account_record(account: Account) -> record.Account:
    """The wire record that states an account, with a fresh salt."""
    return record.Account(
        id=account.id,
        salt=new_salt(),
        code=fit(account.code),
        name=fit(account.name),
        kind=account.kind.value,
        klass=account.klass,
        parent=account.parent,
        commodity=account.commodity,
        dimensions=account.dimensions,
        closed=account.closed,
    )
