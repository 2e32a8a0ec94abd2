"""Realised volatility from daily bars, per year of 252 sessions unless said otherwise.

The estimators are those that R's TTR package documents (volatility): close to close, Parkinson, Garman and Klass,
Rogers and Satchell, Yang and Zhang.
"""

from __future__ import annotations

import math

import numpy as np

from xlrotation.measures import averages, ties
from xlrotation.measures.arrays import FloatArray

SESSIONS_A_YEAR = 252.0
RISKMETRICS = 0.94
"""Decay of the exponentially weighted variance of daily returns."""


def close_to_close(closes: FloatArray, periods: float = SESSIONS_A_YEAR) -> float:
    """Standard deviation of log returns, their mean taken out (n - 1 in the denominator).

    Args:
        closes: ``(n + 1,)`` closes for n returns, at least two returns.
        periods: Periods in a year.
    """
    return math.sqrt(periods * float(np.var(np.diff(np.log(closes)), ddof=1)))


def ewma(closes: FloatArray, decay: float = RISKMETRICS, periods: float = SESSIONS_A_YEAR) -> float:
    """Exponentially weighted: ``v = decay v + (1 - decay) r^2``, started at the first squared return.

    Give all closes there are: of few returns the first, which starts it, would weigh most (of 21 days 29 % at 0.94).
    """
    squares = np.diff(np.log(closes)) ** 2
    return math.sqrt(periods * averages.decayed(squares, decay))


def parkinson(high: FloatArray, low: FloatArray, periods: float = SESSIONS_A_YEAR) -> float:
    """From the range: ``sqrt(N / (4 n ln 2) sum ln(H/L)^2)``."""
    return math.sqrt(periods * float(np.mean(np.log(high / low) ** 2)) / (4.0 * math.log(2.0)))


def garman_klass(
    open_: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray, periods: float = SESSIONS_A_YEAR
) -> float:
    """``sqrt(N/n sum [ln(H/L)^2 / 2 - (2 ln 2 - 1) ln(C/O)^2])``; NaN where the sum is negative."""
    terms = 0.5 * np.log(high / low) ** 2 - (2.0 * math.log(2.0) - 1.0) * np.log(close / open_) ** 2
    scale = float(np.mean(np.log(high / low) ** 2 + np.log(close / open_) ** 2))
    return ties.root(periods * float(np.mean(terms)), periods * scale)


def rogers_satchell(
    open_: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray, periods: float = SESSIONS_A_YEAR
) -> float:
    """``sqrt(N/n sum [ln(H/C) ln(H/O) + ln(L/C) ln(L/O)])``, which no drift disturbs."""
    terms = np.log(high / close) * np.log(high / open_) + np.log(low / close) * np.log(low / open_)
    scale = float(np.mean(np.abs(np.log(high / open_)) + np.abs(np.log(low / open_))))
    return ties.root(periods * float(np.mean(terms)), periods * scale)


def yang_zhang(
    open_: FloatArray,
    high: FloatArray,
    low: FloatArray,
    close: FloatArray,
    before: FloatArray,
    periods: float = SESSIONS_A_YEAR,
) -> float:
    """Overnight variance, open-to-close variance and Rogers and Satchell's, weighted for least variance.

    ``s_o^2 + k s_c^2 + (1 - k) s_rs^2`` with ``k = 0.34 / (1.34 + (n + 1) / (n - 1))``.

    Args:
        open_: ``(n,)`` opens, and so on; at least two.
        high: Highs.
        low: Lows.
        close: Closes.
        before: Closes of the sessions before.
        periods: Periods in a year.
    """
    n = len(close)
    k = 0.34 / (1.34 + (n + 1.0) / (n - 1.0))
    overnight = float(np.var(np.log(open_ / before), ddof=1))
    session = float(np.var(np.log(close / open_), ddof=1))
    inner = rogers_satchell(open_, high, low, close, 1.0) ** 2
    return math.sqrt(periods * (overnight + k * session + (1.0 - k) * inner))
