"""What books tell of what is missing: states of figures, reasons in the book's language; and lists of one's own."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.conftest import FixedSource
from tests.reports.test_lacking import BOOKS, last_rows, without
from xlrotation import jobs
from xlrotation.errors import BadArgument
from xlrotation.functions.boundary.reasons import told_in
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.session import Session
from xlrotation.market.chains import HeldChains
from xlrotation.market.panel import Panel

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")  # openpyxl, of sparklines and bars
PANEL = Session("sample").panel

_NOT_WORDS = re.compile(
    r"xlrotation refresh[^\u4e00-\u9fff]*|XLR_\w+|'[^']*'|\b(?:" + "|".join(
        sorted({parameter.name for spec in functions().values() for parameter in spec.parameters}, key=len)[::-1]
    ) + r")\b|\b(?:universes\.csv|universe|from|to|Schwager)\b|--\w+"
)  # fmt: skip


def english(text: str) -> list[str]:
    """English words in a Chinese reason that are neither commands nor names of arguments, files and columns."""
    return re.findall(r"[A-Za-z]*[a-z]{2,}", _NOT_WORDS.sub("", text))


def exported(
    name: str, panel: Panel, folder: Path, lang: str, **options: Any
) -> tuple[jobs.Report, dict[str, dict[str, Any]]]:
    report = jobs.export(BOOKS / f"{name}.xlsx", folder, Session(FixedSource(panel), lang=lang), json=True, **options)
    held = json.loads((folder / f"{name}.json").read_text("utf-8"))
    return report, {figure["key"]: figure for figure in held["figures"]}


LACKING = {
    "chains": ("dispersion_desk", dataclasses.replace(PANEL, chains=HeldChains())),
    "series": ("function_reference", dataclasses.replace(PANEL, series={})),
    "sector": ("function_reference", without(PANEL, "XLK")),
    "past": ("liquidity_crossroads", last_rows(PANEL, PANEL.days[-1], 40)),
}


@pytest.mark.parametrize("lacking", LACKING)
def test_a_chinese_book_gives_its_reasons_in_chinese(tmp_path: Path, lacking: str) -> None:
    """The session may well speak another language: a book that is Chinese is told of in Chinese."""
    name, panel = LACKING[lacking]
    report, figures = exported(name, panel, tmp_path, "en", inputs={"lang": "zh"})
    book = openpyxl.load_workbook(tmp_path / f"{name}.xlsx", data_only=True)
    notes = [row for sheet in book if sheet.title == "说明" for row in sheet.iter_rows(values_only=True)]
    told = {
        *(figure["reason"] for figure in figures.values()),
        *(error["reason"] for error in report.errors),
        *report.warnings,
        report.notice,
        *(str(cell) for row in notes for cell in row[3:4] if cell),
    } - {""}
    assert len(told) > 2
    assert {text: words for text in told if (words := english(text))} == {}


@pytest.mark.parametrize(
    ("reason", "chinese"),
    [
        (
            "^RUT against ^GSPC needs two closes each; give longer columns",
            "^RUT对^GSPC各需要两个收盘价；请给出更长的列",
        ),
        ("VIX and VIX3M stand in for DSPX", None),
        ("M: the data hold no close of A, B and 7 more; left out", "M：数据中没有A、B等（另有 7 个）的收盘价；未计入"),
        ("the data hold 3 sessions, too few for N; give a smaller n", "数据有3个交易日，不足以计算N；请给出较小的n"),
        ("a range without a number, whose cells show #N/A", "区域中没有数字，其单元格显示#N/A"),
    ],
)  # fmt: skip
def test_the_text_that_says_most_itself_tells_a_reason(reason: str, chinese: str | None) -> None:
    assert told_in(reason, "zh") == (chinese or reason)


def test_absent_data_are_missing_and_no_error(tmp_path: Path) -> None:
    name, panel = LACKING["chains"]
    _, figures = exported(name, panel, tmp_path, "en")
    states = {figure["state"] for figure in figures.values()}
    assert states == {"ok", "missing"}
    for key in ("scenario.corr", "scenario.pnl", "basket.spread", "legs.index.vega"):
        assert "option chain" in figures[key]["reason"], figures[key]
    table = openpyxl.load_workbook(tmp_path / f"{name}.xlsx", data_only=True)["Results"]
    states_told = {row[0]: row[7] for row in table.iter_rows(min_row=2, values_only=True)}
    assert states_told == {key: figure["state"] for key, figure in figures.items()}


MINE = {"MINE": ("AAPL", "MSFT", "KO", "GHOST"), "MY DESK": ("KO", "PG")}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_list_of_ones_own_is_a_universe(tmp_path: Path, lang: str) -> None:
    panel = dataclasses.replace(PANEL, universes=MINE)
    report, figures = exported("market_breadth", panel, tmp_path, lang, inputs={"universe": "mine", "lang": lang})
    assert any("GHOST" in warning and "MINE" in warning for warning in report.warnings), "missing members are told"
    assert not any("universe" in warning and "MY_DESK" in warning for warning in report.warnings)
    session = Session(FixedSource(panel))
    assert figures["above50"]["value"] == pytest.approx(session.call("BRD_ABOVE_MA", "MINE", 50, "2026-02-06"))
    book = openpyxl.load_workbook(tmp_path / "market_breadth.xlsx", data_only=True)
    assert any("mine" in str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row if cell.value)
    values = next(sheet for sheet in book if any(row[0] == "universes" for row in sheet.iter_rows(values_only=True)))
    first = next(row[0].row for row in values.iter_rows(max_col=1) if row[0].value == "universes")
    offered = [values.cell(first + place, 3).value for place in range(4)]
    assert offered == ["MINE", "MY_DESK", "DEFENSIVE", "INDICES"], "one's own first"


@pytest.mark.parametrize("name", ["market_breadth", "mechanical_rotation"])
def test_a_universe_that_is_none_is_refused_with_those_at_hand(tmp_path: Path, name: str) -> None:
    panel = dataclasses.replace(PANEL, universes=MINE)
    with pytest.raises(BadArgument, match=r"Inputs!B6 \(universe\) does not take \"MIEN\": .*did you mean MINE\?"):
        exported(name, panel, tmp_path, "en", inputs={"universe": "MIEN"})
    assert not list(tmp_path.iterdir())


def test_parts_and_sums_of_lists_are_taken_without_a_word(tmp_path: Path) -> None:
    panel = dataclasses.replace(PANEL, universes=MINE)
    report, _ = exported("small_value_rotation", panel, tmp_path, "en", inputs={"universe": "MINE-GHOST+MAG7"})
    assert not any("universe" in warning for warning in report.warnings)


def test_spare_rows_of_a_live_book_are_blank(tmp_path: Path) -> None:
    """Rows that nothing stands in look like the paper: no "n/a" in them, no rule, no stripe."""
    fields = {name: values for name, values in PANEL.fields.items() if name != "shares"}
    panel = dataclasses.replace(PANEL, universes={"TWO": ("KO", "PG")}, fields=fields)
    exported("daily_dashboard", panel, tmp_path, "en", inputs={"universe": "TWO"}, keep_formulas=True)
    sheet = openpyxl.load_workbook(tmp_path / "daily_dashboard.xlsx", data_only=True).worksheets[0]
    top = next(row[0].row for row in sheet.iter_rows(max_col=1) if row[0].value == "Up most")
    rows = [[cell.value for cell in row[:4]] for row in sheet.iter_rows(min_row=top + 2, max_row=top + 6)]
    assert sorted(row[0] for row in rows[:2]) == ["Coca-Cola", "Procter & Gamble"]
    assert all(value in (None, "") for row in rows[2:] for value in row), rows
    rules = [
        (str(area.sqref), rule)
        for area, held in sheet.conditional_formatting._cf_rules.items()
        for rule in held
        if rule.formula and rule.formula[0].startswith("AND(COUNT($A")
    ]
    assert any(f"A{top + 2}:" in area for area, _ in rules)
    assert all(rule.dxf.fill.bgColor.rgb == "FFFFFFFF" and rule.dxf.border.bottom.style for _, rule in rules)
