"""Formulas of one shape share a tree, which with what each gives is the tree of its own text."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlrotation.workbook.evaluation.machine import Ref
from xlrotation.workbook.evaluation.shapes import Given, Known, shape_of
from xlrotation.workbook.formulas.syntax import parse
from xlrotation.workbook.formulas.tokens import FormulaError
from xlrotation.workbook.formulas.trees import Constant, Literal, Node, Reference, Slot, walk

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
