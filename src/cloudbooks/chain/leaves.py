"""Balance leaves: totals since the beginning, by side, and the root over them (FORMAT.md section 4)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from cloudbooks.chain.law import LawBroken
from cloudbooks.chain.merkle import EMPTY_ROOT, leaf_hash
from cloudbooks.core.money import DIGITS_MAX, canonical
from cloudbooks.errors import sentence

_MASK_DIGITS = 32
_TOTAL_END = 10**DIGITS_MAX


class Leaf(NamedTuple):
    """Totals of one account and commodity, in minor units, credits as positive numbers, values in the base.

    `block` is the number of the last block that posted to it.
    """

    account: str
    commodity: str
    debit: int
    credit: int
    debit_value: int
    credit_value: int
    postings: int
    block: int


def leaf_text(leaf: Leaf, scale: int, base_scale: int, blind: bytes) -> bytes:
    """The bytes that are a leaf of the tree under `balances_root`; `scale` is that of its commodity."""
    masked = f"{leaf.block}|{leaf.account}|{leaf.commodity}".encode()
    mask = hmac.digest(blind, masked, "sha256").hex()[:_MASK_DIGITS]
    amounts = f"{canonical(leaf.debit, scale)}|{canonical(leaf.credit, scale)}"
    values = f"{canonical(leaf.debit_value, base_scale)}|{canonical(leaf.credit_value, base_scale)}"
    return f"{leaf.account}|{leaf.commodity}|{amounts}|{values}|{leaf.postings}|{mask}".encode()


class Leaves:
    """All balance leaves of a book. The hash of a leaf is kept until the leaf is posted to again."""

    __slots__ = ("_accounts", "_leaves", "_order", "_stale", "_tree")

    def __init__(self, leaves: Iterable[Leaf] = ()) -> None:
        self._leaves = {(leaf.account, leaf.commodity): leaf for leaf in leaves}
        self._accounts = {account for account, _ in self._leaves}
        self._order: dict[tuple[str, str], int] = {}
        self._stale: set[tuple[str, str]] = set(self._leaves)
        self._tree: list[list[bytes]] = []

    def __iter__(self) -> Iterator[Leaf]:
        """In the order of the tree."""
        return (self._leaves[key] for key in sorted(self._leaves))

    def __len__(self) -> int:
        return len(self._leaves)

    def __getitem__(self, key: tuple[str, str]) -> Leaf:
        """The leaf of an account id and commodity code; `KeyError` where nothing was posted."""
        return self._leaves[key]

    def has_postings(self, account: str) -> bool:
        """Whether anything was posted to an account, or is about to be."""
        return account in self._accounts

    def expect(self, account: str) -> None:
        """An account is posted to by the batch at hand; `post` will follow when the batch is admitted whole."""
        self._accounts.add(account)

    def post(self, moved: Leaf) -> None:
        """Add what a block moved, which `moved` has with the block's number.

        Raises `LawBroken` (`amount`) where a total would have more digits than an amount may have.
        """
        key = moved[:2]
        before = self._leaves.get(key)
        if before is None:
            self.expect(moved.account)
            after = moved
        else:
            _, _, debit, credit, debit_value, credit_value, postings, _ = before
            after = Leaf(
                moved.account,
                moved.commodity,
                debit + moved.debit,
                credit + moved.credit,
                debit_value + moved.debit_value,
                credit_value + moved.credit_value,
                postings + moved.postings,
                moved.block,
            )
        if max(after[2:6]) >= _TOTAL_END or min(after[2:6]) <= -_TOTAL_END:
            message = sentence(
                "A total of {commodity} would have more than {digits} digits.",
                commodity=moved.commodity,
                digits=DIGITS_MAX,
            )
            raise LawBroken("amount", message)
        self._leaves[key] = after
        self._stale.add(key)

    def root(self, text: Callable[[Leaf], bytes]) -> bytes:
        """The root of the tree over the leaves, `text` writing those whose hash is not known yet."""
        fresh = {key: leaf_hash(text(self._leaves[key])) for key in self._stale}
        if len(self._order) != len(self._leaves):
            known = {key: self._tree[0][at] for key, at in self._order.items()}
            self._plant(known | fresh)
        else:
            self._regrow({self._order[key]: hash_ for key, hash_ in fresh.items()})
        self._stale.clear()
        return self._tree[-1][0] if self._order else EMPTY_ROOT

    def _plant(self, hashes: dict[tuple[str, str], bytes]) -> None:
        """Build the tree anew, level by level; a last odd node is carried up, which gives the tree of RFC 6962."""
        keys = sorted(hashes)
        self._order = {key: at for at, key in enumerate(keys)}
        self._tree = [[hashes[key] for key in keys]]
        while len(self._tree[-1]) > 1:
            below = self._tree[-1]
            self._tree.append([_above(below, at) for at in range((len(below) + 1) // 2)])

    def _regrow(self, changed: dict[int, bytes]) -> None:
        """Change some leaves, and of the nodes above only those that have one below them."""
        for at, hash_ in changed.items():
            self._tree[0][at] = hash_
        places = {at // 2 for at in changed}
        for below, level in pairwise(self._tree):
            for at in places:
                level[at] = _above(below, at)
            places = {at // 2 for at in places}


def _above(below: list[bytes], at: int) -> bytes:
    """Node `at` of the level over `below`."""
    pair = below[2 * at : 2 * at + 2]
    return hashlib.sha256(b"\1" + pair[0] + pair[1]).digest() if len(pair) > 1 else pair[0]
