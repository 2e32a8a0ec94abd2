"""UNI: the return of a list."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from xlrotation.errors import CellError

NA, VALUE = CellError.NA, CellError.VALUE
IN_2023 = {"NVDA": 238.9, "META": 194.1, "TSLA": 101.7, "AMZN": 80.9, "GOOGL": 58.3, "MSFT": 56.8, "AAPL": 48.2}


@pytest.mark.proves(
    "UNI_RET", by="Investor's Business Daily: gains of the Magnificent Seven in 2023, their mean by hand"
)
def test_the_seven_in_2023(session_of):
    # (238.9 + 194.1 + 101.7 + 80.9 + 58.3 + 56.8 + 48.2) / 7 = 111.27
    pace = np.linspace(0, 1, 251)
    session = session_of({name: 100 * (1 + r / 100) ** pace for name, r in IN_2023.items()}, last="2023-12-29")
    assert str(session.panel.days[0]) == "2022-12-30"
    assert round(100 * session.call("UNI_RET", "MAG7", "YTD")) == 111
    assert session.call("UNI_RET", None, "YTD") == session.call("UNI_RET", "MAG7", 250)


@pytest.mark.proves("UNI_RET", by="pandas: growth of the sum of market values, mean of pct_change")
@pytest.mark.parametrize("window", [1, 20, 100])
def test_weights_are_those_of_the_beginning(session_of, window):
    chance = np.random.default_rng(window)
    closes = dict(zip("ABC", 100 * np.cumprod(1 + chance.normal(0, 0.03, (3, 120)), axis=1), strict=True))
    shares = {"A": 10.0, "B": 300.0, "C": 7.0}
    session = session_of(closes, shares={name: np.full(120, number) for name, number in shares.items()})
    frame = pd.DataFrame(closes)
    value = (frame * pd.Series(shares)).sum(axis=1)
    members = [["A"], ["B"], ["C"]]
    got = session.call("UNI_RET", members, window, None, "CAP")
    assert got == pytest.approx(value.pct_change(window).iloc[-1], rel=1e-9)
    assert session.call("UNI_RET", members, window) == pytest.approx(frame.pct_change(window).iloc[-1].mean(), rel=1e-9)


def test_members_that_lack_something_are_told(session_of):
    closes = {"A": [10.0, 11.0], "B": [20.0, np.nan], "C": [30.0, 27.0], "^GSPC": [1.0, 2.0]}
    session = session_of(closes, shares={"A": [1.0, 1.0], "B": [1.0, 1.0]})
    members = [["A", "B", "C"]]
    assert session.call("UNI_RET", members, 1) == pytest.approx(0.0, abs=1e-12)
    assert any("2 of its 3 members" in remark for remark in session.remarks)
    assert session.call("UNI_RET", members, 1, None, "CAP") == pytest.approx(0.1)
    assert session.call("UNI_RET", [["B"]], 1) is NA
    assert session.call("UNI_RET", [["C"]], 1, None, "CAP") is NA
    assert session.call("UNI_RET", members, 2) is NA
    assert session.call("UNI_RET", "SPX", 1) is VALUE  # an index is no list of its members


def test_dividends_count_with_the_basis_total(session_of):
    session = session_of({"A": [100.0, 104.0], "B": [50.0, 50.0]}, dividend={"A": [0, 1.0], "B": [0, 0]})
    assert session.call("UNI_RET", [["A", "B"]], 1, None, None, "total") == pytest.approx(0.025)
    assert session.call("UNI_RET", [["A", "B"]], 1) == pytest.approx(0.02)


def test_everything_begins_with_the_data(session_of):
    session = session_of({"A": [100.0, 104.0, 110.0], "LATE": [np.nan, 50.0, 75.0]})
    assert session.call("UNI_RET", [["A", "LATE"]], "MAX") == pytest.approx(0.1)
    assert any("of LATE" in remark for remark in session.remarks)
