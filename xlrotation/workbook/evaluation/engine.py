"""What a cell holds, as our functions see it, and a file that is no workbook."""

from __future__ import annotations

import datetime as dt

from xlrotation.errors import CellError, RotationError

Cell = None | bool | int | float | str | dt.date | CellError
Table = list[list[Cell]]


class BadWorkbook(RotationError):
    """A file that is no workbook, or one that cannot be read."""
