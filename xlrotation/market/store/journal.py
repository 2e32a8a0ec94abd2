"""The journal of a store: which batch brought the values of which symbol and days.

One line of JSON a batch, only ever appended; each state knows how many bytes of it are its, and their checksum. What a
killed writer has appended belongs to none and is overwritten by the next one. A damaged journal stays as it is, and a
new one begins.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from xlrotation.files import write_ours
from xlrotation.market.calendar import Days
from xlrotation.market.panel import FloatArray, Panel
from xlrotation.market.store import storage
from xlrotation.market.store.stateformat import Mark

_ADVICE = "it says where values come from; put it back from a copy of the store, or the next refresh begins a new one"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a stored value comes from.

    Attributes:
        provider: Who gave it.
        fetched: When it was last fetched; None where that is not known.
        first: First day of the unbroken run of days that came with it.
        last: Last day of that run.
        accepted: Whether it was held back first and then accepted by somebody.
        fields: The fields that the batch brought.
    """

    provider: str
    fetched: dt.datetime | None
    first: dt.date
    last: dt.date
    accepted: bool
    fields: tuple[str, ...]


def batches(panel: Panel, accepted: bool = False, whole: Sequence[str] = ()) -> list[dict[str, Any]]:
    """A line for each provider and time in *panel*: its fields, and the runs of days of its symbols."""
    groups: dict[tuple[str, str | None], dict[tuple[str, str], list[str]]] = {}
    fields = [name for name, values in panel.fields.items() if np.isfinite(values).any()]
    for column, symbol in enumerate(panel.symbols):
        item = panel.provenance.get(symbol)
        fetched = item.fetched if item and item.fetched else panel.fetched
        provider = item.provider if item else panel.source
        group = groups.setdefault((provider, fetched.isoformat() if fetched else None), {})
        for span in _runs(panel, column):
            group.setdefault(span, []).append(symbol)
    return [
        {
            "provider": provider,
            "fetched": fetched,
            "fields": fields,
            "spans": [[first, last, symbols] for (first, last), symbols in group.items()],
            **({"accepted": True} if accepted else {}),
            **({"whole": rewritten} if (rewritten := [s for s in whole if s in panel.columns]) else {}),
        }
        for (provider, fetched), group in groups.items()
        if group
    ]


def _runs(panel: Panel, column: int) -> Iterator[tuple[str, str]]:
    known = np.isfinite(panel.fields["close"][:, column])
    if not known.any():
        known = np.any([np.isfinite(values[:, column]) for values in panel.fields.values()], axis=0)
    edges = np.flatnonzero(np.diff(np.r_[False, known, False]))
    for first, end in edges.reshape(-1, 2):
        yield str(panel.days[first]), str(panel.days[end - 1])


def series_batch(provider: str, series: Mapping[str, tuple[Days, FloatArray]], fetched: dt.datetime) -> dict[str, Any]:
    """A line for dated series."""
    found = {name: [str(days[0]), str(days[-1])] for name, (days, _) in series.items() if len(days)}
    return {"provider": provider, "fetched": fetched.isoformat(), "series": found}


def held(folder: Path, mark: Mark) -> bytes:
    """What of a journal belongs to a state.

    Raises:
        Damaged: It is missing, or is not what was written.
        Unreachable: It cannot be read now.
    """
    if mark.size == 0:
        return b""
    data = storage.beginning(folder, mark.file, mark.size, _ADVICE)
    if len(data) < mark.size:
        raise storage.damaged(folder, mark.file, f"{len(data):,} bytes in place of {mark.size:,}", _ADVICE)
    if mark.sha256 is not None and hashlib.sha256(data).hexdigest() != mark.sha256:
        raise storage.damaged(folder, mark.file, "its checksum is another", _ADVICE)
    return data


def append(folder: Path, mark: Mark, lines: Sequence[dict[str, Any]], name: str = "") -> Mark:
    """Write *lines* after what belongs to a state; returns what belongs to the next one.

    Args:
        folder: The store's folder.
        mark: What belongs to the state.
        lines: What came.
        name: The state to be, where it must have a journal of its own because what follows in this one is not ours.

    Raises:
        Damaged: What belongs to the state is damaged.
        Unreachable: It cannot be read now.
    """
    before = held(folder, mark)
    data = b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)
    whole = before + data
    digest = hashlib.sha256(whole).hexdigest()
    if name:
        file = f"journal-{name}.jsonl"
        write_ours(folder / file, whole)
        return Mark(file, len(whole), digest)
    if data:
        path = folder / mark.file
        storage.check_file(folder, mark.file, _ADVICE)
        with path.open("r+b" if path.exists() else "w+b") as opened:
            opened.seek(mark.size)
            opened.truncate()
            opened.write(data)
            opened.flush()
            os.fsync(opened.fileno())
    return Mark(mark.file, len(whole), digest)


def lines(folder: Path, mark: Mark) -> list[dict[str, Any]]:
    """What belongs to a state, line by line.

    Raises:
        Damaged: It is damaged.
        Unreachable: It cannot be read now.
    """
    try:
        return [json.loads(line) for line in held(folder, mark).splitlines()]
    except (ValueError, RecursionError) as error:
        raise storage.damaged(folder, mark.file, error, _ADVICE) from error


def origin(found: Sequence[dict[str, Any]], symbol: str, day: dt.date, field: str = "close") -> Origin | None:
    """Where the value of a symbol, day and field comes from: the last batch that brought it."""
    for origin in _newest_first(found, symbol, field):
        if origin.first <= day <= origin.last:
            return origin
    return None


def origins(found: Sequence[dict[str, Any]], symbol: str, days: Days) -> list[tuple[dt.date, dt.date, Origin]]:
    """First and last of those of *days* whose close one batch brought, and that batch, for one symbol, oldest first."""
    batch: list[Origin | None] = [None] * len(days)
    for origin in _newest_first(found, symbol, "close"):
        start, end = np.searchsorted(days, np.array([origin.first, origin.last + dt.timedelta(days=1)], "M8[D]"))
        for row in range(int(start), int(end)):
            batch[row] = batch[row] or origin
    stretches: list[tuple[dt.date, dt.date, Origin]] = []
    for day, source in zip(days.tolist(), batch, strict=True):
        if source is None:
            continue
        if stretches and stretches[-1][2] is source:
            stretches[-1] = (stretches[-1][0], day, source)
        else:
            stretches.append((day, day, source))
    return stretches


def _newest_first(found: Sequence[dict[str, Any]], symbol: str, field: str) -> Iterator[Origin]:
    """The runs of days of a symbol and field, up to the batch that replaced what was there before."""
    for line in reversed(found):
        if field in line.get("fields", ()):
            for first, last, symbols in line["spans"]:
                if symbol in symbols:
                    yield Origin(
                        line["provider"],
                        dt.datetime.fromisoformat(line["fetched"]) if line["fetched"] else None,
                        dt.date.fromisoformat(first),
                        dt.date.fromisoformat(last),
                        bool(line.get("accepted")),
                        tuple(line["fields"]),
                    )
        if symbol in line.get("whole", ()):
            return
