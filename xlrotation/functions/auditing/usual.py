"""The window of a measure: as the text names it, else the one that the measure has as a rule."""

from __future__ import annotations

import datetime as dt
import re

from xlrotation.functions.auditing.around import Meant
from xlrotation.functions.auditing.figures import Figure
from xlrotation.functions.auditing.place import Stated

_OF_THE_DAY = frozenset(
    ("level", "volatility level", "open", "high", "low", "average", "against average", "above average", "advancers")
) | frozenset(("since", "weight"))
_STREAKS = {"weeks": "W", "months": "M", "years": "Y"}
_DAILY = frozenset(
    "return,mean return,spread,change,sector spread,range,equal weight,sectors up,sectors down".split(",")
)
_LONGER = {
    "percentile": "1Y",
    "rank": "1Y",
    "drawdown": "1Y",
    "hits": "YTD",
    "hit rate": "YTD",
    "members up": "YTD",
    "records": "YTD",
    "return since": "1D",
}


def window_for(found: Meant, window: str, since: dt.date | None, unit: str) -> str:
    """The window of a measure.

    Args:
        found: The measure.
        window: As the text names it; blank where it does not.
        since: First day, where the text gives one.
        unit: Of the figure: weeks of a run.
    """
    if found.what in _OF_THE_DAY:
        return f"{found.n:g}D" if found.n and "average" in found.what else ""
    if found.what in ("streak", "volatility streak", "own streak"):
        return _STREAKS.get(unit, "D")
    if found.window:
        return found.window
    if since is not None:
        return ""
    return window or ("1D" if found.what in _DAILY else _LONGER.get(found.what, ""))


def unit_of_run(stated: Stated, figure: Figure, window: str) -> str:
    """The unit of a run; of one that says none, months where months are spoken of: 10月累涨4.70%,录得七连涨."""
    said = stated.text[figure.start : figure.end]
    if figure.pattern != "streak" or figure.unit != "days" or re.search(r"[日天]|day|session", said):
        return figure.unit
    return {"MTD": "months", "1W": "weeks", "YTD": "years"}.get(window, figure.unit)
