"""Pairs of numbers: correlation, regression, trends."""

from __future__ import annotations

import math
from typing import NamedTuple

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.machine import Frame, Rows, Unsupported
from xlrotation.workbook.evaluation.operators import all_rows
from xlrotation.workbook.evaluation.values import NA, NUM, Fault, Value, to_number
from xlrotation.workbook.natives.matrices import matrix
from xlrotation.workbook.natives.registry import native
from xlrotation.workbook.natives.statistics import DIV0, mean


def pairs(frame: Frame, first: Value, second: Value) -> tuple[list[float], list[float]]:
    """Two columns of numbers, those pairs left out in which one is none.

    Raises:
        Fault: They differ in length, or hold an error.
    """
    a = [item for row in all_rows(first, frame) for item in row]
    b = [item for row in all_rows(second, frame) for item in row]
    if len(a) != len(b):
        raise Fault(NA)
    for item in (*a, *b):
        if isinstance(item, CellError):
            raise Fault(item)
    kept = [(x, y) for x, y in zip(a, b, strict=True) if type(x) is float and type(y) is float]
    return [x for x, _ in kept], [y for _, y in kept]


def _moments(x: list[float], y: list[float]) -> tuple[float, float, float, float, float]:
    mx, my = mean(x), mean(y)
    sxx = math.fsum((v - mx) ** 2 for v in x)
    syy = math.fsum((v - my) ** 2 for v in y)
    sxy = math.fsum((v - mx) * (w - my) for v, w in zip(x, y, strict=True))
    return mx, my, sxx, syy, sxy


@native("CORREL PEARSON", "AA")
def _correl(frame: Frame, first: Value, second: Value) -> Value:
    _, _, sxx, syy, sxy = _moments(*pairs(frame, first, second))
    return sxy / math.sqrt(sxx * syy)


@native("RSQ", "AA")
def _rsq(frame: Frame, first: Value, second: Value) -> Value:
    _, _, sxx, syy, sxy = _moments(*pairs(frame, first, second))
    return sxy * sxy / (sxx * syy)


@native("COVAR COVARIANCE.P", "AA")
def _covar(frame: Frame, first: Value, second: Value) -> Value:
    x, y = pairs(frame, first, second)
    return _moments(x, y)[4] / len(x)


@native("COVARIANCE.S", "AA")
def _covar_s(frame: Frame, first: Value, second: Value) -> Value:
    x, y = pairs(frame, first, second)
    return _moments(x, y)[4] / (len(x) - 1)


@native("SLOPE", "AA")
def _slope(frame: Frame, ys: Value, xs: Value) -> Value:
    _, _, sxx, _, sxy = _moments(*pairs(frame, xs, ys))
    return sxy / sxx


@native("INTERCEPT", "AA")
def _intercept(frame: Frame, ys: Value, xs: Value) -> Value:
    mx, my, sxx, _, sxy = _moments(*pairs(frame, xs, ys))
    return my - sxy / sxx * mx


@native("FORECAST FORECAST.LINEAR", "NAA")
def _forecast(frame: Frame, x: float, ys: Value, xs: Value) -> Value:
    mx, my, sxx, _, sxy = _moments(*pairs(frame, xs, ys))
    return my + sxy / sxx * (x - mx)


@native("STEYX", "AA")
def _steyx(frame: Frame, ys: Value, xs: Value) -> Value:
    x, y = pairs(frame, xs, ys)
    if len(x) < 3:
        return DIV0
    _, _, sxx, syy, sxy = _moments(x, y)
    return math.sqrt((syy - sxy * sxy / sxx) / (len(x) - 2))


def _regression(frame: Frame, ys: Value, xs: Value, logarithm: bool) -> tuple[list[float], list[list[float]], bool]:
    """Known values as a column, their explanations as columns, and whether they stood in rows."""
    table = all_rows(ys, frame)
    known = None if xs is None else all_rows(xs, frame)
    count = len(table) * len(table[0])
    alike = known is None or (len(table) == len(known) and len(table[0]) == len(known[0]))
    down = known is not None and len(table[0]) == 1 and len(known) == count
    across = known is not None and len(table) == 1 and len(known[0]) == count
    if not (alike or down or across):
        raise Fault(CellError.REF)
    flat = [item for row in matrix(ys, frame) for item in row]
    if logarithm:
        if min(flat) <= 0:
            raise Fault(NUM)
        flat = [math.log(item) for item in flat]
    if known is None:
        return flat, [[float(i) for i in range(1, count + 1)]], len(table) == 1
    matrix(xs, frame)
    if alike:
        return flat, [[item for row in known for item in row]], len(table) == 1
    return flat, known if across else [list(column) for column in zip(*known, strict=True)], across


class _Fit(NamedTuple):
    """Factors of the explanations, the constant, and whether explanations stand for each other."""

    factors: list[float]
    start: float
    collinear: bool


def _fitted(frame: Frame, y: list[float], xs: list[list[float]], constant: bool) -> _Fit:
    import numpy as np

    frame.machine.step(len(y) * len(xs) ** 2 // 500)
    design = np.array(xs, dtype=float).T
    target = np.array(y, dtype=float)
    if not all(math.isfinite(sum(side)) for side in (y, *xs)):
        raise Fault(NUM)
    centre = design.mean(axis=0) if constant else np.zeros(len(xs))
    middle = target.mean() if constant else 0.0
    moved, aim = design - centre, target - middle
    scale = np.abs(moved).max(axis=0)
    used = [i for i in range(len(xs)) if scale[i] > 1e-13 * max(1.0, float(np.abs(design[:, i]).max()))]
    factors = np.zeros(len(xs))
    collinear = False
    if used and len(y):
        if len(used) == 1:
            one, values = moved[:, used[0]], [float(v) for v in aim]
            factors[used] = math.fsum(a * b for a, b in zip(one, values, strict=True)) / math.fsum(one * one)
            start = float(middle - centre @ factors) if constant else 0.0
            return _Fit([float(v) for v in factors], start, False)
        part = moved[:, used] / np.linalg.norm(moved[:, used], axis=0)
        solved, _, rank, _ = np.linalg.lstsq(part, aim, rcond=1e-10)
        collinear = int(rank) < len(used)
        factors[used] = solved / np.linalg.norm(moved[:, used], axis=0)
    start = float(middle - centre @ factors) if constant else 0.0
    return _Fit([float(v) for v in factors], start, collinear)


_COLLINEAR = "explains values by columns that stand for each other; which of them Excel leaves out is not told"


def _statistics(y: list[float], xs: list[list[float]], constant: bool, factors: list[float], start: float) -> Rows:
    import numpy as np

    n, k = len(y), len(xs)
    design = np.column_stack([*xs, np.ones(n)] if constant else xs)
    estimate = np.array(xs).T @ np.array(factors) + start
    target = np.array(y)
    middle = target.mean() if constant else 0.0
    with np.errstate(over="ignore"):
        residual, total = float(((target - estimate) ** 2).sum()), float(((target - middle) ** 2).sum())
    if not math.isfinite(residual + total):
        raise Fault(NUM)
    explained = max(total - residual, 0.0)
    if residual < 1e-24 * max(total, 1.0):
        residual = 0.0
    freedom = n - k - constant
    blank: list[Value] = [NA] * (k + 1 - 2)
    spread = math.sqrt(residual / freedom) if freedom > 0 else 0.0
    try:
        diagonal = np.sqrt(np.diag(np.linalg.inv(design.T @ design))) * spread
    except np.linalg.LinAlgError:
        diagonal = np.zeros(k + constant)
    errors: list[Value] = [*[float(v) for v in diagonal[:k]][::-1], float(diagonal[k]) if constant else NA]
    fit: Value = explained / total if total else 1.0
    ratio: Value = explained / k / (residual / freedom) if freedom > 0 and residual else NUM
    return [
        [*factors[::-1], start],
        errors,
        [fit, spread, *blank],
        [ratio, float(freedom), *blank],
        [explained, residual, *blank],
    ]


def _finite(rows: Rows) -> Rows:
    """Rows of a result, where all its numbers are some.

    Raises:
        Fault: The numbers are too large to be computed with.
    """
    if not all(math.isfinite(item) for row in rows for item in row if type(item) is float):
        raise Fault(NUM)
    return rows


def _flag(value: Value, default: bool) -> bool:
    return default if value is None else bool(to_number(value))


@native("LINEST", "A?AVV")
def _linest(frame: Frame, ys: Value, xs: Value = None, constant: Value = None, more: Value = None) -> Value:
    y, columns, _ = _regression(frame, ys, xs, False)
    keep = _flag(constant, True)
    factors, start, collinear = _fitted(frame, y, columns, keep)
    if collinear:
        raise Unsupported(_COLLINEAR)
    if _flag(more, False):
        return _finite(_statistics(y, columns, keep, factors, start))
    return _finite([[*factors[::-1], start]])


@native("LOGEST", "A?AVV")
def _logest(frame: Frame, ys: Value, xs: Value = None, constant: Value = None, more: Value = None) -> Value:
    y, columns, _ = _regression(frame, ys, xs, True)
    keep = _flag(constant, True)
    factors, start, collinear = _fitted(frame, y, columns, keep)
    if collinear:
        raise Unsupported(_COLLINEAR)
    first: list[Value] = [*(math.exp(v) for v in factors[::-1]), math.exp(start)]
    if _flag(more, False):
        return _finite([first, *_statistics(y, columns, keep, factors, start)[1:]])
    return _finite([first])


def _trend(frame: Frame, ys: Value, xs: Value, new: Value, constant: Value, logarithm: bool) -> Value:
    y, columns, across = _regression(frame, ys, xs, logarithm)
    factors, start, collinear = _fitted(frame, y, columns, _flag(constant, True))
    if collinear and new is not None:
        raise Unsupported(_COLLINEAR)
    if new is None:
        table = all_rows(xs if xs is not None else ys, frame)
        if xs is None:
            shape = (len(table), len(table[0]))
            table = [[float(r * shape[1] + c + 1) for c in range(shape[1])] for r in range(shape[0])]
    else:
        table = matrix(new, frame)

    def value(items: list[float]) -> float:
        total = start + sum(a * b for a, b in zip(factors, items, strict=True))
        return math.exp(total) if logarithm else total

    if len(columns) == 1:
        return _finite([[value([item]) for item in row] for row in table])
    if len(columns) != (len(table) if across else len(table[0])):
        return CellError.REF
    if across:
        return _finite([[value(list(items)) for items in zip(*table, strict=True)]])
    return _finite([[value(row)] for row in table])


@native("TREND", "A?AAV")
def _trend_(frame: Frame, ys: Value, xs: Value = None, new: Value = None, constant: Value = None) -> Value:
    return _trend(frame, ys, xs, new, constant, False)


@native("GROWTH", "A?AAV")
def _growth(frame: Frame, ys: Value, xs: Value = None, new: Value = None, constant: Value = None) -> Value:
    return _trend(frame, ys, xs, new, constant, True)
