"""What a witness does: it signs a head only if it grew out of the last one that it signed (docs/c2sp.md section 6)."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from cloudbooks.chain import note as notes
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.checkpoint import Checkpoint, cosigned
from cloudbooks.chain.merkle import SIZE_MAX, verify_consistency
from cloudbooks.chain.note import COSIGNATURE, Signature, Signer, Vkey, base64_strictly

PROOF_LINES_MAX = 63
_DECIMAL = re.compile(r"0|[1-9][0-9]*", re.ASCII)
_HASH_BYTES = 32
_TIME_BYTES = 8


@dataclass(frozen=True, slots=True)
class Seen:
    """The last head of a log that this witness signed."""

    size: int
    root: bytes


class WitnessRefusal(Exception):
    """A head is not signed: `status` is C2SP's for an HTTP answer, `body` what goes with it."""

    def __init__(self, status: int, body: str = "") -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


@dataclass(frozen=True, slots=True)
class Request:
    """What asks for a cosignature: the size that the caller believes was signed last, the proof, the checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: Checkpoint


def request_text(old: int, proof: Sequence[bytes], checkpoint: bytes) -> bytes:
    """The body of an `add-checkpoint` request."""
    lines = "".join(f"{b64encode(one).decode()}\n" for one in proof)
    return f"old {old}\n{lines}\n".encode() + checkpoint


def read_request(data: bytes) -> Request:
    """The request that a body is; raises `WitnessRefusal` (400)."""
    head, gap, checkpoint = data.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
        origin = checkpoint.partition(b"\n")[0].decode()
        old = first.removeprefix("old ")
        proof = tuple(base64_strictly(line) or b"" for line in lines)
        fits = gap and first.startswith("old ") and _DECIMAL.fullmatch(old) and len(old) <= len(str(SIZE_MAX))
        if not fits or len(proof) > PROOF_LINES_MAX or any(len(one) != _HASH_BYTES for one in proof):
            raise WitnessRefusal(400)
        return Request(int(old), proof, Checkpoint.read(checkpoint, origin))
    except (UnicodeDecodeError, FormFault) as fault:
        raise WitnessRefusal(400) from fault


def judge(
    request: Request, trusted: Callable[[str], Iterable[Vkey] | None], seen: Callable[[str], Seen | None]
) -> Checkpoint:
    """The checkpoint to be signed; raises `WitnessRefusal` in the order of the specification.

    `trusted` gives the keys of a log by its origin, `None` for one that is not known; `seen` what was signed last. The
    caller keeps the new size and root durably before it signs, in one atomic step with this judgement.
    """
    checkpoint = request.checkpoint
    keys = trusted(checkpoint.origin)
    if keys is None:
        raise WitnessRefusal(404)
    try:
        signers = checkpoint.note.verified_by(keys)
    except FormFault as fault:
        raise WitnessRefusal(403) from fault
    if not signers:
        raise WitnessRefusal(403)
    if request.old > checkpoint.size:
        raise WitnessRefusal(400)
    last = seen(checkpoint.origin)
    size = last.size if last else 0
    if request.old != size:
        raise WitnessRefusal(409, f"{size}\n")
    if not _grew(request, last):
        raise WitnessRefusal(422)
    return checkpoint


def _grew(request: Request, last: Seen | None) -> bool:
    checkpoint, old = request.checkpoint, request.old
    if old == 0 or last is None:
        return not request.proof
    return verify_consistency(old, checkpoint.size, request.proof, last.root, checkpoint.root)


def cosignature_key(signer: Signer, name: str) -> Vkey:
    """The key for cosignatures under a name, of whoever signs."""
    return Vkey.of(name, signer.vkey.public, COSIGNATURE)


def cosign(checkpoint: Checkpoint, signer: Signer, key: Vkey, time: int) -> str:
    """The signature line, with its LF, by a witness over a checkpoint at a POSIX time, which is not 0."""
    assert time > 0
    blob = time.to_bytes(_TIME_BYTES) + signer.sign(cosigned(checkpoint.note.text, time))
    return str(Signature(key.name, notes.key_id(key.name, COSIGNATURE, key.public), blob))
