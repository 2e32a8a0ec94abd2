"""The values that a store holds back: their file, and the panel that accepting them stores."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, overload

import numpy as np

from xlrotation.market.panel import Panel, Quarantined
from xlrotation.market.store import storage
from xlrotation.market.store.storage import Files


def offers(entries: Sequence[Quarantined]) -> Panel:
    """The values of *entries* as a panel, to be stored."""
    days = np.array(sorted({entry.day for entry in entries}), "datetime64[D]")
    symbols = tuple(dict.fromkeys(entry.symbol for entry in entries))
    names = dict.fromkeys(("close", *(name for entry in entries for name in entry.values)))
    fields = {name: np.full((len(days), len(symbols)), np.nan, order="F") for name in names}
    for entry in entries:
        row = int(np.searchsorted(days, np.datetime64(entry.day)))
        for name, (_, value) in entry.values.items():
            fields[name][row, symbols.index(entry.symbol)] = value
    return Panel(days, symbols, fields)


class HeldBack(Sequence[Quarantined]):
    """What is held back, read from its file when first asked for: a rewritten history has thousands of entries.

    Args:
        files: The files of a state.
        file: Its name.

    Raises:
        Damaged: The file is missing or damaged.
        Unreachable: It cannot be read now.
    """

    def __init__(self, files: Files, file: str) -> None:
        self._data = files.get(file)
        if file not in files.sums:  # of format 1: whether it can be read is all that can be told of it
            try:
                len(self)
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise storage.damaged(files.folder, file, error) from error

    @functools.cached_property
    def _entries(self) -> tuple[Quarantined, ...]:
        return decode(self._data)

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, place: int) -> Quarantined: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Quarantined]: ...
    def __getitem__(self, place: int | slice) -> Quarantined | Sequence[Quarantined]:
        return self._entries[place]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._entries == tuple(other)

    __hash__ = None  # type: ignore[assignment]


def encode(entries: Iterable[Quarantined]) -> bytes:
    """The file of what is held back."""
    plain = [
        {
            "symbol": entry.symbol,
            "day": entry.day.isoformat(),
            "provider": entry.provider,
            "fetched": entry.fetched.isoformat() if entry.fetched else None,
            "reason": entry.reason,
            "times": entry.times,
            "rejected": entry.rejected,
            "values": {
                name: [None if stored != stored else stored, value] for name, (stored, value) in entry.values.items()
            },
        }
        for entry in entries
    ]
    return json.dumps(plain, ensure_ascii=False, indent=0).encode()


def decode(data: bytes) -> tuple[Quarantined, ...]:
    """What is held back, from its file.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: It is damaged.
    """
    return tuple(map(_decoded, json.loads(data)))


def _decoded(item: Mapping[str, Any]) -> Quarantined:
    values = {
        name: (float("nan") if stored is None else stored, value) for name, (stored, value) in item["values"].items()
    }
    fetched = dt.datetime.fromisoformat(item["fetched"]) if item["fetched"] else None
    day, times = dt.date.fromisoformat(item["day"]), int(item["times"])
    return Quarantined(
        *(item["symbol"], day, item["provider"], fetched, item["reason"], values), times, bool(item["rejected"])
    )
