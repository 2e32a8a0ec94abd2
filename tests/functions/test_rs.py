import datetime as dt

import numpy as np
import pytest

from xlrotation.errors import CellError

# Daily returns in percent of the Russell 2000 and the S&P 500 from 2026-01-02 to 2026-01-21 as printed by The Motley
# Fool on 2026-01-29, in its account of fourteen sessions of outperformance in a row.
PRINTED = [
    (1.06, 0.19), (1.58, 0.64), (1.37, 0.62), (-0.29, -0.34), (1.11, 0.01), (0.78, 0.65), (0.44, 0.16),
    (-0.10, -0.19), (0.70, -0.53), (0.86, 0.26), (0.12, -0.06), (-1.21, -2.06), (2.02, 1.16),
]  # fmt: skip


@pytest.fixture
def january(session_of):
    """Closes from 2025-12-31 to 2026-01-21, 100 before the first printed return, after a session that RUT lost."""
    returns = np.array([(-1.0, 0.0), *PRINTED]) / 100
    closes = 100 * np.vstack([np.ones(2), np.cumprod(1 + returns, axis=0)])
    return session_of({"^RUT": closes[:, 0], "^GSPC": closes[:, 1]}, last="2026-01-21")


@pytest.mark.parametrize(("day", "length"), [("2026-01-14", 9), ("2026-01-16", 11), ("2026-01-21", 13)])
def test_6_1_published_streak(january, day, length):
    assert january.call("RS_STREAK", "RUT", "SPX", day) == length
    assert january.call("RS_STREAK", "SPX", "罗素2000", day) == -length
    assert january.call("RS_STREAK", None, None, day) == length


def test_6_1_streak_table_and_since(january):
    table = january.call("RS_STREAK_TABLE")
    assert table[0] == ["Sessions", "First session", "Last session", "Excess return"]
    assert table[1][:3] == [13, dt.date(2026, 1, 2), dt.date(2026, 1, 21)]
    returns = np.prod(1 + np.array(PRINTED) / 100, axis=0)
    assert table[1][3] == pytest.approx(returns[0] - returns[1])
    assert january.call("RS_STREAK_SINCE") is CellError.NA
    assert "since the data begin on 2025-12-30" in january.failures[-1].reason


def test_since_names_the_last_streak_as_long(session_of):
    up, down = 1.01, 0.99
    steps = [up, up, down, up, down, up, up]
    session = session_of({"^RUT": np.cumprod([1.0, *steps]), "^GSPC": np.ones(8)}, last="2026-02-13")
    assert session.call("RS_STREAK") == 2
    assert session.call("RS_STREAK_SINCE") == dt.date(2026, 2, 6)  # the second of eight sessions up to the 13th
    assert session.call("RS_STREAK_SINCE", None, None, "2026-02-10") == dt.date(2026, 2, 6)


def test_6_1_ties_and_gaps_end_a_streak(session_of):
    session = session_of({"A": [1.0, 2.0, 3.0, 3.0, 4.0], "B": np.ones(5), "C": [1.0, 2.0, np.nan, 3.0, 4.0]})
    assert session.call("RS_STREAK", "A", "B") == 1
    assert session.call("RS_STREAK", "C", "B") == 1
    assert session.call("RS_STREAK", "A", "B", "2026-02-12") == 0
    assert session.call("RS_STREAK", "B", "A", "2026-02-11") == -2


def test_a_symbol_that_trades_no_more_is_no_tie(session_of):
    session = session_of({"A": [1.0, 2.0, 3.0, np.nan, np.nan], "B": np.ones(5)})
    for pair in (("A", "B"), ("B", "A")):
        for freq in ("D", "W", "M"):
            assert session.call("RS_STREAK", *pair, None, freq) is CellError.NA
            assert "A has no close on 2026-02-13" in session.failures[-1].reason
    assert session.call("RS_STREAK", "A", "B", "2026-02-11") == 2
    assert session.call("RS_STREAK", [[1.0], [2.0], [CellError.NA]], [[1.0], [1.0], [1.0]]) is CellError.NA


def test_weeks_and_months(session_of):
    # Fridays 01-23, 01-30, 02-06 and 02-13, the last of January being the 30th.
    closes = np.full(20, 100.0)
    closes[5:10], closes[10:15], closes[15:] = 101, 102, 103
    session = session_of({"A": closes, "B": np.full(20, 100.0)})
    assert session.call("RS_STREAK", "A", "B", None, "W") == 3
    assert session.call("RS_STREAK", "A", "B", None, "M") == 1


def test_streak_probability(session_of):
    # Four sessions, two won: the present run is 1, and one win in four tosses of a fair coin has probability 15/16.
    session = session_of({"A": [1.0, 2.0, 1.0, 0.5, 1.0], "B": np.ones(5)})
    assert session.call("RS_STREAK_PROB", "A", "B", None, "4D") == pytest.approx(15 / 16)
    assert session.call("RS_HITRATE", "A", "B", "4D") == 0.5


def test_6_2_ratio_momentum_mansfield(session_of):
    n = 60 * 5
    a, b = np.cumprod(np.full(n, 1.001)), np.full(n, 2.0)
    session = session_of({"A": a, "B": b})
    assert session.call("RS_RATIO", "A", "B") == pytest.approx(a[-1] / 2)
    assert session.call("RS_RATIO", "A", "B", None, 100) == pytest.approx(50 * a[-1])
    assert session.call("RS_MOMENTUM", "A", "B", "20D") == pytest.approx(1.001**20 - 1)
    weekly = [[float(value)] for value in range(1, 53)]
    ones = [[1.0]] * 52
    assert session.call("RS_MANSFIELD", weekly, ones) == pytest.approx((52 / 26.5 - 1) * 100)
    assert session.call("RS_MANSFIELD", "A", "B", 4) > 0
    assert session.call("RS_MANSFIELD", "A", "A", 4) == pytest.approx(0.0)


def test_own_columns(session_of):
    session = session_of({"A": [1.0, 2.0]})
    a, b = [[1.0], [2.0], [3.0], [4.0]], [[1.0], [2.0], [2.5], [3.0]]
    assert session.call("RS_STREAK", a, b) == 2
    assert session.call("RS_STREAK", [[1.0, 2.0, 3.0]], [[5.0, 5.0, 5.0]]) == 2  # rows serve as well


def test_a_tie_is_no_win_and_a_gap_no_session(session_of):
    # Four sessions: a wins, ties, loses, wins. The tie counts among the sessions and not among the wins.
    session = session_of({"A": [1.0, 2.0, 2.0, 1.0, 2.0], "B": np.ones(5), "C": [1.0, 2.0, np.nan, 1.0, 2.0]})
    assert session.call("RS_HITRATE", "A", "B", "4D") == 0.5
    assert session.call("RS_HITRATE", "B", "A", "4D") == 0.25
    assert session.call("RS_HITRATE", "C", "B", "4D") == 1.0  # won the first and the last; two lack a close
    assert session.call("RS_HITRATE", "A", "A", "4D") == 0.0


def test_streak_table_is_cut_at_n_and_sorted_by_length_then_date(session_of):
    # Signs + + - + - + + - +: streaks of 2, 1, 2 and 1, and the present one of 1.
    up, down = 1.1, 0.9
    path = np.cumprod([100.0, up, up, down, up, down, up, up, down, up])
    session = session_of({"A": path, "B": np.full(10, 50.0)})
    days = session.panel.days.tolist()
    table = session.call("RS_STREAK_TABLE", "A", "B", None, None, False)
    assert [row[:3] for row in table] == [
        [2, days[6], days[7]],
        [2, days[1], days[2]],
        [1, days[9], days[9]],
        [1, days[4], days[4]],
    ]
    assert table[0][3] == pytest.approx(0.21)
    assert session.call("RS_STREAK_TABLE", "A", "B", 3, None, False) == table[:3]
    assert session.call("RS_STREAK_TABLE", "A", "B", 4, None, False) == table
    assert session.call("RS_STREAK_TABLE", "B", "B") is CellError.NA


def test_since_looks_for_a_streak_of_the_same_direction_and_at_least_the_length(session_of):
    up, down = 1.1, 0.9
    path = np.cumprod([100.0, up, up, up, down, down, up, down, up, up])
    session = session_of({"A": path, "B": np.full(10, 50.0)})
    days = session.panel.days.tolist()
    assert session.call("RS_STREAK_SINCE", "A", "B") == days[3]  # two now; one in between, three before
    assert session.call("RS_STREAK_SINCE", "A", "B", days[6]) == days[3]
    assert session.call("RS_STREAK_SINCE", "A", "B", days[7]) == days[5]  # one session down, as two were
    assert session.call("RS_STREAK_SINCE", "A", "B", days[3]) is CellError.NA
    assert session.call("RS_STREAK_SINCE", "B", "B") is CellError.NA
    assert "no streak" in session.failures[-1].reason


def test_probability_of_a_streak_by_hand(session_of):
    # Of four sessions decided three were won: + + - +, and a tie. A run of one in four: 1 - 0.25^4.
    path = np.cumprod([100.0, 1.0, 1.1, 1.1, 0.9, 1.1])
    session = session_of({"A": path, "B": np.full(6, 50.0)})
    assert session.call("RS_STREAK_PROB", "A", "B", None, "5D") == pytest.approx(1 - 0.25**4)
    assert session.call("RS_STREAK_PROB", "B", "A", None, "5D") == pytest.approx(1 - 0.25**4)
    assert session.call("RS_STREAK_PROB", "A", "B", None, "2D") == pytest.approx(0.75)  # won one of two
    assert session.call("RS_STREAK_PROB", "A", "A", None, "2D") is CellError.NA
    # A run longer than the window counts as one of the window's length: all of two sessions won.
    longer = session_of({"A": np.cumprod([1.0, 1.1, 1.1, 1.1]), "B": np.ones(4)})
    assert longer.call("RS_STREAK_PROB", "A", "B", None, "2D") == 1.0


def test_columns_beside_symbols_and_columns_of_other_lengths(session_of):
    session = session_of({"A": np.arange(1.0, 31.0), "FLAT": np.ones(30)})
    column = [[1.0], [2.0], [1.0], [2.0], [3.0]]  # the last four sessions: up, down, up, up
    assert session.call("RS_HITRATE", column, "FLAT", "4D") == 0.75
    assert session.call("RS_HITRATE", "FLAT", column, "4D") == 0.25
    assert session.call("RS_HITRATE", column, "FLAT", "3D") == pytest.approx(2 / 3)
    assert session.call("RS_HITRATE", column, "FLAT", "MAX") == 0.75
    # A window that begins before the column does is refused, not cut.
    assert session.call("RS_HITRATE", column, "FLAT", "5D") is CellError.NA
    assert session.call("RS_HITRATE", "FLAT", column, "20D") is CellError.NA
    assert "5 closes together" in session.failures[-1].reason
    assert session.call("RS_STREAK_PROB", column, "FLAT", None, "5D") is CellError.NA
    longer = [[9.0], [9.0], *([1.0] for _ in range(5))]
    assert session.call("RS_HITRATE", longer, column, "4D") == 0.25
    assert session.call("RS_HITRATE", column, longer, "4D") == 0.75
    assert session.call("RS_HITRATE", longer, column, "MAX") == 0.25
    table = session.call("RS_STREAK_TABLE", column, "FLAT", None, None, False)
    assert [row[0] for row in table] == [2, 1]
    assert table[0][1:3] == session.panel.days[-2:].tolist()
    assert session.call("RS_STREAK", [[1.0], [None]], [[1.0], [None]]) is CellError.NA
    assert session.call("RS_STREAK", [[1.0], [2.0]], [[1.0], [1.0]]) == 1


def test_a_close_of_zero_is_no_base(session_of):
    session = session_of({"A": [1.0, 2.0, 3.0, 4.0], "Z": [1.0, 0.0, 1.0, 1.0]})
    assert session.call("RS_RATIO", "A", "Z", "2026-02-11") is CellError.DIV0
    assert "close of Z is zero" in session.failures[-1].reason
    assert session.call("RS_RATIO", "Z", "A", "2026-02-11") == 0.0
    assert session.call("RS_RATIO", "A", "Z", None, 0) == 0.0
    # The sessions from and to the zero have no return of Z to compare with.
    assert session.call("RS_HITRATE", "A", "Z", "3D") == 1.0


def test_mansfield_needs_all_its_weeks(session_of):
    # Four weeks whose last closes are 101, 102, 103 and 104 against an average of 102.5.
    closes = np.repeat([101.0, 102.0, 103.0, 104.0], [4, 5, 5, 5])  # the week of the holiday in January is short
    session = session_of({"A": closes, "B": np.ones(19)})
    assert session.call("RS_MANSFIELD", "A", "B", 4) == pytest.approx((104 / 102.5 - 1) * 100)
    assert session.call("RS_MANSFIELD", "A", "B", 2) == pytest.approx((104 / 103.5 - 1) * 100)
    assert session.call("RS_MANSFIELD", "A", "B", 5) is CellError.NA
    gap = closes.copy()
    gap[10] = np.nan  # in the middle of the third week: no matter
    assert isinstance(session_of({"A": gap, "B": np.ones(19)}).call("RS_MANSFIELD", "A", "B", 4), float)
    ends = [np.flatnonzero(closes == value)[-1] for value in (101.0, 102.0)]
    for place, row in enumerate(ends):
        gap = closes.copy()
        gap[row] = np.nan
        session = session_of({"A": gap, "B": np.ones(19)})
        assert session.call("RS_MANSFIELD", "A", "B", 4) is CellError.NA
        assert isinstance(session.call("RS_MANSFIELD", "A", "B", 3 - place), float)
    zero = np.ones(19)
    zero[8] = 0.0  # the last session of the second week
    assert session_of({"A": closes, "B": zero}).call("RS_MANSFIELD", "A", "B", 4) is CellError.NA
    column = [[1.0], [2.0], [3.0]]
    assert session.call("RS_MANSFIELD", column, [[1.0]] * 3, 3) == pytest.approx(50.0)
    assert session.call("RS_MANSFIELD", column, [[1.0]] * 3, 4) is CellError.NA
