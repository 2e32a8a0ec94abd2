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
    ),
    "symbol": ("symbol", "ticker", "index", "code", "security", "代码", "证券代码", "股票代码", "指数", "symbols"),
    "open": ("open", "px_open", "open price", "开盘", "开盘价", "开盘价(元)"),
    "high": ("high", "px_high", "high price", "最高", "最高价", "最高价(元)"),
    "low": ("low", "px_low", "low price", "最低", "最低价", "最低价(元)"),
    "close": (
        "close",
        "px_last",
        "last",
        "last price",
        "close price",
        "price",
        "收盘",
        "收盘价",
        "收盘价(元)",
        "close*",
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
    ),
    "volume": ("volume", "vol", "px_volume", "成交量", "成交量(股)"),
    "dividend": ("dividend", "dividends", "分红", "股息"),
    "split": ("split", "splits", "stock splits", "拆股"),
    "shares": ("shares", "shares outstanding", "总股本", "eqy_sh_out"),
    "weight": ("weight", "weight_pct", "weight %", "权重", "权重(%)"),
    "name": ("name", "company", "名称", "证券简称"),
    "sector": ("sector", "gics sector", "行业", "板块"),
}
_MEANING = {fold(text): meaning for meaning, texts in _HEADS.items() for text in texts}
_COMPANIES = frozenset(("COMP", "DOW", "GOLD", "TECH"))
"""Tickers of companies (Compass, Dow, Gold.com, Bio-Techne) that an analyst types for an index or a fund."""

PRICES = ("open", "high", "low", "close", "adjclose", "volume", "dividend", "split", "shares")


def meaning(head: object) -> str | None:
    """What a head means (date, symbol, close, ...); None for one that is no such word, a ticker for instance."""
    return _MEANING.get(fold(str(head)))


_BLOOMBERG = re.compile(r"(.+?)(?: (?:US|UW|UN|UQ|UP|UR|UA))? (?:EQUITY|INDEX)")
_SHARE_CLASS = re.compile(r"([A-Z]{1,4})[./]([AB])")


def symbol(text: str) -> str:
    """The ticker that a head, a cell or a file's name means; there, a company's ticker is that company.

    ``AAPL US Equity`` is AAPL, and the share class of ``BF.B`` or ``BF/B`` is written as Yahoo does, ``BF-B``.
    """
    if text.strip() in _COMPANIES:
        return text.strip()
    ticker = canonical(text)
    if match := _BLOOMBERG.fullmatch(ticker):
        return symbol(match[1])
    return f"{match[1]}-{match[2]}" if (match := _SHARE_CLASS.fullmatch(ticker)) else ticker
