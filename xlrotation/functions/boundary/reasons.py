"""Reasons in other languages.

A reason is put together in English from parts with semicolons between them. Each part that one of these texts fits is
told in the language asked for, with what stands in its places; one that none fits stays as it is, so that nothing is
lost. ``{text}`` stands for any words, ``{word}`` for one, ``{name}`` for as few as may be, ``{own}`` too: these stay as
they are, such as the head of a column.
"""

from __future__ import annotations

import functools
import re

from xlrotation.errors import BadArgument
from xlrotation.functions.boundary.readingreasons import OF_READINGS
from xlrotation.functions.boundary.reasontexts import REASONS
from xlrotation.functions.boundary.refreshreasons import OF_REFRESHES
from xlrotation.functions.boundary.workbookreasons import OF_WORKBOOKS
from xlrotation.languages import ENGLISH, Text, alternatives, listed, pieces, remarks, translated

_CHOICE = re.compile(r"[^ ]+(?: or [^ ]+)+")
_COUNTED = re.compile(r"(?P<name>.+) (?P<count>\(\d+/\d+\))")
_MORE = re.compile(r"(?P<names>.+) and (?P<count>\d+) more")
_TICKER = re.compile(r"[^ a-z]+[^ ]*|[^ ]*[\d^=.-][^ ]*")
_AND_MORE = Text("{names} and {count} more")
_SPAN = re.compile(r"(?P<first>\d+) to (?P<last>\d+)")
_ROWS = Text("{first} to {last}", "rows of a file")
_IN_ROWS = re.compile(r"(?P<text>.+) \(rows? (?P<rows>\d[\d, to.]*)\)", re.DOTALL)
_BEHIND = Text("{text} (rows {rows})")
_ENDED = Text("{text})")
_KINDS = {"text": ".+", "name": ".+?", "own": ".+?", "word": "[^ ]+"}
"""What may stand in a place, by its name."""

_DEEPEST = 6
"""Reasons within reasons that are told in a language: a text that repeats itself must not be followed on and on."""

Patterns = tuple[tuple[re.Pattern[str], Text, int, str], ...]
"""What a part looks like, the text that made it, how many letters it has beside its places, and the most in a row."""


def told_in(reason: str, lang: str) -> str:
    """*reason* in a language, as far as it has words for it."""
    try:
        return reason if lang == ENGLISH else _told_in(reason, lang)
    except BadArgument:  # a file of texts that cannot be read must not take the reason along
        return reason


@functools.lru_cache(maxsize=2000)
def _told_in(reason: str, lang: str) -> str:
    whole = _fitting(reason, lang, _patterns()[:1])
    return whole or remarks(_part(part, lang) for part in reason.split("; ")).into(lang)


def _part(part: str, lang: str) -> str:
    """A part in *lang*, as far as it has words for it, and what stands behind it whatever its text."""
    if ended := _IN_ROWS.fullmatch(part):
        return _BEHIND.into(lang, text=_part(ended["text"], lang), rows=_place(ended["rows"], lang))
    if part.endswith(")") and part.count(")") > part.count("("):  # it ends what a part before began
        return _ENDED.into(lang, text=_part(part[:-1], lang))
    return _fitting(part, lang, _patterns()[1:]) or part


def _fitting(part: str, lang: str, patterns: Patterns, depth: int = 0) -> str:
    """The text that fits a part, in *lang*, the one with most words of its own; empty where none does."""
    best, most, found = None, -1, None
    for pattern, text, own, words in patterns:
        if own > most and words in part and (match := pattern.fullmatch(part)) and translated(lang, text.english):
            best, most, found = text, own, match
    if best is None or found is None:
        return ""
    filled = {
        name: words if name.startswith("own") else _place(words, lang, depth + 1)
        for name, words in found.groupdict().items()
    }
    return best.into(lang, **filled)


def _place(words: str, lang: str, depth: int = 0) -> str:
    """What stands in a place: a reason of its own, the help of an argument, choices, names; else as it is."""
    if _CHOICE.fullmatch(words):
        return alternatives(words.split(" or ")).into(lang)
    inner = _fitting(words, lang, _patterns(), depth) if depth < _DEEPEST else ""
    return _named(words, lang) or inner or _names(words, lang) or words


def _named(words: str, lang: str) -> str:
    """A name in a language, also one with a count behind it; empty where it has none there."""
    counted = _COUNTED.fullmatch(words)
    if counted is None:
        return translated(lang, words) or ""
    name = translated(lang, counted["name"])
    return f"{name}{counted['count']}" if name else ""


def _rows(words: str, lang: str) -> str:
    """A span of rows of a file; empty where these are other words."""
    span = _SPAN.fullmatch(words)
    return _ROWS.into(lang, **span.groupdict()) if span else ""


def _names(words: str, lang: str) -> str:
    """Names in one line as a language lists them; empty where these are other words."""
    more = _MORE.fullmatch(words)
    line = words if more is None else more["names"]
    items = line.split(", ")
    items[-1:] = items[-1].split(" and ")
    named = [_named(item, lang) or _rows(item, lang) for item in items]
    if len(items) == 1 and more is None:
        return named[0]
    if not all(name or _TICKER.fullmatch(item) for name, item in zip(named, items, strict=True)):
        return ""
    told = listed([name or item for name, item in zip(named, items, strict=True)])
    return told.into(lang) if more is None else _AND_MORE.into(lang, names=told, count=int(more["count"]))


@functools.cache
def _patterns() -> Patterns:
    return tuple(map(_known, (*REASONS, *OF_READINGS, *OF_REFRESHES, *OF_WORKBOOKS)))


def _known(text: Text) -> tuple[re.Pattern[str], Text, int, str]:
    own = [words for words, *_ in pieces(text.english)]
    return _pattern(text), text, sum(map(len, own)), max(own, key=len)


def _pattern(text: Text) -> re.Pattern[str]:
    """What a part looks like that *text* made."""
    parts = []
    for words, name, _ in pieces(text.english):
        parts.append(re.escape(words))
        if name is not None:
            parts.append(f"(?P<{name}>{_KINDS[name.rstrip('0123456789')]})")
    return re.compile("".join(parts), re.DOTALL)
