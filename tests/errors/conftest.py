"""The command line of tests/cli, for the pages of codes."""

from __future__ import annotations

from tests.cli.conftest import run

__all__ = ["run"]
