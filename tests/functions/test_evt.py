import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import FixedSource
from tests.functions.test_boundary import cut_after
from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session
from xlrotation.measures import events


@given(st.lists(st.booleans(), max_size=40), st.integers(1, 5))
def test_8_kth_in_a_row_equals_a_loop(condition, k):
    expected, run = [], 0
    for row, met in enumerate(condition):
        run = run + 1 if met else 0
        if run == k:
            expected.append(row)
    assert events.kth_in_a_row(np.array(condition, bool), k).tolist() == expected


def test_8_the_signal_of_november_2025(sample):
    # The VVIX closed above 110 on exactly five days, 2025-11-17 to 11-21.
    signals = ("EVT_SIGNALS", "VVIX", ">", 110, 5)
    assert [dt.date(2025, 11, 21)] in sample.call(*signals, None, False)
    before = sample.call(*signals, "2025-11-20", False)
    assert before is CellError.NA or [dt.date(2025, 11, 21)] not in before
    seven = sample.call("EVT_SIGNALS", "VVIX", ">", 110, 7, None, False)
    assert seven is CellError.NA or all(day.strftime("%Y-%m") != "2025-11" for (day,) in seven)


def test_8_a_study_by_hand(session_of):
    close = [100.0, 110, 121, 100, 90, 99, 99, 108.9, 100, 100]
    session = session_of({"^GSPC": close})
    days = [str(row[0]) for row in session.call("PX_HISTORY", "SPX", "2026-02-02", None, None, False)]
    got = session.call("EVT_STUDY", [[days[0]], [days[3]], [days[5]], [days[9]]], "SPX", "2D", None, False)[0]
    returns = [0.21, -0.01, 0.10]  # the last event has no second session after it
    every = [close[i + 2] / close[i] - 1 for i in range(8)]
    assert got[:3] == ["2D", 3, 3]
    assert got[3:8] == pytest.approx([np.mean(returns), 0.10, 2 / 3, -0.01, 0.21])
    assert got[10] == pytest.approx(np.mean(every))
    assert got[8] <= got[3] <= got[9]


def test_8_overlapping_events_count_once_as_separate(session_of):
    session = session_of({"^GSPC": np.linspace(100, 130, 40), "^VVIX": [100.0] * 10 + [120.0] * 3 + [100.0] * 27})
    days = session.panel.days.tolist()
    got = session.call("EVT_STUDY", [[day] for day in days[10:13]], "SPX", [["5D"], ["10D"]], None, False)
    assert [row[1:3] for row in got] == [[3, 1], [3, 1]]
    assert got[0][8] is CellError.NA  # one block of events says nothing about chance
    assert session.call("EVT_SIGNALS", "VVIX", ">", 110, 3, None, False) == [[days[12]]]
    assert session.call("EVT_SIGNALS", "VVIX", ">", 110, 4) is CellError.NA
    assert session.call("EVT_STUDY", [["2020-01-02"]], "SPX", "5D") is CellError.NA
    assert session.call("EVT_STUDY", [[days[0]]], "SPX", "3M") is CellError.VALUE


def test_no_event_sees_beyond_as_of(sample):
    dates = [["2024-08-07"], ["2025-03-12"], ["2025-11-21"]]
    past = Session(FixedSource(cut_after(sample.panel, dt.date(2025, 6, 2))), lang="en")
    asof = sample.call("EVT_STUDY", dates, "SPX", "21D 126D", "2025-06-02")
    assert asof == past.call("EVT_STUDY", dates, "SPX", "21D 126D", "2025-06-02")
    early = sample.call("EVT_STUDY", dates, "SPX", "21D", "2025-03-20", False)[0]
    assert early[1] == 1  # of the second event 21 sessions had not passed, the third had not happened


@given(st.integers(0, 50))
def test_8_interval_covers_a_mean_that_is_there(seed):
    values = np.random.default_rng(seed).normal(0.05, 0.02, 40)
    low, high = events.interval_of_mean(values, 1)
    assert low < values.mean() < high
    assert events.interval_of_mean(values, 1) == (low, high)  # the same data give the same interval
    assert high - low == pytest.approx(2 * 1.96 * values.std() / 40**0.5, rel=0.25)


def test_8_newey_west_by_hand_and_without_lags_as_whites():
    random = np.random.default_rng(6)
    forward = random.normal(0.01, 0.05, 60)
    rows = np.array([3, 17, 18, 40])
    mark = np.zeros(60)
    mark[rows] = 1
    inside, outside = forward[mark == 1], forward[mark == 0]
    white = np.sqrt(inside.var() / len(inside) + outside.var() / len(outside))
    assert events.newey_west_t(forward, rows, 0) == pytest.approx((inside.mean() - outside.mean()) / white)
    x = np.stack([np.ones(60), mark], axis=1)
    residual = forward - np.where(mark == 1, inside.mean(), outside.mean())
    middle = np.zeros((2, 2))
    for i in range(60):
        for j in range(60):
            weight = max(0.0, 1 - abs(i - j) / 6)
            middle += weight * residual[i] * residual[j] * np.outer(x[i], x[j])
    inverse = np.linalg.inv(x.T @ x)
    expected = (inside.mean() - outside.mean()) / np.sqrt((inverse @ middle @ inverse)[1, 1])
    assert events.newey_west_t(forward, rows, 5) == pytest.approx(expected)
    assert np.isnan(events.newey_west_t(forward, rows[:1], 5))


def test_8_events_close_to_the_last_one_can_be_left_out(session_of):
    vvix = [100.0, 120, 100, 120, 100, 100, 120, 100]
    session = session_of({"^VVIX": vvix, "^GSPC": np.linspace(100, 107, 8)})
    days = session.panel.days.tolist()
    assert session.call("EVT_SIGNALS", "VVIX", ">", 110, 1, None, False) == [[days[1]], [days[3]], [days[6]]]
    assert session.call("EVT_SIGNALS", "VVIX", ">", 110, 1, None, False, 3) == [[days[1]], [days[6]]]


def test_8_a_t_value_needs_three_horizons_of_days():
    # With five sessions ahead (four lags) three horizons are fifteen forward returns.
    forward = np.random.default_rng(9).normal(0.01, 0.05, 15)
    rows = np.array([2, 9])
    assert np.isfinite(events.newey_west_t(forward, rows, 4))
    assert np.isnan(events.newey_west_t(forward[:14], rows, 4))


def test_8_a_t_value_needs_two_events_and_two_other_days():
    forward = np.array([0.01, 0.03, -0.02, 0.05])
    assert np.isfinite(events.newey_west_t(forward, np.array([0, 1]), 0))
    assert np.isnan(events.newey_west_t(forward, np.array([0, 1, 2]), 0))
    assert np.isnan(events.newey_west_t(forward, np.array([0]), 0))


@pytest.mark.parametrize(
    ("op", "rows"), [(">", [3]), (">=", [0, 3]), ("<", [1]), ("<=", [0, 1])]
)  # of closes 110, 100, gap, 120: which meet the condition
def test_8_conditions_at_the_threshold(session_of, op, rows):
    session = session_of({"^VVIX": [110.0, 100.0, np.nan, 120.0]})
    days = session.panel.days.tolist()
    found = session.call("EVT_SIGNALS", "VVIX", op, 110, 1, None, False)
    runs = [row for row in rows if row - 1 not in rows]  # a run gives one signal
    assert found == [[days[row]] for row in runs]


def test_8_dates_of_events_are_sessions_of_the_data(session_of):
    # Closes from Monday 02-02 to Friday 02-13.
    session = session_of({"^GSPC": [100.0, 101, 102, 103, 104, 110, 111, 112, 113, 114]})

    def events_of(*dates, asof=None):
        row = session.call("EVT_STUDY", [[day] for day in dates], "SPX", "1D", asof, False)[0]
        return row[1], row[3]

    assert events_of("2026-02-06") == (1, pytest.approx(110 / 104 - 1))
    assert events_of("2026-02-08") == (1, pytest.approx(110 / 104 - 1))  # Sunday: the Friday before
    assert events_of("2026-02-06", "2026-02-07", "2026-02-08")[0] == 1  # one session is one event
    assert events_of("2026-02-02") == (1, pytest.approx(0.01))
    assert events_of("2026-02-01", "2026-02-03")[0] == 1  # before the data
    assert session.call("EVT_STUDY", [["2026-02-01"], ["2026-01-02"]], "SPX", "1D") is CellError.NA
    assert session.call("EVT_STUDY", [["2026-02-16"]], "SPX", "1D") is CellError.NA  # after as-of
    assert events_of("2026-02-13", "2026-02-12")[0] == 1  # the last session has none after it
    only = session.call("EVT_STUDY", [["2026-02-13"]], "SPX", "1D", None, False)[0]
    assert only[:3] == ["1D", 0, 0]
    assert events_of("2026-02-05", "2026-02-09", asof="2026-02-10")[0] == 2
    assert events_of("2026-02-05", "2026-02-09", asof="2026-02-09")[0] == 1


def test_8_the_vvix_study_looks_six_and_twelve_months_ahead(session_of):
    closes = np.full(400, 100.0)
    closes[10 + 126], closes[10 + 252] = 110.0, 130.0
    vvix = np.full(400, 100.0)
    vvix[8:11] = 111.0
    session = session_of({"^VVIX": vvix, "^GSPC": closes})
    rows = session.call("EVT_VVIX", 110, 3, None, False)
    assert [row[:2] for row in rows] == [["126D", 1], ["252D", 1]]
    assert [row[3] for row in rows] == pytest.approx([0.1, 0.3])
    assert session.call("EVT_VVIX", 110, 4) is CellError.NA
    assert session.call("EVT_VVIX", 111, 3) is CellError.NA


def test_the_usual_move_begins_with_the_signals_own_history(session_of):
    # The index rises by 1 % a session while there is no VVIX, and by 0.1 % afterwards.
    n, born = 900, 400
    steps = np.where(np.arange(n) < born, 1.01, 1.001)
    index = 100 * np.cumprod(steps)
    vvix = np.where(np.arange(n) < born, np.nan, 90.0)
    vvix[500:510] = 130.0
    table = session_of({"^GSPC": index, "^VVIX": vvix}).call("EVT_VVIX", 110, 5, None, False)
    assert table[0][10] == pytest.approx(1.001**126 - 1)
    assert table[0][3] == pytest.approx(1.001**126 - 1)
    assert table[0][12] == pytest.approx((n - born - 126) / 126)
