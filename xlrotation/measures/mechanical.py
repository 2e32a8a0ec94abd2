"""Gauges of whether a rotation is mechanical, each with the history that its percentile needs."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from xlrotation.measures import rotation, sliding, ties
from xlrotation.measures.arrays import BoolArray, FloatArray

SHIFTS = 1999
SEED = 20260213
"""Of the permutation: fixed, so that the same data give the same p-value."""


def absorption_ratio(returns: FloatArray, fraction: float = 0.2) -> FloatArray:
    """Share of the variance that the largest eigenvalues of the covariance absorb (Kritzman, Li, Page, Rigobon 2011).

    As many eigenvalues as *fraction* of the assets, rounded half up.

    Args:
        returns: ``(..., observations, assets)`` without gaps.
        fraction: Share of the eigenvalues.
    """
    centred = returns - returns.mean(axis=-2, keepdims=True)
    return _absorbed(np.swapaxes(centred, -1, -2) @ centred, returns.shape[-2], fraction)


def _absorbed(covariance: FloatArray, rows: int, fraction: float) -> FloatArray:
    """The absorption ratio of sums of products of *rows* returns with each other."""
    assets = covariance.shape[-1]
    values = np.linalg.eigvalsh(covariance)  # ascending
    count = math.floor(fraction * assets + 0.5)
    whole = values.sum(axis=-1)
    # What rounding leaves of returns that never change is no variance to absorb.
    still = whole <= rows * assets * ties.TIE**2
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio: FloatArray = values[..., assets - count :].sum(axis=-1) / np.where(still, np.nan, whole)
    return ratio


def rolling_absorption(returns: FloatArray, window: int, fraction: float = 0.2) -> FloatArray:
    """The absorption ratio of each window of *window* rows; ``(days - window + 1,)``, NaN where one has a gap."""
    known: BoolArray = np.logical_and.reduce(np.isfinite(returns), axis=1)
    whole: BoolArray = np.logical_and.reduce(np.lib.stride_tricks.sliding_window_view(known, window), axis=1)
    out = np.full(len(whole), np.nan)
    if whole.any():
        covariance, clean = _covariances(returns, known, window)
        quick = whole & clean
        out[quick] = _absorbed(covariance[quick], window, fraction)
        for row in np.flatnonzero(whole & ~clean).tolist():
            out[row] = absorption_ratio(returns[row : row + window], fraction)
    return out


def _covariances(returns: FloatArray, known: BoolArray, window: int) -> tuple[FloatArray, BoolArray]:
    """Sums of products of centred returns in each window, and which of them lost no digits.

    A sum of products less the product of sums: rounding counts where what is left is small beside what was taken away.
    """
    off = np.where(known[:, None], returns, 0.0).T  # no mean of all rows: a window's answer hangs on its own rows alone
    one, other = np.triu_indices(len(off))
    products, plain = sliding.sums(off[one] * off[other], window), sliding.sums(off, window)
    left = products - plain[one] * plain[other] / window
    covariance = np.empty((left.shape[1], len(off), len(off)))
    covariance[:, one, other] = covariance[:, other, one] = left.T
    squares = one == other
    return covariance, products[squares].sum(axis=0) <= _CLEAN * left[squares].sum(axis=0)


_CLEAN = 100.0
"""How many times as large as a variance the squares may be that it is the rest of: two digits are lost then."""


def rolling_persistence(closes: FloatArray, step: int, lags: int, count: int) -> FloatArray:
    """Mean rank correlation of the returns of successive periods, at each of the last *count* rows.

    Args:
        closes: ``(days, assets)``.
        step: Rows in a period.
        lags: Pairs of periods.
        count: Rows wanted; those without enough closes before them, or with a gap, are NaN.
    """
    out = np.full(count, np.nan)
    first = max(0, len(closes) - count - step * (lags + 1))
    if len(closes) - first <= step * (lags + 1):
        return out
    growth = closes[first + step :] / closes[first : len(closes) - step]
    whole: BoolArray = np.logical_and.reduce(np.isfinite(closes[first:]), axis=1)
    whole = whole[step:] & whole[: len(whole) - step]
    ranks = np.full_like(growth, np.nan)
    ranks[whole] = rotation.ranks(growth[whole])  # of each period once: it is the later one of a pair, then the earlier
    pairs = rotation.correlation_of_ranks(ranks[step:], ranks[:-step])
    behind = np.lib.stride_tricks.sliding_window_view(pairs, step * (lags - 1) + 1)[:, ::step]
    out[count - len(behind) :] = np.ascontiguousarray(behind).mean(axis=1)
    return out


def rolling_volume_coefficient(relative: FloatArray, volume: FloatArray, window: int) -> FloatArray:
    """The coefficient C2 of ``R[t+1] = C0 + C1 R[t] + C2 V[t] R[t]``, pooled over assets, in each window.

    Llorente, Michaely, Saar and Wang (2002): returns that come with volume and turn back (C2 below 0) were trades for
    other reasons than information. The coefficient known at a day uses returns up to that day.

    Args:
        relative: ``(days, assets)`` returns relative to the market.
        volume: Abnormal volume of the same days; NaN where unknown.
        window: Rows of pairs in the regression.

    Returns:
        ``(days - window,)``: one value for each day from row *window* on, NaN where a window has too few pairs.
    """
    now, following, traded = relative[:-1], relative[1:], volume[:-1]
    known = np.isfinite(now) & np.isfinite(following) & np.isfinite(traded)
    x, y = np.where(known, now, 0.0), np.where(known, following, 0.0)
    xv = x * np.where(known, traded, 0.0)
    ones = known.astype(float)
    terms = np.stack([ones, x, xv], axis=-1)
    products = np.einsum("tai,taj->tij", terms, terms)
    right = np.einsum("tai,ta->ti", terms, y)
    if len(right) < window:
        return np.empty(0)
    left_sum, right_sum = (
        np.moveaxis(sliding.sums(np.moveaxis(values, 0, -1), window), -1, 0) for values in (products, right)
    )
    out = np.full(len(left_sum), np.nan)
    good = (left_sum[:, 0, 0] > 30) & (np.linalg.cond(left_sum + 1e-300 * np.eye(3)) < 1e12)
    if good.any():
        out[good] = np.linalg.solve(left_sum[good], right_sum[good][..., None])[:, 2, 0]
    return out


class Component(NamedTuple):
    """Where a gauge stands in its own history.

    Attributes:
        value: Its last value; NaN where there is none.
        percentile: Share of the history at or below it; NaN without a value.
        observations: Values in the history.
        signed: The percentile as it counts: from the other end where a low value speaks for a mechanical rotation.
    """

    value: float
    percentile: float
    observations: int
    signed: float


LEAST = 60
"""Values that a history must have before a percentile of it says anything."""


def component(history: FloatArray, sign: int) -> Component:
    """The last value of *history* in it.

    Args:
        history: ``(days,)``, oldest first, NaN for gaps.
        sign: 1 where a high value speaks for a mechanical rotation, -1 where a low one does.
    """
    known = history[np.isfinite(history)]
    value = float(history[-1]) if len(history) else math.nan
    if value != value or len(known) < LEAST:
        return Component(value, math.nan, len(known), math.nan)
    greater, equal = ties.counts(known, value)
    below, above = (len(known) - greater) / len(known), (greater + equal) / len(known)
    return Component(value, below, len(known), below if sign > 0 else above)


def score(signed: FloatArray) -> float:
    """Mean of the signed percentiles times 100, gaps left out."""
    known = signed[np.isfinite(signed)]
    return 100.0 * float(known.mean()) if len(known) else math.nan


def permutation_p(histories: list[FloatArray], signs: list[int], found: float) -> float:
    """How often components that move independently of each other would give a score at least as high.

    Each history is shifted around a circle by a random number of days of its own, all equally likely. That keeps its
    ups and downs in their order, as slow as they are, and breaks their coincidence with the others'. The score of the
    day that comes to stand last is taken each time. Of independent histories that go on in a circle every shift is as
    likely as the one found, so the p-value is uniform then, whatever their autocorrelation.

    A score looks at one day, so of a shifted history only that day's percentile is needed: that of a value drawn from
    the whole history. A history that is no circle ends where it ends: a gauge so slow that the year holds a few of its
    swings only stands at an extreme more often on its last day than on others, and small p-values are a little too
    frequent (docs/mechanical_rotation.md has the numbers).

    Args:
        histories: One ``(days,)`` history per component that has a percentile; its gaps are left out.
        signs: Their signs.
        found: The score found.
    """
    random = np.random.default_rng(SEED)
    total = np.zeros(SHIFTS)
    for history, sign in zip(histories, signs, strict=True):
        known = history[np.isfinite(history)]
        order = np.sort(known)
        shifts = random.integers(0, len(known), SHIFTS)
        last = known[-1 - shifts]  # np.roll(known, shift)[-1]
        if sign > 0:
            total += np.searchsorted(order, last, side="right") / len(known)
        else:
            total += 1.0 - np.searchsorted(order, last, side="left") / len(known)
    scores = 100.0 * total / len(histories)
    return float((1 + np.count_nonzero(scores >= found - 1e-9)) / (1 + SHIFTS))
