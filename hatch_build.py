"""The build's one step of its own: merge the translators' files of all rooms into one compiled catalogue a language.

It runs whenever the project is built or installed, editable too; `python hatch_build.py` runs it by hand.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CATALOGUES = Path("src", "cloudbooks", "system", "catalogues")
LOCALES = {"zh": "zh_CN"}


class CatalogueConflict(Exception):
    """One text has two translations, so that which one is shown would depend on the order of files."""


class CatalogueHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling leaves its parameter open
    """Hatchling calls this before it collects the files of a wheel or of an editable install."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the catalogues into the source tree, from where the wheel takes them."""
        del version, build_data
        build_catalogues(Path(self.root))


def build_catalogues(root: Path) -> list[Path]:
    """Compile every language's fragments below `root`; the files written. Raises `CatalogueConflict`."""
    written = []
    for language in LOCALES:
        target = root / CATALOGUES / language / "LC_MESSAGES" / "cloudbooks.mo"
        target.parent.mkdir(exist_ok=True)
        catalogue = merged(root / CATALOGUES / language, language)
        with target.open("wb") as file:
            write_mo(file, catalogue)
        written.append(target)
    return written


def merged(folder: Path, language: str) -> Catalog:
    """All fragments of one language as one catalogue; raises `CatalogueConflict`."""
    whole = Catalog(locale=LOCALES[language])
    for fragment in sorted(folder.glob("*.po")):
        with fragment.open("rb") as file:
            part = read_po(file, locale=LOCALES[language], abort_invalid=True)
        for message in part:
            if not message.id:
                continue
            known = whole.get(message.id)
            if known is not None and known.string != message.string:
                reason = f"{fragment.name} translates {message.id!r} as {message.string!r}, others as {known.string!r}"
                raise CatalogueConflict(reason)
            whole[message.id] = message
    return whole


if __name__ == "__main__":
    build_catalogues(Path(__file__).parent)
