"""The panel of what was found in the files of a folder."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from xlrotation.errors import NoData
from xlrotation.market.calendar import XNYS, Days
from xlrotation.market.chains import HeldChains
from xlrotation.market.filereadings import AS_TRADED
from xlrotation.market.panel import FloatArray, Panel, Provenance
from xlrotation.market.providers.folder import assembling, quotes
from xlrotation.market.providers.folder.found import Found
from xlrotation.market.providers.folder.listed import mark_of, named
from xlrotation.market.providers.folder.priceblocks import Block
from xlrotation.market.providers.folder.rows import rows_named
from xlrotation.market.providers.folder.waiting import Frame, clipped
from xlrotation.market.stacking import stack
from xlrotation.market.terms import Terms, of_weights


def in_one_file(found: Found, parts: Sequence[Found]) -> frozenset[str]:
    """The symbols that stand in one of *parts* and nowhere else."""
    times = Counter(block.symbol for block in found.blocks)
    return frozenset(block.symbol for part in parts for block in part.blocks if times[block.symbol] == 1)


def of_prices(
    path: Path,
    files: Sequence[Path],
    found: Found,
    now: dt.datetime,
    spent: frozenset[str] = frozenset(),
    frame: Frame | None = None,
) -> Panel:
    """The panel of files that hold prices.

    Args:
        path: The folder.
        files: Its files.
        found: What they hold.
        now: The time.
        spent: Symbols whose columns may be taken out of what was found.
        frame: The sessions, where the ends of the files have decided them.

    Raises:
        NoData: There are no closes on sessions.
    """
    remark = found.remarks.append
    by_symbol: dict[str, list[Block]] = {}
    held = assembling.finished(found.blocks, found.listing, now, remark)
    priced = [block for block in held if "close" in block.fields]
    told_of = [replace(block, fields={"close": _there(block.fields["close"])}) for block in priced]
    for block in held:
        by_symbol.setdefault(block.symbol, []).append(block)
    for block in found.blocks:
        if block.symbol in spent and by_symbol.get(block.symbol, [block])[0] is not block:
            block.fields = {}
    merged = [assembling.merged(symbol, blocks, remark) for symbol, blocks in by_symbol.items()]
    if frame is not None:
        merged = clipped(merged, frame, remark)
    blocks = [(block.symbol, block.days, block.fields) for block in merged]
    price_only = tuple(block.symbol for block in merged if not {"dividend", "adjclose"} & block.fields.keys())
    days, symbols, fields = stack(blocks, found.listing, spent, None if frame is None else (frame.first, frame.last))
    if "close" not in fields:
        raise NoData(f"{path} holds no closes on sessions of the exchange; give its prices daily, with a Close column")
    decided = None if frame is None else frame.newest
    days, fields = assembling.ended(days, symbols, fields, found.listing, remark, decided, told_of)
    provenance = {}
    for column, block in enumerate(merged):
        known = days[np.isfinite(fields["close"][:, column])]
        first, last = (known[0].item(), known[-1].item()) if len(known) else (None, None)
        kind, how = block.adjustment
        words = (
            f"{assembling.WORDS.get(kind, 'as in the file')}{f' ({how})' if how and (kind or 'chain' in how) else ''}"
        )
        provenance[block.symbol] = Provenance(
            *(block.file, first, last, None, words),
            as_traded=kind == AS_TRADED,
            currency=found.currencies.get(block.symbol),
        )
    members, weights, terms = universes(found)
    panel = Panel(
        *(days, symbols, fields, f"folder:{path}", "", provenance, members, weights),
        chains=HeldChains(quotes.chains(found.quotes)),
        series=found.series,
        terms=terms,
        sectors=found.sectors,
        fetched=_changed(files),
        ages=True,
        listing=found.listing,
        names={symbol: name for symbol, name in found.names.items() if symbol in symbols},
        price_only=price_only,
    )
    trusted = [block.symbol for block in merged if block.trusted]
    panel = assembling.screened(panel, fields, trusted, remark)
    assembling.told_alone(panel, trusted, remark)
    readings = assembling.readings_with(found.readings, found.remarks)
    return replace(panel, remarks=tuple(found.remarks), readings=readings)


def of_series(path: Path, files: Sequence[Path], found: Found, now: dt.datetime) -> Panel:
    """A panel of series alone: its newest session is the first one by which the last observation is dated."""
    dated = np.concatenate([days for days, _ in found.series.values()])
    sessions = XNYS.sessions()
    sessions = sessions[sessions <= np.datetime64(XNYS.last_known(now))]
    begin = max(int(np.searchsorted(sessions, dated.min(initial=sessions[-1]), side="right")) - 1, 0)
    end = min(int(np.searchsorted(sessions, dated.max(initial=sessions[0]))), len(sessions) - 1)
    days = sessions[min(begin, end) : end + 1]
    members, weights, terms = universes(found)
    return Panel(
        *(days, (), {"close": np.empty((len(days), 0))}, f"folder:{path}", "", {}, members, weights),
        chains=HeldChains(quotes.chains(found.quotes)),
        series=found.series,
        terms=terms,
        sectors=found.sectors,
        fetched=_changed(files),
        ages=True,
        listing=found.listing,
        remarks=tuple(found.remarks),
        readings=tuple(found.readings),
    )


def _there(values: FloatArray) -> FloatArray:
    """1 where there is a value, in a quarter of its memory: the columns themselves are let go of."""
    return np.where(np.isfinite(values), np.float16(1), np.float16(np.nan))


def _changed(files: Sequence[Path]) -> dt.datetime:
    """When the last of the files was changed."""
    return dt.datetime.fromtimestamp(max(mark_of(file)[1] for file in files) / 1e9, dt.UTC)


def but(found: Found) -> str:
    """What a folder holds that are no prices."""
    chains = dict.fromkeys(symbol for symbol, _ in found.quotes)
    held: list[tuple[str, list[str]]] = [
        ("series", list(found.series)),
        ("members of", list(found.members)),
        ("weights of", list(found.weights)),
        ("option chains of", list(chains)),
    ]
    told = [f"{what} {named(names)}" for what, names in held if names]
    return f", but {' and '.join(told)}" if told else ""


Universes = tuple[dict[str, tuple[str, ...]], dict[str, tuple[Days, FloatArray]], dict[str, Terms]]


def universes(found: Found) -> Universes:
    """Members by universe, weights with their columns in the members' order, and the terms of members.

    Where nothing but weights tells the members, those of a day are who has a weight then.
    """
    universes = {name: members for name, members in found.members.items() if members}
    weights, terms = {}, dict(found.terms)
    for name, (tickers, days, table) in found.weights.items():
        if name not in universes:
            terms[name] = of_weights(tickers, days, table)
        members = universes.setdefault(name, tickers)
        strangers = [ticker for ticker in tickers if ticker not in set(members)]
        if strangers:
            file, rows = found.weight_rows[name]
            rows_told = rows_named([row for ticker in strangers for row in rows[ticker]])
            found.remarks.append(f"{file}: weights of {name}: no members, left out: {', '.join(strangers)}{rows_told}")
        column_of = {ticker: place for place, ticker in enumerate(tickers)}
        padded = np.hstack([table, np.full((len(table), 1), np.nan)])
        weights[name] = (days, padded[:, [column_of.get(ticker, -1) for ticker in members]])
    return universes, weights, terms
