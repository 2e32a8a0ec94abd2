"""Old states: which are kept, which was known on a day, and what a clock that jumps must not do to them."""

from __future__ import annotations

import bisect
import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from xlrotation.errors import NoData
from xlrotation.market.calendar import XNYS
from xlrotation.market.store import storage
from xlrotation.market.store.stateformat import State
from xlrotation.market.store.states import (
    COPY,
    FOLDER,
    abandon,
    current_or_none,
    day_of,
    load,
    moment,
    names,
    order,
    read_copy,
    save_copy,
)
from xlrotation.market.store.storage import Damaged

KEEP_ALL = dt.timedelta(days=7)
"""How long every state is kept."""

KEEP_DAILY = dt.timedelta(days=731)
"""How long the last state of each day is kept; of older ones, the last of each month, for ever."""

JUMP = dt.timedelta(days=31)
"""A clock that is so much ahead of the newest state may have jumped."""

BACK = dt.timedelta(days=1)
"""So much it may be behind it."""


def known_on(folder: Path, day: dt.date) -> str:
    """The state that was current when *day* ended in New York.

    States whose time contradicts the order of writing, because a clock was wrong, are left out.

    Raises:
        NoData: None was written by then.
        Damaged: The one that was is missing, or it cannot be told which it was.
    """
    copied = read_copy(folder)
    there = names(folder)
    if copied is None and any(order(name)[0] >= 0 for name in there):
        why = "which states there were cannot be told"
        raise storage.damaged(folder, COPY, why, "put it back from a copy of the store, or run xlrotation refresh")
    every = sorted({*there, *(copied.kept if copied else ())}, key=order)
    pointed = current_or_none(folder)
    if pointed in every:
        every = every[: every.index(pointed) + 1]  # a state after it was written, but never current
    believed = in_time(every)
    before = [name for name in believed if day_of(name) <= day]
    if not before:
        have = f"the first one kept is of {day_of(believed[0])}" if believed else "it keeps none"
        raise NoData(f"the store {folder.name} keeps no state as known on {day}; {have}")
    if before[-1] not in there:
        raise storage.lacking(folder, f"{FOLDER}/{before[-1]}.json", "put it back from a copy of the store")
    return before[-1]


def in_time(every: Sequence[str]) -> list[str]:
    """The most of *every* whose times are in the order of writing."""
    ends: list[dt.datetime] = []  # the earliest end of a rising sequence of each length
    last: list[int] = []
    previous: list[int] = []
    for place, name in enumerate(every):
        when = moment(name)
        length = bisect.bisect_right(ends, when)
        previous.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [when]
        last[length : length + 1] = [place]
    found = []
    place = last[-1] if last else -1
    while place >= 0:
        found.append(every[place])
        place = previous[place]
    return found[::-1]


def thin(folder: Path, newest: State, abandoned: Collection[str] = (), given_up: bool = False) -> None:
    """Remove the states that are no longer kept, and the files that only they named.

    Option chains can never be had again: a file of them goes only where the newest state has every underlying of it.

    Args:
        folder: The store's folder.
        newest: The current state.
        abandoned: States that were taken back; they were never known.
        given_up: Whether states that are missing will not be put back from a copy.
    """
    copied = None if given_up else read_copy(folder)
    missing = set(copied.kept if copied else ()).difference(abandoned)
    every = sorted({*names(folder), *missing}, key=order)
    kept = {newest.name, *(_kept(every, moment(newest.name)) if _steady(every) else every)}
    dropped = [name for name in every if name not in kept]
    save_copy(folder, newest, [name for name in every if name in kept])
    if not dropped:
        return
    try:
        needed = {file for name in kept for file in load(folder, name).files}
    except Damaged:
        return  # what it needs cannot be told, so nothing is removed
    gone = {file for name in dropped for file in _free_files(folder, name, newest)} - needed
    abandon(folder, dropped)
    for file in gone:
        storage.remove(folder, file)


def _free_files(folder: Path, name: str, newest: State) -> frozenset[str]:
    """The files of a state, but chains that the newest one lacks."""
    try:
        state = load(folder, name)
    except Damaged:
        return frozenset()
    only = {
        file
        for day, (file, symbols) in state.chains.items()
        if not set(symbols) <= set(newest.chains[day][1] if day in newest.chains else ())
    }
    return state.files - only


def _steady(every: Sequence[str]) -> bool:
    """Whether the clock has gone on for a while since it last jumped; how old a state is cannot be told before."""
    times = [moment(name) for name in every]
    start = len(times) - 1
    while start > 0 and -BACK <= times[start] - times[start - 1] <= JUMP:
        start -= 1
    return start <= 0 or times[-1] - times[start] > KEEP_ALL


def jumped(state: State, now: dt.datetime) -> str:
    """Why *now* may be a wrong time, seen from the newest state; empty where it may be right."""
    then = state.refreshed or state.fetched
    if then is None or -BACK <= now - then <= JUMP:
        return ""
    way = "after" if now > then else "before"
    ours, theirs = (f"{when.astimezone(XNYS.zone):%Y-%m-%d %H:%M}" for when in (now, then))
    return (
        f"this computer's clock says {ours} in New York, {abs(now - then).days} days {way} the last refresh of "
        f"{theirs}; set it right or, where it is right, run again with --trust-clock"
    )


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
