"""The store: what was fetched, on disk.

A store is a folder of snapshots, each one Parquet file, and a small pointer file that names the current one. A writer
holds a lock, writes the new snapshot whole under a temporary name, renames it, and renames the pointer last; a reader
takes no lock and sees the old state or the new one. The last few snapshots are kept.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from xlrotation.errors import BadArgument, NoData
from xlrotation.files import TEMPORARY, patiently, write_whole
from xlrotation.market.calendar import Days
from xlrotation.market.chains import Chain
from xlrotation.market.extras import Extras
from xlrotation.market.panel import FIELDS, FloatArray, Panel, Provenance, stack

KEPT = 5
_POINTER = "current.json"
_PATIENCE = 60.0
"""Seconds that a writer waits for another one; merging and writing take a few."""


def data_folder() -> Path:
    """Where stores live: the environment variable ``XLROTATION_HOME``, else the user's data folder."""
    if home := os.environ.get("XLROTATION_HOME"):
        return Path(home)
    from platformdirs import user_data_dir

    return Path(user_data_dir("xlrotation", appauthor=False))


class Store:
    """Snapshots of one source.

    Args:
        name: Letters, digits, ``-`` and ``_``.
    """

    def __init__(self, name: str) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
            raise BadArgument(f"{name!r} is no name of a store; use letters, digits, - and _")
        self.name = name
        self.folder = data_folder() / name
        self.extras = Extras(self.folder)

    def version(self) -> str | None:
        """The current snapshot's name; None where nothing was written yet."""
        try:
            found = json.loads(patiently(lambda: (self.folder / _POINTER).read_text("utf-8")))["snapshot"]
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NoData(f"the store {self.name} has an unreadable {_POINTER} ({error}); refresh it again") from None
        return str(found)

    def state(self) -> str | None:
        """What changes with every writing; None where nothing was written yet."""
        version = self.version()
        return None if version is None else version + self.extras.state()

    def read(self) -> Panel:
        """The current snapshot, with the chains and series beside it.

        Raises:
            NoData: There is none, or it cannot be read.
        """
        for _ in range(3):  # a writer may remove an old snapshot between the two steps
            version = self.version()
            if version is None:
                raise NoData(f"the store {self.name} is empty; refresh it first")
            try:
                return self._load(version)
            except FileNotFoundError:
                continue
        raise NoData(f"the store {self.name} lacks its snapshot {version}; refresh it again")

    def newest_readable(self) -> Panel | None:
        """The current snapshot or, where that is damaged, the newest one before it that is not; None without any."""
        try:
            return self.read()
        except NoData:
            for snapshot in sorted(self.folder.glob("*.parquet"), reverse=True):
                try:
                    return self._load(snapshot.name)
                except (NoData, FileNotFoundError):
                    continue
        return None

    def write(self, panel: Panel, whole: Collection[str] = ()) -> str:
        """Merge *panel* into the store and make the result current; returns the snapshot's name.

        New values replace old ones day by day; a symbol or a day that *panel* does not have keeps what is stored.
        Index weights are not stored: they stay with the folder that brings them.

        Args:
            panel: What was fetched.
            whole: Symbols of *panel* of which nothing stored is kept, because their history was rewritten.

        Raises:
            NoData: Another program has been writing for a minute.
        """
        with self._writing():
            return self._write(panel, whole)

    def write_chains(self, chains: Iterable[Chain]) -> None:
        """Add option chains; one of the same underlying and session replaces what is stored.

        Raises:
            NoData: Another program has been writing for a minute.
        """
        with self._writing():
            self.extras.write_chains(chains)

    def write_series(self, series: Mapping[str, tuple[Days, FloatArray]]) -> None:
        """Add dated series: new values replace old ones day by day, other days stay.

        Raises:
            NoData: Another program has been writing for a minute.
        """
        with self._writing():
            self.extras.write_series(series)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        from filelock import FileLock, Timeout

        self.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.folder / "writer.lock", timeout=_PATIENCE)
        try:
            lock.acquire()
        except Timeout:
            raise NoData(f"another program is writing the store {self.name}; try again when it has finished") from None
        try:
            yield
        finally:
            lock.release()

    def _write(self, panel: Panel, whole: Collection[str]) -> str:
        for left in self.folder.glob(f"{TEMPORARY}*"):  # by a writer that was killed
            left.unlink(missing_ok=True)
        old = self.newest_readable()
        merged = panel if old is None else merge(old, panel, whole)
        snapshot = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S%f") + ".parquet"
        write_whole(self.folder / snapshot, _encode(merged))
        write_whole(self.folder / _POINTER, json.dumps({"snapshot": snapshot}).encode())
        others = sorted(path for path in self.folder.glob("*.parquet") if path.name != snapshot)
        for stale in others[: 1 - KEPT]:
            stale.unlink(missing_ok=True)
        return snapshot

    def _load(self, version: str) -> Panel:
        import pyarrow.parquet as pq

        path = self.folder / version
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
        except FileNotFoundError:
            raise
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NoData(
                f"the store {self.name} has a damaged snapshot {version} ({error}); refresh it again"
            ) from error
        text = "yahoo" if self.name == "yahoo" else f"store:{self.name}"
        fetched = dt.datetime.fromisoformat(described["fetched"]) if described["fetched"] else None
        provenance = {symbol: _provenance(item) for symbol, item in described["provenance"].items()}
        return Panel(
            *(days, symbols, fields, text, described["notice"], provenance, universes),
            chains=self.extras.chains(),
            series=self.extras.series(),
            fetched=fetched,
        )


def merge(old: Panel, new: Panel, whole: Collection[str] = ()) -> Panel:
    """*new* over *old*: each finite value of *new* counts, everything else of *old* stays, but for *whole* symbols."""
    blocks = []
    provenance = dict(old.provenance)
    for symbol in dict.fromkeys((*old.symbols, *new.symbols)):
        panels = [panel for panel in (old, new) if symbol in panel.columns]
        if symbol in whole and symbol in new.columns:
            panels = [new]
        days = np.unique(np.concatenate([panel.days for panel in panels]))
        fields: dict[str, FloatArray] = {}
        for panel in panels:
            rows = np.searchsorted(days, panel.days)
            for name, values in panel.fields.items():
                target = fields.setdefault(name, np.full(len(days), np.nan))
                column = values[:, panel.columns[symbol]]
                target[rows] = np.where(np.isfinite(column), column, target[rows])
        blocks.append((symbol, days, fields))
        if symbol in new.provenance:
            item, known = new.provenance[symbol], days[np.isfinite(fields["close"])]
            span = (known[0].item(), known[-1].item()) if len(known) else (item.first, item.last)
            provenance[symbol] = replace(item, first=span[0], last=span[1])
    days, symbols, arrays = stack(blocks)
    universes = {**old.universes, **new.universes}
    return Panel(days, symbols, arrays, new.source, new.notice, provenance, universes, fetched=new.fetched)


def _encode(panel: Panel) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, pa.Array] = {"day": pa.array(panel.days.astype("datetime64[D]"))}
    names = [name for name in FIELDS if name in panel.fields]
    for name in names:
        for column in range(len(panel.symbols)):
            columns[f"{name}:{column}"] = pa.array(np.ascontiguousarray(panel.fields[name][:, column]))
    described = {
        "symbols": panel.symbols,
        "fields": names,
        "notice": panel.notice,
        "universes": panel.universes,
        "fetched": panel.fetched.isoformat() if panel.fetched else None,
        "provenance": {symbol: _described(item) for symbol, item in panel.provenance.items()},
    }
    table = pa.table(columns).replace_schema_metadata({"xlrotation": json.dumps(described)})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    data: bytes = sink.getvalue().to_pybytes()
    return data


def _described(item: Provenance) -> dict[str, str | None]:
    return {
        "provider": item.provider,
        "first": item.first.isoformat() if item.first else None,
        "last": item.last.isoformat() if item.last else None,
        "fetched": item.fetched.isoformat() if item.fetched else None,
        "adjusted": item.adjusted,
    }


def _provenance(item: Mapping[str, str | None]) -> Provenance:
    first, last, fetched = item["first"], item["last"], item["fetched"]
    return Provenance(
        str(item["provider"]),
        dt.date.fromisoformat(first) if first else None,
        dt.date.fromisoformat(last) if last else None,
        dt.datetime.fromisoformat(fetched) if fetched else None,
        str(item["adjusted"]),
    )
