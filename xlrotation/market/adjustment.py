"""Adjustment: prices as traded put on one count of shares, and total return from dividends.

What is stored is as traded; what a measure sees is computed here and nowhere else. With ``f[t]`` the number of shares
that one share of the first session has become by session ``t`` (the product of the splits up to and including ``t``), a
value of session ``t`` on the share count of session ``e`` is::

    per share (prices, dividends):  value[t] * f[t] / f[e]
    counts (volume, shares):        value[t] * f[e] / f[t]

Cutting at ``e`` keeps the future out: a split changes nothing before its first session.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from xlrotation.measures.arrays import FloatArray as FloatArray
from xlrotation.measures.arrays import IntArray

PER_SHARE = frozenset(("open", "high", "low", "close", "dividend"))
COUNTS = frozenset(("volume", "shares"))
ADJUSTED = PER_SHARE | COUNTS


def split_ratio(split: FloatArray) -> FloatArray:
    """New shares for one old one per session; 1 where *split* states none (NaN, 0)."""
    return np.where(np.isfinite(split) & (split > 0), split, 1.0)


def split_factor(split: FloatArray | None) -> FloatArray | None:
    """Shares that one share of the first session has become, per session (and symbol); None without any split."""
    if split is None:
        return None
    some = split > 0
    some &= split != 1.0
    columns = some.any(axis=0)
    if not np.any(columns):
        return None
    if split.ndim == 1:
        return np.asarray(np.cumprod(split_ratio(split)), np.float64)
    factor = np.ones(split.shape, order="F")
    factor[:, columns] = np.cumprod(split_ratio(split[:, columns]), axis=0)
    return factor


def last_changes(factor: FloatArray) -> IntArray:
    """By column of :func:`split_factor`, the row of the last split; 0 where there is none after the first session."""
    changed = np.vstack([factor[1:] != factor[:-1], np.zeros((1, factor.shape[1]), bool)])[::-1]
    rows: IntArray = np.where(changed.any(axis=0), len(factor) - np.argmax(changed, axis=0), 0)
    return rows


def on_last_share_count(name: str, values: FloatArray, factor: FloatArray | None) -> FloatArray:
    """One field of one symbol on the share count of its last row.

    Args:
        name: The field; one that counts no shares and is no amount per share stays as it is.
        values: As traded, oldest first.
        factor: :func:`split_factor` of the same rows; None where there is no split.
    """
    if factor is None or len(values) == 0 or name not in ADJUSTED:
        return values
    return on_share_count(name, values, factor / factor[-1])


def on_share_count(name: str, values: FloatArray, shares: FloatArray) -> FloatArray:
    """A field that counts shares or is an amount per share, where one share of *shares* has become one."""
    adjusted: FloatArray = values * shares if name in PER_SHARE else values / shares
    return adjusted


def total_return(fields: Mapping[str, FloatArray], factor: FloatArray | None) -> FloatArray:
    """Price paths with dividends reinvested, ``(sessions, symbols)``, built forward from the first session.

    Building them forward keeps the future out: a dividend changes a path only from its ex-date on. Gaps stay gaps, and
    a dividend on a session without a close is reinvested at the next close. Where total-return prices are stated
    (``adjclose``), a path grows as they do; next to a session without one it goes on with the close and does not jump.

    Args:
        fields: Arrays as traded; ``close`` is needed, ``dividend`` and ``adjclose`` are used where they are.
        factor: :func:`split_factor` of the splits.
    """
    close = fields["close"] if factor is None else fields["close"] * factor
    dividend, stated = fields.get("dividend"), fields.get("adjclose")
    if dividend is None and stated is None:
        return close
    growth = np.ones_like(close)
    if dividend is not None:
        paid = np.nan_to_num(dividend) * (1.0 if factor is None else factor)
        for column in np.flatnonzero(paid.any(axis=0)):
            rows = np.flatnonzero(np.isfinite(close[:, column]))
            if len(rows) < 2:
                continue
            received = np.diff(np.cumsum(paid[:, column])[rows])
            growth[rows[1:], column] = 1.0 + received / close[rows[1:], column]
    if stated is not None:
        for column in np.flatnonzero(np.isfinite(stated).any(axis=0)):
            own, total = close[:, column], stated[:, column]
            rows = np.flatnonzero(np.isfinite(own) & np.isfinite(total))
            so_far = np.cumprod(growth[:, column])
            before, after = rows[:-1], rows[1:]
            earned = total[after] / total[before] / (own[after] / own[before])
            growth[after, column] = earned / (so_far[after - 1] / so_far[before])
    path: FloatArray = close * np.cumprod(growth, axis=0)
    return path
