"""Shares of the members of an index, and the average that they are counted against."""

from __future__ import annotations

import re

from xlrotation.functions.auditing import words
from xlrotation.functions.auditing.around import Around, Meant
from xlrotation.functions.auditing.numerals import CARDINAL, number
from xlrotation.functions.auditing.reading import is_priced, pair


def average_near(one: Around) -> float:
    """Sessions of the average that the clause speaks of; 0 for none."""
    after = words.AVERAGE.search(one.after[:60])
    before = list(words.AVERAGE.finditer(one.before))
    match = after or (before[-1] if before else None)
    if match is None:
        return 0
    if match["long"]:
        return 200
    text = match["n"] or match["z"] or match["m"] or match["e"]
    return {"twenty": 20, "fifty": 50, "hundred": 100}.get(text) or float(text)


_TOP = re.compile(
    rf"(?:\btop (?P<a>\d+|{CARDINAL})|(?P<b>{CARDINAL}|\d+) (?:largest|biggest)"
    rf"|前(?P<c>[一二三四五六七八九十]+|\d+)(?:大|名)?|(?P<d>{CARDINAL}|\d+) (?:stocks|companies|names|members))",
    re.ASCII,
)


def members(one: Around) -> Meant | None:
    """Shares of the members of an index."""
    whole = one.before + "#" + one.after
    about = (
        one.subject in ("SP500", "NYSE")
        or (one.memory.topic in ("SP500", "NYSE") and not is_priced(one.subject))
        or words.MEMBERS.search(one.around) is not None
    )
    if words.WEIGHT.search(one.before[-90:] + "#" + one.after) and (top := _TOP.search(whole)):
        return Meant("weight", "SP500", number(top["a"] or top["b"] or top["c"] or top["d"]) or 10)
    if words.OUTPERFORM.search(one.around) and (
        about or one.subject in ("SP500", "") or (one.subject == "^GSPC" and words.OUTPERFORM.search(one.after))
    ):
        return Meant("outperform", "SP500")
    if re.search(r"\bor\s*$|即$", one.near) and re.search(
        r"\bwon\b.*\bof\b|\bbeat\b.*\bof\b|跑赢.*(?:日|天)", one.before
    ):
        return Meant("hit rate", pair(*(one.memory.pair or ("^RUT", "^GSPC")), "/"))
    if not about and not (one.figure.pattern == "fraction" and one.memory.topic == "SP500"):
        return None
    elsewhere = one.subject == "NYSE" or "纽约证券交易所" in one.before or "nyse" in one.before
    subject = "NYSE" if elsewhere else "SP500"
    if (n := average_near(one) or _average_after(one)) and re.search(
        r"above|之上|上方|高于|over|站上", one.around + one.stated.after(one.figure, 60)
    ):
        return Meant("above average", subject, n)
    if words.NEW_HIGHS.search(one.before + one.after):
        return Meant("share of new highs", subject, window="1Y")
    if re.search(r"\brose\b|\badvanced\b|上涨|收涨|\bgained\b", one.around):
        return Meant("share advancing", subject)
    if n and one.memory.topic == "SP500":
        return Meant("above average", subject, n)
    return Meant("other", subject)


def _average_after(one: Around) -> float:
    """Sessions of an average a little further on, where the figure stands in parentheses."""
    match = words.AVERAGE.search(one.stated.after(one.figure, 70)) if one.after == "" or one.near == "" else None
    return float(match["n"] or match["z"] or match["m"] or match["e"] or 200) if match else 0
