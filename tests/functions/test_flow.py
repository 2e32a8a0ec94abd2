import datetime as dt

import pytest

from xlrotation.errors import CellError

# Invesco QQQ, as the issuer publishes it: shares outstanding before and after, net asset value of the day before, flow.
PUBLISHED = [
    ("2024-04-04", 584_600_000, 584_450_000, 441.999, -66_299_850),
    ("2024-04-03", 0, 1_450_000, 441.014, 639_470_300),
    ("2026-07-17", 0, 1_950_000, 706.076, 1_376_848_200),
]


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: row[0])
def test_10_flow_is_valued_at_the_net_asset_value_of_the_day_before(sample, row):
    _, before, after, nav, flow = row
    assert sample.call("FLOW_NET", [[before], [after]], [[nav], [nav * 1.01]]) == pytest.approx(flow)
    same_day = sample.call("FLOW_NET", [[before], [after]], [[nav], [nav * 1.01]], "SAME")
    assert same_day == pytest.approx(flow * 1.01)


def test_longer_columns_add_up(sample):
    assert sample.call("FLOW_NET", [[10], [12], [11]], [[100], [110], [120]]) == pytest.approx(2 * 100 - 110)
    assert sample.call("FLOW_NET", [[10], [None], [11]], [[100], [110], [120]]) is CellError.NA
    assert sample.call("FLOW_NET", [[10], [11]], [[100]]) is CellError.VALUE


def test_largest_flows_of_a_week(sample):
    # Week of November 2025, in units of 100 million US dollars: the six named inflows add up to 217.
    names = [[name] for name in ("SPY", "QQQ", "VOO", "IVV", "SMH", "TQQQ")]
    values = [[120], [28], [24], [20], [13], [12]]
    table = sample.call("FLOW_TOP", names, values, 1, False)
    assert table == [[1, "SPY", 120.0, pytest.approx(120 / 217)]]
    assert sample.call("FLOW_TOP", names, values[:2]) is CellError.VALUE


def test_10_streak_of_net_issuance(sample):
    # ICI, five weeks to 2025-10-22, billions of US dollars: each at least 30, but only one of the last two above 40.
    weeks = [[44.5], [39.9], [39.7], [30.0], [43.5]]
    assert sample.call("FLOW_STREAK", weeks, 30) == 5
    assert sample.call("FLOW_STREAK", weeks, 40) == 1
    assert sample.call("FLOW_STREAK", [[1], [None], [1]], 0) == 1


def test_largest_since(sample):
    dates = [["2022-12-07"], ["2025-11-05"], ["2025-11-12"]]
    assert sample.call("FLOW_SINCE", dates, [[5.1], [3], [4.3]]) == dt.date(2022, 12, 7)
    assert sample.call("FLOW_SINCE", dates, [[5.1], [3], [4.3]], "LOW") == dt.date(2025, 11, 5)
    assert sample.call("FLOW_SINCE", dates, [[1], [2], [3]]) is CellError.NA


def test_dip_buying(sample):
    returns, flows = [[-0.02], [0.01], [-0.03], [-0.005], [None]], [[5], [-2], [-1], [3], [9]]
    assert sample.call("FLOW_DIPBUY", returns, flows) == 0.5
    assert sample.call("FLOW_DIPBUY", [[0.01]], [[1]]) is CellError.NA


def test_ratio_and_gap(sample):
    assert sample.call("FLOW_RATIO", 45, -30) == 1.5
    assert sample.call("FLOW_RATIO", 45, 0) is CellError.DIV0
    assert sample.call("FLOW_GAP", [[0], [-0.11]], [[0], [0.01]]) == pytest.approx(-0.12)


def test_a_dip_falls_below_the_threshold_not_to_it(sample):
    # Of the returns -2 %, -1 % and -0.5 % only the first is below -1 %; it met an outflow, the others inflows.
    returns, flows = [[-0.02], [-0.01], [-0.005]], [[-5], [2], [2]]
    assert sample.call("FLOW_DIPBUY", returns, flows, -0.01) == 0.0
    assert sample.call("FLOW_DIPBUY", returns, flows, -0.004) == pytest.approx(2 / 3)
    assert (
        sample.call("FLOW_DIPBUY", [[0.0], [-0.01]], [[1], [0]], 0) == 0.0
    )  # a flat week is no dip, no flow no purchase


def test_flows_at_their_edges(sample):
    assert sample.call("FLOW_NET", [[10], [12]], [[100], [110]]) == 200
    assert sample.call("FLOW_NET", [[10], [None]], [[100], [None]]) is CellError.NA
    names, values = [["a"], ["b"], ["c"], ["d"]], [[1], [3], [None], [3]]
    assert sample.call("FLOW_TOP", names, values, 9, False) == [
        [1, "b", 3.0, pytest.approx(3 / 7)],
        [2, "d", 3.0, pytest.approx(3 / 7)],  # of equals the first
        [3, "a", 1.0, pytest.approx(1 / 7)],
    ]
    assert len(sample.call("FLOW_TOP", names, values, 2, False)) == 2
    assert len(sample.call("FLOW_TOP", [[f"n{i}"] for i in range(7)], [[i] for i in range(7)], None, False)) == 5
    assert sample.call("FLOW_TOP", names, values)[0] == ["Rank", "Name", "Value", "Share"]
    assert sample.call("FLOW_TOP", [["a"], ["b"]], [[0], [0]]) is CellError.DIV0


def test_shares_of_flows_of_both_signs_are_of_the_gross_inflows(sample):
    # VOO takes in 60, SPY 40; QQQ loses 90: of a net inflow of 10 VOO would have a share of 600 %.
    table = sample.call("FLOW_TOP", [["VOO"], ["QQQ"], ["SPY"]], [[60], [-90], [40]])
    assert table[0] == ["Rank", "Name", "Value", "Share of inflows"]
    assert [row[1:] for row in table[1:]] == [["VOO", 60.0, 0.6], ["SPY", 40.0, 0.4], ["QQQ", -90.0, -0.9]]
    assert sample.call("FLOW_TOP", [["a"], ["b"]], [[1], [-1]])[1][3] == 1.0
    outflows = sample.call("FLOW_TOP", [["a"], ["b"]], [[-1], [-3]])
    assert outflows[0][3] == "Share"
    assert [row[3] for row in outflows[1:]] == [0.25, 0.75]


def test_flows_at_more_edges(sample):
    assert sample.call("FLOW_STREAK", [[1], [-1], [0], [2]]) == 2
    assert sample.call("FLOW_STREAK", [[1], [-1]]) == 0
    assert sample.call("FLOW_STREAK", [[1], [2]], 1) == 2
    assert sample.call("FLOW_RATIO", 1, 0.5) == sample.call("FLOW_RATIO", 1, -0.5) == 2.0
    assert sample.call("FLOW_GAP", [[5], [1], [None]], [[0], [3], [None]]) == -2.0
    assert sample.call("FLOW_GAP", [[5], [1]], [[0], [None]]) is CellError.NA
