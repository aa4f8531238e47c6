"""What SQLite says without a number is known by its words."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudbooks.store import sqlite


@pytest.fixture
def little_room() -> Iterator[None]:
    """A process that may write 50 000 bytes to a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handled = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handled)


def test_an_error_of_copying_has_its_code(tmp_path: Path, little_room: None) -> None:  # noqa: ARG001 - it limits files
    """Copying raises errors whose code the library does not tell."""
    source = sqlite.memory()
    source.execute("CREATE TABLE much (bytes BLOB)")
    source.execute("INSERT INTO much VALUES (zeroblob(200000))")
    (tmp_path / "copy").touch()
    target = sqlite.connect(tmp_path / "copy")
    with pytest.raises(sqlite.OperationalError) as caught:
        source.backup(target)
    target.close()
    assert sqlite.code_of(caught.value) in {sqlite.IOERR, sqlite.FULL}
