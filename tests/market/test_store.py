"""The store: old state or new state, never a mixture."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import panel_of
from xlrotation import files
from xlrotation.errors import BadArgument, NoData
from xlrotation.market.calendar import XNYS
from xlrotation.market.panel import FIELDS, Panel, Provenance
from xlrotation.market.store import journal, states, storage, store
from xlrotation.market.store.storage import Damaged
from xlrotation.market.store.store import Store


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path))


def closes(panel, symbol):
    return panel.fields["close"][:, panel.columns[symbol]].tolist()


def test_what_is_written_is_read():
    panel = panel_of({"A": [11.0, np.nan, 13.0], "B": [14.0, 15.0, 16.0]}, dividend={"A": [0.0, 0.1, 0.0]})
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
    assert (read.quarantine, read.known, read.ages) == ((), None, True)


@given(st.data())
def test_any_panel_comes_back_bit_by_bit(tmp_path_factory, data):
    n = data.draw(st.integers(1, 700))  # up to three years, hence blocks of years and months
    seed = data.draw(st.integers(0, 2**32))
    random = np.random.default_rng(seed)
    names = tuple(data.draw(st.lists(st.sampled_from("ABCDEFG"), min_size=1, unique=True)))
    fields = {}
    for name in data.draw(st.sets(st.sampled_from(FIELDS))) | {"close"}:
        values = 100.0 + 0.1 * random.standard_normal((n, len(names)))
        values[random.random(values.shape) < data.draw(st.sampled_from([0.0, 0.3, 1.0]))] = np.nan
        fields[name] = np.where(np.isfinite(values), 1.0, np.nan) if name == "split" else values
    days = XNYS.sessions_between(dt.date(2020, 1, 1), dt.date(2026, 2, 13))[-n:]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XLROTATION_HOME", str(tmp_path_factory.mktemp("home")))
        Store("s").write(Panel(days, names, fields))
        read = Store("s").read()
    known = np.any([np.isfinite(values).any(axis=1) for values in fields.values()], axis=0)
    kept = int(np.flatnonzero(known)[-1]) + 1 if known.any() else n
    np.testing.assert_array_equal(read.days, days[:kept])
    assert (read.symbols, set(read.fields)) == (names, set(fields))
    for name, values in fields.items():
        np.testing.assert_array_equal(read.fields[name], values[:kept])


def test_a_file_of_prices_is_a_table_that_others_read():
    import pandas as pd

    Store("s").write(panel_of({"A": [11.0, 12.0], "B": [np.nan, 16.0]}, volume={"A": [7.0, 8.0]}))
    (file,) = Store("s").folder.glob("prices-2026-02-*.parquet")
    frame = pd.read_parquet(file).set_index(["symbol", "day"])
    assert frame.loc[("A", dt.date(2026, 2, 12)), ["close", "volume"]].tolist() == [11.0, 7.0]
    assert frame.loc[("B", dt.date(2026, 2, 13)), "close"] == 16.0


def test_years_that_did_not_change_are_written_once():
    n = 400
    Store("s").write(panel_of({"A": [100.0] * n, "B": [50.0] * n}))
    before = {path.name for path in Store("s").folder.glob("prices-*.parquet")}
    assert sum(name.startswith("prices-2024-") for name in before) == 1
    Store("s").write(panel_of({"A": [101.0], "B": [50.5]}, "2026-02-17"))
    after = {path.name for path in Store("s").folder.glob("prices-*.parquet")}
    (new,) = after - before
    assert new.startswith("prices-2026-02-")
    Store("s").write(panel_of({"C": [30.0] * 5}, "2026-02-13"))  # a new symbol touches only the months that it has
    assert {name[:15] for name in {p.name for p in Store("s").folder.glob("prices-*")} - after} == {"prices-2026-02-"}
    assert closes(Store("s").read(), "B")[-2:] == [50.0, 50.5]


def test_new_values_join_old_ones():
    Store("s").write(panel_of({"A": [100.0, 101.0, 102.0], "B": [7.0, 8.0, 9.0]}, "2026-02-12"))
    Store("s").write(panel_of({"A": [102.5, 103.0], "C": [1.0, np.nan]}, "2026-02-13"))
    read = Store("s").read()
    assert closes(read, "A") == [100.0, 101.0, 102.5, 103.0]
    np.testing.assert_array_equal(closes(read, "B"), [7.0, 8.0, 9.0, np.nan])  # not received: kept
    np.testing.assert_array_equal(closes(read, "C"), [np.nan, np.nan, 1.0, np.nan])


def test_a_gap_in_the_answer_never_replaces_a_value():
    Store("s").write(panel_of({"A": [100.0, 101.0]}))
    Store("s").write(panel_of({"A": [np.nan, 101.5]}))
    assert closes(Store("s").read(), "A") == [100.0, 101.5]
    Store("s").write(panel_of({"A": [np.nan]}, "2026-02-17"))
    assert Store("s").read().last == dt.date(2026, 2, 13)  # an empty bar is no new session


@pytest.mark.parametrize("step", ["prices-", "journal", "0", "current.json"])
def test_a_crash_while_writing_leaves_the_old_state(monkeypatch, step):
    Store("s").write(panel_of({"A": [100.0]}))
    real, real_append = files.write_ours, journal.append

    def crash(path: Path, data: bytes) -> None:
        if path.name.startswith(step):
            raise OSError("disk full")
        real(path, data)

    def crash_after(*arguments):
        length = real_append(*arguments)
        if step == "journal":
            raise OSError("disk full")
        return length

    with monkeypatch.context() as patch:
        patch.setattr(storage, "write_ours", crash)
        patch.setattr(states, "write_ours", crash)
        patch.setattr(journal, "append", crash_after)
        with pytest.raises(OSError, match="disk full"):
            Store("s").write(panel_of({"A": [101.0]}))
    assert closes(Store("s").read(), "A") == [100.0]
    before = Store("s").origin("A", dt.date(2026, 2, 13))
    Store("s").write(panel_of({"B": [103.0]}))  # and the lock is free again
    assert closes(Store("s").read(), "A") == [100.0]
    assert Store("s").origin("A", dt.date(2026, 2, 13)) == before
    assert len(list((Store("s").folder / "states").iterdir())) == 2  # nothing of the crash is left
    assert len(list(Store("s").folder.glob("prices-*"))) == 2


def test_a_failed_file_write_leaves_no_temporary_file(tmp_path, monkeypatch):
    monkeypatch.setattr(files.os, "fsync", lambda _: (_ for _ in ()).throw(OSError("no")))
    with pytest.raises(OSError, match="no"):
        files.write_whole(tmp_path / "x", b"data")
    assert [path for path in tmp_path.iterdir() if path.name.startswith(".writing")] == []


def test_damage_is_said_and_nothing_is_invented():
    with pytest.raises(NoData, match="empty"):
        Store("s").read()
    version = Store("s").write(panel_of({"A": [1.0]}))
    folder = Store("s").folder
    (file,) = folder.glob("prices-*")
    file.write_bytes(b"not parquet")
    with pytest.raises(Damaged, match=f"damaged {file.name}"):
        Store("s").read()
    file.unlink()
    with pytest.raises(Damaged, match=f"lacks {file.name}"):
        Store("s").read()
    (folder / "states" / f"{version}.json").write_text("[]", "utf-8")
    (folder / "copy.json").unlink()
    with pytest.raises(Damaged, match="damaged state"):
        Store("s").read()
    (folder / "current.json").write_text("{", "utf-8")
    with pytest.raises(Damaged, match="unreadable"):
        Store("s").version()
    with pytest.raises(BadArgument):
        Store("../elsewhere")


def test_a_damaged_store_goes_on_from_the_last_good_state():
    Store("s").write(panel_of({"A": [100.0, 101.0]}, "2026-02-12"))
    version = Store("s").write(panel_of({"A": [101.5]}, "2026-02-12"))
    next(Store("s").folder.glob(f"prices-*-{version}.parquet")).write_bytes(b"PAR1 not parquet")
    Store("s").write(panel_of({"A": [102.0]}, "2026-02-13"))
    assert closes(Store("s").read(), "A") == [100.0, 101.0, 102.0]
    (Store("s").folder / "current.json").write_text("{", "utf-8")
    Store("s").write(panel_of({"A": [103.0]}, "2026-02-13"))
    assert closes(Store("s").read(), "A") == [100.0, 101.0, 103.0]


def test_a_clock_set_back_loses_nothing():
    ahead = Store("s", now=dt.datetime(2099, 1, 1, tzinfo=dt.UTC)).write(panel_of({"A": [100.0]}))
    now = Store("s").write(panel_of({"A": [101.0]}))
    assert states.names(Store("s").folder) == [ahead, now]
    assert closes(Store("s").read(), "A") == [101.0]


def test_what_a_killed_writer_left_is_removed():
    code = """
import os, sys
from pathlib import Path
from tests.conftest import panel_of
from xlrotation import files
from xlrotation.market.store import store
step = sys.argv[1]
files.os.fsync = lambda handle: None
real = Path.replace
def killed(self, target):
    if target.name.startswith(step):
        os._exit(9)
    return real(self, target)
Path.replace = killed
store.Store("s").write(panel_of({"A": [101.0]}))
"""
    Store("s").write(panel_of({"A": [100.0]}))
    folder = Store("s").folder
    for step in ("prices-", "0", "current.json"):
        ended = subprocess.run([sys.executable, "-c", code, step], cwd=Path(__file__).parents[2], check=False)
        assert ended.returncode == 9
        assert list(folder.rglob(".writing-*"))
        assert closes(Store("s").read(), "A") == [100.0]
    Store("s").write(panel_of({"A": [100.5]}))
    assert closes(Store("s").read(), "A") == [100.5]
    assert not list(folder.rglob(".writing-*"))
    assert len(list(folder.glob("prices-*"))) == len(list((folder / "states").iterdir())) == 2


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

    Store("s").write(with_source(panel_of({"A": [11.0, 12.0, 13.0]}, "2026-02-12"), universes={"DESK": ("A", "B")}))
    Store("s").write(with_source(panel_of({"A": [14.0]}, "2026-02-13")))
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
    assert json.loads((Store("s").folder / "current.json").read_text("utf-8")) == {"state": version}


def test_prices_chains_and_series_are_one_state():
    days = np.array(["2026-02-01"], "datetime64[D]")
    Store("s").write_together(panel_of({"A": [1.0]}), series={"UNRATE": (days, np.array([4.0]))})
    assert len(list((Store("s").folder / "states").iterdir())) == 1
    assert Store("s").read().series["UNRATE"][1].tolist() == [4.0]


def test_series_before_any_prices():
    days = np.array(["2026-02-01"], "datetime64[D]")
    Store("s").write_series({"UNRATE": (days, np.array([4.0]))})
    with pytest.raises(NoData, match="no prices yet"):
        Store("s").read()
    assert Store("s").newest_readable() is None
    Store("s").write(panel_of({"A": [1.0]}))
    assert Store("s").read().series["UNRATE"][1].tolist() == [4.0]
    assert set(Store("s").extras.series()) == {"UNRATE"}


class TestOrigin:
    def bring(self, closes, last, when, provider="Yahoo Finance"):
        panel = panel_of(closes, last)
        known = {symbol: Provenance(provider, panel.first, panel.last, when) for symbol in panel.symbols}
        Store("s").write(replace(panel, provenance=known, fetched=when))

    def test_every_value_knows_its_batch(self):
        monday, tuesday = (dt.datetime(2026, 2, day, 22, tzinfo=dt.UTC) for day in (12, 13))
        self.bring({"A": [100.0, np.nan, 102.0, 103.0], "B": [7.0, 7.0, 7.0, 7.0]}, "2026-02-12", monday)
        self.bring({"A": [103.0, 104.0]}, "2026-02-13", tuesday, "Desk")

        def origin(symbol, day):
            found = Store("s").origin(symbol, dt.date.fromisoformat(day))
            return found and (found.provider, found.fetched, str(found.first), str(found.last))

        assert origin("A", "2026-02-11") == ("Yahoo Finance", monday, "2026-02-11", "2026-02-12")
        assert origin("A", "2026-02-10") is None  # a gap has no origin
        assert origin("A", "2026-02-12") == ("Desk", tuesday, "2026-02-12", "2026-02-13")
        assert origin("B", "2026-02-12") == ("Yahoo Finance", monday, "2026-02-09", "2026-02-12")
        assert origin("C", "2026-02-12") is None
        assert Store("s").origin("A", dt.date(2026, 2, 12), "volume") is None

    def test_a_rewritten_history_has_one_origin(self):
        Store("s").write(panel_of({"A": [100.0, 101.0, 102.0]}))
        Store("s").write(panel_of({"A": [100.0]}), whole=("A",))
        assert Store("s").origin("A", dt.date(2026, 2, 12)) is None
        assert Store("s").origin("A", dt.date(2026, 2, 13)).first == dt.date(2026, 2, 13)

    def test_an_old_state_has_its_own_journal(self):
        first = dt.datetime(2026, 2, 12, 22, tzinfo=dt.UTC)
        self.bring({"A": [100.0]}, "2026-02-12", first)
        self.bring({"A": [100.0]}, "2026-02-12", first + dt.timedelta(days=1))
        name = states.names(Store("s").folder)[0]
        (Store("s").folder / "current.json").write_text(json.dumps({"state": name}), "utf-8")
        assert Store("s").origin("A", dt.date(2026, 2, 12)).fetched == first


OLD = Path(__file__).parent / "data" / "store_format_1"


class TestFirstFormat:
    """A store of format 1, without checksums and numbers, as the version before wrote it."""

    @pytest.fixture(autouse=True)
    def old_store(self, tmp_path):
        shutil.copytree(OLD, tmp_path / "s")

    def check(self):
        read = Store("s").read()
        assert closes(read, "AAA")[:3] == [98.0, 98.1, 98.2]
        assert closes(read, "BBB")[-3:] == pytest.approx([53.9, 54.0, 54.5])
        known = read.provenance["AAA"]
        assert (known.provider, known.adjusted) == ("Yahoo Finance", "as traded; splits and dividends from Yahoo")
        assert (known.as_traded, known.provisional, known.currency) == (True, dt.date(2026, 2, 13), None)
        assert known.told.endswith("; 2026-02-13 is provisional, its session was running")
        assert read.series["UNRATE"][1].tolist() == [4.3, 4.4]
        assert read.chains.chain("BBB", dt.date(2026, 2, 13)).strike.tolist() == [95.0, 105.0]
        assert [(entry.symbol, entry.day) for entry in read.quarantine] == [("AAA", dt.date(2026, 2, 13))]
        assert Store("s").origin("AAA", dt.date(2026, 2, 12)).fetched == dt.datetime(2026, 2, 12, 22, tzinfo=dt.UTC)
        assert Store("s", dt.date(2026, 2, 12)).read().last == dt.date(2026, 2, 12)

    def test_it_is_read_as_it_is(self):
        before = {path: path.read_bytes() for path in Store("s").folder.rglob("*") if path.is_file()}
        self.check()
        assert before == {path: path.read_bytes() for path in Store("s").folder.rglob("*") if path.is_file()}

    def test_the_next_writing_turns_it(self):
        name = Store("s").write(panel_of({"CCC": [5.0]}))
        self.check()
        folder = Store("s").folder
        assert states.names(folder)[-1] == name
        state = states.load(folder, name)
        whole = {file: state.sums[file] for file in state.sums if not file.endswith("/tail")}
        assert whole == {file: storage.sum_of((folder / file).read_bytes()) for file in state.files}
        next(folder.glob("prices-2025-*")).write_bytes(b"")
        with pytest.raises(Damaged, match="prices-2025-"):
            Store("s").read()

    def test_chains_alone_do_not_vouch_for_prices(self):
        folder = Store("s").folder
        path = next(folder.glob("prices-2025-*"))
        whole = path.read_bytes()
        path.write_bytes(whole[:-1])
        chain = Store("s").extras.chains().chain("AAA", dt.date(2026, 2, 13))
        Store("s").write_chains([chain])
        path.write_bytes(whole)
        self.check()

    def test_a_crash_while_turning_leaves_it(self, monkeypatch):
        with monkeypatch.context() as patch:
            patch.setattr(states, "publish", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
            with pytest.raises(OSError, match="disk full"):
                Store("s").write(panel_of({"CCC": [5.0]}))
        self.check()
        Store("s").write(panel_of({"CCC": [5.0]}))
        self.check()

    def test_a_state_with_another_key_is_none_of_it(self):
        path = Store("s").folder / "states" / "20260213T190000000000.json"
        path.write_text(path.read_text("utf-8").replace('"notice"', '"notife"'), "utf-8")
        with pytest.raises(Damaged, match="damaged state"):
            Store("s").read()
