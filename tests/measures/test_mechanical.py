"""METHODS 12: components of a mechanical rotation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from xlrotation.measures import mechanical, rotation, stress

# Returns of three assets; values from the Matlab code of Bisias, Lo and Valavanis as frds tests them.
EXAMPLE = np.array(
    [
        [0.015, 0.031, 0.007, 0.034, 0.014, 0.011],
        [0.012, 0.063, 0.027, 0.023, 0.073, 0.055],
        [0.072, 0.043, 0.097, 0.078, 0.036, 0.083],
    ]
).T


@pytest.mark.parametrize(
    ("fraction", "expected"),
    [(0.1, 0.0), (0.2, 0.7746543307660252), (0.3, 0.7747), (0.5, 0.9435), (0.8, 0.9435), (0.9, 1.0)],
)
def test_12_absorption_ratio_of_the_published_example(fraction, expected):
    digits = 1e-14 if expected == 0.7746543307660252 else 5e-5
    assert abs(float(mechanical.absorption_ratio(EXAMPLE, fraction)) - expected) < digits


def test_12_absorption_of_one_factor_is_all_and_of_noise_is_its_share():
    random = np.random.default_rng(1)
    factor = random.normal(size=(400, 1)) @ np.ones((1, 10))
    assert float(mechanical.absorption_ratio(factor)) == pytest.approx(1.0)
    assert float(mechanical.absorption_ratio(random.normal(size=(20_000, 10)))) == pytest.approx(0.2, abs=0.02)


def test_rolling_absorption_is_the_one_of_each_window():
    returns = np.random.default_rng(2).normal(size=(80, 6))
    returns[10, 3] = np.nan
    rolled = mechanical.rolling_absorption(returns, 30)
    assert len(rolled) == 51
    assert np.isnan(rolled[:11]).all()
    for row in (11, 30, 50):
        assert rolled[row] == pytest.approx(float(mechanical.absorption_ratio(returns[row : row + 30])))


@given(st.integers(0, 2**32 - 1))
def test_rolling_absorption_is_the_one_of_each_window_whatever_the_returns_are(seed):
    """Far from their mean, still for a while, with an outlier, one a multiple of another: no digit is lost."""
    random = np.random.default_rng(seed)
    returns = random.normal(random.choice([0.0, 0.001, 0.05]), random.choice([1e-4, 0.01, 0.3]), (60, 5))
    start = random.integers(0, 40)
    returns[start : start + random.integers(1, 20)] = random.choice([0.0, 0.01])
    returns[:, 1] = returns[:, 0] * 2.0
    returns[random.integers(0, 60), 2] = random.choice([5.0, 1e4, np.nan])
    rolled = mechanical.rolling_absorption(returns, 12)
    for row, found in enumerate(rolled):
        window = returns[row : row + 12]
        alone = float(mechanical.absorption_ratio(window)) if np.isfinite(window).all() else math.nan
        assert found == pytest.approx(alone, abs=1e-12, nan_ok=True)


def test_rolling_persistence_is_the_one_of_each_day():
    closes = np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.01, (120, 5)), axis=0))
    rolled = mechanical.rolling_persistence(closes, 5, 6, 90)
    assert np.isnan(rolled[:5]).all()
    for back in (1, 20, 60, 85):  # the last is the first that has all its closes, down to the very first
        end = len(closes) - back + 1
        assert rolled[-back] == pytest.approx(rotation.persistence(closes[:end], 5, 6))


def test_12_volume_coefficient_of_a_made_market():
    """Returns that turn back after volume, as built: the coefficient is found, with its sign."""
    random = np.random.default_rng(4)
    days, assets, c2 = 3000, 8, -0.30
    volume = random.normal(size=(days, assets))
    returns = np.zeros((days, assets))
    for day in range(days - 1):
        returns[day + 1] = c2 * volume[day] * returns[day] + random.normal(0, 0.01, assets)
    found = mechanical.rolling_volume_coefficient(returns, volume, 1000)
    assert len(found) == days - 1 - 1000 + 1
    assert abs(np.nanmean(found) - c2) < 0.03
    direct = np.linalg.lstsq(
        np.stack([np.ones(8 * 1000), returns[-1001:-1].ravel(), (volume * returns)[-1001:-1].ravel()], axis=1),
        returns[-1000:].ravel(),
        rcond=None,
    )[0][2]
    assert found[-1] == pytest.approx(direct, abs=1e-9)


@given(st.lists(st.floats(-5, 5), min_size=60, max_size=90), st.sampled_from([1, -1]))
def test_percentiles_are_shares_and_signs_mirror_them(values, sign):
    history = np.array(values)
    found = mechanical.component(history, sign)
    other = mechanical.component(-history, -sign)
    assert found.signed == pytest.approx(other.signed)
    assert 0 < found.signed <= 1
    assert found.observations == len(values)


def test_a_short_history_says_nothing():
    assert math.isnan(mechanical.component(np.arange(mechanical.LEAST - 1.0), 1).signed)
    assert math.isnan(mechanical.component(np.append(np.arange(100.0), np.nan), 1).signed)


def test_12_p_value_is_uniform_where_there_is_nothing_to_find():
    random = np.random.default_rng(5)
    found = []
    for _ in range(300):
        histories = [random.normal(size=252) for _ in range(5)]
        signs = [1, -1, 1, -1, 1]
        signed = np.array([mechanical.component(h, s).signed for h, s in zip(histories, signs, strict=True)])
        found.append(mechanical.permutation_p(histories, signs, mechanical.score(signed)))
    assert 0.42 < np.mean(found) < 0.58
    assert 0.02 < np.mean(np.array(found) < 0.1) < 0.18


def p_values(make, count, seed):
    """The p-values of *count* scores of five gauges that have nothing to do with each other."""
    random = np.random.default_rng(seed)
    signs, found = [1, -1, 1, -1, 1], []
    for _ in range(count):
        histories = [make(random) for _ in signs]
        signed = np.array([mechanical.component(h, s).signed for h, s in zip(histories, signs, strict=True)])
        found.append(mechanical.permutation_p(histories, signs, mechanical.score(signed)))
    return np.array(found)


def slow_circle(random, days=252, window=63):
    """Means of overlapping windows of a year that begins again where it ends."""
    year = random.normal(size=days)
    return np.lib.stride_tricks.sliding_window_view(np.append(year, year[: window - 1]), window).mean(axis=-1)


def slow(random, days=252, window=63):
    """Means of overlapping windows of a year that goes on to the next."""
    return np.lib.stride_tricks.sliding_window_view(random.normal(size=days + window - 1), window).mean(axis=-1)


def test_p_value_is_uniform_for_slow_gauges_that_move_independently():
    found = p_values(slow_circle, 600, 21)
    assert stats.kstest(found, "uniform").pvalue > 0.01
    assert 0.07 < np.mean(found <= 0.10) < 0.13
    assert 0.07 < np.mean(found >= 0.90) < 0.13


def test_p_value_of_slow_gauges_is_small_somewhat_too_often():
    # As docs/mechanical_rotation.md says: a year that is no circle has few swings, and its last day is an end.
    found = p_values(slow, 600, 22)
    assert 0.10 < np.mean(found <= 0.10) < 0.17
    assert 0.46 < np.mean(found) < 0.54


def test_p_value_is_that_of_histories_shifted_whole():
    random = np.random.default_rng(23)
    histories = [slow(random), np.round(slow(random, 180), 2), slow(random)]
    histories[0][[3, 40, 41]] = np.nan
    signs = [1, -1, -1]
    shifting = np.random.default_rng(mechanical.SEED)
    signed = np.zeros((3, mechanical.SHIFTS))
    for place, (history, sign) in enumerate(zip(histories, signs, strict=True)):
        whole = history[np.isfinite(history)]
        for turn, shift in enumerate(shifting.integers(0, len(whole), mechanical.SHIFTS)):
            signed[place, turn] = mechanical.component(np.roll(whole, shift), sign).signed
    scores = [mechanical.score(column) for column in signed.T]
    for found in (20.0, 50.0, 66.6, 90.0):
        share = (1 + sum(score >= found - 1e-9 for score in scores)) / (1 + mechanical.SHIFTS)
        assert mechanical.permutation_p(histories, signs, found) == pytest.approx(share, abs=1e-12)


def test_a_volume_coefficient_keeps_its_digits_after_days_that_dwarf_it():
    # Where a running total subtracts what it added, the large days leave their rounding behind.
    rng = np.random.default_rng(24)
    relative, volume = rng.normal(0, 0.01, (200, 3)), rng.normal(size=(200, 3))
    relative[:20] *= 1e6
    found = mechanical.rolling_volume_coefficient(relative, volume, 40)
    alone = mechanical.rolling_volume_coefficient(relative[100:], volume[100:], 40)
    np.testing.assert_allclose(found[100:], alone, rtol=1e-9)


def test_a_volume_coefficient_of_too_few_days_is_none():
    assert len(mechanical.rolling_volume_coefficient(np.zeros((8, 3)), np.zeros((8, 3)), 40)) == 0


def test_drawdowns_around_stress():
    closes = np.array([100.0, 110.0, 99.0, 90.0, 95.0, 120.0, 118.0, 119.0])
    condition = np.zeros(8, bool)
    condition[[2, 6]] = True
    found = stress.drawdowns(closes, condition, year=5, month=1, quarter=3)
    assert found.from_high.tolist() == pytest.approx([99 / 110 - 1, 118 / 120 - 1])
    assert found.next_month.tolist() == pytest.approx([90 / 99 - 1, 0.0])
    assert found.next_quarter[0] == pytest.approx(90 / 99 - 1)
    assert np.isnan(found.next_quarter[1])
    assert found.episodes == 2


def test_a_year_of_closes_ends_with_the_session_itself():
    # The high of 200 is the first of 252 closes up to session 251, and one too old for session 252.
    closes = np.full(253, 100.0)
    closes[0] = 200.0
    condition = np.zeros(253, bool)
    condition[[251, 252]] = True
    assert stress.drawdowns(closes, condition).from_high.tolist() == [-0.5, 0.0]


def test_the_sessions_ahead_must_all_have_passed():
    # Session 2 has two sessions after it, session 3 one; the fall comes in the last.
    closes = np.array([100.0, 100.0, 100.0, 100.0, 80.0])
    condition = np.array([False, False, True, True, True])
    found = stress.drawdowns(closes, condition, year=5, month=1, quarter=2)
    np.testing.assert_allclose(found.next_month, [0.0, -0.2, np.nan])
    np.testing.assert_allclose(found.next_quarter, [-0.2, np.nan, np.nan])
    month = stress.drawdowns(np.full(70, 50.0), np.arange(70) >= 5)
    assert np.isfinite(month.next_month).tolist() == [row + 21 <= 69 for row in range(5, 70)]
    assert np.isfinite(month.next_quarter).tolist() == [row + 63 <= 69 for row in range(5, 70)]


def test_episodes_of_stress_lie_a_month_apart():
    condition = np.zeros(100, bool)
    condition[[10, 30, 31, 52, 72]] = True  # 31 is 21 sessions after 10, 52 after 31; 30 and 72 are 20
    assert stress.drawdowns(np.full(100, 50.0), condition).episodes == 3


def test_12_half_an_eigenvalue_is_rounded_up():
    # Of five assets 0.1 is half an eigenvalue and counts as one, 0.09 as none, 0.3 as two.
    returns = np.random.default_rng(8).normal(size=(50, 5))
    values = np.sort(np.linalg.eigvalsh(np.cov(returns.T)))[::-1]
    for fraction, count in ((0.09, 0), (0.1, 1), (0.29, 1), (0.3, 2), (1.0, 5)):
        ratio = float(mechanical.absorption_ratio(returns, fraction))
        assert ratio == pytest.approx(values[:count].sum() / values.sum())


def test_12_a_percentile_by_hand():
    # Sixty values, of which two equal the last one and thirty lie below.
    history = np.array([*range(30), 50, *range(100, 128), 50], float)
    up, down = mechanical.component(history, 1), mechanical.component(history, -1)
    assert (up.value, up.observations) == (50.0, 60)
    assert up.percentile == down.percentile == pytest.approx(32 / 60)
    assert up.signed == pytest.approx(32 / 60)
    assert down.signed == pytest.approx(30 / 60)  # at or above: 28 and the two
    assert math.isnan(mechanical.component(history[1:], 1).signed)  # fifty-nine say nothing
    assert mechanical.component(np.insert(history, 5, np.nan), 1) == up
    nothing = mechanical.component(np.array([]), 1)
    assert math.isnan(nothing.value)
    assert nothing.observations == 0


def test_12_the_score_is_the_mean_of_what_is_known():
    assert mechanical.score(np.array([0.2, np.nan, 0.7])) == pytest.approx(45.0)
    assert math.isnan(mechanical.score(np.array([np.nan])))


def test_12_p_value_by_hand():
    # One component: a score at least as high has as many days as stand as high, so about the percentile's complement.
    history = np.arange(100.0)
    for found, share in ((100.0, 0.01), (91.0, 0.10), (51.0, 0.50), (1.0, 1.0)):
        up = mechanical.permutation_p([history], [1], found)
        down = mechanical.permutation_p([-history], [-1], found)
        assert up == pytest.approx(share, abs=0.035)
        assert down == pytest.approx(share, abs=0.035)
    assert mechanical.permutation_p([history], [1], 101.0) == pytest.approx(1 / 2000)  # never zero
    assert mechanical.permutation_p([history], [1], 0.5) == 1.0
    # Two components: a mean of 75.5 or more is ranks (1 to 100) that add up to 151 or more: 50 x 51 / 2 of 10 000.
    both = mechanical.permutation_p([history, history], [1, 1], 75.5)
    assert both == pytest.approx(0.1275, abs=0.03)
    flat = [np.full(80, 3.0)]
    assert mechanical.permutation_p(flat, [1], 100.0) == 1.0  # ties count on both sides
    assert mechanical.permutation_p(flat, [-1], 100.0) == 1.0
    assert mechanical.permutation_p([np.append(history, np.nan)], [1], 51.0) == pytest.approx(0.5, abs=0.035)


def test_12_volume_coefficient_needs_more_than_thirty_pairs():
    rng = np.random.default_rng(9)
    relative, volume = rng.normal(0, 0.01, (17, 2)), rng.normal(size=(17, 2))
    assert np.isfinite(mechanical.rolling_volume_coefficient(relative, volume, 16)).all()  # 32 pairs
    assert len(mechanical.rolling_volume_coefficient(relative, volume, 16)) == 1
    assert np.isnan(mechanical.rolling_volume_coefficient(relative[:16], volume[:16], 15)).all()  # 30
    gap = volume.copy()
    gap[3, 1] = np.nan
    assert np.isfinite(mechanical.rolling_volume_coefficient(relative, gap, 16)).all()  # 31
    gap[4, 1] = np.nan
    assert np.isnan(mechanical.rolling_volume_coefficient(relative, gap, 16)).all()
    still = np.zeros_like(relative)
    assert np.isnan(mechanical.rolling_volume_coefficient(still, volume, 16)).all()  # nothing to regress on


def test_12_volume_coefficient_with_gaps_is_that_of_the_pairs_there_are():
    rng = np.random.default_rng(10)
    relative, volume = rng.normal(0, 0.01, (60, 3)), rng.normal(size=(60, 3))
    relative[20, 1] = volume[30, 2] = np.nan
    found = mechanical.rolling_volume_coefficient(relative, volume, 40)
    assert len(found) == 20
    for place in (0, 7, 19):
        rows = slice(place, place + 40)
        now, following, traded = relative[:-1][rows], relative[1:][rows], volume[:-1][rows]
        known = np.isfinite(now) & np.isfinite(following) & np.isfinite(traded)
        x = np.stack([np.ones(known.sum()), now[known], (now * traded)[known]], axis=1)
        assert found[place] == pytest.approx(np.linalg.lstsq(x, following[known], rcond=None)[0][2], rel=1e-8)


def test_sessions_ahead_without_a_close_are_not_known():
    closes = np.array([100.0, 100.0, np.nan, np.nan, 80.0])
    found = stress.drawdowns(closes, np.array([False, True, False, False, False]), year=5, month=2, quarter=3)
    assert np.isnan(found.next_month[0])
    assert found.next_quarter[0] == pytest.approx(-0.2)
