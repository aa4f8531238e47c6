"""The colours: light, dark, high contrast and mono. A test holds each pair to its contrast."""

from __future__ import annotations

from collections.abc import Iterator

from textual.constants import DIM_FACTOR
from textual.theme import Theme


def _theme(name: str, *, dark: bool, **colors: str) -> Theme:
    return Theme(
        name=name,
        dark=dark,
        primary=colors["primary"],
        secondary=colors["secondary"],
        accent=colors["accent"],
        warning=colors["warning"],
        error=colors["error"],
        success=colors["primary"],
        foreground=colors["foreground"],
        background=colors["background"],
        surface=colors["surface"],
        panel=colors["surface"],
        variables={
            "footer-background": colors["surface"],
            "input-cursor-background": colors["foreground"],
            "input-cursor-foreground": colors["background"],
        },
    )


LIGHT = _theme(
    *("light",),
    dark=False,
    primary="#0b4f9e",
    secondary="#54585f",
    accent="#8a3d00",
    warning="#8a3d00",
    error="#b0101c",
    foreground="#16191d",
    background="#ffffff",
    surface="#e9edf2",
)
DARK = _theme(
    *("dark",),
    dark=True,
    primary="#7ab7ff",
    secondary="#a3adb8",
    accent="#ffb066",
    warning="#ffb066",
    error="#ff8f8a",
    foreground="#e6e9ed",
    background="#14171b",
    surface="#262c34",
)
HIGH_CONTRAST = _theme(
    *("high-contrast",),
    dark=True,
    primary="#9fd0ff",
    secondary="#e6e6e6",
    accent="#ffd08a",
    warning="#ffd08a",
    error="#ffb3ae",
    foreground="#ffffff",
    background="#000000",
    surface="#1c1c1c",
)
MONO = _theme(
    *("mono",),
    dark=True,
    primary="#ffffff",
    secondary="#ffffff",
    accent="#ffffff",
    warning="#ffffff",
    error="#ffffff",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK, HIGH_CONTRAST, MONO)}


_DARKEST = 0.04045
"""Below it sRGB is linear."""


def pairs(theme: Theme) -> Iterator[tuple[str, str]]:
    """Every foreground and background that a screen puts together."""
    for foreground in (theme.foreground, theme.secondary, theme.accent, theme.warning, theme.error, theme.primary):
        yield str(foreground), str(theme.background)
    for foreground in (theme.foreground, theme.accent, theme.error):
        yield str(foreground), str(theme.surface)
    yield str(theme.background), str(theme.primary)
    yield str(theme.background), str(theme.error)
    # Only what is drawn in the foreground is ever dimmed: keys that are impossible now, rows that are read anew.
    for ground in (theme.background, theme.surface):
        yield dimmed(str(theme.foreground), str(ground)), str(ground)


def dimmed(color: str, ground: str) -> str:
    """A colour as it is drawn with the attribute dim: blended with what it stands on."""
    parts = zip(_parts(color), _parts(ground), strict=True)
    return "#" + "".join(f"{round(under + (own - under) * DIM_FACTOR):02x}" for own, under in parts)


def _parts(color: str) -> list[int]:
    return [int(color[place : place + 2], 16) for place in (1, 3, 5)]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours (`#rrggbb`) as WCAG 2 counts it, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    parts = [part / 255 for part in _parts(color)]
    red, green, blue = (part / 12.92 if part <= _DARKEST else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
