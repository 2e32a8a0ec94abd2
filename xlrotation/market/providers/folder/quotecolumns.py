"""Option quotes of a clean table, taken column by column, with the result of the careful reader."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from xlrotation.market.providers.folder.columns import Codes, Columns
from xlrotation.market.providers.folder.quotes import Quotes
from xlrotation.market.providers.folder.rows import BadFile, rows_named
from xlrotation.market.providers.folder.tables import FileTable

Collect = Callable[[str, dt.date], Quotes | None]
IntArray = npt.NDArray[np.int64]

_STAMP = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[+-]\d\d:?\d\d)?", re.ASCII)
_TAIL = 15
"""Characters of a contract's code behind its root: six digits of its day, C or P, eight of its strike."""

_SIDE = 6
_ROOT = 6
"""Characters of the longest root."""

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
            volume, interest = (self._counts(name) for name in ("volume", "open_interest"))
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
            every = order[starts[place] : starts[place + 1]]
            quotes = collect(symbols[int(of_symbol[every[0]])], days[every[0]].item())
            if quotes is None:
                left_out += every.tolist()
                continue
            alive = expiry[every] > days[every]
            rows = every[alive]
            left_out += every[~alive].tolist()
            prices = [] if spot is None else spot[rows][np.isfinite(spot[rows])].tolist()
            for price in (prices[0], min(prices), max(prices)) if prices else ():
                quotes.see(price)
            rates = [] if rate is None else rate[rows][np.isfinite(rate[rows])].tolist()
            if rates and quotes.rate != quotes.rate:
                quotes.rate = rates[0]
            if len(rows):
                quotes.settle()
                columns = (expiry, strike, call, morning, bid, ask, traded, volume, interest)
                quotes.parts.append(tuple(column[rows] for column in columns))
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

    def _counts(self, name: str) -> npt.NDArray[Any]:
        return self._numbers(name) if name in self._at else np.full(self._count, np.nan)

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
        codes = self._columns.texts[self._at["contract"]]
        if not isinstance(codes, Codes):
            raise _CarefulError
        starts, ends, letters = codes.ends[:-1], codes.ends[1:], codes.letters
        widths = ends - starts - _TAIL
        if not len(widths) or widths.min() < 1 or widths.max() > _ROOT:
            raise _CarefulError
        tail = letters[(ends - _TAIL)[:, None] + np.arange(_TAIL)]
        side = tail[:, _SIDE].copy()
        tail -= ord("0")
        tail[:, _SIDE] = 0
        if (tail > 9).any() or not np.isin(side, (ord("C"), ord("P"))).all():
            raise _CarefulError
        roots, of_root = np.unique(_packed_roots(letters, starts, widths), return_inverse=True)
        known = [self._readers.root(root.tobytes().rstrip(b"\0").decode()) for root in roots]
        if any(each is None for each in known):
            raise _CarefulError
        named: dict[str, int] = {}
        underlying = np.array([named.setdefault(each[0], len(named)) for each in known if each], np.int64)
        morning = np.array([each[1] for each in known if each], bool)
        self._named = list(named)
        days, of_day = np.unique(tail[:, :_SIDE] @ _PLACES, return_inverse=True)
        dates = [dt.date(2000 + day // 10_000, day // 100 % 100, day % 100) for day in days.tolist()]
        expiry = np.array(dates, "datetime64[D]")[of_day]
        return underlying[of_root], expiry, side == ord("C"), morning[of_root]

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


def _packed_roots(letters: npt.NDArray[np.uint8], starts: IntArray, widths: IntArray) -> npt.NDArray[np.uint64]:
    """The first letters of codes, as many as *widths* say, as numbers that are equal where they are."""
    places = np.arange(8)
    inside = places < widths[:, None]
    packed = np.where(inside, letters[np.minimum(starts[:, None] + places, len(letters) - 1)], np.uint8(0))
    return np.ascontiguousarray(packed).view(np.uint64).ravel()
