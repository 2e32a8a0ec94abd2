"""Series of FRED, from a server on this machine that answers as FRED's keyless address does."""

import datetime as dt
import math

import numpy as np
import pytest

from tests.conftest import panel_of
from tests.market.answers import NOW, quick
from xlrotation.errors import BadArgument, CellError
from xlrotation.functions.boundary.session import Session
from xlrotation.market.providers import fred, registry
from xlrotation.market.providers.protocol import FetchedSeries
from xlrotation.market.refresh import extras as refresh_extras
from xlrotation.market.store.store import Store

UNRATE = "observation_date,UNRATE\n2025-12-01,4.4\n2026-01-01,4.3\n"
TODAY = NOW.date()


@pytest.fixture
def refresh(server, client):
    Store("yahoo").write(panel_of({"AAA": [99.0, 100.0]}))

    def run(*names, now=NOW, **options):
        server.asked.clear()
        return refresh_extras.refresh_macro(list(names) or None, client, None, now, quick(), **options)

    return run


def stored(name):
    days, values = Store("yahoo").extras.series()[name]
    return dict(zip(days.astype(str).tolist(), values.tolist(), strict=True))


def test_series_are_stored(server, refresh):
    server.series = {"UNRATE": UNRATE, "DFF": "<html>busy</html>"}
    report = refresh("unrate", "DFF", "NONE")
    assert report.received == ["UNRATE"]
    assert report.missing == {
        "DFF": "a web page came instead of a table; DFF stays as it is, run xlrotation refresh "
        "--provider fred DFF later",
        "NONE": "FRED answered 404; look NONE up at fred.stlouisfed.org, then run xlrotation refresh --provider "
        "fred NONE; what is stored stays",
    }
    assert Session("yahoo").call("MAC_SERIES", "UNRATE", None, None, False) == [
        [dt.date(2025, 12, 1), 4.4],
        [dt.date(2026, 1, 1), 4.3],
    ]


def test_the_series_that_the_library_uses(server, refresh):
    refresh()
    assert set(fred.DEFAULT) == {name for name, _ in server.asked}
    assert {"UNRATE", "SAHMCURRENT", "SAHMREALTIME", "BAMLH0A0HYM2", "BAMLH0A3HYC", "DFF"} <= set(fred.DEFAULT)


def test_what_came_in_the_last_hours_is_not_asked_for_again(server, refresh):
    server.series["UNRATE"] = UNRATE
    refresh("UNRATE")
    report = refresh("UNRATE", now=NOW + dt.timedelta(hours=1))
    assert (report.complete, server.asked) == (["UNRATE"], [])
    assert refresh("UNRATE", now=NOW + dt.timedelta(hours=1), force=True).received == ["UNRATE"]
    assert refresh("UNRATE", now=NOW + dt.timedelta(hours=9)).received == ["UNRATE"]


@pytest.mark.parametrize("fault", ["429", "429 after", "500", "timeout", "drip", "cut", "reset"])
def test_faults_pass(server, client, fault):
    server.series["UNRATE"] = UNRATE
    server.faults["UNRATE"] = [fault]
    answer = fred.Fred().fetch(["UNRATE"], client, asker=refresh_extras.Asker(quick(timeout=0.3)))
    assert list(answer.found) == ["UNRATE"]
    assert len(server.asked) == 2


def test_a_rate_limit_ends_the_asking(server, refresh):
    server.series = {"UNRATE": UNRATE, "DFF": UNRATE.replace("UNRATE", "DFF")}
    server.always["UNRATE"] = "429"
    report = refresh("UNRATE", "DFF")
    assert list(report.missing) == ["UNRATE", "DFF"]
    assert all("run xlrotation refresh --macro again in" in reason for reason in report.missing.values())
    assert not any(name == "DFF" for name, _ in server.asked)


def test_half_a_table_does_not_replace_a_whole_one(server, refresh):
    server.series["UNRATE"] = UNRATE
    refresh("UNRATE")
    server.series["UNRATE"] = "observation_date,UNRATE\n2025-12-01,4.4\n"
    report = refresh("UNRATE", force=True)
    assert "ends on 2025-12-01, before what is stored; UNRATE stays as it is" in report.missing["UNRATE"]
    assert stored("UNRATE") == {"2025-12-01": 4.4, "2026-01-01": 4.3}


def test_a_last_line_without_an_end_is_asked_for_twice(server, client):
    server.series["UNRATE"] = UNRATE.rstrip()
    asker = refresh_extras.Asker(quick())
    assert list(fred.Fred().fetch(["UNRATE"], client, asker).found["UNRATE"][1]) == [4.4, 4.3]
    assert len(server.asked) == 2


def test_an_interruption_keeps_what_came(server, client):
    server.series = {"UNRATE": UNRATE, "DFF": UNRATE.replace("UNRATE", "DFF")}
    asker = refresh_extras.Asker(quick(tries=1))
    real = asker.turn

    def turn():
        if server.asked:
            raise KeyboardInterrupt
        real()

    asker.turn = turn
    answer = fred.Fred().fetch(["UNRATE", "DFF"], client, asker)
    assert (list(answer.found), answer.interrupted) == (["UNRATE"], True)
    assert "DFF was not asked for: interrupted" in answer.missing["DFF"]


class TestParse:
    def values(self, *lines, name="DFF", today=TODAY):
        notes = []
        days, values = fred.parse(name, "\n".join(["observation_date,DFF", *lines]) + "\n", today, notes)
        return dict(zip(days.astype(str).tolist(), values.tolist(), strict=True)), notes

    def test_order_gaps_and_doubles(self):
        found, notes = self.values("2026-01-03,.", "2026-01-02,3.5", "2026-01-01,3.6", "2026-01-02,3.5", "2026-01-04,")
        assert list(found) == ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"]
        assert [value for value in found.values() if not math.isnan(value)] == [3.6, 3.5]
        assert notes == []

    def test_a_day_told_differently_is_left_out(self):
        found, notes = self.values("2026-01-01,3.6", "2026-01-02,3.5", "2026-01-02,5.3")
        assert found == {"2026-01-01": 3.6}
        assert notes == ["2026-01-02: two different values; left out"]

    def test_the_future_is_left_out(self):
        found, notes = self.values("2026-01-01,3.6", "2026-03-01,3.5")
        assert found == {"2026-01-01": 3.6}
        assert notes == ["2026-03-01: an observation of the future; left out"]

    def test_zero_and_less_are_values(self):
        assert self.values("2026-01-01,0", "2026-01-02,-0.2")[0] == {"2026-01-01": 0.0, "2026-01-02": -0.2}

    @pytest.mark.parametrize(
        ("lines", "reason"),
        [
            (("2026-01-01,3.6", "2026-01-"), "no date and number"),
            (("2026-01-01,inf",), "no date and number"),
            (("2026-01-01,1e300",), "no date and number"),
            (("2026-01-01,.",), "empty"),
            ((), "empty"),
        ],
    )
    def test_what_is_no_series(self, lines, reason):
        with pytest.raises(ValueError, match=reason):
            self.values(*lines)

    def test_another_series(self):
        with pytest.raises(ValueError, match="no table of UNRATE"):
            self.values("2026-01-01,3.6", name="UNRATE")


def test_any_series_of_fred_by_its_id(server, refresh):
    """Not only those that the library uses; what can be no id is not asked for."""
    server.series = {"GDPC1": "observation_date,GDPC1\n2025-07-01,23770.976\n2025-10-01,23990.1\n"}
    report = refresh(" gdpc1 ", "../etc", "A B", "", "x" * 99)
    assert report.received == ["GDPC1"]
    assert [name for name, _ in server.asked] == ["GDPC1"]
    assert set(report.missing) == {"../ETC", "A B", "", "X" * 99}
    assert all("is no id of a series" in reason for reason in report.missing.values())
    assert Session("yahoo").call("MAC_SERIES", "gdpc1", None, None, False)[-1] == [dt.date(2025, 10, 1), 23990.1]
    session = Session("yahoo")
    assert session.call("MAC_SERIES", "t10y2y") is CellError.NA
    assert "xlrotation refresh --provider fred T10Y2Y" in session.failures[-1].reason


def test_a_further_provider_of_series_is_a_line_in_the_registry(refresh, monkeypatch):
    class House:
        key, name, series = "house", "Our house", ("LOCAL",)

        def has(self, name):
            return name == "LOCAL"

        def fetch(self, names, session=None, asker=None, progress=None, today=None):
            days = np.array(["2026-01-02"], "datetime64[D]")
            return FetchedSeries({name: (days, np.array([1.5])) for name in names if self.has(name)})

    monkeypatch.setattr(registry, "SERIES", (registry.FRED, House()))
    assert refresh(by="house").received == ["LOCAL"]
    assert stored("LOCAL") == {"2026-01-02": 1.5}
    with pytest.raises(BadArgument, match="no provider of series 'nobody'; there are fred and house"):
        refresh(by="nobody")
    with pytest.raises(BadArgument, match="no provider of prices 'house'; there are yahoo, cboe and stooq"):
        registry.provider("house")


def test_no_key_names_two_providers():
    keys = [found.key for found in (*registry.PROVIDERS, *registry.SERIES)]
    assert len(set(keys)) == len(keys)
