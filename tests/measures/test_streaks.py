import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlrotation.measures import streaks

SIGNS = st.lists(st.sampled_from([-1, 0, 1]), max_size=40).map(lambda signs: np.array(signs, np.int64))


def length_by_hand(signs):
    length = 0
    for sign in signs:
        length = 0 if sign == 0 else length + sign if length * sign > 0 else sign
    return length


@given(SIGNS)
def test_last_length_equals_a_loop(signs):
    assert streaks.last_length(signs) == length_by_hand(signs.tolist())


@given(SIGNS)
def test_runs_put_together_are_the_signs(signs):
    starts, lengths, values = streaks.runs(signs)
    assert np.repeat(values, lengths).tolist() == signs.tolist()
    assert starts.tolist() == [0, *np.cumsum(lengths)[:-1].tolist()][: len(starts)]
    assert all(a != b for a, b in itertools.pairwise(values.tolist()))


def test_gaps_and_ties_are_no_outperformance():
    a = np.array([1.0, 2.0, np.nan, 4.0, 8.0])
    b = np.array([1.0, 1.0, 1.0, 1.0, 2.0])
    assert streaks.outperformance(a, b).tolist() == [1, 0, 0, 0]


def test_run_of_three_heads_in_ten_tosses():
    # 504 of the 1024 strings of ten coin tosses have no three heads in a row (tribonacci number T(13) = 504).
    assert streaks.run_probability(3, 10, 0.5) == pytest.approx(1 - 504 / 1024)


@given(st.integers(1, 6), st.integers(1, 9), st.floats(0, 1))
def test_run_probability_equals_counting(length, periods, rate):
    expected = sum(
        rate ** sum(tosses) * (1 - rate) ** (periods - sum(tosses))
        for tosses in itertools.product([0, 1], repeat=periods)
        if "1" * length in "".join(map(str, tosses))
    )
    assert streaks.run_probability(length, periods, rate) == pytest.approx(expected, abs=1e-12)


def test_no_run_is_more_than_certain():
    chances = [
        streaks.run_probability(length, periods, rate)
        for length in (1, 2, 3)
        for periods in (60, 250, 251, 252, 500)
        for rate in np.linspace(0.3, 0.99, 24)
    ]
    assert max(chances) == 1.0
    assert min(chances) > 0.0
