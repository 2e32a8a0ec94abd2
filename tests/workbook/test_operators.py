"""How functions of single values go over arrays."""

from __future__ import annotations

import decimal
import itertools
import random
from types import SimpleNamespace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.operators import _OPERATORS, lifted
from xlrotation.workbook.evaluation.values import Fault, Value, compared, text_of_number

FRAME = SimpleNamespace(machine=SimpleNamespace(step=lambda _: None))
SHAPES = [None, *itertools.product((1, 2, 3), (1, 2, 3))]


def argument(shape: tuple[int, int] | None, dice: random.Random) -> Value:
    if shape is None:
        return dice.randrange(10)
    return [[dice.randrange(10) for _ in range(shape[1])] for _ in range(shape[0])]


def item(value: Value, row: int, column: int) -> Value:
    """What an array has for a place of the result: a single row or column goes along with every other."""
    if not isinstance(value, list):
        return value
    row, column = (0 if len(value) == 1 else row), (0 if len(value[0]) == 1 else column)
    return value[row][column] if row < len(value) and column < len(value[0]) else None


@pytest.mark.parametrize("faults", [False, True])
def test_a_function_goes_over_arrays_item_by_item(faults: bool) -> None:
    def function(a: Value, b: Value) -> Value:
        if faults and a == b:
            raise Fault(CellError.DIV0)
        return a, b

    dice = random.Random(18)
    for first, second in itertools.product(SHAPES, SHAPES):
        left, right = argument(first, dice), argument(second, dice)
        height = max(shape[0] for shape in (first or (1, 1), second or (1, 1)))
        width = max(shape[1] for shape in (first or (1, 1), second or (1, 1)))
        found = lifted(function, (left, right), FRAME)  # type: ignore[arg-type]
        assert [len(line) for line in found] == [width] * height
        for row, column in itertools.product(range(height), range(width)):
            pair = item(left, row, column), item(right, row, column)
            expected = CellError.NA if None in pair else CellError.DIV0 if faults and pair[0] == pair[1] else pair
            assert found[row][column] == expected, (left, right, row, column)


MARKS = ["€", "£", "—", "…", "±", "½", "²", "\u0301", "😀", "~", "-", "_", " ", "a", "é", "中", "9", "A"]


@pytest.mark.parametrize(("one", "other"), [*itertools.combinations(MARKS, 2)])
def test_texts_that_differ_in_a_mark_are_not_the_same(one: str, other: str) -> None:
    same = one.lower() == other.lower()
    a, b = f"x{one}5", f"x{other}5"
    assert [_OPERATORS[sign](a, b, None) for sign in ("=", "<>")] == [same, not same]  # type: ignore[arg-type]
    order = compared(a, b)
    assert order == -compared(b, a)
    assert (order == 0) == same
    expected = [order < 0, order > 0, order <= 0, order >= 0]
    assert [_OPERATORS[sign](a, b, None) for sign in ("<", ">", "<=", ">=")] == expected  # type: ignore[arg-type]


@given(st.floats(1e-4, 1e14) | st.integers(-(10**14), 10**14).map(float) | st.floats(-1000, 1000))
@example(99999999999999.95)
@example(99999999999999.98)
@example(9.9999999999999995e-05)
@example(0.1 + 0.2)
def test_a_number_stands_in_a_text_with_fifteen_digits(number: float) -> None:
    rounded = decimal.Context(prec=15).create_decimal(number).normalize()
    if number == 0 or 1e-4 <= abs(number) <= 1e14:
        assert text_of_number(number) == (f"{rounded:f}" if number else "0")
