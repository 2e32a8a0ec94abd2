"""Arrays of numbers."""

from __future__ import annotations

import numpy as np
import pytest

from xlrotation.measures.arrays import distinct


@pytest.mark.parametrize(
    "values",
    [
        np.array([3, 1, 3, 2]),
        np.array([2.5, np.nan, -1.0, np.nan, 2.5]),
        np.array(["2026-01-05", "NaT", "2026-01-02", "2026-01-05"], "datetime64[D]"),
        np.zeros(0, np.int64),
        np.array([[2, 1], [1, 2]]),
    ],
)
def test_distinct_values_are_those_of_numpy(values):
    found, expected = distinct(values), np.unique(values)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)
