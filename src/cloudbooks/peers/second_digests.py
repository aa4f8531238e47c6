"""The file `sm3` of a folder: written beside a log, and held against the log's files (FORMAT.md section 6.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.second_digest import FILE, demand, listing, offered, read_listing, sm3
from cloudbooks.errors import Finding, Sentence, counted, sentence
from cloudbooks.peers.layout import FolderLog
from cloudbooks.peers.peer import ATTACHMENT_BYTES_MAX
from cloudbooks.system import files

LISTING_BYTES_MAX = 1 << 30
FINDINGS_MAX = 100


@dataclass(frozen=True, slots=True)
class SecondDigests:
    """What the file `sm3` of a folder says: files that agree, and what does not.

    Where SM3 is not `offered`, nothing was looked at.
    """

    offered: bool
    agree: int = 0
    findings: tuple[Finding, ...] = ()


def keeps(folder: Path) -> bool:
    """Whether a folder has the file, which each export renews then."""
    return (folder / FILE).is_file()


def write(log: FolderLog) -> int:
    """Write the file, or put a new one in its place; how many files stand in it.

    Raises `SecondDigestMissing`, `EndlessListing`, `FileNotWritten`.
    """
    demand()
    place = log.folder / FILE
    try:
        digests = {name: digest for name, digest in _digests(log) if digest}
        files.replace_whole(place, listing(digests.items()))
    except OSError as error:
        raise files.FileNotWritten(place, error) from error
    return len(digests)


def check(log: FolderLog) -> SecondDigests | None:
    """Hold the file against the folder; `None` where there is none. Raises `EndlessListing`."""
    if not keeps(log.folder):
        return None
    if not offered():
        return SecondDigests(offered=False)
    try:
        said = read_listing(log.read(FILE, LISTING_BYTES_MAX) or b"?")
    except FormFault as fault:
        return SecondDigests(offered=True, findings=(_finding(fault.code, FILE, fault.message),))
    agree, found = 0, list[Finding]()
    for name, digest in _digests(log):
        line = said.pop(name, None)
        if line is None:
            found.append(_finding("sm3-missing", name, sentence("it has no line in sm3.")))
        elif line == digest:
            agree += 1
        else:
            found.append(_finding("sm3-differs", name, sentence("its SM3 is not the one that stands in sm3.")))
    found += [_finding("sm3-missing", name, sentence("it stands in sm3, and is not there.")) for name in said]
    return SecondDigests(offered=True, agree=agree, findings=_capped(found))


def _capped(found: list[Finding]) -> tuple[Finding, ...]:
    if len(found) <= FINDINGS_MAX:
        return tuple(found)
    more = len(found) - FINDINGS_MAX
    message = counted("{n} more finding is not listed.", "{n} more findings are not listed.", more)
    return (*found[:FINDINGS_MAX], Finding("findings-not-listed", FILE, message))


def _finding(code: str, where: str, message: Sentence) -> Finding:
    return Finding(code, where, message, sentence("where the chain is valid, cloudbooks chain export DIR renews sm3"))


def _digests(log: FolderLog) -> Iterator[tuple[str, str]]:
    """The digest of each file of the log, in the order of names."""
    for name in log.names():
        data = log.read(name, ATTACHMENT_BYTES_MAX)
        # A file that is longer than any of a log has no digest: it agrees with no line.
        if data is not None:
            yield name, sm3(data) if len(data) <= ATTACHMENT_BYTES_MAX else ""
