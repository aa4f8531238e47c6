"""The Merkle tree of RFC 6962 with SHA-256 (C2SP.md section 8): roots, growth, inclusion and consistency."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

SIZE_MAX = 2**63 - 1
"""Sizes and indexes beyond it are refused, so that a hostile number costs no time."""

Roots = Callable[[int, int], bytes]
"""The root over the leaves from one place up to another: `Roots(0, size)` is that of the whole tree."""

EMPTY_ROOT = hashlib.sha256().digest()
_HASH_BYTES = 32


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of one leaf's bytes."""
    return hashlib.sha256(b"\0" + leaf).digest()


def leaf_hashes(leaves: Iterable[bytes]) -> list[bytes]:
    """The hashes of many leaves."""
    sha256 = hashlib.sha256
    return [sha256(b"\0" + leaf).digest() for leaf in leaves]


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes."""
    if not hashes:
        return EMPTY_ROOT
    sha256 = hashlib.sha256
    level = list(hashes)
    while len(level) > 1:
        # Pairing level by level and carrying a last odd one up gives the tree of RFC 6962, without its recursion.
        odd = level[-1:] if len(level) % 2 else []
        level = [sha256(b"\1" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
        level += odd
    return level[0]


class Frontier:
    """A growing tree, kept as the roots of its full subtrees: appending costs O(log n), so does the root."""

    __slots__ = ("_subtrees", "size")

    def __init__(self) -> None:
        self.size = 0
        self._subtrees: list[bytes] = []

    @classmethod
    def of(cls, size: int, subtrees: Sequence[bytes]) -> Frontier:
        """A tree of `size` leaves by the roots of its full subtrees, the largest first: one for each bit of `size`."""
        assert len(subtrees) == size.bit_count()
        frontier = cls()
        frontier.size, frontier._subtrees = size, list(subtrees)
        return frontier

    def append(self, leaf: bytes) -> None:
        """Add a leaf by its hash."""
        bits = self.size
        while bits & 1:
            leaf = _node(self._subtrees.pop(), leaf)
            bits >>= 1
        self._subtrees.append(leaf)
        self.size += 1

    @property
    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self._subtrees:
            return EMPTY_ROOT
        *rest, joined = self._subtrees
        for subtree in reversed(rest):
            joined = _node(subtree, joined)
        return joined

    def copy(self) -> Frontier:
        """The same tree, to grow on its own."""
        twin = Frontier()
        twin.size, twin._subtrees = self.size, list(self._subtrees)
        return twin


def split(size: int) -> int:
    """How many leaves of `size` (2 or more) are on the left: the largest power of two that is smaller."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The path that proves leaf `index` (from 0) in the tree over leaf hashes, the leaf's sibling first.

    Raises `IndexError` where there is no such leaf.
    """
    return inclusion_by(lambda start, end: root(hashes[start:end]), index, len(hashes))


def inclusion_by(root_of: Roots, index: int, size: int) -> list[bytes]:
    """The path of leaf `index` in a tree of `size` leaves of which `root_of` knows parts; raises `IndexError`."""
    if not 0 <= index < size:
        raise IndexError(index)
    start, end = 0, size
    path: list[bytes] = []
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            path.append(root_of(middle, end))
            end = middle
        else:
            path.append(root_of(start, middle))
            start = middle
    path.reverse()
    return path


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], tree: bytes) -> bool:
    """Whether `path` leads from the hash of leaf `index` (from 0) to the root `tree` over `size` leaves."""
    if not 0 <= index < size <= SIZE_MAX or any(len(item) != _HASH_BYTES for item in (leaf, tree, *path)):
        return False
    inner = (index ^ (size - 1)).bit_length()
    if len(path) != inner + (index >> inner).bit_count():
        return False
    joined = leaf
    for step, sibling in enumerate(path):
        # Above the point where the paths of this leaf and of the last one meet, every sibling is a full left subtree.
        right = step < inner and not index >> step & 1
        joined = _node(joined, sibling) if right else _node(sibling, joined)
    return joined == tree


def consistency(hashes: Sequence[bytes], old_size: int) -> list[bytes]:
    """The proof that the tree over the first `old_size` leaf hashes grew into the tree over all.

    Raises `IndexError` unless 0 < `old_size` <= the number of leaves.
    """
    return consistency_by(lambda start, end: root(hashes[start:end]), old_size, len(hashes))


def consistency_by(root_of: Roots, old_size: int, size: int) -> list[bytes]:
    """The proof that a tree of `size` leaves, of which `root_of` knows parts, grew out of its first `old_size` ones.

    Raises `IndexError` unless 0 < `old_size` <= `size`.
    """
    if not 0 < old_size <= size:
        raise IndexError(old_size)
    start, end = 0, size
    proof: list[bytes] = []
    while end != old_size:
        middle = start + split(end - start)
        if old_size <= middle:
            proof.append(root_of(middle, end))
            end = middle
        else:
            proof.append(root_of(start, middle))
            start = middle
    if start:
        # The old tree is not one whole subtree, so its last part cannot be had from its root.
        proof.append(root_of(start, end))
    proof.reverse()
    return proof


def verify_consistency(old_size: int, size: int, proof: Sequence[bytes], old_tree: bytes, tree: bytes) -> bool:
    """Whether `proof` shows that the tree of root `old_tree` is the beginning of the tree of root `tree`."""
    if not 0 < old_size <= size <= SIZE_MAX or any(len(item) != _HASH_BYTES for item in (old_tree, tree, *proof)):
        return False
    pair = _grown(old_size, size, list(proof), old_tree, whole=True)
    return pair == (old_tree, tree)


def _grown(old_size: int, size: int, proof: list[bytes], old_tree: bytes, *, whole: bool) -> tuple[bytes, bytes] | None:
    """The old and the new root that a proof gives for a subtree, or `None` where it has a hash too many or too few."""
    if old_size == size:
        rest = [old_tree, *proof] if whole else proof
        return (rest[0], rest[0]) if len(rest) == 1 else None
    if not proof:
        return None
    sibling = proof.pop()
    left = split(size)
    if old_size <= left:
        pair = _grown(old_size, left, proof, old_tree, whole=whole)
        return pair and (pair[0], _node(pair[1], sibling))
    pair = _grown(old_size - left, size - left, proof, old_tree, whole=False)
    return pair and (_node(sibling, pair[0]), _node(sibling, pair[1]))
