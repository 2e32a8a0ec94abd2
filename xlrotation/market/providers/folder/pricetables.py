"""Tables of prices and of series: one symbol, a column a symbol, a row a symbol and day, or securities above fields."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from xlrotation.market import signs, symbols
from xlrotation.market.calendar import XNYS, Days, Exchange
from xlrotation.market.filereadings import ADJUSTED
from xlrotation.market.panel import FloatArray, rise
from xlrotation.market.providers.folder import filenames, grouped, headers, oddities, priceblocks, tables
from xlrotation.market.providers.folder.dated import Dated, Lines, read_dated
from xlrotation.market.providers.folder.found import (
    DECLARE,
    Found,
    add,
    remark_days,
    remark_own_days,
    seen,
)
from xlrotation.market.providers.folder.priceblocks import Block
from xlrotation.market.providers.folder.rows import BadFile, Value
from xlrotation.market.providers.folder.tables import FileTable
from xlrotation.market.symbols import fold

_SERIES_HEAD = "observation_date"
"""The head that FRED gives the dates of its series."""


_EDB_HEAD = "指标名称"
"""The head that Wind and Choice give the names of theirs."""


_FRED = re.compile(
    r"UNRATE|SAHM\w+|BAML\w+|DFF|EFFR|SOFR\w*|IORB|FEDFUNDS|DGS\w+|GS\d+(MO)?|DTB\w+|TB\d\w+|T\d+YI\w+|T\d+Y\w+|DFII\w+|"
    r"CPI\w+|PCE\w*|GDP\w*|PAYEMS|ICSA|IC4WSA|CCSA|M[12]SL|WM2NS|WALCL|RRPONTSYD|WTREGEN|NFCI|ANFCI|STLFSI\w*|VIXCLS|SP500|"
    r"NASDAQCOM|DCOIL\w+|DEX\w+|DTWEX\w+|MORTGAGE\w+|UMCSENT|INDPRO|HOUST|PERMIT|JTS\w+|USREC\w*|TEDRATE|RSXFS|"
    r"DSPIC\w*|PSAVERT|CIVPART|U6RATE|TOTALSA|DRTSCILM|KCFSI|USEPUINDXD|WILL5000\w+|BOPGSTB|A191\w+"
)
"""Names of series at FRED that reports on markets use."""


def _fields(
    dated: Dated, meanings: list[str | None], found: Found | None, symbol: str, lines: Lines | None = None
) -> dict[str, FloatArray]:
    """The price columns; others are remarked."""
    fields: dict[str, FloatArray] = {}
    unused = []
    lots = any(headers.plain(head) == "ts_code" for head in dated.heads)  # tushare's volumes
    for column, meaning in enumerate(meanings):
        if meaning == "volume" and lots:
            found_lots = f"{dated.table.name}: column {dated.heads[column]} counts lots of 100 shares and is not used"
            dated.remarks += [] if found is None else [found_lots]
        elif meaning in headers.PRICES and meaning not in fields:
            try:
                fields[meaning] = _numbers(dated, column, meaning, symbol, lines)
            except BadFile as error:
                if meaning == "close":
                    raise
                of = f" of {symbol}" if "symbol" in meanings else ""
                dated.remarks.append(f"left out column {dated.heads[column]}{of}: {error.message}")
        elif meaning not in ("date", "time", "symbol", "name", "sector") and not tables.blank(dated.heads[column]):
            unused.append(str(dated.heads[column]).strip())
    if unused and found is not None:
        found.remarks.append(f"{dated.table.name}: columns not used: {', '.join(unused)}")
    return fields


def _numbers(dated: Dated, column: int, meaning: str, symbol: str, lines: Lines | None = None) -> FloatArray:
    percent = "points" if signs.of(symbol) != signs.POSITIVE or meaning not in headers.PRICES else "refused"
    if meaning == "split":
        return dated.ratios(column, lines)
    return dated.column(column, lines, percent)


def bars(dated: Dated, meanings: list[str | None], head: int, found: Found) -> None:
    """The bars of one symbol."""
    table = dated.table
    called = headers.surely_ticker(table.stem) or symbols.known(filenames.symbol_of_file(table.stem))
    named = table.declared.symbol or grouped.security_above(table.rows, head, called)
    if not named and filenames.names_no_symbol(table.stem):
        raise BadFile(
            f"{table.name}: neither a column nor the file's name says whose prices they are; name the file as the "
            f"symbol, as in SPY.csv, or {DECLARE}"
        )
    symbol = headers.symbol(named) if named else filenames.symbol_of_file(table.stem)
    if not named and filenames.is_no_ticker(table.stem):
        found.remarks.append(
            f"{table.name}: no column says whose prices they are; they are called {symbol}, as the file's name says"
        )
    exchange = found.listing.of(symbol)
    days, minutes = dated.days(exchange), dated.clock(exchange)
    fields = _fields(dated, meanings, found, symbol)
    if minutes is None:
        _check_one_symbol(dated, days, fields["close"], meanings)
    block = Block(symbol, days, fields, table.name, minutes, dated.lines)
    above = " ".join(str(cell) for row in table.rows[:head] for cell in row if not tables.blank(cell))
    if not table.declared.closes and re.search("[前后後]复权|[前后後]復權", above):
        table = replace(table, declared=replace(table.declared, closes=ADJUSTED))
    add(found, block, table)


def _check_one_symbol(dated: Dated, days: Days, close: FloatArray, meanings: list[str | None]) -> None:
    """Refuse a table of several securities of which no column says which row is whose."""
    if rise(days):
        return
    every, count = np.unique(days, return_counts=True)
    several = count > 1
    if several.sum() < 2 or 2 * several.sum() < len(every):
        return
    apart = 0
    for day in every[several]:
        known = close[days == day]
        known = known[np.isfinite(known)]
        apart += len(known) > 1 and known.max() - known.min() > priceblocks.SAME * abs(known).max()
    if 2 * apart < several.sum():
        return
    may = [
        str(head)
        for column, (head, meaning) in enumerate(zip(dated.heads, meanings, strict=False))
        if not tables.blank(head) and meaning in (None, "name", "sector") and _tells_apart(dated, days, column)
    ]
    which = f"; its column {may[0]!r} may say which" if may else ""
    raise BadFile(
        f"{dated.table.name}: most days have several rows with different closes, of several securities as it seems"
        f"{which}{seen(dated.heads)}"
    )


def _tells_apart(dated: Dated, days: Days, column: int) -> bool:
    cells = [dated.cell(line, column) for line in dated.lines]
    if any(tables.blank(cell) for cell in cells) or len(set(map(str, cells))) > len(cells) / 2:
        return False
    return len({(day, str(cell)) for day, cell in zip(days.tolist(), cells, strict=True)}) == len(cells)


_MONTHS = frozenset(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"))
_MOST_MONTHS = 2
"""Names of months among heads that can be tickers, as MAR and NOV are; more of them are months."""


def _tickers(dated: Dated, meanings: list[str | None], found: Found) -> list[int]:
    """The columns of a wide table whose heads are tickers.

    Raises:
        BadFile: Heads are words for fields: it is another layout.
    """
    name, heads = dated.table.name, dated.heads
    columns = [
        column
        for column, head in enumerate(heads)
        if meanings[column] not in ("date", "time")
        and not tables.blank(head)
        and column > meanings.index("date")
        and dated.table.declared.columns.get(str(head).strip()) != ""
    ]
    if dated.table.declared.layout == "wide":
        return columns
    said = dated.table.declared.columns
    declared = [
        column for column in columns if isinstance(heads[column], headers.Head) or str(heads[column]).strip() in said
    ]
    doubtful = [c for c in columns if c not in declared and str(heads[c]).strip().upper() in headers.DOUBTFUL]
    wrong = [c for c in columns if c not in declared and c not in doubtful and headers.no_ticker(heads[c])]
    months = [c for c in columns if c not in declared and fold(str(heads[c])) in _MONTHS]
    wrong += months if len({fold(str(heads[c])) for c in months}) > _MOST_MONTHS else []
    good = [column for column in columns if column not in wrong and column not in doubtful]
    prices = [column for column in wrong if meanings[column] in headers.PRICES]
    if (doubtful and len(good) < 2) or prices or len(wrong) > len(good):
        what = ", ".join(str(heads[column]).strip() for column in (prices or wrong or doubtful)[:3])
        raise BadFile(
            f"{name}: is no table with a column a symbol, as {what} may be no ticker, and it has no Close column"
            f"{seen(heads)}"
        )
    if good and not declared and (against := _against(dated, [str(heads[column]).strip() for column in good])):
        raise BadFile(
            f"{name}: is no table with a column a symbol, as {against}, and it has no Close column{seen(heads)}"
        )
    for column in wrong:
        found.remarks.append(f"{name}: column {heads[column]} is {headers.no_ticker(heads[column])} and is left out")
    return [column for column in columns if column not in wrong]


_ABROAD = re.compile(r"[A-Z0-9]{1,10}\.[A-Z]{1,4}")
"""A ticker with the suffix of its exchange."""


def _against(dated: Dated, heads: Sequence[str]) -> str:
    """What speaks against heads of which none is written as a ticker or known: the name of the file; or nothing."""
    stem = dated.table.stem
    mixed = [head for head in heads if not symbols.known(head) and head != head.upper() and head != head.lower()]
    if mixed and fold(stem) not in map(fold, heads) and not any(map(headers.surely_ticker, heads)):
        return f"{', '.join(mixed[:3])} may be no ticker"
    if any(map(headers.surely_ticker, heads)) or fold(stem) in map(fold, heads) or filenames.names_no_symbol(stem):
        return ""
    own = filenames.symbol_of_file(stem)
    ticker = (stem.isupper() and headers.surely_ticker(stem)) or _ABROAD.fullmatch(own)
    if not symbols.known(own) and not ticker:
        return ""
    return f"{', '.join(heads[:3])} may be no ticker in a file of {own}"


def _anything(dated: Dated, column: int) -> bool:
    return any(not tables.blank(dated.cell(line, column)) for line in dated.lines)


def wide(dated: Dated, meanings: list[str | None], found: Found) -> None:
    """A column a symbol."""
    name = dated.table.name
    date_column = meanings.index("date")
    for column, head in enumerate(dated.heads):
        if tables.blank(head) and column > date_column and _anything(dated, column):
            found.remarks.append(f"{name}: column {column + 1} has no head and is left out")
    by_exchange: dict[Exchange, dict[str, tuple[str, FloatArray]]] = {}
    for column in _tickers(dated, meanings, found):
        head = str(dated.heads[column]).strip()
        said = dated.table.declared.columns.get(head)
        symbol = headers.symbol(said or head)
        try:
            rate = dated.is_rate(column)
            values = dated.column(column, percent="points") if rate else _numbers(dated, column, "close", symbol)
        except BadFile as error:
            found.remarks.append(f"left out column {head}: {error.message}")
            continue
        exchange = found.listing.of(symbol)
        group = by_exchange.setdefault(exchange if dated.are_moments() else next(iter(by_exchange), exchange), {})
        group[head if head not in group else f"{head} (column {column + 1})"] = (symbol, values)
    blocks = []
    for exchange, group in by_exchange.items():
        fields = {head: values for head, (_, values) in group.items()}
        whole = Block("", dated.days(exchange), fields, name, dated.clock(exchange), dated.lines)
        whole = priceblocks.one_row_a_day(whole, exchange, found.remarks.append)
        blocks += [
            Block(group[head][0], whole.days, {"close": values}, name, None, whole.lines)
            for head, values in whole.fields.items()
        ]
    exchanges = found.listing.all_of(block.symbol for block in blocks)
    if blocks:
        remark_days(found, name, "", blocks[0].days, exchanges, blocks[0].lines)
    if len(exchanges) > 1:
        remark_own_days(found, name, blocks, exchanges)
    for block in blocks:
        add(found, block, dated.table, days_checked=True)


def is_series(dated: Dated, meanings: list[str | None]) -> bool:
    """Whether the columns are series that are no prices, by their names, their dates, or what their owner says."""
    at = meanings.index("date")
    if dated.table.declared.layout:
        return dated.table.declared.layout == "series"
    head = fold(str(dated.heads[at]))
    if head in (_SERIES_HEAD, _EDB_HEAD):
        return True
    names = [str(each).strip() for n, each in enumerate(dated.heads) if n != at and not tables.blank(each)]
    if [fold(name) for name in names] == ["value"]:
        names = [dated.table.stem]
    if "time period" in map(fold, names):
        return True
    if not names or any(headers.meaning(name) is not None for name in names):
        return False
    if all(_FRED.fullmatch(name) for name in names):
        return True
    own = len(names) == 1 and fold(names[0]) == fold(dated.table.stem) and not symbols.known(names[0])
    days = dated.all_days()
    monthly = len(days) > 2 and all(day.day == 1 for day in days)
    dots = own and any(str(dated.cell(line, column)).strip() == "." for line in dated.lines for column in (at + 1,))
    return dots or (monthly and (own or head == "date"))


def series(dated: Dated, date_column: int, found: Found) -> None:
    """Series as FRED exports them, which are no prices and keep their own dates."""
    for column, head in enumerate(dated.heads):
        if column != date_column and not tables.blank(head) and fold(str(head)) != "time period":
            try:
                values = dated.column(column, percent="points")
            except BadFile as error:
                found.remarks.append(f"left out series {head}: {error.message}")
                continue
            name = str(head).strip()
            name = dated.table.stem if fold(name) == "value" else name
            block = Block(name.upper(), dated.days(XNYS), {"value": values}, dated.table.name, None, dated.lines)
            block = priceblocks.one_row_a_day(block, XNYS, found.remarks.append)
            found.series[block.symbol] = (block.days, block.fields["value"])


def long(dated: Dated, meanings: list[str | None], found: Found) -> None:
    """A row a symbol and day."""
    texts, codes = dated.texts(meanings.index("symbol"))
    for place in np.flatnonzero(codes < 0):
        found.remarks.append(f"{dated.table.name}, row {dated.lines[int(place)]}: names no symbol and is left out")
    order = None if (codes[1:] >= codes[:-1]).all() else np.argsort(codes, kind="stable").astype(np.int32)
    starts = np.searchsorted(codes if order is None else codes[order], np.arange(len(texts) + 1))
    every = _Numbers(dated.lines)
    columns = [column for column, meaning in enumerate(meanings) if meaning in headers.PRICES]
    moved = order is not None and dated.together(order, columns)
    del codes
    rows: dict[str, list[slice]] = {}
    for code, text in enumerate(texts):
        rows.setdefault(headers.symbol(text), []).append(slice(starts[code], starts[code + 1]))
    counts = {symbol: sum(part.stop - part.start for part in parts) for symbol, parts in rows.items()}
    oddities.seldom(counts, dated.table.name, found.remarks.append)
    tell: Found | None = found
    for symbol, parts in rows.items():
        now = np.concatenate([np.arange(part.start, part.stop) for part in parts])
        before = now if order is None else order[now]
        places = now if moved else before
        try:
            fields = _fields(dated, meanings, tell, symbol, every.at(places))
        except BadFile as error:
            found.remarks.append(f"left out {symbol}: {error.message}")
            continue
        exchange = found.listing.of(symbol)
        days, minutes = dated.days(exchange, places), dated.clock(exchange, places)
        add(found, Block(symbol, days, fields, dated.table.name, minutes, every.at(before)), dated.table)
        tell = None  # said once


class _Numbers:
    """The numbers of rows by their places, which are no array where they follow each other."""

    def __init__(self, lines: Sequence[int]) -> None:
        self._first = lines.start if isinstance(lines, range) else None
        self._every = np.array(lines if self._first is None else (), np.int64)

    def at(self, places: npt.NDArray[np.integer]) -> npt.NDArray[np.integer]:
        return self._every[places] if self._first is None else places + self._first


def two_heads(
    table: FileTable, fields: list[Value], symbols: list[Value], found: Found, last: int | None = None
) -> None:
    """Fields in one head row and tickers in the other, as a frame of several tickers is saved."""
    head = 2 if len(table.rows) > 2 and headers.meaning(table.rows[2][0] if table.rows[2] else None) == "date" else 1
    head = head if last is None else last
    dated = read_dated(table, head, 0, found.remarks)
    dated.heads = [f"{symbol} {name}" for symbol, name in zip(symbols, fields, strict=False)]
    blocks: dict[str, dict[str, FloatArray]] = {}
    for column, (symbol, name) in enumerate(zip(symbols, fields, strict=False)):
        meaning = headers.meaning(name)
        if column and meaning in headers.PRICES and not tables.blank(symbol):
            try:
                ticker = headers.symbol(str(symbol))
                blocks.setdefault(ticker, {})[meaning] = _numbers(dated, column, meaning, ticker)
            except BadFile as error:
                found.remarks.append(f"left out {symbol} {name}: {error.message}")
    for symbol, columns in blocks.items():
        exchange = found.listing.of(symbol)
        block = Block(symbol, dated.days(exchange), columns, table.name, dated.clock(exchange), dated.lines)
        add(found, block, table)


def under_securities(table: FileTable, head: int, groups: list[grouped.Group], found: Found) -> None:
    """A row of securities above a row of fields; each may have dates of its own."""
    used = {column for group in groups for column in (group.date, *group.fields.values())}
    dated = {
        column: read_dated(table, head, column, found.remarks)
        for column in dict.fromkeys(group.date for group in groups)
    }
    for group in groups:
        own = dated[group.date]
        own.heads = [*own.heads, *[None] * (max(used) + 1 - len(own.heads))]
        for column in group.fields.values():
            own.heads[column] = f"{group.symbol} {table.rows[head][column]}"
        symbol = headers.symbol(group.symbol)
        try:
            fields = {name: _numbers(own, column, name, symbol) for name, column in group.fields.items()}
        except BadFile as error:
            found.remarks.append(f"left out {group.symbol}: {error.message}")
            continue
        exchange = found.listing.of(symbol)
        add(found, Block(symbol, own.days(exchange), fields, table.name, own.clock(exchange), own.lines), table)
    heads = [str(cell) for column, cell in enumerate(table.rows[head]) if column not in used and not tables.blank(cell)]
    if heads:
        found.remarks.append(f"{table.name}: columns not used: {', '.join(dict.fromkeys(heads))}")
