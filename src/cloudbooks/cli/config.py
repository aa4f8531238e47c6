"""`cloudbooks config`: settings, and who decides them."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from cloudbooks.cli.face import Face
from cloudbooks.cli.output import Answer, emit
from cloudbooks.cli.settings import SETTINGS, Decided, SettingUnknown, Source, Value, decide, understood
from cloudbooks.cli.settings_files import user_file, write_setting
from cloudbooks.core.text import cells, pad, show
from cloudbooks.errors import Sentence, sentence
from cloudbooks.system.locale import chosen, locale

KEY = typer.Argument(metavar="KEY", help="The setting, such as lang.")


def get(ctx: typer.Context, key: Annotated[str, KEY]) -> int:
    """Print the value of a setting."""
    face: Face = ctx.obj
    decided = decide(key, face.sources)
    return emit(
        face,
        Answer(
            "config.get",
            data=lambda: {"key": key, "value": decided.value, "source": decided.source.name.lower()},
            lines=lambda: [shown(decided.value)],
        ),
    )


def set_(
    ctx: typer.Context,
    key: Annotated[str, KEY],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="Its new value.")],
) -> int:
    """Set one of your own settings."""
    face: Face = ctx.obj
    if key not in SETTINGS:
        raise SettingUnknown(key)
    kept = understood(SETTINGS[key], value)
    if key == "lang" and kept:
        kept = locale(chosen(str(kept), {})).language  # a language that is not spoken is refused before it is kept
    file = user_file(os.environ)
    if not face.dry_run:
        write_setting(file, SETTINGS[key], kept)
    said = sentence("{key} is {value} from now on, in {file}", key=key, value=str(value), file=str(file))
    return emit(
        face,
        Answer(
            "config.set",
            data=lambda: {"key": key, "value": kept, "file": str(file)},
            lines=lambda: [face.locale.say(said)],
        ),
    )


def explain(ctx: typer.Context, key: Annotated[str, KEY] = "") -> int:
    """Show which place decides a setting."""
    face: Face = ctx.obj
    decided = [decide(one, face.sources) for one in ([key] if key else SETTINGS)]
    return emit(
        face,
        Answer(
            "config.explain",
            data=lambda: {"settings": [_facts(one) for one in decided]},
            lines=lambda: _explained(face, decided),
            rows="settings",
        ),
    )


def _facts(decided: Decided) -> dict[str, object]:
    said = [{"source": source.name.lower(), "place": place, "value": value} for source, place, value in decided.said]
    return {
        "key": decided.setting.key,
        "value": decided.value,
        "source": decided.source.name.lower(),
        "said": said,
    }


def _explained(face: Face, decided: list[Decided]) -> list[str]:
    """One line a setting, and for a single one every place that speaks of it, the winner first."""
    rows = [
        (one.setting.key, shown(value), face.locale.say(_source(source, place)))
        for one in decided
        for source, place, value in (one.said[:1] if len(decided) > 1 else one.said)
    ]
    first, second = (max(cells(row[column]) for row in rows) for column in (0, 1))
    lines = [f"{pad(key, first)}  {pad(value, second)}  {said}" for key, value, said in rows]
    return lines if len(decided) > 1 else [face.locale.text(decided[0].setting.help), *lines]


def shown(value: Value) -> str:
    """A setting's value as it is written in a file of settings."""
    return show(str(value).lower() if isinstance(value, bool) else str(value))


def _source(source: Source, place: str) -> Sentence:
    if source is Source.FLAG:
        return sentence("the flag {flag}", flag=place)
    if source is Source.ENVIRONMENT:
        return sentence("the environment, {variable}", variable=place)
    if source is Source.BESIDE:
        return sentence("beside the book, {file}", file=place)
    if source is Source.USER:
        return sentence("your own settings, {file}", file=place)
    return sentence("the default")
