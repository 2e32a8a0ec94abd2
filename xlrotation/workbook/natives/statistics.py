"""Statistical functions."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.machine import Areas, Frame, Ref, Unsupported
from xlrotation.workbook.evaluation.operators import all_rows, numbers_in, read, sound_items
from xlrotation.workbook.evaluation.values import NA, NUM, VALUE, Fault, Value, number_of_text, to_number
from xlrotation.workbook.natives.registry import native
from xlrotation.workbook.natives.sums import exact_sum

DIV0 = CellError.DIV0

_Reader = Callable[[tuple[Value, ...], Frame], list[float]]


def all_values(values: tuple[Value, ...], frame: Frame) -> list[float]:
    """The numbers of the functions that end in A: texts in cells count as zero, truth values as one or zero."""
    found: list[float] = []
    for value in values:
        if isinstance(value, Ref | Areas | list):
            found += [
                float(item) if isinstance(item, bool | float) else 0.0
                for item in sound_items(value, frame)
                if isinstance(item, bool | float | str)
            ]
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


def _extreme(name: str, pick: Callable[..., float], numbers: Callable[[tuple[Value, ...], Frame], list[float]]) -> None:
    @native(name, "R*R")
    def _compute(frame: Frame, *values: Value) -> Value:
        return pick(numbers(values, frame), default=0.0)


_extreme("MAX", max, numbers_in)
_extreme("MIN", min, numbers_in)
_extreme("MAXA", max, all_values)
_extreme("MINA", min, all_values)


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


for _endings, _read, _sample in (
    (("", ".S"), numbers_in, True),
    (("P", ".P"), numbers_in, False),
    (("A",), all_values, True),
    (("PA",), all_values, False),
):

    @native(" ".join(f"STDEV{ending}" for ending in _endings), "R*R")
    def _stdev(frame: Frame, *values: Value, read_all: _Reader = _read, sample: bool = _sample) -> Value:
        return math.sqrt(variance(read_all(values, frame), sample))

    @native(" ".join(f"VAR{ending}" for ending in _endings), "R*R")
    def _var(frame: Frame, *values: Value, read_all: _Reader = _read, sample: bool = _sample) -> Value:
        return variance(read_all(values, frame), sample)


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
        up, down = math.ceil(number), math.floor(number)
        if number < 1 or down > len(numbers):
            return NUM
        if up != down and (up > len(numbers) or pick(up) != pick(down)):
            raise Unsupported("asks for a place that is no whole number, which spreadsheets round in different ways")
        return pick(up)

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


def _ranked(frame: Frame, values: Value) -> list[float]:
    numbers = numbers_in([values], frame)
    frame.machine.step(len(numbers) // 50)
    return numbers


@native("PERCENTRANK PERCENTRANK.INC", "AN?I")
def _percentrank(frame: Frame, values: Value, x: float, digits: int = 3) -> Value:
    return _share(_ranked(frame, values), x, digits, False)


@native("PERCENTRANK.EXC", "AN?I")
def _percentrank_exc(frame: Frame, values: Value, x: float, digits: int = 3) -> Value:
    return _share(_ranked(frame, values), x, digits, True)


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
        counts[bisect_left(bounds, x)] += 1
    return [[count] for count in counts]
