"""Implied volatility of many options at once.

The price is brought to Black's normalised form (Jaeckel, "Let's Be Rational", 2015): with ``x = -|ln(F/K)|`` and total
volatility ``s`` an out-of-the-money option is worth ``b(x, s) = e^(x/2) N(x/s + s/2) - e^(-x/2) N(x/s - s/2)`` in units
of ``sqrt(F K)``. The curve bends the other way beyond ``s = sqrt(2|x|)``; on either side its logarithm is solved for,
of the price below and of what is missing to the highest price above. The first guess is the normal (Bachelier) model's
volatility, read from a table and turned into a lognormal one; one step of Householder's third-order method settles
nearly all options, and those that it does not are bracketed.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from xlrotation.measures.arrays import BoolArray, FloatArray
from xlrotation.measures.options import exact_rest

_BLOCK = 8192
"""Options at a time: few enough that the intermediate arrays stay in the processor's cache."""

_SETTLED = 2e-4
"""A step this small relative to the volatility leaves an error below 1e-15, the method being of fourth order."""

_FIRST, _LAST, _PER_UNIT = -745.0, 45.0, 16
_ROOT_HALF = math.sqrt(0.5)
_ROOT_TWO_OVER_PI = math.sqrt(2.0 / math.pi)


def black(forward: FloatArray, strike: FloatArray, years: FloatArray, vol: FloatArray, call: BoolArray) -> FloatArray:
    """Undiscounted Black price of European options; arguments broadcast.

    Args:
        forward: Forward price of the underlying at expiry.
        strike: Strike.
        years: Time to expiry, above zero.
        vol: Volatility per year, above zero.
        call: True for a call.
    """
    from scipy.special import ndtr

    sign = np.where(call, 1.0, -1.0)
    total = vol * np.sqrt(years)
    d1 = np.log(forward / strike) / total + 0.5 * total
    price: FloatArray = sign * (forward * ndtr(sign * d1) - strike * ndtr(sign * (d1 - total)))
    return price


def implied_volatility(
    price: FloatArray, forward: FloatArray, strike: FloatArray, years: FloatArray, call: BoolArray
) -> FloatArray:
    """Implied volatility per year of undiscounted prices; NaN where none gives the price.

    An in-the-money price is turned into the out-of-the-money one by put-call parity; what its time value loses by
    rounding cannot be had back.

    Args:
        price: ``(options,)`` undiscounted prices (the price times ``e^(rT)``).
        forward: Forward price of the underlying at expiry.
        strike: Strike.
        years: Time to expiry.
        call: True for a call.
    """
    price, forward, strike, years, call = np.broadcast_arrays(price, forward, strike, years, call)
    out = np.full(price.shape, np.nan)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore", under="ignore"):
        for start in range(0, len(price), _BLOCK):
            part = slice(start, start + _BLOCK)
            out[part] = _block(price[part], forward[part], strike[part], years[part], call[part])
    return out


def _block(
    price: FloatArray, forward: FloatArray, strike: FloatArray, years: FloatArray, call: BoolArray
) -> FloatArray:
    unit = np.sqrt(forward * strike)
    log_moneyness = np.log(forward / strike)
    x = np.abs(log_moneyness)
    gap = np.abs(forward - strike) / unit
    # Taken off before the division, and with what a difference rounds off: a time value may be its billionth part.
    rest = exact_rest(price, np.maximum(forward, strike), np.minimum(forward, strike))
    value = np.where((log_moneyness > 0) == call, rest, price) / unit
    highest = np.minimum(forward, strike) / unit
    good = (value > 0) & (value < highest) & (years > 0)
    if not good.all():
        out = np.full(price.shape, np.nan)
        x, gap, value, highest = x[good], gap[good], value[good], highest[good]
        out[good] = _total_volatility(x, gap, value, highest) / np.sqrt(years[good])
        return out
    solved: FloatArray = _total_volatility(x, gap, value, highest) / np.sqrt(years)
    return solved


def _total_volatility(x: FloatArray, gap: FloatArray, value: FloatArray, highest: FloatArray) -> FloatArray:
    """The ``s`` at which ``b(-x, s) = value``; *gap* is ``2 sinh(x/2)`` and *highest* ``e^(-x/2)``, both exact."""
    from scipy.special import erfcx, ndtri

    root = np.sqrt(x)
    below = value < 0.5 * highest * (1.0 - erfcx(root))  # the price at the inflection point
    sign = np.where(below, 1.0, -1.0)
    wanted = np.where(below, value, highest - value)
    target = np.log(wanted)

    normal = np.maximum(x, 1e-12) / _normal_distance(value, np.maximum(gap, 1e-12))
    guess = _lognormal(normal, x)
    far = np.flatnonzero((normal > 1.5) & ~below)
    guess[far] = -2.0 * ndtri(0.5 * wanted[far] / highest[far])
    turn = math.sqrt(2.0) * root
    guess = np.where(below, np.minimum(guess, turn), np.maximum(guess, turn))

    solved, log = _step(x, guess, sign, below, target)
    left = np.flatnonzero(~(np.abs(solved - guess) <= _SETTLED * guess))
    if len(left):
        known = solved[left], log[left]
        solved[left] = _bracketed(x[left], guess[left], sign[left], below[left], target[left], known)
    return solved


def _lognormal(normal: FloatArray, x: FloatArray) -> FloatArray:
    """Total volatility of the lognormal model by that of the normal one, over the mean of the prices.

    The inverse of ``s / (1 + (1 - x^2/120) s^2/24 + s^4/5760)`` (Hagan and others, 2002) as a series in *normal*, of
    which at the money, where it is that of the error function's inverse, one more term is known.
    """
    square = normal * normal
    first = np.maximum(1.0 - x * x / 120.0, 0.0) / 24.0  # far from the money the series holds no more
    found: FloatArray = normal * (1.0 + square * (first + square * (7.0 / 1920.0 + square * (127.0 / 322560.0))))
    return found


def _step(
    x: FloatArray, s: FloatArray, sign: FloatArray, below: BoolArray, target: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """A Householder step from *s*, and the logarithm there that should meet *target*.

    Below the inflection point the objective is the logarithm's reciprocal, which is nearly straight in the far tail.
    With ``m`` the logarithm's slope, its higher derivatives follow from those of vega.
    """
    from scipy.special import erfcx

    h, t = x / s, 0.5 * s
    tail = erfcx(np.abs(t - h) * _ROOT_HALF) - sign * erfcx((t + h) * _ROOT_HALF)
    log = np.log(0.5 * tail) - 0.5 * (h * h + t * t)
    m = sign * _ROOT_TWO_OVER_PI / tail
    curl = h / s
    a = h * curl - 0.5 * t
    second = a - m
    third = a * a - 3.0 * curl * curl - 0.25 - m * (3.0 * a - 2.0 * m)
    newton = (target - log) / m
    newton = np.where(below, newton * log / target, newton)
    slope = np.where(below, m / log, 0.0)
    third = third - 6.0 * slope * (second - slope)
    second = second - 2.0 * slope
    return s + newton * (1.0 + 0.5 * second * newton) / (1.0 + newton * (second + third * newton / 6.0)), log


def _bracketed(
    x: FloatArray,
    guess: FloatArray,
    sign: FloatArray,
    below: BoolArray,
    target: FloatArray,
    known: tuple[FloatArray, FloatArray] | None = None,
) -> FloatArray:
    """The same steps inside brackets that each of them narrows; halved, in logarithms, where a step leaves them.

    *known* is the first of them from the guess, where it was made; it is written to.
    """
    turn = np.sqrt(2.0 * x)
    low, high = np.where(below, 1e-300, np.maximum(turn, 1e-300)), np.where(below, turn, 1e3)
    s = np.where(np.isfinite(guess), np.clip(guess, low, high), np.sqrt(low) * np.sqrt(high))
    if known is not None and len(moved := np.flatnonzero(s != guess)):
        known[0][moved], known[1][moved] = _step(x[moved], s[moved], sign[moved], below[moved], target[moved])
    out = s.copy()
    active = np.arange(len(s))
    for _ in range(200):
        following, log = known or _step(x[active], s, sign[active], below[active], target[active])
        known = None
        short = (log < target[active]) == below[active]  # the price rises with s, what is missing to the highest falls
        low, high = np.where(short, s, low), np.where(short, high, s)
        settled = np.abs(following - s) <= _SETTLED * s
        inside = (following >= low) & (following <= high)
        s = np.where(settled | inside, following, np.sqrt(low) * np.sqrt(high))
        out[active] = s
        left = ~(settled | (high - low <= 1e-15 * high))
        if not left.any():
            break
        active, s, low, high = active[left], s[left], low[left], high[left]
    return out


def _normal_distance(value: FloatArray, gap: FloatArray) -> FloatArray:
    """Distance to the strike in standard deviations at which the normal model gives *value*, to about 1e-4."""
    logs, steps = _normal_table()
    place = np.log(value / gap)
    place -= _FIRST
    place *= _PER_UNIT
    np.clip(place, 0.0, len(steps) - 0.5, out=place)
    row = place.astype(np.intp)
    place -= row
    place *= steps.take(row)
    place += logs.take(row)
    return np.exp(place, out=place)


@functools.cache
def _normal_table() -> tuple[FloatArray, FloatArray]:
    """Logarithm of the distance ``z`` by that of the price over the gap, ``n(z) / z - N(-z)``; and its differences."""
    from scipy.special import erfcx

    wanted = np.arange(_FIRST, _LAST + 1.0 / _PER_UNIT, 1.0 / _PER_UNIT)
    root_half_pi = math.sqrt(math.pi / 2.0)
    log_z = np.where(wanted < -3.0, 0.5 * np.log(np.maximum(-2.0 * wanted, 1.0)), -wanted - 0.92)
    for _ in range(60):
        z = np.exp(np.minimum(log_z, 4.0))
        rest = 1.0 / z - root_half_pi * erfcx(z * _ROOT_HALF)
        price = np.log(rest) - 0.5 * z * z - 0.5 * math.log(2.0 * math.pi)
        slope = -1.0 / (z * rest)  # of the price's logarithm by that of z
        move = np.clip((wanted - price) / slope, -1.0, 1.0)
        log_z = log_z + move
    return log_z, np.append(np.diff(log_z), 0.0)
