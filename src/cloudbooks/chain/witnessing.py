"""Judging a checkpoint and the cosignatures over the log: up to which size it is signed, and witnessed."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cloudbooks.chain import checkpoint as checkpoints
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.checkpoint import Checkpoint, Cosignature
from cloudbooks.chain.note import COSIGNATURE, COSIGNATURE_BLOB_BYTES, Signature, SignedNote, Vkey
from cloudbooks.chain.record import Member
from cloudbooks.chain.verdict import Judgement, LogSource, Policy
from cloudbooks.errors import sentence


def claimed(data: bytes | None) -> Checkpoint | FormFault | None:
    """The checkpoint that a file holds, of whatever origin, or why it holds none; `None` for no file."""
    if data is None:
        return None
    try:
        return Checkpoint.read(data, data.partition(b"\n")[0].decode(errors="replace"))
    except FormFault as fault:
        return fault


class Signatures:
    """What signs and witnesses a log that was read: `roots` gives the root of each size up to `blocks`."""

    def __init__(self, judgement: Judgement, origin: str, blocks: int, roots: Callable[[int], bytes]) -> None:
        self._judgement = judgement
        self._origin = origin
        self._blocks = blocks
        self._roots = roots
        self._cosigners: set[tuple[str, bytes]] = set()

    @property
    def cosigners(self) -> int:
        """How many keys cosigned, by their names and ids, known or not; told when `witnessed` has been asked."""
        return len(self._cosigners)

    def signed(
        self, checkpoint: Checkpoint | FormFault | None, members: Iterable[Member] | None, *, known: bool = False
    ) -> int:
        """The size up to which the log is signed; `members` as they stood at the checkpoint's size.

        `None` for members says that consistency ends before that size: such a checkpoint signs nothing. Where the log
        was read from a later size on they are not known either; `known` says that its signature was judged before.
        """
        if checkpoint is None:
            self._judgement.find("checkpoint-missing", sentence("There is no checkpoint."))
            return 0
        try:
            return self._signed(checkpoint, members, known=known)
        except FormFault as fault:
            self._judgement.invalid(fault.code, fault.message)
            return 0

    def _signed(self, checkpoint: Checkpoint | FormFault, members: Iterable[Member] | None, *, known: bool) -> int:
        if isinstance(checkpoint, FormFault):
            raise checkpoint
        if checkpoint.origin != self._origin:
            raise FormFault("checkpoint", sentence('The checkpoint is of "{origin}".', origin=checkpoint.origin))
        size = checkpoint.size
        if size > self._blocks:
            raise FormFault(
                "block-missing",
                sentence("The checkpoint speaks of {size} blocks, and {n} are here.", size=size, n=self._blocks),
            )
        if checkpoint.root != self._roots(size):
            raise FormFault(
                "checkpoint", sentence("The checkpoint has another root than the first {n} blocks.", n=size)
            )
        if members is not None:
            _require_signature(checkpoint.note, [Vkey.parse(member.key) for member in members if not member.revoked])
        elif not known:
            return 0
        if size < self._blocks:
            message = sentence("The checkpoint ends at {size} of {n} blocks.", size=size, n=self._blocks)
            self._judgement.find("checkpoint-behind", message)
        return size

    def witnessed(self, source: LogSource, checkpoint: Checkpoint | FormFault | None, policy: Policy) -> int:
        """The greatest size that a quorum of witnesses have seen; whoever saw more saw the beginning too."""
        sizes: dict[Vkey, int] = {}
        if isinstance(checkpoint, Checkpoint) and checkpoint.size <= self._blocks:
            for signature in checkpoint.note.signatures:
                try:
                    self._count(sizes, checkpoint.size, signature, policy)
                except FormFault as fault:
                    self._judgement.invalid("checkpoint", fault.message)
        for size, key_id, line in source.cosignatures():
            try:
                self._count(sizes, size, cosignature(key_id, line), policy)
            except FormFault as fault:
                self._judgement.find("cosignature", fault.message)
        return policy.reached(sizes)

    def _count(self, sizes: dict[Vkey, int], size: int, signature: Signature, policy: Policy) -> None:
        """Count a cosignature if it is by a witness of the policy; raises `FormFault` where it does not verify."""
        if len(signature.blob) in COSIGNATURE_BLOB_BYTES:
            self._cosigners.add((signature.name, signature.key_id))
        for key in policy.witnesses:
            if key.type != COSIGNATURE or not signature.is_by(key):
                continue
            if not 0 <= size <= self._blocks:
                raise FormFault(
                    "cosignature",
                    sentence("{name} cosigned {size} blocks, and {n} are here.", name=key.name, size=size,
                             n=self._blocks),
                )  # fmt: skip
            checkpoints.verify_cosignature(checkpoints.text(self._origin, size, self._roots(size)), signature, key)
            sizes[key] = max(size, sizes.get(key, 0))


def trusted_cosignatures(checkpoint: Checkpoint, policy: Policy) -> tuple[Cosignature, ...]:
    """The cosignatures in a checkpoint by witnesses of the policy; others are passed over.

    Raises `FormFault` (`checkpoint`) where one by such a witness does not verify.
    """
    text = checkpoint.note.text
    try:
        return tuple(
            checkpoints.verify_cosignature(text, signature, key)
            for signature in checkpoint.note.signatures
            for key in policy.witnesses
            if key.type == COSIGNATURE and signature.is_by(key)
        )
    except FormFault as fault:
        raise FormFault("checkpoint", fault.message) from fault


def _require_signature(note: SignedNote, keys: Iterable[Vkey]) -> None:
    try:
        signers = note.verified_by(keys)
    except FormFault as fault:
        raise FormFault("checkpoint", fault.message) from fault
    if not signers:
        raise FormFault("checkpoint", sentence("No member who stands at its size signed the checkpoint."))


def cosignature(key_id: str, line: bytes) -> Signature:
    """The signature of a file under `cosignature/`, which is named after its key; raises `FormFault`."""
    try:
        signature = Signature.parse(line.decode().removesuffix("\n"))
    except UnicodeDecodeError:
        raise FormFault("cosignature", sentence("A cosignature is not written in UTF-8.")) from None
    if signature.key_id.hex() != key_id:
        raise FormFault("cosignature", sentence("A cosignature by {id} is kept as one by {other}.",
                                                id=signature.key_id.hex(), other=key_id))  # fmt: skip
    return signature
