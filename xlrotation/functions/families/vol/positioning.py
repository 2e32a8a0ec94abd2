"""VOL: how options are positioned: put-call ratios, and the gamma of those who made the market in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import numpy as np

from xlrotation.errors import NoData
from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.kinds import ChoiceKind, NumberKind
from xlrotation.functions.boundary.parameters import AsOf, Count, Header, Here, Lang, Rate, Symbol, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.words import word
from xlrotation.functions.families.vol.chains import COVERAGE
from xlrotation.functions.families.vol.expiries import smiles_of, years_to
from xlrotation.functions.families.vol.implied import optionable, rate_or_none
from xlrotation.languages import Text
from xlrotation.market.chains import Chain
from xlrotation.market.market import Market
from xlrotation.measures import gamma, ties
from xlrotation.measures.arrays import BoolArray, FloatArray, distinct

Counted = Annotated[
    str,
    ChoiceKind(
        *("VOLUME", "OPEN_INTEREST"),
        also={"OI": "OPEN_INTEREST", "OPEN INTEREST": "OPEN_INTEREST"},
        help=Text("VOLUME: contracts traded in the session. OPEN_INTEREST: contracts open as of the last count."),
    ),
]
Dealers = Annotated[
    str,
    ChoiceKind(
        *("LONG_CALLS", "SHORT", "LONG_PUTS"),
        help=Text(
            "Who is short, which no data say. LONG_CALLS (default): customers sell calls and buy puts, so dealers are "
            "long calls and short puts. SHORT: customers buy both, dealers are short both. LONG_PUTS: customers buy "
            "calls and sell puts."
        ),
    ),
]
Multiplier = Annotated[float, NumberKind(minimum=1e-6, maximum=1e6, help=Text("Shares, or units, of a contract."))]

_HELD = {"LONG_CALLS": (1.0, -1.0), "SHORT": (-1.0, -1.0), "LONG_PUTS": (-1.0, 1.0)}
"""Contracts that dealers hold of a call and of a put that is open."""

_NAMES = {"volume": "volume", "open_interest": "open interest"}
_HEADS = {"volume": "volume", "open_interest": "openInterest"}


@worksheet_function(
    unit="ratio",
    example='=VOL_PUTCALL("SPX","OPEN_INTEREST")',
    source="Cboe, Volume and Put/Call Ratios: puts divided by calls",
)
def VOL_PUTCALL(
    here: Here,
    symbol: Symbol = default("^GSPC"),
    by: Counted = default("VOLUME"),
    asof: AsOf = default(None),
) -> float:
    """Put-call ratio of the options on a symbol: puts divided by calls, of the chain of the as-of session.

    Counted are all expiries after the session that the data hold; a refresh fetches those of the next weeks and the
    monthly ones of half a year. An option that last traded before the session traded none in it, whatever volume a
    source shows of its last day. Open interest is that of the last count, which exchanges make before the opening. What
    the source does not say is missing, never 0: #N/A where more than a fifth of the options lack it (fewer are told),
    and where no call was counted.
    """
    market = asof
    chain = market.chain(optionable(symbol))
    counts = _counts(here.tell, chain, "volume" if by == "VOLUME" else "open_interest")
    future = chain.expiry > np.datetime64(chain.day)
    if not future.any():
        raise NoData(f"the chain of {chain.symbol} at {chain.day} has no expiry to come")
    puts = float(np.nansum(counts[future & ~chain.call]))
    calls = float(np.nansum(counts[future & chain.call]))
    if calls == 0.0:
        what = "was traded" if by == "VOLUME" else "is open"
        raise NoData(f"no call on {chain.symbol} {what} at {chain.day}: puts cannot be divided by calls")
    return puts / calls


@worksheet_function(
    unit="table",
    example='=VOL_GEX("SPX","","LONG_CALLS",10)',
    source="gamma of Black and Scholes (1973); who is short as SqueezeMetrics (2017), Gamma Exposure, assumes it",
)
def VOL_GEX(
    here: Here,
    symbol: Symbol = default("^GSPC"),
    asof: AsOf = default(None),
    dealers: Dealers = default("LONG_CALLS"),
    n: Count = default(None),
    multiplier: Multiplier = default(100),
    rate: Rate = default(None),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """Dealer gamma: what dealers must trade for a move of 1 %, in money, by strike, with the level where it is none.

    Gamma x open interest x multiplier x price^2 x 0.01, of calls, of puts and net, summed over the expiries after the
    session that the data hold. Above zero dealers sell what rises and buy what falls, which calms; below zero they
    amplify. Who is short is an assumption: no data say it, and another one turns the sign (argument dealers). The first
    row is the sum at the price of the session, the second the level of the underlying nearest to it at which the net
    gamma changes its sign, when each option keeps its volatility (#N/A where there is none from half to one and a half
    of the price); then come the strikes.

    Volatilities are those of the quotes, at each strike of the option out of the money, by a straight line between
    strikes without a quote and the outermost beyond them. #N/A where the chain says no open interest, or where it lacks
    for more than a fifth of the options; expiries without a volatility are left out, which is told.

    Args:
        n: The n strikes with the largest net gamma, whatever its sign, in the order of strikes. Blank: all.
    """
    market = asof
    chain = market.chain(optionable(symbol))
    interest = _counts(here.tell, chain, "open_interest")
    spot = chain.spot if chain.spot == chain.spot else float(symbol.close[-1])
    if not spot > 0.0:
        raise NoData(f"the price of {chain.symbol} at {chain.day} is not known, neither by its chain nor by a close")
    rows = np.flatnonzero((interest > 0.0) & (chain.expiry > np.datetime64(chain.day)))
    book, known = _book(market, chain, rows, spot, rate_or_none(rate))
    whole = float(interest[rows].sum())
    if not whole or not ties.at_least(float(interest[rows][known].sum()) / whole, COVERAGE):
        raise NoData(
            f"the quotes of {chain.symbol} at {chain.day} give a volatility for too few of its open options; "
            "gamma needs quotes with a bid"
        )
    if not known.all():
        share = 1.0 - float(interest[rows][known].sum()) / whole
        here.tell(f"{share:.1%} of the open interest of {chain.symbol} is of expiries without a volatility; left out")
    rows = rows[known]
    call, strike = chain.call[rows], chain.strike[rows]
    long_call, long_put = _HELD[dealers]
    held = interest[rows] * np.where(call, long_call, long_put)
    level = gamma.zero_level(book, held, spot)
    if level != level:
        here.tell(f"dealers' gamma of {chain.symbol} keeps its sign from {0.5 * spot:g} to {1.5 * spot:g}")

    def money(at: float) -> FloatArray:
        return held * gamma.gamma(book, at) * multiplier * at * at * 0.01

    def row(name: str, at: float, values: FloatArray, calls: BoolArray) -> list[object]:
        return [word(name, lang), at, float(values[calls].sum()), float(values[~calls].sum()), float(values.sum())]

    here_and_now = money(spot)
    table = [row("at_price", spot, here_and_now, call)]
    none = float("nan")
    table.append(
        [word("zero_level", lang), none, none, none, none]
        if level != level
        else [*row("zero_level", level, money(level), call)[:4], 0.0]
    )
    strikes = distinct(strike)
    if n is not None and n < len(strikes):
        net = np.bincount(np.searchsorted(strikes, strike), here_and_now, len(strikes))
        strikes = np.sort(strikes[ties.order(-np.abs(net))[:n]])
    for one in strikes.tolist():
        there = strike == one
        table.append(row("strike", one, here_and_now[there], call[there]))
    return Table(("row", "level", "call_gamma", "put_gamma", "net_gamma"), table, header, lang)


def _counts(tell: Callable[[str], None], chain: Chain, name: str) -> FloatArray:
    """Contracts of each option of a chain, NaN for those of which the source says none.

    Raises:
        NoData: They are too many.
    """
    counts: FloatArray | None = getattr(chain, name)
    lacking = len(chain) if counts is None else int(np.isnan(counts).sum())
    if counts is None or not ties.at_least(1.0 - lacking / len(chain), COVERAGE):
        what = "no option" if counts is None else f"{len(chain) - lacking} of {len(chain)} options"
        raise NoData(
            f"the chain of {chain.symbol} at {chain.day} states the {_NAMES[name]} of {what}; refresh with --options "
            f"after the close, or bring a table of quotes with the column {_HEADS[name]}"
        )
    if lacking:
        tell(f"{lacking} of {len(chain)} options on {chain.symbol} at {chain.day} lack their {_NAMES[name]}; left out")
    return counts


def _book(
    market: Market, chain: Chain, rows: np.ndarray[tuple[int], np.dtype[np.intp]], spot: float, rate: float
) -> tuple[gamma.Book, BoolArray]:
    """The options of some rows of a chain that have a volatility, and which of the rows they are."""
    days, smiles, rate = smiles_of(market, chain, rate)
    vol, carry = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    for day, smile in zip(days, smiles, strict=True):
        out, other = (smile.call_vol, smile.put_vol), (smile.put_vol, smile.call_vol)
        above = smile.strike >= smile.forward
        first, second = np.where(above, *out), np.where(above, *other)
        vols = np.where(np.isfinite(first), first, second)
        quoted = np.isfinite(vols)
        if quoted.any():
            own = np.flatnonzero(chain.expiry[rows] == np.datetime64(day))
            vol[own] = np.interp(chain.strike[rows[own]], smile.strike[quoted], vols[quoted])
            carry[own] = smile.forward / spot
    years = years_to((chain.expiry[rows] - np.datetime64(chain.day)).astype(np.int64), chain.morning[rows])
    known = np.isfinite(vol) & (chain.strike[rows] > 0.0)
    parts = (chain.strike[rows], years, vol, carry, np.exp(-rate * years))
    return gamma.Book(*(part[known] for part in parts)), known
