"""MAC: macro and credit stress."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.functions.test_fedwatch import CONTRACTS, PUBLISHED
from tests.proofs.published import column, rows
from xlrotation.errors import CellError

FRED = "Federal Reserve Bank of St. Louis, FRED"
# US unemployment rate in percent, January 2023 to September 2025, as FRED had it in March 2026.
UNRATE = [
    *(3.5, 3.6, 3.5, 3.4, 3.6, 3.6, 3.5, 3.7, 3.8, 3.9, 3.7, 3.8),
    *(3.7, 3.9, 3.9, 3.9, 3.9, 4.1, 4.2, 4.2, 4.1, 4.1, 4.2, 4.1),
    *(4.0, 4.2, 4.2, 4.2, 4.3, 4.1, 4.3, 4.3, 4.4),
]
PYFEDWATCH = "pyfedwatch: its table of 2023-03-10"


@pytest.mark.proves("MAC_SAHM", by=f"{FRED}: SAHMCURRENT, 897 months")
def test_sahm_on_every_month(sample):
    table = rows("sahm.csv")
    rates = [float(row["unrate"]) for row in table]
    published = {place: float(row["sahmcurrent"]) for place, row in enumerate(table) if row["sahmcurrent"]}
    assert len(published) == 897
    wrong = [
        table[place]["month"]
        for place, value in published.items()
        if sample.call("MAC_SAHM", column(rates[place - 14 : place + 1])) != value
    ]
    assert wrong == []


@pytest.mark.proves("MAC_SAHM_TRIGGER", by="hand calculation: the Sahm rule solved for the rate")
def test_the_rate_that_triggers_the_rule(sample):
    # Means of three months, of the last twelve: all 4.0 but for the rise at the end, so the lowest is 4.0 and the mean
    # must reach 4.5. Of 4.0, 4.1, 4.2 in the end: three months at 4.5; two at (13.5 - 4.2) / 2; one at 13.5 - 8.3.
    rates = column([4.0] * 12 + [4.1, 4.2])
    assert sample.call("MAC_SAHM_TRIGGER", rates, 3) == pytest.approx(4.5, abs=1e-12)
    assert sample.call("MAC_SAHM_TRIGGER", rates, 2) == pytest.approx(4.65, abs=1e-12)
    assert sample.call("MAC_SAHM_TRIGGER", rates, 1) == pytest.approx(5.2, abs=1e-12)


@pytest.mark.proves("MAC_SAHM", "MAC_SAHM_TRIGGER", by=f"{FRED}: rates of January 2023 to September 2025")
def test_trigger_and_rule_agree_on_published_rates(sample):
    # The lowest mean of the last twelve is that of 2024-12 to 2025-02, (4.1 + 4.0 + 4.2) / 3 = 4.10, and others as low.
    assert sample.call("MAC_SAHM_TRIGGER", column(UNRATE), 3) == pytest.approx(4.60, abs=1e-12)
    assert sample.call("MAC_SAHM", column([*UNRATE, 4.6, 4.6, 4.6])) >= 0.50
    assert sample.call("MAC_SAHM", column([*UNRATE, 4.59, 4.59, 4.59])) < 0.50
    assert sample.call("MAC_SAHM", column(UNRATE)) == 0.23  # 13.0 / 3 - 4.10 = 0.2333


@pytest.mark.proves(
    "MAC_WIDENING_BP", by="ICE BofA by way of FRED: 2.94 on 2025-10-31 to 3.17 on 11-20, 23 basis points"
)
def test_widening_of_high_yield(sample):
    assert sample.call("MAC_WIDENING_BP", column([2.94, 3.05, None, 3.17]), "MAX") == pytest.approx(23, abs=1e-9)
    assert sample.call("MAC_WIDENING_BP", column([2.94, 3.05, None, 3.17]), 1) == pytest.approx(12, abs=1e-9)


@pytest.mark.proves("MAC_DIFFUSION", by="Institute for Supply Management: 40 % higher, 32 % the same, 28 % lower is 56")
def test_diffusion_of_the_ism(sample):
    now = [2.0] * 40 + [1.0] * 32 + [0.0] * 28
    assert sample.call("MAC_DIFFUSION", [[1.0] * 100, now]) == pytest.approx(0.56, abs=1e-12)
    assert sample.call("MAC_DIFFUSION", [[1.0] * 100, [5.0] * 100, now], 2) == pytest.approx(0.56, abs=1e-12)


@pytest.mark.proves("MAC_COMPOSITE", by="scipy: zscore")
def test_composite_equals_scipy(sample):
    table = np.random.default_rng(15).normal(0, [1, 5, 0.1], (40, 3))
    wanted = stats.zscore(table, ddof=1)[-1].mean()
    assert sample.call("MAC_COMPOSITE", table.tolist()) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.proves("MAC_SHARE", "MAC_TOP_SHARE", by="S&P Global: 98 and 80 of 387 bankruptcies, nearly 46 %")
def test_bankruptcies_of_2025(sample):
    counts = column([98, 80, 45, 24, 4, 40, 36, 30, 30])  # the last four are made up, to 387
    assert round(sample.call("MAC_TOP_SHARE", counts, 2), 2) == 0.46
    assert sample.call("MAC_TOP_SHARE", counts, 2) == pytest.approx(0.459948, abs=5e-7)  # 178 / 387
    shares = [row[0] for row in sample.call("MAC_SHARE", counts)]
    assert round(shares[0] + shares[1], 2) == 0.46
    # 98 / 387 = 0.253230, 80 / 387 = 0.206718, 30 / 387 = 0.077519
    assert [shares[0], shares[1], shares[8]] == pytest.approx([0.253230, 0.206718, 0.077519], abs=5e-7)
    assert sum(shares) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.proves("MAC_SINCE", by="hand reading; pandas: selection by label")
def test_highest_since(sample):
    dates = ["2011-03-31", "2025-03-31", "2025-06-30", "2025-09-30"]
    assert sample.call("MAC_SINCE", column(dates), column([12.5, 12.3, 12.4, 12.4])) == dt.date(2025, 6, 30)
    assert sample.call("MAC_SINCE", column(dates), column([12.5, 12.3, 12.4, 12.45])) == dt.date(2011, 3, 31)
    table = rows("sahm.csv")
    series = pd.Series([float(row["unrate"]) for row in table], [f"{row['month']}-01" for row in table])
    for month in ("1992-06-01", "2003-06-01", "2009-10-01"):
        before, now = series[:month].iloc[:-1], series[month]
        wanted = dt.date.fromisoformat(before[before >= now].index[-1])
        known = series[:month]
        assert sample.call("MAC_SINCE", column(known.index), column(known)) == wanted


def the_contract(year, month):
    return next(price for y, m, _, price in CONTRACTS if (y, m) == (year, month))


@pytest.mark.proves("MAC_FEDWATCH", by=f"{PYFEDWATCH}, the cut of 2023-09-20")
def test_a_cut_in_a_published_table(sample):
    """From one meeting to the next, the share that moves one row down is the probability of a cut."""
    before, after = PUBLISHED["2023-07-26"], PUBLISHED["2023-09-20"]
    # 475 to 500 after: what stood there (3.1) and stayed, and what came down from 500 (32.8): with the probability p
    # 13.2 = 3.1 (1 - p) + 32.8 p.
    share = (after[475] - before[475]) / (before[500] - before[475])
    futures = column([the_contract(2023, 8), None, the_contract(2023, 10)])  # two months without a meeting
    assert sample.call("MAC_FEDWATCH", futures, "2023-09-20", 5.0, 5.25) == pytest.approx(share, abs=0.004)


@pytest.mark.proves("MAC_FEDWATCH", by="CME Group, FedWatch: days-weighted average of the month, by hand")
def test_a_cut_by_hand(sample):
    # A rate of 3.875 for ten days and 3.75 for the twenty-one after: 3.790323. Half of 25 basis points: 50 %.
    price = 100 - (10 * 3.875 + 21 * 3.75) / 31
    futures = column([100 - 3.875, price])
    assert price == pytest.approx(96.209677, abs=5e-7)
    assert sample.call("MAC_FEDWATCH", futures, "2025-12-10", 3.75, 4) == pytest.approx(0.5, abs=1e-9)
    # Back from the month after, at 3.75: the same; with the new rate from the day itself on, nine days at the old one:
    # (3.790323 x 31 - 3.75 x 22) / 9 = 3.888889, a change of 0.138889, or 55.56 % of a cut.
    futures = column([None, price, 100 - 3.75])
    assert sample.call("MAC_FEDWATCH", futures, "2025-12-10", 3.75, 4) == pytest.approx(0.5, abs=1e-9)
    assert sample.call("MAC_FEDWATCH", futures, "2025-12-10", 3.75, 4, "SAME") == pytest.approx(0.555556, abs=5e-7)


@pytest.mark.proves("MAC_FEDWATCH_TABLE", by=f"{PYFEDWATCH}, nine meetings")
def test_every_row_of_a_published_table(sample):
    months = column(dt.date(year, month, 1) for year, month, _, _ in CONTRACTS)
    meetings = column(dt.date(year, month, day) for year, month, day, _ in CONTRACTS if day)
    prices = column(price for *_, price in CONTRACTS)
    table = sample.call("MAC_FEDWATCH_TABLE", months, prices, meetings, 4.5, 4.75, "SAME", dt.date(2023, 3, 10), False)
    got = {}
    for day, low, _, probability in table:
        got.setdefault(str(day), {})[round(100 * low)] = 100 * probability
    assert list(got) == list(PUBLISHED)
    for day, published in PUBLISHED.items():
        for low in {*published, *got[day]}:
            assert abs(got[day].get(low, 0.0) - published.get(low, 0.0)) < 0.0501, (day, low)


@pytest.mark.proves("MAC_SERIES", by=f"{FRED}: UNRATE, January 2023 to October 2025")
def test_a_series_as_fred_prints_it(sample):
    got = sample.call("MAC_SERIES", "UNRATE", "2023-01-01", "2025-09-30", False)
    assert [value for _, value in got] == UNRATE
    assert [day for day, _ in got] == [day.date() for day in pd.date_range("2023-01-01", "2025-09-01", freq="MS")]
    # The survey of October 2025 did not take place.
    autumn = sample.call("MAC_SERIES", "UNRATE", "2025-09-01", "2025-10-31", False)
    assert autumn == [[dt.date(2025, 9, 1), 4.4], [dt.date(2025, 10, 1), CellError.NA]]
