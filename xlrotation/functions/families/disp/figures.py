"""DISP on the numbers in your own cells: correlation, dispersion, and what a dispersion trade makes."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from xlrotation.errors import BadArgument, DividedByZero, NoData, OutOfDomain
from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.kinds import ChoiceKind
from xlrotation.functions.boundary.parameters import Header, Here, Lang, Matrix, Number, Paired, default, required
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.scope import Scope
from xlrotation.functions.boundary.words import word
from xlrotation.functions.families import units
from xlrotation.languages import Text
from xlrotation.market.panel import FloatArray
from xlrotation.measures import dispersion

Scheme = Annotated[
    str,
    ChoiceKind(
        *("VEGA", "GAMMA", "THETA"),
        help=Text("What the single-name legs have in common with the index leg: VEGA, GAMMA or THETA."),
    ),
]
_CBOE = "Cboe Implied Correlation Index white paper (2021): (s_I^2 - sum w^2 s^2) / (sum over pairs of w_i w_j s_i s_j)"
_EXAMPLE = "0.21,{0.25;0.35;0.18},{0.3;0.4;0.3}"
_GRID_CORRELATIONS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
_GRID_SCALES = (0.6, 0.8, 1.0, 1.2, 1.4)


_XS = "Edwards and Lazzara, Dispersion: Measuring Market Opportunity, S&P Dow Jones Indices 2013"


@worksheet_function(unit="correlation", example=f"=DISP_IMPLCORR_CALC({_EXAMPLE})", source=_CBOE)
def DISP_IMPLCORR_CALC(
    here: Here, index_vol: Number = required(), vols: Paired = required(), weights: Paired = required()
) -> float:
    """Implied correlation of a basket: the average correlation at which its members make up the index volatility.

    Weights are divided by their sum; a member without a volatility or a weight is left out. Quotes that do not fit
    together give values outside -1 to 1, which are shown as they are. #N/A for fewer than two members.

    Args:
        index_vol: Implied volatility of the index, 0.21 for 21 %.
        vols: Implied volatilities of the members.
        weights: Their index weights.
    """
    return _implied_correlation(here, index_vol, vols, weights)


@worksheet_function(
    unit="correlation",
    example="=DISP_REALCORR_CALC({10,20;11,21;10.5,22;11.2,21.5})",
    source="mean Pearson correlation",
)
def DISP_REALCORR_CALC(prices: Matrix = required()) -> float:
    """Average pairwise realised correlation of a block of prices.

    A column per member, oldest row first. A column with a gap, or with a price of zero or less, is left out.

    Args:
        prices: Prices, a column per member.
    """
    whole = (np.isfinite(prices) & (prices > 0)).all(axis=0)
    if np.count_nonzero(whole) < 2 or len(prices) < 3:
        raise NoData("a correlation needs two columns without a gap and three rows")
    kept = prices[:, whole]
    return dispersion.mean_pairwise_correlation(kept[1:] / kept[:-1] - 1.0)


@worksheet_function(unit="return", example="=DISP_XS_CALC({0.05;-0.02;0.01},{0.5;0.3;0.2})", source=_XS)
def DISP_XS_CALC(here: Here, returns: Paired = required(), weights: Paired = default(None)) -> float:
    """Cross-sectional dispersion of returns: their weighted standard deviation around the basket's return.

    A member without a return or a weight is left out; weights are divided by their sum.

    Args:
        returns: Returns of the members.
        weights: Their weights. Blank: all alike.
    """
    units.returns(returns, "returns")
    equal = np.full(len(returns), 1.0 / len(returns))
    returns, weights = _basket(here, returns, equal if weights is None else weights, least=1)
    return dispersion.cross_section(returns, weights)


_DSPX = "Cboe S&P 500 Dispersion Index methodology (S&P Dow Jones Indices, November 2024): 100 sqrt(sum w s^2 - s_I^2)"


@worksheet_function(unit="number", example=f"=DISP_INDEX_CALC({_EXAMPLE})", source=_DSPX)
def DISP_INDEX_CALC(
    here: Here, index_vol: Number = required(), vols: Paired = required(), weights: Paired = required()
) -> float:
    """Dispersion index in the manner of DSPX, in index points: root of weighted member variance minus index variance.

    Zero where the index variance is the larger one, as in the published index. Members without a volatility or a
    weight are left out; weights are divided by their sum.

    Args:
        index_vol: Implied volatility of the index, 0.21 for 21 %.
        vols: Implied volatilities of the members.
        weights: Their index weights.
    """
    vols, weights = _members(here, vols, weights, least=1)
    return dispersion.dispersion_index(_volatility(index_vol), vols, weights)


@worksheet_function(unit="return", example=f"=DISP_VOL_SPREAD_CALC({_EXAMPLE})")
def DISP_VOL_SPREAD_CALC(
    here: Here, index_vol: Number = required(), vols: Paired = required(), weights: Paired = required()
) -> float:
    """Weighted mean of the members' implied volatilities minus that of the index.

    Members without a volatility or a weight are left out; weights are divided by their sum.

    Args:
        index_vol: Implied volatility of the index, 0.21 for 21 %.
        vols: Implied volatilities of the members.
        weights: Their index weights.
    """
    vols, weights = _members(here, vols, weights, least=1)
    return float(weights @ vols) - _volatility(index_vol)


@worksheet_function(unit="correlation", example=f"=DISP_BREAKEVEN({_EXAMPLE})", source=_CBOE)
def DISP_BREAKEVEN(
    here: Here, index_vol: Number = required(), vols: Paired = required(), weights: Paired = required()
) -> float:
    """Realised correlation at which a dispersion trade neither makes nor loses.

    Where the members' volatilities come out as implied, that is the implied correlation: a lower realised one pays the
    side that is short the index.

    Args:
        index_vol: Implied volatility at which the index is sold.
        vols: Implied volatilities at which the members are bought.
        weights: Their index weights.
    """
    return _implied_correlation(here, index_vol, vols, weights)


@worksheet_function(
    unit="table",
    example=f'=DISP_LEGS({_EXAMPLE},"THETA",100000)',
    source="Bennett, Trading Volatility (2014), chapter on dispersion: vega-, theta- and gamma-weighted legs",
)
def DISP_LEGS(
    here: Here,
    index_vol: Number = required(),
    vols: Paired = required(),
    weights: Paired = required(),
    scheme: Scheme = default("VEGA"),
    notional: Number = default(100000),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """Leg sizes of a dispersion trade: short the index, long the members.

    A row per leg, the index first: volatility, vega (for one volatility point) and variance notional, vega over twice
    the volatility in points. Negative is short.

    Args:
        index_vol: Implied volatility at which the index is sold.
        vols: Implied volatilities at which the members are bought.
        weights: Their index weights.
        notional: Vega of the index leg.
    """
    vols, weights = _members(here, vols, weights, least=1)
    index_vol = _volatility(index_vol)
    if (vols <= 0).any() or index_vol == 0:
        raise OutOfDomain("a volatility of zero has no variance swap")
    vegas = np.append(-notional, dispersion.leg_vegas(index_vol, vols, weights, scheme, notional))
    levels = np.append(index_vol, vols)
    names = [word("index", lang), *(f"{i}" for i in range(1, len(vols) + 1))]
    rows = [[name, vol, vega, vega / (200.0 * vol)] for name, vol, vega in zip(names, levels, vegas, strict=True)]
    return Table(("leg", "volatility", "vega", "variance_notional"), rows, header, lang)


@worksheet_function(
    unit="money",
    example=f"=DISP_PNL({_EXAMPLE},0.15,{{0.25;0.35;0.18}},100000)",
    source="variance swap payoff: vega / (2 K) x (realised^2 - K^2), volatilities in points",
)
def DISP_PNL(
    here: Here,
    index_vol: Number = required(),
    vols: Paired = required(),
    weights: Paired = required(),
    realised_index_vol: Number = required(),
    realised_vols: Paired = required(),
    vega: Number = default(100000),
) -> float:
    """P&L of short index variance against long single-name variance, vega-neutral, held to expiry, undiscounted.

    Members without a volatility, a realised volatility or a weight are left out; weights are divided by their sum.

    Args:
        index_vol: Implied volatility at which the index is sold.
        vols: Implied volatilities at which the members are bought.
        weights: Their index weights.
        realised_index_vol: Realised volatility of the index.
        realised_vols: Realised volatilities of the members.
        vega: Vega of the index leg.
    """
    if not len(vols) == len(weights) == len(realised_vols):
        raise BadArgument("volatilities, weights and realised volatilities differ in length; give the same rows")
    whole = np.isfinite(vols) & np.isfinite(weights) & np.isfinite(realised_vols)
    units.volatilities(realised_vols, "realised_vols")
    kept, shares = _members(here, vols[whole], weights[whole], least=1)
    realised_index = _volatility(realised_index_vol, "realised_index_vol")
    return _pnl(_volatility(index_vol), kept, shares, realised_index, realised_vols[whole], vega)


@worksheet_function(unit="table", example=f"=DISP_PNL_TABLE({_EXAMPLE})")
def DISP_PNL_TABLE(
    here: Here,
    index_vol: Number = required(),
    vols: Paired = required(),
    weights: Paired = required(),
    vega: Number = default(100000),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """P&L of the dispersion trade over realised correlation (rows) and realised volatility of the members (columns).

    The heads say by what the implied volatilities of the members are multiplied; the index volatility follows from the
    correlation. The P&L is that of DISP_PNL.

    Args:
        index_vol: Implied volatility at which the index is sold.
        vols: Implied volatilities at which the members are bought.
        weights: Their index weights.
        vega: Vega of the index leg.
    """
    vols, weights = _members(here, vols, weights)
    index_vol = _volatility(index_vol)
    rows = []
    for correlation in _GRID_CORRELATIONS:
        row: list[object] = [correlation]
        for scale in _GRID_SCALES:
            realised = dispersion.index_vol_at(correlation, vols * scale, weights)
            row.append(_pnl(index_vol, vols, weights, realised, vols * scale, vega))
        rows.append(row)
    return Table(("correlation", *(f"{scale:g}x" for scale in _GRID_SCALES)), rows, header, lang)


def _pnl(
    index_vol: float, vols: FloatArray, weights: FloatArray, realised_index: float, realised: FloatArray, vega: float
) -> float:
    if index_vol == 0 or (vols <= 0).any():
        raise OutOfDomain("a volatility of zero has no variance swap")
    long = dispersion.variance_swap_pnl(vega * weights, vols, realised).sum()
    short = dispersion.variance_swap_pnl(np.array([vega]), np.array([index_vol]), np.array([realised_index])).sum()
    return float(long - short)


def _implied_correlation(here: Scope, index_vol: float, vols: FloatArray, weights: FloatArray) -> float:
    vols, weights = _members(here, vols, weights)
    return dispersion.implied_correlation(_volatility(index_vol), vols, weights)


def _volatility(value: float, name: str = "index_vol") -> float:
    return units.volatility(value, name)


def _members(here: Scope, vols: FloatArray, weights: FloatArray, least: int = 2) -> tuple[FloatArray, FloatArray]:
    """Members' volatilities and weights, as :func:`_basket`."""
    if len(vols) == len(weights) and len(still := np.flatnonzero((vols == 0.0) & (weights > 0.0))):
        here.tell(f"a member's volatility is 0 in row {still[0] + 1}; a blank cell may have come as one")
    return _basket(here, units.volatilities(vols, "vols"), weights, least)


def _basket(here: Scope, values: FloatArray, weights: FloatArray, least: int = 2) -> tuple[FloatArray, FloatArray]:
    """Members with a value and a weight, the weights divided by their sum."""
    if len(values) != len(weights):
        raise BadArgument(f"{len(values)} members and {len(weights)} weights; give one weight for each member")
    known = np.isfinite(values) & np.isfinite(weights)
    if (weights[known] < 0).any():
        row = int(np.flatnonzero(known & (weights < 0))[0])
        raise BadArgument(f"weights: {weights[row]:g} in row {row + 1} is negative; give index weights")
    total = float(weights[known].sum())
    if np.count_nonzero(known & (weights > 0)) < least:
        raise NoData(f"fewer than {least} members with a value and a weight")
    if total == 0.0:
        raise DividedByZero("the weights add up to zero")
    if remark := units.weights_remark(weights):
        here.tell(remark)
    left = np.flatnonzero(~known & ~(weights == 0.0))
    left = left[np.isfinite(values[left]) | np.isfinite(weights[left])]  # a blank row is no member
    if len(left):
        share = total / float(np.nansum(weights))
        which = f"{len(left)} of {len(left) + np.count_nonzero(known)} members"
        here.tell(
            f"{which} have no value or no weight (the first in row {left[0] + 1}) and are left out: those that count "
            f"are {share:.1%} of the weights"
        )
    return values[known], weights[known] / total
