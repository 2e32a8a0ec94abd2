"""Implied volatilities out of the market's option chains, as the families VOL and DISP need them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from xlrotation.errors import NoData, OutOfDomain, RotationError
from xlrotation.functions.boundary.kinds import Basket
from xlrotation.functions.families.vol import atdelta
from xlrotation.functions.families.vol.expiries import NO_RATE as NO_RATE
from xlrotation.functions.families.vol.expiries import Expiry, discount_rate, expiries_of
from xlrotation.market import weighing
from xlrotation.market.chains import Chain
from xlrotation.market.market import Market
from xlrotation.market.panel import FloatArray
from xlrotation.measures import modelfree, smile, ties

COVERAGE = 0.8
"""Share of a basket's weight that must have a volatility: of fewer members the basket would be another one."""

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

    @property
    def place(self) -> atdelta.Place:
        """Where ``ATM`` reads a chain."""
        return atdelta.Place(self.tenor, self.delta, self.rate)


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
                return _Found(atdelta.volatility(market, chain, asked.place))
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
    if asked.method == "ATM":
        key = ("together", basket.tickers, *asked.key)
        market.remembered(key, lambda: atdelta.solve_together(market, basket.tickers, asked.place))
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


def rule_of(ticker: str) -> str:
    """The rule by which the expiries of *ticker* are picked: that of the VIX for what has an index of its kind."""
    return VIX if ticker.startswith("^") or ticker in _INDICES or ticker in _SAME_UNDERLYING else DSPX


def _free(market: Market, chain: Chain, asked: Request) -> float:
    tenor = asked.tenor
    expiries = expiries_of(market, chain, 1)
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
    discount = discount_rate(market, chain, asked.rate)
    near, following = (expiries[place] for place in pair)
    first, second = _variance(chain, near, discount), _variance(chain, following, discount)
    level = modelfree.thirty_day_index(first, second, near.years, following.years, tenor * 1440.0)
    if level != level:
        raise OutOfDomain(f"the quotes of {chain.symbol} at {chain.day} give a negative variance")
    return level / 100.0


def _variance(chain: Chain, expiry: Expiry, rate: float) -> float:
    found = modelfree.expiry_variance(*expiry.strip, expiry.years, rate)
    if min(found.puts, found.calls) < modelfree.LEAST_OPTIONS:
        raise NoData(
            f"{chain.symbol} at {chain.day}: the expiry of {expiry.day} has {found.puts} puts and {found.calls} calls "
            "out of the money with a bid; a variance needs three of each"
        )
    return found.variance
