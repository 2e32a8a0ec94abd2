"""The states of a store: what each is made of, which is current, which are kept.

A state is one small JSON file in ``states/`` that names every other file it is made of: the blocks of prices, the
chains of each session, the series, the quarantine, and how much of the journal is its. None of those is ever changed
once it has its name. ``current.json`` names the current state and is the only file that is replaced, so a reader that
follows it sees one state, whole, prices and chains together.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from xlrotation.errors import NoData
from xlrotation.files import TEMPORARY, patiently, write_whole
from xlrotation.market.calendar import XNYS
from xlrotation.market.panel import Provenance

KEEP_ALL = dt.timedelta(days=7)
"""How long every state is kept."""

KEEP_DAILY = dt.timedelta(days=731)
"""How long the last state of each day is kept; of older ones, the last of each month, for ever."""

POINTER = "current.json"
_FOLDER = "states"
_STAMP = "%Y%m%dT%H%M%S%f"
_STAMPED = re.compile(r"(\d{8}T\d{12})\.(?:parquet|json)")
_OLD_SNAPSHOT = re.compile(r"\d{8}T\d{12}\.parquet")
_NEW_KINDS = ("prices-", "quarantine-")
"""Files that only this format has; a store of the first format has chains and series, too."""

Chains = Mapping[str, tuple[str, tuple[str, ...]]]
"""By session (ISO): the file of its chains, and the underlyings in it."""


@dataclass(frozen=True, slots=True)
class State:
    """What a state of a store is made of.

    Attributes:
        name: When it was written, UTC, as text that sorts: ``20260213T221503123456``.
        symbols: Tickers, by column.
        fields: Fields of prices.
        first: First session.
        last: Last session.
        prices: By block, its file.
        chains: By session, the file of its chains and their underlyings.
        series: The file of the dated series.
        quarantine: The file of the values that are held back.
        journal: Bytes of the journal that belong to it.
        notice: What a reader must be told.
        universes: Member lists.
        fetched: When the newest of it was fetched.
        provenance: By symbol.
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
    journal: int = 0
    notice: str = ""
    universes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fetched: dt.datetime | None = None
    provenance: Mapping[str, Provenance] = field(default_factory=dict)

    @property
    def files(self) -> frozenset[str]:
        """The files that it names."""
        named = (*self.prices.values(), *(file for file, _ in self.chains.values()), self.series, self.quarantine)
        return frozenset(filter(None, named))


def moment(name: str) -> dt.datetime:
    """When the state *name* was written."""
    return dt.datetime.strptime(name, _STAMP).replace(tzinfo=dt.UTC)


def day_of(name: str) -> dt.date:
    """The day in New York on which the state *name* was written."""
    return moment(name).astimezone(XNYS.zone).date()


def current(folder: Path) -> str | None:
    """What the pointer names: a state, or ``*.parquet`` in a store of the first format; None without a pointer.

    Raises:
        NoData: The pointer is damaged.
    """
    try:
        found = json.loads(patiently(lambda: (folder / POINTER).read_text("utf-8")))
        return str(found["state"] if "state" in found else found["snapshot"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NoData(f"the store {folder.name} has an unreadable {POINTER} ({error}); refresh it again") from None


def names(folder: Path) -> list[str]:
    """All states, oldest first."""
    return sorted(path.stem for path in (folder / _FOLDER).glob("[0-9]*.json"))


def known_on(folder: Path, day: dt.date) -> str:
    """The state that was current when *day* ended in New York.

    Raises:
        NoData: None was written by then.
    """
    every, pointed = names(folder), current_or_none(folder)
    if pointed in every:
        every = every[: every.index(pointed) + 1]  # a state after it was written, but never current
    before = [name for name in every if day_of(name) <= day]
    if not before:
        have = f"the first one kept is of {day_of(every[0])}" if every else "it keeps none"
        raise NoData(f"the store {folder.name} keeps no state as known on {day}; {have}")
    return before[-1]


def load(folder: Path, name: str) -> State:
    """A state.

    Raises:
        FileNotFoundError: There is none of this name.
        NoData: It is damaged.
    """
    text = patiently(lambda: (folder / _FOLDER / f"{name}.json").read_text("utf-8"))
    try:
        return _from_plain(name, json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NoData(f"the store {folder.name} has a damaged state {name} ({error}); refresh it again") from None


def next_name(folder: Path) -> str:
    """A name after all that are there, also where the clock was set back."""
    stamp = dt.datetime.now(dt.UTC)
    every = names(folder)
    if every and (last := moment(every[-1])) >= stamp:
        stamp = last + dt.timedelta(microseconds=1)
    return stamp.strftime(_STAMP)


def publish(folder: Path, state: State) -> None:
    """Make *state*, all of whose files are on disk, the current one."""
    (folder / _FOLDER).mkdir(exist_ok=True)
    write_whole(folder / _FOLDER / f"{state.name}.json", json.dumps(_plain(state), ensure_ascii=False).encode())
    write_whole(folder / POINTER, json.dumps({"state": state.name}).encode())


def sweep(folder: Path) -> None:
    """Remove what a writer that was killed has left; only the one that holds the lock may."""
    for left in (*folder.glob(f"{TEMPORARY}*"), *(folder / _FOLDER).glob(f"{TEMPORARY}*")):
        left.unlink(missing_ok=True)
    every = names(folder)
    with_pointer = current_or_none(folder)
    if every and with_pointer in every:
        for name in every[every.index(with_pointer) + 1 :]:  # written, but never made current
            (folder / _FOLDER / f"{name}.json").unlink(missing_ok=True)
            every.remove(name)
    old_format = with_pointer is not None and with_pointer not in every
    migrated = bool(every) and moment(every[-1]) - moment(every[0]) > KEEP_ALL
    for path in folder.iterdir():
        if not (found := _STAMPED.search(path.name)) or not path.is_file():
            continue
        if _OLD_SNAPSHOT.fullmatch(path.name):
            if migrated:
                path.unlink(missing_ok=True)
        elif found[1] > (every[-1] if every else "") and not (old_format and not path.name.startswith(_NEW_KINDS)):
            path.unlink(missing_ok=True)  # files bear the name of the first state that needs them: this one never was


def current_or_none(folder: Path) -> str | None:
    """What the pointer names; None where it is missing or damaged."""
    try:
        return current(folder)
    except NoData:
        return None


def thin(folder: Path, newest: str) -> None:
    """Remove the states that are no longer kept, and the files that only they named."""
    every = names(folder)
    kept = set(_kept(every, moment(newest))) | {newest}
    dropped = [name for name in every if name not in kept]
    if not dropped:
        return
    needed = {file for name in kept for file in _files_of(folder, name)}
    gone = {file for name in dropped for file in _files_of(folder, name)} - needed
    for name in dropped:
        (folder / _FOLDER / f"{name}.json").unlink(missing_ok=True)
    for file in gone:
        (folder / file).unlink(missing_ok=True)


def _kept(every: list[str], now: dt.datetime) -> Iterator[str]:
    """Every state of the last week, then the last of each day, then the last of each month."""
    last_of: dict[object, str] = {}
    for name in every:
        age = now - moment(name)
        if age <= KEEP_ALL:
            yield name
        else:
            day = day_of(name)
            last_of[day if age <= KEEP_DAILY else (day.year, day.month)] = name
    yield from last_of.values()


def _files_of(folder: Path, name: str) -> frozenset[str]:
    try:
        return load(folder, name).files
    except (NoData, FileNotFoundError):
        return frozenset()


def _plain(state: State) -> dict[str, Any]:
    groups: dict[Provenance, list[str]] = {}
    for symbol, item in state.provenance.items():
        groups.setdefault(item, []).append(symbol)
    return {
        "symbols": state.symbols,
        "fields": state.fields,
        "first": _text(state.first),
        "last": _text(state.last),
        "fetched": _text(state.fetched),
        "notice": state.notice,
        "universes": state.universes,
        "provenance": [
            [item.provider, item.adjusted, _text(item.first), _text(item.last), _text(item.fetched), symbols]
            for item, symbols in groups.items()
        ],
        "prices": state.prices,
        "chains": state.chains,
        "series": state.series,
        "quarantine": state.quarantine,
        "journal": state.journal,
    }


def _from_plain(name: str, found: dict[str, Any]) -> State:
    provenance = {
        symbol: Provenance(provider, date(first), date(last), time(fetched), adjusted)
        for provider, adjusted, first, last, fetched, symbols in found["provenance"]
        for symbol in symbols
    }
    return replace(
        State(name),
        symbols=tuple(found["symbols"]),
        fields=tuple(found["fields"]),
        first=date(found["first"]),
        last=date(found["last"]),
        prices=dict(found["prices"]),
        chains={day: (file, tuple(symbols)) for day, (file, symbols) in found["chains"].items()},
        series=found["series"],
        quarantine=found["quarantine"],
        journal=int(found["journal"]),
        notice=found["notice"],
        universes={key: tuple(members) for key, members in found["universes"].items()},
        fetched=time(found["fetched"]),
        provenance=provenance,
    )


def _text(value: dt.date | dt.datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def date(text: str | None) -> dt.date | None:
    """The date of an ISO text."""
    return dt.date.fromisoformat(text) if text else None


def time(text: str | None) -> dt.datetime | None:
    """The time of an ISO text."""
    return dt.datetime.fromisoformat(text) if text else None
