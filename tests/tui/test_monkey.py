"""Keys without sense and without patience: whatever is pressed, the screens stand, and the book verifies afterwards."""

from __future__ import annotations

import os
import random
import unicodedata

import pytest
from tests.tui.driving import Hands, drive

from cloudbooks.books import verifying
from cloudbooks.books.desk import Desk
from cloudbooks.tui.keys import BINDINGS

SEEDS = int(os.environ.get("CLOUDBOOKS_MONKEYS", "4"))
BURSTS = 25
BURST = 12
_LEAVING = {"quit"}
_KEYS = sorted(
    {key for binding in BINDINGS if binding.id not in _LEAVING for key in (*binding.keys, *binding.also)}
    | {"up", "down", "left", "right", "home", "end", "pageup", "pagedown", "backspace", "delete", "tab", "shift+tab"}
)
_COMMON = ["enter", "escape", "down", "up", "tab", "space", "1", "2", "3", "4", "5", "7", "8", "9"]
_TYPED = [*"0123456789.=/-+*", "工", "。", "＝", "a", "z", ":", "|", "(", "~"]
_SIZES = [(80, 24), (120, 36), (60, 18)]


def _burst(chance: random.Random) -> list[str]:
    pools = (_KEYS, _COMMON, _COMMON, _TYPED)
    return [chance.choice(chance.choice(pools)) for _ in range(chance.randint(1, BURST))]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_keys_break_the_screens(seed: int, desk: Desk) -> None:
    """Bursts of random keys, faster than anything is read, end in a painted screen; what was posted verifies."""
    chance = random.Random(seed)
    pressed: list[str] = []

    async def hammer(hands: Hands) -> None:
        for _ in range(BURSTS):
            burst = _burst(chance)
            pressed.extend(burst)
            # Nothing is waited for: a hand that is quicker than the screen.
            hands.send(*burst)
            await hands.settle()
            assert hands.app.page is not None
            assert any(line.strip() for line in hands.lines)
            assert not any(unicodedata.category(sign) == "Cc" for line in hands.lines for sign in line)

    try:
        drive(desk, hammer, size=_SIZES[seed % len(_SIZES)])
    except BaseException as error:
        error.add_note(f"keys: {' '.join(pressed)}")
        raise
    assert verifying.verify_this_book(desk).verdict.valid


def test_a_dialog_is_answered_once(english: Desk) -> None:
    """Esc three times at once leaves the help, and nothing else with it."""

    async def hurry(hands: Hands) -> None:
        await hands.press("2", "question_mark")
        hands.send("escape", "escape", "escape")
        await hands.settle()
        assert hands.on == "Journal"
        assert len(hands.app.screen_stack) == 1

    drive(english, hurry)


def test_a_command_may_be_typed_at_once(desk: Desk) -> None:
    """What is typed behind `:` before its line is drawn stands in the line, and is no key of the list."""

    async def script(hands: Hands) -> None:
        await hands.press("2")
        hands.send(*[":", *"accept"])
        await hands.settle()
        assert ": accept" in hands.text
        assert hands.on == "Journal"

    drive(desk, script)
