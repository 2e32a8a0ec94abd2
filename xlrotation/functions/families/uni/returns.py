"""UNI: the return of a list of symbols, held as it was when the window began."""

from __future__ import annotations

import itertools

import numpy as np

from xlrotation.errors import NoData
from xlrotation.functions.boundary.kinds import Basket
from xlrotation.functions.boundary.parameters import AsOf, Basis, Here, Universe, Window, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.families import windowed
from xlrotation.functions.families.disp.market import Weighting
from xlrotation.market import rosters, weighing
from xlrotation.market.reasons import some_of
from xlrotation.market.windows import Unit
from xlrotation.market.windows import Window as WindowValue


@worksheet_function(unit="return", example='=UNI_RET("MAG7","YTD")', mixes=True)
def UNI_RET(
    here: Here,
    universe: Universe = default("MAG7"),
    window: Window = default("20D"),
    asof: AsOf = default(None),
    weighting: Weighting = default("EQUAL"),
    basis: Basis = default("price"),
) -> float:
    """Return of a list such as MAG7 over a window: of its members at the window's beginning, bought then and held.

    The sum of weight times return, the weights being those at the beginning: EQUAL (the mean of the members' returns)
    or CAP. Members without a return, or with CAP without a weight then, are left out, which is told, and the weights of
    the others add up to 1; #N/A where none is left. With MAX the window begins with the data.
    """
    if window.unit is Unit.EVERYTHING:
        window = WindowValue(Unit.SINCE, since=asof.days[0].item())
    begin = asof.at_row(asof.base_row(window))
    members = rosters.at(begin, universe.name, universe.tickers, -1)
    returns = windowed.returns_of(asof, Basket(universe.name, members), window, basis)
    equal = weighting == "EQUAL"
    weights = np.ones(len(members)) if equal else weighing.told(begin, universe.name, members, here.tell)
    known = np.isfinite(returns) & np.isfinite(weights)
    total = float(weights[known].sum())
    if not total > 0.0:
        raise NoData(f"no member of {universe.name} has a weight at {begin.asof} and a return over {window}")
    lacking = list(itertools.compress(members, (~known).tolist()))
    if lacking:
        count = f"{len(members) - len(lacking)} of its {len(members)} members"
        here.tell(
            f"the return of {universe.name} over {window} is that of {count}: no return or no weight of "
            f"{some_of(lacking)}"
        )
    return float(weights[known] @ returns[known]) / total
