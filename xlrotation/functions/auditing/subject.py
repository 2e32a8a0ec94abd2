"""The subject of a figure: dealt out of a list, named before or behind it, or carried over from what was said."""

from __future__ import annotations

import itertools
import re

from xlrotation.functions.auditing import words
from xlrotation.functions.auditing.figures import Figure
from xlrotation.functions.auditing.names import ELSEWHERE, Mention
from xlrotation.functions.auditing.place import Memory, Stated
from xlrotation.functions.auditing.reading import is_priced

_FOLLOWS = re.compile(
    r"\s*\)?\s*(?:(?:gain|loss|rise|drop|decline|advance|jump|slide|return|fall|increase)s? )?(?:for|in|by"
    r"|on|at) (?:the |shares of |its )?(?:(?:[a-z]+-[a-z]+|broader|broad|wider|benchmark|ordinary) )?$",
    re.ASCII,
)
_AT = re.compile(r"(?:^|[,;:])\s*at (?:a |an )?(?:record )?\$?$", re.ASCII)
"""What opens a clause whose level stands ahead of its subject: "At 6,204.95 the S&P 500 is up 5.5 %"."""
_MEASURED_BY = re.compile(r"\b(?:measured|tracked|gauged) by (?:the |shares of )?$", re.ASCII)
_PAID = re.compile(r"\s*(?:in(?:to)?|from|out of|to) (?:the |shares of )?(?:\$|\()?$", re.ASCII)
_AFTER_BREAK = re.compile(r"[;。、]|(?<!\d),|,(?!\d)|\b(?:while|and|but|as|with|whereas)\b|而|但|则", re.ASCII)
_ANAPHOR = re.compile(
    r"三者|前三者|两者|三大(?:股指|指数)|^\s*(?:[^,;]{0,30}\s)?they (?:are|were|have)\b"
    r"|\bthe three\b|\bthe trio\b|\ball three\b",
    re.ASCII,
)
_INDEX = re.compile(
    r"\bthe (?:\w+[- ])?(?:index|average|gauge|benchmark|barometer)\b|该指数|(?<![一-鿿])指数", re.ASCII
)
_GENERAL = ("sectors", "SP500", "MAG7", "NYSE")
_POSSESSIVE = re.compile(r"成[份分]股|'s? (?:members|constituents)|\s*(?:members|companies|stocks(?! rose))")


def dealt(stated: Stated, memory: Memory) -> dict[Figure, str]:
    """Subjects of lists dealt out to figures in their order: "A, B and C rose x, y and z respectively"."""
    measured = [
        figure for figure in stated.measured if figure.unit in ("%", "points", "USD", "", "bp") and not figure.pattern
    ]
    given: dict[Figure, str] = {}
    for run in _runs(stated, measured):
        if len(run) < 2:
            continue
        names = _list_behind(stated, run[-1], len(run)) or _list_before(stated, run[0], len(run))
        if (not names and _ANAPHOR.search(stated.whole)) or (words.RESPECTIVE.search(stated.whole) and not names):
            names = _group(stated, memory, len(run))
        if not names and not _mentioned(stated, run):
            earlier = list(dict.fromkeys(given.values())) or _so_far(stated, run[0])
            names = earlier if len(earlier) == len(run) else []
        if not names and not stated.subjects and len(memory.spoken) == len(run):
            names = list(memory.spoken)  # "In October alone the moves were x, y and z"
        if len(names) == len(run):
            memory.group = tuple(names)
            given.update(zip(run, names, strict=True))
    return given


def _runs(stated: Stated, measured: list[Figure]) -> list[list[Figure]]:
    """Figures that follow each other with nothing but commas and "and" between."""
    runs: list[list[Figure]] = []
    for figure in measured:
        if (
            runs
            and re.fullmatch(
                r"\s*(?:,|、|和|及|与|以及| and | or |, and |/|;)*\s*(?:[+\-±])?\s*(?:[涨跌升降]|上涨|下跌)?",
                stated.text[runs[-1][-1].end : figure.start],
            )
            and figure.unit == runs[-1][-1].unit
        ):
            runs[-1].append(figure)
        else:
            runs.append([figure])
    return runs


def _mentioned(stated: Stated, run: list[Figure]) -> bool:
    """Whether a subject stands right before a run of figures, or among them."""
    floor = max((one.end for one in stated.measured if one.start < run[0].start), default=stated.sentence.start)
    return any(floor <= one.start < run[-1].end for one in stated.subjects)


def _so_far(stated: Stated, figure: Figure) -> list[str]:
    """The subjects of the sentence up to a figure."""
    return list(dict.fromkeys(one.symbol for one in stated.subjects if one.start < figure.start))


_BETWEEN = re.compile(
    r"\s*(?:\([^)]*\)|指数|综合指数|板块|stocks|shares|sectors?|index|funds?|composite|industrials|jones)*\s*(?:,"
    r"|、|和|及|与|以及|and|,\s*and|&|as well as)\s*(?:the |of )?\s*"
)


def _list_before(stated: Stated, figure: Figure, size: int) -> list[str]:
    """The last list of as many subjects before a figure, where no figure stands between."""
    earlier = [one.end for one in stated.measured if one.start < figure.start]
    floor = max(earlier, default=stated.sentence.start)
    mentions = [one for one in stated.subjects if floor <= one.start < figure.start]
    if len(mentions) < size:
        return []
    last = mentions[-size:]
    joined = all(_BETWEEN.fullmatch(stated.text[one.end : two.start]) for one, two in itertools.pairwise(last))
    more = len(mentions) > size and _BETWEEN.fullmatch(stated.text[mentions[-size - 1].end : last[0].start])
    return [one.symbol for one in last] if joined and not more else []


_IN_ORDER = re.compile(
    r"\s*[,;]?\s*\(?\s*(?:依次|分别|顺序)(?:为|是|对应)?|\s*(?:,|\()?\s*(?:respectively )?for (?:the )?", re.ASCII
)


def _list_behind(stated: Stated, figure: Figure, size: int) -> list[str]:
    """A list of as many subjects right behind a run of figures: (依次为纳指、标普、道指)."""
    told = _IN_ORDER.match(stated.text, figure.end, stated.sentence.end)
    if told is None:
        return []
    mentions = [one for one in stated.subjects if one.start >= figure.end][:size]
    if len(mentions) < size or stated.text[told.end() : mentions[0].start].strip(" :"):
        return []
    joined = all(_BETWEEN.fullmatch(stated.text[one.end : two.start]) for one, two in itertools.pairwise(mentions))
    return [one.symbol for one in mentions] if joined else []


def _group(stated: Stated, memory: Memory, size: int) -> list[str]:
    if len(memory.group) == size:
        return list(memory.group)
    here = {one.symbol for one in stated.subjects}
    left = [symbol for symbol in memory.seen if symbol not in here]
    if len(left) != size and len(memory.spoken) == size:
        return list(memory.spoken)
    return left if len(left) == size else list(memory.seen[:size]) if len(memory.seen) > size else []


def subject_of(stated: Stated, figure: Figure, memory: Memory, last: Figure | None, previous: str) -> tuple[str, bool]:
    """The subject of a figure, and whether its own stretch of the sentence names it.

    Args:
        stated: The sentence.
        figure: The figure.
        memory: What was spoken of before.
        last: The figure before it in the sentence.
        previous: The subject of that.
    """
    floor = last.end if last else stated.sentence.start
    if last and (taken := _behind(stated, last)) is not None:
        floor = min(taken.end, figure.start)
    between = [one for one in stated.subjects if floor <= one.start < figure.start]
    behind = _behind(stated, figure)
    if behind is not None and not _own(stated, between, figure):
        return behind.symbol, True
    if between and (owner := _caused(stated, between[-1], figure)):
        return owner, True
    if between:
        return _chosen(stated, between, figure, previous), True
    anaphor = _INDEX.search(stated.text, floor, figure.start)
    if anaphor and memory.index and (previous or memory.topic) in ELSEWHERE:
        return memory.index, True
    if previous:
        return previous, True
    if memory.topic:
        return memory.topic, False
    return "", False


_MOVED = re.compile(
    r"(?:[大暴收急重下上飙]?[涨跌升降挫]|rose|fell|jump\w+|sank|slid|drop\w+|tumbl\w+|plung\w+|ros?e)"
    r"(?:了|逾|超|近|约)?\s*(?:by |about |nearly )?$",
    re.ASCII,
)


def _caused(stated: Stated, named: Mention, figure: Figure) -> str:
    """The company whose move a figure is, where the subject next to it only tells why: 因资本开支计划跌5.6%."""
    if named.symbol not in ("economy", "rates and shares", "volume") or figure.unit != "%":
        return ""
    gap = stated.text[named.end : figure.start]
    move = _MOVED.search(gap)
    owners = [one for one in stated.subjects if one.end <= named.start and is_priced(one.symbol)]
    if move is None or not owners or len(gap[: move.start()].strip()) < 2:
        return ""
    return owners[-1].symbol


def aside(stated: Stated, figure: Figure, subject: str) -> bool:
    """Whether the subject of a figure is only set against that of the sentence: "versus 3 % for the S&P 500"."""
    mentions = [one for one in stated.subjects if one.symbol == subject]
    if not mentions:
        return False
    near = min(mentions, key=lambda one: abs(one.start - figure.start))
    before = stated.text[max(stated.sentence.start, min(near.start, figure.start) - 24) : min(near.start, figure.start)]
    return _SET_AGAINST.search(before) is not None


_SET_AGAINST = re.compile(
    r"(?:\bversus|\bvs\.?|\bcompared (?:with|to)|\bagainst|\bthan|\bmore than|\bbehind|\boutpac\w+|\bbeat\w*"
    r"|相比|对比|而|高于|低于|跑赢|跑输|领先)"
    r"[^,;]{0,20}$",
    re.ASCII,
)


def _own(stated: Stated, between: list[Mention], figure: Figure) -> bool:
    """Whether a subject before a figure is its own: none where a break parts them and a new one follows."""
    if not between:
        return False
    gap = stated.text[between[-1].end : figure.start]
    return _AFTER_BREAK.search(gap) is None


def _chosen(stated: Stated, between: list[Mention], figure: Figure, previous: str) -> str:
    """The last subject before a figure that is not merely compared with."""
    last = between[-1]
    gap = stated.text[last.end : figure.start]
    compared = _is_compared(stated, last)
    beside = re.fullmatch(
        r"\s*(?:\([^()]*\))?\s*(?:'s?|的)?\s*(?:\(\s*)?(?:(?:at|with)\s+)?(?:(?<=\()(?:up|down|rising|falling|off|[收]?[涨跌升降]|上涨|下跌)\s*)?[+\-]?",
        gap,
    ) and ("(" in gap or not compared or figure.unit == "%")
    if beside and last.symbol != "sectors":
        return last.symbol
    if any(one.symbol not in _GENERAL for one in between):
        between = [one for one in between if one.symbol not in ("sectors",)]
    if re.match(r",? which\b|,该", stated.text[last.end : figure.start]):
        return last.symbol
    for one in reversed(between):
        if not _is_compared(stated, one) or (one is between[0] and not previous):
            if len(between) > 1 and one is between[-1] and _POSSESSIVE.match(stated.text, one.end):
                continue
            return one.symbol
    return previous or between[0].symbol


def _is_compared(stated: Stated, one: Mention) -> bool:
    """Whether a subject is only what another is compared with, or the whole that it is a part of."""
    before = stated.text[max(stated.sentence.start, one.start - 24) : one.start]
    return words.BEATEN.search(before) is not None or words.PART_OF.search(before) is not None


def _behind(stated: Stated, figure: Figure) -> Mention | None:
    """A subject that follows a figure in such words as "for the"."""
    for one in stated.subjects:
        if one.start >= figure.end:
            gap = stated.text[figure.end : one.start]
            if figure.unit == "USD" and figure.step >= 1e5 and _PAID.fullmatch(gap):
                return one
            if _MEASURED_BY.search(gap) and len(gap) < 70 and not _AFTER_BREAK.search(gap.rpartition(",")[0]):
                return one
            if _AT.search(stated.before(figure)) and re.fullmatch(r"(?: points)?,? (?:the )?", gap):
                return one
            general = one.symbol in _GENERAL and re.fullmatch(r"\s*\)?\s*(?:of|的) ?(?:the |its |all )?", gap)
            return one if general or _FOLLOWS.fullmatch(gap) else None
    return None
