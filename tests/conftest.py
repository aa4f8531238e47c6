"""What tests of several rooms share."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from tests.loaded.program import loaded

if TYPE_CHECKING:
    from benchmarks.building import Built

REPOSITORY = Path(__file__).parents[1]
MEMORY = Path("/dev/shm")
MEMORY_BYTES_MIN = 2 << 30


# A timing is never a test: an example that is slow because the machine is busy has found nothing.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_configure() -> None:
    """Keep the tests' books in memory where there is room: thousands of durable commits wait for a disk otherwise.

    What the tests claim stays the same: a killed process leaves its writes to the system, not to the disk.
    """
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_BYTES_MIN
    if roomy and "TMPDIR" not in os.environ:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = str(MEMORY)


@pytest.fixture(scope="session")
def catalogues() -> None:
    """The compiled catalogue is as new as the translators' files: a test must not read yesterday's texts."""
    import hatch_build  # noqa: PLC0415 - Babel is slow to import, and not every test needs it

    folder = REPOSITORY / hatch_build.CATALOGUES / "zh"
    compiled = folder / "LC_MESSAGES" / "cloudbooks.mo"
    newest = max(file.stat().st_mtime_ns for file in folder.glob("*.po"))
    if not compiled.exists() or compiled.stat().st_mtime_ns < newest:
        hatch_build.build_catalogues(REPOSITORY)


@pytest.fixture(scope="session")
def loaded_program(catalogues: None) -> Iterator[tuple[str, ...]]:  # noqa: ARG001 - the texts must be built
    """The words of a program that is loaded once for the many commands of these tests."""
    with loaded() as words:
        yield words


@pytest.fixture(scope="session")
def long_books(tmp_path_factory: pytest.TempPathFactory) -> tuple[Built, Built]:
    """Generated books of 1 000 and of 20 000 entries over ten years, for tests that count what a question costs."""
    from benchmarks.building import build  # noqa: PLC0415 - few tests need it, and it loads the chain

    folder = tmp_path_factory.mktemp("long")
    return build(folder / "small", 1000), build(folder / "large", 20_000)
