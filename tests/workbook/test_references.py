"""References in formula texts: read, and moved along with a formula."""

from __future__ import annotations

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from tests.workbook.books import Fake, evaluated
from xlrotation.workbook.evaluation.evaluate import evaluate_workbook
from xlrotation.workbook.formulas import references
from xlrotation.workbook.formulas.references import Area, areas, moved, parse_area


@pytest.mark.parametrize(
    ("formula", "copied"),
    [
        ("=A1+$B$2*C$3-$D4", "=C2+$B$2*E$3-$D5"),
        ("=SUM(A1:B2,A:A,3:5,$A:C,$2:7)", "=SUM(C2:D3,C:C,4:6,$A:E,$2:8)"),
        ("=Sheet1!A1&'it''s A1'!B2", "=Sheet1!C2&'it''s A1'!D3"),
        ("=[1]Data!A1+'C:\\x\\[b.xlsx]A1'!A1", "=[1]Data!C2+'C:\\x\\[b.xlsx]A1'!C2"),
        ('="A1"&A1&"""B2"', '="A1"&C2&"""B2"'),
        ("=XFD1048576", "=B1"),  # beyond the last column and row it goes on with the first
        ("=LOG10(A1)+x.A1+_xlpm.x1", "=LOG10(C2)+x.A1+_xlpm.x1"),
        ("=A1#+@A1+B5%", "=C2#+@C2+D6%"),
        ("=#REF!+Sheet1!#REF!+1E5", "=#REF!+Sheet1!#REF!+1E5"),
        # sheets that are called as cells are, columns of tables, names beyond the last column
        ("=SUM(Q1:Q4!B2)+Q1!A1", "=SUM(Q1:Q4!D3)+Q1!C2"),
        ("=SUM(Sales[Q1])+Sales[[#This Row],[H1]]+[@Q1]", "=SUM(Sales[Q1])+Sales[[#This Row],[H1]]+[@Q1]"),
        ("=YTD2025*A1+ZZZ1:ZZZ2", "=YTD2025*C2+ZZZ1:ZZZ2"),
        ("=A1048577+A0", "=A1048577+A0"),
        ("=A1+§'B2", "=C2+§'D3"),  # no formula, and yet
    ],
)
def test_a_copied_formula_refers_to_other_cells_and_to_nothing_else(formula, copied):
    assert moved(formula, 1, 2) == copied


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_two_moves_are_one(rows, columns, more_rows, more_columns):
    formula = '=SUM(A1:$B2,Data!C$3,D:E,6:7)*Sales[Q1]&"A1"'
    twice = moved(moved(formula, rows, columns), more_rows, more_columns)
    assert twice == moved(formula, rows + more_rows, columns + more_columns)


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("B3", Area(None, 3, 2, 3, 2)),
        ("$B$3:A1", Area(None, 1, 1, 3, 2)),
        ("C:$A", Area(None, 1, 1, 1_048_576, 3)),
        ("2:2", Area(None, 2, 1, 2, 16_384)),
        ("'it''s A1'!B2", Area("it's A1", 2, 2, 2, 2)),
        ("数据!XFD1048576", Area("数据", 1_048_576, 16_384, 1_048_576, 16_384)),
        *((text, None) for text in ("", "A0", "A0:B2", "XFE1", "A1048577", "A1,B2", "A1+1", "[1]S!A1", "S1:S2!A1")),
        *((text, None) for text in ("Name", "'C:\\[b.xlsx]S'!A1", "#REF!", "A1 B2", "LOG10(", "S!", "S!Name")),
    ],
)
def test_an_area_is_read_from_a_text_that_is_nothing_else(text, area):
    assert parse_area(text) == area


def test_the_areas_of_a_formula():
    found = areas('=A1+SUM(Data!B2:C3,[1]Data!A1,Q1:Q4!B2)&"D4"&T[E5]+YTD2025')
    assert list(found) == [Area(None, 1, 1, 1, 1), Area("Data", 2, 2, 3, 3)]


def test_a_name_seen_from_another_cell_keeps_its_sheets(tmp_path):
    sheets = {f"Q{n}": {"B2": float(n), "C5": "=T_ADD(Year,0)"} for n in (1, 2, 3)}
    book = evaluated(tmp_path / "b.xlsx", sheets, names={"Year": "=SUM(Q1:Q3!$B$2)"})
    assert book["Q1!C5"] == book["Q3!C5"] == 6.0


def test_a_name_seen_from_another_cell_keeps_its_columns(tmp_path):
    path = tmp_path / "b.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Data")
        sheet.add_table("A1:B3", {"name": "Sales", "columns": [{"header": "Q1"}, {"header": "Q2"}]})
        for row, (first, second) in enumerate([(1, 10), (2, 20)], 1):
            sheet.write_row(row, 0, [first, second])
        book.define_name("FirstQuarter", "=SUM(Sales[Q1])")
        sheet.write_formula("E6", "=T_ADD(FirstQuarter,0)")
    assert evaluate_workbook(path, Fake()).values["Data"][6, 5] == 3.0


PARTS = ["A", "XFD", "XFE", "$", "1", "0", "1048576", "12", ":", "!", "Sheet1", "S_h.t", "'a b'", "'x''y'", "'[1]S'"]


@given(st.lists(st.sampled_from([*PARTS, "'C:\\a'", "S1:S2", "é", "e5", " "]), max_size=6).map("".join))
def test_a_usual_reference_is_read_as_the_marks_of_a_formula_are(text):
    match = references.whole(text)
    assert parse_area(text) == (None if match is None else references._area(match))


@pytest.mark.parametrize("text", ["A1", "$B$3:C1", "Sheet1!XFD1", "'a b'!A1:B2", "'2026'!A1"])
def test_what_nearly_every_reference_looks_like_is_read_at_once(text):
    assert references._USUAL.fullmatch(text)
