"""What report books show where the data lack something: "n/a", and never a 0 that comes from nothing."""

from __future__ import annotations

import dataclasses
import re
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
import openpyxl
import openxml_audit
import pytest
from lxml import etree

from tests.conftest import FixedSource
from xlrotation import jobs
from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session
from xlrotation.market.chains import HeldChains
from xlrotation.market.panel import Panel
from xlrotation.market.universes import SECTORS
from xlrotation.reports import templates
from xlrotation.workbook.evaluation.evaluate import evaluate_workbook
from xlrotation.workbook.output.printing import printed_copy

BOOKS = Path(__file__).parents[2] / "workbooks"
SAMPLE = Session("sample", lang="en")
NAMES = [name for name in templates.template_names() if name != "function_reference"]
SYMBOLS = ("^GSPC", "^RUT", "^VIX", "XLK", "^VVIX", "^COR1M", "IWD", "NVDA", "SPY")
COUNTED = (
    "rise",
    "rank",
    "streak",
    "highs",
    "lows",
    "graph",
    ".min",
    ".max",
    "colour",
    ".count",
    "sectors_up",
    "audit.agrees",  # those without data are counted beside it
    "scenario",
    "sectors.s0.6",  # rank, or its change
    "sectors.s0.7",  # its change
    *(f"ends{n}.gap" for n in range(9)),  # the room between the names at the ends of lines, of which there may be none
)
"""Figures that may well be 0 where a member fewer is counted or a shorter past is known."""
WEIGHTS = (("gauges", 6), ("gauges", 8), ("gauges", 9))
"""Columns of tables where what has no value counts for nothing, and says so."""


def without(panel: Panel, symbol: str) -> Panel:
    kept = [place for place, name in enumerate(panel.symbols) if name != symbol]
    fields = {name: values[:, kept].copy() for name, values in panel.fields.items()}
    symbols = tuple(panel.symbols[place] for place in kept)
    return dataclasses.replace(panel, symbols=symbols, fields=fields, price_only=())


def without_series(panel: Panel, name: str) -> Panel:
    return dataclasses.replace(panel, series={key: held for key, held in panel.series.items() if key != name})


def last_rows(panel: Panel, asof: np.datetime64, rows: int) -> Panel:
    """So many sessions up to a day, and so many values of each series."""
    end = int(np.searchsorted(panel.days, asof, "right"))
    fields = {name: values[end - rows : end].copy() for name, values in panel.fields.items()}
    series = {}
    for name, (days, values) in panel.series.items():
        last = int(np.searchsorted(days, asof, "right"))
        series[name] = (days[max(0, last - rows) : last], values[max(0, last - rows) : last])
    return dataclasses.replace(panel, days=panel.days[end - rows : end], fields=fields, series=series)


@cache
def usual(name: str) -> dict[str, dict[tuple[int, int], object]]:
    return evaluate_workbook(BOOKS / f"{name}.xlsx", SAMPLE).values


def faults(name: str, panel: Panel) -> list[str]:
    """Errors on the page, and zeros in place of what is no 0 where nothing lacks."""
    evaluation = evaluate_workbook(BOOKS / f"{name}.xlsx", Session(FixedSource(panel), lang="en"))
    assert evaluation.problems == []
    found = [
        f"Report!{place} shows {v}" for place, v in evaluation.values["Report"].items() if isinstance(v, CellError)
    ]
    known = usual(name)
    for sheet, cells in evaluation.values.items():
        if sheet != "Values":  # what the page shows stands here
            continue
        for place, value in cells.items():
            before = known[sheet].get(place)
            if value == 0 and not isinstance(value, bool) and isinstance(before, float) and before != 0:
                key = _keys(name).get(place[0], "") if sheet == "Values" else ""
                laid_out = ".fold" in key  # how many rows of the page are in use: no figure
                if laid_out:
                    continue
                if not any(counted in key for counted in COUNTED) and (key.partition(".")[0], place[1]) not in WEIGHTS:
                    found.append(f"{sheet}!{place} is 0 in place of {before} ({key})")
    return found


@cache
def _keys(name: str) -> dict[int, str]:
    sheet = openpyxl.load_workbook(BOOKS / f"{name}.xlsx")["Values"]
    keys, key = {}, ""
    for row in range(1, sheet.max_row + 1):
        keys[row] = key = str(sheet.cell(row, 1).value or key)
    return keys


@pytest.mark.parametrize("name", NAMES)
def test_a_book_without_a_series_or_with_forty_rows_shows_no_zero(name: str) -> None:
    panel = SAMPLE.panel
    asof = np.datetime64(next(book for key, book in templates._definitions() if key == name).asof)
    assert faults(name, last_rows(panel, asof, 40)) == []
    if name == "liquidity_crossroads":
        for series in panel.series:
            assert faults(name, without_series(panel, series)) == [], series
        assert faults(name, dataclasses.replace(panel, series={})) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("symbol", SYMBOLS)
def test_a_book_without_a_symbol_shows_no_zero(name: str, symbol: str) -> None:
    assert faults(name, without(SAMPLE.panel, symbol)) == []


def test_without_credit_spreads_their_figures_are_missing_with_the_reason(tmp_path: Path) -> None:
    panel = dataclasses.replace(SAMPLE.panel, series={})
    report = jobs.export(BOOKS / "liquidity_crossroads.xlsx", tmp_path, Session(FixedSource(panel), lang="en"))
    assert report.troubled
    book = openpyxl.load_workbook(tmp_path / "liquidity_crossroads.xlsx", data_only=True)
    told = {row[0].value: row for row in book["Report"].iter_rows()}
    shown = next(row for label, row in told.items() if str(label).startswith("High-yield spread, widening"))
    assert "n/a" in [cell.value for cell in shown]
    texts = [str(cell.value) for row in book["Report"].iter_rows() for cell in row if isinstance(cell.value, str)]
    assert any("3 n/a" in text for text in texts)  # of the gauges
    assert any(" of 4" in text for text in texts)
    notes = [str(cell.value) for row in book["Notes"].iter_rows() for cell in row if cell.value]
    assert any("BAMLH0A0HYM2" in note for note in notes)
    assert any(note.startswith("High-yield spread") for note in notes)


def test_a_chart_without_a_value_is_not_drawn(tmp_path: Path) -> None:
    book = BOOKS / "liquidity_crossroads.xlsx"
    drawn = []
    for folder, panel in (("all", SAMPLE.panel), ("lacking", dataclasses.replace(SAMPLE.panel, series={}))):
        jobs.export(book, tmp_path / folder, Session(FixedSource(panel), lang="en"))
        with zipfile.ZipFile(tmp_path / folder / book.name) as archive:
            drawn.append(archive.read("xl/drawings/drawing1.xml").count(b"<xdr:graphicFrame"))
        assert not list(openxml_audit.OpenXmlValidator().validate(tmp_path / folder / book.name).errors)
    assert drawn == [3, 2]


def places(path: Path) -> dict[str, tuple[int, int, int]]:
    """First row, and first and last column, of the charts of the first page, by what they show in words."""
    found = {}
    with zipfile.ZipFile(path) as archive:
        for anchor in etree.fromstring(archive.read("xl/drawings/drawing1.xml")):
            ends = [[int(end.findtext("{*}" + part)) for end in anchor[:2]] for part in ("row", "col")]
            found[next(anchor.iter("{*}cNvPr")).get("descr")] = ends[0][0], *ends[1]
    return found


@pytest.mark.parametrize(
    ("name", "symbols"),
    [("daily_dashboard", ("^VIX",)), ("daily_dashboard", ("HYG",)), ("daily_dashboard", ("^COR1M", "^DSPX"))],
)
def test_a_chart_beside_a_missing_one_takes_the_width(name: str, symbols: tuple[str, ...], tmp_path: Path) -> None:
    panel = SAMPLE.panel
    for symbol in symbols:
        panel = without(panel, symbol)
    book = BOOKS / f"{name}.xlsx"
    jobs.export(book, tmp_path, Session(FixedSource(panel), lang="en"))
    before, after = places(book), places(tmp_path / book.name)
    assert set(after) < set(before)
    for words in set(before) - set(after):
        row, first, last = before[words]
        taken = [place for place in after.values() if place[0] == row]
        assert [(place[1] <= first, place[2] >= last) for place in taken] == [(True, True)], words
    assert not list(openxml_audit.OpenXmlValidator().validate(tmp_path / book.name).errors)


def test_a_desk_without_chains_says_so_once_and_prints_what_is_there(tmp_path: Path) -> None:
    name = "dispersion_desk.xlsx"
    pages = {}
    bare = Session(FixedSource(dataclasses.replace(SAMPLE.panel, chains=HeldChains())), lang="en")
    for folder, session in (("all", SAMPLE), ("lacking", bare)):
        jobs.export(BOOKS / name, tmp_path / folder, session)
        copy = printed_copy(tmp_path / folder / name, tmp_path / folder / "printed.xlsx")
        sheet = openpyxl.load_workbook(copy, data_only=True)["Report"]
        hidden = {row for row, look in sheet.row_dimensions.items() if look.hidden}
        texts = [str(c.value) for row in sheet.iter_rows() for c in row if c.value is not None and c.row not in hidden]
        pages[folder] = texts, sheet
        assert not sheet.row_breaks.brk, folder  # one sheet of paper
        assert "n/a" not in texts
    texts, sheet = pages["lacking"]
    said = [text for text in texts if "refresh --options" in text]
    assert len(said) == 1
    assert said[0].startswith("15 of 16 ")  # a volatility index stands in for the index
    assert any("by the published index" in text for text in texts)
    assert "NVDA" in texts
    assert "Legs: short index vega against long single names" not in texts
    assert len(sheet._charts) == 2
    texts, sheet = pages["all"]
    assert not any("refresh --options" in text for text in texts)
    assert "Legs: short index vega against long single names" in texts
    assert len(sheet._charts) == 1


@pytest.mark.parametrize(
    ("held", "lang", "said"),
    [
        (0, "en", ["Volatility by sector: 11 of 11 sector funds have no option chain in the data."]),
        (0, "zh", ["板块波动率：11只板块基金中有11只在数据中没有期权链。"]),
        (1, "en", ["Volatility by sector: 10 of 11 sector funds have no option chain in the data."]),
        (11, "en", []),
    ],
)
def test_sectors_without_chains_are_told_in_one_line(tmp_path: Path, held: int, lang: str, said: list[str]) -> None:
    panel = SAMPLE.panel
    of_index = panel.chains.chain("^GSPC", panel.last)
    assert of_index is not None
    chains = HeldChains(dataclasses.replace(of_index, symbol=symbol) for symbol in SECTORS[:held])
    session = Session(FixedSource(dataclasses.replace(panel, chains=chains)), lang=lang)
    jobs.export(BOOKS / "mechanical_rotation.xlsx", tmp_path, session, lang=lang)
    copy = printed_copy(tmp_path / "mechanical_rotation.xlsx", tmp_path / "printed.xlsx")
    sheet = openpyxl.load_workbook(copy, data_only=True).worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row if not sheet.row_dimensions[cell.row].hidden]
    shown = [str(cell.value) for cell in cells if "--options" in str(cell.value)]
    assert [text[: len(begin)] for text, begin in zip(shown, said, strict=True)] == said
    last = {cell.value: cell for cell in cells if cell.value in SECTORS}  # the table of volatilities is the last one
    implied = [last[symbol].offset(0, 1).value for symbol in SECTORS]
    assert [isinstance(value, float) for value in implied] == [place < held for place in range(len(SECTORS))]
    assert set(implied[held:]) <= ({"n/a"} if held else {None})


def drawn(path: Path) -> dict[str, bool]:
    """The charts of a book by what they show in words, and whether they are hidden."""
    found = {}
    with zipfile.ZipFile(path) as archive:
        for part in archive.namelist():
            if re.fullmatch(r"xl/drawings/drawing\d+\.xml", part):
                for item in etree.fromstring(archive.read(part)).iter("{*}cNvPr"):
                    found[item.get("descr")] = item.get("hidden") == "1"
    return found


def test_a_chart_without_a_value_is_hidden_until_it_has_one(tmp_path: Path) -> None:
    name = "daily_dashboard.xlsx"
    without_vix = Session(FixedSource(without(SAMPLE.panel, "^VIX")), lang="en")
    jobs.export(BOOKS / name, tmp_path / "live", without_vix, keep_formulas=True)
    jobs.export(BOOKS / name, tmp_path / "values", without_vix)
    jobs.export(tmp_path / "live" / name, tmp_path / "again", SAMPLE, keep_formulas=True)
    folders = (BOOKS, *(tmp_path / folder for folder in ("live", "values", "again")))
    before, live, values, again = (drawn(folder / name) for folder in folders)
    assert not list(openxml_audit.OpenXmlValidator().validate(tmp_path / "live" / name).errors)
    bands = next(words for words in before if "VIX on the last 250 sessions over bands" in words)
    assert not any(before.values())
    assert [words for words, hidden in live.items() if hidden] == [bands], "its bands alone say nothing"
    assert set(before) - set(values) == {bands}
    assert again == before
    for folder, said in ((tmp_path / "values", "VIX in its bands: no data"), (BOOKS, "VIX in its bands")):
        cells = {
            str(cell.value) for row in openpyxl.load_workbook(folder / name, data_only=True)["Report"] for cell in row
        }
        assert {text for text in cells if text.startswith("VIX in its bands")} == {said}


def test_a_chart_that_its_owner_has_hidden_stays_so(tmp_path: Path) -> None:
    name = "daily_dashboard.xlsx"
    with zipfile.ZipFile(BOOKS / name) as source, zipfile.ZipFile(tmp_path / name, "w") as copy:
        for part in source.namelist():
            data = source.read(part)
            copy.writestr(part, data.replace(b"<xdr:cNvPr ", b'<xdr:cNvPr hidden="1" ') if "drawing1" in part else data)
    jobs.export(tmp_path / name, tmp_path / "out", SAMPLE, keep_formulas=True)
    assert all(drawn(tmp_path / "out" / name).values())
