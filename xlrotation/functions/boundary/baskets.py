"""What a universe, or a range of symbols, is to a function."""

from __future__ import annotations

from dataclasses import dataclass

from xlrotation.functions.boundary.scope import Scope
from xlrotation.market.market import Market


@dataclass(frozen=True, slots=True)
class Basket:
    """The members of a universe, in the order given."""

    name: str
    tickers: tuple[str, ...]


def told(basket: Basket, scope: Scope) -> Basket:
    """*basket*, after what a reader must know of its members is told."""
    if isinstance(scope.market, Market):  # else one that no data reach, which says so when it is asked
        from xlrotation.market import rosters

        for remark in rosters.remarks(scope.market, basket.name):
            scope.tell(remark)
    return basket
