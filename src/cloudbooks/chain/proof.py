"""Proof files: one text that shows, with nothing else at hand, that something stands in a log (FORMAT.md section 8)."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.note import Vkey, base64_strictly
from cloudbooks.errors import sentence

BYTES_MAX = 4 << 20
"""A proof of the longest record, and more."""

_HASH_BYTES = 32
_BLOCK_LINES = 7
"""A block file is a header line and the author's note: four lines, an empty one and a signature."""

_N = "(0|[1-9][0-9]{0,15})"
_CLAIM = rf"(?:(record) {_N} {_N}|(balances) {_N} ([0-9a-f-]{{36}})|(growth) {_N})"
_TOP = re.compile(rf"cloudbooks/proof/v1\nproves {_CLAIM}\nfirst ([^\n]+)\n")
_OPENING = re.compile(rf"(?m)^(?=(?:block|line {_N}|leaf {_N} {_N}|from [A-Za-z0-9+/]{{43}}=|checkpoint)$)")
_ORDER = re.compile(r"(?:block(?: line)*(?: leaf)*)(?: block(?: line)*(?: leaf)*)*(?: from)? checkpoint")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a proof says: `kind` is `record` (`what` is its number), `balances` (an account's id) or `growth`.

    `block` is the block that it is about; for growth the size of the older log.
    """

    kind: str
    block: int
    what: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.block} {self.what}".strip()


@dataclass(frozen=True, slots=True)
class ProvenLine:
    """A record line, its number in its batch (from 1), and its path in the tree of the batch's lines."""

    number: int
    line: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ProvenLeaf:
    """A balance leaf, its place among so many, and its path to the block's `balances_root`."""

    index: int
    size: int
    text: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ProvenBlock:
    """A block file with its path in the log, and what is shown to stand in it."""

    data: bytes
    path: tuple[bytes, ...]
    lines: tuple[ProvenLine, ...] = ()
    leaves: tuple[ProvenLeaf, ...] = ()


@dataclass(frozen=True, slots=True)
class Growth:
    """The root of the older log, and the proof that the newer one grew out of it."""

    root: bytes
    hashes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof as its file holds it; nothing of it is believed before `proof_checking.check`.

    `first` is said to be the first member's key; `checkpoint` is the signed note over the log.
    """

    claim: Claim
    first: Vkey
    blocks: tuple[ProvenBlock, ...]
    growth: Growth | None
    checkpoint: bytes

    def __bytes__(self) -> bytes:
        return "".join(_written(self)).encode() + self.checkpoint

    @classmethod
    def read(cls, data: bytes) -> Proof:
        """The proof that a file holds; raises `FormFault` (`proof` or `schema`) where one byte is off its grammar."""
        try:
            top, *parts = _OPENING.split(data.decode()) if len(data) <= BYTES_MAX else [""]
        except UnicodeDecodeError:
            raise _no_proof() from None
        # The groups of the opening stand between the parts.
        parts = parts[_OPENING.groups :: _OPENING.groups + 1]
        found = _TOP.fullmatch(top)
        kinds = [part.split("\n", 1)[0].split(" ")[0] for part in parts]
        if not found or not _ORDER.fullmatch(" ".join(kinds)):
            raise _no_proof()
        claim = Claim(*_claimed(found))
        if ("from" in kinds) != (claim.kind == "growth"):
            raise _no_proof()
        growth = _growth(parts[-2]) if "from" in kinds else None
        body = parts[: -2 if growth else -1]
        checkpoint = parts[-1].partition("\n")[2]
        return cls(claim, Vkey.parse(found[9]), tuple(_blocks(body)), growth, checkpoint.encode())


def _claimed(found: re.Match[str]) -> tuple[str, int, str]:
    if found[1]:
        return found[1], int(found[2]), found[3]
    return (found[4], int(found[5]), found[6]) if found[4] else (found[7], int(found[8]), "")


def _no_proof() -> FormFault:
    return FormFault("proof", sentence("It is not written as a proof of CloudBooks is."))


def _written(proof: Proof) -> Iterator[str]:
    yield f"cloudbooks/proof/v1\nproves {proof.claim}\nfirst {proof.first}\n"
    for block in proof.blocks:
        yield f"block\n{block.data.decode()}{_hashes(block.path)}"
        for one in block.lines:
            yield f"line {one.number}\n{one.line.decode()}\n{_hashes(one.path)}"
        for leaf in block.leaves:
            yield f"leaf {leaf.index} {leaf.size}\n{leaf.text.decode()}\n{_hashes(leaf.path)}"
    if proof.growth is not None:
        yield f"from {b64encode(proof.growth.root).decode()}\n{_hashes(proof.growth.hashes)}"
    yield "checkpoint\n"


def _hashes(path: Iterable[bytes]) -> str:
    return "".join(f"{b64encode(step).decode()}\n" for step in path)


def _path(lines: Sequence[str]) -> tuple[bytes, ...]:
    path = tuple(base64_strictly(line) or b"" for line in lines)
    if any(len(step) != _HASH_BYTES for step in path):
        raise _no_proof()
    return path


def _growth(part: str) -> Growth:
    opening, *rest = _lines(part)
    (root,) = _path([opening.removeprefix("from ")])
    return Growth(root, _path(rest))


def _blocks(parts: Sequence[str]) -> Iterator[ProvenBlock]:
    """The blocks, each with the lines and leaves that follow it."""
    gathered: list[tuple[list[str], list[ProvenLine], list[ProvenLeaf]]] = []
    for part in parts:
        opening, *rest = _lines(part)
        kind, *numbers = opening.split(" ")
        if kind == "block":
            gathered.append((rest, [], []))
        elif not rest:
            raise _no_proof()
        elif kind == "line":
            gathered[-1][1].append(ProvenLine(int(numbers[0]), rest[0].encode(), _path(rest[1:])))
        else:
            gathered[-1][2].append(ProvenLeaf(int(numbers[0]), int(numbers[1]), rest[0].encode(), _path(rest[1:])))
    for body, lines, leaves in gathered:
        data = "".join(f"{line}\n" for line in body[:_BLOCK_LINES]).encode()
        yield ProvenBlock(data, _path(body[_BLOCK_LINES:]), tuple(lines), tuple(leaves))


def _lines(part: str) -> list[str]:
    """The lines of a part, which ends in a line end."""
    *lines, rest = part.split("\n")
    if rest:
        raise _no_proof()
    return lines
