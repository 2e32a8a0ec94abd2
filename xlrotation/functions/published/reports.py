"""The market reports that the library follows: the one place that declares them.

What else names a report derives it from here: the figures of ``claims.csv`` by its key, the template workbook its
title, its as-of date and its file name, the functions and the command line what may be asked for.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from xlrotation.errors import BadArgument
from xlrotation.functions.published import sentences
from xlrotation.functions.published.sentences import Sentence
from xlrotation.languages import Text
from xlrotation.market.symbols import fold


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """A market report; each is declared once and equal to itself alone.

    Attributes:
        key: Name, also of its template workbook.
        code: First part of its figures' ids.
        asof: Last session that it knew.
        published: Its date.
        title: What it is about.
        sentences: What its summary says.
    """

    key: str
    code: str
    asof: dt.date
    published: dt.date
    title: Text
    sentences: tuple[Sentence, ...]

    @property
    def workbook(self) -> str:
        """File name of its template."""
        return f"{self.key}.xlsx"


MECHANICAL_ROTATION = Report(
    key="mechanical_rotation",
    code="R0",
    asof=dt.date(2026, 2, 13),
    published=dt.date(2026, 2, 14),
    title=Text("Mechanical rotation"),
    sentences=sentences.MECHANICAL,
)
VOLATILITY_GAP = Report(
    key="volatility_gap",
    code="R1",
    asof=dt.date(2026, 2, 9),
    published=dt.date(2026, 2, 10),
    title=Text("The volatility gap"),
    sentences=sentences.GAP,
)
MARKET_BREADTH = Report(
    key="market_breadth",
    code="R2",
    asof=dt.date(2026, 2, 6),
    published=dt.date(2026, 2, 7),
    title=Text("Market breadth"),
    sentences=sentences.BREADTH,
)
LIQUIDITY_CROSSROADS = Report(
    key="liquidity_crossroads",
    code="R3",
    asof=dt.date(2025, 11, 20),
    published=dt.date(2025, 11, 20),
    title=Text("Liquidity at the crossroads"),
    sentences=sentences.LIQUIDITY,
)
SMALL_VALUE_ROTATION = Report(
    key="small_value_rotation",
    code="R4",
    asof=dt.date(2026, 1, 16),
    published=dt.date(2026, 1, 18),
    title=Text("Small caps and value"),
    sentences=sentences.SMALL_VALUE,
)
REPORTS = (MECHANICAL_ROTATION, VOLATILITY_GAP, MARKET_BREADTH, LIQUIDITY_CROSSROADS, SMALL_VALUE_ROTATION)


def find_report(text: str) -> Report:
    """The report that *text* names: its key, code or title.

    Raises:
        BadArgument: There is no such report.
    """
    wanted = fold(text)
    for report in REPORTS:
        if wanted in (report.key, fold(report.code)):
            return report
    for report in REPORTS:
        if wanted in map(fold, report.title.anywhere()):
            return report
    raise BadArgument(f"no report {text[:40]!r}; give one of {', '.join(report.key for report in REPORTS)}")
