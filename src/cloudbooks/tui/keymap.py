"""Which action a key press means: the table of keys, a preset, and the user's own `keymap.toml` over it."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Self

from cloudbooks.errors import Refusal, Sentence, sentence
from cloudbooks.tui.keys import BINDINGS, BY_ID, FORBIDDEN, ONLY_ALSO, Binding, Context

PRESETS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "default": {},
    "kingdee": {"lookup": ("f7",), "save": ("f2",)},
    "yonyou": {"lookup": ("f2",), "save": ("f6",)},
    "vim": {},
}
"""Keys that a preset gives to actions, by id."""

VIM_ARROWS: Mapping[str, str] = {"h": "left", "j": "down", "k": "up", "l": "right"}

OF_CHINESE: Mapping[str, str] = {
    "。": ".",
    "．": ".",
    "【": "[",
    "】": "]",
    "《": "<",
    "》": ">",
    "「": "{",
    "」": "}",
    "￥": "$",
    "…": "^",
    "、": "/",
    "〔": "[",
    "〕": "]",
    "·": "`",
    "；": ";",
    "，": ",",
    "：": ":",
}
"""What an input method sends for keys of a Chinese keyboard, where NFKC does not give it."""


class KeymapUnreadable(Refusal):
    """The user's own table of keys cannot be taken."""

    code = "keymap-unreadable"

    def __init__(self, file: str, why: Sentence) -> None:
        super().__init__(
            sentence("{file} cannot be taken as a table of keys: {why}", file=file, why=why),
            hint=sentence('preset = "kingdee", then [keys] with lines such as filter = ["/"]'),
        )


@dataclass(frozen=True, slots=True)
class Pressed:
    """An action, and which of its keys was pressed, counted from 0."""

    binding: Binding
    step: int


@dataclass(frozen=True, slots=True)
class Keymap:
    """Bindings as this user has them. `arrows` are letters that move the cursor."""

    bindings: tuple[Binding, ...] = BINDINGS
    arrows: Mapping[str, str] = field(default_factory=dict)
    preset: str = "default"

    @classmethod
    def of(cls, preset: str, own: Mapping[str, tuple[str, ...]], file: str = "keymap.toml") -> Self:
        """The table of keys of a preset with the user's own keys; raises `KeymapUnreadable` for what it cannot hold."""
        if preset not in PRESETS:
            raise KeymapUnreadable(
                file, sentence('there is no preset "{preset}"; there are {known}.', preset=preset,
                               known=", ".join(PRESETS))
            )  # fmt: skip
        for wanted in own:
            if wanted not in BY_ID:
                near = ", ".join(get_close_matches(wanted, BY_ID, n=3)) or "?"
                raise KeymapUnreadable(
                    file, sentence('there is no action "{word}"; near it are {near}.', word=wanted, near=near)
                )
        given = {**PRESETS[preset], **own}
        bindings = tuple(replace(one, keys=given.get(one.id, one.keys)) for one in BINDINGS)
        for fault in faults(bindings):
            raise KeymapUnreadable(file, fault)
        return cls(bindings, VIM_ARROWS if preset == "vim" else {}, preset)

    @classmethod
    def read(cls, path: Path | None, preset: str) -> Self:
        """The table of keys of a file that may not be there; raises `KeymapUnreadable`."""
        if path is None or not path.exists():
            return cls.of(preset, {})
        try:
            said = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise KeymapUnreadable(path.name, sentence("{why}.", why=str(error))) from error
        keys = said.get("keys", {})
        if not isinstance(keys, dict):
            raise KeymapUnreadable(path.name, sentence('"keys" holds actions and their keys, in a table [keys].'))
        listed = {name: (value,) if isinstance(value, str) else tuple(map(str, value)) for name, value in keys.items()}
        return cls.of(str(said.get("preset", preset)), listed, path.name)

    def by_id(self, action: str) -> Binding:
        """The binding of an action."""
        return next(one for one in self.bindings if one.id == action)

    def meant(self, key: str, character: str | None, *, typing: bool = False) -> Pressed | None:
        """The action of a key press; while something is typed, characters mean none."""
        plain = plain_key(key, character)
        if typing and len(plain) == 1:
            return None
        plain = self.arrows.get(plain, plain)
        for binding in self.bindings:
            if binding.context is Context.CELL and not typing:
                continue
            if plain in binding.keys:
                return Pressed(binding, binding.keys.index(plain))
            if plain in binding.also:
                return Pressed(binding, 0)
        return None


def plain_key(key: str, character: str | None) -> str:
    """A key press as the table names it: characters as ASCII where an input method sent their wide forms."""
    if character is None or not character.isprintable():
        return plain_character(_of_name(key)) if "_" in key and "+" not in key else key
    if character in {" ", "\u3000"}:
        return "space"
    return plain_character(character)


def plain_character(character: str) -> str:
    """A character as its ASCII key: by the table of Chinese punctuation, else by NFKC."""
    return OF_CHINESE.get(character) or unicodedata.normalize("NFKC", character)


def _of_name(key: str) -> str:
    """The character of a key that is named as Unicode names it (`fullwidth_question_mark`), else the key."""
    # Unicode writes some names with one hyphen (FULLWIDTH LESS-THAN SIGN), which Textual's names do not keep.
    words = key.split("_")
    hyphened = [
        [*words[:place], f"{words[place]}-{words[place + 1]}", *words[place + 2 :]] for place in range(len(words) - 1)
    ]
    for one in (words, *hyphened):
        try:
            return unicodedata.lookup(" ".join(one))
        except KeyError:
            continue
    return key


def faults(bindings: tuple[Binding, ...]) -> list[Sentence]:
    """What a table of keys must not hold: a key twice where both hold, a key that terminals do not send."""
    found: list[Sentence] = []
    taken: dict[str, Binding] = {}
    for binding in bindings:
        for key in (*binding.keys, *binding.also):
            if key in FORBIDDEN or key.startswith("alt+"):
                found.append(sentence('terminals do not send "{key}" as a key of its own.', key=key))
            other = taken.setdefault(key, binding)
            if other is not binding:
                found.append(sentence('"{key}" is the key of {one} and of {other}.', key=key, one=other.id,
                                      other=binding.id))  # fmt: skip
        if binding.keys and all(key in ONLY_ALSO for key in binding.keys):
            found.append(sentence('"{key}" may stop the terminal; it cannot be the only key.', key=binding.keys[0]))
    return found


_SHOWN = {
    "enter": "Enter",
    "escape": "Esc",
    "tab": "Tab",
    "shift+tab": "S-Tab",
    "space": "Space",
    "backspace": "Bksp",
    "left": "←",
    "right": "→",
    "insert": "Ins",
    "ctrl+delete": "C-Del",
}
_SHOWN_ZH = {"enter": "回车", "space": "空格"}


def key_shown(key: str, *, chinese: bool = False, ascii_only: bool = False) -> str:
    """A key as people name it: `Ctrl+P`, `F7`, `Enter`."""
    if ascii_only and key in {"left", "right"}:
        return {"left": "Left", "right": "Right"}[key]
    if chinese and key in _SHOWN_ZH:
        return _SHOWN_ZH[key]
    if key in _SHOWN:
        return _SHOWN[key]
    if key.startswith("ctrl+"):
        return "Ctrl+" + key.removeprefix("ctrl+").upper()
    return key.upper() if len(key) > 1 and key[0] == "f" and key[1:].isdigit() else key
