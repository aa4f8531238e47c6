"""The face of one command: how it is to speak, as flags, environment and settings decided together."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from cloudbooks.cli.settings import SETTINGS, Decided, Sources, Value, decide
from cloudbooks.cli.settings_files import gather
from cloudbooks.errors import CloudBooksError, Noticed, UsageError, joined, sentence
from cloudbooks.system.locale import LANGUAGES, Locale, chosen, locale


class Form(StrEnum):
    """The form of the answer on standard output."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of a command line, the global flags found in them so far, by name, and what its books told."""

    words: tuple[str, ...]
    flags: dict[str, Value] = field(default_factory=dict)
    noticed: Noticed = field(default_factory=Noticed)

    @property
    def for_scripts(self) -> bool:
        """Whether a script reads the answer, a refusal too."""
        words = self.words[: self.words.index("--")] if "--" in self.words else self.words
        return bool({"json", "jsonl"} & self.flags.keys() or {"--json", "--jsonl"} & set(words))

    @property
    def debug(self) -> bool:
        """Whether the traceback of a bug is wanted."""
        return "debug" in self.flags or "--debug" in self.words


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag that every command takes, before or after its name. Without `value` (its metavar) it is a switch."""

    name: str
    words: tuple[str, ...]
    help: str
    value: str = ""
    count: bool = False
    hidden: bool = False


FLAGS: tuple[Flag, ...] = (
    Flag("book", ("-b", "--book"), "The book to work on.", "FILE"),
    Flag("json", ("--json",), "Answer as one JSON object."),
    Flag("jsonl", ("--jsonl",), "Answer as JSON lines: the rows, then the rest."),
    Flag("csv", ("--csv",), "Answer as CSV."),
    Flag("output", ("-o", "--output"), "Write the answer to a file; its suffix gives the form.", "FILE"),
    Flag("force", ("--force",), "Let a file be replaced that is there."),
    Flag("dry-run", ("-n", "--dry-run"), "Show what would be done and write nothing."),
    Flag("yes", ("-y", "--yes"), "Answer yes to what would be asked."),
    Flag("no-input", ("--no-input",), "Ask nothing."),
    Flag("quiet", ("-q", "--quiet"), "Say nothing beside the answer."),
    Flag("verbose", ("-v", "--verbose"), "Say more.", count=True),
    Flag("debug", ("--debug",), "Show the traceback of a bug."),
    Flag("color", ("--color",), "Colours: auto, always or never.", "WHEN"),
    Flag("ascii", ("--ascii",), "Draw with plain ASCII characters only."),
    Flag("width", ("--width",), "Columns to fill.", "N"),
    Flag("no-pager", ("--no-pager",), "Show no pager."),
    Flag("lang", ("--lang",), "Language: en or zh.", "LANG"),
    Flag("as", ("--as",), "The member who works here.", "MEMBER"),
    Flag("confirm", ("--confirm",), "The name that is asked for before what cannot be taken back.", "NAME"),
    Flag("key", ("--key",), "An idempotency key: a repeat returns the first result.", "K"),
)
SUFFIXES = {
    ".json": Form.JSON,
    ".jsonl": Form.JSONL,
    ".csv": Form.CSV,
    ".txt": Form.TEXT,
    ".journal": Form.TEXT,
    ".proof": Form.TEXT,
    ".zip": Form.TEXT,
}


class FormsTwice(UsageError):
    """Two forms of the answer were asked for at once."""

    code = "forms-twice"

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__(
            sentence("{words} were given together; an answer has one form.", words=joined(words)),
            hint=sentence("leave one of them"),
        )


class SuffixUnknown(UsageError):
    """The suffix of the file given with -o names no form."""

    code = "suffix-unknown"

    def __init__(self, name: str) -> None:
        super().__init__(
            sentence('the suffix of "{name}" names no form of an answer.', name=name),
            hint=sentence("-o with .json .jsonl .csv or .txt"),
        )


class Face(NamedTuple):
    """One command's face. `book` is the word given for the book; `output` a file for the answer.

    `width` is 0 where a line may be as long as it needs to be; `key` is the idempotency key, `asked` a digest of what
    the command was given; `noticed` is what the book told when it was opened.
    """

    locale: Locale
    sources: Sources
    form: Form = Form.TEXT
    book: str = ""
    output: Path | None = None
    force: bool = False
    dry_run: bool = False
    yes: bool = False
    no_input: bool = False
    quiet: bool = False
    verbosity: int = 0
    debug: bool = False
    color: bool = False
    ascii: bool = False
    width: int = 0
    pager: bool = False
    member: str = ""
    passphrase_file: str = ""
    policy: str = ""
    confirm: str = ""
    key: str = ""
    asked: str = ""
    noticed: Noticed = field(default_factory=Noticed)

    @property
    def writes_text(self) -> bool:
        """Whether the answer is for people."""
        return self.form is Form.TEXT

    @property
    def may_ask(self) -> bool:
        """Whether there is somebody to ask: a terminal on both sides, and no flag against it."""
        return not self.no_input and sys.stdin.isatty() and sys.stderr.isatty()


def face_of(
    flags: Mapping[str, Value], environment: Mapping[str, str], here: Path, noticed: Noticed | None = None
) -> Face:
    """The face that flags, environment and settings give together; raises a `UsageError` for what does not fit."""
    named = str(flags.get("book") or environment.get("CLOUDBOOKS_BOOK", ""))
    sources = gather(_as_settings(flags), environment, named, here)
    settings = {key: decide(key, sources) for key in SETTINGS}
    output = Path(str(flags["output"])) if flags.get("output") else None
    terminal = output is None and sys.stdout.isatty()
    return Face(
        locale=locale(chosen(str(settings["lang"].value), environment)),
        sources=sources,
        form=_form(flags, output),
        book=named,
        output=output,
        force=bool(flags.get("force")),
        dry_run=bool(flags.get("dry-run")),
        yes=bool(flags.get("yes")),
        no_input=bool(settings["no-input"].value),
        quiet=bool(flags.get("quiet")),
        verbosity=int(flags.get("verbose") or 0),
        debug=bool(flags.get("debug")),
        color=_colored(settings["color"], environment, terminal=terminal),
        ascii=bool(settings["ascii"].value),
        width=_columns(settings["width"], terminal=terminal),
        pager=bool(settings["pager"].value) and terminal,
        member=str(settings["as"].value),
        passphrase_file=str(settings["passphrase-file"].value),
        policy=str(settings["policy"].value),
        confirm=str(flags.get("confirm") or ""),
        key=str(flags.get("key") or ""),
        noticed=Noticed() if noticed is None else noticed,
    )


def _as_settings(flags: Mapping[str, Value]) -> dict[str, Value]:
    given = {key: value for key, value in flags.items() if key in SETTINGS}
    if flags.get("no-pager"):
        given["pager"] = False
    return given


def _form(flags: Mapping[str, Value], output: Path | None) -> Form:
    asked = [form for form in (Form.JSON, Form.JSONL, Form.CSV) if flags.get(form.value)]
    if len(asked) > 1:
        raise FormsTwice([f"--{form}" for form in asked])
    if asked:
        return asked[0]
    if output is None:
        return Form.TEXT
    if output.suffix.lower() not in SUFFIXES:
        raise SuffixUnknown(output.name)
    return SUFFIXES[output.suffix.lower()]


def _colored(color: Decided, environment: Mapping[str, str], *, terminal: bool) -> bool:
    if color.value == "auto":
        return terminal and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
    return color.value == "always"


def _columns(width: Decided, *, terminal: bool) -> int:
    if width.value or not terminal:
        return int(width.value)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns
    except OSError:
        return 80


def rough_locale(words: Sequence[str], environment: Mapping[str, str]) -> Locale:
    """The language of a message about words that could not be read, or before they were: flag, then environment."""
    asked = environment.get("CLOUDBOOKS_LANG", "")
    for place, word in enumerate(words):
        if word == "--":
            break
        if word.startswith("--lang="):
            asked = word.removeprefix("--lang=")
        elif word == "--lang" and place + 1 < len(words):
            asked = words[place + 1]
    language = chosen(asked, environment)
    return locale(language if language in LANGUAGES else "en")


def locale_of(asked: Asked, environment: Mapping[str, str], here: Path) -> Locale:
    """The language of this session, also where words or settings are what is refused."""
    rough = rough_locale(asked.words, environment)
    flags: dict[str, Value] = {"book": asked.flags.get("book", "")}
    if any(word.startswith("--lang") for word in asked.words):
        flags["lang"] = rough.language
    try:
        return face_of(flags, environment, here).locale
    except (CloudBooksError, OSError):
        return rough
