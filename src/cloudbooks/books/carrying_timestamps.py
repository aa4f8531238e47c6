"""Timestamps on their way between copies, so that a head that one of them had stamped is anchored at all.

A slot is filled once, so that what a peer gives must fit this log; where this desk says whom it trusts, one of those
must vouch for it too. A peer decides neither how many nor how large they are.
"""

from __future__ import annotations

from collections.abc import Iterable

from cloudbooks.books.exchanging import Exchange
from cloudbooks.books.verifying import PolicyUnreadable, policy_of
from cloudbooks.chain.anchoring import INSTALL
from cloudbooks.chain.authority import Authority, Unjudged
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.checkpoint import origin
from cloudbooks.chain.timestamp import imprint, read
from cloudbooks.errors import Finding, Sentence, counted, sentence
from cloudbooks.peers.layout import EndlessListing
from cloudbooks.store import keeping_log, log

READ_MAX = 500
"""Files that one session reads, or sends; the next goes on with the others."""


def take_timestamps(exchange: Exchange) -> int:
    """Keep the peer's timestamps over blocks that are signed here; gives how many are new.

    The largest sizes come first: whoever stamped more blocks stamped all before them. Those that are not taken are told
    in one finding. Raises a `PeerFault`.
    """
    copy = exchange.copy
    ours, signed = set(copy.stamped()), copy.signed
    with exchange.telling():
        new = sorted((one for one in _listed(exchange) or () if one not in ours and 0 < one <= signed), reverse=True)
        tokens = [(size, exchange.peer.timestamp(size)) for size in new[:READ_MAX]]
    if not tokens:
        return 0
    taken = 0
    unfit: list[tuple[int, Sentence]] = []
    try:
        authorities = _trusted(exchange)
    except PolicyUnreadable as unread:
        _tell(exchange, unread.message, unread.hint)
        return 0
    for size, token in tokens:
        if token is not None:
            try:
                taken += _kept(exchange, size, token, authorities)
            except FormFault as fault:
                unfit.append((size, fault.message))
            except Unjudged:
                _tell(exchange, sentence("What judges a timestamp is not installed."), INSTALL)
                break
    _tell_unfit(exchange, unfit)
    return taken


def send_timestamps(exchange: Exchange) -> int:
    """Give the peer our timestamps over blocks that it has too; gives how many. Raises a `PeerFault`."""
    copy, sent = exchange.copy, 0
    common = exchange.pushed()
    mine = [size for size in copy.stamped() if size <= common]
    if not mine:
        return 0
    with exchange.telling():
        theirs = _listed(exchange)
        lacking = set() if theirs is None else set(mine) - theirs
        for size in sorted(lacking, reverse=True)[:READ_MAX]:
            token = copy.timestamp(size)
            if token is not None:
                sent += bool(exchange.peer.keep_timestamp(size, token))
    return sent


def _listed(exchange: Exchange) -> set[int] | None:
    """What the peer keeps; `None`, and a finding, where it lists more than any log has."""
    try:
        return set(exchange.peer.stamped())
    except EndlessListing:
        _tell(exchange, sentence("it lists more timestamps than any log has; none was taken or sent."))
        return None


def _trusted(exchange: Exchange) -> tuple[Authority, ...]:
    """The authorities of this desk's policy, if it has one; raises `PolicyUnreadable`."""
    policy = exchange.desk.policy
    return policy_of(policy, origin(exchange.book.id)).authorities if policy else ()


def _kept(exchange: Exchange, size: int, token: bytes, authorities: tuple[Authority, ...]) -> bool:
    """Keep a token that fits; raises `FormFault`, and `Unjudged`."""
    root = log.root_at(exchange.book, size)
    found = read(token)
    if found.imprint != imprint(origin(exchange.book.id), size, root):
        raise FormFault("timestamp", sentence("it is over something else."))
    if authorities and not any(one.knows(found) and one.vouches(found) for one in authorities):
        raise FormFault("timestamp", sentence("no authority of your policy vouches for it."))
    return keeping_log.keep_timestamp(exchange.book, size, token, root)


def _tell_unfit(exchange: Exchange, unfit: Iterable[tuple[int, Sentence]]) -> None:
    found = list(unfit)
    if found:
        size, why = found[0]
        message = counted(
            "{n} timestamp was not taken, timestamp/{size}.tsr: {why}",
            "{n} timestamps were not taken, the first timestamp/{size}.tsr: {why}",
            len(found), size=size, why=why,
        )  # fmt: skip
        _tell(exchange, message)


def _tell(exchange: Exchange, message: Sentence, hint: Sentence | None = None) -> None:
    exchange.findings.append(Finding("peer-timestamp", exchange.row.name, message, hint, warning=True))
