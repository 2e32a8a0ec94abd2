"""What is said of a file that is no workbook."""

from __future__ import annotations

from xlrotation.errors import RotationError


class BadWorkbook(RotationError):
    """A file that is no workbook, or one that cannot be read."""
