"""Names of points, moved where one would stand on another, or on the marker of another point."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from xlrotation.workbook.output.page.charts import Drawn

_LETTER, _LINE = 0.64, 1.15
"""Width and height of a letter, in sizes of the font."""
_INNER = 0.86
"""Share of a drawing that lies within its axes, about."""
_POINTS = 72 / 96
_MARK = 3.0
"""Half a marker, in points."""
_STEPS = (0.0, 0.6, -0.6, 1.1, -1.1, 1.7, -1.7, 2.3, -2.3, 3.0, -3.0, 3.8, -3.8, 4.6, -4.6)
"""How far up or down a name may be moved, in lines, the nearest first."""
_FAR = 1.0
"""Lines from which on a thin line leads from a name to its point."""


class _Box(NamedTuple):
    left: float
    low: float
    right: float
    high: float

    def on(self, other: _Box) -> bool:
        return self.left < other.right and other.left < self.right and self.low < other.high and other.low < self.high


def apart(chart: Drawn, axes: Any) -> None:
    """Move the names on a scatter chart that says where its axes end; *axes* are matplotlib's."""
    across, up = chart.across, chart.up
    width, height = (side * _POINTS * _INNER for side in (chart.width or 300, chart.height or 200))

    def place(x: float, y: float) -> tuple[float, float]:
        ends = (across.low or 0.0, across.high or 1.0), (up.low or 0.0, up.high or 1.0)
        (low, high), (bottom, top) = ends
        return (x - low) / (high - low) * width, (y - bottom) / (top - bottom) * height

    taken: list[_Box] = []
    for series in chart.series:
        for x, y in zip(series.names, series.values, strict=False):
            if series.marker and isinstance(x, float) and not math.isnan(y):
                at = place(x, y)
                taken.append(_Box(at[0] - _MARK, at[1] - _MARK, at[0] + _MARK, at[1] + _MARK))
    for name in sorted(axes.texts, key=lambda text: -float(text.xy[1])):
        line = _LINE * name.get_fontsize()
        wide = _LETTER * name.get_fontsize() * len(name.get_text())
        x, y = place(*map(float, name.xy))
        first = name.get_ha() == "left"
        found = None
        for lines in _STEPS:
            for right in (first, not first):
                start = x + 4 if right else x - 4 - wide
                box = _Box(start, y + (lines - 0.5) * line, start + wide, y + (lines + 0.5) * line)
                if found is None and box.low >= 0 and box.high <= height and not any(map(box.on, taken)):
                    found = (box, lines, right)
        if found is None:
            continue
        box, lines, right = found
        taken.append(box)
        name.set_ha("left" if right else "right")
        name.xyann = (4 if right else -4, lines * line)
        if abs(lines) >= _FAR:
            ink = {"color": name.get_color(), "lw": 0.4}
            axes.annotate("", name.xy, name.xyann, textcoords="offset points", arrowprops={"arrowstyle": "-", **ink})
