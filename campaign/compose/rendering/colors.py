"""Accent colors: their contrast with the pages' own colors, and the nearest shades that can be read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from campaign.compose.campaign_folder.appearance import Brand
from campaign.config import ROOT

LEAST = 4.5  # WCAG 2.2, 1.4.3: text against what is behind it
PETROL = "#14576e"  # the accent of a campaign without its own
_STEPS = 64
_BEHIND = ("page", "card", "sunk", "tint", "on-act")  # where a link is, and the letters on a button
_BLACK, _WHITE = "#000000", "#ffffff"


@dataclass(frozen=True, slots=True)
class Palette:
    """What acts on a page: links and buttons, and a button under the pointer, in light and in dark mode."""

    light: str
    light_over: str
    dark: str
    dark_over: str


@lru_cache(maxsize=1)
def behind() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The colors behind accents in light and in dark mode, from the pages' style sheet."""
    style = (ROOT / "templates" / "web" / "style.css").read_text(encoding="utf-8")
    light, dark = (dict(re.findall(r"--([a-z-]+): *(#[0-9a-f]+)", block)) for block in _modes(style))
    return tuple(_long(light[name]) for name in _BEHIND), tuple(_long(dark[name]) for name in _BEHIND)


def _modes(style: str) -> tuple[str, str]:
    first, second, *_ = re.findall(r":root \{(.*?)\}", style, re.S)
    return first, second


def _long(color: str) -> str:
    return color if len(color) == 7 else "#" + "".join(digit * 2 for digit in color[1:])


def contrast(one: str, other: str) -> float:
    """From 1 to 21 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def lowest(color: str, behind: Iterable[str]) -> tuple[float, str]:
    """The lowest contrast with these, and with which one."""
    return min((contrast(color, surface), surface) for surface in behind)


def readable(color: str, *, dark: bool) -> str:
    """The nearest shade that can be read in this mode: darker in light mode, lighter in dark mode."""
    surfaces = behind()[dark]
    shades = (mix(color, _WHITE if dark else _BLACK, step / _STEPS) for step in range(_STEPS + 1))
    return next(shade for shade in shades if lowest(shade, surfaces)[0] >= LEAST)


@lru_cache(maxsize=16)
def palette(brand: Brand) -> Palette:
    light, dark = brand.accent, brand.accent_dark or readable(brand.accent, dark=True)
    return Palette(light, mix(light, _BLACK, 0.25), dark, mix(dark, _WHITE, 0.35))


def mix(color: str, other: str, share: float) -> str:
    """The color with this share of the other one."""
    pairs = zip(_channels(color), _channels(other), strict=True)
    return "#" + "".join(f"{round(mine + (theirs - mine) * share):02x}" for mine, theirs in pairs)


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _luminance(color: str) -> float:
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in _channels(color))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
