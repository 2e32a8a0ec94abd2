"""How report books look: one file of colours, fonts, sizes and the house's own name and logo."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from xlrotation import tomltext
from xlrotation.errors import BadArgument

_OWN = Path(__file__).with_name("theme.toml")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_LARGEST = 2**20
"""Bytes of the largest file that is read."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours, fonts and sizes of a book.

    Attributes:
        colours: By what they mean.
        market: Colours of up and down, by the name under which a reader chooses them; the first is the usual one.
        fonts: By what they are for.
        sizes: In points, by what they are for.
        name: The house, for the footer; empty for none.
        logo: A picture for the title; None for none.
    """

    colours: Mapping[str, str]
    market: Mapping[str, tuple[str, str]]
    fonts: Mapping[str, str]
    sizes: Mapping[str, float]
    name: str = ""
    logo: Path | None = None


@cache
def own_theme() -> Theme:
    """The theme that the library's books have."""
    return _theme(tomllib.loads(_OWN.read_text("utf-8")), _OWN)


def read_theme(path: Path | str) -> Theme:
    """A house's theme; what its file leaves out is as in the library's own.

    Raises:
        BadArgument: The file cannot be read, or says what no theme can.
    """
    try:
        if Path(path).stat().st_size > _LARGEST:
            raise BadArgument(f"{path}: too large for a theme")
        given = tomltext.read(Path(path).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadArgument(f"{path}: no theme ({getattr(error, 'strerror', None) or error})") from None
    own = tomllib.loads(_OWN.read_text("utf-8"))
    for section, entries in given.items():
        if section not in own or not isinstance(entries, dict):
            raise BadArgument(f"{path}: a theme has no section {section!r}; there are {', '.join(own)}")
        unknown = [key for key in entries if key not in own[section] and section != "market"]
        if unknown:
            raise BadArgument(f"{path}: {section} has no {unknown[0]!r}; there are {', '.join(own[section])}")
        own[section] = entries if section == "market" else own[section] | entries
    return _theme(own, Path(path))


def _theme(data: Mapping[str, Mapping[str, Any]], path: Path) -> Theme:
    for name, colour in data["colours"].items():
        _checked(path, f"colours: {name}", colour)
    market = {}
    for name, pair in data["market"].items():
        if not isinstance(pair, list) or len(pair) != 2:
            raise BadArgument(f"{path}: market: {name} is no pair of colours, up and down")
        market[name] = (_checked(path, name, pair[0]), _checked(path, name, pair[1]))
    if not market:
        raise BadArgument(f"{path}: market names no colours of up and down")
    for name, font in data["fonts"].items():
        if not isinstance(font, str) or not font:
            raise BadArgument(f"{path}: fonts: {name} is no name of a font")
    for name, size in data["sizes"].items():
        if isinstance(size, bool) or not isinstance(size, int | float) or not 6 <= size <= 72:
            raise BadArgument(f"{path}: sizes: {name} is {size!r}, no size from 6 to 72 points")
    house = data["house"]
    if not all(isinstance(value, str) for value in house.values()):
        raise BadArgument(f"{path}: house: name and logo are texts")
    logo = path.parent / house["logo"] if house["logo"] else None
    if logo is not None and not logo.is_file():
        raise BadArgument(f"{path}: logo {house['logo']!r} is no file")
    return Theme(data["colours"], market, data["fonts"], data["sizes"], house["name"], logo)


def _checked(path: Path, name: str, colour: object) -> str:
    if not isinstance(colour, str) or not _COLOUR.fullmatch(colour):
        raise BadArgument(f"{path}: {name} is {colour!r}, no colour such as #0072B2")
    return colour
