"""Functions over ranges: how the vector paths of several families read their symbols, sessions and windows.

A vector path gives what its function gives for each call alone, by the same measures on the same numbers. Where a price
is missing, or anything is to be said of an answer, its answer does not hold, and the call is made by itself.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from xlrotation.functions.boundary.many import ODD, Answers, Calls
from xlrotation.market.columns import narrowed
from xlrotation.market.market import Market, Series
from xlrotation.market.panel import Panel
from xlrotation.market.points import Points
from xlrotation.market.windows import Unit, Window
from xlrotation.measures import ties
from xlrotation.measures.arrays import BoolArray, FloatArray, IntArray

_CALENDAR = frozenset(
    {
        *(Unit.WEEKS, Unit.MONTHS, Unit.YEARS),
        *(Unit.WEEK_TO_DATE, Unit.MONTH_TO_DATE, Unit.QUARTER_TO_DATE, Unit.YEAR_TO_DATE),
    }
)


class Grid:
    """Symbols at the as-of sessions of many calls, those that the data have.

    Attributes:
        which: The calls whose symbols and session can be read.
        points: One of each symbol for each of these calls.
    """

    def __init__(self, calls: Calls, symbols: tuple[int, ...], asof: int) -> None:
        self._calls = calls
        self._sessions, found = calls.read(asof)
        markets = [market if type(market) is Market else None for market in found]
        known = next(filter(None, markets), None)
        panel = None if known is None else known.shown
        self._markets = [market if market is not None and market.shown is panel else None for market in markets]
        ends = np.array([0 if market is None else market.end for market in self._markets], np.int64)[self._sessions]
        sound = ends > 0
        columns: list[IntArray] = []
        held: Panel | None = None
        for place in symbols:
            codes, series = calls.read(place)
            own = []
            for one in series:
                holder, column = None, -1
                if panel is not None and type(one) is Series and one.market is not None:
                    holder, column = panel.held(one.column, "close")
                    held = held or holder
                own.append(column if holder is held else -1)  # one that is read by itself is asked by itself
            columns.append(np.array(own, np.int64)[codes])
            sound &= columns[-1] >= 0
        for place in range(calls.parameters):
            if place not in (*symbols, asof):
                codes, values = calls.read(place)
                sound &= np.array([value is not ODD for value in values])[codes]
        self.which: IntArray = np.flatnonzero(sound)
        self.points: list[Points] = []
        if held is not None:
            held, own_columns = narrowed(held, [column[self.which] for column in columns])
            self.points = [Points(held, column, ends[self.which]) for column in own_columns]
        else:
            self.which = self.which[:0]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to compute."""
        return len(self.which) == 0

    def is_value(self, place: int, value: object) -> BoolArray:
        """For each of the calls, whether an argument was read as *value*."""
        codes, values = self._calls.read(place)
        return np.array([one == value for one in values])[codes[self.which]]

    def whole(self, place: int) -> IntArray:
        """An argument that is a number of sessions; -1 where it is none."""
        codes, values = self._calls.read(place)
        return np.array([one if type(one) is int else -1 for one in values], np.int64)[codes[self.which]]

    def windows(self, place: int) -> tuple[IntArray, list[Window | None]]:
        """An argument that is a window: which of the windows each call is given, and the windows."""
        codes, values = self._calls.read(place)
        return codes[self.which], [one if type(one) is Window else None for one in values]

    def counts(self, points: Points, place: int) -> IntArray:
        """Sessions of the windows of *points*; -1 for a window of everything, and without one."""
        codes, windows = self.windows(place)
        everything = np.array([one is not None and one.unit is Unit.EVERYTHING for one in windows])[codes]
        rows = self.first_rows(points, codes, windows)
        return np.where((rows >= 0) & ~everything, points.ends - rows, -1)

    def base_rows(self, codes: IntArray, windows: list[Window | None]) -> IntArray:
        """The row of the base close of each window, as :func:`xlrotation.market.windows.base_row` has it, else -1."""
        ends = self.points[0].ends
        counts = [one.count if one is not None and one.unit is Unit.SESSIONS else -1 for one in windows]
        count = np.array(counts, np.int64)[codes]
        rows = np.where(count > 0, ends - 1 - count, -1)
        days = self.points[0].panel.days
        since = [one.since if one is not None and one.unit is Unit.SINCE else None for one in windows]
        if any(since):
            begin = np.array(since, "datetime64[D]")[codes]
            there = ~np.isnat(begin)
            there &= begin <= days[ends - 1]
            rows[there] = np.searchsorted(days, begin[there], side="right") - 1
        for number, window in enumerate(windows):
            if window is None or window.unit not in _CALENDAR:
                continue
            chosen = np.flatnonzero(codes == number)
            sessions, place = np.unique(self._sessions[self.which[chosen]], return_inverse=True)
            rows[chosen] = np.array([self._base(session, window) for session in sessions.tolist()], np.int64)[place]
        return np.maximum(rows, -1)

    def first_rows(self, points: Points, codes: IntArray, windows: list[Window | None]) -> IntArray:
        """The row of the first session of each window of *points*; -1 without one."""
        rows = self.base_rows(codes, windows)
        units = [None if one is None else one.unit for one in windows]
        for unit in set(units):
            chosen = np.array([one is unit for one in units])[codes]
            if unit is Unit.EVERYTHING:
                rows[chosen] = points.first_known()[chosen]
            elif unit is Unit.SINCE:
                days = points.panel.days
                begin = np.array([None if one is None else one.since for one in windows], "datetime64[D]")[
                    codes[chosen]
                ]
                rows[chosen] = np.searchsorted(days, begin, side="left")
            elif unit is Unit.SESSIONS:
                rows[chosen] = self._counted(codes, windows)[chosen]
            else:
                rows[chosen] += rows[chosen] >= 0
        return np.where(rows < points.ends, rows, -1)

    def _counted(self, codes: IntArray, windows: list[Window | None]) -> IntArray:
        counts = np.array([0 if one is None else one.count for one in windows], np.int64)[codes]
        found: IntArray = np.maximum(self.points[0].ends - counts, -1)
        return found

    def _base(self, session: int, window: Window) -> int:
        market = self._markets[session]
        try:
            return -1 if market is None else market.base_row(window)
        except Exception:
            return -1

    def answers(self, values: FloatArray) -> Answers:
        """Answers of which those hold that are numbers."""
        found = np.full(self._calls.size, np.nan)
        found[self.which] = values
        return found, np.isfinite(found)


def growth(base: FloatArray, last: FloatArray) -> FloatArray:
    """As :func:`xlrotation.functions.families.windowed.growth`; NaN where that refuses."""
    found = ties.ratios_less_one(last, base)
    with np.errstate(invalid="ignore"):
        found[~((base > 0.0) & (base < np.inf) & (last >= 0.0))] = np.nan
    return found


def path(points: Points, rows: IntArray, total: BoolArray) -> FloatArray:
    """Closes, or closes with dividends reinvested where *total* says so."""
    if total.all():
        return points.total(rows)
    close = points.at("close", rows)
    return np.where(total, points.total(rows), close) if total.any() else close


def window_returns(
    grid: Grid,
    points: Points,
    codes: IntArray,
    windows: list[Window | None],
    total: BoolArray,
    anchor: Callable[[str], BoolArray],
) -> FloatArray:
    """As :func:`xlrotation.functions.families.windowed.window_return` of each; NaN where that says why there is none.

    Args:
        grid: The calls.
        points: Of their symbol.
        codes: Which of the windows each is given.
        windows: The windows.
        total: Which are of closes with dividends reinvested.
        anchor: Which begin at an anchor.
    """
    return growth(*window_ends(grid, points, codes, windows, total, anchor))


def window_ends(
    grid: Grid,
    points: Points,
    codes: IntArray,
    windows: list[Window | None],
    total: BoolArray,
    anchor: Callable[[str], BoolArray],
) -> tuple[FloatArray, FloatArray]:
    """The prices that :func:`window_returns` divides, the base first; NaN for one that is missing."""
    last = path(points, points.ends - 1, total)
    base = np.full(len(last), np.nan)
    everything = np.array([one is not None and one.unit is Unit.EVERYTHING for one in windows])[codes]
    from_first = np.zeros(len(last), bool)
    for word in ("POINTS", "OPEN"):
        from_first |= anchor(word)
    if not from_first.all():
        rows = np.where(everything, points.first_known(), -1) if everything.any() else grid.base_rows(codes, windows)
        if everything.any() and not everything.all():
            rows = np.where(everything, rows, grid.base_rows(codes, windows))
        base = path(points, rows, total)
    if from_first.any():
        rows = grid.first_rows(points, codes, windows)
        on_path = path(points, rows, total)
        with np.errstate(invalid="ignore", divide="ignore"):
            scale = np.where(total, on_path / points.at("close", rows), 1.0)
        begin = np.where(anchor("OPEN"), points.at("open", rows) * scale, on_path)
        base = np.where(from_first, begin, base)
    return base, last
