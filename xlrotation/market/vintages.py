"""Vintages of a dated series: which values were published when.

Statistics are revised: the rate of a month is one number when it is published, and another some years later. The
vintage of a day is the series as it stood on that day. Among the series of a panel that of ``UNRATE@2008-02-01`` holds
those observations of ``UNRATE`` that were published for the first time, or changed, on that day, as ALFRED (the archive
of the Federal Reserve Bank of St. Louis) keeps them. The ``@`` makes of a vintage a series like any other, so that a
store merges and keeps them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from xlrotation.market.calendar import Days
from xlrotation.measures.arrays import BoolArray, FloatArray

_KEY = re.compile(r"(?P<name>.+)@(?P<day>\d{4}-\d{2}-\d{2})", re.DOTALL)
_DAILY = np.timedelta64(5, "D")
_AT_ONCE, _AT_ONCE_DAILY = 2, 10
"""Observations that one publication brings at most; a vintage with more is the first of what is stored."""

_HEADS = "see whether its columns stand under the right heads"

Series = Mapping[str, tuple[Days, FloatArray]]


@dataclass(frozen=True, slots=True, eq=False)
class Vintages:
    """What was published of a series, by observation and then by day of publication.

    Attributes:
        days: The day that is described.
        published: The day of publication.
        values: The value; NaN for one that is missing or was withdrawn.
    """

    days: Days
    published: Days
    values: FloatArray

    def known(self, until: dt.date) -> tuple[Days, FloatArray]:
        """The series as it stood at the end of a day."""
        there = self.published <= np.datetime64(until)
        days, values = self.days[there], self.values[there]
        last = np.ones(len(days), bool)
        last[:-1] = days[1:] != days[:-1]
        return days[last], values[last]

    def first(self, until: dt.date) -> tuple[Days, FloatArray, BoolArray]:
        """The values as first published, up to a day, and of which observations they are that.

        Those of the earliest vintages stored are what they had become by then.
        """
        there = self.published <= np.datetime64(until)
        days, values, published = self.days[there], self.values[there], self.published[there]
        begins = np.ones(len(days), bool)
        begins[1:] = days[1:] != days[:-1]
        days, values, published = days[begins], values[begins], published[begins]
        daily = len(days) > 1 and np.median(np.diff(days)) < _DAILY
        at_once = _AT_ONCE_DAILY if daily else _AT_ONCE
        sure = np.ones(len(days), bool)
        for when, count in zip(*np.unique(published, return_counts=True), strict=True):
            if count > at_once:
                sure[np.flatnonzero(published == when)[:-1]] = False
        return days, values, sure

    @property
    def span(self) -> tuple[dt.date, dt.date]:
        """The first and the last vintage."""
        first, last = self.published.min().item(), self.published.max().item()
        return first, last


def key(name: str, day: dt.date) -> str:
    """The name of a vintage of a series."""
    return f"{name}@{day}"


def is_vintage(name: str) -> bool:
    """Whether that is the name of a vintage, and not of a series."""
    return _KEY.fullmatch(name) is not None


def series_of(name: str) -> str:
    """The series of which that is the name of a vintage; the name itself where it is none."""
    match = _KEY.fullmatch(name)
    return name if match is None else match["name"]


class Gathered(Mapping[str, Vintages]):
    """The vintages among some series, by the name of the series that they are of; each is read when it is asked for.

    Args:
        series: The series, vintages among them.
    """

    def __init__(self, series: Series) -> None:
        self._series = series
        self._keys: dict[str, list[tuple[str, str]]] = {}
        self._made: dict[str, Vintages] = {}
        for name in series:
            if (match := _KEY.fullmatch(name)) is not None:
                self._keys.setdefault(match["name"], []).append((name, match["day"]))

    def __getitem__(self, name: str) -> Vintages:
        if name in self._made:
            return self._made[name]
        parts = []
        for key_of_vintage, day in self._keys[name]:
            days, values = self._series[key_of_vintage]
            parts.append((days, np.full(len(days), np.datetime64(day), "datetime64[D]"), values))
        days, published, values = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        if not len(days):
            raise KeyError(name)
        order = np.lexsort((published, days))
        self._made[name] = made = Vintages(days[order], published[order], values[order])
        return made

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._keys if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def of_columns(name: str, columns: Iterable[tuple[dt.date, Days, FloatArray]]) -> dict[str, tuple[Days, FloatArray]]:
    """The vintages of a series that are given whole, each as what is new in it.

    Args:
        name: The series.
        columns: Day of the vintage, and the whole series as it stood on it; a value beyond its last one is not
            published yet, a gap before it has none.

    Raises:
        ValueError: A vintage holds what was not out on its day, or less than an older one: it is not of that day.
    """
    from xlrotation.market import releases  # needed where vintages are read, and not where they are seen

    newest: tuple[dt.date, dt.date] | None = None
    held: dict[np.datetime64, float] = {}
    found = {}
    for vintage, days, values in sorted(columns, key=lambda column: column[0]):
        known = np.flatnonzero(np.isfinite(values))
        if not len(known):
            continue
        last = days[known].max()
        ends: dt.date = last.astype("datetime64[D]").item()
        if (early := releases.earliest(name, ends)) > vintage:
            raise ValueError(
                f"the vintage of {name} of {vintage} has a value of {ends}, which was not out before {early}; {_HEADS}"
            )
        if newest is not None and ends < newest[1]:
            raise ValueError(
                f"the vintage of {name} of {vintage} ends on {ends}, and the older one of {newest[0]} on {newest[1]}; "
                f"{_HEADS}"
            )
        newest = vintage, ends
        new = []
        for place in np.flatnonzero(days <= last).tolist():
            day, value = days[place], float(values[place])
            before = held.get(day)
            if before is None or not (before == value or (before != before and value != value)):
                new.append(place)
                held[day] = value
        if new:
            found[key(name, vintage)] = (days[new], values[new])
    return found
