"""The store: what was fetched, on disk; one writer at a time, any number of readers, in any number of processes.

A store is a folder of files that never change and of states that name them (:mod:`~xlrotation.market.store.states`). A
writer holds a lock and makes a new state current as its last step; a reader takes no lock and sees the old or the new.
What a provider offers is screened first (:mod:`~xlrotation.market.quarantine`). ``docs/store.md`` tells the rest.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from xlrotation.errors import BadArgument, NoData
from xlrotation.files import safe_name
from xlrotation.market import quarantine
from xlrotation.market.calendar import Days
from xlrotation.market.chains import Chain
from xlrotation.market.listing import Listing, read_listing
from xlrotation.market.panel import FIELDS, FloatArray, Panel, Quarantined
from xlrotation.market.places import data_folder
from xlrotation.market.store import blocks, heldback, journal, keeping, states, storage
from xlrotation.market.store.extras import Extras, Series, over
from xlrotation.market.store.journal import Origin
from xlrotation.market.store.mending import Base, Mender
from xlrotation.market.store.merging import merge, refuse_other_currency, until_last_value
from xlrotation.market.store.reading import lost_symbols, read_state, written
from xlrotation.market.store.stateformat import Mark, State
from xlrotation.market.store.storage import Damaged, Files, NewerFormat, Unreachable

_PATIENCE = 60.0
"""Seconds that a writer waits for another one; merging and writing take a few."""

_EVERY_SERIES = "FRED"


class Store:
    """The states of one source.

    Args:
        name: Letters, digits, ``-`` and ``_``.
        known_on: Read the state that was current when this day ended in New York, and write nothing; None means the
            current state.
        now: When what is written is written; None means by the clock.
        rebuild: Whether a writing may go on without a damaged file of which no older state has another.
    """

    def __init__(
        self, name: str, known_on: dt.date | None = None, now: dt.datetime | None = None, rebuild: bool = False
    ) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name) or safe_name(name) != name:  # CON, NUL: devices on Windows
            raise BadArgument(f"{name!r} is no name of a store; use letters, digits, - and _")
        self.name = name
        self.known_on = known_on
        self.now = now
        self.folder = data_folder() / name
        self._mender = Mender(self.folder, self.text, rebuild)
        self._lost: Mapping[str, str] = {}

    @property
    def notes(self) -> list[str]:
        """What was damaged when this object wrote, and what stands in its place."""
        return list(self._mender.notes)

    @property
    def text(self) -> str:
        """What opens it as a source."""
        kind = "yahoo" if self.name == "yahoo" else f"store:{self.name}"
        return f"{kind}@{self.known_on}" if self.known_on else kind

    def listing(self) -> Listing:
        """Where its symbols trade: what ``xlrotation.toml`` in its folder says, else what their suffixes do.

        Raises:
            NoData: The settings cannot be read.
        """
        return read_listing(self.folder)

    def version(self) -> str | None:
        """The name of the state that :meth:`read` gives; None where nothing was written yet.

        Raises:
            NoData: The pointer is damaged, or there is no state as known on that day.
        """
        if self.known_on is not None:
            return keeping.known_on(self.folder, self.known_on)
        return states.current(self.folder)

    def read(self, version: str | None = None, lazily: bool = False) -> Panel:
        """A state: prices with the chains, series and held-back values beside them.

        Args:
            version: Its name; None means that of :meth:`version`.
            lazily: Read prices as they are asked for; a file that is damaged is told of when something of it is.

        Raises:
            NoData: There is none.
            Damaged: A file of it is missing or damaged.
            Unreachable: A file of it cannot be read now.
            NewerFormat: A newer version wrote it.
        """
        if version is not None:
            return self._read(version, lazily)
        while True:
            version = self.version()
            if version is None:
                raise NoData(f"the store {self.name} is empty; refresh it first")
            try:
                return self._read(version, lazily)
            except Damaged:
                if self.version() == version:
                    raise  # else a writer has gone on meanwhile, and removed what it no longer keeps

    def _read(self, version: str, lazily: bool) -> Panel:
        state = states.load(self.folder, version)
        self._lost = state.lost
        known = None if self.known_on is None else states.moment(version)
        return read_state(self.folder, state, self.text, known, lazily)

    def newest_readable(self) -> Panel | None:
        """What a writing goes on from; None where no prices are stored.

        Raises:
            Damaged: A file is damaged, and no older state has another.
            Unreachable: A file cannot be read now.
            NewerFormat: A newer version wrote the store.
        """
        if self.known_on is not None:
            return self.read()
        base = self._mender.base()
        self._lost = base.state.lost
        return base.panel

    @property
    def extras(self) -> Extras:
        """The chains and series that a writing goes on from."""
        if self.known_on is not None:
            state = states.load(self.folder, keeping.known_on(self.folder, self.known_on))
            return Extras(Files(self.folder, state.sums), state)
        state, _ = self._mender.goes_on_from()
        return self._mender.extras(Files(self.folder, state.sums), state)

    def clock_in_doubt(self) -> str:
        """Why the time of this object may be wrong, seen from the last refresh; empty where it may be right."""
        state, _ = self._mender.goes_on_from()
        return keeping.jumped(state, self.now or dt.datetime.now(dt.UTC))

    def lost(self, panel: Panel) -> dict[str, dt.date]:
        """Symbols of *panel* whose prices were in a damaged file and have not come again, and the first day of that."""
        found: dict[str, dt.date] = {}
        for block in self._lost:
            first, _ = blocks.span_of(block)
            found |= {symbol: min(first, found.get(symbol, first)) for symbol in lost_symbols(panel, block)}
        return found

    def write(self, panel: Panel, whole: Collection[str] = ()) -> str:
        """Merge *panel* into the store and make the result current; returns the state's name.

        New values replace old ones day by day; a symbol or a day that *panel* does not have keeps what is stored.
        Values that change by more than they should are held back. Index weights are not stored: they stay with the
        folder that brings them.

        Args:
            panel: What was fetched, as traded.
            whole: Symbols of *panel* whose history was rewritten. Nothing stored of them is kept, unless both the
                stored and the new prices are as traded (``Provenance.as_traded``): those are screened as any others.

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
        with self._writing(panel is not None) as (base, stamp):
            state, stored = base.state, base.panel
            lines: list[dict[str, object]] = []
            new = replace(state, name=stamp)
            merged = stored
            if panel is not None:
                refuse_other_currency(stored, panel, whole)
                panel = replace(panel, listing=self.listing())
                screened = quarantine.screen(stored, panel, whole, () if stored is None else stored.quarantine)
                merged = (
                    until_last_value(screened.panel)
                    if stored is None
                    else merge(stored, screened.panel, screened.replaced)
                )
                lines += journal.batches(screened.panel, whole=sorted(screened.replaced))
                new = self._with_entries(new, base, screened.entries)
            if series:
                lines.append(journal.series_batch(provider, series, dt.datetime.now(dt.UTC)))
            self._publish(base, new, merged, lines, list(chains), dict(series or {}))
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
        return [] if version is None else journal.lines(self.folder, states.load(self.folder, version).journal)

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
            state, stored = base.state, base.panel
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
            new = replace(state, name=stamp)
            merged, lines = stored, []
            if accepted:
                for provider, fetched in dict.fromkeys((entry.provider, entry.fetched) for entry in chosen):
                    offer = heldback.offers([e for e in chosen if (e.provider, e.fetched) == (provider, fetched)])
                    about = {"fetched": fetched, "listing": stored.listing}
                    offer = replace(offer, source=provider, notice=stored.notice, **about)  # type: ignore[arg-type]
                    lines += journal.batches(offer, accepted=True)
                    merged = replace(merge(merged, offer), fetched=stored.fetched)
            else:
                rest += [replace(entry, rejected=True) for entry in chosen]
            new = self._with_entries(new, base, tuple(sorted(rest, key=lambda entry: (entry.symbol, entry.day))))
            self._publish(base, new, merged, lines, [], {})
        return chosen

    @contextlib.contextmanager
    def _writing(self, prices: bool = True) -> Iterator[tuple[Base, str]]:
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
            base = self._mender.base(prices)
            for file in (states.POINTER, states.COPY):
                storage.clear_way(self.folder, file)
            if states.is_new(self.folder):
                states.begin(self.folder)
            states.clear(self.folder)
            yield base, states.next_name(self.folder) if self.now is None else states.next_name(self.folder, self.now)
        finally:
            lock.release()

    def _with_entries(self, state: State, base: Base, entries: tuple[Quarantined, ...]) -> State:
        if entries == (() if base.panel is None else tuple(base.panel.quarantine)):
            return state
        if not entries:
            return replace(state, quarantine=None)
        file = f"quarantine-{state.name}.json"
        base.files.put(file, heldback.encode(entries))
        return replace(state, quarantine=file)

    def _publish(
        self,
        base: Base,
        state: State,
        panel: Panel | None,
        lines: Sequence[dict[str, object]],
        chains: Sequence[Chain],
        series: Series,
    ) -> None:
        """Write everything, then the state, then that it is the current one; then remove what is no longer needed."""
        abandoned = states.after(self.folder, base.state.name) if base.in_order else []
        unnamed = [file for file in states.stamped_after(self.folder, base.state.name) if state.name not in file]
        extras = self._mender.extras(base.files, base.state)
        left, points, seen = extras.left(unnamed)
        if left or chains:
            state = replace(state, chains=extras.write_chains([*left, *chains], state.name))
        if points or series:
            state = replace(state, series=extras.write_series(over(points, series), state.name))
        if panel is not None:
            state = replace(
                state,
                symbols=panel.symbols,
                fields=tuple(name for name in FIELDS if name in panel.fields),
                first=panel.first,
                last=panel.last,
                prices=written(state, base.panel, panel, base.files),
                notice=panel.notice,
                universes=panel.universes,
                fetched=panel.fetched,
                provenance=panel.provenance,
                lost={block: file for block, file in state.lost.items() if lost_symbols(panel, block)},
            )
        try:
            mark = journal.append(self.folder, state.journal, lines, "" if base.in_order else state.name)
        except Damaged as error:
            self._mender.note(error.message)
            mark = journal.append(self.folder, Mark(), lines, state.name)
        state = replace(state, journal=mark, refreshed=self.now or state.refreshed)
        unseen = {*state.prices.values(), state.quarantine} if base.panel is None else set()
        summed = frozenset(file for file in state.files if file in base.files.sums or file not in unseen)
        state = replace(state, sums=base.files.sums_of(summed))  # a store of format 1 has none of what was not read
        if base.named.name:
            states.keep(self.folder, base.named)
        states.abandon(self.folder, abandoned)
        if base.in_order:
            for file in unnamed:  # what is of use in them has been written anew
                if file not in state.files and (file in seen or file.startswith(("prices-", "quarantine-"))):
                    storage.remove(self.folder, file)
        states.publish(self.folder, state)
        self._lost = state.lost
        with contextlib.suppress(Unreachable, NewerFormat):  # it is written; old ones go another time
            keeping.thin(self.folder, state, abandoned, self._mender.rebuild)
