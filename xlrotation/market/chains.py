"""Option chains: the quotes of an underlying's options at the close of a session."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from xlrotation.errors import RotationError
from xlrotation.market.calendar import XNYS, Days
from xlrotation.market.identity import identity_of
from xlrotation.measures.arrays import BoolArray as BoolArray
from xlrotation.measures.arrays import FloatArray as FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """Quotes of the options on one underlying, as of a session's close; arrays ``(quotes,)``, in any order.

    Attributes:
        symbol: Ticker of the underlying.
        day: The session.
        expiry: Day of expiry of each option.
        strike: Strike.
        call: True for a call.
        bid: Best bid; 0 or NaN where there is none.
        ask: Best ask.
        morning: Whether it settles at the opening of its expiry day (monthly index options), not at the close.
        traded: Day of the last trade in each option, NaT where the source does not say.
        spot: Price of the underlying; NaN where the source does not say.
        rate: Continuous interest rate that the source states for discounting; NaN where it does not.
        source: Where the quotes come from.
        volume: Contracts traded in the session, NaN where it is not known; None where the source does not say.
        open_interest: Contracts open as of the last count up to the session, in the same way.
    """

    symbol: str
    day: dt.date
    expiry: Days
    strike: FloatArray
    call: BoolArray
    bid: FloatArray
    ask: FloatArray
    morning: BoolArray
    traded: Days
    spot: float = float("nan")
    rate: float = float("nan")
    source: str = ""
    volume: FloatArray | None = None
    open_interest: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.strike)


def known_counts(values: FloatArray) -> FloatArray | None:
    """Counts of contracts as a chain holds them: what can be none is NaN, and nothing known is None."""
    counts = np.where(np.isfinite(values) & (values >= 0.0), values, np.nan)
    return None if np.isnan(counts).all() else counts


def session_volume(volume: FloatArray, traded: Days, day: dt.date) -> FloatArray:
    """The contracts traded in a session, of what sources state: the volume of each option's last day of trading.

    An option that last traded before the session traded none in it, whatever its volume says or leaves out.

    Args:
        volume: As stated, NaN where nothing is.
        traded: Day of the last trade, NaT where the source does not say.
        day: The session.
    """
    session = np.datetime64(day)
    counts = np.where(traded < session, 0.0, volume)
    return np.where(traded > session, np.nan, counts)


def believed_interest(interest: FloatArray, traded: Days, day: dt.date) -> FloatArray:
    """Open interest as stated; all NaN where it cannot be: where hardly an option that had traded before has any.

    Sources answer noughts for a time in which they do not know it.
    """
    older = traded < np.datetime64(day)
    seen = older if older.any() else np.isfinite(interest)
    some = np.count_nonzero(interest[seen] > 0.0)
    if not (interest > 0.0).any() or some < _LEAST_OPEN * np.count_nonzero(seen):
        return np.full(len(interest), np.nan)
    return interest


_LEAST_OPEN = 0.2
"""Share of options that had traded before that has open interest, at least; in real chains it is most of them."""


class ChainBook(Protocol):
    """The chains that a source holds, by underlying and session."""

    def days(self, symbol: str) -> tuple[dt.date, ...]:
        """Sessions with a chain of *symbol*, oldest first."""

    def chain(self, symbol: str, day: dt.date) -> Chain | None:
        """The chain of a session."""

    def symbols(self) -> tuple[str, ...]:
        """Underlyings with a chain on any day."""

    def identity(self) -> str:
        """Says what all the chains hold."""


class HeldChains:
    """Chains in memory."""

    def __init__(self, chains: Iterable[Chain] = ()) -> None:
        self._chains: dict[str, dict[dt.date, Chain]] = {}
        for chain in chains:
            self._chains.setdefault(chain.symbol, {})[chain.day] = chain

    def days(self, symbol: str) -> tuple[dt.date, ...]:
        return tuple(sorted(self._chains.get(symbol, ())))

    def chain(self, symbol: str, day: dt.date) -> Chain | None:
        return self._chains.get(symbol, {}).get(day)

    def symbols(self) -> tuple[str, ...]:
        return tuple(self._chains)

    def identity(self) -> str:
        return identity_of(self._chains)


class ChainsByDay:
    """Chains that are read from disk when a session is first asked for.

    Args:
        held: The underlyings of each session that has chains.
        read: Reads the chains of a session.
        content: Gives the bytes that they are read from, which say whether they are the same without being
            understood; None: what is read says so itself.
    """

    def __init__(
        self,
        held: Mapping[dt.date, tuple[str, ...]],
        read: Callable[[dt.date], Iterable[Chain]],
        content: Callable[[dt.date], bytes] | None = None,
    ) -> None:
        self._held = dict(sorted(held.items()))
        self._read = read
        self._content = content
        self._cache: dict[dt.date, dict[str, Chain]] = {}

    @functools.cached_property
    def _days_of(self) -> dict[str, tuple[dt.date, ...]]:
        found: dict[str, list[dt.date]] = {}
        for day, symbols in self._held.items():
            for symbol in dict.fromkeys(symbols):
                found.setdefault(symbol, []).append(day)
        return {symbol: tuple(days) for symbol, days in found.items()}

    def days(self, symbol: str) -> tuple[dt.date, ...]:
        return self._days_of.get(symbol, ())

    def chain(self, symbol: str, day: dt.date) -> Chain | None:
        if symbol not in self._held.get(day, ()):
            return None
        if day not in self._cache:
            self._cache[day] = {chain.symbol: chain for chain in self._read(day)}
        return self._cache[day].get(symbol)

    def symbols(self) -> tuple[str, ...]:
        return tuple(self._days_of)

    def identity(self) -> str:
        return identity_of({day: (symbols, self._said(day)) for day, symbols in self._held.items()})

    def _said(self, day: dt.date) -> object:
        """What there is to read of a session; damage counts as what it is called, for functions see just that."""
        try:
            return list(self._read(day)) if self._content is None else self._content(day)
        except FileNotFoundError:
            return None
        except (OSError, RotationError) as error:
            return type(error).__name__


def is_monthly(expiry: dt.date) -> bool:
    """Whether options that expire that day are standard monthly ones: the third Friday, or the session before it."""
    third = expiry.replace(day=15 + (4 - expiry.replace(day=15).weekday()) % 7)
    if expiry == third:
        return True
    return expiry == third - dt.timedelta(days=1) and not XNYS.is_session(third)
