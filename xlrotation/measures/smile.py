"""From an expiry's quotes to its volatilities: which quotes count, the forward, the volatility at a delta."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from xlrotation.measures import implied, ties
from xlrotation.measures.arrays import BoolArray, FloatArray, distinct


class Strip(NamedTuple):
    """The quotes of one expiry by strike, ascending; 0 where there is no quote."""

    strike: FloatArray
    call_bid: FloatArray
    call_ask: FloatArray
    put_bid: FloatArray
    put_ask: FloatArray


def strip(strike: FloatArray, call: BoolArray, bid: FloatArray, ask: FloatArray) -> Strip:
    """Quotes in any order laid out by strike; a gap counts as no quote, and of two quotes of an option the last counts.

    Args:
        strike: ``(quotes,)`` strikes.
        call: True for a call.
        bid: Bids.
        ask: Asks.
    """
    strikes, place = np.unique(strike, return_inverse=True)
    columns = np.zeros((2, 2, len(strikes)))  # call or put, bid or ask
    columns[np.where(call, 0, 1), :, place] = np.nan_to_num(np.stack([bid, ask], axis=1))
    return Strip(strikes, *columns.reshape(4, -1))


def valid(bid: FloatArray, ask: FloatArray) -> BoolArray:
    """Quotes that can be valid at all: an ask above zero and not below the bid (the DSPX methodology's rule)."""
    good: BoolArray = (ask > 0) & (ask >= bid)
    return good


def trades(
    strikes: FloatArray, strike: FloatArray, call: BoolArray, traded: npt.NDArray[np.datetime64]
) -> tuple[FloatArray, FloatArray]:
    """Days of the last trades in calls and puts laid out as :func:`strip` lays out the quotes; NaN where not known.

    Args:
        strikes: The strikes of the strip.
        strike: ``(quotes,)`` strikes.
        call: True for a call.
        traded: Days of the last trades, NaT where the source does not say.
    """
    place = np.searchsorted(strikes, strike)
    day = np.where(np.isnat(traded), np.nan, traded.astype("datetime64[D]").astype(np.int64))
    calls, puts = np.full(len(strikes), np.nan), np.full(len(strikes), np.nan)
    calls[place[call]], puts[place[~call]] = day[call], day[~call]
    return calls, puts


def without_stale(quotes: Strip, traded: tuple[FloatArray, FloatArray] | None = None, spot: float = math.nan) -> Strip:
    """The strip without quotes that contradict others: with two fresh quotes nobody is offered money for nothing.

    A call must not be bid above the ask of a call with a lower strike, nor a put above that of one with a higher
    strike. Of a contradiction the quote goes whose option traded longer ago (unknown counts as longest); old quotes may
    be the majority, as after a split. Among trades of one day that in most contradictions goes first, of equals the one
    with the widest spread. Before all these goes a quote that nobody would bid: a call above the price of the
    underlying or above all strikes (exchanges list strikes on both sides of the price), a put above its strike.

    Args:
        quotes: The strip.
        traded: Days of the last trades in calls and puts, as :func:`trades` gives them; None: not known.
        spot: Price of the underlying; NaN: not known.
    """
    strike = quotes.strike
    calls, puts = traded or (np.full(len(strike), np.nan), np.full(len(strike), np.nan))
    highest = np.fmin(strike[-1] if len(strike) else math.nan, spot)
    call_bid, call_ask = _consistent(quotes.call_bid, quotes.call_ask, highest, calls)
    put_bid, put_ask = _consistent(quotes.put_bid[::-1], quotes.put_ask[::-1], strike[::-1], puts[::-1])
    return Strip(strike, call_bid, call_ask, put_bid[::-1], put_ask[::-1])


def _freshness(bid: FloatArray, bound: FloatArray | float, traded: FloatArray) -> FloatArray:
    """What orders quotes by trust: the day of the last trade, below all days where unknown, least beyond the bound."""
    fresh = np.where(np.isnan(traded), -1e9, traded)
    fresh[ties.above(bid, np.broadcast_to(np.asarray(bound, np.float64), bid.shape))] = -2e9
    return fresh


def _consistent(
    bid: FloatArray, ask: FloatArray, bound: FloatArray | float, traded: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Without contradictions, for prices that must not rise along the arrays; fresher quotes are believed first."""
    usable = valid(bid, ask)
    if _agree(bid[usable], ask[usable]):
        return bid.copy(), ask.copy()
    fresh = _freshness(bid, bound, traded)
    believed = np.zeros(len(bid), bool)
    for level in distinct(fresh[usable])[::-1]:
        # A quote fits to the believed ones where no lower strike asks less than it bids, nor a higher one bids more.
        least_ask = np.minimum.accumulate(np.where(believed, ask, np.inf))
        most_bid = np.maximum.accumulate(np.where(believed, bid, -np.inf)[::-1])[::-1]
        fits = usable & (fresh == level) & ~ties.above(bid, least_ask) & ~ties.above(most_bid, ask)
        believed[_without_odd(bid, ask, np.flatnonzero(fits))] = True
    gone = usable & ~believed
    return np.where(gone, 0.0, bid), np.where(gone, 0.0, ask)


def _agree(bid: FloatArray, ask: FloatArray) -> bool:
    higher, least = bid[1:], np.minimum.accumulate(ask)[:-1]
    return not (higher > least).any() or not ties.above(higher, least).any()


def _without_odd(bid: FloatArray, ask: FloatArray, held: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Of quotes of one freshness those that are left when the one in most contradictions goes until there is none."""
    while not _agree(bid[held], ask[held]):
        later = np.triu(ties.above(bid[held][None, :], ask[held][:, None]), 1)
        count = later.sum(axis=0) + later.sum(axis=1)
        worst = np.lexsort((ask[held] - bid[held], count))[-1]
        held = np.delete(held, worst)
    return held


def forward(quotes: Strip, growth: float) -> float:
    """Forward price by put-call parity at the strike where call and put are closest; NaN where no strike has both.

    Dividends need no estimate: they are in the forward. Of equals the lowest strike counts.

    Args:
        quotes: The strip; only pairs with a bid on both sides count.
        growth: What one grows to by expiry at the interest rate, ``e^(rT)``.
    """
    two_sided = valid(quotes.call_bid, quotes.call_ask) & valid(quotes.put_bid, quotes.put_ask)
    rows = np.flatnonzero(two_sided & (quotes.call_bid > 0) & (quotes.put_bid > 0))
    if len(rows) == 0:
        return math.nan
    apart = (quotes.call_bid + quotes.call_ask - quotes.put_bid - quotes.put_ask)[rows] / 2.0
    closest = ties.first_smallest(np.abs(apart), float(quotes.strike[rows].max()))
    return float(quotes.strike[rows[closest]] + growth * apart[closest])


class Smile(NamedTuple):
    """Implied volatilities of the two-sided quotes of one expiry, NaN elsewhere; all arrays by strike."""

    strike: FloatArray
    call_vol: FloatArray
    put_vol: FloatArray
    forward: float
    years: float


def smiles(strips: list[Strip], years: FloatArray, rate: FloatArray | float) -> list[Smile]:
    """The smiles of several expiries, solved together.

    Quotes without a bid and crossed ones do not count; the volatility is that of the middle of the spread over the
    forward by parity.

    Args:
        strips: Quotes by strike, one strip an expiry, as :func:`without_stale` leaves them.
        years: ``(expiries,)`` time to expiry.
        rate: Continuous yearly interest rate; an array has one for each expiry.
    """
    growth = np.exp(rate * years)
    forwards = [forward(quotes, float(g)) for quotes, g in zip(strips, growth, strict=True)]
    lengths = [len(quotes.strike) for quotes in strips]
    each = np.repeat(np.arange(len(strips)), lengths)
    strike = np.concatenate([quotes.strike for quotes in strips])
    sides = []
    for is_call in (True, False):
        bid = np.concatenate([quotes.call_bid if is_call else quotes.put_bid for quotes in strips])
        ask = np.concatenate([quotes.call_ask if is_call else quotes.put_ask for quotes in strips])
        counts = valid(bid, ask) & (bid > 0)
        price = np.where(counts, (bid + ask) / 2.0, np.nan) * growth[each]
        call = np.full(len(price), is_call)
        sides.append(implied.implied_volatility(price, np.array(forwards)[each], strike, years[each], call))
    ends = np.cumsum(lengths)
    return [
        Smile(strike[e - n : e], sides[0][e - n : e], sides[1][e - n : e], forwards[i], float(years[i]))
        for i, (e, n) in enumerate(zip(ends, lengths, strict=True))
    ]


def at_delta(smile: Smile, delta: float = 0.5) -> float:
    """Volatility at a delta: the mean of the call's and the put's, each interpolated linearly in delta.

    Delta is that of the forward, ``N(d1)``; the put is the one at ``delta - 1``. A side without quotes around the delta
    is left out; NaN where both are.
    """
    found = [_side(smile, smile.call_vol, 1.0, delta), _side(smile, smile.put_vol, -1.0, 1.0 - delta)]
    known = [value for value in found if value == value]
    return sum(known) / len(known) if known else math.nan


def _side(smile: Smile, vols: FloatArray, sign: float, delta: float) -> float:
    from scipy.special import ndtr

    known = np.isfinite(vols)
    strike, vol = smile.strike[known], vols[known]
    if len(strike) < 2:
        return math.nan
    total = vol * math.sqrt(smile.years)
    deltas = ndtr(sign * (np.log(smile.forward / strike) / total + 0.5 * total))
    order = np.argsort(deltas, kind="stable")
    deltas, vol = deltas[order], vol[order]
    if not deltas[0] <= delta <= deltas[-1]:
        return math.nan
    return float(np.interp(delta, deltas, vol))


def constant_maturity(years: FloatArray, vols: FloatArray, wanted: float) -> float:
    """Volatility at a constant maturity, by linear interpolation in total variance between the two expiries around it.

    Args:
        years: ``(expiries,)`` time to expiry, ascending.
        vols: Their volatilities; an expiry with a gap is passed over.
        wanted: The maturity in years.

    Returns:
        NaN where the maturity does not lie between two expiries, or the volatilities give a negative variance.
    """
    known = np.isfinite(vols)
    t, total = years[known], vols[known] ** 2 * years[known]
    if len(t) == 0 or ties.above(float(t[0]), wanted) or ties.above(wanted, float(t[-1])):
        return math.nan
    variance = float(np.interp(wanted, t, total)) / wanted
    return math.sqrt(variance) if variance >= 0 else math.nan
