from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.chain.strategies import BOOK, SeedSigner, vectors

from cloudbooks.chain import checkpoint, merkle, note
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.checkpoint import Checkpoint, Cosignature, cosigned, verify_cosignature
from cloudbooks.chain.note import Signature, SignedNote, Vkey

WORKED: dict[str, Any] = vectors("worked/c2sp-worked.json")
ORIGIN = f"cloudbooks/{BOOK}"
TEXT: str = WORKED["checkpoint"]["text"]
LOG = Vkey.parse(WORKED["keys"]["log"]["vkey"])
W1, W2 = (Vkey.parse(WORKED["keys"][name]["vkey"]) for name in ("w1", "w2"))
LINE: str = WORKED["checkpoint"]["log_line"]


def _fault(data: bytes, origin: str = ORIGIN) -> FormFault:
    with pytest.raises(FormFault) as caught:
        Checkpoint.read(data, origin)
    return caught.value


def _cosignature(name: str) -> Signature:
    return Signature.parse(WORKED["cosignature"][name].removesuffix("\n"))


def test_worked_checkpoints() -> None:
    """The worked checkpoints, of size 7 and of size 0, are made and signed to the byte, read back and verified."""
    log = SeedSigner(1)
    for name, size, root in (
        ("checkpoint", 7, bytes.fromhex(WORKED["merkle"]["roots"][7])),
        ("empty_checkpoint", 0, merkle.EMPTY_ROOT),
    ):
        case = WORKED[name]
        assert checkpoint.text(checkpoint.origin(BOOK), size, root) == case["text"]
        assert note.sign(case["text"], ORIGIN, log) == case["log_line"]
        read = Checkpoint.read(f"{case['text']}\n{case['log_line']}".encode(), ORIGIN)
        assert (read.origin, read.size, read.root) == (ORIGIN, size, root)
        assert read.note.verified_by([LOG]) == (LOG,)


def test_worked_cosignatures() -> None:
    """The worked cosignatures verify with their times, and their message is the worked one."""
    case = WORKED["cosignature"]
    assert cosigned(TEXT, case["time"]) == case["message"].encode()
    assert hashlib.sha256(cosigned(TEXT, case["time"])).hexdigest() == case["message_sha256"]
    assert verify_cosignature(TEXT, _cosignature("w1"), W1) == Cosignature(W1, 1700000000)
    assert verify_cosignature(TEXT, _cosignature("w2"), W2) == Cosignature(W2, 1700000005)


def test_worked_cosigned_checkpoint() -> None:
    """The log's key verifies a checkpoint that witnesses have cosigned; theirs are of another type and are skipped."""
    read = Checkpoint.read(WORKED["cosigned_checkpoint"]["file"].encode(), ORIGIN)
    assert read.note.verified_by([W1, LOG, W2]) == (LOG,)
    assert len(read.note.signatures) == 3


def test_golden_checkpoint() -> None:
    """The checkpoint that was fixed once is read and verified, its cosignature too."""
    golden = vectors("golden-checkpoint.json")
    key, witness = Vkey.parse(golden["vkey"]), Vkey.parse(golden["witness"])
    read = Checkpoint.read(golden["file"].encode(), ORIGIN)
    assert read.note.text == golden["text"] == checkpoint.text(read.origin, read.size, read.root)
    assert read.note.verified_by([key]) == (key,)
    assert verify_cosignature(read.note.text, read.note.signatures[1], witness).time == golden["time"]


@pytest.mark.parametrize(
    "case", [case for case in vectors("notes/c2sp-examples.json") if case["case"].startswith("checkpoint")], ids=str
)
def test_published_checkpoints_parse(case: dict[str, str]) -> None:
    """The checkpoints that the specifications print are read."""
    read = Checkpoint.read(case["note"].encode(), "example.com/behind-the-sofa")
    assert read.size == 20852163
    assert read.root == b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")


ROOT = TEXT.split("\n")[2]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        f"{ORIGIN}\n7\n",
        f"{ORIGIN}\n7\n{ROOT}\nextension\n",
        f"{ORIGIN}\n7\n{ROOT}\n\n",
        f"{ORIGIN}\n\n7\n{ROOT}\n",
        f"{ORIGIN}\n07\n{ROOT}\n",
        f"{ORIGIN}\n+7\n{ROOT}\n",
        f"{ORIGIN}\n-7\n{ROOT}\n",
        f"{ORIGIN}\n７\n{ROOT}\n",
        f"{ORIGIN}\n7 \n{ROOT}\n",
        f"{ORIGIN}\n\n{ROOT}\n",
        f"{ORIGIN}\n{2**63}\n{ROOT}\n",
        f"{ORIGIN}\n{'9' * 5000}\n{ROOT}\n",
        f"{ORIGIN}\n7\n{ROOT[:-1]}\n",
        f"{ORIGIN}\n7\n{ROOT[:-2]}1=\n",
        f"{ORIGIN}\n7\n{b64encode(bytes(31)).decode()}\n",
        f"{ORIGIN}\n7\n{b64encode(bytes(33)).decode()}\n",
        f"{ORIGIN}\n7\n{ROOT.replace('+', '-').replace('/', '_')}=\n",
        f"{ORIGIN}\n0\n{ROOT}\n",
        f"{ORIGIN}x\n7\n{ROOT}\n",
        f"{ORIGIN.upper()}\n7\n{ROOT}\n",
        f"\n7\n{ROOT}\n",
    ],
)
def test_texts_that_are_no_checkpoints_of_this_log(text: str) -> None:
    """A checkpoint has an origin that is ours, a size and a root, and nothing else."""
    assert _fault(f"{text}\n{LINE}".encode()).code == "checkpoint"


@given(st.binary())
def test_hostile_bytes_are_refused_in_one_way(noise: bytes) -> None:
    """Whatever stands for a checkpoint is refused as a fault of it."""
    assert _fault(noise).code == "checkpoint"
    assert _fault(TEXT.encode() + noise).code == "checkpoint"


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_reading_undoes_writing(size: int, root: bytes) -> None:
    """Any size and root are read back as they were written."""
    root = root if size else merkle.EMPTY_ROOT
    read = Checkpoint.read(f"{checkpoint.text(ORIGIN, size, root)}\n{LINE}".encode(), ORIGIN)
    assert (read.size, read.root) == (size, root)


@given(st.integers(0, 72 * 8 - 1))
def test_a_changed_cosignature_does_not_verify(bit: int) -> None:
    """With any bit of time or signature flipped nothing is cosigned."""
    good = _cosignature("w1")
    blob = (int.from_bytes(good.blob) ^ 1 << bit).to_bytes(72)
    with pytest.raises(FormFault) as caught:
        verify_cosignature(TEXT, Signature(good.name, good.key_id, blob), W1)
    assert caught.value.code == "cosignature"


def _timed(signer: SeedSigner, time: int) -> Signature:
    signed = signer.sign(cosigned(TEXT, time))
    return Signature(signer.vkey.name, signer.vkey.key_id, time.to_bytes(8) + signed)


def test_times_of_cosignatures() -> None:
    """A time may be 0 and reaches to 2**63-1; one beyond is refused, well signed or not."""
    witness = SeedSigner(2, "witness.example/w1", note.COSIGNATURE)
    assert witness.vkey == W1
    for time in (0, 2**63 - 1):
        assert verify_cosignature(TEXT, _timed(witness, time), W1).time == time
    with pytest.raises(FormFault):
        verify_cosignature(TEXT, _timed(witness, 2**63), W1)


def test_cosignatures_of_other_keys_and_texts() -> None:
    """A cosignature counts for its key and its checkpoint alone, and a signature of another type is none."""
    plain = SeedSigner(2, "witness.example/w1")
    short = Signature(W1.name, W1.key_id, b"")
    other = TEXT.replace("\n7\n", "\n8\n")
    cases: list[tuple[str, Signature, Vkey]] = [
        (TEXT, _cosignature("w1"), W2),
        (TEXT, _cosignature("w2"), W1),
        (other, _cosignature("w1"), W1),
        (TEXT, _timed(plain, 5), plain.vkey),
        (TEXT, short, W1),
    ]
    for text, signature, key in cases:
        with pytest.raises(FormFault) as caught:
            verify_cosignature(text, signature, key)
        assert caught.value.code == "cosignature"


def test_a_cosignature_is_no_signature() -> None:
    """The log's own key must not be fooled by a cosignature, nor a witness's by a plain signature."""
    log_note = SignedNote.parse(f"{TEXT}\n{LINE}".encode())
    as_witness = Vkey.of(LOG.name, LOG.public, note.COSIGNATURE)
    with pytest.raises(FormFault):
        verify_cosignature(TEXT, log_note.signatures[0], as_witness)
    assert log_note.verified_by([as_witness]) == ()
