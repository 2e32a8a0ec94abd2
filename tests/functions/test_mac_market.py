"""MAC and FLOW on the source's series: as-of, gaps, units, what lacks."""

import dataclasses
import datetime as dt

import numpy as np
import pytest

from tests.conftest import FixedSource
from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session


def changed(sample, **series):
    """The sample with series put in the place of its own; None takes one out."""
    held = {name: pair for name, pair in sample.panel.series.items() if name not in series}
    for name, rows in series.items():
        if rows is not None:
            held[name] = (
                np.array([day for day, _ in rows], "datetime64[D]"),
                np.array([value for _, value in rows], float),
            )
    return Session(FixedSource(dataclasses.replace(sample.panel, series=held)), lang="en")


def without(sample, *start):
    held = {name: pair for name, pair in sample.panel.series.items() if not name.startswith(start)}
    return Session(FixedSource(dataclasses.replace(sample.panel, series=held)), lang="en")


def test_the_curve_is_of_one_day(sample):
    table = sample.call("MAC_CURVE", "2025-11-11", False)  # the exchange trades, the bond market does not
    assert {row[3] for row in table} == {dt.date(2025, 11, 10)}
    assert sample.call("MAC_CURVE")[0] == ["Tenor", "Years", "Yield", "Date"]
    assert Session("sample", lang="zh").call("MAC_CURVE")[0] == ["期限", "年数", "收益率", "日期"]


def test_a_tenor_without_a_yield_shows_na(sample):
    session = changed(sample, DGS20=[("2026-02-12", 4.7), ("2026-02-13", np.nan)], DGS7=None)
    table = {row[0]: row[2:] for row in session.call("MAC_CURVE", None, False)}
    # Twelve hours later all have come: until then the day before has more of them.
    assert table["20Y"] == [4.7, dt.date(2026, 2, 12)]
    assert table["7Y"] == [CellError.NA, dt.date(2026, 2, 12)]
    assert any("the data hold no yields DGS7; fetch them with" in remark for remark in session.remarks)
    assert "the curve is of 2026-02-12: 2026-02-13 has 9 of its 10 yields" in session.remarks
    assert session.call("MAC_CURVE_SLOPE", "20Y", "10Y") == pytest.approx(4.7 - 4.09)
    assert session.call("MAC_CURVE_SLOPE", "10Y", "7Y") is CellError.NA
    assert "the data hold no yields DGS7; fetch them with xlrotation refresh --provider fred DGS7" in (
        session.failures[-1].reason
    )


def test_a_blank_yield_is_told(sample):
    """A slope of the day before, and a curve with a hole, say what the newest day lacks."""
    two = list(zip(*(column.tolist() for column in sample.panel.series["DGS2"]), strict=True))
    assert two[-1][0] == dt.date(2026, 2, 13)
    session = changed(sample, DGS2=[*two[:-1], (two[-1][0], np.nan)])
    assert session.call("MAC_CURVE_SLOPE") == sample.call("MAC_CURVE_SLOPE", "10Y", "2Y", "2026-02-12")
    assert list(session.remarks) == ["the curve is of 2026-02-12: 2026-02-13 has 1 of its 2 yields"]
    holed = changed(sample, DGS2=[(day, value) for day, value in two if day < dt.date(2026, 2, 1)])
    assert holed.call("MAC_CURVE", None, False)[4][2] is CellError.NA
    assert list(holed.remarks) == ["no yield on 2026-02-13 of 2Y"]
    chinese = Session(holed.source, lang="zh")
    chinese.call("MAC_CURVE")
    assert list(chinese.remarks) == ["2026-02-13没有2Y的收益率"]


def test_old_yields_are_no_curve_of_today(sample):
    session = changed(sample, DGS10=[("2026-02-05", 4.2)], DGS2=[("2026-02-05", 3.5)])
    assert session.call("MAC_CURVE_SLOPE") is CellError.NA
    assert "the newest yields up to 2026-02-13 are of 2026-02-05" in session.failures[-1].reason
    assert session.call("MAC_CURVE_SLOPE", None, None, "2026-02-12") == pytest.approx(0.7)
    assert without(sample, "DGS").call("MAC_CURVE") is CellError.NA


def test_slopes_want_the_longer_tenor_first(sample):
    assert sample.call("MAC_CURVE_SLOPE", "2Y", "10Y") is CellError.VALUE
    assert sample.call("MAC_CURVE_SLOPE", "4Y", "2Y") is CellError.VALUE
    assert sample.call("MAC_CURVE_SLOPE", [["10Y"], ["30y"], ["2Y"]], "2Y") == [
        [pytest.approx(0.64)],
        [pytest.approx(1.29)],
        [CellError.VALUE],
    ]


def test_yields_that_are_no_percent(sample):
    session = changed(sample, DGS10=[("2026-02-13", 404.0)])
    assert session.call("MAC_CURVE_SLOPE") is CellError.VALUE
    assert "a yield of 404 % for 10Y; the series DGS10 is in percent" in session.failures[-1].reason


def test_yields_stored_as_decimals_are_refused(sample):
    session = changed(sample, DGS10=[("2026-02-13", 0.0404)], DGS2=[("2026-02-13", 0.034)])
    assert session.call("MAC_CURVE_SLOPE") is CellError.VALUE
    assert "a yield of 0.0404 % for 10Y; the series DGS10 is in percent" in session.failures[-1].reason
    lowest = changed(sample, DGS10=[("2026-02-13", 0.52)], DGS2=[("2026-02-13", 0.11)])  # 2020-08-04
    assert lowest.call("MAC_CURVE_SLOPE") == pytest.approx(0.41)


def test_net_liquidity_is_of_one_wednesday(sample):
    own = {name: dict(zip(*(column.tolist() for column in sample.panel.series[name]), strict=True)) for name in SERIES}
    for asof, day in (("2026-02-13", "2026-02-11"), ("2026-02-12", "2026-02-04"), ("2026-02-11", "2026-02-04")):
        wednesday = dt.date.fromisoformat(day)
        assets, treasury, repo = (own[name][wednesday] for name in SERIES)
        assert sample.call("MAC_NETLIQ", asof) == pytest.approx(1e6 * (assets - treasury) - 1e9 * repo, rel=1e-15)


SERIES = ("WALCL", "WTREGEN", "RRPONTSYD")


@pytest.mark.parametrize(
    ("name", "factor", "told"),
    [
        ("WALCL", 1e-3, "WALCL is at most 8,507, which are billions; FRED has millions: store it anew"),
        ("WTREGEN", 1e-3, "WTREGEN is at most 1,059, which are billions; FRED has millions: store it anew"),
        ("RRPONTSYD", 1e3, "which are millions; FRED has billions: store it anew"),
    ],
)
def test_series_in_another_unit_are_refused(sample, name, factor, told):
    days, values = sample.panel.series[name]
    session = changed(sample, **{name: list(zip(days.tolist(), (values * factor).tolist(), strict=True))})
    assert session.call("MAC_NETLIQ") is CellError.VALUE
    assert told in session.failures[-1].reason


def test_net_liquidity_without_what_it_needs(sample):
    for name in SERIES:
        session = changed(sample, **{name: None})
        assert session.call("MAC_NETLIQ") is CellError.NA
        assert f"the data hold no series '{name}'" in session.failures[-1].reason
    session = changed(sample, WALCL=[("2026-01-21", 6_584_580.0)])
    assert session.call("MAC_NETLIQ") is CellError.NA
    assert "the newest balance sheet up to 2026-02-13 is of 2026-01-21" in session.failures[-1].reason
    session = changed(sample, RRPONTSYD=[("2026-02-10", 1.447)])  # no operation on Wednesday
    assert session.call("MAC_NETLIQ") == pytest.approx((6_622_382 - 915_306) * 1e6 - 1.447e9)
    assert "no operation of RRPONTSYD on 2026-02-11: that of 2026-02-10 stands" in session.remarks
    assert sample.call("MAC_NETLIQ", None, "LEVEL") is CellError.NA
    level = changed(sample, WDTGAL=[("2026-02-11", 900_000.0)])
    assert level.call("MAC_NETLIQ", None, "level") == pytest.approx((6_622_382 - 900_000) * 1e6 - 1.048e9)


def test_positions_are_those_that_were_out(sample):
    for asof, day in (("2026-02-13", "2026-02-10"), ("2026-02-12", "2026-02-03"), ("2025-11-14", "2025-09-23")):
        assert {str(row[9]) for row in sample.call("FLOW_COT", "ES", asof, "LEGACY", 156, False)} == {day}, asof


@pytest.mark.parametrize("report", ["LEGACY", "TFF"])
def test_positions_add_up(sample, report):
    table = sample.call("FLOW_COT", "ES", None, report, 52, False)
    spreads = sum(row[3] for row in table if row[3] is not CellError.NA)
    assert sum(row[1] for row in table) + spreads == sum(row[2] for row in table) + spreads == table[0][8]
    assert sum(row[4] for row in table) == 0  # for every long there is a short
    assert sum(row[6] for row in table) == pytest.approx(0.0, abs=1e-12)
    assert all(0.0 <= row[7] <= 1.0 for row in table)


def test_the_place_among_the_weeks(sample):
    days, long = sample.panel.series["COT:LEGACY:13874A:NONCOMM_LONG"]
    net = long - sample.panel.series["COT:LEGACY:13874A:NONCOMM_SHORT"][1]
    for weeks in (2, 52, 156):
        last = net[-weeks:]
        wanted = (last[-1] - last.min()) / (last.max() - last.min())
        assert sample.call("FLOW_COT", "ES", None, "LEGACY", weeks, False)[0][7] == pytest.approx(wanted)
    assert not any("COT index" in remark for remark in sample.remarks)
    assert sample.call("FLOW_COT", "ES", None, "LEGACY", len(days) + 1, False)[0][7] is CellError.NA
    needed = f"of the {len(days) + 1} weekly reports that the COT index needs, the data hold {len(days)} up to"
    assert any(remark.startswith(needed) for remark in sample.remarks)


def test_reports_that_lack_are_told(sample):
    held = {
        name: (days[:-2], values[:-2]) if name.startswith("COT:") else (days, values)
        for name, (days, values) in sample.panel.series.items()
    }
    session = Session(FixedSource(dataclasses.replace(sample.panel, series=held)), lang="en")
    assert {str(row[9]) for row in session.call("FLOW_COT", "ES", None, "LEGACY", 52, False)} == {"2026-01-27"}
    told = "the newest report stored is of 2026-01-27; 2 later were out at 2026-02-13; run xlrotation refresh"
    assert any(remark.startswith(told) for remark in session.remarks)
    held = {name: (days[:-5], values[:-5]) for name, (days, values) in held.items()}
    session = Session(FixedSource(dataclasses.replace(sample.panel, series=held)), lang="en")
    assert session.call("FLOW_COT") is CellError.NA
    assert "more than 4 are lacking" in session.failures[-1].reason


@pytest.mark.parametrize("place", [-1, -2, 3])
def test_a_week_that_one_column_lacks_is_no_other_week(sample, place):
    """Columns of different weeks are put together by their days, also where as many weeks are there."""
    long, short = "COT:LEGACY:13874A:NONCOMM_LONG", "COT:LEGACY:13874A:NONCOMM_SHORT"
    held = dict(sample.panel.series)
    for name, row in ((long, place), (short, 0)):
        held[name] = tuple(np.delete(column, row) for column in held[name])
    session = Session(FixedSource(dataclasses.replace(sample.panel, series=held)), lang="en")
    found = session.call("FLOW_COT", "ES", None, "LEGACY", 52, False)[0]
    whole = sample.call("FLOW_COT", "ES", None, "LEGACY", 52, False)[0]
    wanted = [CellError.NA] * 3 if place == -1 else [whole[4], CellError.NA if place == -2 else whole[5], whole[6]]
    assert found[4:7] == wanted
    assert found[7] == (whole[7] if place == 3 else CellError.NA)


def test_a_week_that_lacks_leaves_no_change(sample):
    held = {
        name: (np.delete(days, -2), np.delete(values, -2)) if name.startswith("COT:") else (days, values)
        for name, (days, values) in sample.panel.series.items()
    }
    session = Session(FixedSource(dataclasses.replace(sample.panel, series=held)), lang="en")
    assert [row[5] for row in session.call("FLOW_COT", None, None, None, 52, False)] == [CellError.NA] * 3


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("zzz",), "no market 'zzz'; give one such as ES"),
        (("GC",), "the data hold no LEGACY report of GC (088691); fetch it with xlrotation refresh --provider cftc"),
        (("ES", None, "DISAGG"), "the data hold no DISAGG report of ES (13874A); it is in LEGACY, TFF; fetch it"),
        (("ES", "2023-01-05"), "no report of ES was out at 2023-01-05"),
    ],
)
def test_no_positions(sample, arguments, told):
    assert sample.call("FLOW_COT", *arguments) is CellError.NA
    assert told in sample.failures[-1].reason
    chinese = Session("sample", lang="zh")
    chinese.call("FLOW_COT", *arguments)
    assert told[:20] not in chinese.failures[-1].reason


def test_groups_have_names_in_both_languages(sample):
    assert [row[0] for row in sample.call("FLOW_COT", "ES", None, "LEGACY", 52, False)] == [
        *("Non-commercial", "Commercial", "Nonreportable"),
    ]
    assert sample.call("FLOW_COT", "ES", None, "TFF", 52, False, "zh")[2][0] == "杠杆基金"


def test_vintages_of_a_series(sample):
    asked = ("MAC_SERIES", "UNRATE", "2024-07-01", "2024-07-31", False, None, None, False)
    assert [sample.call(*asked, vintage, "2024-12-31") for vintage in ("KNOWN", "FIRST", "LATEST")] == [
        *([[4.3]], [[4.3]], [[4.2]]),
    ]
    assert sample.call(*asked) == [[4.2]]  # as of today what stands today
    assert sample.call(*asked, "first") == [[4.3]]
    assert sample.call(*asked, "KNOWN", "2024-08-01") is CellError.NA  # reported on the next day
    assert sample.call(*asked, "middle") is CellError.VALUE
    assert sample.call("MAC_SERIES", "DGS10", None, None, False, None, 1, False, "FIRST") is CellError.NA
    assert "the data hold no vintages of DGS10" in sample.failures[-1].reason


def test_the_status_names_no_vintage_and_no_column_of_a_report(sample):
    held = dict(sample.call("XLR_STATUS", False))["Series"]
    assert "UNRATE" in held
    assert "COT:LEGACY" in held
    assert "@" not in held
    assert "NONCOMM" not in held
