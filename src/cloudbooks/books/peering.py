"""`peer add` and `peer list`, and the faults that speaking to other copies can end in."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cloudbooks.books.desk import Desk
from cloudbooks.books.known_peers import PeerRow, keep_peer, peers_of
from cloudbooks.core.text import shell_word
from cloudbooks.errors import Finding, PeerFault, Refusal, Sentence, counted, sentence
from cloudbooks.peers import seen
from cloudbooks.peers.folder import FolderPeer
from cloudbooks.peers.peer import CutOff, Peer, PeerLost, system_said
from cloudbooks.peers.seen import Seen
from cloudbooks.store import log
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.unit import operation
from cloudbooks.system import files
from cloudbooks.system.clock import instant, local_time
from cloudbooks.system.typed_path import typed_path

_NAME = re.compile(r"[^\W_][\w.-]{0,31}")


class PeerThere(Refusal):
    """A peer of this name is there already."""

    code = "peer-there"

    def __init__(self, row: PeerRow, wanted: str) -> None:
        super().__init__(
            sentence('a peer "{name}" is there already ({url}).', name=row.name, url=row.url),
            hint=sentence("cloudbooks peer add another-name {url}", url=shell_word(wanted)),
        )


class PeerNameUnfit(Refusal):
    """A name for a peer is none that can be typed everywhere."""

    code = "peer-name"

    def __init__(self, name: str) -> None:
        super().__init__(
            sentence('"{name}" is no name for a peer: letters, digits, full stops and hyphens, 32 at most.', name=name),
            hint=sentence("cloudbooks peer add office /path/of/a/folder"),
        )


class PeerUrlUnfit(Refusal):
    """A URL names no kind of peer that this version reaches."""

    code = "peer-url"

    def __init__(self, url: str) -> None:
        super().__init__(
            sentence('"{url}" is no place that this version reaches: a folder, or file:///a/folder.', url=url),
            hint=sentence("cloudbooks peer add office /path/of/a/folder"),
        )


class PeerUnreachable(PeerFault):
    """A peer is not there, or was cut off; nothing was lost."""

    code = "peer-unreachable"

    def __init__(self, row: PeerRow, why: Sentence, waiting: int) -> None:
        super().__init__(
            counted(
                '"{name}" was not reached: {why}. Posting here goes on; {n} block waits to be sent.',
                '"{name}" was not reached: {why}. Posting here goes on; {n} blocks wait to be sent.',
                waiting, name=row.name, why=why,
            ),
            hint=sentence("cloudbooks sync"),
        )  # fmt: skip


class PeerUnreached(PeerFault):
    """The place of a peer that was to be added is not reached; the book does not know it."""

    code = "peer-unreachable"

    def __init__(self, row: PeerRow, why: Sentence) -> None:
        super().__init__(
            sentence('"{name}" was not added, because its place was not reached: {why}.', name=row.name, why=why),
            hint=sentence("cloudbooks peer add {name} FOLDER with a folder that is there", name=row.name),
        )


class PeerCutOff(PeerFault):
    """A file at a peer is cut off or half copied; nothing was taken."""

    code = "peer-cut-off"

    def __init__(self, row: PeerRow, cut: CutOff) -> None:
        super().__init__(
            sentence('"{name}" holds {file} cut off or half copied: {why} Nothing was taken.', name=row.name,
                     file=cut.file, why=cut.why),
            hint=sentence("when the copying is done: cloudbooks sync; if nobody copies, remove that file, then sync")
            if cut.file.startswith("block ")
            else sentence(
                "when the copying is done: cloudbooks sync; cloudbooks peer push {name} sends what is missing",
                name=row.name,
            ),
        )  # fmt: skip


class PeerInvalid(PeerFault):
    """What a peer holds breaks the format or a law of the chain; nothing was taken."""

    code = "peer-invalid"

    def __init__(self, row: PeerRow, number: int | None, why: Sentence, findings: tuple[Finding, ...] = ()) -> None:
        where = sentence("block {number}", number=number) if number is not None else sentence("the checkpoint")
        super().__init__(
            sentence('{where} of "{name}" is refused: {why} Nothing was taken.', where=where, name=row.name, why=why),
            hint=sentence("cloudbooks verify --peer {name}", name=row.name),
            findings=findings,
        )


class PeerKeptNothing(PeerFault):
    """A peer took a file and does not give it back as it was given."""

    code = "peer-kept-nothing"

    def __init__(self, row: PeerRow, file: str) -> None:
        super().__init__(
            sentence('"{name}" took {file} and does not give it back as it was.', name=row.name, file=file),
            hint=sentence("df -h; cloudbooks peer push {name}", name=row.name),
        )


class PeerRolledBack(PeerFault):
    """A peer has fewer blocks than were seen there before: an old copy was put back."""

    code = "peer-rolled-back"

    def __init__(self, row: PeerRow, before: Seen, theirs: int) -> None:
        super().__init__(
            sentence(
                '"{name}" has {theirs}, and {seen} were seen there on {at}. An old copy was put back, or the end is'
                " lost. Nothing was sent.",
                name=row.name, theirs=counted("{n} block", "{n} blocks", theirs), seen=before.size,
                at=local_time(before.at),
            ),
            hint=sentence("cloudbooks peer push {name} sends the missing blocks again", name=row.name),
        )  # fmt: skip


class PeerOfAnotherBook(PeerFault):
    """The place of a peer holds another book."""

    code = "peer-other-book"

    def __init__(self, row: PeerRow) -> None:
        super().__init__(
            sentence('"{name}" ({url}) holds another book. Nothing was taken, nothing sent.', name=row.name,
                     url=row.url),
            hint=sentence("cloudbooks peer add another-name ANOTHER-FOLDER --orders"),
        )  # fmt: skip


class PeerTooMuch(PeerFault):
    """A peer gives more, or takes longer, than one session waits for."""

    code = "peer-too-much"

    def __init__(self, row: PeerRow, why: Sentence) -> None:
        super().__init__(
            sentence('"{name}" was left: {why}. Nothing was taken.', name=row.name, why=why),
            hint=sentence("du -sh {url}; a copy of it on this disk is read faster", url=shell_word(row.url)),
        )


class PeerRewritten(PeerFault):
    """Blocks that stood at a peer are gone, and others stand in their places."""

    code = "peer-rewritten"

    def __init__(self, row: PeerRow, common: int, seen: int, *, movable: bool) -> None:
        back = sentence("put the newer copy of {url} back; cloudbooks peer diff {name} lists the entries",
                        url=row.url, name=row.name)  # fmt: skip
        super().__init__(
            sentence(
                '"{name}" had {seen} blocks of this book, and now others stand there from block {common} on: an old'
                " copy was put back, and somebody posted there. Nothing was lost, nothing sent.",
                name=row.name, seen=seen, common=common,
            ),
            hint=sentence("{back}; cloudbooks peer pull {name} --confirm {name} puts yours behind theirs",
                          back=back, name=row.name)
            if movable
            else back,
        )  # fmt: skip


class PeerDiverged(PeerFault):
    """A peer and this copy both posted after the same block."""

    code = "peer-diverged"

    def __init__(self, row: PeerRow, common: int, ours: int, theirs: int, *, by_sync: bool = False) -> None:
        super().__init__(
            sentence(
                '"{name}" and you both posted after block {last} (you {ours}, they {theirs}). Nothing was lost, nothing'
                " sent.", name=row.name, last=common - 1,
                ours=counted("{n} block", "{n} blocks", ours), theirs=counted("{n} block", "{n} blocks", theirs),
            ),
            hint=sentence("cloudbooks sync puts yours behind theirs; cloudbooks peer diff {name} lists the entries",
                          name=row.name)
            if by_sync
            else sentence("cloudbooks peer diff {name} lists the entries", name=row.name),
        )  # fmt: skip


def fits_as_name(name: str) -> bool:
    """Whether a text can be the name of a peer."""
    return _NAME.fullmatch(name) is not None


def reach(url: str) -> Peer:
    """The engine for a peer's URL: `file:///a/folder` or a path. Raises `PeerUrlUnfit`; nothing is contacted yet."""
    return FolderPeer(_folder(url))


def _folder(url: str) -> Path:
    parts = urlsplit(url)
    if parts.scheme == "file":
        if parts.netloc not in ("", "localhost") or not parts.path or parts.query or parts.fragment:
            raise PeerUrlUnfit(url)
        return Path(unquote(parts.path))
    if "://" in url or "\0" in url or not url:
        raise PeerUrlUnfit(url)
    return typed_path(url)


def absolute(url: str) -> str:
    """A peer's URL as it is kept: a path becomes absolute, so that it means the same in every folder."""
    return url if urlsplit(url).scheme == "file" else str(_folder(url).absolute())


def peers(desk: Desk) -> tuple[PeerRow, ...]:
    """The peers of a book."""
    with desk.open() as book:
        return peers_of(book)


def add_peer(desk: Desk, name: str, url: str, *, orders: bool = False) -> PeerRow:
    """Let the book know a peer; the first one orders, or a later one that is to from now on.

    A folder that is missing is made, unless the one above it is missing too. Raises `PeerNameUnfit`, `PeerUrlUnfit`,
    `PeerThere`, `PeerUnreached`, `PeerOfAnotherBook`.
    """
    if not fits_as_name(name):
        raise PeerNameUnfit(name)
    with desk.open() as book:
        there = peers_of(book)
        for row in there:
            if row.name == name:
                raise PeerThere(row, absolute(url))
        first = orders or not any(row.orders for row in there)
        added = PeerRow(name, absolute(url), first, instant(desk.clock.now()))
        _make_folder(added)
        _require_ours(book, added)
        summary = sentence("peer add {name}", name=name)
        with operation(book, verb="peer add", summary=summary, by=desk.who(book).id) as unit:
            for row in there if first else ():
                keep_peer(unit, replace(row, orders=False))
            keep_peer(unit, added)
        seen.forget(book.state, book.id, name)
        return added


def _require_ours(book: BookFile, row: PeerRow) -> None:
    """Refuse a place that holds another book; raises `PeerOfAnotherBook`, `PeerUnreached`."""
    try:
        first = reach(row.url).block(0)
    except PeerLost as lost:
        raise PeerUnreached(row, lost.why) from lost
    if first and first.endswith(b"\n") and first != log.StoredLog(book).block(0):
        raise PeerOfAnotherBook(row)


def _make_folder(row: PeerRow) -> None:
    folder = _folder(row.url)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        # What is sent there is on the disk only when the folder's own name is.
        files.fsync_folder(folder.parent)
    except OSError as error:
        raise PeerUnreached(row, system_said(error, str(folder))) from error
