"""The places in a text that are filled: ``{name}``, ``{name:format}``."""

from __future__ import annotations

import functools
import string

CHOICES = ("?", "#")
"""What begins a format that chooses words: by the sign of the number, or by its plural form."""

Piece = tuple[str, str | None, str]
"""Words, and the name and the format of the place behind them; no name at the end of a text."""


@functools.lru_cache(2048)
def pieces(text: str) -> tuple[Piece, ...]:
    """A text taken apart.

    Raises:
        ValueError: A brace is open, or a place has no name.
    """
    found = []
    for words, name, form, conversion in string.Formatter().parse(text):
        if name is not None and not name.isidentifier():
            raise ValueError(f"a place is {{name}}, not {{{name}}}")
        if conversion:
            raise ValueError(f"{{{name}!{conversion}}} has a conversion")
        found.append((words, name, form or ""))
    return tuple(found)


def misfit(text: str, translation: str) -> str:
    """Why a translation cannot stand for a text: its places are not those of the text; blank where it can."""
    try:
        known = {(name, form) for _, name, form in pieces(text) if name}
    except ValueError:
        return ""  # braces of another kind, such as those of an array
    try:
        given = {(name, form) for _, name, form in pieces(translation) if name}
    except ValueError as error:
        return f"{translation[:40]!r}: {error}"
    names = {name for name, _ in known}
    for name, form in sorted(given, key=str):
        if name not in names:
            return f"{{{name}}} is no place of {text[:60]!r}"
        if not form.startswith(CHOICES) and form and (name, form) not in known:
            return f"{{{name}:{form}}} is no place of {text[:60]!r}"
    if missing := {name for name, form in known if not form.startswith(CHOICES)} - {name for name, _ in given}:
        return f"{translation[:40]!r} lacks {{{sorted(map(str, missing))[0]}}}"
    return ""
