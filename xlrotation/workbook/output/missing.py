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
    by_reason: dict[str, list[str]] = {}
    for _, figure, reason in sorted((_figure(evaluation, error) for error in errors), key=lambda one: one[0]):
        figures = by_reason.setdefault(reason, [])
        if figure not in figures:
            figures.append(figure)
    rows = [(_listed(figures), reason) for reason, figures in by_reason.items()]
    cells = evaluation.values.setdefault(area.sheet, {})
    for place in range(area.last_row - area.row + 1):
        named, reason = rows[place] if place < len(rows) else ("", "")
        cells[area.row + place, area.column] = named
        cells[area.row + place, area.last_column] = reason


def _figure(evaluation: Evaluation, error: Mapping[str, str]) -> tuple[bool, str, str]:
    """Whether a figure is nameless, for what has a name comes first; its name, else its place; and the reason."""
    sheet, cell = error["sheet"], evaluation.anchor_of(error["sheet"], error["cell"])
    place = parse_area(cell)
    label = evaluation.values.get(sheet, {}).get((place.row, _LABELS)) if place is not None else None
    named = isinstance(label, str) and label != ""
    return not named, str(label) if named else f"{sheet}!{cell}", error["reason"]


def _listed(figures: Sequence[str]) -> str:
    more = len(figures) - _NAMED
    return "; ".join(figures[:_NAMED]) + (f"; +{more}" if more > 0 else "")
