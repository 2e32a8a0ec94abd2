"""The market as it was known at one session.

A :class:`Market` is a panel, or the part of it that an exchange shows, cut at its as-of session. The cut is made here
and nowhere else: what a worksheet function is handed ends at that session, so none can look ahead.

An as-of date means the closing bell of the home exchange on that day (the usual one where it does not trade). What
another exchange shows then are its sessions whose closing bell had rung by that moment: for a reader in New York the
same day in Frankfurt and in Tokyo, for one in Tokyo the day before in Frankfurt and in New York.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np

from xlrotation.errors import BadArgument, NoData
from xlrotation.market import adjustment, many, reasons, windows
from xlrotation.market import columns as prices
from xlrotation.market.calendar import Days, Exchange
from xlrotation.market.chains import Chain
from xlrotation.market.listing import Listing
from xlrotation.market.panel import FloatArray, Panel
from xlrotation.market.symbols import canonical, display_name
from xlrotation.market.windows import Window

if TYPE_CHECKING:
    from xlrotation.market.asknown import Known

T = TypeVar("T")


class Elsewhere(Exception):  # noqa: N818 - no error, but a question of which sessions to count
    """A symbol was asked for that trades on an exchange which the market at hand does not show.

    Attributes:
        exchange: Where it trades.
    """

    def __init__(self, ticker: str, exchange: Exchange) -> None:
        super().__init__(f"{ticker} trades on {exchange.code}")
        self.exchange = exchange


class Market:
    """A panel cut at one session.

    Attributes:
        days: The sessions up to and including the as-of session.
        asof: The as-of session.
        exchange: The exchange whose sessions they are; the home exchange where they are those that several share.
    """

    __slots__ = ("_remembered", "_rows", "_series", "_shown", "_whole", "asof", "days", "end", "exchange", "shown")

    def __init__(
        self, panel: Panel, end: int, whole: Panel | None = None, exchanges: tuple[Exchange, ...] = ()
    ) -> None:
        self.shown = panel  # sessions after the as-of session among them
        self._whole = whole or panel
        self._shown = exchanges or (panel.home,)
        self.exchange = self._shown[0] if len(self._shown) == 1 else panel.home
        self.end = end
        self.days: Days = panel.days[:end]
        self.asof: dt.date = self.days[-1].item()
        self._series: dict[str, Series] = {}
        self._rows: dict[Window, int] = {}
        self._remembered: dict[object, object] = {}

    @property
    def whole(self) -> Panel:
        """All that the source has, other exchanges among it."""
        return self._whole

    @property
    def listing(self) -> Listing:
        """Where the symbols trade."""
        return self._whole.listing

    def at_row(self, row: int) -> Market:
        """The market as it was at an earlier session."""
        return Market(self.shown, row % self.end + 1, self._whole, self._shown)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The tickers of the source."""
        return self._whole.symbols

    def name(self, ticker: str, lang: str) -> str:
        """The name of *ticker* in a language, else as the source has it."""
        found = display_name(ticker, lang)
        return found if found != ticker else self._whole.names.get(ticker, ticker)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the reading of the source had to leave out."""
        return self.shown.remarks

    def ticker(self, text: str) -> str:
        """The ticker that *text* means.

        Raises:
            NoData: No such symbol; the message tells what the source had to leave out.
        """
        if (ready := self._whole.ready(text)) is not None:
            return ready
        remarks = self._whole.remarks
        try:
            many.check_prices(self._whole)
            return self._whole.directory.resolve(text)
        except NoData as error:
            if not remarks:
                raise
            unknown = error
        raise NoData(lambda: unknown.message + reasons.about(remarks, text, canonical(text)))

    def series(self, text: str) -> Series:
        """The prices of the symbol that *text* means.

        Raises:
            NoData: No such symbol.
            Elsewhere: It trades on another exchange.
        """
        found = self._series.get(text)
        if found is None:
            ticker = self.ticker(text)
            self.has(ticker)
            found = self._series[text] = Series(ticker, self, self.shown.place(ticker))
        return found

    def has(self, ticker: str) -> bool:
        """Whether the source holds *ticker*.

        Raises:
            Elsewhere: It does, but on another exchange.
        """
        if self.shown.holds(ticker):
            return True
        if ticker in self._whole.columns:
            raise Elsewhere(ticker, self._whole.listing.of(ticker))
        return False

    def held_back(self, ticker: str, day: dt.date) -> str:
        """Why a value of *ticker* that was offered for *day* is not there; empty where none was."""
        reason = self._whole.held_back.get((ticker, day))
        return f"it is held back: {reason}" if reason else ""

    def field(self, name: str, column: int) -> FloatArray:
        """One field of one symbol up to as-of; amounts and counts are on the share count of the as-of session."""
        panel, column = self.shown.held(column, name)
        prices.check_stated(panel, name)
        cut = prices.column(panel, name, column)[: self.end]
        factor = prices.factor(panel, column) if name in adjustment.ADJUSTED else None
        return adjustment.on_last_share_count(name, cut, None if factor is None else factor[: self.end])

    def total_return(self, column: int) -> FloatArray:
        """Closes of one symbol with dividends reinvested, scaled to meet the last close.

        Raises:
            NoData: Neither its dividends nor adjusted closes are known.
        """
        panel, column = self.shown.held(column, "total")
        many.check_total(panel, (panel.symbols[column],))
        return many.total_return(panel, self.end, column)

    def closes(self, tickers: Sequence[str], basis: str = "price", first: int = 0) -> FloatArray:
        """Closes of *tickers* from the row *first* on (sessions, tickers), NaN for one that the data do not hold."""
        return self._closes(tickers, basis, slice(first, self.end))

    def last_closes(self, tickers: Sequence[str], count: int) -> FloatArray:
        """The last *count* closes of *tickers*, or as many as there are: (sessions, tickers)."""
        return self.closes(tickers, first=max(0, self.end - count))

    def closes_on(self, tickers: Sequence[str], row: int, basis: str = "price") -> FloatArray:
        """Closes of *tickers* on one session, NaN for one that has none."""
        on: FloatArray = self._closes(tickers, basis, slice(row % self.end, row % self.end + 1))[0]
        return on

    def _closes(self, tickers: Sequence[str], basis: str, rows: slice) -> FloatArray:
        places = self._places(tickers)
        if basis == "total":
            many.check_total(self.shown, tickers)
            return many.total_returns(self.shown, self.end, places, rows)
        return many.field(self.shown, "close", self.end, places, rows)

    def fields(self, name: str, tickers: Sequence[str], first: int = 0) -> FloatArray:
        """One field of many symbols from the row *first* on, as :meth:`field` has it of one: (sessions, tickers)."""
        prices.check_stated(self.shown, name)
        return many.field(self.shown, name, self.end, self._places(tickers), slice(first, self.end))

    def _places(self, tickers: Sequence[str]) -> many.Places:
        columns, known = self.shown.places(tuple(tickers))
        if not known.all():
            for place in np.flatnonzero(~known).tolist():
                self.has(tickers[place])
        return columns, known

    def cap_weights(self, universe: str, tickers: Sequence[str]) -> FloatArray:
        """Weights of *tickers*: those that the source states at or before as-of, else market values.

        Stated are those of *universe* or, for a range of symbols, of an index that has them all among its members.

        Raises:
            NoData: Neither is known for any of them, or their market values are not known to be in one currency.
        """
        from xlrotation.market import weighing

        return weighing.weights(self, universe, tickers)

    def dated(self, name: str, vintage: str | None = None) -> Known:
        """A series that is no price (UNRATE, ...), as it was known at as-of.

        Neither an observation nor a revision is seen before its publication, as far as that is known
        (:mod:`xlrotation.market.asknown`); any other counts once the closing bell of its day has rung in New York.

        Args:
            name: Its name.
            vintage: As of :func:`xlrotation.market.asknown.series`; as known at as-of where none is given.

        Raises:
            NoData: The data do not hold it, or no vintages of it where they are needed.
        """
        from xlrotation.market import asknown

        wanted = name.strip().upper()
        moment = self.exchange.bell(self.asof)
        try:
            found = asknown.series(
                wanted, self.shown.series, self.shown.vintages, moment, asknown.KNOWN if vintage is None else vintage
            )
        except NoData as error:
            raise NoData(f"{error.message}{reasons.about(self.shown.remarks, name)}") from None
        if found is None:
            held = ", ".join(asknown.names_of(self.shown.series)) or "none"
            why = reasons.about(self.shown.remarks, name)
            fetch = f"xlrotation refresh --provider {asknown.provider_of(wanted)} {wanted[:40]}"
            raise NoData(f"the data hold no series {name!r}; they hold {held}; fetch it with {fetch}{why}")
        return found

    def chain(self, ticker: str) -> Chain:
        """The option chain of *ticker* at the as-of session.

        Raises:
            NoData: There is none of that session; the message names the nearest one.
            Elsewhere: The underlying trades on another exchange.
        """
        if not self.has(ticker) and (own := self._whole.listing.of(ticker)) not in self._shown:
            raise Elsewhere(ticker, own)  # an underlying without prices
        found = self.shown.chains.chain(ticker, self.asof)
        if found is not None:
            return found
        days = self.shown.chains.days(ticker)
        earlier = [day for day in days if day < self.asof]
        if not earlier:
            why = reasons.about(self.shown.remarks, ticker)
            raise NoData(f"the data hold no option chain of {ticker} up to {self.asof}; refresh with --options{why}")
        raise NoData(f"no option chain of {ticker} at {self.asof}; the last one before is of {earlier[-1]}")

    def had_chain(self, ticker: str) -> bool:
        """Whether the source brought an option chain of *ticker* up to as-of, be it one that had to be left out."""
        if any(day <= self.asof for day in self.shown.chains.days(ticker)):
            return True
        return reasons.tell_of_quotes(self.shown.remarks, ticker)

    def remembered(self, key: object, make: Callable[[], T]) -> T:
        """What *make* gives, made once for each *key*: several cells ask for the same volatilities."""
        if key not in self._remembered:
            self._remembered[key] = make()
        return cast(T, self._remembered[key])

    def base_row(self, window: Window) -> int:
        """The row of the base close of *window*."""
        row = self._rows.get(window)
        if row is None:
            row = self._rows[window] = windows.base_row(window, self.days)
        return row

    def first_row_from(self, day: dt.date) -> int:
        """The first row on or after *day*."""
        row = int(np.searchsorted(self.days, np.datetime64(day, "D"), side="left"))
        if row == len(self.days):
            raise NoData(f"no session from {day} to the as-of session {self.asof}")
        return row

    def members(self, universe: str) -> tuple[str, ...]:
        """The members of a named universe at as-of; a list that differs by exchange is the home exchange's."""
        from xlrotation.market import rosters

        return rosters.of_list(self, universe)

    def universe_meant(self, text: str) -> tuple[str, tuple[str, ...]]:
        """Name and members of the universe that *text* means, as :func:`xlrotation.market.rosters.universe_meant`."""
        from xlrotation.market import rosters

        return rosters.universe_meant(self, text)

    def universe(self, text: str) -> tuple[str, tuple[str, ...]] | None:
        """Name and members where *text* names a universe."""
        from xlrotation.market import rosters

        return rosters.universe(self, text)


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """The closes of one symbol up to as-of, or a column of the user's own numbers (``market`` is None)."""

    name: str
    market: Market | None
    column: int = -1
    own: FloatArray | None = None

    @property
    def close(self) -> FloatArray:
        """Closes, oldest first, NaN for a session without one."""
        if self.market is None:
            assert self.own is not None
            return self.own
        return self.market.field("close", self.column)

    def path(self, basis: str = "price") -> FloatArray:
        """Closes (``price``) or closes with dividends reinvested (``total``)."""
        if basis == "total" and self.market is not None:
            return self.market.total_return(self.column)
        return self.close

    def field(self, name: str) -> FloatArray:
        """Opens, highs, lows or volumes, as :attr:`close`."""
        if self.market is None:
            raise BadArgument(f"a column of numbers has no {name} prices; give a symbol, or use closes alone")
        return self.market.field(name, self.column)

    @property
    def days(self) -> Days:
        """The session of each close."""
        if self.market is None:
            raise BadArgument("a column of numbers has no dates; give a symbol")
        return self.market.days

    def base_row(self, window: Window) -> int:
        """The row of the window's base close."""
        if self.market is not None:
            return self.market.base_row(window)
        if window.unit is windows.Unit.EVERYTHING:
            return 0
        if window.unit is not windows.Unit.SESSIONS:
            raise BadArgument(f"a column of numbers has no dates for the window {window}; give a number of rows")
        row = len(self.close) - 1 - window.count
        if row < 0:
            raise NoData(f"{window} needs {window.count + 1} numbers; the column has {len(self.close)}")
        return row

    def at(self, row: int, values: FloatArray | None = None, what: str = "close") -> float:
        """The value of *values* (closes by default) in *row*.

        Raises:
            NoData: It is a gap.
        """
        value = float((self.close if values is None else values)[row])
        if value == value:
            return value
        when = (
            f"row {row + 1 + (len(self.close) if row < 0 else 0)}"
            if self.market is None
            else str(self.market.days[row])
        )
        held = "" if self.market is None else self.market.held_back(self.name, self.market.days[row].item())
        raise NoData(f"{self.name} has no {what} on {when}; {held or self._advice()}")

    def last_close_row(self, row: int) -> int:
        """The last row up to *row* that has a close."""
        close = self.close
        if close[row] == close[row]:
            return row
        rows = np.flatnonzero(np.isfinite(close[: row + 1]))
        if len(rows) == 0:
            raise NoData(f"{self.name} has no close that early; {self._advice()}")
        return int(rows[-1])

    def _advice(self) -> str:
        remarks = () if self.market is None else self.market.remarks
        return self._span() + reasons.about(remarks, self.name, guess=False)

    def _span(self) -> str:
        rows = np.flatnonzero(np.isfinite(self.close))
        if len(rows) == 0:
            return f"it has none up to {self.market.asof}" if self.market is not None else "it has none at all"
        if self.market is None:
            return "fill the cell or shorten the window"
        days = self.market.days
        return f"its closes run from {days[rows[0]]} to {days[rows[-1]]}"
