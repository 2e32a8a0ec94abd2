"""Returns between closes: what is no base gives none."""

import numpy as np
import pytest

from xlrotation.measures import returns

# WTI's front month on 2020-04-17, 04-20 and 04-21 (CME settlements), and a share beside it
_CLOSES = np.array([[18.27, 41.0], [-37.63, 42.0], [10.01, np.nan], [13.78, 43.0], [0.0, 44.0], [1.0, 45.0]])


def test_a_price_below_zero_is_neither_base_nor_end():
    found = returns.simple(_CLOSES)
    np.testing.assert_allclose(found[:, 0], [np.nan, np.nan, 13.78 / 10.01 - 1, -1.0, np.nan], rtol=1e-12)
    np.testing.assert_allclose(found[:, 1], [1 / 41, np.nan, np.nan, 1 / 43, 1 / 44], rtol=1e-12)


@pytest.mark.parametrize("sessions", [2, 3])
def test_over_several_sessions(sessions):
    closes = np.array([10.0, 11.0, 12.1, 13.31, 14.641])
    np.testing.assert_allclose(returns.simple(closes, sessions), 1.1**sessions - 1, rtol=1e-12)


def test_too_few_rows_give_no_return():
    assert returns.simple(_CLOSES[:1]).shape == (0, 2)
