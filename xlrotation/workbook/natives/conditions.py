"""Sums, counts and extremes over conditions such as ``">=5"`` and ``"A*"``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.machine import Areas, Frame, Ref
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
        frame.machine.step(len(rows) // 10)
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
    frame.machine.step(len(rows) // 10)
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
