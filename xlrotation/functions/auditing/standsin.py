"""Funds that stand in for what a text names: gold for its fund, software for the fund of its shares."""

from __future__ import annotations

import re

from xlrotation.functions.auditing.figures import Figure
from xlrotation.functions.auditing.place import Stated

_STANDS_IN = frozenset(("GLD", "SLV", "SMH", "IGV", "IWD", "IWF", "XLG"))
_FUND = re.compile(r"fund|etf|基金|[(（]?(?:gld|slv|smh|igv|iwd|iwf|xlg)\b", re.ASCII)


def stands_in(stated: Stated, figure: Figure, subject: str) -> bool:
    """Whether the text names the metal or the style that a fund stands in for, and not the fund itself."""
    if subject not in _STANDS_IN:
        return False
    said = [one for one in stated.subjects if one.symbol == subject and one.start < figure.end + 40]
    return bool(said) and not any(_FUND.search(stated.text, one.start, one.end + 6) for one in said)
