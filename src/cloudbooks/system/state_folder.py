"""Where this machine keeps what belongs to no book: receipts, keys, notes about who writes."""

from __future__ import annotations

import os
from pathlib import Path

from cloudbooks.errors import Refusal, sentence

VARIABLE = "CLOUDBOOKS_HOME"


class StateFolderRelative(Refusal):
    """The state folder was named by a relative path, which would be another folder in every place."""

    code = "state-folder-relative"

    def __init__(self, path: str) -> None:
        super().__init__(
            sentence('{variable} is "{path}", which is no absolute path.', variable=VARIABLE, path=path),
            hint=sentence('export {variable}="$PWD/{path}"', variable=VARIABLE, path=path),
        )


def state_folder() -> Path:
    """The state folder, made or not: `CLOUDBOOKS_HOME` if it is set, else the one of the platform.

    Raises `StateFolderRelative`.
    """
    named = os.environ.get(VARIABLE, "")
    if named:
        if not Path(named).is_absolute():
            raise StateFolderRelative(named)
        return Path(named)
    from platformdirs import user_state_path  # noqa: PLC0415 - 25 ms, needed only where nothing was set

    return user_state_path("cloudbooks", appauthor=False)
