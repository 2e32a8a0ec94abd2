"""Cells in the usual form are taken apart at once; piece by piece gives the same."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlrotation.errors import CellError
from xlrotation.grid import Cell
from xlrotation.workbook.evaluation.machine import Frame, Machine, Rows
from xlrotation.workbook.evaluation.operators import lifted
from xlrotation.workbook.evaluation.values import NA, Fault
from xlrotation.workbook.formulas.references import Area
from xlrotation.workbook.package import sheetgrammar
from xlrotation.workbook.package.sheetedit import SheetEditor
from xlrotation.workbook.package.sheetlayout import Layout

STRINGS = ["shared", "two"]

ATTRIBUTES = ["", ' s="3"', ' s="3" note="t=&quot;x&quot;"', " s='3'", '  s="3"']
KINDS = ["", ' t="s"', ' t="str"', ' t="b"', ' t="e"', ' t="inlineStr"', ' t="d"', " t='n'"]
METADATA = ["", ' cm="1"', ' vm="2"', ' cm="1" vm="2"']
FORMULAS = [
    "",
    "<f>A1+1</f>",
    "<f>IF(A1&gt;1,2)</f>",
    '<f t="array" ref="A1:B2">X(1)</f>',
    '<f t="array" ref="A1:B2" aca=">">X(1)</f>',
    '<f t="shared" si="0"/>',
    "<f a='>' t=\"shared\" si='0'/>",
    "<f/>",
    '<f t="&#97;rray" ref="B1:C2">X(1)</f>',
    "<f\nca='1'>Y()</f>",
]
BODIES = [
    "",
    "<v>1</v>",
    "<v>0</v>",
    "<v></v>",
    "<v/>",
    "<v>a&amp;b</v>",
    "<v >7</v>",
    "<v>2026-01-16</v>",
    "<v>#N/A</v>",
    "<is><t>in</t></is>",
    '<is><t xml:space="preserve"> in &lt;</t></is>',
    "<is><r><t>a</t></r><r><t>b</t></r></is>",
    "<is><t/></is>",
    '<v>1</v><extLst><ext uri="u"/></extLst>',
]


def cell(place: str, parts: tuple[str, str, str, str, str], prefix: str) -> str:
    attributes, kind, metadata, formula, body = parts
    inside = formula + body
    text = f'<c r="{place}"{attributes}{kind}{metadata}' + (f">{inside}</c>" if inside else "/>")
    for name in ("c", "f", "v", "is", "t", "r", "extLst", "ext"):
        for mark in ("<", "</"):
            for end in (" ", ">", "/", "\n"):
                text = text.replace(f"{mark}{name}{end}", f"{mark}{prefix}{name}{end}")
    return text


CELLS = st.lists(
    st.tuples(*map(st.sampled_from, (ATTRIBUTES, KINDS, METADATA, FORMULAS, BODIES))), min_size=4, max_size=4
)
VALUES = st.dictionaries(
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.one_of(
        st.none(),
        st.booleans(),
        st.sampled_from([0.0, 1.0, 2.5, "", "shared", " in <", "a\x01b", "_x0041_", CellError.NA, CellError.NAME]),
        st.text(max_size=3),
    ),
    max_size=6,
)


def edited(data: bytes, values: dict[tuple[int, int], Cell], keep: bool) -> tuple[object, ...]:
    editor = SheetEditor(Layout(data), lambda: STRINGS, keep)
    before = editor.values(Area(None, 1, 1, 3, 3))
    editor.apply(values, {(1, 1): (2, 2)})
    after = editor.values(Area(None, 1, 1, 3, 3))
    return before, after, b"".join(editor.parts())


@pytest.mark.parametrize("prefix", ["", "x:"])
@settings(max_examples=300)
@given(cells=CELLS, values=VALUES, keep=st.booleans(), anonymous=st.booleans())
def test_a_usual_cell_is_edited_as_any_other(
    prefix: str,
    cells: list[tuple[str, str, str, str, str]],
    values: dict[tuple[int, int], Cell],
    keep: bool,
    anonymous: bool,
) -> None:
    places = ["A1", "B1", "A2", "C2"]
    made = [cell(place, parts, prefix) for place, parts in zip(places, cells, strict=True)]
    if anonymous:
        made[1] = made[1].replace(' r="B1"', "", 1)
    rows = "".join(
        f'<{prefix}row r="{n}">{"".join(pair)}</{prefix}row>' for n, pair in enumerate((made[:2], made[2:]), 1)
    )
    name = ":x" if prefix else ""
    data = (
        f'<{prefix}worksheet xmlns{name}="urn:sheet"><{prefix}sheetData>{rows}</{prefix}sheetData></{prefix}worksheet>'
    ).encode()
    quick = edited(data, values, keep)
    usual = sheetgrammar._USUAL
    sheetgrammar._USUAL = b"(?!)" + usual
    try:
        assert quick == edited(data, values, keep)
    finally:
        sheetgrammar._USUAL = usual


def test_what_excel_and_libraries_write_is_in_the_usual_form() -> None:
    grammar = sheetgrammar.Grammar(b"")
    for text in (
        b'<c r="B2" s="4"/>',
        b'<c r="B2" s="4" t="str"><f>A1&amp;"x"</f><v>a</v></c>',
        b'<c r="AB12" s="4" cm="1"><f t="array" ref="AB12:AC13">X()</f><v>2.5</v></c>',
        b'<c r="B2" t="inlineStr"><is><t>a</t></is></c>',
    ):
        found = grammar._cell.fullmatch(text)
        assert found is not None
        assert found["head"]


HEADS = [
    "",
    ' r="5"',
    ' r="6" spans="1:3" s="4"',
    "  r='8'",
    ' ht="1" r="9"',
    ' r="10" a=">"',
    ' r="7" ',
    ' r="3"a="/"',
]
HEADS += [' x:r="3"', ' r="12345678"', ' a="/"']


@pytest.mark.parametrize("prefix", [b"", b"x:"])
def test_rows_are_found_however_they_are_written(prefix: bytes) -> None:
    grammar, chance = sheetgrammar.Grammar(prefix), random.Random(3)
    for _ in range(500):
        data, expected = b"", []
        for head in chance.choices(HEADS, k=chance.randint(0, 4)):
            begin = len(data)
            data += b"<" + prefix + b"row" + head.encode()
            inside = chance.choice([b"", b"<c/>", b"<y:row/>", b"\n", b"<rowx></rowx>"])
            closed = (
                b"/>" if not inside else b">" + inside + b"</" + prefix + b"row" + chance.choice([b">", b">", b" >"])
            )
            data += closed
            stated = re.search(r"(?<!:)\br=.(\d+)", head)
            expected.append((None if stated is None else int(stated[1]), begin, len(data)))
            data += chance.choice([b"", b"\n "])
        assert list(grammar.rows(data, 0, len(data))) == expected, data


SHAPES = st.sampled_from([None, (1, 1), (1, 3), (3, 1), (3, 3), (2, 3), (3, 2), (2, 1)])


class _Steps:
    def step(self, count: int = 1) -> None:
        """Nothing is counted here."""


@given(st.lists(SHAPES, min_size=1, max_size=3))
def test_item_by_item_over_arrays(shapes: list[tuple[int, int] | None]) -> None:
    arguments = [
        f"s{n}" if shape is None else [[f"{n}{r}{c}" for c in range(shape[1])] for r in range(shape[0])]
        for n, shape in enumerate(shapes)
    ]

    def function(*items: str) -> str:
        if items[0].endswith("11"):
            raise Fault(CellError.DIV0)
        return "|".join(items)

    frame = Frame.__new__(Frame)
    machine: Machine = _Steps()  # type: ignore[assignment]
    frame.machine = machine
    rows = max(1 if shape is None else shape[0] for shape in shapes)
    columns = max(1 if shape is None else shape[1] for shape in shapes)
    expected: Rows = []
    for r in range(rows):
        line = []
        for c in range(columns):
            items = []
            for argument, shape in zip(arguments, shapes, strict=True):
                if shape is None:
                    items.append(argument)
                    continue
                rr, cc = r if shape[0] > 1 else 0, c if shape[1] > 1 else 0
                items.append(argument[rr][cc] if rr < shape[0] and cc < shape[1] else None)
            if None in items:
                line.append(NA)
            else:
                try:
                    line.append(function(*items))
                except Fault as fault:
                    line.append(fault.error)
        expected.append(line)
    assert lifted(function, arguments, frame) == expected
