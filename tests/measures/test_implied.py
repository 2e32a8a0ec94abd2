"""METHODS 4: implied volatility of whole chains, against Jaeckel's own code and against the option-by-option solver."""

import math

import lets_be_rational
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlrotation.measures import implied, options
from xlrotation.measures.options import Option


def arrays(*columns):
    return [np.asarray(column, float) for column in columns]


def drawn_as_in_lets_be_rational(n=1000):
    """Points as py_lets_be_rational draws its test values (tests/create_test_values.py)."""
    rng = np.random.default_rng(20260213)
    forward, strike = rng.integers(10, 1001, (2, n)).astype(float)
    return forward, strike, rng.uniform(0.5, 1.0, n), np.round(rng.uniform(0.0, 2.0, n), 2), rng.random(n) < 0.5


def test_4_prices_and_volatilities_of_jaeckels_code():
    forward, strike, vol, years, call = drawn_as_in_lets_be_rational()
    keep = years > 0
    forward, strike, vol, years, call = (column[keep] for column in (forward, strike, vol, years, call))
    signs = np.where(call, 1.0, -1.0)
    theirs = np.array(
        [lets_be_rational.black(*point) for point in zip(forward, strike, vol, years, signs, strict=True)]
    )
    ours = implied.black(forward, strike, years, vol, call)
    assert np.abs(ours - theirs).max() < 1e-12 * forward.max()
    found = implied.implied_volatility(theirs, forward, strike, years, call)
    spread = vol * np.sqrt(years)
    d1 = np.log(forward / strike) / spread + 0.5 * spread
    vega = forward * np.exp(-0.5 * d1 * d1) * np.sqrt(years / (2 * math.pi))
    carries = 4e-16 * theirs < 1e-10 * vega  # what rounding the price to a double does to the volatility
    assert np.count_nonzero(carries) > 950
    assert np.abs(found - vol)[carries].max() < 1e-10


def test_4_a_hundred_thousand_options_to_1e_10():
    rng = np.random.default_rng(7)
    n = 100_000
    forward = 100 * np.exp(rng.normal(0, 0.3, n))
    years, vol = np.exp(rng.uniform(math.log(1 / 365), math.log(2), n)), rng.uniform(0.08, 0.9, n)
    strike = forward * np.exp(vol * np.sqrt(years) * rng.uniform(-3, 3, n))
    call = rng.random(n) < 0.5
    price = implied.black(forward, strike, years, vol, call)
    assert np.abs(implied.implied_volatility(price, forward, strike, years, call) - vol).max() < 1e-10


@given(st.floats(-6, 6), st.floats(-9, 2.5))
def test_the_far_corners_come_back(log_moneyness, log_total):
    total = math.exp(log_total)
    x = -abs(log_moneyness) * max(total, total * total)  # up to six standard deviations, or the deep wings
    forward, strike = arrays([math.exp(x / 2)], [math.exp(-x / 2)])
    one, call = np.ones(1), np.ones(1, bool)
    price = implied.black(forward, strike, one, np.array([total]), call)
    if not 1e-280 < price[0] < forward[0] * (1 - 1e-9):
        return
    h, t = x / total, total / 2
    vega = math.exp(-0.5 * (h * h + t * t)) / math.sqrt(2 * math.pi)
    found = implied.implied_volatility(price, forward, strike, one, call)[0]
    # The price's own rounding (of the larger of its two terms), and as much again for the solution.
    terms = forward[0] * 0.5 * math.erfc(-(h + t) / math.sqrt(2))
    assert abs(found - total) < 1e-13 * total + 8e-16 * (1 + abs(h)) * terms / vega + 1e-15


def test_a_price_that_no_volatility_gives_is_nan():
    forward, strike, years = arrays([100] * 6, [110, 110, 110, 90, 100, 100], [1, 1, 1, 1, 0, 1])
    price = np.array([0.0, -1.0, 100.0, 10.0, 5.0, math.nan])
    assert np.isnan(implied.implied_volatility(price, forward, strike, years, np.ones(6, bool))).all()


def test_at_the_money_exactly():
    price = implied.black(*arrays([100], [100], [0.5], [0.2]), np.ones(1, bool))
    assert abs(price[0] - 5.637197779701664) < 1e-14  # documentation of py_vollib: Black(100, 100, .2, .5)
    found = implied.implied_volatility(price, *arrays([100], [100], [0.5]), np.ones(1, bool))
    assert abs(found[0] - 0.2) < 1e-15


def test_agrees_with_the_solver_for_one_option():
    rng = np.random.default_rng(3)
    for _ in range(200):
        strike, years, vol = 100 * math.exp(rng.normal(0, 0.2)), rng.uniform(0.02, 2), rng.uniform(0.1, 0.8)
        option = Option(100.0, strike, years, 0.0, 0.0, 1 if rng.random() < 0.5 else -1)
        value = options.price(option, vol)
        low, high = options.bounds(option)
        if not low + 1e-6 < value < high:
            continue
        one = options.implied_volatility(option, value)
        many = implied.implied_volatility(*arrays([value], [100], [strike], [years]), np.array([option.sign > 0]))
        assert abs(one - many[0]) < 1e-10


@pytest.mark.parametrize(("forward", "strike"), [(1000.0, 100.0), (100.0, 1000.0), (163.0, 150.0), (87.0, 91.0)])
@pytest.mark.parametrize("power", range(4, 40, 3))
def test_a_price_deep_in_the_money_loses_nothing_of_its_time_value(forward, strike, power):
    # The intrinsic value and a time value that add up without rounding: the volatility is that of the other side.
    time_value = abs(forward - strike) * 0.01 * 2.0**-power
    time_value = math.ldexp(round(math.ldexp(time_value, 52)), -52) if time_value < 1 else time_value
    price = abs(forward - strike) + time_value
    if price - abs(forward - strike) != time_value:  # rounded: what is left is what counts
        time_value = price - abs(forward - strike)
    if time_value <= 0.0:
        return
    in_the_money = forward > strike
    both = implied.implied_volatility(
        *arrays([price, time_value], [forward], [strike], [0.5]), np.array([in_the_money, not in_the_money])
    )
    assert both[0] == pytest.approx(both[1], rel=1e-14)


def test_a_first_step_that_was_made_is_not_made_again_and_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(7)
    size = 20_000
    forward, years = 100 * np.exp(random.normal(0, 0.4, size)), np.exp(random.uniform(-6, 1.5, size))
    vol, call = np.exp(random.uniform(-7, 1.5, size)), random.random(size) < 0.5
    strike = forward * np.exp(vol * np.sqrt(years) * random.uniform(-8, 8, size))
    strike[:100] = forward[:100]
    price = implied.black(forward, strike, years, vol, call)
    steps: list[int] = []
    step, bracketed = implied._step, implied._bracketed
    monkeypatch.setattr(implied, "_step", lambda x, *others: steps.append(len(x)) or step(x, *others))
    quick = implied.implied_volatility(price, forward, strike, years, call)
    made = sum(steps)
    monkeypatch.setattr(implied, "_bracketed", lambda *arrays: bracketed(*arrays[:5]))
    slow = implied.implied_volatility(price, forward, strike, years, call)
    assert quick.tobytes() == slow.tobytes()
    assert made < sum(steps) - made


def test_the_guess_near_the_money_is_settled_by_one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[int] = []
    step = implied._step
    monkeypatch.setattr(implied, "_step", lambda *given: counted.append(len(given[0])) or step(*given))
    random = np.random.default_rng(4)
    vols = random.uniform(0.08, 1.0, 4000)
    strikes = 100.0 * np.exp(vols * random.uniform(-2.0, 2.0, len(vols)))
    forwards, ones, call = np.full(len(vols), 100.0), np.ones(len(vols)), strikes > 100.0
    prices = implied.black(forwards, strikes, ones, vols, call)
    assert np.abs(implied.implied_volatility(prices, forwards, strikes, ones, call) / vols - 1.0).max() < 1e-12
    assert counted[0] == len(vols)
    assert sum(counted[1:]) < 0.1 * len(vols)
