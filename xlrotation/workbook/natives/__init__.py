"""The native functions of a spreadsheet that are computed here."""

from xlrotation.workbook.natives import (
    arrays,
    dates,
    engineering,
    finance,
    logic,
    lookup,
    mathematics,
    statistics,
    text,
)
from xlrotation.workbook.natives.registry import NATIVES

__all__ = [
    "NATIVES",
    "arrays",
    "dates",
    "engineering",
    "finance",
    "logic",
    "lookup",
    "mathematics",
    "statistics",
    "text",
]
