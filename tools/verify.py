#!/usr/bin/env python3
"""Verify a book of CloudBooks from its exported files alone, or a proof file. Nothing of CloudBooks is used.

    python3 verify.py FOLDER --pin VKEY      a folder that `cloudbooks chain export` wrote, or out of an audit pack
    python3 verify.py x.proof --pin VKEY     a proof that `cloudbooks chain prove` wrote
    python3 verify.py PACK --pin VKEY        an unpacked audit pack: all of its proofs, and the files that they name

VKEY is the first member's verifier key, which you have from the firm and not from these files. Without it all else is
checked, but whoever made the files could have made up the first member too.
Needs Python 3.11, the package `blake3`, and for Ed25519 the package `cryptography` or the program `openssl`. Written
from docs/format.md (§ is a section of it) and docs/c2sp.md alone. Keeps all entries in memory.
Exit status: 0 all is well, 1 incomplete or something to look at, 2 wrong usage, 4 INVALID.
"""

from __future__ import annotations

import argparse
import binascii
import hashlib
import hmac
import json
import re
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections.abc import Callable
from datetime import date
from functools import reduce
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any, NamedTuple

from blake3 import blake3

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    Ed25519PublicKey = None  # type: ignore[assignment,misc]  # then the program openssl is called

Record = dict[str, Any]


class Fault(Exception):
    """Something breaks the format: a stable code, a sentence, and the record line of its batch, from 1."""

    def __init__(self, code: str, text: str, record: int | None = None) -> None:
        super().__init__(text)
        self.code, self.text, self.record = code, text, record


def demand(holds: object, code: str, text: str, record: int | None = None) -> None:
    """Raise a fault unless something holds."""
    if not holds:
        raise Fault(code, text, record)


def b3(data: bytes) -> str:
    """Plain BLAKE3, as `b3sum` prints it."""
    return "b3:" + blake3(data).hexdigest()


def s256(data: bytes) -> str:
    """SHA-256, as `sha256sum` prints it."""
    return "s256:" + hashlib.sha256(data).hexdigest()


# §1: canonical text -------------------------------------------------------------------------------------------------

FORBIDDEN = re.compile(
    "[\0-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\u3164\ud800-\udfff"
    "\ufdd0-\ufdef\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
    + "".join(chr(plane + 0xFFFE) + chr(plane + 0xFFFF) for plane in range(0, 0x110000, 0x10000))
    + "]"
)


def encode(value: object) -> bytes:
    """The canonical text of an object, without LF."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def parse(line: bytes) -> Record:
    """The object of a line (without LF), which must be its one canonical text."""
    demand(len(line) < 1 << 20, "limit", f"A line has {len(line) + 1} bytes.")
    try:
        value = json.loads(line.decode())
        demand(isinstance(value, dict), "canonical", "A line holds something else than one object.")
        check_canonical("the line", value, 1)
    except (ValueError, RecursionError):
        raise Fault("canonical", "A line cannot be read as JSON.") from None
    demand(encode(value) == line, "canonical", "A line differs from the canonical text of what it says.")
    return dict(value)


def check_canonical(key: str, value: object, depth: int) -> None:
    """Refuse what canonical text never holds."""
    if isinstance(value, str):
        most = 32 if key == "series" else 4096
        demand(value and not FORBIDDEN.search(value), "canonical", f'"{key}" is empty or has a forbidden character.')
        demand(len(value.encode()) <= most, "limit", f'"{key}" has more than {most} bytes.')
    elif isinstance(value, dict | list):
        demand(value and depth <= 6, "canonical", f'"{key}" is empty, or lies deeper than 6 levels.')
        for name, item in value.items() if isinstance(value, dict) else ((key, item) for item in value):
            demand(key is name or re.fullmatch("[a-z][a-z0-9_]*", name), "canonical", "A field has a forbidden name.")
            check_canonical(name, item, depth + isinstance(item, dict | list))
    else:
        good = value is True or (type(value) is int and abs(value) < 2**53)
        demand(good, "canonical", f'"{key}" holds {value}, which is never written.')


# §2: the shape of every object --------------------------------------------------------------------------------------

TEXTS = {
    "text": ".+",
    "id": "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    "salt": "[0-9a-f]{32}",
    "b3": "b3:[0-9a-f]{64}",
    "s256": "s256:[0-9a-f]{64}",
    "code": "[A-Z][A-Z0-9._-]{0,23}",
    "amount": r"(0|[1-9][0-9]*)(\.[0-9]+)?|-([1-9][0-9]*(\.[0-9]+)?|0\.0*[1-9][0-9]*)",
    "rate": r"(?!0\Z)(0|[1-9][0-9]{0,11})(\.[0-9]{0,11}[1-9])?",
    "date": "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "instant": "[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z",
    "period": "(?!0000)[0-9]{4}-(0[1-9]|1[0-2])",
    "signature": "[A-Za-z0-9+/]{85}[AQgw]==",
    "right": "admin|approve|close|post",
    "kind": "asset|equity|expense|income|liability",
    "entry_kind": "closing|opening|revaluation",
    "source_kind": "close|manual|migration|reversal|rule|statement",
}
NUMBERS = {"count": (1, 2**53), "natural": (0, 2**53), "version": (-(2**53), 2**53), "month": (1, 13), "scale": (0, 13)}
# The fields of each object: `?` may be absent, `:` what it holds (any text where nothing is said), `[]` a list of it.
SHAPES = {
    "batch": "author:id base?:base book:id id:id made_at:instant program records:count version:version",
    "block": "balances_root:s256 batch:b3 book:id committed_at:instant number:natural numbers?:number[] previous?:b3"
    " record_root:s256 records:count version:version",
    "book": "id:id salt:salt name base:code created_at:instant blind:salt fiscal_year_start:month jurisdiction? chart?"
    " tax_id? separate_duties?:true",
    "member": "id:id salt:salt name key rights:right[] next_key?:s256 revoked?:true",
    "commodity": "id:id salt:salt code:code scale:scale name?",
    "account": "id:id salt:salt code name kind:kind class? parent? commodity? dimensions?:text[] closed?:true",
    "party": "id:id salt:salt name kinds?:text[] tax_id? closed?:true",
    "rules": "id:id name digest:b3 bytes:natural",
    "statement": "id:id account commodity file:attachment profile first:date last:date lines:count opening?:amount"
    " closing?:amount",
    "entry": "id:id date:date series summary lines:line[] tags?:text[] attachments?:attachment[] source?:source"
    " reverses? replaces? kind?:entry_kind made_by approvals?:approval[]",
    "price": "id:id date:date commodity:code base:code rate:rate",
    "note": "id:id at:instant text about?",
    "close": "id:id period:period reason?",
    "reopen": "id:id period:period reason",
    "base": "root:s256 size:natural",
    "number": "first:count period:period series",
    "line": "account commodity amount:amount value?:amount red?:true party? text? tax? dimensions?:dimension[]"
    " settles?:text[]",
    "dimension": "name value",
    "attachment": "b3:b3 s256:s256 bytes:natural media name",
    "source": "kind:source_kind ref? rule? rules?",
    "approval": "by:id at:instant signature:signature",
}
FIELDS = {shape: dict(f"{field}:text".split(":")[:2] for field in text.split()) for shape, text in SHAPES.items()}
RIGHTS = dict.fromkeys("commodity account party rules statement entry price note".split(), "post")
RIGHTS |= {"book": "admin", "member": "admin", "close": "close", "reopen": "close"}
ASCENDING: dict[str, Callable[[Any], Any]] = {
    "member rights": str,
    "account dimensions": str,
    "line dimensions": lambda dimension: dimension["name"],
    "entry approvals": lambda approval: approval["by"],
    "block numbers": lambda number: (number["series"], number["period"]),
}


def check_shape(name: str, kind: str, value: Any) -> None:
    """Refuse a value that is not what a field of this kind holds; an object by its table of fields."""
    if kind.endswith("[]"):
        demand(isinstance(value, list), "schema", f'"{name}" is no list.')
        for item in value:
            check_shape(name, kind[:-2], item)
        rising = name not in ASCENDING or all(low < high for low, high in pairwise(map(ASCENDING[name], value)))
        demand(rising, "schema", f'"{name}" is not in strictly ascending order.')
    elif kind in FIELDS:
        demand(isinstance(value, dict), "schema", f'"{name}" is no object.')
        unknown = [field for field in value if field not in FIELDS[kind] and f"{field}?" not in FIELDS[kind]]
        demand(not unknown, "schema", f'Format 1 has no field "{unknown}" in "{kind}".')
        for field, held in FIELDS[kind].items():
            word = field.rstrip("?")
            demand(word in value or word != field, "schema", f'The field "{field}" of "{kind}" is missing.')
            if word in value:
                check_shape(f"{kind} {word}", held, value[word])
    else:
        low, end = NUMBERS.get(kind, (0, 0))
        good = value is True if kind == "true" else type(value) is int and low <= value < end
        if kind in TEXTS:
            good = bool(isinstance(value, str) and re.fullmatch(TEXTS[kind], value))
            good = good and (kind not in ("date", "instant") or is_day(value[:10]))
        demand(good, "schema", f'"{name}" cannot be "{value}".')


def is_day(text: str) -> bool:
    """Whether a date is in the calendar."""
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def read_header(line: bytes, word: str) -> Record:
    """The header of a batch or block; another version is not understood, whatever else the line holds."""
    demand(len(line) < 1 << 20, "limit", f"A line has {len(line) + 1} bytes.")
    try:
        seen = json.loads(line)
    except (ValueError, RecursionError):
        seen = None
    if isinstance(seen, dict) and seen.get("type") == word and type(seen.get("version")) is int:
        demand(seen["version"] == 1, "not-understood", f'A header of type "{word}" has version {seen["version"]}.')
    header = parse(line)
    demand(header.pop("type", "") == word, "schema", f'A header is not of type "{word}".')
    check_shape(word, word, header)
    return header


def read_record(line: bytes, book: str) -> Record:
    """One record of the log of a book."""
    record = parse(line)
    word = record.get("type")
    demand(isinstance(word, str), "schema", "A record has no type.")
    demand(word in RIGHTS, "not-understood", f'Format 1 has no records of type "{word}".')
    check_shape(str(word), str(word), {field: value for field, value in record.items() if field != "type"})
    if word == "member":
        key = key_of(record["key"])
        sound = key.type == 1 and key.name == f"cloudbooks/{book}" and is_sound_point(key.public)
        demand(sound, "schema", f'"key" cannot be "{record["key"]}".')
    demand(word != "statement" or record["first"] <= record["last"], "schema", "A statement ends before it begins.")
    return record


def minor(text: str, commodity: Record) -> int:
    """An amount in the smallest unit of its commodity: exactly its scale, and at most 18 digits."""
    whole, _, decimals = text.lstrip("-").partition(".")
    good = len(decimals) == commodity["scale"] and len(whole + decimals) <= 18
    demand(good, "amount", f'"{text}" is no amount of {commodity["code"]}, which has {commodity["scale"]} decimals.')
    return int(text.replace(".", ""))


def decimal(amount: int, scale: int) -> str:
    """The text of an amount."""
    digits = f"{abs(amount):0{scale + 1}d}"
    return "-" * (amount < 0) + (f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits)


# Ed25519, strictly (§3), and signed notes (c2sp.md §§1 and 2) -------------------------------------------------------

PRIME, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, PRIME) % PRIME
EIGHTH = int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little")
SMALL_ORDER = {0, 1, PRIME - 1, EIGHTH, PRIME - EIGHTH}  # the y of the points whose order divides 8


def is_sound_point(encoding: bytes, *, on_curve: bool = True) -> bool:
    """A y in its one form, not that of a point of small order; on the curve if (y² - 1) / (d y² + 1) is a square."""
    y = int.from_bytes(encoding, "little") % 2**255
    square = not on_curve or pow((y * y - 1) * (D * y * y + 1), (PRIME - 1) // 2, PRIME) == 1
    return len(encoding) == 32 and y < PRIME and y not in SMALL_ORDER and square


def verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether a signature is one by this key: RFC 8032, cofactorless, and nothing that has two forms."""
    sound = len(signature) == 64 and is_sound_point(public) and is_sound_point(signature[:32], on_curve=False)
    if not sound or int.from_bytes(signature[32:], "little") >= ORDER:
        return False
    if Ed25519PublicKey is None:
        return openssl_verifies(public, signature, message)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def openssl_verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    """Ed25519 by the program, which reads files; the key is given in its DER form."""
    with tempfile.TemporaryDirectory() as folder:
        files = {"key": bytes.fromhex("302a300506032b6570032100") + public, "signature": signature, "text": message}
        for name, data in files.items():
            Path(folder, name).write_bytes(data)
        command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in text -sigfile signature"
        return subprocess.run(command.split(), cwd=folder, capture_output=True, check=False).returncode == 0


def base64_strictly(text: str) -> bytes:
    """The bytes of padded standard base64; none for all other texts."""
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        return b""
    return data if b64encode(data).decode() == text else b""


class Key(NamedTuple):
    """A verifier key; its type is 1 for a signer and 4 for a witness."""

    name: str
    id: bytes
    type: int
    public: bytes


class Signature(NamedTuple):
    """A signature line of a note: the key that it names, and what follows the key id."""

    name: str
    id: bytes
    blob: bytes


class Checkpoint(NamedTuple):
    """What a log says of itself, and who signed that."""

    text: str
    origin: str
    size: int
    root: bytes
    signatures: list[Signature]


def key_of(vkey: str) -> Key:
    """The key that a vkey describes."""
    name, _, rest = vkey.partition("+")
    digits, _, coded = rest.partition("+")
    blob = base64_strictly(coded) or b"\0"
    id_ = hashlib.sha256(name.encode() + b"\n" + blob).digest()[:4]
    good = re.fullmatch(r"[^\s+]+", name) and len(blob) - 1 == {1: 32, 4: 32, 6: 1312}.get(blob[0])
    demand(good and id_.hex() == digits, "schema", f'"{vkey}" is no verifier key.')
    return Key(name, id_, blob[0], blob[1:])


def read_signature(line: str) -> Signature:
    """A signature line of a note, without LF."""
    found = re.fullmatch(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})", line)
    name, data = (found[1], base64_strictly(found[2])) if found else ("", b"")
    demand(len(data) > 4, "note", f'"{line}" is no signature line.')
    return Signature(name, data[:4], data[4:])


def read_note(data: bytes) -> tuple[str, list[Signature]]:
    """The text of a signed note with its last LF, and its signatures, none of them verified."""
    text, gap, lines = data.rpartition(b"\n\n")
    good = len(data) <= 1 << 20 and gap and lines.endswith(b"\n") and not re.search(rb"[\x00-\x09\x0b-\x1f]", data)
    demand(good and lines.count(b"\n") <= 64, "note", "A note is not a text, an empty line and signature lines.")
    try:
        return text.decode() + "\n", [read_signature(line) for line in lines.decode()[:-1].split("\n")]
    except UnicodeDecodeError:
        raise Fault("note", "A note is not written in UTF-8.") from None


def check_signature(key: Key, text: str, signature: Signature, code: str = "signature") -> None:
    """Verify a signature by a member over a text."""
    good = key[:2] == signature[:2] and verifies(key.public, signature.blob, text.encode())
    demand(good, code, f'A signature of "{signature.name}" does not verify.')


def read_checkpoint(data: bytes) -> Checkpoint:
    """A checkpoint; no signature is verified."""
    try:
        text, signatures = read_note(data)
    except Fault as fault:
        raise Fault("checkpoint", fault.text) from None
    origin, size, root = [*text[:-1].split("\n"), "", ""][:3]
    number = int(size) if re.fullmatch("0|[1-9][0-9]{0,18}", size) else 2**63
    good = number < 2**63 and len(base64_strictly(root)) == 32 and text == f"{origin}\n{size}\n{root}\n"
    good = good and (number > 0 or base64_strictly(root) == tree_root([]))
    demand(good, "checkpoint", "A checkpoint is not an origin, a size and a root.")
    return Checkpoint(text, origin, number, base64_strictly(root), signatures)


def check_checkpoint(checkpoint: Checkpoint, members: list[Record]) -> None:
    """Demand a signature by one of the members, and that all by them verify; unknown signers are passed over."""
    keys = [key_of(member["key"]) for member in members if "revoked" not in member]
    known = [(key, signed) for signed in checkpoint.signatures for key in keys if key[:2] == signed[:2]]
    for key, signature in known:
        check_signature(key, checkpoint.text, signature, "checkpoint")
    demand(known, "checkpoint", "No member who stands at its size signed the checkpoint.")


# The Merkle tree of RFC 6962 (c2sp.md §8) ---------------------------------------------------------------------------


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\0" + leaf).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash over two others."""
    return hashlib.sha256(b"\1" + left + right).digest()


def tree_root(hashes: list[bytes]) -> bytes:
    """The root over leaf hashes: paired level by level, an odd last one goes up as it is."""
    while len(hashes) > 1:
        odd = hashes[-1:] if len(hashes) % 2 else []
        hashes = [node(*pair) for pair in zip(hashes[::2], hashes[1::2], strict=False)] + odd
    return hashes[0] if hashes else hashlib.sha256().digest()


# §§3 and 4: batches and blocks --------------------------------------------------------------------------------------


def read_block(data: bytes) -> tuple[Record, str, Signature]:
    """The header of a block in good form, and the author's note, which must speak of the header's batch."""
    demand(len(data) <= 32 << 10, "limit", f"A block has {len(data)} bytes.")
    line, _, note = data.partition(b"\n")
    header = read_header(line, "block")
    demand(("previous" in header) == (header["number"] > 0), "chain", "Block 0 alone has no previous block.")
    demand(len(header.get("numbers", [])) <= 200, "limit", "A block gives more than 200 first numbers.")
    text, signatures = read_note(note)
    told = f"cloudbooks/batch/v1\n{header['book']}\n{header['batch']}\n{header['record_root']}\n"
    demand(text == told and len(signatures) == 1, "note", "The author's note is not one signature over this batch.")
    return header, text, signatures[0]


def read_batch(data: bytes) -> tuple[Record, list[Record], str]:
    """The header of a batch, its records, and the root over their lines."""
    demand(len(data) <= 64 << 20, "limit", f"A batch has {len(data)} bytes.")
    first, _, body = data.partition(b"\n")
    header = read_header(first, "batch")
    *lines, rest = body.split(b"\n")
    demand(len(lines) <= 1_000_000, "limit", f"A batch has {len(lines)} records.")
    demand(len(lines) == header["records"], "schema", f"A batch says {header['records']} records, has {len(lines)}.")
    demand(not rest, "canonical", "The last record does not end in a line end.")
    records = []
    for place, line in enumerate(lines, start=1):
        try:
            records.append(read_record(line, header["book"]))
        except Fault as fault:
            raise Fault(fault.code, fault.text, place) from None
    return header, records, "s256:" + tree_root(list(map(leaf_hash, lines))).hex()


# §2.1: the laws -----------------------------------------------------------------------------------------------------


class Laws:
    """What stands in the book at a place of the log. `admit` takes the next batch; after a fault nothing more."""

    def __init__(self) -> None:
        self.book: Record = {}
        self.ids: set[str] = set()  # all that are taken, those of batches too
        self.stated: dict[str, Record] = {}  # by id: members, accounts, parties, statements, entries; as stated last
        self.commodities: dict[str, Record] = {}  # by code
        self.salts: set[str] = set()
        self.key_owners: dict[bytes, str] = {}
        self.settled: set[str] = set()
        self.reversed: set[str] = set()
        self.closed: list[str] = []
        self.last_numbers: dict[tuple[str, str], int] = {}
        self.first_numbers: dict[tuple[str, str], int] = {}  # those that the last batch took
        self.totals: dict[tuple[str, str], list[int]] = {}  # debit, credit, both again in value, postings
        self.leaf_hashes: dict[tuple[str, str], bytes] = {}
        self.moved: set[tuple[str, str]] = set()  # by the last batch

    def find(self, word: str, id_: str) -> Record:
        """Law 2: what a record names exists."""
        found = self.stated.get(id_, {})
        demand(found.get("type") == word, "law.reference", f'There is no {word} with the id "{id_}".')
        return found

    def commodity(self, code: str) -> Record:
        """Law 2, for what is named by its code."""
        demand(code in self.commodities, "law.reference", f'There is no commodity "{code}".')
        return self.commodities[code]

    def author(self, batch: Record, records: list[Record]) -> Record:
        """Who signs a batch: a member as it stood before; in the first batch its third record (laws 5 and 6)."""
        if self.book:
            author = self.stated.get(batch["author"], {})
            demand(author.get("type") == "member", "law.rights", "The author is no member.")
            demand("revoked" not in author, "law.rights", "The author was revoked.")
            return author
        demand(len(records) > 2, "law.beginning", "The first batch has fewer than three records.", len(records))
        book, commodity, member = records[:3]
        good = (book["type"], book["id"]) == ("book", batch["book"])
        demand(good, "law.beginning", "The first batch does not begin with its book.", 1)
        good = commodity["type"] == "commodity" and commodity["code"] == book["base"]
        demand(good, "law.beginning", "The second record is not the base commodity.", 2)
        good = (member["type"], member["id"]) == ("member", batch["author"]) and "revoked" not in member
        good = good and {"admin", "post"} <= set(member["rights"])
        demand(good, "law.beginning", "The third record is not the member who signed, with the rights to.", 3)
        return member

    def admit(self, batch: Record, records: list[Record], number: int, roots: list[bytes]) -> None:
        """Judge a batch by all laws; its author's note was verified, and `roots` are the log's at every size."""
        author = self.author(batch, records)
        base = batch.get("base", {"size": number, "root": ""})
        demand(("base" in batch) == (number > 0), "law.base", "The first batch alone has no base.")
        true = base["size"] <= number and base["root"] in ("", "s256:" + roots[base["size"]].hex())
        demand(true, "law.base", "The base is not a state that the log had.")
        self.take_id(batch["id"])
        self.first_numbers, self.moved = {}, set()
        for place, record in enumerate(records, start=1):
            try:
                self.check_right(author, record)
                if record["type"] == "entry":
                    self.take_entry(record, author)
                elif "salt" in record:
                    self.take_state(record)
                else:
                    self.take_event(record)
            except Fault as fault:
                raise Fault(fault.code, fault.text, place) from None
        for key in self.moved:
            good = max(map(abs, self.totals[key][:4])) < 10**18
            demand(good, "amount", f"A total of {key[1]} would have more than 18 digits.")

    def check_right(self, author: Record, record: Record) -> None:
        """Law 5: the author holds the right of each record, or takes the key that was promised and nothing else."""
        if RIGHTS[record["type"]] in author["rights"]:
            return
        before = self.stated[author["id"]] if record["id"] == author["id"] else {}
        own = dict.fromkeys(("key", "next_key", "salt"))
        demand(record | own == before | own and before["key"] == author["key"], "law.rights",
               f'{author["name"]} has no right to "{RIGHTS[record["type"]]}", which this record needs.')  # fmt: skip
        promised = s256(record["key"].encode())
        demand(promised == before.get("next_key"), "law.rights", "The new key is not the one that was promised.")

    def take_id(self, id_: str) -> None:
        """Law 4: no id is used twice."""
        demand(id_ not in self.ids, "law.once", f"The id {id_} is taken.")
        self.ids.add(id_)

    def take_salt(self, salt: str) -> None:
        """§1: no salt is used twice."""
        demand(salt not in self.salts, "salt", f"The salt {salt} was used before.")
        self.salts.add(salt)

    def take_state(self, record: Record) -> None:
        """A record that may be stated again under its id, with a fresh salt; what may change depends on its type."""
        id_, word = record["id"], record["type"]
        before = self.stated.get(id_, {})
        before = before if before.get("type") == word else {}
        if word == "book" and self.book:
            demand(before, "law.beginning", "There is one book, and this is another.")
            kept = all(record[field] == before[field] for field in ("base", "created_at", "blind"))
            demand(kept, "law.restate", "Base, creation and blind of a book do not change.")
        elif not before:
            self.take_id(id_)
            if word == "book":
                self.take_salt(record["blind"])
        self.take_salt(record["salt"])
        if word == "book":
            self.book = record
        elif word == "member":
            owner = self.key_owners.setdefault(key_of(record["key"]).id, id_)
            demand(owner == id_, "law.rights", f"The key of {record['name']} is or was that of another member.")
        elif word == "commodity":
            same = self.commodities.get(record["code"])
            demand(before or not same, "law.once", f'There is a commodity "{record["code"]}".')
            kept = not before or (same is before and before["scale"] == record["scale"])
            demand(kept, "law.restate", f'Of the commodity "{record["code"]}" only the name may change.')
            self.commodities[record["code"]] = record
        elif word == "account":
            self.check_account(before or record, record)
        self.stated[id_] = record

    def check_account(self, before: Record, record: Record) -> None:
        """Kind and, once posted to, commodity stay; open accounts have distinct codes; parents make no circle."""
        id_, code, parent = record["id"], record["code"], record.get("parent")
        demand(before["kind"] == record["kind"], "law.restate", f"The account {code} does not change its kind.")
        kept = before.get("commodity") == record.get("commodity") or all(id_ != key[0] for key in self.totals)
        demand(kept, "law.restate", f"The account {code} has postings and keeps its commodity.")
        if "commodity" in record:
            self.commodity(record["commodity"])
        others = (one for one in self.stated.values() if one["type"] == "account" and one["id"] != id_)
        taken = "closed" not in record and any(one["code"] == code and "closed" not in one for one in others)
        demand(not taken, "law.account", f"Another open account has the code {code}.")
        above = self.find("account", parent) if parent and parent != id_ else None
        demand(not above or "closed" not in above, "law.reference", f"The account above {code} is closed.")
        while above and above["id"] != id_:
            above = self.stated.get(above.get("parent", ""))
        demand(parent != id_ and not above, "law.account", f"The account {code} would stand under itself.")

    def take_event(self, record: Record) -> None:
        """A record that happens once, and is no entry."""
        word, period = record["type"], record.get("period", "")
        self.take_id(record["id"])
        if word == "statement":
            account, commodity = self.find("account", record["account"]), self.commodity(record["commodity"])
            stands = "closed" not in account and account.get("commodity", commodity["code"]) == commodity["code"]
            demand(stands, "law.reference", f"The account {account['code']} takes no statement in that commodity.")
            for field in {"opening", "closing"} & record.keys():
                minor(record[field], commodity)
        elif word == "price":
            self.commodity(record["commodity"])
            self.commodity(record["base"])
        elif word == "close":
            demand(not self.is_closed(period), "law.period", f"{period} is closed.")
            self.closed.append(period)
        elif word == "reopen":
            demand(self.closed[-1:] == [period], "law.period", f"{period} is not the last closed period.")
            self.closed.pop()
        self.stated[record["id"]] = record

    def is_closed(self, period: str) -> bool:
        """Law 3: a period is closed if it or a later one was closed and not reopened."""
        return bool(self.closed) and period <= self.closed[-1]

    def take_entry(self, entry: Record, author: Record) -> None:
        """An entry, by all laws."""
        self.take_id(entry["id"])
        period = entry["date"][:7]
        demand(not self.is_closed(period), "law.period", f"{period} is closed.")
        if "replaces" in entry:
            good = self.find("entry", entry["replaces"])["id"] in self.reversed
            demand(good, "law.once", "It replaces an entry that is not reversed.")
        if "reverses" in entry:
            self.check_reversal(entry, self.find("entry", entry["reverses"]))
        maker = self.find("member", entry["made_by"])
        demand("reverses" in entry or "revoked" not in maker, "law.reference", "Whoever made it was revoked.")
        if rules := entry.get("source", {}).get("rules"):
            self.find("rules", rules)
        self.post_lines(entry)
        self.check_approvals(entry, author)
        pair = (entry["series"], period)
        self.last_numbers[pair] = self.last_numbers.get(pair, 0) + 1
        self.first_numbers.setdefault(pair, self.last_numbers[pair])
        demand(len(self.first_numbers) <= 200, "limit", "A batch takes numbers in more than 200 series and months.")
        self.stated[entry["id"]] = entry

    def check_reversal(self, entry: Record, original: Record) -> None:
        """Law 4: a mirror, once, of no mirror; it frees what its entry settled."""
        stands = "reverses" not in original and original["id"] not in self.reversed
        demand(stands, "law.once", "It reverses a reversal, or an entry that is reversed already.")
        pairs = zip(entry["lines"], original["lines"], strict=False)
        good = len(entry["lines"]) == len(original["lines"]) and all(mirrors(*pair) for pair in pairs)
        demand(good, "law.once", "It does not mirror the entry that it reverses.")
        self.reversed.add(original["id"])
        self.settled.difference_update(name for line in original["lines"] for name in line.get("settles", []))

    def post_lines(self, entry: Record) -> None:
        """Laws 1 and 2, and the totals of each account by side."""
        base = self.commodities[self.book["base"]]
        amounts: dict[str, int] = {}
        balance = 0
        for line in entry["lines"]:
            account, commodity = self.find("account", line["account"]), self.commodity(line["commodity"])
            code, key = commodity["code"], (account["id"], commodity["code"])
            demand(account.get("commodity", code) == code, "law.reference", f"{account['code']} does not take {code}.")
            amount = value = minor(line["amount"], commodity)
            good = (code != base["code"]) == ("value" in line)
            demand(good, "schema", "A line has a value exactly where its commodity is not the base.")
            if "value" in line:
                value = minor(line["value"], base)
                demand(amount * value >= 0, "amount", "Amount and value of a line have opposite signs.")
            self.check_line(line, account, excused="reverses" in entry)
            amounts[code] = amounts.get(code, 0) + amount
            balance += value
            debit = ((amount or value) >= 0) != ("red" in line)
            totals = self.totals.setdefault(key, [0] * 5)
            for place, moved in ((0, amount), (2, value)):
                totals[place + (not debit)] += moved if debit else -moved
            totals[4] += 1
            self.moved.add(key)
        good = len(entry["lines"]) > 1 and not balance and (len(amounts) > 1 or not any(amounts.values()))
        demand(good, "law.balance", f"Debit and credit differ by {decimal(abs(balance), base['scale'])} in value.")

    def check_line(self, line: Record, account: Record, *, excused: bool) -> None:
        """What a line names stands; a reversal is excused from what was closed or demanded since (law 2)."""
        dimensions = {dimension["name"] for dimension in line.get("dimensions", [])}
        stands = "closed" not in account and dimensions.issuperset(account.get("dimensions", []))
        demand(excused or stands, "law.reference", f"{account['code']} is closed, or demands another dimension.")
        if "party" in line:
            stands = "closed" not in self.find("party", line["party"]) or excused
            demand(stands, "law.reference", "A party is closed.")
        for name in line.get("settles", []):
            id_, _, number = name.partition("/")
            statement = self.find("statement", id_)
            there = re.fullmatch("[1-9][0-9]{0,15}", number) and int(number) <= statement["lines"]
            demand(there, "law.reference", f'There is no statement line "{name}".')
            own = all(statement[field] == line[field] for field in ("account", "commodity"))
            demand(own and name not in self.settled, "law.once", f"The line {name} is settled, or of another account.")
            self.settled.add(name)

    def check_approvals(self, entry: Record, author: Record) -> None:
        """Every approval verifies; under separated duties one is by somebody who neither made nor posts it."""
        bare = b3(encode({field: value for field, value in entry.items() if field != "approvals"}) + b"\n")
        satisfied = "separate_duties" not in self.book
        for approval in entry.get("approvals", []):
            member = self.find("member", approval["by"])
            demand(
                "revoked" not in member or "reverses" in entry, "law.reference", "An approval is by a revoked member."
            )
            text = f"cloudbooks/approval/v1\n{self.book['id']}\n{bare}\n{approval['at']}\n".encode()
            good = verifies(key_of(member["key"]).public, base64_strictly(approval["signature"]), text)
            demand(good, "signature", f"The approval by {member['name']} does not verify.")
            apart = approval["by"] not in (entry["made_by"], author["id"])
            satisfied |= apart and "revoked" not in member and "approve" in member["rights"]
        demand(satisfied, "law.rights", "It has no approval by a member who neither made it nor posts it.")

    def balances_root(self, number: int) -> str:
        """§4: the root over a leaf for each account and commodity; only those that block `number` moved are new."""
        base_scale = self.commodities[self.book["base"]]["scale"]
        for key in self.moved:
            scale = self.commodities[key[1]]["scale"]
            totals = "|".join(map(decimal, self.totals[key][:4], (scale, scale, base_scale, base_scale)))
            mask = hmac.digest(bytes.fromhex(self.book["blind"]), f"{number}|{'|'.join(key)}".encode(), "sha256").hex()
            self.leaf_hashes[key] = leaf_hash(f"{'|'.join(key)}|{totals}|{self.totals[key][4]}|{mask[:32]}".encode())
        return "s256:" + tree_root([self.leaf_hashes[key] for key in sorted(self.leaf_hashes)]).hex()


def mirrors(line: Record, original: Record) -> bool:
    """Whether a line of a reversal is that of its entry with the opposite amount and value."""
    bare = {field: value for field, value in original.items() if field not in ("settles", "red", "text")}
    bare |= {field: negated(original[field]) for field in ("amount", "value") if field in original}
    return bare == {field: value for field, value in line.items() if field not in ("red", "text")}


def negated(text: str) -> str:
    """The text of the opposite amount; zero has no sign."""
    return text[1:] if text.startswith("-") else "-" * bool(text.strip("0.")) + text


# §§5 to 7: a folder, and what holds of it ---------------------------------------------------------------------------

BLOCK_NAME = "block/([0-9]{8}|[1-9][0-9]{8,})"
NAMES = (
    rf"checkpoint|sm3|block|{BLOCK_NAME}|(batch|attachment)(/[0-9a-f]{{64}})?|(cosignature|timestamp|tile).*|(.*/)?\..*"
)


class Folder:
    """The verification of an exported folder; `verdict` says what holds, each fact up to a number of blocks."""

    def __init__(self, folder: Path, pin: str, witnesses: list[Key], quorum: int) -> None:
        self.folder, self.pin, self.witnesses, self.quorum = folder, pin, witnesses, quorum
        self.laws = Laws()
        self.findings: list[Record] = []
        self.valid = self.lawful = True
        self.book = self.head = self.last_time = self.first_key = ""
        self.consistent = self.records = self.entries = 0
        self.full: list[bytes] = []  # the roots of the full subtrees of the log's tree, the largest first
        self.roots = [tree_root([])]  # of the log at every size
        self.named: set[str] = set()  # the files of batches that blocks name
        self.checkpoint: Checkpoint | Fault | None = None
        self.signers: list[Record] | None = None  # members at the checkpoint's size, if the log is consistent so far

    def find(self, code: str, text: str, block: int | None = None, record: int | None = None, **more: bool) -> None:
        """Say something; `invalid=True` judges, `warning=True` is only said."""
        self.valid &= not more.pop("invalid", False)
        self.findings.append({"code": code, "block": block, "record": record, "message": text} | more)

    def fault(self, fault: Fault, block: int | None = None) -> None:
        """A fault makes the log INVALID, but for what is only not understood."""
        self.find(fault.code, fault.text, block, fault.record, invalid=fault.code != "not-understood")

    def read(self, name: str, limit: int) -> bytes | None:
        """A regular file, at most a byte more than its limit."""
        place = self.folder / name
        if place.is_symlink() or not place.is_file():
            return None
        with place.open("rb") as file:
            return file.read(limit + 1)

    def verdict(self) -> Record:
        """Read everything, and say what holds."""
        if (data := self.read("checkpoint", 1 << 20)) is not None:
            try:
                self.checkpoint = read_checkpoint(data)
            except Fault as fault:
                self.checkpoint = fault
        self.grow(None)
        while (data := self.read(f"block/{len(self.roots) - 1:08d}", 32 << 10)) is not None:
            self.follow(data, len(self.roots) - 1)
        blocks = len(self.roots) - 1
        if not blocks:
            self.find("block-missing", "There is no block.", 0, invalid=True)
        signed, witnessed = self.judge_checkpoint(blocks), self.count_witnesses(blocks)
        signed = signed if self.pin in ("", self.first_key) else 0
        self.judge_names(blocks)
        return {
            "valid": self.valid,
            "consistent": self.consistent,
            "signed": signed,
            "self_declared": not self.pin,
            "anchored": None,
            "witnessed": min(signed, witnessed) or None,
            "blocks": blocks,
            "records": self.records,
            "entries": self.entries,
            "first_key": self.first_key,
            "head": {"number": blocks - 1, "hash": self.head} if blocks else None,
            "findings": self.findings,
        }

    def grow(self, leaf: bytes | None) -> None:
        """The log's tree has one block more; where it has the checkpoint's size, remember who is a member."""
        if leaf is not None:
            size = len(self.roots)
            self.full.append(leaf)
            while size % 2 == 0:
                self.full[-2:] = [node(*self.full[-2:])]
                size //= 2
            self.roots.append(reduce(lambda right, left: node(left, right), reversed(self.full)))
            self.consistent += self.lawful
        signed = self.checkpoint.size if isinstance(self.checkpoint, Checkpoint) else -1
        if self.lawful and signed == len(self.roots) - 1:
            self.signers = [one for one in self.laws.stated.values() if one["type"] == "member"]

    def follow(self, data: bytes, number: int) -> None:
        """One block, with its batch and the files that it names; after a fault the chain alone is followed on."""
        try:
            header, note, signature = read_block(data)
            self.book = self.book or header["book"]
            good = (header["number"], header["book"], header.get("previous", "")) == (number, self.book, self.head)
            demand(good, "chain", "The block does not follow the one before it.")
            demand(header["committed_at"] >= self.last_time, "time", "The block is older than the one before it.")
            self.last_time = header["committed_at"]
            self.named.add("batch/" + header["batch"][3:])
            data_of_batch = self.read("batch/" + header["batch"][3:], 64 << 20)
            if data_of_batch is None:
                self.lawful = False
                self.find("batch-missing", f"The batch {header['batch']} is missing.", number)
            else:
                self.judge_batch(header, note, signature, data_of_batch)
        except Fault as fault:
            self.lawful = False
            self.fault(fault, number)
        self.head = b3(data)
        self.grow(leaf_hash(data))

    def judge_batch(self, header: Record, note: str, signature: Signature, data: bytes) -> None:
        """The batch of a block: its bytes, its author's signature, its laws, what follows from them, and its files."""
        number, laws = header["number"], self.laws
        demand(b3(data) == header["batch"], "hash", "The batch has another hash than its name.")
        batch, records, root = read_batch(data)
        told = (header["book"], header["record_root"], header["records"])
        demand(told == (batch["book"], root, len(records)), "chain", "Block and batch differ in book, root or count.")
        if self.lawful:
            author = laws.author(batch, records)
            check_signature(key_of(author["key"]), note, signature)
            laws.admit(batch, records, number, self.roots)
            first = [{"first": n, "period": month, "series": s} for (s, month), n in sorted(laws.first_numbers.items())]
            demand(first == header.get("numbers", []), "numbers", "The voucher numbers do not follow the last ones.")
            same = laws.balances_root(number) == header["balances_root"]
            demand(same, "balances", "The balances are not those of the entries up to here.")
            self.first_key = self.first_key or author["key"]
            if number == 0 and self.pin not in ("", self.first_key):
                self.find("key-not-pinned", f"The first member's key is {self.first_key}.", 0, 3, invalid=True)
            self.records += len(records)
            self.entries += sum(record["type"] == "entry" for record in records)
        for place, record in enumerate(records, start=1):
            for file in files_of(record):
                self.judge_file(file, number, place)

    def judge_file(self, file: Record, block: int, record: int) -> None:
        """A file that a record names: a missing one is a finding, one that differs makes the log INVALID."""
        data = self.read("attachment/" + file["b3"][3:], 64 << 20)
        if data is None:
            self.find("attachment-missing", f"The file {file['b3']} is missing.", block, record)
        elif b3(data) != file["b3"]:
            self.find("hash", f"The file {file['b3']} has another hash.", block, record, invalid=True)
        elif (len(data), s256(data)) != (file["bytes"], file.get("s256", s256(data))):
            self.find("attachment", f"The file {file['b3']} is not what the record says.", block, record, invalid=True)

    def judge_checkpoint(self, blocks: int) -> int:
        """The size up to which the log is signed."""
        checkpoint = self.checkpoint
        if checkpoint is None:
            self.find("checkpoint-missing", "There is no checkpoint.")
            return 0
        try:
            if isinstance(checkpoint, Fault):
                raise checkpoint
            size = checkpoint.size
            demand(checkpoint.origin == f"cloudbooks/{self.book}", "checkpoint", f"It is of {checkpoint.origin}.")
            demand(size <= blocks, "block-missing", f"The checkpoint speaks of {size} blocks, and {blocks} are here.")
            demand(
                checkpoint.root == self.roots[size], "checkpoint", f"It has not the root of the first {size} blocks."
            )
            if self.signers is None:
                return 0
            check_checkpoint(checkpoint, self.signers)
        except Fault as fault:
            self.fault(fault)
            return 0
        if size < blocks:
            self.find("checkpoint-behind", f"The checkpoint ends at {size} of {blocks} blocks.")
        return size

    def count_witnesses(self, blocks: int) -> int:
        """The largest size that a quorum of the witnesses cosigned, in the checkpoint or beside it (c2sp.md §3)."""
        seen: dict[Key, int] = {}
        if isinstance(self.checkpoint, Checkpoint) and self.checkpoint.size <= blocks:
            for signature in self.checkpoint.signatures:
                try:
                    self.count(seen, self.checkpoint.size, signature, blocks)
                except Fault as fault:
                    self.find("checkpoint", fault.text, invalid=True)
        for place in sorted(self.folder.glob("cosignature/*/*")):
            try:
                line = (self.read(str(place.relative_to(self.folder)), 4096) or b"").decode(errors="replace")
                signature = read_signature(line.removesuffix("\n"))
                demand(signature.id.hex() == place.name, "cosignature", "A cosignature is kept as another key's.")
                self.count(seen, int(place.parent.name), signature, blocks)
            except (Fault, ValueError) as fault:
                self.find("cosignature", str(fault))
        sizes = sorted(seen.values(), reverse=True)
        return sizes[self.quorum - 1] if 0 < self.quorum <= len(sizes) else 0

    def count(self, seen: dict[Key, int], size: int, signature: Signature, blocks: int) -> None:
        """Count a cosignature if it is by one of the witnesses."""
        for key in self.witnesses:
            if key.type == 4 and key[:2] == signature[:2]:
                demand(0 <= size <= blocks, "cosignature", f"{size} blocks were cosigned, and {blocks} are here.")
                time = int.from_bytes(signature.blob[:8])
                root = b64encode(self.roots[size]).decode()
                message = f"cosignature/v1\ntime {time}\ncloudbooks/{self.book}\n{size}\n{root}\n".encode()
                good = time < 2**63 and verifies(key.public, signature.blob[8:], message)
                demand(good, "cosignature", f'A cosignature of "{key.name}" does not verify.')
                seen[key] = max(size, seen.get(key, 0))

    def judge_names(self, blocks: int) -> None:
        """A block after a gap makes the log INVALID; a batch that no block names, and a name not of §6, are said."""
        kinds = (self.folder.glob(kind) for kind in ("*", "block/*", "batch/*", "attachment/*"))
        for place in (place for kind in kinds for place in sorted(kind)):
            name = place.relative_to(self.folder).as_posix()
            if re.fullmatch(BLOCK_NAME, name) and int(name[6:]) >= blocks:
                self.find("block-missing", f"Block {blocks} is missing, and there is {name}.", blocks, invalid=True)
            elif not re.fullmatch(NAMES, name) or (place.parent.name == "batch" and name not in self.named):
                self.find("stray", f'"{name}" belongs to no place in the log.', warning=True)


# §8: proofs ---------------------------------------------------------------------------------------------------------

N = "(?:0|[1-9][0-9]{0,15})"
OPENING = re.compile(rf"(?m)^(?=(?:block|line {N}|leaf {N} {N}|from [A-Za-z0-9+/]{{43}}=|checkpoint)$)")
TOP = re.compile(rf"cloudbooks/proof/v1\nproves (record|balances|growth) ({N}) ?(\S*)\nfirst ([^\n]+)\n")
TOTAL = r"(-?[0-9]+(?:\.[0-9]+)?)"
LEAF = re.compile(rf"([^|]+)\|([^|]+)\|{TOTAL}\|{TOTAL}\|{TOTAL}\|{TOTAL}\|([1-9][0-9]{{0,15}})\|[0-9a-f]{{32}}")


def descent(index: int, size: int) -> list[tuple[bool, int]]:
    """The steps from the root down to a leaf: whether it is on the left, and how many leaves are."""
    steps = []
    while size > 1:
        left = 1 << (size - 1).bit_length() - 1
        steps.append((index < left, left))
        index, size = (index, left) if index < left else (index - left, size - left)
    return steps


def check_path(leaf: bytes, place: tuple[int, int], path: list[bytes], root: bytes, what: str) -> None:
    """Demand that a path leads from a leaf, `place` of so many, to a root."""
    check_hash_path(leaf_hash(leaf), place, path, root, what)


def check_hash_path(hash_: bytes, place: tuple[int, int], path: list[bytes], root: bytes, what: str) -> None:
    """The same, from the hash of a leaf."""
    good = 0 <= place[0] < place[1] and all(len(step) == 32 for step in (hash_, root, *path))
    steps = descent(*place) if good else []
    for (is_left, _), sibling in zip(reversed(steps), path, strict=False):
        hash_ = node(hash_, sibling) if is_left else node(sibling, hash_)
    demand(
        good and len(path) == len(steps) and hash_ == root, "proof", f"The path of {what} does not lead to its root."
    )


def grown(old: int, size: int, proof: list[bytes], root: bytes, *, whole: bool = True) -> tuple[bytes, bytes]:
    """The roots of the older and the newer log that a consistency proof gives, when its hashes are used up exactly."""
    demand(0 < old <= size, "proof", "A log grows out of a smaller one that is not empty.")
    if old == size:
        rest = [root, *proof] if whole else proof
        demand(len(rest) == 1, "proof", "The consistency proof has a hash too many or too few.")
        return rest[0], rest[0]
    left = 1 << (size - 1).bit_length() - 1
    demand(proof, "proof", "The consistency proof has a hash too few.")
    if old <= left:
        before, after = grown(old, left, proof[:-1], root, whole=whole)
        return before, node(after, proof[-1])
    before, after = grown(old - left, size - left, proof[:-1], root, whole=False)
    return node(proof[-1], before), node(proof[-1], after)


class Proof:
    """A proof file, checked section by section; `facts` say what it shows."""

    def __init__(self, data: bytes, pin: str) -> None:
        top, *parts = OPENING.split(data.decode(errors="replace")) if len(data) <= 4 << 20 else [""]
        found = TOP.fullmatch(top)
        kinds = " ".join(re.split("[ \n]", part, maxsplit=1)[0] for part in parts)
        order = re.fullmatch("(block( line)*( leaf)*)( block( line)*( leaf)*)*( from)? checkpoint", kinds)
        if not found or not order or (found[1] == "growth") != bool(order[7]) or "\ufffd" in "".join(parts):
            raise Fault("proof", "It is not written as a proof is.")
        self.kind, self.number, self.what, first = found[1], int(found[2]), found[3], found[4]
        demand(pin in ("", first), "key-not-pinned", f"It begins with the key {first}.")
        key = key_of(first)
        self.book = key.name.removeprefix("cloudbooks/")
        self.checkpoint = read_checkpoint(parts.pop().partition("\n")[2].encode())
        demand(self.checkpoint.origin == key.name and key.type == 1, "proof", "Its keys are of another book.")
        self.keys: dict[bytes, tuple[Key, Record]] = {key.id: (key, {})}
        self.signer = key
        self.header: Record = {}
        self.author: Record = {}
        self.last = self.line = -1
        self.path: list[bytes] = []
        self.claimed: Record = {}
        self.others: dict[str, Record] = {}
        self.totals: list[Record] = []
        self.facts: Record = {
            "proves": f"{self.kind} {self.number} {self.what}".strip(),
            "book": self.book,
            "first_key": first,
        }
        for part in parts:
            opening, *lines = part.removesuffix("\n").split("\n")
            word, *numbers = opening.split(" ")
            demand(part.endswith("\n") and (lines or word == "from"), "proof", "A section is cut off.")
            getattr(self, f"take_{word}")(numbers, lines)
        self.conclude()

    def hashes(self, lines: list[str]) -> list[bytes]:
        """The hashes of a path, one a line."""
        path = [base64_strictly(line) for line in lines]
        demand(all(len(step) == 32 for step in path), "proof", "A path is no list of hashes.")
        return path

    def take_block(self, _: list[str], lines: list[str]) -> None:
        """A block: its place in the log, and its author's signature by a key that is known by now."""
        demand(len(lines) > 1, "proof", "A section is cut off.")
        head = read_header(lines[0].encode(), "block")
        note = f"cloudbooks/batch/v1\n{head['book']}\n{head['batch']}\n{head['record_root']}\n"
        data = f"{lines[0]}\n{note}\n{lines[1]}\n".encode()
        self.header, text, signature = read_block(data)
        number, size = self.header["number"], self.checkpoint.size
        demand(self.last < number < size and self.header["book"] == self.book, "proof", "Its blocks are out of order.")
        pairs = zip(descent(number, size), descent(self.last, size) if self.last >= 0 else [], strict=False)
        shared = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
        self.path = self.hashes(lines[2:]) + self.path[len(self.path) - shared :]
        self.last, self.line = number, 0
        check_path(data, (number, size), self.path, self.checkpoint.root, f"block {number}")
        demand(signature.id in self.keys, "proof", f"Block {number} is by nobody whom it declares.")
        key, self.author = self.keys[signature.id]
        check_signature(key, text, signature)
        if number == self.number - (self.kind == "growth"):
            self.facts["block"] = {"number": number, "hash": b3(data), "committed_at": self.header["committed_at"]}
            self.signer = key

    def take_line(self, numbers: list[str], lines: list[str]) -> None:
        """A record: its place in the batch, and whether its author had the right to it."""
        place, line, number = int(numbers[0]), lines[0].encode(), self.header["number"]
        demand(place > self.line, "proof", "Its lines are out of order.")
        self.line = place
        root = bytes.fromhex(self.header["record_root"][5:])
        check_path(line, (place - 1, self.header["records"]), self.hashes(lines[1:]), root, f"record {place}")
        record = read_record(line, self.book)
        word = record["type"]
        if self.author:
            own = word == "member" and record["id"] == self.author["id"]
            own = own and s256(record["key"].encode()) == self.author.get("next_key")
            right = own or RIGHTS[word] in self.author["rights"]
            demand(right, "proof", "The author had no right to a record that is shown.")
        is_claimed = (self.kind, self.number, self.what) == ("record", number, str(place))
        if is_claimed:
            self.claimed = record
        if word == "member" and "revoked" not in record:
            key = key_of(record["key"])
            self.keys[key.id] = (key, record)
        elif word == "account":
            self.others[record["id"]] = record
        else:
            demand(is_claimed, "proof", "It holds a record that has no part in what it claims.")

    def take_leaf(self, numbers: list[str], lines: list[str]) -> None:
        """A balance leaf of the account that is claimed."""
        root = bytes.fromhex(self.header["balances_root"][5:])
        check_path(lines[0].encode(), (int(numbers[0]), int(numbers[1])), self.hashes(lines[1:]), root, "a balance")
        found = LEAF.fullmatch(lines[0])
        mine = found and (self.kind, self.what, self.number) == ("balances", found[1], self.header["number"])
        if not found or not mine or (self.totals and found[2] <= self.totals[-1]["commodity"]):
            raise Fault("proof", "It holds a balance that has no part in what it claims.")
        names = ("commodity", "debit", "credit", "debit_value", "credit_value", "postings")
        self.totals.append(dict(zip(names, found.groups()[1:], strict=True)))

    def take_from(self, older: list[str], lines: list[str]) -> None:
        """Growth: the log of the older root is the beginning of this one."""
        root, *proof = self.hashes([*older, *lines])
        both = grown(self.number, self.checkpoint.size, proof, root)
        demand(both == (root, self.checkpoint.root), "proof", "It does not show that the log only grew.")
        self.facts["old_root"] = "s256:" + root.hex()

    def conclude(self) -> None:
        """What is claimed is there, and author and a signer of the checkpoint are members that are shown."""
        lines = self.claimed["lines"] if self.claimed.get("type") == "entry" else []
        named = {line["account"] for line in lines} | {self.claimed.get("id"), self.what}
        whole = bool(self.claimed) == (self.kind == "record") and bool(self.totals) == (self.kind == "balances")
        whole = whole and self.others.keys() <= named and (self.kind != "balances" or self.what in self.others)
        demand(whole and "block" in self.facts, "proof", "It does not hold what it claims, or holds more.")
        author = self.keys[self.signer.id][1]
        demand(author, "proof", "It does not show that the author was a member.")
        members = [member for _, member in self.keys.values() if member]
        check_checkpoint(self.checkpoint, members)
        labels = {signature.id for signature in self.checkpoint.signatures}
        signers = [member["name"] for key, member in self.keys.values() if member and key.id in labels]
        log = {"size": self.checkpoint.size, "root": "s256:" + self.checkpoint.root.hex(), "signers": signers}
        self.facts |= {"author": author["name"], "checkpoint": log, "record": self.claimed or None}
        self.facts |= {"accounts": list(self.others.values()), "totals": self.totals}


def shown(text: str) -> str:
    """A text from outside, without what a terminal would obey."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)


def say(verdict: Record) -> None:
    """Print the facts as `cloudbooks verify` does."""
    blocks = verdict["blocks"]
    whole = verdict["consistent"] == blocks
    said = "Valid." if whole else "Incomplete: blocks are missing or not understood."
    print(said if verdict["valid"] else "INVALID: see the findings.")
    for fact in ("consistent", "signed", "witnessed"):
        declared = f"; the first key is self-declared: --pin {verdict['first_key']}"
        more = declared if fact == "signed" and verdict["self_declared"] else ""
        print(f"{fact:<11} {verdict[fact] or 0} of {blocks} blocks{more}")
    print(f"{verdict['entries']} entries in {verdict['records']} records")
    if verdict["head"]:
        print(f"head  block {verdict['head']['number']}  {verdict['head']['hash']}")
    for finding in verdict["findings"]:
        where = ", ".join(f"{word} {finding[word]}" for word in ("block", "record") if finding[word] is not None)
        kind = "warning" if finding.get("warning") else "finding"
        print(shown(f"{kind}[{finding['code']}]: {where or 'log'}: {finding['message']}"))


def files_of(record: Record) -> list[Record]:
    """The files that a record names, with what it says of them."""
    rules = [{"b3": record["digest"], "bytes": record["bytes"]}] if record["type"] == "rules" else []
    return [*record.get("attachments", []), *filter(None, [record.get("file")]), *rules]


def main_proof(path: Path, pin: str, *, as_json: bool) -> int:
    """Check a proof file, and say what it shows."""
    try:
        facts = Proof(path.read_bytes(), pin).facts | {"self_declared": not pin}
    except Fault as fault:
        facts = {"findings": [{"code": fault.code, "message": fault.text}]}
    if as_json:
        print(json.dumps(facts))
    elif "findings" in facts:
        print(shown(f"{path.name} proves nothing: {facts['findings'][0]['message']}"))
    else:
        for name, fact in facts.items():
            print(shown(f"{name:<13} {fact if isinstance(fact, str) else encode(fact).decode()}"))
        print("It shows that the members were declared, not that none was revoked since.")
    return 4 if "findings" in facts else 0


def main_pack(folder: Path, pin: str, *, as_json: bool) -> int:
    """Check every proof of an audit pack, and every file that the proven records name."""
    findings: list[Record] = []
    proven, files, heads = 0, set(), set()
    for place in sorted(folder.rglob("*.proof")):
        name = place.relative_to(folder).as_posix()
        try:
            facts = Proof(place.read_bytes(), pin).facts
            heads.add((facts["book"], facts["first_key"], encode(facts["checkpoint"]).decode()))
            proven += 1
            for file in files_of(facts["record"] or {"type": ""}):
                there = folder / "attachment" / file["b3"][3:]
                demand(there.is_file(), "attachment-missing", f"The file {file['b3']} is not in the pack.")
                data = there.read_bytes()
                said = (b3(data), len(data), s256(data)) == (file["b3"], file["bytes"], file.get("s256", s256(data)))
                demand(said, "attachment", f"The file {file['b3']} is not what the record says of it.")
                files.add(file["b3"])
        except Fault as fault:
            findings.append({"code": fault.code, "where": name, "message": fault.text})
    if len(heads) > 1:
        findings.append({"code": "proof", "where": ".", "message": "The proofs are not of one book and one head."})
    books = [dict(zip(("book", "first_key", "checkpoint"), head, strict=True)) for head in sorted(heads)]
    if as_json:
        print(json.dumps({"proofs": proven, "files": len(files), "heads": books, "findings": findings}))
    else:
        print(f"{proven} proofs hold, and {len(files)} files are those that their records name.")
        for name, fact in ((name, fact) for book in books for name, fact in book.items()):
            declared = (
                "" if pin or name != "first_key" else "  (self-declared: ask the firm for it, and give it with --pin)"
            )
            print(shown(f"{name:<13} {fact}{declared}"))
        for finding in findings:
            print(shown(f"finding[{finding['code']}]: {finding['where']}: {finding['message']}"))
    broken = [finding for finding in findings if finding["code"] != "attachment-missing"]
    return 4 if broken else int(bool(findings))


def main() -> int:
    """Read the command line, verify, and say what holds; gives the exit status."""
    parser = argparse.ArgumentParser(description="Verify an exported folder of CloudBooks, or a proof file.")
    parser.add_argument("path", type=Path)
    parser.add_argument("--pin", default="", metavar="VKEY", help="the first member's verifier key")
    parser.add_argument("--witness", action="append", default=[], metavar="VKEY", help="a witness that you trust")
    parser.add_argument("--quorum", type=int, default=0, help="how many of the witnesses must have cosigned")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    try:
        witnesses = [key_of(witness) for witness in options.witness]
        pin = options.pin and str(options.pin if key_of(options.pin) else "")
    except Fault as fault:
        parser.error(fault.text)
    if options.path.is_file():
        return main_proof(options.path, pin, as_json=options.json)
    if not (options.path / "block").is_dir() and any(options.path.rglob("*.proof")):
        return main_pack(options.path, pin, as_json=options.json)
    if not options.path.is_dir():
        parser.error(f"{options.path} is neither a folder nor a file")
    verdict = Folder(options.path, pin, witnesses, options.quorum).verdict()
    if options.json:
        print(json.dumps(verdict))
    else:
        say(verdict)
    found = any(not finding.get("warning") for finding in verdict["findings"])
    return 4 if not verdict["valid"] else int(found or verdict["consistent"] < verdict["blocks"])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except OSError as error:
        print(shown(f"verify.py: {error}"), file=sys.stderr)
        sys.exit(2)
