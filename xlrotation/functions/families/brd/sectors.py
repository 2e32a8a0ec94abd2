"""BRD: breadth by sector, and net new highs."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from xlrotation.errors import NoData
from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.kinds import ChoiceKind
from xlrotation.functions.boundary.parameters import (
    AsOf,
    Header,
    Here,
    Lang,
    Sessions,
    Universe,
    Window,
    default,
)
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.words import word
from xlrotation.functions.families.brd.market import extremes
from xlrotation.languages import Text
from xlrotation.market import classification, sectoring, universes
from xlrotation.market.market import Market
from xlrotation.market.reasons import some_of
from xlrotation.measures import breadth
from xlrotation.measures.arrays import BoolArray

Measure = Annotated[
    str,
    ChoiceKind(
        *("ABOVE_MA", "ADVANCING", "NEW_HIGHS", "NEW_LOWS"),
        help=Text("ABOVE_MA (close above its average), ADVANCING (close above that before), NEW_HIGHS or NEW_LOWS."),
    ),
]
_USUAL = {"ABOVE_MA": 200, "NEW_HIGHS": 252, "NEW_LOWS": 252, "ADVANCING": 2}


@worksheet_function(unit="table", example='=BRD_SECTORS("ABOVE_MA","SP50")')
def BRD_SECTORS(
    here: Here,
    measure: Measure = default("ABOVE_MA"),
    universe: Universe = default("SP50"),
    asof: AsOf = default(None),
    n: Sessions = default(None),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """Breadth by sector: members that count, and the share of them above their average, rising, or at a new extreme.

    A row per sector in the order of the list of sectors, then sectors that only the source has, then all members. A
    member with a gap among its n closes is left out, and so is a sector without a member that counts. Members whose
    sector is not known stand in the last row alone, which is told.

    Args:
        n: Closes in the average (200), or sessions that a new high or low looks back (252). Blank: those.
    """
    length = 2 if measure == "ADVANCING" else (n or _USUAL[measure])
    if length > asof.end:
        raise NoData(f"{measure} needs {length} sessions; the data have {asof.end}; lower n")
    closes = asof.closes(universe.tickers, first=asof.end - length)
    known: BoolArray = np.logical_and.reduce(np.isfinite(closes))
    if not known.any():
        raise NoData(f"no member of {universe.name} has {length} closes without a gap; lower n")
    holds = breadth.holding(closes, measure)
    of = [sectoring.sector_of(asof, ticker) for ticker in universe.tickers]
    if (old := sectoring.sectors_of_today(asof, universe.name, universe.tickers)) is not None:
        here.tell(old)
    rows: list[list[object]] = []
    for sector in _in_order(of):
        chosen = np.array([classification.same_sector(one, sector) for one in of]) & known
        if chosen.any():
            rows.append([classification.sector_name(sector, lang), _symbol(sector), *_share(chosen, holds)])
    lacking = [t for t, one, there in zip(universe.tickers, of, known.tolist(), strict=True) if there and one is None]
    if lacking:
        here.tell(f"{universe.name}: the sector of {some_of(lacking)} is not known")
    rows.append([word("all", lang), universe.name, *_share(known, holds)])
    return Table(("sector", "symbol", "members", "share"), rows, header, lang)


def _in_order(found: list[str | None]) -> list[str]:
    """Sectors that occur: the eleven in the order of their list, then others by name."""
    there = dict.fromkeys(sector for sector in found if sector is not None)
    others = {sector.casefold(): sector for sector in reversed(there) if sector not in universes.SECTORS}
    return [*(sector for sector in universes.SECTORS if sector in there), *(others[key] for key in sorted(others))]


def _symbol(sector: str) -> str:
    return sector if sector in universes.SECTORS else ""


def _share(chosen: BoolArray, holds: BoolArray) -> tuple[int, float]:
    count = int(chosen.sum())
    return count, int((chosen & holds).sum()) / count


@worksheet_function(
    unit="share",
    example='=BRD_52W("SP50")',
    source="StockCharts, High-Low Percent: (new 52-week highs - new 52-week lows) / members",
)
def BRD_52W(
    here: Here,
    universe: Universe = default("SP50"),
    asof: AsOf = default(None),
    window: Window = default("1Y"),
) -> float:
    """Net new highs: members at a new high minus members at a new low of 52 weeks, over members with a close.

    By closes, as BRD_NEW_HIGHS and BRD_NEW_LOWS count them: gaps are passed over, and a member without a close in the
    as-of session does not count. -1 to 1.

    Args:
        window: How far back a high or low looks; 1Y are 52 weeks.
    """
    high, low = extremes(here, asof, universe, window)
    return (high - low) / _closing(asof, universe.tickers)


def _closing(market: Market, tickers: tuple[str, ...]) -> int:
    return int(np.count_nonzero(np.isfinite(market.closes_on(tickers, -1))))
