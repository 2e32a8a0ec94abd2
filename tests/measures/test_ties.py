"""No verdict is decided by rounding: neither by the order in which a processor adds, nor by the scale of the prices.

Whole numbers are exact in floating point. The same prices in thirds, or with noise in the last digit, are the same
prices, so every verdict must be the one that the whole numbers give.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from xlrotation.functions.boundary.formula import evaluate
from xlrotation.functions.boundary.session import Session
from xlrotation.functions.families.rot import interpret
from xlrotation.measures import (
    breadth,
    dispersion,
    events,
    flows,
    levels,
    macro,
    mechanical,
    modelfree,
    rotation,
    smile,
    streaks,
    ties,
    volatility,
)
from xlrotation.measures.ties import TIE

few = st.integers(8, 12).map(float)  # so few values that ties abound
closes = arrays(np.float64, (14, 5), elements=few)
noise = arrays(np.float64, (14, 5), elements=st.sampled_from([-3.0, -1.0, 0.0, 1.0, 3.0]))
scales = st.sampled_from([1.0, 1 / 3, 0.1, 1 / 7, 1e-6, 1e6])

VERDICTS: dict[str, Callable[[np.ndarray, float], object]] = {
    "above average": lambda x, _: breadth.share_above_average(x, 10),
    "above average, daily": lambda x, _: [v.tolist() for v in breadth.above_average_history(x, 4)],
    "net advances": lambda x, _: breadth.net_advances(x).tolist(),
    "advances": lambda x, _: breadth.advances_declines(x).tolist(),
    "new extremes": lambda x, _: breadth.new_extremes(x),
    "new extremes, daily": lambda x, _: [v.tolist() for v in breadth.new_extremes_history(x, 5)],
    "percent rank": lambda x, _: levels.percent_rank(x[:, 0]),
    "at least": lambda x, _: levels.last_at_least(x[:, 0]),
    "crossing": lambda x, s: levels.last_crossing(x[:, 0], 10.0 * s),
    "at a high": lambda x, _: levels.drawdown(x[:, 0]) == 0.0,
    "streak": lambda x, _: streaks.outperformance(x[:, 0], x[:, 1]).tolist(),
    "ranks": lambda x, _: rotation.ranks(x).tolist(),
    "percentile of a gauge": lambda x, _: mechanical.component(np.tile(x[:, 0], 6), 1)[1:],
    "percentile of a falling gauge": lambda x, _: mechanical.component(np.tile(x[:, 0], 6), -1)[1:],
    "order": lambda x, _: ties.order(x[:, 0]).tolist(),
    "diffusion": lambda x, _: macro.diffusion(x[0], x[-1]),
    "closes at least": lambda x, s: flows.streak_at_least(x[:, 0], 10.0 * s),
    "won after events": lambda x, _: events.study(x[:, 0], np.arange(10), 2).positive,
}


@pytest.mark.parametrize("name", VERDICTS)
@given(closes, noise, scales)
def test_rounding_decides_no_verdict(name: str, exact: np.ndarray, ulps: np.ndarray, scale: float) -> None:
    verdict = VERDICTS[name]
    rounded = exact * scale * (1.0 + ulps * 2.0**-52)
    assert verdict(rounded, scale) == verdict(exact, 1.0)


@given(closes)
def test_streaks_of_rational_returns(exact: np.ndarray) -> None:
    a, b = exact[:, 0].astype(int).tolist(), exact[:, 1].astype(int).tolist()
    signs = [
        (x > y) - (x < y) for x, y in ((Fraction(a[i + 1], a[i]), Fraction(b[i + 1], b[i])) for i in range(len(a) - 1))
    ]
    assert streaks.outperformance(exact[:, 0] * 0.01, exact[:, 1] / 3.0).tolist() == signs


def test_a_difference_that_is_none_of_rounding_decides() -> None:
    for base in (1e-6, 1.0, 1e6):
        assert ties.above(base * (1 + 1e-11), base)
        assert not ties.above(base * (1 + TIE / 2), base)
        assert ties.at_least(base, base * (1 + TIE / 2))
        assert not ties.at_least(base, base * (1 + 1e-11))
    assert ties.above(0.0, -1e-300)
    assert ties.above(math.inf, 1.0)
    assert not ties.above(math.inf, math.inf)
    assert ties.at_least(math.inf, math.inf)
    assert not ties.at_least(math.nan, 1.0)
    assert not ties.above(1.0, math.nan)
    row = np.array([1.0, 1.0 + 1e-15, 1.0 + 1e-9, np.nan, np.inf, -np.inf])
    assert ties.above(row, 1.0).tolist() == [False, False, True, False, True, False]
    assert ties.at_least(row, 1.0).tolist() == [True, True, True, False, True, False]
    assert ties.sign(row, np.ones(6)).tolist()[:3] == [0.0, 0.0, 1.0]


def test_a_split_of_three_for_one_breaks_no_tie(session_of: Callable[..., Session]) -> None:
    """100.02 before a split of 3:1 is 33.34 after it, which a division by 3 does not give to the last digit."""
    assert 100.02 * (1 / 3) != 33.34
    session = session_of(
        {"AAA": [90.0, 100.02, 33.34], "BBB": [50.0, 50.0, 50.0]}, split={"AAA": [np.nan, np.nan, 3.0]}
    )
    assert session.call("PX_RET", "AAA", "1D") == 0.0
    assert session.call("PX_DRAWDOWN", "AAA", "2D") == 0.0
    assert session.call("RS_STREAK", "AAA", "BBB") == 0
    assert session.call("PX_SINCE", "AAA").isoformat() == "2026-02-12"
    assert session.call("BRD_NEW_HIGHS", [["AAA"], ["BBB"]], "MAX") == 1
    assert session.call("BRD_AD", [["AAA"], ["BBB"]], None, False)[0][:3] == [0, 0, 2]


def test_a_threshold_reached_to_the_digit_is_reached(session_of: Callable[..., Session]) -> None:
    """A VIX that rises from 20 to 24 rises by 20 %, although 24 / 20 - 1 is 0.19999999999999996."""
    assert 24.0 / 20.0 - 1.0 < 0.20
    session = session_of({"^VIX": [20.0, 20, 20, 20, 20, 24], "^COR1M": [7.3, 9, 9, 9, 9, 12.3], "^GSPC": [1.0] * 6})
    states = {row[0]: row[3] for row in session.call("ROT_UNWIND", None, "en", False)}
    assert sorted(states.values(), key=str).count("on") == 2, states


def test_weights_that_add_up_to_the_bound_reach_it() -> None:
    """Eight of ten equal weights are four fifths of them, and add up to 0.7999999999999999."""
    share = float(np.sum([0.1] * 8))
    assert float(np.add.accumulate([0.1] * 8)[-1]) < 0.8
    assert ties.at_least(min(share, float(np.add.accumulate([0.1] * 8)[-1])), 0.8)


def test_an_expiry_at_the_very_maturity_is_enough() -> None:
    for days in range(1, 400):
        years = days * 1440.0 / 525600.0
        for wanted in (days / 365.0, years * (1 + 2**-52), years * (1 - 2**-52)):
            assert smile.constant_maturity(np.array([years]), np.array([0.2]), wanted) == pytest.approx(0.2, rel=1e-12)


def test_a_ratio_that_stays_is_in_the_leading_quadrant() -> None:
    closes = np.full((120, 1), 0.1) * np.linspace(1.0, 3.0, 120)[:, None]
    ratio, momentum = rotation.rs_ratio_and_momentum(closes, closes[:, 0] / 0.3, 60, 5)
    assert {rotation.quadrant(float(x), float(y)) for x, y in zip(ratio[:, 0], momentum[:, 0], strict=True)} == {
        "leading"
    }
    assert rotation.quadrant(100.0 - 1e-6, 100.0) == "improving"


quotes = arrays(np.float64, (4, 7), elements=st.integers(1, 6).map(float))


@given(quotes, scales)
def test_the_strike_below_the_forward_does_not_hang_on_rounding(quoted: np.ndarray, scale: float) -> None:
    """A variance has no unit: strikes and quotes in another currency give the same one, forward on a strike or not."""
    strikes = np.arange(8.0, 15.0)
    bid, ask = np.minimum(quoted[:2], quoted[2:]), np.maximum(quoted[:2], quoted[2:])

    def steps(unit: float) -> modelfree.Expiry:
        call, put = ((bid[side] * unit, ask[side] * unit) for side in (0, 1))
        return modelfree.expiry_variance(strikes * unit, *call, *put, 0.1, 0.0)

    exact, other = steps(1.0), steps(scale)
    assert other.at_or_below / scale == pytest.approx(exact.at_or_below, nan_ok=True)
    assert (other.puts, other.calls) == (exact.puts, exact.calls)
    assert other.variance == pytest.approx(exact.variance, rel=1e-9, abs=1e-12, nan_ok=True)


@given(st.floats(0.05, 1.0), st.floats(0.01, 3.0))
def test_a_basket_of_one_has_no_correlation(weight: float, vol: float) -> None:
    one = np.array([weight]), np.array([vol])
    assert math.isnan(dispersion.implied_correlation(vol, one[1], one[0]))
    two = np.array([weight, 0.0]), np.array([vol, vol])
    assert math.isnan(dispersion.implied_correlation(vol, two[1], two[0]))


def test_a_variance_that_cancels_is_zero() -> None:
    """Three equal members at a correlation of -1/2 have no index variance; there is no correlation below."""
    for vol in (0.1, 0.3, 0.7, 1.1):
        three = np.full(3, vol), np.full(3, 1 / 3)
        assert dispersion.index_vol_at(-0.5, *three) == 0.0
        assert math.isnan(dispersion.index_vol_at(-0.51, *three))
        assert dispersion.dispersion_index(vol, np.full(7, vol), np.full(7, 1 / 7)) == 0.0


def test_a_constant_growth_does_not_move() -> None:
    """Its returns differ in the last digit, which must not count as a movement that correlates with others."""
    growing = 100.0 * 1.01 ** np.arange(30)
    still = np.diff(growing) / growing[:-1]
    assert len(set(still.tolist())) > 1
    rng = np.random.default_rng(7)
    a, b = rng.normal(0, 0.01, (2, 29))
    both = dispersion.mean_pairwise_correlation(np.column_stack([a, b]))
    assert dispersion.mean_pairwise_correlation(np.column_stack([a, b, still])) == pytest.approx(both, rel=1e-12)
    daily = dispersion.rolling_pairwise_correlation(np.column_stack([a, b, still]), 29)
    assert daily[-1] == pytest.approx(both, rel=1e-9)


def test_a_component_that_never_changes_has_no_score(sample: Session) -> None:
    table = [[0.1, float(i)] for i in range(7)]
    assert np.std([0.1] * 7) != 0.0
    assert str(sample.call("MAC_COMPOSITE", table)) == "#DIV/0!"


def test_a_fall_to_the_threshold_is_no_fall_below_it() -> None:
    assert 99.0 / 100.0 - 1.0 < -0.01
    returns = np.array([99.0 / 100.0 - 1.0, 98.9 / 100.0 - 1.0])
    assert flows.dip_buying(returns, np.ones(2), -0.01) == (1, 1)


def test_gaps_come_last_and_equal_ones_as_they_stand() -> None:
    row = np.array([np.nan, 2.0, 1.0, 2.0 * (1 - 2**-52), np.nan, 1.0 + 2**-52, -np.inf])
    assert ties.order(row).tolist() == [6, 2, 5, 1, 3, 0, 4]
    assert ties.order(-row).tolist() == [1, 3, 2, 5, 6, 0, 4]
    assert ties.order(np.empty(0)).tolist() == []


def test_equal_returns_rank_as_they_stand(session_of: Callable[..., Session]) -> None:
    """24.2 after 22 and 25.3 after 23 are both 10 %, but their quotients differ in the last digit."""
    assert 24.2 / 22.0 < 25.3 / 23.0
    for a, b in (((22.0, 24.2), (23.0, 25.3)), ((23.0, 25.3), (22.0, 24.2))):
        closes = {"XLK": list(a), "XLU": list(b)}
        session = session_of(closes)
        for name in ("ROT_LEADERS", "ROT_LAGGARDS"):
            rows = session.call(name, [["XLK"], ["XLU"]], 2, "1D", None, False)
            assert [row[2] for row in rows] == ["XLK", "XLU"]
        assert session.call("ROT_SECTOR_BEST", "1D") == session.call("ROT_SECTOR_WORST", "1D")
        assert session.call("ROT_REL_RET", "XLK", "XLU", "1D") == 0.0
        assert session.call("BRD_MEDIAN_GAP", [["XLK"]], "XLU", "1D") == 0.0


def test_a_level_at_its_threshold_after_a_split(session_of: Callable[..., Session]) -> None:
    """100.02 before a split of 3:1 is 33.34: at the threshold, not below it, and never changed."""
    session = session_of({"AAA": [100.02, 100.02, 33.34]}, split={"AAA": [np.nan, np.nan, 3.0]})
    assert session.call("VOL_STREAK", "AAA", 33.34) == 0
    assert session.call("VOL_STREAK", "AAA", 33.34, None, "BELOW") == 0
    assert str(session.call("VOL_RANK", "AAA", "MAX")) == "#N/A"
    assert len(session.call("EVT_SIGNALS", "AAA", ">=", 33.34, 3, None, False)) == 1
    assert str(session.call("EVT_SIGNALS", "AAA", "<", 33.34, 1, None, False)) == "#N/A"


def test_words_do_not_hang_on_rounding(sample: Session) -> None:
    just_below = 20.0 * (1 - 2**-53)
    assert sample.call("VOL_BAND", just_below, "en") == sample.call("VOL_BAND", 20.0, "en")
    texts = {
        interpret.sentence("AAA", 0.05, 0.05 * f, 0.03 - 0.02 + d, "en") for f in (1, 1 + 2**-52) for d in (0, -2e-17)
    }
    assert len(texts) == 1
    assert evaluate("0.1*3-0.3", sample.call) == 0.0  # so a sentence says that it is not below
    assert evaluate("0.3-0.1*3", sample.call) == 0.0


def test_returns_that_never_change_have_no_spread() -> None:
    growing = 100.0 * 1.01 ** np.arange(60)
    assert math.isnan(events.study(growing, np.arange(0, 30, 5), 5).t_value)
    still = np.column_stack([np.diff(growing) / growing[:-1]] * 5)
    assert len(set(still[:, 0].tolist())) > 1
    assert math.isnan(float(mechanical.absorption_ratio(still)))


def test_a_close_at_the_high_has_no_negative_variance() -> None:
    one = np.array([10.0])
    for up in (1.0, 1 - 2**-53, 1 + 2**-52):
        assert volatility.rogers_satchell(one, one * 1.1, one, one * 1.1 * up) == 0.0
    assert math.isnan(volatility.rogers_satchell(one, one * 1.1, one, one * 1.12))


def test_prices_of_two_points_at_a_meeting_fit_together(sample: Session) -> None:
    """Cuts of exactly two points, and a probability of exactly 0.05 %, whatever the rate they start from."""
    months, meeting = [["2025-11-01"], ["2025-12-01"], ["2026-01-01"]], [["2025-12-10"]]
    for start in np.arange(3.0, 5.0, 0.01).tolist():
        prices = [[100.0 - start], [None], [100.0 - (start - 2.0)]]
        middle = (start * 10 + (start - 2.0) * 21) / 31
        prices[1] = [100.0 - middle]
        found = sample.call("MAC_FEDWATCH_TABLE", months, prices, meeting, 3.75, 4, "AFTER", None, False)
        assert isinstance(found, list), (start, found)
        assert len(found) == 1, start
        prices[2] = [100.0 - (start - 0.25 * 0.0005)]
        found = sample.call("MAC_FEDWATCH_TABLE", months, prices, meeting, 3.75, 4, "AFTER", None, False)
        assert len(found) == 2, start


@given(st.lists(st.floats(-1e6, 1e6), max_size=20), st.floats(-1e6, 1e6), st.integers(0, 20))
def test_counts_are_those_of_the_comparisons(values, value, near):
    held = np.array([*values, value, value * (1 + 1e-13), value * (1 - 1e-13), *([value] * near)])
    greater, equal = ties.counts(held, value)
    assert greater == np.count_nonzero(ties.above(held, value))
    assert greater + equal == np.count_nonzero(ties.at_least(held, value))
