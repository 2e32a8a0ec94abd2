"""A value and the limits of a validation: numbers, days, times, lengths of texts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from xlrotation.languages import Text
from xlrotation.workbook.evaluation.readings import certain
from xlrotation.workbook.evaluation.rules import COMPARISONS
from xlrotation.workbook.evaluation.values import Value, compared, date_parts, text_of_number, text_units, to_text
from xlrotation.workbook.package.rules import Validation

KINDS = {
    "whole": Text("it takes a whole number {text_limits}"),
    "decimal": Text("it takes a number {text_limits}"),
    "date": Text("it takes a date {text_limits}"),
    "time": Text("it takes a time {text_limits}"),
    "textLength": Text("it takes a text of a length {text_limits}"),
}
"""What a validation with limits takes, by its kind."""

LIMITS = {
    "between": Text("from {low} to {high}"),
    "notBetween": Text("not from {low} to {high}"),
    "equal": Text("equal to {low}"),
    "notEqual": Text("other than {low}"),
    "lessThan": Text("below {low}"),
    "lessThanOrEqual": Text("of {low} at most"),
    "greaterThan": Text("above {low}"),
    "greaterThanOrEqual": Text("of {low} at least"),
}
"""Its limits, by the operator."""

UNKNOWN = Text("its validation is of a kind that is not known")


def judged(value: Value, entry: Validation, limits: Sequence[Value], date1904: bool) -> tuple[Value, Text | None]:
    """A value by a validation with limits.

    Args:
        value: What the cell is to hold.
        entry: The validation.
        limits: Its limits.
        date1904: Whether the workbook counts days from 1904.

    Returns:
        The value, a text that is a number as that number; and why the validation does not take it.
    """
    if entry.kind not in KINDS or entry.operator not in LIMITS or len(limits) < 1 + entry.operator.endswith("etween"):
        return value, UNKNOWN
    number: Value = value
    if entry.kind == "textLength":
        number = float(text_units(value if isinstance(value, str) else to_text(value)))
    elif isinstance(value, str):
        read = certain(value, date1904)
        value = number = value if read is None else read
    told = [_told(limit, entry.kind, date1904) for limit in limits]
    bounds = LIMITS[entry.operator].of(low=told[0], high=told[-1])
    why = KINDS[entry.kind].of(text_limits=bounds)
    if type(number) is not float or any(type(limit) is not float for limit in limits):
        return value, why
    if entry.kind == "whole" and number != math.floor(number):
        return value, why
    return value, None if _holds(entry.operator, number, limits) else why


def _holds(operator: str, number: float, limits: Sequence[Value]) -> bool:
    if operator in ("between", "notBetween"):  # limits that are the wrong way round hold nothing between them
        inside = compared(number, limits[0]) >= 0 and compared(number, limits[1]) <= 0
        return inside == (operator == "between")
    return COMPARISONS[operator](number, [*limits])


def _told(limit: Value, kind: str, date1904: bool) -> str:
    if type(limit) is not float:
        return str(limit)
    if kind == "date" and limit >= 1:
        year, month, day = date_parts(limit, date1904)
        return f"{year:04}-{month:02}-{day:02}"
    if kind == "time" and 0 <= limit < 1:
        minutes = round(limit * 1440)
        return f"{minutes // 60:02}:{minutes % 60:02}"
    return text_of_number(limit)
