"""What a figure is held against: points beside their per cent, a figure that belongs to the one that was beaten."""

from __future__ import annotations

import re

from xlrotation.functions.auditing import words
from xlrotation.functions.auditing.around import Around
from xlrotation.functions.auditing.reading import is_priced


def owner(one: Around) -> str:
    """The subject whose figure it says it is, where another is held against it: 跑赢标普500的1.37%."""
    for mention in reversed(one.stated.subjects):
        if mention.end <= one.figure.start:
            gap = one.stated.text[mention.end : one.figure.start]
            before = one.stated.text[max(one.stated.sentence.start, mention.start - 22) : mention.start]
            owned = re.fullmatch(r"(?:'s?|的)\s*[+\-]?", gap) and words.BEATEN.search(before)
            return mention.symbol if owned and is_priced(mention.symbol) else ""
    return ""


_PERCENT_BEFORE = re.compile(
    r"%\s*(?:,|or|\(|,?或|/|、|,? ?or about|,?即)\s*(?:about |some |nearly )?[+\-]?$", re.ASCII
)
_PERCENT_BEHIND = re.compile(
    r"\s*(?:,? or |\(|,?或|/|,?[跌涨降升]幅)\s*(?:for |of |a )?(?:gain |loss |rise |drop )?(?:of )?[+\-]?[\d.]+\s?%"
)


_MOVE_BEHIND = re.compile(
    r"\s?(?:(?:\w+ )?(?:rally|gain|jump|rise|advance|surge|drop|loss|decline|slide|plunge|fall|rebound|sell-?off"
    r"|swing)\b"
    r"|\([+\-]?[\d.]+ ?%\) (?:higher|lower|up|down)\b|(?:\([^)]{1,12}\) )?(?:higher|lower)\b)",
    re.ASCII,
)


def beside_percent(one: Around) -> bool:
    """Whether points stand beside the per cent that they are: "3.5% or 876 points", "184 points (+3.26%)"."""
    text, figure = one.stated.text, one.figure
    if _MOVE_BEHIND.match(text, figure.end):
        return True
    if _PERCENT_BEFORE.search(text, max(one.stated.sentence.start, figure.start - 24), figure.start):
        return True
    return _PERCENT_BEHIND.match(text, figure.end) is not None and words.LEVEL.search(one.near) is None
