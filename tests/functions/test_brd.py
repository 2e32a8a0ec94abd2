import numpy as np
import pytest

from xlrotation.errors import CellError


@pytest.fixture
def four(session_of):
    closes = {"A": [1.0, 2.0, 3.0], "B": [3.0, 2.0, 1.0], "C": [1.0, 1.0, 2.0], "D": [2.0, 3.0, 3.0]}
    shares = {"A": [1.0] * 3, "B": [3.0] * 3, "C": [1.5] * 3, "D": [1.0] * 3}
    return session_of({**closes, "^GSPC": [10.0, 11.0, 12.0]}, shares=shares)


MEMBERS = [["A"], ["B"], ["C"], ["D"]]


def test_counts(four):
    assert four.call("BRD_AD", MEMBERS, None, False) == [[2, 1, 1, 2.0]]
    assert four.call("BRD_AD", MEMBERS, "2026-02-12", False) == [[2, 1, 1, 2.0]]
    assert four.call("BRD_AD_LINE", MEMBERS, "2D") == 2
    assert four.call("BRD_ABOVE_MA", MEMBERS, 2) == 0.5  # D equals its average
    assert four.call("BRD_NEW_HIGHS", MEMBERS, "3D") == 3
    assert four.call("BRD_NEW_LOWS", MEMBERS, "3D") == 1
    assert four.call("BRD_ABOVE_MA", MEMBERS, 5) is CellError.NA


def test_against_the_index(four):
    # Returns over two sessions: 200, -67, 100 and 50 % against 20 %.
    assert four.call("BRD_OUTPERFORM", MEMBERS, "SPX", "2D") == 0.75
    assert four.call("BRD_MEDIAN_GAP", MEMBERS, "SPX", "2D") == pytest.approx(0.75 - 0.2)


def test_oscillators_of_three_sessions(four):
    # Net advances are 1 and 1: both trends stay at 1.
    assert four.call("BRD_MCCLELLAN", MEMBERS) == pytest.approx(0.0)
    assert four.call("BRD_SUMMATION", MEMBERS) == pytest.approx(1010.0)
    assert four.call("BRD_THRUST", MEMBERS) == pytest.approx(2 / 3)


def test_concentration_of_market_values(four):
    # Market values are 3, 3, 3 and 3.
    assert four.call("BRD_CONCENTRATION", MEMBERS, [["HHI"], ["EFFN"], ["TOP5"]]) == [
        [pytest.approx(0.25)],
        [pytest.approx(4.0)],
        [pytest.approx(1.0)],
    ]


def test_sectors_up(sample):
    table = sample.call("ROT_SECTOR_RET", None, "5D", None, None, None, False)
    assert sample.call("BRD_SECTORS_UP", "5D") == sum(row[2] > 0 for row in table)


def test_a_member_without_data_is_left_out(session_of):
    session = session_of({"A": [1.0, 2.0], "B": [2.0, np.nan]})
    assert session.call("BRD_AD", [["A"], ["B"]], None, False)[0][:3] == [1, 0, 0]
    assert session.call("BRD_AD", [["A"], ["B"]], None, False)[0][3] is CellError.NA


@pytest.mark.parametrize(
    ("measure", "function", "arguments"),
    [
        ("ABOVE_MA", "BRD_ABOVE_MA", ("SP50", 200)),
        ("NEW_HIGHS", "BRD_NEW_HIGHS", ("SP50", "252D")),
        ("NEW_LOWS", "BRD_NEW_LOWS", ("SP50", "252D")),
        ("MCCLELLAN", "BRD_MCCLELLAN", ("SP50",)),
        ("SUMMATION", "BRD_SUMMATION", ("SP50",)),
    ],
)
def test_history_gives_what_each_session_gives(sample, measure, function, arguments):
    rows = sample.call("BRD_HISTORY", "SP50", measure, "MAX", None, None, False)
    assert len(rows) > 252
    singles = sample.call(function, *arguments, [[day] for day, _ in rows])
    # The single oscillators start their trends 400 sessions back, the history at its first session.
    off = 1e-5 if measure in ("MCCLELLAN", "SUMMATION") else 0.0
    for (day, value), (single,) in zip(rows, singles, strict=True):
        assert value is single is CellError.NA or value == pytest.approx(single, abs=off, rel=0.0), day
    assert sum(value is not CellError.NA for _, value in rows) > len(rows) - 253


def test_history_where_the_data_begin_late(session_of):
    """Trends start with the first session in which a member could rise, and a session without closes counts none."""
    nan = np.nan
    session = session_of({"A": [nan, nan, 1.0, 2.0, 3.0, nan], "B": [nan, nan, 2.0, 3.0, 2.5, nan]})
    for measure, function in (("MCCLELLAN", "BRD_MCCLELLAN"), ("SUMMATION", "BRD_SUMMATION")):
        rows = session.call("BRD_HISTORY", [["A"], ["B"]], measure, "MAX", None, None, False)
        assert [value is CellError.NA for _, value in rows] == [True, True, True, False, False, False]
        for day, value in rows:
            assert value == pytest.approx(session.call(function, [["A"], ["B"]], day)) or value is CellError.NA
    highs = session.call("BRD_HISTORY", [["A"], ["B"]], "NEW_HIGHS", "MAX", None, 2, False)
    assert [value for _, value in highs] == [CellError.NA, CellError.NA, 0.0, 2.0, 1.0, CellError.NA]
    nothing = session_of({"A": [nan, nan]})
    assert nothing.call("BRD_HISTORY", "A", "NET") is CellError.NA


def test_history_of_the_line_and_of_sessions_without_enough_before(sample):
    rows = sample.call("BRD_HISTORY", "SP50", "AD_LINE", "1M", None, None, False)
    assert rows[-1][1] == sample.call("BRD_AD_LINE", "SP50", "1M")
    first = sample.call("BRD_HISTORY", "SP50", "ABOVE_MA", "MAX", None, None, False)
    assert first[198][1] is CellError.NA
    assert 0 <= first[199][1] <= 1
    assert sample.call("BRD_HISTORY", "SP50", "ABOVE_MA", "1M", None, 5000) is CellError.NA


def test_a_session_without_a_close_has_no_highs(session_of):
    session = session_of({"A": [1.0, 2.0, np.nan], "B": [2.0, 1.0, np.nan], "C": [1.0, 2.0, 3.0]})
    for function in ("BRD_NEW_HIGHS", "BRD_NEW_LOWS"):
        assert session.call(function, [["A"], ["B"]], "2D") is CellError.NA
        assert "close in the as-of session" in session.failures[-1].reason
    assert session.call("BRD_NEW_HIGHS", [["A"], ["B"], ["C"]], "MAX") == 1
    assert session.call("BRD_NEW_LOWS", [["A"], ["B"]], "2D", "2026-02-12") == 1


def test_a_member_close_to_the_index_is_above_it_or_not(session_of):
    # The index gains 10 %; the members 10 %, a hundredth of a percent more, and as much less.
    session = session_of({"A": [100.0, 110.0], "B": [100.0, 110.01], "C": [100.0, 109.99], "^GSPC": [50.0, 55.0]})
    assert session.call("BRD_OUTPERFORM", [["A"], ["B"], ["C"]], "SPX", "1D") == pytest.approx(1 / 3)
    assert session.call("BRD_MEDIAN_GAP", [["A"], ["B"], ["C"]], "SPX", "1D") == pytest.approx(0.0)
    assert session.call("BRD_MEDIAN_GAP", [["B"], ["C"]], "SPX", "1D") == pytest.approx(0.0)  # the mean of two


def test_windows_of_breadth_count_sessions(session_of):
    # Net advances by session: -1, 1, 1, -1.
    session = session_of({"A": [4.0, 3.0, 5.0, 6.0, 2.5]})
    lines = [session.call("BRD_AD_LINE", "A", window) for window in ("1D", "2D", "3D", "4D")]
    assert lines == [-1, 0, 1, 0]
    assert session.call("BRD_AD_LINE", "A", "5D") is CellError.NA
    assert session.call("BRD_AD", "A", None, False) == [[0, 1, 0, 0.0]]
    # The close of 2.5 is the lowest of two, three, and five closes; one close alone never moved.
    assert [session.call("BRD_NEW_LOWS", "A", window) for window in ("1D", "2D", "5D")] == [0, 1, 1]
    assert [session.call("BRD_NEW_HIGHS", "A", window, "2026-02-12") for window in ("2D", "4D")] == [1, 1]


def test_thrust_by_hand(session_of):
    # Shares that rose: 1/2, then nothing moved, then 2/2: the ten-day average starts at 1/2 and weighs 2/11.
    session = session_of({"A": [1.0, 2.0, 2.0, 3.0], "B": [2.0, 1.0, 1.0, 2.0]})
    assert session.call("BRD_THRUST", [["A"], ["B"]]) == pytest.approx(0.5 + 2 / 11 * 0.5)
    assert session_of({"A": [1.0, 1.0]}).call("BRD_THRUST", "A") is CellError.NA


def test_oscillator_by_hand(session_of):
    # Net advances 2, 0 and -2 of two members: the trends start at 2, then 1.8 and 1.9, then 1.42 and 1.705.
    session = session_of({"A": [1.0, 2.0, 3.0, 2.0], "B": [1.0, 2.0, 1.0, 0.5]})
    assert session.call("BRD_MCCLELLAN", [["A"], ["B"]]) == pytest.approx(1.42 - 1.705)
    assert session.call("BRD_SUMMATION", [["A"], ["B"]]) == pytest.approx(1000 - 9 * 1.42 + 19 * 1.705)


def test_trends_start_four_hundred_sessions_back(session_of):
    # 400 closes hold 399 changes: the first that counts is a rise, and the 600 % of before leave no trace.
    path = np.where(np.arange(402) % 2, 1.0, 2.0)
    long, short = session_of({"A": path}), session_of({"A": path[-400:]})
    assert long.call("BRD_MCCLELLAN", "A") == pytest.approx(short.call("BRD_MCCLELLAN", "A"), rel=1e-12)
    other = session_of({"A": path[-399:]})
    assert abs(long.call("BRD_SUMMATION", "A") - other.call("BRD_SUMMATION", "A")) > 1e-9
    assert long.call("BRD_SUMMATION", "A") == pytest.approx(short.call("BRD_SUMMATION", "A"), rel=1e-14)


def test_concentration_by_hand(session_of):
    closes = {f"M{i:02}": [1.0, 1.0] for i in range(12)}
    shares = {name: [float(place)] * 2 for place, name in enumerate(closes, 1)}  # 1 to 12, 78 in all
    session = session_of(closes, shares=shares)
    members = [[name] for name in closes]
    assert session.call("BRD_CONCENTRATION", members, "TOP5") == pytest.approx((12 + 11 + 10 + 9 + 8) / 78)
    assert session.call("BRD_CONCENTRATION", members, "TOP10") == pytest.approx(75 / 78)
    assert session.call("BRD_CONCENTRATION", members, "HHI") == pytest.approx(650 / 78**2)
    assert session.call("BRD_CONCENTRATION", members, "EFFN") == pytest.approx(78**2 / 650)


def test_sectors_that_stand_still_are_not_up(session_of):
    session = session_of({"XLK": [1.0, 2.0], "XLF": [1.0, 1.0], "XLE": [2.0, 1.0], "XLV": [1.0, 1.0001]})
    assert session.call("BRD_SECTORS_UP", "1D") == 2


def test_share_above_the_average_counts_those_that_have_one(session_of):
    # Averages of three closes: A 2 against 3, B 3 against 3, C has a gap, D 2 against 1.
    session = session_of(
        {"A": [9.0, 1.0, 2.0, 3.0], "B": [9.0, 3.0, 3.0, 3.0], "C": [9.0, np.nan, 2.0, 3.0], "D": [9.0, 3.0, 2.0, 1.0]}
    )
    members = [["A"], ["B"], ["C"], ["D"]]
    assert session.call("BRD_ABOVE_MA", members, 3) == pytest.approx(1 / 3)
    assert session.call("BRD_ABOVE_MA", [["C"]], 3) is CellError.NA
    assert session.call("BRD_ABOVE_MA", [["A"], ["B"], ["D"]], 4) == 0.0
    history = session.call("BRD_HISTORY", members, "ABOVE_MA", "MAX", None, 3, False)
    assert [value for _, value in history] == [CellError.NA, CellError.NA, 0.0, pytest.approx(1 / 3)]


def test_histories_by_hand(session_of):
    session = session_of({"A": [1.0, 2.0, 3.0, 2.0, 4.0], "B": [5.0, 5.0, 4.0, 3.0, 6.0]})
    members = [["A"], ["B"]]

    def values(measure, window="MAX", n=None):
        rows = session.call("BRD_HISTORY", members, measure, window, None, n, False)
        return [None if value is CellError.NA else value for _, value in rows]

    assert values("NET") == [None, 1, 0, -2, 2]
    assert values("AD_LINE", 3) == [0, -2, 0]  # from the window's first session on
    assert values("AD_LINE") == [None, 1, 1, -1, 1]
    assert values("NET", 2) == [-2, 2]
    assert values("NEW_HIGHS", "MAX", 2) == [None, 1, 1, 0, 2]
    assert values("NEW_LOWS", "MAX", 2) == [None, 0, 1, 2, 0]
    assert values("NEW_LOWS", 2, 3) == [2, 0]  # two closes of 2 are both the lowest
    assert values("ABOVE_MA", "MAX", 5) == [None] * 4 + [1.0]
    assert session.call("BRD_HISTORY", members, "ABOVE_MA", "MAX", None, 6) is CellError.NA
    assert session.call("BRD_HISTORY", members, "ABOVE_MA") is CellError.NA  # of 200 closes
    assert session.call("BRD_HISTORY", members, "NET", 2)[0] == ["Date", "Value"]


def test_histories_of_nothing_given_look_back_a_year_and_two_hundred_closes(session_of):
    path = np.append(np.linspace(3.0, 2.0, 60), np.linspace(1.0, 1.5, 200))
    session = session_of({"A": path, "B": path})
    lows = session.call("BRD_HISTORY", [["A"], ["B"]], "NEW_HIGHS", "MAX", None, None, False)
    assert [value is CellError.NA for _, value in lows].count(True) == 251
    above = session.call("BRD_HISTORY", [["A"], ["B"]], "ABOVE_MA", "MAX", None, None, False)
    assert [value is CellError.NA for _, value in above].count(True) == 199
    assert above[-1][1] == 1.0
