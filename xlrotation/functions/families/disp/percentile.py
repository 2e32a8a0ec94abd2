"""DISP: where a measure stands in its own history."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from xlrotation.errors import BadArgument, NoData, RotationError
from xlrotation.functions.boundary.parameters import AsOf, Here, Text, Window, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.families import windowed
from xlrotation.market.market import Market
from xlrotation.market.panel import FloatArray
from xlrotation.market.windows import Unit
from xlrotation.measures import dispersion, levels, returns

_MONTH, _YEAR = 21, 252


def _published(symbol: str) -> Callable[[Market, int], FloatArray]:
    return lambda market, rows: market.series(symbol).close[-rows:]


def _vol_spread(market: Market, rows: int) -> FloatArray:
    return market.series("^VIXEQ").close[-rows:] - market.series("^VIX").close[-rows:]


def _realised_correlation(market: Market, rows: int) -> FloatArray:
    return windowed.correlation_history(market, market.members("SP50"), rows, _MONTH)


def _spread_of_returns(universe: str, sessions: int, best_minus_worst: bool) -> Callable[[Market, int], FloatArray]:
    def history(market: Market, rows: int) -> FloatArray:
        tickers = market.members(universe)
        closes = market.closes(tickers)[-rows - sessions :]
        changes = returns.simple(closes, sessions)
        out = np.full(rows, np.nan)
        if best_minus_worst:
            values = _range(changes)
        else:
            weights = market.cap_weights(universe, tickers)
            values = np.array([_cross_section(row, weights) for row in changes])
        out[rows - len(values) :] = values
        return out

    return history


def _range(returns: FloatArray) -> FloatArray:
    known = np.isfinite(returns)
    high = np.where(known, returns, -np.inf).max(axis=1)
    low = np.where(known, returns, np.inf).min(axis=1)
    spread: FloatArray = np.where(known.sum(axis=1) > 1, high - low, np.nan)
    return spread


def _cross_section(returns: FloatArray, weights: FloatArray) -> float:
    known = np.isfinite(returns) & np.isfinite(weights)
    if not known.any():
        return float("nan")
    return dispersion.cross_section(returns[known], weights[known] / weights[known].sum())


_HISTORIES: dict[str, Callable[[Market, int], FloatArray]] = {
    "IMPLCORR": _published("^COR1M"),
    "INDEX": _published("^DSPX"),
    "VOL_SPREAD": _vol_spread,
    "REALCORR": _realised_correlation,
    "XS": _spread_of_returns("SP50", _MONTH, best_minus_worst=False),
    "RANGE": _spread_of_returns("MAG7", _YEAR, best_minus_worst=True),
}


@worksheet_function(
    unit="share",
    example='=DISP_PCTILE("IMPLCORR","1Y")',
    source="share of the window's values at or below the last",
)
def DISP_PCTILE(
    here: Here, measure: Text = default("IMPLCORR"), window: Window = default("1Y"), asof: AsOf = default(None)
) -> float:
    """Percentile of a measure in its own history: share of the window's values at or below the last one.

    The history of what options imply is that of the published indices: IMPLCORR is COR1M, INDEX is DSPX, VOL_SPREAD is
    VIXEQ minus VIX. REALCORR is the mean pairwise correlation of the 50 largest over 21 sessions, XS their cap-weighted
    cross-sectional dispersion over 21, RANGE the Magnificent 7's best minus worst over 252. Anything else is taken as
    a symbol. Gaps are passed over, and that the values begin within the window is told; #N/A where the last session
    has no value.

    Args:
        measure: IMPLCORR, INDEX, VOL_SPREAD, REALCORR, XS, RANGE, or a symbol such as COR1M.
    """
    history = _HISTORIES.get(measure.strip().upper().removeprefix("DISP_"))
    if history is None:
        try:
            return windowed.percent_rank(here, asof.series(measure), window)
        except RotationError as error:
            known = ", ".join(_HISTORIES)
            raise BadArgument(
                f"{measure!r} is none of {known}, nor does it serve as a symbol: {error.message}"
            ) from None
    values = history(asof, asof.end - windowed.first_row_of(asof, window))
    if not np.isfinite(values[-1]):
        raise NoData(f"{measure} has no value at {asof.asof}; the data lack what it is made of")
    begin = int(np.flatnonzero(np.isfinite(values))[0])
    if begin and window.unit is not Unit.EVERYTHING:
        sessions = f"{len(values) - begin} of its {len(values)} sessions"
        day = asof.days[begin - len(values)]
        here.tell(f"the values of {measure} begin on {day}, within the window {window}: {sessions} count")
    return levels.percent_rank(values)
