"""Symbols: what an analyst may type for them, in English or Chinese.

``NAMES`` is the one table; every other mapping is derived from it.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Collection, Container, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from xlrotation.errors import NoData
from xlrotation.languages import told_as, translated
from xlrotation.market import abroad, sectors
from xlrotation.market.spelling import fold as fold
from xlrotation.market.spelling import folded as folded

NAME = "name of a symbol"
"""The context of names in a language's catalogue."""


@dataclass(frozen=True, slots=True)
class Name:
    """A symbol's names: English and Chinese as shown, and every further text that means it."""

    ticker: str
    english: str
    chinese: str
    aliases: tuple[str, ...] = ()


def _name(ticker: str, english: str, chinese: str, *aliases: str) -> Name:
    return Name(ticker, english, chinese, aliases)


NAMES: tuple[Name, ...] = (
    # indices
    _name(
        "^GSPC",
        "S&P 500",
        "标普500",
        "SPX",
        "GSPC",
        "SP500 INDEX",
        "标普500指数",
        "标准普尔500指数",
        "$SPX",
        "^SPX",
        ".SPX",
        "SPX INDEX",
    ),
    _name("^RUT", "Russell 2000", "罗素2000", "RUT", "RTY", "罗素2000指数", ".RUT", "RTY INDEX"),
    _name(
        "^IXIC",
        "Nasdaq Composite",
        "纳斯达克综合指数",
        "IXIC",
        "CCMP",
        "COMP",
        "NASDAQ",
        "纳斯达克指数",
        "那斯达克综合指数",
        "那斯达克指数",
        "那斯达克",
        "纳斯达克",
        "纳指",
        ".IXIC",
        "CCMP INDEX",
    ),
    _name(
        "^NDX",
        "Nasdaq 100",
        "纳斯达克100",
        "NDX",
        "纳斯达克100指数",
        "那斯达克100",
        "那斯达克100指数",
        ".NDX",
        "NDX INDEX",
    ),
    _name(
        "^DJI",
        "Dow Jones Industrial Average",
        "道琼斯工业平均指数",
        "DJI",
        "DJIA",
        "INDU",
        "DOW",
        "DOW JONES",
        "道琼斯",
        "道指",
        "道琼斯指数",
        "道琼斯工业指数",
        "道琼工业指数",
        "道琼工业平均指数",
        "道琼指数",
        "道琼",
        ".DJI",
        "INDU INDEX",
    ),
    # volatility, correlation and dispersion indices
    _name("^VIX", "Cboe Volatility Index", "VIX指数", "VIX", "恐慌指数", "VIX INDEX", "Fear Gauge", "Fear Index"),
    _name("^VVIX", "Cboe VIX of VIX Index", "VVIX指数", "VVIX", "VVIX INDEX"),
    _name("^VXN", "Cboe Nasdaq 100 Volatility Index", "纳斯达克100波动率指数", "VXN", "VXN INDEX"),
    _name("^RVX", "Cboe Russell 2000 Volatility Index", "罗素2000波动率指数", "RVX", "RVX INDEX"),
    _name("^VIX9D", "Cboe 9-Day Volatility Index", "9天波动率指数", "VIX9D"),
    _name("^VIX3M", "Cboe 3-Month Volatility Index", "3个月波动率指数", "VIX3M"),
    _name("^VIX6M", "Cboe 6-Month Volatility Index", "6个月波动率指数", "VIX6M"),
    _name("^COR1M", "Cboe 1-Month Implied Correlation Index", "1个月隐含相关性指数", "COR1M"),
    _name("^COR3M", "Cboe 3-Month Implied Correlation Index", "3个月隐含相关性指数", "COR3M"),
    _name("^DSPX", "Cboe S&P 500 Dispersion Index", "标普500分散度指数", "DSPX"),
    _name("^VIXEQ", "Cboe S&P 500 Constituent Volatility Index", "标普500成分股波动率指数", "VIXEQ"),
    _name("^GVZ", "Cboe Gold Volatility Index", "黄金波动率指数", "GVZ"),
    _name("^VXSL", "Cboe Silver Volatility Index", "白银波动率指数", "VXSL"),
    _name("^SKEW", "Cboe SKEW Index", "SKEW指数", "SKEW"),
    # sectors
    _name("XLK", "Technology", "信息技术", "Information Technology", "Tech", "科技", "科技板块", "信息技术板块"),
    _name("XLF", "Financials", "金融", "Financial", "Financial Services", "金融板块", "金融服务", "金融服务板块"),
    _name("XLV", "Health Care", "医疗保健", "Healthcare", "医疗", "医疗保健板块", "医药"),
    _name(
        "XLY",
        "Consumer Discretionary",
        "可选消费",
        "Discretionary",
        "Consumer Cyclical",
        "非必需消费",
        "非必需消费品",
        "可选消费板块",
    ),
    _name(
        "XLP",
        "Consumer Staples",
        "必需消费",
        "Staples",
        "Consumer Defensive",
        "必需消费品",
        "必选消费",
        "必选消费品",
        "必选消费板块",
        "必需消费板块",
        "必需消费品板块",
        "日常消费",
    ),
    _name("XLE", "Energy", "能源", "能源板块"),
    _name("XLI", "Industrials", "工业", "Industrial", "工业板块"),
    _name("XLB", "Materials", "原材料", "Basic Materials", "基础材料", "材料", "基础材料板块"),
    _name("XLU", "Utilities", "公用事业", "Utility", "公用事业板块"),
    _name("XLRE", "Real Estate", "房地产", "地产", "房地产板块"),
    _name("XLC", "Communication Services", "通信服务", "Communications", "通讯服务", "通信服务板块", "通信"),
    # size, style and other funds
    _name("SPY", "SPDR S&P 500 ETF", "标普500ETF"),
    _name("QQQ", "Invesco QQQ Trust", "纳斯达克100ETF"),
    _name("IWM", "iShares Russell 2000 ETF", "罗素2000ETF", "Small Caps", "小盘股"),
    _name("IWD", "iShares Russell 1000 Value ETF", "罗素1000价值ETF", "Large Value", "价值股"),
    _name("IWF", "iShares Russell 1000 Growth ETF", "罗素1000成长ETF", "Large Growth", "成长股"),
    _name("IWN", "iShares Russell 2000 Value ETF", "罗素2000价值ETF", "Small Value", "小盘价值股"),
    _name("IWO", "iShares Russell 2000 Growth ETF", "罗素2000成长ETF", "Small Growth", "小盘成长股"),
    _name("RSP", "Invesco S&P 500 Equal Weight ETF", "标普500等权ETF", "Equal Weight", "等权重"),
    _name("DIA", "SPDR Dow Jones Industrial Average ETF", "道琼斯ETF"),
    _name("XLG", "Invesco S&P 500 Top 50 ETF", "标普50ETF", "Top 50"),
    _name("SMH", "VanEck Semiconductor ETF", "半导体ETF", "Semiconductors", "半导体"),
    _name("IGV", "iShares Expanded Tech-Software ETF", "软件ETF", "Software", "软件", "软件板块"),
    _name("GLD", "SPDR Gold Shares", "黄金ETF", "Gold", "黄金"),
    _name("SLV", "iShares Silver Trust", "白银ETF", "Silver", "白银"),
    _name("HYG", "iShares High Yield Corporate Bond ETF", "高收益债ETF", "High Yield", "高收益债"),
    _name("LQD", "iShares Investment Grade Corporate Bond ETF", "投资级债ETF"),
    _name("TLT", "iShares 20+ Year Treasury Bond ETF", "长期国债ETF"),
    _name("EFA", "iShares MSCI EAFE ETF", "发达市场ETF"),
    _name("EEM", "iShares MSCI Emerging Markets ETF", "新兴市场ETF"),
    _name("VNQ", "Vanguard Real Estate ETF", "房地产信托ETF"),
    # large companies
    _name("AAPL", "Apple", "苹果"),
    _name("MSFT", "Microsoft", "微软"),
    _name("NVDA", "NVIDIA", "英伟达", "辉达"),
    _name("GOOGL", "Alphabet", "谷歌", "Google", "GOOG CLASS A"),
    _name("AMZN", "Amazon", "亚马逊"),
    _name("META", "Meta Platforms", "Meta平台", "Facebook", "脸书"),
    _name("TSLA", "Tesla", "特斯拉"),
    _name("WMT", "Walmart", "沃尔玛"),
    _name("COST", "Costco", "开市客", "好市多"),
    _name("AVGO", "Broadcom", "博通"),
    _name("BRK-B", "Berkshire Hathaway", "伯克希尔", "BRK.B", "BRKB"),
    _name("JPM", "JPMorgan Chase", "摩根大通", "JPMorgan"),
    _name("LLY", "Eli Lilly", "礼来"),
    _name("V", "Visa", "维萨"),
    _name("XOM", "Exxon Mobil", "埃克森美孚", "Exxon"),
    _name("JNJ", "Johnson & Johnson", "强生"),
    _name("PG", "Procter & Gamble", "宝洁"),
    _name("KO", "Coca-Cola", "可口可乐"),
    _name("NFLX", "Netflix", "奈飞"),
    _name("ORCL", "Oracle", "甲骨文"),
)


_SHANGHAI = {"SS": "SH", "SH": "SS"}

_LONGEST = 40
"""Characters of a text beyond which it is near to no symbol."""

_KEPT = 1000


@functools.cache
def _by_text() -> dict[str, Name]:
    table: dict[str, Name] = {}
    for name in NAMES:
        for text in (name.ticker, name.english, name.chinese, *name.aliases):
            table.setdefault(folded(text), name)
    return table


@functools.cache
def _abroad() -> dict[str, str]:
    return {folded(text): ticker for ticker, texts in abroad.NAMES.items() for text in (ticker, *texts.split("|"))}


@functools.cache
def _by_other_names() -> dict[str, str]:
    """Tickers by the names that languages show for them; a name that two of them share means neither."""
    found: dict[str, set[str]] = {}
    for english, told in told_as(NAME):
        if name := _by_text().get(folded(english)):
            found.setdefault(folded(told), set()).add(name.ticker)
    return {name: tickers.pop() for name, tickers in found.items() if len(tickers) == 1}


def canonical(text: str) -> str:
    """The ticker that *text* means where the table knows it, else *text* itself in capitals."""
    key = folded(text)
    name = _by_text().get(key)
    return name.ticker if name else _abroad().get(key) or " ".join(unicodedata.normalize("NFKC", text).upper().split())


_CODE = re.compile(r"([A-Z0-9^][A-Z0-9_./-]*)\.(?:GI|OQ|O|N|P|K|US)")
"""Codes of Wind, Choice and LSEG: the exchange behind a dot (Nasdaq O and OQ, New York N, Arca P, indices GI)."""

_BLOOMBERG = re.compile(r"(\S{1,15})(?: ([A-Z][A-Z0-9]))? (?:EQUITY|INDEX|CURNCY|COMDTY)")
_PLACES = dict.fromkeys(("US", "UW", "UN", "UQ", "UP", "UR", "UA", "UF", "UV"), "") | dict(
    pair.split("=")
    for pair in "JT=.T JP=.T HK=.HK LN=.L GY=.DE GR=.DE FP=.PA NA=.AS SW=.SW SE=.SW IM=.MI SM=.MC SQ=.MC SS=.ST DC=.CO "
    "FH=.HE NO=.OL BB=.BR PL=.LS AV=.VI CN=.TO CT=.TO AU=.AX AT=.AX TT=.TW KS=.KS KQ=.KQ IN=.NS IS=.NS CG=.SH CS=.SZ "
    "C1=.SH C2=.SZ".split()
)
"""Exchanges as Bloomberg writes them, and the suffix that stands for them."""

_FACTSET = re.compile(r"([A-Z][A-Z0-9.]{0,5})-USA?")
"""FactSet's writing of what trades in New York."""

_SHARE_CLASS = re.compile(r"([A-Z]{1,4})[./_ ]([ABC])")
_CHINESE = {"SH": "SH", "SZ": "SZ", "BJ": "BJ", "XSHG": "SH", "XSHE": "SZ", "SS": "SS"}
_PREFIXED = re.compile(r"(SH|SZ|BJ)[.#_]?(\d{6})")
_MAINLAND = re.compile(r"(\d{6})\.(SH|SZ|BJ|XSHG|XSHE|SS)")


def known(text: str) -> bool:
    """Whether the table of names knows *text*."""
    key = folded(text)
    return key in _by_text() or key in _abroad()


def ticker_of(text: str) -> str:
    """The ticker that *text* means, as files and formulas write it: the one normaliser of both.

    ``AAPL US Equity`` and ``AAPL.O`` are AAPL, ``SPX.GI`` and ``^SPX`` are ^GSPC, ``sh.600519`` is 600519.SH, and the
    share class of ``BF.B``, ``BF/B`` or ``BF_B`` is written as Yahoo does, ``BF-B``.
    """
    ticker = canonical(text)
    if (match := _BLOOMBERG.fullmatch(ticker)) and (match[2] is None or match[2] in _PLACES):
        suffix = _PLACES[match[2]] if match[2] else ""
        stem = match[1].zfill(4) if suffix == ".HK" else match[1].replace("/", "-") if suffix else match[1]
        return f"{stem}{suffix}" if suffix else ticker_of(stem)
    if match := _FACTSET.fullmatch(ticker):
        return ticker_of(match[1])
    if match := _CODE.fullmatch(ticker):
        return ticker_of(match[1])
    if match := _PREFIXED.fullmatch(ticker):
        return f"{match[2]}.{match[1]}"
    if match := _MAINLAND.fullmatch(ticker):
        return f"{match[1]}.{_CHINESE[match[2]]}"
    if re.fullmatch(r"6[08]\d{4}", ticker, re.ASCII):  # no other exchange has such codes
        return f"{ticker}.SH"
    return f"{match[1]}-{match[2]}" if (match := _SHARE_CLASS.fullmatch(ticker)) else ticker


def spelled(ticker: str, known: Container[str]) -> str:
    """*ticker* as the data write it: codes in Shanghai end in SS at Yahoo and in SH at Wind and Choice."""
    stem, _, suffix = ticker.rpartition(".")
    other = f"{stem}.{_SHANGHAI[suffix]}" if suffix in _SHANGHAI else ticker
    return other if other in known and ticker not in known else ticker


class Directory:
    """The tickers of a source, found by what an analyst types.

    Args:
        tickers: As the data hold them.
        names: What the data call them; one that two of them have means neither.
    """

    def __init__(self, tickers: Collection[str], names: Mapping[str, str] = MappingProxyType({})) -> None:
        self._by_fold = {fold(ticker): ticker for ticker in tickers}
        self._by_name: dict[str, str | None] = {}
        for ticker, name in names.items():
            if ticker in tickers:
                key = folded(name)
                self._by_name[key] = ticker if self._by_name.get(key, ticker) == ticker else None
        self._tickers = frozenset(self._by_fold.values()) | frozenset(tickers)
        self._near: dict[str, str] = {}

    def exact(self, text: str) -> str | None:
        """The ticker that *text* means as a ticker or a name that everybody knows, not as one that the data know."""
        if text in self._tickers:
            return text
        ticker = spelled(canonical(text), self._tickers)
        if ticker in self._tickers:
            return ticker
        if (found := self._by_fold.get(fold(text))) is not None:
            return found
        ticker = spelled(ticker_of(text), self._tickers)
        return ticker if ticker in self._tickers else None

    def resolve(self, text: str) -> str:
        """The ticker that *text* means; one as the data hold it means itself (DOW, TECH).

        Raises:
            NoData: No such symbol; the message names near ones.
        """
        if (found := self.exact(text)) is not None:
            return found
        key, ticker = fold(text), spelled(ticker_of(text), self._tickers)
        named = self._by_name.get(folded(text))
        if named is not None:
            return named
        recognised = known(text)
        other = None if recognised else _by_other_names().get(folded(text))
        if other is not None:
            return self.resolve(other)
        if recognised:
            raise NoData(f"the data hold no {ticker}; XLR_STATUS() lists what they hold")
        short = text[:_LONGEST].encode("utf-8", "replace").decode()
        raise NoData(functools.partial(self._unknown, short, key if len(key) <= _LONGEST else ""))

    def _unknown(self, shown: str, folded: str) -> str:
        """What to say of an unknown text; looking for near ones takes long beside everything else."""
        advice = self._near.get(folded)
        if advice is None:
            from difflib import get_close_matches

            words = [*self._by_fold, *_by_text()] if folded else []
            near = dict.fromkeys(map(canonical, get_close_matches(folded, words, n=3, cutoff=0.6)))
            advice = f"did you mean {', '.join(near)}?" if near else "type a ticker"
            if len(self._near) < _KEPT:
                self._near[folded] = advice
        return f"no symbol {shown!r} in the data; {advice}"


def shown_text(text: str) -> str:
    """*text* as a message shows it: short, quoted, in its own script."""
    return repr(text[:_LONGEST].encode("utf-8", "replace").decode())


def resolve(text: str, known: Collection[str]) -> str:
    """The one of the *known* tickers that *text* means, as :meth:`Directory.resolve`."""
    return Directory(known).resolve(text)


def display_name(ticker: str, lang: str) -> str:
    """The name of *ticker* in a language: as its catalogue has it, else as the table here has it, else in English.

    The ticker where the table has none.
    """
    if found := sectors.NAMES.get(spelled(ticker, sectors.NAMES)):
        english, chinese = found
    else:
        name = _by_text().get(folded(ticker))
        if name is None or name.ticker != ticker:
            return ticker
        english, chinese = name.english, name.chinese
    return translated(lang, english, NAME) or {"zh": chinese}.get(lang, english)
