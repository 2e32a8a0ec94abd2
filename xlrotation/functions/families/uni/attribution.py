"""Contributions of members to the return of a universe: weight at the window's beginning times return."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xlrotation.errors import NoData
from xlrotation.functions.boundary.kinds import Basket
from xlrotation.functions.boundary.scope import Scope
from xlrotation.functions.families import windowed
from xlrotation.market import rosters, universes, weighing
from xlrotation.market.market import Market
from xlrotation.market.panel import FloatArray
from xlrotation.market.reasons import some_of
from xlrotation.market.windows import Window


@dataclass(frozen=True, slots=True)
class Contributions:
    """What each member adds to the return of its universe.

    Attributes:
        tickers: The members at the window's beginning that have a weight and a return.
        weights: Their weights then.
        returns: Their returns over the window.
    """

    tickers: tuple[str, ...]
    weights: FloatArray
    returns: FloatArray

    @property
    def values(self) -> FloatArray:
        """The contributions."""
        return self.weights * self.returns

    def at(self, ticker: str) -> tuple[float, float]:
        """Weight and contribution of one; NaN where it has none."""
        if ticker not in self.tickers:
            return float("nan"), float("nan")
        place = self.tickers.index(ticker)
        return float(self.weights[place]), float(self.values[place])


def contributions(here: Scope, market: Market, universe: Basket, window: Window) -> Contributions:
    """The contributions of the members that a universe had when the window began.

    Weights are those that the source states then as they are, where they are those of the universe, else market values
    then divided by their sum. Members that lack a weight or a return are left out, which is told.

    Raises:
        NoData: No member has both.
    """
    begin = market.at_row(market.base_row(window))
    members = rosters.at(begin, universe.name, universe.tickers, -1)
    values = weighing.told(begin, universe.name, members, here.tell)
    weights = weighing.stated(begin, universe.name, members)
    if weights is None:
        total = float(np.nansum(values))
        if not total > 0.0:
            raise NoData(f"the weights of {universe.name} at {begin.asof} sum to {total:g}; give another window")
        weights = values / total
    returns = windowed.returns_of(market, Basket(universe.name, members), window)
    known = np.isfinite(weights) & np.isfinite(returns)
    if not known.any():
        raise NoData(f"no member of {universe.name} has a weight at {begin.asof} and a return over {window}")
    lacking = [ticker for ticker, there in zip(members, known.tolist(), strict=True) if not there]
    if lacking:
        here.tell(
            f"contributions to {universe.name} over {window} at {market.asof}: no weight at {begin.asof} or no "
            f"return of {some_of(lacking)}; left out"
        )
    chosen = tuple(ticker for ticker, there in zip(members, known.tolist(), strict=True) if there)
    return Contributions(chosen, weights[known], returns[known])


def index_of(market: Market, universe: Basket) -> str | None:
    """The index whose members a universe holds; None where it is of none that the data hold."""
    ticker = universes.index_of(universe.name)
    return ticker if ticker is not None and market.has(ticker) else None
