"""Check a CloudBooks log, proof or audit pack, using nothing of CloudBooks. § are the sections of docs/format.md.

python3 verify.py FOLDER --pin VKEY      a folder that `cloudbooks chain export` wrote
python3 verify.py x.proof --pin VKEY     a proof that `cloudbooks chain prove` wrote
python3 verify.py PACK --pin VKEY        an unpacked audit pack: all of its proofs, and the files that they name

VKEY is the first member's key, had from the firm and not out of these files: who made them could make up a key too.
It needs Python 3.11, the package `blake3`, for signatures the package `cryptography` or the program `openssl`, and for
timestamps `openssl`. Written from docs/format.md and docs/c2sp.md alone. It keeps all entries in memory.
Exit status: 0 all is well, 1 incomplete or something to look at, 2 wrong usage, 4 INVALID.
"""

from __future__ import annotations

import argparse
import hmac
import json
import re
import subprocess
import sys
from base64 import b64decode, b64encode, encodebytes
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from functools import lru_cache, reduce
from hashlib import sha256
from itertools import count, pairwise, takewhile
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


class Fault(Exception):
    """What the format refuses, under its code in the table of §7."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def need(holds: object, code: str, message: str) -> None:
    """Refuse what does not hold."""
    if not holds:
        raise Fault(code, message)


# Digests and trees: §1, c2sp.md §8.


def b3(data: bytes) -> str:
    """BLAKE3-256, as the format writes it."""
    return "b3:" + blake3(data).hexdigest()


def s256(data: bytes) -> str:
    """SHA-256, as the format writes it."""
    return "s256:" + sha256(data).hexdigest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf."""
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
    """The way from the root down to a leaf, `True` to the left."""
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
    need(0 < old <= new < 2**63 and all(len(step) == 32 for step in path), "proof", "A log does not grow so.")

    def below(old: int, new: int, path: list[bytes], *, whole: bool) -> tuple[bytes, bytes]:
        if old == new:
            need(len(path) == (not whole), "proof", "A proof of growth has another length.")
            return (root, root) if whole else (path[0], path[0])
        need(path, "proof", "A proof of growth is too short.")
        part = 1 << (new - 1).bit_length() - 1
        if old <= part:
            small, large = below(old, part, path[:-1], whole=whole)
            return small, node(large, path[-1])
        small, large = below(old - part, new - part, path[:-1], whole=False)
        return node(path[-1], small), node(path[-1], large)

    return below(old, new, path, whole=True)


# Ed25519, judged strictly: §3.

PRIME, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
Y_OF_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
SMALL = {0, 1, PRIME - 1, Y_OF_ORDER_8, PRIME - Y_OF_ORDER_8}  # the y of all points of small order
DER_OF_KEY = bytes.fromhex("302a300506032b6570032100")  # what stands before the 32 bytes of an Ed25519 key


def openssl(command: str, files: dict[str, bytes]) -> subprocess.CompletedProcess[bytes]:
    """Run the program openssl in a folder that holds these files."""
    with TemporaryDirectory() as folder:
        for name, data in files.items():
            Path(folder, name).write_bytes(data)
        return subprocess.run(["openssl", *command.split()], cwd=folder, capture_output=True, check=False)


@lru_cache(1000)
def is_sound_point(point: bytes, *, on_curve: bool = True) -> bool:
    """Whether this is a point in canonical form, not of small order (RFC 8032 §5.1.3)."""
    y = int.from_bytes(point, "little") & 2**255 - 1
    if len(point) != 32 or y >= PRIME or y in SMALL:
        return False
    d = -121665 * pow(121666, -1, PRIME)
    return not on_curve or pow((y * y - 1) * pow(d * y * y + 1, -1, PRIME), (PRIME - 1) // 2, PRIME) == 1


def verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether a signature holds. That R is on the curve follows from the equation, which is compared byte by byte."""
    small_s = len(signature) == 64 and int.from_bytes(signature[32:], "little") < ORDER
    if not (small_s and is_sound_point(signature[:32], on_curve=False) and is_sound_point(public)):
        return False
    if Ed25519PublicKey is None:
        command = "pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in message -sigfile signature"
        return (
            openssl(command, {"key": DER_OF_KEY + public, "message": message, "signature": signature}).returncode == 0
        )
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


# Canonical text: §1.

FORBIDDEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f-\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\u3164\ud800-\udfff"
    r"\ufdd0-\ufdef\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
    + "".join(rf"\U{plane:04x}fffe\U{plane:04x}ffff" for plane in range(17))
    + "]"
)


def encoded(said: Any) -> bytes:
    """The canonical text of something."""
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def check_value(value: Any, level: int = 1, most: int = 4096) -> None:
    """Refuse what canonical text cannot hold, in the order in which it stands; `most` is how long a text may be."""
    if isinstance(value, str):
        need(value and not FORBIDDEN.search(value), "canonical", "A text is empty, or has a forbidden character.")
        need(len(value.encode()) <= most, "limit", f"A text has more than {most} bytes.")
    elif isinstance(value, dict | list):
        need(level <= 6 and (value or level == 1), "canonical", "An object or a list is empty, or too deep in others.")
        for name, item in value.items() if isinstance(value, dict) else (("", item) for item in value):
            need(
                isinstance(value, list) or re.fullmatch("[a-z][a-z0-9_]*", name), "canonical", "A key has another form."
            )
            check_value(item, level + 1, (32 if name == "series" else 4096) if name else most)
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


# Schema: §§2 to 4. `?` marks a field that may be absent, `+` a list, `*` a list that may be absent.

SHAPES = {
    "batch": "author:id base:base? book:id id:id made_at:instant program:text records:count type:batch_type version:count",
    "base": "root:s256 size:size",
    "block": "balances_root:s256 batch:b3 book:id committed_at:instant number:size numbers:number* previous:b3?"
    " record_root:s256 records:count type:block_type version:count",
    "number": "first:count period:period series:text",
    "book": "salt:salt name:text base:code created_at:instant blind:salt fiscal_year_start:month jurisdiction:text?"
    " chart:text? tax_id:text? separate_duties:true?",
    "member": "salt:salt name:text key:text rights:right+ next_key:s256? revoked:true?",
    "commodity": "salt:salt code:code scale:scale name:text?",
    "account": "salt:salt code:text name:text kind:account_kind class:text? parent:text? commodity:text?"
    " dimensions:demanded* closed:true?",
    "party": "salt:salt name:text kinds:text* tax_id:text? closed:true?",
    "rules": "name:text digest:b3 bytes:size",
    "statement": "account:text commodity:text file:file profile:text first:date last:date lines:count opening:amount?"
    " closing:amount?",
    "entry": "date:date series:text summary:text lines:line+ tags:text* attachments:file* source:source?"
    " reverses:text? replaces:text? kind:entry_kind? made_by:text approvals:approval*",
    "price": "date:date commodity:code base:code rate:rate",
    "note": "at:instant text:text about:text?",
    "close": "period:period reason:text?",
    "reopen": "period:period reason:text",
    "line": "account:text commodity:text amount:amount value:amount? red:true? party:text? text:text? tax:text?"
    " dimensions:dimension* settles:text*",
    "dimension": "name:text value:text",
    "file": "b3:b3 s256:s256 bytes:size media:text name:text",
    "source": "kind:source_kind ref:text? rule:text? rules:text?",
    "approval": "by:text at:instant signature:signature",
}
RIGHTS = {"book": "admin", "member": "admin", "close": "close", "reopen": "close"} | dict.fromkeys(
    "commodity account party rules statement entry price note".split(), "post"
)
FIELDS = {
    shape: re.findall(r"(\w+):(\w+)([?+*]?)", written + " type:text id:id" * (shape in RIGHTS))
    for shape, written in SHAPES.items()
}
KINDS: dict[str, str | range] = {
    "text": "(?s:.*)",
    "demanded": "(?s:.*)",
    "id": "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    "b3": "b3:[0-9a-f]{64}",
    "s256": "s256:[0-9a-f]{64}",
    "salt": "[0-9a-f]{32}",
    "code": "[A-Z][A-Z0-9._-]{0,23}",
    "amount": r"(?!-0(\.0*)?$)-?(0|[1-9][0-9]*)(\.[0-9]+)?",
    "rate": r"(?=.*[1-9])(0|[1-9][0-9]{0,11})(\.[0-9]{0,11}[1-9])?",
    "date": "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "period": "[0-9]{4}-[0-9]{2}",
    "instant": "[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z",
    "hash": "[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=",  # base64 of 32 bytes, without stray bits
    "signature": "[A-Za-z0-9+/]{85}[AQgw]==",  # of 64 bytes
    "mask": "[0-9a-f]{32}",
    "batch_type": "batch",
    "block_type": "block",
    "right": "admin|approve|close|post",
    "account_kind": "asset|equity|expense|income|liability",
    "entry_kind": "closing|opening|revaluation",
    "source_kind": "close|manual|migration|reversal|rule|statement",
    "true": range(1, 2),
    "size": range(2**53),
    "count": range(1, 2**53),
    "scale": range(13),
    "month": range(1, 13),
}


def fits(value: Any, kind: str) -> bool:
    """Whether a value is of a kind."""
    rule = KINDS[kind]
    if isinstance(rule, range):
        return type(value) is (bool if kind == "true" else int) and value in rule
    if not isinstance(value, str) or not re.fullmatch(rule, value):
        return False
    try:
        return kind not in {"date", "period", "instant"} or bool(date.fromisoformat(f"{value}-01"[:10]))
    except ValueError:
        return False


def check_shape(said: Any, shape: str) -> None:
    """Refuse an object with a field too many or too few, or of another kind, or a list that is not in its order."""
    need(isinstance(said, dict), "schema", f"A {shape} is no object.")
    unknown = said.keys() - {name for name, _, _ in FIELDS[shape]}
    need(not unknown, "schema", f"A {shape} has the field {min(unknown, default='')[:40]}.")
    for name, kind, mark in FIELDS[shape]:
        if name not in said:
            need(mark in ("?", "*"), "schema", f"A {shape} has no {name}.")
            continue
        items = said[name] if mark in ("+", "*") else [said[name]]
        need(isinstance(items, list), "schema", f"{name} of a {shape} is no list.")
        for item in items:
            if kind in SHAPES:
                check_shape(item, kind)
            else:
                need(fits(item, kind), "schema", f"{name} of a {shape} is no {kind}.")
        if kind in {"right", "demanded", "approval", "dimension", "number"}:
            by = ("by", "name", "series", "period")
            order = [[item] if isinstance(item, str) else [item[one] for one in by if one in item] for item in items]
            need(all(a < b for a, b in pairwise(order)), "schema", f"{name} of a {shape} is not in ascending order.")


# Keys, signed notes and checkpoints: c2sp.md §§1 to 3, §5.

Signature = tuple[str, bytes, bytes]  # name, key id, what follows


class Vkey(NamedTuple):
    """A verifier key."""

    name: str
    id: bytes
    type: int
    public: bytes


class Checkpoint(NamedTuple):
    """A checkpoint with its signatures."""

    origin: str
    size: int
    root: bytes
    text: str
    signatures: list[Signature]


def named_base64(name: str, written: str) -> bytes:
    """The bytes of strict base64 beside the name of a key; none where name or base64 has another form."""
    try:
        data = b64decode(written, validate=True)
    except ValueError:
        return b""
    sound = name and "+" not in name and not re.search(r"\s", name) and b64encode(data).decode() == written
    return data if sound else b""


@lru_cache(1000)
def key_of(text: str) -> Vkey:
    """The key that a vkey says."""
    name, digits, written = [*text.split("+", 2), "", ""][:3]
    data = named_base64(name, written)
    id_ = sha256(name.encode(errors="replace") + b"\n" + data).digest()[:4]
    sound = data and {1: 33, 4: 33, 6: 1313}.get(data[0]) == len(data) and id_.hex() == digits
    need(sound, "schema", "A text is no verifier key.")
    return Vkey(name, id_, data[0], data[1:])


def read_note(data: bytes) -> tuple[str, list[Signature]]:
    """The text of a signed note, with its last LF, and its signatures."""
    try:
        text, _, rest = data.decode().rpartition("\n\n")
    except UnicodeDecodeError:
        raise Fault("note", "A note is not UTF-8.") from None
    lines = [line.split(" ") for line in rest.split("\n")]
    plain = not re.search(r"[\x00-\x09\x0b-\x1f]", text + rest)
    need(plain and len(data) <= 2**20 and lines.pop() == [""], "note", "A note has another form.")
    signatures = []
    for line in lines:
        dash, name, written = line if len(line) == 3 else ("", "", "")
        blob = named_base64(name, written)
        need(dash == "\u2014" and len(blob) > 4, "note", "A line of a note is no signature.")
        signatures.append((name, blob[:4], blob[4:]))
    need(0 < len(lines) <= 64, "note", "A note has no signature, or more than 64.")
    return text + "\n", signatures


def check_signature(key: Vkey, text: str, signature: Signature) -> None:
    """Refuse a signature of a note that does not verify by this key, as a signer (01) or as a witness (04)."""
    message, (name, id_, blob) = text.encode(), signature
    if key.type == 4:
        time = int.from_bytes(blob[:8])
        message, blob = f"cosignature/v1\ntime {time}\n{text}".encode(), blob[8:] if time < 2**63 else b""
    sound = (name, id_) == key[:2] and verifies(key.public, blob, message)
    need(sound, "signature", f"A signature by {key.name} does not verify.")


def signers(text: str, signatures: list[Signature], keys: Iterable[Vkey]) -> set[Vkey]:
    """Whose signatures a note bears. Unknown ones are passed over, type 06 too; a wrong one refuses the note."""
    known, found = {key[:2]: key for key in keys if key.type != 6}, set()
    for signature in signatures:
        if key := known.get(signature[:2]):
            check_signature(key, text, signature)
            found.add(key)
    return found


def read_checkpoint(data: bytes) -> Checkpoint:
    """A checkpoint, of three lines."""
    try:
        text, signatures = read_note(data)
    except Fault as fault:
        raise Fault("checkpoint", str(fault)) from None
    said = re.fullmatch(rf"(.+)\n(0|[1-9][0-9]{{0,18}})\n({KINDS['hash']})\n", text)
    if not said or int(said[2]) >= 2**63:
        raise Fault("checkpoint", "A checkpoint is not three lines of origin, size and root.")
    return Checkpoint(said[1], int(said[2]), b64decode(said[3]), text, signatures)


# Batches and blocks: §§3 and 4. The laws: §2.1, each asked in the order of §7.


def author_text(header: Fields) -> str:
    """What the author of a block signed."""
    return f"cloudbooks/batch/v1\n{header['book']}\n{header['batch']}\n{header['record_root']}\n"


def read_block(data: bytes) -> tuple[Fields, Signature]:
    """The header of a block, and its author's signature."""
    need(len(data) <= 2**15, "limit", "A block has more than 32 KiB.")
    line, end, rest = data.partition(b"\n")
    header = read_object(line if end else b"", "block")
    numbers = header.get("numbers")
    need(not isinstance(numbers, list) or len(numbers) <= 200, "limit", "A block gives more than 200 first numbers.")
    check_shape(header, "block")
    text, signatures = read_note(rest)
    need(text == author_text(header) and len(signatures) == 1, "note", "The note is another text, or signed twice.")
    return header, signatures[0]


def read_record(line: bytes, book: str) -> Fields:
    """A record of a book."""
    said = read_object(line)
    kind = said.get("type")
    need(isinstance(kind, str), "schema", "A record has no type.")
    need(kind in RIGHTS, "not-understood", f"The type {kind} is not known here.")
    check_shape(said, str(kind))
    need(kind != "statement" or said["first"] <= said["last"], "schema", "A statement ends before it begins.")
    if kind == "member":
        key = key_of(said["key"])
        sound = (key.type, key.name) == (1, f"cloudbooks/{book}") and is_sound_point(key.public)
        need(sound, "schema", "The key of a member is no Ed25519 key of this book.")
    return said


def minor(text: str, scale: int) -> int:
    """An amount in the smallest unit of its commodity."""
    whole, _, decimals = text.lstrip("-").partition(".")
    sound = len(decimals) == scale and len(whole + decimals) <= 18
    need(sound, "amount", f"{text[:40]} has not {scale} decimals, or more than 18 digits.")
    return int(text.replace(".", ""))


def amount_text(units: int, scale: int) -> str:
    """An amount as the format writes it."""
    digits = f"{abs(units):0{scale + 1}}"
    return "-" * (units < 0) + (f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits)


def without(said: Fields, *names: str) -> Fields:
    """An object less some fields."""
    return {name: value for name, value in said.items() if name not in names}


class Ledger:
    """What the laws must know of the log so far. After a fault it is of no more use."""

    def __init__(self) -> None:
        self.types: dict[str, str] = {}  # of every id, batches included
        self.states: dict[str, Fields] = {}  # what was last stated under an id
        self.events: dict[str, Fields] = {}  # entries, statements and rules
        self.scales: dict[str, int] = {}
        self.holders: dict[bytes | str, str] = {}  # of key ids for ever, and of the codes of open accounts
        self.salts: set[str] = set()
        self.reversed: set[str] = set()
        self.settled: set[str] = set()
        self.closed: list[str] = []
        self.numbers: dict[tuple[str, str], int] = {}
        self.sums: dict[tuple[str, str], list[int]] = {}
        self.leaves: dict[tuple[str, str], bytes] = {}
        self.book: Fields = {}
        self.author: Fields = {}  # as it was before the batch
        self.record: int | None = None  # which one is being judged

    def keys(self) -> set[Vkey]:
        """The keys of members who are not revoked."""
        return {key_of(said["key"]) for said in self.states.values() if "key" in said and not said.get("revoked")}

    def read_batch(self, data: bytes) -> tuple[Fields, list[Fields], str]:
        """The header of a batch, its records and their root."""
        need(len(data) <= 2**26, "limit", "A batch has more than 64 MiB.")
        first, *lines = data.split(b"\n")
        header = read_object(first, "batch")
        check_shape(header, "batch")
        need(len(lines) <= 1_000_001, "limit", "A batch has more than a million records.")
        sound = lines[-1:] == [b""] and len(lines) == header["records"] + 1
        need(sound, "schema", f"A batch has {len(lines) - 1} lines after its first, and says {header['records']}.")
        records = []
        for self.record, line in enumerate(lines[:-1], 1):
            records.append(read_record(line, header["book"]))
        self.record = None
        return header, records, "s256:" + Tree(map(leaf_hash, lines[:-1])).root().hex()

    def admit(
        self, block: Fields, signature: Signature, batch: Fields, records: list[Fields], roots: list[bytes]
    ) -> None:
        """Refuse a batch that breaks a law, or a block that says what does not follow from its batch."""
        number, base = block["number"], batch.get("base")
        self.author = self.states.get(batch["author"], {}) if number else self.first_author(batch, records)
        sound = "key" in self.author and not self.author.get("revoked")
        need(sound, "law.rights", "The author is no member, or is revoked.")
        check_signature(key_of(self.author["key"]), author_text(block), signature)
        need((base is None) == (number == 0), "law.base", "The first batch alone has no base.")
        sound = base is None or (base["size"] <= number and base["root"] == f"s256:{roots[base['size']].hex()}")
        need(sound, "law.base", "The batch was made on a log that never was.")
        self.take_id(batch["id"], "batch")
        old, touched = dict(self.numbers), set()
        for self.record, said in enumerate(records, 1):
            touched |= self.admit_record(said)
        self.record = None
        firsts = [
            {"first": old.get(place, 0) + 1, "period": place[1], "series": place[0]}
            for place in sorted(self.numbers)
            if self.numbers[place] != old.get(place)
        ]
        need(
            block.get("numbers", []) == firsts,
            "numbers",
            "The block gives other voucher numbers than those that follow.",
        )
        self.leaves |= {place: leaf_hash(self.leaf_text(place, number)) for place in touched}
        root = Tree(self.leaves[place] for place in sorted(self.leaves)).root()
        need(block["balances_root"] == f"s256:{root.hex()}", "balances", "The block has other totals.")

    def first_author(self, batch: Fields, records: list[Fields]) -> Fields:
        """Law 6: who begins the log, with its book and its base."""
        wanted: list[Fields] = [{"type": "book", "id": batch["book"]}, {"type": "commodity"}, {"type": "member"}]
        wanted[1]["code"] = records[0].get("base")
        wanted[2]["id"] = batch["author"]
        for self.record, fields in enumerate(wanted, 1):
            said = records[self.record - 1] if self.record <= len(records) else {}
            sound = fields.items() <= {name: said.get(name) for name in fields}.items()
            need(sound, "law.beginning", "A log begins with its book, its base, and the member who begins it.")
        sound = {"admin", "post"} <= set(said["rights"]) and not said.get("revoked")
        need(sound, "law.beginning", "Who begins a log is not revoked and may administrate and post.")
        self.record, self.book = None, records[0]
        return said

    def take_id(self, id_: str, kind: str) -> None:
        """Law 4: an id is used once, but for what may be stated again."""
        again = id_ in self.states and self.types[id_] == kind
        need(again or id_ not in self.types, "law.once", f"The id {id_} was used before.")
        self.types[id_] = kind

    def named(self, id_: str, kind: str, *, excused: bool = False) -> Fields:
        """Law 2: what is named exists, and is not closed or revoked, unless that is excused."""
        said = self.states.get(id_) or self.events.get(id_) or {}
        need(said.get("type") == kind, "law.reference", f"There is no {kind} {id_} here.")
        sound = excused or not (said.get("closed") or said.get("revoked"))
        need(sound, "law.reference", f"The {kind} {id_} is closed or revoked.")
        return said

    def check_commodity(self, code: str, account: Fields | None = None) -> None:
        """Law 2: a commodity exists, and the account takes it."""
        need(code in self.scales, "law.reference", f"There is no commodity {code} here.")
        need((account or {}).get("commodity", code) == code, "law.reference", f"The account takes no {code}.")

    def admit_record(self, said: Fields) -> set[tuple[str, str]]:
        """Right, id, and what each type asks for. Returns the leaves that it posts to."""
        kind, period = said["type"], said.get("period", said.get("date", "")[:7])
        allowed = RIGHTS[kind] in self.author["rights"] or (kind == "member" and self.takes_promised_key(said))
        need(allowed, "law.rights", f"The author has not the right {RIGHTS[kind]}.")
        need(kind != "book" or said["id"] == self.book["id"], "law.beginning", "There is one book id.")
        self.take_id(said["id"], kind)
        if "salt" in said:
            self.admit_state(said, self.states.get(said["id"], {}))
        if kind in {"entry", "close"}:
            need(not self.closed or period > self.closed[-1], "law.period", f"The period {period} is closed.")
        if kind == "entry":
            rows = self.admit_entry(said)
            place = (said["series"], period)
            self.numbers[place] = self.numbers.get(place, 0) + 1
        elif kind == "statement":
            account = self.named(said["account"], "account")
            self.check_commodity(said["commodity"], account)
            for name in {"opening", "closing"} & said.keys():
                minor(said[name], self.scales[said["commodity"]])
        elif kind == "price":
            self.check_commodity(said["commodity"])
            self.check_commodity(said["base"])
        elif kind == "close":
            self.closed.append(period)
        elif kind == "reopen":
            need(self.closed[-1:] == [period], "law.period", f"{period} is not the period that was closed last.")
            self.closed.pop()
        (self.states if "salt" in said else self.events)[said["id"]] = said
        return rows if kind == "entry" else set()

    def takes_promised_key(self, said: Fields) -> bool:
        """Law 5: a member without `admin` takes the key that it promised, once a batch, and changes nothing else."""
        old, fixed = self.author, ("key", "next_key", "salt")
        once = self.states[old["id"]] is old and said["key"] != old["key"]
        return (
            once and s256(said["key"].encode()) == old.get("next_key") and without(said, *fixed) == without(old, *fixed)
        )

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
        if old and not old.get("closed"):
            del self.holders[old["code"]]
        if not said.get("closed"):
            need(said["code"] not in self.holders, "law.account", f"Another open account has the code {said['code']}.")
            self.holders[said["code"]] = said["id"]
        above = said.get("parent")
        while above:
            need(above != said["id"], "law.account", "An account stands under itself.")
            above = self.states.get(above, {}).get("parent")
        if "commodity" in said:
            self.check_commodity(said["commodity"])
        if "parent" in said:
            self.named(said["parent"], "account")

    def admit_entry(self, said: Fields) -> set[tuple[str, str]]:
        """Laws 1 to 5 for an entry."""
        excused = "reverses" in said
        if "replaces" in said:
            need(self.named(said["replaces"], "entry")["id"] in self.reversed, "law.once", "What it replaces stands.")
        if excused:
            self.check_reversal(said, self.named(said["reverses"], "entry"))
        self.named(said["made_by"], "member", excused=excused)
        if rules := said.get("source", {}).get("rules"):
            self.named(rules, "rules")
        rows = [self.judge_line(line, excused=excused) for line in said["lines"]]
        balanced = len(rows) > 1 and sum(value for _, _, value, _ in rows) == 0
        balanced = balanced and (
            len({place[1] for place, *_ in rows}) > 1 or sum(amount for _, amount, *_ in rows) == 0
        )
        need(balanced, "law.balance", "The entry does not balance.")
        self.check_approvals(said)
        for place, amount, value, red in rows:
            # §2: the side is that of the sign, zero is debit, and red turns it round.
            sums, credit = self.sums.setdefault(place, [0] * 5), ((amount or value) < 0) != red
            sums[credit] += -amount if credit else amount
            sums[2 + credit] += -value if credit else value
            sums[4] += 1
            need(max(map(abs, sums[:4])) < 10**18, "amount", "A total has more than 18 digits.")
        if excused:
            self.reversed.add(said["reverses"])
            for line in self.events[said["reverses"]]["lines"]:
                self.settled.difference_update(line.get("settles", ()))
        return {place for place, *_ in rows}

    def check_reversal(self, said: Fields, old: Fields) -> None:
        """Law 4: an entry is reversed once, line by line; a reversal is not."""
        once = "reverses" not in old and old["id"] not in self.reversed
        need(once, "law.once", "What is reversed was reversed before, or is a reversal.")
        mirrored = [without(line, "red", "text", "settles") for line in old["lines"]]
        for line in mirrored:
            for name in {"amount", "value"} & line.keys():
                text = line[name]
                line[name] = text.lstrip("-") if text.startswith("-") or not text.strip("0.") else f"-{text}"
        need(
            mirrored == [without(line, "red", "text") for line in said["lines"]], "law.once", "It mirrors other lines."
        )

    def judge_line(self, line: Fields, *, excused: bool) -> tuple[tuple[str, str], int, int, bool]:
        """A line of an entry, by itself: account and commodity, amount, value, whether it is red."""
        account, code, base = (
            self.named(line["account"], "account", excused=excused),
            line["commodity"],
            self.book["base"],
        )
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
            once = name not in self.settled and (statement["account"], statement["commodity"]) == (
                line["account"],
                code,
            )
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


# What the verifier trusts: c2sp.md §7, §7.1.


class Policy:
    """First keys, witnesses with their quorum, and timestamp authorities, none of which the files choose."""

    def __init__(self, pin: str | None = None, file: Path | None = None) -> None:
        self.pins: set[str] = set()
        self.witnesses: dict[str, Vkey] = {}
        self.groups: dict[str, tuple[int, list[str]]] = {"none": (1, [])}
        self.quorum = ""
        self.authorities: dict[str, bytes] = {}
        if file:
            data = file.read_bytes()
            need(re.fullmatch(rb"([\t\x20-\x7e\x80-\xff]*\n)*", data), "policy", "A policy has another form.")
            for line in data.decode(errors="surrogateescape").split("\n"):
                if line.strip(" \t") and not line.startswith("#"):
                    self.take([item for item in re.split("[ \t]+", line) if item], line, file.parent)
            need(self.quorum, "policy", "A policy has a line quorum.")
        if pin:
            key = key_of(pin)
            sound = key.type == 1 and is_sound_point(key.public) and (not self.pins or pin in self.pins)
            need(sound, "policy", "The pinned key is no Ed25519 key, or none of the policy's.")
            self.pins = {pin}

    def take(self, items: list[str], line: str, folder: Path) -> None:
        """A line of a policy file."""
        known, sound = [*self.witnesses, *self.groups], False
        match items:
            case ["log", key] | ["log", key, _]:
                sound = key_of(key).public not in {key_of(pin).public for pin in self.pins}
                self.pins.add(key)
            case ["witness", name, key] | ["witness", name, key, _]:
                self.witnesses[name] = key_of(key)
                publics = [one.public for one in self.witnesses.values()]
                sound = name not in known and len(set(publics)) == len(publics) and key_of(key).type != 1
            case ["group", name, wanted, *members] if re.fullmatch("all|any|[1-9][0-9]{0,5}", wanted):
                taken = [*members, *(member for _, group in self.groups.values() for member in group), "none"]
                number = {"all": len(members), "any": 1}.get(wanted) or int(wanted)
                sound = name not in known and len(set(taken)) == len(taken) and {*members} <= {*known}
                sound = sound and 0 < number <= len(members)
                self.groups[name] = (number, members)
            case ["quorum", name]:
                sound = not self.quorum and name in known
                self.quorum = name
            case ["authority", name, file]:
                sound = name not in self.authorities
                self.authorities[name] = (folder / file).read_bytes()
        need(sound, "policy", f"This is no line of a policy, or not here: {line}")

    def reach(self, seen: dict[Vkey, int], name: str) -> int:
        """The size up to which a witness or a group has seen the log."""
        if name in self.witnesses:
            return seen.get(self.witnesses[name], 0)
        number, members = self.groups.get(name, (1, []))
        return sorted([0, *(self.reach(seen, member) for member in members)])[-number]


# Timestamps: §7.1.

SIGNED_DATA, TST_INFO = bytes.fromhex("06092a864886f70d010702"), bytes.fromhex("060b2a864886f70d0109100104")
SHA256 = bytes.fromhex("0609608648016503040201")


class Der(NamedTuple):
    """A value in DER: its tag, its content, and all of it."""

    tag: int
    content: bytes
    whole: bytes


def der(data: bytes) -> list[Der]:
    """The values in some bytes; `ValueError` or `IndexError` where they are not in DER."""
    values = []
    while data:
        size, start = data[1], 2
        if size >= 0x80:
            start += size - 0x80
            size = int.from_bytes(data[2:start])
            if size < 0x80 or data[2] == 0:
                raise ValueError
        if len(data) < start + size or data[0] & 31 == 31:
            raise ValueError
        values.append(Der(data[0], data[start : start + size], data[: start + size]))
        data = data[start + size :]
    return values


def names_of(certificate: bytes) -> tuple[bytes, bytes, bytes]:
    """Issuer, serial number and subject of a certificate."""
    serial, _, issuer, _, subject, *_ = [
        one for one in der(der(der(certificate)[0].content)[0].content) if one.tag != 0xA0
    ]
    return issuer.whole, serial.whole, subject.whole


def pem(certificates: list[bytes]) -> bytes:
    """Certificates as text."""
    lines = [b"-----BEGIN CERTIFICATE-----\n", b"-----END CERTIFICATE-----\n"]
    return b"".join(lines[0] + encodebytes(one) + lines[1] for one in certificates)


def certificates_of(text: bytes) -> list[bytes]:
    """The certificates in such a text."""
    found = re.findall(rb"-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----", text)
    return [b64decode(re.sub(rb"\s", b"", one), validate=True) for one in found]


class Token:
    """A timestamp token: its imprint, its time, the certificates that it brings along, and who signed it."""

    def __init__(self, data: bytes) -> None:
        try:
            ((outer,), self.data) = der(data), data
            kind, wrapped = der(outer.content)
            (signed,) = der(wrapped.content)
            _, _, content, *more, signatures = der(signed.content)
            (signature,) = der(signatures.content)
            self.signer = tuple(one.whole for one in der(der(signature.content)[1].content))
            content_kind, explicit = der(content.content)
            (octets,) = der(explicit.content)
            (info,) = der(octets.content)
            version, _, imprint, _, time, *_ = der(info.content)
            algorithm, digest = der(imprint.content)
            said = (kind.whole, content_kind.whole, version.whole, der(algorithm.content)[0].whole)
            tags = [
                one.tag for one in (outer, wrapped, signed, signatures, signature, explicit, octets, info, digest, time)
            ]
            self.certificates = [one.whole for part in more if part.tag == 0xA0 for one in der(part.content)]
            sound = said == (SIGNED_DATA, TST_INFO, b"\2\1\1", SHA256) and len(data) <= 2**16
            sound = sound and bytes(tags).hex() == "30a0303130a0043004" + "18"
            sound = sound and re.fullmatch(rb"[0-9]{14}(\.[0-9]+)?Z", time.content) is not None
            self.time = datetime.strptime(time.content[:14].decode(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except (ValueError, IndexError):
            sound = False
        need(sound, "timestamp", "This is no timestamp of RFC 3161 over a SHA-256.")
        self.imprint = digest.content

    def is_known(self, authority: bytes) -> bool:
        """Whether a row of certificates leads from the signer's to one of the authority's."""
        mine = self.certificates or certificates_of(authority)
        signer = [one for one in mine if names_of(one)[:2] == self.signer]
        files = {"authority": authority, "token": pem(mine), "signer": pem(signer[:1])}
        command = "verify -partial_chain -no_check_time -purpose any -CAfile authority -untrusted token signer"
        return bool(signer) and openssl(command, files).returncode == 0

    def is_good(self, authority: bytes) -> bool:
        """Whether an authority vouches for it."""
        command = f"ts -verify -token_in -in token -digest {self.imprint.hex()} -CAfile authority -untrusted authority"
        files = {"authority": authority, "token": self.data}
        return openssl(f"{command} -attime {self.time.timestamp():.0f}", files).returncode == 0


# A folder: §§5 to 7.

MILD = set(
    "batch-missing attachment-missing checkpoint-missing checkpoint-behind not-understood cosignature stray timestamp"
    " timestamp-unknown timestamp-unjudged".split()
)
NUMBER = "(?:0|[1-9][0-9]{0,18})"


def files_of(record: Fields) -> Iterator[Fields]:
    """The files that a record names."""
    yield from record.get("attachments", ())
    if record["type"] == "statement":
        yield record["file"]
    if record["type"] == "rules":
        yield {"b3": record["digest"], "bytes": record["bytes"]}


def check_file(said: Fields, data: bytes | None) -> None:
    """Refuse a file that is not the one that a record names."""
    if data is None:
        raise Fault("attachment-missing", f"The file {said['b3']} is not here.")
    need(b3(data) == said["b3"], "hash", f"The file {said['b3']} has another hash than its name.")
    same = len(data) == said["bytes"] and said.get("s256") in (None, s256(data))
    need(same, "attachment", f"The file {said['b3']} is not what the record says of it.")


class Folder:
    """A log as files."""

    def __init__(self, root: Path, policy: Policy) -> None:
        self.root, self.policy, self.ledger, self.log = root, policy, Ledger(), Tree()
        self.names = sorted(one.relative_to(root).as_posix() for one in root.rglob("*") if one.is_file())
        self.unread, self.missed = set(self.names), set[str]()
        self.roots = [self.log.root()]
        self.findings: list[Fields] = []
        self.seen: dict[Vkey, int] = {}
        self.good: list[tuple[int, datetime, str]] = []
        self.head = self.time = self.book = self.first_key = ""
        self.consistent = self.signed = self.records = self.entries = 0

    def find(self, fault: Fault, block: int | None = None, record: int | None = None) -> None:
        """Note what is found."""
        self.findings.append({"code": fault.code, "block": block, "record": record, "message": str(fault)})

    def read(self, name: str) -> bytes | None:
        """A file, if it is here."""
        self.unread.discard(name)
        return (self.root / name).read_bytes() if name in self.names else None

    def verdict(self) -> Fields:
        """What there is to say of the log."""
        checkpoint, keys = self.read_checkpoint(), set[Vkey]()
        for number in count():
            data = self.read(f"block/{number:08d}")
            if data is None:
                break
            try:
                self.judge_block(number, data)
            except Fault as fault:
                self.find(fault, number, self.ledger.record)
                self.ledger.record = None
            if isinstance(checkpoint, Checkpoint) and checkpoint.size == self.consistent == number + 1:
                keys = self.ledger.keys()
        self.blocks = len(self.roots) - 1
        if not self.blocks:
            self.find(Fault("block-missing", "There is no block."), 0)
        try:
            self.judge_checkpoint(checkpoint, keys)
        except Fault as fault:
            self.find(fault)
        self.judge_names()
        return self.facts()

    def read_checkpoint(self) -> Checkpoint | Fault:
        """The checkpoint, or what is wrong with it."""
        data = self.read("checkpoint")
        try:
            need(data is not None, "checkpoint-missing", "There is no checkpoint.")
            return read_checkpoint(data or b"")
        except Fault as fault:
            return fault

    def judge_block(self, number: int, data: bytes) -> None:
        """A block, its batch, and the files that its records name."""
        previous, self.head = self.head, b3(data)
        self.log.add(leaf_hash(data))
        self.roots.append(self.log.root())
        block, signature = read_block(data)
        self.book = self.book or block["book"]
        same = (block["number"], block.get("previous", ""), block["book"]) == (number, previous, self.book)
        need(same, "chain", "The block has another number or book, or follows another block.")
        need(block["committed_at"] >= self.time, "time", "The block is older than the one before it.")
        self.time = block["committed_at"]
        file = self.read("batch/" + block["batch"][3:])
        if file is None:
            raise Fault("batch-missing", "The batch is not here.")
        need(b3(file) == block["batch"], "hash", "The batch has another hash than its name.")
        batch, records, root = self.ledger.read_batch(file)
        same = (batch["book"], root, len(records)) == (self.book, block["record_root"], block["records"])
        need(same, "chain", "The batch is of another book, or has other records than the block says.")
        if self.consistent == number:
            self.ledger.admit(block, signature, batch, records, self.roots)
            self.consistent += 1
            self.records += len(records)
            self.entries += sum(said["type"] == "entry" for said in records)
        if self.consistent == 1 and number == 0:
            self.first_key = records[2]["key"]
            if self.policy.pins and self.first_key not in self.policy.pins:
                self.find(Fault("key-not-pinned", "The first key is another than the pinned one."), 0, 3)
        for record, said in ((record, said) for record, one in enumerate(records, 1) for said in files_of(one)):
            self.judge_file(said, number, record)

    def judge_file(self, said: Fields, block: int, record: int) -> None:
        """A file that a record names; one that is missing or another is found once."""
        try:
            check_file(said, self.read("attachment/" + said["b3"][3:]))
        except Fault as fault:
            if fault.code == "attachment" or said["b3"] not in self.missed:
                self.find(fault, block, record)
            self.missed |= {said["b3"]} - ({said["b3"]} if fault.code == "attachment" else set())

    def judge_checkpoint(self, checkpoint: Checkpoint | Fault, keys: set[Vkey]) -> None:
        """§5."""
        if isinstance(checkpoint, Fault):
            raise checkpoint
        origin, size, root, text, signatures = checkpoint
        need(origin == f"cloudbooks/{self.book}", "checkpoint", "The checkpoint is of another log.")
        need(size <= self.blocks, "block-missing", "The checkpoint is larger than the log.")
        need(root == self.roots[size], "checkpoint", "The checkpoint has another root.")
        if size <= self.consistent:
            try:
                found = signers(text, signatures, [*keys, *self.policy.witnesses.values()])
            except Fault as fault:
                raise Fault("checkpoint", str(fault)) from None
            need(found & keys, "checkpoint", "The checkpoint bears no good signature of a member.")
            self.seen = dict.fromkeys(found, size)
            self.signed = 0 if self.policy.pins and self.first_key not in self.policy.pins else size
        need(size == self.blocks, "checkpoint-behind", f"The checkpoint is of the first {size} blocks.")

    def judge_names(self) -> None:
        """Cosignatures, timestamps, blocks beyond a gap, and what is no part of §6."""
        for folder, judge in (("cosignature", self.judge_cosignature), ("timestamp", self.judge_timestamp)):
            for name in self.names:
                place = re.fullmatch(rf"{folder}/({NUMBER})(?:/([0-9a-f]{{8}})|\.tsr)", name)
                if place and (place[2] is None) == (folder == "timestamp"):
                    try:
                        judge(int(place[1]), place[2], self.read(name) or b"")
                    except Fault as fault:
                        self.find(Fault(fault.code, f"{name}: {fault}"))
        for name in sorted(self.unread, key=lambda name: (not name.startswith("block/"), name)):
            if re.fullmatch("block/([0-9]{8}|[1-9][0-9]{8,})", name):
                self.find(Fault("block-missing", f"The block {self.blocks} is missing before {name}."), self.blocks)
            elif not re.fullmatch("(?s:tile/.*)|attachment/[0-9a-f]{64}", name):
                self.find(Fault("stray", f"{name} is no part of the log."))

    def text_of(self, size: int, code: str) -> str:
        """The text of a checkpoint of this size."""
        need(size <= self.blocks, code, "The log has not so many blocks.")
        return f"cloudbooks/{self.book}\n{size}\n{b64encode(self.roots[size]).decode()}\n"

    def judge_cosignature(self, size: int, key_id: str, data: bytes) -> None:
        """A witness's line."""
        text = self.text_of(size, "cosignature")
        try:
            _, signatures = read_note(text.encode() + b"\n" + data)
            need(
                [id_.hex() for _, id_, _ in signatures] == [key_id], "cosignature", "It is not one line of this key id."
            )
            for key in signers(text, signatures, self.policy.witnesses.values()):
                self.seen[key] = max(size, self.seen.get(key, 0))
        except Fault as fault:
            raise Fault("cosignature", str(fault)) from None

    def judge_timestamp(self, size: int, _: str, data: bytes) -> None:
        """A token of an authority."""
        token = Token(data)
        same = token.imprint == sha256(self.text_of(size, "timestamp").encode()).digest()
        need(same, "timestamp", "The timestamp is of something else than these blocks.")
        need(not self.policy.authorities or which("openssl"), "timestamp-unjudged", "There is no program openssl here.")
        known = [name for name, file in self.policy.authorities.items() if token.is_known(file)]
        need(
            known or not self.policy.authorities,
            "timestamp-unknown",
            "None of the authorities is known to have made it.",
        )
        good = [name for name in known if token.is_good(self.policy.authorities[name])]
        need(good or not known, "timestamp", "None of the authorities vouches for it.")
        self.good += [(size, token.time, good[0])] if good else []

    def facts(self) -> Fields:
        """The facts of §7."""
        witnessed = min(self.signed, self.policy.reach(self.seen, self.policy.quorum))
        anchored = min(self.signed, max((size for size, _, _ in self.good), default=0))
        _, time, authority = (
            min((one[1], one) for one in self.good if one[0] >= anchored)[1] if anchored else ("", "", "")
        )
        return {
            "valid": all(found["code"] in MILD for found in self.findings),
            "consistent": self.consistent,
            "signed": self.signed,
            "self_declared": not self.policy.pins,
            "anchored": {"size": anchored, "time": f"{time:%Y-%m-%dT%H:%M:%SZ}", "by": authority} if anchored else None,
            "witnessed": witnessed or None,
            "book": self.book,
            "first_key": self.first_key,
            "blocks": self.blocks,
            "records": self.records,
            "entries": self.entries,
            "head": {"number": self.blocks - 1, "hash": self.head} if self.blocks else None,
            "root": f"s256:{self.roots[-1].hex()}",
            "findings": self.findings,
        }


# Proofs: §8.


def ungrouped(pattern: str) -> str:
    """A pattern that keeps nothing."""
    return re.sub(r"(?<!\\)\((?!\?)", "(?:", pattern)


ID, HASH = KINDS["id"], KINDS["hash"]
PATH = rf"((?:{HASH}\n)*)"
LINE = rf"line ({NUMBER})\n(\{{.*)\n{PATH}"
LEAF = rf"leaf ({NUMBER}) ({NUMBER})\n(.*\|.*)\n{PATH}"
BLOCK = rf"block\n(\{{.*)\n(\u2014 .*)\n{PATH}((?:{ungrouped(LINE)})*)((?:{ungrouped(LEAF)})*)"
CLAIM = rf"record {NUMBER} {NUMBER}|balances {NUMBER} {ID}|growth {NUMBER}"
PROOF = re.compile(
    rf"cloudbooks/proof/v1\nproves ({CLAIM})\nfirst (.*)\n((?:{ungrouped(BLOCK)})+)"
    rf"(?:from ({HASH})\n{PATH})?checkpoint\n((?s:.*))"
)
LEAF_TEXT = re.compile(
    rf"({ID})\|({KINDS['code']})\|" + rf"({KINDS['amount']})\|" * 4 + rf"([1-9][0-9]*)\|[0-9a-f]{{32}}"
)


def steps(path: str) -> list[bytes]:
    """The hashes of a path."""
    return [b64decode(line) for line in path.split()]


class Proof:
    """A proof, refused at its first fault; `facts` is what it shows."""

    def __init__(self, data: bytes, pins: Iterable[str] = ()) -> None:
        said = PROOF.fullmatch(data.decode(errors="replace")) if len(data) <= 2**22 else None
        if said is None:
            raise Fault("proof", "A proof has another form.")
        claim, first, blocks, old_root, growth, note = said.groups()
        self.first, self.checkpoint = key_of(first), read_checkpoint(note.encode())
        need(not pins or first in pins, "key-not-pinned", "The first key is another than the pinned one.")
        sound = self.first.type == 1 and is_sound_point(self.first.public) and self.first.name == self.checkpoint.origin
        need(sound, "proof", "The first key is no Ed25519 key of the checkpoint's log.")
        self.members: dict[str, Fields] = {}  # as they were shown last, unless they are revoked
        self.owners: dict[Vkey, Fields] = {}  # whose each key is that was shown
        self.authors: dict[int, Vkey] = {}
        self.heads: dict[int, str] = {}
        self.shown: dict[tuple[int, int], Fields] = {}
        self.leaves: list[tuple[int, list[str]]] = []
        way, path = list[bool](), list[bytes]()
        for header, signature, written, lines, leaves in re.findall(BLOCK, blocks):
            block, data = self.read_block(header, signature)
            number = block["number"]
            before, way = way, turns(number, self.checkpoint.size)
            shared = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(before, way, strict=False))))
            path = steps(written) + path[len(path) - shared :]
            root = root_of_path(leaf_hash(data), number, self.checkpoint.size, path)
            need(root == self.checkpoint.root, "proof", f"The path of block {number} leads to another root.")
            self.check_lines(block, lines)
            for index, size, text, written in re.findall(LEAF, leaves):
                found = LEAF_TEXT.fullmatch(text)
                root = root_of_path(leaf_hash(text.encode()), int(index), int(size), steps(written))
                sound = found and f"s256:{root.hex()}" == block["balances_root"]
                need(sound, "proof", "A balance leaf has another form, or its path leads to another root.")
                self.leaves.append((number, text.split("|")))
        self.check_claim(claim.split(), old_root, growth)
        self.check_signers(claim, first, old_root)

    def read_block(self, header: str, written: str) -> tuple[Fields, bytes]:
        """A block, restored; its author is `first`, or a member who was shown in an earlier block."""
        said = read_object(header.encode(), "block")
        check_shape(said, "block")
        data = f"{header}\n{author_text(said)}\n{written}\n".encode()
        block, signature = read_block(data)
        number = block["number"]
        rising = number > max(self.heads, default=-1) and f"cloudbooks/{block['book']}" == self.first.name
        need(rising, "proof", "A block is of another book, or not in its order.")
        known = {key[:2]: key for key in [self.first, *(key_of(said["key"]) for said in self.members.values())]}
        need(signature[:2] in known, "signature", f"The author of block {number} is not shown before it.")
        self.authors[number] = known[signature[:2]]
        check_signature(self.authors[number], author_text(block), signature)
        self.heads[number] = b3(data)
        return block, data

    def check_lines(self, block: Fields, lines: str) -> None:
        """The records that are shown of a block, and whether their author may write them, as far as is shown."""
        number, last, members = block["number"], 0, dict(self.members)
        author = self.owners.get(self.authors[number])
        for place, text, written in re.findall(LINE, lines):
            said = read_record(text.encode(), block["book"])
            root = root_of_path(leaf_hash(text.encode()), int(place) - 1, block["records"], steps(written))
            sound = int(place) > last and f"s256:{root.hex()}" == block["record_root"]
            need(sound, "proof", f"The path of record {place} of block {number} leads to another root.")
            last, self.shown[number, int(place)] = int(place), said
            if author:
                own = "key" in said and said["id"] == author["id"]
                own = own and s256(said["key"].encode()) == author.get("next_key")
                need(own or RIGHTS[said["type"]] in author["rights"], "law.rights", "An author has not the right.")
            if "key" in said:
                self.owners[key_of(said["key"])] = said
                members.pop(said["id"], None)
                members |= {} if said.get("revoked") else {said["id"]: said}
        self.members = members

    def check_claim(self, claim: list[str], old_root: str | None, growth: str) -> None:
        """Whether what is claimed is there, and nothing beside it."""
        kind, number, *more = claim
        others = [said for said in self.shown.values() if "key" not in said]
        self.block, self.record, size = int(number) - (kind == "growth"), None, self.checkpoint.size
        if kind == "record":
            self.record = self.shown.get((self.block, int(more[0])))
            said = self.record or {"type": ""}
            named = {line["account"] for line in said["lines"]} if said["type"] == "entry" else set()
            others = [said for said in others if said is not self.record and said["id"] not in named]
            sound = self.record is not None and not self.leaves
        elif kind == "balances":
            others = [said for said in others if said["type"] != "account" or said["id"] != more[0]]
            places = [(number, leaf[0]) for number, leaf in self.leaves]
            sound = set(places) == {(self.block, more[0])} and any(
                said["id"] == more[0] for said in self.shown.values()
            )
            sound = sound and all(a < b for a, b in pairwise(leaf[1] for _, leaf in self.leaves))
        else:
            old = b64decode(old_root or "")
            sound = not self.leaves and old_root is not None and self.block in self.heads
            sound = sound and roots_of_growth(int(number), size, steps(growth), old) == (old, self.checkpoint.root)
        sound = sound and not others and (old_root is None) == (kind != "growth") and self.block in self.heads
        need(sound, "proof", "What is claimed is not shown, or something else is.")

    def check_signers(self, claim: str, first: str, old_root: str | None) -> None:
        """Author and signers are members that are shown."""
        keys = {key_of(said["key"]): said for said in self.members.values()}
        found = signers(self.checkpoint.text, self.checkpoint.signatures, keys)
        author = self.owners.get(self.authors[self.block])
        if not author or not found:
            raise Fault("checkpoint", "The author, or a signer of the checkpoint, is no member that is shown.")
        root = f"s256:{self.checkpoint.root.hex()}"
        names = "account commodity debit credit debit_value credit_value postings".split()
        self.facts = {
            "proves": claim,
            "book": self.first.name.partition("/")[2],
            "first_key": str(first),
            "block": {"number": self.block, "hash": self.heads[self.block]},
            "author": author["name"],
            "checkpoint": {"size": self.checkpoint.size, "root": root, "signers": [keys[key]["name"] for key in found]},
            "record": self.record,
            "totals": [dict(zip(names, leaf, strict=False)) for _, leaf in self.leaves],
            "accounts": [said for said in self.shown.values() if said["type"] == "account"],
            "old_root": f"s256:{b64decode(old_root).hex()}" if old_root else "",
        }


# An audit pack, and the command.


def check_pack(root: Path, pins: set[str]) -> Fields:
    """All proofs of an unpacked audit pack, and the files that their records name."""
    findings, shown, files = [], [], 0
    for file in sorted((root / "proofs").glob("*.proof")):
        try:
            place = f"proofs/{file.name}"
            shown.append(Proof(file.read_bytes(), pins).facts)
            for said in files_of(shown[-1]["record"] or {"type": ""}):
                attached = root / "attachment" / said["b3"][3:]
                check_file(said, attached.read_bytes() if attached.is_file() else None)
                files += 1
        except Fault as fault:
            findings.append({"code": fault.code, "file": place, "message": str(fault)})
    if not shown and not findings:
        findings.append({"code": "proof", "file": "proofs", "message": "There is no proof."})
    valid = all(found["code"] in MILD for found in findings)
    same = {name: shown[0][name] for name in ("book", "first_key", "checkpoint")} if shown else {}
    return {"valid": valid, "proofs": len(shown), "files": files, **same, "findings": findings}


def printable(said: object) -> str:
    """A text that moves no terminal."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in str(said))


def told(facts: Fields) -> Iterator[str]:
    """What is found, as lines for a reader."""
    yield "Valid." if facts["valid"] else "INVALID: see the findings."
    for name in ("consistent", "signed"):
        if name in facts:
            yield f"{name:<12}{facts[name]} of {facts['blocks']} blocks"
    for name, said in facts.items():
        if name not in {"valid", "consistent", "signed", "findings"} and said not in (None, [], ""):
            yield f"{name:<12}{json.dumps(said, ensure_ascii=False) if isinstance(said, dict | list) else said}"
    for found in facts["findings"]:
        place = ", ".join(
            f"{name} {found[name]}" for name in ("block", "record", "file") if found.get(name) is not None
        )
        yield f"finding[{found['code']}]: {place or 'log'}: {found['message']}"


def main() -> int:
    """Judge what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path, help="a folder, a proof, or an unpacked audit pack")
    parser.add_argument("--pin", metavar="VKEY", help="the first member's key")
    parser.add_argument("--policy", metavar="FILE", type=Path, help="log, witness, group, quorum and authority lines")
    parser.add_argument("--json", action="store_true", help="print the facts as JSON")
    given = parser.parse_args()
    try:
        policy = Policy(given.pin, given.policy)
        if Ed25519PublicKey is None and not which("openssl"):
            parser.error("neither the package cryptography nor the program openssl is here")
        if not given.path.exists():
            parser.error(f"there is no {given.path}")
    except (Fault, OSError) as fault:
        parser.error(printable(fault))
    facts = judge(given.path, policy)
    if given.json:
        print(json.dumps(facts, ensure_ascii=True, indent=1, default=str))
    else:
        print("\n".join(printable(line) for line in told(facts)))
    return 4 if not facts["valid"] else int(bool(facts["findings"]) or facts.get("signed") != facts.get("blocks"))


def judge(path: Path, policy: Policy) -> Fields:
    """A folder, a pack, or a proof."""
    try:
        if (path / "proofs").is_dir():
            return check_pack(path, policy.pins)
        if path.is_dir():
            return Folder(path, policy).verdict()
        return {"valid": True, **Proof(path.read_bytes(), policy.pins).facts, "findings": []}
    except Fault as fault:
        return {"valid": False, "findings": [{"code": fault.code, "message": str(fault)}]}


if __name__ == "__main__":
    sys.exit(main())
