"""F4 in a voucher: begin from a template, or keep the voucher as one."""

from __future__ import annotations

from datetime import date

from tests.tui.driving import Hands, drive

from cloudbooks.books import drafting, templates
from cloudbooks.books.desk import Desk
from cloudbooks.system.locale import locale
from cloudbooks.tui.app import Start
from cloudbooks.tui.showing import Voice


def kept(desk: Desk) -> list[str]:
    """The names of the templates."""
    return [one.name for one in templates.templates(desk)]


async def voucher(hands: Hands) -> None:
    """A voucher of rent, typed into a new grid."""
    await hands.press("2", "a")
    await hands.type("Rent")
    await hands.press("enter")
    await hands.type("5602")
    await hands.press("enter")
    await hands.type("9000")
    await hands.press("enter", "enter")
    await hands.type("1001")
    await hands.press("enter")
    await hands.type("=")
    assert "balanced" in hands.text


def test_a_voucher_is_kept_and_another_begun_from_it(desk: Desk) -> None:
    """F4 keeps it under a name; F4 in the next one fills the lines in at its own date, and F2 makes it ready."""

    async def script(hands: Hands) -> None:
        await hands.press("2", "a", "f4")
        assert "No templates yet" in hands.text
        await hands.press("escape")
        await voucher(hands)
        await hands.press("f4")
        assert "Keep this voucher as a template" in hands.text
        await hands.press("enter")
        assert "under which name?" in hands.text
        await hands.press("ctrl+u")
        await hands.type("Rent of the office")
        await hands.press("enter")
        assert 'Kept as template "Rent of the office".' in hands.text
        assert kept(desk) == ["Rent of the office"]
        await hands.press("f2", "a", "f4")
        await hands.type("off")
        assert "1 of 1" in hands.text
        assert "Keep this voucher" not in hands.text
        await hands.press("enter")
        assert 'Begun from "Rent of the office"' in hands.text
        assert "9,000.00" in hands.text
        await hands.press("f2")
        assert hands.on == "Journal"

    drive(desk, script)
    first, second = (one for one in drafting.drafts(desk) if one.summary == "Rent")
    assert [(line.account, line.amount) for line in second.lines] == [
        (line.account, line.amount) for line in first.lines
    ]
    assert second.summary == "Rent"
    assert second.state == first.state == "ready"


def test_beginning_from_a_template_is_taken_back(desk: Desk) -> None:
    """Ctrl+Z brings back what stood there; a second name in use gives way, and says so; u in a list undoes that."""
    taxi = drafting.drafts(desk)[-1]
    templates.save(desk, "Rent", taxi)

    async def script(hands: Hands) -> None:
        await voucher(hands)
        await hands.press("f4", "enter")
        assert "84.00" in hands.text
        assert "9,000.00" not in hands.text
        await hands.press("ctrl+z")
        assert "9000.00" in hands.text
        await hands.press("f4", "down", "enter", "enter")
        assert "in the place of the one before" in hands.text

    drive(desk, script)
    (one,) = templates.templates(desk)
    assert one.draft.lines[0].amount == 900000


def test_a_hostile_name_is_shown_as_its_codes(desk: Desk) -> None:
    """Markup and control signs in a template's name or words do nothing."""
    taxi = drafting.drafts(desk)[-1]
    for name in ("[/red]", "\x9b31m x", "\u202egnp", "a" * 300):
        templates.save(desk, name, taxi)

    async def script(hands: Hands) -> None:
        await hands.press("2", "a", "f4")
        assert "[/red]" in hands.text
        assert not any(sign in hands.text for sign in ("\x9b", "\u202e"))
        await hands.press("end", "escape")
        assert hands.on == "VoucherPage"

    drive(desk, script)


def test_templates_are_found_by_pinyin_in_chinese(desk: Desk, catalogues: None) -> None:
    """`fz` finds 房租."""
    del catalogues
    drafting.add(desk, date(2026, 10, 3), "付十月房租", "5602", "9000", "1001")
    templates.save(desk, "房租", drafting.drafts(desk)[-1])
    templates.save(desk, "水电", drafting.drafts(desk)[-1])

    async def script(hands: Hands) -> None:
        await hands.press("2", "a", "f4")
        assert "常用凭证" in hands.text
        await hands.type("fz")
        assert "1 / 2" in hands.text or "房租" in hands.text
        await hands.press("enter")
        assert "已从“房租”开始" in hands.text

    drive(desk, script, start=Start(voice=Voice(locale("zh")), poll=False))
