"""Books that earlier programs made, one of each schema version: real files, kept as they were written.

`README.md` says what is in them. Each is a zip of the book, the state folder of its machine (keys, receipt, pin), and
what it said of itself then.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
EARLIER: Final = {"version-1": 1, "version-1-guarded": 1}
"""Every kept book, and its schema version."""


def unpack(name: str, folder: Path) -> Path:
    """Lay a kept book and the state folder of its machine in a folder, private as they were; gives the book."""
    with zipfile.ZipFile(HERE / f"{name}.zip") as archive:
        for member in archive.namelist():
            if member == "acme.cbk" or member.startswith("state/"):
                path = Path(archive.extract(member, folder))
                path.chmod(0o600)
                for parent in path.relative_to(folder).parents[:-1]:
                    (folder / parent).chmod(0o700)
    return folder / "acme.cbk"


def expected(name: str) -> dict[str, Any]:
    """What the program that made a kept book said of it: head, counts, totals, and its witness's key."""
    with zipfile.ZipFile(HERE / f"{name}.zip") as archive:
        found: dict[str, Any] = json.loads(archive.read("expected.json"))
    return found
