"""A published report has one key, one title, one date, wherever it is named."""

from __future__ import annotations

import datetime as dt
import importlib
import re
from pathlib import Path

import openpyxl
import pytest

from xlrotation.cli import main
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.published import reports as published
from xlrotation.functions.published.claims import claims
from xlrotation.functions.published.reports import REPORTS, Report, find_report
from xlrotation.languages import known, pieces
from xlrotation.reports import templates
from xlrotation.reports.choosing import expression

ROOT = Path(__file__).parents[2]
KEYS = [report.key for report in REPORTS]
OWN = {"daily_dashboard", "dispersion_desk", "function_reference"}
"""Workbooks that follow no report."""

each = pytest.mark.parametrize("report", REPORTS, ids=KEYS)


def names(text: str) -> set[str]:
    """What *text* names that could be a report's key."""
    return {word for word in re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", text) if word not in OWN}


def test_every_declaration_is_listed_once() -> None:
    declared = [value for value in vars(published).values() if isinstance(value, Report)]
    assert declared == list(REPORTS)
    for values in (
        KEYS,
        [r.code for r in REPORTS],
        [r.workbook for r in REPORTS],
        *([r.title.into(lang) for r in REPORTS] for lang in known()),
    ):
        assert len(set(values)) == len(REPORTS)


@each
def test_a_declaration_is_complete(report: Report) -> None:
    assert len({*report.title.anywhere()}) == len(known())
    assert report.asof <= report.published
    assert report.sentences
    assert all(one.about.english and one.text.english and one.formulas for one in report.sentences)
    for one in report.sentences:
        assert {name for _, name, _ in pieces(one.text.english) if name is not None} == set(one.formulas)


def test_the_figures_are_of_these_reports() -> None:
    assert {claim.report for claim in claims()} == set(KEYS)
    assert all(find_report(claim.id.partition("-")[0]).key == claim.report for claim in claims())


def test_each_report_has_a_template_and_each_other_template_follows_none() -> None:
    assert set(templates.template_names()) == {*KEYS, *OWN}
    books = {path.name for path in (ROOT / "workbooks").glob("*.xlsx")}
    assert books == {report.workbook for report in REPORTS} | {f"{name}.xlsx" for name in OWN}


@each
def test_the_workbook_carries_the_title_and_the_date(report: Report) -> None:
    module = importlib.import_module(f"xlrotation.reports.{report.key}")
    assert module.REPORT is report
    book = openpyxl.load_workbook(ROOT / "workbooks" / report.workbook)
    title, *others = report.title.anywhere()
    assert (book.properties.title, book.properties.subject) == (title, "; ".join(others))
    formulas = [str(getattr(cell.value, "text", cell.value)) for cell in book["Values"]["C"]]
    assert any(expression(report.title) in formula for formula in formulas)
    assert book["Inputs"]["B4"].value == dt.datetime.combine(report.asof, dt.time())
    told = [
        name
        for sheet in book.worksheets
        if sheet.title != "Results"  # which tells of each figure by what formula it was computed
        for row in sheet.iter_rows()
        for cell in row
        for name in re.findall(r'REP_\w+\("(\w+)"', str(getattr(cell.value, "text", cell.value)))
    ]
    assert set(told) == {report.key}
    assert len(told) == 2


@each
@pytest.mark.parametrize("lang", known())
def test_the_command_and_the_function_say_the_title(
    report: Report, lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    title = report.title.into(lang)
    assert main(["audit", report.key, "--source", "sample", "--lang", lang]) == 0
    assert f"\n{title} ({report.key}, {report.published}): " in capsys.readouterr().out
    assert main(["eval", f'=REP_SUMMARY("{report.code}","{lang}",,FALSE)', "--source", "sample"]) == 0
    assert title in capsys.readouterr().out.splitlines()[0]


@pytest.mark.parametrize("name", ["REP_CLAIMS", "REP_SUMMARY"])
def test_the_help_lists_the_reports(name: str) -> None:
    (argument,) = (parameter for parameter in functions()[name].parameters if parameter.name == "report")
    assert names(argument.help) == set(KEYS)
    assert all(names(told) <= set(KEYS) for told in argument.text.anywhere())


@pytest.mark.parametrize("page", ["README.md", "docs/audit.md"])
def test_the_pages_list_the_reports(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    assert set(re.findall(r"^\| `?([a-z]+(?:_[a-z]+)+)`? \|", text, re.MULTILINE)) - OWN == set(KEYS)
    for key, day in re.findall(r"\((\w+), (\d{4}-\d\d-\d\d)\): agrees", text):
        assert str(find_report(key).published) == day


@each
def test_no_page_and_no_module_has_a_title_of_its_own(report: Report) -> None:
    """The English title stands in one module only; the others derive it."""
    modules = [path for path in (ROOT / "xlrotation").rglob("*.py") if f'"{report.title}"' in path.read_text("utf-8")]
    assert [path.stem for path in modules if path.stem != "registry"] == ["reports"]
