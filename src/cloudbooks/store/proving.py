"""Proofs made from a book: what `chain.proof_checking` needs to see, read at a cost that grows with the logarithm."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Literal

import msgspec

from cloudbooks.chain import block as blocks
from cloudbooks.chain import merkle
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.checkpoint import Checkpoint, origin
from cloudbooks.chain.leaves import Leaf, leaf_text
from cloudbooks.chain.note import SignedNote, Vkey
from cloudbooks.chain.proof import Claim, Growth, Proof, ProvenBlock, ProvenLeaf, ProvenLine
from cloudbooks.chain.record import AnyRecord, Member
from cloudbooks.errors import Refusal, sentence
from cloudbooks.store import deriving_tree, log, log_bytes, past, posted, record_tree
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.ids import packed, unpacked
from cloudbooks.store.log import StoredLog
from cloudbooks.store.tables import KIND

_records = msgspec.json.Decoder(AnyRecord)

_TREES_KEPT = 4

COSIGNATURES_BYTES_MAX = 640
"""What cosignatures may add to a proof: three of the usual length."""

Place = tuple[int, int]
"""A record by its block and its number in the batch."""


class NotSignedYet(Refusal):
    """No checkpoint covers the block yet, so that nobody could check a proof of it."""

    code = "not-signed-yet"

    def __init__(self, block: int, size: int) -> None:
        super().__init__(
            sentence("block {number} is under no checkpoint yet: the last one covers {size} blocks.", number=block,
                     size=size),
            hint=sentence("cloudbooks sync or the next cloudbooks post signs one"),
        )  # fmt: skip


class NothingPosted(Refusal):
    """An account has no balance in a block, because nothing was posted to it up to there."""

    code = "nothing-posted"

    def __init__(self, account: str, block: int) -> None:
        super().__init__(
            sentence("nothing is posted to {account} up to block {number}.", account=account, number=block),
            hint=sentence("cloudbooks report ledger {account}", account=account),
        )


def _cosigned(book: BookFile, note: bytes) -> bytes:
    """A checkpoint with the cosignatures over its very head behind it, as C2SP has them, as far as there is room."""
    size, whole = log.signed_size(book), note
    kept = StoredLog(book)
    for key_id in (key_id for covered, key_id in kept.cosigned() if covered == size):
        longer = whole + (kept.cosignature(size, key_id) or b"")
        if len(longer) - len(note) <= COSIGNATURES_BYTES_MAX and _is_note(longer):
            whole = longer
    return whole


def _is_note(data: bytes) -> bool:
    try:
        SignedNote.parse(data)
    except FormFault:
        return False
    return True


class Prover:
    """Proofs out of one book, under the checkpoint that it has."""

    def __init__(self, book: BookFile) -> None:
        """Read the checkpoint; raises `NotSignedYet` where there is none."""
        self._book = book
        self._connection = book.connection
        self._lines = log_bytes.Lines(book.connection)
        self._trees: dict[int, record_tree.RecordTree] = {}
        note = StoredLog(book).checkpoint()
        if note is None:
            raise NotSignedYet(0, 0)
        self._checkpoint = Checkpoint.read(_cosigned(book, note), origin(book.id))
        self.size = self._checkpoint.size
        ((_, founder),) = self._stated([(0, 3)], "member")
        assert isinstance(founder, Member)
        self._first = Vkey.parse(founder.key)

    def place(self, table: Literal["entry", "statement"], id_: str) -> Place:
        """Where an entry or statement of this id stands, which is there."""
        row = self._connection.execute(
            f"SELECT block, record FROM {table} JOIN identity ON identity.key = {table}.key AND identity.kind = ?"  # noqa: S608 - one of two words
            " WHERE identity.id = ?",
            (KIND[table], packed(id_)),
        ).fetchone()
        return int(row[0]), int(row[1])

    def record(self, block: int, record: int, accounts: Collection[str] = ()) -> bytes:
        """The proof of a record, and of what the accounts of these ids are called; raises `NotSignedYet`."""
        places = {(block, record), *(self._statement_of_account(account, block) for account in accounts)}
        return bytes(self._proof(Claim("record", block, str(record)), block, places))

    def growth(self, size: int) -> bytes:
        """The proof that the log grew out of its first `size` blocks; raises `NotSignedYet`."""
        hashes = merkle.consistency_by(self._root_of, size, self.size) if size <= self.size else []
        growth = Growth(deriving_tree.root_at(self._connection, size), tuple(hashes))
        return bytes(self._proof(Claim("growth", size), size - 1, set(), growth=growth))

    def balances(self, account: str, code: str, block: int) -> bytes:
        """The proof of an account's totals as of a block; raises `NotSignedYet` and `NothingPosted`."""
        leaves = self._leaves(block)
        texts = [self._leaf_text(leaf) for leaf in leaves]
        hashes = merkle.leaf_hashes(texts)
        shown = tuple(
            ProvenLeaf(index, len(leaves), texts[index], tuple(merkle.inclusion(hashes, index)))
            for index, leaf in enumerate(leaves)
            if leaf.account == account
        )
        if not shown:
            raise NothingPosted(code, block)
        place = self._statement_of_account(account, block)
        return bytes(self._proof(Claim("balances", block, account), block, {place}, leaves=shown))

    def _proof(
        self,
        claim: Claim,
        block: int,
        places: set[Place],
        *,
        leaves: tuple[ProvenLeaf, ...] = (),
        growth: Growth | None = None,
    ) -> Proof:
        """The proof with the members that it takes: the author of every block in it, and a signer of the checkpoint."""
        if block >= self.size:
            raise NotSignedYet(block, self.size)
        places |= self._signer()
        shown = {block, *(place[0] for place in places)}
        seen: set[int] = set()
        while new := shown - seen:
            number = max(new)
            seen.add(number)
            key_id = self._block(number).signed.signatures[0].key_id
            if number == block or key_id != self._first.key_id:
                place = self._declaration(key_id, number)
                places.add(place)
                shown.add(place[0])
        by_block: dict[int, list[int]] = {number: [] for number in shown}
        for number, record in sorted(places):
            by_block[number].append(record)
        return Proof(
            claim,
            self._first,
            tuple(
                self._shown(number, by_block[number], leaves if number == block else ()) for number in sorted(by_block)
            ),
            growth,
            self._checkpoint,
        )

    def _shown(self, number: int, records: list[int], leaves: tuple[ProvenLeaf, ...]) -> ProvenBlock:
        path = merkle.inclusion_by(self._root_of, number, self.size)
        tree = self._trees.get(number)
        if tree is None:
            # Whoever proves many entries proves neighbours; more than a few trees are not worth their memory.
            if len(self._trees) == _TREES_KEPT:
                self._trees.pop(next(iter(self._trees)))
            tree = self._trees[number] = record_tree.RecordTree(self._connection, number)
        lines = tuple(ProvenLine(one, self._lines.line(number, one), tuple(tree.path(one - 1))) for one in records)
        return ProvenBlock(self._block(number), tuple(path), lines, leaves)

    def _root_of(self, start: int, end: int) -> bytes:
        return deriving_tree.root_of(self._connection, start, end)

    def _block(self, number: int) -> blocks.Block:
        data = log_bytes.block_bytes(self._connection, number)
        if data is None:
            raise log_bytes.BytesDamaged
        return blocks.read(data)

    def _signer(self) -> set[Place]:
        """Where the members are declared who signed the checkpoint; one is enough."""
        for signature in self._checkpoint.note.signatures:
            known = self._connection.execute("SELECT 1 FROM member_key WHERE key_id = ?", (signature.key_id,))
            if known.fetchone():
                return {self._declaration(signature.key_id, self.size)}
        return set()

    def _declaration(self, key_id: bytes, before: int) -> Place:
        """The last statement of a member with a key, in a block before `before`, or in the first."""
        row = self._connection.execute(
            "SELECT member.block, member.record, member.vkey FROM member_key JOIN member"
            " ON member.key = member_key.member WHERE key_id = ?",
            (key_id,),
        ).fetchone()
        if row is not None and (row[0] < before or row[0] == 0) and Vkey.parse(row[2]).key_id == key_id:
            return row[0], row[1]
        # The member was stated again since: the older statements are in batches that state something.
        stating = self._connection.execute(
            "SELECT DISTINCT block FROM salt WHERE block < ? ORDER BY block DESC", (max(before, 1),)
        )
        for (number,) in stating.fetchall():
            for place, one in self._stated(self._batch_places(number), "member"):
                if isinstance(one, Member) and Vkey.parse(one.key).key_id == key_id:
                    return place
        raise log_bytes.BytesDamaged

    def _statement_of_account(self, account: str, block: int) -> Place:
        """The last statement of an account up to a block."""
        row = self._connection.execute("SELECT block, record FROM account WHERE id = ?", (packed(account),)).fetchone()
        if row is not None and row[0] <= block:
            return int(row[0]), int(row[1])
        stating = self._connection.execute(
            "SELECT DISTINCT block FROM salt WHERE block <= ? ORDER BY block DESC", (block,)
        )
        for (number,) in stating.fetchall():
            for place, one in self._stated(self._batch_places(number), "account"):
                if one.id == account:
                    return place
        raise log_bytes.BytesDamaged

    def _batch_places(self, number: int) -> list[Place]:
        """The records of a block, the last first."""
        return [(number, record) for record in range(self._block(number).header.records, 0, -1)]

    def _stated(self, places: list[Place], word: str) -> Iterator[tuple[Place, AnyRecord]]:
        """The records of a type of state at these places; no field of one sorts after its type."""
        for place in places:
            line = self._lines.line(*place)
            if line.endswith(f'"type":"{word}"}}'.encode()):
                yield place, _records.decode(line)

    def _leaf_text(self, leaf: Leaf) -> bytes:
        scales = dict(self._connection.execute("SELECT code, scale FROM commodity").fetchall())
        base, blind = self._connection.execute("SELECT base, blind FROM book").fetchone()
        return leaf_text(leaf, scales[leaf.commodity], scales[base], blind)

    def _leaves(self, block: int) -> list[Leaf]:
        """The balance leaves as they stood at a block, in the order of their tree: today's less what came since."""
        _, last = posted.entry_keys(self._connection, block)
        leaves = {(leaf.account, leaf.commodity): leaf for leaf in past.leaves_of(self._connection)}
        for account, commodity, id_, code, *moved in self._connection.execute(_MOVED_SINCE, (last,)).fetchall():
            now = leaves.pop((unpacked(id_), code))
            row = self._connection.execute(_LAST_POSTED, (last, account, commodity)).fetchone()
            if row is not None:
                debit, credit, debit_value, credit_value, postings = map(int.__sub__, now[2:7], moved)
                leaves[now[:2]] = Leaf(*now[:2], debit, credit, debit_value, credit_value, postings, row[0])
        return [leaves[key] for key in sorted(leaves)]


# A plus before a column keeps the index of accounts out of it: what is asked for are the last entries, few or many.
_MOVED_SINCE = """
SELECT moved.account, moved.commodity, account.id, commodity.code,
    sum(CASE WHEN side THEN amount ELSE 0 END), -sum(CASE WHEN side THEN 0 ELSE amount END),
    sum(CASE WHEN side THEN value ELSE 0 END), -sum(CASE WHEN side THEN 0 ELSE value END), count(*)
FROM (
    SELECT +account AS account, commodity, amount, value,
        ((CASE WHEN amount THEN amount ELSE value END) >= 0) <> red AS side
    FROM posting WHERE entry > ?
) AS moved JOIN account ON account.key = moved.account JOIN commodity ON commodity.key = moved.commodity
GROUP BY moved.account, moved.commodity
"""

_LAST_POSTED = """
SELECT entry.block FROM posting JOIN entry ON entry.key = posting.entry
WHERE posting.entry <= ? AND +posting.account = ? AND posting.commodity = ? ORDER BY posting.entry DESC LIMIT 1
"""
