"""Exchanges: their sessions against exchange_calendars, their bells, their ends."""

from __future__ import annotations

import datetime as dt
import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlrotation.errors import BadArgument
from xlrotation.market import calendar
from xlrotation.market.calendar import EXCHANGES, XNYS, CalendarEnds, exchange_of, find_exchange

KNOWN_TO_2026 = ("XSHG", "XBOM", "XSES")
"""Their governments set the holidays year by year."""


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


@pytest.fixture(scope="module")
def build():
    path = Path(__file__).parents[2] / "tools" / "build_calendar.py"
    spec = importlib.util.spec_from_file_location("build_calendar", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("code", EXCHANGES)
def test_the_tables_are_those_of_exchange_calendars(build, code):
    with np.load(build.FOLDER / f"{code}.npz") as stored:
        for name, values in build.table(code).items():
            np.testing.assert_array_equal(stored[name], values, err_msg=name)
    assert set(EXCHANGES) == set(build.FIRST)


@pytest.mark.parametrize("exchange", EXCHANGES.values(), ids=EXCHANGES)
def test_a_table_reaches_to_the_end_of_2035_where_the_rules_do(exchange):
    assert exchange.until == (day("2026-12-31") if exchange.code in KNOWN_TO_2026 else day("2035-12-31"))
    days = exchange.sessions()
    assert (np.diff(days) > np.timedelta64(0, "D")).all()
    years, counts = np.unique(days.astype("datetime64[Y]"), return_counts=True)
    whole = counts[(years > years[0]) & (years != np.datetime64("1968"))]
    assert whole.min() >= 235
    assert whole.max() <= 260


def test_new_york_before_1950():
    """Yahoo has 5,496 days of ^GSPC before 1950; the holidays of those years are left out."""
    early = XNYS.sessions()[XNYS.sessions() < np.datetime64("1950-01-01")]
    assert (len(early), str(early[0])) == (5496, "1927-12-30")
    for closed in ("1928-12-25", "1929-07-04", "1929-11-29", "1933-03-06", "1945-08-15", "1957-12-25", "1963-11-25"):
        assert not XNYS.is_session(day(closed)), closed
    for traded in ("1929-10-28", "1929-10-29", "1941-12-08", "1957-12-24"):
        assert XNYS.is_session(day(traded)), traded


@pytest.mark.parametrize(
    ("code", "closed", "traded"),
    [
        ("XNYS", "2012-10-29", "2012-10-31"),  # Hurricane Sandy
        ("XNYS", "2025-01-09", "2025-01-08"),  # mourning for President Carter
        ("XLON", "2022-09-19", "2022-09-20"),  # the Queen's funeral
        ("XLON", "2020-05-08", "2020-05-04"),  # the May bank holiday that was moved
        ("XETR", "2025-12-24", "2025-12-23"),
        ("XETR", "2026-04-06", "2026-07-03"),  # Easter Monday; no session in New York
        ("XPAR", "2026-05-01", "2026-05-25"),  # Whit Monday is one
        ("XSWX", "2026-05-25", "2026-05-26"),
        ("XTKS", "2019-05-01", "2019-05-07"),  # the Emperor's accession
        ("XTKS", "2026-09-22", "2026-09-24"),  # the day between two holidays
        ("XHKG", "2023-09-08", "2023-09-07"),  # black rainstorm
        ("XSHG", "2026-02-17", "2026-02-24"),  # Spring Festival
        ("XKRX", "2024-04-10", "2024-04-11"),  # elections
        ("XKRX", "2026-06-03", "2026-06-04"),
        ("XKRX", "2026-07-17", "2025-07-17"),  # Constitution Day, a holiday again
        ("XKRX", "2027-07-19", "2026-07-20"),
        ("XKRX", "2027-05-03", "2025-05-02"),  # Labour Day, moved from a Saturday
        ("XTAI", "2024-07-24", "2024-07-26"),  # typhoons
        ("XTAI", "2024-10-31", "2024-11-01"),
        ("XBOM", "2024-05-20", "2024-05-21"),  # elections in Mumbai
        ("XTSE", "2026-02-16", "2026-01-19"),  # Family Day; Martin Luther King's day is a session
        ("XASX", "2026-01-26", "2026-01-27"),
        ("XDUB", "2026-12-25", "2026-03-17"),  # Saint Patrick's day is a session
        ("XWAR", "2026-11-11", "2026-11-12"),
        ("XNZE", "2026-07-10", "2026-07-13"),  # Matariki
        ("XSES", "2026-08-10", "2026-08-11"),  # National Day, moved from a Sunday
        ("BVMF", "2026-02-17", "2026-02-19"),  # carnival
    ],
)
def test_days_that_everybody_there_knows(code, closed, traded):
    assert not EXCHANGES[code].is_session(day(closed))
    assert EXCHANGES[code].is_session(day(traded))


@pytest.mark.parametrize(
    ("code", "session", "bell"),
    [
        ("XNYS", "2026-01-20", "2026-01-20T16:00-05:00"),
        ("XNYS", "2025-11-28", "2025-11-28T13:00-05:00"),  # the day after Thanksgiving
        ("XNYS", "2025-11-26", "2025-11-26T16:00-05:00"),
        ("XLON", "2025-12-24", "2025-12-24T12:30+00:00"),
        ("XETR", "2026-07-03", "2026-07-03T17:30+02:00"),
        ("XTKS", "2024-11-01", "2024-11-01T15:00+09:00"),
        ("XTKS", "2024-11-05", "2024-11-05T15:30+09:00"),  # from this day on half an hour later
        ("XHKG", "2026-02-16", "2026-02-16T12:00+08:00"),  # New Year's Eve
        ("XSHG", "2026-02-13", "2026-02-13T15:00+08:00"),
        ("XNYS", "2026-01-19", "2026-01-19T16:00-05:00"),  # no session: the usual hour
        ("XNYS", "2026-11-28", "2026-11-28T16:00-05:00"),  # nor this Saturday, after a short Friday
    ],
)
def test_bells(code, session, bell):
    assert EXCHANGES[code].bell(day(session)) == at(bell)
    assert EXCHANGES[code].final(day(session)) == at(bell) + dt.timedelta(minutes=15)


def test_sessions_around_a_weekend():
    days = XNYS.sessions_between(day("2026-02-06"), day("2026-02-09"))
    assert days.astype(str).tolist() == ["2026-02-06", "2026-02-09"]
    assert len(XNYS.sessions_between(day("2026-02-07"), day("2026-02-08"))) == 0
    assert len(XNYS.sessions_between(day("2026-02-09"), day("2026-02-06"))) == 0


@pytest.mark.parametrize(
    ("code", "now", "last", "running"),
    [
        ("XETR", "2026-07-03T17:44+02:00", "2026-07-02", "2026-07-03"),
        ("XETR", "2026-07-03T17:45+02:00", "2026-07-03", None),
        ("XTKS", "2026-07-03T06:00+00:00", "2026-07-02", "2026-07-03"),
        ("XTKS", "2026-07-03T20:00+00:00", "2026-07-03", None),  # Saturday in Tokyo
        ("XASX", "2026-07-02T23:59+00:00", "2026-07-02", None),  # Friday, a minute before the opening
        ("XASX", "2026-07-03T00:00+00:00", "2026-07-02", "2026-07-03"),
        ("XNYS", "2026-07-03T18:00+00:00", "2026-07-02", None),
    ],
)
def test_the_last_finished_session_and_the_running_one(code, now, last, running):
    exchange = EXCHANGES[code]
    assert str(exchange.last_finished(at(now))) == last
    assert exchange.running(at(now)) == (None if running is None else day(running))


@pytest.mark.parametrize("exchange", EXCHANGES.values(), ids=EXCHANGES)
def test_past_its_end_a_table_refuses(exchange):
    beyond = exchange.until + dt.timedelta(days=1)
    noon = dt.datetime.combine(beyond, dt.time(12), exchange.zone)
    for ask in (
        lambda: exchange.sessions_between(exchange.until, beyond),
        lambda: exchange.is_session(beyond),
        lambda: exchange.last_finished(noon),
        lambda: exchange.running(noon),
        lambda: calendar.union_between((XNYS, exchange), exchange.until, dt.date(2036, 1, 2)),
    ):
        with pytest.raises(CalendarEnds, match=r"tools/build_calendar\.py"):
            ask()
    assert exchange.sessions_between(exchange.until, exchange.until) is not None
    assert exchange.last_known(noon) == exchange.sessions()[-1].item()
    early = dt.datetime.combine(dt.date(2026, 2, 13), dt.time(12), exchange.zone)
    assert exchange.last_known(early) == exchange.last_finished(early)


@pytest.mark.parametrize(
    ("symbol", "code"),
    [
        *(("SAP.DE", "XETR"), ("sap.de", "XETR"), ("HSBA.L", "XLON"), ("MC.PA", "XPAR"), ("ASML.AS", "XPAR")),
        *(("7203.T", "XTKS"), ("0700.HK", "XHKG"), ("600519.SS", "XSHG"), ("000001.SZ", "XSHG"), ("600519.SH", "XSHG")),
        *(("005930.KS", "XKRX"), ("2330.TW", "XTAI"), ("RELIANCE.NS", "XBOM"), ("RELIANCE.BO", "XBOM")),
        *(("RY.TO", "XTSE"), ("BHP.AX", "XASX"), ("NESN.SW", "XSWX")),
        *(("D05.SI", "XSES"), ("VALE3.SA", "BVMF"), ("AIR.NZ", "XNZE")),
        *(("KRZ.IR", "XDUB"), ("PKO.WA", "XWAR"), ("^BVSP", "BVMF"), ("^STI", "XSES")),
        *(("^GDAXI", "XETR"), ("^FTSE", "XLON"), ("^N225", "XTKS"), ("^HSI", "XHKG"), ("000300.SS", "XSHG")),
        *(("^GSPC", "XNYS"), ("AAPL", "XNYS"), ("BRK-B", "XNYS"), ("BRK.B", "XNYS"), ("T", "XNYS"), ("L", "XNYS")),
        *(("JPM.PR.F", "XNYS"), ("BAC.PR.L", "XNYS"), ("BCE.PR.A.TO", "XTSE"), ("430047.BJ", "XSHG")),
        *((".SPX", "XNYS"), (".L", "XNYS"), ("EURUSD=X", "XNYS"), ("GGAL.BA", "XNYS")),
    ],
)
def test_where_a_symbol_trades(symbol, code):
    assert exchange_of(symbol).code == code
    if symbol.startswith("^"):
        assert exchange_of(symbol, EXCHANGES["XASX"]).code == code  # wherever symbols without a suffix trade


def test_an_exchange_by_its_names():
    for text in ("XETR", "xetra", "Frankfurt", " XETR "):
        assert find_exchange(text).code == "XETR"
    for exchange in EXCHANGES.values():
        assert find_exchange(exchange.code) is find_exchange(exchange.name) is exchange
    with pytest.raises(BadArgument, match="give one of XNYS"):
        find_exchange("XXXX")


def test_no_suffix_means_two_exchanges():
    suffixes = [suffix for exchange in EXCHANGES.values() for suffix in exchange.suffixes]
    indices = [index for exchange in EXCHANGES.values() for index in exchange.indices]
    assert len(suffixes) == len(set(suffixes))
    assert len(indices) == len(set(indices))


@given(st.lists(st.integers(0, 40)), st.sets(st.integers(0, 40)))
def test_days_among_others(days, others):
    days, others = np.array(days, "datetime64[D]"), np.array(sorted(others), "datetime64[D]")
    assert np.array_equal(calendar.among(days, others), np.isin(days, others))
