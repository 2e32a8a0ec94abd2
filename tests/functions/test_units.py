"""Numbers in the wrong unit: refused with the number that was likely meant, or told."""

import pytest

from xlrotation.errors import CellError


def column(values):
    return [[value] for value in values]


VOLS, WEIGHTS = column([0.30, 0.25, 0.28]), column([0.5, 0.3, 0.2])
PRICES = column([96.11, 96.235, 96.3])
RATES = column([3.7, 3.7, 3.8, 3.8, 3.9, 3.9, 3.9, 3.9, 4, 4, 4.1, 4.3, 4.2, 4.1, 4.1])
DAY = "2025-12-10"


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("DISP_INDEX_CALC", [15.86, [[36.7]], [[1]]], "vols 36.7 is a volatility of 3670%; did you mean 0.367?"),
        (
            "DISP_INDEX_CALC",
            [15.86, [[0.367]], [[1]]],
            "index_vol 15.86 is a volatility of 1586%; did you mean 0.1586?",
        ),
        ("DISP_IMPLCORR_CALC", [0.15, column([30, 0.25, 0.28]), WEIGHTS], "row 1 of vols: 30 is"),
        ("DISP_IMPLCORR_CALC", [0.15, column([0.30, 0.25, 28]), WEIGHTS], "row 3 of vols: 28 is"),
        ("DISP_VOL_SPREAD_CALC", [15, VOLS, WEIGHTS], "did you mean 0.15?"),
        ("DISP_BREAKEVEN", [0.15, column([0.3, None, 28.0]), WEIGHTS], "row 3 of vols: 28"),
        ("DISP_LEGS", [0.15, column([30, 25, 28]), WEIGHTS], "did you mean 0.3?"),
        ("DISP_PNL", [0.15, VOLS, WEIGHTS, 14, VOLS], "realised_index_vol 14 is"),
        ("DISP_PNL", [0.15, VOLS, WEIGHTS, 0.14, column([30, 25, 28])], "row 1 of realised_vols: 30"),
        ("DISP_PNL_TABLE", [15, VOLS, WEIGHTS], "index_vol 15 is"),
        (
            "DISP_XS_CALC",
            [column([5, -2, 1]), WEIGHTS],
            "returns -2 in row 2 is a return of -200%; did you mean -0.02?",
        ),
        ("VOL_BS_PRICE", [20, 42, 40, 0.5], "vol 20 is a volatility of 2000%; did you mean 0.2?"),
        ("VOL_BS_PRICE", [0.2, 42, 40, 0.5, 5], "rate 5 is a rate of 500%; did you mean 0.05?"),
        ("VOL_BS_IV", [4, 42, 40, 0.5, 0.05, 2], "div_yield 2 is a rate of 200%; did you mean 0.02?"),
        ("VOL_BS_GREEK", ["VEGA", 20, 42, 40, 0.5], "did you mean 0.2?"),
        ("VOL_VIX", [18.5, 19.0, 0.068, 0.088], "near 18.5 is no yearly variance"),
        ("VOL_VIX", [0.018, 0.019, 25, 32], "far_t 32 is a time in years; for 32 days did you mean 0.0876712?"),
        ("VOL_BAND", [0.25], "level 0.25 is a level in index points; did you mean 25?"),
        ("VOL_STRESS", [1.1, 25], "vvix 1.1: ^VVIX stands in index points; did you mean 110?"),
        ("VOL_STRESS", [110, 0.25], "did you mean 25?"),
        ("VOL_STREAK", ["VVIX", 1.1], "did you mean 110?"),
        ("EVT_VVIX", [1.1], "did you mean 110?"),
        ("EVT_SIGNALS", ["VIX", ">", 0.3], "did you mean 30?"),
        ("VOL_IMPLIED", ["SPX", "1M", None, None, 4], "did you mean 0.04?"),
        ("VOL_IMPLIED", ["SPX", "1M", None, None, None, 25], "did you mean 0.25?"),
        ("MAC_FEDWATCH", [column([3.89, 3.765, 3.7]), DAY, 3.75, 4], "row 1 of futures: 3.89 is a rate"),
        ("MAC_FEDWATCH", [column([96.11, 3.765, 3.7]), DAY, 3.75, 4], "did you mean 96.235?"),
        ("MAC_FEDWATCH", [column([0.0389, 0.0377, 0.037]), DAY, 3.75, 4], "did you mean 96.11 or 99.9611?"),
        ("MAC_FEDWATCH", [column([389, 377, 370]), DAY, 3.75, 4], "389 are basis points, not the price of a future"),
        ("VOL_BAND", [1700], "did you mean 17?"),
        ("MAC_FEDWATCH", [PRICES, DAY, 0.0375, 0.04], "are percent; did you mean 3.75 and 4?"),
        ("MAC_FEDWATCH", [PRICES, DAY, 375, 400], "are percent; did you mean 3.75 and 4?"),
        (
            "MAC_FEDWATCH_TABLE",
            [column(["2025-11-01", "2025-12-01"]), column([3.88, 3.797]), [[DAY]], 3.75, 4],
            "row 1 of futures: 3.88 is a rate, not the price of a future; did you mean 96.12?",
        ),
        (
            "MAC_SAHM",
            [column([row[0] / 100 for row in RATES])],
            "rates in percent, and 0.041 stands last; did you mean 4.1",
        ),
        ("MAC_SAHM_TRIGGER", [column([row[0] / 100 for row in RATES])], "did you mean 4.1?"),
        ("MAC_WIDENING_BP", [column([294, 305, 317]), 2], "did you mean 3.17?"),
        ("FLOW_DIPBUY", [column([-2, 1, -3]), column([5, 2, 1])], "returns -2 in row 1 is a return of -200%"),
        ("FLOW_DIPBUY", [column([-0.02, 0.01]), column([5, 2]), -1.5], "threshold -1.5"),
        ("VAL_GROWTH_GAP", [19, 12], "a 19 is growth of 1900%; did you mean 0.19?"),
        ("VAL_GROWTH_GAP", [0.19, 12], "b 12 is growth of 1200%; did you mean 0.12?"),
        ("VAL_COMPRESSION", [22, 20, 12], "did you mean 0.12?"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_may_be(sample, name, arguments, told):
    assert sample.call(name, *arguments) is CellError.VALUE
    reason = sample.failures[-1].reason
    assert told in reason
    assert "did you mean" in reason


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("PX_RET", [column([-37, 10, 12]), 2]),
        ("PX_RET", [column([37, 10, -12]), 2]),
        ("PX_RET", [column([-37, 10, -12]), 2]),
        ("PX_VS_MA", [column([-1, -2, -3]), 3]),
        ("PX_DRAWDOWN", [column([-1, -2, -3]), "MAX"]),
        ("PX_DRAWDOWN", [column([5, 2, -3]), "MAX"]),
        ("RS_STREAK", [column([-1, -2, -3]), column([1, 2, 3])]),
        ("RS_RATIO", [column([1, 2]), column([1, -2])]),
        ("RS_MANSFIELD", [column([-1, -2, -3]), column([1, 2, 3]), 3]),
        ("RS_HITRATE", [column([1, 2, 3]), column([1, -2, 3]), 2]),
        ("RS_MOMENTUM", [column([-1, 2, 3]), column([1, 2, 3]), 2]),
        ("ROT_REL_RET", [column([-1, 2, 3]), column([1, 2, 3]), 2]),
        ("VAL_DISCOUNT", [15, -20]),
        ("VAL_DISCOUNT", [-15, 20]),
        ("VAL_DISCOUNT", [-15, -20]),
        ("VAL_PE", [-100, 5]),
        ("VAL_LEVEL", [-288, 22]),
        ("VAL_LEVEL", [288, -22]),
        ("VAL_COMPRESSION", [-22, 20, 0.1]),
        ("VAL_COMPRESSION", [22, -20, 0.1]),
        ("VAL_COMPRESSION", [22, 20, -1.1]),
        ("FLOW_NET", [column([10, -11]), column([1, 1])]),
        ("FLOW_NET", [column([10, 11]), column([-1, 1])]),
        ("MAC_FEDWATCH", [column([50, None, 90]), DAY, 3.75, 4]),
        ("DISP_INDEX_CALC", [-0.1, VOLS, WEIGHTS]),
        ("DISP_INDEX_CALC", [0.1, column([0.3, -0.1, 0.2]), WEIGHTS]),
    ],
)
def test_what_means_nothing_below_zero_is_out_of_the_domain(sample, name, arguments):
    assert sample.call(name, *arguments) is CellError.NUM


def test_sound_numbers_near_the_bounds_are_taken(sample):
    for name, arguments in (
        ("DISP_INDEX_CALC", [3, [[3]], [[1]]]),
        ("VOL_BS_PRICE", [3, 42, 40, 0.5, 1, -1]),
        ("MAC_FEDWATCH", [column([99.9, 99.87, 99.8]), "2020-04-29", 0, 0.25]),
        ("MAC_FEDWATCH", [column([80.5, 80.4, 80.3]), "2025-12-10", 19.25, 19.5]),
        ("VOL_VIX", [0.5, 0.4, 0.068, 0.088]),
        ("PX_RET", [column([0.5, 10, 0]), 2]),
        ("VOL_BAND", [0]),
        ("VOL_BAND", [9]),
        ("VOL_STREAK", ["SPX", 1]),
        ("DISP_XS_CALC", [column([5, -1, 1]), WEIGHTS]),
        ("MAC_SAHM", [RATES]),
        ("VAL_DISCOUNT", [0, 22]),
    ):
        assert not isinstance(sample.call(name, *arguments), CellError), (name, sample.failures[-1].reason)


@pytest.mark.parametrize("name", ["DISP_INDEX_CALC", "DISP_IMPLCORR_CALC", "DISP_VOL_SPREAD_CALC", "DISP_BREAKEVEN"])
def test_weights_that_do_not_add_up_to_one_are_told_and_negative_ones_refused(sample, name):
    sample = sample.pinned(apart=True)
    whole = sample.call(name, 0.2, VOLS, WEIGHTS)
    percent = sample.call(name, 0.2, VOLS, column([50, 30, 20]))
    assert whole == pytest.approx(percent, rel=1e-12)
    assert not sample.remarks
    half = sample.call(name, 0.2, VOLS, column([0.25, 0.15, 0.10]))
    assert half == pytest.approx(whole, rel=1e-12)
    assert list(sample.remarks) == ["the weights add up to 0.5, not to 1, and are divided by their sum"]
    assert sample.call(name, 0.2, VOLS, column([0.9, 0.3, -0.2])) is CellError.VALUE
    assert "weights: -0.2 in row 3 is negative" in sample.failures[-1].reason


def test_equal_weights_that_nobody_gave_are_not_told(sample):
    sample = sample.pinned(apart=True)
    assert isinstance(sample.call("DISP_XS_CALC", column([0.05, -0.02, 0.01])), float)
    assert not sample.remarks
    sample.call("DISP_XS_CALC", column([0.05, -0.02, 0.01]), column([1, 1, 1]))
    assert len(sample.remarks) == 1


def test_small_spreads_are_told(sample):
    sample = sample.pinned(apart=True)
    assert sample.call("MAC_WIDENING_BP", column([0.0294, 0.0305, 0.0317]), 2) == pytest.approx(0.23)
    (told,) = sample.remarks
    assert told == "spreads of at most 0.0317 are read as percent: 3.17 basis points"
    sample.remarks.clear()
    sample.call("MAC_WIDENING_BP", column([2.94, 3.05, 3.17]), 2)
    assert not sample.remarks


def test_members_that_are_left_out_are_told(sample):
    for vols, row in (([[0.3], [0.25], [None]], 3), ([[0.3], [CellError.NA], [0.25]], 2)):
        sample.remarks.clear()
        assert isinstance(sample.call("DISP_IMPLCORR_CALC", 0.15, vols, [[0.3], [0.3], [0.4]]), float)
        (told,) = sample.remarks
        assert told.startswith(f"1 of 3 members have no value or no weight (the first in row {row}) and are left out")
    sample.remarks.clear()
    whole = sample.call("DISP_IMPLCORR_CALC", 0.15, [[0.3], [0.25], [None]], [[0.6], [0.4], [None]])  # a longer range
    assert whole == sample.call("DISP_IMPLCORR_CALC", 0.15, [[0.3], [0.25]], [[0.6], [0.4]])
    assert not sample.remarks


def test_returns_that_are_all_in_percent(sample):
    weights = [[0.3], [0.3], [0.4]]
    assert sample.call("DISP_XS_CALC", [[5.0], [3.0], [2.0]], weights) is CellError.VALUE
    assert sample.failures[-1].reason.endswith("did you mean 0.05?")
    assert isinstance(sample.call("DISP_XS_CALC", [[5.0], [0.3], [0.2]], weights), float)  # one that rose sixfold


def test_parkinson_needs_no_open(session_of):
    close = [100.0 + row for row in range(30)]
    fields = {"high": {"XLK": [value + 1 for value in close]}, "low": {"XLK": [value - 1 for value in close]}}
    session = session_of({"XLK": close}, **fields)
    assert isinstance(session.call("VOL_REALIZED", "XLK", 20, None, "PARKINSON"), float)
    assert session.call("VOL_REALIZED", "XLK", 20, None, "GK") is CellError.NA
    assert session.failures[-1].reason == "the data hold no open prices; use a source that does, or closes alone"


def test_a_volatility_of_zero_is_told(sample):
    sample.remarks.clear()
    assert isinstance(sample.call("DISP_IMPLCORR_CALC", 0.15, [[0.3], [0.25], [0]], [[0.3], [0.3], [0.4]]), float)
    assert list(sample.remarks) == ["a member's volatility is 0 in row 3; a blank cell may have come as one"]
