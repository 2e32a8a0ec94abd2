"""VOL: the Black-Scholes-Merton functions."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from xlrotation.errors import NoData, OutOfDomain
from xlrotation.functions.boundary.kinds import ChoiceKind
from xlrotation.functions.boundary.many import ODD, Answers, Calls
from xlrotation.functions.boundary.parameters import Number, default, required
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.families import units
from xlrotation.languages import Text
from xlrotation.measures import implied, options
from xlrotation.measures.arrays import BoolArray, FloatArray
from xlrotation.measures.options import Option

if TYPE_CHECKING:
    import numpy.typing as npt

CallOrPut = Annotated[str, ChoiceKind("CALL", "PUT", also={"C": "CALL", "P": "PUT"}, help=Text("CALL or PUT."))]
Greek = Annotated[
    str,
    ChoiceKind(
        *("DELTA", "GAMMA", "VEGA", "THETA", "RHO"),
        help=Text("DELTA, GAMMA, VEGA (for 1.00 of volatility), THETA (for a year) or RHO (for 1.00 of rate)."),
    ),
]
_SOURCE = "Black and Scholes (1973), Merton (1973)"
_SECOND = 1.0 / (365.0 * 86400.0)
"""The least time in years, other than none: of less, rounding decides what a price or a volatility comes to."""


def _option(spot: float, strike: float, t: float, rate: float, div_yield: float, kind: str) -> Option:
    units.rate(rate, "rate")
    units.rate(div_yield, "div_yield")
    if spot <= 0 or strike <= 0 or t < 0:
        raise OutOfDomain("spot and strike must be above zero, the time to expiry not below it")
    if 0.0 < t < _SECOND:
        raise OutOfDomain(f"a time of {t:g} years is less than a second; give years, 0.25 for three months")
    if max(abs(rate), abs(div_yield)) * t > 50 or t > 1000:
        raise OutOfDomain("rates too large for that time; give them as decimals, 0.05 for 5 %, and the time in years")
    return Option(spot, strike, t, rate, div_yield, 1 if kind == "CALL" else -1)


@worksheet_function(unit="price", example="=VOL_BS_PRICE(0.2,42,40,0.5,0.1)", source=_SOURCE)
def VOL_BS_PRICE(
    vol: Number = required(),
    spot: Number = required(),
    strike: Number = required(),
    t: Number = required(),
    rate: Number = default(0),
    div_yield: Number = default(0),
    kind: CallOrPut = default("CALL"),
) -> float:
    """Black-Scholes-Merton price of a European option.

    With a volatility or a time of zero its limit, the discounted value of exercising at the forward.

    Args:
        vol: Volatility per year, 0.2 for 20 %.
        spot: Price of the underlying.
        strike: Strike.
        t: Time to expiry in years.
        rate: Continuous yearly interest rate.
        div_yield: Continuous yearly dividend yield.
    """
    units.volatility(vol, "vol")
    return options.price(_option(spot, strike, t, rate, div_yield, kind), vol)


_ROUNDING = 16 * sys.float_info.epsilon
"""Up to which part of the prices a time value may be nothing but their rounding."""


def _many_volatilities(calls: Calls) -> Answers:
    """Implied volatilities of a whole range at once; those hold of which nothing is to be said."""
    import numpy as np

    if not calls.size:
        return calls.nothing()
    numbers = [_once(calls.numbers(place)) for place in range(6)]
    price, spot, strike, t, rate, div_yield = numbers
    codes, kinds = calls.read(6)
    call = np.array([kind == "CALL" for kind in kinds])[_once(codes)]
    if ODD not in kinds and _all_sound(numbers):
        vols = np.broadcast_to(_volatilities(numbers, call), calls.size)
        return vols, vols == vols
    numbers, call = [np.broadcast_to(values, calls.size) for values in numbers], np.broadcast_to(call, calls.size)
    sides = np.array([kind is not ODD for kind in kinds])[codes]
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        sound = sides & (np.minimum(price, np.minimum(spot, strike)) > 0.0) & (t >= _SECOND) & (t <= 1000.0)
        sound &= np.maximum(price, np.maximum(spot, strike)) < 1e12
        sound &= np.maximum(np.abs(rate), np.abs(div_yield)) <= np.minimum(1.0, 50.0 / t)
    vols = np.full(calls.size, np.nan)
    if sound.any():
        vols[sound] = _volatilities([values[sound] for values in numbers], call[sound])
    return vols, vols == vols


def _once(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """One value for all calls, ``(1,)``, where it is the same by its making."""
    return values[:1] if values.strides == (0,) else values


def _all_sound(numbers: Sequence[FloatArray]) -> bool:
    """Whether there is nothing to be said of any option, seen from the least and the greatest of each argument."""
    least = [values.min() if len(values) > 1 else values.item() for values in numbers]
    most = [values.max() if len(values) > 1 else values.item() for values in numbers]
    rate = min(1.0, 50.0 / most[3]) if most[3] > 0.0 else 0.0
    return (
        all(value > 0.0 for value in least[:3])
        and least[3] >= _SECOND
        and all(value < 1e12 for value in most[:3])
        and most[3] <= 1000.0
        and all(-rate <= low and high <= rate for low, high in zip(least[4:], most[4:], strict=True))
    )


def _volatilities(numbers: Sequence[FloatArray], call: BoolArray) -> FloatArray:
    """By Black's formula in today's money: the underlying less its dividends against the strike's present value."""
    import numpy as np

    price, spot, strike, t, rate, div_yield = numbers
    carried = spot * np.exp(-div_yield * t) if div_yield.any() else spot
    owed = strike * np.exp(-rate * t) if rate.any() else strike
    floor = np.where(call, carried - owed, owed - carried)
    untold = (floor > 0.0) & (price - floor <= _ROUNDING * np.maximum(carried, owed))
    return np.where(untold, np.nan, implied.implied_volatility(price, carried, owed, t, call))


@worksheet_function(
    unit="return",
    example="=VOL_BS_IV(1.875,21,20,0.25,0.1)",
    source=_SOURCE,
    many=_many_volatilities,
)
def VOL_BS_IV(
    price: Number = required(),
    spot: Number = required(),
    strike: Number = required(),
    t: Number = required(),
    rate: Number = default(0),
    div_yield: Number = default(0),
    kind: CallOrPut = default("CALL"),
) -> float:
    """Implied volatility: the one at which the Black-Scholes-Merton price is the price given.

    #N/A for a price at or below the intrinsic value or at or above what any volatility gives: it implies none; and for
    one so little above the intrinsic value that rounding alone may be what is above.

    Args:
        price: Price of the option.
        spot: Price of the underlying.
        strike: Strike.
        t: Time to expiry in years.
        rate: Continuous yearly interest rate.
        div_yield: Continuous yearly dividend yield.
    """
    option = _option(spot, strike, t, rate, div_yield, kind)
    if t == 0:
        raise OutOfDomain("an option without time left has no implied volatility")
    floor, ceiling = options.bounds(option)
    if not floor < price < ceiling:
        raise NoData(f"a price of {price:g} lies outside {floor:g} to {ceiling:g}; no volatility gives it")
    if 0.0 < price - floor <= _ROUNDING * max(option.carried, option.owed) and floor > 0.0:
        raise NoData(f"a price of {price:g} is the intrinsic value but for rounding; no volatility can be told from it")
    return options.implied_volatility(option, price)


@worksheet_function(unit="number", example='=VOL_BS_GREEK("DELTA",0.2,49,50,0.3846,0.05)', source=_SOURCE)
def VOL_BS_GREEK(
    greek: Greek = default("DELTA"),
    vol: Number = required(),
    spot: Number = required(),
    strike: Number = required(),
    t: Number = required(),
    rate: Number = default(0),
    div_yield: Number = default(0),
    kind: CallOrPut = default("CALL"),
) -> float:
    """A Greek of a European option in the Black-Scholes-Merton model.

    Args:
        vol: Volatility per year, 0.2 for 20 %.
        spot: Price of the underlying.
        strike: Strike.
        t: Time to expiry in years.
        rate: Continuous yearly interest rate.
        div_yield: Continuous yearly dividend yield.
    """
    if units.volatility(vol, "vol") == 0.0 or t <= 0:
        raise OutOfDomain("a Greek needs a volatility and a time above zero; 0.2 is 20 %, 0.25 a quarter of a year")
    return options.greeks(_option(spot, strike, t, rate, div_yield, kind), vol)[greek]
