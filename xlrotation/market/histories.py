"""Histories that are made once: what a measure gives at each session, for every as-of date that asks.

A value of such a history looks at its own session and those before it, and does not depend on the share count that the
as-of date states prices in. What one as-of date had to compute is therefore what any later one would find, and a table
of scores over sixty dates computes a year and sixty sessions instead of sixty years. A value is only ever computed from
a market that is cut at its session or later, and handed only to one that is.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
import numpy.typing as npt

from xlrotation.market.market import Market

_KEPT = 256
"""Histories of a panel; the oldest go first."""

Make = Callable[[int, int], npt.NDArray[Any]]
"""What gives the values of the rows from the first number to before the second, a number or several for each."""


class _History:
    """The values of a measure by row, and which of them are known already."""

    __slots__ = ("known", "values")

    def __init__(self, sessions: int) -> None:
        self.values: npt.NDArray[Any] = np.empty(0)
        self.known = np.zeros(sessions, bool)

    def rows(self, first: int, last: int, make: Make) -> npt.NDArray[Any]:
        if not self.known[first:last].all():
            lacking = np.flatnonzero(~self.known[first:last])
            begin, end = first + int(lacking[0]), first + int(lacking[-1]) + 1
            made = make(begin, end)
            if len(self.values) == 0:
                self.values = np.zeros((len(self.known), *made.shape[1:]), made.dtype)
            places = lacking + first
            self.values[places] = made[places - begin]
            self.known[places] = True
        return self.values[first:last].copy()


def history(market: Market, key: Hashable, first: int, make: Make) -> npt.NDArray[Any]:
    """The values of a measure from the row *first* to the as-of session.

    Args:
        market: The market; what it shows is all that *make* may look at.
        key: The measure with everything that its values depend on but the data.
        first: The first row wanted.
        make: Computes values that are not known yet.
    """
    kept: dict[Hashable, _History] = market.shown.__dict__.setdefault("_histories", {})
    found = kept.get(key)
    if found is None:
        if len(kept) >= _KEPT:
            kept.pop(next(iter(kept)), None)
        found = kept[key] = _History(len(market.shown.days))
    return found.rows(max(first, 0), market.end, make)


def all_begun(market: Market, tickers: tuple[str, ...]) -> int | None:
    """The row by which all *tickers* have had a close; None where one has none up to the as-of session."""
    kept: dict[object, int] = market.shown.__dict__.setdefault("_all_begun", {})
    found = kept.get(tickers)
    if found is None:
        rows = [first_close(market, ticker) for ticker in tickers]
        begun = [row for row in rows if row is not None]
        if len(begun) < len(tickers):
            return None
        found = kept[tickers] = max(begun)
    return found if found < market.end else None


def first_close(market: Market, ticker: str) -> int | None:
    """The row of the first close of *ticker*; None where it has none up to the as-of session."""
    kept: dict[str, int] = market.shown.__dict__.setdefault("_first_closes", {})
    found = kept.get(ticker)
    if found is None:
        rows = np.flatnonzero(np.isfinite(market.closes([ticker])[:, 0]))
        if len(rows) == 0:
            return None
        found = kept[ticker] = int(rows[0])
    return found if found < market.end else None
