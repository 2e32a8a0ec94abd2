"""Python values as cells: what a caller may hand to a worksheet function.

A missing value (NaN, NaT, ``pd.NA``, None in a column, an empty text) is never taken for an argument that was left out:
the default would answer a question that nobody asked. pandas is looked at only where somebody else has loaded it.
"""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import fractions
import itertools
import math
import sys
from collections.abc import Iterable, KeysView, Mapping, Sequence, Set
from typing import Any

import numpy as np

from xlrotation.errors import BadArgument, CellError
from xlrotation.functions.boundary.cells import MAX_CELLS, Cell, Range
from xlrotation.functions.boundary.kind import Kind
from xlrotation.functions.boundary.kinds import AsOfKind, DatesKind, TextsKind, VectorKind, WindowsKind
from xlrotation.functions.boundary.reading import is_column

_HELP = "give a number, a text, a date, TRUE or FALSE, or a column of them"


class _Missing:
    """Stands for a value that is none."""


_MISSING = _Missing()


def read_argument(value: object, name: str, kind: Kind) -> Cell | Range:
    """*value* as a cell or as rows of cells; None is an argument left out.

    Args:
        value: What was given.
        name: The parameter, for messages.
        kind: What the parameter takes.

    Raises:
        BadArgument: No cell holds it, it is a missing value, or an empty column.
    """
    if value is None:
        return None
    try:
        rows = _rows(value)
        if rows is None:
            cell = _cell(value)
            if isinstance(cell, _Missing):
                raise _UnfitError(f"{_called(value)} is no value; leave it out for the default")
            if isinstance(kind, AsOfKind) and cell == 0:
                raise _UnfitError("0 is no date; leave it out for the newest session")  # a program's blank is no 0 here
            return cell
        gap = None if isinstance(kind, DatesKind | TextsKind) else CellError.NA
        cells: Range = [[_in_column(item, gap) for item in row] for row in rows]
    except _UnfitError as unfit:
        raise BadArgument(f"{name}: {unfit}") from None
    if not cells or not cells[0]:
        raise BadArgument(f"{name}: an empty column; leave it out for the default")
    _check_order(value, name, kind, cells)
    return cells


def check_aligned(given: Sequence[tuple[str, Kind, Any]]) -> None:
    """Refuse columns with labels of their own that would be paired row by row although the labels differ.

    Args:
        given: Name, kind and value of the arguments.

    Raises:
        BadArgument: Two of them differ.
    """
    indexed = [
        (name, value.index)
        for name, kind, value in given
        if _of_pandas(value, "Series", "DataFrame") and not isinstance(kind, WindowsKind) and len(value) > 1
    ]
    for (first, one), (second, other) in itertools.combinations(indexed, 2):
        size = min(len(one), len(other))
        if not (_counted(one) or _counted(other)) and not one[-size:].equals(other[-size:]):
            raise BadArgument(f"{first} and {second} have different indexes; align them first, as a.align(b) does")


class _UnfitError(Exception):
    """What is wrong with a value."""


def _counted(index: Any) -> bool:
    """Whether an index only counts the rows."""
    return type(index).__name__ == "RangeIndex" and index.start == 0 and index.step == 1


def _check_order(value: Any, name: str, kind: Kind, cells: Range) -> None:
    """Numbers are read oldest first: a column whose own dates do not rise would give another answer in silence."""
    if not _of_pandas(value, "Series", "DataFrame") or not _of_pandas(value.index, "DatetimeIndex", "PeriodIndex"):
        return
    rising = value.index.is_monotonic_increasing and value.index.is_unique
    if not rising and (isinstance(kind, VectorKind) or (kind.takes_whole(cells) and is_column(cells))):
        raise BadArgument(f"{name}: the dates of its index do not rise; give them oldest first, each once")


def _of_pandas(value: object, *names: str) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and any(isinstance(value, getattr(pandas, name, ())) for name in names)


def _called(value: object) -> str:
    """A missing value by its name."""
    if value is None or isinstance(value, str):
        return repr(value)
    text = str(value)
    return next((name for name in ("NaT", "NA") if name in text), "NaN" if "nan" in text.lower() else "a masked value")


def _in_column(value: object, gap: Cell) -> Cell:
    cell = _cell(value)
    return gap if isinstance(cell, _Missing) else cell


def _rows(value: Any) -> list[list[object]] | None:
    """A collection as rows, a plain one as one column; None for a single value."""
    if isinstance(value, str | bytes | bytearray | memoryview | enum.Enum):
        return None
    if _of_pandas(value, "DataFrame"):
        _check_size(value.size)
        columns = [value.iloc[:, place].tolist() for place in range(value.shape[1])]
        return [list(row) for row in zip(*columns, strict=True)]
    if _of_pandas(value, "Series", "Index"):
        if type(value).__name__ == "MultiIndex":
            raise _UnfitError("a MultiIndex is no column of cells; give one of its levels")
        _check_size(len(value))
        return [[item] for item in value.tolist()]
    if isinstance(value, np.ndarray):
        return _rows_of_array(value)
    if isinstance(value, Mapping | Set) and not isinstance(value, KeysView):
        raise _UnfitError(f"a {type(value).__name__} has no order of cells; give a list")
    if not isinstance(value, Iterable) or isinstance(value, np.generic):
        return None
    items = list(itertools.islice(value, MAX_CELLS + 1))
    _check_size(len(items))
    return [_row(item) for item in items]


def _rows_of_array(value: np.ndarray[Any, Any]) -> list[list[object]] | None:
    if value.ndim == 0:
        return None
    if value.ndim > 2 or value.dtype.names:
        raise _UnfitError(f"an array of {value.ndim} dimensions is no range of cells; give one or two")
    _check_size(value.size)
    if value.dtype.kind in "mM":  # tolist() would make plain numbers of nanoseconds
        return [list(row) if value.ndim == 2 else [row] for row in value]
    listed = value.tolist()  # None for what a mask hides
    return listed if value.ndim == 2 else [[item] for item in listed]


def _row(item: object) -> list[object]:
    if isinstance(item, list | tuple):
        return list(item)
    if isinstance(item, np.ndarray) and item.ndim == 1:
        return list(itertools.chain.from_iterable(_rows_of_array(item) or ()))
    return [item]


def _check_size(cells: int) -> None:
    if cells > MAX_CELLS:
        raise _UnfitError(f"more than {MAX_CELLS:,} cells; give the part that is used")


def _cell(value: Any) -> Cell | _Missing:
    """One value as a cell holds it."""
    if value is None or value is np.ma.masked or _is_na(value):
        return _MISSING
    if isinstance(value, CellError):
        return value
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, np.datetime64 | np.timedelta64):
        return _moment(value)
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating | decimal.Decimal | fractions.Fraction):
        return _number(value)
    if isinstance(value, str):
        text = str.__str__(value)
        return text if text.strip() else _MISSING
    if isinstance(value, dt.date):
        return _date(value)
    if _of_pandas(value, "Period") and value.freqstr == "D":
        return dt.date(value.year, value.month, value.day)
    raise _UnfitError(f"a {type(value).__name__} is no value of a cell; {_HELP}")


def _is_na(value: object) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and (value is pandas.NA or value is pandas.NaT)


def _number(value: Any) -> float | _Missing:
    try:
        number = float(value)
    except (ValueError, OverflowError):
        number = math.nan if isinstance(value, decimal.Decimal) and value.is_nan() else math.inf
    if math.isnan(number):
        return _MISSING
    if math.isinf(number):
        raise _UnfitError("an infinite number, or one too large for a cell; give a finite one")
    return number


def _moment(value: Any) -> dt.date | _Missing:
    if isinstance(value, np.timedelta64):
        raise _UnfitError("a span of time is no window; give one such as 20D, 3M or YTD")
    if np.isnat(value):
        return _MISSING
    try:
        moment = value.astype("datetime64[us]").item()
    except (ValueError, OverflowError):
        moment = None
    if not isinstance(moment, dt.datetime):
        raise _UnfitError(f"{str(value)[:40]} is no date between the years 1 and 9999")
    return _date(moment)


def _date(value: dt.date) -> dt.date:
    """A date without a time of day where it has none; with a zone and a time it may be another day elsewhere."""
    if not isinstance(value, dt.datetime):
        return dt.date(value.year, value.month, value.day)
    midnight = (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0)
    if not midnight and value.tzinfo is not None:
        raise _UnfitError(f"{value.isoformat()} is another day elsewhere; give the date alone, as .date() does")
    return dt.date(value.year, value.month, value.day) if midnight else _plain(value)


def _plain(value: dt.datetime) -> dt.datetime:
    return dt.datetime(value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond)
