"""The store: old state or new state, never a mixture."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import panel_of
from xlrotation import files
from xlrotation.errors import BadArgument, NoData
from xlrotation.market import store
from xlrotation.market.panel import Panel, Provenance
from xlrotation.market.store import KEPT, Store


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path))


def closes(panel, symbol):
    return panel.fields["close"][:, panel.columns[symbol]].tolist()


def test_what_is_written_is_read():
    panel = panel_of({"A": [1.0, np.nan, 3.0], "B": [4.0, 5.0, 6.0]}, dividend={"A": [0.0, 0.1, 0.0]})
    fetched = dt.datetime(2026, 2, 13, 22, tzinfo=dt.UTC)
    provenance = {"A": Provenance("Yahoo Finance", panel.first, panel.last, fetched, "splits by the provider")}
    Store("s").write(Panel(panel.days, panel.symbols, panel.fields, provenance=provenance, fetched=fetched))
    read = Store("s").read()
    np.testing.assert_array_equal(read.days, panel.days)
    for name in panel.fields:
        np.testing.assert_array_equal(read.fields[name], panel.fields[name])
    assert read.provenance["A"] == provenance["A"]
    assert read.fetched == fetched
    assert read.source == "store:s"


def test_new_values_join_old_ones():
    Store("s").write(panel_of({"A": [1.0, 2.0, 3.0], "B": [7.0, 8.0, 9.0]}, "2026-02-12"))
    Store("s").write(panel_of({"A": [3.5, 4.0], "C": [1.0, np.nan]}, "2026-02-13"))
    read = Store("s").read()
    assert closes(read, "A") == [1.0, 2.0, 3.5, 4.0]
    np.testing.assert_array_equal(closes(read, "B"), [7.0, 8.0, 9.0, np.nan])  # not received: kept
    np.testing.assert_array_equal(closes(read, "C"), [np.nan, np.nan, 1.0, np.nan])


def test_a_gap_in_the_answer_never_replaces_a_value():
    Store("s").write(panel_of({"A": [1.0, 2.0]}))
    Store("s").write(panel_of({"A": [np.nan, 2.5]}))
    assert closes(Store("s").read(), "A") == [1.0, 2.5]


def test_few_snapshots_are_kept():
    for i in range(KEPT + 3):
        Store("s").write(panel_of({"A": [float(i + 1)]}))
    assert len(list(Store("s").folder.glob("*.parquet"))) == KEPT
    assert closes(Store("s").read(), "A") == [KEPT + 3.0]


@pytest.mark.parametrize("step", ["snapshot", "pointer"])
def test_a_crash_while_writing_leaves_the_old_state(monkeypatch, step):
    Store("s").write(panel_of({"A": [1.0]}))
    real = store.write_whole

    def crash(path: Path, data: bytes) -> None:
        if (path.suffix == ".parquet") == (step == "snapshot"):
            raise OSError("disk full")
        real(path, data)

    monkeypatch.setattr(store, "write_whole", crash)
    with pytest.raises(OSError, match="disk full"):
        Store("s").write(panel_of({"A": [2.0]}))
    monkeypatch.setattr(store, "write_whole", real)
    assert closes(Store("s").read(), "A") == [1.0]
    Store("s").write(panel_of({"A": [3.0]}))  # and the lock is free again
    assert closes(Store("s").read(), "A") == [3.0]


def test_a_failed_file_write_leaves_no_temporary_file(tmp_path, monkeypatch):
    monkeypatch.setattr(files.os, "fsync", lambda _: (_ for _ in ()).throw(OSError("no")))
    with pytest.raises(OSError, match="no"):
        store.write_whole(tmp_path / "x", b"data")
    assert [path for path in tmp_path.iterdir() if path.name.startswith(".writing")] == []


def test_readers_beside_a_writer_see_whole_states():
    code = """
import sys
from tests.conftest import panel_of
from xlrotation.market.store import Store
for i in range(2, 40):
    Store("s").write(panel_of({"A": [float(i)] * 50, "B": [float(i)] * 50}))
"""
    Store("s").write(panel_of({"A": [1.0] * 50, "B": [1.0] * 50}))
    writer = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[2])
    seen = []
    while writer.poll() is None:
        panel = Store("s").read()
        assert len(set(panel.fields["close"].ravel().tolist())) == 1
        seen.append(panel.fields["close"][0, 0])
    assert writer.returncode == 0
    assert seen == sorted(seen)
    assert closes(Store("s").read(), "A")[0] == 39.0


def test_damage_is_said_and_nothing_is_invented():
    with pytest.raises(NoData, match="empty"):
        Store("s").read()
    version = Store("s").write(panel_of({"A": [1.0]}))
    (Store("s").folder / version).write_bytes(b"not parquet")
    with pytest.raises(NoData, match="damaged"):
        Store("s").read()
    (Store("s").folder / "current.json").write_text("{", "utf-8")
    with pytest.raises(NoData, match="unreadable"):
        Store("s").version()
    with pytest.raises(BadArgument):
        Store("../elsewhere")


def test_a_damaged_store_goes_on_from_the_last_good_snapshot():
    Store("s").write(panel_of({"A": [1.0, 2.0]}, "2026-02-12"))
    version = Store("s").write(panel_of({"A": [2.5]}, "2026-02-12"))
    (Store("s").folder / version).write_bytes(b"PAR1 not parquet")
    Store("s").write(panel_of({"A": [3.0]}, "2026-02-13"))
    assert closes(Store("s").read(), "A") == [1.0, 2.0, 3.0]
    (Store("s").folder / "current.json").write_text("{", "utf-8")
    Store("s").write(panel_of({"A": [4.0]}, "2026-02-13"))
    assert closes(Store("s").read(), "A") == [1.0, 2.0, 4.0]


def test_a_clock_set_back_loses_nothing():
    for i in range(KEPT):
        version = Store("s").write(panel_of({"A": [float(i + 1)]}))
        folder = Store("s").folder
        (folder / version).rename(folder / version.replace("2", "9", 1))
        (folder / "current.json").write_text(json.dumps({"snapshot": version.replace("2", "9", 1)}), "utf-8")
    Store("s").write(panel_of({"A": [9.0]}))
    assert closes(Store("s").read(), "A") == [9.0]
    assert len(list(folder.glob("*.parquet"))) == KEPT


def test_what_a_killed_writer_left_is_removed():
    code = """
import os, sys
from pathlib import Path
from tests.conftest import panel_of
from xlrotation import files
from xlrotation.market import store
step = sys.argv[1]
files.os.fsync = lambda handle: None
real = Path.replace
def killed(self, target):
    if target.suffix == step:
        os._exit(9)
    return real(self, target)
Path.replace = killed
store.Store("s").write(panel_of({"A": [2.0]}))
"""
    Store("s").write(panel_of({"A": [1.0]}))
    for step in (".parquet", ".json"):
        ended = subprocess.run([sys.executable, "-c", code, step], cwd=Path(__file__).parents[2], check=False)
        assert ended.returncode == 9
        assert list(Store("s").folder.glob(".writing-*"))
        assert closes(Store("s").read(), "A") == [1.0]
    Store("s").write(panel_of({"A": [3.0]}))
    assert closes(Store("s").read(), "A") == [3.0]
    assert not list(Store("s").folder.glob(".writing-*"))


def test_a_second_writer_waits_and_then_says_so(monkeypatch):
    from filelock import FileLock

    Store("s").write(panel_of({"A": [1.0]}))
    monkeypatch.setattr(store, "_PATIENCE", 0.05)
    with FileLock(Store("s").folder / "writer.lock"), pytest.raises(NoData, match="another program is writing"):
        Store("s").write(panel_of({"A": [2.0]}))


def test_provenance_spans_what_is_stored_and_members_stay():
    def with_source(panel, **brought):
        known = {"A": Provenance("p", panel.first, panel.last)}
        return Panel(panel.days, panel.symbols, panel.fields, provenance=known, **brought)

    Store("s").write(with_source(panel_of({"A": [1.0, 2.0, 3.0]}, "2026-02-12"), universes={"DESK": ("A", "B")}))
    Store("s").write(with_source(panel_of({"A": [4.0]}, "2026-02-13")))
    read = Store("s").read()
    assert (str(read.provenance["A"].first), str(read.provenance["A"].last)) == ("2026-02-10", "2026-02-13")
    assert read.universes == {"DESK": ("A", "B")}


def test_a_history_that_was_rewritten_replaces_the_stored_one():
    Store("s").write(panel_of({"A": [100.0, 101.0, 102.0], "B": [7.0, 8.0, 9.0]}))
    Store("s").write(panel_of({"A": [50.0, np.nan, 51.0], "B": [7.0, np.nan, 9.0]}), whole=("A",))
    read = Store("s").read()
    np.testing.assert_array_equal(closes(read, "A"), [50.0, np.nan, 51.0])
    assert closes(read, "B") == [7.0, 8.0, 9.0]


def test_the_pointer_is_readable_by_people():
    version = Store("s").write(panel_of({"A": [1.0]}))
    assert json.loads((Store("s").folder / "current.json").read_text("utf-8")) == {"snapshot": version}
