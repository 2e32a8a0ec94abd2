"""Tables as frames of pandas: a column of one kind has its type, a gap is the gap of that type."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from xlrotation import readable
from xlrotation.errors import CellError
from xlrotation.functions.boundary.cells import Cell, Range
from xlrotation.functions.boundary.registry import functions

_SHOWN = 60
"""Rows that a notebook shows."""


class Table(pd.DataFrame):
    """A table that a function gave; ``attrs`` say which, of what date, from which data and in which state.

    It is a frame like any other. In a notebook it shows its numbers in their units, and what must be said of the data.
    What is made from it is a plain frame.
    """

    @property
    def _constructor(self) -> Callable[..., pd.DataFrame]:
        return pd.DataFrame

    def _repr_html_(self) -> str:
        spec = functions().get(str(self.attrs.get("function", "")))
        kept = self.iloc[:_SHOWN]
        rows: Range = [[str(head) for head in self.columns]]
        rows += [[_shown(value) for value in row] for row in kept.itertuples(index=False, name=None)]
        said = [f"as of {self.attrs['asof']}"] if self.attrs.get("asof") else []
        said += [str(self.attrs[key]) for key in ("source", "state", "notice") if self.attrs.get(key)]
        if len(self) > _SHOWN:
            said.insert(0, f"the first {_SHOWN} of {len(self):,} rows")
        return readable.as_html(rows, spec, "; ".join(said))


def _shown(value: Any) -> Cell:
    """A value of a frame as a cell; a gap is blank."""
    if isinstance(value, CellError):
        return value
    if value is None or pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date() if value == value.normalize() else value.to_pydatetime()
    return value.item() if hasattr(value, "item") else value  # type: ignore[no-any-return]


class Gaps(tuple[str, ...]):
    """The errors of a table. pandas copies what a frame tells of itself with every column that is taken: not these."""

    __slots__ = ()

    def __deepcopy__(self, _memo: object) -> Gaps:
        return self


def frame(rows: Range, heads: Sequence[str] | None, attrs: Mapping[str, str], values: bool) -> Table:
    """Rows of cells as a frame.

    Args:
        rows: The cells, without heads.
        heads: The columns; None: they are counted.
        attrs: What is told of the table.
        values: Keep error values, in columns of any kind; otherwise an error is a gap, listed in ``attrs["errors"]``.
    """
    width = len(rows[0]) if rows else len(heads or ())
    columns = {place: column([row[place] for row in rows], values) for place in range(width)}
    made = Table(columns)
    if heads is not None:
        made.columns = pd.Index(heads)
    made.attrs = dict(attrs.items())
    names = list(made.columns)
    wrong = [
        f"row {number}, {names[place]}: {cell}"
        for number, row in enumerate(rows)
        for place, cell in enumerate(row)
        if isinstance(cell, CellError)
    ]
    if wrong:
        made.attrs["errors"] = Gaps(wrong)
    return made


def column(cells: Sequence[Cell], values: bool) -> pd.Series[Any]:
    """Cells as a column of their type: numbers, whole numbers, dates, texts, truth values, or of any kind."""
    if values and any(isinstance(cell, CellError) for cell in cells):
        return pd.Series(list(cells), dtype=object)
    plain = [None if cell == "" or isinstance(cell, CellError) else cell for cell in cells]
    kinds = {_kind(cell) for cell in plain if cell is not None}
    gaps = any(cell is None for cell in plain)
    if len(kinds) == 1:
        match kinds.pop():
            case "truth":
                return pd.Series(plain, dtype="boolean" if gaps else "bool")
            case "count":
                return pd.Series(plain, dtype="Int64" if gaps else "int64")
            case "date":
                return pd.Series(pd.to_datetime(pd.Series(plain, dtype=object)))
            case "text":
                return pd.Series(["" if cell == "" else cell for cell in _texts(cells)], dtype="str")
    if kinds == {"count", "number"} or kinds == {"number"} or (not kinds and any(cells)):
        return pd.Series(plain, dtype="float64")
    return pd.Series([None if isinstance(cell, CellError) else cell for cell in cells], dtype=object)


def _texts(cells: Sequence[Cell]) -> list[Cell]:
    return [None if isinstance(cell, CellError) else cell for cell in cells]


def _kind(cell: Cell) -> str:
    match cell:
        case bool():
            return "truth"
        case int():
            return "count"
        case float():
            return "number"
        case dt.datetime() if cell.tzinfo is not None:
            return "moment"
        case dt.date():
            return "date"
    return "text"


def series(cells: Sequence[Cell], index: Any, name: str, values: bool) -> pd.Series[Any]:
    """The answers to a column of arguments, under the labels of these."""
    made = column(cells, values)
    made.index = index if isinstance(index, pd.Index) else pd.Index(index)
    made.name = name
    return made
