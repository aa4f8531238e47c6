"""Every code that CloudBooks says, with its meaning: refusals from their classes, findings from the table here."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import cloudbooks
from cloudbooks.cli.finding_codes import FINDINGS, LAWS
from cloudbooks.errors import CloudBooksError


@dataclass(frozen=True, slots=True)
class Code:
    """A code with its meaning in English (the key of its translation) and the exit status that it leads to.

    `classes` are the names of the classes that are raised under it.
    """

    code: str
    meaning: str
    exit_status: int
    finding: bool
    classes: tuple[str, ...] = ()


def codes() -> Mapping[str, Code]:
    """All codes by name. It loads the whole program, so only help and tests ask for it."""
    found: dict[str, Code] = {}
    # In the order of their modules, since the order in which these were imported is chance.
    for kind in sorted(_classes(), key=lambda kind: (kind.__module__, kind.__qualname__)):
        first = found.get(kind.code) or Code(kind.code, _meaning(kind), kind.exit_status, finding=False)
        found[kind.code] = replace(first, classes=(*first.classes, kind.__name__))
    for code, meaning in FINDINGS.items():
        found.setdefault(code, Code(code, meaning, 1, finding=True))
    for code, meaning in LAWS.items():
        found.setdefault(code, Code(code, meaning, 4, finding=True))
    return dict(sorted(found.items()))


def _meaning(kind: type[CloudBooksError]) -> str:
    """The first paragraph of the class's docstring, on one line."""
    paragraph = (kind.__doc__ or "").strip().partition("\n\n")[0]
    return " ".join(paragraph.split())


def _classes() -> Iterator[type[CloudBooksError]]:
    for module in pkgutil.walk_packages(cloudbooks.__path__, "cloudbooks."):
        if module.name == "cloudbooks.__main__":
            continue
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as error:
            # A room of an extra that is not installed here: none of its codes can be met either.
            if (error.name or "").startswith("cloudbooks"):
                raise
    waiting = list(CloudBooksError.__subclasses__())
    while waiting:
        kind = waiting.pop(0)
        waiting.extend(kind.__subclasses__())
        if "code" in vars(kind) and kind.__module__.startswith("cloudbooks."):
            yield kind
