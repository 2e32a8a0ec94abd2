"""Ranges given where one value is expected."""

import itertools

import pytest

from xlrotation.errors import BadArgument, CellError
from xlrotation.functions.boundary import spill
from xlrotation.functions.boundary.cells import MAX_CELLS


def by_hand(cells, places, one):
    """Each cell on its own, rows and columns of one stretched."""
    grids = [cells[place] for place in places]
    height, width = max(len(grid) for grid in grids), max(len(grid[0]) for grid in grids)
    rows = []
    for i, j in itertools.product(range(height), range(width)):
        arguments = list(cells)
        for place, grid in zip(places, grids, strict=True):
            arguments[place] = grid[i if len(grid) > 1 else 0][j if len(grid[0]) > 1 else 0]
        rows.append(one(arguments))
    return [rows[i * width : (i + 1) * width] for i in range(height)]


ROW, COLUMN, BLOCK = [[1.0, 2.0, 1.0]], [["a"], ["b"], ["a"]], [[1.0, 2.0, 3.0], [4.0, 1.0, 2.0], [None, "", 1.0]]
TRUTH = [[True], [1.0], [0.0], [False], [True], [1.0], ["TRUE"]]


@pytest.mark.parametrize(
    ("cells", "places"),
    [
        (["x", COLUMN, 7], [1]),
        ([ROW, 5], [0]),
        ([BLOCK, None], [0]),
        ([ROW, COLUMN], [0, 1]),
        ([COLUMN, "y", ROW], [0, 2]),
        ([BLOCK, COLUMN, ROW], [0, 1, 2]),
        ([TRUTH, "z"], [0]),
        ([TRUTH, ROW], [0, 1]),
        ([[[0.0], [False], [0.0]]], [0]),
        ([[[1.0], [True]]], [0]),
        ([[[False]], ROW], [0, 1]),
        ([[[CellError.NA], [1.0], [CellError.NA]]], [0]),
    ],
)
def test_a_range_gives_what_each_of_its_cells_gives(cells, places):
    seen = []

    def one(arguments):
        seen.append(tuple((type(cell), cell) for cell in arguments))
        return repr(arguments)

    got = spill.over(cells, places, one)
    assert len(seen) == len(set(seen))  # each combination is computed once
    assert got == by_hand(cells, places, repr)


def test_ranges_that_do_not_fit_or_fill_too_much():
    with pytest.raises(BadArgument, match="3 x 1 and 7 x 1"):
        spill.over([COLUMN, TRUTH], [0, 1], lambda _: 0)
    tall, wide = [[0.0]] * 500, [[0.0] * 500]
    assert MAX_CELLS == 250_000
    assert len(spill.over([tall, wide], [0, 1], lambda _: 0)) == 500
    with pytest.raises(BadArgument, match="250,500 cells"):
        spill.over([tall, [[0.0] * 501]], [0, 1], lambda _: 0)


def test_a_blank_in_a_range_of_counts_is_no_default(sample):
    session = sample.pinned(apart=True)
    assert session.call("PX_MA", "XLK", [[50], [None]]) == [[session.call("PX_MA", "XLK", 50)], [CellError.NA]]
    assert session.failures[-1].reason == "a blank cell in the range of n; fill it or shorten the range"
    assert session.call("PX_MA", "XLK", None) == session.call("PX_MA", "XLK", 20)  # alone it means the default
    price = session.call("VOL_BS_PRICE", 0.2, 100, 100, 1, [[0.05], [None]])  # no rate is a rate of 0
    assert price == [[session.call("VOL_BS_PRICE", 0.2, 100, 100, 1, rate)] for rate in (0.05, 0)]
