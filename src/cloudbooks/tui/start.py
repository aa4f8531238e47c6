"""How the screens are started: everything heavy is imported here and below, when they are."""

from __future__ import annotations

from pathlib import Path

from cloudbooks.books.desk import Desk
from cloudbooks.system.locale import Locale
from cloudbooks.tui.app import BooksApp, Start
from cloudbooks.tui.keymap import Keymap
from cloudbooks.tui.showing import Voice


def start(
    desk: Desk, language: Locale, *, ascii_only: bool = False, theme: str = "dark", keys: Path | None = None
) -> int:
    """Show the screens of a book until they are left; the exit status."""
    keymap = Keymap.read(keys, "kingdee" if language.chinese else "default")
    app = BooksApp(desk, Start(Voice(language, ascii_only), theme, keymap))
    app.run()
    return app.return_code or 0
