"""DISP: the correlations of all pairs of a list."""

from __future__ import annotations

import numpy as np

from xlrotation.errors import BadArgument, NoData
from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.parameters import AsOf, Header, Here, Lang, Symbols, Window, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.families.disp.market import returns_in
from xlrotation.market.reasons import some_of
from xlrotation.measures import regression

_MOST = 500
"""Symbols of a matrix: a quarter of a million cells."""


@worksheet_function(unit="table", example='=DISP_CORR_MATRIX("MAG7","3M")', source="Pearson's correlation", mixes=True)
def DISP_CORR_MATRIX(
    here: Here,
    symbols: Symbols = default("SECTORS"),
    window: Window = default("3M"),
    asof: AsOf = default(None),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """Correlations of the daily returns of all pairs of a list over the window, with heads.

    Close-to-close price returns. All pairs are of the same sessions: a symbol with a gap in the window, or one that
    does not move in it, has #N/A in its row and column, and which these are is told. #N/A where fewer than two are
    left.
    """
    tickers = symbols.tickers
    if len(tickers) < 2:
        raise BadArgument(
            f"a correlation needs two symbols, and {symbols.name} has {len(tickers)}; give a list of them"
        )
    if len(tickers) > _MOST:
        raise BadArgument(f"{len(tickers)} symbols; a matrix of correlations has at most {_MOST}")
    returns = returns_in(asof, tickers, window)
    whole = np.isfinite(returns).all(axis=0)
    if len(returns) < regression.LEAST:
        raise NoData(f"{window} has {len(returns)} daily returns, and {regression.LEAST} are needed; widen the window")
    found = np.full((len(tickers), len(tickers)), np.nan)
    found[np.ix_(whole, whole)] = regression.correlations(returns[:, whole])
    left = [ticker for ticker, one in zip(tickers, np.isnan(np.diag(found)).tolist(), strict=True) if one]
    if len(left) > len(tickers) - 2:
        raise NoData(f"fewer than two of {symbols.name} have all closes of {window}, and move; change the window")
    if left:
        here.tell(f"no correlation over {window} with {some_of(left)}: a gap in the closes, or none moves")
    rows = [[ticker, *row] for ticker, row in zip(tickers, found.tolist(), strict=True)]
    return Table(("symbol", *tickers), rows, header, lang)
