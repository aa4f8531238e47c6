"""A peer under a measure: what is asked and read in one session is counted, and ends where no honest peer goes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from cloudbooks.errors import Sentence, sentence
from cloudbooks.peers.peer import Peer, PeerLost

LOOKS_MAX = 4_000_000
"""Calls in one session: some for each block of the largest book."""

BYTES_MAX = 4 << 30
"""Bytes read in one session."""

SECONDS_MAX = 3600
"""How long one session may take from its first call on."""


class TooMuch(Exception):
    """A peer gave more, or took longer, than one session waits for; `why` says which."""

    def __init__(self, why: Sentence) -> None:
        super().__init__(str(why))
        self.why = why


@dataclass(frozen=True, slots=True)
class Measure:
    """What one session may cost."""

    looks: int = LOOKS_MAX
    bytes: int = BYTES_MAX
    seconds: int = SECONDS_MAX


class Metered(Peer):
    """A peer, with its calls (`looks`) and the bytes that were read (`bytes_read`) counted.

    Every method raises `TooMuch` beside what the peer itself raises. `lost` keeps the exception that ended the
    session: a verifier takes whatever is raised for a fault of the log.
    """

    def __init__(self, peer: Peer, measure: Measure | None = None) -> None:
        self._peer = peer
        self._measure = measure or Measure()
        self._end = 0.0
        self.looks = 0
        self.bytes_read = 0
        self.lost: PeerLost | TooMuch | None = None

    @contextmanager
    def _looking(self) -> Iterator[None]:
        """Count a call, and remember what ends the session; raises `TooMuch`."""
        try:
            self._look()
            yield
        except (PeerLost, TooMuch) as lost:
            self.lost = lost
            raise

    def _look(self) -> None:
        self.looks += 1
        now = time.monotonic()
        self._end = self._end or now + self._measure.seconds
        if self.looks > self._measure.looks:
            raise TooMuch(sentence("more than {n} files were asked for", n=f"{self._measure.looks:,}"))
        if now > self._end:
            raise TooMuch(sentence("it took more than {n} seconds", n=f"{self._measure.seconds:,}"))

    def _counted(self, data: bytes | None) -> bytes | None:
        self.bytes_read += len(data or b"")
        if self.bytes_read > self._measure.bytes:
            raise TooMuch(sentence("it gave more than {n} bytes", n=f"{self._measure.bytes:,}"))
        return data

    def block(self, number: int) -> bytes | None:
        """See `LogSource`."""
        with self._looking():
            return self._counted(self._peer.block(number))

    def batch(self, hash_: str) -> bytes | None:
        """See `LogSource`."""
        with self._looking():
            return self._counted(self._peer.batch(hash_))

    def attachment(self, b3: str) -> bytes | None:
        """See `LogSource`."""
        with self._looking():
            return self._counted(self._peer.attachment(b3))

    def checkpoint(self) -> bytes | None:
        """See `LogSource`."""
        with self._looking():
            return self._counted(self._peer.checkpoint())

    def cosignatures(self) -> Iterator[tuple[int, str, bytes]]:
        """See `LogSource`."""
        with self._looking():
            for size, key_id, line in self._peer.cosignatures():
                self._look()
                self._counted(line)
                yield size, key_id, line

    def timestamps(self) -> Iterator[tuple[int, bytes]]:
        """See `LogSource`."""
        with self._looking():
            for size, token in self._peer.timestamps():
                self._look()
                self._counted(token)
                yield size, token

    def stamped(self) -> Iterable[int]:
        """See `Peer`."""
        with self._looking():
            return self._peer.stamped()

    def timestamp(self, size: int) -> bytes | None:
        """See `Peer`."""
        with self._looking():
            return self._counted(self._peer.timestamp(size))

    def stray(self) -> Iterator[str]:
        """See `LogSource`."""
        with self._looking():
            for name in self._peer.stray():
                self._look()
                yield name

    def has_block(self, number: int) -> bool:
        """See `Peer`."""
        with self._looking():
            return self._peer.has_block(number)

    def keep_attachment(self, b3: str, data: bytes) -> int:
        """See `Peer`."""
        with self._looking():
            return self._peer.keep_attachment(b3, data)

    def keep_batch(self, hash_: str, data: bytes) -> int:
        """See `Peer`."""
        with self._looking():
            return self._peer.keep_batch(hash_, data)

    def keep_timestamp(self, size: int, token: bytes) -> int:
        """See `Peer`."""
        with self._looking():
            return self._peer.keep_timestamp(size, token)

    def append(self, number: int, data: bytes, expected: str) -> bool:
        """See `Peer`."""
        with self._looking():
            return self._peer.append(number, data, expected)

    def keep_checkpoint(self, data: bytes) -> None:
        """See `Peer`."""
        with self._looking():
            self._peer.keep_checkpoint(data)
