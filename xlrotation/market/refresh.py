"""Refresh: fetch what a store lacks of prices, and write it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from xlrotation.errors import BadArgument, NoData
from xlrotation.market import universes
from xlrotation.market.agreement import Block, agree, complete, nothing_new, other_currencies, rewritten
from xlrotation.market.asked import Asked
from xlrotation.market.calendar import XNYS, CalendarEnds, Days, Exchange
from xlrotation.market.panel import Panel, Provenance, stack
from xlrotation.market.providers import yahoo
from xlrotation.market.providers.asking import Asker, Manners
from xlrotation.market.providers.tickers import advice
from xlrotation.market.providers.yahoo_chart import keeps
from xlrotation.market.storage import NewerFormat, Unreachable
from xlrotation.market.store import Store, data_folder
from xlrotation.market.symbols import NAMES, canonical
from xlrotation.market.yahoo_store import open_store

Progress = Callable[[int, int], None]

FIRST_YEARS = 20
BATCH = 100
"""Symbols after which what came is stored; a program that is killed loses no more than these."""

OVERLAP_SESSIONS = 10
"""Sessions before the stored end that are fetched again, because the provider corrects its last bars."""

BEHIND_SESSIONS = 10
"""A symbol whose newest bar is older than this many sessions counts as one that no longer comes."""

AS_TRADED = "as traded; splits and dividends from Yahoo"
"""How the stored prices are told to be adjusted."""

_BILL = "^IRX"
"""The 13-week bill: option chains are discounted with it."""


@dataclass(slots=True)
class RefreshReport:
    """What a refresh did.

    Attributes:
        source: What was refreshed.
        received: Symbols that came.
        unchanged: Those of them that brought nothing new.
        missing: Symbols that did not come: why, and what to do.
        newest: The newest session stored.
        message: All of it in a line.
        complete: Symbols that had nothing to ask for.
        holes: Sessions without a bar, by symbol; the next refresh asks for them again.
        given_up: Sessions that the source has no bar of, asked for often enough.
        remarks: What was left out of the answers or mended, by symbol.
        interrupted: Whether Ctrl-C ended it.
        damage: What of the store was damaged, and what stands in its place.
    """

    source: str
    received: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    newest: dt.date | None = None
    message: str = ""
    complete: list[str] = field(default_factory=list)
    holes: dict[str, list[dt.date]] = field(default_factory=dict)
    given_up: dict[str, list[dt.date]] = field(default_factory=dict)
    remarks: dict[str, list[str]] = field(default_factory=dict)
    interrupted: bool = False
    damage: list[str] = field(default_factory=list)

    @property
    def fine(self) -> bool:
        """Whether all came and nothing was damaged."""
        return not (self.missing or self.holes or self.damage)

    def lines(self) -> list[str]:
        """What an analyst must know beside the message, a line for each symbol and matter."""
        found = [*self.damage, *(f"{symbol}: {reason}" for symbol, reason in self.missing.items())]
        for symbol, days in self.holes.items():
            found.append(f"{symbol}: no bar of {_listed(days)}; the next xlrotation refresh asks again")
        for symbol, days in self.given_up.items():
            found.append(f"{symbol}: Yahoo has no bar of {_listed(days)}; xlrotation refresh --force asks once more")
        for symbol, remarks in self.remarks.items():
            found += [f"{symbol}: {remark}" for remark in remarks[:5]]
            if len(remarks) > 5:
                found.append(f"{symbol}: and {len(remarks) - 5} more remarks of this kind")
        return found


def default_symbols() -> list[str]:
    """Every symbol that the library's functions and universes use."""
    return list(dict.fromkeys([*(name.ticker for name in NAMES), *universes.SP50, _BILL]))


def memory() -> Asked:
    """What refreshes of the Yahoo store remember of their questions."""
    return Asked(data_folder() / "cache" / "asked.json")


def refresh(
    source: str,
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
    """Bring a source up to date.

    Asked for is what may be lacking: new symbols, sessions since the last refresh, gaps. What came is stored from time
    to time; a refresh that ends early, for whatever reason, is gone on with by the next one.

    Args:
        source: ``yahoo``; the sample and folders have nothing to fetch, and the report says so.
        symbols: Tickers; None means :func:`default_symbols` and what is stored already.
        progress: Called with the number of symbols done and their total.
        session: An HTTP session for the provider; None leaves the choice to it.
        now: The time that decides which session has finished; None means now.
        manners: How the provider is asked; None means with default manners.
        force: Whether to ask for everything again, all years of it.
        provisional: Whether to store the bar of a running session too, marked as provisional.
        rebuild: Whether to fetch again what a damaged file of prices held, and to do without one of another kind.
        trust_clock: Whether *now* is right however far from the last refresh.

    Returns:
        What came and what did not. Nothing that is stored is lost, whatever the answer.

    Raises:
        NoData: Nothing was ever received; or a file of the store is damaged and nothing can stand in its place; or the
            clock may be wrong.
    """
    if source == "sample" or source.startswith("folder:"):
        return RefreshReport(source, message=f"{source} has nothing to fetch; its files are read as they are")
    if source != "yahoo":
        raise BadArgument(f"no provider for {source!r}; refresh yahoo")
    store = open_store(now or dt.datetime.now(dt.UTC), rebuild, trust_clock)
    run = _Run(store, session, Asker(manners), provisional, force)
    wanted = list(dict.fromkeys(map(canonical, symbols) if symbols else default_symbols()))
    if run.stored is not None and not symbols:
        wanted += [symbol for symbol in run.stored.symbols if symbol not in wanted]
    run.plan(wanted)
    run.fetch(progress)
    return run.report_on(wanted)


class _Run:
    """One refresh of the Yahoo store."""

    def __init__(self, store: Store, session: Any, asker: Asker, provisional: bool, force: bool) -> None:
        assert store.now is not None
        self.now = store.now
        self.session = session
        self.asker = asker
        self.force = force
        self.store = store
        self.listing = self.store.listing()
        self.provisional = provisional
        self.lasts: dict[Exchange, dt.date] = {}
        try:
            self.stored: Panel | None = self.store.read()
            self.damaged = False
        except (Unreachable, NewerFormat):
            raise
        except NoData:  # what can be read is written again with whatever comes
            self.stored = self.store.newest_readable()
            self.damaged = self.stored is not None
        self.memory = memory()
        self.report = RefreshReport("yahoo")
        self.start: dict[str, dt.date] = {}
        self.anew: set[str] = set()

    @property
    def long_ago(self) -> dt.date:
        today = self.now.date()
        return today.replace(year=today.year - FIRST_YEARS, day=1)

    def plan(self, wanted: Iterable[str]) -> None:
        """Decide from which day each symbol is asked for, if at all."""
        lost = {} if self.stored is None else self.store.lost(self.stored)
        for symbol in dict.fromkeys((*wanted, *lost)):
            try:
                last = self.last(symbol)
            except CalendarEnds as end:
                self.report.missing[symbol] = end.message
                continue
            closes = _close_days(self.stored, symbol)
            known = None if self.stored is None else self.stored.provenance.get(symbol)
            if self.stored is None or len(closes) == 0:
                self.start[symbol] = self.long_ago
                continue
            if known is None or not known.as_traded:  # by an older version, adjusted for splits
                self.start[symbol] = self.long_ago
                self.anew.add(symbol)
                continue
            holes = self.memory.worth_asking(symbol, self._holes(symbol, closes))
            newest: dt.date = closes[-1].item()
            final = known.fetched is not None and known.fetched >= self.listing.of(symbol).final(last)
            if self.force:
                self.start[symbol] = self.long_ago
            elif newest >= last and final and not holes and symbol not in lost and not self._unfinished(symbol, known):
                self.report.complete.append(symbol)
            else:
                row = int(np.searchsorted(self.stored.days, closes[-1]))
                tail: dt.date = self.stored.days[max(0, row + 1 - OVERLAP_SESSIONS)].item()
                self.start[symbol] = min([tail, lost.get(symbol, tail), *(day - dt.timedelta(days=7) for day in holes)])

    def last(self, symbol: str) -> dt.date:
        """The last finished session of a symbol's exchange."""
        exchange = self.listing.of(symbol)
        if exchange not in self.lasts:
            self.lasts[exchange] = exchange.last_finished(self.now)
        return self.lasts[exchange]

    def _unfinished(self, symbol: str, known: Provenance) -> bool:
        """Whether a symbol is asked for though it has all finished sessions."""
        running = self.provisional and self.listing.of(symbol).running(self.now) is not None
        return self.damaged or running or known.provisional is not None

    def fetch(self, progress: Progress | None) -> None:
        """Ask for what is planned and store what comes."""
        asked = list(self.start)
        for place in range(0, len(asked), BATCH):
            batch = asked[place : place + BATCH]
            answer = yahoo.fetch(
                *(batch, self.start, self.now, self.session, _of_all(progress, place, len(asked))),
                asker=self.asker,
                provisional=self.provisional,
            )
            whole = self._settle(answer)
            self._write(answer, whole)
            self.report.missing |= answer.missing
            self.report.remarks |= answer.remarks
            for symbol, zone in answer.zones.items():
                self.memory.set_zone(symbol, zone)
            for symbol, day in answer.begins.items():
                self.memory.set_begin(symbol, day)
            self.memory.save()
            self.report.interrupted |= answer.interrupted
            if answer.stopped or self.report.interrupted:
                why = answer.stopped or "interrupted; run xlrotation refresh again to go on"
                left = asked[place + BATCH :]
                self.report.missing |= {symbol: f"{symbol} was not asked for: {why}" for symbol in left}
                break

    def _settle(self, answer: yahoo.Fetched) -> list[str]:
        """Leave out of *answer* what contradicts the store; returns the symbols that replace all that is stored."""
        stored = self.stored
        if stored is None:
            return []
        self._refuse_other_currencies(answer, stored)
        changed = [symbol for symbol in rewritten(answer.blocks, stored) if symbol not in self.anew]
        first = {block[0]: block for block in answer.blocks}
        again: dict[str, Block] = {}
        if changed and not answer.stopped:
            second = yahoo.fetch(changed, self.long_ago, self.now, self.session, asker=self.asker)
            again = {block[0]: block for block in second.blocks}
            answer.interrupted |= second.interrupted
            answer.stopped = second.stopped
        whole = []
        for symbol in [*changed, *self.anew.intersection(first)]:
            block = first[symbol] if symbol in self.anew else again.get(symbol)
            if block is not None and complete(block, stored, self.long_ago) and agree(block, first[symbol]):
                answer.blocks = [other for other in answer.blocks if other[0] != symbol] + [block]
                whole.append(symbol)
                continue
            answer.blocks = [other for other in answer.blocks if other[0] != symbol]
            answer.missing[symbol] = (
                "its history was rewritten and did not come whole; what is stored stays as it was, "
                f"run xlrotation refresh {symbol} again later"
            )
        return whole

    def _refuse_other_currencies(self, answer: yahoo.Fetched, stored: Panel) -> None:
        """A symbol that comes in another currency replaces what is stored only where somebody says so."""
        reasons = other_currencies(answer.currencies, stored)
        if self.force:
            self.anew |= set(reasons)
            return
        answer.blocks = [block for block in answer.blocks if block[0] not in reasons]
        answer.missing |= reasons

    def _write(self, answer: yahoo.Fetched, whole: Collection[str]) -> None:
        blocks = answer.blocks
        if not blocks:
            return
        stamp = self.now.astimezone()
        provenance = {}
        for symbol, days, fields in blocks:
            closes = days[np.isfinite(fields["close"])]
            provenance[symbol] = Provenance(
                *("Yahoo Finance", closes[0].item(), closes[-1].item(), stamp, AS_TRADED),
                provisional=self._still_provisional(symbol, closes),
                currency=answer.currencies.get(symbol),
                zone=answer.zones.get(symbol),
            )
        every, names, arrays = stack(blocks, self.listing)
        panel = Panel(every, names, arrays, "yahoo", "", provenance, fetched=stamp, listing=self.listing)
        try:
            self.store.write(panel, whole=whole)
        except KeyboardInterrupt:  # what came is stored all the same, then the refresh ends
            self.report.interrupted = True
            self.store.write(panel, whole=whole)
        stored = self.stored
        self.report.received += names
        if stored is not None:
            self.report.unchanged += [block[0] for block in blocks if nothing_new(block, stored)]

    def _still_provisional(self, symbol: str, closes: Days) -> dt.date | None:
        """The day whose stored bar is not final once *closes* are stored."""
        newest: dt.date = closes[-1].item()
        if newest > self.last(symbol):
            return newest
        known = None if self.stored is None else self.stored.provenance.get(symbol)
        before = None if known is None else known.provisional
        return None if before is None or np.datetime64(before) in closes else before

    def report_on(self, wanted: Sequence[str]) -> RefreshReport:
        """The report, with the gaps of all *wanted* symbols."""
        report = self.report
        if self.store.version() is None:
            reason = next(iter(report.missing.values()), "no answer")
            raise NoData(f"nothing was received from Yahoo Finance ({reason}); check the network and try again later")
        panel = self.store.read() if report.received or self.stored is None else self.stored
        for symbol in wanted:
            closes = _close_days(panel, symbol)
            if len(closes) == 0 or self.listing.of(symbol) not in self.lasts:
                continue
            holes = self._holes(symbol, closes)
            if symbol in report.received:
                self.memory.count(symbol, holes, self.start[symbol], self.last(symbol))
                exchange = self.listing.of(symbol)
                if len(exchange.sessions_between(closes[-1].item(), self.last(symbol))) > BEHIND_SESSIONS + 1:
                    report.missing.setdefault(symbol, advice(symbol, f"no bar since {closes[-1]}"))
            open_holes = self.memory.worth_asking(symbol, holes)
            if open_holes:
                report.holes[symbol] = open_holes
            if given_up := sorted(set(holes).difference(open_holes)):
                report.given_up[symbol] = given_up
        self.memory.save()
        report.damage += self.store.notes
        if lost := self.store.lost(panel):
            report.damage.append(f"prices that were in a damaged file have not come again: {', '.join(lost)}")
        report.newest = panel.last
        kept = f", {len(report.complete)} complete and not asked for" if report.complete else ""
        report.message = (
            f"{len(report.received)} symbols received ({len(report.unchanged)} unchanged){kept}, "
            f"{len(report.missing)} missing, {len(report.holes)} with gaps, newest session {report.newest}"
        )
        if report.interrupted:
            report.message += "; interrupted: what came is stored, run xlrotation refresh again to go on"
        return report

    def _holes(self, symbol: str, closes: Days) -> list[dt.date]:
        """Sessions without a bar from the first that the source told of to the last finished one.

        A symbol that has long stopped coming is no gap; one whose time zone is not that of the exchange whose sessions
        it was put on keeps others.
        """
        known = None if self.stored is None else self.stored.provenance.get(symbol)
        exchange, last = self.listing.of(symbol), self.last(symbol)
        if not keeps(self.memory.zone(symbol) or (known.zone if known else None) or "", exchange):
            return []
        first, newest = closes[0].item(), closes[-1].item()
        first = min(first, self.memory.begin(symbol) or first)
        behind = len(exchange.sessions_between(newest, last)) > BEHIND_SESSIONS + 1
        expected = exchange.sessions_between(first, newest if behind else max(newest, last))
        holes: list[dt.date] = np.setdiff1d(expected, closes).tolist()
        return holes


def _close_days(panel: Panel | None, symbol: str) -> Days:
    if panel is None or symbol not in panel.columns:
        return XNYS.sessions()[:0]
    return panel.days[np.isfinite(panel.fields["close"][:, panel.columns[symbol]])]


def _of_all(progress: Progress | None, done: int, total: int) -> Progress | None:
    """*progress* of one batch told as progress of all symbols."""
    return None if progress is None else lambda now, _: progress(done + now, total)


def _listed(days: Sequence[dt.date]) -> str:
    """A few days, and how many more there are."""
    shown = ", ".join(map(str, days[:5]))
    return f"{shown} and {len(days) - 5} more sessions" if len(days) > 5 else shown
