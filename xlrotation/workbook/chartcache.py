"""The values that a chart caches, for viewers that show a workbook without computing it."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from xlrotation.workbook.references import parse_area

MAX_POINTS = 20_000

ValueOf = Callable[[str, int, int], object]
"""Value of a cell by sheet, row and column."""


def refresh_cache(chart: etree._Element, value_of: ValueOf) -> bool:
    """Rebuild all caches of *chart* from the cells that they show; returns whether there were any."""
    changed = False
    for kind in ("num", "str"):
        for reference in chart.iter(f"{{*}}{kind}Ref"):
            formula, cache = reference.find("{*}f"), reference.find(f"{{*}}{kind}Cache")
            area = parse_area((formula.text or "").strip()) if formula is not None else None
            if cache is None or area is None or area.sheet is None or area.size > MAX_POINTS:
                continue
            rows, columns = range(area.row, area.last_row + 1), range(area.column, area.last_column + 1)
            values = [value_of(area.sheet, row, column) for row in rows for column in columns]
            _fill(cache, values, numbers=kind == "num")
            changed = True
    return changed


def _fill(cache: etree._Element, values: list[object], numbers: bool) -> None:
    namespace = etree.QName(cache).namespace
    for child in list(cache):
        if etree.QName(child).localname in ("ptCount", "pt"):
            cache.remove(child)
    etree.SubElement(cache, f"{{{namespace}}}ptCount", val=str(len(values)))
    for index, value in enumerate(values):
        if value is None or (numbers and not isinstance(value, int | float)):
            continue
        point = etree.SubElement(cache, f"{{{namespace}}}pt", idx=str(index))
        text = f"{value:g}" if isinstance(value, float) and not numbers else str(value)
        etree.SubElement(point, f"{{{namespace}}}v").text = text
