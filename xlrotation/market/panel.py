"""The panel: prices of all symbols of a source on the sessions of their exchanges, immutable."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from xlrotation.errors import NoData
from xlrotation.market import adjustment
from xlrotation.market.calendar import XNYS, Days, Exchange
from xlrotation.market.chains import ChainBook, HeldChains
from xlrotation.market.identity import identity_of
from xlrotation.market.lazyfields import LazyFields
from xlrotation.market.listing import Listing
from xlrotation.market.ondemand import FieldsOnDemand, frozen
from xlrotation.market.symbols import Directory
from xlrotation.market.terms import Terms
from xlrotation.measures.arrays import BoolArray, IntArray
from xlrotation.measures.arrays import FloatArray as FloatArray

if TYPE_CHECKING:
    from xlrotation.market.filereadings import FileReading
    from xlrotation.market.vintages import Vintages

PRICE_FIELDS = ("open", "high", "low", "close")
_LISTS = 256
"""Lists of symbols whose columns are kept: cells ask for a few universes again and again."""

FIELDS = (*PRICE_FIELDS, "volume", "adjclose", "dividend", "split", "shares", "forward_pe")
"""What a panel may hold per session and symbol; a missing value is NaN (dividend and split: 0).

Prices, volumes and dividends are as traded; :mod:`xlrotation.market.adjustment` adjusts them. ``split`` is the ratio of
a split on its first session (10 for ten new shares for one old), ``adjclose`` the total-return price where a source
states one instead of its dividends, ``shares`` those outstanding, ``forward_pe`` the price over the earnings expected
for the next twelve months.
"""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the prices of one symbol come from.

    Attributes:
        provider: Who gave them.
        first: First session.
        last: Last session.
        fetched: When they were last fetched.
        adjusted: How they are adjusted, in words.
        as_traded: Whether no split changes them.
        provisional: The session whose bar is not final.
        currency: In which they are, as the provider writes it; None where it does not say.
        zone: Time zone of the exchange; None where the provider does not say.
    """

    provider: str
    first: dt.date | None
    last: dt.date | None
    fetched: dt.datetime | None = None
    adjusted: str = "as traded; splits and dividends from the source"
    as_traded: bool = True
    provisional: dt.date | None = None
    currency: str | None = None
    zone: str | None = None

    @property
    def told(self) -> str:
        """How they are adjusted and what is not final, in words."""
        if self.provisional is None:
            return self.adjusted
        return f"{self.adjusted}; {self.provisional} is provisional, its session was running"


@dataclass(frozen=True, slots=True)
class Quarantined:
    """The values of one symbol on one day that a store holds back.

    Attributes:
        symbol: The ticker.
        day: The session.
        provider: Who offered them.
        fetched: When they were last offered.
        reason: Why they are held back.
        values: By field what is stored (NaN: nothing) and what is offered.
        times: How many fetches have offered just these values.
        rejected: Whether somebody rejected them; they are then dropped as long as they come unchanged.
    """

    symbol: str
    day: dt.date
    provider: str
    fetched: dt.datetime | None
    reason: str
    values: Mapping[str, tuple[float, float]]
    times: int = 1
    rejected: bool = False


@dataclass(frozen=True, eq=False)
class Panel:
    """Sessions x symbols, float64, per field; rows are every session of the symbols' exchanges between first and last.

    Where symbols trade on several exchanges, a row is a day on which any of them does; what a measure sees are the
    sessions of one exchange, or those that several share (:mod:`xlrotation.market.parts`).

    Attributes:
        days: The sessions, oldest first, without a gap.
        symbols: The tickers, by column.
        fields: Arrays (sessions, symbols), read-only, columns contiguous; ``close`` is always there. A store's are
            read as they are asked for (:mod:`xlrotation.market.columns`).
        source: The text that opens this source again.
        notice: What a reader must be told of these data, such as that they are a sample.
        provenance: By symbol.
        universes: Member lists that the source brings.
        terms: From when to when their members were members, where the source says so.
        sectors: What the source says of the sectors of symbols.
        weights: Index weights that the source brings, by universe: days and an array (days, members).
        chains: Option chains that the source brings.
        series: Dated series that are no prices (unemployment, credit spreads), by their FRED name; their
            vintages among them (:mod:`xlrotation.market.vintages`).
        remarks: What the reading of the source had to leave out.
        fetched: When the data were fetched.
        quarantine: Values that were offered and are held back until somebody accepts or rejects them.
        ages: Whether the clock says how old the data are; a sample stays as old as it is.
        known: When these were the newest data, for an old snapshot; None for what is current.
        listing: Where the symbols trade, and whose closing bell an as-of date means.
        state: What tells this state of the source from others; empty where a source has but one.
        readings: How each file was read, of a source that is files.
        names: What the source calls its symbols.
        price_only: Symbols of which neither dividends nor adjusted closes are known, so no total return either.
    """

    days: Days
    symbols: tuple[str, ...]
    fields: Mapping[str, FloatArray]
    source: str = ""
    notice: str = ""
    provenance: Mapping[str, Provenance] = field(default_factory=dict)
    universes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    weights: Mapping[str, tuple[Days, FloatArray]] = field(default_factory=dict)
    chains: ChainBook = field(default_factory=HeldChains)
    series: Mapping[str, tuple[Days, FloatArray]] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    fetched: dt.datetime | None = None
    quarantine: Sequence[Quarantined] = ()
    ages: bool = False
    known: dt.datetime | None = None
    state: str = ""
    listing: Listing = field(default_factory=Listing)
    readings: Sequence[FileReading] = ()
    price_only: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    terms: Mapping[str, Terms] = field(default_factory=dict)
    sectors: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        if len(self.days) == 0 or "close" not in self.fields:
            raise NoData(f"the source {self.source or 'given'} holds no closes")
        if not isinstance(self.fields, LazyFields | FieldsOnDemand):
            arrays = {name: frozen(values) for name, values in self.fields.items()}
            object.__setattr__(self, "fields", arrays)
        object.__setattr__(self, "columns", {symbol: column for column, symbol in enumerate(self.symbols)})

    @functools.cached_property
    def directory(self) -> Directory:
        """The tickers, by what an analyst types for them."""
        return Directory(self.symbols, self.names)

    @functools.cached_property
    def vintages(self) -> Mapping[str, Vintages]:
        """What was published when of the series of which vintages are stored."""
        from xlrotation.market.vintages import Gathered

        return Gathered(self.series)

    @functools.cached_property
    def split_factor(self) -> FloatArray | None:
        """Shares that one share of the first session has become; None where nothing ever split."""
        factor = adjustment.split_factor(self.fields.get("split"))
        return None if factor is None else frozen(factor)

    @functools.cached_property
    def split_columns(self) -> frozenset[int]:
        """The columns of the symbols that ever split."""
        factor = self.split_factor
        return frozenset() if factor is None else frozenset(np.flatnonzero((factor != 1.0).any(axis=0)).tolist())

    @functools.cached_property
    def last_split(self) -> IntArray:
        """By column, the row of the symbol's last split; 0 where it never split after the first session."""
        rows = np.zeros(len(self.symbols), np.int64)
        factor = self.split_factor
        if factor is None:
            return rows
        split = sorted(self.split_columns)
        rows[split] = adjustment.last_changes(factor[:, split])
        return rows

    @property
    def whole(self) -> Panel:
        """The panel with everything in it that the source has."""
        return self

    @property
    def settled(self) -> Panel:
        """The whole panel where it is read already, else this one."""
        return self

    def ready(self, text: str) -> str | None:  # noqa: ARG002
        """The ticker that *text* means, where that is known before the whole panel is read; else None."""
        return None

    def holds(self, ticker: str) -> bool:
        """Whether *ticker* is one of the symbols."""
        return ticker in self.columns

    def lacking(self, tickers: tuple[str, ...]) -> list[str]:
        """Those of *tickers* that are none of the symbols."""
        _, there = self.places(tickers)
        return [] if there.all() else [ticker for ticker in tickers if not self.holds(ticker)]

    def place(self, ticker: str) -> int:
        """What :meth:`held` knows a symbol by."""
        return self.columns[ticker]

    def held(self, place: int, name: str) -> tuple[Panel, int]:  # noqa: ARG002
        """The panel that holds a field (or ``total``) of the symbol in a place, and its column there."""
        return self, place

    def places(self, tickers: tuple[str, ...]) -> tuple[IntArray, BoolArray]:
        """The columns of *tickers*, and which of them are there; where one is not, its column means nothing."""
        found = self._found.get(tickers)
        if found is None:
            columns = np.array([self.columns.get(ticker, -1) for ticker in tickers], np.int64)
            found = np.maximum(columns, 0), columns >= 0
            if len(self._found) >= _LISTS:
                self._found.clear()
            self._found[tickers] = found
        return found

    @functools.cached_property
    def last_rows(self) -> IntArray:
        """By column, the row of the newest close; -1 for a symbol that has none."""
        if isinstance(self.fields, LazyFields):
            return self.fields.last_rows()
        close = self.fields["close"]
        found = np.full(len(self.symbols), -1, np.int64)
        lacking = np.arange(len(self.symbols))
        for row in range(len(self.days) - 1, -1, -1):  # from the end, where nearly all have one
            there = np.isfinite(close[row, lacking])
            found[lacking[there]] = row
            lacking = lacking[~there]
            if len(lacking) == 0:
                break
        found.flags.writeable = False
        return found

    @functools.cached_property
    def trading(self) -> Mapping[tuple[Exchange, int], tuple[str, ...]]:
        """The symbols that have closes, by exchange and row of the newest one."""
        groups: dict[tuple[Exchange, int], list[str]] = {}
        for symbol, row in zip(self.symbols, self.last_rows.tolist(), strict=True):
            if row >= 0:
                groups.setdefault((self.listing.of(symbol), row), []).append(symbol)
        return {key: tuple(group) for key, group in groups.items()}

    @functools.cached_property
    def members(self) -> dict[str, tuple[str, ...]]:
        """Members of universes as the data spell them, those that were asked for."""
        return {}

    @functools.cached_property
    def _found(self) -> dict[tuple[str, ...], tuple[IntArray, BoolArray]]:
        return {}

    @functools.cached_property
    def total(self) -> FloatArray:
        """Price paths with dividends reinvested, on the share count of the first session."""
        return frozen(adjustment.total_return(self.fields, self.split_factor))

    @functools.cached_property
    def without_total(self) -> frozenset[str]:
        """The symbols of which no total return is known."""
        return frozenset(self.price_only)

    @functools.cached_property
    def held_back(self) -> Mapping[tuple[str, dt.date], str]:
        """Why a value is not there that was offered, by symbol and day."""
        return {(entry.symbol, entry.day): entry.reason for entry in self.quarantine if not entry.rejected}

    @functools.cached_property
    def identity(self) -> str:
        """Says what the panel holds: all that a function can read of it, whatever is added to it one day.

        The name of the state and how files were read are none of it: a copy of a folder holds the same under another
        name.
        """
        held = {
            item.name: getattr(self, item.name)
            for item in dataclasses.fields(self)
            if item.init and item.name not in ("state", "listing", "readings")
        }
        if isinstance(self.fields, LazyFields):
            held["fields"] = self.fields.identity()
        codes = [self.home.code, *(self.listing.of(symbol).code for symbol in self.symbols)]
        return identity_of(held | {"exchanges": codes})

    @functools.cached_property
    def home(self) -> Exchange:
        """The exchange by whose closing bell an as-of date is meant."""
        return self.listing.home_of(self.symbols)

    @functools.cached_property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The exchanges on which its symbols trade."""
        return self.listing.all_of(self.symbols)

    @functools.cached_property
    def first(self) -> dt.date:
        """The first session."""
        day: dt.date = self.days[0].item()
        return day

    @functools.cached_property
    def last(self) -> dt.date:
        """The newest session."""
        day: dt.date = self.days[-1].item()
        return day


def align(
    days: npt.NDArray[np.datetime64], values: Mapping[str, npt.NDArray[np.float64]], exchange: Exchange = XNYS
) -> tuple[Days, dict[str, FloatArray]]:
    """Put rows dated *days* (any order, doubles: the last wins) on the sessions of *exchange*; other days are dropped.

    Args:
        days: Date of each row.
        values: Arrays (rows, symbols) by field.
        exchange: Where they trade.

    Returns:
        Every session from the first to the last date, and the arrays on them, NaN where a session had no row.

    Raises:
        CalendarEnds: A date lies past the end of the exchange's table.
    """
    if len(days) == 0:
        return exchange.sessions()[:0], {}
    dated = days.astype("datetime64[D]")
    grid = exchange.sessions_between(dated.min().item(), dated.max().item())
    own, on_session = on_sessions(dated, exchange)
    place = np.searchsorted(grid, own)
    aligned = {}
    for name, rows in values.items():
        out = np.full((len(grid), rows.shape[1]), np.nan, order="F")
        out[place] = rows[on_session]
        aligned[name] = out
    return grid, aligned


def on_sessions(days: npt.NDArray[np.datetime64], exchange: Exchange) -> tuple[Days, npt.NDArray[np.bool_]]:
    """Those of *days* that are sessions of *exchange*, and which they are.

    Raises:
        CalendarEnds: A date lies past the end of the exchange's table.
    """
    dated = days.astype("datetime64[D]")
    if len(dated) == 0:
        return dated, np.zeros(0, bool)
    on_session = among(dated, exchange.sessions_between(dated.min().item(), dated.max().item()))
    return dated[on_session], on_session


def among(days: Days, grid: Days) -> npt.NDArray[np.bool_]:
    """Which of *days* are in *grid*, whose days rise."""
    if len(grid) == 0:
        return np.zeros(len(days), bool)
    place = np.searchsorted(grid, days)
    place[place == len(grid)] = 0
    found: npt.NDArray[np.bool_] = grid[place] == days
    return found


def rise(days: Days) -> bool:
    """Whether each of *days* is later than the one before it."""
    return bool((days[1:] > days[:-1]).all())
