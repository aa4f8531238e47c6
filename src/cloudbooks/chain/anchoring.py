"""Judging the timestamps over a log: how far it is anchored, since when, and by whom (docs/format.md section 7.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cloudbooks.chain import timestamp
from cloudbooks.chain.authority import Authority, Unjudged
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.timestamp import Token
from cloudbooks.chain.verdict import Judgement
from cloudbooks.errors import Finding, Sentence, sentence


@dataclass(frozen=True, slots=True)
class Anchor:
    """What anchors a log: how many blocks, the instant, and the authority's name; `stamped` tokens were at hand."""

    size: int = 0
    at: str = ""
    by: str = ""
    stamped: int = 0


@dataclass(frozen=True, slots=True)
class _Good:
    """A token for which an authority vouches."""

    at: str
    size: int
    by: str


class Timestamps:
    """What stamps a log that was read: `roots` gives the root of each size up to `blocks`."""

    def __init__(self, judgement: Judgement, origin: str, blocks: int, roots: Callable[[int], bytes]) -> None:
        self._judgement = judgement
        self._origin = origin
        self._blocks = blocks
        self._roots = roots

    def anchored(self, kept: Iterable[tuple[int, bytes]], authorities: tuple[Authority, ...], signed: int) -> Anchor:
        """Judge every token, and say what anchors a log that is signed up to a size."""
        good: list[_Good] = []
        stamped = 0
        for size, data in kept:
            stamped += 1
            by = self._judged(size, data, authorities)
            if by is not None:
                good.append(by)
        size = min(signed, max((one.size for one in good), default=0))
        if size == 0:
            return Anchor(stamped=stamped)
        # Whoever stamped more blocks stamped these too, and the earliest time says most.
        first = min((one for one in good if one.size >= size), key=lambda one: (one.at, one.size))
        return Anchor(size, first.at, first.by, stamped)

    def _judged(self, size: int, data: bytes, authorities: tuple[Authority, ...]) -> _Good | None:
        """Who vouches for a token; what keeps everybody from it is a finding."""
        place = timestamp.token_file(size)
        try:
            token = self.fitting(size, data)
            if not authorities:
                return None
            knowing = [one for one in authorities if one.knows(token)]
            if not knowing:
                message = sentence("No authority of the policy is the one of this timestamp.")
                self._find("timestamp-unknown", place, message, warning=True)
                return None
            by = next((one.name for one in knowing if one.vouches(token)), None)
        except FormFault as fault:
            self._find(fault.code, place, fault.message)
        except Unjudged:
            message = sentence("What judges a timestamp is not installed.")
            self._find("timestamp-unjudged", place, message, hint=INSTALL)
        else:
            if by is not None:
                return _Good(instant(token), size, by)
            names = ", ".join(one.name for one in knowing)
            self._find("timestamp", place, sentence("{name} does not vouch for this timestamp.", name=names))
        return None

    def fitting(self, size: int, data: bytes) -> Token:
        """A token over the log's first `size` blocks, by whomever; raises `FormFault` (`timestamp`)."""
        token = timestamp.read(data)
        if not 0 < size <= self._blocks:
            raise FormFault(
                "timestamp",
                sentence("{size} blocks were stamped, and {n} are here.", size=size, n=self._blocks),
            )
        if token.imprint != timestamp.imprint(self._origin, size, self._roots(size)):
            raise FormFault(
                "timestamp", sentence("The timestamp is over something else than this log's first {size} blocks.",
                                      size=size),
            )  # fmt: skip
        return token

    def _find(
        self, code: str, place: str, message: Sentence, *, hint: Sentence | None = None, warning: bool = False
    ) -> None:
        self._judgement.add(Finding(code, place, message, hint, warning=warning))


INSTALL = sentence('pip install "cloudbooks[timestamp]"')
"""How to get what asks authorities, and judges what they sign."""


def instant(token: Token) -> str:
    """The time of a token as the log writes instants."""
    return token.at.replace(tzinfo=None).isoformat() + "Z"
