"""Model-free variance of an option expiry, and the index that is made of two (Cboe VIX methodology, 2019).

The S&P 500 Dispersion Index takes the variance of each constituent in the same way (S&P Dow Jones Indices, November
2024); :func:`near_and_next` picks its expiries.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from xlrotation.measures import ties
from xlrotation.measures.arrays import FloatArray

MINUTES_A_YEAR = 525_600.0
MINUTES_IN_30_DAYS = 43_200.0


class Expiry(NamedTuple):
    """The steps of the calculation for one expiry.

    Attributes:
        forward: Forward price by put-call parity.
        at_or_below: Strike at or directly below it, of those with a quote of call and put.
        puts: Out-of-the-money puts that count.
        calls: Out-of-the-money calls that count.
        contributions: Sum of the contributions of all strikes.
        variance: Variance per year.
    """

    forward: float
    at_or_below: float
    puts: int
    calls: int
    contributions: float
    variance: float

    @property
    def selected(self) -> int:
        """Strikes that count, the one in the middle included."""
        return self.puts + self.calls + 1


def expiry_variance(
    strikes: FloatArray, call_bid: FloatArray, call_ask: FloatArray, put_bid: FloatArray, put_ask: FloatArray,
    years: float, rate: float,
) -> Expiry:  # fmt: skip
    """Variance of one expiry from its quotes.

    The forward comes from the strike where call and put are closest; out-of-the-money options count while they have a
    bid, and none beyond two strikes in a row without one. A quote whose ask is zero or below its bid does not count.

    Args:
        strikes: ``(strikes,)``, ascending.
        call_bid: Bids of the calls, and so on.
        call_ask: Asks of the calls.
        put_bid: Bids of the puts.
        put_ask: Asks of the puts.
        years: Time to expiry.
        rate: Continuous yearly interest rate.

    Returns:
        The steps; NaN variance where no strike has a call and a put, or none of those lies at or below the forward.
    """
    call, put = (call_bid + call_ask) / 2.0, (put_bid + put_ask) / 2.0
    call_good, put_good = (call_ask > 0) & (call_ask >= call_bid), (put_ask > 0) & (put_ask >= put_bid)
    both = np.flatnonzero(call_good & put_good & (call_bid > 0) & (put_bid > 0))
    if len(both) == 0:
        return Expiry(math.nan, math.nan, 0, 0, math.nan, math.nan)
    closest = both[ties.first_smallest(np.abs(call[both] - put[both]), float(strikes[both].max()))]
    growth = math.exp(rate * years)
    forward = float(strikes[closest] + growth * (call[closest] - put[closest]))
    below = np.flatnonzero(call_good & put_good & ~ties.above(strikes, forward))
    if len(below) == 0:
        return Expiry(forward, math.nan, 0, 0, math.nan, math.nan)
    centre = int(below[-1])
    puts = np.flatnonzero(_with_bids(put_bid[:centre][::-1])[::-1] & put_good[:centre])
    calls = centre + 1 + np.flatnonzero(_with_bids(call_bid[centre + 1 :]) & call_good[centre + 1 :])
    chosen = np.concatenate([puts, [centre], calls])
    quotes = np.where(chosen < centre, put[chosen], call[chosen])
    quotes[chosen == centre] = (put[centre] + call[centre]) / 2.0
    at_or_below = float(strikes[centre])
    total, variance = _variance(strikes[chosen], quotes, years, growth, forward, at_or_below)
    return Expiry(forward, at_or_below, len(puts), len(calls), total, variance)


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
) -> tuple[float, float]:
    if len(strikes) < 2:
        return math.nan, math.nan
    width = np.empty_like(strikes)
    width[1:-1] = (strikes[2:] - strikes[:-2]) / 2.0
    width[0], width[-1] = strikes[1] - strikes[0], strikes[-1] - strikes[-2]
    total = float(np.sum(width / strikes**2 * growth * quotes))
    return total, 2.0 / years * total - (forward / centre - 1.0) ** 2 / years


LEAST_OPTIONS = 3
"""Out-of-the-money puts, and as many calls, that a constituent's variance needs (DSPX methodology)."""

_NEAREST, _FURTHEST_BEYOND = 10, 90
_WEEK = 7


def around(days: Sequence[int], maturity: int = 30) -> tuple[int, int] | None:
    """Places of the two expiries around a constant maturity, as the VIX has them: the closest ones, within a week.

    At 30 days that is 23 to 37 days. All expiries count, where Cboe takes those on Fridays only.

    Args:
        days: Days to each expiry.
        maturity: The maturity in days.

    Returns:
        None where a side has no expiry within a week: then there are no weekly options.
    """
    near = [place for place in range(len(days)) if maturity - _WEEK <= days[place] <= maturity]
    beyond = [place for place in range(len(days)) if maturity < days[place] <= maturity + _WEEK]
    if not near or not beyond:
        return None
    return max(near, key=days.__getitem__), min(beyond, key=days.__getitem__)


def nearest(maturity: int) -> int:
    """Days from which on an expiry serves as the near one: 10 in the methodology, at 30; a third of a shorter one."""
    return max(1, min(_NEAREST, maturity // 3))


def near_and_next(days: Sequence[int], standard: Sequence[bool], maturity: int = 30) -> tuple[int, int] | None:
    """Places of the two expiries between which a constant maturity lies, as the DSPX methodology picks them.

    The near one is the last standard (third-Friday) expiry from 10 days up to the maturity, the next one the first
    standard expiry beyond it, up to 90 days further; where there is no standard one, the closest other one counts. For
    a maturity below 30 days an expiry closer than 10 serves, from :func:`nearest` on, where there is no other.

    Args:
        days: Days to each expiry.
        standard: Whether it is a third-Friday expiry.
        maturity: The maturity in days; 30 in the methodology.

    Returns:
        None where a side has no expiry.
    """
    places = range(len(days))
    near = [place for place in places if _NEAREST <= days[place] <= maturity]
    near = near or [place for place in places if nearest(maturity) <= days[place] <= maturity]
    beyond = [place for place in places if maturity < days[place] <= maturity + _FURTHEST_BEYOND]
    if not near or not beyond:
        return None
    first = max(near, key=lambda place: (standard[place], days[place]))
    following = min(beyond, key=lambda place: (not standard[place], days[place]))
    return first, following


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
    scale = near_years * abs(near_variance * share) + far_years * abs(far_variance * (1.0 - share))
    return 100.0 * ties.root(total * MINUTES_A_YEAR / minutes, scale * MINUTES_A_YEAR / minutes)
