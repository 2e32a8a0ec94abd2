"""Merging what was fetched into what is stored."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from xlrotation.errors import BadArgument
from xlrotation.market.calendar import union_between
from xlrotation.market.panel import FloatArray, Panel


def merge(old: Panel, new: Panel, whole: Collection[str] = ()) -> Panel:
    """*new* over *old*: each finite value of *new* counts, everything else of *old* stays, but for *whole* symbols.

    Days of *new* after its last value add nothing, and days that are no session are left out.
    """
    if not any(np.isfinite(values).any() for values in new.fields.values()):
        return replace(old, fetched=new.fetched)
    new = until_last_value(new)
    symbols = tuple(dict.fromkeys((*old.symbols, *new.symbols)))
    exchanges = old.listing.all_of(symbols)
    days = union_between(exchanges, min(old.first, new.first), max(old.last, new.last))
    columns = {symbol: column for column, symbol in enumerate(symbols)}
    replaced = [columns[symbol] for symbol in whole if symbol in new.columns]
    fields: dict[str, FloatArray] = {}
    for name in dict.fromkeys((*old.fields, *new.fields)):
        target = fields[name] = np.full((len(days), len(symbols)), np.nan, order="F")
        for panel in (old, new):
            if name not in panel.fields:
                continue
            on_grid = np.isin(panel.days, days)
            rows = np.searchsorted(days, panel.days[on_grid])
            place = np.ix_(rows, np.array([columns[symbol] for symbol in panel.symbols], np.intp))
            if panel is new and replaced:
                target[:, replaced] = np.nan
            values = panel.fields[name][on_grid]
            target[place] = values if panel is old else np.where(np.isfinite(values), values, target[place])
        if name not in new.fields and replaced:
            target[:, replaced] = np.nan
    provenance = dict(old.provenance)
    for symbol, item in new.provenance.items():
        known = days[np.isfinite(fields["close"][:, columns[symbol]])] if symbol in columns else days[:0]
        span = (known[0].item(), known[-1].item()) if len(known) else (item.first, item.last)
        before = None if symbol in whole else provenance.get(symbol)
        provenance[symbol] = replace(
            item,
            first=span[0],
            last=span[1],
            currency=item.currency or (before.currency if before else None),
            zone=item.zone or (before.zone if before else None),
        )
    universes = {**old.universes, **new.universes}
    about = {"fetched": new.fetched, "listing": old.listing}
    return Panel(days, symbols, fields, new.source, new.notice, provenance, universes, **about)  # type: ignore[arg-type]


def until_last_value(panel: Panel) -> Panel:
    """*panel* without the days after the last one that has a value."""
    known = np.any([np.isfinite(values).any(axis=1) for values in panel.fields.values()], axis=0)
    if known[-1] or not known.any():
        return panel
    rows = slice(0, int(np.flatnonzero(known)[-1]) + 1)
    fields = {name: values[rows] for name, values in panel.fields.items()}
    return replace(panel, days=panel.days[rows], fields=fields)


def refuse_other_currency(stored: Panel | None, offered: Panel, whole: Collection[str]) -> None:
    """Prices in another currency may replace a history, never go on with it.

    Raises:
        BadArgument: They would.
    """
    for symbol, item in offered.provenance.items():
        known = None if stored is None else stored.provenance.get(symbol)
        if known is None or symbol in whole or None in (known.currency, item.currency):
            continue
        if known.currency != item.currency:
            raise BadArgument(
                f"{symbol} comes in {item.currency}, and what is stored is in {known.currency}; nothing was stored"
            )
