"""The figures of a workbook: its results by name, for programs.

A workbook that has them holds a table, on a sheet that is hidden, which the name ``xlr_figures`` stands for: a row for
each figure with its key, its label in each language, value, unit, date, formula and state.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xlrotation.errors import CELL_ERRORS
from xlrotation.languages import ENGLISH, Text
from xlrotation.workbook.evaluation.outcome import Evaluation
from xlrotation.workbook.formulas.references import Area
from xlrotation.workbook.package.book import read_book

TABLE = "xlr_figures"
"""The name of the table, its heads included."""

KEY, LABEL, VALUE, UNIT, DATE, FORMULA, STATE = "key", "label_", "value", "unit", "date", "formula", "state"
"""Its heads; a label's is followed by the code of its language."""

OK, MISSING, ERROR = "ok", "missing", "error"
"""States: the value stands; the data do not give it; it cannot be computed."""

FORMAT = 1
"""Counts up when a program that reads the figures has to change; further keys of an object are no such change."""

Scalar = bool | int | float | str | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A result of a workbook.

    Attributes:
        key: Its name, the same in every version.
        label: What it is, by language.
        value: The number, text or date (as YYYY-MM-DD); None unless its state is ``ok``.
        unit: What the value counts.
        date: The session that it is of; empty where there is none.
        formula: What computes it.
        state: ``ok``, ``missing`` or ``error``.
        reason: Why there is no value; empty where there is one.
        cell: Where the value stands: sheet, row and column.
    """

    key: str
    label: Mapping[str, str]
    value: Scalar
    unit: str
    date: str
    formula: str
    state: str
    reason: str
    cell: tuple[str, tuple[int, int]]

    def as_dict(self) -> dict[str, object]:
        """As plain data."""
        told = {"label": dict(self.label), "value": self.value, "unit": self.unit, "date": self.date or None}
        return {"key": self.key, **told, "formula": self.formula, "state": self.state, "reason": self.reason}


def table(evaluation: Evaluation) -> Area | None:
    """Where the table stands; None in a workbook that has none."""
    meant = evaluation.names.get(TABLE)
    return meant if isinstance(meant, Area) and meant.sheet else None


def settle(evaluation: Evaluation, path: Path, absent: Callable[[str, tuple[int, int]], bool]) -> None:
    """Call missing what the table calls an error because data are absent: a formula knows the error, and not its cause.

    Args:
        evaluation: The values, in which states are set.
        path: The workbook.
        absent: Whether a cell, of a sheet and a place, shows an error because data are absent.
    """
    area = table(evaluation)
    cells = {} if area is None else evaluation.values.get(area.sheet or "", {})
    wrong = [place for place, value in cells.items() if value == ERROR and area is not None and area.row < place[0]]
    if area is None or not wrong:
        return
    heads = next((sheet.values for sheet in read_book(path).sheets if sheet.name == area.sheet), {})
    by_head = {heads.get((area.row, column)): column for column in range(area.column, area.last_column + 1)}
    if VALUE not in by_head or STATE not in by_head:
        return
    for row, column in wrong:
        if column == by_head[STATE] and row <= area.last_row and absent(area.sheet or "", (row, by_head[VALUE])):
            cells[row, column] = MISSING


def figures(
    area: Area, rows: Sequence[Sequence[object]], reason_of: Callable[[str, tuple[int, int]], str], lang: str = ENGLISH
) -> Iterator[Figure]:
    """The figures of a table.

    Args:
        area: Where it stands.
        rows: Its cells, heads included.
        reason_of: Why a cell, of a sheet and a place, has no value; empty where that is not known.
        lang: The language of the reasons that are not known.
    """
    heads = [str(head) for head in rows[0]] if rows else []
    sheet, column = area.sheet or "", heads.index(VALUE) if VALUE in heads else 0
    for number, cells in enumerate(rows[1:], area.row + 1):
        row = dict(zip(heads, cells, strict=True))
        if not (key := _text(row.get(KEY))):
            continue
        place = (number, area.column + column)
        value = row.get(VALUE)
        state = _state(value, _text(row.get(STATE)))
        labels = {head.removeprefix(LABEL): _text(row[head]) for head in heads if head.startswith(LABEL)}
        yield Figure(
            key=key,
            label=labels,
            value=_value(value) if state == OK else None,
            unit=_text(row.get(UNIT)),
            date=_text(row.get(DATE)),
            formula=_text(row.get(FORMULA)),
            state=state,
            reason="" if state == OK else reason_of(sheet, place) or _UNTOLD[state].into(lang),
            cell=(sheet, place),
        )


_UNTOLD = {
    MISSING: Text("the data in use do not give it"),
    ERROR: Text("a cell that it refers to shows an error"),
}


def _state(value: object, said: str) -> str:
    """The state that a value has, whatever the table says: what is no value is never ``ok``."""
    if value is None or value == "" or value == "#N/A":
        return MISSING
    if isinstance(value, str) and value in CELL_ERRORS:
        return MISSING if said == MISSING else ERROR
    return said if said in (MISSING, ERROR) else OK


def _value(value: object) -> Scalar:
    if isinstance(value, dt.date | dt.time):
        return _text(value)
    return value if isinstance(value, bool | int | float) else str(value)


def _text(value: object) -> str:
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        value = value.date()
    text = "" if value is None else str(value)
    return "" if text in CELL_ERRORS else text


def as_csv(found: Sequence[Figure], shown: Callable[[object], str]) -> bytes:
    """The figures as a CSV file; *shown* gives a value as it stands there."""
    languages = list(dict.fromkeys(lang for figure in found for lang in figure.label))
    text = io.StringIO()
    writer = csv.writer(text)
    labels = [f"{LABEL}{lang}" for lang in languages]
    writer.writerow([KEY, *labels, VALUE, UNIT, DATE, FORMULA, STATE, "reason"])
    for figure in found:
        told = [figure.label.get(lang, "") for lang in languages]
        row = (figure.key, *told, figure.value, figure.unit, figure.date, figure.formula, figure.state, figure.reason)
        writer.writerow([shown(value) for value in row])
    return text.getvalue().encode("utf-8-sig", "replace")
