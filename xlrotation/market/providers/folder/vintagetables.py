"""Vintages of series among the tables of a folder, as ALFRED and its interface give them.

Two layouts: a column per vintage (``observation_date``, ``UNRATE_20080201``, ``UNRATE_20080307``, ...), each the whole
series as it stood that day; and a row per value with the day from which it held (``period_start_date``, ``UNRATE``,
``realtime_start_date``, ``realtime_end_date``, or ``realtime_start``, ``realtime_end``, ``date``, ``value``).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

import numpy as np

from xlrotation.market import releases, vintages
from xlrotation.market.calendar import XNYS, Days
from xlrotation.market.lastcell import CUT_OFF
from xlrotation.market.panel import FloatArray
from xlrotation.market.providers.folder import moments, tables
from xlrotation.market.providers.folder.dated import Dated, check_once, read_dated
from xlrotation.market.providers.folder.found import Found
from xlrotation.market.providers.folder.rows import BadFile, Rows, Value
from xlrotation.market.providers.folder.tables import FileTable
from xlrotation.market.symbols import fold

_TITLE_ROWS = 20
_WIDE = re.compile(r"(?P<name>[A-Z0-9][A-Z0-9.-]{0,79})_(?P<day>(?:19|20)\d{6})", re.ASCII | re.IGNORECASE)
_ID = re.compile(r"[A-Z][A-Z0-9]{0,79}", re.ASCII)
_DATES = frozenset(("observation_date", "period_start_date", "date"))
_STARTS = frozenset(("realtime_start", "realtime_start_date"))
_ENDS = frozenset(("realtime_end", "realtime_end_date"))
_NAMES = frozenset(("series_id", "id"))
_STILL = dt.date(9999, 12, 31)
_DAY = dt.timedelta(days=1)


def head_row(rows: Rows) -> int | None:
    """The row of heads of a table of vintages; None where the table is none."""
    for place, row in enumerate(rows[:_TITLE_ROWS]):
        names = tables.names_with(row, _DATES)
        if names and (_STARTS & {*names} or any(_vintage_of(cell) for cell in row)):
            return place
    return None


def _vintage_of(cell: Value) -> tuple[str, dt.date] | None:
    match = _WIDE.fullmatch(cell.strip()) if isinstance(cell, str) else None
    if match is None:
        return None
    try:
        return match["name"].upper(), dt.datetime.strptime(match["day"], "%Y%m%d").date()
    except ValueError:
        return None


def take(table: FileTable, head: int, found: Found) -> None:
    """Read the vintages of a table.

    Raises:
        BadFile: It cannot be understood; the message names it.
    """
    if any(CUT_OFF in remark for remark in table.remarks):  # what is not there tells what was published when
        line = next((line for line in range(len(table.rows), 0, -1) if table.rows[line - 1]), 1)
        raise BadFile(f"{table.name}, row {line}: is cut off; the vintages are left out")
    heads = list(table.rows[head])
    names = [fold(str(cell).strip()) for cell in heads]
    date = next(place for place, name in enumerate(names) if name in _DATES)
    dated = read_dated(table, head, date, found.remarks)
    series = _by_rows(dated, names, date) if _STARTS & {*names} else _by_columns(dated, date)
    if not series:
        raise BadFile(f"{table.name}: has no vintage with a value")
    for name, (days, values) in series.items():
        found.take_series(name, days, values, table.name)


def _by_columns(dated: Dated, date: int) -> dict[str, tuple[Days, FloatArray]]:
    columns: dict[str, list[tuple[dt.date, Days, FloatArray]]] = {}
    days = dated.days(XNYS)
    check_once(dated.table.name, days)
    series = {}
    for column, head in enumerate(dated.heads):
        if column == date or tables.blank(head):
            continue
        values = dated.column(column, percent="points")
        if (named := _vintage_of(head)) is not None:
            columns.setdefault(named[0], []).append((named[1], days, values))
        else:
            order = np.argsort(days, kind="stable")
            series[str(head).strip().upper()] = (days[order], values[order])
    for name, some in columns.items():
        try:
            series |= vintages.of_columns(name, some)
        except ValueError as error:
            raise BadFile(f"{dated.table.name}: {error}") from None
    return series


def _by_rows(dated: Dated, names: Sequence[str], date: int) -> dict[str, tuple[Days, FloatArray]]:
    start = next(place for place, name in enumerate(names) if name in _STARTS)
    end = next((place for place, name in enumerate(names) if name in _ENDS), None)
    by = next((place for place, name in enumerate(names) if name in _NAMES), None)
    value = _value_column(dated, names, {date, start, end, by})
    values = dated.column(value, percent="points")
    starts = _days_of(dated, start)
    ends = [_STILL] * len(starts) if end is None else [day or _STILL for day in _days_of(dated, end)]
    whole = str(dated.heads[value]).strip()
    whole = dated.table.stem if fold(whole) == "value" else whole
    texts = [whole if by is None else tables.text_of(dated.cell(line, by)).strip() for line in dated.lines]
    rows: dict[str, dict[dt.date, list[tuple[dt.date, dt.date, float]]]] = {}
    for line, text, day, begin, until, number in zip(
        dated.lines, texts, dated.days(XNYS).tolist(), starts, ends, values.tolist(), strict=True
    ):
        name = text.upper()
        if not _ID.fullmatch(name):
            where = f"{dated.table.name}, row {line}"
            raise BadFile(f"{where}: {text[:40]!r} is no id of a series; call the file after it, such as UNRATE.csv")
        if begin is None:
            raise BadFile(f"{dated.table.name}, row {line}, column {dated.heads[start]}: no day of publication")
        if begin < (early := releases.earliest(name, day)) or until < begin:
            other = f"before {early}, when that of {day} can be out" if begin < early else f"after it ends on {until}"
            raise BadFile(f"{dated.table.name}, row {line}: a value of {name} that begins on {begin}, {other}")
        rows.setdefault(name, {}).setdefault(day, []).append((begin, until, number))
    last = max(ends, default=_STILL)  # an interface that was asked up to a day ends every value there
    series: dict[str, tuple[Days, FloatArray]] = {}
    for name, by_day in rows.items():
        for day, held in by_day.items():
            distinct = {(begin, number) for begin, _, number in held if number == number}
            if len({begin for begin, _ in distinct}) < len(distinct):
                raise BadFile(f"{dated.table.name}: has two values of {name} of {day} that begin on one day")
        series |= _published(name, by_day, last)
    return series


def _value_column(dated: Dated, names: Sequence[str], others: set[int | None]) -> int:
    rest = [place for place, name in enumerate(names) if place not in others and name]
    if len(rest) != 1:
        seen = ", ".join(str(dated.heads[place]) for place in rest)[:120] or "none"
        raise BadFile(f"{dated.table.name}: has vintages and not one column of values beside their days ({seen})")
    return rest[0]


def _days_of(dated: Dated, column: int) -> list[dt.date | None]:
    cells = [dated.cell(line, column) for line in dated.lines]
    still = [cell for cell in cells if not (isinstance(cell, str) and cell.strip().startswith("9999"))]
    read = moments.reader_of(still, dated.table.declared.dates, dated.table.serials_from)
    found: list[dt.date | None] = []
    for line, cell in zip(dated.lines, cells, strict=True):
        if isinstance(cell, str) and cell.strip().startswith("9999"):
            found.append(_STILL)
            continue
        moment = read(cell, f"{dated.table.name}, row {line}, column {dated.heads[column]}")
        found.append(None if moment is None else moment.day)
    return found


def _published(
    name: str, by_day: dict[dt.date, list[tuple[dt.date, dt.date, float]]], last: dt.date
) -> dict[str, tuple[Days, FloatArray]]:
    """What was new on each day of publication.

    A value that ends before the last day told, and none follows, was withdrawn.
    """
    new: dict[dt.date, list[tuple[dt.date, float]]] = {}
    for day, held in by_day.items():
        held.sort(key=lambda entry: entry[0])
        for place, (begin, until, number) in enumerate(held):
            new.setdefault(begin, []).append((day, number))
            follows = held[place + 1][0] if place + 1 < len(held) else None
            if until < last and (follows is None or follows > until + _DAY):
                new.setdefault(until + _DAY, []).append((day, float("nan")))
    found = {}
    for published, entries in sorted(new.items()):
        entries.sort(key=lambda entry: entry[0])
        days = np.array([day for day, _ in entries], "datetime64[D]")
        found[vintages.key(name, published)] = (days, np.array([number for _, number in entries]))
    return found
