"""The user's own files: a folder of CSV, XLSX or Parquet tables.

Understood are: one wide table (a date column and a column per symbol), one table per symbol (Date, Open, High, Low,
Close, Adj Close, Volume; the file's name is the symbol), a long table (a date and a symbol column), a member list
(ticker, name, sector) and index weights (date, ticker, weight). Folders inside are read one level deep. What is left
out is named in the panel's remarks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from xlrotation.errors import NoData
from xlrotation.market import calendar
from xlrotation.market.calendar import Days
from xlrotation.market.panel import FloatArray, Panel, Provenance, stack
from xlrotation.market.providers import headers, tables
from xlrotation.market.providers.tables import BadFile, Rows
from xlrotation.market.symbols import canonical

_ENDINGS = (".csv", ".csv.gz", ".txt", ".tsv", ".xlsx", ".xlsm", ".xls", ".parquet", ".pq")

_AGREE = 0.005
"""Closes of two files that differ by more than this share are not the same prices."""


@dataclass(slots=True)
class _Block:
    """Dated columns of one symbol from one file."""

    symbol: str
    days: Days
    fields: dict[str, FloatArray]
    file: str


@dataclass(slots=True)
class _Found:
    blocks: list[_Block] = field(default_factory=list)
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    weights: dict[str, tuple[tuple[str, ...], Days, FloatArray]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def load(path: Path) -> Panel:
    """Read a folder.

    Raises:
        NoData: It is missing or holds no prices; the message says what to put there.
    """
    what = "put a CSV, XLSX or Parquet table with a Date column and a column per symbol there"
    if not path.is_dir():
        raise NoData(f"no folder {path}; make it and {what}")
    files = sorted(file for file in (*path.glob("*"), *path.glob("*/*")) if file.is_file())
    tables_found = [
        file for file in files if file.name.lower().endswith(_ENDINGS) and not file.name.startswith((".", "~$"))
    ]
    found = _Found()
    for file in tables_found:
        try:
            _read(file, found)
        except BadFile as error:
            found.remarks.append(f"left out {error.message}")
    if not found.blocks:
        reason = f" ({found.remarks[0]})" if found.remarks else ""
        raise NoData(f"{path} holds no prices{reason}; {what}")
    return _panel(path, found)


def _read(file: Path, found: _Found) -> None:
    rows = tables.read_rows(file)
    if len(rows) < 2:
        raise BadFile(f"{file.name}: has no rows")
    meanings = [headers.meaning(head) for head in rows[0]]
    if "weight" in meanings and "date" in meanings and "symbol" in meanings:
        _weights(file, rows, meanings, found)
    elif "date" in meanings and "symbol" in meanings and "close" in meanings:
        _long(file, rows, meanings, found)
    elif "symbol" in meanings and ("sector" in meanings or "name" in meanings) and "close" not in meanings:
        column = meanings.index("symbol")
        tickers = dict.fromkeys(canonical(str(row[column])) for row in rows[1:] if len(row) > column and row[column])
        found.members[_universe_name(file)] = tuple(tickers)
    elif meanings[0] == "date" and "close" in meanings:
        _one_symbol(file, rows, meanings, found)
    elif meanings[0] == "date":
        _wide(file, rows, found)
    else:
        raise BadFile(f"{file.name}: its first column is no Date column and it is no member list")


def _universe_name(file: Path) -> str:
    """members.csv and weights.csv are the S&P 500's unless the file says otherwise in its name."""
    stem = file.name.split(".")[0].upper()
    for word in ("MEMBERS", "WEIGHTS"):
        stem = stem.replace(word, "").strip("_- ")
    return stem or "SP500"


def _dated(file: Path, rows: Rows, column: int) -> list[tuple[int, dt.date]]:
    """Row numbers and dates; rows without a date are passed over."""
    head = rows[0][column]
    dated = []
    for line, row in enumerate(rows[1:], 2):
        if (
            len(row) > column
            and (day := tables.date(row[column], f"{file.name}, row {line}, column {head}")) is not None
        ):
            dated.append((line, day))
    return dated


def _column(file: Path, rows: Rows, lines: list[int], column: int, head: str) -> FloatArray:
    values = np.full(len(lines), np.nan)
    for place, line in enumerate(lines):
        row = rows[line - 1]
        if len(row) > column:
            values[place] = tables.number(row[column], f"{file.name}, row {line}, column {head}")
    return values


def _days(dated: list[tuple[int, dt.date]]) -> Days:
    return np.array([day for _, day in dated], dtype="datetime64[D]")


def _one_symbol(file: Path, rows: Rows, meanings: list[str | None], found: _Found) -> None:
    dated = _dated(file, rows, meanings.index("date"))
    lines = [line for line, _ in dated]
    fields = {
        meaning: _column(file, rows, lines, column, str(rows[0][column]))
        for column, meaning in enumerate(meanings)
        if meaning in headers.PRICES
    }
    symbol = canonical(file.name.split(".csv")[0] if ".csv" in file.name else file.stem)
    _add(found, _Block(symbol, _days(dated), fields, file.name))


def _wide(file: Path, rows: Rows, found: _Found) -> None:
    dated = _dated(file, rows, 0)
    lines, days = [line for line, _ in dated], _days(dated)
    for column, head in enumerate(rows[0][1:], 1):
        if head is None or not str(head).strip():
            continue
        try:
            values = _column(file, rows, lines, column, str(head))
        except BadFile as error:
            found.remarks.append(f"left out column {head}: {error.message}")
            continue
        if np.isfinite(values).any():
            _add(found, _Block(canonical(str(head)), days, {"close": values}, file.name))


def _long(file: Path, rows: Rows, meanings: list[str | None], found: _Found) -> None:
    by_symbol: dict[str, list[tuple[int, dt.date]]] = {}
    at = meanings.index("symbol")
    for line, day in _dated(file, rows, meanings.index("date")):
        name = rows[line - 1][at] if len(rows[line - 1]) > at else None
        if name:
            by_symbol.setdefault(canonical(str(name)), []).append((line, day))
    for symbol, dated in by_symbol.items():
        lines = [line for line, _ in dated]
        fields = {
            meaning: _column(file, rows, lines, column, str(rows[0][column]))
            for column, meaning in enumerate(meanings)
            if meaning in headers.PRICES
        }
        _add(found, _Block(symbol, _days(dated), fields, file.name))


def _weights(file: Path, rows: Rows, meanings: list[str | None], found: _Found) -> None:
    dated = _dated(file, rows, meanings.index("date"))
    at, weight_at = meanings.index("symbol"), meanings.index("weight")
    days = sorted({day for _, day in dated})
    tickers = list(dict.fromkeys(canonical(str(rows[line - 1][at])) for line, _ in dated))
    row_of = {day: place for place, day in enumerate(days)}
    column_of = {ticker: place for place, ticker in enumerate(tickers)}
    table = np.full((len(days), len(tickers)), np.nan)
    percent = "pct" in str(rows[0][weight_at]).lower() or "%" in str(rows[0][weight_at])
    for line, day in dated:
        row = rows[line - 1]
        value = tables.number(row[weight_at], f"{file.name}, row {line}, column {rows[0][weight_at]}")
        table[row_of[day], column_of[canonical(str(row[at]))]] = value / 100 if percent else value
    found.weights[_universe_name(file)] = (tuple(tickers), np.array(days, dtype="datetime64[D]"), table)


def _add(found: _Found, block: _Block) -> None:
    """Take a block, with remarks on what in it cannot be used."""
    for name, values in block.fields.items():
        if name in ("open", "high", "low", "close", "adjclose"):
            bad = values <= 0
            if bad.any():
                day = block.days[np.flatnonzero(bad)[0]]
                found.remarks.append(
                    f"{block.file}: {block.symbol} has {bad.sum()} {name} prices of 0 or less (first {day})"
                )
                values[bad] = np.nan
    if len(np.unique(block.days)) < len(block.days):
        found.remarks.append(f"{block.file}: {block.symbol} has the same day twice; the later row counts")
    off = ~np.isin(block.days, calendar.sessions())
    if off.any():
        found.remarks.append(f"{block.file}: {block.symbol} has {off.sum()} rows on days that are no session, left out")
    found.blocks.append(block)


def _panel(path: Path, found: _Found) -> Panel:
    by_symbol: dict[str, list[_Block]] = {}
    for block in found.blocks:
        by_symbol.setdefault(block.symbol, []).append(block)
    merged = [_merge(symbol, blocks, found.remarks.append) for symbol, blocks in by_symbol.items()]
    days, symbols, fields = stack([(block.symbol, block.days, block.fields) for block in merged])
    if "close" not in fields:
        raise NoData(f"{path} holds no closes")
    provenance = {}
    for column, block in enumerate(merged):
        known = days[np.isfinite(fields["close"][:, column])]
        first, last = (known[0].item(), known[-1].item()) if len(known) else (None, None)
        provenance[block.symbol] = Provenance(block.file, first, last, None, "as in the file")
    universes = {name: members for name, members in found.members.items() if members}
    weights = {}
    for name, (tickers, weight_days, table) in found.weights.items():
        universes.setdefault(name, tickers)
        order = [tickers.index(t) if t in tickers else -1 for t in universes[name]]
        padded = np.hstack([table, np.full((len(table), 1), np.nan)])
        weights[name] = (weight_days, padded[:, order])
    fetched = dt.datetime.fromtimestamp(max(f.stat().st_mtime for f in path.rglob("*") if f.is_file())).astimezone()
    text = f"folder:{path}"
    return Panel(days, symbols, fields, text, "", provenance, universes, weights, tuple(found.remarks), fetched)


def _merge(symbol: str, blocks: list[_Block], remark: Callable[[str], None]) -> _Block:
    """One block of a symbol that several files hold.

    The file with the most fields leads and others fill its gaps, but only files that agree with it where both have a
    close: a path put together from raw and adjusted prices would jump where it changes from one to the other.
    """
    blocks = sorted(blocks, key=lambda block: -len(block.fields))
    days = np.unique(np.concatenate([block.days for block in blocks]))
    names = dict.fromkeys(name for block in blocks for name in block.fields)
    fields = {name: np.full(len(days), np.nan) for name in names}
    used: list[str] = []
    for block in blocks:
        rows = np.searchsorted(days, block.days)
        close = block.fields.get("close")
        if close is not None and used:
            own = fields["close"][rows]
            apart = np.isfinite(own) & np.isfinite(close) & (np.abs(close - own) > _AGREE * np.abs(own))
            if apart.any():
                day = block.days[np.flatnonzero(apart)[0]]
                where = f"{apart.sum()} days (first {day})"
                remark(f"{symbol}: {block.file} differs from {used[0]} on {where} and is not used for it")
                continue
        used.append(block.file)
        for name, values in block.fields.items():
            own = fields[name][rows]
            fields[name][rows] = np.where(np.isfinite(own), own, values)
    return _Block(symbol, days, fields, " + ".join(dict.fromkeys(used)))
