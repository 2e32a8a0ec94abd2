"""The rows of a file, as its readers give them: texts, numbers and dates."""

from __future__ import annotations

import datetime as dt

from xlrotation.errors import BadArgument

Value = None | str | float | dt.date
Rows = list[list[Value]]


class BadFile(BadArgument):
    """A file that cannot be read; the message names file, row and column."""


def of_object(value: object) -> Value:
    """A cell as a reader gives it, as one of the few kinds of values of a table."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()  # no number
    if isinstance(value, dt.datetime):
        return None if value != value else value.date()
    if isinstance(value, dt.date):
        return value
    return float(value) if isinstance(value, int | float) else str(value)
