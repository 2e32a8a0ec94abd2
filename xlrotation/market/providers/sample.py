"""The embedded sample data: synthetic paths through published figures (``tools/build_sample.py`` makes them)."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from xlrotation.languages import Text
from xlrotation.market.chains import Chain, ChainsByDay
from xlrotation.market.ondemand import FieldsOnDemand
from xlrotation.market.panel import FloatArray, Panel, Provenance

NOTICE = Text("sample data: synthetic paths through published figures, not market data").english


@functools.cache
def load() -> Panel:
    """The sample as a panel, read once, its fields when they are asked for."""
    data = _arrays("sample.npz", *_FIRST)
    days = data["sessions"].astype("datetime64[D]")
    symbols = tuple(data["symbols"].tolist())
    makers = {name: functools.partial(_prices, name) for name in ("open", "high", "low", "close")}
    shape = (len(days), len(symbols))
    makers |= {name: functools.partial(make, shape) for name, make in _OTHERS.items()}
    first, last = days[0].item(), days[-1].item()
    provenance = {
        symbol: Provenance("sample", first, last, None, "synthetic path", as_traded=False) for symbol in symbols
    }
    series = {}
    ends = np.cumsum(data["series_length"])
    for name, start, end in zip(data["series"].tolist(), ends - data["series_length"], ends, strict=True):
        series[name] = (data["series_day"][start:end].astype("datetime64[D]"), data["series_value"][start:end])
    return Panel(
        *(days, symbols, FieldsOnDemand(makers), "sample", NOTICE, provenance),
        chains=_chains(),
        series=series,
    )


_FIRST = ("sessions", "symbols", "series", "series_length", "series_day", "series_value")
"""What is needed before anything is asked; a field is read when it is."""

_SPLITS = ("split_row", "split_column", "split_value")

_Shape = tuple[int, int]


def _prices(name: str) -> FloatArray:
    data = _arrays("sample.npz", name, "scale")
    prices: FloatArray = data[name].astype(np.float64, order="F")
    prices /= data["scale"]
    return prices


def _volume(_: _Shape) -> FloatArray:
    data = _arrays("sample.npz", "volume", "volume_scale", *_SPLITS)
    return _as_traded(data["volume"].astype(np.float64, order="F") * data["volume_scale"], data)


def _shares(shape: _Shape) -> FloatArray:
    names = ("shares", "fund_shares_column", "fund_shares", "fund_shares_scale")
    data = _arrays("sample.npz", *names, *_SPLITS)
    shares = np.empty(shape, order="F")
    shares[:] = data["shares"]
    shares[:, data["fund_shares_column"]] = np.cumsum(data["fund_shares"].T, axis=0) * data["fund_shares_scale"]
    return _as_traded(shares, data)


def _as_traded(counts: FloatArray, data: dict[str, npt.NDArray[Any]]) -> FloatArray:
    """Counts of shares as of their days; the sample's are in shares of today."""
    for row, column, ratio in zip(*(data[name] for name in _SPLITS), strict=True):
        counts[:row, column] /= ratio
    return counts


def _forward_pe(shape: _Shape) -> FloatArray:
    data = _arrays("sample.npz", "forward_pe_column", "forward_pe")
    ratios = np.full(shape, np.nan, order="F")
    ratios[:, data["forward_pe_column"]] = data["forward_pe"].T
    return ratios


def _event(name: str, shape: _Shape) -> FloatArray:
    data = _arrays("sample.npz", *(f"{name}_{part}" for part in ("row", "column", "value")))
    table = np.zeros(shape, order="F")
    table[data[f"{name}_row"], data[f"{name}_column"]] = data[f"{name}_value"]
    return table


_OTHERS: dict[str, Callable[[_Shape], FloatArray]] = {
    "volume": _volume,
    "shares": _shares,
    "forward_pe": _forward_pe,
    "dividend": functools.partial(_event, "dividend"),
    "split": functools.partial(_event, "split"),
}


def _arrays(name: str, *wanted: str) -> dict[str, npt.NDArray[Any]]:
    """The arrays of a file of the package, or some of them."""
    with (Path(__file__).parents[1] / "data" / name).open("rb") as file, np.load(file) as stored:
        return {key: stored[key] for key in wanted or stored.files}


def _chains() -> ChainsByDay:
    """Chains around prices of a stated model (``tools/build_sample_chains.py``), read when first asked for."""

    @functools.cache
    def stored() -> dict[str, npt.NDArray[Any]]:
        return _arrays("sample_chains.npz")

    held = _arrays("sample_chains.npz", "sessions", "symbols")
    days, symbols = held["sessions"].astype("datetime64[D]").tolist(), tuple(held["symbols"].tolist())

    def read(day: dt.date) -> Iterator[Chain]:
        data = stored()
        ends = np.cumsum(data["counts"])
        first = days.index(day) * len(symbols)
        for place, symbol in enumerate(symbols, first):
            rows = slice(int(ends[place] - data["counts"][place]), int(ends[place]))
            yield Chain(
                symbol,
                day,
                data["expiry"][rows].astype("datetime64[D]"),
                data["strike"][rows] / 100.0,
                data["call"][rows].astype(bool),
                data["bid"][rows] / 100.0,
                data["ask"][rows] / 100.0,
                np.zeros(rows.stop - rows.start, bool),
                np.full(rows.stop - rows.start, "NaT", "datetime64[D]"),
                rate=float(data["rate"]),
                source="sample",
                volume=data["volume"][rows].astype(np.float64),
                open_interest=data["open_interest"][rows].astype(np.float64),
            )

    return ChainsByDay(dict.fromkeys(days, symbols), read)
