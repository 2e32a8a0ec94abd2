"""Daily bars as a CSV table from one address: all that such a provider needs but the address and the layout.

A provider of this kind says where a symbol's table lies (``query``) and what its header line and dates look like
(``layout``, ``day``); the asking, the bounds and the checks are here. A table is taken whole or not at all: one line
that is not understood refuses it, with the line.
"""

from __future__ import annotations

import csv
import datetime as dt
import functools
import io
import math
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xlrotation.market.calendar import Exchange, Trading, exchange_of
from xlrotation.market.panel import FIELDS
from xlrotation.market.providers import bounds
from xlrotation.market.providers.asking import Asker, Passing, Refused, Unusable
from xlrotation.market.providers.bars import Bars, in_order, plausible
from xlrotation.market.providers.protocol import Fetched, Progress, ask_each

Query = tuple[str, Mapping[str, str]]
"""An address and its parameters."""

STRAY = 100
"""One line in so many may be of a weekend; it is left out."""

_LARGEST = 1e12
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_SATURDAY = 5


class DailyCsv(ABC):
    """A provider whose answers are CSV tables, one a symbol (a :class:`~...protocol.Provider`).

    Attributes:
        key: What ``refresh --provider`` takes.
        name: As provenance, reports and formulas show it.
        adjusted: How the prices are adjusted, in words.
        as_traded: Whether no split changes them.
        symbols: Those it is asked for where nobody names any.
    """

    key: str
    name: str
    adjusted: str
    as_traded = True
    symbols: tuple[str, ...] = ()

    @abstractmethod
    def has(self, symbol: str) -> bool:
        """Whether it may know a symbol."""

    @abstractmethod
    def query(self, symbol: str, first: dt.date, last: dt.date) -> Query:
        """Where the bars of *symbol* lie."""

    @abstractmethod
    def layout(self, symbol: str, header: Sequence[str]) -> Sequence[str] | None:
        """Which field (``day``, ``open`` ... ``volume``) each column is; None where *header* is not understood."""

    @abstractmethod
    def day(self, text: str) -> dt.date:
        """The day that a date means.

        Raises:
            ValueError: It is none.
        """

    def refuse(self, text: str) -> None:  # noqa: B027
        """Raise what an answer says that is no table: ``Refused``, ``Limited`` or ``Unusable``. Most say nothing."""

    def advice(self, symbol: str, said: str) -> str:
        """Why there is nothing for *symbol*, and what to do."""
        words = " ".join(said.split())[:160].rstrip(".") or "no data"
        return f"{self.name}: {words}; look {symbol} up there, what is stored stays"

    def fetch(
        self,
        symbols: Sequence[str],
        start: dt.date | Mapping[str, dt.date],
        now: dt.datetime | None = None,
        session: Any = None,
        progress: Progress | None = None,
        asker: Asker | None = None,
        provisional: bool = False,
        trading: Trading = exchange_of,
    ) -> Fetched:
        """As :meth:`xlrotation.market.providers.protocol.Provider.fetch`."""
        import requests

        asking = asker or Asker()
        ask = functools.partial(self._ask, asking, session or requests.Session())
        present = now or dt.datetime.now(dt.UTC)
        asked = [symbol for symbol in symbols if self.has(symbol)]
        found = ask_each(ask, asked, start, present, progress, asking, provisional, self.advice, trading)
        for symbol in symbols:
            if symbol not in asked:
                found.missing[symbol] = self.advice(symbol, f"it has no {symbol}")
                found.lacking.add(symbol)
        return found

    def _ask(
        self,
        asking: Asker,
        session: Any,
        symbol: str,
        first: dt.date,
        last: dt.date,
        today: dt.date,
        exchange: Exchange,
    ) -> Bars:
        address, parameters = self.query(symbol, first, last)
        try:
            text = asking.get(session, address, params=parameters).text
            self.refuse(text)
            if not text.endswith("\n") and asking.get(session, address, params=parameters).text != text:
                raise Passing("the answer was cut off")  # the same text twice is whole, with or without a last line end
        except Refused as refusal:
            words = f"it answered {refusal.status}" if refusal.status != 200 else refusal.text
            raise Refused(refusal.status, words) from None
        return self.transform(symbol, text, first, last, today, exchange)

    def transform(
        self, symbol: str, text: str, first: dt.date, last: dt.date, today: dt.date, exchange: Exchange
    ) -> Bars:
        """The checked bars of an answer from *first* to *last*, on the sessions of *exchange*.

        Raises:
            Unusable: It is no table that is understood; says what was seen.
        """
        if text.lstrip()[:1] == "<":
            raise Passing("a web page came instead of a table")
        days, columns = self._columns(symbol, text)
        if ahead := [day for day in days if day > today]:
            raise Unusable(
                f"the table has bars of the future ({max(ahead)}); the days are not certain, nothing is used"
            )
        weekends = [day for day in days if day.weekday() >= _SATURDAY]
        if len(weekends) * STRAY > len(days):
            raise Unusable(f"{len(weekends)} of {len(days)} bars fall on a weekend; nothing of the answer is used")
        remarks: list[str] = []
        wanted = [place for place, day in enumerate(days) if first <= day <= last]
        kept = np.array([days[place] for place in wanted], "datetime64[D]")
        told = np.sort(kept[np.isin(kept, exchange.sessions())])
        fields = {name: np.array(values, np.float64)[wanted] for name, values in columns.items()}
        kept, fields = plausible(*in_order(kept, fields, last, remarks), remarks)
        open_days = np.isin(kept, exchange.sessions())
        if len(closed := kept[~open_days]):
            more = f", as {len(closed) - 1} more" if len(closed) > 1 else ""
            remarks.append(f"{closed[-1]}: a bar, but no session; left out{more}")
        fields = {name: values[open_days] for name, values in fields.items()}
        fields = {name: values for name, values in fields.items() if name == "close" or np.isfinite(values).any()}
        begin = told[0].item() if len(told) else None
        return Bars(kept[open_days], fields, remarks, exchange.zone.key, begin)

    def _columns(self, symbol: str, text: str) -> tuple[list[dt.date], dict[str, list[float]]]:
        """Days and fields, read line by line.

        Raises:
            Unusable: The header or a line is not understood.
        """
        days: list[dt.date] = []
        try:
            rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
            header = [cell.strip() for cell in next(rows, [])]
            names = self.layout(symbol, header)
            if names is None or not {"day", "close"} <= set(names) <= {"day", *FIELDS} or len(set(names)) < len(names):
                raise Unusable(f"the table of {symbol} begins with {_shown(header)}, which is not understood")
            columns: dict[str, list[float]] = {name: [] for name in names if name != "day"}
            for row in filter(None, rows):
                if len(days) == bounds.OBSERVATIONS:
                    raise Unusable(f"the table has more than {bounds.OBSERVATIONS:,} lines")
                try:
                    cells = dict(zip(names, row, strict=True))
                    days.append(self.day(cells.pop("day").strip()))
                    for name, cell in cells.items():
                        columns[name].append(_number(cell.strip()))
                except ValueError:
                    raise Unusable(f"line {rows.line_num} is {_shown(row)}, which is not understood") from None
        except csv.Error:  # a cell that never ends
            raise Unusable("the answer is no table") from None
        return days, columns


def _number(text: str) -> float:
    if text == "":
        return math.nan
    if not _NUMBER.fullmatch(text) or not abs(value := float(text)) <= _LARGEST:
        raise ValueError("no number")
    return value


def _shown(row: Sequence[str]) -> str:
    text = ",".join(row)
    return ascii(text if len(text) <= 60 else text[:60] + "...")
