"""What runs, counts and records since a day measure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

from xlrotation.functions.auditing import words
from xlrotation.functions.auditing.around import Around, Meant
from xlrotation.functions.auditing.names import VOLATILITY
from xlrotation.functions.auditing.reading import is_priced, pair


def _streak(one: Around) -> Meant:
    text = one.stated.whole
    after, before = one.stated.after(one.figure, 60), one.before[-60:]
    if one.subject in VOLATILITY and (
        level := re.search(r"(?:above|below|over|高于|低于|在|站上)\s*(\d+(?:\.\d+)?)(?!日|天)", before + "#" + after)
    ):
        side = "LOW" if re.search(r"below|低于|之下", before + after) else ""
        return Meant("volatility streak", n=float(level[1]), side=side) if not side else Meant("other")
    if re.search(r"[流净][入出]|\bin ?flows?\b|\bout ?flows?\b|降息|加息|\brate (?:cut|hike)s?\b", after[:40]):
        return Meant("other")
    years = one.figure.unit in ("years", "months", "weeks")
    compared = re.search(r"跑赢|领先|连胜|\bbeat|\bahead|outperform|\bwins?\b|相对于", text)
    if compared and one.figure.unit != "years":
        two = _two_of_streak(one)
        if two:
            return Meant("streak", pair(*two, "/"))
        if years:
            return Meant("other")
    return Meant("own streak") if is_priced(one.subject) and one.figure.unit != "years" else Meant("other")


def _two_of_streak(one: Around) -> tuple[str, str] | None:
    mentions = [mention for mention in one.stated.subjects if is_priced(mention.symbol)]
    for first, second in itertools.pairwise(mentions):
        gap = one.stated.text[first.end : second.start]
        if (
            re.search(r"跑赢|领先|相对于|\bbeat|\bahead of|\boutperform|\bover\b", gap)
            and first.symbol != second.symbol
        ):
            return first.symbol, second.symbol
    return one.memory.pair if re.search(r"win|beat|ahead|连胜|跑赢", one.stated.whole) else None


_MOST = re.compile(r"最[高低大长多小强好差弱]")
_ELSE = re.compile(
    r"[流净][入出]|规模|破产|逾期|违约|估值|市盈率|盈利|指引|增速|数量|销售|就业|通胀|\bin?flows?\b|\boutflows?\b|\bissuance\b"
    r"|\bdelinquenc|\bdefaults?\b|\bbankruptc|\bvaluations?\b|\bearnings\b|\bguidance\b|\bmultiples?\b|\binflation\b"
    r"|\bbuying\b|\bselling\b|\bvolumes?\b|\bshort interest\b",
    re.ASCII,
)
"""What records are told of that are no price."""


def _span(text: str) -> str:
    """The window of a return that is a record: "its best month", 最大单周跌幅; blank for a day."""
    found = list(re.finditer(r"(?P<m>month|单月|月度)|(?P<w>week|单周)|(?P<d>\bday|单日|session)", text))
    return {"m": "MTD", "w": "1W", "d": ""}[str(found[-1].lastgroup)] if found else ""


def _since(one: Around) -> Meant:
    tail = one.stated.text[one.figure.end : one.figure.end + 12]
    said = one.stated.text[one.figure.start : one.figure.end + 18]
    said = said[: (found.end() if (found := _MOST.search(said)) else one.figure.end - one.figure.start)]
    before = one.before[-60:] + said
    side = "LOW" if words.WORST.search(said if _MOST.search(said) else before) else "HIGH"
    if _ELSE.search(one.before[-48:] + said):
        return Meant("other")
    if re.search(r"longest|最长|run\b|streak|连", before) and not one.memory.pair:
        return Meant("other")
    if re.search(r"longest|最长|run\b|streak|连", before) and one.memory.pair:
        return Meant("streak since", pair(*one.memory.pair, "/"))
    if re.search(
        r"\b(?:day|gain|loss|session|week|month|best|worst|biggest|drop|decline)\b[^.]{0,16}$|跌幅|涨幅|单[日周月]|表现",
        before.partition("since")[0].rstrip() if "since" in before else before + tail,
    ) and not re.search(r"clos", before):
        return (
            Meant(
                "return since",
                window=_span(before + tail),
                side="LOW" if side == "LOW" or re.search(r"loss|drop|decline|跌幅|最差", before + tail) else "HIGH",
            )
            if is_priced(one.subject)
            else Meant("other")
        )
    return Meant("since", side=side) if is_priced(one.subject) else Meant("other")


_STIRRED = re.compile(
    r"\b(?:rose|rising|gain\w*|advanc\w+|climb\w*|up|higher|fell|falling|declin\w+|dropp\w+|los[st]\w*|down|lower|green|red"
    r"|positive|negative|finish\w*|end\w*|clos\w+)\b|[涨跌升降]|走[高低强弱]|收[高低红绿]|翻[红绿]|飘[红绿]",
    re.ASCII,
)
_POINTED = re.compile(r"[这那该其此]\s*$|\b(?:these|those|both|the other)\s*$", re.ASCII)
"""What moves in a count, and what only points at a number of things."""


_GROUP = re.compile(r"(?<!\d)(\d{1,5})(?:只|家|名|个)(?:成[份分]股|股票|公司)?(?:当?中|里)", re.ASCII)
_FEW, _MANY = 480, 520
"""Members of the index that the counts are of, at least and at most."""


def _count(one: Around) -> Meant:
    said = one.stated.text[one.figure.start : one.figure.end]
    whole, about = one.stated.whole, one.after + said
    if not _STIRRED.search(about):
        about += one.near
    low = "跌" in said or "降" in said or re.search(r"declin|fell|down|lower|下跌|收跌|收低|走低", about)
    side = "LOW" if low else "HIGH"
    if one.figure.pattern == "all" or one.subject == "MAG7":
        return Meant(
            "members up",
            "MAG7",
            side="LOW"
            if re.search(
                r"down|下跌",
                whole + one.stated.text[max(0, one.stated.sentence.start - 70) : one.stated.sentence.start],
            )
            else side,
        )
    if re.search(r"sectors?\b|板块|行业", whole):
        if re.search(r"\d[只个家]?[涨升跌降]$", said):
            return Meant("sectors down" if low else "sectors up", "sectors")
        if not _STIRRED.search(whole if one.figure.pattern == "of" else about) or _POINTED.search(one.near):
            return Meant("none")
        return Meant(
            "sectors down" if side == "LOW" and not re.search(r"advanc|rose|上涨|收高", about) else "sectors up",
            "sectors",
        )
    if re.search(
        r"\bwon\b|\bwins\b|\bbeat(?:en)?\b|\boutperformed\b|跑赢|领先", one.before + one.after[:8]
    ) and re.search(r"sessions|[日天]|days", one.stated.text[one.figure.start : one.figure.end + 30]):
        total = re.search(r"(?:近|过去|最近)(\d+)个?(?:交易)?[日天]", one.before)
        if total:
            return Meant(
                "hits", pair(*(_two_of_streak(one) or ("^RUT", "^GSPC")), "/"), float(total[1]), window=f"{total[1]}D"
            )
        total = re.search(r"(\d+)(?: \w+)? (?:sessions|trading days|days)", one.stated.after(one.figure, 40))
        recent = re.search(r"\b(?:last|past) $", one.stated.after(one.figure, 40)[: total.start()]) if total else None
        return Meant(
            "hits",
            pair(*(one.memory.pair or ("^RUT", "^GSPC")), "/"),
            float(total[1]) if total else 0,
            window=f"{total[1]}D" if total and recent else "",
        )
    if (group := _GROUP.search(one.near + said)) and not _FEW < float(group[1]) < _MANY:
        return Meant("other")  # of the members of another index
    text = one.near + one.stated.text[one.figure.start : one.figure.end] + one.after
    if words.NEW_HIGHS.search(text):
        return Meant("new highs", "SP500", window="1Y")
    if words.NEW_LOWS.search(text):
        return Meant("new lows", "SP500", window="1Y")
    if re.search(r"rose|advanc|上涨|declin|fell|下跌|in all", text) and (
        one.memory.topic == "SP500" or one.subject in ("SP500", "^GSPC")
    ):
        return Meant("advancers", "SP500", side=side)
    return Meant("other")


def _records(one: Around) -> Meant:
    return Meant("records") if is_priced(one.subject) else Meant("other")


PATTERNS: dict[str, Callable[[Around], Meant]] = {
    "streak": _streak,
    "since": _since,
    "of": _count,
    "all": _count,
    "count": _count,
    "records": _records,
    "ratio": lambda _: Meant("other"),
}
"""What says the measure of the figures that grammar finds."""
