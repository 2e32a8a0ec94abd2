"""The hidden table of a book's figures: each result under a name that programs may rely on.

A figure has a key (``returns.rut.5d``), a defined name made of it (``f.returns.rut.5d``) and a row in the table, whose
value is an error, or blank where the page is meant to be blank, where the figure is missing, and never 0.
"""

from __future__ import annotations

import re

from xlsxwriter.worksheet import Worksheet

from xlrotation.functions.boundary.registry import UNITS, functions
from xlrotation.languages import known
from xlrotation.reports.kit import DATE, Book
from xlrotation.reports.values import Result
from xlrotation.workbook.formulas.references import column_letters
from xlrotation.workbook.formulas.syntax import parse
from xlrotation.workbook.formulas.tokens import FormulaError
from xlrotation.workbook.formulas.trees import Call
from xlrotation.workbook.output import figures

SHEET = "Results"
"""The sheet of the table, which is hidden."""

NAMES = "f."
"""What the defined name of a figure begins with, before its key: a key alone may read as a cell (``top5``)."""

KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")

_BY_FORMAT = (
    (r"@|General", "text"),
    (r".*yy.*", "date"),
    (r".*[+-]0?.*%.*", "return"),
    (r".*%.*", "share"),
    (r"(\+0;-0;?)?0?|#,##0|\+0;-0", "count"),
)
"""Units by the number format of a figure that is more than one call, and whose definition names none."""

_OTHER_UNITS = {"fraction": "return", "points": "number"}
"""Units of definitions, as the figures' units are called."""


def unit_of(result: Result, formula: str) -> str:
    """What a figure counts: a key of :data:`~xlrotation.functions.boundary.registry.UNITS`."""
    try:
        tree = parse(formula)
    except FormulaError:
        tree = None
    spec = functions().get(tree.name) if isinstance(tree, Call) else None
    percent = "%" in result.number_format
    plain = ("table", "text", *(("number", "ratio", "price") if percent else ()))
    if spec is not None and spec.unit not in plain and result.number_format not in ("@", "General"):
        return spec.unit
    for form, unit in _BY_FORMAT:
        if re.fullmatch(form, result.number_format):
            return unit
    told = _OTHER_UNITS.get(result.unit, result.unit)
    return told if told in UNITS else "number"


def results_sheet(book: Book) -> None:
    """Write the table, a row for each figure that the book knows, and give the figures their names.

    Raises:
        ValueError: A key is none, or two figures have the same.
    """
    languages = list(known())
    labels = [f"{figures.LABEL}{lang}" for lang in languages]
    heads = (figures.KEY, *labels, figures.VALUE, figures.UNIT, figures.DATE, figures.FORMULA, figures.STATE)
    sheet = book.sheet(SHEET, (34, *(40 for _ in languages), 14, 14, 12, 60, 10))
    sheet.hide()
    book.heads(sheet, 0, heads, left=len(heads))
    seen: set[str] = set()
    for row, result in enumerate(book.values.results, 1):
        if not KEY.fullmatch(result.key) or result.key in seen:
            raise ValueError(f"{result.key!r} is no key of a figure, or that of another one")
        seen.add(result.key)
        _row(book, sheet, row, result, languages)
    book.name(figures.TABLE, f"{SHEET}!$A$1:${column_letters(len(heads))}${len(book.values.results) + 1}")
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)


def _row(book: Book, sheet: Worksheet, row: int, result: Result, languages: list[str]) -> None:
    value = 1 + len(languages)
    formula = book.values.resolved(result.formula)
    for column, text in enumerate((result.key, *(result.label.into(lang) for lang in languages))):
        sheet.write_string(row, column, text, book.body("@"))
    cell = f"${column_letters(value + 1)}${row + 1}"
    of = result.cell
    book.native(sheet, row, value, f'=IF(ISERROR({of}),{of},IF({of}&""="","",{of}))', result.number_format)
    sheet.write_string(row, value + 1, unit_of(result, formula), book.body("@"))
    book.native(sheet, row, value + 2, "=" + book.values.resolved(result.date or "{session}"), DATE)
    sheet.write_string(row, value + 3, formula.replace("_xlfn.", ""), book.body("@"))
    none, wrong, fine = figures.MISSING, figures.ERROR, figures.OK
    state = f'=IF(ISERROR({cell}),IF(ISNA({cell}),"{none}","{wrong}"),IF({cell}&""="","{none}","{fine}"))'
    book.native(sheet, row, value + 4, state, "@")
    book.name(f"{NAMES}{result.key}", f"{SHEET}!{cell}")
