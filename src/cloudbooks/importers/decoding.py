"""From bytes to text: as declared, else by the byte order mark, else strict UTF-8, else GB18030."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from cloudbooks.core.text import shell_word
from cloudbooks.errors import Refusal, joined, sentence

BYTES_MAX = 50 * 1024 * 1024
"""Bytes that a statement file may have."""

ENCODINGS = (
    "utf-8",
    "gb18030",
    "gbk",
    "big5",
    "big5hkscs",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "shift_jis",
    "euc-jp",
    "euc-kr",
    "windows-1252",
    "iso-8859-1",
    "iso-8859-15",
)
"""Encodings that may be declared."""

FALLBACK = "gb18030"
"""The encoding of bytes that have no mark and are not UTF-8, where no layout says another."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SHOWN = {"utf-8": "UTF-8", "gb18030": "GB18030", "gbk": "GBK", "utf-16-le": "UTF-16 LE", "utf-16-be": "UTF-16 BE"}
_KINDS = (
    (b"PK\x03\x04", "ZIP (XLSX)"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "XLS"),
    (b"%PDF-", "PDF"),
    (b"\x1f\x8b", "GZIP"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
)
_MARKUP = (b"<!doctype html", b"<html", b"<table", b"<?xml")
_START = 1024
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x19\x1b-\x1f\x7f]")
_LOOKED_AT = 65536
_CONTROL_SHARE = 100
_GOOD_TO_BAD = 2
_THREE_BYTES = re.compile("[\u0800-\uffff]")


class FileTooLarge(Refusal):
    """A file is larger than a statement may be."""

    code = "file-too-large"

    def __init__(self, name: str, size: int) -> None:
        super().__init__(
            sentence(
                "{name} has {size} MB, a statement at most {most} MB.",
                name=name,
                size=-(-size // (1024 * 1024)),
                most=BYTES_MAX // (1024 * 1024),
            ),
            hint=sentence("fetch it from the bank in shorter spans; overlap is safe"),
        )


class FileEmpty(Refusal):
    """A file holds nothing."""

    code = "file-empty"

    def __init__(self, name: str) -> None:
        super().__init__(
            sentence("{name} is empty.", name=name), hint=sentence("fetch it from the bank again; nothing was written")
        )


class FileBinary(Refusal):
    """A file is no text."""

    code = "file-binary"

    def __init__(self, name: str, kind: str, row: int) -> None:
        message = (
            sentence("{name} holds {kind}, not rows of text.", name=name, kind=kind)
            if kind
            else sentence("{name} is no text: row {row} holds a byte that no text has.", name=name, row=row)
        )
        super().__init__(message, hint=sentence("open it in a spreadsheet and save it as CSV in UTF-8"))


class EncodingUnknown(Refusal):
    """An encoding that was declared is not one that statements are read in."""

    code = "encoding-unknown"

    def __init__(self, encoding: str) -> None:
        super().__init__(
            sentence('statements are not read in "{encoding}".', encoding=encoding),
            hint=sentence("--encoding takes {names}", names=joined(list(ENCODINGS))),
        )


class TextCorrupted(Refusal):
    """The bytes of a file are not text in its encoding."""

    code = "text-corrupted"

    def __init__(self, name: str, encoding: str, row: int, *, sure: bool = True) -> None:
        message = (
            sentence("{name}: corrupted {encoding} in row {row}.", name=name, encoding=encoding, row=row)
            if sure
            else sentence("{name}: row {row} is neither UTF-8 nor {encoding}.", name=name, encoding=encoding, row=row)
        )
        super().__init__(
            message,
            hint=sentence(
                "fetch the file again, or name its encoding: cloudbooks import {name} --encoding gbk",
                name=shell_word(name),
            ),
            place=f"{name}:{row}",
        )


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file as text, and the encoding as it is shown. `sure` is false where only the fallback could read it."""

    text: str
    encoding: str
    sure: bool


def decode(data: bytes, name: str, declared: str = "", fallback: str = FALLBACK) -> Decoded:
    """The text of `data`; `declared` overrides everything, `fallback` reads what has no mark and is not UTF-8.

    Raises `FileTooLarge`, `FileEmpty`, `FileBinary`, `EncodingUnknown`, `TextCorrupted`.
    """
    if len(data) > BYTES_MAX:
        raise FileTooLarge(name, len(data))
    if not data.strip():
        raise FileEmpty(name)
    kind = _kind(data)
    if kind:
        raise FileBinary(name, kind, 1)
    decoded = _strict(data, name, _known(declared)) if declared else _detected(data, name, fallback)
    _refuse_binary(decoded.text, name)
    return decoded


def _kind(data: bytes) -> str:
    """What the first bytes say that a file is, where it is known not to be a table of text."""
    start = data[:_START].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if start.startswith(_MARKUP):
        return "XML" if start.startswith(b"<?xml") else "HTML"
    return next((kind for first_bytes, kind in _KINDS if data.startswith(first_bytes)), "")


def _known(declared: str) -> str:
    try:
        found = codecs.lookup(declared).name
    except (LookupError, ValueError):
        raise EncodingUnknown(declared) from None
    if found not in {codecs.lookup(name).name for name in ENCODINGS}:
        raise EncodingUnknown(declared)
    return found


def _detected(data: bytes, name: str, fallback: str) -> Decoded:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strict(data, name, encoding)
    # NUL is no part of any encoding below: UTF-16 without its mark, or no text at all.
    if 0 in data:
        raise FileBinary(name, "", data[: data.index(0)].count(b"\n") + 1)
    try:
        return Decoded(data.decode("utf-8"), "UTF-8", sure=True)
    except UnicodeDecodeError as error:
        if _mostly_utf8(data):
            raise TextCorrupted(name, "UTF-8", data[: error.start].count(b"\n") + 1) from None
    return _strict(data, name, fallback, sure=False)


def _mostly_utf8(data: bytes) -> bool:
    """Whether some damaged bytes stand in what is UTF-8 otherwise, so that no other encoding would be right."""
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    # Pairs of bytes of GB18030 often look like UTF-8 of two bytes, seldom like UTF-8 of three.
    good = len(_THREE_BYTES.findall(text)) - bad
    return good > bad * _GOOD_TO_BAD


def _strict(data: bytes, name: str, encoding: str, *, sure: bool = True) -> Decoded:
    shown = _SHOWN.get(encoding, encoding)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        row = data[: error.start].decode(encoding, "replace").count("\n") + 1
        raise TextCorrupted(name, shown, row, sure=sure) from None
    return Decoded(text.removeprefix("\ufeff"), shown, sure)


def _refuse_binary(text: str, name: str) -> None:
    start = text[:_LOOKED_AT]
    nul = text.find("\x00")
    first = _CONTROL.search(start)
    if nul < 0 and first and len(_CONTROL.findall(start)) * _CONTROL_SHARE > len(start):
        nul = first.start()
    if nul >= 0:
        raise FileBinary(name, "", text[:nul].count("\n") + 1)
