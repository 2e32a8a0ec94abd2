import numpy as np
import pytest

from xlrotation.errors import CellError

# Variances and times of the worked example in the Cboe VIX white paper of 2019, whose index is 13.69.
NEAR, FAR, NEAR_T, FAR_T = 0.01846292, 0.01882101, 0.0683486, 0.0882686


def test_3_vix_of_the_white_paper(sample):
    assert sample.call("VOL_VIX", NEAR, FAR, NEAR_T, FAR_T) == pytest.approx(13.685821, abs=1e-6)
    assert sample.call("VOL_VIX", NEAR, FAR, FAR_T, NEAR_T) is CellError.VALUE
    assert sample.call("VOL_VIX", 1e-9, 5, 0.5, 0.6) is CellError.NUM


def test_3_model_free_variance_of_a_flat_smile(sample):
    # Prices of the Black-Scholes-Merton model at 20 %, no interest, a quarter of a year, by numerical integration of
    # the lognormal density: the method must find 0.2 squared again.
    strikes = np.arange(40.0, 220.0, 1.0)
    z = np.linspace(-8, 8, 20001)
    density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi) * (z[1] - z[0])
    spot = 100 * np.exp(0.2 * 0.5 * z - 0.02 * 0.25)
    calls = [[float(density @ np.maximum(spot - k, 0))] for k in strikes]
    puts = [[float(density @ np.maximum(k - spot, 0))] for k in strikes]
    got = sample.call("VOL_MODELFREE", [[k] for k in strikes], calls, puts, 0.25, 0)
    assert got == pytest.approx(0.04, rel=2e-3)


def test_model_free_variance_of_quotes_that_do_not_serve(sample):
    strikes, calls, puts = [[90], [100], [110]], [[11], [4], [1]], [[1], [4], [11]]
    assert sample.call("VOL_MODELFREE", strikes, calls, puts, 0) is CellError.NUM
    assert sample.call("VOL_MODELFREE", strikes[::-1], calls, puts, 0.1) is CellError.VALUE
    assert sample.call("VOL_MODELFREE", strikes, calls[:2], puts, 0.1) is CellError.VALUE
    assert sample.call("VOL_MODELFREE", strikes, [[0]] * 3, puts, 0.1) is CellError.NA


def test_realised_volatility(session_of):
    rng = np.random.default_rng(2)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 40)))
    session = session_of({"A": close}, open={"A": close * 0.999}, high={"A": close * 1.01}, low={"A": close * 0.99})
    returns = np.diff(np.log(close))
    assert session.call("VOL_REALIZED", "A", 20) == pytest.approx(np.std(returns[-20:], ddof=1) * 252**0.5)
    parkinson = np.log(1.01 / 0.99) * (252 / (4 * np.log(2))) ** 0.5
    assert session.call("VOL_REALIZED", "A", 20, None, "parkinson") == pytest.approx(parkinson)
    for method in ("EWMA", "GK", "RS", "YZ"):
        assert 0 < session.call("VOL_REALIZED", "A", 20, None, method) < 1
    column = [[float(value)] for value in close]
    assert session.call("VOL_REALIZED", column, 20) == pytest.approx(session.call("VOL_REALIZED", "A", 20))
    assert session.call("VOL_REALIZED", column, 20, None, "GK") is CellError.VALUE
    assert session.call("VOL_REALIZED", "A", 1) is CellError.NA


def test_ewma_remembers_more_than_its_window(session_of):
    # By hand: a return of 10 % on the first day of 21, and none after; before it 100 of 1 % either way. The window must
    # not start it, or its first day would weigh 0.94^20 = 29 %: 0.01 * 0.29 = 0.0029.
    returns = np.r_[np.tile([0.01, -0.01], 50), 0.1, np.zeros(20)]
    session = session_of({"A": 100 * np.exp(np.r_[0, np.cumsum(returns)])})
    daily = 0.94**20 * (0.94 * 0.0001 + 0.06 * 0.01)  # the recursion after 100 equal squares, the shock, 20 still days
    for window in (5, 21, "1M", "3M"):
        assert session.call("VOL_REALIZED", "A", window, None, "EWMA") == pytest.approx((252 * daily) ** 0.5, rel=1e-12)
    daily = 0.5**20 * (0.5 * 0.0001 + 0.5 * 0.01)
    assert session.call("VOL_REALIZED", "A", 21, None, "EWMA", 0.5) == pytest.approx((252 * daily) ** 0.5, rel=1e-9)
    for decay in (0, 1, -0.94, 94):
        assert session.call("VOL_REALIZED", "A", 21, None, "EWMA", decay) is CellError.NUM


def test_ewma_starts_after_a_gap(session_of):
    rng = np.random.default_rng(5)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 60)))
    whole = session_of({"A": close[31:]}).call("VOL_REALIZED", "A", 20, None, "EWMA")
    close[30] = np.nan
    session = session_of({"A": close})
    assert session.call("VOL_REALIZED", "A", 20, None, "EWMA") == pytest.approx(whole, rel=1e-12)
    assert session.call("VOL_REALIZED", "A", 35, None, "EWMA") is CellError.NA  # a price that the window needs


def test_a_gap_has_no_volatility(session_of):
    close = np.linspace(100, 110, 30)
    close[15] = np.nan
    session = session_of({"A": close})
    assert session.call("VOL_REALIZED", "A", 20) is CellError.NA
    assert isinstance(session.call("VOL_REALIZED", "A", 10), float)


@pytest.mark.parametrize(
    ("level", "band"),
    [(12, "calm"), (16, "normal"), (20, "elevated"), (25, "medium stress"), (30, "severe stress"), (45, "extreme")],
)
def test_bands(sample, level, band):
    assert sample.call("VOL_BAND", level) == band


def test_run_of_vvix_in_november_2025(sample):
    # Five closes above 110, from 2025-11-17 to 11-21, and 103.96 on the 24th.
    days = ["2025-11-14", "2025-11-17", "2025-11-19", "2025-11-21", "2025-11-24"]
    assert [sample.call("VOL_STREAK", "VVIX", 110, day) for day in days] == [0, 1, 3, 5, 0]
    assert sample.call("VOL_STREAK", "VVIX", 110, "2025-11-24", "BELOW") == 1


def test_levels_against_their_past(session_of):
    session = session_of({"^VIX": [10.0, 30.0, 20.0, 15.0], "^VIX3M": [1.0, 1, 1, 18.0], "^VXN": [1.0, 1, 1, 22.5]})
    assert session.call("VOL_RANK", "VIX", "4D") == pytest.approx(0.25)
    assert session.call("VOL_PCTILE", "VIX", "4D") == 0.5
    assert session.call("VOL_TERM_SLOPE") == pytest.approx(18 / 15 - 1)
    assert session.call("VOL_GAP", "VXN", "VIX") == pytest.approx(7.5)
    assert session.call("VOL_TERM", None, False)[0] == ["^VIX9D", 9, CellError.NA]
    assert session.call("VOL_RANK", "VIX3M", "2D", "2026-02-12") is CellError.NA
