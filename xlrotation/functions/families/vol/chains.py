"""Implied volatilities out of the market's option chains, as the families VOL and DISP need them."""

from __future__ import annotations

import datetime as dt
import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from xlrotation.errors import NoData, OutOfDomain, RotationError
from xlrotation.functions.boundary.kinds import Basket
from xlrotation.market import adjustment, weighing
from xlrotation.market.chains import Chain, is_monthly
from xlrotation.market.market import Market
from xlrotation.market.panel import FloatArray
from xlrotation.measures import modelfree, smile, ties
from xlrotation.measures.arrays import BoolArray, IntArray

NO_RATE = math.nan
"""Stands for a rate that the caller leaves to the data."""

COVERAGE = 0.8
"""Share of a basket's weight that must have a volatility: of fewer members the basket would be another one."""

STALE_DAYS = 90
"""An option that has not traded for longer is taken to have a stale quote: the quotes of real chains reach back to
before a split (NVDA's, of June 2024, still stood in its chain of November 2025)."""

_MINUTES_BEFORE_CLOSE = 390.0
_BILL = "^IRX"
_BILL_SESSIONS = 5

_INDICES: dict[str, tuple[tuple[str, int], ...]] = {
    "^GSPC": (("^VIX9D", 9), ("^VIX", 30), ("^VIX3M", 93), ("^VIX6M", 184)),
    "^NDX": (("^VXN", 30),),
    "^RUT": (("^RVX", 30),),
    "GLD": (("^GVZ", 30),),
    "SLV": (("^VXSL", 30),),
}
"""Volatility indices by underlying, with their maturities in days: they stand in where there is no chain."""

_SAME_UNDERLYING = {"SPY": "^GSPC", "QQQ": "^NDX", "IWM": "^RUT"}

VIX, DSPX = "VIX", "DSPX"
"""Rules by which the two expiries of a model-free volatility are picked."""


@dataclass(frozen=True, slots=True)
class Request:
    """Which implied volatility is asked for.

    Attributes:
        tenor: Maturity in calendar days.
        method: ``ATM`` (at a delta) or ``MODELFREE`` (all strikes).
        rate: Interest rate; NaN means the chain's own, else the 13-week bill (^IRX), else zero.
        delta: Delta of the call that ``ATM`` is read at; a volatility index stands in at 0.5 only.
        fallback: Whether a volatility index may stand in for the chain. None: where the data hold no chain of the
            symbol up to as-of.
        rule: How ``MODELFREE`` picks its expiries, :data:`VIX` or :data:`DSPX`. None: as the symbol's kind has it.
    """

    tenor: int
    method: str = "ATM"
    rate: float = NO_RATE
    delta: float = 0.5
    fallback: bool | None = None
    rule: str | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """What it is remembered by; a gap equals itself."""
        rate = None if self.rate != self.rate else self.rate
        return self.tenor, self.method, rate, self.delta, self.fallback, self.rule


class _Found(NamedTuple):
    """A volatility, and what a reader must know of it."""

    volatility: float
    remark: str = ""


def implied_volatility(market: Market, ticker: str, asked: Request, tell: Callable[[str], None]) -> float:
    """Implied volatility of *ticker* at a constant maturity.

    Args:
        market: The market.
        ticker: The underlying.
        asked: Which one.
        tell: Takes the remark that a volatility index stands in.

    Raises:
        NoData: Neither a chain of the as-of session nor a volatility index that may stand in gives it.
    """

    def find() -> _Found | RotationError:
        try:
            chain = market.chain(ticker)
            if asked.method == "ATM":
                return _Found(_at_delta(market, chain, asked))
            return _Found(_free(market, chain, asked))
        except RotationError as error:
            return _stand_in(market, ticker, asked, error)

    found = market.remembered(("volatility", ticker, *asked.key), find)
    if isinstance(found, RotationError):
        raise found.with_traceback(None)  # raised again and again, it must not gather frames
    if found.remark:
        tell(found.remark)
    return found.volatility


def _stand_in(market: Market, ticker: str, asked: Request, error: RotationError) -> _Found | RotationError:
    """The volatility index in place of a chain that does not give the volatility, or why there is none."""
    if asked.fallback is False:
        return error
    level, names = _from_index(market, ticker, asked.tenor) if asked.delta == 0.5 else (math.nan, "")
    if level != level:
        return error
    if asked.fallback is None and market.had_chain(ticker):
        reason = f"{error.message}; {names} would give {level:.4f}: set fallback to TRUE to let it stand in"
        return type(error)(reason)
    what = "at the money" if asked.method == "ATM" else "model-free"
    return _Found(
        level,
        f"{names}, a model-free volatility index, stands in for the {what} volatility of {ticker} at "
        f"{market.asof}: {error.message}",
    )


def sessions_in(tenor: int) -> int:
    """Sessions that pass in a tenor: 21 in 30 days, 252 in 365 (30 days make 20.7)."""
    return max(2, round(tenor * 252 / 365))


@dataclass(frozen=True, slots=True)
class BasketVols:
    """Members with a volatility: tickers, volatilities, and weights that add up to 1."""

    tickers: tuple[str, ...]
    vols: FloatArray
    weights: FloatArray


def basket_volatilities(market: Market, basket: Basket, asked: Request, tell: Callable[[str], None]) -> BasketVols:
    """Implied volatilities of a basket's members with their weights.

    Args:
        market: The market.
        basket: The members.
        asked: Which volatility.
        tell: Takes the remarks on members for which a volatility index stands in.

    Raises:
        NoData: Members of less than :data:`COVERAGE` of the weight have one; the message says why the first has none.
    """
    weights = weighing.told(market, basket.name, basket.tickers, tell)
    vols = np.full(len(basket.tickers), np.nan)
    reason = ""
    for place, ticker in enumerate(basket.tickers):
        try:
            vols[place] = implied_volatility(market, ticker, asked, tell)
        except RotationError as error:
            reason = reason or error.message
    known = np.isfinite(vols) & np.isfinite(weights)
    share = float(weights[known].sum() / np.nansum(weights)) if known.any() else 0.0
    if np.count_nonzero(known) < 2 or not ties.at_least(share, COVERAGE):
        raise NoData(
            f"{np.count_nonzero(known)} of {len(vols)} members of {basket.name} ({share:.0%} of the weight) "
            f"have an implied volatility: {reason}"
        )
    tickers = tuple(basket.tickers[place] for place in np.flatnonzero(known))
    return BasketVols(tickers, vols[known], weights[known] / weights[known].sum())


def _from_index(market: Market, ticker: str, tenor: int) -> tuple[float, str]:
    """Interpolated between volatility indices of the underlying, from one only at its own maturity; NaN if neither.

    With the names of those that it lies between.
    """
    points = _INDICES.get(_SAME_UNDERLYING.get(ticker, ticker), ())
    levels = market.closes([symbol for symbol, _ in points])[-1] / 100.0 if points else np.empty(0)
    years = np.array([days / 365.0 for _, days in points])
    known = [point for point, level in zip(points, levels.tolist(), strict=True) if level == level]
    below = [point for point in known if point[1] <= tenor][-1:]
    above = [point for point in known if point[1] >= tenor][:1]
    names = " and ".join(dict.fromkeys(name.removeprefix("^") for name, _ in below + above))
    return smile.constant_maturity(years, levels, tenor / 365.0), names


def _discount_rate(market: Market, chain: Chain, rate: float) -> float:
    if rate == rate:
        return rate
    if chain.rate == chain.rate:
        return chain.rate
    if market.has(_BILL):
        closes = market.series(_BILL).close[-_BILL_SESSIONS:]
        known = closes[np.isfinite(closes)]
        if len(known):
            return math.log1p(float(known[-1]) / 100.0)
    return 0.0


class _Expiry:
    """An expiry of a chain; of options that settle in the morning and others the latter count.

    Args:
        chain: The chain.
        day: Its day.
        rows: Its fresh quotes among those of the chain.

    Attributes:
        day: Its day.
        days: Days to it.
        years: Years to it, by the minute.
        standard: Whether it is a standard monthly one.
    """

    def __init__(self, chain: Chain, day: dt.date, rows: IntArray) -> None:
        morning = chain.morning[rows]
        self._chain, self._rows = chain, rows if morning.all() else rows[~morning]
        self.day, self.days, self.standard = day, (day - chain.day).days, is_monthly(day)
        self.years = float(years_to(self.days, morning.all()))

    @functools.cached_property
    def strip(self) -> smile.Strip:
        """Its quotes by strike, laid out when they are first asked for: few questions are about all expiries."""
        chain, rows = self._chain, self._rows
        strike, call = chain.strike[rows], chain.call[rows]
        strip = smile.strip(strike, call, chain.bid[rows], chain.ask[rows])
        traded = smile.trades(strike, call, chain.traded[rows])
        return smile.without_stale(strip, traded, chain.spot)


def last_split(market: Market, ticker: str) -> dt.date | None:
    """The first session after the last split of *ticker* up to as-of; None where the data know of none."""
    try:
        series = market.series(ticker)
        rows = np.flatnonzero(adjustment.split_ratio(series.field("split")) != 1.0)
    except RotationError:  # Chains without prices, or prices without splits.
        return None
    day: dt.date | None = series.days[rows[-1]].item() if len(rows) else None
    return day


def _expiries(market: Market, chain: Chain, least_days: int) -> list[_Expiry]:
    """The expiries with fresh quotes that are so many days away, soonest first.

    A chain is laid out once, whatever is asked of it: tenors, methods and rates differ only in what they do with it.
    """
    return [
        one
        for one in market.remembered(("expiries", chain.symbol), lambda: _laid_out(market, chain))
        if one.days >= least_days
    ]


def _laid_out(market: Market, chain: Chain) -> list[_Expiry]:
    fresh = ~(np.datetime64(chain.day) - chain.traded > np.timedelta64(STALE_DAYS, "D"))
    split = last_split(market, chain.symbol)
    if split is not None:  # A quote from before is of other shares than the strike it stands at.
        fresh &= ~(chain.traded < np.datetime64(split))
    fresh &= chain.expiry > np.datetime64(chain.day)
    rows = np.flatnonzero(fresh)
    rows = rows[np.argsort(chain.expiry[rows], kind="stable")]
    days, firsts = np.unique(chain.expiry[rows], return_index=True)
    return [_Expiry(chain, day, of_day) for day, of_day in zip(days.tolist(), np.split(rows, firsts[1:]), strict=False)]


def years_to(days: IntArray | int, morning: BoolArray | np.bool_) -> FloatArray:
    """Years to expiries so many days ahead, by the minute; those that settle in the morning do before the close."""
    minutes = np.asarray(days, float) * 1440.0 - np.where(morning, _MINUTES_BEFORE_CLOSE, 0.0)
    years: FloatArray = minutes / modelfree.MINUTES_A_YEAR
    return years


_LEAST_DAYS_ATM = 3
"""Expiries closer than this are left out of the at-the-money volatility: a day's rounding moves theirs by points."""


def _coming(market: Market, chain: Chain, least_days: int) -> list[_Expiry]:
    """The expiries that are so many days away.

    Raises:
        NoData: There is none.
    """
    expiries = _expiries(market, chain, least_days)
    if not expiries:
        raise NoData(f"the chain of {chain.symbol} at {chain.day} has no expiry to come")
    return expiries


class Smiles(NamedTuple):
    """The smiles of a chain, soonest expiry first, with the days of the expiries and the rate for discounting."""

    days: list[dt.date]
    smiles: list[smile.Smile]
    rate: float


def smiles_of(market: Market, chain: Chain, rate: float = NO_RATE, least_days: int = 1) -> Smiles:
    """The smiles of the expiries at least *least_days* away, of the quotes that count; laid out once.

    Raises:
        NoData: There is no such expiry.
    """
    rate = _discount_rate(market, chain, rate)
    expiries = _coming(market, chain, least_days)

    def made() -> list[smile.Smile]:
        return smile.smiles([one.strip for one in expiries], np.array([one.years for one in expiries]), rate)

    found = market.remembered(("smiles", chain.symbol, least_days, rate), made)
    return Smiles([one.day for one in expiries], found, rate)


def _at_delta(market: Market, chain: Chain, asked: Request) -> float:
    """The volatility at a delta and a tenor: of the expiries only those around the tenor are solved."""
    least, wanted = min(_LEAST_DAYS_ATM, asked.tenor), asked.tenor / 365.0
    rate = _discount_rate(market, chain, asked.rate)
    expiries = _coming(market, chain, least)
    known: dict[dt.date, float] = market.remembered(("at delta", chain.symbol, rate, asked.delta), dict)

    def solve(some: list[_Expiry]) -> None:
        new = [one for one in some if one.day not in known]
        if new:
            made = smile.smiles([one.strip for one in new], np.array([one.years for one in new]), rate)
            known.update((one.day, smile.at_delta(of_day, asked.delta)) for one, of_day in zip(new, made, strict=True))

    before = [one for one in reversed(expiries) if one.years <= wanted]
    behind = [one for one in expiries if one.years >= wanted]
    solve([*before[:1], *behind[:1]])
    around: dict[float, float] = {}
    for side in (before, behind):  # on each side the nearest one that has a volatility
        for one in side:
            solve([one])
            if (vol := known[one.day]) == vol:
                around[one.years] = vol
                break
    volatility = smile.constant_maturity(np.array(list(around)), np.array(list(around.values())), wanted)
    if volatility != volatility:
        solve(expiries)
        usable = [str(one.day) for one in expiries if known[one.day] == known[one.day]]
        raise NoData(
            f"no two expiries of {chain.symbol} with quotes around that delta enclose {asked.tenor} days from "
            f"{chain.day}: {', '.join(usable) or 'none'}"
        )
    return volatility


def rule_of(ticker: str) -> str:
    """The rule by which the expiries of *ticker* are picked: that of the VIX for what has an index of its kind."""
    return VIX if ticker.startswith("^") or ticker in _INDICES or ticker in _SAME_UNDERLYING else DSPX


def _free(market: Market, chain: Chain, asked: Request) -> float:
    tenor = asked.tenor
    expiries = _expiries(market, chain, 1)
    days = [one.days for one in expiries]
    pair = None
    if (asked.rule or rule_of(chain.symbol)) == VIX:
        pair = modelfree.around(days, tenor)
    pair = pair or modelfree.near_and_next(days, [one.standard for one in expiries], tenor)
    if pair is None:
        raise NoData(
            f"model-free variance at {tenor} days needs an expiry {modelfree.nearest(tenor)} to {tenor} days away and "
            f"one up to 90 days later; {chain.symbol} at {chain.day} has "
            f"{', '.join(f'{one.day} ({one.days} days)' for one in expiries) or 'none'}"
        )
    discount = _discount_rate(market, chain, asked.rate)
    near, following = (expiries[place] for place in pair)
    first, second = _variance(chain, near, discount), _variance(chain, following, discount)
    level = modelfree.thirty_day_index(first, second, near.years, following.years, tenor * 1440.0)
    if level != level:
        raise OutOfDomain(f"the quotes of {chain.symbol} at {chain.day} give a negative variance")
    return level / 100.0


def _variance(chain: Chain, expiry: _Expiry, rate: float) -> float:
    found = modelfree.expiry_variance(*expiry.strip, expiry.years, rate)
    if min(found.puts, found.calls) < modelfree.LEAST_OPTIONS:
        raise NoData(
            f"{chain.symbol} at {chain.day}: the expiry of {expiry.day} has {found.puts} puts and {found.calls} calls "
            "out of the money with a bid; a variance needs three of each"
        )
    return found.variance
