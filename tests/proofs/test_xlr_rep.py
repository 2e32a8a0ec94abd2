"""XLR: the library itself, and REP: reports."""

from __future__ import annotations

import ast
import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

import exchange_calendars
import numpy as np
import pytest

import xlrotation.functions
from tests.conftest import FixedSource, panel_of
from tests.proofs.published import rows
from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session

EXCHANGE = "exchange_calendars: sessions of the New York Stock Exchange (XNYS)"
REPORTS = "market reports of January and February 2026: figures as printed"


@pytest.mark.filterwarnings("ignore")  # of that library itself
@pytest.mark.proves("XLR_ASOF", by=EXCHANGE)
def test_the_session_of_every_day(sample):
    calendar = exchange_calendars.get_calendar("XNYS", start="2025-01-01", end="2026-02-13")
    day = dt.date(2025, 1, 6)
    while day <= dt.date(2026, 2, 13):
        assert sample.call("XLR_ASOF", day) == calendar.date_to_session(str(day), "previous").date()
        day += dt.timedelta(days=1)
    assert sample.call("XLR_ASOF") == dt.date(2026, 2, 13)


@pytest.mark.filterwarnings("ignore")  # of that library itself
@pytest.mark.proves("XLR_STATUS", by=f"{EXCHANGE}; counts by hand")
def test_status_of_a_market():
    """Data up to 2025-12-19 as a state written in the evening of 2026-01-05: how many sessions they lack."""
    calendar = exchange_calendars.get_calendar("XNYS", start="2025-12-01", end="2026-01-30")
    missing = len(calendar.sessions_in_range("2025-12-20", "2026-01-05"))
    assert missing == 9  # December 22 to 24, 26, and 29 to 31, January 2 and 5

    panel = panel_of({"A": [1.0] * 30, "B": [2.0] * 25, "C": [np.nan] * 30}, last="2025-12-19")
    panel = replace(panel, ages=True, known=dt.datetime(2026, 1, 5, 22, 0, tzinfo=dt.UTC))
    session = Session(FixedSource(panel), lang="en")
    status = dict(session.call("XLR_STATUS", False))
    assert status["Sessions behind"] == missing
    assert status["Symbols"] == 3
    assert status["Newest session"] == dt.date(2025, 12, 19)
    first = exchange_calendars.get_calendar("XNYS", start="2025-10-01", end="2026-01-30")
    assert status["First session"] == first.sessions_window("2025-12-19", -30)[0].date()


@pytest.mark.proves("XLR_SOURCE", by="hand reading of a folder with two files")
def test_where_prices_come_from(tmp_path):
    (tmp_path / "AAA.csv").write_text("Date,Close\n2026-01-15,10\n2026-01-16,11\n2026-01-20,12\n", "utf-8")
    (tmp_path / "BBB.csv").write_text("Date,Close\n2026-01-16,5\n", "utf-8")
    session = Session(f"folder:{tmp_path}", lang="en")
    spans = {symbol: dict(session.call("XLR_SOURCE", symbol, False)) for symbol in ("AAA", "BBB")}
    assert [spans["AAA"][key] for key in ("Symbol", "First session", "Last session")] == [
        "AAA", dt.date(2026, 1, 15), dt.date(2026, 1, 20),
    ]  # fmt: skip
    assert [spans["BBB"][key] for key in ("First session", "Last session")] == [dt.date(2026, 1, 16)] * 2


@pytest.mark.proves("XLR_SYMBOL", by="Yahoo Finance's symbols of indices; State Street's funds by sector")
@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("S&P 500", "^GSPC"), ("SPX", "^GSPC"), ("标普500", "^GSPC"), ("Russell 2000", "^RUT"), ("罗素2000", "^RUT"),
        ("Nasdaq Composite", "^IXIC"), ("Nasdaq 100", "^NDX"), ("Dow Jones", "^DJI"), ("vix", "^VIX"),
        ("Technology", "XLK"), ("Financials", "XLF"), ("Health Care", "XLV"), ("Energy", "XLE"), ("Industrials", "XLI"),
        ("Consumer Discretionary", "XLY"), ("Consumer Staples", "XLP"), ("Materials", "XLB"), ("Utilities", "XLU"),
        ("Real Estate", "XLRE"), ("Communication Services", "XLC"), ("Apple", "AAPL"), ("NVIDIA", "NVDA"),
    ],
)  # fmt: skip
def test_names_of_symbols(sample, text, symbol):
    assert sample.call("XLR_SYMBOL", text) == symbol


@pytest.mark.proves("XLR_ERRORS", by="hand reading: three wrong calls, as Excel calls their errors")
def test_the_last_failures(session_of):
    session = session_of({"AAA": [1.0, 2.0]})
    assert session.call("VAL_PE", 100, 0) is CellError.DIV0
    assert session.call("PX_CLOSE", "ZZZ") is CellError.NA
    assert session.call("PX_RET", "AAA", -1) is CellError.VALUE
    got = session.call("XLR_ERRORS", 2, False)
    assert [row[1] for row in got] == ["PX_RET", "PX_CLOSE"]
    assert [row[3] for row in got] == ["#VALUE!", "#N/A"]
    assert len(session.call("XLR_ERRORS", 20, False)) == 3
    assert session.call("XLR_ERRORS", 20, False)[2][1:4:2] == ["VAL_PE", "#DIV/0!"]


def declared() -> dict[str, ast.FunctionDef]:
    """The functions that the sources decorate as worksheet functions, as Python's parser reads them."""
    found = {}
    for path in sorted(Path(xlrotation.functions.__file__).parent.rglob("*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            decorators = node.decorator_list if isinstance(node, ast.FunctionDef) else []
            if any(isinstance(d, ast.Call) and ast.unparse(d.func) == "worksheet_function" for d in decorators):
                found[node.name] = node
    return found


@pytest.mark.proves("XLR_FUNCTIONS", "XLR_HELP", by="Python's parser: declarations counted in the sources")
def test_every_declaration_is_listed_with_its_arguments(sample):
    sources = declared()
    listed = [row[0] for row in sample.call("XLR_FUNCTIONS", None, False)]
    assert len(listed) == len(sources) >= 129
    assert set(listed) == set(sources)
    for family in ("RS", "VAL", "EVT", "REP"):
        count = sum(name.startswith(f"{family}_") for name in sources)
        assert len(sample.call("XLR_FUNCTIONS", family, False)) == count
    for name, node in sources.items():
        arguments = [a for a in node.args.args if a.annotation is not None and ast.unparse(a.annotation) != "Here"]
        summary, *paragraphs = (ast.get_docstring(node) or "").split("\n\nArgs:")[0].split("\n\n")
        told = sample.call("XLR_HELP", name, False)
        # What it is, what it gives, its unit, then the arguments, the definition if there is one, source and example.
        # One that takes symbols of several exchanges has a definition, which says on which sessions.
        mixes = any(word.arg == "mixes" for call in node.decorator_list for word in call.keywords)
        assert len(told) == 3 + len(arguments) + (bool(paragraphs) or mixes) + 2, name
        assert any("sessions that all of them have" in str(row[1]) for row in told) == mixes, name
        assert told[0][1].split("(")[0] == name
        assert re.findall(r"(?:\(|, )(\w+)", told[0][1]) == [argument.arg for argument in arguments], name
        assert told[1][1] == " ".join(summary.split()), name


@pytest.mark.proves("REP_CLAIMS", by=REPORTS)
def test_figures_of_reports(indices):
    """From the published closes: what was printed, what it comes to, and whether that agrees."""
    by_number = {row[0]: row for row in indices.call("REP_CLAIMS", None, False, "en")}
    for number, printed, verdict in (
        ("R1-005", 2689.05, "agrees"),  # Russell 2000
        ("R1-007", 2655.15, "agrees"),  # its 20-day average
        ("R1-008", 2580.88, "agrees"),  # its 50-day average
        ("R1-009", 0.0128, "agrees"),
        ("R4-002", 9, "agrees"),  # sessions in a row ahead of the S&P 500
        ("R4-014", 57, "agrees"),
        ("R4-016", 0.533, "agrees"),
        ("R4-020", 0.07, "agrees"),
        ("R2-033", 15.2, "agrees"),
    ):
        _, _, _, published, computed, difference, found, _ = by_number[number]
        assert (published, found) == (printed, verdict), number
        assert difference == pytest.approx(computed - printed, abs=1e-9)
        assert computed == pytest.approx(printed, rel=4e-3)
    # 288 a share at 22 times make 6,336, a tenth below the index of the day; 15 sessions in a row were 14.
    assert by_number["R4-025"][6] == "differs"
    assert by_number["R2-012"][3:7] == [15, 14, -1, "differs"]


@pytest.mark.proves("REP_SUMMARY", by="The Motley Fool, 2026-01-29: the ninth session of the streak on 2026-01-14")
def test_the_streak_in_a_summary(indices):
    ninth = rows("fool_streak.csv")[8]
    assert ninth["day"] == "2026-01-14"
    told = " ".join(row[0] for row in indices.call("REP_SUMMARY", "small_value_rotation", "en", ninth["day"], False))
    assert "has been ahead of the S&P 500 for 9 sessions in a row" in told
    assert "9 sessions, 2026-01-02 to 2026-01-14" in told
    zh = " ".join(row[0] for row in indices.call("REP_SUMMARY", "small_value_rotation", "zh", ninth["day"], False))
    assert "连续9" in zh.replace(" ", "")


@pytest.mark.proves("REP_AUDIT", "REP_BIND", by=f"{REPORTS}, in sentences of our own; formulas written by hand")
def test_figures_of_a_text(sample):
    """Returns as several papers printed them for 2026-01-16, one that is wrong on purpose, and a close of the data."""
    close = f"{sample.call('PX_CLOSE', '^RUT', '2026-01-16'):,.2f}"
    text = (
        f"The S&P 500 slipped 0.06% on the day, while the Russell 2000 rose 0.12% to {close}. For the week the "
        "Russell 2000 gained 2.04% and the Nasdaq Composite lost 0.66%, the S&P 500 0.83%."
    )
    head, *found = sample.call("REP_AUDIT", text, "2026-01-16", "en")
    verdict, formula, printed = (head.index(name) for name in ("Verdict", "Formula", "Published"))
    assert [row[printed] for row in found] == [-0.06, 0.12, float(close.replace(",", "")), 2.04, -0.66, -0.83]
    assert [row[verdict] for row in found] == ["agrees"] * 5 + ["differs"]
    by_hand = [
        'PX_RET("^GSPC","1D","2026-01-16")',
        'PX_RET("^RUT","1D","2026-01-16")',
        'PX_CLOSE("^RUT","2026-01-16")',
        'PX_RET("^RUT","1W","2026-01-16")',
        'PX_RET("^IXIC","1W","2026-01-16")',
        'PX_RET("^GSPC","1W","2026-01-16")',
    ]
    assert [row[formula] for row in found] == by_hand
    bound = sample.call("REP_BIND", text, "2026-01-16")
    assert [row[0] for row in bound] == [f"={formula}" for formula in by_hand]
