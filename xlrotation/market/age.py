"""How old data are, counted in sessions of the exchange where they trade."""

from __future__ import annotations

import datetime as dt

from xlrotation.market.calendar import CalendarEnds, Exchange
from xlrotation.market.panel import Panel
from xlrotation.market.parts import part

STALE = 1
"""Sessions that a symbol may be behind; a provider is often a day late with one or the other."""


def last_session(panel: Panel, now: dt.datetime | None = None, exchange: Exchange | None = None) -> dt.date:
    """The session that data which are up to date end with.

    That is the last finished one at *now* (None: now); for an old state, when it was written; for data that do not age,
    such as the sample, their own last one.

    Args:
        panel: The data.
        now: The time; None means now.
        exchange: Whose session; None means the home exchange.

    Raises:
        CalendarEnds: The exchange's table does not reach that day.
    """
    if not panel.ages:
        return panel.last
    return (exchange or panel.home).last_finished(panel.known or now or dt.datetime.now(dt.UTC))


def sessions_behind(panel: Panel, now: dt.datetime | None = None) -> int:
    """How many finished sessions of the home exchange the data lack at their end.

    Raises:
        CalendarEnds: Its table does not reach that day.
    """
    return _between(part(panel, (panel.home,)).last, last_session(panel, now), panel.home)


def stale_symbols(panel: Panel, now: dt.datetime | None = None) -> list[str]:
    """Symbols whose last close is more than :data:`STALE` sessions of their exchange behind its last finished one.

    They are looked for once while the session stays the same that data should end with. Those of an exchange whose
    table does not reach that day are left out: :func:`unknown_ages` names it.
    """
    unknown = unknown_ages(panel, now)
    until = {exchange: last_session(panel, now, exchange) for exchange in panel.exchanges if exchange not in unknown}
    kept: tuple[dict[Exchange, dt.date], list[str]] | None = panel.__dict__.get("_stale")
    if kept is not None and kept[0] == until:
        return kept[1].copy()
    stale: set[str] = set()
    for (exchange, row), group in panel.trading.items():
        if exchange in until and _between(panel.days[row].item(), until[exchange], exchange) > STALE:
            stale.update(group)
    found = [symbol for symbol in panel.symbols if symbol in stale] if stale else []
    panel.__dict__["_stale"] = until, found
    return found.copy()


def unknown_ages(panel: Panel, now: dt.datetime | None = None) -> dict[Exchange, str]:
    """The exchanges whose tables do not reach the session that data should end with, and what to do about each."""
    found = {}
    for exchange in panel.exchanges:
        try:
            exchange.is_session(last_session(panel, now, exchange))
        except CalendarEnds as error:
            found[exchange] = error.message
    return found


def _between(day: dt.date, until: dt.date, exchange: Exchange) -> int:
    return len(exchange.sessions_between(day + dt.timedelta(days=1), until))
