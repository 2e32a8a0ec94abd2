"""A chart drawn as SVG, by matplotlib.

Texts stay texts, colours are variables of the page's style sheet, so that the chart is legible on a dark page as well,
and the same chart gives the same bytes.
"""

from __future__ import annotations

import io
import math
import re
import warnings
from collections.abc import Callable, Sequence
from itertools import cycle, pairwise
from typing import Any

from xlrotation.errors import RotationError
from xlrotation.workbook.formulas.references import Area
from xlrotation.workbook.output.page.charts import Axis, Drawn, Series, as_shown
from xlrotation.workbook.output.page.names import apart
from xlrotation.workbook.package.xmltext import quoted

Axes = Any
"""matplotlib's, which is imported where it is used."""

INK, RULE, GRID = "#1f3044", "#8c8c8c", "#e0e0e0"
_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#8c8c8c")
"""Okabe and Ito's, for series that have none."""

_DOTS = 96
"""Pixels of an inch, as style sheets count them."""

_SETTINGS: dict[str, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "axes.unicode_minus": False,
    "font.size": 8,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": RULE,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "path.simplify": False,
    "lines.solid_capstyle": "round",
}

_SMALL = 7
"""Points of letters inside a drawing."""

_COLOUR = re.compile(r"#[0-9a-f]{6}")
_FONT = re.compile(r"font: (?:[^;\"]*? )?([\d.]+px) [^;\"]*")
_IDENTITY = re.compile(r'(\bid="|url\(#|href="#)')


def svg(chart: Drawn, width: float, height: float, mark: str) -> tuple[str, set[str]]:
    """A chart as an ``svg`` element, and the colours that it uses as ``--cRRGGBB``.

    Args:
        chart: The chart.
        width: In pixels.
        height: In pixels.
        mark: What begins its identities, which must not be those of another chart of the page.

    Raises:
        RotationError: matplotlib is not installed.
    """
    figure = _figure(width, height, layout="constrained")

    def draw() -> None:
        _draw(chart, figure.add_subplot(facecolor="none"))

    return _embedded(_saved(figure, draw, mark), chart, mark)


def _figure(width: float, height: float, **options: Any) -> Any:
    try:
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure
    except ImportError:
        raise RotationError("HTML needs the package matplotlib: pip install xlrotation[html]") from None
    figure = Figure(figsize=(width / _DOTS, height / _DOTS), facecolor="none", **options)
    FigureCanvasSVG(figure)
    return figure


def _saved(figure: Any, draw: Callable[[], None], mark: str) -> str:
    """What is drawn, as a file; the same bytes for the same drawing."""
    import matplotlib

    settings: Any = {**_SETTINGS, "svg.hashsalt": mark}
    out = io.StringIO()
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of letters that the font which measures lacks: the reader's draws them
        draw()
        figure.savefig(out, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    return out.getvalue()


def _embedded(text: str, chart: Drawn, mark: str) -> tuple[str, set[str]]:
    start = text.index("<svg")
    body = text[text.index(">", start) + 1 :]
    body = re.sub(
        r"<metadata>.*?</metadata>|<defs>\s*<style.*?</style>\s*</defs>|<!--.*?-->", "", body, flags=re.DOTALL
    )
    box = re.search(r'viewBox="([^"]*)"', text[start:])
    used = set(_COLOUR.findall(body))
    body = _COLOUR.sub(lambda match: f"var(--c{match[0][1:]})", body)
    body = _FONT.sub(r"font-size: \1", body)
    body = _IDENTITY.sub(rf"\g<1>{mark}-", body)
    label = quoted(chart.alt or chart.title)
    shape = f'viewBox="{box[1] if box else ""}" role="img" aria-label={label}'
    return f'<svg xmlns:xlink="http://www.w3.org/1999/xlink" {shape}>{body.strip()}', used


def _draw(chart: Drawn, axes: Axes) -> None:
    colours = cycle(_COLOURS)
    for series in chart.series:
        series.colour = series.colour or next(colours)
    left = [series for series in chart.series if not series.right]
    right = [series for series in chart.series if series.right]
    _put(chart, axes, left)
    _finish(chart, axes)
    if right:
        other = axes.twinx()
        _put(chart, other, right)
        _ends(other, chart.right)
        other.yaxis.set_major_formatter(_shower(chart.right.form))
        if not chart.right.shown:
            other.set_yticks([])
        other.set_ylabel(chart.right.title)
    if chart.legend:
        _legend(axes.figure, chart.legend)


_LEGENDS = {"t": "upper center", "b": "lower center", "l": "left upper", "r": "right upper"}


def _legend(figure: Any, place: str) -> None:
    """Names of the series, where there are several."""
    handles: list[Any] = []
    names: list[str] = []
    for axes in figure.axes:
        more, called = axes.get_legend_handles_labels()
        handles, names = handles + more, names + called
    if len(names) > 1:
        columns = min(4, len(names)) if place in "tb" else 1
        figure.legend(
            handles, names, loc=f"outside {_LEGENDS.get(place, 'lower center')}", ncols=columns, frameon=False
        )


def _put(chart: Drawn, axes: Axes, all_series: Sequence[Series]) -> None:
    for kind, put in (("area", _areas), ("bar", _bars), ("line", _lines), ("scatter", _scatters)):
        if some := [series for series in all_series if series.kind == kind]:
            put(chart, axes, some)


def _places(series: Series, axis: Axis) -> list[float]:
    """Where the values stand along the axis: days at their number, names one after the other."""
    if axis.dates and series.names and all(isinstance(name, float) for name in series.names if name is not None):
        return [name if isinstance(name, float) else math.nan for name in series.names][: len(series.values)]
    return [float(place) for place in range(len(series.values))]


def _known(places: Sequence[float], values: Sequence[float]) -> tuple[list[float], list[float]]:
    """Both, without places that are no day; values that are none stay, as gaps."""
    pairs = [(place, value) for place, value in zip(places, values, strict=False) if not math.isnan(place)]
    return [place for place, _ in pairs], [value for _, value in pairs]


def _areas(chart: Drawn, axes: Axes, some: Sequence[Series]) -> None:
    below: list[float] = []
    for series in some:
        places, values = _known(_places(series, chart.across), series.values)
        heights = [0.0 if math.isnan(value) else value for value in values]
        below = below if chart.stacked and len(below) == len(heights) else [0.0] * len(heights)
        top = [low + height for low, height in zip(below, heights, strict=True)]
        axes.fill_between(
            places,
            below,
            top,
            color=series.colour,
            alpha=series.opacity,
            linewidth=0,
            label=series.name.strip() or None,
        )
        below = top


def _bars(chart: Drawn, axes: Axes, some: Sequence[Series]) -> None:
    alone = chart.stacked or chart.over
    thick = 0.7 if alone else 0.7 / len(some)
    high: dict[float, float] = {}
    low: dict[float, float] = {}
    for number, series in enumerate(some):
        shift = 0.0 if alone else (number - (len(some) - 1) / 2) * thick
        places, values = _known(_places(series, chart.across), series.values)
        scale = _step(places) if chart.across.dates else 1.0
        for point, (place, value) in enumerate(zip(places, values, strict=True)):
            if math.isnan(value):
                continue
            colour = series.points.get(point) or (series.below if value < 0 and series.below else series.colour)
            ends = low if value < 0 else high
            base = ends.get(place, 0.0) if chart.stacked else 0.0
            ends[place] = base + value
            named: dict[str, Any] = {"label": series.name} if series.name.strip() and point == 0 else {}
            draw = axes.barh if chart.lying else axes.bar
            draw(place + shift * scale, value, thick * scale, base, color=colour, alpha=series.opacity, **named)
            text = series.told.get(point, as_shown(value, series.labels) if series.labels else "")
            if text:
                _beside(chart, axes, place + shift * scale, base + value, text)
    if any(series.labels or series.told for series in some):
        axes.margins(**{"x" if chart.lying else "y": 0.14})  # room for the values behind the longest bars
    zero = axes.axvline if chart.lying else axes.axhline
    zero(0, color=RULE, linewidth=0.8)


def _step(places: Sequence[float]) -> float:
    return min((b - a for a, b in pairwise(places) if b > a), default=1.0)


def _beside(chart: Drawn, axes: Axes, place: float, end: float, text: str) -> None:
    """The value of a bar behind its end."""
    at, away = ((end, place), (3 if end >= 0 else -3, 0)) if chart.lying else ((place, end), (0, 3 if end >= 0 else -3))
    sides: dict[str, Any] = {"ha": "left" if end >= 0 else "right", "va": "center"}
    if not chart.lying:
        sides = {"ha": "center", "va": "bottom" if end >= 0 else "top"}
    axes.annotate(text, at, away, textcoords="offset points", fontsize=_SMALL, **sides)


def _lines(chart: Drawn, axes: Axes, some: Sequence[Series]) -> None:
    for series in some:
        places, values = _known(_places(series, chart.across), series.values)
        _line(axes, series, places, values)


def _scatters(chart: Drawn, axes: Axes, some: Sequence[Series]) -> None:
    for series in some:
        places = [name if isinstance(name, float) else math.nan for name in series.names]
        _line(axes, series, *_known(places, series.values))
    if len(axes.texts) > 1 and None not in (chart.across.low, chart.across.high, chart.up.low, chart.up.high):
        apart(chart, axes)


def _line(axes: Axes, series: Series, places: list[float], values: list[float]) -> None:
    width = series.width
    style: dict[str, Any] = {"color": series.colour, "alpha": series.opacity, "label": series.name.strip() or None}
    marked: dict[str, Any] = {"marker": "o", "markersize": max(2.0, series.marker * 0.8)} if series.marker else {}
    dashes = "None" if not width else "--" if series.dashed else "-"
    axes.plot(places, values, linewidth=width, linestyle=dashes, **style, **marked)
    for point, text in series.told.items():
        if text and point < len(values) and not math.isnan(values[point]):
            shown: dict[str, Any] = {
                "textcoords": "offset points",
                "fontsize": _SMALL,
                "color": series.ink or series.colour,
                "va": "center",
                "ha": "right" if series.left else "left",
            }
            axes.annotate(text, (places[point], values[point]), (-4 if series.left else 4, 0), **shown)


def _shower(form: str) -> Any:
    from matplotlib.ticker import FuncFormatter

    return FuncFormatter(lambda value, _: as_shown(float(value), form))


def _spread(axis: Any, form: str) -> None:
    """Set numbers along an axis so far apart that none is shown twice."""
    from matplotlib.ticker import MaxNLocator

    for bins in range(_MOST_NUMBERS, 1, -1):
        low, high = sorted(axis.get_view_interval())
        told = [as_shown(float(at), form) for at in axis.get_majorticklocs() if low <= at <= high]
        if len(told) == len(set(told)):
            break
        axis.set_major_locator(MaxNLocator(bins))


def _ends(axes: Axes, axis: Axis, lying: bool = False) -> None:
    if lying:
        axes.set_xlim(axis.low, axis.high)
    else:
        axes.set_ylim(axis.low, axis.high)


def _finish(chart: Drawn, axes: Axes) -> None:
    scatter = all(series.kind == "scatter" for series in chart.series)
    values, names = (axes.xaxis, axes.yaxis) if chart.lying else (axes.yaxis, axes.xaxis)
    values.set_major_formatter(_shower(chart.up.form))
    values.grid(True)
    _ends(axes, chart.up, chart.lying)
    _spread(values, chart.up.form)
    if scatter:
        names.set_major_formatter(_shower(chart.across.form))
        names.grid(chart.across.shown)
        values.grid(chart.up.shown)
        if not chart.across.shown:
            names.set_ticklabels([])
        axes.set_xlim(chart.across.low, chart.across.high)
        for line, at in ((axes.axvline, chart.up.crosses), (axes.axhline, chart.across.crosses)):
            if at is not None:
                line(at, color=RULE, linewidth=0.8)
    elif chart.series:
        _name_places(chart, axes)
    if not chart.up.shown:
        values.set_ticklabels([])
    if chart.lying and chart.across.reverse:
        axes.invert_yaxis()
    across, up = chart.across.title, chart.up.title
    axes.set_xlabel(up if chart.lying else across)
    axes.set_ylabel(across if chart.lying else up)


_NOWHERE = Area(None, 1, 1, 1, 1)
_TICKS, _FEW_TICKS = 7, 5
"""Names of days along an axis, and along that of a narrow chart."""
_MOST_NUMBERS = 6
"""Numbers along an axis where there would be the same ones twice."""
_NARROW = 400
"""Pixels up to which a chart is one."""


def _name_places(chart: Drawn, axes: Axes) -> None:
    longest = max((series for series in chart.series if series.kind != "scatter"), key=lambda s: len(s.values))
    places = _places(longest, chart.across)
    shown = [place for place in range(len(places)) if not math.isnan(places[place])]
    ticks = _TICKS if chart.width > _NARROW else _FEW_TICKS - (chart.legend in ("l", "r"))
    if not chart.lying and (chart.across.dates or len(shown) > 4 * ticks):
        shown = shown[:: max(1, math.ceil(len(shown) / ticks))]
    names = [longest.names[place] if place < len(longest.names) else None for place in shown]
    texts = [as_shown(n, chart.across.form) if isinstance(n, float) else n or "" for n in names]
    axis = axes.yaxis if chart.lying else axes.xaxis
    axis.set_ticks([places[place] for place in shown], texts if chart.across.shown else [""] * len(texts))


def sparkline(values: Sequence[float], kind: str, colour: str, last: str, mark: str) -> tuple[str, set[str]]:
    """A small chart in a cell, without axes, and the colours that it uses."""
    series = Series(
        kind, "", [], list(values), colour, points={len(values) - 1: last} if kind == "bar" and last else {}
    )
    none = Axis(shown=False)
    chart = Drawn("", "", _NOWHERE, 0, 0, [series], none, none, none, "", False, False, False)
    figure = _figure(140, 20)

    def draw() -> None:
        axes = figure.add_axes((0.01, 0.05, 0.98, 0.9), facecolor="none")
        axes.set_axis_off()
        _put(chart, axes, chart.series)
        known = [value for value in values if not math.isnan(value)]
        spread = (max(known) - min(known)) or 1.0
        axes.set_ylim(min(known) - 0.05 * spread, max(known) + 0.05 * spread)

    text, used = _embedded(_saved(figure, draw, mark), chart, mark)
    return text.replace('role="img" aria-label=""', 'aria-hidden="true" preserveAspectRatio="none"'), used
