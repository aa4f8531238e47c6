"""A log in the file layout of FORMAT.md section 6, held in memory so that a test can change single files."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from pathlib import Path


class FolderSource:
    """A `LogSource` over the files of a folder; `files` maps their names to their bytes and may be changed."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)
        self._asked: set[str] = set()

    @classmethod
    def read(cls, folder: Path) -> FolderSource:
        """The files below `folder`."""
        files = (path for path in folder.rglob("*") if path.is_file())
        return cls({path.relative_to(folder).as_posix(): path.read_bytes() for path in files})

    def mutated(self, mutant: Path) -> FolderSource:
        """These files with the changes that a mutant of the vectors names."""
        changes = json.loads(mutant.read_text("utf-8"))
        files = {name: data for name, data in self.files.items() if name not in changes["delete"]}
        for name, written in changes["write"].items():
            files[name] = written["text"].encode() if "text" in written else base64.b64decode(written["base64"])
        return FolderSource(files)

    def block(self, number: int) -> bytes | None:
        """See `LogSource`."""
        return self._file(f"block/{number:08d}")

    def batch(self, hash_: str) -> bytes | None:
        """See `LogSource`."""
        return self._file("batch/" + hash_.removeprefix("b3:"))

    def attachment(self, b3: str) -> bytes | None:
        """See `LogSource`."""
        return self._file("attachment/" + b3.removeprefix("b3:"))

    def checkpoint(self) -> bytes | None:
        """See `LogSource`."""
        return self._file("checkpoint")

    def cosignatures(self) -> Iterable[tuple[int, str, bytes]]:
        """See `LogSource`."""
        for name in sorted(self.files):
            folder, _, rest = name.partition("/")
            if folder == "cosignature":
                size, _, key_id = rest.partition("/")
                yield int(size), key_id, self._file(name) or b""

    def timestamps(self) -> Iterable[tuple[int, bytes]]:
        """See `LogSource`."""
        names = (name for name in self.files if name.startswith("timestamp/"))
        found = sorted((int(name.removeprefix("timestamp/").removesuffix(".tsr")), name) for name in names)
        return [(size, self._file(name) or b"") for size, name in found]

    def stray(self) -> Iterable[str]:
        """See `LogSource`."""
        return sorted(name for name in self.files.keys() - self._asked if not name.startswith("tile/"))

    def _file(self, name: str) -> bytes | None:
        self._asked.add(name)
        return self.files.get(name)
