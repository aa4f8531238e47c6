"""What the codes of findings mean: findings are values, so their meanings stand here and not in a class."""

from __future__ import annotations

from collections.abc import Mapping

FINDINGS: Mapping[str, str] = {
    "row-unreadable": "A row of a statement cannot be read; the finding shows the row and says why.",
    "key-first-seen": (
        "The key of a book's first member was trusted because it was seen first; compare it with that member."
    ),
    "peer-checkpoint": "A peer's checkpoint cannot be read; its blocks are asked instead.",
    "statement-gap": "Opening balance and lines of a statement do not give its closing balance.",
}
"""Findings in the user's data (exit 1)."""

LAWS: Mapping[str, str] = {
    "canonical": "A record, header or note is not written in the one way that the format allows.",
    "limit": "A record or batch is larger than the format allows.",
    "schema": "A record has a field too many or too few, or a value of another kind.",
    "hash": "Bytes do not have the hash under which they are named.",
    "not-understood": "A record is of a version that this program does not know.",
    "note": "A signed note is not written as the format says.",
    "signature": "A signature does not fit the bytes and the key.",
    "chain": "A block does not follow the block before it.",
    "numbers": "The voucher numbers of a block do not continue their series without a gap.",
    "salt": "Two records have the same salt.",
    "time": "The times of a block go back.",
    "checkpoint": "The signed checkpoint does not fit the log.",
    "cosignature": "The signature of a witness does not fit the log.",
    "law.account": "A posting breaks what its account allows.",
    "law.balance": "An entry does not balance.",
    "law.base": "A batch was made on a head that the log does not have.",
    "law.beginning": "The first batch is not what begins a book.",
    "law.once": "Something that may stand once stands twice.",
    "law.period": "An entry lies in a closed period, or a close is out of order.",
    "law.reference": "A record names something that is not there.",
    "law.restate": "A record states again what may not change.",
    "law.rights": "A member acted without the right to.",
}
"""Faults of the chain that `verify` names (exit 4)."""
