"""Sheets called as the language of a copy calls them: everything that refers to one follows."""

from __future__ import annotations

import json
import random
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from xlrotation import jobs
from xlrotation.functions.boundary.session import Session
from xlrotation.workbook.evaluation.evaluate import evaluate_workbook
from xlrotation.workbook.formulas.references import parse_area
from xlrotation.workbook.output import tabs
from xlrotation.workbook.output.tabs import in_language, rewritten

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")
BOOK = Path(__file__).parents[2] / "workbooks/small_value_rotation.xlsx"
SAMPLE = Session("sample", lang="en")
NEW = {"report": "报告", "data": "it's", "other": "A b"}


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("Report!A1+Data!$B$2", "'报告'!A1+'it''s'!$B$2"),
        ("report!A:A", "'报告'!A:A"),
        ("SUM('Report'!A1:B2,Reporting!A1)", "SUM('报告'!A1:B2,Reporting!A1)"),
        ('"Report!A1 is it"&Report!A1', "\"Report!A1 is it\"&'报告'!A1"),
        ('INDIRECT("Data!A"&ROW())', "INDIRECT(\"'it''s'!A\"&ROW())"),
        ('HYPERLINK("#Report!A1","Report!")', "HYPERLINK(\"#'报告'!A1\",\"'报告'!\")"),
        ("SUM(Report:Data!A1)", "SUM('报告:it''s'!A1)"),
        ("[1]Report!A1+'[b.xlsx]Report'!A1", "[1]Report!A1+'[b.xlsx]Report'!A1"),
        ("Report!#REF!+Report!name", "'报告'!#REF!+'报告'!name"),
        ("Report+data", "Report+data"),
        ('"Report"&"a ""Report!A1"""', '"Report"&"a ""Report!A1"""'),
        ("Other!A1", "'A b'!A1"),
        ("{1,2}*Data!A1#", "{1,2}*'it''s'!A1#"),
    ],
)
def test_references_follow(formula: str, told: str) -> None:
    assert rewritten(formula, NEW) == told


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy in Chinese that keeps its formulas."""
    folder = tmp_path_factory.mktemp("zh")
    jobs.export(BOOK, folder, SAMPLE, keep_formulas=True, lang="zh", json=True)
    return folder / BOOK.name


def parts(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")}


def test_all_sheets_have_chinese_names(live: Path) -> None:
    names = openpyxl.load_workbook(live).sheetnames
    assert names[0] == "报告"
    assert all(re.fullmatch(r"[\u4e00-\u9fff]+", name) for name in names), names


def test_nothing_refers_to_a_sheet_that_is_not_there(live: Path) -> None:
    book = openpyxl.load_workbook(live)
    sheets, old = set(book.sheetnames), openpyxl.load_workbook(BOOK).sheetnames
    for name, text in parts(live).items():
        for formula in re.findall(r"<(?:\w+:)?(?:f|formula\d?|definedName)(?: [^>]*)?>([^<]+)<", text):
            assert not [sheet for sheet in old if re.search(rf"\b{sheet}'?!", formula)], (name, formula)
    links = [cell.hyperlink.location for row in book["目录"].iter_rows() for cell in row if cell.hyperlink]
    areas = [parse_area(link) for link in links]
    assert {area.sheet for area in areas if area} <= sheets
    assert sum(area is not None for area in areas) > 50
    drawn = [f for name, text in parts(live).items() if "/charts/" in name for f in re.findall("<c:f>([^<]+)<", text)]
    assert {area.sheet for f in drawn if (area := parse_area(f))} <= sheets
    assert len(drawn) > 10


def test_the_copy_computes_the_same(live: Path) -> None:
    first, copy = (evaluate_workbook(path, SAMPLE.pinned(), {"lang": "en"}) for path in (BOOK, live))
    assert copy.values["数值"] == first.values["Values"]
    assert copy.values["报告"] == first.values["Report"]
    assert copy.problems == [] == first.problems


def test_keys_and_values_for_programs_are_the_same(live: Path, tmp_path: Path) -> None:
    jobs.export(BOOK, tmp_path, SAMPLE, json=True, csv=True, lang="en")
    one, other = (json.loads(path.with_suffix(".json").read_text("utf-8")) for path in (live, tmp_path / BOOK.name))
    assert [f["key"] for f in one["figures"]] == [f["key"] for f in other["figures"]]
    numbers = [[f["value"] for f in found["figures"] if not isinstance(f["value"], str)] for found in (one, other)]
    assert numbers[0] == numbers[1]
    assert set(one["names"]) == set(other["names"])


def test_files_of_programs_keep_the_names_of_the_workbooks_sheets(tmp_path: Path) -> None:
    report = jobs.export(BOOK, tmp_path, SAMPLE, csv=True, lang="zh")
    assert (tmp_path / f"{BOOK.stem}-csv/Report.csv").is_file()
    assert all(Path(path).exists() for path in report.written)


def test_back_into_english_it_is_as_it_was(live: Path, tmp_path: Path) -> None:
    jobs.export(live, tmp_path, SAMPLE, keep_formulas=True, lang="en")
    first, back = (openpyxl.load_workbook(path) for path in (BOOK, tmp_path / BOOK.name))
    assert first.sheetnames == back.sheetnames
    for sheet in first.sheetnames:
        for row in first[sheet].iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    one, other = cell.value, back[sheet][cell.coordinate].value
                    told = [str(getattr(formula, "text", formula)).replace("'", "") for formula in (one, other)]
                    assert told[0] == told[1]


@pytest.mark.parametrize("called", ["Two", "two", "x" * 32, "a/b", "'a'", ""])
def test_names_that_no_program_takes_leave_the_book_as_it_is(tmp_path: Path, called: str) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("One").write_formula("A1", "=Two!A1")
        book.add_worksheet("Two")
        book.define_name("One!tab_zh", f'="{called}"')
    before = path.read_bytes()
    assert in_language(path, "zh") == {}
    assert path.read_bytes() == before


def test_two_sheets_may_change_their_names(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        one, two = book.add_worksheet("One"), book.add_worksheet("Two")
        one.write_formula("A1", "=Two!A1")
        two.write_formula("A1", "=One!B1")
        book.define_name("One!tab_zh", '="Two"')
        book.define_name("Two!tab_zh", '="One"')
    assert in_language(path, "zh") == {"One": "Two", "Two": "One"}
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Two", "One"]
    assert [book[name]["A1"].value for name in book.sheetnames] == ["='One'!A1", "='Two'!B1"]


def test_a_part_is_searched_from_the_first_mark_on_and_nothing_is_missed() -> None:
    chance = random.Random(5)
    pieces = [
        b"<c><v>1</v></c>",
        b"<f>Old!A1</f>",
        b"<x:f a='>'>Old!A1</x:f>",
        b"<formula>Old!A1</formula>",
        b"text :f <",
        b'<hyperlink ref="A1" location="Old!A1"/>',
        b'<x:hyperlink location="Old!A1" a="hyperlink"/>',
        b"<row>",
        b"f",
        b'<definedName name="n">Old!A1</definedName>',
        b'<worksheetSource sheet="Old"/>',
        b"<fonts>Old!A1</fonts>",
        b"<y:calculatedColumnFormula>Old!A1</y:calculatedColumnFormula>",
        b"<totalsRowFormula>Old!A1</totalsRowFormula>",
    ]
    kinds = (
        (tabs._FORMULAS, tabs._FORMULA_MARKS),
        (tabs._LINKS, (b"hyperlink",)),
        (tabs._SOURCES, (b"worksheetSource",)),
    )
    for pattern, marks in kinds:
        changed = 0
        for _ in range(600):
            data = b"".join(chance.choices(pieces, k=chance.randint(0, 8)))
            expected = pattern.sub(b"CHANGED", data)
            assert tabs._changed(pattern, lambda _: b"CHANGED", data, marks) == expected
            changed += expected != data
        assert changed > 100
