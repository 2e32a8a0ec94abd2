"""Confidence and tests of hypotheses."""

from __future__ import annotations

import math

from xlrotation.workbook.evaluation.machine import Frame
from xlrotation.workbook.evaluation.operators import all_rows, numbers_in
from xlrotation.workbook.evaluation.values import NA, NUM, Value
from xlrotation.workbook.natives.distributions import _sp
from xlrotation.workbook.natives.registry import native
from xlrotation.workbook.natives.regression import pairs
from xlrotation.workbook.natives.statistics import DIV0, mean, variance


@native("CONFIDENCE CONFIDENCE.NORM", "NNN")
def _confidence(_: Frame, level: float, spread: float, size: float) -> Value:
    if not 0 < level < 1 or spread <= 0 or size < 1:
        return NUM
    return -_sp("ndtri", level / 2) * spread / math.sqrt(int(size))


@native("CONFIDENCE.T", "NNN")
def _confidence_t(_: Frame, level: float, spread: float, size: float) -> Value:
    if not 0 < level < 1 or spread <= 0 or size < 1:
        return NUM
    if int(size) == 1:
        return DIV0
    return -_sp("stdtrit", int(size) - 1, level / 2) * spread / math.sqrt(int(size))


@native("CHISQ.TEST CHITEST", "AA")
def _chisq_test(frame: Frame, actual: Value, expected: Value) -> Value:
    a, e = all_rows(actual, frame), all_rows(expected, frame)
    if len(a) != len(e) or len(a[0]) != len(e[0]):
        return NA
    rows, columns = len(a), len(a[0])
    freedom = (rows - 1) * (columns - 1) if rows > 1 and columns > 1 else rows * columns - 1
    x, y = pairs(frame, actual, expected)
    return _sp("chdtrc", freedom, sum((v - w) ** 2 / w for v, w in zip(x, y, strict=True)))


@native("F.TEST FTEST", "AA")
def _f_test(frame: Frame, first: Value, second: Value) -> Value:
    x, y = numbers_in([first], frame), numbers_in([second], frame)
    a, b = variance(x, True), variance(y, True)
    if not a or not b:
        return DIV0
    p = _sp("fdtrc", len(x) - 1, len(y) - 1, a / b)
    return 2 * min(p, 1 - p)


@native("T.TEST TTEST", "AAII")
def _t_test(frame: Frame, first: Value, second: Value, tails: int, kind: int) -> Value:
    if tails not in (1, 2) or kind not in (1, 2, 3):
        return NUM
    if kind == 1:
        x, y = pairs(frame, first, second)
        gaps = [v - w for v, w in zip(x, y, strict=True)]
        t = mean(gaps) / math.sqrt(variance(gaps, True) / len(gaps))
        freedom = len(gaps) - 1.0
    else:
        x, y = numbers_in([first], frame), numbers_in([second], frame)
        a, b, n, m = variance(x, True), variance(y, True), len(x), len(y)
        if kind == 2:
            freedom = n + m - 2.0
            joint = (a * (n - 1) + b * (m - 1)) / freedom
            t = (mean(x) - mean(y)) / math.sqrt(joint * (1 / n + 1 / m))
        else:
            t = (mean(x) - mean(y)) / math.sqrt(a / n + b / m)
            freedom = (a / n + b / m) ** 2 / ((a / n) ** 2 / (n - 1) + (b / m) ** 2 / (m - 1))
    return tails * _sp("stdtr", freedom, -abs(t))


@native("Z.TEST ZTEST", "AN?N")
def _z_test(frame: Frame, values: Value, x: float, spread: float | None = None) -> Value:
    numbers = numbers_in([values], frame)
    if not numbers:
        return NA
    width = math.sqrt(variance(numbers, True)) if spread is None else spread
    return _sp("ndtr", -(mean(numbers) - x) / (width / math.sqrt(len(numbers))))


@native("PROB", "AAN?N")
def _prob(frame: Frame, xs: Value, shares: Value, low: float, high: float | None = None) -> Value:
    x, p = pairs(frame, xs, shares)
    if not p or any(not 0 <= v <= 1 for v in p) or abs(sum(p) - 1) > 1e-9:
        return NUM
    top = low if high is None else high
    return sum(w for v, w in zip(x, p, strict=True) if low <= v <= top)
