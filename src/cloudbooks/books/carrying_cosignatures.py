"""Cosignatures on their way between copies, so that a witness who signed at one of them is counted by all.

Whom a verifier trusts is the verifier's own to say, so that lines by keys that nobody here knows are carried too, as
far as their form can be judged. A peer decides neither how many nor how large they are.
"""

from __future__ import annotations

from collections.abc import Iterable

from cloudbooks.books.cosigning import own_cosignature_key
from cloudbooks.books.exchanging import Exchange
from cloudbooks.chain import checkpoint as checkpoints
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.checkpoint import origin
from cloudbooks.chain.note import COSIGNATURE, COSIGNATURE_BLOB_BYTES, Vkey
from cloudbooks.chain.witnessing import cosignature
from cloudbooks.errors import Finding, Sentence, counted, sentence
from cloudbooks.peers.layout import EndlessListing
from cloudbooks.peers.peer import COSIGNATURE_BYTES_MAX
from cloudbooks.store import keeping_log, log, reading

READ_MAX = 500
"""Files that one session reads, or sends; the next goes on with the others."""

_PRINTED = 0x20
"""Bytes below this one are in no line of a note."""

Place = tuple[int, str]
"""How many blocks a cosignature covers, and the id of its key as 8 hex digits."""


def take_cosignatures(exchange: Exchange) -> int:
    """Keep the peer's cosignatures over blocks that are signed here; gives how many are new.

    Witnesses of whom something is kept come first, so that made-up names do not keep them out, and then the largest
    sizes: whoever saw more saw the beginning too. What does not fit this log is told in one finding and not kept.
    Raises a `PeerFault`.
    """
    copy = exchange.copy
    ours, signed = set(copy.cosigned()), copy.signed
    with exchange.telling():
        theirs = _listed(exchange)
        heard = {key_id for _, key_id in ours}
        new = [one for one in theirs or () if one not in ours and 0 < one[0] <= signed]
        new.sort(key=lambda one: (one[1] in heard, one), reverse=True)
        known = _known(exchange)
        fit: list[tuple[int, bytes]] = []
        unfit: list[tuple[Place, Sentence]] = []
        for size, key_id in new[:READ_MAX]:
            line = exchange.peer.cosignature(size, key_id)
            if line is None:
                continue
            try:
                _judge(exchange, size, key_id, line, known)
            except FormFault as fault:
                unfit.append(((size, key_id), fault.message))
            else:
                fit.append((size, line))
    _tell_unfit(exchange, unfit)
    taken = keeping_log.keep_cosignatures(exchange.book, fit) if fit else 0
    if taken < len(fit) and len(copy.cosigned()) >= keeping_log.COSIGNATURES_MAX:
        message = sentence("this book keeps {n} cosignatures, and no more come in from peers.",
                           n=keeping_log.COSIGNATURES_MAX)  # fmt: skip
        exchange.findings.append(Finding("peer-cosignature", exchange.row.name, message, warning=True))
    return taken


def send_cosignatures(exchange: Exchange) -> int:
    """Give the peer our cosignatures over blocks that it has too; gives how many. Raises a `PeerFault`."""
    copy, sent = exchange.copy, 0
    common = exchange.pushed()
    mine = [one for one in copy.cosigned() if one[0] <= common]
    if not mine:
        return 0
    with exchange.telling():
        theirs = _listed(exchange)
        lacking = set() if theirs is None else set(mine) - theirs
        for size, key_id in sorted(lacking, reverse=True)[:READ_MAX]:
            line = copy.cosignature(size, key_id)
            if line is not None:
                sent += bool(exchange.peer.keep_cosignature(size, key_id, line))
    return sent


def _listed(exchange: Exchange) -> set[Place] | None:
    """What the peer keeps; `None`, and a finding, where it lists more than any log has."""
    try:
        return set(exchange.peer.cosigned())
    except EndlessListing:
        message = sentence("it lists more cosignatures than any log has; none was taken or sent.")
        exchange.findings.append(Finding("peer-cosignature", exchange.row.name, message, warning=True))
        return None


def _known(exchange: Exchange) -> dict[tuple[str, bytes], Vkey]:
    """The keys for cosignatures of which this machine knows whose they are: of members, and its own as a witness."""
    name = origin(exchange.book.id)
    keys = [Vkey.of(name, Vkey.parse(one.key).public, COSIGNATURE) for one in reading.members(exchange.book)]
    own = own_cosignature_key(exchange.desk.state)
    return {(key.name, key.key_id): key for key in (*keys, *((own,) if own else ()))}


def _judge(exchange: Exchange, size: int, key_id: str, line: bytes, known: dict[tuple[str, bytes], Vkey]) -> None:
    """Judge a line as far as that can be done here; raises `FormFault`."""
    if len(line) > COSIGNATURE_BYTES_MAX:
        raise FormFault("cosignature", sentence("it is longer than any signature line."))
    signature = cosignature(key_id, line)
    if not line.endswith(b"\n") or min(line[:-1]) < _PRINTED or len(signature.blob) not in COSIGNATURE_BLOB_BYTES:
        raise FormFault("cosignature", sentence("it is no signature line of a witness."))
    key = known.get((signature.name, signature.key_id))
    if key is not None:
        text = checkpoints.text(origin(exchange.book.id), size, log.root_at(exchange.book, size))
        checkpoints.verify_cosignature(text, signature, key)


def _tell_unfit(exchange: Exchange, unfit: Iterable[tuple[Place, Sentence]]) -> None:
    found = list(unfit)
    if found:
        (size, key_id), why = found[0]
        message = counted(
            "{n} cosignature was not taken, cosignature/{size}/{id}: {why}",
            "{n} cosignatures were not taken, the first cosignature/{size}/{id}: {why}",
            len(found), size=size, id=key_id, why=why,
        )  # fmt: skip
        exchange.findings.append(Finding("peer-cosignature", exchange.row.name, message, warning=True))
