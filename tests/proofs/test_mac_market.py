"""MAC and FLOW from the source's series: vintages, yields, net liquidity, positions of traders."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.conftest import FixedSource, panel_of
from tests.market.test_positions import CAD, ESTR, LEGACY, TFF
from xlrotation.functions.boundary.session import Session
from xlrotation.market import vintages

FRED = "Federal Reserve Bank of St. Louis, FRED"
BLS = "U.S. Bureau of Labor Statistics"
CFTC = "Commodity Futures Trading Commission"


def session_with(series, last):
    """A session on dated series, whose newest session is *last*."""
    panel = panel_of({"SPY": range(1, 700)}, last=last)
    return Session(FixedSource(replace(panel, series=series)), lang="en")


# U.S. Bureau of Labor Statistics, The Employment Situation: unemployment rates in percent as the reports of 2007 had
# them from August 2006 on, those of 2008 (after the revision of January 2008) from January 2007 on, those of 2009
# (after that of January 2009) from October 2007 on, those of 2024 from January 2023 on and those of 2025 from December
# 2023 on; and the days of the reports.
VINTAGES = [
    ("2006-08", [4.7, 4.6, 4.4, 4.5, 4.5, 4.6, 4.5, 4.4, 4.5, 4.5, 4.5, 4.6, 4.6, 4.7, 4.7], ["2007-11-02"]),
    (
        "2007-01",
        [
            4.6,
            4.5,
            4.4,
            4.5,
            4.5,
            4.6,
            4.7,
            4.7,
            4.7,
            4.8,
            4.7,
            5.0,
            4.9,
            4.8,
            5.1,
            5.0,
            5.5,
            5.5,
            5.7,
            6.1,
            6.1,
            6.5,
            6.7,
        ],
        [
            "2008-03-07",
            "2008-04-04",
            "2008-05-02",
            "2008-06-06",
            "2008-07-03",
            "2008-08-01",
            "2008-09-05",
            "2008-10-03",
            "2008-11-07",
            "2008-12-05",
        ],
    ),
    (
        "2007-10",
        [
            4.8,
            4.7,
            4.9,
            4.9,
            4.8,
            5.1,
            5.0,
            5.5,
            5.6,
            5.8,
            6.2,
            6.2,
            6.6,
            6.8,
            7.2,
            7.6,
            8.1,
            8.5,
            8.9,
            9.4,
            9.5,
            9.4,
            9.7,
            9.8,
            10.2,
            10.0,
        ],
        [
            "2009-01-09",
            "2009-02-06",
            "2009-03-06",
            "2009-04-03",
            "2009-05-08",
            "2009-06-05",
            "2009-07-02",
            "2009-08-07",
            "2009-09-04",
            "2009-10-02",
            "2009-11-06",
            "2009-12-04",
        ],
    ),
    (
        "2023-01",
        [
            3.4,
            3.6,
            3.5,
            3.4,
            3.7,
            3.6,
            3.5,
            3.8,
            3.8,
            3.8,
            3.7,
            3.7,
            3.7,
            3.9,
            3.8,
            3.9,
            4.0,
            4.1,
            4.3,
            4.2,
            4.1,
            4.1,
            4.2,
        ],
        ["2024-07-05", "2024-08-02", "2024-09-06", "2024-10-04", "2024-11-01", "2024-12-06"],
    ),
    (
        "2023-08",
        [3.7, 3.8, 3.9, 3.7, 3.8, 3.7, 3.9, 3.9, 3.9, 4.0, 4.1, 4.2, 4.2, 4.1, 4.1, 4.2, 4.1, 4.0, 4.1],
        ["2025-01-10", "2025-02-07", "2025-03-07"],
    ),
]
# SAHMREALTIME in percentage points, by the day on which the month was reported.
SAHM = {
    "2007-11-02": 0.20,
    "2008-03-07": 0.43,
    "2008-04-04": 0.47,
    "2008-05-02": 0.50,
    "2008-06-06": 0.73,
    "2008-07-03": 0.80,
    "2008-08-01": 0.97,
    "2008-09-05": 1.10,
    "2008-10-03": 1.27,
    "2008-11-07": 1.50,
    "2008-12-05": 1.70,
    "2009-01-09": 2.07,
    "2009-02-06": 2.37,
    "2009-03-06": 2.77,
    "2009-04-03": 3.13,
    "2009-05-08": 3.53,
    "2009-06-05": 3.73,
    "2009-07-02": 3.90,
    "2009-08-07": 3.80,
    "2009-09-04": 3.67,
    "2009-10-02": 3.57,
    "2009-11-06": 3.57,
    "2009-12-04": 3.47,
    "2024-07-05": 0.43,
    "2024-08-02": 0.53,
    "2024-09-06": 0.57,
    "2024-10-04": 0.50,
    "2024-11-01": 0.43,
    "2024-12-06": 0.43,
    "2025-01-10": 0.40,
    "2025-02-07": 0.37,
    "2025-03-07": 0.27,
}
# SAHMCURRENT of the same months, from the rates as they stood in 2023: what revisions made of them.
CURRENT = {"2008-03-07": 0.53, "2008-05-02": 0.57, "2008-10-03": 1.33, "2009-04-03": 3.27}


def archive():
    columns = []
    for first, rates, published in VINTAGES:
        months = pd.date_range(f"{first}-01", periods=len(rates), freq="MS").to_numpy().astype("datetime64[D]")
        for back, day in enumerate(reversed(published)):
            count = len(rates) - back
            columns.append((dt.date.fromisoformat(day), months[:count], np.array(rates[:count])))
    return vintages.of_columns("UNRATE", columns)


@pytest.mark.proves("MAC_SERIES", "MAC_SAHM", by=f"{FRED}: SAHMREALTIME, 32 months; {BLS}: the reports of these months")
@pytest.mark.parametrize(("day", "published"), SAHM.items())
def test_the_sahm_rule_as_it_was_known(day, published):
    session = session_with(archive(), "2025-03-31" if day > "2020" else "2009-12-31")
    rates = session.call("MAC_SERIES", "UNRATE", None, None, False, None, 15, False, "KNOWN", day)
    assert session.call("MAC_SAHM", rates) == published
    # The day before, the month had not been reported.
    before = str(np.busday_offset(day, -1, roll="backward"))
    assert session.call("MAC_SERIES", "UNRATE", None, None, False, None, 1, True, "KNOWN", before) != session.call(
        "MAC_SERIES", "UNRATE", None, None, False, None, 1, True, "KNOWN", day
    )


def test_the_rule_was_met_later_than_the_revised_rates_say():
    assert all(CURRENT[day] != SAHM[day] for day in CURRENT)
    assert next(day for day, value in SAHM.items() if value >= 0.5) == "2008-05-02"


# U.S. Department of the Treasury, daily par yield curve rates of 2026-02-12 and 13.
CURVES = {
    "2026-02-12": (3.72, 3.70, 3.58, 3.45, 3.47, 3.49, 3.67, 3.87, 4.09, 4.68, 4.72),
    "2026-02-13": (3.72, 3.68, 3.59, 3.42, 3.40, 3.43, 3.61, 3.81, 4.04, 4.64, 4.69),
}
TENORS = ("1MO", "3MO", "6MO", "1", "2", "3", "5", "7", "10", "20", "30")


@pytest.mark.proves("MAC_CURVE", by="U.S. Department of the Treasury: daily par yield curve rates of February 2026")
def test_the_treasurys_curve():
    days = np.array(list(CURVES), "datetime64[D]")
    series = {
        f"DGS{tenor}": (days, np.array([curve[n] for curve in CURVES.values()])) for n, tenor in enumerate(TENORS)
    }
    session = session_with(series, "2026-02-13")
    for day, curve in CURVES.items():
        table = session.call("MAC_CURVE", day, False)
        assert [row[2] for row in table] == list(curve)
        assert {row[3] for row in table} == {dt.date.fromisoformat(day)}
    assert [row[0] for row in table] == ["1M", "3M", "6M", "1Y", "2Y", "3Y", "5Y", "7Y", "10Y", "20Y", "30Y"]


# Yields in percent and slopes in percentage points as published: DGS10, DGS2 and T10Y2Y; DGS10, DGS3MO and T10Y3M.
SLOPES = [
    ("2023-03-08", "2Y", "DGS2", 3.98, 5.05, -1.07),
    ("2023-07-03", "2Y", "DGS2", 3.86, 4.94, -1.08),
    ("2024-09-06", "2Y", "DGS2", 3.72, 3.66, 0.06),
    ("2023-05-04", "3M", "DGS3MO", 3.37, 5.26, -1.89),
]


@pytest.mark.proves("MAC_CURVE_SLOPE", by=f"{FRED}: T10Y2Y and T10Y3M")
@pytest.mark.parametrize(("day", "tenor", "name", "ten", "near", "slope"), SLOPES)
def test_slopes_as_fred_has_them(day, tenor, name, ten, near, slope):
    one = np.array([day], "datetime64[D]")
    session = session_with({"DGS10": (one, np.array([ten])), name: (one, np.array([near]))}, day)
    assert session.call("MAC_CURVE_SLOPE", "10Y", tenor) == pytest.approx(slope, abs=1e-9)


@pytest.mark.proves(
    "MAC_NETLIQ", by="finias, an open-source macro desk: 5,782,000 million dollars; H.4.1 of 2026-03-26"
)
def test_net_liquidity_of_a_week():
    weeks = np.array(["2026-03-18", "2026-03-25"], "datetime64[D]")
    series = {
        "WALCL": (weeks, np.array([6_655_939.0, 6_657_161.0])),
        "WTREGEN": (weeks, np.array([853_052.0, 874_077.0])),
        "RRPONTSYD": (
            np.array(["2026-03-18", "2026-03-25", "2026-03-26"], "datetime64[D]"),
            np.array([0.698, 0.777, 0.885]),
        ),
    }
    session = session_with(series, "2026-03-27")
    assert round(session.call("MAC_NETLIQ") / 1e9) == 5782
    # By hand: 6,657,161 - 874,077 - 777 million; and of the week before, as Thursday's close knew it.
    assert session.call("MAC_NETLIQ") == pytest.approx(5_782_307e6, abs=1)
    assert session.call("MAC_NETLIQ", "2026-03-26") == pytest.approx((6_655_939 - 853_052 - 698) * 1e6, abs=1)


@pytest.mark.proves(
    "FLOW_COT", by=f"{CFTC}: its reports of 2024-05-21, positions, changes and per cent of open interest"
)
def test_positions_changes_and_shares_as_published(tmp_path):
    before = CAD.replace("240521,2024-05-21", "240514,2024-05-14").replace(
        CAD.split(",090741,")[1],
        "234072,107640,5022,3862,41790,105089,5050,11132,66657,14167,15290,2345,609,199540,202800,34531,31272,4649,Combined",
    )
    (tmp_path / "FinCom.txt").write_text("\n".join([TFF, before, CAD]) + "\n", encoding="utf-8")
    (tmp_path / "annual.txt").write_text("\n".join([LEGACY, *ESTR]) + "\n", encoding="utf-8")
    (tmp_path / "SPY.csv").write_text("Date,Close\n2024-05-23,526.0\n2024-05-24,529.4\n", encoding="utf-8")
    session = Session(f"folder:{tmp_path}", lang="en")
    table = session.call("FLOW_COT", "6C", "2024-05-24", "TFF_ALL", 2, False)
    published = [
        # long, short, spreading; changes of long and short; per cent of open interest, long and short
        ("Dealers", 121_230, 5_270, 3_644, 13_590, 248, 49.1, 2.1),
        ("Asset managers", 44_224, 114_773, 5_225, 2_434, 9_684, 17.9, 46.5),
        ("Leveraged funds", 13_111, 71_434, 12_473, 1_979, 4_777, 5.3, 28.9),
        ("Other reportables", 15_553, 2_632, 640, 262, 287, 6.3, 1.1),
        ("Nonreportable", 30_970, 30_980, None, -3_562, -292, 12.5, 12.5),
    ]
    for row, (name, long, short, spread, up, down, over, under) in zip(table, published, strict=True):
        assert row[:3] == [name, long, short]
        assert spread is None or row[3] == spread
        assert row[4] == long - short
        assert abs(row[5] - (up - down)) <= 1  # options count with their deltas, and are rounded
        assert 100 * row[6] == pytest.approx(over - under, abs=0.1001)  # of two rounded shares
        assert row[8:] == [247_069, dt.date(2024, 5, 21), dt.date(2024, 5, 24)]
    legacy = session.call("FLOW_COT", "047745", "2024-05-24", "LEGACY", 2, False)
    assert [row[5] for row in legacy] == [2_688 + 1_411, -199 - 3_877, 1 - 24]
    assert [row[1] for row in legacy] == [12_725, 26_894, 4]
