"""Prices on disk: a Parquet file for each year of the panel, and for each month of its newest year.

A file is a long table (symbol, day, a column per field) that any reader of Parquet opens. Rows are sorted by symbol
and then day, so that a column of the file is, as it lies in memory, an array (days, symbols) of the panel. Some symbols
make a group of rows, and the file's end has the sums of the pieces before it: some symbols of some fields can be read,
and checked, without the rest. Years that did not change are shared by all states of a store: a daily refresh writes one
month, and old states cost little.
"""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from xlrotation.market.calendar import Days
from xlrotation.market.panel import FIELDS, FloatArray, Panel
from xlrotation.market.store import storage
from xlrotation.market.store.pieces import sums_of

_OPTIONS: dict[str, Any] = {"compression": "zstd", "compression_level": 1, "write_page_checksum": True}

PIECES = "xlrotation.pieces"
"""Where the metadata of a file say how its pieces are checked."""

_TOGETHER = 2**14
"""Values of a field that are written together; what is read of one symbol is read of all in its group."""

_GROUPS = 32
"""Groups of a file at most: what its end says of each of them stays in memory."""

WRONG = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    OverflowError,
    RecursionError,
    MemoryError,
)
"""What contents that are no good raise in Parquet and JSON; the bytes themselves were read before."""


def spans(days: Days) -> list[tuple[str, slice]]:
    """Name and rows of each block: ``2024`` for a year, ``2025-03`` for a month of the newest year."""
    years = days.astype("datetime64[Y]")
    months = days.astype("datetime64[M]")
    names = np.where(years < years[-1], years.astype(str), months.astype(str))
    starts = np.flatnonzero(np.r_[True, names[1:] != names[:-1]])
    ends = np.r_[starts[1:], len(names)]
    return [(str(names[a]), slice(int(a), int(b))) for a, b in zip(starts, ends, strict=True)]


def span_of(block: str) -> tuple[dt.date, dt.date]:
    """First and last day of a block by its name."""
    year, _, month = block.partition("-")
    first = dt.date(int(year), int(month or 1), 1)
    after = dt.date(int(year) + 1, 1, 1) if not month else (first + dt.timedelta(days=32)).replace(day=1)
    return first, after - dt.timedelta(days=1)


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


def encode(panel: Panel, rows: slice) -> tuple[bytes, int]:
    """The file of a block, and the length of its tail, which has the sums of the pieces before it."""
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
    together = max(1, _TOGETHER // max(len(days), 1), -(-len(symbols) // _GROUPS))
    return _in_pieces(table, about, together, len(days))


def _in_pieces(columns: Mapping[str, object], about: object, together: int, days: int) -> tuple[bytes, int]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(dict(columns))
    sink = io.BytesIO()
    with pq.ParquetWriter(sink, table.schema, **_OPTIONS) as writer:
        writer.write_table(table, row_group_size=max(together * days, 1))
        body = sink.tell()
        told = {"symbols": together, "sums": sums_of(sink.getvalue())}
        writer.add_key_value_metadata({"xlrotation": json.dumps(about), PIECES: json.dumps(told)})
    data = sink.getvalue()
    return data, len(data) - body


def read(
    files: Iterable[tuple[str, bytes]], days: Days, symbols: Sequence[str], fields: Sequence[str], folder: Path
) -> dict[str, FloatArray]:
    """Arrays (days, symbols) by field, filled from the files of blocks.

    Args:
        files: Name and contents of each file.
        days: The days of the arrays.
        symbols: Their symbols.
        fields: Their fields.
        folder: The store's folder, to be named where a file is damaged.

    Raises:
        Damaged: A file is damaged.
    """
    arrays = {name: np.empty((len(days), len(symbols)), order="F") for name in fields}
    filled = np.zeros(len(days), bool)
    places = {symbol: column for column, symbol in enumerate(symbols)}
    for file, data in files:
        try:
            _fill(arrays, filled, data, days, places)
        except WRONG as error:
            raise storage.damaged(folder, file, error) from error
    if not filled.all():
        for values in arrays.values():
            values[~filled] = np.nan
    return arrays


def _fill(
    arrays: Mapping[str, FloatArray], filled: npt.NDArray[np.bool_], data: bytes, days: Days, places: Mapping[str, int]
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(pa.BufferReader(data), page_checksum_verification=True) as file:
        about = json.loads(file.metadata.metadata[b"xlrotation"])
        table = file.read(columns=about["fields"])
    own = np.array(about["days"], "datetime64[D]")
    start = int(np.searchsorted(days, own[0]))
    rows: Any = slice(start, start + len(own))
    kept: Any = slice(None)
    if not np.array_equal(days[rows], own):  # the calendar knows some of these days as holidays by now
        rows, kept = np.isin(days, own), np.isin(own, days)
    columns = [places[symbol] for symbol in about["symbols"]]
    whole = columns == list(range(len(places)))
    if len(set(columns)) < len(columns) or not set(about["fields"]) <= set(arrays):
        raise ValueError("it holds other symbols or fields than its state says")
    filled[rows] = True
    for name, target in arrays.items():
        if name not in about["fields"]:
            target[rows] = np.nan
            continue
        values = numbers(table.column(name)).reshape(len(columns), len(own)).T[kept]
        if whole:
            target[rows] = values
        else:
            target[rows] = np.nan
            for place, column in enumerate(columns):
                target[rows, column] = values[:, place]


def numbers(column: Any) -> FloatArray:
    """The numbers of a column of Parquet, none of which is null; pyarrow's own way loads pandas."""
    if str(column.type) != "double" or column.null_count:
        raise ValueError(f"it holds {column.type} with {column.null_count} gaps where there should be numbers")
    chunks = [np.frombuffer(c.buffers()[1], np.float64, len(c), 8 * c.offset) for c in column.chunks if len(c)]
    return chunks[0] if len(chunks) == 1 else np.concatenate(chunks) if chunks else np.empty(0)


def parquet(columns: Mapping[str, object], about: object) -> bytes:
    """A Parquet file of *columns*, with *about* as JSON in its metadata under ``xlrotation``."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(dict(columns)).replace_schema_metadata({"xlrotation": json.dumps(about)})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, **_OPTIONS)
    data: bytes = sink.getvalue().to_pybytes()
    return data
