"""The prices of a state, read as they are asked for: of each file only the symbols and fields that a question needs.

Nothing is believed that was not checked: of a file that is checked by pieces those that are read, of another one all.
A file that is damaged therefore gives an error where something of it is asked for, and never a number.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from xlrotation.market.calendar import Days, among
from xlrotation.market.identity import identity_of
from xlrotation.market.lazyfields import IntArray, LazyFields
from xlrotation.market.panel import FloatArray
from xlrotation.market.store import storage
from xlrotation.market.store.blocks import PIECES, WRONG, numbers, span_of
from xlrotation.market.store.pieces import Checked
from xlrotation.market.store.stateformat import State
from xlrotation.market.store.storage import Files


def possible(state: State) -> bool:
    """Whether each file of prices has a sum, and no two of them hold the same day."""
    years = {block for block in state.prices if "-" not in block}
    apart = not any("-" in block and block[:4] in years for block in state.prices)
    return apart and all(file in state.sums for file in state.prices.values())


class _File(NamedTuple):
    """What the end of a file tells of it.

    Attributes:
        fields: Its fields.
        places: By symbol of the state, its place in the file; -1 where it is not there.
        rows: The rows of the block that its days are.
        kept: Its days that are rows.
        days: Number of its days.
        together: Symbols in a group of rows; 0 where all are in one, or that is not known.
        checked: Its bytes, where they are checked by pieces.
        parquet: What reads them then.
    """

    fields: frozenset[str]
    places: IntArray
    rows: IntArray
    kept: IntArray
    days: int
    together: int
    checked: Checked | None
    parquet: Any


class StoredFields(LazyFields):
    """The prices of a state.

    Args:
        files: Its files, each with its sum.
        state: The state.
        days: Its sessions.

    Raises:
        Damaged: A file of prices is missing or has another size.
        Unreachable: The system does not tell.
    """

    def __init__(self, files: Files, state: State, days: Days) -> None:
        self._files, self._days = files, days
        self._symbols_of = state.symbols
        self._prices = dict(state.prices)
        self._known: dict[str, _File] = {}
        for file in self._prices.values():
            storage.check_size(files.folder, file, files.sums[file])
        rows, self._files_of = _partition(state, days)
        super().__init__(state.fields, len(days), len(state.symbols), rows)

    def identity(self) -> str:
        sums = {block: tuple(self._files.sums[file]) for block, file in sorted(self._prices.items())}
        return identity_of((sums, tuple(self), self._symbols_of, self._days))

    def rest(self) -> None:
        import pyarrow as pa

        pa.default_memory_pool().release_unused()

    def prepare(self) -> None:
        for named, rows in zip(self._files_of, self.blocks, strict=True):
            if named is not None:
                with self._lock:
                    self._end(*named, rows)

    def read(self, names: Sequence[str], columns: IntArray, block: int) -> list[FloatArray]:
        rows = self.blocks[block]
        every = [np.full((rows.stop - rows.start, len(columns)), np.nan, order="F") for _ in names]
        named = self._files_of[block]
        if named is None or len(columns) == 0:
            return every
        _, file = named
        try:
            with self._lock:
                known, data = self._end(*named, rows)
                self._fill(every, names, columns, file, known, data)
        except WRONG as error:
            raise storage.damaged(self._files.folder, file, error) from error
        return every

    def _fill(
        self,
        every: Sequence[FloatArray],
        names: Sequence[str],
        columns: IntArray,
        file: str,
        known: _File,
        data: bytes | None,
    ) -> None:
        here = np.flatnonzero(known.places[columns] >= 0)
        there = [name for name in names if name in known.fields]
        if not there or len(here) == 0:
            return
        places = known.places[columns[here]]
        if known.checked is None:
            with _parquet(self._files.get(file) if data is None else data) as opened:
                found = _taken(opened, known, there, places)
        else:
            with self._files.reading(file) as raw, known.checked.of(raw):
                found = _taken(known.parquet, known, there, places)
        for name, out in zip(names, every, strict=True):
            if name not in found:
                continue
            if len(here) == out.shape[1] and len(known.rows) == out.shape[0] == known.days:
                out[:] = found[name]
            else:
                out[np.ix_(known.rows, here)] = found[name][known.kept]

    def _end(self, block: str, file: str, rows: slice) -> tuple[_File, bytes | None]:
        """As :meth:`_opened`, once."""
        known = self._known.get(file)
        if known is not None:
            return known, None
        known, data = self._opened(block, file, rows)
        self._known[file] = known
        return known, data

    def _opened(self, block: str, file: str, rows: slice) -> tuple[_File, bytes | None]:
        """What the end of a file tells, and the whole file where that had to be read."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        tail = self._files.tail(file)
        data = self._files.get(file) if tail is None else None
        metadata = pq.read_metadata(pa.BufferReader(data if tail is None else tail))
        about = json.loads(metadata.metadata[b"xlrotation"])
        together, checked, parquet = 0, None, None
        if tail is not None:
            told = json.loads(metadata.metadata[PIECES.encode()])
            checked = Checked(self._files.folder, file, self._files.sums[file].size, tail, told["sums"])
            together, parquet = int(told["symbols"]), _parquet(checked, metadata)
        own = np.array(about["days"], "datetime64[D]")
        days = self._days[rows]
        first, last = span_of(block)
        if len(own) and not (first <= own[0].item() and own[-1].item() <= last and (own[1:] > own[:-1]).all()):
            raise ValueError("it holds other days than its name says")
        column = {symbol: place for place, symbol in enumerate(self._symbols_of)}
        symbols = [column[symbol] for symbol in about["symbols"]]
        if len(set(symbols)) < len(symbols) or not set(about["fields"]) <= set(self):
            raise ValueError("it holds other symbols or fields than its state says")
        if metadata.num_rows != len(symbols) * len(own):
            raise ValueError("it holds other rows than symbols and days")
        places = np.full(len(column), -1, np.int64)
        places[symbols] = np.arange(len(symbols))
        return _File(
            frozenset(about["fields"]),
            places,
            rows=np.flatnonzero(among(days, own)),
            kept=np.flatnonzero(among(own, days)),
            days=len(own),
            together=together,
            checked=checked,
            parquet=parquet,
        ), data


def _partition(state: State, days: Days) -> tuple[list[slice], list[tuple[str, str] | None]]:
    """Stretches of rows that follow each other and are all rows, and block and file of each, where there are."""
    rows: list[slice] = []
    files: list[tuple[str, str] | None] = []
    end = 0
    for block in sorted(state.prices):
        first, last = span_of(block)
        span = np.array([first, last + dt.timedelta(days=1)], "datetime64[D]")
        start, stop = (int(row) for row in np.searchsorted(days, span))
        for stretch, named in ((slice(end, start), None), (slice(start, stop), (block, state.prices[block]))):
            if stretch.start < stretch.stop:
                rows.append(stretch)
                files.append(named)
        end = stop
    if end < len(days):
        rows.append(slice(end, len(days)))
        files.append(None)
    return rows, files


def _parquet(source: bytes | Checked, metadata: Any = None) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pa.BufferReader(source) if isinstance(source, bytes) else pa.PythonFile(source, mode="r")
    return pq.ParquetFile(file, metadata=metadata, page_checksum_verification=True, pre_buffer=False)


def _taken(opened: Any, known: _File, names: Sequence[str], places: IntArray) -> dict[str, FloatArray]:
    """The values of the symbols at *places* of a file by field, ``(days, symbols)``."""
    if known.together == 0:
        table = opened.read(columns=names, use_threads=False)
        columns = places
    else:
        groups = np.array(sorted(set((places // known.together).tolist())), np.int64)
        table = opened.read_row_groups(groups.tolist(), columns=names, use_threads=False)
        columns = np.searchsorted(groups, places // known.together) * known.together + places % known.together
    every = {name: numbers(table.column(name)).reshape(-1, known.days).T for name in names}
    if len(columns) * known.days == table.num_rows and (np.diff(columns) == 1).all():
        return every
    return {name: values[:, columns] for name, values in every.items()}
