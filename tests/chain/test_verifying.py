"""Verifying: what is said of a log that is broken, incomplete, unsigned, or kept by a broken keeper."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.chain.building import BookBuilder
from tests.chain.folder_source import FolderSource
from tests.chain.strategies import BOOK, SeedSigner

from cloudbooks.chain import checkpoint, note, verdict
from cloudbooks.chain.batch import Batch
from cloudbooks.chain.block import Block
from cloudbooks.chain.canonical import b3, s256
from cloudbooks.chain.merkle import leaf_hash, root
from cloudbooks.chain.note import COSIGNATURE, Signature
from cloudbooks.chain.record import Attachment, Rules
from cloudbooks.chain.rows import Admitted
from cloudbooks.chain.verifying import Policy, Verdict, verify
from cloudbooks.errors import Finding, sentence

ORIGIN = checkpoint.origin(BOOK)
FILE = b"an invoice"
ATTACHED = Attachment(b3=b3(FILE), s256=s256(FILE), bytes=len(FILE), media="application/pdf", name="invoice.pdf")
WITNESSES = tuple(SeedSigner(seed, name=f"witness.example/{seed}", type_=COSIGNATURE) for seed in (2, 3))
PIN = SeedSigner(0x0A).vkey


@cache
def small() -> dict[str, bytes]:
    """The files of a log of five blocks with an attachment and a rule text, all at hand."""
    book = BookBuilder()
    book.block(book.entry(attachments=(ATTACHED,)), book.entry(attachments=(ATTACHED,)))
    book.block(Rules(id=book.id(), name="bank", digest=b3(b"rules: []"), bytes=9), book.entry())
    entry = book.entry()
    book.block(entry)
    book.block(book.reversal(entry), by="eve")
    files = {f"attachment/{b3(data).removeprefix('b3:')}": data for data in (FILE, b"rules: []")}
    return {**book.source().files, **files}


def judged(files: dict[str, bytes], policy: Policy | None = None) -> Verdict:
    """What is said of files, by default with the first key pinned and no witnesses."""
    return verify(FolderSource(files), policy or Policy(PIN))


def codes(found: Verdict) -> list[str]:
    """The codes of all findings."""
    return [finding.code for finding in found.findings]


def cosignature(files: dict[str, bytes], witness: SeedSigner, size: int, *, tree: bytes = b"") -> str:
    """A witness's line over the log's first blocks."""
    text = checkpoint.text(ORIGIN, size, tree or roots(files)[size])
    blob = (1700000000).to_bytes(8) + witness.sign(checkpoint.cosigned(text, 1700000000))
    return str(Signature(witness.vkey.name, witness.vkey.key_id, blob))


def roots(files: dict[str, bytes]) -> list[bytes]:
    """The root of each size of the log."""
    leaves = [leaf_hash(files[name]) for name in sorted(files) if name.startswith("block/")]
    return [root(leaves[:size]) for size in range(len(leaves) + 1)]


def test_a_whole_log_has_nothing_to_say() -> None:
    """Consistent and signed up to its size, each block observed once, in order; cycles are not looked for meanwhile."""
    seen: list[tuple[int, int]] = []

    def observe(block: Block, batch: Batch, admitted: Admitted) -> Iterable[Finding]:
        seen.append((block.header.number, len(batch.records) - len(admitted.others)))
        assert not gc.isenabled()
        return ()

    found = verify(FolderSource(small()), Policy(PIN), observe)
    assert gc.isenabled()
    assert (found.valid, found.consistent, found.signed, found.blocks, found.findings) == (True, 5, 5, 5, ())
    assert seen == [(0, 0), (1, 2), (2, 1), (3, 1), (4, 1)]
    assert found.head == b3(small()["block/00000004"])


@settings(max_examples=150)
@given(st.data())
def test_a_flipped_bit_is_found(data: st.DataObject) -> None:
    """Whatever bit of whatever file is flipped, the log is not as it was: invalid, or incomplete, or with a finding."""
    name = data.draw(st.sampled_from(sorted(small())))
    place = data.draw(st.integers(0, 8 * len(small()[name]) - 1))
    flipped = bytearray(small()[name])
    flipped[place // 8] ^= 1 << place % 8
    found = judged({**small(), name: bytes(flipped)})
    assert found.findings
    assert found.signed < 5 or not found.valid
    assert "unreadable" not in codes(found)


@settings(max_examples=60)
@given(st.data())
def test_any_bytes_end_in_a_finding(data: st.DataObject) -> None:
    """A file cut off anywhere, or replaced by anything, raises nothing."""
    name = data.draw(st.sampled_from(sorted(small())))
    kept = data.draw(st.integers(0, len(small()[name]) - 1))
    found = judged({**small(), name: small()[name][:kept] + data.draw(st.binary(max_size=40))})
    assert found.findings
    assert "unreadable" not in codes(found)


@pytest.mark.parametrize("name", ["block/00000002", "batch", "checkpoint", "attachment"])
def test_a_file_that_is_gone_is_missed(name: str) -> None:
    """A block makes a gap, a batch ends consistency, a checkpoint ends signatures, an attachment is only said."""
    gone = name
    if name == "batch":
        gone = "batch/" + s_hash(small()["block/00000002"])
    if name == "attachment":
        gone = "attachment/" + b3(FILE).removeprefix("b3:")
    found = judged({other: data for other, data in small().items() if other != gone})
    facts = (found.valid, found.consistent, found.signed, found.blocks)
    expected: dict[str, tuple[tuple[bool, int, int, int], str]] = {
        "block/00000002": ((False, 2, 0, 2), "block-missing"),
        "batch": ((True, 2, 0, 5), "batch-missing"),
        "checkpoint": ((True, 5, 0, 5), "checkpoint-missing"),
        "attachment": ((True, 5, 5, 5), "attachment-missing"),
    }
    assert facts == expected[name][0]
    assert expected[name][1] in codes(found)
    if name == "attachment":
        # Two records name it; it is missed once, at the first.
        assert [(finding.block, finding.record) for finding in found.findings] == [(1, 1)]
        assert found.findings[0].where == "block 1, record 1"
    if name == "checkpoint":
        assert found.findings[0].where == "log"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b'"number":4', b'"number":5', "chain"),
        (b'"previous":"b3:', b'"previous":"b3:0', "chain"),
        (BOOK.encode(), BOOK[:-1].encode() + b"9", "chain"),
        (b'"committed_at":"2026', b'"committed_at":"2025', "time"),
        (b'"version"', b'"version" ', "canonical"),
    ],
)
def test_beyond_a_missing_batch_the_chain_is_still_followed(old: bytes, new: bytes, code: str) -> None:
    """Laws end where a batch is missing; numbers, hashes, book, time and form of later blocks are judged on."""
    files = {name: data for name, data in small().items() if name != "checkpoint"}
    del files["batch/" + s_hash(files["block/00000002"])]
    block = files["block/00000004"].replace(old, new)
    if code == "chain" and b"previous" in old:
        at = block.index(new) + len(new) + 63
        block = block[:at] + block[at + 1 :]
    found = judged({**files, "block/00000004": block})
    assert (found.valid, found.consistent, found.blocks) == (False, 2, 5)
    assert [(finding.code, finding.block) for finding in found.findings if finding.block in (2, 4)] == [
        ("batch-missing", 2),
        (code, 4),
    ]


def test_a_batch_of_other_bytes_is_told_by_its_hash() -> None:
    """Whatever stands in its place is not read for what it says."""
    files = dict(small())
    files["batch/" + s_hash(files["block/00000002"])] = b"\xff"
    found = judged(files)
    assert (found.valid, codes(found)[0], found.findings[0].block) == (False, "hash", 2)


def test_a_signed_checkpoint_of_another_root_is_invalid() -> None:
    """Two histories, each signed by a member, cannot both be this log."""
    text = checkpoint.text(ORIGIN, 5, bytes(32))
    signed = f"{text}\n{note.sign(text, ORIGIN, SeedSigner(0x0A))}".encode()
    found = judged({**small(), "checkpoint": signed})
    assert (found.valid, found.signed, codes(found)) == (False, 0, ["checkpoint"])


def s_hash(block: bytes) -> str:
    """The hex digits of the batch of a block."""
    return block.partition(b'"batch":"b3:')[2][:64].decode()


def test_no_block_at_all_is_invalid() -> None:
    """Nothing to verify is not a valid log."""
    found = judged({})
    assert (found.valid, found.blocks, found.head) == (False, 0, "")
    assert "block-missing" in codes(found)


@pytest.mark.parametrize(("change", "code"), [({"bytes": 3}, "attachment"), ({"s256": s256(b"")}, "attachment")])
def test_a_file_is_what_its_record_says(change: dict[str, object], code: str) -> None:
    """Size and second digest are compared too, each time that a record states them."""
    book = BookBuilder()
    other = Attachment(**({"b3": b3(FILE), "s256": s256(FILE), "bytes": len(FILE), "media": "x", "name": "x"} | change))  # type: ignore[arg-type]  # fields by name
    book.block(book.entry(attachments=(ATTACHED,)), book.entry(attachments=(other,)))
    found = judged({**book.source().files, "attachment/" + b3(FILE).removeprefix("b3:"): FILE})
    assert (found.valid, found.consistent, found.signed) == (False, 2, 2)
    assert [(finding.code, finding.block, finding.record) for finding in found.findings] == [(code, 1, 2)]


def test_a_later_version_is_not_understood() -> None:
    """A block or a batch of version 2 ends consistency and leaves the log valid."""
    files = small()
    block = files["block/00000003"].replace(b'"version":1', b'"version":2')
    found = judged({**files, "block/00000003": block})
    assert codes(found)[0] == "not-understood"
    assert found.consistent == 3


@pytest.mark.parametrize("signer", ["nobody", "revoked", "old key"])
def test_a_checkpoint_is_signed_by_a_member_who_stands(signer: str) -> None:
    """Neither by a stranger, nor by who is revoked at its size, nor with a key that was given up."""
    book = BookBuilder()
    if signer == "revoked":
        book.block(book.member("bob", revoked=True))
    if signer == "old key":
        book.block(book.member("bob", key=str(SeedSigner(0x0C).vkey)))
    if signer == "nobody":
        book.signers["bob"] = SeedSigner(0x63)
    found = judged(book.source(["bob"]).files)
    assert (found.valid, found.signed, codes(found)) == (False, 0, ["checkpoint"])
    assert judged(book.source(["bob", "ann"]).files).signed == book.state.size


def test_who_is_revoked_later_still_signs_what_was() -> None:
    """A checkpoint is judged by the members at its own size."""
    book = BookBuilder()
    source = book.source(["bob"])
    book.block(book.member("bob", revoked=True))
    found = judged({**book.files, "checkpoint": source.files["checkpoint"]})
    assert (found.valid, found.signed, found.blocks, codes(found)) == (True, 1, 2, ["checkpoint-behind"])


def test_a_quorum_of_witnesses_counts_what_each_has_seen() -> None:
    """Two of two have seen what the one who saw less has seen; lines in the checkpoint and beside it both count."""
    files = dict(small())
    both = Policy(PIN, tuple(witness.vkey for witness in WITNESSES), 2)
    files["checkpoint"] += cosignature(files, WITNESSES[0], 5).encode()
    assert judged(files, both).witnessed == 0
    name = f"cosignature/3/{WITNESSES[1].vkey.key_id.hex()}"
    files[name] = cosignature(files, WITNESSES[1], 3).encode()
    assert (judged(files, both).witnessed, judged(files, both).findings) == (3, ())
    assert judged(files, Policy(PIN, both.witnesses, 1)).witnessed == 5
    assert judged(files, Policy(PIN, both.witnesses, 0)).witnessed == 0
    assert judged(files, Policy(PIN)).witnessed == 0


@pytest.mark.parametrize("fault", ["root", "size", "key id", "bytes", "line"])
def test_a_failing_cosignature_beside_the_checkpoint_is_a_finding(fault: str) -> None:
    """It counts for nothing, and the log stays what it is."""
    files, witness = dict(small()), WITNESSES[0]
    line = cosignature(files, witness, 5, tree=bytes(32) if fault == "root" else b"").encode()
    size = 6 if fault == "size" else 5
    key_id = "00000000" if fault == "key id" else witness.vkey.key_id.hex()
    files[f"cosignature/{size}/{key_id}"] = {"bytes": b"\xff", "line": b"nothing\n"}.get(fault, line)
    found = judged(files, Policy(PIN, (witness.vkey,), 1))
    assert (found.valid, found.signed, found.witnessed) == (True, 5, 0)
    assert set(codes(found)) <= {"cosignature", "note"}
    assert len(found.findings) == 1


def test_a_failing_cosignature_in_the_checkpoint_is_invalid() -> None:
    """A known key's signature that fails refuses the whole note; an unknown one's is skipped."""
    files = dict(small())
    files["checkpoint"] += cosignature(files, WITNESSES[0], 5, tree=bytes(32)).encode()
    assert judged(files).findings == ()
    found = judged(files, Policy(PIN, (WITNESSES[0].vkey,), 1))
    assert (found.valid, found.witnessed, codes(found)) == (False, 0, ["checkpoint"])


def test_what_a_broken_keeper_raises_is_a_finding() -> None:
    """No exception of the source leaves the verifier, wherever it is raised."""

    class Broken(FolderSource):
        def __init__(self, where: str) -> None:
            super().__init__(small())
            self.where = where

        def block(self, number: int) -> bytes | None:
            return self._or_break("block", super().block(number))

        def batch(self, hash_: str) -> bytes | None:
            return self._or_break("batch", super().batch(hash_))

        def checkpoint(self) -> bytes | None:
            return self._or_break("checkpoint", super().checkpoint())

        def stray(self) -> Iterator[str]:
            yield "x"
            self._or_break("stray", None)

        def _or_break(self, here: str, data: bytes | None) -> bytes | None:
            if here == self.where:
                raise OSError("the disk is gone")
            return data

    for where in ("block", "batch", "checkpoint", "stray"):
        found = verify(Broken(where), Policy(PIN))
        assert not found.valid
        assert ("checkpoint" if where == "checkpoint" else "unreadable") in codes(found)
        assert "the disk is gone" in "".join(str(finding.message) for finding in found.findings)


def test_what_an_observer_finds_leaves_the_log_valid() -> None:
    """Findings of tables are listed; an observer that breaks is one too, at its block."""

    def observe(block: Block, _batch: Batch, _admitted: Admitted) -> Iterator[Finding]:
        yield Finding("row-differs", "entry 1", sentence("It differs."), block=block.header.number)
        if block.header.number == 3:
            raise ValueError("no such column")

    found = verify(FolderSource(small()), Policy(PIN), observe)
    assert (found.valid, found.consistent) == (True, 5)
    assert [(finding.code, finding.block) for finding in found.findings] == [
        *(("row-differs", number) for number in range(4)),
        ("rows-unreadable", 3),
        ("row-differs", 4),
    ]


def test_findings_beyond_the_list_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log with ever so many faults takes no memory for them."""
    monkeypatch.setattr(verdict, "FINDINGS_MAX", 2)
    observe = lambda *_: [Finding("row-differs", "x", sentence("It differs."))]  # noqa: E731 - one of many
    found = verify(FolderSource(small()), Policy(PIN), observe)
    assert codes(found) == ["row-differs", "row-differs", "findings-not-listed"]
    assert "3" in str(found.findings[-1].message)


def test_a_note_by_another_member_is_refused() -> None:
    """A block whose note was signed again by someone who is not the author."""
    files = dict(small())
    header, _, signed = files["block/00000004"].partition(b"\n")
    text = signed.partition(b"\n\n")[0].decode() + "\n"
    resigned = f"{text}\n{note.sign(text, ORIGIN, SeedSigner(0x0B))}".encode()
    files["block/00000004"] = header + b"\n" + resigned
    del files["checkpoint"]
    found = judged(files)
    assert (found.valid, found.consistent, codes(found)[0]) == (False, 4, "signature")
