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
