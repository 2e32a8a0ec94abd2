"""VAL: valuation, and FLOW: fund flows."""

from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
import pytest

from tests.proofs.published import column, rows
from xlrotation.errors import CellError

ISSUER = "Invesco, page of QQQ: fund flow by day"
ICI = "Investment Company Institute, net issuance of exchange-traded funds"
# Weeks of 2025 up to 10-22, millions of US dollars: total, and the last week by class.
TOTALS = [44_515, 39_908, 39_703, 30_006, 43_533]
CLASSES = {
    "domestic equity": 18_030, "world equity": 9_678, "hybrid": -172, "taxable bond": 9_288, "municipal bond": 1_386,
    "commodity": 5_323,
}  # fmt: skip


@pytest.mark.proves("VAL_PE", "VAL_LEVEL", "VAL_GROWTH_GAP", by="a market report of 2026-01-18 and hand calculation")
def test_price_and_earnings(sample):
    assert sample.call("VAL_LEVEL", 288, 22) == 6336  # 288 x 20 + 288 x 2
    assert sample.call("VAL_PE", 6336, 288) == 22
    assert sample.call("VAL_PE", 6940.01, 288) == pytest.approx(24.0973, abs=5e-5)  # 288 x 24 = 6912; 28.01 / 288
    assert sample.call("VAL_GROWTH_GAP", 0.19, 0.12) == pytest.approx(0.07, abs=1e-12)


@pytest.mark.proves("VAL_DISCOUNT", by="a market report of 2026-01-18: small caps at 15.2 are 31 % below 22")
def test_discount_of_small_caps(sample):
    assert round(sample.call("VAL_DISCOUNT", 15.2, 22), 2) == 0.31
    assert sample.call("VAL_DISCOUNT", 16.5, 22) == pytest.approx(0.25, abs=1e-12)  # three quarters of 22


@pytest.mark.proves("VAL_COMPRESSION", by="hand calculation")
def test_compression(sample):
    # 1.12 x 20 / 22 = 22.4 / 22.
    assert sample.call("VAL_COMPRESSION", 22, 20, 0.12) == pytest.approx(0.4 / 22, abs=1e-12)
    assert sample.call("VAL_COMPRESSION", 20, 10, 0) == -0.5


@pytest.mark.proves("VAL_GUIDANCE", by="FactSet, 2026-01-09: 57 of 107 companies, 53 %")
def test_guidance(sample):
    assert round(sample.call("VAL_GUIDANCE", 57, 107), 2) == 0.53
    assert sample.call("VAL_GUIDANCE", 57, 107) == pytest.approx(0.532710, abs=5e-7)  # 57 / 107


@pytest.mark.proves("VAL_FWD_PE", by="hand reading of a source that states 22.0 and 15.2")
def test_forward_multiple_as_stated(session_of):
    # Stated on the first of twelve sessions, and for the other symbol again on the sixth.
    nan = np.nan
    session = session_of(
        {"^GSPC": [6900.0] * 12, "^RUT": [2600.0] * 12},
        forward_pe={"^GSPC": [22.0] + [nan] * 11, "^RUT": [15.4] + [nan] * 4 + [15.2] + [nan] * 6},
    )
    days = session.panel.days.tolist()
    assert session.call("VAL_FWD_PE", "SPX", days[0]) == 22.0
    assert session.call("VAL_FWD_PE", "SPX", days[9]) == 22.0  # the tenth session
    assert session.call("VAL_FWD_PE", "SPX", days[10]) is CellError.NA
    assert [session.call("VAL_FWD_PE", "RUT", days[row]) for row in (4, 5, 11)] == [15.4, 15.2, 15.2]


@pytest.mark.proves("FLOW_NET", by=ISSUER)
def test_flow_of_every_day(sample):
    table = [
        {name: row[name] if name == "day" else float(row[name]) for name in row} for row in rows("invesco_qqq.csv")
    ]
    assert len(table) == 60
    for before, row in itertools.pairwise(table):
        got = sample.call("FLOW_NET", column([before["shares"], row["shares"]]), column([before["nav"], row["nav"]]))
        assert got == pytest.approx(row["flow"], abs=1), row["day"]
    whole = sample.call("FLOW_NET", column(row["shares"] for row in table), column(row["nav"] for row in table))
    assert whole == pytest.approx(sum(row["flow"] for row in table[1:]), abs=60)


@pytest.mark.proves("FLOW_ETF", by=ISSUER)
def test_flow_of_a_fund(session_of):
    holidays = ("2026-01-01", "2026-01-19", "2026-02-16")  # the issuer repeats the values of the day before
    table = [row for row in rows("invesco_qqq.csv") if row["day"] not in holidays]
    session = session_of(
        {"QQQ": [row["nav"] for row in table]}, last=table[-1]["day"], shares={"QQQ": [row["shares"] for row in table]}
    )
    assert [str(day) for day in session.panel.days.tolist()] == [row["day"] for row in table]
    flows = [float(row["flow"]) for row in table]
    for place, row in enumerate(table[1:], 1):
        assert session.call("FLOW_ETF", "QQQ", "1D", row["day"]) == pytest.approx(flows[place], abs=1), row["day"]
    assert session.call("FLOW_ETF", "QQQ", "5D") == pytest.approx(sum(flows[-5:]), abs=5)
    assert session.call("FLOW_ETF", "QQQ", "2026-03-01") == pytest.approx(
        sum(flow for row, flow in zip(table, flows, strict=True) if row["day"] >= "2026-03-01"), abs=30
    )


@pytest.mark.proves("FLOW_TOP", by=f"{ICI} in the week to 2025-10-22: 43,533 million in all")
def test_largest_classes_of_a_week(sample):
    got = sample.call("FLOW_TOP", column(CLASSES), column(CLASSES.values()), 3, False)
    assert [row[:3] for row in got] == [
        [1, "domestic equity", 18_030], [2, "world equity", 9_678], [3, "taxable bond", 9_288],
    ]  # fmt: skip
    # One class had an outflow, so that shares are of the gross inflows: the published total and what flowed out.
    gross = 43_533 - sum(flow for flow in CLASSES.values() if flow < 0)
    assert gross > 43_533
    assert [row[3] for row in got] == pytest.approx([18_030 / gross, 9_678 / gross, 9_288 / gross], abs=1e-12)
    inflows = {name: flow for name, flow in CLASSES.items() if flow > 0}
    alone = sample.call("FLOW_TOP", column(inflows), column(inflows.values()), 3, False)
    assert [row[3] for row in alone] == pytest.approx([row[3] for row in got], abs=1e-12)


@pytest.mark.proves("FLOW_STREAK", "FLOW_SINCE", by=f"{ICI}, weeks of 2025 and 2016, read by hand")
def test_streak_and_largest_since(sample):
    assert sample.call("FLOW_STREAK", column(TOTALS), 30_000) == 5
    assert sample.call("FLOW_STREAK", column(TOTALS), 30_007) == 1
    assert sample.call("FLOW_STREAK", column(TOTALS), 43_533) == 1  # at least
    assert sample.call("FLOW_STREAK", column(TOTALS), 43_534) == 0
    days = column(["2025-09-24", "2025-10-01", "2025-10-08", "2025-10-15", "2025-10-22"])
    assert sample.call("FLOW_SINCE", days, column(TOTALS)) == dt.date(2025, 9, 24)
    days = column(["2016-11-02", "2016-11-09", "2016-11-16", "2016-11-22", "2016-11-30"])
    weeks = column([-3_636, 14_185, 24_684, 9_125, 3_851])
    assert sample.call("FLOW_SINCE", days, weeks) == dt.date(2016, 11, 22)
    assert sample.call("FLOW_SINCE", days, weeks, "LOW") == dt.date(2016, 11, 2)


@pytest.mark.proves("FLOW_DIPBUY", "FLOW_RATIO", "FLOW_GAP", by="hand calculation")
def test_simple_flows_by_hand(sample):
    # Below -1 %: the first (bought), third (sold), fifth (neither) and sixth (bought); not the fourth, which is at it.
    returns, flows = [-0.02, 0.01, -0.03, -0.01, -0.05, -0.011], [5, 2, -1, 4, 0, 3]
    assert sample.call("FLOW_DIPBUY", column(returns), column(flows)) == 0.5
    assert sample.call("FLOW_DIPBUY", column(returns), column(flows), 0) == pytest.approx(0.6, abs=1e-15)
    assert sample.call("FLOW_RATIO", 45, -30) == 1.5
    assert sample.call("FLOW_GAP", column([0, -0.04, -0.11]), column([0, 0.02, 0.01])) == pytest.approx(
        -0.12, abs=1e-12
    )
