"""A report book as one definition: its pages as blocks, the series behind them, inputs, checks and notes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xlrotation.functions.published.reports import Report
from xlrotation.languages import Text
from xlrotation.reports import colouring
from xlrotation.reports import contents as contents_page
from xlrotation.reports.audit import Check, audit_sheet, checks_sheet, summary
from xlrotation.reports.backsheets import COMMON, Input, common_values, inputs_sheet, notes_sheet
from xlrotation.reports.contents import Entry
from xlrotation.reports.frames import Frame
from xlrotation.reports.kit import DATE, Book
from xlrotation.reports.page import COLUMNS, Block, Page
from xlrotation.reports.paper import Plan, planned
from xlrotation.reports.results import results_sheet
from xlrotation.reports.theme import Theme
from xlrotation.reports.values import SHEET as VALUES

FRONT = "Report"
"""Name of the sheet that a person reads first."""

CLOSING = Text("For information only; not investment advice.")


@dataclass(frozen=True, slots=True)
class Value:
    """A figure or table that formulas use and no page shows.

    Attributes:
        key: Its name; of a table, its columns are ``{key.column}``.
        formula: The formula, without its leading sign.
        rows: Rows of a table.
        columns: Names of its columns.
    """

    key: str
    formula: str
    rows: int = 1
    columns: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Definition:
    """A report book.

    Attributes:
        key: Its file's name.
        title: What it is about.
        asof: The date that it opens with.
        front: The blocks of its page, from top to bottom; the first is its headline.
        notes: Sentences of its Notes.
        values: Figures that its formulas use and no page shows.
        frames: Series behind its charts, a sheet each.
        sheets: Further blocks, a sheet each, by name.
        unprinted: Names of those sheets that are no pages of the report.
        inputs: Numbers that are not prices.
        groups: Names of several inputs that stand below each other.
        members: Members of the list named ``mag7_members``.
        symbols: Symbols whose origin Notes tells.
        report: The published report that it follows, whose figures it audits.
        checks: Figures that must agree with each other, where it follows none.
        breadth: Whether its formulas ask for the members of a universe.
    """

    key: str
    title: Text
    asof: dt.date
    front: Sequence[Block]
    notes: Sequence[Text]
    values: Sequence[Value] = ()
    frames: Sequence[Frame] = ()
    sheets: Mapping[str, Sequence[Block]] = field(default_factory=dict)
    unprinted: Sequence[str] = ()
    inputs: Sequence[Input] = ()
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    members: Sequence[str] = ()
    symbols: Sequence[str] = ()
    report: Report | None = None
    checks: Sequence[Check] = ()
    breadth: bool = True


def build(definition: Definition, path: Path, theme: Theme | None = None) -> Book:
    """Write a book; returns it, closed, with what it knows of its figures.

    It is made twice: the second time it is known how high its blocks are, and how they lie best on paper.
    """
    _, pages = _made(definition, path, theme, {})
    book, _ = _made(definition, path, theme, {page.name: planned(page.measured) for page in pages})
    book.close()
    return book


def _made(
    definition: Definition, path: Path, theme: Theme | None, plans: Mapping[str, Plan]
) -> tuple[Book, list[Page]]:
    """A book that is not written yet, and its pages."""
    book = Book(path, definition.title, definition.asof, theme)
    common_values(book, definition.breadth)
    for value in definition.values:
        cells = book.values.put(value.key, value.formula, rows=value.rows, columns=max(1, len(value.columns)))
        for place, name in enumerate(value.columns):
            book.values.know(f"{value.key}.{name}", cells.part(place).area)
    for frame in definition.frames:
        frame.know(book)
    front = Page(book, FRONT, plans.get(FRONT))
    pages = [front]
    contents = book.sheet(contents_page.SHEET, contents_page.WIDTHS)
    for block in definition.front:
        front.add(block)
    if definition.report is not None or definition.checks:
        front.add(summary(definition.report, len(definition.checks)))
    colouring.quiet(book, front.sheet, front.row, COLUMNS)
    book.page(front.sheet)
    for name, blocks in definition.sheets.items():
        page = Page(book, name, plans.get(name))
        pages.append(page)
        for block in blocks:
            page.add(block)
        if name not in definition.unprinted:
            book.page(page.sheet)
    for frame in definition.frames:
        frame.write(book)
    inputs_sheet(book, definition.inputs, definition.members, definition.groups)
    if definition.report is not None:
        audit_sheet(book, definition.report)
    else:
        checks_sheet(book, definition.checks)
    notes_sheet(book, (*definition.notes, CLOSING), definition.symbols)
    book.headed()
    results_sheet(book)
    contents_page.fill(book, contents, _entries(definition), _inputs(definition))
    return book, pages


def _entries(definition: Definition) -> list[Entry]:
    """The sheets of a book, in their order."""
    return [
        Entry(FRONT, definition.title, True),
        *(
            Entry(name, Text("Further tables of the report"), name not in definition.unprinted)
            for name in definition.sheets
        ),
        *(Entry(frame.name, Text("Series behind the charts, by date")) for frame in definition.frames),
        Entry("Inputs", Text("What may be changed: date, language, universe, colours, figures of others")),
        Entry("Audit", Text("Published against computed") if definition.report else Text("Checks")),
        Entry("Notes", Text("Definitions, what is missing and why, and where the prices come from")),
        Entry(VALUES, Text("Each figure, computed once")),
    ]


def _inputs(definition: Definition) -> list[tuple[str, Text, str]]:
    common = ((name, label, DATE if name == "asof" else "@") for name, label in COMMON)
    return [*common, *((item.name, item.label, item.number_format) for item in definition.inputs)]
