"""What was seen of a peer last: the size and root of its log, kept in the state folder, so that a rollback is seen.

It is no part of the book: an old copy of the book that is put back must not put back this memory too. Like a receipt it
is one canonical line and a second with its hash, and it only grows.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from blake3 import blake3

from cloudbooks.system import files

_BYTES_MAX: Final = 4096


@dataclass(frozen=True, slots=True)
class Seen:
    """A log that a peer had: its size in blocks, the root of its tree (`s256:…`), and when it was seen (UTC)."""

    size: int
    root: str
    at: str


def recall(state: Path, book: str, peer: str) -> Seen | None:
    """What was seen last; `None` where nothing was, or where the note of it cannot be read."""
    try:
        data = files.read_regular(_path(state, book, peer), _BYTES_MAX)
        line = data.split(b"\n", 1)[0]
        facts = json.loads(line)
        seen = Seen(int(facts["size"]), str(facts["root"]), str(facts["at"]))
    except (OSError, files.FileUnfit, ValueError, KeyError, TypeError):
        return None
    return seen if _text(seen, peer) == data else None


def remember(state: Path, book: str, peer: str, seen: Seen) -> None:
    """Keep what was seen now, unless more was seen before; raises `OSError` where the state folder does not take it."""
    before = recall(state, book, peer)
    if before is None or before.size <= seen.size:
        path = _path(state, book, peer)
        files.private_folder(path.parent)
        files.replace_shared(path, _text(seen, peer))


def forget(state: Path, book: str, peer: str) -> None:
    """Forget a peer of this name: another place has it now."""
    files.unlink(_path(state, book, peer))


def _path(state: Path, book: str, peer: str) -> Path:
    # The name is the user's text, and no text of a user becomes a path.
    return state / "peers" / book / blake3(peer.encode()).hexdigest()[:32]


def _text(seen: Seen, peer: str) -> bytes:
    facts = {"at": seen.at, "peer": peer, "root": seen.root, "size": seen.size}
    line = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
    return line + f"b3:{blake3(line).hexdigest()}\n".encode()
