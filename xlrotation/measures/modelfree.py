"""Model-free variance of an option expiry, and the index that is made of two (Cboe VIX methodology, 2019)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

MINUTES_A_YEAR = 525_600.0
MINUTES_IN_30_DAYS = 43_200.0


class Expiry(NamedTuple):
    """The steps of the calculation for one expiry."""

    forward: float
    at_or_below: float
    selected: int
    contributions: float
    variance: float


def expiry_variance(
    strikes: FloatArray, call_bid: FloatArray, call_ask: FloatArray, put_bid: FloatArray, put_ask: FloatArray,
    years: float, rate: float,
) -> Expiry:  # fmt: skip
    """Variance of one expiry from its quotes.

    The forward comes from the strike where call and put are closest; out-of-the-money options count while they have a
    bid, and none beyond two strikes in a row without one.

    Args:
        strikes: ``(strikes,)``, ascending.
        call_bid: Bids of the calls, and so on.
        call_ask: Asks of the calls.
        put_bid: Bids of the puts.
        put_ask: Asks of the puts.
        years: Time to expiry.
        rate: Continuous yearly interest rate.
    """
    call, put = (call_bid + call_ask) / 2.0, (put_bid + put_ask) / 2.0
    both = np.flatnonzero((call_bid > 0) & (put_bid > 0))
    closest = both[np.argmin(np.abs(call[both] - put[both]))]
    growth = math.exp(rate * years)
    forward = float(strikes[closest] + growth * (call[closest] - put[closest]))
    centre = int(np.flatnonzero(strikes <= forward)[-1])
    puts = _with_bids(put_bid[:centre][::-1])[::-1]
    calls = _with_bids(call_bid[centre + 1 :])
    chosen = np.concatenate([np.flatnonzero(puts), [centre], centre + 1 + np.flatnonzero(calls)])
    quotes = np.where(chosen < centre, put[chosen], call[chosen])
    quotes[chosen == centre] = (put[centre] + call[centre]) / 2.0
    return _variance(strikes[chosen], quotes, years, growth, forward, float(strikes[centre]))


def variance_of_quotes(strikes: FloatArray, calls: FloatArray, puts: FloatArray, years: float, rate: float) -> Expiry:
    """As :func:`expiry_variance`, from one price per option; a price of zero or a gap counts as no bid."""
    call, put = np.nan_to_num(calls), np.nan_to_num(puts)
    return expiry_variance(strikes, call, call, put, put, years, rate)


def _with_bids(bids: FloatArray) -> npt.NDArray[np.bool_]:
    """Options from the money outwards that count: those with a bid, up to two in a row without one."""
    none = bids <= 0
    twice = np.flatnonzero(none[1:] & none[:-1])
    keep = ~none
    if len(twice):
        keep[twice[0] :] = False
    return keep


def _variance(
    strikes: FloatArray, quotes: FloatArray, years: float, growth: float, forward: float, centre: float
) -> Expiry:
    width = np.empty_like(strikes)
    width[1:-1] = (strikes[2:] - strikes[:-2]) / 2.0
    width[0], width[-1] = strikes[1] - strikes[0], strikes[-1] - strikes[-2]
    total = float(np.sum(width / strikes**2 * growth * quotes))
    variance = 2.0 / years * total - (forward / centre - 1.0) ** 2 / years
    return Expiry(forward, centre, len(strikes), total, variance)


def thirty_day_index(
    near_variance: float, far_variance: float, near_years: float, far_years: float, minutes: float = MINUTES_IN_30_DAYS
) -> float:
    """Index points: the root of the variance interpolated, in total variance, to 30 days. NaN for a negative variance.

    Args:
        near_variance: Variance of the near expiry.
        far_variance: Variance of the far expiry.
        near_years: Time to the near expiry.
        far_years: Time to the far expiry.
        minutes: The constant maturity in minutes.
    """
    near, far = near_years * MINUTES_A_YEAR, far_years * MINUTES_A_YEAR
    share = (far - minutes) / (far - near)
    total = near_years * near_variance * share + far_years * far_variance * (1.0 - share)
    variance = total * MINUTES_A_YEAR / minutes
    return 100.0 * math.sqrt(variance) if variance >= 0 else float("nan")
