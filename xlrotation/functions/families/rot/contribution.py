"""ROT: what drives an index, by member or sector."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.kinds import ChoiceKind
from xlrotation.functions.boundary.parameters import AsOf, Count, Header, Here, Lang, Universe, Window, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.words import word
from xlrotation.functions.families import windowed
from xlrotation.functions.families.uni import attribution
from xlrotation.languages import Text
from xlrotation.market import classification, sectoring
from xlrotation.market.market import Market
from xlrotation.measures import ties

By = Annotated[str, ChoiceKind("MEMBER", "SECTOR", help=Text("MEMBER: a row per member. SECTOR: a row per sector."))]

_SOURCE = (
    "S&P Dow Jones Indices, Index Mathematics Methodology: a member's contribution is its weight at the beginning of "
    "the window times its return"
)


@worksheet_function(unit="table", example='=ROT_CONTRIB("MAG7","YTD")', source=_SOURCE)
def ROT_CONTRIB(
    here: Here,
    universe: Universe = default("SP50"),
    window: Window = default("1D"),
    asof: AsOf = default(None),
    n: Count = default(10),
    by: By = default("MEMBER"),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """What each member or sector adds to the return of a universe: its weight at the window's beginning times return.

    Members are those of the window's beginning. Weights are those that the source states for the universe then, else
    market values divided by their sum. The largest contributions come first, whatever their sign; below them stand the
    others together, the sum, the return of the index whose members they are and what the sum leaves of it: other
    members, changes of weights within the window, weights that are not the index's own. A member without a weight or a
    return is left out, which is told; without an index in the data its two rows are left out.

    Args:
        n: Rows with a name of their own; the others are one row.
    """
    found = attribution.contributions(here, asof, universe, window)
    values, weights = found.values, found.weights
    first = asof.base_row(window)
    if by == "SECTOR":
        began = asof.days[first].item()
        if (old := sectoring.sectors_of_today(asof, universe.name, found.tickers, began)) is not None:
            here.tell(old)
    groups: dict[tuple[str, str], int] = {}
    of = [groups.setdefault(_group(asof, ticker, by, lang, first), len(groups)) for ticker in found.tickers]
    sums = (np.bincount(of, numbers).tolist() for numbers in (weights, values))
    parts = list(zip(groups, *sums, strict=True))
    order = ties.order(-np.abs(np.array([value for _, _, value in parts]))).tolist()
    ranked = [parts[place] for place in order]
    rows: list[list[object]] = [
        [name, symbol, weight, _ratio(value, weight), value] for (name, symbol), weight, value in ranked[:n]
    ]
    if rest := ranked[n:]:
        weight, value = sum(part[1] for part in rest), sum(part[2] for part in rest)
        rows.append([word("others", lang), len(rest), weight, _ratio(value, weight), value])
    total, weight = float(values.sum()), float(weights.sum())
    rows.append([word("sum", lang), len(found.tickers), weight, _ratio(total, weight), total])
    if (index := attribution.index_of(asof, universe)) is not None:
        own = windowed.window_return(asof.series(index), window)
        none = float("nan")
        rows.append([asof.name(index, lang), index, none, own, own])
        rows.append([word("remainder", lang), none, none, none, ties.difference(own, total)])
    return Table(("name", "symbol", "weight", "return", "contribution"), rows, header, lang)


def _group(market: Market, ticker: str, by: str, lang: str, row: int) -> tuple[str, str]:
    """Name and symbol of the row that a member belongs to."""
    if by == "MEMBER":
        return market.name(ticker, lang), ticker
    sector = sectoring.sector_of(market, ticker, row)
    if sector is None:
        return word("no_sector", lang), ""
    return classification.sector_name(sector, lang), sector


def _ratio(value: float, weight: float) -> float:
    return value / weight if weight else float("nan")
