"""Reasons in other languages.

A reason is put together in English from parts with semicolons between them. Each part that one of these texts fits is
told in the language asked for, with what stands in its places; one that none fits stays as it is, so that nothing is
lost. ``{text}`` stands for any words, ``{word}`` for one.
"""

from __future__ import annotations

import functools
import re

from xlrotation.errors import BadArgument
from xlrotation.languages import ENGLISH, Text, pieces, remarks, translated

_REASONS = (
    Text("{word} needs {word2}: {text}"),
    Text("{text} is no window"),
    Text("a window is a number of sessions (20 or 20D), {text} or a date such as {word}"),
    Text("a window of {text} sessions"),
    Text("a window of {text}"),
    Text("{text} is no tenor"),
    Text("a tenor is {text}, or a number of calendar days such as 30"),
    Text("{text} is no number of sessions"),
    Text("{text} is no number of weeks"),
    Text("give one such as {text}"),
    Text("{text} is no date"),
    Text("give a date cell or a text with the year first, such as {word}"),
    Text("{text} is no day of the calendar"),
    Text("give a date such as {word}"),
    Text("{text} is none of the choices"),
    Text("{text} is out of bounds"),
    Text("give a number from {word} to {word2}"),
    Text("give a number of at least {word}"),
    Text("give a number of at most {word}"),
    Text("give one from {word} to {word2}"),
    Text("give one of at least {word}"),
    Text("{text} is no whole number"),
    Text("{text} is no number"),
    Text("give one"),
    Text("{text} is neither TRUE nor FALSE"),
    Text("{text} is no text"),
    Text("a range without a number"),
    Text("give a column of numbers"),
    Text("a range of {word} by {word2} cells where one column is expected"),
    Text("a blank cell in the range of {word}"),
    Text("fill it or shorten the range"),
    Text("among numbers a text is a gap: {text}"),
    Text("{word} takes at most {word2} arguments: {text}"),
    Text("are {word} and {word2} swapped? {text}"),
    Text("are {word} and {word2} swapped?"),
    Text("it would fit {word}, argument {word2} of {text}"),
    Text("no function {text}"),
    Text("XLR_FUNCTIONS() lists our functions"),
    Text("a text needs quotes: {text}"),
    Text("the quotes are not straight"),
    Text("type a ticker"),
    Text("type {text}"),
    Text("no symbol {text} in the data"),
    Text("the data hold no {word}"),
    Text("XLR_STATUS() lists what they hold"),
    Text("{text} is no symbol"),
    Text("give a ticker such as XLK, or a column of numbers"),
    Text("{text} is no sector"),
    Text("give one such as XLK or 科技, or use PX_RET for any symbol"),
    Text("no universe {text}"),
    Text("there are {text}"),
    Text("or give a range of symbols"),
    Text("{text} is {word}, an index or a fund, and the data do not bring its members"),
    Text("give a universe such as SECTORS, or a range of symbols"),
    Text("a range without a symbol"),
    Text("did you mean {text}?"),
    Text("{text} has no {word} on {word2}"),
    Text("its closes run from {word} to {word2}"),
    Text("it has none up to {word}"),
    Text("it has none at all"),
    Text("{text} has no close that early"),
    Text("{word} needs {word2} sessions"),
    Text("there are {word}"),
    Text("the data have {word}, from {word2}"),
    Text("the data have {word}"),
    Text("{word} needs {word2} closes"),
    Text("{word} needs {word2} numbers"),
    Text("the column has {word}"),
    Text("shorten the window"),
    Text("widen the window"),
    Text("change the window"),
    Text("{word} begins on {word2}, before the first session of the data, {word3}"),
    Text("the window begins on {word}, after the as-of session {word2}"),
    Text("give an earlier date"),
    Text("{word} is after the as-of date {word2}, and nothing after that is shown"),
    Text("{word} is before the first session of the data, {word2}"),
    Text("give a later date"),
    Text("a column of numbers has no dates for the window {word}"),
    Text("give a number of rows"),
    Text("a column of numbers has no dates"),
    Text("give a symbol"),
    Text("{text} has {word} sessions up to then"),
    Text("an average of {word} needs more"),
    Text("lower n"),
    Text("no member of {text} has a return over {word}: {text2}"),
    Text("no option chain of {word} at {word2}"),
    Text("the last one before is of {word}"),
    Text("the data hold no option chain of {word} up to {word2}"),
    Text("refresh with --options"),
    Text("{text} would give {word}: set fallback to TRUE to let it stand in"),
    Text(
        "{text}, a model-free volatility index, stands in for the at the money volatility of {word} at {word2}: {text2}"
    ),
    Text(
        "{text}, a model-free volatility index, stands in for the model-free volatility of {word} at {word2}: {text2}"
    ),
    Text("the closes of {text} did not move {text2}: a volatility over them says nothing of the market"),
    Text("{text} {word} is a volatility of {word2}"),
    Text("{word}: a volatility of {word2} is negative"),
    Text("{word} {word2} is a rate of {word3}"),
    Text("{text} {word} is a rate, not the price of a future"),
    Text("{word} {word2} is a level in index points"),
    Text("{word} {word2} is growth of {word3}"),
    Text("{word} {word2} in row {word3} is a return of {word4}"),
    Text("{word} are rates in percent, and {word2} stands last"),
    Text("from {word} to {word2}: a return on a negative number means nothing"),
    Text("the weights add up to {word}, not to 1, and are divided by their sum"),
    Text("the base of the return is zero"),
    Text("give {text}"),
)
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
            return text.into(lang, **found.groupdict())
    return ""


@functools.cache
def _patterns() -> tuple[tuple[re.Pattern[str], Text], ...]:
    return tuple((_pattern(text), text) for text in _REASONS)


def _pattern(text: Text) -> re.Pattern[str]:
    """What a part looks like that *text* made."""
    parts = []
    for words, name, _ in pieces(text.english):
        parts.append(re.escape(words))
        if name is not None:
            parts.append(f"(?P<{name}>{'.+' if name.startswith('text') else '[^ ]+'})")
    return re.compile("".join(parts), re.DOTALL)
