"""Spilling: one formula over ranges of arguments.

Ranges broadcast as numpy's arrays do. A range in a worksheet repeats itself (eleven sectors down, the same date
across), so each distinct combination of cells is evaluated once.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from xlrotation.errors import BadArgument, NoData
from xlrotation.functions.boundary import deadline
from xlrotation.functions.boundary.cells import MAX_CELLS, Cell, Range, as_range
from xlrotation.functions.boundary.columns import Column, Words, read
from xlrotation.functions.boundary.many import Answers, Spread
from xlrotation.functions.boundary.registry import Spec

_MANY_ROWS = 100
_PART = 64
"""Of a long range one part in so many is looked at for whether its cells repeat."""

_LEAST = 256
"""Cells that are looked at where there are as many."""

Columns = dict[int, Column | Words]
"""Columns of floats and of texts by the places of the arguments that they are."""

_Codes = npt.NDArray[np.int64]


def cells_of(spec: Spec, arguments: Sequence[object], columns: Columns | None = None) -> list[Cell | Range]:
    """Arguments as cells and ranges; a range of one cell is that cell, but where it says something else.

    Args:
        spec: The function.
        arguments: What is given.
        columns: Is given those that are columns of floats or of texts, by their places, where the function answers
            many calls.

    Raises:
        BadArgument: A range is no rectangle, or there are more arguments than the function takes.
    """
    if len(arguments) > len(spec.parameters):
        raise BadArgument(f"{spec.name} takes at most {len(spec.parameters)} arguments: {spec.signature}")
    cells: list[Cell | Range] = []
    for place, (argument, parameter) in enumerate(zip(arguments, spec.parameters, strict=False)):
        if columns is not None and spec.many is not None and (found := read(argument)) is not None:
            columns[place] = found
            cells.append(argument)  # type: ignore[arg-type]
            continue
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
    many: Callable[[Sequence[object], int], Answers] | None = None,
    columns: Mapping[int, Column | Words] = MappingProxyType({}),
) -> Range:
    """Evaluate *one* for every cell of the ranges in *places*, the other arguments staying as they are.

    Args:
        cells: The arguments.
        places: Which of them are ranges to spread.
        one: The function of a list of arguments.
        many: What answers most of the calls at once, given a :class:`~xlrotation.functions.boundary.many.Spread` for
            each of the ranges and the number of calls; the others are made by *one*.
        columns: Those of the ranges that are columns of floats or of texts, by their places.

    Returns:
        Rows of cells in the broadcast shape.

    Raises:
        BadArgument: The ranges do not fit together, or :mod:`~xlrotation.functions.boundary.deadline` is over.
    """
    grids = [grid for grid in (cells[place] for place in places) if isinstance(grid, list)]
    if len(grids) == 1 and not (places[0] in columns and not _repeats([columns[places[0]]], len(grids[0]))):
        flat = _flat(grids[0])
        distinct = list(dict.fromkeys(flat))
        few = many is None or 2 * len(distinct) <= len(flat)
        if few and True not in distinct and False not in distinct:  # TRUE and 1 would be one key
            answers = _each(cells, places, [Spread(distinct)], len(distinct), one, many)
            return _over_one(grids[0], dict(zip(distinct, answers.tolist(), strict=True)))
    shape = _broadcast_shape([(len(grid), len(grid[0])) for grid in grids])
    if many is not None:
        size = shape[0] * shape[1]
        flats = [columns.get(place) or _flat(grid) for place, grid in zip(places, grids, strict=True)]
        if not _repeats(flats, size):
            spread = [_own_or_shared(grid, flat, shape) for grid, flat in zip(grids, flats, strict=True)]
            return _in_rows(_each(cells, places, spread, size, one, many), shape)
    encoded = [_encode(grid) for grid in grids]
    codes = [np.broadcast_to(code, shape).ravel() for code, _ in encoded]
    first, inverse = _combinations(codes, [len(values) for _, values in encoded])
    spread = [Spread(values, code[first]) for code, (_, values) in zip(codes, encoded, strict=True)]
    filled = _each(cells, places, spread, len(first), one, many)
    return _in_rows(filled[inverse], shape)


def _flat(grid: Range) -> list[Cell]:
    return [cell for (cell,) in grid] if len(grid[0]) == 1 else list(chain.from_iterable(grid))


def _repeats(flats: Sequence[Sequence[Cell]], size: int) -> bool:
    """Whether most combinations of cells come more than once."""
    distinct = 1
    for flat in flats:
        if isinstance(flat, Words):
            distinct *= len(flat.distinct)
        else:
            some = flat[: max(_LEAST, len(flat) // _PART)]
            distinct *= len(flat) if 2 * len(set(some)) > len(some) else len(set(flat))
        if 2 * distinct > size:
            return False
    return True


def _own_or_shared(grid: Range, flat: Sequence[Cell], shape: tuple[int, ...]) -> Spread:
    own = (len(grid), len(grid[0]))
    if own == shape:
        return Spread(flat)
    return Spread(flat, np.broadcast_to(np.arange(len(flat)).reshape(own), shape).ravel())


def _in_rows(answers: npt.NDArray[Any], shape: tuple[int, ...]) -> Range:
    """Answers in rows of cells. The collector of memory rests: it would walk over thousands of new rows in vain."""
    resting = gc.isenabled() and shape[0] > _MANY_ROWS
    if resting:
        gc.disable()
    try:
        if shape[1] == 1:  # an array would make an array of each row first
            return [[cell] for cell in answers.tolist()]
        rows: Range = answers.reshape(shape).tolist()
    finally:
        if resting:
            gc.enable()
    return rows


def _each(
    cells: Sequence[Cell | Range],
    places: Sequence[int],
    spread: Sequence[Spread],
    size: int,
    one: Callable[[Sequence[object]], Cell],
    many: Callable[[Sequence[object], int], Answers] | None,
) -> npt.NDArray[Any]:
    """The answers to calls, by all at once where they hold."""
    arguments: list[object] = list(cells)
    left: Sequence[int] = range(size)
    filled: npt.NDArray[Any] = np.empty(size, object)
    if many is not None:
        for place, given in zip(places, spread, strict=True):
            arguments[place] = given
        deadline.check()
        answers, hold = many(arguments, size)
        if hold.all():
            return answers
        filled = answers.astype(object)
        left = np.flatnonzero(~hold).tolist()
    known: dict[object, Cell] = {}
    for call in left:
        for place, given in zip(places, spread, strict=True):
            arguments[place] = given.cells[call if given.of is None else given.of[call]]
        key = None if many is None else _key(arguments)
        if key is not None and key in known:
            filled[call] = known[key]
            continue
        deadline.check()
        filled[call] = one(arguments)
        if key is not None:
            known[key] = filled[call]
    return filled


def _key(arguments: Sequence[object]) -> Hashable | None:
    """What tells the arguments of a call from those of others; None where one is a range, or no value of a cell."""
    key = (*arguments, *map(type, arguments))
    try:
        hash(key)
    except TypeError:
        return None
    return key


def _over_one(grid: Range, results: Mapping[Cell, Cell]) -> Range:
    """The common case, a single range and the results by distinct cell, in one more pass over it."""
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
