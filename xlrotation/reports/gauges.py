"""The gauges of the morning page: what each is on every one of the last 60 sessions, and where it stands among them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from xlrotation.languages import Text
from xlrotation.reports.blocks import Column, Spill, Table
from xlrotation.reports.frames import Frame, Series
from xlrotation.reports.kit import COUNT, PERCENT, POINTS

DAYS = 60


class Gauge(NamedTuple):
    """A gauge: its key and name, its formula over a column of dates, and how its values are shown."""

    key: str
    text: Text
    formula: str
    number_format: str


_WIDE = (
    Gauge("above50", Text("Above 50 days"), "BRD_ABOVE_MA({universe},50,{dates})", "0%"),
    Gauge("above200", Text("Above 200 days"), "BRD_ABOVE_MA({universe},200,{dates})", "0%"),
    Gauge("mcclellan", Text("McClellan"), "BRD_MCCLELLAN({universe},{dates})", "0.0"),
    Gauge("equal", Text("Equal less cap"), 'ROT_EQUALWEIGHT("20D",{dates})', PERCENT),
    Gauge("size", Text("Small minus large"), 'ROT_SIZE("20D",{dates})', PERCENT),
    Gauge("streak", Text("Small caps ahead"), 'RS_STREAK("RUT","SPX",{dates})', COUNT),
)
_STRESSED = (
    Gauge("vix", Text("VIX"), 'PX_CLOSE("VIX",{dates})', POINTS),
    Gauge("vvix", Text("VVIX"), 'PX_CLOSE("VVIX",{dates})', POINTS),
    Gauge("slope", Text("VIX3M over VIX"), "VOL_TERM_SLOPE({dates})", PERCENT),
    Gauge("gap", Text("VXN minus RVX"), 'VOL_GAP("VXN","RVX",{dates})', POINTS),
    Gauge("defensive", Text("Defensive lead"), 'ROT_DEFENSIVE("20D",{dates})', PERCENT),
    Gauge("value", Text("Value lead"), 'ROT_VALUE("20D",{dates})', PERCENT),
)
_MECHANICAL = (
    Gauge("cor1m", Text("Implied corr."), 'PX_CLOSE("COR1M",{dates})', POINTS),
    Gauge("dspx", Text("Dispersion"), 'PX_CLOSE("DSPX",{dates})', POINTS),
    Gauge("realcorr", Text("Realised corr."), 'DISP_REALCORR("SP50","1M",{dates})', "0.00"),
    Gauge("persistence", Text("Persistence"), 'ROT_PERSISTENCE("5D",12,{dates})', "0.00"),
    Gauge("score", Text("Score"), "ROT_MECH_SCORE({dates})", COUNT),
    Gauge("spread", Text("Sector spread"), 'ROT_SECTOR_SPREAD("20D",{dates})', PERCENT),
)
GROUPS = (
    ("wide", Text("How wide"), _WIDE),
    ("stressed", Text("How stressed"), _STRESSED),
    ("mechanical", Text("How mechanical"), _MECHANICAL),
)

DATA = Frame(
    "Data",
    DAYS,
    (
        *(
            Series(gauge.key, gauge.text, gauge.formula, gauge.number_format)
            for _, _, group in GROUPS
            for gauge in group
        ),
        Series("ad", Text("Advance-decline line"), 'BRD_AD_LINE({universe},"1Y",{dates})', COUNT),
    ),
)


def gauges(key: str, title: Text, rows: Sequence[Gauge]) -> Table:
    """A table of gauges: now, and the place among the last 60 sessions as a bar; under it, columns of all of them."""
    spills = []
    for n, gauge in enumerate(rows):
        now, cells = f"{{data.{gauge.key}.last}}", f"{{data.{gauge.key}}}"
        rank = f'IF(ISNUMBER({now}),COUNTIF({cells},"<="&{now})/COUNT({cells}),NA())'
        spills += [Spill(1, now, 1, n, 1, gauge.number_format), Spill(2, rank, 1, n, 1)]
    return Table(
        key,
        title,
        (
            Column(Text("Gauge"), width=2),
            Column(Text("Now"), "now", POINTS),
            Column(Text("Place"), "place", "0%", 1, "bar"),
        ),
        [gauge.key for gauge in rows],
        spills,
        {0: [gauge.text for gauge in rows]},
    )
