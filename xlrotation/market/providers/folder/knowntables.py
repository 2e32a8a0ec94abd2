"""Files of the Treasury's yields and of two surveys among the tables of a folder, as their publishers give them.

The Treasury's daily par yields (``1 Mo`` to ``30 Yr``) are FRED's series DGS1MO to DGS30; the survey of the American
Association of Individual Investors is AAII_BULLISH, AAII_NEUTRAL and AAII_BEARISH in percent, the exposure index of the
National Association of Active Investment Managers is NAAIM.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from xlrotation.market.calendar import XNYS
from xlrotation.market.panel import FloatArray
from xlrotation.market.providers.folder import tables
from xlrotation.market.providers.folder.columns import CleanRows
from xlrotation.market.providers.folder.dated import check_once, read_dated
from xlrotation.market.providers.folder.found import Found
from xlrotation.market.providers.folder.rows import BadFile, Rows
from xlrotation.market.providers.folder.tables import FileTable
from xlrotation.market.symbols import fold

_TITLE_ROWS = 10
_TENOR = re.compile(r"(\d{1,2}(?:\.\d)?)[ -]?(mo|month|yr|year)s?", re.IGNORECASE)
_DATES = frozenset(("date", "reported date"))
_MOODS = ("bullish", "neutral", "bearish")
_NAAIM = frozenset(("naaim number", "naaim number mean/average"))
_AMERICAN = re.compile(r"\d{1,2}/\d{1,2}/\d{4}")
_ROUNDED = 0.35
"""Points by which three rounded shares may miss the whole."""


def head_row(rows: Rows) -> int | None:
    """The row of heads of such a file; None where the table is none."""
    for place, row in enumerate(rows[:_TITLE_ROWS]):
        names = tables.names_with(row, _DATES)
        if names and _columns(dict(enumerate(names))):
            return place
    return None


def _columns(names: Mapping[int, str]) -> dict[int, str]:
    """The name of the series of each column; empty where the heads are none of ours."""
    found = {place: match for place, name in names.items() if (match := _TENOR.fullmatch(name)) is not None}
    if len(found) > 3 and len(found) + 1 == len(names):
        return {place: f"DGS{match[1]}{'MO' if match[2].startswith('m') else ''}" for place, match in found.items()}
    places = {name: place for place, name in reversed(list(names.items()))}
    if all(mood in places for mood in _MOODS) and not {"quart 1", *_NAAIM} & {*places}:
        return {places[mood]: f"AAII_{mood.upper()}" for mood in _MOODS}
    return {places[name]: "NAAIM" for name in _NAAIM if name in places}


def take(table: FileTable, head: int, found: Found) -> None:
    """Read such a file.

    Raises:
        BadFile: It has no row that can be used.
    """
    heads = list(table.rows[head])
    names = {place: fold(str(cell).strip()) for place, cell in enumerate(heads) if not tables.blank(cell)}
    date = next(place for place, name in names.items() if name in _DATES)
    dated = read_dated(_as_american(table, head, date), head, date, found.remarks)
    days = dated.days(XNYS)
    columns = {name: dated.column(place, percent="points") for place, name in _columns(names).items()}
    if "AAII_BULLISH" in columns:
        columns = _in_percent(table, columns, found)
    order = np.argsort(days, kind="stable")
    check_once(table.name, days)
    if not any(np.isfinite(values).any() for values in columns.values()):
        raise BadFile(f"{table.name}: has no values")
    for name, values in columns.items():
        found.take_series(name, days[order], values[order], table.name)


def _as_american(table: FileTable, head: int, date: int) -> FileTable:
    """*table* whose days are read with the month first, as all of these publishers write those with slashes."""
    if table.declared.dates or isinstance(table.rows, CleanRows):
        return table
    cells = [row[date] for row in table.rows[head + 1 :] if date < len(row) and isinstance(row[date], str)]
    if not any(_AMERICAN.fullmatch(str(cell).strip()) for cell in cells):
        return table
    return replace(table, declared=replace(table.declared, dates="MM/DD/YYYY"))


def _in_percent(table: FileTable, columns: Mapping[str, FloatArray], found: Found) -> dict[str, FloatArray]:
    """The shares of a survey in percent: they add up to a hundred, or to one; a row that does neither is a gap."""
    total = np.sum(list(columns.values()), axis=0)
    shares = np.abs(total - 1.0) <= _ROUNDED / 100.0
    wrong = np.isfinite(total) & ~shares & ~(np.abs(total - 100.0) <= _ROUNDED)
    if wrong.any():
        told = f"weeks whose shares do not add up to 100 %, taken as gaps: {int(wrong.sum())}"
        found.remarks.append(f"{table.name}: {told}")
    scale = np.where(shares, 100.0, np.where(wrong, np.nan, 1.0))
    return {name: np.round(values * scale, 10) for name, values in columns.items()}
