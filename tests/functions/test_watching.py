"""Watch rules: which fire, since when, how often before and what followed; and what is wrong with one."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from tests.conftest import FixedSource, panel_of
from tests.functions.test_boundary import changed_after, cut_after
from xlrotation.errors import BadArgument, CellError, NoData
from xlrotation.functions.boundary.session import Session
from xlrotation.functions.watching import told
from xlrotation.functions.watching.looking import HORIZON, look
from xlrotation.functions.watching.rules import Bound, Rule, rules_in

SAMPLE = Session("sample", lang="en").pinned()


def session_of(closes, others=()):
    return Session(FixedSource(panel_of({"AAA": closes, **dict(others)})), lang="en").pinned()


def looked(session, formula, *bounds, since=None, symbol="AAA", why=0):
    return look(session, [Rule("r", formula, bounds)], since, symbol, why)[0]


ABOVE = Bound(">", 100.0)
STREAK = 'RS_STREAK("RUT","SPX")'


def test_a_rule_fires_where_its_condition_holds():
    closes = np.array([90.0] * 40 + [110.0] * 3 + [95.0] * 40 + [120.0] * 5)
    session = session_of(closes)
    days = session.panel.days.tolist()
    found = looked(session, '=PX_CLOSE("AAA")', ABOVE)
    assert (found.state, found.day, found.since, found.value) == ("fired", days[-1], days[-5], 120.0)
    assert found.before == (days[40],)
    assert found.sessions == len(closes)
    assert found.percentile == 1.0
    assert found.held == pytest.approx(8 / 88)
    assert found.study.events == 1
    assert found.study.mean == pytest.approx(95 / 110 - 1)
    assert looked(session, '=PX_CLOSE("AAA")>100').state == "fired"
    assert looked(session, '=PX_CLOSE("AAA")', Bound("<", 100.0)).state == "quiet"
    assert looked(session, '=PX_CLOSE("AAA")', Bound(">=", 120.0)).state == "fired"
    assert looked(session, '=PX_CLOSE("AAA")', Bound(">", 120.0)).state == "quiet"


def test_new_sessions_are_those_after_a_day():
    closes = np.array([90.0] * 40 + [110.0] * 3 + [95.0] * 40)
    session = session_of(closes)
    days = session.panel.days.tolist()
    assert looked(session, '=PX_CLOSE("AAA")', ABOVE).state == "quiet"
    found = looked(session, '=PX_CLOSE("AAA")', ABOVE, since=days[39])
    assert (found.state, found.day, found.since, found.holds) == ("fired", days[42], days[40], False)
    assert looked(session, '=PX_CLOSE("AAA")', ABOVE, since=days[42]).state == "quiet"
    with pytest.raises(NoData, match="no session after"):
        looked(session, '=PX_CLOSE("AAA")', ABOVE, since=days[-1])


def test_what_followed_is_that_of_the_first_sessions_of_runs():
    closes = np.array([90.0] * 10 + [110.0] * 3 + [95.0] * 40 + [110.0] + [95.0] * 40 + [120.0])
    other = 100 * 1.001 ** np.arange(len(closes))
    found = looked(session_of(closes, {"BBB": other}.items()), '=PX_CLOSE("AAA")', ABOVE, symbol="BBB")
    assert len(found.before) == 2
    assert found.study.mean == pytest.approx(1.001**HORIZON - 1)
    assert found.study.usual == pytest.approx(1.001**HORIZON - 1)


@pytest.mark.parametrize(
    ("formula", "bounds", "reason"),
    [
        ('=PX_CLOSE("FOO")', (ABOVE,), "FOO"),
        ('=PX_CLOSE("AAA")', (), "no threshold"),
        ('=PX_CLOSE("AAA")>1', (ABOVE,), "no threshold goes with"),
        ('=XLR_SYMBOL("AAA")&PX_CLOSE("AAA")', (ABOVE,), "compares a number"),
        ('=PX_HISTORY("AAA")', (ABOVE,), "gives a table"),
        ('=PX_CLOSE("AAA"', (ABOVE,), "no formula"),
        ("=1+1", (ABOVE,), "no worksheet function"),
        ('=PX_CLOSE("AAA","2026-02-02")', (ABOVE,), "as-of date of its own"),
        ('=PX_CLOSE("AAA")+RAND()', (ABOVE,), "clock"),
        ("=XLR_WATCH()", (ABOVE,), "itself evaluated"),
        ('=PX_CLOSE("AAA")/0', (ABOVE,), "gives #DIV/0!"),
    ],
)
def test_a_rule_that_cannot_be_evaluated_is_never_quiet(formula, bounds, reason):
    found = looked(session_of(np.full(40, 110.0)), formula, *bounds)
    assert found.state == "error"
    assert reason in found.reason


def test_a_session_without_a_value_is_not_quiet():
    closes = np.array([90.0] * 30 + [np.nan, 91.0, 92.0])
    session = session_of(closes)
    days = session.panel.days.tolist()
    found = looked(session, '=PX_CLOSE("AAA")', ABOVE, since=days[28])
    assert found.state == "error"
    assert str(days[30]) in found.reason
    assert looked(session, '=PX_CLOSE("AAA")', ABOVE).state == "quiet"
    fired = looked(session, '=PX_CLOSE("AAA")', Bound(">", 90.5), since=days[28])
    assert fired.state == "fired"
    assert any("1 of 4 new sessions" in remark for remark in fired.remarks)


def test_one_bad_rule_does_not_keep_the_others_back():
    rules = rules_in([["a", '=PX_CLOSE("AAA")', ">", 100], ["b", '=PX_CLOSE("FOO")', ">", 1], ["c", "x", "~", 1]])
    found = look(session_of(np.full(40, 110.0)), rules, None, "AAA")
    assert [one.state for one in found] == ["fired", "error", "error"]
    assert told.in_words(found[2], "en").startswith("row 3: ")


def test_nothing_after_a_session_is_seen():
    rules = [
        ["", 'VOL_STREAK("VVIX",100)>=2', "", ""],
        ["", "ROT_MECH_SCORE()", ">", 55],
        ["", 'BRD_52W("SP50")', "<", 0],
    ]
    asof, since = dt.date(2025, 11, 14), dt.date(2025, 10, 1)
    wanted = SAMPLE.call("XLR_WATCH", rules, asof, since)
    assert {row[1] for row in wanted[1:]} <= {"fired", "quiet"}
    for future in (changed_after(SAMPLE.panel, asof), cut_after(SAMPLE.panel, asof)):
        assert Session(FixedSource(future), lang="en").call("XLR_WATCH", rules, asof, since) == wanted


def test_each_value_is_that_of_the_single_cell():
    found = looked(SAMPLE, "=ROT_MECH_SCORE()", Bound(">", 0.0), since=dt.date(2026, 2, 2), symbol="^GSPC")
    assert found.value == SAMPLE.call("ROT_MECH_SCORE", found.day)


def test_a_rule_that_fired_is_explained():
    found = looked(SAMPLE, '=PX_CLOSE("VIX")', Bound(">", 1.0), symbol="^GSPC", why=8)
    assert [datum.symbol for datum in found.why.data] == ["^VIX"]
    assert found.why.native.agrees


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (["a", "", ">", 1], "no formula"),
        (["a", 0.5, ">", 1], "value and no formula"),
        (["a", "PX_RET()", "><", 1], "no operator"),
        (["a", "PX_RET()", ">", None], "has no threshold"),
        (["a", "PX_RET()", "", 1], "has no operator"),
        (["a", "PX_RET()", ">", "much"], "no number"),
        (["a", "PX_RET()", ">", True], "no number"),
        (["a", "PX_RET()", ">", CellError.NA], "is the error"),
        (["a", CellError.NA, ">", 1], "is the error"),
        (["a", "PX_RET()", ">", 1, "SPX", "stray"], "means nothing"),
        (["a", "PX_RET()", ">", 1, 5.0], "no symbol"),
    ],
)
def test_a_row_that_is_no_rule_says_why(row, fault):
    (rule,) = rules_in([row])
    assert fault in rule.fault
    assert rule.place == "row 1"


def test_heads_may_stand_in_any_order():
    rows = [["阈值", "公式", "Operator", "Name"], [None, None, None, None], [5, 'RS_STREAK("RUT","SPX")', "≥", "lead"]]
    assert rules_in(rows) == [Rule("lead", '=RS_STREAK("RUT","SPX")', (Bound(">=", 5.0),), "", "row 3")]
    rows = [["formula", "above", "below"], ["PX_RET()", 0.1, -0.1]]
    assert rules_in(rows)[0].bounds == (Bound(">", 0.1), Bound("<", -0.1))
    with pytest.raises(BadArgument, match="no rule"):
        rules_in([["formula", "above"]])


def test_a_symbol_that_is_not_there_is_told():
    found = look(session_of(np.full(40, 110.0)), [Rule("r", '=PX_CLOSE("AAA")', (ABOVE,))])[0]
    assert found.state == "fired"
    assert any("^GSPC" in remark for remark in found.remarks)
    named = look(session_of(np.full(40, 110.0)), [Rule("r", '=PX_CLOSE("AAA")', (ABOVE,), "ZZZ")])[0]
    assert named.state == "error"


@pytest.mark.proves("XLR_WATCH", by="hand calculation: closes above a level, runs counted, forward returns divided")
def test_a_watched_level_by_hand():
    closes = np.array([90.0] * 10 + [110.0] * 3 + [99.0] * 40 + [120.0] * 2)
    rows = session_of(closes).call("XLR_WATCH", [["high", 'PX_CLOSE("AAA")', ">", 100]], None, None, "AAA")
    row = dict(zip(rows[0], rows[1], strict=True))
    assert row["State"] == "fired"
    assert row["Value"] == 120.0
    assert row["Times before"] == 1
    assert row["Mean return after"] == pytest.approx(99 / 110 - 1, abs=1e-12)
    assert row["Share of sessions"] == pytest.approx(5 / 55)
    assert row["Percentile"] == 1.0


def test_it_is_told_in_chinese():
    rows = Session("sample", lang="zh").call("XLR_WATCH", [["", 'RS_STREAK("RUT","SPX")', ">=", 5]], "2026-01-14")
    assert rows[1][1] == "已触发"
    assert "太少" in rows[1][-1]


def test_heads_in_chinese():
    rows = [["名称", "公式", "运算符", "阈值", "代码"], ["小盘", STREAK, "高于", "５", "SPX"]]
    assert rules_in(rows)[0] == rules_in([["小盘", STREAK, ">", 5, "SPX"]], first=2)[0]
    assert rules_in([["公式", "高于", "低于"], [STREAK, 5, -5]])[0].condition == "> 5 or < -5"


@pytest.mark.parametrize(
    ("heads", "reason"),
    [
        (["Formula", "Abvoe", "Below"], "did you mean above"),
        (["Formula", "Treshold", "Operator"], "did you mean threshold"),
        (["Formula", "Name", "Formula"], "another column"),
        (["Formula", "Threshold", "Level"], "another column"),
    ],
)
def test_a_head_that_would_count_for_nothing_is_refused(heads, reason):
    """Else half of a rule were lost in silence."""
    with pytest.raises(BadArgument, match=reason):
        rules_in([heads, [STREAK, 5, -5]])
    assert rules_in([["Formula", "Above", "Desk", "Note"], [STREAK, 5, 7, "x"]])[0].condition == "> 5"


@pytest.mark.parametrize("threshold", ["1_000", "5%", "1,000", "(5)"])
def test_a_threshold_is_a_number_as_cells_write_it(threshold):
    assert "is no number" in rules_in([["n", STREAK, ">", threshold]])[0].fault
