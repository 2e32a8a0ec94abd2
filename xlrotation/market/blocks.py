"""Prices on disk: a Parquet file for each year of the panel, and for each month of its newest year.

A file is a long table (symbol, day, a column per field) that any reader of Parquet opens. Rows are sorted by symbol
and then day, so that a column of the file is, as it lies in memory, an array (days, symbols) of the panel. Years that
did not change are shared by all states of a store: a daily refresh writes one month, and old states cost little.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from xlrotation.market.calendar import Days
from xlrotation.market.panel import FIELDS, FloatArray, Panel


def spans(days: Days) -> list[tuple[str, slice]]:
    """Name and rows of each block: ``2024`` for a year, ``2025-03`` for a month of the newest year."""
    years = days.astype("datetime64[Y]")
    months = days.astype("datetime64[M]")
    names = np.where(years < years[-1], years.astype(str), months.astype(str))
    starts = np.flatnonzero(np.r_[True, names[1:] != names[:-1]])
    ends = np.r_[starts[1:], len(names)]
    return [(str(names[a]), slice(int(a), int(b))) for a, b in zip(starts, ends, strict=True)]


def held(panel: Panel, rows: slice) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fields and the symbols of *panel* that have a value in *rows*."""
    known = {name: np.isfinite(values[rows]).any(axis=0) for name, values in panel.fields.items()}
    fields = tuple(name for name in FIELDS if name in known and known[name].any())
    columns = np.any([known[name] for name in fields], axis=0) if fields else np.zeros(len(panel.symbols), bool)
    return fields, tuple(panel.symbols[column] for column in np.flatnonzero(columns))


def same(panel: Panel, other: Panel, rows: slice) -> bool:
    """Whether both hold the same values on the days of *rows* of *panel*, whatever the order of their symbols."""
    days = panel.days[rows]
    start = int(np.searchsorted(other.days, days[0]))
    theirs = slice(start, start + len(days))
    if not np.array_equal(other.days[theirs], days) or held(panel, rows) != held(other, theirs):
        return False
    fields, symbols = held(panel, rows)
    ours = [panel.columns[symbol] for symbol in symbols]
    others = [other.columns[symbol] for symbol in symbols]
    alike = ours == others == list(range(len(panel.symbols))) == list(range(len(other.symbols)))
    return all(
        np.array_equal(
            panel.fields[name][rows] if alike else panel.fields[name][rows][:, ours],
            other.fields[name][theirs] if alike else other.fields[name][theirs][:, others],
            equal_nan=True,
        )
        for name in fields
    )


def encode(panel: Panel, rows: slice) -> bytes:
    """The file of a block."""
    import pyarrow as pa

    fields, symbols = held(panel, rows)
    days = panel.days[rows].astype("datetime64[D]")
    columns = [panel.columns[symbol] for symbol in symbols]
    every = np.repeat(np.arange(len(symbols), dtype=np.int32), len(days))
    table: dict[str, Any] = {
        "symbol": pa.DictionaryArray.from_arrays(pa.array(every), pa.array(symbols, pa.string())),
        "day": pa.array(np.tile(days, len(symbols))),
    }
    for name in fields:
        table[name] = pa.array(panel.fields[name][rows][:, columns].ravel(order="F"))
    about = {"symbols": symbols, "fields": fields, "days": days.astype(int).tolist()}
    return parquet(table, about)


def read(files: Iterable[Path], days: Days, symbols: Sequence[str], fields: Sequence[str]) -> dict[str, FloatArray]:
    """Arrays (days, symbols) by field, filled from the files of blocks.

    Raises:
        OSError, ValueError, KeyError, TypeError: A file is missing or damaged.
    """
    import pyarrow.parquet as pq

    arrays = {name: np.empty((len(days), len(symbols)), order="F") for name in fields}
    filled = np.zeros(len(days), bool)
    places = {symbol: column for column, symbol in enumerate(symbols)}
    for path in files:
        if not path.exists():
            raise FileNotFoundError(errno.ENOENT, "no such file", str(path))
        with pq.ParquetFile(path, memory_map=False) as file:
            about = json.loads(file.metadata.metadata[b"xlrotation"])
            table = file.read(columns=about["fields"])
        own = np.array(about["days"], "datetime64[D]")
        start = int(np.searchsorted(days, own[0]))
        rows: Any = slice(start, start + len(own))
        kept: Any = slice(None)
        if not np.array_equal(days[rows], own):  # the calendar knows some of these days as holidays by now
            rows, kept = np.isin(days, own), np.isin(own, days)
        columns = [places[symbol] for symbol in about["symbols"]]
        whole = columns == list(range(len(symbols)))
        filled[rows] = True
        for name in fields:
            target = arrays[name]
            if name not in about["fields"]:
                target[rows] = np.nan
                continue
            values = table.column(name).to_numpy().reshape(len(columns), len(own)).T[kept]
            if whole:
                target[rows] = values
            else:
                target[rows] = np.nan
                for place, column in enumerate(columns):
                    target[rows, column] = values[:, place]
    if not filled.all():
        for values in arrays.values():
            values[~filled] = np.nan
    return arrays


def parquet(columns: Mapping[str, object], about: object) -> bytes:
    """A Parquet file of *columns*, with *about* as JSON in its metadata under ``xlrotation``."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(dict(columns)).replace_schema_metadata({"xlrotation": json.dumps(about)})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", compression_level=1)
    data: bytes = sink.getvalue().to_pybytes()
    return data
