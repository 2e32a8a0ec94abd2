"""UNI: who the members are, what they weigh, and what a symbol is."""

from __future__ import annotations

import numpy as np

from xlrotation.errors import NoData
from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.parameters import AsOf, Header, Here, Lang, SymbolRows, Universe, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.words import word
from xlrotation.market import classification, currencies, rosters, sectoring, weighing
from xlrotation.market.market import Market
from xlrotation.measures import ties

_RULE = (
    "a list with from and to dates (universes.csv) or dated weights has the members of the as-of date; one without has "
    "today's. Sectors: as the source says, else GICS as of 2026 for the largest companies"
)

_NOT_KNOWN = float("nan")

_TOLD = 10
"""Symbols that the data lack which are told one by one; of an index they may be hundreds."""


@worksheet_function(unit="table", example='=UNI_MEMBERS("SP50:Technology")', source=_RULE)
def UNI_MEMBERS(
    universe: Universe = default("SP50"),
    asof: AsOf = default(None),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """The members of a universe at the as-of date, with name and sector, and of which day they are known.

    Lists can be narrowed to a sector (SP500:Technology), added (MAG7+NFLX) and taken from each other (SP500-MAG7), read
    from left to right. Where the data do not say who was a member at the date, the last column says today's members.
    A sector that is not known shows #N/A.
    """
    known = word(rosters.known(asof, universe.name), lang)
    rows = [[ticker, asof.name(ticker, lang), _sector(asof, ticker, lang), known] for ticker in universe.tickers]
    return Table(("symbol", "name", "sector", "members_of"), rows, header, lang)


@worksheet_function(unit="table", example='=UNI_WEIGHTS("MAG7")')
def UNI_WEIGHTS(
    here: Here,
    universe: Universe = default("SP50"),
    asof: AsOf = default(None),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """The members of a universe with their weights at the as-of date, the heaviest first.

    Weights are those that the source brings for the universe at or before as-of, else market values; they are divided
    by their sum. A member without a weight comes last with #N/A, and the others add up to 1.
    """
    weights = weighing.told(asof, universe.name, universe.tickers, here.tell)
    total = float(np.nansum(weights))
    if not total > 0.0:
        raise NoData(f"the weights of {universe.name} at {asof.asof} sum to {total:g}; give another universe or date")
    order = ties.order(np.where(np.isfinite(weights), -weights, np.inf)).tolist()
    rows = [
        [universe.tickers[place], asof.name(universe.tickers[place], lang), float(weights[place]) / total]
        for place in order
    ]
    return Table(("symbol", "name", "weight"), rows, header, lang)


@worksheet_function(unit="table", example='=UNI_INFO("NVDA")')
def UNI_INFO(
    here: Here,
    symbol: SymbolRows = default("XLK"),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """What a symbol is: name, sector, exchange and currency; a row for each of several.

    Sectors are those that the source states, else GICS as of 2026 for the largest companies. The exchange is the one
    whose sessions count (XNYS stands for all of New York, Nasdaq among them); the currency is the source's, else that
    of the exchange. What is not known shows #N/A; an index has neither sector nor currency. Of a symbol that the data
    do not hold neither exchange nor currency is known, which is told; #N/A for all where they hold none.

    Args:
        symbol: A symbol, a range of them, or a list by name (MAG7).
    """
    market = here.market
    rows: list[list[object]] = []
    lacking: list[NoData] = []
    for ticker in symbol.tickers:
        place: list[object] = [_NOT_KNOWN, _NOT_KNOWN]
        try:
            market.ticker(ticker)
        except NoData as error:
            lacking.append(error)
        else:
            currency = currencies.currency_of(market.whole, market.listing, ticker)
            place = [market.listing.of(ticker).code, _NOT_KNOWN if currency is None else currency]
        rows.append([ticker, market.name(ticker, lang), _sector(market, ticker, lang), *place])
    if len(lacking) == len(rows):
        raise lacking[0]
    for reason in lacking[:_TOLD]:
        here.tell(reason.message)
    if len(lacking) > _TOLD:
        here.tell(f"{len(lacking) - _TOLD} more symbols of the list are not in the data")
    return Table(("symbol", "name", "sector", "exchange", "currency"), rows, header, lang)


def _sector(market: Market, ticker: str, lang: str) -> str | float:
    sector = sectoring.sector_of(market, ticker)
    return _NOT_KNOWN if sector is None else classification.sector_name(sector, lang)
