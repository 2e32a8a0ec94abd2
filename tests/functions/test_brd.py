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
