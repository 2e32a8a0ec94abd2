"""Vector paths: what answers many calls of PX, ROT, RS and VOL functions at once, see :mod:`.spread`."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterator

import numpy as np

from xlrotation.functions.boundary.many import Answers, Calls
from xlrotation.functions.families.spread import Grid, growth, path, window_ends, window_returns
from xlrotation.market import still
from xlrotation.market.points import Points
from xlrotation.market.windows import Unit, Window
from xlrotation.measures import regression, ties, volatility
from xlrotation.measures.arrays import BoolArray, FloatArray, IntArray

Compute = Callable[[Calls, Grid], FloatArray]


def _on(symbols: tuple[int, ...], asof: int) -> Callable[[Compute], Callable[[Calls], Answers]]:
    """Let a function of a grid answer calls whose symbols and as-of date stand in these places."""

    def decorate(compute: Compute) -> Callable[[Calls], Answers]:
        @functools.wraps(compute)
        def many(calls: Calls) -> Answers:
            grid = Grid(calls, symbols, asof)
            return calls.nothing() if grid.empty else grid.answers(compute(calls, grid))

        return many

    return decorate


@_on((0,), 1)
def closes(_: Calls, grid: Grid) -> FloatArray:
    """PX_CLOSE."""
    points = grid.points[0]
    return path(points, points.ends - 1, grid.is_value(2, "total"))


@_on((0,), 2)
def returns(_: Calls, grid: Grid) -> FloatArray:
    """PX_RET and ROT_SECTOR_RET."""
    anchor = functools.partial(grid.is_value, 4)
    return window_returns(grid, grid.points[0], *grid.windows(1), grid.is_value(3, "total"), anchor)


@_on((0,), 2)
def changes(_: Calls, grid: Grid) -> FloatArray:
    """PX_CHANGE."""
    total = np.zeros(len(grid.which), bool)
    base, last = window_ends(grid, grid.points[0], *grid.windows(1), total, _at_close(grid))
    return ties.differences(last, base)


@_on((0,), 2)
def returns_between(calls: Calls, grid: Grid) -> FloatArray:
    """PX_RET_BETWEEN; a blank start depends on the as-of date and is left to the call itself."""
    codes, days = calls.read(1)
    windows = [Window(Unit.SINCE, since=day) if isinstance(day, dt.date) else None for day in days]
    anchor = functools.partial(grid.is_value, 4)
    return window_returns(grid, grid.points[0], codes[grid.which], windows, grid.is_value(3, "total"), anchor)


@_on((0, 1), 3)
def relative_returns(_: Calls, grid: Grid) -> FloatArray:
    """ROT_REL_RET."""
    codes, windows = grid.windows(2)
    total, anchor = grid.is_value(4, "total"), functools.partial(grid.is_value, 5)
    a, b = (window_returns(grid, points, codes, windows, total, anchor) for points in grid.points)
    with np.errstate(invalid="ignore"):
        near = np.abs(a - b) <= ties.TIE * np.maximum(np.abs(1.0 + a), np.abs(1.0 + b))
    return np.where(near, 0.0, a - b)


@_on((0, 1), 3)
def momentum(_: Calls, grid: Grid) -> FloatArray:
    """RS_MOMENTUM."""
    codes, windows = grid.windows(2)
    total = np.zeros(len(grid.which), bool)
    a, b = (window_returns(grid, points, codes, windows, total, _at_close(grid)) for points in grid.points)
    return growth(1.0 + b, 1.0 + a)


def _at_close(grid: Grid) -> Callable[[str], BoolArray]:
    return lambda word: np.full(len(grid.which), word == "CLOSE")


@_on((0, 1), 2)
def ratios(calls: Calls, grid: Grid) -> FloatArray:
    """RS_RATIO."""
    above, below = (points.at("close", points.ends - 1) for points in grid.points)
    codes, bases = calls.read(3)
    scale = np.array([1.0 if one is None else one if type(one) is float else np.nan for one in bases])[
        codes[grid.which]
    ]
    with np.errstate(invalid="ignore", divide="ignore"):
        found: FloatArray = scale * above / below
        found[~((above >= 0.0) & (below > 0.0))] = np.nan
    return found


def _averages(points: Points, counts: IntArray) -> FloatArray:
    found = np.full(len(counts), np.nan)
    for which, values in points.windows("close", counts):
        found[which] = values.mean(axis=1)
    return found


@_on((0,), 2)
def averages(_: Calls, grid: Grid) -> FloatArray:
    """PX_MA; an exponential one runs over all closes and is left to the call itself."""
    return np.where(grid.is_value(3, "SMA"), _averages(grid.points[0], grid.whole(1)), np.nan)


@_on((0,), 2)
def over_averages(_: Calls, grid: Grid) -> FloatArray:
    """PX_VS_MA."""
    points = grid.points[0]
    return growth(_averages(points, grid.whole(1)), points.at("close", points.ends - 1))


def _whole_windows(grid: Grid, points: Points, place: int) -> IntArray:
    """Sessions of the windows that begin at or after the first close; -1 for others, of which that is told."""
    counts = grid.counts(points, place)
    begin = points.first_known()
    there = np.isfinite(points.at("close", begin)) & (begin <= points.ends - counts)
    return np.where(there, counts, -1)


@_on((0,), 2)
def drawdowns(_: Calls, grid: Grid) -> FloatArray:
    """PX_DRAWDOWN."""
    points = grid.points[0]
    highest = np.full(len(grid.which), np.nan)
    for which, values in points.windows("close", _whole_windows(grid, points, 1)):
        highest[which] = np.fmax.reduce(values, axis=1)
    return growth(highest, points.at("close", points.ends - 1))


@_on((0,), 2)
def percent_ranks(_: Calls, grid: Grid) -> FloatArray:
    """PX_PCTRANK."""
    points = grid.points[0]
    found = np.full(len(grid.which), np.nan)
    for which, values in points.windows("close", _whole_windows(grid, points, 1)):
        last, known = values[:, -1:], np.isfinite(values)
        below = known & ~ties.above(values, np.broadcast_to(last, values.shape))
        ranks = np.count_nonzero(below, axis=1) / np.maximum(np.count_nonzero(known, axis=1), 1)
        found[which] = np.where(known[:, -1], ranks, np.nan)
    return found


@_on((0,), 2)
def _ranks(_: Calls, grid: Grid) -> FloatArray:
    points = grid.points[0]
    found = np.full(len(grid.which), np.nan)
    sign = np.where(grid.is_value(3, "LOW"), -1.0, 1.0)[:, None]
    for which, closes in points.windows("close", _whole_windows(grid, points, 1)):
        values = closes * sign[which]
        better = ties.above(values, np.broadcast_to(values[:, -1:], values.shape))
        places = 1.0 + np.count_nonzero(better, axis=1)
        found[which] = np.where(np.isfinite(values[:, -1]), places, np.nan)
    return found


def ranks(calls: Calls) -> Answers:
    """PX_RANK."""
    return _whole_numbers(*_ranks(calls))


def _whole_numbers(found: FloatArray, hold: BoolArray) -> Answers:
    return np.where(hold, found, 0.0).astype(np.int64), hold


@_on((0,), 2)
def z_scores(_: Calls, grid: Grid) -> FloatArray:
    """PX_ZSCORE; windows with a gap are left to the call itself."""
    points = grid.points[0]
    found = np.full(len(grid.which), np.nan)
    for which, values in points.windows("close", _whole_windows(grid, points, 1)):
        if values.shape[1] < 2:
            continue
        spread = values.std(axis=1, ddof=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            scores = (values[:, -1] - values.mean(axis=1)) / spread
            found[which] = np.where(spread > ties.TIE * np.abs(values).max(axis=1), scores, np.nan)
    return found


@_on((0,), 2)
def volatilities(calls: Calls, grid: Grid) -> FloatArray:
    """VOL_REALIZED from closes; estimators from bars and the exponential one are left to the call itself."""
    points = grid.points[0]
    decay = calls.numbers(4)[grid.which]
    sound = grid.is_value(3, "CC") & (decay > 0.0) & (decay < 1.0)
    counts = grid.counts(points, 1)
    counts = np.where(sound & (counts >= 2), counts + 1, -1)
    found = np.full(len(grid.which), np.nan)
    for which, values in points.windows("close", counts):
        good = np.flatnonzero((values > 0.0).all(axis=1) & ~_stand_still(values))
        variances = np.var(np.diff(np.log(values[good]), axis=1), ddof=1, axis=1)
        found[which[good]] = np.sqrt(volatility.SESSIONS_A_YEAR * variances)
    return found


def _stand_still(values: FloatArray) -> BoolArray:
    """Which rows hold a stretch of closes that do not move, of which is told."""
    same = values[:, 1:] == values[:, :-1]
    found = same.all(axis=1)
    length = still.LEAST - 1
    if same.shape[1] >= length:
        runs = np.cumsum(same, axis=1, dtype=np.int32)
        found |= runs[:, length - 1] == length
        found |= (runs[:, length:] - runs[:, :-length] == length).any(axis=1)
    return np.asarray(found, bool)


_BLOCK = 2_000_000
"""Closes of pairs of symbols that are looked at together."""


class _Pairs:
    """The signs of outperformance of some pairs of symbols over all sessions.

    Attributes:
        which: The calls of these pairs.
        of: Which pair each of them compares.
        ends: The row behind the as-of session of each.
        signs: ``(sessions - 1, pairs)``.
        known: Where both have closes in a session and in the one before, ``(sessions - 1, pairs)``.
        whole: For each call, whether both close in its session, and no close up to it is negative.
    """

    def __init__(self, a: Points, b: Points, which: IntArray) -> None:
        self.which, self.ends = which, a.ends[which]
        symbols = len(a.panel.symbols)
        pairs, self.of = np.unique(a.columns[which] * symbols + b.columns[which], return_inverse=True)
        one, other = (_paths(a, columns) for columns in np.divmod(pairs, symbols))
        with np.errstate(all="ignore"):
            won = ties.sign(one[1:] / one[:-1], other[1:] / other[:-1])
            negative = np.logical_or.accumulate((one < 0.0) | (other < 0.0), axis=0)
            known = np.isfinite(one / other)
        self.signs: IntArray = np.where(np.isfinite(won), won, 0.0).astype(np.int64)
        self.known: BoolArray = known[1:] & known[:-1]
        last = self.ends - 1
        there = np.isfinite(one[last, self.of]) & np.isfinite(other[last, self.of])
        self.whole: BoolArray = there & ~negative[last, self.of] & (self.ends >= 2)


def _pairs(grid: Grid) -> Iterator[_Pairs]:
    """The pairs of symbols that the calls compare, so many at a time that their closes have room."""
    a, b = grid.points
    together = a.columns * len(a.panel.symbols) + b.columns
    order = np.argsort(together, kind="stable")
    number = np.cumsum(np.append(True, np.diff(together[order]) != 0)) // max(1, _BLOCK // len(a.panel.days))
    for which in np.split(order, np.flatnonzero(np.diff(number)) + 1):
        yield _Pairs(a, b, which)


def _paths(points: Points, columns: IntArray) -> FloatArray:
    factor = points.panel.split_factor
    closes: FloatArray = points.panel.fields["close"][:, columns]
    return closes if factor is None else closes * factor[:, columns]


def _lengths(signs: IntArray) -> IntArray:
    """Length of the run up to each row, signed, ``(rows, pairs)``."""
    rows = np.arange(len(signs))[:, None]
    changed = np.vstack([np.ones((1, signs.shape[1]), bool), signs[1:] != signs[:-1]])
    began = np.maximum.accumulate(np.where(changed, rows, 0), axis=0)
    lengths: IntArray = (rows + 1 - began) * signs
    return lengths


@_on((0, 1), 2)
def _streaks(_: Calls, grid: Grid) -> FloatArray:
    found = np.full(len(grid.which), np.nan)
    for pairs in _pairs(grid):
        signs = pairs.signs
        if len(signs) == 0:
            continue
        lengths = _lengths(signs)
        last = np.maximum(pairs.ends - 2, 0)
        found[pairs.which] = np.where(pairs.whole, lengths[last, pairs.of], np.nan)
    return np.where(grid.is_value(3, "D"), found, np.nan)


def streaks(calls: Calls) -> Answers:
    """RS_STREAK of sessions; weeks and months are left to the call itself."""
    return _whole_numbers(*_streaks(calls))


@_on((0,), 1)
def _own_streaks(_: Calls, grid: Grid) -> FloatArray:
    points = grid.points[0]
    columns, of = np.unique(points.columns, return_inverse=True)
    found = np.full(len(of), np.nan)
    step = max(1, _BLOCK // len(points.panel.days))
    last = points.ends - 1
    for start in range(0, len(columns), step):
        which = np.flatnonzero((of >= start) & (of < start + step) & (last > 0))
        closes = _paths(points, columns[start : start + step])
        moves = ties.sign(closes[1:], closes[:-1])
        runs = _lengths(np.where(np.isfinite(moves), moves, 0.0).astype(np.int64))
        if len(runs) == 0:
            continue
        run = runs[last[which] - 1, of[which] - start]
        before = points.first_known()[which] < last[which] - np.abs(run)  # one that reaches back further is told of
        whole = np.isfinite(closes[last[which], of[which] - start]) & (before | (run == 0))
        found[which] = np.where(whole, run, np.nan)
    return np.where(grid.is_value(2, "D"), found, np.nan)


def own_streaks(calls: Calls) -> Answers:
    """PX_STREAK of sessions; weeks and months are left to the call itself."""
    return _whole_numbers(*_own_streaks(calls))


@_on((0, 1), 3)
def hit_rates(_: Calls, grid: Grid) -> FloatArray:
    """RS_HITRATE."""
    found = np.full(len(grid.which), np.nan)
    begin = grid.base_rows(*grid.windows(2))
    for points in grid.points:
        begin = np.where(_whole_windows(grid, points, 2) > 0, begin, -1)
    for pairs in _pairs(grid):
        base, zero = begin[pairs.which], np.zeros((1, pairs.signs.shape[1]), np.int64)
        won = np.vstack([zero, np.cumsum((pairs.signs > 0) & pairs.known, axis=0)])
        known = np.vstack([zero, np.cumsum(pairs.known, axis=0)])
        last = pairs.ends - 1
        good = pairs.whole & (base >= 0)
        base = np.where(good, base, 0)
        wins = won[last, pairs.of] - won[base, pairs.of]
        both = known[last, pairs.of] - known[base, pairs.of]
        found[pairs.which] = np.where(good & (both > 0), wins / np.maximum(both, 1), np.nan)
    return found


def _moments(grid: Grid) -> Iterator[tuple[IntArray, regression.Moments]]:
    """Moments of the daily returns over the windows of pairs of symbols whose closes are all there and move."""
    rows = grid.base_rows(*grid.windows(2))
    counts = np.where(rows >= 0, grid.points[0].ends - rows, -1)
    both = (points.windows("close", counts) for points in grid.points)
    for (which, a), (_, b) in zip(*both, strict=True):
        sound = (a > 0.0).all(axis=1) & (b > 0.0).all(axis=1)
        good = np.flatnonzero(sound)
        good = good[~_stand_still(a[good]) & ~_stand_still(b[good])]
        if a.shape[1] > 1 and len(good):
            y, x = (values[good, 1:] / values[good, :-1] - 1.0 for values in (a, b))
            yield which[good], regression.moments(y, x)


@_on((0, 1), 3)
def betas(_: Calls, grid: Grid) -> FloatArray:
    """RS_BETA; that of Scholes and Williams is left to the call itself."""
    found = np.full(len(grid.which), np.nan)
    for which, moments in _moments(grid):
        found[which] = moments.slope()
    found = np.where(grid.is_value(4, "BLUME"), regression.blume(found), found)
    return np.where(grid.is_value(4, "SCHOLES_WILLIAMS"), np.nan, found)


@_on((0, 1), 3)
def correlations(_: Calls, grid: Grid) -> FloatArray:
    """RS_CORREL."""
    found = np.full(len(grid.which), np.nan)
    for which, moments in _moments(grid):
        found[which] = moments.correlation()
    return found
