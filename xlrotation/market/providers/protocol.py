"""What a provider is: it is asked for daily bars, and gives those that it understood with the reasons for the others.

A provider of prices has a key, a name and a way to fetch, and so has one of dated series, such as rates and spreads;
:mod:`xlrotation.market.providers.registry` lists all. What
is common to them stands here: one symbol after the other, with manners, until the server says stop.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from xlrotation.market.calendar import Days, Exchange, Trading, exchange_of
from xlrotation.market.panel import FloatArray
from xlrotation.market.providers.agreement import Block
from xlrotation.market.providers.asking import Asker, Limited, Passing, Refused, Unusable
from xlrotation.market.providers.bars import Bars, Pending
from xlrotation.market.providers.tickers import why_not

Progress = Callable[[int, int], None]

Dated = tuple[Days, FloatArray]
"""A series: days and values."""


@dataclass(slots=True)
class Fetched:
    """An answer: what came, and why the rest did not.

    Attributes:
        blocks: Symbol, days and fields of each that came.
        missing: Why a symbol did not come, and what to do.
        lacking: Those of the missing symbols that the provider clearly has not; asking again would change nothing.
        remarks: What of a symbol that came was left out or mended.
        zones: The exchange's time zone of each symbol that came.
        currencies: That of each symbol that came; None where the answer does not say.
        begins: The first session that the answer for a symbol told of, its bar good or not.
        stopped: Why the asking ended before the last symbol; empty where it did not.
        interrupted: Whether Ctrl-C ended it.
    """

    blocks: list[Block] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    lacking: set[str] = field(default_factory=set)
    remarks: dict[str, list[str]] = field(default_factory=dict)
    zones: dict[str, str] = field(default_factory=dict)
    currencies: dict[str, str | None] = field(default_factory=dict)
    begins: dict[str, dt.date] = field(default_factory=dict)
    stopped: str = ""
    interrupted: bool = False


class Provider(Protocol):
    """Who gives daily bars.

    Attributes:
        key: What ``refresh --provider`` takes.
        name: As provenance, reports and formulas show it.
        adjusted: How its prices are adjusted, in words.
        as_traded: Whether no split changes them. A history that splits do change is fetched whole each time.
        symbols: Those it is asked for where nobody names any.
    """

    key: str
    name: str
    adjusted: str
    as_traded: bool
    symbols: tuple[str, ...]

    def has(self, symbol: str) -> bool:
        """Whether it may know a symbol; no question is asked for one that it cannot know."""

    def advice(self, symbol: str, said: str) -> str:
        """Why there is nothing for *symbol*, in the provider's words *said*, and what to do."""

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
        """Daily bars from *start* (or that of each symbol) to the last finished session of the symbol's exchange.

        Never raises for a symbol's sake.
        """


@dataclass(slots=True)
class FetchedSeries:
    """An answer: the series that came (gaps are NaN), what was left out of them, why the others did not come."""

    found: dict[str, Dated] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    remarks: dict[str, list[str]] = field(default_factory=dict)
    interrupted: bool = False


class SeriesProvider(Protocol):
    """Who gives dated series that are no prices.

    Attributes:
        key: What ``refresh --provider`` takes.
        name: As reports show it.
        series: Those it is asked for where nobody names any.
    """

    key: str
    name: str
    series: tuple[str, ...]

    def has(self, name: str) -> bool:
        """Whether it may know a series; no question is asked for one that it cannot know."""

    def fetch(
        self,
        names: Sequence[str],
        session: Any = None,
        asker: Asker | None = None,
        progress: Progress | None = None,
        today: dt.date | None = None,
    ) -> FetchedSeries:
        """Whole series, with observations up to *today*; None means now.

        Never raises for a series' sake.
        """


def ask_each(
    ask: Callable[[str, dt.date, dt.date, dt.date, Exchange], Bars],
    symbols: Sequence[str],
    start: dt.date | Mapping[str, dt.date],
    now: dt.datetime,
    progress: Progress | None,
    asking: Asker,
    provisional: bool,
    advice: Callable[[str, str], str],
    trading: Trading = exchange_of,
) -> Fetched:
    """Ask for one symbol after the other.

    Args:
        ask: Gives the bars of a symbol from a first to a last day, as of a present day, on the sessions of an
            exchange; raises :class:`~xlrotation.market.providers.asking.Passing` and its relatives.
        symbols: As of :meth:`Provider.fetch`.
        start: As there.
        now: The present time.
        progress: As there.
        asking: Who waits and tries again.
        provisional: As there.
        advice: As :meth:`Provider.advice`.
        trading: As of :meth:`Provider.fetch`.
    """
    result = Fetched()
    try:
        for done, symbol in enumerate(symbols, 1):
            first = start if isinstance(start, dt.date) else start[symbol]
            exchange = trading(symbol)
            running = exchange.running(now) if provisional else None
            last = running or exchange.last_finished(now)
            if wrong := why_not(symbol):
                result.missing[symbol] = wrong
            else:
                days = (first, last, exchange.today(now), exchange)
                _ask_for(symbol, functools.partial(ask, symbol, *days), first, asking, result, advice)
            if result.stopped:
                break
            if progress is not None:
                progress(done, len(symbols))
    except KeyboardInterrupt:
        result.stopped, result.interrupted = "interrupted; run xlrotation refresh again to go on", True
    if result.stopped:
        came = {block[0] for block in result.blocks}
        left = (name for name in symbols if not (name in came or name in result.missing))
        result.missing |= {name: f"{name} was not asked for: {result.stopped}" for name in left}
    return result


def _ask_for(
    symbol: str,
    ask: Callable[[], Bars],
    first: dt.date,
    asking: Asker,
    result: Fetched,
    advice: Callable[[str, str], str],
) -> None:
    try:
        bars = asking.persist(ask)
    except Limited as limit:
        result.stopped = limited(limit)
    except Passing as error:
        asking.failures += 1
        often = "" if isinstance(error, Unusable) else f", {asking.manners.tries} times"
        result.missing[symbol] = f"{error}{often}; run xlrotation refresh {symbol} later"
        if asking.failures >= asking.manners.failures:
            result.stopped = down(asking.failures, error)
    except Refused as refusal:
        result.missing[symbol] = advice(symbol, refusal.text)
        result.lacking.add(symbol)
    except Pending as split:
        result.missing[symbol] = f"{split}; run xlrotation refresh {symbol} after the close of that session"
    else:
        if len(bars.days) == 0:
            result.missing[symbol] = advice(symbol, f"no bars since {first}")
            result.lacking.add(symbol)
        else:
            result.blocks.append((symbol, bars.days, bars.fields))
            result.zones[symbol] = bars.zone
            result.currencies[symbol] = bars.currency
            if bars.begin is not None:
                result.begins[symbol] = bars.begin
        if bars.remarks:
            result.remarks[symbol] = bars.remarks


def down(failures: int, error: Passing) -> str:
    """What to do where symbol after symbol fails."""
    return f"{failures} symbols in a row failed ({error}); check the network, then run xlrotation refresh again"


def limited(limit: Limited) -> str:
    """What to do about a rate limit."""
    minutes = max(1, math.ceil((limit.seconds or 0.0) / 60.0))
    return (
        f"the source limits requests; run xlrotation refresh again in {minutes} minute{'s' if minutes > 1 else ''}, "
        "it goes on where this one stopped"
    )
