"""Who was a member of a list, from when to when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from xlrotation.market.calendar import Days
from xlrotation.measures.arrays import BoolArray, FloatArray, distinct


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """The terms of the members of a list, one each; a member that left and came back has several.

    Attributes:
        tickers: Whose term it is.
        begins: Its first day; NaT where it began before anything that the list says.
        ends: Its last day; NaT where it goes on.
        known: The first day that the list says anything of; NaT where it says what was before, too.
        sectors: The sector of each term, blank where none is stated; empty where the list states none at all.
    """

    tickers: tuple[str, ...]
    begins: Days
    ends: Days
    known: Days
    sectors: tuple[str, ...] = ()

    @property
    def everyone(self) -> tuple[str, ...]:
        """All that ever were members."""
        return tuple(dict.fromkeys(self.tickers))

    def at(self, day: dt.date | np.datetime64) -> tuple[str, ...]:
        """The members on a day, in the order of the list."""
        on = self._on(np.datetime64(day, "D"))  # type: ignore[call-overload]
        return tuple(dict.fromkeys(ticker for ticker, there in zip(self.tickers, on.tolist(), strict=True) if there))

    def sectors_at(self, day: dt.date | np.datetime64) -> dict[str, str]:
        """The sectors of the members on a day, as the list states them."""
        if not self.sectors:
            return {}
        on = self._on(np.datetime64(day, "D"))  # type: ignore[call-overload]
        stated = zip(self.tickers, self.sectors, on.tolist(), strict=True)
        return {ticker: sector for ticker, sector, there in stated if there and sector}

    def guessed(self, day: dt.date) -> bool:
        """Whether the list says nothing of a day, so that its first members stand for those of then."""
        return bool((np.datetime64(day, "D") < self.known).any())

    def _on(self, day: np.datetime64) -> BoolArray:
        begun = np.isnat(self.begins) | (self.begins <= day)
        return begun & (np.isnat(self.ends) | (self.ends >= day))

    def turns(self, days: Days) -> Iterator[int]:
        """The places in *days* at which the members may be others than the day before, rising; 0 is none of them."""
        after = self.ends[~np.isnat(self.ends)] + np.timedelta64(1, "D")
        changes = distinct(np.concatenate([self.begins[~np.isnat(self.begins)], after]))
        for place in distinct(np.searchsorted(days, changes)).tolist():
            if 0 < place < len(days):
                yield place


def of_weights(tickers: tuple[str, ...], days: Days, table: FloatArray) -> Terms:
    """The terms that index weights tell: a member is who has a weight on the newest day of weights up to then.

    Args:
        tickers: Whose weights they are.
        days: Days of the weights, rising.
        table: Weights ``(days, tickers)``, NaN for none.
    """
    held = np.isfinite(table)
    found: list[tuple[str, np.datetime64, np.datetime64]] = []
    never = np.datetime64("NaT", "D")
    for place, ticker in enumerate(tickers):
        steps = np.diff(np.concatenate([[False], held[:, place], [False]]).astype(np.int8))
        for first, end in zip(np.flatnonzero(steps == 1).tolist(), np.flatnonzero(steps == -1).tolist(), strict=True):
            begin = never if first == 0 else days[first]
            found.append((ticker, begin, days[end] - np.timedelta64(1, "D") if end < len(days) else never))
    return Terms(
        tuple(ticker for ticker, _, _ in found),
        np.array([begin for _, begin, _ in found], "datetime64[D]"),
        np.array([end for _, _, end in found], "datetime64[D]"),
        days[:1].copy(),
    )
