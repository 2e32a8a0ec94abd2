"""Columns of floats, and of texts, that are read at once: nothing else passes for one."""

import datetime as dt
import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlrotation.errors import CellError
from xlrotation.functions.boundary.cells import MAX_CELLS
from xlrotation.functions.boundary.columns import Column, Words, read
from xlrotation.grid import MAX_TEXT

LONG = 40
ODD = [
    *(1, True, None, "", "x", 2**31, 2**70, CellError.NA, dt.date(2024, 1, 2), np.float64(2.0), b"8 bytes."),
    *(1j, [], [1.0], [[1.0]], (1.0,), {1.0}, struct.pack("<d", 1.0)),
]


class Float(float):
    pass


@given(st.lists(st.floats(), min_size=16, max_size=80))
def test_every_float_is_read_as_it_is(values):
    found = read([[value] for value in values])
    assert isinstance(found, Column)
    assert found.numbers.tobytes() == np.array(values).tobytes()
    assert list(map(repr, found)) == list(map(repr, values)) == [repr(found[place]) for place in range(len(found))]
    assert list(map(repr, found[3:9])) == list(map(repr, values[3:9]))
    assert not found.numbers.flags.writeable


@pytest.mark.parametrize("odd", [*ODD, Float(2.0)], ids=repr)
@pytest.mark.parametrize("place", [0, 17, LONG - 1])
def test_a_column_with_another_cell_is_none(odd, place):
    rows = [[0.5 + row] for row in range(LONG)]
    assert read(rows) is not None
    assert read([*rows[:place], [odd], *rows[place + 1 :]]) is None


@pytest.mark.parametrize("row", [(1.0,), [], [1.0, 2.0], 1.0, None, "x", {1.0}, {1.0: 1.0}, [[1.0]]], ids=repr)
@pytest.mark.parametrize("place", [0, 17, LONG - 1])
def test_a_row_that_is_no_list_of_one_cell_is_none(row, place):
    rows = [[0.5 + row] for row in range(LONG)]
    assert read([*rows[:place], row, *rows[place + 1 :]]) is None


def test_rows_that_only_add_up_to_the_length_are_none():
    rows = [[0.5 + row] for row in range(LONG)]
    assert read([*rows[:20], [], [1.0, 2.0], *rows[22:]]) is None
    one = [1.0]
    assert read([one] * LONG) is not None  # the same row again and again is still a column
    assert read(tuple(rows)) is None
    assert read([[0.5]] * (MAX_CELLS + 1)) is None
    endless: list[object] = [0.5]
    endless.append(endless)
    assert read([*rows, endless]) is None


@given(st.lists(st.text(max_size=3), min_size=16, max_size=80))
def test_every_text_is_read_as_it_is(values):
    found = read([[value] for value in values])
    assert isinstance(found, Words)
    assert list(found) == values
    assert found[3:9] == values[3:9]
    assert found[5] == values[5]
    assert [found.distinct[code] for code in found.codes().tolist()] == values
    assert len(set(found.distinct)) == len(found.distinct)


def test_more_texts_than_bytes_are_told_apart():
    values = [f"S{row % 300}" for row in range(900)]
    found = read([[value] for value in values])
    assert isinstance(found, Words)
    assert [found.distinct[code] for code in found.codes().tolist()] == values


@pytest.mark.parametrize(
    "row",
    [
        *([odd] for odd in ODD if odd not in ("", "x")),
        [{}],
        (),
        ("x",),
        [],
        ["x", "y"],
        "x",
        None,
        {"x"},
        ["x" * (MAX_TEXT + 1)],
    ],
    ids=lambda row: repr(row)[:20],
)
@pytest.mark.parametrize("place", [0, 17, LONG - 1])
def test_a_column_of_texts_with_another_row_is_none(row, place):
    rows = [["x" * (1 + number % 3)] for number in range(LONG)]
    assert read(rows) is not None
    assert read([*rows[:place], row, *rows[place + 1 :]]) is None


PRICE, STRIKE, YEARS = (
    [[9.0 + row / 50] for row in range(LONG)],
    [[95.0 + row / 4] for row in range(LONG)],
    [[0.5]] * LONG,
)


@pytest.mark.parametrize("odd", [True, None, "", "call", "C", "x", 1, 0.5, CellError.DIV0])
@pytest.mark.parametrize("at", [0, 23, LONG - 1])
def test_options_with_one_odd_side_are_answered_as_in_a_cell_of_its_own(sample, odd, at):
    session = sample.pinned(apart=True)
    sides: list[list[object]] = [["PUT" if row % 2 else "CALL"] for row in range(LONG)]
    sides[at] = [odd]
    prices = [[12.0 + row / 50] for row in range(LONG)]
    found = session.call("VOL_BS_IV", prices, 100.0, STRIKE, YEARS, 0.01, 0, sides)
    for row in {0, 1, 22, at}:
        alone = session.call("VOL_BS_IV", prices[row][0], 100.0, STRIKE[row][0], 0.5, 0.01, 0, sides[row][0])
        assert found[row] == [pytest.approx(alone, rel=1e-11) if isinstance(alone, float) else alone]


def test_a_text_that_no_cell_holds_is_refused(sample):
    session = sample.pinned(apart=True)
    sides = [["CALL"]] * (LONG - 1) + [["x" * (MAX_TEXT + 1)]]
    assert session.call("VOL_BS_IV", PRICE, 100.0, STRIKE, YEARS, 0, 0, sides) == CellError.VALUE
    assert "a text of 32,768 characters" in session.failures.newest(1)[0].reason


@pytest.mark.parametrize("odd", [math.nan, math.inf, -1.0, 0.0, 1e300, 1e13, 1e-9, 1, True, None, "8", CellError.DIV0])
@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize("at", [0, 23, LONG - 1])
def test_options_with_one_odd_number_are_answered_as_in_a_cell_of_its_own(sample, odd, place, at):
    session = sample.pinned(apart=True)
    columns = [PRICE, [[100.0]] * LONG, STRIKE, YEARS, [[0.01]] * LONG]
    columns = [[list(row) for row in rows] for rows in columns]
    columns[place][at] = [odd]
    found = session.call("VOL_BS_IV", *columns)
    for row in {0, 1, 22, at}:
        alone = session.call("VOL_BS_IV", *[rows[row][0] for rows in columns])
        if isinstance(alone, float):
            assert found[row] == [pytest.approx(alone, rel=1e-11)]
        else:
            assert found[row] == [alone]
