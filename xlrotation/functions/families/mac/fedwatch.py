"""MAC: probabilities of the Fed's target range from fed funds futures."""

from __future__ import annotations

import calendar
import datetime as dt
from typing import Annotated

import numpy as np

from xlrotation.errors import BadArgument, NoData, OutOfDomain
from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.kinds import ChoiceKind
from xlrotation.functions.boundary.parameters import Dates, Day, Header, Lang, Number, Paired, default, required
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.families import units
from xlrotation.languages import Text
from xlrotation.measures import fedwatch

Split = Annotated[
    str,
    ChoiceKind(
        *("AFTER", "SAME"),
        help=Text(
            "From which day the new rate holds: AFTER the announcement day (CME's tables today), or the SAME day."
        ),
    ),
]
_CME = "CME Group, FedWatch methodology: days-weighted average of the month, steps of 25 basis points"
_SHOWN = 0.0005
"""Outcomes less likely than this are left out of the table, as they are of CME's."""
_NOISE = 1e-9
"""What rounding leaves at most in a change or a probability: prices near 100, stretched over a month's days."""


@worksheet_function(
    unit="share",
    example='=MAC_FEDWATCH({96.11,96.235,96.3},"2025-12-10",3.75,4)',
    source="CME Group, FedWatch methodology: days-weighted average of the month, steps of 25 basis points",
)
def MAC_FEDWATCH(
    futures: Paired = required(),
    meeting: Day = required(),
    rate_low: Number = required(),
    rate_high: Number = required(),
    split: Split = default("AFTER"),
) -> float:
    """Probability that the meeting cuts the target range by at least 25 basis points.

    From three fed funds futures prices: of the month before the meeting, of the meeting's month, of the month after.
    Where the month before has no meeting its average is the rate before, where the month after has none its average is
    the rate after; give a blank for a month that has a meeting of its own, and the other two suffice. The change is
    spread over the two nearest steps of 25 basis points.

    Args:
        futures: Prices of the month before, the meeting's month, and the month after.
        meeting: Day of the announcement.
        rate_low: Lower bound of the present target range in percent.
        rate_high: Upper bound of the present target range in percent.
    """
    if len(futures) < 2 or len(futures) > 3:
        raise BadArgument(f"{len(futures)} prices; give the month before the meeting, its month, and the month after")
    if meeting is None:
        raise BadArgument("give the day of the meeting")
    units.target_range(rate_low, rate_high)
    units.future_prices(futures, "futures")
    averages = 100.0 - np.append(futures, np.full(3 - len(futures), np.nan))
    start, end = _before_and_after(averages, meeting, split == "SAME")
    below, more = fedwatch.step_probabilities(end - start)
    if not -8.0 - _NOISE <= (end - start) / fedwatch.STEP < 9.0 - _NOISE:
        raise OutOfDomain(f"a change of {end - start:.2f} points; the prices do not fit together")
    return 1.0 if below < -1 else (1.0 - more) if below == -1 else 0.0


def _before_and_after(
    averages: np.ndarray[tuple[int], np.dtype[np.float64]], meeting: dt.date, same: bool
) -> tuple[float, float]:
    """The rate before and after a meeting from the averages of three months, of which one may be missing."""
    days = calendar.monthrange(meeting.year, meeting.month)[1]
    start, month, end = (float(value) for value in averages)
    if start == start and end == end:
        return start, end
    if month != month or (start != start and end != end):
        raise NoData("the meeting's own month and one of its neighbours are needed")
    before = meeting.day - 1 if same else meeting.day
    if start == start:
        if before == days:
            raise NoData("the meeting is on the last day of its month; give the price of the month after")
        return start, fedwatch.split_month(month, start, meeting.day, days, same)
    if before == 0:
        raise NoData("the meeting is on the first day of its month; give the price of the month before")
    return (month * days - end * (days - before)) / before, end


_MONTHS = '{"2025-11-01";"2025-12-01";"2026-01-01";"2026-02-01"}'
_PRICES = "{96.12;96.203;96.32;96.36}"


@worksheet_function(
    unit="table",
    example=f'=MAC_FEDWATCH_TABLE({_MONTHS},{_PRICES},{{"2025-12-10";"2026-01-28"}},3.75,4)',
    source=_CME,
)
def MAC_FEDWATCH_TABLE(
    months: Dates = required(),
    futures: Paired = required(),
    meetings: Dates = required(),
    rate_low: Number = required(),
    rate_high: Number = required(),
    split: Split = default("AFTER"),
    after: Day = default(None),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """Probabilities of the target range after each meeting: meeting, range from, range to, probability.

    A month without a meeting has one rate; the months beside it take their start or their end from it, others follow
    backwards from the next one. Each meeting's change is spread over the two nearest steps of 25 basis points, and the
    meetings are chained. Outcomes below 0.05 % are left out. Give the months before the first meeting too, with the
    meetings that they had: they settle the rate that it starts from.

    Args:
        months: A day in each contract's month; consecutive months, oldest first.
        futures: Prices of the contracts.
        meetings: Days of announcement, past ones of these months included.
        rate_low: Lower bound of the present target range in percent.
        rate_high: Upper bound of the present target range in percent.
        after: The table begins with the first meeting after this day. Blank: with the first one given.
    """
    contracts = _contracts(months, futures, [day for day in meetings if day is not None])
    units.target_range(rate_low, rate_high)
    units.future_prices(futures, "futures")
    settled = fedwatch.rates([month for _, month in contracts], split == "SAME")
    chosen, changes = [], []
    for (first, month), (start, end) in zip(contracts, settled, strict=True):
        if month.meeting and (after is None or first.replace(day=month.meeting) > after):
            if start != start or end != end:
                raise NoData("these months do not settle a rate; give one without a meeting among them")
            chosen.append(first.replace(day=month.meeting))
            changes.append(end - start)
    if not chosen:
        raise NoData("no meeting in these months; give the days of announcement")
    if max(abs(change) for change in changes) > 2.0 + _NOISE:
        raise OutOfDomain("a change of more than two points at a meeting; the prices do not fit together")
    rows: list[list[object]] = []
    for day, outcomes in zip(chosen, fedwatch.tree(changes), strict=True):
        for steps, probability in outcomes.items():
            if probability >= _SHOWN - _NOISE:
                moved = fedwatch.STEP * steps
                rows.append([day, rate_low + moved, rate_high + moved, probability])
    return Table(("meeting", "range_from", "range_to", "probability"), rows, header, lang)


def _contracts(
    months: tuple[dt.date | None, ...],
    futures: np.ndarray[tuple[int], np.dtype[np.float64]],
    meetings: list[dt.date],
) -> list[tuple[dt.date, fedwatch.Month]]:
    """The first day of each month with its contract."""
    if len(months) != len(futures):
        raise BadArgument(f"{len(months)} months and {len(futures)} prices; give one price for each month")
    found: list[tuple[dt.date, fedwatch.Month]] = []
    held = {(day.year, day.month): day.day for day in meetings}
    for day, price in zip(months, futures.tolist(), strict=True):
        if day is None and price != price:
            continue
        if day is None or price != price:
            raise BadArgument("a month without a price, or a price without a month")
        first = day.replace(day=1)
        if found and _months(first) != _months(found[-1][0]) + 1:
            raise BadArgument(f"{first:%Y-%m} does not follow {found[-1][0]:%Y-%m}; give consecutive months")
        days = calendar.monthrange(first.year, first.month)[1]
        found.append((first, fedwatch.Month(100.0 - price, days, held.get((first.year, first.month), 0))))
    return found


def _months(day: dt.date) -> int:
    """The number of a day's month, counted from one fixed month."""
    return 12 * day.year + day.month
