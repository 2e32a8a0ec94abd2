"""Refresh: fetch what a store lacks and write it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from xlrotation.errors import BadArgument, NoData
from xlrotation.market import universes
from xlrotation.market.panel import Panel, Provenance, stack
from xlrotation.market.providers import yahoo
from xlrotation.market.store import Store
from xlrotation.market.symbols import NAMES

FIRST_YEARS = 20
OVERLAP_SESSIONS = 10
"""Sessions before the stored end that are fetched again, because the provider corrects its last bars."""

REWRITTEN = 0.005
"""Closes that differ from the stored ones by more than this share were rewritten by the provider."""


@dataclass(slots=True)
class RefreshReport:
    """What a refresh did."""

    source: str
    received: list[str] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    newest: dt.date | None = None
    message: str = ""


def default_symbols() -> list[str]:
    """Every symbol that the library's functions and universes use."""
    return list(dict.fromkeys([*(name.ticker for name in NAMES), *universes.SP50]))


def refresh(
    source: str,
    symbols: Sequence[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
    session: Any = None,
    now: dt.datetime | None = None,
) -> RefreshReport:
    """Bring a source up to date.

    Args:
        source: ``yahoo``; the sample and folders have nothing to fetch, and the report says so.
        symbols: Tickers; None means :func:`default_symbols` and what is stored already.
        progress: Called with the number of symbols done and their total.
        session: An HTTP session for the provider; None leaves the choice to it.
        now: The time that decides which session has finished; None means now.

    Returns:
        What came and what did not. Nothing that is stored is lost, whatever the answer.
    """
    if source == "sample" or source.startswith("folder:"):
        return RefreshReport(source, message=f"{source} has nothing to fetch; its files are read as they are")
    if source != "yahoo":
        raise BadArgument(f"no provider for {source!r}; refresh yahoo")
    store = Store("yahoo")
    stored = store.read() if store.version() is not None else None
    wanted = list(dict.fromkeys([*(symbols or default_symbols()), *(stored.symbols if stored and not symbols else ())]))
    stamp = (now or dt.datetime.now(dt.UTC)).astimezone()
    report = RefreshReport(source)
    for group, start in _groups(wanted, stored, stamp.date()):
        answer = yahoo.fetch(group, start, now=now, session=session, progress=progress)
        if stored is not None and (changed := _rewritten(answer.blocks, stored)):
            # From another first day than before: yfinance remembers an answer by its address.
            since = _long_ago(stamp.date()) - dt.timedelta(days=1)
            again = yahoo.fetch(changed, since, now=now, session=session)
            whole = {symbol for symbol, _, _ in again.blocks}
            answer.blocks = [block for block in answer.blocks if block[0] not in changed] + again.blocks
            answer.missing |= {
                symbol: "its history changed and did not come" for symbol in changed if symbol not in whole
            }
        report.received += [symbol for symbol, _, _ in answer.blocks]
        report.missing |= answer.missing
        if answer.blocks:
            days, names, fields = stack(answer.blocks)
            provenance = {
                symbol: Provenance("Yahoo Finance", own[0].item(), own[-1].item(), stamp, "splits by the provider")
                for symbol, own, _ in answer.blocks
            }
            store.write(Panel(days, names, fields, "yahoo", "", provenance, fetched=stamp))
    if store.version() is None:
        reason = next(iter(report.missing.values()), "no answer")
        raise NoData(f"nothing was received from Yahoo Finance ({reason}); check the network and try again later")
    report.newest = store.read().last
    report.message = (
        f"{len(report.received)} symbols received, {len(report.missing)} missing, newest session {report.newest}"
    )
    return report


def _long_ago(today: dt.date) -> dt.date:
    return today.replace(year=today.year - FIRST_YEARS, day=1)


def _rewritten(blocks: Sequence[yahoo.Block], stored: Panel) -> list[str]:
    """Symbols whose closes the provider has changed since they were stored, as a split does to the whole history.

    The last common day is left out: a late correction of one bar is no rewriting.
    """
    found = []
    for symbol, days, fields in blocks:
        if symbol not in stored.columns or "close" not in fields:
            continue
        _, ours, theirs = np.intersect1d(stored.days, days, return_indices=True)
        old, new = stored.fields["close"][ours, stored.columns[symbol]], fields["close"][theirs]
        known = np.flatnonzero(np.isfinite(old) & np.isfinite(new))[:-1]
        if len(known) and np.median(np.abs(new[known] / old[known] - 1.0)) > REWRITTEN:
            found.append(symbol)
    return found


def _groups(wanted: Sequence[str], stored: Panel | None, today: dt.date) -> list[tuple[list[str], dt.date]]:
    """Symbols by the day to fetch from: all years for a new one, the last sessions for a stored one."""
    long_ago = _long_ago(today)
    if stored is None:
        return [(list(wanted), long_ago)]
    close = stored.fields["close"]
    known = {
        symbol for symbol in wanted if symbol in stored.columns and np.isfinite(close[:, stored.columns[symbol]]).any()
    }
    recent: dt.date = stored.days[max(0, len(stored.days) - OVERLAP_SESSIONS)].item()
    groups = [([s for s in wanted if s not in known], long_ago), ([s for s in wanted if s in known], recent)]
    return [(group, start) for group, start in groups if group]
