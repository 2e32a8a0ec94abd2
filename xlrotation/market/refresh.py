"""Refresh: fetch what a store lacks and write it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from xlrotation.errors import BadArgument, NoData
from xlrotation.market import universes
from xlrotation.market.panel import Panel, Provenance, stack
from xlrotation.market.providers import yahoo
from xlrotation.market.store import Store
from xlrotation.market.symbols import NAMES, canonical

Progress = Callable[[int, int], None]

FIRST_YEARS = 20
OVERLAP_SESSIONS = 10
"""Sessions before the stored end that are fetched again, because the provider corrects its last bars."""

REWRITTEN = 0.005
"""Closes that differ from the stored ones by more than this share were rewritten by the provider."""

_BILL = "^IRX"
"""The 13-week bill: option chains are discounted with it."""

COMPLETE = 0.95
"""Share of the stored closes that a rewritten history must hold to replace them."""


@dataclass(slots=True)
class RefreshReport:
    """What a refresh did: the symbols that came, those of them that brought nothing new, and those that did not."""

    source: str
    received: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    newest: dt.date | None = None
    message: str = ""


def default_symbols() -> list[str]:
    """Every symbol that the library's functions and universes use."""
    return list(dict.fromkeys([*(name.ticker for name in NAMES), *universes.SP50, _BILL]))


def refresh(
    source: str,
    symbols: Sequence[str] | None = None,
    progress: Progress | None = None,
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
    stored = store.newest_readable()
    wanted = list(dict.fromkeys(map(canonical, symbols) if symbols else default_symbols()))
    if stored is not None and not symbols:
        wanted += [symbol for symbol in stored.symbols if symbol not in wanted]
    stamp = (now or dt.datetime.now(dt.UTC)).astimezone()
    report = RefreshReport(source)
    done = 0
    for group, start in _groups(wanted, stored, stamp.date()):
        answer = yahoo.fetch(group, start, now=now, session=session, progress=_of_all(progress, done, len(wanted)))
        done += len(group)
        rewritten: list[str] = []
        if stored is not None and (changed := _rewritten(answer.blocks, stored)):
            since = _long_ago(stamp.date())
            again = yahoo.fetch(changed, since, now=now, session=session)
            complete = [block for block in again.blocks if _complete(block, stored, since)]
            rewritten = [symbol for symbol, _, _ in complete]
            answer.blocks = [block for block in answer.blocks if block[0] not in changed] + complete
            answer.missing |= {
                symbol: "its history was rewritten and did not come whole; what is stored stays as it was"
                for symbol in changed
                if symbol not in rewritten
            }
        report.received += [symbol for symbol, _, _ in answer.blocks]
        report.unchanged += [block[0] for block in answer.blocks if stored is not None and _nothing_new(block, stored)]
        report.missing |= answer.missing
        if answer.blocks:
            days, names, fields = stack(answer.blocks)
            provenance = {
                symbol: Provenance("Yahoo Finance", own[0].item(), own[-1].item(), stamp, "splits by the provider")
                for symbol, own, _ in answer.blocks
            }
            store.write(Panel(days, names, fields, "yahoo", "", provenance, fetched=stamp), whole=rewritten)
    if store.version() is None:
        reason = next(iter(report.missing.values()), "no answer")
        raise NoData(f"nothing was received from Yahoo Finance ({reason}); check the network and try again later")
    report.newest = store.read().last
    report.message = (
        f"{len(report.received)} symbols received ({len(report.unchanged)} unchanged), {len(report.missing)} missing, "
        f"newest session {report.newest}"
    )
    return report


def refresh_options(
    symbols: Sequence[str] | None = None,
    progress: Progress | None = None,
    session: Any = None,
    now: dt.datetime | None = None,
) -> RefreshReport:
    """Add today's option chains to the Yahoo store, with the shares outstanding and forward P/E that come along.

    Args:
        symbols: Underlyings; None means the S&P 500 and the 50 names of its implied correlation.
        progress: Called with the number of symbols done and their total.
        session: An HTTP session for the provider; None leaves the choice to it.
        now: The time that decides which session has finished; None means now.
    """
    from xlrotation.market.providers import yahoo_options

    store = Store("yahoo")
    wanted = list(dict.fromkeys(map(canonical, symbols) if symbols else ("^GSPC", *universes.SP50)))
    answer = yahoo_options.fetch(wanted, now=now, session=session, progress=progress)
    report = RefreshReport("yahoo", [chain.symbol for chain in answer.chains], missing=answer.missing)
    if answer.chains:
        store.write_chains(answer.chains)
        report.newest = answer.chains[0].day
        _write_details(store, report.newest, answer.shares, answer.forward_pe)
    quotes = sum(map(len, answer.chains))
    report.message = f"{len(answer.chains)} option chains received ({quotes:,} quotes), {len(answer.missing)} missing"
    return report


def _write_details(store: Store, day: dt.date, shares: Mapping[str, float], forward_pe: Mapping[str, float]) -> None:
    stored = store.newest_readable()
    if stored is None:
        return
    held = [symbol for symbol in dict.fromkeys((*shares, *forward_pe)) if symbol in stored.columns]
    if not held:
        return
    fields = {name: np.full((1, len(held)), np.nan, order="F") for name in ("close", "shares", "forward_pe")}
    for column, symbol in enumerate(held):
        fields["shares"][0, column] = shares.get(symbol, np.nan)
        fields["forward_pe"][0, column] = forward_pe.get(symbol, np.nan)
    days = np.array([day], "datetime64[D]")
    store.write(Panel(days, tuple(held), fields, "yahoo", stored.notice, fetched=stored.fetched))


def refresh_macro(names: Sequence[str] | None = None, session: Any = None) -> RefreshReport:
    """Bring the series of FRED in the Yahoo store up to date.

    Args:
        names: Names at FRED; None means :data:`xlrotation.market.providers.fred.DEFAULT` and what is stored already.
        session: An HTTP session; None makes one.
    """
    from xlrotation.market.providers import fred

    store = Store("yahoo")
    wanted = names or list(dict.fromkeys((*fred.DEFAULT, *store.extras.series())))
    found, missing = fred.fetch(wanted, session)
    if found:
        store.write_series(found)
    newest = max((days[-1].item() for days, _ in found.values()), default=None)
    message = f"{len(found)} series received, {len(missing)} missing, newest observation {newest}"
    return RefreshReport("fred", list(found), [], missing, newest, message)


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


def _complete(block: yahoo.Block, stored: Panel, since: dt.date) -> bool:
    """Whether *block* holds (nearly) as many closes as are stored since that day."""
    symbol, days, _ = block
    closes = np.isfinite(stored.fields["close"][:, stored.columns[symbol]])
    kept = closes[stored.days >= np.datetime64(since)].sum()
    return len(days) >= COMPLETE * int(kept)


def _nothing_new(block: yahoo.Block, stored: Panel) -> bool:
    """Whether every value of *block* is stored already."""
    symbol, days, fields = block
    if symbol not in stored.columns or not np.isin(days, stored.days).all():
        return False
    rows = np.searchsorted(stored.days, days)
    for name, new in fields.items():
        if name not in stored.fields:
            return False
        old = stored.fields[name][rows, stored.columns[symbol]]
        if not np.allclose(new, old, rtol=1e-9, atol=0.0, equal_nan=True):
            return False
    return True


def _groups(wanted: Sequence[str], stored: Panel | None, today: dt.date) -> list[tuple[list[str], dt.date]]:
    """Symbols by the day to fetch from.

    All years for a new one, the last sessions for a stored one. Those that an earlier refresh did not receive are
    behind the others; they are fetched from where the furthest of them stopped, so that no gap remains.
    """
    long_ago = _long_ago(today)
    new: list[str] = []
    current: list[str] = []
    behind: list[str] = []
    recent = first = today
    for symbol in wanted:
        if stored is None or symbol not in stored.columns:
            new.append(symbol)
            continue
        rows = np.flatnonzero(np.isfinite(stored.fields["close"][:, stored.columns[symbol]]))
        if len(rows) == 0:
            new.append(symbol)
            continue
        start: dt.date = stored.days[max(0, int(rows[-1]) + 1 - OVERLAP_SESSIONS)].item()
        if rows[-1] == len(stored.days) - 1:
            current.append(symbol)
            recent = start
        else:
            behind.append(symbol)
            first = min(first, start)
    return [(group, start) for group, start in ((new, long_ago), (behind, first), (current, recent)) if group]


def _of_all(progress: Progress | None, done: int, total: int) -> Progress | None:
    """*progress* of one group told as progress of all symbols."""
    return None if progress is None else lambda now, _: progress(done + now, total)
