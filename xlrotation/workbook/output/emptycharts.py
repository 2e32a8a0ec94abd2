"""Charts that show nothing, and the room that they leave.

An export leaves such a chart out of a copy without formulas, and a chart beside it is as wide as both. In a copy with
formulas it is hidden until it has values; there the others stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xlrotation.workbook.package.splice import Edits, Element

HIDDEN = "no data"
"""The title of a chart that is hidden because it shows nothing."""


@dataclass(slots=True)
class _Drawn:
    """A chart of a sheet: its anchor, whether it shows anything, its left and right end, and its first row."""

    anchor: Element
    empty: bool
    ends: dict[str, tuple[int, int]]
    row: int


def left_out(
    data: bytes, root: Element, chart_of: Callable[[Element], str], draws: Callable[[str, str], bool], keep: bool
) -> bytes:
    """A part of drawings in which charts without a number are not shown, and those beside them are wider.

    Args:
        data: The part.
        root: Its elements.
        chart_of: The chart of an anchor; "" where it has none.
        draws: Whether a chart, with the name of its frame, shows a number.
        keep: Hide them; else they are taken out.
    """
    edits = Edits(data)
    charts = []
    for anchor in root.children:
        chart, frame = chart_of(anchor), next(anchor.iter("cNvPr"), None)
        if not chart or frame is None:
            continue
        empty = not draws(chart, frame.get("name"))
        charts.append(_Drawn(anchor, empty, *_place(anchor)))
        if not keep:
            if empty:
                edits.remove(anchor)
        elif empty and not frame.get("hidden"):
            edits.set(frame, {"hidden": "1", "title": HIDDEN})
        elif not empty and frame.get("title") == HIDDEN:
            edits.set(frame, {"hidden": None, "title": None})
    if not keep:
        _take_over(charts)
        for one in charts:
            if not one.empty:
                _put(edits, one)
    return edits.apply()


def _place(anchor: Element) -> tuple[dict[str, tuple[int, int]], int]:
    """Column and offset of both ends of an anchor, and its first row; none where it has no such ends."""
    ends, row = {}, 0
    for name in ("to", "from"):
        end = anchor.child(name)
        told = {} if end is None else {part.name: part.text.strip() for part in end.children}
        if not all(told.get(part, "").isdigit() for part in ("col", "colOff", "row")):
            return {}, 0
        ends[name] = int(told["col"]), int(told["colOff"])
        row = int(told["row"])
    return ends, row


def _take_over(charts: list[_Drawn]) -> None:
    """A chart that shows something takes the room of the empty ones beside it; the one at the left comes first."""
    gone = [one for one in charts if one.empty and one.ends]
    while (one := next((one for one in gone if _taken(one, charts)), None)) is not None:
        gone.remove(one)


def _taken(gone: _Drawn, charts: list[_Drawn]) -> bool:
    """Whether a chart beside an empty one took its room."""
    row = [one for one in charts if not one.empty and one.ends and one.row == gone.row]
    for one in row:
        if 0 <= gone.ends["from"][0] - one.ends["to"][0] <= 1:
            one.ends["to"] = gone.ends["to"]
            return True
    for one in row:
        if 0 <= one.ends["from"][0] - gone.ends["to"][0] <= 1:
            one.ends["from"] = gone.ends["from"]
            return True
    return False


def _put(edits: Edits, one: _Drawn) -> None:
    for name, (column, offset) in one.ends.items():
        end = one.anchor.child(name)
        for part in () if end is None else end.children:
            wanted = {"col": str(column), "colOff": str(offset)}.get(part.name)
            if wanted is not None and wanted != part.text.strip():
                edits.replace(part.inside, part.outside, wanted.encode())
