"""Pinned keys: the first member's key of each book that this machine has reason to trust."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from cloudbooks.errors import Refusal, sentence
from cloudbooks.system import files

_FOLDER = "pins"
_BYTES_MAX = 4096


class PinDamaged(Refusal):
    """What this machine keeps of a book's first key is no key: trusting another one unasked would be no pin."""

    code = "pin-damaged"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("{path} does not hold the key that was kept there.", path=str(path)),
            hint=sentence(
                "put a copy of the file back in its place; to verify without it: cloudbooks verify --pin VKEY"
            ),
        )


def pin(state: Path, book: str, vkey: str) -> None:
    """Keep the verifier key of a book's first member as the one that this machine trusts; raises `FileNotWritten`."""
    path = state / _FOLDER / book
    try:
        files.replace_whole(files.private_folder(path.parent) / book, f"{vkey}\n".encode())
    except OSError as error:
        raise files.FileNotWritten(path, error) from error


def pinned(state: Path, book: str) -> str:
    """The verifier key pinned for a book; empty where there is no file. Raises `PinDamaged` where it holds no key."""
    from cloudbooks.chain.canonical import FormFault  # noqa: PLC0415 - cryptography is loaded where a key is read
    from cloudbooks.chain.note import Vkey  # noqa: PLC0415 - the same

    path = state / _FOLDER / book
    try:
        data = files.read_regular(path, _BYTES_MAX)
        # The key's own id is a check over its name and bytes.
        key = Vkey.parse(data.decode("ascii").removesuffix("\n"))
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except (OSError, files.FileUnfit, ValueError, FormFault) as error:
        raise PinDamaged(path) from error
    if f"{key}\n".encode() != data:
        raise PinDamaged(path)
    return str(key)


def forget(state: Path, book: str) -> None:
    """Take a pin back: the book that it was for was never made."""
    with suppress(OSError):
        # Where the disk does not even do that, a pin is left that no book has.
        files.unlink(state / _FOLDER / book)
