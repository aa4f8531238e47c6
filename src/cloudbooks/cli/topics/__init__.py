"""The topics of `cloudbooks help`: short texts, one file a topic and language."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent


def topic_names() -> tuple[str, ...]:
    """The topics there are, by name."""
    return tuple(sorted(file.name.removesuffix(".en.txt") for file in _FOLDER.glob("*.en.txt")))


def topic_text(name: str, language: str) -> str | None:
    """A topic's text in `en` or `zh`; `None` for a name that is no topic."""
    if name not in topic_names():
        return None
    return (_FOLDER / f"{name}.{language}.txt").read_text(encoding="utf-8")
