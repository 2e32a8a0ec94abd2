"""What the sheets of report books are called, in each language."""

from __future__ import annotations

from xlrotation.languages import Text

_NAMES = {
    "Report": Text("Report", "name of a sheet"),
    "Contents": Text("Contents", "name of a sheet"),
    "Inputs": Text("Inputs", "name of a sheet"),
    "Audit": Text("Audit", "name of a sheet"),
    "Notes": Text("Notes", "name of a sheet"),
    "Values": Text("Values", "name of a sheet"),
    "Results": Text("Results", "name of a sheet"),
    "Data": Text("Data", "name of a sheet"),
    "Paths": Text("Paths", "name of a sheet"),
    "Weeks": Text("Weeks", "name of a sheet"),
    "Figures": Text("Figures", "name of a sheet"),
    "Basket": Text("Basket", "name of a sheet"),
}


def called(sheet: str) -> Text:
    """The name of a sheet; that of a book of one's own is the same in every language, unless it is one of these."""
    return _NAMES.get(sheet, Text(sheet, "name of a sheet"))
