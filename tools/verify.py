"""Check a CloudBooks log, proof or audit pack, using nothing of CloudBooks. § are the sections of docs/format.md.

python3 verify.py FOLDER --pin VKEY      a folder that `cloudbooks chain export` wrote
python3 verify.py x.proof --pin VKEY     a proof that `cloudbooks chain prove` wrote
python3 verify.py PACK --pin VKEY        an unpacked audit pack: its proofs, the files that they name, its list of files

VKEY is the first member's key, had from the firm and not out of these files: who made them could make up a key too.
Needs Python 3.11, the package `blake3`, for signatures the package `cryptography` or the program `openssl`, and for
timestamps `openssl`. Written from docs/format.md and docs/c2sp.md alone. Keeps all records in memory.
Exit status: 0 all is well, 1 incomplete or something to look at, 2 wrong usage, 4 INVALID.
"""

from __future__ import annotations

import argparse
import hmac
import json
import re
import subprocess
import sys
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from functools import lru_cache, reduce
from hashlib import sha256
from itertools import pairwise, takewhile
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from blake3 import blake3

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:  # then the program openssl judges signatures
    Ed25519PublicKey = None  # type: ignore[assignment,misc]  # asked for before each use

Fields = dict[str, Any]
NUMBER = "(?:0|[1-9][0-9]{0,18})"
BASE64 = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?"  # no stray bits
HASH = "[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="  # base64 of 32 bytes


class Fault(Exception):
    """What the format refuses, under its code in the table of §7."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def need(holds: object, code: str, message: str) -> None:
    """Refuse what does not hold."""
    if not holds:
        raise Fault(code, message)


def b3(data: bytes) -> str:
    """BLAKE3-256, as the format writes it."""
    return "b3:" + blake3(data).hexdigest()


def code(hash_: str) -> str:
    """The short code of a hash (§9): its first 80 bits in Crockford's base 32."""
    bits = int(hash_[3:23], 16)
    letters = ("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[bits >> place & 31] for place in range(75, -1, -5))
    return "-".join(map("".join, zip(*[letters] * 4, strict=True)))


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf of a Merkle tree (RFC 6962)."""
    return sha256(b"\0" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return sha256(b"\1" + left + right).digest()


class Tree:
    """A Merkle tree that grows: the sizes and roots of its full subtrees, from the left."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self.peaks: list[tuple[int, bytes]] = []
        for leaf in leaves:
            self.add(leaf)

    def add(self, leaf: bytes) -> None:
        """One leaf more; two full subtrees of one size become one."""
        size = 1
        while self.peaks and self.peaks[-1][0] == size:
            leaf, size = node(self.peaks.pop()[1], leaf), 2 * size
        self.peaks.append((size, leaf))

    def root(self) -> bytes:
        """Its root."""
        hashes = [root for _, root in reversed(self.peaks)] or [sha256(b"").digest()]
        return reduce(lambda right, left: node(left, right), hashes)


def turns(index: int, size: int) -> list[bool]:
    """The way from the root down to a leaf, `True` to the left (c2sp.md §8)."""
    way = []
    while size > 1:
        part = 1 << (size - 1).bit_length() - 1
        way.append(index < part)
        index, size = (index, part) if index < part else (index - part, size - part)
    return way


def root_of_path(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root to which an inclusion path leads."""
    need(0 <= index < size < 2**63, "proof", f"There is no leaf {index} of {size}.")
    way = turns(index, size)
    need([len(step) for step in (leaf, *path)] == [32] * (1 + len(way)), "proof", "A path has another length.")
    for left, step in zip(reversed(way), path, strict=True):
        leaf = node(leaf, step) if left else node(step, leaf)
    return leaf


def roots_of_growth(old: int, new: int, path: list[bytes], root: bytes) -> tuple[bytes, bytes]:
    """The old and the new root to which a consistency proof leads, from the old root as it was given."""
    need(0 < old <= new < 2**63 and {len(step) for step in path} <= {32}, "proof", "No log grows so.")
    way = turns(old - 1, new)
    while way and not way[-1]:  # from there on the old log is the whole subtree
        way.pop()
    steps = [root, *path] if all(way) else path
    need(len(steps) == 1 + len(way), "proof", "A proof of growth has another length.")
    small = large = steps[0]
    for left, step in zip(reversed(way), steps[1:], strict=True):
        small, large = (small, node(large, step)) if left else (node(step, small), node(step, large))
    return small, large


PRIME, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
Y_OF_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
SMALL = {0, 1, PRIME - 1, Y_OF_ORDER_8, PRIME - Y_OF_ORDER_8}  # the y of all points of small order
DER_OF_KEY = bytes.fromhex("302a300506032b6570032100")  # what stands before the 32 bytes of an Ed25519 key


def openssl(command: str, **files: bytes) -> tuple[bool, str]:
    """Whether the program openssl says yes, in a folder with these files; and what it says."""
    with TemporaryDirectory() as folder:
        for name, data in files.items():
            Path(folder, name).write_bytes(data)
        run = subprocess.run(["openssl", *command.split()], cwd=folder, capture_output=True, check=False)
    return run.returncode == 0, run.stdout.decode(errors="replace")


@lru_cache(1000)
def is_sound_point(point: bytes, *, on_curve: bool = True) -> bool:
    """Whether this is a point in canonical form, not of small order (§3, RFC 8032 §5.1.3)."""
    y = int.from_bytes(point, "little") & 2**255 - 1
    if len(point) != 32 or y >= PRIME or y in SMALL:
        return False
    d = -121665 * pow(121666, -1, PRIME)
    return not on_curve or pow((y * y - 1) * pow(d * y * y + 1, -1, PRIME), (PRIME - 1) // 2, PRIME) == 1


def verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether an Ed25519 signature holds. That R is on the curve follows from the equation, compared byte by byte."""
    small_s = len(signature) == 64 and int.from_bytes(signature[32:], "little") < ORDER
    if not (small_s and is_sound_point(signature[:32], on_curve=False) and is_sound_point(public)):
        return False
    if Ed25519PublicKey is None:
        command = "pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in message -sigfile signature"
        return openssl(command, key=DER_OF_KEY + public, message=message, signature=signature)[0]
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


FORBIDDEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f-\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\u3164\ud800-\udfff"
    r"\ufdd0-\ufdef\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
    rf"{''.join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(17))}]"
)


def encoded(said: Any) -> bytes:
    """The canonical text of something (§1)."""
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def check_value(value: Any, level: int = 1, most: int = 4096) -> None:
    """Refuse what canonical text cannot hold, in the order in which it stands; `most` is how long a text may be."""
    if isinstance(value, str):
        need(value and not FORBIDDEN.search(value), "canonical", "A text is empty, or has a forbidden character.")
        need(len(value.encode()) <= most, "limit", f"A text has more than {most} bytes.")
    elif isinstance(value, dict | list):
        need(level <= 6 and (value or level == 1), "canonical", "An object or a list is empty, or too deep in others.")
        for name, item in value.items() if isinstance(value, dict) else (("list", item) for item in value):
            need(re.fullmatch("[a-z][a-z0-9_]*", name), "canonical", "A key has another form.")
            check_value(item, level + 1, most if isinstance(value, list) else 32 if name == "series" else 4096)
    else:
        sound = value is True or (type(value) is int and abs(value) < 2**53)
        need(sound, "canonical", "A value is no text, no true, and no whole number of 53 bits.")


def read_object(line: bytes, header: str = "") -> Fields:
    """What a line without its LF says; `header` is its type where it has a version."""
    need(len(line) < 2**20, "limit", "A line has more than 1 MiB.")
    try:
        said = json.loads(line.decode())
    except (ValueError, RecursionError):
        raise Fault("canonical", "A line is no JSON.") from None
    need(isinstance(said, dict), "canonical", "A line is no object.")
    if header and said.get("type") == header and type(said.get("version")) is int:
        need(said["version"] == 1, "not-understood", f"The {header} is of version {said['version']}.")
    check_value(said)
    need(encoded(said) == line, "canonical", "A line is not in canonical form.")
    return dict(said)


SHAPES = {  # §§2 to 4: `?` marks a field that may be absent, `+` a list, `*` a list that may be absent
    "batch header": "author:id base:base? book:id id:id made_at:instant program:text records:count type:batch"
    " version:count",
    "base": "root:s256 size:size",
    "block header": "balances_root:s256 batch:b3 book:id committed_at:instant number:size numbers:number* previous:b3?"
    " record_root:s256 records:count type:block version:count",
    "number": "first:count period:period series:text",
    "book": "salt:salt name:text base:code created_at:instant blind:salt fiscal_year_start:month jurisdiction:text?"
    " chart:text? tax_id:text? separate_duties:true?",
    "member": "salt:salt name:text key:text rights:right+ next_key:s256? revoked:true?",
    "commodity": "salt:salt code:code scale:scale name:text?",
    "account": "salt:salt code:text name:text kind:asset|equity|expense|income|liability class:text? parent:text?"
    " commodity:text? dimensions:text* closed:true?",
    "party": "salt:salt name:text kinds:text* tax_id:text? closed:true?",
    "rules": "name:text digest:b3 bytes:size",
    "statement": "account:text commodity:text file:file profile:text first:date last:date lines:count opening:amount?"
    " closing:amount?",
    "entry": "date:date series:text summary:text lines:line+ tags:text* attachments:file* source:source? reverses:text?"
    " replaces:text? kind:closing|opening|revaluation? made_by:text approvals:approval*",
    "price": "date:date commodity:code base:code rate:rate",
    "note": "at:instant text:text about:text?",
    "close": "period:period reason:text?",
    "reopen": "period:period reason:text",
    "line": "account:text commodity:text amount:amount value:amount? red:true? party:text? text:text? tax:text?"
    " dimensions:dimension* settles:text*",
    "dimension": "name:text value:text",
    "file": "b3:b3 s256:s256 bytes:size media:text name:text",
    "source": "kind:close|manual|migration|reversal|rule|statement ref:text? rule:text? rules:text?",
    "approval": "by:text at:instant signature:signature",
}
RIGHTS = {"book": "admin", "member": "admin", "close": "close", "reopen": "close"}
RIGHTS |= dict.fromkeys("commodity account party rules statement entry price note".split(), "post")
FIELDS = {
    shape: re.findall(r"(\w+):([\w|]+)([?+*]?)", written + " type:text id:id" * (shape in RIGHTS))
    for shape, written in SHAPES.items()
}
DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
KINDS: dict[str, str | range] = {  # forms of text, and bounds of numbers; words stand for themselves
    "text": "(?s:.*)",
    "id": "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    "b3": "b3:[0-9a-f]{64}",
    "s256": "s256:[0-9a-f]{64}",
    "salt": "[0-9a-f]{32}",
    "code": "[A-Z][A-Z0-9._-]{0,23}",
    "amount": r"(?!-0(?:\.0*)?$)-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?",
    "rate": r"(?=.*[1-9])(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{0,11}[1-9])?",
    "date": DATE,
    "period": "[0-9]{4}-[0-9]{2}",
    "instant": DATE + "T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z",
    "signature": "[A-Za-z0-9+/]{85}[AQgw]==",
    "right": "admin|approve|close|post",
    "size": range(2**53),
    "count": range(1, 2**53),
    "scale": range(13),
    "month": range(1, 13),
}


def fits(value: Any, kind: str) -> bool:
    """Whether a value is of a kind."""
    rule = KINDS.get(kind, kind)
    if isinstance(rule, range) or kind == "true":
        return value is True if kind == "true" else type(value) is int and value in rule
    try:
        sound = isinstance(value, str) and re.fullmatch(rule, value) is not None
        return sound and (kind not in {"date", "period", "instant"} or bool(date.fromisoformat(f"{value}-01"[:10])))
    except ValueError:
        return False


def check_shape(said: Any, shape: str) -> None:
    """Refuse an object with a field too many or too few, or of another kind, or a list that is not in its order."""
    known = isinstance(said, dict) and said.keys() <= {name for name, _, _ in FIELDS[shape]}
    need(known, "schema", f"A {shape} is no object, or has a field that it has not in this version.")
    for name, kind, mark in FIELDS[shape]:
        need(name in said or mark in {"?", "*"}, "schema", f"A {shape} has no {name}.")
        items = said.get(name, []) if mark in {"+", "*"} else [said[name]] if name in said else []
        need(isinstance(items, list), "schema", f"{name} of a {shape} is no list.")
        for item in items:
            if kind in SHAPES:
                check_shape(item, kind)
            else:
                need(fits(item, kind), "schema", f"{name} of a {shape} is no {kind}.")
        if name in {"rights", "approvals", "dimensions", "numbers"}:
            by = ("by", "name", "series", "period")
            order = [[item] if isinstance(item, str) else [item[one] for one in by if one in item] for item in items]
            need(all(a < b for a, b in pairwise(order)), "schema", f"{name} of a {shape} is not in ascending order.")


Signature = tuple[str, bytes, bytes]  # name, key id, what follows


class Vkey(NamedTuple):
    """A verifier key (c2sp.md §1)."""

    name: str
    id: bytes
    type: int
    public: bytes


@lru_cache(1000)
def key_of(text: str) -> Vkey:
    """The key that a vkey says."""
    said = re.fullmatch(rf"([^\s+]+)\+([0-9a-f]{{8}})\+({BASE64})", text)
    data = b64decode(said[3]) if said else b""
    if not said or (data[:1], len(data)) not in {(b"\1", 33), (b"\4", 33), (b"\6", 1313)}:
        raise Fault("schema", "A text is no verifier key.")
    id_ = sha256(said[1].encode(errors="replace") + b"\n" + data).digest()[:4]
    need(id_.hex() == said[2], "schema", "A verifier key has another key id.")
    return Vkey(said[1], id_, data[0], data[1:])


def read_note(data: bytes, code: str = "note") -> tuple[str, list[Signature]]:
    """The text of a signed note, with its last LF, and its signatures."""
    line = rf"\u2014 ([^\s+]+) ({BASE64})\n"
    said = re.fullmatch(rf"((?s:.*)\n)\n((?:{line})+)", data.decode(errors="surrogateescape"))
    if not said or len(data) > 2**20 or re.search(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]", said[0]):
        raise Fault(code, "A signed note has another form.")
    signatures = [(name, b64decode(blob)[:4], b64decode(blob)[4:]) for name, blob in re.findall(line, said[2])]
    sound = len(signatures) <= 64 and all(blob for *_, blob in signatures)
    need(sound, code, "A note is signed too often, or a signature is too short.")
    return said[1], signatures


def signers(text: str, signatures: list[Signature], keys: Iterable[Vkey], code: str = "signature") -> list[Vkey]:
    """Who signed a text, as a signer (01) or a witness (04). Others are passed over; a wrong signature is refused."""
    known, found = {key[:2]: key for key in keys if key.type != 6}, []
    for name, id_, blob in signatures:
        if key := known.get((name, id_)):
            time = int.from_bytes(blob[:8])
            sound = key.type == 1 and verifies(key.public, blob, text.encode())
            if key.type == 4 and time < 2**63:
                sound = verifies(key.public, blob[8:], f"cosignature/v1\ntime {time}\n{text}".encode())
            need(sound, code, f"A signature by {name} does not verify.")
            found.append(key)
    return found


def read_checkpoint(data: bytes) -> tuple[str, int, bytes, str, list[Signature]]:
    """Origin, size and root out of a checkpoint's three lines, these lines, and its signatures (§5)."""
    text, signatures = read_note(data, "checkpoint")
    said = re.fullmatch(rf"(.+)\n({NUMBER})\n({HASH})\n", text)
    if not said or int(said[2]) >= 2**63:
        raise Fault("checkpoint", "A checkpoint is not three lines of origin, size and root.")
    return said[1], int(said[2]), b64decode(said[3]), text, signatures


def author_text(header: Fields) -> str:
    """What the author of a block signed (§3)."""
    return f"cloudbooks/batch/v1\n{header['book']}\n{header['batch']}\n{header['record_root']}\n"


def read_block(data: bytes) -> tuple[Fields, Signature]:
    """The header of a block, and its author's signature (§4)."""
    need(len(data) <= 2**15, "limit", "A block has more than 32 KiB.")
    line, end, rest = data.partition(b"\n")
    header = read_object(line if end else b"", "block")
    numbers = header.get("numbers")
    need(not isinstance(numbers, list) or len(numbers) <= 200, "limit", "A block gives more than 200 first numbers.")
    check_shape(header, "block header")
    text, signatures = read_note(rest)
    need(text == author_text(header) and len(signatures) == 1, "note", "The note is another text, or signed twice.")
    return header, signatures[0]


def read_record(line: bytes, book: str) -> Fields:
    """A record of a book (§2)."""
    said = read_object(line)
    kind = said.get("type")
    need(isinstance(kind, str), "schema", "A record has no type.")
    need(kind in RIGHTS, "not-understood", f"The type {kind} is not known here.")
    check_shape(said, str(kind))
    need(kind != "statement" or said["first"] <= said["last"], "schema", "A statement ends before it begins.")
    key = key_of(said["key"]) if kind == "member" else None
    sound = not key or ((key.type, key.name) == (1, f"cloudbooks/{book}") and is_sound_point(key.public))
    need(sound, "schema", "The key of a member is no Ed25519 key of this book.")
    return said


def minor(text: str, scale: int) -> int:
    """An amount in the smallest unit of its commodity (§1)."""
    whole, _, decimals = text.lstrip("-").partition(".")
    need(len(decimals) == scale and len(whole + decimals) <= 18, "amount", f"{text[:40]} has not {scale} decimals.")
    return int(text.replace(".", ""))


def amount_text(units: int, scale: int) -> str:
    """An amount as the format writes it."""
    digits = f"{abs(units):0{scale + 1}}"
    return "-" * (units < 0) + (f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits)


def without(said: Fields, *names: str) -> Fields:
    """An object less some fields."""
    return {name: value for name, value in said.items() if name not in names}


class Ledger:
    """What the laws (§2.1) must know of the log so far. After a fault it is of no more use."""

    def __init__(self) -> None:
        self.said: dict[str, Fields] = {}  # the record that was last made under an id; of a batch, its type alone
        self.scales: dict[str, int] = {}
        self.codes, self.holders = dict[str, str](), dict[bytes, str]()  # of open accounts; of key ids, for ever
        self.salts, self.reversed, self.settled = set[str](), set[str](), set[str]()
        self.closed: list[str] = []
        self.numbers: Counter[tuple[str, str]] = Counter()
        self.sums: dict[tuple[str, str], list[int]] = {}
        self.leaves: dict[tuple[str, str], bytes] = {}
        self.book, self.author = Fields(), Fields()  # the author as it was before the batch
        self.record: int | None = None  # which one is being judged

    def keys(self) -> set[Vkey]:
        """The keys of members who are not revoked."""
        return {key_of(said["key"]) for said in self.said.values() if "key" in said and not said.get("revoked")}

    def read_batch(self, data: bytes) -> tuple[Fields, list[Fields], str]:
        """The header of a batch, its records and their root (§3)."""
        first, *lines = data.split(b"\n")
        header = read_object(first, "batch")
        check_shape(header, "batch header")
        need(len(lines) <= 1_000_001, "limit", "A batch has more than a million records.")
        sound = lines[-1:] == [b""] and len(lines) == header["records"] + 1
        need(sound, "schema", f"A batch has not the {header['records']} lines that it says, or no end.")
        records = []
        for self.record, line in enumerate(lines[:-1], 1):
            records.append(read_record(line, header["book"]))
        self.record = None
        return header, records, f"s256:{Tree(map(leaf_hash, lines[:-1])).root().hex()}"

    def admit(self, block: Fields, signature: Signature, batch: Fields, records: list[Fields], base_root: str) -> None:
        """Refuse a batch that breaks a law, or a block that says what does not follow from its batch."""
        number, base = block["number"], batch.get("base")
        self.author = self.said.get(batch["author"], {}) if number else self.first_author(batch, records)
        sound = "key" in self.author and not self.author.get("revoked")
        need(sound, "law.rights", "The author is no member, or is revoked.")
        signed = signers(author_text(block), [signature], [key_of(self.author["key"])])
        need(signed, "signature", "The author did not sign the batch.")
        need((base is None) == (number == 0), "law.base", "The first batch alone has no base.")
        sound = not base or (base["size"] <= number and base["root"] == base_root)
        need(sound, "law.base", "The batch was made on a log that never was.")
        need(batch["id"] not in self.said, "law.once", "The id of the batch was used before.")
        self.said[batch["id"]] = {"type": "batch"}
        touched: set[tuple[str, str]] = set()
        for self.record, said in enumerate(records, 1):
            touched |= self.admit_record(said)
            self.said[said["id"]] = said
        self.record = None
        given = Counter((said["series"], said["date"][:7]) for said in records if said["type"] == "entry")
        firsts = [{"first": self.numbers[one] + 1, "series": one[0], "period": one[1]} for one in sorted(given)]
        need(block.get("numbers", []) == firsts, "numbers", "The block gives other numbers than those that follow.")
        self.numbers.update(given)
        self.leaves |= {place: leaf_hash(self.leaf_text(place, number)) for place in touched}
        root = Tree(self.leaves[place] for place in sorted(self.leaves)).root().hex()
        need(block["balances_root"] == f"s256:{root}", "balances", "The block has other totals.")

    def first_author(self, batch: Fields, records: list[Fields]) -> Fields:
        """Law 6: who begins the log, with its book and its base."""
        base = records[0].get("base")
        wanted = [{"type": "book", "id": batch["book"]}, {"type": "commodity", "code": base}]
        wanted += [{"type": "member", "id": batch["author"], "revoked": None}]
        for self.record, fields in enumerate(wanted, 1):
            said = records[self.record - 1] if self.record <= len(records) else {}
            sound = all(said.get(name) == value for name, value in fields.items())
            sound = sound and (self.record < 3 or {"admin", "post"} <= set(said["rights"]))
            need(sound, "law.beginning", "A log begins with its book, its base, and who may administrate and post.")
        self.record, self.book = None, records[0]
        return said

    def named(self, id_: str, kind: str, *, excused: bool = False) -> Fields:
        """Law 2: what is named exists, and is not closed or revoked, unless that is excused."""
        said = self.said.get(id_, {})
        need(said.get("type") == kind, "law.reference", f"There is no {kind} {id_} here.")
        sound = excused or not (said.get("closed") or said.get("revoked"))
        need(sound, "law.reference", f"The {kind} {id_} is closed or revoked.")
        return said

    def check_commodity(self, code: str, account: Fields) -> None:
        """Law 2: a commodity exists, and the account takes it."""
        sound = code in self.scales and account.get("commodity", code) == code
        need(sound, "law.reference", f"There is no commodity {code} here, or the account does not take it.")

    def admit_record(self, said: Fields) -> set[tuple[str, str]]:
        """Right, id, and what each type asks for. Returns the leaves that it posts to."""
        kind, period, old = said["type"], said.get("period", said.get("date", "")[:7]), self.said.get(said["id"], {})
        allowed = RIGHTS[kind] in self.author["rights"] or (kind == "member" and self.takes_promised_key(said))
        need(allowed, "law.rights", f"The author has not the right {RIGHTS[kind]}.")
        need(kind != "book" or said["id"] == self.book["id"], "law.beginning", "There is one book id.")
        need(not old or ("salt" in said and old["type"] == kind), "law.once", f"The id {said['id']} was used before.")
        if "salt" in said:
            self.admit_state(said, old)
        if kind in {"entry", "close"}:
            need(not self.closed or period > self.closed[-1], "law.period", f"The period {period} is closed.")
        if kind == "entry":
            return self.admit_entry(said)
        if kind == "statement":
            self.check_commodity(said["commodity"], self.named(said["account"], "account"))
            for name in {"opening", "closing"} & said.keys():
                minor(said[name], self.scales[said["commodity"]])
        elif kind == "price":
            self.check_commodity(said["commodity"], {})
            self.check_commodity(said["base"], {})
        elif kind == "close":
            self.closed.append(period)
        elif kind == "reopen":
            need(self.closed[-1:] == [period], "law.period", f"{period} is not the period that was closed last.")
            self.closed.pop()
        return set()

    def takes_promised_key(self, said: Fields) -> bool:
        """Law 5: a member without `admin` takes the key that it promised, once a batch, and changes nothing else."""
        old, fixed = self.author, ("key", "next_key", "salt")
        same = without(said, *fixed) == without(old, *fixed) and self.said[old["id"]] is old
        promised = f"s256:{sha256(said['key'].encode()).hexdigest()}" == old.get("next_key")
        return same and promised and said["key"] != old["key"]

    def admit_state(self, said: Fields, old: Fields) -> None:
        """What is stated, or stated again (§2)."""
        kind, id_ = said["type"], said["id"]
        for salt in [said["salt"], *([said["blind"]] if kind == "book" and not old else [])]:
            need(salt not in self.salts, "salt", "A salt was used before.")
            self.salts.add(salt)
        fixed = {"book": "base created_at blind", "commodity": "code scale", "account": "kind"}.get(kind, "").split()
        fixed += ["commodity"] * any(account == id_ for account, _ in self.sums)
        same = not old or all(said.get(name) == old.get(name) for name in fixed)
        need(same, "law.restate", f"{' and '.join(fixed)} of a {kind} may not change.")
        if kind == "book":
            self.book = said
        elif kind == "commodity":
            need(old or said["code"] not in self.scales, "law.once", f"There is another commodity {said['code']}.")
            self.scales[said["code"]] = said["scale"]
        elif kind == "member":
            holder = self.holders.setdefault(key_of(said["key"]).id, id_)
            need(holder == id_, "law.rights", "Another member has this key id, or had it.")
        elif kind == "account":
            self.admit_account(said, old)

    def admit_account(self, said: Fields, old: Fields) -> None:
        """Codes of open accounts, circles, and what an account names."""
        above = said.get("parent")
        if old and not old.get("closed"):
            del self.codes[old["code"]]
        if not said.get("closed"):
            holder = self.codes.setdefault(said["code"], said["id"])
            need(holder == said["id"], "law.account", f"Another open account has the code {said['code']}.")
        while above:
            need(above != said["id"], "law.account", "An account stands under itself.")
            above = self.said.get(above, {}).get("parent")
        if "commodity" in said:
            self.check_commodity(said["commodity"], {})
        if "parent" in said:
            self.named(said["parent"], "account")

    def admit_entry(self, said: Fields) -> set[tuple[str, str]]:
        """Laws 1 to 5 for an entry."""
        excused, rules = "reverses" in said, said.get("source", {}).get("rules")
        if "replaces" in said:
            need(self.named(said["replaces"], "entry")["id"] in self.reversed, "law.once", "What it replaces stands.")
        if excused:
            self.check_reversal(said, self.named(said["reverses"], "entry"))
        self.named(said["made_by"], "member", excused=excused)
        if rules:
            self.named(rules, "rules")
        rows = [self.judge_line(line, excused=excused) for line in said["lines"]]
        balanced = len(rows) > 1 and not sum(value for _, _, value, _ in rows)
        balanced = balanced and (len({code for (_, code), *_ in rows}) > 1 or not sum(amount for _, amount, *_ in rows))
        need(balanced, "law.balance", "The entry does not balance.")
        self.check_approvals(said)
        for place, amount, value, red in rows:  # §2: the side is that of the sign, zero is debit; red turns it round
            sums, credit = self.sums.setdefault(place, [0] * 5), ((amount or value) < 0) != red
            for side, added in ((credit, amount), (2 + credit, value)):
                sums[side] += -added if credit else added
            sums[4] += 1
            need(max(map(abs, sums[:4])) < 10**18, "amount", "A total has more than 18 digits.")
        if excused:
            self.reversed.add(said["reverses"])
            self.settled -= {name for line in self.said[said["reverses"]]["lines"] for name in line.get("settles", ())}
        return {place for place, *_ in rows}

    def check_reversal(self, said: Fields, old: Fields) -> None:
        """Law 4: an entry is reversed once, line by line; a reversal is not."""
        once = "reverses" not in old and old["id"] not in self.reversed
        need(once, "law.once", "What is reversed was reversed before, or is a reversal.")
        mirrored = [without(line, "red", "text", "settles") for line in old["lines"]]
        for line in mirrored:
            for name in {"amount", "value"} & line.keys():
                line[name] = re.sub("^(?=.*[1-9])-?", lambda sign: "" if sign[0] else "-", line[name])
        same = mirrored == [without(line, "red", "text") for line in said["lines"]]
        need(same, "law.once", "A reversal has the lines of its entry, negated.")

    def judge_line(self, line: Fields, *, excused: bool) -> tuple[tuple[str, str], int, int, bool]:
        """A line of an entry, by itself: account and commodity, amount, value, whether it is red."""
        account = self.named(line["account"], "account", excused=excused)
        code, base = line["commodity"], self.book["base"]
        self.check_commodity(code, account)
        amount = minor(line["amount"], self.scales[code])
        need(("value" in line) == (code != base), "schema", "A value stands with other commodities than the base.")
        value = minor(line["value"], self.scales[base]) if code != base else amount
        need(amount * value >= 0, "amount", "Amount and value have opposite signs.")
        if "party" in line:
            self.named(line["party"], "party", excused=excused)
        given = {dimension["name"] for dimension in line.get("dimensions", ())}
        need(excused or given >= set(account.get("dimensions", ())), "law.reference", "A dimension is missing.")
        for name in line.get("settles", ()):
            id_, _, place = name.partition("/")
            statement = self.named(id_, "statement")
            exists = re.fullmatch("[1-9][0-9]{0,15}", place) and int(place) <= statement["lines"]
            need(exists, "law.reference", f"There is no line {name} of a statement.")
            once = name not in self.settled and (statement["account"], statement["commodity"]) == (account["id"], code)
            need(once, "law.once", f"The line {name} was settled before, or is of another account or commodity.")
            self.settled.add(name)
        return (account["id"], code), amount, value, line.get("red", False)

    def check_approvals(self, said: Fields) -> None:
        """Law 5: every approval verifies, and one is by another who may approve where duties are separate."""
        digest, enough = b3(encoded(without(said, "approvals")) + b"\n"), not self.book.get("separate_duties")
        for approval in said.get("approvals", ()):
            member = self.named(approval["by"], "member", excused="reverses" in said)
            text = f"cloudbooks/approval/v1\n{self.book['id']}\n{digest}\n{approval['at']}\n".encode()
            sound = verifies(key_of(member["key"]).public, b64decode(approval["signature"]), text)
            need(sound, "signature", f"The approval by {member['name']} does not verify.")
            other = member["id"] not in {said["made_by"], self.author["id"]} and not member.get("revoked")
            enough |= other and "approve" in member["rights"]
        need(enough, "law.rights", "Nobody else who may approve has approved.")

    def leaf_text(self, place: tuple[str, str], block: int) -> bytes:
        """The leaf of an account and commodity, as of the block that posts to it (§4)."""
        *sums, postings = self.sums[place]
        scales = [self.scales[place[1]]] * 2 + [self.scales[self.book["base"]]] * 2
        named, totals = "|".join(place), "|".join(map(amount_text, sums, scales))
        mask = hmac.digest(bytes.fromhex(self.book["blind"]), f"{block}|{named}".encode(), "sha256").hex()[:32]
        return f"{named}|{totals}|{postings}|{mask}".encode()


class Policy:
    """Whom the verifier trusts (c2sp.md §7): first keys, witnesses, timestamp authorities; and what these have said."""

    def __init__(self, pin: str | None = None, file: Path | None = None) -> None:
        self.pins, self.witnesses = set[str](), dict[str, Vkey]()
        self.groups: dict[str, tuple[int, list[str]]] = {"none": (1, [])}
        self.quorum, self.authorities = "", dict[str, bytes]()
        self.seen: dict[Vkey, int] = {}  # the largest size that each witness cosigned
        self.stamped: list[tuple[datetime, int, str]] = []  # by good timestamps
        data = file.read_bytes() if file else b"quorum none\n"
        need(re.fullmatch(rb"([\t\x20-\x7e\x80-\xff]*\n)*", data), "policy", "A policy has another form.")
        for line in data.decode(errors="surrogateescape").split("\n"):
            items = re.findall("[^ \t]+", line)
            sound = not items or items[0].startswith("#") or self.take(items, file.parent if file else Path())
            need(sound, "policy", f"This is no line of a policy, or not here: {line}")
        sound = self.quorum != "" and (not pin or not self.pins or pin in self.pins)
        need(sound, "policy", "The policy has no quorum, or another key than the pinned one.")
        self.pins = {pin} if pin else self.pins
        need({key_of(one).type for one in self.pins} <= {1}, "policy", "A pinned key is no Ed25519 key.")

    def take(self, items: list[str], folder: Path) -> bool:
        """A line of a policy file; whether it stands there rightly."""
        known = {*self.witnesses, *self.groups}
        taken = ["none", *(one for _, group in self.groups.values() for one in group)]
        match items:
            case ["log", key] | ["log", key, _]:
                others, self.pins = {key_of(pin).public for pin in self.pins}, self.pins | {key}
                return key_of(key).public not in others
            case ["witness", name, key] | ["witness", name, key, _]:
                self.witnesses[name] = key_of(key)
                keys = [one.public for one in self.witnesses.values() if one.type != 1]
                return name not in known and len(set(keys)) == len(self.witnesses)
            case ["group", name, wanted, *members] if re.fullmatch("all|any|[1-9][0-9]{0,3}", wanted):
                number = {"all": len(members), "any": 1}.get(wanted) or int(wanted)
                self.groups[name] = (number, members)
                once = len({*taken, *members}) == len(taken) + len(members)
                return name not in known and once and known >= {*members} and 0 < number <= len(members)
            case ["quorum", name]:
                first, self.quorum = not self.quorum, name
                return first and name in known
            case ["authority", name, file] if name not in self.authorities:
                self.authorities[name] = (folder / file).read_bytes()
                return b"BEGIN CERTIFICATE" in self.authorities[name]
        return False

    def judge_cosignature(self, size: int, text: str, key_id: str, data: bytes) -> None:
        """A witness's line over the text of a checkpoint."""
        _, signatures = read_note(text.encode() + b"\n" + data, "cosignature")
        one = [id_.hex() for _, id_, _ in signatures] == [key_id] and len(data) <= 4096
        need(one, "cosignature", "It is not one line of this key id.")
        for key in signers(text, signatures, self.witnesses.values(), "cosignature"):
            self.seen[key] = max(size, self.seen.get(key, 0))

    def judge_timestamp(self, size: int, text: str, _nothing: str, token: bytes) -> None:
        """A token of RFC 3161 over the text of a checkpoint (§7.1)."""
        digest = sha256(text.encode())
        is_der = token[:2] == b"\x30\x82" and int.from_bytes(token[2:4]) + 4 == len(token) <= 2**16
        need(is_der and digest.digest() in token, "timestamp", "It is no timestamp of these blocks.")
        need(which("openssl"), "timestamp-unjudged", "Without the program openssl it is not judged.")
        _, said = openssl("ts -reply -token_in -in token -text", token=token)
        form = r"Version: 1\n(?s:.*)Hash Algorithm: sha256\n(?s:.*)Time stamp: (.{15})[.0-9]* ([0-9]{4}) GMT\n"
        try:
            month, year = re.findall(form, said)[0]
            at = datetime.strptime(f"{month} {year}", "%b %d %H:%M:%S %Y").replace(tzinfo=UTC)
        except (ValueError, IndexError):
            raise Fault("timestamp", "It is no timestamp of RFC 3161 over a SHA-256.") from None
        written = rb"\x18." + f"{at:%Y%m%d%H%M%S}".encode() + rb"(\.[0-9]*[1-9])?Z"
        need(re.search(written, token, re.DOTALL), "timestamp", "It does not write its time as §7.1 says.")
        row = "cms -verify -inform DER -in token -nosigs -no_attr_verify -no_content_verify -out content -purpose any"
        row += " -certfile authority -CAfile authority -partial_chain -no_check_time"
        vouch = "ts -verify -token_in -in token -CAfile authority -untrusted authority -digest"
        vouch += f" {digest.hexdigest()} -attime {at.timestamp():.0f}"
        known, good = (
            [name for name, file in self.authorities.items() if openssl(command, token=token, authority=file)[0]]
            for command in (row, vouch)
        )
        need(known or not self.authorities, "timestamp-unknown", "None of the authorities is known to have made it.")
        need(good or not self.authorities, "timestamp", "None of the authorities vouches for it.")
        self.stamped += [(at, size, name) for name in good[:1]]

    def reach(self, name: str) -> int:
        """The size up to which a witness or a group has seen the log."""
        number, members = self.groups.get(name, (1, []))
        sizes = [self.reach(member) for member in members]
        return self.seen.get(self.witnesses[name], 0) if name in self.witnesses else sorted([0, *sizes])[-number]

    def facts(self, signed: int) -> Fields:
        """How far a log that is signed so far is anchored, since when and by whom (§7.1), and witnessed."""
        anchored = min(signed, max((size for _, size, _ in self.stamped), default=0))
        at, _, name = min((one for one in self.stamped if one[1] >= anchored > 0), default=(None, 0, ""))
        anchor = {"size": anchored, "time": f"{at:%Y-%m-%dT%H:%M:%SZ}", "authority": name} if at else None
        return {"anchored": anchor, "witnessed": min(signed, self.reach(self.quorum)) or None}


MILD = "batch-missing attachment-missing checkpoint-missing checkpoint-behind not-understood cosignature stray".split()
MILD += ["timestamp", "timestamp-unknown", "timestamp-unjudged", "b3-unlisted"]


def finding(fault: Fault, block: int | None = None, record: int | None = None, file: str = "") -> Fields:
    """What is found, and where."""
    return {"code": fault.code, "block": block, "record": record, "file": file, "message": str(fault)}


def files_of(record: Fields) -> list[Fields]:
    """The files that a record names."""
    files = [*record.get("attachments", ()), *([record["file"]] if record["type"] == "statement" else [])]
    return files + ([{"b3": record["digest"], "bytes": record["bytes"]}] if record["type"] == "rules" else [])


class Files:
    """Files in a folder, and what is found in them."""

    def __init__(self, root: Path, policy: Policy) -> None:
        self.root, self.policy, self.book = root, policy, ""
        self.unread = {one.relative_to(root).as_posix() for one in root.rglob("*") if one.is_file()}
        self.roots: dict[int, bytes] = {}  # of the log, by its number of blocks
        self.files, self.missed, self.findings = set[str](), set[str](), list[Fields]()

    def find(self, fault: Fault, block: int | None = None, record: int | None = None, file: str = "") -> None:
        """Note what is found."""
        self.findings.append(finding(fault, block, record, file))

    def read(self, name: str) -> bytes | None:
        """A file, if it is here."""
        self.unread.discard(name)
        return (self.root / name).read_bytes() if (self.root / name).is_file() else None

    def judge_files(self, record: Fields, *place: Any) -> None:
        """The files that a record names (§7); one that is missing, or has another hash, is found once."""
        for said in files_of(record):
            data = self.read("attachment/" + said["b3"][3:])
            if data is not None and b3(data) == said["b3"]:
                self.files.add(said["b3"])
                if len(data) != said["bytes"] or said.get("s256") not in {None, f"s256:{sha256(data).hexdigest()}"}:
                    self.find(Fault("attachment", f"The file {said['b3']} is not what the record says of it."), *place)
            elif said["b3"] not in self.missed:
                self.missed.add(said["b3"])
                missing = Fault("attachment-missing", f"The file {said['b3']} is not here.")
                other = Fault("hash", f"The file {said['b3']} has another hash than its name.")
                self.find(missing if data is None else other, *place)

    def judge_names(self, form: str, judge: Callable[[int, str, str, bytes], None]) -> None:
        """The files beside the log whose names have a form, each by the text of a checkpoint of its size."""
        for name in sorted(self.unread):
            if place := re.fullmatch(form, name):
                size = int(place[1])
                try:
                    need(size in self.roots, name.partition("/")[0], "No head of so many blocks is here.")
                    text = f"cloudbooks/{self.book}\n{size}\n{b64encode(self.roots[size]).decode()}\n"
                    judge(size, text, place[2], self.read(name) or b"")
                except Fault as fault:
                    self.find(fault, file=name)
                self.unread.discard(name)


class Folder(Files):
    """A log as files (§§5 to 7)."""

    def __init__(self, root: Path, policy: Policy) -> None:
        super().__init__(root, policy)
        self.ledger, self.log = Ledger(), Tree()
        self.roots[0] = self.log.root()
        self.head = self.time = self.first_key = ""
        self.blocks = self.consistent = self.signed = self.records = self.entries = 0

    def verdict(self) -> Fields:
        """What there is to say of the log, in the order of §7."""
        checkpoint, keys = self.read("checkpoint"), set[Vkey]()
        size = re.match(rb".+\n([0-9]{1,18})\n", checkpoint or b"")
        while (data := self.read(f"block/{self.blocks:08d}")) is not None:
            self.blocks += 1
            try:
                self.judge_block(self.blocks - 1, data)
            except Fault as fault:
                self.find(fault, self.blocks - 1, self.ledger.record)
                self.ledger.record = None
            if size and int(size[1]) == self.blocks == self.consistent:
                keys = self.ledger.keys()
        if not self.blocks:
            self.find(Fault("block-missing", "There is no block."), 0)
        try:
            self.judge_checkpoint(checkpoint, keys)
        except Fault as fault:
            self.find(fault)
        self.judge_names(rf"cosignature/({NUMBER})/([0-9a-f]{{8}})", self.policy.judge_cosignature)
        self.judge_names(rf"timestamp/({NUMBER})()[.]tsr", self.policy.judge_timestamp)
        order = {"block": 1} | dict.fromkeys("batch attachment cosignature timestamp tile".split(), 2)
        for name in sorted(self.unread, key=lambda name: (order.get(name.partition("/")[0], 0), name)):
            if re.fullmatch("block/([0-9]{8}|[1-9][0-9]{8,})", name):
                self.find(Fault("block-missing", f"A block is missing before {name}."), self.blocks)
            elif not re.fullmatch("(?s:tile/.*)|attachment/[0-9a-f]{64}|sm3", name):
                self.find(Fault("stray", f"{name} is no part of the log."))
        return self.facts()

    def judge_block(self, number: int, data: bytes) -> None:
        """A block, its batch, and the files that its records name."""
        previous, self.head = self.head, b3(data)
        self.log.add(leaf_hash(data))
        self.roots[number + 1] = self.log.root()
        block, signature = read_block(data)
        self.book = self.book or block["book"]
        same = (block["number"], block.get("previous", ""), block["book"]) == (number, previous, self.book)
        need(same, "chain", "The block has another number or book, or follows another block.")
        need(block["committed_at"] >= self.time, "time", "The block is older than the one before it.")
        self.time = block["committed_at"]
        file = self.read("batch/" + block["batch"][3:])
        need(file is not None, "batch-missing", f"The batch {block['batch']} is not here.")
        need(len(file or b"") <= 2**26, "limit", "The batch has more than 64 MiB.")
        need(b3(file or b"") == block["batch"], "hash", "The batch has another hash than its name.")
        batch, records, root = self.ledger.read_batch(file or b"")
        same = (batch["book"], root, len(records)) == (self.book, block["record_root"], block["records"])
        need(same, "chain", "The batch is of another book, or has other records than the block says.")
        if self.consistent == number:
            size = min(batch.get("base", {"size": 0})["size"], number)
            self.ledger.admit(block, signature, batch, records, f"s256:{self.roots[size].hex()}")
            self.consistent, self.records = self.consistent + 1, self.records + len(records)
            self.entries += sum(said["type"] == "entry" for said in records)
            self.first_key = self.first_key or records[2]["key"]
            if number == 0 and self.policy.pins and self.first_key not in self.policy.pins:
                self.find(Fault("key-not-pinned", "The first key is another than the pinned one."), 0, 3)
        for record, said in enumerate(records, 1):
            self.judge_files(said, number, record)

    def judge_checkpoint(self, data: bytes | None, keys: set[Vkey]) -> None:
        """§5."""
        need(data is not None, "checkpoint-missing", "There is no checkpoint.")
        origin, size, root, text, signatures = read_checkpoint(data or b"")
        need(origin == f"cloudbooks/{self.book}", "checkpoint", "The checkpoint is of another log.")
        need(size <= self.blocks, "block-missing", "The checkpoint is larger than the log.")
        need(root == self.roots[size], "checkpoint", "The checkpoint has another root.")
        if size <= self.consistent:
            found = signers(text, signatures, [*keys, *self.policy.witnesses.values()], "checkpoint")
            need(keys & {*found}, "checkpoint", "The checkpoint bears no good signature of a member.")
            self.policy.seen = dict.fromkeys(found, size)
            self.signed = size if not self.policy.pins or self.first_key in self.policy.pins else 0
        need(size == self.blocks, "checkpoint-behind", f"The checkpoint is of the first {size} blocks.")

    def facts(self) -> Fields:
        """The facts of §7."""
        said: Fields = {"valid": {found["code"] for found in self.findings} <= {*MILD}}
        names = "consistent signed blocks records entries book first_key".split()
        said |= {name: getattr(self, name) for name in names} | {"self_declared": not self.policy.pins}
        said |= self.policy.facts(self.signed)
        said["head"] = {"number": self.blocks - 1, "hash": self.head} if self.blocks else None
        return said | {"root": f"s256:{self.roots[self.blocks].hex()}", "findings": self.findings}


def kept(pattern: str) -> str:
    """A pattern without its groups."""
    return re.sub(r"(?<!\\)\((?!\?)", "(?:", pattern)


PATH = rf"((?:{HASH}\n)*)"
LINE = rf"line ({NUMBER})\n(\{{.*)\n{PATH}"
LEAF = rf"leaf ({NUMBER}) ({NUMBER})\n(.*\|.*)\n{PATH}"
BLOCK = rf"block\n(\{{.*)\n(\u2014 .*)\n{PATH}((?:{kept(LINE)})*)((?:{kept(LEAF)})*)"
CLAIM = rf"record {NUMBER} {NUMBER}|balances {NUMBER} {KINDS['id']}|growth {NUMBER}"
PROOF = (
    rf"cloudbooks/proof/v1\nproves ({CLAIM})\nfirst (.*)\n((?:{kept(BLOCK)})+)(?:from ({HASH})\n{PATH})?checkpoint\n"
)
LEAF_TEXT = rf"{KINDS['id']}\|{KINDS['code']}(\|{KINDS['amount']}){{4}}\|[1-9][0-9]*\|[0-9a-f]{{32}}"


def check_path(leaf: str, place: tuple[int, int], path: str, root: str) -> None:
    """Refuse a path that does not lead to its root."""
    found = root_of_path(leaf_hash(leaf.encode()), *place, [b64decode(step) for step in path.split()])
    need(f"s256:{found.hex()}" == root, "proof", "A path leads to another root.")


class Proof:
    """A proof, refused at its first fault (§8); `facts` is what it shows."""

    def __init__(self, data: bytes, policy: Policy) -> None:
        said = re.match(PROOF, text := data.decode(errors="replace"))
        if not said or len(data) > 2**22:
            raise Fault("proof", "A proof has another form.")
        claim, first, blocks, old_root, growth = said.groups()
        self.first = key_of(first)
        origin, self.size, self.root, signed, signatures = read_checkpoint(text[said.end() :].encode())
        need(not policy.pins or first in policy.pins, "key-not-pinned", "The first key is another than the pinned one.")
        sound = self.first.type == 1 and is_sound_point(self.first.public) and self.first.name == origin
        need(sound, "proof", "The first key is no Ed25519 key of the checkpoint's log.")
        self.members: dict[str, Fields] = {}  # as they were shown last, unless they are revoked
        self.owners: dict[Vkey, Fields] = {}  # of each key that was shown
        self.authors, self.heads = dict[int, Vkey](), dict[int, str]()
        self.shown: dict[tuple[int, int], Fields] = {}
        self.leaves: list[tuple[int, list[str]]] = []
        way, path = list[bool](), list[bytes]()
        for header, signature, written, lines, leaves in re.findall(BLOCK, blocks):
            block, data = self.read_block(header, signature)
            before, way = way, turns(block["number"], self.size)
            shared = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(before, way, strict=False))))
            path = [b64decode(step) for step in written.split()] + path[len(path) - shared :]
            root = root_of_path(leaf_hash(data), block["number"], self.size, path)
            need(root == self.root, "proof", "The path of a block leads to another root.")
            self.read_lines(block, lines)
            for index, size, leaf, steps in re.findall(LEAF, leaves):
                need(re.fullmatch(LEAF_TEXT, leaf), "proof", "A balance leaf has another form.")
                check_path(leaf, (int(index), int(size)), steps, block["balances_root"])
                self.leaves.append((block["number"], leaf.split("|")))
        self.check_claim(claim, old_root, growth)
        self.facts: Fields = {"proves": claim, "first_key": first, "self_declared": not policy.pins}
        self.facts |= self.shows(signed, signatures, policy)
        self.facts["old_root"] = f"s256:{b64decode(old_root).hex()}" if old_root else ""
        self.roots = {self.size: self.root} | ({self.block + 1: b64decode(old_root)} if old_root else {})

    def read_block(self, header: str, written: str) -> tuple[Fields, bytes]:
        """A block, restored. Its author is `first`, or a member who was shown in an earlier block."""
        said = read_object(header.encode(), "block")
        check_shape(said, "block header")
        data = f"{header}\n{author_text(said)}\n{written}\n".encode()
        block, signature = read_block(data)
        number = block["number"]
        sound = number > max(self.heads, default=-1) and f"cloudbooks/{block['book']}" == self.first.name
        need(sound, "proof", "A block is of another book, or not in its order.")
        keys = [self.first, *(key_of(said["key"]) for said in self.members.values())]
        found = signers(author_text(block), [signature], keys)
        need(found, "signature", f"The author of block {number} is not shown before it.")
        self.authors[number], self.heads[number] = found[0], b3(data)
        return block, data

    def read_lines(self, block: Fields, lines: str) -> None:
        """The records of a block that are shown, which its author has the right to write, as far as is shown."""
        number, members = block["number"], dict(self.members)
        author, last = self.owners.get(self.authors[number]), 0
        for place, line, path in re.findall(LINE, lines):
            said = read_record(line.encode(), block["book"])
            check_path(line, (int(place) - 1, block["records"]), path, block["record_root"])
            need(int(place) > last, "proof", "Records do not stand in their order.")
            last, self.shown[number, int(place)] = int(place), said
            if author:
                own = "key" in said and said["id"] == author["id"]
                own = own and f"s256:{sha256(said['key'].encode()).hexdigest()}" == author.get("next_key")
                need(own or RIGHTS[said["type"]] in author["rights"], "law.rights", "An author has not the right.")
            if "key" in said:
                self.owners[key_of(said["key"])] = said
                members.pop(said["id"], None)
                members |= {} if said.get("revoked") else {said["id"]: said}
        self.members = members

    def check_claim(self, claim: str, old_root: str | None, growth: str) -> None:
        """What is claimed is there, and nothing beside it."""
        kind, number, *more = claim.split()
        self.block, self.record = int(number) - (kind == "growth"), None
        named = {*more}  # the accounts that may be shown
        if kind == "record":
            self.record = self.shown.get((self.block, int(more[0])))
            entry = self.record is not None and self.record["type"] == "entry"
            named = {line["account"] for line in self.record["lines"]} if self.record and entry else set()
        others = [said for said in self.shown.values() if "key" not in said and said is not self.record]
        sound = all(said["type"] == "account" and said["id"] in named for said in others) and self.block in self.heads
        sound = sound and bool(self.record) == (kind == "record") and bool(old_root) == (kind == "growth")
        sound = sound and self.heads.keys() == {self.block, *(number for number, _ in self.shown)}
        if kind == "balances":
            places = {(place, leaf[0]) for place, leaf in self.leaves}
            sound = sound and others != [] and places == {(self.block, *more)}
            sound = sound and all(one < two for (_, (_, one, *_)), (_, (_, two, *_)) in pairwise(self.leaves))
        if old_root:
            old, steps = b64decode(old_root), [b64decode(step) for step in growth.split()]
            roots = roots_of_growth(int(number), self.size, steps, old)
            sound = sound and roots == (old, self.root)
        need(sound and (kind == "balances" or not self.leaves), "proof", "What is claimed is not shown, or more is.")

    def shows(self, text: str, signatures: list[Signature], policy: Policy) -> Fields:
        """What is shown, if author and signers are members that are shown."""
        keys = {key_of(said["key"]): said["name"] for said in self.members.values()}
        signed = signers(text, signatures, [*keys, *policy.witnesses.values()], "checkpoint")
        found = {keys[key] for key in signed if key in keys}
        policy.seen |= dict.fromkeys(signed, self.size)
        author, head = self.owners.get(self.authors[self.block], {}), self.heads[self.block]
        need(found and author, "checkpoint", "The author, or a signer of the checkpoint, is no member that is shown.")
        names = "account commodity debit credit debit_value credit_value postings".split()
        return {
            "book": self.first.name.partition("/")[2],
            "checkpoint": {"root": f"s256:{self.root.hex()}", "signers": sorted(found), "size": self.size},
            "witnessed": policy.facts(self.size)["witnessed"],
            "block": {"number": self.block, "hash": head, "code": f"{self.block}-{code(head)}"},
            "author": author["name"],
            "record": self.record,
            "accounts": [said for said in self.shown.values() if said["type"] == "account" and said is not self.record],
            "totals": [dict(zip(names, leaf, strict=False)) for _, leaf in self.leaves],
        }


class Pack(Files):
    """An unpacked audit pack (§9)."""

    def verdict(self) -> Fields:
        """What there is to say of its proofs and the files that they name, of its timestamps, and of its list."""
        here, proofs, same = {*self.unread}, list[Fields](), ("book", "first_key", "checkpoint")
        for name in sorted(name for name in here if name.endswith(".proof")) or ["proofs"]:
            try:
                need(name in here, "proof", "There is no proof.")
                proof = Proof(self.read(name) or b"", self.policy)
                proofs.append(proof.facts)
                alike = all(proof.facts[one] == proofs[0][one] for one in same)
                need(alike, "proof", "It is of another book, or under another checkpoint, than the first proof.")
                self.book, self.roots = proof.facts["book"], self.roots | proof.roots
                self.judge_files(proof.record or {"type": ""}, None, None, name)
            except Fault as fault:
                self.find(fault, file=name)
        self.judge_names(rf"timestamp/({NUMBER})()[.]tsr", self.policy.judge_timestamp)
        facts = self.policy.facts(max(self.roots, default=0))
        list_ = self.judge_list(here)
        return {
            "valid": {found["code"] for found in self.findings} <= {*MILD},
            **{name: proofs[0][name] for name in same if proofs},
            "proofs": len(proofs),
            "files": len(self.files),
            "self_declared": not self.policy.pins,
            **(facts if any(name.endswith(".tsr") for name in here) else without(facts, "anchored")),
            "list": {"hash": list_, "code": code(list_)} if list_ else None,
            "not_proven": sorted(self.unread),
            "findings": self.findings,
        }

    def judge_list(self, here: set[str]) -> str:
        """The list of its files: each is there as it says, and no other. Returns the hash of the list."""
        data = self.read("b3")
        if data is None:
            self.find(Fault("b3-missing", "There is no list of its files."), file="b3")
            return ""
        text = data.decode(errors="surrogateescape")
        listed = {name: digest for digest, name in re.findall("([0-9a-f]{64})  ([^\0-\x1f]+)\n", text)}
        if text != "".join(f"{digest}  {name}\n" for name, digest in sorted(listed.items())) or "b3" in listed:
            self.find(Fault("b3-unreadable", "The list is of another form."), file="b3")
        for name in sorted({*here, *listed} - {"b3"}):
            if name not in here:
                self.find(Fault("b3-missing", "It is listed, and not here."), file=name)
            elif name not in listed:
                self.find(Fault("b3-unlisted", "It is not listed."), file=name)
            elif b3((self.root / name).read_bytes()) != f"b3:{listed[name]}":
                self.find(Fault("b3-differs", "It has another hash than is listed."), file=name)
        return b3(data)


def told(facts: Fields) -> Iterator[str]:
    """What is found, as lines for a reader; what would move a terminal is written out."""
    yield "Valid." if facts["valid"] else "INVALID: see the findings."
    for name, said in facts.items():
        if name not in {"valid", "findings"} and said not in (None, [], "") and said is not False:
            of = f" of {facts.get('blocks', said)} blocks" if name in {"consistent", "signed", "witnessed"} else ""
            yield f"{name:<13} {json.dumps(said, ensure_ascii=False) if isinstance(said, dict | list) else said}{of}"
    for found in facts["findings"]:
        place = ", ".join(f"{name} {found[name]}" for name in ("block", "record") if found[name] is not None)
        yield f"finding[{found['code']}]: {place or found['file'] or 'log'}: {found['message']}"


def main() -> int:
    """Judge what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path, help="a folder, a proof, or an unpacked audit pack")
    parser.add_argument("--pin", metavar="VKEY", help="the first member's key")
    parser.add_argument("--policy", metavar="FILE", type=Path, help="log, witness, group, quorum and authority lines")
    parser.add_argument("--json", action="store_true", help="print the facts as JSON")
    given = parser.parse_args()
    try:
        policy, able = Policy(given.pin, given.policy), Ed25519PublicKey is not None or which("openssl")
        need(able, "policy", "Neither cryptography nor the program openssl is here.")
        need(given.path.exists(), "policy", f"There is no {given.path}.")
    except (Fault, OSError) as fault:
        parser.error(str(fault))
    try:
        if (given.path / "proofs").is_dir() or (given.path / "b3").is_file():
            facts = Pack(given.path, policy).verdict()
        elif given.path.is_dir():
            facts = Folder(given.path, policy).verdict()
        else:
            facts = {"valid": True, **Proof(given.path.read_bytes(), policy).facts, "findings": []}
    except Fault as fault:
        facts = {"valid": False, "findings": [finding(fault)]}
    except OSError as error:
        parser.error(str(error))
    lines = [json.dumps(facts)] if given.json else told(facts)
    print("\n".join("".join(one if one.isprintable() else ascii(one)[1:-1] for one in line) for line in lines))
    asked = policy.quorum != "none" and facts.get("witnessed", 1) is None
    asked |= policy.authorities != {} and facts.get("anchored", 1) is None
    asked |= facts["findings"] != [] or facts.get("signed") != facts.get("blocks")
    return int(asked) if facts["valid"] else 4


if __name__ == "__main__":
    sys.exit(main())
