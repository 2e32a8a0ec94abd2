"""BRD: volume behind the breadth."""

from __future__ import annotations

import numpy as np

from xlrotation.errors import DividedByZero, NoData
from xlrotation.functions.boundary.kinds import Basket
from xlrotation.functions.boundary.parameters import AsOf, Here, Universe, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.scope import Scope
from xlrotation.market.market import Market
from xlrotation.market.reasons import some_of
from xlrotation.measures import breadth
from xlrotation.measures.arrays import BoolArray


@worksheet_function(
    unit="ratio",
    example='=BRD_TRIN("SP50")',
    source="Richard Arms, 1967: (advances / declines) / (volume of advances / volume of declines)",
)
def BRD_TRIN(here: Here, universe: Universe = default("SP50"), asof: AsOf = default(None)) -> float:
    """Arms index (TRIN): advances over declines, divided by the volume of advances over that of declines.

    Below 1 the rising members trade more, each, than the falling ones. A member without a close in both sessions or
    without a volume counts on neither side, which is told; #DIV/0! where nothing rose, fell or traded on a side.
    """
    up, down, up_volume, down_volume = _sides(here, asof, universe)
    for what, number in (("rose", up), ("fell", down)):
        if not number:
            raise DividedByZero(f"no member of {universe.name} {what} on {asof.asof}, so that there is no ratio")
    for what, traded in (("rising", up_volume), ("falling", down_volume)):
        if not traded:
            raise DividedByZero(f"the {what} members of {universe.name} traded nothing on {asof.asof}")
    return (up / down) / (up_volume / down_volume)


@worksheet_function(
    unit="share",
    example='=BRD_UPVOLUME("SP50")',
    source="definition; 0.9 and more is the 90 % up day of Lowry's Reports (Paul Desmond, 2002)",
)
def BRD_UPVOLUME(here: Here, universe: Universe = default("SP50"), asof: AsOf = default(None)) -> float:
    """Share of rising members in the volume of those that rose or fell.

    A member without a close in both sessions or without a volume counts on neither side, which is told; nor does one
    whose close did not change.
    """
    _, _, up_volume, down_volume = _sides(here, asof, universe)
    if not up_volume + down_volume:
        raise DividedByZero(f"the members of {universe.name} that rose or fell on {asof.asof} traded nothing")
    return up_volume / (up_volume + down_volume)


def _sides(here: Scope, market: Market, universe: Basket) -> tuple[int, int, float, float]:
    """Members that rose and fell on the as-of session, and their volumes; of those whose volume is known."""
    if "volume" not in market.shown.fields:
        raise NoData("the source holds no volumes; bring them with the prices as a column Volume")
    first = market.end - 2
    if first < 0:
        raise NoData("the data hold a single session up to the as-of date; give a later date")
    closes = market.closes(universe.tickers, first=first)
    volumes = market.fields("volume", universe.tickers, first=market.end - 1)[0]
    moved: BoolArray = np.logical_and.reduce(np.isfinite(closes))
    lacking = [
        ticker for place, ticker in enumerate(universe.tickers) if moved[place] and volumes[place] != volumes[place]
    ]
    if moved.any() and len(lacking) == np.count_nonzero(moved):
        raise NoData(f"no member of {universe.name} has a volume on {market.asof}")
    if lacking:
        here.tell(
            f"{universe.name} on {market.asof}: no volume of {some_of(lacking)}, which therefore neither rise nor fall"
        )
    closes = closes[:, np.isfinite(volumes)]
    up, down = breadth.sides(closes)
    if not (up | down).any():
        raise NoData(f"no member of {universe.name} with a volume rose or fell on {market.asof}")
    known = volumes[np.isfinite(volumes)]
    return int(up.sum()), int(down.sum()), float(known[up].sum()), float(known[down].sum())
