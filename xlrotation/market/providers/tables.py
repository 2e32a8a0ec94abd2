"""Read a file of somebody's prices into rows of texts, numbers and dates: CSV, XLSX or Parquet."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import re
from pathlib import Path

from xlrotation.errors import BadArgument
from xlrotation.market.dates import parse_date

Value = None | str | float | dt.date
Rows = list[list[Value]]

_GAPS = frozenset(("", "-", "--", "n/a", "na", "nan", "null", "none", "#n/a", "#n/a n/a", "#value!", "无"))
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?([eE][+-]?\d+)?")


class BadFile(BadArgument):
    """A file that cannot be read; the message names file, row and column."""


def read_rows(path: Path) -> Rows:
    """The rows of a table file, its head row first.

    Raises:
        BadFile: It cannot be read.
    """
    name = path.name.lower()
    try:
        if name.endswith((".csv", ".csv.gz", ".txt", ".tsv")):
            return _csv(path)
        if name.endswith((".xlsx", ".xlsm", ".xls")):
            return _spreadsheet(path)
        return _parquet(path)
    except BadFile:
        raise
    except Exception as error:  # readers of three libraries: whatever they raise, the file is at fault
        raise BadFile(f"{path.name}: cannot be read ({error})") from error


def _csv(path: Path) -> Rows:
    data = path.read_bytes()
    if path.name.lower().endswith(".gz"):
        data = gzip.decompress(data)
    text = _decoded(data, path)
    lines = text.splitlines()
    head = next((line for line in lines if line.strip()), "")
    separator = max(",;\t", key=head.count)
    return [
        list(row) for row in csv.reader(io.StringIO(text), delimiter=separator) if any(cell.strip() for cell in row)
    ]


def _decoded(data: bytes, path: Path) -> str:
    for encoding in ("utf-8-sig", "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile(f"{path.name}: neither UTF-8 nor GBK text; save it as CSV UTF-8")


def _spreadsheet(path: Path) -> Rows:
    from python_calamine import CalamineWorkbook

    with path.open("rb") as file:
        rows = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()
    return [[_cell(value) for value in row] for row in rows if any(value not in ("", None) for value in row)]


def _parquet(path: Path) -> Rows:
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    frame = table.to_pandas()
    if frame.index.name or str(frame.index.dtype).startswith("datetime"):
        frame = frame.reset_index()
    columns = [[_cell(value) for value in frame[name].tolist()] for name in frame.columns]
    return [[str(name) for name in frame.columns], *map(list, zip(*columns, strict=True))]


def _cell(value: object) -> Value:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dt.datetime):
        return None if value != value else value.date()
    if isinstance(value, dt.date):
        return value
    return float(value) if isinstance(value, int | float) else str(value)


def number(value: Value, where: str) -> float:
    """The number in a cell, NaN for a gap.

    Raises:
        BadFile: It is neither; the message begins with *where*.
    """
    if value is None:
        return float("nan")
    if isinstance(value, float):
        return value
    if isinstance(value, str):
        text = value.strip().replace("\u00a0", "").rstrip("%")
        if text.lower() in _GAPS:
            return float("nan")
        if _NUMBER.fullmatch(text) and any(c.isdigit() for c in text):
            return float(text.replace(",", ""))
    raise BadFile(f"{where}: {str(value)[:30]!r} is no number; correct the cell or leave it empty")


def date(value: Value, where: str) -> dt.date | None:
    """The date in a cell, None for an empty one.

    Raises:
        BadFile: It is none, or an ambiguous one such as 02/03/2026.
    """
    if value is None or isinstance(value, dt.date):
        return value
    if isinstance(value, float):
        text = f"{value:.0f}"
        if len(text) == 8 and (day := parse_date(text)):
            return day
        if 10_000 <= value <= 100_000:
            return dt.date(1899, 12, 30) + dt.timedelta(days=int(value))
    else:
        text = value.strip()
        if not text:
            return None
        stamp = re.match(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}(?=[ T])", text)
        try:
            if day := parse_date(stamp[0] if stamp else text):
                return day
        except BadArgument as error:
            raise BadFile(f"{where}: {error.message}") from None
    raise BadFile(f"{where}: {str(value)[:30]!r} is no date with the year first; write it as 2026-02-13")
