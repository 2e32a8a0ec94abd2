"""Units: numbers that are given in points, percent or rates where decimals, percent or prices are meant.

A number in the wrong unit gives an answer that looks like one. What cannot be meant is refused with the number that was
likely meant.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from xlrotation.errors import BadArgument, OutOfDomain
from xlrotation.market.panel import FloatArray
from xlrotation.market.symbols import canonical

MOST_VOLATILITY = 3.0
"""A yearly volatility of 300 %: what stands above it is in points."""

_MOST_GROWTH = 3.0
_MOST_RATE = 1.0
_MOST_YEARS = 10.0
"""Years to expiry of an option beyond which days are meant."""

_LEAST_LEVEL = 1.0
"""Points below which a level of a volatility index is a decimal."""

_MOST_LEVEL = 300.0

_LEAST_PRICE, _MOST_PRICE = 70.0, 103.0
"""Prices of fed funds futures, 100 less the rate in percent: the rate stood at 22 in 1981, and has not been below 0."""

_OFF_ONE = 0.005

_LEVELS = frozenset(
    "^VIX ^VVIX ^VXN ^RVX ^VIX9D ^VIX3M ^VIX6M ^VIXEQ ^DSPX ^COR1M ^COR3M ^GVZ ^VXSL ^OVX ^VXD ^SKEW".split()
)


def volatility(value: float, name: str) -> float:
    """*value* as a volatility per year.

    Raises:
        BadArgument: It is in points.
        OutOfDomain: It is negative.
    """
    if value < 0.0:
        raise OutOfDomain(f"{name} {value:g} is a negative volatility")
    if value > MOST_VOLATILITY:
        raise BadArgument(f"{name} {value:g} is a volatility of {value:.0%}; {_meant(value / 100.0)}")
    return value


def volatilities(values: FloatArray, name: str) -> FloatArray:
    """As :func:`volatility`, for a column with gaps."""
    return _each(values, name, volatility)


def variance(value: float, name: str) -> float:
    """*value* as a variance per year, which may be negative where quotes do not fit together.

    Raises:
        BadArgument: It is a volatility in points.
    """
    if abs(value) > MOST_VOLATILITY**2:
        meant = (abs(value) / 100.0) ** 2
        raise BadArgument(f"{name} {value:g} is no yearly variance, as 0.04 is that of 20 %; {_meant(meant)}")
    return value


def rate(value: float, name: str) -> float:
    """*value* as an interest rate or a yield.

    Raises:
        BadArgument: It is in percent.
    """
    if abs(value) > _MOST_RATE:
        raise BadArgument(f"{name} {value:g} is a rate of {value:.0%}; {_meant(value / 100.0)}")
    return value


def years(value: float, name: str) -> float:
    """*value* as a time to expiry in years.

    Raises:
        BadArgument: It is in days.
    """
    if value > _MOST_YEARS:
        raise BadArgument(f"{name} {value:g} is a time in years; for {value:g} days {_meant(value / 365.0)}")
    return value


def growth(value: float, name: str) -> float:
    """*value* as growth over a year or so.

    Raises:
        BadArgument: It is in percent.
    """
    if value > _MOST_GROWTH or value < -_MOST_GROWTH:
        raise BadArgument(f"{name} {value:g} is growth of {value:.0%}; {_meant(value / 100.0)}")
    return value


def returns(values: FloatArray, name: str) -> FloatArray:
    """*values* as returns, gaps among them.

    Raises:
        BadArgument: One is below -100 % or above 1,000 %, or most are beyond 100 %, so that they are in percent.
    """
    known = np.abs(values[np.isfinite(values)])
    odd = np.flatnonzero((values < -1.0) | (values > 10.0))
    if len(odd) == 0 and len(known) > 2 and float(np.median(known)) > 1.0:  # most of them would have doubled
        odd = np.flatnonzero(np.abs(values) > 1.0)
    if len(odd):
        value = float(values[odd[0]])
        raise BadArgument(f"{name} {value:g} in row {odd[0] + 1} is a return of {value:.0%}; {_meant(value / 100.0)}")
    return values


def weights_remark(weights: FloatArray) -> str:
    """What to say of weights that do not add up to 1 (or 100 percent); empty where they do."""
    total = float(np.nansum(weights))
    if abs(total - 1.0) <= _OFF_ONE or abs(total - 100.0) <= 100.0 * _OFF_ONE:
        return ""
    return f"the weights add up to {total:g}, not to 1, and are divided by their sum"


def level(value: float, name: str) -> float:
    """*value* as the level of a volatility index, in points.

    Raises:
        BadArgument: It is a decimal, or in basis points.
    """
    if value > _MOST_LEVEL:
        raise BadArgument(f"{name} {value:g} is a level in index points; {_meant(value / 100.0)}")
    if 0.0 < value < _LEAST_LEVEL:
        raise BadArgument(f"{name} {value:g} is a level in index points; {_meant(100.0 * value)}")
    return value


def level_of(symbol: str, value: float, name: str) -> float:
    """*value* to compare the closes of *symbol* with, which are points where it is a volatility index."""
    if canonical(symbol) in _LEVELS and 0.0 < value < 3.0:
        raise BadArgument(f"{name} {value:g}: {symbol} stands in index points; {_meant(100.0 * value)}")
    return value


def future_prices(values: FloatArray, name: str) -> FloatArray:
    """*values* as prices of fed funds futures, gaps among them.

    Raises:
        BadArgument: One is a rate.
        OutOfDomain: One is no price of such a future at all.
    """
    return _each(values, name, _future_price)


def _future_price(value: float, name: str) -> float:
    if _LEAST_PRICE <= value <= _MOST_PRICE:
        return value
    if 0.0 < value < 1.0:  # a rate in decimals, or one below a percent
        raise BadArgument(
            f"{name} {value:g} is no price of a fed funds future; did you mean {100.0 - 100.0 * value:g} or "
            f"{100.0 - value:g}?"
        )
    if abs(value) <= 100.0 - _LEAST_PRICE:
        raise BadArgument(f"{name} {value:g} is a rate, not the price of a future; {_meant(100.0 - value)}")
    if 100.0 < value <= 100.0 * (100.0 - _LEAST_PRICE):
        raise BadArgument(
            f"{name} {value:g} are basis points, not the price of a future; {_meant(100.0 - value / 100)}"
        )
    raise OutOfDomain(f"{name} {value:g} is no price of a fed funds future, which is 100 less the rate in percent")


def target_range(low: float, high: float) -> None:
    """Check the bounds of a target range in percent.

    Raises:
        BadArgument: They are decimals, basis points, or the wrong way round.
    """
    if high <= low:
        raise BadArgument(
            f"rate_low {low:g} is not below rate_high {high:g}; give the bounds of the target range, the lower first"
        )
    if high - low < 0.05 and high < 0.3:
        raise BadArgument(
            f"rate_low {low:g} and rate_high {high:g} are percent; did you mean {100.0 * low:g} and {100.0 * high:g}?"
        )
    if high > 30.0:
        raise BadArgument(
            f"rate_low {low:g} and rate_high {high:g} are percent; did you mean {low / 100.0:g} and {high / 100.0:g}?"
        )


def unemployment(values: FloatArray, name: str) -> FloatArray:
    """*values* as unemployment rates in percent, gaps among them.

    Raises:
        BadArgument: All are decimals, or one is no share of a hundred.
    """
    known = values[np.isfinite(values)]
    if len(known) and 0.0 < float(known.max()) < 1.0:
        last = float(known[-1])
        raise BadArgument(f"{name} are rates in percent, and {last:g} stands last; {_meant(100.0 * last)}")
    odd = np.flatnonzero((values < 0.0) | (values > 100.0))
    if len(odd):
        raise BadArgument(f"{name} {values[odd[0]]:g} in row {odd[0] + 1} is no rate in percent")
    return values


def spreads_remark(values: FloatArray) -> str:
    """What to say of spreads in percent so small that they may be decimals; empty where they are not.

    Raises:
        BadArgument: They are basis points.
    """
    known = np.abs(values[np.isfinite(values)])
    if len(known) and float(np.median(known)) > 100.0:
        last = float(values[np.isfinite(values)][-1])
        raise BadArgument(f"spreads are percent, and {last:g} stands last; {_meant(last / 100.0)}")
    if len(known) and 0.0 < float(known.max()) < 0.15:
        most = float(known.max())
        return f"spreads of at most {most:g} are read as percent: {100.0 * most:g} basis points"
    return ""


def positive(value: float, name: str, what: str) -> float:
    """*value* as a price or a multiple, of which there are no negative ones.

    Raises:
        OutOfDomain: It is negative.
    """
    if value < 0.0:
        raise OutOfDomain(f"{name} {value:g}: a negative {what} means nothing here")
    return value


def _each(values: FloatArray, name: str, check: Callable[[float, str], float]) -> FloatArray:
    for row, value in enumerate(values.tolist(), 1):
        if value == value:
            check(value, f"row {row} of {name}:" if len(values) > 1 else name)
    return values


def _meant(value: float) -> str:
    return f"did you mean {value:.6g}?"
