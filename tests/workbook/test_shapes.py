"""Formulas of one shape share a tree, which with what each gives is the tree of its own text."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session
from xlrotation.workbook.evaluation import dependence
from xlrotation.workbook.evaluation.dependence import Item, items_of
from xlrotation.workbook.evaluation.machine import Ref
from xlrotation.workbook.evaluation.shapes import Given, Known, shape_of
from xlrotation.workbook.evaluation.values import Fault, Value, compared
from xlrotation.workbook.formulas.syntax import parse
from xlrotation.workbook.formulas.tokens import FormulaError
from xlrotation.workbook.formulas.trees import Constant, Literal, Node, Reference, Slot, walk
from xlrotation.workbook.package.book import Book, read_book

WORKBOOKS = Path(__file__).parents[2] / "workbooks"
FUNCTIONS = frozenset(Session("sample").names)

INDEX = {"data": 0, "prices": 1, "b 2": 2, "it's": 3, "a1": 4}


def filled(node: Any, values: Given) -> Any:
    """A shared tree with a formula's own references and texts in its slots."""
    if isinstance(node, Slot):
        return values[node.place]
    if isinstance(node, Literal):
        return Constant(values[node.place])  # type: ignore[arg-type]
    return _over(node, lambda part: filled(part, values))


def placed(node: Any) -> Any:
    """A tree with its references as positions, as a shared one gives them."""
    if isinstance(node, Reference) and node.book is None and node.last_sheet is None:
        sheet = 0 if node.sheet is None else INDEX.get(node.sheet.lower())
        return node if sheet is None else Ref(sheet, node.row, node.column, node.last_row, node.last_column)
    return _over(node, placed)


def _over(node: Any, change: Any) -> Any:
    if isinstance(node, tuple):
        return tuple(map(change, node))
    if isinstance(node, Ref) or not dataclasses.is_dataclass(node):
        return node
    return dataclasses.replace(node, **{f.name: change(getattr(node, f.name)) for f in dataclasses.fields(node)})  # type: ignore[type-var]


def shown(node: Any) -> str:
    if isinstance(node, Ref):
        return f"<{node.sheet} {node.top} {node.left} {node.bottom} {node.right}>"
    if isinstance(node, tuple):
        return f"({', '.join(map(shown, node))})"
    if isinstance(node, Constant) or not dataclasses.is_dataclass(node):
        return repr(node)
    return f"{type(node).__name__}({', '.join(shown(getattr(node, f.name)) for f in dataclasses.fields(node))})"


def check(text: str) -> bool:
    """Whether the text has a shape; where it has, its tree is compared."""
    shaped = shape_of(text, Known(0, INDEX))
    if shaped is None:
        return False
    tree: Node = parse(text)
    assert shown(placed(filled(*shaped))) == shown(placed(tree)), text
    return True


SHAPED = """
A1+B2*2
SUM($A$1:$B2,Prices!C3)
IF(A1>0,"up ""and"" away",'b 2'!C5:D$9)
VLOOKUP($A1,Prices!$A:$J,2,0)
'It''s'!A1&LOG10(5)&"A1"
LOG10(A1)+ATAN2(B1,1E5)
A1:INDEX(A:A,5)
(A1,B2)
SUM(A1:B2 B1:C3)
5:7
LET(x,A1,x+AB12C)
PX_RET("XLK","20D",A1)
A1%&-B2
data!A1:XFD1048576
@A1:A9
""
A1
_xlfn.SINGLE(A1:A3)
TRUE
'A1'!B2+A1!B2
A1 : B2
b2:a1
""".strip().splitlines()

WHOLE = """
Tab[[#This Row],[A1]]
[1]Sheet1!A1
{1,2;3,4}
A1#
#REF!
A1+#N/A
Missing!A1
'C:\\x\\[book.xlsx]Data'!A1
'x/y'!A1
XFE1
A0
A1:B2:C3
SUM(
""".strip().splitlines()


@pytest.mark.parametrize("text", SHAPED)
def test_a_shared_tree_says_what_the_text_says(text: str) -> None:
    assert check(text)


@pytest.mark.parametrize("text", WHOLE)
def test_what_a_shape_cannot_leave_out_is_read_whole(text: str) -> None:
    assert shape_of(text, Known(0, INDEX)) is None


def test_letters_that_only_look_like_columns_are_none() -> None:
    assert check("A:C\u212a1")
    assert not any(isinstance(part, Reference) for part in walk(parse("A:C\u212a1+\u017f1")))


def test_formulas_of_one_shape_share_one_tree() -> None:
    known = Known(0, INDEX)
    trees = [shape_of(f'IF(A{n}>Prices!B{n},"t{n}",SUM(C1:C{n}))', known) for n in range(1, 9)]
    assert len({id(tree[0]) for tree in trees if tree is not None}) == 1
    other = shape_of('IF(A1>Prices!B2,"t",SUM(C1))', known)
    unlike = shape_of('IF(A1<Prices!B2,"t",SUM(C1))', known)
    assert trees[0] is not None
    assert other is not None
    assert unlike is not None
    assert other[0] is trees[0][0]
    assert other[0] is not unlike[0]


PIECES = st.sampled_from(
    [
        *("A1", "$B$2", "C3:D4", "A:C", "$2:$5", "Data!A1", "'b 2'!A1:B2", "Prices!C:C", "Missing!A1", "A1B", "XFE1"),
        *('"a"', '"A1"', '""', '"x""y"', "1", "2.5", "1E5", "TRUE", "name", "a1.b", "LOG10(", "SUM(", "IF(", "(", ")"),
        *(
            "+",
            "-",
            "*",
            "/",
            "^",
            "&",
            "=",
            "<",
            ">",
            ",",
            ":",
            " ",
            "%",
            "@",
            "!",
            "'",
            "\\",
            "?",
            ".",
            "$",
            "_",
            ")",
        ),
        *("A1:", "Data:Prices!A1", "AB1:AB3!A1", "[A1]", "{1}", "#N/A", "A1#", "\u00e9A1", "\u212a1", "\u017f2", "\n"),
    ]
)


@settings(max_examples=500, deadline=None)
@given(st.lists(PIECES, max_size=9).map("".join))
def test_any_text_is_read_as_without_shapes(text: str) -> None:
    try:
        check(text)
    except FormulaError:
        pytest.fail(f"{text!r} has a shape though it cannot be read")


def _told(item: Item) -> tuple[object, ...]:
    needs = {(ref.sheet, ref.top, ref.left, ref.bottom, ref.right) for ref in item.needs}
    return item.trouble, needs, item.functions, item.ours, item.volatile, item.computed


def _as_read_one_by_one(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = {key: _told(item) for key, item in items_of(book, FUNCTIONS).items()}
    with monkeypatch.context() as patch:
        patch.setattr(dependence._Reader, "_as_others", lambda *_: False)
        alone = {key: _told(item) for key, item in items_of(book, FUNCTIONS).items()}
    assert shared == alone


@pytest.mark.parametrize("path", sorted(WORKBOOKS.glob("*.xlsx")), ids=lambda path: path.stem)
def test_formulas_of_one_shape_depend_on_what_each_says(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _as_read_one_by_one(read_book(path), monkeypatch)


def test_names_that_tell_another_thing_on_each_sheet_or_in_each_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        sheets = [made.add_worksheet(name) for name in ("One", "Two")]
        made.define_name("rate", "=One!$B$1")
        made.define_name("'Two'!rate", "=Two!$C$9")
        made.define_name("Beside", "=One!B1")
        made.define_name("Twice", "=rate*2+PX_CLOSE(One!$Z$1)")
        made.define_name("Nested", "=Beside+1")
        for sheet in sheets:
            for row in range(4):
                for column, text in enumerate(
                    ("rate*D1", "Beside+D1", "Twice&D1", "Nested-D1", "TODAY()+rate", "none")
                ):
                    sheet.write_formula(row, 10 + column, f"={text.replace('D1', f'D{row + 1}')}")
    book = read_book(path)
    _as_read_one_by_one(book, monkeypatch)
    items = items_of(book, FUNCTIONS)
    assert _told(items[0, 2, 11])[1] == {(0, 1, 2, 1, 2), (0, 2, 4, 2, 4)}
    assert _told(items[1, 2, 11])[1] == {(1, 9, 3, 9, 3), (1, 2, 4, 2, 4)}
    assert items[1, 3, 13].ours
    assert not items[1, 3, 11].ours


MARKS = st.sampled_from(["a", "A", "b", "0", "9", "_", "-", "“", "”", "é", "中", "İ", "ß", " "])
SINGLE = st.one_of(
    st.lists(MARKS, max_size=3).map("".join),
    st.sampled_from([0.0, 1.0, 1 + 1e-15, -1.0, 0.1 + 0.2, 0.3, True, False, None, CellError.NA, CellError.REF]),
)


@settings(max_examples=500)
@given(SINGLE, SINGLE)
def test_values_are_ordered_by_kind_and_texts_mark_by_mark(a: Value, b: Value) -> None:
    for value in (a, b):
        if isinstance(value, CellError):
            with pytest.raises(Fault) as found:
                compared(a, b)
            assert found.value.error is value
            return
    blank = {str: "", bool: False}
    a = blank.get(type(b), 0.0) if a is None else a
    b = blank.get(type(a), 0.0) if b is None else b
    key: list[Any] = []
    for value in (a, b):
        if isinstance(value, str):
            order = "_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$ "
            low = value.lower()
            key.append((1, [(1, ord(c)) if c.isalnum() else (0, order.find(c) % 41) for c in low]))
        else:
            key.append((2, value) if isinstance(value, bool) else (0, float(f"{value:.14e}")))
    assert compared(a, b) == (key[0] > key[1]) - (key[0] < key[1])
