"""What of a symbol's sessions is not there: gaps, a history that has stopped, one that is but a remnant."""

from __future__ import annotations

import datetime as dt

import numpy as np

from xlrotation.market.calendar import XNYS, Days, Exchange
from xlrotation.market.panel import Panel, Provenance
from xlrotation.market.providers.bars import keeps

BEHIND_SESSIONS = 10
"""A symbol whose newest bar is older than this many sessions counts as one that no longer comes."""

FEW_BARS = 10
"""A new symbol of which fewer bars come has no history there."""


def close_days(panel: Panel | None, symbol: str) -> Days:
    """The days on which *panel* has a close of a symbol."""
    if panel is None or symbol not in panel.columns:
        return XNYS.sessions()[:0]
    return panel.days[np.isfinite(panel.fields["close"][:, panel.columns[symbol]])]


def behind(exchange: Exchange, newest: dt.date, last: dt.date) -> bool:
    """Whether a symbol with that newest bar no longer comes."""
    return len(exchange.sessions_between(newest, last)) > BEHIND_SESSIONS + 1


def remnant(exchange: Exchange, days: Days, last: dt.date, new: bool) -> str:
    """Why *days* are no history of a symbol; empty where they are one."""
    if behind(exchange, days[-1].item(), last):
        return f"no bar since {days[-1]}"
    if new and len(days) < FEW_BARS:
        return f"no more than {len(days)} bar{'s' if len(days) > 1 else ''}"
    return ""


def holes(exchange: Exchange, closes: Days, last: dt.date, zone: str, begin: dt.date | None) -> list[dt.date]:
    """Sessions without a bar from the first that the source told of to the last finished one.

    A symbol that has long stopped coming is no gap; one whose time zone is not that of the exchange whose sessions it
    was put on keeps others.
    """
    if not keeps(zone, exchange):
        return []
    first, newest = closes[0].item(), closes[-1].item()
    until = newest if behind(exchange, newest, last) else max(newest, last)
    expected = exchange.sessions_between(min(first, begin or first), until)
    found: list[dt.date] = np.setdiff1d(expected, closes).tolist()
    return found


def still_provisional(known: Provenance | None, closes: Days, last: dt.date) -> dt.date | None:
    """The day whose stored bar is not final once *closes* are stored beside what is *known*."""
    newest: dt.date = closes[-1].item()
    if newest > last:
        return newest
    before = None if known is None else known.provisional
    return None if before is None or np.datetime64(before) in closes else before
