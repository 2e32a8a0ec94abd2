"""What a call gave, as Python has it: a number, a text, a date; a column of them; a table as a frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xlrotation.functions.boundary.cells import Cell, Range
from xlrotation.functions.boundary.registry import Spec

_HEADER = "header"


def table(spec: Spec, rows: Range, given: Sequence[object], attrs: Mapping[str, str], values: bool) -> Any:
    """A table under its heads, where it shows them.

    Args:
        spec: The function.
        rows: The cells that it gave.
        given: The arguments, as cells; a range of one cell is that cell.
        attrs: What is told of the table.
        values: Keep error values.
    """
    from xlrotation.python.frames import frame

    if _headed(spec, given):
        return frame(rows[1:], [str(head) for head in rows[0]], attrs, values)
    return frame(rows, None, attrs, values)


def _headed(spec: Spec, given: Sequence[object]) -> bool:
    """Whether the first row are heads: the function shows them, and nobody said that it should not."""
    place = next((i for i, parameter in enumerate(spec.parameters) if parameter.name == _HEADER), None)
    if place is None:
        return False
    cell = given[place] if place < len(given) else None
    if cell is None:
        cell = spec.parameters[place].default
    return str(cell).strip().upper() not in ("FALSE", "NO", "0", "0.0")


def spilled(name: str, rows: Range, sources: Sequence[tuple[object, Range]], values: bool) -> Any:
    """The answers to ranges of arguments: a column under the labels of its argument, or a frame.

    Args:
        name: The function.
        rows: The answers.
        sources: The arguments that were spread, as they were given and as cells.
        values: Keep error values.
    """
    import pandas as pd

    from xlrotation.python.frames import frame, series

    labelled = next((source for source, _ in sources if isinstance(source, pd.Series | pd.DataFrame)), None)
    if len(rows[0]) == 1:
        cells: list[Cell] = [row[0] for row in rows]
        index: Any = pd.RangeIndex(len(cells))
        if labelled is not None and len(labelled) == len(cells):
            index = labelled.index
        elif len(sources) == 1:
            source, asked = sources[0]
            flat = [row[0] for row in asked]
            texts = all(isinstance(item, str) for item in flat)
            index = source if isinstance(source, pd.Index) else pd.Index(flat, dtype=None if texts else object)
        return series(cells, index, name, values)
    made = pd.DataFrame(frame(rows, None, {"function": name}, values))
    if isinstance(labelled, pd.DataFrame) and labelled.shape == made.shape:
        made.index, made.columns = labelled.index, labelled.columns
    return made
