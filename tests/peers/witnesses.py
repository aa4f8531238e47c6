"""A witness in tests: it signs the head of slots where that grew out of the last one that it signed."""

from __future__ import annotations

from tests.chain.strategies import SeedSigner

from cloudbooks.chain import witness
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.checkpoint import Checkpoint
from cloudbooks.chain.merkle import leaf_hashes, root
from cloudbooks.chain.note import Vkey
from cloudbooks.peers.layout import block_file, cosignature_file


class SlotWitness:
    """A witness with a key of its own, made from one byte, who looks at slots by their names in the layout."""

    def __init__(self, seed: int) -> None:
        self._signer = SeedSigner(seed)
        self.key: Vkey = witness.cosignature_key(self._signer, f"witness.example/w{seed}")
        self._seen = 0, root([])
        self._time = 1700000000

    @property
    def key_id(self) -> str:
        """The id of its key as 8 hex digits."""
        return self.key.key_id.hex()

    def line(self, checkpoint: Checkpoint) -> bytes:
        """Its signature line over a checkpoint, whatever that is."""
        self._time += 1
        return witness.cosign(checkpoint, self._signer, self.key, self._time).encode()

    def signs(self, held: dict[str, bytes]) -> str:
        """Cosign the checkpoint of slots and put the line into them; the name of its slot, empty where it refuses."""
        data = held.get("checkpoint", b"")
        try:
            checkpoint = Checkpoint.read(data, data.partition(b"\n")[0].decode())
        except FormFault:
            return ""
        size, before = self._seen
        blocks = [held.get(block_file(number), b"") for number in range(checkpoint.size)]
        leaves = leaf_hashes(blocks)
        if checkpoint.size < size or root(leaves[:size]) != before or root(leaves) != checkpoint.root:
            return ""
        self._seen = checkpoint.size, checkpoint.root
        name = cosignature_file(checkpoint.size, self.key_id)
        held.setdefault(name, self.line(checkpoint))
        return name
