"""Series as they were known: days of publication, vintages, and the files that they come in."""

import datetime as dt

import numpy as np
import pytest

from xlrotation.errors import CellError, NoData
from xlrotation.functions.boundary.session import Session
from xlrotation.market import asknown, federal, releases, vintages
from xlrotation.market.calendar import XNYS
from xlrotation.market.providers.folder.source import load


def day(text):
    return dt.date.fromisoformat(text)


def pair(*rows):
    return np.array([d for d, _ in rows], "datetime64[D]"), np.array([v for _, v in rows], float)


def bell(text):
    return XNYS.bell(day(text))


@pytest.mark.parametrize(
    ("text", "holiday"),
    [
        *(
            ("2024-06-19", True),
            ("2020-06-19", False),
            ("2021-06-18", True),
            ("2021-12-31", True),
            ("2022-12-26", True),
        ),
        *(
            ("2025-05-26", True),
            ("2025-10-13", True),
            ("2025-11-11", True),
            ("2025-11-27", True),
            ("2025-11-28", False),
        ),
        *(
            ("2026-01-19", True),
            ("1985-01-21", False),
            ("2026-02-16", True),
            ("2025-04-18", False),
            ("2025-01-02", False),
        ),
    ],
)
def test_federal_holidays(text, holiday):
    assert (day(text) in federal.holidays(day(text).year)) is holiday


# U.S. Bureau of Labor Statistics, archive of the Employment Situation: month and day of publication.
EMPLOYMENT = {
    "2007-12": "2008-01-04",
    "2008-01": "2008-02-01",
    "2008-02": "2008-03-07",
    "2008-10": "2008-11-07",
    "2008-12": "2009-01-09",
    "2013-09": "2013-10-22",
    "2019-12": "2020-01-10",
    "2023-12": "2024-01-05",
    "2024-01": "2024-02-02",
    "2024-02": "2024-03-08",
    "2024-07": "2024-08-02",
    "2024-12": "2025-01-10",
    "2025-08": "2025-09-05",
    "2025-09": "2025-11-20",
    "2025-11": "2025-12-16",
    "2025-12": "2026-01-09",
    "2026-01": "2026-02-11",
}


@pytest.mark.parametrize(("month", "published"), EMPLOYMENT.items())
def test_the_employment_report(month, published):
    assert releases.employment_situation(day(f"{month}-01")) == day(published)


# Commodity Futures Trading Commission: release schedules of 2024 and of 2025-11-18.
REPORTS = {
    "2024-06-11": "2024-06-14",
    "2024-06-18": "2024-06-24",
    "2024-07-02": "2024-07-08",
    "2024-11-26": "2024-12-02",
    "2024-12-24": "2024-12-30",
    "2025-09-23": "2025-09-26",
    "2025-09-30": "2025-11-19",
    "2025-11-10": "2025-12-12",
    "2025-12-30": "2026-01-13",
    "2026-01-20": "2026-01-23",
    "2026-01-27": "2026-01-30",
}


@pytest.mark.parametrize(("report", "published"), REPORTS.items())
def test_commitments_of_traders(report, published):
    assert releases.commitments(day(report)) == day(published)


def test_reports_that_were_caught_up_with_are_never_seen_too_early():
    assert releases.commitments(day("2018-12-31")) == day("2019-03-08")
    assert releases.commitments(day("2019-03-12")) == day("2019-03-15")


def test_the_balance_sheet_is_out_after_thursdays_close():
    assert releases.balance_sheet(day("2026-02-11")) == day("2026-02-12")
    assert releases.balance_sheet(day("2025-11-26")) == day("2025-11-28")  # Thanksgiving
    held = {"WALCL": pair(("2026-02-04", 1.0), ("2026-02-11", 2.0))}
    seen = [asknown.series("WALCL", held, {}, bell(text)).values.tolist() for text in ("2026-02-12", "2026-02-13")]
    assert seen == [[1.0], [1.0, 2.0]]


def test_a_report_is_not_seen_on_a_day_that_closes_early():
    held = {"COT:LEGACY:13874A:OI": pair(("2024-11-19", 1.0), ("2024-11-26", 2.0))}
    # Published on Friday 2024-11-22 at 3:30 p.m., before the bell; that of 11-26 on Monday 12-02.
    for text, count in (("2024-11-21", 0), ("2024-11-22", 1), ("2024-11-29", 1), ("2024-12-02", 2)):
        assert len(asknown.series("COT:LEGACY:13874A:OI", held, {}, bell(text)).days) == count, text


def archive(**columns):
    """Vintages given whole, by their days: ``v20080104=[...]`` from December 2007 on."""
    months = np.arange(np.datetime64("2007-12"), np.datetime64("2008-04")).astype("datetime64[D]")
    some = [
        (dt.datetime.strptime(name[1:], "%Y%m%d").date(), months[: len(values)], np.array(values, float))
        for name, values in columns.items()
    ]
    return vintages.of_columns("X", some)


HELD = archive(v20080104=[5.0], v20080201=[5.0, 4.9], v20080307=[4.9, np.nan, 4.8])


def test_a_vintage_holds_what_is_new_in_it():
    assert {name: (days.astype(str).tolist(), values.tolist()) for name, (days, values) in HELD.items()} == {
        "X@2008-01-04": (["2007-12-01"], [5.0]),
        "X@2008-02-01": (["2008-01-01"], [4.9]),
        "X@2008-03-07": (["2007-12-01", "2008-01-01", "2008-02-01"], [4.9, pytest.approx(np.nan, nan_ok=True), 4.8]),
    }


def known(text, vintage=asknown.KNOWN, **more):
    held = {**HELD, **more}
    found = asknown.series("X", held, vintages.Gathered(held), bell(text), vintage)
    return found.values.tolist(), found.remarks


def test_what_was_known_when():
    assert known("2008-01-03")[0] == []
    assert known("2008-01-04")[0] == [5.0]
    assert known("2008-03-06")[0] == [5.0, 4.9]
    assert known("2008-03-07")[0] == [4.9, pytest.approx(np.nan, nan_ok=True), 4.8]  # one value was withdrawn
    assert known("2008-03-06", asknown.LATEST)[0] == [4.9, pytest.approx(np.nan, nan_ok=True)]
    assert known("2008-03-07", asknown.FIRST)[0] == [5.0, 4.9, 4.8]


def test_values_older_than_the_first_vintage_have_no_first_publication():
    held = archive(v20080307=[5.0, 4.9, 4.8], v20080404=[5.0, 4.9, 4.8, 5.1])
    found = asknown.series("X", held, vintages.Gathered(held), bell("2008-04-04"), asknown.FIRST)
    assert found.values.tolist() == [4.8, 5.1]
    assert "values of X older than the vintages stored, which begin on 2008-03-07: 2" in found.remarks[0]


def test_a_series_beside_its_vintages():
    plain = pair(
        ("2007-11-01", 4.7), ("2007-12-01", 4.85), ("2008-01-01", 4.95), ("2008-02-01", 4.8), ("2008-03-01", 5.1)
    )
    values, remarks = known("2008-03-31", X=plain)  # of an unknown rule: each counts from the end of its month
    assert values == [4.7, 4.85, 4.95, 4.8, 5.1]  # all of it is out: the newest vintage of all is the series
    values, remarks = known("2008-02-08", X=plain)
    assert values == [4.7, 5.0, 4.9]
    assert remarks[0].startswith("values of X in no vintage that is stored, which end on 2008-03-07: 1")
    values, remarks = known("2007-12-31", X=plain)
    assert (values, remarks[0][:36]) == ([4.7, 4.85], "no vintage of X is stored before 200")
    assert known("2008-02-08", asknown.LATEST, X=plain)[0] == [4.7, 4.85, 4.95]
    assert known("2008-03-14", asknown.LATEST, X=plain)[0] == [4.7, 4.85, 4.95, 4.8]  # March is not over


def test_a_series_that_ends_before_its_vintages():
    plain = pair(("2007-12-01", 4.9), ("2008-01-01", 4.95))
    assert known("2008-03-14", X=plain)[0] == [4.9, pytest.approx(np.nan, nan_ok=True), 4.8]
    assert known("2008-03-14", asknown.LATEST, X=plain)[0] == [4.9, 4.95, 4.8]


def test_a_vintage_is_no_series_that_can_be_asked_for():
    held = {**HELD, "UNRATE": pair(("2026-01-01", 4.3))}
    assert asknown.series("X@2008-03-07", held, vintages.Gathered(held), bell("2008-01-10")) is None


def test_without_vintages_the_first_publication_is_not_known():
    with pytest.raises(NoData, match="xlrotation refresh --provider alfred UNRATE"):
        asknown.series("UNRATE", {"UNRATE": pair(("2026-01-01", 4.3))}, {}, bell("2026-02-13"), asknown.FIRST)


def test_what_is_assumed_is_told():
    held = {"CPIAUCSL": pair(("2025-11-01", 325.0), ("2025-12-01", 326.0), ("2026-01-01", 327.0))}
    for day, count in (("2025-12-31", 2), ("2026-01-02", 2), ("2026-01-30", 2), ("2026-01-31", 3)):
        found = asknown.series("CPIAUCSL", held, {}, bell(day))
        assert len(found.days) == count, day
        assert found.remarks == (
            "when the values of CPIAUCSL were published is not known; each counts from the end of its month, quarter "
            "or year, which may be weeks before; store its vintages",
        )
    held = {"GDPC1": pair(("2025-07-01", 24000.0), ("2025-10-01", 24100.0), ("2026-01-01", 24200.0))}
    for day, count in (("2025-12-30", 1), ("2025-12-31", 2), ("2026-03-30", 2), ("2026-03-31", 3)):
        assert len(asknown.series("GDPC1", held, {}, bell(day)).days) == count, day  # a quarter is not over before
    held = {"GDPA": pair(("2023-01-01", 1.0), ("2024-01-01", 2.0), ("2025-01-01", 3.0))}
    assert len(asknown.series("GDPA", held, {}, bell("2025-12-30")).days) == 2
    held = {"ICSA": pair(("2026-01-24", 210.0), ("2026-01-31", 220.0), ("2026-02-07", 230.0))}
    found = asknown.series("ICSA", held, {}, bell("2026-02-07"))
    assert (len(found.days), "each counts from its own date" in found.remarks[0]) == (3, True)
    held = {"MONTHEND": pair(("2025-12-31", 1.0), ("2026-01-31", 2.0), ("2026-02-28", 2.0))}
    assert len(asknown.series("MONTHEND", held, {}, bell("2026-01-31")).days) == 2
    held = {"UNRATE": pair(("2025-12-01", 4.4), ("2026-01-01", 4.3))}
    found = asknown.series("UNRATE", held, {}, bell("2026-02-10"))
    assert (found.values.tolist(), found.remarks) == (
        [4.4],
        (
            "no vintages of UNRATE are stored; these values are as they stand today, with revisions later than the "
            "as-of date",
        ),
    )


WIDE = """\
observation_date,UNRATE_20080104,UNRATE_20080201,UNRATE
2007-12-01,5.0,5.0,4.9
2008-01-01,,4.9,5.0
2008-02-01,,,4.9
"""
LONG = """\
period_start_date,UNRATE,realtime_start_date,realtime_end_date
2007-12-01,5.0,2008-01-04,2008-02-29
2007-12-01,4.9,2008-03-01,9999-12-31
2008-01-01,4.9,2008-02-01,2008-02-29
2008-02-01,4.8,2008-03-07,9999-12-31
"""
API = """\
realtime_start,realtime_end,date,value
2008-01-04,9999-12-31,2007-12-01,5.0
2008-02-01,9999-12-31,2008-01-01,4.9
"""


def series_of(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    panel = load(folder)
    return panel, {name: values.tolist() for name, (_, values) in panel.series.items()}


def test_a_column_per_vintage(tmp_path):
    panel, held = series_of(tmp_path, alfred=WIDE)
    assert held == {"UNRATE": [4.9, 5.0, 4.9], "UNRATE@2008-01-04": [5.0], "UNRATE@2008-02-01": [4.9]}
    assert (panel.readings[0].layout, panel.readings[0].symbols) == ("vintages", ("UNRATE",))


def test_a_row_per_value_and_its_time(tmp_path):
    _, held = series_of(tmp_path, anything=LONG)
    nan = pytest.approx(np.nan, nan_ok=True)
    assert held == {
        "UNRATE@2008-01-04": [5.0],
        "UNRATE@2008-02-01": [4.9],
        "UNRATE@2008-03-01": [4.9, nan],  # that of January 2008 was withdrawn
        "UNRATE@2008-03-07": [4.8],
    }


def test_a_table_of_vintages_that_ends_its_last_line_is_whole(tmp_path):
    """The same empty cell behind a separator says, with a line end, that nothing was published yet."""
    blank = series_of(tmp_path, alfred=WIDE.rstrip("4.9\n") + "\n")[1]["UNRATE"]
    assert blank == [4.9, 5.0, pytest.approx(np.nan, nan_ok=True)]
    assert series_of(tmp_path, alfred=WIDE.rstrip("\n"))[1]["UNRATE"] == [4.9, 5.0, 4.9]


def test_the_reason_says_why_there_are_no_vintages(tmp_path):
    (tmp_path / "UNRATE.csv").write_text(WIDE.replace("20080201", "20080131"), encoding="utf-8")
    (tmp_path / "prices.csv").write_text("Date,SPY\n2008-03-06,130.8\n2008-03-07,129.7\n", encoding="utf-8")
    session = Session(f"folder:{tmp_path}", lang="en")
    for vintage in (asknown.KNOWN, asknown.FIRST):
        assert session.call("MAC_SERIES", "UNRATE", *[None] * 6, vintage) is CellError.NA
        assert (
            "UNRATE.csv: the vintage of UNRATE of 2008-01-31 has a value of 2008-01-01" in session.failures[-1].reason
        )


def test_the_interface_names_no_series_and_the_file_does(tmp_path):
    assert series_of(tmp_path, UNRATE=API)[1] == {"UNRATE@2008-01-04": [5.0], "UNRATE@2008-02-01": [4.9]}


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("my file", API, "row 2: 'my file' is no id of a series"),
        (
            "UNRATE",
            API.replace("4.9\n", "4.9\n,,2008-02-01,4.8\n"),
            "row 4, column realtime_start: no day of publication",
        ),
        ("UNRATE", API.replace("date,value", "date,value,revised"), "not one column of values beside their days"),
        ("UNRATE", WIDE.replace("2008-01-01", "2007-12-01"), "has two rows of one day"),
        ("UNRATE", "observation_date,UNRATE_20080104\n2007-12-01,\n2008-01-01,\n", "has no vintage with a value"),
        ("UNRATE", WIDE.rstrip("4.9\n"), "row 4: is cut off; the vintages are left out"),
        ("UNRATE", API + "2008-03-07,9999-12-31,2008-02-01,", "row 4: is cut off; the vintages are left out"),
        ("UNRATE", API.replace("2008-02-01,9999-12-31", "2008-02-01,2008-01-05"), "after it ends on 2008-01-05"),
        ("UNRATE", API.replace("2008-02-01,9999-12-31", "2008-01-31,9999-12-31"), "before 2008-02-01, when that of"),
        ("DFF2", API.replace("2008-02-01,9999-12-31", "2007-12-31,9999-12-31"), "before 2008-01-01, when that of"),
        (
            "UNRATE",
            API + "2008-02-01,9999-12-31,2008-01-01,5.9\n",
            "two values of UNRATE of 2008-01-01 that begin on one",
        ),
        (
            "UNRATE",
            WIDE.replace("20080104", "20080202"),
            "the vintage of UNRATE of 2008-02-02 ends on 2007-12-01, and the older one of 2008-02-01 on 2008-01-01",
        ),
        (
            "UNRATE",
            WIDE.replace("20080201", "20080131"),
            "2008-01-31 has a value of 2008-01-01, which was not out before",
        ),
    ],
)
def test_what_is_no_table_of_vintages(tmp_path, name, text, told):
    (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    (tmp_path / "DFF.csv").write_text("DATE,DFF\n2008-01-02,4.1\n2008-01-03,4.2\n", encoding="utf-8")
    panel = load(tmp_path)
    assert list(panel.series) == ["DFF"]
    assert any(told in remark for remark in panel.remarks), panel.remarks
