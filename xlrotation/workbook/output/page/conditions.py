"""Conditional formats of a filled sheet: colour scales, data bars, and rules that compare with a constant."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from xlrotation.workbook.formulas.references import Place
from xlrotation.workbook.output.page.colours import is_colour, mixed

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "equal": operator.eq,
    "notEqual": operator.ne,
    "greaterThan": operator.gt,
    "greaterThanOrEqual": operator.ge,
    "lessThan": operator.lt,
    "lessThanOrEqual": operator.le,
}

Change = dict[str, Any]
"""What a rule changes of a cell's look, by the names of :class:`~xlrotation.workbook.output.page.sheets.Look`."""

Inside = Callable[[Place], bool]


@dataclass(slots=True)
class Rules:
    """The rules of a sheet, those that count first last."""

    rules: list[tuple[Inside, Callable[[Any], Change]]] = field(default_factory=list)

    def of(self, place: Place, value: object) -> Iterator[Change]:
        """What changes of a cell with a value."""
        for inside, change in self.rules:
            if inside(place) and (made := change(value)):
                yield made


def read(sheet: Any) -> Rules:
    """The rules of a sheet of openpyxl that this knows."""
    found: list[tuple[int, Inside, Callable[[Any], Change]]] = []
    for ranges in sheet.conditional_formatting:
        bounds = [(r.min_row, r.max_row, r.min_col, r.max_col) for r in ranges.sqref.ranges]
        values = [
            float(cell.value)
            for r in ranges.sqref.ranges
            for row in sheet.iter_rows(r.min_row, r.max_row, r.min_col, r.max_col)
            for cell in row
            if isinstance(cell.value, int | float) and not isinstance(cell.value, bool)
        ]
        values.sort()
        changes = [(rule.priority or 0, _change(rule, values)) for rule in ranges.rules]
        found += [(priority, _inside(bounds), change) for priority, change in changes if change is not None]
    found.sort(key=lambda item: -item[0])
    return Rules([(inside, change) for _, inside, change in found])


def _inside(bounds: Sequence[tuple[int, int, int, int]]) -> Inside:
    return lambda place: any(a <= place[0] <= b and c <= place[1] <= d for a, b, c, d in bounds)


def _change(rule: Any, values: Sequence[float]) -> Callable[[Any], Change] | None:
    if rule.type == "colorScale" and values:
        return _scale(rule.colorScale, values)
    if rule.type == "dataBar" and values:
        return _bar(rule.dataBar, values)
    if rule.type == "cellIs" and rule.operator in _COMPARISONS and len(rule.formula) == 1:
        return _compared(rule)
    return None


def _point(bound: Any, values: Sequence[float]) -> float:
    """What a bound of a scale stands for among sorted values."""
    if bound.type == "num":
        return float(bound.val or 0)
    low, high = values[0], values[-1]
    if bound.type == "percent":
        return low + (high - low) * float(bound.val or 0) / 100
    if bound.type == "percentile":
        place = (len(values) - 1) * float(bound.val or 0) / 100
        before = values[int(place)]
        return before + (values[min(int(place) + 1, len(values) - 1)] - before) * (place % 1)
    return low if bound.type in ("min", "autoMin") else high


def _of(colour: Any) -> str:
    text = f"#{str(colour.rgb)[-6:].lower()}" if colour is not None and isinstance(colour.rgb, str) else ""
    return text if is_colour(text) else ""


def _scale(scale: Any, values: Sequence[float]) -> Callable[[Any], Change]:
    stops = [(_point(bound, values), _of(colour)) for bound, colour in zip(scale.cfvo, scale.color, strict=False)]

    def change(value: Any) -> Change:
        if not isinstance(value, float) or not all(colour for _, colour in stops):
            return {}
        if value <= stops[0][0]:
            return {"fill": stops[0][1]}
        for (low, one), (high, other) in pairwise(stops):
            if value <= high:
                return {"fill": mixed(one, other, (value - low) / (high - low) if high > low else 1.0)}
        return {"fill": stops[-1][1]}

    return change


def _bar(bar: Any, values: Sequence[float]) -> Callable[[Any], Change]:
    low, high = (_point(bound, values) for bound in bar.cfvo[:2])
    if bar.cfvo[0].type in ("min", "autoMin"):
        low = min(low, 0.0)  # a bar begins at nothing
    colour = _of(bar.color)

    def change(value: Any) -> Change:
        if not isinstance(value, float) or not colour or high <= low:
            return {}
        return {"bar": (min(1.0, max(0.0, (value - low) / (high - low))), colour)}

    return change


def _compared(rule: Any) -> Callable[[Any], Change] | None:
    text = str(rule.formula[0])
    constant: object
    if text.startswith('"') and text.endswith('"'):
        constant = text[1:-1].replace('""', '"').casefold()
    else:
        try:
            constant = float(text)
        except ValueError:
            return None
    compare, changes = _COMPARISONS[rule.operator], _look_of(rule.dxf)

    def change(value: Any) -> Change:
        held = value.casefold() if isinstance(value, str) else value
        if not isinstance(held, type(constant)):
            return {}
        return changes if compare(held, constant) else {}

    return change


def _look_of(style: Any) -> Change:
    """What a differential style changes."""
    made: Change = {}
    if style is not None and style.font is not None:
        if ink := _of(style.font.color):
            made["ink"] = ink
        if style.font.b is not None:
            made["bold"] = bool(style.font.b)
    if style is not None and style.fill is not None:
        fill = _of(style.fill.bgColor) or _of(style.fill.fgColor)
        if fill:
            made["fill"] = fill
    return made
