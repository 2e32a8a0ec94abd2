"""Option chains of the sample: quotes around prices of a stated model, so that the right answer is known.

The terminal price is a mixture of two lognormals, a calm one and a stressed one further down, which gives a skewed
smile without arbitrage. Its model-free variance is known in closed form and its 50-delta volatility from its prices;
both are set, the same at every expiry: the index's from VIX and COR1M of the day, the members' so that their weighted
variance is VIXEQ's square.

Counts of contracts are made up like the volumes of the sample's shares: they follow a bell over strikes, that of the
calls above the forward and that of the puts below it, and say nothing of how anybody is positioned.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq, root
from scipy.special import ndtr

from xlrotation.market.calendar import XNYS

from .paths import FloatArray

RATE = 0.0365
INDEX, INDEX_DIVIDEND = "^GSPC", 0.012
STRESS, STRESS_VOL = 0.10, 2.2
"""Probability of the stressed component, and its volatility relative to the calm one's."""

MEMBER_RATIO = 1.06
"""Model-free over 50-delta volatility of a stock."""

_STEPS = (0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0)


class Smile(NamedTuple):
    """The mixture at one expiry: forwards of the two components relative to the whole, and their volatilities."""

    calm_forward: float
    stress_forward: float
    calm_vol: float
    stress_vol: float
    years: float

    def call(self, strike: FloatArray) -> FloatArray:
        """Undiscounted call prices for strikes relative to the forward."""
        return (1 - STRESS) * _call(self.calm_forward, strike, self.calm_vol, self.years) + STRESS * _call(
            self.stress_forward, strike, self.stress_vol, self.years
        )

    @property
    def wide(self) -> float:
        """Total volatility of the whole, about."""
        return float(np.sqrt(self.model_free_variance() * self.years))

    def model_free_variance(self) -> float:
        """``-2/T E[ln(S/F)]``."""
        logs = (1 - STRESS) * np.log(self.calm_forward) + STRESS * np.log(self.stress_forward)
        own = (1 - STRESS) * self.calm_vol**2 + STRESS * self.stress_vol**2
        return float(own - 2.0 * logs / self.years)

    def fifty_delta_vol(self) -> float:
        """Volatility of the strike at which the call's forward delta, at its own volatility, is a half."""

        def vol(strike: float) -> float:
            price = float(self.call(np.array([strike]))[0])
            return float(brentq(lambda v: float(_call(1.0, np.array([strike]), v, self.years)[0]) - price, 1e-4, 5.0))

        def apart(log_strike: float) -> float:
            return log_strike - 0.5 * vol(float(np.exp(log_strike))) ** 2 * self.years

        return vol(float(np.exp(brentq(apart, 0.0, 3.0 * self.wide**2))))


def _call(forward: float, strike: FloatArray, vol: float, years: float) -> FloatArray:
    total = vol * np.sqrt(years)
    d1 = np.log(forward / strike) / total + 0.5 * total
    price: FloatArray = forward * ndtr(d1) - strike * ndtr(d1 - total)
    return price


def smile(atm: float, free: float, years: float) -> Smile:
    """The mixture whose 50-delta and model-free volatilities are given."""

    def made(unknowns: npt.NDArray[np.float64]) -> Smile:
        calm_vol, shift = np.exp(unknowns[0]), unknowns[1]
        stress_forward = np.exp(-shift * atm * np.sqrt(years))
        calm_forward = (1 - STRESS * stress_forward) / (1 - STRESS)
        return Smile(calm_forward, stress_forward, calm_vol, STRESS_VOL * calm_vol, years)

    def apart(unknowns: npt.NDArray[np.float64]) -> list[float]:
        one = made(unknowns)
        return [one.fifty_delta_vol() / atm - 1, one.model_free_variance() ** 0.5 / free - 1]

    for shift in (0.3, 1.0, 2.0, 3.0):
        solution = root(apart, [np.log(0.95 * atm), shift], tol=1e-12)
        if solution.success and max(map(abs, apart(solution.x))) < 1e-9:
            return made(solution.x)
    raise ValueError(f"no mixture has {atm:.4f} at 50 delta and {free:.4f} over all strikes at {years:.3f} years")


def levels(vix: float, vixeq: float, cor1m: float, weights: FloatArray, relative: FloatArray) -> dict[str, FloatArray]:
    """50-delta and model-free volatilities of index and members (index first) that the published figures ask for."""
    free = relative * (vixeq / 100 / np.sqrt(weights @ relative**2))
    atm = free / MEMBER_RATIO
    own = float((weights**2) @ atm**2)
    index_atm = np.sqrt(own + cor1m / 100 * (float(weights @ atm) ** 2 - own))
    return {"atm": np.append(index_atm, atm), "free": np.append(vix / 100, free)}


def expiries(day: dt.date) -> list[dt.date]:
    """Fridays of the next six weeks, and third Fridays up to 13 months ahead; the session before where one is none."""
    fridays = [day + dt.timedelta(days=(4 - day.weekday()) % 7 + 7 * week) for week in range(1, 7)]
    for months in (2, 3, 4, 6, 12, 13):
        year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
        first = dt.date(year, month + 1, 15)
        fridays.append(first + dt.timedelta(days=(4 - first.weekday()) % 7))
    open_days = set(XNYS.sessions_between(day, day + dt.timedelta(days=500)).tolist())
    return sorted({friday if friday in open_days else friday - dt.timedelta(days=1) for friday in fridays})


def quotes(spot: float, dividend: float, atm: float, free: float, day: dt.date, index: bool) -> dict[str, list[object]]:
    """Bid and ask in cents for every strike of every expiry, around the model's price."""
    names = ("expiry", "strike", "call", "bid", "ask", "volume", "open_interest")
    found: dict[str, list[object]] = {name: [] for name in names}
    tick = 5 if index else 1
    for expiry in expiries(day):
        years = (expiry - day).days / 365.0
        forward, discount = spot * np.exp((RATE - dividend) * years), np.exp(-RATE * years)
        mixture = smile(atm, free, years)
        width = atm * np.sqrt(years)
        below, above, apart = (7.0, 4.0, 0.15) if index else (5.0, 3.5, 0.3)
        low, high = forward * np.exp(-below * width), forward * np.exp(above * width)
        step = min(_STEPS, key=lambda size: abs(np.log(size / (forward * width * apart))))
        strikes = np.arange(max(step, np.ceil(low / step) * step), high, step)
        call = forward * mixture.call(strikes / forward)
        for side, price in ((1, call), (0, call - forward + strikes)):
            cents = 100 * discount * price
            half = np.maximum(0.5 * tick, (0.004 if index else 0.01) * cents)
            bid = np.maximum(np.floor((cents - half) / tick + 1e-9), 0) * tick
            ask = np.maximum(np.ceil((cents + half) / tick - 1e-9), 1) * tick
            n = len(strikes)
            found["expiry"] += [np.datetime64(expiry).astype(int)] * n
            found["strike"] += np.rint(strikes * 100).astype(int).tolist()
            found["call"] += [side] * n
            found["bid"] += bid.astype(int).tolist()
            found["ask"] += ask.astype(int).tolist()
            many = counts(np.log(strikes / forward) / width, (expiry - day).days, side == 1, index)
            found["open_interest"] += many.tolist()
            found["volume"] += (many // (6 + (expiry - day).days // 5)).tolist()
    return found


def counts(moneyness: FloatArray, days: int, call: bool, index: bool) -> npt.NDArray[np.int64]:
    """Contracts open at strikes so many standard deviations above the forward, to two digits."""
    most = (30_000 if index else 6_000) / (1.0 + days / 90.0)
    centre, share = (0.8, 1.0) if call else (-1.2, 1.5 if index else 0.7)
    many = share * most * np.exp(-0.5 * ((moneyness - centre) / 1.1) ** 2)
    unit = 10.0 ** np.maximum(np.floor(np.log10(np.maximum(many, 1.0))) - 1.0, 0.0)
    rounded: npt.NDArray[np.int64] = (np.rint(many / unit) * unit).astype(np.int64)
    return rounded
