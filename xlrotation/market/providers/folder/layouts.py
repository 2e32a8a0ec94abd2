"""What the tables of a folder are: which layout one has, and the dated columns, members, weights or quotes in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from xlrotation.market.calendar import CalendarEnds, Days, Exchange
from xlrotation.market.listing import Listing
from xlrotation.market.panel import PRICE_FIELDS, FloatArray
from xlrotation.market.providers.folder import grouped, headers, optiontables, tables
from xlrotation.market.providers.folder.dated import Dated, fitting, read_dated
from xlrotation.market.providers.folder.rows import BadFile, Rows, Value
from xlrotation.market.providers.folder.tables import FileTable
from xlrotation.market.symbols import fold

_SERIES_HEAD = "observation_date"
"""The head that FRED gives the dates of its series."""

_TITLE_ROWS = 20
"""How far down the head row is looked for; exports begin with a title."""


@dataclass(slots=True)
class Block:
    """Dated columns of one symbol from one file."""

    symbol: str
    days: Days
    fields: dict[str, FloatArray]
    file: str


@dataclass(slots=True)
class Found:
    """What the tables of a folder hold."""

    blocks: list[Block] = field(default_factory=list)
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    weights: dict[str, tuple[tuple[str, ...], Days, FloatArray]] = field(default_factory=dict)
    series: dict[str, tuple[Days, FloatArray]] = field(default_factory=dict)
    quotes: optiontables.Found = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    """Where the members or weights of a universe stand, for messages."""

    remarks: list[str] = field(default_factory=list)
    listing: Listing = field(default_factory=Listing)
    """Where the symbols trade."""

    whole: bool = True
    """Whether every table could be read."""


def join(parts: Iterable[Found]) -> Found:
    """What several files hold together; of members or weights that two of them state the first ones count."""
    joined = Found()
    for part in parts:
        joined.blocks += part.blocks
        joined.remarks += part.remarks
        joined.series |= part.series
        for name, members in part.members.items():
            if joined.members.setdefault(name, members) is not members:
                joined.remarks.append(
                    f"left out {part.files[name]}: the members of {name} stand in another file already"
                )
        for name, weights in part.weights.items():
            if joined.weights.setdefault(name, weights) is not weights:
                joined.remarks.append(
                    f"left out {part.files[name]}: the weights of {name} stand in another file already"
                )
        optiontables.join(joined.quotes, part.quotes)
    return joined


def take(table: FileTable, found: Found) -> None:
    """Read *table* into *found*.

    Raises:
        BadFile: It cannot be understood, or a cell cannot; the message names it.
    """
    found.remarks += table.remarks
    rows = table.rows
    if sum(any(not tables.blank(cell) for cell in row) for row in rows) < 2:
        raise BadFile(f"{table.name}: has no rows")
    if (place := optiontables.head_row(rows)) is not None:
        optiontables.take(fitting(table, place, found.remarks), found.quotes, found.remarks)
        return
    if _has_two_heads(rows):
        _two_heads(fitting(table, 1, found.remarks), found)
        return
    if (found_groups := grouped.find(rows)) is not None:
        _grouped(fitting(table, found_groups[0], found.remarks), *found_groups, found)
        return
    head = _head_row(rows)
    table = fitting(table, head, found.remarks)
    rows = table.rows
    meanings: list[str | None] = [None if tables.blank(cell) else headers.meaning(cell) for cell in rows[head]]
    if "date" not in meanings and (place := _date_column(rows, head)) is not None:
        meanings[place] = "date"
    if "symbol" in meanings and ("sector" in meanings or "name" in meanings) and not {"close", "weight"} & {*meanings}:
        _members(table, head, meanings.index("symbol"), found)
        return
    if "date" not in meanings:
        raise BadFile(f"{table.name}: has no Date column and is no member list")
    _dated(table, head, meanings, found)


def _dated(table: FileTable, head: int, meanings: list[str | None], found: Found) -> None:
    """Read a table with a column of dates."""
    rows, heads = table.rows, table.rows[head]
    dated = read_dated(table, head, meanings.index("date"), found.remarks)
    if "weight" in meanings and "symbol" in meanings:
        _weights(dated, meanings, found)
    elif "symbol" in meanings and "close" in meanings:
        _long(dated, meanings, found)
    elif "close" in meanings:
        fields = _fields(dated, meanings, found)
        _add(
            found,
            Block(headers.symbol(grouped.security_above(rows, head) or table.stem), dated.days, fields, table.name),
        )
    elif "adjclose" in meanings:
        raise BadFile(f"{table.name}: has adjusted closes only; give the closes as traded, too")
    elif fold(str(heads[meanings.index("date")])) == _SERIES_HEAD:
        _series(dated, meanings.index("date"), found)
    elif all(map(_unnamed, heads[: meanings.index("date")])):
        _wide(dated, meanings.index("date"), found)
    else:
        raise BadFile(f"{table.name}: its first column is no Date column and no other is a Close column")


def _has_two_heads(rows: Rows) -> bool:
    """As a frame of several tickers is saved: fields in one head row and tickers in the other."""
    return {fold(str(row[0])) for row in rows[:2] if row} == {"price", "ticker"}


def _head_row(rows: Rows) -> int:
    """The first row that names a date column and has another cell, else a symbol column, else one that is not empty."""
    filled = [[cell for cell in row if not tables.blank(cell)] for row in rows[:_TITLE_ROWS]]
    for wanted in ("date", "symbol"):
        for place, cells in enumerate(filled):
            if len(cells) > 1 and any(headers.meaning(cell) == wanted for cell in cells):
                return place
    return next((place for place, cells in enumerate(filled) if cells), 0)


def _unnamed(head: Value) -> bool:
    return tables.blank(head) or fold(str(head)).startswith("unnamed:")


def _date_column(rows: Rows, head: int) -> int | None:
    """The first column where it has dates in it and no name, or only that of an index, as frames are saved."""
    if rows[head] and not _unnamed(rows[head][0]) and headers.meaning(rows[head][0]) != "symbol":
        return None
    return 0 if grouped.has_date_below(rows, head) else None


def _fields(
    dated: Dated, meanings: list[str | None], found: Found | None, lines: list[int] | None = None
) -> dict[str, FloatArray]:
    """The price columns; others are remarked."""
    fields: dict[str, FloatArray] = {}
    unused = []
    for column, meaning in enumerate(meanings):
        if meaning in headers.PRICES and meaning not in fields:
            try:
                fields[meaning] = dated.column(column, lines)
            except BadFile as error:
                if meaning == "close":
                    raise
                dated.remarks.append(f"left out column {dated.heads[column]}: {error.message}")
        elif meaning not in ("date", "symbol", "name", "sector") and not tables.blank(dated.heads[column]):
            unused.append(str(dated.heads[column]))
    if unused and found is not None:
        found.remarks.append(f"{dated.table.name}: columns not used: {', '.join(unused)}")
    return fields


def _wide(dated: Dated, date_column: int, found: Found) -> None:
    name = dated.table.name
    blocks = []
    for column, head in enumerate(dated.heads):
        if column == date_column:
            continue
        if tables.blank(head) or column < date_column:
            if column > date_column and any(not tables.blank(dated.cell(line, column)) for line in dated.lines):
                found.remarks.append(f"{name}: column {column + 1} has no head and is left out")
            continue
        try:
            values = dated.column(column)
        except BadFile as error:
            found.remarks.append(f"left out column {head}: {error.message}")
            continue
        blocks.append(Block(headers.symbol(str(head)), dated.days, {"close": values}, name))
    exchanges = found.listing.all_of(block.symbol for block in blocks)
    _remark_days(found, name, "", dated.days, exchanges)
    if len(exchanges) > 1:
        _remark_own_days(found, name, blocks, exchanges)
    for block in blocks:
        _add(found, block, days_checked=True)


def _series(dated: Dated, date_column: int, found: Found) -> None:
    """Series as FRED exports them, which are no prices and keep their own dates."""
    for column, head in enumerate(dated.heads):
        if column != date_column and not tables.blank(head):
            try:
                values = dated.column(column)
            except BadFile as error:
                found.remarks.append(f"left out series {head}: {error.message}")
                continue
            order = np.argsort(dated.days, kind="stable")
            found.series[str(head).strip().upper()] = (dated.days[order], values[order])


def _long(dated: Dated, meanings: list[str | None], found: Found) -> None:
    by_symbol: dict[str, list[int]] = {}
    at = meanings.index("symbol")
    for place, line in enumerate(dated.lines):
        cell = dated.cell(line, at)
        if tables.blank(cell):
            found.remarks.append(f"{dated.table.name}: row {line} names no symbol and is left out")
        else:
            by_symbol.setdefault(_text(cell), []).append(place)
    blocks: dict[str, list[int]] = {}
    for text, places in by_symbol.items():
        blocks.setdefault(headers.symbol(text), []).extend(places)
    tell: Found | None = found
    for symbol, places in blocks.items():
        try:
            fields = _fields(dated, meanings, tell, [dated.lines[place] for place in places])
        except BadFile as error:
            found.remarks.append(f"left out {symbol}: {error.message}")
            continue
        _add(found, Block(symbol, dated.days[places], fields, dated.table.name))
        tell = None  # said once


def _two_heads(table: FileTable, found: Found) -> None:
    upper, lower = grouped.carried_on(table.rows[0], len(table.rows[1])), table.rows[1]
    fields, symbols = (upper, lower) if fold(str(upper[0])) == "price" else (lower, upper)
    head = 2 if len(table.rows) > 2 and headers.meaning(table.rows[2][0] if table.rows[2] else None) == "date" else 1
    dated = read_dated(table, head, 0, found.remarks)
    dated.heads = [f"{symbol} {name}" for symbol, name in zip(symbols, fields, strict=False)]
    blocks: dict[str, dict[str, FloatArray]] = {}
    for column, (symbol, name) in enumerate(zip(symbols, fields, strict=False)):
        meaning = headers.meaning(name)
        if column and meaning in headers.PRICES and not tables.blank(symbol):
            try:
                blocks.setdefault(headers.symbol(str(symbol)), {})[meaning] = dated.column(column)
            except BadFile as error:
                found.remarks.append(f"left out {symbol} {name}: {error.message}")
    for symbol, columns in blocks.items():
        _add(found, Block(symbol, dated.days, columns, table.name))


def _grouped(table: FileTable, head: int, groups: list[grouped.Group], found: Found) -> None:
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
        try:
            fields = {name: own.column(column) for name, column in group.fields.items()}
        except BadFile as error:
            found.remarks.append(f"left out {group.symbol}: {error.message}")
            continue
        _add(found, Block(headers.symbol(group.symbol), own.days, fields, table.name))
    heads = [str(cell) for column, cell in enumerate(table.rows[head]) if column not in used and not tables.blank(cell)]
    if heads:
        found.remarks.append(f"{table.name}: columns not used: {', '.join(dict.fromkeys(heads))}")


def _members(table: FileTable, head: int, column: int, found: Found) -> None:
    cells = [row[column] if column < len(row) else None for row in table.rows[head + 1 :]]
    tickers = tuple(dict.fromkeys(headers.symbol(_text(cell)) for cell in cells if not tables.blank(cell)))
    name = _universe_name(table)
    if name in found.members:
        raise BadFile(f"{table.name}: the members of {name} stand in another file already")
    found.members[name] = tickers
    found.files[name] = table.name


def _weights(dated: Dated, meanings: list[str | None], found: Found) -> None:
    name = _universe_name(dated.table)
    if name in found.weights:
        raise BadFile(f"{dated.table.name}: the weights of {name} stand in another file already")
    at, weight_at = meanings.index("symbol"), meanings.index("weight")
    named = [headers.symbol(_text(dated.cell(line, at))) for line in dated.lines]
    tickers = tuple(dict.fromkeys(named))
    days, rows = np.unique(dated.days, return_inverse=True)
    column_of = {ticker: place for place, ticker in enumerate(tickers)}
    table = np.full((len(days), len(tickers)), np.nan)
    table[rows, [column_of[ticker] for ticker in named]] = dated.column(weight_at)
    head = str(dated.heads[weight_at]).lower()
    percent = "pct" in head or "%" in head or (len(table) and np.median(np.nansum(table, axis=1)) > 1.5)
    found.files[name] = dated.table.name
    found.weights[name] = (tickers, days, table / 100 if percent else table)


def _text(cell: Value) -> str:
    """A symbol's cell as text: a code that a spreadsheet keeps as a number is one without decimals."""
    return f"{cell:.0f}" if isinstance(cell, float) and cell.is_integer() else str(cell)


def _universe_name(table: FileTable) -> str:
    """members.csv and weights.csv are the S&P 500's unless the file says otherwise in its name."""
    name = table.stem.upper()
    for word in ("MEMBERS", "CONSTITUENTS", "WEIGHTS", "成分股", "权重"):
        name = name.replace(word, "").strip("_- ")
    return name or "SP500"


def _remark_days(found: Found, name: str, symbol: str, days: Days, exchanges: Sequence[Exchange]) -> None:
    of = f"{name}: {symbol} has" if symbol else f"{name} has"
    if len(np.unique(days)) < len(days):
        found.remarks.append(f"{of} the same day twice; the later row counts")
    off = np.ones(len(days), bool)
    for exchange in exchanges:
        off &= ~np.isin(days, exchange.sessions()) & (days <= np.datetime64(exchange.until))
    begin = min((exchange.sessions()[0] for exchange in exchanges), default=np.datetime64("0001-01-01"))
    if (early := off & (days < begin)).any():
        found.remarks.append(f"{of} {early.sum()} rows before {begin}, where the known sessions begin, left out")
    if (off := off & (days >= begin)).any():
        found.remarks.append(f"{of} {off.sum()} rows on days that are no session, left out")


def _remark_own_days(found: Found, name: str, blocks: Sequence[Block], exchanges: Sequence[Exchange]) -> None:
    """Remark closes on days on which only others trade; one that repeats the close before is merely carried on."""
    order = np.argsort(blocks[0].days, kind="stable")
    days = blocks[0].days[order]
    someone = np.any([np.isin(days, exchange.sessions()) for exchange in exchanges], axis=0)
    for exchange in exchanges:
        closed = someone & ~np.isin(days, exchange.sessions()) & (days <= np.datetime64(exchange.until))
        lost = []
        for block in blocks:
            closes = block.fields["close"][order]
            known = np.flatnonzero(np.isfinite(closes))
            new = known[np.r_[True, closes[known][1:] != closes[known][:-1]]] if len(known) else known
            if found.listing.of(block.symbol) == exchange and closed[new].any():
                lost.append((block.symbol, days[new[closed[new]][0]]))
        if lost:
            more = f" and {len(lost) - 1} more have" if len(lost) > 1 else " has"
            where = f"on which {exchange.code} ({exchange.name}) does not trade (first {lost[0][1]})"
            found.remarks.append(f"{name}: {lost[0][0]}{more} closes on days {where}, left out")


def _add(found: Found, block: Block, days_checked: bool = False) -> None:
    """Take a block, with remarks on what in it cannot be used."""
    for name, values in block.fields.items():
        bad = values <= 0
        if name in (*PRICE_FIELDS, "adjclose") and bad.any():
            day = block.days[np.flatnonzero(bad)[0]]
            what = f"{bad.sum()} {name} prices of 0 or less (first {day})"
            found.remarks.append(f"{block.file}: {block.symbol} has {what}")
            values[bad] = np.nan
    if not days_checked:
        _remark_days(found, block.file, block.symbol, block.days, (found.listing.of(block.symbol),))
    held = np.any([np.isfinite(values) for values in block.fields.values()], axis=0)
    if not held.any():
        found.remarks.append(f"{block.file}: {block.symbol} has no values")
        return
    # Rows after the last value, such as dates filled in ahead, must not move the newest session.
    last = block.days[held].max()
    try:
        found.listing.of(block.symbol).sessions_between(last.item(), last.item())
    except CalendarEnds as end:
        found.remarks.append(f"left out {block.symbol} of {block.file}: {end.message}")
        return
    kept = block.days <= last
    fields = {name: values[kept] for name, values in block.fields.items()}
    found.blocks.append(Block(block.symbol, block.days[kept], fields, block.file))
