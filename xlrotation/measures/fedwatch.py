"""Probabilities of the Fed's target range from fed funds futures, by CME's method."""

from __future__ import annotations

import math
from typing import NamedTuple

STEP = 0.25
"""Points of a rate step."""


class Month(NamedTuple):
    """A contract month.

    Attributes:
        average: Average rate of the month that the futures price implies, ``100 - price``.
        days: Days in the month.
        meeting: Day of the month on which a decision is announced; 0 in a month without one.
    """

    average: float
    days: int
    meeting: int = 0


def split_month(average: float, start: float, day: int, days: int, meeting_day_is_new: bool) -> float:
    """The rate after a meeting, from a contract's average rate over the month.

    The month's average is the mean of the rate before and after the meeting, weighted by days.

    Args:
        average: 100 minus the futures price.
        start: Rate before the meeting.
        day: Day of the month of the announcement.
        days: Days in the month.
        meeting_day_is_new: Whether the announcement day itself counts as after.
    """
    before = days_before(day, meeting_day_is_new)
    return (average * days - start * before) / (days - before)


def days_before(day: int, meeting_day_is_new: bool) -> int:
    """Days of a month at the rate before the meeting."""
    return day - 1 if meeting_day_is_new else day


def step_probabilities(change: float, step: float = STEP) -> tuple[int, float]:
    """The whole number of steps at or below a change, and the probability of one step more."""
    steps = change / step
    below = math.floor(steps + 1e-12)
    return below, max(0.0, steps - below)


def rates(months: list[Month], meeting_day_is_new: bool) -> list[tuple[float, float]]:
    """The rate at the start and at the end of each month.

    A month without a meeting has one rate, its average. A month after such a month starts at that rate, and one before
    it ends there; the other end follows from the average. Where months with meetings follow each other, the later one
    is settled first and gives the earlier one its end.

    Args:
        months: Consecutive months, at least one of them without a meeting.
        meeting_day_is_new: Whether the announcement day itself counts as after.

    Returns:
        NaN where the months do not settle a rate.
    """
    count = len(months)
    start = [month.average if month.meeting == 0 else math.nan for month in months]
    end = list(start)
    for place in [*range(count - 1, -1, -1), *range(count)]:
        month = months[place]
        if not month.meeting:
            continue
        before = days_before(month.meeting, meeting_day_is_new)
        after = month.days - before
        if end[place] != end[place] and place + 1 < count:
            end[place] = start[place + 1]
        if start[place] != start[place] and place:
            start[place] = end[place - 1]
        if start[place] != start[place] and before:
            start[place] = (month.average * month.days - end[place] * after) / before
        if end[place] != end[place] and after:
            end[place] = (month.average * month.days - start[place] * before) / after
    return list(zip(start, end, strict=True))


def tree(changes: list[float]) -> list[dict[int, float]]:
    """Probabilities of the number of steps from today, after each meeting.

    A change is spread over the two nearest whole numbers of steps; meetings are independent of each other.

    Args:
        changes: Change of the rate at each meeting, in points.
    """
    found: list[dict[int, float]] = []
    held = {0: 1.0}
    for change in changes:
        below, more = step_probabilities(change)
        following: dict[int, float] = {}
        for steps, probability in held.items():
            for move, share in ((below, 1.0 - more), (below + 1, more)):
                if probability * share > 0.0:
                    following[steps + move] = following.get(steps + move, 0.0) + probability * share
        held = dict(sorted(following.items()))
        found.append(held)
    return found
