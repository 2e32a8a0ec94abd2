"""Arrays in one pass give what their items give one by one, and count the same work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation import interpreter, many
from xlrotation.workbook.evaluation.cells import Cells
from xlrotation.workbook.evaluation.finishing import never
from xlrotation.workbook.evaluation.machine import Budget, Frame, Machine, Unsupported
from xlrotation.workbook.evaluation.many import Block, combined, in_cells
from xlrotation.workbook.evaluation.operators import _OPERATORS, lifted
from xlrotation.workbook.evaluation.values import Value
from xlrotation.workbook.formulas.syntax import parse
from xlrotation.workbook.natives import NATIVES, registry
from xlrotation.workbook.package.book import Book, Sheet

NUMBERS = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.1 + 0.2,
    0.3,
    1e300,
    -1e300,
    1.7e308,
    5e-324,
    2.5,
    123456789012345.6,
    123456789012345.7,
]
OTHERS: list[Value] = [True, False, None, "", "a", "B", "12", "1e309", CellError.NA, CellError.DIV0]

numbers = st.sampled_from(NUMBERS) | st.floats(allow_nan=False, allow_infinity=False)
items = st.one_of(numbers, st.sampled_from(OTHERS))


def arrays(item: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def of(shape: tuple[int, int]) -> st.SearchStrategy[Any]:
        return st.lists(st.lists(item, min_size=shape[1], max_size=shape[1]), min_size=shape[0], max_size=shape[0])

    return st.tuples(st.integers(1, 5), st.integers(1, 5)).flatmap(of)


sides = arrays(numbers) | arrays(st.booleans()) | arrays(items) | items


def frame() -> Frame:
    book = Book(Path("book.xlsx"), [Sheet("S")], index={"s": 0})
    return Frame(Machine(book, Cells(book), never, (), NATIVES, Budget()), 0, 1, 1)


def told(value: Value) -> object:
    """A value with its type, and the sign of a zero."""
    return [[(type(item), repr(item)) for item in row] for row in value] if isinstance(value, list) else repr(value)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(_OPERATORS)), sides, sides, st.sampled_from([1, 100]))
@example("<", [[0.1 + 0.2, 1.0]], [[0.3], [0.3]], 1)
@example("/", [[1.0, 2.0]], [[0.0, 1.0]], 1)
@example("*", [[1e300, 2.0]], [[1e300, 1.0]], 1)
@example("*", [[True, False]], [[True], [False]], 1)
def test_an_operator_over_arrays_gives_what_it_gives_item_by_item(
    sign: str, left: Value, right: Value, large: int
) -> None:
    if not isinstance(left, list) and not isinstance(right, list):
        left = [[left]]
    one_by_one, at_once = frame(), frame()
    expected = lifted(_OPERATORS[sign], (left, right, one_by_one), one_by_one)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(many, "_LARGE", large)
        found = combined(sign, left, right, at_once)
        again = combined("+", found, 1.0, frame())
    assert told(in_cells(found)) == told(expected)
    assert at_once.machine.steps == one_by_one.machine.steps
    assert told(in_cells(again)) == told(lifted(_OPERATORS["+"], (expected, 1.0, frame()), frame()))


def test_large_arrays_of_numbers_are_blocks_until_they_are_shown() -> None:
    column, row = [[float(r)] for r in range(30)], [[float(c) for c in range(11)]]
    found = combined("<", combined("-", column, row, frame()), 3.0, frame())
    assert type(found) is Block
    assert in_cells(found) == [[r - c < 3 for c in range(11)] for r in range(30)]


FORMULAS = {
    "a distance": "(ABS(SEQUENCE(30)/7-TRANSPOSE(SEQUENCE(11))/3)<0.5)*(ABS(SEQUENCE(30)-5)>2)",
    "a distance with an error in it": "ABS(1/(SEQUENCE(30)-3)-TRANSPOSE(SEQUENCE(11)))",
    "a sum at the end": "SEQUENCE(20,20)/3-SEQUENCE(20,20)/3",
    "a product that is too large": "SEQUENCE(200)*1E307",
    "a distance within a matrix": "MMULT((ABS(SEQUENCE(30)-TRANSPOSE(SEQUENCE(5)))<2)*1,SEQUENCE(5))",
    "ABS as a variable": "LET(abs,LAMBDA(x,x+1),ABS(SEQUENCE(200)-100))",
    "a percentage of a block": "(SEQUENCE(200)-100)%",
    "a block with its sign turned": "-(SEQUENCE(200)-100)",
    "truth values compared with numbers": "(SEQUENCE(200)>100)>0.5",
}


@pytest.mark.parametrize("what", FORMULAS)
def test_a_formula_of_blocks_gives_what_it_gives_without(what: str) -> None:
    node = parse(FORMULAS[what])
    with_blocks = frame()
    found = interpreter.compute(with_blocks.machine, node, with_blocks, True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(many, "_LARGE", 10**9)
        patch.setattr(many, "_MANY", {})
        patch.setattr(registry, "applied", lambda *_: None)
        without = frame()
        expected = interpreter.compute(without.machine, node, without, True)
    assert isinstance(found, list)
    assert told(found) == told(expected)
    assert with_blocks.machine.steps == without.machine.steps


SINGLE = sorted(
    name
    for name, native in NATIVES.items()
    if native.kinds
    and not set("".join(native.kinds + native.repeats)) - set("NPITBV")
    and not name.startswith(("RAND", "REGEX"))
)
"""Functions that take single values only."""

of_kinds: dict[str, st.SearchStrategy[Any]] = {
    "N": numbers | st.sampled_from([2.0, 40_000.0, 0.5]),
    "P": st.sampled_from([1.0, 2.0, 40_000.0]),
    "I": st.sampled_from([0.0, 1.0, 2.7, -1.5, 12.0]),
    "T": st.sampled_from(["", "a", "some text", "12", "2026-02-13"]),
    "B": st.booleans(),
    "V": items,
}


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_function_over_arrays_gives_what_it_gives_item_by_item(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(SINGLE))
    native = NATIVES[name]
    kinds = (native.kinds + native.repeats)[: max(native.least, 1)]
    height = data.draw(st.integers(2, 4))
    values: list[Any] = []
    for place, kind in enumerate(kinds):
        item = data.draw(st.sampled_from([of_kinds[kind], of_kinds[kind], items]))
        column = st.lists(item, min_size=height, max_size=height).map(lambda cells: [[cell] for cell in cells])
        values.append(data.draw(column if place == 0 else column | item))
    nodes = tuple(parse("1") for _ in kinds)

    def given_as(applied: Callable[..., Any] | None) -> tuple[object, int]:
        here = frame()
        with pytest.MonkeyPatch.context() as patch:
            if applied is not None:
                patch.setattr(registry, "applied", applied)
            try:
                found = native._lifted(native._taken_of(len(kinds)), list(values), here, nodes)
            except Unsupported as error:
                return str(error), 0
        return told(found), here.machine.steps

    assert given_as(None) == given_as(lambda *_: None)
