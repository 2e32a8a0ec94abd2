"""Daily bars as providers give them, and what each must pass before it counts, whoever gave it."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field

import numpy as np

from xlrotation.market.calendar import Days, Exchange
from xlrotation.market.panel import PRICE_FIELDS, FloatArray

OUTSIDE = 0.02
"""Share by which a close may lie outside its own high and low before the bar is rejected."""


AMERICAN = ("America/New_York", "America/Chicago")
"""Time zones of exchanges that keep the sessions of New York."""


class Pending(Exception):  # noqa: N818
    """A split takes effect today, and no bar shows yet whether the source has applied it."""


@dataclass(slots=True)
class Bars:
    """The good bars of one symbol, as traded.

    Attributes:
        days: Sessions with a close (or a split, or a dividend), oldest first.
        fields: Open, high, low, close, volume, dividend (0 for none) and split (new shares for one old; NaN for none).
        remarks: What had to be left out or mended.
        zone: The exchange's time zone; empty where the provider does not say.
        begin: The first session that the answer tells of, its bar good or not; None without any.
        currency: In which the prices are; None where the answer does not say.
    """

    days: Days
    fields: dict[str, FloatArray]
    remarks: list[str] = field(default_factory=list)
    zone: str = ""
    begin: dt.date | None = None
    currency: str | None = None


def keeps(zone: str, exchange: Exchange) -> bool:
    """Whether symbols of a time zone are known to keep the sessions of *exchange*, by which they were taken."""
    return zone == exchange.zone.key or (zone in AMERICAN and exchange.zone.key in AMERICAN)


def in_order(
    days: Days, columns: dict[str, FloatArray], last: dt.date, remarks: list[str]
) -> tuple[Days, dict[str, FloatArray]]:
    """Rows in the order of their days, each day once; a day told twice and differently is left out."""
    order = np.argsort(days, kind="stable")
    if not np.array_equal(order, np.arange(len(days))):
        remarks.append("the days came in no order; sorted")
    days, columns = days[order], {name: values[order].copy() for name, values in columns.items()}
    keep = np.ones(len(days), bool)
    for row in np.flatnonzero(days[1:] == days[:-1]) + 1:
        before = row - 1
        keep[before] = False
        if not keep[row]:
            continue
        for name, values in columns.items():
            pair = values[[before, row]]
            if name == "volume" or np.isnan(pair).any():
                # after the bell Yahoo tells the last session twice; the volume of one of them is final
                values[row] = np.fmax(*pair)
            elif not math.isclose(*pair, rel_tol=1e-6):
                keep[row] = False
        if not keep[row]:
            later = row
            while later + 1 < len(days) and days[later + 1] == days[row]:
                later += 1
                keep[later] = False
            if days[row] <= np.datetime64(last):
                remarks.append(f"{days[row]}: two different bars; left out, asked for again on the next refresh")
    return days[keep], {name: values[keep] for name, values in columns.items()}


def plausible(days: Days, columns: dict[str, FloatArray], remarks: list[str]) -> tuple[Days, dict[str, FloatArray]]:
    """Rows whose close is a price and agrees with its own high and low."""
    for name in PRICE_FIELDS:
        if name in columns:
            wrong = columns[name] <= 0
            remarks += [f"{day}: {name} of zero or less; left out" for day in days[wrong]]
            columns[name][wrong] = np.nan
    if "volume" in columns:
        columns["volume"][columns["volume"] < 0] = np.nan
    close = columns["close"]
    good = np.isfinite(close)
    if "high" in columns and "low" in columns:
        high, low = columns["high"], columns["low"]
        crossed = good & (high < low)
        remarks += [f"{day}: high below low; both left out" for day in days[crossed]]
        high[crossed] = low[crossed] = np.nan
        outside = good & ((close > high * (1.0 + OUTSIDE)) | (close < low * (1.0 - OUTSIDE)))
        remarks += [f"{day}: close outside high and low; bar left out" for day in days[outside]]
        good &= ~outside
    return days[good], {name: values[good] for name, values in columns.items()}
