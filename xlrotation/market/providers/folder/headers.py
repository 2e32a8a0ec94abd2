"""What the heads of a price table mean, in English, Chinese, and as the usual vendors write them."""

from __future__ import annotations

import re

from xlrotation.market.symbols import canonical, fold

_HEADS: dict[str, tuple[str, ...]] = {
    "date": (
        "date",
        "dates",
        "day",
        "time",
        "datetime",
        "trade date",
        "trading date",
        "observation_date",
        "日期",
        "交易日期",
        "时间",
        "交易日",
        "交易时间",
    ),
    "symbol": (
        *("symbol", "symbols", "ticker", "index", "code", "security", "identifier"),
        *("代码", "证券代码", "股票代码", "指数代码", "基金代码", "交易代码", "指数"),
    ),
    "open": ("open", "px_open", "open price", "开盘", "开盘价", "今开"),
    "high": ("high", "px_high", "high price", "最高", "最高价"),
    "low": ("low", "px_low", "low price", "最低", "最低价"),
    "close": (
        "close",
        "px_last",
        "last",
        "last price",
        "close price",
        "price",
        "收盘",
        "收盘价",
        "close*",
        "close close price adjusted for splits.",
    ),
    "adjclose": (
        "adj close",
        "adj. close",
        "adjusted close",
        "adj_close",
        "adjclose",
        "复权收盘价",
        "前复权",
        "adj close**",
        "adj close adjusted close price adjusted for splits and dividend and/or capital gain distributions.",
    ),
    "volume": ("volume", "vol", "px_volume", "成交量", "成交量(股)", "成交量(份)", "成交数量"),
    "dividend": ("dividend", "dividends", "分红", "股息"),
    "split": ("split", "splits", "stock splits", "拆股"),
    "shares": ("shares", "shares outstanding", "总股本", "eqy_sh_out"),
    "weight": ("weight", "weight_pct", "weight %", "权重", "权重(%)"),
    "name": ("name", "company", "名称", "简称", "证券简称", "证券名称", "股票名称", "股票简称"),
    "sector": ("sector", "gics sector", "行业", "板块"),
}
_MEANING = {fold(text): meaning for meaning, texts in _HEADS.items() for text in texts}
_COMPANIES = frozenset(("COMP", "DOW", "GOLD", "TECH"))
"""Tickers of companies (Compass, Dow, Gold.com, Bio-Techne) that an analyst types for an index or a fund."""

PRICES = ("open", "high", "low", "close", "adjclose", "volume", "dividend", "split", "shares")


_UNIT = re.compile(r"(.+?) ?[(\[](元|美元|港元|点|点位|usd|us\$|\$|前复权|后复权|不复权)[)\]]")


def meaning(head: object) -> str | None:
    """What a head means (date, symbol, close, ...); None for one that is no such word, a ticker for instance.

    A unit behind a price, as in ``收盘价(美元)``, says nothing; one behind a volume does, and such a head is no word
    here unless it counts shares.
    """
    text = fold(str(head)).removeprefix("*")
    if (found := _MEANING.get(text)) is None and (match := _UNIT.fullmatch(text)):
        found = _MEANING.get(match[1])
        if match[2].endswith("复权") and match[2] != "不复权":
            return "adjclose" if found == "close" else None
        return found if found != "volume" else None
    return found


_WIND = re.compile(r"([A-Z0-9^][A-Z0-9_./-]*)\.(?:GI|OQ|O|N|P|US)")
"""Codes of Wind and Choice: the exchange behind a dot (Nasdaq O, New York N, Arca P, indices GI)."""

_BLOOMBERG = re.compile(r"(.+?)(?: (?:US|UW|UN|UQ|UP|UR|UA))? (?:EQUITY|INDEX)")
_SHARE_CLASS = re.compile(r"([A-Z]{1,4})[./_]([AB])")


def symbol(text: str) -> str:
    """The ticker that a head, a cell or a file's name means; there, a company's ticker is that company.

    ``AAPL US Equity`` and ``AAPL.O`` are AAPL, ``SPX.GI`` is ^GSPC, and the share class of ``BF.B``, ``BF/B``
    or ``BF_B`` is written as Yahoo does, ``BF-B``.
    """
    if text.strip() in _COMPANIES:
        return text.strip()
    ticker = canonical(text)
    if match := _BLOOMBERG.fullmatch(ticker):
        return symbol(match[1])
    if match := _WIND.fullmatch(ticker):
        return symbol(match[1])
    return f"{match[1]}-{match[2]}" if (match := _SHARE_CLASS.fullmatch(ticker)) else ticker
