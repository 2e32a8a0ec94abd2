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
        days: Days to it.
        rows: Its fresh quotes among those of the chain.
        morning: Whether all of them settle in the morning.
        years: Years to it, by the minute.

    Attributes:
        day: Its day.
        days: Days to it.
        years: Years to it.
    """

    def __init__(self, chain: Chain, day: dt.date, days: int, rows: IntArray, morning: bool, years: float) -> None:
        self._chain, self._rows, self._morning = chain, rows, morning
        self.day, self.days, self.years = day, days, years

    @functools.cached_property
    def standard(self) -> bool:
        """Whether it is a standard monthly one."""
        return is_monthly(self.day)

    @functools.cached_property
    def strip(self) -> smile.Strip:
        """Its quotes by strike, laid out when they are first asked for: few questions are about all expiries."""
        chain, rows = self._chain, self._rows
        if not self._morning:
            rows = rows[~chain.morning[rows]]
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
    if len(rows) == 0:
        return []
    expiry = chain.expiry[rows]
    firsts = np.flatnonzero(np.append(True, expiry[1:] != expiry[:-1]))
    days, lasts = (expiry[firsts] - np.datetime64(chain.day)).astype(np.int64), np.append(firsts[1:], len(rows))
    morning = np.logical_and.reduceat(chain.morning[rows], firsts)
    return [
        Expiry(chain, day, ahead, rows[first:last], all_morning, years)
        for day, ahead, first, last, all_morning, years in zip(
            *(part.tolist() for part in (expiry[firsts], days, firsts, lasts, morning, years_to(days, morning))),
            strict=True,
        )
    ]


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
