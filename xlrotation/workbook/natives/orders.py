"""Values in the order in which a spreadsheet sorts them."""

from __future__ import annotations

from collections.abc import Sequence

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.values import Value, compared, rank_of

_ERRORS = list(CellError)
_ERRORS.sort(
    key=lambda error: (
        "NULL DIV/0 VALUE REF NAME NUM N/A".split().index(name)
        if (name := error.value.strip("#!?")) in "NULL DIV/0 VALUE REF NAME NUM N/A".split()
        else 9
    )
)


def ordered(line: Sequence[Value], places: list[int], down: bool) -> list[int]:
    """Places sorted by their values: numbers, texts, truth values, errors, blanks."""
    from functools import cmp_to_key

    def order(a: int, b: int) -> int:
        x, y = line[a], line[b]
        ranks = [4 if v is None else 3 if isinstance(v, CellError) else rank_of(v) for v in (x, y)]
        if ranks == [3, 3]:
            x, y = float(_ERRORS.index(x)), float(_ERRORS.index(y))
            ranks = [0, 0]
        if ranks[0] != ranks[1]:
            if 4 in ranks:
                return -1 if ranks[0] < ranks[1] else 1
            result = -1 if ranks[0] < ranks[1] else 1
        else:
            result = 0 if ranks[0] > 2 else compared(x, y)
        return -result if down else result

    return sorted(places, key=cmp_to_key(order))
