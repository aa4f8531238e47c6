"""Files that records name: attachments, statements and rule texts, compared with what the records say of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cloudbooks.chain.canonical import b3, s256
from cloudbooks.chain.record import AnyRecord, Attachment, Entry, Rules, Statement
from cloudbooks.chain.verdict import Judgement, LogSource
from cloudbooks.errors import sentence

_KNOWN_MAX = 4096


class NamedFile(NamedTuple):
    """What a record says of a file; `s256` is empty for a rule text, of which only one digest is told."""

    b3: str
    s256: str
    bytes: int
    name: str


def named_files(record: AnyRecord) -> Iterator[NamedFile]:
    """The files that a record names."""
    if isinstance(record, Entry):
        yield from map(_of, record.attachments)
    elif isinstance(record, Statement):
        yield _of(record.file)
    elif isinstance(record, Rules):
        yield NamedFile(record.digest, "", record.bytes, record.name)


def _of(attached: Attachment) -> NamedFile:
    return NamedFile(attached.b3, attached.s256, attached.bytes, attached.name)


class AttachedFiles:
    """The files of a log as its records name them; each is read once, while it is remembered."""

    def __init__(self, source: LogSource, judgement: Judgement) -> None:
        self._source = source
        self._judgement = judgement
        self._known: dict[str, tuple[str, int] | None] = {}

    def judge(self, record: AnyRecord, *, block: int, place: int) -> None:
        """Compare the files that a record names: a missing one is a finding, one that differs makes the log invalid."""
        for file in named_files(record):
            if file.b3 not in self._known:
                self._read(file, block=block, place=place)
            found = self._known[file.b3]
            if found is not None and (file.bytes != found[1] or file.s256 not in ("", found[0])):
                message = sentence('The file "{name}" is not what the record says of it.', name=file.name)
                self._judgement.invalid("attachment", message, block=block, record=place)

    def _read(self, file: NamedFile, *, block: int, place: int) -> None:
        if len(self._known) == _KNOWN_MAX:
            self._known.clear()
        self._known[file.b3] = None
        try:
            data = self._source.attachment(file.b3)
        except Exception:  # noqa: BLE001 - one file that its keeper cannot read says nothing of the rest of the log
            message = sentence('The file "{name}" ({b3}) is kept, and damaged.', name=file.name, b3=file.b3)
            self._judgement.invalid("attachment", message, block=block, record=place)
            return
        if data is None:
            message = sentence('The file "{name}" ({b3}) is missing.', name=file.name, b3=file.b3)
            self._judgement.find("attachment-missing", message, block=block, record=place)
        elif b3(data) != file.b3:
            message = sentence('The file "{name}" has another hash than the record says.', name=file.name)
            self._judgement.invalid("hash", message, block=block, record=place)
        else:
            self._known[file.b3] = (s256(data), len(data))
