"""Colours on a light and on a dark page.

The dark page turns the lightness of each colour over and keeps its hue. What was legible stays so: a text that had
the contrast that WCAG asks for has it on the dark page too.
"""

from __future__ import annotations

import colorsys
import re
from functools import lru_cache

LEGIBLE = 4.5
"""Contrast of a text with what is behind it, as WCAG 2 asks for (level AA)."""

VISIBLE = 3.0
"""Contrast of a line or a bar with what is behind it (level AA, non-text)."""

PAPER = "#ffffff"
_DARKEST, _LIGHTEST = 0.09, 0.95
_STEP = 0.02
_HEX = re.compile(r"#[0-9a-f]{6}")


def rgb(colour: str) -> tuple[float, float, float]:
    """The parts of ``#rrggbb``, from 0 to 1."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def _hex(parts: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(min(1.0, max(0.0, part)) * 255):02x}" for part in parts)


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, from 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@lru_cache(maxsize=4096)
def turned(colour: str) -> str:
    """A colour's counterpart on a dark page: the same hue, its lightness turned over."""
    hue, light, full = colorsys.rgb_to_hls(*rgb(colour))
    return _hex(colorsys.hls_to_rgb(hue, _DARKEST + (1 - light) * (_LIGHTEST - _DARKEST), full))


def legible(colour: str, behind: str, least: float = LEGIBLE) -> str:
    """*colour*, made lighter or darker until its contrast with *behind* is *least*."""
    hue, light, full = colorsys.rgb_to_hls(*rgb(colour))
    step = _STEP if luminance(behind) < 0.18 else -_STEP
    while contrast(colour, behind) < least and 0 <= light <= 1:
        light += step
        colour = _hex(colorsys.hls_to_rgb(hue, min(1.0, max(0.0, light)), full))
    return colour


@lru_cache(maxsize=4096)
def dark(colour: str, behind: str = PAPER, least: float = LEGIBLE) -> str:
    """What a colour before *behind*, both as on the light page, is on the dark one."""
    made = turned(colour)
    return made if contrast(colour, behind) < least else legible(made, turned(behind), least)


def mixed(low: str, high: str, share: float) -> str:
    """The colour at a share of the way from one to the other."""
    a, b = rgb(low), rgb(high)
    return _hex((a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share))


def is_colour(text: str) -> bool:
    """Whether a text is ``#rrggbb`` in small letters."""
    return _HEX.fullmatch(text) is not None
