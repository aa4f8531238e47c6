"""What tests of faults share: the nursery, a bench, and folders in memory and on the disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import run  # noqa: F401 - a command line inside this process
from tests.faults.bench import Bench
from tests.faults.children import Nursery
from tests.store.conftest import disk_path, ram_folder, tmp_path  # noqa: F401 - the store's folders are ours too


@pytest.fixture(scope="session")
def nursery(catalogues: None) -> Iterator[Nursery]:  # noqa: ARG001 - the texts must be built
    """A process that makes children."""
    with Nursery() as made:
        yield made


@pytest.fixture(scope="module")
def bench(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A box for commands."""
    return Bench(nursery, tmp_path_factory.mktemp("bench"))


@pytest.fixture
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the test's own."""
    return tmp_path_factory.mktemp("root")
