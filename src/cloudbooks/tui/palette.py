"""The palette's choices: every action of the table of keys, by id, label, other names and pinyin initials."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cloudbooks.core.initials import initials
from cloudbooks.errors import Sentence, sentence
from cloudbooks.tui.choosing import Choice
from cloudbooks.tui.keymap import Keymap, key_shown
from cloudbooks.tui.keys import LATER, Context
from cloudbooks.tui.showing import Voice, Words

SCREENS: dict[str, Sentence] = {
    "1": sentence("Home"),
    "2": sentence("Entry journal"),
    "3": sentence("Accounts"),
    "4": sentence("Import and reconcile"),
    "5": sentence("Post"),
    "6": sentence("Documents"),
    "7": sentence("Reports"),
    "8": sentence("Rules"),
    "9": sentence("Chain and peers"),
    "0": sentence("Books"),
}

STEPS: dict[str, tuple[Sentence, ...]] = {
    "period": (
        sentence("period before"),
        sentence("next period"),
        sentence("shorter period"),
        sentence("longer period"),
    ),
    "depth": (sentence("a level deeper"), sentence("a level less deep")),
    "fold": (sentence("close the branch"), sentence("open the branch")),
    "sort": (sentence("sort: beginning first"), sentence("sort: end first")),
}


def choices(keymap: Keymap, voice: Voice, why_not: Callable[[str], Sentence | None]) -> list[Choice]:
    """All actions that a page may have, those that are impossible now with the reason; ids are `action/step`."""
    return list(_choices(keymap, voice, why_not))


def _choices(keymap: Keymap, voice: Voice, why_not: Callable[[str], Sentence | None]) -> Iterator[Choice]:
    for binding in keymap.bindings:
        if binding.context is Context.CELL or binding.id in LATER:
            continue
        reason = why_not(binding.id)
        for step in range(max(1, len(binding.keys))):
            words = _words(binding.id, step) or binding.label(chinese=voice.chinese)
            key = binding.keys[step] if step < len(binding.keys) else ""
            shown = key_shown(key, chinese=voice.chinese, ascii_only=voice.ascii_only) if key else ""
            said = voice.say(words)
            found_by = (*binding.found_by(), said.casefold(), initials(said), str(words).casefold())
            yield Choice(f"{binding.id}/{step}", words, shown, found_by, reason)


def _words(action: str, step: int) -> Words | None:
    if action == "screen":
        return SCREENS["1234567890"[step]]
    steps = STEPS.get(action, ())
    return steps[step] if step < len(steps) else None
