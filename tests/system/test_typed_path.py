"""Paths as people type them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloudbooks.system.typed_path import typed_path


def test_the_home_folder_is_meant_only_where_somebody_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """`~` is the home folder; a `~name` that nobody has stays a name, so that its file is simply not there."""
    monkeypatch.setenv("HOME", "/home/li")
    assert typed_path("~/a.csv") == Path("/home/li/a.csv")
    assert typed_path("~nobody-of-this-name/a.csv") == Path("~nobody-of-this-name/a.csv")
