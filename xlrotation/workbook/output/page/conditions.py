"""Conditional formats of a filled sheet: colour scales, data bars, and looks where a rule holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

from xlrotation.workbook.formulas.references import Area, Place
from xlrotation.workbook.output.page.colours import is_colour, mixed

Change = dict[str, Any]
"""What a rule changes of a cell's look, by the names of :class:`~xlrotation.workbook.output.page.sheets.Look`."""

Inside = Callable[[Place], bool]


Held = Mapping[tuple[str, str, tuple[str, ...]], Sequence[Area]]
"""Where rules with formulas hold, by sheet, cells and formulas."""


class _Rule(NamedTuple):
    priority: int
    inside: Inside
    change: Callable[[Any], Change]
    stops: bool


@dataclass(slots=True)
class Rules:
    """The rules of a sheet, those that count first first."""

    rules: list[_Rule] = field(default_factory=list)

    def of(self, place: Place, value: object) -> Change:
        """What changes of a cell with a value."""
        made: Change = {}
        for rule in self.rules:
            if rule.inside(place) and (change := rule.change(value)) is not None:
                made = {**change, **made}
                if rule.stops:
                    break
        return made


def read(sheet: Any, held: Held) -> Rules:
    """The rules of a sheet of openpyxl that this knows."""
    found: list[_Rule] = []
    for ranges in sheet.conditional_formatting:
        cells = str(ranges.sqref)
        bounds = [(r.min_row, r.max_row, r.min_col, r.max_col) for r in ranges.sqref.ranges]
        values = sorted(
            float(cell.value)
            for r in ranges.sqref.ranges
            for row in sheet.iter_rows(r.min_row, min(r.max_row, sheet.max_row), r.min_col, r.max_col)
            for cell in row
            if isinstance(cell.value, int | float) and not isinstance(cell.value, bool)
        )
        for rule in ranges.rules:
            areas = held.get((sheet.title, cells, tuple(map(str, rule.formula or ()))))
            inside = bounds if areas is None else [(a.row, a.last_row, a.column, a.last_column) for a in areas]
            if (change := _change(rule, values, areas is not None)) is not None:
                found.append(_Rule(rule.priority or 0, _inside(inside), change, bool(rule.stopIfTrue)))
    return Rules(sorted(found, key=lambda rule: rule.priority))


def _inside(bounds: Sequence[tuple[int, int, int, int]]) -> Inside:
    return lambda place: any(a <= place[0] <= b and c <= place[1] <= d for a, b, c, d in bounds)


def _change(rule: Any, values: Sequence[float], held: bool) -> Callable[[Any], Change] | None:
    if rule.type == "colorScale" and values:
        return _scale(rule.colorScale, values)
    if rule.type == "dataBar" and values:
        return _bar(rule.dataBar, values)
    if not held:
        return None
    look = _look_of(rule.dxf)
    return lambda _: look


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
