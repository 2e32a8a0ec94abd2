"""Old states: what is kept of them, and data as they were known on a day."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import panel_of
from xlrotation.errors import BadArgument, NoData
from xlrotation.functions.boundary.session import Session
from xlrotation.market import sources
from xlrotation.market.store import keeping, states
from xlrotation.market.store.store import Store


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path))


def write_at(monkeypatch, when: str, closes, last="2026-02-13", **more):
    name = dt.datetime.fromisoformat(when).astimezone(dt.UTC).strftime("%Y%m%dT%H%M%S%f")
    with monkeypatch.context() as patch:
        patch.setattr(states, "next_name", lambda *_: name)
        Store("s").write_together(panel_of(closes, last), **more)
    return name


def test_data_as_known_on_a_day(monkeypatch):
    series = {"UNRATE": (np.array(["2026-01-01"], "datetime64[D]"), np.array([4.3]))}
    write_at(monkeypatch, "2026-01-15T22:00+00:00", {"A": [99.0, 100.0]}, "2026-01-15")
    write_at(monkeypatch, "2026-01-16T22:00+00:00", {"A": [100.1, 101.0]}, "2026-01-16", series=series)
    write_at(monkeypatch, "2026-01-17T03:00+00:00", {"A": [100.2, 101.1]}, "2026-01-16")  # still the 16th in New York
    write_at(monkeypatch, "2026-02-13T22:00+00:00", {"A": [100.2, 101.2]}, "2026-01-16")

    def close(day):
        session = Session(f"store:s@{day}")
        return session.call("PX_CLOSE", "A")

    assert [close(day) for day in ("2026-01-15", "2026-01-16", "2026-01-30", "2026-02-13")] == [
        *(100.0, 101.1, 101.1, 101.2),
    ]
    assert Store("s", dt.date(2026, 1, 15)).read().series == {}
    assert close("2026-01-14") is not None  # an error value, with its reason:
    session = Session("store:s@2026-01-14")
    session.call("PX_CLOSE", "A")
    assert "keeps no state as known on 2026-01-14; the first one kept is of 2026-01-15" in session.failures[-1].reason


def test_what_is_shown_says_so(monkeypatch):
    write_at(monkeypatch, "2026-01-15T22:00+00:00", {"A": [99.0, 100.0]}, "2026-01-15")
    panel = Session("store:s@2026-01-20").panel
    assert panel.source == "store:s@2026-01-20"
    assert panel.known == dt.datetime(2026, 1, 15, 22, tzinfo=dt.UTC)
    with pytest.raises(BadArgument, match="leave out @2026-01-20"):
        Store("s", dt.date(2026, 1, 20)).write(panel_of({"A": [1.0]}))


def test_the_day_is_part_of_the_source(monkeypatch):
    day = dt.date(2026, 1, 16)
    assert sources.as_known_on("yahoo", day) == "yahoo@2026-01-16"
    assert sources.as_known_on("store:s@2026-01-16", day) == "store:s@2026-01-16"
    monkeypatch.setenv("XLROTATION_SOURCE", "store:s")
    assert sources.as_known_on(None, day) == "store:s@2026-01-16"
    for text, reason in (
        ("sample", "keeps no old states"),
        ("folder:/x", "keeps no old states"),
        ("store:s@2026-01-15", "says a day already"),
        ("nowhere", "give sample"),
    ):
        with pytest.raises(BadArgument, match=reason):
            sources.as_known_on(text, day)
    for text in ("store:s@", "store:s@soon", "store:s@2026-02-30", "sample@2026-01-16"):
        with pytest.raises(BadArgument):
            sources.open_source(text)


def test_what_is_kept(monkeypatch):
    now = dt.datetime(2026, 2, 13, 22, tzinfo=dt.UTC)
    ages = [1000, 999, 800, 40, 40, 40, 8, 8, 6, 6, 1, 0]
    names = []
    for place, age in enumerate(ages):
        when = now - dt.timedelta(days=age) + dt.timedelta(minutes=place)
        names.append(write_at(monkeypatch, when.isoformat(), {"A": [100.0 + 0.01 * place]}))
    folder = Store("s").folder
    kept = [names[i] for i in (1, 2, 5, 7, 8, 9, 10, 11)]  # the last of a month, then of a day, then all
    assert states.names(folder) == kept
    assert {path.name for path in folder.glob("prices-*")} == {f"prices-2026-02-{name}.parquet" for name in kept}
    monkeypatch.setattr(states, "current", lambda _: kept[0])
    assert Store("s").read().fields["close"][-1, 0] == 100.01  # and each of them can still be read


@given(st.lists(st.integers(0, 3 * 365 * 24), min_size=1, max_size=60, unique=True))
def test_thinning_keeps_the_last_of_each_day(hours):
    now = dt.datetime(2026, 2, 13, 22, tzinfo=dt.UTC)
    names = sorted((now - dt.timedelta(hours=h)).strftime("%Y%m%dT%H%M%S%f") for h in hours)
    kept = set(keeping._kept(names, now))
    assert names[-1] in kept
    for name in names:
        age = now - states.moment(name)
        later_that_day = [n for n in names if n > name and states.day_of(n) == states.day_of(name)]
        if age <= keeping.KEEP_ALL or (age <= keeping.KEEP_DAILY and not later_that_day):
            assert name in kept
        elif later_that_day and all(now - states.moment(n) > keeping.KEEP_ALL for n in later_that_day):
            assert name not in kept
    for day in {states.day_of(name) for name in names}:  # a month that had a state keeps one
        assert any(states.day_of(name).replace(day=1) == day.replace(day=1) for name in kept)


def test_a_state_that_was_never_current_was_never_known(monkeypatch):
    name = write_at(monkeypatch, "2026-01-15T22:00+00:00", {"A": [100.0]})
    write_at(monkeypatch, "2026-01-15T23:00+00:00", {"A": [101.0]})
    (Store("s").folder / "current.json").write_text(f'{{"state": "{name}"}}', "utf-8")  # by hand: back to the first
    assert Store("s", dt.date(2026, 1, 15)).read().fields["close"].tolist() == [[100.0]]
    Store("s").write(panel_of({"B": [1.0]}))
    assert len(states.names(Store("s").folder)) == 2
    assert Store("s").read().fields["close"].tolist() == [[100.0, 1.0]]


def test_a_store_without_old_states_says_so():
    with pytest.raises(NoData, match="it keeps none"):
        Store("s", dt.date(2026, 1, 16)).read()
