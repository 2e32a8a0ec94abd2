"""METHODS 9: macro measures month by month."""

import math

import numpy as np
import pytest

from xlrotation.measures import macro

RATES = np.array([4.0, 4.1, 4.3, 4.2, 4.2, 4.4, 4.1, 4.0, 4.2, 4.3, 4.5, 4.4, 4.6, 4.5, 4.7, 4.9, 4.8, 5.0])


def test_9_1_sahm_month_by_month():
    means = [sum(RATES[i - 2 : i + 1]) / 3 for i in range(2, len(RATES))]
    assert macro.three_month_means(RATES).tolist() == pytest.approx(means)
    expected = [means[i] - min(means[i - 12 : i]) for i in range(12, len(means))]
    assert macro.sahm(RATES).tolist() == pytest.approx(expected)
    assert len(macro.sahm(RATES[:15])) == 1
    gap = RATES.copy()
    gap[3] = math.nan
    means = macro.three_month_means(gap)
    assert means[[1, 2, 3]].tolist() == pytest.approx(
        [math.nan, (RATES[2] + RATES[4]) / 2, (RATES[4] + RATES[5]) / 2], nan_ok=True
    )
    passed = [value for value in means[:12].tolist() if value == value]
    assert macro.sahm(gap)[0] == pytest.approx(means[12] - min(passed))  # the month itself is not among the twelve
    gap[4] = math.nan
    assert np.isnan(macro.sahm(gap)).all()


def test_9_4_diffusion_and_composite():
    assert macro.diffusion(np.array([1.0, 2, 3, math.nan]), np.array([2.0, 2, 1, 5])) == 0.5
    table = np.array([[1.0, 6.0], [2.0, 4.0], [6.0, 2.0]])
    z = [(6 - 3) / np.std([1, 2, 6], ddof=1), -1.0]
    assert macro.composite(table) == pytest.approx(np.mean(z))
