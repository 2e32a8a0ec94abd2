"""A state of a store as a panel, and a panel as the prices of a state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from xlrotation.errors import NoData
from xlrotation.market.calendar import Days, union_between
from xlrotation.market.chains import BoolArray
from xlrotation.market.listing import Listing, read_listing
from xlrotation.market.panel import FloatArray, Panel, Quarantined
from xlrotation.market.store import blocks, heldback, states
from xlrotation.market.store.extras import Extras, Series
from xlrotation.market.store.lazily import StoredFields, possible
from xlrotation.market.store.stateformat import State
from xlrotation.market.store.storage import Damaged, Files


def read_state(folder: Path, state: State, source: str, known: dt.datetime | None, lazily: bool = False) -> Panel:
    """Prices with the chains, series and held-back values beside them.

    Series and held-back values whose file is damaged are left out, and the remarks say so; chains tell when they are
    asked for. Prices are all there or none: what a window finds in a series with a hole would be another number.

    Args:
        folder: The store's folder.
        state: The state.
        source: What opens it as a source.
        known: When it was written, where it is not the current one.
        lazily: Read prices as they are asked for, where each of their files has a sum; damage is then told when it is
            met, but for a file that is missing or has another size.

    Raises:
        NoData: It has no prices.
        Damaged: A file of its prices is.
        Unreachable: A file cannot be read now.
    """
    if not state.symbols:
        raise NoData(f"the store {folder.name} holds no prices yet; refresh it first")
    files = Files(folder, state.sums)
    listing = read_listing(folder)  # once: settings may be written meanwhile
    days = _days(state, listing)
    fields: Mapping[str, FloatArray] = (
        StoredFields(files, state, days) if lazily and possible(state) else fields_of(files, state, listing)
    )
    panel = panel_of(state, fields, source, listing)
    extras = Extras(files, state)
    remarks = list(filter(None, [states.trouble(folder)])) if known is None else []
    remarks += listing.strangers(state.symbols)
    for block, file in state.lost.items():
        told = f"prices of {block} are not complete: {file} was damaged, and not all has come again"
        remarks.append(f"{told}; run xlrotation refresh")
    entries: Sequence[Quarantined] = ()
    series: Series = {}
    try:
        if state.quarantine is not None:
            entries = heldback.HeldBack(files, state.quarantine)
    except Damaged as error:
        remarks.append(error.message)
    try:
        series = extras.series()
    except Damaged as error:
        remarks.append(error.message)
    return replace(
        panel,
        chains=extras.chains(),
        series=series,
        remarks=tuple(remarks),
        quarantine=entries,
        ages=True,
        known=known,
        state=state.name,
    )


def fields_of(files: Files, state: State, listing: Listing) -> dict[str, FloatArray]:
    """The prices of a state, on the sessions of the exchanges where *listing* says that the symbols trade.

    Raises:
        Damaged: A file of them is.
        Unreachable: One cannot be read now.
    """
    data = ((file, files.get(file)) for file in state.prices.values())
    return blocks.read(data, _days(state, listing), state.symbols, state.fields, files.folder)


def panel_of(state: State, fields: Mapping[str, FloatArray], source: str, listing: Listing) -> Panel:
    """A panel of the prices of a state, which were read with the same *listing*."""
    about = (state.notice, state.provenance, state.universes)
    days = _days(state, listing)
    return Panel(days, state.symbols, fields, source, *about, fetched=state.fetched, listing=listing)


def _days(state: State, listing: Listing) -> Days:
    assert state.first is not None
    assert state.last is not None
    return union_between(listing.all_of(state.symbols), state.first, state.last)


def lost_symbols(panel: Panel, block: str) -> list[str]:
    """The symbols that had prices in a block whose file was damaged, by all that is known, and have none there now."""
    first, last = blocks.span_of(block)
    rows = slice(*np.searchsorted(panel.days, np.array([first, last + dt.timedelta(days=1)], "M8[D]")))
    known: BoolArray = np.isfinite(panel.fields["close"][rows]).sum(axis=0) > 0
    return [
        symbol
        for symbol, item in panel.provenance.items()
        if symbol in panel.columns
        and not known[panel.columns[symbol]]
        and (item.first is None or item.first <= last)
        and (item.last is None or item.last >= first)
    ]


def written(state: State, stored: Panel | None, panel: Panel, files: Files) -> dict[str, str]:
    """The file of each block of *panel*; those that hold the same as *stored* stay, the others are written."""
    if stored is panel and state.prices:
        return dict(state.prices)
    prices = {}
    for name, rows in blocks.spans(panel.days):
        if name in state.prices and stored is not None and blocks.same(panel, stored, rows):
            prices[name] = state.prices[name]
        elif blocks.held(panel, rows)[1]:
            prices[name] = f"prices-{name}-{state.name}.parquet"
            data, tail = blocks.encode(panel, rows)
            files.put(prices[name], data, tail)
    return prices
