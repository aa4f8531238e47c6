"""Words as the chain takes them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from cloudbooks.errors import Refusal, Sentence, sentence

_NO_CHARACTERS = "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
"""The last two places of each plane of Unicode, which are characters nowhere."""

_UNFIT = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\u3164"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
    f"{_NO_CHARACTERS}]"
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
