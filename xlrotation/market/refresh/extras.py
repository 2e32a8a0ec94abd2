"""Refresh of what stands beside the prices: option chains with multiples and shares outstanding, series of FRED."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xlrotation.market import asknown, universes
from xlrotation.market.calendar import XNYS
from xlrotation.market.panel import Panel
from xlrotation.market.providers.alfred import Alfred
from xlrotation.market.providers.asking import Asker, Manners
from xlrotation.market.providers.protocol import Progress
from xlrotation.market.providers.registry import FRED, series_provider
from xlrotation.market.providers.yahoo import bars as yahoo
from xlrotation.market.providers.yahoo import chains as yahoo_options
from xlrotation.market.refresh.asked import memory
from xlrotation.market.refresh.report import RefreshReport
from xlrotation.market.store.default import open_store
from xlrotation.market.store.storage import Damaged
from xlrotation.market.store.store import Store
from xlrotation.market.symbols import canonical
from xlrotation.market.vintages import is_vintage, series_of

CHAINS_AT_A_TIME = 10
"""Underlyings after which the chains that came are stored."""

FRESH = dt.timedelta(hours=3)
"""A series received less than this ago is not asked for again."""


def refresh_options(
    symbols: Sequence[str] | None = None,
    progress: Progress | None = None,
    session: Any = None,
    now: dt.datetime | None = None,
    manners: Manners | None = None,
    force: bool = False,
    provisional: bool = False,
    rebuild: bool = False,
    trust_clock: bool = False,
) -> RefreshReport:
    """Add the option chains of the last session to the Yahoo store, with shares outstanding and forward P/E.

    Yahoo has only the quotes of this moment. So while a session runs nothing is fetched unless *provisional*.

    Args:
        symbols: Underlyings; None means the S&P 500 and the 50 names of its implied correlation.
        progress: Called with the number of symbols done and their total.
        session: An HTTP session for the provider; None leaves the choice to it.
        now: The time that decides which session has finished; None means now.
        manners: How the provider is asked; None means with default manners.
        force: Whether to ask again for chains of this session that are stored.
        provisional: Whether to store the quotes of a running session, as that session's.
        rebuild: As of :func:`xlrotation.market.refresh.run.refresh`.
        trust_clock: As there.
    """
    present = now or dt.datetime.now(dt.UTC)
    store = open_store(present, rebuild, trust_clock)
    wanted = list(dict.fromkeys(map(canonical, symbols) if symbols else ("^GSPC", *universes.SP50)))
    report = RefreshReport("yahoo")
    running = yahoo.running_session(present)
    if running is not None and not provisional:
        report.message = "no option chains fetched"
        report.missing["option chains"] = (
            f"the session of {running} is running; run xlrotation refresh --options after "
            f"{XNYS.final(running):%H:%M} in New York, or with --provisional now"
        )
        return report
    day = running or XNYS.last_finished(present)
    book = store.extras.chains()
    if not force and running is None:
        report.complete = [symbol for symbol in wanted if day in book.days(symbol)]
    asked = [symbol for symbol in wanted if symbol not in report.complete]
    asker = Asker(manners)
    quotes = 0
    for place in range(0, len(asked), CHAINS_AT_A_TIME):
        batch = asked[place : place + CHAINS_AT_A_TIME]
        told = None if progress is None else _counted(progress, place, len(asked))
        answer = yahoo_options.fetch(batch, present, session, told, asker, day)
        if answer.chains:
            store.write_chains(answer.chains)
            try:
                _write_details(store, day, answer.shares, answer.forward_pe)
            except Damaged as error:  # the chains are stored all the same
                report.damage = [f"no shares outstanding and forward P/E were stored: {error.message}"]
        report.received += [chain.symbol for chain in answer.chains]
        report.missing |= answer.missing
        report.remarks |= answer.remarks
        quotes += sum(map(len, answer.chains))
        if answer.stopped:
            report.interrupted = answer.interrupted
            left = asked[place + CHAINS_AT_A_TIME :]
            report.missing |= {symbol: f"{symbol} was not asked for: {answer.stopped}" for symbol in left}
            break
    report.damage += store.notes
    report.newest = day if report.received or report.complete else None
    kept = f", {len(report.complete)} complete and not asked for" if report.complete else ""
    report.message = (
        f"{len(report.received)} option chains received ({quotes:,} quotes){kept}, {len(report.missing)} missing"
    )
    return report


def _counted(progress: Progress, done: int, total: int) -> Progress:
    return lambda now, _: progress(done + now, total)


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


def refresh_macro(
    names: Sequence[str] | None = None,
    session: Any = None,
    progress: Progress | None = None,
    now: dt.datetime | None = None,
    manners: Manners | None = None,
    force: bool = False,
    rebuild: bool = False,
    trust_clock: bool = False,
    by: str = FRED.key,
) -> RefreshReport:
    """Bring the dated series in the Yahoo store up to date.

    Args:
        names: Names at the provider, any that it has; None means those that the library uses and what is stored
            already.
        session: An HTTP session; None makes one.
        progress: Called with the number of series done and their total.
        now: The present time; None means now.
        manners: How the provider is asked; None means with default manners.
        force: Whether to ask again for series received in the last hours.
        rebuild: As of :func:`xlrotation.market.refresh.run.refresh`.
        trust_clock: As there.
        by: Key of the provider.

    Raises:
        BadArgument: No provider of series has that key.
    """
    present = now or dt.datetime.now(dt.UTC)
    who = series_provider(by)
    store = open_store(present, rebuild, trust_clock)
    held = store.extras.series()
    of_vintages = by == Alfred.key
    known = [series_of(name) if of_vintages else name for name in held if is_vintage(name) == of_vintages]
    every = names or dict.fromkeys((*who.series, *filter(who.has, known)))
    wanted = list(dict.fromkeys(asknown.shown(name.strip().upper()) for name in every))
    stored = {*map(asknown.shown, held)} if by != FRED.key else held
    remembered = memory()
    complete = []
    if not force:
        for name in wanted:
            when = remembered.series_fetched(_memory_of(by, name))
            if name in stored and when is not None and dt.timedelta(0) <= present - when < FRESH:
                complete.append(name)
    asked = [name for name in wanted if name not in complete]
    answer = who.fetch(asked, session, Asker(manners), progress, present.date())
    for name in list(answer.found):
        days, _ = answer.found[name]
        if name in held and days[-1] < held[name][0][-1]:  # half a table: what is stored is newer
            del answer.found[name]
            answer.missing[name] = (
                f"the answer ends on {days[-1]}, before what is stored; {name} stays as it is, run xlrotation refresh "
                "--macro later"
            )
    if answer.found:
        store.write_series(answer.found)
        for name in dict.fromkeys(map(asknown.shown, answer.found)):
            remembered.set_series_fetched(_memory_of(by, name), present)
        remembered.save()
    newest = max((days[-1].item() for days, _ in answer.found.values()), default=None)
    kept = f", {len(complete)} fresh and not asked for" if complete else ""
    received = list(dict.fromkeys(map(asknown.shown, answer.found)))
    message = f"{len(received)} series received{kept}, {len(answer.missing)} missing, newest observation {newest}"
    if answer.interrupted:
        message += "; interrupted: what came is stored, run xlrotation refresh --macro again to go on"
    return RefreshReport(
        *(who.key, received, [], answer.missing, newest, message),
        complete=complete,
        remarks=answer.remarks,
        interrupted=answer.interrupted,
        damage=store.notes,
    )


def _memory_of(by: str, name: str) -> str:
    """By what it is remembered when a series was received: another provider may have something else of that name."""
    return name if by == FRED.key else f"{by} {name}"
