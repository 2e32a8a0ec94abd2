"""The panel: prices of all symbols of a source on the exchange calendar, immutable."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from xlrotation.errors import NoData
from xlrotation.market import calendar
from xlrotation.market.calendar import Days
from xlrotation.market.chains import ChainBook, HeldChains

FloatArray = npt.NDArray[np.float64]

PRICE_FIELDS = ("open", "high", "low", "close")
FIELDS = (*PRICE_FIELDS, "volume", "adjclose", "dividend", "split", "shares", "forward_pe")
"""What a panel may hold per session and symbol; a missing value is NaN (dividend and split: 0).

Prices are as traded; ``split`` is the ratio of a split on its first session (10 for ten new shares for one old),
``adjclose`` the total-return price where a source states one instead of its dividends, ``shares`` those outstanding,
``forward_pe`` the price over the earnings expected for the next twelve months.
"""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the prices of one symbol come from."""

    provider: str
    first: dt.date | None
    last: dt.date | None
    fetched: dt.datetime | None = None
    adjusted: str = "as traded; splits and dividends from the source"


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Sessions x symbols, float64, per field; rows are every session of the exchange between first and last.

    Attributes:
        days: The sessions, oldest first, without a gap.
        symbols: The tickers, by column.
        fields: Arrays (sessions, symbols), read-only, columns contiguous; ``close`` is always there.
        source: The text that opens this source again.
        notice: What a reader must be told of these data, such as that they are a sample.
        provenance: By symbol.
        universes: Member lists that the source brings.
        weights: Index weights that the source brings, by universe: days and an array (days, members).
        chains: Option chains that the source brings.
        series: Dated series that are no prices (unemployment, credit spreads), by their FRED name.
        remarks: What the reading of the source had to leave out.
        fetched: When the data were fetched.
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
    columns: Mapping[str, int] = field(init=False)
    split_factor: FloatArray | None = field(init=False)
    total: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        if len(self.days) == 0 or "close" not in self.fields:
            raise NoData(f"the source {self.source or 'given'} holds no closes")
        arrays = {name: _frozen(values) for name, values in self.fields.items()}
        object.__setattr__(self, "fields", arrays)
        object.__setattr__(self, "columns", {symbol: column for column, symbol in enumerate(self.symbols)})
        object.__setattr__(self, "split_factor", _split_factor(arrays))
        object.__setattr__(self, "total", _total_return_path(arrays, self.split_factor))

    @property
    def first(self) -> dt.date:
        """The first session."""
        day: dt.date = self.days[0].item()
        return day

    @property
    def last(self) -> dt.date:
        """The newest session."""
        day: dt.date = self.days[-1].item()
        return day


def align(
    days: npt.NDArray[np.datetime64], values: Mapping[str, npt.NDArray[np.float64]]
) -> tuple[Days, dict[str, FloatArray]]:
    """Put rows dated *days* (any order, doubles: the last wins) on the exchange calendar; other days are dropped.

    Args:
        days: Date of each row.
        values: Arrays (rows, symbols) by field.

    Returns:
        Every session from the first to the last date, and the arrays on them, NaN where a session had no row.
    """
    dated = days.astype("datetime64[D]")
    table = calendar.sessions()
    if len(dated) == 0:
        return table[:0], {}
    grid = calendar.sessions_between(dated.min().item(), dated.max().item())
    place = np.searchsorted(grid, dated)
    place[place == len(grid)] = 0
    on_session = grid[place] == dated if len(grid) else np.zeros(len(dated), bool)
    aligned = {}
    for name, rows in values.items():
        out = np.full((len(grid), rows.shape[1]), np.nan, order="F")
        out[place[on_session]] = rows[on_session]
        aligned[name] = out
    return grid, aligned


def stack(
    series: Sequence[tuple[str, Days, Mapping[str, FloatArray]]],
) -> tuple[Days, tuple[str, ...], dict[str, FloatArray]]:
    """Panel arrays from one dated block of columns per symbol, each with its own days and fields."""
    symbols = tuple(symbol for symbol, _, _ in series)
    every = np.concatenate([days for _, days, _ in series]) if series else np.empty(0, "datetime64[D]")
    if len(every) == 0:
        return calendar.sessions()[:0], symbols, {}
    grid = calendar.sessions_between(every.min().item(), every.max().item())
    names = dict.fromkeys(name for _, _, fields in series for name in fields)
    arrays = {name: np.full((len(grid), len(symbols)), np.nan, order="F") for name in names}
    for column, (_, days, fields) in enumerate(series):
        own, aligned = align(days, {name: values.reshape(-1, 1) for name, values in fields.items()})
        start = int(np.searchsorted(grid, own[0])) if len(own) else 0
        for name, values in aligned.items():
            arrays[name][start : start + len(own), column] = values[:, 0]
    return grid, symbols, arrays


def _frozen(values: FloatArray) -> FloatArray:
    array = np.asfortranarray(values, dtype=np.float64)
    if array is values:
        array = array.view()
    array.flags.writeable = False
    return array


def _split_factor(fields: Mapping[str, FloatArray]) -> FloatArray | None:
    """Shares that one first-session share has become, per session; None where no symbol ever split."""
    split = fields.get("split")
    if split is None:
        return None
    ratio = np.where(np.isfinite(split) & (split > 0), split, 1.0)
    if (ratio == 1.0).all():
        return None
    return _frozen(np.cumprod(ratio, axis=0, dtype=np.float64))


def _total_return_path(fields: Mapping[str, FloatArray], split_factor: FloatArray | None) -> FloatArray:
    """A price path with dividends reinvested, built forward from the first session.

    Building it forward keeps the future out: a dividend changes the path only from its ex-date on. Gaps stay gaps,
    and a dividend on a session without a close is reinvested at the next close. Where total-return prices are stated,
    the path grows as they do; next to a session without one it goes on with the close and does not jump to it.
    """
    close = fields["close"] if split_factor is None else fields["close"] * split_factor
    dividend, stated = fields.get("dividend"), fields.get("adjclose")
    if dividend is None and stated is None:
        return _frozen(close)
    growth = np.ones_like(close)
    if dividend is not None:
        paid = np.nan_to_num(dividend) * (1.0 if split_factor is None else split_factor)
        for column in np.flatnonzero(paid.any(axis=0)):
            rows = np.flatnonzero(np.isfinite(close[:, column]))
            if len(rows) < 2:
                continue
            received = np.diff(np.cumsum(paid[:, column])[rows])
            growth[rows[1:], column] = 1.0 + received / close[rows[1:], column]
    if stated is not None:
        for column in np.flatnonzero(np.isfinite(stated).any(axis=0)):
            own, total = close[:, column], stated[:, column]
            rows = np.flatnonzero(np.isfinite(own) & np.isfinite(total))
            so_far = np.cumprod(growth[:, column])
            before, after = rows[:-1], rows[1:]
            earned = total[after] / total[before] / (own[after] / own[before])
            growth[after, column] = earned / (so_far[after - 1] / so_far[before])
    return _frozen(close * np.cumprod(growth, axis=0))
