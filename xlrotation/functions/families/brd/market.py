"""BRD: breadth and concentration."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from typing import Annotated, NamedTuple

import numpy as np

from xlrotation.errors import NoData, RotationError
from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.kinds import Basket, ChoiceKind
from xlrotation.functions.boundary.many import Answers, Calls
from xlrotation.functions.boundary.parameters import AsOf, Header, Here, Sessions, Symbol, Universe, Window, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.scope import Scope
from xlrotation.functions.families import windowed
from xlrotation.languages import Text
from xlrotation.market import histories, rosters, weighing
from xlrotation.market.market import Elsewhere, Market
from xlrotation.market.panel import FloatArray
from xlrotation.market.windows import Unit
from xlrotation.measures import averages, breadth, ties
from xlrotation.measures.arrays import IntArray

Measure = Annotated[
    str,
    ChoiceKind(
        *("HHI", "EFFN", "TOP5", "TOP10"),
        help=Text("HHI (sum of squared weights), EFFN (1 / HHI), TOP5 or TOP10 (share of the largest)."),
    ),
]
_MCCLELLAN = "Sherman and Marian McClellan, Patterns for Profit; closed form of the Summation Index by James Miekka"
_HISTORY = 400
"""Sessions of net advances behind an oscillator: the weight of what lies before is below one in a hundred million."""


class _Dates(NamedTuple):
    """Many as-of dates at which a universe has the same members, of which there is nothing to tell.

    Attributes:
        newest: The market at the last of them.
        universe: The universe.
        ends: By date, the row behind its session; 0 for one that is left to the call itself.
        codes: The date of each call.
    """

    newest: Market
    universe: Basket
    ends: IntArray
    codes: IntArray

    @property
    def rows(self) -> int:
        """Sessions from the first of the dates to the last."""
        return self.newest.end + 1 - int(self.ends[self.ends > 0].min())

    def answers(self, values: FloatArray) -> Answers:
        """What the calls are answered, of values by date."""
        return values[self.codes], (np.isfinite(values) & (self.ends > 0))[self.codes]


def _dates(calls: Calls, asof: int) -> _Dates | None:
    """The dates of calls on one universe, the first argument; None where there are none to be answered together."""
    (_, baskets), (codes, read) = calls.read(0), calls.read(asof)
    basket = baskets[0]
    if len(baskets) > 1 or not isinstance(basket, Basket):
        return None

    def end(market: object) -> int:
        try:
            if not isinstance(market, Market) or any(rosters.remarks(market, basket.name)):
                return 0
            return market.end if rosters.at(market, basket.name, basket.tickers, -1) == basket.tickers else 0
        except RotationError:  # no member then; the call itself says so
            return 0

    ends = np.array([end(market) for market in read])
    last = int(ends.argmax())
    return _Dates(read[last], basket, ends, codes) if ends[last] else None


def _above_ma(calls: Calls) -> Answers:
    """BRD_ABOVE_MA at many as-of dates: the averages of all sessions are made at once."""
    dates, (_, lengths) = _dates(calls, 2), calls.read(1)
    n = lengths[0]
    if dates is None or len(lengths) > 1 or not isinstance(n, int):
        return calls.nothing()
    first = max(0, dates.newest.end - dates.rows - n + 1)
    try:
        closes = dates.newest.closes(dates.universe.tickers, first=first)
    except (RotationError, Elsewhere):  # the call itself says why
        return calls.nothing()
    above, known = breadth.above_average_history(closes, n)
    places = dates.ends - n - first
    there = np.flatnonzero((dates.ends > 0) & (places >= 0))
    there = there[known[places[there]] > 0]
    shares = np.full(len(places), np.nan)
    shares[there] = above[places[there]] / known[places[there]]
    return dates.answers(shares)


@worksheet_function(unit="share", example='=BRD_ABOVE_MA("SP50",200)', many=_above_ma)
def BRD_ABOVE_MA(universe: Universe = default("SP50"), n: Sessions = default(200), asof: AsOf = default(None)) -> float:
    """Share of members whose close is above their average of the last n closes.

    Strictly above. A member with a gap among its last n closes is left out of both counts; closes are not adjusted for
    dividends (some publishers adjust them, which lifts the share a little).

    Args:
        n: Closes in the average.
    """
    above, known = breadth.share_above_average(_last(asof, universe, n), n)
    if known == 0:
        raise NoData(f"no member of {universe.name} has {n} closes without a gap; lower n")
    return above / known


@worksheet_function(unit="table", example='=BRD_AD("SP50")')
def BRD_AD(universe: Universe = default("SP50"), asof: AsOf = default(None), header: Header = default(True)) -> Table:
    """Advancing, declining and unchanged members of the session, and advancing over declining.

    Members without a close in both sessions are left out.
    """
    up, down, same = breadth.advances_declines(_last(asof, universe, 2)).sum(axis=0).tolist()  # of one day, or none
    if up + down + same == 0:
        raise NoData(f"no member of {universe.name} has a close in the last two sessions")
    ratio = up / down if down else float("nan")
    return Table(("advancing", "declining", "unchanged", "ratio"), [[up, down, same, ratio]], header)


@worksheet_function(unit="count", example='=BRD_AD_LINE("SP50","3M")')
def BRD_AD_LINE(
    universe: Universe = default("SP50"), window: Window = default("1Y"), asof: AsOf = default(None)
) -> int:
    """Advance-decline line: advances minus declines, added up over the window.

    Members without a close in two successive sessions do not count in the later one. Where the data know who was a
    member when, each session counts its own members.
    """
    counts = session_counts(asof, universe, asof.base_row(window))
    if not counts.any():
        raise _no_change(universe)
    return int((counts[:, 0] - counts[:, 1]).sum())


@worksheet_function(
    unit="number",
    example='=BRD_MCCLELLAN("SP50")',
    source=_MCCLELLAN,
    many=lambda calls: _over_dates(calls, 0),
)
def BRD_MCCLELLAN(universe: Universe = default("SP50"), asof: AsOf = default(None)) -> float:
    """McClellan Oscillator: the 10 % trend of net advances minus the 5 % trend.

    Trends start at the first net value of the last 400 sessions (of all, where there are fewer). Where the data know
    who was a member when, each session counts its own members.
    """
    return breadth.mcclellan_last(_net(asof, universe))[0]


@worksheet_function(
    unit="number",
    example='=BRD_SUMMATION("SP50")',
    source=_MCCLELLAN,
    many=lambda calls: _over_dates(calls, 1),
)
def BRD_SUMMATION(universe: Universe = default("SP50"), asof: AsOf = default(None)) -> float:
    """McClellan Summation Index: 1000 - 9 x the 10 % trend + 19 x the 5 % trend of net advances.

    Trends start at the first net value of the last 400 sessions (of all, where there are fewer). Published levels count
    all issues of an exchange; compare changes, not levels.
    """
    return breadth.mcclellan_last(_net(asof, universe))[1]


@worksheet_function(unit="count", example='=BRD_NEW_HIGHS("SP50","1Y")')
def BRD_NEW_HIGHS(
    here: Here, universe: Universe = default("SP50"), window: Window = default("1Y"), asof: AsOf = default(None)
) -> int:
    """Members whose close is the highest of the window's closes.

    Gaps are passed over; a member without a close in the as-of session does not count.
    """
    return extremes(here, asof, universe, window)[0]


@worksheet_function(unit="count", example='=BRD_NEW_LOWS("SP50","1Y")')
def BRD_NEW_LOWS(
    here: Here, universe: Universe = default("SP50"), window: Window = default("1Y"), asof: AsOf = default(None)
) -> int:
    """Members whose close is the lowest of the window's closes.

    Gaps are passed over; a member without a close in the as-of session does not count.
    """
    return extremes(here, asof, universe, window)[1]


@worksheet_function(unit="count", example='=BRD_SECTORS_UP("5D")')
def BRD_SECTORS_UP(window: Window = default("1D"), asof: AsOf = default(None)) -> int:
    """Sectors with a positive return over the window.

    Sectors without a return over the window are left out.
    """
    basket = Basket("SECTORS", asof.members("SECTORS"))
    return sum(value > 0 for _, value in windowed.member_returns(asof, basket, window))


@worksheet_function(unit="share", example='=BRD_OUTPERFORM("SP50","SPX","3M")', mixes=True)
def BRD_OUTPERFORM(
    universe: Universe = default("SP50"),
    benchmark: Symbol = default("^GSPC"),
    window: Window = default("3M"),
    asof: AsOf = default(None),
) -> float:
    """Share of members whose return is above the benchmark's.

    Members without a return over the window are left out.

    Args:
        benchmark: Ticker, alias or name of the index.
    """
    index = windowed.window_return(benchmark, window)
    values = _known_returns(asof, universe, window)
    return float(np.count_nonzero(ties.above(1.0 + values, 1.0 + index)) / len(values))


@worksheet_function(unit="return", example='=BRD_MEDIAN_GAP("SP50","SPX","YTD")', mixes=True)
def BRD_MEDIAN_GAP(
    universe: Universe = default("SP50"),
    index: Symbol = default("^GSPC"),
    window: Window = default("3M"),
    asof: AsOf = default(None),
) -> float:
    """Return of the median member minus that of the index: negative where few large members carry the index.

    Members without a return over the window are left out.

    Args:
        index: Ticker, alias or name of the index.
    """
    middle = float(np.median(_known_returns(asof, universe, window)))
    return ties.return_gap(middle, windowed.window_return(index, window))


@worksheet_function(
    unit="share",
    example='=BRD_THRUST("SP50")',
    source="Martin Zweig, Winning on Wall Street: 10-day exponential average of advances / (advances + declines)",
)
def BRD_THRUST(universe: Universe = default("SP50"), asof: AsOf = default(None)) -> float:
    """Breadth thrust: 10-day exponential average of advances over advances plus declines.

    A rise from below 0.40 to above 0.615 within ten sessions is Zweig's signal. Sessions in which nothing rose or fell
    are left out; the average starts 400 sessions back.
    """
    counts = session_counts(asof, universe, max(0, asof.end - _HISTORY))
    moved = counts[:, 0] + counts[:, 1]
    if not moved.any():
        raise NoData(f"no member of {universe.name} rose or fell")
    return averages.exponential(counts[moved > 0, 0] / moved[moved > 0], 10)


@worksheet_function(unit="number", example='=BRD_CONCENTRATION("SP50","EFFN")')
def BRD_CONCENTRATION(
    here: Here, universe: Universe = default("SP50"), measure: Measure = default("HHI"), asof: AsOf = default(None)
) -> float:
    """How concentrated the weights of a universe are.

    Weights are those that the source brings for the universe, else market values. HHI of n equal members is 1 / n, and
    EFFN is then n. Members without a weight are left out and the others add up to 1.
    """
    weights = weighing.told(asof, universe.name, universe.tickers, here.tell)
    known = weights[np.isfinite(weights)]
    if measure in ("TOP5", "TOP10"):
        return breadth.top_share(known, int(measure[3:]))
    index = breadth.herfindahl(known)
    return index if measure == "HHI" else 1.0 / index


def _last(market: Market, universe: Basket, n: int) -> FloatArray:
    """The last *n* closes of the members."""
    return market.closes(universe.tickers, first=max(0, market.end - n))


def closes_by_members(
    market: Market, universe: Basket, first: int, before: int
) -> Iterator[tuple[int, int, FloatArray]]:
    """The rows from *first* to as-of in runs of the same members: begin, end, and the members' closes.

    The closes begin as many rows before the run as there are, up to *before*.
    """
    for begin, end, members in rosters.segments(market, universe.name, universe.tickers, first):
        start = max(0, begin - before)
        yield begin, end, market.closes(members, first=start)[: end - start]


def session_counts(market: Market, universe: Basket, first: int) -> IntArray:
    """Members that rose, fell and stayed on each session behind the row *first*: of those that were members then."""
    first += 1
    counts = np.zeros((max(0, market.end - first), 3), np.int64)
    for begin, end, members in rosters.segments(market, universe.name, universe.tickers, first):
        if end - begin == len(counts) > 0:  # the same members throughout: other dates ask for nearly the same sessions
            make = functools.partial(_counted, market, members)
            return histories.history(market, ("advances", members), first, make).astype(np.int64)
        counts[begin - first : end - first] = _counted(market, members, begin, end)
    return counts


def _counted(market: Market, members: tuple[str, ...], begin: int, end: int) -> IntArray:
    """What :func:`session_counts` gives of the rows from *begin* to before *end*."""
    start = max(0, begin - 1)
    return breadth.advances_declines(market.closes(members, first=start)[: end - start])


def _net(market: Market, universe: Basket) -> FloatArray:
    net = _net_of(session_counts(market, universe, max(0, market.end - _HISTORY)))
    if len(net) == 0:
        raise _no_change(universe)
    return net


def _net_of(counts: IntArray) -> FloatArray:
    """Net advances from the first session on which a member has closes; none where there is none."""
    rows = np.flatnonzero(counts.any(axis=1))
    return (counts[rows[0] :, 0] - counts[rows[0] :, 1]).astype(float) if len(rows) else np.empty(0)


def _over_dates(calls: Calls, which: int) -> Answers:
    """The oscillator (0) or the summation index (1) at many as-of dates: members are counted on each session once."""
    dates = _dates(calls, 1)
    if dates is None:
        return calls.nothing()
    first = max(0, dates.newest.end + 1 - dates.rows - _HISTORY)
    try:
        counts = session_counts(dates.newest, dates.universe, first)
    except (RotationError, Elsewhere):  # the call itself says why
        return calls.nothing()
    values = np.full(len(dates.ends), np.nan)
    for place, end in enumerate(dates.ends.tolist()):
        net = _net_of(counts[max(0, end - _HISTORY) - first : end - 1 - first]) if end else np.empty(0)
        if len(net):
            values[place] = breadth.mcclellan_last(net)[which]
    return dates.answers(values)


def _no_change(universe: Basket) -> NoData:
    return NoData(f"no member of {universe.name} has closes in two successive sessions")


def extremes(here: Scope, market: Market, universe: Basket, window: Window) -> tuple[int, int]:
    """Members at a new high and at a new low of the window."""
    closes = market.closes(universe.tickers, first=windowed.first_row_of(market, window))
    if not np.isfinite(closes[-1]).any():
        raise NoData(f"no member of {universe.name} has a close in the as-of session")
    if window.unit is not Unit.EVERYTHING and np.isnan(closes[0]).any():
        first = market.end - len(closes)
        began = np.isnan(closes[0]) & np.isfinite(closes).any(axis=0)
        lacking = list(itertools.compress(universe.tickers, began.tolist()))
        before = np.isfinite(market.closes(lacking)[:first]) if lacking else np.zeros((0, 0), bool)
        if young := [ticker for column, ticker in enumerate(lacking) if not before[:, column].any()]:
            here.tell(f"the closes of {', '.join(young)} begin within the window {window}: those that there are count")
    return breadth.new_extremes(closes)


def _known_returns(market: Market, universe: Basket, window: Window) -> FloatArray:
    values = windowed.returns_of(market, universe, window)
    return values[np.isfinite(values)]
