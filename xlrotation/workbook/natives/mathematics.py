"""Mathematical and trigonometric functions, and the sums over conditions."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, ROUND_UP, Decimal

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.machine import Frame
from xlrotation.workbook.evaluation.operators import all_rows, power
from xlrotation.workbook.evaluation.values import NA, NUM, VALUE, Fault, Value, to_number
from xlrotation.workbook.natives.counts import chosen, ordered, repeated, split
from xlrotation.workbook.natives.registry import native


def _simple(names: str, function: Callable[[float], float]) -> None:
    native(names, "N")(lambda _, x: function(x))


_SIMPLE: dict[str, Callable[[float], float]] = {
    "ABS": abs,
    "ACOS": math.acos,
    "ACOSH": math.acosh,
    "ASIN": math.asin,
    "ASINH": math.asinh,
    "ATAN": math.atan,
    "ATANH": math.atanh,
    "COS": math.cos,
    "COSH": math.cosh,
    "SIN": math.sin,
    "SINH": math.sinh,
    "TAN": math.tan,
    "TANH": math.tanh,
    "EXP": math.exp,
    "DEGREES": math.degrees,
    "RADIANS": math.radians,
    "SQRT": math.sqrt,
    "LN": math.log,
    "LOG10": math.log10,
    "SIGN": lambda x: float((x > 0) - (x < 0)),
    "SEC": lambda x: 1 / math.cos(x),
    "CSC": lambda x: 1 / math.sin(x),
    "COT": lambda x: 1 / math.tan(x),
    "SECH": lambda x: 1 / math.cosh(x) if abs(x) < 710 else 0.0,
    "CSCH": lambda x: 1 / math.sinh(x) if abs(x) < 710 else 0.0,
    "COTH": lambda x: 1 / math.tanh(x),
    "ACOT": lambda x: math.pi / 2 - math.atan(x),
    "ACOTH": lambda x: math.atanh(1 / x) if abs(x) > 1 else math.nan,
    "SQRTPI": lambda x: math.sqrt(x * math.pi),
}


for _names, _function in _SIMPLE.items():
    _simple(_names, _function)


@native("PI")
def _pi(_: Frame) -> Value:
    return math.pi


@native("ATAN2", "NN")
def _atan2(_: Frame, x: float, y: float) -> Value:
    return CellError.DIV0 if x == 0 and y == 0 else math.atan2(y, x)


@native("POWER", "NN")
def _power(_: Frame, x: float, y: float) -> Value:
    return power(x, y)


@native("LOG", "N?N")
def _log(_: Frame, x: float, base: float = 10.0) -> Value:
    if x <= 0 or base <= 0:
        return NUM
    if base == 1:
        return CellError.DIV0
    return math.log10(x) if base == 10 else math.log(x) / math.log(base)


@native("INT", "N")
def _int(_: Frame, x: float) -> Value:
    return float(math.floor(x))


@native("TRUNC", "N?I")
def _trunc(_: Frame, x: float, digits: int = 0) -> Value:
    return rounded(x, digits, ROUND_DOWN)


def rounded(x: float, digits: int, how: str) -> float:
    """*x* to a number of decimal places, as its shortest decimal writing rounds."""
    if not math.isfinite(x) or digits > 300 or x == 0:
        return x
    if digits < -308:
        return 0.0
    exact = Decimal(f"{x:.15g}")
    return float(exact.quantize(Decimal(1).scaleb(-digits), rounding=how)) if exact.adjusted() + digits < 27 else x


@native("ROUND", "NI")
def _round(_: Frame, x: float, digits: int) -> Value:
    return rounded(x, digits, ROUND_HALF_UP)


@native("ROUNDUP", "NI")
def _roundup(_: Frame, x: float, digits: int) -> Value:
    return rounded(x, digits, ROUND_UP)


@native("ROUNDDOWN", "NI")
def _rounddown(_: Frame, x: float, digits: int) -> Value:
    return rounded(x, digits, ROUND_DOWN)


def _multiple(x: float, step: float, how: str) -> float:
    quotient = Decimal(f"{x / step:.14g}")
    return float(Decimal(repr(step)) * quotient.to_integral_value(rounding=how))


@native("MROUND", "PP")
def _mround(_: Frame, x: float, step: float) -> Value:
    if x == 0 or step == 0:
        return 0.0
    return NUM if (x > 0) != (step > 0) else _multiple(x, step, ROUND_HALF_UP)


@native("CEILING", "NN")
def _ceiling(_: Frame, x: float, step: float) -> Value:
    if x == 0 or step == 0:
        return 0.0
    if x > 0 > step:
        return NUM
    return _multiple(x, step, ROUND_CEILING)


@native("FLOOR", "NN")
def _floor(_: Frame, x: float, step: float) -> Value:
    if x == 0:
        return 0.0
    if step == 0:
        return CellError.DIV0
    if x > 0 > step:
        return NUM
    return _multiple(x, step, ROUND_FLOOR)


@native("CEILING.MATH", "N?NN")
def _ceiling_math(_: Frame, x: float, step: float = 1.0, mode: float = 0.0) -> Value:
    if step == 0:
        return 0.0
    return _multiple(x, abs(step), ROUND_UP if mode and x < 0 else ROUND_CEILING)


@native("FLOOR.MATH", "N?NN")
def _floor_math(_: Frame, x: float, step: float = 1.0, mode: float = 0.0) -> Value:
    if step == 0:
        return 0.0
    return _multiple(x, abs(step), ROUND_DOWN if mode and x < 0 else ROUND_FLOOR)


@native("CEILING.PRECISE ISO.CEILING", "N?N")
def _ceiling_precise(_: Frame, x: float, step: float = 1.0) -> Value:
    return 0.0 if step == 0 else _multiple(x, abs(step), ROUND_CEILING)


@native("FLOOR.PRECISE", "N?N")
def _floor_precise(_: Frame, x: float, step: float = 1.0) -> Value:
    return 0.0 if step == 0 else _multiple(x, abs(step), ROUND_FLOOR)


@native("EVEN", "N")
def _even(_: Frame, x: float) -> Value:
    return math.copysign(math.ceil(abs(x) / 2) * 2, x) if x else 0.0


@native("ODD", "N")
def _odd(_: Frame, x: float) -> Value:
    return math.copysign(math.ceil((abs(x) + 1) / 2) * 2 - 1, x) if x else 1.0


@native("MOD", "NN")
def _mod(_: Frame, x: float, y: float) -> Value:
    if y == 0:
        return CellError.DIV0
    if abs(x / y) >= 1.125899906842624e15:
        return NUM
    return x - y * math.floor(x / y)


@native("QUOTIENT", "PP")
def _quotient(_: Frame, x: float, y: float) -> Value:
    return float(math.trunc(x / y))


def _whole(values: tuple[Value, ...], frame: Frame) -> list[int]:
    numbers: list[float] = []
    for value in values:
        if value is None:
            raise Fault(NA)
        for row in all_rows(value, frame):
            for item in row:
                if isinstance(item, bool):
                    raise Fault(VALUE)
                if item is not None:
                    numbers.append(to_number(item, frame.date1904))
    if any(x < 0 or x >= 2**53 for x in numbers):
        raise Fault(NUM)
    return [int(x) for x in numbers]


@native("GCD", "R*R")
def _gcd(frame: Frame, *values: Value) -> Value:
    return float(math.gcd(*_whole(values, frame)))


@native("LCM", "R*R")
def _lcm(frame: Frame, *values: Value) -> Value:
    numbers = _whole(values, frame)
    if not numbers or 0 in numbers:
        return 0.0
    found = 1
    for number in numbers:
        found = math.lcm(found, number)
        if found >= 2**53:
            return NUM
    return float(found)


@native("FACT", "N")
def _fact(_: Frame, x: float) -> Value:
    return NUM if x < 0 or x >= 171 else float(math.factorial(int(x)))


@native("FACTDOUBLE", "P")
def _factdouble(_: Frame, x: float) -> Value:
    n = math.trunc(x)
    return NUM if n < -1 or n > 400 else float(math.prod(range(n, 0, -2)))


@native("COMBIN", "NN")
def _combin(_: Frame, n: float, k: float) -> Value:
    a, b = int(n), int(k)
    return NUM if n < 0 or k < 0 or a < b else float(chosen(a, b))


@native("COMBINA", "NN")
def _combina(_: Frame, n: float, k: float) -> Value:
    a, b = int(n), int(k)
    if n < 0 or k < 0 or (a == 0 and b > 0):
        return NUM
    return 1.0 if b == 0 else float(chosen(a + b - 1, b))


@native("PERMUT", "NN")
def _permut(_: Frame, n: float, k: float) -> Value:
    a, b = int(n), int(k)
    return NUM if a < 0 or b < 0 or a < b else float(ordered(a, b))


@native("PERMUTATIONA", "NN")
def _permutationa(_: Frame, n: float, k: float) -> Value:
    return NUM if n < 0 or k < 0 else float(repeated(int(n), int(k)))


@native("MULTINOMIAL", "R*R")
def _multinomial(frame: Frame, *values: Value) -> Value:
    numbers = _whole(values, frame)
    return float(split(numbers))


@native("RAND")
def _rand(_: Frame) -> Value:
    return random.random()


@native("RANDBETWEEN", "NN")
def _randbetween(_: Frame, low: float, high: float) -> Value:
    a, b = math.ceil(low), math.floor(high)
    return NUM if b < a else float(random.randint(a, b))


@native("RANDARRAY", "?NNNNB")
def _randarray(
    frame: Frame, rows: float = 1.0, columns: float = 1.0, low: float = 0.0, high: float = 1.0, whole: bool = False
) -> Value:
    if rows < 1 or columns < 1 or high < low:
        return VALUE
    frame.machine.step(int(rows * columns))

    def one() -> float:
        return float(random.randint(math.ceil(low), math.floor(high))) if whole else random.uniform(low, high)

    return [[one() for _ in range(int(columns))] for _ in range(int(rows))]
