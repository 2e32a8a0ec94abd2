"""VOL: the shape of implied volatility over deltas and maturities, and its place in time."""

from __future__ import annotations

import math
import re

import numpy as np

from xlrotation.errors import BadArgument, NoData, RotationError
from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.parameters import AsOf, Header, Here, Lang, Symbol, Tenor, Texts, Window, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.scope import Scope
from xlrotation.functions.families import windowed
from xlrotation.functions.families.vol.chains import Request
from xlrotation.functions.families.vol.implied import implied_of
from xlrotation.market import windows
from xlrotation.market.market import Market, Series
from xlrotation.market.panel import FloatArray
from xlrotation.measures import ties

_SEPARATORS = re.compile(r"[\s,;\uff0c\uff1b\u3001]+")
_MOST = 30
"""Maturities or deltas of a surface at most."""

_TOLD = 10
"""Reasons of a surface that are told; one that reaches far beyond its chain has one for every maturity."""


@worksheet_function(unit="table", example='=VOL_SURFACE("SPX","1M 2M 3M","0.25 0.5 0.75")')
def VOL_SURFACE(
    here: Here,
    symbol: Symbol = default("^GSPC"),
    tenors: Texts = default("1M 2M 3M"),
    deltas: Texts = default("0.1 0.25 0.5 0.75 0.9"),
    asof: AsOf = default(None),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """Surface of implied volatility: a row for each maturity in days, a column for each delta of the call.

    0.75 is the put of 25 delta. Per year, as VOL_IMPLIED reads them from the chain of the as-of session; #N/A where the
    chain has no quotes around a delta or no expiries around a maturity, which is told. Nothing stands in for a chain.

    Args:
        tenors: Maturities, as a range or one text: 1M 2M 3M.
        deltas: Deltas of the call from 0.05 to 0.95, as a range or one text.
    """
    days = [_tenor(text) for text in _parts("tenors", tenors)]
    places = [_delta(text) for text in _parts("deltas", deltas)]
    rows: list[list[object]] = []
    reasons: dict[str, RotationError] = {}
    for tenor in days:
        row: list[object] = [tenor]
        for delta in places:
            try:
                row.append(_implied(asof, symbol, tenor, delta))
            except NoData as error:
                reasons.setdefault(error.message, error)
                row.append(math.nan)
        rows.append(row)
    if reasons and all(value != value for row in rows for value in row[1:]):
        raise next(iter(reasons.values()))
    for reason in list(reasons)[:_TOLD]:
        here.tell(reason)
    if len(reasons) > _TOLD:
        here.tell(f"{len(reasons) - _TOLD} more values of the table are missing")
    return Table(("days", *(f"{delta:g}" for delta in places)), rows, header, lang)


@worksheet_function(unit="share", example='=VOL_IVRANK("NVDA","1M","1Y")')
def VOL_IVRANK(
    here: Here,
    symbol: Symbol = default("^GSPC"),
    tenor: Tenor = default("1M"),
    window: Window = default("1Y"),
    asof: AsOf = default(None),
) -> float:
    """IV rank: place of implied volatility between the lowest (0) and the highest (1) of the window's sessions.

    At the money, of the chains that the data hold; how many sessions have one is told where some lack it. #N/A for
    fewer than two, or where all are the same. A volatility index never stands in among chains.
    """
    found = _history(here, asof, symbol, tenor, window)
    low, high = float(found.min()), float(found.max())
    if ties.equal(low, high):
        raise NoData(f"the implied volatility of {symbol.name} never changed over {window}; widen the window")
    return (float(found[-1]) - low) / (high - low)


@worksheet_function(unit="share", example='=VOL_IVPCTILE("NVDA","1M","1Y")')
def VOL_IVPCTILE(
    here: Here,
    symbol: Symbol = default("^GSPC"),
    tenor: Tenor = default("1M"),
    window: Window = default("1Y"),
    asof: AsOf = default(None),
) -> float:
    """IV percentile: share of the window's sessions whose implied volatility was at or below that of the as-of session.

    At the money, of the chains that the data hold, the as-of session counted; how many sessions have one is told where
    some lack it. #N/A for fewer than two. A volatility index never stands in among chains.
    """
    found = _history(here, asof, symbol, tenor, window)
    return float(np.mean(~ties.above(found, float(found[-1]))))


def _implied(market: Market, symbol: Series, tenor: int, delta: float) -> float:
    """Of the chain alone: where nothing stands in, nothing is told."""
    return implied_of(lambda _: None, market, symbol, Request(tenor, delta=delta, fallback=False))


def _parts(name: str, texts: tuple[str, ...]) -> list[str]:
    found = [part for text in texts for part in _SEPARATORS.split(text) if part]
    if not 1 <= len(found) <= _MOST:
        raise BadArgument(f"{name} has {len(found)} values; give 1 to {_MOST}")
    return found


def _tenor(text: str) -> int:
    try:
        return windows.read_tenor(float(text))  # a number in a cell comes as 35.0
    except ValueError:
        return windows.read_tenor(text)


def _delta(text: str) -> float:
    try:
        delta = float(text)
    except ValueError:
        delta = math.nan
    if not 0.05 <= delta <= 0.95:
        raise BadArgument(f"{text[:40]!r} is no delta of a call; give numbers from 0.05 to 0.95, 0.5 at the money")
    return delta


def _history(here: Scope, market: Market, symbol: Series, tenor: int, window: windows.Window) -> FloatArray:
    """Implied volatilities of the window's sessions that have one, that of the as-of session last."""
    last = _implied(market, symbol, tenor, 0.5)
    first = windowed.first_row(symbol, window)

    def earlier() -> FloatArray:
        known = np.array(market.shown.chains.days(symbol.name), "datetime64[D]")
        rows = np.flatnonzero(np.isin(market.days, known))
        found = []
        for row in rows[(rows >= first) & (rows < market.end - 1)].tolist():
            then = market.at_row(row)
            try:
                found.append(_implied(then, then.series(symbol.name), tenor, 0.5))
            except NoData:
                continue
        return np.array(found)

    found = np.append(market.remembered(("implied history", symbol.name, tenor, first), earlier), last)
    sessions = market.end - first
    if len(found) < 2:
        raise NoData(
            f"the data hold one session with an implied volatility of {symbol.name} in {window}; two are needed"
        )
    if len(found) < sessions:
        here.tell(f"{len(found)} of {sessions} sessions in {window} have an implied volatility of {symbol.name}")
    return found
