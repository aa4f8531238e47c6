from __future__ import annotations

import pytest
from tests.importers.shipped import BANKS, LAYOUTS, SCALES, reading, shipped

from cloudbooks.errors import Refusal
from cloudbooks.importers.layout import LayoutUnknown, Mark, Role, header_key
from cloudbooks.importers.options import Options
from cloudbooks.importers.reading_layout import LayoutWrong, layouts_from, read_layout
from cloudbooks.importers.recognising import LayoutAmbiguous, LayoutDiffers
from cloudbooks.notation.strict_yaml import read

GOOD = """\
layout: own
version: 3
title: {en: Own bank, zh: 自家银行}
commodity: CNY
header: [Day, Memo, Amount]
columns: {date: Day, text: Memo, amount: Amount}
"""


def _findings(text: str) -> list[tuple[str, str, str]]:
    with pytest.raises(LayoutWrong) as caught:
        read_layout(read(text.encode(), "own.yaml"))
    return [(one.where, str(one.message), str(one.hint or "")) for one in caught.value.findings]


def test_each_shipped_layout_says_its_traps() -> None:
    """Every layout begins with a comment on the traps of its files, and has a title in both languages."""
    for path in BANKS.glob("*.yaml"):
        assert path.read_text(encoding="utf-8").startswith("# "), path.name
    assert all(layout.title_en and layout.title_zh for layout in LAYOUTS.layouts)


def test_shipped_layouts_are_known_apart() -> None:
    """No two layouts have one fingerprint or one profile, so that a file has one layout."""
    assert len({layout.fingerprint for layout in LAYOUTS.layouts}) == len(LAYOUTS.layouts)
    assert len({layout.profile for layout in LAYOUTS.layouts}) == len(LAYOUTS.layouts)


def test_synonyms_stand_for_one_role_each() -> None:
    """A name of a column means one thing only."""
    names = [name for _, names in LAYOUTS.synonyms.columns for name in names]
    assert sorted(names) == sorted(set(names))


def test_directions_of_synonyms_do_not_overlap() -> None:
    """No word is money in and money out."""
    directions = LAYOUTS.synonyms.directions
    assert not directions.inward & directions.outward
    assert not directions.neutral & (directions.inward | directions.outward)


def test_a_layout_of_ones_own_is_read() -> None:
    """Another bank is one YAML file."""
    layout = read_layout(read(GOOD.encode(), "own.yaml"))
    assert (layout.profile, layout.column(Role.AMOUNT)) == ("own@3", layout.columns[2])
    own = layouts_from([read(GOOD.encode(), "own.yaml")])
    assert reading("Day,Memo,Amount\n2026-01-02,tea,-3.50\n", layouts=own).statements["CNY"].lines[0].amount == -350


def test_a_fingerprint_is_of_the_header_alone() -> None:
    """Blanks, case and quoting of a header are no part of its fingerprint; the order of columns is."""
    other = GOOD.replace("[Day, Memo, Amount]", "[' DAY', me mo, '\"AMOUNT\"']").replace("own", "other")
    turned = GOOD.replace("[Day, Memo, Amount]", "[Memo, Day, Amount]")
    prints = [read_layout(read(text.encode(), "own.yaml")).fingerprint for text in (GOOD, other, turned)]
    assert prints[0] == prints[1] != prints[2]


FAULTS = [
    ("columns:", "colums:", "own.yaml:6:1", 'unknown name "colums".', "did you mean columns?"),
    ("text: Memo", "tekst: Memo", "own.yaml:6:22", 'unknown name "tekst".', "did you mean text?"),
    ("text: Memo", "text: Mem", "own.yaml:6:28", 'the header has no column "Mem".', "did you mean Memo?"),
    ("text: Memo", "kind: [Memo, Day]", "own.yaml:6:28", 'only "text" may stand for several columns.', ""),
    ("date: Day, ", "", "own.yaml:6:10", 'a layout needs a column for "date".', ""),
    (", amount: Amount", "", "own.yaml:6:10", 'a layout needs a column for "amount", or for "in" and "out".', ""),
    ("text: Memo", "in: Memo", "own.yaml:6:40", '"amount" and "in" or "out" cannot stand together.', ""),
    ("version: 3", "version: three", "own.yaml:2:10", '"version" needs a whole number.', ""),
    ("zh: 自家银行", "zh: []", "own.yaml:3:27", '"zh" needs a text.', ""),
    ("commodity: CNY", "commodity: yuan", "own.yaml:4:12", '"yuan" is no code of a currency.', ""),
    ("commodity: CNY", "date: mdz", "own.yaml:4:7", '"date" is one of ymd, dmy, mdy.', "did you mean ymd, mdy?"),
    ("commodity: CNY", "encoding: klingon", "own.yaml:4:11", '"encoding" is one of utf-8', ""),
    ("commodity: CNY", "skip: {status: x}", "own.yaml:4:7", "here stands no list.", ""),
    ("commodity: CNY", "skip: [text]", "own.yaml:4:8", "here stands no mapping of names to values.", ""),
    ("commodity: CNY", "footer: {required: true}", "own.yaml:4:9", "a condition is one of equals, contains", ""),
    ("commodity: CNY", "skip: [{when: {status: {equals: x}}}]", "own.yaml:4:16", 'unknown name "status".', ""),
    ("commodity: CNY", "skip: [{when: {text: {like: x}}}]", "own.yaml:4:23", 'unknown name "like".', ""),
    ("commodity: CNY", "direction: {in: a, out: b}", "own.yaml:4:12", 'a "direction" column and the words', ""),
    ("commodity: CNY", "currencies: {cny: 元}", "own.yaml:4:19", '"cny" is no code of a currency.', ""),
    ("header: [Day, Memo, Amount]", "", "own.yaml:1:1", 'a layout needs its "header", or the "shape"', ""),
]


@pytest.mark.parametrize(("good", "bad", "where", "message", "hint"), FAULTS)
def test_a_fault_of_a_layout_has_its_place(good: str, bad: str, where: str, message: str, hint: str) -> None:
    """Each fault is a finding at its line and column, with near names where there are any."""
    found = _findings(GOOD.replace(good, bad))
    assert [one for one in found if one[0] == where and one[1].startswith(message) and one[2].startswith(hint)], found


def test_all_faults_of_all_layouts_are_told_at_once() -> None:
    """Several faulty files are one refusal with every finding."""
    documents = [read(GOOD.replace("Memo}", "Mem}").replace("text: Memo", "text: Mem").encode(), name) for name in "ab"]
    with pytest.raises(LayoutWrong) as caught:
        layouts_from(documents)
    assert [one.where for one in caught.value.findings] == ["a:6:28", "b:6:28"]
    assert str(caught.value) == "a, b: 2 faults in the bank layout."


@pytest.mark.parametrize("text", ["", "[]", "just words", "layout: {}", "columns: []", "null", "title: x"])
def test_yaml_that_is_no_layout_is_refused(text: str) -> None:
    """Whatever the YAML holds, it is a layout or a refusal."""
    with pytest.raises(Refusal):
        read_layout(read(text.encode(), "own.yaml"))


def test_a_profile_is_named() -> None:
    """A name takes the version that fits, a name with its version only that one, an unknown one offers near names."""
    text = "Day,Memo,Amount\n2026-01-02,tea,-3.50\n"
    second = GOOD.replace("[Day, Memo, Amount]", "[Day, Note, Amount]").replace("Memo}", "x").replace("Memo,", "Note,")
    own = layouts_from(
        [read(one.replace("version: 3", f"version: {n}").encode(), "own.yaml") for n, one in ((3, GOOD), (4, second))]
    )
    assert reading(text, Options(profile="own"), own).profile == "own@3"
    with pytest.raises(LayoutDiffers) as differs:
        reading(text, Options(name="b.csv", profile="own@4"), own)
    assert str(differs.value) == "b.csv does not have the header of the layout own@4."
    with pytest.raises(LayoutUnknown) as unknown:
        reading(text, Options(profile="icbc-debt"))
    assert str(unknown.value.hint).startswith("did you mean icbc-debit")


def test_two_layouts_for_one_header_are_asked_for() -> None:
    """Where two layouts have the same header, the refusal names the flag."""
    own = layouts_from([read(one.encode(), "own.yaml") for one in (GOOD, GOOD.replace("layout: own", "layout: twin"))])
    text = "Day,Memo,Amount\n2026-01-02,tea,-3.50\n"
    with pytest.raises(LayoutAmbiguous) as caught:
        reading(text, Options(name="b.csv"), own)
    assert str(caught.value) == "b.csv fits more than one layout: own, twin."
    assert str(caught.value.hint) == "cloudbooks import b.csv --profile own"
    assert reading(text, Options(profile="twin"), own).profile == "twin@3"


MARKED = """\
layout: marked
version: 1
title: {en: Marked, zh: 标记}
delimiter: semicolon
header: [Day, Memo, Amount]
columns: {date: Day, text: Memo, amount: Amount}
date: dmy
amount: {decimal: comma, positive: out}
marks: {account: 账号, currency: 币种, opening: 期初余额, closing: 期末余额}
footer: {starts: 合计}
currencies: {EUR: 欧罗}
"""


def test_facts_beside_the_table() -> None:
    """Account, currency, opening and closing balance are read behind their labels, in the preamble and the footer."""
    marked = layouts_from([read(MARKED.encode(), "marked.yaml")])
    text = (
        "账号：6222 01;币种;欧罗\n期初余额：1.000,00\n\nDay;Memo;Amount\n"
        "03.02.2026;tea;3,50\n04.02.2026;back;-1,00\n合计;期末余额;997,50\n"
    )
    found = reading(text, layouts=marked)
    assert dict(found.marks) == {
        Mark.ACCOUNT: "6222 01",
        Mark.CURRENCY: "欧罗",
        Mark.OPENING: "1.000,00",
        Mark.CLOSING: "997,50",
    }
    statement = found.statements["EUR"]
    assert ([line.amount for line in statement.lines], statement.agrees) == ([-350, 100], True)
    assert SCALES[statement.commodity] == 2


def test_a_closing_balance_that_does_not_agree() -> None:
    """Opening, movement and closing that do not add up are told by the statement."""
    marked = layouts_from([read(MARKED.encode(), "marked.yaml")])
    text = "期初余额：10,00;期末余额;9,99\nDay;Memo;Amount\n03.02.2026;tea;3,50\n"
    statement = reading(text, layouts=marked).statements["CNY"]
    assert (statement.opening, statement.closing, statement.agrees) == (1000, 999, False)


def test_the_header_of_a_shape_is_ours() -> None:
    """A layout without a header is known by the shape of rows and names its own columns."""
    layout = LAYOUTS.named("td-no-header")[0]
    assert header_key(layout.header) == ("date", "description", "debit", "credit", "balance")
    assert shipped().named("td-no-header")[0].fingerprint == layout.fingerprint


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_a_spreadsheet_may_change_the_delimiter(delimiter: str) -> None:
    """A known header whose cells are parted by another sign is still known."""
    own = layouts_from([read(GOOD.encode(), "own.yaml")])
    text = "Day,Memo,Amount\n2026-01-02,tea,-3.50\n".replace(",", delimiter)
    found = reading(text, layouts=own)
    assert (found.profile, found.statements["CNY"].lines[0].amount) == ("own@3", -350)


def test_a_named_shape_is_taken_at_the_users_word() -> None:
    """Where a person names a layout without a header, rows of another shape are unreadable, each with its reason."""
    keep = Options(profile="td-no-header", keep_unreadable=True)
    found = reading("13/05/2026,a,,1.00,1.00\n05/13/2026,b,,2.00,3.00\nx,y\n", keep)
    assert [(one.row, str(one.why)) for one in found.unreadable] == [
        (1, '"13/05/2026" is no day of the calendar.'),
        (3, "the row has 2 cells, the header 5."),
    ]


def test_a_shape_with_another_order_of_dates_is_not_known() -> None:
    """Rows that prove day before month are not those of a layout with month before day."""
    with pytest.raises(Refusal) as caught:
        reading("13/05/2026,a,,1.00,1.00\n14/05/2026,b,,2.00,3.00\n")
    assert caught.value.code == "header-unknown"
