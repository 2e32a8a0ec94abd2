"""The difference of two returns: which two, and which of them leads."""

from __future__ import annotations

import re

from xlrotation.functions.auditing import words
from xlrotation.functions.auditing.around import Around, Meant
from xlrotation.functions.auditing.names import SECTORS
from xlrotation.functions.auditing.place import Stated
from xlrotation.functions.auditing.reading import is_priced, pair

NO_SECOND = "the text does not say what it is compared with"


def names_second(stated: Stated, subject: str, pair_before: tuple[str, str] | None) -> bool:
    """Whether a sentence names both of a difference, or an earlier one compared the two."""
    named = {one.symbol for one in stated.subjects}
    two = [symbol for symbol in ("^GSPC",) if subject.endswith(f"-{symbol}")]
    return not two or set(two) <= named or (pair_before is not None and two[0] in pair_before)


def _two(one: Around) -> tuple[str, str] | None:
    """The two subjects that a figure compares, the leading one first."""
    sentence = one.stated
    names = list(
        dict.fromkeys(
            mention.symbol
            for mention in sentence.subjects
            if mention.start < one.figure.start + 1 or mention.start < one.figure.end + len(one.after)
        )
    )
    names = [name for name in names if name not in ("sectors", "SP500", "NYSE")]
    beaten = [
        mention.symbol
        for mention in sentence.subjects
        if words.BEATEN.search(sentence.text[max(sentence.sentence.start, mention.start - 22) : mention.start])
    ]
    near = [name for name in beaten if name in names]
    first = one.subject
    if near and near[-1] != first:
        return first, near[-1]
    if near and one.memory.topic and one.memory.topic != near[-1] and is_priced(one.memory.topic):
        others = [name for name in names if name != near[-1]]
        return (others[-1] if others else one.memory.topic), near[-1]
    if (
        re.search(r"差距|相差|之差|\bgap\b|\bdifference\b", one.around)
        and len(priced := [name for name in names if is_priced(name)]) == 2
    ):
        return priced[0], priced[1]
    others = [name for name in names if name != first and is_priced(name)]
    if first and is_priced(first) and others:
        return first, others[-1]
    return None


def spread(one: Around) -> Meant | None:
    """The difference of two returns."""
    text = one.before[-80:] + "#" + one.after
    if words.SECTOR_GAP.search(one.stated.whole) and not _sector_pair(one):
        if one.subject == "MAG7" or re.search(r"七巨头|七姐妹|七雄|magnificent|mag ?7|成员", one.stated.whole):
            return Meant("range", "MAG7")
        if re.search(r"sector|板块|行业", one.stated.whole) is None and "sectors" not in one.memory.seen:
            return None
        return Meant("sector spread", "sectors")
    named = {mention.symbol for mention in one.stated.subjects}
    if "RSP" in named | {one.subject} and (
        named & {"^GSPC", "SPY"} or re.search(r"市值加权|ordinary|cap[- ]weight", text) or len(named) == 1
    ):
        return Meant("equal weight", "RSP-SPY")
    if words.REALISED.search(one.before) and (two := _two(one)):
        return Meant("realised spread", pair(*two), side="ABS", window="20D" if "20" in one.before else "")
    two = _two(one) or (one.memory.pair if words.LEAD.search(text) or one.memory.asked else None)
    if two is None and words.LEAD.search(text) and is_priced(one.subject):
        two = one.subject, "^GSPC" if one.subject != "^GSPC" else one.memory.index
    if two is None or not all(is_priced(name) for name in two):
        return None
    if _pronoun(one) and one.memory.topic and one.memory.topic not in two and is_priced(one.memory.topic):
        two = (one.memory.topic, two[1])
    gap = re.search(r"差距|相差|之差|\bgap\b|\bdifference\b|\bapart\b", one.around)
    return Meant("spread", pair(*two), side="ABS" if gap else "")


def _sector_pair(one: Around) -> bool:
    return (
        len({mention.symbol for mention in one.stated.subjects} & set(SECTORS)) == 2
        and re.search(r"跑赢|ahead of|beat", one.around) is not None
    )


_ITS = re.compile(r"^\s*(?:its|their)\b|^\s*其", re.ASCII)


def _pronoun(one: Around) -> bool:
    return _ITS.match(one.stated.whole) is not None
