"""Tables with a row of securities above a row of fields, as terminals export them.

Bloomberg writes the security above its fields, with one column of dates for all or one for each security; Wind writes
code and name in two rows; frames of several tickers have the same shape once they are saved. Above them may stand rows
such as ``Start Date``. A cell that spans several columns is filled in its first one only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from xlrotation.market.providers.folder import headers, moments, tables
from xlrotation.market.providers.folder.rows import BadFile, Rows, Value
from xlrotation.market.symbols import fold

_TOP = 20
"""How far down the row of fields is looked for."""

_NAME_ROWS = 3
"""Rows above the fields that may name the securities: code, name, exchange."""

_TITLE = re.compile(
    r"([A-Z0-9./]{1,12}(?: [A-Z]{2})? (?:Equity|Index|Curncy|Comdty))"
    r"|(?:XNAS|XNYS|ARCX|XASE|BATS|NASDAQ|NYSE|NYSEARCA|AMEX|CBOE|INDEXSP|INDEXCBOE):([A-Z]{1,5}(?:[.-][A-Z]{1,2})?)"
    r"|[^()]*[^()\s] ?\((?:(?:NYSE|NASDAQ|NasdaqGS|NasdaqCM|NYSEArca|NYSE Arca|AMEX|ARCA|BATS|CBOE): ?"
    r"([A-Z]{1,5}(?:[.-][A-Z]{1,2})?)|([A-Z]{1,5}(?:[.-][A-Z]{1,2})?))\).*"
)
"""A title that names a security in the way of a terminal, or with its ticker in brackets."""

_NO_TICKERS = frozenset(
    "USD EUR GBP JPY CNY RMB HKD CHF CAD AUD INR KRW BRL TR NTR GTR PR NR NAV ETF EOD OHLC OHLCV EST EDT ET UTC GMT "
    "CET US USA UK EU EM NYSE CBOE LSE A B C M K MM BN D W Q Y YTD SA NSA AM PM".split()
)
"""What stands in brackets behind a title and names no security."""

_CODE = re.compile(r"[\^.]?[A-Z0-9][A-Z0-9 ._/^=-]*(?: (?:Equity|Index))?")


@dataclass(frozen=True, slots=True)
class Group:
    """The columns of one security.

    Attributes:
        symbol: The security as the table writes it.
        date: Column of its dates.
        fields: Column of each field.
    """

    symbol: str
    date: int
    fields: dict[str, int]


def find(rows: Rows) -> tuple[int, list[Group]] | None:
    """The row of fields and the securities above it; None for a table of another layout."""
    for head in range(1, min(len(rows), _TOP)):
        row = rows[head]
        if not any(isinstance(cell, str) for cell in row):
            continue
        meanings = [None if tables.blank(cell) else headers.meaning(cell) for cell in row]
        if not any(meaning in headers.PRICES for meaning in meanings) or "symbol" in meanings:
            continue
        dates = [column for column, meaning in enumerate(meanings) if meaning == "date"]
        if not dates and tables.blank(rows[head][0]) and has_date_below(rows, head):
            dates = [0]
        if not dates:
            continue
        above = [row for row in rows[:head] if any(not tables.blank(cell) for cell in row)][-_NAME_ROWS:]
        found = _own_dates(above, meanings, dates) if len(dates) > 1 else _shared_dates(above, meanings, dates[0])
        return (head, found) if found else None
    return None


def two_heads(rows: Rows) -> tuple[list[Value], list[Value]] | None:
    """The fields and the tickers of a frame of several tickers, by column; None for a table of another layout.

    They stand in two rows of heads, named ``Price`` and ``Ticker`` or not at all; a third one may name the dates.
    """
    if len(rows) < 2 or not rows[0] or not rows[1]:
        return None
    upper, lower = carried_on(rows[0], max(len(rows[0]), len(rows[1]))), list(rows[1])
    named = {fold(str(row[0])) for row in rows[:2]}
    if named in ({"price", "ticker"}, {"attributes", "symbols"}):
        return (upper, lower) if fold(str(upper[0])) in ("price", "attributes") else (lower, upper)
    if not all(tables.blank(row[0]) or headers.meaning(row[0]) == "date" for row in rows[:2]):
        return None
    own = len(rows) > 2 and bool(rows[2]) and headers.meaning(rows[2][0]) == "date" and not _filled(rows[2][1:])
    if _are_fields(upper[1:], lower[1:]) and (own or has_date_below(rows, 1)):
        return upper, lower
    return (lower, upper) if own and _are_fields(lower[1:], upper[1:]) else None


_TUPLE = re.compile(r"\(['\"]([^'\"]*)['\"], ['\"]([^'\"]*)['\"]\)")
_FIELD_AT_END = re.compile(r"(.+?)[ ._-]((?:adj(?:usted)?[ ._]?)?[a-z]+)", re.IGNORECASE)
_FIELD_AT_START = re.compile(r"((?:adj(?:usted)?[ ._]?)?[a-z]+)[ ._-](.+)", re.IGNORECASE)


def joined_heads(heads: Sequence[Value]) -> tuple[list[Value], list[Value]] | None:
    """The fields and the tickers of heads that say both, by column: ``SPY.Close``, ``Close_SPY``, ``('Close', 'SPY')``.

    The first column is that of the dates. None where a single head is another one: of one ticker nothing is clear.
    """
    fields: list[Value] = [None]
    tickers: list[Value] = [None]
    for head in heads[1:]:
        found = None if tables.blank(head) or isinstance(head, headers.Head) else _parted(str(head).strip())
        if found is None:
            return None
        fields.append(found[0])
        tickers.append(found[1])
    first = _TUPLE.fullmatch(str(heads[0]).strip()) if heads else None
    dated = bool(heads) and headers.meaning(first[1] or first[2] if first else heads[0]) == "date"
    close = any(headers.meaning(field) in ("close", "adjclose") for field in fields[1:])
    return (fields, tickers) if dated and close else None


def _parted(head: str) -> tuple[str, str] | None:
    """The field and the ticker that a head names."""
    if match := _TUPLE.fullmatch(head):
        pairs = [(match[1], match[2]), (match[2], match[1])]
    else:
        end, start = _FIELD_AT_END.fullmatch(head), _FIELD_AT_START.fullmatch(head)
        pairs = ([(end[2], end[1])] if end else []) + ([(start[1], start[2])] if start else [])
    for field, ticker in pairs:
        field = "adj close" if fold(field) == "adjusted" else field
        if headers.meaning(field) in headers.PRICES and headers.surely_ticker(ticker):
            return field, ticker
    return None


def _filled(cells: Sequence[Value]) -> bool:
    return any(not tables.blank(cell) for cell in cells)


def _are_fields(fields: Sequence[Value], securities: Sequence[Value]) -> bool:
    """Whether one row says fields and the other one whose they are: a field that stands there twice is of two."""
    pairs = [(a, b) for a, b in zip(fields, securities, strict=False) if _filled((a, b))]
    known = [headers.meaning(field) if isinstance(field, str) else None for field, _ in pairs]
    texts = [security.strip() for _, security in pairs if isinstance(security, str)]
    return (
        len(set(known)) < len(known) == len(texts)
        and all(meaning in headers.PRICES for meaning in known)
        and len(set(zip(known, texts, strict=True))) == len(known)
        and not any(headers.no_ticker(text) for text in texts)
    )


def has_date_below(rows: Rows, head: int) -> bool:
    """Whether the first cell below *head* in the first column is a date."""
    below = next((row for row in rows[head + 1 :] if row and not tables.blank(row[0])), None)
    if below is None or isinstance(below[0], float):
        return False
    try:
        return moments.day(below[0], "") is not None
    except BadFile:
        return False


def security_above(rows: Rows, head: int, named: bool) -> str | None:
    """The security that a row above the heads names: ``Security, SPX Index`` or ``Apple Inc. (AAPL-US)``.

    Args:
        rows: The table.
        head: Its row of heads.
        named: Whether its file is called as a ticker: then a word in brackets is none.
    """
    for row in rows[:head]:
        filled = [cell for cell in row if not tables.blank(cell)]
        if len(filled) == 2 and isinstance(filled[1], str) and headers.meaning(filled[0]) == "symbol":
            return filled[1].strip()
        if len(filled) == 1 and isinstance(filled[0], str) and (match := _TITLE.fullmatch(filled[0].strip())):
            sure = match[1] or match[2] or match[3]
            if sure or not (named or headers.no_ticker(match[4]) or match[4] in _NO_TICKERS):
                return str(sure or match[4])
    return None


def _own_dates(above: Sequence[Sequence[Value]], meanings: Sequence[str | None], dates: Sequence[int]) -> list[Group]:
    found = []
    for start, end in zip(dates, [*dates[1:], len(meanings)], strict=True):
        names = [[cell for cell in row[start:end] if not tables.blank(cell)] for row in above]
        named = [str(cells[0]) for cells in names if cells]
        fields = _fields(meanings, range(start + 1, end))
        if not named:
            return []
        if fields:
            found.append(Group(_best(named), start, fields))
    return found


def _shared_dates(above: Sequence[Sequence[Value]], meanings: Sequence[str | None], date: int) -> list[Group]:
    candidates = []
    for row in above:
        label = None if not row or tables.blank(row[0]) else headers.meaning(row[0])
        if row and not tables.blank(row[0]) and label not in ("symbol", "name", "date"):
            continue  # a title, or a row such as ``Currency, USD``
        if label == "date" and all(headers.meaning(cell) is not None for cell in row if not tables.blank(cell)):
            continue  # the heads, once more
        filled = ["", *map(_text, carried_on(row[1:], len(meanings) - 1))]
        if all(filled[column] for column, meaning in enumerate(meanings) if meaning in headers.PRICES):
            candidates.append((label == "symbol", filled))
    if not candidates:
        return []
    labelled = [filled for is_label, filled in candidates if is_label]
    names = labelled[-1] if labelled else _best_row([filled for _, filled in candidates])
    columns: dict[str, list[int]] = {}
    for column, meaning in enumerate(meanings):
        if meaning in headers.PRICES:
            columns.setdefault(names[column], []).append(column)
    return [Group(symbol, date, _fields(meanings, places)) for symbol, places in columns.items()]


def carried_on(row: Sequence[Value], width: int) -> list[Value]:
    """The cells of a row, each carried on over the empty ones after it, as a merged cell is meant."""
    cells: list[Value] = []
    last: Value = None
    for cell in (*row[:width], *[None] * (width - len(row))):
        last = last if tables.blank(cell) else cell
        cells.append(last)
    return cells


def _text(cell: Value) -> str:
    return "" if tables.blank(cell) else str(cell).strip()


def _fields(meanings: Sequence[str | None], columns: Sequence[int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for column in columns:
        meaning = meanings[column]
        if meaning in headers.PRICES:
            found.setdefault(meaning, column)
    return found


def _best(names: Sequence[str]) -> str:
    """The one of several names of a security that looks like a code; else the last."""
    return next((name for name in names if _CODE.fullmatch(name.strip())), names[-1])


def _best_row(rows: Sequence[list[str]]) -> list[str]:
    codes = [row for row in rows if all(_CODE.fullmatch(text) for text in row if text)]
    return codes[0] if codes else rows[-1]
