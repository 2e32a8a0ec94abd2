"""Macro stress: the Sahm rule, diffusion, composites."""

from __future__ import annotations

import numpy as np

from xlrotation.measures import ties
from xlrotation.measures.arrays import FloatArray


def three_month_means(rates: FloatArray) -> FloatArray:
    """Means of each month and the two before it; ``(months - 2,)``.

    A month that was never published (October 2025) is left out of the means that it belongs to, of which the other two
    months are then the mean; NaN where two of the three, or the month itself, are missing.
    """
    three = np.stack([rates[:-2], rates[1:-1], rates[2:]])
    known = np.isfinite(three)
    count = known.sum(axis=0)
    means: FloatArray = np.where(known, three, 0.0).sum(axis=0) / np.maximum(count, 1)
    means[(count < 2) | ~known[2]] = np.nan
    return means


def sahm(rates: FloatArray) -> FloatArray:
    """The Sahm indicator, month by month, in percentage points and unrounded.

    Three-month mean minus the lowest three-month mean of the twelve months before, the month itself not among them
    (FRED, series SAHMCURRENT and SAHMREALTIME).

    Args:
        rates: ``(months,)`` unemployment rates in percent, oldest first; at least 15.

    Returns:
        ``(months - 14,)``; NaN where the month has no mean, or one of the twelve before it beside those of months that
        were not published has none.
    """
    means = three_month_means(rates)
    unpublished = np.isnan(rates[2:])
    passed = np.where(unpublished, np.inf, means)
    before = np.lib.stride_tricks.sliding_window_view(passed[:-1], 12).min(axis=-1)
    before = np.where(np.isinf(before), np.nan, before)
    indicator: FloatArray = means[12:] - before
    return indicator


def sahm_trigger(rates: FloatArray, months: int) -> float:
    """The rate that, held for some months from now on, lifts the three-month mean half a point above its low.

    Args:
        rates: ``(months,)`` unemployment rates in percent, oldest first; at least 14. A month that was not published is
            left out of the means, as in :func:`sahm`.
        months: 1, 2 or 3 months at the new rate.

    Returns:
        NaN where fewer than two months of the mean to come are known.
    """
    means = np.where(np.isnan(rates[2:]), np.inf, three_month_means(rates))
    low = float(means[-12:].min())
    kept = rates[len(rates) - (3 - months) :] if months < 3 else rates[:0]
    known = kept[np.isfinite(kept)]
    if not np.isfinite(low) or len(known) + months < 2:
        return float("nan")
    return float(((len(known) + months) * (low + 0.5) - known.sum()) / months)


def diffusion(before: FloatArray, now: FloatArray) -> float:
    """Share of components that rose, those unchanged counting half; gaps are left out.

    Args:
        before: ``(components,)`` earlier values.
        now: Present values.
    """
    change = ties.sign(now, before)
    change = change[np.isfinite(change)]
    return float((np.count_nonzero(change > 0) + 0.5 * np.count_nonzero(change == 0)) / len(change))


def composite(components: FloatArray) -> float:
    """Mean z-score of the last value of each component in its own history.

    Args:
        components: ``(observations, components)``, oldest first; gaps are left out.
    """
    mean, deviation = np.nanmean(components, axis=0), np.nanstd(components, axis=0, ddof=1)
    return float(np.mean((components[-1] - mean) / deviation))
