"""The files that settings stand in: `cloudbooks.toml` beside the book, `config.toml` of the user."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cloudbooks.cli.finding_book import upward
from cloudbooks.cli.settings import SETTINGS, Setting, SettingUnknown, Source, Sources, Value
from cloudbooks.errors import Refusal, sentence
from cloudbooks.system.typed_path import typed_path

BESIDE_NAME = "cloudbooks.toml"
USER_NAME = "config.toml"
_SIZE_MAX = 65_536
_LINUX = sys.platform == "linux"


class SettingsUnreadable(Refusal):
    """A file of settings is not TOML, or a line of it is no setting."""

    code = "settings-unreadable"
    exit_status = 2

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(
            sentence("no settings can be read here: {why}", why=why),
            place=str(file),
            hint=sentence("each line is KEY = VALUE; cloudbooks config explain lists the keys"),
        )


def user_file(environment: Mapping[str, str]) -> Path:
    """Where the user's own settings stand: below CLOUDBOOKS_HOME, else in the system's folder for settings."""
    if home := environment.get("CLOUDBOOKS_HOME"):
        return Path(home) / USER_NAME
    if _LINUX:
        # The same folder as platformdirs gives, without the 25 ms that importing it costs at every start.
        folder = environment.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
        return Path(folder) / "cloudbooks" / USER_NAME
    import platformdirs  # noqa: PLC0415 - only where its knowledge of the system is needed

    return Path(platformdirs.user_config_dir("cloudbooks", appauthor=False)) / USER_NAME


def beside_file(named: str, here: Path) -> Path | None:
    """The settings beside the book: the named book's folder, else the nearest folder upward that holds a book."""
    if named:
        return typed_path(named).parent / BESIDE_NAME
    for folder in upward(here):
        if any(folder.glob("*.cbk")):
            return folder / BESIDE_NAME
    return None


def read_settings(file: Path | None) -> dict[str, Value]:
    """The settings in a file, none where it is not there; raises `SettingsUnreadable`, `SettingUnknown`."""
    if file is None:
        return {}
    try:
        data = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise SettingsUnreadable(file, os.strerror(error.errno or 0)) from error
    import tomllib  # noqa: PLC0415 - most people have no such file

    if len(data) > _SIZE_MAX:
        raise SettingsUnreadable(file, "64 KB")
    try:
        content = tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsUnreadable(file, str(error)) from error
    found = dict(_flat(content))
    for key, value in found.items():
        if key not in SETTINGS:
            raise SettingUnknown(key, place=str(file))
        if not isinstance(value, str | int | bool):
            raise SettingsUnreadable(file, key)
    return found


def _flat(content: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Keys with dots as one key each, the way they are written."""
    for key, value in content.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def gather(flags: Mapping[str, Value], environment: Mapping[str, str], named: str, here: Path) -> Sources:
    """Everything that decides settings, read from its places."""
    beside, user = beside_file(named, here), user_file(environment)
    return Sources(
        flags=flags,
        environment=environment,
        beside=read_settings(beside),
        user=read_settings(user),
        places={Source.BESIDE: str(beside or ""), Source.USER: str(user)},
    )


def write_setting(file: Path, setting: Setting, value: Value) -> None:
    """Set one key in the user's file and keep its other lines as they are; it is 0600. Raises `FileNotWritten`."""
    from cloudbooks.system import files  # noqa: PLC0415 - settings are read by every command, and written by one

    line = f"{setting.key} = {_toml(value)}"
    lines = file.read_text(encoding="utf-8").removesuffix("\n").split("\n") if file.exists() else []
    own = re.compile(rf'\s*"?{re.escape(setting.key)}"?\s*=')
    kept = [text for text in lines if not own.match(text)]
    try:
        files.private_folder(file.parent)
        files.replace_whole(file, ("\n".join([*kept, line]) + "\n").encode())
    except OSError as error:
        raise files.FileNotWritten(file, error) from error


def _toml(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    # A JSON text is a TOML text, but for one control character that JSON leaves as it is.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
