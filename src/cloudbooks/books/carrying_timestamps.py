"""Timestamps on their way between copies: what the other side lacks, over blocks that both have."""

from __future__ import annotations

from cloudbooks.books.exchanging import Exchange
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.checkpoint import origin
from cloudbooks.chain.timestamp import imprint, read
from cloudbooks.errors import Finding, sentence
from cloudbooks.store import log


def take_timestamps(exchange: Exchange) -> int:
    """Keep the peer's timestamps over blocks that are signed here; gives how many.

    Who signed them is judged by each verifier. One that does not fit this log is told and not kept. Raises a
    `PeerFault`.
    """
    copy, taken = exchange.copy, 0
    ours, signed = set(copy.stamped()), copy.signed
    with exchange.telling():
        offered = [size for size in exchange.peer.stamped() if size not in ours and 0 < size <= signed]
        for size in offered:
            token = exchange.peer.timestamp(size)
            if token is not None:
                taken += _kept(exchange, size, token)
    return taken


def _kept(exchange: Exchange, size: int, token: bytes) -> bool:
    root = log.root_at(exchange.book, size)
    try:
        fits = read(token).imprint == imprint(origin(exchange.book.id), size, root)
        why = sentence("it is over something else.")
    except FormFault as fault:
        fits, why = False, fault.message
    if fits:
        return log.keep_timestamp(exchange.book, size, token, root)
    message = sentence("the timestamp over {size} blocks was not taken: {why}", size=size, why=why)
    exchange.findings.append(Finding("peer-timestamp", exchange.row.name, message, warning=True))
    return False


def send_timestamps(exchange: Exchange) -> int:
    """Give the peer our timestamps over blocks that it has too; gives how many. Raises a `PeerFault`."""
    copy, sent = exchange.copy, 0
    common = exchange.pushed()
    with exchange.telling():
        theirs = set(exchange.peer.stamped())
        for size in copy.stamped():
            token = copy.timestamp(size)
            if size <= common and size not in theirs and token is not None:
                sent += bool(exchange.peer.keep_timestamp(size, token))
    return sent
