"""What happened to a proof on its way: letters, editors and copies change a text in a few ways that can be named."""

from __future__ import annotations

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from shlex import quote
from typing import NamedTuple

from cloudbooks.errors import Sentence, sentence

_FIRST = b"cloudbooks/proof/v1"


class Spoilt(NamedTuple):
    """What is off about the bytes, and the command that makes them whole, or says how to have them sent again."""

    why: Sentence
    hint: Sentence


def spoilt(data: bytes, name: str) -> Spoilt | None:
    """What is off about the text of a proof that cannot be read; `None` where it looks like one."""
    if not data:
        return Spoilt(sentence("it is empty."), _again(name))
    if data.startswith(BOM_UTF8):
        hint = sentence("tail -c +4 {name} > whole.proof takes it away", name=quote(name))
        return Spoilt(sentence("a program that saved it put a byte order mark before it."), hint)
    if _is_no_text(data):
        return Spoilt(sentence("it is no text, and a proof is one."), _again(name))
    if b"\r" in data:
        hint = sentence("tr -d '\\r' < {name} > whole.proof puts them back", name=quote(name))
        return Spoilt(sentence("its line ends were changed to those of Windows on the way."), hint)
    return _torn(data, name)


def _is_no_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return True
    return data.startswith((BOM_UTF16_BE, BOM_UTF16_LE)) or b"\0" in data


def _torn(data: bytes, name: str) -> Spoilt | None:
    """What a letter does to a text that is pasted into it."""
    lines = data.split(b"\n")
    if lines[0] != _FIRST:
        if _FIRST in data:
            return Spoilt(sentence("something stands before its first line, or its lines are quoted."), _again(name))
        return Spoilt(sentence("its first line is not {line}.", line=_FIRST.decode()), _again(name))
    if any(line.startswith(b"{") and not line.endswith(b"}") for line in lines):
        return Spoilt(sentence("its long lines were broken in two."), _again(name))
    if not data.endswith(b"\n"):
        return Spoilt(sentence("its end is missing."), _again(name))
    if data.endswith(b"\n\n"):
        return Spoilt(sentence("an empty line was added to its end."), _again(name))
    return None


def _again(name: str) -> Sentence:
    return sentence("have it sent as a file, not pasted: python3 -m zipfile -c proof.zip {name}", name=quote(name))
