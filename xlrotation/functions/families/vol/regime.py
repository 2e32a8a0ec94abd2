"""VOL: which regime of volatility a market is in."""

from __future__ import annotations

import math
from typing import Annotated

import numpy as np

from xlrotation.errors import NoData, OutOfDomain
from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.kinds import CountKind
from xlrotation.functions.boundary.parameters import AsOf, Header, Here, Lang, Symbol, Window, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.families import windowed
from xlrotation.languages import Text
from xlrotation.measures import regimes

States = Annotated[int, CountKind(minimum=2, maximum=3, help=Text("Number of regimes, 2 or 3."))]
_NEAR = 2.0
"""Log-likelihood by which another fit must fall behind, or the data do not choose between the two."""

_MOST = 5040
"""Returns of twenty years: more make a fit too slow for a cell."""


@worksheet_function(
    unit="table",
    example='=VOL_REGIME("SPX",2,"3Y")',
    source="Hamilton (1989), A New Approach to the Economic Analysis of Nonstationary Time Series; greatest likelihood",
)
def VOL_REGIME(
    here: Here,
    symbol: Symbol = default("^GSPC"),
    states: States = default(2),
    window: Window = default("3Y"),
    asof: AsOf = default(None),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """Regimes of volatility, the calmest first: probability at as-of, volatility per year, sessions that one lasts.

    A Markov-switching model of the daily log returns of the window: normal, with one mean and a variance that goes
    with the regime; regimes follow each other with fixed probabilities. Fitted anew by the greatest likelihood, from
    several starts, on the returns up to as-of alone. The probability is filtered, never smoothed: P(regime | returns
    so far), so that what is shown of a past day was known on it. A return that lacks one of its closes is left out:
    its session tells nothing. Rounded to the digits that the search for the greatest likelihood settles on any
    processor: six decimals, sessions three.

    The search begins at many places and is carried to its end from the best different ones. Where one of them ends on
    another fit that is nearly as likely, that is told: the regimes are then not to be told apart.

    #N/A where the returns are fewer than 60 for each regime, or do not tell so many regimes apart. Three regimes are
    often more than three years of returns can tell.
    """
    windowed.tell_if_shorter(here, symbol, window)
    closes = windowed.closes_in(symbol, window)
    known = np.flatnonzero(np.isfinite(closes))
    if len(known) > _MOST:
        raise NoData(f"{window} has {len(known)} closes, and {_MOST} are fitted at most; shorten the window")
    if (closes[known] <= 0.0).any():
        raise OutOfDomain(f"a close of {symbol.name} is not above zero and has no logarithm; change the window")
    returns = np.diff(np.log(closes))
    count = int(np.isfinite(returns).sum())
    if count < regimes.LEAST * states:
        raise NoData(
            f"{states} regimes need {regimes.LEAST * states} daily returns, and {window} has {count}; widen the window"
        )
    found = regimes.fit(returns, states)
    if found is None:
        raise NoData(f"the returns of {symbol.name} over {window} do not tell {states} regimes apart; widen the window")
    if found.rivals and (less := found.log_likelihood - found.rivals[0]) < _NEAR:
        here.tell(
            f"the fit is one of several: another one of {states} regimes is nearly as likely ({-less:.1f} in "
            "log-likelihood); widen the window"
        )
    stays = np.diag(found.transition)
    rows = [
        [
            place + 1,
            round(float(found.filtered[-1, place]), 6),
            round(float(found.vol[place]) * math.sqrt(252.0), 6),
            round(1.0 / (1.0 - stay), 3),
        ]
        for place, stay in enumerate(stays.tolist())
    ]
    return Table(("regime", "probability", "volatility", "lasts"), rows, header, lang)
