"""Tables in which one column says what another one means: dates of each symbol, and words for what a value is."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.market.files.made import CLOSES, WEEK, closes, put, table, told
from xlrotation.market.providers.folder import checking, source

FULL = dict(zip(WEEK, CLOSES, strict=True))
BEFORE = [str(dt.date.fromisoformat(day) - dt.timedelta(7)) for day in WEEK]
OTHER = {day: value * 2 for day, value in zip(BEFORE, CLOSES, strict=True)}


def beside(head: str, form: str, first=WEEK, second=BEFORE) -> str:
    """A row for each day of two securities: ``{a}`` and ``{b}`` the days, ``{c}`` and ``{t}`` the closes."""
    rows = [form.format(a=a, b=b, c=c, t=c * 2) for a, b, c in zip(first, second, CLOSES, strict=True)]
    return "\n".join([head, *rows, ""])


@pytest.mark.parametrize(
    ("head", "form"),
    [
        ("Date,SPY,Date,QQQ", "{a},{c},{b},{t}"),
        ("Date,SPY,Date.1,QQQ", "{a},{c},{b},{t}"),
        ("Date,SPY,,Date,QQQ", "{a},{c},,{b},{t}"),
        ("Dates;SPY;Datum;QQQ", "{a};{c};{b};{t}"),
        ("Closes of two funds\n,,,\nDate,SPY,Date,QQQ", "{a},{c},{b},{t}"),
    ],
)
def test_each_column_of_dates_is_of_the_columns_behind_it(tmp_path, head, form):
    put(tmp_path, p__csv=beside(head, form))
    assert closes(tmp_path, "SPY") == FULL
    assert closes(tmp_path, "QQQ") == OTHER
    assert told(tmp_path) == ""
    read = checking.check(tmp_path).files[0].readings[0]
    assert (read.layout, read.columns["SPY"], read.columns["QQQ"]) == ("wide", "SPY", "QQQ")


def test_a_long_table_beside_another(tmp_path):
    days = [str(dt.date(2020, 1, 2) + dt.timedelta(n)) for n in range(2000)]
    rows = [f"{a},{100 + n / 8},{b},{200 + n / 8}" for n, (a, b) in enumerate(zip(days[7:], days, strict=False))]
    put(tmp_path, p__csv="\n".join(["Date,SPY,Date,QQQ", *rows, ""]))
    day = days[1002]
    assert closes(tmp_path, "SPY")[day] == 100 + 995 / 8
    assert closes(tmp_path, "QQQ")[day] == 200 + 1002 / 8


def test_tables_of_two_lengths_beside_each_other(tmp_path):
    put(
        tmp_path,
        p__csv="Date,SPY,Date,QQQ\n2026-02-11,1.5,2026-02-11,7.5\n2026-02-12,1.6,2026-02-13,7.6\n2026-02-13,1.7,,\n",
    )
    assert closes(tmp_path, "SPY") == {"2026-02-11": 1.5, "2026-02-12": 1.6, "2026-02-13": 1.7}
    assert closes(tmp_path, "QQQ") == {"2026-02-11": 7.5, "2026-02-13": 7.6}


def test_series_beside_each_other(tmp_path):
    put(tmp_path, p__csv="Date,UNRATE,Date,CPIAUCSL\n2025-10-01,4.1,2025-09-01,300\n2025-11-01,4.2,2025-10-01,301\n")
    series = source.load(tmp_path).series
    assert series["CPIAUCSL"][0].astype(str).tolist() == ["2025-09-01", "2025-10-01"]
    assert series["UNRATE"][0].astype(str).tolist() == ["2025-10-01", "2025-11-01"]


def test_one_that_cannot_be_read_costs_itself(tmp_path):
    put(tmp_path, p__csv=beside("Date,SPY,Date,QQQ", "{a},{c},{b},{t}", second=["02/03/2026"] * 5))
    assert closes(tmp_path, "SPY") == FULL
    assert "left out p.csv, row 2, column Date: '02/03/2026' is no date with the year first" in told(tmp_path)


@pytest.mark.parametrize("head", ["Date,SPY,DAY,QQQ", "Date,SPY,QQQ,Timestamp"])
def test_a_ticker_that_is_a_word_for_dates_and_a_stamp_part_nothing(tmp_path, head):
    put(tmp_path, p__csv=table(head, "{d},{c},{c},60.5" if head.endswith("p") else "{d},{c},60.5,{c}"))
    assert closes(tmp_path, "QQQ") == FULL


@pytest.mark.parametrize(
    ("name", "head", "form"),
    [
        ("x.csv", "date,symbol,field,value", "{d},SPY,volume,{c}"),
        ("x.csv", "date,ticker,metric,value", "{d},SPY,PX_OPEN,{c}"),
        ("SPY.csv", "date,variable,value", "{d},market_cap,{c}"),
        ("SPY.csv", "date,variable,value", "{d},Close,{c}\n{d},Volume,{c}"),
        ("SPY.csv", "date,price,price_type", "{d},{c},bid"),
        ("SPY.csv", "日期,字段,value", "{d},成交量,{c}"),
    ],
)
def test_values_of_several_kinds_in_one_column_are_no_closes(tmp_path, name, head, form):
    put(tmp_path, **{name: table(head, form)})
    found = checking.check(tmp_path)
    assert not found.whole
    assert "says what the values are" in found.reason


@pytest.mark.parametrize(
    ("head", "form"),
    [
        ("date,symbol,field,value", "{d},SPY,close,{c}"),
        ("date,symbol,close,kind", "{d},SPY,{c},fund"),
        ("date,symbol,close,field", "{d},SPY,{c},"),
        ("date,symbol,close,pe", "{d},SPY,{c},12.5"),
    ],
)
def test_words_that_say_nothing_else_do_not_matter(tmp_path, head, form):
    put(tmp_path, x__csv=table(head, form))
    assert closes(tmp_path, "SPY") == FULL


def test_months_beside_each_other_are_no_tickers(tmp_path):
    put(tmp_path, p__csv=table("Date,JAN,FEB,MAR,APR", "{d},1.5,2.5,3.5,4.5"))
    found = checking.check(tmp_path)
    assert not found.whole
    assert "as JAN, FEB, MAR may be no ticker" in found.reason
    put(tmp_path, p__csv=table("Date,MAR,NOV,SPY", "{d},1.5,2.5,{c}"))
    assert set(closes(tmp_path, "MAR").values()) == {1.5}
    assert closes(tmp_path, "SPY") == FULL
