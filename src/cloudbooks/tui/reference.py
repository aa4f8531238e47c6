"""The page `docs/keys.md`, made from the table of keys: `python -m cloudbooks.tui.reference docs/keys.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from cloudbooks.system.locale import Locale, locale
from cloudbooks.tui.keymap import PRESETS, VIM_ARROWS, key_shown
from cloudbooks.tui.keys import BUILT, Binding, Context, Reach

HEAD = """\
# Keys of the screens · 键位

Made by `python -m cloudbooks.tui.reference docs/keys.md` from the table that the screens themselves use; a test
compares the two. A key means the same on every screen. Lower case touches the row under the cursor or the marked rows;
upper case reaches further and asks first. Full-width keys and Chinese punctuation count as their ASCII keys.

`keymap.toml` gives actions other keys, by the id of the first column. It stands beside the `config.toml` that
`cloudbooks config set` writes and names:

```toml
preset = "kingdee"

[keys]
undo = ["U"]
```
"""


def page() -> str:
    """The whole page in Markdown, English then Chinese."""
    return "\n".join([HEAD, *_presets(), *_table(locale("en")), *_table(locale("zh"))]).rstrip() + "\n"


def _presets() -> Iterator[str]:
    yield "Presets:\n"
    for name, keys in PRESETS.items():
        said = [f"{action} {', '.join(map(key_shown, shown))}" for action, shown in keys.items()]
        if name == "vim":
            said = [f"{letter} {key_shown(arrow)}" for letter, arrow in VIM_ARROWS.items()]
        yield f"- `{name}`: {'; '.join(said) or 'as below'}"
    yield ""


def _table(language: Locale) -> Iterator[str]:
    yield "## 键\n" if language.chinese else "## Keys\n"
    yield "| id | 键 | 名称 | 作用 |" if language.chinese else "| id | key | name | does |"
    yield "|---|---|---|---|"
    for binding in BUILT:
        label = binding.label(chinese=language.chinese)
        yield f"| `{binding.id}` | {_keys(binding, chinese=language.chinese)} | {label} | {_does(binding, language)} |"
    yield ""


def _keys(binding: Binding, *, chinese: bool) -> str:
    shown = (key_shown(key, chinese=chinese).replace("|", "\\|") for key in (*binding.keys, *binding.also))
    return " ".join(f"`{key}`" for key in shown)


def _does(binding: Binding, language: Locale) -> str:
    said = language.say(binding.tooltip)
    if binding.context is Context.CELL:
        said += "（凭证中）" if language.chinese else " (in a voucher)"
    if binding.reach is Reach.WIDE:
        said += "（范围大）" if language.chinese else " (wide)"
    return said


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
