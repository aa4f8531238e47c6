"""What encrypts a backup, and what opens one: taken from flags, files and prompts; a secret never stands in argv."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cloudbooks.cli.asking import NoTerminal
from cloudbooks.cli.desk import PassphraseFileUnreadable, asked_in_secret, first_line
from cloudbooks.cli.face import Face
from cloudbooks.errors import UsageError, sentence
from cloudbooks.system.typed_path import typed_path

if TYPE_CHECKING:
    from cloudbooks.books.encrypting import Lock
    from cloudbooks.books.restoring import Unlock
    from cloudbooks.system.age_file import Form, Identities, Passphrase

AGE = typer.Option(
    "--age", metavar="RECIPIENT", help="Encrypt to an age public key, or to those in a file; repeatable."
)
AGE_PASSPHRASE = typer.Option("--age-passphrase", help="Encrypt with a passphrase, which is asked for twice.")
PASSPHRASE_FILE = typer.Option(
    "--age-passphrase-file", metavar="FILE", help="The passphrase is the first line of this file, or of /dev/fd/N."
)
OWN_IDENTITY = typer.Option(
    "--identity", metavar="FILE", help="With --age: a file with your age secret key, to show that the backup opens."
)
IDENTITY = typer.Option("--identity", metavar="FILE", help="A file with the age secret key that opens the backup.")


class EncryptedHow(UsageError):
    """Flags that say how a backup is encrypted do not go together."""

    code = "age-flags"

    def __init__(self) -> None:
        super().__init__(
            sentence("a backup is encrypted to recipients or with a passphrase, and only recipients have identities."),
            hint=sentence("--age RECIPIENT, with --identity FILE or without; or --age-passphrase"),
        )


class OpenedHow(UsageError):
    """What was given to open a backup is not what it takes: another of key and passphrase, or nothing at all."""

    code = "age-opened-otherwise"

    def __init__(self, path: Path, form: Form | None) -> None:
        message = sentence("{path} is not encrypted; it takes no identity and no passphrase.", path=str(path))
        hint = sentence("cloudbooks book restore BACKUP NAME")
        if form is not None and form.value == "passphrase":
            message = sentence("{path} takes a passphrase, not an identity.", path=str(path))
            hint = sentence("--age-passphrase-file FILE, or a terminal to ask at")
        elif form is not None:
            message = sentence("{path} takes the identity of a recipient, not a passphrase.", path=str(path))
            hint = sentence("--identity FILE with the secret key of one of them")
        super().__init__(message, hint=hint)


def lock_of(face: Face, age: Sequence[str], *, passphrase: bool, file: str, identity: str) -> Lock | None:
    """What a backup is to be encrypted with; `None` where nothing was said of it.

    Raises `EncryptedHow`, what keys and files are refused for, and `AgeMissing` before anything is asked.
    """
    from cloudbooks.books.encrypting import Lock  # noqa: PLC0415 - only for backups
    from cloudbooks.system import age_file  # noqa: PLC0415 - the same

    with_passphrase = passphrase or bool(file)
    if (age and with_passphrase) or (identity and not age):
        raise EncryptedHow
    if not age and not with_passphrase:
        return None
    age_file.demand()
    if age:
        own = age_file.identities(typed_path(identity)) if identity else None
        return Lock(age_file.recipients(tuple(age)), own)
    return Lock(_of_file(file) if file else _new_passphrase(face))


def unlock_of(face: Face, identity: str, file: str) -> Unlock:
    """What opens a backup, once its form is known: the identity file, the passphrase's file, or a question."""
    from cloudbooks.books.restoring import KeyNeeded  # noqa: PLC0415 - only for backups
    from cloudbooks.system import age_file  # noqa: PLC0415 - the same

    def unlock(path: Path, form: Form | None) -> Identities | Passphrase | None:
        if form is None:
            if identity or file:
                raise OpenedHow(path, form)
            return None
        age_file.demand()
        if form is age_file.Form.RECIPIENTS:
            if file:
                raise OpenedHow(path, form)
            if not identity:
                raise KeyNeeded(path, form)
            return age_file.identities(typed_path(identity))
        if identity:
            raise OpenedHow(path, form)
        if file:
            return _of_file(file)
        if not face.may_ask:
            raise KeyNeeded(path, form)
        prompt = face.locale.say(sentence("Passphrase of the backup: "))
        return age_file.Passphrase(asked_in_secret(prompt).decode())

    return unlock


def _of_file(file: str) -> Passphrase:
    from cloudbooks.system.age_file import Passphrase  # noqa: PLC0415 - only for backups

    try:
        text = first_line(file).decode()
    except UnicodeDecodeError:
        raise PassphraseFileUnreadable(file, sentence("its first line is no UTF-8 text")) from None
    if not text:
        raise PassphraseFileUnreadable(file, sentence("its first line is empty"))
    return Passphrase(text)


def _new_passphrase(face: Face) -> Passphrase:
    from cloudbooks.system.age_file import Passphrase  # noqa: PLC0415 - only for backups

    if not face.may_ask:
        raise NoTerminal(sentence("--age-passphrase-file FILE with a file that holds it"))
    while True:
        first = asked_in_secret(face.locale.say(sentence("A passphrase for the backup: ")))
        if first and first == asked_in_secret(face.locale.say(sentence("The same again: "))):
            return Passphrase(first.decode())
        sys.stderr.write(face.locale.say(sentence("The two differ, or are empty.")) + "\n")
