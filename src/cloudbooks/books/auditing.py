"""`book export audit`: chosen entries with their proofs and files, and what a stranger needs to check them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import resources
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple

import cloudbooks
from cloudbooks.books import filtering
from cloudbooks.books.desk import Desk
from cloudbooks.books.naming import names_of
from cloudbooks.chain import second_digest, timestamp
from cloudbooks.chain.attached import NamedFile, named_files
from cloudbooks.chain.canonical import b3
from cloudbooks.chain.checkpoint import origin
from cloudbooks.chain.proof import Proof
from cloudbooks.chain.proof_checking import Proven, check
from cloudbooks.core.entry import PostedEntry
from cloudbooks.core.filter import Filter
from cloudbooks.core.head_code import head_code
from cloudbooks.core.period import Month, Period
from cloudbooks.core.sieve import All
from cloudbooks.core.text import show
from cloudbooks.errors import Finding, Refusal, sentence
from cloudbooks.reports.names import Names
from cloudbooks.store import locks, paging, reading
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.log import StoredLog, root_at
from cloudbooks.store.proving import Prover
from cloudbooks.system.clock import instant

_VERIFIER = "verify.py"
_LIST = "b3"
_PAGES = ("README.txt", "README.zh.txt")
_NOT_IN_NAMES = str.maketrans(dict.fromkeys('/\\:<>|"?*', "_"))


class NoEntryChosen(Refusal):
    """No posted entry is in the period or passes the filter, so that a pack would be empty."""

    code = "no-entry-chosen"

    def __init__(self) -> None:
        super().__init__(
            sentence("no posted entry is in that period and passes the filter."),
            hint=sentence("cloudbooks entry list -p PERIOD shows what there is"),
        )


class NamedHere(NamedTuple):
    """A file of the pack that a record names: where it lies, what it is called, its size, and the proof of that."""

    file: str
    name: str
    bytes: int
    proof: str


class ProvenTotals(NamedTuple):
    """What was posted to an account up to the head, in one commodity, and the proof of that."""

    code: str
    name: str
    commodity: str
    debit: str
    credit: str
    postings: int
    proof: str


class Zipped(NamedTuple):
    """A pack as one file, and the hash ("b3:…") of the list of its files, by which it can be compared."""

    data: bytes
    list: str


@dataclass(frozen=True, slots=True)
class Pack:
    """An audit pack: its files by name, what they hold, and what is missing from it.

    `proofs` names the proof of each entry, by the entry's id. Tables of the entries, of the files that records name
    (`named`), and of `totals` are for the face to add.
    """

    files: dict[str, bytes]
    named: tuple[NamedHere, ...]
    totals: tuple[ProvenTotals, ...]
    entries: tuple[PostedEntry, ...]
    names: Names
    proofs: dict[str, str]
    statements: int
    attachments: int
    first: str
    findings: tuple[Finding, ...]
    sm3: bool = False

    def zipped(self, tables: Mapping[str, bytes]) -> Zipped:
        """The pack with these tables and the list of all its files; the same pack gives the same bytes."""
        files = {**self.files, **tables}
        if self.sm3:
            digests = [(name, second_digest.sm3(data)) for name, data in files.items()]
            files[second_digest.FILE] = second_digest.listing(digests)
        files[_LIST] = second_digest.listing((name, b3(data).removeprefix("b3:")) for name, data in files.items())
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in sorted(files.items()):
                archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
        return Zipped(buffer.getvalue(), b3(files[_LIST]))


def pack(desk: Desk, wanted: Filter, period: Period | None, *, sm3: bool = False) -> Pack:
    """The pack of the posted entries of a period that pass a filter.

    With `sm3` the pack is to list the SM3 of its files: `SecondDigestMissing` where this platform offers none. A file
    that is not at hand is a finding. Raises `NoEntryChosen`, `NotSignedYet`, and what a filter's names raise.
    """
    if sm3:
        second_digest.demand()
    with desk.open() as book:
        names = names_of(book)
        sieve = filtering.resolved(wanted, filtering.lexicon(book, names, desk.today))
        days = (_day(period.first.first), _day(period.last.last)) if period else (0, 99991231)
        entries = tuple(paging.whole_entries(book, All((sieve,)), days))
        if not entries:
            raise NoEntryChosen
        made = _Making(book)
        for entry in entries:
            made.entry(entry)
        made.accounts(names, entries)
        made.heads()
        made.finish(reading.facts(book).name)
        return Pack(
            files=made.files,
            named=tuple(made.named),
            totals=tuple(made.totals),
            entries=entries,
            names=names,
            proofs=made.proofs,
            statements=sum(1 for name in made.files if name.startswith("statements/")),
            attachments=sum(1 for name in made.files if name.startswith("attachment/")),
            first=str(made.last.first),
            findings=tuple(made.missing.values()),
            sm3=sm3,
        )


class _Making:
    """A pack while it is made; every proof is checked before it goes in."""

    def __init__(self, book: BookFile) -> None:
        self.files: dict[str, bytes] = {}
        self.proofs: dict[str, str] = {}
        self.missing: dict[str, Finding] = {}
        self.named: list[NamedHere] = []
        self.totals: list[ProvenTotals] = []
        self._book = book
        self._log = StoredLog(book)
        self._prover = Prover(book)
        self._statements: set[str] = set()
        self._taken: set[str] = set()

    def entry(self, entry: PostedEntry) -> None:
        """Put an entry in, with its files and the statements that it settled."""
        name = self._free("proofs", f"{Month.of(entry.date)}_{entry.voucher}")
        accounts = {posting.account for posting in entry.postings}
        self.proofs[entry.id] = self._add(name, self._prover.place("entry", entry.id), accounts)
        for posting in entry.postings:
            for name in posting.settles:
                self._statement(name.partition("/")[0])

    def _statement(self, id_: str) -> None:
        if id_ not in self._statements:
            self._statements.add(id_)
            self._add(f"statements/{id_}.proof", self._prover.place("statement", id_))

    def accounts(self, names: Names, entries: Sequence[PostedEntry]) -> None:
        """Put in what was posted in all to the accounts of the entries, up to the head."""
        for id_ in sorted({posting.account for entry in entries for posting in entry.postings}):
            account = names.chart[id_]
            name = self._free("balances", account.code)
            shown = self._kept(name, self._prover.balances(id_, account.code, self._prover.size - 1))
            self.totals += [
                ProvenTotals(account.code, account.name, one.commodity, one.debit, one.credit, one.postings, name)
                for one in shown.totals
            ]
        self.totals.sort()

    def heads(self) -> None:
        """Put in what shows the heads that are likely on paper: those of each close of a period, and the last."""
        size = self._prover.size
        for block in {*(row.block for row in locks.locks(self._book) if row.block < size), size - 1}:
            self._kept(f"heads/{block}.proof", self._prover.growth(block + 1))

    def _free(self, folder: str, word: str) -> str:
        """A name for a proof, which no system refuses, or takes for that of another file."""
        fit = f"{folder}/{word.translate(_NOT_IN_NAMES)}"
        names = (f"{fit}{again}.proof" for again in chain([""], (f"~{number}" for number in count(2))))
        name = next(name for name in names if name.casefold() not in self._taken)
        self._taken.add(name.casefold())
        return name

    def _add(self, name: str, place: tuple[int, int], accounts: Collection[str] = ()) -> str:
        self.last = self._kept(name, self._prover.record(*place, accounts))
        assert self.last.record is not None
        for file in named_files(self.last.record):
            self._file(file, name)
        return name

    def _kept(self, name: str, proof: bytes) -> Proven:
        self.files[name] = proof
        return check(Proof.read(proof), None)

    def _file(self, file: NamedFile, proof: str) -> None:
        digest, called = file.b3, file.name
        data = self._log.attachment(digest)
        if data is None:
            message = sentence('the file "{name}" is not at hand, so that the pack lacks it.', name=called)
            self.missing[digest] = Finding("attachment-missing", called, message)
        else:
            place = f"attachment/{digest.removeprefix('b3:')}"
            self.files[place] = data
            self.named.append(NamedHere(place, called, len(data), proof))

    def finish(self, name: str) -> None:
        """Put in the head, the page that says how to check, and the verifier."""
        last: Proven = self.last
        number = last.size - 1
        head = b3(self._log.block(number) or b"")
        facts = {
            "number": number,
            "hash": head,
            "code": head_code(number, head),
            "size": last.size,
            "root": last.root,
            "first": str(last.first),
        }
        self.files["head.json"] = f"{json.dumps(facts)}\n".encode()
        stamped = self._stamped(last.size)
        for page in _PAGES:
            text = _page(page).format(name=show(name), entries=len(self.proofs), **facts)
            self.files[page] = (text + stamped).encode()
        self.files[_VERIFIER] = _verifier()

    def _stamped(self, size: int) -> str:
        """Put in the newest timestamp up to the head, what it covers, and how it leads there; the page that says so."""
        stamped = [one for one in self._log.stamped() if one <= size]
        token = self._log.timestamp(stamped[-1]) if stamped else None
        if token is None:
            return ""
        newest = stamped[-1]
        self.files[timestamp.token_file(newest)] = token
        covered = timestamp.stamped_text(origin(self._book.id), newest, root_at(self._book, newest))
        self.files[f"timestamp/{newest}.txt"] = covered
        if newest < size:
            self.files[f"timestamp/{newest}.proof"] = self._prover.growth(newest)
        at = timestamp.read(token).at
        return _page("TIMESTAMP.txt").format(size=newest, at=instant(at), seconds=int(at.timestamp()))


def _page(name: str) -> str:
    return resources.files("cloudbooks.packs.audit").joinpath(name).read_text("utf-8")


def _verifier() -> bytes:
    """The second verifier: beside the packs where the program is installed, in tools/ of a source tree."""
    shipped = resources.files("cloudbooks.packs.audit").joinpath(_VERIFIER)
    if shipped.is_file():
        return shipped.read_bytes()
    return (Path(cloudbooks.__file__).parents[2] / "tools" / _VERIFIER).read_bytes()


def _day(day: date) -> int:
    return day.year * 10000 + day.month * 100 + day.day
