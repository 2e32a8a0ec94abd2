"""What cells are read as, and what a refusal says."""

import datetime as dt

import numpy as np
import pytest

from xlrotation.errors import BadArgument, CellError
from xlrotation.functions.boundary import failures, kinds


def read(kind, cell):
    return kind.read(cell, None)


def test_the_record_of_failures_shows_cells_in_full_and_ranges_by_size():
    cells = [1.5, None, "a", [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], ((1.0,),), [1.0, 2.0], []]
    assert failures.described(cells) == "1.5, , 'a', 3x2 cells, 1x1 cells, 2x1 cells, 0x1 cells"
    assert failures.shown_reason("x" * 300) == "x" * 240


@pytest.mark.parametrize(
    ("kind", "inside", "outside", "bounds"),
    [
        (kinds.NumberKind(minimum=0.5), (0.5, 9e9), (0.4,), "of at least 0.5"),
        (kinds.NumberKind(maximum=0.5), (0.5, -9e9), (0.6,), "of at most 0.5"),
        (kinds.NumberKind(minimum=-1, maximum=1), (-1, 0, 1), (-1.1, 1.1), "from -1 to 1"),
        (kinds.CountKind(minimum=1, maximum=3), (1, 3), (0, 4, 1.5), "from 1 to 3"),
    ],
)
def test_bounds_of_numbers(kind, inside, outside, bounds):
    for value in inside:
        assert read(kind, value) == value
    for value in outside:
        with pytest.raises(BadArgument, match=bounds):
            read(kind, value)
    assert isinstance(read(kinds.CountKind(minimum=1, maximum=9), 2.0), int)


def test_flags():
    flag = kinds.FlagKind()
    for cell, value in (
        (True, True),
        (False, False),
        (1, True),
        (0, False),
        (" yes ", True),
        ("no", False),
        ("TRUE", True),
    ):
        assert read(flag, cell) is value
    for cell in ("maybe", "", dt.date(2026, 2, 13)):
        with pytest.raises(BadArgument, match="neither TRUE nor FALSE"):
            read(flag, cell)


def test_choices_and_languages():
    choice = kinds.ChoiceKind("AFTER", "SAME", also={"DANACH": "AFTER"})
    assert choice.choices == ("AFTER", "SAME")
    assert [read(choice, cell) for cell in ("after", " Same ", "danach")] == ["AFTER", "SAME", "AFTER"]
    for cell in ("X", 1.0, True):
        with pytest.raises(BadArgument, match="give AFTER or SAME"):
            read(choice, cell)
    language = kinds.LangKind()
    assert [read(language, cell) for cell in ("EN", "zh", "中文", "English", "zh-CN", "英文")] == [
        "en",
        "zh",
        "zh",
        "en",
        "zh",
        "en",
    ]


def test_texts_names_and_dates():
    assert read(kinds.TextKind(), "a") == "a"
    with pytest.raises(BadArgument, match="is no text"):
        read(kinds.TextKind(), 1.0)
    assert kinds.TextsKind().read_range([["a"], [None], [2.0]], None) == ("a", "", "2.0")
    assert read(kinds.TextsKind(), "a") == ("a",)
    days = kinds.DatesKind().read_range([["2026-02-13"], [None]], None)
    assert days == (dt.date(2026, 2, 13), None)
    assert read(kinds.DatesKind(), "2026-02-13") == days[:1]
    assert read(kinds.DayKind(), 46066) == dt.date(2026, 2, 13)


def test_columns_and_rectangles():
    assert kinds.VectorKind().read_range([[1.0], [None]], None).tolist() == [1.0]
    assert len(kinds.VectorKind(trim=False).read_range([[1.0], [None]], None)) == 2
    assert read(kinds.VectorKind(), 3.0).tolist() == [3.0]
    assert read(kinds.MatrixKind(), "3").tolist() == [[3.0]]
    got = kinds.MatrixKind().read_range([[1.0, CellError.NA], ["", 4.0]], None)
    np.testing.assert_array_equal(got, [[1.0, np.nan], [np.nan, 4.0]])


def test_windows():
    several = kinds.WindowsKind()
    assert [str(window) for window in read(several, "1D 5D, 3M")] == ["1D", "5D", "3M"]
    assert [str(window) for window in read(several, "5D")] == ["5D"]
    assert [str(window) for window in several.read_range([["1D", None], ["YTD", ""]], None)] == ["1D", "YTD"]
    with pytest.raises(BadArgument, match="without a window"):
        several.read_range([[None], [""]], None)
    assert read(kinds.TenorKind(), "1M") == 30


@pytest.mark.parametrize(
    ("cells", "whole"),
    [
        ([[1.0], [2.0]], True),
        ([[None], [2.0]], True),
        ([["XLK"], [2.0]], False),
        ([[2.0], ["XLK"]], False),
        ([[True], [None]], False),
        ([[""], [3]], True),
        ([[None], [""]], False),
    ],
)
def test_a_range_with_numbers_and_no_names_is_a_column_of_ones_own(cells, whole):
    assert kinds.SymbolKind().takes_whole(cells) is whole


def test_universes_and_symbols(sample):
    assert sample.call("DISP_RANGE", [["AAPL"], ["MSFT"], ["aapl"]], 20) == sample.call(
        "DISP_RANGE", [["AAPL"], ["MSFT"]], 20
    )  # each member once
    assert sample.call("DISP_RANGE", [["MAG7"]], 20) == sample.call("DISP_RANGE", "MAG7", 20)
    assert sample.call("DISP_RANGE", [["AAPL"], [3.0]], 20) is CellError.VALUE
    assert sample.call("DISP_RANGE", [[None], [""]], 20) is CellError.VALUE
    assert "without a symbol" in sample.failures[-1].reason
    assert sample.call("PX_CLOSE", 5.0) is CellError.VALUE
    assert "is no symbol" in sample.failures[-1].reason
