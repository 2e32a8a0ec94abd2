"""Reasons in other languages.

A reason is put together in English from parts with semicolons between them. Each part that one of these texts fits is
told in the language asked for, with what stands in its places; one that none fits stays as it is, so that nothing is
lost. ``{text}`` stands for any words, ``{word}`` for one.
"""

from __future__ import annotations

import functools
import re

from xlrotation.errors import BadArgument
from xlrotation.languages import ENGLISH, Text, alternatives, pieces, remarks, translated

_CHOICE = re.compile(r"[^ ]+(?: or [^ ]+)+")

_REASONS = (
    Text("{word} needs {word2}: {text}"),
    Text("{text} is no window"),
    Text("a window is a number of sessions (20 or 20D), {text} or a date such as {word}"),
    Text("a window of {text} sessions"),
    Text("a window of {text}"),
    Text("{text} is no tenor"),
    Text("{text} is no delta of a call"),
    Text("give numbers from {word} to {word2}, {word3} at the money"),
    Text("the data hold one session with an implied volatility of {text} in {word}"),
    Text("two are needed"),
    Text("{word} has {word2} closes, and {word3} are fitted at most"),
    Text("a close of {text} is not above zero and has no logarithm"),
    Text("{word} regimes need {word2} daily returns, and {word3} has {word4}"),
    Text("the returns of {text} over {word} do not tell {word2} regimes apart"),
    Text("{word} of {word2} sessions in {word3} have an implied volatility of {text}"),
    Text("the implied volatility of {text} never changed over {word}"),
    Text("{word} has {word2} values"),
    Text("give {word} to {word2}"),
    Text("a time of {word} years is less than a second"),
    Text("give years, {word} for three months"),
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
    Text("the column has {word} closes"),
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
    Text("{word} {word2} is a rate of {word3}"),
    Text("{text} {word} is a rate, not the price of a future"),
    Text("{word} {word2} is a level in index points"),
    Text("{word} {word2} is growth of {word3}"),
    Text("{word} {word2} in row {word3} is a return of {word4}"),
    Text("{word} are rates in percent, and {word2} stands last"),
    Text("from {word} to {word2}: a return on a negative number means nothing"),
    Text(
        "{word} of {word2} members have no value or no weight (the first in row {word3}) and are left out: those that "
        "count are {word4} of the weights"
    ),
    Text("the data hold no {text}"),
    Text("use a source that does, or closes alone"),
    Text("use a source that does"),
    Text("a member's volatility is 0 in row {word}"),
    Text("a blank cell may have come as one"),
    Text("the weights add up to {word}, not to 1, and are divided by their sum"),
    Text("the base of the return is zero"),
    Text("the closes of {text} begin on {word}, within the window {word2}: {word3} of its {word4} sessions count"),
    Text("the closes of {text} begin in row {word}, within the window {word2}: {word3} of its {word4} sessions count"),
    Text("the values of {text} begin on {word}, within the window {word2}: {word3} of its {word4} sessions count"),
    Text("the closes of {text} begin within the window {word}: those that there are count"),
    Text("{text} gives a table, so {word} must be one cell"),
    Text("write one formula per value"),
    Text("a table does not fit into one cell of a range"),
    Text("the sessions of {text} are known until {word}, not for {word2}"),
    Text("update xlrotation, or make newer tables with {word}"),
    Text("ranges of {text} cells do not fit together"),
    Text("give one shape, or a row and a column"),
    Text("{text} is no language"),
    Text("a price of {word} lies outside {word2} to {word3}"),
    Text("no volatility gives it"),
    Text("a price of {word} is the intrinsic value but for rounding"),
    Text("no volatility can be told from it"),
    Text("an option without time left has no implied volatility"),
    Text("no two expiries of {word} with quotes around that delta enclose {word2} days from {word3}: {text}"),
    Text(
        "model-free variance at {word} days needs an expiry {word2} to {word3} days away and one up to {word4} days "
        "later"
    ),
    Text("a column of numbers has no options"),
    Text("a column of numbers has no {word} prices"),
    Text("give a symbol, or use closes alone"),
    Text("give an index such as SPX, or use the _CALC form"),
    Text("fewer than {word} members with a value and a weight"),
    Text("fewer than two members of {word} have all closes of {word2}"),
    Text("give one weight for each member"),
    Text("give one label for each value"),
    Text("give the same rows of each"),
    Text("give the same rows of both"),
    Text("give the same rows"),
    Text("{word} and {word2} rows of names and values"),
    Text("{word} and {word2} rows of shares and net asset values"),
    Text("{word} and {word2} rows of cumulative values"),
    Text("{word} and {word2} rows of returns and flows"),
    Text("{word} and {word2} rows of dates and values"),
    Text("volatilities, weights and realised volatilities differ in length"),
    Text("the near expiry must come before the far one, both after now"),
    Text("{word} {word2} is no yearly variance, as 0.04 is that of 20 %"),
    Text("{word} {word2} is a time in years"),
    Text("for {word} days did you mean {text}?"),
    Text("a time to expiry of {word} years"),
    Text("spot and strike must be above zero, the time to expiry not below it"),
    Text("rates too large for that time"),
    Text("give them as decimals, 0.05 for 5 %, and the time in years"),
    Text("a Greek needs a volatility and a time above zero"),
    Text("strikes must rise from row to row and be above zero"),
    Text("the forward needs a strike with a call and a put, and the variance three strikes"),
    Text("the forward lies below all strikes"),
    Text("the prices do not fit together"),
    Text("fewer than three options have a price"),
    Text("a variance needs more"),
    Text("a volatility of zero has no variance swap"),
    Text("a volatility needs two returns"),
    Text("{word} needs the close before its {word2} sessions"),
    Text("{text} never changed over {word}, in {word2} closes"),
    Text("{text} has a negative value, and relative strength is a ratio"),
    Text("{word} over {word2}: a ratio of negative prices means nothing"),
    Text("a correlation needs two columns without a gap and three rows"),
    Text("{text} is none of {text2}, nor does it serve as a symbol: {text3}"),
    Text("{word} {word2}: {word3} stands in index points"),
    Text("a component with fewer than three values has no standard deviation worth the name"),
    Text("no component has a value at both ends of the window"),
    Text("XLR_FUNCTIONS() lists them all"),
    Text("the data hold no series {text}"),
    Text("they hold {text}"),
    Text("fetch it with {text}"),
    Text("{word} has no value in that time"),
    Text("the data hold from {word} to {word2}"),
    Text("unemployment {word} in row {word2} is no rate in percent"),
    Text("{word} months"),
    Text("the rule needs 15: three, and the twelve before them"),
    Text("the rule needs the last {word}"),
    Text("spreads are percent, and {word} stands last"),
    Text("spreads of at most {word} are read as percent: {word2} basis points"),
    Text("no period with a return below {word}"),
    Text("no outflow to compare with"),
    Text("a share of a negative amount means nothing"),
    Text("give amounts of zero or more"),
    Text("the values add up to zero"),
    Text("the values add up to zero, so none has a share"),
    Text("a flow needs two days"),
    Text("{word} {word2}: a negative number of them means nothing"),
    Text("no earlier value reaches the last one"),
    Text("a rotation graph of length {word} needs {word2} sessions"),
    Text("no event between {word}, where the closes of {text} begin, and {word2}"),
    Text("no close of {text} crossed {word} since {word2}"),
    Text("{text} never had {word} closes {word2} {word3} in a row up to then"),
    Text("the VVIX never closed above {word} {word2} times in a row up to then"),
    Text("{word} {word2}: a negative multiple means nothing here"),
    Text("{word} {word2}: a negative price means nothing here"),
    Text("{word} {word2}: a negative level of earnings means nothing here"),
    Text("{text} {word} is a negative volatility"),
    Text("the column"),
    Text("open prices"),
    Text("high prices"),
    Text("low prices"),
    Text("the range"),
    Text("a multiple of a loss ({word}) means nothing"),
    Text("leave loss makers out"),
    Text("earnings of zero have no multiple"),
    Text("{word} {word2} turns earnings into losses, which have no multiple"),
    Text("no company with guidance"),
    Text("give counts, the total last"),
    Text("no forward P/E of {word} in the last {word2} sessions"),
    Text("{word} {word2} is not below {word3} {word4}"),
    Text("give the bounds of the target range, the lower first"),
    Text("give the month before the meeting, its month, and the month after"),
    Text("a range without a window"),
    Text("give windows such as 5D, 3M, YTD"),
    Text("the window needs {word}"),
    Text("give one of {text}"),
    Text("the source states neither weights nor numbers of shares for {text}"),
    Text("the source states no number of shares for {text}"),
    Text("{text} has no member on {word}: nothing is left of it"),
    Text("no member of {text} is known to belong to the sector {text2}"),
    Text("they belong to {text}"),
    Text("the data say nothing of their sectors"),
    Text("the list {text} has no member on {word}"),
    Text("the first one begins on {word}"),
    Text("{text} has a sign and no list beside it"),
    Text("{text} is no list"),
    Text("write {text}"),
    Text("{text}: a sector is one of a list, as in SP500:Technology"),
    Text("an expression of {word} lists"),
    Text("give at most {word}"),
    Text("{text} at {word} is made of today's members: the data do not say who they were then"),
    Text("bring universes.csv with the columns universe, symbol, from, to"),
    Text("{text} at {word} is made of its first known members: the data begin with those of a later day"),
    Text("{text}: the sector of {text2} is not known"),
    Text("contributions to {text} over {word} at {word2}: no weight at {word3} or no return of {text2}"),
    Text("left out"),
    Text("no member of {text} has a weight at {word} and a return over {word2}"),
    Text("the weights of {text} at {word} sum to {word2}"),
    Text("give another window"),
    Text("give another universe or date"),
    Text("UNI_MOVERS: no contributions: {text}"),
    Text("no breadth thrust of {text} over {word} up to {word2}"),
    Text("low is {word} and high {word2}"),
    Text("a thrust comes from below low and goes above a greater high"),
    Text("no member of {text} rose on {word}, so that there is no ratio"),
    Text("no member of {text} fell on {word}, so that there is no ratio"),
    Text("the rising members of {text} traded nothing on {word}"),
    Text("the falling members of {text} traded nothing on {word}"),
    Text("the members of {text} that rose or fell on {word} traded nothing"),
    Text("no member of {text} has a volume on {word}"),
    Text("no member of {text} with a volume rose or fell on {word}"),
    Text("{text} on {word}: no volume of {text2}, which therefore neither rise nor fall"),
    Text("the source holds no volumes"),
    Text("bring them with the prices as a column Volume"),
    Text("the data hold a single session up to the as-of date"),
    Text("no member of {text} has {word} closes without a gap"),
    Text("a graph of weeks needs a length of at least {word} sessions"),
    Text("give 60 or so"),
    Text("a rotation graph of length {word} needs {word2} weeks"),
    Text("0.2 is 20 %, 0.25 a quarter of a year"),
    Text("synthetic path"),
    Text("as in the file"),
    Text("as in the file ({text})"),
    Text("as traded in the file"),
    Text("as traded in the file ({text})"),
    Text("adjusted for splits in the file"),
    Text("adjusted for splits in the file ({text})"),
    Text("adjusted for splits and dividends in the file"),
    Text("adjusted for splits and dividends in the file ({text})"),
    Text("as traded"),
    Text("splits and dividends from {text}"),
    Text("adjusted for splits"),
    Text("adjusted for splits and dividends"),
    Text("{word} is provisional, its session was running"),
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
            return text.into(lang, **{name: _place(words, lang) for name, words in found.groupdict().items()})
    return ""


def _place(words: str, lang: str) -> str:
    """What stands in a place: a reason of its own, the help of an argument, words to choose from; else as it is."""
    if _CHOICE.fullmatch(words):
        return alternatives(words.split(" or ")).into(lang)
    return translated(lang, words) or _fitting(words, lang, _patterns()) or words


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
