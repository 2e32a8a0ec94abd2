"""How far a window that a sentence names reaches: over what follows it, until another subject is spoken of."""

from __future__ import annotations

import re

from xlrotation.functions.auditing import words
from xlrotation.functions.auditing.figures import Figure
from xlrotation.functions.auditing.place import Stated

_BREAK = re.compile(
    r"[;。()]|(?<!\d),|,(?!\d)|:(?!\d)|\b(?:but|and|while|though|although|yet|whereas)\b|而|但|则", re.ASCII
)
_LITTLE = re.compile(r"\s*(?:\b(?:for|on|over|in|during|so far|from|since|the)\b\s*)*", re.ASCII)


def reaches(stated: Stated, start: int, end: int, figure: Figure) -> bool:
    """Whether a window from *start* to *end* holds for a figure behind it.

    One before all figures does, as does one that opens a clause ahead of its subject. Any other belongs to what it
    stands in and to what follows of the same subject: "wiping out its gains for 2026, and the Dow slid 2 %".
    """
    if not any(one.end <= start for one in stated.measured):
        return True
    if not any(end <= one.start < figure.start for one in stated.subjects):
        return True
    between = stated.text[end : figure.start]
    bare = _LEADS.sub(" ", between)
    if _BARE.fullmatch(_without(stated, end, figure.start)):
        return True  # "down 3 % for the month and the Nasdaq up 1 %"
    same_verb = not re.search(r"[;。]", between) and not words.UP.search(bare) and not words.DOWN.search(bare)
    return same_verb or _opens(stated, start, end)


_BARE = re.compile(r"\s*,?\s*(?:and|but|while)?\s*(?:the)?\s*(?:up|down|off|higher by|lower by)\s*", re.ASCII)
"""A clause without a verb of its own, its subject left out."""


def _without(stated: Stated, start: int, end: int) -> str:
    """A stretch of the text without the subjects in it."""
    text, place = "", start
    for one in stated.subjects:
        if start <= one.start and one.end <= end:
            text += stated.text[place : one.start]
            place = one.end
    return text + stated.text[place:end]


def _opens(stated: Stated, start: int, end: int) -> bool:
    """Whether a window opens its clause, and a subject follows before any figure."""
    before = stated.text[stated.sentence.start : start]
    last = max((match.end() for match in _BREAK.finditer(before)), default=0)
    if not _LITTLE.fullmatch(before[last:]):
        return False
    following = min((one.start for one in stated.measured if one.start >= end), default=stated.sentence.end)
    return any(end <= one.start < following for one in stated.subjects)


_LEADS = re.compile(r"\bleads?\b|\bled\b|\blagg?\w*|领先|落后", re.ASCII)
"""What says a place and no move."""
_AND = re.compile(r"\s*,? ?and\b", re.ASCII)
_ELLIPSIS = 44


def gapped(stated: Stated, figure: Figure) -> list[Figure]:
    """Figures that follow one under the same verb: "returned 20 % and the Dow 13 % for the year"."""
    found: list[Figure] = []
    last = figure
    for one in stated.measured:
        if one.start < last.end:
            continue
        gap, figure_start = stated.text[last.end : one.start], one.start
        same = one.unit == figure.unit and not one.signed and not figure.signed
        if not same or len(gap) > _ELLIPSIS or re.search(r"[;。()]", gap):
            break
        timed = [other.start for other in stated.days] + [other.start for other in stated.windows]
        said = any(last.end <= place < figure_start for place in timed)
        if said or (not _AND.match(gap) and (words.UP.search(gap) or words.DOWN.search(gap))):
            break
        if not any(last.end <= mention.start < one.start for mention in stated.subjects):
            break
        found.append(one)
        last = one
    return found


_UNTIL = re.compile(
    r"(?:截[至止]|至|到|\b(?:end(?:ed|ing)?|through|to|as of|until|till|by|since|from|and)"
    r"|[-~])\s*(?:\w+day,? )?(?:the )?$",
    re.ASCII,
)
_ON = re.compile(r"\s*(?:\w+ ){0,2}on (?:the )?$", re.ASCII)


def superseded(stated: Stated, end: int, figure: Figure) -> bool:
    """Whether a day that is named behind a window says that a figure is of it: "masking a 2 % surge on Friday"."""
    for when in stated.days:
        if when.kind not in ("day", "weekday", "yesterday", "today") or not end <= when.start:
            continue
        if when.end <= figure.start:
            before = stated.text[max(stated.sentence.start, when.start - 24) : when.start]
            after = stated.text[when.end : when.end + 8]
            told = _UNTIL.search(before) or re.match(r"\s*(?:以来|起|至|当周|收盘[高低]|的?[高低]点|'s)", after)
            gap = stated.text[end : when.start]
            if not told and not re.fullmatch(r"[\s(,]*", gap) and not re.search(r"[较比从由自]\s*$", before):
                return True
        elif when.start >= figure.end and _ON.fullmatch(stated.text, figure.end, when.start):
            return re.search(r"[,;]", stated.text[end : figure.start]) is not None
    return False
