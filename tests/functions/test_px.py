import datetime as dt

import numpy as np
import pytest

from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session


def ramp(n):
    return np.arange(1.0, n + 1)


def test_windows_count_sessions_and_calendar_days(session_of):
    session = session_of({"XLK": ramp(300)})  # the last close, 300, is of Friday 2026-02-13
    assert session.call("PX_RET", "XLK", "20D") == pytest.approx(300 / 280 - 1)
    assert session.call("PX_RET", "XLK", 20) == session.call("PX_RET", "XLK", "20") == session.call("PX_RET", "XLK")
    assert session.call("PX_RET", "XLK", "1W") == pytest.approx(300 / 295 - 1)  # since Friday 02-06
    # Nine sessions of February lie up to the 13th, and YTD adds the twenty of January 2026.
    assert session.call("PX_RET", "XLK", "MTD") == pytest.approx(300 / 290 - 1)
    assert session.call("PX_RET", "XLK", "YTD") == pytest.approx(300 / 270 - 1)
    assert session.call("PX_RET", "XLK", "QTD") == session.call("PX_RET", "XLK", "YTD")
    assert session.call("PX_RET", "XLK", dt.date(2026, 2, 6)) == session.call("PX_RET", "XLK", "2026-02-06")
    assert session.call("PX_RET", "XLK", 46059) == session.call("PX_RET", "XLK", "2026年2月6日")  # the serial number
    assert session.call("PX_RET", "XLK", "MAX") == pytest.approx(299.0)


def test_anchors(session_of):
    close = np.array([100.0, 102.0, 104.0, 106.0])
    session = session_of({"XLK": close}, open={"XLK": close - 1})
    assert session.call("PX_RET", "XLK", 2) == pytest.approx(106 / 102 - 1)
    assert session.call("PX_RET", "XLK", 2, None, None, "POINTS") == pytest.approx(106 / 104 - 1)
    assert session.call("PX_RET", "XLK", 2, None, None, "open") == pytest.approx(106 / 103 - 1)
    assert session.call("PX_RET", "XLK", 1, None, None, "OPEN") == pytest.approx(106 / 105 - 1)
    assert session.call("PX_RET_BETWEEN", "XLK", "2026-02-11", None, None, "OPEN") == pytest.approx(106 / 101 - 1)
    assert session.call("PX_RET_BETWEEN", "XLK", "2026-02-11") == pytest.approx(106 / 102 - 1)


def test_asof_takes_the_session_on_or_before(session_of):
    session = session_of({"XLK": ramp(10)})
    assert session.call("PX_CLOSE", "XLK", "2026-02-08") == 5.0  # Sunday: Friday 02-06
    assert session.call("PX_CLOSE", "XLK", dt.datetime(2026, 2, 13, 16)) == 10.0
    assert session.call("PX_CLOSE", "XLK", "2026-02-16") == 10.0  # Presidents' Day after the last session
    assert session.call("PX_CLOSE", "XLK", "2026-02-17") is CellError.NA  # a session that the data do not have
    assert session.call("PX_CLOSE", "XLK", "2020-01-02") is CellError.NA
    assert "end on 2026-02-13" in session.failures[-2].reason


def test_a_gap_is_never_filled(session_of):
    close = ramp(30)
    close[9] = np.nan
    session = session_of({"XLK": close, "SPY": ramp(30)})
    assert session.call("PX_RET", "XLK", "20D") is CellError.NA
    assert "no close on 2026-01-15" in session.failures[-1].reason
    assert session.call("PX_RET", "XLK", "19D") == pytest.approx(30 / 11 - 1)
    assert session.call("PX_RET", "XLK", "2026-01-15") == pytest.approx(30 / 9 - 1)  # a date: last close on or before
    assert session.call("PX_MA", "XLK", 21) is CellError.NA
    assert session.call("PX_MA", "XLK", 20) == pytest.approx(20.5)
    assert session.call("PX_HISTORY", "XLK", "2026-01-15", "2026-01-15", None, False)[0][1] is CellError.NA


def test_dividends_and_splits(session_of):
    session = session_of(
        {"AAA": [100.0, 100.0, 50.0, 55.0]},
        split={"AAA": [0, 0, 2, 0]},
        dividend={"AAA": [0, 2.0, 0, 0]},
    )
    assert session.call("PX_RET", "AAA", 3) == pytest.approx(0.10)  # the split is no loss
    assert session.call("PX_RET", "AAA", 3, None, "total") == pytest.approx(1.02 * 1.1 - 1)
    assert session.call("PX_CLOSE", "AAA", None, "total") == 55.0
    assert session.call("PX_CLOSE", "AAA", "2026-02-11") == 100.0  # as traded: the split was not known then
    assert session.call("PX_HISTORY", "AAA", "2026-02-10", None, None, False)[0][1] == 50.0  # on today's shares


def test_averages_ranks_and_levels(session_of):
    session = session_of({"^DJI": [49_000.0, 50_010.0, 49_500.0, 50_000.0, 50_100.0], "XLK": [5.0, 3.0, 4.0, 2.0, 4.0]})
    assert session.call("PX_MA", "XLK", 3) == pytest.approx(10 / 3)
    assert session.call("PX_MA", "XLK", 3, None, "EMA") == pytest.approx(3.5)  # 5, 4, 4, 3, 3.5
    assert session.call("PX_VS_MA", "XLK", 3) == pytest.approx(4 / (10 / 3) - 1)
    assert session.call("PX_DRAWDOWN", "XLK", 5) == pytest.approx(4 / 5 - 1)
    assert session.call("PX_PCTRANK", "XLK", 5) == pytest.approx(4 / 5)
    assert session.call("PX_SINCE", "XLK") == dt.date(2026, 2, 11)
    assert session.call("PX_SINCE", "XLK", None, "LOW") == dt.date(2026, 2, 12)
    assert session.call("PX_CROSS", "DJI", 50000) == dt.date(2026, 2, 12)
    assert session.call("PX_CROSS", "DJI", 60000) is CellError.NA


def test_market_value(session_of):
    session = session_of({"AMZN": [10.0, 8.0], "MSFT": [20.0, 21.0]}, shares={"AMZN": [5e9, 5e9], "MSFT": [2e9, 2e9]})
    assert session.call("PX_MKTCAP", "AMZN") == pytest.approx(40e9)
    assert session.call("PX_MKTCAP_CHANGE", [["AMZN"], ["MSFT"]], "1D") == pytest.approx(-10e9 + 2e9)


def test_own_numbers_instead_of_a_symbol(session_of):
    session = session_of({"XLK": ramp(10)})
    column = [[value] for value in (100.0, 101.0, 103.0)]
    assert session.call("PX_RET", column, 2) == pytest.approx(0.03)
    assert session.call("PX_MA", column, 3) == pytest.approx(304 / 3)
    assert session.call("PX_RET", column, "YTD") is CellError.VALUE
    assert "no dates" in session.failures[-1].reason
    assert session.call("PX_RET", [*column, [None], [""]], 2) == pytest.approx(0.03)  # blanks at the end


def test_history_table(session_of):
    session = session_of({"XLK": ramp(5), "SPY": ramp(5) * 2})
    table = session.call("PX_HISTORY", [["XLK", "SPY"]], "2026-02-12")
    assert table == [
        ["Date", "XLK", "SPY"],
        [dt.date(2026, 2, 12), 4.0, 8.0],
        [dt.date(2026, 2, 13), 5.0, 10.0],
    ]
    assert session.call("PX_HISTORY", [["XLK", "SPY"]], "2026-02-12", None, None, False) == table[1:]


def test_from_an_open_with_dividends_reinvested(session_of):
    # Bought at the open of Wednesday, 99; that day's close is 100, a dividend of 2 is paid on Thursday at 100, and the
    # last close is 105: one share becomes 1.02 shares.
    session = session_of(
        {"AAA": [100.0, 100.0, 100.0, 105.0]},
        open={"AAA": [98.0, 99.0, 98.0, 100.0]},
        dividend={"AAA": [0, 0, 2.0, 0]},
    )
    assert session.call("PX_RET", "AAA", 3, None, "total", "OPEN") == pytest.approx(1.02 * 105 / 99 - 1)
    assert session.call("PX_RET", "AAA", 3, None, "price", "OPEN") == pytest.approx(105 / 99 - 1)
    assert session.call("PX_RET", "AAA", 1, None, "total", "OPEN") == pytest.approx(105 / 100 - 1)
    assert session.call("PX_RET_BETWEEN", "AAA", "2026-02-11", None, "total", "OPEN") == pytest.approx(
        1.02 * 105 / 99 - 1
    )


def test_a_blank_start_is_the_end_of_the_year_before(session_of):
    # Sessions from Tuesday 2025-12-30 to Friday 2026-01-02, and on to 02-13.
    close = np.append([50.0, 100.0], np.full(30, 110.0))
    session = session_of({"XLK": close})
    assert session.panel.days[:2].astype(str).tolist() == ["2025-12-30", "2025-12-31"]
    assert session.call("PX_RET_BETWEEN", "XLK") == pytest.approx(0.10)
    assert session.call("PX_RET_BETWEEN", "XLK", None, "2026-01-02") == pytest.approx(0.10)
    assert session.call("PX_RET_BETWEEN", "XLK", "2025-12-30") == pytest.approx(1.2)


def test_averages_need_their_closes(session_of):
    session = session_of({"XLK": [np.nan, 1.0, 2.0, 3.0, 4.0]})
    assert session.call("PX_MA", "XLK", 4) == 2.5
    assert session.call("PX_MA", "XLK", 5) is CellError.NA
    assert "no close on 2026-02-09" in session.failures[-1].reason
    assert session.call("PX_MA", "XLK", 6) is CellError.NA
    assert session.call("PX_MA", "XLK", 1) == 4.0
    # Weighed by 2/5 from the first close after the gap: 1, 1.4, 2.04, 2.824.
    assert session.call("PX_MA", "XLK", 4, None, "EMA") == pytest.approx(2.824)
    assert session.call("PX_MA", "XLK", 1, None, "EMA") == 4.0
    assert session.call("PX_VS_MA", "XLK", 4) == pytest.approx(4 / 2.5 - 1)
    two = session_of({"XLK": [np.nan, 2.0, np.nan, 4.0]})
    assert two.call("PX_MA", "XLK", 2) is CellError.NA
    assert "no close on 2026-02-12" in two.failures[-1].reason  # the last one stands in the way
    last = session_of({"XLK": [1.0, 2.0, np.nan]})
    assert last.call("PX_MA", "XLK", 1) is CellError.NA
    assert last.call("PX_MA", "XLK", 1, "2026-02-12") == 2.0


def test_a_crossing_from_the_close_before_the_window(session_of):
    # Closes from Monday 02-09: 9, 11, 12, 12, 9; the level 10 is crossed on Tuesday and on Friday.
    session = session_of({"XLK": [9.0, 11.0, 12.0, 12.0, 9.0], "XLF": [9.0, 11.0, 12.0, 12.0, 13.0]})
    assert session.call("PX_CROSS", "XLK", 10) == dt.date(2026, 2, 13)
    assert session.call("PX_CROSS", "XLK", 10, "1D") == dt.date(2026, 2, 13)
    assert session.call("PX_CROSS", "XLF", 10) == dt.date(2026, 2, 10)
    assert session.call("PX_CROSS", "XLF", 10, "4D") == dt.date(2026, 2, 10)  # its base is the close of Monday
    assert session.call("PX_CROSS", "XLF", 10, "3D") is CellError.NA
    assert "since 2026-02-10" in session.failures[-1].reason
    assert session.call("PX_CROSS", "XLF", 10, "2026-02-10") == dt.date(2026, 2, 10)
    assert session.call("PX_CROSS", "XLF", 10, "2026-02-11") is CellError.NA


def test_levels_need_the_last_close_and_pass_over_other_gaps(session_of):
    session = session_of({"XLK": [5.0, 9.0, np.nan, 6.0], "XLF": [1.0, 2.0, 3.0, np.nan]})
    assert session.call("PX_DRAWDOWN", "XLK", 4) == pytest.approx(6 / 9 - 1)
    assert session.call("PX_DRAWDOWN", "XLK", 2) == 0.0
    assert session.call("PX_DRAWDOWN", "XLK", 5) is CellError.NA
    assert session.call("PX_PCTRANK", "XLK", 4) == pytest.approx(2 / 3)
    assert session.call("PX_PCTRANK", "XLK", 3) == 0.5
    assert session.call("PX_SINCE", "XLK") == dt.date(2026, 2, 11)
    assert session.call("PX_SINCE", "XLK", None, "LOW") == dt.date(2026, 2, 10)
    for name in ("PX_DRAWDOWN", "PX_PCTRANK", "PX_SINCE"):
        assert session.call(name, "XLF") is CellError.NA
    rising = session_of({"XLK": [1.0, 2.0, 3.0]})
    assert rising.call("PX_SINCE", "XLK") is CellError.NA
    assert "as high since the data begin on 2026-02-11" in rising.failures[-1].reason
    assert rising.call("PX_SINCE", "XLK", None, "LOW") == dt.date(2026, 2, 12)


def test_history_by_dates_and_rows(session_of):
    session = session_of({"XLK": ramp(60)})
    month = session.call("PX_HISTORY", "XLK", None, None, None, False)
    assert month[0][0] == dt.date(2026, 1, 13)
    assert month[-1] == [dt.date(2026, 2, 13), 60.0]
    assert [row[1] for row in session.call("PX_HISTORY", "XLK", None, None, None, False, 3)] == [58.0, 59.0, 60.0]
    assert len(session.call("PX_HISTORY", "XLK", None, None, None, False, 50)) == 50
    assert len(session.call("PX_HISTORY", "XLK", None, None, None, False, 500)) == 60
    assert len(session.call("PX_HISTORY", "XLK", "2026-02-10", None, None, False, 2)) == 2
    assert len(session.call("PX_HISTORY", "XLK", "2026-02-10", None, None, False, 9)) == 4
    # A member that the data do not hold has an empty column; a symbol that is nothing at all is refused.
    assert session.call("PX_HISTORY", "SECTORS", "2026-02-13", None, None, False)[0][1:3] == [60.0, CellError.NA]
    assert session.call("PX_HISTORY", [["XLK"], ["NOPE"]]) is CellError.NA


def test_market_value_changes_with_the_price_alone(session_of):
    session = session_of(
        {"AMZN": [10.0, 12.0, 8.0], "MSFT": [20.0, 21.0, 22.0], "BARE": [1.0, 2.0, 3.0]},
        shares={"AMZN": [3.0, 4.0, np.nan], "MSFT": [2.0, 2.0, 5.0]},
    )
    assert session.call("PX_MKTCAP", "AMZN") == 32.0  # the last number of shares that is stated
    assert session.call("PX_MKTCAP", "MSFT") == 110.0
    assert session.call("PX_MKTCAP_CHANGE", [["AMZN"], ["MSFT"]], "2D") == 4 * -2 + 5 * 2
    assert session.call("PX_MKTCAP_CHANGE", [["AMZN"], ["MSFT"]], "2026-02-12") == 4 * -4 + 5 * 1
    assert session.call("PX_MKTCAP", "BARE") is CellError.NA
    assert session.call("PX_MKTCAP_CHANGE", [["AMZN"], ["BARE"]], "1D") is CellError.NA


def test_a_return_from_nothing_is_no_number(session_of):
    session = session_of({"XLK": [0.0, 1.0, 2.0]})
    assert session.call("PX_RET", "XLK", 2) is CellError.DIV0
    assert session.call("PX_RET", "XLK", 1) == 1.0


def test_an_open_serves_without_the_close_of_its_day(session_of):
    session = session_of({"XLK": [1.0, np.nan, 3.0]}, open={"XLK": [1.0, 2.0, 3.0]})
    assert session.call("PX_RET", "XLK", 2, None, "price", "OPEN") == 0.5
    assert session.call("PX_RET", "XLK", 2, None, "total", "OPEN") is CellError.NA  # what was paid in is not known


def test_a_history_without_its_dates(sample):
    from xlrotation.workbook.evaluation.evaluate import evaluate_formula

    with_dates = sample.call("PX_HISTORY", "XLK", "2026-01-02", None, "close", False)
    without = sample.call("PX_HISTORY", "XLK", "2026-01-02", None, "close", False, None, False)
    assert without == [row[1:] for row in with_dates]
    assert sample.call("PX_HISTORY", "XLK", "2026-02-13", None, None, True, None, False)[0] == ["XLK"]
    for name, arguments in (
        ("MAC_SERIES", ["UNRATE", None, None, False, None, 5]),
        ("BRD_HISTORY", ["SP50", "NET", "5D", None, None, False, None]),
        ("DISP_REALCORR_HISTORY", ["MAG7", "5D", None, 21, False, None]),
    ):
        assert sample.call(name, *arguments, False) == [row[1:] for row in sample.call(name, *arguments)]
    # As the help says it: the dates of both would make them move together whatever they are.
    one, other = (f'PX_HISTORY("{symbol}",,,"close",FALSE,60,FALSE)' for symbol in ("XLK", "XLU"))
    a, b = (sample.call("PX_HISTORY", symbol, None, None, "close", False, 60, False) for symbol in ("XLK", "XLU"))
    wanted = np.corrcoef([row[0] for row in a], [row[0] for row in b])[0, 1]
    assert evaluate_formula(f"=CORREL({one},{other})", sample) == pytest.approx(wanted)
    assert abs(wanted) < 0.99


@pytest.mark.parametrize("name", ["PX_DRAWDOWN", "PX_PCTRANK", "VOL_PCTILE", "VOL_RANK", "DISP_PCTILE"])
def test_a_window_longer_than_the_history_is_told(session_of, name):
    session = session_of({"OLD": ramp(400), "NEW": ramp(30)})
    for window in ("3M", "1Y", "40D", 40, "2025-12-01"):
        session.remarks.clear()
        assert session.call(name, "NEW", window) != CellError.NA
        (told,) = session.remarks
        assert told.startswith("the closes of NEW begin on 2026-01-02, within the window"), told
        assert ": 30 of its " in told
    session.remarks.clear()
    for window in ("30D", "YTD", "2026-01-02", "2W", "MAX"):  # the first session of each has a close
        session.call(name, "NEW", window)
    session.call(name, "OLD", "1Y")
    assert not session.remarks
    lately = Session(session.source, lang="zh")
    lately.call(name, "NEW", "1Y")
    assert "NEW的收盘价自2026-01-02" in next(iter(lately.remarks))


def test_a_gap_on_the_first_day_of_a_window_is_no_beginning(session_of):
    close = ramp(100)
    close[50] = np.nan
    session = session_of({"XLK": close})
    assert session.call("PX_DRAWDOWN", "XLK", 50) == 0.0
    assert not session.remarks


@pytest.mark.parametrize("name", ["RS_HITRATE", "RS_STREAK_PROB"])
def test_a_comparison_longer_than_one_history_is_told(session_of, name):
    session = session_of({"OLD": ramp(400), "NEW": 50 + ramp(30) ** 2})
    window = (None, "3M") if name == "RS_STREAK_PROB" else ("3M",)
    assert session.call(name, "NEW", "OLD", *window) != CellError.NA
    assert "the closes of NEW begin on 2026-01-02" in next(iter(session.remarks))


@pytest.mark.parametrize("name", ["BRD_NEW_HIGHS", "BRD_NEW_LOWS"])
def test_highs_of_members_younger_than_the_window_are_told(session_of, name):
    session = session_of({"OLD": ramp(400), "NEW": ramp(30), "NEVER": np.full(400, np.nan)})
    members = [["OLD"], ["NEW"], ["NEVER"]]
    session.call(name, members, "1Y")
    assert list(session.remarks) == ["the closes of NEW begin within the window 1Y: those that there are count"]
    session.remarks.clear()
    session.call(name, members, "20D")
    session.call(name, members, "MAX")
    assert not session.remarks
