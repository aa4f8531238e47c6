"""From records to proofs: bytes and hashes, no I/O."""
