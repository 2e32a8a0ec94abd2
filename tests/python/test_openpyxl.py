"""For users of openpyxl: our formulas in an open workbook, errors that are written, and what is lost."""

from __future__ import annotations

import datetime as dt
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import xlsxwriter
from openpyxl.chart import BarChart, Reference
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900
from openpyxl.worksheet.formula import ArrayFormula

import xlrotation as xr
from xlrotation.errors import CellError

WORKBOOKS = Path(__file__).parents[2] / "workbooks"


@pytest.fixture(scope="module")
def m() -> xr.Functions:
    return xr.open("sample", asof="2026-01-16")


def sheet_of(**cells: object) -> tuple[openpyxl.Workbook, openpyxl.worksheet.worksheet.Worksheet]:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cell, value in cells.items():
        sheet[cell] = value
    return book, sheet


def test_formulas_of_ours_become_values_and_others_stay(m: xr.Functions) -> None:
    book, sheet = sheet_of(
        A1='=PX_RET("XLK",B1)',
        B1=5,
        C1="=A1*100",
        D1='=IF(PX_RET("XLK",B1)>0,"up","down")',
        E1="text",
        F1="=XLR_ASOF()",
    )
    report = xr.openpyxl.fill(book, m)
    assert not report.troubled
    assert sheet["A1"].value == m.PX_RET("XLK", 5)
    assert sheet["B1"].value == 5
    assert sheet["C1"].value == "=A1*100"
    assert sheet["D1"].value in ("up", "down")
    assert sheet["E1"].value == "text"
    assert sheet["F1"].value == dt.date(2026, 1, 16)
    assert sheet["F1"].is_date


def test_formulas_of_others_are_not_reported(m: xr.Functions) -> None:
    book, sheet = sheet_of(A1="=1/0", A2="=NOSUCH(1)", A3="=BAHTTEXT(5)", A4='=PX_RET("XLK",5)', A5="=PX_RET(A2)")
    report = xr.openpyxl.fill(book, m)
    assert [place["cell"] for place in (*report.problems, *report.errors)] == ["A5"]
    assert "depends on A2" in report.problems[0]["reason"]
    assert (sheet["A1"].value, sheet["A2"].value, sheet["A5"].value) == ("=1/0", "=NOSUCH(1)", "=PX_RET(A2)")
    assert report.cells == 1


def test_a_table_spills_under_its_formula(m: xr.Functions, tmp_path: Path) -> None:
    book, sheet = sheet_of(B2='=ROT_SECTOR_TABLE({"5D","20D"})', H1='=PX_RET({"XLK","XLF"},"5D")', H9="=SUM(H1:I1)")
    sheet["K1"] = '=INDEX(ROT_SECTOR_TABLE("5D"),2,2)'
    report = xr.openpyxl.fill(book, m)
    assert not report.troubled
    table = m.ROT_SECTOR_TABLE(["5D", "20D"])
    assert [sheet.cell(2, column).value for column in range(2, 6)] == list(table.columns)
    assert [sheet.cell(row, 4).value for row in range(3, 14)] == table["5D"].tolist()
    assert sheet["I1"].value == m.PX_RET("XLF", "5D")
    assert sheet["K1"].value == table.sort_values("5D", ascending=False)["Symbol"].iloc[0]
    book.save(tmp_path / "out.xlsx")
    assert openpyxl.load_workbook(tmp_path / "out.xlsx").active["B3"].value == table["Sector"].iloc[0]


def test_dates_of_a_table_are_dates(m: xr.Functions) -> None:
    book, sheet = sheet_of(A1='=PX_HISTORY("XLK",,,,,3)')
    assert not xr.openpyxl.fill(book, m).troubled
    assert [sheet.cell(row, 1).value for row in (2, 3, 4)] == m.sessions("2026-01-14")
    assert sheet["A2"].is_date


@pytest.mark.parametrize("epoch", [CALENDAR_WINDOWS_1900, CALENDAR_MAC_1904])
def test_a_date_is_that_of_the_formula_in_both_systems(m: xr.Functions, epoch: dt.datetime) -> None:
    book, sheet = sheet_of(A1="=XLR_ASOF()", A2="=XLR_ASOF()+1", A3="=XLR_ASOF()+1", A4='=PX_CLOSE("XLK",B4)')
    book.epoch = epoch
    sheet["A3"].number_format = "yyyy-mm-dd"
    sheet["B4"] = dt.date(2026, 1, 14)
    assert not xr.openpyxl.fill(book, m).troubled
    assert sheet["A1"].value == dt.date(2026, 1, 16)
    assert sheet["A2"].value == (dt.datetime(2026, 1, 17) - epoch).days
    assert sheet["A3"].value == dt.datetime(2026, 1, 17)
    assert sheet["A4"].value == m.PX_CLOSE("XLK", "2026-01-14")


def test_a_text_that_looks_like_a_formula_stays_a_text(m: xr.Functions, tmp_path: Path) -> None:
    book, sheet = sheet_of(A1='=IF(B1="=1+1",PX_RET("XLK",5),0)', B1="x")
    assert not xr.openpyxl.fill(book, m, values={"Sheet!B1": "=1+1"}).troubled
    assert sheet["A1"].value == m.PX_RET("XLK", 5)
    assert (sheet["B1"].value, sheet["B1"].data_type) == ("=1+1", "s")
    book.save(tmp_path / "out.xlsx")
    with zipfile.ZipFile(tmp_path / "out.xlsx") as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("way", ["cell", "formula", "merged"])
def test_a_table_without_room_is_told_and_overwrites_nothing(m: xr.Functions, way: str) -> None:
    book, sheet = sheet_of(A1='=ROT_SECTOR_TABLE("5D")')
    if way == "merged":
        sheet.merge_cells("B3:C4")
    else:
        sheet["B3"] = "mine" if way == "cell" else "=1+1"
    report = xr.openpyxl.fill(book, m)
    assert report.troubled
    assert [problem["cell"] for problem in report.problems] == ["A1"]
    assert "has no room to spill" in report.problems[0]["reason"]
    assert sheet["A1"].value == "#VALUE!"  # the file knows no newer error
    assert sheet["A1"].data_type == "e"
    assert sheet["A2"].value is None
    if way != "merged":
        assert sheet["B3"].value == ("mine" if way == "cell" else "=1+1")


def test_an_array_formula_that_is_too_small_for_its_table_is_told(m: xr.Functions) -> None:
    book, sheet = sheet_of()
    sheet["A1"] = ArrayFormula("A1:C5", '=ROT_SECTOR_TABLE("5D")')
    report = xr.openpyxl.fill(book, m)
    assert sheet["A5"].value is not None
    assert sheet["A6"].value is None
    assert "an array formula over 5 by 3 cells, and gives 12 by 3" in report.problems[0]["reason"]
    sheet["A1"] = ArrayFormula("A1:C12", '=ROT_SECTOR_TABLE("5D")')
    sheet["E1"] = ArrayFormula("E1:E12", '=INDEX(ROT_SECTOR_TABLE("5D"),0,2)')
    assert not xr.openpyxl.fill(book, m).troubled


def test_values_are_set_before(m: xr.Functions) -> None:
    book, sheet = sheet_of(A1="=PX_RET(B1,B2)", B1="XLF", B2=20)
    report = xr.openpyxl.fill(book, m, values={"Sheet!B1": "XLK", "Sheet!B2": np.int64(5)})
    assert not report.troubled
    assert (sheet["A1"].value, sheet["B1"].value, sheet["B2"].value) == (m.PX_RET("XLK", 5), "XLK", 5)


def test_errors_of_cells_are_errors_with_their_reasons(m: xr.Functions, tmp_path: Path) -> None:
    book, sheet = sheet_of(A1='=PX_CLOSE("ZZZ")', A2='=PX_RET("XLK","20Q")')
    report = xr.openpyxl.fill(book, m)
    assert [(error["cell"], error["error"]) for error in report.errors] == [("A1", "#N/A"), ("A2", "#VALUE!")]
    assert "ZZZ" in report.errors[0]["reason"]
    assert sheet["A1"].data_type == "e"
    book.save(tmp_path / "out.xlsx")
    assert openpyxl.load_workbook(tmp_path / "out.xlsx").active["A1"].value == "#N/A"


def test_nothing_is_changed_where_it_fails(m: xr.Functions) -> None:
    book, sheet = sheet_of(A1='=PX_CLOSE("XLK")')
    for arguments in ({"values": {"nowhere": 1}}, {"asof": "2031-01-01"}, {"lang": "klingon"}):
        with pytest.raises(xr.RotationError):
            xr.openpyxl.fill(book, m, **arguments)
        assert sheet["A1"].value == '=PX_CLOSE("XLK")'


def test_what_has_no_formulas_is_refused(m: xr.Functions, tmp_path: Path) -> None:
    book, _ = sheet_of(A1="=1+1")
    book.save(tmp_path / "book.xlsx")
    for options in ({"data_only": True}, {"read_only": True}):
        with pytest.raises(xr.BadArgument, match="load it without that"):
            xr.openpyxl.fill(openpyxl.load_workbook(tmp_path / "book.xlsx", **options), m)
    with pytest.raises(xr.BadArgument, match="load it without that"):
        xr.openpyxl.fill(openpyxl.Workbook(write_only=True), m)
    with pytest.raises(xr.BadArgument, match="is no workbook"):
        xr.openpyxl.fill(tmp_path / "book.xlsx", m)  # type: ignore[arg-type]


@pytest.mark.parametrize("error", CellError)
def test_an_error_value_is_written_as_one(error: CellError, tmp_path: Path) -> None:
    book, sheet = sheet_of()
    sheet.append([xr.CellError(error.value), 1.0])
    assert sheet["A1"].data_type == "e"
    book.save(tmp_path / "out.xlsx")
    read = openpyxl.load_workbook(tmp_path / "out.xlsx").active["A1"]
    assert (read.value, read.data_type) == (error.value, "e")


LATE = """
import xlrotation as xr
m = xr.open("sample")
import openpyxl
sheet = openpyxl.Workbook().active
sheet.append([m.PX_CLOSE("ZZZ", errors="value")])
assert sheet["A1"].data_type == "e"
"""


@pytest.mark.parametrize(
    "code",
    [
        LATE,
        "import openpyxl\nfrom xlrotation.errors import CellError\nopenpyxl.Workbook().active.append([CellError.NA])",
        "import xlrotation as xr, openpyxl\nopenpyxl.Workbook().active.append([xr.CellError.NA])",
        "import xlrotation as xr\nxr.CellError\nimport openpyxl\nopenpyxl.Workbook().active.append([xr.CellError.NA])",
    ],
)
def test_error_values_are_known_whoever_is_loaded_first(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# ---------------------------------------------------------------- what is lost


def with_parts(path: Path, parts: dict[str, bytes], sheet: bytes = b"") -> Path:
    """A workbook with further parts, and something more in its sheet."""
    book, _ = sheet_of(A1=1)
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        old = {name: archive.read(name) for name in archive.namelist()}
    old["xl/worksheets/sheet1.xml"] = old["xl/worksheets/sheet1.xml"].replace(b"</worksheet>", sheet + b"</worksheet>")
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**old, **parts}.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("xl/vbaProject.bin", "its macros"),
        ("xl/slicers/slicer1.xml", "slicers and timelines"),
        ("xl/threadedComments/threadedComment1.xml", "threaded comments"),
        ("xl/charts/chartEx1.xml", "charts of the newer kinds"),
        ("xl/ctrlProps/ctrlProp1.xml", "form controls"),
        ("customXml/item1.xml", "custom XML data"),
        ("xl/connections.xml", "queries and connections"),
        ("docMetadata/LabelInfo.xml", "its sensitivity label"),
        ("xl/new/thing.xml", "parts that it does not know: xl/new/thing.xml"),
    ],
)
def test_parts_that_openpyxl_does_not_keep_are_told(tmp_path: Path, name: str, told: str) -> None:
    path = with_parts(tmp_path / "book.xlsx", {name: b"<x/>"})
    assert any(told in what for what in xr.openpyxl.losses(path))
    with pytest.warns(xr.Remark, match="openpyxl does not keep"):
        book = xr.openpyxl.load(path)
    assert name not in saved(book, tmp_path)
    report = xr.openpyxl.fill(book, "sample")
    assert any(told in warning for warning in report.warnings)


def saved(book: openpyxl.Workbook, folder: Path) -> list[str]:
    book.save(folder / "saved.xlsx")
    with zipfile.ZipFile(folder / "saved.xlsx") as archive:
        return archive.namelist()


def test_what_is_in_sheets_and_drawings_is_told(tmp_path: Path) -> None:
    extension = b'<extLst><ext uri="{05C60535-1F16-4fd2-B633-F4F36F0B64E0}"><x14:sparklineGroups/></ext></extLst>'
    path = with_parts(tmp_path / "a.xlsx", {}, extension.replace(b"<extLst>", b'<extLst xmlns:x14="urn:x">'))
    assert xr.openpyxl.losses(path) == ["sparklines"]
    drawing = b'<xdr:wsDr xmlns:xdr="urn:d"><xdr:sp/></xdr:wsDr>'
    path = with_parts(tmp_path / "b.xlsx", {"xl/drawings/drawing1.xml": drawing})
    assert xr.openpyxl.losses(path) == ["shapes, text boxes and lines"]


def test_macros_are_kept_where_openpyxl_is_told_so(tmp_path: Path) -> None:
    path = with_parts(tmp_path / "book.xlsm", {"xl/vbaProject.bin": b"x"})
    assert xr.openpyxl.losses(path, keep_vba=True) == []
    assert xr.openpyxl.losses(path) == ["its macros"]


def test_a_plain_workbook_loses_nothing(tmp_path: Path) -> None:
    book, _ = sheet_of(A1="text", A2=1)
    book.save(tmp_path / "book.xlsx")
    assert xr.openpyxl.losses(tmp_path / "book.xlsx") == []
    assert xr.openpyxl.fill(xr.openpyxl.load(tmp_path / "book.xlsx"), "sample").warnings == []


def test_charts_of_an_open_workbook_are_told(m: xr.Functions, tmp_path: Path) -> None:
    book, sheet = sheet_of(A1='=ROT_SECTOR_TABLE("5D")')
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=3, min_row=1, max_row=12), titles_from_data=True)
    sheet.add_chart(chart, "F1")
    assert any("its charts" in warning for warning in xr.openpyxl.fill(book, m).warnings)
    book.save(tmp_path / "book.xlsx")
    assert any("of its charts" in what for what in xr.openpyxl.losses(tmp_path / "book.xlsx"))
    unknown = openpyxl.load_workbook(tmp_path / "book.xlsx")
    assert any("losses(path)" in warning for warning in xr.openpyxl.fill(unknown, m).warnings)


def test_a_workbook_with_a_picture_and_links_is_saved_afterwards(m: xr.Functions, tmp_path: Path) -> None:
    drawing = pytest.importorskip("PIL.Image")
    from openpyxl.comments import Comment
    from openpyxl.drawing.image import Image

    drawing.new("RGB", (9, 9)).save(tmp_path / "picture.png")
    book, sheet = sheet_of(A1="=PX_RET()", A2="a link")
    sheet["A2"].hyperlink = "https://example.org"
    sheet["A3"].comment = Comment("said", "somebody")
    sheet.add_image(Image(io.BytesIO((tmp_path / "picture.png").read_bytes())), "C3")
    book.save(tmp_path / "book.xlsx")
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    xr.openpyxl.fill(book, m)
    book.save(tmp_path / "out.xlsx")
    with zipfile.ZipFile(tmp_path / "out.xlsx") as archive:
        assert archive.read("xl/worksheets/sheet1.xml").count(b"<hyperlink ") == 1
    read = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert len(read._images) == 1
    assert read["A1"].value == pytest.approx(m.PX_RET())
    assert read["A3"].comment.text == "said"


def test_sparklines_are_told_of(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "lines.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 1, [1, 2, 3])
        sheet.add_sparkline(0, 0, {"range": "Sheet1!B1:D1"})
    assert "sparklines" in xr.openpyxl.losses(tmp_path / "lines.xlsx")


def test_our_templates_are_told_of(tmp_path: Path) -> None:
    lost = xr.openpyxl.losses(WORKBOOKS / "daily_dashboard.xlsx")
    assert any("spilling" in what for what in lost)
    with pytest.raises(xr.BadWorkbook):
        xr.openpyxl.losses(tmp_path / "gone.xlsx")
    (tmp_path / "bad.xlsx").write_bytes(b"x")
    with pytest.raises(xr.BadWorkbook):
        xr.openpyxl.load(tmp_path / "bad.xlsx")


@pytest.mark.parametrize("path", sorted(WORKBOOKS.glob("*.xlsx")), ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore")
def test_our_templates_come_out_as_an_export_has_them(path: Path, tmp_path: Path) -> None:
    m = xr.open("sample")
    book = xr.openpyxl.load(path)
    report = xr.openpyxl.fill(book, m)
    assert not report.troubled, report.problems + report.errors
    xr.fill(path, tmp_path / path.name, source=m, office=False)
    compared = 0
    for sheet in openpyxl.load_workbook(tmp_path / path.name):
        for row in sheet.iter_rows():
            for cell in row:
                value = book[sheet.title][cell.coordinate].value
                if isinstance(value, ArrayFormula) or (isinstance(value, str) and value.startswith("=")):
                    continue  # for Excel to compute
                assert plain(value) == pytest.approx(plain(cell.value)), cell
                compared += value is not None
    assert compared > 100


def plain(value: object) -> object:
    """A date without a time of day, and a blank text as nothing."""
    return value.date() if isinstance(value, dt.datetime) else str(value) if isinstance(value, bool) else value or None


# ---------------------------------------------------------------- plain formulas of tables in exports


def test_an_export_tells_of_a_table_that_shows_its_first_cell_alone(tmp_path: Path) -> None:
    book, _ = sheet_of(A1='=ROT_SECTOR_TABLE("5D")', H1='=PX_RET({"XLK","XLF"},"5D")', K1='=SUM(PX_RET({"XLK","XLF"}))')
    book.save(tmp_path / "book.xlsx")
    for keep in (False, True):
        report = xr.fill(tmp_path / "book.xlsx", tmp_path / "out.xlsx", source="sample", keep_formulas=keep)
        assert [problem["cell"] for problem in report.problems] == ["A1"]
        assert "a table of 12 by 3 cells, and as a plain formula shows the first" in report.problems[0]["reason"]
        assert [warning for warning in report.warnings if "first of them alone" in warning] == [
            "Sheet!H1: gives several values, and as a plain formula shows the first of them alone"
        ]
    assert xr.refresh_book(tmp_path / "book.xlsx", source="sample").troubled


def test_a_book_that_spills_by_itself_has_no_such_trouble(tmp_path: Path) -> None:
    report = xr.fill(WORKBOOKS / "daily_dashboard.xlsx", tmp_path / "out.xlsx", source="sample")
    assert not [problem for problem in report.problems if "first" in problem["reason"]]
    assert not [warning for warning in report.warnings if "first of them alone" in warning]


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ('=IF(TRUE,"",RS_STREAK())', ""),
        ("=IF(B1=1,RS_STREAK(),B2)", 7),
        ("=IFERROR(5,rs_streak())", 5),
        ("=CHOOSE(1,2,_xludf.RS_STREAK())", 2),
        ("=_xll.RS_STREAK()", 11),
        ("=IF(TRUE,{1;2},RS_STREAK())", 1),
    ],
)
def test_a_call_that_was_not_needed_is_no_reason_to_stay(m: xr.Functions, formula: str, value: object) -> None:
    book, sheet = sheet_of(A1=formula, B2=7, B3='=IF(TRUE,"RS_STREAK()",0)')
    report = xr.openpyxl.fill(book, m)
    assert not report.troubled
    assert sheet["A1"].value == value
    assert sheet["A2"].value == (2 if "{" in formula else None)
    assert sheet["B3"].value == '=IF(TRUE,"RS_STREAK()",0)'


def test_numbers_that_no_cell_holds_are_told(m: xr.Functions) -> None:
    book, sheet = sheet_of(A1=float("nan"), A2=np.float64("inf"), A3=1.5, A4="=RS_STREAK()", A5="=RS_STREAK()&1E999")
    report = xr.openpyxl.fill(book, m)
    assert any("Sheet!A1, Sheet!A2: NaN or infinite" in text for text in report.warnings)
    assert [place["cell"] for place in report.problems] == ["A5"]
    assert "1E999 is beyond" in report.problems[0]["reason"]
    assert sheet["A4"].value == 11
