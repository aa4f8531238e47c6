"""Initials of names, as accountants type them: `yhck` finds 银行存款, `ar` finds Accounts receivable."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right

_FIRST_CODES = (
    (0xB0A1, "a"),
    (0xB0C5, "b"),
    (0xB2C1, "c"),
    (0xB4EE, "d"),
    (0xB6EA, "e"),
    (0xB7A2, "f"),
    (0xB8C1, "g"),
    (0xB9FE, "h"),
    (0xBBF7, "j"),
    (0xBFA6, "k"),
    (0xC0AC, "l"),
    (0xC2E8, "m"),
    (0xC4C3, "n"),
    (0xC5B6, "o"),
    (0xC5BE, "p"),
    (0xC6DA, "q"),
    (0xC8BB, "r"),
    (0xC8F6, "s"),
    (0xCBFA, "t"),
    (0xCDDA, "w"),
    (0xCEF4, "x"),
    (0xD1B9, "y"),
    (0xD4D1, "z"),
)
"""GB 2312 keeps its 3,755 common characters in the order of pinyin: where each initial begins there."""

_COMMON_END = 0xD7FA

_SPOKEN_OTHERWISE = {
    "银行": "yh",
    "央行": "yh",
    "商行": "sh",
    "工行": "gh",
    "农行": "nh",
    "中行": "zh",
    "建行": "jh",
    "交行": "jh",
    "招行": "zh",
    "行业": "hy",
    "会计": "kj",
    "调整": "tz",
    "调汇": "th",
    "重估": "cg",
    "重庆": "cq",
    "厦门": "xm",
}
"""Words in which a character is spoken with another initial than the one it is filed under."""

_LESS_COMMON = {
    character: initial
    for initial, characters in {
        "b": "亳",
        "h": "昊瀚",
        "j": "璟",
        "l": "泸漯璐",
        "m": "淼旻",
        "p": "濮郫",
        "q": "琦衢茜淇祺",
        "r": "芮",
        "s": "晟佘",
        "t": "佟婷",
        "w": "炜薇",
        "x": "鑫",
        "y": "钰煜烨鄞闫赟",
        "z": "圳珺",
    }.items()
    for character in characters
}
"""Characters of names of places, people and firms that GB 2312 does not file by pinyin."""

_LETTERS = re.compile(r"[A-Za-zÀ-ɏͰ-ϿЀ-ӿ]+")

_SPOKEN = re.compile("|".join(_SPOKEN_OTHERWISE))


def initials(name: str) -> str:
    """The lower-case initials of `name`: pinyin initials of Chinese characters, first letters of other words.

    A character whose pinyin is not known is left out, and so are digits and signs: what is found by initials is a
    convenience, never an identity.
    """
    plain = unicodedata.normalize("NFKC", name)
    return "".join(_of_part(part) for part in _parts(plain)).casefold()


def _parts(name: str) -> list[str]:
    """Words spoken otherwise, single Chinese characters, and words of letters, in their order."""
    found: list[str] = []
    place = 0
    while place < len(name):
        word = _SPOKEN.match(name, place) or _LETTERS.match(name, place)
        part = word[0] if word else name[place]
        found.append(part)
        place += len(part)
    return found


def _of_part(part: str) -> str:
    if part in _SPOKEN_OTHERWISE:
        return _SPOKEN_OTHERWISE[part]
    if _LETTERS.fullmatch(part):
        return part[0]
    return _LESS_COMMON.get(part) or _filed(part)


def _filed(character: str) -> str:
    """The initial under which GB 2312 files a character; empty for what it does not hold or files by its strokes."""
    try:
        encoded = character.encode("gb2312")
    except UnicodeEncodeError:
        return ""
    code = int.from_bytes(encoded, "big")
    if not _FIRST_CODES[0][0] <= code < _COMMON_END:
        return ""
    return _FIRST_CODES[bisect_right(_FIRST_CODES, (code, "~")) - 1][1]
