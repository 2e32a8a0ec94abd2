"""The states of a store on disk: their order, which is current, and how one becomes it.

A state is one small JSON file in ``states/`` that names every other file it is made of, with its size and SHA-256: the
blocks of prices, the chains of each session, the series, the quarantine, and how much of the journal is its. None of
those is ever changed once it has its name. ``current.json`` names the current state and is the only thing that a reader
follows, so it sees one state, whole, prices and chains together. ``copy.json`` holds the current state once more, and
which states are kept: one damaged file of these three costs nothing.

States are in the order of their numbers, which is that of writing; clocks jump.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xlrotation.files import TEMPORARY, sync_folder, write_ours
from xlrotation.market.calendar import XNYS
from xlrotation.market.store import storage
from xlrotation.market.store.stateformat import (
    FORMAT,
    WRONG,
    State,
    break_seal,
    check_format,
    from_plain,
    opened,
    plain_of,
    sealed,
)
from xlrotation.market.store.storage import Damaged

POINTER = "current.json"
COPY = "copy.json"
FOLDER = "states"
_STAMP = "%Y%m%dT%H%M%S%f"
_GO_ON = "the next writing (xlrotation refresh) goes on from what can be read"


def every(folder: Path) -> list[str]:
    """All states in the order of writing, that of the copy among them though its own file may be gone."""
    copied = read_copy(folder)
    return sorted({*names(folder), *((copied.state.name,) if copied else ())}, key=order)


def before(folder: Path, name: str) -> list[str]:
    """The states that were written before *name*, newest first."""
    return [other for other in reversed(names(folder)) if order(other) < order(name)]


def is_new(folder: Path) -> bool:
    """Whether a folder has neither a pointer nor anything that one could name."""
    return POINTER not in storage.listed(folder) and is_empty(folder)


def moment(name: str) -> dt.datetime:
    """When the state *name* was written, by the clock of then."""
    return dt.datetime.strptime(name.rpartition("-")[2], _STAMP).replace(tzinfo=dt.UTC)


def day_of(name: str) -> dt.date:
    """The day in New York on which the state *name* was written."""
    return moment(name).astimezone(XNYS.zone).date()


def order(name: str) -> tuple[int, str]:
    """What states are sorted by: their number; those of format 1 have none and come first."""
    number, _, stamp = name.rpartition("-")
    return (int(number) if number else -1, stamp)


def pointed(folder: Path) -> str | None:
    """The state that the pointer names; None where nothing was written yet.

    Raises:
        Damaged: The pointer is damaged, or missing though there are states.
        Unreachable: It cannot be read now.
        NewerFormat: A newer version wrote it.
    """
    try:
        data = storage.read(folder, POINTER, _GO_ON)
    except Damaged:
        if is_empty(folder):
            return None
        raise
    try:
        found = json.loads(data)
        check_format(folder, found)
        name = found["state"]
        if set(found) - {"format"} != {"state"} or not (name is None or _dated(name)):
            raise ValueError("it names no state")
    except WRONG as error:
        text = f"the store {folder.name} has an unreadable {POINTER} ({error}); {_GO_ON}"
        raise Damaged(text, POINTER) from None
    if name is None:
        return None
    if not storage.there(folder, f"{FOLDER}/{name}.json"):
        copied = read_copy(folder)
        if copied is None or copied.state.name != name:
            raise storage.lacking(folder, f"{FOLDER}/{name}.json", f"{POINTER} names it; {_GO_ON}")
    return str(name)


def current(folder: Path) -> str | None:
    """The current state; None where nothing was written yet.

    Where the pointer is damaged or gone, it is that of the copy, if no state is newer.

    Raises:
        Damaged: The pointer is damaged, and the copy does not tell.
        Unreachable: It cannot be read now.
        NewerFormat: A newer version wrote it.
    """
    try:
        return pointed(folder)
    except Damaged:
        copied = read_copy(folder)
        if copied is None or any(order(name) > order(copied.state.name) for name in names(folder)):
            raise
        return copied.state.name


def trouble(folder: Path) -> str:
    """What is wrong with the pointer; empty where nothing is."""
    try:
        pointed(folder)
    except Damaged as error:
        return error.message
    return ""


def is_empty(folder: Path) -> bool:
    """Whether a folder holds nothing that a store is made of."""
    return not (
        names(folder) or any(file == COPY or (storage.kind_of(file) is not None) for file in storage.listed(folder))
    )


def names(folder: Path) -> list[str]:
    """All states, in the order of writing."""
    found = (file.removesuffix(".json") for file in storage.listed(folder, FOLDER) if file.endswith(".json"))
    return sorted(filter(_dated, found), key=order)


def _dated(name: object) -> bool:
    try:
        return isinstance(name, str) and storage.is_state(name) and moment(name) is not None
    except ValueError:
        return False


def load(folder: Path, name: str) -> State:
    """A state; the current one from its copy where its own file is damaged.

    Raises:
        Damaged: It is missing or damaged.
        Unreachable: It cannot be read now.
        NewerFormat: A newer version wrote it.
    """
    file = f"{FOLDER}/{name}.json"
    try:
        data = storage.read(folder, file, _GO_ON)
        try:
            return opened(folder, data, name)
        except WRONG as error:
            text = f"the store {folder.name} has a damaged state {name} ({error}); {_GO_ON}"
            raise Damaged(text, file) from None
    except Damaged:
        copied = read_copy(folder)
        if copied is not None and copied.state.name == name:
            return copied.state
        raise


@dataclass(frozen=True, slots=True)
class Copy:
    """The current state once more, and the names of all that are kept."""

    state: State
    kept: tuple[str, ...]


def read_copy(folder: Path) -> Copy | None:
    """The copy; None where it is missing or damaged.

    Raises:
        Unreachable: It cannot be read now.
        NewerFormat: A newer version wrote it.
    """
    try:
        found = json.loads(storage.read(folder, COPY))
        check_format(folder, found)
        break_seal(found)
        kept = tuple(found["kept"])
        if not all(map(_dated, kept)):
            raise ValueError
        return Copy(from_plain(found["state"]["name"], found["state"]), kept)
    except (Damaged, *WRONG):
        return None


def next_name(folder: Path, now: dt.datetime | None = None) -> str:
    """The name of a state that comes after all that are there."""
    stamps = [found[2] for file in storage.listed(folder) if (found := storage.kind_of(file))]
    copied = read_copy(folder)
    every = [*names(folder), *filter(None, stamps), *(copied.kept if copied else ())]
    number = max((order(name)[0] for name in every), default=0)
    stamp = (now or dt.datetime.now(dt.UTC)).astimezone(dt.UTC).strftime(_STAMP)
    return f"{max(number, 0) + 1:08}-{stamp}"


def publish(folder: Path, state: State) -> None:
    """Make *state*, all of whose files are on disk, the current one."""
    if not (folder / FOLDER).is_dir():
        (folder / FOLDER).mkdir()
    sync_folder(folder)  # the journal and the folder of states, too, may be new
    write_ours(folder / FOLDER / f"{state.name}.json", sealed(plain_of(state)))
    write_ours(folder / POINTER, json.dumps({"state": state.name}).encode())


def begin(folder: Path) -> None:
    """Mark a new store as one that nothing was written to yet: what a killed first writer leaves is no lost state."""
    folder.mkdir(parents=True, exist_ok=True)
    sync_folder(folder.parent)
    write_ours(folder / POINTER, json.dumps({"state": None}).encode())


def save_copy(folder: Path, state: State, kept: Sequence[str]) -> None:
    """Write the copy of the current state."""
    write_ours(folder / COPY, sealed({"format": FORMAT, "state": plain_of(state), "kept": list(kept)}))


def keep(folder: Path, state: State) -> None:
    """Write a state's own file again where only the copy still has it: the copy is about to be another's."""
    file = f"{FOLDER}/{state.name}.json"
    try:
        opened(folder, storage.read(folder, file), state.name)
    except (Damaged, *WRONG):
        (folder / FOLDER).mkdir(exist_ok=True)
        storage.clear_way(folder, file)
        write_ours(folder / file, sealed(plain_of(state)))


def clear(folder: Path) -> None:
    """Remove the half-written files of a writer that was killed; only the one that holds the lock may."""
    for left in (*folder.glob(f"{TEMPORARY}*"), *(folder / FOLDER).glob(f"{TEMPORARY}*")):
        storage.remove(left.parent, left.name)


def after(folder: Path, name: str) -> list[str]:
    """The states that were written after *name*.

    Raises:
        NewerFormat: A newer version wrote one of them.
        Unreachable: One cannot be read now.
    """
    found = [other for other in names(folder) if order(other) > order(name)]
    for other in found:
        try:
            load(folder, other)
        except Damaged:
            continue
    return found


def stamped_after(folder: Path, name: str) -> list[str]:
    """The files, but journals, that bear the name of a state after *name*."""
    found = []
    for file in storage.listed(folder):
        parts = storage.kind_of(file)
        if parts is not None and parts[0] != "journal" and order(parts[2]) > order(name):
            found.append(file)
    return found


def abandon(folder: Path, every: Sequence[str]) -> None:
    """Remove the own files of states, for good before anything that they name may go."""
    for name in every:
        storage.remove(folder, f"{FOLDER}/{name}.json")
    if every:
        sync_folder(folder / FOLDER)


def current_or_none(folder: Path) -> str | None:
    """The current state; None where that cannot be told."""
    try:
        return current(folder)
    except Damaged:
        return None
