"""Macro and credit series of FRED (Federal Reserve Bank of St. Louis), through its keyless CSV address."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re

import numpy as np

from xlrotation.market.providers import bounds
from xlrotation.market.providers.asking import Passing
from xlrotation.market.providers.eachseries import EachSeries, Question
from xlrotation.market.providers.protocol import Dated as Series

ADDRESS = "https://fred.stlouisfed.org/graph/fredgraph.csv"
DEFAULT = (
    *("UNRATE", "SAHMCURRENT", "SAHMREALTIME", "BAMLH0A0HYM2", "BAMLH0A3HYC", "DFF"),
    *("DGS1MO", "DGS3MO", "DGS6MO", "DGS1", "DGS2", "DGS3", "DGS5", "DGS7", "DGS10", "DGS20", "DGS30"),
    *("WALCL", "WTREGEN", "WDTGAL", "RRPONTSYD"),
)
"""Unemployment, the Sahm indicator, high-yield and CCC spreads, fed funds, Treasury yields, the Federal Reserve's
assets, the Treasury's account, reverse repurchases.
"""

LARGEST = 1e9
"""No rate, spread or index is further from zero."""

_ID = re.compile(r"[A-Z0-9][A-Z0-9_.-]{0,79}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


class Fred(EachSeries):
    """FRED as a provider of series: any that it has, by its id there."""

    key, name = "fred", "FRED"
    site, again = "fred.stlouisfed.org", "--macro"
    series: tuple[str, ...] = DEFAULT

    def has(self, name: str) -> bool:
        """Ids are letters and digits; anything else is not asked for."""
        return is_id(name)

    def no_name(self, name: str) -> str:
        """Why a name that can be no id is not asked for."""
        return no_id(name)

    def ask(self, question: Question, name: str, remarks: list[str]) -> dict[str, Series]:
        """The series of an id."""
        params = {"id": name}
        text = question.asker.get(question.client, ADDRESS, params=params).text
        if not text.endswith("\n") and question.asker.get(question.client, ADDRESS, params=params).text != text:
            raise Passing("the answer was cut off")  # the same text twice is whole, with or without a last line end
        try:
            return {name: parse(name, text, question.today, remarks)}
        except ValueError as error:
            raise Passing(str(error)) from None


def is_id(name: str) -> bool:
    """Whether a name can be the id of a series."""
    return _ID.fullmatch(name) is not None


def no_id(name: str) -> str:
    """Why a name that can be no id of a series is not asked for."""
    return f"{name[:40]!r} is no id of a series, which is letters and digits; look it up at fred.stlouisfed.org"


def parse(name: str, text: str, today: dt.date | None = None, remarks: list[str] | None = None) -> Series:
    """A series from FRED's CSV, by day; a day told twice and differently is left out.

    Args:
        name: What was asked for.
        text: The answer.
        today: The present day; later observations are left out. None lets every day pass.
        remarks: Takes what was left out.

    Raises:
        ValueError: It is not the table asked for.
    """
    notes = [] if remarks is None else remarks
    if text.lstrip()[:1] == "<":
        raise ValueError("a web page came instead of a table")
    days, values = _columns(name, text)
    told: dict[dt.date, float] = {}
    contradicted = set()
    for day, value in zip(days, values, strict=True):
        if today is not None and day > today:
            notes.append(f"{day}: an observation of the future; left out")
        elif day in told and told[day] != value and not math.isnan(value) and not math.isnan(told[day]):
            contradicted.add(day)
        elif day not in told or not math.isnan(value):
            told[day] = value
    for day in sorted(contradicted):
        notes.append(f"{day}: two different values; left out")
        del told[day]
    if not told or all(map(math.isnan, told.values())):
        raise ValueError("the series is empty")
    ordered = sorted(told)
    return np.array(ordered, "datetime64[D]"), np.array([told[day] for day in ordered])


def _columns(name: str, text: str) -> tuple[list[dt.date], list[float]]:
    """Days and values, read line by line as far as they are sound.

    Raises:
        ValueError: A line is not.
    """
    days: list[dt.date] = []
    values: list[float] = []
    unsound = ValueError("the answer has a line that is no date and number")
    try:
        rows = csv.reader(io.StringIO(text, newline=""))
        head = next(rows, [])
        if len(head) != 2 or head[1].strip().upper() != name.upper():
            raise ValueError(f"the answer is no table of {name}")
        for row in filter(None, rows):
            if len(row) != 2 or not _DAY.fullmatch(row[0]) or len(days) == bounds.OBSERVATIONS:
                raise unsound
            try:
                days.append(dt.date.fromisoformat(row[0]))
                values.append(number(row[1].strip()))
            except ValueError:
                raise unsound from None
    except csv.Error:  # a cell that never ends
        raise ValueError("the answer is no table") from None
    return days, values


def number(text: str) -> float:
    """A value as FRED writes it, NaN for a gap.

    Raises:
        ValueError: It is none.
    """
    if text in ("", "."):
        return math.nan
    if not _NUMBER.fullmatch(text) or not abs(value := float(text)) <= LARGEST:
        raise ValueError("no number")
    return value
