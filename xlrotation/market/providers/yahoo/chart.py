"""One answer of Yahoo's chart endpoint, checked before any of it counts.

Yahoo's prices, volumes and dividends are adjusted for every split that has taken effect, and only for those: the
answer of 1 June to a question about May counts in the shares of 1 June. What is stored is as traded, so the splits are
undone here. That needs every split after a bar, not only those up to the last bar asked for; so the question always
reaches beyond the present day, and the splits since its first day are all in the answer. A split before the first day
changes nothing in it.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from xlrotation.market.calendar import Days, Exchange, exchange_of
from xlrotation.market.panel import PRICE_FIELDS, FloatArray
from xlrotation.market.providers.asking import Limited, Passing, Refused, Unusable
from xlrotation.market.providers.bars import Bars, Pending, in_order, keeps, plausible
from xlrotation.market.providers.yahoo.stamps import Hours, local

LATE_SESSIONS = 10
"""So many sessions the first bar may come after the first trade."""

LARGEST_RATIO = 1000.0
_CLEAR_RATIO = 1.25
"""From this ratio on, the prices themselves show whether the source has applied a split."""


def result_of(symbol: str, text: str) -> dict[str, Any]:
    """The part of an answer that holds the bars of *symbol*.

    Raises:
        Passing: It is no such answer: HTML, half an answer, another symbol.
        Limited: It is a rate limit in words.
        Refused: It says why there is nothing.
    """
    try:
        answer = json.loads(text)
    except RecursionError:
        raise Unusable("the answer is nested beyond all reason") from None
    except ValueError:
        start = text.lstrip()[:200].lower()
        if "too many requests" in start:
            raise Limited(None) from None
        if start.startswith("<"):
            raise Passing("a web page came instead of data") from None
        raise Passing("the answer was cut off" if start.startswith("{") else "the answer is no data") from None
    chart = answer.get("chart") if isinstance(answer, dict) else None
    if not isinstance(chart, dict):
        raise Passing("the answer holds no chart")
    if error := chart.get("error"):
        said = error.get("description") or error.get("code") if isinstance(error, dict) else error
        raise Refused(200, str(said))
    results = chart.get("result")
    if not isinstance(results, list) or not results or not isinstance(results[0], dict):
        raise Passing("the answer is empty")
    found: dict[str, Any] = results[0]
    meta = found.get("meta")
    if not isinstance(meta, dict):
        raise Passing("the answer does not say of what it is")
    if str(meta.get("symbol", "")).upper() != symbol.upper():
        raise Passing(f"the answer is of {str(meta.get('symbol'))[:20]}, not of {symbol}")
    return found


def read(
    symbol: str, text: str, first: dt.date, last: dt.date, today: dt.date, trades_on: Exchange | None = None
) -> Bars:
    """The bars of an answer from *first* to *last*, checked and as traded.

    Args:
        symbol: What was asked for.
        text: The answer.
        first: First day that counts.
        last: Last day that counts, mostly that of the last finished session.
        today: The present day; splits after it have not taken effect.
        trades_on: The exchange whose sessions count; None means that of the symbol's suffix.

    Raises:
        Passing, Refused, Limited: As :func:`result_of`; Passing also where the answer contradicts itself as a whole, or
            its time stamps the hours of the exchange.
        Pending: See there.
    """
    found = result_of(symbol, text)
    meta = found["meta"]
    zone = _zone(meta)
    exchange = trades_on or exchange_of(symbol)
    hours = Hours(zone, meta)
    remarks: list[str] = []
    days, columns = _rows(found, hours)
    if len(days) == 0:
        return Bars(days, {}, remarks, zone.key)
    keep = days >= np.datetime64(first)
    days, columns = days[keep], {name: values[keep] for name, values in columns.items()}
    told = np.sort(days[np.isin(days, exchange.sessions())])
    days, columns = in_order(days, columns, last, remarks)
    days, columns = plausible(days, columns, remarks)
    splits = {day: ratio for day, ratio in _splits(found, hours).items() if first <= day <= today}
    if len(days) == 0:
        return Bars(days, {}, remarks, zone.key)
    applied = _applied(days, columns["close"], splits, remarks)
    paid = {
        day: amount * float(_shares(np.array([day], "datetime64[D]"), applied)[0])
        for day, amount in _dividends(found, hours, first, last).items()
    }
    shares = _shares(days, applied)
    fields = {name: values * shares for name, values in columns.items() if name != "volume"}
    if "volume" in columns:
        fields["volume"] = np.round(columns["volume"] / shares)
    open_days = np.isin(days, exchange.sessions())
    keep = days <= np.datetime64(last)
    closed = days[keep & ~open_days]
    if keeps(zone.key, exchange) and len(closed):
        remarks.append(
            f"{closed[-1]}: a bar, but no session; left out"
            + (f", as {len(closed) - 1} more" if closed[1:].size else "")
        )
    keep &= open_days
    bars = Bars(days[keep], {name: values[keep] for name, values in fields.items()}, remarks, zone.key)
    remarks += _late_begin(bars.days, meta.get("firstTradeDate"), first, zone, exchange)
    bars = _with_actions(bars, splits, paid, last, exchange)
    bars.begin = told[0].item() if len(told) else None
    bars.currency = meta.get("currency")
    return bars


def _late_begin(days: Days, traded: object, first: dt.date, zone: ZoneInfo, exchange: Exchange) -> list[str]:
    """A remark where the bars begin long after *first* and after the symbol's first trade."""
    try:
        begin = max(first, local(traded, zone).date())
    except (TypeError, ValueError, OverflowError):
        return []
    if len(days) == 0 or len(exchange.sessions_between(begin, days[0].item())) <= LATE_SESSIONS:
        return []
    return [f"the bars begin on {days[0]}, though it trades since {begin}; xlrotation refresh --force asks again"]


def _zone(meta: Mapping[str, Any]) -> ZoneInfo:
    currency, name, bars = meta.get("currency"), meta.get("exchangeTimezoneName"), meta.get("dataGranularity")
    if currency is not None and not (isinstance(currency, str) and len(currency) == 3):
        raise Passing(f"the answer is in {str(currency)[:20]}, which is no currency")
    if bars is not None and bars != "1d":
        raise Passing(f"the answer holds bars of {str(bars)[:10]}, not of a day")
    try:
        return ZoneInfo(str(name))
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        raise Passing("the answer names no time zone of an exchange") from None


def _rows(found: Mapping[str, Any], hours: Hours) -> tuple[Days, dict[str, FloatArray]]:
    stamps = found.get("timestamp") or []
    try:
        quote = found["indicators"]["quote"][0] or {}
        days = hours.days(stamps)
        columns = {name: _numbers(quote[name]) for name in (*PRICE_FIELDS, "volume") if quote.get(name) is not None}
    except (KeyError, IndexError, TypeError, ValueError, OverflowError, AttributeError):
        raise Passing("the answer cannot be read") from None
    if len(days) and "close" not in columns:
        raise Passing("the answer holds no closes")
    if any(len(values) != len(days) for values in columns.values()) and len(days):
        raise Passing("the answer has more days than prices, or fewer")
    return days, columns


def _numbers(values: Sequence[object]) -> FloatArray:
    if any(not (value is None or type(value) in (int, float)) for value in values):
        raise TypeError("no number")
    array = np.array([math.nan if value is None else value for value in values], np.float64)
    array[~np.isfinite(array)] = np.nan
    return array


def _splits(found: Mapping[str, Any], hours: Hours) -> dict[dt.date, float]:
    """Ratios by ex-day, oldest first."""
    ratios: dict[dt.date, float] = {}
    for item in _events(found, "splits"):
        try:
            day = hours.day(item["date"], "a split")
            ratio = float(item["numerator"]) / float(item["denominator"])
        except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):
            raise Passing("a split in the answer cannot be read") from None
        if not 1.0 / LARGEST_RATIO <= ratio <= LARGEST_RATIO or ratio == 1.0:
            raise Passing(f"a split of {ratio:g} for 1 in the answer is no split")
        if ratios.setdefault(day, ratio) != ratio:
            raise Passing(f"the answer holds two different splits on {day}")
    return dict(sorted(ratios.items()))


def _dividends(found: Mapping[str, Any], hours: Hours, first: dt.date, last: dt.date) -> dict[dt.date, float]:
    """Amounts by ex-day, still in the shares of today; one told twice counts once."""
    amounts: dict[dt.date, set[float]] = {}
    for item in _events(found, "dividends"):
        try:
            day, amount = hours.day(item["date"], "a dividend"), float(item["amount"])
        except (KeyError, TypeError, ValueError, OverflowError):
            raise Passing("a dividend in the answer cannot be read") from None
        if first <= day <= last and math.isfinite(amount) and amount > 0:
            amounts.setdefault(day, set()).add(amount)
    return {day: math.fsum(parts) for day, parts in amounts.items()}


def _events(found: Mapping[str, Any], kind: str) -> list[Any]:
    events = found.get("events")
    items = events.get(kind) if isinstance(events, dict) else None
    return list(items.values()) if isinstance(items, dict) else []


def _applied(
    days: Days, close: FloatArray, splits: Mapping[dt.date, float], remarks: list[str]
) -> dict[dt.date, float]:
    """The splits for which the source has adjusted the bars before them.

    It sometimes tells of a split and leaves the prices as they were; a jump by the ratio shows it.
    """
    applied = {}
    for day, ratio in splits.items():
        row = int(np.searchsorted(days, np.datetime64(day)))
        if row == len(days):
            raise Pending(f"a split of {ratio:g} for 1 takes effect on {day}")
        if row > 0 and max(ratio, 1.0 / ratio) >= _CLEAR_RATIO:
            move = math.log(close[row] / close[row - 1])
            if abs(move + math.log(ratio)) < abs(move):
                remarks.append(f"{day}: the source has not applied its split of {ratio:g} for 1; taken as traded")
                continue
        applied[day] = ratio
    return applied


def _shares(days: Days, splits: Mapping[dt.date, float]) -> FloatArray:
    """Shares of today that one share of each day has become."""
    shares = np.ones(len(days))
    for day, ratio in splits.items():
        shares[days < np.datetime64(day)] *= ratio
    return shares


def _with_actions(
    bars: Bars, splits: Mapping[dt.date, float], paid: Mapping[dt.date, float], last: dt.date, exchange: Exchange
) -> Bars:
    """*bars* with the fields dividend and split; a session with one of them and no bar becomes a row of gaps."""
    if len(bars.days) == 0:
        return bars
    split_on = {_session(day, exchange): ratio for day, ratio in splits.items() if day <= last}
    paid_on: dict[np.datetime64, float] = {}
    for day, amount in paid.items():
        close = bars.fields["close"][max(0, int(np.searchsorted(bars.days, np.datetime64(day))) - 1)]
        if amount >= close:
            bars.remarks.append(f"{day}: a dividend of {amount:g} at a close of {close:g}; left out")
            continue
        paid_on[_session(day, exchange)] = amount
    every = np.unique(np.concatenate([bars.days, np.array([*split_on, *paid_on], "datetime64[D]")]))
    every = every[(every >= bars.days[0]) & (every <= np.datetime64(last))]
    rows = np.searchsorted(every, bars.days)
    fields = {}
    for name, values in bars.fields.items():
        fields[name] = np.full(len(every), np.nan)
        fields[name][rows] = values
    fields["dividend"] = np.array([paid_on.get(day, 0.0) for day in every])
    fields["split"] = np.array([split_on.get(day, np.nan) for day in every])
    fields = {name: values for name, values in fields.items() if np.isfinite(values).any()}
    return Bars(every, fields, bars.remarks, bars.zone)


def _session(day: dt.date, exchange: Exchange) -> np.datetime64:
    """The session of a day, or the next one."""
    table = exchange.sessions()
    place = min(int(np.searchsorted(table, np.datetime64(day))), len(table) - 1)
    session: np.datetime64 = table[place]
    return session
