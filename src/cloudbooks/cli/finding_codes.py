"""What the codes of findings mean: findings are values, so their meanings stand here and not in a class."""

from __future__ import annotations

from collections.abc import Mapping

FINDINGS: Mapping[str, str] = {
    "act-lost": "A close or a reopen lost its place to others and breaks a law now; it is done again, or not.",
    "answer-not-kept": "A command was done, but its answer was not kept under its key; a repeat says only that.",
    "attachment-missing": "A file that a record names is not at hand.",
    "balance-break": "The running balance of a statement does not follow from the line before.",
    "batch-missing": "A block names a batch that is not at hand: the log is incomplete from there on.",
    "book-mode": "Others could read the book's file; that was mended, or is to be mended.",
    "checkpoint-behind": "The signed checkpoint ends before the last block: the blocks after it are not signed for.",
    "checkpoint-missing": "The log has no signed checkpoint.",
    "checkpoint-not-kept": "Everything is posted, but the signature over the head was not kept; the next post signs.",
    "clock-back": "The clock of this machine went back: a block has the time of the one before it.",
    "findings-not-listed": "There are more findings of this kind than are listed.",
    "lines-twice": "Lines of a bank's file are posted twice, by this copy and another one, which imported it too.",
    "not-signed": "Blocks have their places at the peer that orders, and nobody here signed for them yet.",
    "opening-row": "A row of the opening balances is no code with an amount.",
    "receipt-new": "This machine has no receipt of the book yet; it is verified before the first write.",
    "receipt-not-written": "The batch is posted, but its receipt could not be kept; the next open writes it.",
    "receipt-unreadable": "The receipt outside the book cannot be read; it was kept aside.",
    "refund-of-skipped": "A refund belongs to a row that was skipped as closed: look whether both count.",
    "row-unreadable": "A row of a statement cannot be read; the finding shows the row and says why.",
    "key-first-seen": (
        "The key of a book's first member was trusted because it was seen first; compare it with that member."
    ),
    "peer-checkpoint": "A peer's checkpoint cannot be read; its blocks are asked instead.",
    "rule-ascii": "A regex uses a class that knows ASCII letters only, where Chinese or accents may stand.",
    "rule-dead": "A rule has conditions that exclude each other: no line can fit it.",
    "rule-empty": "A list of conditions is empty, so that it holds for every line, or for none.",
    "rule-shadowed": "A rule is never reached, because an earlier one takes all of its lines.",
    "statement-gap": "Opening balance and lines of a statement do not give its closing balance.",
    "unverified": "A writer was stopped, or tables were rebuilt: the whole book is verified before the next write.",
    "working-rows-lost": "A table of the working state has lost rows, or holds an older copy of one.",
    "working-rows-unreadable": "A table of the working state cannot be read; the finding says why.",
}
"""Findings in the user's data (exit 1), and warnings (exit 0)."""

LAWS: Mapping[str, str] = {
    "amount": "An amount is not written as its commodity wants, or is too large.",
    "attachment": "A file is not what the record that names it says of it.",
    "attachment-damaged": "A file that the book keeps does not have the hash under which it is kept.",
    "balances": "The balances that a block states are not those of the entries up to it.",
    "block-missing": "A block between others, or at the end of what was signed, is missing.",
    "canonical": "A record, header or note is not written in the one way that the format allows.",
    "chain": "A block does not follow the block before it.",
    "checkpoint": "The signed checkpoint does not fit the log.",
    "cosignature": "The signature of a witness does not fit the log.",
    "file-damaged": "SQLite finds the file or a reference between tables damaged.",
    "file-touched": "Another program wrote to the book's file.",
    "hash": "Bytes do not have the hash under which they are named.",
    "key-not-pinned": "The first member's key is another than the one that the verifier pinned.",
    "law.account": "A posting breaks what its account allows.",
    "law.balance": "An entry does not balance.",
    "law.base": "A batch was made on a head that the log does not have.",
    "law.beginning": "The first batch is not what begins a book.",
    "law.once": "Something that may stand once stands twice.",
    "law.period": "An entry lies in a closed period, or a close is out of order.",
    "law.reference": "A record names something that is not there.",
    "law.restate": "A record states again what may not change.",
    "law.rights": "A member acted without the right to.",
    "limit": "A record or batch is larger than the format allows.",
    "not-understood": "A record is of a version that this program does not know.",
    "note": "A signed note is not written as the format says.",
    "numbers": "The voucher numbers of a block do not continue their series without a gap.",
    "salt": "Two records have the same salt.",
    "schema": "A record has a field too many or too few, or a value of another kind.",
    "signature": "A signature does not fit the bytes and the key.",
    "signature-damaged": "A kept checkpoint or cosignature is not what was kept.",
    "stray": "A file lies in the folder of a chain that belongs to no place in it.",
    "time": "The times of a block go back.",
    "type": "A record is of a type that the format does not have.",
    "unreadable": "Something of the log cannot be read at all.",
}
"""Faults of the log and of the file that `verify` names."""
