"""How report books look: one file of colours, fonts, sizes and the house's own name and logo."""

from __future__ import annotations

import re
import tomllib
import zlib
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
_LARGEST_LOGO = 2 * 2**20
_PNG, _AFTER = b"\x89PNG\r\n\x1a\n", 4096
"""How a PNG begins; how much may stand behind the end of a JPEG."""
_LONGEST_HOUSE, _LONGEST_LIST = 60, 255
"""Characters of a house's name, beside which a footer of 255 has the source; of a list in a cell."""


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
    refused = _unlisted([*market])
    if refused:
        raise BadArgument(f"{path}: market: {refused}")
    if not market:
        raise BadArgument(f"{path}: market names no colours of up and down")
    for name, font in data["fonts"].items():
        if not isinstance(font, str) or not font:
            raise BadArgument(f"{path}: fonts: {name} is no name of a font")
    for name, size in data["sizes"].items():
        if isinstance(size, bool) or not isinstance(size, int | float) or not 6 <= size <= 72:
            raise BadArgument(f"{path}: sizes: {name} is {size!r}, no size from 6 to 72 points")
    name, logo = _house(data["house"], path)
    return Theme(data["colours"], market, data["fonts"], data["sizes"], name, logo)


def _house(house: Mapping[str, Any], path: Path) -> tuple[str, Path | None]:
    """The house's name and its logo."""
    if not all(isinstance(value, str) for value in house.values()):
        raise BadArgument(f"{path}: house: name and logo are texts")
    if len(house["name"]) > _LONGEST_HOUSE:
        raise BadArgument(f"{path}: house: the name is longer than {_LONGEST_HOUSE} characters, which no footer holds")
    logo = path.parent / house["logo"] if house["logo"] else None
    if logo is not None and not logo.is_file():
        raise BadArgument(f"{path}: logo {house['logo']!r} is no file")
    if logo is not None and (why := _no_picture(logo)):
        raise BadArgument(f"{path}: logo {house['logo']!r} {why}; give a PNG or a JPEG")
    return house["name"], logo


def _unlisted(names: list[str]) -> str:
    """Why names cannot stand in the list of the Inputs sheet, which has commas between; empty where they can."""
    for name in names:
        if "," in name or not name or name != name.strip():
            return f"{name!r} cannot stand in a list: it is blank, begins or ends with a blank, or holds a comma"
    if len({name.casefold() for name in names}) < len(names):
        return "two names differ by capital letters alone"
    long = len(",".join(names)) > _LONGEST_LIST
    return f"the names are longer than {_LONGEST_LIST} characters together" if long else ""


def _no_picture(logo: Path) -> str:
    """Why a file is no whole PNG or JPEG of a size for a logo; empty where it is one."""
    try:
        if logo.stat().st_size > _LARGEST_LOGO:
            return f"has more than {_LARGEST_LOGO >> 20} MB, and each book would"
        content = logo.read_bytes()
    except OSError as error:
        return f"cannot be read ({error.strerror or error})"
    if content.startswith(_PNG):
        return "" if _whole_png(content) else "is a PNG that is cut off or damaged"
    if content.startswith(b"\xff\xd8\xff"):
        return "" if b"\xff\xd9" in content[-_AFTER:] else "is a JPEG that is cut off"
    return "is no picture for a logo"


def _whole_png(content: bytes) -> bool:
    """Whether all parts of a PNG are there, each with its checksum, up to its end."""
    place, data = len(_PNG), False
    while place + 12 <= len(content):
        end = place + 12 + int.from_bytes(content[place : place + 4])
        kind = content[place + 4 : place + 8]
        if zlib.crc32(content[place + 4 : end - 4]) != int.from_bytes(content[end - 4 : end]):
            return False
        data |= kind == b"IDAT"
        if kind == b"IEND":
            return data
        place = end
    return False


def _checked(path: Path, name: str, colour: object) -> str:
    if not isinstance(colour, str) or not _COLOUR.fullmatch(colour):
        raise BadArgument(f"{path}: {name} is {colour!r}, no colour such as #0072B2")
    return colour
