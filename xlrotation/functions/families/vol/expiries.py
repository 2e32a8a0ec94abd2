"""The expiries of an option chain: which of its quotes count, when they end, and the smiles that they make."""

from __future__ import annotations

import datetime as dt
import functools
import math
from typing import NamedTuple

import numpy as np

from xlrotation.errors import NoData, RotationError
from xlrotation.market import adjustment
from xlrotation.market.chains import Chain, is_monthly
from xlrotation.market.market import Market
from xlrotation.market.panel import FloatArray
from xlrotation.measures import modelfree, smile
from xlrotation.measures.arrays import BoolArray, IntArray

NO_RATE = math.nan
"""Stands for a rate that the caller leaves to the data."""

STALE_DAYS = 90
"""An option that has not traded for longer is taken to have a stale quote: the quotes of real chains reach back to
before a split (NVDA's, of June 2024, still stood in its chain of November 2025)."""

_MINUTES_BEFORE_CLOSE = 390.0
_BILL = "^IRX"
_BILL_SESSIONS = 5


def discount_rate(market: Market, chain: Chain, rate: float) -> float:
    """*rate* where it is given, else the chain's own, else the 13-week bill's, else zero."""
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


class Expiry:
    """An expiry of a chain; of options that settle in the morning and others the latter count.

    Args:
        chain: The chain.
        day: Its day.
        rows: Its fresh quotes among those of the chain.

    Attributes:
        day: Its day.
        days: Days to it.
        years: Years to it, by the minute.
        standard: Whether it is a standard monthly one.
    """

    def __init__(self, chain: Chain, day: dt.date, rows: IntArray) -> None:
        morning = chain.morning[rows]
        self._chain, self._rows = chain, rows if morning.all() else rows[~morning]
        self.day, self.days, self.standard = day, (day - chain.day).days, is_monthly(day)
        self.years = float(years_to(self.days, morning.all()))

    @functools.cached_property
    def strip(self) -> smile.Strip:
        """Its quotes by strike, laid out when they are first asked for: few questions are about all expiries."""
        chain, rows = self._chain, self._rows
        strike, call = chain.strike[rows], chain.call[rows]
        strip = smile.strip(strike, call, chain.bid[rows], chain.ask[rows])
        traded = smile.trades(strip.strike, strike, call, chain.traded[rows])
        return smile.without_stale(strip, traded, chain.spot)


def last_split(market: Market, ticker: str) -> dt.date | None:
    """The first session after the last split of *ticker* up to as-of; None where the data know of none."""
    try:
        series = market.series(ticker)
        rows = np.flatnonzero(adjustment.split_ratio(series.field("split")) != 1.0)
    except RotationError:  # Chains without prices, or prices without splits.
        return None
    day: dt.date | None = series.days[rows[-1]].item() if len(rows) else None
    return day


def expiries_of(market: Market, chain: Chain, least_days: int) -> list[Expiry]:
    """The expiries with fresh quotes that are so many days away, soonest first.

    A chain is laid out once, whatever is asked of it: tenors, methods and rates differ only in what they do with it.
    """
    return [
        one
        for one in market.remembered(("expiries", chain.symbol), lambda: _laid_out(market, chain))
        if one.days >= least_days
    ]


def _laid_out(market: Market, chain: Chain) -> list[Expiry]:
    fresh = ~(np.datetime64(chain.day) - chain.traded > np.timedelta64(STALE_DAYS, "D"))
    split = last_split(market, chain.symbol)
    if split is not None:  # A quote from before is of other shares than the strike it stands at.
        fresh &= ~(chain.traded < np.datetime64(split))
    fresh &= chain.expiry > np.datetime64(chain.day)
    rows = np.flatnonzero(fresh)
    rows = rows[np.argsort(chain.expiry[rows], kind="stable")]
    days, firsts = np.unique(chain.expiry[rows], return_index=True)
    return [Expiry(chain, day, of_day) for day, of_day in zip(days.tolist(), np.split(rows, firsts[1:]), strict=False)]


def years_to(days: IntArray | int, morning: BoolArray | np.bool_) -> FloatArray:
    """Years to expiries so many days ahead, by the minute; those that settle in the morning do before the close."""
    minutes = np.asarray(days, float) * 1440.0 - np.where(morning, _MINUTES_BEFORE_CLOSE, 0.0)
    years: FloatArray = minutes / modelfree.MINUTES_A_YEAR
    return years


def coming(market: Market, chain: Chain, least_days: int) -> list[Expiry]:
    """The expiries that are so many days away.

    Raises:
        NoData: There is none.
    """
    expiries = expiries_of(market, chain, least_days)
    if not expiries:
        raise NoData(f"the chain of {chain.symbol} at {chain.day} has no expiry to come")
    return expiries


class Smiles(NamedTuple):
    """The smiles of a chain, soonest expiry first, with the days of the expiries and the rate for discounting."""

    days: list[dt.date]
    smiles: list[smile.Smile]
    rate: float


def smiles_of(market: Market, chain: Chain, rate: float = NO_RATE, least_days: int = 1) -> Smiles:
    """The smiles of the expiries at least *least_days* away, of the quotes that count; laid out once.

    Raises:
        NoData: There is no such expiry.
    """
    rate = discount_rate(market, chain, rate)
    expiries = coming(market, chain, least_days)

    def made() -> list[smile.Smile]:
        return smile.smiles([one.strip for one in expiries], np.array([one.years for one in expiries]), rate)

    found = market.remembered(("smiles", chain.symbol, least_days, rate), made)
    return Smiles([one.day for one in expiries], found, rate)
