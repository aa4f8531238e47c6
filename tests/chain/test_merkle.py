from __future__ import annotations

import hashlib
from base64 import b64decode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.chain.strategies import vectors

from cloudbooks.chain import merkle

LEAVES = merkle.leaf_hashes(f"L{number}".encode() for number in range(70))
WORKED: dict[str, Any] = vectors("worked/c2sp-worked.json")["merkle"]


def _defined_root(hashes: list[bytes]) -> bytes:
    # RFC 6962 section 2.1, word for word.
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while 2 * split < len(hashes):
        split *= 2
    left, right = _defined_root(hashes[:split]), _defined_root(hashes[split:])
    return hashlib.sha256(b"\1" + left + right).digest()


def test_root_is_the_defined_one() -> None:
    """The root made level by level is the one that RFC 6962 defines by recursion."""
    for size in range(len(LEAVES) + 1):
        assert merkle.root(LEAVES[:size]) == _defined_root(LEAVES[:size])


def test_frontier_grows_as_the_tree() -> None:
    """A frontier has, at every size, the root of all leaves appended so far."""
    frontier = merkle.Frontier()
    for size, leaf in enumerate(LEAVES):
        assert (frontier.size, frontier.root) == (size, merkle.root(LEAVES[:size]))
        frontier.append(leaf)
    assert frontier.root == merkle.root(LEAVES)


def test_copy_of_a_frontier() -> None:
    """A copy grows on its own."""
    frontier = merkle.Frontier()
    frontier.append(LEAVES[0])
    twin = frontier.copy()
    twin.append(LEAVES[1])
    assert (frontier.size, frontier.root) == (1, LEAVES[0])
    assert (twin.size, twin.root) == (2, merkle.root(LEAVES[:2]))


def test_published_roots() -> None:
    """Leaf hashes and roots of the published tree, sizes 0 to 8, are reproduced."""
    tree = vectors("merkle/tree.json")
    hashes = merkle.leaf_hashes(bytes.fromhex(leaf) for leaf in tree["leaves_hex"])
    assert [item.hex() for item in hashes] == tree["leaf_hashes_hex"]
    roots = next(tree[key] for key in tree if key.startswith("root"))
    assert [merkle.root(hashes[:size]).hex() for size in range(9)] == roots


def _b64(texts: list[str]) -> list[bytes]:
    return [b64decode(text) for text in texts]


@pytest.mark.parametrize("case", vectors("merkle/inclusion.json"), ids=lambda case: str(case["case"]))
def test_published_inclusion_proofs(case: dict[str, Any]) -> None:
    """Every published inclusion proof is judged as its publisher judges it."""
    leaf, tree = b64decode(case["leafHash"]), b64decode(case["root"])
    verified = merkle.verify_inclusion(leaf, case["leafIdx"], case["treeSize"], _b64(case["proof"]), tree)
    assert verified is not case["wantErr"]


@pytest.mark.parametrize("case", vectors("merkle/consistency.json"), ids=lambda case: str(case["case"]))
def test_published_consistency_proofs(case: dict[str, Any]) -> None:
    """Every published consistency proof is judged as its publisher judges it."""
    old, new = b64decode(case["root1"]), b64decode(case["root2"])
    verified = merkle.verify_consistency(case["size1"], case["size2"], _b64(case["proof"]), old, new)
    assert verified is not case["wantErr"]


def test_worked_example() -> None:
    """The proofs of the worked example are made in its order and its bytes."""
    leaves = merkle.leaf_hashes(leaf.encode() for leaf in WORKED["leaves_ascii"])
    assert [merkle.root(leaves[:size]).hex() for size in range(8)] == WORKED["roots"]
    for case in WORKED["inclusion"]:
        assert merkle.inclusion(leaves[: case["size"]], case["index"]) == _b64(case["proof_base64"])
    for case in WORKED["consistency"]:
        assert merkle.consistency(leaves[: case["new"]], case["old"]) == _b64(case["proof_base64"])


def test_proofs_that_are_made_verify() -> None:
    """Each leaf of each tree up to 40 leaves is proved, and so is each tree as the beginning of each larger one."""
    roots = [merkle.root(LEAVES[:size]) for size in range(41)]
    for size in range(1, 41):
        leaves = LEAVES[:size]
        for index in range(size):
            assert merkle.verify_inclusion(leaves[index], index, size, merkle.inclusion(leaves, index), roots[size])
            proof = merkle.consistency(leaves, index + 1)
            assert merkle.verify_consistency(index + 1, size, proof, roots[index + 1], roots[size])


@given(st.data())
def test_a_changed_inclusion_proof_proves_nothing(data: st.DataObject) -> None:
    """A flipped bit, another place, another size, a hash more or less: none of them verifies."""
    size = data.draw(st.integers(1, 40))
    index = data.draw(st.integers(0, size - 1))
    path, tree = merkle.inclusion(LEAVES[:size], index), merkle.root(LEAVES[:size])
    leaf = LEAVES[index]
    bit = data.draw(st.integers(0, 255))
    for at in range(len(path)):
        changed = [*path[:at], _flipped(path[at], bit), *path[at + 1 :]]
        assert not merkle.verify_inclusion(leaf, index, size, changed, tree)
    assert not merkle.verify_inclusion(_flipped(leaf, bit), index, size, path, tree)
    assert not merkle.verify_inclusion(leaf, index, size, path, _flipped(tree, bit))
    assert not merkle.verify_inclusion(leaf, index, size, [*path, tree], tree)
    assert not merkle.verify_inclusion(leaf, index, size, [b"", *path], tree)
    assert not path or not merkle.verify_inclusion(leaf, index, size, path[:-1], tree)
    other = data.draw(st.integers(-1, size).filter(lambda place: place != index))
    assert not merkle.verify_inclusion(leaf, other, size, path, tree)


@given(st.data())
def test_a_changed_consistency_proof_proves_nothing(data: st.DataObject) -> None:
    """A flipped bit, swapped roots, a hash more or less: none of them verifies."""
    size = data.draw(st.integers(2, 40))
    old_size = data.draw(st.integers(1, size - 1))
    proof = merkle.consistency(LEAVES[:size], old_size)
    old, new = merkle.root(LEAVES[:old_size]), merkle.root(LEAVES[:size])
    bit = data.draw(st.integers(0, 255))
    for at in range(len(proof)):
        changed = [*proof[:at], _flipped(proof[at], bit), *proof[at + 1 :]]
        assert not merkle.verify_consistency(old_size, size, changed, old, new)
    assert not merkle.verify_consistency(old_size, size, proof, _flipped(old, bit), new)
    assert not merkle.verify_consistency(old_size, size, proof, old, _flipped(new, bit))
    assert not merkle.verify_consistency(old_size, size, proof, new, old)
    assert not merkle.verify_consistency(old_size, size, [*proof, new], old, new)
    assert not merkle.verify_consistency(old_size, size, [old, *proof], old, new)
    assert not merkle.verify_consistency(old_size, size, proof[:-1], old, new)


def _flipped(digest: bytes, bit: int) -> bytes:
    return (int.from_bytes(digest) ^ 1 << bit).to_bytes(32)


def test_edges_of_consistency() -> None:
    """Nothing grows from size 0 or shrinks, equal sizes have no proof, and a size beyond 2**63 costs no time."""
    old, new = merkle.root(LEAVES[:3]), merkle.root(LEAVES[:7])
    proof = merkle.consistency(LEAVES[:7], 3)
    assert not merkle.verify_consistency(0, 7, [], merkle.EMPTY_ROOT, new)
    assert not merkle.verify_consistency(7, 3, proof, new, old)
    assert merkle.verify_consistency(7, 7, [], new, new)
    assert not merkle.verify_consistency(7, 7, [], old, new)
    assert not merkle.verify_consistency(7, 7, [new], new, new)
    assert not merkle.verify_consistency(3, 2**63, proof, old, new)
    assert not merkle.verify_consistency(3, 2**4000, proof, old, new)
    assert not merkle.verify_inclusion(LEAVES[0], 0, 2**4000, [], new)


def test_proofs_of_what_is_not_there() -> None:
    """There is no proof of a leaf beyond the tree, nor of growth from nothing or from more."""
    for index in (-1, 3):
        with pytest.raises(IndexError):
            merkle.inclusion(LEAVES[:3], index)
    for old_size in (0, 4):
        with pytest.raises(IndexError):
            merkle.consistency(LEAVES[:3], old_size)
