"""Whose prices a file holds, as its name says: the names of downloads say it in many ways, and some not at all."""

from __future__ import annotations

import re

from xlrotation.market import symbols
from xlrotation.market.providers.folder import headers

_STEM = re.compile(
    r"(?:daily_adjusted|daily|weekly|table|quotes?|download)[_-](?P<after>.+)"
    r"|(?P<before>.+?)(?:[ _-]+(?:history|historical[ _-]?(?:data|prices|quotes)|(?:stock )?price[ _-]history|daily|"
    r"data|eod|prices?|ohlcv?|candlestick[ _-].*)|[ _]+(?:d1?|1d|max))+(?: ?\(\d+\)| - copy)?",
    re.IGNORECASE,
)
_SITES = re.compile(
    r"[A-Z]{2,8}_([A-Z0-9.^!]+), ?1[DW].*|(?:download data - )?(?:stock|index|fund|etf)_[A-Z]{2}_[^_]+_(.+)"
    r"|\$?([A-Z0-9.^-]+)[_-](?:daily|weekly)[ _-]+historical[ _-]data"
    r"|([A-Z0-9.^#-]+)_(?:daily|weekly|monthly|d1|w1|mn1?|h\d\d?|m\d\d?)(?:_\d{12}_\d{12})?"
    r"|([A-Z]{6})(?:1440|10080|240|60)|(nikkei_stock_average)_daily_(?:jp|en)",
    re.IGNORECASE,
)
"""Downloads of TradingView, MarketWatch, Barchart and MetaTrader."""

_TAIWAN = re.compile(r"stock_day_(\d{4,6})(?:_\d{6})?", re.IGNORECASE)
_PAST = re.compile(
    r"[ _-]*(?:历史数据|歷史數據|歷史資料|历史行情|行情数据|日线|日k线?|行情|過去データ|時系列データ|時系列|"
    r"과거 데이터|내역|"
    r"historische (?:daten|kurse|gegevens)|données historiques|cours historiques|datos históricos|dati storici|"
    r"dados históricos|dane historyczne|historiska data|historiske data|geçmiş verileri|прошлые данные|data historis|"
    r"dữ liệu lịch sử|ข้อมูลในอดีต)$",
    re.IGNORECASE,
)
"""What sites in other languages call a download."""

_COPY = re.compile(r"(?P<name>.+?)(?: ?\(\d+\)| - copy)", re.IGNORECASE)
_SEVERAL = re.compile(
    r"historicaldata(_\d+)?|historicalprices|historical[ _-]?(data|prices|quotes)?|download|table|flex|"
    r"export|data|prices?|quotes?|history|sheet ?\d*|tabelle ?\d*|feuil ?\d*|hoja ?\d*|"
    r"(?:book|mappe|classeur|工作簿) ?\d*|untitled|工作表 ?\d*|行情|数据|k线导出.*",
    re.IGNORECASE,
)
_LONGEST_TICKER = 15


def symbol_of_file(stem: str) -> str:
    """The symbol that the name of a file or sheet means: ``VIX_History``, ``daily_IBM`` and ``spy_us_d`` say it so."""
    text = match["name"] if (match := _COPY.fullmatch(stem)) else stem
    text = re.sub(r"[ _-]+(?:\d{2}-\d{2}-\d{4}|\d{4}-\d{2}-\d{2}|\d{8})$", "", text)
    if match := _SITES.fullmatch(text):
        text = next(filter(None, match.groups()))
    if match := re.fullmatch(r"([\^A-Za-z0-9.-]+)_us_d", text, re.IGNORECASE):
        return headers.symbol(match[1].upper())
    if match := re.fullmatch(r"(SH|SZ|BJ)[#_]?(\d{6})", text, re.IGNORECASE):
        return headers.symbol(f"{match[2]}.{match[1].upper()}")
    if match := _TAIWAN.fullmatch(text):
        return f"{match[1]}.TW"
    text = re.sub(r"^(?:прошлые данные|datos históricos|dati storici) - ", "", text, flags=re.IGNORECASE)
    text = _PAST.sub("", text).strip(" _-") or text
    if match := re.fullmatch(r"(?:WIKI|EOD|XNAS|XNYS|NASDAQ|NYSE)[-_](.+)", text):
        text = match[1]
    if match := _STEM.fullmatch(text):
        text = match["after"] or match["before"]
    return headers.symbol(text)


def names_no_symbol(stem: str) -> bool:
    """Whether the name of a file is only what a site calls each of its downloads."""
    text = match["name"] if (match := _COPY.fullmatch(stem.strip())) else stem.strip()
    return bool(_SEVERAL.fullmatch(text))


def is_no_ticker(stem: str) -> bool:
    """Whether what the name of a file says may be a title, and no symbol that anybody would ask for."""
    symbol = symbol_of_file(stem)
    return not symbols.known(symbol) and (" " in symbol or "_" in symbol or len(symbol) > _LONGEST_TICKER)
