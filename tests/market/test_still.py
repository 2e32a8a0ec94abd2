"""Series that stand still."""

import numpy as np
import pytest

from tests.conftest import FixedSource, panel_of
from xlrotation.functions.boundary.session import Session
from xlrotation.market import still


def path(*stretches):
    """Closes that move by a cent a session but for ``(sessions, close)`` stretches between them."""
    closes, level = [], 100.0
    for sessions, moves in stretches:
        for _ in range(sessions):
            level += 0.01 if moves else 0.0
            closes.append(level)
    return np.array(closes)


@pytest.mark.parametrize(
    ("stretches", "found"),
    [
        (((30, True),), None),
        (((10, True), (8, False), (10, True)), None),  # nine closes alike
        (((10, True), (9, False), (10, True)), (9, 18)),
        (((10, True), (9, False), (10, True), (12, False)), (28, 40)),
        (((1, True), (9, False), (5, True), (9, False)), (14, 23)),  # of equal ones the last
        (((0, True), (20, False)), (0, 19)),
    ],
)
def test_the_longest_stretch(stretches, found):
    assert still.longest(path(*stretches)) == found


def test_a_gap_ends_a_stretch():
    closes = np.full(19, 5.0)
    closes[9] = np.nan
    assert still.longest(closes) is None
    assert still.longest(np.array([])) is None
    assert still.longest(np.full(30, np.nan)) is None


@pytest.fixture
def session():
    filled = path((10, True), (14, False), (6, True))
    return Session(FixedSource(panel_of({"FILLED": filled, "FINE": path((30, True))})), lang="en")


def test_the_status_tells_of_it(session):
    days = session.panel.days
    told = dict(session.call("XLR_STATUS", False, "en"))["Closes that do not move"]
    assert told == f"1: FILLED (from {days[9]} to {days[23]}, 15 sessions)"
    assert dict(session.call("XLR_STATUS", False, "zh"))["收盘价不变的代码"] == told
    fine = Session(FixedSource(panel_of({"FINE": path((30, True))})), lang="en")
    assert dict(fine.call("XLR_STATUS", False, "en"))["Closes that do not move"] == "none"


def test_a_volatility_of_closes_that_do_not_move_says_so(session):
    days = session.panel.days
    for window, tells in (("20D", True), ("5D", False), ("29D", True)):
        session.remarks.clear()
        assert session.call("VOL_REALIZED", "FILLED", window) > 0
        assert bool(session.remarks) is tells, window
    assert list(session.remarks) == [
        f"the closes of FILLED did not move from {days[9]} to {days[23]}, 15 sessions: "
        "a volatility over them says nothing of the market"
    ]
    session.remarks.clear()
    assert session.call("VOL_REALIZED", "FILLED", "10D", days[22].item()) == 0.0
    assert f"did not move from {days[12]} to {days[22]}, 11 sessions" in next(iter(session.remarks))
    session.remarks.clear()
    assert session.call("VOL_REALIZED", "FILLED", "3D", days[20].item()) == 0.0  # zero is told however short it is
    assert "4 sessions" in next(iter(session.remarks))
    session.remarks.clear()
    assert session.call("VOL_REALIZED", [[5.0]] * 5, 3) == 0.0
    assert "the closes of the column did not move in 4 rows" in next(iter(session.remarks))
    session.remarks.clear()
    assert session.call("VOL_REALIZED", "FINE", "20D") > 0
    assert not session.remarks
