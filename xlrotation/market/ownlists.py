"""Lists of the user's own: ``universes.csv``, a row per member and term of it.

=============  ==================================================================
``universe``   name of the list
``symbol``     the member
``from``       first day of its membership; blank: since ever
``to``         last day of its membership; blank: it goes on
``name``       what it is called, where that is said
``sector``     its sector in that term, where that is said
=============  ==================================================================
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from xlrotation.errors import RotationError
from xlrotation.market.dates import read_date
from xlrotation.market.panel import Panel
from xlrotation.market.symbols import canonical, fold
from xlrotation.market.terms import Terms

FILE = "universes.csv"
"""The file in the folder of a store; in a folder of files any table with such heads is one."""

_HEADS = {
    "universe": ("universe", "list", "名单", "股票池", "成分股名单", "指数名称"),
    "symbol": ("symbol", "ticker", "代码", "证券代码", "股票代码", "成分券代码"),
    "from": ("from", "from date", "from_date", "start", "start date", "added", "date added", "纳入日期", "起始日期"),
    "to": ("to", "to date", "to_date", "end", "end date", "removed", "date removed", "剔除日期", "截止日期"),
    "name": ("name", "security", "company", "名称", "证券简称", "股票名称"),
    "sector": ("sector", "gics sector", "行业", "板块"),
}
_MEANING = {head: meaning for meaning, heads in _HEADS.items() for head in heads}
_NEVER = np.datetime64("NaT", "D")

Read = Callable[[object, str], dt.date | None]
"""Reads a date in a cell, None for an empty one; raises a RotationError that says where it stands."""


@dataclass(slots=True)
class Lists:
    """What such a table says.

    Attributes:
        terms: Members by list.
        names: What it calls symbols.
        sectors: Sectors by symbol.
        remarks: Why a list had to be left out.
    """

    terms: dict[str, Terms] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    sectors: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def understood(heads: Sequence[object]) -> Mapping[str, int] | None:
    """The columns of a table of lists by their meaning; None where the heads are those of something else."""
    found: dict[str, int] = {}
    for place, head in enumerate(heads):
        meaning = _MEANING.get(fold(str(head).strip("\ufeff")))
        if meaning is not None:
            found.setdefault(meaning, place)
    return found if {"universe", "symbol"} <= found.keys() else None


def read(
    file: str,
    heads: Sequence[object],
    rows: Sequence[tuple[int, Sequence[object]]],
    day: Read,
    symbol: Callable[[str], str] = canonical,
) -> Lists:
    """The lists of a table. A list of which one row is wrong is left out whole: a member less is another list.

    A name in other letters, capital, small or wide ones, is the same name, as everywhere; that is told.
    A row of another width than the heads may be of any list, with the last of its cells cut off: all are left out.

    Args:
        file: Name of the table, for remarks.
        heads: Its heads.
        rows: Its rows with their numbers in the file.
        day: Reads a date.
        symbol: Gives the ticker that the text of a symbol means.
    """
    columns = understood(heads)
    assert columns is not None
    lists = Lists()
    found: dict[str, dict[tuple[str, dt.date | None, dt.date | None], str]] = {}
    newest: dict[str, tuple[dt.date, dt.date]] = {}
    wrong: dict[str, str] = {}
    spellings: dict[str, dict[str, int]] = {}
    width = max(place for place, head in enumerate(heads, 1) if _text(head))
    for line, row in rows:
        said = {meaning: row[at] if at < len(row) else None for meaning, at in columns.items()}
        texts = {meaning: _text(cell) for meaning, cell in said.items()}
        if not any(texts.values()):
            continue
        name = fold(texts["universe"]).upper()
        where = f"{file}, row {line}"
        spellings.setdefault(name, {}).setdefault(texts["universe"], line)
        if len(row) < width or any(map(_text, row[len(heads) :])):  # cut off, of whatever list it is
            return Lists(remarks=[f"{where}: has {len(row)} cells under {len(heads)} heads; the lists are left out"])
        try:
            ticker = symbol(texts["symbol"]) if texts["symbol"] else ""
            begin, end = (day(said.get(each), f"{where}, {each}") for each in ("from", "to"))
        except RotationError as error:
            wrong.setdefault(name, error.message)
            continue
        if not name or not ticker:
            wrong.setdefault(name, f"{where}: has no {'symbol' if name else 'name of a list'}")
        elif begin is not None and end is not None and begin > end:
            wrong.setdefault(name, f"{where}: {ticker} ends on {end}, before it begins on {begin}")
        else:
            entries, sector = found.setdefault(name, {}), texts.get("sector", "")
            entries[ticker, begin, end] = entries.get((ticker, begin, end)) or sector
            if texts.get("name"):
                lists.names.setdefault(ticker, texts["name"])
            # Of several terms the sector of the last one is today's.
            term = (end or dt.date.max, begin or dt.date.min)
            if sector and (ticker not in newest or term > newest[ticker]):
                newest[ticker], lists.sectors[ticker] = term, sector
    for name, why in wrong.items():
        found.pop(name, None)
        lists.remarks.append(f"{why}; the list {name} is left out" if name else f"{why}; the row is left out")
    for name in found:
        (first, begun), *others = spellings[name].items()
        lists.remarks += [f"{file}, row {line}: {other} is the list {first} of row {begun}" for other, line in others]
    lists.terms = {name: _terms(list(entries), tuple(entries.values())) for name, entries in found.items()}
    return lists


def _text(cell: object) -> str:
    return "" if cell is None or cell != cell else " ".join(str(cell).split())


def _terms(entries: Sequence[tuple[str, dt.date | None, dt.date | None]], sectors: tuple[str, ...]) -> Terms:
    def column(days: Sequence[dt.date | None]) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
        return np.array([_NEVER if day is None else np.datetime64(day, "D") for day in days], "datetime64[D]")

    tickers = tuple(ticker for ticker, _, _ in entries)
    return Terms(
        tickers,
        column([begin for _, begin, _ in entries]),
        column([end for _, _, end in entries]),
        np.empty(0, "datetime64[D]"),
        sectors if any(sectors) else (),
    )


def beside(folder: Path) -> Lists:
    """The lists of ``universes.csv`` in the folder of a store; none where there is no such file.

    Dates are written as 2019-06-24. What cannot be read is told, and the prices are there all the same.
    """
    import csv

    path = folder / FILE
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            text = file.read()
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except FileNotFoundError:
        return Lists()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        return Lists(remarks=[f"{FILE}: cannot be read ({why}); its lists are left out"])
    filled = [(line, row) for line, row in enumerate(rows, 1) if any(map(str.strip, row))]
    if not filled or understood(filled[0][1]) is None:
        return Lists(remarks=[f"{FILE}: has no columns universe and symbol; its lists are left out"])
    lists = read(FILE, filled[0][1], filled[1:], _iso)
    doubted = "" if text.rstrip(" \t").endswith(("\n", "\r")) else _doubted(filled)
    return Lists(remarks=[f"{doubted}; the lists are left out"]) if lists.terms and doubted else lists


def _doubted(filled: Sequence[tuple[int, list[str]]]) -> str:
    """The remark on the last cell of a file without a last line end, where that may be cut off and tells of members."""
    from xlrotation.market import lastcell

    line, row = filled[-1]
    place = len(row) - 1
    columns = understood(filled[0][1])
    assert columns is not None
    if len(filled) < 2 or place not in {columns[head] for head in columns if head not in ("name", "sector")}:
        return ""
    above = [cell for _, each in filled[1:-1] if len(each) > place and (cell := each[place].strip())]
    cell = row[place].strip()
    return lastcell.doubt(FILE, line, cell) if (above or not cell) and lastcell.may_be_cut(cell, above) else ""


def _iso(cell: object, where: str) -> dt.date | None:
    text = _text(cell)
    if not text:
        return None
    try:
        return read_date(text)
    except RotationError as error:
        raise type(error)(f"{where}: {error.message}") from None


def mark(folder: Path) -> tuple[int, int]:
    """Size and time of change of ``universes.csv`` in a folder; noughts where there is none."""
    try:
        status = (folder / FILE).stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns


def onto(panel: Panel, folder: Path) -> Panel:
    """*panel* with the lists of ``universes.csv`` in *folder*, which count more than those that it brings."""
    lists = beside(folder)
    if not lists.terms and not lists.remarks:
        return panel
    return replace(
        panel,
        universes={**panel.universes, **{name: terms.everyone for name, terms in lists.terms.items()}},
        terms={**panel.terms, **lists.terms},
        names={**lists.names, **panel.names},
        sectors={**panel.sectors, **lists.sectors},
        remarks=(*panel.remarks, *lists.remarks),
    )
