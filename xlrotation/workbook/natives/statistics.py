"""Statistical functions."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

from xlrotation.errors import CellError
from xlrotation.workbook.interpreter import Areas, Frame, Ref, Rows, all_rows, numbers_in, read
from xlrotation.workbook.natives.mathematics import exact_sum
from xlrotation.workbook.natives.registry import native
from xlrotation.workbook.values import NA, NUM, VALUE, Fault, Value, number_of_text, to_number

DIV0 = CellError.DIV0


def all_values(values: tuple[Value, ...], frame: Frame) -> list[float]:
    """The numbers of the functions that end in A: texts in cells count as zero, truth values as one or zero."""
    found: list[float] = []
    for value in values:
        if isinstance(value, Ref | Areas | list):
            for row in all_rows(value, frame):
                for item in row:
                    if isinstance(item, CellError):
                        raise Fault(item)
                    if isinstance(item, bool | float):
                        found.append(float(item))
                    elif isinstance(item, str):
                        found.append(0.0)
        else:
            found.append(to_number(value, frame.date1904))
    return found


def mean(numbers: list[float]) -> float:
    """The arithmetic mean.

    Raises:
        Fault: There are no numbers.
    """
    if not numbers:
        raise Fault(DIV0)
    return exact_sum(numbers) / len(numbers)


def deviations(numbers: list[float]) -> float:
    """The sum of squared deviations from the mean."""
    middle = mean(numbers)
    return math.fsum((x - middle) ** 2 for x in numbers)


def variance(numbers: list[float], sample: bool) -> float:
    """The variance of a sample or of a population."""
    below = len(numbers) - sample
    if below < 1:
        raise Fault(DIV0)
    return deviations(numbers) / below


@native("AVERAGE", "R*R")
def _average(frame: Frame, *values: Value) -> Value:
    return mean(numbers_in(values, frame))


@native("AVERAGEA", "R*R")
def _averagea(frame: Frame, *values: Value) -> Value:
    return mean(all_values(values, frame))


@native("COUNT", "R*R")
def _count(frame: Frame, *values: Value) -> Value:
    count = 0
    for value in values:
        if isinstance(value, Ref | Areas | list):
            count += sum(type(item) is float for row in all_rows(value, frame) for item in row)
        elif value is None or isinstance(value, bool | float):
            count += 1
        elif isinstance(value, str):
            count += number_of_text(value, frame.date1904) is not None
    return float(count)


@native("COUNTA", "R*R")
def _counta(frame: Frame, *values: Value) -> Value:
    count = 0
    for value in values:
        if isinstance(value, Ref | Areas | list):
            count += sum(item is not None for row in all_rows(value, frame) for item in row)
        else:
            count += 1
    return float(count)


@native("COUNTBLANK", "R")
def _countblank(frame: Frame, value: Value) -> Value:
    if not isinstance(value, Ref):
        return VALUE
    rows = frame.machine.world.rows(value)
    return float(value.size - sum(item is not None and item != "" for row in rows for item in row))


@native("MAX", "R*R")
def _max(frame: Frame, *values: Value) -> Value:
    return max(numbers_in(values, frame), default=0.0)


@native("MIN", "R*R")
def _min(frame: Frame, *values: Value) -> Value:
    return min(numbers_in(values, frame), default=0.0)


@native("MAXA", "R*R")
def _maxa(frame: Frame, *values: Value) -> Value:
    return max(all_values(values, frame), default=0.0)


@native("MINA", "R*R")
def _mina(frame: Frame, *values: Value) -> Value:
    return min(all_values(values, frame), default=0.0)


@native("MEDIAN", "R*R")
def _median(frame: Frame, *values: Value) -> Value:
    numbers = sorted(numbers_in(values, frame))
    if not numbers:
        return NUM
    middle = len(numbers) // 2
    return numbers[middle] if len(numbers) % 2 else (numbers[middle - 1] + numbers[middle]) / 2


@native("MODE MODE.SNGL", "R*R")
def _mode(frame: Frame, *values: Value) -> Value:
    if any(isinstance(value, str | bool) for value in values):
        return VALUE
    numbers = numbers_in(values, frame)
    count = Counter(numbers)
    most = max(count.values(), default=0)
    return NA if most < 2 else next(x for x in numbers if count[x] == most)


@native("MODE.MULT", "R*R")
def _mode_mult(frame: Frame, *values: Value) -> Value:
    numbers = numbers_in(values, frame)
    count = Counter(numbers)
    most = max(count.values(), default=0)
    return NA if most < 2 else [[x] for x in dict.fromkeys(numbers) if count[x] == most]


for _names, _sample in (("STDEV STDEV.S", True), ("STDEVP STDEV.P", False)):

    @native(_names, "R*R")
    def _stdev(frame: Frame, *values: Value, sample: bool = _sample) -> Value:
        return math.sqrt(variance(numbers_in(values, frame), sample))


for _names, _sample in (("VAR VAR.S", True), ("VARP VAR.P", False)):

    @native(_names, "R*R")
    def _var(frame: Frame, *values: Value, sample: bool = _sample) -> Value:
        return variance(numbers_in(values, frame), sample)


for _names, _sample in (("STDEVA", True), ("STDEVPA", False)):

    @native(_names, "R*R")
    def _stdeva(frame: Frame, *values: Value, sample: bool = _sample) -> Value:
        return math.sqrt(variance(all_values(values, frame), sample))


for _names, _sample in (("VARA", True), ("VARPA", False)):

    @native(_names, "R*R")
    def _vara(frame: Frame, *values: Value, sample: bool = _sample) -> Value:
        return variance(all_values(values, frame), sample)


@native("DEVSQ", "R*R")
def _devsq(frame: Frame, *values: Value) -> Value:
    numbers = numbers_in(values, frame)
    return deviations(numbers) if numbers else NUM


@native("AVEDEV", "R*R")
def _avedev(frame: Frame, *values: Value) -> Value:
    numbers = numbers_in(values, frame)
    if not numbers:
        return NUM
    middle = mean(numbers)
    return sum(abs(x - middle) for x in numbers) / len(numbers)


@native("GEOMEAN", "R*R")
def _geomean(frame: Frame, *values: Value) -> Value:
    numbers = numbers_in(values, frame)
    if not numbers or min(numbers) <= 0:
        return NUM
    return math.exp(math.fsum(map(math.log, numbers)) / len(numbers))


@native("HARMEAN", "R*R")
def _harmean(frame: Frame, *values: Value) -> Value:
    numbers = numbers_in(values, frame)
    if not numbers or min(numbers) <= 0:
        return NUM if numbers else NA
    return len(numbers) / math.fsum(1 / x for x in numbers)


@native("SKEW", "R*R")
def _skew(frame: Frame, *values: Value) -> Value:
    numbers = numbers_in(values, frame)
    n = len(numbers)
    if n < 3:
        return DIV0
    middle, spread = mean(numbers), math.sqrt(variance(numbers, True))
    return n / (n - 1) / (n - 2) * sum(((x - middle) / spread) ** 3 for x in numbers)


@native("SKEW.P", "R*R")
def _skew_p(frame: Frame, *values: Value) -> Value:
    numbers = numbers_in(values, frame)
    n = len(numbers)
    if n < 3:
        return DIV0
    middle, spread = mean(numbers), math.sqrt(variance(numbers, False))
    return sum(((x - middle) / spread) ** 3 for x in numbers) / n


@native("KURT", "R*R")
def _kurt(frame: Frame, *values: Value) -> Value:
    numbers = numbers_in(values, frame)
    n = len(numbers)
    if n < 4:
        return DIV0
    middle, spread = mean(numbers), math.sqrt(variance(numbers, True))
    total = sum(((x - middle) / spread) ** 4 for x in numbers)
    return n * (n + 1) / (n - 1) / (n - 2) / (n - 3) * total - 3 * (n - 1) ** 2 / (n - 2) / (n - 3)


def _places(frame: Frame, numbers: list[float], place: Value, pick: Callable[[int], float]) -> Value:
    def one(k: Value) -> Value:
        number = to_number(k, frame.date1904)
        n = math.ceil(number)
        return pick(n) if number >= 1 and n <= len(numbers) else NUM

    value = read(place, frame, True)
    if isinstance(value, list):
        return [[k if isinstance(k, CellError) else one(k) for k in row] for row in value]
    return one(value)


@native("LARGE", "AR")
def _large(frame: Frame, values: Value, k: Value) -> Value:
    numbers = sorted(numbers_in([values], frame), reverse=True)
    return _places(frame, numbers, k, lambda n: numbers[n - 1])


@native("SMALL", "AR")
def _small(frame: Frame, values: Value, k: Value) -> Value:
    numbers = sorted(numbers_in([values], frame))
    return _places(frame, numbers, k, lambda n: numbers[n - 1])


def quantile(numbers: list[float], share: float, exclusive: bool = False) -> Value:
    """The value below which a share of the numbers lies."""
    n = len(numbers)
    if not n or not 0 <= share <= 1:
        return NUM
    ordered = sorted(numbers)
    place = share * (n + 1) - 1 if exclusive else share * (n - 1)
    if place < 0 or place > n - 1:
        return NUM
    low = math.floor(place)
    rest = place - low
    return ordered[low] if rest == 0 else ordered[low] + rest * (ordered[low + 1] - ordered[low])


@native("PERCENTILE PERCENTILE.INC", "AN")
def _percentile(frame: Frame, values: Value, share: float) -> Value:
    return quantile(numbers_in([values], frame), share)


@native("PERCENTILE.EXC", "AN")
def _percentile_exc(frame: Frame, values: Value, share: float) -> Value:
    return NUM if not 0 < share < 1 else quantile(numbers_in([values], frame), share, True)


@native("QUARTILE QUARTILE.INC", "AN")
def _quartile(frame: Frame, values: Value, quarter: float) -> Value:
    return quantile(numbers_in([values], frame), int(quarter) / 4) if 0 <= quarter < 5 else NUM


@native("QUARTILE.EXC", "AN")
def _quartile_exc(frame: Frame, values: Value, quarter: float) -> Value:
    return quantile(numbers_in([values], frame), int(quarter) / 4, True) if 1 <= quarter < 4 else NUM


def _share(numbers: list[float], x: float, digits: int, exclusive: bool) -> Value:
    if not numbers or digits < 1:
        return NUM
    ordered = sorted(numbers)
    n = len(ordered)
    if not ordered[0] <= x <= ordered[-1]:
        return NA
    below = sum(v < x for v in ordered)
    if n == 1:
        return 1.0
    if ordered[below] == x:
        place = float(below)
    else:
        low, high = ordered[below - 1], ordered[below]
        place = below - 1 + (x - low) / (high - low)
    share = (place + 1) / (n + 1) if exclusive else place / (n - 1)
    scale = 10.0**digits
    return math.floor(share * scale + 1e-9) / scale


@native("PERCENTRANK PERCENTRANK.INC", "AN?I")
def _percentrank(frame: Frame, values: Value, x: float, digits: int = 3) -> Value:
    return _share(numbers_in([values], frame), x, digits, False)


@native("PERCENTRANK.EXC", "AN?I")
def _percentrank_exc(frame: Frame, values: Value, x: float, digits: int = 3) -> Value:
    return _share(numbers_in([values], frame), x, digits, True)


@native("RANK RANK.EQ", "NR?B")
def _rank(frame: Frame, x: float, values: Value, ascending: bool = False) -> Value:
    numbers = numbers_in([values], frame)
    if x not in numbers:
        return NA
    return 1.0 + sum(v < x if ascending else v > x for v in numbers)


@native("RANK.AVG", "NR?B")
def _rank_avg(frame: Frame, x: float, values: Value, ascending: bool = False) -> Value:
    numbers = numbers_in([values], frame)
    if x not in numbers:
        return NA
    return 1.0 + sum(v < x if ascending else v > x for v in numbers) + (numbers.count(x) - 1) / 2


@native("TRIMMEAN", "AN")
def _trimmean(frame: Frame, values: Value, share: float) -> Value:
    numbers = sorted(numbers_in([values], frame))
    if not 0 <= share < 1 or not numbers:
        return NUM
    cut = int(len(numbers) * share / 2 + 1e-9)
    return mean(numbers[cut : len(numbers) - cut])


@native("STANDARDIZE", "NNN")
def _standardize(_: Frame, x: float, middle: float, spread: float) -> Value:
    return NUM if spread <= 0 else (x - middle) / spread


@native("FREQUENCY", "AA")
def _frequency(frame: Frame, values: Value, limits: Value) -> Value:
    numbers, bounds = numbers_in([values], frame), sorted(numbers_in([limits], frame))
    counts = [0.0] * (len(bounds) + 1)
    for x in numbers:
        place = next((i for i, bound in enumerate(bounds) if x <= bound), len(bounds))
        counts[place] += 1
    return [[count] for count in counts]


# ------------------------------------------------------------------------------------------ pairs


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


def _table(value: Value, frame: Frame) -> Rows:
    rows = all_rows(value, frame)
    for row in rows:
        for item in row:
            if isinstance(item, CellError):
                raise Fault(item)
            if type(item) is not float:
                raise Fault(VALUE)
    return rows


def _regression(frame: Frame, ys: Value, xs: Value, logarithm: bool) -> tuple[list[float], list[list[float]], bool]:
    """Known values as a column, their explanations as columns, and whether they stood in rows."""
    table = _table(ys, frame)
    flat = [item for row in table for item in row]
    if logarithm:
        if min(flat) <= 0:
            raise Fault(NUM)
        flat = [math.log(item) for item in flat]
    if xs is None:
        return flat, [[float(i) for i in range(1, len(flat) + 1)]], len(table) == 1
    known = _table(xs, frame)
    if len(table) == len(known) and len(table[0]) == len(known[0]):
        return flat, [[item for row in known for item in row]], len(table) == 1
    if len(table[0]) == 1 and len(known) == len(flat):
        return flat, [list(column) for column in zip(*known, strict=True)], False
    if len(table) == 1 and len(known[0]) == len(flat):
        return flat, known, True
    raise Fault(CellError.REF)


def _fitted(y: list[float], xs: list[list[float]], constant: bool) -> tuple[list[float], float]:
    """Factors of the explanations, and the constant."""
    import numpy as np

    n = len(y)
    design = np.array(xs, dtype=float).T
    target = np.array(y, dtype=float)
    if constant:
        centre, middle = design.mean(axis=0), target.mean()
        moved, aim = design - centre, target - middle
    else:
        centre, middle = np.zeros(len(xs)), 0.0
        moved, aim = design, target
    scale = np.abs(moved).max(axis=0)
    used = [i for i in range(len(xs)) if scale[i] > 1e-13 * max(1.0, float(np.abs(design[:, i]).max()))]
    factors = np.zeros(len(xs))
    if used and n:
        part = moved[:, used] / scale[used]
        factors[used] = np.linalg.lstsq(part, aim, rcond=1e-13)[0] / scale[used]
    return [float(v) for v in factors], float(middle - centre @ factors) if constant else 0.0


def _statistics(y: list[float], xs: list[list[float]], constant: bool, factors: list[float], start: float) -> Rows:
    import numpy as np

    n, k = len(y), len(xs)
    design = np.column_stack([*xs, np.ones(n)] if constant else xs)
    estimate = np.array(xs).T @ np.array(factors) + start
    target = np.array(y)
    residual = float(((target - estimate) ** 2).sum())
    middle = target.mean() if constant else 0.0
    total = float(((target - middle) ** 2).sum())
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


def _flag(value: Value, default: bool) -> bool:
    return default if value is None else bool(to_number(value))


@native("LINEST", "A?AVV")
def _linest(frame: Frame, ys: Value, xs: Value = None, constant: Value = None, more: Value = None) -> Value:
    y, columns, _ = _regression(frame, ys, xs, False)
    keep = _flag(constant, True)
    factors, start = _fitted(y, columns, keep)
    if _flag(more, False):
        return _statistics(y, columns, keep, factors, start)
    return [[*factors[::-1], start]]


@native("LOGEST", "A?AVV")
def _logest(frame: Frame, ys: Value, xs: Value = None, constant: Value = None, more: Value = None) -> Value:
    y, columns, _ = _regression(frame, ys, xs, True)
    keep = _flag(constant, True)
    factors, start = _fitted(y, columns, keep)
    first: list[Value] = [*(math.exp(v) for v in factors[::-1]), math.exp(start)]
    if _flag(more, False):
        return [first, *_statistics(y, columns, keep, factors, start)[1:]]
    return [first]


def _trend(frame: Frame, ys: Value, xs: Value, new: Value, constant: Value, logarithm: bool) -> Value:
    y, columns, across = _regression(frame, ys, xs, logarithm)
    factors, start = _fitted(y, columns, _flag(constant, True))
    if new is None:
        table = all_rows(xs if xs is not None else ys, frame)
        if xs is None:
            shape = (len(table), len(table[0]))
            table = [[float(r * shape[1] + c + 1) for c in range(shape[1])] for r in range(shape[0])]
    else:
        table = _table(new, frame)

    def value(items: list[float]) -> float:
        total = start + sum(a * b for a, b in zip(factors, items, strict=True))
        return math.exp(total) if logarithm else total

    if len(columns) == 1:
        return [[value([item]) for item in row] for row in table]
    if len(columns) != (len(table) if across else len(table[0])):
        return CellError.REF
    if across:
        return [[value(list(items)) for items in zip(*table, strict=True)]]
    return [[value(row)] for row in table]


@native("TREND", "A?AAV")
def _trend_(frame: Frame, ys: Value, xs: Value = None, new: Value = None, constant: Value = None) -> Value:
    return _trend(frame, ys, xs, new, constant, False)


@native("GROWTH", "A?AAV")
def _growth(frame: Frame, ys: Value, xs: Value = None, new: Value = None, constant: Value = None) -> Value:
    return _trend(frame, ys, xs, new, constant, True)


# ------------------------------------------------------------------------------------------ distributions


def _special() -> object:
    from scipy import special

    return special


def _sp(name: str, *arguments: float) -> float:
    from scipy import special

    result = float(getattr(special, name)(*arguments))
    if math.isnan(result):
        raise Fault(NUM)
    return result


@native("NORM.S.DIST", "NB")
def _norm_s_dist(_: Frame, z: float, total: bool) -> Value:
    return _sp("ndtr", z) if total else math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


@native("NORMSDIST", "N")
def _normsdist(_: Frame, z: float) -> Value:
    return _sp("ndtr", z)


@native("NORM.DIST NORMDIST", "NNNB")
def _norm_dist(_: Frame, x: float, middle: float, spread: float, total: bool) -> Value:
    if spread <= 0:
        return NUM
    z = (x - middle) / spread
    return _sp("ndtr", z) if total else math.exp(-z * z / 2) / math.sqrt(2 * math.pi) / spread


@native("NORM.S.INV NORMSINV", "N")
def _norm_s_inv(_: Frame, p: float) -> Value:
    return _sp("ndtri", p) if 0 < p < 1 else NUM


@native("NORM.INV NORMINV", "NNN")
def _norm_inv(_: Frame, p: float, middle: float, spread: float) -> Value:
    return middle + spread * _sp("ndtri", p) if 0 < p < 1 and spread > 0 else NUM


@native("LOGNORM.DIST", "NNNB")
def _lognorm_dist(_: Frame, x: float, middle: float, spread: float, total: bool) -> Value:
    if x <= 0 or spread <= 0:
        return NUM
    z = (math.log(x) - middle) / spread
    return _sp("ndtr", z) if total else math.exp(-z * z / 2) / math.sqrt(2 * math.pi) / spread / x


@native("LOGNORMDIST", "NNN")
def _lognormdist(frame: Frame, x: float, middle: float, spread: float) -> Value:
    return _lognorm_dist(frame, x, middle, spread, True)


@native("LOGNORM.INV LOGINV", "NNN")
def _lognorm_inv(_: Frame, p: float, middle: float, spread: float) -> Value:
    return math.exp(middle + spread * _sp("ndtri", p)) if 0 < p < 1 and spread > 0 else NUM


@native("PHI", "N")
def _phi(_: Frame, z: float) -> Value:
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


@native("GAUSS", "N")
def _gauss(_: Frame, z: float) -> Value:
    return _sp("ndtr", z) - 0.5


@native("T.DIST", "NNB")
def _t_dist(_: Frame, x: float, freedom: float, total: bool) -> Value:
    df = int(freedom)
    if df < 1:
        return NUM
    if total:
        return _sp("stdtr", df, x)
    log = math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - 0.5 * math.log(df * math.pi)
    return math.exp(log - (df + 1) / 2 * math.log1p(x * x / df))


@native("T.DIST.2T", "NN")
def _t_dist_2t(_: Frame, x: float, freedom: float) -> Value:
    return NUM if x < 0 or freedom < 1 else 2 * _sp("stdtr", int(freedom), -x)


@native("T.DIST.RT", "NN")
def _t_dist_rt(_: Frame, x: float, freedom: float) -> Value:
    return NUM if freedom < 1 else _sp("stdtr", int(freedom), -x)


@native("TDIST", "NNI")
def _tdist(_: Frame, x: float, freedom: float, tails: int) -> Value:
    return NUM if x < 0 or freedom < 1 or tails not in (1, 2) else tails * _sp("stdtr", int(freedom), -x)


@native("T.INV", "NN")
def _t_inv(_: Frame, p: float, freedom: float) -> Value:
    return _sp("stdtrit", int(freedom), p) if 0 < p < 1 and freedom >= 1 else NUM


@native("T.INV.2T TINV", "NN")
def _t_inv_2t(_: Frame, p: float, freedom: float) -> Value:
    if not 0 < p <= 1 or freedom < 1:
        return NUM
    return -_sp("stdtrit", int(freedom), p / 2)


@native("CHISQ.DIST", "NNB")
def _chisq_dist(_: Frame, x: float, freedom: float, total: bool) -> Value:
    df = int(freedom)
    if x < 0 or not 1 <= df <= 10**10:
        return NUM
    if total:
        return _sp("chdtr", df, x)
    if x == 0:
        return 0.5 if df == 2 else 0.0 if df > 2 else NUM
    return math.exp((df / 2 - 1) * math.log(x) - x / 2 - df / 2 * math.log(2) - math.lgamma(df / 2))


@native("CHISQ.DIST.RT CHIDIST", "NN")
def _chisq_dist_rt(_: Frame, x: float, freedom: float) -> Value:
    return NUM if x < 0 or freedom < 1 else _sp("chdtrc", int(freedom), x)


@native("CHISQ.INV", "NN")
def _chisq_inv(_: Frame, p: float, freedom: float) -> Value:
    return 2 * _sp("gammaincinv", int(freedom) / 2, p) if 0 <= p < 1 and freedom >= 1 else NUM


@native("CHISQ.INV.RT CHIINV", "NN")
def _chisq_inv_rt(_: Frame, p: float, freedom: float) -> Value:
    return 2 * _sp("gammainccinv", int(freedom) / 2, p) if 0 < p <= 1 and freedom >= 1 else NUM


@native("F.DIST", "NNNB")
def _f_dist(_: Frame, x: float, first: float, second: float, total: bool) -> Value:
    a, b = int(first), int(second)
    if x < 0 or a < 1 or b < 1:
        return NUM
    if total:
        return _sp("fdtr", a, b, x)
    if x == 0:
        return 1.0 if a == 2 else 0.0 if a > 2 else NUM
    log = a / 2 * math.log(a * x / (a * x + b)) + b / 2 * math.log(b / (a * x + b)) - math.log(x)
    return math.exp(log - _sp("betaln", a / 2, b / 2))


@native("F.DIST.RT FDIST", "NNN")
def _f_dist_rt(_: Frame, x: float, first: float, second: float) -> Value:
    return NUM if x < 0 or first < 1 or second < 1 else _sp("fdtrc", int(first), int(second), x)


@native("F.INV", "NNN")
def _f_inv(_: Frame, p: float, first: float, second: float) -> Value:
    return _sp("fdtri", int(first), int(second), p) if 0 <= p < 1 and first >= 1 and second >= 1 else NUM


@native("F.INV.RT FINV", "NNN")
def _f_inv_rt(_: Frame, p: float, first: float, second: float) -> Value:
    return _sp("fdtri", int(first), int(second), 1 - p) if 0 < p <= 1 and first >= 1 and second >= 1 else NUM


@native("BINOM.DIST BINOMDIST", "NNNB")
def _binom_dist(_: Frame, hits: float, tries: float, p: float, total: bool) -> Value:
    k, n = int(hits), int(tries)
    if k < 0 or n < k or not 0 <= p <= 1:
        return NUM
    if total:
        return 1.0 if k == n else _sp("bdtr", k, n, p)
    return _binomial(k, n, p)


def _binomial(k: int, n: int, p: float) -> float:
    if p in (0.0, 1.0):
        return float(k == (n if p else 0))
    if n < 1000:
        return math.comb(n, k) * p**k * (1 - p) ** (n - k)
    log = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return math.exp(log + k * math.log(p) + (n - k) * math.log1p(-p))


@native("BINOM.DIST.RANGE", "NNN?N")
def _binom_dist_range(_: Frame, tries: float, p: float, first: float, last: float | None = None) -> Value:
    n, a = int(tries), int(first)
    b = a if last is None else int(last)
    if not 0 <= p <= 1 or not 0 <= a <= n or not a <= b <= n:
        return NUM
    return sum(_binomial(k, n, p) for k in range(a, b + 1))


@native("BINOM.INV CRITBINOM", "NNN")
def _binom_inv(_: Frame, tries: float, p: float, share: float) -> Value:
    n = int(tries)
    if n < 0 or not 0 < p < 1 or not 0 < share < 1:
        return NUM
    total = 0.0
    for k in range(n + 1):
        total += _binomial(k, n, p)
        if total >= share:
            return float(k)
    return float(n)


@native("NEGBINOM.DIST", "NNNB")
def _negbinom_dist(_: Frame, misses: float, hits: float, p: float, total: bool) -> Value:
    f, s = int(misses), int(hits)
    if f < 0 or s < 1 or not 0 < p < 1:
        return NUM
    if total:
        return _sp("betainc", s, f + 1, p)
    return math.comb(f + s - 1, s - 1) * p**s * (1 - p) ** f


@native("NEGBINOMDIST", "NNN")
def _negbinomdist(frame: Frame, misses: float, hits: float, p: float) -> Value:
    return _negbinom_dist(frame, misses, hits, p, False)


@native("POISSON.DIST POISSON", "NNB")
def _poisson(_: Frame, x: float, rate: float, total: bool) -> Value:
    k = int(x)
    if x < 0 or rate < 0:
        return NUM
    if total:
        return _sp("pdtr", k, rate)
    return float(k == 0) if rate == 0 else math.exp(k * math.log(rate) - rate - math.lgamma(k + 1))


@native("EXPON.DIST EXPONDIST", "NNB")
def _expon(_: Frame, x: float, rate: float, total: bool) -> Value:
    if x < 0 or rate <= 0:
        return NUM
    return -math.expm1(-rate * x) if total else rate * math.exp(-rate * x)


@native("WEIBULL.DIST WEIBULL", "NNNB")
def _weibull(_: Frame, x: float, shape: float, scale: float, total: bool) -> Value:
    if x < 0 or shape <= 0 or scale <= 0:
        return NUM
    power = (x / scale) ** shape
    return -math.expm1(-power) if total else shape / scale * (x / scale) ** (shape - 1) * math.exp(-power)


@native("GAMMA.DIST GAMMADIST", "NNNB")
def _gamma_dist(_: Frame, x: float, shape: float, scale: float, total: bool) -> Value:
    if x < 0 or shape <= 0 or scale <= 0:
        return NUM
    if total:
        return _sp("gammainc", shape, x / scale)
    if x == 0:
        return 1 / scale if shape == 1 else 0.0 if shape > 1 else NUM
    return math.exp((shape - 1) * math.log(x) - x / scale - shape * math.log(scale) - math.lgamma(shape))


@native("GAMMA.INV GAMMAINV", "NNN")
def _gamma_inv(_: Frame, p: float, shape: float, scale: float) -> Value:
    return scale * _sp("gammaincinv", shape, p) if 0 <= p < 1 and shape > 0 and scale > 0 else NUM


@native("GAMMA", "N")
def _gamma(_: Frame, x: float) -> Value:
    return NUM if x <= 0 and x == int(x) else math.gamma(x)


@native("GAMMALN GAMMALN.PRECISE", "N")
def _gammaln(_: Frame, x: float) -> Value:
    return NUM if x <= 0 else math.lgamma(x)


@native("BETA.DIST", "NNNB?NN")
def _beta_dist(_: Frame, x: float, a: float, b: float, total: bool, low: float = 0.0, high: float = 1.0) -> Value:
    if a <= 0 or b <= 0 or not low <= x <= high or low == high:
        return NUM
    z = (x - low) / (high - low)
    if total:
        return _sp("betainc", a, b, z)
    return math.exp((a - 1) * math.log(z) + (b - 1) * math.log1p(-z) - _sp("betaln", a, b)) / (high - low)


@native("BETADIST", "NNN?NN")
def _betadist(frame: Frame, x: float, a: float, b: float, low: float = 0.0, high: float = 1.0) -> Value:
    return _beta_dist(frame, x, a, b, True, low, high)


@native("BETA.INV BETAINV", "NNN?NN")
def _beta_inv(_: Frame, p: float, a: float, b: float, low: float = 0.0, high: float = 1.0) -> Value:
    if a <= 0 or b <= 0 or not 0 < p <= 1:
        return NUM
    return low + (high - low) * _sp("betaincinv", a, b, p)


@native("HYPGEOM.DIST", "NNNNB")
def _hypgeom(_: Frame, hits: float, drawn: float, good: float, size: float, total: bool) -> Value:
    k, n, m, s = int(hits), int(drawn), int(good), int(size)
    if not max(0, n + m - s) <= k <= min(n, m) or not 0 < n <= s or not 0 < m <= s:
        return NUM
    whole = math.comb(s, n)
    first = max(0, n + m - s) if total else k
    return sum(math.comb(m, i) * math.comb(s - m, n - i) for i in range(first, k + 1)) / whole


@native("HYPGEOMDIST", "NNNN")
def _hypgeomdist(frame: Frame, hits: float, drawn: float, good: float, size: float) -> Value:
    return _hypgeom(frame, hits, drawn, good, size, False)


@native("FISHER", "N")
def _fisher(_: Frame, x: float) -> Value:
    return math.atanh(x)


@native("FISHERINV", "N")
def _fisherinv(_: Frame, x: float) -> Value:
    return math.tanh(x)


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
