"""Sources by text, and what they do while somebody writes."""

from __future__ import annotations

import os
import timeit

import numpy as np
import pytest

from tests.conftest import panel_of
from xlrotation.errors import BadArgument, NoData
from xlrotation.functions.boundary.session import Session
from xlrotation.market import sources
from xlrotation.market.providers import sample
from xlrotation.market.providers.folder import tables
from xlrotation.market.providers.folder.source import Reader
from xlrotation.market.refresh.run import refresh
from xlrotation.market.store.store import Store


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path))


def test_a_session_notices_a_newer_snapshot(monkeypatch):
    Store("desk").write(panel_of({"A": [1.9, 2.0]}))
    session = Session("store:desk")
    assert session.call("PX_CLOSE", "A") == 2.0
    Store("desk").write(panel_of({"A": [1.9, 2.1]}))
    monkeypatch.setattr(sources, "_CHECK_SECONDS", 0.0)
    assert session.call("PX_CLOSE", "A") == 2.1


def test_sources_by_text(monkeypatch):
    assert sources.open_source().text == "sample"
    monkeypatch.setenv("XLROTATION_SOURCE", "store:x")
    assert sources.open_source().text == "store:x"
    assert sources.open_source("yahoo").text == "yahoo"
    assert sources.open_source("folder:/tmp").text == "folder:/tmp"
    for text in ("nowhere", "store:", "folder:", "folder"):
        with pytest.raises(BadArgument, match="give sample"):
            sources.open_source(text)


def test_an_empty_store_says_how_to_fill_it():
    session = Session("yahoo")
    assert str(session.call("PX_CLOSE", "SPX")) == "#N/A"
    assert "xlrotation refresh --source yahoo" in session.failures[-1].reason


def test_the_sample_says_what_it_is():
    panel = sources.open_source("sample").panel()
    assert panel.notice == "sample data: synthetic paths through published figures, not market data"
    assert panel is sample.load()
    assert (panel.fields["close"][np.isfinite(panel.fields["close"])] > 0).all()


def test_what_was_read_stays_good_when_the_files_go_bad(monkeypatch):
    monkeypatch.setattr(sources, "_CHECK_SECONDS", 0.0)
    Store("desk").write(panel_of({"A": [1.0]}))
    source = sources.open_source("store:desk")
    panel = source.panel()
    pointer = Store("desk").folder / "current.json"
    pointer.write_text("{", "utf-8")
    assert source.panel() is panel
    pointer.unlink()
    assert source.panel() is panel
    source.reload()
    assert source.panel().fields["close"].tolist() == [[1.0]]  # from the copy of the state
    assert "lacks current.json" in source.panel().remarks[0]
    (Store("desk").folder / "copy.json").unlink()
    assert source.panel().symbols == ("A",)
    source.reload()
    with pytest.raises(NoData):
        source.panel()


@pytest.mark.parametrize("at", ["marks", "load"])
def test_a_folder_that_goes_away_while_it_is_looked_at(tmp_path, monkeypatch, at):
    monkeypatch.setattr(sources, "_CHECK_SECONDS", 0.0)
    (tmp_path / "prices.csv").write_text("Date,XLK\n2026-02-13,1\n", "utf-8")
    source = sources.open_source(f"folder:{tmp_path}")
    fresh = sources.open_source(f"folder:{tmp_path}")
    panel = source.panel()

    def gone(_: Reader, **_named: bool) -> None:
        raise FileNotFoundError(2, "No such file or directory", str(tmp_path))

    monkeypatch.setattr(Reader, at, gone)
    (tmp_path / "prices.csv").write_text("Date,XLK\n2026-02-13,12\n", "utf-8")
    held = source.panel()
    assert held.fields["close"].tolist() == panel.fields["close"].tolist() == [[1.0]]
    assert "cannot be read any more" in held.remarks[0]
    (tmp_path / "prices.csv").write_text("Date,XLK\n2026-02-13,120\n", "utf-8")
    assert source.panel() is held  # told once, and what was computed from it stays
    with pytest.raises(NoData, match="No such file"):
        fresh.panel()
    monkeypatch.undo()
    monkeypatch.setattr(sources, "_CHECK_SECONDS", 0.0)
    assert source.panel().fields["close"].tolist() == [[120.0]]
    assert source.panel().remarks == ()


def test_a_folder_that_stays_broken_is_told_once(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "_CHECK_SECONDS", 0.0)
    (tmp_path / "data").mkdir()
    file = tmp_path / "data" / "prices.csv"
    file.write_text("Date,XLK\n2026-02-13,1\n", "utf-8")
    source = sources.open_source(f"folder:{file.parent}")
    source.panel()
    for count in range(1, 5):
        (file.parent / "xlrotation.toml").write_text("exchange = 7" + "\n" * count, "utf-8")
        assert len(source.panel().remarks) == 1
    (file.parent / "xlrotation.toml").unlink()
    assert [source.panel().remarks for _ in range(2)][1] == ()


def test_a_folder_is_read_again_when_told(tmp_path):
    (tmp_path / "prices.csv").write_text("Date,XLK\n2026-02-13,1\n", "utf-8")
    source = sources.open_source(f"folder:{tmp_path}")
    assert source.panel() is source.panel()
    (tmp_path / "prices.csv").write_text("Date,XLK\n2026-02-13,2\n", "utf-8")
    source.reload()
    assert source.panel().fields["close"].tolist() == [[2.0]]
    assert source.panel().source == source.text


class TestFolder:
    """Files that change while somebody works with them."""

    @pytest.fixture(autouse=True)
    def looks_at_once(self, monkeypatch):
        monkeypatch.setattr(sources, "_CHECK_SECONDS", 0.0)

    @pytest.fixture
    def path(self, tmp_path):
        path = tmp_path / "desk"
        path.mkdir()
        self.put(path / "prices.csv", "Date,XLK\n2026-02-13,1\n")
        self.put(path / "more.csv", "Date,XLF\n2026-02-13,7\n")
        return path

    @staticmethod
    def put(file, text):
        """Write a file with a time of change that no other had."""
        file.write_text(text, "utf-8")
        TestFolder.tick += 1
        os.utime(file, ns=(TestFolder.tick * 10**9, TestFolder.tick * 10**9))

    tick = 1_700_000_000

    def test_a_changed_file_is_read_again_and_no_other(self, path, monkeypatch):
        session = Session(f"folder:{path}")
        assert session.call("PX_CLOSE", "XLK") == 1.0
        panel = session.panel
        assert session.panel is panel
        read = []
        real = tables.read_tables
        monkeypatch.setattr(tables, "read_tables", lambda file, name, *_: read.append(name) or real(file, name))
        self.put(path / "prices.csv", "Date,XLK\n2026-02-13,2\n")  # of the same size
        assert session.call("PX_CLOSE", "XLK") == 2.0
        self.put(path / "new.csv", "Date,XLE\n2026-02-13,3\n")
        assert session.call("PX_CLOSE", "XLE") == 3.0
        assert session.call("PX_CLOSE", "XLF") == 7.0
        assert read == ["prices.csv", "new.csv"]

    @pytest.mark.parametrize("damage", ["Date,XLK\n02/03/2026,1\n", "", "\x00\x01"])
    def test_a_file_that_went_bad_keeps_what_was_read_of_it(self, path, damage):
        session = Session(f"folder:{path}")
        assert session.call("PX_CLOSE", "XLK") == 1.0
        self.put(path / "prices.csv", damage)
        assert session.call("PX_CLOSE", "XLK") == 1.0
        assert session.call("PX_CLOSE", "XLF") == 7.0
        (remark,) = session.panel.remarks
        assert remark.startswith("prices.csv")
        assert remark.endswith("; what was read of it before stays")
        assert remark in dict(session.call("XLR_STATUS", False, "en"))["Remarks"]
        self.put(path / "more.csv", "Date,XLF\n2026-02-13,8\n")
        assert (session.call("PX_CLOSE", "XLK"), session.call("PX_CLOSE", "XLF")) == (1.0, 8.0)
        self.put(path / "prices.csv", "Date,XLK\n2026-02-13,5\n")
        assert session.call("PX_CLOSE", "XLK") == 5.0
        assert session.panel.remarks == ()

    def test_a_file_that_was_removed_is_gone_at_the_second_look(self, path):
        source = sources.open_source(f"folder:{path}")
        assert source.panel().symbols == ("XLF", "XLK")
        (path / "more.csv").unlink()
        assert source.panel().symbols == ("XLF", "XLK")  # it may be about to be saved
        assert source.panel().symbols == ("XLK",)

    def test_a_folder_that_went_away_keeps_what_was_read(self, path):
        session = Session(f"folder:{path}")
        assert session.call("PX_CLOSE", "XLK") == 1.0
        path.rename(path.with_name("elsewhere"))
        for _ in range(3):
            assert session.call("PX_CLOSE", "XLK") == 1.0
        assert "cannot be read any more (no folder" in session.panel.remarks[0]
        session.source.reload()
        with pytest.raises(NoData, match="no folder"):
            session.panel  # noqa: B018
        path.with_name("elsewhere").rename(path)
        assert session.call("PX_CLOSE", "XLK") == 1.0


@pytest.mark.parametrize("text", ["sample", "store:desk"])
def test_asking_again_costs_next_to_nothing(text):
    Store("desk").write(panel_of({"A": [1.0]}))
    source = sources.open_source(text)
    source.panel()
    assert min(timeit.repeat(source.panel, number=10_000, repeat=5)) / 10_000 < 2e-6  # 0.1e-6 on an idle machine


def test_only_a_provider_is_refreshed(tmp_path):
    for text in ("sample", f"folder:{tmp_path}"):
        assert "nothing to fetch" in refresh(text).message
    with pytest.raises(BadArgument, match="refresh yahoo"):
        refresh("store:desk")
