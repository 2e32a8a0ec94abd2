"""What a state of a store is, and its form on disk: JSON that carries a number of its format and its own checksum."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from xlrotation.market.panel import Provenance
from xlrotation.market.store import storage
from xlrotation.market.store.blocks import span_of
from xlrotation.market.store.storage import NewerFormat, Sum

FORMAT = 2
"""The number of this format; a store of a higher one is refused. Format 1 had no number and no checksums."""

Chains = Mapping[str, tuple[str, tuple[str, ...]]]
"""By session (ISO): the file of its chains, and the underlyings in it."""

_FIRST_KEYS = frozenset(
    "symbols fields first last fetched notice universes provenance prices chains series quarantine journal".split()
)
_KEYS = _FIRST_KEYS | frozenset("format name files refreshed lost".split())
WRONG = (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError)
"""What contents that are no state raise while they are read."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How much of a journal belongs to a state.

    Attributes:
        file: The journal.
        size: Its first bytes, so many.
        sha256: Their checksum; None in format 1.
    """

    file: str = "journal.jsonl"
    size: int = 0
    sha256: str | None = hashlib.sha256().hexdigest()


@dataclass(frozen=True, slots=True)
class State:
    """What a state of a store is made of.

    Attributes:
        name: Its number in the order of writing and when it was written, UTC: ``00000012-20260213T221503123456``.
        symbols: Tickers, by column.
        fields: Fields of prices.
        first: First session.
        last: Last session.
        prices: By block, its file.
        chains: By session, the file of its chains and their underlyings.
        series: The file of the dated series.
        quarantine: The file of the values that are held back.
        journal: What of the journal belongs to it.
        notice: What a reader must be told.
        universes: Member lists.
        fetched: When the newest of it was fetched.
        provenance: By symbol.
        sums: By file, its sum; none in format 1.
        refreshed: The time of the newest refresh by its clock.
        lost: By block, the file of prices that was damaged and has not been fetched again.
    """

    name: str
    symbols: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    first: dt.date | None = None
    last: dt.date | None = None
    prices: Mapping[str, str] = field(default_factory=dict)
    chains: Chains = field(default_factory=dict)
    series: str | None = None
    quarantine: str | None = None
    journal: Mark = field(default_factory=Mark)
    notice: str = ""
    universes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fetched: dt.datetime | None = None
    provenance: Mapping[str, Provenance] = field(default_factory=dict)
    sums: Mapping[str, Sum] = field(default_factory=dict)
    refreshed: dt.datetime | None = None
    lost: Mapping[str, str] = field(default_factory=dict)

    @property
    def files(self) -> frozenset[str]:
        """The files that it names, but for the journal."""
        named = (*self.prices.values(), *(file for file, _ in self.chains.values()), self.series, self.quarantine)
        return frozenset(filter(None, named))

    def file_of(self, kind: str, block: str) -> str | None:
        """The file of a kind, and block or session, that it names."""
        if kind == "chains":
            return self.chains[block][0] if block in self.chains else None
        return {"prices": self.prices.get(block), "series": self.series, "quarantine": self.quarantine}[kind]


def check_format(folder: Path, found: Any) -> None:
    """Refuse what a newer version wrote.

    Raises:
        NewerFormat: It did.
        ValueError: There is no number of a format, though there should be.
    """
    number = found.get("format", 1)
    if type(number) is not int or number < 1:
        raise ValueError("it has no format")
    if number > FORMAT:
        raise NewerFormat(
            f"the store {folder.name} was made by a newer xlrotation (format {number}, this one reads up to {FORMAT}); "
            "update xlrotation: python -m pip install --upgrade xlrotation"
        )


def sealed(plain: dict[str, Any]) -> bytes:
    """JSON with the checksum of its other contents."""
    return json.dumps({**plain, "sha256": _seal(plain)}).encode()


def _seal(plain: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def break_seal(found: dict[str, Any]) -> None:
    """Take the checksum out of *found*.

    Raises:
        ValueError: It is not that of the other contents.
    """
    if found.pop("sha256") != _seal(found):
        raise ValueError("its checksum is another")


def opened(folder: Path, data: bytes, name: str) -> State:
    """The state *name* from its file.

    Raises:
        NewerFormat: A newer version wrote it.
        ValueError, KeyError, ...: As :data:`WRONG`, where it is damaged.
    """
    found = json.loads(data)
    check_format(folder, found)
    if "format" not in found:
        if set(found) != _FIRST_KEYS:
            raise ValueError("it is no state")
        return from_plain(name, _from_first(found))
    break_seal(found)
    if set(found) != _KEYS or found["name"] != name:
        raise ValueError("it is another state")
    return from_plain(name, found)


def _from_first(found: dict[str, Any]) -> dict[str, Any]:
    """A state of format 1 in the words of this one; what it said in prose of the prices becomes fields."""
    described = []
    for provider, text, first, last, fetched, symbols in found["provenance"]:
        told, _, rest = text.partition("; ")
        splits, _, mark = rest.partition("; ")
        day = mark.removesuffix(" is provisional, its session was running")
        adjusted = f"{told}; {splits}" if splits else told
        provisional = day if day != mark else None
        described.append(
            [provider, adjusted, told == "as traded", first, last, fetched, provisional, None, None, symbols]
        )
    mark = ["journal.jsonl", found["journal"], None]
    return {**found, "provenance": described, "journal": mark, "files": {}, "refreshed": None, "lost": {}}


def plain_of(state: State) -> dict[str, Any]:
    """A state as JSON has it."""
    groups: dict[Provenance, list[str]] = {}
    for symbol, item in state.provenance.items():
        groups.setdefault(item, []).append(symbol)
    return {
        "format": FORMAT,
        "name": state.name,
        "symbols": list(state.symbols),
        "fields": list(state.fields),
        "first": _text(state.first),
        "last": _text(state.last),
        "fetched": _text(state.fetched),
        "refreshed": _text(state.refreshed),
        "notice": state.notice,
        "universes": {key: list(members) for key, members in state.universes.items()},
        "provenance": [
            [
                *(item.provider, item.adjusted, item.as_traded, _text(item.first), _text(item.last)),
                *(_text(item.fetched), _text(item.provisional), item.currency, item.zone, symbols),
            ]
            for item, symbols in groups.items()
        ],
        "prices": dict(state.prices),
        "chains": {day: [file, list(symbols)] for day, (file, symbols) in state.chains.items()},
        "series": state.series,
        "quarantine": state.quarantine,
        "journal": [state.journal.file, state.journal.size, state.journal.sha256],
        "lost": dict(state.lost),
        "files": {file: list(found) for file, found in state.sums.items()},
    }


def from_plain(name: str, found: dict[str, Any]) -> State:
    """The state *name* from what JSON has of it.

    Raises:
        ValueError, KeyError, ...: As :data:`WRONG`, where it is none.
    """
    provenance = {
        symbol: Provenance(
            *(provider, _date(first), _date(last), _time(fetched), adjusted),
            as_traded=bool(as_traded),
            provisional=_date(provisional),
            currency=currency,
            zone=zone,
        )
        for provider, adjusted, as_traded, first, last, fetched, provisional, currency, zone, symbols in found[
            "provenance"
        ]
        for symbol in symbols
    }
    state = replace(
        State(name),
        symbols=tuple(found["symbols"]),
        fields=tuple(found["fields"]),
        first=_date(found["first"]),
        last=_date(found["last"]),
        prices=dict(found["prices"]),
        chains={day: (file, tuple(symbols)) for day, (file, symbols) in found["chains"].items()},
        series=found["series"],
        quarantine=found["quarantine"],
        journal=Mark(*found["journal"]),
        notice=found["notice"],
        universes={key: tuple(members) for key, members in found["universes"].items()},
        fetched=_time(found["fetched"]),
        provenance=provenance,
        sums={file: Sum(int(size), sha256) for file, (size, sha256) in found["files"].items()},
        refreshed=_time(found["refreshed"]),
        lost=dict(found["lost"]),
    )
    _check_names(state)
    return state


def _check_names(state: State) -> None:
    """Files are named by data: only plain names of our own are followed."""
    named: list[tuple[str, str, object]] = [("prices", block, file) for block, file in state.prices.items()]
    named += [("prices", block, file) for block, file in state.lost.items()]
    named += [("chains", day, file) for day, (file, _) in state.chains.items()]
    named += [(kind, "", file) for kind, file in (("series", state.series), ("quarantine", state.quarantine)) if file]
    named.append(("journal", "", state.journal.file))
    for kind, block, file in named:
        parts = storage.kind_of(file) if isinstance(file, str) else None
        if parts is None or parts[:2] != (kind, block):
            raise ValueError(f"it names {str(file)[:80]!r}, which is no file of a store")
    for block in (*state.prices, *state.lost):
        span_of(block)
    for day in state.chains:
        dt.date.fromisoformat(day)
    if state.symbols and (state.first is None or state.last is None):
        raise ValueError("it has prices of no days")
    if type(state.journal.size) is not int or state.journal.size < 0:
        raise ValueError("it has no length of the journal")


def _text(value: dt.date | dt.datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def _date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _time(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
