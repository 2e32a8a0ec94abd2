"""Whether a number was measured at all: targets, forecasts, odds, thresholds and conditions are not."""

from __future__ import annotations

import re

from xlrotation.functions.auditing.figures import Figure

_WIDE = re.compile(
    r"(?P<target>\b(?:price )?targets?\b(?! range)|\bfair value\b|\bstop[- ]loss|目标|止损|合理估值|看至|看到|上看)"
    r"|(?P<threshold>\bsupport\b|\bresistance\b|\bchartist|\bkey level|\bnext line\b|支撑(?:位|线|看|在"
    r"|区)|下方支撑|阻力|压力位|关口(?!上方收"
    r"|之上收)|止盈|关键(?:技术)?(?:水平|点位))"
    r"|(?P<forecast>\bstrategists?\b|\bconsensus\b|\bforecasts?\b|\bassum(?:es?|ing|ption)|\bexpects?\b"
    r"|\bexpected to\b|\bexpectations?\b|\bpredicts?\b|\bprojects?\b|(?<!that )(?<!which )\bputs? the\b"
    r"|\bsees? the\b|\bcould\b"
    r"|\bwould\b"
    r"|\bmight\b|(?<!\d )(?<!since )(?<!in )(?<!of )(?<!until )(?<!from )(?<!late )(?<!early )\bmay\b(?! \d| 20| \("
    r"|[,.()])|\bwill (?:reach|hit|rise|fall|be|end|climb|drop|likely"
    r"|probably)\b|\bif\b(?! anything)|\bshould\b(?! note| be noted)|\bunless\b|\bestimates?\b|\bguid(?:ance|ed|es)\b"
    r"|\bnext year\b|预计|预测|预期(?:的|为|在"
    r"|将)?|料将|料达|料为|有望|或将|可能|若(?!从|按|以|计|干)|如果|一旦|假[设定如]|策略师|分析师(?!指出)|认为"
    r"|建议|指引|估计|有可能|将(?:在|会|达|升|降|触|释|运|于)|展望"
    r"|倘若)"
)
_NARROW_BEFORE = re.compile(
    r"(?P<forecast>\bprobability\b|\bodds\b|\bchances?\b|\blikelihood\b|\bimpl(?:y|ies|ied)\b(?! vol|"
    r" corr)|\bprices? in\b|\boptions price\b|\bprice a move\b|\bfutures imply|概率|机率|几率|可能性"
    r"|隐含(?!波动|相关))|(?P<threshold>\btrigger\b"
    r"|\bthreshold\b|\bbreakeven\b|触发|阈值|门槛|警戒)"
)
_AFTER = re.compile(
    r"^[^.;。,、]{0,28}?(?:(?P<forecast>\bprobability|\bchance\b|\bodds\b|\bexpected\b|\bforecast|\bestimate"
    r"|\bfrom here\b|\bcorrection[,.]?\" said|概率|机率|的概率|预期|by (?:year[- ]end|december|the end of))"
    r"|(?P<threshold>\bas support|\bas resistance|\bwhere our|支撑[位线区]|形成支撑|阻力[位线]?|关口"
    r"|水平(?:的反应|之))|(?P<other>of the"
    r" time\b|\bof (?:funds|managers|investors|portfolios|trades|people|americans|adults|respondents"
    r"|consumers|companies|gdp|revenue|sales)))"
)
_CLAUSE = re.compile(r"[、;]|(?<!\d),|,(?!\d)|:(?!\d)|\(|\)")
_HISTORY = re.compile(
    r"历史上(?!首次|第|最)|历史规律|历史经验|\bhistorically\b|\bon average\b|过去10 ?年|平均而言|通常|往往"
    r"|倾向于|一般而言"
    r"|\btypically\b|\busually\b|\btend(?:s|ed)? to\b|\bin (?:past|previous|prior) (?:cycles|recessions"
    r"|crises|episodes)\b",
    re.ASCII,
)
_CONDITION = re.compile(
    r"\s?(?:以上|以下)?(?:或[更以].)?的?(?:那些|每个)?(?:单?[周日月天]|交易日|年份|情形|情况|时候|时期|时"
    r"|阶段)(?:数据|里|中|内|都|会|,|的|$)"
    r"|\s?(?:or (?:more|worse|less) )?(?:days|weeks|sessions|months|moves|drops|declines|pullbacks|selloffs"
    r"|corrections)\b",
    re.ASCII,
)
_WHENEVER = re.compile(
    r"\b(?:whenever|every time|each time|(?:days|weeks|months|years|sessions|times) (?:when|in which|that|with|of))\b"
    r"|每当|每逢|凡是|一旦|[><≥≤]\s*\$?$",
    re.ASCII,
)
_LINE = re.compile(
    r"分水岭|警戒|临界|荣枯线|心理关口|极端恐慌|反复测试|多次(?:触及|测试)|区间[上下][沿限]|\bwatershed\b"
    r"|\bdividing line\b"
    r"|\bline in the sand\b|\bpanic (?:level|reading)s? of\b|\bcapitulation\b|\brepeated tests? of\b"
    r"|\btested? repeatedly\b"
    r"|\bpsychological\b|\bwarning (?:level|line|zone)\b",
    re.ASCII,
)
_FAR_FROM = re.compile(r"(?:距离?|离)[^,。;]{0,14}$", re.ASCII)
_STILL = re.compile(r"[^,。;]{0,6}(?:还有|尚有|仍有|还差|尚远)|[^,.;]{0,12}(?:区间的阶段|之间震荡)")


def clause(text: str, start: int, end: int, low: int, high: int) -> tuple[int, int]:
    """The clause around a figure, within a sentence."""
    first = low
    for match in _CLAUSE.finditer(text, low, start):
        first = match.end()
    after = _CLAUSE.search(text, end, high)
    return first, after.start() if after else high


def not_measured(text: str, figure: Figure, low: int, high: int) -> tuple[str, str] | None:
    """The kind and reason where the sentence from *low* to *high* says that the number was not measured."""
    first, _last = clause(text, figure.start, figure.end, low, high)
    if text[low:high].rstrip().endswith("?") and figure.unit not in ("%", "pp", "bp"):
        return "threshold", "a number that is asked about"
    if _DENIED.search(text, max(low, figure.start - 28), figure.start):
        return "other", "a figure that the text denies"
    if (found := _elsewhere(text, figure, first, high)) is not None:
        return found
    if figure.unit in ("", "points") and _CLOSE_OF.search(text, max(low, figure.start - 40), figure.start):
        return None
    for match in _WIDE.finditer(text, low, figure.start):
        if not _overtaken(text, match, low, first, figure.start):
            return _said(match)
    if before := _NARROW_BEFORE.search(text, first, figure.start):
        return _said(before)
    if _is_condition(text, figure, first, high):
        return "threshold", _REASONS["threshold"]
    if after := _AFTER.match(text[figure.end : min(high, figure.end + 70)]):
        return _said(after)
    if (usual := _HISTORY.search(text, low, figure.start)) and not _new_statement(text, usual.end(), figure.start):
        return "forecast", "what was usual, not a figure of the day"
    return None


_DUTY_BEFORE = re.compile(
    r"\b(?:tariffs?|dut(?:y|ies)|lev(?:y|ies))\b[^,;]{0,16}\b(?:is|are|of|to|at)\s*$|(?:加征|征收|税率为?)\s*$"
    r"|\b(?:offer(?:ing)?|ipo|issue|deal|bid) price (?:of|at|was)\s*\$?$|(?:发行价|要约价|收购价)(?:格)?(?:为|是)?\s*$",
    re.ASCII,
)
_DUTY_AFTER = re.compile(
    r"\s?的?(?:关税|税率)|\s(?:\w+ )?(?:tariffs?|dut(?:y|ies)|lev(?:y|ies))\b"
    r"|\s(?:offer(?:ing)?|ipo|issue|deal|bid) price\b"
    r"|\s(?:cash )?(?:allocation|position|stake)\b",
    re.ASCII,
)
_ASKED = re.compile(
    r"\s*(?:of (?:our |the )?)?(?:clients|investors|managers|economists|strategists|respondents|households|consumers"
    r"|americans|adults|people|traders)\b",
    re.ASCII,
)
_TARGET_AFTER = re.compile(r"点?的(?:年[末底])?目标|(?: points?)? (?:year-end |price )?target\b", re.ASCII)
_READING_BEFORE = re.compile(
    r"\b(?:an?|any) (?:reading|close|level|print|break|move) (?:above|below|over|under)\s*$"
    r"|(?:^|[,;])\s*(?:and |while |one )?(?:above|below|over|under)\s*$",
    re.ASCII,
)
_READING_AFTER = re.compile(r"\s*(?:would|is|are|means?|signals?|marks?|suggests?|points? to|spells?)\b", re.ASCII)


def _elsewhere(text: str, figure: Figure, first: int, high: int) -> tuple[str, str] | None:
    """The kind and reason of a duty, an offer's price, a share of those asked, a target, what a reading would mean."""
    low = max(first, figure.start - 60)
    if _DUTY_BEFORE.search(text, low, figure.start) or _DUTY_AFTER.match(text, figure.end, high):
        return "other", _REASONS["other"]
    if figure.pattern == "fraction" and _ASKED.match(text, figure.end, high):
        return "other", _REASONS["other"]
    if _TARGET_AFTER.match(text, figure.end, high):
        return "target", _REASONS["target"]
    if _READING_BEFORE.search(text[low : figure.start]) and _READING_AFTER.match(text, figure.end, high):
        return "threshold", _REASONS["threshold"]
    return None


_DENIED = re.compile(
    r"(?:\bnot|\brather than|\binstead of|不是|而非|而不是|并非)\s*(?:\b(?:the|a|an|by|up|down|at"
    r"|to)\b\s*){0,2}[$+\-]?$",
    re.ASCII,
)
_CLOSE_OF = re.compile(
    r"\b(?:above|below|from|than) (?:the |its )?(?:last |latest |current |prior |\w+day's |\w+day )?clos(?:e"
    r"|ing (?:level|price))(?: (?:of|at))? $"
    r"|(?:收盘价|现价|最新价)\s*\(?$",
    re.ASCII,
)


def _is_condition(text: str, figure: Figure, first: int, high: int) -> bool:
    """Whether a number says when something is counted, or where a line is drawn: weeks with falls of more than 1 %."""
    if figure.unit in ("date", "month") or figure.pattern:
        return False
    before = text[max(first, figure.start - 40) : figure.start]
    after = text[figure.end : min(high, figure.end + 24)]
    if figure.unit in ("%", "bp", "pp") and not figure.signed and _CONDITION.match(after) and figure.step >= 0.1:
        return figure.relation in "<>" or re.match(r"\s?(?:or|days|weeks|moves)\b", after) is not None
    if _WHENEVER.search(before):
        return True
    if figure.unit in ("", "points") and _LINE.search(before):
        return True
    if figure.relation in "<>" and re.match(r"[^,。;]{0,4}(?:通常|往往)", after):
        return True
    return _FAR_FROM.search(before) is not None and _STILL.match(after) is not None


_BEATEN = re.compile(
    r"\b(?:topp\w+|beat\w*|exceed\w*|miss\w*|above|below|surpass\w*|ahead of|versus|vs\.?|than|against|short of"
    r"|in line with) (?:\w+ )?$"
    r"|(?:超|不及|好于|高于|低于|强于|弱于|符合|逊于)(?:市场)?$",
    re.ASCII,
)
"""Expectations that were met or not: what follows was measured all the same."""
_STATED = re.compile(
    r"[,;:](?!\d)[^,;]*(?:\b(?:closed|ended|finished|rose|fell|gained|lost|slipped|climbed|jumped|added"
    r"|dropped|declined|settled)\b|收[于报涨跌]|上涨|下跌|[涨跌][幅超逾近约]|收盘|[涨跌报收](?:\d|$)|[升降涨跌]至)",
    re.ASCII,
)


def _overtaken(text: str, cue: re.Match[str], low: int, first: int, end: int) -> bool:
    """Whether a cue does not hold for a figure: what was expected was met, moved a price, or something else is told."""
    if _BEATEN.search(text, max(low, cue.start() - 24), cue.start()) or _CAUSED.search(text[cue.end() : end]):
        return True
    return cue.end() < first and _new_statement(text, cue.end(), end)


_CAUSED = re.compile(
    r"\b(?:sent|pushed|drove|dragged|knocked|lifted|boosted|took)\b[^,;]{0,40}\b(?:up|down|higher|lower)\b"
    r"|\b(?:its|the|their) (?:stock|shares)\b[^,;]{0,24}$"
    r"|(?:拖累|带动|推动|提振|致使|令)[^,。;]{0,16}[涨跌升降]",
    re.ASCII,
)
"""What a forecast did to a price, which was measured: "its guidance sent it down 8 %"."""


def _new_statement(text: str, start: int, end: int) -> bool:
    """Whether something else is stated between a cue and a figure: a verb of the tape behind a comma."""
    return _STATED.search(text, start, end) is not None


_REASONS = {
    "target": "a target",
    "threshold": "a level to watch or to act at",
    "forecast": "an expectation, a condition or odds",
    "other": "no market measure",
}


def _said(match: re.Match[str]) -> tuple[str, str]:
    kind = str(match.lastgroup)
    return kind, _REASONS[kind]
