"""The embedded sample data: synthetic paths through published figures (``tools/build_sample.py`` makes them)."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from xlrotation.languages import Text
from xlrotation.market.chains import Chain, ChainsByDay
from xlrotation.market.panel import FloatArray, Panel, Provenance

NOTICE = Text("sample data: synthetic paths through published figures, not market data").english


@functools.cache
def load() -> Panel:
    """The sample as a panel, read once."""
    data = _arrays("sample.npz")
    days = data["sessions"].astype("datetime64[D]")
    symbols = tuple(data["symbols"].tolist())
    fields: dict[str, FloatArray] = {
        name: data[name].astype(np.float64) / data["scale"] for name in ("open", "high", "low", "close")
    }
    fields["volume"] = data["volume"].astype(np.float64) * data["volume_scale"]
    fields["shares"] = np.broadcast_to(data["shares"], (len(days), len(symbols))).copy()
    fields["shares"][:, data["fund_shares_column"]] = (
        np.cumsum(data["fund_shares"].T, axis=0) * data["fund_shares_scale"]
    )
    fields["forward_pe"] = np.full((len(days), len(symbols)), np.nan)
    fields["forward_pe"][:, data["forward_pe_column"]] = data["forward_pe"].T
    for name in ("dividend", "split"):
        table = np.zeros((len(days), len(symbols)))
        table[data[f"{name}_row"], data[f"{name}_column"]] = data[f"{name}_value"]
        fields[name] = table
    for row, column, ratio in zip(data["split_row"], data["split_column"], data["split_value"], strict=True):
        for name in ("shares", "volume"):  # the sample's counts are in shares of today
            fields[name][:row, column] /= ratio
    first, last = days[0].item(), days[-1].item()
    provenance = {
        symbol: Provenance("sample", first, last, None, "synthetic path", as_traded=False) for symbol in symbols
    }
    series = {}
    ends = np.cumsum(data["series_length"])
    for name, start, end in zip(data["series"].tolist(), ends - data["series_length"], ends, strict=True):
        series[name] = (data["series_day"][start:end].astype("datetime64[D]"), data["series_value"][start:end])
    return Panel(
        *(days, symbols, fields, "sample", NOTICE, provenance),
        chains=_chains(),
        series=series,
    )


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
