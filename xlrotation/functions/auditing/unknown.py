"""Names that no list here knows: where one stands before a figure, what was spoken of before is not its subject."""

from __future__ import annotations

import re

from xlrotation.functions.auditing import words
from xlrotation.functions.auditing.figures import Figure
from xlrotation.functions.auditing.place import Stated

UNKNOWN_NAME = "a name that is not known stands before it"
_CLAUSE = re.compile(
    r"[;。、]|(?<!\d),|,(?!\d)|:(?!\d)|[.!?]\s|\b(?:and|but|while|as|with|whereas|or|then)\b|而|但|则|其中", re.ASCII
)
_HAN = re.compile(r"[一-鿿]{2,}")
_PLAIN = re.compile(
    r"媒体|报道|消息|据|有|称|指出|跌幅|涨幅|幅度|累计|累|单日|全[周月年日天]|同比|环比|同期|截至|截止|当地|时间"
    r"|收盘|开盘|盘[中初前后]|早盘|午盘|尾盘|午后|尾段|最终|最[高低大小多]|一度"
    r"|曾|点位|关口|整数|历史|纪录|记录|以来|新[高低]|分别|另外|此外|该?指数|股价|三大|股指|均线|之[上下]|上方|下方"
    r"|领先|跑[赢输]|落后|相[差比]|百分点"
    r"|基点|市值|失守|突破|站[上稳]|收复|回到|重回|逼近|来到|高[于出]|低于|超过|不到|接近|幅|录得|创[下出造]?"
    r"|报[收于]?|收[于报在]?|至|到|为|达|约|近|逾|超"
    r"|较|比|前一?[日天周]|其|也|亦|均|都|又|再|仍|还|已|且|并|但|则|而|与|和|及|的|了|在|从|由|自|将|被|是|有|去"
    r"|来|可|不|只|仅|个|点|位|日|天|周|月"
    r"|年|季|度|内|间|期|今|昨|本|当|上|下|后|前|过去|最近|交易|连续?|第|首次|再次|继续|随后|目前|当前|现|价格|价"
    r"|水平|附近|左右|美股|市场|全球|大盘"
    r"|表现|方面|整体|整|盘|收|高|低|开|走|大幅|小幅|略|微|轻微|明显|显著|进一步|扩大|收窄|回[升落]|反弹|数据|显示"
    r"|实际|并非|不是|波动|区间|以|计"
    r"|这|那|之|中|里|倍|翻|腰斩|一半|强|弱|势|逆|劲|暴|飙|急|骤|猛|重|轻|齐|普|两|三|四|五|六|七|八|九|十|一|二|成"
    r"|涨|跌|升|降|挫|泻|滑|跳|跃|攀|多|少|强势|创出"
)
_LOWER = frozenset(
    "oil crude copper gas yield yields dollar euro yen bonds bond treasury treasuries futures "
    "shares stock homebuilders "
    r""
    "airlines retailers miners insurers lenders banks carmakers automakers drugmakers pipelines reits biotech biotechs "
    "transports midcaps mid-caps wheat corn soybeans platinum palladium uranium lumber sales revenue revenues profit "
    "profits prices inflation wages rents exports imports orders output production spending".split()
)
_WORD = re.compile(r"[A-Za-z][A-Za-z.&'-]+")
_COMMON = frozenset(
    "the it its this that in on at by for from to of an and but as year week month day today monday tuesday wednesday "
    "thursday friday saturday sunday january february march april may june july august september october november "
    "december jan feb mar apr jun jul aug sep sept oct nov dec wall street us u.s u.s. us. at year-to-date ytd mtd qtd "
    "after before since over during another while with by even still only".split()
)


def unknown_name(stated: Stated, figure: Figure, written: str) -> bool:
    """Whether the clause before a figure names something that is none of the subjects.

    Args:
        stated: The sentence.
        figure: The figure, whose own clause names no subject that is known.
        written: The whole text as written, of the same length as the plain one.
    """
    low = max([stated.sentence.start, *(one.end for one in stated.figures if one.end <= figure.start)])
    breaks = [match.end() for match in _CLAUSE.finditer(stated.text, low, figure.start)]
    filled = [place for place in breaks if stated.text[place : figure.start].strip(" $(+-")]
    start = max([low, *filled])
    if any(start <= one.start < figure.start for one in stated.subjects):
        return False
    said = _without(stated, start, figure.start)
    if _HAN.search(said):
        return _HAN.search(_PLAIN.sub(" ", words.DOWN.sub(" ", words.UP.sub(" ", said)))) is not None
    return _english(stated, start, figure.start, written)


def _without(stated: Stated, start: int, end: int) -> str:
    """A stretch of the text without the days and windows in it."""
    said = list(stated.text[start:end])
    timed = [(one.start, one.end) for one in stated.days] + [(one.start, one.end) for one in stated.windows]
    for first, last in timed:
        for place in range(max(start, first), min(end, last)):
            said[place - start] = " "
    return "".join(said)


def _english(stated: Stated, start: int, end: int, written: str) -> bool:
    """A capital inside the clause, or one of the nouns that markets are spoken of by."""
    for match in _WORD.finditer(_without(stated, start, end)):
        place = start + match.start()
        word = match[0].lower().rstrip(".'").removesuffix("'s")
        if word in _LOWER:
            return True
        opens = not stated.text[stated.sentence.start : place].strip()
        if written[place].isupper() and word not in _COMMON and not (opens and words.UP.match(word)):
            following = stated.text[place + len(match[0]) : place + len(match[0]) + 24]
            if not opens or re.match(r"\s+(?:[a-z]+ly )?(?:" + _VERB + r")", following):
                return True
    return False


_VERB = (
    r"rose|fell|gain|los|jump|surg|soar|climb|advanc|add|slid|sank|shed|drop|declin|slip|tumbl|plung|plummet|rall"
    r"|was|were|is"
    r"|are|ended|closed|traded|trades|settled|finished|up|down|leap|slump|dip|eased|edged|retreat"
)
