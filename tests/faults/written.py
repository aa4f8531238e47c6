"""Files that commands write beside the book: each must be whole where it stands, and is counted by its kind."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from cloudbooks.books.backing_up import read_manifest
from cloudbooks.books.proving import check_proof
from cloudbooks.rules.reading import read_rules
from cloudbooks.system import backup_file, seen_heads


def backup(path: Path) -> None:
    """Take the book out of a backup; raises what is wrong with it."""
    manifest, _ = read_manifest(path)
    with TemporaryDirectory() as folder:
        backup_file.extract(path, Path(folder) / "book.cbk", b3=manifest.b3, size=manifest.size)


def pack(path: Path) -> None:
    """Read every file of an audit pack, and check every proof in it."""
    with zipfile.ZipFile(path) as archive:
        proofs = [name for name in archive.namelist() if name.endswith(".proof")]
        damaged = archive.testzip()
        assert damaged is None, damaged
        assert proofs
        for name in proofs:
            check_proof(archive.read(name), name)


def proof(path: Path) -> None:
    """Check a proof."""
    check_proof(path.read_bytes(), str(path))


def head(path: Path) -> None:
    """Read the head that a witness has seen."""
    seen_heads.read(path)


KINDS: Final[tuple[tuple[str, Callable[[Path], None]], ...]] = (
    ("*.cbk-backup", backup),
    ("*.zip", pack),
    ("*.proof", proof),
    ("state/witness/" + "[0-9a-f]" * 64, head),
)


def written_files(box: Path) -> dict[str, int]:
    """How many files of each kind stand in a box; raises what is wrong with one that is not whole."""
    rules = box / "rules.yaml"
    found = {"rules": len(read_rules(rules.read_bytes(), rules.name).rules) if rules.exists() else 0}
    for pattern, judge in KINDS:
        for path in sorted(box.glob(pattern)):
            judge(path)
            found[judge.__name__] = found.get(judge.__name__, 0) + 1
    return found
