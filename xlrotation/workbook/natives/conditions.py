"""Sums, counts and extremes over conditions such as ``">=5"`` and ``"A*"``."""

from __future__ import annotations

import re
from collections.abc import Callable

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.machine import Areas, Frame, Ref, Rows
from xlrotation.workbook.evaluation.values import VALUE, Fault, Value, compared, number_of_text
from xlrotation.workbook.natives.registry import native
from xlrotation.workbook.natives.sums import exact_sum


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

    if isinstance(against, float):
        return _ordered_numbers(sign, against)

    def ordered(value: Value) -> bool:
        return type(value) is kind and not isinstance(value, CellError) and compare(compared(value, against))

    return ordered


def _ordered_numbers(sign: str, against: float) -> Callable[[Value], bool]:
    """The test of an order that only numbers meet; those that are nearly the same are compared by their digits."""
    compare = _ORDERS[sign]
    near = 1e-13 * abs(against)
    low, high = against - near, against + near
    below, above = compare(-1), compare(1)

    def ordered(value: Value) -> bool:
        if type(value) is not float:
            return False
        if value < low:
            return below
        return above if value > high else compare(compared(value, against))

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
    first, *middle = pieces(text)
    if not middle:
        return re.compile(first, re.IGNORECASE | re.DOTALL)
    last = middle.pop()
    found = "".join(f"(?>.*?{piece})" for piece in middle if piece)  # the first place serves: never tried again
    return re.compile(f"{first}{found}.*{last}", re.IGNORECASE | re.DOTALL)


def pieces(text: str) -> list[str]:
    """The patterns of what stands between the ``*`` of a text with ``*``, ``?`` and ``~``."""
    found = [""]
    place = 0
    while place < len(text):
        mark = text[place]
        if mark == "~" and place + 1 < len(text) and text[place + 1] in "*?~":
            place += 1
            found[-1] += re.escape(text[place])
        elif mark == "*":
            found.append("")
        else:
            found[-1] += "." if mark == "?" else re.escape(mark)
        place += 1
    return found


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
        equal = _places(frame, rows, wanted) if found is None else None
        frame.machine.step((len(rows) if equal is None and found is None else len(found or ())) // 10)
        if equal is not None:
            found = [(r, 0) for r in equal]
        elif found is None:
            found = [(r, c) for r, row in enumerate(rows) for c, value in enumerate(row) if test(value)]
        else:
            found = [(r, c) for r, c in found if r < len(rows) and c < len(rows[r]) and test(rows[r][c])]
    return found or []


def _chosen(frame: Frame, area: Value, wanted: Value, summed: Value) -> list[Value]:
    ref = _area(area)
    target = ref if summed is None else _area(summed)
    test = criterion(wanted, frame)
    height, width = ref.bottom - ref.top, ref.right - ref.left
    rows = frame.machine.world.rows(ref)
    place = Ref(target.sheet, target.top, target.left, target.top + height, target.left + width)
    values = frame.machine.world.rows(place)
    found = _places(frame, rows, wanted)
    if found is not None:
        return [values[r][0] for r in found if r < len(values)]
    frame.machine.step(len(rows) // 10)
    return [
        chosen
        for row, line in zip(rows, values, strict=False)
        for value, chosen in zip(row, line, strict=False)
        if test(value)
    ]


_SOUGHT = 3
"""Times that a column is searched before it is noted where its values stand."""


def _places(frame: Frame, rows: Rows, wanted: Value) -> list[int] | None:
    """The rows of a column that equal what is wanted; None where that is to be searched for."""
    if len(rows) < _SHORT or len(rows[0]) != 1:
        return None
    key = _equal_to(wanted, frame)
    if key is None:
        return None
    machine = frame.machine
    sought = machine.known("sought", rows)
    if type(sought) is not dict:
        sought = (sought or 0) + 1
        if sought > _SOUGHT:
            sought = _index(rows)
        machine.know("sought", rows, sought)
        if type(sought) is not dict:
            return None
    found: list[int] = sought.get(key, [])
    machine.step(len(found) // 10)
    return found


_SHORT = 20


def _equal_to(wanted: Value, frame: Frame) -> str | float | None:
    """The number, or the text in small letters, that a condition is met by alone; None for one of another kind."""
    if type(wanted) is float:
        return wanted
    if wanted is None:
        return 0.0
    if not isinstance(wanted, str) or wanted[:1] in ("<", ">"):
        return None
    rest = wanted.removeprefix("=")
    if rest == "" or any(mark in rest for mark in "*?~"):
        return None
    number = number_of_text(rest, frame.date1904)
    if number is not None:
        return number
    if rest.upper() in ("TRUE", "FALSE") or rest in {error.value for error in CellError}:
        return None
    return rest.lower()


def _index(rows: Rows) -> dict[str | float, list[int]]:
    """Where each number and text of a column stands; a text that reads as a number stands under both."""
    found: dict[str | float, list[int]] = {}
    for place, (value,) in enumerate(rows):
        if type(value) is float:
            found.setdefault(value, []).append(place)
        elif isinstance(value, str):
            number = number_of_text(value)
            if number is not None:
                found.setdefault(number, []).append(place)
            found.setdefault(value.lower(), []).append(place)
    return found


def _numbers(values: list[Value]) -> list[float]:
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
    found = _places(frame, rows, wanted)
    if found is not None:
        return float(len(found))
    frame.machine.step(len(rows) // 10)
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
