"""The entry point, and the one door from errors to standard error and an exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

from cloudbooks import __version__

if TYPE_CHECKING:
    from cloudbooks.cli.face import Asked
    from cloudbooks.errors import CloudBooksError
    from cloudbooks.system.locale import Locale

BUG = 70
INTERRUPTED = 130
PIPE_CLOSED = 141
"""What a shell shows for a program that ended because nobody reads it any more (128 + SIGPIPE)."""


def main() -> None:
    """The command `cloudbooks`, and `cb`."""
    sys.exit(run(sys.argv[1:]))


def run(words: Sequence[str]) -> int:
    """Do one command; its exit status. Nothing is raised but what ends the interpreter itself."""
    _speak_any_text(sys.stdout, sys.stderr)
    try:
        status = _answered(list(words))
        sys.stdout.flush()
    except BrokenPipeError:
        # Nobody reads any more. What is left in the buffer must not be tried again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    return status


def _speak_any_text(*streams: TextIO) -> None:
    for stream in streams:
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _answered(words: list[str]) -> int:
    if words[:1] in (["--version"], ["-V"]):
        sys.stdout.write(f"cloudbooks {__version__}\n")
        return 0
    if words[:1] == ["completion-words"]:
        from cloudbooks.cli.completing import answer  # noqa: PLC0415 - a key press waits for it

        return answer(words[1:])
    return _commanded(words or ["--help"])


def _commanded(words: list[str]) -> int:
    import typer  # noqa: PLC0415 - not needed for what is answered above

    from cloudbooks.cli.app import PROGRAM, program  # noqa: PLC0415 - the same
    from cloudbooks.cli.face import Asked  # noqa: PLC0415 - the same
    from cloudbooks.cli.usage import UNFIT, translated  # noqa: PLC0415 - the same
    from cloudbooks.errors import CloudBooksError  # noqa: PLC0415 - the same
    from cloudbooks.system.interrupting import ended_in_order  # noqa: PLC0415 - the same

    asked = Asked(tuple(words))
    try:
        with ended_in_order(), program().make_context(PROGRAM, words, obj=asked) as context:
            return int(context.command.invoke(context) or 0)
    except typer.Exit as done:
        return done.exit_code
    except CloudBooksError as error:
        return refused(error, asked)
    except UNFIT as error:
        return refused(translated(error), asked)
    except BrokenPipeError:
        raise
    except KeyboardInterrupt as stop:
        return _stopped(stop, asked)
    except Exception as error:  # noqa: BLE001 - the one place where what nobody expected is said and logged
        return _bug(error, asked)


def refused(error: CloudBooksError, asked: Asked) -> int:
    """Say a refusal, on standard output where scripts read it; its exit status."""
    from cloudbooks.cli import speaking  # noqa: PLC0415 - only where something is refused
    from cloudbooks.cli.output import STOPPED, gravest  # noqa: PLC0415 - the same

    locale = _locale(asked)
    beside = [finding for (code, _), finding in asked.noticed.findings.items() if code != error.code]
    if asked.for_scripts:
        from cloudbooks.cli.formats import json_text  # noqa: PLC0415 - only for scripts

        sys.stdout.write(json_text(speaking.refusal_record(error, locale, beside)) + "\n")
    else:
        _say([*speaking.refusal_lines(error, locale), *speaking.findings_lines(beside, locale)])
    return gravest([STOPPED if asked.noticed.stopped else 0, error.exit_status])


def _say(lines: Iterable[str]) -> None:
    sys.stdout.flush()
    for line in lines:
        sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _locale(asked: Asked) -> Locale:
    from pathlib import Path  # noqa: PLC0415 - only where something is said

    from cloudbooks.cli.face import locale_of  # noqa: PLC0415 - the same

    return locale_of(asked, os.environ, Path.cwd())


def _stopped(stop: KeyboardInterrupt, asked: Asked) -> int:
    from cloudbooks.errors import Sentence, sentence  # noqa: PLC0415 - only after Ctrl-C

    done = stop.args[0] if stop.args and isinstance(stop.args[0], Sentence) else None
    _say([_locale(asked).say(done or sentence("Stopped. cloudbooks status shows what was done before."))])
    return int(getattr(stop, "status", INTERRUPTED))


def _bug(error: Exception, asked: Asked) -> int:
    from cloudbooks.cli.bug import Bug, logged  # noqa: PLC0415 - only for a bug

    if asked.debug:
        import traceback  # noqa: PLC0415 - only for a bug

        traceback.print_exception(error)
    return refused(Bug(type(error).__name__, logged(error, asked.words)), asked)


if __name__ == "__main__":
    main()
