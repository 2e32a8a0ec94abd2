"""The sign of a figure: printed, said by a verb before or behind it, or carried along a list."""

from __future__ import annotations

import re
from dataclasses import replace

from xlrotation.functions.auditing import words
from xlrotation.functions.auditing.figures import Figure
from xlrotation.functions.auditing.place import Stated
from xlrotation.functions.auditing.reading import Reading

_BREAK = re.compile(r"[;。](?!\d)|, (?:while|but|and the|whereas|against)|而|但", re.ASCII)
_BEHIND = re.compile(r"^\s*\)?\s*(?:\w+ )?(?P<word>[a-z]+)", re.ASCII)
_LISTED = re.compile(r"^[^.;。;]*$")
_STATE = re.compile(r"\b(?:above|below|over|of|in) (?:its|the|their)\b|之[上下]|\d+[日天]", re.ASCII)


def signed(stated: Stated, figure: Figure, last: Figure | None, moved: Figure | None) -> tuple[Figure, bool]:
    """The figure with its sign, and whether the text gives one."""
    if figure.unit not in ("%", "pp", "bp", "points", "USD", "") or figure.pattern not in ("", "fraction"):
        return figure, True
    if figure.signed:
        return figure, True
    sign = _of(stated, figure, last, moved)
    if sign is None:
        return figure, False
    if sign < 0:
        low, high = -figure.value, -figure.high
        if figure.relation == "range":
            low, high = high, low
        relation = {">": "<", "<": ">"}.get(figure.relation, figure.relation)
        return replace(figure, value=low, high=high, relation=relation), True
    return figure, True


_OTHER_VERB = re.compile(r"\b(?:end|clos|finish|settl|stood|stand|trad|brought|saw|post|record)\w*\b", re.ASCII)


def _new_verb(stated: Stated, floor: int, before: str) -> bool:
    """Whether another subject with a verb of its own stands before a figure: it has no sign of the one before."""
    named = any(floor <= one.start < floor + len(before) for one in stated.subjects)
    return named and _OTHER_VERB.search(before) is not None


def _of(stated: Stated, figure: Figure, last: Figure | None, moved: Figure | None) -> int | None:
    floor = last.end if last else stated.sentence.start
    behind = _word_behind(stated, figure)
    if behind is not None:
        return behind
    before = stated.text[floor : figure.start]
    found = _last(before)
    if found is not None:
        return found
    if stated.sentence.row and not before.strip(" \t|"):
        return 1
    if moved is not None and not _BREAK.search(before) and not _new_verb(stated, floor, before):
        return -1 if moved.value < 0 else 1
    return None


_NOUN_BEHIND = re.compile(
    r"\s?的?(?:累计|单日|全周|周|日)?(?:(?P<up>[涨升]幅|涨势|升势|涨势)|(?P<down>[跌降]幅|跌势))", re.ASCII
)


_STANDING = re.compile(r"\s*(?:(?P<up>to the good|in the (?:green|black))|to the bad|in the red)\b", re.ASCII)


def _word_behind(stated: Stated, figure: Figure) -> int | None:
    """A word of direction directly behind: "2.15% lower", "6.46% jump"."""
    after = stated.after(figure, 30)
    if zh := _NOUN_BEHIND.match(after):
        return 1 if zh["up"] else -1
    if match := _STANDING.match(after):
        return 1 if match["up"] else -1
    match = re.match(r"\s*\)?\s*(?P<w>[a-z]+)(?P<rest> [a-z]+)?", after)
    if match is None:
        return None
    word = match["w"]
    if word in ("off", "from", "above") and re.match(
        r"\s*\w+ (?:its|the|their|a) [^,;.]{0,24}\b(?:low|trough|bottom)s?\b", after
    ):
        return 1
    if word in (
        "below",
        "beneath",
        "off",
        "lower",
        "decline",
        "drop",
        "fall",
        "loss",
        "slide",
        "plunge",
        "slump",
        "retreat",
        "down",
        "selloff",
        "pullback",
        "dip",
        "behind",
        "under",
        "shy",
        "cheaper",
        "poorer",
        "south",
    ):
        return -1
    if word in (
        "above",
        "north",
        "better",
        "dearer",
        "richer",
        "higher",
        "gain",
        "rise",
        "jump",
        "leap",
        "advance",
        "rally",
        "climb",
        "surge",
        "up",
        "increase",
        "day",
        "ahead",
        "rebound",
    ):
        return 1
    return None


def _last(before: str) -> int | None:
    """The last word of direction in a text: 1 up, -1 down."""
    ups = [match.end() for match in words.UP.finditer(before)]
    downs = [match.end() for match in words.DOWN.finditer(before)]
    if not ups and not downs:
        return None
    return 1 if max(ups, default=-1) > max(downs, default=-1) else -1


_SIGNED = frozenset(
    (
        "return",
        "mean return",
        "high return",
        "low return",
        "open return",
        "change",
        "against average",
        "other",
        "rate",
        "value change",
        "flow",
    )
)
_BELOW_ZERO = frozenset(("drawdown",))


def settled(figure: Figure, said: bool, readings: tuple[Reading, ...]) -> tuple[Figure, bool]:
    """The sign that a measure allows: levels and distances have none, what is off a high is below it."""
    if not readings or figure.signed:
        return figure, said
    what = readings[0].what
    if what == "spread" and said and figure.value < 0 and readings[0].side != "ABS":
        return figure, said
    if what in _SIGNED or figure.pattern not in ("", "fraction"):
        return figure, said
    negative = what in _BELOW_ZERO
    low, high = abs(figure.value), abs(figure.high)
    if figure.relation == "range":
        low, high = min(low, high), max(low, high)
    relation = figure.relation
    if figure.value < 0 and relation in "<>":
        relation = {">": "<", "<": ">"}[relation]
    if negative:
        low, high = -low, -high
    return replace(figure, value=low, high=high, relation=relation), True
