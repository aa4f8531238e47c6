"""A small book with real keys, signatures and blocks, for tests to add to and to break."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from typing import Any

import msgspec
from tests.chain.folder_source import FolderSource
from tests.chain.strategies import BOOK, SeedSigner

from cloudbooks.chain import batch, checkpoint, note, record, sealing
from cloudbooks.chain.approving import approval_text
from cloudbooks.chain.batch import Base, Batch
from cloudbooks.chain.canonical import s256
from cloudbooks.chain.sealing import Sealed
from cloudbooks.chain.state import MemoryPast, State

RIGHTS: dict[str, tuple[record.Right, ...]] = {
    "ann": ("admin", "approve", "close", "post"),
    "bob": ("approve", "post"),
    "eve": ("post",),
}
SEEDS = {"ann": 0x0A, "bob": 0x0B, "eve": 0x0D}
NEXT_SEEDS = {"bob": 0x0C}
"""Keys that are promised: member by member, the seed of the next."""


def uid(number: int) -> str:
    """The id that counts `number`: later ids are greater."""
    return f"019a9c3e-7b00-7000-8000-{number:012x}"


class BookBuilder:
    """Makes a log block by block: members ann, bob and eve, base CNY, and the accounts named below.

    `state` is what the laws know of it, `files` its layout as files. Ids count up, salts and times too, so that the
    same calls give the same bytes. After a `LawBroken` a builder is of no use.
    """

    BANK, DOLLARS, SALES, RENT, TRAVEL = (uid(number) for number in range(0x101, 0x106))
    CUSTOMER, SUPPLIER = uid(0x201), uid(0x202)

    def __init__(self, *, separate_duties: bool = False) -> None:
        self.files: dict[str, bytes] = {}
        self.state = State(MemoryPast(lambda hash_: self.files.get("batch/" + hash_.removeprefix("b3:"))))
        self.signers = {name: SeedSigner(seed) for name, seed in SEEDS.items()}
        self.members = {"ann": uid(2), "bob": uid(3), "eve": uid(4)}
        self._count = 0x1000
        self._salts = 0
        self._clock = 0
        self.block(*self.beginning(separate_duties=separate_duties))

    def beginning(self, *, separate_duties: bool) -> list[record.AnyRecord]:
        """The records of the first batch."""
        account = self.account
        return [
            self.book(separate_duties=separate_duties),
            self.commodity(uid(5), "CNY", 2),
            *(self.member(name) for name in RIGHTS),
            self.commodity(uid(6), "USD", 2),
            account(self.BANK, "1002", "银行存款", "asset"),
            account(self.DOLLARS, "1003", "美元户", "asset", commodity="USD"),
            account(self.SALES, "5001", "主营业务收入", "income"),
            account(self.RENT, "5602", "管理费用", "expense"),
            account(self.TRAVEL, "5603", "差旅费", "expense", dimensions=("department",)),
            self.party(self.CUSTOMER, "Acme"),
            self.party(self.SUPPLIER, "Staples"),
        ]

    def id(self) -> str:
        """A fresh id, greater than all before."""
        self._count += 1
        return uid(self._count)

    def salt(self) -> str:
        """A fresh salt."""
        self._salts += 1
        return f"{self._salts:032x}"

    def instant(self) -> str:
        """A later instant than all before."""
        self._clock += 1
        return f"2026-11-{1 + self._clock // 1440:02d}T{self._clock // 60 % 24:02d}:{self._clock % 60:02d}:00Z"

    def book(self, **changes: Any) -> record.Book:
        """The book, stated anew."""
        stated = {
            "id": BOOK,
            "name": "Acme",
            "base": "CNY",
            "created_at": "2026-11-01T00:00:00Z",
            "blind": "b" * 32,
            "fiscal_year_start": 1,
        }
        return record.Book(salt=self.salt(), **(stated | changes))  # type: ignore[arg-type]  # fields by name

    def member(self, name: str, /, **changes: Any) -> record.Member:
        """A member, stated anew with the key that signs now."""
        promised = NEXT_SEEDS.get(name)
        stated = {
            "id": self.members[name],
            "name": name,
            "key": str(self.signers[name].vkey),
            "rights": RIGHTS[name],
            "next_key": s256(str(SeedSigner(promised).vkey).encode()) if promised else "",
        }
        return record.Member(salt=self.salt(), **(stated | changes))

    def commodity(self, id_: str, code: str, scale: int, name: str = "") -> record.Commodity:
        """A commodity."""
        return record.Commodity(id=id_, salt=self.salt(), code=code, scale=scale, name=name)

    def account(self, id_: str, code: str, name: str, kind: record.Kind, **more: Any) -> record.Account:
        """An account."""
        return record.Account(id=id_, salt=self.salt(), code=code, name=name, kind=kind, **more)

    def party(self, id_: str, name: str, *, closed: bool = False) -> record.Party:
        """A party."""
        return record.Party(id=id_, salt=self.salt(), name=name, closed=closed)

    def statement(self, account: str = BANK, commodity: str = "CNY", lines: int = 9, **more: Any) -> record.Statement:
        """A statement of an account, from a file that is not at hand."""
        file = record.Attachment(b3="b3:" + "1" * 64, s256="s256:" + "2" * 64, bytes=3, media="text/csv", name="a.csv")
        stated = {"profile": "icbc", "first": "2026-10-01", "last": "2026-10-31"} | more
        return record.Statement(id=self.id(), account=account, commodity=commodity, file=file, lines=lines, **stated)

    def close(self, period: str) -> record.Close:
        """A close."""
        return record.Close(id=self.id(), period=period)

    def reopen(self, period: str) -> record.Reopen:
        """A reopen."""
        return record.Reopen(id=self.id(), period=period, reason="a late invoice")

    def line(self, account: str, amount: str, commodity: str = "CNY", **more: Any) -> record.Line:
        """A line of an entry."""
        return record.Line(account=account, commodity=commodity, amount=amount, **more)

    def entry(self, *lines: record.Line, date: str = "2026-10-31", **more: Any) -> record.Entry:
        """An entry made by ann, in the series 记; without lines, 300.00 of rent paid from the bank."""
        stated = {"series": "记", "summary": "rent", "made_by": self.members["ann"]} | more
        if not lines:
            lines = (self.line(self.RENT, "300.00"), self.line(self.BANK, "-300.00"))
        return record.Entry(id=stated.pop("id", "") or self.id(), date=date, lines=lines, **stated)

    def reversal(self, original: record.Entry, **more: Any) -> record.Entry:
        """The reversal of an entry, in red lines."""
        lines = tuple(
            msgspec.structs.replace(
                line, amount=_negated(line.amount), value=_negated(line.value), red=True, settles=()
            )
            for line in original.lines
        )
        return self.entry(*lines, reverses=original.id, **more)

    def approved(self, entry: record.Entry, *names: str) -> record.Entry:
        """The entry with approvals by members."""
        at = "2026-11-20T08:00:00Z"
        text = approval_text(BOOK, entry, at)
        approvals = [
            record.Approval(self.members[name], at, b64encode(self.signers[name].sign(text)).decode()) for name in names
        ]
        return msgspec.structs.replace(entry, approvals=tuple(sorted(approvals, key=lambda approval: approval.by)))

    def batch(self, *records: record.AnyRecord, by: str = "ann", **header: Any) -> Batch:
        """A batch made on the present state of the log."""
        fields = {
            "author": self.members[by],
            "base": Base(self.state.root, self.state.size) if self.state.size else None,
            "book": BOOK,
            "id": self.id(),
            "made_at": "2026-11-20T08:00:00Z",
            "program": "test/1",
        } | header
        return batch.make(records=records, **fields)

    def signed(self, made: Batch, by: str = "ann") -> bytes:
        """The author's note over a batch."""
        text = batch.note_text(made)
        return f"{text}\n{note.sign(text, f'cloudbooks/{BOOK}', self.signers[by])}".encode()

    def block(self, *records: record.AnyRecord, by: str = "ann", now: str = "", **header: Any) -> Sealed:
        """The next block, over a batch of these records; raises `LawBroken`."""
        made = self.batch(*records, by=by, **header)
        return self.commit(made, self.signed(made, by), now)

    def commit(self, made: Batch, signed: bytes, now: str = "") -> Sealed:
        """Give a signed batch its place; raises `LawBroken`."""
        sealed = sealing.seal(made, signed, now or self.instant())(self.state)
        self.files["batch/" + made.hash.removeprefix("b3:")] = made.data
        self.files[f"block/{sealed.block.header.number:08d}"] = sealed.block.data
        return sealed

    def source(self, signers: Iterable[str] = ("ann",)) -> FolderSource:
        """The log as files, with a checkpoint of its present size."""
        origin = checkpoint.origin(BOOK)
        text = checkpoint.text(origin, self.state.size, self.state.frontier.root)
        lines = "".join(note.sign(text, origin, self.signers[name]) for name in signers)
        return FolderSource({**self.files, "checkpoint": f"{text}\n{lines}".encode()})


def _negated(amount: str) -> str:
    if amount.startswith("-"):
        return amount[1:]
    return "-" + amount if amount.strip("0.") else amount
