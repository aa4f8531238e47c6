"""`cloudbooks book backup|restore`: verified copies, out and in again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from cloudbooks.books.inspecting import head
from cloudbooks.cli.asking import named
from cloudbooks.cli.desk import desk_at, desk_of, writing_desk
from cloudbooks.cli.encryption import AGE, AGE_PASSPHRASE, IDENTITY, OWN_IDENTITY, PASSPHRASE_FILE, lock_of, unlock_of
from cloudbooks.cli.face import Face
from cloudbooks.cli.once import once
from cloudbooks.cli.options import PIN
from cloudbooks.cli.output import Answer, emit, next_step
from cloudbooks.core.digest import short
from cloudbooks.core.text import shell_word
from cloudbooks.errors import Sentence, counted, sentence
from cloudbooks.system.typed_path import typed_path

if TYPE_CHECKING:
    from cloudbooks.books.encrypting import Lock

BOOK_SUFFIX = ".cbk"
AGE_SUFFIX = ".age"
BACKUP = typer.Argument(metavar="BACKUP", help="A file that book backup wrote.")
ACCEPT_LOSS = typer.Option(
    "--accept-loss", metavar="REASON", help="Go on from a backup that is older than what was posted here."
)
_DATED = re.compile(r"-\d{4}-\d{2}-\d{2}-\d+$", re.ASCII)


def backup(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The backup's file; else one beside the book.")] = "",
    *,
    age: Annotated[list[str] | None, AGE] = None,
    age_passphrase: Annotated[bool, AGE_PASSPHRASE] = False,
    age_passphrase_file: Annotated[str, PASSPHRASE_FILE] = "",
    identity: Annotated[str, OWN_IDENTITY] = "",
) -> int:
    """Write a backup: a verified copy in one file, with a manifest that you sign."""
    from cloudbooks.books.backing_up import backup as back_up  # noqa: PLC0415 - cryptography

    face: Face = ctx.obj
    writing_desk(face, "book backup")
    desk = desk_of(face, "book backup")
    lock = lock_of(face, age or (), passphrase=age_passphrase, file=age_passphrase_file, identity=identity)

    def act() -> Answer:
        done = back_up(desk, typed_path(file) if file else None, lock)
        said = sentence(
            "{file}: {size} bytes, verified to block {number}, head {hash}.",
            file=str(done.path),
            size=f"{done.size:,}",
            number=done.manifest.number,
            hash=short(done.manifest.hash),
        )
        return Answer(
            "book.backup",
            data=lambda: {
                "file": str(done.path),
                "size": done.size,
                "b3": done.manifest.b3,
                "block": done.manifest.number,
                "hash": done.manifest.hash,
                "made_at": done.manifest.made_at,
                "encryption": _encryption(lock, opened=bool(done.opened)),
            },
            lines=lambda: [face.locale.say(one) for one in (said, *_locked(lock, opened=bool(done.opened)))],
            mark=lambda: head(desk),
            findings=done.findings,
            after=(_to_restore(done.path.name, lock, opened=bool(done.opened)),),
        )

    return once(face, desk, act)


def _migrated(before: int, after: int, *, dry_run: bool) -> Sentence:
    """That a restored book is of this program's schema, and the backup of an earlier one."""
    versions = {"before": before, "after": after}
    if dry_run:
        return sentence("It would be brought from schema version {before} to {after}.", **versions)
    return sentence("It was brought from schema version {before} to {after}; the backup is as it was.", **versions)


def _lost(first: int, last: int) -> Sentence:
    """Which blocks a restored book lacks."""
    if first == last:
        return sentence("Block {number} is not in it.", number=first)
    return sentence("Blocks {first} to {last} are not in it.", first=first, last=last)


def _encryption(lock: Lock | None, *, opened: bool) -> dict[str, object] | None:
    if lock is None:
        return None
    form = "passphrase" if lock.recipients is None else "recipients"
    return {"form": form, "recipients": list(lock.recipients or ()), "opened": opened}


def _locked(lock: Lock | None, *, opened: bool) -> Iterator[Sentence]:
    """How a backup is encrypted, and whether it was seen to open: it is no more than that which was shown."""
    if lock is not None and lock.recipients is None:
        yield sentence("Encrypted with the passphrase, which opened it again.")
    elif lock is not None and lock.recipients:
        yield counted("Encrypted to {n} recipient.", "Encrypted to {n} recipients.", len(lock.recipients))
        if opened:
            yield sentence("It was opened again with your identity.")
        else:
            yield sentence("That it opens was not shown, which takes the key of a recipient: --identity FILE.")


def _to_restore(name: str, lock: Lock | None, *, opened: bool) -> Sentence:
    command = f"cloudbooks book restore {shell_word(name)}"
    if lock is None:
        return sentence("It is not encrypted; to restore it: {command}", command=command)
    command += " --identity FILE" * (lock.recipients is not None)
    if opened:
        return sentence("To restore it: {command}", command=command)
    return sentence("Whoever has the key shows it: {command}", command=command + " --dry-run")


def restore(
    ctx: typer.Context,
    backup: Annotated[str, BACKUP],
    file: Annotated[str, typer.Argument(metavar="FILE", help="The book's new file; it must not exist.")] = "",
    *,
    pin: Annotated[str, PIN] = "",
    identity: Annotated[str, IDENTITY] = "",
    age_passphrase_file: Annotated[str, PASSPHRASE_FILE] = "",
    accept_loss: Annotated[str, ACCEPT_LOSS] = "",
) -> int:
    """Restore a book from a backup into a new file; what does not verify is refused."""
    from cloudbooks.books.restoring import restore as take_back  # noqa: PLC0415 - cryptography

    face: Face = ctx.obj
    source = typed_path(backup)
    stem = _DATED.sub("", source.name.removesuffix(AGE_SUFFIX).rpartition(".")[0] or source.stem) + BOOK_SUFFIX
    path = typed_path(file or face.book) if file or face.book else source.with_name(stem)
    path = path if path.name.endswith(BOOK_SUFFIX) else path.with_name(path.name + BOOK_SUFFIX)
    desk = desk_at(face, "book restore", path.absolute())
    if accept_loss and not face.dry_run:
        question = sentence("Blocks that were posted here will be lost. Type {name} to go on:", name=path.name)
        named(face, question, path.name)
    unlock = unlock_of(face, identity, age_passphrase_file)
    done = take_back(desk, source, unlock=unlock, pin=pin, accept_loss=accept_loss, dry_run=face.dry_run)

    def lines() -> Iterator[str]:
        facts = {"name": done.name, "file": str(path), "number": done.manifest.number,
                 "hash": short(done.manifest.hash), "day": done.manifest.made_at[:10]}  # fmt: skip
        said = sentence("{file}: {name} as of {day}, block {number}, head {hash}; verified.", **facts)
        if face.dry_run:
            said = sentence("{name} as of {day}, block {number}, head {hash}, would be {file}; it verifies.", **facts)
        yield face.locale.say(said)
        if done.migrated is not None:
            yield face.locale.say(_migrated(*done.migrated, dry_run=face.dry_run))
        if done.lost:
            yield face.locale.say(_lost(*done.lost))

    answer = Answer(
        "book.restore",
        data=lambda: {
            "file": str(path),
            "name": done.name,
            "block": done.manifest.number,
            "hash": done.manifest.hash,
            "made_at": done.manifest.made_at,
            "lost": list(done.lost) if done.lost else None,
            "migrated": None if done.migrated is None else {"from": done.migrated[0], "to": done.migrated[1]},
            "dry_run": face.dry_run,
        },
        lines=lines,
        findings=done.findings,
        after=() if face.dry_run else (next_step(f"cloudbooks -b {shell_word(str(path))} verify"),),
    )
    return emit(face, answer)
