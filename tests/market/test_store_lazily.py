"""A store that is read as it is asked for: the same data as read whole, less of the disk, and no damage unseen."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.market.damaged import HOME
from xlrotation.errors import NoData
from xlrotation.functions.boundary.session import Session
from xlrotation.market import columns, still
from xlrotation.market.calendar import EXCHANGES, XNYS, union_between
from xlrotation.market.lazyfields import LazyFields
from xlrotation.market.panel import Panel
from xlrotation.market.parts import part
from xlrotation.market.sources import open_source
from xlrotation.market.store import pieces, states, storage
from xlrotation.market.store.stateformat import plain_of, sealed
from xlrotation.market.store.storage import Damaged
from xlrotation.market.store.store import Store

SYMBOLS = 150
XETR = EXCHANGES["XETR"]


def made(symbols: int = SYMBOLS, sessions: int = 700) -> Panel:
    """Bars with splits, dividends and gaps; a symbol without any, one that ended early, one that began late."""
    chance = np.random.default_rng(18)
    shape = (sessions, symbols)
    close = np.round(100.0 * np.exp(np.cumsum(chance.normal(0.0, 0.01, shape), axis=0)), 2)
    close[chance.random(shape) < 0.01] = np.nan
    close[:, 3] = np.nan
    close[sessions // 2 :, 5] = np.nan
    close[: sessions // 2, 7] = np.nan
    fields = {
        "close": close,
        "volume": np.round(chance.lognormal(12, 1, shape)),
        "dividend": np.where(chance.random(shape) < 0.01, 0.25, 0.0),
        "split": np.where(chance.random(shape) < 1 / 2000, 2.0, np.nan),
        "shares": np.full(shape, 1e6),
    }
    days = XNYS.sessions()
    days = days[days <= np.datetime64("2026-02-13")][-sessions:]
    return Panel(days, tuple(f"S{place:03}" for place in range(symbols)), fields)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lazily")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME, str(folder))
        Store("s").write(made())
    return folder


@pytest.fixture
def store(home: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store that tests only read."""
    monkeypatch.setenv(HOME, str(home))
    return Store("s")


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store that a test may damage."""
    monkeypatch.setenv(HOME, str(tmp_path))
    Store("s").write(made())
    return Store("s")


def compare(lazy: Panel, whole: Panel, chance: random.Random) -> None:
    """Ask both for the same, whatever it is."""
    sessions, symbols = whole.fields["close"].shape
    some = np.array([chance.randrange(symbols) for _ in range(chance.choice((0, 1, 2, 20, 200)))], np.int64)
    start = chance.randrange(sessions)
    rows = slice(start, chance.randrange(start, sessions) + chance.randrange(2))
    name = chance.choice(list(whole.fields))
    for ask in (
        lambda panel: columns.table(panel, name, some, rows),
        lambda panel: columns.totals(panel, some, rows),
        lambda panel: columns.last_split(panel, some),
        lambda panel: columns.factors(panel, some[columns.last_split(panel, some) > 0], rows),
        *(lambda panel, one=one: columns.column(panel, name, one) for one in some[:3].tolist()),
        *(lambda panel, one=one: columns.total(panel, one) for one in some[:3].tolist()),
    ):
        ours, theirs = ask(lazy), ask(whole)
        assert ours.shape == theirs.shape
        np.testing.assert_array_equal(ours, theirs)
    for one in some[:3].tolist():
        ours, theirs = columns.factor(lazy, one), columns.factor(whole, one)
        assert (ours is None) == (theirs is None)
        if ours is not None:
            np.testing.assert_array_equal(ours, theirs)
    assert not columns.column(lazy, name, 0).flags.writeable


@pytest.mark.parametrize("seed", range(12))
def test_the_same_whatever_is_asked_first(store: Store, seed: int) -> None:
    lazy, whole, chance = store.read(lazily=True), store.read(), random.Random(seed)
    assert isinstance(lazy.fields, LazyFields)
    assert list(lazy.fields) == list(whole.fields)
    for _ in range(12):
        compare(lazy, whole, chance)
        if chance.random() < 0.1:
            np.testing.assert_array_equal(lazy.fields["close"], whole.fields["close"])
    np.testing.assert_array_equal(lazy.last_rows, whole.last_rows)
    assert still.standing(lazy) == still.standing(whole)
    for name, values in whole.fields.items():
        np.testing.assert_array_equal(lazy.fields[name], values)


def test_blocks_of_many_writings(own: Store) -> None:
    more = made(SYMBOLS + 5, 30)
    own.write(replace(more, symbols=tuple(f"S{place:03}" for place in range(40, 40 + len(more.symbols)))))
    assert len(states.load(own.folder, own.version() or "").prices) > 3
    lazy, whole = own.read(lazily=True), own.read()
    for seed in range(20):
        compare(lazy, whole, random.Random(seed))


def test_functions_give_the_same(store: Store) -> None:
    whole = Session(open_source("store:s"))
    whole.source._panel = store.read()  # type: ignore[attr-defined]
    whole.source._checked = float("inf")  # type: ignore[attr-defined]
    lazy = Session("store:s")
    members = [[f"S{place:03}" for place in range(0, 140, 3)]]
    for name, *arguments in (
        ("PX_RET", "S001", "3M"),
        ("PX_RET", "S001", "1Y", None, "total"),
        ("PX_CLOSE", members, "2025-06-02"),
        ("RS_RATIO", "S001", "S002"),
        ("BRD_ABOVE_MA", members, 50),
        ("DISP_XS", members, "20D"),
        ("PX_HISTORY", members, "2024-03-01"),
        ("PX_CLOSE", "S003"),
    ):
        assert repr(lazy.call(name, *arguments)) == repr(whole.call(name, *arguments)), name
    assert isinstance(lazy.panel.fields, LazyFields)
    assert not lazy.panel.fields._whole


def test_of_one_symbol_little_is_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    real = pieces.Checked._piece
    monkeypatch.setattr(pieces.Checked, "_piece", lambda self, number: read.append(number) or real(self, number))
    size = sum(path.stat().st_size for path in store.folder.glob("prices-*"))
    panel = store.read(lazily=True)
    columns.column(panel, "close", 100)
    assert 0 < len(read) * pieces.SIZE < size / 4
    before = len(read)
    columns.column(panel, "close", 100)
    assert len(read) == before


def test_of_one_day_one_block_is_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    files = set()
    real = storage.Files.reading
    monkeypatch.setattr(storage.Files, "reading", lambda self, file: files.add(file) or real(self, file))
    panel = store.read(lazily=True)
    columns.table(panel, "close", np.arange(SYMBOLS), slice(len(panel.days) - 1, len(panel.days)))
    assert len(files) == 1
    assert "2026-02" in files.pop()


def test_neighbours_are_read_together(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cell after cell, each about another symbol, reads no file for each of them."""
    panel = store.read(lazily=True)
    assert isinstance(panel.fields, LazyFields)
    asked: list[int] = []
    real = type(panel.fields).read
    monkeypatch.setattr(
        type(panel.fields), "read", lambda self, names, *rest: asked.append(1) or real(self, names, *rest)
    )
    for place in range(SYMBOLS):
        columns.column(panel, "close", place)
        columns.table(panel, "volume", np.array([place]), slice(10, 20))
    assert len(asked) <= 3 * 2 * len(panel.fields.blocks) + 3 * 2


def test_identity_is_of_what_is_stored(own: Store) -> None:
    here = own.read(lazily=True).identity
    assert here == own.read(lazily=True).identity
    own.write(made(8, 5))
    assert own.read(lazily=True).identity != here


def test_a_copy_of_a_store_has_its_identity(own: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    here = own.read(lazily=True).identity
    shutil.copytree(own.folder, tmp_path / "elsewhere" / "s")
    monkeypatch.setenv(HOME, str(tmp_path / "elsewhere"))
    assert Store("s").read(lazily=True).identity == here


def test_every_byte_of_a_file_is_checked(own: Store) -> None:
    """A bit anywhere: each value is the one that was stored, or its file is named."""
    whole, chance = own.read(), random.Random(3)
    file = next(own.folder.glob("prices-2024-*"))
    sound = file.read_bytes()
    assert len(sound) > 5 * pieces.SIZE
    refused = 0
    for _ in range(60):
        data = bytearray(sound)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        file.write_bytes(data)
        panel = own.read(lazily=True)
        told = False
        for _ in range(4):
            name, place = chance.choice(list(whole.fields)), chance.randrange(SYMBOLS)
            try:
                found = columns.column(panel, name, place)
            except Damaged as error:
                told = True
                named = error.file
            else:
                np.testing.assert_array_equal(found, whole.fields[name][:, place])
                continue
            assert named == file.name
        refused += told
    assert 0 < refused < 60


def test_without_the_checks_other_data_come(own: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """That the test above sees other data where they come."""
    import pyarrow.parquet as pq

    def unchecked(self: pieces.Checked, number: int) -> bytes:
        assert self._opened is not None
        self._opened.seek(number * pieces.SIZE)
        return self._opened.read(min(pieces.SIZE, self._body - number * pieces.SIZE))

    real = pq.ParquetFile
    monkeypatch.setattr(pieces.Checked, "_piece", unchecked)
    monkeypatch.setattr(
        pq, "ParquetFile", lambda source, **options: real(source, **options | {"page_checksum_verification": False})
    )
    with pytest.raises(AssertionError):
        test_every_byte_of_a_file_is_checked(own)


def test_a_file_that_went_after_opening_is_named(own: Store) -> None:
    panel = own.read(lazily=True)
    file = next(own.folder.glob("prices-2024-*"))
    held = columns.column(panel, "close", 1)
    file.unlink()
    assert columns.column(panel, "close", 1) is held
    with pytest.raises(Damaged, match=f"lacks {file.name}"):
        columns.column(panel, "close", 100)


def test_a_file_of_another_size_is_told_at_once(own: Store) -> None:
    file = next(own.folder.glob("prices-2024-*"))
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(Damaged, match=r"prices-2024-.*bytes in place of"):
        own.read(lazily=True)


def test_the_reason_reaches_the_cell(own: Store) -> None:
    session = Session("store:s")
    file = next(own.folder.glob("prices-2024-*"))
    file.write_bytes(bytes(file.stat().st_size))
    assert str(session.call("PX_RET", "S001", "5D")) == "#N/A"
    assert "damaged prices-2024-" in session.failures[-1].reason
    assert session.call("PX_CLOSE", [["S001", "S002"]]) is not None
    assert "damaged prices-2024-" in str(session.call("XLR_STATUS"))


def test_what_passes_is_no_damage(own: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = own.read(lazily=True)

    def refused(_: Path) -> object:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(storage, "open_regular", refused)
        with pytest.raises(storage.Unreachable, match="cannot be read now"):
            columns.column(panel, "close", 1)
    assert np.isfinite(columns.column(panel, "close", 1)).any()


def test_a_state_without_sums_of_tails_is_checked_whole(own: Store) -> None:
    """As an earlier version wrote it."""
    whole = own.read()
    version = own.version() or ""
    state = states.load(own.folder, version)
    plain = plain_of(state)
    plain["files"] = {name: found for name, found in plain["files"].items() if not name.endswith("/tail")}
    assert len(plain["files"]) < len(state.sums)
    (own.folder / "states" / f"{version}.json").write_bytes(sealed(plain))
    lazy = own.read(lazily=True)
    assert isinstance(lazy.fields, LazyFields)
    for seed in range(4):
        compare(lazy, whole, random.Random(seed))
    file = next(own.folder.glob("prices-2024-*"))
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(Damaged, match="prices-2024-"):
        columns.column(own.read(lazily=True), "close", 1)


def test_tails_stay_in_the_states_that_come(own: Store) -> None:
    own.write(made(8, 5))
    state = states.load(own.folder, own.version() or "")
    assert {storage.tail_of(file) for file in state.prices.values()} <= set(state.sums)


def test_any_reader_of_parquet_opens_a_file(store: Store) -> None:
    import pandas as pd

    frame = pd.read_parquet(next(store.folder.glob("prices-2024-*")))
    panel = store.read()
    row = int(np.searchsorted(panel.days, np.datetime64("2024-05-15")))
    found = frame[(frame.symbol == "S100") & (frame.day == dt.date(2024, 5, 15))]
    assert found.close.tolist() == [panel.fields["close"][row, 100]]


def test_parts_of_exchanges(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME, str(tmp_path))
    days = union_between((XNYS, XETR), dt.date(2024, 3, 1), dt.date(2026, 2, 13))
    symbols = ("AAA", "SAP.DE", "BBB", "SIE.DE")
    chance = np.random.default_rng(1)
    close = np.round(chance.lognormal(3, 0.1, (len(days), 4)), 2)
    for place, exchange in enumerate((XNYS, XETR, XNYS, XETR)):
        close[~np.isin(days, exchange.sessions()), place] = np.nan
    close[:100, (1, 3)] = np.nan
    split = np.where(chance.random(close.shape) < 0.004, 2.0, np.nan)
    Store("s").write(Panel(days, symbols, {"close": close, "split": split, "dividend": np.zeros(close.shape)}))
    lazy, whole = Store("s").read(lazily=True), Store("s").read()
    for chosen in ((XNYS,), (XETR,), (XNYS, XETR)):
        ours, theirs = part(lazy, chosen), part(whole, chosen)
        assert ours.symbols == theirs.symbols
        np.testing.assert_array_equal(ours.days, theirs.days)
        for seed in range(10):
            compare(ours, theirs, random.Random(seed))
        np.testing.assert_array_equal(ours.last_rows, theirs.last_rows)
    assert isinstance(part(lazy, (XETR,)).fields, LazyFields)


def test_a_part_without_prices_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME, str(tmp_path))
    days = union_between((XNYS, XETR), dt.date(2025, 12, 1), dt.date(2026, 2, 13))
    close = np.ones((len(days), 2))
    close[~np.isin(days, XNYS.sessions()), 0] = np.nan
    close[:, 1] = np.nan
    Store("s").write(Panel(days, ("AAA", "SAP.DE"), {"close": close}))
    for lazily in (True, False):
        with pytest.raises(NoData, match="no prices of XETR"):
            part(Store("s").read(lazily=lazily), (XETR,))


def test_threads_may_ask_together(store: Store) -> None:
    lazy, whole = store.read(lazily=True), store.read()
    wrong: list[BaseException] = []

    def ask(seed: int) -> None:
        try:
            for step in range(6):
                compare(lazy, whole, random.Random(100 * seed + step))
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.usefixtures("store")
def test_a_number_of_a_store_needs_no_pandas() -> None:
    code = (
        "import json, sys; from xlrotation.functions.boundary.session import Session; "
        "value = Session('store:s').call('PX_RET', 'S001', '5D'); "
        "print(json.dumps([value, [name for name in ('pandas', 'scipy', 'filelock') if name in sys.modules]]))"
    )
    said = subprocess.run([sys.executable, "-c", code], env={**os.environ}, check=True, capture_output=True, text=True)
    value, loaded = json.loads(said.stdout)
    assert isinstance(value, float)
    assert loaded == []


def test_a_range_reads_the_columns_of_its_symbols_alone(store: Store) -> None:
    whole = Session(open_source("store:s"))
    whole.source._panel = store.read()  # type: ignore[attr-defined]
    whole.source._checked = float("inf")  # type: ignore[attr-defined]
    lazy = Session("store:s")
    down = [[f"S{place:03}"] for place in (1, 7, 40, 41, 90)]
    across = [[day.isoformat() for day in made().days[[200, 320, 500, -30, -1]].tolist()]]
    for name, *arguments in (
        ("PX_RET", down, "3M", across),
        ("PX_RET", down, "1Y", across, "total"),
        ("PX_RET", down, "20D", across, "price", "POINTS"),
        ("PX_VS_MA", down, 50, across),
        ("VOL_REALIZED", down, 20, across),
        ("RS_STREAK", down, "S002", across),
    ):
        assert lazy.call(name, *arguments) == whole.call(name, *arguments), name
    fields = lazy.panel.fields
    assert isinstance(fields, LazyFields)
    assert not fields._whole  # no field was read whole
