"""Whether what came agrees with what is stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np

from xlrotation.market.calendar import Days
from xlrotation.market.panel import FloatArray, Panel
from xlrotation.measures import ties

Block = tuple[str, Days, dict[str, FloatArray]]
"""A symbol, the days that came for it, and its fields on them."""

REWRITTEN = 0.005
"""Closes as traded that differ from the stored ones by more than this share were rewritten by the provider."""

COMPLETE = 0.95
"""Share of the stored closes that a rewritten history must hold to replace them."""


def rewritten(blocks: Sequence[Block], stored: Panel) -> list[str]:
    """Symbols whose closes as traded, or splits, the provider has changed since they were stored.

    A new split changes no close as traded, so this is rare. The last common day is left out: a late correction of one
    bar is no rewriting.
    """
    found = []
    for symbol, days, fields in blocks:
        if symbol not in stored.columns:
            continue
        column = stored.columns[symbol]
        _, ours, theirs = np.intersect1d(stored.days, days, return_indices=True)
        old, new = stored.fields["close"][ours, column], fields["close"][theirs]
        known = np.flatnonzero(np.isfinite(old) & np.isfinite(new))[:-1]
        moved = len(known) > 0 and np.median(np.abs(new[known] / old[known] - 1.0)) > REWRITTEN + ties.TIE
        split = stored.fields.get("split")
        undone = False
        if split is not None:
            before = split[ours, column]
            now = fields["split"][theirs] if "split" in fields else np.full(len(ours), np.nan)
            undone = bool((np.isfinite(before) & (before > 0) & (before != 1) & ~(before == now)).any())
        if moved or undone:
            found.append(symbol)
    return found


def other_currencies(currencies: Mapping[str, str | None], stored: Panel) -> dict[str, str]:
    """Symbols that came in another currency than is stored, and why they are left out."""
    found = {}
    for symbol, currency in currencies.items():
        known = stored.provenance.get(symbol)
        if known is not None and None not in (known.currency, currency) and known.currency != currency:
            found[symbol] = (
                f"it comes in {currency}, and what is stored is in {known.currency}; what is stored stays as it was, "
                f"run xlrotation refresh {symbol} --force to have all of it in {currency}"
            )
    return found


def complete(block: Block, stored: Panel, since: dt.date) -> bool:
    """Whether *block* holds (nearly) as many closes as are stored since that day."""
    symbol, _, fields = block
    closes = np.isfinite(stored.fields["close"][:, stored.columns[symbol]])
    kept = int(closes[stored.days >= np.datetime64(since)].sum())
    return int(np.isfinite(fields["close"]).sum()) >= COMPLETE * kept


def agree(whole: Block, tail: Block) -> bool:
    """Whether two answers give the same closes where they meet."""
    _, ours, theirs = np.intersect1d(whole[1], tail[1], return_indices=True)
    one, other = whole[2]["close"][ours], tail[2]["close"][theirs]
    both = np.isfinite(one) & np.isfinite(other)
    return bool(both.any()) and bool(np.allclose(one[both], other[both], rtol=REWRITTEN, atol=0.0))


def nothing_new(block: Block, stored: Panel) -> bool:
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
