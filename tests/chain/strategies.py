"""What the tests of the chain share: keys of fixed seeds, records of every type, and how hypothesis draws them."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any, get_args

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import strategies as st

from cloudbooks.chain import batch, note, record
from cloudbooks.chain.note import Vkey

VECTORS = Path(__file__).parent / "vectors"
BOOK = "019a9c3e-7b00-7000-8000-000000000001"
AUTHOR = "019a9c3e-7b00-7000-8000-000000000002"


def vectors(name: str) -> Any:
    """The content of a JSON file among the vectors."""
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


class SeedSigner:
    """A signer whose seed is one byte, 32 times: it protects nothing."""

    def __init__(self, seed: int, name: str = f"cloudbooks/{BOOK}", type_: int = note.ED25519) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.vkey = Vkey.of(name, self._key.public_key().public_bytes_raw(), type_)

    def sign(self, message: bytes) -> bytes:
        """Sign as any Ed25519 key does."""
        return self._key.sign(message)


def _forbidden() -> list[str]:
    # Written down a second time from FORMAT.md section 1, so that a slip in the program's own table is seen.
    text = """0000-001F 007F-009F 00AD 034F 061C 115F-1160 180E 200B-200F 2028-202E 2060-2069 3164 D800-DFFF FDD0-FDEF
    FEFF FFF9-FFFB E0000-E007F"""
    spans = [[int(end, 16) for end in span.split("-")] for span in text.split()]
    ends = [plane << 16 | low for plane in range(17) for low in (0xFFFE, 0xFFFF)]
    return [chr(point) for span in spans for point in range(span[0], span[-1] + 1)] + [chr(point) for point in ends]


FORBIDDEN = frozenset(_forbidden())

ids = st.integers(0, 2**48 - 1).map(lambda number: f"019a9c3e-7b00-7000-8000-{number:012x}")
texts = st.text(st.characters(exclude_characters=sorted(FORBIDDEN)), min_size=1, max_size=12)
"""Strings as format 1 takes them, not normalised."""

salts = st.binary(min_size=16, max_size=16).map(bytes.hex)
b3s = st.binary(min_size=32, max_size=32).map(lambda digest: f"b3:{digest.hex()}")
s256s = st.binary(min_size=32, max_size=32).map(lambda digest: f"s256:{digest.hex()}")
codes = st.from_regex(r"[A-Z][A-Z0-9._-]{0,23}", fullmatch=True)
days = st.dates().map(lambda day: day.isoformat())
periods = st.dates().map(lambda day: day.isoformat()[:7])
instants = st.datetimes().map(lambda time: time.replace(microsecond=0).isoformat() + "Z")
amounts = st.integers(-(10**17), 10**17).map(
    lambda cents: f"{'-' * (cents < 0)}{abs(cents) // 100}.{abs(cents) % 100:02}"
)
rates = st.from_regex(r"[1-9][0-9]{0,11}(?:\.[0-9]{0,11}[1-9])?", fullmatch=True).filter(str.isascii)
series = st.text(st.sampled_from("记收付转A9 "), min_size=1, max_size=10)


def optional(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """The strategy, or nothing."""
    return st.just("") | strategy


def several(strategy: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[tuple[Any, ...]]:
    """A few of them, in any order."""
    return st.lists(strategy, min_size=least, max_size=3).map(tuple)


def ascending(strategy: st.SearchStrategy[str], least: int = 0) -> st.SearchStrategy[tuple[str, ...]]:
    """A few different texts in their order."""
    return st.lists(strategy, min_size=least, max_size=4, unique=True).map(lambda words: tuple(sorted(words)))


attachments = st.builds(record.Attachment, b3s, s256s, st.integers(0, 2**53 - 1), texts, texts)
dimensions = st.dictionaries(texts, texts, max_size=3).map(
    lambda values: tuple(record.Dimension(name, values[name]) for name in sorted(values))
)
lines = st.builds(
    record.Line,
    account=ids,
    commodity=codes,
    amount=amounts,
    value=optional(amounts),
    red=st.booleans(),
    party=optional(ids),
    text=optional(texts),
    tax=optional(texts),
    dimensions=dimensions,
    settles=several(texts),
)
signatures = st.binary(min_size=64, max_size=64).map(lambda blob: b64encode(blob).decode())
approvals = st.dictionaries(ids, st.tuples(instants, signatures), max_size=2).map(
    lambda by: tuple(record.Approval(member, *by[member]) for member in sorted(by))
)
sources = st.builds(
    record.Source, st.sampled_from(get_args(record.SourceKind)), optional(texts), optional(texts), optional(ids)
)
keys = st.integers(1, 255).map(lambda seed: str(SeedSigner(seed).vkey))

entries = st.builds(
    record.Entry,
    id=ids,
    date=days,
    series=series,
    summary=texts,
    lines=several(lines, 1),
    made_by=ids,
    tags=several(texts),
    attachments=several(attachments),
    source=st.none() | sources,
    reverses=optional(ids),
    replaces=optional(ids),
    kind=st.sampled_from(get_args(record.EntryKind)),
    approvals=approvals,
)
books = st.builds(
    record.Book, ids, salts, texts, codes, instants, salts, st.integers(1, 12), texts, texts, texts, st.booleans()
)
members = st.builds(
    record.Member,
    id=ids,
    salt=salts,
    name=texts,
    key=keys,
    rights=ascending(st.sampled_from(get_args(record.Right)), 1),
    next_key=optional(s256s),
    revoked=st.booleans(),
)
commodities = st.builds(record.Commodity, ids, salts, codes, st.integers(0, 12), optional(texts))
accounts = st.builds(
    record.Account,
    id=ids,
    salt=salts,
    code=texts,
    name=texts,
    kind=st.sampled_from(get_args(record.Kind)),
    klass=optional(texts),
    parent=optional(ids),
    commodity=optional(codes),
    dimensions=ascending(texts),
    closed=st.booleans(),
)
parties = st.builds(record.Party, ids, salts, texts, several(texts), optional(texts), st.booleans())
rules = st.builds(record.Rules, ids, texts, b3s, st.integers(0, 2**53 - 1))
statements = st.builds(
    lambda ends, **fields: record.Statement(first=min(ends), last=max(ends), **fields),
    st.tuples(days, days),
    id=ids,
    account=ids,
    commodity=codes,
    file=attachments,
    profile=texts,
    lines=st.integers(1, 2**53 - 1),
    opening=optional(amounts),
    closing=optional(amounts),
)
prices = st.builds(record.Price, ids, days, codes, codes, rates)
notes = st.builds(record.Note, ids, instants, texts, optional(texts))
closes = st.builds(record.Close, ids, periods, optional(texts))
reopens = st.builds(record.Reopen, ids, periods, texts)

records: st.SearchStrategy[record.AnyRecord] = st.one_of(
    books, members, commodities, accounts, parties, rules, statements, entries, prices, notes, closes, reopens
)
"""Records of every type in good form; no law is kept."""


def made(some: list[record.AnyRecord] | tuple[record.AnyRecord, ...], base: batch.Base | None = None) -> batch.Batch:
    """A batch of these records, by the same author at the same time."""
    return batch.make(
        author=AUTHOR,
        base=base,
        book=BOOK,
        id="019a9c3e-7b00-7000-8000-000000009000",
        made_at="2026-10-31T08:15:30Z",
        program="cloudbooks/0.1.0",
        records=some,
    )


batches = st.lists(records, min_size=1, max_size=4).map(made)
