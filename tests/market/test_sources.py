"""Sources by text, and what they do while somebody writes."""

from __future__ import annotations

import timeit

import numpy as np
import pytest

from tests.conftest import panel_of
from xlrotation.errors import BadArgument, NoData
from xlrotation.functions.session import Session
from xlrotation.market import sources
from xlrotation.market.providers import sample
from xlrotation.market.refresh import refresh
from xlrotation.market.store import Store


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
    with pytest.raises(NoData):
        source.panel()


def test_a_folder_is_read_again_when_told(tmp_path):
    (tmp_path / "prices.csv").write_text("Date,XLK\n2026-02-13,1\n", "utf-8")
    source = sources.open_source(f"folder:{tmp_path}")
    assert source.panel() is source.panel()
    (tmp_path / "prices.csv").write_text("Date,XLK\n2026-02-13,2\n", "utf-8")
    source.reload()
    assert source.panel().fields["close"].tolist() == [[2.0]]
    assert source.panel().source == source.text


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
