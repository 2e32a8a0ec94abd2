"""What the tables of a folder are: which layout one has, and the dated columns, members, weights or quotes in it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from xlrotation.market import signs, symbols
from xlrotation.market.calendar import XNYS, Days, Exchange
from xlrotation.market.filereadings import FileReading, Refused
from xlrotation.market.listing import Listing
from xlrotation.market.panel import FloatArray, among
from xlrotation.market.providers.folder import closes, declaring, grouped, headers, optiontables, priceblocks, tables
from xlrotation.market.providers.folder.dated import Dated, IntArray, Lines, fitting, read_dated
from xlrotation.market.providers.folder.priceblocks import Block
from xlrotation.market.providers.folder.tables import BadFile, Rows, Table, Value
from xlrotation.market.symbols import fold

_SERIES_HEAD = "observation_date"
"""The head that FRED gives the dates of its series."""

_EDB_HEAD = "指标名称"
"""The head that Wind and Choice give the names of theirs."""

DECLARE = "folder.toml can say what each column is"
"""How to help a table that is not understood."""

_TITLE_ROWS = 20
"""How far down the head row is looked for; exports begin with a title."""


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

    bad: list[str] = field(default_factory=list)
    """Why tables could not be read."""

    currencies: dict[str, str] = field(default_factory=dict)
    """In which the prices of a symbol are, where its file's owner says so."""

    readings: list[FileReading] = field(default_factory=list)
    """How each table was read."""


def join(parts: Iterable[Found]) -> Found:
    """What several files hold together; of members or weights that two of them state the first ones count."""
    joined = Found()
    for part in parts:
        joined.blocks += part.blocks
        joined.readings += part.readings
        joined.remarks += part.remarks
        joined.series |= part.series
        joined.currencies |= part.currencies
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


def take(table: Table, found: Found) -> None:
    """Read *table* into *found*.

    Raises:
        BadFile: It cannot be understood, or a cell cannot; the message names it.
    """
    reading = FileReading(table.name)
    found.readings.append(reading)
    told, taken = len(found.remarks), len(found.blocks)
    found.remarks += table.remarks
    try:
        _take(table, found, reading)
    except BadFile as error:
        reading.refused.append(Refused.of(error.message))
        raise
    finally:
        reading.note(found.remarks[told:])
        _describe(reading, found.blocks[taken:], found.listing)


def _describe(reading: FileReading, blocks: Sequence[Block], listing: Listing) -> None:
    """Put into *reading* what the blocks of its table say."""
    if not blocks:
        return
    reading.symbols = tuple(dict.fromkeys(block.symbol for block in blocks))
    reading.exchanges = tuple(exchange.code for exchange in listing.all_of(reading.symbols))
    days = np.concatenate([block.days for block in blocks])
    reading.first, reading.last = days.min().item(), days.max().item()
    reading.gaps = sum(int(np.isnan(values).sum()) for block in blocks for values in block.fields.values())


def _take(table: Table, found: Found, reading: FileReading) -> None:
    table = declaring.apply(table, _head_row)
    rows = table.rows
    if len(list(itertools.islice((row for row in rows if any(not tables.blank(cell) for cell in row)), 2))) < 2:
        raise BadFile(f"{table.name}: has no rows")
    if (place := optiontables.head_row(rows)) is not None:
        reading.layout = "chain"
        optiontables.take(fitting(table, place, found.remarks), found.quotes, found.remarks)
    elif _has_two_heads(rows):
        reading.layout = "grouped"
        _two_heads(fitting(table, 1, found.remarks), found)
    elif (found_groups := grouped.find(rows)) is not None:
        reading.layout = "grouped"
        _grouped(fitting(table, found_groups[0], found.remarks), *found_groups, found)
    else:
        _single_head(table, found, reading)


def _single_head(table: Table, found: Found, reading: FileReading) -> None:
    """A table with one row of heads."""
    head = _head_row(table.rows)
    table = fitting(table, head, found.remarks)
    rows = table.rows
    heads = rows[head]
    meanings = headers.understood(heads, table.declared.columns)
    if "date" not in meanings and (place := _date_column(rows, head)) is not None:
        meanings[place] = "date"
    reading.columns = {
        str(each): what or "" for each, what in zip(heads, meanings, strict=True) if not tables.blank(each)
    }
    listed = "sector" in meanings or "name" in meanings or table.declared.layout == "members"
    if "symbol" in meanings and listed and not {"close", "weight"} & {*meanings}:
        reading.layout = "members"
        _members(table, head, meanings.index("symbol"), found)
        return
    if "date" not in meanings:
        raise BadFile(f"{table.name}: has no Date column and is no member list{_seen(heads)}")
    time = meanings.index("time") if "time" in meanings else None
    dated = read_dated(table, head, meanings.index("date"), found.remarks, time)
    meanings = _telling_symbols(dated, meanings)
    if "weight" in meanings and "symbol" in meanings:
        reading.layout = "weights"
        _weights(dated, meanings, found)
    elif "symbol" in meanings and "close" in meanings:
        reading.layout = "long"
        _long(dated, meanings, found)
    elif "close" in meanings and not _is_series(dated, meanings):
        reading.layout = "bars"
        _bars(dated, meanings, head, found)
    elif "adjclose" in meanings and "close" not in meanings:
        raise BadFile(f"{table.name}: has adjusted closes only; give the closes as traded, too")
    elif _is_series(dated, meanings):
        reading.layout = "series"
        _series(dated, meanings.index("date"), found)
    elif all(map(_unnamed, heads[: meanings.index("date")])) or table.declared.layout == "wide":
        reading.layout = "wide"
        _wide(dated, meanings, found)
        reading.columns |= {
            str(each): headers.symbol(str(each)) for each in heads if reading.columns.get(str(each)) == ""
        }
    else:
        raise BadFile(f"{table.name}: its first column is no Date column and no other is a Close column{_seen(heads)}")


def _seen(heads: Sequence[Value]) -> str:
    """What heads were seen, and how to say what they mean."""
    shown = ", ".join(str(head).strip()[:20] for head in heads if not tables.blank(head))
    return f" (its heads are {shown[:120]}{'...' if len(shown) > 120 else ''}; {DECLARE})"


def _telling_symbols(dated: Dated, meanings: list[str | None]) -> list[str | None]:
    """*meanings* where a column of names tells securities apart, and one that merely numbers its rows does not."""
    found = list(meanings)
    if "symbol" in found:
        at = found.index("symbol")
        cells = [dated.cell(line, at) for line in dated.lines]
        numbers = [tables.whole(cell) for cell in cells]
        if len(numbers) > 1 and all(
            number is not None and number == (numbers[0] or 0) + place for place, number in enumerate(numbers)
        ):
            found[at] = None
    if "symbol" not in found and "name" in found and "close" in found:
        at = found.index("name")
        names = {str(dated.cell(line, at)) for line in dated.lines if not tables.blank(dated.cell(line, at))}
        if len(names) > 1 or (names and headers.names_no_symbol(dated.table.stem)):
            found[at] = "symbol"
    return found


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
    letters = {"o", "h", "l", "c"}
    for place, cells in enumerate(filled):
        if letters <= {headers.plain(cell) for cell in cells}:
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
    dated: Dated, meanings: list[str | None], found: Found | None, symbol: str, lines: Lines | None = None
) -> dict[str, FloatArray]:
    """The price columns; others are remarked."""
    fields: dict[str, FloatArray] = {}
    unused = []
    for column, meaning in enumerate(meanings):
        if meaning in headers.PRICES and meaning not in fields:
            try:
                fields[meaning] = _numbers(dated, column, meaning, symbol, lines)
            except BadFile as error:
                if meaning == "close":
                    raise
                dated.remarks.append(f"left out column {dated.heads[column]}: {error.message}")
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


def _bars(dated: Dated, meanings: list[str | None], head: int, found: Found) -> None:
    """The bars of one symbol."""
    table = dated.table
    named = table.declared.symbol or grouped.security_above(table.rows, head)
    if not named and headers.names_no_symbol(table.stem):
        raise BadFile(
            f"{table.name}: neither a column nor the file's name says whose prices they are; name the file as the "
            f"symbol, as in SPY.csv, or {DECLARE}"
        )
    symbol = headers.symbol(named) if named else headers.symbol_of_file(table.stem)
    exchange = found.listing.of(symbol)
    days, minutes = dated.days(exchange), dated.clock(exchange)
    fields = _fields(dated, meanings, found, symbol)
    if minutes is None:
        _check_one_symbol(dated, days, fields["close"], meanings)
    block = Block(symbol, days, fields, table.name, minutes, dated.lines)
    _add(found, block, table)


def _check_one_symbol(dated: Dated, days: Days, close: FloatArray, meanings: list[str | None]) -> None:
    """Refuse a table of several securities of which no column says which row is whose."""
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
        f"{which}{_seen(dated.heads)}"
    )


def _tells_apart(dated: Dated, days: Days, column: int) -> bool:
    cells = [dated.cell(line, column) for line in dated.lines]
    if any(tables.blank(cell) for cell in cells) or len(set(map(str, cells))) > len(cells) / 2:
        return False
    return len({(day, str(cell)) for day, cell in zip(days.tolist(), cells, strict=True)}) == len(cells)


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
    declared = [column for column in columns if str(heads[column]).strip() in dated.table.declared.columns]
    doubtful = [column for column in columns if str(heads[column]).strip() in headers.DOUBTFUL]
    wrong = [c for c in columns if c not in declared and c not in doubtful and headers.no_ticker(heads[c])]
    good = [column for column in columns if column not in wrong and column not in doubtful]
    prices = [column for column in wrong if meanings[column] in headers.PRICES]
    if (doubtful and len(good) < 2) or prices or len(wrong) > len(good):
        what = ", ".join(str(heads[column]).strip() for column in (prices or wrong or doubtful)[:3])
        raise BadFile(
            f"{name}: is no table with a column a symbol, as {what} may be no ticker, and it has no Close column"
            f"{_seen(heads)}"
        )
    for column in wrong:
        found.remarks.append(f"{name}: column {heads[column]} is {headers.no_ticker(heads[column])} and is left out")
    return [column for column in columns if column not in wrong]


def _anything(dated: Dated, column: int) -> bool:
    return any(not tables.blank(dated.cell(line, column)) for line in dated.lines)


def _wide(dated: Dated, meanings: list[str | None], found: Found) -> None:
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
            values = _numbers(dated, column, "close", symbol)
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
        _remark_days(found, name, "", blocks[0].days, exchanges)
    if len(exchanges) > 1:
        _remark_own_days(found, name, blocks, exchanges)
    for block in blocks:
        _add(found, block, dated.table, days_checked=True)


_FRED = re.compile(
    r"UNRATE|SAHM\w+|BAML\w+|DFF|EFFR|SOFR\w*|IORB|FEDFUNDS|DGS\w+|GS\d+(MO)?|DTB\w+|TB\d\w+|T\d+YI\w+|T\d+Y\w+|DFII\w+|"
    r"CPI\w+|PCE\w*|GDP\w*|PAYEMS|ICSA|IC4WSA|CCSA|M[12]SL|WM2NS|WALCL|RRPONTSYD|WTREGEN|NFCI|ANFCI|STLFSI\w*|VIXCLS|SP500|"
    r"NASDAQCOM|DCOIL\w+|DEX\w+|DTWEX\w+|MORTGAGE\w+|UMCSENT|INDPRO|HOUST|PERMIT|JTS\w+|USREC\w*|TEDRATE|RSXFS|"
    r"DSPIC\w*|PSAVERT|CIVPART|U6RATE|TOTALSA|DRTSCILM|KCFSI|USEPUINDXD|WILL5000\w+|BOPGSTB|A191\w+"
)
"""Names of series at FRED that reports on markets use."""


def _is_series(dated: Dated, meanings: list[str | None]) -> bool:
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
    if not names or any(headers.meaning(name) is not None for name in names):
        return False
    if all(_FRED.fullmatch(name) for name in names):
        return True
    own = len(names) == 1 and fold(names[0]) == fold(dated.table.stem) and not symbols.known(names[0])
    days = dated.all_days()
    monthly = len(days) > 2 and all(day.day == 1 for day in days)
    dots = own and any(str(dated.cell(line, column)).strip() == "." for line in dated.lines for column in (at + 1,))
    return dots or (monthly and (own or head == "date"))


def _series(dated: Dated, date_column: int, found: Found) -> None:
    """Series as FRED exports them, which are no prices and keep their own dates."""
    for column, head in enumerate(dated.heads):
        if column != date_column and not tables.blank(head):
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


def _long(dated: Dated, meanings: list[str | None], found: Found) -> None:
    texts, codes = dated.texts(meanings.index("symbol"))
    for place in np.flatnonzero(codes < 0):
        found.remarks.append(f"{dated.table.name}: row {dated.lines[int(place)]} names no symbol and is left out")
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(len(texts) + 1))
    rows: dict[str, list[IntArray]] = {}
    for code, text in enumerate(texts):
        rows.setdefault(headers.symbol(text), []).append(order[starts[code] : starts[code + 1]])
    tell: Found | None = found
    every = np.asarray(dated.lines)
    for symbol, parts in rows.items():
        places = np.concatenate(parts)
        lines = every[places]
        try:
            fields = _fields(dated, meanings, tell, symbol, lines)
        except BadFile as error:
            found.remarks.append(f"left out {symbol}: {error.message}")
            continue
        exchange = found.listing.of(symbol)
        days, minutes = dated.days(exchange, places), dated.clock(exchange, places)
        _add(found, Block(symbol, days, fields, dated.table.name, minutes, lines), dated.table)
        tell = None  # said once


def _two_heads(table: Table, found: Found) -> None:
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
                ticker = headers.symbol(str(symbol))
                blocks.setdefault(ticker, {})[meaning] = _numbers(dated, column, meaning, ticker)
            except BadFile as error:
                found.remarks.append(f"left out {symbol} {name}: {error.message}")
    for symbol, columns in blocks.items():
        exchange = found.listing.of(symbol)
        block = Block(symbol, dated.days(exchange), columns, table.name, dated.clock(exchange), dated.lines)
        _add(found, block, table)


def _grouped(table: Table, head: int, groups: list[grouped.Group], found: Found) -> None:
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
        _add(found, Block(symbol, own.days(exchange), fields, table.name, own.clock(exchange), own.lines), table)
    heads = [str(cell) for column, cell in enumerate(table.rows[head]) if column not in used and not tables.blank(cell)]
    if heads:
        found.remarks.append(f"{table.name}: columns not used: {', '.join(dict.fromkeys(heads))}")


def _members(table: Table, head: int, column: int, found: Found) -> None:
    cells = [row[column] if column < len(row) else None for row in table.rows[head + 1 :]]
    tickers = tuple(dict.fromkeys(headers.symbol(tables.text_of(cell)) for cell in cells if not tables.blank(cell)))
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
    named = [headers.symbol(tables.text_of(dated.cell(line, at))) for line in dated.lines]
    tickers = tuple(dict.fromkeys(named))
    days, rows = np.unique(dated.days(XNYS), return_inverse=True)
    column_of = {ticker: place for place, ticker in enumerate(tickers)}
    table = np.full((len(days), len(tickers)), np.nan)
    values, shares = dated.column(weight_at, percent="points"), dated.percent(weight_at)
    table[rows, [column_of[ticker] for ticker in named]] = np.where(shares, values / 100.0, values)
    head = str(dated.heads[weight_at]).lower()
    sums = np.nansum(table, axis=1)
    percent = not shares.any() and ("pct" in head or "%" in head or (len(table) and np.median(sums) > 1.5))
    found.files[name] = dated.table.name
    found.weights[name] = (tickers, days, table / 100 if percent else table)


def _universe_name(table: Table) -> str:
    """members.csv and weights.csv are the S&P 500's unless the file says otherwise in its name."""
    name = table.stem.upper()
    for word in ("MEMBERS", "CONSTITUENTS", "WEIGHTS", "成分股", "权重"):
        name = name.replace(word, "").strip("_- ")
    return name or "SP500"


def _remark_days(found: Found, name: str, symbol: str, days: Days, exchanges: Sequence[Exchange]) -> None:
    of = f"{name}: {symbol} has" if symbol else f"{name} has"
    off = np.ones(len(days), bool)
    for exchange in exchanges:
        off &= ~among(days, exchange.sessions()) & (days <= np.datetime64(exchange.until))
    begin = min((exchange.sessions()[0] for exchange in exchanges), default=np.datetime64("0001-01-01"))
    if (early := off & (days < begin)).any():
        found.remarks.append(f"{of} {early.sum()} rows before {begin}, where the known sessions begin, left out")
    if (off := off & (days >= begin)).any():
        found.remarks.append(f"{of} {off.sum()} rows on days that are no session, left out")


def _remark_own_days(found: Found, name: str, blocks: Sequence[Block], exchanges: Sequence[Exchange]) -> None:
    """Remark closes on days on which only others trade; one that repeats the close before is merely carried on."""
    order = np.argsort(blocks[0].days, kind="stable")
    days = blocks[0].days[order]
    someone = np.any([among(days, exchange.sessions()) for exchange in exchanges], axis=0)
    for exchange in exchanges:
        closed = someone & ~among(days, exchange.sessions()) & (days <= np.datetime64(exchange.until))
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


def _add(found: Found, block: Block, table: Table, days_checked: bool = False) -> None:
    """Take a block, with remarks on what in it cannot be used."""
    if not days_checked:
        exchange = found.listing.of(block.symbol)
        block = priceblocks.one_row_a_day(block, exchange, found.remarks.append)
        _remark_days(found, block.file, block.symbol, block.days, (exchange,))
    priceblocks.without_impossible(block, found.remarks.append)
    held = np.any([np.isfinite(values) for values in block.fields.values()], axis=0)
    if not held.any():
        found.remarks.append(f"{block.file}: {block.symbol} has no values")
        return
    if "close" in block.fields:
        told = closes.settle(block.symbol, block.days, block.fields, table.declared.closes)
        block.fields, block.adjustment = told.fields, (told.adjustment, told.found_by)
        found.remarks += [f"{block.file}: {remark}" for remark in told.remarks]
    block.trusted = table.declared.trusted
    # Rows after the last value, such as dates filled in ahead, must not move the newest session.
    kept = block.days <= block.days[held].max()
    block.fields = {name: values[kept] for name, values in block.fields.items()}
    block.days = block.days[kept]
    found.blocks.append(block)
