"""Refresh: fetch what a store lacks of prices, and write it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np

from xlrotation.errors import BadArgument, NoData
from xlrotation.market import universes
from xlrotation.market.calendar import CalendarEnds, Days, Exchange
from xlrotation.market.panel import Panel, Provenance
from xlrotation.market.providers.agreement import Block, agree, complete, nothing_new, other_currencies, rewritten
from xlrotation.market.providers.asking import Asker, Manners
from xlrotation.market.providers.protocol import Fetched, Progress, Provider
from xlrotation.market.providers.registry import YAHOO, named, provider
from xlrotation.market.refresh.asked import memory
from xlrotation.market.refresh.gaps import behind, close_days, holes, remnant, still_provisional
from xlrotation.market.refresh.report import RefreshReport
from xlrotation.market.refresh.takeover import stand_ins, take_over
from xlrotation.market.stacking import stack
from xlrotation.market.store.default import open_store
from xlrotation.market.store.storage import NewerFormat, Unreachable
from xlrotation.market.store.store import Store
from xlrotation.market.symbols import NAMES, canonical

AS_TRADED = YAHOO.adjusted
"""How prices from Yahoo are told to be adjusted."""

FIRST_YEARS = 20
BATCH = 100
"""Symbols after which what came is stored; a program that is killed loses no more than these."""

OVERLAP_SESSIONS = 10
"""Sessions before the stored end that are fetched again, because the provider corrects its last bars."""

_BILL = "^IRX"
"""The 13-week bill: option chains are discounted with it."""


def default_symbols(home: Exchange | None = None) -> list[str]:
    """Every symbol that the library's functions and universes use, with the lists of a home exchange that is chosen."""
    lists = [] if home is None else [universes.find_universe(name, {}, home) for name in universes.BY_EXCHANGE]
    of_home = [symbol for found in lists if found for symbol in found[1]]
    return list(dict.fromkeys([*(name.ticker for name in NAMES), *universes.SP50, _BILL, *of_home]))


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
    by: str | None = None,
) -> RefreshReport:
    """Bring a source up to date.

    A symbol comes from the provider that its stored prices came from, a new one from Yahoo Finance, or from Cboe where
    Yahoo lacks it; the report says so. Prices of another provider go on with stored ones only where both agree.

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
        by: Key of the provider to ask, whoever gave what is stored; without symbols for those that it gives.

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
    chosen = provider(by) if by else None
    run = _Run(store, session, manners, provisional, force, chosen)
    wanted = list(dict.fromkeys(map(canonical, symbols) if symbols else run.usual()))
    if not wanted:
        raise BadArgument(f"nothing is stored from {run.name}; name the symbols to fetch from it")
    if chosen is None and run.stored is not None and not symbols:
        wanted += [symbol for symbol in run.stored.symbols if symbol not in wanted]
    run.plan(wanted)
    run.fetch(progress)
    return run.report_on(wanted)


class _Run:
    """One refresh of the Yahoo store."""

    def __init__(
        self,
        store: Store,
        session: Any,
        manners: Manners | None,
        provisional: bool,
        force: bool,
        chosen: Provider | None,
    ) -> None:
        assert store.now is not None
        self.now = store.now
        self.session = session
        self.manners = manners
        self.askers: dict[str, Asker] = {}
        self.chosen, self.name = chosen, (chosen or YAHOO).name
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
        self.others: set[str] = set()

    @property
    def long_ago(self) -> dt.date:
        today = self.now.date()
        return today.replace(year=today.year - FIRST_YEARS, day=1)

    def usual(self) -> list[str]:
        """What is asked for where nobody names symbols."""
        if self.chosen is None or self.chosen is YAHOO:
            return default_symbols(self.listing.home)
        known = {} if self.stored is None else self.stored.provenance
        return [*self.chosen.symbols, *(symbol for symbol, item in known.items() if item.provider == self.chosen.name)]

    def of(self, symbol: str) -> Provider:
        """Who is asked for a symbol."""
        known = None if self.stored is None else self.stored.provenance.get(symbol)
        return self.chosen or (named(known.provider) if known else None) or YAHOO

    def asker(self, provider: Provider) -> Asker:
        """Who asks a provider's server: one each, as its manners and failures are its own."""
        return self.askers.setdefault(provider.key, Asker(self.manners))

    def plan(self, wanted: Iterable[str]) -> None:
        """Decide from which day each symbol is asked for, if at all."""
        lost = {} if self.stored is None else self.store.lost(self.stored)
        for symbol in dict.fromkeys((*wanted, *lost)):
            try:
                last = self.last(symbol)
            except CalendarEnds as end:
                self.report.missing[symbol] = end.message
                continue
            closes = close_days(self.stored, symbol)
            known = None if self.stored is None else self.stored.provenance.get(symbol)
            if self.stored is None or len(closes) == 0:
                self.start[symbol] = self.long_ago
                continue
            asked = self.of(symbol)
            if known is not None and asked.name != known.provider and named(known.provider) is not None:
                self.start[symbol] = min(self.long_ago, closes[0].item())
                self.others.add(symbol)
                continue
            if known is None or (not known.as_traded and asked.as_traded):  # by an older version, adjusted for splits
                self.start[symbol] = self.long_ago
                self.anew.add(symbol)
                continue
            open_holes = self.memory.worth_asking(symbol, self._holes(symbol, closes))
            newest: dt.date = closes[-1].item()
            final = known.fetched is not None and known.fetched >= self.listing.of(symbol).final(last)
            if self.force:
                self.start[symbol] = self.long_ago
            elif (
                newest >= last
                and final
                and not open_holes
                and symbol not in lost
                and not self._unfinished(symbol, known)
            ):
                self.report.complete.append(symbol)
            elif not asked.as_traded:  # every split and dividend since has changed the whole history
                self.start[symbol] = min(self.long_ago, closes[0].item())
                self.anew.add(symbol)
            else:
                row = int(np.searchsorted(self.stored.days, closes[-1]))
                tail: dt.date = self.stored.days[max(0, row + 1 - OVERLAP_SESSIONS)].item()
                self.start[symbol] = min(
                    [tail, lost.get(symbol, tail), *(day - dt.timedelta(days=7) for day in open_holes)]
                )

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
        self.report.providers |= {symbol: self.of(symbol).name for symbol in (*asked, *self.report.complete)}
        done = 0
        for who in dict.fromkeys(map(self.of, asked)):
            of_it = [symbol for symbol in asked if self.of(symbol) is who]
            for place in range(0, len(of_it), BATCH):
                batch = of_it[place : place + BATCH]
                answer = self._ask(who, batch, _of_all(progress, done, len(asked)))
                if who is YAHOO and self.chosen is None and not answer.stopped:
                    self._ask_stand_ins(answer)
                self._keep(who, answer)
                done += len(batch)
                if answer.stopped or self.report.interrupted:
                    why = answer.stopped or "interrupted; run xlrotation refresh again to go on"
                    left = of_it[place + BATCH :]
                    if self.report.interrupted:
                        told = {*self.report.received, *self.report.missing}
                        left = [symbol for symbol in asked if symbol not in told]
                    self.report.missing |= {symbol: f"{symbol} was not asked for: {why}" for symbol in left}
                    break
            if self.report.interrupted:
                break

    def _ask(self, who: Provider, symbols: Sequence[str], progress: Progress | None = None) -> Fetched:
        asker = self.asker(who)
        trading = self.listing.of
        return who.fetch(symbols, self.start, self.now, self.session, progress, asker, self.provisional, trading)

    def _keep(self, who: Provider, answer: Fetched) -> None:
        """Store an answer, and report and remember what it says."""
        whole = self._settle(who, answer)
        self._write(who, answer, whole)
        self.report.missing |= answer.missing
        for symbol, remarks in answer.remarks.items():
            self.report.remarks.setdefault(symbol, []).extend(remarks)
        for symbol, zone in answer.zones.items():
            self.memory.set_zone(symbol, zone)
        for symbol, day in answer.begins.items():
            self.memory.set_begin(symbol, day)
        self.memory.save()
        self.report.interrupted |= answer.interrupted

    def _ask_stand_ins(self, answer: Fetched) -> None:
        """Ask others for what Yahoo clearly lacks or gives no more than remnants of, and store what comes."""
        lacking = {symbol: answer.missing[symbol] for symbol in answer.missing if symbol in answer.lacking}
        for symbol, days, _ in answer.blocks:
            new = len(close_days(self.stored, symbol)) == 0
            if why := remnant(self.listing.of(symbol), days, self.last(symbol), new):
                lacking[symbol] = why
        tails = dict(self.start)
        for who, found in stand_ins(answer, lacking, self._ask_whole):
            came = {block[0] for block in found.blocks}
            for symbol in self.others.intersection(lacking) - came:
                self.start[symbol] = tails[symbol]
                self.others.discard(symbol)
            self.report.providers |= dict.fromkeys(came, who.name)
            self._keep(who, found)

    def _ask_whole(self, who: Provider, symbols: Sequence[str]) -> Fetched:
        for symbol in symbols:
            self.start[symbol] = min([self.long_ago, *close_days(self.stored, symbol)[:1].tolist()])
            self.others.add(symbol)
        return self._ask(who, symbols)

    def _settle(self, who: Provider, answer: Fetched) -> list[str]:
        """Leave out of *answer* what contradicts the store; returns the symbols that replace all that is stored."""
        stored = self.stored
        if stored is None:
            return []
        self._refuse_other_currencies(answer, stored)
        taken = take_over(who, answer, stored, self.others, self.start, self.force)
        by_rule = {*self.anew, *self.others}
        changed = [symbol for symbol in rewritten(answer.blocks, stored) if symbol not in by_rule]
        first = {block[0]: block for block in answer.blocks}
        again: dict[str, Block] = {}
        if changed and not answer.stopped:
            asker, trading = self.asker(who), self.listing.of
            second = who.fetch(changed, self.long_ago, self.now, self.session, asker=asker, trading=trading)
            again = {block[0]: block for block in second.blocks}
            answer.interrupted |= second.interrupted
            answer.stopped = second.stopped
        whole = taken
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

    def _refuse_other_currencies(self, answer: Fetched, stored: Panel) -> None:
        """A symbol that comes in another currency replaces what is stored only where somebody says so."""
        reasons = other_currencies(answer.currencies, stored)
        if self.force:
            self.anew |= set(reasons)
            return
        answer.blocks = [block for block in answer.blocks if block[0] not in reasons]
        answer.missing |= reasons

    def _write(self, who: Provider, answer: Fetched, whole: Collection[str]) -> None:
        blocks = answer.blocks
        if not blocks:
            return
        stamp = self.now.astimezone()
        provenance = {}
        known = {} if self.stored is None else self.stored.provenance
        for symbol, days, fields in blocks:
            closes = days[np.isfinite(fields["close"])]
            provenance[symbol] = Provenance(
                *(who.name, closes[0].item(), closes[-1].item(), stamp, who.adjusted, who.as_traded),
                provisional=still_provisional(known.get(symbol), closes, self.last(symbol)),
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

    def report_on(self, wanted: Sequence[str]) -> RefreshReport:
        """The report, with the gaps of all *wanted* symbols."""
        report = self.report
        if self.store.version() is None:
            reason = next(iter(report.missing.values()), "no answer")
            asked = ", ".join(dict.fromkeys(report.providers.values())) or self.name
            raise NoData(f"nothing was received from {asked} ({reason}); check the network and try again later")
        panel = self.store.read() if report.received or self.stored is None else self.stored
        for symbol in wanted:
            closes = close_days(panel, symbol)
            if len(closes) == 0 or self.listing.of(symbol) not in self.lasts:
                continue
            gaps = self._holes(symbol, closes)
            if symbol in report.received:
                self.memory.count(symbol, gaps, self.start[symbol], self.last(symbol))
                exchange = self.listing.of(symbol)
                if behind(exchange, closes[-1].item(), self.last(symbol)):
                    said = f"no bar since {closes[-1]}"
                    report.missing.setdefault(symbol, self.of(symbol).advice(symbol, said))
            open_holes = self.memory.worth_asking(symbol, gaps)
            if open_holes:
                report.holes[symbol] = open_holes
            if given_up := sorted(set(gaps).difference(open_holes)):
                report.given_up[symbol] = given_up
        self.memory.save()
        report.damage += self.store.notes
        if lost := self.store.lost(panel):
            report.damage.append(f"prices that were in a damaged file have not come again: {', '.join(lost)}")
        report.newest = panel.last
        report.summarise()
        return report

    def _holes(self, symbol: str, closes: Days) -> list[dt.date]:
        """The gaps of a symbol."""
        known = None if self.stored is None else self.stored.provenance.get(symbol)
        zone = self.memory.zone(symbol) or (known.zone if known else None) or ""
        return holes(self.listing.of(symbol), closes, self.last(symbol), zone, self.memory.begin(symbol))


def _of_all(progress: Progress | None, done: int, total: int) -> Progress | None:
    """*progress* of one batch told as progress of all symbols."""
    return None if progress is None else lambda now, _: progress(done + now, total)
