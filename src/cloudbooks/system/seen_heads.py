"""What this machine has cosigned: for each log the last head, which the next one must have grown out of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from blake3 import blake3

from cloudbooks.errors import ChainFault, sentence
from cloudbooks.system import files

_BYTES_MAX = 3 << 20
"""A note of the largest kind, written as JSON."""
_LINES = 2


class WitnessStateDamaged(ChainFault):
    """What a witness has seen cannot be read: whatever it signed now could contradict what it signed before."""

    code = "witness-state-damaged"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("{path} is not what was written there; nothing was cosigned.", path=str(path)),
            hint=sentence("put a copy of the file back in its place"),
        )


@dataclass(frozen=True, slots=True)
class SeenHead:
    """The last head of a log that was cosigned here: its size, the root over it as hex digits, and when (UTC).

    `note` is the signed checkpoint: beside one that contradicts it, it proves that its signers signed two histories.
    """

    origin: str
    size: int
    root: str
    at: str
    note: str


@contextmanager
def watching(state: Path, origin: str) -> Iterator[tuple[SeenHead | None, Path]]:
    """The last head of a log, and the file to keep the next one in; nobody else looks or writes until the block ends.

    Raises `WitnessStateDamaged`, and `FileNotWritten` where the state folder takes nothing.
    """
    folder = state / "witness"
    path = folder / hashlib.sha256(origin.encode()).hexdigest()
    with ExitStack() as held:
        try:
            files.private_folder(folder)
            held.enter_context(files.locked(folder / "witness.lock"))
        except OSError as error:
            raise files.FileNotWritten(folder / "witness.lock", error) from error
        head = read(path)
        if head is not None and head.origin != origin:
            raise WitnessStateDamaged(path)
        yield head, path


def keep(path: Path, head: SeenHead) -> None:
    """Write a head durably in the place of the last one, inside `watching`; raises `OSError`."""
    facts = {"at": head.at, "note": head.note, "origin": head.origin, "root": head.root, "size": head.size}
    line = json.dumps(facts, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    files.replace_whole(path, line + f"b3:{blake3(line).hexdigest()}\n".encode())


def keep_contradiction(path: Path, request: bytes) -> None:
    """Keep the first request that contradicted a head, beside that head: both are signed. Raises `OSError`."""
    place = path.with_name(f"{path.name}.contradiction")
    if not place.exists():
        files.create_whole(place, request)


def read(path: Path) -> SeenHead | None:
    """The head that a file holds, `None` where there is no file; raises `WitnessStateDamaged`."""
    try:
        lines = files.read_regular(path, _BYTES_MAX).splitlines(keepends=True)
    except FileNotFoundError:
        return None
    except (OSError, files.FileUnfit) as error:
        raise WitnessStateDamaged(path) from error
    if len(lines) != _LINES or lines[1] != f"b3:{blake3(lines[0]).hexdigest()}\n".encode():
        raise WitnessStateDamaged(path)
    facts = json.loads(lines[0])
    return SeenHead(facts["origin"], facts["size"], facts["root"], facts["at"], facts["note"])
