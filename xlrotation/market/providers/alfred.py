"""Vintages of FRED's series from ALFRED, its archive, through the keyless address of its graphs.

Asked for are the series as they stood at the ends of months, a dozen at a time, from the newest backwards. So a value
counts from the end of the month in which it was published: later than it was known, never earlier.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from xlrotation.market import vintages
from xlrotation.market.providers import bounds, fred
from xlrotation.market.providers.asking import Asker, Passing, Refused
from xlrotation.market.providers.eachseries import EachSeries, Question
from xlrotation.market.providers.protocol import Dated

ADDRESS = "https://alfred.stlouisfed.org/graph/alfredgraph.csv"
AT_ONCE = 12
MONTHS = 240
"""Vintages of twenty years."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

Column = tuple[dt.date, Any, Any]


class Alfred(EachSeries):
    """ALFRED as a provider of vintages of any series that FRED has."""

    key, name = "alfred", "ALFRED"
    site, again = "alfred.stlouisfed.org", "--provider alfred"
    series: tuple[str, ...] = ("UNRATE",)

    def __init__(self, months: int = MONTHS) -> None:
        self._months = months

    def has(self, name: str) -> bool:
        """As FRED: ids are letters and digits."""
        return fred.is_id(name)

    def no_name(self, name: str) -> str:
        """As FRED says it."""
        return fred.no_id(name)

    def ask(self, question: Question, name: str, remarks: list[str]) -> dict[str, Dated]:
        """The vintages of a series."""
        days = month_ends(question.today, self._months)
        columns = _columns(question.asker, question.client, name, days, remarks)
        if not columns:
            raise Passing("no vintage has a value")
        return vintages.of_columns(name, columns)


def month_ends(today: dt.date, count: int) -> list[dt.date]:
    """The last days of months that are over, the newest first."""
    found = []
    last = today.replace(day=1)
    for _ in range(count):
        last -= dt.timedelta(days=1)
        found.append(last)
        last = last.replace(day=1)
    return found


def _columns(asking: Asker, client: Any, name: str, days: Sequence[dt.date], remarks: list[str]) -> list[Column]:
    found: list[Column] = []
    for first in range(0, len(days), AT_ONCE):
        wanted = sorted(days[first : first + AT_ONCE])
        params = {"id": ",".join([name] * len(wanted)), "vintage_date": ",".join(map(str, wanted))}
        try:
            text = asking.get(client, ADDRESS, params=params).text
        except Refused:
            if not found:
                raise
            remarks.append(f"no vintages before {min(day for day, *_ in found)}")
            break  # the archive begins later
        try:
            found += parse(name, text, wanted)
        except ValueError as error:
            raise Passing(str(error)) from None
    return found


def parse(name: str, text: str, wanted: Sequence[dt.date]) -> list[Column]:
    """Vintages from ALFRED's CSV: day, days of the observations, values.

    Raises:
        ValueError: It is not the table asked for; a vintage of another day than asked for is none.
    """
    if text.lstrip()[:1] == "<":
        raise ValueError("a web page came instead of a table")
    if not text.endswith("\n"):
        raise ValueError("the answer was cut off")
    rows = csv.reader(io.StringIO(text, newline=""))
    head = [cell.strip().upper() for cell in next(rows, [])]
    if head[1:] != [f"{name.upper()}_{day:%Y%m%d}" for day in wanted]:
        raise ValueError(f"the answer is no table of {name} as of {wanted[0]} to {wanted[-1]}")
    days: list[dt.date] = []
    values: list[list[float]] = []
    unsound = ValueError("the answer has a line that is no date and numbers")
    for row in filter(None, rows):
        if len(row) != len(head) or not _DAY.fullmatch(row[0]) or len(days) == bounds.OBSERVATIONS:
            raise unsound
        try:
            days.append(dt.date.fromisoformat(row[0]))
            values.append([fred.number(cell.strip()) for cell in row[1:]])
        except ValueError:
            raise unsound from None
    if days != sorted(set(days)):
        raise unsound
    table = np.array(values, float).reshape(len(days), len(wanted))
    dated = np.array(days, "datetime64[D]")
    there = dated[:, None] <= np.array(wanted, "datetime64[D]")[None, :]
    if (np.isfinite(table) & ~there).any():
        raise ValueError("a vintage has an observation of its own future")
    return [(day, dated, table[:, place]) for place, day in enumerate(wanted)]
