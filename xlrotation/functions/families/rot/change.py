"""ROT: what changed among the sectors."""

from __future__ import annotations

import numpy as np

from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.kinds import Basket
from xlrotation.functions.boundary.parameters import AsOf, Header, Lang, Window, Windows, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.words import word
from xlrotation.functions.families import windowed
from xlrotation.market.market import Market
from xlrotation.market.panel import FloatArray
from xlrotation.market.windows import Window as WindowValue
from xlrotation.measures import ties

_HEADS = ("now", "before", "moved", "rank_now", "rank_before")


@worksheet_function(unit="table", example='=ROT_CHANGE("20D",,"5D")')
def ROT_CHANGE(
    windows: Windows = default("20D"),
    asof: AsOf = default(None),
    since: Window = default("5D"),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """Every sector in a fixed order: its return now and before, the change, and its rank now and before.

    Returns over each window as of the as-of session, and as they were at the session from which since counts. Rank 1 is
    the best; equal returns share the better rank. A return whose close at either end is missing shows #N/A and has no
    rank. The order is that of the list of sectors, so that a row of a sheet is always the same sector's.

    Args:
        since: How far back before is: 5D = five sessions, 1W = the same day a week ago, or a date.
    """
    tickers = asof.members("SECTORS")
    basket = Basket("SECTORS", tickers)
    earlier = asof.at_row(asof.base_row(since))
    columns: list[FloatArray] = []
    heads: list[str] = []
    for window in windows:
        now, before = _returns(asof, basket, window), _returns(earlier, basket, window)
        columns += [now, before, _gaps(now, before), _ranks(now), _ranks(before)]
        heads += [f"{window} {word(head, lang)}" for head in _HEADS]
    rows = [
        [asof.name(ticker, lang), ticker, *(_cell(head, float(column[place])) for head, column in _named(columns))]
        for place, ticker in enumerate(tickers)
    ]
    return Table(("sector", "symbol", *heads), rows, header, lang)


def _named(columns: list[FloatArray]) -> list[tuple[str, FloatArray]]:
    return [(_HEADS[place % len(_HEADS)], column) for place, column in enumerate(columns)]


def _cell(head: str, value: float) -> float | int:
    return int(value) if head.startswith("rank") and value == value else value


def _returns(market: Market, basket: Basket, window: WindowValue) -> FloatArray:
    return np.array([value for _, value in windowed.member_returns(market, basket, window)])


def _gaps(now: FloatArray, before: FloatArray) -> FloatArray:
    return np.array([ties.return_gap(a, b) if a == a and b == b else np.nan for a, b in zip(now, before, strict=True)])


def _ranks(values: FloatArray) -> FloatArray:
    """Ranks, 1 = highest; equal values share the better one, and a gap has none."""
    growth = 1.0 + values
    return np.array([1.0 + np.count_nonzero(ties.above(growth, own)) if own == own else np.nan for own in growth])
