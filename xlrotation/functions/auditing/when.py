"""The window that a figure is about."""

from __future__ import annotations

import datetime as dt
import re

from xlrotation.functions.auditing.dayof import is_rough, is_start, last_of
from xlrotation.functions.auditing.days import SAME, Span, When
from xlrotation.functions.auditing.figures import Figure
from xlrotation.functions.auditing.place import Memory, Stated
from xlrotation.functions.auditing.reach import gapped, reaches, superseded
from xlrotation.functions.auditing.sessions import Sessions

_WEEK_FROM = re.compile(r"\s*(?:算起|开始|起)的?(?:一|当|那)周|\s*当周")
_NEXT = re.compile(r"[;。、]|(?<!\d),|,(?!\d)|\.(?:\s|$)")
_STOPPING = frozenset(("measurement", "forecast", "target", "threshold", "other"))
_TURN = re.compile(r"\b(?:after|as|while|but|following|despite|when|because|since|amid)\b", re.ASCII)


_VALUE_IN = re.compile(r"[^()\d]{0,12}[+\-]?\d[\d.,]*\s?%", re.ASCII)


def _belongs(stated: Stated, end: int, span: Span) -> bool:
    """Whether a window behind a figure or its list is its own: near, with no turn of the sentence between."""
    gap = stated.text[end : span.start]
    if "(" in gap and _VALUE_IN.match(stated.text, span.end, stated.sentence.end):
        return False  # "+7.3% (YTD +8.9%)"
    return len(gap) <= 64 and _TURN.search(gap) is None


_AND = re.compile(r"\s*(?:and|or|,|、|和|及|与|, and)\s*", re.ASCII)


def _list_end(stated: Stated, figure: Figure) -> int:
    """The end of the list of figures that one stands in: what follows it holds for all of them."""
    end = figure.end
    for one in stated.measured:
        if one.start >= end:
            if not _AND.fullmatch(stated.text[end : one.start]):
                break
            end = one.end
    return end


def _near(stated: Stated, figure: Figure) -> list[Span]:
    """Windows by their nearness to a figure: behind it in its clause, then before it in its sentence."""
    end = _list_end(stated, figure)
    stop = _NEXT.search(stated.text, end, stated.sentence.end)
    others = [one.start for one in stated.figures if one.start >= end and one.kind in _STOPPING]
    limit = min([stop.start() if stop else stated.sentence.end, *others])
    close = [one for one in stated.windows if figure.end <= one.start < limit and _belongs(stated, end, one)]
    before = [one for one in stated.windows if one.end <= figure.start + 1 or one.start < figure.start < one.end]
    return [*close[:1], *reversed(before)]


def window_of(
    stated: Stated, figure: Figure, memory: Memory, sessions: Sessions
) -> tuple[str, dt.date | None, dt.date | None]:
    """The window of a figure, its first day, and the session that it ends at where that differs.

    The window is blank where the sentence names none; it has a first day where it is since a day.
    """
    periods: list[tuple[int, When | Span]] = [
        (when.start, when) for when in stated.days if _is_period(stated, when, figure)
    ]
    spans: list[tuple[int, When | Span]] = [
        (one.start, one) for one in _near(stated, figure) if not _of_average(stated, one)
    ]
    after = [pair for pair in (*spans, *periods) if pair[0] >= figure.end]
    before = [
        pair
        for pair in (*spans, *periods)
        if pair[0] < figure.start
        and reaches(stated, pair[0], pair[1].end, figure)
        and not superseded(stated, pair[1].end, figure)
    ]
    if not after and not before:
        further = gapped(stated, figure)
        if further:
            return window_of(stated, further[-1], memory, sessions)
    chosen = (
        min(after, key=lambda pair: pair[0])[1]
        if after
        else max(before, key=lambda pair: pair[0])[1]
        if before
        else None
    )
    if isinstance(chosen, Span):
        return _spanned(stated, chosen, memory, sessions)
    if isinstance(chosen, When):
        return _period(stated, chosen, memory, sessions)
    return "", None, None


def _of_average(stated: Stated, span: Span) -> bool:
    """Whether a counted window is the length of an average, or a tenor."""
    after = stated.text[span.end : span.end + 14]
    return re.match(
        r"[- ]?(?:(?:simple |exponential |moving )*(?:average|ma\b)|移动|平均|均线|期|隐含|treasury|note|yield)", after
    ) is not None or stated.text[span.start : span.end].endswith("连")


def _is_period(stated: Stated, when: When, figure: Figure) -> bool:
    text, near = stated.text, 60
    end = _list_end(stated, figure)
    stop = _NEXT.search(text, end, stated.sentence.end)
    others = [one.start for one in stated.measured if one.start >= end]
    limit = min([stop.start() if stop else stated.sentence.end, *others])
    if when.start >= figure.end and (when.start >= limit or when.start - figure.end > near):
        return False
    if figure.start <= when.start < figure.end:
        return False
    if is_start(stated, when):
        return True
    if is_rough(stated, when):
        return False
    if when.kind == "day":
        return _WEEK_FROM.match(text, when.end) is not None
    if when.kind == "month" and text[when.end - 1] == "月" and _NO_PERIOD.match(text, when.end):
        return False
    before = text[stated.sentence.start : when.start]
    if when.kind == "month" and (_TILL.search(before) or (not before.strip() and _EVENT.match(text, when.end))):
        return False
    if when.kind == "month":
        return (
            _GAINS.match(text, when.end) is not None
            or re.search(
                r"(?:\bin|\bfor|\bof|\bend(?:ed)?|\bfinish(?:ed)?|\bclosed(?: out)?)\s*$|^\s*$|[,。;]\s*$",
                before,
                re.ASCII,
            )
            is not None
            or _zh_period(text, when)
        )
    if when.kind == "quarter":
        return True
    return when.kind == "year" and (
        _WHOLE_YEAR.search(text, max(0, when.start - 24), when.start) is not None
        or text[when.end : when.end + 2] in ("全年",)
    )


_END_OF = re.compile(r"\b(?:the )?end(?: of |-)\s*$", re.ASCII)
_WHOLE_YEAR = re.compile(
    r"\b(?:in|for|finish\w*|ended?|clos\w+|conclud\w+|wrapp\w+ up|capp\w+)\s*$"
    r"|(?<!week )(?<!month )(?<!day )(?<!end )(?<!start )(?<!half )"
    r"(?<!beginning )(?<!turn )(?<!close )(?<!quarter )(?<!session )(?<!part )(?<!most )\bof\s*$",
    re.ASCII,
)
_TILL = re.compile(
    r"\b(?:days|weeks|months|quarters|years|period|quarter|year) (?:to|through|until|ended|ending)"
    r" (?:the )?(?:end of )?$",
    re.ASCII,
)
"""What stands before a month that only ends a longer window."""
_EVENT = re.compile(
    r"'s (?!(?:[\w-]+ )?(?:scorecard|tally|performance|moves?|numbers|figures|report card|gain|loss|advance|decline"
    r"|drop|rally|slide|rise|return))",
    re.ASCII,
)
"""What makes a month that opens a sentence the day of something else: "July's deadline"."""
_GAINS = re.compile(r"(?:'s)? (?:gain|loss|advance|decline|drop|rally|slide|rise|return)(?:s|es)?\b", re.ASCII)
_NO_PERIOD = re.compile(
    r"[^,。;]{0,3}(?:收官|最后|首个|第|起|开始|末|底|初|[上中下]旬|至(?!今)|到|[前后](?!三)|交割|到期|会议|议息|不|是否|降息|加息"
    r"|美联储|合约|期货|C?PI|cpi|ppi|pce"
    r"|非农|就业|通胀|零售|数据|财报|的?(?:高|低|峰|谷)[点位]|以来的?最)|[日号]"
)
"""What stands behind a month that is no window."""


def _zh_period(text: str, when: When) -> bool:
    return "月" in text[when.start : when.end] and not _NO_PERIOD.match(text, when.end)


def _week_to(stated: Stated, when: When) -> dt.date | None:
    """The last day of a week that is given by its Monday and a day at its end."""
    if when.kind != "day" or when.day is None or when.day.weekday() != 0:
        return None
    for other in stated.days:
        if other.kind == "day" and other.day and 0 <= other.start - when.end < 6:
            return other.day if 3 <= (other.day - when.day).days <= 6 else None
    return None


def _period(
    stated: Stated, when: When, memory: Memory, sessions: Sessions
) -> tuple[str, dt.date | None, dt.date | None]:
    if when.day is None:
        return "", None, None
    if when.kind == "day" and not is_start(stated, when):
        return "1W", None, None
    if is_start(stated, when) and (last := _week_to(stated, when)):
        return "1W", None, sessions.on_or_before(last)
    if is_start(stated, when):
        first = when.day if when.kind == "day" else when.day - dt.timedelta(1)
        ends = stated.text[when.start : when.end].endswith(("末", "底"))
        if when.kind == "month" and (ends or _END_OF.search(stated.text, stated.sentence.start, when.start)):
            first = last_of(when)
        return "", first, None
    window = {"month": "MTD", "quarter": "QTD", "year": "YTD"}[when.kind]
    last = last_of(when)
    end = sessions.on_or_before(last) if memory.base is None or last < memory.base else None
    return window, None, end


def _spanned(
    stated: Stated, span: Span, memory: Memory, sessions: Sessions
) -> tuple[str, dt.date | None, dt.date | None]:
    end = None
    if span.window == SAME:
        return memory.last
    if span.window in ("H1", "H2"):
        return _half(span.window == "H1", memory, sessions)
    if span.last and memory.report is not None:
        if span.window == "1W":
            if memory.ranged:  # the title gives the days of the week
                return span.window, None, None
            end = sessions.on_or_before(memory.report - dt.timedelta(memory.report.weekday() + 3))
        else:
            end = sessions.on_or_before(memory.report.replace(day=1) - dt.timedelta(1))
    elif span.window == "YTD" and (year := _year_before(stated, span)) and memory.base and year < memory.base.year:
        end = sessions.on_or_before(dt.date(year, 12, 31))
    return span.window, None, end


def _half(first: bool, memory: Memory, sessions: Sessions) -> tuple[str, dt.date | None, dt.date | None]:
    """The first or the second half of the year, the newest that has begun."""
    if memory.base is None:
        return "", None, None
    year = memory.base.year
    if first:
        last = dt.date(year, 6, 30)
        return ("YTD", None, None if memory.base <= last else sessions.on_or_before(last))
    if memory.base.month <= 6:
        return "", dt.date(year - 1, 6, 30), sessions.on_or_before(dt.date(year - 1, 12, 31))
    return "", dt.date(year, 6, 30), None


def _year_before(stated: Stated, span: Span) -> int | None:
    match = re.search(r"(20\d\d)年?$", stated.text[max(0, span.start - 6) : span.start]) or re.search(
        r"in (20\d\d)", stated.text[span.start : span.end]
    )
    return int(match[1]) if match else None


_AHEAD = re.compile(r"\s*(?:\b(?:for|over|in|during|so far|the|all of|just|only)\b\s*)*|\s*[单只仅]?看?在?", re.ASCII)


def opening(stated: Stated) -> str:
    """The window that a sentence opens with, longer than a day; blank where it opens with none."""
    low = stated.sentence.start
    for span in stated.windows:
        if (
            _AHEAD.fullmatch(stated.text, low, span.start)
            and not span.last
            and span.window not in ("1D", SAME, "H1", "H2")
        ):
            return span.window if span.window != "" else ""
    for when in stated.days:
        if when.kind == "month" and not is_start(stated, when) and _AHEAD.fullmatch(stated.text, low, when.start):
            first = stated.measured[0] if stated.measured else None
            return "MTD" if first is not None and _is_period(stated, when, first) else ""
    return ""
