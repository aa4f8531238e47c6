"""Check a CloudBooks log, proof or audit pack without CloudBooks. Written from docs/format.md (§) and docs/c2sp.md.

python3 verify.py FOLDER --pin VKEY      a folder that `cloudbooks chain export` wrote
python3 verify.py x.proof --pin VKEY     a proof that `cloudbooks chain prove` wrote
python3 verify.py PACK --pin VKEY        an unpacked audit pack: all of its proofs, and the files that they name

It needs the package `blake3`, and for signatures the package `cryptography` or the program `openssl`.
Exit status: 0 all is well, 1 incomplete or something to look at, 2 wrong usage, 4 INVALID.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import re
import shutil
import subprocess
import sys
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from itertools import count, pairwise
from pathlib import Path
from typing import Any, NamedTuple

from blake3 import blake3

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:  # the program openssl takes its place
    Ed25519PublicKey = None  # type: ignore[assignment,misc]  # asked for before each use

Fields = dict[str, Any]


class Fault(Exception):
    """Something that the format refuses: its code in the table of §7, and the record of the batch, if it is one's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.record: int | None = None


def need(holds: object, code: str, message: str) -> None:
    """Refuse what does not hold."""
    if not holds:
        raise Fault(code, message)


# Digests, trees and signatures: §§1 and 3, c2sp.md §8.


def b3(data: bytes) -> str:
    """BLAKE3-256, as the format writes it."""
    return "b3:" + blake3(data).hexdigest()


def s256(data: bytes) -> str:
    """SHA-256, as the format writes it."""
    return "s256:" + hashlib.sha256(data).hexdigest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf (RFC 6962)."""
    return hashlib.sha256(b"\0" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees (RFC 6962)."""
    return hashlib.sha256(b"\1" + left + right).digest()


def tree(hashes: list[bytes]) -> bytes:
    """The root over leaf hashes: level by level, the odd one out goes up as it is."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    while len(hashes) > 1:
        pairs = [node(*pair) for pair in zip(hashes[::2], hashes[1::2], strict=False)]
        hashes = pairs + hashes[2 * len(pairs) :]
    return hashes[0]


class GrowingTree:
    """The log's tree, of which each size's root is known."""

    def __init__(self) -> None:
        self.peaks: list[tuple[int, bytes]] = []
        self.roots = [tree([])]

    def add(self, leaf: bytes) -> None:
        """One leaf more: full subtrees of one size become one."""
        size = 1
        while self.peaks and self.peaks[-1][0] == size:
            leaf = node(self.peaks.pop()[1], leaf)
            size *= 2
        self.peaks.append((size, leaf))
        root = leaf
        for _, left in reversed(self.peaks[:-1]):
            root = node(left, root)
        self.roots.append(root)


def left_part(size: int) -> int:
    """The largest power of two smaller than a size."""
    return 1 << (size - 1).bit_length() - 1


def turns(index: int, size: int) -> list[bool]:
    """The way from the root down to a leaf, `True` to the left."""
    way = []
    while size > 1:
        part = left_part(size)
        way.append(index < part)
        index, size = (index, part) if index < part else (index - part, size - part)
    return way


def root_of_path(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root to which an inclusion path leads."""
    need(0 <= index < size < 2**63, "proof", f"There is no leaf {index} of {size}.")
    way = turns(index, size)
    need(len(way) == len(path) and all(len(step) == 32 for step in path), "proof", "The path has another length.")
    for left, step in zip(reversed(way), path, strict=True):
        leaf = node(leaf, step) if left else node(step, leaf)
    return leaf


def roots_of_growth(old: int, new: int, path: list[bytes], root: bytes) -> tuple[bytes, bytes]:
    """The roots of both sizes to which a consistency proof leads; `root` is the old one, as it was given."""
    need(0 < old <= new < 2**63 and all(len(step) == 32 for step in path), "proof", "These are no sizes of a growth.")

    def below(old: int, new: int, path: list[bytes], *, whole: bool) -> tuple[bytes, bytes]:
        if old == new:
            need(len(path) == (0 if whole else 1), "proof", "The proof of growth has another length.")
            return (root, root) if whole else (path[0], path[0])
        need(path, "proof", "The proof of growth is too short.")
        part = left_part(new)
        if old <= part:
            small, large = below(old, part, path[:-1], whole=whole)
            return small, node(large, path[-1])
        small, large = below(old - part, new - part, path[:-1], whole=False)
        return node(path[-1], small), node(path[-1], large)

    return below(old, new, path, whole=True)


PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
SMALL_ORDER = {0, 1, PRIME - 1, ORDER_8, PRIME - ORDER_8}  # of these y, whatever the sign of x
SPKI = bytes.fromhex("302a300506032b6570032100")  # what stands before an Ed25519 key in DER


def y_of(point: bytes) -> int | None:
    """The y of 32 bytes in canonical form, that is no point of small order."""
    y = int.from_bytes(point, "little") & 2**255 - 1
    return y if len(point) == 32 and y < PRIME and y not in SMALL_ORDER else None


@lru_cache(1000)
def is_sound_point(point: bytes) -> bool:
    """Whether this is a point of the curve besides (RFC 8032 §5.1.3)."""
    y = y_of(point)
    if y is None:
        return False
    d = -121665 * pow(121666, -1, PRIME)
    return pow((y * y - 1) * pow(d * y * y + 1, -1, PRIME), (PRIME - 1) // 2, PRIME) == 1


def verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether an Ed25519 signature holds, judged strictly (§3)."""
    if len(signature) != 64 or int.from_bytes(signature[32:], "little") >= ORDER:
        return False
    # That R is on the curve follows from the equation: its canonical form is compared byte by byte.
    if y_of(signature[:32]) is None or not is_sound_point(public):
        return False
    if Ed25519PublicKey is None:
        files = {"key": SPKI + public, "message": message, "signature": signature}
        return openssl("pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in message -sigfile signature", files)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def openssl(command: str, files: dict[str, bytes]) -> bool:
    """Whether the program openssl says yes, in a folder with these files."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            Path(folder, name).write_bytes(data)
        run = subprocess.run(["openssl", *command.split()], cwd=folder, capture_output=True, check=False)
        return run.returncode == 0


# Canonical text: §1.

KEY = re.compile(r"[a-z][a-z0-9_]*")
FORBIDDEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f-\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\u3164\ud800-\udfff"
    r"\ufdd0-\ufdef\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
    + "".join(rf"\U{plane:04x}fffe\U{plane:04x}ffff" for plane in range(17))
    + "]"
)


def encoded(said: Any) -> bytes:
    """The canonical text of something."""
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def is_plain(value: Any, level: int = 1) -> bool:
    """Whether a value is one of those that canonical text can hold."""
    if isinstance(value, dict):
        return value != {} and level <= 6 and all(KEY.fullmatch(k) and is_plain(v, level + 1) for k, v in value.items())
    if isinstance(value, list):
        return value != [] and level <= 6 and all(is_plain(item, level + 1) for item in value)
    if isinstance(value, str):
        return value != "" and not FORBIDDEN.search(value)
    return value is True or whole(-(2**53) + 1, 2**53 - 1)(value)


def check_lengths(value: Any, most: int = 4096) -> None:
    """Texts have at most 4096 bytes, and 32 as a series."""
    if isinstance(value, str):
        need(len(value.encode()) <= most, "limit", f"A text has more than {most} bytes.")
    elif isinstance(value, dict):
        for name, item in value.items():
            check_lengths(item, 32 if name == "series" else 4096)
    elif isinstance(value, list):
        for item in value:
            check_lengths(item, most)


def read_object(line: bytes, *, versioned: bool = False) -> Fields:
    """The object of a line without its LF: length, version, canonical text, lengths of texts."""
    need(len(line) < 2**20, "limit", "A line has more than 1 MiB.")
    try:
        said = json.loads(line.decode())
        if versioned and isinstance(said, dict) and whole(None)(version := said.get("version")):
            need(version == 1, "not-understood", f"This is version {version} of the format.")
        sound = isinstance(said, dict) and is_plain(said) and encoded(said) == line
    except (ValueError, RecursionError):  # no UTF-8, no JSON, or too deep to be read at all
        sound = False
    need(sound, "canonical", "A line is not in canonical form.")
    check_lengths(said)
    return dict(said)


# Schema: §§2 to 4. A kind ends in `?` where the field is optional, in `+` for a list, in `*` for an optional one.

SHAPES_WRITTEN = {
    "batch": "author:text base:base? book:id id:id made_at:instant program:text records:count type:is_batch version:count",
    "base": "root:s256 size:size",
    "block": "balances_root:s256 batch:b3 book:id committed_at:instant number:size numbers:number* previous:b3? "
    "record_root:s256 records:count type:is_block version:count",
    "number": "first:count period:period series:text",
    "book": "salt:salt name:text base:code created_at:instant blind:salt fiscal_year_start:month jurisdiction:text? "
    "chart:text? tax_id:text? separate_duties:true?",
    "member": "salt:salt name:text key:text rights:right+ next_key:s256? revoked:true?",
    "commodity": "salt:salt code:code scale:scale name:text?",
    "account": "salt:salt code:text name:text kind:kind class:text? parent:text? commodity:code? dimensions:demand* "
    "closed:true?",
    "party": "salt:salt name:text kinds:text* tax_id:text? closed:true?",
    "rules": "name:text digest:b3 bytes:size",
    "statement": "account:text commodity:code file:file profile:text first:date last:date lines:count opening:amount? "
    "closing:amount?",
    "entry": "date:date series:text summary:text lines:line+ tags:text* attachments:file* source:source? reverses:text? "
    "replaces:text? kind:entry_kind? made_by:text approvals:approval*",
    "price": "date:date commodity:code base:code rate:rate",
    "note": "at:instant text:text about:text?",
    "close": "period:period reason:text?",
    "reopen": "period:period reason:text",
    "line": "account:text commodity:code amount:amount value:amount? red:true? party:text? text:text? tax:text? "
    "dimensions:dimension* settles:text*",
    "dimension": "name:text value:text",
    "file": "b3:b3 s256:s256 bytes:size media:text name:text",
    "source": "kind:source_kind ref:text? rule:text? rules:text?",
    "approval": "by:text at:instant signature:signature",
}
RIGHT_FOR = {"book": "admin", "member": "admin", "close": "close", "reopen": "close"}
RIGHT_FOR |= dict.fromkeys(("commodity", "account", "party", "rules", "statement", "entry", "price", "note"), "post")
STATES = {"book", "member", "commodity", "account", "party"}
ASCENDING: dict[str, Callable[[Any], Any]] = {
    "right": lambda item: item,
    "demand": lambda item: item,
    "approval": lambda item: item["by"],
    "dimension": lambda item: item["name"],
    "number": lambda item: (item["series"], item["period"]),
}


def matches(pattern: str) -> Callable[[Any], bool]:
    """A test whether something is a text of this form."""
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def whole(least: int | None, most: int | None = None) -> Callable[[Any], bool]:
    """A test whether something is a whole number in these bounds."""
    return lambda value: type(value) is int and (least is None or value >= least) and (most is None or value <= most)


def word_of(words: str) -> Callable[[Any], bool]:
    """A test whether something is one of these words."""
    return lambda value: isinstance(value, str) and value in words.split()


def is_date(value: Any) -> bool:
    """Whether this is a day of the calendar."""
    try:
        return matches(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")(value) and date.fromisoformat(value) is not None
    except ValueError:
        return False


def is_base64(value: Any, length: int) -> bool:
    """Whether this is the one base64 text of so many bytes."""
    try:
        data = b64decode(value, validate=True)
        return len(data) == length and b64encode(data).decode() == value
    except (ValueError, TypeError):
        return False


TIME = r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
NUMBER = r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?"
KINDS: dict[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "demand": lambda value: isinstance(value, str),
    "true": lambda value: value is True,
    "id": matches(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
    "b3": matches("b3:[0-9a-f]{64}"),
    "s256": matches("s256:[0-9a-f]{64}"),
    "salt": matches("[0-9a-f]{32}"),
    "code": matches(r"[A-Z][A-Z0-9._-]{0,23}"),
    "amount": matches(rf"(?!-0(?:\.0*)?$)-?{NUMBER}"),
    "rate": matches(r"(?=.*[1-9])(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{0,11}[1-9])?"),
    "date": is_date,
    "period": lambda value: matches(r"[0-9]{4}-[0-9]{2}")(value) and is_date(f"{value}-01"),
    "instant": lambda value: isinstance(value, str) and is_date(value[:10]) and matches(TIME)(value[10:]),
    "size": whole(0),
    "count": whole(1),
    "scale": whole(0, 12),
    "month": whole(1, 12),
    "signature": lambda value: is_base64(value, 64),
    "is_batch": word_of("batch"),
    "is_block": word_of("block"),
    "right": word_of("admin approve close post"),
    "kind": word_of("asset equity expense income liability"),
    "entry_kind": word_of("closing opening revaluation"),
    "source_kind": word_of("close manual migration reversal rule statement"),
}


class Field(NamedTuple):
    """A field of a shape: a kind or another shape, whether it is a list of them, and whether it may be absent."""

    kind: str
    many: bool
    optional: bool


def shape_of(written: str) -> dict[str, Field]:
    """The fields of a shape as it is written above."""
    pairs = (item.split(":") for item in written.split())
    return {name: Field(kind.rstrip("?+*"), kind[-1] in "+*", kind[-1] in "?*") for name, kind in pairs}


SHAPES = {name: shape_of(written) for name, written in SHAPES_WRITTEN.items()}
for record_type in RIGHT_FOR:
    SHAPES[record_type] |= {"type": Field("text", many=False, optional=False), "id": Field("id", many=False, optional=False)}


def check_shape(said: Any, shape: str) -> None:
    """Fields of an object: none unknown, none missing, each of its kind, lists in their order."""
    fields = SHAPES[shape]
    need(isinstance(said, dict), "schema", f"A {shape} is an object.")
    unknown = said.keys() - fields.keys()
    need(not unknown, "schema", f"A {shape} has no field {min(unknown, default='')}.")
    for name, (kind, many, optional) in fields.items():
        if name not in said:
            need(optional, "schema", f"A {shape} has the field {name}.")
            continue
        items = said[name] if many else [said[name]]
        need(isinstance(items, list), "schema", f"{name} of a {shape} is a list.")
        for item in items:
            if kind in SHAPES:
                check_shape(item, kind)
            else:
                need(KINDS[kind](item), "schema", f"{name} of a {shape} is no {kind}.")
        order = [ASCENDING[kind](item) for item in items] if kind in ASCENDING else []
        need(all(a < b for a, b in pairwise(order)), "schema", f"{name} of a {shape} is not in ascending order.")


# Keys and signed notes: c2sp.md §§1 to 3.


class Vkey(NamedTuple):
    """A verifier key: name, key id, type, public key."""

    name: str
    id: bytes
    type: int
    public: bytes


class Signature(NamedTuple):
    """A line of a signed note: name, key id, and what follows the id."""

    name: str
    id: bytes
    blob: bytes


class Note(NamedTuple):
    """A signed note: its text with its last LF, and its signatures."""

    text: str
    signatures: list[Signature]


class Checkpoint(NamedTuple):
    """A checkpoint, and the note that it was read from."""

    origin: str
    size: int
    root: bytes
    note: Note


def is_name(name: str) -> bool:
    """Whether a key may have this name."""
    return name != "" and "+" not in name and not any(letter.isspace() for letter in name)


@lru_cache(1000)
def key_of(text: str) -> Vkey:
    """The key that a vkey says."""
    name, _, rest = text.partition("+")
    digits, _, written = rest.partition("+")
    try:
        data = b64decode(written, validate=True)
        public = data[1:]
        id_ = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
        sound = {1: 32, 4: 32, 6: 1312}.get(data[0]) == len(public) and b64encode(data).decode() == written
    except (ValueError, IndexError):
        raise Fault("schema", "A text is no verifier key.") from None
    need(sound and is_name(name) and id_.hex() == digits, "schema", "A text is no verifier key.")
    return Vkey(name, id_, data[0], public)


def read_signature(line: str) -> Signature:
    """A signature line without its LF."""
    dash, _, rest = line.partition(" ")
    name, _, written = rest.partition(" ")
    try:
        data = b64decode(written, validate=True)
    except ValueError:
        data = b""
    sound = dash == "\u2014" and is_name(name) and len(data) > 4 and b64encode(data).decode() == written
    need(sound, "note", "A line of a note is no signature.")
    return Signature(name, data[:4], data[4:])


def read_note(data: bytes) -> Note:
    """A signed note, split at its last empty line."""
    try:
        text, _, lines = data.decode().rpartition("\n\n")
    except UnicodeDecodeError:
        raise Fault("note", "A note is not UTF-8.") from None
    plain = not re.search(r"[\x00-\x09\x0b-\x1f]", text + lines)
    need(len(data) <= 2**20 and plain and lines.endswith("\n"), "note", "This is no signed note.")
    signatures = lines[:-1].split("\n")
    need(len(signatures) <= 64, "note", "A note has more than 64 signatures.")
    return Note(text + "\n", [read_signature(line) for line in signatures])


def check_signature(key: Vkey, text: str, signature: Signature) -> None:
    """Refuse a note's signature that does not verify by this key, as a signer (01) or as a witness (04)."""
    message, blob = text.encode(), signature.blob
    if key.type == 4:
        time = int.from_bytes(blob[:8])
        message, blob = f"cosignature/v1\ntime {time}\n{text}".encode(), blob[8:] if time < 2**63 else b""
    same = (signature.name, signature.id) == (key.name, key.id)
    need(same and verifies(key.public, blob, message), "signature", f"A signature by {key.name} does not verify.")


def signers(note: Note, keys: Iterable[Vkey]) -> list[Vkey]:
    """Whose signatures a note bears. Unknown ones are skipped, and so are keys of type 06; a wrong one refuses it."""
    known = {(key.name, key.id): key for key in keys if key.type != 6}
    found = [(known[one[:2]], one) for one in note.signatures if one[:2] in known]
    for key, signature in found:
        check_signature(key, note.text, signature)
    return [key for key, _ in found]


def read_checkpoint(data: bytes) -> Checkpoint:
    """A checkpoint of three lines (§5)."""
    try:
        note = read_note(data)
    except Fault as fault:
        raise Fault("checkpoint", f"The checkpoint: {fault}") from None
    origin, size, root, *more = [*note.text.split("\n"), "", ""]
    need(more == ["", "", ""] and origin != "", "checkpoint", "A checkpoint has three lines.")
    need(re.fullmatch("0|[1-9][0-9]{0,18}", size) and int(size) < 2**63, "checkpoint", "The size is no number.")
    need(is_base64(root, 32), "checkpoint", "The root of the checkpoint is no hash.")
    return Checkpoint(origin, int(size), b64decode(root), note)


# Records, batches and blocks: §§2 to 4.


def read_record(line: bytes, book: str) -> Fields:
    """A record of a book, from its line without LF."""
    said = read_object(line)
    kind = said.get("type")
    need(isinstance(kind, str), "schema", "A record has a type.")
    need(kind in RIGHT_FOR, "not-understood", f"A record of the type {kind} is not known here.")
    check_shape(said, str(kind))
    if kind == "member":
        key = key_of(said["key"])
        sound = (key.type, key.name) == (1, f"cloudbooks/{book}") and is_sound_point(key.public)
        need(sound, "schema", "The key of a member is no sound Ed25519 key of this book.")
    if kind == "statement":
        need(said["first"] <= said["last"], "schema", "A statement ends before it begins.")
    return said


class Batch(NamedTuple):
    """A batch: its header, its records, their root and its hash."""

    header: Fields
    records: list[Fields]
    root: str
    hash: str


def read_batch(data: bytes) -> Batch:
    """A batch file (§3)."""
    need(len(data) <= 2**26, "limit", "A batch has more than 64 MiB.")
    need(data.endswith(b"\n"), "canonical", "The last line of a batch has no end.")
    first, *lines = data[:-1].split(b"\n")
    need(len(lines) <= 1_000_000, "limit", "A batch has more than a million records.")
    header = read_object(first, versioned=True)
    check_shape(header, "batch")
    need(len(lines) == header["records"], "schema", f"A batch has {len(lines)} records, and says {header['records']}.")
    records = []
    for place, line in enumerate(lines, 1):
        with of_record(place):
            records.append(read_record(line, header["book"]))
    return Batch(header, records, "s256:" + tree(list(map(leaf_hash, lines))).hex(), b3(data))


@contextmanager
def of_record(place: int) -> Iterator[None]:
    """What is refused in here is refused at this record."""
    try:
        yield
    except Fault as fault:
        fault.record = place
        raise


def author_text(header: Fields) -> str:
    """What the author of a block signed (§3)."""
    return "\n".join(("cloudbooks/batch/v1", header["book"], header["batch"], header["record_root"], ""))


def read_block(data: bytes) -> tuple[Fields, Signature]:
    """The header of a block file, and its author's signature (§4)."""
    need(len(data) <= 2**15, "limit", "A block has more than 32 KiB.")
    first, end, rest = data.partition(b"\n")
    need(end, "canonical", "The first line of a block has no end.")
    header = read_object(first, versioned=True)
    need(len(header.get("numbers", ())) <= 200, "limit", "A block gives more than 200 first numbers.")
    check_shape(header, "block")
    note = read_note(rest)
    need(note.text == author_text(header), "note", "The author's note is about something else.")
    need(len(note.signatures) == 1, "note", "The author's note has more than one signature.")
    return header, note.signatures[0]


class File(NamedTuple):
    """A file that a record names."""

    b3: str
    s256: str | None
    bytes: int


def files_of(record: Fields) -> Iterator[File]:
    """The files that a record names."""
    if record["type"] == "rules":
        yield File(record["digest"], None, record["bytes"])
    for said in [*record.get("attachments", ()), *filter(None, [record.get("file")])]:
        yield File(said["b3"], said["s256"], said["bytes"])


def check_file(file: File, data: bytes | None) -> None:
    """Refuse a file that is not what its record says (§7)."""
    if data is None:
        raise Fault("attachment-missing", f"The file {file.b3} is not here.")
    need(b3(data) == file.b3, "hash", f"The file {file.b3} has another hash than its name.")
    same = len(data) == file.bytes and file.s256 in (None, s256(data))
    need(same, "attachment", f"The file {file.b3} is not what the record says of it.")


def minor(text: str, scale: int) -> int:
    """An amount in the smallest unit of its commodity (§1)."""
    digits, point, decimals = text.lstrip("-").partition(".")
    sound = len(decimals) == scale and bool(point) == (scale > 0) and len(digits + decimals) <= 18
    need(sound, "amount", f"{text[:40]} is no amount with {scale} decimals and at most 18 digits.")
    return int(text.replace(".", ""))


def amount_text(units: int, scale: int) -> str:
    """An amount as the format writes it."""
    digits = f"{abs(units):0{scale + 1}}"
    return "-" * (units < 0) + (f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits)


# The laws: §2.1. Each is asked in the order of §7.

FIXED = {"book": ("base", "created_at", "blind"), "commodity": ("code", "scale"), "account": ("kind",)}


class Row(NamedTuple):
    """A line of an entry, in minor units."""

    account: str
    commodity: str
    amount: int
    value: int
    red: bool


class Ledger:
    """What the laws must know of the log so far. After a fault it is of no more use."""

    def __init__(self) -> None:
        self.types: dict[str, str] = {}  # of every id, batches included
        self.states: dict[str, Fields] = {}  # what was last stated under an id
        self.entries: dict[str, Fields] = {}
        self.statements: dict[str, Fields] = {}
        self.scales: dict[str, int] = {}
        self.open_codes: dict[str, str] = {}
        self.holders: dict[bytes, str] = {}
        self.salts: set[str] = set()
        self.reversed: set[str] = set()
        self.settled: set[str] = set()
        self.posted: set[str] = set()
        self.closed: list[str] = []
        self.last_numbers: dict[tuple[str, str], int] = {}
        self.sums: dict[tuple[str, str], list[int]] = {}
        self.leaves: dict[tuple[str, str], bytes] = {}
        self.book = self.author = ""
        self.rights: list[str] = []
        self.own_key_stated = False

    def keys(self) -> dict[Vkey, str]:
        """The keys of members who are not revoked, and whose they are."""
        members = (said for said in self.states.values() if said["type"] == "member" and not said.get("revoked"))
        return {key_of(said["key"]): said["id"] for said in members}

    def admit(self, block: Fields, signature: Signature, batch: Batch, roots: list[bytes]) -> None:
        """Refuse a batch that breaks a law, or of which its block says something that is not so."""
        header = batch.header
        author = self.first_author(batch) if block["number"] == 0 else self.states.get(header["author"], {})
        sound = author.get("type") == "member" and not author.get("revoked")
        need(sound, "law.rights", "The author is no member, or is revoked.")
        self.author, self.rights, self.own_key_stated = header["author"], author["rights"], False
        check_signature(key_of(author["key"]), author_text(block), signature)
        check_base(header.get("base"), block["number"], roots)
        need(header["id"] not in self.types, "law.once", "The id of the batch was used before.")
        self.types[header["id"]] = "batch"
        numbers: dict[tuple[str, str], int] = {}
        touched: set[tuple[str, str]] = set()
        for place, said in enumerate(batch.records, 1):
            with of_record(place):
                self.admit_record(said)
                if said["type"] == "entry":
                    touched.update(self.admit_entry(said))
                    voucher = (said["series"], said["date"][:7])
                    numbers.setdefault(voucher, self.last_numbers.get(voucher, 0) + 1)
                    self.last_numbers[voucher] = self.last_numbers.get(voucher, 0) + 1
        firsts = [{"first": numbers[one], "period": one[1], "series": one[0]} for one in sorted(numbers)]
        need(block.get("numbers", []) == firsts, "numbers", "The block gives other numbers than those that follow.")
        for place in touched:
            self.leaves[place] = leaf_hash(self.leaf_text(place, block["number"]).encode())
        root = tree([self.leaves[place] for place in sorted(self.leaves)])
        need(block["balances_root"] == f"s256:{root.hex()}", "balances", "The totals are others than the block's.")

    def first_author(self, batch: Batch) -> Fields:
        """Law 6: the member who begins the log."""
        wanted: list[Callable[[Fields], bool]] = [
            lambda said: said["type"] == "book" and said["id"] == batch.header["book"],
            lambda said: said["type"] == "commodity" and said["code"] == batch.records[0]["base"],
            lambda said: (
                said["type"] == "member"
                and said["id"] == batch.header["author"]
                and {"admin", "post"} <= set(said["rights"])
                and not said.get("revoked")
            ),
        ]
        for place, is_wanted in enumerate(wanted, 1):
            with of_record(place):
                sound = place <= len(batch.records) and is_wanted(batch.records[place - 1])
                need(sound, "law.beginning", "A log begins with its book, its base, and the member who begins it.")
        self.book = batch.header["book"]
        return batch.records[2]

    def admit_record(self, said: Fields) -> None:
        """Right, id, and what each type asks for; of an entry the rest is asked by itself."""
        kind, id_ = said["type"], said["id"]
        allowed = RIGHT_FOR[kind] in self.rights or (kind == "member" and self.takes_promised_key(said))
        need(allowed, "law.rights", f"The author has not the right {RIGHT_FOR[kind]}.")
        if kind in STATES:
            self.admit_state(said)
            return
        need(id_ not in self.types, "law.once", f"The id {id_} was used before.")
        self.types[id_] = kind
        if kind == "statement":
            account = self.named(said["account"], "account")
            self.check_commodity(said["commodity"], account)
            for name in {"opening", "closing"} & said.keys():
                minor(said[name], self.scales[said["commodity"]])
            self.statements[id_] = said
        elif kind == "price":
            self.check_commodity(said["commodity"])
            self.check_commodity(said["base"])
        elif kind == "close":
            need(not self.is_closed(said["period"]), "law.period", f"{said['period']} is closed already.")
            self.closed.append(said["period"])
        elif kind == "reopen":
            need(self.closed[-1:] == [said["period"]], "law.period", f"{said['period']} is not the last closed period.")
            self.closed.pop()

    def takes_promised_key(self, said: Fields) -> bool:
        """Law 5: a member without `admin` states itself again, with the key that it promised and no other change."""
        old, may_change = self.states[self.author], {"key", "next_key", "salt"}
        same = [{name: value for name, value in one.items() if name not in may_change} for one in (old, said)]
        fits = said["key"] != old["key"] and s256(said["key"].encode()) == old.get("next_key")
        once, self.own_key_stated = not self.own_key_stated, True
        return once and fits and same[0] == same[1]

    def is_closed(self, period: str) -> bool:
        """Law 3."""
        return bool(self.closed) and period <= self.closed[-1]

    def named(self, id_: str, kind: str, *, excused: bool = False) -> Fields:
        """Law 2: what is named exists, and is not closed or revoked unless that is excused."""
        said = self.states.get(id_, {})
        need(said.get("type") == kind, "law.reference", f"No {kind} {id_} is known here.")
        open_ = not said.get("closed") and not said.get("revoked")
        need(open_ or excused, "law.reference", f"The {kind} {id_} is closed or revoked.")
        return said

    def check_commodity(self, code: str, account: Fields | None = None) -> None:
        """Law 2: a commodity exists, and an account takes it."""
        need(code in self.scales, "law.reference", f"No commodity {code} is known here.")
        bound = code if account is None else account.get("commodity", code)
        need(bound == code, "law.reference", f"The account takes no {code}.")

    def admit_state(self, said: Fields) -> None:
        """What is stated, or stated again (§2)."""
        kind, id_ = said["type"], said["id"]
        need(kind != "book" or id_ == self.book, "law.beginning", "There is one book id.")
        need(self.types.setdefault(id_, kind) == kind, "law.once", f"The id {id_} was used before.")
        old = self.states.get(id_)
        for salt in [said["salt"], *([said["blind"]] if kind == "book" and old is None else [])]:
            need(salt not in self.salts, "salt", "A salt was used before.")
            self.salts.add(salt)
        if old is not None:
            fixed = [*FIXED.get(kind, ()), *(["commodity"] if id_ in self.posted else [])]
            same = all(old.get(name) == said.get(name) for name in fixed)
            need(same, "law.restate", f"Of a {kind} {', '.join(fixed)} may not change.")
        elif kind == "commodity":
            need(said["code"] not in self.scales, "law.once", f"There is a commodity {said['code']} already.")
        if kind == "commodity":
            self.scales[said["code"]] = said["scale"]
        if kind == "member":
            holder = self.holders.setdefault(key_of(said["key"]).id, id_)
            need(holder == id_, "law.rights", "Another member has or had this key id.")
        if kind == "account":
            self.check_account(said, old or {})
        self.states[id_] = said

    def check_account(self, said: Fields, old: Fields) -> None:
        """Codes of open accounts, circles, and what an account names."""
        id_, code, parent = said["id"], said["code"], said.get("parent")
        if self.open_codes.get(old.get("code", "")) == id_:
            del self.open_codes[old["code"]]
        if not said.get("closed"):
            need(self.open_codes.setdefault(code, id_) == id_, "law.account", f"Another open account has the code {code}.")
        above = parent
        while above is not None:
            need(above != id_, "law.account", "An account stands under itself.")
            above = self.states.get(above, {}).get("parent")
        if "commodity" in said:
            self.check_commodity(said["commodity"])
        if parent is not None:
            self.named(parent, "account")

    def admit_entry(self, said: Fields) -> set[tuple[str, str]]:
        """Laws 1 to 5 for an entry; the leaves that it posts to."""
        need(not self.is_closed(said["date"][:7]), "law.period", f"{said['date']} is in a closed period.")
        reversal = "reverses" in said
        if "replaces" in said:
            need(said["replaces"] in self.entries, "law.reference", "What is replaced is no entry.")
            need(said["replaces"] in self.reversed, "law.once", "What is replaced was not reversed.")
        if reversal:
            self.check_reversal(said)
        self.named(said["made_by"], "member", excused=reversal)
        rules = said.get("source", {}).get("rules")
        need(rules is None or self.types.get(rules) == "rules", "law.reference", f"No rules {rules} are known here.")
        rows = [self.judge_line(line, reversal=reversal) for line in said["lines"]]
        same = len(rows) > 1 and sum(row.value for row in rows) == 0
        if len({row.commodity for row in rows}) == 1:
            same = same and sum(row.amount for row in rows) == 0
        need(same, "law.balance", "The entry does not balance.")
        self.check_approvals(said)
        for row in rows:
            self.post(row)
        self.entries[said["id"]] = said
        if reversal:
            self.reversed.add(said["reverses"])
            for line in self.entries[said["reverses"]]["lines"]:
                self.settled.difference_update(line.get("settles", ()))
        return {(row.account, row.commodity) for row in rows}

    def check_reversal(self, said: Fields) -> None:
        """Law 4: an entry is reversed once, line by line; a reversal is not."""
        old = self.entries.get(said["reverses"])
        if old is None:
            raise Fault("law.reference", "What is reversed is no entry.")
        need("reverses" not in old, "law.once", "A reversal is not reversed.")
        need(old["id"] not in self.reversed, "law.once", "The entry was reversed before.")
        need(len(old["lines"]) == len(said["lines"]), "law.once", "A reversal has the lines of its entry.")
        for line, mirror in zip(old["lines"], said["lines"], strict=True):
            kept = {name: value for name, value in line.items() if name not in {"red", "text", "settles"}}
            kept |= {name: negated(line[name]) for name in {"amount", "value"} & line.keys()}
            same = kept == {name: value for name, value in mirror.items() if name not in {"red", "text"}}
            need(same, "law.once", "A line of a reversal is not its line negated.")

    def judge_line(self, line: Fields, *, reversal: bool) -> Row:
        """A line of an entry, by itself."""
        account = self.named(line["account"], "account", excused=reversal)
        code = line["commodity"]
        self.check_commodity(code, account)
        amount = minor(line["amount"], self.scales[code])
        base = self.states[self.book]["base"]
        need(("value" in line) == (code != base), "schema", "A value stands with other commodities than the base alone.")
        value = minor(line["value"], self.scales[base]) if "value" in line else amount
        need(amount * value >= 0, "amount", "Amount and value have opposite signs.")
        if "party" in line:
            self.named(line["party"], "party", excused=reversal)
        given = {dimension["name"] for dimension in line.get("dimensions", ())}
        missing = set() if reversal else set(account.get("dimensions", ())) - given
        need(not missing, "law.reference", f"The account demands the dimension {min(missing, default='')}.")
        for name in line.get("settles", ()):
            self.settle(name, line)
        return Row(account["id"], code, amount, value, line.get("red", False))

    def settle(self, name: str, line: Fields) -> None:
        """Law 4: a line settles a line of a statement of its account and commodity, once."""
        id_, _, place = name.partition("/")
        statement = self.statements.get(id_, {"lines": 0})
        exists = re.fullmatch("[1-9][0-9]{0,15}", place) and int(place) <= statement["lines"]
        need(exists, "law.reference", f"There is no line {name} of a statement.")
        own = all(statement[field] == line[field] for field in ("account", "commodity"))
        need(own, "law.once", "The statement is of another account or commodity.")
        need(name not in self.settled, "law.once", f"The line {name} was settled before.")
        self.settled.add(name)

    def check_approvals(self, said: Fields) -> None:
        """Law 5: every approval verifies; one satisfies where duties are separate."""
        bare = encoded({name: value for name, value in said.items() if name != "approvals"})
        digest = b3(bare + b"\n")
        satisfied = False
        for approval in said.get("approvals", ()):
            member = self.named(approval["by"], "member", excused="reverses" in said)
            text = f"cloudbooks/approval/v1\n{self.book}\n{digest}\n{approval['at']}\n"
            signed = verifies(key_of(member["key"]).public, b64decode(approval["signature"]), text.encode())
            need(signed, "signature", f"The approval by {member['name']} does not verify.")
            other = member["id"] not in (said["made_by"], self.author)
            satisfied |= other and "approve" in member["rights"] and not member.get("revoked")
        separate = self.states[self.book].get("separate_duties")
        need(satisfied or not separate, "law.rights", "Nobody else who may approve has approved the entry.")

    def post(self, row: Row) -> None:
        """Add a line to the totals of its side (§§2 and 4)."""
        sums = self.sums.setdefault((row.account, row.commodity), [0] * 5)
        debit = ((row.amount or row.value) >= 0) != row.red
        sign, side = (1, 0) if debit else (-1, 1)
        sums[side] += sign * row.amount
        sums[2 + side] += sign * row.value
        sums[4] += 1
        need(all(abs(total) < 10**18 for total in sums[:4]), "amount", "A total has more than 18 digits.")
        self.posted.add(row.account)

    def leaf_text(self, place: tuple[str, str], block: int) -> str:
        """The leaf of an account and commodity, as of the block that posts to it (§4)."""
        account, code = place
        *sums, postings = self.sums[place]
        book = self.states[self.book]
        scales = [self.scales[code]] * 2 + [self.scales[book["base"]]] * 2
        totals = "|".join(amount_text(units, scale) for units, scale in zip(sums, scales, strict=True))
        blinded = f"{block}|{account}|{code}".encode()
        mask = hmac.digest(bytes.fromhex(book["blind"]), blinded, "sha256").hex()[:32]
        return f"{account}|{code}|{totals}|{postings}|{mask}"


def negated(text: str) -> str:
    """An amount with the other sign; zero has none."""
    return text[1:] if text.startswith("-") else "-" * bool(text.strip("0.")) + text


def check_base(base: Fields | None, number: int, roots: list[bytes]) -> None:
    """Law 7."""
    if base is None or number == 0:
        need(base is None and number == 0, "law.base", "The first batch alone has no base.")
        return
    true = base["size"] <= number and base["root"] == f"s256:{roots[base['size']].hex()}"
    need(true, "law.base", "The batch is made on a state that never was.")


# The verifier's policy: c2sp.md §7, §7.1.


class Policy:
    """Whom the verifier trusts: first keys, witnesses with their quorum, timestamp authorities."""

    def __init__(self) -> None:
        self.pins: list[str] = []
        self.witnesses: dict[str, Vkey] = {}
        self.groups: dict[str, tuple[int, list[str]]] = {}
        self.authorities: dict[str, Path] = {}
        self.quorum: str | None = None

    def read(self, file: Path) -> Policy:
        """Take a policy file's lines; whatever is not understood is refused."""
        data = file.read_bytes()
        need(not re.search(rb"[^\t\n\x20-\x7e\x80-\xff]", data) and data.endswith(b"\n"), "policy", "No policy file.")
        for line in data.decode(errors="surrogateescape").splitlines():
            word, *items = re.split("[ \t]+", line.strip(" \t"))
            if word and not word.startswith("#"):
                need(word in self.TAKERS, "policy", f"No line of a policy: {line}")
                try:
                    self.TAKERS[word](self, *items)
                except (TypeError, ValueError):
                    raise Fault("policy", f"No line of a policy: {line}") from None
        need(self.quorum is not None, "policy", "A policy has one line quorum.")
        return self

    def take_log(self, key: str, _url: str = "") -> None:
        self.pins.append(str(key))
        key_of(key)

    def take_witness(self, name: str, key: str, _url: str = "") -> None:
        self.check_name(name)
        self.witnesses[name] = key_of(key)
        distinct = len({one.public for one in self.witnesses.values()}) == len(self.witnesses)
        need(distinct and self.witnesses[name].type != 1, "policy", f"The key of {name} is no witness's own.")

    def take_group(self, name: str, wanted: str, *members: str) -> None:
        self.check_name(name)
        taken = {member for _, group in self.groups.values() for member in group}
        sound = all(member in (self.witnesses | self.groups) and member not in taken for member in members)
        number = {"all": len(members), "any": 1}.get(wanted) or int(wanted)
        need(sound and len(set(members)) == len(members) >= number > 0, "policy", f"No group: {name}")
        self.groups[name] = (number, list(members))

    def take_quorum(self, name: str) -> None:
        need(self.quorum is None and name in (self.witnesses | self.groups | {"none": None}), "policy", "No quorum.")
        self.quorum = name

    def take_authority(self, name: str, file: str) -> None:
        self.authorities[name] = Path(file)

    TAKERS = {  # noqa: RUF012
        "log": take_log,
        "witness": take_witness,
        "group": take_group,
        "quorum": take_quorum,
        "authority": take_authority,
    }

    def check_name(self, name: str) -> None:
        need(name != "none" and name not in (self.witnesses | self.groups), "policy", f"The name {name} is taken.")

    def reach(self, seen: dict[Vkey, int], name: str) -> int:
        """The size up to which a witness or a group has seen the log."""
        if name in self.witnesses:
            return seen.get(self.witnesses[name], 0)
        if name not in self.groups:
            return 0
        number, members = self.groups[name]
        return sorted((self.reach(seen, member) for member in members), reverse=True)[number - 1]


# A folder: §§5 to 7.


def checkpoint_or_fault(data: bytes | None) -> tuple[Checkpoint | None, Fault | None]:
    try:
        need(data is not None, "checkpoint-missing", "There is no checkpoint.")
        return read_checkpoint(data or b""), None
    except Fault as fault:
        return None, fault


class Finding(NamedTuple):
    """What is found: code, block and record where there are, and a sentence."""

    code: str
    block: int | None
    record: int | None
    message: str


MILD = {"attachment-missing", "batch-missing", "checkpoint-missing", "checkpoint-behind", "cosignature", "stray"}
MILD |= {"not-understood", "timestamp", "timestamp-unknown", "timestamp-unjudged"}


class Folder:
    """A log as files."""

    def __init__(self, root: Path, policy: Policy) -> None:
        self.root, self.policy = root, policy
        self.names = sorted(one.relative_to(root).as_posix() for one in root.rglob("*") if one.is_file())
        self.unread = set(self.names)
        self.findings: list[Finding] = []
        self.ledger = Ledger()
        self.log = GrowingTree()
        self.head = self.time = self.book = ""
        self.consistent = self.blocks = self.records = self.entries = self.signed = 0
        self.first_key = ""
        self.seen: dict[Vkey, int] = {}

    def find(self, fault: Fault, block: int | None = None) -> None:
        """Note a fault."""
        self.findings.append(Finding(fault.code, block, fault.record, str(fault)))

    def read(self, name: str) -> bytes | None:
        """A file, if it is here."""
        if name not in self.unread and name not in self.names:
            return None
        self.unread.discard(name)
        return (self.root / name).read_bytes()

    def verdict(self) -> Fields:
        """Judge all of it."""
        data = self.read("checkpoint")
        checkpoint, unread = checkpoint_or_fault(data)
        keys: dict[Vkey, str] = {}
        for number in count():
            block = self.read(f"block/{number:08d}")
            if block is None:
                break
            self.judge_block(number, block)
            if checkpoint and checkpoint.size == self.consistent == number + 1:
                keys = self.ledger.keys()
        if not self.blocks:
            self.findings.append(Finding("block-missing", 0, None, "There is no block."))
        try:
            if unread:
                raise unread
            if checkpoint:
                self.judge_checkpoint(checkpoint, keys)
        except Fault as fault:
            self.find(fault)
        self.judge_cosignatures(checkpoint)
        self.judge_names()
        return self.facts()

    def judge_block(self, number: int, data: bytes) -> None:
        """A block and its batch."""
        previous, self.head = self.head, b3(data)
        self.blocks = number + 1
        self.log.add(leaf_hash(data))
        try:
            header, signature = read_block(data)
            self.book = self.book or header["book"]
            need(header["number"] == number, "chain", "The block has another number.")
            need(header.get("previous", "") == previous, "chain", "The block follows another.")
            need(header["book"] == self.book, "chain", "The block is of another book.")
            need(header["committed_at"] >= self.time, "time", "The block is older than the one before it.")
            self.time = header["committed_at"]
            batch = self.judge_batch(header)
            if self.consistent == number:
                self.ledger.admit(header, signature, batch, self.log.roots)
                self.consistent += 1
                self.records += len(batch.records)
                self.entries += sum(said["type"] == "entry" for said in batch.records)
        except Fault as fault:
            self.find(fault, number)
            return
        if number == 0:
            self.first_key = batch.records[2]["key"]
            if self.policy.pins and self.first_key not in self.policy.pins:
                self.findings.append(Finding("key-not-pinned", 0, 3, "The first key is another than the pinned."))
        for place, said in enumerate(batch.records, 1):
            for file in files_of(said):
                try:
                    check_file(file, self.read("attachment/" + file.b3[3:]))
                except Fault as fault:
                    fault.record = place
                    self.find(fault, number)

    def judge_batch(self, header: Fields) -> Batch:
        """The batch of a block."""
        data = self.read("batch/" + header["batch"][3:])
        if data is None:
            raise Fault("batch-missing", f"The batch {header['batch']} is not here.")
        need(b3(data) == header["batch"], "hash", "The batch has another hash than its name.")
        batch = read_batch(data)
        need(batch.header["book"] == self.book, "chain", "The batch is of another book.")
        same = (batch.root, len(batch.records)) == (header["record_root"], header["records"])
        need(same, "chain", "The batch has other records than the block says.")
        return batch

    def judge_checkpoint(self, checkpoint: Checkpoint, keys: dict[Vkey, str]) -> None:
        """§5."""
        size = checkpoint.size
        need(checkpoint.origin == f"cloudbooks/{self.book}", "checkpoint", "The checkpoint is of another log.")
        need(size <= self.blocks, "block-missing", "The checkpoint is larger than the log.")
        need(checkpoint.root == self.log.roots[size], "checkpoint", "The checkpoint has another root.")
        if size <= self.consistent:
            try:
                found = signers(checkpoint.note, [*keys, *self.policy.witnesses.values()])
            except Fault as fault:
                raise Fault("checkpoint", str(fault)) from None
            need(set(found) & set(keys), "checkpoint", "The checkpoint bears no good signature of a member.")
            self.seen |= dict.fromkeys(found, size)
            if not any(finding.code == "key-not-pinned" for finding in self.findings):
                self.signed = size
        need(size == self.blocks, "checkpoint-behind", f"The checkpoint is of {size} blocks.")

    def judge_cosignatures(self, checkpoint: Checkpoint | None) -> None:
        for name in self.names:
            place = re.fullmatch("cosignature/(0|[1-9][0-9]{0,18})/([0-9a-f]{8})", name)
            if not place:
                continue
            size, data = int(place[1]), self.read(name) or b""
            try:
                need(0 < size <= self.blocks, "cosignature", "larger than log")
                text = f"cloudbooks/{self.book}\n{size}\n{b64encode(self.log.roots[size]).decode()}\n"
                note = read_note(text.encode() + b"\n" + data)
                need(len(note.signatures) == 1 and note.signatures[0].id.hex() == place[2], "cosignature", "name")
                for key in signers(note, self.policy.witnesses.values()):
                    self.seen[key] = max(size, self.seen.get(key, 0))
            except Fault as fault:
                self.find(Fault("cosignature", f"{name}: {fault}"))

    def judge_names(self) -> None:
        """What belongs to no log."""
        for name in sorted(self.unread, key=lambda name: (not name.startswith("block/"), name)):
            if re.fullmatch("block/([0-9]{8}|[1-9][0-9]{8,})", name):
                missing = f"The block {self.blocks} is not here, but {name} is."
                self.findings.append(Finding("block-missing", self.blocks, None, missing))
            elif not re.fullmatch("tile/.*|timestamp/.*|attachment/[0-9a-f]{64}", name):
                self.find(Fault("stray", f"{name} is no part of the log."))

    def facts(self) -> Fields:
        """The facts of §7."""
        witnessed = min(self.signed, self.policy.reach(self.seen, self.policy.quorum or ""))
        return {
            "valid": all(finding.code in MILD for finding in self.findings),
            "book": self.book,
            "consistent": self.consistent,
            "signed": self.signed,
            "self_declared": not self.policy.pins,
            "witnessed": witnessed or None,
            "blocks": self.blocks,
            "records": self.records,
            "entries": self.entries,
            "first_key": self.first_key,
            "head": {"number": self.blocks - 1, "hash": self.head} if self.blocks else None,
            "root": f"s256:{self.log.roots[-1].hex()}",
            "findings": [finding._asdict() for finding in self.findings],
        }
