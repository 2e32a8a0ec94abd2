"""Columns that belong together row by row."""

import datetime as dt

import numpy as np
import pytest

from xlrotation.errors import BadArgument, NoData
from xlrotation.functions.families import columns

NAN = np.nan


def test_rows_at_the_end_without_either_number_are_left_out():
    a, b = np.array([1.0, NAN, 3.0, NAN, NAN, NAN]), np.array([NAN, 2.0, NAN, 4.0, NAN, NAN])
    left, right = columns.together(a, b, "numbers")
    np.testing.assert_array_equal(left, a[:4])
    np.testing.assert_array_equal(right, b[:4])
    one, other = columns.together(np.array([1.0, NAN]), np.array([NAN, NAN]), "numbers")
    assert (len(one), len(other)) == (1, 1)
    assert [len(column) for column in columns.together(np.full(3, NAN), np.full(3, NAN), "numbers")] == [0, 0]
    assert [len(column) for column in columns.together(np.ones(3), np.ones(3), "numbers")] == [3, 3]
    with pytest.raises(BadArgument, match="2 and 3 rows of numbers"):
        columns.together(np.ones(2), np.ones(3), "numbers")


def test_labels_go_up_to_the_last_number():
    labels, values = columns.labelled(("a", "b", "c", "d"), np.array([1.0, NAN, 3.0, NAN]), "names and values")
    assert labels == ("a", "b", "c")
    assert len(values) == 3
    assert columns.labelled(("a",), np.array([0.0]), "names")[0] == ("a",)
    with pytest.raises(NoData):
        columns.labelled(("a", "b"), np.array([NAN, NAN]), "names")
    with pytest.raises(BadArgument, match="1 and 2 rows"):
        columns.labelled(("a",), np.array([1.0, 2.0]), "names")


def test_since_names_the_last_earlier_value_that_reaches_the_last_one():
    days = tuple(dt.date(2026, 1, day) for day in range(1, 6))
    assert columns.since(days, np.array([5.0, 3.0, 4.0, 2.0, 4.0]), "HIGH") == days[2]  # a tie reaches it
    assert columns.since(days, np.array([1.0, 3.0, 4.0, 3.0, 3.0]), "LOW") == days[3]
    assert columns.since(days, np.array([5.0, 3.0, 4.0, NAN, NAN]), "HIGH") == days[0]
    with pytest.raises(NoData):
        columns.since(days, np.array([1.0, 2.0, 3.0, 4.0, 5.0]), "HIGH")
    with pytest.raises(NoData):
        columns.since((None, *days[1:]), np.array([9.0, 2.0, 3.0, 4.0, 5.0]), "HIGH")
