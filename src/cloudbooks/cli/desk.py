"""The desk of a command: the book that is meant, who works here, and how the passphrase is had."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

from cloudbooks.books.desk import Desk
from cloudbooks.cli.asking import NoTerminal
from cloudbooks.cli.face import Face
from cloudbooks.cli.finding_book import find_book
from cloudbooks.cli.input_files import reason
from cloudbooks.errors import Refusal, Sentence, UsageError, sentence
from cloudbooks.system.clock import SystemClock
from cloudbooks.system.state_folder import state_folder
from cloudbooks.system.typed_path import typed_path

PASSPHRASE_BYTES_MAX = 4096


class PassphraseFileUnreadable(Refusal):
    """The file that holds the passphrase cannot be read."""

    code = "passphrase-file"

    def __init__(self, file: str, why: Sentence | str) -> None:
        super().__init__(
            sentence("the passphrase file {file} cannot be read: {why}.", file=file, why=why),
            hint=sentence("cloudbooks config explain passphrase-file"),
        )


class DryRunNotOffered(UsageError):
    """The command has no dry run."""

    code = "dry-run-not-offered"

    def __init__(self, command: str) -> None:
        super().__init__(
            sentence("cloudbooks {command} has no dry run.", command=command),
            hint=sentence("what it does to drafts is undone by cloudbooks undo"),
        )


def desk_of(face: Face, command: str, *, writes: bool = False, steps: bool = False) -> Desk:
    """The desk for a command on the book that the face means; raises `BookMissing` or `BooksSeveral`.

    A command of several `steps`, of which a repeat does what is left, does not claim its idempotency key in the first.
    """
    desk = desk_at(face, command, find_book(face.book, Path.cwd()), writes=writes)
    return desk if steps or not face.key else replace(desk, claim=claim(face, desk))


def writing_desk(face: Face, command: str) -> Desk:
    """The desk for a command that writes and has no dry run; raises `DryRunNotOffered` where one was asked for."""
    if face.dry_run:
        raise DryRunNotOffered(command)
    return desk_of(face, command, writes=True)


def claim(face: Face, desk: Desk) -> str:
    """What an act keeps under its idempotency key by itself, as JSON: whose key it is."""
    return json.dumps({"asked": face.asked, "command": desk.command}, separators=(",", ":"))


def desk_at(face: Face, command: str, book: Path, *, writes: bool = False) -> Desk:
    """The desk for a command on a book that may be yet to be made."""
    return Desk(
        book=book,
        state=state_folder(),
        clock=SystemClock(),
        command=f"cloudbooks {command}",
        passphrase=lambda: passphrase(face),
        member=face.member,
        key=face.key,
        writes=writes,
        noticed=face.noticed,
        policy=policy_file(face),
    )


def policy_file(face: Face, given: str = "") -> Path | None:
    """The policy file by which to judge: the one that was given to the command, else that of the settings."""
    return typed_path(given or face.policy) if given or face.policy else None


def passphrase(face: Face) -> bytes:
    """The passphrase of the member's key: from the file that a setting names, from the keyring, or asked for."""
    if face.passphrase_file:
        return first_line(face.passphrase_file)
    import getpass  # noqa: PLC0415 - only where a key is locked

    from cloudbooks.system.keyring_passphrase import kept_passphrase  # noqa: PLC0415 - the same

    kept = kept_passphrase(face.member or getpass.getuser())
    if kept is not None:
        return kept
    if not face.may_ask:
        raise NoTerminal(sentence("CLOUDBOOKS_PASSPHRASE_FILE names a file that holds the passphrase"))
    return asked_in_secret(face.locale.say(sentence("Passphrase of your key: ")))


def new_passphrase(face: Face) -> bytes:
    """A passphrase for a new key, asked for twice on a terminal until both agree."""
    if face.passphrase_file:
        return first_line(face.passphrase_file)
    if not face.may_ask:
        raise NoTerminal(sentence("--no-passphrase, or CLOUDBOOKS_PASSPHRASE_FILE with a file that holds one"))
    while True:
        first = asked_in_secret(face.locale.say(sentence("A passphrase for your key: ")))
        if first and first == asked_in_secret(face.locale.say(sentence("The same again: "))):
            return first
        sys.stderr.write(face.locale.say(sentence("The two differ, or are empty.")) + "\n")


def first_line(file: str) -> bytes:
    """The first line of a file that holds a passphrase; raises `PassphraseFileUnreadable`."""
    try:
        with typed_path(file).open("rb") as opened:
            return opened.read(PASSPHRASE_BYTES_MAX).partition(b"\n")[0].rstrip(b"\r")
    except OSError as error:
        raise PassphraseFileUnreadable(file, reason(error)) from error


def asked_in_secret(prompt: str) -> bytes:
    """What is typed at a prompt on the terminal, which does not show it."""
    import getpass  # noqa: PLC0415 - only where something is typed

    return getpass.getpass(prompt, stream=sys.stderr).encode()
