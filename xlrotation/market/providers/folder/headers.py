"""What the heads of a price table mean, in English, Chinese, and as the usual vendors write them."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Mapping, Sequence

from xlrotation.market import symbols
from xlrotation.market.providers.folder import headwords

_HEADS: dict[str, tuple[str, ...]] = {
    "date": (
        *("date", "dates", "day", "datetime", "trade date", "trading date", "trade_date", "tradedate", "trading day"),
        *(
            "effective date",
            "observation_date",
            "pricedate",
            "price date",
            "business date",
            "as of",
            "asof",
            "as of date",
        ),
        *("日期", "交易日期", "交易日", "交易时间", "时间", "指标名称", "data", "datum", "fecha", "日付"),
        *("gmt time", "local time", "utc", "etc/utc", "eet", "timestamp", "date_time", "unix", "unix timestamp"),
        *(
            "ts_event",
            "dtyyyymmdd",
            "exchange date",
            "date-time",
            "date time",
            "date/time",
            "reportdate",
            "report date",
        ),
        *("quote date", "quotedate", "datadate", "pricing date", "valuation date", "nav date"),
        *("净值日期", "window_start", "time_key", "open time", "opentime"),
    ),
    "time": ("time", "hour", "bar time"),
    "symbol": (
        *("symbol", "symbols", "ticker", "tickers", "index", "code", "security", "identifier", "ts_code", "stock"),
        *(
            "order_book_id",
            "instrument",
            "ric",
            "act_symbol",
            "ticker symbol",
            "stock code",
            "stock symbol",
            "wind_code",
        ),
        *("windcode", "secid", "sec_code", "sid", "tic", "permno", "isin", "sedol", "cusip", "underlying"),
        *("代码", "证券代码", "股票代码", "指数代码", "基金代码", "交易代码", "指数", "コード", "銘柄コード"),
    ),
    "open": ("open", "px_open", "open price", "openprice", "price open", "opening price", "trade open", "open_price"),
    "high": ("high", "px_high", "high price", "highprice", "price high", "trade high", "high_price", "max"),
    "low": ("low", "px_low", "low price", "lowprice", "price low", "trade low", "low_price", "min"),
    "close": (
        *(
            "close",
            "px_last",
            "close price",
            "closeprice",
            "price close",
            "closing price",
            "trade close",
            "close_price",
        ),
        *("close/last", "last", "last price", "lastprice", "trade price", "universal close price", "official close"),
        *(
            "price",
            "close*",
            "close close price adjusted for splits.",
            "settle",
            "settlement price",
            "index value",
            "indexvalue",
            "index level",
            "nav",
            "nav per share",
            "value",
            "prccd",
            "prc",
        ),
        *("收盘", "收盘价", "收市", "收市价", "最新价", "单位净值", "結算價", "結算价", "结算价"),
    ),
    "adjclose": (
        *("adj close", "adj. close", "adjusted close", "adj_close", "adjclose", "adjusted_close", "adjustedclose"),
        *("adjusted close price", "adj close price", "closeadj", "close_adj", "adjusted_price", "adjusted price"),
        *("复权收盘价", "前复权", "調整後終値", "adj close**", "adj_close_price", "close adjusted", "px_adj_close"),
        "adj close adjusted close price adjusted for splits and dividend and/or capital gain distributions.",
    ),
    "volume": (
        *("volume", "vol", "vol.", "px_volume", "total volume", "trade volume", "share volume", "real volume"),
        *(
            "成交量",
            "成交量(股)",
            "成交量(份)",
            "成交数量",
            "交易量",
            "出来高",
            "wolumen",
            "acvol_uns",
            "accumulated volume",
        ),
    ),
    "dividend": (
        "dividend",
        "dividends",
        "dividend amount",
        "dividend_amount",
        "divcash",
        "ex-dividend",
        "分红",
        "股息",
    ),
    "split": (
        *(
            "split",
            "splits",
            "stock splits",
            "stock split",
            "split ratio",
            "split_ratio",
            "splitfactor",
            "split factor",
        ),
        *("split coefficient", "split_coefficient", "拆股"),
    ),
    "shares": ("shares", "shares outstanding", "总股本", "eqy_sh_out"),
    "weight": ("weight", "weight_pct", "weight %", "weight (%)", "index weight", "权重", "权重(%)"),
    "name": (
        *(
            "name",
            "company",
            "company name",
            "security name",
            "名称",
            "简称",
            "证券简称",
            "证券名称",
            "股票名称",
            "股票简称",
        ),
    ),
    "sector": ("sector", "gics sector", "行业", "板块", "industry"),
}
for _price, _texts in {
    "open": ("开盘", "开盘价", "开市", "今开", "開盤", "開盤價", "otwarcie", "始値"),
    "high": ("最高", "最高价", "高", "最高價", "najwyzszy", "高値"),
    "low": ("最低", "最低价", "低", "最低價", "najnizszy", "安値"),
    "close": ("收盤", "收盤價", "zamkniecie", "終値", "schlusskurs", "schluss"),
}.items():
    _HEADS[_price] += _texts
_MEANING = {symbols.folded(text): meaning for meaning, texts in _HEADS.items() for text in texts}
_RANK = {symbols.folded(text): place for texts in _HEADS.values() for place, text in enumerate(texts)}
"""Of two heads that mean the same the one that stands first above counts."""

PRICES = ("open", "high", "low", "close", "adjclose", "volume", "dividend", "split", "shares")

_UNIT = re.compile(
    r"(.+?) ?[(\[](元|美元|港元|点|點|点位|usd|us\$|\$|eur|gbp|jpy|cny|hkd|元/股|前复权|后复权|不复权)[)\]]"
)
_BOTH = re.compile(r"([\u4e00-\u9fff]+) ?[a-z][a-z .]*")
"""A head in Chinese and English, as China's index providers write them."""

_NUMBERED = re.compile(r"\d{1,2}[a-z]?\. ")
_LETTERS = {"o": "open", "h": "high", "l": "low", "c": "close", "v": "volume", "t": "date"}


def plain(head: object) -> str:
    """A head as compared: without the marks of footnotes, brackets, and the numbers that some vendors put before."""
    text = symbols.folded(str(head)).removeprefix("*").removeprefix("#").strip("<>\ufeff\"' ")
    return _NUMBERED.sub("", text, count=1).rstrip(":")


class Head(str):
    """A head as it stands in a file, with the meaning that somebody declared.

    Args:
        text: The head.
        meaning: A word of :func:`meaning`; None for a ticker.
    """

    __slots__ = ("meaning",)
    meaning: str | None

    def __new__(cls, text: str, meaning: str | None) -> Head:
        made = super().__new__(cls, text)
        made.meaning = meaning
        return made


def meaning(head: object) -> str | None:
    """What a head means (date, symbol, close, ...); None for one that is no such word, a ticker for instance.

    A unit behind a price, as in ``收盘价(美元)``, says nothing; one behind a volume does, and such a head is no word
    here unless it counts shares.
    """
    if isinstance(head, float | dt.date):
        return None
    return head.meaning if isinstance(head, Head) else _meaning(str(head))


@functools.lru_cache(maxsize=4096)
def _meaning(head: str) -> str | None:
    text = plain(head)
    if (found := _MEANING.get(text)) is None and (match := _UNIT.fullmatch(text)):
        found = _MEANING.get(match[1])
        if match[2].endswith("复权") and match[2] != "不复权":
            return "adjclose" if found == "close" else None
        return found if found != "volume" else None
    if found is None and (match := _BOTH.fullmatch(text)):
        found = _MEANING.get(match[1])
    found = found or headwords.MEANING.get(headwords.bare(text))
    return "date" if found == "time" else found


def understood(heads: Sequence[object], declared: Mapping[str, str] | None = None) -> list[str | None]:
    """What each of a row of heads means, each meaning once: one word decides what another one is.

    ``o, h, l, c, v`` are fields where all the first four are there, a ``time`` beside a date is the time of day, and of
    two closes the one that is nearer to an exchange's word counts. *declared* are heads whose owner says what they are.
    """
    texts = [plain(head) if _filled(head) else "" for head in heads]
    letters = {"o", "h", "l", "c"} <= set(texts)
    found: list[str | None] = []
    for head, text in zip(heads, texts, strict=True):
        said = (declared or {}).get(str(head).strip())
        if isinstance(head, Head):
            found.append(head.meaning)
        elif said is not None:
            found.append(said if said in _HEADS else None)
        else:
            found.append(_LETTERS.get(text) if letters and text in _LETTERS else meaning(head) if text else None)
    dates = [place for place, what in enumerate(found) if what == "date"]
    for place in dates:
        if texts[place] in _HEADS["time"] and len(dates) > 1:
            found[place] = "time"
    for what in set(found) - {None}:
        places = [place for place, each in enumerate(found) if each == what]
        best = min(places, key=lambda place: (_rank(texts[place]), place))
        for place in places:
            found[place] = what if place == best else None
    return found


def _rank(text: str) -> int:
    if text not in _RANK and (place := headwords.RANK.get(headwords.bare(text))) is not None:
        return len(_RANK) + place
    return _RANK.get(text, 0)


def _filled(head: object) -> bool:
    return head is not None and head == head and bool(str(head).strip())


_FIELD_WORDS = frozenset(
    """open high low close last price prices px volume vol turnover amount value total average avg mean vwap twap change
    chg pct percent percentage return returns ret yield bid ask mid spread count trades transactions number num no id
    type exchange exch currency ccy country region market interest openint oi settle settlement previous prev pre adj
    adjusted adjustment adjfactor factor split splits dividend dividends div yld ratio name sector industry note notes
    comment comments remark status flag source unit units description cap mktcap shares float beta signal ma sma ema rsi
    macd atr std realized time hour label tick ticks tickvol spreads level levels range low52 high52 weight
    fund per date day week month year quarter hold position pnl nav""".split()
)
_PARTS_OF_NAMES = frozenset(
    """spread spreads yield return signal range level value total fund price prices market month year week region
    country unit currency index""".split()
)
"""Words that are a field by themselves, and in a name such as HY spread one more series."""

_CJK_WORDS = re.compile(
    "[价價額额幅涨漲跌]|成交|换手|換手|总手|總手|现手|金额|振幅|均线|均量|市值|市盈|市净|市销|股本|收益|单位|來源|来源|备注|備註|合计|序号|增减|昨收|前收|净值|比率|数量|笔数|代码|名称|行业|日期|时间"
)
_UNNAMED = re.compile(r"unnamed: ?\d+.*|column ?\d*|field ?\d*|col ?\d*|\d+(\.\d+)?")


DOUBTFUL = frozenset(
    (
        "LOW",
        "OPEN",
        "MAX",
        "NAV",
        "TIC",
        "MA",
        "DAY",
        "FUND",
        "ATR",
        "UNIT",
        "CAP",
        "REAL",
        "NOTE",
        "HOLD",
        "BETA",
        "C",
        "O",
        "H",
        "L",
        "V",
        "EOD",
        "VAR",
        "SON",
        "MIN",
        "BAS",
        "TAG",
        "SLOT",
    )
)
"""Tickers of companies and funds that are words or letters for a field, too: among other tickers they are one."""


def no_ticker(head: object) -> str:
    """Why a head can be no ticker; empty where nothing speaks against it.

    A word for a price, a volume or a change is none, whatever its letters; nor is one that only numbers a column.
    """
    text = plain(head)
    if symbols.known(str(head)):
        return ""
    if meaning(head) is not None or headwords.bare(text) in headwords.UNKNOWN_WORDS:
        return "a word for a field"
    if _UNNAMED.fullmatch(text) and not re.fullmatch(r"\d{4,6}", text):
        return "no name"
    if "%" in text:
        return "a share"
    words = [word for word in re.split(r"[^\w]+|_|(?<=[a-z])(?=\d)", text) if word]
    fields = [word for word in words if word in _FIELD_WORDS]
    whole = bool(fields) and len(fields) == len(words)
    if whole or not _PARTS_OF_NAMES.issuperset(fields) or _CJK_WORDS.search(text):
        return "a word for a field"
    if len(text) > 40:
        return "a sentence"
    return ""


_SHAPED = re.compile(r"[\^$.]?[A-Z]{1,5}(?:[./-][A-Z])?(?:\.[A-Z]{1,4})?(?: (?:[A-Z]{2} )?(?:Equity|Index))?")


def surely_ticker(head: object) -> bool:
    """Whether a head is written as a ticker, or is a name that the table of names knows."""
    text = str(head).strip()
    return not no_ticker(head) and text not in DOUBTFUL and (symbols.known(text) or bool(_SHAPED.fullmatch(text)))


def symbol(text: str) -> str:
    """The ticker that a head, a cell or a file's name means; there, a company's ticker is that company."""
    return text.strip() if text.strip() in _COMPANIES else symbols.ticker_of(text)


_COMPANIES = frozenset(("COMP", "DOW", "GOLD", "TECH"))
"""Tickers of companies (Compass, Dow, Gold.com, Bio-Techne) that an analyst types for an index or a fund."""
