"""The refresh macro, with a workbook that keeps what it is told."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from xlrotation.errors import NoData
from xlrotation.fronts.excel import calls, macro
from xlrotation.functions.boundary.session import Session
from xlrotation.market.refresh import run as refresh_module
from xlrotation.market.refresh.run import RefreshReport

ROOT = Path(__file__).parents[2]


@pytest.fixture
def book():
    told = []
    app = SimpleNamespace(
        calculate=lambda: told.append("calculate"), alert=lambda text, title: told.append((title, text))
    )
    return SimpleNamespace(app=app, told=told)


@pytest.fixture
def answered(monkeypatch):
    """Let a refresh give this report, or raise this."""

    def give(report):
        def refresh(_source):
            if isinstance(report, Exception):
                raise report
            return report

        monkeypatch.setattr(refresh_module, "refresh", refresh)

    return give


def test_it_refreshes_recalculates_and_tells(book, answered):
    answered(RefreshReport("yahoo", message="2 symbols received", missing={"GONE": "run xlrotation refresh"}))
    text = macro.refresh_market_data(book)
    assert text == "2 symbols received\nGONE: run xlrotation refresh"
    assert book.told == ["calculate", ("xlrotation", text)]


def test_the_data_are_read_anew(monkeypatch, answered):
    session = Session("sample")
    monkeypatch.setattr(calls, "session", lambda: session)
    read = []
    monkeypatch.setattr(session.source, "reload", lambda: read.append("anew"))
    answered(RefreshReport("sample", message="done"))
    assert macro.refresh_market_data() == "done"
    assert read == ["anew"]


def test_a_long_list_is_cut(answered):
    answered(RefreshReport("yahoo", message="done", missing={f"S{i}": "x" * 60 for i in range(500)}))
    text = macro.refresh_market_data()
    assert "S11: " in text
    assert "and 488 more; see them with: xlrotation refresh" in text
    assert len(text) <= macro.MAX_MESSAGE


@pytest.mark.parametrize(
    ("error", "said"),
    [(NoData("try later"), "not refreshed: try later"), (RuntimeError("x"), r"not refreshed \(RuntimeError\)")],
)
def test_nothing_is_raised_into_excel(book, answered, error, said):
    answered(error)
    assert re.search(said, macro.refresh_market_data(book))
    assert book.told[0] == "calculate"


def test_an_xlwings_without_scripts_is_no_harm():
    code = "import xlwings\ndel xlwings.script\nimport udfs\nprint(udfs.refresh_market_data())"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "sample has nothing to fetch" in told.stdout
