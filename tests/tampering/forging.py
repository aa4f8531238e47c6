"""A small book with something of everything, and a forger who has all of its keys and rewrites what he likes."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
from tests.chain.building import NEXT_SEEDS, BookBuilder, uid
from tests.chain.strategies import BOOK, SeedSigner

from cloudbooks.chain import checkpoint, merkle, note, record
from cloudbooks.chain.canonical import b3, s256
from cloudbooks.chain.note import Signer

Fields = dict[str, Any]
Edit = Callable[[Fields], object]

FILES = {"invoice": b"invoice 7\n", "statement": b"2026-10-30,5.00\n", "rules": b"rules: []\n"}
STRANGER = SeedSigner(0x63)
"""Whose key no book knows."""


class Specimen(BookBuilder):
    """Nine blocks, so made that nearly every law has a record that keeps it.

    0 the beginning; 1 rules, statement, entry with settled line and file; 2 price, note, entry in dollars; 3 reversal
    and replacement; 4 entries by eve, who may only post; 5 bob takes the key that he promised; 6 September is closed;
    7 duties are separated, an account and a party are closed; 8 an entry that bob approved, posted by eve.
    """

    def __init__(self) -> None:
        self.authors: list[SeedSigner] = []
        super().__init__()
        self._fill()

    def block(self, *records: record.AnyRecord, by: str = "ann", **more: Any) -> Any:
        """See `BookBuilder`; who signed is remembered."""
        self.authors.append(self.signers[by])
        return super().block(*records, by=by, **more)

    def _fill(self) -> None:
        rules = record.Rules(id=self.id(), name="r.yaml", digest=b3(FILES["rules"]), bytes=len(FILES["rules"]))
        statement = self.statement(opening="0.00", closing="5.00")
        statement = msgspec.structs.replace(statement, file=_attached("statement"))
        self.block(
            rules,
            statement,
            self.entry(
                self.line(self.BANK, "5.00", settles=(f"{statement.id}/1",)),
                self.line(self.SALES, "-5.00", party=self.CUSTOMER, text="invoice 7, café"),
                attachments=(_attached("invoice"),),
                source=record.Source(kind="rule", rule="sales", rules=rules.id),
            ),
        )
        dollars = self.entry(self.line(self.DOLLARS, "5.00", "USD", value="36.00"), self.line(self.SALES, "-36.00"))
        price = record.Price(id=self.id(), date="2026-10-30", commodity="USD", base="CNY", rate="7.2")
        remark = record.Note(id=self.id(), at="2026-11-20T08:00:00Z", text="opened")
        self.block(price, remark, dollars, self.entry(summary="to stay"))
        self.block(self.reversal(dollars), self.entry(replaces=dollars.id), self.entry(summary="second"))
        dimension = record.Dimension(name="department", value="sales")
        travel = self.line(self.TRAVEL, "80.00", dimensions=(dimension,))
        self.block(self.entry(travel, self.line(self.BANK, "-80.00")), self.entry(summary="by eve"), by="eve")
        self.signers["bob"] = SeedSigner(NEXT_SEEDS["bob"])
        bob = self.member("bob", next_key=s256(b"another"))
        self.signers["bob"] = SeedSigner(0x0B)
        self.block(bob, by="bob")
        self.signers["bob"] = SeedSigner(NEXT_SEEDS["bob"])
        self.block(self.close("2026-08"), self.close("2026-09"))
        closed = self.account(uid(0x301), "9999", "gone", "asset", closed=True)
        self.block(self.book(separate_duties=True), closed, self.party(self.SUPPLIER, "Staples", closed=True))
        self.block(self.approved(self.entry(summary="approved"), "bob"), by="eve")


def _attached(name: str) -> record.Attachment:
    data = FILES[name]
    return record.Attachment(b3=b3(data), s256=s256(data), bytes=len(data), media="text/plain", name=f"{name}.txt")


@cache
def specimen() -> Specimen:
    """The book, made once."""
    return Specimen()


class Forger:
    """A copy of the book's log as lines, to be changed; `files` writes it with all hashes and signatures made anew.

    `lines[k]` are those of batch k, its header first; `forced[k]` are fields of block k that are written whatever is
    true; `signers[k]` signs batch k; `notes[k]` is put in the place of its note.
    """

    def __init__(self) -> None:
        book = specimen()
        self.book = book
        self.blocks: list[Fields] = []
        self.lines: list[list[bytes]] = []
        self.signers: list[Signer] = list(book.authors)
        self.forced: dict[int, Fields] = {}
        self.notes: dict[int, Callable[[str], str]] = {}
        for number in range(book.state.size):
            header = json.loads(book.files[f"block/{number:08d}"].partition(b"\n")[0])
            self.blocks.append(header)
            self.lines.append(book.files["batch/" + header["batch"][3:]].split(b"\n")[:-1])

    def fields(self, block: int, line: int) -> Fields:
        """What line `line` of a batch says (0 is the header)."""
        said: Fields = json.loads(self.lines[block][line])
        return said

    def edit(self, block: int, line: int, change: Edit) -> None:
        """Say something else on a line."""
        said = self.fields(block, line)
        change(said)
        self.lines[block][line] = dumped(said)

    def add(self, block: int, said: Fields | record.Record) -> None:
        """Say something more at the end of a batch; its count is set right."""
        if not isinstance(said, dict):
            from cloudbooks.chain.canonical import encode  # noqa: PLC0415 - for records alone

            self.lines[block].append(encode(said))
        else:
            self.lines[block].append(dumped(said))
        self.count(block)

    def count(self, block: int) -> None:
        """Set the number of records in a batch's header right."""
        self.edit(block, 0, lambda header: header.update(records=len(self.lines[block]) - 1))

    def files(self, signers: tuple[Signer, ...] | None = None) -> dict[str, bytes]:
        """The log as files, every hash, note and the checkpoint made anew."""
        files = {"attachment/" + b3(data)[3:]: data for data in FILES.values()}
        previous, leaves = "", []
        for number, header in enumerate(self.blocks):
            batch = b"\n".join(self.lines[number]) + b"\n"
            root = merkle.root(merkle.leaf_hashes(self.lines[number][1:])).hex()
            said = header | {"batch": b3(batch), "record_root": f"s256:{root}", "records": len(self.lines[number]) - 1}
            said |= {"previous": previous} if number else {}
            said |= self.forced.get(number, {})
            said = {name: value for name, value in said.items() if value is not None}
            data = dumped(said) + b"\n" + self._note(number, said).encode()
            previous = b3(data)
            leaves.append(merkle.leaf_hash(data))
            files["batch/" + b3(batch)[3:]] = batch
            files[f"block/{number:08d}"] = data
        files["checkpoint"] = self.checkpoint(len(leaves), merkle.root(leaves), signers)
        return files

    def checkpoint(self, size: int, root: bytes, signers: tuple[Signer, ...] | None = None, book: str = BOOK) -> bytes:
        """A checkpoint, signed by ann unless others are named."""
        origin = checkpoint.origin(book)
        text = checkpoint.text(origin, size, root)
        by = (SeedSigner(0x0A),) if signers is None else signers
        return f"{text}\n{''.join(note.sign(text, origin, signer) for signer in by)}".encode()

    def _note(self, number: int, said: Fields) -> str:
        text = f"cloudbooks/batch/v1\n{said['book']}\n{said['batch']}\n{said['record_root']}\n"
        if number in self.notes:
            return self.notes[number](text)
        return f"{text}\n{note.sign(text, f'cloudbooks/{BOOK}', self.signers[number])}"


def dumped(said: Fields) -> bytes:
    """The canonical text of whatever is said, true or not."""
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
