"""Settings and their precedence: flag, environment, beside the book, the user's own file, default. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from cloudbooks.errors import UsageError, joined, sentence

Value = str | int | bool
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off", ""})


class Source(StrEnum):
    """Where a setting may stand, the strongest first."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    BESIDE = "beside the book"
    USER = "user"
    DEFAULT = "default"


class Setting(NamedTuple):
    """One setting: its default gives its kind, `choices` the words it may hold.

    `beside` is unset for what a book that came from elsewhere must not decide.
    """

    key: str
    default: Value
    help: str
    choices: tuple[str, ...] = ()
    beside: bool = True

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return "CLOUDBOOKS_" + self.key.upper().replace("-", "_").replace(".", "_")


SETTINGS: Mapping[str, Setting] = {
    one.key: one
    for one in (
        Setting("lang", "", "language of all texts: en or zh; the system's when it is empty"),
        Setting("color", "auto", "colours: auto, always or never", ("auto", "always", "never")),
        Setting("ascii", default=False, help="draw with plain ASCII characters only"),
        Setting("ui.ambiguous", "auto", "cells of a box character: 1, 2, or auto to ask", ("auto", "1", "2")),
        Setting("width", 0, "columns to fill; 0 takes the terminal's"),
        Setting("pager", default=True, help="show long answers in a pager, on a terminal"),
        Setting("no-input", default=False, help="ask nothing, ever"),
        Setting("as", "", "the member who works here, by name or id", beside=False),
        Setting("policy", "", "a policy file: whom you trust when you verify", beside=False),
        Setting("passphrase-file", "", "a file with the passphrase of your key", beside=False),
    )
}


class SettingUnknown(UsageError):
    """There is no setting of this name."""

    code = "setting-unknown"

    def __init__(self, key: str, *, place: str = "") -> None:
        near = get_close_matches(key, SETTINGS, n=3)
        hint = sentence("cloudbooks config explain lists all settings")
        if near:
            hint = sentence("did you mean {names}? cloudbooks config explain", names=joined(near))
        super().__init__(sentence('there is no setting "{key}".', key=key), hint=hint, place=place)


class SettingUnreadable(UsageError):
    """A setting has a value that it cannot hold."""

    code = "setting-unreadable"

    def __init__(self, setting: Setting, text: str, *, place: str = "") -> None:
        wanted = sentence("write true or false")
        if setting.choices:
            wanted = sentence("write one of {choices}", choices=joined(setting.choices))
        elif isinstance(setting.default, int) and not isinstance(setting.default, bool):
            wanted = sentence("write a whole number")
        super().__init__(
            sentence('"{text}" is no value of the setting {key}.', text=text, key=setting.key), hint=wanted, place=place
        )


_NOTHING: Mapping[Any, Any] = MappingProxyType({})


class Sources(NamedTuple):
    """What each place says, as read: `flags` and files by key, the environment by variable.

    `places` names the files in the user's words, for messages.
    """

    flags: Mapping[str, Value] = _NOTHING
    environment: Mapping[str, str] = _NOTHING
    beside: Mapping[str, Value] = _NOTHING
    user: Mapping[str, Value] = _NOTHING
    places: Mapping[Source, str] = _NOTHING


class Decided(NamedTuple):
    """A setting's value, which place decided it, and what every place says about it (the winner first)."""

    setting: Setting
    value: Value
    source: Source
    said: tuple[tuple[Source, str, Value], ...]


def decide(key: str, sources: Sources) -> Decided:
    """The value of one setting; raises `SettingUnknown` or `SettingUnreadable`."""
    if key not in SETTINGS:
        raise SettingUnknown(key)
    setting = SETTINGS[key]
    said = tuple(
        (source, place, understood(setting, raw, place)) for source, place, raw in _statements(setting, sources)
    )
    source, _, value = said[0]
    return Decided(setting, value, source, said)


def _statements(setting: Setting, sources: Sources) -> list[tuple[Source, str, Value]]:
    flag = "--" + setting.key
    found: list[tuple[Source, str, Value]] = []
    if setting.key in sources.flags:
        found.append((Source.FLAG, flag, sources.flags[setting.key]))
    if sources.environment.get(setting.variable):
        found.append((Source.ENVIRONMENT, setting.variable, sources.environment[setting.variable]))
    if setting.beside and setting.key in sources.beside:
        found.append((Source.BESIDE, sources.places.get(Source.BESIDE, ""), sources.beside[setting.key]))
    if setting.key in sources.user:
        found.append((Source.USER, sources.places.get(Source.USER, ""), sources.user[setting.key]))
    return [*found, (Source.DEFAULT, "", setting.default)]


def understood(setting: Setting, raw: Value, place: str = "") -> Value:
    """A raw value as this setting's kind; raises `SettingUnreadable`."""
    text = str(raw).strip()
    if isinstance(setting.default, bool):
        if text.lower() in _TRUE | _FALSE:
            return text.lower() in _TRUE
    elif isinstance(setting.default, int):
        if text.isascii() and text.isdigit():
            return int(text)
    elif not setting.choices or text in setting.choices:
        return text
    raise SettingUnreadable(setting, text, place=place)
