"""Words of a command line that do not fit, said in our own sentences: typer's errors are translated here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

# typer 0.28 carries its own click; the classes that its parser raises have no public name.
from typer._click import exceptions as parser_errors

from cloudbooks.errors import Sentence, UsageError, joined, sentence

NEAR_MAX = 3
UNFIT = parser_errors.ClickException
"""What typer raises for words of a command line that do not fit."""


class CommandUnknown(UsageError):
    """There is no command of this name."""

    code = "command-unknown"

    def __init__(self, path: str, word: str, names: Iterable[str], below: Sequence[str] = ()) -> None:
        # `below` are the nouns that have a verb of this name.
        near = get_close_matches(word, list(names), n=NEAR_MAX)
        hint = sentence("{path} --help lists the commands", path=path)
        if near:
            hint = sentence("did you mean {names}?", names=joined([f"{path} {name}" for name in near]))
        if below:
            hint = sentence("did you mean {names}?", names=joined([f"{path} {name} {word}" for name in below]))
        super().__init__(sentence('there is no command "{word}".', word=f"{path} {word}"), hint=hint)


class CommandNotBuilt(UsageError):
    """The command is part of the contract, and this version does not have it yet."""

    code = "command-not-built"

    def __init__(self, path: str, word: str) -> None:
        super().__init__(
            sentence("{command} is planned; this version does not have it yet.", command=f"{path} {word}"),
            hint=sentence("{path} --help lists what it has", path=path),
        )


class CommandMissing(UsageError):
    """A noun was given without what to do with it."""

    code = "command-missing"

    def __init__(self, path: str, names: Sequence[str]) -> None:
        super().__init__(
            sentence("{path} needs one of its commands: {names}.", path=path, names=joined(names)),
            hint=sentence("{path} --help", path=path),
        )


class OptionUnknown(UsageError):
    """The command has no option of this name."""

    code = "option-unknown"

    def __init__(self, path: str, option: str, near: Sequence[str]) -> None:
        hint = sentence("{path} --help", path=path)
        if near:
            hint = sentence("did you mean {names}?", names=joined(near))
        super().__init__(sentence('{path} has no option "{option}".', path=path, option=option), hint=hint)


class ArgumentMissing(UsageError):
    """An argument or option that the command needs was not given."""

    code = "argument-missing"

    def __init__(self, path: str, name: str) -> None:
        super().__init__(
            sentence("{path} needs {name}.", path=path, name=name), hint=sentence("{path} --help", path=path)
        )


class ArgumentsLeft(UsageError):
    """More arguments were given than the command takes."""

    code = "arguments-left"

    def __init__(self, path: str, words: Sequence[str]) -> None:
        super().__init__(
            sentence('{path} takes no "{words}".', path=path, words=" ".join(words)),
            hint=sentence("{path} --help; words with blanks stand in quotes", path=path),
        )


class OptionValue(UsageError):
    """An option lacks its value, or has a value that it does not take."""

    code = "option-value"

    def __init__(self, path: str, message: Sentence) -> None:
        super().__init__(message, hint=sentence("{path} --help", path=path))


class NotACount(UsageError):
    """A whole number was wanted."""

    code = "count-unreadable"

    def __init__(self, option: str, text: str) -> None:
        super().__init__(
            sentence('{option} is a whole number, not "{text}".', option=option, text=text),
            hint=sentence("write digits only, such as 12"),
        )


class NotAChoice(UsageError):
    """A word was wanted out of a few."""

    code = "choice-unknown"

    def __init__(self, option: str, text: str, choices: Sequence[str]) -> None:
        near = get_close_matches(text, choices, n=1)
        hint = sentence("did you mean {names}?", names=near[0]) if near else None
        super().__init__(
            sentence('{option} is one of {choices}, not "{text}".', option=option, choices=joined(choices), text=text),
            hint=hint,
        )


def whole(option: str, text: str) -> int:
    """The whole number that an option was given; raises `NotACount`."""
    if not (text.isascii() and text.isdigit()):
        raise NotACount(option, text)
    return int(text)


def choice(option: str, text: str, choices: Sequence[str]) -> str:
    """The word that an option was given, one of `choices`; raises `NotAChoice`."""
    if text not in choices:
        raise NotAChoice(option, text, choices)
    return text


def translated(error: parser_errors.ClickException) -> UsageError:
    """What typer complains of in a command line, as our own error."""
    context: Any = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "cloudbooks"
    if isinstance(error, parser_errors.NoSuchOption):
        return OptionUnknown(path, error.option_name, list(error.possibilities or ())[:NEAR_MAX])
    if isinstance(error, parser_errors.MissingParameter):
        parameter: Any = error.param
        return ArgumentMissing(path, parameter.make_metavar(ctx=context) if parameter is not None else "")
    if isinstance(error, parser_errors.BadOptionUsage):
        if "requires" in error.message:
            return OptionValue(path, sentence("{option} needs a value.", option=error.option_name))
        return OptionValue(path, sentence("{option} takes no value.", option=error.option_name))
    return OptionValue(path, sentence("{path} cannot be used so: {why}", path=path, why=error.format_message()))
