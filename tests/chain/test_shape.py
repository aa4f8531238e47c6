from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.chain import strategies
from tests.chain.strategies import BOOK, SeedSigner, vectors

from cloudbooks.chain import decoding, note, shape
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.note import Vkey
from cloudbooks.chain.record import AnyRecord, Approval, Attachment, Dimension, Entry

BY_TYPE: dict[str, dict[str, Any]] = {}
for golden in reversed(vectors("golden-records.json")):
    BY_TYPE[golden["type"]] = json.loads(golden["line"])

ABSENT = object()
ID, UPPER, V4 = BOOK, BOOK.upper(), "019a9c3e-7b00-4000-8000-000000000001"
B3, S256 = f"b3:{'0' * 64}", f"s256:{'0' * 64}"
KEY = str(SeedSigner(1).vkey)
ATTACHED: dict[str, object] = BY_TYPE["entry"]["attachments"][0]
FIRST_LINE: dict[str, object] = BY_TYPE["entry"]["lines"][0]
APPROVAL: dict[str, object] = BY_TYPE["entry"]["approvals"][0]


def _line(value: dict[str, object]) -> bytes:
    said = {key: item for key, item in value.items() if item is not ABSENT}
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _read(type_: str, **fields: object) -> AnyRecord:
    records, *_ = decoding.read_records(_line({**BY_TYPE[type_], **fields}) + b"\n", BOOK)
    return records[0]


@given(strategies.records)
def test_good_records_pass(record: AnyRecord) -> None:
    """Records whose every field is in form pass, whatever laws they break."""
    shape.checks(BOOK)[type(record)](record)


AMISS = {
    "id": [UPPER, V4, "", ID + "0", f"{ID} "],
    "date": ["2023-02-29", "2026-10-3", "", "20261031"],
    "series": ["", "记" * 11],
}
AMOUNTS_AMISS = ["", "-0", "-0.00", "01", "1.", ".5", "+1", "1e2", "1.0 ", "--1", "٣"]


@given(st.lists(strategies.entries, max_size=4), strategies.entries, st.data())
def test_many_entries_are_looked_at_as_each_one_is(others: list[Entry], one: Entry, data: st.DataObject) -> None:
    """Entries pass together if each of them passes alone, and one that is amiss is seen among any others."""
    assert shape.entries_are_in_shape([*others, one])
    field = data.draw(st.sampled_from([*AMISS, "lines", "amount", "value", "dimensions", "attachments", "approvals"]))
    spoilt = msgspec.structs.replace(one, **_spoilt(one, field, data))
    with pytest.raises(FormFault):
        shape.checks(BOOK)[Entry](spoilt)
    at = data.draw(st.integers(0, len(others)))
    assert not shape.entries_are_in_shape([*others[:at], spoilt, *others[at:]])


def _spoilt(one: Entry, field: str, data: st.DataObject) -> dict[str, Any]:
    """What is amiss with an entry, in one of its fields."""
    if field in AMISS:
        return {field: data.draw(st.sampled_from(AMISS[field]))}
    if field == "lines":
        return {"lines": ()}
    if field == "attachments":
        return {"attachments": (Attachment("b3:0", S256, 1, "text/plain", "x"),)}
    if field == "approvals":
        return {"approvals": (Approval(ID, "2026-10-31T08:15:30Z", "AAAA"),)}
    place = data.draw(st.integers(0, len(one.lines) - 1))
    amiss: dict[str, Any] = {"dimensions": (Dimension("b", "x"), Dimension("a", "x"))}
    if field != "dimensions":
        # Nothing at all is no value, which is as it should be where the commodity is the base.
        words = AMOUNTS_AMISS[1:] if field == "value" else AMOUNTS_AMISS
        amiss = {field: data.draw(st.sampled_from(words))}
    line = msgspec.structs.replace(one.lines[place], **amiss)
    return {"lines": (*one.lines[:place], line, *one.lines[place + 1 :])}


IN_FORM: list[tuple[str, Any]] = [
    ("book", {"fiscal_year_start": 12, "jurisdiction": ABSENT, "chart": ABSENT, "separate_duties": ABSENT}),
    ("book", {"created_at": "0001-01-01T00:00:00Z"}),
    ("book", {"created_at": "9999-12-31T23:59:59Z"}),
    ("member", {"next_key": ABSENT, "revoked": ABSENT, "rights": ["post"]}),
    ("commodity", {"scale": 0, "name": ABSENT}),
    ("commodity", {"scale": 12, "code": "A.-_9" + "Z" * 19}),
    ("account", {"class": ABSENT, "dimensions": ABSENT}),
    ("rules", {"bytes": 2**53 - 1}),
    ("statement", {"first": "2024-02-29", "last": "2024-02-29", "opening": ABSENT, "closing": "-0.01"}),
    ("entry", {"lines": [{**FIRST_LINE, "amount": "0", "value": "0.000000000000"}]}),
    ("entry", {"series": "记" * 10}),
    ("price", {"rate": "0.000000000001"}),
    ("price", {"rate": "999999999999.999999999999"}),
    ("price", {"rate": "10"}),
    ("note", {"about": "any string"}),
    ("close", {"reason": ABSENT, "period": "0001-01"}),
]


@pytest.mark.parametrize(("type_", "fields"), IN_FORM)
def test_values_in_form(type_: str, fields: dict[str, object]) -> None:
    """The ends of every range are in form."""
    assert _read(type_, **fields)


OFF: list[tuple[str, Any]] = [
    *((type_, {"id": value}) for type_ in BY_TYPE for value in (UPPER, V4, ID[:-1], f"{ID} ", f"urn:{ID}", ABSENT)),
    *((type_, {"colour": "red"}) for type_ in BY_TYPE),
    *((type_, {"salt": "0" * 31 + "A"}) for type_ in ("book", "member", "commodity", "account", "party")),
    *((type_, {"salt": ABSENT}) for type_ in ("book", "member", "commodity", "account", "party")),
    ("book", {"blind": "0" * 31}),
    ("book", {"base": "cny"}),
    ("book", {"fiscal_year_start": 0}),
    ("book", {"fiscal_year_start": 13}),
    ("book", {"fiscal_year_start": "1"}),
    ("book", {"separate_duties": "yes"}),
    *(
        ("book", {"created_at": value})
        for value in (
            "2026-08-01",
            "2026-08-01T00:00:60Z",
            "2026-08-01T24:00:00Z",
            "2026-08-01T00:00:00+00:00",
            "2026-08-01t00:00:00z",
            "2026-08-01 00:00:00Z",
            "2026-02-29T00:00:00Z",
            "0000-01-01T00:00:00Z",
            "20260801T00:00:00Z",
            "２026-08-01T00:00:00Z",
        )
    ),
    ("member", {"key": KEY[:-1]}),
    ("member", {"key": str(SeedSigner(1, "cloudbooks/another").vkey)}),
    ("member", {"key": str(SeedSigner(1, type_=note.COSIGNATURE).vkey)}),
    ("member", {"key": str(Vkey.of(f"cloudbooks/{BOOK}", bytes(32)))}),
    ("member", {"key": str(Vkey.of(f"cloudbooks/{BOOK}", b"\xff" * 32))}),
    ("member", {"rights": ["post", "admin"]}),
    ("member", {"rights": ["post", "post"]}),
    ("member", {"rights": ["fly"]}),
    ("member", {"rights": ABSENT}),
    ("member", {"next_key": B3}),
    ("commodity", {"code": "1A"}),
    ("commodity", {"code": "A" * 25}),
    ("commodity", {"scale": 13}),
    ("commodity", {"scale": -1}),
    ("account", {"kind": "cost"}),
    ("account", {"dimensions": ["b", "a"]}),
    ("account", {"dimensions": "a"}),
    ("party", {"name": ABSENT}),
    ("rules", {"digest": S256}),
    ("rules", {"bytes": -1}),
    ("statement", {"first": "2026-10-32"}),
    ("statement", {"last": "2026-09-30"}),
    ("statement", {"lines": 0}),
    ("statement", {"opening": "+1.00"}),
    ("statement", {"closing": "1,00"}),
    ("statement", {"file": {**ATTACHED, "b3": S256}}),
    ("statement", {"file": {**ATTACHED, "s256": B3}}),
    ("statement", {"file": {**ATTACHED, "bytes": -1}}),
    *(("entry", {"date": value}) for value in ("2026-10", "2026-1-1", "20261001", "2026-W01-1", "2026-13-01")),
    *(
        ("entry", {"lines": [{**FIRST_LINE, field: value}]})
        for field in ("amount", "value")
        for value in ("-0", "-0.00", "00.10", "01", ".5", "1.", "1e2", "+1", " 1", "1 ", "１", "--1", "1.0.0", "0x1")
    ),
    ("entry", {"lines": [{key: FIRST_LINE[key] for key in ("account", "commodity")}]}),
    ("entry", {"lines": [{**FIRST_LINE, "colour": "red"}]}),
    ("entry", {"lines": ABSENT}),
    ("entry", {"lines": [{**FIRST_LINE, "dimensions": [{"name": "b", "value": "1"}, {"name": "a", "value": "1"}]}]}),
    ("entry", {"lines": [{**FIRST_LINE, "dimensions": [{"name": "a", "value": "1"}, {"name": "a", "value": "2"}]}]}),
    ("entry", {"attachments": [{**ATTACHED, "b3": "b3:" + "A" * 64}]}),
    ("entry", {"source": {"kind": "guess"}}),
    ("entry", {"kind": "normal"}),
    ("entry", {"approvals": [APPROVAL, APPROVAL]}),
    ("entry", {"approvals": [{**APPROVAL, "at": "now"}]}),
    ("entry", {"approvals": [{**APPROVAL, "signature": "AAAA"}]}),
    ("entry", {"approvals": [{**APPROVAL, "signature": str(APPROVAL["signature"])[:-2]}]}),
    ("price", {"date": "2026-02-30"}),
    ("price", {"commodity": "usd"}),
    ("price", {"base": "¥"}),
    *(
        ("price", {"rate": value})
        for value in ("0", "0.0", "-1", "7.10", "7.", "1000000000000", "0.0000000000001", "07.1", "1e3", "1.")
    ),
    ("note", {"at": "2026-10-31"}),
    *(
        (type_, {"period": value})
        for type_ in ("close", "reopen")
        for value in ("2026-13", "2026-1", "0000-01", "2026")
    ),
    ("reopen", {"reason": ABSENT}),
]


@pytest.mark.parametrize(("type_", "fields"), OFF)
def test_values_off_the_schema(type_: str, fields: dict[str, object]) -> None:
    """A field that is missing, unknown, or holds what format 1 does not put there is refused as such."""
    with pytest.raises(FormFault) as caught:
        _read(type_, **fields)
    assert (caught.value.code, caught.value.record) == ("schema", 1)


@pytest.mark.parametrize(
    ("type_", "fields"),
    [
        ("entry", {"kind": ""}),
        ("entry", {"tags": []}),
        ("entry", {"lines": []}),
        ("entry", {"summary": ""}),
        ("entry", {"lines": [{**FIRST_LINE, "red": False}]}),
        ("entry", {"source": None}),
        ("member", {"rights": []}),
        ("party", {"kinds": ["customer", ""]}),
        ("rules", {"bytes": 2**53}),
        ("rules", {"bytes": 10**30}),
        ("commodity", {"scale": 2.0}),
        ("note", {"text": "soft\u00adhyphen"}),
    ],
)
def test_values_without_canonical_text(type_: str, fields: dict[str, object]) -> None:
    """What has no canonical text is refused as such, whatever the schema says of it."""
    with pytest.raises(FormFault) as caught:
        _read(type_, **fields)
    assert caught.value.code == "canonical"


@pytest.mark.parametrize(
    ("type_", "fields"),
    [
        ("entry", {"series": "记" * 11}),
        ("entry", {"series": "x" * 33}),
        ("entry", {"summary": "x" * 4097}),
        ("entry", {"lines": [{**FIRST_LINE, "text": "记" * 1366}]}),
    ],
)
def test_values_that_are_too_long(type_: str, fields: dict[str, object]) -> None:
    """A text that is too long is refused for its length."""
    with pytest.raises(FormFault) as caught:
        _read(type_, **fields)
    assert caught.value.code == "limit"


def test_sentences_name_the_field() -> None:
    """A fault says which field it is about, in the words of the record."""
    cases: dict[str, dict[str, object]] = {
        "unknown": {"colour": "red"},
        "missing": {"series": ABSENT},
        "nested": {"lines": [FIRST_LINE, {**FIRST_LINE, "amount": 5}]},
        "shape": {"date": "2026-02-30"},
    }
    said = {}
    for name, fields in cases.items():
        with pytest.raises(FormFault) as caught:
            _read("entry", **fields)
        said[name] = str(caught.value.message)
    assert said == {
        "unknown": 'Format 1 has no field "colour" there.',
        "missing": 'The field "series" is missing.',
        "nested": '"lines[1].amount" does not hold what format 1 puts there.',
        "shape": '"date" cannot be "2026-02-30".',
    }


@given(st.dates(), st.text("0123456789-", min_size=10, max_size=10))
def test_dates(day: Any, text: str) -> None:
    """Every day of the calendar is a date; other texts of the same length are one only if they name a day."""
    assert shape.is_date(day.isoformat())
    assert not shape.is_date(f"{day.isoformat()}\n")
    year, month, number = (text[:4], text[5:7], text[8:]) if text[4] == text[7] == "-" else ("", "", "")
    named = all(part.isdigit() for part in (year, month, number)) and 1 <= int(month) <= 12 and 1 <= int(number) <= 28
    assert not named or shape.is_date(text) is (int(year) > 0)
