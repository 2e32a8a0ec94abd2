"""Regressions, against values that a national institute certified."""

from __future__ import annotations

import numpy as np
import pytest

from xlrotation.measures import regression

# Longley's data of 1967, as NIST's Statistical Reference Datasets have them.
EMPLOYED = (
    *(60323, 61122, 60171, 61187, 63221, 63639, 64989, 63761),
    *(66019, 67857, 68169, 66513, 68655, 69564, 69331, 70551),
)
REGRESSORS = (
    (83.0, 88.5, 88.2, 89.5, 96.2, 98.1, 99.0, 100.0, 101.2, 104.6, 108.4, 110.8, 112.6, 114.2, 115.7, 116.9),
    (
        *(234289, 259426, 258054, 284599, 328975, 346999, 365385, 363112),
        *(397469, 419180, 442769, 444546, 482704, 502601, 518173, 554894),
    ),
    (2356, 2325, 3682, 3351, 2099, 1932, 1870, 3578, 2904, 2822, 2936, 4681, 3813, 3931, 4806, 4007),
    (1590, 1456, 1616, 1650, 3099, 3594, 3547, 3350, 3048, 2857, 2798, 2637, 2552, 2514, 2572, 2827),
    (
        *(107608, 108632, 109773, 110929, 112075, 113270, 115094, 116219),
        *(117388, 118734, 120445, 121950, 123366, 125368, 127852, 130081),
    ),
    tuple(range(1947, 1963)),
)
SLOPES = (
    15.0618722713733,
    -0.358191792925910e-1,
    -2.02022980381683,
    -1.03322686717359,
    -0.0511041056535807,
    1829.15146461355,
)
ERRORS = (
    84.9149257747669,
    0.334910077722432e-1,
    0.488399681651699,
    0.214274163161675,
    0.226073200069370,
    455.478499142212,
)


def test_longley_as_nist_certifies_it():
    fit = regression.least_squares(np.array(EMPLOYED, float), np.array(REGRESSORS, float).T)
    assert fit is not None
    assert fit.slopes == pytest.approx(SLOPES, rel=1e-8)
    assert fit.errors == pytest.approx(ERRORS, rel=1e-8)
    assert fit.intercept == pytest.approx(-3482258.63459582, rel=1e-8)
    assert fit.intercept_error == pytest.approx(890420.383607373, rel=1e-8)


def test_regressors_that_depend_on_each_other_are_refused():
    chance = np.random.default_rng(1)
    x = chance.normal(size=(50, 3))
    y = x @ [1.0, 2.0, 3.0] + chance.normal(size=50)
    assert regression.least_squares(y, x) is not None
    assert regression.least_squares(y, np.column_stack([x, x[:, 0] - 2 * x[:, 1]])) is None
    assert regression.least_squares(y, np.column_stack([x, np.full(50, 0.3)])) is None
    assert regression.least_squares(y[:4], x[:4]) is None


def test_rolling_moments_are_those_of_each_window():
    chance = np.random.default_rng(2)
    y, x = chance.normal(size=(2, 1500))
    y[700:705] = np.nan
    rolled = regression.rolling(y, x, 40)
    for row in (39, 300, 702, 740, 1023, 1024, 1499):
        one = regression.moments(y[row - 39 : row + 1], x[row - 39 : row + 1])
        assert rolled.slope()[row] == pytest.approx(float(one.slope()), rel=1e-12)
        assert rolled.correlation()[row] == pytest.approx(float(one.correlation()), rel=1e-12)
    assert np.isnan(rolled.slope()[:39]).all()
    assert len(regression.rolling(y[:0], x[:0], 5).pairs) == 0
