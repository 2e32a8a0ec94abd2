"""Macro stress: the Sahm rule, diffusion, composites."""

from __future__ import annotations

import numpy as np

from xlrotation.measures import ties
from xlrotation.measures.arrays import FloatArray


def three_month_means(rates: FloatArray) -> FloatArray:
    """Means of each month and the two before it; ``(months - 2,)``, NaN where one of the three is missing."""
    means: FloatArray = (rates[:-2] + rates[1:-1] + rates[2:]) / 3.0
    return means


def sahm(rates: FloatArray) -> FloatArray:
    """The Sahm indicator, month by month, in percentage points and unrounded.

    Three-month mean minus the lowest three-month mean of the twelve months before, the month itself not among them
    (FRED, series SAHMCURRENT and SAHMREALTIME).

    Args:
        rates: ``(months,)`` unemployment rates in percent, oldest first; at least 15.

    Returns:
        ``(months - 14,)``; NaN where a rate that enters is missing.
    """
    means = three_month_means(rates)
    before = np.lib.stride_tricks.sliding_window_view(means[:-1], 12).min(axis=-1)
    indicator: FloatArray = means[12:] - before
    return indicator


def sahm_trigger(rates: FloatArray, months: int) -> float:
    """The rate that, held for some months from now on, lifts the three-month mean half a point above its low.

    Args:
        rates: ``(months,)`` unemployment rates in percent, oldest first; at least 14, the last 14 without gaps.
        months: 1, 2 or 3 months at the new rate.
    """
    low = float(three_month_means(rates)[-12:].min())
    known = rates[len(rates) - (3 - months) :].sum() if months < 3 else 0.0
    return float((3.0 * (low + 0.5) - known) / months)


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
