"""Native formulas as a spreadsheet computes them: values as Excel documents and shows them."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.workbook.books import Array, Content, Dynamic, Fake, evaluated
from xlrotation.errors import CELL_ERRORS, CellError, RotationError
from xlrotation.workbook.evaluation.evaluate import evaluate_formula, evaluate_workbook
from xlrotation.workbook.output.pdf import find_libreoffice
from xlrotation.workbook.package.book import read_book


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "book.xlsx"


TYPED = Path(__file__).parent / "typed_examples.csv"


def typed_examples() -> list[tuple[str, object]]:
    """Formulas as an analyst types them, with what Excel's help gives or Excel shows."""
    with TYPED.open(encoding="utf-8", newline="") as file:
        return [(formula, json.loads(value)) for formula, value in list(csv.reader(file))[1:]]


@pytest.mark.parametrize(("formula", "value"), typed_examples())
def test_a_formula_as_typed(formula: str, value: object) -> None:
    result = evaluate_formula(formula, Fake())
    if isinstance(value, str) and value in CELL_ERRORS:
        value = CELL_ERRORS[value]
    if isinstance(value, list):
        assert result == [pytest.approx(row) for row in value]
    elif isinstance(value, bool | str):
        assert result == value
    else:
        assert result == (pytest.approx(value) if isinstance(value, float | int) else value)


@pytest.mark.parametrize("text", ["=SUM(1,2)x", "=SUM(1、2)", "=SUM(1|2)", "=SUM(1，2", "=1+*2", '="a'])
def test_what_is_not_read_to_its_end_is_an_error(text: str) -> None:
    with pytest.raises(RotationError, match="read"):
        evaluate_formula(text, Fake())


@pytest.mark.parametrize(
    "formula",
    [
        "=LINEST({1E308;1E308;1E308;9})",
        "=TREND({1E308;1E308;1E308;9})",
        "=TREND({1E308;1E308;1E308;9})>=0",
        "=TREND({1;2;4},{1E308;1E308;9})",
        "=TREND({0;1E307},,{99})",
        "=LINEST({1E200;2E200;4E200},,TRUE,TRUE)",
    ],
)
def test_a_regression_of_numbers_that_are_too_large_is_an_error(formula: str) -> None:
    assert evaluate_formula(formula, Fake()) is CellError.NUM


def test_a_regression_of_large_numbers_is_computed() -> None:
    found = evaluate_formula("=TREND({1E200;2E200;4E200})", Fake())
    assert found == [[pytest.approx(x * 1e200)] for x in (5 / 6, 7 / 3, 23 / 6)]


CELLS: dict[str, Content] = {
    "A1": 1, "A2": 2, "A3": 3, "B1": 10, "B2": 20, "B3": 30, "C1": 46038, "C2": 45700, "C3": 45310,
}  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "content", "value"),
    [
        ("Z2", "=SUM(A1:A3*B1:B3)", 40),  # a plain formula takes the cell of its own row
        ("Z2", "=A1:A3", 2),
        ("Z9", "=A1:A3+1", "#VALUE!"),
        ("Z2", Array("=SUM(A1:A3*B1:B3)", "Z2"), 140),
        ("Z2", Dynamic("=SUM(A1:A3*B1:B3)"), 140),
        ("Z2", "=SUMPRODUCT(A1:A3*B1:B3)", 140),
        ("Z2", "=SUMPRODUCT(YEAR(C1:C3))", 2026 + 2025 + 2024),
        ("Z2", "=SUMPRODUCT(1/COUNTIF(A1:A3,A1:A3))", 3),
        ("Z2", "=SUMPRODUCT((MONTH(C1:C3)=1)*B1:B3)", 40),
        ("Z2", "=SUM(A1:A3 A2:B2)", 2),
        ("Z2", "=SUM(S:T!A1)", 8),
        ("Z2", "=SUM((A1:A2,B1))", 13),
        ("Z2", "=T_SUM((A1:A2 A2:A3))", 2),
        ("Z2", "=T_SUM((A1:A2,B1))", 13),
        ("Z2", "=T_SUM(S:T!A1)", 8),
        ("Z2", "=SUM(OFFSET(A1,1,0,,1))", 2),
        ("Z2", "=AGGREGATE(9,6,A1:A3)", 6),
        ("Z2", '="S: "&(T_ADD(A1,20)>20)&"!"', "S: TRUE!"),
        ("Z2", "=_xlfn.XLOOKUP(4,A1:A3*2,B1:B3)", 20),
        ("Z2", "=_xlfn.T_ADD(A1,1)", 2),
        ("Z2", '=SUM(INDIRECT("A1:A"&T_ADD(1,1)))', 3),
        ("Z2", "=SUMPRODUCT(SUBTOTAL(9,OFFSET(B1,ROW(B1:B3)-ROW(B1),0)),--(A1:A3>1))", 50),
        ("Z2", "=SUMPRODUCT(SUMIF(OFFSET(A1,ROW(A1:A2)-1,0,2,1),\">1\"))", 7),
        ("Z2", '=SUMPRODUCT(SUMIF(INDIRECT({"A","B"}&"1:"&{"A","B"}&"3"),">2"))', 63),
        ("Z2", '=SUMPRODUCT(COUNTIF(INDIRECT("\'"&{"S","T"}&"\'!A1:A3"),">1"))', 3),
        ("Z2", Array("=SUM(N(OFFSET(B1,{0,2},0)))", "Z2"), 40),
        ("Z2", '=INDIRECT("1月!A1")', 11),
        ("Z2", "=SUM(_xlfn.BYROW(A1:B3,_xleta.MAX))", 60),
        ("Z2", "=SUM(_xlfn.MAP(A1:A3,_xleta.ABS))", 6),
        ("Z2", "=ROWS(_xlfn._TRO_TRAILING(A1:A9))", 3),
        ("Z2", "=SUM(_xlfn._TRO_ALL(A:A))", 6),
        ("Z2", "=ROWS(_xlfn.TRIMRANGE(A1:B9))", 3),
        ("Z2", "=[0]!T_ADD(A1,1)+[0]!two", 4),
        ("Z2", "=SUM((A1:A2~B1))", 13),  # a union, as LibreOffice writes it
        ("Z2", '=CELL("contents",B2)&CELL("type",B9)', "20b"),
        ("Z2", "=_xludf.T_ADD(A1,1)", 2),
    ],
)  # fmt: skip
def test_a_formula_in_its_cell(file: Path, cell: str, content: Content, value: object) -> None:
    book = evaluated(file, {"S": {**CELLS, cell: content}, "T": {"A1": 7}, "1月": {"A1": 11}}, {"two": "=2"})
    assert not book.problems
    assert book[cell] == (CELL_ERRORS[value] if isinstance(value, str) and value in CELL_ERRORS else value)


@pytest.mark.parametrize(
    ("formula", "why"),
    [
        ("=SUM(OFFSET(B1,{0,2},0))", "array of references"),
        ("=SMALL(A1:A3,1.5)", "no whole number"),
        ("=LARGE({1,2,3},2.5)", "no whole number"),
        ("=LINEST({1;9;5;7},{0,0;4,8;2,4;3,6})", "stand for each other"),
        ("=TREND({1;9;5},{0,0;4,8;2,4},{1,1})", "stand for each other"),
        ('=_xlfn.REGEXEXTRACT("a1b2","[0-9]",1)', "all matches"),
        ('=_xlfn.REGEXTEST("é","\\w")', "one reading"),
        ('=_xlfn.GROUPBY({"a","b"},1,_xleta.SUM)', "subtotals"),
        ('=WEBSERVICE("http://localhost")', "network"),
        ('=CELL("filename",A1)', "file"),
        ("=DSUM(A1:B3,1,Z8:Z9)", "heading"),
    ],
)
def test_what_is_not_told_is_refused(file: Path, formula: str, why: str) -> None:
    book = evaluated(file, {"S": {**CELLS, "A1": "head", "Z8": "other", "Z9": 1, "Z2": formula}})
    assert why in book.problems["S!Z2"]


def test_a_place_between_equal_values_is_no_question() -> None:
    assert evaluate_formula("=SMALL({1,2,2,3},2.5)+LARGE({1,2,2,3},2.5)", Fake()) == 4


def test_a_regular_expression_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    from xlrotation.workbook.natives import patterns

    monkeypatch.setattr(patterns, "_SECONDS", 0.05)
    with pytest.raises(RotationError, match="takes more than"):
        evaluate_formula(f'=REGEXTEST("{"a" * 28}!","^(a|a)+$")', Fake())


def test_days_count_from_1904_where_the_workbook_says_so(file: Path) -> None:
    cells: dict[str, Content] = {
        "A1": 44576,
        "B1": "=YEAR(A1)",
        "B2": '=TEXT(A1,"yyyy-mm-dd")',
        "B3": "=DATE(2026,1,16)",
    }
    book = evaluated(file, {"S": cells}, date1904=True)
    assert [book["B1"], book["B2"], book["B3"]] == [2026, "2026-01-16", 44576]


def test_tables_as_people_write_them(file: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet("S")
        sheet.add_table("A1:C3", {"name": "Tab", "columns": [{"header": "Sym"}, {"header": "Px x"}, {"header": "Out"}]})
        sheet.write_row(1, 0, [1, 10])
        sheet.write_row(2, 0, [2, 20])
        sheet.write_formula("C2", "=T_ADD(Tab[[#This Row],[Sym]],[@[Px x]])")
        sheet.write_formula("C3", "=T_ADD([@Sym],1)")
        sheet.write_formula("E1", "=SUM(Tab[#All])")
        sheet.write_formula("E2", "=SUM(Tab[[Sym]:[Px x]])")
    found = evaluate_workbook(file, Fake())
    assert not found.problems
    assert found.values["S"] == {(2, 3): 11, (3, 3): 3, (1, 5): 47, (2, 5): 33}


def test_lookups_in_whole_columns_and_long_chains_are_computed(file: Path) -> None:
    prices: dict[str, Content] = {f"{'ABC'[c]}{r}": r * 10 + c for r in range(1, 101) for c in range(3)}
    cells: dict[str, Content] = {f"A{r}": f"=VLOOKUP({r}*10,Prices!$A:$C,3,0)" for r in range(1, 101)}
    cells |= {"B1": 1, **{f"B{r}": f"=T_ADD(B{r - 1},1)" if r % 2 else f"=B{r - 1}+1" for r in range(2, 501)}}
    book = evaluated(file, {"S": cells, "Prices": prices}, names={f"name_{i}": "=Prices!$A$1" for i in range(200)})
    assert not book.problems
    assert (book["A100"], book["B500"]) == (1002, 500)


def test_lambda_that_never_ends_is_an_error_and_not_a_crash(file: Path) -> None:
    names = {"forever": "=_xlfn.LAMBDA(_xlpm.n,forever(_xlpm.n+1))"}
    book = evaluated(file, {"S": {"A1": "=forever(1)"}}, names=names)
    assert book["A1"] is CELL_ERRORS["#NUM!"]


HELP = "Excel's help"
EXAMPLES = Path(__file__).parent / "native_examples.csv"
DATA: dict[str, list[float | str]] = {
    "A": [1, -0.5, 0.041666667, -0.001388889],
    "B": [1, 2, 3, 4, 5, 6, 7, 9],
    "C": [12, 7, 30, 42, 45, 61, 58, 90],
    "D": ["apple", "bean", "pear", "grape", "apricot", "date", "fig", "lime"],
    "E": [-120000, 39000, 30000, 21000, 37000, 46000],
    "F": [-10000, 2750, 4250, 3250, 2750],
    "G": [39448, 39508, 39751, 39859, 39904],
    "H": [0.09, 0.11, 0.1],
    "I": [1.5, 2.2, 2.9, 4.2, 4.4, 6.3, 7.7, 8.1],
    "J": [0, 1, 2, 3],
    "K": [0.2, 0.3, 0.1, 0.4],
    "L": [1, 3],
    "M": [2, 5],
    "N": [5.6, 4, 4, 3, 2, 4],
}
TREES: list[list[str | float | None]] = [
    ["Tree", "Height", "Age", "Yield", "Profit", "Height"],
    ["=Apple", ">10", None, None, None, "<16"],
    ["=Pear"],
    ["Tree", "Height", "Age", "Yield", "Profit"],
    ["Apple", 18, 20, 14, 105],
    ["Pear", 12, 12, 10, 96],
    ["Cherry", 13, 14, 9, 105],
    ["Apple", 14, 15, 10, 75],
    ["Pear", 9, 8, 8, 77],
    ["Apple", 8, 9, 6, 45],
]
"""The list of trees of Excel's help on database functions, its conditions above it."""
_NEWER = re.compile(
    r"(?<![\w.])(CEILING\.MATH|FLOOR\.MATH|COMBINA|PERMUTATIONA|ARABIC|BASE|DECIMAL|MUNIT|ISOWEEKNUM|DAYS|BITAND|BITOR|BITXOR"
    r"|BITLSHIFT|BITRSHIFT|RRI|PDURATION|SKEW\.P|PERCENTILE\.EXC|QUARTILE\.EXC|COVARIANCE\.S|FORECAST\.LINEAR|LOGNORM\.DIST|PHI"
    r"|GAUSS|UNICHAR|UNICODE|TEXTJOIN|NUMBERVALUE|ENCODEURL|RANK\.AVG|ISFORMULA|SHEETS|BETA\.DIST|CHISQ\.DIST|F\.DIST|T\.DIST|XOR|MAXIFS|MINIFS)"
    r"(?=\()"
)  # fmt: skip
_ARRAY = re.compile(r"FREQUENCY|LOGEST|LINEST|GROWTH|MINVERSE|MMULT|MUNIT")


def examples() -> list[tuple[str, object, str]]:
    """Formulas with the values that Excel's help or LibreOffice gives for them, and which of them does."""
    with EXAMPLES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [(formula, value if source == HELP else read_value(value), source) for formula, value, source in rows]


def read_value(text: str) -> object:
    if text in ("TRUE", "FALSE"):
        return text == "TRUE"
    return text[1:] if text.startswith("'") else text if text.startswith("#") else float(text)


def example_book(path: Path) -> Path:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        sheet, data = book.add_worksheet("S"), book.add_worksheet("Data")
        for column, values in DATA.items():
            data.write_column(f"{column}1", values)
        trees = book.add_worksheet("Trees")
        for row, line in enumerate(TREES):
            for column, item in enumerate(line):
                if isinstance(item, str):
                    trees.write_string(row, column, item)
                elif item is not None:
                    trees.write_number(row, column, item)
        for row, (formula, _, _) in enumerate(examples()):
            text = "=" + _NEWER.sub(r"_xlfn.\1", formula)
            if _ARRAY.search(text):
                sheet.write_array_formula(row, 0, row, 0, text)
            else:
                sheet.write_formula(row, 0, text)
    return path


def as_shown(found: object, text: object) -> bool:
    """Whether a value is what a help page shows of it, to the digits that it shows."""
    assert isinstance(text, str)
    if text.startswith(("'", "#")) or text in ("TRUE", "FALSE"):
        return (found.value if isinstance(found, CellError) else found) == read_value(text)
    return isinstance(found, float) and abs(found - float(text)) <= 0.5000001 * 10.0 ** -len(text.partition(".")[2])


def check_examples(values: Mapping[tuple[int, int], object], source_of_all: str = "") -> None:
    wrong = []
    for row, (formula, value, source) in enumerate(examples(), 1):
        if source_of_all not in ("", source):
            continue
        found = values.get((row, 1))
        if source == HELP:
            if not as_shown(found, value):
                wrong.append((formula, value, found))
            continue
        near = value
        if isinstance(value, float):
            near = pytest.approx(value, rel=1e-9, abs=1e-12)
        if isinstance(found, CellError):
            found = found.value
        if found != near:
            wrong.append((formula, value, found))
    assert not wrong


def test_examples_have_their_values(file: Path) -> None:
    found = evaluate_workbook(example_book(file), Fake())
    assert not found.problems
    check_examples(found.values["S"])


@pytest.mark.skipif(
    find_libreoffice() is None and not os.environ.get("XLROTATION_NEED_LIBREOFFICE"),
    reason="LibreOffice is not installed",
)
def test_libreoffice_gives_the_examples_the_same_values(file: Path, tmp_path: Path) -> None:
    recalculated = with_libreoffice(example_book(file), tmp_path)
    check_examples(read_book(recalculated).sheets[0].values, "LibreOffice")


_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>"""


def with_libreoffice(path: Path, folder: Path) -> Path:
    """A copy that LibreOffice computed anew."""
    user = folder / "profile" / "user"
    user.mkdir(parents=True, exist_ok=True)
    (user / "registrymodifications.xcu").write_text(_RECALCULATE, encoding="utf-8")
    program = find_libreoffice()
    assert program
    convert = ("--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder / "out"), str(path))
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    subprocess.run([program, profile, *convert], check=True, capture_output=True, timeout=280)
    return folder / "out" / path.name


def test_every_function_is_proved_or_asks_for_a_proof() -> None:
    from xlrotation.workbook.evaluation.proof import PROOFS, unproved
    from xlrotation.workbook.natives import NATIVES

    assert set(PROOFS) <= set(NATIVES)
    assert unproved(frozenset({"SUM", "VLOOKUP", "NOW"})) == []
    assert unproved(frozenset({"ASC"})) == ["ASC"]


def test_a_function_without_a_proof_is_reported_where_no_value_is_stored(file: Path) -> None:
    book = evaluated(file, {"S": {"A1": '=ASC("a")', "A2": "=A1&1"}})
    assert "not proved" in book.problems["S!A1"]
    assert "depends on A1" in book.problems["S!A2"]
    assert isinstance(book["A2"], CellError)


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("=IF(TRUE)", True),
        ("=IF(0)", False),
        ("=IF(FALSE,1)", False),
        ("=IF(TRUE,,2)", 0.0),
        ("=IF(FALSE,1,)", 0.0),
        ("=IF({TRUE;FALSE;0},1)", [[1.0], [False], [False]]),
        ('=IF({1;"no";#N/A},{1;2;3},)', [[1.0], [CellError.VALUE], [CellError.NA]]),
        ("=IF(1/0,1,2)", CellError.DIV0),
        ("=IF(TRUE,1,1/0)", 1.0),
        ("=IFERROR(1/0,)", 0.0),
        ("=IFERROR(,1)&1", "1"),
        ("=IFERROR({1;#N/A;3},{7;8;9})", [[1.0], [8.0], [3.0]]),
        ("=IFNA(1/0,1)", CellError.DIV0),
        ("=IFNA(NA(),IF(TRUE,IFERROR(NA(),5)))", 5.0),
        ("=SUM(IF(TRUE,{1;2},3))", 3.0),
        ('=SWITCH(2,{1;2;#N/A},"a","b")', [["b"], ["a"], [CellError.NA]]),
        ("=SWITCH(2,1,7,{2,3},{8,9})", [[8.0, CellError.NA]]),
        ("=SWITCH(1,1,7,{2,3},{8,9})", 7.0),
    ],
)
def test_a_branch_is_computed_where_it_is_taken(formula: str, value: object) -> None:
    assert evaluate_formula(formula, Fake()) == value
