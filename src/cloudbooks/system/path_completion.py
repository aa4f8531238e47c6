"""What a path that is begun may go on to: files and folders, as a person types them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cloudbooks.core.text import show

HIDDEN = "."
"""What the names of hidden files begin with: they are named only to who begins with it."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A file or folder that fits: its path as it is typed, and the path that this means.

    They differ where a name holds what cannot be seen, which is typed as its code, and where `~` stands for a home.
    """

    typed: str
    path: str
    name: str

    @property
    def folder(self) -> bool:
        """Whether more can come behind it."""
        return self.typed.endswith(os.sep)


@dataclass(frozen=True, slots=True)
class Fits:
    """All that fit, in the order of their names; `begun` is what they begin with together, as it is typed."""

    fits: tuple[Fit, ...]
    begun: str


def path_of(typed: str, meant: dict[str, str] | None = None) -> str:
    """The path that is meant by what was typed: `~` is a home, and a folder that was completed is what it was then."""
    known = meant or {}
    if typed in known:
        return known[typed]
    head, name = _split(typed)
    return known[head] + name if head in known else str(os.path.expanduser(typed))  # noqa: PTH111 - a text, with its last separator


def completions(typed: str, meant: dict[str, str] | None = None) -> Fits:
    """What `typed` may go on to; `meant` are earlier answers, by what was typed. Raises `OSError` for its folder.

    Capital letters are looked at only if something fits with them; of two names that look the same neither is named.
    """
    if typed == "~":
        return Fits((Fit("~" + os.sep, path_of("~" + os.sep), "~" + os.sep),), "~" + os.sep)
    head, begun = _split(typed)
    folder = path_of(head, meant) or "."
    found = [_fit(head, folder, name, within=within) for name, within in _listed(folder, begun)]
    alike = Counter(one.typed for one in found)
    fits = tuple(one for one in found if alike[one.typed] == 1)
    shared = _shared([one.typed for one in fits])
    return Fits(fits, shared if len(shared) >= len(typed) else typed)


def _shared(texts: Sequence[str]) -> str:
    """What some texts begin with together: what the first and the last of them in order do."""
    first, last = min(texts, default=""), max(texts, default="")
    length = next((place for place, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), None)
    return first if length is None else first[:length]


def _split(typed: str) -> tuple[str, str]:
    """The folder with its last separator, and what is begun in it."""
    ends = [typed.rfind(sign) for sign in (os.sep, os.altsep) if sign]
    return typed[: max(ends) + 1], typed[max(ends) + 1 :]


def _listed(folder: str, begun: str) -> list[tuple[str, bool]]:
    """The names in a folder that begin so, and whether each is a folder."""
    with os.scandir(folder) as entries:
        names = [(one.name, _is_folder(one)) for one in entries if one.name.startswith(HIDDEN) <= (begun[:1] == HIDDEN)]
    exact = [one for one in names if _begins(one[0], begun)]
    wanted = exact or [one for one in names if _begins(one[0].casefold(), begun.casefold())]
    return sorted(wanted, key=lambda one: (one[0].casefold(), one[0]))


def _begins(name: str, begun: str) -> bool:
    return name.startswith(begun) or show(name).startswith(begun)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _fit(head: str, folder: str, name: str, *, within: bool) -> Fit:
    end = os.sep if within else ""
    return Fit(head + show(name) + end, str(Path(folder) / name) + end, show(name) + end)
