"""What the tables of a folder are: which layout one has, and the dated columns, members, weights or quotes in it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import numpy as np
import numpy.typing as npt

from xlrotation.market import asknown, ownlists, reasons
from xlrotation.market.calendar import XNYS
from xlrotation.market.filereadings import NO_HEADS, FileReading, Refused
from xlrotation.market.listing import Listing
from xlrotation.market.panel import FloatArray
from xlrotation.market.providers.folder import (
    calendars,
    declaring,
    filenames,
    grouped,
    headers,
    knowntables,
    melted,
    memberlists,
    moments,
    optiontables,
    positiontables,
    pricetables,
    sidebyside,
    tables,
    vintagetables,
)
from xlrotation.market.providers.folder.dated import Dated, fitting, read_dated
from xlrotation.market.providers.folder.found import Found, seen, unnamed
from xlrotation.market.providers.folder.priceblocks import Block
from xlrotation.market.providers.folder.rows import BadFile, Rows, Value, rows_named
from xlrotation.market.providers.folder.tables import FileTable

_TITLE_ROWS = 20
"""How far down the head row is looked for; exports begin with a title."""


def take(table: FileTable, found: Found) -> None:
    """Read *table* into *found*.

    Raises:
        BadFile: It cannot be understood, or a cell cannot; the message names it.
    """
    reading = FileReading(table.name)
    found.readings.append(reading)
    told, taken, before = len(found.remarks), len(found.blocks), {*found.quotes, *found.series}
    found.remarks += table.remarks
    try:
        try:
            _take(table, found, reading)
        finally:
            if table.declared.head == NO_HEADS:
                _as_in_the_file(found, told, taken)
        found.remarks += _not_applied(table, reading)
    except BadFile as error:
        if table.declared.head == NO_HEADS:
            error = BadFile(declaring.without_heads(error.message))
        reading.refused.append(Refused.of(error.message, whole=True))
        raise error from None
    finally:
        reading.note(found.remarks[told:])
        _describe(reading, found.blocks[taken:], found.listing)
        _describe_others(reading, found, before)


def _as_in_the_file(found: Found, told: int, taken: int) -> None:
    """Count the rows of a table without heads as they stand in its file, in what was told and taken of it."""
    found.remarks[told:] = map(declaring.without_heads, found.remarks[told:])
    for block in found.blocks[taken:]:
        block.tail = tuple(line - 1 for line in block.tail)


def _not_applied(table: FileTable, reading: FileReading) -> list[str]:
    """What is declared of a table and was of no use, as it has another layout."""
    said, layout = table.declared, reading.layout
    unused = []
    if said.layout and said.layout != layout:
        unused.append(f"the layout {said.layout}")
    if said.symbol and layout != "bars":
        unused.append(f"the symbol {said.symbol}")
    if said.rows_left_out and max(said.rows_left_out) > len(table.rows):
        unused.append(f"to leave out row {max(said.rows_left_out)} of {len(table.rows)}")
    return [f"{table.name}: is read as {layout}; {each} in folder.toml is not applied" for each in unused]


def _describe_others(reading: FileReading, found: Found, before: AbstractSet[object]) -> None:
    """Put into *reading* which chains or series its table gave."""
    quotes = [key for key in found.quotes if key not in before]
    series = [name for name in found.series if name not in before]
    if quotes:
        reading.symbols = tuple(dict.fromkeys(symbol for symbol, _ in quotes))
        reading.first, reading.last = min(day for _, day in quotes), max(day for _, day in quotes)
    elif series:
        reading.symbols = tuple(dict.fromkeys(map(asknown.shown, series)))
        days = np.concatenate([found.series[name][0] for name in series])
        if len(days):
            reading.first, reading.last = days.min().item(), days.max().item()


def _describe(reading: FileReading, blocks: Sequence[Block], listing: Listing) -> None:
    """Put into *reading* what the blocks of its table say."""
    if not blocks:
        return
    reading.symbols = tuple(dict.fromkeys(block.symbol for block in blocks))
    reading.exchanges = tuple(exchange.code for exchange in listing.all_of(reading.symbols))
    reading.adjustment = {block.symbol: block.adjustment[0] for block in blocks}
    reading.found_by = {block.symbol: block.adjustment[1] for block in blocks}
    reading.first = min(block.days.min() for block in blocks).item()
    reading.last = max(block.days.max() for block in blocks).item()
    reading.gaps = sum(int(np.isnan(values).sum()) for block in blocks for values in block.fields.values())


def _take(table: FileTable, found: Found, reading: FileReading) -> None:
    if table.unclear:
        raise BadFile(table.unclear)
    table = declaring.apply(table, _head_row)
    rows = table.rows
    if len(list(itertools.islice((row for row in rows if any(not tables.blank(cell) for cell in row)), 2))) < 2:
        raise BadFile(f"{table.name}: has no rows")
    if (place := optiontables.head_row(rows)) is not None:
        reading.layout = "chain"
        optiontables.take(fitting(table, place, found.remarks), found.quotes, found.remarks, found.listing.of)
    elif (place := positiontables.head_row(rows)) is not None:
        reading.layout = "positions"
        positiontables.take(fitting(table, place, found.remarks), place, found)
    elif (place := vintagetables.head_row(rows)) is not None:
        reading.layout = "vintages"
        vintagetables.take(fitting(table, place, found.remarks), place, found)
    elif not table.declared.layout and (place := knowntables.head_row(rows)) is not None:
        reading.layout = "series"
        knowntables.take(fitting(table, place, found.remarks), place, found)
    elif (two := grouped.two_heads(rows)) is not None:
        reading.layout = "grouped"
        pricetables.two_heads(fitting(table, 1, found.remarks), *two, found)
    elif (found_groups := grouped.find(rows)) is not None:
        reading.layout = "grouped"
        pricetables.under_securities(fitting(table, found_groups[0], found.remarks), *found_groups, found)
    elif (joined := grouped.joined_heads(rows[head := _head_row(rows)])) is not None:
        reading.layout = "grouped"
        pricetables.two_heads(fitting(table, head, found.remarks), *joined, found, head)
    elif ownlists.understood(rows[head]) is not None:
        reading.layout = "universes"
        memberlists.own_lists(table, head, found)
    else:
        positiontables.check_heads(table)
        _single_head(table, found, reading)


def _single_head(table: FileTable, found: Found, reading: FileReading) -> None:
    """A table with one row of heads."""
    head = _head_row(table.rows)
    table = fitting(table, head, found.remarks)
    if several := sidebyside.parted(table, head):
        _side_by_side(several, found, reading)
        return
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
        memberlists.members(table, head, meanings, found, _universe_name(table))
        return
    if {"symbol", "weight"} <= {*meanings} and "date" not in meanings:
        reading.layout = "weights"
        _weights(_of_one_day(table, head, meanings, found), meanings, found)
        return
    if "date" not in meanings:
        raise BadFile(f"{table.name}: has no Date column and is no member list{seen(heads)}")
    time = meanings.index("time") if "time" in meanings else None
    dated = read_dated(table, head, meanings.index("date"), found.remarks, time)
    meanings = _one_of_many(heads, _telling_symbols(dated, meanings))
    if "weight" in meanings and "symbol" in meanings:
        reading.layout = "weights"
        _weights(dated, meanings, found)
    elif "symbol" in meanings and "close" in meanings:
        reading.layout = "long"
        melted.check(dated, meanings)
        pricetables.long(dated, meanings, found)
    elif "close" in meanings and not pricetables.is_series(dated, meanings):
        reading.layout = "bars"
        melted.check(dated, meanings)
        pricetables.bars(dated, meanings, head, found)
    elif "adjclose" in meanings and "close" not in meanings:
        raise BadFile(f"{table.name}: has adjusted closes only; give the closes as traded, too{seen(heads)}")
    elif pricetables.is_series(dated, meanings):
        reading.layout = "series"
        pricetables.series(dated, meanings.index("date"), found)
    elif all(map(unnamed, heads[: meanings.index("date")])) or table.declared.layout == "wide":
        reading.layout = "wide"
        pricetables.wide(dated, meanings, found)
        reading.columns |= {
            str(each): headers.symbol(str(each)) for each in heads if reading.columns.get(str(each)) == ""
        }
    else:
        raise BadFile(f"{table.name}: its first column is no Date column and no other is a Close column{seen(heads)}")


def _side_by_side(several: Sequence[FileTable], found: Found, reading: FileReading) -> None:
    columns: dict[str, str] = {}
    failed: list[str] = []
    for table in several:
        try:
            _single_head(table, found, reading)
        except BadFile as error:
            failed.append(error.message)
        columns |= reading.columns
    if len(failed) == len(several):
        raise BadFile(failed[0])
    found.remarks += [f"{reasons.LEFT_OUT}{message}" for message in failed]
    reading.columns = columns


def _one_of_many(heads: Sequence[Value], meanings: list[str | None]) -> list[str | None]:
    """*meanings* where a lone Close, Value or NAV among tickers is no close of the whole table."""
    if [meaning for meaning in meanings if meaning in headers.PRICES] != ["close"] or "symbol" in meanings:
        return meanings
    tickers = [head for head, meaning in zip(heads, meanings, strict=True) if meaning is None and _filled(head)]
    if sum(map(headers.surely_ticker, tickers)) < 2:
        return meanings
    return [None if meaning == "close" else meaning for meaning in meanings]


def _filled(head: Value) -> bool:
    return not tables.blank(head)


def _telling_symbols(dated: Dated, meanings: list[str | None]) -> list[str | None]:
    """*meanings* where a column of names tells securities apart, and one that merely numbers its rows does not."""
    found = list(meanings)
    if "symbol" in found:
        at = found.index("symbol")
        texts, _ = dated.texts(at)
        every = len(texts) == len(dated.lines) > 1
        numbers = [tables.whole(dated.cell(line, at)) for line in dated.lines] if every else []
        if every and all(
            number is not None and number == (numbers[0] or 0) + place for place, number in enumerate(numbers)
        ):
            found[at] = None
    if "symbol" not in found and "name" in found and "close" in found:
        at = found.index("name")
        names, _ = dated.texts(at)
        stem = dated.table.stem
        alone = filenames.names_no_symbol(stem) or not headers.surely_ticker(filenames.symbol_of_file(stem))
        if len(names) > 1 or (
            names and (filenames.names_no_symbol(stem) or (alone and headers.surely_ticker(names[0])))
        ):
            found[at] = "symbol"
    return found


def _head_row(rows: Rows) -> int:
    """The first row that names a date column and has another cell, else a symbol column, else one that is not empty."""
    filled: list[list[Value]] = []
    for place, row in enumerate(rows[:_TITLE_ROWS]):
        filled.append([cell for cell in row if not tables.blank(cell)])
        if len(filled[-1]) > 1 and "date" in map(headers.meaning, filled[-1]):
            return place
    held = [place for place, cells in enumerate(filled) if len(cells) > 1 and "symbol" in map(headers.meaning, cells)]
    if held:  # a row such as ``Ticker Symbol, SPY`` above them is none
        return next((place for place in held if len({*map(headers.meaning, filled[place])} - {None}) > 1), held[0])
    letters = {"o", "h", "l", "c"}
    for place, cells in enumerate(filled):
        if letters <= {headers.plain(cell) for cell in cells}:
            return place
    return next((place for place, cells in enumerate(filled) if cells), 0)


def _date_column(rows: Rows, head: int) -> int | None:
    """The first column where it has dates in it and no name, or only that of an index, as frames are saved."""
    if rows[head] and not unnamed(rows[head][0]) and headers.meaning(rows[head][0]) != "symbol":
        return None
    below = next((row[0] for row in rows[head + 1 :] if row and not tables.blank(row[0])), None)
    if calendars.is_serial(below) and not unnamed(rows[head][0]):
        return None  # a code that a column of symbols holds
    return 0 if grouped.has_date_below(rows, head) else None


_DAY = re.compile(
    r"\d{4}-\d\d-\d\d|\d{1,2}-[A-Z][a-z]{2}-\d{2,4}|[A-Z][a-z]{2,8}\.? \d{1,2},? \d{4}|\d{1,2} [A-Z][a-z]{2,8} \d{4}"
)


def _of_one_day(table: FileTable, head: int, meanings: Sequence[str | None], found: Found) -> Dated:
    """The rows of weights without a column of dates: of the day that is declared, or stands above them.

    Raises:
        BadFile: None does.
    """
    day = table.declared.session
    for text in (str(cell) for row in table.rows[:head] for cell in row if not tables.blank(cell)):
        if day is None and (match := _DAY.search(text)) is not None:
            day = moments.day(match[0], f"{table.name}: the day above its heads")
    if day is None:
        raise BadFile(
            f"{table.name}: has weights and no day; add a column of dates, or say the session in folder.toml"
            f"{seen(table.rows[head])}"
        )
    places = meanings.index("symbol"), meanings.index("weight")
    lines = [
        line
        for line, row in enumerate(table.rows[head + 1 :], head + 2)
        if all(place < len(row) and not tables.blank(row[place]) for place in places)
    ]
    return Dated(table, list(table.rows[head]), lines, [moments.Moment(day)] * len(lines), found.remarks)


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
    values = np.where(shares, values / 100.0, values)
    columns = np.array([column_of[ticker] for ticker in named], np.intp)
    head = str(dated.heads[weight_at]).lower()
    table[rows, columns] = values
    sums = np.nansum(table, axis=1)
    percent = not shares.any() and ("pct" in head or "%" in head or (len(table) and np.median(sums) > 1.5))
    _check_weights(dated, table, rows, columns, values, found.remarks)
    table = table / 100 if percent else table
    sums = np.nansum(table, axis=1)
    for odd, told in ((sums > _MOST, f"more than {_MOST:.0%}"), (sums < _LEAST, f"less than {_LEAST:.0%}")):
        if odd.any():
            first = f"(first {days[np.flatnonzero(odd)[0]]})"
            found.remarks.append(f"{dated.table.name}: {odd.sum()} days whose weights sum to {told} {first}")
    found.files[name] = dated.table.name
    rows_of: dict[str, tuple[int, ...]] = {}
    for ticker, line in zip(named, dated.lines, strict=True):
        rows_of[ticker] = (*rows_of.get(ticker, ()), int(line))
    found.weight_rows[name] = dated.table.name, rows_of
    found.weights[name] = (tickers, days, table)


_MOST = 1.02
"""What the weights of a day may sum to, roundings included."""

_LEAST = 0.9
"""What they sum to where they are those of a whole index; a list of the largest ones is less."""


def _check_weights(
    dated: Dated,
    table: FloatArray,
    rows: npt.NDArray[np.intp],
    columns: npt.NDArray[np.intp],
    values: FloatArray,
    remarks: list[str],
) -> None:
    """Empty weights below zero, and those of a day and member that stand there twice and differently."""
    _, before = np.unique(rows * table.shape[1] + columns, return_index=True)
    again = np.setdiff1d(np.flatnonzero(np.isfinite(values)), before)
    apart = np.isfinite(values) & (np.abs(table[rows, columns] - values) > 1e-9)
    wrong = apart | (values < 0)
    for place in np.flatnonzero(wrong)[:_TOLD]:
        where = f"{dated.table.name}, row {dated.lines[place]}"
        why = "stands there twice and differently" if apart[place] else "is below 0"
        remarks.append(f"{where}: the weight {values[place]:.10g} {why}; left out")
    if wrong.sum() > _TOLD:
        rows_told = rows_named([dated.lines[place] for place in np.flatnonzero(wrong)[_TOLD:]])
        remarks.append(f"{dated.table.name}: {wrong.sum() - _TOLD} more such weights left out{rows_told}")
    table[rows[wrong], columns[wrong]] = np.nan
    if len(again := again[np.isfinite(table[rows[again], columns[again]])]):
        named = rows_named([dated.lines[place] for place in again])
        remarks.append(
            f"{dated.table.name}: {len(again)} weights stand there twice with the same value, counted once{named}"
        )


_TOLD = 3


def _universe_name(table: FileTable) -> str:
    """members.csv and weights.csv are the S&P 500's unless the file says otherwise in its name."""
    name = table.stem.upper()
    name = re.sub(r"^HOLDINGS-DAILY-US-EN-", "", name)
    for word in ("HOLDINGS", "MEMBERS", "CONSTITUENTS", "WEIGHTS", "成分股", "权重"):
        name = name.replace(word, "").strip("_- ")
    return name or "SP500"
