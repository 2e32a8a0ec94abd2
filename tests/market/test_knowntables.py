"""Yields of the Treasury and two surveys, as their publishers' files have them."""

import numpy as np
import pytest

from xlrotation.functions.boundary.session import Session
from xlrotation.market.providers.folder.source import load

TREASURY = """\
Date,"1 Mo","1.5 Month","2 Mo","3 Mo","4 Mo","6 Mo","1 Yr","2 Yr","3 Yr","5 Yr","7 Yr","10 Yr","20 Yr","30 Yr"
02/13/2026,3.72,3.70,3.69,3.68,3.65,3.59,3.42,3.40,3.43,3.61,3.81,4.04,4.64,4.69
02/12/2026,3.72,3.72,3.70,3.70,3.66,3.58,3.45,3.47,3.49,3.67,3.87,4.09,4.68,4.72
"""
AAII = """\
Reported Date,Bullish,Neutral,Bearish,Total
02/05/2026,39.7%,31.4%,29.0%,100.1%
02/12/2026,38.1%,33.1%,28.8%,100.0%
"""
NAAIM = """\
Date,Mean/Average,Bearish,Quart 1,Quart 2,Quart 3,Bullish,Deviation,NAAIM Number,S&P 500
02/04/2026,87.6,-100,70,95,100,200,45,87.6,6882.72
02/11/2026,84.1,-100,65,90,100,200,47,84.1,6941.47
"""


def series(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    (folder / "SPY.csv").write_text("Date,Close\n2026-02-12,681.27\n2026-02-13,681.75\n", encoding="utf-8")
    return load(folder)


def test_the_treasurys_yields_are_freds(tmp_path):
    panel = series(tmp_path, daily_treasury_rates=TREASURY)
    assert panel.series["DGS10"][0].astype(str).tolist() == ["2026-02-12", "2026-02-13"]
    assert panel.series["DGS10"][1].tolist() == [4.09, 4.04]
    assert {"DGS1MO", "DGS1.5MO", "DGS3MO", "DGS1", "DGS30"} <= set(panel.series)
    session = Session(f"folder:{tmp_path}", lang="en")
    assert session.call("MAC_CURVE_SLOPE") == pytest.approx(0.64)
    assert [row[2] for row in session.call("MAC_CURVE", "2026-02-12", False)][:2] == [3.72, 3.70]


def test_surveys_are_in_percent(tmp_path):
    panel = series(tmp_path, sentiment=AAII, naaim=NAAIM)
    held = {name: values.tolist() for name, (_, values) in panel.series.items()}
    assert held == {
        "AAII_BULLISH": [39.7, 38.1],
        "AAII_NEUTRAL": [31.4, 33.1],
        "AAII_BEARISH": [29.0, 28.8],
        "NAAIM": [87.6, 84.1],
    }
    assert {reading.layout for reading in panel.readings} == {"series", "bars"}
    session = Session(f"folder:{tmp_path}", lang="en")
    assert session.call("MAC_SERIES", "AAII_BEARISH", None, None, False, None, 1, False) == [[28.8]]


def test_shares_are_brought_to_percent_and_others_are_gaps(tmp_path):
    text = "Date,Bullish,Neutral,Bearish\n2026-02-05,0.397,0.314,0.29\n2026-02-12,38.1,33.1,38.8\n"
    panel = series(tmp_path, aaii=text)
    bullish = panel.series["AAII_BULLISH"][1]
    assert bullish[0] == pytest.approx(39.7)
    assert np.isnan(bullish[1])
    assert any("weeks whose shares do not add up to 100 %, taken as gaps: 1" in remark for remark in panel.remarks)


def test_days_with_the_month_first_are_not_guessed(tmp_path):
    text = NAAIM.replace("02/11", "02/03")  # neither row says which number is the month
    assert series(tmp_path, naaim=text).series["NAAIM"][0].astype(str).tolist() == ["2026-02-03", "2026-02-04"]


def test_two_rows_of_a_day_are_refused(tmp_path):
    panel = series(tmp_path, naaim=NAAIM.replace("02/11", "02/04"))
    assert "NAAIM" not in panel.series
    assert any("has two rows of one day" in remark for remark in panel.remarks)
