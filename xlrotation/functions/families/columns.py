"""Columns of the user's own that belong together row by row."""

from __future__ import annotations

import datetime as dt
from typing import TypeVar

from xlrotation.errors import BadArgument, NoData
from xlrotation.market.panel import FloatArray
from xlrotation.measures import levels

_Label = TypeVar("_Label")


def together(a: FloatArray, b: FloatArray, names: str) -> tuple[FloatArray, FloatArray]:
    """Two columns of the same length, without the rows at their end in which both are blank.

    Args:
        a: Numbers, NaN for a gap.
        b: Numbers of the same rows.
        names: What the two are, for the message.

    Raises:
        BadArgument: They differ in length.
    """
    if len(a) != len(b):
        raise BadArgument(f"{len(a)} and {len(b)} rows of {names}; give the same rows of both")
    n = len(a)
    while n and a[n - 1] != a[n - 1] and b[n - 1] != b[n - 1]:
        n -= 1
    return a[:n], b[:n]


def labelled(labels: tuple[_Label, ...], values: FloatArray, names: str) -> tuple[tuple[_Label, ...], FloatArray]:
    """Labels and numbers of the same rows, up to the last number."""
    if len(labels) != len(values):
        raise BadArgument(f"{len(labels)} and {len(values)} rows of {names}; give one label for each value")
    n = len(values)
    while n and values[n - 1] != values[n - 1]:
        n -= 1
    if n == 0:
        raise NoData("no value")
    return labels[:n], values[:n]


def since(dates: tuple[dt.date | None, ...], values: FloatArray, side: str) -> dt.date:
    """Date of the last earlier value at least as high (side ``HIGH``) or low as the last one.

    Raises:
        NoData: There is none.
    """
    dates, values = labelled(dates, values, "dates and values")
    row = levels.last_at_least(values if side == "HIGH" else -values)
    day = dates[row] if row is not None else None
    if day is None:
        raise NoData("no earlier value reaches the last one")
    return day
