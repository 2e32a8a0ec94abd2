"""What a store holds beside its prices: option chains, a file a session, and dated series, one file.

A state names the files; a new file has a new name, so a reader that follows a state sees all of it or none. Past chains
can be had from nowhere else, so nothing here makes fewer of them.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from xlrotation.market.calendar import Days
from xlrotation.market.chains import Chain, ChainsByDay, known_counts
from xlrotation.market.panel import FloatArray
from xlrotation.market.store import storage
from xlrotation.market.store.blocks import WRONG, parquet
from xlrotation.market.store.stateformat import Chains, State
from xlrotation.market.store.storage import Damaged, Files

T = TypeVar("T")

_COLUMNS = ("expiry", "strike", "call", "bid", "ask", "morning", "traded")
_COUNTS = ("volume", "open_interest")
"""Columns that files have where something is known of them; files from before they were fetched have none."""

Series = dict[str, tuple[Days, FloatArray]]

Otherwise = Callable[[str, str, Damaged], str | None]


class Extras:
    """Chains and series of one state of a store.

    Args:
        files: Its files.
        state: The state.
        otherwise: What stands in the place of a damaged file, where something does: it is given the kind, the session
            and the damage, and gives another file, or None for nothing, or raises the damage.
    """

    def __init__(self, files: Files, state: State, otherwise: Otherwise | None = None) -> None:
        self._files = files
        self._otherwise = otherwise
        self._chains: Chains = state.chains
        self._series = state.series

    def chains(self) -> ChainsByDay:
        """The chains, read from disk when a session is first asked for.

        Reading one raises Damaged or Unreachable where its file is.
        """
        held = {dt.date.fromisoformat(day): symbols for day, (_, symbols) in self._chains.items()}
        return ChainsByDay(
            held,
            lambda day: self.chains_of(day.isoformat()),
            lambda day: self._files.get(self._chains[day.isoformat()][0]),
        )

    def chains_of(self, day: str) -> list[Chain]:
        """The chains of a session.

        Raises:
            Damaged: Their file is missing or damaged.
            Unreachable: It cannot be read now.
        """
        file, symbols = self._chains[day]
        try:
            found = chains_in(self._files, file)
            if {chain.symbol for chain in found} != set(symbols):
                raise storage.damaged(self._files.folder, file, "it holds other underlyings than its state says")
        except Damaged as error:
            if self._otherwise is None:
                raise
            other = self._otherwise("chains", day, error)
            return [] if other is None else chains_in(self._files, other)
        return found

    def series(self) -> Series:
        """The dated series.

        Raises:
            Damaged: Their file is missing or damaged.
            Unreachable: It cannot be read now.
        """
        if self._series is None:
            return {}
        try:
            return series_in(self._files, self._series)
        except Damaged as error:
            if self._otherwise is None:
                raise
            other = self._otherwise("series", "", error)
            return {} if other is None else series_in(self._files, other)

    def write_chains(self, chains: Iterable[Chain], stamp: str) -> Chains:
        """Write files with *chains* added; one of the same underlying and session replaces what is stored.

        Args:
            chains: What came.
            stamp: The name of the state to be, which is part of the files' names.

        Returns:
            The files of all sessions.
        """
        by_day: dict[str, dict[str, Chain]] = {}
        for chain in chains:
            by_day.setdefault(chain.day.isoformat(), {})[chain.symbol] = chain
        named = dict(self._chains)
        for day, new in by_day.items():
            replaced = day not in named or set(named[day][1]) <= set(new)
            held = {chain.symbol: chain for chain in (self._replaced(day) if replaced else self.chains_of(day))}
            came = {symbol: _with_counts(chain, held.get(symbol)) for symbol, chain in new.items()}
            merged = held | came
            file = f"chains-{day}-{stamp}.parquet"
            self._files.put(file, _encode_chains(list(merged.values())))
            named[day] = (file, tuple(merged))
        return dict(sorted(named.items()))

    def _replaced(self, day: str) -> list[Chain]:
        """The chains of a session that all are replaced; none where there are none that can be read."""
        if day not in self._chains:
            return []
        try:
            return self.chains_of(day)
        except Damaged:
            return []

    def write_series(self, series: Mapping[str, tuple[Days, FloatArray]], stamp: str) -> str:
        """Write a file with *series* added: new values replace old ones day by day, other days stay.

        Args:
            series: What came.
            stamp: The name of the state to be.

        Returns:
            The file.
        """
        file = f"series-{stamp}.parquet"
        self._files.put(file, _encode_series(over(self.series(), series)))
        return file

    def left(self, names: Iterable[str]) -> tuple[list[Chain], Series, list[str]]:
        """What files that no state names hold of chains, and of values of series, that this state lacks.

        Returns:
            The chains, the series, and the files that could be read; a damaged one has nothing to give.
        """
        chains: dict[tuple[str, str], Chain] = {}
        points: Series = {}
        seen = []
        for file in names:
            kind, day, _ = storage.kind_of(file) or ("", "", "")
            with contextlib.suppress(Damaged):
                if kind == "chains":
                    known = self._chains[day][1] if day in self._chains else ()
                    chains |= {(day, c.symbol): c for c in chains_in(self._files, file) if c.symbol not in known}
                    seen.append(file)
                elif kind == "series":
                    points = over(points, _lacking(self.series(), series_in(self._files, file)))
                    seen.append(file)
        return list(chains.values()), points, seen


def over(old: Series, new: Mapping[str, tuple[Days, FloatArray]]) -> Series:
    """*new* over *old*: each finite value of *new* counts, everything else of *old* stays."""
    merged = dict(old)
    for name, (days, values) in new.items():
        old_days, stood = merged.get(name, (days[:0], values[:0]))
        every = np.unique(np.concatenate([old_days, days]))
        out = np.full(len(every), np.nan)
        out[np.searchsorted(every, old_days)] = stood
        known = np.isfinite(values)
        out[np.searchsorted(every, days[known])] = values[known]
        merged[name] = (every, out)
    return merged


def _lacking(known: Series, found: Series) -> Series:
    """The values of *found* on days that *known* does not have."""
    rest: Series = {}
    for name, (days, values) in found.items():
        new = ~np.isin(days, known[name][0]) if name in known else np.ones(len(days), bool)
        if new.any():
            rest[name] = (days[new], values[new])
    return rest


def _encode_chains(chains: list[Chain]) -> bytes:
    import pyarrow as pa

    counts = [name for name in _COUNTS if any(getattr(chain, name) is not None for chain in chains)]
    table = {
        "symbol": pa.array(np.repeat([chain.symbol for chain in chains], [len(chain) for chain in chains])),
        **{name: pa.array(np.concatenate([getattr(chain, name) for chain in chains])) for name in _COLUMNS},
        **{name: pa.array(np.concatenate([_counts(chain, name) for chain in chains])) for name in counts},
    }
    about = {chain.symbol: [_plain(chain.spot), _plain(chain.rate), chain.source] for chain in chains}
    return parquet(table, about)


def _counts(chain: Chain, name: str) -> FloatArray:
    stated: FloatArray | None = getattr(chain, name)
    return np.full(len(chain), np.nan) if stated is None else stated


def _with_counts(new: Chain, old: Chain | None) -> Chain:
    """*new* with the counts of contracts that it does not know and the chain that it replaces does."""
    lacking = [name for name in _COUNTS if getattr(new, name) is None and getattr(old, name, None) is not None]
    if old is None or not lacking:
        return new
    rows = {option: row for row, option in enumerate(_options(old))}
    from_old = np.array([rows.get(option, -1) for option in _options(new)])
    kept = {name: np.append(_counts(old, name), np.nan)[from_old] for name in lacking}  # of the place -1 it is NaN
    volume, interest = (known_counts(kept[name]) if name in kept else getattr(new, name) for name in _COUNTS)
    return replace(new, volume=volume, open_interest=interest)


def _options(chain: Chain) -> list[tuple[object, ...]]:
    """What tells the options of a chain apart."""
    columns = (chain.expiry, chain.strike, chain.call, chain.morning)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _plain(value: float) -> float | None:
    return value if value == value else None


def chains_in(files: Files, file: str) -> list[Chain]:
    """The chains in a file.

    Raises:
        Damaged: It is missing or damaged.
        Unreachable: It cannot be read now.
    """

    def read(table: Any, about: Any) -> list[Chain]:
        parts = storage.kind_of(file)
        day = dt.date.fromisoformat(parts[1] if parts else "")
        symbols = np.array(table.column("symbol").to_pylist(), dtype=object)
        counts = [name for name in _COUNTS if name in table.column_names]
        columns = {name: table.column(name).to_numpy() for name in (*_COLUMNS, *counts)}
        for name in ("expiry", "traded"):
            columns[name] = columns[name].astype("datetime64[D]")
        for name in ("call", "morning"):
            columns[name] = columns[name].astype(bool)
        found = []
        for symbol, (spot, rate, source) in about.items():
            rows = symbols == symbol
            own = {name: values[rows] for name, values in columns.items()}
            own |= {name: known_counts(own[name]) for name in counts}
            spot, rate = (float("nan") if value is None else value for value in (spot, rate))
            found.append(Chain(symbol, day, **own, spot=spot, rate=rate, source=source))
        return found

    return _opened(files, file, read)


def _encode_series(series: Series) -> bytes:
    import pyarrow as pa

    table = {
        "name": pa.array(np.repeat(list(series), [len(days) for days, _ in series.values()])),
        "day": pa.array(np.concatenate([days for days, _ in series.values()])),
        "value": pa.array(np.concatenate([values for _, values in series.values()])),
    }
    return parquet(table, list(series))


def series_in(files: Files, file: str) -> Series:
    """The series in a file.

    Raises:
        Damaged: It is missing or damaged.
        Unreachable: It cannot be read now.
    """

    def read(table: Any, names: Any) -> Series:
        rows: dict[str, list[int]] = {name: [] for name in names}
        for row, name in enumerate(table.column("name").to_pylist()):
            if name in rows:
                rows[name].append(row)
        days, values = table.column("day").to_numpy().astype("datetime64[D]"), table.column("value").to_numpy()
        places = {name: np.array(own, np.int64) for name, own in rows.items()}
        return {name: (days[own], values[own]) for name, own in places.items()}

    return _opened(files, file, read)


def _opened(files: Files, file: str, read: Callable[[Any, Any], T]) -> T:
    import pyarrow as pa
    import pyarrow.parquet as pq

    data = files.get(file)
    try:
        with pq.ParquetFile(pa.BufferReader(data), page_checksum_verification=True) as opened:
            table = opened.read()
        return read(table, json.loads(table.schema.metadata[b"xlrotation"]))
    except WRONG as error:
        raise storage.damaged(files.folder, file, error) from error
