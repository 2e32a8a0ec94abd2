"""How high the names at the ends of lines stand: beside the last value of each, and apart from one another."""

from __future__ import annotations

from collections.abc import Sequence

from xlrotation.reports.frames import Frame
from xlrotation.reports.kit import POINTS, Book
from xlrotation.reports.values import Cells

_GAP = 0.13
"""Between two names, as a share of what the axis spans."""


def label_heights(book: Book, frame: Frame, series: Sequence[str], bounds: str | None = None) -> list[str]:
    """Formulas of the heights, in the order of the series; #N/A for one without a value.

    Args:
        book: The book.
        frame: The sheet of the series.
        series: The lines of a chart.
        bounds: An expression for what the axis spans; None: what the values span.
    """
    areas = [frame.cells(name).area for name in series]
    ends = [f"IF(COUNT({area})=0,NA(),INDEX({area},MAX(IF(ISNUMBER({area}),ROW({area})-1))))" for area in areas]
    numbers = ",".join(f"IF(ISNUMBER({area}),{area})" for area in areas)
    return apart(book, frame, ends, bounds or f"(MAX({numbers})-MIN({numbers}))")


def apart(book: Book, frame: Frame, ends: Sequence[str], spans: str, share: float = _GAP) -> list[str]:
    """Formulas of the heights of names that would stand at others, such that none covers another.

    Args:
        book: The book.
        frame: The sheet of what they name.
        ends: Formulas of where they would stand.
        spans: An expression for what the axis spans.
        share: The distance between two names, of that.
    """
    values, key = book.values, f"{frame.key}.ends{frame.ends(book)}"
    found = [values.put(f"{key}.at{n}", end) for n, end in enumerate(ends)]
    all_ends = Cells(found[0].sheet, found[0].row, found[0].column, len(found)).area
    known = values.put(f"{key}.known", f'IF(ISNUMBER({all_ends}),{all_ends},"")', (POINTS,), len(found)).area
    gap = values.put(f"{key}.gap", f"{share:g}*{spans}").at()
    pushed: list[Cells] = []
    for n in range(len(found)):
        own = f"LARGE({known},{n + 1})"
        below = f"MIN({own},{pushed[-1].at()}-{gap})" if pushed else own
        pushed.append(values.put(f"{key}.place{n}", f'IFERROR({below},"")'))
    placed = Cells(pushed[0].sheet, pushed[0].row, pushed[0].column, len(pushed)).area
    shift = f"(SUM({known})-SUM({placed}))/COUNT({placed})"
    held = [f"IF(ISNUMBER({end.at()}),{end.at()},-9.9E+307)" for end in found]
    made = []
    for n, end in enumerate(found):
        higher = "+".join(f"({other}{'>=' if m < n else '>'}{held[n]})" for m, other in enumerate(held) if m != n)
        made.append(f"IF(ISNUMBER({end.at()}),INDEX({placed},1+{higher})+{shift},NA())")
    return made
