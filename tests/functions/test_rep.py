"""The figures that reports published, and the sentences written from the data."""

from __future__ import annotations

import collections
import csv
import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import FixedSource, panel_of
from tests.functions.test_boundary import changed_after, cut_after
from xlrotation.errors import CellError
from xlrotation.functions.boundary import registry
from xlrotation.functions.boundary.session import Session
from xlrotation.functions.published import claims
from xlrotation.functions.published.claims import Outcome, audit, shown
from xlrotation.functions.published.reports import REPORTS, find_report

SHARED = Path(__file__).parents[3] / "shared"
KEYS = [report.key for report in REPORTS]
UNITS_OF_THE_FILE = {*registry.UNITS}
FORMATS = {"@", "0", "0.0", "0.00", "#,##0", "#,##0.00", "0%", "0.0%", "0.00%", "yyyy", "yyyy-mm", "yyyy-mm-dd"}
FORMATS |= {"+0.00%;-0.00%;0.00%"}


@pytest.fixture(scope="module")
def findings():
    return audit(Session("sample", lang="en"))


def rows_of(session, report, *more):
    heads, *rows = session.call("REP_CLAIMS", report, *more)
    return heads, {row[0]: row for row in rows}


def test_every_published_figure_is_there():
    counts = collections.Counter(claim.report for claim in claims.claims())
    assert counts == dict(zip(KEYS, (22, 29, 33, 63, 31), strict=True))
    for report in REPORTS:
        ids = [claim.id for claim in claims.claims() if claim.report == report.key]
        assert ids == [f"{report.code}-{place:03d}" for place in range(1, len(ids) + 1)]


def test_every_row_is_complete():
    for claim in claims.claims():
        assert claim.unit in UNITS_OF_THE_FILE, claim.id
        assert claim.number_format in FORMATS, claim.id
        assert claim.relation in ("", "=", ">", "<"), claim.id
        assert claim.figure.english, claim.id
        for text in (claim.figure, claim.convention, claim.note):
            assert text.english.isascii(), claim.id
        assert bool(claim.other) == bool(claim.convention.english), claim.id
        assert claim.formula or claim.note.english, f"{claim.id} says neither a formula nor what it needs"
        assert claim.tolerance >= 0
        if claim.formula:
            assert claim.relation
            assert not isinstance(claim.published, str | None)
        for text in (claim.formula, claim.other):
            assert ",," not in text
            assert "(," not in text


def test_the_sample_gives_what_is_expected(findings):
    """A change of any verdict must be seen; claims.csv states them."""
    differing = {f.claim.id: (f.claim.expected, f.outcome) for f in findings if f.outcome is not f.claim.expected}
    assert not differing
    assert collections.Counter(f.outcome for f in findings) == {
        Outcome.AGREES: 78,
        Outcome.OTHER: 8,
        Outcome.DIFFERS: 33,
        Outcome.NEEDS_DATA: 37,
        Outcome.NOT_CHECKABLE: 22,
    }


def test_what_the_reports_got_wrong(sample):
    _, rows = rows_of(sample, "small_value_rotation", True, "en")
    assert rows["R4-002"][3:7] == [9.0, 9, 0.0, "agrees"]
    assert rows["R4-005"][6] == "differs"
    assert rows["R4-005"][7].startswith("nearer: five closes, four returns, +1.60%")
    assert rows["R4-025"][6:] == ["differs", "matches: earnings times multiple, 6,336.00"]
    assert rows["R4-010"][7].startswith("no match either: the two sectors")
    assert rows["R4-001"][3:7] == [dt.date(2026, 1, 18), "", "", "not checkable"]
    assert rows["R4-017"][7].startswith("needs FactSet's counts")
    assert rows["R4-003"][4:7] == [CellError.NA, "", "needs data"]
    _, rows = rows_of(sample, "liquidity_crossroads")
    assert rows["R3-033"][7].startswith("matches: the CCC bucket, 55")
    assert rows["R3-041"][4] == pytest.approx(4.60)
    assert rows["R3-026"][4] == pytest.approx(178 / 387)
    _, rows = rows_of(sample, "market_breadth")
    assert rows["R2-012"][3:7] == [15.0, 14, -1.0, "differs"]
    _, rows = rows_of(sample, "volatility_gap")
    assert rows["R1-006"][7] == "matches: from the open of the first session, +8.38%"


@pytest.mark.parametrize("report", REPORTS, ids=KEYS)
def test_a_report_is_found_by_key_code_and_title(report):
    for text in (report.key.upper(), report.code, *map(report.title.into, ("en", "zh"))):
        assert find_report(text) is report


def test_tables_in_both_languages(sample):
    heads, rows = rows_of(sample, None)
    assert len(rows) == 178
    assert heads[:2] == ["No.", "Figure"]
    heads, chinese = rows_of(sample, "市场广度", True, "zh")
    assert heads[:4] == ["编号", "数字", "日期", "公布值"]
    assert {row[6] for row in chinese.values()} == {"一致", "不一致", "缺少数据", "无法核对"}
    assert [row[3] for row in chinese.values()] == [rows[key][3] for key in chinese]
    assert len(sample.call("REP_CLAIMS", "R0", False)) == 22
    assert sample.call("REP_CLAIMS", "nope") is CellError.VALUE
    assert "mechanical_rotation" in sample.failures[-1].reason


def test_what_the_data_lack_is_no_failure_of_the_call(sample):
    sample.call("REP_CLAIMS")
    sample.call("REP_SUMMARY")
    assert not sample.failures


def test_data_that_end_before_a_figure_do_not_answer_for_it(sample):
    early = Session(FixedSource(cut_after(sample.panel, dt.date(2026, 2, 5))), lang="en")
    _, rows = rows_of(early, "market_breadth")
    assert rows["R2-002"][6] == "needs data"
    _, rows = rows_of(early, "small_value_rotation")
    assert rows["R4-002"][6] == "agrees"


def test_no_prices_at_all():
    bare = Session(FixedSource(panel_of({"ABC": range(1, 9)})), lang="en")
    outcomes = {f.claim.id: f.outcome for f in audit(bare)}
    assert outcomes["R4-016"] is Outcome.AGREES
    assert outcomes["R1-005"] is Outcome.NEEDS_DATA
    lines = [row[0] for row in bare.call("REP_SUMMARY", "volatility_gap", "en", None, False)]
    assert lines[0] == "The volatility gap, as of 2026-02-09"
    assert lines[1].startswith("Left out for want of data: VIX, volatility gap, three months")
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (0.1287, "+0.00%;-0.00%;0.00%", "+12.87%"),
        (-0.00001, "+0.00%;-0.00%;0.00%", "0.00%"),
        (0.46, "0.0%", "46.0%"),
        (2689.054, "#,##0.00", "2,689.05"),
        (9, "0", "9"),
        (17.76, "0.0", "17.8"),
        (dt.date(1996, 5, 16), "yyyy-mm", "1996-05"),
        (dt.date(1990, 7, 2), "yyyy", "1990"),
        (CellError.NA, "0", "#N/A"),
        (None, "0", ""),
    ],
)
def test_numbers_as_shown(value, number_format, text):
    assert shown(value, number_format) == text


# Summaries


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("report", REPORTS, ids=KEYS)
def test_a_summary_on_the_sample_is_complete(sample, report, lang):
    head, *lines = [row[0] for row in sample.call("REP_SUMMARY", report.key, lang)]
    assert head == ("要点" if lang == "zh" else "Summary")
    assert lines[0].startswith(report.title.into(lang))
    assert str(report.asof) in lines[0]
    assert len(lines) == 2 + len(report.sentences)  # the line on top, and the one on the sample data
    assert not any("{" in line or "|" in line or "Left out" in line or "缺少数据" in line for line in lines)


def test_sentences_follow_the_numbers(sample):
    def streak(day):
        return sample.call("REP_SUMMARY", "small_value_rotation", "en", day)[2][0]

    assert "has been ahead of the S&P 500 for 9 sessions in a row" in streak("2026-01-14")
    assert "has been behind the S&P 500 for 1 session in a row" in streak("2026-01-23")
    assert "as of 2026-01-23" in sample.call("REP_SUMMARY", "small_value_rotation", "en", "2026-01-25")[1][0]


def test_sentences_change_with_the_data(sample):
    other = Session(FixedSource(changed_after(sample.panel, dt.date(2026, 1, 13))), lang="en")
    asof = "2026-01-16"
    assert other.call("REP_SUMMARY", "R4", "en", asof)[2:] != sample.call("REP_SUMMARY", "R4", "en", asof)[2:]


@pytest.mark.parametrize("report", KEYS)
def test_a_summary_does_not_see_the_future(sample, report):
    asof = dt.date(2026, 1, 14)
    expected = sample.call("REP_SUMMARY", report, "en", asof)[:-1]  # but for the line on the sample data
    for future in (changed_after(sample.panel, asof), cut_after(sample.panel, asof)):
        future = replace(future, notice="")
        assert Session(FixedSource(future), lang="en").call("REP_SUMMARY", report, "en", asof) == expected


def test_a_date_before_the_data_is_an_error(sample):
    assert sample.call("REP_SUMMARY", "R4", "en", "2020-01-02") is CellError.NA


# Against the list that the figures were taken from, where it lies beside the checkout.

SAME = {Outcome.AGREES: "yes", Outcome.DIFFERS: "no", Outcome.OTHER: "no"}
OTHERWISE = {
    "R1-006": "the list takes the printed levels; close to close it differs, from the open it matches",
    "R2-013": "needs closes since 1996",
    "R2-032": "needs closes since 1990",
    "R3-046": "no close is 122; the mean of two is",
    "R3-051": "needs closes since 2016",
    "R4-003": "needs closes since 1991",
    "R4-004": "needs closes since 1990",
    "R4-017": "needs FactSet's counts",
}


@pytest.mark.skipif(not (SHARED / "claims.csv").is_file(), reason="no list of figures beside this checkout")
@pytest.mark.parametrize(
    ("folder", "checked", "also"),
    [("real_panel", 84, {"R1-028": "no members of the S&P 500"}), ("", 85, {})],
)
def test_real_prices_give_the_verdicts_of_the_list(folder, checked, also):
    listed = collections.defaultdict(list)
    with (SHARED / "claims.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            listed[f"R{int(row['doc'][:3])}"].append(row["agrees"])
    if not (SHARED / "data" / folder).is_dir():
        pytest.skip("no real prices beside this checkout")
    found = audit(Session(f"folder:{SHARED / 'data' / folder}", lang="en"))
    verdicts = {f"{code}-{n:03d}": verdict for code, many in listed.items() for n, verdict in enumerate(many, 1)}
    assert len(verdicts) == len(found) == 178
    decided = [f for f in found if verdicts[f.claim.id] != "na"]
    otherwise = {f.claim.id for f in decided if SAME.get(f.outcome) != verdicts[f.claim.id]}
    assert otherwise == OTHERWISE.keys() | also.keys()
    assert len(decided) - len(otherwise) == checked


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_chance_that_says_nothing_is_left_out_of_the_sentences(sample, lang):
    told = {"en": "turns up by chance in", "zh": "偶然出现"}[lang]
    for day, length in (("2026-01-22", 14), ("2026-02-13", 1)):
        chance = sample.call("RS_STREAK_PROB", None, None, day)
        sentences = [row[0] for row in sample.call("REP_SUMMARY", "small_value_rotation", lang, day, False)]
        assert (chance <= 0.5) is (abs(length) > 5)
        assert any(told in str(sentence) for sentence in sentences) is (chance <= 0.5), (day, chance)
        assert not any("Left out" in str(s) and "chance" in str(s) for s in sentences)
