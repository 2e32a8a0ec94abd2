"""What a store holds beside its prices: option chains, a file a session, and dated series, one file.

A small pointer file names the current ones; a new file has a new name, so a reader sees the old state or the new one.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from xlrotation.errors import NoData
from xlrotation.files import patiently, write_whole
from xlrotation.market.calendar import Days
from xlrotation.market.chains import Chain, ChainsByDay
from xlrotation.market.panel import FloatArray

_POINTER = "extras.json"
_COLUMNS = ("expiry", "strike", "call", "bid", "ask", "morning", "traded")

Series = dict[str, tuple[Days, FloatArray]]


class Extras:
    """The files of one store.

    Args:
        folder: The store's folder. Whoever writes holds the store's lock.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def state(self) -> str:
        """The pointer's text; empty where nothing was written yet."""
        try:
            return patiently(lambda: (self.folder / _POINTER).read_text("utf-8"))
        except FileNotFoundError:
            return ""

    def _pointer(self) -> dict[str, Any]:
        try:
            found = json.loads(self.state() or "{}")
            return {"chains": dict(found.get("chains", {})), "series": found.get("series")}
        except (ValueError, AttributeError, TypeError):
            return {"chains": {}, "series": None}  # prices stay readable whatever became of this file

    def chains(self) -> ChainsByDay:
        """The chains, read from disk when a session is first asked for."""
        files = {dt.date.fromisoformat(day): entry for day, entry in self._pointer()["chains"].items()}
        return ChainsByDay(
            {day: tuple(entry["symbols"]) for day, entry in files.items()},
            lambda day: _read_chains(self.folder / files[day]["file"], day),
        )

    def series(self) -> Series:
        """The dated series.

        Raises:
            FileNotFoundError: A writer has just replaced the file.
        """
        name = self._pointer()["series"]
        return {} if name is None else _read_series(self.folder / name)

    def write_chains(self, chains: Iterable[Chain]) -> None:
        """Add chains; one of the same underlying and session replaces what is stored."""
        by_day: dict[dt.date, dict[str, Chain]] = {}
        for chain in chains:
            by_day.setdefault(chain.day, {})[chain.symbol] = chain
        pointer = self._pointer()
        replaced = []
        for day, new in by_day.items():
            known = pointer["chains"].get(day.isoformat())
            held = {} if known is None else {c.symbol: c for c in self._readable(self.folder / known["file"], day)}
            merged = held | new
            name = f"chains-{day}-{_stamp()}.parquet"
            write_whole(self.folder / name, _encode_chains(list(merged.values())))
            if known is not None:
                replaced.append(known["file"])
            pointer["chains"][day.isoformat()] = {"file": name, "symbols": list(merged)}
        self._write_pointer(pointer, replaced)

    def write_series(self, series: Mapping[str, tuple[Days, FloatArray]]) -> None:
        """Add series: new values replace old ones day by day, other days stay."""
        try:
            merged = self.series()
        except (FileNotFoundError, NoData):
            merged = {}
        for name, (days, values) in series.items():
            old_days, old = merged.get(name, (days[:0], values[:0]))
            every = np.unique(np.concatenate([old_days, days]))
            out = np.full(len(every), np.nan)
            out[np.searchsorted(every, old_days)] = old
            known = np.isfinite(values)
            out[np.searchsorted(every, days[known])] = values[known]
            merged[name] = (every, out)
        pointer = self._pointer()
        replaced = [pointer["series"]] if pointer["series"] else []
        pointer["series"] = f"series-{_stamp()}.parquet"
        write_whole(self.folder / pointer["series"], _encode_series(merged))
        self._write_pointer(pointer, replaced)

    def _write_pointer(self, pointer: dict[str, Any], replaced: list[str]) -> None:
        write_whole(self.folder / _POINTER, json.dumps(pointer).encode())
        for name in replaced:
            (self.folder / name).unlink(missing_ok=True)

    def _readable(self, path: Path, day: dt.date) -> list[Chain]:
        try:
            return _read_chains(path, day)
        except NoData:
            return []  # damaged: what was fetched anew takes its place


def _stamp() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S%f")


def _encode_chains(chains: list[Chain]) -> bytes:
    import pyarrow as pa

    table = {
        "symbol": pa.array(np.repeat([chain.symbol for chain in chains], [len(chain) for chain in chains])),
        **{name: pa.array(np.concatenate([getattr(chain, name) for chain in chains])) for name in _COLUMNS},
    }
    about = {chain.symbol: [_plain(chain.spot), _plain(chain.rate), chain.source] for chain in chains}
    return _parquet(table, about)


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
    return _parquet(table, list(series))


def _read_series(path: Path) -> Series:
    table, names = _opened(path)
    every = np.array(table.column("name").to_pylist(), dtype=object)
    days, values = table.column("day").to_numpy().astype("datetime64[D]"), table.column("value").to_numpy()
    return {name: (days[every == name], values[every == name]) for name in names}


def _parquet(columns: Mapping[str, object], about: object) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(dict(columns)).replace_schema_metadata({"xlrotation": json.dumps(about)})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    data: bytes = sink.getvalue().to_pybytes()
    return data


def _opened(path: Path) -> tuple[Any, Any]:
    import pyarrow.parquet as pq

    if not path.exists():
        raise FileNotFoundError(path)
    try:
        table = pq.read_table(path, memory_map=False)
        return table, json.loads(table.schema.metadata[b"xlrotation"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NoData(f"{path.name} in the store is damaged ({error}); refresh it again") from error
