"""`cloudbooks book export audit`: a pack for an auditor, who needs nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudbooks.books.inspecting import head
from cloudbooks.cli.desk import DryRunNotOffered, desk_of
from cloudbooks.cli.entries import records
from cloudbooks.cli.face import Face
from cloudbooks.cli.formats import csv_lines
from cloudbooks.cli.output import Answer, FileThere, emit
from cloudbooks.core.filter import parse
from cloudbooks.core.head_code import short_code
from cloudbooks.core.period import Period
from cloudbooks.errors import UsageError, counted, sentence

if TYPE_CHECKING:
    from cloudbooks.books.auditing import Pack


class PackUnnamed(UsageError):
    """An audit pack was asked for, and no file to write it to was named."""

    code = "pack-unnamed"

    def __init__(self) -> None:
        super().__init__(
            sentence("an audit pack is a file, which wants a name."),
            hint=sentence("cloudbooks book export audit -p 2026 -o pack.zip"),
        )


def export_audit(face: Face, words: list[str], period: str, *, sm3: bool = False) -> int:
    """Write the pack; the answer says what it holds."""
    from cloudbooks.books.auditing import pack  # noqa: PLC0415 - cryptography
    from cloudbooks.system import files  # noqa: PLC0415 - only where a file is written

    if face.dry_run:
        raise DryRunNotOffered("book export audit")
    file = face.output
    if file is None or file.suffix.lower() != ".zip":
        raise PackUnnamed
    desk = desk_of(face, "book export")
    made = pack(desk, parse(" ".join(words)), Period.parse(period, desk.today) if period else None, sm3=sm3)
    tables = {
        "entries.csv": _entries(made),
        "files.csv": _table([one._asdict() for one in made.named]),
        "balances.csv": _table([one._asdict() for one in made.totals]),
    }
    zipped = made.zipped(tables)
    try:
        if face.force:
            files.replace_whole(file, zipped.data)
        else:
            files.create(file, zipped.data)
    except FileExistsError as error:
        raise FileThere(file) from error
    except OSError as error:
        raise files.FileNotWritten(file, error) from error
    said = counted(
        "{file}: {n} entry with its proof, {statements}, {files}, and a verifier.",
        "{file}: {n} entries with their proofs, {statements}, {files}, and a verifier.",
        len(made.entries),
        file=str(file),
        statements=counted("{n} statement", "{n} statements", made.statements),
        files=counted("{n} file", "{n} files", made.attachments),
    )
    listed = sentence("List of its files: {hash}, code {code}", hash=zipped.list, code=short_code(zipped.list))
    command = f"python3 -m zipfile -e {file.name} pack; python3 pack/verify.py pack --pin {made.first}"
    answer = Answer(
        "book.export",
        data=lambda: {
            "format": "audit",
            "file": str(file),
            "entries": len(made.entries),
            "statements": made.statements,
            "attachments": made.attachments,
            "first_key": made.first,
            "list": {"hash": zipped.list, "code": short_code(zipped.list)},
        },
        lines=lambda: [face.locale.say(said), face.locale.say(listed)],
        mark=lambda: head(desk),
        findings=made.findings,
        after=(sentence("To check it: {command}", command=command),),
    )
    return emit(face._replace(output=None), answer)


def _entries(made: Pack) -> bytes:
    """The entries, one row a posting."""
    return _table(
        [row | {"proof": made.proofs[entry.id]} for entry in made.entries for row in records(entry, made.names)]
    )


def _table(rows: list[dict[str, object]]) -> bytes:
    """Rows as CSV for reading; a spreadsheet opens it as UTF-8."""
    return "".join(f"{one}\r\n" for one in csv_lines(rows)).encode("utf-8-sig")
