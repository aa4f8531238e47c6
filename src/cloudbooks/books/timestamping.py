"""`chain timestamp`: an authority's word that the signed head was there at a time, kept beside the checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cloudbooks.books.desk import Desk
from cloudbooks.books.verifying import authority_of, policy_of
from cloudbooks.chain import timestamp
from cloudbooks.chain.anchoring import INSTALL, instant
from cloudbooks.chain.authority import Authority
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.checkpoint import origin
from cloudbooks.chain.timestamp import NotGranted, Token
from cloudbooks.errors import Refusal, UsageError, sentence
from cloudbooks.peers import timestamping, web
from cloudbooks.peers.timestamping import AuthorityAnswer
from cloudbooks.store import keeping_log, log

if TYPE_CHECKING:
    from rfc3161_client import TimeStampRequest

    from cloudbooks.store.book_file import BookFile


class TimestampExtraMissing(Refusal):
    """The library that asks for timestamps and judges them is not installed."""

    code = "timestamp-extra-missing"

    def __init__(self) -> None:
        super().__init__(sentence("this installation has no library for timestamps."), hint=INSTALL)


class HeadNotSigned(Refusal):
    """No checkpoint covers the last block, so that there is nothing to stamp."""

    code = "head-not-signed"

    def __init__(self, size: int, blocks: int) -> None:
        super().__init__(
            sentence("the checkpoint covers {size} of {blocks} blocks, and a timestamp covers a checkpoint.",
                     size=size, blocks=blocks),
            hint=sentence("cloudbooks sync or the next cloudbooks post signs one"),
        )  # fmt: skip


class StampedAlready(Refusal):
    """A timestamp over the head is kept already; the first one stays, for it says the most."""

    code = "stamped-already"

    def __init__(self, size: int, at: str) -> None:
        super().__init__(
            sentence("the {size} blocks of the head were stamped at {at}.", size=size, at=at),
            hint=sentence("the next timestamp is due when something was posted: cloudbooks status"),
        )


class TwoJudges(UsageError):
    """Both a policy and a file of certificates were given to judge one timestamp."""

    code = "two-judges"

    def __init__(self) -> None:
        super().__init__(
            sentence("--policy and --ca both say whom you trust."),
            hint=sentence("cloudbooks chain timestamp --tsa URL --ca FILE"),
        )


class AuthorityUnjudged(UsageError):
    """An authority is to be asked over plain http, where anybody may answer, and nobody judges the answer."""

    code = "authority-unjudged"

    def __init__(self, url: str) -> None:
        super().__init__(
            sentence("{url} is asked over http only where its answer is judged.", url=url),
            hint=sentence("cloudbooks chain timestamp --tsa URL --ca FILE, or --policy FILE"),
        )


@dataclass(frozen=True, slots=True)
class Stamped:
    """A timestamp that is kept now: over how many blocks, its instant, and who vouches for it.

    `by` is the authority's name in the verifier's policy, empty where nothing was given to judge its signature by.
    """

    book: str
    size: int
    at: str
    by: str
    url: str


@dataclass(frozen=True, slots=True)
class _Head:
    """What is to be stamped."""

    book: str
    size: int
    root: bytes

    @property
    def text(self) -> bytes:
        return timestamp.stamped_text(origin(self.book), self.size, self.root)

    @property
    def imprint(self) -> bytes:
        return timestamp.imprint(origin(self.book), self.size, self.root)


def stamp(desk: Desk, url: str, *, policy: Path | None = None, certificates: Path | None = None) -> Stamped:
    """Ask an authority for a timestamp over the signed head, and keep it if it is one.

    Its signature is judged by the authorities of a `policy`, or by a PEM file of `certificates`; by nothing without
    both. The book is not held while the authority is asked. Raises `TimestampExtraMissing`, `TwoJudges`,
    `PolicyUnreadable`, `HeadNotSigned`, `StampedAlready`, `AuthorityUnjudged`,
    `AuthorityAnswer`, and what `web.post` raises.
    """
    web.address(url, plain=True)
    if policy is not None and certificates is not None:
        raise TwoJudges
    with desk.open() as book:
        authorities = _authorities(book.id, policy or (None if certificates else desk.policy), certificates)
        _require_safe(url, authorities)
        head = _head(book)
    request = _request(head.text)
    token = _answered(url, timestamping.ask(url, request.as_bytes(), judged=bool(authorities)))
    _require_fitting(url, token, head, request)
    by = _vouching(url, token, authorities)
    with desk.open() as book:
        if not keeping_log.keep_timestamp(book, head.size, token.data, head.root):
            raise _kept_already(book, head.size) or HeadNotSigned(log.signed_size(book), log.size(book))
    return Stamped(head.book, head.size, instant(token), by, url)


def _require_safe(url: str, authorities: tuple[Authority, ...] | None) -> None:
    """Refuse an authority over plain http where nobody would judge what came back; raises `AuthorityUnjudged`."""
    try:
        web.address(url, plain=bool(authorities))
    except web.WebAddressUnfit:
        raise AuthorityUnjudged(url) from None


def _authorities(book: str, policy: Path | None, certificates: Path | None) -> tuple[Authority, ...] | None:
    """Whom the user trusts to stamp; `None` where that was not said."""
    if certificates is not None:
        return (authority_of(certificates, str(certificates)),)
    return None if policy is None else policy_of(policy, origin(book)).authorities


def _head(book: BookFile) -> _Head:
    size, blocks = log.signed_size(book), log.size(book)
    if size < blocks or not blocks:
        raise HeadNotSigned(size, blocks)
    kept = _kept_already(book, size)
    if kept is not None:
        raise kept
    return _Head(book.id, size, log.root_at(book, size))


def _kept_already(book: BookFile, size: int) -> StampedAlready | None:
    there = log.StoredLog(book).timestamp(size)
    return None if there is None else StampedAlready(size, instant(timestamp.read(there)))


def _request(text: bytes) -> TimeStampRequest:
    try:
        from rfc3161_client import HashAlgorithm, TimestampRequestBuilder  # noqa: PLC0415 - an extra
    except ImportError:
        raise TimestampExtraMissing from None
    builder = TimestampRequestBuilder().data(text).hash_algorithm(HashAlgorithm.SHA256)
    return builder.nonce(nonce=True).cert_request(cert_request=True).build()


def _answered(url: str, answer: bytes) -> Token:
    try:
        return timestamp.read(timestamp.token_of(answer))
    except FormFault as fault:
        raise AuthorityAnswer(url, fault.message) from fault
    except NotGranted as refusal:
        raise AuthorityAnswer(url, sentence("it refused with {why}.", why=refusal.why)) from refusal


def _require_fitting(url: str, token: Token, head: _Head, request: TimeStampRequest) -> None:
    if token.imprint != head.imprint:
        raise AuthorityAnswer(url, sentence("its timestamp is over something else than was sent."))
    if token.nonce != request.nonce:
        raise AuthorityAnswer(url, sentence("its timestamp answers another question: the nonce differs."))


def _vouching(url: str, token: Token, authorities: tuple[Authority, ...] | None) -> str:
    """The name of the authority that vouches for a token; empty where none was given."""
    if authorities is None:
        return ""
    knowing = [one for one in authorities if one.knows(token)]
    if not knowing:
        raise AuthorityAnswer(url, sentence("no authority that you trust is the one that signed it."))
    by = next((one.name for one in knowing if one.vouches(token)), None)
    if by is None:
        names = ", ".join(one.name for one in knowing)
        raise AuthorityAnswer(url, sentence("{name} does not vouch for its signature.", name=names))
    return by
