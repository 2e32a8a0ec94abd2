"""METHODS 1 and 2.1: quotes that count, forward, volatility at a delta, constant maturity."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlrotation.measures import implied, modelfree, smile


def flat_strip(vol, years, forward=100.0, rate=0.0, spread=0.0):
    strike = np.arange(60.0, 141.0, 2.5)
    call = implied.black(np.array(forward), strike, np.array(years), np.array(vol), np.array(True))
    put = call - forward + strike
    call, put = np.exp(-rate * years) * call, np.exp(-rate * years) * put
    half = spread / 2
    return smile.Strip(strike, np.maximum(call - half, 0), call + half, np.maximum(put - half, 0), put + half)


def test_quotes_are_laid_out_by_strike():
    got = smile.strip(
        np.array([105.0, 95.0, 95.0]), np.array([True, False, True]), np.array([1.0, math.nan, 6.0]), np.ones(3)
    )
    assert got.strike.tolist() == [95.0, 105.0]
    assert got.call_bid.tolist() == [6.0, 1.0]
    assert got.put_bid.tolist() == [0.0, 0.0]
    assert got.put_ask.tolist() == [1.0, 0.0]


def test_2_1_a_valid_quote_has_an_ask_that_is_not_below_the_bid():
    assert smile.valid(np.array([0.0, 1.0, 2.0, 0.0]), np.array([0.1, 1.0, 1.9, 0.0])).tolist() == [
        True,
        True,
        False,
        False,
    ]


def test_forward_by_parity_with_dividends_inside():
    strip = flat_strip(0.3, 0.5, forward=98.7, rate=0.04)
    assert abs(smile.forward(strip, math.exp(0.02)) - 98.7) < 1e-9
    nothing = np.zeros_like(strip.strike)
    assert math.isnan(smile.forward(strip._replace(put_bid=nothing, put_ask=nothing), 1.0))


def test_a_stale_quote_goes_and_fresh_ones_stay():
    strip = flat_strip(0.3, 0.25, spread=0.05)
    call_bid, call_ask = strip.call_bid.copy(), strip.call_ask.copy()
    call_bid[20] += 9.0  # as before a fall of the price
    call_ask[20] += 9.0
    cleaned = smile.without_stale(strip._replace(call_bid=call_bid, call_ask=call_ask))
    assert cleaned.call_ask[20] == 0.0
    others = np.arange(len(strip.strike)) != 20
    assert np.array_equal(cleaned.call_bid[others], strip.call_bid[others])
    assert np.array_equal(cleaned.put_ask, strip.put_ask)


def calls_only(strike, bid, spread=0.2):
    strike, bid = np.array(strike, float), np.array(bid, float)
    return smile.Strip(strike, bid, bid + spread, np.zeros(len(bid)), np.zeros(len(bid)))


def kept_calls(strip, *known):
    return smile.without_stale(strip, *known).call_ask.astype(bool).tolist()


NO_DAYS = np.full(7, math.nan)
SPLIT_TEN = calls_only([95, 100, 105, 500, 505, 510, 515], [10, 6, 3, 600, 595, 590, 585])


def test_a_majority_of_quotes_above_all_strikes_goes():
    assert kept_calls(SPLIT_TEN) == [True] * 3 + [False] * 4
    # A call is worth no more than the share, also where the strikes reach above its quotes.
    wide = calls_only([95, 100, 105, 500, 505, 510, 900], [10, 6, 3, 600, 595, 590, 0])
    assert kept_calls(wide, None, 104.0)[:6] == [True] * 3 + [False] * 3
    # Above the strikes, but nothing contradicts it: all strikes of a share that doubled.
    assert kept_calls(calls_only([40, 45, 50], [60, 55, 50])) == [True] * 3


def test_of_a_contradiction_the_older_trade_goes():
    strip = calls_only([90, 95, 100, 105, 110, 115, 120], [12, 8, 5, 60, 55, 50, 45])
    days = np.array([20.0, 19, 20, 5, 6, 7, 5])
    assert kept_calls(strip, (days, NO_DAYS)) == [True] * 3 + [False] * 4
    assert kept_calls(strip, (-days, NO_DAYS)) == [False] * 3 + [True] * 4
    unknown = np.where(days < 10, math.nan, days)
    assert kept_calls(strip, (unknown, NO_DAYS)) == [True] * 3 + [False] * 4


def test_a_quote_that_only_a_removed_one_contradicts_stays():
    # The middle one of day 2 contradicts the newest; the oldest contradicts the middle one only.
    strip = calls_only([90, 95, 100], [12, 20, 8])
    assert kept_calls(strip, (np.array([1.0, 2, 3]), np.full(3, math.nan))) == [False, True, True]
    strip = calls_only([90, 95, 100], [12, 4, 8])
    assert kept_calls(strip, (np.array([1.0, 2, 3]), np.full(3, math.nan))) == [True, False, True]


def test_puts_mirror_calls():
    strike, bid = np.arange(80.0, 115.0, 5.0), np.array([45.0, 50, 55, 60, 5, 8, 12])
    nothing = np.zeros(7)
    strip = smile.Strip(strike, nothing, nothing, bid, bid + 0.2)
    days = np.array([5.0, 7, 6, 5, 20, 19, 20])
    cleaned = smile.without_stale(strip, (NO_DAYS, days))
    assert cleaned.put_ask.astype(bool).tolist() == [False] * 4 + [True] * 3
    # Undated, a put that costs more than its strike goes, however many there are.
    dear = strip._replace(put_bid=np.array([145.0, 150, 155, 160, 5, 8, 12]), put_ask=bid + 110)
    assert (
        smile.without_stale(dear._replace(put_ask=dear.put_bid + 0.2)).put_ask.astype(bool).tolist()
        == [False] * 4 + [True] * 3
    )


@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0, 5), st.integers(0, 4)), min_size=1, max_size=12))
def test_what_is_left_never_contradicts_and_nothing_goes_without_need(rows):
    bid, spread, days = (np.array(column, float) for column in zip(*rows, strict=True))
    strip = smile.Strip(100.0 + np.arange(len(bid)), bid, bid + spread, np.zeros(len(bid)), np.zeros(len(bid)))
    cleaned = smile.without_stale(strip, (days, np.full(len(bid), math.nan)))
    left = np.flatnonzero(cleaned.call_ask > 0)
    for a in left:
        for b in left[left > a]:
            assert cleaned.call_bid[b] <= cleaned.call_ask[a] * (1 + 1e-9)
    usable = np.flatnonzero(smile.valid(strip.call_bid, strip.call_ask))
    if len(usable):  # the newest trades lose none but to one another
        newest = usable[days[usable] == days[usable].max()]
        assert np.isin(newest, left).any()


@given(st.floats(0.05, 1.5), st.floats(0.02, 2.0), st.floats(0.0, 0.06))
def test_a_flat_smile_comes_back_at_every_delta(vol, years, rate):
    strip = flat_strip(vol, years, forward=101.3, rate=rate)
    (found,) = smile.smiles([strip], np.array([years]), rate)
    level = smile.at_delta(found)
    if level == level:  # the strikes may not reach fifty delta
        assert abs(level - vol) < 1e-6
    elif 0.1 < vol * math.sqrt(years) < 0.5:
        pytest.fail("strikes from 60 to 140 enclose the money")


def test_several_expiries_are_solved_together_as_one_by_one():
    strips = [flat_strip(0.2, 0.1, spread=0.1), flat_strip(0.35, 0.4, spread=0.1)]
    years = np.array([0.1, 0.4])
    both = smile.smiles(strips, years, 0.03)
    for place in range(2):
        (alone,) = smile.smiles([strips[place]], years[place : place + 1], 0.03)
        assert np.array_equal(alone.call_vol, both[place].call_vol, equal_nan=True)
        assert alone.forward == both[place].forward


def test_one_side_serves_where_the_other_has_no_quotes():
    strip = flat_strip(0.25, 0.2)
    nothing = np.zeros_like(strip.strike)
    far = strip.strike < 90
    puts = strip._replace(put_bid=np.where(far, 0, strip.put_bid), put_ask=np.where(far, 0, strip.put_ask))
    (found,) = smile.smiles([puts], np.array([0.2]), 0.0)
    assert abs(smile.at_delta(found) - 0.25) < 1e-6
    (none,) = smile.smiles([strip._replace(call_bid=nothing)], np.array([0.2]), 0.0)
    assert math.isnan(smile.at_delta(none))


def test_1_constant_maturity_is_linear_in_total_variance():
    years, vols = np.array([20.0, 48.0]) / 365, np.array([0.20, 0.26])
    expected = math.sqrt((0.20**2 * 20 * 18 / 28 + 0.26**2 * 48 * 10 / 28) / 30)
    assert abs(smile.constant_maturity(years, vols, 30 / 365) - expected) < 1e-15
    assert smile.constant_maturity(years, vols, 20 / 365) == pytest.approx(0.20, abs=1e-15)
    assert math.isnan(smile.constant_maturity(years, vols, 50 / 365))
    assert math.isnan(smile.constant_maturity(years, np.array([0.2, math.nan]), 30 / 365))


@pytest.mark.parametrize(
    ("days", "standard", "maturity", "chosen"),
    [
        ([3, 10, 17, 24, 31, 38, 66], [False, True, False, False, False, True, True], 30, (1, 5)),
        ([8, 15, 22, 36, 64], [True, False, False, False, True], 30, (2, 4)),  # the third Friday is too near
        ([20, 40], [False, False], 30, (0, 1)),
        ([30, 31], [True, True], 30, (0, 1)),
        ([9, 31], [True, True], 30, None),
        ([20, 121], [True, True], 30, None),
        ([80, 120], [True, True], 91, (0, 1)),
    ],
)
def test_2_1_expiries_of_the_dspx_methodology(days, standard, maturity, chosen):
    assert modelfree.near_and_next(days, standard, maturity) == chosen


def test_below_ten_days_an_expiry_from_a_third_of_the_maturity_on_serves():
    assert [modelfree.nearest(days) for days in (1, 2, 3, 9, 14, 29, 30, 91)] == [1, 1, 1, 3, 4, 9, 10, 10]
    assert modelfree.near_and_next([2, 5, 12], [False] * 3, 9) == (1, 2)
    assert modelfree.near_and_next([2, 12], [False] * 2, 9) is None
    assert modelfree.near_and_next([5, 11, 15], [True, False, False], 14) == (1, 2)  # one of ten days comes first
    assert modelfree.near_and_next([5, 15], [False, False], 14) == (0, 1)


@pytest.mark.parametrize(
    ("days", "maturity", "chosen"),
    [
        ([14, 28, 31, 42], 30, (1, 2)),
        ([23, 37], 30, (0, 1)),  # the Friday rule's bounds
        ([22, 31], 30, None),
        ([28, 38], 30, None),
        ([30, 37], 30, (0, 1)),
        ([2, 9, 16], 9, (1, 2)),
        ([2, 16], 9, (0, 1)),
        ([], 30, None),
    ],
)
def test_3_expiries_of_the_vix(days, maturity, chosen):
    assert modelfree.around(days, maturity) == chosen


def test_2_1_model_free_variance_of_a_flat_smile():
    strip = flat_strip(0.2, 30 / 365)
    found = modelfree.expiry_variance(*strip, 30 / 365, 0.0)
    assert abs(math.sqrt(found.variance) - 0.2) < 0.004  # strikes 2.5 apart
    assert found.puts >= modelfree.LEAST_OPTIONS
    assert found.calls >= modelfree.LEAST_OPTIONS


def test_a_crossed_quote_and_a_missing_pair():
    strip = flat_strip(0.2, 30 / 365)
    crossed = strip.put_ask.copy()
    crossed[12] = 0.5 * strip.put_bid[12]
    fewer = modelfree.expiry_variance(*strip._replace(put_ask=crossed), 30 / 365, 0.0)
    assert fewer.puts == modelfree.expiry_variance(*strip, 30 / 365, 0.0).puts - 1
    nothing = np.zeros_like(strip.strike)
    assert math.isnan(modelfree.expiry_variance(*strip._replace(call_bid=nothing), 30 / 365, 0.0).variance)


def test_2_1_ten_days_are_near_enough_and_nine_are_not():
    # Third Fridays at 10 and 38 days, with nothing else before the maturity.
    assert modelfree.near_and_next([10, 38], [True, True]) == (0, 1)
    assert modelfree.near_and_next([9, 38], [True, True]) is None
    # Of two third Fridays on one side the one closer to the maturity counts, and one beats any other Friday.
    assert modelfree.near_and_next([10, 24, 29, 31, 52, 80], [True, True, False, False, True, True]) == (1, 4)


def test_2_1_a_variance_by_hand():
    """Seven strikes with growth 1.01: the forward, the strike below it, what counts, and every contribution."""
    strike = np.array([80.0, 85.0, 90.0, 95.0, 100.0, 110.0, 120.0])
    call_mid, put_mid = np.array([21, 16, 11.5, 7.5, 4, 1, 0.3]), np.array([0.2, 0.4, 1, 2, 3.5, 10.4, 19.5])
    years, rate = 0.25, 4 * math.log(1.01)
    found = modelfree.expiry_variance(strike, call_mid - 0.1, call_mid + 0.1, put_mid - 0.1, put_mid + 0.1, years, rate)
    assert found.forward == pytest.approx(100 + 1.01 * 0.5)
    assert (found.at_or_below, found.puts, found.calls, found.selected) == (100.0, 4, 2, 7)
    widths = [5, 5, 5, 5, 7.5, 10, 10]
    quotes = [0.2, 0.4, 1, 2, 3.75, 1, 0.3]
    total = sum(w / k**2 * 1.01 * q for w, k, q in zip(widths, strike, quotes, strict=True))
    assert found.contributions == pytest.approx(total)
    assert found.variance == pytest.approx(2 / years * total - (100.505 / 100 - 1) ** 2 / years)


def test_2_1_options_count_up_to_two_strikes_in_a_row_without_a_bid():
    strike = np.arange(50.0, 151.0, 10.0)  # the forward is 100, the sixth
    call_bid = np.array([50.0, 40, 30, 20, 11, 5, 3, 0, 2, 0, 0])
    put_bid = np.array([1.0, 0, 0, 2, 3, 5, 11, 20, 30, 40, 50])
    found = modelfree.expiry_variance(strike, call_bid, call_bid + 0.5, put_bid, put_bid + 0.5, 0.1, 0.0)
    # Calls at 110 and 130 (120 has no bid, alone); puts at 90 and 80, then two without: the bid at 50 is out.
    assert (found.at_or_below, found.puts, found.calls) == (100.0, 2, 2)
    wide = call_bid.copy()
    wide[8] = 0.0  # two in a row at 120 and 130
    assert modelfree.expiry_variance(strike, wide, wide + 0.5, put_bid, put_bid + 0.5, 0.1, 0.0).calls == 1


def test_2_1_a_forward_on_a_strike_takes_that_strike():
    strike = np.array([90.0, 100.0, 110.0])
    bids = np.array([11.0, 5.0, 2.0])
    found = modelfree.expiry_variance(strike, bids, bids, bids[::-1], bids[::-1], 0.1, 0.0)
    assert (found.forward, found.at_or_below) == (100.0, 100.0)
    lower = modelfree.expiry_variance(strike, bids, bids, bids[::-1] + 0.5, bids[::-1] + 0.5, 0.1, 0.0)
    assert (lower.forward, lower.at_or_below) == (99.5, 90.0)
    none = modelfree.expiry_variance(strike, bids, bids, bids[::-1] + 30, bids[::-1] + 30, 0.1, 0.0)
    assert math.isnan(none.at_or_below)
    assert (none.puts, none.calls) == (0, 0)
    assert none.forward < 90
    # One strike alone has no width.
    one = modelfree.expiry_variance(*(column[:1] for column in (strike, bids, bids, bids, bids)), 0.1, 0.0)
    assert (one.selected, one.forward) == (1, 90.0)
    assert math.isnan(one.variance)
    locked = modelfree.expiry_variance(strike, bids, bids - 0.1, bids[::-1], bids[::-1], 0.1, 0.0)
    assert (locked.puts, locked.calls) == (0, 0)
    assert math.isnan(locked.forward)  # every ask of a call below its bid
    free = modelfree.variance_of_quotes(strike, np.array([11.0, 5.0, math.nan]), np.array([0.0, 5.0, 11.0]), 0.1, 0.0)
    assert (free.puts, free.calls) == (0, 0)


def test_3_the_index_between_two_maturities():
    assert modelfree.thirty_day_index(0.04, 0.04, 0.05, 0.1) == pytest.approx(20.0)
    day = 1 / 365
    got = modelfree.thirty_day_index(0.04, 0.09, 40 * day, 80 * day, 60 * 1440.0)
    assert got == pytest.approx(100 * ((0.04 * 40 + 0.09 * 80) / 2 / 60) ** 0.5)
    assert math.isnan(modelfree.thirty_day_index(-0.04, -0.04, 0.05, 0.1))


def test_2_1_next_expiries_up_to_ninety_days_beyond():
    assert modelfree.near_and_next([30, 120], [True, True]) == (0, 1)
    assert modelfree.near_and_next([30, 121], [True, True]) is None
    assert modelfree.near_and_next([31, 60], [True, True]) is None
    assert modelfree.near_and_next([10, 31], [False, False]) == (0, 1)
    assert modelfree.near_and_next([], []) is None


def test_quotes_that_contradict_each_other_by_hand():
    # Calls must not rise: bids 10, 9, 9.6 against asks 10.5, 9.4, 10: the third is bid above the second's ask; both
    # are in one contradiction, and the second has the narrower spread.
    bid, ask = np.array([10.0, 9.0, 9.6]), np.array([10.5, 9.4, 10.2])
    puts = smile.Strip(np.array([90.0, 100.0, 110.0]), bid, ask, bid[::-1].copy(), ask[::-1].copy())
    cleaned = smile.without_stale(puts)
    assert cleaned.call_bid.tolist() == [10.0, 9.0, 0.0]
    assert cleaned.call_ask.tolist() == [10.5, 9.4, 0.0]
    assert cleaned.put_bid.tolist() == [0.0, 9.0, 10.0]
    assert cleaned.strike.tolist() == [90.0, 100.0, 110.0]
    touching = smile.Strip(puts.strike, np.array([10.0, 9.0, 9.4]), ask, bid[::-1].copy(), ask[::-1].copy())
    assert smile.without_stale(touching).call_bid.tolist() == [10.0, 9.0, 9.4]  # at the ask is no contradiction
    # A stale quote in two contradictions goes before the fresh ones that it contradicts.
    high = smile.Strip(puts.strike, np.array([5.0, 4.0, 9.0]), np.array([5.2, 4.2, 9.1]), bid * 0, ask * 0)
    assert smile.without_stale(high).call_bid.tolist() == [5.0, 4.0, 0.0]


def test_the_forward_of_the_closest_pair():
    strip = smile.Strip(
        *(np.array(column, float) for column in ([90, 100, 110], [12, 6, 2], [13, 7, 3], [2, 5, 12], [3, 6, 13]))
    )
    assert smile.forward(strip, 1.02) == pytest.approx(100 + 1.02 * 1.0)
    no_bid = strip._replace(call_bid=np.array([12.0, 0.0, 2.0]))
    assert smile.forward(no_bid, 1.0) == pytest.approx(90 + 10)  # the pair at 100 has no bid of the call
    crossed = strip._replace(put_ask=np.array([3.0, 4.0, 13.0]))
    assert smile.forward(crossed, 1.0) == pytest.approx(90 + 10)
    equal = strip._replace(call_bid=np.array([12.0, 6.0, 11.0]), call_ask=np.array([13.0, 7.0, 12.0]))
    assert smile.forward(equal, 1.0) == pytest.approx(101)  # of equals the lowest strike


def test_volatility_at_a_delta_by_hand():
    # Two calls at deltas around one half, a fifth of the way apart.
    strike, vols = np.array([95.0, 105.0]), np.array([0.30, 0.20])
    d1 = np.log(100 / strike) / (vols * 0.5) + vols * 0.25
    deltas = np.array([0.5 * math.erfc(-d / math.sqrt(2)) for d in d1])
    share = (deltas[0] - 0.5) / (deltas[0] - deltas[1])
    nothing = np.full(2, math.nan)
    calls = smile.Smile(strike, vols, nothing, 100.0, 0.25)
    assert smile.at_delta(calls) == pytest.approx(0.30 - 0.10 * share)
    puts = smile.Smile(strike, nothing, vols, 100.0, 0.25)
    assert smile.at_delta(puts) == pytest.approx(0.30 - 0.10 * share)
    both = smile.Smile(strike, vols, vols + 0.02, 100.0, 0.25)
    assert smile.at_delta(both) == pytest.approx(
        (smile.at_delta(calls) + smile.at_delta(puts._replace(put_vol=vols + 0.02))) / 2
    )
    assert smile.at_delta(calls, float(deltas[0])) == pytest.approx(0.30)
    assert math.isnan(smile.at_delta(calls, float(deltas[0]) + 1e-6))
    assert math.isnan(smile.at_delta(calls, float(deltas[1]) - 1e-6))
    assert math.isnan(smile.at_delta(calls._replace(call_vol=np.array([0.3, math.nan]))))


@pytest.mark.parametrize(("near", "far"), [(29, 53), (29, 56), (29, 60), (20, 40)])
def test_3_variances_that_cancel_leave_nothing(near, far):
    # In real numbers the two total variances add up to zero; in doubles something of either sign may be left.
    other = -near * 0.1 * (far - 30) / (far * (30 - near))
    assert modelfree.thirty_day_index(0.1, other, near / 365, far / 365) == 0.0


def test_each_side_has_the_volatilities_of_its_own_quotes():
    strip = flat_strip(0.25, 0.2)
    low, high = strip.strike < 85, strip.strike > 115
    quotes = strip._replace(call_bid=np.where(low, 0.0, strip.call_bid), put_bid=np.where(high, 0.0, strip.put_bid))
    (found,) = smile.smiles([quotes], np.array([0.2]), 0.0)
    assert np.isnan(found.call_vol)[low].all()
    assert np.isnan(found.put_vol)[high].all()
    assert np.isfinite(found.call_vol)[high][:3].all()
    assert np.isfinite(found.put_vol)[low][-3:].all()
