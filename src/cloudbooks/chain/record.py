"""The records of the chain, field for field as FORMAT.md section 2 has them.

Amounts, dates, ids and hashes are the texts that are hashed; `admitting` gives them meaning. A field that equals its
default is absent from the text. Field order here is for reading: the canonical text sorts keys by byte.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Right = Literal["admin", "approve", "close", "post"]
Kind = Literal["asset", "equity", "expense", "income", "liability"]
EntryKind = Literal["", "closing", "opening", "revaluation"]
SourceKind = Literal["close", "manual", "migration", "reversal", "rule", "statement"]


class _Part(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """An object inside a record."""


class Record(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="type", gc=False):
    """One line of a batch; every record has an id out of one namespace."""

    id: str


class Attachment(_Part, frozen=True):
    """A file attached to an entry or statement, by its digests and size."""

    b3: str
    s256: str
    bytes: int
    media: str
    name: str


class Dimension(_Part, frozen=True):
    """One value of an auxiliary dimension (辅助核算)."""

    name: str
    value: str


class Line(_Part, frozen=True):
    """One line of an entry; debit is positive. `value` is in the base, absent if the commodity is the base."""

    account: str
    commodity: str
    amount: str
    value: str = ""
    red: bool = False
    party: str = ""
    text: str = ""
    tax: str = ""
    dimensions: tuple[Dimension, ...] = ()
    settles: tuple[str, ...] = ()


class Source(_Part, frozen=True):
    """Where an entry came from; `rules` is the id of a `rules` record."""

    kind: SourceKind
    ref: str = ""
    rule: str = ""
    rules: str = ""


class Approval(_Part, frozen=True):
    """A member's signature over an entry without its approvals."""

    by: str
    at: str
    signature: str


class Book(Record, frozen=True, tag="book"):
    """State: the book itself; its id is the book id."""

    salt: str
    name: str
    base: str
    created_at: str
    blind: str
    fiscal_year_start: int
    jurisdiction: str = ""
    chart: str = ""
    tax_id: str = ""
    separate_duties: bool = False


class Member(Record, frozen=True, tag="member"):
    """State: someone who may sign, with rights and a verifier key."""

    salt: str
    name: str
    key: str
    rights: tuple[Right, ...]
    next_key: str = ""
    revoked: bool = False


class Commodity(Record, frozen=True, tag="commodity"):
    """State: a currency or counted thing."""

    salt: str
    code: str
    scale: int
    name: str = ""


class Account(Record, frozen=True, tag="account", rename={"klass": "class"}):
    """State: one account of the chart."""

    salt: str
    code: str
    name: str
    kind: Kind
    klass: str = ""
    parent: str = ""
    commodity: str = ""
    dimensions: tuple[str, ...] = ()
    closed: bool = False


class Party(Record, frozen=True, tag="party"):
    """State: a customer, supplier or employee."""

    salt: str
    name: str
    kinds: tuple[str, ...] = ()
    tax_id: str = ""
    closed: bool = False


class Rules(Record, frozen=True, tag="rules"):
    """Event: a rule set, by the digest and size of its text, which is kept like an attachment."""

    name: str
    digest: str
    bytes: int


class Statement(Record, frozen=True, tag="statement"):
    """Event: a statement imported; its line n is named `<id>/<n>`."""

    account: str
    commodity: str
    file: Attachment
    profile: str
    first: str
    last: str
    lines: int
    opening: str = ""
    closing: str = ""


class Entry(Record, frozen=True, tag="entry"):
    """Event: a posted entry."""

    date: str
    series: str
    summary: str
    lines: tuple[Line, ...]
    made_by: str
    tags: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    source: Source | None = None
    reverses: str = ""
    replaces: str = ""
    kind: EntryKind = ""
    approvals: tuple[Approval, ...] = ()


class Price(Record, frozen=True, tag="price"):
    """Event: what one unit of `commodity` was worth in `base` on a day."""

    date: str
    commodity: str
    base: str
    rate: str


class Note(Record, frozen=True, tag="note"):
    """Event: what a reader of the log should know."""

    at: str
    text: str
    about: str = ""


class Close(Record, frozen=True, tag="close"):
    """Event: a period, and all before it, is locked."""

    period: str
    reason: str = ""


class Reopen(Record, frozen=True, tag="reopen"):
    """Event: the last closed period is open again."""

    period: str
    reason: str


AnyRecord = Book | Member | Commodity | Account | Party | Rules | Statement | Entry | Price | Note | Close | Reopen
STATE_TYPES = (Book, Member, Commodity, Account, Party)
