"""How ranges come in and results go out."""

import datetime as dt
import math

import numpy as np
import pytest

from xlrotation.errors import BadArgument, CellError, NoData
from xlrotation.functions.boundary import reading
from xlrotation.functions.boundary.cells import MAX_CELLS, Table, as_range, is_blank, result_cell, shown, table_cells

NAN = math.nan


@pytest.mark.parametrize(
    ("given", "rows"),
    [
        ([1.0, 2.0], [[1.0], [2.0]]),  # a plain list is one column
        ([[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.0], [3.0, 4.0]]),
        (((1.0, 2.0), (3.0, 4.0)), [[1.0, 2.0], [3.0, 4.0]]),  # as COM hands a range over
        (([1.0], [2.0]), [[1.0], [2.0]]),
        ((1.0, "a"), [[1.0], ["a"]]),
        ([["a"], ("b",)], [["a"], ["b"]]),
        ([[1.0], 2.0], [[1.0], [2.0]]),
        ([], []),
    ],
)
def test_a_range_is_rows_of_cells(given, rows):
    assert as_range(given) == rows


def test_rows_of_different_lengths_and_whole_columns_are_refused():
    with pytest.raises(BadArgument, match="differ in length"):
        as_range([[1.0, 2.0], [3.0]])
    with pytest.raises(BadArgument, match="differ in length"):
        as_range([[1.0, 2.0], 3.0])
    assert len(as_range([0.0] * MAX_CELLS)) == 250_000
    for many in ([0.0] * (MAX_CELLS + 1), [[0.0] * 1_000] * 251, ((0.0,) * 1_000,) * 251):
        with pytest.raises(BadArgument, match=r"25[01],00[01] cells"):
            as_range(many)
    assert len(as_range([[0.0] * 1_000] * 250)) == 250


def test_blank_is_an_empty_cell_or_text_and_nothing_else():
    assert [is_blank(cell) for cell in (None, "", 0, False, " ", CellError.NA)] == [True, True] + [False] * 4


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (np.float64(1.5), 1.5),
        (np.int64(3), 3),
        (np.float64("nan"), CellError.NA),
        (math.inf, CellError.NUM),
        (-math.inf, CellError.NUM),
        (0.0, 0.0),
        (None, None),
        ("", ""),
        (True, True),
        (CellError.DIV0, CellError.DIV0),
        (dt.date(2026, 2, 13), dt.date(2026, 2, 13)),
        (np.datetime64("2026-02-13"), dt.date(2026, 2, 13)),
    ],
)
def test_results_as_cells(value, cell):
    found = result_cell(value)
    assert found == cell
    assert type(found) is type(cell)


def test_what_is_no_result():
    with pytest.raises(TypeError, match="a list"):
        result_cell([1.0])


def test_a_table_has_its_heads_unless_told_otherwise():
    rows = [[1.0, math.nan], ["a", None]]
    cells = [[1.0, CellError.NA], ["a", None]]
    assert table_cells(Table(("x", "y"), rows), ["X", "Y"]) == [["X", "Y"], *cells]
    assert table_cells(Table(("x", "y"), rows, header=False), ["X", "Y"]) == cells
    with pytest.raises(NoData, match="nothing to list"):
        table_cells(Table(("x",), []), ["X"])


def test_a_cell_in_a_message_is_short_and_printable():
    assert shown(CellError.NA) == "#N/A"
    assert shown("a'b") == '"a\'b"'
    assert shown(1.5) == "1.5"
    day = dt.datetime(2026, 1, 16, tzinfo=dt.UTC)  # as COM hands a day over
    assert shown(day) == shown(day.date()) == "2026-01-16"
    assert shown(day.replace(hour=9, minute=30)) == "2026-01-16 09:30:00"
    assert shown("x" * 38) == "'" + "x" * 38 + "'"  # forty characters with the quotes
    assert shown("x" * 39) == "'" + "x" * 36 + "..."
    assert shown("\ud800").isprintable()


def test_a_block_is_no_column():
    for block in ([[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]):
        with pytest.raises(BadArgument, match="where one column is expected"):
            reading.line(block)
    assert reading.line([[1.0], [2.0]]) == reading.line([[1.0, 2.0]]) == [1.0, 2.0]
    assert reading.line([[1.0], [None], [""]], trim=True) == [1.0]
    assert reading.line([[1.0], [None]]) == [1.0, None]


def test_a_column_of_numbers_has_one():
    np.testing.assert_array_equal(reading.vector([[1.0], [True], [CellError.NA], ["2"], [None]]), [1, NAN, NAN, 2])
    assert len(reading.vector([[1.0], [None]], trim=False)) == 2
    for bare, error in (([[None]], BadArgument), ([[CellError.NA], [""]], NoData)):
        with pytest.raises(error, match="without a number"):
            reading.vector(bare)


@pytest.mark.parametrize(("cell", "value"), [(3, 3.0), ("12", 12.0), (" -1.5 ", -1.5), ("1e3", 1000.0), (0.0, 0.0)])
def test_what_is_a_number(cell, value):
    assert reading.number(cell) == value


@pytest.mark.parametrize("cell", ["1_000", "", "12 %", "nan", "inf", "١٢", "0x1", math.inf, math.nan, "a1"])
def test_what_is_none(cell):
    with pytest.raises(BadArgument, match="is no number"):
        reading.number(cell)


def test_an_empty_range_is_a_blank(sample):
    for empty in ([], [[]], ()):
        assert sample.call("PX_CLOSE", empty) == sample.call("PX_CLOSE")
    assert sample.call("PX_CLOSE", [["VIX"]]) == sample.call("PX_CLOSE", "VIX")


@pytest.mark.parametrize(
    ("name", "arguments", "place"),
    [
        ("PX_CLOSE", [[["XLK"], [None], ["XLF"]]], "symbol"),
        ("PX_CLOSE", [[["XLK"], [""], ["XLF"]]], "symbol"),
        ("PX_CLOSE", ["XLK", [["2026-02-13"], [None], ["2026-02-12"]]], "asof"),
        ("PX_CLOSE", ["XLK", [["2026-02-13"], [0], ["2026-02-12"]]], "asof"),
        ("PX_RET", ["XLK", [["5D"], [None], ["20D"]]], "window"),
        ("RS_RATIO", ["XLK", [["SPX"], [None], ["RUT"]]], "b"),
        ("ROT_SECTOR_RANK", [[["XLK"], [None], ["XLF"]]], "sector"),
        ("VOL_IMPLIED", ["SPX", [["1M"], [None], ["3M"]]], "tenor"),
        ("PX_RET_BETWEEN", ["SPX", [["2026-01-02"], [None], ["2026-01-05"]]], "start_date"),
    ],
)
def test_a_blank_in_a_range_asks_nothing(sample, name, arguments, place):
    first, blank, last = (row[0] for row in sample.call(name, *arguments))
    assert isinstance(first, int | float)
    assert isinstance(last, int | float)
    assert blank is CellError.NA
    assert f"a blank cell in the range of {place}" in sample.failures[-1].reason


def test_a_blank_number_in_a_range_keeps_its_default(sample):
    rates = sample.call("VOL_BS_PRICE", 0.2, 100, 100, 1, [[0.05], [None], [0.0]])
    assert rates[1] == rates[2] != rates[0]


def test_blanks_among_symbols_are_passed_over_and_choices_are_named(sample):
    with_blanks = sample.call("DISP_RANGE", [["AAPL"], [None], ["MSFT"], [""]], 20)
    assert with_blanks == sample.call("DISP_RANGE", [["AAPL"], ["MSFT"]], 20)
    assert sample.call("RS_STREAK", None, None, None, "X") is CellError.VALUE
    assert sample.failures[-1].reason.endswith("give D or W or M")
    assert sample.call("RS_STREAK", None, None, None, " w ") == sample.call("RS_STREAK", None, None, None, "W")
