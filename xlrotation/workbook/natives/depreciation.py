"""Depreciation that falls from year to year, by the rules of several countries."""

from __future__ import annotations

import math

from xlrotation.workbook.evaluation.machine import Frame
from xlrotation.workbook.evaluation.values import NUM, Value
from xlrotation.workbook.natives.dates import year_fraction
from xlrotation.workbook.natives.registry import native

_LONGEST = 100_000


@native("VDB", "NNNNN?NB")
def _vdb(
    frame: Frame,
    cost: float,
    rest: float,
    life: float,
    start: float,
    end: float,
    factor: float = 2.0,
    no_switch: bool = False,
) -> Value:
    if cost < 0 or rest < 0 or life <= 0 or not 0 <= start <= end <= life or factor < 0 or end > _LONGEST:
        return NUM
    if rest > cost:
        return NUM
    frame.machine.step(math.ceil(end) // 5)
    value, total, straight = cost, 0.0, 0.0
    for period in range(math.ceil(end)):
        written = max(min(value * factor / life, value - rest), 0.0)
        if not no_switch:
            straight = straight or (even if (even := (value - rest) / (life - period)) > written else 0.0)
            written = straight or written
        total += written * max(min(end, period + 1) - max(start, period), 0.0)
        value -= written
    return total


def _first_year(frame: Frame, bought: float, first: float, basis: float) -> float:
    return year_fraction(bought, first, int(basis), frame.date1904)


def _refused(cost: float, rest: float, bought: float, first: float, period: float, rate: float, basis: float) -> bool:
    return (
        cost <= 0
        or rest < 0
        or rest > cost
        or not 0 <= bought <= first
        or not 0 <= period <= _LONGEST
        or rate <= 0
        or int(basis) not in (0, 1, 3, 4)
    )


@native("AMORLINC", "NNNNNN?N")
def _amorlinc(
    frame: Frame, cost: float, bought: float, first: float, rest: float, period: float, rate: float, basis: float = 0.0
) -> Value:
    if _refused(cost, rest, bought, first, period, rate, basis):
        return NUM
    yearly, begin = cost * rate, cost * rate * _first_year(frame, bought, first, basis)
    whole = int((cost - rest - begin) / yearly)
    n = int(period)
    if n == 0:
        return min(begin, cost - rest)
    if n <= whole:
        return yearly
    return max(cost - rest - yearly * whole - begin, 0.0) if n == whole + 1 else 0.0


def _nearest(x: float) -> float:
    return float(math.floor(x + 0.5))


@native("AMORDEGRC", "NNNNNN?N")
def _amordegrc(
    frame: Frame, cost: float, bought: float, first: float, rest: float, period: float, rate: float, basis: float = 0.0
) -> Value:
    if _refused(cost, rest, bought, first, period, rate, basis):
        return NUM
    life = 1 / rate
    if life < 3 or 4 < life < 5:
        return NUM
    rate *= 1.5 if life <= 4 else 2.0 if life <= 6 else 2.5
    written = _nearest(_first_year(frame, bought, first, basis) * rate * cost)
    value = cost - written
    left = value - rest
    n = int(period)
    frame.machine.step(n // 10)
    for k in range(n):
        written = _nearest(rate * value)
        left -= written
        if left < 0:
            return _nearest(value * 0.5) if n - k <= 1 else 0.0
        value -= written
    return written
