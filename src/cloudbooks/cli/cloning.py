"""`cloudbooks init NAME --from URL`: a copy of a book from a peer."""

from __future__ import annotations

import getpass

from cloudbooks.books import cloning
from cloudbooks.books.desk import Desk
from cloudbooks.cli.asking import wanted
from cloudbooks.cli.desk import new_passphrase
from cloudbooks.cli.face import Face
from cloudbooks.cli.once import once
from cloudbooks.cli.output import Answer
from cloudbooks.cli.progress import progress
from cloudbooks.core.digest import short
from cloudbooks.errors import Finding, Sentence, counted, sentence


def clone(face: Face, desk: Desk, url: str, *, no_passphrase: bool, pin: str) -> int:
    """Make the copy, and say what an admin is to add."""
    member = face.member or getpass.getuser()
    if face.may_ask and not face.member:
        member = wanted(face, sentence("Your name:"), "--as NAME", member)

    def act() -> Answer:
        def passphrase() -> bytes | None:
            return None if no_passphrase else new_passphrase(face)

        with progress(face) as tell:
            made = cloning.clone(desk, url, member=member, passphrase=passphrase, pin=pin, progress=tell)
        lines = [
            counted(
                "{file}: {name}, a copy of {n} block with {entries}, head {hash}.",
                "{file}: {name}, a copy of {n} blocks with {entries}, head {hash}.",
                made.blocks,
                file=str(made.path),
                name=made.name,
                entries=counted("{n} entry", "{n} entries", made.entries),
                hash=short(made.head.hash),
            ),
            *_worker_lines(made),
        ]
        return Answer(
            "init",
            data=lambda: {
                "book": made.book,
                "file": str(made.path),
                "name": made.name,
                "blocks": made.blocks,
                "entries": made.entries,
                "member": made.member,
                "key": made.vkey,
                "key_known": made.known,
                "left": None if made.left is None else str(made.left),
                "first_key": made.first_key,
                "peer": made.peer.name,
            },
            lines=lambda: [face.locale.say(line) for line in lines],
            mark=lambda: (made.head, made.book),
            findings=[*made.findings, *([] if made.pinned_before else [_first_seen(made)])],
            after=(sentence("Then: {command}", command="cloudbooks sync"),),
        )

    return once(face, desk, act)


def _worker_lines(made: cloning.Cloned) -> list[Sentence]:
    """Who works here from now on, and what is to be done so that they may post."""
    if made.known:
        lines = [sentence("{member}, whose key is on this machine, works here.", member=made.member)]
    else:
        lines = [
            sentence("Your key: {vkey}", vkey=made.vkey),
            sentence("It may post once an admin has added it, where the admin works:"),
            sentence(
                '  cloudbooks member add "{member}" --key {vkey} --rights post', member=made.member, vkey=made.vkey
            ),
        ]
    if made.left is not None:
        lines.append(
            sentence(
                "The other side stays as it is, read-only; the evidence of the fork is in {folder}.",
                folder=str(made.left),
            )
        )
    return lines


def _first_seen(made: cloning.Cloned) -> Finding:
    """That the key of the first member is trusted because it was seen first, and what to compare it with."""
    message = sentence("the first member's key is trusted as it was seen now: {key}.", key=made.first_key)
    hint = sentence("compare it with what the first member has: cloudbooks member list")
    return Finding("key-first-seen", made.path.name, message, hint, warning=True)
