"""From values to wire records: amounts become canonical text, words become text that the chain takes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from cloudbooks.chain import record
from cloudbooks.core.account import Account
from cloudbooks.core.entry import Attachment, Entry, Posting, Source
from cloudbooks.core.money import canonical
from cloudbooks.errors import Refusal, Sentence, sentence
from cloudbooks.system.chance import new_salt

_UNFIT = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\u3164"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_TEXT_BYTES_MAX = 4096


class NameEmpty(Refusal):
    """A name holds nothing that the chain keeps: it is empty, blank or invisible."""

    code = "name-empty"

    def __init__(self, what: Sentence) -> None:
        super().__init__(
            sentence("{what} holds nothing that can be kept.", what=what),
            hint=sentence("write it in letters or digits"),
        )


def fit(text: str) -> str:
    """`text` as the chain takes it: NFC, characters that FORMAT.md section 1 forbids become blanks, 4096 bytes at most.

    Banks pad with tabs and carry stray controls; the row as it came stays in the statement's own file.
    """
    plain = _UNFIT.sub(" ", unicodedata.normalize("NFC", text)).strip()
    plain = "".join(" " if ord(character) & 0xFFFE == 0xFFFE else character for character in plain)  # noqa: PLR2004
    encoded = plain.encode()
    return plain if len(encoded) <= _TEXT_BYTES_MAX else encoded[:_TEXT_BYTES_MAX].decode(errors="ignore")


def fit_name(what: Sentence, text: str) -> str:
    """A name as the chain takes it; raises `NameEmpty` with `what` it is the name of."""
    name = fit(text)
    if not name:
        raise NameEmpty(what)
    return name


def fit_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags as the chain takes them, each once; one that holds nothing is none."""
    return tuple(dict.fromkeys(tag for tag in map(fit, tags) if tag))


def entry_record(entry: Entry, entry_id: str, scales: Mapping[str, int]) -> record.Entry:
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
