"""How old data are, counted in sessions of the exchange."""

from __future__ import annotations

import datetime as dt

import numpy as np

from xlrotation.market import calendar
from xlrotation.market.panel import Panel

STALE = 1
"""Sessions that a symbol may be behind; a provider is often a day late with one or the other."""


def last_session(panel: Panel, now: dt.datetime | None = None) -> dt.date:
    """The session that data which are up to date end with.

    That is the last finished one at *now* (None: now); for an old state, when it was written; for data that do not age,
    such as the sample, their own last one.
    """
    if not panel.ages:
        return panel.last
    return calendar.last_finished(panel.known or now or dt.datetime.now(dt.UTC))


def sessions_behind(panel: Panel, now: dt.datetime | None = None) -> int:
    """How many finished sessions the data lack at their end."""
    return _between(panel.last, last_session(panel, now))


def stale_symbols(panel: Panel, now: dt.datetime | None = None) -> list[str]:
    """Symbols whose last close is more than :data:`STALE` sessions behind the last finished one."""
    until = last_session(panel, now)
    known = np.isfinite(panel.fields["close"])
    found = []
    for column, symbol in enumerate(panel.symbols):
        rows = np.flatnonzero(known[:, column])
        if len(rows) and _between(panel.days[rows[-1]].item(), until) > STALE:
            found.append(symbol)
    return found


def _between(day: dt.date, until: dt.date) -> int:
    return len(calendar.sessions_between(day + dt.timedelta(days=1), until))
