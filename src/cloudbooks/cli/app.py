"""The program as typer sees it: groups that load a command's module only when that command is chosen."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

# typer 0.28 carries its own click; its parser has no public name.
from typer._click.parser import _OptionParser
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.main import get_command_from_info
from typer.models import CommandInfo

from cloudbooks.cli.commands import COMMANDS, PLANNED, Noun, Verb
from cloudbooks.cli.face import FLAGS, Flag, face_of
from cloudbooks.cli.settings import Value
from cloudbooks.cli.usage import NEAR_MAX, ArgumentsLeft, CommandMissing, CommandNotBuilt, CommandUnknown

PROGRAM = "cloudbooks"
_AMOUNT_OR_FILTER = re.compile(r"-(?:[0-9.]|[a-z]{2,}:)", re.ASCII)


class _Parser(_OptionParser):
    """Takes `-300` and `-party:acme` as arguments: amounts and filters may begin with a minus, no option does so."""

    def _process_opts(self, arg: str, state: Any) -> None:
        if _AMOUNT_OR_FILTER.match(arg):
            state.largs.append(arg)
        else:
            super()._process_opts(arg, state)


def _flag_option(flag: Flag) -> TyperOption:
    def keep(ctx: Any, _param: Any, value: Any) -> None:
        if value:
            flags: dict[str, Value] = ctx.obj.flags
            flags[flag.name] = value + int(flags.get(flag.name, 0)) if flag.count else value

    return TyperOption(
        param_decls=[*flag.words, "global_" + flag.name.replace("-", "_")],
        is_flag=not flag.value and not flag.count,
        count=flag.count,
        default=None if flag.value else 0 if flag.count else False,
        metavar=flag.value or None,
        callback=keep,
        expose_value=False,
        hidden=flag.hidden,
        help=flag.help,
    )


def _help_option() -> TyperOption:
    def show_help(ctx: Any, _param: Any, value: Any) -> None:
        if value and not ctx.resilient_parsing:
            from cloudbooks.cli.help_page import print_page  # noqa: PLC0415 - only where help is asked for

            print_page(ctx)
            raise typer.Exit

    return TyperOption(
        param_decls=["-h", "--help", "global_help"],
        is_flag=True,
        is_eager=True,
        default=False,
        callback=show_help,
        expose_value=False,
        help="Show this page.",
    )


def _global_options() -> list[Any]:
    return [*(_flag_option(flag) for flag in FLAGS), _help_option()]


def _digest(params: Mapping[str, object]) -> str:
    """What a command was given, so that another use of the same idempotency key is known: no word of it is kept."""
    from hashlib import sha256  # noqa: PLC0415 - only where a key was given

    return sha256(repr(sorted(params.items())).encode(errors="backslashreplace")).hexdigest()


class FaceCommand(TyperCommand):
    """A command that takes the global flags and finds its `Face` in `ctx.obj`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["add_help_option"] = False
        super().__init__(*args, **kwargs)
        self.params = [*self.params, *_global_options()]

    def make_parser(self, ctx: Any) -> Any:
        """The parser that knows amounts and filters from options."""
        parser = _Parser(ctx)
        for param in self.get_params(ctx):
            param.add_to_parser(parser, ctx)
        return parser

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words; raises `ArgumentsLeft` for those that the command does not take."""
        ctx.allow_extra_args = True
        left = super().parse_args(ctx, args)
        if left and not ctx.resilient_parsing:
            raise ArgumentsLeft(ctx.command_path, left)
        return left

    def invoke(self, ctx: Any) -> Any:
        """Decide the face, then do the command."""
        face = face_of(ctx.obj.flags, os.environ, Path.cwd(), ctx.obj.noticed)
        ctx.obj = face._replace(asked=_digest(ctx.params)) if face.key else face
        return super().invoke(ctx)


class LazyGroup(TyperGroup):
    """Lists from its table and loads a command's module only when that command is chosen."""

    def __init__(self, *, table: Mapping[str, Verb | Noun], planned: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(add_help_option=False, rich_markup_mode=None, **kwargs)
        self.table = table
        self.planned = planned
        self.params = _global_options()

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of the table, in its order."""
        del ctx
        return list(self.table)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A name with its line of help, without what it does."""
        del ctx
        known = self.table.get(cmd_name)
        return None if known is None else TyperCommand(cmd_name, help=known.help)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The chosen command, loaded; raises `CommandUnknown` or `CommandNotBuilt`."""
        word = args[0]
        known = self.table.get(word)
        if known is not None:
            return word, build(word, known), args[1:]
        if word in self.planned:
            verb = args[1:2] if args[1:2] and args[1] in PLANNED.get(word, ()) else []
            raise CommandNotBuilt(ctx.command_path, " ".join([word, *verb]))
        below = [name for name, one in self.table.items() if isinstance(one, Noun) and word in one.verbs]
        raise CommandUnknown(ctx.command_path, word, self.table, below[:NEAR_MAX])

    def invoke(self, ctx: Any) -> Any:
        """Go on to the chosen command; raises `CommandMissing` for a noun alone."""
        if not ctx._protected_args:  # noqa: SLF001 - typer keeps the words of the subcommand there, and nowhere else
            raise CommandMissing(ctx.command_path, self.list_commands(ctx))
        return super().invoke(ctx)


def build(name: str, known: Verb | Noun) -> FaceCommand | LazyGroup:
    """The command or group of a line of the table."""
    if isinstance(known, Noun):
        return LazyGroup(name=name, table=known.verbs, planned=PLANNED.get(name, ()), help=known.help)
    module, _, function = known.place.partition(":")
    callback = getattr(importlib.import_module(module), function)
    info = CommandInfo(name, cls=FaceCommand, callback=callback, help=known.help)
    command = get_command_from_info(info, pretty_exceptions_short=False, rich_markup_mode=None)
    assert isinstance(command, FaceCommand)
    return command


def program() -> LazyGroup:
    """The whole program."""
    return LazyGroup(
        name=PROGRAM, table=COMMANDS, planned=tuple(PLANNED), help="Double-entry books that a stranger can check."
    )
