"""ROT: where symbols stand on a rotation graph."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from xlrotation.errors import BadArgument, NoData
from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.kinds import ChoiceKind
from xlrotation.functions.boundary.parameters import (
    AsOf,
    Count,
    Header,
    Lang,
    Sessions,
    Symbol,
    Symbols,
    default,
)
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.words import word
from xlrotation.functions.families import periods
from xlrotation.languages import Text
from xlrotation.market.calendar import Days
from xlrotation.market.market import Series
from xlrotation.market.panel import FloatArray
from xlrotation.measures import rotation
from xlrotation.measures.arrays import IntArray

_QUADRANTS = ("leading", "weakening", "lagging", "improving")
"""Clockwise, as symbols go round."""

_WEEK = 5
_LEAST = 2
"""Weeks in the long average of a graph of weeks."""

Freq = Annotated[
    str, ChoiceKind(*("D", "W"), help=Text("D (default): daily closes. W: the closes of the last sessions of weeks."))
]
Placed = Annotated[
    str,
    ChoiceKind(
        *("FIXED", "QUADRANT"),
        help=Text("FIXED (default): as given. QUADRANT: leading, weakening, lagging, improving; the strongest first."),
    ),
]

_SOURCE = (
    "our public definition; the formulas of the JdK RS-Ratio and RS-Momentum are proprietary. RS = close / benchmark, "
    "RS-Ratio = 100 x SMA(RS, 5/12 length) / SMA(RS, length), RS-Momentum = 100 x RS-Ratio / SMA(RS-Ratio, 5/12 length)"
)


@worksheet_function(
    unit="table",
    example='=ROT_RRG("SECTORS")',
    source=_SOURCE,
    mixes=True,
)
def ROT_RRG(
    symbols: Symbols = default("SECTORS"),
    benchmark: Symbol = default("^GSPC"),
    asof: AsOf = default(None),
    length: Sessions = default(60),
    header: Header = default(True),
    lang: Lang = default(None),
    freq: Freq = default("D"),
    sort_by: Placed = default("FIXED"),
) -> Table:
    """Where symbols stand on a rotation graph: RS-Ratio, RS-Momentum (100 is neutral) and quadrant.

    Only the last 1.4 x length sessions enter, so the answer does not depend on where the data start. A symbol with a
    gap among them shows #N/A. With freq W they are the closes of the last sessions of weeks, the running week's being
    the as-of session, and length counts five sessions as one week.

    Args:
        benchmark: Ticker, alias or name of what the symbols are measured against.
        length: Sessions in the long average; 60 are twelve weeks.
    """
    places = _places(asof.days, freq)
    closes = asof.closes(symbols.tickers)
    ratio, momentum = _graph(closes, benchmark, length, 1, places)
    rows: list[tuple[int, list[object]]] = []
    for i, ticker in enumerate(symbols.tickers):
        x, y = float(ratio[-1, i]), float(momentum[-1, i])
        where = rotation.quadrant(x, y) if x == x and y == y else None
        shown = np.nan if where is None else word(where, lang)
        order = len(_QUADRANTS) if where is None else _QUADRANTS.index(where)
        rows.append((order, [asof.name(ticker, lang), ticker, x, y, shown]))
    if sort_by == "QUADRANT":
        rows.sort(key=lambda row: (row[0], -row[1][2] if row[0] < len(_QUADRANTS) else 0.0))  # type: ignore[operator]
    return Table(("name", "symbol", "rs_ratio", "rs_momentum", "quadrant"), [row for _, row in rows], header, lang)


@worksheet_function(unit="table", example='=ROT_RRG_TAIL("XLK","SPX",6)', source=_SOURCE, mixes=True)
def ROT_RRG_TAIL(
    symbol: Symbol = default("XLK"),
    benchmark: Symbol = default("^GSPC"),
    points: Count = default(8),
    asof: AsOf = default(None),
    length: Sessions = default(60),
    header: Header = default(True),
    freq: Freq = default("D"),
) -> Table:
    """Tail of a symbol on the rotation graph: RS-Ratio and RS-Momentum every five sessions up to as-of.

    With freq W a point is a week: the closes are those of the last sessions of weeks, and length counts five sessions
    as one week.

    Args:
        benchmark: Ticker, alias or name of what the symbol is measured against.
        points: Number of points.
        length: Sessions in the long average; 60 are twelve weeks.
    """
    step = 1 if freq == "W" else _WEEK
    every = step * (points - 1) + 1
    places = _places(symbol.days, freq)
    ratio, momentum = _graph(symbol.close[:, None], benchmark, length, every, places)
    days = symbol.days if places is None else symbol.days[places]
    chosen = days[-every:][::step].tolist()
    rows = [[day, x, y] for day, x, y in zip(chosen, ratio[::step, 0], momentum[::step, 0], strict=True)]
    return Table(("date", "rs_ratio", "rs_momentum"), rows, header)


def _places(days: Days, freq: str) -> IntArray | None:
    """The rows of the last sessions of weeks; None where every session counts."""
    return periods.ends(days, "W") if freq == "W" else None


def _graph(
    closes: FloatArray, benchmark: Series, length: int, points: int, places: IntArray | None
) -> tuple[FloatArray, FloatArray]:
    other, unit = benchmark.close, "sessions"
    same = len(other) == len(closes)
    if places is not None:
        length, unit = round(length / _WEEK), "weeks"
        if length < _LEAST:
            raise BadArgument(f"a graph of weeks needs a length of at least {_LEAST * _WEEK} sessions; give 60 or so")
        closes, other = closes[places], other[places] if same else other
    needed = length + rotation.short_length(length) + points - 2
    if len(closes) < needed or not same:
        raise NoData(
            f"a rotation graph of length {length} needs {needed} {unit}; there are {len(closes)}; lower length"
        )
    return rotation.rs_ratio_and_momentum(closes, other, length, points)
