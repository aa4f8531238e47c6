"""What tests of kept books share: a command line inside this process, and a folder in memory."""

from __future__ import annotations

from tests.cli.conftest import run
from tests.store.conftest import tmp_path

__all__ = ["run", "tmp_path"]
