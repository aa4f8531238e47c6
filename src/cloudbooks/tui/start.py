"""How the screens are started: everything heavy is imported here and below, when they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cloudbooks.books.desk import Desk
from cloudbooks.system.interrupting import ended_by_the_loop
from cloudbooks.system.locale import Locale
from cloudbooks.tui.app import BooksApp, Start
from cloudbooks.tui.keymap import Keymap
from cloudbooks.tui.showing import Voice, Words


def start(
    desk: Desk,
    language: Locale,
    *,
    drawn: Mapping[str, Any] | None = None,
    theme: str = "dark",
    keys: Path | None = None,
    word: Words = "",
    asks: bool = False,
) -> int:
    """Show the screens of a book until they are left; the exit status.

    `drawn` is what the terminal takes: `ascii_only`, `utf8` and `wide` of `Voice`. `word` is said in the last line at
    first, `asks` has a passphrase asked for on the screen. What ended the screens against their will is raised, once
    the terminal is as it was.
    """
    keymap = Keymap.read(keys, "kingdee" if language.chinese else "default")
    app = BooksApp(desk, Start(Voice(language, **(drawn or {})), theme, keymap, word=word, asks=asks))
    with ended_by_the_loop():
        app.run()
    if app.crash is not None:
        raise app.crash
    return app.return_code or 0
