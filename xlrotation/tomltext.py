r"""Files in TOML that people write, and what to do where a path of Windows stands in one.

In double quotes TOML takes a backslash for the beginning of a sign: "C:\\Users" is no text, and "C:\\temp" has a tab.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

ADVICE = "in double quotes a backslash is no part of a path: write / in its place, or the path in single quotes"

_SIGNS = re.compile(r"[\x00-\x1f]")
_PLACE = re.compile(r"\(at line (\d+),")


class TomlError(ValueError):
    """A text is no TOML; says where, and what to do where a backslash is the reason."""


def read(text: str) -> dict[str, Any]:
    """What a text in TOML says.

    Raises:
        TomlError: It is none.
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise TomlError("it holds lists in lists without an end") from None
    except ValueError as error:
        raise TomlError(_told(str(error), text)) from None


def _told(reason: str, text: str) -> str:
    place = _PLACE.search(reason)
    lines = text.split("\n")
    if place and int(place[1]) <= len(lines) and "\\" in lines[int(place[1]) - 1]:
        return f"{reason}; {ADVICE}"
    return reason


def broken_path(text: str) -> bool:
    r"""Whether a path has a sign that no path has, such as the tab that C:\temp became."""
    return bool(_SIGNS.search(text))
