"""The store: what was fetched, on disk; one writer at a time, any number of readers, in any number of processes.

A store is a folder of files that never change and of states that name them (:mod:`xlrotation.market.states`). A writer
holds a lock and makes a new state current as its last step; a reader takes no lock and sees the old state or the new
one. What a provider offers is screened first (:mod:`xlrotation.market.quarantine`). ``docs/store.md`` tells the rest.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from xlrotation.errors import BadArgument, NoData
from xlrotation.files import write_whole
from xlrotation.market import blocks, calendar, heldback, journal, oldstore, quarantine, states
from xlrotation.market.calendar import Days
from xlrotation.market.chains import Chain
from xlrotation.market.extras import Extras
from xlrotation.market.journal import Origin
from xlrotation.market.merging import merge, until_last_value
from xlrotation.market.panel import FIELDS, FloatArray, Panel, Quarantined
from xlrotation.market.states import State

_PATIENCE = 60.0
"""Seconds that a writer waits for another one; merging and writing take a few."""

_EVERY_SERIES = "FRED"


def data_folder() -> Path:
    """Where stores live: the environment variable ``XLROTATION_HOME``, else the user's data folder."""
    if home := os.environ.get("XLROTATION_HOME"):
        return Path(home)
    from platformdirs import user_data_dir

    return Path(user_data_dir("xlrotation", appauthor=False))


class Store:
    """The states of one source.

    Args:
        name: Letters, digits, ``-`` and ``_``.
        known_on: Read the state that was current when this day ended in New York, and write nothing; None means the
            current state.
    """

    def __init__(self, name: str, known_on: dt.date | None = None) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
            raise BadArgument(f"{name!r} is no name of a store; use letters, digits, - and _")
        self.name = name
        self.known_on = known_on
        self.folder = data_folder() / name

    @property
    def text(self) -> str:
        """What opens it as a source."""
        kind = "yahoo" if self.name == "yahoo" else f"store:{self.name}"
        return f"{kind}@{self.known_on}" if self.known_on else kind

    def version(self) -> str | None:
        """The name of the state that :meth:`read` gives; None where nothing was written yet.

        Raises:
            NoData: The pointer is damaged, or there is no state as known on that day.
        """
        if self.known_on is not None:
            return states.known_on(self.folder, self.known_on)
        return states.current(self.folder)

    def read(self, version: str | None = None) -> Panel:
        """A state: prices with the chains, series and held-back values beside them.

        Args:
            version: Its name; None means that of :meth:`version`.

        Raises:
            NoData: There is none, or it cannot be read.
        """
        version = version or self.version()
        if version is None:
            raise NoData(f"the store {self.name} is empty; refresh it first")
        return self._load(version)[1]

    def newest_readable(self) -> Panel | None:
        """The current state or, where that is damaged, the newest one that is not; None without any."""
        found = self._newest_readable()
        return None if found is None else found[1]

    @property
    def extras(self) -> Extras:
        """The chains and series of the newest state that can be read."""
        found = self._newest_readable()
        return Extras(self.folder, None if found is None else found[0])

    def write(self, panel: Panel, whole: Collection[str] = ()) -> str:
        """Merge *panel* into the store and make the result current; returns the state's name.

        New values replace old ones day by day; a symbol or a day that *panel* does not have keeps what is stored.
        Values that change by more than they should are held back. Index weights are not stored: they stay with the
        folder that brings them.

        Args:
            panel: What was fetched, as traded.
            whole: Symbols of *panel* whose history was rewritten. Nothing stored of them is kept, unless both the
                stored and the new prices are as traded (``Provenance.adjusted``): those are screened as any others.

        Raises:
            NoData: Another program has been writing for a minute.
        """
        return self.write_together(panel, whole)

    def write_chains(self, chains: Iterable[Chain]) -> None:
        """Add option chains; one of the same underlying and session replaces what is stored.

        Raises:
            NoData: Another program has been writing for a minute, or the store holds no prices yet.
        """
        self.write_together(chains=chains)

    def write_series(self, series: Mapping[str, tuple[Days, FloatArray]], provider: str = _EVERY_SERIES) -> None:
        """Add dated series: new values replace old ones day by day, other days stay.

        Raises:
            NoData: Another program has been writing for a minute.
        """
        self.write_together(series=series, provider=provider)

    def write_together(
        self,
        panel: Panel | None = None,
        whole: Collection[str] = (),
        chains: Iterable[Chain] = (),
        series: Mapping[str, tuple[Days, FloatArray]] | None = None,
        provider: str = _EVERY_SERIES,
    ) -> str:
        """Write prices, chains and series as one state: a reader sees all of them or none.

        Args:
            panel: As of :meth:`write`.
            whole: As of :meth:`write`.
            chains: As of :meth:`write_chains`.
            series: As of :meth:`write_series`.
            provider: Who gave the series.

        Returns:
            The state's name.

        Raises:
            NoData: Another program has been writing for a minute.
        """
        with self._writing() as (base, stamp):
            state, stored = base
            lines: list[dict[str, object]] = []
            new = replace(state, name=stamp, journal=self._journal(state, stored))
            merged = stored
            if panel is not None:
                screened = quarantine.screen(stored, panel, whole, () if stored is None else stored.quarantine)
                merged = (
                    until_last_value(screened.panel)
                    if stored is None
                    else merge(stored, screened.panel, screened.replaced)
                )
                lines += journal.batches(screened.panel, whole=sorted(screened.replaced))
                new = self._with_entries(new, stored, screened.entries)
            extras = Extras(self.folder, state)
            if listed := list(chains):
                new = replace(new, chains=extras.write_chains(listed, stamp))
            if series:
                new = replace(new, series=extras.write_series(series, stamp))
                lines.append(journal.series_batch(provider, series, dt.datetime.now(dt.UTC)))
            self._publish(new, stored, merged, lines)
        return stamp

    def origin(self, symbol: str, day: dt.date, field: str = "close") -> Origin | None:
        """Where a stored value comes from: the last batch that brought it; None where no batch is known."""
        return journal.origin(self._lines(self.version()), symbol, day, field)

    def origins(self, symbol: str, panel: Panel | None = None) -> list[tuple[dt.date, dt.date, Origin]]:
        """First day, last day and batch of each stretch of stored closes, oldest first.

        Args:
            symbol: The ticker.
            panel: The state to look at; None means that of :meth:`version`.

        Raises:
            NoData: The store holds no such symbol.
        """
        panel = panel or self.read()
        if symbol not in panel.columns:
            raise NoData(f"the store {self.name} holds no {symbol}")
        days = panel.days[np.isfinite(panel.fields["close"][:, panel.columns[symbol]])]
        return journal.origins(self._lines(panel.state), symbol, days)

    def _lines(self, version: str | None) -> list[dict[str, object]]:
        if version is None:
            return []
        if version.endswith(".parquet"):  # a store of the first format knows each symbol's last batch
            return journal.batches(self._load(version)[1])
        return journal.lines(self.folder, states.load(self.folder, version).journal)

    def accept(self, symbols: Sequence[str]) -> list[Quarantined]:
        """Store what is held back of *symbols*; returns it.

        Raises:
            BadArgument: Nothing is held back of one of them.
        """
        return self._decide(symbols, True)

    def reject(self, symbols: Sequence[str]) -> list[Quarantined]:
        """Drop what is held back of *symbols*, also when it comes again unchanged; returns it.

        Raises:
            BadArgument: Nothing is held back of one of them.
        """
        return self._decide(symbols, False)

    def _decide(self, symbols: Sequence[str], accepted: bool) -> list[Quarantined]:
        with self._writing() as (base, stamp):
            state, stored = base
            entries = () if stored is None else stored.quarantine
            open_ones = {entry.symbol for entry in entries if not entry.rejected}
            if strangers := [symbol for symbol in symbols if symbol not in open_ones]:
                have = f"of {', '.join(sorted(open_ones))}" if open_ones else "of no symbol"
                raise BadArgument(f"nothing is held back of {', '.join(strangers)}, only {have}")
            assert stored is not None
            chosen: list[Quarantined] = []
            rest: list[Quarantined] = []
            for entry in entries:
                (chosen if entry.symbol in symbols and not entry.rejected else rest).append(entry)
            new = replace(state, name=stamp, journal=self._journal(state, stored))
            merged, lines = stored, []
            if accepted:
                for provider, fetched in dict.fromkeys((entry.provider, entry.fetched) for entry in chosen):
                    offer = heldback.offers([e for e in chosen if (e.provider, e.fetched) == (provider, fetched)])
                    offer = replace(offer, source=provider, fetched=fetched, notice=stored.notice)
                    lines += journal.batches(offer, accepted=True)
                    merged = replace(merge(merged, offer), fetched=stored.fetched)
            else:
                rest += [replace(entry, rejected=True) for entry in chosen]
            new = self._with_entries(new, stored, tuple(sorted(rest, key=lambda entry: (entry.symbol, entry.day))))
            self._publish(new, stored, merged, lines)
        return chosen

    @contextlib.contextmanager
    def _writing(self) -> Iterator[tuple[tuple[State, Panel | None], str]]:
        """Hold the lock; gives what is stored and the name of the state to be."""
        from filelock import FileLock, Timeout

        if self.known_on is not None:
            raise BadArgument(f"{self.text} is what was known then and is not changed; leave out @{self.known_on}")
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.folder / "writer.lock", timeout=_PATIENCE)
        try:
            lock.acquire()
        except Timeout:
            raise NoData(f"another program is writing the store {self.name}; try again when it has finished") from None
        try:
            states.sweep(self.folder)
            stamp = states.next_name(self.folder)
            yield self._newest_readable() or (State(""), None), stamp
        finally:
            lock.release()

    def _journal(self, state: State, stored: Panel | None) -> int:
        """The journal's length; one that begins with a store of the first format says what is known of it."""
        if state.name.endswith(".parquet") and stored is not None:
            return journal.append(self.folder, 0, journal.batches(stored))
        return state.journal

    def _with_entries(self, state: State, stored: Panel | None, entries: tuple[Quarantined, ...]) -> State:
        if entries == (() if stored is None else tuple(stored.quarantine)):
            return state
        if not entries:
            return replace(state, quarantine=None)
        file = f"quarantine-{state.name}.json"
        write_whole(self.folder / file, heldback.encode(entries))
        return replace(state, quarantine=file)

    def _publish(
        self, state: State, stored: Panel | None, panel: Panel | None, lines: Sequence[dict[str, object]]
    ) -> None:
        if panel is not None:
            state = replace(
                state,
                symbols=panel.symbols,
                fields=tuple(name for name in FIELDS if name in panel.fields),
                first=panel.first,
                last=panel.last,
                prices=self._write_prices(state, stored, panel),
                notice=panel.notice,
                universes=panel.universes,
                fetched=panel.fetched,
                provenance=panel.provenance,
            )
        state = replace(state, journal=journal.append(self.folder, state.journal, lines))
        states.publish(self.folder, state)
        states.thin(self.folder, state.name)

    def _write_prices(self, state: State, stored: Panel | None, panel: Panel) -> dict[str, str]:
        """The file of each block; those that hold the same as before stay."""
        if stored is panel and state.prices:
            return dict(state.prices)
        prices = {}
        for name, rows in blocks.spans(panel.days):
            if name in state.prices and stored is not None and blocks.same(panel, stored, rows):
                prices[name] = state.prices[name]
            elif blocks.held(panel, rows)[1]:
                prices[name] = f"prices-{name}-{state.name}.parquet"
                write_whole(self.folder / prices[name], blocks.encode(panel, rows))
        return prices

    def _newest_readable(self) -> tuple[State, Panel | None] | None:
        with contextlib.suppress(NoData, FileNotFoundError):
            if (version := self.version()) is not None:
                return self._load_any(version)
        if self.known_on is not None:
            return None
        for name in (*reversed(states.names(self.folder)), *oldstore.snapshots(self.folder)):
            with contextlib.suppress(NoData, FileNotFoundError):
                return self._load_any(name)
        return None

    def _load_any(self, version: str) -> tuple[State, Panel | None]:
        """A state; one that was written before there were prices has no panel."""
        if version.endswith(".parquet"):
            return self._load(version)
        state = states.load(self.folder, version)
        return self._load(version) if state.symbols else (state, None)

    def _load(self, version: str) -> tuple[State, Panel]:
        try:
            if version.endswith(".parquet"):
                state, panel = oldstore.load(self.folder, version)
                entries: Sequence[Quarantined] = ()
            else:
                state = states.load(self.folder, version)
                panel, entries = self._prices(state)
        except FileNotFoundError as error:
            missing = Path(error.filename or version).name
            raise NoData(f"the store {self.name} lacks {missing} of its state {version}; refresh it again") from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise NoData(f"the store {self.name} has a damaged state {version} ({error}); refresh it again") from error
        extras = Extras(self.folder, state)
        remarks: tuple[str, ...] = ()
        try:
            series = extras.series()
        except NoData as error:
            series, remarks = {}, (error.message,)
        panel = replace(
            panel,
            source=self.text,
            chains=extras.chains(),
            series=series,
            remarks=remarks,
            quarantine=entries,
            ages=True,
            known=None if self.known_on is None else states.moment(version),
            state=version,
        )
        return state, panel

    def _prices(self, state: State) -> tuple[Panel, Sequence[Quarantined]]:
        if state.first is None or state.last is None:
            raise NoData(f"the store {self.name} holds no prices yet; refresh it first")
        days = calendar.sessions_between(state.first, state.last)
        files = [self.folder / file for file in state.prices.values()]
        fields = blocks.read(files, days, state.symbols, state.fields)
        entries = heldback.HeldBack(self.folder / state.quarantine) if state.quarantine else ()
        provenance, universes = state.provenance, state.universes
        panel = Panel(days, state.symbols, fields, "", state.notice, provenance, universes, fetched=state.fetched)
        return panel, entries
