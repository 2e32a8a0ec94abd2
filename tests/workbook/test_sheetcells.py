"""A sheet in the plain form is read as its tree is, and one that is not plain is read as its tree."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from xlrotation.errors import BadWorkbook
from xlrotation.workbook.package import book as books
from xlrotation.workbook.package import sheetcells
from xlrotation.workbook.package.book import Book, read_book

ROOT = Path(__file__).parents[2]
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEAD = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{MAIN}" xmlns:x="urn:x">'
TAIL = (
    '<autoFilter ref="A1:B2"/><conditionalFormatting sqref="A1"><cfRule type="expression"><formula>A1&gt;1</formula>'
    "</cfRule></conditionalFormatting></worksheet>"
)
ROWS = (
    '<row r="1" spans="1:3" x:height="0.3"><c r="A1" s="2" t="s"><v>0</v></c>'
    '<c r="B1"><f>A1&amp;"&lt;"</f><v>1.5</v></c>'
    '<c r="C1" t="str"><f t="shared" ref="C1:C3" si="0">B1*2</f><v>a&#10;&#x4e2d;_x000D_</v></c></row>'
    '<row r="2" hidden="1"/><row r="3"><c r="C3"><f t="shared" si="0"/><v>7</v></c><c r="D3" x:s="1" s="1"/>'
    '<c r="E3" t="b"><v>1</v></c><c r="F3" t="e"><v>#N/A</v></c><c r="G3" t="inlineStr"><is><t> in </t></is></c></row>'
    '<row r="4" hidden="true"></row><row r="5"><c r="A5" cm="1"><f t="array" ref="A5:A6">B1:B2</f><v></v></c>'
    '<c r="B5" t="n"><v>3</v></c><c r="C5" t="str"><f>A1</f><v/></c><c r="D5"><f>A2</f><v /></c></row>'
)


def packed(folder: Path, rows: bytes) -> Path:
    """A workbook whose one sheet has these bytes between its rows' beginning and end."""
    path = folder / "book.xlsx"
    with xlsxwriter.Workbook(str(folder / "made.xlsx")) as made:
        made.add_worksheet("S").write(0, 0, "shared")
    with zipfile.ZipFile(folder / "made.xlsx") as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name.endswith("sheet1.xml"):
                data = HEAD.encode() + b"<sheetData>" + rows + b"</sheetData>" + TAIL.encode()
            target.writestr(name, data)
    return path


def not_plain(_: bytes) -> tuple[bytes, int, int]:
    raise sheetcells.Unusual


def read(path: Path) -> Book | None:
    try:
        return read_book(path)
    except BadWorkbook:
        return None


def read_both(path: Path) -> tuple[Book | None, Book | None]:
    """The workbook as it is read, and as the trees of its sheets are; None where it is refused."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(books, "plain_parts", not_plain)
        by_tree = read(path)
    return read(path), by_tree


def is_plain(path: Path) -> bool:
    """Whether the workbook is read without the trees of its sheets' rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(books, "tree_cells", None)
        try:
            read_book(path)
        except TypeError:
            return False
    return True


def same(one: Book | None, other: Book | None) -> bool:
    return repr(one) == repr(other)  # TRUE is not 1, and the order counts


def test_every_form_of_a_cell(tmp_path: Path) -> None:
    path = packed(tmp_path, ROWS.encode())
    assert is_plain(path)
    plain, by_tree = read_both(path)
    assert plain is not None
    assert same(plain, by_tree)
    (sheet,) = plain.sheets
    assert sheet.values[1, 1] == "shared"
    assert sheet.values[1, 3] == "a\n中\r"
    assert sheet.values[3, 7] == " in "
    assert sheet.formulas[1, 2].text == 'A1&"<"'
    assert sheet.formulas[3, 3].text == "B3*2"
    assert sheet.formulas[5, 1].kind == "dynamic"
    assert sheet.hidden == {2, 4}
    assert (sheet.rows, sheet.columns) == (5, 7)
    assert sheet.filtered
    assert len(plain.rules) == 1


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><!-- <c r="B1"><v>9</v></c> --><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="str"><v><![CDATA[<c r="B1"><v>9</v></c>]]></v></c></row>',
        '<row r="1"><?x <c r="B1"><v>9</v></c>?><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="str"><v>a\r\nb</v></c></row>',
        '<row r="1">\n <c r="A1"><v>1</v></c></row>\n',
        "<row r='1' hidden='1'><c r='A1'><v>1</v></c></row>",
        '<row><c><v>1</v></c><c r="C1"><v>2</v></c><c><v>3</v></c></row><row><c t="b"><v>1</v></c></row>',
        '<row spans="1:1" r="7" hidden="1"/><row><c r="A8"><v>1</v></c></row>',
        '<x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c></x:row>',
        '<row r="1"><c r="A1" t="str" s="a/b"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v><f>B1</f></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c></row>',
        '<row r="1"><c r="a1"><v>1</v></c></row>',
        '<c r="A1"><v>1</v></c>',
    ],
)
def test_what_is_not_plain_is_read_by_its_tree(tmp_path: Path, rows: str) -> None:
    path = packed(tmp_path, (rows + '<row r="9"><c r="A9"><v>9</v></c></row>').encode())
    assert not is_plain(path)
    plain, by_tree = read_both(path)
    assert plain is not None
    assert same(plain, by_tree)


@pytest.mark.parametrize(
    "rows",
    [
        b'<row r="1"><c r="A1"><v>1</v></c>',
        b'<row r="1"><c r="A1"><v>1</v></c></row></row>',
        b'<row r="1"><row r="2"><c r="A1"><v>1</v></c></row>',
        b'<row r="1"><c r="A1" s="1" s="1"><v>1</v></c></row>',
        b'<row r="1"><c r="A1" r="B1"><v>1</v></c></row>',
        b'<row r="1" r="2"><c r="A1"><v>1</v></c></row>',
        b'<row r="1"><c r="A1" y:s="1"><v>1</v></c></row>',
        b'<row r="1"><c r="A1" t="str"><v>a & b</v></c></row>',
        b'<row r="1"><c r="A1" t="str"><v>&unknown;</v></c></row>',
        b'<row r="1"><c r="A1" t="str"><v>&#1;</v></c></row>',
        b'<row r="1"><c r="A1" t="str"><v>&#xD800;</v></c></row>',
        b'<row r="1"><c r="A1" t="str"><v>\x01</v></c></row>',
        b'<row r="1"><c r="A1" t="str"><v>\xff</v></c></row>',
        b'<row r="1"><c r="A1" t="str"><v>\xef\xbf\xbf</v></c></row>',
        b'<row r="1"><c r="A1" t="str"><v>]]></v></c></row>',
        b'<row r="1"><c r="A0"><v>1</v></c></row>',
        b'<row r="1"><c r="ZZZ1"><v>1</v></c></row>',
        b'<row r="1"><c r="A1048577"><v>1</v></c></row>',
        b'<row r="1048577"/>',
        b'<row r="1"><c r="A1"><v>one</v></c></row>',
        b'<row r="1"><c r="A1" t="s"><v>5</v></c></row>',
    ],
)
def test_what_is_damaged_is_refused(tmp_path: Path, rows: bytes) -> None:
    for more in (b"", b'<row r="9"><c r="A9"><v>9</v></c></row>'):
        with pytest.raises(BadWorkbook):
            read_book(packed(tmp_path, rows + more))


PARTS = [
    *('<row r="1">', "</row>", '<c r="A1">', "</c>", "<v>", "</v>", "<f>", "</f>", "<f/>", "<v/>", "&", "&amp;", "<"),
    *(
        ">",
        '"',
        "/",
        " ",
        " s=",
        ' t="s"',
        ' t="str"',
        ' hidden="1"',
        ' r="3"',
        "\n",
        "\r",
        "é",
        "<!---->",
        "]]>",
        "x:",
    ),
]


@given(st.lists(st.tuples(st.integers(0, len(ROWS)), st.integers(0, 30), st.sampled_from(PARTS)), max_size=3))
@example([(0, 0, "\n")])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_changed_sheet_is_read_as_its_tree(tmp_path: Path, changes: list[tuple[int, int, str]]) -> None:
    rows = ROWS
    for place, length, part in changes:
        rows = rows[:place] + part + rows[place + length :]
    assert same(*read_both(packed(tmp_path, rows.encode())))


def test_the_sheets_of_libraries_and_spreadsheets_are_plain(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.active.append(["a", 1.5, "=A1&B1", True, None, "x" * 100])  # type: ignore[union-attr]
    made.save(tmp_path / "openpyxl.xlsx")
    paths = [tmp_path / "openpyxl.xlsx", *sorted(ROOT.glob("workbooks/*.xlsx"))]
    assert len(paths) > 4
    for path in paths:
        shutil.copy(path, tmp_path / "copy.xlsx")
        assert is_plain(tmp_path / "copy.xlsx"), path.name
        assert same(*read_both(tmp_path / "copy.xlsx"))


def test_a_sheet_that_is_taken_apart_in_many_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(f'<row r="{r}"><c r="A{r}"><v>{r}</v></c></row>' for r in range(1, 500))
    path = packed(tmp_path, rows.encode())
    whole = read(path)
    for size in (1, 50, 333):
        monkeypatch.setattr(sheetcells, "_CHUNK", size)
        assert is_plain(path)
        assert same(read(path), whole)
    # What is found only after some rows leaves nothing of them behind.
    path = packed(tmp_path, (rows + '<row><c t="b"><v>1</v></c></row>').encode())
    assert not is_plain(path)
    assert same(*read_both(path))
