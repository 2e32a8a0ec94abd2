"""The level that a move starts from: "from 98 to 122", "to 17.76 from 21.77", 由21.77降至17.76."""

from __future__ import annotations

import re
from dataclasses import replace

from xlrotation.functions.auditing.figures import Figure
from xlrotation.functions.auditing.place import Stated
from xlrotation.functions.auditing.reading import Reading
from xlrotation.functions.auditing.sessions import Sessions

DAY_NOT_STATED = "the day that the move starts from is not stated"
_FROM = re.compile(
    r"(?:\bfrom|(?<!自)(?:从|由)|[较比](?=[^,;。]{0,10}[日期]的))(?: a| the| its)?(?: (?:close|level"
    r"|reading) of)?[^,;。\d]{0,10}?\s*(?:us)?\$?$",
    re.ASCII,
)
_LEVELS = ("level", "volatility level")


def started(stated: Stated, figure: Figure, reading: Reading, window: str, named: bool, sessions: Sessions) -> Reading:
    """The reading of a level as that of the start of a move, where the text says "from".

    Args:
        stated: The sentence.
        figure: The figure.
        reading: As a level of its day.
        window: Of the move, where the sentence names one.
        named: Whether the sentence names the figure's own day.
        sessions: Those of the data.
    """
    if reading.what not in _LEVELS or reading.asof is None or named or not _FROM.search(stated.before(figure)[-40:]):
        return reading
    if figure.relation == "range":
        return replace(reading, what="other")  # "from 16-20 for most of the year": no level of a day
    if window and window != "1D":
        return replace(reading, what="start level", window=window, doubts=(*reading.doubts, DAY_NOT_STATED))
    return replace(reading, asof=sessions.before(reading.asof), doubts=(*reading.doubts, DAY_NOT_STATED))
