"""Stores of the first format: one Parquet file a snapshot, and pointers ``current.json`` and ``extras.json``.

They are read as they are; the first writing turns a store into the format of :mod:`xlrotation.market.states`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from xlrotation.errors import NoData
from xlrotation.files import patiently
from xlrotation.market.panel import FloatArray, Panel, Provenance
from xlrotation.market.states import State, date, time


def snapshots(folder: Path) -> list[str]:
    """Names of the snapshots, newest first."""
    return sorted((path.name for path in folder.glob("[0-9]*.parquet")), reverse=True)


def load(folder: Path, snapshot: str) -> tuple[State, Panel]:
    """A snapshot's prices, and its chains and series as a state names them.

    Raises:
        FileNotFoundError: There is none of this name.
        NoData: It is damaged.
    """
    import pyarrow.parquet as pq

    path = folder / snapshot
    if not path.exists():
        raise FileNotFoundError(path)
    try:
        table = pq.read_table(path, memory_map=False)
        described = json.loads(table.schema.metadata[b"xlrotation"])
        days = table.column("day").to_numpy().astype("datetime64[D]")
        symbols = tuple(described["symbols"])
        fields: dict[str, FloatArray] = {}
        for name in described["fields"]:
            values = np.empty((len(days), len(symbols)), order="F")
            for column in range(len(symbols)):
                values[:, column] = table.column(f"{name}:{column}").to_numpy()
            fields[name] = values
        universes = {name: tuple(members) for name, members in described.get("universes", {}).items()}
        provenance = {symbol: _provenance(item) for symbol, item in described["provenance"].items()}
        fetched = time(described["fetched"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NoData(f"the store {folder.name} has a damaged snapshot {snapshot} ({error}); refresh it again") from None
    panel = Panel(days, symbols, fields, "", described["notice"], provenance, universes, fetched=fetched)
    return _with_extras(folder, State(snapshot)), panel


def _with_extras(folder: Path, state: State) -> State:
    try:
        found = json.loads(patiently(lambda: (folder / "extras.json").read_text("utf-8")))
        chains = {day: (entry["file"], tuple(entry["symbols"])) for day, entry in found.get("chains", {}).items()}
        return State(state.name, chains=chains, series=found.get("series"))
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return state  # prices stay readable whatever became of this file


def _provenance(item: Mapping[str, str | None]) -> Provenance:
    first, last, fetched = date(item["first"]), date(item["last"]), time(item["fetched"])
    return Provenance(str(item["provider"]), first, last, fetched, str(item["adjusted"]))
