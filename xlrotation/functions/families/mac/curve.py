"""MAC: the curve of Treasury yields."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated

from xlrotation.errors import BadArgument, NoData
from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.kinds import ChoiceKind
from xlrotation.functions.boundary.parameters import AsOf, Header, Here, Lang, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.scope import Scope
from xlrotation.languages import Text
from xlrotation.market.market import Market

TENORS: Mapping[str, tuple[str, float]] = {
    "1M": ("DGS1MO", 1 / 12),
    "3M": ("DGS3MO", 0.25),
    "6M": ("DGS6MO", 0.5),
    "1Y": ("DGS1", 1.0),
    "2Y": ("DGS2", 2.0),
    "3Y": ("DGS3", 3.0),
    "5Y": ("DGS5", 5.0),
    "7Y": ("DGS7", 7.0),
    "10Y": ("DGS10", 10.0),
    "20Y": ("DGS20", 20.0),
    "30Y": ("DGS30", 30.0),
}
"""Series of FRED and years, by tenor."""

_OLDEST = 7
"""Days between as-of and the newest yields, more than any run of holidays takes."""

_BACK = 40
"""Days that are looked at, some more than an answer may be old."""

_BEST_OF = 5
"""Days among which the one with the most yields is taken, where a tenor comes later than the others."""

_HIGHEST = 30.0
"""Percent; no Treasury yield was ever higher, or half of it."""

_LONG, _LOWEST = 10.0, 0.25
"""Years from which on a yield below so many percent is one that was stored as a decimal: the lowest was 0.52."""

_SOURCE = "U.S. Department of the Treasury, daily par yield curve rates; FRED, series DGS1MO to DGS30"

Tenor = Annotated[
    str,
    ChoiceKind(*TENORS, help=Text("Tenor, 1M to 30Y: 1M, 3M, 6M, 1Y, 2Y, 3Y, 5Y, 7Y, 10Y, 20Y or 30Y.")),
]


@worksheet_function(unit="table", example="=MAC_CURVE()", source=_SOURCE)
def MAC_CURVE(
    here: Here,
    asof: AsOf = default(None),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """Treasury yields by tenor, the shortest first: tenor, years, yield in percent, and the day of the quotes.

    Par yields of constant maturity as the Treasury derives them from quotes of 3:30 p.m. in New York; they count for
    their day as closes do. All are of one day, the newest that has them up to as-of; a tenor without a yield on
    it shows #N/A. Days on which the bond market rests have none. #N/A where the newest yields are more than a week old.
    """
    day, yields = _curve(here, asof, tuple(TENORS))
    rows = [[tenor, round(TENORS[tenor][1], 4), yields.get(tenor), day] for tenor in TENORS]
    cells: list[list[object]] = [[float("nan") if cell is None else cell for cell in row] for row in rows]
    return Table(("tenor", "years", "yield", "date"), cells, header, lang)


@worksheet_function(unit="percent", example='=MAC_CURVE_SLOPE("10Y","2Y")', source=f"{_SOURCE}; T10Y2Y, T10Y3M")
def MAC_CURVE_SLOPE(
    here: Here,
    long_tenor: Tenor = default("10Y"),
    short_tenor: Tenor = default("2Y"),
    asof: AsOf = default(None),
) -> float:
    """Slope of the Treasury curve: yield of the long tenor minus that of the short one, in percentage points.

    Below zero the curve is inverted. Both yields are of one day, the newest up to as-of that has both, as in FRED's
    T10Y2Y and T10Y3M; see MAC_CURVE. #N/A where that day is more than a week before as-of.

    Args:
        long_tenor: The longer tenor.
        short_tenor: The shorter tenor.
    """
    if TENORS[long_tenor][1] <= TENORS[short_tenor][1]:
        raise BadArgument(f"{long_tenor} is not longer than {short_tenor}; give the longer tenor first")
    _, yields = _curve(here, asof, (long_tenor, short_tenor), every=True)
    return round(yields[long_tenor] - yields[short_tenor], 10)


def _curve(here: Scope, asof: Market, tenors: Sequence[str], every: bool = False) -> tuple[dt.date, dict[str, float]]:
    """The newest day with yields of these tenors, or with as many as the best of the last days has, and the yields."""
    known: dict[str, dict[dt.date, float]] = {}
    lacking = []
    for tenor in tenors:
        name = TENORS[tenor][0]
        try:
            known[tenor] = asof.dated(name).by_day(asof.asof - dt.timedelta(days=_BACK))
        except NoData:
            lacking.append(name)
    if lacking and (every or not known):
        raise NoData(f"the data hold no yields {', '.join(lacking)}; {_fetch(lacking)}")
    counts: dict[dt.date, int] = {}
    for by_day in known.values():
        for day in by_day:
            counts[day] = counts.get(day, 0) + 1
    newest = sorted((day for day in counts if not every or counts[day] == len(tenors)), reverse=True)[:_BEST_OF]
    if not newest or (asof.asof - newest[0]).days > _OLDEST:
        told = f"the newest yields up to {asof.asof} are of {newest[0]}" if newest else f"no yields up to {asof.asof}"
        raise NoData(f"{told}; {_fetch([TENORS[tenor][0] for tenor in tenors])}")
    day = max(newest, key=lambda each: (counts[each], each))
    if lacking:
        here.tell(f"the data hold no yields {', '.join(lacking)}; {_fetch(lacking)}")
    last = max(counts)
    if day != last:
        here.tell(f"the curve is of {day}: {last} has {counts[last]} of its {counts[day]} yields")
    blank = [tenor for tenor, by_day in known.items() if day not in by_day]
    if blank:
        here.tell(f"no yield on {day} of {', '.join(blank)}")
    yields = {tenor: by_day[day] for tenor, by_day in known.items() if day in by_day}
    for tenor, value in yields.items():
        if abs(value) > _HIGHEST or (TENORS[tenor][1] >= _LONG and abs(value) < _LOWEST):
            raise BadArgument(f"a yield of {value:g} % for {tenor}; the series {TENORS[tenor][0]} is in percent")
    return day, yields


def _fetch(names: Sequence[str]) -> str:
    return f"fetch them with xlrotation refresh --provider fred {' '.join(names)}"
