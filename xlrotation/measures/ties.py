"""When two numbers are the same: nothing that only rounding tells apart decides a verdict.

Sums and products come out differently in their last digits from one processor to another, and a price put on another
share count differs in them from one that was not. "Above its average", "at a high", "on" and the like therefore take
two numbers that lie within 1e-12 of each other, in relation to the larger one, as equal: thousands of times what
rounding leaves, millions of times less than a cent in a thousand dollars.
"""

from __future__ import annotations

import math
from typing import overload

import numpy as np

from xlrotation.measures.arrays import BoolArray, FloatArray, IntArray

TIE = 1e-12
"""Share of the larger of two numbers within which they are equal."""


def _slack(a: FloatArray | float, b: FloatArray | float) -> FloatArray:
    slack: FloatArray = TIE * np.maximum(np.abs(a), np.abs(b))
    # Nothing is equal to infinity but itself; a gap is equal to nothing.
    infinite = np.isinf(slack)
    return np.where(infinite, 0.0, slack) if infinite.any() else slack


@overload
def above(a: float, b: float) -> bool: ...
@overload
def above(a: FloatArray | float, b: FloatArray) -> BoolArray: ...
@overload
def above(a: FloatArray, b: float) -> BoolArray: ...
def above(a: FloatArray | float, b: FloatArray | float) -> BoolArray | bool:
    """Whether *a* is greater than *b*, and not only by rounding. False where one is a gap (NaN)."""
    if not isinstance(a, np.ndarray) and not isinstance(b, np.ndarray):
        return bool(a > b) and not equal(a, b)
    with np.errstate(invalid="ignore"):
        flags: BoolArray = a - _slack(a, b) > b
    return flags


@overload
def at_least(a: float, b: float) -> bool: ...
@overload
def at_least(a: FloatArray | float, b: FloatArray) -> BoolArray: ...
@overload
def at_least(a: FloatArray, b: float) -> BoolArray: ...
def at_least(a: FloatArray | float, b: FloatArray | float) -> BoolArray | bool:
    """Whether *a* is greater than *b* or equal to it. False where one is a gap (NaN)."""
    if not isinstance(a, np.ndarray) and not isinstance(b, np.ndarray):
        return bool(a >= b) or equal(a, b)
    with np.errstate(invalid="ignore"):
        flags: BoolArray = a + _slack(a, b) >= b
    return flags


def counts(values: FloatArray, value: float) -> tuple[int, int]:
    """How many of *values*, finite ones and gaps left out, are above a value, and how many are equal to it."""
    slack = np.abs(values)
    np.maximum(slack, abs(value) if math.isfinite(value) else 0.0, out=slack)
    slack *= TIE
    greater = int(np.count_nonzero(values - slack > value))
    return greater, int(np.count_nonzero(values + slack >= value)) - greater


def equal(a: float, b: float) -> bool:
    """Whether only rounding tells two numbers apart."""
    return a == b or abs(a - b) <= TIE * max(abs(a), abs(b)) < float("inf")


def sign(a: FloatArray, b: FloatArray) -> FloatArray:
    """1 where *a* is above *b*, -1 where it is below, 0 where they are equal; NaN where one is a gap."""
    with np.errstate(invalid="ignore"):
        difference = a - b
        difference[np.abs(difference) <= _slack(a, b)] = 0.0
    return np.sign(difference)


def ratio_less_one(last: float, base: float) -> float:
    """``last / base - 1``, and exactly 0 where both are equal, so that a sign can be read off it."""
    return 0.0 if equal(last, base) else last / base - 1.0


def ratios_less_one(last: FloatArray, base: FloatArray) -> FloatArray:
    """As :func:`ratio_less_one`, for each pair; NaN where one is a gap, no number where *base* is 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        growth = last / base - 1.0
        growth[np.abs(last - base) <= _slack(last, base)] = 0.0
    return growth


def difference(a: float, b: float) -> float:
    """``a - b``, and exactly 0 where both are equal, as spreadsheet programs subtract."""
    return 0.0 if equal(a, b) else a - b


def differences(a: FloatArray, b: FloatArray) -> FloatArray:
    """As :func:`difference`, for each pair; NaN where one is a gap."""
    with np.errstate(invalid="ignore"):
        found: FloatArray = a - b
        found[np.abs(found) <= _slack(a, b)] = 0.0
    return found


def return_gap(a: float, b: float) -> float:
    """Difference of two returns, and exactly 0 where only rounding tells apart what they make of one."""
    return 0.0 if equal(1.0 + a, 1.0 + b) else a - b


def order(values: FloatArray) -> IntArray:
    """Places of *values* from the smallest to the largest, equal ones as they stand, gaps (NaN) last."""
    by_size = np.argsort(values, kind="stable")
    sizes = values[by_size]
    with np.errstate(invalid="ignore"):
        apart = ~at_least(sizes[:-1], sizes[1:]) & ~np.isnan(sizes[:-1])
    if apart.all():
        return by_size
    group = np.append(0, np.cumsum(apart))[: len(values)]
    places: IntArray = by_size[np.lexsort((by_size, group))]
    return places


def root(variance: float, scale: float) -> float:
    """Square root; 0 where *variance* is a difference of amounts as large as *scale* that cancel; NaN below that."""
    if abs(variance) <= TIE * scale:
        return 0.0
    return float(np.sqrt(variance)) if variance > 0 else float("nan")


def first_smallest(values: FloatArray, scale: float) -> int:
    """Place of the first of the smallest *values*, which are differences of amounts as large as *scale*."""
    return int(np.argmax(values <= np.min(values) + TIE * scale))
