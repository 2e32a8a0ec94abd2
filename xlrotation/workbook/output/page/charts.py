"""The charts of a sheet, as its parts describe them, with the values of the cells that they show."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from xlrotation.workbook.evaluation.numberformat import formatted
from xlrotation.workbook.evaluation.values import Fault
from xlrotation.workbook.formulas.references import Area, parse_area
from xlrotation.workbook.package.parts import Package

Value = float | str | None
Lookup = Callable[[Area], Sequence[Value] | None]
"""The values of an area; None where there is no such sheet."""

_KINDS = {"barChart": "bar", "lineChart": "line", "areaChart": "area", "scatterChart": "scatter"}
_EMU = 9525
"""English metric units of a pixel."""


@dataclass(slots=True)
class Series:
    """What a chart draws as one.

    Attributes:
        kind: ``bar``, ``line``, ``area`` or ``scatter``.
        name: Its name.
        names: What stands along the axis: texts, or numbers of days.
        values: Its numbers; NaN where there is none.
        colour: Its colour; empty: any; ``none``: it is not drawn.
        below: The colour of negative bars; empty: the same.
        points: Colours of single points.
        width: Of the line, in points; 0 draws none.
        dashed: Whether the line is.
        marker: Size of its markers, 0 for none.
        opacity: From 0 to 1.
        labels: The number format of values that are written beside it; empty: none are.
        told: Single points with a label of their own: its text, empty for none.
        ink: The colour of these labels; empty: that of the series.
        left: Whether these labels stand left of their points.
        right: Whether it belongs to the axis on the right.
    """

    kind: str
    name: str
    names: list[Value]
    values: list[float]
    colour: str = ""
    below: str = ""
    points: dict[int, str] = field(default_factory=dict)
    width: float = 1.5
    dashed: bool = False
    marker: float = 0.0
    opacity: float = 1.0
    labels: str = ""
    told: dict[int, str] = field(default_factory=dict)
    ink: str = ""
    left: bool = False
    right: bool = False


@dataclass(slots=True)
class Axis:
    """An axis: its title, the format of its numbers, its ends, and whether it is of days, hidden, or turned over."""

    title: str = ""
    form: str = "General"
    low: float | None = None
    high: float | None = None
    dates: bool = False
    shown: bool = True
    reverse: bool = False
    crosses: float | None = None


@dataclass(slots=True)
class Drawn:
    """A chart and where it stands.

    Attributes:
        title: Its title.
        alt: What it shows, in words.
        area: The cells that it covers.
        width: In pixels.
        height: In pixels.
        series: What it draws.
        across: The axis of names (of a scatter chart, of the first measure).
        up: The axis of values.
        right: That on the right.
        legend: Where a legend stands that tells series apart: ``t``, ``b``, ``l``, ``r``; empty for none.
        lying: Whether bars lie.
        stacked: Whether series stand on each other.
        over: Whether bars of the same place stand over each other.
    """

    title: str
    alt: str
    area: Area
    width: float
    height: float
    series: list[Series]
    across: Axis
    up: Axis
    right: Axis
    legend: str
    lying: bool
    stacked: bool
    over: bool


def charts(package: Package, sheet: str, lookup: Lookup) -> Iterator[Drawn]:
    """The charts of a sheet that show anything, in the order of the sheet.

    Raises:
        BadWorkbook: A part is missing or no XML.
    """
    part = package.sheets[sheet]
    for drawing in package.relations(part).values():
        if "/drawings/drawing" not in f"/{drawing}":
            continue
        targets = package.relations(drawing)
        for anchor in package.tree(drawing):
            frame = anchor.find(".//{*}chart")
            identity = (
                next((str(v) for k, v in frame.attrib.items() if str(k).endswith("}id")), "")
                if frame is not None
                else ""
            )
            if identity in targets:
                made = _chart(package.tree(targets[identity]), anchor, lookup)
                if any(not math.isnan(value) for series in made.series for value in series.values):
                    yield made


def _chart(root: Any, anchor: Any, lookup: Lookup) -> Drawn:
    told, legend = anchor.find(".//{*}cNvPr"), root.find(".//{*}legend")
    plot = root.find(".//{*}plotArea")
    axes = {_number(axis, "axId"): axis for axis in plot if axis.tag.endswith(("catAx", "valAx", "dateAx"))}
    series: list[Series] = []
    lying = stacked = over = False
    across, up, right = Axis(), Axis(), Axis()
    for group in plot:
        kind = _KINDS.get(str(group.tag).rpartition("}")[2])
        if kind is None:
            continue
        own = [axes[n] for n in (float(i.get("val")) for i in group.findall("{*}axId")) if n in axes]
        second = any(axis.find("{*}crosses") is not None and _said(axis, "crosses") == "max" for axis in own)
        lying = lying or _said(group, "barDir") == "bar"
        stacked = stacked or "tacked" in _said(group, "grouping")
        over = over or (_number(group, "overlap") or 0.0) >= 100
        series += [_series(item, kind, second, lookup) for item in group.findall("{*}ser")]
        if own and not second:
            across, up = _axis(own[0], lookup), _axis(own[-1], lookup)
        elif own:
            right = _axis(own[-1], lookup)
    return Drawn(
        title=_text(root.find("{*}chart/{*}title"), lookup),
        alt=str(told.get("descr", "")) if told is not None else "",
        area=_covered(anchor),
        **_size(anchor),
        series=series,
        across=across,
        up=up,
        right=right,
        legend="" if legend is None else _said(legend, "legendPos") or "r",
        lying=lying,
        stacked=stacked,
        over=over,
    )


def _series(item: Any, kind: str, right: bool, lookup: Lookup) -> Series:
    shape, line = item.find("{*}spPr"), item.find("{*}spPr/{*}ln")
    names = _values(item.find("{*}xVal" if kind == "scatter" else "{*}cat"), lookup)
    values = [
        value if isinstance(value, float) else math.nan
        for value in _values(item.find("{*}yVal" if kind == "scatter" else "{*}val"), lookup)
    ]
    of_line = kind in ("line", "scatter")
    fill = None if shape is None else shape.find("{*}solidFill")
    colour = _colour(line if of_line else fill) or _colour(fill)
    if not of_line and shape is not None and shape.find("{*}noFill") is not None:
        colour = "none"
    marker = item.find("{*}marker")
    filled = "" if marker is None else _colour(marker.find("{*}spPr/{*}solidFill"))
    if of_line and (not colour or (line is not None and line.find("{*}noFill") is not None)):
        colour = filled or colour
    size = 0.0 if marker is None or _said(marker, "symbol") == "none" else _number(marker, "size") or 5.0
    alpha = None if fill is None else fill.find(".//{*}alpha")
    labels = item.find("{*}dLbls")
    shows = labels is not None and _said(labels, "showVal") == "1"
    form = labels.find("{*}numFmt") if labels is not None else None
    name = _text(item.find("{*}tx"), lookup)
    points = {int(_number(p, "idx") or 0): _colour(p) for p in item.findall("{*}dPt")}
    return Series(
        kind=kind,
        name=name,
        names=names,
        values=values,
        colour=colour,
        below=_colour(item.find(".//{*}invertSolidFillFmt")) if _said(item, "invertIfNegative") == "1" else "",
        points={place: colour for place, colour in points.items() if colour},
        width=0.0 if line is not None and line.find("{*}noFill") is not None else _width(line),
        dashed=line is not None and line.find("{*}prstDash") is not None and _said(line, "prstDash") != "solid",
        marker=size,
        opacity=1.0 if alpha is None else float(alpha.get("val", "100000")) / 100_000,
        labels="" if not shows else "General" if form is None else str(form.get("formatCode", "General")),
        told=dict(_labels(labels, name, names, values, lookup)),
        ink="" if labels is None else _colour(labels.find("{*}txPr")),
        left=labels is not None and _said(labels, "dLblPos") == "l",
        right=right,
    )


def _labels(
    labels: Any, name: str, names: Sequence[Value], values: Sequence[float], lookup: Lookup
) -> Iterator[tuple[int, str]]:
    """The labels of points that are words, by place."""
    if labels is not None and labels.find("{*}showSerName") is not None and _said(labels, "showSerName") == "1":
        yield from ((place, name) for place in range(len(values)))
    for label in labels.findall("{*}dLbl") if labels is not None else ():
        place = int(_number(label, "idx") or 0)
        form = label.find("{*}numFmt")
        parts = [name] if _said(label, "showSerName") == "1" else []
        if _said(label, "showCatName") == "1" and place < len(names):
            parts.append(_shown(names[place]))
        if _said(label, "showVal") == "1" and place < len(values) and not math.isnan(values[place]):
            parts.append(as_shown(values[place], "General" if form is None else str(form.get("formatCode"))))
        own = _text(label.find("{*}tx"), lookup)
        yield place, "" if _said(label, "delete") == "1" else own or ", ".join(parts)


def as_shown(value: float, form: str) -> str:
    """A number as a format shows it; as it is where the format means nothing for it."""
    try:
        return formatted(value, form)
    except Fault:
        return f"{value:g}"


def _width(line: Any) -> float:
    return float(line.get("w", "19050")) / 12_700 if line is not None else 1.5


def _axis(axis: Any, lookup: Lookup) -> Axis:
    form, scaling = axis.find("{*}numFmt"), axis.find("{*}scaling")
    return Axis(
        title=_text(axis.find("{*}title"), lookup),
        form="General" if form is None else str(form.get("formatCode", "General")),
        low=_number(scaling, "min"),
        high=_number(scaling, "max"),
        dates=axis.tag.endswith("dateAx"),
        shown=_said(axis, "delete") != "1" and _said(axis, "tickLblPos") != "none",
        reverse=_said(scaling, "orientation") == "maxMin",
        crosses=_number(axis, "crossesAt"),
    )


def _said(element: Any, child: str) -> str:
    found = None if element is None else element.find(f"{{*}}{child}")
    return "" if found is None else str(found.get("val", "1"))


def _number(element: Any, child: str) -> float | None:
    try:
        return float(_said(element, child))
    except ValueError:
        return None


def _colour(element: Any) -> str:
    found = None if element is None else element.find(".//{*}srgbClr")
    return "" if found is None else f"#{str(found.get('val', '')).lower()}"


def _text(element: Any, lookup: Lookup) -> str:
    """The text of a title or a name: of the cell that it stands for, or its own."""
    if element is None:
        return ""
    if element.find(".//{*}f") is not None:
        return "".join(_shown(value) for value in _values(element, lookup))
    own = [str(t.text or "") for t in element.iter("{*}t")] or [str(v.text or "") for v in element.iter("{*}v")]
    return "".join(own)


def _shown(value: Value) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else value


def _values(element: Any, lookup: Lookup) -> list[Value]:
    """What a reference of a chart gives: the values of its cells, or those that it keeps."""
    formula = None if element is None else element.find(".//{*}f")
    area = None if formula is None else parse_area(str(formula.text or "").strip())
    if area is not None and (found := lookup(area)) is not None:
        return list(found)
    if element is None:
        return []
    count = int(_number(element.find(".//{*}ptCount/.."), "ptCount") or 0)
    made: list[Value] = [None] * min(count, 100_000)
    for point in element.iter("{*}pt"):
        place, text = int(point.get("idx", "0")), str(point.findtext("{*}v") or "")
        if place < len(made):
            made[place] = _kept(text) if element.find(".//{*}numCache") is not None else text
    return made


def _kept(text: str) -> Value:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _covered(anchor: Any) -> Area:
    start, end = anchor.find("{*}from"), anchor.find("{*}to")
    row, column = (int(start.findtext(f"{{*}}{what}") or 0) if start is not None else 0 for what in ("row", "col"))
    if end is None:
        return Area(None, row + 1, column + 1, row + 1, column + 1)
    last, right = (int(end.findtext(f"{{*}}{what}") or 0) for what in ("row", "col"))
    return Area(None, row + 1, column + 1, last + 1, max(column, right - (not int(end.findtext("{*}colOff") or 0))) + 1)


def _size(anchor: Any) -> dict[str, float]:
    extent = anchor.find("{*}ext")
    if extent is None or extent.get("cx") is None:
        return {"width": 0.0, "height": 0.0}
    return {"width": float(extent.get("cx")) / _EMU, "height": float(extent.get("cy")) / _EMU}
