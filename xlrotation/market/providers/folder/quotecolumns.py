"""Option quotes of a clean table, taken column by column, with the result of the careful reader."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from xlrotation.market.providers.folder.clean import Columns
from xlrotation.market.providers.folder.quotes import Quotes
from xlrotation.market.providers.folder.rows import BadFile, rows_named
from xlrotation.market.providers.folder.tables import FileTable

Collect = Callable[[str, dt.date], Quotes | None]
IntArray = npt.NDArray[np.int64]

_STAMP = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[+-]\d\d:?\d\d)?", re.ASCII)
_TAIL = 15
"""Characters of a contract's code behind its root: six digits of its day, C or P, eight of its strike."""

_SIDE = 6
_PLACES = 10 ** np.arange(5, -1, -1)


@dataclass(frozen=True, slots=True)
class Readers:
    """How cells of quotes are read.

    Attributes:
        root: Underlying and settlement by the root of a contract's code; None for no such root.
        day: The day in a cell.
        side: Whether a word means calls; None for one that is no such word.
        symbol: The ticker that a text means.
        mornings: Which of the different texts of a column name options that settle in the morning.
    """

    root: Callable[[str], tuple[str, bool] | None]
    day: Callable[[str], dt.date | None]
    side: Callable[[str], bool | None]
    symbol: Callable[[str], str]
    mornings: Callable[[Iterable[str]], Collection[str]]


def tell_left_out(lines: Sequence[int], name: str, remarks: list[str]) -> None:
    """Tell of the rows of quotes that could be none of their session."""
    if lines:
        what = f"{len(lines)} quotes left out that had expired or are dated on no session"
        remarks.append(f"{name}: {what}{rows_named(lines)}")


class _CarefulError(Exception):
    """Something is for the careful reader."""


class Columnwise:
    """A clean table of quotes, one a row.

    Args:
        table: The table.
        columns: Its columns.
        at: Which column holds what.
        stated: The session that the file's name states.
        readers: How its cells are read.
    """

    def __init__(
        self, table: FileTable, columns: Columns, at: Mapping[str, int], stated: dt.date | None, readers: Readers
    ) -> None:
        self._table, self._columns, self._at, self._readers = table, columns, at, readers
        self._stated = stated
        self._named: list[str] = []
        self._count = len(columns)

    def take(self, collect: Collect, remarks: list[str]) -> bool:
        """Take all quotes; False where a single one is for the careful reader, and then nothing was taken."""
        try:
            traded = self._days("traded") if "traded" in self._at else np.full(self._count, "NaT", "datetime64[D]")
            days = self._sessions(traded)
            contract = self._contracts() if "contract" in self._at else None
            symbols, of_symbol = self._symbols(contract)
            expiry = self._days("expiry") if "expiry" in self._at else self._of(contract, 1)
            call = self._sides() if "kind" in self._at else self._of(contract, 2)
            morning = self._of(contract, 3) if contract is not None else self._mornings()
            strike, bid, ask = (self._numbers(name) for name in ("strike", "bid", "ask"))
            spot, rate = (self._numbers(name) if name in self._at else None for name in ("spot", "rate"))
        except (_CarefulError, BadFile, ValueError):
            return False
        if np.isnan(strike).any() or np.isnat(days).any() or np.isnat(expiry).any():
            return False
        left_out: list[int] = []
        number = days.astype(np.int64)
        group = of_symbol * (int(number.max()) + 1) + number
        _, first, inverse = np.unique(group, return_index=True, return_inverse=True)
        order = np.argsort(inverse, kind="stable")
        starts = np.append(np.searchsorted(inverse[order], np.arange(len(first))), len(order))
        for place in np.argsort(first):
            rows = order[starts[place] : starts[place + 1]]
            quotes = collect(symbols[int(of_symbol[rows[0]])], days[rows[0]].item())
            rows, before = rows[expiry[rows] > days[rows]], rows
            if quotes is None:
                left_out += before.tolist()
                continue
            left_out += np.setdiff1d(before, rows).tolist()
            for name, values in (("spot", spot), ("rate", rate)):
                known = [] if values is None else values[rows][np.isfinite(values[rows])].tolist()
                if known and getattr(quotes, name) != getattr(quotes, name):
                    setattr(quotes, name, known[0])
            if len(rows):
                quotes.settle()
                quotes.parts.append(
                    (expiry[rows], strike[rows], call[rows], morning[rows], bid[rows], ask[rows], traded[rows])
                )
        tell_left_out(sorted(place + 2 for place in left_out), self._table.name, remarks)
        return True

    def _sessions(self, traded: npt.NDArray[Any]) -> npt.NDArray[Any]:
        if "day" in self._at:
            return self._days("day")
        stated = np.datetime64(self._stated, "D") if self._stated is not None else None
        if stated is None and "traded" in self._at and not np.isnat(traded).all():
            stated = traded[~np.isnat(traded)].max()
        if stated is None:
            raise _CarefulError
        return np.full(self._count, stated, "datetime64[D]")

    def _texts(self, name: str) -> tuple[Sequence[str], npt.NDArray[Any]]:
        at = self._at[name]
        texts = self._columns.texts[at]
        if texts is None:
            raise _CarefulError
        return texts, self._columns.arrays[at]

    def _numbers(self, name: str) -> npt.NDArray[Any]:
        array: npt.NDArray[Any] = self._columns.arrays[self._at[name]]
        if array.dtype.kind != "f":
            raise _CarefulError
        return np.asarray(array)

    def _days(self, name: str) -> npt.NDArray[Any]:
        array = self._columns.arrays[self._at[name]]
        if array.dtype.kind == "M":
            return np.asarray(array)
        texts, places = self._texts(name)
        known: dict[str, dt.date | None] = {}
        days = []
        for text in texts:
            start = text[:10] if _STAMP.fullmatch(text) else text
            if start not in known:
                known[start] = self._readers.day(start) if start.strip() else None
            days.append(known[start])
        return np.asarray(np.array(days, "datetime64[D]")[places])

    def _sides(self) -> npt.NDArray[Any]:
        texts, places = self._texts("kind")
        sides = [self._readers.side(text) for text in texts]
        if any(side is None for side in sides):
            raise _CarefulError
        return np.asarray(np.array(sides, bool)[places])

    def _contracts(self) -> tuple[npt.NDArray[Any], ...]:
        """Of each row the place of its underlying in a list, expiry, side and settlement, as its code says."""
        texts, places = self._texts("contract")
        codes = np.array(texts, "S")  # of letters beyond ASCII there are none
        count, width = len(codes), codes.dtype.itemsize
        letters = codes.view(np.uint8).reshape(count, width)
        lengths = np.char.str_len(codes)
        underlying, stamps = np.empty(count, np.int64), np.empty(count, np.int64)
        call, morning = np.empty(count, bool), np.empty(count, bool)
        named: dict[str, int] = {}
        for length in np.unique(lengths).tolist():
            rows = np.flatnonzero(lengths == length)
            tail = letters[rows, length - _TAIL : length].astype(np.int64) if length > _TAIL else None
            if tail is None:
                raise _CarefulError
            digits, side = np.delete(tail, _SIDE, axis=1) - ord("0"), tail[:, _SIDE]
            if ((digits < 0) | (digits > 9)).any() or not np.isin(side, (ord("C"), ord("P"))).all():
                raise _CarefulError
            call[rows], stamps[rows] = side == ord("C"), digits[:, :_SIDE] @ _PLACES
            heads = np.ascontiguousarray(letters[rows, : length - _TAIL]).view(f"S{length - _TAIL}").ravel()
            for root in np.unique(heads):
                known = self._readers.root(root.decode())
                if known is None:
                    raise _CarefulError
                own = rows[heads == root]
                underlying[own], morning[own] = named.setdefault(known[0], len(named)), known[1]
        self._named = list(named)
        days, of_day = np.unique(stamps, return_inverse=True)
        dates = [dt.date(2000 + day // 10_000, day // 100 % 100, day % 100) for day in days.tolist()]
        expiry = np.array(dates, "datetime64[D]")[of_day]
        return underlying[places], expiry[places], call[places], morning[places]

    def _mornings(self) -> npt.NDArray[Any]:
        """Which quotes settle in the morning, where no contract's code says it."""
        if "symbol" not in self._at:
            return np.zeros(self._count, bool)
        texts, places = self._texts("symbol")
        early = self._readers.mornings(texts)
        return np.asarray(np.array([text in early for text in texts], bool)[places])

    def _of(self, contract: tuple[npt.NDArray[Any], ...] | None, place: int) -> npt.NDArray[Any]:
        if contract is None:
            raise _CarefulError
        return contract[place]

    def _symbols(self, contract: tuple[npt.NDArray[Any], ...] | None) -> tuple[list[str], IntArray]:
        if "symbol" in self._at:
            texts, places = self._texts("symbol")
            if any(not text.strip() for text in texts):
                raise _CarefulError
            return [self._readers.symbol(text) for text in texts], places.astype(np.int64)
        if contract is not None:
            return self._named, contract[0]
        own = self._readers.symbol(re.split(r"[_ ]", self._table.stem)[0])
        return [own], np.zeros(self._count, np.int64)
