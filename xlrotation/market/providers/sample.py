"""The embedded sample data: synthetic paths through published figures (``tools/build_sample.py`` makes them)."""

from __future__ import annotations

import functools
from importlib import resources

import numpy as np

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
    return Panel(days, symbols, fields, source="sample", notice=NOTICE, provenance=provenance)
