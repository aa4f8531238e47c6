from __future__ import annotations

import json
import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.chain.strategies import FORBIDDEN, VECTORS, records, texts

from cloudbooks.chain import canonical
from cloudbooks.chain.canonical import FormFault, b3, encode, parse, s256
from cloudbooks.chain.record import AnyRecord

field_names = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True).filter(lambda name: name != "series")
scalars = texts | st.just(value=True) | st.integers(-(2**53) + 1, 2**53 - 1)


def _nested(depth: int) -> st.SearchStrategy[Any]:
    if depth == 1:
        return scalars
    inner = _nested(depth - 1)
    return (
        scalars | st.lists(inner, min_size=1, max_size=3) | st.dictionaries(field_names, inner, min_size=1, max_size=3)
    )


objects = st.dictionaries(field_names, _nested(canonical.DEPTH_MAX), min_size=1, max_size=4)
"""Objects of any schema, as deep as format 1 allows."""


def _standard(value: dict[str, object]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _code(line: bytes) -> str:
    with pytest.raises(FormFault) as caught:
        parse(line)
    return caught.value.code


@given(objects)
def test_reading_undoes_writing(value: dict[str, object]) -> None:
    """What is written is read back as it was, apart from the normalising of its texts."""
    once = parse(encode(value))
    assert parse(encode(once)) == once


@given(objects)
def test_two_encoders_agree(value: dict[str, object]) -> None:
    """The canonical text is what the standard library writes with sorted keys and no white space, byte for byte."""
    said = parse(encode(value))
    assert encode(value) == _standard(said)


@given(records)
def test_two_encoders_agree_on_records(record: AnyRecord) -> None:
    """Records too have the one text that the standard library writes, keys sorted and what is empty left out."""
    line = encode(record)
    assert line == _standard(json.loads(line))
    assert parse(line) == json.loads(line)


@given(st.binary() | st.text().map(str.encode) | st.text('{}[]":,\\u0aeE+-.1 \n').map(str.encode))
def test_hostile_bytes_are_refused_in_one_way(line: bytes) -> None:
    """Bytes either are the canonical text of what they say, or are refused as a fault of form."""
    try:
        value = parse(line)
    except FormFault:
        return
    assert _standard(value) == line


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"null",
        b'"text"',
        b"[1]",
        b"{",
        b"{}x",
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"a":null}',
        b'{"a":false}',
        b'{"a":1.0}',
        b'{"a":1e2}',
        b'{"a":1e400}',
        b'{"a":-0}',
        b'{"a":01}',
        b'{"a":NaN}',
        b'{"a":9007199254740992}',
        b'{"a":-9007199254740992}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":""}',
        b'{"a":[]}',
        b'{"a":{}}',
        b'{"a":[""]}',
        b'{"a":1,"a":1}',
        b'{"a":1,"a":2}',
        b'{"b":1,"a":1}',
        b'{"a":1 }',
        b'{"a": 1}',
        b'{"a":1}\n',
        b'{"a":"\\u0041"}',
        b'{"a":"\\/"}',
        b'{"a":"\\n"}',
        b'{"a":"\\u0000"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\ud83d\\ude00"}',
        b'{"a":"\n"}',
        b'{"a":"\xff"}',
        b'{"a":"\xc0\x80"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"A":1}',
        b'{"":1}',
        b'{"1a":1}',
        b'{"a-b":1}',
        '{"é":1}'.encode(),
    ],
)
def test_other_texts_are_not_canonical(line: bytes) -> None:
    """One value has one text: every other spelling of it, and every value format 1 has no text for, is refused."""
    assert _code(line) == "canonical"


def test_other_documents_are_no_records() -> None:
    """The published examples of RFC 8785 hold keys and values that format 1 refuses, canonical though they are."""
    documents = sorted((VECTORS / "jcs" / "output").iterdir())
    assert len(documents) == 6
    for document in documents:
        assert _code(document.read_bytes()) == "canonical"


def test_forbidden_characters() -> None:
    """Of all code points exactly those of the format's list are refused in a string."""
    surrogates = {chr(point) for point in range(0xD800, 0xE000)}  # UTF-8 cannot hold them at all
    refused = {"\n"}  # which ends lines
    for character in {chr(point) for point in range(0x110000)} - surrogates:
        text = f"\\{character}" if character in '"\\' else character
        if not canonical.plain(f'{{"a":"x{text}"}}'.encode()):
            refused.add(character)
    assert refused == FORBIDDEN - surrogates


@pytest.mark.parametrize("character", [*sorted(FORBIDDEN)[::97], "\u3164", "\u202e", "\ufeff", "\U0010ffff"])
def test_forbidden_characters_are_named(character: str) -> None:
    """A line with a forbidden character is refused when it is read and when it is written, and so is a JSON escape."""
    for line in (json.dumps({"a": character}), json.dumps({"a": character}, ensure_ascii=False)):
        assert _code(line.encode(errors="surrogatepass")) == "canonical"
    with pytest.raises(FormFault) as caught:
        encode({"a": character})
    assert caught.value.code == "canonical"


def test_depth() -> None:
    """Six levels are taken, the object itself being the first; seven are refused, as objects and as lists."""
    assert parse(b'{"a":[{"a":[{"a":[1]}]}]}')
    assert _code(b'{"a":[{"a":[{"a":[[1]]}]}]}') == "canonical"
    assert parse(b'{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}')
    assert _code(b'{"a":{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}}') == "canonical"


def test_integers() -> None:
    """Integers reach to 2^53-1 on both sides."""
    assert parse(b'{"a":9007199254740991,"b":-9007199254740991}') == {"a": 2**53 - 1, "b": 1 - 2**53}


def test_length_of_strings() -> None:
    """A string has at most 4096 bytes of UTF-8, a series 32, escapes not counted."""
    assert parse(b'{"a":"' + b'\\"' * 4096 + b'"}')
    assert _code(b'{"a":"' + b"x" * 4097 + b'"}') == "limit"
    assert _code(b'{"a":"' + "记".encode() * 1366 + b'"}') == "limit"
    assert parse(b'{"series":"' + b"\\\\" * 32 + b'"}')
    assert _code(b'{"series":"' + b"x" * 33 + b'"}') == "limit"
    assert _code(b'{"series":"' + "记".encode() * 11 + b'"}') == "limit"


def test_length_of_lines() -> None:
    """A line has at most one MiB with its LF."""
    texts = ",".join(f'"{"x" * 4000}"' for _ in range(261))
    room = (1 << 20) - 1 - len(f'{{"a":[{texts}],"b":""}}')
    line = f'{{"a":[{texts}],"b":"{"y" * room}"}}'.encode()
    assert len(line) + 1 == 1 << 20
    assert parse(line)
    assert _code(line[:-2] + b'y"}') == "limit"


def test_writing_normalises() -> None:
    """A writer writes NFC; a reader takes the bytes as they are."""
    decomposed = "e\N{COMBINING ACUTE ACCENT}"
    assert encode({"a": decomposed}) == '{"a":"é"}'.encode()
    assert parse(f'{{"a":"{decomposed}"}}'.encode()) == {"a": decomposed}


def test_normalising_stays_inside_a_string() -> None:
    """A mark at the head of a string does not reach out of it."""
    value = {"a": "\N{COMBINING LONG SOLIDUS OVERLAY}=", "b": ["\N{COMBINING ACUTE ACCENT}", "e"]}
    assert parse(encode(value)) == value


@pytest.mark.parametrize("value", [{"a": None}, {"a": math.nan}, {"a": 1.5}, {"a": False}, {"a": []}, {"a": 2**80}])
def test_writing_refuses_what_reading_refuses(value: dict[str, object]) -> None:
    """A value without canonical text is not written."""
    with pytest.raises(FormFault) as caught:
        encode(value)
    assert caught.value.code == "canonical"


def test_writing_a_value_that_holds_itself() -> None:
    """A value without end has no text."""
    value: dict[str, object] = {}
    value["a"] = value
    with pytest.raises(FormFault):
        encode(value)


def test_hashes() -> None:
    """The hashes are those that `b3sum` and `sha256sum` print."""
    assert b3(b"") == "b3:af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"
    assert b3(b"abc") == "b3:6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"
    assert s256(b"abc") == "s256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_golden_records() -> None:
    """Records of every type have the texts they had when the format was fixed."""
    golden = json.loads((VECTORS / "golden-records.json").read_text(encoding="utf-8"))
    assert {item["type"] for item in golden} == {str(kind.__struct_config__.tag) for kind in AnyRecord.__args__}
    for item in golden:
        line = item["line"].encode()
        record = msgspec.json.decode(line, type=AnyRecord)
        assert encode(record) == line
        assert canonical.encode_lines([record]) == line + b"\n"
