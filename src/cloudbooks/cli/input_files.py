"""Files that the user names: read whole, or refused with their name and the system's reason."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

from cloudbooks.core.text import shell_word
from cloudbooks.errors import Refusal, Sentence, sentence
from cloudbooks.system.typed_path import typed_path

BYTES_MAX = 50 << 20
STANDARD_INPUT = "-"


class FileUnreadable(Refusal):
    """A file that was named cannot be read."""

    code = "file-unreadable"

    def __init__(self, name: str, why: Sentence | str) -> None:
        path = typed_path(name)
        hint = sentence("ls -l {name}", name=shell_word(name))
        if path.is_dir() or not path.exists():
            hint = sentence("ls {folder}", folder=shell_word(str(_folder_there(path))))
        super().__init__(sentence('"{name}" cannot be read: {why}.', name=name, why=why), hint=hint)


def _folder_there(path: Path) -> Path:
    """The folder of that name, or the nearest above it that is there: what was meant may be in it."""
    return next(one for one in (path, *path.parents, Path()) if one.is_dir())


class InputTooLarge(Refusal):
    """A file that was named is larger than such a file ever is."""

    code = "input-too-large"

    def __init__(self, name: str) -> None:
        super().__init__(
            sentence('"{name}" is larger than 50 MB.', name=name),
            hint=sentence("give the file of a shorter span of days"),
        )


def reason(error: OSError) -> Sentence | str:
    """Why the system refused, in the reader's language where the reason is a common one."""
    if error.errno == errno.ENOENT:
        return sentence("there is no such file")
    if error.errno in (errno.EACCES, errno.EPERM):
        return sentence("it is not yours to read")
    if error.errno == errno.EISDIR:
        return sentence("it is a folder")
    return os.strerror(error.errno or 0)


def contents(name: str) -> bytes:
    """The bytes of a file, or of standard input for `-`; raises `FileUnreadable` or `InputTooLarge`."""
    try:
        if name == STANDARD_INPUT:
            data = sys.stdin.buffer.read(BYTES_MAX + 1)
        else:
            with typed_path(name).open("rb") as file:
                data = file.read(BYTES_MAX + 1)
    except OSError as error:
        raise FileUnreadable(name, reason(error)) from error
    if len(data) > BYTES_MAX:
        raise InputTooLarge(name)
    return data
