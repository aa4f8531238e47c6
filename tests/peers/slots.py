"""A peer in memory: create-only slots, as the contract of `peers/peer.py` has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cloudbooks.chain.canonical import b3
from cloudbooks.chain.timestamp import token_file
from cloudbooks.peers.layout import block_file, hash_file

Step = Callable[[str], None]


def _nothing(_: str) -> None:
    """No step is disturbed."""


class Slots:
    """The slots, by their names in the layout. `step` is called around each call, and may raise what cuts it off.

    It is told `before NAME` and `after NAME`: a call that is cut off after it took place is an answer that was lost.
    `counted` adds up the bytes that were read.
    """

    def __init__(self, files: dict[str, bytes] | None = None, step: Step = _nothing) -> None:
        self.files: dict[str, bytes] = {} if files is None else files
        self.step = step
        self.counted = 0

    def _read(self, name: str) -> bytes | None:
        self.step(f"before read {name}")
        data = self.files.get(name)
        self.counted += len(data or b"")
        return data

    def block(self, number: int) -> bytes | None:
        """See `LogSource`."""
        return self._read(block_file(number))

    def batch(self, hash_: str) -> bytes | None:
        """See `LogSource`."""
        return self._read(hash_file("batch", hash_))

    def attachment(self, b3: str) -> bytes | None:
        """See `LogSource`."""
        return self._read(hash_file("attachment", b3))

    def checkpoint(self) -> bytes | None:
        """See `LogSource`."""
        return self._read("checkpoint")

    def cosignatures(self) -> Iterator[tuple[int, str, bytes]]:
        """See `LogSource`."""
        return iter(())

    def timestamps(self) -> Iterator[tuple[int, bytes]]:
        """See `LogSource`."""
        return ((size, token) for size in self.stamped() if (token := self.timestamp(size)) is not None)

    def stamped(self) -> list[int]:
        """See `Peer`."""
        self.step("before listing timestamps")
        names = (name for name in self.files if name.startswith("timestamp/"))
        return sorted(int(name.removeprefix("timestamp/").removesuffix(".tsr")) for name in names)

    def timestamp(self, size: int) -> bytes | None:
        """See `LogSource`."""
        return self._read(token_file(size))

    def stray(self) -> Iterator[str]:
        """See `LogSource`."""
        return iter(())

    def has_block(self, number: int) -> bool:
        """See `Peer`."""
        self.step(f"before look {number}")
        return block_file(number) in self.files

    def keep_timestamp(self, size: int, token: bytes) -> int:
        """See `Peer`."""
        return 0 if token_file(size) in self.files else self._keep(token_file(size), token)

    def keep_attachment(self, b3: str, data: bytes) -> int:
        """See `Peer`."""
        return self._keep(hash_file("attachment", b3), data)

    def keep_batch(self, hash_: str, data: bytes) -> int:
        """See `Peer`."""
        assert b3(data) == hash_
        return self._keep(hash_file("batch", hash_), data)

    def _keep(self, name: str, data: bytes) -> int:
        self.step(f"before keep {name}")
        there = name in self.files
        self.files.setdefault(name, data)
        self.step(f"after keep {name}")
        return 0 if there else len(data)

    def append(self, number: int, data: bytes, expected: str) -> bool:
        """See `Peer`."""
        self.step(f"before append {number}")
        won = self._append(number, data, expected)
        self.step(f"after append {number}")
        return won

    def _append(self, number: int, data: bytes, expected: str) -> bool:
        if number and b3(self.files.get(block_file(number - 1), b"")) != expected:
            return False
        return self.files.setdefault(block_file(number), data) == data

    def keep_checkpoint(self, data: bytes) -> None:
        """See `Peer`."""
        self.step("before checkpoint")
        self.files["checkpoint"] = data
        self.step("after checkpoint")
