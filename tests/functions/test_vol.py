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


def test_3_three_options_make_a_variance_and_two_do_not(sample):
    # Puts of 1 at 90, calls of 1 at 110, and 3 for either at 100, where the forward lies: widths are 10.
    strikes, calls, puts = [[90], [100], [110]], [[11], [3], [1]], [[1], [3], [11]]
    expected = 2 / 0.25 * 10 * (1 / 90**2 + 3 / 100**2 + 1 / 110**2)
    assert sample.call("VOL_MODELFREE", strikes, calls, puts, 0.25) == pytest.approx(expected)
    growth = np.exp(0.05 * 0.25)
    assert sample.call("VOL_MODELFREE", strikes, calls, puts, 0.25, 0.05) == pytest.approx(growth * expected)
    assert sample.call("VOL_MODELFREE", strikes, calls, [[0], [3], [11]], 0.25) is CellError.NA
    assert "fewer than three options" in sample.failures[-1].reason
    assert sample.call("VOL_MODELFREE", strikes[:2], calls[:2], puts[:2], 0.25) is CellError.NA
    for sides in (([[0]] * 3, puts), (calls, [[0]] * 3), ([[11], [None], [0]], [[0], [3], [11]])):
        assert sample.call("VOL_MODELFREE", strikes, *sides, 0.25) is CellError.NA
        assert "a strike with a call and a put" in sample.failures[-1].reason
    rows = [[[90], [None], [100], [110]], [[11], [7], [3], [1]], [[1], [2], [3], [11]]]  # no strike, no option
    assert sample.call("VOL_MODELFREE", *rows, 0.25) == pytest.approx(expected)


def test_strikes_must_rise_above_zero(sample):
    calls, puts = [[11], [3], [1]], [[1], [3], [11]]
    assert sample.call("VOL_MODELFREE", [[90], [90], [110]], calls, puts, 0.25) is CellError.VALUE
    assert sample.call("VOL_MODELFREE", [[0], [100], [110]], calls, puts, 0.25) is CellError.VALUE
    assert sample.call("VOL_MODELFREE", [[0.5], [1], [1.5]], [[0.6], [0.2], [0.1]], [[0.1], [0.2], [0.6]], 0.25) > 0
    assert sample.call("VOL_MODELFREE", [[90], [100]], calls, puts, 0.25) is CellError.VALUE
    assert sample.call("VOL_MODELFREE", [[90], [100], [110]], calls, puts[:2], 0.25) is CellError.VALUE
    assert sample.call("VOL_MODELFREE", [[90], [100], [110]], calls, puts, 0) is CellError.NUM
    below = sample.call("VOL_MODELFREE", [[90], [100], [110]], [[1], [1], [1]], [[95], [105], [115]], 0.25)
    assert below is CellError.NUM  # the forward, 90 less 94, lies below all strikes


def test_3_the_index_interpolates_total_variance(sample):
    # 20 days at 16 % and 40 days at 24 %: half of each total variance makes the 30 days'.
    near, far = 20 / 365, 40 / 365
    expected = 100 * ((0.16**2 * 20 + 0.24**2 * 40) / 2 / 30) ** 0.5
    assert sample.call("VOL_VIX", 0.16**2, 0.24**2, near, far) == pytest.approx(expected)
    assert sample.call("VOL_VIX", 0.04, 0.04, near, far) == pytest.approx(20.0)
    assert sample.call("VOL_VIX", 0.04, 0.09, 30 / 365, far) == pytest.approx(20.0)
    assert sample.call("VOL_VIX", 0.04, 0.04, 40 / 365, 60 / 365) == pytest.approx(20.0)  # extrapolated
    assert sample.call("VOL_VIX", 0.04, 0.04, near, near) is CellError.VALUE
    assert sample.call("VOL_VIX", 0.04, 0.04, 0, far) is CellError.VALUE
    assert sample.call("VOL_VIX", 0.0, 0.0, near, far) == 0.0


@pytest.mark.parametrize(
    ("level", "band"),
    [
        *((0, "calm"), (15.99, "calm"), (19.99, "normal"), (23.99, "elevated"), (24, "medium stress")),
        *((25.99, "medium stress"), (26, "severe stress"), (44.99, "severe stress")),
    ],
)
def test_a_bound_belongs_to_the_band_above(sample, level, band):
    assert sample.call("VOL_BAND", level) == band


def test_a_level_below_zero_has_no_band(sample):
    assert sample.call("VOL_BAND", -0.01) is CellError.NUM
    assert sample.call("VOL_BAND", 45, "zh") != sample.call("VOL_BAND", 44, "zh")


def test_a_close_at_the_threshold_ends_a_run(session_of):
    session = session_of({"^VVIX": [110.0, 111.0, np.nan, 112.0, 113.0], "^VIX": [9.0, 10.0, 8.0, 9.0, 9.5]})
    assert session.call("VOL_STREAK", "VVIX", 110) == 2
    assert session.call("VOL_STREAK", "VVIX", 112) == 1
    assert session.call("VOL_STREAK", "VVIX", 110, "2026-02-10") == 1
    assert session.call("VOL_STREAK", "VIX", 10, None, "BELOW") == 3
    assert session.call("VOL_STREAK", "VIX", 11, None, "BELOW") == 5
    assert session.call("VOL_STREAK", "VIX", 9.5, None, "BELOW") == 0


def test_realised_volatility_needs_two_returns_and_the_bars_of_the_window(session_of):
    close = np.array([100.0, 102.0, 101.0, 103.0])
    session = session_of({"A": close}, open={"A": close - 0.5}, high={"A": close + 1}, low={"A": close - 1})
    assert session.call("VOL_REALIZED", "A", 1) is CellError.NA
    assert "two returns" in session.failures[-1].reason
    returns = np.diff(np.log(close))
    assert session.call("VOL_REALIZED", "A", 2) == pytest.approx(np.std(returns[1:], ddof=1) * 252**0.5)
    assert session.call("VOL_REALIZED", "A", 3) == pytest.approx(np.std(returns, ddof=1) * 252**0.5)
    assert session.call("VOL_REALIZED", "A", "MAX") == session.call("VOL_REALIZED", "A", 3)
    # v = r1^2, then 0.94 v + 0.06 r^2.
    v = 0.94 * (0.94 * returns[0] ** 2 + 0.06 * returns[1] ** 2) + 0.06 * returns[2] ** 2
    assert session.call("VOL_REALIZED", "A", 3, None, "EWMA") == pytest.approx((252 * v) ** 0.5)
    ranges = np.log((close + 1) / (close - 1))[-2:] ** 2
    assert session.call("VOL_REALIZED", "A", 2, None, "PARKINSON") == pytest.approx(
        (252 * ranges.mean() / (4 * np.log(2))) ** 0.5
    )
    body = np.log(close / (close - 0.5))[-2:] ** 2
    assert session.call("VOL_REALIZED", "A", 2, None, "GK") == pytest.approx(
        (252 * np.mean(ranges / 2 - (2 * np.log(2) - 1) * body)) ** 0.5
    )
    assert session.call("VOL_REALIZED", "A", "MAX", None, "YZ") is CellError.NA
    assert "close before the window" in session.failures[-1].reason
    assert session.call("VOL_REALIZED", "A", 3, None, "YZ") > 0
    # The bars of four sessions are all that these need; the others need the close before them.
    for method in ("PARKINSON", "GK", "RS", "CC", "YZ", "EWMA"):
        whole = session.call("VOL_REALIZED", "A", 4, None, method)
        assert (whole is not CellError.NA) is (method in ("PARKINSON", "GK", "RS")), method
    assert session.call("VOL_REALIZED", "A", 1, None, "PARKINSON") > 0
    assert session.call("VOL_REALIZED", "A", 5, None, "PARKINSON") is CellError.NA
    assert "5D needs 5 sessions; there are 4" in session.failures[-1].reason
    still = np.full(4, 100.0)
    flat = session_of({"A": still}, open={"A": still}, high={"A": still}, low={"A": still})
    assert [flat.call("VOL_REALIZED", "A", 3, None, method) for method in ("CC", "PARKINSON", "GK", "RS")] == [0.0] * 4
    assert flat.call("VOL_REALIZED", [[1.0], [0.0], [1.0]], 2) is CellError.NUM
    wrong = session_of({"A": close}, open={"A": close - 5}, high={"A": close}, low={"A": close})
    assert wrong.call("VOL_REALIZED", "A", 3, None, "GK") is CellError.NUM  # no range, but a body
    hole = session_of({"A": close}, high={"A": [1, 1, np.nan, 104]}, low={"A": [1, 1, 1, 1]}, open={"A": [1, 1, 1, 1]})
    assert hole.call("VOL_REALIZED", "A", 2, None, "PARKINSON") is CellError.NA
    assert "high on 2026-02-12" in hole.failures[-1].reason


def test_rank_passes_over_gaps_and_needs_a_range(session_of):
    session = session_of({"^VIX": [10.0, np.nan, 30.0, 25.0], "^VXN": [5.0, 5.0, 5.0, 5.0]})
    assert session.call("VOL_RANK", "VIX", 4) == 0.75
    assert session.call("VOL_RANK", "VIX", 2) == 0.0
    assert session.call("VOL_RANK", "VXN", 4) is CellError.NA
    assert [row[1] for row in session.call("VOL_TERM", None, False)] == [9, 30, 93, 184]


def test_stress_counts_the_sessions_at_or_above_both_levels(session_of):
    # Levels reached on the second, third and fifth of six sessions; on the third the VIX stands at its level.
    vvix, vix = [100.0, 110.0, 120.0, 120.0, 110.0, 90.0], [30.0, 26.0, 25.0, 24.9, 40.0, 50.0]
    index = [100.0, 90.0, 80.0, 100.0, 95.0, 100.0]
    session = session_of({"^VVIX": vvix, "^VIX": vix, "^GSPC": index})
    table = session.call("VOL_STRESS", 110, 25, None, False)
    assert table[7][1:] == [3, 0, 0]
    assert [row[1] for row in table[:7]] == pytest.approx(
        list(np.quantile([-0.1, -0.2, -0.05], [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1]))
    )
    assert table[8][1] == 1
    assert [row[3] for row in table[-2:]] == [-0.15, -0.20]
    assert session.call("VOL_STRESS", 110, 0, None, False)[7][1] == 4  # any level of the VIX
    assert session.call("VOL_STRESS", 110.5, 25, None, False)[7][1] == 1
    assert session.call("VOL_STRESS", 110, 25.1, None, False)[7][1] == 2
