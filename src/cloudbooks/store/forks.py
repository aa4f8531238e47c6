"""Forks: two signed heads of one book that cannot both be. Both are kept as evidence; nothing is written any more.

The evidence lies in `forks/<book id>` of the state folder, so that an old copy of the book that is put back does not
put the fork out of the world: both checkpoints, the two blocks that differ, and a line that says where and with whom.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cloudbooks.errors import PeerFault, sentence
from cloudbooks.store import receipt
from cloudbooks.system import files
from cloudbooks.system.clock import local_time

_BYTES_MAX: Final = 1 << 20
_ABOUT: Final = "about.json"


@dataclass(frozen=True, slots=True)
class Fork:
    """Where two signed logs part: after `common` blocks, seen at the peer of this name, on an instant (UTC)."""

    peer: str
    common: int
    at: str


class BookForked(PeerFault):
    """Two signed heads of this book cannot both be; it is read-only, and both are kept as evidence."""

    code = "forked"

    def __init__(self, fork: Fork, folder: Path) -> None:
        super().__init__(
            sentence(
                'this book and "{peer}" have two signed histories after {common} blocks, seen on {at}. Nothing was'
                " deleted and nothing is written; both heads are kept in {folder}.",
                peer=fork.peer, common=fork.common, at=local_time(fork.at), folder=str(folder),
            ),
            hint=sentence(
                "cloudbooks peer diff {peer} shows both sides; cloudbooks init NEW --from FOLDER goes on with the one"
                " that FOLDER holds", peer=fork.peer,
            ),
        )  # fmt: skip


def keep(state: Path, book: str, fork: Fork, evidence: dict[str, bytes]) -> BookForked:
    """Keep a fork with its evidence, files by name; a second one adds nothing to the first.

    Raises `FileNotWritten` where the state folder does not take it.
    """
    folder = state / "forks" / book
    try:
        files.private_folder(folder)
        if not (folder / _ABOUT).exists():
            for name, data in evidence.items():
                files.create_whole(folder / name, data)
            facts = {"at": fork.at, "common": fork.common, "peer": fork.peer}
            line = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            files.create_whole(folder / _ABOUT, line.encode() + b"\n")
    except OSError as error:
        raise files.FileNotWritten(folder / _ABOUT, error) from error
    return told(state, book) or BookForked(fork, folder)


def told(state: Path, book: str) -> BookForked | None:
    """The fork that was seen of this book; `None` if none was. A note of one that cannot be read is one, too."""
    folder = state / "forks" / book
    if not folder.is_dir():
        return None
    try:
        facts = json.loads(files.read_regular(folder / _ABOUT, _BYTES_MAX))
        return BookForked(Fork(str(facts["peer"]), int(facts["common"]), str(facts["at"])), folder)
    except FileNotFoundError:
        # The keeping of it was stopped before its last file; whoever compares the two sees it again.
        return None
    except (OSError, files.FileUnfit, ValueError, KeyError, TypeError):
        return BookForked(Fork("?", 0, "?"), folder)


def set_aside(state: Path, book: str) -> Path:
    """Keep the evidence of a fork under another name, because one of the sides was chosen; gives its folder."""
    return receipt.set_aside(state / "forks" / book, "left")
