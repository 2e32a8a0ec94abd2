"""XLR: which of the measures that a desk follows moved most against their own history."""

from __future__ import annotations

import datetime as dt
import math
from typing import NamedTuple

import numpy as np

from xlrotation.errors import NoData
from xlrotation.functions.boundary.cells import Cell, Table
from xlrotation.functions.boundary.parameters import AsOf, Count, Header, Here, Lang, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.scope import Evaluator
from xlrotation.languages import Text
from xlrotation.languages.texts import listed
from xlrotation.measures import levels, ties
from xlrotation.measures.arrays import FloatArray

_YEAR = 252
"""Earlier changes that one is compared with."""

_LEAST = 60
"""Earlier changes below which there is no history to compare with."""

_OLD = dt.timedelta(days=5)
"""Days by which the last value of a series that is not of sessions may lie before the as-of session."""


class _Measure(NamedTuple):
    """A measure day by day.

    Attributes:
        name: What it is.
        function: The worksheet function that gives dates and values.
        arguments: Its arguments; ``asof`` and ``rows`` stand for the as-of date and the number of sessions.
        unit: How values and changes are told: ``return`` (a price or a ratio of prices, by what it grew), ``points``,
            ``ratio``, ``share`` or ``percent``.
    """

    name: Text
    function: str
    arguments: tuple[Cell, ...]
    unit: str


def _price(name: Text, symbol: str, unit: str = "points") -> _Measure:
    return _Measure(name, "PX_HISTORY", (symbol, None, "asof", "close", False, "rows"), unit)


def _ratio(name: Text, a: str, b: str, unit: str = "return") -> _Measure:
    return _Measure(name, "RS_HISTORY", (a, b, "RATIO", "rows", "asof", None, False), unit)


def _breadth(name: Text, n: int) -> _Measure:
    return _Measure(name, "BRD_HISTORY", ("SP50", "ABOVE_MA", "rows", "asof", n, False), "share")


_MEASURES = (
    _price(Text("S&P 500"), "^GSPC", "return"),
    _ratio(Text("Small against large caps (Russell 2000 / S&P 500)"), "^RUT", "^GSPC"),
    _ratio(Text("Value against growth (IWD / IWF)"), "IWD", "IWF"),
    _ratio(Text("Equal against cap weight (RSP / SPY)"), "RSP", "SPY"),
    _ratio(Text("Technology against staples (XLK / XLP)"), "XLK", "XLP"),
    _ratio(Text("Discretionary against utilities (XLY / XLU)"), "XLY", "XLU"),
    _price(Text("VIX"), "^VIX"),
    _price(Text("VVIX"), "^VVIX"),
    _ratio(Text("VIX over VIX3M"), "^VIX", "^VIX3M", "ratio"),
    _ratio(Text("Nasdaq-100 over Russell 2000 volatility (VXN / RVX)"), "^VXN", "^RVX", "ratio"),
    _price(Text("Implied correlation (COR1M)"), "^COR1M"),
    _price(Text("Dispersion (DSPX)"), "^DSPX"),
    _Measure(
        Text("Realised correlation of large caps"),
        "DISP_REALCORR_HISTORY",
        ("SP50", "rows", "asof", 21, False),
        "ratio",
    ),
    _breadth(Text("Large caps above their 50-day average"), 50),
    _breadth(Text("Large caps above their 200-day average"), 200),
    _Measure(Text("High-yield spread"), "MAC_SERIES", ("BAMLH0A0HYM2", None, "asof", False, None, "rows"), "percent"),
    _price(Text("Long Treasury bonds (TLT)"), "TLT", "return"),
    _price(Text("Gold (GLD)"), "GLD", "return"),
)

_UP = Text("{name} rose by {change} to {value}: further than on {share} of {count} sessions before")
_DOWN = Text("{name} fell by {change} to {value}: further than on {share} of {count} sessions before")
_SAME = Text("{name} stayed at {value}")


class _Moved(NamedTuple):
    """A measure's last change.

    Attributes:
        measure: The measure.
        value: Where it stands.
        change: By how much it changed.
        score: The change in standard deviations of the earlier ones from their mean.
        percentile: Share of the changes, this one included, at or below it.
        beyond: Share of the earlier changes that did not go as far in its direction.
        earlier: How many these are.
    """

    measure: _Measure
    value: float
    change: float
    score: float
    percentile: float
    beyond: float
    earlier: int

    def told(self, lang: str) -> str:
        """It in words."""
        name, value = self.measure.name, _shown(self.value, self.measure.unit)
        if self.change == 0.0:
            return _SAME.into(lang, name=name, value=value)
        size = abs(self.change) * (100.0 if self.measure.unit == "share" else 1.0)
        change = _CHANGE[self.measure.unit]
        return (_UP if self.change > 0.0 else _DOWN).into(
            lang,
            name=name,
            change=change.of(number=_SIZE[self.measure.unit].format(size)),
            value=value,
            share=f"{math.floor(100.0 * self.beyond + 1e-9)}%",
            count=str(self.earlier),
        )


_VALUE = {"return": "{:,.2f}", "points": "{:.2f}", "ratio": "{:.3f}", "share": "{:.1%}", "percent": "{:.2f}%"}


def _shown(value: float, unit: str) -> str:
    """A value as a sentence shows it; a ratio of prices, which is small, with four decimals."""
    return f"{value:.4f}" if unit == "return" and abs(value) < 10.0 else _VALUE[unit].format(value)


_SIZE = {"return": "{:.2%}", "points": "{:.2f}", "ratio": "{:.3f}", "share": "{:.1f}", "percent": "{:.2f}"}
_CHANGE = {
    "return": Text("{number}"),
    "ratio": Text("{number}"),
    "points": Text("{number} points"),
    "share": Text("{number} percentage points"),
    "percent": Text("{number} percentage points"),
}


@worksheet_function(
    unit="table",
    example="=XLR_CHANGED(,5)",
    source="z = (change - mean) / s of the 252 changes before, s with n - 1",
)
def XLR_CHANGED(
    here: Here,
    asof: AsOf = default(None),
    n: Count = default(10),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """What changed: the measures of the market that moved most on the as-of session against their own history.

    Sorted by the size of the z-score of the change since the session before, against the 252 changes before it (at
    least 60); the percentile is the share of the changes at or below it, itself included. Prices and their ratios
    change by what they grew, others by the difference. A measure without a value on both sessions is left out, and
    which these are is told; the spread is compared on its own dates, the last at most five days old.

    Args:
        n: Number of measures.
    """
    session, rows = here.session(), min(_YEAR + 2, asof.end)
    found = [_moved(session, measure, asof.asof, rows) for measure in _MEASURES]
    left = [measure.name for measure, one in zip(_MEASURES, found, strict=True) if one is None]
    moved = [one for one in found if one is not None]
    if not moved:
        raise NoData(f"the data hold none of the measures of the market on {asof.asof} and {_LEAST} sessions before")
    for remark in session.remarks.values():
        here.tell(remark)
    if left:
        here.tell(f"what changed on {asof.asof} is without {listed(left)}: the data lack values of them")
    order = ties.order(-np.abs([one.score for one in moved])).tolist()[:n]
    lines = [
        [one.measure.name.into(lang), one.value, one.change, one.score, one.percentile, one.earlier, one.told(lang)]
        for one in (moved[place] for place in order)
    ]
    heads = ("measure", "value", "change", "z_score", "percentile", "observations", "in_words")
    return Table(heads, lines, header, lang)


def _moved(session: Evaluator, measure: _Measure, day: dt.date, rows: int) -> _Moved | None:
    """The last change of a measure; None where there is none on *day*, or no history to compare it with."""
    stands_for: dict[Cell, Cell] = {"asof": day, "rows": rows}
    table = session.call(measure.function, *(stands_for.get(cell, cell) for cell in measure.arguments))
    if not isinstance(table, list) or not isinstance(last := table[-1][0], dt.date):
        return None
    if last != day and (measure.function != "MAC_SERIES" or day - last > _OLD):
        return None
    values = np.array([row[1] if isinstance(row[1], float | int) else np.nan for row in table], float)
    changes = _changes(values, measure.unit)
    earlier = changes[:-1][np.isfinite(changes[:-1])]
    if len(changes) == 0 or not np.isfinite(changes[-1]) or len(earlier) < _LEAST:
        return None
    change, spread = float(changes[-1]), float(earlier.std(ddof=1))
    if spread <= ties.TIE:
        return None
    known = np.append(earlier, change)
    towards = earlier if change > 0.0 else -earlier
    return _Moved(
        *(measure, float(values[-1]), change, (change - float(earlier.mean())) / spread),
        percentile=levels.percent_rank(known),
        beyond=float(np.mean(ties.above(abs(change), towards))),
        earlier=len(earlier),
    )


def _changes(values: FloatArray, unit: str) -> FloatArray:
    """Changes between neighbouring values, NaN at a gap."""
    if unit == "return":
        return ties.ratios_less_one(values[1:], values[:-1])
    return ties.differences(values[1:], values[:-1])
