"""Proof files: one text that shows, with nothing else at hand, that something stands in a log (FORMAT.md section 8)."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cloudbooks.chain import block as blocks
from cloudbooks.chain import merkle
from cloudbooks.chain.block import Block
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.checkpoint import Checkpoint
from cloudbooks.chain.note import Vkey, base64_strictly
from cloudbooks.errors import sentence

BYTES_MAX = 4 << 20
"""A proof of the longest record, and more."""

_HASH_BYTES = 32
_BLOCK_LINES = 2
"""Of a block, header line and signature line are written; the text between them follows from the header."""

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
    """A block with its path in the log, and what is shown to stand in it."""

    block: Block
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
    checkpoint: Checkpoint

    def __bytes__(self) -> bytes:
        return "".join(_written(self)).encode()

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
        first = Vkey.parse(found[9])
        checkpoint = Checkpoint.read(parts[-1].partition("\n")[2].encode(), first.name)
        body = parts[: -2 if growth else -1]
        return cls(claim, first, tuple(_blocks(body, checkpoint.size)), growth, checkpoint)


def _claimed(found: re.Match[str]) -> tuple[str, int, str]:
    if found[1]:
        return found[1], int(found[2]), found[3]
    return (found[4], int(found[5]), found[6]) if found[4] else (found[7], int(found[8]), "")


def _no_proof() -> FormFault:
    return FormFault("proof", sentence("It is not written as a proof of CloudBooks is."))


def _written(proof: Proof) -> Iterator[str]:
    yield f"cloudbooks/proof/v1\nproves {proof.claim}\nfirst {proof.first}\n"
    before = -1
    for shown in proof.blocks:
        number = shown.block.header.number
        own = shown.path[: len(shown.path) - _shared(before, number, proof.checkpoint.size)]
        before = number
        header, _, note = shown.block.data.decode().partition("\n")
        yield f"block\n{header}\n{note.removeprefix(shown.block.note_text)[1:]}{_hashes(own)}"
        for one in shown.lines:
            yield f"line {one.number}\n{one.line.decode()}\n{_hashes(one.path)}"
        for leaf in shown.leaves:
            yield f"leaf {leaf.index} {leaf.size}\n{leaf.text.decode()}\n{_hashes(leaf.path)}"
    if proof.growth is not None:
        yield f"from {b64encode(proof.growth.root).decode()}\n{_hashes(proof.growth.hashes)}"
    yield f"checkpoint\n{proof.checkpoint.note}"


def _shared(before: int, number: int, size: int) -> int:
    """How many hashes at the end of a block's path are those of the block shown before it, whose path they end too."""
    start, end, shared = 0, size, 0
    while 0 <= before < number < size:
        middle = start + merkle.split(end - start)
        if before < middle <= number:
            break
        start, end = (middle, end) if middle <= before else (start, middle)
        shared += 1
    return shared


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


def _blocks(parts: Sequence[str], size: int) -> Iterator[ProvenBlock]:
    """The blocks of a log of `size`, each with the lines and leaves that follow it."""
    gathered: list[tuple[list[str], list[ProvenLine], list[ProvenLeaf]]] = []
    for part in parts:
        opening, *rest = _lines(part)
        kind, *numbers = opening.split(" ")
        if len(rest) < (_BLOCK_LINES if kind == "block" else 1):
            raise _no_proof()
        if kind == "block":
            gathered.append((rest, [], []))
        elif kind == "line":
            gathered[-1][1].append(ProvenLine(int(numbers[0]), rest[0].encode(), _path(rest[1:])))
        else:
            leaf = ProvenLeaf(int(numbers[0]), int(numbers[1]), rest[0].encode(), _path(rest[1:]))
            gathered[-1][2].append(leaf)
    before, path = -1, tuple[bytes, ...]()
    for (header, signature, *own), lines, leaves in gathered:
        block = blocks.restored(header.encode(), signature)
        shared = _shared(before, block.header.number, size)
        path = _path(own) + path[len(path) - shared :]
        before = block.header.number
        yield ProvenBlock(block, path, tuple(lines), tuple(leaves))


def _lines(part: str) -> list[str]:
    """The lines of a part, which ends in a line end."""
    *lines, rest = part.split("\n")
    if rest:
        raise _no_proof()
    return lines
