"""Option chains among the tables of a folder.

Two layouts are understood: one quote a row (as yfinance's ``option_chain`` is saved: contractSymbol, expiration,
strike, bid, ask), and Cboe's quote table (calls left, puts right of the strike). The session is that of a column
(``snap_date``, ``quote_date``), of the table's title, of the file's name (``AAPL_2025-11-25.csv``), or of the last
trade.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from xlrotation.errors import BadArgument
from xlrotation.market.calendar import exchange_of
from xlrotation.market.chains import Chain
from xlrotation.market.dates import parse_date
from xlrotation.market.providers.folder import headers, tables
from xlrotation.market.providers.folder.rows import BadFile, Rows, Value
from xlrotation.market.providers.folder.tables import FileTable
from xlrotation.market.symbols import fold

_HEADS = {
    "contract": ("contractsymbol", "contract", "option symbol", "optionsymbol", "occ symbol", "合约代码"),
    "expiry": ("expiration", "expiry", "expiration date", "expiration_date", "expire_date", "maturity", "到期日"),
    "strike": ("strike", "strike price", "strike_price", "行权价"),
    "kind": ("type", "right", "call/put", "cp_flag", "cp", "option type", "option_type", "call_put", "认购认沽"),
    "bid": ("bid", "best_bid", "bid price", "bid_price", "买价", "买一价"),
    "ask": ("ask", "best_offer", "best_ask", "offer", "ask price", "ask_price", "卖价", "卖一价"),
    "day": ("snap_date", "quote_date", "quote date", "quotedate", "date", "trade date", "asof", "日期"),
    "traded": ("lasttradedate", "last trade date"),
    "symbol": ("symbol", "ticker", "underlying", "underlying symbol", "underlying_symbol", "act_symbol", "代码"),
    "spot": ("spot_price", "spot", "underlying price", "underlying_price", "underlying_last", "标的价格"),
    "rate": ("rate", "risk_free_rate", "利率"),
}
_MEANING = {text: meaning for meaning, texts in _HEADS.items() for text in texts}
_CONTRACT = re.compile(r"([A-Z.^/-]{1,6}?)(W?)(\d{6})([CP])(\d{8})")
_LONG_DATE = re.compile(r"(?:[A-Z][a-z]{2} )?([A-Z][a-z]{2,8}) (\d{1,2}),? (\d{4})")
_MORNING_ROOTS = frozenset(("SPX", "NDX", "RUT", "VIX"))
_TITLE_ROWS = 6
_TOLD = 3
"""Rows that cannot be read, each of which is told."""


@dataclass(slots=True)
class Quotes:
    """Quotes of one underlying and session as they are collected from tables."""

    source: str
    spot: float = float("nan")
    rate: float = float("nan")
    rows: dict[tuple[dt.date, float, bool, bool], tuple[float, float, dt.date | None]] = field(default_factory=dict)


Found = dict[tuple[str, dt.date], Quotes]


def take(table: FileTable, found: Found, remarks: list[str]) -> None:
    """Read the quotes of *table* into *found*.

    Raises:
        BadFile: They cannot be understood; the message names file, row and column.
    """
    head = head_row(table.rows)
    assert head is not None
    names = [fold(str(cell)) if not tables.blank(cell) else "" for cell in table.rows[head]]
    if "calls" in names and "puts" in names:
        _take_two_sided(table, head, names, found, remarks)
    else:
        _take_listed(table, head, names, found, remarks)


def join(found: Found, other: Found) -> None:
    """Add the quotes of another file; the later file counts where both quote an option."""
    for key, quotes in other.items():
        if key not in found:
            found[key] = replace(quotes, rows=dict(quotes.rows))
            continue
        held = found[key]
        held.rows |= quotes.rows
        held.spot = held.spot if held.spot == held.spot else quotes.spot
        held.rate = held.rate if held.rate == held.rate else quotes.rate


def chains(found: Found) -> list[Chain]:
    """The quotes collected, as chains."""
    result = []
    for (symbol, day), quotes in found.items():
        if not quotes.rows:
            continue
        keys, values = list(quotes.rows), list(quotes.rows.values())
        result.append(
            Chain(
                symbol,
                day,
                np.array([key[0] for key in keys], "datetime64[D]"),
                np.array([key[1] for key in keys]),
                np.array([key[2] for key in keys], bool),
                np.array([value[0] for value in values]),
                np.array([value[1] for value in values]),
                np.array([key[3] for key in keys], bool),
                np.array([value[2] for value in values], "datetime64[D]"),
                quotes.spot,
                quotes.rate,
                quotes.source,
            )
        )
    return result


def head_row(rows: Rows) -> int | None:
    """The row of heads of a table of option quotes: it names a strike, a bid and an ask; None for another table."""
    for place, row in enumerate(rows[:_TITLE_ROWS]):
        meanings = {_MEANING.get(fold(str(cell))) for cell in row if not tables.blank(cell)}
        if {"strike", "bid", "ask", "expiry"} <= meanings or {"strike", "bid", "ask", "contract"} <= meanings:
            return place
    return None


@dataclass(frozen=True, slots=True)
class _Contract:
    """What a contract's code says: underlying, expiry, side, strike, settlement."""

    symbol: str
    expiry: dt.date
    call: bool
    strike: float
    morning: bool


def _contract(text: str) -> _Contract | None:
    match = _CONTRACT.fullmatch(text.strip().upper())
    if match is None:
        return None
    root, weekly, stamp, side, strike = match.groups()
    try:
        expiry = dt.date(2000 + int(stamp[:2]), int(stamp[2:4]), int(stamp[4:]))
    except ValueError:
        return None
    morning = root in _MORNING_ROOTS and not weekly
    root = root if weekly and root in _MORNING_ROOTS else root + weekly
    return _Contract(headers.symbol(root), expiry, side == "C", int(strike) / 1000.0, morning)


def _take_listed(table: FileTable, head: int, names: Sequence[str], found: Found, remarks: list[str]) -> None:
    at = {meaning: names.index(text) for text in reversed(names) if (meaning := _MEANING.get(text))}
    stated = _day_in_name(table.stem)
    lines = [n for n, row in enumerate(table.rows[head + 1 :], head + 2) if any(not tables.blank(c) for c in row)]
    if "day" not in at and stated is None and "traded" in at:
        trades = []
        for n in lines:
            with contextlib.suppress(BadFile):
                trades.append(_day(table, n, at["traded"], "last trade"))
        stated = max(filter(None, trades), default=None)
    left_out = 0
    bad: list[str] = []
    for n in lines:
        try:
            left_out += not _take_row(table, n, at, stated, found, remarks)
        except BadFile as error:
            bad.append(error.message)
    _tell(bad, len(lines), table.name, remarks)
    if left_out:
        remarks.append(f"{table.name}: {left_out} quotes left out that had expired or are dated on no session")


def _tell(bad: Sequence[str], rows: int, name: str, remarks: list[str]) -> None:
    """Tell of rows that could not be read.

    Raises:
        BadFile: They are half of all or more.
    """
    if bad and 2 * len(bad) >= rows:
        raise BadFile(bad[0])
    remarks += [f"{message}; the row is left out" for message in bad[:_TOLD]]
    if len(bad) > _TOLD:
        remarks.append(f"{name}: {len(bad) - _TOLD} more rows that cannot be read left out")


def _take_row(
    table: FileTable, n: int, at: Mapping[str, int], stated: dt.date | None, found: Found, remarks: list[str]
) -> bool:
    """Take a quote; False where it has expired or is of no session.

    Raises:
        BadFile: It cannot be read.
    """
    code = _contract(str(_cell(table, n, at.get("contract"))))
    day = _day(table, n, at["day"], "date") if "day" in at else stated
    if day is None:
        raise BadFile(f"{table.name}: no session; add a column quote_date, or the date to the file's name")
    named = _cell(table, n, at.get("symbol"))
    symbol = headers.symbol(str(named)) if not tables.blank(named) else code.symbol if code else ""
    symbol = symbol or headers.symbol(re.split(r"[_ ]", table.stem)[0])
    expiry = _day(table, n, at["expiry"], "expiration") if "expiry" in at else code.expiry if code else None
    side = _side(_cell(table, n, at.get("kind"))) if "kind" in at else code.call if code else None
    if expiry is None or side is None:
        raise BadFile(f"{table.name}, row {n}: no expiry or no word for call or put; give columns expiration and type")
    strike, bid, ask = (_number(table, n, at[name], name) for name in ("strike", "bid", "ask"))
    traded = _day(table, n, at["traded"], "last trade") if "traded" in at else None
    quotes = _quotes(found, symbol, day, table.name, remarks)
    if quotes is None or expiry <= day:
        return False
    if "spot" in at and quotes.spot != quotes.spot:
        quotes.spot = _number(table, n, at["spot"], "spot")
    if "rate" in at and quotes.rate != quotes.rate:
        quotes.rate = _number(table, n, at["rate"], "rate")
    quotes.rows[expiry, strike, side, code.morning if code else False] = (bid, ask, traded)
    return True


def _take_two_sided(table: FileTable, head: int, names: Sequence[str], found: Found, remarks: list[str]) -> None:
    """Cboe's quote table: its title has the level and the date; calls stand left of the strike, puts right of it."""
    title = [str(cell) for row in table.rows[:head] for cell in row if not tables.blank(cell)]
    day = next((d for cell in title if (d := _long_date(cell)) is not None), None)
    if day is None:
        raise BadFile(f"{table.name}: no date in its title")
    spot = next((float(m[1]) for cell in title if (m := re.match(r"Last: ([\d.]+)", cell.strip()))), float("nan"))
    expiry_at = next(i for i, name in enumerate(names) if _MEANING.get(name) == "expiry")
    strike_at, puts_at = names.index("strike"), names.index("puts")
    sides = [(names.index("calls"), 0), (puts_at, puts_at)]
    lines = [n for n in range(head + 2, len(table.rows) + 1) if not tables.blank(_cell(table, n, strike_at))]
    bad: list[str] = []
    for n in lines:
        try:
            expiry = _day(table, n, expiry_at, "expiration")
            strike = _number(table, n, strike_at, "strike")
            for code_at, start in sides:
                code = _contract(str(_cell(table, n, code_at)))
                if code is None or expiry is None:
                    raise BadFile(
                        f"{table.name}, row {n}: {str(_cell(table, n, code_at))[:30]!r} is no option contract"
                    )
                bid, ask = (_number(table, n, names.index(name, start), name) for name in ("bid", "ask"))
                quotes = _quotes(found, code.symbol, day, table.name, remarks)
                if quotes is not None and expiry > day:
                    quotes.spot = spot
                    quotes.rows[expiry, strike, code.call, code.morning] = (bid, ask, None)
        except BadFile as error:
            bad.append(error.message)
    _tell(bad, len(lines), table.name, remarks)


def _quotes(found: Found, symbol: str, day: dt.date, source: str, remarks: list[str]) -> Quotes | None:
    """Where quotes of a session are collected; None for a day that is none."""
    key = (symbol, day)
    if key not in found:
        if not exchange_of(symbol).is_session(day):
            remark = f"{source}: {day} is no session of the exchange; its quotes are left out"
            if remark not in remarks:
                remarks.append(remark)
            return None
        found[key] = Quotes(source)
    return found[key]


def _cell(table: FileTable, line: int, column: int | None) -> Value:
    row = table.rows[line - 1]
    return row[column] if column is not None and column < len(row) else None


def _number(table: FileTable, line: int, column: int, name: str) -> float:
    return tables.number(_cell(table, line, column), f"{table.name}, row {line}, column {name}")


def _day(table: FileTable, line: int, column: int, name: str) -> dt.date | None:
    cell = _cell(table, line, column)
    if isinstance(cell, str) and (day := _long_date(cell)) is not None:
        return day
    return tables.date(cell, f"{table.name}, row {line}, column {name}")


def _side(cell: Value) -> bool | None:
    word = fold(str(cell))
    if word in ("c", "call", "calls", "认购", "看涨"):
        return True
    return False if word in ("p", "put", "puts", "认沽", "看跌") else None


def _long_date(text: str) -> dt.date | None:
    match = _LONG_DATE.search(text)
    if match is None:
        return None
    for form in ("%b %d %Y", "%B %d %Y"):
        try:
            return dt.datetime.strptime(" ".join(match.groups()), form).date()
        except ValueError:
            continue
    return None


def _day_in_name(stem: str) -> dt.date | None:
    match = re.search(r"\d{4}-\d{2}-\d{2}|(?<!\d)\d{8}(?!\d)", stem)
    try:
        return parse_date(match[0]) if match else None
    except BadArgument:
        return None
