"""Every file of a store is damaged at random: never other data in silence, never less than what is whole."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from tests.conftest import panel_of
from tests.market.damaged import DAY, HOME, everything, fill
from xlrotation.errors import NoData
from xlrotation.market import columns
from xlrotation.market.lazyfields import LazyFields
from xlrotation.market.panel import Panel
from xlrotation.market.store import states
from xlrotation.market.store.stateformat import State
from xlrotation.market.store.storage import Damaged
from xlrotation.market.store.store import Store

T = TypeVar("T")

DAMAGES = 2000
SAMPLE = 60
DAYS = (dt.date(2026, 2, 11), dt.date(2026, 2, 12), DAY)
KINDS = ("flip", "truncate", "swap", "delete", "empty", "grow", "zeros", "flips")


def plain_chain(chain) -> tuple[object, ...]:
    arrays = (chain.expiry, chain.strike, chain.call, chain.bid, chain.ask, chain.morning, chain.traded)
    return (chain.spot, chain.rate, chain.source, *(str(array.tolist()) for array in arrays))


def plain_prices(panel: Panel) -> dict[tuple[str, str], dict[str, str]]:
    """By symbol and field, the values that are there by day."""
    days = panel.days.astype(str).tolist()
    return {
        (symbol, name): {
            day: repr(value) for day, value in zip(days, values[:, place].tolist(), strict=True) if value == value
        }
        for name, values in panel.fields.items()
        for place, symbol in enumerate(panel.symbols)
    }


class Truth:
    """What an undamaged store says, of one of its states."""

    def __init__(self, store: Store) -> None:
        name = store.version()
        assert name is not None
        self.name = name
        self.state: State = states.load(store.folder, name)
        panel = store.read()
        self.prices = plain_prices(panel)
        self.chains = {
            (symbol, day): plain_chain(panel.chains.chain(symbol, day))
            for symbol in panel.chains.symbols()
            for day in panel.chains.days(symbol)
        }
        self.series = {name: (str(days), str(values)) for name, (days, values) in panel.series.items()}
        self.entries = list(map(repr, panel.quarantine))
        self.about = (panel.provenance, panel.universes, panel.notice, panel.fetched, panel.symbols, str(panel.days))
        self.origin = store.origin("AAA", DAYS[0])

    def check(self, store: Store, touched: set[str]) -> None:
        """What *store* says of this state is this, or it says what is damaged."""
        panel = store.read()
        assert store.version() == self.name
        assert plain_prices(panel) == self.prices
        assert self.about == (
            *(panel.provenance, panel.universes, panel.notice, panel.fetched, panel.symbols, str(panel.days)),
        )
        told = " ".join(panel.remarks)
        series = {name: (str(days), str(values)) for name, (days, values) in panel.series.items()}
        assert series == self.series or (series == {} and str(self.state.series) in told)
        assert list(map(repr, panel.quarantine)) == self.entries or str(self.state.quarantine) in told
        assert series == self.series or self.state.series in touched
        assert list(map(repr, panel.quarantine)) == self.entries or self.state.quarantine in touched
        for (symbol, day), chain in self.chains.items():
            assert day in panel.chains.days(symbol)
            file = self.state.chains[day.isoformat()][0]
            found = said(lambda day=day, symbol=symbol: plain_chain(panel.chains.chain(symbol, day)), file, touched)
            assert found in (None, chain)
        origin = said(lambda: store.origin("AAA", DAYS[0]), "journal.jsonl", touched)
        assert origin in (None, self.origin)

    def check_lazily(self, store: Store, touched: set[str], chance: random.Random) -> None:
        """Whatever is asked first: what comes is what was stored, or the damage of a file that holds it is told."""
        panel = store.read(lazily=True)
        assert isinstance(panel.fields, LazyFields)
        assert store.version() == self.name
        days = panel.days.astype(str).tolist()
        trouble: Damaged | None = None
        for _ in range(6):
            name, place = chance.choice(list(panel.fields)), chance.randrange(len(panel.symbols))
            start = chance.randrange(len(days))
            rows = slice(start, chance.randrange(start, len(days)) + 1)
            by_column = chance.random() < 0.3
            if by_column:
                rows = slice(0, len(days))
            read = slice(0, len(days)) if 2 * len(days[rows]) >= len(days) else rows  # of a long stretch, all
            try:
                if by_column:
                    values = columns.column(panel, name, place)
                else:
                    values = columns.table(panel, name, np.array([place]), rows)[:, 0]
            except Damaged as error:
                trouble = error
                self.check_blame(error.file, touched, days[read])
                continue
            known = self.prices[panel.symbols[place], name]
            found = {day: repr(value) for day, value in zip(days[rows], values.tolist(), strict=True) if value == value}
            assert found == {day: value for day, value in known.items() if days[rows][0] <= day <= days[rows][-1]}
        if trouble:
            raise trouble

    def check_blame(self, file: str, touched: set[str], days: list[str]) -> None:
        """A file that is said to be damaged is so, and holds some of *days*."""
        assert file in touched
        block = next(block for block, own in self.state.prices.items() if own == file)
        assert any(day.startswith(block) for day in days)


def said(step: Callable[[], T], file: str, touched: set[str]) -> T | None:
    """What *step* gives; None where it names the damaged file."""
    try:
        return step()
    except Damaged as error:
        named = error.file
    assert named == file
    assert file in touched
    return None


def damage(folder: Path, chance: random.Random) -> tuple[set[str], list[str]]:
    """Damage some files; gives their names, and what was done."""
    every = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "writer.lock")
    before = {path: path.read_bytes() for path in every}
    done = []
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        path, kind = chance.choice(every), chance.choice(KINDS)
        data = bytearray(path.read_bytes() if path.exists() else b"")
        done.append(f"{kind} {path.relative_to(folder).as_posix()}")
        if kind == "delete":
            path.unlink(missing_ok=True)
        elif kind == "swap":
            other = chance.choice(every)
            done[-1] += f" with {other.relative_to(folder).as_posix()}"
            theirs = other.read_bytes() if other.exists() else b""
            path.write_bytes(theirs)
            other.write_bytes(data)
        elif kind == "empty":
            path.write_bytes(b"")
        elif kind == "grow":
            path.write_bytes(bytes(data) + chance.randbytes(chance.randrange(1, 40)))
        elif data:
            place = chance.randrange(len(data))
            if kind == "truncate":
                del data[place:]
            elif kind == "zeros":
                data[place : place + 512] = bytes(len(data[place : place + 512]))
            else:
                for _ in range(1 if kind == "flip" else chance.randrange(2, 9)):
                    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            path.write_bytes(bytes(data))
    touched = {
        path.relative_to(folder).as_posix() for path in every if not path.exists() or path.read_bytes() != before[path]
    }
    return touched, done


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "writer.lock"
    }


class Fuzz:
    """Damages copies of one store."""

    def __init__(self, home: Path) -> None:
        fill("whole")
        self.home = home
        self.whole = Store("whole").folder
        self.now = Truth(Store("whole"))
        self.then = {day: Truth(Store("whole", day)) for day in DAYS[:2]}
        self.counts = dict.fromkeys(("read", "refused", "written", "rebuilt", "lost"), 0)

    def run_all(self, seeds: Iterable[int]) -> None:
        for seed in seeds:
            self.run(seed)

    def run(self, seed: int) -> None:
        chance = random.Random(seed)
        folder = self.home / "s"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.whole, folder)
        touched, done = damage(folder, chance)
        try:
            self.look(touched, chance)
            self.go_on(touched)
        except NoData as error:
            raise AssertionError(f"seed {seed}: {done}: refused: {error}") from error
        except Exception as error:
            raise AssertionError(f"seed {seed}: {done}: {error}") from error

    def known(self, touched: set[str]) -> bool:
        """Whether it can be told for sure which state is current, and what it is made of."""
        copy = "copy.json" not in touched
        state = f"states/{self.now.name}.json" not in touched
        return copy or (state and "current.json" not in touched)

    def look(self, touched: set[str], chance: random.Random) -> None:
        whole = self.known(touched) and not touched & set(self.now.state.prices.values())
        self.try_to(lambda: self.now.check(Store("s"), touched), whole)
        self.try_to(lambda: self.now.check_lazily(Store("s"), touched, chance), whole)
        for day, truth in self.then.items():
            there = not touched & {"copy.json", f"states/{truth.name}.json", *truth.state.prices.values()}
            self.try_to(lambda day=day, truth=truth: truth.check(Store("s", day), touched), there)
            self.try_to(lambda day=day, truth=truth: truth.check_lazily(Store("s", day), touched, chance), there)

    def try_to(self, step: Callable[[], object], must: bool) -> bool:
        try:
            step()
        except Damaged:
            assert not must, "what is whole must be read"
            self.counts["refused"] += 1
            return False
        self.counts["read"] += 1
        return True

    def go_on(self, touched: set[str]) -> None:
        folder = Store("s").folder
        before = contents(folder)
        current = self.now.state
        whole = self.known(touched) and not touched & {*current.prices.values(), str(current.quarantine)}
        store = Store("s")
        if self.try_to(lambda: store.write(panel_of({"ZZZ": [5.0]})), whole):
            self.counts["written"] += 1
            if touched & {"current.json", f"states/{current.name}.json", *current.prices.values()} and not whole:
                assert store.notes
        else:
            assert contents(folder) == before
            store = Store("s", rebuild=True)
            if not self.try_to(lambda: store.write(panel_of({"ZZZ": [5.0]})), self.known(touched)):
                with pytest.raises(Damaged, match="no state that can be read"):
                    store.write(panel_of({"ZZZ": [5.0]}))
                assert contents(folder) == before
                self.counts["lost"] += 1
                return
            self.counts["rebuilt"] += 1
            assert store.notes
        self.nothing_lost(touched, before)

    def nothing_lost(self, touched: set[str], before: dict[str, bytes]) -> None:
        """After a writing there is all that was whole, and nothing else."""
        panel = Store("s").read()
        prices = plain_prices(panel)
        assert prices.pop(("ZZZ", "close")) == {str(DAY): "5.0"}
        whole_blocks = {
            block for block, file in self.now.state.prices.items() if file not in touched and self.known(touched)
        }
        ever = [self.now, *self.then.values()]
        for key, truth in self.now.prices.items():
            found = prices.get(key, {})
            for day, value in truth.items():
                block = day[:4] if day < "2026" else day[:7]
                if block in whole_blocks:
                    assert found.get(day) == value, (key, day)
            for day, value in found.items():  # what is there was stored once, as this symbol's and field's
                assert any(other.prices.get(key, {}).get(day) == value for other in ever), (key, day)
        for (symbol, day), chain in self.now.chains.items():
            if self.now.state.chains[day.isoformat()][0] not in touched:
                assert plain_chain(panel.chains.chain(symbol, day)) == chain
        if self.now.state.series not in touched:
            assert {name: (str(days), str(values)) for name, (days, values) in panel.series.items()} == self.now.series
        if self.known(touched):
            assert states.load(Store("s").folder, self.now.name) == self.now.state
        gone = {file for file in before if not (Store("s").folder / file).exists()}
        assert not {file for file in gone if file.startswith(("chains-", "series-", "journal"))}
        Store("s").write_chains([everything("ZZZ", dt.date(2026, 1, 2), 1.0)])  # and it is a store as any other


@pytest.fixture
def fuzz(tmp_path, monkeypatch) -> Fuzz:
    monkeypatch.setenv(HOME, str(tmp_path))
    monkeypatch.setattr(os, "fsync", lambda _: None)  # this is about damage; crashes are another test's subject
    return Fuzz(tmp_path)


def test_a_sample_of_damage(fuzz):
    fuzz.run_all(range(SAMPLE))
    assert all(fuzz.counts[key] for key in ("read", "refused", "written", "rebuilt"))


@pytest.mark.search
@pytest.mark.timeout(3600)
def test_two_thousand_damages(fuzz):
    fuzz.run_all(range(SAMPLE, SAMPLE + DAMAGES))
    print(json.dumps(fuzz.counts))


def test_the_check_sees_other_data(fuzz, monkeypatch):
    """Without checksums the same damages bring other data."""
    from xlrotation.market.store import storage

    monkeypatch.setattr(storage.Files, "get", lambda self, file: storage.read(self.folder, file))
    import pyarrow.parquet as pq

    real = pq.ParquetFile
    monkeypatch.setattr(pq, "ParquetFile", lambda data, **_: real(data))
    with pytest.raises(AssertionError):
        fuzz.run_all(range(10 * SAMPLE))
