"""Numbers that are no measurement by their form: dates, names, lists, pages, lengths of windows and averages."""

from __future__ import annotations

import re

from xlrotation.functions.auditing import days
from xlrotation.functions.auditing.numerals import CARDINAL, CHINESE, ORDINAL

Aside = tuple[int, int, str, str]
"""First place, the place behind, kind, reason."""

PART_OF_NAME = "part of a name"
_N = rf"(?:\d{{1,4}}|{CARDINAL}|{CHINESE})"
_INDICES = (
    r"s&p(?: global)?(?: midcap| smallcap)? ?(?:1500|500|400|600|100)\b|russell(?:'s)?(?: top)? ?(?:1,?000"
    r"|2,?000|3,?000|2500|50|200)\b|nasdaq[- ]?100\b"
    r"|dow(?: jones)? ?30\b|ftse ?\d{3}|csi ?\d{3,4}|nikkei ?225|stoxx ?(?:europe )?\d{2,3}|cac ?40|dax"
    r" ?40|asx ?200|top ?50(?!\d)|fortune ?\d+|wilshire ?5,?000"
    r"|标普 ?(?:1500|500|400|600|100)|标准普尔 ?\d{3}|罗素(?:top)? ?(?:1000|2000|3000|50)|(?:纳斯达克"
    r"|那斯达克|纳指) ?100"
    r"|道琼斯? ?30|沪深 ?300|中证 ?\d{3,4}|上证 ?\d{2,3}|科创 ?50|日经 ?225|富时 ?\d{2,3}|漂亮 ?50|恒生 ?\d+"
    r"|斯托克 ?\d{2,3}|(?:magnificent|mag)[- ]?(?:7|seven)|七巨头|七姐妹|七雄|全球 ?\d+强|财富 ?\d+"
)
_FORMS: tuple[tuple[str, str, str], ...] = (
    ("other", r"https?://\S{1,300}|www\.\S{1,300}|(?<![\w.+-])[\w.+-]{1,64}@[\w.-]{1,100}", "an address"),
    ("other", r"#\w+", "a tag"),
    ("other", r"\[\d{1,3}(?:[,\-]\s?\d{1,3})*\]", "a footnote"),
    (
        "other",
        r"(?<!\d)(?:\+?\d{1,3}[- ])?\(?\d{2,4}\)?[- ]\d{3,4}[- ]\d{4}(?!\d)|\b1-\d{3}-\d{3}-\d{4}",
        "a telephone number",
    ),
    ("name", _INDICES, PART_OF_NAME),
    (
        "name",
        r"\b401\(k\)|\bform \d+\w*(?:-\w+)?|\brule \d+\w*(?:-\d+)?|\b13f(?:-\w+)?|\b3m\b(?: \(mmm\))?|\bg(?:7"
        r"|20)\b|\bcovid-?19\b|\bbasel (?:3|iii)\b",
        PART_OF_NAME,
    ),
    (
        "ticker",
        r"(?<![\d.])\d{4,6}\.(?:hk|ss|sz|sh|t|tw|ks|bj)\b|(?<=\()\d{6}(?=\))|(?<![\d,.])(?:60|68|00"
        r"|30)\d{4}(?![\d.%点])",
        "digits of a ticker",
    ),
    (
        "date",
        r"(?<!\d)\d{1,2}:\d\d(?::\d\d)?(?: ?[ap]\.?m\b\.?)?(?: ?(?:et|est|edt|gmt))?|\b\d{1,2} ?[ap]\.?m\b\.?"
        r"|(?<!\d)\d{1,2}点(?:钟|\d{1,2}分|整|半)|[早晚上下]午?\d{1,2}[点时]",
        "a time of day",
    ),
    (
        "parameter",
        r"(?<![\w.])\d{1,3}[mdw]/\d{1,3}[mdw]\b|(?<![\w.])\d{1,3}[mdwy](?= (?:realis|realiz|implied|atm|vol|skew"
        r"|ratio|tenor|forward|straddle))"
        r"|\d+(?:\.\d+)?% (?:otm|itm|out[- ]of[- ]the[- ]money|in[- ]the[- ]money|moneyness)\b|\d{1,2}[- ]?delta\b",
        "a tenor or the terms of an option",
    ),
    (
        "threshold",
        r"(?<![\d.,])\$?\d[\d,]*(?:\.\d+)?(?=[- ](?:strike\s)?(?:puts?|calls?|strikes?|straddles?|strangles?)\b)"
        r"|行权价为?\d[\d.,]*",
        "the strike of an option",
    ),
    ("page", r"\bpages? \d+(?:-\d+)?|\bpp?\. ?\d+|第\d+页|\b\d+ / \d+\b|\bpage \d+ of \d+", "a page number"),
    (
        "list number",
        r"(?:表|图|注|附录|附注)\s?\d+(?:\.\d+)?|\b(?:table|figure|fig\.|chart|exhibit|note|section|chapter|part"
        r"|appendix|item|footnote|step) \d+(?:\.\d+)?\b(?!%)",
        "the number of a table, figure or note",
    ),
    (
        "list number",
        r"(?m:^[^\S\n]*(?:\(?\d{1,2}[)]|\d{1,2}[.、](?!\d)|\d{1,2}\)\s))|(?<=[.:;?!] )\(\d{1,2}\)(?= )|(?<=[?.!]"
        r" )\d{1,2}\.(?= [a-z])|(?m:^[^\S\n]*[一二三四五六七八九十]{1,2}[、.])|(?<=[:;。,])\(\d{1,2}\)"
        r"|第[一二三四五六七八九十]+[,、:]",
        "the number of a list",
    ),
    ("other", r"\b(?:version|v|release|no\.|vol\.|issue|ver\.?) ?\d+(?:\.\d+)*\b|第\d+[期版号]", "a version or number"),
    ("other", r"\b\d{2}/\d{2}\b(?= (?:portfolio|split|mix|rule))|股?\d{2}/\d{2}(?=组合|配置)", "a kind of portfolio"),
    (
        "date",
        r"(?:19|20)\d\d(?:/\d{2}|-(?:19|20)\d\d)(?=年|\s|\b)|\bq[1-4](?: ?(?:19|20)\d\d)?\b|(?:19|20)\d\ds\b"
        r"|(?:19|20)\d\dq[1-4]|\bfy ?(?:20)?\d\d\b|[上本]?世纪\d0年代",
        "a quarter or span of years",
    ),
    (
        "parameter",
        r"\brsi ?\(\d+\)|\b(?:macd|kdj|boll|atr|adx|cci) ?\(\d+(?:, ?\d+)*\)|参数[为是:]?\s?\d+(?:[、,/]\s?\d+)*",
        "a parameter",
    ),
    (
        "name",
        r"\b(?:vix|vxst)\d+[dm]|\b(?:cor|vxn)\d+[dm]|\b(?!(?:vix|vvix|skew|dxy"
        r"|spx)\d+(?:\.\d+)?(?![\dmda-z]))[a-z]{1,6}\d+[a-z]*\b|\b\d{1,2}-k\b|\b10-?[kq]\b",
        PART_OF_NAME,
    ),
)
_LENGTHS = (
    rf"(?<![\d.]){_N}[- ]?(?:day|week|month|session|period)s?(?:[- ](?:simple|exponential|moving))*[-"
    rf" ](?:moving )?(?:average|ma\b|sma|ema|high|low)s?"
    rf"|(?<![\d.]){_N}[- ](?:day|week|month|year|session)(?![a-z])(?!s in a| (?:win|los|run|streak))"
    rf"|(?<![\d.]){_N}个?(?:交易)?[日天周月]?(?:期)?(?:简单|指数)?(?:移动)?(?:平均线|均线)"
    rf"|(?<![\d.第])(?:近|过去|最近|前|未来|上|下)?\d{{1,3}}(?:个?交易)?[日天](?!内?(?:收|涨|跌|的"
    rf"|美))(?![连\d])|(?<![连续第\d])(?:近"
    rf"|过去|最近|未来)(?:\d{{1,3}}|{CHINESE})(?:个?交易)?[日天]"
    rf"|(?<![连续第\d])(?:\d{{1,3}}|{CHINESE})(?:-|至|到)?(?:\d{{1,3}}|{CHINESE})?个?(?:月|季度|周"
    rf"|年)(?:期|内|后|前|来|间"
    rf"|之)?(?![连\d份])|(?:\d{{1,3}}|{CHINESE})年(?:期|来)"
    rf"|(?<![\d.]){_N}(?:-\d+)? (?:trading days|sessions|days|weeks|months|quarters|years|hours|minutes"
    rf"|decades)\b(?! in a row| running)"
    rf"|(?<=\()\d{{1,3}}(?:个?交易)?[日天](?=\))"
    rf"|(?:前(?!一)|\btop )(?:\d{{1,3}}|{CHINESE}|{CARDINAL})(?:大|名|只)?|{_N} (?:largest|biggest|smallest)"
)
_GROUPS = (
    r"(?<![\d.])(?:11|eleven|ten|10) (?:s&p 500 )?sectors|(?<!\d)(?:11|十一)大(?:主要)?(?:行业)?(?:板块"
    r"|行业)|(?<!\d)(?:11|十一)个(?:行业)?(?:板块|行业|sector)?(?:板块)?"
    r"|[三两四五]大(?:股指|指数|指标|支柱)"
    r"|\b(?:three|two|four)(?= (?:\w+[- ]){0,2}(?:averages|indexes|indices|benchmarks|gauges|major))"
)


_OTHER_COUNTS = (
    rf"(?<![\d.,$]){_N}(?: \w+){{0,2}} (?:houses|analysts|strategists|economists|banks|reasons|companies"
    rf"|firms|lines|people|jobs|clients|times a|questions|cuts|rate cuts|hikes|rate hikes|meetings|desks"
    rf"|funds|countries|states|point plan)\b"
    rf"|(?<![\d.,])(?!一[度次类部]){_N}(?:家|名|位|人|条|次|份|项|种|类|处|张|件|款|部|度|倍(?=杠杆)|分钟|小时|万人"
    rf"|起)(?!巨头)"
)


def find(text: str) -> list[Aside]:
    """Every number of plain *text* that is none by its form; the first of two that overlap counts."""
    found: list[Aside] = []
    for kind, pattern, reason in _COMPILED:
        found += [(*match.span(), kind, reason) for match in pattern.finditer(text) if _has_number(match[0])]
    found += [
        (when.start, when.end, "date", "a date")
        for when in days.find(text, None)
        if _has_number(text[when.start : when.end])
    ]
    for pattern, kind, reason in _LATER:
        found += [(*match.span(), kind, reason) for match in pattern.finditer(text) if _has_number(match[0])]
    return found


_COMPILED = tuple((kind, re.compile(pattern, re.ASCII), reason) for kind, pattern, reason in _FORMS)
_LATER = (
    (re.compile(_GROUPS, re.ASCII), "name", "the number of a list"),
    (re.compile(_LENGTHS, re.ASCII), "parameter", "the length of a window or average, or the size of a group"),
    (re.compile(_OTHER_COUNTS, re.ASCII), "other", "no market measure"),
)
_NUMERAL = re.compile(rf"\d|\b{CARDINAL}\b|\b{ORDINAL}\b|[零一二三四五六七八九十两]", re.ASCII)


def _has_number(text: str) -> bool:
    return _NUMERAL.search(text) is not None
