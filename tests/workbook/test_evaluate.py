"""A workbook's values without a spreadsheet program."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tests.workbook.books import Array, Book, Content, Dynamic, Fake, evaluated
from xlrotation.errors import BadWorkbook, CellError, RotationError
from xlrotation.grid import Cell
from xlrotation.workbook.evaluation.evaluate import evaluate_formula, evaluate_workbook


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "book.xlsx"


def one(file: Path, formula: Content, **cells: Content) -> Cell:
    """The value of *formula* in Z9 of a sheet with *cells*."""
    book = evaluated(file, {"S": {**cells, "Z9": formula}})
    assert not book.problems, book.problems
    return book["Z9"]


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("=T_ADD(1,2)", 3.0),
        ("=t_add(A1,B1*2)", 11.0),
        ("=T_ADD(1,T_ADD(2,T_ADD(3,4)))", 10.0),
        ("=SUM(T_ADD(SUM(T_ADD(1,2),3),A1),T_ADD(1,1))", 9.0),
        ('=IF(T_ADD(A1,B1*2)>0,"up","down")', "up"),
        ('=IF(T_ADD(A1,B1)<0,"up","down"&T_ADD(1,1))', "down2"),
        ("=-T_ADD(1,2)^2", 9.0),
        ("=1-T_ADD(-3,1)", 3.0),
        ("=2^T_ADD(-3,1)", 0.25),
        ("=T_ADD(1,2)%", 0.03),
        ("=@T_ADD(1,2)", 3.0),
        ("=_xldudf_T_ADD(1,2)", 3.0),
        ("='C:\\a b\\xlrotation.xlam'!T_ADD(1,2)+1", 4.0),
        ("=[1]!T_ADD(1,2)+1", 4.0),
        ("=T_SEEN(,2)", "blank | 2"),
        ("=T_SEEN(Q99,Q1:Q2)", "blank | 2x1: blank;blank"),
        ("=T_SEEN(A1:C2)", "2x3: 1,5,'x';2,True,blank"),
        ('=T_SEEN(S!A1:A2,$B$1,TRUE,"a ""b""",-1.5)', "2x1: 1;2 | 5 | True | 'a \"b\"' | -1.5"),
        ('=T_SEEN({1,2;3,"a"})', "2x2: 1,2;3,'a'"),
        ("=T_SEEN({1;2})", "2x1: 1;2"),
        ("=T_SEEN(A1:A2*10)", "2x1: 10;20"),
        ("=T_SEEN(#N/A,1/0,D1)", "#N/A | #DIV/0! | #NUM!"),
        ("=T_SEEN((A1))", "1"),
        ('=T_SEEN(A1=1,"","x"&A1)', "True | '' | 'x1'"),
        ("=T_SEEN(50%,1E3,.5)", "0.5 | 1000 | 0.5"),
        ("=T_SEEN(ROW(),COLUMN(),ROW(A3))", "9 | 26 | 3"),
        ("=T_SEEN(T_TABLE(2,2))", "2x2: 11,12;21,22"),
        ("=T_SEEN(INDEX(T_TABLE(3,3),2,0))", "1x3: 21,22,23"),
        ("=T_SEEN(T_TABLE(2,1)+1)", "2x1: 12;22"),
        ("=T_SEEN(IF(TRUE,A1:A2))", "2x1: 1;2"),
        ("=SUM(T_TABLE(2,2))", 66.0),
        ("=INDEX(T_TABLE(3,3),2,3)", 23.0),
        ("=SUMPRODUCT(T_TABLE(2,1)*{1;2})", 53.0),
        ("=ROWS(T_TABLE(7,2))", 7.0),
        ("=T_TABLE(2,2)", 11.0),
        ("=T_TABLE(2,2)*2", 22.0),
        ('=IFERROR(T_ERROR(),"none")', "none"),
        ("=ISNA(T_ERROR())", True),
        ("=T_ERROR()", CellError.NA),
        ("=T_ADD(1,T_ERROR())", CellError.NA),
        ("=T_ECHO(TRUE)", True),
        ('=T_ECHO("=1+1")', "=1+1"),
        ('=T_ECHO("#N/A")', "#N/A"),
        ('=T_ECHO("a""b")&"c"', 'a"bc'),
        ("=T_BLANK()", ""),
        ("=LET(x,T_ADD(1,2),x*2)", 6.0),
        ("=T_DATE(2026,2,13)", 46066.0),
        ("=T_DATE(2026,2,13)+1", 46067.0),
        ('=TEXT(T_DATE(2026,2,13),"yyyy-mm-dd")', "2026-02-13"),
        ("=T_TIME()", 46066.75),
        ("=T_ADD(C5:C5,1)", 1.0),
        ("=SUM(T_ADD(0.1,0.2))=0.1+0.2", True),
        ("=T_SUM(OFFSET(A1,0,0,2,1))", 3.0),
        ('=T_SUM(INDIRECT("A1:A2"))', 3.0),
        ('=T_ADD(INDIRECT("A"&T_ADD(1,1)),1)', 3.0),
        ("=T_SUM(A:A)", 3.0),
        ("=T_SUM($A:$A)+T_SUM(1:2)", 11.0),
        ("=T_SEEN(A1 , 2 )", "1 | 2"),
        ('=T_SEEN("A1","ROW()")', "'A1' | 'ROW()'"),
        ('=T_SEEN("A"&1)', "'A1'"),
    ],
)
def test_calls_at_any_depth(file: Path, formula: str, value: Cell) -> None:
    cells: dict[str, Content] = {"A1": 1, "A2": 2, "B1": 5, "B2": True, "C1": "x", "D1": "=SQRT(-1)"}
    assert one(file, formula, **cells) == value


def test_other_sheets_and_quoted_names(file: Path) -> None:
    book = evaluated(
        file,
        {
            "In puts": {"A1": 1, "A2": 2, "B1": "=T_ADD(A1,A2)"},
            "It's": {
                "A1": "=T_SUM('In puts'!A1:A2)+A2",
                "A2": "=T_ADD('In puts'!B1,'In puts'!$A$2*2)",
                "A3": "=T_SUM(A1:A2)",
            },
            "科技": {"A1": "=T_ADD('It''s'!A1,'It''s'!A3)", "A2": "=T_ADD(科技!A1,A1+1)"},
        },
    )
    assert (book["In puts!B1"], book["It's!A1"], book["It's!A2"], book["It's!A3"]) == (3.0, 10.0, 7.0, 17.0)
    assert (book["科技!A1"], book["科技!A2"]) == (27.0, 55.0)
    assert not book.problems


def test_names(file: Path) -> None:
    book = evaluated(
        file,
        {
            "S": {
                "A1": 1,
                "A2": 2,
                "A3": 3,
                "C1": "=T_SUM(range)",
                "C2": "=T_ADD(cell,cell*10)",
                "C3": "=SUM(range)+T_ADD(Cell,0)",
                "C4": "=T_SUM(moving)",
                "C5": "=SUM(moving)",
                "C6": "=T_ADD(rate,1)",
                "C7": "=rate*2",
                "C8": "=ours",
                "C9": "=ours+T_ADD(ours,1)",
                "C10": "=T_SEEN(word)",
                "C11": "=twice(4)",
                "C12": "=T_ADD(twice(4),1)",
                "C13": "=T_SUM(S!range)",
                "C14": "=S!cell+1",
                "C15": '="ours"&cell',
                "C16": "=T_ADD(local,1)",
                "C17": "=T_SUM(T!local)",
                "C18": "=T!local+1",
            },
            "T": {"A1": 7, "B1": "=T_ADD(local,1)", "B2": "=local+T_ADD(local*2,0)", "B3": "=T_SUM(moving)"},
        },
        names={
            "range": "=S!$A$1:$A$3",
            "cell": "=S!$A$2",
            "moving": "=OFFSET(S!$A$1,0,0,COUNT(S!$A:$A),1)",
            "rate": "=0.5",
            "ours": "=T_ADD(S!$A$1,10)",
            "word": '="hello"',
            "twice": "=LAMBDA(x,x*2)",
            "S!local": "=S!$A$3",
            "T!local": "=T!$A$1",
        },
    )
    assert not book.problems
    values = [book[f"C{row}"] for row in range(1, 19)]
    assert values == [6, 22, 8, 6, 6, 1.5, 1, 11, 23, "'hello'", 8, 9, 6, 3, "ours2", 4, 7, 8]
    assert [book[f"T!B{row}"] for row in (1, 2, 3)] == [8, 21, 6]


def test_spills_and_references_to_them(file: Path) -> None:
    book = evaluated(
        file,
        {
            "S": {
                "A1": Dynamic("=T_TABLE(3,2)"),
                "D1": "=SUM(_xlfn.ANCHORARRAY(A1))",
                "D2": "=T_SUM(_xlfn.ANCHORARRAY(A1))",
                "D3": "=T_SEEN(A1#)",
                "D4": "=B3+T_ADD(A2,0)",
                "F1": Dynamic("=_xlfn.ANCHORARRAY(A1)*2"),
                "I1": Dynamic("=T_TABLE(2,2)+1"),
                "L1": Dynamic("=_xlfn._xlws.SORT(T_TABLE(3,1),1,-1)"),
                "N1": Dynamic("=_xlfn.SEQUENCE(2)"),
                "O1": "=T_SUM(N1#)",
                "P1": Dynamic("=T_ADD(1,1)"),
                "R1": Dynamic("=_xlfn.VSTACK(T_TABLE(1,2),T_TABLE(1,2)*10)"),
            },
            "T": {"A1": "=T_SUM(S!A1#)", "A2": "=ROWS(S!F1#)"},
        },
    )
    assert not book.problems
    assert [[book[f"{c}{r}"] for c in "AB"] for r in (1, 2, 3)] == [[11, 12], [21, 22], [31, 32]]
    assert [book[f"D{r}"] for r in (1, 2, 3, 4)] == [129, 129, "3x2: 11,12;21,22;31,32", 53]
    assert [book["G3"], book["I2"], book["J2"], book["L1"], book["L3"], book["N2"], book["O1"], book["P1"]] == [
        64,
        22,
        23,
        31,
        11,
        2,
        3,
        2,
    ]
    assert [book["R2"], book["S2"]] == [110, 120]
    assert (book["T!A1"], book["T!A2"]) == (129, 3)
    assert book.evaluation.anchors["S"][1, 1] == (3, 2)
    assert (1, 16) not in book.evaluation.anchors["S"]


def test_a_table_with_blanks_texts_and_errors_spills(file: Path) -> None:
    class Mixed(Fake):
        def _compute(self, *_: object) -> object:  # type: ignore[override]
            return [["h", None], [CellError.NA, dt.date(2026, 2, 13)], [True, "=1+1"]]

    from tests.workbook.books import make_book

    make_book(file, {"S": {"A1": Dynamic("=T_TABLE()")}})
    values = evaluate_workbook(file, Mixed()).values["S"]
    assert values == {(1, 1): "h", (1, 2): "", (2, 1): CellError.NA, (2, 2): 46066, (3, 1): True, (3, 2): "=1+1"}


def test_a_wide_and_tall_table_spills(file: Path) -> None:
    book = evaluated(
        file, {"S": {"A1": Dynamic("=T_TABLE(300,90)"), "CZ1": "=T_SUM(T_TABLE(400,70)+0)", "CZ2": "=SUM(A1#)"}}
    )
    assert not book.problems
    assert book["CL300"] == 3090
    assert book["CZ1"] == sum(r * 10 + c for r in range(1, 401) for c in range(1, 71))
    assert book["CZ2"] == sum(r * 10 + c for r in range(1, 301) for c in range(1, 91))


def test_array_formulas_of_the_old_kind_fill_their_area(file: Path) -> None:
    book = evaluated(
        file,
        {
            "S": {
                "A1": Array("=T_TABLE(2,2)", "B2"),
                "D1": Array("=T_ADD(1,1)", "D2"),
                "F1": Array("=T_TABLE(2,1)*2", "F2"),
                "H1": Array("=SUM(T_TABLE(2,2)*1)", "H1"),
                "J1": Array("=T_TABLE(3,3)", "K2"),
                "M1": Array("=A1:A2*2", "M2"),
                "O1": "=T_SUM(A1:B2)",
            }
        },
    )
    assert not book.problems
    assert [book["A1"], book["B2"], book["D1"], book["D2"], book["F1"], book["F2"], book["H1"]] == [
        11,
        22,
        2,
        2,
        22,
        42,
        66,
    ]
    assert [book["J1"], book["K2"], book["M2"], book["O1"]] == [11, 22, 42, 66]
    assert (3, 10) not in book.evaluation.values["S"]


def test_shared_formulas_are_read_in_their_place(file: Path, tmp_path: Path) -> None:
    from tests.workbook.books import make_book
    from tests.workbook.parts import rewritten

    make_book(file, {"S": {"A1": 1, "A2": 2, "A3": 3, "B1": "=T_ADD(A1,$A$1)*A1", "B2": 0, "B3": 0}})
    shared = rewritten(
        file,
        tmp_path / "shared.xlsx",
        {
            "xl/worksheets/sheet1.xml": lambda text: (
                text.replace('<c r="B1"><f>', '<c r="B1"><f t="shared" ref="B1:B3" si="0">')
                .replace('<c r="B2"><v>0</v>', '<c r="B2"><f t="shared" si="0"/><v>0</v>')
                .replace('<c r="B3"><v>0</v>', '<c r="B3"><f t="shared" si="0"/><v>0</v>')
            )
        },
    )
    values = evaluate_workbook(shared, Fake()).values["S"]
    assert values == {(1, 2): 2, (2, 2): 6, (3, 2): 12}


def test_tables_of_the_sheet(file: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet("S")
        sheet.add_table("A1:B3", {"name": "Tbl", "columns": [{"header": "a b"}, {"header": "c"}]})
        for row in (1, 2):
            sheet.write_row(row, 0, [row, row * 10])
        sheet.write_formula("D1", "=T_SUM(Tbl[c])")
        sheet.write_formula("D2", "=T_ADD(Tbl[[#This Row],[a b]],Tbl[[#This Row],[c]]*2)")
        sheet.write_formula("D3", "=SUM(Tbl[c])+T_SUM(Tbl[[#All],[a b]])")
    result = evaluate_workbook(file, Fake())
    assert result.values["S"] == {(1, 4): 30, (2, 4): 21, (3, 4): 33}
    assert not result.problems


def test_long_chains_between_ours_and_native_ones(file: Path) -> None:
    cells: dict[str, Content] = {"A1": 1}
    for row in range(2, 202):
        cells[f"A{row}"] = f"=T_ADD(A{row - 1},1)" if row % 3 else f"=A{row - 1}+1"
    book = evaluated(file, {"S": cells})
    assert book["A201"] == 201
    assert len(book.fake.asked) == 133  # each call once
    assert not book.problems


def test_a_call_is_computed_once_for_the_same_arguments(file: Path) -> None:
    cells: dict[str, Content] = {"A1": 1, "A2": 1, "A3": 2}
    cells |= {f"B{row}": f"=T_ADD(A{row},1)" for row in (1, 2, 3)}
    cells |= {"C1": "=T_ADD(1,1)+T_SUM(A1:A3)", "C2": "=T_SUM(A1:A3)*2", "C3": "=T_SEEN(TRUE)", "C4": "=T_SEEN(1)"}
    book = evaluated(file, {"S": cells})
    assert sorted(name for name, _ in book.fake.asked) == ["T_ADD", "T_ADD", "T_SEEN", "T_SEEN", "T_SUM"]
    assert (book["C3"], book["C4"]) == ("True", "1")


def test_chains_through_computed_references_settle(file: Path) -> None:
    cells: dict[str, Content] = {"A1": "=T_ADD(3,0)"}
    for row in range(2, 12):  # written against the order in which they are computed
        cells[f"A{row}"] = f'=T_ADD(INDIRECT("A{row - 1}"),1)'
    cells["B1"] = "=T_ADD(OFFSET(A1,10,0),100)"
    book = evaluated(file, {"S": cells})
    assert book["A11"] == 13
    assert book["B1"] == 113
    assert not book.problems


def test_circular_references_are_reported_by_cell(file: Path) -> None:
    book = evaluated(
        file,
        {
            "S": {
                "A1": "=T_ADD(A1,1)",
                "B1": "=T_ADD(B2,1)",
                "B2": "=B1*2",
                "C1": "=C2+1",
                "C2": "=C1+1",
                "D1": '=T_ADD(INDIRECT("D2"),1)',
                "D2": "=D1+1",
                "E1": "=T_ADD(1,1)",
                "F1": "=T_ADD(B1,1)",
            }
        },
    )
    assert {"S!A1", "S!B1", "S!B2", "S!C1", "S!C2", "S!D1"} <= set(book.problems)
    assert all("itself" in reason for reason in book.problems.values())
    assert "S!E1" not in book.problems
    assert book["E1"] == 2
    assert all(isinstance(book[cell], CellError) for cell in ("A1", "B1", "C1", "D1"))


@pytest.mark.parametrize(
    ("formula", "word"),
    [
        ("=STOCKHISTORY(1)", "STOCKHISTORY"),
        ("=CUBEVALUE(9,A1:A2)", "CUBEVALUE"),
        ("=IFERROR(NOSUCH(1),5)", "NOSUCH"),
        ("=IFERROR(nosuch(T_ADD(1,1)),5)", "NOSUCH"),
        ("=T_ADD(NOSUCH(1),1)", "NOSUCH"),
        ("=IFERROR(T_ADD(NOSUCH(1),1),2)", "NOSUCH"),
        ("=nowhere+1", "nowhere"),
        ("=IFERROR(nowhere,1)", "nowhere"),
        ("=T_ADD(nowhere,1)", "nowhere"),
        ("=1+", "read"),
        ("=T_ADD(1+,2)", "read"),
        ("=T_ADD(1,2", "read"),
        ("=(A1", "read"),
        ("=A1)", "read"),
        ("=T_ADD(1,2))", "read"),
        ("=1 2", "space"),
        ("=SUM(1,2)x", "'x' at place 9"),
        ('=T_ADD(1;"2")', "';'"),
        ("=T_ADD(1，2)", "'，'"),
        ("=T_ADD(1、2)", "'、'"),
        ("=T_ADD(1|2)", "'|'"),
        ("=[1]Sheet1!A1", "another workbook"),
        ("=T_ADD([1]Sheet1!A1,1)", "another workbook"),
        ("=MYUDF(3)", "MYUDF"),
        ("=T_ADD(L6-(-4,3),1)", "')'"),
        ("=_xlfn.LET(_xlpm.f,_xlfn.LAMBDA(_xlpm.n,_xlpm.f(_xlpm.n)),_xlpm.f(1))", "F"),
    ],
)
def test_what_cannot_be_computed_is_reported(file: Path, formula: str, word: str) -> None:
    book = evaluated(file, {"S": {"A1": 1, "Z9": formula}, "T": {}})
    assert list(book.problems) == ["S!Z9"]
    assert word in book.problems["S!Z9"]


@pytest.mark.parametrize(
    "formula",
    [
        '="NOSUCH(1) 2 3"&"a b"',
        "='a b'!A1+1",
        "=NA()",
        "=#N/A",
        "=#NAME?",
        "=1/0",
        "=IFERROR(#NAME?,1)",
        "=SUM( 1 , 2 )",
        "=LET(rate,2,rate*3)",
        "=_xlfn.LAMBDA(_xlpm.x,_xlpm.x+1)(2)",
        "= 1 + 2 ",
        "=_xlfn.XLOOKUP(1,A1:A2,A1:A2)",
        '=_xlfn.XLOOKUP("a-b",INDEX(A1:B3,0,2-1),\'a b\'!A1:A3,"none (x - y)")',
        "=_xlfn.XLOOKUP(T_ADD(1,0),A1:A2,A1:A2)",
        '=IF(A1>0,\n  "a",\n  "b")',
        "=TRUE",
    ],
)
def test_sound_formulas_are_not_reported(file: Path, formula: str) -> None:
    book = evaluated(file, {"S": {"A1": 1, "Z9": formula, "Z10": "=T_ADD(1,1)"}, "a b": {"A1": 1}})
    assert not book.problems


def test_a_blocked_spill_is_reported(file: Path) -> None:
    book = evaluated(
        file, {"S": {"A1": Dynamic("=T_TABLE(3,2)"), "B2": "in the way", "D1": Dynamic("=_xlfn.SEQUENCE(3)"), "D2": 1}}
    )
    assert book["A1"] is CellError.SPILL
    assert set(book.problems) == {"S!A1", "S!D1"}
    assert all("spill" in reason for reason in book.problems.values())
    assert (2, 2) not in book.evaluation.values["S"]


def test_a_spill_that_became_smaller_leaves_nothing(file: Path) -> None:
    book = evaluated(file, {"S": {"A1": Dynamic("=T_TABLE(2,1)", "A9"), "B1": "=COUNT(A1:A9)"}})
    assert book["B1"] == 2


def test_overrides_by_name_and_by_cell(file: Path) -> None:
    overrides: dict[str, Cell] = {"asof": dt.date(2026, 2, 13), "In puts!A2": "x", "'In puts'!A3": 7, "a4": None}
    book = evaluated(
        file,
        {
            "In puts": {"A1": 1, "A2": 2, "A3": 3, "A4": 4},
            "B": {"A1": "=T_SEEN(asof,'In puts'!A2,'In puts'!A3,'In puts'!A4)"},
        },
        names={"asof": "='In puts'!$A$1", "A4_": "='In puts'!$A$4"},
        overrides={key if key != "a4" else "a4_": value for key, value in overrides.items()},
    )
    assert book["B!A1"] == "46066 | 'x' | 7 | blank"
    assert book["In puts!A1"] == 46066


def test_an_override_replaces_a_formula(file: Path) -> None:
    book = evaluated(
        file, {"S": {"A1": "=T_ADD(1,1)", "A2": "=1+1", "B1": "=T_ADD(A1,A2)"}}, overrides={"S!A1": 10, "S!A2": 20}
    )
    assert (book["A1"], book["A2"], book["B1"]) == (10, 20, 30)


@pytest.mark.parametrize("name", ["nothing", "S!A1:B2", "X!A1", "A1", "", "several", "S!ZZZZ1"])
def test_an_override_of_no_single_cell_is_refused(file: Path, name: str) -> None:
    with pytest.raises(RotationError, match="defined name"):
        evaluated(file, {"S": {"A1": 1}}, names={"several": "=S!$A$1:$A$2"}, overrides={name: 1})


def test_dates_follow_the_date_system_of_the_workbook(file: Path) -> None:
    cells: dict[str, Content] = {
        "A1": "=T_DATE(2026,2,13)",
        "A2": "=T_DATE(2026,2,13)+1",
        "A3": Dynamic("=T_ADD(A1,0)"),
    }
    book = evaluated(file, {"S": cells}, date1904=True, overrides={"S!B1": dt.date(1904, 1, 2)})
    assert (book["A1"], book["A2"], book["B1"]) == (44604, 44605, 1)


def test_volatile_functions_have_one_value(file: Path) -> None:
    book = evaluated(
        file,
        {
            "S": {
                "A1": "=RAND()",
                "A2": "=T_ADD(A1,0)",
                "A3": "=T_ADD(RAND(),1)",
                "A4": "=T_ADD(NOW(),0)",
                "A5": "=T_ADD(TODAY(),0)",
                "A6": "=T_ADD(RANDBETWEEN(1,5),RAND())",
                "A7": "=A2-A1",
            }
        },
    )
    assert not book.problems
    assert book["A2"] == book["A1"]
    assert book["A7"] == 0
    assert 1 <= book["A3"] <= 2  # type: ignore[operator]
    assert 0 <= book["A4"] - book["A5"] < 1  # type: ignore[operator]


def test_a_long_native_chain_is_computed(file: Path) -> None:
    cells: dict[str, Content] = {"A1": 1, **{f"A{row}": f"=A{row - 1}+1" for row in range(2, 5001)}}
    cells["B1"] = "=T_ADD(A5000,1)"
    assert evaluated(file, {"S": cells})["B1"] == 5001


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("=1+1", 2.0),
        ("T_ADD(1,2)", 3.0),
        (' =IF(T_ADD(5,4)>=9,"historic","normal")', "historic"),
        ("=T_TABLE(2,2)", [[11.0, 12.0], [21.0, 22.0]]),
        ("=T_TABLE(2,2)+1", [[12.0, 13.0], [22.0, 23.0]]),
        ("=T_SEEN({1,2},T_ADD(1,1))", "1x2: 1,2 | 2"),
        ("=SUM(T_TABLE(2,2),T_ADD(T_ADD(1,1),SUM(1,2)))", 71.0),
        ("=SEQUENCE(2)", [[1.0], [2.0]]),
        ("=1/0", CellError.DIV0),
        ("=T_DATE(2026,2,13)", dt.date(2026, 2, 13)),
        ('="a b"&"(("', "a b(("),
        ("=T_TABLE(60,60)*1", [[float(r * 10 + c) for c in range(1, 61)] for r in range(1, 61)]),
    ],
)
def test_one_formula(text: str, value: object) -> None:
    assert evaluate_formula(text, Fake()) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("=NOSUCH(1)", "NOSUCH"),
        ("=IF((", "read"),
        ("=T_ADD(1", "read"),
        ("=1 2", "read|space"),
        ("", "empty"),
        ("=", "empty"),
    ],
)
def test_one_formula_that_cannot_be_read_says_so(text: str, message: str) -> None:
    with pytest.raises(RotationError, match=message):
        evaluate_formula(text, Fake())


@pytest.mark.parametrize("content", [b"", b"no workbook", b"PK\x03\x04 broken"])
def test_a_file_that_is_no_workbook_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(BadWorkbook, match=r"book\.xlsx"):
        evaluate_workbook(file, Fake())


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadWorkbook, match="no such file"):
        evaluate_workbook(tmp_path / "none.xlsx", Fake())


def test_calls_are_listed_by_cell(file: Path) -> None:
    book: Book = evaluated(file, {"S": {"A1": "=T_ADD(T_ADD(1,2),3)"}})
    assert [name for name, _, _ in book.evaluation.calls["S", "A1"]] == ["T_ADD", "T_ADD"]
    assert book.evaluation.calls["S", "A1"][-1][2] == 6
