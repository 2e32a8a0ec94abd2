"""What a filled workbook lacks, told in the workbook itself, where it has room under the name ``missing_figures``.

A report book shows "n/a" in place of a figure; the area of that name holds, a row each, the reason and the figures that
it keeps from the pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xlrotation.workbook.evaluation.outcome import Evaluation
from xlrotation.workbook.formulas.references import Area, parse_area

NAME = "missing_figures"
CHECK = "check."
"""Before the name of an input: the name of a cell that shows an error where the input is of no use."""
_LABELS = 2
"""The column beside a figure's own, on its sheet, that holds what it is called."""
_NAMED = 6
"""Figures that a row names; the others are counted."""


def tell(evaluation: Evaluation, errors: Sequence[Mapping[str, str]]) -> None:
    """Fill the area with the errors of an evaluation, or with nothing where there are none.

    Args:
        evaluation: The values, to which those of the area are added.
        errors: Sheet, cell and reason of each cell that shows an error.
    """
    area = evaluation.names.get(NAME)
    if not isinstance(area, Area) or area.sheet is None:
        return
    called = [(_label(evaluation, error), error) for error in errors]
    by_reason: dict[str, list[str]] = {}
    for label, error in sorted(called, key=lambda one: not one[0]):  # what has a name comes first
        figures = by_reason.setdefault(error["reason"], [])
        if (
            figure := label or f"{error['sheet']}!{evaluation.anchor_of(error['sheet'], error['cell'])}"
        ) not in figures:
            figures.append(figure)
    rows = [(_listed(figures), reason) for reason, figures in by_reason.items()]
    cells = evaluation.values.setdefault(area.sheet, {})
    for place in range(area.last_row - area.row + 1):
        named, reason = rows[place] if place < len(rows) else ("", "")
        cells[area.row + place, area.column] = named
        cells[area.row + place, area.last_column] = reason


def _label(evaluation: Evaluation, error: Mapping[str, str]) -> str:
    """What the figure in a cell is called, where it is called anything."""
    place = parse_area(evaluation.anchor_of(error["sheet"], error["cell"]))
    label = evaluation.values.get(error["sheet"], {}).get((place.row, _LABELS)) if place is not None else None
    return label if isinstance(label, str) else ""


def _listed(figures: Sequence[str]) -> str:
    more = len(figures) - _NAMED
    return "; ".join(figures[:_NAMED]) + (f"; +{more}" if more > 0 else "")
