"""The audit of any report's text: figures, bindings, verdicts, on sentences of our own."""

# ruff: noqa: E501

from __future__ import annotations

import datetime as dt
import time

import pytest

from tests.functions.sentences import formulas, measurements
from xlrotation.errors import CellError
from xlrotation.functions.auditing import binding, figures, markup
from xlrotation.functions.auditing.audit import audit, book_of
from xlrotation.functions.auditing.numerals import number
from xlrotation.functions.auditing.prose import plain
from xlrotation.functions.auditing.verdicts import Verdict

DAY = dt.date(2026, 1, 16)


@pytest.fixture
def book(sample):
    return book_of(sample.panel)


BOUND = [
    ("标普500指数收跌0.06%,报6940.01点。", ['=PX_RET("^GSPC","1D","2026-01-16")', '=PX_CLOSE("^GSPC","2026-01-16")']),
    ("今年以来罗素2000上涨7.9%,标普500上涨1.4%。", ['=PX_RET("^RUT","YTD","2026-01-16")', '=PX_RET("^GSPC","YTD","2026-01-16")']),
    ("罗素2000已连续十一个交易日跑赢标普500。", ['=RS_STREAK("^RUT","^GSPC","2026-01-16")']),
    ("房地產類股週漲4.10%,領先科技類股7.2個百分點。", ['=ROT_SECTOR_RET("XLRE","1W","2026-01-16")', '=ROT_REL_RET("XLRE","XLK","1W","2026-01-16")']),
    ("VIX收于15.86,较前一日下跌0.3%。", ['=PX_CLOSE("^VIX","2026-01-16")', '=PX_RET("^VIX","1D","2026-01-16")']),
    ("罗素2000高于50日均线5.8%。", ['=PX_VS_MA("^RUT",50,"2026-01-16")']),
    ("成分股中69.7%收在200日均线之上。", ['=BRD_ABOVE_MA("SP500",200,"2026-01-16")']),
    ("自2025年11月3日以来,罗素2000上涨8.4%。", ['=PX_RET_BETWEEN("^RUT","2025-11-03","2026-01-16")']),
    ("英伟达、苹果和微软分别下跌0.4%、1.0%和0.7%。", [f'=PX_RET("{name}","1D","2026-01-16")' for name in ("NVDA", "AAPL", "MSFT")]),
    ("The S&P 500 fell 4.46 points, or 0.1%, to 6,940.01.", ['=PX_CHANGE("^GSPC","1D","2026-01-16")', '=PX_RET("^GSPC","1D","2026-01-16")', '=PX_CLOSE("^GSPC","2026-01-16")']),
    ("For the week:\n\nThe Dow is down 0.3%.\n\nThe Nasdaq is down 0.7%.", ['=PX_RET("^DJI","1W","2026-01-16")', '=PX_RET("^IXIC","1W","2026-01-16")']),
    ("Against a gain of 2.04% for the Russell 2000 this week, it was little.", ['=PX_RET("^RUT","1W","2026-01-16")']),
    ("The Russell 2000 beat the S&P 500 by 18 basis points.", ['=ROT_REL_RET("^RUT","^GSPC","1D","2026-01-16")']),
    ("Yesterday the Nasdaq 100 rose 0.32%.", ['=PX_RET("^NDX","1D","2026-01-15")']),
    ("The S&P 500 closed 0.53% below its record high.", ['=PX_DRAWDOWN("^GSPC","1Y","2026-01-16")']),
    ("Small caps won for an eleventh straight session, ahead of the S&P 500.", []),
    ("| Index | Close | Week | YTD |\n| S&P 500 | 6,940.01 | -0.38% | 1.38% |", ['=PX_CLOSE("^GSPC","2026-01-16")', '=PX_RET("^GSPC","1W","2026-01-16")', '=PX_RET("^GSPC","YTD","2026-01-16")']),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [one for one in BOUND if one[1]])
def test_a_figure_is_bound_to_what_it_means(text, expected, book):
    assert formulas(text, book, DAY) == expected


NOT_MEASURED = [
    "We see the S&P 500 at 7,400 by December; our target for the Russell 2000 is 2,900.",
    "策略师预计标普500年底达到7600点,若跌破6800点则下看6700点。",
    "On page 12, Table 3 lists the S&P 500, the Russell 2000 and 3M; call 1-800-555-0142 before 4:30 p.m.",
    "(1) 标普500 [3]:见第4页表2。电话021-5555-0123。",
    "There is a 35% probability of a recession, said two banks.",
]


@pytest.mark.parametrize("text", NOT_MEASURED)
def test_numbers_that_are_no_measurement_are_set_aside(text, book):
    read = binding.read(text, book, DAY)
    assert measurements(text, book, DAY) == []
    assert all(one.figure.reason for one in read.bound)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("跌幅1.27%", 1.27, "%"),
        ("-4.00%", -4.0, "%"),
        ("0.66个百分点", 0.66, "pp"),
        ("8000亿美元", 8e11, "USD"),
        ("$1.2 trillion", 1.2e12, "USD"),
        ("up 60 basis points", 60, "bp"),
        ("0.5 per cent", 0.5, "%"),
        ("about two thirds of the list", 200 / 3, "%"),
        ("六成四的成分股", 64, "%"),
        ("15连涨", 15, "days"),
        ("nine straight sessions", 9, "days"),
    ],
)
def test_units_of_figures(text, value, unit):
    found = [one for one in figures.find(plain(text)) if one.kind == "measurement"]
    assert [(pytest.approx(one.value), one.unit) for one in found] == [(value, unit)]


def test_the_plain_form_keeps_every_place():
    text = "ＶＩＸ　收於１５.８６點,道瓊工業指數上漲İß"
    assert len(plain(text)) == len(text)
    assert plain(text).startswith("vix 收于15.86点,道琼工业指数上涨")


def test_numbers_in_words():
    assert [number(text) for text in ("十一", "两百", "twelfth", "1,234", "third", "x")] == [11, 200, 12, 1234, 3, None]


def printed(value: float) -> str:
    return f"{abs(100 * value):.2f}%"


def test_verdicts(sample):
    """Agreement, another convention, difference, and doubt that is no difference."""
    right = sample.call("PX_RET", "^GSPC", "1D", "2026-01-16")
    opened = sample.call("PX_RET", "^RUT", "1W", "2026-01-16", "price", "OPEN")
    verb = {True: "rose", False: "fell"}
    text = (
        f"The S&P 500 {verb[right > 0]} {printed(right)} on the day. For the week the Russell 2000 "
        f"{verb[opened > 0]} {printed(opened)}. The S&P 500 lost 9.87% on the day."
    )
    found = audit(text, sample, DAY)
    assert [one.verdict for one in found.measured] == [Verdict.AGREES, Verdict.CONVENTION, Verdict.DIFFERS]
    explained = found.measured[1]
    assert explained.convention is not None
    assert explained.convention.english == "from the open of the first session"
    assert explained.tried >= 2
    assert 0 < explained.chance < 0.25
    alone = audit("The S&P 500 lost 9.87%.", sample, DAY)
    assert [one.verdict for one in alone.measured] == [Verdict.AMBIGUOUS]  # nothing bears the reading out


def test_a_text_without_a_date_is_compared_with_nothing(sample):
    found = audit("The S&P 500 rose 0.3% and the VIX closed at 17.20.", sample)
    assert found.date is None
    assert {one.verdict for one in found.measured} == {Verdict.NOT_CHECKABLE}


def test_a_day_after_the_data_needs_data(sample):
    found = audit("On Monday the S&P 500 rose 0.3%.", sample, dt.date(2030, 1, 7))
    assert [one.verdict for one in found.measured] == [Verdict.NEEDS_DATA]


def test_arithmetic_inside_a_text(sample):
    text = "今年以来罗素2000上涨7.9%,标普500上涨1.4%,差距约6.5个百分点。工业98家、可选消费80家,两者合计178家。"
    found = audit(text, sample, DAY)
    assert [(one.kind, one.agrees) for one in found.checks] == [("difference", True), ("sum", True)]
    wrong = audit(text.replace("6.5", "9.5").replace("178", "188"), sample, DAY)
    assert [one.agrees for one in wrong.checks] == [False, False]


HOSTILE = ["1" * 1_000_000, "(" * 200_000 + "5%", "S&P 500 rose 5%, " * 9000, "标普500涨1%" * 9000, "5-" * 300_000, "\u202e5% \u05d0" * 20_000, "January 5 " * 2000]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_are_bounded(text, sample):
    begun = time.process_time()
    found = audit(text, sample, DAY)
    assert len(found.judged) <= figures.MOST
    assert time.process_time() - begun < 60


def test_cells_hand_over_errors(sample):
    assert sample.call("REP_AUDIT", "", "2026-01-16") is CellError.VALUE
    assert sample.call("REP_BIND", "No figure here.", "2026-01-16") is CellError.NA
    table = sample.call("REP_AUDIT", [["标普500收跌0.06%。"], ["罗素2000涨0.12%。"]], "2026-01-16", "zh")
    assert [row[6] for row in table[1:]] == ["一致", "一致"]


def test_html_that_is_pasted_into_a_cell_is_read_without_its_marks(sample):
    page = '<p>The <b>Russell 2000</b> gained <span class="up">0.12%</span> to 2,677.74.</p>'
    assert sample.call("REP_BIND", page, "2026-01-16") == sample.call(
        "REP_BIND", "The Russell 2000 gained 0.12% to 2,677.74.", "2026-01-16"
    )


@pytest.mark.parametrize("text", ["The index gained <0.5%.", "Gains < losses, 3 > 2.", "Cisco <CSCO.O> fell 12%."])
def test_what_only_looks_like_html_is_left_as_it_is(text):
    assert markup.bare(text) == text
