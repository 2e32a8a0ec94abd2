import numpy as np
import pytest

from xlrotation.errors import CellError

VOLS, WEIGHTS = [[0.25], [0.35], [0.18]], [[0.3], [0.4], [0.3]]


def test_1_and_2_numbers_of_your_own(sample):
    assert sample.call("DISP_IMPLCORR_CALC", 0.21, VOLS, WEIGHTS) == pytest.approx(0.3609000452284035)
    assert sample.call("DISP_BREAKEVEN", 0.21, VOLS, WEIGHTS) == pytest.approx(0.3609000452284035)
    assert sample.call("DISP_VOL_SPREAD_CALC", 0.21, VOLS, WEIGHTS) == pytest.approx(0.269 - 0.21)
    assert sample.call("DISP_INDEX_CALC", 0.1586, [[0.3670]], [[1]]) == pytest.approx(33.10, abs=0.02)
    assert sample.call("DISP_XS_CALC", [[0.1], [-0.1]]) == pytest.approx(0.1)


def test_a_member_without_a_number_is_left_out_and_the_weights_add_up_again(sample):
    with_gap = sample.call("DISP_IMPLCORR_CALC", 0.21, [*VOLS, [None]], [*WEIGHTS, [5]])
    assert with_gap == sample.call("DISP_IMPLCORR_CALC", 0.21, VOLS, [[3], [4], [3]])
    assert sample.call("DISP_IMPLCORR_CALC", 0.21, [[0.2]], [[1]]) is CellError.NA
    assert sample.call("DISP_IMPLCORR_CALC", 0.21, VOLS, WEIGHTS[:2]) is CellError.VALUE
    assert sample.call("DISP_IMPLCORR_CALC", 0.21, VOLS, [[-1], [1], [1]]) is CellError.VALUE
    assert sample.call("DISP_IMPLCORR_CALC", -0.21, VOLS, WEIGHTS) is CellError.NUM


def test_volatilities_that_do_not_fit_are_shown_as_they_are(sample):
    assert sample.call("DISP_IMPLCORR_CALC", 0.9, VOLS, WEIGHTS) > 1
    assert sample.call("DISP_IMPLCORR_CALC", 0.01, VOLS, WEIGHTS) < 0


def test_5_4_trade_pays_nothing_when_all_comes_out_as_implied(sample):
    assert sample.call("DISP_PNL", 0.21, VOLS, WEIGHTS, 0.21, VOLS) == pytest.approx(0.0)
    table = sample.call("DISP_PNL_TABLE", 0.21, VOLS, WEIGHTS)
    assert table[0][0] == "Correlation"
    at_scale_one = [row[3] for row in table[1:]]
    assert at_scale_one == sorted(at_scale_one, reverse=True)  # the lower the correlation the better
    signs = [value > 0 for value in at_scale_one]
    correlations = [row[0] for row in table[1:]]
    assert signs == [correlation < 0.3609 for correlation in correlations]


def test_5_4_legs(sample):
    rows = sample.call("DISP_LEGS", 0.21, VOLS, WEIGHTS, "VEGA", 1000, False)
    assert [row[2] for row in rows] == pytest.approx([-1000, 300, 400, 300])
    assert rows[0][3] == pytest.approx(-1000 / 42)
    assert sample.call("DISP_LEGS", 0.21, [[0]], [[1]]) is CellError.NUM


def test_market_forms(session_of):
    rng = np.random.default_rng(3)
    paths = {name: 100 * np.cumprod(1 + rng.normal(0, 0.02, 60)) for name in "ABCD"}
    shares = {name: [2.0] * 60 for name in "ABC"}
    index = sum(paths[name] for name in "ABC")
    session = session_of({**paths, "^GSPC": index}, shares={**shares})
    members = [["A"], ["B"], ["C"]]
    returns = np.array([paths[name][-1] / paths[name][-21] - 1 for name in "ABC"])
    assert session.call("DISP_RANGE", members, 20) == pytest.approx(returns.max() - returns.min())
    table = session.call("DISP_RANGE_TABLE", members, 20, None, False)
    assert table[-1] == ["Best minus worst", "", pytest.approx(returns.max() - returns.min())]
    assert session.call("DISP_XS", members, 20, None, "EQUAL") == pytest.approx(returns.std())
    block = [[float(paths[name][i]) for name in "ABC"] for i in range(39, 60)]
    assert session.call("DISP_REALCORR", members, 20) == pytest.approx(session.call("DISP_REALCORR_CALC", block))
    assert session.call("DISP_XS", [["A"], ["D"]], 20) == 0.0  # D has no weight
    paradox = {row[0]: row[1] for row in session.call("DISP_PARADOX", members, None, 20, None, False)}
    member, market = (value for name, value in paradox.items() if "volatility" in name)
    cancelled = paradox["Share of single-stock variance that cancels"]
    assert cancelled == pytest.approx(1 - market**2 / member**2)


def test_gaps(session_of):
    session = session_of({"A": [1.0, 2, 3, 4], "B": [1.0, np.nan, 3, 5], "C": [1.0, 2, 2, 3]})
    assert session.call("DISP_REALCORR", [["A"], ["B"], ["C"]], 3) == session.call("DISP_REALCORR", [["A"], ["C"]], 3)
    assert session.call("DISP_REALCORR", [["A"], ["B"]], 3) is CellError.NA


@pytest.mark.parametrize(
    ("measure", "symbol"), [("IMPLCORR", "COR1M"), ("index", "DSPX"), ("DISP_IMPLCORR", "COR1M"), ("VXN", "VXN")]
)
def test_1_percentile_of_a_published_index(sample, measure, symbol):
    assert sample.call("DISP_PCTILE", measure, "1Y") == sample.call("PX_PCTRANK", symbol, "1Y")


def test_percentile_of_a_measure_is_that_of_its_values_one_by_one(sample):
    days = sample.panel.days[-40:].tolist()
    for measure, function, arguments in (
        ("REALCORR", "DISP_REALCORR", ("SP50", "21D")),
        ("RANGE", "DISP_RANGE", ("MAG7", "252D")),
    ):
        values = [sample.call(function, *arguments, day) for day in days]
        expected = sum(value <= values[-1] for value in values) / len(values)
        assert sample.call("DISP_PCTILE", measure, "40D") == expected
    assert 0 < sample.call("DISP_PCTILE", "XS", "3M") <= 1
    assert 0 < sample.call("DISP_PCTILE", "VOL_SPREAD", "3M") <= 1


def test_percentile_of_what_is_not_there(sample, session_of):
    assert sample.call("DISP_PCTILE", "NOSUCH") is CellError.VALUE
    assert "IMPLCORR" in sample.failures[-1].reason
    assert session_of({"AAPL": [1.0, 2.0, 3.0]}).call("DISP_PCTILE", "REALCORR", "2D") is CellError.NA


def test_5_2_realised_correlation_day_by_day_is_that_of_each_session(sample):
    rows = sample.call("DISP_REALCORR_HISTORY", "SP50", "MAX", None, None, False)
    singles = sample.call("DISP_REALCORR", "SP50", "21D", [[day] for day, _ in rows])
    for place, ((day, value), (single,)) in enumerate(zip(rows, singles, strict=True)):
        if place == 20:  # 21 sessions but 20 returns: the single function makes do with them
            continue
        assert value is single is CellError.NA or value == pytest.approx(single, abs=1e-10), day
    assert [value is CellError.NA for _, value in rows[:22]] == [True] * 21 + [False]
    assert rows[-1][1] == sample.call("DISP_REALCORR_HISTORY", "SP50", "1M", None, None, False)[-1][1]


def test_5_2_a_history_leaves_out_gaps_and_members_that_never_move(session_of):
    closes = 100 * np.cumprod(1 + np.random.default_rng(5).normal(0, 0.02, (40, 3)), axis=0)
    closes[20, 2] = np.nan
    session = session_of({"A": closes[:, 0], "B": closes[:, 1], "C": closes[:, 2], "FLAT": [50.01] * 40})
    rows = session.call("DISP_REALCORR_HISTORY", [["A"], ["B"], ["C"], ["FLAT"]], "MAX", None, 5, False)
    pair = session.call("DISP_REALCORR_HISTORY", [["A"], ["B"]], "MAX", None, 5, False)
    same = [a[1] == pytest.approx(b[1], abs=1e-12) for a, b in zip(rows[5:], pair[5:], strict=True)]
    assert [place + 5 for place, equal in enumerate(same) if equal] == list(range(20, 26))  # the gap in C
    assert session.call("DISP_REALCORR_HISTORY", "A", "10D", None, 5) is CellError.NA  # one member has no pair
    assert session.call("DISP_REALCORR_HISTORY", [["A"], ["B"]], "10D", None, 1) is CellError.VALUE
    assert session.call("DISP_REALCORR_HISTORY", [["A"], ["B"]], "10D", None, 100) is CellError.NA


def test_a_window_of_everything_begins_with_the_first_return(session_of):
    rng = np.random.default_rng(8)
    closes = 100 * np.cumprod(1 + rng.normal(0, 0.02, (12, 3)), axis=0)
    session = session_of({"A": closes[:, 0], "B": closes[:, 1], "C": closes[:, 2]})
    expected = np.corrcoef((closes[1:] / closes[:-1]).T)[np.triu_indices(3, 1)].mean()
    members = [["A"], ["B"], ["C"]]
    assert session.call("DISP_REALCORR", members, "MAX") == pytest.approx(expected)
    assert session.call("DISP_REALCORR", members, "11D") == pytest.approx(expected)
    assert session.call("DISP_REALCORR", members, "2020-01-02") == pytest.approx(expected)
