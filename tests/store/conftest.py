"""Where the store's tests keep their books: in memory, as far as the machine has a folder there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudbooks.store import whole
from cloudbooks.store.book_file import BookFile

_RAM = Path("/dev/shm")


@pytest.fixture(scope="module")
def ram_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder on which an fsync costs nothing, for books that a module's tests share."""
    if not os.access(_RAM, os.W_OK):
        yield tmp_path_factory.mktemp("books")
        return
    with tempfile.TemporaryDirectory(dir=_RAM) as folder:
        yield Path(folder)


@pytest.fixture
def tmp_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of the test's own, on which an fsync costs nothing. Tests of faults take `disk_path`."""
    if not os.access(_RAM, os.W_OK):
        yield tmp_path_factory.mktemp("books")
        return
    with tempfile.TemporaryDirectory(dir=_RAM) as folder:
        yield Path(folder)


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[BookFile]:
    """The books that were verified whole before a write, one for each time."""
    books: list[BookFile] = []
    real = whole.require_whole

    def count(book: BookFile) -> None:
        books.append(book)
        real(book)

    monkeypatch.setattr(whole, "require_whole", count)
    return books


@pytest.fixture
def disk_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the test's own on the disk."""
    return tmp_path_factory.mktemp("disk")
