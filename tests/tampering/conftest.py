"""Folders in memory, as the store's tests have them."""

from __future__ import annotations

from tests.store.conftest import ram_folder, tmp_path

__all__ = ["ram_folder", "tmp_path"]
