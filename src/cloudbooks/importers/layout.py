"""Layouts: what a file of one bank looks like, as values. A bank is data (`packs/banks/*.yaml`), never code."""

from __future__ import annotations

import difflib
import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cloudbooks.errors import Refusal, joined, sentence

NEAR_NAMES_MAX = 3
"""Near names that a refusal offers at most."""


class LayoutUnknown(Refusal):
    """No layout has this name."""

    code = "layout-unknown"

    def __init__(self, name: str, names: Sequence[str]) -> None:
        near = difflib.get_close_matches(name, names, NEAR_NAMES_MAX)
        super().__init__(
            sentence('no bank layout is called "{name}".', name=name),
            hint=sentence("did you mean {names}?", names=joined(near))
            if near
            else sentence("the layouts are {names}", names=joined(names)),
        )


class Role(StrEnum):
    """What a column means. `text` may stand for several columns, every other role for one."""

    DATE = "date"
    TIME = "time"
    TEXT = "text"
    PARTY = "party"
    AMOUNT = "amount"
    IN = "in"
    OUT = "out"
    DIRECTION = "direction"
    CURRENCY = "currency"
    BALANCE = "balance"
    BALANCE_CURRENCY = "balance currency"
    REFERENCE = "reference"
    KIND = "kind"
    STATUS = "status"
    CARD = "card"


class DateOrder(StrEnum):
    """The order of day, month and year in a date. A date that begins with four digits of a year is always `ymd`."""

    YMD = "ymd"
    DMY = "dmy"
    MDY = "mdy"


class Test(StrEnum):
    """How a cell is compared with words."""

    EQUALS = "equals"
    CONTAINS = "contains"
    STARTS = "starts"
    ENDS = "ends"


class Holds(StrEnum):
    """What every cell of a column holds, where a file has no header to know it by."""

    DATE = "date"
    TEXT = "text"
    AMOUNT = "amount"
    AMOUNT_OR_BLANK = "amount or blank"


class SkipReason(StrEnum):
    """Why a row is no movement (domain/statements.md section 4, rule 11)."""

    BLANK = "blank"
    HEADER = "header"
    TOTAL = "total"
    CLOSED = "closed"
    FAILED = "failed"


NOT_CARRIED_OUT = frozenset({SkipReason.CLOSED, SkipReason.FAILED})
"""Reasons of rows that a bank counts, although no money moved."""


class Mark(StrEnum):
    """A fact that stands beside the table, behind a label."""

    OPENING = "opening"
    CLOSING = "closing"
    CURRENCY = "currency"
    ACCOUNT = "account"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Column:
    """A column with a role: its place, from 0, and its name as the file or the layout writes it."""

    role: Role
    place: int
    name: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A test of one cell: of the column with `role`, or of the row's first cell that is not blank."""

    role: Role | None
    test: Test
    words: tuple[str, ...]

    def holds(self, cell: str) -> bool:
        """Whether one of the words fits the cleaned `cell`."""
        match self.test:
            case Test.EQUALS:
                return cell in self.words
            case Test.CONTAINS:
                return any(word in cell for word in self.words)
            case Test.STARTS:
                return cell.startswith(self.words)
            case Test.ENDS:
                return cell.endswith(self.words)


@dataclass(frozen=True, slots=True)
class SkipRule:
    """Rows that are no movement: those for which all conditions hold."""

    reason: SkipReason
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class NeutralRule:
    """The direction of a row that its own direction column calls neutral, where all conditions hold."""

    inward: bool
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Directions:
    """The words of a direction column. `rules` decide neutral rows, the first that holds; the rest is to decide."""

    inward: frozenset[str] = frozenset()
    outward: frozenset[str] = frozenset()
    neutral: frozenset[str] = frozenset()
    rules: tuple[NeutralRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Footer:
    """The line of totals that ends a file; a file without it is a part of a file where it is `required`."""

    condition: Condition
    required: bool


@dataclass(frozen=True, slots=True)
class Writing:
    """How a layout writes its amounts.

    `cuts` end an amount (what follows is a remark); `comma` says that the decimal mark is one; `inverted` that a
    positive amount is money out; `minus` that the column of money out writes it with a minus.
    """

    cuts: tuple[str, ...] = ()
    comma: bool = False
    inverted: bool = False
    minus: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the files of one bank are read.

    `header` names all columns in order; a layout with `shape` is of files without a header, and the names are ours.
    `fallback` is the encoding of bytes that have no mark and are not UTF-8. `commodity` is taken where no column tells
    it. Rows may have as few as `least` cells, and more than the header where `spare`. `balance_real` says that the
    running balance is one, not a masked figure. `proposed` marks a layout that was understood from the header's words.
    """

    name: str
    version: int
    title_en: str
    title_zh: str
    header: tuple[str, ...]
    columns: tuple[Column, ...]
    shape: tuple[Holds, ...] = ()
    delimiter: str = ","
    fallback: str = "gb18030"
    commodity: str = ""
    date_order: DateOrder = DateOrder.YMD
    writing: Writing = Writing()
    balance_real: bool = True
    least: int = 0
    spare: bool = False
    directions: Directions = Directions()
    skips: tuple[SkipRule, ...] = ()
    footer: Footer | None = None
    marks: tuple[tuple[Mark, str], ...] = ()
    currencies: tuple[tuple[str, str], ...] = ()
    proposed: bool = False

    @property
    def profile(self) -> str:
        """The name with its version, as statements keep it: icbc-corp@3."""
        return f"{self.name}@{self.version}"

    @property
    def fingerprint(self) -> str:
        """What files of this layout are known by: 16 hex digits of the header, or of the shape of rows."""
        known_by = [self.delimiter, *self.shape] if self.shape else [self.delimiter, *header_key(self.header)]
        return hashlib.blake2b("\x1f".join(known_by).encode(), digest_size=8).hexdigest()

    def column(self, role: Role) -> Column | None:
        """The first column with a role."""
        return next((column for column in self.columns if column.role is role), None)


@dataclass(frozen=True, slots=True)
class Synonyms:
    """What unknown files may call their columns, directions and currencies; of several names the first is preferred."""

    columns: tuple[tuple[Role, tuple[str, ...]], ...] = ()
    directions: Directions = Directions()
    currencies: tuple[tuple[str, str], ...] = ()

    def role(self, name: str) -> tuple[Role, int] | None:
        """The role of a column's name and the place of the name among those of the role."""
        keys = (cell_key(name), bare_key(name))
        for role, names in self.columns:
            for key in keys:
                if key in names:
                    return role, names.index(key)
        return None


@dataclass(frozen=True, slots=True)
class Layouts:
    """All layouts that a file is compared with, and the words for a file that fits none."""

    layouts: tuple[Layout, ...]
    synonyms: Synonyms = Synonyms()

    def named(self, name: str) -> tuple[Layout, ...]:
        """The layout called `name`, in all versions where the name has none; raises `LayoutUnknown`."""
        found = tuple(layout for layout in self.layouts if name in {layout.name, layout.profile})
        if not found:
            raise LayoutUnknown(name, sorted({layout.name for layout in self.layouts}))
        return found


def cell_key(cell: str) -> str:
    """A header's cell as it is compared: without blanks, quotes and case, full-width signs made narrow."""
    if cell.startswith('="') and cell.endswith('"'):
        cell = cell[2:-1]
    narrow = unicodedata.normalize("NFKC", cell).casefold()
    return "".join(character for character in narrow if not character.isspace() and character not in "\"'\ufeff")


def bare_key(cell: str) -> str:
    """`cell_key` without what stands in brackets at its end: 借方发生额(支取) is 借方发生额."""
    key = cell_key(cell)
    head, bracket, _ = key.partition("(")
    return head if bracket and head else key


def header_key(cells: Iterable[str]) -> tuple[str, ...]:
    """A header as it is compared: its cells' keys, without blank ones at the end."""
    keys = [cell_key(cell) for cell in cells]
    while keys and not keys[-1]:
        keys.pop()
    return tuple(keys)
