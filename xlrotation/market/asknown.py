"""A dated series as it was known at a moment: neither an observation nor a revision is seen before its publication."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from xlrotation.errors import NoData
from xlrotation.market import releases
from xlrotation.market.calendar import XNYS, Days
from xlrotation.market.vintages import Series, Vintages, is_vintage, series_of
from xlrotation.measures.arrays import BoolArray, FloatArray

KNOWN, FIRST, LATEST = "KNOWN", "FIRST", "LATEST"
_WEEKLY = np.timedelta64(5, "D")
_SHOWN = 50
"""Observations by which it is told how often a series has one."""


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What was known of a series.

    Attributes:
        days: The days described.
        values: The values, NaN for a gap.
        remarks: What a reader must be told: assumptions on when they were published.
    """

    days: Days
    values: FloatArray
    remarks: tuple[str, ...] = ()

    def by_day(self, since: dt.date = dt.date.min) -> dict[dt.date, float]:
        """The values that are no gaps, by the day described, from a day on."""
        keep = np.isfinite(self.values) & (self.days >= np.datetime64(since, "D"))
        return dict(zip(self.days[keep].tolist(), self.values[keep].tolist(), strict=True))


def series(
    name: str, held: Series, vintages: Mapping[str, Vintages], moment: dt.datetime, vintage: str = KNOWN
) -> Known | None:
    """A series as known at *moment*; None where neither it nor a vintage of it is held.

    Args:
        name: Its name, in capitals.
        held: The series, vintages among them.
        vintages: The vintages.
        moment: Such as the closing bell of the as-of day.
        vintage: ``KNOWN``: as it stood then; ``FIRST``: each value as first published; ``LATEST``: each value as it
            stands today, of the observations that had been published by then.

    Raises:
        NoData: First publications are asked for and no vintages are stored.
    """
    plain, archive = None if is_vintage(name) else held.get(name), vintages.get(name)
    if vintage == FIRST:
        if archive is None:
            raise NoData(lacking(name))
        return _first(name, archive, moment)
    if plain is None and archive is None:
        return None
    if archive is None:
        assert plain is not None
        return _by_rule(name, plain, moment, vintage)
    return _archived(name, plain, archive, moment, vintage)


def lacking(name: str) -> str:
    """How vintages of a series are stored."""
    return (
        f"the data hold no vintages of {name}; fetch them with xlrotation refresh --provider alfred {name}, or put "
        "ALFRED's file into the folder"
    )


def provider_of(name: str) -> str:
    """The key of the provider that a series of that name is asked for."""
    return "cftc" if name.startswith(releases.COMMITMENTS) else "fred"


def shown(name: str) -> str:
    """What a reader is told in place of a vintage (its series) or a column of positions (the report and the market)."""
    return ":".join(name.split(":")[:3]) if name.startswith(releases.COMMITMENTS) else series_of(name)


def names_of(held: Series) -> list[str]:
    """What a reader is told that the data hold; of positions of traders the reports alone, of hundreds of markets."""
    reports = releases.COMMITMENTS
    return sorted({":".join(name.split(":")[:2]) if name.startswith(reports) else series_of(name) for name in held})


def _archived(
    name: str, plain: tuple[Days, FloatArray] | None, archive: Vintages, moment: dt.datetime, vintage: str
) -> Known:
    until = releases.published_by(name, moment)
    begins, ends = archive.span
    days, values = archive.known(until)
    if plain is None:
        if vintage == LATEST:
            every, newest = archive.known(ends)
            among = np.isin(every, days)
            return Known(every[among], newest[among])
        return Known(days, values)
    by_rule = _by_rule(name, plain, moment, LATEST)
    other = np.isin(plain[0], by_rule.days) & ~np.isin(plain[0], archive.days)
    if vintage == LATEST:
        return _as_today(days, plain, archive, other)
    covers = plain[0][-1:] >= archive.days[-1:]
    if until > ends and len(by_rule.days) == len(plain[0]) and covers.all():
        return Known(*plain)  # the newest vintage of all is the series itself
    if until < begins:
        return Known(by_rule.days, by_rule.values, (f"no vintage of {name} is stored before {begins}; {_AS_TODAY}",))
    if not other.any():
        return Known(days, values)
    order = np.argsort(every := np.concatenate([days, plain[0][other]]), kind="stable")
    remark = f"values of {name} in no vintage that is stored, which end on {ends}: {int(other.sum())}; {_AS_TODAY}"
    return Known(every[order], np.concatenate([values, plain[1][other]])[order], (remark,))


def _as_today(known: Days, plain: tuple[Days, FloatArray], archive: Vintages, other: BoolArray) -> Known:
    """The values of today of what was known, and of *other* values of the series; its own before the archive's."""
    every, newest = archive.known(archive.span[1])
    seen = np.isin(plain[0], known) | other
    lacking = np.isin(every, known) & ~np.isin(every, plain[0])
    days = np.concatenate([plain[0][seen], every[lacking]])
    order = np.argsort(days, kind="stable")
    return Known(days[order], np.concatenate([plain[1][seen], newest[lacking]])[order])


def _first(name: str, archive: Vintages, moment: dt.datetime) -> Known:
    days, values, sure = archive.first(releases.published_by(name, moment))
    remarks = []
    if not sure.all():
        begins = archive.span[0]
        remarks.append(
            f"values of {name} older than the vintages stored, which begin on {begins}: {int((~sure).sum())}; how they "
            "were first published is not known"
        )
    return Known(days[sure], values[sure], tuple(remarks))


def _by_rule(name: str, held: tuple[Days, FloatArray], moment: dt.datetime, vintage: str) -> Known:
    """The observations of a series without vintages that had been published; each may have been revised since."""
    days, values = held
    rule = releases.rule_of(name)
    row = int(np.searchsorted(days, np.datetime64(moment.astimezone(releases.washington()).date()), side="right"))
    months = 0 if rule is not None else _months(days)

    def known_from(day: dt.date) -> dt.datetime:
        return XNYS.bell(releases.over(day, months)) if rule is None else rule.moment(day)

    while row and known_from(days[row - 1].item()) > moment:
        row -= 1
    remarks = []
    if rule is None and len(days) > 1 and np.median(np.diff(days[-_SHOWN:])) >= _WEEKLY:
        since = "the end of its month, quarter or year" if months else "its own date"
        remarks.append(
            f"when the values of {name} were published is not known; each counts from {since}, which may be weeks "
            "before; store its vintages"
        )
    elif vintage == KNOWN and row < len(days) and name in _REVISED:
        remarks.append(f"no vintages of {name} are stored; {_AS_TODAY}")
    return Known(days[:row], values[:row], tuple(remarks))


def _months(days: Days) -> int:
    """The months between the values of a series by month, quarter or year; 0 for a series of weeks or days."""
    gap = np.median(np.diff(days[-_SHOWN:])) if len(days) > 1 else np.timedelta64(0, "D")
    return round(gap / _MONTH) if gap >= _SHORTEST_MONTH else 0


_MONTH, _SHORTEST_MONTH = np.timedelta64(30, "D"), np.timedelta64(28, "D")
_AS_TODAY = "these values are as they stand today, with revisions later than the as-of date"
_REVISED = frozenset(("UNRATE", "PAYEMS", "U6RATE", "CIVPART", "UNEMPLOY"))
"""Series that are revised, so that what stands in them today need not be what was known."""
