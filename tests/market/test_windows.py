import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlrotation.errors import BadArgument, NoData, RotationError
from xlrotation.market import windows
from xlrotation.market.calendar import XNYS
from xlrotation.market.dates import from_serial, parse_date, read_date, to_serial
from xlrotation.market.windows import Unit, base_row, parse_window, read_window

DAYS = XNYS.sessions_between(dt.date(2024, 1, 2), dt.date(2026, 2, 13))


def base_day(text, asof="2026-02-13"):
    days = DAYS[np.datetime64(asof) >= DAYS]
    return str(days[base_row(parse_window(text), days)])


@pytest.mark.parametrize(
    ("text", "asof", "expected"),
    [
        ("1D", "2026-02-13", "2026-02-12"),
        ("20D", "2026-02-13", "2026-01-15"),  # Martin Luther King Day lies between
        ("1W", "2026-02-13", "2026-02-06"),
        ("2W", "2026-01-20", "2026-01-06"),
        ("1M", "2026-02-13", "2026-01-13"),
        ("1M", "2025-03-31", "2025-02-28"),  # February has no 31st
        ("3M", "2026-02-09", "2025-11-07"),  # 2025-11-09 is a Sunday
        ("1Y", "2026-02-13", "2025-02-13"),
        ("MTD", "2026-02-13", "2026-01-30"),
        ("QTD", "2026-02-13", "2025-12-31"),
        ("QTD", "2025-06-30", "2025-03-31"),
        ("YTD", "2026-02-13", "2025-12-31"),
        ("YTD", "2026-01-02", "2025-12-31"),
        ("MTD", "2026-02-02", "2026-01-30"),
        ("2025-11-01", "2026-02-13", "2025-10-31"),  # a Saturday: the close before it
        ("2025年11月3日", "2026-02-13", "2025-11-03"),
        ("MAX", "2026-02-13", "2024-01-02"),
    ],
)
def test_base_session(text, asof, expected):
    assert base_day(text, asof) == expected


@pytest.mark.parametrize("text", ["20", "20d", " 20D ", "２０Ｄ", "20日", "20天"])
def test_ways_to_write_twenty_sessions(text):
    assert parse_window(text) == windows.sessions(20)


@pytest.mark.parametrize(
    ("texts", "window"),
    [
        (
            "20 days|近20日|过去20个交易日|最近二十日|20 trading days|last 20 sessions|20-day|past 20 days|twenty days",
            "20D",
        ),
        ("1 day|a day|one day|近一日|1天|day", "1D"),
        ("1 month|one month|a month|past month|一个月|近一个月|1个月|1mo|1 mth|1m|近1月", "1M"),
        (
            "3 months|three months|近三个月|三个月|过去3个月|1 quarter|一个季度|3 mos|past quarter",
            "3M",
        ),
        ("12 months|twelve months|十二个月|trailing 12 months|近12个月", "12M"),
        ("半年|近半年|half a year|half year|6 months|六个月|two quarters|两个季度", "6M"),
        ("1W|1 week|one week|一周|近一周|过去1周|1星期|一个星期|1wk", "1W"),
        ("两周|2 weeks|半个月|近两周", "2W"),
        ("1 year|一年|近一年|1yr|past year|过去一年|1年内", "1Y"),
        ("WTD|week to date|this week|本周|本周以来|week-to-date|周初至今", "WTD"),
        ("MTD|本月|月初至今|month to date|this month", "MTD"),
        ("QTD|本季度|季初至今|quarter to date", "QTD"),
        ("YTD|今年以来|年初至今|今年|year to date|Year-To-Date|this year", "YTD"),
        ("MAX|成立以来|all|since inception", "MAX"),
        ("60日|六十日|60 D", "60D"),
        ("一百二十日|120日|近120个交易日", "120D"),
        ("二百五十天|250天", "250D"),
        ("一百零五日|105 sessions", "105D"),
        ("三十天|thirty days|近30個交易日|過去三十天", "30D"),
        ("一個月|近一個月|1個月|過去一個月", "1M"),
        ("兩週|過去兩週|1 fortnight|a fortnight|2週", "2W"),
        ("三個月|過去三個月|近三個月內|一個季度", "3M"),
        ("月初以来|月初迄今|月初至今", "MTD"),
        ("年初迄今|今年以來|今年迄今", "YTD"),
        ("本週|這週|本週以來|周初以来", "WTD"),
        ("季初以来|本季迄今", "QTD"),
        (
            "since 2025-06-30|自2025-06-30以来|自2025年6月30日起|2025年6月30日以来|自2025年6月30日以來|from 2025-06-30",
            "2025-06-30",
        ),
    ],
)
def test_windows_as_people_write_them(texts, window):
    assert [str(parse_window(text)) for text in texts.split("|")] == [window] * len(texts.split("|"))


@pytest.mark.parametrize(
    "text",
    [
        "months",
        "twenty",
        "blue moons",
        "近日",
        "一个",
        "十月份",
        "last",
        "1 month 3",
        "half",
        "two",
        "月",
        "no days",
        "0 months",
        "上周",
        "last month",
        "上個月",
        "since",
        "自上周",
        "since 3M",
        "from 20",
        "自20日起",
    ],
)
def test_words_that_name_no_window(text):
    if text == "months":  # the unit alone is one of it
        assert str(parse_window(text)) == "1M"
        return
    with pytest.raises(BadArgument):
        parse_window(text)


def test_a_week_to_date_begins_at_the_last_close_of_the_week_before():
    assert base_day("WTD", "2026-02-13") == "2026-02-06"
    assert base_day("WTD", "2026-02-09") == "2026-02-06"
    assert base_day("本周", "2026-01-20") == "2026-01-16"  # a Tuesday after a holiday


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("1D 5D 20D", "1D 5D 20D"),
        ("1 month 3 months YTD", "1M 3M YTD"),
        ("1D,5D; 20D|YTD", "1D 5D 20D YTD"),
        ("近20日、一个月；今年以来，本周", "20D 1M YTD WTD"),
        ("20 days, past month, 2026-01-02", "20D 1M 2026-01-02"),
        ("5 20, week to date", "5D 20D WTD"),
    ],
)
def test_lists_of_windows(text, listed):
    assert " ".join(map(str, windows.parse_windows(text))) == listed


def test_a_refused_window_is_shown_in_its_own_script():
    with pytest.raises(BadArgument, match="'近20块' is no window"):
        parse_window("近20块")
    with pytest.raises(BadArgument, match="'一个期限' is no tenor"):
        windows.read_tenor("一个期限")
    with pytest.raises(BadArgument, match="'某日' is no date"):
        windows.read_date("某日")
    assert [windows.read_tenor(text) for text in ("1 month", "一个月", "9D", "9 days", "two weeks", "半年")] == [
        *(30, 30, 9, 9, 14, 182)
    ]


@pytest.mark.parametrize(
    "cell", ["", "0", "0D", "-5", "D20", "1.5", "20 D D", "02/03/2026", "2026-02-30", "99999D", "1Q", "MTDD"]
)
def test_no_window(cell):
    with pytest.raises(BadArgument):
        parse_window(cell)


@pytest.mark.parametrize("cell", [True, False, 0, -5, 1.5, 3e6, float("nan"), float("inf"), [], object()])
def test_no_window_in_a_cell(cell):
    with pytest.raises(BadArgument):
        read_window(cell)


def test_numbers_from_ten_thousand_are_dates():
    assert read_window(46059) == windows.Window(Unit.SINCE, since=dt.date(2026, 2, 6))
    assert read_window(9999.0).count == 9999
    assert read_window(dt.datetime(2026, 2, 6, 15)) == read_window(46059.6)


def test_windows_that_the_data_do_not_reach():
    for text in ("600D", "5Y", "2020-01-01", "2026-03-01"):
        with pytest.raises(NoData):
            base_row(parse_window(text), DAYS)


@given(st.text(max_size=12))
def test_any_text_is_a_window_or_a_bad_argument(text):
    try:
        window = parse_window(text)
    except BadArgument:
        return
    assert parse_window(str(window)) == window


@given(st.integers(1, 300), st.sampled_from("DWM"))
def test_a_longer_window_begins_no_later(count, unit):
    try:
        longer = base_row(parse_window(f"{count + 1}{unit}"), DAYS)
    except RotationError:
        return
    assert longer <= base_row(parse_window(f"{count}{unit}"), DAYS)


@given(st.dates(dt.date(1930, 1, 1), dt.date(2100, 1, 1)))
def test_dates_and_serials_are_the_same(day):
    assert from_serial(to_serial(day)) == day
    assert read_date(to_serial(day)) == read_date(day.isoformat()) == day
    assert parse_date(f"{day.year}年{day.month}月{day.day}日") == day


def test_ambiguous_dates_are_refused():
    assert parse_date("02/03/2026") is None
    with pytest.raises(BadArgument, match="year first"):
        read_date("02/03/2026")
    with pytest.raises(BadArgument, match="no day of the calendar"):
        parse_date("2026-02-30")
