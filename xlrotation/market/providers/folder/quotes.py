"""Option quotes as they are collected from tables: rows from a careful reader, columns from a quick one."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from xlrotation.market.chains import Chain, believed_interest, known_counts, session_volume

Part = tuple[npt.NDArray[Any], ...]
"""Expiry, strike, whether it is a call, whether it settles in the morning, bid, ask, last trade, volume and open
interest of quotes."""

Key = tuple[dt.date, float, bool, bool]
"""Expiry, strike, whether it is a call and whether it settles in the morning: which option it is."""

Row = tuple[float, float, dt.date | None, float, float]
"""Bid, ask, last trade, volume and open interest of a quote."""

_KEYS = 4
"""Columns of a part that say which option it is."""


@dataclass(slots=True)
class Quotes:
    """Quotes of one underlying and session.

    Attributes:
        source: The table, as messages name it.
        spot: The price of the underlying.
        spots: The least and the greatest one that is stated.
        rate: The rate for discounting.
        rows: Options and their quotes, that are collected a row at a time.
        parts: Quotes in columns; of two of an option that are of different tables the later one counts.
    """

    source: str
    spot: float = float("nan")
    rate: float = float("nan")
    spots: tuple[float, float] = (math.inf, -math.inf)
    rows: list[tuple[Key, Row]] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    def see(self, spot: float) -> None:
        """Take a price of the underlying, of which the first one counts."""
        if spot == spot:
            self.spot = self.spot if self.spot == self.spot else spot
            self.spots = min(self.spots[0], spot), max(self.spots[1], spot)

    @property
    def some(self) -> bool:
        """Whether there are any."""
        return bool(self.rows) or any(len(part[0]) for part in self.parts)

    def settle(self) -> None:
        """Put the rows that were collected into columns."""
        if not self.rows:
            return
        keys, values = zip(*self.rows, strict=True)
        self.parts.append(
            (
                np.array([key[0] for key in keys], "datetime64[D]"),
                np.array([key[1] for key in keys], float),
                np.array([key[2] for key in keys], bool),
                np.array([key[3] for key in keys], bool),
                np.array([value[0] for value in values], float),
                np.array([value[1] for value in values], float),
                np.array([value[2] for value in values], "datetime64[D]"),
                np.array([value[3] for value in values], float),
                np.array([value[4] for value in values], float),
            )
        )
        self.rows = []

    def drop_contradictions(self, first: int) -> list[Key]:
        """Leave out what the parts from the *first* on, those of one table, quote twice and differently.

        Which of the quotes counts nobody knows: they may be of two times, or of two settlements on one day.

        Returns:
            The options.
        """
        if len(self.parts) == first:
            return []
        columns = [np.concatenate(column) for column in zip(*self.parts[first:], strict=True)]
        order, same = _by_option(columns)
        apart = np.zeros(len(same), bool)
        for column in columns[_KEYS:]:
            before, after = column[order][:-1], column[order][1:]
            apart |= (before != after) & ~(np.isnan(before) & np.isnan(after))
        apart &= same
        if not apart.any():
            return []
        option = np.cumsum(np.r_[True, ~same]) - 1
        wrong = np.isin(option, option[1:][apart])
        kept = np.sort(order[~wrong])
        self.parts[first:] = [tuple(column[kept] for column in columns)]
        told = order[wrong & np.r_[True, ~same]]
        return list(zip(*(column[told].tolist() for column in columns[:_KEYS]), strict=True))


def _by_option(columns: Sequence[npt.NDArray[Any]]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """An order of quotes in which those of an option follow each other, and which are of the option before them."""
    order = np.lexsort(columns[_KEYS - 1 :: -1])  # stable: of equal ones the later comes last
    same = np.ones(max(0, len(order) - 1), bool)
    for column in columns[:_KEYS]:
        same &= column[order][1:] == column[order][:-1]
    return order, same


Found = dict[tuple[str, dt.date], Quotes]


def join(found: Found, other: Found) -> None:
    """Add the quotes of another file; the later file counts where both quote an option."""
    for key, quotes in other.items():
        quotes.settle()
        if key not in found:
            found[key] = replace(quotes, parts=list(quotes.parts))
            continue
        held = found[key]
        held.parts += quotes.parts
        held.spot = held.spot if held.spot == held.spot else quotes.spot
        held.spots = min(held.spots[0], quotes.spots[0]), max(held.spots[1], quotes.spots[1])
        held.rate = held.rate if held.rate == held.rate else quotes.rate


def chains(found: Found) -> list[Chain]:
    """The quotes collected, as chains, in the order in which they came."""
    result = []
    for (symbol, day), quotes in found.items():
        quotes.settle()
        if not quotes.some:
            continue
        columns = [np.concatenate(column) for column in zip(*quotes.parts, strict=True)]
        order, same = _by_option(columns)
        first, last = order[np.r_[True, ~same]], order[np.r_[~same, True]]
        last = last[np.argsort(first)]
        expiry, strike, call, morning, bid, ask, traded, volume, interest = (column[last] for column in columns)
        result.append(
            Chain(
                *(symbol, day, expiry, strike, call, bid, ask, morning, traded),
                *(quotes.spot, quotes.rate, quotes.source),
                known_counts(session_volume(volume, traded, day)) if np.isfinite(volume).any() else None,
                known_counts(believed_interest(interest, traded, day)),
            )
        )
    return result
