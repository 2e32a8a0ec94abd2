"""Subjects as reports name them: indices, sectors of several vendors, companies, members, what no source here holds."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass

from xlrotation.functions.auditing.companies import chinese_names
from xlrotation.functions.auditing.prose import plain
from xlrotation.market.symbols import NAMES

_SAID: dict[str, str] = {
    "^GSPC": r"(?:the )?cap(?:itali[sz]ation)?[- ]weighted (?:index|version)|s&p ?500(?: index)?|s&p|s and p 500"
    r"|the broad (?:index|market)|large[- ]caps?(?: (?:index|equities"
    r"|stocks|ones))?|large ones|标普500(?:指数)?|标准普尔500(?:指数)?|标普(?!50|400|600|道)(?:指数)?|标指"
    r"|大盘股?(?!成长|价值)(?:指数)?"
    r"|spx",
    "^RUT": r"russell 2,?000(?: index| small-?caps?)?|russell(?! ?\d| top| 1)|the small-?cap (?:index|gauge)"
    r"|small[- ]caps?(?: (?:index|stocks|shares|companies))?|the small(?= beat|\b(?= [a-z]+ (?:beat|led)))"
    r"|small beat(?= large)|罗素2000(?:小盘股)?(?:指数)?|小盘股?(?!价值|成长|etf)(?:指数)?|小型股|中小盘",
    "^IXIC": r"nasdaq composite(?: index)?|nasdaq(?! ?100|-100)(?: index)?|the composite"
    r"|纳斯达克(?:综合)?(?:指数)?(?!100)"
    r"|那斯达克(?:综合)?(?:指数)?(?!100)|纳指(?!100)|纳综",
    "^NDX": r"nasdaq[- ]?100(?: index)?|纳斯达克100(?:指数)?|那斯达克100(?:指数)?|纳指100|ndx",
    "^DJI": r"dow jones industrial average|dow jones industrials|dow jones(?! market)|(?:the )?dow industrials"
    r"|blue[- ]chips?(?! (?:dow|index|average|gauge))|the (?:blue-chip|30-stock) (?:average|index|gauge)"
    r"|the average(?= (?:r|f|g|l|d|s|p|t|j|a|c)\w+e?d?\b)|the dow(?!"
    r" jones| industrials)(?:"
    r" 30)?|\bdow(?: 30)?|djia|道琼斯?工业(?:平均)?(?:指数)?|道琼斯?(?:平均)?指数|道琼斯?(?!市场|指数公司)|道指",
    "^VIX": r"cboe vix|cboe volatility index|volatility index|fear (?:gauge|index)|wall street's fear gauge|vix(?!\d"
    r"|eq)(?:®)?(?:指数)?|恐慌指数(?:\(?vix\)?)?|(?<!\d天)(?<!个月)(?<!成分股)波动率指数(?:\(?vix(?!eq|\d)\)?)?",
    "^VVIX": r"vvix(?:指数)?",
    "^VIX3M": r"vix3m",
    "^VIX9D": r"vix9d",
    "^VIX6M": r"vix6m",
    "^VXN": r"vxn",
    "^RVX": r"rvx",
    "^COR1M": r"cor1m",
    "^COR3M": r"cor3m",
    "^DSPX": r"dspx",
    "^VIXEQ": r"vixeq",
    "^SKEW": r"skew(?: index)?(?:指数)?",
    "^GVZ": r"gvz",
    "XLK": r"(?:information )?technology(?: (?:stocks|shares|sector|companies))?|tech(?: (?:stocks|shares"
    r"|sector))?|(?:信息)?科技(?:类)?(?:板块|行业|股)?(?!etf|巨头)|信息技术(?:类)?(?:板块|行业|股)?"
    r"|资讯科技(?:板块|类股)?",
    "XLF": r"financials?(?: (?:stocks|shares|sector|services))?|金融(?:服务)?(?:类)?(?:板块|行业|股)?",
    "XLV": r"health[- ]?care(?: (?:stocks|shares|sector))?|医疗保健(?:板块|行业|类股|股)?|医疗(?:板块|股)?"
    r"|医药(?:板块|股)?|保健(?:板块|类股)",
    "XLY": r"(?:consumer )?discretionary(?: (?:stocks|shares|sector))?|consumer cyclicals?|可选消费品?(?:板块|行业|股)?"
    r"|非必需消费品?(?:板块|行业|股)?|周期性消费(?:板块)?",
    "XLP": r"(?:consumer )?staples(?: (?:stocks|shares|sector))?|consumer defensive"
    r"|(?<!非)必[需选]消费品?(?:板块|行业|股)?"
    r"|日常消费品?(?:板块|行业|股)?|消费必需品(?:板块)?|防御性消费(?:板块)?|消费防御(?:板块)?",
    "XLE": r"energy(?: (?:stocks|shares|sector|companies))?|能源(?:类)?(?:板块|行业|股)?",
    "XLI": r"industrials?(?: (?:stocks|shares|sector))?|工业(?!平均|指数)(?:类)?(?:板块|行业|股)?",
    "XLB": r"(?:basic )?materials(?: (?:stocks|shares|sector))?|(?:基础|原)材料(?:板块|行业|类股|股)?"
    r"|(?<!基础)(?<!原)材料(?:板块|行业|股)?",
    "XLU": r"utilities(?: (?:stocks|shares|sector|fund))?|the utilities fund|公用事业(?:板块|行业|类股|股)?"
    r"|公用(?:板块|股)",
    "XLRE": r"real estate(?: (?:stocks|shares|sector))?|房地产(?:板块|行业|股)?|地产(?:板块|股)?",
    "XLC": r"communications?(?: services)?(?: (?:stocks|shares|sector))?|telecoms?|通[信讯]服务(?:板块|行业"
    r"|股)?|通[信讯](?:板块"
    r"|股)?|电信服务(?:板块)?",
    "RSP": r"equal[- ]weight(?:ed)?(?: (?:s&p 500(?: (?:fund|index|etf))?|fund|index|etf))?|等权重?(?:基金|指数"
    r"|标普500(?:指数|基金)?)?",
    "SPY": r"\bspy\b",
    "QQQ": r"\bqqq\b",
    "IWM": r"\biwm\b",
    "SMH": r"semiconductors?(?: (?:stocks|shares|fund|etf))?|chipmakers?|chip stocks|chips(?= (?:have|has|rose|fell"
    r"|led|beat|gain|lost|were|are))|半导体(?:板块|股|基金"
    r"|etf)?|芯片(?:板块|股)",
    "IGV": r"(?:the )?software(?: (?:stocks|shares|fund|etf|sector))?|软件(?:基金|板块|股|etf|子板块)?",
    "GLD": r"gold(?:'s fund| fund| etf)?(?! futures| price| ounce|man)|gold's|黄金(?:基金|etf)?(?!期货)",
    "SLV": r"silver(?:'s fund| fund| etf)?(?! futures| price)|silver's|白银(?:基金|etf)?(?!期货)",
    "XLG": r"russell top 50|top 50|罗素top ?50(?:大盘科技股)?(?:指数)?",
    "IWD": r"value(?= (?:has |have )?(?:outperform|outpac|beat|led|lagg|trail|underperform))|(?<=outperformed )value"
    r"|(?<=outperforming )value|(?<=beat )value|(?<=trailed )value|(?<=lagged )value|价值(?=跑赢|跑输|领先|落后)"
    r"|(?<=跑赢)价值|(?<=跑输)价值|(?<=领先)价值|(?:large )?value (?:stocks|shares)|价值股(?!与)",
    "IWF": r"growth(?= (?:has |have )?(?:outperform|outpac|beat|led|lagg|trail|underperform))|(?<=outperformed )growth"
    r"|(?<=outperforming )growth|(?<=beat )growth|(?<=trailed )growth|(?<=lagged )growth|成长(?=跑赢|跑输|领先|落后)"
    r"|(?<=跑赢)成长|(?<=跑输)成长|(?<=领先)成长|(?:large )?growth (?:stocks|shares)|成长股",
    "AAPL": r"apple(?! pie)|苹果(?:公司)?",
    "MSFT": r"microsoft|微软",
    "NVDA": r"nvidia(?:'s)?|英伟达|辉达",
    "GOOGL": r"alphabet(?: ?\(googl?\))?|google|谷歌(?:母公司)?(?:alphabet)?",
    "AMZN": r"amazon(?:\.com)?|亚马逊",
    "META": r"meta(?: platforms)?|脸书|facebook",
    "TSLA": r"tesla|特斯拉",
    "WMT": r"walmart|沃尔玛",
    "COST": r"costco|开市客|好市多",
    "MAG7": r"(?:the )?magnificent (?:7|seven)|mag[- ]?7|big tech|七巨头|七姐妹|科技七雄",
    "SP500": r"(?:s&p ?500|the) (?:members?|constituents?|components?|stocks in the index)|(?:members?"
    r"|constituents?|components?|stocks|companies) (?:of|in) (?:the )?(?:s&p ?500|index)|s&p 500"
    r" (?:companies|stocks)|(?:标普500(?:指数)?)?成[份分]股|(?:the )?list\b",
    "sectors": r"(?:the )?(?:\d{1,2}|eleven) (?:s&p 500 )?sectors|\bsectors?\b|(?:行业|个)?板块(?=里|中|有|全|均"
    r"|首尾)|行业板块|各板块"
    r"|各行业|(?:best|top|worst) sector",
    "NYSE": r"\bnyse\b|new york stock exchange|纽交所|纽约证券交易所",
}
"""Patterns of what is computed on the data, by its symbol; longest match first wherever two begin at one place."""

_ELSEWHERE: dict[str, str] = {
    "ES=F": r"s&p(?: 500)? futures|标普(?:500)?(?:指数)?期货|stock futures|股指期货|futures(?= are| were| rose|"
    r" fell| point)",
    "NQ=F": r"nasdaq(?:[- ]100)? futures|纳指期货|纳斯达克(?:100)?(?:指数)?期货",
    "YM=F": r"dow futures|道指期货",
    "DGS10": r"(?:the )?(?:10-year|ten-year)(?: (?:treasury|note|yield|bond|u\.s\. treasury)){0,3}|(?:(?:十"
    r"|10)年期)(?:美债|美国国债|国债|公债)?(?:收益率|殖利率)?",
    "DGS2": r"(?:the )?(?:2-year|two-year)(?: (?:treasury|note|yield|bond)){0,3}|(?:(?:两|二|2)年期)(?:美债"
    r"|美国国债|国债"
    r"|公债)?(?:收益率|殖利率)?",
    "DGS30": r"(?:the )?(?:30-year|thirty-year)(?: (?:treasury|bond|yield)){0,3}|(?:(?:三十|30)年期)(?:美债"
    r"|美国国债|国债"
    r"|公债)?(?:收益率|殖利率)?",
    "DFEDTARU": r"(?:the )?fed(?:eral funds rate| funds| has cut| cut)?\b|federal reserve|policy rate|美联储|联准会"
    r"|联邦基金利率"
    r"|政策利率|基准利率",
    "CL=F": r"(?:crude|wti)(?: oil| futures)?|oil(?: prices?| futures)?|原油(?:期货)?|油价|(?:纽约)?期油|[纽美]油"
    r"|wti(?:原油)?(?:期货)?",
    "BZ=F": r"brent(?: crude| futures)?|布伦特(?:原油)?(?:期货)?|布油",
    "GC=F": r"gold (?:futures|prices?)|spot gold|(?:comex|纽约)?(?:黄金期货|期金)|现货黄金|金价",
    "SI=F": r"silver (?:futures|prices?)|spot silver|(?:comex|纽约)?(?:白银期货|期银)|现货白银|银价",
    "BTC-USD": r"bitcoins?|\bbtc\b|比特币",
    "HG=F": r"copper(?: futures| prices?)?|(?:伦|沪|期)?铜(?:价|期货)?|comex铜",
    "NG=F": r"natural gas(?: futures| prices?)?|天然气(?:期货)?",
    "^HXC": r"golden dragon(?: china)?(?: index)?|(?:纳斯达克)?(?:中国)?金龙(?:中国)?指数|(?:热门)?中概股(?:指数)?"
    r"|中概互联",
    "ETH-USD": r"ethereum|\beth\b|以太坊",
    "DX-Y.NYB": r"(?:the )?dollar index|\bdxy\b|美元指数",
    "EURUSD=X": r"(?:the )?euro(?= (?:rose|fell|gained|lost|at|to))|欧元",
    "JPY=X": r"(?:the )?(?:japanese )?yen\b|日元|人民币|\b(?:offshore )?yuan\b|英镑|\bsterling\b",
    "^SOX": r"philadelphia semiconductor(?: index)?|\bsox\b|费城半导体(?:指数)?|费半",
    "TSM": r"tsmc|taiwan semiconductor|台积电(?:adr)?",
    "airlines": r"airlines?|航空股",
    "banks": r"\bbanks\b|\bbank stocks\b|银行股|银行指数|(?:kbw|费城)银行(?:指数)?|\bkbw\b[\w ]{0,20}index",
    "^N225": r"nikkei(?: 225)?|日经(?:225)?(?:指数)?",
    "^HSI": r"hang seng(?: index)?|恒生(?:指数)?|恒指",
    "000300.SS": r"csi 300|沪深300(?:指数)?",
    "000001.SS": r"shanghai composite|上证(?:综指|指数)",
    "^STOXX": r"(?:euro )?stoxx(?: ?\d+)?|欧洲斯托克\d*",
    "^FTSE": r"ftse(?: 100)?|富时100",
    "^GDAXI": r"\bdax\b",
    "^RUI": r"russell 1,?000(?: index)?|罗素1000(?:指数)?",
    "^SP600": r"s&p (?:small-?cap )?600(?: index)?|标普(?:小盘股?)?600(?:指数)?",
    "^MID": r"s&p (?:midcap )?400|标普400",
    "EPFR": r"\bepfr\b|(?:equity|bond|u\.s\.|global) funds|money[- ]market (?:funds|assets)|股票基金|债券基金"
    r"|货币市场基金",
    "UNRATE": r"unemployment(?: rate)?|jobless rate|失业率",
    "Sahm": r"sahm (?:indicator|rule)|萨姆(?:规则|指标)",
    "BAMLH0A0HYM2": r"high[- ]yield(?: bond)? spreads?|junk spreads?|高收益债?利差|信用利差",
    "economy": r"\bgdp\b|(?:consumer|producer|wholesale|home|import) prices|retail sales|jobless claims|durable"
    r" goods|housing starts|"
    r"consumer (?:confidence|sentiment)|mortgage rates?|hourly earnings|job openings|\bpmi\b|\bism\b"
    r"|manufacturing index|"
    r"零售销售|采购经理|初请|消费者信心|时薪|物价|房价|新屋|失业金|"
    r"payrolls?|cpi|inflation|pce|非农|通胀|就业(?:人数|数据)?|earnings|revenues?|profits?|eps"
    r"|盈利|营收|利润"
    r"|sales|资本开支|capex",
    "rates and shares": r"(?:delinquency|default|mortgage|interest|inflation|savings?|vacancy|participation|tax|growth"
    r"|overdraft|charge-off|loss|take-up) rates?|(?:forward |trailing )?(?:price[- ]to[- ]earnings|earnings)"
    r" (?:ratio|multiple)s?|(?:forward |trailing )?p/es?(?: (?:ratio|multiple)s?)?"
    r"|valuations?(?: (?:discount|premium|gap)s?)?|(?:dividend|earnings) yields?|profit margins?"
    r"|\beps\b|bankruptc(?:y|ies)|short interest|margin debt|aaii(?: survey)?|bulls\b|bears\b"
    r"|(?:逾期|违约|利|通胀|裁员|渗透|市盈|市净|股息|毛利|净利|利润|增长|换手|储蓄|空置|坏账|杠杆|周转|参与|税"
    r"|准备金|概)率(?!期货)"
    r"|净?[买卖][入出]比[例重]|占比|市销率|估值(?:折价|溢价|差距|水平)?|每股收益|盈利(?:增[长速])|裁员指标|破产",
    "breadth elsewhere": r"advancing volume|advances(?! (?:for|in|of|by|on|were|was|came)\b)|上涨量",
    "volume": r"\bvolume\b|成交量|成交额",
    "RSI": r"\brsi\b",
    "MACD": r"\bmacd\b",
}
"""Patterns of what no function here computes without a series of the user's own."""

NOT_PRICED = frozenset(
    (
        "DGS10",
        "DGS2",
        "DGS30",
        "DFEDTARU",
        "EPFR",
        "UNRATE",
        "Sahm",
        "BAMLH0A0HYM2",
        "economy",
        "rates and shares",
        "breadth elsewhere",
        "volume",
        "RSI",
        "MACD",
        "airlines",
        "banks",
        "NYSE",
        "sectors",
        "SP500",
        "MAG7",
    )
)
"""Subjects that are no symbol with a price."""

ELSEWHERE = frozenset(_ELSEWHERE)
SECTORS = ("XLK", "XLF", "XLV", "XLY", "XLP", "XLE", "XLI", "XLB", "XLU", "XLRE", "XLC")
VOLATILITY = frozenset(
    (
        "^VIX",
        "^VVIX",
        "^VIX3M",
        "^VIX9D",
        "^VIX6M",
        "^VXN",
        "^RVX",
        "^COR1M",
        "^COR3M",
        "^DSPX",
        "^VIXEQ",
        "^SKEW",
        "^GVZ",
    )
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A subject at its place.

    Attributes:
        start: Its first place.
        end: The place behind it.
        symbol: What it means.
    """

    start: int
    end: int
    symbol: str


_ASCII = re.compile(r"[a-z0-9]", re.ASCII)
_SUFFIX = re.compile(
    r"(?:,? (?:incorporated|inc|corporation|corp|company|co|plc|ltd|limited|holdings?|group|n\.v|s\.a|the"
    r"|class [abc]|\(the\)|& co)\.?)+$",
    re.ASCII,
)
_COMMON = frozenset(
    "target gap block match visa ball ford dover progressive southern allstate best fox news key public"
    " state news corp "
    "constellation international general".split()
)


@functools.cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """A pattern for each symbol."""
    return tuple((symbol, _whole_words(pattern)) for symbol, pattern in (*_SAID.items(), *_ELSEWHERE.items()))


def _whole_words(pattern: str) -> re.Pattern[str]:
    """A pattern that takes no part of a Latin word: its alternatives are tried from the longest."""
    parts = []
    for one in sorted(_alternatives(pattern), key=len, reverse=True):
        chinese = re.search(r"[一-鿿]", one) is not None
        parts.append(one if chinese else rf"(?<![a-z0-9])(?:{one})(?![a-z])")
    return re.compile("|".join(parts), re.ASCII)


def _alternatives(pattern: str) -> list[str]:
    """The alternatives of a pattern at its outermost level."""
    parts, depth, start = [], 0, 0
    for place, character in enumerate(pattern):
        depth += (character == "(") - (character == ")")
        if character == "|" and depth == 0:
            parts.append(pattern[start:place])
            start = place + 1
    return [*parts, pattern[start:]]


def company_names(names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What the data call their symbols, plain and without the forms of companies; common words are left out."""
    found: dict[str, str] = {}
    for ticker, name in names.items():
        bare = _SUFFIX.sub("", plain(name)).strip()
        if len(bare) >= 3 and bare not in _COMMON and not bare.isdigit() and bare != "3m":
            found.setdefault(bare, ticker)
    for one in NAMES:
        for text in (one.english, one.chinese, *one.aliases):
            if len(text) >= 3 and not text.startswith((".", "$", "^")):
                found.setdefault(plain(text), one.ticker)
    for name, ticker in chinese_names():
        found.setdefault(name, ticker)
    return tuple(sorted(found.items()))


def find(text: str, original: str, names: tuple[tuple[str, str], ...], tickers: frozenset[str]) -> list[Mention]:
    """Every subject in plain *text*, in order.

    Args:
        text: Plain.
        original: As written: tickers are known by their capitals.
        names: From :func:`company_names`.
        tickers: Those of the data.
    """
    found = _named(text, names) + _tickers(original, tickers)
    found.sort(key=lambda one: (one.start, -one.end))
    kept: list[Mention] = []
    for one in found:
        if kept and one.start < kept[-1].end:
            continue
        kept.append(one)
    return kept


def _named(text: str, names: tuple[tuple[str, str], ...]) -> list[Mention]:
    found = [Mention(*match.span(), symbol) for symbol, pattern in _patterns() for match in pattern.finditer(text)]
    known = dict(names)
    whole = _companies(names)
    found += [Mention(*match.span(), known[match[0]]) for match in whole.finditer(text)]
    return found


@functools.lru_cache(4)
def _companies(names: tuple[tuple[str, str], ...]) -> re.Pattern[str]:
    texts = sorted((text for text, _ in names), key=len, reverse=True)
    ascii_, other = (
        [re.escape(text) for text in texts if text.isascii()],
        [re.escape(text) for text in texts if not text.isascii()],
    )
    parts = [rf"(?<![a-z0-9])(?:{'|'.join(ascii_)})(?![a-z0-9])"] if ascii_ else []
    return re.compile("|".join([*parts, *other]) or r"(?!)", re.ASCII)


_TICKER = re.compile(r"(?<![A-Za-z0-9.$^#])\^?[A-Z]{1,5}(?:[.-][A-Z])?(?![A-Za-z0-9])", re.ASCII)
_WORDS = frozenset(
    "A I AI US USA UK EU ETF GDP CPI PCE FED FOMC CEO CFO IPO EPS PE IT ALL NOW ON ARE IS SO OR AND THE"
    " A.M P.M AM PM Q FAQ NFC YTD MTD QTD "
    "NYSE SEC API USD BP BPS MA RSI MACD EPFR HAS KEY LOW WELL DAY BIG ADP CME ICI GS MS CBOE MSCI ICE"
    " TV PC EV EM HY IG NA".split()
)


FUNDS = frozenset(
    "SPY IVV VOO QQQ IWM DIA RSP SMH SOXX IGV GLD SLV XLG IWD IWF IWN TLT HYG LQD IEF SHY AGG BND VTI EFA "
    "EEM TQQQ SQQQ "
    "ARKK KRE KBE IBB XBI IBIT".split()
) | frozenset(SECTORS)
"""Funds that are known by their tickers whether the data hold them or not."""


def _is_ticker(text: str, original: str, start: int) -> bool:
    """Whether capitals in parentheses are the ticker of the name before them, which the data do not hold."""
    given = text.isalpha() and 2 <= len(text) <= 5 and text not in _WORDS and text not in _ABBREVIATIONS
    return (
        given
        and re.search(
            r"(?:Inc|Corp|Group|ETF|Fund|基金|公司|[a-z]{3})\.?\s?[(（]$", original[max(0, start - 12) : start]
        )
        is not None
    )


_ABBREVIATIONS = frozenset(
    "NFP PMI ISM OPEC IMF ECB BOJ BOE PBOC PPI NYSE MBS REIT REITS ROE ROI CAGR VAR ATH DXY WTI GAAP YOY "
    "QOQ MOM EST UTC QE QT RTY SPX NDX DJI RUT VIX FFR".split()
)


def _tickers(original: str, tickers: frozenset[str]) -> list[Mention]:
    """Tickers of the data in capitals: two letters at least, or one inside parentheses."""
    found = []
    for match in _TICKER.finditer(original):
        text = match[0].replace(".", "-")
        inside = original[match.start() - 1 : match.start()] in ("(", "（") and original[
            match.end() : match.end() + 1
        ] in (")", "）")
        if (text in tickers and (inside or (len(text) > 2 and text not in _WORDS) or text.startswith("^"))) or (
            text not in tickers and (text in FUNDS or (inside and _is_ticker(text, original, match.start())))
        ):
            found.append(Mention(*match.span(), text))
    return found
