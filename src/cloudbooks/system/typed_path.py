"""Paths as people type them."""

from __future__ import annotations

from pathlib import Path


def typed_path(words: str | Path) -> Path:
    """The path of what was typed: `~` is the home folder, and a `~name` that nobody has is a name like any other."""
    path = Path(words)
    try:
        return path.expanduser()
    except RuntimeError:
        return path
