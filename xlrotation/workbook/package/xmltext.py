"""Texts as XML writes them. That of the standard library loads all that fetches an address along with it."""

from __future__ import annotations

_WRITTEN = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_IN_TEXT = str.maketrans(_WRITTEN)
_IN_ATTRIBUTE = str.maketrans({**_WRITTEN, "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def escaped(text: str) -> str:
    """A text as it stands between tags."""
    return text.translate(_IN_TEXT)


def quoted(text: str) -> str:
    """A text as the value of an attribute, in quotation marks that it does not hold where it can be."""
    written = text.translate(_IN_ATTRIBUTE)
    if '"' not in written:
        return f'"{written}"'
    if "'" not in written:
        return f"'{written}'"
    return '"' + written.replace('"', "&quot;") + '"'
