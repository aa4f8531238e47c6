"""A witness signs only what grew out of what it signed: the exchange of the specification, status by status."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.chain.strategies import SeedSigner

from cloudbooks.chain import checkpoint as checkpoints
from cloudbooks.chain import note, witness
from cloudbooks.chain.merkle import EMPTY_ROOT, consistency, leaf_hash, root
from cloudbooks.chain.note import Vkey
from cloudbooks.chain.witness import Request, Seen, WitnessRefusal, judge, read_request, request_text

WORKED: dict[str, Any] = json.loads(
    (Path(__file__).parent / "vectors" / "worked" / "c2sp-worked.json").read_text(encoding="utf-8")
)
LOG = Vkey.parse(WORKED["keys"]["log"]["vkey"])
ORIGIN = LOG.name
LEAVES = [leaf_hash(text.encode()) for text in WORKED["merkle"]["leaves_ascii"]]
BODY: bytes = WORKED["witness"]["request"].encode()
SIGNER = SeedSigner(1)


def _judged(data: bytes, seen: Seen | None, *, keys: tuple[Vkey, ...] | None = (LOG,)) -> checkpoints.Checkpoint:
    return judge(read_request(data), lambda origin: keys if origin == ORIGIN else None, lambda _: seen)


def _status(data: bytes, seen: Seen | None, *, keys: tuple[Vkey, ...] | None = (LOG,)) -> tuple[int, str]:
    with pytest.raises(WitnessRefusal) as refused:
        _judged(data, seen, keys=keys)
    return refused.value.status, refused.value.body


def _signed(size: int, tree: bytes) -> bytes:
    text = checkpoints.text(ORIGIN, size, tree)
    return f"{text}\n{note.sign(text, ORIGIN, SIGNER)}".encode()


def test_the_example_is_answered_as_it_stands() -> None:
    """From a stored size of 3 to 7: the very signature line of the specification comes out."""
    assert LOG.public == SIGNER.vkey.public
    found = _judged(BODY, Seen(3, root(LEAVES[:3])))
    signer = SeedSigner(2)
    key = witness.cosignature_key(signer, "witness.example/w1")
    assert str(key) == WORKED["keys"]["w1"]["vkey"]
    assert witness.cosign(found, signer, key, 1700000000) == WORKED["witness"]["response"]
    assert request_text(3, consistency(LEAVES, 3), WORKED["checkpoint"]["signed"].encode()) == BODY


def test_another_stored_size_is_told() -> None:
    """409 with the size in decimal and a line end; nothing stored is 0."""
    assert _status(BODY, Seen(6, root(LEAVES[:6]))) == (409, WORKED["witness"]["conflict_body_if_stored_is_6"])
    assert _status(BODY, None) == (409, "0\n")


def test_an_unknown_log_and_unknown_signers() -> None:
    """404 before any signature is looked at; 403 where no trusted key signed, or one's signature is wrong."""
    assert _status(BODY, Seen(3, root(LEAVES[:3])), keys=None) == (404, "")
    assert _status(BODY, Seen(3, root(LEAVES[:3])), keys=()) == (403, "")
    broken = BODY.replace(b"oGciIsV", b"oGciIsW")
    assert _status(broken, Seen(3, root(LEAVES[:3]))) == (403, "")


def test_a_history_that_did_not_grow() -> None:
    """422 for another stored root, a proof too many or too few, another tree of the same size; 400 for going back."""
    other = root([*LEAVES[:2], leaf_hash(b"x")])
    assert _status(BODY, Seen(3, other)) == (422, "")
    signed = WORKED["checkpoint"]["signed"].encode()
    proof = consistency(LEAVES, 3)
    for wrong in (proof[:-1], [*proof, proof[0]], proof[::-1], []):
        assert _status(request_text(3, wrong, signed), Seen(3, root(LEAVES[:3]))) == (422, "")
    assert _status(request_text(7, [], signed), Seen(7, other)) == (422, "")
    assert _status(request_text(0, proof, signed), None) == (422, "")
    assert _status(request_text(9, [], signed), Seen(9, other)) == (400, "")


def test_the_same_head_again_and_the_first_are_normal() -> None:
    """Size and root as stored need no proof; a first head neither, not even one of no leaf."""
    signed = WORKED["checkpoint"]["signed"].encode()
    assert _judged(request_text(7, [], signed), Seen(7, root(LEAVES))).size == 7
    assert _judged(request_text(0, [], signed), None).size == 7
    assert _judged(request_text(0, [], _signed(0, EMPTY_ROOT)), None).size == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 3\n",
        BODY.replace(b"old 3", b"old 03"),
        BODY.replace(b"old 3", b"old -3"),
        BODY.replace(b"old 3", b"new 3"),
        BODY.replace(b"old 3\n", b"old 3\nAAAA\n"),
        BODY.replace(b"old 3\n", b"old 3\n" + b"sgpRKkjlPSFtuHJtxzfv5qfhO6S2gfmybc0I0ZECWeM=\n" * 64),
        BODY.replace(b"\n7\n", b"\nseven\n"),
        BODY + b"x",
    ],
)
def test_a_body_that_is_none(body: bytes) -> None:
    """400, whatever is wrong with it."""
    with pytest.raises(WitnessRefusal) as refused:
        read_request(body)
    assert refused.value.status == 400


@given(st.binary(max_size=300))
def test_any_bytes_are_a_request_or_400(data: bytes) -> None:
    """A stranger's body raises nothing else."""
    status = 400
    try:
        read_request(data)
    except WitnessRefusal as refusal:
        status = refusal.status
    assert status == 400


@given(st.integers(1, 40), st.data())
def test_every_growth_is_signed_and_no_other(size: int, data: st.DataObject) -> None:
    """Any earlier size of the same leaves is a beginning; with one leaf changed in it, it is none."""
    leaves = [leaf_hash(b"%d" % number) for number in range(size)]
    old = data.draw(st.integers(1, size))
    checkpoint = checkpoints.Checkpoint.read(_signed(size, root(leaves)), ORIGIN)
    request = Request(old, tuple(consistency(leaves, old)), checkpoint)
    key = Vkey.of(ORIGIN, SIGNER.vkey.public)
    assert judge(request, lambda _: [key], lambda _: Seen(old, root(leaves[:old]))) is checkpoint
    changed = [*leaves[: old - 1], leaf_hash(b"other")]
    with pytest.raises(WitnessRefusal):
        judge(request, lambda _: [key], lambda _: Seen(old, root(changed)))


def test_a_cosignature_holds_its_time() -> None:
    """Eight bytes of POSIX seconds stand before the signature."""
    found = _judged(BODY, Seen(3, root(LEAVES[:3])))
    signer = SeedSigner(2)
    line = witness.cosign(found, signer, witness.cosignature_key(signer, "w"), 1700000005)
    assert b64decode(line.split()[-1])[4:12] == (1700000005).to_bytes(8)
