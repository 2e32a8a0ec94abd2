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
    values, key = book.values, f"{frame.key}.ends{frame.ends(book)}"
    areas = [frame.cells(name).area for name in series]
    ends = [
        values.put(f"{key}.at{n}", f"IF(COUNT({area})=0,NA(),INDEX({area},MAX(IF(ISNUMBER({area}),ROW({area})-1))))")
        for n, area in enumerate(areas)
    ]
    all_ends = Cells(ends[0].sheet, ends[0].row, ends[0].column, len(ends)).area
    known = values.put(f"{key}.known", f'IF(ISNUMBER({all_ends}),{all_ends},"")', (POINTS,), len(ends)).area
    numbers = ",".join(f"IF(ISNUMBER({area}),{area})" for area in areas)
    gap = values.put(f"{key}.gap", f"{_GAP}*{bounds or f'(MAX({numbers})-MIN({numbers}))'}").at()
    pushed: list[Cells] = []
    for n in range(len(ends)):
        own = f"LARGE({known},{n + 1})"
        below = f"MIN({own},{pushed[-1].at()}-{gap})" if pushed else own
        pushed.append(values.put(f"{key}.place{n}", f'IFERROR({below},"")'))
    placed = Cells(pushed[0].sheet, pushed[0].row, pushed[0].column, len(pushed)).area
    shift = f"(SUM({known})-SUM({placed}))/COUNT({placed})"
    held = [f"IF(ISNUMBER({end.at()}),{end.at()},-9.9E+307)" for end in ends]
    made = []
    for n, end in enumerate(ends):
        higher = "+".join(f"({other}{'>=' if m < n else '>'}{held[n]})" for m, other in enumerate(held) if m != n)
        made.append(f"IF(ISNUMBER({end.at()}),INDEX({placed},1+{higher})+{shift},NA())")
    return made
