"""What may be said of a table whose heads are not understood: what parts its cells, and what its columns are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from xlrotation.market.providers.folder import moments
from xlrotation.market.providers.folder.rows import BadFile

Said = dict[str, Any]
"""Keys and values of a table of ``folder.toml``."""

Candidates = Iterator[tuple[Said, str]]
"""What may be said, and what else it may be."""

DIGITS = re.compile(r"'(\d{1,2})([/.\- ])(\d{1,2})\2(\d{4}|\d\d)\b")
HEADS = re.compile(r"\(its heads are (.+?)(?:\.\.\.)?; ")
_MARKS = re.compile(r"[^\w\s\"'.+\-,]+|_")
_QUOTED = re.compile(r"'([^']*)'")
_TICKER = re.compile(r"\^?[A-Z][A-Z0-9.=-]{0,11}")
_DATES = re.compile("dat|dia$|day|time|stamp|tag$|jour|fecha|giorno|session|as.?of|일|日|날|时间|วัน|期", re.IGNORECASE)
_NO_CLOSES = re.compile(
    r"open|high|low|eröff|hoch|tief|vol|umsatz|ret|ch(an)?g|diff|%|pct|(^|[ _])(id|no|num|count|qty|code)($|[ _])|key|"
    "perm|cusip|isin|shr|share|turn|amount|mkt|cap|adj|prev|pre_|bid|ask|vwap|开|高|低|量|额|幅|昨|前",
    re.IGNORECASE,
)
_NEVER = re.compile(
    r"vol|umsatz|turnover|量|额|額|거래|prev|prior|vortag|return|ret$|chan?ge?\b|chg|pct|%|昨|前收|前日|전일",
    re.IGNORECASE,
)
"""What is a close of another day or no price at all, although it may be called so."""

_CLOSES = re.compile("clos|prc|px_|schluss|kurs|price|preis|last|cours|cierre|chiusura|收|价|終値|nav", re.IGNORECASE)

_DATES_TRIED, _CLOSES_TRIED = 4, 6
_CLOSE_KNOWN = re.compile(r"\b(close|last|px_last|settle)\b", re.IGNORECASE)
_NO_HEADS = 2
"""Numbers in a row from which on it is no row of heads."""

_NOTE = "columns: correct what is wrong"
_WITHOUT_HEADS = {
    1: ("close",),
    4: ("open", "high", "low", "close"),
    5: ("open", "high", "low", "close", "volume"),
    6: ("open", "high", "low", "close", "volume", ""),
}
"""What columns of numbers behind a date mostly are, by how many there are."""


def of_separators(reason: str) -> Candidates:
    """What may part the cells of a table whose heads stand in one cell."""
    if not (match := HEADS.search(reason)) or ("cells under" not in reason and ", " in match[1]):
        return
    for mark in dict.fromkeys(_MARKS.findall(match[1])):
        yield {"separator": mark}, ""
    if " " in match[1]:
        yield {"separator": "blanks"}, 'separator: or "blank"'
        yield {"separator": "blank"}, 'separator: or "blanks"'


def of_heads(reason: str, added: Said, known: Mapping[str, str]) -> Candidates:
    """What its columns may be, beyond what is *added* already; *known* are its heads, where they are."""
    if not (match := HEADS.search(reason)):
        return
    if "has no Date column" in reason:
        yield from _without_heads(match[1])
    shown = match[1].split(", ")
    heads = [head.strip() for head in known] if shown[0] in [head.strip()[:20] for head in known] else shown
    if any(map(_STRIKE.search, heads)) and any(map(_BID.search, heads)):
        yield from _of_quotes(heads)
        return
    said = added.get("columns", {})
    rest = [head for head in heads if head not in said]
    which = _QUOTED.search(reason)
    if "may say which" in reason and which:
        yield {"columns": {which[1]: "symbol"}}, _NOTE
    if "has no Date column" in reason and sum(bool(_NUMBER.fullmatch(head)) for head in rest) < _NO_HEADS:
        yield from _of_dates(rest)
    if "Close column" in reason:
        yield from _of_closes(rest, "no ticker" in reason)
    if "adjusted closes only" in reason:
        yield {"columns": {head: "close" for head in rest if "adj" in head.lower()}, "closes": "fully adjusted"}, _NOTE


_STRIKE = re.compile("strike", re.IGNORECASE)
_BID = re.compile("bid(?!.*size)(?!.*vol)", re.IGNORECASE)
_OUR_OWN = re.compile("call|put|underlying|^[cp]_", re.IGNORECASE)


def _of_quotes(heads: list[str]) -> Candidates:
    """Which of several bids and asks of option quotes are to be taken: those of the end of the day first."""
    bids = [head for head in heads if _BID.search(head) and not _OUR_OWN.search(head)]
    for bid in sorted(bids, key=lambda head: "eod" not in head):
        ask = re.sub("bid", "ask", bid, count=1, flags=re.IGNORECASE)
        if (found := next((head for head in heads if head.lower() == ask.lower()), None)) is not None:
            yield {"columns": {bid: "bid", found: "ask"}}, _NOTE


def _of_dates(heads: list[str]) -> Candidates:
    for date in sorted(heads, key=lambda head: not _DATES.search(head))[:_DATES_TRIED]:
        others = [head for head in heads if head != date]
        if all(map(_TICKER.fullmatch, others)) or _CLOSE_KNOWN.search(", ".join(heads)):
            yield {"columns": {date: "date"}}, _NOTE
        for close in _likeliest(others)[:_CLOSES_TRIED]:
            yield {"columns": {date: "date", close: "close"}}, _NOTE


def _of_closes(heads: list[str], symbols: bool) -> Candidates:
    for close in _likeliest(heads):
        yield {"columns": {close: "close"}}, f'{_NOTE}; or layout = "wide" where they are symbols' if symbols else _NOTE
    if symbols:
        yield {"layout": "wide"}, "layout: where the heads are symbols"


def _likeliest(heads: list[str]) -> list[str]:
    """Heads of columns that may hold closes, the likeliest first."""
    return sorted(
        filter(lambda head: not _NEVER.search(head), heads),
        key=lambda head: bool(_NO_CLOSES.search(head)) - bool(_CLOSES.search(head)),
    )


_CURRENCIES = frozenset("USD EUR GBP JPY CNY HKD CHF CAD AUD INR KRW BRL TWD THB SGD SEK NOK DKK PLN".split())


def _without_heads(seen: str) -> Candidates:
    """What the columns of a table may be whose first row is one of data."""
    cells = seen.split(", ")
    kinds = ["date" if _is_day(cell) else "number" if _NUMBER.fullmatch(cell) else "text" for cell in cells]
    if "date" not in kinds:
        return
    at, numbers = kinds.index("date"), [place for place, kind in enumerate(kinds) if kind == "number"]
    meant = {at: "date"}
    for place, kind in enumerate(kinds):
        if kind == "text":
            if moments.time_of_day(cells[place]) is not None:
                meant[place] = "time"
            elif cells[place] not in _CURRENCIES:
                meant[place] = "symbol"
    if len(numbers) in _WITHOUT_HEADS:
        meant |= dict(zip(numbers, _WITHOUT_HEADS[len(numbers)], strict=True))
        said = {f"#{place + 1}": meant[place] for place in sorted(meant)}
        yield {"head": 0, "columns": said}, "columns: it has no heads; correct what is wrong"


_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def _is_day(cell: str) -> bool:
    try:
        if _NUMBER.fullmatch(cell):
            return bool(re.fullmatch(r"(19|20)\d{6}", cell))
        return moments.day(cell, "") is not None
    except BadFile:
        return bool(DIGITS.search(f"'{cell}'"))
