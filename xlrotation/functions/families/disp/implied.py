"""DISP: what option chains imply about dispersion and correlation."""

from __future__ import annotations

import math

import numpy as np

from xlrotation.errors import DividedByZero, NoData, OutOfDomain
from xlrotation.functions.boundary.kinds import Basket
from xlrotation.functions.boundary.parameters import AsOf, Fallback, Here, Rate, Rule, Symbol, Tenor, Universe, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.scope import Scope
from xlrotation.functions.families.vol import chains as optionvol
from xlrotation.functions.families.vol.chains import BasketVols, Request
from xlrotation.market.chains import BoolArray
from xlrotation.market.market import Market, Series
from xlrotation.measures import dispersion, returns

_COR = "Cboe Implied Correlation Index white paper (2021); 50-delta volatilities, linear in total variance"
_DSPX = "Cboe S&P 500 Dispersion Index methodology (S&P Dow Jones Indices, November 2024)"


@worksheet_function(unit="correlation", example='=DISP_IMPLCORR("SPX","SP50","1M")', source=_COR)
def DISP_IMPLCORR(
    here: Here,
    index: Symbol = default("^GSPC"),
    universe: Universe = default("SP50"),
    tenor: Tenor = default("1M"),
    asof: AsOf = default(None),
    rate: Rate = default(None),
    fallback: Fallback = default(None),
) -> float:
    """Implied correlation of a basket, in the manner of Cboe's COR1M: (s_I^2 - sum w^2 s^2) / sum of w_i w_j s_i s_j.

    Volatilities are at 50 delta at the constant maturity, from the option chains of the as-of session. An index of
    which the data hold no chain at all takes its volatility index (VIX), which lies above its 50-delta volatility and
    makes the result higher; XLR_ERRORS tells so.
    Weights are those of the source or market values, divided by their sum over the members with a volatility; they must
    hold 80 % of the basket's weight. Values outside 0 to 1 are shown as they are.

    Args:
        index: The index: ticker, alias or name.
    """
    index_vol, basket = _both(here, asof, index, universe, Request(tenor, "ATM", _rate(rate), fallback=fallback))
    return _correlation(index_vol, basket)


@worksheet_function(unit="number", example='=DISP_INDEX("SPX","SP50","1M")', source=_DSPX)
def DISP_INDEX(
    here: Here,
    index: Symbol = default("^GSPC"),
    universe: Universe = default("SP50"),
    tenor: Tenor = default("1M"),
    asof: AsOf = default(None),
    rate: Rate = default(None),
    fallback: Fallback = default(None),
    rule: Rule = default(None),
) -> float:
    """Dispersion index in the manner of DSPX, in index points: 100 sqrt(max(sum w s^2 - s_I^2, 0)).

    Variances are model-free, of two expiries around the maturity, each with three puts and three calls out of the money
    at least: of the index those of the VIX, of its members those of DSPX, unless the rule says otherwise. An index of
    which the data hold no chain at all takes its volatility index; XLR_ERRORS tells so. Weights as in DISP_IMPLCORR.

    Args:
        index: The index: ticker, alias or name.
    """
    asked = Request(tenor, "MODELFREE", _rate(rate), fallback=fallback, rule=rule)
    index_vol, basket = _both(here, asof, index, universe, asked)
    return dispersion.dispersion_index(index_vol, basket.vols, basket.weights)


@worksheet_function(unit="return", example='=DISP_VOL_SPREAD("SPX","SP50","1M")', source=_COR)
def DISP_VOL_SPREAD(
    here: Here,
    index: Symbol = default("^GSPC"),
    universe: Universe = default("SP50"),
    tenor: Tenor = default("1M"),
    asof: AsOf = default(None),
    rate: Rate = default(None),
    fallback: Fallback = default(None),
) -> float:
    """Weighted mean single-stock implied volatility minus index implied volatility, both at 50 delta.

    Weights, and what stands in for an index without a chain, as in DISP_IMPLCORR.

    Args:
        index: The index: ticker, alias or name.
    """
    index_vol, basket = _both(here, asof, index, universe, Request(tenor, "ATM", _rate(rate), fallback=fallback))
    return float(basket.weights @ basket.vols) - index_vol


@worksheet_function(
    unit="correlation",
    example='=DISP_CORR_PREMIUM("SPX","SP50","1M")',
    source="Driessen, Maenhout and Vilkov (2013): implied minus realised, same names, weights and tenor",
)
def DISP_CORR_PREMIUM(
    here: Here,
    index: Symbol = default("^GSPC"),
    universe: Universe = default("SP50"),
    tenor: Tenor = default("1M"),
    asof: AsOf = default(None),
    rate: Rate = default(None),
    fallback: Fallback = default(None),
) -> float:
    """Correlation risk premium as it stands: implied correlation minus the realised one of the time just passed.

    Realised with the same formula, names and weights, from daily returns without taking out their mean, over as many
    sessions as the tenor has (21 for 1M). What will be realised until the options expire nobody knows at as-of; the
    premium of research is the one against that.

    Args:
        index: The index: ticker, alias or name.
    """
    index_vol, basket = _both(here, asof, index, universe, Request(tenor, "ATM", _rate(rate), fallback=fallback))
    return _correlation(index_vol, basket) - _realised(asof, index, basket, optionvol.sessions_in(tenor))


def _both(here: Scope, market: Market, index: Series, universe: Basket, asked: Request) -> tuple[float, BasketVols]:
    if index.market is None:
        raise NoData("a column of numbers has no options; give an index such as SPX, or use the _CALC form")
    level = optionvol.implied_volatility(market, index.name, asked, here.tell)
    return level, optionvol.basket_volatilities(market, universe, asked, here.tell)


def _rate(rate: float | None) -> float:
    return optionvol.NO_RATE if rate is None else rate


def _correlation(index_vol: float, basket: BasketVols) -> float:
    value = dispersion.implied_correlation(index_vol, basket.vols, basket.weights)
    if not math.isfinite(value):
        raise DividedByZero("the members' volatilities leave nothing to correlate")
    return value


def _realised(market: Market, index: Series, basket: BasketVols, sessions: int) -> float:
    """Correlation by the same formula from realised volatilities; members with a gap are left out."""
    closes = np.column_stack([index.close, market.closes(basket.tickers)])[-sessions - 1 :]
    if len(closes) <= sessions or not np.isfinite(closes[:, 0]).all():
        raise NoData(f"the realised correlation needs {sessions + 1} closes of {index.name} without a gap")
    daily = returns.simple(closes)
    whole: BoolArray = np.logical_and.reduce(np.isfinite(daily))
    if not whole[0]:
        raise OutOfDomain(f"{index.name} has a close of zero or less, which gives no return")
    vols = dispersion.uncentred_volatility(daily[:, whole])
    weights = basket.weights[whole[1:]]
    if len(weights) < 2:
        raise NoData(f"fewer than two members have {sessions + 1} closes without a gap")
    return dispersion.implied_correlation(float(vols[0]), vols[1:], weights / weights.sum())
