"""The embedded sample data: synthetic paths through published figures (``tools/build_sample.py`` makes them)."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from xlrotation.market.chains import Chain, ChainsByDay
from xlrotation.market.panel import FloatArray, Panel, Provenance

NOTICE = "sample data: synthetic paths through published figures, not market data"


@functools.cache
def load() -> Panel:
    """The sample as a panel, read once."""
    with (resources.files("xlrotation.market") / "data" / "sample.npz").open("rb") as file, np.load(file) as stored:
        data = {name: stored[name] for name in stored.files}
    days = data["sessions"].astype("datetime64[D]")
    symbols = tuple(data["symbols"].tolist())
    fields: dict[str, FloatArray] = {
        name: data[name].astype(np.float64) / data["scale"] for name in ("open", "high", "low", "close")
    }
    fields["volume"] = data["volume"].astype(np.float64) * data["volume_scale"]
    fields["shares"] = np.broadcast_to(data["shares"], (len(days), len(symbols))).copy()
    for name in ("dividend", "split"):
        table = np.zeros((len(days), len(symbols)))
        table[data[f"{name}_row"], data[f"{name}_column"]] = data[f"{name}_value"]
        fields[name] = table
    first, last = days[0].item(), days[-1].item()
    provenance = {symbol: Provenance("sample", first, last, None, "synthetic path") for symbol in symbols}
    return Panel(days, symbols, fields, source="sample", notice=NOTICE, provenance=provenance, chains=_chains())


def _chains() -> ChainsByDay:
    """Chains around prices of a stated model (``tools/build_sample_chains.py``), read when first asked for."""

    @functools.cache
    def stored() -> dict[str, npt.NDArray[Any]]:
        with (resources.files("xlrotation.market") / "data" / "sample_chains.npz").open("rb") as file:
            with np.load(file) as archive:
                return {name: archive[name] for name in archive.files}

    with (resources.files("xlrotation.market") / "data" / "sample_chains.npz").open("rb") as file:
        with np.load(file) as archive:
            days, symbols = archive["sessions"].astype("datetime64[D]").tolist(), tuple(archive["symbols"].tolist())

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
            )

    return ChainsByDay(dict.fromkeys(days, symbols), read)
