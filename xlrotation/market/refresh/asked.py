"""What a refresh remembers of its questions, so that the next one asks only for what may still come.

It is a small file beside the stores. Losing it loses no data: a few questions are asked once more.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, TypeVar

from xlrotation.errors import NoData
from xlrotation.files import read_regular, write_ours
from xlrotation.market.places import data_folder
from xlrotation.market.store import storage

T = TypeVar("T")

_PATIENCE = 60.0
"""Seconds that one waits for another program; writing takes a moment."""

_LARGEST = 2**27
"""Bytes of the file at most; it has some dozens a symbol."""

ENOUGH = 3
"""Sessions after which a gap is asked for; then the source is taken to have no bar that day."""


class Asked:
    """The memory of one store's refreshes, which several programs may add to at a time.

    Args:
        path: Its file; one that is missing or damaged counts as empty.

    Raises:
        Unreachable: It cannot be read now.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._take(_read(path))
        self._touched: set[tuple[str, str]] = set()

    def _take(self, kept: dict[str, dict[str, Any]]) -> None:
        self._holes: dict[str, dict[str, list[str]]] = kept["holes"]
        self._zones: dict[str, str] = kept["zones"]
        self._begins: dict[str, str] = kept["begins"]
        self._series: dict[str, str] = kept["series"]

    def save(self) -> None:
        """Add what was learned here to what others have written meanwhile.

        Raises:
            NoData: Another program has been writing it for a minute.
        """
        from filelock import FileLock, Timeout

        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self._path.with_suffix(".lock"), timeout=_PATIENCE):
                there = _read(self._path)
                ours: dict[str, dict[str, Any]] = {
                    "holes": self._holes,
                    "zones": self._zones,
                    "begins": self._begins,
                    "series": self._series,
                }
                for table, key in self._touched:
                    _join(table, key, ours[table], there[table])
                write_ours(self._path, json.dumps(there).encode())
        except Timeout:
            raise NoData(f"another program is writing {self._path.name}; try again when it has finished") from None
        self._take(there)
        self._touched.clear()

    def zone(self, symbol: str) -> str | None:
        """The time zone of a symbol's exchange; None where none was ever told."""
        return self._zones.get(symbol)

    def set_zone(self, symbol: str, zone: str) -> None:
        """Remember a symbol's time zone."""
        self._zones[symbol] = zone
        self._touched.add(("zones", symbol))

    def begin(self, symbol: str) -> dt.date | None:
        """The first session that the source ever told of, its bar good or not."""
        return _when(dt.date.fromisoformat, self._begins.get(symbol))

    def set_begin(self, symbol: str, day: dt.date) -> None:
        """Remember that the source told of a session."""
        self._begins[symbol] = min(day.isoformat(), self._begins.get(symbol, day.isoformat()))
        self._touched.add(("begins", symbol))

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
        self._touched.add(("holes", symbol))

    def series_fetched(self, name: str) -> dt.datetime | None:
        """When a series of FRED was last received."""
        return _when(dt.datetime.fromisoformat, self._series.get(name))

    def set_series_fetched(self, name: str, when: dt.datetime) -> None:
        """Remember when a series was received."""
        self._series[name] = when.isoformat()
        self._touched.add(("series", name))


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        found = json.loads(read_regular(path, _LARGEST))
    except (FileNotFoundError, ValueError, RecursionError):
        found = {}
    except OSError as error:
        raise storage.unreachable(path.parent, path.name, error) from error
    kept = found if isinstance(found, dict) else {}
    tables = {name: _texts(kept.get(name)) for name in ("zones", "begins", "series")}
    holes = {
        symbol: {day: sorted(filter(_is_text, tries)) for day, tries in days.items() if isinstance(tries, list)}
        for symbol, days in _table(kept.get("holes")).items()
        if isinstance(days, dict)
    }
    return {"holes": holes, **tables}


def _join(table: str, key: str, ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Put what was learned of *key* into what others wrote: their tries and earlier begins count too."""
    known = theirs.pop(key, None)
    if key not in ours:
        return  # no hole is left
    if table == "holes":
        before = known or {}
        theirs[key] = {day: sorted({*tries, *before.get(day, ())}) for day, tries in ours[key].items()}
    elif known is None or table == "zones":
        theirs[key] = ours[key]
    else:
        theirs[key] = min(known, ours[key]) if table == "begins" else max(known, ours[key])


def _table(found: object) -> dict[str, Any]:
    return dict(found) if isinstance(found, dict) else {}


def _texts(found: object) -> dict[str, Any]:
    return {key: value for key, value in _table(found).items() if _is_text(value)}


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _when(read: Callable[[str], T], text: object) -> T | None:
    try:
        return read(text) if isinstance(text, str) else None
    except ValueError:
        return None


def memory() -> Asked:
    """What refreshes of the Yahoo store remember of their questions."""
    return Asked(data_folder() / "cache" / "asked.json")
