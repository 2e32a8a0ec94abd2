"""FLOW: fund flows from the market's data."""

from __future__ import annotations

import numpy as np

from xlrotation.errors import NoData
from xlrotation.functions.boundary.parameters import AsOf, Symbol, Window, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.families import windowed
from xlrotation.functions.families.flow.figures import NavOf
from xlrotation.market.windows import Unit
from xlrotation.measures import flows as measure


@worksheet_function(
    unit="money",
    example='=FLOW_ETF("SPY","5D","2025-11-21")',
    source="fund issuers' convention: change in shares outstanding x net asset value of the day before",
)
def FLOW_ETF(
    symbol: Symbol = default("SPY"),
    window: Window = default("5D"),
    asof: AsOf = default(None),
    nav_of: NavOf = default("PREVIOUS"),
) -> float:
    """Net flow into a fund over the window: change in shares outstanding times net asset value, summed over its days.

    The close stands for the net asset value. Shares are put on one share count across splits. Days without a number of
    shares are bridged: the change is valued when it is seen. #N/A where the source has no daily numbers of shares.
    """
    base = windowed.first_row(symbol, window) if window.unit is Unit.EVERYTHING else symbol.base_row(window)
    shares, nav = symbol.field("shares")[base:], symbol.close[base:]
    known = np.isfinite(shares) & np.isfinite(nav)
    if len(known) < 2 or not known[0] or not known[-1]:
        raise NoData(f"{symbol.name} lacks the number of shares or the close at an end of {window}")
    return float(measure.net_flows(shares[known], nav[known], nav_of == "PREVIOUS").sum())
