"""Layouts from YAML: each fault a finding with its place; nothing of a faulty text is used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from cloudbooks.core.commodity import CODE
from cloudbooks.errors import Finding, Refusal, counted, joined, sentence
from cloudbooks.importers.decoding import ENCODINGS, FALLBACK
from cloudbooks.importers.layout import (
    Column,
    Condition,
    DateOrder,
    Directions,
    Footer,
    Holds,
    Layout,
    Layouts,
    Mark,
    NeutralRule,
    Role,
    SkipReason,
    SkipRule,
    Synonyms,
    Test,
    Writing,
    cell_key,
    header_key,
)
from cloudbooks.importers.yaml_parts import Part
from cloudbooks.notation.strict_yaml import Document

_KEYS = (
    "layout",
    "version",
    "title",
    "header",
    "shape",
    "columns",
    "delimiter",
    "encoding",
    "commodity",
    "date",
    "amount",
    "balance",
    "rows",
    "direction",
    "neutral",
    "skip",
    "footer",
    "marks",
    "currencies",
)
_DELIMITERS = {"comma": ",", "tab": "\t", "semicolon": ";", "bar": "|"}
_CONDITION_FIRST = "first cell"
_PURE_MONEY = (Role.AMOUNT, Role.IN, Role.OUT)


class LayoutWrong(Refusal):
    """A layout's YAML does not describe a layout."""

    code = "layout-wrong"

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        names = sorted({finding.where.partition(":")[0] for finding in findings})
        super().__init__(
            counted(
                "{names}: {n} fault in the bank layout.",
                "{names}: {n} faults in the bank layout.",
                len(findings),
                names=joined(names),
            ),
            hint=sentence("cloudbooks help layout-wrong"),
            findings=findings,
        )


def layouts_from(documents: Iterable[Document]) -> Layouts:
    """All layouts of some documents, and the synonyms for unknown files; raises `LayoutWrong` with every finding."""
    layouts: list[Layout] = []
    synonyms = Synonyms()
    findings: list[Finding] = []
    for document in documents:
        part = Part.of(document)
        if "synonyms" in part:
            synonyms = _synonyms(part)
        else:
            layouts.append(_layout(part))
        findings += part.findings
    if findings:
        raise LayoutWrong(tuple(findings))
    shared = dict(synonyms.currencies)
    return Layouts(
        tuple(replace(one, currencies=tuple({**shared, **dict(one.currencies)}.items())) for one in layouts), synonyms
    )


def read_layout(document: Document) -> Layout:
    """The layout of one document; raises `LayoutWrong`."""
    part = Part.of(document)
    layout = _layout(part)
    if part.findings:
        raise LayoutWrong(tuple(part.findings))
    return layout


def _layout(part: Part) -> Layout:
    part.only(_KEYS)
    title = part.mapping("title")
    title.only(("en", "zh"))
    shape = _shape(part)
    header = tuple(name for name, _ in shape) or part.words("header")
    if not header:
        part.fault((), sentence('a layout needs its "header", or the "shape" of its rows.'))
    columns = _columns(part, header)
    return Layout(
        name=part.text("layout", needed=True),
        version=part.number("version", 1),
        title_en=title.text("en", needed=True),
        title_zh=title.text("zh", needed=True),
        header=header,
        columns=columns,
        shape=tuple(holds for _, holds in shape),
        delimiter=_DELIMITERS[part.choice("delimiter", tuple(_DELIMITERS), "comma")],
        fallback=part.choice("encoding", ENCODINGS, FALLBACK),
        commodity=_commodity(part),
        date_order=DateOrder(part.choice("date", tuple(DateOrder), DateOrder.YMD)),
        writing=_writing(part.mapping("amount")),
        balance_real=part.choice("balance", ("real", "masked"), "real") == "real",
        least=_rows(part.mapping("rows"))[0],
        spare=_rows(part.mapping("rows"))[1],
        directions=_directions(part, columns),
        skips=tuple(_skip(one, columns) for one in part.parts("skip")),
        footer=_footer(part.mapping("footer")),
        marks=_marks(part.mapping("marks")),
        currencies=_currencies(part.mapping("currencies")),
    )


def _shape(part: Part) -> list[tuple[str, Holds]]:
    found: list[tuple[str, Holds]] = []
    for one in part.parts("shape"):
        one.only(("column", "holds"))
        found.append((one.text("column", needed=True), Holds(one.choice("holds", tuple(Holds), Holds.TEXT))))
    return found


def _columns(part: Part, header: tuple[str, ...]) -> tuple[Column, ...]:
    keys = list(header_key(header))
    columns = part.mapping("columns")
    columns.only(tuple(Role))
    found: list[Column] = []
    for role in Role:
        for name in columns.words(role):
            if cell_key(name) not in keys:
                columns.fault((role,), sentence('the header has no column "{name}".', name=name), near=(name, header))
                continue
            found.append(Column(role, keys.index(cell_key(name)), name))
        if role is not Role.TEXT and sum(column.role is role for column in found) > 1:
            columns.fault((role,), sentence('only "text" may stand for several columns.'))
    _check_roles(columns, {column.role for column in found})
    return tuple(found)


def _check_roles(columns: Part, roles: set[Role]) -> None:
    if Role.DATE not in roles:
        columns.fault((), sentence('a layout needs a column for "{role}".', role=Role.DATE))
    if not roles.intersection(_PURE_MONEY):
        columns.fault((), sentence('a layout needs a column for "amount", or for "in" and "out".'))
    if Role.AMOUNT in roles and roles.intersection({Role.IN, Role.OUT}):
        columns.fault((Role.AMOUNT,), sentence('"amount" and "in" or "out" cannot stand together.'))


def _commodity(part: Part) -> str:
    code = part.text("commodity")
    if code and not CODE.fullmatch(code):
        part.fault(("commodity",), sentence('"{code}" is no code of a currency.', code=code))
    return code


def _writing(amount: Part) -> Writing:
    amount.only(("cut", "decimal", "positive", "out"))
    return Writing(
        cuts=amount.words("cut"),
        comma=amount.choice("decimal", ("point", "comma"), "point") == "comma",
        inverted=amount.choice("positive", ("in", "out"), "in") == "out",
        minus=amount.choice("out", ("plain", "minus"), "plain") == "minus",
    )


def _rows(rows: Part) -> tuple[int, bool]:
    rows.only(("least", "spare"))
    return rows.number("least", 0), rows.choice("spare", ("refused", "allowed"), "refused") == "allowed"


def _directions(part: Part, columns: tuple[Column, ...]) -> Directions:
    direction = part.mapping("direction")
    direction.only(("in", "out", "neutral"))
    rules: list[NeutralRule] = []
    for one in part.parts("neutral"):
        one.only(("is", "when"))
        inward = one.choice("is", ("in", "out"), "in") == "in"
        rules.append(NeutralRule(inward, _conditions(one.mapping("when"), columns)))
    directions = Directions(
        frozenset(direction.words("in")),
        frozenset(direction.words("out")),
        frozenset(direction.words("neutral")),
        tuple(rules),
    )
    has_column = any(column.role is Role.DIRECTION for column in columns)
    if has_column != bool(directions.inward and directions.outward):
        part.fault(("direction",), sentence('a "direction" column and the words of "in" and "out" go together.'))
    return directions


def _skip(one: Part, columns: tuple[Column, ...]) -> SkipRule:
    one.only(("because", "when"))
    reasons = (SkipReason.CLOSED, SkipReason.FAILED, SkipReason.TOTAL)
    reason = SkipReason(one.choice("because", reasons, SkipReason.CLOSED))
    return SkipRule(reason, _conditions(one.mapping("when"), columns))


def _conditions(when: Part, columns: tuple[Column, ...]) -> tuple[Condition, ...]:
    roles = {column.role for column in columns}
    when.only((*sorted(roles), _CONDITION_FIRST))
    found = tuple(
        _condition(when.mapping(name), None if name == _CONDITION_FIRST else Role(name))
        for name in when.names
        if name == _CONDITION_FIRST or name in roles
    )
    if not found:
        when.fault((), sentence('a condition names a column, such as "status".'))
    return found


def _condition(test: Part, role: Role | None) -> Condition:
    test.only(tuple(Test))
    name = next((one for one in Test if one in test), None)
    words = test.words(name) if name else ()
    if not words or len(test.names) != 1:
        test.fault(
            (), sentence("a condition is one of {tests}, with a word or a list of words.", tests=joined(list(Test)))
        )
    return Condition(role, name or Test.EQUALS, words)


def _footer(footer: Part) -> Footer | None:
    if not footer.there:
        return None
    footer.only((*Test, "required"))
    required = footer.choice("required", ("true", "false"), "false") == "true"
    name = next((one for one in Test if one in footer), None)
    words = footer.words(name) if name else ()
    if not words:
        footer.fault(
            (), sentence("a condition is one of {tests}, with a word or a list of words.", tests=joined(list(Test)))
        )
    return Footer(Condition(None, name or Test.STARTS, words), required)


def _marks(marks: Part) -> tuple[tuple[Mark, str], ...]:
    marks.only(tuple(Mark))
    return tuple((mark, label) for mark in Mark for label in marks.words(mark))


def _currencies(currencies: Part) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for code in currencies.names:
        if not CODE.fullmatch(code):
            currencies.fault((code,), sentence('"{code}" is no code of a currency.', code=code))
        found += [(word.casefold(), code) for word in currencies.words(code)]
    return tuple(found)


def _synonyms(part: Part) -> Synonyms:
    part.only(("synonyms", "direction", "currencies"))
    columns = part.mapping("synonyms")
    columns.only(tuple(Role))
    direction = part.mapping("direction")
    direction.only(("in", "out", "neutral"))
    return Synonyms(
        columns=tuple((role, tuple(map(cell_key, columns.words(role)))) for role in Role if role in columns),
        directions=Directions(
            frozenset(direction.words("in")), frozenset(direction.words("out")), frozenset(direction.words("neutral"))
        ),
        currencies=_currencies(part.mapping("currencies")),
    )
