"""Where a book lies, and whether a file there may be opened as one. Nothing is opened here: `lstat` is enough."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final, NamedTuple

from cloudbooks.core.text import shell_word
from cloudbooks.errors import Finding, Refusal, Sentence, sentence

ALLOW_NETWORK: Final = "CLOUDBOOKS_ALLOW_NETWORK"
_PRIVATE: Final = 0o600
_OTHERS: Final = 0o177
_OWNER_WRITES: Final = 0o200
_MOUNTS: Final = Path("/proc/self/mountinfo")
_NETWORK_TYPES: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "lustre", "9p", "fuse.sshfs", "fuse.glusterfs"}
    | {"davfs", "fuse.davfs2", "fuse.rclone", "beegfs", "gpfs", "ocfs2", "gfs2"}
)


class BookMissing(Refusal):
    """There is no file of this name."""

    code = "book-missing"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("there is no file {path}.", path=str(path)),
            hint=sentence("cloudbooks init {name} makes a book", name=path.stem),
        )


class BookIsLink(Refusal):
    """The name of a book is a symbolic link, behind which the file and its journal can be swapped."""

    code = "book-is-link"

    def __init__(self, path: Path, target: str) -> None:
        super().__init__(
            sentence("{path} is a symbolic link to {target}; a book is opened by its own name.", path=str(path),
                     target=target),
            hint=sentence("cloudbooks status -b {path}", path=shell_word(target)),
        )  # fmt: skip


class BookIsFolder(Refusal):
    """The name of a book is that of a folder."""

    code = "book-is-folder"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("{path} is a folder, not a book.", path=str(path)),
            hint=sentence("ls {path}/*.cbk", path=str(path)),
        )


class BookNotRegular(Refusal):
    """The name of a book is that of a pipe, a socket or a device."""

    code = "book-not-regular"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("{path} is no regular file.", path=str(path)), hint=sentence("ls -l {path}", path=str(path))
        )


class BookLinkedTwice(Refusal):
    """A book has more than one name; its journal belongs to one of them, and the other would not see it."""

    code = "book-linked-twice"

    def __init__(self, path: Path, links: int) -> None:
        super().__init__(
            sentence("{path} has {links} names (hard links); a book has one.", path=str(path), links=links),
            hint=sentence("find . -samefile {path}, and remove the others", path=str(path)),
        )


class BookOfAnother(Refusal):
    """A book belongs to another user, or can be read by others and that cannot be mended."""

    code = "book-of-another"

    def __init__(self, path: Path, owner: int) -> None:
        super().__init__(
            sentence("{path} belongs to user {owner}, not to you.", path=str(path), owner=owner),
            hint=sentence("ls -ln {path}", path=str(path)),
        )


class BookOnNetwork(Refusal):
    """A book lies on a network file system, whose locks and flushes cannot be relied on."""

    code = "book-on-network"

    def __init__(self, path: Path, kind: str) -> None:
        super().__init__(
            sentence("{path} lies on a network file system ({kind}), where two writers can destroy it.",
                     path=str(path), kind=kind),
            hint=sentence("keep it on a local disk, or: export {variable}=1",
                          variable=ALLOW_NETWORK),
        )  # fmt: skip


class Place(NamedTuple):
    """A file that may be opened as a book: `path` without links in it. A `read_only` one is opened for reading only."""

    path: Path
    device: int
    inode: int
    size: int
    read_only: bool
    journal: bool
    findings: tuple[Finding, ...]


def resolved(path: Path) -> Path:
    """The absolute path of a book, links in its folder followed, its own name as given."""
    return path.parent.resolve() / path.name


def look(path: Path) -> Place:
    """What lies at `path`; raises a refusal for everything that is not opened as a book. Mends the mode and tells."""
    path = resolved(path)
    try:
        status = path.lstat()
    except OSError:
        # Not there, behind a file or a folder that is closed to us, or a name that no disk takes.
        raise BookMissing(path) from None
    _demand_file(path, status)
    findings = tuple(_mended_mode(path, status))
    return Place(
        path=path,
        device=status.st_dev,
        inode=status.st_ino,
        size=status.st_size,
        read_only=not status.st_mode & _OWNER_WRITES or _on_read_only_medium(path),
        journal=has_journal(path),
        findings=findings,
    )


def has_journal(path: Path) -> bool:
    """Whether a rollback journal lies beside a book: a writer is at work, or was stopped at it."""
    try:
        status = path.with_name(path.name + "-journal").lstat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size > 0


def _demand_file(path: Path, status: os.stat_result) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise BookIsLink(path, str(path.readlink()))
    if stat.S_ISDIR(status.st_mode):
        raise BookIsFolder(path)
    if not stat.S_ISREG(status.st_mode):
        raise BookNotRegular(path)
    if status.st_nlink > 1:
        raise BookLinkedTwice(path, status.st_nlink)
    if hasattr(os, "geteuid") and os.geteuid() not in (status.st_uid, 0):
        raise BookOfAnother(path, status.st_uid)
    kind = network_type(path)
    if kind and not os.environ.get(ALLOW_NETWORK):
        raise BookOnNetwork(path, kind)


def _mended_mode(path: Path, status: os.stat_result) -> list[Finding]:
    """Take away what others may do with the file. On a read-only medium that cannot be: it is only told."""
    mode = stat.S_IMODE(status.st_mode)
    if os.name == "nt" or not mode & _OTHERS:
        return []
    message: Sentence
    try:
        path.chmod(mode & _PRIVATE)
        message = sentence("{path} had mode {mode}; now only you can read it.", path=str(path), mode=f"{mode:04o}")
    except OSError:
        message = sentence("{path} has mode {mode}: others may read it.", path=str(path), mode=f"{mode:04o}")
    return [Finding("book-mode", path.name, message, sentence("chmod 600 {path}", path=str(path)), warning=True)]


def _on_read_only_medium(path: Path) -> bool:
    try:
        flags = os.statvfs(path).f_flag
    except (AttributeError, OSError):
        return False
    return bool(flags & os.ST_RDONLY)


def network_type(path: Path) -> str:
    """The type of the network file system that `path` lies on; empty for a local one, and where nobody can tell."""
    try:
        mounts = _MOUNTS.read_text()
    except OSError:
        return ""
    own = str(path)
    found, longest = "", -1
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        # mountinfo writes blanks, tabs and backslashes of a mount point in octal.
        point = before.split(" ")[4].replace(r"\040", " ").replace(r"\011", "\t").replace(r"\134", "\\").rstrip("/")
        if len(point) > longest and own.startswith(point + "/"):
            found, longest = after.split(" ")[0], len(point)
    return found if found in _NETWORK_TYPES else ""
