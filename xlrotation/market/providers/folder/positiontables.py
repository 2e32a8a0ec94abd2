"""Commitments of traders among the tables of a folder: the Commission's files as published, with their heads."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from xlrotation.market import positions
from xlrotation.market.calendar import XNYS
from xlrotation.market.providers.folder import tables
from xlrotation.market.providers.folder.dated import Dated, read_dated
from xlrotation.market.providers.folder.found import Found
from xlrotation.market.providers.folder.rows import BadFile, Rows, Value, rows_named
from xlrotation.market.providers.folder.tables import FileTable

_TITLE_ROWS = 5
_TWICE = "another row of its market and day says otherwise"
_DAY = re.compile(r"\d{6}")
_FUTURES_ONLY = re.compile(r"annual|deacot\d*|deafut\d*|.*futures?[ _-]?only.*|.*fut[ _-]?only.*", re.IGNORECASE)
_OPTIONS_TOO = re.compile(r"annualof|deahistfo\d*|deacom\d*|.*combined.*", re.IGNORECASE)


def head_row(rows: Rows) -> int | None:
    """The row of a report's heads; None where the table is no such report."""
    for place, row in enumerate(rows[:_TITLE_ROWS]):
        if positions.is_report(row):
            return place
    return None


def check_heads(table: FileTable) -> None:
    """Refuse the Commission's file of a week, which has no heads.

    Raises:
        BadFile: It is one.
    """
    first: Sequence[Value] = next(iter(table.rows[:1]), [])
    texts = [str(cell).strip() for cell in first[:4]]
    if len(first) > 20 and len(texts) == 4 and " - " in texts[0] and _DAY.fullmatch(texts[1].removesuffix(".0")):
        raise BadFile(
            f"{table.name}, row 1: a report on commitments of traders without heads; take the file of the year, which "
            "has them, or run xlrotation refresh --provider cftc"
        )


def take(table: FileTable, head: int, found: Found) -> None:
    """Read a report.

    Raises:
        BadFile: Its columns are not those of a known report, or no row can be used.
    """
    heads = list(table.rows[head])
    try:
        layout = positions.layout(heads)
    except ValueError as error:
        raise BadFile(f"{table.name}, row {head + 1}: {error}") from None
    dated = read_dated(table, head, layout.date, found.remarks)
    report, rows = _which(dated, layout, found.remarks)
    if not len(rows):
        raise BadFile(f"{table.name}: no row of positions can be read")
    lines = [int(dated.lines[place]) for place in rows.tolist()]
    codes = [_code(dated.cell(line, layout.code)) for line in lines]
    values = {field: dated.column(column, lines) for field, column in layout.columns.items()}
    days = dated.days(XNYS)[rows]
    wrong = positions.unbalanced(report[0], values)
    strange = np.array([positions.code_of(code) != code for code in codes])
    _tell(found, table, lines, wrong & ~strange, "groups of traders do not add up to the open interest")
    _tell(found, table, lines, strange, f"no code of a market under {heads[layout.code]}")
    good = ~(wrong | strange)
    for each in dict.fromkeys(report):
        own = np.flatnonzero(good & np.array([one == each for one in report]))
        part = {field: column[own] for field, column in values.items()}
        series, contradicting = positions.by_market(each, [codes[place] for place in own.tolist()], days[own], part)
        twice = np.zeros(len(own), bool)
        twice[contradicting] = True
        _tell(found, table, [lines[place] for place in own.tolist()], twice, _TWICE)
        for name, (its_days, its_values) in series.items():
            found.take_series(name, its_days, its_values, table.name)
    if not good.any():
        raise BadFile(f"{table.name}: no row of positions can be read; {found.remarks[-1] if found.remarks else ''}")


def _which(
    dated: Dated, layout: positions.Layout, remarks: list[str]
) -> tuple[list[str], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Of which report each row is, with options or without, and the places of the rows that tell."""
    combined = layout.report + positions.WITH_OPTIONS
    if layout.combined is None:
        with_options = _OPTIONS_TOO.fullmatch(dated.table.stem) is not None
        if not with_options and not _FUTURES_ONLY.fullmatch(dated.table.stem):
            remarks.append(
                f"{dated.table.name}: does not say whether options are in it; taken as futures only (the Commission "
                "calls that file annual.txt, and the one with options annualof.txt)"
            )
        return [combined if with_options else layout.report] * len(dated.lines), np.arange(len(dated.lines))
    report, rows, unclear = [], [], []
    for place, line in enumerate(dated.lines):
        said = positions.head(dated.cell(line, layout.combined))
        if said in ("FUTONLY", "F", "COMBINED", "C"):
            report.append(combined if said.startswith("C") else layout.report)
            rows.append(place)
        else:
            unclear.append(int(line))
    if unclear:
        told = f"{len(unclear)} rows do not say whether options are in them, left out{rows_named(unclear)}"
        remarks.append(f"{dated.table.name}: {told}")
    return report, np.array(rows, np.int64)


def _code(cell: Value) -> str:
    text = tables.text_of(cell).strip().upper() if cell is not None else ""
    return text.zfill(6) if text.isascii() and text.isdigit() else text


def _tell(
    found: Found,
    table: FileTable,
    lines: Sequence[int],
    which: np.ndarray[tuple[int], np.dtype[np.bool_]],
    why: str,
) -> None:
    wrong = [lines[place] for place in np.flatnonzero(which).tolist()]
    if wrong:
        what = f"row {wrong[0]}" if len(wrong) == 1 else f"{len(wrong)} rows{rows_named(wrong)}"
        found.remarks.append(f"{table.name}: {what} left out: {why}")
