"""Native formulas as a spreadsheet computes them: values as Excel documents and shows them."""

from __future__ import annotations

import csv
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


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("=(2/3)%", 2 / 300),
        ("=2*(3&5)", 70),
        ('="n="&(1=1)', "n=TRUE"),
        ("=IF((1=1)=(2=2),1,0)", 1),
        ("=-2^2", 4),
        ("=2^-1", 0.5),
        ("=1&2%", "10.02"),
        ("=COUNT({1,2,3})", 3),
        ('=AVERAGE({1;2;4;"Text";TRUE})', 7 / 3),
        ('=CONVERT(0,"K","C")', -273.15),
        ('=CONVERT(1,"mi","km")', 1.609344),
        ('=VLOOKUP("7",{3,1;7,2;9,3},1)', "#N/A"),
        ("=VLOOKUP(8,{3,1;7,2;9,3},2)", 2),
        ("=VLOOKUP(7,{3,1;7,2;9,3},2,)", 2),
        ('=HLOOKUP("7",{3,7,9},1)', "#N/A"),
        ('=LOOKUP("7",{3,7,9})', "#N/A"),
        ('=DEVSQ("1","2",2)', 2 / 3),
        ('=SUMSQ("2","3",4)', 29),
        ('=AND("1",1)', "#VALUE!"),
        ('=AND("TRUE",1)', True),
        ("=SUBTOTAL(2,#REF!)", "#REF!"),
        ('=SUMX2MY2({1,"a",3},{1,2,2})', 5),
        ('=SUMX2PY2({1,"a",3},{1,2,2})', 15),
        ('=SUMXMY2({1,"a",3},{1,2,2})', 1),
        ('=TEXT(0.5,"# ?/?")', " 1/2"),
        ('=TEXT(46038,"yyyy年m月d日")', "2026年1月16日"),
        ('=TEXT(5,"£0.00")', "£5.00"),
        ('=TEXT(46038.5,"[$-409]d-mmm-yyyy h:mm AM/PM")', "16-Jan-2026 12:00 PM"),
        ('=TEXT(0.123456,"h:mm:ss.00")', "2:57:46.60"),
        ('=TEXT(59,"yyyy-mm-dd")', "1900-02-28"),
        ('=TEXT(60,"yyyy-mm-dd")', "1900-02-29"),
        ('=TEXT(1,"ddd d mmm yyyy")', "Sun 1 Jan 1900"),
        ('=TEXT(-5,"0.00;(0.00)")', "(5.00)"),
        ('=TEXT(1234567.891,"#,##0.00")', "1,234,567.89"),
        ('=TEXT(12345.678,"0.00E+00")', "1.23E+04"),
        ('=TEXT(25.5/24,"[h]:mm")', "25:30"),
        ('=TEXT(5551234567,"(000) 000-0000")', "(555) 123-4567"),
        ("=YEAR(59)+MONTH(59)/100", 1900.02),
        ("=DATE(1900,2,29)", 60),
        ("=LINEST({1;3;5},{0;1;2})", [[2, 1]]),
        ("=TREND({1;3;5},{0;1;2},{3;4})", [[7], [9]]),
        ("=YEARFRAC(46038,45000)", 2 + 301 / 360),
        ("=SUMPRODUCT(YEAR({45000;45400;46000}))", 6072),
        ("=SUMPRODUCT(--(MOD({1,2,3},2)=1))", 2),
        ("=WORKDAY(46038,5,{46041})", 46048),
        ("=LET(f,LAMBDA(n,f,IF(n<2,1,n*f(n-1,f))),f(5,f))", 120),
        ("=REDUCE(0,{1,2,3},LAMBDA(a,b,a+T_ADD(b,1)))", 9),
        ("=MAP({1,2,3},LAMBDA(x,T_ADD(x,1)))", [[2, 3, 4]]),
        ("=BYROW({1,2;3,4},LAMBDA(r,SUM(r)))", [[3], [7]]),
        ("=LET(x,T_ADD(1,2),T_ADD(x,x))", 6),
        ('=TEXTJOIN(";",TRUE,IF({1;-2;3}>0,{1;-2;3},""))', "1;3"),
        ("=LOOKUP(2,1/({1;0;1;0}=1),{10;20;30;40})", 30),
        ("=SUM(1;2)", 3),
        ("=SUM(1，2)", 3),
        ("=1/30000&\"\"", "3.33333333333333E-05"),
        ('="a"<"B"', True),
        ("=0.1+0.2=0.3", True),
        ("=MROUND(6.05,0.1)", 6.1),
        ("=ROUND(2.675,2)", 2.68),
        ("=CEILING(-2.5,-2)", -4),
        ('=DATEDIF(45000,46038,"m")', 34),
        ("=SWITCH(3,1,\"a\",3,\"c\")", "c"),
        ("=IRR({-100,110})", 0.1),
        ("=XLOOKUP(2.5,{1;2;3},{10;20;30},,-1)", 20),
        ("=ARRAYTOTEXT({1,2;3,4})", "1, 2, 3, 4"),
        ("=BYCOL({1,2;3,4},LAMBDA(c,SUM(c)))", [[4, 6]]),
        ("=CHOOSECOLS({1,2,3},-1,1)", [[3, 1]]),
        ("=CHOOSEROWS({1;2;3},3)", 3),
        ("=EXPAND({1},2,2,0)", [[1, 0], [0, 0]]),
        ("=HSTACK({1;2},{3;4})", [[1, 3], [2, 4]]),
        ("=VSTACK({1,2},{3,4})", [[1, 2], [3, 4]]),
        ("=MAKEARRAY(2,2,LAMBDA(r,c,r*10+c))", [[11, 12], [21, 22]]),
        ("=SCAN(0,{1,2,3},LAMBDA(a,b,a+b))", [[1, 3, 6]]),
        ('=TEXTAFTER("a-b-c","-",2)', "c"),
        ('=TEXTBEFORE("a-b-c","-")', "a"),
        ('=SUM(--TEXTSPLIT("1,2;3,4",",",";"))', 10),
        ("=TOCOL({1,2;3,4})", [[1], [2], [3], [4]]),
        ("=TOROW({1;2})", [[1, 2]]),
        ("=WRAPCOLS({1,2,3,4},2)", [[1, 3], [2, 4]]),
        ("=WRAPROWS({1,2,3,4},2)", [[1, 2], [3, 4]]),
        ("=LAMBDA(a,b,ISOMITTED(b))(1)", True),
        ("=PERCENTRANK.EXC({1,2,3,6,6,6,7,8,9},7)", 0.7),
        ("=SORT({3;1;2},,-1)", [[3], [2], [1]]),
        ("=UNIQUE({1;1;2})", [[1], [2]]),
        ("=HEX2DEC(\"FFFFFFFFFF\")", -1),
        ("=DEC2BIN(-5)", "1111111011"),
        ("=QUARTILE({1,2,3,4},1)", 1.75),
        ("=PERCENTRANK({1,2,3,4},2.5)", 0.5),
    ],
)  # fmt: skip
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
    ],
)  # fmt: skip
def test_a_formula_in_its_cell(file: Path, cell: str, content: Content, value: object) -> None:
    book = evaluated(file, {"S": {**CELLS, cell: content}, "T": {"A1": 7}})
    assert not book.problems
    assert book[cell] == (CELL_ERRORS[value] if isinstance(value, str) and value in CELL_ERRORS else value)


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
_NEWER = re.compile(
    r"(?<![\w.])(CEILING\.MATH|FLOOR\.MATH|COMBINA|PERMUTATIONA|ARABIC|BASE|DECIMAL|MUNIT|ISOWEEKNUM|DAYS|BITAND|BITOR|BITXOR"
    r"|BITLSHIFT|BITRSHIFT|RRI|PDURATION|SKEW\.P|PERCENTILE\.EXC|QUARTILE\.EXC|COVARIANCE\.S|FORECAST\.LINEAR|LOGNORM\.DIST|PHI"
    r"|GAUSS|UNICHAR|UNICODE|TEXTJOIN|NUMBERVALUE|ENCODEURL|RANK\.AVG|BETA\.DIST|CHISQ\.DIST|F\.DIST|T\.DIST|XOR|MAXIFS|MINIFS)"
    r"(?=\()"
)  # fmt: skip
_ARRAY = re.compile(r"FREQUENCY|LOGEST|LINEST|GROWTH|MINVERSE|MMULT|MUNIT")


def examples() -> list[tuple[str, object]]:
    """Formulas with the values that Excel's help or LibreOffice gives for them."""
    with EXAMPLES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [(formula, read_value(value)) for formula, value in rows]


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
        for row, (formula, _) in enumerate(examples()):
            text = "=" + _NEWER.sub(r"_xlfn.\1", formula)
            if _ARRAY.search(text):
                sheet.write_array_formula(row, 0, row, 0, text)
            else:
                sheet.write_formula(row, 0, text)
    return path


def check_examples(values: Mapping[tuple[int, int], object]) -> None:
    wrong = []
    for row, (formula, value) in enumerate(examples(), 1):
        found = values.get((row, 1))
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
    check_examples(read_book(recalculated).sheets[0].values)


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
