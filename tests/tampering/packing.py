"""An audit pack that has something of every kind, unzipped where tests may break it."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tests.books.program import Program
from tests.books.small_book import ICBC, LINES, RULES, import_lines, small_book
from tests.books.tsa import Reply, Tsa, serving
from tests.tools.second_verifier import load

from cloudbooks.books import drafting, posting
from cloudbooks.books.cosigning import cosign_book
from cloudbooks.books.timestamping import stamp
from cloudbooks.chain import second_digest


@dataclass(frozen=True)
class Packed:
    """An unzipped pack, what its maker was told of it, and those whom its auditor may trust."""

    folder: Path
    told: dict[str, Any]
    tsa: Tsa
    witness: str

    def judged(self, policy: Path | None = None) -> dict[str, Any]:
        """What the second verifier says of it, the first key pinned."""
        stranger = load()
        verdict: dict[str, Any] = stranger.Pack(self.folder, stranger.Policy(self.told["first_key"], policy)).verdict()
        return verdict

    def found(self) -> set[tuple[str, str]]:
        """The code and the file of each finding; that it is valid is as docs/format.md section 9.2 says of these."""
        verdict = self.judged()
        codes = {one["code"] for one in verdict["findings"]}
        assert verdict["valid"] == (codes <= {"attachment-missing", "b3-unlisted", "timestamp"})
        return {(one["code"], one["file"]) for one in verdict["findings"]}

    def files(self) -> list[str]:
        """All its files."""
        return sorted(one.relative_to(self.folder).as_posix() for one in self.folder.rglob("*") if one.is_file())

    @contextmanager
    def changed(self, name: str, data: bytes | None) -> Iterator[None]:
        """A file with other bytes, or gone, or put in; as it was before when the block ends."""
        file = self.folder / name
        was = file.read_bytes() if file.exists() else None
        _write(file, data)
        try:
            yield
        finally:
            _write(file, was)


def _write(file: Path, data: bytes | None) -> None:
    if data is None:
        file.unlink()
    else:
        file.write_bytes(data)


def packed(folder: Path) -> Packed:
    """A pack with entries, a voucher, a statement, rules, a timestamp that the log outgrew, and a witness."""
    desk, tsa = small_book(folder, rules=RULES), Tsa(folder / "tsa")
    import_lines(desk, LINES[:1])
    (folder / "invoice.txt").write_bytes(b"Paper, 5.00\n")
    paper = drafting.add(desk, date(2026, 10, 20), "纸", "5602", "5", ICBC)
    drafting.attach(desk, paper.number, folder / "invoice.txt")
    posting.post(desk, [], everything=True)
    with serving(lambda request: Reply(tsa.reply(request))) as url:
        stamp(desk, url, certificates=tsa.certificates)
    drafting.add(desk, date(2026, 11, 2), "Tea", "5602", "7", ICBC)
    posting.post(desk, [], everything=True)
    witness = str(cosign_book(desk, "").key)
    told = Program(folder)("book", "export", "audit", "-o", "pack.zip", *["--sm3"] * second_digest.offered())
    with zipfile.ZipFile(folder / "pack.zip") as archive:
        archive.extractall(folder / "pack")
    shutil.rmtree(folder / "home")
    return Packed(folder / "pack", told, tsa, witness)
