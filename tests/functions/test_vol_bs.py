import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from xlrotation.errors import CellError
from xlrotation.measures import options
from xlrotation.measures.options import Option


@pytest.mark.parametrize(
    ("name", "arguments", "expected", "digits"),
    [
        # Hull, Options, Futures and Other Derivatives: example 15.6, section 15.11, examples of chapter 19.
        ("VOL_BS_PRICE", (0.2, 42, 40, 0.5, 0.1), 4.76, 2),
        ("VOL_BS_PRICE", (0.2, 42, 40, 0.5, 0.1, 0, "PUT"), 0.81, 2),
        ("VOL_BS_PRICE", (0.2, 21, 20, 0.25, 0.1), 1.76, 2),
        ("VOL_BS_PRICE", (0.3, 21, 20, 0.25, 0.1), 2.10, 2),
        ("VOL_BS_IV", (1.875, 21, 20, 0.25, 0.1), 0.235, 3),
        ("VOL_BS_GREEK", ("DELTA", 0.2, 49, 50, 0.3846, 0.05), 0.522, 3),
        ("VOL_BS_GREEK", ("GAMMA", 0.2, 49, 50, 0.3846, 0.05), 0.066, 3),
        ("VOL_BS_GREEK", ("VEGA", 0.2, 49, 50, 0.3846, 0.05), 12.1, 1),
        ("VOL_BS_GREEK", ("THETA", 0.2, 49, 50, 0.3846, 0.05), -4.31, 2),
        # Haug, The Complete Guide to Option Pricing Formulas (1998).
        ("VOL_BS_PRICE", (0.30, 60, 65, 0.25, 0.08), 2.1334, 4),
        ("VOL_BS_PRICE", (0.20, 100, 95, 0.5, 0.10, 0.05, "PUT"), 2.4648, 4),
        ("VOL_BS_GREEK", ("DELTA", 0.36, 105, 100, 0.5, 0.1, 0.1), 0.5946, 4),
        ("VOL_BS_GREEK", ("DELTA", 0.36, 105, 100, 0.5, 0.1, 0.1, "PUT"), -0.3566, 4),
        ("VOL_BS_GREEK", ("GAMMA", 0.30, 55, 60, 0.75, 0.1), 0.0278, 4),
        ("VOL_BS_GREEK", ("VEGA", 0.30, 55, 60, 0.75, 0.1), 18.9358, 4),
        # Documentation of py_vollib.
        ("VOL_BS_PRICE", (0.2, 100, 100, 0.5, 0.01), 5.87602423383, 11),
    ],
)
def test_4_published_values(sample, name, arguments, expected, digits):
    assert round(sample.call(name, *arguments), digits) == expected


market = st.builds(
    Option,
    spot=st.floats(10, 200),
    strike=st.floats(10, 200),
    t=st.floats(0.02, 3),
    rate=st.floats(-0.02, 0.1),
    div_yield=st.floats(0, 0.1),
    sign=st.sampled_from([1, -1]),
)


@given(market, st.floats(0.05, 2))
def test_4_put_call_parity(option, vol):
    call, put = option._replace(sign=1), option._replace(sign=-1)
    carried = option.spot * math.exp(-option.div_yield * option.t) - option.strike * option.discount
    assert options.price(call, vol) - options.price(put, vol) == pytest.approx(carried, abs=1e-10)


@given(market, st.floats(0.05, 2))
def test_4_greeks_are_slopes(option, vol):
    got, h = options.greeks(option, vol), 1e-5

    def slope(change):
        return (options.price(*change(h)) - options.price(*change(-h))) / (2 * h)

    assert got["VEGA"] == pytest.approx(slope(lambda e: (option, vol + e)), abs=1e-4)
    assert got["DELTA"] == pytest.approx(slope(lambda e: (option._replace(spot=option.spot + e), vol)), abs=1e-5)
    assert got["THETA"] == pytest.approx(-slope(lambda e: (option._replace(t=option.t + e), vol)), rel=1e-3, abs=1e-3)
    assert got["RHO"] == pytest.approx(slope(lambda e: (option._replace(rate=option.rate + e), vol)), abs=1e-3)


@given(market, st.floats(0.05, 2))
def test_4_implied_volatility_recovers_what_the_price_tells(option, vol):
    value = options.price(option, vol)
    floor, ceiling = options.bounds(option)
    assume(value - floor > 1e-6 and ceiling - value > 1e-6)
    assert options.implied_volatility(option, value) == pytest.approx(vol, rel=1e-7)


def test_prices_that_no_volatility_gives(sample):
    assert sample.call("VOL_BS_IV", 1.9, 42, 40, 0.5, 0.1) is CellError.NA  # below the intrinsic value
    assert sample.call("VOL_BS_IV", 43, 42, 40, 0.5, 0.1) is CellError.NA
    assert sample.call("VOL_BS_IV", 5, 42, 40, 0) is CellError.NUM
    assert sample.call("VOL_BS_PRICE", 0.2, -42, 40, 0.5) is CellError.NUM
    assert sample.call("VOL_BS_PRICE", 20, 42, 40, 0.5) is CellError.VALUE
    assert "did you mean 0.2?" in sample.failures[-1].reason
    assert sample.call("VOL_BS_PRICE", 0, 42, 40, 0.5, 0) == 2
    assert sample.call("VOL_BS_GREEK", "DELTA", 0, 42, 40, 0.5) is CellError.NUM


def test_bounds_of_what_is_priced(sample):
    price, greek = "VOL_BS_PRICE", "VOL_BS_GREEK"
    assert sample.call(price, 3, 42, 40, 0.5) == pytest.approx(30.1, abs=0.1)
    assert sample.call(price, 3.01, 42, 40, 0.5) is CellError.VALUE
    assert sample.call(price, -0.01, 42, 40, 0.5) is CellError.NUM
    assert "vol -0.01 is a negative volatility" in sample.failures[-1].reason
    assert sample.call(price, 0.2, 0, 40, 0.5) is CellError.NUM
    assert sample.call(price, 0.2, 42, 0, 0.5) is CellError.NUM
    assert sample.call(price, 0.2, 42, 40, -0.1) is CellError.NUM
    assert sample.call(price, 0.2, 42, 40, 0) == 2
    assert sample.call(price, 0.2, 0.5, 0.4, 0) == pytest.approx(0.1)
    # Rate or yield times time up to 50, and a thousand years.
    assert isinstance(sample.call(price, 0.2, 42, 40, 100, 0.5), float)
    assert sample.call(price, 0.2, 42, 40, 100, 0.501) is CellError.NUM
    assert sample.call(price, 0.2, 42, 40, 100, -0.501) is CellError.NUM
    assert sample.call(price, 0.2, 42, 40, 100, 0, 0.501) is CellError.NUM
    assert isinstance(sample.call(price, 0.2, 42, 40, 1000), float)
    assert sample.call(price, 0.2, 42, 40, 1000.5) is CellError.NUM
    assert sample.call(greek, "VEGA", 0.2, 42, 40, 0) is CellError.NUM
    assert sample.call(greek, "VEGA", 3, 42, 40, 0.5) > 0
    assert sample.call(greek, "VEGA", 3.01, 42, 40, 0.5) is CellError.VALUE
    assert sample.call(greek, "VEGA", -0.2, 42, 40, 0.5) is CellError.NUM
    # A price at the intrinsic value, or at that of the share, implies no volatility.
    assert sample.call("VOL_BS_IV", 2, 42, 40, 0.5) is CellError.NA
    assert sample.call("VOL_BS_IV", 42, 42, 40, 0.5) is CellError.NA
    assert sample.call("VOL_BS_IV", 2.1, 42, 40, 0.5) > 0


def test_4_limits_by_hand(sample):
    # Without volatility the forward is exercised: 100 e^(0.03 x 2) against 95, discounted; a put at 110 as well.
    carried = 100 * math.exp(-0.02 * 2)
    assert sample.call("VOL_BS_PRICE", 0, 100, 95, 2, 0.05, 0.02) == pytest.approx(carried - 95 * math.exp(-0.1))
    assert sample.call("VOL_BS_PRICE", 0, 100, 110, 2, 0.05, 0.02, "PUT") == pytest.approx(
        110 * math.exp(-0.1) - carried
    )
    assert sample.call("VOL_BS_PRICE", 0, 100, 110, 2, 0.05, 0.02) == 0.0
    for kind, floor, ceiling in (("CALL", carried - 95 * math.exp(-0.1), carried), ("PUT", 0.0, 95 * math.exp(-0.1))):
        call = ("VOL_BS_IV", 100, 95, 2, 0.05, 0.02, kind)
        assert sample.call(call[0], floor + 1e-6, *call[1:]) > 0
        assert sample.call(call[0], ceiling - 1e-3, *call[1:]) > 0
        for outside in (floor - 1e-6, ceiling + 1e-6):
            assert sample.call(call[0], outside, *call[1:]) is CellError.NA


def test_implied_volatilities_of_a_range_are_those_of_its_cells(sample):
    sample = sample.pinned(apart=True)
    rows = []
    for strike in range(60, 145, 5):
        for kind in ("CALL", "put", " C "):
            option = Option(100.0, float(strike), 0.5, 0.03, 0.01, 1 if "c" in kind.lower() else -1)
            rows.append([options.price(option, 0.25 + strike / 1000), strike, kind])
    rows += [[0.0, 100, "CALL"], [None, 100, "CALL"], ["x", 100, "CALL"], [500.0, 100, "PUT"], [5.0, 100, "BOTH"]]
    rows += [[5.0, -100, "CALL"], [CellError.NUM, 100, "CALL"], [True, 100, "CALL"], ["5", 100, None]]
    prices, strikes, kinds = ([[row[place]] for row in rows] for place in range(3))
    got = sample.call("VOL_BS_IV", prices, 100, strikes, 0.5, 0.03, 0.01, kinds)
    for (vol,), (price, strike, kind) in zip(got, rows, strict=True):
        alone = sample.call("VOL_BS_IV", price, 100, strike, 0.5, 0.03, 0.01, kind)
        assert vol == (pytest.approx(alone, rel=1e-12) if isinstance(alone, float) else alone)
    reasons = {failure.reason for failure in sample.failures}
    assert any("lies outside" in reason for reason in reasons)
    assert any("'BOTH' is none of the choices" in reason for reason in reasons)


def test_a_range_is_answered_at_once(sample, monkeypatch):
    calls = []
    monkeypatch.setattr(options, "implied_volatility", lambda *args: calls.append(args) or 0.0)
    prices = [[4.0 + place / 100] for place in range(300)]
    vols = sample.call("VOL_BS_IV", prices, 42, 40, 0.5, 0.1)
    assert not calls
    assert all(isinstance(vol, float) and vol > 0 for (vol,) in vols)
    vols = sample.call("VOL_BS_IV", prices, [[40, 42, 44]], 40, 0.5)
    assert (len(vols), len(vols[0])) == (300, 3)


@pytest.mark.parametrize(
    ("vol", "spot", "t", "told"),
    [(0.3, 300, 0.1, False), (0.3, 200, 0.5, False), (0.3, 350, 0.5, True), (2, 250, 0.01, True)],
)
def test_a_time_value_of_rounding_alone_tells_no_volatility(sample, vol, spot, t, told):
    price = sample.call("VOL_BS_PRICE", vol, spot, 1000, t, 0.05, 0, "PUT")
    one = sample.call("VOL_BS_IV", price, spot, 1000, t, 0.05, 0, "PUT")
    ((of_many,), _) = sample.call("VOL_BS_IV", [[price], [price + 1]], spot, 1000, t, 0.05, 0, "PUT")
    if told:
        assert one == pytest.approx(vol, rel=1e-4)
        assert of_many == pytest.approx(vol, rel=1e-4)
    else:
        assert one is of_many is CellError.NA
        assert "intrinsic value" in sample.failures[-1].reason


DEEP = [
    ((64.5836103825063, 123.54127189308527, 58.95766151128809, 0.0644087558847163, 0, 0, "CALL"), 0.47562178346472045),
    ((64.5836127114047, 58.95766151128809, 123.54127189308527, 0.25, 0, 0, "PUT"), 0.3100000000038664),
    ((199.90006573228862, 300.0, 100.1, 0.1, 0, 0, "CALL"), 0.800000000000649),
    ((137.70000000155977, 100.0, 237.7, 0.5, 0, 0, "PUT"), 0.20000000032599494),
]
"""Prices of which a billionth part is time value, and the volatilities that mpmath finds with 40 digits."""


@pytest.mark.parametrize(("arguments", "expected"), DEEP)
def test_a_price_deep_in_the_money_tells_all_that_it_holds(sample, arguments, expected):
    assert sample.call("VOL_BS_IV", *arguments) == pytest.approx(expected, rel=5e-14)
    price, *others = arguments
    assert sample.call("VOL_BS_IV", [[price], [price]], *others)[1][0] == pytest.approx(expected, rel=5e-14)


@pytest.mark.parametrize("t", [5e-324, 1e-300, 1e-30, 3e-8])
def test_a_time_below_a_second_is_refused(sample, t):
    assert sample.call("VOL_BS_IV", 1.9, 21, 20, t) is CellError.NUM
    assert "less than a second" in sample.failures[-1].reason
    assert sample.call("VOL_BS_IV", [[1.9], [1.8]], 21, 20, t) == [[CellError.NUM], [CellError.NUM]]
    mixed = sample.call("VOL_BS_IV", 1.875, 21, 20, [[0.25], [t]], 0.1)
    assert mixed[0][0] == pytest.approx(0.2345, abs=1e-3)
    assert mixed[1][0] is CellError.NUM
    assert sample.call("VOL_BS_PRICE", 0.2, 42, 40, t) is CellError.NUM
    assert sample.call("VOL_BS_GREEK", "GAMMA", 0.2, 42, 40, t) is CellError.NUM
    assert sample.call("VOL_BS_PRICE", 0.2, 42, 40, 0) == 2
