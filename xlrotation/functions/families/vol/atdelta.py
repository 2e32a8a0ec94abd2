"""The volatility of an option chain at a delta and a constant maturity; of many chains, solved together."""

from __future__ import annotations

import contextlib
import datetime as dt
import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from xlrotation.errors import NoData, RotationError
from xlrotation.functions.families.vol.expiries import Expiry, coming, discount_rate, expiries_of
from xlrotation.market.chains import Chain
from xlrotation.market.market import Market
from xlrotation.measures import smile

_LEAST_DAYS = 3
"""Expiries closer than this are left out of the at-the-money volatility: a day's rounding moves theirs by points."""


class Place(NamedTuple):
    """Where on the surface of a chain: maturity in calendar days, the call's delta, and the rate for discounting."""

    tenor: int
    delta: float
    rate: float

    @property
    def least_days(self) -> int:
        """Days to the soonest expiry that counts."""
        return min(_LEAST_DAYS, self.tenor)

    @property
    def years(self) -> float:
        return self.tenor / 365.0


class _Solved(NamedTuple):
    """What is known of a chain at a delta: the volatilities of expiries by their days, at the chain's own rate."""

    volatilities: dict[dt.date, float]
    rate: float


def volatility(market: Market, chain: Chain, place: Place) -> float:
    """The volatility at *place*: of the expiries only those around the tenor are solved.

    Raises:
        NoData: No two expiries with quotes around the delta enclose the tenor.
    """
    expiries = coming(market, chain, place.least_days)
    known = _solved(market, chain, place)
    before, behind = _sides(expiries, place)
    _solve([(known, one) for one in (*before[:1], *behind[:1])], place.delta)
    around: dict[float, float] = {}
    for side in (before, behind):  # on each side the nearest one that has a volatility
        for one in side:
            _solve([(known, one)], place.delta)
            if (vol := known.volatilities[one.day]) == vol:
                around[one.years] = vol
                break
    found = smile.constant_maturity(np.array(list(around)), np.array(list(around.values())), place.years)
    if found != found:
        _solve([(known, one) for one in expiries], place.delta)
        usable = [str(one.day) for one in expiries if not math.isnan(known.volatilities[one.day])]
        raise NoData(
            f"no two expiries of {chain.symbol} with quotes around that delta enclose {place.tenor} days from "
            f"{chain.day}: {', '.join(usable) or 'none'}"
        )
    return found


def solve_together(market: Market, tickers: Iterable[str], place: Place) -> None:
    """Solve at once what :func:`volatility` will first ask of each underlying's chain: the expiries next to the tenor.

    An underlying that has no chain to solve is passed over: why, it says when it is asked.
    """
    wanted: list[tuple[_Solved, Expiry]] = []
    for ticker in tickers:
        with contextlib.suppress(RotationError):
            chain = market.chain(ticker)
            known = _solved(market, chain, place)
            sides = _sides(expiries_of(market, chain, place.least_days), place)
            wanted += [(known, one) for one in {one.day: one for side in sides for one in side[:1]}.values()]
    _solve(wanted, place.delta)


def _sides(expiries: list[Expiry], place: Place) -> tuple[list[Expiry], list[Expiry]]:
    """The expiries before the tenor and those behind it, nearest first; one at the tenor is on both sides."""
    before = [one for one in reversed(expiries) if one.years <= place.years]
    return before, [one for one in expiries if one.years >= place.years]


def _solved(market: Market, chain: Chain, place: Place) -> _Solved:
    rate = discount_rate(market, chain, place.rate)
    key = ("at delta", chain.symbol, rate, place.delta)
    return market.remembered(key, lambda: _Solved({}, rate))


def _solve(some: list[tuple[_Solved, Expiry]], delta: float) -> None:
    """Put the volatilities of expiries to what is known of their chains, where they are not there yet."""
    new = [(known, one) for known, one in some if one.day not in known.volatilities]
    if not new:
        return
    years, rates = np.array([one.years for _, one in new]), np.array([known.rate for known, _ in new])
    made = smile.smiles([one.strip for _, one in new], years, rates)
    for (known, one), of_day in zip(new, made, strict=True):
        known.volatilities[one.day] = smile.at_delta(of_day, delta)
