"""What a refresh remembers of its questions, so that the next one asks only for what may still come.

It is a small file beside the stores. Losing it loses no data: a few questions are asked once more.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, TypeVar

from xlrotation.files import write_whole

T = TypeVar("T")

ENOUGH = 3
"""Sessions after which a gap is asked for; then the source is taken to have no bar that day."""


class Asked:
    """The memory of one store's refreshes.

    Args:
        path: Its file; one that is missing or damaged counts as empty.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            found = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            found = {}
        kept: dict[str, Any] = found if isinstance(found, dict) else {}
        self._holes: dict[str, dict[str, list[str]]] = {
            symbol: {day: list(tries) for day, tries in days.items() if isinstance(tries, list)}
            for symbol, days in _table(kept.get("holes")).items()
            if isinstance(days, dict)
        }
        self._zones: dict[str, str] = _table(kept.get("zones"))
        self._begins: dict[str, str] = _table(kept.get("begins"))
        self._series: dict[str, str] = _table(kept.get("series"))

    def save(self) -> None:
        """Write the file, whole."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        kept = {"holes": self._holes, "zones": self._zones, "begins": self._begins, "series": self._series}
        write_whole(self._path, json.dumps(kept).encode())

    def zone(self, symbol: str) -> str | None:
        """The time zone of a symbol's exchange; None where none was ever told."""
        return self._zones.get(symbol)

    def set_zone(self, symbol: str, zone: str) -> None:
        """Remember a symbol's time zone."""
        self._zones[symbol] = zone

    def begin(self, symbol: str) -> dt.date | None:
        """The first session that the source ever told of, its bar good or not."""
        return _when(dt.date.fromisoformat, self._begins.get(symbol))

    def set_begin(self, symbol: str, day: dt.date) -> None:
        """Remember that the source told of a session."""
        self._begins[symbol] = min(day.isoformat(), self._begins.get(symbol, day.isoformat()))

    def worth_asking(self, symbol: str, holes: Collection[dt.date]) -> list[dt.date]:
        """Those of *holes* that were not asked for often enough to give them up."""
        tries = self._holes.get(symbol, {})
        return [day for day in holes if len(tries.get(day.isoformat(), ())) < ENOUGH]

    def count(self, symbol: str, holes: Collection[dt.date], since: dt.date, session: dt.date) -> None:
        """A symbol was asked for from *since* on, after *session*, and these are its holes now."""
        before = self._holes.pop(symbol, {})
        kept = {}
        for day in holes:
            tries = before.get(day.isoformat(), [])
            kept[day.isoformat()] = sorted({*tries, session.isoformat()}) if day >= since else tries
        if kept:
            self._holes[symbol] = kept

    def series_fetched(self, name: str) -> dt.datetime | None:
        """When a series of FRED was last received."""
        return _when(dt.datetime.fromisoformat, self._series.get(name))

    def set_series_fetched(self, name: str, when: dt.datetime) -> None:
        """Remember when a series was received."""
        self._series[name] = when.isoformat()


def _table(found: object) -> dict[str, Any]:
    return dict(found) if isinstance(found, dict) else {}


def _when(read: Callable[[str], T], text: object) -> T | None:
    try:
        return read(text) if isinstance(text, str) else None
    except ValueError:
        return None
