"""What tests of copies share: two machines that are alike, and a disk that nobody waits for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.peers.machines import Two, two, without_fsync


@pytest.fixture
def quick() -> Iterator[None]:
    """For tests about logic: nothing waits for the disk."""
    with without_fsync():
        yield


@pytest.fixture
def pair(quick: None, tmp_path: Path) -> Two:
    """A laptop, an office, and the folder between them, alike."""
    del quick
    return two(tmp_path)
