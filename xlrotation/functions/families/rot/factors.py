"""ROT: a move of a symbol split into those of the market and of styles."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xlrotation.errors import NoData
from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.parameters import AsOf, Header, Here, Lang, Sessions, Symbol, Window, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.scope import Scope
from xlrotation.functions.boundary.words import word
from xlrotation.functions.families import windowed
from xlrotation.languages import ENGLISH, Text
from xlrotation.market.market import Market, Series
from xlrotation.market.panel import FloatArray
from xlrotation.market.windows import Window as WindowValue
from xlrotation.measures import regression, ties
from xlrotation.measures.returns import simple


class _Factor(NamedTuple):
    """A factor: the return of a fund, or that of one less that of another.

    Attributes:
        key: Its word.
        funds: What may measure it, the first that the data hold.
        less: What is taken from it.
    """

    key: str
    funds: tuple[str, ...]
    less: tuple[str, ...] = ()


_VALUE = Text("Value style")
_MARKET = ("SPY", "^GSPC")
_FACTORS = (
    _Factor("market", _MARKET),
    _Factor("size", ("IWM", "^RUT"), _MARKET),
    _Factor("value_style", ("IWD",), ("IWF",)),
    _Factor("momentum", ("MTUM",), _MARKET),
    _Factor("rates", ("TLT",)),
)
_LEAST = 30
"""Sessions from which on a regression on five factors is made."""


class _Held(NamedTuple):
    """A factor by the funds that the data hold."""

    key: str
    fund: Series
    less: Series | None

    @property
    def measured_by(self) -> str:
        """Its funds."""
        return self.fund.name if self.less is None else f"{self.fund.name} - {self.less.name}"

    def daily(self, count: int) -> FloatArray:
        """Its last returns."""
        own = simple(self.fund.close[-count - 1 :])
        return own if self.less is None else own - simple(self.less.close[-count - 1 :])

    def over(self, window: WindowValue) -> float:
        """What it made over a window."""
        own = windowed.window_return(self.fund, window)
        return own if self.less is None else own - windowed.window_return(self.less, window)


@worksheet_function(
    unit="table",
    example='=ROT_FACTORS("NVDA","20D")',
    source=(
        "regression on the returns of funds as Sharpe, Asset Allocation: Management Style and Performance Measurement, "
        "Journal of Portfolio Management 1992, without bounds on the weights"
    ),
    mixes=True,
)
def ROT_FACTORS(
    here: Here,
    symbol: Symbol = default("^RUT"),
    window: Window = default("20D"),
    asof: AsOf = default(None),
    n: Sessions = default(252),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """A move of a symbol split into market, size, value, momentum, rates and a remainder, with standard errors.

    Daily returns of the last n sessions are regressed on those of funds: market SPY, size IWM - SPY, value IWD - IWF,
    momentum MTUM - SPY, rates TLT (prices, without dividends). A part is the slope times what the factor made over the
    window, its standard error that of the slope times the same; the remainder is what is left of the return, so that
    the parts sum to it exactly. Sessions with a gap are left out. A factor whose funds the data lack, or that moves
    with the others, is left to the remainder, which is told, and so is an index in place of a fund.

    Args:
        n: Sessions of the regression, up to as-of.
    """
    move = windowed.window_return(symbol, window)
    held = _held(here, asof)
    length = min(n, len(symbol.close) - 1, asof.end - 1)
    y = simple(symbol.close[-length - 1 :])
    if length < n:
        here.tell(f"the data have {len(y)} of the {n} sessions of the regression of {symbol.name}: these count")
    while True:
        x = np.column_stack([factor.daily(length) for factor in held])
        known = np.isfinite(y) & np.isfinite(x).all(axis=1)
        count = int(np.count_nonzero(known))
        if count < _LEAST:
            raise NoData(f"{symbol.name} and the funds have {count} daily returns together, and {_LEAST} are needed")
        fit = regression.least_squares(y[known], x[known])
        if fit is not None:
            break
        if len(held) == 1:
            raise NoData(
                f"{held[0].measured_by} does not move over the last {n} sessions; give another as-of date or n"
            )
        here.tell(f"{held[-1].measured_by} moves with the other factors and is left to the remainder of {symbol.name}")
        held = held[:-1]
    if count < len(y):
        here.tell(f"sessions without a return of {symbol.name} and of all funds are left out of the regression")
    made = np.array([factor.over(window) for factor in held])
    parts = fit.slopes * made
    rows: list[list[object]] = [
        [word(factor.key, lang), factor.measured_by, *numbers]
        for factor, *numbers in zip(
            held,
            *(values.tolist() for values in (fit.slopes, fit.errors, made, parts, fit.errors * np.abs(made))),
            strict=True,
        )
    ]
    error = float(np.sqrt(max(0.0, float(made @ fit.covariance @ made))))
    rows.append([word("remainder", lang), "", "", "", "", ties.difference(move, float(parts.sum())), error])
    rows.append([word("sum", lang), symbol.name, "", "", "", move, ""])
    heads = ("factor", "measured_by", "beta", "beta_error", "factor_return", "contribution", "contribution_error")
    return Table(heads, rows, header, lang)


def _held(here: Scope, market: Market) -> list[_Held]:
    """The factors that the data can measure; the market must be one."""
    found: list[_Held] = []
    for factor in _FACTORS:
        fund, less = _first(market, factor.funds), _first(market, factor.less)
        name = _VALUE if factor.key == "value_style" else word(factor.key, ENGLISH)
        wanted = factor.funds[0] + (f" - {factor.less[0]}" if factor.less else "")
        if fund is None or (factor.less and less is None):
            if not found:
                raise NoData(f"the data hold none of {', '.join(_MARKET)}, and a move is split by the market first")
            here.tell(f"the factor {name} ({wanted}) is left to the remainder: the data do not hold its funds")
            continue
        if fund.name != factor.funds[0] or (less is not None and less.name != factor.less[0]):
            index = fund.name + (f" - {less.name}" if less is not None else "")
            here.tell(f"the factor {name} ({wanted}) is measured by {index} in place of its funds")
        found.append(_Held(factor.key, fund, less))
    return found


def _first(market: Market, tickers: tuple[str, ...]) -> Series | None:
    """The first of *tickers* with a close at the as-of session."""
    for ticker in tickers:
        if market.has(ticker) and np.isfinite((series := market.series(ticker)).close[-1]):
            return series
    return None
