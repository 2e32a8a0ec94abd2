"""Mathematical and trigonometric functions, and the sums over conditions."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Iterator
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, ROUND_UP, Decimal

from xlrotation.errors import CellError
from xlrotation.workbook.interpreter import Areas, Frame, Ref, Rows, all_rows, numbers_in, power, ref_parts
from xlrotation.workbook.natives.registry import native
from xlrotation.workbook.values import NA, NUM, VALUE, Fault, Value, compared, number_of_text, to_number


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
    found = math.lcm(*numbers) if numbers else 0
    return NUM if found >= 2**53 else float(found)


@native("FACT", "N")
def _fact(_: Frame, x: float) -> Value:
    return NUM if x < 0 or x >= 171 else float(math.factorial(int(x)))


@native("FACTDOUBLE", "P")
def _factdouble(_: Frame, x: float) -> Value:
    n = math.trunc(x)
    return NUM if n < -1 else float(math.prod(range(n, 0, -2)))


@native("COMBIN", "NN")
def _combin(_: Frame, n: float, k: float) -> Value:
    a, b = int(n), int(k)
    return NUM if n < 0 or k < 0 or a < b else float(math.comb(a, b))


@native("COMBINA", "NN")
def _combina(_: Frame, n: float, k: float) -> Value:
    a, b = int(n), int(k)
    if n < 0 or k < 0 or (a == 0 and b > 0):
        return NUM
    return 1.0 if b == 0 else float(math.comb(a + b - 1, b))


@native("PERMUT", "NN")
def _permut(_: Frame, n: float, k: float) -> Value:
    a, b = int(n), int(k)
    return NUM if a < 0 or b < 0 or a < b else float(math.perm(a, b))


@native("PERMUTATIONA", "NN")
def _permutationa(_: Frame, n: float, k: float) -> Value:
    return NUM if n < 0 or k < 0 else float(int(n) ** int(k))


@native("MULTINOMIAL", "R*R")
def _multinomial(frame: Frame, *values: Value) -> Value:
    numbers = _whole(values, frame)
    result = math.factorial(sum(numbers))
    for number in numbers:
        result //= math.factorial(number)
    return float(result)


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


@native("SUM", "R*R")
def _sum(frame: Frame, *values: Value) -> Value:
    return exact_sum(numbers_in(values, frame))


def exact_sum(numbers: list[float]) -> float:
    """A sum in the order of the numbers."""
    total = 0.0
    for number in numbers:
        total += number
    return total


@native("SUMSQ", "R*R")
def _sumsq(frame: Frame, *values: Value) -> Value:
    return sum(x * x for x in numbers_in(values, frame))


@native("PRODUCT", "R*R")
def _product(frame: Frame, *values: Value) -> Value:
    numbers = numbers_in(values, frame)
    return math.prod(numbers) if numbers else 0.0


@native("SUMPRODUCT", "A*A")
def _sumproduct(frame: Frame, *values: Value) -> Value:
    tables = [all_rows(value, frame) for value in values]
    shape = _shape(values[0], tables[0])
    if any(_shape(value, table) != shape for value, table in zip(values[1:], tables[1:], strict=True)):
        return VALUE
    for table in tables:
        for row in table:
            for item in row:
                if isinstance(item, CellError):
                    return item
    if len(tables) == 1:
        return exact_sum([item for row in tables[0] for item in row if type(item) is float])
    total = 0.0
    for rows in zip(*tables, strict=True):
        for items in zip(*rows, strict=True):
            product = 1.0
            for item in items:
                product *= item if type(item) is float else 0.0
            total += product
    return total


def _shape(value: Value, rows: Rows) -> tuple[int, int]:
    if isinstance(value, Ref):
        return value.bottom - value.top, value.right - value.left
    return len(rows) - 1, len(rows[0]) - 1


def _pairs(frame: Frame, first: Value, second: Value) -> Iterator[tuple[float, float]]:
    a, b = all_rows(first, frame), all_rows(second, frame)
    left, right = [x for row in a for x in row], [x for row in b for x in row]
    if len(left) != len(right):
        raise Fault(NA)
    for x, y in zip(left, right, strict=True):
        for item in (x, y):
            if isinstance(item, CellError):
                raise Fault(item)
    if len(left) == 1 and not isinstance(first, Ref) and not isinstance(second, Ref):
        for item in (*left, *right):
            if not isinstance(item, float):
                raise Fault(VALUE)
    found = [(x, y) for x, y in zip(left, right, strict=True) if type(x) is float and type(y) is float]
    if not found:
        raise Fault(CellError.DIV0)
    yield from found


@native("SUMX2MY2", "AA")
def _sumx2my2(frame: Frame, first: Value, second: Value) -> Value:
    return sum(x * x - y * y for x, y in _pairs(frame, first, second))


@native("SUMX2PY2", "AA")
def _sumx2py2(frame: Frame, first: Value, second: Value) -> Value:
    return sum(x * x + y * y for x, y in _pairs(frame, first, second))


@native("SUMXMY2", "AA")
def _sumxmy2(frame: Frame, first: Value, second: Value) -> Value:
    return sum((x - y) ** 2 for x, y in _pairs(frame, first, second))


@native("SERIESSUM", "NNNA")
def _seriessum(frame: Frame, x: float, n: float, m: float, factors: Value) -> Value:
    return sum(a * x ** (n + i * m) for i, a in enumerate(numbers_in([factors], frame)))


# ------------------------------------------------------------------------------------------ conditions


def criterion(wanted: Value, frame: Frame) -> Callable[[Value], bool]:
    """The test that a condition such as ``">=5"`` or ``"A*"`` stands for."""
    if isinstance(wanted, CellError):
        return lambda value: value is wanted
    if wanted is None:
        wanted = 0.0
    if isinstance(wanted, bool):
        return lambda value: isinstance(value, bool) and value == wanted
    if isinstance(wanted, float):
        number = wanted
        return lambda value: (
            (type(value) is float and value == number) or (isinstance(value, str) and number_of_text(value) == number)
        )
    match = re.match(r"<=|>=|<>|=|<|>", wanted)
    sign = match[0] if match else ""
    rest = wanted[len(sign) :]
    target: Value = number_of_text(rest, frame.date1904)
    if target is None and rest.upper() in ("TRUE", "FALSE"):
        target = rest.upper() == "TRUE"
    if target is None and rest in {error.value for error in CellError}:
        target = CellError(rest)
    if sign in ("", "=", "<>"):
        test = _equality(sign, rest, target)
        return (lambda value: not test(value)) if sign == "<>" else test
    compare = _ORDERS[sign]
    kind = type(target) if target is not None else str
    against = target if target is not None else rest

    def ordered(value: Value) -> bool:
        return type(value) is kind and not isinstance(value, CellError) and compare(compared(value, against))

    return ordered


_ORDERS: dict[str, Callable[[int], bool]] = {
    "<": lambda order: order < 0,
    ">": lambda order: order > 0,
    "<=": lambda order: order <= 0,
    ">=": lambda order: order >= 0,
}


def _equality(sign: str, rest: str, target: Value) -> Callable[[Value], bool]:
    if rest == "":
        if sign == "":
            return lambda value: value is None or value == ""
        return lambda value: value is None
    if isinstance(target, CellError):
        return lambda value: value is target
    if isinstance(target, bool):
        return lambda value: isinstance(value, bool) and value == target
    if isinstance(target, float):
        number = target
        return lambda value: (
            (type(value) is float and value == number) or (isinstance(value, str) and number_of_text(value) == number)
        )
    pattern = wildcard(rest)
    if pattern is None:
        lower = rest.lower()
        return lambda value: isinstance(value, str) and value.lower() == lower
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def wildcard(text: str) -> re.Pattern[str] | None:
    """The pattern of a text with ``*``, ``?`` and ``~``; None where it has none of them."""
    if not any(mark in text for mark in "*?~"):
        return None
    parts = []
    place = 0
    while place < len(text):
        mark = text[place]
        if mark == "~" and place + 1 < len(text) and text[place + 1] in "*?~":
            place += 1
            parts.append(re.escape(text[place]))
        elif mark == "*":
            if parts[-1:] != [".*"]:
                parts.append(".*")
        else:
            parts.append("." if mark == "?" else re.escape(mark))
        place += 1
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


def _area(value: Value) -> Ref:
    if isinstance(value, CellError):
        raise Fault(value)
    if not isinstance(value, Ref):
        raise Fault(VALUE)
    return value


def _met(frame: Frame, pairs: tuple[Value, ...], size: tuple[int, int]) -> list[tuple[int, int]]:
    """Places within ranges of one size where all conditions hold."""
    found: list[tuple[int, int]] | None = None
    for area, wanted in zip(pairs[::2], pairs[1::2], strict=True):
        ref = _area(area)
        if (ref.bottom - ref.top, ref.right - ref.left) != size:
            raise Fault(VALUE)
        test = criterion(wanted, frame)
        rows = frame.machine.world.rows(ref)
        frame.machine.step(len(rows) // 50)
        if found is None:
            found = [(r, c) for r, row in enumerate(rows) for c, value in enumerate(row) if test(value)]
        else:
            found = [(r, c) for r, c in found if r < len(rows) and c < len(rows[r]) and test(rows[r][c])]
    return found or []


def _chosen(frame: Frame, area: Value, wanted: Value, summed: Value) -> Iterator[Value]:
    ref = _area(area)
    target = ref if summed is None else _area(summed)
    test = criterion(wanted, frame)
    height, width = ref.bottom - ref.top, ref.right - ref.left
    rows = frame.machine.world.rows(ref)
    frame.machine.step(len(rows) // 50)
    place = Ref(target.sheet, target.top, target.left, target.top + height, target.left + width)
    values = frame.machine.world.rows(place)
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if test(value) and r < len(values) and c < len(values[r]):
                yield values[r][c]


def _numbers(values: Iterator[Value] | list[Value]) -> list[float]:
    found = []
    for value in values:
        if isinstance(value, CellError):
            raise Fault(value)
        if type(value) is float:
            found.append(value)
    return found


@native("SUMIF", "RV?R")
def _sumif(frame: Frame, area: Value, wanted: Value, summed: Value = None) -> Value:
    return exact_sum(_numbers(_chosen(frame, area, wanted, summed)))


@native("AVERAGEIF", "RV?R")
def _averageif(frame: Frame, area: Value, wanted: Value, summed: Value = None) -> Value:
    numbers = _numbers(_chosen(frame, area, wanted, summed))
    return exact_sum(numbers) / len(numbers)


@native("COUNTIF", "RV")
def _countif(frame: Frame, area: Value, wanted: Value) -> Value:
    if isinstance(area, Areas):
        return VALUE
    ref = _area(area)
    rows = frame.machine.world.rows(ref)
    frame.machine.step(len(rows) // 50)
    test = criterion(wanted, frame)
    count = sum(test(value) for row in rows for value in row)
    outside = ref.size - len(rows) * (len(rows[0]) if rows else 0)
    return float(count + (outside if outside and test(None) else 0))


@native("COUNTIFS", "RV*RV")
def _countifs(frame: Frame, *pairs: Value) -> Value:
    if len(pairs) == 2:
        return _countif(frame, pairs[0], pairs[1])
    return float(len(_met(frame, pairs, _size(pairs[0]))))


def _size(area: Value) -> tuple[int, int]:
    ref = _area(area)
    return ref.bottom - ref.top, ref.right - ref.left


def _picked(frame: Frame, summed: Value, pairs: tuple[Value, ...]) -> list[float]:
    rows = frame.machine.world.rows(_area(summed))
    places = _met(frame, pairs, _size(summed))
    return _numbers([rows[r][c] for r, c in places if r < len(rows) and c < len(rows[r])])


@native("SUMIFS", "RRV*RV")
def _sumifs(frame: Frame, summed: Value, *pairs: Value) -> Value:
    return exact_sum(_picked(frame, summed, pairs))


@native("AVERAGEIFS", "RRV*RV")
def _averageifs(frame: Frame, summed: Value, *pairs: Value) -> Value:
    numbers = _picked(frame, summed, pairs)
    return exact_sum(numbers) / len(numbers)


@native("MAXIFS", "RRV*RV")
def _maxifs(frame: Frame, summed: Value, *pairs: Value) -> Value:
    return max(_picked(frame, summed, pairs), default=0.0)


@native("MINIFS", "RRV*RV")
def _minifs(frame: Frame, summed: Value, *pairs: Value) -> Value:
    return min(_picked(frame, summed, pairs), default=0.0)


# ------------------------------------------------------------------------------------------ subtotals

_SUBTOTALS = (
    "",
    "AVERAGE",
    "COUNT",
    "COUNTA",
    "MAX",
    "MIN",
    "PRODUCT",
    "STDEV.S",
    "STDEV.P",
    "SUM",
    "VAR.S",
    "VAR.P",
    "MEDIAN",
    "MODE.SNGL",
)
_NESTED = re.compile(r"\b(?:SUBTOTAL|AGGREGATE)\(", re.IGNORECASE)


def _visible(frame: Frame, values: tuple[Value, ...], skip_hidden: bool, skip_nested: bool) -> list[Value]:
    """The cells of areas without those that a subtotal leaves out."""
    found: list[Value] = []
    world, book = frame.machine.world, frame.machine.book
    for value in values:
        if isinstance(value, CellError):
            raise Fault(value)
        if not isinstance(value, Ref | Areas):
            raise Fault(VALUE)
        for part in ref_parts(value):
            hidden = book.sheets[part.sheet].hidden if part.sheet < len(book.sheets) else set()
            formulas = book.sheets[part.sheet].formulas if part.sheet < len(book.sheets) else {}
            for r, row in enumerate(world.rows(part), part.top):
                if skip_hidden and r in hidden:
                    continue
                for c, item in enumerate(row, part.left):
                    if skip_nested and (r, c) in formulas and _NESTED.search(formulas[r, c].text):
                        continue
                    found.append(item)
    return found


def _filtered(frame: Frame, ref: Ref) -> bool:
    """Whether a filter hides rows of a range."""
    book = frame.machine.book
    if book.sheets[ref.sheet].filtered:
        return True
    return any(
        table.filtered and table.sheet == ref.sheet and table.area.row <= ref.bottom and ref.top <= table.area.last_row
        for table in book.tables.values()
    )


@native("SUBTOTAL", "IR*R")
def _subtotal(frame: Frame, number: int, *values: Value) -> Value:
    from xlrotation.workbook.natives.registry import NATIVES

    hidden = number > 100
    code = number - 100 if hidden else number
    if not 1 <= code <= 11:
        return VALUE
    parts = ref_parts(values[0]) if values else []
    filtered = any(_filtered(frame, part) for part in parts)
    items = _visible(frame, values, hidden or filtered, True)
    return NATIVES[_SUBTOTALS[code]].function(frame, [items] if items else [[None]])


@native("AGGREGATE", "IIA*A")
def _aggregate(frame: Frame, number: int, option: int, *values: Value) -> Value:
    from xlrotation.workbook.natives.registry import NATIVES

    if not 1 <= number <= 19 or not 0 <= option <= 7:
        return VALUE
    no_errors = option in (2, 3, 6, 7)
    if number >= 14:
        if len(values) < 2:
            return VALUE
        items = [item for row in all_rows(values[0], frame) for item in row]
        if isinstance(values[0], Ref | Areas):
            items = _visible(frame, (values[0],), option in (1, 3, 5, 7), option < 4)
        name = ("LARGE", "SMALL", "PERCENTILE.INC", "QUARTILE.INC", "PERCENTILE.EXC", "QUARTILE.EXC")[number - 14]
        place = all_rows(values[1], frame)[0][0]
        if no_errors:
            items = [item for item in items if not isinstance(item, CellError)]
        return NATIVES[name].function(frame, [items], to_number(place)) if items else NUM
    items = _visible(frame, values, option in (1, 3, 5, 7), option < 4)
    if no_errors:
        items = [item for item in items if not isinstance(item, CellError)]
    return NATIVES[_SUBTOTALS[number]].function(frame, [items] if items else [[None]])


# ------------------------------------------------------------------------------------------ writing


@native("ROMAN", "N?I")
def _roman(_: Frame, x: float, form: int = 0) -> Value:
    n = int(x)
    if not 0 <= n <= 3999 or not 0 <= form <= 4:
        return VALUE
    if form:
        raise Fault(VALUE)
    parts = []
    for value, letters in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1), "M CM D CD C XC L XL X IX V IV I".split(), strict=True
    ):
        count, n = divmod(n, value)
        parts.append(letters * count)
    return "".join(parts)


@native("ARABIC", "T")
def _arabic(_: Frame, text: str) -> Value:
    text = text.strip().upper()
    negative = text.startswith("-")
    values = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
    total, last = 0, 0
    for mark in reversed(text.removeprefix("-")):
        if mark not in values:
            return VALUE
        total += values[mark] if values[mark] >= last else -values[mark]
        last = max(last, values[mark])
    return float(-total if negative else total)


_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@native("BASE", "NI?I")
def _base(_: Frame, x: float, radix: int, length: int = 0) -> Value:
    n = int(x)
    if not 0 <= n < 2**53 or not 2 <= radix <= 36 or not 0 <= length <= 255:
        return NUM
    text = ""
    while n:
        n, rest = divmod(n, radix)
        text = _DIGITS[rest] + text
    return (text or "0").rjust(length, "0")


@native("DECIMAL", "TI")
def _decimal(_: Frame, text: str, radix: int) -> Value:
    if not 2 <= radix <= 36:
        return NUM
    return float(int(text.strip() or "0", radix))


# ------------------------------------------------------------------------------------------ matrices


def matrix(value: Value, frame: Frame) -> list[list[float]]:
    """A table of numbers only.

    Raises:
        Fault: Another value is among them.
    """
    rows = all_rows(value, frame)
    for row in rows:
        for item in row:
            if isinstance(item, CellError):
                raise Fault(item)
            if type(item) is not float:
                raise Fault(VALUE)
    return rows


@native("MMULT", "AA")
def _mmult(frame: Frame, first: Value, second: Value) -> Value:
    a, b = matrix(first, frame), matrix(second, frame)
    if len(a[0]) != len(b):
        return VALUE
    turned = list(zip(*b, strict=True))
    frame.machine.step(len(a) * len(turned) * len(b) // 20)
    found = [[sum(x * y for x, y in zip(row, column, strict=True)) for column in turned] for row in a]
    return found if all(math.isfinite(item) for row in found for item in row) else NUM


@native("MDETERM", "A")
def _mdeterm(frame: Frame, value: Value) -> Value:
    import numpy as np

    rows = matrix(value, frame)
    if len(rows) != len(rows[0]):
        return VALUE
    result = float(np.linalg.det(np.array(rows)))
    near = round(result)
    whole = all(item == int(item) for row in rows for item in row)
    return float(near) if whole and abs(result - near) < 1e-6 * max(1.0, abs(result)) else result


@native("MINVERSE", "A")
def _minverse(frame: Frame, value: Value) -> Value:
    import numpy as np

    rows = matrix(value, frame)
    if len(rows) != len(rows[0]):
        return VALUE
    try:
        found = np.linalg.inv(np.array(rows))
    except np.linalg.LinAlgError:
        return NUM
    return [[float(item) for item in row] for row in found]


@native("MUNIT", "I")
def _munit(frame: Frame, size: int) -> Value:
    if size < 1:
        return VALUE
    frame.machine.step(size * size)
    return [[float(r == c) for c in range(size)] for r in range(size)]
