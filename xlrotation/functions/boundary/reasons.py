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
from xlrotation.languages import ENGLISH, Text, alternatives, pieces, remarks, translated

_CHOICE = re.compile(r"[^ ]+(?: or [^ ]+)+")
"""The more particular ones first."""


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


def _fitting(part: str, lang: str, patterns: tuple[tuple[re.Pattern[str], Text], ...]) -> str:
    """The text that fits a part, in *lang*; empty where none does."""
    for pattern, text in patterns:
        found = pattern.fullmatch(part)
        if found is not None and translated(lang, text.english) is not None:
            return text.into(lang, **{name: _place(words, lang) for name, words in found.groupdict().items()})
    return ""


def _place(words: str, lang: str) -> str:
    """What stands in a place: a reason of its own, the help of an argument, words to choose from; else as it is."""
    if _CHOICE.fullmatch(words):
        return alternatives(words.split(" or ")).into(lang)
    return translated(lang, words) or _fitting(words, lang, _patterns()) or words


@functools.cache
def _patterns() -> tuple[tuple[re.Pattern[str], Text], ...]:
    return tuple((_pattern(text), text) for text in REASONS)


def _pattern(text: Text) -> re.Pattern[str]:
    """What a part looks like that *text* made."""
    parts = []
    for words, name, _ in pieces(text.english):
        parts.append(re.escape(words))
        if name is not None:
            parts.append(f"(?P<{name}>{'.+' if name.startswith('text') else '[^ ]+'})")
    return re.compile("".join(parts), re.DOTALL)
