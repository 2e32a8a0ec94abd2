"""Figures of others that the report on liquidity quotes, and that are no prices: each table with its origin."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from xlrotation.languages import Text
from xlrotation.reports.backsheets import Input
from xlrotation.reports.choosing import expression
from xlrotation.reports.kit import COUNT, DATE, PERCENT, POINTS
from xlrotation.reports.page import Area, Page
from xlrotation.reports.values import Cells

_NAMES = 5
"""Columns that names and dates take."""

FLOWS = (("SPY", 12.0), ("QQQ", 2.8), ("VOO", 2.4), ("IVV", 2.0), ("SMH", 1.3), ("TQQQ", 1.2), ("IBIT", -0.6))
BANKRUPTCIES = (
    (Text("Industrials"), 98.0),
    (Text("Consumer discretionary"), 80.0),
    (Text("Health care"), 45.0),
    (Text("Technology"), 24.0),
    (Text("Energy and utilities"), 4.0),
    (Text("All others"), 136.0),
)
ISSUANCE = (
    (dt.date(2025, 9, 24), 44.515),
    (dt.date(2025, 10, 1), 39.908),
    (dt.date(2025, 10, 8), 39.703),
    (dt.date(2025, 10, 15), 30.006),
    (dt.date(2025, 10, 22), 43.533),
)
DELINQUENCY = (
    (dt.date(2011, 3, 31), 12.5),
    (dt.date(2024, 9, 30), 11.1),
    (dt.date(2025, 6, 30), 12.3),
    (dt.date(2025, 9, 30), 12.4),
)
LAYOFFS = (
    (Text("Announced job cuts"), -1.5, 0.0),
    (Text("Mass-layoff notices"), -1.5, 0.0),
    (Text("Layoffs in earnings calls"), -1.5, 0.0),
    (Text("Searches for layoffs"), -1.5, 0.0),
    (Text("Continuing claims"), -1.5, 0.0),
    (Text("Involuntary part-time work"), -1.5, 0.0),
)


@dataclass(frozen=True, slots=True)
class Given:
    """A table of yellow cells with its origin: names or dates, and one or two columns of numbers.

    Attributes:
        key: Formulas name its numbers so, its names or dates as ``{key.names}``, all but its last row as ``{key.named}``.
        heads: Of its columns.
        rows: Its names or dates, each with its numbers.
        number_format: Of its numbers.
        origin: Where they come from.
    """

    key: str
    heads: Sequence[Text]
    rows: Sequence[tuple[Text | str | dt.date, *tuple[float, ...]]]
    number_format: str
    origin: Text

    def write(self, page: Page, area: Area) -> int:
        """Write it."""
        book, sheet = page.book, page.sheet
        for place, head in enumerate(self.heads):
            width = 1 if place else _NAMES
            book.head(sheet, area.row, _NAMES + place - 1 if place else 0, head, "right" if place else "left", width)
            page.fit(area.row, head, width)
        for line, (name, *numbers) in enumerate(self.rows, area.row + 1):
            if isinstance(name, dt.date):
                form = book.style(num_format=DATE, align="left", **book.yellow)
                sheet.merge_range(line, 0, line, _NAMES - 1, "", form)
                sheet.write_datetime(line, 0, dt.datetime.combine(name, dt.time()), form)
            else:
                book.label(sheet, line, 0, name, 0, _NAMES)
            for place, number in enumerate(numbers):
                sheet.write_number(
                    line, _NAMES + place, number, book.style(num_format=self.number_format, **book.yellow)
                )
        count, wide = len(self.rows), len(self.heads) - 1
        page.remark(Area(area.row + 1 + count, 0, area.span), f"={expression(self.origin)}")
        cells = Cells(page.name, area.row + 1, _NAMES, count, wide)
        book.values.know(self.key, cells.area)
        book.values.know(f"{self.key}.named", cells.part(0, count - 1).area)
        book.values.know(f"{self.key}.names", Cells(page.name, area.row + 1, 0, count).area)
        return 2 + count


@dataclass(frozen=True, slots=True)
class Title:
    """The title of a sheet of figures."""

    text: Text

    def write(self, page: Page, area: Area) -> int:
        """Write it, and that its cells may be changed."""
        book = page.book
        style = {"bold": True, "font_size": book.size("title"), "font_color": book.colour("dark")}
        book.text(page.sheet, area.row, area.column, self.text, **style)
        page.height(area.row, 26)
        changed = Text("Yellow cells may be changed")
        book.text(page.sheet, area.row + 1, area.column, changed, font_color=book.colour("quiet"))
        return 2


FIGURES = (
    Title(Text("Figures of others")),
    Given("flows", (Text("Fund"), Text("Flow, USD bn")), FLOWS, "0.0", Text("FactSet, week, as quoted by the report")),
    Given(
        "bankruptcies",
        (Text("Sector", "of bankruptcies"), Text("Bankruptcies")),
        BANKRUPTCIES,
        COUNT,
        Text("S&P Global, as quoted by the report; its own total is 655"),
    ),
    Given(
        "delinquency",
        (Text("Quarter"), Text("90 days late, %")),
        DELINQUENCY,
        "0.0",
        Text("New York Fed, card balances; selected quarters"),
    ),
    Given(
        "layoffs",
        (Text("Layoff indicator"), Text("Three months before"), Text("Now", "beside the past")),
        LAYOFFS,
        "0.0",
        Text(
            "Standard scores as the report describes them (-2 to -1 before, about 0 now); its seventh indicator is not named"
        ),
    ),
    Given(
        "issuance",
        (Text("Week"), Text("Net issuance, USD bn")),
        ISSUANCE,
        "0.0",
        Text("Investment Company Institute, release of 2025-10-28"),
    ),
)


def _inputs() -> tuple[Input, ...]:
    report = Text("As the report of November 2025 has it")
    futures = Text("Chosen so that the probability is the printed 48.9 %")
    target = Text("Target range of the Fed after the meeting of October 2025")
    survey = Text("Bank of America's client-flow survey, as quoted by the report")
    ratio = Text("The report prints their ratio, 1.5, alone; so the outflow is set to 1")
    return (
        Input("vvix_threshold", Text("VVIX threshold"), 110, COUNT, report),
        Input("vvix_closes", Text("Closes in a row"), 5, COUNT, report),
        Input("vix_alarm", Text("VIX alarm"), 26, COUNT, report),
        Input("stress_vvix", Text("Scenario: VVIX from"), 110, COUNT, Text("Chosen; change it")),
        Input("stress_vix", Text("Scenario: VIX from"), 25, COUNT, Text("Chosen; change it")),
        Input("spread_alarm", Text("Widening of spreads, bp"), 50, COUNT, report),
        Input("spread_from", Text("Spreads since"), dt.date(2025, 10, 31), DATE, report),
        Input("unrate_last", Text("Last month of the unemployment rate"), dt.date(2025, 9, 1), DATE, Text("September was published on 2025-11-20")),
        Input("fed_before", Text("Futures, month before the meeting"), 96.12, "0.0000", futures),
        Input("fed_month", Text("Futures, month of the meeting"), 96.2028, "0.0000", futures),
        Input("fed_after", Text("Futures, month after (blank: it has a meeting of its own)"), "", "0.0000", futures),
        Input("fed_meeting", Text("Meeting"), dt.date(2025, 12, 10), DATE, target),
        Input("fed_low", Text("Target range from"), 3.75, POINTS, target),
        Input("fed_high", Text("Target range to"), 4.0, POINTS, target),
        Input("retail_return", Text("Retail portfolios, year to date"), -0.11, PERCENT, Text("Relative to institutions, middle of the printed -10 to -12 %")),
        Input("institution_return", Text("Institutions, year to date"), 0.0, PERCENT, Text("The base of that comparison")),
        Input("retail_before", Text("Retail: weeks with net buying in dips, first half"), 1.0, "0%", survey),
        Input("retail_now", Text("Retail: the same, November"), 0.6, "0%", survey),
        Input("value_inflow", Text("Value and financial funds, inflow"), 1.5, "0.0", ratio),
        Input("technology_outflow", Text("Technology funds, outflow"), 1.0, "0.0", ratio),
        Input("bond_inflow", Text("Bond funds, inflow of November, USD bn"), 45, COUNT, report),
    )  # fmt: skip


INPUTS = _inputs()
