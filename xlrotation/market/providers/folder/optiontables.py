"""Option chains among the tables of a folder.

Two layouts are understood: one quote a row (as yfinance's ``option_chain`` is saved: contractSymbol, expiration,
strike, bid, ask), and Cboe's quote table (calls left, puts right of the strike). The session is that of a column
(``snap_date``, ``quote_date``), of the table's title, of the file's name (``AAPL_2025-11-25.csv``), or of the last
trade.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xlrotation.errors import BadArgument
from xlrotation.market.calendar import Exchange, Trading, exchange_of
from xlrotation.market.dates import parse_date
from xlrotation.market.providers.folder import headers, moments, quotecolumns, quoteheads, tables
from xlrotation.market.providers.folder.clean import NeedsAllError
from xlrotation.market.providers.folder.columns import CleanRows
from xlrotation.market.providers.folder.priceblocks import Block
from xlrotation.market.providers.folder.quotecolumns import Collect, Columnwise, Readers
from xlrotation.market.providers.folder.quotes import Found, Quotes
from xlrotation.market.providers.folder.rows import BadFile, Rows, Value, rows_named
from xlrotation.market.providers.folder.tables import FileTable
from xlrotation.market.symbols import fold

_CONTRACT = re.compile(r"([A-Z.^/-]{1,6})(\d{6})([CP])(\d{8})")
_LONG_DATE = re.compile(r"(?:[A-Z][a-z]{2} )?([A-Z][a-z]{2,8}) (\d{1,2}),? (\d{4})")
_ROOTS = {"SPXW": "SPX", "NDXP": "NDX", "RUTW": "RUT", "VIXW": "VIX", "OEXW": "OEX", "XEOW": "XEO", "DJXW": "DJX"}
"""Roots of weeklies, and their index."""

_MORNING_ROOTS = frozenset(("SPX", "NDX", "RUT", "VIX", "VIXW", "DJX"))
"""Roots of options that settle at the opening of their last day."""
_HOUR = re.compile(r"\bat (\d{1,2}):(\d\d) ?([AP]M)\b", re.IGNORECASE)
_OPENS = 570
"""Minute of the day at which New York opens: quotes before it are those of the session before."""

_CLOSED = 5
"""Days that an exchange is closed at most between two sessions, all but once in decades."""

_TITLE_ROWS = 6
_APART = 0.005
"""Share by which the prices of an underlying that one chain states may differ: quotes are of a few minutes."""

_TOLD = 3
"""Rows that cannot be read, each of which is told."""


def take(table: FileTable, found: Found, remarks: list[str], trading: Trading = exchange_of) -> None:
    """Read the quotes of *table* into *found*; *trading* tells on whose sessions an underlying lives.

    Raises:
        BadFile: They cannot be understood; the message names file, row and column.
    """
    head = head_row(table.rows)
    assert head is not None
    names = [fold(str(cell)) if not tables.blank(cell) else "" for cell in table.rows[head]]
    place = functools.partial(_quotes, found, trading, source=table.name, remarks=remarks)
    held = {key: len(quotes.parts) for key, quotes in found.items()}
    try:
        if "calls" in names and "puts" in names:
            _take_two_sided(table, head, names, place, remarks)
        else:
            _take_listed(table, head, names, place, remarks)
    finally:
        for (symbol, day), quotes in found.items():
            quotes.settle()
            if twice := quotes.drop_contradictions(held.get((symbol, day), 0)):
                expiry, strike, call, _ = twice[0]
                remarks.append(
                    f"{table.name}: {len(twice)} options of {symbol} of {day} stand there twice and differently "
                    f"(first {expiry} {strike:.10g} {'call' if call else 'put'}); left out"
                )
            least, most = quotes.spots
            if quotes.source == table.name and most - least > _APART * least:
                remarks.append(
                    f"{table.name}: the chain of {symbol} of {day} states prices of its underlying from {least:.10g} "
                    f"to {most:.10g}; the first one, {quotes.spot:.10g}, is used"
                )


def spots(found: Found, known: Collection[str]) -> list[Block]:
    """The price that chains state of underlyings of which nothing else is *known*: so one can be asked for."""
    by_symbol: dict[str, dict[dt.date, Quotes]] = {}
    for (symbol, day), quotes in found.items():
        if symbol not in known and quotes.some:
            by_symbol.setdefault(symbol, {})[day] = quotes
    blocks = []
    for symbol, held in by_symbol.items():
        days = sorted(held)
        close = np.array([held[day].spot for day in days])
        source = held[days[-1]].source
        told = ("", "the level that its option chain states")
        blocks.append(Block(symbol, np.array(days, "datetime64[D]"), {"close": close}, source, adjustment=told))
    return blocks


def head_row(rows: Rows) -> int | None:
    """The row of heads of a table of option quotes: it names a strike, a bid and an ask; None for another table."""
    for place, row in enumerate(rows[:_TITLE_ROWS]):
        if quoteheads.are_of_quotes([cell for cell in row if not tables.blank(cell)]):
            return place
    return None


def is_date(head: Value) -> bool:
    """Whether a head is one of a column of dates in a table of quotes."""
    return quoteheads.meaning(head) in ("expiry", "day", "traded")


@dataclass(frozen=True, slots=True)
class _Contract:
    """What a contract's code says: underlying, expiry, side, strike, settlement."""

    symbol: str
    expiry: dt.date
    call: bool
    strike: float
    morning: bool


def _underlying(text: str) -> str:
    """The ticker that a column or a file's name means; the root of an index's weeklies is that index."""
    return headers.symbol(_ROOTS.get(text.strip().lstrip("^$.").upper(), text))


def _mornings(texts: Iterable[str]) -> frozenset[str]:
    """Those of the different *texts* of a column that are monthlies, which settle in the morning.

    It is known of the VIX, and of roots beside which the column has that of their index's weeklies; SPX alone may be
    both.
    """
    roots = {text.strip().lstrip("^$.").upper(): text for text in texts}
    of = {_ROOTS[root] for root in roots if root in _ROOTS and root not in _MORNING_ROOTS}
    of |= {"VIX", "VIXW"}
    return frozenset(text for root, text in roots.items() if root in of and root in _MORNING_ROOTS)


def _contract(text: str) -> _Contract | None:
    match = _CONTRACT.fullmatch(text.strip().upper())
    if match is None:
        return None
    root, stamp, side, strike = match.groups()
    try:
        expiry = dt.date(2000 + int(stamp[:2]), int(stamp[2:4]), int(stamp[4:]))
    except ValueError:
        return None
    symbol = _underlying(root)
    return _Contract(symbol, expiry, side == "C", int(strike) / 1000.0, root in _MORNING_ROOTS)


def _take_listed(table: FileTable, head: int, names: Sequence[str], place: Collect, remarks: list[str]) -> None:
    at = {meaning: names.index(text) for text in reversed(names) if (meaning := quoteheads.meaning(text))}
    stated = table.declared.session or _day_in_name(table.stem)
    if isinstance(table.rows, CleanRows) and not head:
        quick = Columnwise(table, table.rows.columns, at, stated, _readers())
        if quick.take(place, remarks):
            return
        if table.rows.columns.partial:
            raise NeedsAllError
    lines = [n for n, row in enumerate(table.rows[head + 1 :], head + 2) if any(not tables.blank(c) for c in row)]
    if "day" not in at and stated is None and "traded" in at:
        trades = []
        for n in lines:
            with contextlib.suppress(BadFile):
                trades.append(_day(table, n, at["traded"], "last trade"))
        stated = max(filter(None, trades), default=None)
    left_out: list[int] = []
    bad: list[tuple[int, str]] = []
    named = {str(_cell(table, n, at["symbol"])) for n in lines} if "symbol" in at else set()
    mornings = _mornings(named)
    for n in lines:
        try:
            if not _take_row(table, n, at, stated, mornings, place):
                left_out.append(n)
        except BadFile as error:
            bad.append((n, error.message))
    _tell(bad, len(lines), table.name, remarks)
    quotecolumns.tell_left_out(left_out, table.name, remarks)


def _readers() -> Readers:
    return Readers(_root, lambda cell: _long_date(cell) or moments.day(cell, ""), _side, _underlying, _mornings)


@functools.lru_cache(maxsize=4096)
def _root(root: str) -> tuple[str, bool] | None:
    """The underlying that the root of a contract's code names, and whether it settles in the morning."""
    if not re.fullmatch(r"[A-Z.^/-]{1,6}", root):
        return None
    return _underlying(root), root in _MORNING_ROOTS


def _tell(bad: Sequence[tuple[int, str]], rows: int, name: str, remarks: list[str]) -> None:
    """Tell of rows that could not be read.

    Raises:
        BadFile: They are half of all or more.
    """
    if bad and 2 * len(bad) >= rows:
        raise BadFile(bad[0][1])
    remarks += [f"{message}; the row is left out" for _, message in bad[:_TOLD]]
    if len(bad) > _TOLD:
        rows_told = rows_named([line for line, _ in bad[_TOLD:]])
        remarks.append(f"{name}: {len(bad) - _TOLD} more rows that cannot be read left out{rows_told}")


def _take_row(
    table: FileTable, n: int, at: Mapping[str, int], stated: dt.date | None, mornings: Collection[str], place: Collect
) -> bool:
    """Take a quote; False where it has expired or is of no session.

    Raises:
        BadFile: It cannot be read.
    """
    code = _contract(str(_cell(table, n, at.get("contract"))))
    day = _day(table, n, at["day"], "date") if "day" in at else stated
    if day is None:
        raise BadFile(
            f"{table.name}: no session; add a column quote_date, or the date to the file's name, or say the session in "
            "folder.toml"
        )
    named = _cell(table, n, at.get("symbol"))
    symbol = _underlying(str(named)) if not tables.blank(named) else code.symbol if code else ""
    symbol = symbol or _underlying(re.split(r"[_ ]", table.stem)[0])
    expiry = _day(table, n, at["expiry"], "expiration") if "expiry" in at else code.expiry if code else None
    side = _side(_cell(table, n, at.get("kind"))) if "kind" in at else code.call if code else None
    if expiry is None or side is None:
        raise BadFile(f"{table.name}, row {n}: no expiry or no word for call or put; give columns expiration and type")
    strike, bid, ask = (_number(table, n, at[name], name) for name in ("strike", "bid", "ask"))
    traded = _day(table, n, at["traded"], "last trade") if "traded" in at else None
    volume, interest = (_count(table, n, at.get(name)) for name in ("volume", "open_interest"))
    quotes = place(symbol, day)
    if quotes is None or expiry <= day:
        return False
    if "spot" in at:
        quotes.see(_number(table, n, at["spot"], "spot"))
    if "rate" in at and quotes.rate != quotes.rate:
        quotes.rate = _number(table, n, at["rate"], "rate")
    morning = code.morning if code else str(named) in mornings
    quotes.rows.append(((expiry, strike, side, morning), (bid, ask, traded, volume, interest)))
    return True


def _take_two_sided(table: FileTable, head: int, names: Sequence[str], place: Collect, remarks: list[str]) -> None:
    """Cboe's quote table: its title has the level and the date; calls stand left of the strike, puts right of it."""
    title = [str(cell) for row in table.rows[:head] for cell in row if not tables.blank(cell)]
    said = table.declared.session
    dated = (said, "") if said else next(((d, cell) for cell in title if (d := _long_date(cell)) is not None), None)
    if dated is None:
        raise BadFile(f"{table.name}: no date in its title; folder.toml can say the session")
    early = _before_opening(dated[1])
    day = dated[0] - dt.timedelta(days=early)
    if early:
        remarks.append(f"{table.name}: its quotes are of before the opening of {dated[0]}; they are of the day before")
    spot = next((float(m[1]) for cell in title if (m := re.match(r"Last: ([\d.]+)", cell.strip()))), float("nan"))
    expiry_at = next(i for i, name in enumerate(names) if quoteheads.meaning(name) == "expiry")
    strike_at, puts_at = names.index("strike"), names.index("puts")
    sides = [(names.index("calls"), 0), (puts_at, puts_at)]
    lines = [n for n in range(head + 2, len(table.rows) + 1) if not tables.blank(_cell(table, n, strike_at))]
    bad: list[tuple[int, str]] = []
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
                counted = (_column(names, name, start) for name in ("volume", "open_interest"))
                volume, interest = (_count(table, n, column) for column in counted)
                quotes = place(code.symbol, day)
                if quotes is not None and expiry > day:
                    quotes.spot = spot
                    quotes.rows.append(((expiry, strike, code.call, code.morning), (bid, ask, None, volume, interest)))
        except BadFile as error:
            bad.append((n, error.message))
    _tell(bad, len(lines), table.name, remarks)


def _quotes(
    found: Found, trading: Trading, symbol: str, day: dt.date, source: str, remarks: list[str]
) -> Quotes | None:
    """Where quotes of a session are collected; None for a day that none lies shortly before.

    Quotes that were saved on a day without a session are those of the one before.
    """
    key = (symbol, day)
    if key not in found:
        exchange = trading(symbol)
        last = _last_session(exchange, day)
        if last == day:
            found[key] = Quotes(source)
            return found[key]
        what = f"are taken for those of {last}" if last is not None else "are left out"
        known = day <= exchange.until
        why = f"is no session of {exchange.code}" if known else f"lies past {exchange.until}, where its calendar ends"
        remark = f"{source}: {day} {why}; its quotes {what}"
        if remark not in remarks:
            remarks.append(remark)
        return None if last is None else found.setdefault((symbol, last), Quotes(source))
    return found[key]


def _last_session(exchange: Exchange, day: dt.date) -> dt.date | None:
    """The last session up to *day*; None where none lies shortly before it."""
    if day > exchange.until:
        return None
    sessions = exchange.sessions_between(day - dt.timedelta(days=_CLOSED), day)
    last: dt.date | None = sessions[-1].item() if len(sessions) else None
    return last


def _before_opening(title: str) -> bool:
    """Whether a title such as ``February 13, 2026 at 8:01 AM EST`` is of the hours before New York opens."""
    match = _HOUR.search(title)
    if match is None:
        return False
    minute = int(match[1]) % 12 * 60 + int(match[2]) + (720 if match[3].upper() == "PM" else 0)
    return minute < _OPENS


def _cell(table: FileTable, line: int, column: int | None) -> Value:
    row = table.rows[line - 1]
    return row[column] if column is not None and column < len(row) else None


def _number(table: FileTable, line: int, column: int, name: str) -> float:
    return tables.number(_cell(table, line, column), f"{table.name}, row {line}, column {name}")


def _count(table: FileTable, line: int, column: int | None) -> float:
    """A count of contracts, NaN for a gap and for what is no number: for its sake no quote is left out."""
    try:
        return math.nan if column is None else _number(table, line, column, "count")
    except BadFile:
        return math.nan


def _column(names: Sequence[str], meaning: str, start: int) -> int | None:
    """The first column from *start* on whose head means *meaning*."""
    found = (place for place, name in enumerate(names) if place >= start and quoteheads.meaning(name) == meaning)
    return next(found, None)


def _day(table: FileTable, line: int, column: int, name: str) -> dt.date | None:
    cell = _cell(table, line, column)
    if isinstance(cell, str) and (day := _long_date(cell)) is not None:
        return day
    return moments.day(cell, f"{table.name}, row {line}, column {name}")


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
