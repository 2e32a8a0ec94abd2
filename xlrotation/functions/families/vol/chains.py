"""Implied volatilities out of the market's option chains, as the families VOL and DISP need them."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from xlrotation.errors import NoData, OutOfDomain, RotationError
from xlrotation.functions.boundary.kinds import Basket
from xlrotation.market import adjustment
from xlrotation.market.chains import Chain, is_monthly
from xlrotation.market.market import Market
from xlrotation.market.panel import FloatArray
from xlrotation.measures import modelfree, smile, ties

NO_RATE = math.nan
"""Stands for a rate that the caller leaves to the data."""

COVERAGE = 0.8
"""Share of a basket's weight that must have a volatility: of fewer members the basket would be another one."""

STALE_DAYS = 90
"""An option that has not traded for longer is taken to have a stale quote: the quotes of real chains reach back to
before a split (NVDA's, of June 2024, still stood in its chain of November 2025)."""

_MINUTES_BEFORE_CLOSE = 390.0
_BILL = "^IRX"
_BILL_SESSIONS = 5

_INDICES: dict[str, tuple[tuple[str, int], ...]] = {
    "^GSPC": (("^VIX9D", 9), ("^VIX", 30), ("^VIX3M", 93), ("^VIX6M", 184)),
    "^NDX": (("^VXN", 30),),
    "^RUT": (("^RVX", 30),),
    "GLD": (("^GVZ", 30),),
    "SLV": (("^VXSL", 30),),
}
"""Volatility indices by underlying, with their maturities in days: they stand in where there is no chain."""

_SAME_UNDERLYING = {"SPY": "^GSPC", "QQQ": "^NDX", "IWM": "^RUT"}


def implied_volatility(
    market: Market, ticker: str, tenor: int, method: str = "ATM", rate: float = NO_RATE, delta: float = 0.5
) -> float:
    """Implied volatility of *ticker* at a constant maturity.

    Args:
        market: The market.
        ticker: The underlying.
        tenor: Maturity in calendar days.
        method: ``ATM`` (50 delta) or ``MODELFREE`` (as a constituent of DSPX).
        rate: Interest rate; NaN means the chain's own, else the 13-week bill (^IRX), else zero.
        delta: Delta of the call that ``ATM`` is read at; a volatility index stands in at 0.5 only.

    Raises:
        NoData: Neither a chain of the as-of session nor a volatility index gives it.
    """

    def find() -> float | RotationError:
        try:
            chain = market.chain(ticker)
            if method == "ATM":
                return _at_delta(market, chain, tenor, rate, delta)
            return _free(market, chain, tenor, rate)
        except RotationError as error:
            level = _from_index(market, ticker, tenor) if delta == 0.5 else math.nan
            return error if level != level else level

    found = market.remembered(("volatility", ticker, tenor, method, None if rate != rate else rate, delta), find)
    if isinstance(found, RotationError):
        raise found.with_traceback(None)  # raised again and again, it must not gather frames
    return found


def sessions_in(tenor: int) -> int:
    """Sessions that pass in a tenor: 21 in 30 days, 252 in 365 (30 days make 20.7)."""
    return max(2, round(tenor * 252 / 365))


@dataclass(frozen=True, slots=True)
class BasketVols:
    """Members with a volatility: tickers, volatilities, and weights that add up to 1."""

    tickers: tuple[str, ...]
    vols: FloatArray
    weights: FloatArray


def basket_volatilities(
    market: Market, basket: Basket, tenor: int, method: str = "ATM", rate: float = NO_RATE
) -> BasketVols:
    """Implied volatilities of a basket's members with their weights.

    Raises:
        NoData: Members of less than :data:`COVERAGE` of the weight have one; the message says why the first has none.
    """
    weights = market.cap_weights(basket.name, basket.tickers)
    vols = np.full(len(basket.tickers), np.nan)
    reason = ""
    for place, ticker in enumerate(basket.tickers):
        try:
            vols[place] = implied_volatility(market, ticker, tenor, method, rate)
        except RotationError as error:
            reason = reason or error.message
    known = np.isfinite(vols) & np.isfinite(weights)
    share = float(weights[known].sum() / np.nansum(weights)) if known.any() else 0.0
    if np.count_nonzero(known) < 2 or not ties.at_least(share, COVERAGE):
        raise NoData(
            f"{np.count_nonzero(known)} of {len(vols)} members of {basket.name} ({share:.0%} of the weight) "
            f"have an implied volatility: {reason}"
        )
    tickers = tuple(basket.tickers[place] for place in np.flatnonzero(known))
    return BasketVols(tickers, vols[known], weights[known] / weights[known].sum())


def _from_index(market: Market, ticker: str, tenor: int) -> float:
    """Interpolated between volatility indices of the underlying, from one only at its own maturity; NaN if neither."""
    points = _INDICES.get(_SAME_UNDERLYING.get(ticker, ticker), ())
    levels = market.closes([symbol for symbol, _ in points])[-1] / 100.0 if points else np.empty(0)
    years = np.array([days / 365.0 for _, days in points])
    return smile.constant_maturity(years, levels, tenor / 365.0)


def _discount_rate(market: Market, chain: Chain, rate: float) -> float:
    if rate == rate:
        return rate
    if chain.rate == chain.rate:
        return chain.rate
    if market.has(_BILL):
        closes = market.series(_BILL).close[-_BILL_SESSIONS:]
        known = closes[np.isfinite(closes)]
        if len(known):
            return math.log1p(float(known[-1]) / 100.0)
    return 0.0


class _Expiry(NamedTuple):
    """An expiry of a chain: its day, days and years to it, whether it is a standard monthly one, its fresh quotes."""

    day: dt.date
    days: int
    years: float
    standard: bool
    strip: smile.Strip


def last_split(market: Market, ticker: str) -> dt.date | None:
    """The first session after the last split of *ticker* up to as-of; None where the data know of none."""
    try:
        series = market.series(ticker)
        rows = np.flatnonzero(adjustment.split_ratio(series.field("split")) != 1.0)
    except RotationError:  # Chains without prices, or prices without splits.
        return None
    day: dt.date | None = series.days[rows[-1]].item() if len(rows) else None
    return day


def _expiries(market: Market, chain: Chain, least_days: int) -> list[_Expiry]:
    """Fresh quotes by expiry, soonest first; of options that settle in the morning and others the latter count."""
    found = []
    fresh = ~(np.datetime64(chain.day) - chain.traded > np.timedelta64(STALE_DAYS, "D"))
    split = last_split(market, chain.symbol)
    if split is not None:  # A quote from before is of other shares than the strike it stands at.
        fresh &= ~(chain.traded < np.datetime64(split))
    for expiry in np.unique(chain.expiry[fresh]):
        rows = fresh & (chain.expiry == expiry)
        if (rows & ~chain.morning).any():
            rows &= ~chain.morning
        day: dt.date = expiry.item()
        left = (day - chain.day).days
        if left >= least_days:
            early = _MINUTES_BEFORE_CLOSE if chain.morning[rows].any() else 0.0
            years = (left * 1440.0 - early) / modelfree.MINUTES_A_YEAR
            strip = smile.strip(chain.strike[rows], chain.call[rows], chain.bid[rows], chain.ask[rows])
            traded = smile.trades(chain.strike[rows], chain.call[rows], chain.traded[rows])
            found.append(_Expiry(day, left, years, is_monthly(day), smile.without_stale(strip, traded, chain.spot)))
    return found


_LEAST_DAYS_ATM = 3
"""Expiries closer than this are left out of the at-the-money volatility: a day's rounding moves theirs by points."""


def _at_delta(market: Market, chain: Chain, tenor: int, rate: float, delta: float) -> float:
    expiries = _expiries(market, chain, min(_LEAST_DAYS_ATM, tenor))
    if not expiries:
        raise NoData(f"the chain of {chain.symbol} at {chain.day} has no expiry to come")
    years = np.array([expiry.years for expiry in expiries])
    smiles = smile.smiles([expiry.strip for expiry in expiries], years, _discount_rate(market, chain, rate))
    vols = np.array([smile.at_delta(one, delta) for one in smiles])
    volatility = smile.constant_maturity(years, vols, tenor / 365.0)
    if volatility != volatility:
        usable = [str(expiry.day) for expiry, vol in zip(expiries, vols, strict=True) if vol == vol]
        raise NoData(
            f"no two expiries of {chain.symbol} with quotes around that delta enclose {tenor} days from {chain.day}: "
            f"{', '.join(usable) or 'none'}"
        )
    return volatility


def _free(market: Market, chain: Chain, tenor: int, rate: float) -> float:
    expiries = _expiries(market, chain, 1)
    pair = modelfree.near_and_next([one.days for one in expiries], [one.standard for one in expiries], tenor)
    if pair is None:
        raise NoData(
            f"model-free variance at {tenor} days needs an expiry in 10 to {tenor} days and one in the 90 after; "
            f"{chain.symbol} has {', '.join(str(expiry.day) for expiry in expiries) or 'none'}"
        )
    discount = _discount_rate(market, chain, rate)
    near, following = (expiries[place] for place in pair)
    first, second = _variance(chain, near, discount), _variance(chain, following, discount)
    level = modelfree.thirty_day_index(first, second, near.years, following.years, tenor * 1440.0)
    if level != level:
        raise OutOfDomain(f"the quotes of {chain.symbol} at {chain.day} give a negative variance")
    return level / 100.0


def _variance(chain: Chain, expiry: _Expiry, rate: float) -> float:
    found = modelfree.expiry_variance(*expiry.strip, expiry.years, rate)
    if min(found.puts, found.calls) < modelfree.LEAST_OPTIONS:
        raise NoData(
            f"{chain.symbol} at {chain.day}: the expiry of {expiry.day} has {found.puts} puts and {found.calls} calls "
            "out of the money with a bid; a variance needs three of each"
        )
    return found.variance
