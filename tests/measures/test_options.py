"""METHODS 4: one option at a time."""

import math
from fractions import Fraction

import pytest

from xlrotation.measures import options
from xlrotation.measures.options import Option

CALL = Option(100.0, 95.0, 2.0, 0.05, 0.02, 1)
PUT = CALL._replace(sign=-1)


def test_forward_and_discount():
    assert CALL.forward == pytest.approx(100 * math.exp(0.06))
    assert CALL.discount == pytest.approx(math.exp(-0.1))


def test_price_is_the_integral_over_the_lognormal_density():
    for option in (CALL, PUT, CALL._replace(strike=140.0), PUT._replace(strike=60.0)):
        total, steps = 0.3 * math.sqrt(2.0), 40_000
        value = 0.0
        for step in range(steps):
            z = -9 + 18 * (step + 0.5) / steps
            end = option.forward * math.exp(total * z - 0.5 * total * total)
            value += max(option.sign * (end - option.strike), 0.0) * math.exp(-0.5 * z * z)
        value *= 18 / steps / math.sqrt(2 * math.pi) * option.discount
        assert options.price(option, 0.3) == pytest.approx(value, rel=1e-7)


def test_without_volatility_or_time_the_forward_is_exercised():
    assert options.price(CALL, 0.0) == pytest.approx(100 * math.exp(-0.04) - 95 * math.exp(-0.1))
    assert options.price(PUT, 0.0) == 0.0
    assert options.price(PUT._replace(t=0.0), 0.3) == 0.0
    assert options.price(PUT._replace(t=0.0, strike=101.5), 0.3) == pytest.approx(1.5)


def test_bounds_are_the_limits_of_the_price():
    for option in (CALL, PUT, CALL._replace(strike=140.0), PUT._replace(strike=140.0)):
        low, high = options.bounds(option)
        assert low == pytest.approx(options.price(option, 1e-9))
        assert high == pytest.approx(options.price(option, 40.0))


@pytest.mark.parametrize("vol", [0.01, 0.2, 0.999, 1.0, 1.5, 4.0, 9.0])
def test_implied_volatility_at_any_size(vol):
    for strike in (80.0, 95.0, CALL.forward, 110.0):
        for sign in (1, -1):
            option = CALL._replace(strike=strike, sign=sign, t=0.25)
            value = options.price(option, vol)
            low, high = options.bounds(option)
            if value - low < 1e-8 or high - value < 1e-8:
                continue
            assert options.implied_volatility(option, value) == pytest.approx(vol, rel=1e-6)


def test_greeks_are_slopes_of_the_price():
    for option in (CALL, PUT):
        got, h = options.greeks(option, 0.3), 1e-4

        def at(vol=0.3, option=option, **changes):
            return options.price(option._replace(**changes), vol)

        assert got["DELTA"] == pytest.approx((at(spot=100 + h) - at(spot=100 - h)) / (2 * h), rel=1e-6)
        gamma = (at(spot=100.1) - 2 * at() + at(spot=99.9)) / 0.01
        assert got["GAMMA"] == pytest.approx(gamma, rel=1e-5)
        assert got["VEGA"] == pytest.approx((at(0.3 + h) - at(0.3 - h)) / (2 * h), rel=1e-6)
        assert got["THETA"] == pytest.approx(-(at(t=2 + h) - at(t=2 - h)) / (2 * h), rel=1e-6)
        assert got["RHO"] == pytest.approx((at(rate=0.05 + h) - at(rate=0.05 - h)) / (2 * h), rel=1e-6)
    assert options.greeks(CALL, 0.3)["DELTA"] - options.greeks(PUT, 0.3)["DELTA"] == pytest.approx(math.exp(-0.04))


@pytest.mark.parametrize("power", range(10, 34, 4))
def test_a_price_deep_in_the_money_loses_nothing_of_its_time_value(power):
    option = Option(spot=1000.0, strike=100.0, t=0.5, rate=0.0625, div_yield=0.0, sign=1)
    floor, _ = options.bounds(option)
    assert floor == option.spot - option.strike * math.exp(-0.03125)
    price = floor + 2.0**-power
    held = Fraction(price) - (Fraction(option.spot) - Fraction(option.strike * math.exp(-0.03125)))  # not 2**-power
    put = options.implied_volatility(option._replace(sign=-1), float(held))
    assert options.implied_volatility(option, price) == pytest.approx(put, rel=1e-12)
