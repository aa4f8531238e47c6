"""The data that CloudBooks brings along: charts of accounts, currencies, bank layouts, packs of rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import cast

from cloudbooks.core.account import AccountKind
from cloudbooks.errors import Refusal, Sentence, joined, sentence
from cloudbooks.notation import strict_yaml
from cloudbooks.notation.strict_yaml import Document, Value

_PACKS = "cloudbooks.packs"
_YAML = ".yaml"


class ChartUnknown(Refusal):
    """No chart of accounts of this name is shipped."""

    code = "chart-unknown"

    def __init__(self, name: str, names: tuple[str, ...]) -> None:
        super().__init__(
            sentence('there is no chart of accounts "{name}".', name=name),
            hint=_choice(names),
        )


class RulePackUnknown(Refusal):
    """No pack of rules of this name is shipped."""

    code = "rule-pack-unknown"

    def __init__(self, name: str, names: tuple[str, ...]) -> None:
        super().__init__(
            sentence('there is no pack of rules "{name}".', name=name),
            hint=_choice(names),
        )


def _choice(names: tuple[str, ...]) -> Sentence:
    return sentence("choose one of {names}", names=joined(names))


@dataclass(frozen=True, slots=True)
class PackAccount:
    """An account of a chart. `parent` is the code of another account of it or empty, `initials` those of `name_zh`.

    `klass` is `contra` where the normal balance is on the other side than the kind's, `cost` for 成本类, else empty.
    """

    code: str
    name_zh: str
    name_en: str
    kind: AccountKind
    klass: str
    parent: str
    initials: str


@dataclass(frozen=True, slots=True)
class ChartPack:
    """A chart of accounts; a parent stands before what is below it.

    `base` is the base currency and `series` the voucher series that it proposes, `jurisdiction` an ISO 3166 code or
    empty; `title` is its English name, `title_zh` its Chinese one.
    """

    name: str
    title: str
    title_zh: str
    base: str
    series: str
    jurisdiction: str
    accounts: tuple[PackAccount, ...]


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency or another well-known commodity: its scale, its names, and what one should know of it, if anything."""

    code: str
    scale: int
    en: str
    zh: str
    note_en: str = ""
    note_zh: str = ""


def chart_names() -> tuple[str, ...]:
    """The charts that are shipped, in order of name."""
    return tuple(file.name.removesuffix(_YAML) for file in _yaml_files("charts"))


@cache
def chart_pack(name: str) -> ChartPack:
    """The chart of accounts of this name; raises `ChartUnknown`."""
    names = chart_names()
    if name not in names:
        raise ChartUnknown(name, names)
    pack = _mapping(_read("charts", name).value)
    title = _mapping(pack["title"])
    return ChartPack(
        name=name,
        title=_text(title, "en"),
        title_zh=_text(title, "zh"),
        base=_text(pack, "base"),
        series=_text(pack, "series"),
        jurisdiction=_text(pack, "jurisdiction"),
        accounts=tuple(_account(_mapping(one)) for one in _list(pack["accounts"])),
    )


def currencies() -> tuple[Currency, ...]:
    """Every currency that is shipped, in the order of the list: ISO 4217 by code, then the others."""
    return tuple(_currencies().values())


def currency(code: str) -> Currency | None:
    """The shipped facts about a commodity code, which is upper case; `None` for one that is not in the list."""
    return _currencies().get(code)


def bank_layout_documents() -> list[Document]:
    """The layouts of bank files, one document a layout, in order of name."""
    return [strict_yaml.read(file.read_bytes(), file.name) for file in _yaml_files("banks")]


def rule_pack_names() -> tuple[str, ...]:
    """The packs of rules that are shipped, in order of name."""
    return tuple(file.name.removesuffix(_YAML) for file in _yaml_files("rules"))


def rule_pack(name: str) -> bytes:
    """The text of a pack of rules, as a rules file has it; raises `RulePackUnknown`."""
    names = rule_pack_names()
    if name not in names:
        raise RulePackUnknown(name, names)
    return files(_PACKS).joinpath("rules", name + _YAML).read_bytes()


@cache
def _currencies() -> Mapping[str, Currency]:
    listed = _list(_mapping(_read("", "currencies").value)["currencies"])
    return {found.code: found for found in (_currency(_mapping(one)) for one in listed)}


def _currency(one: dict[str, Value]) -> Currency:
    note = _mapping(one.get("note", {}))
    return Currency(
        code=_text(one, "code"),
        scale=int(_text(one, "scale")),
        en=_text(one, "en"),
        zh=_text(one, "zh"),
        note_en=_text(note, "en"),
        note_zh=_text(note, "zh"),
    )


def _account(one: dict[str, Value]) -> PackAccount:
    return PackAccount(
        code=_text(one, "code"),
        name_zh=_text(one, "zh"),
        name_en=_text(one, "en"),
        kind=AccountKind(_text(one, "kind")),
        klass=_text(one, "class"),
        parent=_text(one, "parent"),
        initials=_text(one, "initials"),
    )


def _yaml_files(folder: str) -> list[Traversable]:
    place = files(_PACKS).joinpath(folder)
    found = [file for file in place.iterdir() if file.name.endswith(_YAML)] if place.is_dir() else []
    return sorted(found, key=lambda file: file.name)


def _read(folder: str, name: str) -> Document:
    place = files(_PACKS).joinpath(folder, name + _YAML) if folder else files(_PACKS).joinpath(name + _YAML)
    return strict_yaml.read(place.read_bytes(), place.name)


# The packs are our own and tests read each of them, so their shape is stated here and not judged for a user.


def _mapping(value: Value) -> dict[str, Value]:
    return cast("dict[str, Value]", value)


def _list(value: Value) -> list[Value]:
    return cast("list[Value]", value)


def _text(mapping: dict[str, Value], key: str) -> str:
    return cast("str", mapping.get(key, ""))
