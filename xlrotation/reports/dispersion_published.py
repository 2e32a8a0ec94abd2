"""What a dispersion desk can say without option chains: published indices, and what closes tell."""

from __future__ import annotations

from collections.abc import Sequence

from xlrotation.languages import Text
from xlrotation.reports.blocks import Column, Spill, Table
from xlrotation.reports.charts import Caption, Curve, Paths
from xlrotation.reports.frames import Frame, Series
from xlrotation.reports.kit import PERCENT, POINTS
from xlrotation.reports.page import halves

_DAYS = 250
"""Sessions of the charts."""
_PUBLISHED = (
    ("cor1m", Text("Implied correlation"), "COR1M", "{data.cor1m.%s}", "0.000", "IMPLCORR"),
    ("dspx", Text("Dispersion index"), "DSPX", "{data.dspx.%s}", POINTS, "INDEX"),
    ("spread", Text("Volatility spread"), "VIXEQ - VIX", "({data.vixeq.%s}-{data.vix.%s})/100", "0.0%", "VOL_SPREAD"),
    ("realised", Text("Realised correlation, 21 sessions"), "=universe", "{data.realised.%s}", "0.000", "REALCORR"),
)


def published() -> Table:
    """What the exchange publishes, which needs no chain."""
    spills = []
    for n, (_, _, _, formula, form, measure) in enumerate(_PUBLISHED):
        spills += [Spill(c, formula.replace("%s", end), 1, n, 1, form) for c, end in ((2, "last"), (3, "back5"))]
        spills.append(Spill(4, f'DISP_PCTILE("{measure}","1Y",asof)', 1, n, 1))
    return Table(
        "published",
        Text("The market as a whole, without chains: published indices and closes"),
        (
            Column(Text("Measure"), width=4),
            Column(Text("From", "which index"), width=2),
            Column(Text("Now"), "now", POINTS, 2),
            Column(Text("5 sessions before"), "before", POINTS, 2),
            Column(Text("Rank in its year"), "rank", "0%", 2, "bar"),
        ),
        [key for key, *_ in _PUBLISHED],
        spills,
        {
            0: [text for _, text, *_ in _PUBLISHED],
            1: ["={universe.label}" if of == "=universe" else of for _, _, of, *_ in _PUBLISHED],
        },
    )


def realised(names: Sequence[str]) -> Table:
    """The names of the basket by what their closes say, which needs no chain.

    Args:
        names: The formulas of their symbols.
    """
    of = "{realised.symbol}"
    return Table(
        "realised",
        Text("What closes say: realised volatility, and correlation with the S&P 500"),
        (
            Column(Text("Symbol"), "symbol", width=2),
            Column(Text("Volatility, 1 month"), "vol1m", "0.0%", 2),
            Column(Text("Volatility, 3 months"), "vol3m", "0.0%", 2),
            Column(Text("Correlation, 3 months"), "correlation", "0.00", 2),
            Column(Text("Return, 20 sessions"), "20d", PERCENT, 2, "signed"),
            Column(Text("Rank in its year"), "rank", "0%", 2, "bar"),
        ),
        [f"m{place}" for place in range(1, len(names) + 1)],
        (
            Spill(1, f'VOL_REALIZED({of},"1M",asof)'),
            Spill(2, f'VOL_REALIZED({of},"3M",asof)'),
            Spill(3, f'RS_CORREL({of},"SPX","3M",asof)'),
            Spill(4, f'PX_RET({of},"20D",asof)'),
            Spill(5, f'PX_PCTRANK({of},"1Y",asof)'),
        ),
        {0: names},
    )


DATA = Frame(
    "Data",
    _DAYS,
    (
        Series("cor1m", "COR1M", 'PX_CLOSE("COR1M",{dates})/100'),
        Series("realised", Text("Realised correlation"), 'DISP_REALCORR_HISTORY({universe},{data.first},asof,21,FALSE)', "0.000", dated=True),
        Series("dspx", "DSPX", 'PX_CLOSE("DSPX",{dates})'),
        Series("vixeq", "VIXEQ", 'PX_CLOSE("VIXEQ",{dates})'),
        Series("vix", "VIX", 'PX_CLOSE("VIX",{dates})'),
    ),
)  # fmt: skip
PATHS = halves(
    Paths(
        Caption(Text("Correlation: implied and realised"), Text("COR1M, and mean of all pairs over 21 sessions"), "Two lines: COR1M and the realised correlation of the universe's members on the last 250 sessions", 13),
        DATA,
        (Curve("cor1m"), Curve("realised", "second", label=Text("realised"))),
        "0.0",
    ),
    Paths(
        Caption(Text("Dispersion and volatility, as published"), Text("points, last 250 sessions"), "Three lines: DSPX, VIXEQ and VIX on the last 250 sessions", 13),
        DATA,
        (Curve("dspx"), Curve("vixeq", "second"), Curve("vix", "dark")),
        "0",
    ),
)  # fmt: skip
