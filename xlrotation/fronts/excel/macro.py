"""The refresh macro: what ``udfs.py`` publishes as a script, beside the worksheet functions.

It fetches what the data in use lack, as ``xlrotation refresh`` does, and has the workbook calculated again in full:
Excel believes that a function whose arguments stay the same gives the same. In Excel for Windows the generated VBA
macro ``RefreshMarketData`` calls it, recalculates and shows the text. Under Office.js it is handed the workbook, in
which it does both itself.
"""

from __future__ import annotations

import logging
from typing import Any

from xlrotation.errors import RotationError
from xlrotation.fronts.excel import calls
from xlrotation.outside import reason, sentence

log = logging.getLogger("xlrotation")

MAX_LINES = 12
"""Lines that a message box shows of what did not come."""

MAX_MESSAGE = 1000
"""Excel's message box holds 1,024 characters."""


def refresh_market_data(book: Any = None) -> str:
    """Refresh the data in use, have *book* calculated in full, and tell what was done; never raises.

    Args:
        book: The workbook that xlwings Server or Lite hands over; None over COM, where VBA recalculates.

    Returns:
        A text for a message box.
    """
    try:
        text = _refreshed()
    except Exception as error:
        if isinstance(error, RotationError) or sentence(error) is not None:
            text = f"The data were not refreshed: {reason(error)}"
        else:  # a traceback helps nobody in Excel; the log keeps it
            log.error("the refresh macro failed", exc_info=error)
            text = f"The data were not refreshed ({type(error).__name__}). Run in a terminal: xlrotation refresh"
    text = text[:MAX_MESSAGE]
    if book is not None:
        book.app.calculate()  # xlwings asks Office.js for a full calculation
        book.app.alert(text, title="xlrotation")
    return text


def _refreshed() -> str:
    from xlrotation.functions.boundary.reasons import told_in
    from xlrotation.market.refresh.run import refresh

    session = calls.session()
    report = refresh(session.source.text)
    calls.reload()
    lines = report.lines(lambda remark: told_in(remark, session.lang))
    more = [f"and {len(lines) - MAX_LINES} more; see them with: xlrotation refresh"] if len(lines) > MAX_LINES else []
    return "\n".join([told_in(report.message, session.lang), *lines[:MAX_LINES], *more])
