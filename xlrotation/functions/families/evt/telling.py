"""A backtest as rows of a table: its figures, what is to be known of them, and what it does not know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from xlrotation.functions.boundary.words import word
from xlrotation.languages import NO_TEXT, Text
from xlrotation.measures import backtests
from xlrotation.measures.backtests import Figures, Path

_Row = tuple[str, object, object, Text]

_FEW = 30
"""Periods held up to which a share of them says little."""

_LATE = Text("the formula has no value on the {count} {count:#session|sessions} before those that decide")
_GAPS = Text("{count} {count:#session|sessions} without a close of what is held left out")
_ABOVE = Text("return above cash over its standard deviation, times the root of 252")
_ERROR = Text("returns may be correlated over {lags} sessions, and need not be normal")
_TOO_FEW = Text("needs {least} sessions, {held} of them held")
_ONLY = Text("as if this formula were the only one tried")
_TRIALS = Text("as the best of {trials}; how the others' ratios scatter is not known and taken for chance")
_NEEDED = Text("for a ratio like this to be above 0; a year has 252")
_SHORT = Text("less than a year is not put on a year")
_TRADES = Text("{trades} {trades:#trade|trades} at {cost:g} bp; 1 is a purchase or a sale of all")
_PERIODS = Text("few decisions: the figures rest on them, however many sessions there are")
_TIMING = Text("return above cash of the sessions held less that of the others, before costs")
_CHANCE = Text("how often chance alone shows such a difference, either way")
_TIMED = Text("needs {held} sessions held and as many out")

_PRICE = Text("dividends: they are left out; basis total has them")
_TOTAL = Text("dividends as paid: they are reinvested as the source tells or adjusts them")
_INDEX = Text("the cost of following {symbol}: an index cannot be bought, only what follows it")
_VOLATILITY = Text("what {symbol} would cost to hold: it cannot be bought, and its futures lose what they roll")
_FILLS = Text("fills: each trade is done whole at the close, at no spread but the cost given; no taxes")
_CASH = Text("what cash would have earned: nothing is assumed")
_MISSING = Text(
    "what the formula says on {count} {count:#session|sessions} without a value: the position stayed as it was"
)
_MACRO = Text("when macro values were published: they are dated by what they are of, known later, and revised")
_TRIED = Text("what else was tried: trials counts only what is told, and hindsight chose formula and symbol, too")
_FUTURE = Text("whether it goes on: a past of one path says what was, not why")


class Test(NamedTuple):
    """A backtest.

    Attributes:
        strategy: The path of the strategy.
        span: First and last close.
        holding: The path of holding all the time over the same sessions.
        late: Sessions before it for which the formula has no value.
        gaps: Sessions left out for want of a close.
    """

    strategy: Path
    span: tuple[dt.date, dt.date]
    holding: Path
    late: int
    gaps: int


def unknown(symbol: str, kind: str, basis: str, no_cash: bool, missing: int, macro: bool) -> list[Text]:
    """What a backtest does not know.

    Args:
        symbol: What is held.
        kind: What sort of symbol it is, as :func:`xlrotation.market.quarantine.kind` tells.
        basis: Whether dividends are left out (``price``) or reinvested.
        no_cash: Whether cash earns nothing.
        missing: Sessions without a value of the formula.
        macro: Whether it asks a macro series.
    """
    found = [_PRICE if basis == "price" else _TOTAL]
    if kind == "index":
        found.append(_INDEX.of(symbol=symbol))
    elif kind.endswith("index"):
        found.append(_VOLATILITY.of(symbol=symbol))
    found.append(_FILLS)
    if no_cash:
        found.append(_CASH)
    if missing:
        found.append(_MISSING.of(count=missing))
    if macro:
        found.append(_MACRO)
    return [*found, _TRIED, _FUTURE]


def rows(test: Test, trials: int, cost_bp: float, unknown: Sequence[Text], lang: str) -> list[list[object]]:
    """The rows: item, strategy, holding all the time, note."""
    strategy, holding = backtests.figures(test.strategy), backtests.figures(test.holding)
    count = len(test.strategy.returns)
    start, end = test.span
    late = _LATE.of(count=test.late) if test.late else NO_TEXT
    found: list[_Row] = [
        ("test_from", start, start, late),
        ("test_to", end, end, NO_TEXT),
        ("length", count, count, _GAPS.of(count=test.gaps) if test.gaps else NO_TEXT),
        *_of_both(strategy, holding, count, trials, cost_bp),
        *_of_timing(test.strategy),
        *(("not_known", None, None, text) for text in unknown),
    ]
    return [[word(key, lang), first, second, note.into(lang)] for key, first, second, note in found]


def _of_both(strategy: Figures, holding: Figures, count: int, trials: int, cost_bp: float) -> Iterator[_Row]:
    known = strategy.error == strategy.error
    too_few = _TOO_FEW.of(least=backtests.LEAST, held=backtests.LEAST_HELD)
    yield ("return", strategy.total, holding.total, NO_TEXT)
    yield ("return_year", strategy.yearly, holding.yearly, NO_TEXT if count >= backtests.ABOUT_A_YEAR else _SHORT)
    yield ("volatility_year", strategy.volatility, holding.volatility, NO_TEXT)
    yield ("sharpe", strategy.sharpe, holding.sharpe, _ABOVE)
    error = _ERROR.of(lags=backtests.lags(count)) if known else too_few
    yield ("sharpe_error", strategy.error, holding.error, error)
    yield ("above_zero", strategy.above_zero, holding.above_zero, _ONLY if known else too_few)
    best = backtests.deflated(strategy.sharpe, strategy.error, trials)
    told = _TRIALS.of(trials=trials) if trials > 1 else _ONLY
    yield ("deflated", best, None, told if known else too_few)
    yield ("needed", strategy.needed, holding.needed, _NEEDED)
    yield ("drawdown", strategy.drawdown, holding.drawdown, NO_TEXT)
    yield ("exposure", strategy.exposure, holding.exposure, NO_TEXT)
    yield ("turnover", strategy.turnover, holding.turnover, _TRADES.of(trades=strategy.trades, cost=cost_bp))
    yield ("periods_held", strategy.periods, holding.periods, _PERIODS if strategy.periods < _FEW else NO_TEXT)
    yield ("hit_rate", strategy.hits, holding.hits, NO_TEXT)


def _of_timing(strategy: Path) -> Iterator[_Row]:
    found = backtests.timing(strategy)
    known = found.t_value == found.t_value
    needs = _TIMED.of(held=backtests.LEAST_HELD)
    yield ("timing", found.difference, None, _TIMING if known else needs)
    yield ("t_value", found.t_value, None, NO_TEXT if known else needs)
    yield ("p_value", found.p_value, None, _CHANCE if known else needs)
