"""The table of keys: one meaning everywhere, and every way to type it."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

from cloudbooks.system.locale import ENGLISH, locale
from cloudbooks.tui import house, palette, reference
from cloudbooks.tui.frame import fitting
from cloudbooks.tui.keymap import OF_CHINESE, PRESETS, Keymap, KeymapUnreadable, faults, key_shown, plain_key
from cloudbooks.tui.keys import BINDINGS, BUILT, BY_ID, FORBIDDEN, LATER, Context, Reach
from cloudbooks.tui.page import Page
from cloudbooks.tui.screens.table import SCREENS, screen_of
from cloudbooks.tui.showing import Voice, cells

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize("preset", PRESETS)
def test_no_key_means_two_things_and_none_is_forbidden(preset: str) -> None:
    """In every preset each key has one meaning, and none that terminals do not send."""
    keymap = Keymap.of(preset, {})
    assert faults(keymap.bindings) == []
    taken = {key for binding in keymap.bindings for key in (*binding.keys, *binding.also)}
    assert not taken & FORBIDDEN
    assert not taken & set(keymap.arrows)


def test_upper_case_is_what_reaches_further() -> None:
    """A key is an upper-case letter if and only if its action reaches beyond the row and the marked rows."""
    for binding in BINDINGS:
        for key in binding.keys:
            if len(key) == 1 and key.isalpha():
                assert key.isupper() == (binding.reach is Reach.WIDE), binding.id


def test_every_binding_speaks_both_languages(catalogues: None) -> None:
    """Labels and tooltips are there in both; a Chinese label is at most 1.3 times as wide as its English one."""
    del catalogues
    chinese = locale("zh")
    for binding in BINDINGS:
        assert binding.label_en
        assert binding.label_zh
        assert chinese.say(binding.tooltip) != str(binding.tooltip), binding.id
        assert cells(binding.label_zh) <= max(8, 1.3 * cells(binding.label_en)), binding.id


def test_the_palette_has_every_action() -> None:
    """Each action outside cells is in the palette, found by its id, its labels and its pinyin initials."""
    listed = palette.choices(Keymap(), Voice(ENGLISH), lambda _: None)
    ids = {choice.id.partition("/")[0] for choice in listed}
    assert ids == {binding.id for binding in BUILT if binding.context is Context.PAGE}
    words = {word for choice in listed for word in choice.found_by}
    assert {"记账", "jz", "post", "反记账", "正文"} - words == {"正文"}


def test_what_nothing_does_is_named_nowhere() -> None:
    """An action without a method on any screen is kept for later: no footer offers it, no manual names its key."""
    done: set[str] = set()
    for file in Path(house.__file__).parent.rglob("*.py"):
        done |= {name.replace("_", "-") for name in re.findall(r"def act_(\w+)", file.read_text(encoding="utf-8"))}
        offers = re.findall(r"offers.* = \((.*)\)", file.read_text(encoding="utf-8"))
        assert not {action for action in LATER if any(f'"{action}"' in one for one in offers)}
    assert {binding.id for binding in BINDINGS} - done == LATER
    assert not [action for action in LATER if f"`{action}`" in reference.page()]


@pytest.mark.parametrize("chinese", [False, True], ids=["en", "zh"])
@pytest.mark.parametrize("number", SCREENS)
def test_the_footer_fits_80_cells(number: str, catalogues: None, *, chinese: bool) -> None:
    """The keys of every screen fit the last line of 80 cells in both languages, help among them, and all exist."""
    del catalogues
    page: Page = screen_of(number)
    keymap = Keymap()
    offers = []
    for action in page.offers:
        binding = BY_ID[action]
        keys = ("1..9",) if action == "screen" else binding.keys[: 2 if len(binding.keys) in {2, 4} else 1]
        shown = " ".join(key_shown(key, chinese=chinese) for key in keys)
        offers.append((shown, keymap.by_id(action).label(chinese=chinese), True))
    kept = fitting(78, tuple(offers))
    assert sum(cells(f"{key} {label}") + 3 for key, label, _ in kept) <= 80
    assert kept[-1][0] == "?"
    assert len(kept) >= 4


@pytest.mark.parametrize("sent", ["？", "：", "＝", "／", "－", "＋", "＃", "＊", "～", "｛", "｝", "＜", "＞", "＠"])
def test_full_width_signs_are_their_keys(sent: str) -> None:
    """What an input method sends in full width is the key itself, also where only its Unicode name comes."""
    plain = unicodedata.normalize("NFKC", sent)
    name = unicodedata.name(sent).lower().replace("-", "_").replace(" ", "_")
    assert plain_key(name, sent) == plain
    assert plain_key(name, None) == plain


@pytest.mark.parametrize(("sent", "plain"), sorted(OF_CHINESE.items()))
def test_chinese_punctuation_is_its_key(sent: str, plain: str) -> None:
    """Signs of a Chinese keyboard are the keys on which they lie."""
    name = unicodedata.name(sent).lower().replace("-", "_").replace(" ", "_")
    assert plain_key(name, sent) == plain
    assert plain_key(name, None) == plain


def test_digits_in_full_width_choose_screens() -> None:
    """`３` is the screen 3."""
    pressed = Keymap().meant("fullwidth_digit_three", "３")
    assert pressed is not None
    assert (pressed.binding.id, pressed.step) == ("screen", 2)


def test_what_is_typed_is_text() -> None:
    """In a field a letter means no action, and a function key does."""
    assert Keymap().meant("p", "p", typing=True) is None
    assert Keymap().meant("question_mark", "?", typing=True) is None
    assert (pressed := Keymap().meant("f7", None, typing=True)) is not None
    assert pressed.binding.id == "lookup"
    assert Keymap().meant("f7", None) is None


def test_own_keys_replace_those_of_the_table(tmp_path: Path) -> None:
    """`keymap.toml` names a preset and gives actions other keys."""
    file = tmp_path / "keymap.toml"
    file.write_text('preset = "yonyou"\n[keys]\nfilter = ["f3"]\nundo = "b"\n', encoding="utf-8")
    keymap = Keymap.read(file, "default")
    assert keymap.meant("slash", "/") is None
    assert (filtering := keymap.meant("f3", None)) is not None
    assert filtering.binding.id == "filter"
    assert (undoing := keymap.meant("b", "b")) is not None
    assert undoing.binding.id == "undo"
    assert keymap.by_id("lookup").keys == ("f2",)
    assert Keymap.read(tmp_path / "none.toml", "vim").arrows["j"] == "down"


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ('preset = "emacs"', '"emacs"'),
        ('[keys]\nfiltre = ["/"]', '"filtre"'),
        ('[keys]\nundo = ["p"]', '"p"'),
        ('[keys]\nundo = ["ctrl+j"]', '"ctrl+j"'),
        ('[keys]\nsave = ["ctrl+s"]', '"ctrl+s"'),
        ("[keys", "keymap.toml"),
        ("keys = 7", "in a table [keys]"),
    ],
)
def test_what_a_keymap_cannot_hold_is_refused(said: str, word: str, tmp_path: Path) -> None:
    """An unknown preset or action, a key twice, a key that no terminal sends: refused, with the word."""
    file = tmp_path / "keymap.toml"
    file.write_text(said, encoding="utf-8")
    with pytest.raises(KeymapUnreadable, match=re.escape(word)):
        Keymap.read(file, "default")


def test_the_page_of_keys_is_what_the_table_says(catalogues: None) -> None:
    """docs/keys.md is not stale: `python -m cloudbooks.tui.reference docs/keys.md` makes it anew."""
    del catalogues
    assert (REPOSITORY / "docs" / "keys.md").read_text(encoding="utf-8") == reference.page()
