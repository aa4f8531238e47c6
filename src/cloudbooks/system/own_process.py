"""Another process of this very program, which finds its modules where this one does, and nowhere else."""

from __future__ import annotations

import json
import sys
from typing import Final

# Whatever lies in the folder of the user, or is named by the environment, is not looked at.
_BEGIN: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv.pop(1));"
    " from importlib import import_module; import_module(sys.argv.pop(1)).main()"
)


def command(module: str, *arguments: str) -> list[str]:
    """The command of a process that runs `main()` of a module, which finds `arguments` in `sys.argv` from 1 on."""
    options = ["-I", "-B"] if sys.dont_write_bytecode else ["-I"]
    return [sys.executable, *options, "-c", _BEGIN, json.dumps(sys.path), module, *arguments]
