"""Reasons in other languages.

A reason is put together in English from parts with semicolons between them. Each part that one of these texts fits is
told in the language asked for, with what stands in its places; one that none fits stays as it is, so that nothing is
lost. ``{text}`` stands for any words, ``{word}`` for one.
"""

from __future__ import annotations

import functools
import re

from xlrotation.errors import BadArgument
from xlrotation.functions.boundary.reasontexts import REASONS
from xlrotation.languages import ENGLISH, Text, alternatives, listed, pieces, remarks, translated

_CHOICE = re.compile(r"[^ ]+(?: or [^ ]+)+")
_COUNTED = re.compile(r"(?P<name>.+) (?P<count>\(\d+/\d+\))")
_MORE = re.compile(r"(?P<names>.+) and (?P<count>\d+) more")
_TICKER = re.compile(r"[^ a-z]+[^ ]*|[^ ]*[\d^=.-][^ ]*")
_AND_MORE = Text("{names} and {count} more")

Patterns = tuple[tuple[re.Pattern[str], Text, int], ...]
"""What a part looks like, the text that made it, and how many letters the text has beside its places."""


def told_in(reason: str, lang: str) -> str:
    """*reason* in a language, as far as it has words for it."""
    try:
        return reason if lang == ENGLISH else _told_in(reason, lang)
    except BadArgument:  # a file of texts that cannot be read must not take the reason along
        return reason


@functools.lru_cache(maxsize=2000)
def _told_in(reason: str, lang: str) -> str:
    whole = _fitting(reason, lang, _patterns()[:1])
    return whole or remarks(_fitting(part, lang, _patterns()[1:]) or part for part in reason.split("; ")).into(lang)


def _fitting(part: str, lang: str, patterns: Patterns) -> str:
    """The text that fits a part, in *lang*, the one with most words of its own; empty where none does."""
    best, most, found = None, -1, None
    for pattern, text, own in patterns:
        if own > most and (match := pattern.fullmatch(part)) and translated(lang, text.english) is not None:
            best, most, found = text, own, match
    if best is None or found is None:
        return ""
    return best.into(lang, **{name: _place(words, lang) for name, words in found.groupdict().items()})


def _place(words: str, lang: str) -> str:
    """What stands in a place: a reason of its own, the help of an argument, choices, names; else as it is."""
    if _CHOICE.fullmatch(words):
        return alternatives(words.split(" or ")).into(lang)
    return _named(words, lang) or _fitting(words, lang, _patterns()) or _names(words, lang) or words


def _named(words: str, lang: str) -> str:
    """A name in a language, also one with a count behind it; empty where it has none there."""
    counted = _COUNTED.fullmatch(words)
    if counted is None:
        return translated(lang, words) or ""
    name = translated(lang, counted["name"])
    return f"{name}{counted['count']}" if name else ""


def _names(words: str, lang: str) -> str:
    """Names in one line as a language lists them; empty where these are other words."""
    more = _MORE.fullmatch(words)
    line = words if more is None else more["names"]
    items = line.split(", ")
    items[-1:] = items[-1].split(" and ")
    if (len(items) == 1 and more is None) or not all(_named(item, lang) or _TICKER.fullmatch(item) for item in items):
        return ""
    told = listed([_named(item, lang) or item for item in items])
    return told.into(lang) if more is None else _AND_MORE.into(lang, names=told, count=int(more["count"]))


@functools.cache
def _patterns() -> Patterns:
    return tuple((_pattern(text), text, sum(len(words) for words, *_ in pieces(text.english))) for text in REASONS)


def _pattern(text: Text) -> re.Pattern[str]:
    """What a part looks like that *text* made."""
    parts = []
    for words, name, _ in pieces(text.english):
        parts.append(re.escape(words))
        if name is not None:
            parts.append(f"(?P<{name}>{'.+' if name.startswith('text') else '[^ ]+'})")
    return re.compile("".join(parts), re.DOTALL)
