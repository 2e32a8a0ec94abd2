"""What a loss of power may leave of a writing: every legal state of the disk is opened.

A writing is recorded as the system sees it: bytes that are written, bytes brought to disk (fsync), names given, changed
and taken away, folders brought to disk. Until then names may or may not be on disk, each by itself and in any order,
and bytes may be all, some or none of what was written.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import itertools
import json
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import panel_of
from tests.market.damaged import DAY, HOME, closes_of, everything, fill
from xlrotation.market.store import states
from xlrotation.market.store.storage import Damaged
from xlrotation.market.store.store import Store

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="records what goes through /proc/self/fd")

FIRST = Path(__file__).parent / "data" / "store_format_1"

Event = tuple[str, ...]
Content = bytes


@dataclass
class Disk:
    """What is on disk for sure, and what may be."""

    names: dict[str, int] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    sure: dict[int, Content] = field(default_factory=dict)
    now: dict[str, int] = field(default_factory=dict)
    dirty: dict[int, Content] = field(default_factory=dict)
    waiting: list[tuple[str, ...]] = field(default_factory=list)
    next: itertools.count = field(default_factory=itertools.count)

    @classmethod
    def of(cls, folder: Path) -> Disk:
        disk = cls(folders={"."})
        for path in sorted(folder.rglob("*")):
            name = str(path.relative_to(folder))
            if path.is_dir():
                disk.folders.add(name)
            elif path.name != "writer.lock":
                disk.names[name] = disk.now[name] = number = next(disk.next)
                disk.sure[number] = path.read_bytes()
        return disk

    def copy(self) -> Disk:
        return Disk(
            *(dict(self.names), set(self.folders), dict(self.sure), dict(self.now), dict(self.dirty)),
            list(self.waiting),
            self.next,
        )

    def take(self, event: tuple) -> None:
        kind, name, *rest = event
        if kind == "bytes":
            if name not in self.now:
                self.now[name] = next(self.next)
                self.sure[self.now[name]] = b""
                self.waiting.append(("name", name, str(self.now[name])))
            self.dirty[self.now[name]] = rest[0]
        elif kind == "fsync":
            self.sure[self.now[name]] = self.dirty.pop(self.now[name], self.sure[self.now[name]])
        elif kind == "rename":
            number = self.now.pop(name)
            self.now[rest[0]] = number
            self.waiting.append(("rename", name, rest[0], str(number)))
        elif kind == "unlink":
            del self.now[name]
            self.waiting.append(("unlink", name))
        elif kind == "mkdir":
            self.waiting.append(("mkdir", name))
        elif kind == "dirsync":
            here = [change for change in self.waiting if str(Path(change[1]).parent) == name]
            self.waiting = [change for change in self.waiting if change not in here]
            apply(here, self.names, self.folders)

    def lost_power(self, chosen: Sequence[tuple[str, ...]], part: float) -> tuple[dict[str, Content], set[str]]:
        """The files and folders that are found where these changes of names, and a part of the bytes, made it."""
        names, folders = dict(self.names), set(self.folders)
        apply(chosen, names, folders)
        found = {}
        for name, number in names.items():
            if str(Path(name).parent) not in folders:
                continue
            data = self.sure[number]
            if number in self.dirty:
                new = self.dirty[number]
                same = next((i for i, (a, b) in enumerate(zip(data, new, strict=False)) if a != b), len(data))
                same = min(same, len(new))  # what stays as it was is not written
                data = data if part < 0 else new[: same + int((len(new) - same) * part)]
            found[name] = data
        return found, folders


def apply(changes: Sequence[tuple[str, ...]], names: dict[str, int], folders: set[str]) -> None:
    for kind, name, *rest in changes:
        if kind == "name":
            names[name] = int(rest[0])
        elif kind == "rename":
            names.pop(name, None)
            names[rest[0]] = int(rest[1])
        elif kind == "unlink":
            names.pop(name, None)
        else:
            folders.add(name)


@contextlib.contextmanager
def recorded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple]]:
    """What is done below *folder*, as events."""
    events: list[tuple] = []

    def name_of(path: object) -> str | None:
        try:
            return str(Path(os.path.realpath(str(path))).relative_to(os.path.realpath(folder)))
        except ValueError:
            return None

    real_fsync = os.fsync
    with monkeypatch.context() as patch:
        _record_handles(patch, events, name_of)
        _record_paths(patch, events, name_of)
        yield events
    assert real_fsync is os.fsync


NameOf = Callable[[object], str | None]


def _record_handles(patch: pytest.MonkeyPatch, events: list[tuple], name_of: NameOf) -> None:
    real_mkstemp = tempfile.mkstemp

    def fsync(handle: int) -> None:
        path = str(Path(f"/proc/self/fd/{handle}").readlink())
        name = name_of(path)
        if name is None:
            return
        if os.path.isdir(path):  # noqa: PTH112
            events.append(("dirsync", name))
        else:
            events.append(("bytes", name, Path(path).read_bytes()))
            events.append(("fsync", name))

    def mkstemp(*args, **named):
        handle, path = real_mkstemp(*args, **named)
        if (name := name_of(path)) is not None:
            events.append(("bytes", name, b""))
        return handle, path

    patch.setattr(os, "fsync", fsync)
    patch.setattr(tempfile, "mkstemp", mkstemp)


def _record_paths(patch: pytest.MonkeyPatch, events: list[tuple], name_of: NameOf) -> None:
    real_replace, real_unlink, real_mkdir = Path.replace, Path.unlink, Path.mkdir

    def replace(self: Path, target: object) -> Path:
        name, new = name_of(self), name_of(target)
        out = real_replace(self, target)
        if name is not None:
            events.append(("rename", name, new))
        return out

    def unlink(self: Path, missing_ok: bool = False) -> None:
        there, name = self.exists(), name_of(self)
        real_unlink(self, missing_ok=missing_ok)
        if there and name is not None:
            events.append(("unlink", name))

    def mkdir(self: Path, *args, **named) -> None:
        there = self.exists()
        real_mkdir(self, *args, **named)
        if not there and name_of(self) is not None:
            events.append(("mkdir", name_of(self)))

    patch.setattr(Path, "replace", replace)
    patch.setattr(Path, "unlink", unlink)
    patch.setattr(Path, "mkdir", mkdir)


def crashes(disk: Disk, events: Sequence[tuple], chance: random.Random) -> Iterator[tuple[int, dict, set]]:
    """The legal states of the disk after each event: how many events there were, the files, the folders."""
    seen = set()
    for done in range(len(events) + 1):
        if done:
            disk.take(events[done - 1])
        every = disk.waiting
        choices = [[], every, *([change] for change in every)]
        choices += [[other for other in every if other is not change] for change in every]
        choices += [[change for change in every if chance.random() < 0.5] for _ in range(4)]
        for chosen, part in itertools.product(choices, (-1.0, 0.0, 0.5, 1.0)):
            found, folders = disk.lost_power(chosen, part)
            mark = hashlib.sha256(repr((sorted(found.items()), sorted(folders))).encode()).digest()
            if (mark, done == len(events)) not in seen:
                seen.add((mark, done == len(events)))
                yield done, found, folders


def lay(folder: Path, found: dict[str, bytes], folders: set[str]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for name in sorted(folders):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name, data in found.items():
        (folder / name).write_bytes(data)


def told(store: Store) -> str:
    """Everything that a store says, or that it is empty."""
    if store.version() is None:
        return "empty"
    panel = store.read()
    assert panel.remarks == ()
    chains = {
        (symbol, str(day)): panel.chains.chain(symbol, day).bid.tolist()
        for symbol in panel.chains.symbols()
        for day in panel.chains.days(symbol)
    }
    closes = {symbol: closes_of(panel, symbol) for symbol in sorted(panel.symbols)}
    series = {name: values.tolist() for name, (_, values) in panel.series.items()}
    origin = store.origin("AAA", DAY)
    return repr((closes, chains, series, [repr(entry) for entry in panel.quarantine], origin))


def first() -> None:
    """The first writing of all."""
    Store("s").write_together(
        panel_of({"AAA": [100.0, 101.0], "BBB": [50.0, 51.0]}),
        chains=[everything("AAA", DAY, 1.0)],
        series={"UNRATE": (np.array(["2026-01-01"], "M8[D]"), np.array([4.3]))},
    )


def next_one() -> None:
    """Prices, chains of the same session, series, a held-back value, all at once."""
    Store("s").write_together(
        panel_of({"AAA": [104.4], "CCC": [1.0]}),
        chains=[everything("BBB", DAY, 7.0), everything("CCC", DAY, 8.0)],
        series={"UNRATE": (np.array(["2026-03-01"], "M8[D]"), np.array([4.5]))},
    )


def thinning() -> None:
    """Old states go with their files."""
    when = dt.datetime(2026, 2, 27, 22, tzinfo=dt.UTC)
    Store("s", now=when).write(panel_of({"AAA": [104.1]}))


def many_states() -> None:
    for minute in range(3):
        Store("s", now=dt.datetime(2026, 2, 13, 23, minute, tzinfo=dt.UTC)).write(
            panel_of({"AAA": [104.2 + minute / 10]})
        )


def gone_back() -> None:
    """Somebody wrote the name of an older state into the pointer."""
    folder = Store("s").folder
    (folder / "current.json").write_text(json.dumps({"state": states.names(folder)[1]}), "utf-8")


def accepted() -> None:
    Store("s").accept(["BBB"])


SCENES: dict[str, tuple[Callable[[], None] | None, Callable[[], None]]] = {
    "first": (None, first),
    "next": (lambda: fill("s"), next_one),
    "accept": (lambda: fill("s"), accepted),
    "thinning": (lambda: (fill("s"), many_states()), thinning),
    "format 1": (lambda: shutil.copytree(FIRST, Store("s").folder, dirs_exist_ok=True), next_one),
    "gone back": (lambda: (fill("s"), gone_back()), next_one),
}


@pytest.mark.parametrize("scene", SCENES)
def test_after_a_loss_of_power(tmp_path, monkeypatch, scene):
    monkeypatch.setenv(HOME, str(tmp_path))
    prepare, write = SCENES[scene]
    folder = Store("s").folder
    folder.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        if prepare is not None:
            prepare()
    disk, before = Disk.of(folder), told(Store("s"))
    with recorded(folder, monkeypatch) as events:
        write()
    after = told(Store("s"))
    assert before != after
    kinds = [event[0] for event in events]
    assert all(kind in kinds for kind in ("bytes", "fsync", "rename", "dirsync"))
    chance = random.Random(7)
    count, turned = 0, {before: 0, after: 0}
    monkeypatch.setattr(os, "fsync", lambda _: None)
    for done, found, folders in crashes(disk, events, chance):
        lay(folder, found, folders)
        try:
            says = told(Store("s"))
        except Damaged as error:
            raise AssertionError(f"after {done} of {len(events)} events {events[done - 1 : done]}: {error}") from error
        assert says in turned, f"after {done} of {len(events)} events"
        turned[says] += 1
        if done == len(events):
            assert says == after  # what the writer had reported is there
        count += 1
        if count % 7 == 0:  # and a writing goes on from there
            Store("s").write(panel_of({"ZZZ": [5.0]}))
            panel = Store("s").read()
            assert closes_of(panel, "ZZZ")[-1] == 5.0
            if says != "empty":
                assert repr([value for value in closes_of(panel, "AAA") if value == value])[:-1] in says
            assert not list(folder.rglob(".writing-*"))
    assert ("unlink" in kinds) == (scene in ("thinning", "gone back"))
    print(f"{scene}: {count} states of the disk from {len(events)} events; {list(turned.values())} before and after")
    assert all(turned.values())


@pytest.mark.parametrize("broken", ["fsync of folders", "fsync of files", "order"])
def test_the_record_shows_a_writer_that_is_careless(tmp_path, monkeypatch, broken):
    """Without one of the steps, some state of the disk is neither the old one nor the new one."""
    monkeypatch.setenv(HOME, str(tmp_path))
    fill("s")
    folder = Store("s").folder
    disk, before = Disk.of(folder), told(Store("s"))
    with recorded(folder, monkeypatch) as events:
        next_one()
    after = told(Store("s"))
    if broken == "fsync of folders":
        events = [event for event in events if event[0] != "dirsync"]
    elif broken == "fsync of files":
        events = [event for event in events if event[0] != "fsync"]
    else:
        pointer = next(place for place, event in enumerate(events) if event[-1] == "current.json")
        events.insert(0, ("bytes", "new", events[pointer - 2][2] if len(events[pointer - 2]) > 2 else b""))
        events[1:1] = [("fsync", "new"), ("rename", "new", "current.json"), ("dirsync", ".")]
        data = json.dumps({"state": states.current(folder)}).encode()
        events[0] = ("bytes", "new", data)
    torn = 0
    for _, found, folders in itertools.islice(crashes(disk, events, random.Random(7)), 400):
        lay(folder, found, folders)
        try:
            torn += told(Store("s")) not in (before, after)
        except (Damaged, AssertionError):
            torn += 1
    assert torn
