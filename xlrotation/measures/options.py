"""European options: Black-Scholes-Merton price, Greeks and implied volatility, one option at a time."""

from __future__ import annotations

import math
from typing import NamedTuple, TypeVar

from xlrotation.measures.arrays import FloatArray

Numbers = TypeVar("Numbers", float, FloatArray)


class Option(NamedTuple):
    """An option and its market.

    Attributes:
        spot: Price of the underlying.
        strike: Strike.
        t: Time to expiry in years.
        rate: Continuous yearly interest rate.
        div_yield: Continuous yearly dividend yield.
        sign: 1 for a call, -1 for a put.
    """

    spot: float
    strike: float
    t: float
    rate: float
    div_yield: float
    sign: int

    @property
    def forward(self) -> float:
        """Forward price of the underlying."""
        return self.spot * math.exp((self.rate - self.div_yield) * self.t)

    @property
    def carried(self) -> float:
        """Value today of the underlying at expiry: its price less the dividends until then."""
        return self.spot * math.exp(-self.div_yield * self.t)

    @property
    def owed(self) -> float:
        """Value today of the strike."""
        return self.strike * self.discount

    @property
    def discount(self) -> float:
        """Value today of one paid at expiry."""
        return math.exp(-self.rate * self.t)


def normal_cdf(x: float) -> float:
    """Standard normal distribution function, accurate in both tails."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


def _density(x: float) -> float:
    return math.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)


def _d(option: Option, vol: float) -> tuple[float, float]:
    total = vol * math.sqrt(option.t)
    d1 = math.log(option.forward / option.strike) / total + 0.5 * total
    return d1, d1 - total


def price(option: Option, vol: float) -> float:
    """Black-Scholes-Merton price; its limit where volatility or time is zero."""
    sign, forward = option.sign, option.forward
    if vol * math.sqrt(option.t) <= 0.0:
        return option.discount * max(sign * (forward - option.strike), 0.0)
    d1, d2 = _d(option, vol)
    return option.discount * sign * (forward * normal_cdf(sign * d1) - option.strike * normal_cdf(sign * d2))


def greeks(option: Option, vol: float) -> dict[str, float]:
    """Delta, gamma, vega and rho per 1.00, theta per year.

    Args:
        option: The option, with time left.
        vol: Volatility above zero.
    """
    d1, d2 = _d(option, vol)
    sign, root = option.sign, math.sqrt(option.t)
    carried = option.spot * math.exp(-option.div_yield * option.t)
    owed = option.strike * option.discount
    return {
        "DELTA": sign * math.exp(-option.div_yield * option.t) * normal_cdf(sign * d1),
        "GAMMA": math.exp(-option.div_yield * option.t) * _density(d1) / (option.spot * vol * root),
        "VEGA": carried * _density(d1) * root,
        "THETA": -carried * _density(d1) * vol / (2.0 * root)
        - sign * option.rate * owed * normal_cdf(sign * d2)
        + sign * option.div_yield * carried * normal_cdf(sign * d1),
        "RHO": sign * owed * option.t * normal_cdf(sign * d2),
    }


def bounds(option: Option) -> tuple[float, float]:
    """Lowest and highest price that any volatility can give."""
    carried, owed = option.carried, option.owed
    return max(option.sign * (carried - owed), 0.0), carried if option.sign > 0 else owed


def _time_value(value: float, option: Option) -> float:
    """What a price in the money holds above the intrinsic value, to the last digit that is in the three numbers."""
    larger, smaller = max(option.carried, option.owed), min(option.carried, option.owed)
    return exact_rest(value, larger, smaller)


def exact_rest(value: Numbers, larger: Numbers, smaller: Numbers) -> Numbers:
    """``value - (larger - smaller)`` where the rest is small beside all three: no rounding of a difference stays in it.

    Knuth's two-sum keeps what the first difference rounds off.
    """
    first = value - larger
    back = first - value
    lost = (value - (first - back)) + (-larger - back)
    return (first + smaller) + lost


def implied_volatility(option: Option, value: float) -> float:
    """The volatility at which the model gives *value*, strictly between the bounds.

    Solved on the out-of-the-money option of the same strike, whose price is all time value (put-call parity), by
    Newton steps on the price's logarithm inside a bracket that every step narrows.
    """
    out = option._replace(sign=1 if option.forward <= option.strike else -1)
    in_the_money = out.sign != option.sign
    target = _time_value(value, option) if in_the_money else value
    low, high = 0.0, 1.0
    while price(out, high) < target and high < 1e4:
        low, high = high, 2.0 * high
    vol = 0.5 * (low + high)
    for _ in range(200):
        model = price(out, vol)
        if model < target:
            low = vol
        else:
            high = vol
        vega = greeks(out, vol)["VEGA"] if vol > 0 else 0.0
        step = model * math.log(model / target) / vega if model > 0 and vega > 0 else math.inf
        following = vol - step
        if not low < following < high:
            following = 0.5 * (low + high)
        if abs(following - vol) <= 1e-15 * vol or high - low <= 1e-15 * high:
            return following
        vol = following
    return vol
