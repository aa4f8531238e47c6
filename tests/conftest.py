"""What tests of several rooms share."""

from __future__ import annotations

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def catalogues() -> None:
    """The compiled catalogue is as new as the translators' files: a test must not read yesterday's texts."""
    import hatch_build  # noqa: PLC0415 - Babel is slow to import, and not every test needs it

    folder = REPOSITORY / hatch_build.CATALOGUES / "zh"
    compiled = folder / "LC_MESSAGES" / "cloudbooks.mo"
    newest = max(file.stat().st_mtime_ns for file in folder.glob("*.po"))
    if not compiled.exists() or compiled.stat().st_mtime_ns < newest:
        hatch_build.build_catalogues(REPOSITORY)
