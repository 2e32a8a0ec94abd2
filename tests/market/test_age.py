"""Age in sessions, on known days of the calendar."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from tests.conftest import FixedSource, panel_of
from xlrotation.functions.boundary.session import Session
from xlrotation.market import age
from xlrotation.market.calendar import XNYS

PANEL = replace(
    panel_of({"A": [1.0] * 4, "B": [1.0, 1.0, 1.0, np.nan], "C": [1.0, 1.0, np.nan, np.nan], "D": [np.nan] * 4}),
    ages=True,
)


def at(text):
    return dt.datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2026-02-13T16:14-05:00", "2026-02-12"),
        ("2026-02-13T16:15-05:00", "2026-02-13"),
        ("2026-02-14T06:00+08:00", "2026-02-13"),  # Saturday morning in Shanghai
        ("2026-02-16T20:00-05:00", "2026-02-13"),  # Presidents' Day
        ("2025-11-28T13:15-05:00", "2025-11-28"),  # a half day
    ],
)
def test_the_last_finished_session(now, last):
    assert str(XNYS.last_finished(at(now))) == last


@pytest.mark.parametrize(
    ("now", "behind", "stale"),
    [
        ("2026-02-13T22:00+00:00", 0, ["C"]),
        ("2026-02-17T20:00+00:00", 0, ["C"]),  # the session after the holiday still runs
        ("2026-02-17T22:00+00:00", 1, ["B", "C"]),
        ("2026-02-18T22:00+00:00", 2, ["A", "B", "C"]),
    ],
)
def test_age_and_stale_symbols(now, behind, stale):
    assert age.sessions_behind(PANEL, at(now)) == behind
    assert age.stale_symbols(PANEL, at(now)) == stale


def test_an_old_state_is_as_old_as_it_was_and_a_sample_does_not_age():
    old = replace(PANEL, known=at("2026-02-17T22:00+00:00"))
    assert age.sessions_behind(old) == 1
    sample = replace(PANEL, ages=False)
    assert (age.sessions_behind(sample), age.stale_symbols(sample)) == (0, ["C"])


def test_the_worksheet_function_shows_it():
    rows = dict(Session(FixedSource(replace(PANEL, known=at("2026-02-17T22:00+00:00"))), lang="en").call("XLR_STATUS"))
    assert (rows["Sessions behind"], rows["Stale symbols"]) == (1, "2: B C")
    assert (rows["Quarantined values"], rows["As known at"]) == ("none", "2026-02-17 22:00 UTC")


def test_data_of_which_all_are_old_name_no_symbol():
    old = replace(panel_of({"A": [1.0], "B": [2.0]}), ages=True, known=at("2026-03-02T22:00+00:00"))
    rows = dict(Session(FixedSource(old), lang="en").call("XLR_STATUS"))
    assert (rows["Sessions behind"], rows["Stale symbols"]) == (10, "2: all")


def test_stale_symbols_are_looked_for_once_while_the_session_stays_the_same(monkeypatch):
    panel = replace(PANEL)
    looked = []
    monkeypatch.setattr(age, "_between", lambda *asked, of=age._between: looked.append(asked) or of(*asked))
    first = age.stale_symbols(panel, at("2026-02-13T22:00+00:00"))
    once = len(looked)
    first.append("spoilt")
    assert age.stale_symbols(panel, at("2026-02-17T20:00+00:00")) == ["C"]
    assert len(looked) == once > 0
    assert age.stale_symbols(panel, at("2026-02-18T22:00+00:00")) == ["A", "B", "C"]
    assert age.stale_symbols(panel, at("2026-02-13T22:00+00:00")) == ["C"]
