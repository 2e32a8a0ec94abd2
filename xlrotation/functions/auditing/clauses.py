"""What clauses do to figures: a leading one keeps its windows, "from 58 % a month ago" carries a measure on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from xlrotation.functions.auditing.bound import Bound
from xlrotation.functions.auditing.figures import Figure
from xlrotation.functions.auditing.place import Stated
from xlrotation.functions.auditing.reading import Reading

_LEADING = re.compile(
    r"\s*(?:(?:even |just )?after|barring|absent|following|despite|having|down|up|off|fresh off|coming off"
    r"|on the heels of)\b(?:[^,;.]|[.,]\d){5,140},(?!\d)"
    r"|\s*(?:继|在|经历|尽管|自)[^,。;]{4,60}(?:之?后|之际|的情况下),",
    re.ASCII,
)
_CARRIED = frozenset(
    (
        "above average",
        "weight",
        "outperform",
        "percentile",
        "rank",
        "share advancing",
        "level",
        "volatility level",
        "average",
    )
)
_LINKED = re.compile(
    r"(?:\bfrom|\bversus|\bvs\.?|\bcompared (?:with|to)|\bagainst|\bthan|较|从|高于|低于|对比|而|的|为"
    r"|是)[^.;。;]{0,16}$",
    re.ASCII,
)


def leading_end(stated: Stated) -> int:
    """The place behind a leading clause such as "After a loss of 3 % last week,"; else the sentence's begin."""
    one = stated.sentence
    match = _LEADING.match(stated.text, one.start, one.end)
    return match.end() if match else one.start


def scoped(stated: Stated, figure: Figure) -> Stated:
    """The sentence without the days and windows of a leading clause that a figure does not stand in."""
    end = leading_end(stated)
    if end == stated.sentence.start or figure.start < end:
        return stated
    return replace(
        stated,
        days=tuple(one for one in stated.days if one.start >= end),
        windows=tuple(one for one in stated.windows if one.start >= end),
    )


def subject_ahead(stated: Stated, figure: Figure) -> str:
    """The subject behind a leading clause that names none; blank where there is none."""
    end = leading_end(stated)
    if figure.start >= end or any(one.start < end for one in stated.subjects):
        return ""
    return next((one.symbol for one in stated.subjects), "")


def carried(stated: Stated, figure: Figure, reading: Reading, before: Sequence[Bound]) -> Reading:
    """A figure that only says what another was at another time: "up from 58 % a month ago"."""
    earlier = next((one for one in reversed(before) if one.figure.kind == "measurement"), None)
    if reading.formula or earlier is None or not earlier.readings or earlier.figure.unit != figure.unit:
        return reading
    model, last = earlier.readings[0], earlier.figure
    gap = stated.text[last.end : figure.start]
    between = [one.symbol for one in stated.subjects if last.end <= one.start < figure.start]
    named = any(symbol not in (model.subject, "SP500", "NYSE") for symbol in between)
    if named or model.what not in _CARRIED or model.asof == reading.asof or not _LINKED.search(gap):
        return reading
    return replace(model, asof=reading.asof)
