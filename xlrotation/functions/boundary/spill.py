"""Spilling: one formula over ranges of arguments.

Ranges broadcast as numpy's arrays do. A range in a worksheet repeats itself (eleven sectors down, the same date
across), so each distinct combination of cells is evaluated once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

from xlrotation.errors import BadArgument, NoData
from xlrotation.functions.boundary import deadline
from xlrotation.functions.boundary.cells import MAX_CELLS, Cell, Range, as_range
from xlrotation.functions.boundary.registry import Many, Spec

_Codes = npt.NDArray[np.int64]


def cells_of(spec: Spec, arguments: Sequence[object]) -> list[Cell | Range]:
    """Arguments as cells and ranges; a range of one cell is that cell, but where it says something else.

    Raises:
        BadArgument: A range is no rectangle, or there are more arguments than the function takes.
    """
    if len(arguments) > len(spec.parameters):
        raise BadArgument(f"{spec.name} takes at most {len(spec.parameters)} arguments: {spec.signature}")
    cells: list[Cell | Range] = []
    for argument, parameter in zip(arguments, spec.parameters, strict=False):
        grid = as_range(argument) if isinstance(argument, list | tuple) else None
        if grid is None:
            cells.append(argument)  # type: ignore[arg-type]
        elif not grid or not grid[0]:
            cells.append(None)
        else:
            one = len(grid) == len(grid[0]) == 1 and not parameter.kind.one_is_range
            cells.append(grid[0][0] if one else grid)
    return cells


def places(spec: Spec, cells: Sequence[Cell | Range]) -> list[int]:
    """Which arguments are ranges to spread.

    Raises:
        BadArgument: The function gives a table, of which a cell holds none.
    """
    found = [
        place
        for place, cell in enumerate(cells)
        if isinstance(cell, list) and not spec.parameters[place].kind.takes_whole(cell)
    ]
    if found and spec.table:
        name = spec.parameters[found[0]].name
        raise BadArgument(f"{spec.name} gives a table, so {name} must be one cell; write one formula per value")
    return found


def check_gaps(spec: Spec, spread: Sequence[int], arguments: Sequence[object]) -> None:
    """Refuse a blank cell of a range that is spread, where the default would answer another question.

    Raises:
        NoData: There is one.
    """
    for place in spread:
        if spec.parameters[place].kind.is_gap(arguments[place]):
            name = spec.parameters[place].name
            raise NoData(f"a blank cell in the range of {name}; fill it or shorten the range")


def over(
    cells: Sequence[Cell | Range],
    places: Sequence[int],
    one: Callable[[Sequence[object]], Cell],
    many: Many | None = None,
) -> Range:
    """Evaluate *one* for every cell of the ranges in *places*, the other arguments staying as they are.

    Args:
        cells: The arguments.
        places: Which of them are ranges to spread.
        one: The function of a list of arguments.
        many: What answers most of the calls at once; the others are made by *one*.

    Returns:
        Rows of cells in the broadcast shape.

    Raises:
        BadArgument: The ranges do not fit together, or :mod:`~xlrotation.functions.boundary.deadline` is over.
    """
    grids = [grid for grid in (cells[place] for place in places) if isinstance(grid, list)]
    if len(grids) == 1:
        results = dict.fromkeys(chain.from_iterable(grids[0]))
        if many is None and True not in results and False not in results:  # TRUE and 1 would be one key
            return _over_one(cells, places[0], grids[0], results, one)
    shape = _broadcast_shape([(len(grid), len(grid[0])) for grid in grids])
    encoded = [_encode(grid) for grid in grids]
    codes = [np.broadcast_to(code, shape).ravel() for code, _ in encoded]
    first, inverse = _combinations(codes, [len(values) for _, values in encoded])
    filled = np.empty(len(first), object)
    arguments: list[object] = list(cells)
    if many is not None:
        calls = []
        for position in first.tolist():
            for place, code, (_, values) in zip(places, codes, encoded, strict=True):
                arguments[place] = values[code[position]]
            calls.append(list(arguments))
        filled[:] = many(calls)
    for i, position in enumerate(first.tolist()):
        if filled[i] is not None:
            continue
        deadline.check()
        for place, code, (_, values) in zip(places, codes, encoded, strict=True):
            arguments[place] = values[code[position]]
        filled[i] = one(arguments)
    rows: Range = filled[inverse].reshape(shape).tolist()
    return rows


def _over_one(
    cells: Sequence[Cell | Range],
    place: int,
    grid: Range,
    results: dict[Cell, Cell],
    one: Callable[[Sequence[object]], Cell],
) -> Range:
    """The common case, a single range with *results* to fill by distinct cell, in one more pass over it."""
    arguments: list[object] = list(cells)
    for cell in results:
        deadline.check()
        arguments[place] = cell
        results[cell] = one(arguments)
    if len(grid[0]) == 1:
        return [[results[cell]] for (cell,) in grid]
    return [list(map(results.__getitem__, row)) for row in grid]


def _broadcast_shape(shapes: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        texts = " and ".join(f"{rows} x {columns}" for rows, columns in shapes)
        raise BadArgument(
            f"ranges of {texts} cells do not fit together; give one shape, or a row and a column"
        ) from None
    if shape[0] * shape[1] > MAX_CELLS:
        raise BadArgument(f"the ranges fill {shape[0] * shape[1]:,} cells; give at most {MAX_CELLS:,}")
    return shape


def _combinations(codes: Sequence[_Codes], sizes: Sequence[int]) -> tuple[_Codes, _Codes]:
    """First position of each distinct combination of codes, and the combination of each position."""
    combined = codes[0]
    for code, size in zip(codes[1:], sizes[1:], strict=True):
        combined = np.unique(combined, return_inverse=True)[1] * size + code
    _, first, inverse = np.unique(combined, return_index=True, return_inverse=True)
    return first, inverse


def _encode(grid: Range) -> tuple[_Codes, list[Cell]]:
    """Number the distinct cells of *grid*; TRUE and 1 are different cells."""
    flat = [cell for row in grid for cell in row]
    seen: dict[object, int] = {}
    if bool in set(map(type, flat)):
        codes = [seen.setdefault((type(cell), cell), len(seen)) for cell in flat]
        values: list[Cell] = [key[1] for key in seen]  # type: ignore[index]
    else:
        codes = [seen.setdefault(cell, len(seen)) for cell in flat]
        values = list(seen)  # type: ignore[arg-type]
    return np.array(codes, np.int64).reshape(len(grid), len(grid[0])), values
