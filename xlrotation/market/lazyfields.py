"""Fields of prices that are read as they are asked for: by column, and by block of sessions.

A question about one symbol reads the column of that symbol, one about a day reads the block of sessions of that day;
what was read stays. A source says how a piece is read, and must see that it is what was written: what it gives counts.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from xlrotation.market import adjustment
from xlrotation.measures.arrays import BoolArray, FloatArray
from xlrotation.measures.arrays import IntArray as IntArray

NEIGHBOURS = 64
"""Columns that are read together from the second question on: who asks for two of them will ask for the others."""

BATCH = 512
"""Columns that are looked at together where a question is about all."""


class LazyFields(Mapping[str, FloatArray], ABC):
    """Arrays (sessions, symbols) by field, read-only, of which only what is asked for is read.

    As a mapping it gives whole arrays. Threads may ask together.

    Attributes:
        blocks: The rows that are read together.

    Args:
        names: The fields.
        sessions: Number of sessions.
        symbols: Number of symbols.
        blocks: The rows that are read together, which follow each other and are all of them.
    """

    def __init__(self, names: Sequence[str], sessions: int, symbols: int, blocks: Sequence[slice]) -> None:
        self._names = tuple(names)
        self._sessions, self._symbols = sessions, symbols
        self.blocks = tuple(blocks)
        self._block_of = np.repeat(np.arange(len(blocks)), [rows.stop - rows.start for rows in blocks])
        self._whole: dict[str, FloatArray] = {}
        self._columns: dict[str, _Columns] = {name: _Columns() for name in names}
        self._pieces: dict[tuple[str, int], _Piece] = {}
        self._factors = _Columns()
        self._totals = _Columns()
        self._last_split = np.full(symbols, -1, np.int64)  # -1: not known yet
        self._last_rows: IntArray | None = None
        self._lock = threading.RLock()

    @abstractmethod
    def read(self, names: Sequence[str], columns: IntArray, block: int) -> list[FloatArray]:
        """Some fields of some columns on the rows of a block, each ``(rows, columns)``, columns contiguous.

        Raises:
            NoData: It cannot be read, or is not what was written.
        """

    def rest(self) -> None:
        """Give back what only reading needs: much was read, and it may be long until something else is."""

    def prepare(self) -> None:
        """Find out all that reading needs to know, but for what is read."""

    @abstractmethod
    def identity(self) -> str:
        """Says what it holds: equal where that is equal for sure."""

    def __getitem__(self, name: str) -> FloatArray:
        if name not in self._columns:
            raise KeyError(name)
        with self._lock:
            found = self._whole.get(name)
            if found is None:
                found = self._whole[name] = _frozen(*self._stretch((name,), np.arange(self._symbols)))
                self._columns[name] = _Columns()
                for block in range(len(self.blocks)):
                    self._pieces.pop((name, block), None)
            return found

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def column(self, name: str, column: int) -> FloatArray:
        """A field of one column, all sessions."""
        whole = self._whole.get(name)
        if whole is not None:
            return whole[:, column]
        found = self._columns[name].get(column)
        if found is None:
            (found,) = self._held(name, np.array([column]))
        return found

    def table(self, name: str, columns: IntArray, rows: slice) -> FloatArray:
        """A field of some columns and rows, ``(rows, columns)``, columns contiguous; a copy."""
        whole = self._whole.get(name)
        if whole is not None:
            copied: FloatArray = whole.T[columns, rows].T
            return copied
        start, stop, _ = rows.indices(self._sessions)
        if stop <= start or len(columns) == 0:
            return np.empty((max(stop - start, 0), len(columns)), order="F")
        if 2 * (stop - start) >= self._sessions:
            return side_by_side([column[start:stop] for column in self._held(name, columns)], stop - start)
        parts = []
        for block in range(int(self._block_of[start]), int(self._block_of[stop - 1]) + 1):
            first = self.blocks[block].start
            piece = self._piece(name, columns, block)
            own = slice(max(start - first, 0), min(stop, self.blocks[block].stop) - first)
            parts.append(piece.values.T[piece.slots[columns], own].T)
        return parts[0] if len(parts) == 1 else np.asfortranarray(np.concatenate(parts))

    def batches(self, name: str) -> Iterator[tuple[IntArray, FloatArray]]:
        """All columns of a field some at a time, with their values; nothing of it is kept."""
        for start in range(0, self._symbols, BATCH):
            columns = np.arange(start, min(start + BATCH, self._symbols))
            whole = self._whole.get(name)
            yield columns, self._stretch((name,), columns)[0] if whole is None else whole[:, columns]

    def last_split(self, columns: IntArray) -> IntArray:
        """The row of each symbol's last split; 0 where it never split after the first session."""
        if "split" not in self:
            return np.zeros(len(columns), np.int64)
        rows: IntArray = self._last_split[columns]
        if len(rows) and rows.min() < 0:
            with self._lock:
                self._find_splits(columns)
            rows = self._last_split[columns]
        return rows

    def factor(self, column: int) -> FloatArray | None:
        """Shares that one share of the first session has become; None for a symbol that never split."""
        if self._last_split[column] < 0:
            self.last_split(np.array([column]))
        return self._factors.get(column)

    def total(self, column: int) -> FloatArray:
        """The closes of one column with dividends reinvested."""
        found = self._totals.get(column)
        if found is None:
            (found,) = self.totals(np.array([column]))
        return found

    def totals(self, columns: IntArray) -> list[FloatArray]:
        """The closes of some columns with dividends reinvested, on the share count of the first session."""
        with self._lock:
            lacking = self._totals.wanted(columns, self._symbols)
            for start in range(0, len(lacking), BATCH):
                batch = lacking[start : start + BATCH]
                others = [name for name in ("dividend", "adjclose") if name in self]
                held = "close" in self._whole or any(column in self._columns["close"] for column in batch.tolist())
                beside = self._stretch(others, batch) if held else self._keep("close", batch, others)
                fields = {"close": side_by_side(self._held("close", batch), self._sessions)}
                fields |= zip(others, beside, strict=True)
                self._totals.put(batch, adjustment.total_return(fields, self._factors_of(batch)))
            return [self._totals[column] for column in columns.tolist()]

    def last_rows(self) -> IntArray:
        """By column, the row of the newest close; -1 for a symbol that has none."""
        with self._lock:
            if self._last_rows is None:
                found = np.full(self._symbols, -1, np.int64)
                lacking = np.arange(self._symbols)
                for block in range(len(self.blocks) - 1, -1, -1):  # from the end, where nearly all have one
                    if len(lacking) == 0:
                        break
                    there = np.isfinite(*self.read(("close",), lacking, block))
                    some = there.any(axis=0)
                    rows = there.shape[0] - 1 - np.argmax(there[::-1], axis=0)
                    found[lacking[some]] = self.blocks[block].start + rows[some]
                    lacking = lacking[~some]
                found.flags.writeable = False
                self._last_rows = found
            return self._last_rows

    def _held(self, name: str, columns: IntArray) -> list[FloatArray]:
        """Columns, all sessions, which are kept."""
        held = self._columns[name]
        with self._lock:
            if name in self._whole:
                return [self._whole[name][:, column] for column in columns.tolist()]
            lacking = held.wanted(columns, self._symbols)
            for start in range(0, len(lacking), BATCH):
                self._keep(name, lacking[start : start + BATCH])
            return [held[column] for column in columns.tolist()]

    def _keep(self, name: str, columns: IntArray, others: Sequence[str] = ()) -> list[FloatArray]:
        """Read columns of a field, which are kept, and those of *others*, which are handed back: each file once."""
        splits = ("split",) if name in adjustment.ADJUSTED and "split" in self else ()  # they will be asked for next
        values, *rest = self._stretch((name, *others, *splits), columns)
        self._columns[name].put(columns, values)
        if splits:
            self._note_splits(columns, rest.pop())
        return rest

    def _piece(self, name: str, columns: IntArray, block: int) -> _Piece:
        """A block of a field, in which *columns* are there."""
        piece = self._pieces.get((name, block))
        if piece is None or (piece.slots[columns] < 0).any():
            with self._lock:
                piece = self._pieces.get((name, block))
                touched = set() if piece is None else piece.touched
                there = np.zeros(self._symbols, bool) if piece is None else piece.slots >= 0
                lacking = _with_neighbours(columns[~there[columns]], touched, there)
                (read,) = self.read((name,), lacking, block)
                piece = self._pieces[name, block] = _Piece.grown(piece, read, lacking, self._symbols, touched)
        return piece

    def _stretch(self, names: Sequence[str], columns: IntArray) -> list[FloatArray]:
        """Some fields of some columns, all sessions; read anew."""
        every = [np.empty((self._sessions, len(columns)), order="F") for _ in names]
        if names:
            for block, rows in enumerate(self.blocks):
                for out, values in zip(every, self.read(names, columns, block), strict=True):
                    out[rows] = values
            self.rest()
        return every

    def _find_splits(self, columns: IntArray) -> None:
        known = self._last_split >= 0
        lacking = _with_neighbours(columns[~known[columns]], self._factors.touched, known)
        for start in range(0, len(lacking), BATCH):
            batch = lacking[start : start + BATCH]
            self._note_splits(batch, *self._stretch(("split",), batch))

    def _note_splits(self, columns: IntArray, values: FloatArray) -> None:
        split = np.flatnonzero(((values > 0) & (values != 1.0)).any(axis=0))
        factor = adjustment.split_factor(values[:, split])
        last = np.zeros(len(columns), np.int64)
        if factor is not None:
            self._factors.put(columns[split], factor)
            last[split] = adjustment.last_changes(factor)
        self._last_split[columns] = last

    def _factors_of(self, columns: IntArray) -> FloatArray | None:
        self.last_split(columns)
        split = [
            (place, own)
            for place, column in enumerate(columns.tolist())
            if (own := self._factors.get(column)) is not None
        ]
        if not split:
            return None
        factor = np.ones((self._sessions, len(columns)), order="F")
        for place, own in split:
            factor[:, place] = own
        return factor


class _Columns(dict[int, FloatArray]):
    """Columns of one field, all sessions, that were read."""

    def __init__(self) -> None:
        super().__init__()
        self.touched: set[int] = set()

    def wanted(self, columns: IntArray, symbols: int) -> IntArray:
        """What is to be read, so that *columns* are there."""
        lacking = np.array([column for column in columns.tolist() if column not in self], np.int64)
        if len(lacking) == 0:
            return lacking
        there = np.zeros(symbols, bool)
        there[list(self)] = True
        return _with_neighbours(lacking, self.touched, there)

    def put(self, columns: IntArray, values: FloatArray) -> None:
        """Keep columns."""
        values = _frozen(values)
        for place, column in enumerate(columns.tolist()):
            self[column] = values[:, place]


class _Piece:
    """Columns of one field on the rows of a block.

    Attributes:
        slots: By column of the panel, its place; -1 where it is not there.
        values: ``(rows, places)``.
        touched: The groups of neighbours that were asked for.
    """

    __slots__ = ("slots", "touched", "values")

    def __init__(self, slots: IntArray, values: FloatArray, touched: set[int]) -> None:
        self.slots, self.values, self.touched = slots, values, touched

    @classmethod
    def grown(
        cls, before: _Piece | None, values: FloatArray, columns: IntArray, symbols: int, touched: set[int]
    ) -> _Piece:
        """A new one with *columns* added: threads may be reading the one before."""
        if before is None:
            slots, places = np.full(symbols, -1, np.int64), 0
        else:
            slots, places = before.slots.copy(), before.values.shape[1]
            values = np.asfortranarray(np.concatenate([before.values, values], axis=1))
        slots[columns] = places + np.arange(len(columns))
        return cls(slots, values, touched)


def _with_neighbours(columns: IntArray, touched: set[int], there: BoolArray) -> IntArray:
    """*columns* with the neighbours, not *there* yet, of those whose group was *touched* before; each once, rising."""
    wanted = np.zeros(len(there), bool)
    wanted[columns] = True
    groups = set((columns // NEIGHBOURS).tolist())
    for group in groups & touched:
        wanted[group * NEIGHBOURS : (group + 1) * NEIGHBOURS] = True
    touched |= groups
    return np.flatnonzero(wanted & ~there)


def side_by_side(columns: Sequence[FloatArray], sessions: int) -> FloatArray:
    """Columns as one array ``(sessions, columns)``, columns contiguous; a copy."""
    return np.array(columns).reshape(len(columns), sessions).T


def _frozen(values: FloatArray) -> FloatArray:
    values.flags.writeable = False
    return values
