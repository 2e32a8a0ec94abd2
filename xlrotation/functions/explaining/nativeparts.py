"""Formulas of the spreadsheet itself that compute what a function gives, from the data that went in.

A function that can be written so is declared here: what takes its arguments as the function itself does, and gives the
formula with the data in it. It is written from the definition and not from the code of the function, so that two
computations of one number meet. Where none is declared, or the data are too many for a cell, that is said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from xlrotation.market.market import Market, Series
from xlrotation.market.panel import FloatArray
from xlrotation.market.windows import Unit, Window

LONGEST = 8192
"""Characters that a formula may have in a cell."""


class NoNative(Exception):  # noqa: N818 - said, and no error
    """There is no native formula for these arguments; what it is made with says why, a sentence or a text."""


Native = Callable[..., str]

NATIVES: dict[str, Native] = {}
"""By function: gives the formula, without the leading ``=``, of the arguments that the function itself is given."""


def native(*names: str) -> Callable[[Native], Native]:
    """Declare the native formula of functions."""

    def declare(found: Native) -> Native:
        NATIVES.update(dict.fromkeys(names, found))
        return found

    return declare


# ---------------------------------------------------------------------- data as they stand in a formula


def number(value: float) -> str:
    """A number in full.

    Raises:
        NoNative: It is a gap.
    """
    if not np.isfinite(value):
        raise NoNative("one of the data is a gap")
    text = f"{float(value):.17g}"
    shorter = f"{float(value):.15g}"
    return shorter if float(shorter) == float(value) else text


def column(values: Sequence[float] | FloatArray) -> str:
    """Numbers as an array of constants, one below the other."""
    if len(values) == 0:
        raise NoNative("there are no data")
    return "{" + ";".join(number(value) for value in values) + "}"


def known(values: FloatArray) -> FloatArray:
    """What is no gap."""
    found: FloatArray = values[np.isfinite(values)]
    return found


def base_row(series: Series, window: Window) -> int:
    """The row of the base close: of a calendar window the last one with a close."""
    row = series.base_row(window)
    return row if window.unit is Unit.SESSIONS else series.last_close_row(row)


def first_row(series: Series, window: Window) -> int:
    """The row of the window's first session: that after its base, or of all the first one."""
    row = series.base_row(window)
    return row if window.unit is Unit.EVERYTHING else row + 1


def closes_in(series: Series, window: Window) -> FloatArray:
    """The closes of the window's sessions: n of them, those after a calendar window's base, or all."""
    return series.close[first_row(series, window) :]


def ends(series: Series, window: Window, basis: str = "price", anchor: str = "CLOSE") -> tuple[float, float]:
    """The first and the last price of a return."""
    if anchor != "CLOSE":
        raise NoNative(f"none is declared for the anchor {anchor}")
    path = series.path(basis)
    return float(path[base_row(series, window)]), float(path[-1])


def grown(series: Series, window: Window, basis: str = "price", anchor: str = "CLOSE") -> str:
    """What one became: last over first."""
    first, last = ends(series, window, basis, anchor)
    return f"{number(last)}/{number(first)}"


def each_grown(pairs: Sequence[tuple[float, float]]) -> str:
    """What one in each of several became, from their first and last prices."""
    return f"{column([last for _, last in pairs])}/{column([first for first, _ in pairs])}"


def members_grown(market: Market, tickers: Sequence[str], window: Window) -> str:
    """What one in each member became, of those that have both prices."""
    pairs = []
    for ticker in tickers:
        if not market.shown.holds(ticker):
            continue
        series = market.series(ticker)
        try:
            first, last = ends(series, window)
        except Exception as error:
            raise NoNative(str(error)) from None
        if np.isfinite(first) and np.isfinite(last):
            pairs.append((first, last))
    return each_grown(pairs)


def both(a: Series, b: Series) -> tuple[FloatArray, FloatArray]:
    """The closes of two symbols on their common rows, ending together."""
    own, other = a.close, b.close
    count = min(len(own), len(other))
    return own[len(own) - count :], other[len(other) - count :]


def moves(a: FloatArray, b: FloatArray) -> tuple[str, str]:
    """What one in each became from row to row, where both have closes."""
    there = np.isfinite(a[1:]) & np.isfinite(a[:-1]) & np.isfinite(b[1:]) & np.isfinite(b[:-1])
    return tuple(f"{column(x[1:][there])}/{column(x[:-1][there])}" for x in (a, b))  # type: ignore[return-value]


def since_gap(*paths: FloatArray) -> list[FloatArray]:
    """The rows after the last gap in any."""
    gaps = np.flatnonzero(~np.isfinite(np.array(paths)).all(axis=0))
    return [path[int(gaps[-1]) + 1 if len(gaps) else 0 :] for path in paths]


def run(condition: str) -> str:
    """How many at the end of a column of TRUE and FALSE are TRUE."""
    return f"LET(u,--({condition}),ROWS(u)-MAX((u=0)*SEQUENCE(ROWS(u))))"


def of_window(a: Series, b: Series, window: Window) -> tuple[FloatArray, FloatArray]:
    """The closes of both from the base close of a window on."""
    own, other = both(a, b)
    dated = a if a.market is not None else b
    row = max(0, dated.base_row(window) - (len(dated.close) - len(own)))
    return own[row:], other[row:]
