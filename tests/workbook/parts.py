"""Look into a workbook's package, or change it, for the tests."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path


def read_parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def rewritten(source: Path, target: Path, changes: Mapping[str, Callable[[str], str]]) -> Path:
    """A copy with the text of some parts changed; a part that does not exist yet starts empty."""
    parts = {name: data.decode() if name in changes else data for name, data in read_parts(source).items()}
    for name, change in changes.items():
        before = parts.get(name, "")
        assert isinstance(before, str)
        after = change(before)
        assert after != before, f"{name} was not changed"
        parts[name] = after
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return target


def without_cells(sheet: bytes, cells: Collection[str]) -> str:
    """A sheet's text without the cells named, and without what says how far its cells reach."""
    text = sheet.decode()
    for cell in cells:
        text = re.sub(rf"""<c r="{cell}"(?:[^>]*/>|[^>]*(?<!/)>.*?</c>)""", "", text, flags=re.DOTALL)
    return re.sub(r'<dimension ref="[^"]*"/>| spans="[^"]*"', "", text)


def first_difference(a: bytes | str, b: bytes | str) -> str:
    """Where two texts first differ, with a few letters of both; empty where they do not.

    A runner asked to compare megabytes fills the screen with them, or gives up.
    """
    if a == b:
        return ""
    place = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    near = slice(max(0, place - 30), place + 30)
    return f"{len(a)} against {len(b)}, from {place} on: {a[near]!r} against {b[near]!r}"
