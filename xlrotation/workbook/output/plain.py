"""A filled workbook as CSV and JSON.

A text from data never becomes a formula: where a CSV file is opened in a spreadsheet, a text that begins like one is
shown with an apostrophe before it (as OWASP recommends against "CSV injection"), and numbers stay numbers.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from xlrotation import files
from xlrotation.errors import RotationError
from xlrotation.grid import Cell
from xlrotation.languages import ENGLISH
from xlrotation.workbook.evaluation.outcome import Evaluation
from xlrotation.workbook.formulas.references import Area
from xlrotation.workbook.output import figures as named_figures

Rows = list[list[Any]]
Reason = Callable[[str, tuple[int, int]], str]
"""Why a cell, of a sheet and a place, has no value."""

_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?%?")


def write_plain(
    workbook: Path,
    evaluation: Evaluation,
    spelled: Sequence[str],
    as_csv: bool,
    about: Mapping[str, str] | None,
    reason_of: Reason = lambda *_: "",
    lang: str = ENGLISH,
) -> list[Path]:
    """Write a filled workbook in forms that need no spreadsheet program.

    Args:
        workbook: The filled copy.
        evaluation: Its values, for what its names stand for.
        spelled: Its names as they are spelled in it.
        as_csv: Write ``NAME-csv/SHEET.csv`` for each sheet, ``NAME-csv/names/RANGE.csv`` for each named range that is
            no figure, and ``NAME-figures.csv`` with the figures.
        about: Write ``NAME.json``: this, the figures, and the values of the other named ranges under ``names``; None
            writes none.
        reason_of: Why a cell has no value.
        lang: The language of reasons.

    Returns:
        The files written.

    Raises:
        RotationError: One cannot be written.
    """
    sheets = _read(workbook)
    spelling = {name.lower(): name for name in spelled}
    area = named_figures.table(evaluation)
    rows = [] if area is None else _cut({n.lower(): r for n, r in sheets.items()}[(area.sheet or "").lower()], area)
    found = [] if area is None else list(named_figures.figures(area, rows, reason_of, lang))
    named = {
        spelling.get(name, name): rows
        for name, rows in _named(evaluation, sheets)
        if not _within(evaluation, name, area)
    }
    contents: dict[Path, bytes] = {}
    if as_csv:
        folder = workbook.with_name(f"{workbook.stem}-csv")
        for inside, tables in ((folder, sheets), (folder / "names", named)):
            file_of = files.safe_names(tables)
            contents |= {inside / f"{file_of[name]}.csv": _csv(rows) for name, rows in tables.items()}
        if found:
            contents[workbook.with_name(f"{workbook.stem}-figures.csv")] = named_figures.as_csv(found, csv_cell)
    if about is not None:
        values = {name: _json_value(rows) for name, rows in named.items()}
        told = {"format": named_figures.FORMAT, **about, "figures": [f.as_dict() for f in found], "names": values}
        text = json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False)
        contents[workbook.with_suffix(".json")] = text.encode()
    for path, data in contents.items():
        try:
            files.write_whole(path, data)
        except OSError as error:
            raise RotationError(f"{path}: cannot be written ({error.strerror or error})") from None
    return list(contents)


def csv_cell(value: object) -> str:
    """A value as it stands in a CSV file."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, dt.date | dt.time):
        return _day(value)
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return repr(value) if isinstance(value, float) else str(value)


def _csv(rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([csv_cell(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig", "replace")  # with the mark by which Excel knows UTF-8


def _read(workbook: Path) -> dict[str, Rows]:
    """The used cells of every worksheet, from A1 on, as rows of equal length."""
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of openpyxl, on what it does not keep: nothing is saved with it
        book = openpyxl.load_workbook(workbook, read_only=True, data_only=True)
        try:
            return {sheet.title: _rectangle(sheet) for sheet in book.worksheets}
        finally:
            book.close()


def _rectangle(sheet: Any) -> Rows:
    sheet.reset_dimensions()
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    while rows and not any(value is not None for value in rows[-1]):
        rows.pop()
    used = [max((i + 1 for i, value in enumerate(row) if value is not None), default=0) for row in rows]
    width = max(used, default=0)
    return [row[:width] + [None] * (width - len(row)) for row in rows]


def _named(evaluation: Evaluation, sheets: Mapping[str, Rows]) -> Iterator[tuple[str, Rows]]:
    """The named ranges, and names that are computed, with their values."""
    by_lower = {name.lower(): rows for name, rows in sheets.items()}
    for name, meant in evaluation.names.items():
        if name.startswith("_xl"):  # print areas and the like
            continue
        if isinstance(meant, Area):
            rows = by_lower.get((meant.sheet or "").lower())
            if rows is not None:
                yield name, _cut(rows, meant)
        else:
            yield name, [[_plain(value) for value in row] for row in meant]


def _within(evaluation: Evaluation, name: str, table: Area | None) -> bool:
    """Whether a name stands for cells of the table of figures."""
    meant = evaluation.names[name]
    if table is None or not isinstance(meant, Area) or (meant.sheet or "").lower() != (table.sheet or "").lower():
        return False
    return table.row <= meant.row <= meant.last_row <= table.last_row


def _cut(rows: Rows, area: Area) -> Rows:
    """The cells of an area; of whole columns and rows only the part that the sheet uses."""
    width = len(rows[0]) if rows else 0
    last_row = min(area.last_row, max(len(rows), area.row))
    last_column = min(area.last_column, max(width, area.column))
    return [
        [rows[r][c] if r < len(rows) and c < width else None for c in range(area.column - 1, last_column)]
        for r in range(area.row - 1, last_row)
    ]


def _plain(value: Cell) -> object:
    return value if value is None or isinstance(value, bool | int | float | str | dt.date) else str(value)


def _json_value(rows: Rows) -> object:
    values = [[_day(value) if isinstance(value, dt.date | dt.time) else value for value in row] for row in rows]
    return values[0][0] if len(values) == 1 and len(values[0]) == 1 else values


def _day(value: dt.date | dt.time) -> str:
    """A date; with the time of day where it is not midnight, which cells do not tell from a date alone."""
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        value = value.date()
    return str(value)
