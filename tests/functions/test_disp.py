import numpy as np
import pytest

from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session

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


def test_a_correlation_needs_two_members_and_two_returns(session_of, sample):
    a, b, gap = [1.0, 2.0, 3.0], [1.0, 3.0, 2.0], [1.0, np.nan, 2.0]
    session = session_of({"A": a, "B": b, "C": gap})
    assert isinstance(session.call("DISP_REALCORR", [["A"], ["B"], ["C"]], 2), float)
    assert session.call("DISP_REALCORR", [["A"], ["C"]], 2) is CellError.NA
    assert "fewer than two members" in session.failures[-1].reason
    assert session.call("DISP_REALCORR", [["A"], ["B"]], 1) is CellError.NA  # one return has no correlation
    columns = [[float(x), float(y)] for x, y in zip(a, b, strict=True)]
    assert isinstance(sample.call("DISP_REALCORR_CALC", columns), float)
    assert sample.call("DISP_REALCORR_CALC", columns[:2]) is CellError.NA
    assert sample.call("DISP_REALCORR_CALC", [[row[0], None] for row in columns]) is CellError.NA
    assert sample.call("DISP_REALCORR_CALC", [[*row, 0.0] for row in columns]) == sample.call(
        "DISP_REALCORR_CALC", columns
    )  # a price of zero leaves its column out
    history = session.call("DISP_REALCORR_HISTORY", [["A"], ["B"]], "MAX", None, 2, False)
    assert [value is CellError.NA for _, value in history] == [True, True, False]
    assert session.call("DISP_REALCORR_HISTORY", [["A"], ["B"]], "MAX", None, 1) is CellError.VALUE


def test_weighted_realised_correlation_of_three_members(session_of):
    # Pairs weigh the product of the members' market values: 1 x 1, 1 x 2 and 1 x 2 of the last closes times shares.
    rng = np.random.default_rng(21)
    closes = 100 * np.cumprod(1 + rng.normal(0, 0.02, (30, 3)), axis=0)
    values = np.array([1.0, 1.0, 2.0])
    shares = {
        name: [value / closes[-1, place]] * 30 for place, (name, value) in enumerate(zip("ABC", values, strict=True))
    }
    session = session_of({**dict(zip("ABC", closes.T, strict=True)), "D": closes[:, 0] ** 0.5}, shares=shares)
    pair = np.corrcoef((closes[1:] / closes[:-1]).T)
    expected = (pair[0, 1] + 2 * pair[0, 2] + 2 * pair[1, 2]) / 5
    for members in ([["A"], ["B"], ["C"]], [["A"], ["B"], ["C"], ["D"]]):  # D has no weight
        assert session.call("DISP_REALCORR", members, 29, None, "CAP") == pytest.approx(expected)
    assert session.call("DISP_REALCORR", [["A"], ["B"], ["C"]], 29) == pytest.approx(
        (pair[0, 1] + pair[0, 2] + pair[1, 2]) / 3
    )


def test_the_paradox_by_hand(session_of):
    # Returns of 2 and -2 % against 4 and -4 %, weights 1 and 3: variances, uncentred, are 252 times 0.0004 and 0.0016.
    a, b = np.cumprod([100.0, 1.02, 0.98]), np.cumprod([50.0, 1.04, 0.96])
    index = np.cumprod([10.0, 1.03, 0.97])
    session = session_of({"A": a, "B": b, "^GSPC": index}, shares={"A": [1 / a[-1]] * 3, "B": [3 / b[-1]] * 3})
    rows = [row[1] for row in session.call("DISP_PARADOX", [["A"], ["B"]], None, 2, None, False)]
    members = 252 * (0.0004 + 3 * 0.0016) / 4
    own = 252 * (0.0004 + 9 * 0.0016) / 16
    whole = 252 * (0.25 * 0.02 + 0.75 * 0.04) ** 2
    market = 252 * 0.0009
    assert rows == pytest.approx([members**0.5, market**0.5, (market - own) / (whole - own), 1 - market / members])


def test_baskets_of_one_and_none(sample):
    one = ([[0.3]], [[1]])
    assert sample.call("DISP_INDEX_CALC", 0.2, *one) == pytest.approx(100 * (0.09 - 0.04) ** 0.5)
    assert sample.call("DISP_VOL_SPREAD_CALC", 0.2, *one) == pytest.approx(0.1)
    assert sample.call("DISP_XS_CALC", [[0.1]]) == 0.0
    assert sample.call("DISP_IMPLCORR_CALC", 0.2, *one) is CellError.NA
    assert len(sample.call("DISP_LEGS", 0.2, *one, None, None, False)) == 2
    assert isinstance(sample.call("DISP_PNL", 0.2, *one, 0.2, [[0.3]]), float)
    none = ([[None], [0.3]], [[1], [None]])
    for name in ("DISP_INDEX_CALC", "DISP_VOL_SPREAD_CALC", "DISP_IMPLCORR_CALC", "DISP_LEGS"):
        assert sample.call(name, 0.2, *none) is CellError.NA
    assert sample.call("DISP_XS_CALC", *none) is CellError.NA
    assert sample.call("DISP_INDEX_CALC", 0.2, [[0.3], [0.2]], [[0], [0]]) is CellError.NA


def test_a_weight_of_zero_is_a_weight_and_takes_no_part(sample):
    with_zero = sample.call("DISP_INDEX_CALC", 0.21, [*VOLS, [0.9]], [*WEIGHTS, [0]])
    assert with_zero == pytest.approx(sample.call("DISP_INDEX_CALC", 0.21, VOLS, WEIGHTS))
    assert sample.call("DISP_IMPLCORR_CALC", 0.21, [[0.2], [0.3]], [[1], [0]]) is CellError.NA  # a basket of one
    assert sample.call("DISP_VOL_SPREAD_CALC", 0.0, VOLS, WEIGHTS) == pytest.approx(0.269)  # a volatility of zero
    assert sample.call("DISP_VOL_SPREAD_CALC", -0.01, VOLS, WEIGHTS) is CellError.NUM
    assert sample.call("DISP_LEGS", 0, VOLS, WEIGHTS) is CellError.NUM
    assert sample.call("DISP_PNL", 0, VOLS, WEIGHTS, 0.2, VOLS) is CellError.NUM
    assert sample.call("DISP_PNL", 0.2, [[0], [0.3], [0.2]], WEIGHTS, 0.2, VOLS) is CellError.NUM
    assert isinstance(sample.call("DISP_PNL", 0.2, VOLS, WEIGHTS, 0, [[0], [0], [0]]), float)


def test_5_4_a_trade_by_hand(sample):
    # Variance swaps pay vega / (2 K) x (s^2 - K^2). Long A at 30, realised 36, and B at 20, realised 10, vegas 60 and
    # 40 (1 in 100 of weights 3 and 2); short the index at 20, realised 15, vega 100.
    pnl = 60 / 60 * (36**2 - 30**2) + 40 / 40 * (10**2 - 20**2) - 100 / 40 * (15**2 - 20**2)
    got = sample.call("DISP_PNL", 0.20, [[0.3], [0.2]], [[3], [2]], 0.15, [[0.36], [0.10]], 100)
    assert got == pytest.approx(pnl)
    gaps = sample.call("DISP_PNL", 0.20, [[0.3], [0.2], [0.9]], [[3], [2], [1]], 0.15, [[0.36], [0.10], [None]], 100)
    assert gaps == pytest.approx(pnl)
    assert sample.call("DISP_PNL", 0.20, [[0.3], [0.2]], [[3], [2]], 0.15, [[0.36]], 100) is CellError.VALUE
    # Members alike at 30 and an index at correlation 0.5: nothing at scale 1 and 0.5; in the grid the correlations are
    # tenths from 0 to 0.8 and the scales fifths from 0.6 to 1.4.
    table = sample.call("DISP_PNL_TABLE", (0.09 * 0.75) ** 0.5, [[0.3], [0.3]], [[1], [1]], 100)
    assert table[0] == ["Correlation", "0.6x", "0.8x", "1x", "1.2x", "1.4x"]
    assert [row[0] for row in table[1:]] == [place / 10 for place in range(9)]
    strike = 30 * 0.75**0.5
    for place, row in enumerate(table[1:]):
        for scale, value in zip((0.6, 0.8, 1.0, 1.2, 1.4), row[1:], strict=True):
            realised = (30 * scale) ** 2
            index = realised * (1 + place / 10) / 2
            assert value == pytest.approx(100 / 60 * (realised - 900) - 100 / (2 * strike) * (index - strike**2))


def test_5_4_legs_by_hand(sample):
    # Index at 20 %, members at 40 and 10 %, half each: the mean volatility is 25 %, the mean of 1 / volatility 6.25.
    for scheme, scale in (("VEGA", 1.0), ("THETA", 20 / 25), ("GAMMA", 5 / 6.25)):
        rows = sample.call("DISP_LEGS", 0.2, [[0.4], [0.1]], [[1], [1]], scheme, 1000, False)
        assert [row[0] for row in rows] == ["Index", "1", "2"]
        assert [row[1] for row in rows] == pytest.approx([0.2, 0.4, 0.1])
        assert [row[2] for row in rows] == pytest.approx([-1000, 500 * scale, 500 * scale])
        assert [row[3] for row in rows] == pytest.approx([-1000 / 40, 500 * scale / 80, 500 * scale / 20])


def test_percentiles_of_histories_by_hand(session_of):
    # Volatilities of members minus those of the index: 5, 7, 6 and 6: three of four at or below the last.
    session = session_of({"^VIXEQ": [25.0, 28.0, 26.0, 27.0], "^VIX": [20.0, 21.0, 20.0, 21.0]})
    assert session.call("DISP_PCTILE", "vol_spread", "4D") == 0.75
    assert session.call("DISP_PCTILE", " VOL_SPREAD ", "3D") == pytest.approx(2 / 3)


def test_cross_section_by_hand(session_of):
    # Returns of 10, 20 and 40 % with market values 1, 1 and 2: mean 27.5 %.
    session = session_of(
        {"A": [100.0, 110.0], "B": [100.0, 120.0], "C": [100.0, 140.0]},
        shares={"A": [0, 1 / 110], "B": [0, 1 / 120], "C": [0, 2 / 140]},
    )
    expected = ((17.5**2 + 7.5**2 + 2 * 12.5**2) / 4) ** 0.5 / 100
    assert session.call("DISP_XS", [["A"], ["B"], ["C"]], 1) == pytest.approx(expected)
    assert session.call("DISP_XS", [["A"], ["B"], ["C"]], 1, None, "EQUAL") == pytest.approx(np.std([0.1, 0.2, 0.4]))


def test_the_paradox_refuses_an_index_shorter_than_its_window(session_of):
    closes = 100 * np.cumprod(1 + np.random.default_rng(4).normal(0, 0.02, (10, 2)), axis=0)
    session = session_of({"A": closes[:, 0], "B": closes[:, 1]}, shares={"A": [1.0] * 10, "B": [1.0] * 10})
    column = [[float(value)] for value in closes.sum(axis=1)]
    whole = session.call("DISP_PARADOX", [["A"], ["B"]], column, 5, None, False)
    assert session.call("DISP_PARADOX", [["A"], ["B"]], column[-6:], 5, None, False) == whole
    assert session.call("DISP_PARADOX", [["A"], ["B"]], column[-5:], 5, None, False) is CellError.NA
    assert "needs 6" in session.failures[-1].reason


def test_a_member_with_a_price_below_zero_has_no_correlation(tmp_path):
    days = ("2020-04-15", "2020-04-16", "2020-04-17", "2020-04-20", "2020-04-21", "2020-04-22")
    closes = {
        "CL=F": (19.87, 19.87, 18.27, -37.63, 10.01, 13.78),  # WTI's front month, CME settlements
        "XOM": (41.1, 39.1, 43.2, 41.2, 41.2, 42.4),
        "CVX": (82.0, 80.0, 87.1, 83.6, 81.7, 85.0),
    }
    rows = [",".join((day, *(str(closes[name][at]) for name in closes))) for at, day in enumerate(days)]
    (tmp_path / "prices.csv").write_text("\n".join((",".join(("date", *closes)), *rows)) + "\n", encoding="utf-8")
    session = Session(f"folder:{tmp_path}", lang="en")
    both = session.call("DISP_REALCORR", [["XOM", "CVX"]], 5)
    assert session.call("DISP_REALCORR", [["XOM", "CVX", "CL=F"]], 5) == pytest.approx(both, abs=1e-12)
    assert session.call("DISP_REALCORR", [["XOM", "CL=F"]], 5) is CellError.NA
