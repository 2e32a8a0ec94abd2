"""What spreadsheets have in common: what a cell holds, how much of it, how days are counted."""

from __future__ import annotations

import datetime as dt

from xlrotation.errors import CellError

Cell = None | bool | int | float | str | dt.date | CellError
"""One cell; None is blank, a ``datetime`` counts as a date."""

Range = list[list[Cell]]
"""A rectangle of cells, row by row."""

MAX_TEXT = 32_767
"""Characters that a cell holds."""

EPOCH, EPOCH_1904 = dt.date(1899, 12, 30), dt.date(1904, 1, 1)
"""Day 0 of the two systems of dates.

The first counts a 29 February 1900 that never was as day 60: the days before it are a day later than from this epoch.
"""

LAST_SERIAL = 2_958_465
"""The serial number of 9999-12-31, the last date that a spreadsheet knows."""
