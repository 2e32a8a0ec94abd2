"""The store: what was fetched, on disk.

A store is a folder of snapshots, each one Parquet file, and a small pointer file that names the current one. A writer
holds a lock, writes the new snapshot whole under a temporary name, renames it, and renames the pointer last; a reader
takes no lock and sees the old state or the new one. The last few snapshots are kept.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from xlrotation.errors import BadArgument, NoData
from xlrotation.market.panel import FIELDS, FloatArray, Panel, Provenance, stack

KEPT = 5
_POINTER = "current.json"


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

    def version(self) -> str | None:
        """The current snapshot's name; None where nothing was written yet."""
        try:
            found = json.loads((self.folder / _POINTER).read_text("utf-8"))["snapshot"]
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NoData(f"the store {self.name} has an unreadable {_POINTER} ({error}); refresh it again") from None
        return str(found)

    def read(self) -> Panel:
        """The current snapshot.

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

    def write(self, panel: Panel) -> str:
        """Merge *panel* into the store and make the result current; returns the snapshot's name.

        New values replace old ones day by day; a symbol or a day that *panel* does not have keeps what is stored.
        """
        from filelock import FileLock

        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / "writer.lock"):
            old = self.read() if self.version() is not None else None
            merged = panel if old is None else merge(old, panel)
            stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S%f")
            snapshot = f"{stamp}.parquet"
            _whole(self.folder / snapshot, _encode(merged))
            _whole(self.folder / _POINTER, json.dumps({"snapshot": snapshot}).encode())
            for stale in sorted(self.folder.glob("*.parquet"))[:-KEPT]:
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
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NoData(
                f"the store {self.name} has a damaged snapshot {version} ({error}); refresh it again"
            ) from error
        text = "yahoo" if self.name == "yahoo" else f"store:{self.name}"
        fetched = dt.datetime.fromisoformat(described["fetched"]) if described["fetched"] else None
        provenance = {symbol: _provenance(item) for symbol, item in described["provenance"].items()}
        return Panel(days, symbols, fields, text, described["notice"], provenance, fetched=fetched)


def merge(old: Panel, new: Panel) -> Panel:
    """*new* over *old*: each finite value of *new* counts, everything else of *old* stays."""
    blocks = []
    for symbol in dict.fromkeys((*old.symbols, *new.symbols)):
        days = np.unique(np.concatenate([panel.days for panel in (old, new) if symbol in panel.columns]))
        fields: dict[str, FloatArray] = {}
        for panel in (old, new):
            if symbol not in panel.columns:
                continue
            rows = np.searchsorted(days, panel.days)
            for name, values in panel.fields.items():
                target = fields.setdefault(name, np.full(len(days), np.nan))
                column = values[:, panel.columns[symbol]]
                target[rows] = np.where(np.isfinite(column), column, target[rows])
        blocks.append((symbol, days, fields))
    days, symbols, arrays = stack(blocks)
    provenance = {**old.provenance, **new.provenance}
    return Panel(days, symbols, arrays, new.source, new.notice, provenance, fetched=new.fetched)


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


def _whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader, or a crash, finds the old one or the new one and never a part."""
    handle, name = tempfile.mkstemp(prefix=".writing-", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
