"""Files of an exported log changed, moved, cut off, forged without a key, or forged with one; and what must be said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from tests.chain.building import uid
from tests.chain.strategies import BOOK, SeedSigner
from tests.tampering.forging import FILES, STRANGER, Forger, dumped, specimen
from tests.tampering.mutants_of_records import ANN, line

from cloudbooks.chain import ed25519, merkle, note
from cloudbooks.chain.canonical import b3, s256
from cloudbooks.chain.note import Signature, SignedNote

Files = dict[str, bytes]
Found = tuple[str, int | None, int | None]

ANNS = SeedSigner(0x0A)
ORIGIN = f"cloudbooks/{BOOK}"
OTHER_BOOK = uid(0x99)


class Tampering(NamedTuple):
    """The files of a tampered log, and the first finding: code, block, record."""

    name: str
    files: Callable[[], Files]
    found: Found


def block(number: int) -> str:
    """The name of a block's file."""
    return f"block/{number:08d}"


def batch(files: Files, number: int) -> str:
    """The name of the file of a block's batch."""
    text = files[block(number)]
    at = text.index(b'"batch":"b3:') + len('"batch":"b3:')
    return "batch/" + text[at : at + 64].decode()


def plain(change: Callable[[Files], object]) -> Callable[[], Files]:
    """The sound log with files changed, and no hash made anew."""

    def changed() -> Files:
        files = Forger().files()
        change(files)
        return files

    return changed


def anew(change: Callable[[Forger], object]) -> Callable[[], Files]:
    """The log with lines changed, and all hashes and signatures made anew."""

    def changed() -> Files:
        forger = Forger()
        change(forger)
        return forger.files()

    return changed


def swapped(first: str, second: str) -> Callable[[Files], object]:
    """Two files in each other's place."""

    def swap(files: Files) -> None:
        files[first], files[second] = files[second], files[first]

    return swap


def in_batch(number: int, old: bytes, new: bytes) -> Callable[[Files], object]:
    """Other bytes in a batch."""

    def replace(files: Files) -> None:
        name = batch(files, number)
        assert old in files[name]
        files[name] = files[name].replace(old, new, 1)

    return replace


def in_file(name: str, old: bytes, new: bytes) -> Callable[[Files], object]:
    """Other bytes in a file."""

    def replace(files: Files) -> None:
        assert old in files[name]
        files[name] = files[name].replace(old, new, 1)

    return replace


def raw(number: int, place: int, old: bytes, new: bytes) -> Callable[[Forger], object]:
    """Other bytes on a line, its hashes and signatures made anew."""

    def replace(forger: Forger) -> None:
        assert old in forger.lines[number][place]
        forger.lines[number][place] = forger.lines[number][place].replace(old, new, 1)

    return replace


def forced(number: int, /, **fields: object) -> Callable[[Forger], object]:
    """Other fields in a block's header, its note and all that follows made anew."""
    return lambda forger: forger.forced.update({number: fields})


def header(number: int, /, **fields: object) -> Callable[[Forger], object]:
    """Other fields in a batch's header; `None` leaves one out."""

    def change(forger: Forger) -> None:
        said = forger.fields(number, 0) | fields
        forger.lines[number][0] = dumped({name: value for name, value in said.items() if value is not None})

    return change


def noted(number: int, make: Callable[[str], str]) -> Callable[[Forger], object]:
    """Another note in a block."""
    return lambda forger: forger.notes.update({number: make})


def richer(forger: Forger) -> None:
    """300.00 of rent becomes 900.00, on both sides."""
    forger.edit(2, 4, line(0, amount="900.00"))
    forger.edit(2, 4, line(1, amount="-900.00"))


def richer_by(signer: SeedSigner) -> Callable[[Forger], object]:
    """The same, its batch signed by another key under ann's name."""

    def change(forger: Forger) -> None:
        richer(forger)
        forger.signers[2] = signer

    return change


def old_note(forger: Forger) -> None:
    """The same, with the signature that was there."""
    richer(forger)
    kept = SignedNote.parse(specimen().files[block(2)].partition(b"\n")[2]).signatures[0]
    forger.notes[2] = lambda text: f"{text}\n{kept}"


def malleated(text: str) -> str:
    """A signature with S + L in the place of S, which libraries of old take."""
    signature = ANNS.sign(text.encode())
    larger = int.from_bytes(signature[32:], "little") + ed25519.ORDER
    return f"{text}\n{Signature(ORIGIN, ANNS.vkey.key_id, signature[:32] + larger.to_bytes(32, 'little'))}"


def checkpoint(
    size: int | None = None, root: bytes = b"", by: tuple[SeedSigner, ...] = (ANNS,), book: str = BOOK
) -> Callable[[Files], object]:
    """Another checkpoint; the true size and root where none are given."""

    def replace(files: Files) -> None:
        leaves = [merkle.leaf_hash(files[block(number)]) for number in range(9)]
        count = 9 if size is None else size
        files["checkpoint"] = Forger().checkpoint(count, root or merkle.root(leaves[:count]), by, book)

    return replace


def replayed(forger: Forger) -> None:
    """A batch of eve's is posted once more, byte for byte."""
    forger.blocks.append(forger.blocks[4] | {"number": 9, "committed_at": "2026-11-30T00:00:00Z"})
    forger.lines.append(list(forger.lines[4]))
    forger.signers.append(forger.signers[4])


def author_revoked(forger: Forger) -> None:
    """Eve is revoked one block before she posts."""
    said = forger.fields(0, 5) | {"revoked": True, "salt": "f" * 32}
    forger.add(7, said)


def by_one_revoked() -> Files:
    """The log up to block 7, in which bob is revoked, with a checkpoint that bob signs."""
    forger = Forger()
    del forger.blocks[8], forger.lines[8]
    forger.add(7, forger.fields(5, 1) | {"revoked": True, "salt": "f" * 32})
    return forger.files((SeedSigner(0x0C),))


def removed(*names: str) -> Callable[[Files], object]:
    """Files gone."""
    return lambda files: [files.pop(name) for name in names]


def without_batch(number: int) -> Callable[[Files], object]:
    """The batch of a block gone."""
    return lambda files: files.pop(batch(files, number))


def duplicated(files: Files) -> None:
    """The last block once more at the end."""
    files[block(9)] = files[block(8)]


def attachment(name: str) -> str:
    """The name of an attached file."""
    return "attachment/" + b3(FILES[name])[3:]


def tamperings() -> Iterator[Tampering]:
    """All of them."""
    yield from _of_bytes()
    yield from _of_headers()
    yield from _of_signatures()
    yield from _of_checkpoints()
    yield from _of_folders()


def _of_bytes() -> Iterator[Tampering]:
    """Other bytes for the same meaning, or another meaning, with the hashes left or made anew."""
    for name, place, old, new, code in (
        ("space-after-a-comma", 3, b'","', b'", "', "canonical"),
        ("space-at-the-end", 3, b"}]", b"} ]", "canonical"),
        ("escape-of-a-letter", 3, b"invoice", rb"\u0069nvoice", "canonical"),
        ("escape-of-a-slash", 3, b"text/plain", rb"text\/plain", "canonical"),
        ("field-twice", 3, b'{"attachments"', b'{"date":"2026-10-31","attachments"', "canonical"),
        ("number-with-a-point", 3, b'"bytes":10', b'"bytes":10.0', "canonical"),
        ("number-with-an-exponent", 3, b'"bytes":10', b'"bytes":1e1', "canonical"),
        ("not-a-number", 3, b'"bytes":10', b'"bytes":NaN', "canonical"),
        ("carriage-return", 3, b"}", b"}\r", "canonical"),
        ("byte-order-mark", 3, b"{", b"\xef\xbb\xbf{", "canonical"),
        ("half-a-character", 3, b"rent", b"\xe8\xae", "canonical"),
        ("no-object", 3, b'{"attachments"', b'[{"attachments"', "canonical"),
    ):
        yield Tampering(name, anew(raw(1, place, old, new)), (code, 1, place))
    yield Tampering("summary-changed-hashes-left", plain(in_batch(1, b"rent", b"sale")), ("hash", 1, None))
    for name, other in (("decomposed", "e\u0301"), ("with-another-accent", "\u00e8")):
        yield Tampering(f"letter-{name}", plain(in_batch(1, "\u00e9".encode(), other.encode())), ("hash", 1, None))
    yield Tampering("byte-at-the-end-of-a-batch", plain(in_batch(1, b"}\n", b"}\n\n")), ("hash", 1, None))
    yield Tampering("space-in-a-block", plain(in_file(block(3), b'","', b'", "')), ("canonical", 3, None))
    yield Tampering("block-cut-off", plain(lambda files: files.update({block(3): files[block(3)][:200]})),
                    ("canonical", 3, None))  # fmt: skip
    yield Tampering("block-empty", plain(lambda files: files.update({block(3): b""})), ("canonical", 3, None))
    yield Tampering("block-too-long", plain(lambda files: files.update({block(3): files[block(3)] + b"x" * 40000})),
                    ("limit", 3, None))  # fmt: skip
    yield Tampering("line-added", anew(lambda forger: forger.lines[2].append(forger.lines[2][4])), ("schema", 2, None))
    yield Tampering("line-removed", anew(lambda forger: forger.lines[2].pop()), ("schema", 2, None))
    yield Tampering("lines-in-another-order", anew(lambda forger: forger.lines[3].insert(1, forger.lines[3].pop(2))),
                    ("law.once", 3, 1))  # fmt: skip


def _of_headers() -> Iterator[Tampering]:
    """Fields of batches and blocks."""
    yield Tampering("base-missing", anew(header(2, base=None)), ("law.base", 2, None))
    yield Tampering(
        "base-of-another-root", anew(header(2, base={"root": s256(b"?"), "size": 2})), ("law.base", 2, None)
    )
    yield Tampering("base-in-the-future", anew(header(2, base={"root": s256(b"?"), "size": 3})), ("law.base", 2, None))
    yield Tampering("base-of-the-first-batch", anew(header(0, base={"root": s256(b""), "size": 0})),
                    ("law.base", 0, None))  # fmt: skip
    yield Tampering("batch-version-2", anew(header(2, version=2)), ("not-understood", 2, None))
    yield Tampering("batch-of-no-type", anew(header(2, type="bundle")), ("schema", 2, None))
    yield Tampering("batch-counts-more", anew(header(2, records=9)), ("schema", 2, None))
    yield Tampering(
        "batch-id-of-an-earlier", anew(lambda f: header(2, id=f.fields(1, 0)["id"])(f)), ("law.once", 2, None)
    )
    yield Tampering("batch-made-at-no-time", anew(header(2, made_at="now")), ("schema", 2, None))
    yield Tampering("batch-with-another-field", anew(header(2, place=2)), ("schema", 2, None))
    yield Tampering("batch-of-another-book", anew(header(2, book=OTHER_BOOK)), ("chain", 2, None))
    yield Tampering("author-unknown", anew(header(2, author=uid(0xFFFF))), ("law.rights", 2, None))
    yield Tampering("author-another-member", anew(header(4, author=ANN)), ("signature", 4, None))
    yield Tampering("author-revoked", anew(author_revoked), ("law.rights", 8, None))
    yield Tampering("block-of-another-number", anew(forced(3, number=4)), ("chain", 3, None))
    yield Tampering("block-after-another", anew(forced(3, previous=b3(b"?"))), ("chain", 3, None))
    yield Tampering("block-after-nothing", anew(forced(3, previous=None)), ("chain", 3, None))
    yield Tampering("block-before-the-last", anew(forced(3, committed_at="2026-10-01T00:00:00Z")), ("time", 3, None))
    yield Tampering("block-with-other-balances", anew(forced(3, balances_root=s256(b"?"))), ("balances", 3, None))
    before = Forger().blocks[2]["balances_root"]
    yield Tampering("block-with-the-last-balances", anew(forced(3, balances_root=before)), ("balances", 3, None))
    yield Tampering("block-with-another-record-root", anew(forced(3, record_root=s256(b"?"))), ("chain", 3, None))
    yield Tampering("block-counts-more", anew(forced(3, records=9)), ("chain", 3, None))
    yield Tampering("block-version-2", anew(forced(3, version=2)), ("not-understood", 3, None))
    yield Tampering("block-of-another-batch", anew(forced(3, batch=b3(b"?"))), ("batch-missing", 3, None))
    yield Tampering("block-with-another-field", anew(forced(3, colour="red")), ("schema", 3, None))
    yield Tampering("block-of-another-book", anew(forced(3, book=OTHER_BOOK)), ("chain", 3, None))
    yield Tampering("numbers-missing", anew(forced(3, numbers=None)), ("numbers", 3, None))
    for name, numbers, code in (
        ("with-a-gap", [{"first": 9, "period": "2026-10", "series": "记"}], "numbers"),
        ("given-twice", [{"first": 1, "period": "2026-10", "series": "记"}], "numbers"),
        ("of-another-month", [{"first": 4, "period": "2026-11", "series": "记"}], "numbers"),
        ("out-of-order", [{"first": 1, "period": "2026-10", "series": word} for word in ("记", "A")], "schema"),
    ):
        yield Tampering(f"numbers-{name}", anew(forced(3, numbers=numbers)), (code, 3, None))


def _of_signatures() -> Iterator[Tampering]:
    """History rewritten without the key, and signatures that are none."""
    yield Tampering("rewritten-by-a-stranger", anew(richer_by(STRANGER)), ("signature", 2, None))
    yield Tampering("rewritten-by-another-member", anew(richer_by(SeedSigner(0x0B))), ("signature", 2, None))
    yield Tampering("rewritten-with-the-old-signature", anew(old_note), ("signature", 2, None))
    yield Tampering("rewritten-with-the-key", anew(richer), ("balances", 2, None))
    yield Tampering("signed-with-the-key-given-up", anew(lambda f: f.signers.__setitem__(8, SeedSigner(0x0B))),
                    ("signature", 8, None))  # fmt: skip
    yield Tampering("signature-of-a-second-form", anew(noted(2, malleated)), ("signature", 2, None))
    for name, make, code in (
        ("two-signatures", lambda text: f"{text}\n{note.sign(text, ORIGIN, ANNS) * 2}", "note"),
        ("no-signature", lambda text: f"{text}\n", "note"),
        ("of-another-batch", lambda text: f"{text}x\n\n{note.sign(text + 'x' + chr(10), ORIGIN, ANNS)}", "note"),
        ("with-something-after", lambda text: f"{text}\n{note.sign(text, ORIGIN, ANNS)}x", "note"),
        ("under-another-name", lambda text: f"{text}\n{note.sign(text, 'ann', ANNS)}", "signature"),
        ("of-zeros", lambda text: f"{text}\n{Signature(ORIGIN, ANNS.vkey.key_id, bytes(64))}", "signature"),
        ("too-short", lambda text: f"{text}\n{Signature(ORIGIN, ANNS.vkey.key_id, bytes(63))}", "signature"),
    ):
        yield Tampering(f"note-{name}", anew(noted(2, make)), (code, 2, None))


def _of_checkpoints() -> Iterator[Tampering]:
    """Checkpoints that do not fit."""
    for name, change, code in (
        ("by-a-stranger", checkpoint(by=(STRANGER,)), "checkpoint"),
        ("by-a-key-given-up", checkpoint(by=(SeedSigner(0x0B),)), "checkpoint"),
        ("of-another-root", checkpoint(root=b"\1" * 32), "checkpoint"),
        ("of-a-larger-log", checkpoint(size=10, root=b"\1" * 32), "block-missing"),
        ("of-an-older-log", checkpoint(size=5), "checkpoint-behind"),
        ("of-no-block", checkpoint(size=0), "checkpoint"),
        ("of-another-book", checkpoint(book=OTHER_BOOK, by=(ANNS,)), "checkpoint"),
        ("with-carriage-returns", lambda files: files.update(checkpoint=files["checkpoint"].replace(b"\n", b"\r\n")),
         "checkpoint"),
        ("with-an-extension", in_file("checkpoint", b"\n\n", b"\nmore\n\n"), "checkpoint"),
        ("with-a-size-in-other-digits", in_file("checkpoint", b"\n9\n", "\n９\n".encode()), "checkpoint"),
        ("cut-off", lambda files: files.update(checkpoint=files["checkpoint"][:-1]), "checkpoint"),
        ("missing", removed("checkpoint"), "checkpoint-missing"),
    ):  # fmt: skip
        yield Tampering(f"checkpoint-{name}", plain(change), (code, None, None))
    yield Tampering("checkpoint-by-one-revoked", by_one_revoked, ("checkpoint", None, None))


def _of_folders() -> Iterator[Tampering]:
    """Files lost, moved, swapped, replayed, and brought in from another book."""
    yield Tampering("blocks-swapped", plain(swapped(block(2), block(3))), ("chain", 2, None))
    yield Tampering("block-removed", plain(removed(block(4))), ("block-missing", None, None))
    yield Tampering("block-removed-and-no-checkpoint", plain(removed(block(4), "checkpoint")),
                    ("checkpoint-missing", None, None))  # fmt: skip
    yield Tampering("last-block-removed", plain(removed(block(8))), ("block-missing", None, None))
    yield Tampering("all-blocks-removed", plain(removed(*map(block, range(9)))), ("block-missing", 0, None))
    yield Tampering("last-block-twice", plain(duplicated), ("chain", 9, None))
    yield Tampering("batch-replayed", anew(replayed), ("law.once", 9, None))
    for number in (0, 3, 8):
        yield Tampering(f"batch-{number}-removed", plain(without_batch(number)), ("batch-missing", number, None))
    yield Tampering("batches-swapped", plain(lambda files: swapped(batch(files, 2), batch(files, 3))(files)),
                    ("hash", 2, None))  # fmt: skip
    yield Tampering("attachments-swapped", plain(swapped(attachment("invoice"), attachment("rules"))), ("hash", 1, 1))
    yield Tampering("attachment-changed", plain(in_file(attachment("invoice"), b"7", b"8")), ("hash", 1, 3))
    yield Tampering("statement-cut-off", plain(in_file(attachment("statement"), b",5.00", b"")), ("hash", 1, 2))
    yield Tampering("rules-changed", plain(in_file(attachment("rules"), b"[]", b"[x]")), ("hash", 1, 1))
    yield Tampering("rules-removed", plain(removed(attachment("rules"))), ("attachment-missing", 1, 1))
    yield Tampering("name-out-of-place", plain(lambda files: files.update({"block/9": b"?"})), ("stray", None, None))
    yield Tampering("copy-beside", plain(lambda files: files.update({"block/00000001 (copy)": b"?"})),
                    ("stray", None, None))  # fmt: skip
