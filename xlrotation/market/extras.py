"""What a store holds beside its prices: option chains, a file a session, and dated series, one file.

A state names the files; a new file has a new name, so a reader that follows a state sees all of it or none.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from xlrotation.errors import NoData
from xlrotation.files import write_whole
from xlrotation.market.blocks import parquet
from xlrotation.market.calendar import Days
from xlrotation.market.chains import Chain, ChainsByDay
from xlrotation.market.panel import FloatArray
from xlrotation.market.states import Chains, State

_COLUMNS = ("expiry", "strike", "call", "bid", "ask", "morning", "traded")

Series = dict[str, tuple[Days, FloatArray]]


class Extras:
    """Chains and series of one state of a store.

    Args:
        folder: The store's folder.
        state: The state; None where nothing was written yet.
    """

    def __init__(self, folder: Path, state: State | None) -> None:
        self.folder = folder
        self._chains: Chains = {} if state is None else state.chains
        self._series = None if state is None else state.series

    def chains(self) -> ChainsByDay:
        """The chains, read from disk when a session is first asked for."""
        held = {dt.date.fromisoformat(day): symbols for day, (_, symbols) in self._chains.items()}

        def path(day: dt.date) -> Path:
            return self.folder / self._chains[day.isoformat()][0]

        return ChainsByDay(held, lambda day: _read_chains(path(day), day), lambda day: path(day).read_bytes())

    def series(self) -> Series:
        """The dated series.

        Raises:
            NoData: Their file is missing or damaged.
        """
        return {} if self._series is None else _read_series(self.folder / self._series)

    def write_chains(self, chains: Iterable[Chain], stamp: str) -> Chains:
        """Write files with *chains* added; one of the same underlying and session replaces what is stored.

        Args:
            chains: What came.
            stamp: The name of the state to be, which is part of the files' names.

        Returns:
            The files of all sessions.
        """
        by_day: dict[dt.date, dict[str, Chain]] = {}
        for chain in chains:
            by_day.setdefault(chain.day, {})[chain.symbol] = chain
        files = dict(self._chains)
        for day, new in by_day.items():
            known = files.get(day.isoformat())
            held = {} if known is None else {chain.symbol: chain for chain in self._readable(known[0], day)}
            merged = held | new
            name = f"chains-{day}-{stamp}.parquet"
            write_whole(self.folder / name, _encode_chains(list(merged.values())))
            files[day.isoformat()] = (name, tuple(merged))
        return dict(sorted(files.items()))

    def write_series(self, series: Mapping[str, tuple[Days, FloatArray]], stamp: str) -> str:
        """Write a file with *series* added: new values replace old ones day by day, other days stay.

        Args:
            series: What came.
            stamp: The name of the state to be.

        Returns:
            The file.
        """
        try:
            merged = self.series()
        except NoData:
            merged = {}
        for name, (days, values) in series.items():
            old_days, old = merged.get(name, (days[:0], values[:0]))
            every = np.unique(np.concatenate([old_days, days]))
            out = np.full(len(every), np.nan)
            out[np.searchsorted(every, old_days)] = old
            known = np.isfinite(values)
            out[np.searchsorted(every, days[known])] = values[known]
            merged[name] = (every, out)
        file = f"series-{stamp}.parquet"
        write_whole(self.folder / file, _encode_series(merged))
        return file

    def _readable(self, file: str, day: dt.date) -> list[Chain]:
        try:
            return _read_chains(self.folder / file, day)
        except NoData:
            return []  # damaged: what was fetched anew takes its place


def _encode_chains(chains: list[Chain]) -> bytes:
    import pyarrow as pa

    table = {
        "symbol": pa.array(np.repeat([chain.symbol for chain in chains], [len(chain) for chain in chains])),
        **{name: pa.array(np.concatenate([getattr(chain, name) for chain in chains])) for name in _COLUMNS},
    }
    about = {chain.symbol: [_plain(chain.spot), _plain(chain.rate), chain.source] for chain in chains}
    return parquet(table, about)


def _plain(value: float) -> float | None:
    return value if value == value else None


def _read_chains(path: Path, day: dt.date) -> list[Chain]:
    table, about = _opened(path)
    symbols = np.array(table.column("symbol").to_pylist(), dtype=object)
    columns = {name: table.column(name).to_numpy() for name in _COLUMNS}
    for name in ("expiry", "traded"):
        columns[name] = columns[name].astype("datetime64[D]")
    for name in ("call", "morning"):
        columns[name] = columns[name].astype(bool)
    found = []
    for symbol, (spot, rate, source) in about.items():
        rows = symbols == symbol
        parts = {name: values[rows] for name, values in columns.items()}
        spot, rate = (float("nan") if value is None else value for value in (spot, rate))
        found.append(Chain(symbol, day, **parts, spot=spot, rate=rate, source=source))
    return found


def _encode_series(series: Series) -> bytes:
    import pyarrow as pa

    table = {
        "name": pa.array(np.repeat(list(series), [len(days) for days, _ in series.values()])),
        "day": pa.array(np.concatenate([days for days, _ in series.values()])),
        "value": pa.array(np.concatenate([values for _, values in series.values()])),
    }
    return parquet(table, list(series))


def _read_series(path: Path) -> Series:
    table, names = _opened(path)
    every = np.array(table.column("name").to_pylist(), dtype=object)
    days, values = table.column("day").to_numpy().astype("datetime64[D]"), table.column("value").to_numpy()
    return {name: (days[every == name], values[every == name]) for name in names}


def _opened(path: Path) -> tuple[Any, Any]:
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path, memory_map=False)
        return table, json.loads(table.schema.metadata[b"xlrotation"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NoData(f"{path.name} in the store is damaged ({error}); refresh it again") from error
